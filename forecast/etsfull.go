package forecast

import "math"

// full fits smoothing parameters and first states together, from the start and by
// the steps that R's ets takes (Hyndman and Khandakar 2008), so that its answers
// are reached where the likelihood has several hills. It is for comparison and for
// a single series looked at closely (leastSquares: by Σe² instead of the likelihood); [trial.quick] serves outlooks.
func (w *trial) full(f Form, m int, y []float64, leastSquares bool) ETS {
	w.firstState(f, m)
	first := w.s.level
	x := startParameters(f, m)
	x = append(x, first)
	if f.Trend != none {
		x = append(x, w.s.slope)
	}
	if f.Season != none {
		for j := m - 1; j > 0; j-- {
			x = append(x, w.s.season[j])
		}
	}
	sum := 0.0
	if f.Season == mul {
		sum = float64(m)
	}
	value := func(x []float64) float64 {
		states := f.take(&w.s, x)
		if !w.s.inBounds(f) || !w.s.admissible(f, m) || !w.s.begin(f, m, states, sum) {
			return never
		}
		squares, logs := w.s.pass(f, m, y, nil)
		if leastSquares {
			return squares / float64(len(y))
		}
		if l := f.likelihood(len(y), squares, logs); l > -1e10 {
			return l
		}
		return -1e10
	}
	w.simplex[len(x)].minimise(value, x, math.Sqrt(0x1p-52), 0, 2000)
	states := f.take(&w.s, x)
	w.s.begin(f, m, states, sum)
	e := ETS{Form: f, Alpha: w.s.alpha, Beta: w.s.beta, Gamma: w.s.gamma, Phi: w.s.phi, m: m, n: len(y)}
	e.start = w.s
	e.start.season = append([]float64(nil), w.s.season...)
	squares, logs := w.s.pass(f, m, y, nil)
	l := f.likelihood(len(y), squares, logs)
	e.LogLikelihood, e.AICc = -l/2, f.corrected(len(y), m, l)
	e.end = w.s
	e.end.season = append([]float64(nil), w.s.season...)
	e.sigma = math.Sqrt(squares / float64(len(y)))
	return e
}

// begin sets the first state from its free values: level, slope, and the season
// from its last place to its second; the first place makes the sum. It reports
// whether a multiplied season stays positive.
func (s *smoothing) begin(f Form, m int, states []float64, sum float64) bool {
	s.level, states = states[0], states[1:]
	s.slope = 0
	if f.Trend != none {
		s.slope, states = states[0], states[1:]
	}
	if f.Season == none {
		return true
	}
	s.season = resize(s.season, m)
	for i, v := range states {
		s.season[m-1-i] = v
		sum -= v
	}
	s.season[0] = sum
	if f.Season == mul {
		for _, v := range s.season {
			if v < 0 {
				return false
			}
		}
	}
	return true
}

// startParameters are R's: near the lower bound for the season and slope.
func startParameters(f Form, m int) []float64 {
	if f.Season == none {
		m = 1
	}
	alpha := lowest + 0.2*(highest-lowest)/float64(m)
	x := append(make([]float64, 0, 20), alpha)
	if f.Trend != none {
		x = append(x, lowest+0.1*(min(highest, alpha)-lowest))
	}
	if f.Season != none {
		x = append(x, lowest+0.05*(min(highest, 1-alpha)-lowest))
	}
	if f.Damped {
		x = append(x, dampLow+0.99*(damped-dampLow))
	}
	return x
}

// FitETS fits every member of the family that the series allows to y, m values a
// year, and returns the one with the least AICc. ok is false where y is too short.
func FitETS(y []float64, m int) (best ETS, ok bool) {
	var w trial
	positive := len(y) > 0
	for _, v := range y {
		positive = positive && v > 0
	}
	seasonal := m > 1 && len(y) >= 2*m
	if seasonal {
		w.prepare(y, m, positive)
	} else {
		w.plain[0] = y
	}
	best.AICc = math.Inf(1)
	for _, f := range forms {
		if f.Season != none && !seasonal || !positive && (f.Error == mul || f.Season == mul) {
			continue
		}
		if e := w.full(f, m, y, false); e.AICc < best.AICc {
			best, ok = e, true
		}
	}
	return best, ok
}
