package forecast

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// tree draws nodes whose parents come before them.
func tree(t *rapid.T) []int {
	parent := make([]int, rapid.IntRange(1, 30).Draw(t, "nodes"))
	for v := range parent {
		parent[v] = rapid.IntRange(-1, v-1).Draw(t, "parent")
	}
	return parent
}

func values(t *rapid.T, n int) []float64 {
	return rapid.SliceOfN(rapid.Float64Range(-100, 100), n, n).Draw(t, "values")
}

// covered is W written out by pairs of nodes, the shrinkage by its own double sum.
func covered(tr *Tree, by Weighing, errors [][]float64) [][]float64 {
	d := tr.weights(by, errors)
	n := len(d)
	w := make([][]float64, n)
	for a := range w {
		w[a] = make([]float64, n)
		w[a][a] = d[a]
	}
	if by != MinT || len(errors) < 2 {
		return w
	}
	periods := float64(len(errors))
	var noise, size float64
	for a := range n {
		for b := range n {
			if a == b {
				continue
			}
			var mean, square float64
			for _, row := range errors {
				p := row[a] * row[b] / math.Sqrt(d[a]*d[b])
				mean += p / periods
				square += p * p
				w[a][b] += row[a] * row[b] / periods
			}
			noise += (square - periods*mean*mean) / (periods * (periods - 1))
			size += mean * mean
		}
	}
	lambda := 1.0
	if size > 0 {
		lambda = min(max(noise/size, 0), 1)
	}
	for a := range n {
		for b := range n {
			if a != b {
				w[a][b] *= 1 - lambda
			}
		}
	}
	return w
}

// dense is the definition, S(S'W⁻¹S)⁻¹S'W⁻¹y, with all matrices written out
// (Wickramasuriya et al. 2019, equation 9).
func dense(tr *Tree, y []float64, by Weighing, errors [][]float64) []float64 {
	n := len(y)
	w := covered(tr, by, errors)
	var s [][]float64 // a column for each leaf
	for v := range n {
		if tr.inner[v] >= 0 {
			continue
		}
		column := make([]float64, n)
		for at := v; at >= 0; at = tr.parent[at] {
			column[at] = 1
		}
		s = append(s, column)
	}
	clone := func() [][]float64 {
		c := make([][]float64, n)
		for i := range c {
			c[i] = append([]float64(nil), w[i]...)
		}
		return c
	}
	over := make([][]float64, len(s)) // W⁻¹ of each column
	for i, column := range s {
		over[i], _ = solvePositive(clone(), append([]float64(nil), column...))
	}
	a, right := make([][]float64, len(s)), make([]float64, len(s))
	for i := range s {
		a[i] = make([]float64, len(s))
		for j := range s {
			for v := range n {
				a[i][j] += s[i][v] * over[j][v]
			}
		}
		for v := range n {
			right[i] += over[i][v] * y[v]
		}
	}
	leaf, ok := solvePositive(a, right)
	if !ok {
		return nil
	}
	x := make([]float64, n)
	for i, column := range s {
		for v := range n {
			x[v] += column[v] * leaf[i]
		}
	}
	return x
}

func TestReconcile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parent := tree(t)
		tr, err := NewTree(parent)
		if err != nil {
			t.Fatal(err)
		}
		n := len(parent)
		y := values(t, n)
		seed := rapid.Uint64().Draw(t, "seed")
		r := rand.New(rand.NewPCG(seed, 1))
		errors := make([][]float64, rapid.IntRange(0, 24).Draw(t, "periods"))
		for i := range errors {
			errors[i] = make([]float64, n)
			common := r.NormFloat64()
			for v := range n {
				errors[i][v] = common + (1+float64(v%3))*r.NormFloat64()
			}
		}
		for by := Ordinary; by <= MinT; by++ {
			x, err := tr.Reconcile(y, by, errors, false)
			if err != nil {
				t.Fatal(by, err)
			}
			// sums are exact, in the order of the children from last to first
			sums := make([]float64, n)
			for v := n - 1; v >= 0; v-- {
				if tr.inner[v] >= 0 && sums[v] != x[v] {
					t.Fatalf("%d: node %d is %g, its parts %g", by, v, x[v], sums[v])
				}
				if p := parent[v]; p >= 0 {
					sums[p] += x[v]
				}
			}
			if want := dense(tr, y, by, errors); want != nil {
				for v := range x {
					if math.Abs(x[v]-want[v]) > 1e-6*(1+math.Abs(want[v])) {
						t.Fatalf("%d: node %d: %g, by the definition %g", by, v, x[v], want[v])
					}
				}
			}
			// what adds up is left alone
			again, _ := tr.Reconcile(x, by, errors, false)
			for v := range x {
				if math.Abs(again[v]-x[v]) > 1e-8*(1+math.Abs(x[v])) {
					t.Fatalf("%d: node %d moved from %g to %g", by, v, x[v], again[v])
				}
			}
			floor, _ := tr.Reconcile(y, by, errors, true)
			for v := range floor {
				if floor[v] < 0 {
					t.Fatalf("%d: node %d is %g", by, v, floor[v])
				}
			}
		}
	})
}

// A total of 100 whose parts are said to be 40 and 50: ordinary least squares gives
// each of the three a third of the gap of 10; where the leaves are known better
// (variance 1 against 8) the total gives way.
func TestReconcileByHand(t *testing.T) {
	tr, _ := NewTree([]int{-1, 0, 0})
	y := []float64{100, 40, 50}
	x, _ := tr.Reconcile(y, Ordinary, nil, false)
	for v, want := range []float64{290.0 / 3, 130.0 / 3, 160.0 / 3} {
		if math.Abs(x[v]-want) > 1e-12 {
			t.Errorf("%v", x)
		}
	}
	x, _ = tr.Reconcile(y, Variance, [][]float64{{math.Sqrt(8), 1, 1}}, false)
	for v, want := range []float64{92, 41, 51} {
		if math.Abs(x[v]-want) > 1e-12 {
			t.Errorf("%v", x)
		}
	}
	if _, err := NewTree([]int{1, -1}); err == nil {
		t.Error("a child before its parent")
	}
	if _, err := tr.Reconcile(y[:2], Ordinary, nil, false); err == nil {
		t.Error("too few values")
	}
}

// A province: 1 + 16 + 105 + 1,478 units, four years of monthly errors.
func BenchmarkReconcileProvince(b *testing.B) {
	parent := []int{-1}
	for range 16 {
		parent = append(parent, 0)
	}
	for i := range 105 {
		parent = append(parent, 1+i%16)
	}
	for i := range 1478 {
		parent = append(parent, 17+i%105)
	}
	tr, err := NewTree(parent)
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	y := make([]float64, len(parent))
	errors := make([][]float64, 48)
	for i := range errors {
		errors[i] = make([]float64, len(parent))
		for v := range parent {
			errors[i][v] = r.NormFloat64()
			y[v] = r.Float64()
		}
	}
	for by, name := range []string{"ordinary", "structural", "variance", "mint"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := tr.Reconcile(y, Weighing(by), errors, true); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
