package forecast

import "math"

// airline is the ARIMA (0,1,1)(0,1,1) model of Box and Jenkins (1970, chapter 9) on
// logarithms, fitted by conditional least squares:
//
//	w_t = (1−B)(1−B^m) x_t = e_t − θe_{t−1} − Θe_{t−m} + θΘe_{t−m−1}
//
// x are logarithms; out gets logarithms. A weak pull towards θ = 0.5, Θ = 0.6 keeps
// short series within reason.
func (w *trial) airline(x []float64, m int, out []float64) {
	n := len(x) - m - 1
	diff := make([]float64, 2*n)
	err := diff[n:]
	diff = diff[:n]
	for t := range diff {
		diff[t] = x[t+m+1] - x[t+m] - x[t+1] + x[t]
	}
	run := func(p []float64) float64 {
		a, b := p[0], p[1]
		if a <= -0.99 || a >= 0.99 || b <= -0.5 || b >= 0.99 {
			return never
		}
		var squares float64
		for t, v := range diff {
			e := v
			if t > 0 {
				e += a * err[t-1]
			}
			if t >= m {
				e += b * err[t-m]
				if t > m {
					e -= a * b * err[t-m-1]
				}
			}
			err[t] = e
			squares += e * e
		}
		return float64(n)*math.Log(squares+1e-300) + 4*(a-0.5)*(a-0.5) + 4*(b-0.6)*(b-0.6)
	}
	w.x = append(w.x[:0], 0.5, 0.6)
	p := w.x
	w.simplex[2].minimise(run, p, 1e-5, 0.1, 80)
	run(p)
	a, b := p[0], p[1]
	value := func(h int) float64 { // x at step h from the end of the series, negative for the past
		if h < 0 {
			return x[len(x)+h]
		}
		return out[h]
	}
	past := func(h int) float64 {
		if h >= 0 || n+h < 0 {
			return 0
		}
		return err[n+h]
	}
	for h := range out {
		out[h] = value(h-1) + value(h-m) - value(h-m-1) - a*past(h-1) - b*past(h-m) + a*b*past(h-m-1)
	}
}

// lags is how many past values the regressions look at.
const lags = 3

// regrowth forecasts growth on the year before, g_t = x_t − x_{t−m} of logarithms,
// by its own regression on a constant and its last values, held towards the rule
// that growth stays at 0.8 of the mean of those three.
func regrowth(x []float64, m int, out []float64) {
	g := make([]float64, len(x)-m, len(x)-m+len(out))
	for t := range g {
		g[t] = x[t+m] - x[t]
	}
	c := autoregress(g, [lags]float64{0.3, 0.25, 0.25}, 6)
	for h := range out {
		g = append(g, c.next(g))
		base := len(x) + h - m
		if base < len(x) {
			out[h] = x[base] + g[len(g)-1]
		} else {
			out[h] = out[base-len(x)] + g[len(g)-1]
		}
	}
}

// revert forecasts logarithms without season by an autoregression of their distance
// to their own trend line, so that what has run ahead comes back as fast as it used to.
func revert(x, out, room []float64) {
	level, slope := line(x)
	room = room[:0]
	for t, v := range x {
		room = append(room, v-level-slope*float64(t+1))
	}
	c := autoregress(room, [lags]float64{0.7, 0.15, 0.1}, 4)
	for h := range out {
		room = append(room, c.next(room))
		out[h] = level + slope*float64(len(x)+h+1) + room[len(room)-1]
	}
}

// roll forecasts logarithms without season by an autoregression of their changes.
func roll(x, out, room []float64) {
	room = room[:0]
	for t := 1; t < len(x); t++ {
		room = append(room, x[t]-x[t-1])
	}
	c := autoregress(room, [lags]float64{}, 4)
	last := x[len(x)-1]
	for h := range out {
		room = append(room, c.next(room))
		last += room[len(room)-1]
		out[h] = last
	}
}

// regression is a constant and the weights of the last values.
type regression [lags + 1]float64

func (c regression) next(g []float64) float64 {
	v := c[0]
	for i := 1; i <= lags && i <= len(g); i++ {
		v += c[i] * g[len(g)-i]
	}
	return v
}

// autoregress fits g_t to a constant and its last values by least squares, held
// towards a prior as by `hold` further observations (ridge; Hoerl and Kennard 1970).
func autoregress(g []float64, prior [lags]float64, hold float64) regression {
	var square float64
	for _, v := range g {
		square += v * v
	}
	square = square/float64(len(g)) + 1e-12
	var a [lags + 1][lags + 2]float64
	a[0][0] = 2
	for i := 1; i <= lags; i++ {
		a[i][i] = hold * square
		a[i][lags+1] = hold * square * prior[i-1]
	}
	for t := lags; t < len(g); t++ {
		z := [lags + 1]float64{1, g[t-1], g[t-2], g[t-3]}
		for i := range z {
			for j := range z {
				a[i][j] += z[i] * z[j]
			}
			a[i][lags+1] += z[i] * g[t]
		}
	}
	return solve(a)
}

// solve is elimination for the small normal equations, which are positive definite.
func solve(a [lags + 1][lags + 2]float64) (c regression) {
	for i := range a {
		for r := i + 1; r < len(a); r++ {
			k := a[r][i] / a[i][i]
			for j := i; j < lags+2; j++ {
				a[r][j] -= k * a[i][j]
			}
		}
	}
	for i := lags; i >= 0; i-- {
		v := a[i][lags+1]
		for j := i + 1; j <= lags; j++ {
			v -= a[i][j] * c[j]
		}
		c[i] = v / a[i][i]
	}
	return c
}
