package assess

import (
	"slices"

	"luoshi.dev"
)

// Ranks places values from the best down, 1 the best. Equal values share a place
// and the next places stay empty (1, 2, 2, 4), as published boards do; what is
// undefined has no place, 0.
func Ranks(values []luoshi.Ratio, good luoshi.Direction) []int {
	order := make([]int, 0, len(values))
	for i, v := range values {
		if v.OK() {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		c := values[b].Cmp(values[a])
		if good == luoshi.Less {
			return -c
		}
		return c
	})
	ranks := make([]int, len(values))
	for place, i := range order {
		ranks[i] = place + 1
		if place > 0 && values[i].Cmp(values[order[place-1]]) == 0 {
			ranks[i] = ranks[order[place-1]]
		}
	}
	return ranks
}

// Movement says how a place changed: ↑2, ↓1, 平; nothing where one is unknown.
func Movement(before, now int) luoshi.Message {
	switch {
	case before <= 0 || now <= 0:
		return luoshi.Say("rank.unknown")
	case now < before:
		return luoshi.Say("rank.up", "n", before-now)
	case now > before:
		return luoshi.Say("rank.down", "n", now-before)
	}
	return luoshi.Say("rank.same")
}
