package demo

import (
	"luoshi.dev"
)

// FirstYear is the first year of which there are sample figures: of flows that add
// up over the year, of the province and its cities. Counties have none before 2019,
// when several bore other codes or belonged to other cities.
const FirstYear = Year - 5

// pastYears are the years before those of [years], whose figures come from a yearbook.
const pastYears = Year - 1 - FirstYear

// past holds cumulative values of the past years by month, the oldest first.
type past [pastYears][12]int64

// makePast goes back from the flows of 2019: each half of a year has the province's
// total of the shape, of which each city has as much as in the year after, a little
// away in a direction of its own, and the months their season.
func (w *world) makePast(f flow, after map[string]*years) map[string]*past {
	out := map[string]*past{}
	for _, c := range w.cities {
		out[c] = &past{}
	}
	for y := pastYears - 1; y >= 0; y-- {
		year := FirstYear + y
		before, months := int64(0), f.months
		r := noise(f.code+"/past", Root+string(rune('0'+y)))
		for m := range months { // what befell all of them
			months[m] = months[m] * about(r, 110) / 100
		}
		for half := range 2 {
			from, end := 6*half, 6*half+6
			total := w.path[cell{f.code, Root, year, end}]
			sizes := make([]int64, len(w.cities))
			for i, c := range w.cities {
				next := after[c][0]
				if y < pastYears-1 {
					next = out[c][y+1]
				}
				size := next[end-1]
				if half == 1 {
					size -= next[5]
				}
				sizes[i] = max(size*w.away(f.code, c, year, half), 1)
			}
			for i, part := range apportion(total-before, sizes) {
				c := w.cities[i]
				out[c].fill(y, from, part, months, noise(f.code+"/past", c+string(rune('0'+y*2+half))))
			}
			before = total
		}
	}
	return out
}

// fill parts what came in the six months after from by their season.
func (p *past) fill(y, from int, part int64, months season, r interface{ Int64N(int64) int64 }) {
	weights := make([]int64, 6)
	for k := range weights {
		weights[k] = months[from+k] * (930 + r.Int64N(141))
	}
	sum := int64(0)
	if from > 0 {
		sum = p[y][from-1]
	}
	for k, v := range apportion(part, weights) {
		sum += v
		p[y][from+k] = sum
	}
}

// away is what a city had in a half year for each thousand of the year after, beside
// the province: a drift that is the city's own, and chance.
func (w *world) away(code, c string, year, half int) int64 {
	drift := noise(code+"/drift", c).Int64N(41) - 20
	return about(noise(code+"/away", c+string(rune('a'+2*(year-FirstYear)+half))), 35) + drift
}

// tellPast puts out what the cities had, and the province where it publishes a total
// of its own.
func (w *world) tellPast(f flow, cities map[string]*past) {
	var sum past
	for _, c := range w.cities {
		w.tellYears(f.code, c, luoshi.Whole, cities[c])
		sum.add(cities[c])
	}
	if f.province {
		w.tellYears(f.code, Root, luoshi.Whole, &sum)
	}
	if f.code == "livelihood_spending" {
		own := w.pastOwn()
		sum.add(own)
		w.tellYears(f.code, Root, luoshi.Whole, &sum)
		w.tellYears(f.code, Root, luoshi.Own, own)
	}
}

func (p *past) add(q *past) {
	for y := range p {
		for m := range p[y] {
			p[y][m] += q[y][m]
		}
	}
}

// pastOwn is what the province itself spent on livelihood.
func (w *world) pastOwn() *past {
	own := &past{}
	for y := range pastYears {
		before := int64(0)
		for half := range 2 {
			total := w.path[cell{"livelihood_own", Root, FirstYear + y, 6*half + 6}]
			own.fill(y, 6*half, total-before, spent, noise("livelihood_own/past", string(rune('0'+2*y+half))))
			before = total
		}
	}
	return own
}

// tellPastTrade puts out exports and imports of the past years, which are its trade.
func (w *world) tellPastTrade(trade map[string]*past, after map[string]*years) {
	exports := w.makePast(flow{code: "exports", months: traded}, after)
	for y := range pastYears {
		w.withinTrade(func(c string) (*[12]int64, *[12]int64) { return &exports[c][y], &trade[c][y] })
	}
	imports := map[string]*past{}
	for _, c := range w.cities {
		imports[c] = &past{}
		for y := range pastYears {
			for m := range 12 {
				imports[c][y][m] = trade[c][y][m] - exports[c][y][m]
			}
		}
	}
	w.tellPast(flow{code: "exports", province: true}, exports)
	w.tellPast(flow{code: "imports", province: true}, imports)
}

// tellYears puts out the past years of a unit at the ends of the calendar.
func (w *world) tellYears(code, unit string, scope luoshi.Scope, p *past) {
	for y := range p {
		for _, m := range w.rule[code].calendar.Ends() {
			w.tellPastFigure(code, unit, scope, FirstYear+y, m, p[y][m-1])
		}
	}
}

// tellPastFigure puts out one figure as the yearbook of the year after has it.
func (w *world) tellPastFigure(code, unit string, scope luoshi.Scope, year, month int, value int64) {
	before := len(w.rows)
	w.tell(code, unit, "", city, year, month, value, luoshi.NullQuantity{})
	if len(w.rows) > before {
		r := &w.rows[before]
		r.Scope, r.Status, r.Published = scope, luoshi.Final, luoshi.ToDate(year+1, 9).LastDay()
	}
}

// tellPastQuarters goes back from the quarters of 2019 by a growth in thousandths,
// the newest first, each unit a little away.
func (w *world) tellPastQuarters(code, unit string, last [4]int64, growth [pastYears]int64) {
	r := noise(code+"/past", unit)
	away := r.Int64N(11) - 5
	for y := pastYears - 1; y >= 0; y-- {
		for q := range last {
			g := growth[pastYears-1-y] + away + r.Int64N(7) - 3
			last[q] = (last[q]*1000 + (1000+g)/2) / (1000 + g)
			w.tellPastFigure(code, unit, luoshi.Whole, FirstYear+y, 3*q+3, last[q])
		}
	}
}
