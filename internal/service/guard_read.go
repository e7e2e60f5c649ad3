package service

import (
	"context"
	"io"

	"luoshi.dev"
	"luoshi.dev/workflow"
)

// What can be read, and with which intent. What these answer is said at the methods
// of [Service] of the same names.

// ReadPlan reads a changed plan workbook; it saves nothing.
func (g *Guarded) ReadPlan(ctx context.Context, q CascadeQuery, src io.ReaderAt, size int64, name string) (*PlanFile, error) {
	return seen(ctx, g, workflow.ReadPlan, &q.Look, func(ctx context.Context) (*PlanFile, error) { return g.s.ReadPlan(ctx, q, src, size, name) })
}

// Overview asks for [workflow.ReadBoard].
func (g *Guarded) Overview(ctx context.Context, look Look) (*Overview, error) {
	return seen(ctx, g, workflow.ReadBoard, &look, func(ctx context.Context) (*Overview, error) { return g.s.Overview(ctx, look) })
}

// Wall asks for [workflow.ReadBoard].
func (g *Guarded) Wall(ctx context.Context, q WallQuery) (*Wall, error) {
	return seen(ctx, g, workflow.ReadBoard, &q.Look, func(ctx context.Context) (*Wall, error) { return g.s.Wall(ctx, q) })
}

// Matrix asks for [workflow.ReadBoard].
func (g *Guarded) Matrix(ctx context.Context, q MatrixQuery) (*Matrix, error) {
	return seen(ctx, g, workflow.ReadBoard, &q.Look, func(ctx context.Context) (*Matrix, error) { return g.s.Matrix(ctx, q) })
}

// MatrixCell asks for [workflow.ReadBoard].
func (g *Guarded) MatrixCell(ctx context.Context, look Look, unit, indicator string) (*MatrixProof, error) {
	return seen(ctx, g, workflow.ReadBoard, &look, func(ctx context.Context) (*MatrixProof, error) { return g.s.MatrixCell(ctx, look, unit, indicator) }, unit)
}

// Indicator asks for [workflow.ReadBoard].
func (g *Guarded) Indicator(ctx context.Context, q IndicatorQuery) (*IndicatorView, error) {
	return seen(ctx, g, workflow.ReadBoard, &q.Look, func(ctx context.Context) (*IndicatorView, error) { return g.s.Indicator(ctx, q) })
}

// Outlook asks for [workflow.ReadBoard].
func (g *Guarded) Outlook(ctx context.Context, q OutlookQuery) (*OutlookView, error) {
	return seen(ctx, g, workflow.ReadBoard, &q.Look, func(ctx context.Context) (*OutlookView, error) { return g.s.Outlook(ctx, q) })
}

// OutlookList asks for [workflow.ReadBoard].
func (g *Guarded) OutlookList(ctx context.Context, q OutlookQuery) (*OutlookList, error) {
	return seen(ctx, g, workflow.ReadBoard, &q.Look, func(ctx context.Context) (*OutlookList, error) { return g.s.OutlookList(ctx, q) })
}

// OutlookReliability asks for [workflow.ReadBoard].
func (g *Guarded) OutlookReliability(ctx context.Context, look Look) (*ReliabilityView, error) {
	return seen(ctx, g, workflow.ReadBoard, &look, func(ctx context.Context) (*ReliabilityView, error) { return g.s.OutlookReliability(ctx, look) })
}

// OutlookProgress asks for [workflow.ReadBoard], at any unit.
func (g *Guarded) OutlookProgress(ctx context.Context) (OutlookProgress, error) {
	if _, err := g.enter(ctx, workflow.ReadBoard); err != nil {
		return OutlookProgress{}, err
	}
	return g.s.OutlookProgress(), nil
}

// OutlookTrail asks for [workflow.ReadBoard].
func (g *Guarded) OutlookTrail(ctx context.Context, q OutlookQuery) (*OutlookTrail, error) {
	return seen(ctx, g, workflow.ReadBoard, &q.Look, func(ctx context.Context) (*OutlookTrail, error) { return g.s.OutlookTrail(ctx, q) })
}

// Outlooks asks for [workflow.ReadBoard].
func (g *Guarded) Outlooks(ctx context.Context, look Look) (*OutlookSheet, error) {
	return seen(ctx, g, workflow.ReadBoard, &look, func(ctx context.Context) (*OutlookSheet, error) { return g.s.Outlooks(ctx, look) })
}

// Figure asks for [workflow.ReadBoard].
func (g *Guarded) Figure(ctx context.Context, q FigureQuery) (*FigureView, error) {
	return seen(ctx, g, workflow.ReadBoard, &q.Look, func(ctx context.Context) (*FigureView, error) { return g.s.Figure(ctx, q) })
}

// CatchUp asks for [workflow.ReadPlan].
func (g *Guarded) CatchUp(ctx context.Context, q CatchUpQuery) (*CatchUpView, error) {
	return seen(ctx, g, workflow.ReadPlan, &q.Look, func(ctx context.Context) (*CatchUpView, error) { return g.s.CatchUp(ctx, q) })
}

// TryCatchUp asks for [workflow.ReadPlan].
func (g *Guarded) TryCatchUp(ctx context.Context, q CatchUpQuery) (*CatchUpTrial, error) {
	return seen(ctx, g, workflow.ReadPlan, &q.Look, func(ctx context.Context) (*CatchUpTrial, error) { return g.s.TryCatchUp(ctx, q) })
}

// Capacity asks for [workflow.ReadPlan] at the unit.
func (g *Guarded) Capacity(ctx context.Context, look Look, of, indicator string) (*CapacityCard, error) {
	return seen(ctx, g, workflow.ReadPlan, &look, func(ctx context.Context) (*CapacityCard, error) { return g.s.Capacity(ctx, look, of, indicator) }, of)
}

// CascadeSheet asks for [workflow.ReadPlan].
func (g *Guarded) CascadeSheet(ctx context.Context, q CascadeQuery) (*CascadeSheet, error) {
	return seen(ctx, g, workflow.ReadPlan, &q.Look, func(ctx context.Context) (*CascadeSheet, error) { return g.s.CascadeSheet(ctx, q) })
}

// TryEnforce asks for [workflow.ReadPlan].
func (g *Guarded) TryEnforce(ctx context.Context, q CascadeQuery) (*EnforceTrial, error) {
	return seen(ctx, g, workflow.ReadPlan, &q.Look, func(ctx context.Context) (*EnforceTrial, error) { return g.s.TryEnforce(ctx, q) })
}

// ComparePlans asks for [workflow.ReadPlan].
func (g *Guarded) ComparePlans(ctx context.Context, q CompareQuery) (*PlanCompare, error) {
	return seen(ctx, g, workflow.ReadPlan, &q.Look, func(ctx context.Context) (*PlanCompare, error) { return g.s.ComparePlans(ctx, q) })
}

// IndicatorRegister asks for [workflow.ReadPlan].
func (g *Guarded) IndicatorRegister(ctx context.Context, q IndicatorListQuery) (*IndicatorRegister, error) {
	return seen(ctx, g, workflow.ReadPlan, &q.Look, func(ctx context.Context) (*IndicatorRegister, error) { return g.s.IndicatorRegister(ctx, q) })
}

// IndicatorCard asks for [workflow.ReadPlan].
func (g *Guarded) IndicatorCard(ctx context.Context, look Look, code string) (*IndicatorCard, error) {
	return seen(ctx, g, workflow.ReadPlan, &look, func(ctx context.Context) (*IndicatorCard, error) { return g.s.IndicatorCard(ctx, look, code) })
}

// TryIndicator asks for [workflow.ReadPlan].
func (g *Guarded) TryIndicator(ctx context.Context, look Look, code string, in luoshi.Indicator, reason string, try bool) (*IndicatorTrial, error) {
	return seen(ctx, g, workflow.ReadPlan, &look, func(ctx context.Context) (*IndicatorTrial, error) {
		return g.s.TryIndicator(ctx, look, code, in, reason, try)
	})
}

// TargetCard asks for [workflow.ReadPlan].
func (g *Guarded) TargetCard(ctx context.Context, q TargetQuery) (*TargetCard, error) {
	return seen(ctx, g, workflow.ReadPlan, &q.Look, func(ctx context.Context) (*TargetCard, error) { return g.s.TargetCard(ctx, q) }, q.Of)
}

// TryTarget asks for [workflow.ReadPlan].
func (g *Guarded) TryTarget(ctx context.Context, look Look, row TargetRow) (*TargetTrial, error) {
	return seen(ctx, g, workflow.ReadPlan, &look, func(ctx context.Context) (*TargetTrial, error) { return g.s.TryTarget(ctx, look, row) }, row.UnitCode)
}

// Schemes asks for [workflow.ReadPlan].
func (g *Guarded) Schemes(ctx context.Context, look Look) (*SchemeList, error) {
	return seen(ctx, g, workflow.ReadPlan, &look, func(ctx context.Context) (*SchemeList, error) { return g.s.Schemes(ctx, look) })
}

// Scheme asks for [workflow.ReadPlan].
func (g *Guarded) Scheme(ctx context.Context, look Look, code string) (*SchemePage, error) {
	return seen(ctx, g, workflow.ReadPlan, &look, func(ctx context.Context) (*SchemePage, error) { return g.s.Scheme(ctx, look, code) })
}

// TryScheme asks for [workflow.ReadPlan].
func (g *Guarded) TryScheme(ctx context.Context, q TrialQuery) (*Trial, error) {
	return seen(ctx, g, workflow.ReadPlan, &q.Look, func(ctx context.Context) (*Trial, error) { return g.s.TryScheme(ctx, q) })
}

// Sets asks for [workflow.ReadPlan].
func (g *Guarded) Sets(ctx context.Context, look Look) (*SetList, error) {
	return seen(ctx, g, workflow.ReadPlan, &look, func(ctx context.Context) (*SetList, error) { return g.s.Sets(ctx, look) })
}

// Set asks for [workflow.ReadPlan].
func (g *Guarded) Set(ctx context.Context, look Look, code string) (*SetPage, error) {
	return seen(ctx, g, workflow.ReadPlan, &look, func(ctx context.Context) (*SetPage, error) { return g.s.Set(ctx, look, code) })
}

// Goals asks for [workflow.ReadPlan].
func (g *Guarded) Goals(ctx context.Context, look Look) (*GoalTree, error) {
	return seen(ctx, g, workflow.ReadPlan, &look, func(ctx context.Context) (*GoalTree, error) { return g.s.Goals(ctx, look) })
}

// Goal asks for [workflow.ReadPlan].
func (g *Guarded) Goal(ctx context.Context, look Look, code string) (*GoalPage, error) {
	return seen(ctx, g, workflow.ReadPlan, &look, func(ctx context.Context) (*GoalPage, error) { return g.s.Goal(ctx, look, code) })
}

// Choices asks for [workflow.ReadPlan].
func (g *Guarded) Choices(ctx context.Context, look Look) (*GoalChoices, error) {
	return seen(ctx, g, workflow.ReadPlan, &look, func(ctx context.Context) (*GoalChoices, error) { return g.s.Choices(ctx, look) })
}

// UnitTree asks for [workflow.ReadUnits].
func (g *Guarded) UnitTree(ctx context.Context, look Look) (*UnitTree, error) {
	return seen(ctx, g, workflow.ReadUnits, &look, func(ctx context.Context) (*UnitTree, error) { return g.s.UnitTree(ctx, look) })
}

// UnitChanges asks for [workflow.ReadUnits].
func (g *Guarded) UnitChanges(ctx context.Context, look Look) (*UnitChanges, error) {
	return seen(ctx, g, workflow.ReadUnits, &look, func(ctx context.Context) (*UnitChanges, error) { return g.s.UnitChanges(ctx, look) })
}

// WriteMatrix asks for [workflow.ReadBoard].
func (g *Guarded) WriteMatrix(ctx context.Context, w io.Writer, q MatrixQuery, opt TableOptions) error {
	if err := g.look(ctx, workflow.ReadBoard, &q.Look); err != nil {
		return err
	}
	return g.s.WriteMatrix(ctx, w, q, opt)
}

// ClerkTemplate asks for [workflow.ReadPlan].
func (g *Guarded) ClerkTemplate(ctx context.Context, w io.Writer, q TemplateQuery) error {
	if err := g.look(ctx, workflow.ReadPlan, &q.Look); err != nil {
		return err
	}
	return g.s.ClerkTemplate(ctx, w, q)
}

// Workbook writes a sheet that was handed out.
func (g *Guarded) Workbook(w io.Writer, v *CascadeSheet, q CascadeQuery, lang string) error {
	return g.s.Workbook(w, v, q, lang)
}

// Export asks for [workflow.ReadPlan] and [workflow.ReadBoard] at the top of the tree:
// everything is in it.
func (g *Guarded) Export(ctx context.Context, w io.Writer, opt ExportOptions) error {
	for _, intent := range []workflow.Intent{workflow.ReadPlan, workflow.ReadBoard} {
		if err := g.everywhere(ctx, intent); err != nil {
			return err
		}
	}
	return g.s.Export(ctx, w, opt)
}

// UnitCard asks for [workflow.ReadUnits]. What the unit is held to is left out for
// whoever may not read plans there.
func (g *Guarded) UnitCard(ctx context.Context, look Look, code string) (*UnitCard, error) {
	v, err := seen(ctx, g, workflow.ReadUnits, &look, func(ctx context.Context) (*UnitCard, error) { return g.s.UnitCard(ctx, look, code) })
	if err != nil || g.MayAt(ctx, workflow.ReadPlan, code).Yes {
		return v, err
	}
	without := *v
	without.Targets = nil
	return &without, nil
}

// Search asks for [workflow.Search] and finds what the person may then open.
func (g *Guarded) Search(ctx context.Context, q SearchQuery) (*Found, error) {
	intent := workflow.ReadBoard
	if !g.May(ctx, intent, "").Yes {
		intent = workflow.Search
	}
	most := q.Most
	if !g.sees(ctx, intent) {
		q.Most = 20 * max(most, SearchShown) // what lies elsewhere falls out of it
	}
	v, err := seen(ctx, g, intent, &q.Look, func(ctx context.Context) (*Found, error) { return g.s.Search(ctx, q) })
	if err != nil {
		return nil, err
	}
	return g.findable(ctx, v, intent, most)
}

// sees reports whether somebody may have the intent everywhere.
func (g *Guarded) sees(ctx context.Context, intent workflow.Intent) bool {
	return g.everywhere(ctx, intent) == nil
}

// findable leaves of each group what the person may open, at most so many.
func (g *Guarded) findable(ctx context.Context, v *Found, intent workflow.Intent, most int) (*Found, error) {
	ask, err := g.asking(ctx, intent)
	if err != nil {
		return nil, err
	}
	if most <= 0 {
		most = SearchShown
	}
	plan, all := g.May(ctx, workflow.ReadPlan, "").Yes, g.sees(ctx, intent)
	left := *v
	left.Groups, left.Total = nil, 0
	for _, group := range v.Groups {
		hits := make([]Hit, 0, most)
		for _, h := range group.Hits {
			if len(hits) < most && (h.Unit != nil || plan) && (all || h.Unit == nil || ask(h.Unit.Code).Yes) {
				hits = append(hits, h)
			}
		}
		if len(hits) > 0 {
			left.Groups = append(left.Groups, FoundGroup{group.Kind, hits})
			left.Total += len(hits)
		}
	}
	return &left, nil
}
