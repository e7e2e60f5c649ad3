package service_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/store"
	"luoshi.dev/workflow"
)

// staff is the guarded service with people to try it as.
type staff struct {
	*testing.T
	st       *store.Store
	accounts *account.Accounts
	*service.Guarded
}

func newStaff(t *testing.T) *staff {
	st := demotest.CopyStore(t)
	return &staff{t, st, account.New(st, time.Now, account.Options{}), service.New(st, time.Now).Guard()}
}

// as is a context in which somebody acts who holds the posts.
func (s *staff) as(posts ...demotest.Held) context.Context {
	s.Helper()
	who := demotest.SignIn(s, s.st, posts...)
	here, err := s.accounts.Who(s.Context(), who.Secret)
	if err != nil {
		s.Fatal(err)
	}
	return service.As(s.Context(), here.By)
}

func held(role luoshi.Role, unit string) demotest.Held { return demotest.Held{Role: role, Unit: unit} }

// Units of the demonstration: the province, Hefei with one of its counties, Wuhu.
const (
	anhui, hefei, feidong, wuhuCity = demotest.Root, "340100", "340122", "340200"
)

// Nobody, and whoever the context does not name, may nothing.
func TestGuardedNobody(t *testing.T) {
	s := newStaff(t)
	if _, err := s.Overview(s.Context(), service.Look{}); luoshi.CodeOf(err) != luoshi.SignIn {
		t.Errorf("a context without anybody: %v", err)
	}
	if _, err := s.Overview(service.As(s.Context(), account.By{}), service.Look{}); luoshi.CodeOf(err) != luoshi.SignIn {
		t.Errorf("nobody: %v", err)
	}
	if _, err := s.Overview(s.as(), service.Look{}); luoshi.CodeOf(err) != luoshi.Forbidden {
		t.Errorf("somebody without a post: %v", err)
	}
}

// A look that names no unit opens at the top of what one may see.
func TestGuardedOpensAtTheTop(t *testing.T) {
	s := newStaff(t)
	for _, tc := range []struct {
		post demotest.Held
		want string
	}{
		{held(luoshi.Leader, anhui), anhui}, {held(luoshi.Planner, hefei), hefei}, {held(luoshi.Viewer, feidong), feidong},
	} {
		v, err := s.Overview(s.as(tc.post), service.Look{AsOf: luoshi.Date(20200731).End()})
		if err != nil || v.Unit.Code != tc.want {
			t.Errorf("%+v opens at %v (%v)", tc.post, v, err)
		}
	}
}

// figures is a file with one new figure for each unit.
func figures(codes ...string) *bytes.Reader {
	var b strings.Builder
	b.WriteString("indicator,unit_code,period,basis,value,status\n")
	for _, code := range codes {
		b.WriteString("key_projects," + code + ",2020-08,cumulative,98.76,final\n")
	}
	return bytes.NewReader([]byte(b.String()))
}

// Of a file each row is asked about at its unit: what one may not report is refused
// in its cell, with the way out, and the rest is still checked.
func TestGuardedImportByRow(t *testing.T) {
	s := newStaff(t)
	for _, tc := range []struct {
		name  string
		posts []demotest.Held
		units []string
		wrong int
	}{
		{"a city's reporter reports for the city and its counties", []demotest.Held{held(luoshi.Reporter, hefei)}, []string{hefei, feidong}, 0},
		{"but not for another city", []demotest.Held{held(luoshi.Reporter, hefei)}, []string{hefei, wuhuCity}, 1},
		{"nor for the province", []demotest.Held{held(luoshi.Reporter, hefei)}, []string{anhui}, 1},
		{"a planner reports nothing", []demotest.Held{held(luoshi.Planner, anhui)}, []string{hefei, wuhuCity}, 2},
		{"two posts reach further", []demotest.Held{held(luoshi.Reporter, hefei), held(luoshi.Reporter, wuhuCity)}, []string{feidong, wuhuCity}, 0},
	} {
		file := figures(tc.units...)
		r, err := s.ImportReader(s.as(tc.posts...), file, file.Size(), service.ImportOptions{Name: "aug.csv", DryRun: true})
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		wrong := 0
		for _, p := range r.Problems {
			if p.Severity == luoshi.Blocking {
				wrong++
				if p.Message.Key != "may.elsewhere" && p.Message.Key != "may.role" || p.Row == 0 {
					t.Errorf("%s: %+v", tc.name, p)
				}
			}
		}
		if wrong != tc.wrong {
			t.Errorf("%s: %d rows refused, want %d: %v", tc.name, wrong, tc.wrong, r.Problems)
		}
	}
	file := figures(hefei)
	if _, err := s.ImportReader(s.as(held(luoshi.Leader, anhui)), file, file.Size(), service.ImportOptions{Name: "aug.csv"}); luoshi.CodeOf(err) != luoshi.Forbidden {
		t.Errorf("a leader imports: %v", err)
	}
}

// An own import can be seen and taken back by whoever made it; somebody elsewhere
// sees neither that it was made nor what was in it.
func TestGuardedImportsAreOnesOwn(t *testing.T) {
	s := newStaff(t)
	mine, other, all := s.as(held(luoshi.Reporter, hefei)), s.as(held(luoshi.Reporter, wuhuCity)), s.as(held(luoshi.Planner, anhui))
	file := figures(hefei)
	r, err := s.ImportReader(mine, file, file.Size(), service.ImportOptions{Name: "aug.csv"})
	if err != nil || !r.Saved {
		t.Fatalf("%+v %v", r, err)
	}
	count := func(ctx context.Context) int {
		list, err := s.Imports(ctx, service.Look{}, 1)
		if err != nil {
			t.Fatal(err)
		}
		return list.Total
	}
	if a, b, c := count(mine), count(other), count(all); a != 1 || b != 0 || c < 2 {
		t.Errorf("seen by its maker %d, by another city %d, by the province %d", a, b, c)
	}
	if _, err := s.UndoImport(other, r.Batch, "", "not mine"); luoshi.CodeOf(err) != luoshi.NotFound {
		t.Errorf("another takes it back: %v", err)
	}
	if _, err := s.UndoImport(mine, r.Batch, "", "wrong month"); err != nil {
		t.Errorf("its maker takes it back: %v", err)
	}
}

// Nobody sets their own targets: a city's planner sets those of its counties.
func TestGuardedTargets(t *testing.T) {
	s := newStaff(t)
	put := func(ctx context.Context, unit string) error {
		value, err := luoshi.ParseQuantity("12.50")
		if err != nil {
			t.Fatal(err)
		}
		row := service.TargetRow{Indicator: "key_projects", UnitCode: unit, FirstYear: 2020, Form: luoshi.FormLevel, Value: luoshi.NullQuantity{Decimal: value, Valid: true}, From: 20200801, Reason: "调整"}
		_, saved, err := s.PutTarget(ctx, service.Look{}, row, "")
		if err == nil && saved == nil {
			t.Errorf("%s: nothing was saved", unit)
		}
		return err
	}
	city, province := s.as(held(luoshi.Planner, hefei)), s.as(held(luoshi.Planner, anhui))
	for _, tc := range []struct {
		who  context.Context
		unit string
		want luoshi.Code
	}{
		{city, feidong, ""}, {city, hefei, luoshi.Forbidden}, {city, wuhuCity, luoshi.Forbidden}, {city, anhui, luoshi.Forbidden},
		{province, hefei, ""}, {province, anhui, ""}, {s.as(held(luoshi.Viewer, anhui)), feidong, luoshi.Forbidden},
	} {
		code := luoshi.Code("")
		if err := put(tc.who, tc.unit); err != nil {
			code = luoshi.CodeOf(err)
		}
		if code != tc.want {
			t.Errorf("%s: %q, want %q", tc.unit, code, tc.want)
		}
	}
	sc := scheme("0", "5")
	sc.Code = "anhui_2020"
	reason := service.Change{Schemes: []luoshi.Scheme{sc}}
	if saved, err := s.Put(city, reason, "", "x"); err == nil || saved.Batch != 0 || len(saved.Faults) == 0 {
		t.Errorf("a city's planner changes a rule for all: %+v %v", saved, err)
	}
	if saved, err := s.Put(province, reason, "", "x"); err != nil || saved.Batch == 0 {
		t.Errorf("the province's planner changes a rule: %+v %v", saved, err)
	} else if _, err := s.UndoChange(city, saved.Batch, "", "no"); luoshi.CodeOf(err) != luoshi.Forbidden {
		t.Errorf("a city's planner takes it back: %v", err)
	}
}

// Whoever runs the accounts changes units and sees no numbers by that right.
func TestGuardedAdministrator(t *testing.T) {
	s := newStaff(t)
	ctx := s.as(held(luoshi.Administrator, anhui))
	card, err := s.UnitCard(ctx, service.Look{}, hefei)
	if err != nil || len(card.Targets) != 0 {
		t.Errorf("the card shows %d targets, %v", len(card.Targets), err)
	}
	edit := service.UnitEdit{Kind: "rename", Code: hefei, On: 20260101, Names: luoshi.Names{Hans: "合肥市（试）"}, Source: "试"}
	v, err := s.TryUnit(ctx, service.Look{}, edit, true)
	if err != nil || v.Blocked || len(v.Effects) != 0 {
		t.Errorf("trying a rename: %+v, %d effects, %v", v.Faults, len(v.Effects), err)
	}
	if v, saved, err := s.PutUnit(ctx, service.Look{}, edit, ""); err != nil || saved == nil || len(v.Effects) != 0 {
		t.Errorf("renaming: %+v, %d effects, %v", v.Faults, len(v.Effects), err)
	}
	if _, err := s.Overview(ctx, service.Look{}); luoshi.CodeOf(err) != luoshi.Forbidden {
		t.Errorf("the overview: %v", err)
	}
	if _, _, err := s.PutUnit(s.as(held(luoshi.Planner, anhui)), service.Look{}, edit, ""); luoshi.CodeOf(err) != luoshi.Forbidden {
		t.Errorf("a planner renames a unit: %v", err)
	}
}

// A token lets its person do what is in its scope and nothing else.
func TestGuardedToken(t *testing.T) {
	s := newStaff(t)
	ctx := s.as(held(luoshi.Planner, anhui))
	by := s.By(ctx)
	by.Token, by.Scope = true, []workflow.Intent{workflow.ReadBoard}
	ctx = service.As(s.Context(), by)
	if _, err := s.Overview(ctx, service.Look{}); err != nil {
		t.Error(err)
	}
	if _, err := s.Schemes(ctx, service.Look{}); luoshi.CodeOf(err) != luoshi.Forbidden {
		t.Errorf("out of its scope: %v", err)
	}
}

// What one may do is told before it is tried, at a page and at a unit.
func TestGuardedMay(t *testing.T) {
	s := newStaff(t)
	ctx := s.as(held(luoshi.Planner, hefei))
	for _, tc := range []struct {
		code   string
		at, on bool // this unit alone; something here
	}{{anhui, false, false}, {hefei, false, true}, {feidong, true, true}, {wuhuCity, false, false}, {"nowhere", false, false}} {
		if got := s.MayAt(ctx, workflow.SetTarget, tc.code).Yes; got != tc.at {
			t.Errorf("set targets at %s alone: %t", tc.code, got)
		}
		if got := s.May(ctx, workflow.SetTarget, tc.code).Yes; got != tc.on {
			t.Errorf("set targets on the page of %s: %t", tc.code, got)
		}
	}
}

// Asking for rights costs little beside a page from memory.
func BenchmarkGuardedOverview(b *testing.B) {
	st := demotest.CopyStore(b)
	accounts := account.New(st, time.Now, account.Options{})
	who := demotest.SignIn(b, st, held(luoshi.Leader, anhui))
	here, err := accounts.Who(b.Context(), who.Secret)
	if err != nil {
		b.Fatal(err)
	}
	s := service.New(st, time.Now)
	g, ctx, look := s.Guard(), service.As(b.Context(), here.By), service.Look{Unit: anhui, AsOf: luoshi.Date(20200731).End()}
	for name, ask := range map[string]func() error{
		"trusted": func() error { _, err := s.Overview(ctx, look); return err },
		"guarded": func() error { _, err := g.Overview(ctx, look); return err },
		"who":     func() error { _, err := accounts.Who(ctx, who.Secret); return err },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := ask(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
