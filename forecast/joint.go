package forecast

import (
	"math"
	"slices"
)

// Several outcomes at once. What each does alone its outlook says; how they go together
// a Gaussian copula says (Sklar 1959: a joint distribution is its margins and a copula).
// Correlations come from what past changes had in common, shrunk towards none where the
// past is short (James, Stein 1961; Ledoit, Wolf 2004 for whole matrices). Of many events the
// correlations are those of one common factor, which leaves a single integral (Dunnett,
// Sobel 1955): exact for two, and nothing in it is drawn by chance.

// mostRelated bounds a correlation: a past never shows that two outcomes are one.
const mostRelated = 0.95

// Related is the correlation of two lists of changes, pair by pair where both are
// numbers, shrunk to r · max(0, 1 − 1/((n−1)r²)), where 1/(n−1) is the variance of r of
// what has nothing in common, and held within ±0.95. Of fewer than four pairs it is 0.
func Related(x, y []float64) float64 {
	var n, mx, my float64
	both := func(visit func(a, b float64)) {
		for i := range min(len(x), len(y)) {
			if isNumber(x[i]) && isNumber(y[i]) {
				visit(x[i], y[i])
			}
		}
	}
	both(func(a, b float64) { n, mx, my = n+1, mx+a, my+b })
	if n < 4 {
		return 0
	}
	mx, my = mx/n, my/n
	var xx, yy, xy float64
	both(func(a, b float64) { xx, yy, xy = xx+(a-mx)*(a-mx), yy+(b-my)*(b-my), xy+(a-mx)*(b-my) })
	if xx <= 0 || yy <= 0 {
		return 0
	}
	r := xy / math.Sqrt(xx) / math.Sqrt(yy)
	if r == 0 || !isNumber(r) {
		return 0
	}
	r *= max(0, 1-1/((n-1)*r*r))
	return min(max(r, -mostRelated), mostRelated)
}

func isNumber(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// Changes are by how much the growth of a value over the same place of the year before
// differs from that of the place before it, in logarithms: what came as a surprise. A
// season is how many values make a year; what cannot be told is NaN.
func Changes(values []float64, season int) []float64 {
	out := make([]float64, len(values))
	growth := func(i int) float64 {
		if i < season || !(values[i] > 0) || !(values[i-season] > 0) {
			return math.NaN()
		}
		return math.Log(values[i] / values[i-season])
	}
	for i := range out {
		out[i] = math.NaN()
		if i > 0 {
			out[i] = growth(i) - growth(i-1)
		}
	}
	return out
}

// Marginal is a distribution by itself; an [Outlook] is one.
type Marginal interface {
	AtLeast(t float64) float64  // the probability to reach t
	Quantile(p float64) float64 // what is not exceeded with probability p
}

// Linear is times·m + plus, of a distribution m and times > 0: a total as growth.
func Linear(m Marginal, times, plus float64) Marginal { return linear{m, times, plus} }

type linear struct {
	of          Marginal
	times, plus float64
}

func (l linear) AtLeast(t float64) float64  { return l.of.AtLeast((t - l.plus) / l.times) }
func (l linear) Quantile(p float64) float64 { return l.times*l.of.Quantile(p) + l.plus }

// Settled is what is known.
type Settled float64

// AtLeast is 0 or 1.
func (s Settled) AtLeast(t float64) float64 { return truth(float64(s) >= t) }

// Quantile is what is known.
func (s Settled) Quantile(float64) float64 { return float64(s) }

// At is the distribution of step i.
func (o *Level) At(i int) Marginal { return levelAt{o, i} }

type levelAt struct {
	o *Level
	i int
}

func (l levelAt) AtLeast(t float64) float64 { return l.o.AtLeast(l.i, t) }

func (l levelAt) Quantile(p float64) float64 {
	s := l.o.Steps[l.i]
	v := s.Value
	if s.spread > 0 {
		v += s.spread * tQuantile(p, l.o.nu)
	}
	if l.o.floor {
		v = max(v, 0)
	}
	return v
}

// Rival is a distribution that others are held against.
type Rival struct {
	Marginal
	quantiles []float64 // at the values of rough
}

// Against prepares a distribution to be held against others.
func Against(b Marginal) *Rival {
	r := &Rival{b, make([]float64, len(rough))}
	for i, z := range rough {
		r.quantiles[i] = b.Quantile(normalBelow(z))
	}
	return r
}

// Chance is the probability that a reaches what the rival's outcome then asks of it,
// where asked rises with that outcome. rho is the correlation of their Gaussian copula,
// held within ±0.95.
func (r *Rival) Chance(a Marginal, rho float64, asked func(b float64) float64) float64 {
	if own := a.Quantile(0.5); a.Quantile(0.01) == own && a.Quantile(0.99) == own { // settled
		return r.below(func(b float64) bool { return asked(b) <= own })
	}
	rho = min(max(rho, -mostRelated), mostRelated)
	rest := math.Sqrt(1 - rho*rho)
	at := make([]float64, len(rough)) // Φ⁻¹ of the chance to fall short, where the rival stands at rough
	for i, q := range r.quantiles {
		at[i] = min(max(-normalQuantile(a.AtLeast(asked(q))), -farOut), farOut)
	}
	var sum, all float64
	for i := range len(rough) - 1 {
		for k := range finer {
			part := float64(k) / finer
			z := rough[i] + part*(rough[i+1]-rough[i])
			weight := math.Exp(-z * z / 2)
			sum += weight * normalBelow((rho*z-at[i]-part*(at[i+1]-at[i]))/rest)
			all += weight
		}
	}
	return sum / all
}

// below is the probability that the rival stands where something holds that holds no
// more from some outcome on.
func (r *Rival) below(holds func(b float64) bool) float64 {
	low, high := 0.0, 1.0
	for range 50 {
		if p := (low + high) / 2; holds(r.Quantile(p)) {
			low = p
		} else {
			high = p
		}
	}
	return (low + high) / 2
}

// finer is how many steps of an integral lie between two values of rough, farOut how
// many spreads stand for certainty.
const finer, farOut = 8, 40

// rough are standard values at which a rival is asked.
var rough = func() []float64 {
	var list []float64
	for k := -100; k <= 100; k++ {
		list = append(list, float64(k)*0.065)
	}
	return list
}()

// Together are events with their chances and what they have in common.
type Together struct {
	marks []float64 // Φ⁻¹ of each chance
	loads []float64 // on the common factor
	low   float64   // Fréchet: all of them are no less and no more likely
	high  float64
}

// Join joins events. related[i][j] is the correlation between i and j; its diagonal is
// not read. What one factor cannot say of more than two it says as nearly as it can, by
// least squares.
func Join(chances []float64, related [][]float64) *Together {
	t := &Together{marks: make([]float64, len(chances)), loads: loads(related, len(chances)), low: 1 - float64(len(chances)), high: 1}
	for i, p := range chances {
		t.marks[i] = normalQuantile(p)
		t.low, t.high = t.low+p, min(t.high, p)
	}
	t.low = max(0, t.low)
	return t
}

// Chance is the probability of what `of` gives for chances that are independent of one
// another: it is asked for each value of the common factor, and must rise with each
// chance. Its argument is good for the call alone.
func (t *Together) Chance(of func(given []float64) float64) float64 {
	given := make([]float64, len(t.marks))
	var sum float64
	for _, p := range factorGrid {
		for i, m := range t.marks {
			l := t.loads[i]
			given[i] = normalBelow((m + l*p.z) / math.Sqrt(1-l*l))
		}
		sum += p.weight * of(given)
	}
	return min(max(sum, 0), 1)
}

// All is the probability that all events hold: the product of their chances where
// nothing is in common, and always within Fréchet's bounds.
func (t *Together) All() float64 {
	return min(max(t.Chance(product), t.low), t.high)
}

func product(list []float64) float64 {
	all := 1.0
	for _, p := range list {
		all *= p
	}
	return all
}

// loads finds one factor behind correlations: λᵢ with λᵢλⱼ nearest to them, by
// alternating least squares, half a step at a time.
func loads(related [][]float64, n int) []float64 {
	r := func(i, j int) float64 {
		if i >= len(related) || j >= len(related[i]) || !isNumber(related[i][j]) {
			return 0
		}
		return min(max(related[i][j], -mostRelated), mostRelated)
	}
	list := make([]float64, n)
	if n == 2 {
		at := r(0, 1)
		list[0] = math.Sqrt(math.Abs(at))
		list[1] = math.Copysign(list[0], at)
		return list
	}
	for i := range list {
		var sum, size float64
		for j := range list {
			if j != i {
				sum, size = sum+r(i, j), size+math.Abs(r(i, j))
			}
		}
		list[i] = math.Copysign(math.Sqrt(size/float64(max(n-1, 1))), sum)
	}
	for range 300 {
		next, moved := slices.Clone(list), 0.0
		for i := range list {
			var up, down float64
			for j, l := range list {
				if j != i {
					up, down = up+r(i, j)*l, down+l*l
				}
			}
			to := 0.0
			if down > 0 {
				to = up / down
			}
			next[i] = (list[i] + min(max(to, -1), 1)) / 2
			moved = max(moved, math.Abs(next[i]-list[i]))
		}
		if list = next; moved < 1e-13 {
			break
		}
	}
	for i := range list {
		list[i] = min(max(list[i], -mostLoad), mostLoad)
	}
	return list
}

// mostLoad keeps what is left of an event beside the factor wider than the grid.
const mostLoad = 0.99

// point is a value of a standard normal with its weight in an integral.
type point struct{ z, weight float64 }

// factorGrid is the trapezoid rule, which for such smooth functions is exact to many
// places.
var factorGrid = func() []point {
	const step, half = 0.03, 280
	var list []point
	var all float64
	for k := -half; k <= half; k++ {
		z := float64(k) * step
		list = append(list, point{z, math.Exp(-z * z / 2)})
		all += list[len(list)-1].weight
	}
	for i := range list {
		list[i].weight /= all
	}
	return list
}()

func normalBelow(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

func normalQuantile(p float64) float64 {
	switch {
	case !(p > 0):
		return math.Inf(-1)
	case p >= 1:
		return math.Inf(1)
	}
	return -math.Sqrt2 * math.Erfcinv(2*p)
}
