package api

import (
	"cmp"
	"context"
	"net/http"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/wire"
)

// foreseer is what the outlook of a year asks of the service.
type foreseer interface {
	Outlook(ctx context.Context, q service.OutlookQuery) (*service.OutlookView, error)
	OutlookList(ctx context.Context, q service.OutlookQuery) (*service.OutlookList, error)
	OutlookTrail(ctx context.Context, q service.OutlookQuery) (*service.OutlookTrail, error)
	Outlooks(ctx context.Context, look service.Look) (*service.OutlookSheet, error)
	OutlookReliability(ctx context.Context, look service.Look) (*service.ReliabilityView, error)
	OutlookProgress(ctx context.Context) (service.OutlookProgress, error)
}

type outlookIn struct {
	At
	Code string `path:"code" doc:"Code of the indicator" maxLength:"64"`
	Of   string `path:"of" doc:"Code of the unit" maxLength:"64"`
}

type targetOutlooksIn struct {
	At
	OfUnit
}

// outlooks say where the year will land.
func (a *API) outlooks() {
	view(a, operation{
		id: "getOutlook", method: http.MethodGet, path: "/api/indicators/{code}/at/{of}/outlook", group: "indicators", needs: board, fails: []luoshi.Code{luoshi.NotFound}, long: true,
		says: "Where the year of an indicator will land at a unit: the expected total with 80% and 95% intervals, how likely the target is met, the rest of the year period by period, what was done to the figures, " +
			"what each method says, and how wrong it would have been at the same period of past years. Where there is none, `why` says why not. At a past instant it is what was kept by then; `origin` says so, and `worked` what is worked out now where that differs.",
		try: "/api/indicators/key_projects/at/340000/outlook?asof=2020-07-31",
	}, func(ctx context.Context, in *outlookIn) (*service.OutlookView, error) {
		look, err := a.look(in.At, in.Of)
		if err != nil {
			return nil, err
		}
		return a.board.Outlook(ctx, service.OutlookQuery{Look: look, Code: in.Code})
	}, func(s *scribe, _ *outlookIn, v *service.OutlookView) (wire.Outlook, error) { return s.outlook(v), nil })
	view(a, operation{
		id: "getOutlookTrail", method: http.MethodGet, path: "/api/indicators/{code}/at/{of}/outlook/said", group: "indicators", needs: board, fails: []luoshi.Code{luoshi.NotFound}, long: true,
		says: "All that the outlook of an indicator at a unit has said of a year by the instant, as it was kept: the expected year end, its intervals, the target as it was then and its chance; and once the year is known, how far each was off and whether its intervals held what came.",
		try:  "/api/indicators/key_projects/at/340000/outlook/said?asof=2020-07-31",
	}, func(ctx context.Context, in *outlookIn) (*service.OutlookTrail, error) {
		look, err := a.look(in.At, in.Of)
		if err != nil {
			return nil, err
		}
		return a.board.OutlookTrail(ctx, service.OutlookQuery{Look: look, Code: in.Code})
	}, func(s *scribe, _ *outlookIn, v *service.OutlookTrail) (wire.OutlookTrail, error) {
		return wire.OutlookTrail{Where: stands(&v.Frame), Indicator: head(v.Indicator), Says: s.maybe(v.Says), Level: v.Level, Growth: v.Growth, Came: v.Came, Judged: v.Judged,
			In80: v.In80, In95: v.In95, Afterwards: v.Afterwards, Rows: each(v.Rows, saidOnce)}, nil
	})
	view(a, operation{
		id: "listOutlooks", method: http.MethodGet, path: "/api/indicators/{code}/at/{of}/outlooks", group: "indicators", needs: board, fails: []luoshi.Code{luoshi.NotFound}, long: true,
		says: "The outlook of one indicator at a unit and at each unit directly below it, the least likely first.",
		try:  "/api/indicators/key_projects/at/340000/outlooks?asof=2020-07-31",
	}, func(ctx context.Context, in *outlookIn) (*service.OutlookList, error) {
		look, err := a.look(in.At, in.Of)
		if err != nil {
			return nil, err
		}
		return a.board.OutlookList(ctx, service.OutlookQuery{Look: look, Code: in.Code})
	}, func(s *scribe, _ *outlookIn, v *service.OutlookList) (wire.Outlooks, error) {
		return wire.Outlooks{Where: stands(&v.Frame), Indicator: head(v.Indicator), Whole: s.outlookLine(v.Whole), AddUp: v.AddUp, Units: each(v.Rows, s.outlookLine)}, nil
	})
	view(a, operation{
		id: "listTargetOutlooks", method: http.MethodGet, path: "/api/outlooks", group: "indicators", needs: board, fails: []luoshi.Code{luoshi.NotFound}, long: true,
		says: "The outlook of every target of a unit, the least likely first.",
		try:  "/api/outlooks?unit=340000&asof=2020-07-31",
	}, func(ctx context.Context, in *targetOutlooksIn) (*service.OutlookSheet, error) {
		look, err := a.look(in.At, in.Unit)
		if err != nil {
			return nil, err
		}
		return a.board.Outlooks(ctx, look)
	}, func(s *scribe, _ *targetOutlooksIn, v *service.OutlookSheet) (wire.TargetOutlooks, error) {
		return wire.TargetOutlooks{Where: stands(&v.Frame), Moves: each(v.Moves, func(m service.OutlookMove) wire.OutlookMove {
			return wire.OutlookMove{Indicator: head(m.Indicator), Was: ratio(m.Was), Is: ratio(m.Is), WasTotal: m.WasTotal, IsTotal: m.IsTotal, Points: m.Points, Revised: m.Revised}
		}), Targets: each(v.Rows, func(r service.OutlookOf) wire.TargetOutlook {
			return wire.TargetOutlook{Indicator: head(r.Indicator), OutlookLine: s.outlookLine(r.OutlookRow)}
		})}, nil
	})
	view(a, operation{
		id: "getReliability", method: http.MethodGet, path: "/api/outlooks/reliability", group: "indicators", needs: board, fails: []luoshi.Code{luoshi.NotFound}, long: true,
		says: "What the stated chances of a unit and of those below it were worth: those that were shown, against what came, and those that would have been said of past years.",
		try:  "/api/outlooks/reliability?unit=340000&asof=2020-07-31",
	}, func(ctx context.Context, in *targetOutlooksIn) (*service.ReliabilityView, error) {
		look, err := a.look(in.At, in.Unit)
		if err != nil {
			return nil, err
		}
		return a.board.OutlookReliability(ctx, look)
	}, func(_ *scribe, _ *targetOutlooksIn, v *service.ReliabilityView) (wire.OutlookReliability, error) {
		return wire.OutlookReliability{Where: stands(&v.Frame), Shown: reliability(v.Shown), Waiting: v.Waiting, Backtest: reliability(v.Backtest), Through: period(v.Through)}, nil
	})
	answer(a, operation{
		id: "getOutlookProgress", method: http.MethodGet, path: "/api/outlooks/progress", group: "indicators", needs: board,
		says: "How far this server is with keeping the outlooks of the present: after every write it looks at all of them and makes anew those whose inputs have changed.",
		try:  "/api/outlooks/progress",
	}, func(_ *scribe, ctx context.Context, _ *healthIn) (wire.OutlookProgress, error) {
		at, err := a.board.OutlookProgress(ctx)
		return wire.OutlookProgress{Running: at.Running, Done: at.Done, Total: at.Total}, err
	})
}

// origin is that of an outlook; an empty database has none.
func origin(o service.OutlookOrigin) string { return string(cmp.Or(o, service.OutlookNow)) }

func reliability(r *service.Reliability) *wire.Reliability {
	if r == nil {
		return nil
	}
	return &wire.Reliability{Chances: r.Chances, Units: r.Units, Indicators: r.Indicators, Brier: r.Brier, MCB: r.MCB, DSC: r.DSC, UNC: r.UNC, Bins: each(r.Bins, func(b service.ReliabilityBin) wire.ReliabilityBin {
		return wire.ReliabilityBin{From: ratio(b.From), To: ratio(b.To), Said: ratio(b.Said), Rate: ratio(b.Rate), Low: ratio(b.Low), High: ratio(b.High), N: b.N, Came: b.Came, Apart: b.Apart}
	})}
}

func keptAs(o service.OutlookShown) wire.OutlookKept {
	return wire.OutlookKept{At: o.At, Afterwards: o.After, Revision: o.Revision, Method: o.Method}
}

func saidOnce(r service.OutlookSaid) wire.OutlookSaid {
	return wire.OutlookSaid{OutlookKept: keptAs(r.OutlookShown), None: r.None, Known: r.Known, Through: period(r.Through),
		Expected: wire.OutlookSpread{Value: r.Total, Low80: r.Low80, High80: r.High80, Low95: r.Low95, High95: r.High95}, Asked: r.Asked, Upper: r.Upper, Better: r.Better,
		Revised: r.Revised, Standing: string(r.Standing), Chance: ratio(r.Chance), Level: r.Level, Growth: r.Growth, Sample: r.Sample, Judged: r.Judged, By: r.By, In80: r.In80, In95: r.In95, Met: r.Met}
}

func (s *scribe) outlookNumbers(n *service.OutlookNumbers) *wire.OutlookNumbers {
	if n == nil {
		return nil
	}
	return &wire.OutlookNumbers{Why: s.maybe(n.Why), Says: s.maybe(n.Says), Asked: n.Asked, Upper: n.Upper, Better: n.Better, Known: n.Known, Through: period(n.Through),
		Expected: wire.OutlookSpread{Value: n.Total, Low80: n.Low80, High80: n.High80, Low95: n.Low95, High95: n.High95}, Standing: string(n.Standing), Chance: ratio(n.Chance)}
}

func (s *scribe) outlook(v *service.OutlookView) wire.Outlook {
	out := wire.Outlook{
		Where: stands(&v.Frame), Indicator: head(v.Indicator), Origin: origin(v.Origin), Worked: s.outlookNumbers(v.Worked), Then: s.sentences(v.ThenSays()), Said: v.Said, Why: s.maybe(v.Why), Says: s.maybe(v.Says), Promise: s.maybe(v.Promise), Asked: v.Asked, Upper: v.Upper,
		Better: v.Better, Derived: v.Derived, Known: v.Known, Through: period(v.Through), Level: v.Level, Growth: v.Growth, Estimated: v.Estimated,
		Expected: wire.OutlookSpread{Value: v.Total, Low80: v.Low80, High80: v.High80, Low95: v.Low95, High95: v.High95}, Alone: v.Alone, Standing: string(v.Standing), Chance: ratio(v.Chance),
		Steps: each(v.Steps, func(p service.OutlookStep) wire.OutlookStep {
			return wire.OutlookStep{Period: p.Period, Value: wire.OutlookSpread(p.Value), Sum: wire.OutlookSpread(p.Sum), Asked: p.Asked}
		}),
		Past: each(v.Past, func(p service.OutlookPast) wire.OutlookPast { return wire.OutlookPast(p) }), Notes: s.sentences(v.Notes),
		Methods: each(v.Methods, func(m service.OutlookMethod) wire.OutlookMethod {
			return wire.OutlookMethod{Name: m.Name, Label: s.words.Word(s.lang, "outlook.method."+m.Name), Total: m.Total, Lean: m.Lean}
		}),
		Leads: each(v.Leads, func(l service.OutlookLead) wire.OutlookLead {
			return wire.OutlookLead{Indicator: indicatorRef(l.Indicator), Hearing: l.Hearing, Lag: l.Lag, Years: l.Years, Wins: l.Wins, Without: l.Without, With: l.With, Shift: l.Shift, Says: s.maybe(l.Says)}
		}),
		History: wire.OutlookHistory{First: period(v.History.First), Last: period(v.History.Last), Periods: v.History.Periods, Missing: v.History.Missing, Open: v.History.Open,
			Sample: v.History.Sample},
	}
	if v.Kept != nil {
		kept := keptAs(*v.Kept)
		out.Kept = &kept
	}
	if c := v.Changed; c != nil {
		out.Changed = &wire.OutlookChanged{Since: c.Since, Shown: c.Shown, Says: s.maybe(c.Says), Total: c.Total, Chance: ratio(c.Chance), By: c.By, Points: c.Points,
			Parts: each(c.Parts, func(p service.OutlookPart) wire.OutlookPart {
				return wire.OutlookPart{Cause: string(p.Cause), Total: p.Total, Points: p.Points}
			}),
			News: each(c.News, func(n service.OutlookNews) wire.OutlookNews { return wire.OutlookNews(n) })}
	}
	if b := v.Backtest; b != nil {
		out.Backtest = &wire.OutlookBacktest{Through: period(b.Through), Points: b.Points, Below: b.Below, Without: b.Without, Own: wire.OutlookScore(b.Own), Pooled: wire.OutlookScore(b.Pooled),
			Cases: each(b.Cases, func(c service.OutlookCase) wire.OutlookCase { return wire.OutlookCase(c) })}
	}
	return out
}

func (s *scribe) outlookLine(r service.OutlookRow) wire.OutlookLine {
	return wire.OutlookLine{Unit: unitRef(r.Unit), Origin: origin(r.Origin), Why: s.maybe(r.Why), Says: s.maybe(r.Says), Asked: r.Asked, Upper: r.Upper, Better: r.Better, Derived: r.Derived, Known: r.Known,
		Through: period(r.Through), Expected: wire.OutlookSpread{Value: r.Total, Low80: r.Low80, High80: r.High80, Low95: r.Low95, High95: r.High95}, Alone: r.Alone, Standing: string(r.Standing),
		Chance: ratio(r.Chance), Level: r.Level, Growth: r.Growth, Sample: r.Sample}
}
