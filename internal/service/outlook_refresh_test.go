package service_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// wellKnown is a database with four past years and the months of 2020 through June of
// two indicators at the cities, with a target of each of the first at all three units.
func wellKnown(t *testing.T) (*service.Service, *clock) {
	t.Helper()
	c := &clock{}
	c.on(20200710)
	s := open(t, t.TempDir()+"/luoshi.db", c)
	mustTake(t, s, service.ImportOptions{}, long...)
	mustTake(t, s, service.ImportOptions{}, "figures", figuresAt("invest", "340100", 2016, 2020, 6)+strings.TrimPrefix(figuresAt("invest", "340200", 2016, 2020, 6), figureHead))
	mustTake(t, s, service.ImportOptions{}, "figures", figuresOf("single", 2016, 2020, 6))
	for _, unit := range []string{"340000", "340100", "340200"} {
		mustTake(t, s, service.ImportOptions{}, "targets", targetOf("invest", unit, "level", "600.00", "2020-01-01"))
	}
	return s, c
}

// figuresAt is figuresOf for one unit.
func figuresAt(code, unit string, from, to, month int) string {
	var b strings.Builder
	b.WriteString(figureHead)
	past(&b, code, unit, from, to, month, luoshi.Monthly.Ends(), code == "single")
	return b.String()
}

func refreshed(t *testing.T, s *service.Service) service.OutlookReport {
	t.Helper()
	r, err := s.RefreshOutlooks(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func trail(t *testing.T, s *service.Service, look service.Look, code string) []service.OutlookSaid {
	t.Helper()
	v, err := s.OutlookTrail(context.Background(), service.OutlookQuery{Look: look, Code: code})
	if err != nil {
		t.Fatal(err)
	}
	return v.Rows
}

// What is kept is what the page says, of every unit; and only what has changed is made
// again: after a figure its unit and those that have to agree with it, after a target
// its unit, after a night nothing.
func TestRefreshOutlooks(t *testing.T) {
	s, c := wellKnown(t)
	if r := refreshed(t, s); r.Looked != 6 || r.Made != 6 { // two indicators at three units
		t.Fatalf("first: %+v", r)
	}
	for _, unit := range []string{"340000", "340100", "340200"} {
		look := service.Look{Unit: unit}
		v, rows := outlook(t, s, look, "invest"), trail(t, s, look, "invest")
		if len(rows) != 1 {
			t.Fatalf("%s: %d rows", unit, len(rows))
		}
		o := rows[0]
		if o.Total != v.Total || o.Low80 != v.Low80 || o.High95 != v.High95 || o.Chance != v.Chance || o.Asked != v.Asked || o.Known != v.Known || o.Through != v.Through || o.Standing != v.Standing || o.After || o.Revision != 1 {
			t.Errorf("%s: kept %+v, shown %v %v %v", unit, o, v.Total, v.Low80, v.Chance)
		}
	}
	for _, step := range []struct {
		what string
		do   func()
		made int64
	}{
		{"nothing", func() {}, 0},
		{"a day", func() { c.on(20200711) }, 0},
		{"a figure of one of two cities", func() { // the other two have to agree with it
			c.on(20200810)
			mustTake(t, s, service.ImportOptions{}, "figures", figuresAt("invest", "340100", 2020, 2020, 7))
		}, 3},
		{"a figure of the other", func() {
			mustTake(t, s, service.ImportOptions{}, "figures", figuresAt("invest", "340200", 2020, 2020, 7))
		}, 3},
		{"a figure said again", func() {
			mustTake(t, s, service.ImportOptions{}, "figures", figuresAt("invest", "340100", 2020, 2020, 7))
		}, 0},
		{"a target", func() {
			mustTake(t, s, service.ImportOptions{}, "targets", "indicator,unit code,first year,form,value,holds from,reason\ninvest,340200,2020,level,500.00,2020-08-01,再定\n")
		}, 1},
		{"a target from tomorrow on", func() {
			mustTake(t, s, service.ImportOptions{}, "targets", "indicator,unit code,first year,form,value,holds from,reason\ninvest,340200,2020,level,480.00,2020-08-11,再定\n")
		}, 0},
		{"tomorrow", func() { c.on(20200811) }, 1},
	} {
		step.do()
		if r := refreshed(t, s); r.Made != step.made || r.Looked != 6 {
			t.Errorf("after %s: %+v, want %d made", step.what, r, step.made)
		}
	}
	if n := len(trail(t, s, service.Look{Unit: "340200"}, "invest")); n != 5 {
		t.Errorf("%d outlooks of 340200, want 5: as of June, agreeing with the other's July, as of July, of the new target, of the one after", n)
	}
	july, _ := luoshi.ParseAsOf("2020-07-31")
	if rows := trail(t, s, service.Look{Unit: "340100", AsOf: july}, "invest"); len(rows) != 1 || rows[0].Through.To != 6 {
		t.Errorf("as of July: %+v", rows)
	}
}

// Whatever was done in whatever order, a pass that was cut short and begun again ends
// with the same outlooks.
func TestRefreshStopsAndGoesOn(t *testing.T) {
	s, _ := wellKnown(t)
	ctx, stop := context.WithCancel(context.Background())
	told := 0
	_, err := s.RefreshOutlooks(ctx, func(done, total int64) {
		if told++; done > 0 {
			stop()
		}
		if done > total {
			t.Errorf("%d of %d done", done, total)
		}
		if at := s.OutlookProgress(); at != (service.OutlookProgress{Running: true, Done: done, Total: total}) {
			t.Errorf("told %d of %d, asked %+v", done, total, at)
		}
	})
	if !errors.Is(err, context.Canceled) || told == 0 {
		t.Fatalf("stopped: %v after %d", err, told)
	}
	if at := s.OutlookProgress(); at.Running || at.Total != 6 {
		t.Errorf("stopped at %+v", at)
	}
	if r := refreshed(t, s); r.Looked != 6 {
		t.Errorf("%+v", r)
	}
	if r := refreshed(t, s); r.Made != 0 {
		t.Errorf("made again: %+v", r)
	}
	if at := s.OutlookProgress(); at != (service.OutlookProgress{Done: 6, Total: 6}) {
		t.Errorf("over: %+v", at)
	}
	for _, unit := range []string{"340000", "340100", "340200"} {
		if n := len(trail(t, s, service.Look{Unit: unit}, "invest")); n != 1 {
			t.Errorf("%s: %d outlooks", unit, n)
		}
	}
}

// In the background everything is made at the start and after each write; when the
// context ends nothing of it is left.
func TestRefreshInTheBackground(t *testing.T) {
	s, c := wellKnown(t)
	c.on(20201110)
	before := runtime.NumGoroutine()
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan struct{})
	go func() {
		defer close(over)
		s.RefreshOutlooksUntil(ctx, slog.New(slog.DiscardHandler))
	}()
	until := func(what string, n int) {
		t.Helper()
		for deadline := time.Now().Add(30 * time.Second); len(trail(t, s, service.Look{Unit: "340100"}, "invest")) < n; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: not there", what)
			}
		}
	}
	until("the first", 1)
	for month := 7; month <= 9; month++ {
		mustTake(t, s, service.ImportOptions{}, "figures", figuresAt("invest", "340100", 2020, 2020, month))
		until(fmt.Sprint("month ", month), month-5)
	}
	stop()
	<-over
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
	mustTake(t, s, service.ImportOptions{}, "figures", figuresAt("invest", "340200", 2020, 2020, 7)) // nobody listens
	if r := refreshed(t, s); r.Made != 3 {
		t.Errorf("afterwards: %+v", r)
	}
}

// Outlooks of past instants can be kept afterwards, and say so; not before one that
// was shown.
func TestOutlooksKeptAfterwards(t *testing.T) {
	s, _ := wellKnown(t)
	at := func(text string) time.Time {
		day, _ := luoshi.ParseAsOf(text)
		return day
	}
	// The figures were all recorded on 10 July: as of June nothing was known.
	if r, err := s.KeepOutlooksAt(context.Background(), []time.Time{at("2020-06-30"), at("2020-07-09")}, nil); err != nil || r.Made != 0 {
		t.Errorf("before anything was known: %+v %v", r, err)
	}
	refreshed(t, s)
	if _, err := s.KeepOutlooksAt(context.Background(), []time.Time{at("2020-07-10")}, nil); err != nil {
		t.Errorf("nothing to add: %v", err)
	}
	rows := trail(t, s, service.Look{Unit: "340100"}, "invest")
	if len(rows) != 1 || rows[0].After {
		t.Errorf("%+v", rows)
	}
}
