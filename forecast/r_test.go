package forecast

import (
	"math"
	"strconv"
	"strings"
	"testing"
)

func numbers(t testing.TB, text string) []float64 {
	t.Helper()
	var list []float64
	for _, f := range strings.Fields(text) {
		v, err := strconv.ParseFloat(f, 64)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	return list
}

func furthest(got, want []float64) (worst float64) {
	for i, v := range got {
		worst = max(worst, math.Abs(v-want[i])/max(math.Abs(want[i]), 1))
	}
	return worst
}

// testdata/r.csv holds 60 series of the attainment data (48 of M3, 12 of tourism,
// drawn with set.seed(5), up to the year before the one asked about) with what R
// 4.2.2 and forecast 8.20 answer: ets() and thetaf(), twelve months ahead.
//
// The point forecast of models MxM differs by design: R gives the mean of the
// forecast distribution (class 3 of Hyndman et al. 2008), we the point of zero errors.
func TestAgainstR(t *testing.T) {
	var form, likelihood, same, theta, n int
	for _, row := range table(t, "testdata/r.csv") {
		y := numbers(t, row[7])
		n++
		e, ok := FitETS(y, 12)
		if !ok {
			t.Fatalf("%s: no fit", row[1])
		}
		want := numbers(t, row[3]+" "+row[4])
		if e.Form.String() != row[2] {
			t.Logf("%s: %s, R has %s; AICc %.6f, R %.6f", row[1], e.Form, row[2], e.AICc, want[1])
		} else {
			form++
			if d := math.Abs(e.LogLikelihood - want[0]); d < 1e-6 {
				likelihood++
			} else {
				t.Logf("%s: %s: log-likelihood %.6f, R %.6f", row[1], e.Form, e.LogLikelihood, want[0])
			}
			limit := 1e-6
			if e.Form.Error == mul && e.Form.Season == mul {
				limit = 0.02
			}
			if d := furthest(e.Ahead(12), numbers(t, row[5])); d < limit {
				same++
			} else {
				t.Logf("%s: %s: forecasts differ by up to %.2g", row[1], e.Form, d)
			}
		}
		if d := furthest(Theta(y, 12, 12), numbers(t, row[6])); d < 1e-6 {
			theta++
		} else {
			t.Logf("%s: Theta differs by up to %.2g", row[1], d)
		}
	}
	t.Logf("of %d series: %d the same form, %d of these the same likelihood, %d the same forecasts; Theta %d", n, form, likelihood, same, theta)
	if 100*form < 95*n || 100*likelihood < 95*form || 100*same < 95*form || 100*theta < 95*n {
		t.Error("less than 95% agree with R")
	}
}

// testdata/reconcile.csv holds three real trees with ets() forecasts of a year, their
// one-step errors, and what S(S'W⁻¹S)⁻¹S'W⁻¹ŷ is by R's matrices for each W, the
// shrinkage by its double sum (reconcile.R, which shares no code with this package).
func TestReconcileAgainstR(t *testing.T) {
	trees := map[string][][]string{}
	for _, row := range table(t, "testdata/reconcile.csv") {
		trees[row[0]] = append(trees[row[0]], row)
	}
	for _, name := range []string{"deaths", "permits", "tasmania"} {
		rows := trees[name]
		var parent []int
		var y []float64
		var want [4][]float64
		var errors [][]float64
		for v, row := range rows {
			p, err := strconv.Atoi(row[2])
			if err != nil {
				t.Fatal(err)
			}
			parent = append(parent, p)
			y = append(y, numbers(t, row[3])...)
			for k := range want {
				want[k] = append(want[k], numbers(t, row[4+k])...)
			}
			for i, e := range numbers(t, row[9]) {
				if v == 0 {
					errors = append(errors, make([]float64, len(rows)))
				}
				errors[i][v] = e
			}
		}
		tr, err := NewTree(parent)
		if err != nil {
			t.Fatal(err)
		}
		for by := Ordinary; by <= MinT; by++ {
			x, err := tr.Reconcile(y, by, errors, false)
			if err != nil {
				t.Fatal(err)
			}
			if d := furthest(x, want[by]); d > 1e-8 {
				t.Errorf("%s by %d: %v, R has %v", name, by, x, want[by])
			}
		}
		if lambda := shrinkage(errors, tr.weights(MinT, errors)); math.Abs(lambda-numbers(t, rows[0][8])[0]) > 1e-9 {
			t.Errorf("%s: shrunk by %g, R by %s", name, lambda, rows[0][8])
		}
	}
}
