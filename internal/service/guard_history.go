package service

import (
	"context"

	"luoshi.dev"
	"luoshi.dev/workflow"
)

// Head asks for [workflow.ReadUnits].
func (g *Guarded) Head(ctx context.Context, look Look) (*Head, error) {
	return seen(ctx, g, workflow.ReadUnits, &look, func(ctx context.Context) (*Head, error) { return g.s.Head(ctx, look) })
}

// Clerk asks for nothing but that somebody is there to read the name.
func (g *Guarded) Clerk(ctx context.Context, by string) (PersonRef, bool, error) {
	if !g.By(ctx).Known() {
		return PersonRef{}, false, nil
	}
	return g.s.Clerk(ctx, by)
}

// DutyCard asks for [workflow.EditDuties] at the unit.
func (g *Guarded) DutyCard(ctx context.Context, look Look, unit, indicator string) (*DutyCard, error) {
	return seen(ctx, g, workflow.EditDuties, &look, func(ctx context.Context) (*DutyCard, error) { return g.s.DutyCard(ctx, look, unit, indicator) }, unit)
}

// auditing lets an auditor in. One who may not read the whole history reads that of
// their own unit and those below.
func (g *Guarded) auditing(ctx context.Context, q *HistoryQuery) error {
	err := g.look(ctx, workflow.ReadHistory, &q.Look, codeIn(q.Of)...)
	if err == nil && q.Of == "" && g.everywhere(ctx, workflow.ReadHistory) != nil {
		q.Of, q.Below = q.Unit, true
	}
	return err
}

func codeIn(code string) []string {
	if code == "" {
		return nil
	}
	return []string{code}
}

// History asks for [workflow.ReadHistory].
func (g *Guarded) History(ctx context.Context, q HistoryQuery) (*HistoryView, error) {
	if err := g.auditing(ctx, &q); err != nil {
		return nil, err
	}
	return g.s.History(ctx, q)
}

// EachEvent asks for [workflow.ReadHistory].
func (g *Guarded) EachEvent(ctx context.Context, q HistoryQuery, give func(EventLine) error) error {
	if err := g.auditing(ctx, &q); err != nil {
		return err
	}
	return g.s.EachEvent(ctx, q, give)
}

// Event asks for [workflow.ReadHistory] at the event's unit.
func (g *Guarded) Event(ctx context.Context, look Look, seq int64) (*EventView, error) {
	v, err := seen(ctx, g, workflow.ReadHistory, &look, func(ctx context.Context) (*EventView, error) { return g.s.Event(ctx, look, seq) })
	if err != nil || g.everywhere(ctx, workflow.ReadHistory) == nil {
		return v, err
	}
	if v.Code == "" {
		return nil, g.everywhere(ctx, workflow.ReadHistory)
	}
	return v, g.MayAt(ctx, workflow.ReadHistory, v.Code).Err()
}

// CheckHistory asks for [workflow.ReadHistory].
func (g *Guarded) CheckHistory(ctx context.Context, deep bool, checkpoints string) error {
	ctx, err := g.enter(ctx, workflow.ReadHistory)
	if err != nil {
		return err
	}
	return g.s.CheckHistory(ctx, deep, checkpoints)
}

// HistoryCheck asks for [workflow.ReadHistory].
func (g *Guarded) HistoryCheck(ctx context.Context) (HistoryCheck, error) {
	ctx, err := g.enter(ctx, workflow.ReadHistory)
	if err != nil {
		return HistoryCheck{}, err
	}
	return g.s.HistoryCheck(ctx)
}

// Came asks for the right to read what came to be: whoever may read a number may
// read how it came to be.
func (g *Guarded) Came(ctx context.Context, look Look, object string) (*CameView, error) {
	if !g.By(ctx).Known() {
		return nil, workflow.May(g.By(ctx).Actor, workflow.ReadBoard, &luoshi.Tree{}, 0).Err()
	}
	intent, unit, err := g.s.CameRight(ctx, look, object)
	if err != nil {
		return nil, err
	}
	return seen(ctx, g, intent, &look, func(ctx context.Context) (*CameView, error) { return g.s.Came(ctx, look, object) }, codeIn(unit)...)
}
