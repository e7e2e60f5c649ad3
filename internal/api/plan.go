package api

import (
	"context"
	"net/http"
	"strconv"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/wire"
)

// planner is what changes of the plan ask of the service.
type planner interface {
	Try(ctx context.Context, look service.Look, c service.Change) (*service.Effect, error)
	Put(ctx context.Context, c service.Change, by, reason string) (*service.Saved, error)
	UndoChange(ctx context.Context, batch int64, by, reason string) (*service.Saved, error)
}

type tryIn struct {
	At
	OfUnit
	Body wire.Change
}

type putIn struct {
	Tongue
	Body wire.Change
}

const raisedTarget = `{
  "targets": [{"indicator": "key_projects", "unit": "340000", "first_year": 2020, "last_year": 2020, "form": "level", "value": "420.00", "from": "2020-07-31"}],
  "reason": "Two projects were added to the plan"
}`

// plans are changes to what is promised and how it is judged.
func (a *API) plans() {
	answer(a, operation{
		id: "tryChange", method: http.MethodPost, path: "/api/plan/try", group: "plan", needs: plan, fails: []luoshi.Code{luoshi.NotFound}, long: true,
		says: "What a change to units, indicators, sets, schemes, goals or targets would do to the board of the unit looked at: every light that would differ, before and after, " +
			"and what is wrong with the change, by field. Nothing is saved.",
		try: "/api/plan/try?unit=340000&asof=2020-07-31", body: raisedTarget,
	}, func(s *scribe, ctx context.Context, in *tryIn) (wire.Effect, error) {
		look, err := a.look(in.At, in.Unit)
		if err != nil {
			return wire.Effect{}, err
		}
		e, err := a.board.Try(ctx, look, changeIn(in.Body))
		if err != nil {
			return wire.Effect{}, err
		}
		return s.effect(e), nil
	})
	answer(a, operation{
		id: "putChange", method: http.MethodPost, path: "/api/plan", group: "plan", needs: alters, fails: []luoshi.Code{luoshi.NotFound, luoshi.Conflict},
		says: "Put a change to units, indicators, sets, schemes, goals or targets in force. It is checked by the rules of the import and saved in one transaction or not at all; what held before stays on " +
			"record. Where something that holds is replaced, a reason is asked for.",
		try: "/api/plan", body: raisedTarget,
	}, func(s *scribe, ctx context.Context, in *putIn) (wire.Saved, error) {
		saved, err := a.board.Put(ctx, changeIn(in.Body), a.opt.By, in.Body.Reason)
		if err != nil {
			if saved != nil && len(saved.Faults) > 0 {
				return wire.Saved{}, &faulty{saved.Faults, err}
			}
			return wire.Saved{}, err
		}
		return s.saved(saved), nil
	})
	a.undoChange()
}

type undoIn struct {
	Tongue
	Batch int64 `path:"batch" doc:"Number under which it was recorded" minimum:"1"`
	Body  struct {
		Reason string `json:"reason" doc:"Why it is taken back" minLength:"1" maxLength:"500"`
	}
}

func (a *API) undoChange() {
	answer(a, operation{
		id: "undoChange", method: http.MethodPost, path: "/api/plan/{batch}/undo", group: "plan", needs: alters, fails: []luoshi.Code{luoshi.NotFound, luoshi.Conflict},
		says: "Take back a change to the plan: what held before it is recorded once more, beside it. Refused where something that the change touched has been changed again since, or could not stand without it.",
		try:  "/api/plan/2/undo", body: `{"reason": "The council has not agreed"}`, before: []Prelude{{"/api/plan", raisedTarget}},
	}, func(s *scribe, ctx context.Context, in *undoIn) (wire.Saved, error) {
		saved, err := a.board.UndoChange(ctx, in.Batch, a.opt.By, in.Body.Reason)
		if err != nil {
			return wire.Saved{}, err
		}
		return s.saved(saved), nil
	})
}

func (s *scribe) saved(v *service.Saved) wire.Saved {
	return wire.Saved{Written: v.Written, Batch: v.Batch, At: v.At.In(luoshi.Zone), Faults: each(v.Faults, s.fault)}
}

// faulty is a refusal with all that is wrong, by field.
type faulty struct {
	faults []service.Fault
	err    error
}

func (e *faulty) Error() string { return e.err.Error() }
func (e *faulty) Unwrap() error { return e.err }

func (s *scribe) effect(e *service.Effect) wire.Effect {
	return wire.Effect{
		Where: stands(&e.Frame), Blocked: e.Blocked, Faults: each(e.Faults, s.fault), Writes: e.Writes, Reason: e.Reason, Compared: e.Compared,
		Before: counts(e.Before), After: counts(e.After), Shifts: each(e.Shifts, s.shift), Reworded: each(e.Reworded, s.shift),
		Units: each(e.Units, func(u service.UnitShift) wire.UnitShift {
			return wire.UnitShift{Before: maybeUnit(u.Before), After: maybeUnit(u.After), From: maybeUnit(u.From), To: maybeUnit(u.To)}
		}),
	}
}

func (s *scribe) shift(v service.Shift) wire.Shift {
	out := wire.Shift{Unit: unitRef(v.Unit), Indicator: v.Indicator, Goal: v.Goal, Name: v.Name}
	for _, side := range []struct {
		from *luoshi.Judgement
		to   **wire.Judgement
	}{{v.Before, &out.Before}, {v.After, &out.After}} {
		if side.from != nil {
			j := s.judgement(*side.from)
			*side.to = &j
		}
	}
	return out
}

func (s *scribe) fault(f service.Fault) wire.Fault {
	p := s.problem(luoshi.Problem{Severity: f.Severity, Message: f.Message})
	return wire.Fault{Location: placeOf(f), Severity: f.Severity, Says: p.Says, Fix: p.Fix}
}

// placeOf is where in the body a fault stands: body.goals[0].items[2].indicator.
func placeOf(f service.Fault) string {
	at := "body"
	if f.Kind != "" && f.Noun >= 0 {
		at += "." + string(f.Kind) + "[" + strconv.Itoa(f.Noun) + "]"
		if f.Item >= 0 {
			at += ".items[" + strconv.Itoa(f.Item) + "]"
		}
	}
	if f.Field != "" {
		field := f.Field
		if field == "unit_code" {
			field = "unit"
		}
		at += "." + field
	}
	return at
}

func counts(c service.Counts) wire.Counts {
	return wire.Counts{Green: c.Green, Yellow: c.Yellow, Red: c.Red, None: c.NotJudged}
}

func maybeUnit(u *service.UnitRef) *wire.UnitRef {
	if u == nil {
		return nil
	}
	out := unitRef(*u)
	return &out
}
