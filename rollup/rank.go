package rollup

import (
	"cmp"
	"math/bits"
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
		if len(group) > 30 {
			all := make([]int, len(group))
			for k, i := range group {
				all[k] = int(i)
			}
			for k, r := range Ranks(values, all) {
				ranks[group[k]] = r
			}
			continue
		}
		// Counting who is larger is quicker than sorting for a small family; the
		// borrow of x − y tells it without a branch. Order-preserving, unsigned.
		var v [32]uint64
		for k, i := range group {
			v[k&31] = uint64(values[i]) ^ 1<<63
		}
		n := (len(group) + 1) &^ 1 & 31
		for k, i := range group {
			x, rank, more := v[k&31], uint64(1), uint64(0)
			for w := v[:n]; len(w) >= 2; w = w[2:] {
				_, larger := bits.Sub64(x, w[0], 0)
				rank += larger
				_, larger = bits.Sub64(x, w[1], 0)
				more += larger
			}
			rank += more
			if x == 0 { // Missing
				rank = 0
			}
			ranks[i] = int32(rank)
		}
	}
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
