package cascade

import "math"

// fit brings a table of curves to both margins in turn: each line's gap is laid
// on its cells by size, t ← t + |t|·gap/Σ|t|. For one sign this is iterative
// proportional fitting (Deming & Stephan 1940); a zero stays zero. Cells are held
// as floor and fraction and gaps are taken from the integers, so the margins are
// met far beyond the 53 bits of a float64; given cells do not move.
type fit struct {
	*table
	part  []float64 // fraction, in [0, 1)
	given []bool
}

const (
	fitRounds = 2000
	fitGap    = 1e-7 // of a unit in the last place, over all columns together
	fitEnough = 0.5  // where that is slow in coming: margins this near are still met by rounding (see Round)
)

func newFit(t *table) *fit {
	return &fit{t, make([]float64, t.m*t.n), make([]bool, t.m*t.n)}
}

// follow lays row i out along the columns' own curve.
func (f *fit) follow(i int, total int64) {
	for j, c := range f.cols {
		if total == 0 {
			f.add(i*f.n+j, float64(f.rows[i])/float64(f.n))
		} else {
			f.add(i*f.n+j, float64(f.rows[i])*(float64(c)/float64(total)))
		}
	}
}

func (f *fit) row(i int, l line) {
	for j := range f.n {
		c := i*f.n + j
		f.floor[c], f.part[c], f.given[c] = l.floor[j], float64(l.rem[j])/float64(l.den), l.given[j]
		if f.part[c] >= 1 {
			f.floor[c], f.part[c] = f.floor[c]+1, 0
		}
	}
}

func (f *fit) add(c int, v float64) {
	x := f.part[c] + v
	whole := math.Floor(x)
	f.floor[c] += int64(whole)
	f.part[c] = x - whole
}

// run fits until the columns' gaps vanish; else it names the column that is
// furthest off, and by how much.
func (f *fit) run() (column, gap int64, ok bool) {
	near := false
	for range fitRounds {
		for i := range f.m {
			f.close(i*f.n, 1, f.n, f.rows[i])
		}
		off, worst := 0.0, 0.0
		for j := range f.n {
			d := f.gap(j, f.n, f.m, f.cols[j])
			off += math.Abs(d)
			if math.Abs(d) > math.Abs(worst) {
				column, worst = int64(j), d
			}
			f.close(j, f.n, f.m, f.cols[j])
		}
		if off < fitGap && f.rowsMet() {
			return 0, 0, true
		}
		gap, near = int64(math.Round(worst)), off < fitEnough
	}
	return column, gap, near
}

func (f *fit) rowsMet() bool {
	off := 0.0
	for i := range f.m {
		off += math.Abs(f.gap(i*f.n, 1, f.n, f.rows[i]))
	}
	return off < 10*fitGap
}

// gap is what a line (first cell, stride, cells) lacks to its margin.
func (f *fit) gap(first, stride, cells int, margin int64) float64 {
	part := 0.0
	for k, c := 0, first; k < cells; k, c = k+1, c+stride {
		margin -= f.floor[c]
		part += f.part[c]
	}
	return float64(margin) - part
}

// close lays a line's gap on its free cells by size.
func (f *fit) close(first, stride, cells int, margin int64) {
	part, abs := 0.0, 0.0
	for k, c := 0, first; k < cells; k, c = k+1, c+stride {
		margin -= f.floor[c]
		part += f.part[c]
		if !f.given[c] {
			abs += math.Abs(float64(f.floor[c]) + f.part[c])
		}
	}
	rate := (float64(margin) - part) / abs
	if abs == 0 || rate == 0 {
		return
	}
	for k, c := 0, first; k < cells; k, c = k+1, c+stride {
		if !f.given[c] {
			f.add(c, math.Abs(float64(f.floor[c])+f.part[c])*rate)
		}
	}
}

// store hands the fitted table over to the rounding. Gaps are by now so far below
// one that whole margins are met (see Round).
func (f *fit) store() {
	for c, p := range f.part {
		f.frac[c] = fraction(p)
		if f.given[c] {
			f.frac[c] = 0
		}
	}
}

// fraction is a fractional part in units of one; what is not whole stays so.
func fraction(p float64) int64 {
	if p == 0 {
		return 0
	}
	return min(one-1, max(1, int64(p*float64(one))))
}
