package service_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// standing is a province whose indicators do not add up over the year.
var levels = []string{
	"units", `
code,name,kind,parent code,valid from
340000,安徽省,province,,2014-01-01
`,
	"indicators", `
code,name,measure,decimals,direction,kind,over time,over units,basis,calendar,reported at,due days
loans,贷款余额,亿元,1,more,stock,last,sum,single,monthly,province,10
jobless,失业率,%,2,less,rate,last,none,single,quarterly,province,10
climate,景气指数,点,1,more,index,none,none,single,quarterly,province,10
fixed,投资增速,%,1,more,growth,none,none,cumulative,monthly_janfeb,province,10
output,增加值,亿元,1,more,flow,sum,none,cumulative,quarterly,province,10
cleared,销号率,%,2,more,rate,last,none,single,monthly,province,10
`,
}

// levelFigures writes values of an indicator at the periods of years up to a month.
func levelFigures(code string, from, to, month int, ends []int, cumulative bool, value func(t int) float64, decimals int) string {
	var b strings.Builder
	b.WriteString(figureHead)
	t := 0
	for year := from; year <= to; year++ {
		for i, m := range ends {
			if year == to && m > month {
				break
			}
			first := 1
			if !cumulative {
				first = 1
				if i > 0 {
					first = ends[i-1] + 1
				}
			}
			period := fmt.Sprintf("%d-%02d..%02d", year, first, m)
			if first == m {
				period = fmt.Sprintf("%d-%02d", year, m)
			}
			fmt.Fprintf(&b, "%s,340000,%s,%.*f\n", code, period, decimals, value(t))
			t++
		}
	}
	return b.String()
}

func levelled(t *testing.T, more ...string) (*service.Service, service.Look) {
	t.Helper()
	c := &clock{}
	c.on(20200720)
	s := open(t, t.TempDir()+"/luoshi.db", c)
	mustTake(t, s, service.ImportOptions{}, levels...)
	if len(more) > 0 {
		mustTake(t, s, service.ImportOptions{}, more...)
	}
	return s, service.Look{Unit: "340000"}
}

// A stock has an outlook of its end; a promised growth is held against last year's.
func TestOutlookOfAStock(t *testing.T) {
	grow := func(t int) float64 { return 1000 + 10*float64(t) }
	s, look := levelled(t, "figures", levelFigures("loans", 2016, 2020, 6, luoshi.Monthly.Ends(), false, grow, 1),
		"targets", targetOf("loans", "340000", "growth", "5.0", "2020-01-01"))
	v := outlook(t, s, look, "loans")
	if !v.Level || v.Growth || v.Known.Decimal.String() != "1530.0" || v.Through.To != 6 || len(v.Steps) != 6 {
		t.Fatalf("%+v", v)
	}
	if got := float(t, v.Total); math.Abs(got-1590) > 6 {
		t.Errorf("the year ends at %v", got)
	}
	if want := fmt.Sprintf("%.1f", 1470*1.05); !v.Derived || v.Asked.Decimal.String() != want {
		t.Errorf("asked %v, want %s", v.Asked, want)
	}
	if v.Steps[5].Sum != v.Steps[5].Value || v.Steps[5].Sum.Value != v.Total || v.Says.Key != "outlook.says.open.level" {
		t.Errorf("%+v, %v", v.Steps[5], v.Says)
	}
	if v.Chance.Cmp(luoshi.Over(95, 100)) < 0 {
		t.Errorf("the chance is %v", v.Chance)
	}
	if v.Backtest == nil || v.Backtest.Points || v.Backtest.Own.Years != 3 || len(v.Backtest.Cases) != 3 {
		t.Errorf("%+v", v.Backtest)
	}
}

// A rate that is to stay below a bound, an index above one; the further the bound,
// the likelier.
func TestOutlookOfARate(t *testing.T) {
	near := func(t int) float64 { return 4 + 0.05*math.Sin(float64(t)*1.9) }
	before := luoshi.Over(0, 1)
	for _, bound := range []string{"3.80", "4.00", "4.10", "4.50"} {
		s, look := levelled(t, "figures", levelFigures("jobless", 2016, 2020, 6, luoshi.Quarterly.Ends(), false, near, 2),
			"targets", "indicator,unit code,first year,form,high,holds from,reason\njobless,340000,2020,at_most,"+bound+",2020-01-01,定\n")
		v := outlook(t, s, look, "jobless")
		if v.Better != luoshi.Less || v.Asked.Decimal.String() != bound || !v.Chance.OK() || v.Chance.Cmp(before) < 0 {
			t.Errorf("at most %s: %v after %v, %v", bound, v.Chance, before, v.Why)
		}
		before = v.Chance
	}
	if before.Cmp(luoshi.Over(95, 100)) < 0 {
		t.Errorf("a bound ten spreads away: %v", before)
	}
}

// The growth of the year to date lands where it runs; to grow at all is a target, too.
func TestOutlookOfAGrowth(t *testing.T) {
	s, look := levelled(t, "figures", levelFigures("fixed", 2017, 2020, 6, luoshi.MonthlyJanFeb.Ends(), true, func(t int) float64 { return 6 + math.Sin(float64(t)) }, 1),
		"targets", "indicator,unit code,first year,form,holds from,reason\nfixed,340000,2020,sign,2020-01-01,定\n")
	v := outlook(t, s, look, "fixed")
	if v.Asked.Decimal.String() != "0.0" || v.Says.Key != "outlook.says.open.level.growth" || v.Says.Args["goal"].(luoshi.Message).Key != "outlook.goal.positive" {
		t.Fatalf("%v %v %v", v.Asked, v.Says, v.Why)
	}
	if got := float(t, v.Total); got < 4.5 || got > 7.5 || v.Chance.Cmp(luoshi.Over(97, 100)) < 0 {
		t.Errorf("%v, chance %v", got, v.Chance)
	}
}

// Of a flow of which only growth is published the growth is foreseen.
func TestOutlookOfPublishedGrowth(t *testing.T) {
	var b strings.Builder
	b.WriteString("indicator,unit code,period,growth\n")
	for year := 2017; year <= 2020; year++ {
		for _, m := range luoshi.Quarterly.Ends() {
			if year < 2020 || m <= 6 {
				fmt.Fprintf(&b, "output,340000,%d-01..%02d,%.1f\n", year, m, 8-0.1*float64(m))
			}
		}
	}
	s, look := levelled(t, "figures", b.String(), "targets", targetOf("output", "340000", "growth", "7.5", "2020-01-01"))
	v := outlook(t, s, look, "output")
	if !v.Growth || v.Indicator.Measure.Symbol.Hans != "%" || v.Known.Decimal.String() != "7.4" || v.Asked.Decimal.String() != "7.5" || !slices.Contains(noteKeys(v.Notes), "outlook.note.growth") {
		t.Fatalf("%v known %v asked %v why %v notes %v", v.Indicator, v.Known, v.Asked, v.Why, noteKeys(v.Notes))
	}
	if got := float(t, v.Total); got < 6.3 || got > 7.6 {
		t.Errorf("the year grows by %v", got)
	}
}

// A share of a whole that climbs ends at the whole at most, and no interval passes
// it; three values are too few.
func TestOutlookOfAShare(t *testing.T) {
	climb := levelFigures("cleared", 2020, 2020, 6, luoshi.Monthly.Ends(), false, func(t int) float64 { return 12 * float64(t+1) }, 2)
	s, look := levelled(t, "figures", climb, "targets", targetOf("cleared", "340000", "level", "100.00", "2020-01-01"))
	v := outlook(t, s, look, "cleared")
	if got := float(t, v.High95); got != 100 {
		t.Errorf("95%% up to %v", got)
	}
	if float(t, v.Total) < 90 || v.Chance.Cmp(luoshi.Over(1, 2)) < 0 {
		t.Errorf("%v, chance %v", v.Total, v.Chance)
	}
	s, look = levelled(t, "figures", levelFigures("cleared", 2020, 2020, 3, luoshi.Monthly.Ends(), false, func(t int) float64 { return 12 * float64(t+1) }, 2))
	v = outlook(t, s, look, "cleared")
	if v.Why.Key != "outlook.none.values" || v.Total.Valid || fmt.Sprint(v.Why.Args["have"]) != "3" {
		t.Errorf("of three values: %v, %v", v.Why, v.Total)
	}
}

// A year whose last value is known has nothing left to expect.
func TestOutlookOfALevelThatIsKnown(t *testing.T) {
	c := &clock{}
	c.on(20210120)
	s := open(t, t.TempDir()+"/luoshi.db", c)
	mustTake(t, s, service.ImportOptions{}, levels...)
	mustTake(t, s, service.ImportOptions{}, "figures", levelFigures("loans", 2018, 2020, 12, luoshi.Monthly.Ends(), false, func(t int) float64 { return 1000 + 10*float64(t) }, 1),
		"targets", targetOf("loans", "340000", "level", "1400.0", "2020-01-01"))
	v := outlook(t, s, service.Look{Unit: "340000", Year: 2020}, "loans")
	if v.Standing != service.OutlookClosed || v.Chance.Num != 0 || v.Total.Decimal.String() != "1350.0" || len(v.Steps) != 0 || v.Says.Key != "outlook.says.closed_missed" {
		t.Errorf("%v %v %v %v", v.Standing, v.Chance, v.Total, v.Says)
	}
}
