package service

import (
	"context"

	"luoshi.dev"
)

// odds puts the kept chances beside the cells.
func (a *arrangement) odds(ctx context.Context, s *Service, nodes []int) error {
	list := make([]luoshi.Indicator, len(a.m.Columns))
	for k, c := range a.m.Columns {
		list[k] = a.sn.indicators[c.Indicator]
	}
	all, err := s.chances(ctx, a.sn, list, nodes)
	if err != nil {
		return err
	}
	row := func(at int) []Chance {
		odds := make([]Chance, len(list))
		for k := range list {
			odds[k] = all[k][at]
			a.m.Chances.add(odds[k])
		}
		return odds
	}
	a.m.Whole.Odds = row(0)
	for i := range a.m.Rows {
		a.m.Rows[i].Odds = row(i + 1)
	}
	return nil
}

func (t *ChanceTally) add(c Chance) {
	if c.State == ChanceUnasked || c.State == ChanceNever {
		return
	}
	t.Asked++
	if c.Chance.OK() {
		t.Known++
	}
	if c.Waits() {
		t.Waits++
	}
	if c.State == ChanceUnkept {
		t.Unkept++
	}
	if c.After {
		t.After++
	}
}

// unlikely reports whether a row has a chance below so many percent.
func (r MatrixRow) unlikely(percent int) bool {
	for _, c := range r.Odds {
		if c.Chance.OK() && 100*c.Chance.Num < int64(percent)*c.Chance.Den {
			return true
		}
	}
	return false
}

// compareOdds puts the largest first, or the smallest; what has none comes last.
func compareOdds(x, y Chance, up bool) int {
	switch {
	case !x.Chance.OK() && !y.Chance.OK():
		return 0
	case !x.Chance.OK():
		return 1
	case !y.Chance.OK():
		return -1
	case up:
		return x.Chance.Cmp(y.Chance)
	}
	return y.Chance.Cmp(x.Chance)
}

// Says is the chance, or why there is none, as a message.
func (c Chance) Says() luoshi.Message {
	switch {
	case c.State == ChanceOld:
		return luoshi.Say("chance.old", "chance", ChanceSays(c.Chance))
	case c.Chance.OK():
		return ChanceSays(c.Chance)
	}
	return luoshi.Say("chance.state." + string(c.State))
}
