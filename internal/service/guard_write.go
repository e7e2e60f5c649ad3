package service

import (
	"context"
	"io"
	"time"

	"luoshi.dev"
	"luoshi.dev/workflow"
)

// What can be changed. What a change would write is asked about where it is
// written; here only whether somebody comes in at all.

// Try asks for [workflow.ReadPlan]: nothing is saved.
func (g *Guarded) Try(ctx context.Context, look Look, c Change) (*Effect, error) {
	return seen(ctx, g, workflow.ReadPlan, &look, func(ctx context.Context) (*Effect, error) { return g.s.Try(ctx, look, c) })
}

// Put asks for the intent of each thing that changes.
func (g *Guarded) Put(ctx context.Context, c Change, by, reason string) (*Saved, error) {
	ctx, err := g.enter(ctx, workflow.SetTarget, workflow.EditPlan, workflow.EditUnits)
	if err != nil {
		return nil, err
	}
	return g.s.Put(ctx, c, by, reason)
}

// UndoChange asks for the intent of each thing that the change wrote.
func (g *Guarded) UndoChange(ctx context.Context, batch int64, by, reason string) (*Saved, error) {
	ctx, err := g.enter(ctx, workflow.SetTarget, workflow.EditPlan, workflow.EditUnits)
	if err != nil {
		return nil, err
	}
	return g.s.UndoChange(ctx, batch, by, reason)
}

// Enforce asks for [workflow.SetTarget] at each unit whose target would change.
func (g *Guarded) Enforce(ctx context.Context, q CascadeQuery, by string) (*Enforced, error) {
	ctx, err := g.plans(ctx, &q.Look)
	if err != nil {
		return nil, err
	}
	return g.s.Enforce(ctx, q, by)
}

// PutCatchUp asks for [workflow.SetTarget] at each unit that the plan asks something of.
// The months of the unit itself follow where the person may set its targets.
func (g *Guarded) PutCatchUp(ctx context.Context, q CatchUpQuery, by string) (*CatchUpPut, error) {
	ctx, err := g.plans(ctx, &q.Look)
	if err != nil {
		return nil, err
	}
	return g.s.PutCatchUp(ctx, q, by)
}

// StateCapacity asks for [workflow.StateCapacity] at the unit.
func (g *Guarded) StateCapacity(ctx context.Context, q CapacityStatement) (*CapacityCard, error) {
	ctx, err := g.enter(ctx, workflow.StateCapacity)
	if err == nil {
		err = g.look(ctx, workflow.ReadPlan, &q.Look, q.Of)
	}
	if err != nil {
		return nil, err
	}
	return g.s.StateCapacity(ctx, q)
}

// RestorePlan asks for [workflow.SetTarget] at each unit whose target would change.
func (g *Guarded) RestorePlan(ctx context.Context, q CascadeQuery, version, by string) (*Restored, error) {
	ctx, err := g.plans(ctx, &q.Look)
	if err != nil {
		return nil, err
	}
	return g.s.RestorePlan(ctx, q, version, by)
}

// plans lets somebody in who sets targets and reads the plan where they look.
func (g *Guarded) plans(ctx context.Context, look *Look) (context.Context, error) {
	ctx, err := g.enter(ctx, workflow.SetTarget)
	if err == nil {
		err = g.look(ctx, workflow.ReadPlan, look)
	}
	return ctx, err
}

// all lets somebody in who may have an intent for all units alike, to where they look.
func (g *Guarded) all(ctx context.Context, intent, read workflow.Intent, look *Look) (context.Context, error) {
	if err := g.everywhere(ctx, intent); err != nil {
		return ctx, err
	}
	ctx, err := g.enter(ctx, intent)
	if err == nil {
		err = g.look(ctx, read, look)
	}
	return ctx, err
}

// PutIndicator asks for [workflow.EditPlan].
func (g *Guarded) PutIndicator(ctx context.Context, look Look, code string, in luoshi.Indicator, reason string, seen time.Time, by string) (*IndicatorTrial, *Saved, error) {
	ctx, err := g.all(ctx, workflow.EditPlan, workflow.ReadPlan, &look)
	if err != nil {
		return nil, nil, err
	}
	return g.s.PutIndicator(ctx, look, code, in, reason, seen, by)
}

// PutTarget asks for [workflow.SetTarget] at the target's unit.
func (g *Guarded) PutTarget(ctx context.Context, look Look, row TargetRow, by string) (*TargetTrial, *Saved, error) {
	ctx, err := g.plans(ctx, &look)
	if err == nil {
		err = g.MayAt(ctx, workflow.SetTarget, row.UnitCode).Err()
	}
	if err != nil {
		return nil, nil, err
	}
	return g.s.PutTarget(ctx, look, row, by)
}

// TryUnit asks for [workflow.ReadUnits]. What a change would do to the lights is left
// out for whoever may not read them.
func (g *Guarded) TryUnit(ctx context.Context, look Look, e UnitEdit, try bool) (*UnitTrial, error) {
	v, err := seen(ctx, g, workflow.ReadUnits, &look, func(ctx context.Context) (*UnitTrial, error) { return g.s.TryUnit(ctx, look, e, try) })
	if err == nil && !g.sees(ctx, workflow.ReadBoard) {
		v.Effects = nil
	}
	return v, err
}

// PutUnit asks for [workflow.EditUnits].
func (g *Guarded) PutUnit(ctx context.Context, look Look, e UnitEdit, by string) (*UnitTrial, *Saved, error) {
	ctx, err := g.all(ctx, workflow.EditUnits, workflow.ReadUnits, &look)
	if err != nil {
		return nil, nil, err
	}
	v, saved, err := g.s.PutUnit(ctx, look, e, by)
	if v != nil && !g.sees(ctx, workflow.ReadBoard) {
		v.Effects = nil
	}
	return v, saved, err
}

// records lets somebody in who reads what was imported.
func (g *Guarded) records(ctx context.Context, look *Look) (context.Context, error) {
	ctx, err := g.enter(ctx, workflow.ReadImports)
	if err == nil {
		err = g.look(ctx, workflow.ReadImports, look)
	}
	return ctx, err
}

// Imports lists the imports that the person may see: all, or their own.
func (g *Guarded) Imports(ctx context.Context, look Look, page int) (*ImportList, error) {
	ctx, err := g.records(ctx, &look)
	if err != nil {
		return nil, err
	}
	return g.s.Imports(ctx, look, page)
}

// ImportOf shows one that the person may see.
func (g *Guarded) ImportOf(ctx context.Context, look Look, batch int64) (*ImportView, error) {
	ctx, err := g.records(ctx, &look)
	if err != nil {
		return nil, err
	}
	return g.s.ImportOf(ctx, look, batch)
}

// UndoImport asks for [workflow.UndoImport], and that the person may see the import.
func (g *Guarded) UndoImport(ctx context.Context, batch int64, by, note string) (int64, error) {
	ctx, err := g.enter(ctx, workflow.UndoImport)
	if err != nil {
		return 0, err
	}
	if _, err := g.s.ImportOf(ctx, Look{}, batch); err != nil {
		return 0, err
	}
	return g.s.UndoImport(ctx, batch, by, note)
}

// ImportReader takes in an uploaded file: of each row that would change something it
// asks for the intent at its unit.
func (g *Guarded) ImportReader(ctx context.Context, src io.ReaderAt, size int64, opt ImportOptions) (*ImportReport, error) {
	ctx, err := g.brings(ctx)
	if err != nil {
		return nil, err
	}
	opt.History, opt.At = false, time.Time{}
	return g.s.ImportReader(ctx, src, size, opt)
}

// brings lets somebody in who may import something.
func (g *Guarded) brings(ctx context.Context) (context.Context, error) {
	ctx, err := g.enter(ctx, workflow.Report, workflow.SetTarget)
	return ctx, err
}

// own is the owner of an upload: the browser that sent it, and the person who did.
func (g *Guarded) own(ctx context.Context, owner string) string {
	return g.By(ctx).Name() + " " + owner
}

// BringIntake keeps files and begins to check them, as [Service.BringIntake].
func (g *Guarded) BringIntake(ctx context.Context, owner string, next func() (Upload, error)) (string, error) {
	ctx, err := g.brings(ctx)
	if err != nil {
		return "", err
	}
	return g.s.BringIntake(ctx, g.own(ctx, owner), next)
}

// IntakeHome says what somebody has brought and may see of what was imported.
func (g *Guarded) IntakeHome(ctx context.Context, look Look, owner string) (*IntakeHome, error) {
	ctx, err := g.records(ctx, &look)
	if err != nil {
		return nil, err
	}
	return g.s.IntakeHome(ctx, look, g.own(ctx, owner))
}

// AwaitIntake waits for the check of an own upload.
func (g *Guarded) AwaitIntake(ctx context.Context, owner, id string) (Stage, error) {
	ctx, err := g.brings(ctx)
	if err != nil {
		return "", err
	}
	return g.s.AwaitIntake(ctx, g.own(ctx, owner), id)
}

// Intake shows an own upload.
func (g *Guarded) Intake(ctx context.Context, q IntakeQuery) (*IntakeView, error) {
	if _, err := g.brings(ctx); err != nil {
		return nil, err
	}
	q.Owner = g.own(ctx, q.Owner)
	v, err := seen(ctx, g, workflow.ReadImports, &q.Look, func(ctx context.Context) (*IntakeView, error) { return g.s.Intake(ctx, q) })
	return v, err
}

// SaveIntake saves an own upload; its rows are asked about again.
func (g *Guarded) SaveIntake(ctx context.Context, q IntakeSave) error {
	ctx, err := g.brings(ctx)
	if err != nil {
		return err
	}
	q.Owner = g.own(ctx, q.Owner)
	return g.s.SaveIntake(ctx, q)
}

// DropIntake forgets an own upload.
func (g *Guarded) DropIntake(ctx context.Context, owner, id string) error {
	ctx, err := g.brings(ctx)
	if err != nil {
		return err
	}
	return g.s.DropIntake(ctx, g.own(ctx, owner), id)
}

// WriteProblems writes what is wrong with an own upload.
func (g *Guarded) WriteProblems(ctx context.Context, w io.Writer, q ProblemSheet) error {
	ctx, err := g.brings(ctx)
	if err != nil {
		return err
	}
	q.Owner = g.own(ctx, q.Owner)
	return g.s.WriteProblems(ctx, w, q)
}
