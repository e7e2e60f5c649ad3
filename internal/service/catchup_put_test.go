package service_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/catchup"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/service"
	"luoshi.dev/workflow"
)

func noon(text string) time.Time {
	at, err := luoshi.ParseAsOf(text)
	if err != nil {
		panic(err)
	}
	return at.Add(-12 * time.Hour)
}

// A plan in force: months follow it, the promise of the year stays, earlier instants
// are as they were, and what comes in is held against it; taken back, all is as before.
func TestCatchUpInForce(t *testing.T) {
	now := noon("2020-07-31")
	s := demotest.Copy(t, func() time.Time { return now })
	ctx := context.Background()
	look := service.Look{Unit: "340000"}
	before, err := s.Overview(ctx, service.Look{Unit: "340000", AsOf: noon("2020-07-30")})
	if err != nil {
		t.Fatal(err)
	}
	q := service.CatchUpQuery{Look: look, Indicator: "key_projects", Total: luoshi.Some(amount("350")), Locks: map[string]map[int]luoshi.Quantity{"340100": {9: amount("9")}}}
	if _, err := s.PutCatchUp(ctx, q, "test"); luoshi.CodeOf(err) != luoshi.Invalid {
		t.Errorf("without a reason: %v", err)
	}
	trial, err := s.TryCatchUp(ctx, q)
	if err != nil || trial.Effect == nil || trial.Effect.Blocked || len(trial.Effect.Shifts) == 0 || len(trial.Left) != 0 || len(trial.Changes) != 17 {
		t.Fatalf("%v: trial of %d changes, left %v", err, len(trial.Changes), trial.Left)
	}
	q.Reason, q.Seen = "三四季度追赶", trial.Seen
	done, err := s.PutCatchUp(ctx, q, "test")
	if err != nil || len(done.Changes) != 17 || done.Batch == 0 || len(done.Left) != 0 {
		t.Fatalf("%v: %d changes, left %v", err, len(done.Changes), done.Left)
	}
	if _, err := s.PutCatchUp(ctx, q, "test"); luoshi.CodeOf(err) != luoshi.Conflict {
		t.Errorf("decided on an earlier state: %v", err)
	}
	plan := done.View
	closes(t, plan)

	v := catchUp(t, s, service.CatchUpQuery{Look: look, Indicator: "key_projects"})
	if v.Keeping == nil || v.Keeping.Number != 2 || len(v.Keeping.Rows) != 16 || v.Keeping.Says.Key != "catchupplan.keeping.new" || len(v.Plans) != 1 || !v.Plans[0].InForce || v.Plans[0].Total.Decimal.String() != "350.00" {
		t.Fatalf("keeping %v, %d plans", v.Keeping != nil, len(v.Plans))
	}
	if len(v.Plans[0].Query.Locks["340100"]) != 1 {
		t.Errorf("what was given is not kept: %+v", v.Plans[0].Query)
	}
	if got := v.Asked.Decimal.String(); got != "322.75" {
		t.Errorf("the promise of the year is %s", got)
	}
	for i, r := range plan.Rows {
		for j, cell := range r.Cells {
			if cell.Known {
				continue
			}
			if have := v.Rows[i].Cells[j].InForce; have != cell.Value {
				t.Errorf("%s %v: planned %v, in force %v", r.Unit.Code, cell.Period, cell.Value, have)
			}
		}
	}
	for _, card := range []string{"340000", "340100"} {
		ind, err := s.Indicator(ctx, service.IndicatorQuery{Look: service.Look{Unit: card}, Code: "key_projects"})
		if err != nil {
			t.Fatal(err)
		}
		if ind.Judgement.Proof.Target != 2 {
			t.Errorf("%s is judged by revision %d", card, ind.Judgement.Proof.Target)
		}
	}
	again, err := s.Overview(ctx, service.Look{Unit: "340000", AsOf: noon("2020-07-30")})
	if err != nil || !slices.EqualFunc(before.Goals, again.Goals, func(a, b service.GoalRow) bool { return a.Judgement.Light == b.Judgement.Light }) || len(before.Off) != len(again.Off) {
		t.Errorf("the day before has changed: %v", err)
	}
	if earlier := catchUp(t, s, service.CatchUpQuery{Look: service.Look{Unit: "340000", AsOf: noon("2020-07-30")}, Indicator: "key_projects"}); earlier.Keeping != nil || len(earlier.Plans) != 0 {
		t.Errorf("the day before knows the plan")
	}

	// July comes in.
	now = noon("2020-08-31")
	v = catchUp(t, s, service.CatchUpQuery{Look: look, Indicator: "key_projects"})
	k := v.Keeping
	if k == nil || k.Whole.Kept != 1 || k.Whole.Missed != 0 || k.Says.Key != "catchupplan.keeping.ahead" || len(k.Whole.Months) != 6 {
		t.Fatalf("%v", k.Says)
	}
	lagging, behind := 0, int64(0)
	for _, r := range k.Rows {
		m := r.Months[0]
		if !m.Reported.Valid || r.Months[1].Reported.Valid || m.Kept != (m.By.Decimal.Sign() >= 0) || (r.Kept == 1) != m.Kept || r.Kept+r.Missed != 1 || m.SumKnown != m.Reported {
			t.Errorf("%s: %+v", r.Unit.Code, m)
		}
		if r.Behind.Decimal.Sign() > 0 {
			lagging++
		}
		behind += scaledAt(t, v, r.Behind)
	}
	if lagging != k.Lagging || lagging == 0 || behind != scaledAt(t, v, k.Whole.Behind) {
		t.Errorf("%d units lag, said %d; %d behind, the whole %v", lagging, k.Lagging, behind, k.Whole.Behind)
	}
	if late, err := s.TryCatchUp(ctx, service.CatchUpQuery{Look: service.Look{Unit: "340000", AsOf: noon("2020-07-31")}, Indicator: "key_projects"}); err != nil || late.Stale.Key != "catchupplan.stale" || trial.Stale.Key != "" {
		t.Errorf("%v: a plan for a month that has come in: %v; before: %v", err, late.Stale, trial.Stale)
	}

	if _, err := s.UndoChange(ctx, done.Batch, "test", "不追了"); err != nil {
		t.Fatal(err)
	}
	now = noon("2199-12-31") // the store has a clock of its own
	v = catchUp(t, s, service.CatchUpQuery{Look: service.Look{Unit: "340000", Year: 2020}, Indicator: "key_projects"})
	if v.Keeping != nil || len(v.Plans) != 1 || v.Plans[0].InForce {
		t.Errorf("taken back: %d plans", len(v.Plans))
	}
	if v := catchUp(t, s, service.CatchUpQuery{Look: service.Look{Unit: "340000", AsOf: noon("2020-08-02")}, Indicator: "key_projects"}); v.Keeping == nil {
		t.Error("at an instant in between it was in force")
	}
}

// Targets that promise growth cannot carry months: the plan is kept and held against
// what comes in, the lights go on by growth.
func TestCatchUpOfAGrowthTarget(t *testing.T) {
	now := noon("2020-07-31")
	s := demotest.Copy(t, func() time.Time { return now })
	ctx := context.Background()
	q := service.CatchUpQuery{Look: service.Look{Unit: "340000"}, Indicator: "retail", Reason: "三四季度追赶"}
	trial, err := s.TryCatchUp(ctx, q)
	if err != nil || len(trial.Left) == 0 {
		t.Fatalf("%v: %+v", err, trial.Left)
	}
	done, err := s.PutCatchUp(ctx, q, "test")
	if err != nil {
		t.Fatal(err)
	}
	v := catchUp(t, s, service.CatchUpQuery{Look: service.Look{Unit: "340000"}, Indicator: "retail"})
	if v.Keeping == nil || len(v.Keeping.Rows) != 16 {
		t.Fatalf("no plan in force: %d plans", len(v.Plans))
	}
	if _, err := s.UndoChange(ctx, done.Batch, "test", ""); err != nil {
		t.Fatal(err)
	}
	now = noon("2199-12-31") // the store has a clock of its own
	if v := catchUp(t, s, service.CatchUpQuery{Look: service.Look{Unit: "340000", Year: 2020}, Indicator: "retail"}); v.Keeping != nil || len(v.Plans) != 1 {
		t.Error("taken back and yet in force")
	}
}

// What a unit states has the last word on what it can bring, is dated, and can be
// taken back.
func TestCapacityBindsPlans(t *testing.T) {
	now := noon("2020-07-31")
	s := demotest.Copy(t, func() time.Time { return now })
	ctx := service.As(context.Background(), account.By{Actor: workflow.Actor{Person: 7}})
	q := service.CatchUpQuery{Look: service.Look{Unit: "340000"}, Indicator: "key_projects", Total: luoshi.Some(amount("350"))}
	before := catchUp(t, s, q)
	cell := func(v *service.CatchUpView, month int) service.CatchUpCell { return v.Rows[0].Cells[month-2] } // January is in February
	state := func(month int, most, reason string) (*service.CapacityCard, error) {
		c := service.CapacityStatement{Look: q.Look, Indicator: "key_projects", Of: "340100", Reason: reason, Most: map[int]luoshi.NullQuantity{month: {}}}
		if most != "" {
			c.Most[month] = luoshi.Some(amount(most))
		}
		return s.StateCapacity(ctx, c)
	}
	for _, c := range []struct{ month, most, reason string }{{"9", "3", ""}, {"13", "3", "x"}, {"9", "-1", "x"}, {"9", "1.234", "x"}} {
		month := map[string]int{"9": 9, "13": 13}[c.month]
		if _, err := state(month, c.most, c.reason); luoshi.CodeOf(err) != luoshi.Invalid {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if card, err := state(9, "3", "主线检修"); err != nil || card.Written != 1 || len(card.Facts) != 1 || card.Rows[7].Stated == nil || card.Rows[7].Stated.Value.String() != "3" {
		t.Fatalf("%v: %d written, %+v", err, card.Written, card.Facts)
	}
	if card, err := state(9, "3", "主线检修"); err != nil || card.Written != 0 {
		t.Errorf("said again: %v, %d", err, card.Written)
	}
	v := catchUp(t, s, q)
	closes(t, v)
	if got := cell(v, 9); got.Value.Decimal.Cmp(amount("3")) > 0 || got.HighFrom != string(catchup.FromCapacity) || got.Capacity == nil || got.Capacity.Reason != "主线检修" || got.Hold != catchup.AtHigh {
		t.Errorf("%+v, before %v", got, cell(before, 9).Value)
	}
	if _, err := state(10, "30", "新线投产"); err != nil { // more than the past shows
		t.Fatal(err)
	}
	if got := cell(catchUp(t, s, q), 10); got.High.Decimal.Cmp(amount("30")) != 0 {
		t.Errorf("stated above the past: %v", got.High)
	}
	now = noon("2020-08-02")
	if card, err := state(9, "", "检修推迟"); err != nil || card.Written != 1 || len(card.Facts) != 3 || card.Rows[7].Stated != nil {
		t.Fatalf("%v: %d written, %+v", err, card.Written, card.Facts)
	}
	if got := cell(catchUp(t, s, q), 9); got.Capacity != nil {
		t.Errorf("taken back: %+v", got)
	}
	q.AsOf = noon("2020-08-01")
	if got := cell(catchUp(t, s, q), 9); got.Capacity == nil {
		t.Error("at an instant before it held")
	}
}
