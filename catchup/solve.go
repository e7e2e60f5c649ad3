package catchup

import (
	"math"
	"slices"
	"sort"

	"luoshi.dev"
)

// The programme is separable and its constraints are nested: cells in a unit's
// sum, units in the total. Its optimality conditions leave one number. With a
// multiplier λ for the total, unit i has the multiplier
//
//	μ_i = λ, held between the two at which its sum meets its own bounds
//
// and each cell x = e + μ_i/w, held between its bounds (w halved away). Every x,
// so the total, never falls as λ rises, and is linear between break points: those
// at which a cell meets a bound, (bound − e)·w, or a unit's sum does. So λ is found
// by bisecting the sorted break points and solving one linear piece, without a
// tolerance (Brucker 1984 by medians; Pardalos and Kovoor 1990; Kiwiel 2008 reviews
// them; for sums of sums Hochbaum 1994). Evaluating anew at each break point, not
// adding up slopes, keeps cancellation out.

// solver holds the cells of all units, unit by unit in order of their ids.
type solver struct {
	n        int // cells of a unit
	hard     int // the direction that takes effort
	e, s     []float64
	lo, hi   []float64 // ±Inf where there is none
	low, top []int64   // the same, whole; luoshi.Missing
	from, to []float64 // the multipliers at which a cell leaves lo and meets hi
	rows     []row
	x        []fine
}

// row is one unit's sum.
type row struct {
	least, most int64 // luoshi.Missing = none
	from, to    float64
	hold        Hold
}

func newSolver(spec Spec, order []int) *solver {
	m, n := len(order), len(spec.Months)
	s := &solver{n: n, rows: make([]row, m), x: make([]fine, m*n)}
	s.low, s.top = make([]int64, m*n), make([]int64, m*n)
	wide := make([]float64, 6*m*n)
	cut := func() []float64 { part := wide[: m*n : m*n]; wide = wide[m*n:]; return part }
	s.e, s.s, s.lo, s.hi, s.from, s.to = cut(), cut(), cut(), cut(), cut(), cut()
	for i, p := range order {
		part := spec.Parts[p]
		for j, cell := range part.Cells {
			c := i*n + j
			s.e[c] = cell.expect()
			if s.s[c] = cell.Spread; cell.Weight > 0 {
				s.s[c] = 1 / cell.Weight
			}
			low, high := spec.bounds(cell)
			if v, ok := spec.fixed(cell); ok {
				low, high, s.s[c] = v, v, 1
			}
			s.low[c], s.top[c] = low, high
			s.lo[c], s.hi[c] = limit(low, -1), limit(high, 1)
			s.from[c], s.to[c] = (s.lo[c]-s.e[c])/s.s[c], (s.hi[c]-s.e[c])/s.s[c]
		}
		s.rows[i] = row{least: part.Least, most: part.Most, from: math.Inf(-1), to: math.Inf(1)}
		lowest, highest := cellLimits(spec, part)
		if r := &s.rows[i]; r.least != luoshi.Missing && (lowest == luoshi.Missing || lowest < r.least) {
			r.from = s.meet(i, float64(r.least))
		}
		if r := &s.rows[i]; r.most != luoshi.Missing && (highest == luoshi.Missing || highest > r.most) {
			r.to = s.meet(i, float64(r.most))
		}
	}
	return s
}

func limit(v int64, side int) float64 {
	if v == luoshi.Missing {
		return math.Inf(side)
	}
	return float64(v)
}

// at is cell c under the multiplier μ.
func (s *solver) at(c int, mu float64) float64 {
	switch {
	case mu <= s.from[c]:
		return s.lo[c]
	case mu >= s.to[c]:
		return s.hi[c]
	}
	return min(max(s.e[c]+s.s[c]*mu, s.lo[c]), s.hi[c])
}

// of is unit i's multiplier under that of the total.
func (s *solver) of(i int, lambda float64) float64 {
	return min(max(lambda, s.rows[i].from), s.rows[i].to)
}

func (s *solver) expected() float64 {
	sum := 0.0
	for _, e := range s.e {
		sum += e
	}
	return sum
}

func (s *solver) rowAt(i int, mu float64) float64 {
	sum := 0.0
	for c := i * s.n; c < (i+1)*s.n; c++ {
		sum += s.at(c, mu)
	}
	return sum
}

func (s *solver) sumAt(lambda float64) float64 {
	sum := 0.0
	for i := range s.rows {
		sum += s.rowAt(i, s.of(i, lambda))
	}
	return sum
}

// piece is the sum of cells first..end as a line, base + rise·μ, for multipliers
// between a and b, two neighbouring break points.
func (s *solver) piece(first, end int, a, b float64) (base, rise float64) {
	for c := first; c < end; c++ {
		switch {
		case s.to[c] <= a || s.lo[c] == s.hi[c]:
			base += s.hi[c]
		case s.from[c] >= b:
			base += s.lo[c]
		default:
			base += s.e[c]
			rise += s.s[c]
		}
	}
	return base, rise
}

// meet is the multiplier at which unit i's cells sum to v.
func (s *solver) meet(i int, v float64) float64 {
	first, end := i*s.n, (i+1)*s.n
	var room [64]float64
	breaks := s.breaks(room[:0], first, end)
	return root(breaks, v, func(mu float64) float64 { return s.rowAt(i, mu) },
		func(a, b float64) (float64, float64) { return s.piece(first, end, a, b) })
}

// step is the multiplier at which all cells sum to v.
func (s *solver) step(v float64) float64 {
	breaks := s.breaks(make([]float64, 0, 2*len(s.e)+2*len(s.rows)), 0, len(s.e))
	for _, r := range s.rows {
		for _, b := range [2]float64{r.from, r.to} {
			if !math.IsInf(b, 0) {
				breaks = append(breaks, b)
			}
		}
	}
	return root(breaks, v, s.sumAt, func(a, b float64) (base, rise float64) {
		for i, r := range s.rows {
			switch {
			case r.to <= a:
				base += float64(r.most)
			case r.from >= b:
				base += float64(r.least)
			default:
				more, steeper := s.piece(i*s.n, (i+1)*s.n, a, b)
				base, rise = base+more, rise+steeper
			}
		}
		return base, rise
	})
}

func (s *solver) breaks(list []float64, first, end int) []float64 {
	for c := first; c < end; c++ {
		if s.lo[c] == s.hi[c] {
			continue
		}
		for _, b := range [2]float64{s.from[c], s.to[c]} {
			if !math.IsInf(b, 0) {
				list = append(list, b)
			}
		}
	}
	return list
}

// root solves sum(λ) = v for a sum that never falls and is a line, base + rise·λ,
// between two neighbouring breaks. v is attainable.
func root(breaks []float64, v float64, sum func(float64) float64, piece func(a, b float64) (base, rise float64)) float64 {
	slices.Sort(breaks)
	n := len(breaks)
	k := sort.Search(n, func(k int) bool { return sum(breaks[k]) >= v })
	a, b := math.Inf(-1), math.Inf(1)
	if k > 0 {
		a = breaks[k-1]
	}
	if k < n {
		b = breaks[k]
	}
	base, rise := piece(a, b)
	switch {
	case rise > 0:
		return min(max((v-base)/rise, a), b)
	case k < n:
		return b
	case k > 0:
		return a
	}
	return 0
}

// attainable is the most (side +1) or least (−1) that all units can bring.
func (s *solver) attainable(side int) int64 {
	total := int64(0)
	for i, r := range s.rows {
		sum, cells, bound := int64(0), s.low, r.least
		if side > 0 {
			cells, bound = s.top, r.most
		}
		for _, v := range cells[i*s.n : (i+1)*s.n] {
			sum = plus(sum, v)
		}
		total = plus(total, tighter(sum, bound, side))
	}
	return total
}

// tighter is the nearer of two limits; either may be missing.
func tighter(a, b int64, side int) int64 {
	switch {
	case a == luoshi.Missing, b != luoshi.Missing && side > 0 && b < a, b != luoshi.Missing && side < 0 && b > a:
		return b
	}
	return a
}
