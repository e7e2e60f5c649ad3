package demo

import (
	"luoshi.dev"
)

// makeRates puts out what never adds: growth, indices, incomes, the cities' GDP.
func (w *world) makeRates() {
	w.tellCPI()
	w.tellGrowths("industry_growth", [2][]int64{
		{74, 82, 80, 78, 79, 77, 75, 74, 73, 73, 73},
		{-112, -66, -21, 3, 21, 31, 38, 45, 51, 56, 60},
	})
	w.tellGrowths("fixed_investment_growth", [2][]int64{
		{95, 101, 99, 97, 95, 93, 92, 91, 91, 91, 92},
		{-238, -136, -69, -9, 36, 38, 42, 45, 48, 50, 51},
	})
	w.tellIncomes()
	w.tellProduct()
	w.tellClimate()
	w.tellNation()
}

// tellCPI puts out the province's consumer prices: high with the price of pork at
// the start of the year, easing after.
func (w *world) tellCPI() {
	for y, list := range [2][12]int64{
		{1019, 1017, 1018, 1019, 1021, 1022, 1023, 1024, 1025, 1026, 1027, 1027},
		{1053, 1053, 1050, 1047, 1043, 1041, 1039, 1037, 1035, 1032, 1029, 1027},
	} {
		for m, v := range list {
			w.tell("cpi", Root, "", province, Year-1+y, m+1, v, luoshi.NullQuantity{})
		}
	}
}

// tellGrowths puts out a growth rate of the province and its cities: each city
// keeps its distance from the province, which is the story's where it names one.
func (w *world) tellGrowths(code string, path [2][]int64) {
	ends := w.rule[code].calendar.Ends()
	for y := range 2 {
		for k, m := range ends {
			w.tell(code, Root, "", province, Year-1+y, m, path[y][k], luoshi.NullQuantity{})
		}
	}
	for _, c := range w.cities {
		r := noise(code, c)
		away := r.Int64N(41) - 20
		fixed, ok := w.june[cell{code, c, Year, 6}]
		if ok {
			away = fixed - path[1][4]
		}
		for y := range 2 {
			for k, m := range ends {
				v := path[y][k] + away + r.Int64N(9) - 4
				if ok && y == 1 && m == 6 {
					v = fixed
				}
				w.tell(code, c, "", city, Year-1+y, m, v, luoshi.NullQuantity{})
			}
		}
	}
}

// tellIncomes puts out incomes per head: what the year to date has brought, and
// its growth on the same time of last year.
func (w *world) tellIncomes() {
	for _, in := range []struct {
		code   string
		last   int64    // province, 2019
		growth [4]int64 // 2020, tenths of a percent
		before [pastYears]int64
	}{
		{"urban_income", 37540, [4]int64{21, 38, 44, 51}, [pastYears]int64{91, 87, 85, 82}},
		{"rural_income", 15416, [4]int64{14, 58, 66, 78}, [pastYears]int64{101, 97, 89, 82}},
	} {
		parts := [4]int64{285, 520, 760, 1000}
		for _, u := range append([]string{Root}, w.cities...) {
			r, level := noise(in.code, u), city
			size, away := int64(1000), int64(0)
			if u == Root {
				level = province
			} else {
				size, away = 880+min(w.weight[u]/3000, 300)+r.Int64N(60), r.Int64N(21)-10
			}
			var quarters [4]int64
			for q, part := range parts {
				last := in.last * size / 1000 * part / 1000
				quarters[q] = last
				g := in.growth[q] + away
				w.tell(in.code, u, "", level, Year-1, 3*q+3, last, luoshi.NullQuantity{})
				w.tell(in.code, u, "", level, Year, 3*q+3, (last*(1000+g)+500)/1000, luoshi.Unscaled(g, 1))
			}
			w.tellPastQuarters(in.code, u, quarters, in.before)
		}
	}
}

// tellProduct puts out the cities' GDP, quarter by quarter, but for the half year
// of 2020: of that some cities published level or growth, and the rest stays
// unknown.
func (w *world) tellProduct() {
	parts := [4]int64{205, 455, 715, 1000}
	path := [4]int64{-65, 7, 25, 39}
	for _, c := range w.cities {
		away := noise("gdp", c).Int64N(17) - 8
		year := w.weight[c] * 1000 / 1129 // the sizes are of 2021, 12.9% up on 2020
		var quarters [4]int64
		for q, part := range parts {
			g, now := path[q]+away, year*part/1000
			quarters[q] = now * 1000 / (1000 + g + 15)
			w.tell("gdp", c, "", city, Year-1, 3*q+3, quarters[q], luoshi.NullQuantity{})
			if q != 1 {
				w.tell("gdp", c, "", city, Year, 3*q+3, now, luoshi.Unscaled(g, 1))
			}
		}
		w.tellPastQuarters("gdp", c, quarters, [pastYears]int64{92, 101, 98, 89})
	}
}

// tellClimate puts out the business climate, first asked for the first half of
// 2020, and how many enterprises answered.
func (w *world) tellClimate() {
	for half, mean := range []int64{1082, 1190} {
		for _, c := range w.cities {
			r := noise("business_climate", c)
			w.tell("climate_firms", c, "", city, Year, 6*half+6, 40+w.weight[c]/2000, luoshi.NullQuantity{})
			w.tell("business_climate", c, "", city, Year, 6*half+6, mean+r.Int64N(81)-40, luoshi.NullQuantity{})
		}
	}
}

// tellNation puts out growth of the nation in months without a published one, so
// that "better than the nation" has something to stand beside all the year.
func (w *world) tellNation() {
	for _, in := range []struct {
		code string
		list []int64 // at the ends of its calendar, tenths of a percent
	}{
		{"trade", []int64{-96, -64, -49, -49, -32, -17, -6, 7, 11, 18, 19}},
		{"fdi", []int64{-104, -128, -84, -62, -40, -20, 3, 25, 39, 41, 45}},
		{"urban_income", []int64{5, 15, 28, 35}},
		{"rural_income", []int64{9, 37, 58, 69}},
	} {
		for k, m := range w.rule[in.code].calendar.Ends() {
			w.put(in.code, "000000", "", province, Year, m, luoshi.NullQuantity{}, luoshi.Unscaled(in.list[k], 1))
		}
	}
}
