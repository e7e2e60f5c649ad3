package cascade

import "math"

// Denton brings a series to yearly totals while keeping its movement: of all x
// with Σ x over each year = that year's total it minimises
//
//	Σ (x_t/i_t − x_{t−1}/i_{t−1})²
//
// the proportional first-difference criterion of Denton (1971) in the form of
// Cholette (1984), without the first term that bends the start. indicator is i,
// `per` values a year from the start of the first year; a constant indicator
// gives the smoothest series. A total that is NaN, and what follows the last
// year, is carried on at the ratio of its neighbours, as R's tempdisagg does.
//
// Solved for the ratios r = x/i, so that a zero of the indicator stays zero and
// needs no division: the stationary equations of r and of one multiplier a year,
// taken in order of time, are a band of half-width per+1; the work grows with the
// number of years only. It returns nil where no answer exists: a year whose
// indicator is all zero and whose total is not, no total at all, a number that is
// not finite.
func Denton(indicator, totals []float64, per int) []float64 {
	n := len(indicator)
	scale, level := largestOf(indicator), largestOf(totals)
	if per < 1 || n < len(totals)*per || scale == 0 || math.IsInf(scale+level, 0) || !finite(indicator) {
		return nil
	}
	if level == 0 {
		level = 1
	}
	b := newBand(n+len(totals), per+1)
	at := make([]int, n) // place of each ratio among the unknowns
	for t := range n {
		at[t] = t + min(t/per, len(totals))
	}
	for t := 1; t < n; t++ {
		b.add(at[t], at[t], 1)
		b.add(at[t-1], at[t-1], 1)
		b.add(at[t], at[t-1], -1)
		b.add(at[t-1], at[t], -1)
	}
	known := false
	for y, total := range totals {
		row := (y+1)*per + y
		year := indicator[y*per : (y+1)*per]
		if math.IsNaN(total) || total == 0 && largestOf(year) == 0 {
			b.add(row, row, 1)
			continue
		}
		known = true
		for s, v := range year {
			b.add(row, at[y*per+s], v/scale)
			b.add(at[y*per+s], row, v/scale)
		}
		b.right[row] = total / level
	}
	if !known || !b.solve() {
		return nil
	}
	x := make([]float64, n)
	for t := range x {
		x[t] = b.right[at[t]] * level * (indicator[t] / scale)
	}
	return x
}

// largestOf is the largest magnitude, NaN apart.
func largestOf(values []float64) float64 {
	top := 0.0
	for _, v := range values {
		if a := math.Abs(v); a > top {
			top = a
		}
	}
	return top
}

func finite(values []float64) bool {
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

// band is a system of linear equations whose matrix is zero beyond `half` places
// off the diagonal; row pivoting widens the upper part to twice that.
type band struct {
	n, half, width int
	cell           []float64
	right          []float64
}

func newBand(n, half int) *band {
	width := 3*half + 1
	return &band{n, half, width, make([]float64, n*width), make([]float64, n)}
}

func (b *band) at(i, j int) *float64 { return &b.cell[i*b.width+j-i+b.half] }

func (b *band) add(i, j int, v float64) { *b.at(i, j) += v }

// solve replaces right by the solution, by elimination with partial pivoting.
func (b *band) solve() bool {
	for k := range b.n {
		pivot, end := k, min(b.n, k+b.half+1)
		for i := k + 1; i < end; i++ {
			if math.Abs(*b.at(i, k)) > math.Abs(*b.at(pivot, k)) {
				pivot = i
			}
		}
		if math.Abs(*b.at(pivot, k)) < 1e-14 {
			return false
		}
		last := min(b.n, k+2*b.half+1)
		if pivot != k {
			for j := k; j < last; j++ {
				*b.at(k, j), *b.at(pivot, j) = *b.at(pivot, j), *b.at(k, j)
			}
			b.right[k], b.right[pivot] = b.right[pivot], b.right[k]
		}
		for i := k + 1; i < end; i++ {
			f := *b.at(i, k) / *b.at(k, k)
			if f == 0 {
				continue
			}
			for j := k; j < last; j++ {
				*b.at(i, j) -= f * *b.at(k, j)
			}
			b.right[i] -= f * b.right[k]
		}
	}
	for k := b.n - 1; k >= 0; k-- {
		for j := k + 1; j < min(b.n, k+2*b.half+1); j++ {
			b.right[k] -= *b.at(k, j) * b.right[j]
		}
		b.right[k] /= *b.at(k, k)
	}
	return finite(b.right)
}
