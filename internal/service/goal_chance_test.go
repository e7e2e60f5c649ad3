package service_test

import (
	"math"
	"slices"
	"testing"

	"luoshi.dev"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/service"
)

const goalHead = "code,name,parent goal,order,combine,weight,owner,indicator,unit code,guard\n"

// Two indicators with one and the same past and targets at what each is likely to come
// to, under goals of every kind: the chance of the goal beside those of its members.
func TestGoalChance(t *testing.T) {
	c := &clock{}
	c.on(20200710)
	s := open(t, t.TempDir()+"/luoshi.db", c)
	mustTake(t, s, service.ImportOptions{}, long...)
	mustTake(t, s, service.ImportOptions{}, "figures", figuresOf("invest", 2016, 2020, 6))
	mustTake(t, s, service.ImportOptions{}, "figures", figuresOf("single", 2016, 2020, 6))
	look := service.Look{Unit: "340100"}
	total := outlook(t, s, look, "invest").Total.Decimal
	mustTake(t, s, service.ImportOptions{}, "targets", targetOf("invest", "340100", "level", total.String(), "2020-01-01"))
	mustTake(t, s, service.ImportOptions{}, "targets", targetOf("single", "340100", "level", total.String(), "2020-01-01"))
	mustTake(t, s, service.ImportOptions{}, "goals", goalHead+
		"one,一项,,1,all_of,,,,,\none,,,,,,,invest,,\n"+
		"both,两项,,2,all_of,,,,,\nboth,,,,,,,invest,,\nboth,,,,,,,single,,\n"+
		"guarded,有守住,,3,all_of,,,,,\nguarded,,,,,,,invest,,\nguarded,,,,,,,single,,yes\n"+
		"either,按重量,,4,weighted,,,,,\neither,,,,,9,,invest,,\neither,,,,,1,,single,,\n"+
		"twice,两处要,,5,all_of,,,,,\ntwice,,,,,,,invest,,\n"+
		"twice_below,其中,twice,1,weakest_link,,,,,\ntwice_below,,,,,,,invest,,\n"+
		"lacks,缺一,,6,all_of,,,,,\nlacks,,,,,,,invest,,\nlacks,,,,,,,quarter,,\n"+
		"nothing,没有目标,,7,all_of,,,,,\nnothing,,,,,,,janfeb,,\n")
	mustTake(t, s, service.ImportOptions{}, "targets", targetOf("quarter", "340100", "level", "100.00", "2020-01-01"))
	goal := func(code string) *service.GoalChance {
		t.Helper()
		v, err := s.Goal(t.Context(), look, code)
		if err != nil {
			t.Fatal(err)
		}
		return v.Chance
	}
	one := goal("one")
	p := one.Chance.Num
	if len(one.Members) != 1 || p < 400 || p > 600 || one.Apart != one.Chance || one.Says().Key != "goal.chance.one" {
		t.Fatalf("one target: %+v", one)
	}
	both := goal("both")
	product := int64(math.Round(float64(both.Members[0].Chance.Num*both.Members[1].Chance.Num) / 1000))
	if diff := both.Apart.Num - product; diff < -1 || diff > 1 || both.Chance.Num <= both.Apart.Num || both.Chance.Num > both.Most.Num || both.Says().Key != "goal.chance.all" {
		t.Errorf("two with one past: %v, apart %v (%d), at most %v", both.Chance, both.Apart, product, both.Most)
	}
	if g := goal("guarded"); g.Chance != both.Chance || !g.Members[1].Guard {
		t.Errorf("a guard is asked for, too: %+v", g)
	}
	if g := goal("either"); g.Chance != one.Chance || g.Most.OK() {
		t.Errorf("by weight, where one has it all: %+v", g)
	}
	if g := goal("twice"); g.Chance != one.Chance || len(g.Members) != 1 {
		t.Errorf("asked for twice: %+v", g)
	}
	if g := goal("lacks"); g.Chance.OK() || g.Apart.OK() || len(g.Lacking) != 1 || g.Rest != one.Chance || g.Says().Key != "goal.chance.rest" || g.Members[1].Why.Key == "" {
		t.Errorf("where one has no chance: %+v", g)
	}
	if g := goal("nothing"); g != nil {
		t.Errorf("where there is no target: %+v", g)
	}
	rows := func() map[string]*service.GoalChance {
		t.Helper()
		o, err := s.Overview(t.Context(), look)
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]*service.GoalChance{}
		for _, row := range o.Goals {
			m[row.Code] = row.Chance
		}
		return m
	}
	if g := rows()["both"]; g == nil || g.Chance.OK() || len(g.Lacking) != 2 || g.Members[0].Why.Key != "goal.chance.unkept" {
		t.Errorf("before any outlook is kept: %+v", g)
	}
	if _, err := s.RefreshOutlooks(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	shown := rows()
	for _, code := range []string{"one", "both", "guarded", "either", "twice", "lacks"} {
		if g, live := shown[code], goal(code); g == nil || g.Chance != live.Chance || g.Apart != live.Apart || g.Rest != live.Rest || g.Says().Key != live.Says().Key {
			t.Errorf("%s: the overview says %+v, the goal's page %+v", code, g, live)
		}
	}
}

// Of the demonstration each goal's chance lies within what its members allow, and says
// which has none.
func TestGoalChancesOfTheDemonstration(t *testing.T) {
	s := demotest.Open(t)
	look := service.Look{Unit: "340000", AsOf: luoshi.Date(20200731).End()}
	tree, err := s.Goals(t.Context(), look)
	if err != nil {
		t.Fatal(err)
	}
	known, lacking := 0, 0
	for _, n := range tree.Goals {
		v, err := s.Goal(t.Context(), look, n.Goal.Code)
		if err != nil {
			t.Fatal(err)
		}
		g := v.Chance
		if g == nil {
			continue
		}
		low, high := 1.0, 1.0
		for _, m := range g.Members {
			p := float64(m.Chance.Num) / 1000
			low, high = low-(1-p), min(high, p)
			if m.Chance.OK() == (m.Why.Key != "") {
				t.Errorf("%s: %s has chance %v, and says %v", n.Goal.Code, m.Indicator, m.Chance, m.Why)
			}
		}
		switch p := float64(g.Chance.Num) / 1000; {
		case len(g.Lacking) > 0:
			if lacking++; g.Chance.OK() {
				t.Errorf("%s lacks %v and has a chance all the same", n.Goal.Code, g.Lacking)
			}
		case p < low-0.001 || p > high+0.001:
			t.Errorf("%s: %.3f, beyond %.3f to %.3f", n.Goal.Code, p, low, high)
		default:
			known++
		}
		if len(v.Chances) != len(v.Below) {
			t.Errorf("%s: %d chances of %d below", n.Goal.Code, len(v.Chances), len(v.Below))
		}
	}
	if known < 5 || lacking < 2 {
		t.Errorf("%d goals have a chance, %d lack one", known, lacking)
	}
	victory, err := s.Goal(t.Context(), look, "double_victory")
	if err != nil || !slices.ContainsFunc(victory.Chance.Lacking, func(n luoshi.Names) bool { return n.Hans == "地区生产总值" }) || !victory.Chance.Rest.OK() {
		t.Errorf("%+v %v", victory, err)
	}
}
