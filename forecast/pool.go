package forecast

import (
	"math"
	"slices"
)

// The combination and its spread are pooled: a few constants, the same for every
// series and without dimension, were fitted over many series and years
// (learn_test.go; the figures are in doc/SPEC-outlook.md). Granger and Ramanathan
// (1984) for weights by regression, here of absolute errors, held towards nothing
// by a ridge around the median of all methods (Makridakis and others 2020 found
// the median of good methods hard to beat); weights that lean on traits of the
// series as in Montero-Manso, Athanasopoulos, Hyndman and Talagala (2020).

const (
	traits = 5 // 1, dispersion, history, noise, share of the year known
	shapes = 9 // of the spread
)

// pooled are the learned constants.
type pooled struct {
	weight [traits][methods]float64
	spread [shapes]float64 // of log scale
	up     float64         // upper and lower half: scale × e^±up
	nu     float64         // degrees of freedom
}

// view is what the pool sees of a series: all is relative to size.
type view struct {
	known, base float64 // sum of the known values of the year; median total
	size        float64 // Σ|value| over the year as the median path has it
	rest        float64 // Σ|value| of what is to come
	distance    [methods]float64
	trait       [traits]float64
	noise       float64 // standard deviation of the rest by the chosen smoothing
	past        float64 // root mean square of its errors in past years, relative to the rest; 0 unknown
	years       float64 // how many those are
	history     float64 // log of the length, standardised, within what was met often
	length      float64 // the same with wider bounds
	has         [methods]bool
	voices      float64 // how many methods speak
}

// survey takes the view. known and extra are the sums of the year's values that
// are known and that had to be estimated.
func (s *sheet) survey(known, extra float64) view {
	v := view{known: known, has: s.has}
	var total [methods]float64
	list := make([]float64, 0, methods)
	for k := range total {
		if !s.has[k] {
			continue
		}
		total[k] = known + extra
		for _, x := range s.path[k][s.from:] {
			total[k] += x
		}
		list = append(list, total[k])
	}
	slices.Sort(list)
	v.base = (list[len(list)/2] + list[(len(list)-1)/2]) / 2
	v.rest = math.Abs(v.base - known)
	if !s.positive {
		v.rest = s.scale() * float64(s.h-s.from)
	}
	v.size = v.rest + math.Abs(known)
	if v.size == 0 {
		v.size = 1
	}
	var mean, square float64
	for k := range total {
		if s.has[k] {
			v.distance[k] = min(max((total[k]-v.base)/v.size, -0.5), 0.5)
		}
		mean += v.distance[k]
		square += v.distance[k] * v.distance[k]
	}
	mean /= float64(len(list))
	scatter := math.Sqrt(max(square/float64(len(list))-mean*mean, 0))
	if s.has[mETS] {
		v.noise = s.best.end.spread(s.best.Form, s.m, s.from, s.path[mETS]) * s.best.sigma
	} else {
		v.noise = v.rest / 5
	}
	for _, e := range s.history {
		v.past += e * e
	}
	if v.years = float64(len(s.history)); v.years > 0 {
		v.past = math.Sqrt(v.past / v.years)
	}
	v.voices = float64(len(list))
	v.length = within((math.Log(float64(len(s.y))*12/float64(s.m))-4.4)/0.4, 7)
	v.history = within(v.length, 2)
	v.trait = [traits]float64{1, within((math.Log(scatter+1e-4)+3.9)/0.9, 2.5), v.history, within((math.Log(max(v.noise/v.size, 1e-5))+3.9)/1.3, 2.5),
		4 * (float64(s.known)/float64(s.m) - 0.5)}
	return v
}

func within(v, limit float64) float64 { return min(max(v, -limit), limit) }

// scale is the mean size of the last year's values, not below a twentieth of that
// of all.
func (s *sheet) scale() float64 {
	var sum, last float64
	recent := max(0, len(s.y)-s.m)
	for t, v := range s.y {
		sum += math.Abs(v)
		if t >= recent {
			last += math.Abs(v)
		}
	}
	return max(last/float64(len(s.y)-recent), sum/float64(len(s.y))/20)
}

// weights are the pooled weights of a view's methods around the median.
func (p *pooled) weights(v *view) (w [methods]float64) {
	for i, t := range v.trait {
		for k, c := range p.weight[i] {
			w[k] += t * c
		}
	}
	return w
}

// total combines: median + Σ weight × distance, not outside what the methods say.
func (p *pooled) total(v *view) float64 {
	w := p.weights(v)
	var sum, low, high float64
	for k, d := range v.distance {
		sum += w[k] * d
		low, high = min(low, d), max(high, d)
	}
	return v.base + v.size*min(max(sum, low), high)
}

// shape lists what the log of the spread leans on: constant, share known, its
// square, noise and past errors relative to the rest, scatter of the methods, length
// of history, share of the rest, years of past errors.
func (v *view) shape(total float64) [shapes]float64 {
	rest := v.rest
	if rest == 0 {
		rest = v.size
	}
	noise := math.Log(max(v.noise/rest, 1e-3))
	past := noise
	if v.years > 0 {
		past = math.Log(max(v.past, 1e-3))
	}
	scatter := noise - 1 // where too few methods speak
	if v.voices > 3 {
		at := (total - v.base) / v.size
		var square float64
		for k, d := range v.distance {
			if v.has[k] {
				square += (d - at) * (d - at)
			}
		}
		scatter = math.Log(math.Sqrt(square/v.voices)*v.size/rest + 1e-3)
	}
	u := v.trait[4] / 4
	return [shapes]float64{1, u, u * u, noise, past, scatter, v.length, math.Log(max(rest/v.size, 1e-3)), min(v.years, 6)}
}

// scaleOf is the spread of the rest, relative to its size.
func (p *pooled) scaleOf(shape [shapes]float64) float64 {
	var sum float64
	for i, f := range shape {
		sum += p.spread[i] * f
	}
	return math.Exp(min(max(sum, -8), widest))
}

// widest bounds the log of the spread: at e^0.5 the 95% interval already reaches from
// a sixtieth to sixty times the median, which says "unknown".
const widest = 0.5
