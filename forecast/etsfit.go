package forecast

import "math"

// ETS is a fitted member of the family.
type ETS struct {
	Form                    Form
	Alpha, Beta, Gamma, Phi float64
	LogLikelihood, AICc     float64
	start, end              smoothing
	m, n                    int
	sigma                   float64
}

// set copies a fit into the room of another.
func (e *ETS) set(from *ETS) {
	at, after := e.start.season, e.end.season
	*e = *from
	e.start.season = again(at, from.start.season)
	e.end.season = again(after, from.end.season)
}

// Ahead gives the point forecasts of the h values that follow.
func (e *ETS) Ahead(h int) []float64 {
	out := make([]float64, h)
	e.end.ahead(e.Form, e.m, e.n, out)
	return out
}

// Bounds of the parameters, as usual: 0 < β < α < 1, 0 < γ < 1 − α, 0.8 ≤ φ ≤ 0.98.
const (
	lowest, highest = 1e-4, 0.9999
	dampLow, damped = 0.8, 0.98
)

// inBounds holds the usual bounds.
func (s *smoothing) inBounds(f Form) bool {
	return s.alpha >= lowest && s.alpha <= highest &&
		(f.Trend == none || s.beta >= lowest && s.beta <= s.alpha && s.beta <= highest) &&
		(!f.Damped || s.phi >= dampLow && s.phi <= damped) &&
		(f.Season == none || s.gamma >= lowest && s.gamma <= 1-s.alpha && s.gamma <= highest)
}

// admissible reports whether the influence of far values dies out: the roots of the
// characteristic equation lie in the unit circle (ibid., section 10.2).
func (s *smoothing) admissible(f Form, m int) bool {
	a, g, p, b := s.alpha, s.gamma, 1.0, 0.0
	if f.Damped {
		p = s.phi
	}
	if f.Trend != none {
		b = s.beta
	}
	if f.Season == none {
		return a >= 1-1/p && a <= 1+1/p && (f.Trend == none || b >= a*(p-1) && b <= (1+p)*(2-a))
	}
	if g < max(1-1/p-a, 0) || g > 1+1/p-a || a < 1-1/p-g*(1-float64(m)+p+p*float64(m))/(2*p*float64(m)) || b < -(1-p)*(g/float64(m)+a) {
		return false
	}
	var room [64]float64
	c := room[:0] // z^(m+1) + … from the highest power down
	c = append(c, 1, a+b-p)
	for len(c) < m {
		c = append(c, a+b-a*p)
	}
	c = append(c, a+b-a*p+g-1, p*(1-a-g))
	if f.Trend == none { // a root at 1 belongs to the season's sum: take it out
		for i := 1; i < len(c); i++ {
			c[i] += c[i-1]
		}
		c = c[:len(c)-1]
	}
	return stable(c)
}

// stable is the test of Schur and Cohn: all roots within the unit circle. c is
// overwritten.
func stable(c []float64) bool {
	for len(c) > 1 {
		n := len(c) - 1
		k := c[n] / c[0]
		if math.Abs(k) > 1+1e-10 || math.IsNaN(k) {
			return false
		}
		if math.Abs(k) >= 1-1e-12 {
			return true
		}
		for i, j := 0, n; i <= j; i, j = i+1, j-1 {
			c[i], c[j] = c[i]-k*c[j], c[j]-k*c[i]
		}
		c = c[:n]
	}
	return true
}

// trial holds what fitting needs from call to call.
type trial struct {
	simplex [20]simplex // by number of places
	s       smoothing
	season  []float64
	x       []float64
	indices [2][]float64 // by add and mul, see begin
	plain   [3][]float64 // the series without season: none, add, mul
	mean    []float64
}

func at(p part) int {
	switch p {
	case add:
		return 1
	case mul:
		return 2
	}
	return 0
}

// prepare takes the series apart once for all forms.
func (w *trial) prepare(y []float64, m int, positive bool) {
	w.plain[0] = y
	for _, kind := range []part{add, mul} {
		if kind == mul && !positive {
			continue
		}
		k := at(kind)
		w.plain[k] = resize(w.plain[k], len(y))
		w.indices[k-1] = resize(w.indices[k-1], m)
		w.mean = resize(w.mean, len(y))
		firstSeason(y, m, kind, w.indices[k-1], w.mean)
		for t, v := range y {
			if kind == add {
				w.plain[k][t] = v - w.indices[k-1][t%m]
			} else {
				w.plain[k][t] = v / max(w.indices[k-1][t%m], 1e-2)
			}
		}
	}
}

// firstState sets level, slope and season as R's ets does: a line through the first
// values without season (ibid., section 2.6.1).
func (w *trial) firstState(f Form, m int) {
	s := &w.s
	plain := w.plain[at(f.Season)]
	n := min(max(10, 2*m), len(plain))
	if f.Season == none {
		n = min(10, len(plain))
	}
	s.level, s.slope = 0, 0
	if f.Trend == none {
		s.level = average(plain[:n])
	} else {
		s.level, s.slope = line(plain[:n])
		if math.Abs(s.level+s.slope) < 1e-8 {
			s.level, s.slope = s.level*(1+1e-3), s.slope*(1-1e-3)
		}
	}
	s.season = resize(s.season, m)
	if f.Season != none {
		copy(s.season, w.indices[at(f.Season)-1])
	}
}

// quick fits the smoothing parameters and leaves the first states as they are:
// near the optimum at a hundredth of the work. e gets the answer, in the room it has.
func (w *trial) quick(e *ETS, f Form, m int, y []float64, limit int) {
	w.firstState(f, m)
	first := w.s
	w.season = append(w.season[:0], first.season...)
	w.x = append(w.x[:0], 0.25)
	x := w.x
	if f.Trend != none {
		x = append(x, 0.02)
	}
	if f.Season != none {
		x = append(x, 0.05)
	}
	if f.Damped {
		x = append(x, 0.95)
	}
	var squares, logs float64
	value := func(x []float64) float64 {
		f.take(&w.s, x)
		if !w.s.inBounds(f) {
			return never
		}
		w.s.level, w.s.slope = first.level, first.slope
		copy(w.s.season, w.season)
		squares, logs = w.s.pass(f, m, y, nil)
		return f.likelihood(len(y), squares, logs)
	}
	w.simplex[len(x)].minimise(value, x, 1e-5, 0.1, limit)
	l := value(x)
	w.x = x
	at, after := e.start.season, e.end.season
	*e = ETS{Form: f, Alpha: w.s.alpha, Beta: w.s.beta, Gamma: w.s.gamma, Phi: w.s.phi, LogLikelihood: -l / 2, AICc: f.corrected(len(y), m, l), m: m, n: len(y)}
	e.start, e.end = w.s, w.s
	e.start.level, e.start.slope = first.level, first.slope
	e.start.season = again(at, w.season)
	e.end.season = again(after, w.s.season)
	e.sigma = math.Sqrt(squares / float64(len(y)))
}

// take reads the smoothing parameters from the front of x and returns the rest.
func (f Form) take(s *smoothing, x []float64) []float64 {
	s.alpha, x = x[0], x[1:]
	s.beta, s.gamma, s.phi = 0, 0, 1
	if f.Trend != none {
		s.beta, x = x[0], x[1:]
	}
	if f.Season != none {
		s.gamma, x = x[0], x[1:]
	}
	if f.Damped {
		s.phi, x = x[0], x[1:]
	}
	return x
}

// again copies into the room of a slice.
func again(room, from []float64) []float64 { return append(room[:0], from...) }

// resize gives a slice of n places, in the room of s where it suffices.
func resize(s []float64, n int) []float64 {
	if cap(s) < n {
		return make([]float64, n)
	}
	return s[:n]
}

func average(x []float64) float64 {
	var sum float64
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

// line is the least-squares line over 1, 2, …
func line(y []float64) (level, slope float64) {
	n := float64(len(y))
	mean := average(y)
	var xy, xx float64
	for i, v := range y {
		x := float64(i+1) - (n+1)/2
		xy += x * (v - mean)
		xx += x * x
	}
	if xx > 0 {
		slope = xy / xx
	}
	return mean - slope*(n+1)/2, slope
}
