package service

import (
	"context"
	"slices"

	"luoshi.dev"
	"luoshi.dev/assess"
)

// Indicator answers where one indicator stands at one unit, where that comes from
// and what it rests on.
func (s *Service) Indicator(ctx context.Context, q IndicatorQuery) (*IndicatorView, error) {
	return kept(ctx, s, q.Look, "indicator "+q.Code+" "+string(q.Show), func(ctx context.Context, sn *snapshot) (*IndicatorView, error) {
		return s.indicatorView(ctx, sn, q)
	})
}

// measured finds the indicator that a query names.
func (sn *snapshot) measured(code string) (luoshi.Indicator, error) {
	if code == "" {
		return luoshi.Indicator{}, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("indicator.unnamed")}
	}
	in, ok := sn.indicators[code]
	if !ok {
		return in, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("indicator.unknown", "code", code)}
	}
	return in, nil
}

func (s *Service) indicatorView(ctx context.Context, sn *snapshot, q IndicatorQuery) (*IndicatorView, error) {
	node, err := sn.unitOf(q.Unit)
	if err != nil {
		return nil, err
	}
	v := &IndicatorView{}
	if v.Frame, err = s.frame(ctx, sn, node); err != nil || node < 0 {
		return v, err
	}
	in, err := sn.measured(q.Code)
	if err != nil {
		return nil, err
	}
	v.Indicator = headOf(in)
	c := sn.caseOf(in.Code, node)
	course := assess.CourseOf(c)
	v.Judgement = assess.Judge(c)
	if _, err := s.prove(ctx, sn, in.Code, node, &v.Judgement); err != nil {
		return nil, err
	}
	sn.unasked(in, node, &v.Judgement)
	months := assess.Months(c)
	v.Trend = assess.Trend(months)
	v.Goals = sn.goalsOf(in, node)
	v.promised(sn, in, node, c)
	v.Path = sn.path(in, node, c, course, months, q.Show)
	v.HasFigure = slices.ContainsFunc(v.Path.Points, func(p PathPoint) bool { return p.Actual.Valid || p.Growth.Valid })
	v.Course = sn.courseView(in, node, c, course, v.Judgement)
	v.Rank = sn.rankView(in, node, c, v.Judgement)
	if v.Parts = sn.parts(in, node, c, course, v.Judgement); v.Parts != nil {
		v.Map = sn.partsMap(in, v.Parts)
	}
	if v.History, err = s.history(ctx, sn, in, node, v.Judgement.Period); err != nil {
		return nil, err
	}
	if len(v.History) > 0 {
		v.Course.Recorded, v.Course.By = v.History[0].At, v.History[0].By
	}
	v.Periods = sn.periodsOf(in, node)
	v.Revisions = sn.revised(in, node)
	v.linked(sn, in, node)
	if v.Redrawn, err = s.redrawn(ctx, sn, in, node, v.Choices); err != nil {
		return nil, err
	}
	v.Neighbours = sn.neighbours(in, node)
	v.Sample = v.Judgement.Proof.Sample || v.Parts != nil && slices.ContainsFunc(v.Parts.Rows, func(r PartRow) bool { return r.Judgement.Proof.Sample })
	if !v.Judgement.Proof.Sample {
		v.Source = v.Judgement.Proof.Source
	}
	return v, nil
}

func headOf(in luoshi.Indicator) IndicatorHead {
	return IndicatorHead{
		Code: in.Code, Name: in.Names, Group: in.Group, Measure: in.Measure, Decimals: in.Decimals, Kind: in.Kind, Direction: in.Direction,
		Basis: in.Basis, Calendar: in.Calendar, OverUnits: in.OverUnits, Reported: in.ReportedAt, Formula: in.Formula, Note: in.Note,
	}
}

// promised fills in the target and who answers.
func (v *IndicatorView) promised(sn *snapshot, in luoshi.Indicator, node int, c assess.Case) {
	v.Department = sn.owner(in.Department, luoshi.Names{})
	if c.Target == nil {
		return
	}
	v.HasTarget = true
	v.Promise = assess.Promise(in, *c.Target, sn.referenceName(*c.Target))
	v.Owner, v.Person = sn.owner(c.Target.Owner, sn.tree.Nodes[node].Names), sn.charged(in.Code, node)
	v.Paced = v.Judgement.Share.OK() && v.Judgement.Pace.OK()
	v.Course.Reserve = c.Target.Reserve
}

// goalsOf names the goals that rest on an indicator at a unit.
func (sn *snapshot) goalsOf(in luoshi.Indicator, node int) []luoshi.Names {
	var list []luoshi.Names
	if _, target := sn.targets[targetAt{in.Code, sn.tree.Nodes[node].ID}]; !target {
		return nil
	}
	for _, g := range sn.plan.goals {
		if slices.ContainsFunc(g.Items, func(item luoshi.GoalItem) bool {
			return item.Indicator == in.Code && (item.Unit == "" || item.Unit == sn.tree.Nodes[node].Code)
		}) {
			list = append(list, g.Names)
		}
	}
	return list
}

func (sn *snapshot) referenceName(t luoshi.Target) luoshi.Names {
	if i, ok := sn.tree.Find(t.Reference.Unit); ok && t.Reference.Unit != 0 {
		return sn.tree.Nodes[i].Names
	}
	return luoshi.Names{}
}

// courseView tells the line that the target is held by, and how much of the target
// has been handed down.
func (sn *snapshot) courseView(in luoshi.Indicator, node int, c assess.Case, course assess.Course, j luoshi.Judgement) CourseView {
	view := CourseView{Line: lineOf(c, course), Straight: course.Straight, Growth: course.Growth, Month: j.Period.To, Rung: in.ReportedAt}
	if c.Target != nil {
		view.Reserve, view.Reference = c.Target.Reserve, c.ReferenceName
	}
	value, _ := sn.value(in, node, sn.year, j.Period.To)
	view.Computed = !value.Reported.Valid && value.Rolled.Valid
	children := sn.areas(node)
	view.Below = len(children)
	sum := int64(0)
	for _, child := range children {
		t := sn.targets[targetAt{in.Code, sn.tree.Nodes[child].ID}]
		if t == nil {
			continue
		}
		view.Handees++
		if v := scaled(t.Value, in.Decimals); t.Form == luoshi.FormLevel && v != luoshi.Missing {
			sum += v
			view.Handed = luoshi.Unscaled(sum, in.Decimals)
		}
	}
	if !in.Additive() || c.Target == nil || c.Target.Form != luoshi.FormLevel {
		view.Handed = luoshi.NullQuantity{}
	}
	return view
}

// rankView places a unit among the areas with the same parent.
func (sn *snapshot) rankView(in luoshi.Indicator, node int, c assess.Case, j luoshi.Judgement) *RankView {
	parent := sn.tree.Nodes[node].Parent
	if parent < 0 || j.Period.To == 0 {
		return nil
	}
	siblings := sn.areas(parent)
	at := slices.Index(siblings, node)
	if at < 0 || len(siblings) < 2 {
		return nil
	}
	cases := make([]assess.Case, len(siblings))
	for i, n := range siblings {
		cases[i] = sn.caseOf(in.Code, n)
	}
	now, before := ranks(cases, j.Period.To, assess.RankedBy(c))
	if now[at] == 0 {
		return nil
	}
	of := 0
	for _, r := range now {
		if r > 0 {
			of++
		}
	}
	return &RankView{Rank: now[at], Of: of, Parent: sn.ref(parent), Before: before[at], Move: assess.Movement(before[at], now[at])}
}

// ranks are the places at a period's end and at the one before it.
func ranks(cases []assess.Case, month int, by assess.By) (now, before []int) {
	values, earlier := make([]luoshi.Ratio, len(cases)), make([]luoshi.Ratio, len(cases))
	for i, c := range cases {
		values[i] = assess.Standing(c, month, by)
		if m := endBefore(c.Indicator.Calendar, month); m > 0 {
			earlier[i] = assess.Standing(c, m, by)
		}
	}
	return assess.Ranks(values, luoshi.More), assess.Ranks(earlier, luoshi.More)
}

// endBefore is the period's end before a month, 0 if there is none in the year.
func endBefore(calendar luoshi.Calendar, month int) int {
	ends := calendar.Ends()
	if i := slices.Index(ends, month); i > 0 {
		return ends[i-1]
	}
	return 0
}

// linked finds what leads, what is led, and what the value is computed from.
func (v *IndicatorView) linked(sn *snapshot, in luoshi.Indicator, node int) {
	link := func(code string) (LinkedView, bool) {
		other, ok := sn.indicators[code]
		if !ok {
			return LinkedView{}, false
		}
		_, target := sn.targets[targetAt{code, sn.tree.Nodes[node].ID}]
		one := LinkedView{Indicator: headOf(other), Judgement: sn.judge(code, node), Target: target}
		sn.unasked(other, node, &one.Judgement)
		return one, true
	}
	add := func(list *[]LinkedView, code string) {
		if one, ok := link(code); ok {
			*list = append(*list, one)
		}
	}
	for _, code := range in.Leads {
		add(&v.Leads, code)
	}
	for _, other := range sn.plan.indicators {
		if slices.Contains(other.Leads, in.Code) && !other.Retired {
			add(&v.LedBy, other.Code)
		}
	}
	for _, code := range sn.cube.Inputs(in.Code) {
		add(&v.Inputs, code)
	}
}

// revised lists the revisions of this unit's target that touch the year, the newest
// first, with what each changed.
func (sn *snapshot) revised(in luoshi.Indicator, node int) []Revision {
	id := sn.tree.Nodes[node].ID
	today := luoshi.DateOf(sn.asOf)
	force := sn.targets[targetAt{in.Code, id}]
	var list []Revision
	last := map[targetKey]luoshi.Target{}
	for _, t := range sn.plan.targets {
		if t.Indicator != in.Code || t.Unit != id || t.FirstYear > sn.year || t.LastYear < sn.year {
			continue
		}
		r := Revision{
			Revision: t.Revision, First: t.FirstYear, Last: t.LastYear, Promise: assess.Promise(in, t, sn.referenceName(t)), Form: t.Form,
			Value: t.Value, From: t.From, RecordedAt: t.RecordedAt, By: t.By, Reason: t.Reason, Source: t.Source, Reserve: t.Reserve, Sample: t.Sample,
			Later: t.From > today,
		}
		r.InForce = force != nil && force.Revision == t.Revision && force.FirstYear == t.FirstYear && force.LastYear == t.LastYear
		if before, ok := last[keyOf(t)]; ok && before.Form == t.Form && before.Value.Valid && t.Value.Valid {
			if d, err := t.Value.Decimal.Sub(before.Value.Decimal); err == nil {
				r.Change = luoshi.Some(d)
			}
		}
		last[keyOf(t)] = t
		list = append(list, r)
	}
	slices.Reverse(list)
	return list
}

// neighbours are the indicators with a target or a figure at the unit, and the
// areas with the same parent, before and after.
func (sn *snapshot) neighbours(in luoshi.Indicator, node int) Neighbours {
	var n Neighbours
	id := sn.tree.Nodes[node].ID
	var list []luoshi.Indicator
	for _, other := range sn.plan.indicators {
		_, target := sn.targets[targetAt{other.Code, id}]
		if other.Code == in.Code || !other.Retired && (target || sn.known(other, node)) {
			list = append(list, other)
		}
	}
	at := slices.IndexFunc(list, func(other luoshi.Indicator) bool { return other.Code == in.Code })
	if at > 0 {
		ref := headOf(list[at-1])
		n.EarlierIndicator = &ref
	}
	if at+1 < len(list) {
		ref := headOf(list[at+1])
		n.LaterIndicator = &ref
	}
	siblings := sn.areas(sn.tree.Nodes[node].Parent)
	if i := slices.Index(siblings, node); i >= 0 && sn.tree.Nodes[node].Parent >= 0 {
		if i > 0 {
			ref := sn.ref(siblings[i-1])
			n.EarlierUnit = &ref
		}
		if i+1 < len(siblings) {
			ref := sn.ref(siblings[i+1])
			n.LaterUnit = &ref
		}
	}
	return n
}

// known reports whether the year has any figure of an indicator at a unit.
func (sn *snapshot) known(in luoshi.Indicator, node int) bool {
	y := sn.cube.Year(in.Code, node, sn.year, basisOf(in))
	return slices.ContainsFunc(y.Amount[:], there) || slices.ContainsFunc(y.Growth[:], there)
}

func there(v int64) bool { return v != luoshi.Missing }

// periodsOf lists the periods of this year and the last that have a figure at the
// unit, oldest first.
func (sn *snapshot) periodsOf(in luoshi.Indicator, node int) []PeriodRef {
	var list []PeriodRef
	basis := basisOf(in)
	for _, year := range []int{sn.year - 1, sn.year} {
		y := sn.cube.Year(in.Code, node, year, basis)
		for _, m := range in.Calendar.Ends() {
			if !there(y.Amount[m-1]) && !there(y.Growth[m-1]) {
				if v, _ := sn.value(in, node, year, m); !v.PartialSum.Valid {
					continue
				}
			}
			if p, ok := in.Calendar.Period(year, m, basis); ok {
				list = append(list, PeriodRef{p, basis})
			}
		}
	}
	return list
}
