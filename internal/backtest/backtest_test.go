package backtest

import (
	"bytes"
	"context"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"luoshi.dev"
)

const someSeries = `dataset,id,year,month,y
a,x,2020,2,5
a,x,2019,12,4
a,x,2020,1,NA
a,x,2020,4,7
`

func TestReadSeries(t *testing.T) {
	set, err := ReadSeries(strings.NewReader(someSeries))
	if err != nil {
		t.Fatal(err)
	}
	s := set[Key{"a", "x"}]
	if s.Year != 2019 || s.First != 12 || s.Season != 12 || len(s.Values) != 5 || s.Values[0] != 4 || !math.IsNaN(s.Values[1]) || s.Values[2] != 5 || !math.IsNaN(s.Values[3]) || s.Values[4] != 7 {
		t.Errorf("%+v", s)
	}
	set, err = ReadSeries(strings.NewReader("\ufeffid,year,quarter,y\nq,2020,1,1\nq,2020,2,2\n"))
	if err != nil || !reflect.DeepEqual(set[Key{"", "q"}].Values, []float64{1, 2}) || set[Key{"", "q"}].Season != 4 {
		t.Errorf("quarters: %+v, %v", set, err)
	}
	for name, c := range map[string]struct{ text, key string }{
		"empty":        {"", "backtest.empty"},
		"no column":    {"id,year,y\nx,2020,1\n", "backtest.column"},
		"month 13":     {"id,year,month,y\nx,2020,13,1\n", "backtest.whole"},
		"no number":    {"id,year,month,y\nx,2020,1,much\n", "backtest.number"},
		"endless":      {"id,year,month,y\nx,2020,1,inf\n", "backtest.number"},
		"twice":        {"id,year,month,y\nx,2020,1,1\nx,2020,1,1\n", "backtest.twice"},
		"a slip":       {"id,year,month,y\nx,2020,1,1\nx,1020,1,1\n", "backtest.span"},
		"short line":   {"id,year,month,y\nx,2020\n", "backtest.csv"},
		"broken quote": {"id,year,month,y\n\"x,2020,1,1\n", "backtest.csv"},
	} {
		_, err := ReadSeries(strings.NewReader(c.text))
		if luoshi.CodeOf(err) != luoshi.Invalid || !strings.Contains(keyOf(err), c.key) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func keyOf(err error) string {
	if e, ok := err.(*luoshi.Error); ok { //nolint:errorlint // made here
		return e.Message.Key
	}
	return ""
}

func TestRun(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,year,month,y\n")
	for year := 2015; year <= 2020; year++ {
		for m := 1; m <= 12; m++ {
			b.WriteString(strings.Join([]string{"x", strconv.Itoa(year), strconv.Itoa(m), strconv.Itoa(100 + (year-2015)*5 + m%4)}, ",") + "\n")
		}
	}
	set, err := ReadSeries(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	cases, err := ReadCases(strings.NewReader("id,year,T_a,T_b,ytd_6,prior_total,actual_total\nx,2020,1400,1600,,1458,1518\n"))
	if err != nil || len(cases.List) != 1 || !reflect.DeepEqual(cases.Months, []int{6}) || !reflect.DeepEqual(cases.Names, []string{"a", "b"}) {
		t.Fatalf("%+v %v", cases, err)
	}
	steps := 0
	list, err := Run(context.Background(), set, cases, func(_, _ int64) { steps++ })
	if err != nil || len(list) != 1 || steps != 1 {
		t.Fatalf("%+v %v", list, err)
	}
	a := list[0]
	if math.Abs(a.Total-1518) > 20 || a.Reach[0] < 0.95 || a.Reach[1] > 0.1 || !(a.Low95 < a.Low80 && a.Low80 < a.High80 && a.High80 < a.High95) {
		t.Errorf("%+v", a)
	}
	if s := Judge(list); s.Answers != 1 || s.Error > 0.015 || s.Brier > 0.02 {
		t.Errorf("%+v", s)
	}
	var out bytes.Buffer
	if err := Write(&out, cases.Names, list); err != nil || !strings.HasPrefix(out.String(), "dataset,id,m,total,p_a,p_b,method,lo80,hi80,lo95,hi95\n,x,6,") {
		t.Errorf("%s %v", out.String(), err)
	}
	// what came after the month asked about does not matter
	for k, s := range set {
		for i := len(s.Values) - 6; i < len(s.Values); i++ {
			s.Values[i] = 1e6
		}
		set[k] = s
	}
	again, err := Run(context.Background(), set, cases, func(_, _ int64) {})
	if err != nil || !reflect.DeepEqual(list, again) {
		t.Errorf("later months changed the answer: %+v", again)
	}
	cases.List[0].ID = "y"
	if _, err := Run(context.Background(), set, cases, func(_, _ int64) {}); luoshi.CodeOf(err) != luoshi.NotFound {
		t.Errorf("an unknown series: %v", err)
	}
}

// Whatever is in a file, reading ends with a set that can be asked, or an error
// that says where.
func FuzzSeries(f *testing.F) {
	f.Add(someSeries)
	f.Add("id,year,quarter,y\nq,2020,1,1e99\nq,2021,2,-2\n")
	f.Add("id,year,month,y\nx,2020,1,\n")
	f.Fuzz(func(t *testing.T, text string) {
		set, err := ReadSeries(strings.NewReader(text))
		if err != nil {
			if luoshi.CodeOf(err) != luoshi.Invalid {
				t.Fatal(err)
			}
			return
		}
		for key, s := range set {
			if len(s.Values) == 0 || len(s.Values) > maxSpan*s.Season {
				t.Fatalf("%v: %d values", key, len(s.Values))
			}
			if len(s.Values) > 200 {
				continue
			}
			cases := Cases{Months: []int{0, 6}, List: []Case{{Key: key, Year: s.Year + len(s.Values)/s.Season, Targets: []float64{1}}}}
			list, err := Run(context.Background(), set, cases, func(_, _ int64) {})
			if err != nil && luoshi.CodeOf(err) != luoshi.Invalid {
				t.Fatal(err)
			}
			for _, a := range list {
				if math.IsNaN(a.Total) || !(a.Reach[0] >= 0 && a.Reach[0] <= 1) || a.Low95 > a.High95 {
					t.Fatalf("%+v", a)
				}
			}
		}
	})
}
