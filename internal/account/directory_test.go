package account_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/store"
	"luoshi.dev/workflow"
)

// People are found by name, unit with those below, role and how their account stands;
// the card has posts and duties with their ends.
func TestDirectory(t *testing.T) {
	on(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		d.must(d.store.Write(ctx, func(tx *store.Tx) error {
			ids, err := tx.NewUnitIDs(ctx, 3)
			if err != nil {
				return err
			}
			unit := func(i int, parent luoshi.UnitID, kind luoshi.UnitKind, code, name string) luoshi.Unit {
				return luoshi.Unit{ID: ids[i], Code: code, Names: luoshi.Names{Hans: name}, Kind: kind, Parent: parent, Order: i, From: 20200101}
			}
			return tx.AddUnits(ctx, []luoshi.Unit{unit(0, 0, luoshi.Province, "340000", "安徽省"), unit(1, ids[0], luoshi.City, "340100", "合肥市"), unit(2, ids[1], luoshi.County, "340102", "瑶海区")})
		}))
		planner, _ := d.somebody("planner", luoshi.Post{Unit: 1, Role: luoshi.Planner, From: 20200101, Title: "规划处处长"})
		clerk, _ := d.somebody("clerk", luoshi.Post{Unit: 3, Role: luoshi.Reporter, From: 20200101})
		past, _ := d.somebody("past", luoshi.Post{Unit: 2, Role: luoshi.Viewer, From: 20200101, Until: 20200630})
		fresh, _, err := d.AddPerson(ctx, account.System, luoshi.Person{Login: "fresh", Name: "新人"})
		d.must(err)
		for range 6 {
			_, _ = d.SignIn(ctx, "clerk", "wrong", here)
		}
		d.must(d.ChangePerson(ctx, account.System, luoshi.Person{ID: past, Login: "past", Name: "某人", Disabled: true}))
		d.must(d.AskCode(ctx, account.System, []luoshi.Role{luoshi.Planner}))
		for _, c := range []struct {
			name  string
			query account.PeopleQuery
			want  []luoshi.PersonID
		}{
			{"all", account.PeopleQuery{}, []luoshi.PersonID{planner, clerk, past, fresh}},
			{"a name", account.PeopleQuery{Text: "新"}, []luoshi.PersonID{fresh}},
			{"a sign-in name in capitals", account.PeopleQuery{Text: " CLERK"}, []luoshi.PersonID{clerk}},
			{"a title", account.PeopleQuery{Text: "处长"}, []luoshi.PersonID{planner}},
			{"a unit with those below", account.PeopleQuery{Unit: "340100"}, []luoshi.PersonID{clerk}},
			{"a role at a unit", account.PeopleQuery{Unit: "340000", Role: luoshi.Planner}, []luoshi.PersonID{planner}},
			{"a role that ended", account.PeopleQuery{Role: luoshi.Viewer}, nil},
			{"disabled", account.PeopleQuery{State: account.StateDisabled}, []luoshi.PersonID{past}},
			{"held", account.PeopleQuery{State: account.StateWaiting}, []luoshi.PersonID{clerk}},
			{"never signed in", account.PeopleQuery{State: account.StateNever}, []luoshi.PersonID{fresh}},
			{"without the second factor", account.PeopleQuery{State: account.StateWithout}, []luoshi.PersonID{planner}},
			{"with one", account.PeopleQuery{State: account.StateSecond}, nil},
			{"without a post", account.PeopleQuery{State: account.StateIdle}, []luoshi.PersonID{past, fresh}},
		} {
			dir, err := d.Directory(ctx, account.System, c.query)
			d.must(err)
			var got []luoshi.PersonID
			for _, p := range dir.People {
				got = append(got, p.ID)
			}
			if len(got) != len(c.want) || dir.Total != 4 || dir.Never != 1 || dir.Lacking != 1 {
				t.Errorf("%s: %v of %d, want %v", c.name, got, dir.Total, c.want)
				continue
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Errorf("%s: %v, want %v", c.name, got, c.want)
				}
			}
		}
		if _, err := d.Directory(ctx, account.System, account.PeopleQuery{Unit: "x"}); luoshi.CodeOf(err) != luoshi.NotFound {
			t.Errorf("no such unit: %v", err)
		}
		by := account.By{Actor: workflow.Actor{Person: planner, Posts: []luoshi.Post{{Person: planner, Unit: 1, Role: luoshi.Planner, From: 20200101}}}}
		if _, err := d.Card(ctx, by, clerk); luoshi.CodeOf(err) != luoshi.Forbidden {
			t.Errorf("a planner reads accounts: %v", err)
		}
		d.duties(t, by, planner, clerk)
	})
}

// duties are given, handed over after they were listed, and stay on record.
func (d *desk) duties(t *testing.T, by account.By, planner, clerk luoshi.PersonID) {
	t.Helper()
	ctx := context.Background()
	give := luoshi.Duty{Kind: luoshi.PersonInCharge, Unit: 2, Indicator: "gdp", From: 20200101, Person: planner}
	d.must(d.GiveDuty(ctx, by, give))
	d.must(d.GiveDuty(ctx, by, luoshi.Duty{Kind: luoshi.LeaderInCharge, Unit: 3, From: 20200601, Person: planner}))
	nobody := account.By{Actor: workflow.Actor{Person: clerk, Posts: []luoshi.Post{{Person: clerk, Unit: 3, Role: luoshi.Reporter, From: 20200101}}}}
	if err := d.GiveDuty(ctx, nobody, give); luoshi.CodeOf(err) != luoshi.Forbidden {
		t.Errorf("a clerk says who answers: %v", err)
	}
	if _, err := d.Choices(ctx, nobody); luoshi.CodeOf(err) != luoshi.Forbidden {
		t.Errorf("a clerk reads who can be named: %v", err)
	}
	list, err := d.Choices(ctx, by)
	d.must(err)
	if len(list) != 3 {
		t.Errorf("%d can be named, want 3: one is disabled", len(list))
	}
	plan, err := d.HandOverPlan(ctx, by, planner, 20200401)
	d.must(err)
	if len(plan.Moves) != 1 || plan.Moves[0].Indicator != "gdp" || plan.Moves[0].At.Code != "340100" {
		t.Errorf("on 1 April %v would move", plan.Moves)
	}
	n, err := d.HandOver(ctx, by, planner, clerk, 20200701, "调任")
	d.must(err)
	c, err := d.Card(ctx, account.System, planner)
	d.must(err)
	if n != 2 || len(c.Duties) != 0 || len(c.Before) != 2 || c.Before[0].Until != 20200630 || !c.CodeAsked || c.SignedIn.IsZero() {
		t.Errorf("%d moved; %v are left, before %v", n, c.Duties, c.Before)
	}
	events, err := d.store.Events(ctx, store.EventQuery{Intent: "duties.edit"})
	d.must(err)
	if len(events) != 3 || !strings.Contains(events[0].After, `"duty person_in_charge gdp 340100"`) || events[2].Object != "duty person_in_charge gdp 340100" || events[2].Unit != 2 {
		t.Errorf("the history says %+v", events)
	}
	for text, want := range map[string]luoshi.PersonID{"clerk": clerk, "某人 #1": 1, "＃2": 2} {
		if got, err := d.Named(ctx, text); err != nil || got != want {
			t.Errorf("%q is %d: %v", text, got, err)
		}
	}
	for text, code := range map[string]luoshi.Code{"": luoshi.Invalid, "谁": luoshi.NotFound, "#99": luoshi.NotFound, "某人": luoshi.Conflict} {
		if _, err := d.Named(ctx, text); luoshi.CodeOf(err) != code {
			t.Errorf("%q: %v", text, err)
		}
	}
	d.pass(time.Hour)
	if id, err := d.UnitAt(ctx, " 340102"); err != nil || id != 3 {
		t.Errorf("340102 is %d: %v", id, err)
	}
}
