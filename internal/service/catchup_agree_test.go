package service_test

import (
	"context"
	"slices"
	"testing"

	"luoshi.dev"
	"luoshi.dev/catchup"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/service"
)

// TestCatchUpExpectsWhatTheOutlookSays: as things stand a plan opens on the total that
// /outlook states, with its chance, whether or not the outlooks of the units add up to
// it (the province's own spending is beside its cities'), and where a stock bounds the
// year (no more poor can be lifted than are left).
func TestCatchUpExpectsWhatTheOutlookSays(t *testing.T) {
	s := demotest.Open(t)
	for _, c := range []struct{ unit, indicator, asOf string }{
		{"340000", "livelihood_spending", "2020-01-25"},
		{"340000", "livelihood_spending", "2020-07-31"},
		{"340400", "livelihood_spending", "2020-10-25"},
		{"340000", "poverty_lifted", "2020-01-25"},
		{"340000", "poverty_lifted", "2020-07-31"},
		{"340400", "poverty_lifted", "2020-07-31"},
		{"340000", "retail", "2020-03-25"},
		{"340100", "trade", "2020-07-31"},
		{"340000", "new_entities", "2020-07-31"},
		{"340121", "key_projects", "2020-07-31"},
	} {
		asOf, _ := luoshi.ParseAsOf(c.asOf)
		look := service.Look{AsOf: asOf, Unit: c.unit}
		v := catchUp(t, s, service.CatchUpQuery{Look: look, Indicator: c.indicator})
		o, err := s.Outlook(context.Background(), service.OutlookQuery{Look: look, Code: c.indicator})
		if err != nil {
			t.Fatal(err)
		}
		if len(v.Rows) > 0 && v.State == "" || v.Why.Key != "" {
			t.Errorf("%s %s %s: nothing was entered, yet %v, %v", c.unit, c.indicator, c.asOf, v.Why, v.Problems)
			continue
		}
		if said := slices.Contains(noteKeys(v.Notes), "catchupplan.note.reconciled"); said != (c.unit == "340000" && c.indicator == "livelihood_spending") {
			t.Errorf("%s %s %s: that the units did not add up is said: %v", c.unit, c.indicator, c.asOf, said)
		}
		known := int64(0)
		if v.Known.Valid {
			known = scaledAt(t, v, v.Known)
		}
		if total := known + scaledAt(t, v, v.Expected); total != scaledAt(t, v, o.Total) || v.Chance != o.Chance {
			t.Errorf("%s %s %s: %d with %v expected by the plan, %v with %v by the outlook", c.unit, c.indicator, c.asOf, total, v.Chance, o.Total, o.Chance)
		}
	}
}

// TestYearEndsThoughItsHalfWasRevised: in July 2021 January–June 2020 was revised, and
// July was published by itself before: the year has ended, and the sums say where.
func TestYearEndsThoughItsHalfWasRevised(t *testing.T) {
	asOf, _ := luoshi.ParseAsOf("2021-09-01")
	v, err := demotest.Open(t).Outlook(context.Background(), service.OutlookQuery{Look: service.Look{AsOf: asOf, Unit: "340000"}, Code: "trade"})
	if err != nil {
		t.Fatal(err)
	}
	if v.Why.Key != "" || v.Standing != service.OutlookClosed || v.Total.Decimal.Cmp(amount("5406.4")) != 0 || !slices.Contains(noteKeys(v.Notes), "outlook.note.fitted") {
		t.Errorf("%v: %s at %v, notes %v", v.Why, v.Standing, v.Total, noteKeys(v.Notes))
	}
}

// TestCatchUpKeepsWithinTheStock: 8.72 were poor at the end of 2019, so no plan lifts
// more, with the best of the past as a limit or without.
func TestCatchUpKeepsWithinTheStock(t *testing.T) {
	s := demotest.Open(t)
	for _, unbound := range []bool{false, true} {
		v := catchUp(t, s, service.CatchUpQuery{Look: midyear("340000"), Indicator: "poverty_lifted", Total: luoshi.Some(amount("9.00")), Unbound: unbound})
		if v.State != catchup.Short || v.Best.Decimal.Cmp(amount("8.72")) != 0 || v.Short.Decimal.Cmp(amount("0.28")) != 0 {
			t.Errorf("unbound %v: %s, at best %v, %v short", unbound, v.State, v.Best, v.Short)
		}
	}
}
