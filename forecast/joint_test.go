package forecast

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// bell is a normal distribution.
type bell struct{ mean, spread float64 }

func (b bell) AtLeast(t float64) float64  { return normalBelow((b.mean - t) / b.spread) }
func (b bell) Quantile(p float64) float64 { return b.mean + b.spread*normalQuantile(p) }

// alike is a matrix with one correlation everywhere.
func alike(n int, r float64) [][]float64 {
	m := make([][]float64, n)
	for i := range m {
		m[i] = make([]float64, n)
		for j := range m[i] {
			m[i][j] = r
		}
		m[i][i] = 1
	}
	return m
}

// Chances of all together that are known in closed form: orthants of the normal
// distribution, ¼ + asin ρ/2π for two, ⅛ + Σ asin ρ/4π for three.
func TestAllTogether(t *testing.T) {
	two := func(r float64) float64 { return 0.25 + math.Asin(r)/2/math.Pi }
	three := func(a, b, c float64) float64 { return 0.125 + (math.Asin(a)+math.Asin(b)+math.Asin(c))/4/math.Pi }
	for _, c := range []struct {
		name    string
		chances []float64
		related [][]float64
		want    float64
	}{
		{"one alone", []float64{0.7}, nil, 0.7},
		{"nothing asked", nil, nil, 1},
		{"two that have nothing in common", []float64{0.7, 0.6}, alike(2, 0), 0.42},
		{"no matrix at all", []float64{0.7, 0.6, 0.5}, nil, 0.21},
		{"one is certain", []float64{1, 0.6}, alike(2, 0.5), 0.6},
		{"one is lost", []float64{0, 0.6, 0.9}, alike(3, 0.5), 0},
		{"two even ones, half alike", []float64{0.5, 0.5}, alike(2, 0.5), two(0.5)},
		{"two even ones against each other", []float64{0.5, 0.5}, alike(2, -0.5), two(-0.5)},
		{"two even ones as alike as may be", []float64{0.5, 0.5}, alike(2, 1), two(mostRelated)},
		{"three even ones", []float64{0.5, 0.5, 0.5}, alike(3, 0.5), three(0.5, 0.5, 0.5)},
		{"three by one factor 0.9, 0.6, 0.5", []float64{0.5, 0.5, 0.5}, [][]float64{{1, 0.54, 0.45}, {0.54, 1, 0.3}, {0.45, 0.3, 1}}, three(0.54, 0.45, 0.3)},
		{"four even ones by halves: 1/5", []float64{0.5, 0.5, 0.5, 0.5}, alike(4, 0.5), 0.2},
		{"a correlation that is none", []float64{0.7, 0.6}, alike(2, math.NaN()), 0.42},
	} {
		if got := Join(c.chances, c.related).All(); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %.12f, want %.12f", c.name, got, c.want)
		}
	}
}

// Exceeds is the chance of a against b.
func Exceeds(a, b Marginal, rho float64, asked func(b float64) float64) float64 {
	return Against(b).Chance(a, rho, asked)
}

// Two correlated normal outcomes: Φ((μa−μb)/√(σa²+σb²−2ρσaσb)).
func TestExceeds(t *testing.T) {
	for _, c := range []struct {
		a, b bell
		rho  float64
	}{{bell{5, 1}, bell{5, 1}, 0}, {bell{6, 1}, bell{5, 2}, 0}, {bell{6, 1}, bell{5, 2}, 0.6}, {bell{6, 1}, bell{5, 2}, -0.6}, {bell{4, 1}, bell{5, 1}, 0.9}, {bell{4, 0.1}, bell{5, 3}, 0.3}, {bell{5.2, 1}, bell{5, 1}, 0.95}} {
		want := normalBelow((c.a.mean - c.b.mean) / math.Sqrt(c.a.spread*c.a.spread+c.b.spread*c.b.spread-2*c.rho*c.a.spread*c.b.spread))
		if got := Exceeds(c.a, c.b, c.rho, func(b float64) float64 { return b }); math.Abs(got-want) > 1e-7 {
			t.Errorf("%+v: %.10f, want %.10f", c, got, want)
		}
	}
	sure := Outlook{Known: 7, Total: 7}
	if got := Exceeds(&sure, bell{5, 1}, 0.5, func(b float64) float64 { return b }); math.Abs(got-normalBelow(2)) > 1e-9 {
		t.Errorf("what is settled beside what is open: %v", got)
	}
	if got := Exceeds(bell{5, 1}, &sure, 0.5, func(b float64) float64 { return b }); math.Abs(got-normalBelow(-2)) > 1e-9 {
		t.Errorf("what is open beside what is settled: %v", got)
	}
}

// Correlations of few pairs are held back, of many hardly.
func TestRelated(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name      string
		x, y      []float64
		low, high float64
	}{
		{"three pairs say nothing", []float64{1, 2, 3}, []float64{1, 2, 3}, 0, 0},
		{"four in a line: 1 − 1/3", []float64{1, 2, 3, 4}, []float64{2, 4, 6, 8}, 0.6666, 0.6667},
		{"against each other", []float64{1, 2, 3, 4}, []float64{8, 6, 4, 2}, -0.6667, -0.6666},
		{"a constant", []float64{1, 2, 3, 4}, []float64{5, 5, 5, 5}, 0, 0},
		{"gaps are passed over", []float64{1, nan, 2, 3, 9, 4}, []float64{2, 7, 4, 6, math.Inf(1), 8}, 0.6666, 0.6667},
		{"r = 0.7 of five pairs: 0.7·(1−1/(4·0.49))", []float64{-2, -1, 0, 1, 2}, []float64{-2, 1, -1, 0, 2}, 0.34285, 0.34286},
	} {
		if got := Related(c.x, c.y); got < c.low || got > c.high {
			t.Errorf("%s: %v, want %v to %v", c.name, got, c.low, c.high)
		}
	}
	r := rand.New(rand.NewPCG(3, 4))
	var x, y []float64
	for range 20000 {
		common := r.NormFloat64()
		x, y = append(x, common+r.NormFloat64()), append(y, common+r.NormFloat64())
	}
	if got := Related(x, y); math.Abs(got-0.5) > 0.02 {
		t.Errorf("of many pairs: %v, want about 0.5", got)
	}
	spurious := 0.0
	for range 500 {
		a, b := make([]float64, 8), make([]float64, 8)
		for i := range a {
			a[i], b[i] = r.NormFloat64(), r.NormFloat64()
		}
		spurious += math.Abs(Related(a, b)) / 500
	}
	if spurious > 0.15 { // without shrinkage 0.30
		t.Errorf("eight pairs with nothing in common seem related by %v", spurious)
	}
}

// What came as a surprise: growth over the year before, against that of the place before.
func TestChanges(t *testing.T) {
	got := Changes([]float64{100, 200, 110, 220, 0, 242, 121}, 2)
	for i, want := range []float64{math.NaN(), math.NaN(), math.NaN(), 0, math.NaN(), math.NaN(), math.NaN()} {
		if same := math.IsNaN(got[i]) && math.IsNaN(want) || math.Abs(got[i]-want) < 1e-12; !same {
			t.Errorf("%d: %v, want %v", i, got[i], want)
		}
	}
	if got := Changes([]float64{1, 1, 2, 4}, 2)[3]; math.Abs(got-math.Log(2)) > 1e-12 {
		t.Errorf("growth that doubled: %v", got)
	}
}

// Within Fréchet's bounds; more likely where a part is; the same in any order; a part
// more never makes it more likely; a part that is certain changes nothing but by what
// the correlations of the others say.
func TestTogetherProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(2, 7).Draw(rt, "n")
		chance := rapid.SliceOfN(rapid.Float64Range(0, 1), n, n).Draw(rt, "chances")
		factor := rapid.SliceOfN(rapid.Float64Range(-0.9, 0.9), n, n).Draw(rt, "factor")
		related := alike(n, 0)
		for i := range n {
			for j := range n {
				if i != j {
					related[i][j] = factor[i] * factor[j]
					if n > 2 {
						noise := rapid.Float64Range(-0.1, 0.1).Draw(rt, "noise")
						related[i][j] += noise
						related[j][i] = related[i][j]
					}
				}
			}
		}
		for i := range n {
			for j := range i {
				related[i][j] = related[j][i]
			}
		}
		all := Join(chance, related).All()
		low, high := 1-float64(n), 1.0
		for _, p := range chance {
			low, high = low+p, min(high, p)
		}
		if all < max(0, low)-1e-12 || all > high+1e-12 || math.IsNaN(all) {
			rt.Fatalf("%v of %v: beyond %v to %v", all, chance, max(0, low), high)
		}
		i := rapid.IntRange(0, n-1).Draw(rt, "which")
		more := slices.Clone(chance)
		more[i] += (1 - more[i]) * rapid.Float64Range(0, 1).Draw(rt, "more")
		if up := Join(more, related).All(); up < all-1e-12 {
			rt.Fatalf("a part more likely: %v → %v", all, up)
		}
		order := rapid.Permutation([]int{0, 1, 2, 3, 4, 5, 6}[:n]).Draw(rt, "order")
		turned, matrix := make([]float64, n), alike(n, 0)
		for a, at := range order {
			turned[a] = chance[at]
			for b, to := range order {
				matrix[a][b] = related[at][to]
			}
		}
		if other := Join(turned, matrix).All(); math.Abs(other-all) > 1e-6 {
			rt.Fatalf("in another order: %v, was %v", other, all)
		}
		if got := Join(chance, alike(n, 0)).All(); math.Abs(got-product(chance)) > 1e-9 {
			rt.Fatalf("with nothing in common: %v, the product is %v", got, product(chance))
		}
	})
}

// More shortfall never raises a probability: a lower outcome of one's own, a higher one
// of the other, more that is asked.
func TestExceedsProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		number := rapid.Float64Range(-3, 3)
		spread := rapid.Float64Range(0.1, 3)
		a, b := bell{number.Draw(rt, "a"), spread.Draw(rt, "sa")}, bell{number.Draw(rt, "b"), spread.Draw(rt, "sb")}
		rho, by, short := rapid.Float64Range(-1, 1).Draw(rt, "rho"), number.Draw(rt, "by"), rapid.Float64Range(0, 2).Draw(rt, "short")
		asked := func(b float64) float64 { return b + by }
		p := Exceeds(a, b, rho, asked)
		if p < 0 || p > 1 || math.IsNaN(p) {
			rt.Fatalf("a probability of %v", p)
		}
		if q := Exceeds(bell{a.mean - short, a.spread}, b, rho, asked); q > p+1e-12 {
			rt.Fatalf("less: %v → %v", p, q)
		}
		if q := Exceeds(a, bell{b.mean + short, b.spread}, rho, asked); q > p+1e-12 {
			rt.Fatalf("the other more: %v → %v", p, q)
		}
		if q := Exceeds(a, b, rho, func(b float64) float64 { return b + by + short }); q > p+1e-12 {
			rt.Fatalf("asked more: %v → %v", p, q)
		}
		if q := Exceeds(b, a, rho, func(a float64) float64 { return a - by }); math.Abs(p+q-1) > 1e-3 {
			rt.Fatalf("one or the other: %v + %v", p, q)
		}
	})
}

func BenchmarkAllOfTen(b *testing.B) {
	chances := []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95}
	related := alike(10, 0.3)
	b.ReportAllocs()
	for b.Loop() {
		Join(chances, related).All()
	}
}

func BenchmarkExceeds(b *testing.B) {
	one, other := Outlook{Known: 50, Total: 100, rest: 50, size: 50, up: 0.1, down: 0.12, nu: 6, relative: true, floor: true}, Outlook{Known: 500, Total: 1000, rest: 500, size: 500, up: 0.08, down: 0.1, nu: 6, relative: true, floor: true}
	for b.Loop() {
		Against(&other).Chance(&one, 0.5, func(t float64) float64 { return t / 10 })
	}
}
