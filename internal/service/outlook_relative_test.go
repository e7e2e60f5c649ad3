package service_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

func relativeTo(code, unit, of, at, value string) string {
	return "indicator,unit code,first year,form,value,reference indicator,reference unit,holds from,reason\n" + fmt.Sprintf("%s,%s,2020,relative,%s,%s,%s,2020-01-01,再定\n", code, unit, value, of, at)
}

// A target held against another series has a chance: that this year's growth comes out
// above the other's by what was promised. The two cities' pasts are one and the same.
func TestOutlookOfARelativeTarget(t *testing.T) {
	for _, tc := range []struct {
		name      string
		code, of  string
		value     string
		low, high float64 // thousandths
		goal      string
	}{
		{"as fast as the like", "invest", "invest", "0", 450, 550, "outlook.goal.relative"},
		{"far faster", "invest", "invest", "10.0", 1, 20, "outlook.goal.relative_by"},
		{"no less than far slower", "invest", "invest", "-10.0", 980, 999, "outlook.goal.relative_by"},
		{"against another calendar", "invest", "quarter", "0", 300, 700, "outlook.goal.relative"},
		{"less is wanted: no faster, in whole numbers", "accidents", "accidents", "0", 200, 800, "outlook.goal.relative_less"},
		{"less is wanted: far slower", "accidents", "accidents", "10.0", 1, 60, "outlook.goal.relative_less_by"},
	} {
		c := &clock{}
		c.on(20200710)
		s := open(t, t.TempDir()+"/luoshi.db", c)
		mustTake(t, s, service.ImportOptions{}, long...)
		mustTake(t, s, service.ImportOptions{}, "figures", figuresOf(tc.code, 2016, 2020, 6))
		if tc.of != tc.code {
			mustTake(t, s, service.ImportOptions{}, "figures", figuresOf(tc.of, 2016, 2020, 6, 3, 6, 9, 12))
		}
		mustTake(t, s, service.ImportOptions{}, "targets", relativeTo(tc.code, "340100", tc.of, "340200", tc.value))
		v := outlook(t, s, service.Look{Unit: "340100"}, tc.code)
		if !v.Chance.OK() || float64(v.Chance.Num) < tc.low || float64(v.Chance.Num) > tc.high || v.Standing != service.OutlookOpen || v.Asked.Valid {
			t.Errorf("%s: chance %d/1000 %s, asked %v", tc.name, v.Chance.Num, v.Standing, v.Asked)
			continue
		}
		if goal, _ := v.Says.Args["goal"].(luoshi.Message); v.Says.Key != "outlook.says.open" || goal.Key != tc.goal || !slices.Contains(noteKeys(v.Notes), "outlook.note.relative") {
			t.Errorf("%s: %v, %v", tc.name, v.Says, noteKeys(v.Notes))
		}
	}
}

// Where the other series gives no ground the view says which; a year that is over is
// settled.
func TestOutlookOfARelativeTargetWithout(t *testing.T) {
	c := &clock{}
	c.on(20200710)
	s := open(t, t.TempDir()+"/luoshi.db", c)
	mustTake(t, s, service.ImportOptions{}, long...)
	mustTake(t, s, service.ImportOptions{}, "figures", figuresOf("invest", 2016, 2020, 6), "targets", relativeTo("invest", "340100", "grown", "340200", "0"))
	v := outlook(t, s, service.Look{Unit: "340100"}, "invest")
	if v.Chance.OK() || !v.Total.Valid || !slices.Contains(noteKeys(v.Notes), "outlook.note.relative_lacks") {
		t.Errorf("without a ground: chance %v, %v", v.Chance, noteKeys(v.Notes))
	}
	c.on(20210120)
	var b strings.Builder
	b.WriteString(figureHead)
	past(&b, "invest", "340100", 2020, 2020, 12, luoshi.Monthly.Ends(), false)
	past(&b, "invest", "340200", 2020, 2020, 11, luoshi.Monthly.Ends(), false)
	sum := 1.0 // December brought little
	for m := 1; m <= 11; m++ {
		sum += monthly(2020, m)
	}
	fmt.Fprintf(&b, "invest,340200,2020-01..12,%.2f\n", sum)
	mustTake(t, s, service.ImportOptions{}, "figures", b.String(), "targets", relativeTo("invest", "340100", "invest", "340200", "0"))
	v = outlook(t, s, service.Look{Unit: "340100", Year: 2020}, "invest")
	if v.Standing != service.OutlookClosed || v.Chance != luoshi.Over(1000, 1000) {
		t.Errorf("the year is over: %s, %v, notes %v", v.Standing, v.Chance, noteKeys(v.Notes))
	}
}
