package service_test

import (
	"strings"
	"testing"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// What turned since a month before: one city fell behind, one caught up, and the
// goal follows the province. Nobody's revision or late report passes for a turn.
func TestTurns(t *testing.T) {
	databases(t, func(t *testing.T, dsn string) {
		c := &clock{}
		c.on(20200102)
		s := open(t, dsn, c)
		mustTake(t, s, service.ImportOptions{}, small...)
		c.on(20200609)
		mustTake(t, s, service.ImportOptions{}, "figures", `
indicator,unit code,period,value
invest,340100,2020-01..05,84.00
invest,340200,2020-01..05,6.00
`)
		c.on(20200612)
		first := overview(t, s, service.Look{}).Turns
		if first.Since != 20200512 || first.Counts != (service.WayCounts{First: 2}) || first.GoalCounts != (service.WayCounts{First: 1}) || len(first.Below) != 1 {
			t.Errorf("%+v", first)
		}
		c.on(20200709)
		mustTake(t, s, service.ImportOptions{}, "figures", `
indicator,unit code,period,value
invest,340100,2020-01..06,36.00
invest,340200,2020-01..06,76.11
`)
		c.on(20200712)
		got := overview(t, s, service.Look{}).Turns
		if got.Since != 20200612 || got.Counts.Total() != 2 || got.None() {
			t.Fatalf("%+v", got)
		}
		for i, want := range []struct {
			unit        string
			before, now luoshi.Light
			way         service.Way
		}{{"340100", luoshi.Green, luoshi.Red, service.Worse}, {"340200", luoshi.Red, luoshi.Green, service.Better}} {
			turn := got.Below[i]
			if turn.Unit.Code != want.unit || turn.Before != want.before || turn.Judgement.Light != want.now || turn.Way != want.way || turn.Owner.Hans == "" {
				t.Errorf("%s: %v to %v, %s, %s answers", turn.Unit.Code, turn.Before, turn.Judgement.Light, turn.Way, turn.Owner.Hans)
			}
		}
		// A month on without new figures: the same figures are held against each
		// other, and they are past their due date now.
		c.on(20200805)
		if later := overview(t, s, service.Look{}).Turns; later.Since != 20200705 || later.Counts.Total() != 2 {
			t.Errorf("5 August against 5 July, when June was not due: %+v", later)
		}
		c.on(20200809)
		mustTake(t, s, service.ImportOptions{}, "figures", `
indicator,unit code,period,value
invest,340100,2020-01..07,37.00
invest,340200,2020-01..07,90.00
`)
		c.on(20200815)
		if same := overview(t, s, service.Look{}).Turns; !same.None() || len(same.Goals)+len(same.Below) != 0 {
			t.Errorf("nothing turned in July: %+v", same)
		}
		c.on(20200920) // August is missing at both cities and at the sum
		lost := overview(t, s, service.Look{}).Turns
		if lost.Counts.Lost != 2 || len(lost.Goals) != 1 || lost.Goals[0].Way != service.Lost {
			t.Errorf("what is missing now: %+v", lost)
		}
	})
}

// A wall shows the goals or the units, the worst first, and says what it could show
// instead.
func TestWall(t *testing.T) {
	databases(t, func(t *testing.T, dsn string) {
		c := &clock{}
		c.on(20200102)
		s := open(t, dsn, c)
		if w, err := s.Wall(t.Context(), service.WallQuery{}); err != nil || len(w.Lines) != 0 {
			t.Fatalf("an empty database: %v %v", w, err)
		}
		mustTake(t, s, service.ImportOptions{}, small...)
		mustTake(t, s, service.ImportOptions{}, "sets", "code,name,indicator,weight\nmine,我的,invest,1\n")
		c.on(20200712)
		mustTake(t, s, service.ImportOptions{}, "figures", `
indicator,unit code,period,value
invest,340100,2020-01..06,36.00
invest,340200,2020-01..06,76.11
`)
		for _, test := range []struct {
			query service.WallQuery
			lines string
			red   int
		}{
			{service.WallQuery{}, "双胜利", 1},
			{service.WallQuery{Rows: service.WallUnits}, "合肥市 芜湖市", 1},
			{service.WallQuery{Rows: service.WallUnits, Indicator: "invest"}, "合肥市 芜湖市", 1},
			{service.WallQuery{Rows: service.WallUnits, Set: "mine"}, "合肥市 芜湖市", 1},
			{service.WallQuery{Set: "mine"}, "重点项目投资", 1},
			{service.WallQuery{Look: service.Look{Unit: "340100"}}, "双胜利", 1},
			{service.WallQuery{Look: service.Look{Unit: "340100"}, Rows: service.WallUnits}, "", 0},
		} {
			w, err := s.Wall(t.Context(), test.query)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, line := range w.Lines {
				names = append(names, line.Name.Hans)
			}
			if got := strings.Join(names, " "); got != test.lines || w.Counts.Red != test.red {
				t.Errorf("%+v: %q, %+v", test.query, got, w.Counts)
			}
		}
		w, _ := s.Wall(t.Context(), service.WallQuery{})
		if len(w.Sets) != 1 || len(w.Indicators) != 1 || w.Indicators[0].Code != "invest" {
			t.Errorf("it could show %+v and %+v", w.Sets, w.Indicators)
		}
		again, _ := s.Wall(t.Context(), service.WallQuery{})
		if w != again {
			t.Error("the same question is not answered from memory")
		}
		for _, bad := range []service.WallQuery{{Set: "none"}, {Rows: service.WallUnits, Indicator: "none"}, {Look: service.Look{Unit: "999999"}}} {
			if _, err := s.Wall(t.Context(), bad); err == nil {
				t.Errorf("%+v: no error", bad)
			}
		}
	})
}
