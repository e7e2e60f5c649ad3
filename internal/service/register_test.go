package service_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"luoshi.dev"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/service"
)

// The register says who is really judged by which rule, and keeps every version.
func TestSchemes(t *testing.T) {
	databases(t, func(t *testing.T, dsn string) {
		c := &clock{}
		s := town(t, dsn, c)
		ctx := context.Background()
		first := c.at
		v, err := s.Schemes(ctx, service.Look{Year: 2020})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, row := range v.Schemes {
			if row.Targets > 0 {
				got = append(got, fmt.Sprintf("%s targets=%d default=%d units=%d own=%v lights=%v", row.Scheme.Code, row.Targets, row.Default, row.Units, row.Own, row.Lights))
			}
		}
		if want := "own targets=3 default=0 units=3 own=true lights={2 1 0 0}\nform targets=1 default=1 units=1 own=false lights={0 0 1 0}"; strings.Join(got, "\n") != want {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
		}
		c.on(20200720)
		if _, err := s.Put(ctx, service.Change{Schemes: []luoshi.Scheme{scheme("0", "5")}}, "clerk", "收紧"); err != nil {
			t.Fatal(err)
		}
		page, err := s.Scheme(ctx, service.Look{Year: 2020}, "own")
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Revisions) != 2 || len(page.Uses) != 1 || page.Uses[0].Lights.Red != 1 {
			t.Fatalf("%+v", page)
		}
		newest := page.Revisions[0]
		if newest.Number != 2 || newest.By != "clerk" || newest.Reason != "收紧" || len(newest.Differs) != 1 || newest.Differs[0].Field != "red" || luoshi.DateOf(newest.At) != 20200720 {
			t.Errorf("newest: %+v", newest)
		}
		if old, err := s.Scheme(ctx, service.Look{Year: 2020, AsOf: first}, "own"); err != nil || len(old.Revisions) != 1 || old.Scheme.Red.String() != "10" {
			t.Errorf("as of before: %+v, %v", old, err)
		}
		if _, err := s.Scheme(ctx, service.Look{Year: 2020}, "nothing"); luoshi.CodeOf(err) != luoshi.NotFound {
			t.Errorf("an unknown rule: %v", err)
		}
	})
}

// A rule tried on the past: period by period beside the rule in force.
func TestTryScheme(t *testing.T) {
	c := &clock{}
	s := town(t, filepath.Join(t.TempDir(), "luoshi.db"), c)
	mustTake(t, s, service.ImportOptions{}, "figures", `
indicator,unit code,period,value
invest,340100,2020-01..03,20.00
invest,340200,2020-01..03,30.00
`)
	look := service.Look{Year: 2020}
	write := func(v *service.Trial) string {
		var b strings.Builder
		for _, row := range v.Rows {
			fmt.Fprintf(&b, "%s %s fits=%v:", row.Unit.Code, row.Indicator, row.Fits)
			for i, cell := range row.Cells {
				if cell.Asked && cell.After.Presence == luoshi.Present {
					fmt.Fprintf(&b, " %d %v→%v", v.Months[i], cell.Before.Light, cell.After.Light)
				}
			}
			b.WriteString("\n")
		}
		return b.String()
	}
	for _, tc := range []struct {
		name string
		q    service.TrialQuery
		want string
	}{
		{"the rule in force", service.TrialQuery{Scheme: scheme("0", "10"), Indicator: "invest"}, "340000 invest fits=true: 3 yellow→yellow 6 green→green\n340100 invest fits=true: 3 red→red 6 green→green\n340200 invest fits=true: 3 yellow→yellow 6 yellow→yellow\n"},
		{"a stricter one", service.TrialQuery{Scheme: scheme("0", "5"), Indicator: "invest"}, "340000 invest fits=true: 3 yellow→red 6 green→green\n340100 invest fits=true: 3 red→red 6 green→green\n340200 invest fits=true: 3 yellow→yellow 6 yellow→red\n"},
		{"what the rule judges here", service.TrialQuery{Scheme: scheme("20", "30")}, "340000 invest fits=true: 3 yellow→green 6 green→green\n"},
		{"a set", service.TrialQuery{Scheme: scheme("0", "5"), Set: "board"}, "340000 invest fits=true: 3 yellow→red 6 green→green\n"},
		{"a form it cannot judge", service.TrialQuery{Scheme: scheme("0", "5"), Indicator: "gdp_growth"}, "340000 gdp_growth fits=false: 6 red→red\n"},
		{"conditions", service.TrialQuery{Scheme: luoshi.Scheme{Code: "x", Kind: luoshi.ByExpression, RedWhen: "share < 42.4 and month > 3"}, Indicator: "invest"}, "340000 invest fits=true: 3 yellow→green 6 green→green\n340100 invest fits=true: 3 red→green 6 green→green\n340200 invest fits=true: 3 yellow→green 6 yellow→red\n"},
	} {
		tc.q.Look = look
		v, err := s.TryScheme(context.Background(), tc.q)
		if err != nil || len(v.Faults) > 0 {
			t.Fatalf("%s: %v %v", tc.name, v, err)
		}
		if got := write(v); got != tc.want {
			t.Errorf("%s:\n%swant\n%s", tc.name, got, tc.want)
		}
	}
	v, err := s.TryScheme(context.Background(), service.TrialQuery{Look: look, Scheme: scheme("20", "10")})
	if err != nil || len(v.Faults) != 1 || v.Faults[0].Field != "red" || len(v.Rows) != 0 {
		t.Errorf("a rule that is none: %+v, %v", v, err)
	}
	for name, q := range map[string]service.TrialQuery{"indicator": {Indicator: "x"}, "set": {Set: "x"}, "unit": {Look: service.Look{Unit: "x"}}} {
		q.Scheme = scheme("0", "5")
		if _, err := s.TryScheme(context.Background(), q); luoshi.CodeOf(err) != luoshi.NotFound {
			t.Errorf("an unknown %s: %v", name, err)
		}
	}
}

// Whatever limits are tried: a stricter rule never gives a better light, the rule in
// force differs nowhere, and the counts are those of the cells.
func TestTrialHolds(t *testing.T) {
	s := demotest.Open(t)
	look := service.Look{AsOf: luoshi.Date(20201231).End(), Year: 2020}
	rapid.Check(t, func(rt *rapid.T) {
		yellow := rapid.IntRange(0, 30).Draw(rt, "yellow")
		red := rapid.IntRange(yellow, 60).Draw(rt, "red")
		tried := luoshi.Scheme{Code: "anhui_2020", Names: luoshi.Names{Hans: "序时灯"}, Kind: luoshi.ByPace, Yellow: quantity(fmt.Sprint(yellow)), Red: quantity(fmt.Sprint(red))}
		at := look
		at.Unit = rapid.SampledFrom([]string{"", "340100", "341200"}).Draw(rt, "unit")
		v, err := s.TryScheme(context.Background(), service.TrialQuery{Look: at, Scheme: tried, Indicator: rapid.SampledFrom([]string{"", "key_projects", "urban_jobs"}).Draw(rt, "indicator")})
		if err != nil {
			rt.Fatal(err)
		}
		cells, worse, better := 0, 0, 0
		for _, row := range v.Rows {
			for _, c := range row.Cells {
				if !c.Asked {
					continue
				}
				cells++
				before, after := c.Before.Light, c.After.Light
				if before == luoshi.NotJudged || after == luoshi.NotJudged {
					if before != after {
						rt.Fatalf("limits cannot make %v of %v", after, before)
					}
					continue
				}
				if after > before {
					worse++
				}
				if after < before {
					better++
				}
				if yellow == 0 && red <= 10 && after < before || yellow == 0 && red == 10 && after != before {
					rt.Fatalf("%d and %d make %v of %v", yellow, red, after, before)
				}
			}
		}
		if cells != v.Cells || worse != v.Worse || better != v.Better || v.Before.Green+v.Before.Yellow+v.Before.Red+v.Before.NotJudged != cells {
			rt.Fatalf("counted %d %d %d, told %d %d %d", cells, worse, better, v.Cells, v.Worse, v.Better)
		}
	})
}

// The tree of goals, its rules, and how it came to be.
func TestGoals(t *testing.T) {
	c := &clock{}
	s := town(t, filepath.Join(t.TempDir(), "luoshi.db"), c)
	ctx := context.Background()
	look := service.Look{Year: 2020}
	v, err := s.Goals(ctx, look)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range v.Goals {
		light := "–"
		if n.Judgement != nil {
			light = n.Judgement.Light.String()
		}
		got = append(got, fmt.Sprintf("%d %s %s %s", n.Depth, n.Goal.Code, light, n.Rule.Key))
	}
	if want := []string{"0 win yellow goal.rule.all_of", "1 build green goal.rule.one", "1 grow red goal.rule.one"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(v.Offers) != 2 || len(v.Offers[0].Goals) != 7 {
		t.Fatalf("offers %+v", v.Offers)
	}
	if saved, err := s.Put(ctx, service.Change{Goals: v.Offers[0].Goals}, "clerk", ""); err != nil || saved.Written != 7 {
		t.Fatalf("take over: %+v, %v", saved, err)
	}
	if v, err = s.Goals(ctx, look); err != nil || len(v.Offers) != 1 || v.Offers[0].Code != "six_guarantees" || len(v.Goals) != 10 {
		t.Errorf("after taking over: %d offers, %d goals, %v", len(v.Offers), len(v.Goals), err)
	}
	one := quantity("1")
	c.on(20200801)
	jobs := luoshi.Goal{Code: "stable_trade", Names: luoshi.Names{Hans: "稳外贸"}, Parent: "six_stability", Order: 3, Combine: luoshi.Weighted, Weight: one,
		Items: []luoshi.GoalItem{{Indicator: "invest", Weight: one}, {Indicator: "gdp_growth", Unit: "340000", Weight: one, Guard: true}}}
	if _, err := s.Put(ctx, service.Change{Goals: []luoshi.Goal{jobs}}, "clerk", "定指标"); err != nil {
		t.Fatal(err)
	}
	page, err := s.Goal(ctx, look, "stable_trade")
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Above) != 1 || page.Above[0].Code != "six_stability" || len(page.Items) != 2 || page.Items[1].Judgement == nil || page.Rule.Key != "goal.rule.guarded" || page.Judgement == nil || page.Judgement.Light != luoshi.Yellow {
		t.Errorf("page %+v", page)
	}
	fields := []string{}
	for _, d := range page.Revisions[0].Differs {
		fields = append(fields, d.Field+" "+d.Item.Hans)
	}
	if want := []string{"name_hant ", "name_en ", "combine ", "item 重点项目投资", "item 安徽省 · 地区生产总值增速"}; !slices.Equal(fields, want) {
		t.Errorf("differs %q, want %q", fields, want)
	}
	if _, err := s.Goal(ctx, look, "nothing"); luoshi.CodeOf(err) != luoshi.NotFound {
		t.Errorf("an unknown goal: %v", err)
	}
	choices, err := s.Choices(ctx, look)
	if err != nil || len(choices.Goals) != 10 || len(choices.Indicators) != 2 || len(choices.Areas) != 3 {
		t.Errorf("choices %+v, %v", choices, err)
	}
}

// A set shows what each indicator counts, and how it came to be.
func TestSets(t *testing.T) {
	c := &clock{}
	s := town(t, filepath.Join(t.TempDir(), "luoshi.db"), c)
	ctx := context.Background()
	look := service.Look{Year: 2020}
	put := func(day luoshi.Date, items ...luoshi.SetItem) {
		c.on(day)
		if _, err := s.Put(ctx, service.Change{Sets: []luoshi.IndicatorSet{{Code: "board", Names: luoshi.Names{Hans: "每月亮晒"}, Items: items}}}, "clerk", "改"); err != nil {
			t.Fatal(err)
		}
	}
	invest, growth := luoshi.SetItem{Indicator: "invest", Weight: quantity("1.5")}, luoshi.SetItem{Indicator: "gdp_growth", Weight: quantity("0.5")}
	put(20200712, invest, growth)
	put(20200713, growth, invest)
	page, err := s.Set(ctx, look, "board")
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Items) != 2 || page.Items[0].Indicator != "gdp_growth" || page.Items[0].Share.Percent(1).Decimal.String() != "25.0" || page.Lights.Green != 1 || page.Lights.Red != 1 {
		t.Errorf("%+v", page)
	}
	if len(page.Revisions) != 3 || page.Revisions[0].Differs[0].Field != "order" || len(page.Revisions[1].Differs) != 2 {
		t.Errorf("revisions %+v", page.Revisions)
	}
	list, err := s.Sets(ctx, look)
	if err != nil || len(list.Sets) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	if _, err := s.Set(ctx, look, "nothing"); luoshi.CodeOf(err) != luoshi.NotFound {
		t.Errorf("an unknown set: %v", err)
	}
}
