package api

import (
	"context"
	"net/http"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/wire"
)

// overseer is what the first page asks of the service.
type overseer interface {
	Overview(ctx context.Context, look service.Look) (*service.Overview, error)
}

type overviewIn struct {
	At
	OfUnit
}

// overviews are the first page and the proofs of its lights.
func (a *API) overviews() {
	view(a, operation{
		id: "getOverview", method: http.MethodGet, path: "/api/overview", group: "overview", needs: board, fails: []luoshi.Code{luoshi.NotFound}, long: true,
		says: "The goals of a unit with their lights, what is off directly below it in the order of how much it matters, the completeness of the figures, and " +
			"the indicator with most that is off spread over the units below. This is the data of the page `/`.",
		try: "/api/overview?unit=340000&asof=2020-07-31",
	}, func(ctx context.Context, in *overviewIn) (*service.Overview, error) {
		look, err := a.look(in.At, in.Unit)
		if err != nil {
			return nil, err
		}
		return a.board.Overview(ctx, look)
	}, func(s *scribe, _ *overviewIn, v *service.Overview) (wire.Overview, error) { return s.overview(v), nil })
}

func (s *scribe) overview(v *service.Overview) wire.Overview {
	return wire.Overview{
		Where: stands(&v.Frame), Headline: s.maybe(v.Headline), Lead: s.sentences(v.Lead),
		Counts: counts(v.Counts),
		Goals:  each(v.Goals, s.goalState), Off: each(v.Off, s.off), OffTotal: v.OffTotal, Reports: each(v.Reports, report),
		Expected: v.Expected, Received: v.Received, Sources: each(v.Sources, source), HasGoals: v.HasGoals, HasData: v.HasFigure,
		Children: each(v.Children, unitRef), Instants: same(v.Instants), Choices: same(v.Choices), Maps: each(v.Maps, s.spread), Turns: turns(v.Turns),
	}
}

func (s *scribe) spread(m *service.MapView) wire.Spread {
	return wire.Spread{Indicator: m.Indicator, Name: m.Name, Measure: measure(m.Measure), Period: period(m.Period), Pace: ratio(m.Pace),
		Areas: each(m.Areas, func(area service.MapArea) wire.Area {
			return wire.Area{Unit: unitRef(area.Unit), Judgement: s.judgement(area.Judgement)}
		})}
}

func turns(t service.Turns) wire.Turns {
	return wire.Turns{Since: t.Since, Goals: each(t.Goals, turn), Below: each(t.Below, turn), Totals: wire.TurnTotals(t.GoalCounts), Units: wire.TurnTotals(t.Counts)}
}

func turn(t service.Turn) wire.Turn {
	return wire.Turn{Goal: t.Goal, Unit: unitRef(t.Unit), Indicator: t.Indicator, Name: t.Name, Before: t.Before, Light: t.Judgement.Light, Way: string(t.Way), Owner: t.Owner, Person: maybePerson(t.Person)}
}

func (s *scribe) goalState(g service.GoalRow) wire.GoalState {
	out := wire.GoalState{
		Code: g.Code, Name: g.Name, Depth: g.Depth, Heading: g.Heading, Judgement: s.judgement(g.Judgement), Before: g.Before,
		Indicator: g.Indicator, Paced: g.Paced, Owner: g.Owner, Person: maybePerson(g.Person), Source: g.Source,
	}
	if g.Indicator != "" {
		m := measure(g.Measure)
		out.Measure = &m
	}
	if g.Chance != nil {
		out.Chance = ratio(g.Chance.Chance)
	}
	return out
}

func (s *scribe) off(o service.OffRow) wire.Off {
	return wire.Off{Unit: unitRef(o.Unit), Indicator: o.Indicator, Name: o.Name, Measure: measure(o.Measure), Judgement: s.judgement(o.Judgement),
		Owner: o.Owner, Person: maybePerson(o.Person), Impact: ratio(o.Impact), Chance: chance(o.Chance)}
}

func report(r service.ReportRow) wire.Report {
	return wire.Report{Indicator: r.Indicator, Name: r.Name, Kind: r.Kind, Periods: each(r.Periods, reportPeriod)}
}

func reportPeriod(c service.ReportCell) wire.ReportPeriod {
	p := wire.ReportPeriod{Period: c.Period, Have: c.Have, Want: c.Want, Units: []wire.ReportedState{}}
	for i, state := range c.States {
		if i < len(c.Units) {
			p.Units = append(p.Units, wire.ReportedState{Unit: c.Units[i].Code, State: state})
		}
	}
	return p
}

func source(n service.SourceNote) wire.Source {
	return wire.Source{Number: n.Number, What: same(n.What), Source: n.Source}
}
