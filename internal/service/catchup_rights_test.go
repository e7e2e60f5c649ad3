package service_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"luoshi.dev"
	"luoshi.dev/catchup"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/service"
	"luoshi.dev/workflow"
)

// Who may read, put in force and state: nobody sets their own targets, a reporter says
// what the own unit can bring.
func TestGuardedCatchUp(t *testing.T) {
	s := newStaff(t)
	asOf := luoshi.Date(20200731).End()
	plan := func(unit string) service.CatchUpQuery {
		return service.CatchUpQuery{Look: service.Look{Unit: unit, AsOf: asOf}, Indicator: "key_projects", Reason: "追赶", Seen: 1 << 62} // what others put in force is not looked at
	}
	for _, tc := range []struct {
		name string
		post demotest.Held
		unit string
		read luoshi.Code // of reading, "" = let in
		put  luoshi.Code
		left string // the unit whose own target stays as it is
	}{
		{"the province's planner", held(luoshi.Planner, anhui), anhui, "", "", ""},
		{"a city's planner for the counties", held(luoshi.Planner, hefei), hefei, "", "", hefei},
		{"a city's planner for the province", held(luoshi.Planner, hefei), anhui, luoshi.Forbidden, luoshi.Forbidden, ""},
		{"a city's planner for another city", held(luoshi.Planner, hefei), wuhuCity, luoshi.Forbidden, luoshi.Forbidden, ""},
		{"a county's planner for itself", held(luoshi.Planner, feidong), feidong, "", luoshi.Forbidden, ""},
		{"a leader", held(luoshi.Leader, anhui), anhui, "", luoshi.Forbidden, ""},
		{"a reporter", held(luoshi.Reporter, hefei), hefei, "", luoshi.Forbidden, ""},
		{"an auditor", held(luoshi.Auditor, anhui), anhui, luoshi.Forbidden, luoshi.Forbidden, ""},
	} {
		ctx := s.as(tc.post)
		if _, err := s.CatchUp(ctx, plan(tc.unit)); codeOf(err) != tc.read {
			t.Errorf("%s reads: %v", tc.name, err)
		}
		if _, err := s.TryCatchUp(ctx, plan(tc.unit)); codeOf(err) != tc.read {
			t.Errorf("%s tries: %v", tc.name, err)
		}
		done, err := s.PutCatchUp(ctx, plan(tc.unit), "")
		if codeOf(err) != tc.put {
			t.Errorf("%s puts in force: %v", tc.name, err)
		}
		if err == nil && slices.ContainsFunc(done.Left, func(u service.UnitRef) bool { return u.Code == tc.unit }) != (tc.left == tc.unit) {
			t.Errorf("%s: left %v", tc.name, done.Left)
		}
	}
	for _, tc := range []struct {
		post demotest.Held
		of   string
		code luoshi.Code
	}{
		{held(luoshi.Reporter, feidong), feidong, ""}, {held(luoshi.Reporter, feidong), hefei, luoshi.Forbidden}, {held(luoshi.Reporter, hefei), feidong, ""},
		{held(luoshi.Planner, hefei), hefei, ""}, {held(luoshi.Planner, hefei), wuhuCity, luoshi.Forbidden}, {held(luoshi.Leader, hefei), hefei, luoshi.Forbidden}, {held(luoshi.Viewer, feidong), feidong, luoshi.Forbidden},
	} {
		q := service.CapacityStatement{Look: service.Look{Year: 2020}, Indicator: "key_projects", Of: tc.of, Reason: fmt.Sprint(tc.post), Most: map[int]luoshi.NullQuantity{9: luoshi.Some(amount("2"))}}
		card, err := s.StateCapacity(s.as(tc.post), q)
		if codeOf(err) != tc.code {
			t.Errorf("%+v states for %s: %v", tc.post, tc.of, err)
		}
		if err == nil && (card.Written != 1 || card.Facts[0].By.ID == 0) {
			t.Errorf("%+v: %d written by %+v", tc.post, card.Written, card.Facts[0].By)
		}
	}
}

// codeOf is the code of a refusal, "" for none.
func codeOf(err error) luoshi.Code {
	if err == nil {
		return ""
	}
	return luoshi.CodeOf(err)
}

// monthsOf are years of figures of the two cities up to June 2020.
func monthsOf(first int) string {
	var b strings.Builder
	b.WriteString("indicator,unit code,period,value\n")
	for i, code := range []string{"340100", "340200"} {
		for year := first; year <= 2020; year++ {
			for m := 1; m <= 12 && (year < 2020 || m <= 6); m++ {
				fmt.Fprintf(&b, "invest,%s,%d-01..%02d,%.2f\n", code, year, m, float64(m)*(14+float64(year-2016)-4*float64(i))+float64(year*m%7)/10)
			}
		}
	}
	return b.String()
}

// On both databases: a plan in force is one event that the history answers for, found by
// its batch, and what was known before stays as it was.
func TestCatchUpOnBothDatabases(t *testing.T) {
	databases(t, func(t *testing.T, dsn string) {
		c := &clock{}
		c.on(20200102)
		s := open(t, dsn, c)
		mustTake(t, s, service.ImportOptions{}, small...)
		c.on(20200710)
		mustTake(t, s, service.ImportOptions{}, "figures", monthsOf(2019))
		r := recordOf(t, dsn)
		ctx := clerk7()
		look := service.Look{Year: 2020, Unit: "340000"}
		base := service.CatchUpQuery{Look: look, Indicator: "invest", Unbound: true}
		c.at = c.at.Add(time.Hour)
		before := r.intact()
		if _, err := s.StateCapacity(ctx, service.CapacityStatement{Look: look, Indicator: "invest", Of: "340100", Reason: "检修", Most: map[int]luoshi.NullQuantity{9: luoshi.Some(amount("10"))}}); err != nil {
			t.Fatal(err)
		}
		c.at = c.at.Add(time.Hour)
		q := base
		q.Reason = "三四季度追赶"
		done, err := s.PutCatchUp(ctx, q, "")
		if err != nil || len(done.Changes) != 3 {
			t.Fatalf("%v: %d changes", err, len(done.Changes))
		}
		closes(t, done.View)
		if now := r.intact(); now != before+2 {
			t.Errorf("%d events", now-before)
		}
		e := r.newest()
		if e.Intent != string(workflow.SetTarget) || e.Object != "catchup invest 340000 2020" || e.Actor != 7 || !strings.Contains(e.After, `"catchup invest 340000 2020":{"from":"2020-07-10","total":"`) {
			t.Errorf("%s of %q by %d\nafter %s", e.Intent, e.Object, e.Actor, e.After)
		}
		c.on(20200815)
		v := catchUp(t, s, base)
		if v.Keeping == nil || v.Keeping.Number != 2 || v.Rows[0].Cells[8].Capacity == nil {
			t.Fatal("the plan or the capacity is not there")
		}
		c.at = c.at.Add(time.Hour)
		second := q
		second.Total = luoshi.Some(amount("390"))
		again, err := s.PutCatchUp(ctx, second, "")
		if err != nil {
			t.Fatal(err)
		}
		if v := catchUp(t, s, base); v.Keeping == nil || v.Keeping.Number != 3 || len(v.Plans) != 2 || v.Plans[1].InForce {
			t.Error("the second plan is not in force")
		}
		c.at = c.at.Add(time.Hour)
		if _, err := s.UndoChange(ctx, done.Batch, "", "out of turn"); luoshi.CodeOf(err) != luoshi.Conflict {
			t.Errorf("the first taken back before the second: %v", err)
		}
		if _, err := s.UndoChange(ctx, again.Batch, "", "误"); err != nil {
			t.Fatal(err)
		}
		if v := catchUp(t, s, base); v.Keeping == nil || v.Keeping.Plan.Batch != done.Batch {
			t.Error("the first is not in force again")
		}
		c.at = c.at.Add(time.Hour)
		none, err := s.UndoChange(ctx, done.Batch, "", "都不追了")
		if err != nil {
			t.Fatal(err)
		}
		if v := catchUp(t, s, base); v.Keeping != nil {
			t.Error("both are taken back and one is in force")
		}
		c.at = c.at.Add(time.Hour)
		if _, err := s.UndoChange(ctx, none.Batch, "", "还是追"); err != nil {
			t.Fatal(err)
		}
		if v := catchUp(t, s, base); v.Keeping == nil || v.Keeping.Plan.Total != done.View.Year {
			t.Error("the first is not in force once more")
		}
		if now := r.intact(); now != before+6 {
			t.Errorf("%d events", now-before)
		}
		if _, err := s.UndoChange(ctx, again.Batch, "", "again"); luoshi.CodeOf(err) != luoshi.Conflict {
			t.Errorf("taken back twice: %v", err)
		}
	})
}

// Whatever is given: what is locked stays, caps hold, everything adds up exactly, and a
// plan that is short falls short of what is needed by as much as it says.
func TestCatchUpAlwaysAddsUp(t *testing.T) {
	s := demotest.Open(t)
	codes := []string{"340100", "340200", "340300", "340400", "340500", "341500"}
	rapid.Check(t, func(rt *rapid.T) {
		q := service.CatchUpQuery{Look: midyear("340000"), Indicator: "key_projects", Locks: map[string]map[int]luoshi.Quantity{}, Caps: map[string]luoshi.Quantity{},
			Weigh: rapid.SampledFrom(service.CatchUpWeighings()).Draw(rt, "weigh"), Exact: rapid.Bool().Draw(rt, "exact"), Unbound: rapid.Bool().Draw(rt, "unbound"), Stretch: rapid.IntRange(0, 30).Draw(rt, "stretch")}
		hundredths := func(low, high int, name string) luoshi.Quantity {
			return luoshi.Unscaled(int64(rapid.IntRange(low, high).Draw(rt, name)), 2).Decimal
		}
		if rapid.Bool().Draw(rt, "other total") {
			q.Total = luoshi.Some(hundredths(21000, 45000, "total"))
		}
		for range rapid.IntRange(0, 5).Draw(rt, "locks") {
			code := rapid.SampledFrom(codes).Draw(rt, "unit")
			if q.Locks[code] == nil {
				q.Locks[code] = map[int]luoshi.Quantity{}
			}
			q.Locks[code][rapid.IntRange(7, 12).Draw(rt, "month")] = hundredths(0, 900, "lock")
		}
		for range rapid.IntRange(0, 3).Draw(rt, "caps") {
			q.Caps[rapid.SampledFrom(codes).Draw(rt, "unit")] = hundredths(300, 4000, "cap")
		}
		v, err := s.CatchUp(context.Background(), q)
		if err != nil {
			rt.Fatal(err)
		}
		if len(v.Problems) > 0 && v.Problems[0].Severity == luoshi.Blocking {
			if v.State != "" {
				rt.Fatalf("blocked and yet %s", v.State)
			}
			return
		}
		closes(t, v)
		if v.State == catchup.Short {
			if got := scaledAt(t, v, v.Needed) - scaledAt(t, v, v.Sum); got != scaledAt(t, v, v.Short) || got <= 0 {
				rt.Fatalf("short by %v, said %v", got, v.Short)
			}
		}
		for _, r := range v.Rows {
			if limit, capped := q.Caps[r.Unit.Code]; capped && r.Rest.Decimal.Cmp(limit) > 0 {
				rt.Fatalf("%s capped at %v has %v", r.Unit.Code, limit, r.Rest)
			}
			for _, cell := range r.Cells {
				if lock, locked := q.Locks[r.Unit.Code][cell.Period.To]; locked && (cell.Value.Decimal.Cmp(lock) != 0 || !cell.Locked) {
					rt.Fatalf("%s %v locked at %v is %v", r.Unit.Code, cell.Period, lock, cell.Value)
				}
			}
		}
	})
}
