package catchup

import (
	"math"

	"luoshi.dev"
	"luoshi.dev/cascade"
)

// one is the fixed-point 1 of the fractional part of a placed cell: a float64
// fraction of at least 1 has no finer bits, and controlled rounding counts in it.
const one = 1 << 52

// fine is a number held exactly: whole + part/one, 0 ≤ part < one.
type fine struct{ whole, part int64 }

func fineOf(v float64) fine {
	floor := math.Floor(v)
	f := fine{int64(floor), int64((v - floor) * one)}
	if f.part >= one {
		f = fine{f.whole + 1, 0}
	}
	return f
}

func (a fine) plus(b fine) fine {
	a.whole, a.part = a.whole+b.whole, a.part+b.part
	if a.part >= one {
		a.whole, a.part = a.whole+1, a.part-one
	}
	return a
}

func (a fine) minus(b fine) fine {
	a.whole, a.part = a.whole-b.whole, a.part-b.part
	if a.part < 0 {
		a.whole, a.part = a.whole-1, a.part+one
	}
	return a
}

func (a fine) less(b fine) bool {
	return a.whole < b.whole || a.whole == b.whole && a.part < b.part
}

func (a fine) zero() bool { return a == fine{} }

func (a fine) float() float64 { return float64(a.whole) + float64(a.part)/one }

// unlimited is a room that nothing fills.
var unlimited = fine{whole: 1 << 61}

// refinements is how often the multiplier is mended by what float64 left over.
const refinements = 4

// place sets all cells by the multiplier of the total, exactly: units at a bound of
// theirs sum to it, and where `exact` all cells sum to `needed`. What float64 leaves
// over first mends the multiplier, and what is then left, commonly some 10^-12,
// goes to the cells that move most easily. It returns the mended multiplier.
func (s *solver) place(lambda float64, needed int64, exact bool) float64 {
	for round := 0; ; round++ {
		gap, slope := fine{whole: needed}, 0.0
		for i := range s.rows {
			sum := s.placeRow(i, lambda)
			gap = gap.minus(sum)
			if s.rows[i].hold == Loose {
				for c := i * s.n; c < (i+1)*s.n; c++ {
					if s.inside(c) {
						slope += s.s[c]
					}
				}
			}
		}
		left := gap.float()
		if !exact || gap.zero() {
			return lambda
		}
		if round == refinements || slope == 0 || math.Abs(left) < 1e-9 || math.IsInf(lambda, 0) {
			s.settle(0, len(s.rows), gap)
			return lambda
		}
		lambda += left / slope
	}
}

// placeRow sets the cells of one unit and returns their sum.
func (s *solver) placeRow(i int, lambda float64) fine {
	r := &s.rows[i]
	mu := s.of(i, lambda)
	var sum fine
	for c := i * s.n; c < (i+1)*s.n; c++ {
		s.x[c] = s.placed(c, mu)
		sum = sum.plus(s.x[c])
	}
	bound := r.most
	switch {
	case r.most != luoshi.Missing && (lambda >= r.to && !math.IsInf(r.to, 0) || fine{whole: r.most}.less(sum)):
		r.hold = AtMost
	case r.least != luoshi.Missing && (lambda <= r.from && !math.IsInf(r.from, 0) || sum.less(fine{whole: r.least})):
		r.hold, bound = AtLeast, r.least
	default:
		r.hold = Loose
		return sum
	}
	if r.least == r.most {
		r.hold = AtMost
		if s.hard < 0 {
			r.hold = AtLeast
		}
	}
	if gap := (fine{whole: bound}).minus(sum); !gap.zero() {
		hold := r.hold
		r.hold = Loose
		s.settle(i, i+1, gap)
		r.hold = hold
	}
	return fine{whole: bound}
}

// placed is cell c under the multiplier μ, its bounds exact.
func (s *solver) placed(c int, mu float64) fine {
	low, top := fine{whole: s.low[c]}, fine{whole: s.top[c]}
	switch {
	case mu <= s.from[c] && s.low[c] != luoshi.Missing:
		return low
	case mu >= s.to[c] && s.top[c] != luoshi.Missing:
		return top
	}
	x := fineOf(s.e[c] + s.s[c]*mu)
	if s.low[c] != luoshi.Missing && x.less(low) {
		x = low
	}
	if s.top[c] != luoshi.Missing && top.less(x) {
		x = top
	}
	return x
}

// inside reports whether a cell can move both ways.
func (s *solver) inside(c int) bool {
	x := s.x[c]
	return (s.low[c] == luoshi.Missing || fine{whole: s.low[c]}.less(x)) && (s.top[c] == luoshi.Missing || x.less(fine{whole: s.top[c]}))
}

// settle gives the gap to the cells of some units: those that are free first, the
// easiest first, each as much as it and its unit can take.
func (s *solver) settle(first, end int, gap fine) {
	up := gap.whole >= 0
	if !up {
		gap = fine{}.minus(gap)
	}
	sums := make([]fine, end-first)
	for i := first; i < end; i++ {
		for c := i * s.n; c < (i+1)*s.n; c++ {
			sums[i-first] = sums[i-first].plus(s.x[c])
		}
	}
	tried := make([]bool, (end-first)*s.n)
	for _, anyCell := range []bool{false, true} {
		clear(tried)
		for !gap.zero() {
			best := -1
			for c := first * s.n; c < end*s.n; c++ {
				if !tried[c-first*s.n] && (anyCell || s.inside(c) && s.rows[c/s.n].hold == Loose) && (best < 0 || s.s[c] > s.s[best]) {
					best = c
				}
			}
			if best < 0 {
				break
			}
			tried[best-first*s.n] = true
			gap = gap.minus(s.take(best, gap, up, &sums[best/s.n-first]))
		}
	}
}

// take moves one cell by as much of the gap as it and its unit have room for.
func (s *solver) take(c int, gap fine, up bool, sum *fine) fine {
	r := &s.rows[c/s.n]
	room := unlimited
	if up {
		if s.top[c] != luoshi.Missing {
			room = fine{whole: s.top[c]}.minus(s.x[c])
		}
		if r.most != luoshi.Missing {
			room = least(room, fine{whole: r.most}.minus(*sum))
		}
	} else {
		if s.low[c] != luoshi.Missing {
			room = s.x[c].minus(fine{whole: s.low[c]})
		}
		if r.least != luoshi.Missing {
			room = least(room, sum.minus(fine{whole: r.least}))
		}
	}
	part := least(room, gap)
	if part.whole < 0 || part.zero() {
		return fine{}
	}
	if up {
		s.x[c], *sum = s.x[c].plus(part), sum.plus(part)
	} else {
		s.x[c], *sum = s.x[c].minus(part), sum.minus(part)
	}
	return part
}

func least(a, b fine) fine {
	if a.less(b) {
		return a
	}
	return b
}

// whole rounds the placed cells with their sums: cells, units, months and the total
// each to the whole number below or above, whole ones unchanged, so that bounds,
// which are whole, hold.
func (s *solver) whole() ([]int64, bool) {
	m, n := len(s.rows), s.n
	table, flat := make([][]float64, m), make([]float64, m*n)
	whole := make([]int64, m*n)
	for c, x := range s.x {
		whole[c], flat[c] = x.whole, float64(x.part)/one
	}
	for i := range table {
		table[i] = flat[i*n : (i+1)*n]
	}
	up, _, _, _ := cascade.RoundFree(table)
	if up == nil {
		return nil, false
	}
	for c := range whole {
		whole[c] += up[c/n][c%n]
	}
	return whole, true
}

// hold says what holds a placed cell; where its bounds meet, the one on the hard side.
func (s *solver) hold(c int, cell Cell) Hold {
	switch {
	case cell.Known:
		return Known
	case cell.Locked != luoshi.Missing:
		return Locked
	case cell.Spread == 0 && cell.Weight == 0:
		return Certain
	case s.x[c] == fine{whole: s.top[c]} && (s.hard > 0 || s.low[c] != s.top[c]):
		return AtHigh
	case s.x[c] == fine{whole: s.low[c]}:
		return AtLow
	}
	return Loose
}
