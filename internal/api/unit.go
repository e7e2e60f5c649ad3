package api

import (
	"context"
	"net/http"
	"slices"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/wire"
)

// units is what the register of units asks of the service.
type unitRegistrar interface {
	UnitTree(ctx context.Context, look service.Look) (*service.UnitTree, error)
	UnitCard(ctx context.Context, look service.Look, code string) (*service.UnitCard, error)
	UnitChanges(ctx context.Context, look service.Look) (*service.UnitChanges, error)
}

type unitsIn struct {
	ListIn
	Kind   string `query:"kind" doc:"Units of this rung only" enum:"nation,province,city,county,town,zone,department"`
	Parent string `query:"parent" doc:"Units directly below this one only: code" maxLength:"64"`
}

// units are the register of units over time.
func (a *API) units() {
	view(a, operation{
		id: "listUnits", method: http.MethodGet, path: "/api/units", group: "register", needs: tree, fails: []luoshi.Code{luoshi.NotFound},
		says: "The units by the boundaries of a day, areas with parents before children, then departments, with how many are below each and the change that is recorded for a later day.",
		try:  "/api/units?boundaries=2020-01-01&kind=city&limit=5",
	}, func(ctx context.Context, in *unitsIn) (*service.UnitTree, error) {
		look, err := a.look(in.At, in.Unit)
		if err != nil {
			return nil, err
		}
		return a.board.UnitTree(ctx, look)
	}, func(s *scribe, in *unitsIn, v *service.UnitTree) (wire.UnitList, error) {
		lines := slices.DeleteFunc(slices.Concat(v.Areas, v.Departments), func(l service.UnitLine) bool {
			return in.Kind != "" && string(l.Unit.Kind) != in.Kind || in.Parent != "" && l.Parent != in.Parent
		})
		items, page := cut(lines, in.Paging)
		return wire.UnitList{Where: stands(&v.Frame), Page: page, Items: each(items, s.unitLine), Coming: each(v.Coming, s.changeDay),
			Rungs: each(v.Rungs, func(r service.RungCount) wire.RungCount { return wire.RungCount(r) })}, nil
	})
	one(a, operation{
		id: "getUnit", path: "/api/units/{code}", group: "register",
		says: "Everything known about one unit, by a code that it has or had: its dated facts, what it came from and lives on in, its targets with their lights, what it owes, and what is below it.",
		try:  "/api/units/340200?asof=2020-07-31", long: true,
	}, a.board.UnitCard, func(s *scribe, v *service.UnitCard) wire.UnitCard { return s.unitCard(v) })
	list(a, operation{
		id: "listUnitChanges", path: "/api/unit-changes", group: "register",
		says: "Every change of the unit tree, the newest day first, as known at the instant and with what is recorded for days to come: renames, new codes, moves, mergers, splits, ends.",
		try:  "/api/unit-changes?limit=3",
	}, a.board.UnitChanges, func(s *scribe, in *ListIn, v *service.UnitChanges) wire.UnitChanges {
		days, page := cut(v.Days, in.Paging)
		return wire.UnitChanges{Where: stands(&v.Frame), Page: page, Items: each(days, s.changeDay), Begin: v.Begin, First: v.First}
	})
}

func (s *scribe) unitLine(l service.UnitLine) wire.UnitLine {
	out := wire.UnitLine{Unit: unitRef(l.Unit), Depth: l.Depth, Parent: l.Parent, Order: l.Order, From: l.From, Children: l.Children, Below: l.Below}
	if l.Next != nil {
		e := s.unitEvent(*l.Next)
		out.Next = &e
	}
	return out
}

func (s *scribe) changeDay(d service.ChangeDay) wire.ChangeDay {
	return wire.ChangeDay{On: d.On, Events: each(d.Events, s.unitEvent)}
}

func (s *scribe) unitEvent(e service.UnitEvent) wire.UnitEvent {
	return wire.UnitEvent{Kinds: same(e.Kinds), On: e.On, Says: s.sentence(e.Says), Units: each(e.Units, unitRef), Source: e.Source, RecordedAt: moment(e.RecordedAt), By: e.By,
		Into: each(e.Into, func(u service.UnitShare) wire.UnitShare { return wire.UnitShare{Unit: unitRef(u.Unit), Share: u.Share} })}
}

func (s *scribe) unitCard(v *service.UnitCard) wire.UnitCard {
	kin := func(k service.UnitKin) wire.UnitKin {
		return wire.UnitKin{Unit: unitRef(k.Unit), On: k.On, Share: k.Share, Source: k.Source}
	}
	return wire.UnitCard{
		Where: stands(&v.Frame), Here: unitRef(v.Here), InForce: v.InForce, Parent: maybeUnit(v.Parent), Events: each(v.Events, s.unitEvent),
		Predecessors: each(v.Before, kin), Successors: each(v.After, kin), Targets: each(v.Targets, s.targetState), Answers: each(v.Answers, indicatorRef),
		Children: each(v.Children, s.unitLine), Departments: each(v.Offices, s.unitLine),
		Facts: each(v.Facts, func(f service.UnitFact) wire.UnitFact {
			return wire.UnitFact{Unit: unitRef(f.Unit), Parent: maybeUnit(f.Parent), Order: f.Order, From: f.From, Until: f.Until, Ended: f.Ended, Corrected: f.Corrected,
				RecordedAt: moment(f.RecordedAt), By: f.By, Source: f.Source, Batch: f.Batch}
		}),
		Reports: each(v.Reports, func(r service.UnitReport) wire.UnitReport {
			out := wire.UnitReport{Indicator: indicatorRef(r.Indicator), Calendar: r.Calendar, DueDays: r.DueDays, Next: period(r.Next), Due: r.Due}
			if r.Newest != nil {
				p := reportPeriod(*r.Newest)
				out.Newest = &p
			}
			return out
		}),
	}
}

func indicatorRef(in service.IndicatorName) wire.IndicatorRef {
	return wire.IndicatorRef{Code: in.Code, Name: in.Name, Measure: measure(in.Measure), Decimals: in.Decimals}
}
