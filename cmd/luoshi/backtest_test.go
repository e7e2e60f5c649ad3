package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBacktest(t *testing.T) {
	dir := t.TempDir()
	var b strings.Builder
	b.WriteString("dataset,id,year,month,y\n")
	for i := range 72 {
		fmt.Fprintf(&b, "d,x,%d,%d,%d\n", 2015+i/12, i%12+1, 100+i+7*(i%12)+i*i%5)
	}
	write(t, dir, "series.csv", b.String())
	write(t, dir, "cases.csv", "dataset,id,year,prior_total,actual_total,T_100\nd,x,2020,2400,2500,2400\n")
	code, out, errs := call(t, dir, "backtest", "--series", "series.csv", "--cases", "cases.csv", "--out", "answers.csv")
	if code != exitOK || !strings.Contains(out, "answers: 3") || !strings.Contains(out, "Brier") {
		t.Fatalf("%d %s %s", code, out, errs)
	}
	text, err := os.ReadFile(filepath.Join(dir, "answers.csv"))
	if err != nil || !strings.HasPrefix(string(text), "dataset,id,m,total,p_100,method,lo80,hi80,lo95,hi95\nd,x,3,") || strings.Count(string(text), "\n") != 4 {
		t.Errorf("%s %v", text, err)
	}
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"--series none.csv --cases cases.csv --out a.csv", exitNotFound, "none.csv cannot be opened"},
		{"--series cases.csv --cases cases.csv --out a.csv", exitInvalid, "there is no column y"},
		{"--series series.csv --cases series.csv --out no/where.csv", exitNotFound, "cannot be opened"},
		{"--series series.csv", exitUsage, "are needed"},
	} {
		code, _, errs := call(t, dir, append([]string{"backtest"}, strings.Fields(c.args)...)...)
		if code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%s: %d %s", c.args, code, errs)
		}
	}
}
