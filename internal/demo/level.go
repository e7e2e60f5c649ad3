package demo

import (
	"luoshi.dev"
)

// makeLevels puts out the stocks: loans, orders, and the lists that are worked off.
func (w *world) makeLevels() {
	w.tellStock("manufacturing_loans", true)
	w.tellStock("orders_on_hand", false)
	w.tellUnemployment()
	w.tellLists()
	for _, c := range w.cities {
		w.tell("poverty_left", c, "", city, Year-1, 12, w.june[cell{"poverty_left", c, Year - 1, 12}], luoshi.NullQuantity{})
	}
	for m, v := range []int64{6, 9, 14, 20, 26, 31, 32, 33, 33, 33, 33, 33} {
		w.tell("livelihood_projects", Root, "", province, Year, m+1, v, luoshi.NullQuantity{})
	}
}

// tellStock puts out a stock that moves in a straight line between the months
// that the story fixes, with the province's total where it publishes one.
func (w *world) tellStock(code string, withTotal bool) {
	series := map[string]*years{}
	sizes := make([]int64, len(w.cities))
	for i, c := range w.cities {
		series[c] = &years{}
		sizes[i] = w.june[cell{code, c, Year - 1, 6}]
	}
	before, at := 0, make([]int64, len(w.cities))
	for k := range 24 {
		year, month := Year-1+k/12, k%12+1
		goal, ok := w.path[cell{code, Root, year, month}]
		if !ok {
			continue
		}
		next := apportion(goal, sizes)
		for i, c := range w.cities {
			if v, ok := w.june[cell{code, c, year, month}]; ok {
				next[i] = v
			}
			for s := before; s <= k; s++ {
				v := next[i]
				if k > before {
					v = at[i] + (next[i]-at[i])*int64(s-before)/int64(k-before)
				}
				series[c][s/12][s%12] = v
			}
		}
		before, at = k, next
		for i := range sizes {
			sizes[i] = next[i]
		}
	}
	for _, c := range w.cities {
		w.tellStockOf(code, c, city, series[c])
	}
	if withTotal {
		sum := total(series)
		w.tellStockOf(code, Root, province, &sum)
	}
}

func (w *world) tellStockOf(code, unit string, level rung, s *years) {
	for k := range 24 {
		growth := luoshi.NullQuantity{}
		if k >= 12 {
			growth = luoshi.Over(s[1][k-12]-s[0][k-12], s[0][k-12]).Percent(1)
		}
		w.tell(code, unit, "", level, Year-1+k/12, k%12+1, s[k/12][k%12], growth)
	}
}

// split deals a total out over the cities by weights.
func (w *world) split(total int64, weight func(c string) int64) map[string]int64 {
	weights := make([]int64, len(w.cities))
	for i, c := range w.cities {
		weights[i] = weight(c)
	}
	out := map[string]int64{}
	for i, v := range apportion(total, weights) {
		out[w.cities[i]] = v
	}
	return out
}

// tellUnemployment puts out the two parts of the unemployment rate. In June 2020
// they are 31.13 and 1100.00: 2.83%.
func (w *world) tellUnemployment() {
	force := [2][4]int64{{108600, 108900, 109300, 109600}, {109700, 110000, 110300, 110600}}
	idle := [2][4]int64{{3041, 2995, 2951, 2872}, {3149, 3113, 3130, 3108}}
	for y := range 2 {
		for q := range 4 {
			all := w.split(force[y][q], func(c string) int64 { return w.weight[c] + 100000 })
			out := w.split(idle[y][q], func(c string) int64 { return all[c] * about(noise("unemployed", c), 120) })
			for _, c := range w.cities {
				w.tell("labour_force", c, "", city, Year-1+y, 3*q+3, all[c], luoshi.NullQuantity{})
				w.tell("unemployed", c, "", city, Year-1+y, 3*q+3, out[c], luoshi.NullQuantity{})
			}
		}
	}
}

// mended is how much of the flood damage is repaired after June, in thousandths:
// 六安, which has most of it, follows a month behind.
var mended = map[bool][]int64{
	false: {720, 860, 970, 1000, 1000, 1000},
	true:  {430, 700, 900, 985, 1000, 1000},
}

// tellLists puts out the lists of 2020 that are worked off: flood damage and
// households at risk from June (before that there was none: a true zero), and
// blockages of supply chains from March.
func (w *world) tellLists() {
	june := func(code string) func(c string) int64 {
		return func(c string) int64 { return w.june[cell{code, c, Year, 6}] }
	}
	damaged, repaired := june("flood_damaged"), june("flood_repaired")
	watched := func(c string) int64 { return damaged(c) + w.weight[c]/1000 }
	households := []int64{0, 0, 0, 0, 0, 2300, 2640, 2710, 2720, 2720, 2720, 2720}
	reached := []int64{0, 0, 0, 0, 0, 2100, 2455, 2602, 2668, 2705, 2719, 2720}
	known := []int64{0, 0, 20, 38, 52, 64, 66, 68, 70, 70, 70, 70}
	cleared := []int64{0, 0, 4, 12, 24, 37, 45, 52, 59, 64, 68, 70}
	for m := range 12 {
		risk := w.split(households[m], watched)
		helped := w.split(reached[m], func(c string) int64 { return max(risk[c], 1) })
		chains := w.split(known[m], june("blockages"))
		gone := w.split(min(cleared[m], cleared[5]), june("blockages_cleared"))
		more := w.split(max(cleared[m]-cleared[5], 0), func(c string) int64 { return max(chains[c]-gone[c], 0) })
		var sum [2]int64
		for _, c := range w.cities {
			d, r := int64(0), int64(0)
			switch {
			case m == 5:
				d, r = damaged(c), repaired(c)
			case m > 5: // July's water adds to the list
				d = damaged(c) * 135 / 100
				r = max(repaired(c), d*mended[c == "341500"][m-6]/1000)
			}
			sum[0], sum[1] = sum[0]+d, sum[1]+r
			for _, f := range []struct {
				code  string
				value int64
			}{
				{"flood_damaged", d}, {"flood_repaired", r},
				{"households_watched", risk[c]}, {"households_helped", helped[c]},
				{"blockages", chains[c]}, {"blockages_cleared", gone[c] + more[c]},
			} {
				w.tell(f.code, c, "", city, Year, m+1, f.value, luoshi.NullQuantity{})
			}
		}
		w.tell("flood_damaged", Root, "", province, Year, m+1, sum[0], luoshi.NullQuantity{})
		w.tell("flood_repaired", Root, "", province, Year, m+1, sum[1], luoshi.NullQuantity{})
	}
}
