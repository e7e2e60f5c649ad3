package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestOutlookCommand(t *testing.T) {
	dir := office(t)
	var months strings.Builder
	months.WriteString("indicator,unit code,period,value\n")
	for year := 2016; year <= 2020; year++ {
		for m := 1; m <= 12 && (year < 2020 || m <= 6); m++ {
			fmt.Fprintf(&months, "invest,340000,%d-01..%02d,%.2f\n", year, m, float64(m)*(20+float64(year-2016)))
		}
	}
	write(t, dir, "units.csv", "code,name,valid from\n340000,安徽省,2015-01-01\n")
	write(t, dir, "figures.csv", months.String())
	write(t, dir, "targets.csv", "indicator,unit code,first year,form,value,holds from\ninvest,340000,2020,level,287.00,2020-01-01\n")
	for _, file := range []string{"units.csv", "indicators.csv", "targets.csv", "figures.csv"} {
		if code, out, errs := call(t, dir, "import", file); code != exitOK {
			t.Fatalf("import %s: %d %s %s", file, code, out, errs)
		}
	}
	code, out, errs := call(t, dir, "outlook", "invest", "--unit", "340000", "--year", "2020")
	for _, want := range []string{"安徽省: Investment (亿元), 2020", "the chance of reaching 287.00 亿元 is ", "July 2020", "December 2020", "this unit", "The same month of last year"} {
		if !strings.Contains(out, want) {
			t.Errorf("%d %s: no %q in\n%s", code, errs, want, out)
		}
	}
	code, out, _ = call(t, dir, "outlook", "invest", "--unit", "340000", "--year", "2020", "--format", "csv")
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if code != exitOK || err != nil || len(rows) != 1+54+6 || rows[54][10] != "144.00" || rows[55][3] != "2020-07" || rows[55][4] != "true" {
		t.Errorf("%d %v: %d rows, %v", code, err, len(rows), rows)
	}
	code, out, _ = call(t, dir, "outlook", "invest", "--unit", "340000", "--year", "2020", "--format", "json")
	var v struct {
		Known, Says string
		Steps       []any
	}
	if err := json.Unmarshal([]byte(out), &v); code != exitOK || err != nil || v.Known != "144.00" || v.Says == "" || len(v.Steps) != 6 {
		t.Errorf("%d %v: %+v", code, err, v)
	}
	code, out, _ = call(t, dir, "outlook", "invest", "--unit", "340000", "--year", "2020", "--below", "--format", "csv")
	if rows, err = csv.NewReader(strings.NewReader(out)).ReadAll(); code != exitOK || err != nil || len(rows) != 2 || rows[1][1] != "340000" || rows[1][15] == "" {
		t.Errorf("%d %v: %v", code, err, rows)
	}
	code, out, _ = call(t, dir, "outlook", "--unit", "340000", "--year", "2020")
	if code != exitOK || !strings.Contains(out, "Investment (亿元)") || !strings.Contains(out, "287.00") {
		t.Errorf("all targets: %d %s", code, out)
	}
	code, out, _ = call(t, dir, "outlook", "invest", "--unit", "340000", "--year", "2020", "--said")
	if code != exitOK || !strings.Contains(out, "Nothing the outlook of Investment has said is kept yet") {
		t.Errorf("before anything was said: %d %s", code, out)
	}
	code, out, _ = call(t, dir, "outlook", "invest", "--unit", "340000", "--refresh", "--said", "--quiet")
	if code != exitOK || !strings.Contains(out, "Kept once, on ") || !strings.Contains(out, "287.00") || !strings.Contains(out, "Jun") {
		t.Errorf("said once: %d %s", code, out)
	}
	code, out, _ = call(t, dir, "outlook", "invest", "--unit", "340000", "--year", "2020", "--said", "--format", "csv")
	if rows, err = csv.NewReader(strings.NewReader(out)).ReadAll(); code != exitOK || err != nil || len(rows) != 2 || rows[1][4] != "false" || rows[1][5] != "2020-06" || rows[1][11] != "287.00" || rows[1][18] != "" {
		t.Errorf("%d %v: %v", code, err, rows)
	}
	if code, _, _ := call(t, dir, "outlook", "--said"); code != exitUsage {
		t.Errorf("said of what: %d", code)
	}
	if code, _, _ := call(t, dir, "outlook", "--below"); code != exitUsage {
		t.Errorf("below what: %d", code)
	}
	if code, _, errs := call(t, dir, "outlook", "nothing"); code != exitNotFound || !strings.Contains(errs, "nothing") {
		t.Errorf("%d %s", code, errs)
	}
	if code, _, _ := call(t, dir, "outlook", "invest", "--format", "xml"); code != exitUsage {
		t.Errorf("%d", code)
	}
}

// Of what does not add up the past years of the units beside are told, too, in points of
// a rate and in percent of a stock.
func TestOutlookCommandOfLevels(t *testing.T) {
	dir := office(t)
	write(t, dir, "units.csv", "code,name,parent code,valid from\n340000,安徽省,,2015-01-01\n340100,合肥市,340000,2015-01-01\n340200,芜湖市,340000,2015-01-01\n340300,蚌埠市,340000,2015-01-01\n")
	write(t, dir, "indicators.csv", "code,name,English name,measure,decimals,direction,kind,over time,over units,basis,calendar,reported at\njobless,失业率,Jobless,%,2,less,rate,last,none,single,quarterly,city\nloans,贷款,Loans,亿元,1,more,stock,last,sum,single,quarterly,city\n")
	var rows strings.Builder
	rows.WriteString("indicator,unit code,period,value\n")
	for year := 2018; year <= 2020; year++ {
		for m := 3; m <= 12 && (year < 2020 || m <= 6); m += 3 {
			end := year == 2019 && m == 12 // all stays until then
			rate, other, loans, few := "4.00", "5.00", "1000.0", "10.0"
			if end {
				rate, other, loans, few = "4.30", "4.90", "1250.0", "8.0"
			}
			fmt.Fprintf(&rows, "jobless,340100,%[1]d-%02[2]d..%02[3]d,%[4]s\njobless,340200,%[1]d-%02[2]d..%02[3]d,%[5]s\n", year, m-2, m, rate, other)
			fmt.Fprintf(&rows, "loans,340100,%[1]d-%02[2]d..%02[3]d,%[4]s\nloans,340200,%[1]d-%02[2]d..%02[3]d,%[5]s\n", year, m-2, m, loans, few)
		}
	}
	write(t, dir, "figures.csv", rows.String())
	for _, file := range []string{"units.csv", "indicators.csv", "figures.csv"} {
		if code, out, errs := call(t, dir, "import", file); code != exitOK {
			t.Fatalf("import %s: %d %s %s", file, code, out, errs)
		}
	}
	for _, c := range []struct {
		indicator, lang string
		want            []string
	}{
		{"jobless", "en", []string{"as it stood", "moved as the year before", "0.30 percentage points", "with its siblings", "0.20 percentage points", "left out: 1"}},
		{"loans", "en", []string{"as it stood", "20.0%", "22.5%", "left out: 1"}},
		{"jobless", "zh-Hans", []string{"维持不变", "照上年同一段的变化", "0.30个百分点", "连同同级单位", "0.20个百分点", "另有1个单位没有可比的往年"}},
	} {
		code, out, errs := call(t, dir, "outlook", c.indicator, "--unit", "340100", "--year", "2020", "--lang", c.lang)
		for _, want := range c.want {
			if code != exitOK || !strings.Contains(out, want) {
				t.Errorf("%s in %s: %d %s: no %q in\n%s", c.indicator, c.lang, code, errs, want, out)
			}
		}
	}
}
