package service_test

import (
	"context"
	"testing"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// A chance is whole percent; only what is settled is 0 or 100.
func TestChancePercent(t *testing.T) {
	for _, c := range []struct {
		thousandths int64
		percent     int
		under, over bool
	}{
		{0, 0, false, false}, {1, 1, true, false}, {9, 1, true, false}, {10, 1, false, false}, {14, 1, false, false}, {15, 2, false, false},
		{370, 37, false, false}, {500, 50, false, false}, {990, 99, false, false}, {991, 99, false, true}, {999, 99, false, true}, {1000, 100, false, false},
	} {
		percent, under, over := service.Chance{Chance: luoshi.Over(c.thousandths, 1000)}.Percent()
		if percent != c.percent || under != c.under || over != c.over {
			t.Errorf("%d thousandths: %d %v %v, want %d %v %v", c.thousandths, percent, under, over, c.percent, c.under, c.over)
		}
	}
}

// odds are the states and thousandths of one column, the whole first.
func odds(t *testing.T, s *service.Service, q service.MatrixQuery, code string) (list []service.Chance, m *service.Matrix) {
	t.Helper()
	q.Chance, q.All = true, true
	m, err := s.Matrix(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	for k, c := range m.Columns {
		if c.Indicator == code {
			list = append(list, m.Whole.Odds[k])
			for _, r := range m.Rows {
				list = append(list, r.Odds[k])
			}
		}
	}
	return list, m
}

// What the matrix says of chances is what is kept: waiting before there are any, old
// once new figures have come, then the new ones; as of a day before, that none was kept.
func TestMatrixOfChances(t *testing.T) {
	s, c := wellKnown(t)
	look := service.MatrixQuery{Look: service.Look{Unit: "340000"}, Sort: service.ByUnit}
	states := func(want service.ChanceState) {
		t.Helper()
		list, m := odds(t, s, look, "invest")
		if len(list) != 3 {
			t.Fatalf("%d cells", len(list))
		}
		for i, one := range list {
			if one.State != want || one.Chance.OK() != (want == service.ChanceKnown || want == service.ChanceOld) {
				t.Errorf("cell %d: %+v, want %q", i, one, want)
			}
		}
		if waits := want == service.ChanceWaiting || want == service.ChanceOld; m.Chances.Asked != 3 || waits != (m.Chances.Waits == 3) {
			t.Errorf("%+v while %q", m.Chances, want)
		}
	}
	c.on(20200720)
	states(service.ChanceWaiting)
	refreshed(t, s)
	states(service.ChanceKnown)
	list, _ := odds(t, s, look, "invest")
	for i, unit := range []string{"340000", "340100", "340200"} {
		if v := outlook(t, s, service.Look{Unit: unit}, "invest"); v.Chance != list[i].Chance {
			t.Errorf("%s: %v in the matrix, %v on its page", unit, list[i].Chance, v.Chance)
		}
	}
	c.on(20200810)
	mustTake(t, s, service.ImportOptions{}, "figures", figuresAt("invest", "340100", 2020, 2020, 7))
	states(service.ChanceOld)
	refreshed(t, s)
	states(service.ChanceKnown)
	look.AsOf, _ = luoshi.ParseAsOf("2020-07-15")
	states(service.ChanceUnkept)
	if _, m := odds(t, s, look, "invest"); m.Chances.Unkept != 3 {
		t.Errorf("%+v", m.Chances)
	}
}

// Rows are sorted by chance, and left out by it.
func TestMatrixSortedByChance(t *testing.T) {
	s, _ := wellKnown(t)
	mustTake(t, s, service.ImportOptions{}, "targets", "indicator,unit code,first year,form,value,holds from,reason\ninvest,340100,2020,level,330.00,2020-07-01,再定\n")
	refreshed(t, s)
	order := func(q service.MatrixQuery) (codes string) {
		q.Look = service.Look{Unit: "340000"}
		q.Chance, q.Sort = true, "invest"
		m, err := s.Matrix(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range m.Rows {
			codes += r.Unit.Code + " "
		}
		return codes
	}
	list, _ := odds(t, s, service.MatrixQuery{Look: service.Look{Unit: "340000"}, Sort: service.ByUnit}, "invest")
	if list[1].Chance.Cmp(list[2].Chance) <= 0 || 100*list[2].Chance.Num >= 50*list[2].Chance.Den {
		t.Fatalf("chances %v %v", list[1].Chance, list[2].Chance)
	}
	if got := order(service.MatrixQuery{}); got != "340100 340200 " {
		t.Errorf("likely first: %s", got)
	}
	if got := order(service.MatrixQuery{Up: true}); got != "340200 340100 " {
		t.Errorf("unlikely first: %s", got)
	}
	if got := order(service.MatrixQuery{Under: 50}); got != "340200 " && list[1].Chance.Num >= 500 {
		t.Errorf("under 50%%: %s", got)
	}
}
