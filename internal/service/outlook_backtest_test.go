package service_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// cities are the units of the back-tests below: a province and four of its cities.
const cities = `
code,name,kind,parent code,order,valid from
340000,安徽省,province,,1,2014-01-01
340100,合肥市,city,340000,1,2014-01-01
340200,芜湖市,city,340000,2,2014-01-01
340300,蚌埠市,city,340000,3,2014-01-01
340400,淮南市,city,340000,4,2014-01-01
`

// tries is a province whose cities report; units are theirs, the figures of the tests.
func tries(t *testing.T, units string, more ...string) *service.Service {
	t.Helper()
	c := &clock{}
	c.on(20201220)
	s := open(t, t.TempDir()+"/luoshi.db", c)
	mustTake(t, s, service.ImportOptions{}, "units", units, "indicators", levels[3])
	for i := 0; i < len(more); i += 2 {
		mustTake(t, s, service.ImportOptions{}, more[i], more[i+1])
	}
	return s
}

// steady is a unit's value in the whole of 2018 and in 2019 until June, and what it came
// to at the end of 2019; absent without a value.
type steady struct{ value, came string }

// steadyFigures writes what it reports, and the same until June of this year.
func steadyFigures(in luoshi.Indicator, column string, units map[string]steady) string {
	var b strings.Builder
	fmt.Fprintf(&b, "indicator,unit code,period,%s\n", column)
	for unit, is := range units {
		for year := 2018; year <= 2020; year++ {
			for _, m := range in.Calendar.Ends() {
				p, ok := in.Calendar.Period(year, m, in.Basis)
				value := is.value
				switch {
				case !ok || value == "" || year == 2020 && m > 6 || year == 2019 && m > 6 && m < 12:
					continue
				case year == 2019 && m == 12:
					value = is.came
				}
				fmt.Fprintf(&b, "%s,%s,%v,%s\n", in.Code, unit, p, value)
			}
		}
	}
	return b.String()
}

// What was the same for a year and a half is expected to stay, so that the errors can be
// counted by hand. Rates, indices and growth are off by points, which are alike in all
// units; amounts of all sizes by percents of what came. Who has no past is left out, and
// told.
func TestBacktestOfLevelsWorked(t *testing.T) {
	const hefei, wuhu, bengbu = "340100", "340200", "340300"
	quarterly, monthly, janfeb := luoshi.Quarterly, luoshi.Monthly, luoshi.MonthlyJanFeb
	for _, c := range []struct {
		name, code, column string
		calendar           luoshi.Calendar
		basis              luoshi.Basis
		hefei, wuhu        steady
		points             bool
		own, pooled        string
		within, units      int // of the units pooled
		without            int // a past
	}{
		{"a rate, in percentage points: 0.30, and (0.30 + 0.10)/2", "jobless", "value", quarterly, luoshi.Single, steady{"4.00", "4.30"}, steady{"5.00", "4.90"}, true, "0.30", "0.20", 0, 2, 2},
		{"a rate that stayed in one city: (0.30 + 0)/2", "jobless", "value", quarterly, luoshi.Single, steady{"4.00", "4.30"}, steady{"5.00", "5.00"}, true, "0.30", "0.15", 1, 2, 2},
		{"an index, in its points: 3.0, and (3.0 + 1.0)/2", "climate", "value", quarterly, luoshi.Single, steady{"100.0", "103.0"}, steady{"98.0", "99.0"}, true, "3.0", "2.0", 0, 2, 2},
		{"a growth of the year to date: 2.0, and (2.0 + 0.5)/2", "fixed", "value", janfeb, luoshi.Cumulative, steady{"6.0", "4.0"}, steady{"3.0", "3.5"}, true, "2.0", "1.3", 0, 2, 2},
		{"a flow of which only growth is published: 2.0, and (2.0 + 1.0)/2", "output", "growth", quarterly, luoshi.Cumulative, steady{"8.0", "6.0"}, steady{"5.0", "6.0"}, true, "2.0", "1.5", 0, 2, 2},
		{"a stock, in percent of what came: 250 of 1250 are 20%, 2 of 8 are 25%", "loans", "value", monthly, luoshi.Single, steady{"1000.0", "1250.0"}, steady{"10.0", "8.0"}, false, "20.0", "22.5", 0, 2, 2},
		{"a stock that is worked off has no percent of nothing: 30.0, alone", "loans", "value", monthly, luoshi.Single, steady{"30.0", "0.0"}, steady{"10.0", "8.0"}, true, "30.0", "30.0", 0, 1, 0},
		{"another unit's nothing is left out", "loans", "value", monthly, luoshi.Single, steady{"1000.0", "1250.0"}, steady{"10.0", "0.0"}, false, "20.0", "20.0", 0, 1, 3},
	} {
		in := luoshi.Indicator{Code: c.code, Calendar: c.calendar, Basis: c.basis}
		s := tries(t, cities, "figures", steadyFigures(in, c.column, map[string]steady{hefei: c.hefei, wuhu: c.wuhu, bengbu: {}}))
		v := outlook(t, s, service.Look{Unit: hefei}, c.code)
		b := v.Backtest
		if b == nil {
			t.Errorf("%s: none; %v", c.name, v.Why)
			continue
		}
		if b.Points != c.points || b.Own.Error.Decimal.String() != c.own || b.Pooled.Error.Decimal.String() != c.pooled {
			t.Errorf("%s: %v and %v, in points %v", c.name, b.Own.Error, b.Pooled.Error, b.Points)
		}
		// What stays is what the naive rules say, too: June's value, and the year before brought no change.
		if b.Own.RunRate != b.Own.Error || b.Own.Share != b.Own.Error || b.Pooled.RunRate != b.Pooled.Error || b.Pooled.Share != b.Pooled.Error {
			t.Errorf("%s: beside %+v, %+v", c.name, b.Own, b.Pooled)
		}
		if b.Own.Years != 1 || b.Pooled.Years != c.units || b.Pooled.Units != c.units || b.Pooled.Within != c.within || b.Without != c.without {
			t.Errorf("%s: %+v of %+v, %d without a past", c.name, b.Own, b.Pooled, b.Without)
		}
	}
}

// wander writes monthly stocks of a city from a year until June of 2020.
func wander(unit string, from int, r *rand.Rand) string {
	var b strings.Builder
	b.WriteString(figureHead)
	v := 50 + 1000*r.Float64()
	for year := from; year <= 2020; year++ {
		for m := 1; m <= 12 && (year < 2020 || m <= 6); m++ {
			v *= 1 + 0.02*r.NormFloat64()
			fmt.Fprintf(&b, "loans,%s,%d-%02d,%.1f\n", unit, year, m, v)
		}
	}
	return b.String()
}

// The naive rules beside it can be counted from the figures, and its own errors from the
// table of past years.
func TestBacktestOfLevelsAdds(t *testing.T) {
	s := tries(t, cities, "figures", figureHead+`
jobless,340100,2017-01..03,4.00
jobless,340100,2017-04..06,4.10
jobless,340100,2017-07..09,4.20
jobless,340100,2017-10..12,4.40
jobless,340100,2018-01..03,4.30
jobless,340100,2018-04..06,4.20
jobless,340100,2018-07..09,4.10
jobless,340100,2018-10..12,4.00
jobless,340100,2019-01..03,4.10
jobless,340100,2019-04..06,4.30
jobless,340100,2019-07..09,4.30
jobless,340100,2019-10..12,4.50
jobless,340100,2020-01..03,4.50
jobless,340100,2020-04..06,4.40
`)
	b := outlook(t, s, service.Look{Unit: "340100"}, "jobless").Backtest
	// As it stood in June: |4.20 − 4.00| and |4.30 − 4.50|. Moved as the year before: 4.20 + (4.40 − 4.10) is
	// 0.50 off; 4.30 + (4.00 − 4.20) is 0.40 off.
	if b == nil || b.Own.Years != 2 || b.Own.RunRate.Decimal.String() != "0.20" || b.Own.Share.Decimal.String() != "0.45" || b.Through != luoshi.ToDate(2020, 6) {
		t.Fatalf("%+v", b)
	}
	off, within := 0.0, 0
	for _, one := range b.Cases {
		off += math.Abs(float(t, one.Total)-float(t, one.Came)) / 2
		if one.Low80.Decimal.Cmp(one.Came.Decimal) <= 0 && one.Came.Decimal.Cmp(one.High80.Decimal) <= 0 {
			within++
		}
	}
	if math.Abs(off-float(t, b.Own.Error)) > 0.0101 || within != b.Own.Within {
		t.Errorf("the table says %.3f and %d inside, the line %v and %d", off, within, b.Own.Error, b.Own.Within)
	}
}

// Neither the order of the units nor that of their figures matters, nor who has no past;
// the units pooled are the same seen from each of them.
func TestBacktestOfLevelsKnowsNoOrder(t *testing.T) {
	codes := []string{"340100", "340200", "340300", "340400"}
	for seed := range uint64(6) {
		made := func(shuffled bool, last bool) map[string]*service.OutlookBacktest {
			r, mix := rand.New(rand.NewPCG(seed, 1)), rand.New(rand.NewPCG(seed, 2))
			figures := map[string]string{}
			for i, code := range codes[:3] {
				figures[code] = wander(code, 2015+i, r)
			}
			units, order := cities, slices.Clone(codes[:3])
			if shuffled {
				mix.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
				lines := strings.Split(strings.TrimSpace(cities), "\n")
				tail := lines[2:]
				mix.Shuffle(len(tail), func(i, j int) { tail[i], tail[j] = tail[j], tail[i] })
				for i := range tail {
					cells := strings.Split(tail[i], ",")
					cells[4] = fmt.Sprint(mix.IntN(9))
					tail[i] = strings.Join(cells, ",")
				}
				units = strings.Join(lines, "\n") + "\n"
			}
			var files []string
			for _, code := range order {
				files = append(files, "figures", figures[code])
			}
			if last {
				files = append(files, "figures", figureHead+"loans,340400,2020-05,3.0\nloans,340400,2020-06,4.0\n")
			}
			s, list := tries(t, units, files...), map[string]*service.OutlookBacktest{}
			for _, code := range codes[:3] {
				list[code] = outlook(t, s, service.Look{Unit: code}, "loans").Backtest
			}
			return list
		}
		first, mixed, more := made(false, false), made(true, false), made(false, true)
		for _, code := range codes[:3] {
			if !reflect.DeepEqual(first[code], mixed[code]) {
				t.Errorf("seed %d, %s: %+v in another order %+v", seed, code, first[code], mixed[code])
			}
			if !reflect.DeepEqual(first[code], more[code]) {
				t.Errorf("seed %d, %s: %+v with one that has no past %+v", seed, code, first[code], more[code])
			}
			if first[code].Pooled != first["340100"].Pooled || first[code].Pooled.Units != 3 || first[code].Without != 1 {
				t.Errorf("seed %d: %s sees %+v", seed, code, first[code])
			}
		}
	}
}

// What is reported or revised later, of this unit or of one beside it, changes no
// back-test as of before.
func TestNoPastBacktestOfLevelsChanges(t *testing.T) {
	c := &clock{}
	c.on(20200720)
	s := open(t, t.TempDir()+"/luoshi.db", c)
	mustTake(t, s, service.ImportOptions{}, "units", cities, "indicators", levels[3])
	r := rand.New(rand.NewPCG(3, 4))
	for _, code := range []string{"340100", "340200", "340300"} {
		mustTake(t, s, service.ImportOptions{}, "figures", wander(code, 2016, r))
	}
	c.on(20200721)
	then := service.Look{Unit: "340100", AsOf: c.at}
	before := outlook(t, s, then, "loans").Backtest
	if before == nil || before.Pooled.Units != 3 || before.Pooled.Years != 9 {
		t.Fatalf("%+v", before)
	}
	seen := *before
	c.on(20200920)
	for _, later := range []string{"loans,340100,2020-07,1.0", "loans,340200,2019-12,1.0", "loans,340300,2018-06,1.0", "loans,340400,2019-12,5.0"} {
		mustTake(t, s, service.ImportOptions{SaveRight: true}, "figures", figureHead+later+"\n")
		if now := outlook(t, s, then, "loans").Backtest; !reflect.DeepEqual(*now, seen) {
			t.Errorf("after %s: %+v, was %+v", later, now, seen)
		}
	}
	if now := outlook(t, s, service.Look{Unit: "340100"}, "loans").Backtest; reflect.DeepEqual(*now, seen) {
		t.Error("nothing has changed for today either")
	}
}

// A past year knows nothing of those after it: neither a share beyond the whole that was
// published since, nor this year's list bound what was to be expected then.
func TestBacktestOfLevelsIsNotBoundByLater(t *testing.T) {
	climb := func(last string) string {
		var b strings.Builder
		b.WriteString(figureHead)
		for year := 2018; year <= 2020; year++ {
			for m := 1; m <= 12 && (year < 2020 || m <= 6); m++ {
				value := fmt.Sprintf("%.2f", 40+float64(m)*5)
				if year == 2020 && m == 6 {
					value = last
				}
				fmt.Fprintf(&b, "cleared,340100,%d-%02d,%s\n", year, m, value)
			}
		}
		return b.String()
	}
	plain := outlook(t, tries(t, cities, "figures", climb("70.00")), service.Look{Unit: "340100"}, "cleared").Backtest
	for name, s := range map[string]*service.Service{
		"a share of 104%": tries(t, cities, "figures", climb("104.00")),
		"a list of 75":    tries(t, cities, "figures", climb("70.00"), "targets", "indicator,unit code,first year,form,value,date,holds from,reason\ncleared,340100,2020,date,75,2020-12-31,2020-01-01,定\n"),
	} {
		if b := outlook(t, s, service.Look{Unit: "340100"}, "cleared").Backtest; !reflect.DeepEqual(b, plain) || b == nil || len(b.Cases) != 1 {
			t.Errorf("%s: %+v, not %+v", name, b, plain)
		}
	}
	if high := float(t, plain.Cases[0].High80); high > 100 {
		t.Errorf("a share of %v%%", high)
	}
}

// A unit that never tells January apart is asked as of the same month, not the same
// place: what its year came to is not given away.
func TestBacktestAsksAsOfTheSameMonth(t *testing.T) {
	t.Run("level", func(t *testing.T) {
		var b strings.Builder
		b.WriteString(figureHead)
		for year := 2018; year <= 2020; year++ {
			for m := 1; m <= 12 && (year < 2020 || m <= 6); m++ {
				fmt.Fprintf(&b, "loans,340100,%d-%02d,100.0\n", year, m)
				if m > 1 {
					value := 100.0
					if year == 2019 && m > 6 {
						value = 200
					}
					fmt.Fprintf(&b, "loans,340200,%d-%02d,%.1f\n", year, m, value)
				}
			}
		}
		test := outlook(t, tries(t, cities, "figures", b.String()), service.Look{Unit: "340100"}, "loans").Backtest
		// Wuhu was to stay at 100 and came to 200: 50% off; Hefei 0.
		if test == nil || test.Pooled.Units != 2 || test.Pooled.Error.Decimal.String() != "25.0" || test.Own.Error.Decimal.String() != "0.0" {
			t.Errorf("%+v", test)
		}
	})
	t.Run("sum", func(t *testing.T) {
		c := &clock{}
		c.on(20201220)
		s := open(t, t.TempDir()+"/luoshi.db", c)
		mustTake(t, s, service.ImportOptions{}, long...)
		var b strings.Builder
		b.WriteString(figureHead)
		for year := 2017; year <= 2020; year++ {
			for m := 1; m <= 12 && (year < 2020 || m <= 11); m++ {
				fmt.Fprintf(&b, "invest,340100,%d-01..%02d,%d.00\n", year, m, 10*m)
				if sum := 10 * m; m > 1 {
					if year == 2019 && m == 12 {
						sum = 220
					}
					fmt.Fprintf(&b, "invest,340200,%d-01..%02d,%d.00\n", year, m, sum)
				}
			}
		}
		mustTake(t, s, service.ImportOptions{}, "figures", b.String())
		test := outlook(t, s, service.Look{Unit: "340100"}, "invest").Backtest
		// As of November Wuhu's last December was to bring ten; it brought 110, half of the year.
		if test == nil || test.Pooled.Units != 2 || test.Pooled.Years != 4 || float(t, test.Pooled.RunRate) < 11 {
			t.Errorf("%+v", test)
		}
	})
}
