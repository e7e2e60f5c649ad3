package forecast

import (
	"math"
	"slices"
	"strconv"
	"testing"
)

// testdata/tasmania.csv has the overnight trips in the five regions of Tasmania by
// purpose, in thousands a quarter, 1998 to 2017: Tourism Research Australia, National
// Visitor Survey, as in the dataset tourism of R's package tsibble. testdata/fable.csv
// has what fable (R 4.6.0) answered on them, as printed with so many decimals by
// S. Prabhakaran, "Optimal forecast reconciliation in R: MinT with fable" and
// "Hierarchical and grouped time series in R" (r-statistics.co, 2026-07-22): the base
// forecasts of ETS(), the moments of its errors, and what reconcile() made of them.
// Where more than one decimal is given of a reconciled forecast, and for the tree of
// three states, it is what the page gets from fable's base forecasts by matrices, and
// shows to be what fable gets. Nodes stand total first, then by name.

// trips are Tasmania's total and its four purposes.
func trips(t *testing.T) [][]float64 {
	y := make([][]float64, 5)
	for v := range y {
		y[v] = make([]float64, 80)
	}
	purposes := []string{"Business", "Holiday", "Other", "Visiting"}
	for _, row := range table(t, "testdata/tasmania.csv") {
		for q, n := range numbers(t, row[2]) {
			y[0][q] += n
			y[1+slices.Index(purposes, row[1])][q] += n
		}
	}
	return y
}

// forecasts fits FitETS to each series: forecasts of the h quarters that follow
// [h][node] and the errors of one step [quarter][node].
func forecasts(t *testing.T, y [][]float64, h int) (ahead, errors [][]float64) {
	ahead, errors = grid(h, len(y)), grid(len(y[0]), len(y))
	for v, series := range y {
		e, ok := FitETS(series, 4)
		if !ok {
			t.Fatal("no fit")
		}
		for i, x := range e.Ahead(h) {
			ahead[i][v] = x
		}
		s := e.start
		s.season = slices.Clone(s.season)
		var next [1]float64
		s.pass(e.Form, 4, series, func(q int) {
			s.ahead(e.Form, 4, q, next[:])
			errors[q][v] = series[q] - next[0]
		})
	}
	return ahead, errors
}

func grid(rows, columns int) [][]float64 {
	g := make([][]float64, rows)
	for i := range g {
		g[i] = make([]float64, columns)
	}
	return g
}

// From the trips alone, by our ETS and our reconciliation, each number that fable
// printed comes out to its last place (of the years held out, from R's ets).
func TestReconcileAgainstFable(t *testing.T) {
	printed := map[string][]float64{}
	half := map[string]float64{} // half of the last place
	for _, row := range table(t, "testdata/fable.csv") {
		decimals, err := strconv.Atoi(row[2])
		if err != nil {
			t.Fatal(err)
		}
		name := row[0] + " " + row[1]
		printed[name], half[name] = numbers(t, row[3]), 0.5*math.Pow10(-decimals)
	}
	var held int
	within := func(name string, allowed float64, got ...float64) {
		t.Helper()
		want := printed[name]
		if len(want) == 0 || len(want) != len(got) {
			t.Fatalf("%s: %d values, fable printed %d", name, len(got), len(want))
		}
		for i := range got {
			if held++; math.Abs(got[i]-want[i]) > allowed+1e-9 {
				t.Errorf("%s: %.6f, fable has %g", name, got[i], want[i])
			}
		}
	}
	same := func(name string, got ...float64) {
		t.Helper()
		within(name, half[name], got...)
	}
	methods := []string{"ols", "wls_struct", "wls_var", "mint_shrink"}

	y := trips(t)
	ahead, errors := forecasts(t, y, 1)
	base := ahead[0]
	tr, err := NewTree([]int{-1, 0, 0, 0, 0})
	if err != nil {
		t.Fatal(err)
	}
	w := tr.weights(MinT, errors)
	cov := grid(5, 5)
	for _, e := range errors {
		for a := range 5 {
			for b := range 5 {
				cov[a][b] += e[a] * e[b] / float64(len(errors))
			}
		}
	}
	var rmse, triangle []float64
	for a := range 5 {
		rmse = append(rmse, math.Sqrt(w[a]))
		triangle = append(triangle, cov[a][:a+1]...)
	}
	same("tasmania base", base...)
	same("tasmania rmse", rmse...)
	same("tasmania covariance", triangle...)
	lambda := shrinkage(errors, w)
	same("tasmania lambda", lambda)
	var shrunk []float64
	for v := 1; v < 5; v++ {
		shrunk = append(shrunk, (1-lambda)*cov[0][v]/math.Sqrt(w[0]*w[v]))
	}
	same("tasmania shrunk_correlation", shrunk...)
	bottom := slices.Clone(base)
	tr.sum(bottom, false)
	same("tasmania bottom_up", bottom...)
	for by, name := range methods {
		x, err := tr.Reconcile(base, Weighing(by), errors, false)
		if err != nil {
			t.Fatal(err)
		}
		same("tasmania "+name, x...)
	}

	// The variance of all reconciled errors together, tr(SGWG'S'), that MinT makes
	// least: the columns of SG are what becomes of a forecast of one in one node.
	trace := func(becomes func(unit []float64) []float64) (sum float64) {
		sg := grid(5, 5)
		for v := range sg {
			unit := make([]float64, 5)
			unit[v] = 1
			sg[v] = becomes(unit)
		}
		for i := range 5 {
			for a := range 5 {
				for b := range 5 {
					sum += sg[a][i] * cov[a][b] * sg[b][i]
				}
			}
		}
		return sum
	}
	same("tasmania trace_bottom_up", trace(func(x []float64) []float64 { tr.sum(x, false); return x }))
	for by, name := range methods[:MinT] {
		same("tasmania trace_"+name, trace(func(x []float64) []float64 {
			x, _ = tr.Reconcile(x, Weighing(by), errors, false)
			return x
		}))
	}

	// As of the end of 2014, three years ahead: the mean of the five root mean squared
	// errors. The base forecasts are R's here (tasmania.R): two of the five likelihoods
	// are flat, and FitETS stops a little higher on them.
	ahead, errors = grid(12, 5), grid(68, 5)
	for v, row := range table(t, "testdata/tasmania2014.csv") {
		for q, x := range numbers(t, row[2]) {
			ahead[q][v] = x
		}
		for q, x := range numbers(t, row[3]) {
			errors[q][v] = x
		}
	}
	score := func(becomes func(x []float64) []float64) (mean float64) {
		squares := make([]float64, 5)
		for q, x := range ahead {
			for v, x := range becomes(slices.Clone(x)) {
				squares[v] += (x - y[v][68+q]) * (x - y[v][68+q]) / 12
			}
		}
		for _, s := range squares {
			mean += math.Sqrt(s) / 5
		}
		return mean
	}
	same("2014Q4 rmse_base", score(func(x []float64) []float64 { return x }))
	same("2014Q4 rmse_bottom_up", score(func(x []float64) []float64 { tr.sum(x, false); return x }))
	same("2014Q4 rmse_mint_shrink", score(func(x []float64) []float64 {
		x, _ = tr.Reconcile(x, MinT, errors, false)
		return x
	}))

	// Australia and its states and territories, from the printed base forecasts: three
	// of the nine with a total of their own, and all, where both sides are rounded.
	for _, tree := range []string{"three", "states"} {
		y := printed[tree+" base"]
		parent := make([]int, len(y))
		parent[0] = -1
		tr, err := NewTree(parent)
		if err != nil {
			t.Fatal(err)
		}
		x, err := tr.Reconcile(y, Ordinary, nil, false)
		if err != nil {
			t.Fatal(err)
		}
		allowed := half[tree+" ols"]
		if tree == "states" {
			allowed *= 3 // of the forecast, of the gap's share, of the answer
		}
		within(tree+" ols", allowed, x...)
	}
	t.Logf("%d numbers held", held)
}
