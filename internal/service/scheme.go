package service

import (
	"context"
	"slices"

	"luoshi.dev"
	"luoshi.dev/assess"
)

// SchemeList is the register of the rules for lights.
type SchemeList struct {
	Frame
	Schemes []SchemeRow `json:"schemes"` // the plan's own first, then those that come with the product
}

// SchemeRow is one rule for lights and what it judges.
type SchemeRow struct {
	Scheme  luoshi.Scheme  `json:"scheme"`
	Rule    luoshi.Message `json:"-"`       // as a sentence
	Preset  bool           `json:"preset"`  // it comes with the product
	Own     bool           `json:"own"`     // the plan has a version of its own
	Targets int            `json:"targets"` // judged by it, of all units
	Default int            `json:"default"` // of them: without naming it, because their form asks for it
	Units   int            `json:"units"`
	Lights  Counts         `json:"lights"` // that it gives as of the look
}

// SchemePage is one rule with who uses it and how it came to be.
type SchemePage struct {
	Frame
	SchemeRow
	Uses      []SchemeUse      `json:"uses"`
	Revisions []SchemeRevision `json:"revisions"` // newest first
	Measures  []string         `json:"measures"`  // what a condition may speak of
}

// SchemeUse is one indicator that a rule judges.
type SchemeUse struct {
	Indicator string       `json:"indicator"`
	Name      luoshi.Names `json:"name"`
	Units     int          `json:"units"`
	Default   bool         `json:"default"` // no target of it names the rule
	Lights    Counts       `json:"lights"`
}

// SchemeRevision is one version of a rule.
type SchemeRevision struct {
	Revised
	Scheme luoshi.Scheme  `json:"scheme"`
	Rule   luoshi.Message `json:"-"`
}

// Schemes lists the rules for lights.
func (s *Service) Schemes(ctx context.Context, look Look) (*SchemeList, error) {
	return kept(ctx, s, look, "schemes", func(ctx context.Context, sn *snapshot) (*SchemeList, error) {
		v := &SchemeList{}
		var err error
		if v.Frame, err = s.standing(ctx, sn, look.Unit); err != nil {
			return nil, err
		}
		uses := sn.schemeUses()
		for _, sc := range sn.plan.schemes {
			v.Schemes = append(v.Schemes, sn.schemeRow(sc, uses[sc.Code]))
		}
		for _, sc := range assess.Presets() {
			if !sn.hasScheme(sc.Code) {
				v.Schemes = append(v.Schemes, sn.schemeRow(sc, uses[sc.Code]))
			}
		}
		return v, nil
	})
}

// Scheme shows one rule.
func (s *Service) Scheme(ctx context.Context, look Look, code string) (*SchemePage, error) {
	return kept(ctx, s, look, "scheme "+code, func(ctx context.Context, sn *snapshot) (*SchemePage, error) {
		sc, ok := sn.schemes[code]
		if !ok {
			return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("import.scheme_unknown", "code", code)}
		}
		v := &SchemePage{Measures: assess.Measures()}
		var err error
		if v.Frame, err = s.standing(ctx, sn, look.Unit); err != nil {
			return nil, err
		}
		uses := sn.schemeUses()[code]
		v.SchemeRow = sn.schemeRow(sc, uses)
		for _, in := range sn.plan.indicators {
			if u := uses[in.Code]; u != nil {
				v.Uses = append(v.Uses, u.SchemeUse)
			}
		}
		v.Revisions, err = s.schemeRevisions(ctx, sn, code)
		return v, err
	})
}

// standing is the frame of a page of the register, which has no place of its own:
// it keeps the unit that was looked at before, if there is one.
func (s *Service) standing(ctx context.Context, sn *snapshot, unit string) (Frame, error) {
	node, err := sn.unitOf(unit)
	if err != nil {
		return Frame{}, err
	}
	return s.frame(ctx, sn, node)
}

func (sn *snapshot) hasScheme(code string) bool {
	return slices.ContainsFunc(sn.plan.schemes, func(sc luoshi.Scheme) bool { return sc.Code == code })
}

// schemeUse gathers while the targets are gone through.
type schemeUse struct {
	SchemeUse
	named, byDefault int
	units            map[luoshi.UnitID]bool
}

// schemeUses says for every rule which indicators it really judges: a target that
// names a rule which cannot judge its form is judged by the one that can.
func (sn *snapshot) schemeUses() map[string]map[string]*schemeUse {
	all := map[string]map[string]*schemeUse{}
	for at, t := range sn.targets {
		node, here := sn.tree.Find(at.unit)
		if !here {
			continue
		}
		j := sn.judge(at.indicator, node)
		code := j.Proof.Scheme
		if all[code] == nil {
			all[code] = map[string]*schemeUse{}
		}
		u := all[code][at.indicator]
		if u == nil {
			u = &schemeUse{SchemeUse: SchemeUse{Indicator: at.indicator, Name: sn.indicators[at.indicator].Names, Default: true}, units: map[luoshi.UnitID]bool{}}
			all[code][at.indicator] = u
		}
		u.units[at.unit] = true
		u.Units++
		u.Lights.add(j.Light)
		if t.Scheme == code {
			u.named++
			u.Default = false
		} else {
			u.byDefault++
		}
	}
	return all
}

func (sn *snapshot) schemeRow(sc luoshi.Scheme, uses map[string]*schemeUse) SchemeRow {
	_, preset := assess.Preset(sc.Code)
	row := SchemeRow{Scheme: sc, Rule: assess.Describe(sc), Preset: preset, Own: sn.hasScheme(sc.Code)}
	units := map[luoshi.UnitID]bool{}
	for _, u := range uses {
		row.Targets += u.named + u.byDefault
		row.Default += u.byDefault
		row.Lights.Green += u.Lights.Green
		row.Lights.Yellow += u.Lights.Yellow
		row.Lights.Red += u.Lights.Red
		row.Lights.NotJudged += u.Lights.NotJudged
		for id := range u.units {
			units[id] = true
		}
	}
	row.Units = len(units)
	return row
}

func (s *Service) schemeRevisions(ctx context.Context, sn *snapshot, code string) ([]SchemeRevision, error) {
	versions, err := s.store.SchemeVersions(ctx, code, sn.asOf)
	if err != nil {
		return nil, err
	}
	return revisions(ctx, s, versions, func(sc luoshi.Scheme) int64 { return sc.RecordedAt }, schemeChanges, func(sc luoshi.Scheme, r Revised) SchemeRevision {
		return SchemeRevision{Revised: r, Scheme: sc, Rule: assess.Describe(sc)}
	})
}

func schemeChanges(a, b luoshi.Scheme) []FieldChange {
	var c changed
	c.names(a.Names, b.Names)
	c.field("kind", a.Kind, b.Kind)
	c.number("yellow", a.Yellow, b.Yellow)
	c.number("red", a.Red, b.Red)
	c.field("made_up", a.MadeUp, b.MadeUp)
	c.field("yellow_when", a.YellowWhen, b.YellowWhen)
	c.field("red_when", a.RedWhen, b.RedWhen)
	c.field("source", a.Source, b.Source)
	return c
}

// Presets are the rules that come with the product, to be copied.
func Presets() []luoshi.Scheme { return assess.Presets() }

// Measures lists what a condition may speak of.
func Measures() []string { return assess.Measures() }
