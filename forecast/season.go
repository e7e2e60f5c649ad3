package forecast

import "math"

// centred writes the centred moving average over one year (half weights at the
// ends where m is even); NaN where it does not reach.
func centred(y []float64, m int, out []float64) {
	half := m / 2
	for t := range y {
		out[t] = math.NaN()
		if t < half || t+half >= len(y) {
			continue
		}
		var sum float64
		for _, v := range y[t-half : t+half+1] {
			sum += v
		}
		if m%2 == 0 {
			sum -= (y[t-half] + y[t+half]) / 2
		}
		out[t] = sum / float64(m)
	}
}

// firstSeason finds the season that ETS starts from: the classical one, or with
// fewer than three years what a line leaves. mean is room for the moving average.
func firstSeason(y []float64, m int, kind part, out, mean []float64) {
	if len(y) < 3*m {
		shortSeason(y, m, kind, out)
		return
	}
	classical(y, m, kind, out, mean)
}

// classical is the classical decomposition (Macaulay 1931; R's decompose): the
// mean deviation or ratio to the centred average for each place in the year,
// brought to mean 0 or 1. It needs two years.
func classical(y []float64, m int, kind part, out, mean []float64) {
	centred(y, m, mean)
	var all float64
	for j := range m {
		var sum, count float64
		for t := j; t < len(y); t += m {
			if math.IsNaN(mean[t]) {
				continue
			}
			if kind == add {
				sum += y[t] - mean[t]
			} else {
				sum += y[t] / mean[t]
			}
			count++
		}
		out[j] = sum / count
		all += out[j]
	}
	all /= float64(m)
	for j := range out {
		if kind == add {
			out[j] -= all
		} else {
			out[j] /= all
		}
	}
	if kind == mul {
		var sum float64
		for j := range out {
			out[j] = max(out[j], 1e-2)
			sum += out[j]
		}
		for j := range out {
			out[j] *= float64(m) / sum
		}
	}
}

// shortSeason takes the mean deviation or ratio to a straight line whose slope is
// free of the season: the mean change from a place to itself a year later.
func shortSeason(y []float64, m int, kind part, out []float64) {
	slope := 0.0
	if len(y) > m {
		for t := m; t < len(y); t++ {
			slope += y[t] - y[t-m]
		}
		slope /= float64(len(y)-m) * float64(m)
	}
	mean := average(y)
	var all float64
	for j := range m {
		var sum, count float64
		for t := j; t < len(y); t += m {
			at := mean + slope*(float64(t)-float64(len(y)-1)/2)
			if kind == add {
				sum += y[t] - at
			} else {
				sum += y[t] / max(at, mean/100)
			}
			count++
		}
		if count == 0 {
			sum, count = float64(at(kind)-1), 1
		}
		out[j] = sum / count
		all += out[j]
	}
	all /= float64(m)
	for j := range out {
		if kind == add {
			out[j] -= all
		} else {
			out[j] = max(out[j]/all, 1e-2)
		}
	}
}
