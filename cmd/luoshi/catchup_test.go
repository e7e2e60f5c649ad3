package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// The command plans, keeps to what is given, puts in force and shows how it is kept.
func TestCatchUpCommand(t *testing.T) {
	dir := office(t)
	var months strings.Builder
	months.WriteString("indicator,unit code,period,value\n")
	for i, code := range []string{"340100", "340200"} {
		for year := 2016; year <= 2020; year++ {
			for m := 1; m <= 12 && (year < 2020 || m <= 6); m++ {
				value := float64(m)*(20+float64(year-2016)) + float64(i*(year*m%7))
				fmt.Fprintf(&months, "invest,%s,%d-01..%02d,%.2f\n", code, year, m, value)
			}
		}
	}
	write(t, dir, "units.csv", "code,name,kind,parent code,valid from\n340000,安徽省,province,,2015-01-01\n340100,合肥市,city,340000,2015-01-01\n340200,芜湖市,city,340000,2015-01-01\n")
	write(t, dir, "indicators.csv", "code,name,English name,measure,decimals,direction,kind,over time,over units,basis,calendar,reported at\ninvest,投资,Investment,亿元,2,more,flow,sum,sum,cumulative,monthly,city\n")
	write(t, dir, "figures.csv", months.String())
	write(t, dir, "targets.csv", "indicator,unit code,first year,form,value,holds from\ninvest,340000,2020,level,600.00,2020-01-01\ninvest,340100,2020,level,300.00,2020-01-01\ninvest,340200,2020,level,300.00,2020-01-01\n")
	for _, file := range []string{"units.csv", "indicators.csv", "targets.csv", "figures.csv"} {
		if code, out, errs := call(t, dir, "import", file); code != exitOK {
			t.Fatalf("import %s: %d %s %s", file, code, out, errs)
		}
	}
	ask := []string{"catchup", "invest", "--unit", "340000", "--year", "2020", "--unbound"}
	code, out, errs := call(t, dir, ask...)
	for _, want := range []string{"is still needed", "the plan brings it", "合肥市", "600.00", "Jul"} {
		if !strings.Contains(out, want) {
			t.Errorf("%d %s: no %q in\n%s", code, errs, want, out)
		}
	}
	locked := append(ask, "--lock", "340100:2020-09=30.00", "--cap", "340200=150")
	code, out, errs = call(t, dir, append(locked, "--format", "csv")...)
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if code != exitOK || err != nil || len(rows) != 1+24 || rows[9][5] != "2020-09" || rows[9][7] != "30.00" || rows[9][13] != "locked" {
		t.Errorf("%d %v %s: %d rows, %v", code, err, errs, len(rows), rows[min(9, len(rows)-1)])
	}
	code, out, _ = call(t, dir, append(locked, "--format", "json")...)
	var v struct {
		State string
		Says  []string
		Year  string `json:"year_total"`
		Rows  []struct{ Rest string }
	}
	if err := json.Unmarshal([]byte(out), &v); code != exitOK || err != nil || v.State != "met" || v.Year != "600.00" || len(v.Says) == 0 || len(v.Rows) != 2 {
		t.Errorf("%d %v: %+v", code, err, v)
	}
	if code, out, _ := call(t, dir, append(ask, "--lock", "340100:3=1")...); code != exitInvalid || !strings.Contains(out, "is reported") {
		t.Errorf("a reported month: %d %s", code, out)
	}
	for _, bad := range [][]string{{"--lock", "340100=3"}, {"--lock", "340100:13=3"}, {"--format", "xml"}} {
		if code, _, _ := call(t, dir, append(ask, bad...)...); code != exitUsage {
			t.Errorf("%v: %d", bad, code)
		}
	}
	if code, _, errs := call(t, dir, append(locked, "--put-in-force")...); code == exitOK || !strings.Contains(errs, "reason") {
		t.Errorf("without a reason: %d %s", code, errs)
	}
	if code, out, errs := call(t, dir, append(locked, "--put-in-force", "--reason", "make up", "--from", "2020-07-20", "--by", "planner")...); code != exitOK || !strings.Contains(out, "3") {
		t.Fatalf("put in force: %d %s %s", code, out, errs)
	}
	write(t, dir, "july.csv", "indicator,unit code,period,value\ninvest,340100,2020-01..07,150.00\ninvest,340200,2020-01..07,200.00\n")
	if code, out, errs := call(t, dir, "import", "july.csv"); code != exitOK {
		t.Fatalf("%d %s %s", code, out, errs)
	}
	if code, out, _ := call(t, dir, ask...); code != exitOK || !strings.Contains(out, "since the plan") || !strings.Contains(out, "behind") {
		t.Errorf("%d: is the plan kept?\n%s", code, out)
	}
}
