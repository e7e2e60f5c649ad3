package service_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"luoshi.dev"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/service"
)

// town is the small province with rules of its own, goals in a tree, and figures
// that leave one city behind.
func town(t *testing.T, dsn string, c *clock) *service.Service {
	t.Helper()
	c.on(20200102)
	s := open(t, dsn, c)
	world := slices.Clone(small)
	world[5] = `
indicator,unit code,first year,form,value,scheme,holds from
invest,340000,2020,level,322.75,own,2020-01-01
invest,340100,2020,level,200.00,own,2020-01-01
invest,340200,2020,level,122.75,own,2020-01-01
gdp_growth,340000,2020,growth,7.5,,2020-01-01
`
	world[7] = `
code,name,parent goal,combine,indicator,guard
win,双胜利,,all_of,,
grow,增长,win,all_of,,
grow,,,,gdp_growth,
build,建设,win,weakest_link,,
build,,,,invest,
`
	world = append(world, "schemes", `
code,name,kind,yellow,red
own,本省序时,pace,0,10
`, "sets", `
code,name,indicator,weight
board,每月亮晒,invest,1
`)
	mustTake(t, s, service.ImportOptions{}, world...)
	c.on(20200710)
	mustTake(t, s, service.ImportOptions{}, "figures", `
indicator,unit code,period,value,growth
invest,340100,2020-01..06,130.00,
invest,340200,2020-01..06,52.00,
gdp_growth,340000,2020-01..06,0.7,
`)
	c.on(20200711)
	return s
}

func scheme(yellow, red string) luoshi.Scheme {
	return luoshi.Scheme{Code: "own", Names: luoshi.Names{Hans: "本省序时"}, Kind: luoshi.ByPace, Yellow: quantity(yellow), Red: quantity(red)}
}

func quantity(text string) luoshi.Quantity {
	q, err := luoshi.ParseQuantity(text)
	if err != nil {
		panic(err)
	}
	return q
}

// shifts writes what an effect lists, a line each.
func shifts(list []service.Shift) string {
	var b strings.Builder
	light := func(j *luoshi.Judgement) string {
		if j == nil {
			return "–"
		}
		return j.Light.String()
	}
	for _, s := range list {
		fmt.Fprintf(&b, "%s %s%s %s→%s\n", s.Unit.Code, s.Indicator, s.Goal, light(s.Before), light(s.After))
	}
	return b.String()
}

// What each kind of change would do, said before it is done.
func TestTry(t *testing.T) {
	databases(t, func(t *testing.T, dsn string) {
		c := &clock{}
		s := town(t, dsn, c)
		guard := luoshi.Goal{Code: "build", Names: luoshi.Names{Hans: "建设"}, Parent: "win", Combine: luoshi.AllOf,
			Items: []luoshi.GoalItem{{Indicator: "invest", Weight: quantity("1")}, {Indicator: "invest", Unit: "340200", Weight: quantity("1"), Guard: true}}}
		for _, tc := range []struct {
			name   string
			change service.Change
			want   string
			writes int
			reason bool
		}{
			{"what holds already", service.Change{Schemes: []luoshi.Scheme{scheme("0", "10")}}, "", 0, false},
			{"another red line", service.Change{Schemes: []luoshi.Scheme{scheme("0", "5")}}, "340200 build yellow→red\n340200 win yellow→red\n340200 invest yellow→red\n", 1, true},
			{"a looser yellow line", service.Change{Schemes: []luoshi.Scheme{scheme("8", "10")}}, "340200 win yellow→green\n340200 build yellow→green\n340200 invest yellow→green\n", 1, true},
			{"a scheme that nobody uses", service.Change{Schemes: []luoshi.Scheme{{Code: "new", Names: luoshi.Names{Hans: "新"}, Kind: luoshi.ByMonths}}}, "", 1, false},
			{"a guard of one city", service.Change{Goals: []luoshi.Goal{guard}}, "", 1, true},
			{"a goal that asks for the weakest", service.Change{Goals: []luoshi.Goal{{Code: "win", Names: luoshi.Names{Hans: "双胜利"}, Combine: luoshi.WeakestLink, Weight: quantity("1")}}},
				"340000 win yellow→red\n", 1, true},
			{"a higher promise", service.Change{Targets: []service.TargetRow{{Indicator: "invest", UnitCode: "340100", FirstYear: 2020, Form: luoshi.FormLevel,
				Value: luoshi.Some(quantity("300.00")), Scheme: "own", From: 20200711, Reason: "加码"}}}, "340100 win green→yellow\n340100 build green→yellow\n340100 invest green→yellow\n", 1, true},
			{"a first promise", service.Change{Targets: []service.TargetRow{{Indicator: "gdp_growth", UnitCode: "340100", FirstYear: 2020, Form: luoshi.FormSign}}},
				"340100 win green→none\n340100 grow –→none\n340100 gdp_growth –→none\n", 1, false},
			{"an indicator that rounds", service.Change{Indicators: []luoshi.Indicator{{Code: "fdi", Names: luoshi.Names{Hans: "外资"}, Measure: luoshi.Measure{Symbol: luoshi.Names{Hans: "亿美元"}},
				Decimals: 1, Direction: luoshi.More, Kind: luoshi.Flow, OverTime: luoshi.TimeSum, OverUnits: luoshi.UnitSum, Basis: luoshi.Cumulative, Calendar: luoshi.Monthly}}}, "", 1, false},
		} {
			e, err := s.Try(context.Background(), service.Look{Year: 2020}, tc.change)
			if err != nil {
				t.Fatalf("%s: %v", tc.name, err)
			}
			got := strings.Split(shifts(e.Shifts), "\n")
			want := strings.Split(tc.want, "\n")
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) || e.Writes != tc.writes || e.Reason != tc.reason || e.Blocked {
				t.Errorf("%s: writes %d, reason %v, blocked %v %v\n%swant\n%s", tc.name, e.Writes, e.Reason, e.Blocked, e.Faults, shifts(e.Shifts), tc.want)
			}
		}
	})
}

// A fault is told at its noun and field, and nothing is put in force.
func TestPutRefuses(t *testing.T) {
	c := &clock{}
	s := town(t, filepath.Join(t.TempDir(), "luoshi.db"), c)
	looked := c.at
	long := luoshi.Goal{Code: "win", Names: luoshi.Names{Hans: "双胜利"}, Combine: luoshi.AllOf, Parent: "build"}
	one := quantity("1")
	for _, tc := range []struct {
		name         string
		change       service.Change
		reason       string
		field, wants string
		item         int
	}{
		{"yellow past red", service.Change{Schemes: []luoshi.Scheme{scheme("20", "10")}}, "r", "red", "scheme.order", -1},
		{"a wrong condition", service.Change{Schemes: []luoshi.Scheme{{Code: "x", Names: luoshi.Names{Hans: "x"}, Kind: luoshi.ByExpression, YellowWhen: "ahead < 0", RedWhen: "ahead <"}}}, "", "red_when", "scheme.expression", -1},
		{"a code with blanks", service.Change{Schemes: []luoshi.Scheme{{Code: "a b", Names: luoshi.Names{Hans: "x"}, Kind: luoshi.ByPace}}}, "", "code", "put.code", -1},
		{"a code that is taken", service.Change{Schemes: []luoshi.Scheme{{Code: "ouhai", Names: luoshi.Names{Hans: "x"}, Kind: luoshi.ByPace}}}, "", "code", "put.preset", -1},
		{"no reason", service.Change{Schemes: []luoshi.Scheme{scheme("0", "5")}}, "", "reason", "put.reason", -1},
		{"a goal under its own child", service.Change{Goals: []luoshi.Goal{long}}, "r", "parent", "import.goal_cycle", -1},
		{"a goal under nothing", service.Change{Goals: []luoshi.Goal{{Code: "a", Names: luoshi.Names{Hans: "甲"}, Combine: luoshi.AllOf, Parent: "zz"}}}, "", "parent", "import.goal_parent", -1},
		{"a goal without a name", service.Change{Goals: []luoshi.Goal{{Code: "a", Combine: luoshi.AllOf}}}, "", "name", "goal.name", -1},
		{"a goal of an unknown kind", service.Change{Goals: []luoshi.Goal{{Code: "a", Names: luoshi.Names{Hans: "甲"}, Combine: "some"}}}, "", "combine", "goal.combine", -1},
		{"a goal with an unknown item", service.Change{Goals: []luoshi.Goal{{Code: "a", Names: luoshi.Names{Hans: "甲"}, Combine: luoshi.AllOf,
			Items: []luoshi.GoalItem{{Indicator: "invest", Weight: one}, {Indicator: "invst", Weight: one}}}}}, "", "indicator", "import.indicator_unknown_near", 1},
		{"an empty set", service.Change{Sets: []luoshi.IndicatorSet{{Code: "s", Names: luoshi.Names{Hans: "集"}}}}, "", "indicator", "set.empty", -1},
		{"a set with an indicator twice", service.Change{Sets: []luoshi.IndicatorSet{{Code: "s", Names: luoshi.Names{Hans: "集"},
			Items: []luoshi.SetItem{{Indicator: "invest", Weight: one}, {Indicator: "invest", Weight: one}}}}}, "", "indicator", "import.item_twice", 1},
		{"growth that adds", service.Change{Indicators: []luoshi.Indicator{{Code: "g", Names: luoshi.Names{Hans: "增"}, Measure: luoshi.Measure{Symbol: luoshi.Names{Hans: "%"}}, Direction: luoshi.More,
			Kind: luoshi.Growth, OverTime: luoshi.TimeNone, OverUnits: luoshi.UnitSum, Basis: luoshi.Cumulative, Calendar: luoshi.Monthly}}}, "", "over_units", "indicator.never_adds", -1},
		{"a unit without a name", service.Change{Units: []service.UnitRow{{Code: "340300", Kind: luoshi.City, Parent: "340000"}}}, "", "name", "put.required", -1},
		{"a merger into nothing", service.Change{Changes: []service.UnitChange{{On: 20200801, Kind: service.Merge, Old: "340200", New: "340900"}}}, "r", "new", "import.unit_unknown_near", -1},
		{"a revision without reason", service.Change{Targets: []service.TargetRow{{Indicator: "invest", UnitCode: "340100", FirstYear: 2020, Form: luoshi.FormLevel, Value: luoshi.Some(one), From: 20200711}}}, "", "reason", "target.reason", -1},
	} {
		saved, err := s.Put(context.Background(), tc.change, "clerk", tc.reason)
		if luoshi.CodeOf(err) != luoshi.Invalid || saved == nil || saved.Written != 0 {
			t.Errorf("%s: %+v, %v", tc.name, saved, err)
			continue
		}
		if !slices.ContainsFunc(saved.Faults, func(f service.Fault) bool {
			return f.Field == tc.field && f.Message.Key == tc.wants && f.Item == tc.item
		}) {
			t.Errorf("%s: %+v", tc.name, saved.Faults)
		}
	}
	c.on(20200712)
	if _, err := s.Put(context.Background(), service.Change{Schemes: []luoshi.Scheme{scheme("0", "6")}, Seen: looked}, "first", "收紧"); err != nil {
		t.Fatal(err)
	}
	_, err := s.Put(context.Background(), service.Change{Schemes: []luoshi.Scheme{scheme("0", "7")}, Seen: looked}, "second", "放宽")
	if err == nil || !strings.Contains(err.Error(), "put.meanwhile") {
		t.Errorf("over another's change: %v", err)
	}
}

// lights is every light of the board and of the goals, by unit, with its sentence.
func lights(t testing.TB, s *service.Service, look service.Look) map[string]string {
	t.Helper()
	ctx := context.Background()
	all := map[string]string{}
	b, err := s.Board(ctx, service.BoardQuery{Look: look})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range b.Rows {
		for i, cell := range row.Cells {
			if cell.Target {
				all[row.Unit.Code+" "+b.Columns[i].Indicator] = cell.Judgement.Light.String() + " " + cell.Judgement.Says.String()
			}
		}
		at := look
		at.Unit = row.Unit.Code
		v, err := s.Overview(ctx, at)
		if err != nil {
			t.Fatal(err)
		}
		if v.HasGoals {
			for _, g := range v.Goals {
				all[row.Unit.Code+" goal "+g.Code] = g.Judgement.Light.String() + " " + g.Judgement.Says.String()
			}
		}
	}
	return all
}

// applied is a board with an effect's shifts carried out.
func applied(before map[string]string, e *service.Effect) map[string]string {
	after := maps.Clone(before)
	for _, u := range e.Units { // a unit is the same by another code
		if u.Before == nil || u.After == nil || u.Before.Code == u.After.Code {
			continue
		}
		for key, light := range before {
			if rest, ok := strings.CutPrefix(key, u.Before.Code+" "); ok {
				delete(after, key)
				after[u.After.Code+" "+rest] = light
			}
		}
	}
	for _, s := range slices.Concat(e.Shifts, e.Reworded) {
		key := s.Unit.Code + " " + s.Indicator
		if s.Goal != "" {
			key = s.Unit.Code + " goal " + s.Goal
		}
		if s.After == nil {
			delete(after, key)
		} else {
			after[key] = s.After.Light.String() + " " + s.After.Says.String()
		}
	}
	return after
}

// Trying writes nothing, whatever is tried; and what it says would be is what is,
// once the change is in force.
func TestTrySaysWhatPutDoes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp("", "luoshi-")
		if err != nil {
			rt.Fatal(err)
		}
		defer os.RemoveAll(dir)
		c := &clock{}
		s := town(t, filepath.Join(dir, "luoshi.db"), c)
		ctx := context.Background()
		for step := range rapid.IntRange(1, 5).Draw(rt, "steps") {
			change := drawChange(rt, step)
			look := service.Look{Year: 2020, Boundaries: luoshi.DateOf(c.at)}
			before, stored := lights(t, s, look), everything(t, s)
			e, err := s.Try(ctx, look, change)
			if err != nil {
				rt.Fatal(err)
			}
			if !bytes.Equal(stored, everything(t, s)) {
				rt.Fatalf("trying %+v wrote something", change)
			}
			want := applied(before, e)
			saved, err := s.Put(ctx, change, "clerk", "试")
			if e.Blocked != (err != nil) || !e.Blocked && saved.Written != e.Writes {
				rt.Fatalf("tried: blocked %v, writes %d; put: %+v, %v", e.Blocked, e.Writes, saved, err)
			}
			if got := lights(t, s, look); !maps.Equal(got, want) {
				rt.Fatalf("%+v\nwould be %v\nis       %v", change, want, got)
			}
			c.at = c.at.Add(time.Hour)
		}
	})
}

// everything is the database written out.
func everything(t testing.TB, s *service.Service) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.Export(context.Background(), &b, service.ExportOptions{CSV: true}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func drawChange(rt *rapid.T, step int) service.Change {
	today := luoshi.Date(20200711)
	number := func(name string, most int) luoshi.Quantity {
		return quantity(fmt.Sprint(rapid.IntRange(0, most).Draw(rt, name)))
	}
	city := rapid.SampledFrom([]string{"340100", "340200"}).Draw(rt, "city")
	switch rapid.IntRange(0, 6).Draw(rt, "kind") {
	case 0:
		return service.Change{Schemes: []luoshi.Scheme{scheme(number("yellow", 12).String(), number("red", 20).String())}}
	case 1:
		return service.Change{Goals: []luoshi.Goal{{Code: rapid.SampledFrom([]string{"win", "grow", "build", "new"}).Draw(rt, "goal"), Names: luoshi.Names{Hans: "某"},
			Parent: rapid.SampledFrom([]string{"", "win", "build"}).Draw(rt, "parent"), Combine: rapid.SampledFrom(luoshi.Combines).Draw(rt, "combine"), Weight: number("weight", 3),
			Items: []luoshi.GoalItem{{Indicator: "invest", Unit: rapid.SampledFrom([]string{"", "340200"}).Draw(rt, "of"), Weight: quantity("1"), Guard: rapid.Bool().Draw(rt, "guard")}}}}}
	case 2:
		return service.Change{Targets: []service.TargetRow{{Indicator: "invest", UnitCode: city, FirstYear: 2020, Form: luoshi.FormLevel, Value: luoshi.Some(number("value", 400)),
			Scheme: rapid.SampledFrom([]string{"", "own", "ouhai"}).Draw(rt, "scheme"), From: today, Reason: fmt.Sprint("第", step)}}}
	case 3:
		return service.Change{Changes: []service.UnitChange{{On: today, Kind: service.Recode, Old: city, New: city + "9"}}}
	case 4:
		return service.Change{Changes: []service.UnitChange{{On: today, Kind: service.Merge, Old: "340100", New: "340200"}}}
	case 5:
		return service.Change{Units: []service.UnitRow{{Code: "340300", Names: luoshi.Names{Hans: "蚌埠市"}, Kind: luoshi.City, Parent: "340000", From: 20200101}},
			Targets: []service.TargetRow{{Indicator: "invest", UnitCode: "340300", FirstYear: 2020, Form: luoshi.FormLevel, Value: luoshi.Some(number("value", 400)), From: today, Reason: "新"}}}
	}
	return service.Change{Indicators: []luoshi.Indicator{{Code: "invest", Names: luoshi.Names{Hans: "重点项目投资"}, Measure: luoshi.Measure{Symbol: luoshi.Names{Hans: "亿元"}}, Decimals: 2,
		Direction: rapid.SampledFrom([]luoshi.Direction{luoshi.More, luoshi.Less}).Draw(rt, "direction"), Kind: luoshi.Flow, OverTime: luoshi.TimeSum,
		OverUnits: rapid.SampledFrom([]luoshi.OverUnits{luoshi.UnitSum, luoshi.UnitNone}).Draw(rt, "over"), Basis: luoshi.Cumulative, Calendar: luoshi.Monthly, ReportedAt: luoshi.City, DueDays: 10}}}
}

// The demonstration: one threshold, a hundred lights, and none of it kept.
func TestTryOnTheDemonstration(t *testing.T) {
	s := demotest.Open(t)
	look := service.Look{AsOf: luoshi.Date(20200731).End(), Year: 2020}
	began := time.Now()
	e, err := s.Try(context.Background(), look, service.Change{Schemes: []luoshi.Scheme{{Code: "anhui_2020", Names: luoshi.Names{Hans: "序时灯"}, Kind: luoshi.ByPace, Red: quantity("5")}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d of %d lights, %d reworded in %v", len(e.Shifts), e.Compared, len(e.Reworded), time.Since(began))
	red := 0
	for _, s := range e.Shifts {
		if s.Worse() < 0 {
			t.Errorf("a stricter rule made %s %s%s better", s.Unit.Code, s.Indicator, s.Goal)
		}
		if s.Indicator != "" && s.After.Light == luoshi.Red {
			red++
		}
	}
	if red == 0 || e.After.Red-e.Before.Red != red || e.Before.Red+e.Before.Yellow != e.After.Red+e.After.Yellow {
		t.Errorf("%d turned red: before %+v, after %+v", red, e.Before, e.After)
	}
	later, err := s.Board(context.Background(), service.BoardQuery{Look: look})
	if err != nil {
		t.Fatal(err)
	}
	if later.Rows[0].Cells == nil {
		t.Error("no board")
	}
}
