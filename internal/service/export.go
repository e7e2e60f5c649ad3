package service

import (
	"cmp"
	"context"
	"io"
	"slices"
	"time"

	"github.com/govalues/decimal"

	"luoshi.dev"
	"luoshi.dev/internal/office"
	"luoshi.dev/internal/store"
)

// ExportOptions say what is written out.
type ExportOptions struct {
	AsOf       time.Time // zero = now
	Indicators []string  // figures and targets of these only; empty = all
	Year       int       // figures and targets of this year only; 0 = all
	Plan       bool      // only units, indicators, goals, sets, schemes and targets
	Lang       string    // language of the heads
	CSV        bool      // a .zip of CSV files instead of a workbook
}

// Export writes what the import reads: everything known at an instant.
func (s *Service) Export(ctx context.Context, w io.Writer, opt ExportOptions) error {
	if opt.AsOf.IsZero() {
		opt.AsOf = s.now()
	}
	p, err := s.loadPlan(ctx, opt.AsOf)
	if err != nil {
		return err
	}
	x := &exporter{opt: opt, plan: p, codes: newCodebook(p.units), draft: &office.Draft{}}
	x.units()
	x.changes()
	x.register()
	x.targets()
	if !opt.Plan {
		if err := x.figures(ctx, s.store); err != nil {
			return err
		}
	}
	if opt.CSV {
		return office.WriteZip(w, x.draft, opt.Lang)
	}
	return office.WriteWorkbook(w, x.draft, opt.Lang)
}

type exporter struct {
	opt   ExportOptions
	plan  *plan
	codes *codebook
	draft *office.Draft
}

func (x *exporter) wanted(code string, first, last int) bool {
	if x.opt.Year != 0 && (x.opt.Year < first || x.opt.Year > last) {
		return false
	}
	if len(x.opt.Indicators) == 0 {
		return true
	}
	for _, c := range x.opt.Indicators {
		if c == code {
			return true
		}
	}
	return false
}

// code is the code that a unit bears on the day, or the last one it bore.
func (x *exporter) code(id luoshi.UnitID, day luoshi.Date) string { return x.codes.codeOf(id, day) }

// units writes each unit's first fact; what happened to it later is a change.
func (x *exporter) units() {
	made := map[luoshi.UnitID]bool{} // born by a split: told by the change
	for _, l := range x.plan.links {
		if facts := x.codes.facts[l.To]; len(facts) > 0 && facts[0].From == l.On && l.Share.Cmp(decimal.One) != 0 {
			made[l.To] = true
		}
	}
	for _, u := range x.plan.units {
		if facts := x.codes.facts[u.ID]; facts[0].From != u.From || u.Ended || made[u.ID] || facts[0] != u {
			continue
		}
		x.draft.Units = append(x.draft.Units, office.UnitRow{Code: u.Code, Names: u.Names, Short: u.Short, Kind: u.Kind, Parent: x.code(u.Parent, u.From), Order: u.Order, From: u.From})
	}
}

func (x *exporter) changes() {
	linked := map[luoshi.UnitID]luoshi.Date{}
	for _, l := range x.plan.links {
		row := office.ChangeRow{On: l.On, Kind: office.Split, Old: x.code(l.From, l.On.AddDays(-1)), New: x.code(l.To, l.On), Share: luoshi.Some(l.Share), Source: l.Source}
		if l.Share.Cmp(decimal.One) == 0 {
			row.Kind, row.Share = office.Merge, luoshi.NullQuantity{}
		} else if u, ok := x.codes.on(l.To, l.On); ok {
			row.Names = u.Names
		}
		linked[l.From] = l.On
		x.draft.Changes = append(x.draft.Changes, row)
	}
	for id, facts := range x.codes.facts {
		for i := 1; i < len(facts); i++ {
			x.change(id, facts[i-1], facts[i], linked)
		}
	}
	slices.SortFunc(x.draft.Changes, func(a, b office.ChangeRow) int {
		return cmp.Or(cmp.Compare(a.On, b.On), cmp.Compare(a.Old, b.Old), cmp.Compare(a.New, b.New))
	})
}

// change writes what differs between two facts of a unit, one row for each thing.
func (x *exporter) change(id luoshi.UnitID, old, now luoshi.Unit, linked map[luoshi.UnitID]luoshi.Date) {
	row := office.ChangeRow{On: now.From, Old: old.Code}
	if now.Ended {
		if linked[id] != now.From {
			row.Kind = office.End
			x.draft.Changes = append(x.draft.Changes, row)
		}
		return
	}
	if old.Code != now.Code {
		row.Kind, row.New = office.Recode, now.Code
		if old.Names != now.Names {
			row.Names = now.Names
		}
		x.draft.Changes = append(x.draft.Changes, row)
	} else if old.Names != now.Names {
		row.Kind, row.Names = office.Rename, now.Names
		x.draft.Changes = append(x.draft.Changes, row)
	}
	if old.Parent != now.Parent {
		x.draft.Changes = append(x.draft.Changes, office.ChangeRow{On: now.From, Kind: office.Move, Old: old.Code, Parent: x.code(now.Parent, now.From)})
	}
}

func (x *exporter) register() {
	for _, in := range x.plan.indicators {
		if x.wanted(in.Code, x.opt.Year, x.opt.Year) {
			x.draft.Indicators = append(x.draft.Indicators, office.IndicatorRow{Indicator: in})
		}
	}
	for _, set := range x.plan.sets {
		for _, item := range set.Items {
			x.draft.Sets = append(x.draft.Sets, office.SetRow{Code: set.Code, Names: set.Names, Indicator: item.Indicator, Weight: item.Weight})
		}
	}
	for _, sc := range x.plan.schemes {
		x.draft.Schemes = append(x.draft.Schemes, office.SchemeRow{Scheme: sc})
	}
	for _, g := range x.plan.goals {
		x.draft.Goals = append(x.draft.Goals, goalRows(g)...)
	}
}

func (x *exporter) targets() {
	for _, t := range x.plan.targets {
		if !x.wanted(t.Indicator, t.FirstYear, t.LastYear) {
			continue
		}
		x.draft.Targets = append(x.draft.Targets, targetRow(t, x.codes))
	}
}

// targetRow writes a target as its sheet does.
func targetRow(t luoshi.Target, codes *codebook) office.TargetRow {
	row := office.TargetRow{
		Indicator: t.Indicator, UnitCode: codes.codeOf(t.Unit, t.From), FirstYear: t.FirstYear, LastYear: t.LastYear, Revision: t.Revision, Form: t.Form,
		Value: t.Value, Low: t.Low, High: t.High, Date: t.Date, Strict: t.Strict, Reserve: t.Reserve, Curve: t.Curve, Owner: t.Owner, Scheme: t.Scheme,
		Reason: t.Reason, From: t.From, Source: t.Source, Sample: t.Sample,
	}
	if u, ok := codes.on(t.Unit, t.From); ok {
		row.UnitName = u.Names.Hans
	}
	if t.Reference.Unit != 0 {
		row.ReferenceIndicator, row.ReferenceUnit = t.Reference.Indicator, codes.codeOf(t.Reference.Unit, t.From)
	}
	return row
}

func (x *exporter) figures(ctx context.Context, st *store.Store) error {
	return st.Figures(ctx, x.opt.AsOf, store.FigureQuery{}, func(f luoshi.Figure) error {
		if !x.wanted(f.Indicator, f.Period.Year, f.Period.Year) {
			return nil
		}
		day := f.Period.LastDay()
		row := office.FigureRow{
			Indicator: f.Indicator, UnitCode: x.code(f.Unit, day), Period: f.Period, Basis: f.Basis, Scope: f.Scope, Value: f.Value, Growth: f.Growth,
			Status: f.Status, Source: f.Source, Sample: f.Sample, Published: luoshi.DateOf(f.RecordedAt),
		}
		if u, ok := x.codes.on(f.Unit, day); ok {
			row.UnitName = u.Names.Hans
		}
		x.draft.Figures = append(x.draft.Figures, row)
		return nil
	})
}
