package fill_test

import (
	"path/filepath"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/demo"
	"luoshi.dev/internal/demo/fill"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/store"
)

// Everybody who is to sign in can, with the password of the latest start alone; the
// leaders and those in charge are on record as of the plan's days.
func TestPeople(t *testing.T) {
	ctx := t.Context()
	st, err := store.Open(ctx, filepath.Join(t.TempDir(), "demo.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	if err := st.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	svc := service.New(st, time.Now)
	if _, err := svc.ImportFS(ctx, demo.Files(), nil, service.ImportOptions{Name: "demo", By: "demo", History: true, At: luoshi.Date(20191231).Start()}); err != nil {
		t.Fatal(err)
	}
	units, err := st.Units(ctx, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	accounts := account.New(st, time.Now, account.Options{})
	first, err := fill.People(ctx, accounts, units)
	if err != nil {
		t.Fatal(err)
	}
	again, err := fill.People(ctx, accounts, units)
	if err != nil {
		t.Fatal(err)
	}
	from := account.From{Address: "127.0.0.1"}
	roles := map[luoshi.Role]bool{}
	for i, s := range again {
		roles[s.Role] = true
		if s.Unit.Hans == "" || s.Login != first[i].Login || s.Password == first[i].Password {
			t.Errorf("%+v, at the first start %+v", s, first[i])
		}
		if _, err := accounts.SignIn(ctx, s.Login, first[i].Password, from); err == nil {
			t.Errorf("%s: the password of an earlier start is good", s.Login)
		}
		in, err := accounts.SignIn(ctx, s.Login, s.Password, from)
		if err != nil || in.Step != account.Done {
			t.Errorf("%s: %+v, %v", s.Login, in, err)
		}
	}
	for _, role := range luoshi.Roles {
		if !roles[role] {
			t.Errorf("nobody signs in as %s", role)
		}
	}
	people, err := st.People(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(people) != len(demo.People()) {
		t.Errorf("%d people after the second start", len(people))
	}
	duties, err := st.Duties(ctx, demo.AsOf.End())
	if err != nil {
		t.Fatal(err)
	}
	leaders, charged := 0, 0
	for _, d := range luoshi.DutiesOn(duties, demo.AsOf) {
		if d.Unit == 0 || d.Person == 0 {
			t.Errorf("%+v", d)
		}
		if d.Kind == luoshi.LeaderInCharge {
			leaders++
		} else {
			charged++
		}
	}
	if leaders != 17 || charged < 200 {
		t.Errorf("%d leaders and %d in charge", leaders, charged)
	}
	if lookers, err := accounts.Lookers(ctx); err != nil || len(lookers) != len(luoshi.Roles) {
		t.Errorf("%d to look as, %v", len(lookers), err)
	} else {
		for _, l := range lookers {
			if l.Code != demo.Root && l.Role != luoshi.Reporter && l.Role != luoshi.Reviewer {
				t.Errorf("%s is looked at from %s", l.Role, l.Code)
			}
		}
	}
}
