package api

import (
	"context"
	"net/http"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/wire"
)

// tracer is what the page of an indicator at a unit asks of the service.
type tracer interface {
	Indicator(ctx context.Context, q service.IndicatorQuery) (*service.IndicatorView, error)
	Figure(ctx context.Context, q service.FigureQuery) (*service.FigureView, error)
}

type indicatorAtIn struct {
	At
	Code string `path:"code" doc:"Code of the indicator" maxLength:"64"`
	Of   string `path:"of" doc:"Code of the unit" maxLength:"64"`
	Show string `query:"show" doc:"What its path shows; else what its rule looks at" enum:"cumulative,single,level,growth"`
}

type figureIn struct {
	At
	Code   string `path:"code" doc:"Code of the indicator" maxLength:"64"`
	Of     string `path:"of" doc:"Code of the unit" maxLength:"64"`
	Period string `path:"period" doc:"A period (2020-06, 2020-Q2, 2020-01..06), or newest" maxLength:"32" example:"2020-06"`
	Basis  string `query:"basis" doc:"By itself, or the year up to its end; else the one on which it is judged" enum:"single,cumulative"`
}

// figures are one indicator at one unit, and where any of its numbers came from.
func (a *API) figures() {
	view(a, operation{
		id: "getIndicatorAt", method: http.MethodGet, path: "/api/indicators/{code}/at/{of}", group: "indicators", needs: board, fails: []luoshi.Code{luoshi.NotFound}, long: true,
		says: "One indicator at one unit: where it stands and why, its path through the year against what is asked and last year, what each unit below adds to the gap, its rank, every revision of the target, " +
			"how the newest figure came to be, linked indicators, and the same by other boundaries. This is the data of the page `/indicator`.",
		try: "/api/indicators/key_projects/at/340000?asof=2020-07-31",
	}, func(ctx context.Context, in *indicatorAtIn) (*service.IndicatorView, error) {
		look, err := a.look(in.At, in.Of)
		if err != nil {
			return nil, err
		}
		return a.board.Indicator(ctx, service.IndicatorQuery{Look: look, Code: in.Code, Show: service.PathKind(in.Show)})
	}, func(s *scribe, _ *indicatorAtIn, v *service.IndicatorView) (wire.IndicatorAtUnit, error) {
		return s.indicatorAt(v), nil
	})
	view(a, operation{
		id: "getFigure", method: http.MethodGet, path: "/api/indicators/{code}/at/{of}/figures/{period}", group: "indicators", needs: board, fails: []luoshi.Code{luoshi.NotFound}, long: true,
		says: "One figure with everything known of it: what was reported and what the units below add up to, every vintage with who and when, how a total came together, and what it is made from. This is the data of the page `/figure`.",
		try:  "/api/indicators/key_projects/at/340100/figures/2020-06?asof=2020-07-31",
	}, func(ctx context.Context, in *figureIn) (*service.FigureView, error) {
		look, err := a.look(in.At, in.Of)
		if err != nil {
			return nil, err
		}
		q := service.FigureQuery{Look: look, Code: in.Code, Basis: luoshi.Basis(in.Basis)}
		if in.Period != "newest" {
			if q.Period, err = luoshi.ParsePeriod(in.Period); err != nil {
				return nil, &located{"path.period", in.Period, err}
			}
		}
		return a.board.Figure(ctx, q)
	}, func(s *scribe, _ *figureIn, v *service.FigureView) (wire.Figure, error) { return s.figure(v), nil })
}

func (s *scribe) indicatorAt(v *service.IndicatorView) wire.IndicatorAtUnit {
	out := wire.IndicatorAtUnit{
		Where: stands(&v.Frame), Indicator: head(v.Indicator), Judgement: s.judgement(v.Judgement), HasTarget: v.HasTarget, HasData: v.HasFigure, Paced: v.Paced,
		Promise: s.maybe(v.Promise), Trend: s.maybe(v.Trend), Owner: v.Owner, Person: maybePerson(v.Person), Department: maybeName(v.Department), Goals: same(v.Goals),
		Course: wire.Course{Line: v.Course.Line, Reference: maybeName(v.Course.Reference), Reserve: v.Course.Reserve, Handed: v.Course.Handed, Handees: v.Course.Handees,
			Below: v.Course.Below, Rung: v.Course.Rung, Computed: v.Course.Computed},
		Path: path(v.Path), Parts: s.parts(v.Parts), History: each(v.History, vintage), Revisions: each(v.Revisions, s.targetChange),
		Periods: each(v.Periods, func(p service.PeriodRef) wire.PeriodRef { return wire.PeriodRef(p) }),
		Leads:   each(v.Leads, s.linked), LedBy: each(v.LedBy, s.linked), Inputs: each(v.Inputs, s.linked), Source: v.Source,
	}
	if r := v.Rank; r != nil {
		out.Rank = &wire.Rank{Rank: r.Rank, Of: r.Of, Parent: unitRef(r.Parent), Move: s.maybe(r.Move), Before: r.Before}
	}
	if r := v.Redrawn; r != nil {
		out.Redrawn = &wire.Redrawn{Shown: r.Shown, Other: r.Other, Here: s.judgement(r.Here), There: s.judgement(r.There), Gone: r.Gone,
			Changes: each(r.Changes, func(c service.BoundaryChange) wire.BoundaryChange {
				return wire.BoundaryChange{Kind: c.Kind, Unit: c.Unit, Code: c.Code, Into: maybeName(c.Into), To: c.To, On: c.On}
			})}
	}
	return out
}

func head(in service.IndicatorHead) wire.IndicatorHead {
	return wire.IndicatorHead{Code: in.Code, Name: in.Name, Group: in.Group, Measure: measure(in.Measure), Decimals: in.Decimals, Kind: in.Kind, Direction: in.Direction,
		Basis: in.Basis, Calendar: in.Calendar, OverUnits: in.OverUnits, ReportedAt: in.Reported, Formula: in.Formula, Note: in.Note}
}

func path(p service.Path) wire.Path {
	return wire.Path{Kind: string(p.Kind), Kinds: each(p.Kinds, func(k service.PathKind) string { return string(k) }), Measure: measure(p.Measure), Decimals: p.Decimals, Asked: p.Asked,
		Points: each(p.Points, func(o service.PathPoint) wire.PathPoint { return wire.PathPoint(o) })}
}

func (s *scribe) parts(p *service.Parts) *wire.Parts {
	if p == nil {
		return nil
	}
	return &wire.Parts{Period: period(p.Period), By: string(p.By), Gap: p.Gap, Points: p.Points, Measure: measure(p.Measure), Total: p.Total, Rest: p.Rest, RestPlan: p.RestPlan,
		RestDone: p.RestDone, Lights: counts(p.Lights), Rows: each(p.Rows, func(r service.PartRow) wire.Part {
			return wire.Part{Unit: unitRef(r.Unit), Judgement: s.judgement(r.Judgement), Target: r.Target, Rank: r.Rank, Before: r.Before, Move: s.maybe(r.Move), Asked: r.Asked,
				Gap: r.Gap, Contribution: r.Contribution}
		})}
}

func vintage(v service.Vintage) wire.Vintage {
	out := wire.Vintage{Seq: v.Seq, At: v.At.In(luoshi.Zone), By: v.By, Source: v.Source, Status: v.Status, Sample: v.Sample, Basis: v.Basis, Scope: v.Scope, Value: v.Value,
		Growth: v.Growth, Change: v.Change, Batch: v.Batch, BatchName: v.BatchName, Withdrawn: v.Withdrawn, Withdraws: v.Withdraws, Holds: v.Holds, Partial: v.Partial}
	for _, u := range v.Units {
		out.Units = append(out.Units, unitRef(u))
	}
	return out
}

func (s *scribe) targetChange(r service.Revision) wire.TargetChange {
	return wire.TargetChange{Revision: r.Revision, FirstYear: r.First, LastYear: r.Last, Says: s.sentence(r.Promise), Form: r.Form, Value: r.Value, Change: r.Change,
		Reserve: r.Reserve, From: r.From, RecordedAt: moment(r.RecordedAt), By: r.By, Reason: r.Reason, Source: r.Source, InForce: r.InForce, Later: r.Later}
}

func (s *scribe) linked(l service.LinkedView) wire.LinkedState {
	return wire.LinkedState{Indicator: head(l.Indicator), Judgement: s.judgement(l.Judgement), Target: l.Target}
}

func (s *scribe) figure(v *service.FigureView) wire.Figure {
	return wire.Figure{
		Where: stands(&v.Frame), Indicator: head(v.Indicator), Period: period(v.Period), Basis: v.Basis, Bases: same(v.Bases), Value: v.Value, Growth: v.Growth,
		Reported: v.Reported, Rolled: v.Rolled, Own: v.Own, Difference: v.Difference, Partial: v.PartialSum, Have: v.Coverage.Have, Want: v.Coverage.Want,
		Status: v.Status, Generated: v.Sample, Presence: v.Presence, Due: v.Due, Vintages: each(v.Vintages, vintage), History: each(v.History, vintage),
		Earlier: v.Earlier, Later: v.Later, Problems: each(v.Problems, s.problem),
		Parts: each(v.Parts, func(p service.FigurePart) wire.FigurePart {
			return wire.FigurePart{Unit: unitRef(p.Unit), Indicator: head(p.Indicator), Value: p.Value, Growth: p.Growth, Status: p.Status, Presence: p.Presence, Computed: p.Computed}
		}),
	}
}
