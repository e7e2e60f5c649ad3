package forecast

import (
	"cmp"
	"math"
	"slices"
)

// cleaned is a series made ready for the methods: whole, without values that would
// mislead a fit, at the level of today. Nothing of the year's known sum changes.
type cleaned struct {
	y     []float64
	notes []Note
}

// clean fills what is missing, sets outliers aside and levels shifts, in this order.
func clean(s Series) cleaned {
	c := cleaned{y: slices.Clone(s.Values)}
	c.fill(s)
	if len(c.y) >= max(2*s.Season, 12) {
		c.outliers(s)
		c.shifts(s)
	}
	return c
}

// fill puts a value in each gap: its neighbours' line, carried by the season once
// two years allow to see it.
func (c *cleaned) fill(s Series) {
	gaps := false
	for _, v := range c.y {
		gaps = gaps || math.IsNaN(v)
	}
	if !gaps {
		return
	}
	for t := range s.lead {
		c.y[t] = s.mean
	}
	between(c.y)
	if m := s.Season; m > 1 && len(c.y) >= 2*m+1 {
		for range 2 {
			index, mean := make([]float64, m), make([]float64, len(c.y))
			kind := add
			if positive(c.y) {
				kind = mul
			}
			classical(c.y, m, kind, index, mean)
			for t, v := range s.Values {
				c.y[t] = math.NaN()
				if !math.IsNaN(v) {
					c.y[t] = apart(v, index[t%m], kind)
				}
			}
			between(c.y)
			for t, v := range c.y {
				c.y[t] = together(v, index[t%m], kind)
			}
		}
		for t, v := range s.Values {
			if !math.IsNaN(v) {
				c.y[t] = v
			}
		}
	}
	for t, v := range s.Values {
		if math.IsNaN(v) {
			year, place := s.place(t)
			c.notes = append(c.notes, Note{Filled, year, place, v, c.y[t]})
		}
	}
}

func positive(y []float64) bool {
	for _, v := range y {
		if !(v > 0) {
			return false
		}
	}
	return len(y) > 0
}

func apart(v, index float64, kind part) float64 {
	if kind == mul {
		return v / index
	}
	return v - index
}

func together(v, index float64, kind part) float64 {
	if kind == mul {
		return v * index
	}
	return v + index
}

// between draws a line over each gap; both ends are known.
func between(y []float64) {
	last := 0
	for t, v := range y {
		if math.IsNaN(v) {
			continue
		}
		for k := last + 1; k < t; k++ {
			y[k] = y[last] + (v-y[last])*float64(k-last)/float64(t-last)
		}
		last = t
	}
}

// Limits in robust standard deviations, and how far an outlier must stand above the
// third largest. On the attainment data lower limits made the forecasts worse: what
// looks like an accident is mostly a season or a turn, which the smoothing follows.
const (
	outlierLimit = 8.0
	apartFrom    = 2.5
	shiftLimit   = 16.0
	shiftLasts   = 6 // months on either side
)

// bare is the series without season, on logarithms where it is positive, and the
// season that was taken out.
func bare(y []float64, m int) (x, index []float64, kind part) {
	kind = add
	if positive(y) {
		kind = mul
	}
	index, room := make([]float64, m), make([]float64, len(y))
	if m > 1 && len(y) >= 3*m {
		robustSeason(y, m, kind, index, room)
	} else if kind == mul {
		for j := range index {
			index[j] = 1
		}
	}
	x = make([]float64, len(y))
	for t, v := range y {
		if x[t] = apart(v, index[t%m], kind); kind == mul {
			x[t] = math.Log(x[t])
		}
	}
	return x, index, kind
}

// robustSeason takes medians where the classical decomposition takes means.
func robustSeason(y []float64, m int, kind part, index, mean []float64) {
	centred(y, m, mean)
	var list []float64
	for j := range m {
		list = list[:0]
		for t := j; t < len(y); t += m {
			if !math.IsNaN(mean[t]) {
				list = append(list, apart(y[t], mean[t], kind))
			}
		}
		index[j] = middle(list)
		if kind == mul {
			index[j] = max(index[j], 1e-2)
		}
	}
}

func middle(list []float64) float64 {
	slices.Sort(list)
	n := len(list)
	return (list[n/2] + list[(n-1)/2]) / 2
}

// outliers replaces values that stand alone: far from the median of the seven
// around them by the spread that is usual in this series (Hampel 1974).
func (c *cleaned) outliers(s Series) {
	x, index, kind := bare(c.y, s.Season)
	away, size := make([]float64, len(x)), make([]float64, len(x))
	var window [7]float64
	for t := range x {
		from := min(max(t-3, 0), max(len(x)-7, 0))
		list := append(window[:0], x[from:min(from+7, len(x))]...)
		away[t] = x[t] - middle(list)
		size[t] = math.Abs(away[t])
	}
	usual := spreadOf(size, x, kind)
	slices.Sort(size)
	limit := max(outlierLimit*usual, apartFrom*size[len(size)-3])
	for t, d := range away {
		if math.Abs(d) <= limit || t < 1 || t >= len(x)-s.Season {
			continue // the last year is taken as it is: it may be the beginning of something
		}
		v := x[t] - d
		if kind == mul {
			v = math.Exp(v)
		}
		year, place := s.place(t)
		was := c.y[t]
		c.y[t] = together(v, index[t%s.Season], kind)
		c.notes = append(c.notes, Note{Outlier, year, place, was, c.y[t]})
	}
}

// spreadOf is 1.4826 times the median distance, not below a thousandth of the values.
func spreadOf(size, x []float64, kind part) float64 {
	top := 1.0 // of logarithms
	if kind == add {
		top = math.Abs(slices.MaxFunc(x, func(a, b float64) int { return cmp.Compare(math.Abs(a), math.Abs(b)) }))
	}
	return max(1.4826*middle(slices.Clone(size)), 1e-3*top, 1e-9)
}

// shifts finds the one largest lasting change of level, at which the medians of the
// half years before and after differ by far more than half years otherwise do, and
// brings what came before to the level after it, so that trend and season are
// learned from all years and the level from the new one.
func (c *cleaned) shifts(s Series) {
	x, _, kind := bare(c.y, s.Season)
	n, k := len(x), max(shiftLasts*s.Season/12, 3)
	if n < 4*k {
		return
	}
	steps := make([]float64, 0, n)
	size := make([]float64, 0, n)
	var room [2 * shiftLasts]float64
	for t := k; t+k <= n; t++ {
		d := middle(append(room[:0], x[t:t+k]...)) - middle(append(room[:0], x[t-k:t]...))
		steps = append(steps, d)
		size = append(size, math.Abs(d))
	}
	usual := spreadOf(size, x, kind)
	top, at := 0.0, -1
	for i := range steps {
		// a jump, not a slope: most of it happens in one step
		jump := math.Abs(x[i+k] - x[i+k-1])
		if math.Abs(steps[i]) > top && jump > 0.6*math.Abs(steps[i]) {
			top, at = math.Abs(steps[i]), i
		}
	}
	if at < 0 || top <= shiftLimit*usual {
		return
	}
	d := steps[at]
	for t := range at + k {
		if kind == mul {
			c.y[t] *= math.Exp(d)
		} else {
			c.y[t] += d
		}
	}
	year, place := s.place(at + k)
	if kind == mul {
		d = math.Exp(d)
	}
	c.notes = append(c.notes, Note{Shift, year, place, 0, d})
}
