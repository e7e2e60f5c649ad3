package service

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"luoshi.dev"
)

// IndicatorListQuery narrows the register of indicators; zero fields take all.
type IndicatorListQuery struct {
	Look
	Text       string // in a name, a code, the group, the formula or the source
	Group      string
	Kind       luoshi.Kind
	Department string // unit code
	Retired    bool   // those that are no longer used instead of those that are
}

// IndicatorRegister is the register of indicators, by group.
type IndicatorRegister struct {
	Frame
	Query       IndicatorListQuery `json:"query"`
	Groups      []IndicatorGroup   `json:"groups"`
	Shown       int                `json:"shown"`
	Total       int                `json:"total"`   // in use
	Retired     int                `json:"retired"` // no longer used
	AllGroups   []string           `json:"all_groups"`
	Kinds       []luoshi.Kind      `json:"kinds"`
	Departments []UnitRef          `json:"departments"`
}

// IndicatorGroup is the indicators under one heading.
type IndicatorGroup struct {
	Name string          `json:"name"`
	Rows []IndicatorLine `json:"indicators"`
}

// IndicatorLine is one indicator of the register.
type IndicatorLine struct {
	Indicator  luoshi.Indicator `json:"indicator"`
	Rules      []luoshi.Message `json:"-"` // how it adds up, in words
	Department *UnitRef         `json:"department,omitempty"`
	Leads      []IndicatorName  `json:"leads,omitempty"`
	Targets    int              `json:"targets"` // of the year
	Closed     luoshi.Period    `json:"closed"`  // the newest closed period
	Have       int              `json:"have"`    // units that have reported it
	Want       int              `json:"want"`
}

// IndicatorRegister lists the indicators that a query asks for.
func (s *Service) IndicatorRegister(ctx context.Context, q IndicatorListQuery) (*IndicatorRegister, error) {
	question := strings.Join([]string{"indicator register", q.Text, q.Group, string(q.Kind), q.Department}, "\x00")
	if q.Retired {
		question += "\x00retired"
	}
	return kept(ctx, s, q.Look, question, func(ctx context.Context, sn *snapshot) (*IndicatorRegister, error) {
		return s.indicatorRegister(ctx, sn, q)
	})
}

func (s *Service) indicatorRegister(ctx context.Context, sn *snapshot, q IndicatorListQuery) (*IndicatorRegister, error) {
	node, err := sn.unitOf(q.Unit)
	if err != nil {
		return nil, err
	}
	v := &IndicatorRegister{Query: q}
	if v.Frame, err = s.frame(ctx, sn, node); err != nil {
		return nil, err
	}
	targets := map[string]int{}
	for at := range sn.targets {
		targets[at.indicator]++
	}
	for _, in := range sn.plan.indicators {
		v.facets(sn, in)
		if !q.takes(in) {
			continue
		}
		line := sn.indicatorLine(in, node)
		line.Targets = targets[in.Code]
		i := slices.IndexFunc(v.Groups, func(g IndicatorGroup) bool { return g.Name == in.Group })
		if i < 0 {
			i = len(v.Groups)
			v.Groups = append(v.Groups, IndicatorGroup{Name: in.Group})
		}
		v.Groups[i].Rows = append(v.Groups[i].Rows, line)
		v.Shown++
	}
	return v, nil
}

// facets counts an indicator and notes what can be chosen by.
func (v *IndicatorRegister) facets(sn *snapshot, in luoshi.Indicator) {
	if in.Retired {
		v.Retired++
	} else {
		v.Total++
	}
	if in.Group != "" && !slices.Contains(v.AllGroups, in.Group) {
		v.AllGroups = append(v.AllGroups, in.Group)
	}
	if !slices.Contains(v.Kinds, in.Kind) {
		v.Kinds = append(v.Kinds, in.Kind)
	}
	if ref := sn.named(in.Department); ref != nil && !slices.Contains(v.Departments, *ref) {
		v.Departments = append(v.Departments, *ref)
	}
}

// takes reports whether an indicator is asked for.
func (q IndicatorListQuery) takes(in luoshi.Indicator) bool {
	if in.Retired != q.Retired || q.Group != "" && in.Group != q.Group || q.Kind != "" && in.Kind != q.Kind || q.Department != "" && in.Department != q.Department {
		return false
	}
	text := strings.ToLower(luoshi.Fold(q.Text))
	for _, in := range []string{in.Code, in.Names.Hans, in.Names.Hant, in.Names.En, in.Group, in.Formula, in.Source, in.Note} {
		if strings.Contains(strings.ToLower(in), text) {
			return true
		}
	}
	return false
}

func (sn *snapshot) indicatorLine(in luoshi.Indicator, node int) IndicatorLine {
	line := IndicatorLine{Indicator: in, Rules: sn.rules(in), Department: sn.named(in.Department)}
	for _, code := range in.Leads {
		if other, ok := sn.indicators[code]; ok {
			line.Leads = append(line.Leads, indicatorName(other))
		}
	}
	if closed := sn.closed(in); node >= 0 && len(closed) > 0 {
		month := closed[len(closed)-1]
		line.Closed, _ = in.Calendar.Period(sn.year, month, luoshi.Cumulative)
		own, _ := sn.value(in, node, sn.year, month)
		line.Have, line.Want = own.Coverage.Have, own.Coverage.Want
	}
	return line
}

// named is the unit of a code as it is by the snapshot's boundaries, or as it was.
func (sn *snapshot) named(code string) *UnitRef {
	id, ok := sn.meant(code)
	if !ok {
		return nil
	}
	ref := sn.lastFact(id)
	return &ref
}

// rules say how an indicator adds up: over units first, then over time.
func (sn *snapshot) rules(in luoshi.Indicator) []luoshi.Message {
	name := func(code string) luoshi.Names {
		if other, ok := sn.indicators[code]; ok {
			return other.Names
		}
		return luoshi.Names{Hans: code}
	}
	if in.Formula != "" {
		return []luoshi.Message{luoshi.Say("indicatorregister.rule.formula", "formula", in.Formula)}
	}
	units := luoshi.Say("indicatorregister.rule.units." + string(in.OverUnits))
	switch in.OverUnits {
	case luoshi.UnitWeighted:
		units = luoshi.Say("indicatorregister.rule.units.weighted", "weight", name(in.Weight))
	case luoshi.UnitRatio:
		units = luoshi.Say("indicatorregister.rule.units.ratio", "numerator", name(in.Numerator), "denominator", name(in.Denominator))
	}
	list := []luoshi.Message{units, luoshi.Say("indicatorregister.rule.time." + string(in.OverTime))}
	if in.OverUnits != luoshi.UnitRatio && in.Denominator != "" {
		list = append(list, luoshi.Say("indicatorregister.rule.stock", "stock", name(in.Denominator)))
	}
	return list
}

// IndicatorCard is everything about one indicator.
type IndicatorCard struct {
	Frame
	IndicatorLine
	Versions []IndicatorVersion `json:"versions"` // newest first
	Promised []UnitTarget       `json:"promised"` // targets of the year, of the unit looked at and those directly below
	Units    []UnitRef          `json:"-"`        // whose they are
	Goals    []GoalRef          `json:"goals"`    // that rest on it
	Sets     []GoalRef          `json:"sets"`
	Formulas []IndicatorName    `json:"formulas"` // computed from it
	LedBy    []IndicatorName    `json:"led_by"`
	Due      luoshi.Date        `json:"due,omitempty"` // when the next figure is
	Next     luoshi.Period      `json:"next"`
	Figures  int                `json:"figures"` // units with figures in the year
}

// GoalRef names a goal or a set.
type GoalRef struct {
	Code  string       `json:"code"`
	Name  luoshi.Names `json:"name"`
	Guard bool         `json:"guard,omitempty"`
}

// IndicatorVersion is one version of an indicator's record.
type IndicatorVersion struct {
	Indicator  luoshi.Indicator `json:"indicator"`
	Changed    []string         `json:"changed"` // fields that differ from the version before
	Was        []string         `json:"-"`       // what they were
	Now        []string         `json:"-"`
	RecordedAt time.Time        `json:"recorded_at"`
	By         string           `json:"by,omitempty"`
	Reason     string           `json:"reason,omitempty"`
	Batch      int64            `json:"batch,omitempty"` // the change, where it can be taken back
}

// IndicatorCard shows one indicator.
func (s *Service) IndicatorCard(ctx context.Context, look Look, code string) (*IndicatorCard, error) {
	return kept(ctx, s, look, "indicator card "+code, func(ctx context.Context, sn *snapshot) (*IndicatorCard, error) {
		return s.indicatorCard(ctx, sn, look, code)
	})
}

func (sn *snapshot) unknownIndicator(code string) error {
	return &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("import.indicator_unknown", "code", code)}
}

func (s *Service) indicatorCard(ctx context.Context, sn *snapshot, look Look, code string) (*IndicatorCard, error) {
	in, ok := sn.indicators[code]
	if !ok {
		return nil, sn.unknownIndicator(code)
	}
	node, err := sn.unitOf(look.Unit)
	if err != nil {
		return nil, err
	}
	v := &IndicatorCard{IndicatorLine: sn.indicatorLine(in, node)}
	if v.Frame, err = s.frame(ctx, sn, node); err != nil {
		return nil, err
	}
	if v.Versions, err = s.versions(ctx, sn, code); err != nil {
		return nil, err
	}
	v.Next, v.Due = sn.nextDue(in)
	for at := range sn.targets {
		if at.indicator == code {
			v.Targets++
		}
	}
	v.promised(sn, in, node)
	v.uses(sn, in)
	for strip, err := range s.store.Strips(ctx, code, sn.year, sn.asOf) {
		if err != nil {
			return nil, err
		}
		if strip.Unit > 0 {
			v.Figures++
		}
	}
	return v, nil
}

// promised lists the targets of the unit looked at and of those directly below it.
func (v *IndicatorCard) promised(sn *snapshot, in luoshi.Indicator, node int) {
	if node < 0 {
		return
	}
	for _, at := range append([]int{node}, sn.tree.Children(node)...) {
		t, ok := sn.targets[targetAt{in.Code, sn.tree.Nodes[at].ID}]
		if !ok {
			continue
		}
		j := sn.judge(in.Code, at)
		v.Sample = v.Sample || j.Proof.Sample
		v.Promised = append(v.Promised, UnitTarget{Indicator: indicatorName(in), Target: *t, Says: sn.promise(in, *t), Judgement: j, Inherited: sn.inherited(*t)})
		v.Units = append(v.Units, sn.ref(at))
	}
}

// uses finds what rests on the indicator.
func (v *IndicatorCard) uses(sn *snapshot, in luoshi.Indicator) {
	for _, g := range sn.plan.goals {
		for _, item := range g.Items {
			if ref := (GoalRef{g.Code, g.Names, item.Guard}); item.Indicator == in.Code && !slices.Contains(v.Goals, ref) {
				v.Goals = append(v.Goals, ref)
			}
		}
	}
	for _, set := range sn.plan.sets {
		if slices.ContainsFunc(set.Items, func(i luoshi.SetItem) bool { return i.Indicator == in.Code }) {
			v.Sets = append(v.Sets, GoalRef{Code: set.Code, Name: set.Names})
		}
	}
	for _, other := range sn.plan.indicators {
		if other.Code != in.Code && slices.Contains(computedFrom(other), in.Code) {
			v.Formulas = append(v.Formulas, indicatorName(other))
		}
		if slices.Contains(other.Leads, in.Code) {
			v.LedBy = append(v.LedBy, indicatorName(other))
		}
	}
}

var codeWord = regexp.MustCompile(`[A-Za-z][A-Za-z0-9_]*`)

// computedFrom lists the codes that an indicator is computed from or weighted by.
func computedFrom(in luoshi.Indicator) []string {
	return append(codeWord.FindAllString(in.Formula, -1), in.Weight, in.Numerator, in.Denominator)
}

// versions lists what was recorded of an indicator by the instant, newest first.
func (s *Service) versions(ctx context.Context, sn *snapshot, code string) ([]IndicatorVersion, error) {
	by, err := s.clerks(ctx)
	if err != nil {
		return nil, err
	}
	all, err := s.store.IndicatorVersions(ctx, code, sn.asOf)
	if err != nil {
		return nil, err
	}
	var list []IndicatorVersion
	for i, in := range all {
		v := IndicatorVersion{Indicator: in, RecordedAt: time.UnixMicro(in.RecordedAt)}
		if b, ok := by[in.RecordedAt]; ok {
			v.By = b.By
			if b.Kind != "import" {
				v.Reason = b.Note
				if b.UndoneBy == 0 && i == len(all)-1 {
					v.Batch = b.ID
				}
			}
		}
		if i > 0 {
			for _, d := range indicatorDiff(all[i-1], in) {
				v.Changed, v.Was, v.Now = append(v.Changed, d.Field), append(v.Was, d.Was), append(v.Now, d.Now)
			}
		}
		list = append(list, v)
	}
	slices.Reverse(list)
	return list, nil
}
