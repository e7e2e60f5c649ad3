package forecast

import "math"

// seasonal is the test of the Theta method: the autocorrelation at one year
// exceeds what the shorter lags explain, at 90% (Assimakopoulos and Nikolopoulos
// 2000; Fiorucci et al. 2016; R's thetaf).
func seasonal(y []float64, m int) bool {
	n := len(y)
	if m < 2 || n <= 2*m {
		return false
	}
	mean := average(y)
	var zero float64
	for _, v := range y {
		zero += (v - mean) * (v - mean)
	}
	if zero <= 1e-14*mean*mean*float64(n) {
		return false
	}
	sum, last := 1.0, 0.0
	for lag := 1; lag <= m; lag++ {
		var c float64
		for t := lag; t < n; t++ {
			c += (y[t] - mean) * (y[t-lag] - mean)
		}
		last = c / zero
		if lag < m {
			sum += 2 * last * last
		}
	}
	return math.Abs(last)/math.Sqrt(sum/float64(n)) > 1.6448536269514722
}

// theta is the Theta method as Hyndman and Billah (2003) restated it: simple
// exponential smoothing of the series without season, with half the slope of its
// trend line as drift. x is that series; out gets forecasts without season.
func (w *trial) theta(x []float64, out []float64) {
	w.plain[0] = x
	e := w.full(Form{Error: add, Trend: none, Season: none}, 1, x, true)
	_, slope := line(x)
	alpha := max(e.Alpha, 1e-10)
	lead := (1 - math.Pow(1-alpha, float64(len(x)))) / alpha
	for h := range out {
		out[h] = e.end.level + slope/2*(float64(h)+lead)
	}
}

// dynamicTheta is the dynamic optimised Theta model (Fiorucci, Pellegrini, Louzada,
// Petropoulos and Koehler 2016, equations 11–16): the trend line is refitted with
// each value, and θ ≥ 1 is chosen with α and the first level by least squares.
func (w *trial) dynamicTheta(x []float64, out []float64) {
	n := len(x)
	scale := math.Abs(x[0])
	if scale == 0 {
		scale = 1
	}
	var level, a, b float64
	run := func(p []float64) float64 {
		alpha, keep := p[1], 1-p[1]
		if alpha < 0.02 || alpha > 0.99 || p[2] < 1 || p[2] > 50 {
			return never
		}
		weight := 1 - 1/p[2]
		level, a, b = p[0]*scale, 0, 0
		var squares, mean float64
		power := 1.0 // (1−α)^(t−1)
		for t, v := range x {
			fit := level + weight*(power*a+(1-power*keep)/alpha*b)
			if t == 0 {
				fit = level
			}
			if t >= 2 {
				squares += (v - fit) * (v - fit)
			}
			level = alpha*v + keep*level
			k := float64(t + 1)
			if t == 0 {
				b = 0
			} else {
				b = ((k-2)*b + 6/k*(v-mean)) / (k + 1)
			}
			mean = ((k-1)*mean + v) / k
			a = mean - b*(k+1)/2
			power *= keep
		}
		return math.Log(squares + 1e-300)
	}
	w.x = append(w.x[:0], x[0]/scale, 0.4, 2)
	p := w.x
	w.simplex[3].minimise(run, p, 1e-6, 0.15, 160)
	run(p)
	alpha, keep, weight := p[1], 1-p[1], 1-1/p[2]
	power := math.Pow(keep, float64(n))
	for h := range out {
		k := float64(n + h + 1)
		fit := level + weight*(power*a+(1-power*keep)/alpha*b)
		out[h] = fit
		// the model's own forecast takes the place of the value
		level = alpha*fit + keep*level
		mean := a + b*k/2
		b = ((k-2)*b + 6/k*(fit-mean)) / (k + 1)
		mean = ((k-1)*mean + fit) / k
		a = mean - b*(k+1)/2
		power *= keep
	}
}

// Theta forecasts the h values that follow y, m values a year, by the Theta method
// with the classical season where the test finds one.
func Theta(y []float64, m, h int) []float64 {
	s := sheet{y: y, m: m, h: h, positive: positive(y)}
	out := make([]float64, h)
	s.path[mTheta] = out
	s.plain, s.index, s.room = make([]float64, len(y)), make([]float64, m), make([]float64, len(y))
	kind := s.classicalIfSeasonal()
	s.without(kind)
	s.work.theta(s.plain, out)
	s.season(kind, mTheta)
	return out
}
