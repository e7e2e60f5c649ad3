package service

import (
	"context"
	"io"
	"slices"

	"luoshi.dev"
	"luoshi.dev/internal/office"
)

// TemplateQuery asks for a clerk's workbook.
type TemplateQuery struct {
	Look
	Clerk      bool
	Indicators []string // empty = all that are owed below the unit
	Lang       string
}

// PlannerTemplate writes the workbook with which a planning office begins.
func PlannerTemplate(w io.Writer, lang string) error {
	return office.WriteTemplate(w, office.Template{Kind: office.Planner}, lang)
}

// ClerkTemplate writes the workbook of one unit: what it and the units below it
// owe for the newest period that is over, with what is known filled in.
func (s *Service) ClerkTemplate(ctx context.Context, w io.Writer, q TemplateQuery) error {
	sn, node, err := s.stand(ctx, q.Look)
	if err != nil {
		return err
	}
	if node < 0 {
		return &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("template.no_units")}
	}
	t := office.Template{Kind: office.Clerk, Year: sn.year, To: sn.newestClosed()}
	for _, in := range sn.plan.indicators {
		asked := len(q.Indicators) == 0 && in.ReportedAt != "" || slices.Contains(q.Indicators, in.Code)
		if asked && in.Formula == "" && !in.Retired && sn.owed(in, node) {
			t.Indicators = append(t.Indicators, in)
		}
	}
	if len(t.Indicators) == 0 {
		return &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("template.nothing_owed", "unit", sn.tree.Nodes[node].Names)}
	}
	depth := sn.tree.Nodes[node].Depth
	for i := node; i < sn.tree.Nodes[node].End; i++ {
		n := sn.tree.Nodes[i]
		if n.Kind.Area() && n.Depth <= depth+1 {
			t.Units = append(t.Units, office.TemplateUnit{Code: n.Code, Names: n.Names, Depth: n.Depth - depth})
			t.Known = sn.knownFigures(t.Known, t.Indicators, i)
		}
	}
	return office.WriteTemplate(w, t, q.Lang)
}

// newestClosed is the month that ends the newest period that is over.
func (sn *snapshot) newestClosed() int {
	today := luoshi.DateOf(sn.asOf)
	for m := 12; m > 1; m-- {
		if luoshi.ToDate(sn.year, m).LastDay() < today {
			return m
		}
	}
	return 1
}

// owed reports whether the unit or one directly below it reports the indicator.
func (sn *snapshot) owed(in luoshi.Indicator, node int) bool {
	if sn.tree.Nodes[node].Kind == in.ReportedAt {
		return true
	}
	return slices.ContainsFunc(sn.areas(node), func(c int) bool { return sn.tree.Nodes[c].Kind == in.ReportedAt })
}

// knownFigures appends what a unit has reported this year itself.
func (sn *snapshot) knownFigures(list []office.FigureRow, indicators []luoshi.Indicator, node int) []office.FigureRow {
	for _, in := range indicators {
		for _, m := range in.Calendar.Ends() {
			p, _ := in.Calendar.Period(sn.year, m, in.Basis)
			v := sn.cube.Value(in.Code, node, p, in.Basis)
			if v.Reported.Valid || v.Growth.Valid {
				list = append(list, office.FigureRow{Indicator: in.Code, UnitCode: sn.tree.Nodes[node].Code, Period: p, Basis: in.Basis, Scope: luoshi.Whole, Value: v.Reported, Growth: asPublished(v.Growth), Status: v.Status})
			}
		}
	}
	return list
}
