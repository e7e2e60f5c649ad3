package rollup

import (
	"cmp"
	"math"
	"slices"

	"luoshi.dev"
)

// Ranks returns the rank of each node of `among` by its value, the largest first:
// equals share the better rank and the next rank is left out (1, 2, 2, 4). A
// missing value has no rank, which is 0. Where less is better, pass the values
// with their signs turned ([Turned]).
func Ranks(values []int64, among []int) []int32 {
	ranks := make([]int32, len(among))
	order := make([]int, 0, len(among))
	for k, i := range among {
		if values[i] != luoshi.Missing {
			order = append(order, k)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(values[among[b]], values[among[a]]) })
	for place, k := range order {
		ranks[k] = int32(place + 1)
		if place > 0 && values[among[order[place-1]]] == values[among[k]] {
			ranks[k] = ranks[order[place-1]]
		}
	}
	return ranks
}

// Turned returns the values with their signs turned; what is missing stays so.
// (−MinInt64 is MinInt64.)
func Turned(values []int64) []int64 {
	out := make([]int64, len(values))
	for i, v := range values {
		out[i] = -v
	}
	return out
}

// Siblings ranks every node among the areas with the same parent, as [Ranks]
// does, into ranks, which is as long as values. Departments have rank 0.
func (c *Cube) Siblings(values []int64, ranks []int32) {
	var few [maxFew]int64
	var places [maxFew]int32
	ranks = ranks[:len(values)]
	for _, f := range c.families {
		if f.at == nil {
			if v, r := values[f.lo:f.hi], ranks[f.lo:f.hi]; !rankFew(v, r) {
				rankMany(v, r)
			}
			continue
		}
		v, r := few[:0], places[:0]
		for _, i := range f.at {
			v, r = append(v, values[i]), append(r, 0)
		}
		if !rankFew(v, r) {
			rankMany(v, r)
		}
		for k, i := range f.at {
			ranks[i] = r[k]
		}
	}
	for _, i := range c.unranked {
		ranks[i] = 0
	}
}

// family is the areas with one parent: a range of nodes, or a list where other
// nodes stand between them.
type family struct {
	lo, hi int32
	at     []int32
}

// families groups the areas of a tree by parent, and lists who is of no family.
func families(t *luoshi.Tree) (groups []family, unranked []int32) {
	for i := -1; i < t.Len(); i++ {
		var at []int32
		for _, j := range t.Children(i) {
			if t.Nodes[j].Kind.Area() {
				at = append(at, int32(j))
			} else {
				unranked = append(unranked, int32(j))
			}
		}
		if len(at) == 0 {
			continue
		}
		f := family{lo: at[0], hi: at[len(at)-1] + 1, at: at}
		if int(f.hi-f.lo) == len(at) {
			f.at = nil
		}
		groups = append(groups, f)
	}
	return groups, unranked
}

// maxFew is the largest family that is ranked by counting.
const maxFew = 32

// rankFew ranks a family of up to 32 by counting who is not larger, without a
// branch. Where the values lie within 32,766 of one another (327 percentage points,
// of shares) it compares four at a time: in each quarter of a word, (x + 2^15) − y
// keeps its top bit exactly if x ≥ y. Where they lie within 31 bits it compares two.
// Missing is 0, below all. It reports false, having done nothing, for other families.
func rankFew(values []int64, ranks []int32) bool {
	if len(values) > maxFew {
		return false
	}
	// With its top bit turned a value keeps its order as an unsigned number and
	// missing is 0; less one, missing is above all.
	const turn = 1 << 63
	least, most := uint64(math.MaxUint64), uint64(0)
	for _, v := range values {
		key := uint64(v) ^ turn
		least, most = min(least, key-1), max(most, key)
	}
	if most == 0 {
		clear(ranks) // all missing
		return true
	}
	if most-least > math.MaxInt32 {
		return false
	}
	var x [maxFew]uint64
	for k, v := range values {
		key := uint64(v) ^ turn
		d := key - least
		if key == 0 {
			d = 0
		}
		x[k&(maxFew-1)] = d
	}
	switch {
	case most-least > math.MaxInt16:
		countPairs(&x, ranks)
	case len(values) <= maxFew/2:
		countHalf(&x, ranks)
	default:
		countAll(&x, ranks)
	}
	return true
}

// A word holds four numbers of 15 bits.
const (
	ones = 1<<48 | 1<<32 | 1<<16 | 1
	tops = ones << 15
)

func pack(x []uint64) uint64 { return x[0] | x[1]<<16 | x[2]<<32 | x[3]<<48 }

// countHalf ranks 16 numbers of which those past the ranks are 0, as the missing.
func countHalf(x *[maxFew]uint64, ranks []int32) {
	a, b, c, d := pack(x[0:4]), pack(x[4:8]), pack(x[8:12]), pack(x[12:16])
	for k := range ranks {
		v := x[k&(maxFew-1)]
		all := v*ones | tops
		notLarger := (all-a)>>15&ones + (all-b)>>15&ones + (all-c)>>15&ones + (all-d)>>15&ones
		rank := maxFew/2 + 1 - int32(notLarger*ones>>48)
		if v == 0 {
			rank = 0
		}
		ranks[k] = rank
	}
}

// countAll is the same for all 32.
func countAll(x *[maxFew]uint64, ranks []int32) {
	var words [maxFew / 4]uint64
	for k := range words {
		words[k] = pack(x[4*k : 4*k+4])
	}
	for k := range ranks {
		v := x[k&(maxFew-1)]
		all, notLarger := v*ones|tops, uint64(0)
		for _, w := range words {
			notLarger += (all - w) >> 15 & ones
		}
		rank := maxFew + 1 - int32(notLarger*ones>>48)
		if v == 0 {
			rank = 0
		}
		ranks[k] = rank
	}
}

// countPairs is the same for numbers of 31 bits, two to a word, as many as there
// are ranks.
func countPairs(x *[maxFew]uint64, ranks []int32) {
	const one, top = 1<<32 | 1, 1<<63 | 1<<31
	var pairs [maxFew / 2]uint64
	used := pairs[:(len(ranks)+1)/2]
	for k := range used {
		used[k] = x[2*k] | x[2*k+1]<<32
	}
	for k := range ranks {
		v := x[k&(maxFew-1)]
		both, notLarger := v*one|top, uint64(0)
		for _, y := range used {
			notLarger += (both - y) >> 31 & one
		}
		rank := int32(1+2*len(used)) - int32(notLarger*one>>32)
		if v == 0 {
			rank = 0
		}
		ranks[k] = rank
	}
}

// rankMany ranks by sorting.
func rankMany(values []int64, ranks []int32) {
	all := make([]int, len(values))
	for k := range all {
		all[k] = k
	}
	copy(ranks, Ranks(values, all))
}

// Shares writes value / target in hundredths of a percent (6386 is 63.86%), once
// rounded, halves away from zero, into out; Missing where either is, or where
// the target is not positive.
func Shares(values, targets, out []int64) {
	targets, out = targets[:len(values)], out[:len(values)]
	for i, v := range values {
		t := targets[i]
		if v == luoshi.Missing || t <= 0 {
			out[i] = luoshi.Missing
			continue
		}
		const limit = 1 << 48 // × 10000 × 2 stays within 64 bits
		if v > -limit && v < limit && t < limit {
			d := uint64(t)
			out[i] = signed((magnitude(v)*20000+d)/(2*d), v < 0)
			continue
		}
		out[i], _ = quotient(v, t, 4)
	}
}
