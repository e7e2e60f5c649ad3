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
