package service_test

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// adding checks that the parts of a change are all of it.
func adding(t interface {
	Helper()
	Errorf(string, ...any)
}, v *service.OutlookView) map[service.OutlookCause]service.OutlookPart {
	t.Helper()
	parts := map[service.OutlookCause]service.OutlookPart{}
	c := v.Changed
	if c == nil {
		t.Errorf("nothing is compared")
		return parts
	}
	total, points := luoshi.Quantity{}, 0
	for _, p := range c.Parts {
		parts[p.Cause] = p
		total, _ = total.Add(p.Total.Decimal)
		points += p.Points
	}
	then, _ := c.Total.Decimal.Add(c.By.Decimal)
	if total.Cmp(c.By.Decimal) != 0 || points != c.Points || then.Cmp(v.Total.Decimal) != 0 {
		t.Errorf("%v and %d points are not the sum of %+v; then %v, now %v", c.By, c.Points, c.Parts, c.Total, v.Total)
	}
	if c.Judged && c.Points != int(1000*v.Chance.Num/v.Chance.Den-1000*c.Chance.Num/c.Chance.Den) {
		t.Errorf("%d points from %v to %v", c.Points, c.Chance, v.Chance)
	}
	return parts
}

// Each cause alone moves its own part and no other.
func TestOutlookChangedByOneCause(t *testing.T) {
	look := service.Look{Unit: "340100"}
	for _, one := range []struct {
		name string
		do   func(s *service.Service)
		want service.OutlookCause
		news int
	}{
		{"nothing", func(*service.Service) {}, "", 0},
		{"a new month", func(s *service.Service) {
			mustTake(t, s, service.ImportOptions{}, "figures", figureHead+"single,340100,2020-07,60.00\n")
		}, service.CauseNew, 1},
		{"an old month revised", func(s *service.Service) {
			mustTake(t, s, service.ImportOptions{SaveRight: true}, "figures", figureHead+"single,340100,2020-05,60.00\n")
		}, service.CauseRevised, 0},
		{"another target", func(s *service.Service) {
			mustTake(t, s, service.ImportOptions{}, "targets", "indicator,unit code,first year,form,value,holds from,reason\nsingle,340100,2020,level,330.00,2020-08-01,再定\n")
		}, service.CauseTarget, 0},
	} {
		t.Run(one.name, func(t *testing.T) {
			s, c := wellKnown(t)
			mustTake(t, s, service.ImportOptions{}, "targets", targetOf("single", "340100", "level", "290.00", "2020-01-01"))
			refreshed(t, s)
			c.on(20200812)
			one.do(s)
			v := outlook(t, s, look, "single")
			parts := adding(t, v)
			if !v.Changed.Shown || !v.Changed.Judged || len(v.Changed.News) != one.news {
				t.Errorf("%+v", v.Changed)
			}
			for cause := range parts {
				if cause != one.want && cause != service.CauseOthers {
					t.Errorf("%s moved, too: %+v", cause, parts[cause])
				}
			}
			if p, moved := parts[one.want]; one.want != "" && (!moved || one.want == service.CauseTarget && !p.Total.Decimal.IsZero()) {
				t.Errorf("%s: %+v", one.want, v.Changed.Parts)
			}
			if main, moved := v.Changed.Main(); moved && main.Cause != one.want && main.Cause != service.CauseOthers {
				t.Errorf("mostly because of %q: %+v", main.Cause, v.Changed.Parts)
			}
		})
	}
}

// What was kept before a figure came was said until it was made again: the figure has
// moved it, not another method.
func TestOutlookSaidBeforeAFigureCame(t *testing.T) {
	s, c := wellKnown(t)
	mustTake(t, s, service.ImportOptions{}, "targets", targetOf("single", "340100", "level", "290.00", "2020-01-01"))
	refreshed(t, s)
	c.on(20200802)
	mustTake(t, s, service.ImportOptions{}, "figures", figureHead+"single,340100,2020-07,60.00\n")
	c.on(20200912)
	v := outlook(t, s, service.Look{Unit: "340100"}, "single")
	parts := adding(t, v)
	if _, came := parts[service.CauseNew]; !v.Changed.Shown || len(parts) != 1 || !came {
		t.Errorf("%+v", v.Changed)
	}
}

// Whatever comes, is revised or promised within a month, the parts add up exactly, with
// what was kept and without.
func TestOutlookChangesAddUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s, c := wellKnown(t)
		if rapid.Bool().Draw(rt, "kept") {
			refreshed(t, s)
		}
		c.on(20200815)
		for range rapid.IntRange(1, 4).Draw(rt, "writes") {
			unit := rapid.SampledFrom([]string{"340100", "340200"}).Draw(rt, "unit")
			switch rapid.IntRange(0, 2).Draw(rt, "kind") {
			case 0:
				take(t, s, service.ImportOptions{}, "figures", figuresAt("invest", unit, 2020, 2020, 7))
			case 1:
				take(t, s, service.ImportOptions{SaveRight: true}, "figures", fmt.Sprintf("%ssingle,%s,2020-%02d,%d.00\n", figureHead, unit, rapid.IntRange(1, 7).Draw(rt, "month"), rapid.IntRange(1, 90).Draw(rt, "value")))
			case 2:
				take(t, s, service.ImportOptions{SaveRight: true}, "targets", targetOf(rapid.SampledFrom([]string{"invest", "single"}).Draw(rt, "of"), unit, "level", fmt.Sprintf("%d.00", rapid.IntRange(100, 900).Draw(rt, "target")), "2020-08-01"))
			}
		}
		for _, code := range []string{"invest", "single"} {
			for _, unit := range []string{"340000", "340100", "340200"} {
				if v := outlook(t, s, service.Look{Unit: unit}, code); v.Why.Key == "" {
					adding(t, v)
				}
			}
		}
	})
}

// The targets that have moved most stand first.
func TestOutlookMoves(t *testing.T) {
	s, c := wellKnown(t)
	refreshed(t, s)
	c.on(20200815)
	mustTake(t, s, service.ImportOptions{}, "targets", "indicator,unit code,first year,form,value,holds from,reason\ninvest,340100,2020,level,300.00,2020-08-01,再定\n")
	sheet, err := s.Outlooks(context.Background(), service.Look{Unit: "340100"})
	if err != nil {
		t.Fatal(err)
	}
	if len(sheet.Moves) != 1 || !sheet.Moves[0].Revised || sheet.Moves[0].Points <= 0 {
		t.Errorf("%+v", sheet.Moves)
	}
}
