package forecast

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// grove draws a tree with an outlook of each unit: the leaves have series of their
// own, the others the sums of theirs.
func grove(t *rapid.T) (*Tree, []*Outlook) {
	parent := make([]int, rapid.IntRange(1, 12).Draw(t, "units"))
	for v := range parent {
		parent[v] = max(-1, rapid.IntRange(-1, v-1).Draw(t, "parent"))
	}
	tr, err := NewTree(parent)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	months := 24 + rapid.IntRange(0, 36).Draw(t, "months")
	signed := rapid.Bool().Draw(t, "signed")
	series := make([]Series, len(parent))
	for v := range series {
		series[v] = Series{Year: 2015, First: 1, Season: 12, Values: make([]float64, months)}
	}
	for v := len(parent) - 1; v >= 0; v-- {
		for m := range months {
			if tr.inner[v] < 0 {
				x := math.Round(1000 * math.Exp(0.1*r.NormFloat64()+0.2*math.Sin(float64(m)*math.Pi/6)) * float64(1+v))
				if signed {
					x -= 1000
				}
				series[v].Values[m] = x
			}
			if p := parent[v]; p >= 0 {
				series[p].Values[m] += series[v].Values[m]
			}
		}
	}
	outlooks := make([]*Outlook, len(parent))
	var f Forecaster
	for v := range series {
		o, err := f.Of(series[v], 2015+(months-1)/12)
		if err != nil {
			t.Fatal(err)
		}
		outlooks[v] = &o
	}
	return tr, outlooks
}

// Whatever the method, units add up to the unit above, exactly so in integers; what
// is known is not touched; and nobody is left with less than what is known where
// nothing was ever negative.
func TestOutlooksAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr, outlooks := grove(t)
		n := len(outlooks)
		errors := make([][]float64, 24)
		r := rand.New(rand.NewPCG(7, 7))
		for i := range errors {
			errors[i] = make([]float64, n)
			for v := range n {
				errors[i][v] = r.NormFloat64()
			}
		}
		for by := Ordinary; by <= MinT; by++ {
			x, err := tr.Agree(outlooks, by, errors)
			if err != nil {
				t.Fatal(err)
			}
			low, high := make([]int64, n), make([]int64, n)
			for v, o := range outlooks {
				low[v], high[v] = -Unbounded, Unbounded
				if o.floor {
					low[v] = int64(math.Round(o.Known))
				}
				if o.up == 0 {
					high[v] = int64(math.Round(o.Known))
				}
			}
			out := tr.Round(x, low, high)
			sums := make([]int64, n)
			for v := n - 1; v >= 0; v-- {
				if tr.inner[v] >= 0 && sums[v] != out[v] {
					t.Fatalf("%v: unit %d is %d, its parts %d", by, v, out[v], sums[v])
				}
				if p := tr.parent[v]; p >= 0 {
					sums[p] += out[v]
				}
				if math.Abs(float64(out[v])-x[v]) > 1+1e-6*math.Abs(x[v]) {
					t.Fatalf("%v: unit %d: %g became %d", by, v, x[v], out[v])
				}
				if out[v] < low[v] || out[v] > high[v] {
					t.Fatalf("%v: unit %d: %d is outside %d..%d", by, v, out[v], low[v], high[v])
				}
				moved := outlooks[v].To(float64(out[v]))
				if moved.Known != outlooks[v].Known || moved.Total != float64(out[v]) {
					t.Fatalf("unit %d: %+v", v, moved)
				}
				sum := moved.Known + moved.Filled
				for _, s := range moved.Steps {
					if moved.floor && s.Value < 0 {
						t.Fatalf("unit %d: a step of %g", v, s.Value)
					}
					if sum += s.Value; math.Abs(s.Sum-sum) > 1e-6*(1+math.Abs(sum)) {
						t.Fatalf("unit %d: steps sum to %g, not %g", v, sum, s.Sum)
					}
				}
				if a, b := moved.AtLeast(moved.Quantile(0.3)), moved.AtLeast(moved.Quantile(0.7)); moved.up > 0 && (math.Abs(a-0.7) > 1e-6 || math.Abs(b-0.3) > 1e-6) {
					t.Fatalf("unit %d: %g and %g", v, a, b)
				}
			}
		}
	})
}

// The order in which units come changes nothing.
func TestAgreeWhateverTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr, outlooks := grove(t)
		n := len(outlooks)
		place := make([]int, n) // of each unit in another order, parents first
		order := make([]int, 0, n)
		for len(order) < n {
			var may []int
			for v := range n {
				if p := tr.parent[v]; !slices.Contains(order, v) && (p < 0 || slices.Contains(order, p)) {
					may = append(may, v)
				}
			}
			order = append(order, rapid.SampledFrom(may).Draw(t, "next"))
		}
		for i, v := range order {
			place[v] = i
		}
		parent, others := make([]int, n), make([]*Outlook, n)
		for i, v := range order {
			parent[i], others[i] = -1, outlooks[v]
			if p := tr.parent[v]; p >= 0 {
				parent[i] = place[p]
			}
		}
		other, err := NewTree(parent)
		if err != nil {
			t.Fatal(err)
		}
		x, _ := tr.Agree(outlooks, Variance, nil)
		y, _ := other.Agree(others, Variance, nil)
		for v := range x {
			if math.Abs(x[v]-y[place[v]]) > 1e-6*(1+math.Abs(x[v])) {
				t.Fatalf("unit %d: %g, in another order %g", v, x[v], y[place[v]])
			}
		}
	})
}

// By hand: 100 expected above, 40 and 50 below, spreads alike; the first part cannot
// go beyond 41, so the second takes what is left of the way.
func TestWithin(t *testing.T) {
	tr, _ := NewTree([]int{-1, 0, 0})
	inf := math.Inf(1)
	x := []float64{290.0 / 3, 130.0 / 3, 160.0 / 3}
	tr.within(x, []float64{1, 1, 1}, []float64{0, 0, 0}, []float64{inf, 41, inf})
	for v, want := range []float64{290.0 / 3, 41, 290.0/3 - 41} {
		if math.Abs(x[v]-want) > 1e-9 {
			t.Errorf("%v", x)
		}
	}
	if got := tr.Round([]float64{10.4, 5.2, 5.2}, []int64{0, 0, 0}, []int64{99, 99, 99}); !slices.Equal(got, []int64{10, 5, 5}) {
		t.Error(got)
	}
	if got := tr.Round([]float64{10.6, 5.2, 5.4}, []int64{0, 0, 0}, []int64{99, 99, 99}); !slices.Equal(got, []int64{11, 5, 6}) {
		t.Error(got)
	}
	if got := tr.Round([]float64{10.6, 5.2, 5.4}, []int64{0, 0, 0}, []int64{99, 99, 5}); !slices.Equal(got, []int64{11, 6, 5}) {
		t.Error(got)
	}
}

// A total that is drawn from a stock cannot be above it; below, nothing changes.
func TestAtMostBy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, outlooks := grove(t)
		o := outlooks[0]
		most := rapid.Float64Range(0.5, 1.5).Draw(t, "most") * math.Abs(o.Total)
		c := o.AtMostBy(most)
		if !o.floor {
			if c.capped {
				t.Fatal("capped, though something negative can come")
			}
			return
		}
		most = max(most, o.Known)
		if c.Total > most || c.Quantile(0.999) > most || c.AtLeast(most*(1+1e-9)+1e-9) > 0 && c.up > 0 || c.AtMost(most) != 1 {
			t.Fatalf("at most %g: %g, %g, %g", most, c.Total, c.Quantile(0.999), c.AtMost(most))
		}
		for _, p := range []float64{0.01, 0.1, 0.4, 0.7, 0.95} {
			if q := o.Quantile(p); q < most-1e-9 && (c.Quantile(p) != q || math.Abs(c.AtLeast(q)-o.AtLeast(q)) > 1e-12) {
				t.Fatalf("%g: %g became %g", p, q, c.Quantile(p))
			}
		}
		sum := c.Known + c.Filled
		for i, s := range c.Steps {
			low, high := c.SumInterval(i, 0.8)
			if sum += s.Value; math.Abs(sum-s.Sum) > 1e-6*(1+math.Abs(sum)) || s.Sum > most+1e-9 || low > high || high > most+1e-6*(1+math.Abs(most)) {
				t.Fatalf("step %d: %+v after %g, %g to %g, at most %g", i, s, sum, low, high, most)
			}
		}
		if again := c.To(c.Total); again.Total != c.Total || math.Abs(again.Quantile(0.2)-c.Quantile(0.2)) > 1e-9*(1+math.Abs(c.Total)) {
			t.Fatalf("brought to where it is: %g, %g", again.Quantile(0.2), c.Quantile(0.2))
		}
	})
}

// More is never likelier to be reached than less, wherever units agree.
func TestChanceFallsWithTheTarget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr, outlooks := grove(t)
		x, err := tr.Agree(outlooks, Variance, nil)
		if err != nil {
			t.Fatal(err)
		}
		for v, o := range outlooks {
			moved := o.To(x[v])
			before := 1.0
			for i := range 40 {
				p := moved.AtLeast(moved.Known + float64(i-10)/10*(math.Abs(moved.Total)+1))
				if p > before || p < 0 {
					t.Fatalf("unit %d: %g after %g", v, p, before)
				}
				before = p
			}
		}
	})
}

// A province of 1,600 units and 100 indicators: totals that agree, in integers.
func BenchmarkAgreeProvince(b *testing.B) {
	parent := []int{-1}
	for i := range 1599 {
		switch {
		case i < 16:
			parent = append(parent, 0)
		case i < 121:
			parent = append(parent, 1+i%16)
		default:
			parent = append(parent, 17+i%105)
		}
	}
	tr, err := NewTree(parent)
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	list := make([]*Outlook, len(parent))
	low, high := make([]int64, len(parent)), make([]int64, len(parent))
	for v := range list {
		known, rest := 1000*r.Float64(), 1000*r.Float64()
		list[v] = &Outlook{Known: known, Total: known + rest, rest: rest, size: rest, up: 0.1, down: 0.1, nu: 5, relative: true, floor: true}
		low[v], high[v] = int64(known), Unbounded
	}
	errors := make([][]float64, 48)
	for i := range errors {
		errors[i] = make([]float64, len(parent))
		for v := range parent {
			errors[i][v] = r.NormFloat64()
		}
	}
	for by, name := range []string{"ordinary", "structural", "variance", "mint"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				for range 100 {
					x, err := tr.Agree(list, Weighing(by), errors)
					if err != nil {
						b.Fatal(err)
					}
					tr.Round(x, low, high)
				}
			}
		})
	}
}
