package api

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/wire"
)

// cascader is what the plan of an indicator asks of the service.
type cascader interface {
	CascadeSheet(ctx context.Context, q service.CascadeQuery) (*service.CascadeSheet, error)
	Enforce(ctx context.Context, q service.CascadeQuery, by string) (*service.Enforced, error)
	Workbook(w io.Writer, v *service.CascadeSheet, q service.CascadeQuery, lang string) error
	ComparePlans(ctx context.Context, q service.CompareQuery) (*service.PlanCompare, error)
	RestorePlan(ctx context.Context, q service.CascadeQuery, version, by string) (*service.Restored, error)
}

type planIn struct {
	At
	OfUnit
	Indicator string   `query:"indicator" doc:"Code; else the first that the unit hands down" maxLength:"64" example:"key_projects"`
	Open      []string `query:"open" doc:"Codes of units whose own units below are shown"`
}

type splitIn struct {
	At
	OfUnit
	Body wire.Split
}

type compareIn struct {
	At
	OfUnit
	Indicator string `query:"indicator" doc:"Code" required:"true" maxLength:"64" example:"key_projects"`
	A         string `query:"a" doc:"Id of one version; else the one before b" maxLength:"64"`
	B         string `query:"b" doc:"Id of the other; else the newest" maxLength:"64"`
}

type restoreIn struct {
	At
	OfUnit
	Body wire.Restore
}

const hefeiLocked = `{
  "indicator": "key_projects",
  "reserve": "10",
  "locks": {"340100": "60.00"},
  "reason": "Hefei takes what it can carry"
}`

// cascades are a year's plan of an indicator: as it is, as it would be, as it was.
func (a *API) cascades() {
	view(a, operation{
		id: "getPlan", method: http.MethodGet, path: "/api/cascade", group: "cascade", needs: plan, fails: []luoshi.Code{luoshi.NotFound}, long: true,
		says: "The plan in force of an indicator as a tree: the unit, what it keeps in reserve, the units below it and theirs where they are opened, by period, against last year and the revision before, with what each adds on its own. This is the data of the page `/cascade`.",
		try:  "/api/cascade?unit=340000&indicator=key_projects&asof=2020-07-31",
	}, func(ctx context.Context, in *planIn) (*service.CascadeSheet, error) {
		look, err := a.look(in.At, in.Unit)
		if err != nil {
			return nil, err
		}
		return a.board.CascadeSheet(ctx, service.CascadeQuery{Look: look, Indicator: in.Indicator, Open: in.Open})
	}, func(s *scribe, _ *planIn, v *service.CascadeSheet) (wire.Plan, error) { return s.plan(v), nil })
	answer(a, operation{
		id: "trySplit", method: http.MethodPost, path: "/api/cascade/try", group: "cascade", needs: plan, fails: []luoshi.Code{luoshi.NotFound}, long: true,
		says: "Try another split of a unit's yearly target over the units below it and the periods of the year. Both margins hold exactly at the published precision. Where no such split exists, blocked is true and problems say why and what is " +
			"attainable. Nothing is saved.",
		try: "/api/cascade/try?unit=340000&asof=2020-07-31", body: hefeiLocked,
	}, func(s *scribe, ctx context.Context, in *splitIn) (wire.Plan, error) {
		q, err := a.split(in)
		if err != nil {
			return wire.Plan{}, err
		}
		v, err := a.board.CascadeSheet(ctx, q)
		if err != nil {
			return wire.Plan{}, err
		}
		return s.plan(v), nil
	})
	answer(a, operation{
		id: "putSplit", method: http.MethodPost, path: "/api/cascade", group: "cascade", needs: sets, fails: []luoshi.Code{luoshi.NotFound, luoshi.Conflict}, long: true,
		says: "The same split, put in force: each target that it changes gets its next revision, with the reason. What was promised before stays on record; before names the version, which can be put back. Where no such split exists nothing is saved and blocked is true.",
		try:  "/api/cascade?unit=340000&asof=now&year=2020", body: hefeiLocked,
	}, func(s *scribe, ctx context.Context, in *splitIn) (wire.Plan, error) {
		q, err := a.split(in)
		if err != nil {
			return wire.Plan{}, err
		}
		done, err := a.board.Enforce(ctx, q, a.opt.By)
		if err != nil {
			return wire.Plan{}, err
		}
		out := s.plan(done.Sheet)
		if len(done.Changes) > 0 {
			out.InForce, out.Before, out.Changes = true, done.Before, each(done.Changes, planChange)
		}
		return out, nil
	})
	a.planVersions()
	a.planBook()
}

// planVersions are a plan's revisions, side by side and put back.
func (a *API) planVersions() {
	view(a, operation{
		id: "comparePlans", method: http.MethodGet, path: "/api/cascade/revisions", group: "cascade", needs: plan, fails: []luoshi.Code{luoshi.NotFound}, long: true,
		says: "The revisions of an indicator's plan, and two of them side by side: the unit, those directly below it, and whatever below them differs. This is the data of the page `/cascade/revisions`.",
		try:  "/api/cascade/revisions?unit=340000&indicator=key_projects&asof=2020-07-31",
	}, func(ctx context.Context, in *compareIn) (*service.PlanCompare, error) {
		look, err := a.look(in.At, in.Unit)
		if err != nil {
			return nil, err
		}
		return a.board.ComparePlans(ctx, service.CompareQuery{Look: look, Indicator: in.Indicator, A: in.A, B: in.B})
	}, func(_ *scribe, _ *compareIn, v *service.PlanCompare) (wire.PlanComparison, error) {
		return comparison(v), nil
	})
	answer(a, operation{
		id: "restorePlan", method: http.MethodPost, path: "/api/cascade/restore", group: "cascade", needs: sets, fails: []luoshi.Code{luoshi.NotFound, luoshi.Conflict},
		says: "Put a version of a plan back in force: every target that differs from it gets a new revision that says what the version said, with the reason. This is how a split is undone.",
		try:  "/api/cascade/restore?unit=340000&year=2020", body: `{"indicator": "key_projects", "version": "20200403-1585843200000000", "reason": "Back to the plan of January"}`,
		before: []Prelude{{"/api/cascade?unit=340000&asof=now&year=2020", hefeiLocked}},
	}, func(_ *scribe, ctx context.Context, in *restoreIn) (wire.Restored, error) {
		look, err := a.look(in.At, in.Unit)
		if err != nil {
			return wire.Restored{}, err
		}
		done, err := a.board.RestorePlan(ctx, service.CascadeQuery{Look: look, Indicator: in.Body.Indicator, Reason: in.Body.Reason, From: in.Body.From}, in.Body.Version, a.opt.By)
		if err != nil {
			return wire.Restored{}, err
		}
		return wire.Restored{Count: done.Count, Left: done.Left, Before: done.Before, From: done.From}, nil
	})
}

// planBook is a split as a workbook to be changed by hand.
func (a *API) planBook() {
	download(a, operation{
		id: "writeSplit", method: http.MethodPost, path: "/api/cascade/workbook", group: "cascade", needs: plan, fails: []luoshi.Code{luoshi.NotFound}, gives: workbook,
		says: "The plan in force, or a split of it, as a workbook of targets: changed by hand it can be uploaded at /api/imports. Nothing is saved.",
		try:  "/api/cascade/workbook?unit=340000&asof=2020-07-31", body: hefeiLocked,
	}, func(ctx context.Context, in *splitIn) ([]byte, string, string, error) {
		q, err := a.split(in)
		if err != nil {
			return nil, "", "", err
		}
		q.ToWrite = true
		v, err := a.board.CascadeSheet(ctx, q)
		if err != nil {
			return nil, "", "", err
		}
		for _, p := range v.Problems {
			if p.Severity == luoshi.Blocking {
				return nil, "", "", &luoshi.Error{Code: luoshi.Invalid, Message: p.Message}
			}
		}
		var b bytes.Buffer
		return written(&b, q.Indicator+"-"+strconv.Itoa(v.Year)+".xlsx", a.board.Workbook(&b, v, q, string(askedOf(ctx).lang)))
	})
}

// split is the question of a body.
func (a *API) split(in *splitIn) (service.CascadeQuery, error) {
	b := in.Body
	q := service.CascadeQuery{
		Indicator: b.Indicator, Units: b.Units, Time: b.Time, Total: b.Total, Reserve: b.Reserve, Locks: b.Locks, Weights: b.Weights, Min: b.Min, Max: b.Max,
		Methods: b.Methods, Reserves: b.Reserves, Open: b.Open, Split: b.Split, Years: b.Years, Along: b.Along, From: b.From, Reason: b.Reason, Seen: b.Seen,
	}
	var err error
	if q.Look, err = a.look(in.At, in.Unit); err != nil {
		return q, err
	}
	if q.Months, err = byMonth("body.months", b.Months); err != nil {
		return q, err
	}
	for code, cells := range b.Cells {
		if q.Cells == nil {
			q.Cells = map[string]map[int]luoshi.Quantity{}
		}
		if q.Cells[code], err = byMonth("body.cells."+code, cells); err != nil {
			return q, err
		}
	}
	return q, nil
}

// byMonth reads values that are given by the month that ends their period.
func byMonth[Q any](where string, given map[string]Q) (map[int]Q, error) {
	if len(given) == 0 {
		return nil, nil
	}
	values := make(map[int]Q, len(given))
	for text, v := range given {
		month, bad := strconv.Atoi(text)
		if bad != nil || month < 1 || month > 12 {
			return nil, &located{where + "." + text, text, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("api.month", "text", text)}}
		}
		values[month] = v
	}
	return values, nil
}

func (s *scribe) plan(v *service.CascadeSheet) wire.Plan {
	out := wire.Plan{
		Where: stands(&v.Frame), Why: s.maybe(v.Why), Tried: v.Tried, Units: v.Units, Time: v.Time, Columns: same(v.Columns), Rows: each(v.Rows, planRow),
		Sum:     wire.PlanSum{Full: v.Sum.Full, Total: v.Sum.Total, Months: same(v.Sum.Months), Hidden: v.Sum.Hidden, Share: ratio(v.Sum.Share)},
		Changes: each(v.Changes, planChange), Seen: v.Seen, From: v.From, Versions: each(v.Versions, planVersion), Problems: each(v.Problems, s.planProblem),
		Choices: each(v.Choices, func(c service.IndicatorChoice) wire.Named { return wire.Named{Code: c.Code, Name: c.Name} }),
	}
	if v.Code != "" {
		out.Indicator = &wire.IndicatorRef{Code: v.Code, Name: v.Name, Measure: measure(v.Measure), Decimals: v.Decimals}
	}
	for _, p := range v.Problems {
		out.Blocked = out.Blocked || p.Severity == luoshi.Blocking
	}
	return out
}

func planRow(r service.SheetRow) wire.PlanRow {
	return wire.PlanRow{
		Unit: unitRef(r.Unit), Reserve: r.Reserve, Depth: r.Depth, Parent: r.Parent, Below: r.Below, Split: r.Split, Method: r.Method, Assumed: r.Assumed, Total: r.Total,
		Months: same(r.Months), LastYear: r.LastYear, Growth: ratio(r.Growth), Revision: r.Revision, Before: r.Before, Against: r.Against, Hidden: r.Hidden,
		Share: ratio(r.HiddenShare), Locked: r.Locked, Cells: r.Cells, Min: r.Min, Max: r.Max, Weight: r.Weight,
	}
}

func planChange(c service.PlanChange) wire.PlanChange {
	return wire.PlanChange{Unit: unitRef(c.Unit), Before: c.Before, After: c.After, By: c.By, Curve: c.Curve, Next: c.Next}
}

func (s *scribe) planProblem(p service.SheetProblem) wire.PlanProblem {
	told := s.problem(luoshi.Problem{Severity: p.Severity, Message: p.Message})
	out := wire.PlanProblem{Month: p.Month, Severity: p.Severity, Says: told.Says, Fix: told.Fix}
	if p.Unit.Code != "" {
		out.Unit = maybeUnit(&p.Unit)
	}
	for _, u := range p.More {
		out.More = append(out.More, unitRef(u))
	}
	return out
}

func planVersion(v service.PlanVersion) wire.PlanVersion {
	return wire.PlanVersion{ID: v.ID, From: v.From, RecordedAt: moment(v.RecordedAt), By: v.By, Reason: v.Reason, Source: v.Source, Units: v.Units, Only: maybeName(v.Only), InForce: v.InForce}
}

func comparison(v *service.PlanCompare) wire.PlanComparison {
	out := wire.PlanComparison{
		Where: stands(&v.Frame), Indicator: wire.IndicatorRef{Code: v.Code, Name: v.Name, Measure: measure(v.Measure), Decimals: v.Decimals},
		Versions: each(v.Versions, planVersion), Columns: same(v.Columns), Differ: v.Differ,
		Rows: each(v.Rows, func(r service.CompareRow) wire.ComparedRow {
			return wire.ComparedRow{Unit: unitRef(r.Unit), Depth: r.Depth, A: r.A, B: r.B, RevisionA: r.RevA, RevisionB: r.RevB, By: r.By, Share: ratio(r.Share),
				ReserveA: r.ReserveA, ReserveB: r.ReserveB, MonthsA: same(r.MonthsA), MonthsB: same(r.MonthsB), Differs: r.Differs}
		}),
	}
	for from, to := range map[*service.PlanVersion]**wire.PlanVersion{&v.A: &out.A, &v.B: &out.B} {
		if from.ID != "" {
			one := planVersion(*from)
			*to = &one
		}
	}
	return out
}
