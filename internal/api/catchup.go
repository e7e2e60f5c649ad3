package api

import (
	"context"
	"net/http"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/wire"
)

// catcher is what the plan for the rest of a year asks of the service.
type catcher interface {
	CatchUp(ctx context.Context, q service.CatchUpQuery) (*service.CatchUpView, error)
	TryCatchUp(ctx context.Context, q service.CatchUpQuery) (*service.CatchUpTrial, error)
	PutCatchUp(ctx context.Context, q service.CatchUpQuery, by string) (*service.CatchUpPut, error)
	Capacity(ctx context.Context, look service.Look, of, indicator string) (*service.CapacityCard, error)
	StateCapacity(ctx context.Context, q service.CapacityStatement) (*service.CapacityCard, error)
}

type catchUpIn struct {
	At
	OfUnit
	Indicator string `query:"indicator" doc:"Code; else the first that the unit has a target of" maxLength:"64" example:"key_projects"`
	Against   string `query:"against" doc:"Id of the version to compare with; else the plan in force" maxLength:"64"`
}

type catchUpTryIn struct {
	At
	OfUnit
	Body wire.CatchUpTry
}

type capacityIn struct {
	At
	Code string `path:"code" doc:"Code of the indicator" maxLength:"64"`
	Of   string `path:"of" doc:"Code of the unit" maxLength:"64"`
}

type stateIn struct {
	At
	Code string `path:"code" doc:"Code of the indicator" maxLength:"64"`
	Of   string `path:"of" doc:"Code of the unit" maxLength:"64"`
	Body wire.CapacityTry
}

const catchUpBody = `{
  "indicator": "key_projects",
  "total": "345",
  "locks": {"340100": {"9": "9.00"}},
  "caps": {"340200": "16.00"},
  "reason": "Make up for the first half in the third and fourth quarters"
}`

// catchUps are plans for the rest of a year, and what units state that they can bring.
func (a *API) catchUps() {
	view(a, operation{
		id: "getCatchUp", method: http.MethodGet, path: "/api/catchup", group: "cascade", needs: plan, fails: []luoshi.Code{luoshi.NotFound}, long: true,
		says: "The plan that closes the gap of an indicator over the periods that are left: what is needed, what is expected, and who brings how much by when, departing as little as can be from what is expected; or how far short the " +
			"best attainable falls, how likely that is, and what stands in the way. With it, how the plan in force is being kept. Only amounts that add up over the year can be planned; otherwise `why` says why not.",
		try: "/api/catchup?unit=340000&indicator=key_projects&asof=2020-07-31",
	}, func(ctx context.Context, in *catchUpIn) (*service.CatchUpView, error) {
		look, err := a.look(in.At, in.Unit)
		if err != nil {
			return nil, err
		}
		return a.board.CatchUp(ctx, service.CatchUpQuery{Look: look, Indicator: in.Indicator, Against: in.Against})
	}, func(s *scribe, _ *catchUpIn, v *service.CatchUpView) (wire.CatchUp, error) { return s.catchUp(v), nil })
	answer(a, operation{
		id: "tryCatchUp", method: http.MethodPost, path: "/api/catchup/try", group: "cascade", needs: plan, fails: []luoshi.Code{luoshi.NotFound}, long: true,
		says: "Try another plan: another total, locked cells, caps on units. The sum holds exactly at the published precision. Where what is given cannot be, blocked is true and problems say why. Nothing is saved.",
		try:  "/api/catchup/try?unit=340000&asof=2020-07-31", body: catchUpBody,
	}, func(s *scribe, ctx context.Context, in *catchUpTryIn) (wire.CatchUp, error) {
		q, err := a.catchUpQuery(in)
		if err != nil {
			return wire.CatchUp{}, err
		}
		if !in.Body.Lights {
			v, err := a.board.CatchUp(ctx, q)
			if err != nil {
				return wire.CatchUp{}, err
			}
			return s.catchUp(v), nil
		}
		trial, err := a.board.TryCatchUp(ctx, q)
		if err != nil {
			return wire.CatchUp{}, err
		}
		out := s.catchUp(trial.CatchUpView)
		out.Left, out.Stale = each(trial.Left, unitRef), s.maybe(trial.Stale)
		if trial.Effect != nil {
			lights := s.effect(trial.Effect)
			out.Lights = &lights
		}
		return out, nil
	})
	answer(a, operation{
		id: "putCatchUp", method: http.MethodPost, path: "/api/catchup", group: "cascade", needs: sets, fails: []luoshi.Code{luoshi.NotFound, luoshi.Conflict}, long: true,
		says: "The same plan, put in force: the promise of the year stays, what is reported and planned becomes the months of each unit's next revision, and the plan is kept to be held against what comes in. Where there is no plan nothing is saved and blocked is true.",
		try:  "/api/catchup?unit=340000&asof=2020-07-31", body: catchUpBody,
	}, func(s *scribe, ctx context.Context, in *catchUpTryIn) (wire.CatchUp, error) {
		q, err := a.catchUpQuery(in)
		if err != nil {
			return wire.CatchUp{}, err
		}
		done, err := a.board.PutCatchUp(ctx, q, a.opt.By)
		if err != nil {
			return wire.CatchUp{}, err
		}
		out := s.catchUp(done.View)
		if done.Batch != 0 {
			out.InForce, out.Batch, out.Before, out.Changes, out.Left = true, done.Batch, done.Before, each(done.Changes, planChange), each(done.Left, unitRef)
		}
		return out, nil
	})
	a.capacities()
}

func (a *API) capacities() {
	view(a, operation{
		id: "getCapacity", method: http.MethodGet, path: "/api/indicators/{code}/at/{of}/capacity", group: "indicators", needs: plan, fails: []luoshi.Code{luoshi.NotFound},
		says: "What a unit has stated that it can bring of an indicator in each period at most, with the reasons: it bounds every catch-up plan.",
		try:  "/api/indicators/key_projects/at/340100/capacity?asof=2020-07-31",
	}, func(ctx context.Context, in *capacityIn) (*service.CapacityCard, error) {
		look, err := a.look(in.At, in.Of)
		if err != nil {
			return nil, err
		}
		return a.board.Capacity(ctx, look, in.Of, in.Code)
	}, func(_ *scribe, _ *capacityIn, v *service.CapacityCard) (wire.Capacities, error) {
		return capacityCard(v), nil
	})
	answer(a, operation{
		id: "stateCapacity", method: http.MethodPost, path: "/api/indicators/{code}/at/{of}/capacity", group: "indicators", needs: states, fails: []luoshi.Code{luoshi.NotFound},
		says: "State what the unit can bring in a period at most, and why. What was stated before stays on record; null takes it back.",
		try:  "/api/indicators/key_projects/at/340100/capacity?year=2020", body: `{"most": {"9": "6.00"}, "reason": "The main line is overhauled"}`,
	}, func(_ *scribe, ctx context.Context, in *stateIn) (wire.Capacities, error) {
		look, err := a.look(in.At, in.Of)
		if err != nil {
			return wire.Capacities{}, err
		}
		q := service.CapacityStatement{Look: look, Indicator: in.Code, Of: in.Of, Reason: in.Body.Reason}
		if q.Most, err = byMonth("body.most", in.Body.Most); err != nil {
			return wire.Capacities{}, err
		}
		v, err := a.board.StateCapacity(ctx, q)
		if err != nil {
			return wire.Capacities{}, err
		}
		return capacityCard(v), nil
	})
}

// catchUpQuery is the question of a body.
func (a *API) catchUpQuery(in *catchUpTryIn) (service.CatchUpQuery, error) {
	q, err := given("body", in.Body)
	if err != nil {
		return q, err
	}
	if b := in.Body.Beside; b != nil {
		beside, err := given("body.beside", *b)
		if err != nil {
			return q, err
		}
		q.Beside = &beside
	}
	q.Look, err = a.look(in.At, in.Unit)
	return q, err
}

func given(where string, b wire.CatchUpTry) (q service.CatchUpQuery, err error) {
	q = service.CatchUpQuery{Indicator: b.Indicator, Total: b.Total, Caps: b.Caps, Floors: b.Floors, Stretch: b.Stretch, Unbound: b.Unbound, Exact: b.Exact, Weigh: b.Weigh, Weights: b.Weights,
		Against: b.Against, From: b.From, Reason: b.Reason, Seen: b.Seen}
	for _, cells := range []struct {
		name string
		from map[string]map[string]luoshi.Quantity
		to   *map[string]map[int]luoshi.Quantity
	}{{"locks", b.Locks, &q.Locks}, {"cell_caps", b.CellCaps, &q.CellCaps}} {
		for code, months := range cells.from {
			if *cells.to == nil {
				*cells.to = map[string]map[int]luoshi.Quantity{}
			}
			if (*cells.to)[code], err = byMonth(where+"."+cells.name+"."+code, months); err != nil {
				return q, err
			}
		}
	}
	return q, nil
}

func (s *scribe) catchUp(v *service.CatchUpView) wire.CatchUp {
	out := wire.CatchUp{
		Where: stands(&v.Frame), Why: s.maybe(v.Why), Instead: s.maybe(v.Instead), Alone: v.Alone, Tried: v.Tried, Weigh: v.Weigh, Promise: s.maybe(v.Promise),
		Asked: v.Asked, Target: v.Target, Better: v.Better, Derived: v.Derived, Known: v.Known, KnownTo: period(v.Through), Needed: v.Needed, Expected: v.Expected, Gap: v.Gap, State: string(v.State),
		Hard: v.Hard, Step: v.Step, Sum: v.Sum, Total: v.Year, Short: v.Short, Best: v.Best, Least: v.Least, Chance: ratio(v.Chance), ChanceBest: ratio(v.ChanceBest), Says: s.sentences(v.Says),
		Notes: s.sentences(v.Notes), Columns: each(v.Columns, func(c service.CatchUpColumn) wire.CatchUpColumn { return wire.CatchUpColumn(c) }), Rows: each(v.Rows, s.catchUpRow),
		Tasks: each(v.Tasks, func(t service.CatchUpTask) wire.CatchUpTask {
			return wire.CatchUpTask{Unit: unitRef(t.Unit), Period: t.Period, By: t.By, Value: t.Value, Expect: t.Expect, Extra: t.Extra, Effort: t.Effort, Hold: string(t.Hold), Person: maybePerson(t.Person),
				Leader: maybePerson(t.Leader), Says: s.sentence(t.Says)}
		}),
		Gives: each(v.Gives, func(g service.CatchUpGive) wire.CatchUpGive {
			return wire.CatchUpGive{Unit: unitRef(g.Unit), Hold: string(g.Hold), Period: period(g.Period), Now: g.Now, Gain: g.Gain, Says: s.sentence(g.Says)}
		}),
		Problems: each(v.Problems, s.planProblem), Compare: beside(v.Compare), Beside: beside(v.Beside), Changes: each(v.Changes, planChange), Keeping: s.keeping(v.Keeping),
		Plans: each(v.Plans, func(p service.CatchUpPlan) wire.CatchUpPlan {
			return wire.CatchUpPlan{Batch: p.Batch, From: p.From, RecordedAt: p.RecordedAt, By: p.By, Reason: p.Reason, Total: p.Total, Number: p.Number, InForce: p.InForce}
		}),
		Versions: each(v.Versions, planVersion), Seen: v.Seen, From: v.From,
	}
	if v.Indicator.Code != "" {
		one := head(v.Indicator)
		out.Indicator = &one
	}
	if v.Whole.Unit.Code != "" {
		one := s.catchUpRow(v.Whole)
		out.Whole = &one
	}
	for _, p := range v.Problems {
		out.Blocked = out.Blocked || p.Severity == luoshi.Blocking
	}
	return out
}

func (s *scribe) catchUpRow(r service.CatchUpRow) wire.CatchUpRow {
	return wire.CatchUpRow{
		Unit: unitRef(r.Unit), Own: r.Own, Basis: r.Basis, Note: s.maybe(r.Note), Target: r.Target, Known: r.Known, Through: period(r.Through), Expected: r.Expected, Rest: r.Rest, Extra: r.Extra, Effort: r.Effort,
		Total: r.Total, Over: r.Over, Least: r.Least, Most: r.Most, MostFrom: r.MostFrom, Hold: string(r.Hold), Cap: r.Cap, Floor: r.Floor, Weight: r.Weight, Chance: ratio(r.Chance), Reaches: ratio(r.Reaches),
		Person: maybePerson(r.Person), Leader: maybePerson(r.Leader), Revision: r.Revision,
		Cells: each(r.Cells, func(c service.CatchUpCell) wire.CatchUpCell {
			return wire.CatchUpCell{Period: c.Period, Known: c.Known, Estimated: c.Estimated, Value: c.Value, Expect: c.Expect, Spread: c.Spread, Extra: c.Extra, Effort: c.Effort, Low: c.Low, High: c.High,
				HighFrom: c.HighFrom, Hold: string(c.Hold), Locked: c.Locked, Cap: c.Cap, InForce: c.InForce, LastYear: c.LastYear, Capacity: stated(c.Capacity)}
		}),
	}
}

func stated(c *service.CapacityRef) *wire.Capacity {
	if c == nil {
		return nil
	}
	return &wire.Capacity{Most: c.Value, Reason: c.Reason, By: person(c.By), At: time.UnixMicro(c.At).In(luoshi.Zone)}
}

func beside(c *service.CatchUpCompare) *wire.CatchUpCompare {
	if c == nil {
		return nil
	}
	diff := func(d service.CatchUpDiff) wire.CatchUpDiff { return wire.CatchUpDiff(d) }
	out := &wire.CatchUpCompare{Months: each(c.Months, diff), Sum: diff(c.Sum), Differ: c.Differ, Effort: c.Effort, Other: c.Other, Short: c.Short,
		Rows: each(c.Rows, func(r service.CatchUpDiffRow) wire.CatchUpDiffRow {
			return wire.CatchUpDiffRow{Unit: unitRef(r.Unit), Own: r.Own, Cells: each(r.Cells, diff), Sum: diff(r.Sum)}
		})}
	if c.Version != nil {
		one := planVersion(*c.Version)
		out.Version = &one
	}
	return out
}

func (s *scribe) keeping(k *service.CatchUpKeeping) *wire.CatchUpKeeping {
	if k == nil {
		return nil
	}
	row := func(r service.CatchUpKeptRow) wire.CatchUpKeptRow {
		return wire.CatchUpKeptRow{Unit: unitRef(r.Unit), Kept: r.Kept, Missed: r.Missed, Behind: r.Behind, Revision: r.Revision, Person: maybePerson(r.Person),
			Months: each(r.Months, func(m service.CatchUpKept) wire.CatchUpKept {
				return wire.CatchUpKept{Period: m.Period, Planned: m.Planned, Reported: m.Reported, By: m.By, Kept: m.Kept, SumPlanned: m.SumPlan, SumReported: m.SumKnown}
			})}
	}
	return &wire.CatchUpKeeping{Version: planVersion(k.Version), Batch: k.Plan.Batch, Number: k.Number, Whole: row(k.Whole), Rows: each(k.Rows, row), Lagging: k.Lagging, Says: s.sentence(k.Says)}
}

func capacityCard(v *service.CapacityCard) wire.Capacities {
	return wire.Capacities{
		Where: stands(&v.Frame), Indicator: head(v.Indicator), Of: unitRef(v.Of), Written: v.Written,
		Rows: each(v.Rows, func(r service.CapacityRow) wire.CapacityRow {
			return wire.CapacityRow{Period: r.Period, Reported: r.Reported, LastYear: r.LastYear, Stated: stated(r.Stated)}
		}),
		Facts: each(v.Facts, func(f service.CapacityFact) wire.CapacityFact {
			return wire.CapacityFact{Period: f.Period, Most: f.Most, Reason: f.Reason, By: person(f.By), At: time.UnixMicro(f.At).In(luoshi.Zone), Holds: f.Holds}
		}),
	}
}
