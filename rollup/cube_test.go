package rollup

import (
	"slices"
	"sync"
	"testing"

	"luoshi.dev"
)

const (
	sg = luoshi.Single
	cu = luoshi.Cumulative
)

func TestOverTime(t *testing.T) {
	flowSingle := flow("x")
	flowSingle.Basis = sg
	janfeb := flow("x")
	janfeb.Calendar = luoshi.MonthlyJanFeb
	quarterly := flow("x")
	quarterly.Calendar = luoshi.Quarterly
	mean := flow("x")
	mean.OverTime, mean.Basis = luoshi.TimeAverage, sg
	meanJanFeb := mean
	meanJanFeb.Calendar = luoshi.MonthlyJanFeb
	none := flow("x")
	none.OverTime, none.OverUnits = luoshi.TimeNone, luoshi.UnitNone
	half := luoshi.Period{Year: 2020, From: 1, To: 6}
	q2 := luoshi.QuarterOf(2020, 2)
	month := func(m int) luoshi.Period { return luoshi.MonthOf(2020, m) }
	both := year(idA1, 2020, cu, 10, gap, 30)
	both.Whole.Single[1] = figure(idA1, 2020, 1, 9)

	for _, c := range []struct {
		name   string
		in     luoshi.Indicator
		s      luoshi.Strip
		period luoshi.Period
		basis  luoshi.Basis
		want   string
	}{
		{"month from cumulative", flow("x"), year(idA1, 2020, cu, 10, 15, 30), month(3), sg, "15"},
		{"cumulative as reported", flow("x"), year(idA1, 2020, cu, 10, 15, 30), month(3), cu, "30"},
		{"January is its own year to date", flow("x"), year(idA1, 2020, cu, 10), month(1), sg, "10"},
		{"no difference across a gap", flow("x"), year(idA1, 2020, cu, 10, gap, 30), month(3), sg, "—"},
		{"the other basis closes the gap", flow("x"), both, month(2), cu, "19"},
		{"and what follows it", flow("x"), both, month(3), sg, "11"},
		{"quarter from cumulative needs only its ends", flow("x"), year(idA1, 2020, cu, 1, 2, 3, gap, gap, 9), q2, sg, "6"},
		{"sum of months", flowSingle, year(idA1, 2020, sg, 1, 2, 3, 4), luoshi.ToDate(2020, 4), cu, "10"},
		{"a missing month makes the sum missing, not smaller", flowSingle, year(idA1, 2020, sg, 1, gap, 3, 4), luoshi.ToDate(2020, 4), cu, "—"},
		{"a reported zero is a figure", flowSingle, year(idA1, 2020, sg, 1, 0, 3, 4), luoshi.ToDate(2020, 4), cu, "8"},
		{"quarter from months", flowSingle, year(idA1, 2020, sg, 1, 2, 3, 4, 5, 6), q2, sg, "15"},
		{"half year on the single basis", flowSingle, year(idA1, 2020, sg, 1, 2, 3, 4, 5, 6), half, sg, "21"},
		{"January is no figure of January–February", janfeb, year(idA1, 2020, cu, 3, 7), month(1), cu, "—"},
		{"January–February as one", janfeb, year(idA1, 2020, cu, gap, 7, 12), luoshi.Period{Year: 2020, From: 1, To: 2}, sg, "7"},
		{"March after January–February", janfeb, year(idA1, 2020, cu, gap, 7, 12), month(3), sg, "5"},
		{"a quarter by itself", quarterly, year(idA1, 2020, cu, gap, gap, 5, gap, gap, 12), q2, sg, "7"},
		{"no month of a quarterly indicator", quarterly, year(idA1, 2020, cu, gap, gap, 5, gap, 7, 12), month(5), cu, "—"},
		{"a stock is its last value", stock("x"), year(idA1, 2020, sg, 5, 6, 7), luoshi.ToDate(2020, 3), cu, "7"},
		{"not the last but one", stock("x"), year(idA1, 2020, sg, 5, 6, gap), luoshi.ToDate(2020, 3), cu, "—"},
		{"average of months, rounded once", mean, year(idA1, 2020, sg, 1, 2, 2), luoshi.ToDate(2020, 3), cu, "2"},
		{"average half away from zero", mean, year(idA1, 2020, sg, -1, -2), luoshi.ToDate(2020, 2), cu, "-2"},
		{"January–February counts as two months", meanJanFeb, year(idA1, 2020, sg, gap, 10, 40), luoshi.ToDate(2020, 3), cu, "20"},
		{"average of a quarter", mean, year(idA1, 2020, sg, 9, 9, 9, 1, 2, 3), q2, sg, "2"},
		{"none: the period reported", none, year(idA1, 2020, cu, 1, 2), luoshi.ToDate(2020, 2), cu, "2"},
		{"none: nothing else", none, year(idA1, 2020, cu, 1, 2), month(2), sg, "—"},
	} {
		cube := build(t, small(t), c.in)
		put(cube, "x", c.s)
		if got := text(cube.Value("x", nA1, c.period, c.basis).Amount); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// The rule over time gives the same at a total as at its parts.
func TestTotalOnTheOtherBasis(t *testing.T) {
	c := build(t, small(t), flow("x"))
	put(c, "x", year(idA1, 2020, cu, 1, 3), year(idA2, 2020, cu, 10, 40), year(idB1, 2020, cu, 100, 150))
	if got := c.Totals("x", 2020, 2, sg); !slices.Equal(got, []int64{82, 32, 2, 30, 50, 50, gap, gap}) {
		t.Error(got)
	}
	v := c.Value("x", nP, luoshi.MonthOf(2020, 2), sg)
	if text(v.Amount) != "82" || !v.Coverage.Full() {
		t.Errorf("%+v", v)
	}
	odd := year(idB1, 2020, cu, gap, 150)
	odd.Whole.Single[1] = figure(idB1, 2020, 1, 50)
	put(c, "x", odd)
	if got := c.Totals("x", 2020, 2, sg)[nP]; got != 82 {
		t.Error("a month reported beside the cumulative value is used:", got)
	}
	v = c.Value("x", nP, luoshi.MonthOf(2020, 1), sg)
	if !v.Partial || text(v.PartialSum) != "11" || v.Amount.Valid {
		t.Errorf("January lacks B1: %+v", v)
	}
}

func TestCompleteness(t *testing.T) {
	c := build(t, small(t), flow("x"))
	put(c, "x", year(idA1, 2019, cu, 50), year(idA2, 2019, cu, 30), year(idB1, 2019, cu, 20))
	put(c, "x", year(idA1, 2020, cu, 60), year(idA2, 2020, cu, 30))
	jan := luoshi.MonthOf(2020, 1)
	v := c.Value("x", nP, jan, cu)
	if v.Amount.Valid || !v.Partial || text(v.PartialSum) != "90" || v.Coverage.Have != 2 || v.Coverage.Want != 3 {
		t.Errorf("%+v", v)
	}
	if got := v.Coverage.Weight; got.Cmp(luoshi.Over(80, 100)) != 0 {
		t.Errorf("weight %v, want 80 of last year's 100", got)
	}
	if v := c.Value("x", nA, jan, cu); text(v.Amount) != "90" || v.Partial || !v.Coverage.Full() {
		t.Errorf("%+v", v)
	}
	if v := c.Value("x", nB, jan, cu); v.Amount.Valid || v.Partial || v.Coverage.Want != 1 {
		t.Errorf("nothing there is missing, not partial: %+v", v)
	}
	put(c, "x", year(idZone, 2020, cu, 5), year(idB1, 2020, cu, 20))
	if v := c.Value("x", nP, jan, cu); text(v.Amount) != "115" || v.Coverage.Want != 4 {
		t.Errorf("a zone adds when it reports: %+v", v)
	}
	put(c, "x", year(idZone, 2020, cu, gap, 6))
	if v := c.Value("x", nP, jan, cu); v.Amount.Valid || v.Coverage.Want != 4 {
		t.Errorf("and is missed once it has reported that year: %+v", v)
	}
	put(c, "x", luoshi.NewStrip(idZone, 2020), year(idDept, 2020, cu, 7))
	if v := c.Value("x", nP, jan, cu); text(v.Amount) != "110" || v.Coverage.Want != 3 {
		t.Errorf("departments never add: %+v", v)
	}
	if v := c.Value("x", nDept, jan, cu); text(v.Amount) != "7" {
		t.Errorf("but have figures: %+v", v)
	}
}

func TestReportedTotals(t *testing.T) {
	c := build(t, small(t), flow("x"))
	jan := luoshi.MonthOf(2020, 1)
	whole := year(idP, 2020, cu, 130)
	whole.Whole.Cumulative[0].Growth = 7500
	whole.Whole.Cumulative[0].Status = luoshi.Final
	put(c, "x", whole, year(idA1, 2020, cu, 60), year(idA2, 2020, cu, 30))
	v := c.Value("x", nP, jan, cu)
	if text(v.Amount) != "130" || v.Difference.Valid || text(v.Remainder) != "40" || !v.Partial || text(v.Growth) != "7.500" || v.Status != luoshi.Final {
		t.Errorf("%+v", v)
	}
	put(c, "x", withOwn(whole, cu, 8), year(idB1, 2020, cu, 30))
	v = c.Value("x", nP, jan, cu)
	if text(v.Amount) != "130" || text(v.Rolled) != "128" || text(v.Own) != "8" || text(v.Difference) != "2" || text(v.Remainder) != "2" {
		t.Errorf("a difference is shown, not corrected: %+v", v)
	}
	if got := c.Totals("x", 2020, 1, cu)[nP]; got != 128 {
		t.Error(got)
	}
	if got := c.Amounts("x", 2020, 1, cu)[nP]; got != 130 {
		t.Error(got)
	}
	put(c, "x", withOwn(luoshi.NewStrip(idP, 2020), cu, 8))
	v = c.Value("x", nP, jan, cu)
	if text(v.Amount) != "128" || v.Reported.Valid || v.Status != luoshi.Preliminary || v.Seq != int64(idB1)*1000+240 {
		t.Errorf("%+v", v)
	}
}

func TestGrowthAloneIsShown(t *testing.T) {
	c := build(t, small(t), flow("x"))
	s := luoshi.NewStrip(idA1, 2020)
	s.Whole.Cumulative[5] = luoshi.Cell{Value: luoshi.Missing, Growth: -6500, Status: luoshi.Flash, Sample: true, Seq: 9}
	put(c, "x", s)
	v := c.Value("x", nA1, luoshi.ToDate(2020, 6), cu)
	if v.Amount.Valid || text(v.Growth) != "-6.500" || v.Status != luoshi.Flash || !v.Sample || v.Seq != 9 || v.Coverage.Have != 0 {
		t.Errorf("%+v", v)
	}
	if v := c.Value("x", nA1, luoshi.MonthOf(2020, 6), sg); v.Growth.Valid {
		t.Errorf("growth of the year to date is not that of June: %+v", v)
	}
}

func TestRatioAndWeighted(t *testing.T) {
	rate := luoshi.Indicator{Code: "rate", Decimals: 2, Kind: luoshi.Rate, OverTime: luoshi.TimeNone, OverUnits: luoshi.UnitRatio,
		Numerator: "num", Denominator: "den", Power: 2, Basis: cu, Calendar: luoshi.Monthly, ReportedAt: luoshi.County}
	mean := luoshi.Indicator{Code: "mean", Decimals: 1, Kind: luoshi.Rate, OverTime: luoshi.TimeNone, OverUnits: luoshi.UnitWeighted,
		Weight: "den", Basis: cu, Calendar: luoshi.Monthly, ReportedAt: luoshi.County}
	num := flow("num")
	num.Decimals = 1
	c := build(t, small(t), rate, mean, num, flow("den"))
	jan := luoshi.MonthOf(2020, 1)
	put(c, "num", year(idA1, 2020, cu, 10), year(idA2, 2020, cu, 20), year(idB1, 2020, cu, 0)) // 1.0, 2.0, 0.0
	put(c, "den", year(idA1, 2020, cu, 3), year(idA2, 2020, cu, 5), year(idB1, 2020, cu, 0))
	put(c, "mean", year(idA1, 2020, cu, 33), year(idA2, 2020, cu, 40), year(idB1, 2020, cu, 50)) // 3.3, 4.0, 5.0
	for _, x := range []struct {
		code string
		node int
		want string
	}{
		{"rate", nA1, "33.33"}, {"rate", nA2, "40.00"}, {"rate", nA, "37.50"}, {"rate", nP, "37.50"}, {"rate", nB1, "—"},
		{"mean", nA, "3.7"}, {"mean", nP, "3.7"}, {"mean", nB, "—"}, // 29.9/8 = 3.7375
	} {
		if got := text(c.Value(x.code, x.node, jan, cu).Amount); got != x.want {
			t.Errorf("%s at %d: %s, want %s", x.code, x.node, got, x.want)
		}
	}
	if p := c.Value("rate", nB1, jan, cu).Problems; len(p) != 1 || p[0].Message.Key != "rollup.zero" {
		t.Error("dividing by zero is said:", p)
	}
	put(c, "den", luoshi.NewStrip(idA2, 2020))
	if v := c.Value("rate", nP, jan, cu); v.Amount.Valid || !v.Partial || v.Coverage.Have != 2 || v.Coverage.Want != 3 {
		t.Errorf("%+v", v)
	}
	if v := c.Value("mean", nA, jan, cu); v.Amount.Valid || v.Coverage.Have != 1 {
		t.Errorf("without its weight a part lacks: %+v", v)
	}
}

func TestNeverAdds(t *testing.T) {
	index := flow("x")
	index.Kind = luoshi.Index
	c, problems := NewCube(small(t), []luoshi.Indicator{index})
	if len(problems) != 1 || problems[0].Message.Key != "indicator.never_adds" {
		t.Fatal(problems)
	}
	put(c, "x", year(idA1, 2020, cu, 101), year(idA2, 2020, cu, 99), year(idB1, 2020, cu, 100))
	if v := c.Value("x", nA, luoshi.MonthOf(2020, 1), cu); v.Amount.Valid || v.Rolled.Valid || v.PartialSum.Valid || v.Coverage.Have != 2 {
		t.Errorf("%+v", v)
	}
}

func TestOverflowIsSaid(t *testing.T) {
	c := build(t, small(t), flow("x"))
	const big = 5_000_000_000_000_000_000
	put(c, "x", year(idA1, 2020, cu, big), year(idA2, 2020, cu, big), year(idB1, 2020, cu, 1))
	v := c.Value("x", nP, luoshi.MonthOf(2020, 1), cu)
	if v.Amount.Valid || len(v.Problems) != 1 || v.Problems[0].Message.Key != "rollup.range" {
		t.Errorf("%+v", v)
	}
	if got := text(c.Value("x", nB, luoshi.MonthOf(2020, 1), cu).Amount); got != "1" {
		t.Error(got)
	}
	put(c, "x", year(idA1, 2020, cu, 1), year(idA2, 2020, cu, 2))
	if got := text(c.Value("x", nP, luoshi.MonthOf(2020, 1), cu).Amount); got != "4" {
		t.Error(got)
	}
}

func TestYearsMemoryStrays(t *testing.T) {
	rate := flow("rate")
	rate.Formula, rate.ReportedAt = "x / last_year(x)", ""
	c := build(t, small(t), flow("x"), rate)
	c.Load("x", 2020, slices.Values([]luoshi.Strip{year(idA1, 2020, cu, 1), year(999, 2020, cu, 1), year(idA1, 2018, cu, 1)}))
	put(c, "x", year(idA1, 2019, cu, 1))
	if got := c.Years("rate"); !slices.Equal(got, []int{2019, 2020}) {
		t.Error(got)
	}
	if got := c.Strays("x", 2020); !slices.Equal(got, []luoshi.UnitID{999}) {
		t.Error(got)
	}
	if got := c.Memory(); got < 2*8*12*8 {
		t.Error(got)
	}
	c.Load("nobody", 2020, slices.Values([]luoshi.Strip{}))
	if v := c.Value("nobody", 0, luoshi.MonthOf(2020, 1), cu); v.Amount.Valid {
		t.Error(v)
	}
}

func TestReadersAndOneWriter(t *testing.T) {
	c := build(t, small(t), flow("x"))
	put(c, "x", year(idA1, 2020, cu, 1), year(idA2, 2020, cu, 1), year(idB1, 2020, cu, 1))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 500 {
				if got := c.Totals("x", 2020, 1, cu); got[nP] != got[nA]+got[nB] {
					t.Error("a torn state was seen:", got)
				}
				c.Sweep(2020, 1, cu, 2, func(_ string, got []int64, _ []int32) {
					if got[nP] != got[nA]+got[nB] {
						t.Error("a torn state was lent:", got)
					}
				})
			}
		})
	}
	for i := range int64(1000) {
		c.Put("x", year(idA1, 2020, cu, i))
	}
	wg.Wait()
}
