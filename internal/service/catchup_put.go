package service

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
	"luoshi.dev/workflow"
)

// CatchUpTrial is what putting a plan in force would do: to which targets, and to
// which lights as of now.
type CatchUpTrial struct {
	*CatchUpView
	Left   []UnitRef      `json:"left"`             // units in the plan whose target promises no amount: their lights do not follow
	Stale  luoshi.Message `json:"-"`                // figures have come in that the plan does not know; the zero message where none have
	Effect *Effect        `json:"effect,omitempty"` // nil where no light could follow, or it cannot be
}

// CatchUpPut says what was put in force.
type CatchUpPut struct {
	View    *CatchUpView `json:"view"` // with its problems, where nothing was
	Batch   int64        `json:"batch"`
	Changes []PlanChange `json:"changes"`
	Left    []UnitRef    `json:"left"` // as in CatchUpTrial; and the unit itself, where it is not for the planner to set
	From    luoshi.Date  `json:"from"`
	Before  string       `json:"before"` // the version that was in force, to put back
}

// TryCatchUp says what putting a plan in force would do. It saves nothing.
func (s *Service) TryCatchUp(ctx context.Context, q CatchUpQuery) (*CatchUpTrial, error) {
	sn, err := s.snapshot(ctx, s.settle(q.Look))
	if err != nil {
		return nil, err
	}
	v, c, err := s.catchUp(ctx, sn, q)
	if err != nil {
		return nil, err
	}
	trial := &CatchUpTrial{CatchUpView: v}
	if c == nil || c.blocked() {
		return trial, nil
	}
	if trial.Stale, err = s.since(ctx, q, c.base); err != nil {
		return nil, err
	}
	targets, left := c.targets(v.From)
	trial.Left = left
	if len(targets) == 0 {
		return trial, nil
	}
	var change Change
	for _, t := range targets {
		change.Targets = append(change.Targets, revised(t, c.code(t.Unit)))
	}
	look := q.Look
	look.AsOf = time.Time{}
	trial.Effect, err = s.Try(ctx, look, change)
	return trial, err
}

// PutCatchUp puts a plan in force: each unit's amount of the year stays as promised, its
// months become the next revision of its target, and all of it is kept as a plan to be
// held against what comes in. A plan with blocking problems is not saved and comes back
// with them.
func (s *Service) PutCatchUp(ctx context.Context, q CatchUpQuery, by string) (*CatchUpPut, error) {
	sn, err := s.snapshot(ctx, s.settle(q.Look))
	if err != nil {
		return nil, err
	}
	v, c, err := s.catchUp(ctx, sn, q)
	if err != nil {
		return nil, err
	}
	done := &CatchUpPut{View: v, From: v.From}
	if v.Why.Key != "" {
		return nil, &luoshi.Error{Code: luoshi.Invalid, Message: v.Why}
	}
	if c.blocked() {
		return done, nil
	}
	if q.Reason == "" {
		return nil, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("target.reason", "indicator", c.base.in.Names)}
	}
	if done.Before, err = s.unchanged(ctx, CascadeQuery{Look: q.Look, Seen: q.Seen}, c.h); err != nil {
		return nil, err
	}
	whole := c.base.sn.tree.Nodes[c.base.node]
	for _, p := range c.base.parts {
		if p.own {
			continue
		}
		if err := allowed(ctx, workflow.SetTarget, c.base.sn.tree.Nodes[p.node].ID); err != nil {
			return nil, err
		}
	}
	targets, left := c.targets(v.From)
	done.Left = left
	if allowed(ctx, workflow.SetTarget, whole.ID) != nil { // nobody sets their own targets
		targets = slices.DeleteFunc(targets, func(t luoshi.Target) bool { return t.Unit == whole.ID })
		if !slices.ContainsFunc(done.Left, func(u UnitRef) bool { return u.Code == whole.Code }) {
			done.Left = append(done.Left, c.base.sn.ref(c.base.node))
		}
	}
	for i := range targets {
		t := &targets[i]
		t.Reason, t.By = q.Reason, clerk(ctx, by)
		if old := c.h.promise(c.h.at(t.Unit)); old.From > v.From {
			return nil, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("cascadepage.from_early", "unit", c.base.sn.ref(c.h.at(t.Unit)).Name, "from", old.From, "day", v.From)}
		}
		done.Changes = append(done.Changes, c.change(*t))
	}
	done.Batch, err = s.enactPlan(ctx, c, targets, c.document(v.From, clerk(ctx, by)), q.Reason)
	return done, err
}

// since names the first period that is planned and of which figures have come in since
// the instant that the plan was made at.
func (s *Service) since(ctx context.Context, q CatchUpQuery, was *catchBase) (luoshi.Message, error) {
	look := q.Look
	look.AsOf, look.Year, look.Unit = time.Time{}, was.sn.year, was.sn.tree.Nodes[was.node].Code
	now, _, err := s.stand(ctx, look)
	if err != nil {
		return luoshi.Message{}, err
	}
	node, err := now.unitOf(look.Unit)
	if err != nil {
		return luoshi.Message{}, err
	}
	for _, end := range was.months {
		if there(now.cube.Year(was.in.Code, node, now.year, luoshi.Cumulative).Amount[end-1]) && !there(was.whole.known[end-1]) {
			return luoshi.Say("catchupplan.stale", "period", luoshi.MonthOf(was.sn.year, end), "indicator", was.in.Names), nil
		}
	}
	return luoshi.Message{}, nil
}

// enactPlan saves a plan with its targets as one change, which the history shows and
// can take back.
func (s *Service) enactPlan(ctx context.Context, c *closing, targets []luoshi.Target, doc catchUpDocument, reason string) (batch int64, err error) {
	at, sn, unit := s.now(), c.base.sn, c.base.sn.tree.Nodes[c.base.node]
	for i := range targets {
		targets[i].RecordedAt = at
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return 0, err
	}
	return batch, s.store.Write(ctx, func(tx *store.Tx) error {
		batch, err = tx.NewBatch(ctx, store.Batch{Name: c.base.in.Code, Kind: "change", By: doc.By, At: at, Note: reason, Rows: int64(len(targets)) + 1})
		if err != nil {
			return err
		}
		if err := tx.AddTargets(ctx, targets); err != nil {
			return err
		}
		mark := luoshi.CatchUp{Batch: batch, Indicator: c.base.in.Code, Unit: unit.ID, Year: sn.year, Plan: string(text), RecordedAt: at.UnixMicro()}
		if err := tx.AddCatchUp(ctx, mark); err != nil {
			return err
		}
		w := &written{targets: targets, catchUps: []luoshi.CatchUp{mark}}
		e := newContrast(sn.plan, w).event(ctx, w, batch, reason)
		e.Object, e.Unit = catchUpObject(mark, unit.Code), unit.ID
		tx.Record(e)
		return nil
	})
}

// catchUpObject is how events name a plan for the rest of a year.
func catchUpObject(c luoshi.CatchUp, unit string) string {
	return "catchup " + c.Indicator + " " + unit + " " + luoshi.YearOf(c.Year).String()
}

func (c *closing) code(id luoshi.UnitID) string { return c.base.sn.tree.Nodes[c.h.at(id)].Code }

// blocked reports whether there is no plan to put in force.
func (c *closing) blocked() bool { return luoshi.Blocked(c.blocking()) }

// targets are the next revisions of the targets that promise an amount: the same
// promise, with what is reported and planned as its months. left are units without one.
func (c *closing) targets(from luoshi.Date) (list []luoshi.Target, left []UnitRef) {
	b := c.base
	add := func(p *catchPart, months func(end int) int64) {
		old := c.h.promise(p.node)
		if old == nil {
			left = append(left, b.sn.ref(p.node))
			return
		}
		t := *old
		t.Revision, t.RecordedAt, t.From, t.Source = 0, time.Time{}, from, ""
		if t.Curve = c.curve(months); t.Curve == nil {
			left = append(left, b.sn.ref(p.node))
			return
		}
		list = append(list, t)
	}
	if !b.alone {
		add(&b.whole, func(end int) int64 {
			if v := b.whole.known[end-1]; there(v) {
				return v
			}
			return c.plan.Grid.Cols[end-1]
		})
	}
	for i := range b.parts {
		if p := &b.parts[i]; !p.own {
			add(p, func(end int) int64 {
				if v := p.over(end, b.months); there(v) {
					return v
				}
				return c.plan.Grid.Cells[i][end-1]
			})
		}
	}
	return list, left
}

// curve is a year to date by month. Where January is only known with February it
// stands at half of both.
func (c *closing) curve(months func(end int) int64) []luoshi.NullQuantity {
	curve, sum := make([]luoshi.NullQuantity, 12), int64(0)
	for _, end := range c.base.calendar.Ends() {
		v := months(end)
		if !there(v) {
			return nil
		}
		sum += v
		curve[end-1] = c.amount(sum)
	}
	if c.base.in.Calendar == luoshi.Monthly && !curve[0].Valid {
		curve[0] = c.amount(scaled(curve[1], c.base.in.Decimals) / 2)
	}
	return curve
}

// change says what a revision changes.
func (c *closing) change(t luoshi.Target) PlanChange {
	node := c.h.at(t.Unit)
	one := PlanChange{Unit: c.base.sn.ref(node), After: t.Value.Decimal, Next: 1, Curve: true}
	if old := c.h.promise(node); old != nil {
		one.Before, one.Next = old.Value, old.Revision+1
		one.By = minus(t.Value, old.Value)
		one.Curve = !slices.Equal(old.Curve, t.Curve)
	}
	return one
}

// changes are the targets that would get another revision.
func (c *closing) changes(from luoshi.Date) (list []PlanChange) {
	targets, _ := c.targets(from)
	for _, t := range targets {
		list = append(list, c.change(t))
	}
	return list
}
