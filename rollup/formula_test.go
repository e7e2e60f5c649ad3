package rollup

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"luoshi.dev"
)

func derived(code, text string, decimals int) luoshi.Indicator {
	in := flow(code)
	in.Formula, in.Decimals, in.ReportedAt, in.Kind, in.OverUnits, in.OverTime = text, decimals, "", luoshi.Rate, luoshi.UnitNone, luoshi.TimeNone
	return in
}

func TestFormula(t *testing.T) {
	q2 := luoshi.QuarterOf(2020, 2)
	june := luoshi.ToDate(2020, 6)
	for _, c := range []struct {
		formula string
		period  luoshi.Period
		basis   luoshi.Basis
		want    string
	}{
		{"A + B", june, cu, "31.00"},
		{"A - 0.1", june, cu, "20.90"},
		{"A / B * 100", june, cu, "210.00"},
		{"1 / 3", june, cu, "0.33"},
		{"2 / 3", june, cu, "0.67"},
		{"-A / 8", june, cu, "-2.63"}, // −2.625: half away from zero
		{"0.1 + 0.2", june, cu, "0.30"},
		{"lag(A)", luoshi.MonthOf(2020, 6), sg, "5.00"},
		{"lag(A, 6)", luoshi.MonthOf(2020, 6), sg, "120.00"}, // December 2019
		{"lag(A)", june, cu, "15.00"},
		{"lag(A)", luoshi.ToDate(2020, 1), cu, "—"}, // no year to date before January
		{"lag(A)", q2, sg, "6.00"},                  // the quarter before
		{"(A / last_year(A) - 1) * 100", june, cu, "-90.00"},
		{"last_year(lag(A))", luoshi.MonthOf(2020, 6), sg, "50.00"},
		{"lag(A / B)", luoshi.MonthOf(2020, 6), sg, "—"}, // B has no May
		{"C + A", june, cu, "—"},
		{"coalesce(C, A)", june, cu, "21.00"},
		{"coalesce(C, C / 0, 7)", june, cu, "7.00"},
		{"sum(A, B, 1)", june, cu, "32.00"},
		{"sum(A, C)", june, cu, "—"},
		{"min(A, B, 3)", june, cu, "3.00"},
		{"max(A, B, 3)", june, cu, "21.00"},
		{"abs(B - A)", june, cu, "11.00"},
		{"round(A / 8, 0)", june, cu, "3.00"},
		{"A > B ? A : B", june, cu, "21.00"},
		{"A <= 20 ? 1 : 2", june, cu, "2.00"},
		{"C > 1 ? 1 : 2", june, cu, "—"},
		{"A / (B - 10)", june, cu, "—"},
		{"1e15 * 1e15", june, cu, "—"},
	} {
		cube := build(t, small(t), flow("A"), flow("B"), flow("C"), derived("D", c.formula, 2))
		put(cube, "A", year(idA1, 2020, cu, 1, 3, 6, 10, 15, 21), year(idA1, 2019, cu, 10, 30, 60, 100, 150, 210, 280, 360, 450, 550, 660, 780))
		put(cube, "B", year(idA1, 2020, cu, gap, gap, gap, gap, gap, 10))
		if got := text(cube.Value("D", nA1, c.period, c.basis).Amount); got != c.want {
			t.Errorf("%s at %v: %s, want %s", c.formula, c.period, got, c.want)
		}
	}
}

// A formula is applied at every node to that node's own amounts, and covers what
// they cover.
func TestFormulaAtTotals(t *testing.T) {
	c := build(t, small(t), flow("A"), flow("B"), derived("D", "A / B", 1))
	put(c, "A", year(idA1, 2020, cu, 10), year(idA2, 2020, cu, 20), year(idB1, 2020, cu, 30))
	put(c, "B", year(idA1, 2020, cu, 1), year(idA2, 2020, cu, 4))
	if got := c.Totals("D", 2020, 1, cu); !slices.Equal(got, []int64{gap, 60, 100, 50, gap, gap, gap, gap}) {
		t.Error(got)
	}
	v := c.Value("D", nP, luoshi.MonthOf(2020, 1), cu)
	if !v.Partial || v.Coverage.Have != 2 || v.Coverage.Want != 3 || v.Status != luoshi.Preliminary {
		t.Errorf("%+v", v)
	}
	v = c.Value("D", nA1, luoshi.MonthOf(2020, 1), cu)
	if v.Seq != int64(idA1)*1000+240 {
		t.Errorf("%+v", v)
	}
	put(c, "B", year(idB1, 2020, cu, 0))
	if v := c.Value("D", nB1, luoshi.MonthOf(2020, 1), cu); v.Amount.Valid || len(v.Problems) != 1 || v.Problems[0].Message.Key != "rollup.zero" {
		t.Errorf("%+v", v)
	}
}

func TestFormulaProblems(t *testing.T) {
	for formula, want := range map[string]string{
		"A +":                "rollup.formula.syntax",
		"A + Z":              "rollup.unknown_code",
		"A + \"x\"":          "rollup.formula.unknown",
		"len(A)":             "rollup.formula.unknown",
		"growth(A)":          "rollup.formula.function",
		"round(A)":           "rollup.formula.arguments",
		"lag(A, B)":          "rollup.formula.number",
		"A ? 1 : 2":          "rollup.formula.condition",
		"A && B ? 1 : 2":     "rollup.formula.condition",
		"A % 2":              "rollup.formula.unknown",
		"D + 1":              "rollup.circle",
		"lag(D) + A":         "rollup.circle",
		"E * 2":              "rollup.circle",
		"A[0]":               "rollup.formula.unknown",
		"map([1], # + A)":    "rollup.formula.unknown",
		"let x = A; x":       "rollup.formula.unknown",
		"A | coalesce(B, 1)": "",
	} {
		c, problems := NewCube(small(t), []luoshi.Indicator{flow("A"), flow("B"), derived("D", formula, 2), derived("E", "D + A", 2)})
		keys := problemKeys(problems)
		if want == "" && len(keys) > 0 || want != "" && !slices.Contains(keys, want) {
			t.Errorf("%s: %v, want %s", formula, keys, want)
		}
		put(c, "D", year(idA1, 2020, cu, 700))
		if got := text(c.Value("D", nA1, luoshi.MonthOf(2020, 1), cu).Amount); got != "7.00" {
			t.Errorf("%s: what is reported is shown all the same: %s", formula, got)
		}
	}
}

func FuzzFormula(f *testing.F) {
	for _, s := range []string{"A / B * 100", "lag(A, 2) - coalesce(B, 1.5)", "A > 1 ? min(A, B) : round(A, 2)", "((", "sum()", "A ?? B", "-.5e3"} {
		f.Add(s)
	}
	f.Fuzz(func(_ *testing.T, s string) {
		c, problems := compile("x", s)
		if len(problems) > 0 || len(s) > 200 {
			return
		}
		in := make([]*big.Rat, len(c.refs))
		c.root(in, &trouble{})
		for i := range in {
			in[i] = big.NewRat(int64(i)-3, 7)
		}
		c.root(in, &trouble{})
	})
}

// quotient, wide and round agree with big rationals.
func TestExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64Min(math.MinInt64+1).Draw(t, "a"), rapid.Int64Min(math.MinInt64+1).Draw(t, "b")
		shift := rapid.IntRange(-20, 20).Draw(t, "shift")
		if b != 0 {
			r := big.NewRat(a, b)
			want, wantOK := round(r.Mul(r, tenTo(shift)), 0)
			if got, ok := quotient(a, b, shift); got != want || ok != wantOK {
				t.Fatalf("%d / %d × 10^%d = %d %v, want %d %v", a, b, shift, got, ok, want, wantOK)
			}
		}
		x, y := rapid.Int64Range(-1<<40, 1<<40).Draw(t, "x"), rapid.Int64Range(-1<<40, 1<<40).Draw(t, "y")
		d := rapid.Int64Min(1).Draw(t, "d")
		exact := new(big.Int).Mul(big.NewInt(x), big.NewInt(y))
		exact.Add(exact, new(big.Int).Mul(big.NewInt(x), big.NewInt(x)))
		want, wantOK := round(new(big.Rat).SetFrac(exact, big.NewInt(d)), 0)
		if got, ok := product(x, y).plus(product(x, x)).by(d); got != want || ok != wantOK {
			t.Fatalf("(%d·%d + %d²) / %d = %d %v, want %d %v", x, y, x, d, got, ok, want, wantOK)
		}
	})
}

func TestApportion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Int64Min(math.MinInt64+1).Draw(t, "v")
		n := rapid.IntRange(1, 6).Draw(t, "n")
		weights, total := make([]int64, n), int64(0)
		for i := range weights {
			weights[i] = rapid.Int64Range(1, 1000).Draw(t, "w")
			total += weights[i]
		}
		var fate []share
		for _, w := range weights {
			fate = append(fate, share{part: big.NewRat(w, total)})
		}
		sum := new(big.Int)
		for k, p := range apportion(v, fate) {
			sum.Add(sum, big.NewInt(p))
			off := new(big.Rat).Mul(new(big.Rat).SetInt64(v), fate[k].part)
			off.Sub(off, new(big.Rat).SetInt64(p))
			if off.Abs(off).Cmp(big.NewRat(1, 1)) >= 0 {
				t.Fatalf("part %d of %d is %s off its share", k, v, off.FloatString(3))
			}
		}
		if sum.Cmp(big.NewInt(v)) != 0 {
			t.Fatalf("the parts of %d sum to %s", v, sum)
		}
	})
}

func TestRanks(t *testing.T) {
	values := []int64{5, 9, gap, 9, -1, 0}
	if got := Ranks(values, []int{0, 1, 2, 3, 4, 5}); !slices.Equal(got, []int32{3, 1, 0, 1, 5, 4}) {
		t.Error(got)
	}
	if got := Ranks(Turned(values), []int{4, 0, 2}); !slices.Equal(got, []int32{1, 2, 0}) {
		t.Error("the least first:", got)
	}
	c := build(t, small(t), flow("x"))
	ranks := make([]int32, c.tree.Len())
	c.Siblings([]int64{7, 1, 3, 3, 2, 5, gap, 9}, ranks)
	if !slices.Equal(ranks, []int32{1, 2, 1, 1, 1, 1, 0, 0}) {
		t.Error(ranks)
	}
	rapid.Check(t, func(t *rapid.T) {
		wide := rapid.Int64Range(0, rapid.SampledFrom([]int64{0, 32767, 1<<31 - 3, 1 << 31}).Draw(t, "range"))
		edge := rapid.SampledFrom([]int64{0, math.MinInt32, math.MaxInt32, math.MinInt32 + 2, 1 << 40, math.MaxInt64, gap + 1})
		values := rapid.SliceOfN(rapid.OneOf(rapid.Just(gap), rapid.Int64Range(-3, 3), rapid.Int64Range(0, 32765), wide, edge), 1, 40).Draw(t, "values")
		if near := rapid.SampledFrom([]int64{0, math.MinInt64 + 1, math.MaxInt64 - 32765}).Draw(t, "near"); near != 0 {
			for i, v := range values {
				if v != gap {
					values[i] = near + v&0x7ffd
				}
			}
		}
		all, ranks := make([]int, len(values)), make([]int32, len(values))
		for i := range values {
			all[i] = i
		}
		if rankFew(values, ranks) && !slices.Equal(ranks, Ranks(values, all)) {
			t.Fatalf("%v, want %v", ranks, Ranks(values, all))
		}
	})
	out := make([]int64, 5)
	Shares([]int64{20611, gap, -5, 1 << 60, 1}, []int64{32275, 5, 1000, 1 << 61, 0}, out)
	if !slices.Equal(out, []int64{6386, gap, -50, 5000, gap}) {
		t.Error(out)
	}
}

// Shares agree with exact fractions, ties among them.
func TestSharesAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wide := rapid.OneOf(rapid.Int64Range(-50, 50), rapid.Int64Range(-1<<40, 1<<40), rapid.Int64(), rapid.Int64Range(1<<48-9, 1<<48+9))
		v, target := wide.Draw(t, "value"), wide.Draw(t, "target")
		if rapid.Bool().Draw(t, "tie") { // v / target × 10000 = k + 1/2
			k := rapid.Int64Range(-1<<20, 1<<20).Draw(t, "k")
			v, target = 2*k+1, 20000
		}
		out := make([]int64, 1)
		Shares([]int64{v}, []int64{target}, out)
		want := gap
		if v != gap && target > 0 {
			want, _ = round(new(big.Rat).Mul(big.NewRat(v, target), big.NewRat(10000, 1)), 0)
		}
		if out[0] != want {
			t.Fatalf("%d / %d: %d, want %d", v, target, out[0], want)
		}
	})
}
