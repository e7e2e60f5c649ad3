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
	for _, group := range c.groups {
		if !rankFew(values, group, ranks) {
			all := make([]int, len(group))
			for k, i := range group {
				all[k] = int(i)
			}
			for k, r := range Ranks(values, all) {
				ranks[group[k]] = r
			}
		}
	}
}

// rankFew ranks a family of up to 32 with values of at most 32 bits by counting
// who is larger, two at a time without a branch: in each half of a word,
// (x + 2^31) − y keeps its top bit exactly if x ≥ y. Missing is 0, below all. It
// reports false, having done nothing, for other families.
func rankFew(values []int64, group []int32, ranks []int32) bool {
	if len(group) > 32 {
		return false
	}
	least, most := int64(math.MaxInt64), int64(math.MinInt64)
	for _, i := range group {
		v := values[i]
		most = max(most, v)
		if v == luoshi.Missing {
			v = math.MaxInt64
		}
		least = min(least, v)
	}
	if least < math.MinInt32 || most > math.MaxInt32 || most-least >= math.MaxInt32 {
		return false
	}
	const top = 1<<63 | 1<<31
	var few [32]uint64
	var pairs [16]uint64
	for k, i := range group {
		x := uint64(max(values[i]-least+1, 0)) & (1<<31 - 1)
		if values[i] == luoshi.Missing {
			x = 0
		}
		few[k&31] = x
		pairs[k>>1&15] |= x << (k & 1 << 5)
	}
	used := pairs[:(len(group)+1)/2]
	for k, i := range group {
		x := few[k&31]
		both := x | x<<32 | top
		notLarger := uint64(0) // counts in both halves
		for _, y := range used {
			notLarger += (both - y) & top >> 31
		}
		rank := int32(1+2*len(used)) - int32(notLarger) - int32(notLarger>>32)
		if x == 0 {
			rank = 0
		}
		ranks[i] = rank
	}
	return true
}

// families groups the areas of a tree by parent.
func families(t *luoshi.Tree) [][]int32 {
	var groups [][]int32
	for i := -1; i < t.Len(); i++ {
		var group []int32
		for _, j := range t.Children(i) {
			if t.Nodes[j].Kind.Area() {
				group = append(group, int32(j))
			}
		}
		if len(group) > 0 {
			groups = append(groups, group)
		}
	}
	return groups
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
