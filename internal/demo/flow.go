package demo

import (
	"slices"

	"luoshi.dev"
)

// season is how a year's flow spreads over its months, in any unit.
type season [12]int64

// What the epidemic left of each month of 2020, in percent: of what people do
// face to face, and of trade and public money, which it hit less.
var (
	deep = season{70, 35, 72, 92, 100, 107, 106, 106, 106, 106, 106, 106}
	mild = season{95, 87, 96, 100, 102, 104, 104, 104, 104, 104, 104, 104}
)

// flow is how a sample flow is made.
type flow struct {
	code     string
	months   season
	dip      season
	detail   int64 // spread of the counties about their city, in thousandths; 0: no counties
	province bool  // the province publishes a total of its own
	growth   bool  // with growth on last year, of cities and province
}

var (
	invested = season{30, 40, 85, 80, 85, 120, 85, 85, 110, 90, 90, 100}
	hired    = season{90, 50, 90, 100, 105, 110, 95, 90, 90, 85, 75, 50}
	traded   = season{95, 70, 95, 98, 100, 100, 105, 105, 104, 98, 104, 104}
	spent    = season{80, 70, 95, 85, 85, 130, 80, 80, 110, 75, 85, 150}
	sold     = season{105, 95, 90, 90, 97, 98, 96, 98, 104, 112, 105, 110}
	even     = season{100, 90, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100}
)

// flows: the counties of spread 0 do not report the indicator.
var flows = []flow{
	{"urban_jobs", hired, deep, 80, false, true},
	{"new_entities", hired, deep, 80, false, true},
	{"key_projects", invested, deep, 120, false, true},
	{"fdi", traded, mild, 120, true, true},
	{"livelihood_spending", spent, mild, 60, false, true},
	{"sanbao_spending", spent, mild, 25, false, false},
	{"trade", traded, mild, 150, true, true},
	{"retail", sold, deep, 0, true, true},
	{"fiscal_revenue", spent, deep, 0, true, true},
	{"poverty_lifted", even, mild, 0, false, false},
	{"safety_accidents", even, mild, 0, false, false},
	{"new_starts", invested, deep, 0, false, true},
	{"construction_power", invested, deep, 0, false, true},
}

// years holds cumulative values of 2019 and 2020 by month.
type years [2][12]int64

func (w *world) makeFlows() {
	made := map[string]map[string]*years{}
	for _, f := range flows {
		made[f.code] = w.makeFlow(f)
		for _, c := range w.cities {
			w.tellCity(f, c, made[f.code][c])
		}
		if f.province {
			w.tellTotal(f.code, made[f.code])
		}
	}
	exports := w.tellTrade(made["trade"])
	w.tellOwn(made["livelihood_spending"])
	w.tellGrowth(made["fdi"])
	for _, f := range flows {
		if f.code == "sanbao_spending" { // reported by counties alone
			continue
		}
		before := w.makePast(f, made[f.code])
		w.tellPast(f, before)
		if f.code == "trade" {
			w.tellPastTrade(before, exports)
		}
	}
}

// makeFlow builds the cumulative series of the cities. The province's path fixes
// some months; between two of them the total is split over the cities (by the
// story where it names them, else by size), and each city's part over the months,
// both by the largest remainder: all sums hold in every month.
func (w *world) makeFlow(f flow) map[string]*years {
	out := map[string]*years{}
	for _, c := range w.cities {
		out[c] = &years{}
	}
	for y := range 2 {
		year, before := Year-1+y, 0
		for _, end := range w.rule[f.code].calendar.Ends() {
			if total, ok := w.path[cell{f.code, Root, year, end}]; ok {
				w.stretch(f, out, y, before, end, total)
				before = end
			}
		}
	}
	return out
}

// size is a city's weight in a flow: its part of the story's June, else its size.
// After June 2020 it is twice its target less what it has done: who lags, catches
// up on some of it.
func (w *world) size(f flow, c string, year, from int) int64 {
	size, ok := w.june[cell{f.code, c, Year, 6}]
	if !ok {
		size = w.weight[c]
	} else if plan, ok := w.plan[cell{f.code, c, Year, 12}]; ok && year == Year && from >= 6 {
		size = 2*plan - size
	}
	return max(size*about(noise(f.code, c), 60), 1)
}

// stretch fills the months from+1..end of one year, to reach the total at end.
func (w *world) stretch(f flow, out map[string]*years, y, from, end int, total int64) {
	year := Year - 1 + y
	at := func(c string) int64 {
		if from == 0 {
			return 0
		}
		return out[c][y][from-1]
	}
	sizes := make([]int64, len(w.cities))
	for i, c := range w.cities {
		sizes[i] = w.size(f, c, year, from)
		total -= at(c)
	}
	parts := apportion(total, sizes)
	for i, c := range w.cities {
		part := parts[i]
		if v, ok := w.june[cell{f.code, c, year, end}]; ok {
			part = v - at(c)
		}
		r := noise(f.code+"/months", c+string(rune('0'+y)))
		weights := make([]int64, end-from)
		for m := from; m < end; m++ {
			weights[m-from] = f.months[m] * about(r, 70)
			if y == 1 {
				weights[m-from] *= f.dip[m]
			}
		}
		sum := at(c)
		for k, v := range apportion(part, weights) {
			sum += v
			out[c][y][from+k] = sum
		}
	}
}

// tellCity puts out a city's series and those of its counties. County cells are
// dealt out month by month: each county gets what it lacks of its share of the
// year so far, so that shares are steady, sums exact and nothing ever shrinks.
func (w *world) tellCity(f flow, c string, series *years) {
	list := w.counties[c]
	shares := make([]int64, len(list))
	for k, code := range list {
		shares[k] = w.weight[code] / 100 * about(noise(f.code, code), max(f.detail, 1))
	}
	for y := range 2 {
		given := make([]int64, len(list))
		for _, m := range w.ends(f.code, y) {
			if f.code != "sanbao_spending" { // which counties report themselves
				growth := luoshi.NullQuantity{}
				if f.growth && y == 1 {
					growth = luoshi.Over(series[1][m-1]-series[0][m-1], series[0][m-1]).Percent(1)
				}
				w.tell(f.code, c, "", city, Year-1+y, m, series[y][m-1], growth)
			}
			if f.detail == 0 {
				continue
			}
			deal(given, shares, series[y][m-1])
			for k, code := range list {
				w.tell(f.code, codeIn(code, Year-1+y), c, county, Year-1+y, m, given[k], luoshi.NullQuantity{})
			}
		}
	}
}

// deal raises given until it sums to total, towards total × share, never taking
// anything back.
func deal(given, shares []int64, total int64) {
	sum, have := int64(0), int64(0)
	for k := range shares {
		sum += shares[k]
		have += given[k]
	}
	lack := make([]int64, len(shares)) // × sum
	order := make([]int, len(shares))
	for k := range shares {
		order[k] = k
		lack[k] = total*shares[k] - given[k]*sum
	}
	left := total - have
	for k := range lack {
		if whole := lack[k] / sum; whole > 0 {
			whole = min(whole, left)
			given[k] += whole
			lack[k] -= whole * sum
			left -= whole
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(min(max(lack[b]-lack[a], -1), 1)) })
	for i := 0; left > 0; i = (i + 1) % len(order) {
		given[order[i]]++
		left--
	}
}

// ends lists the months of a year in which the indicator has figures: from the
// first month with a path, as its calendar says.
func (w *world) ends(code string, y int) []int {
	if _, ok := w.path[cell{code, Root, Year - 1 + y, 12}]; !ok {
		return nil
	}
	return w.rule[code].calendar.Ends()
}

// tell puts out one figure, unless there is a published one.
func (w *world) tell(code, unit, parent string, level rung, year, month int, value int64, growth luoshi.NullQuantity) {
	w.put(code, unit, parent, level, year, month, luoshi.Unscaled(value, w.rule[code].decimals), growth)
}

func (w *world) put(code, unit, parent string, level rung, year, month int, value, growth luoshi.NullQuantity) {
	if w.public[cell{code, unit, year, month}] {
		return
	}
	in := w.rule[code]
	p, ok := in.calendar.Period(year, month, in.basis)
	if !ok {
		return
	}
	w.rows = append(w.rows, Row{
		Indicator: code, UnitCode: unit, Period: p, Basis: in.basis, Scope: luoshi.Whole,
		Value: value, Growth: growth, Status: luoshi.Preliminary,
		Published: w.comes(code, unit, parent, level, year, month),
	})
}

// tellTotal puts out the province's total as the sum of its cities.
func (w *world) tellTotal(code string, series map[string]*years) {
	sum := total(series)
	for y := range 2 {
		for _, m := range w.ends(code, y) {
			growth := luoshi.NullQuantity{}
			if y == 1 {
				growth = luoshi.Over(sum[1][m-1]-sum[0][m-1], sum[0][m-1]).Percent(1)
			}
			w.tell(code, Root, "", province, Year-1+y, m, sum[y][m-1], growth)
		}
	}
}

func total(series map[string]*years) years {
	var sum years
	for _, s := range series {
		for y := range 2 {
			for m := range 12 {
				sum[y][m] += s[y][m]
			}
		}
	}
	return sum
}

// withinTrade keeps the exports of each city in each month to nine tenths of its trade;
// what is over goes to the other cities by the room they have, so that the sum stays.
// Both run up from January.
func (w *world) withinTrade(of func(city string) (exports, trade *[12]int64)) {
	before := make([][2]int64, len(w.cities)) // as they were at the end of the month before
	sent := make([]int64, len(w.cities))
	for m := range 12 {
		month, room, over := make([]int64, len(w.cities)), make([]int64, len(w.cities)), int64(0)
		for i, c := range w.cities {
			exports, trade := of(c)
			month[i] = exports[m] - before[i][0]
			limit := (trade[m] - before[i][1]) * 9 / 10
			before[i] = [2]int64{exports[m], trade[m]}
			room[i] = max(limit-month[i], 0)
			over += max(month[i]-limit, 0)
			month[i] = min(month[i], limit)
		}
		for i, more := range apportion(over, room) {
			sent[i] += month[i] + more
			exports, _ := of(w.cities[i])
			exports[m] = sent[i]
		}
	}
}

// tellTrade puts out exports and imports: exports by their own path, imports as
// what is left, so that the two are the trade of every city in every month. It
// returns the exports.
func (w *world) tellTrade(trade map[string]*years) map[string]*years {
	exports := w.makeFlow(flow{code: "exports", months: traded, dip: mild})
	for y := range 2 {
		w.withinTrade(func(c string) (*[12]int64, *[12]int64) { return &exports[c][y], &trade[c][y] })
	}
	imports := map[string]*years{}
	for _, c := range w.cities {
		imports[c] = &years{}
		for y := range 2 {
			for m := range 12 {
				imports[c][y][m] = trade[c][y][m] - exports[c][y][m]
			}
		}
		w.tellCity(flow{code: "exports", growth: true}, c, exports[c])
		for y := range 2 {
			for _, m := range w.ends("exports", y) {
				growth := luoshi.NullQuantity{}
				if y == 1 {
					growth = luoshi.Over(imports[c][1][m-1]-imports[c][0][m-1], imports[c][0][m-1]).Percent(1)
				}
				w.tell("imports", c, "", city, Year-1+y, m, imports[c][y][m-1], growth)
			}
		}
	}
	w.tellTotal("exports", exports)
	sum := total(imports)
	for y := range 2 {
		for _, m := range w.ends("exports", y) {
			growth := luoshi.NullQuantity{}
			if y == 1 {
				growth = luoshi.Over(sum[1][m-1]-sum[0][m-1], sum[0][m-1]).Percent(1)
			}
			w.tell("imports", Root, "", province, Year-1+y, m, sum[y][m-1], growth)
		}
	}
	return exports
}

// tellOwn puts out the livelihood spending of the province: what it spends itself
// beside its cities, and the total with it.
func (w *world) tellOwn(cities map[string]*years) {
	sum := total(cities)
	for y := range 2 {
		year, before, done := Year-1+y, 0, int64(0)
		var own [12]int64
		for end := 1; end <= 12; end++ {
			goal, ok := w.path[cell{"livelihood_own", Root, year, end}]
			if !ok {
				continue
			}
			weights := make([]int64, 0, 12)
			for m := before; m < end; m++ {
				weights = append(weights, spent[m])
			}
			for k, v := range apportion(goal-done, weights) {
				done += v
				own[before+k] = done
			}
			before = end
		}
		for _, m := range w.ends("livelihood_spending", y) {
			w.tell("livelihood_spending", Root, "", province, year, m, sum[y][m-1]+own[m-1], luoshi.NullQuantity{})
			w.tell("livelihood_spending", Root, "", province, year, m, own[m-1], luoshi.NullQuantity{})
			w.rows[len(w.rows)-1].Scope = luoshi.Own
		}
	}
}

// tellGrowth puts out the growth of foreign capital as a figure of its own.
func (w *world) tellGrowth(series map[string]*years) {
	sum := total(series)
	for _, m := range w.ends("fdi", 1) {
		w.put("fdi_growth", Root, "", province, Year, m, luoshi.Over(sum[1][m-1]-sum[0][m-1], sum[0][m-1]).Percent(1), luoshi.NullQuantity{})
	}
}
