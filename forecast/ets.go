package forecast

import "math"

// Exponential smoothing in innovations form: Hyndman, Koehler, Ord and Snyder,
// Forecasting with Exponential Smoothing (2008), chapters 2, 5 and 10. With level
// l, slope b, damping φ and season s of m places, q = l + φb and f = q, q+s or q·s:
//
//	e  = y − f (additive errors) or (y − f)/f (multiplicative)
//	l' = q + α(p − q),        p = y, y − s or y/s
//	b' = φb + (β/α)(l' − l − φb)
//	s' = s + γ(t − s),        t = y − q or y/q
//
// The likelihood is concentrated over the variance:
// −2 log L = n log Σe² (+ 2 Σ log|f| with multiplicative errors), up to a constant.

// part is how a component enters: not at all, added or multiplied.
type part byte

const (
	none part = 'N'
	add  part = 'A'
	mul  part = 'M'
)

// Form is one member of the family.
type Form struct {
	Error, Trend, Season part
	Damped               bool
}

// String gives the usual name, such as MAdM.
func (f Form) String() string {
	s := string([]byte{byte(f.Error), byte(f.Trend)})
	if f.Damped {
		s += "d"
	}
	return s + string([]byte{byte(f.Season)})
}

// forms are the members considered: those with finite variance of forecasts and
// without multiplicative trend, as R's ets() does unless told otherwise.
var forms = func() (list []Form) {
	for _, e := range []part{add, mul} {
		for _, t := range []Form{{Trend: none}, {Trend: add}, {Trend: add, Damped: true}} {
			for _, s := range []part{none, add, mul} {
				if e == mul || s != mul {
					list = append(list, Form{Error: e, Trend: t.Trend, Damped: t.Damped, Season: s})
				}
			}
		}
	}
	return list
}()

// smoothing are the parameters and the state before the first value. season[j]
// belongs to the times t with t mod m = j.
type smoothing struct {
	alpha, beta, gamma, phi float64
	level, slope            float64
	season                  []float64
}

// small replaces a divisor that vanishes; huge is what a quotient by it counts as.
const small, huge = 1e-10, 1e10

// pass runs the recursion over y and leaves the state after its last value. It
// returns Σe² and Σlog|f|. mark, if given, is called before each value with its
// time and the state of that moment.
func (s *smoothing) pass(f Form, m int, y []float64, mark func(t int)) (squares, logs float64) {
	l, b, phi := s.level, s.slope, s.phi
	if f.Trend == none {
		b, phi = 0, 0
	}
	rate := 0.0
	if f.Trend != none {
		rate = s.beta / s.alpha
	}
	season, relative := f.Season, f.Error == mul
	product, j := 1.0, 0
	for t, v := range y {
		if mark != nil {
			s.level, s.slope = l, b
			mark(t)
		}
		step := phi * b
		q := l + step
		fit, p := q, v
		switch season {
		case add:
			fit, p = q+s.season[j], v-s.season[j]
		case mul:
			fit = q * s.season[j]
			if p = huge; math.Abs(s.season[j]) >= small {
				p = v / s.season[j]
			}
		}
		e := v - fit
		if relative {
			d := fit
			if math.Abs(d) < small {
				d += small
			}
			e /= d
			product *= fit
			if a := math.Abs(product); a < 1e-140 || a > 1e140 {
				logs, product = logs+math.Log(a), 1
			}
		}
		squares += e * e
		next := q + s.alpha*(p-q)
		b = step + rate*(next-l-step)
		switch season {
		case add:
			s.season[j] += s.gamma * (v - q - s.season[j])
		case mul:
			tt := huge
			if math.Abs(q) >= small {
				tt = v / q
			}
			s.season[j] += s.gamma * (tt - s.season[j])
		}
		l = next
		if j++; j == m {
			j = 0
		}
	}
	s.level, s.slope = l, b
	return squares, logs + math.Log(math.Abs(product))
}

// ahead writes the point forecasts of the steps after time n (values seen so far).
func (s *smoothing) ahead(f Form, m, n int, out []float64) {
	q, step := s.level, s.slope
	for h := range out {
		if f.Trend != none {
			step *= s.phi
			q += step
		}
		out[h] = q
		switch f.Season {
		case add:
			out[h] += s.season[(n+h)%m]
		case mul:
			out[h] *= s.season[(n+h)%m]
		}
	}
}

// spread is the standard deviation of the sum of the steps from..to−1 after time
// n, in units of the error's standard deviation: forecasts are linear in past
// errors with c_j = α + β(φ + … + φ^j) + γ[j mod m = 0] (ibid., table 6.1). For
// multiplicative errors each error counts at the size of its own forecast, the
// first-order form of the exact variance.
func (s *smoothing) spread(f Form, m, from int, path []float64) float64 {
	size := func(h int) float64 {
		if f.Error == mul {
			return path[h]
		}
		return 1
	}
	season := func(h int) float64 { // how much a unit of level weighs at step h
		if f.Season == mul && s.level != 0 {
			return path[h] / s.level
		}
		return 1
	}
	var total float64
	for k := range path { // the error of step k
		sum := 0.0
		if k >= from {
			sum = size(k)
		}
		base := size(k) / season(k)
		trend, power := 0.0, 1.0
		for h := k + 1; h < len(path); h++ {
			if f.Trend != none {
				power *= s.phi
				trend += power
			}
			if h < from {
				continue
			}
			c := s.alpha + s.beta*trend
			if f.Season != none && (h-k)%m == 0 {
				c += s.gamma
			}
			sum += c * base * season(h)
		}
		total += sum * sum
	}
	return math.Sqrt(total)
}

// size is the number of free values of a form: smoothing parameters, first states.
func (f Form) size(m int) (parameters, states int) {
	parameters, states = 1, 1
	if f.Trend != none {
		parameters, states = parameters+1, states+1
	}
	if f.Season != none {
		parameters, states = parameters+1, states+m-1
	}
	if f.Damped {
		parameters++
	}
	return parameters, states
}

// likelihood is −2 log L up to a constant.
func (f Form) likelihood(n int, squares, logs float64) float64 {
	l := float64(n) * math.Log(max(squares, 1e-300))
	if f.Error == mul {
		l += 2 * logs
	}
	return l
}

// corrected is Akaike's criterion corrected for short series (Hurvich and Tsai
// 1989) as R's ets counts it: parameters, first states and the variance.
func (f Form) corrected(n, m int, likelihood float64) float64 {
	p, st := f.size(m)
	k := float64(p + st + 1)
	if float64(n) <= k+1 {
		return math.Inf(1)
	}
	return likelihood + 2*k + 2*k*(k+1)/(float64(n)-k-1)
}
