package forecast

import "math"

// tBelow is the distribution function of Student's t with nu degrees of freedom,
// by the incomplete beta function (Abramowitz and Stegun 1964, 26.7.1).
func tBelow(t, nu float64) float64 {
	if math.IsInf(t, 0) {
		return (1 + math.Copysign(1, t)) / 2
	}
	tail := beta(nu/(nu+t*t), nu/2, 0.5) / 2
	if t > 0 {
		return 1 - tail
	}
	return tail
}

// tQuantile inverts tBelow by bisection and Newton steps.
func tQuantile(p, nu float64) float64 {
	switch {
	case p <= 0:
		return math.Inf(-1)
	case p >= 1:
		return math.Inf(1)
	case p == 0.5:
		return 0
	case p < 0.5:
		return -tQuantile(1-p, nu)
	}
	low, high := 0.0, 1.0
	for tBelow(high, nu) < p && high < 1e12 {
		low, high = high, 2*high
	}
	a, _ := math.Lgamma((nu + 1) / 2)
	b, _ := math.Lgamma(nu / 2)
	height := math.Exp(a-b) / math.Sqrt(nu*math.Pi)
	t := (low + high) / 2
	for range 60 {
		d := tBelow(t, nu) - p
		if d > 0 {
			high = t
		} else {
			low = t
		}
		next := t - d/(height*math.Pow(1+t*t/nu, -(nu+1)/2))
		if !(next > low && next < high) {
			next = (low + high) / 2
		}
		if math.Abs(next-t) <= 1e-13*(1+t) {
			return next
		}
		t = next
	}
	return t
}

// beta is the regularised incomplete beta function I_x(a, b) by its continued
// fraction (Abramowitz and Stegun 26.5.8) in Lentz's arrangement.
func beta(x, a, b float64) float64 {
	if x <= 0 || x >= 1 {
		return min(max(x, 0), 1)
	}
	if x > (a+1)/(a+b+2) {
		return 1 - beta(1-x, b, a)
	}
	la, _ := math.Lgamma(a + b)
	lb, _ := math.Lgamma(a)
	lc, _ := math.Lgamma(b)
	front := math.Exp(la-lb-lc+a*math.Log(x)+b*math.Log1p(-x)) / a
	c, d := 1.0, 1/away(1-(a+b)*x/(a+1))
	f := d
	for k := 1.0; k < 300; k++ {
		n := k * (b - k) * x / ((a + 2*k - 1) * (a + 2*k))
		d = 1 / away(1+n*d)
		c = away(1 + n/c)
		f *= d * c
		n = -(a + k) * (a + b + k) * x / ((a + 2*k) * (a + 2*k + 1))
		d = 1 / away(1+n*d)
		c = away(1 + n/c)
		f *= d * c
		if math.Abs(d*c-1) < 1e-15 {
			break
		}
	}
	return front * f
}

// away keeps a divisor from zero.
func away(v float64) float64 {
	const tiny = 1e-300
	if math.Abs(v) < tiny {
		return tiny
	}
	return v
}
