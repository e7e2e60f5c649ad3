package service

import (
	"context"
	"slices"

	"luoshi.dev"
	"luoshi.dev/assess"
	"luoshi.dev/internal/store"
)

// goalRows judges the tree of goals for a unit, parents before children. A goal
// with nothing to judge at this unit is left out.
func (sn *snapshot) goalRows(node int) []GoalRow {
	children := sn.goalChildren()
	var rows []GoalRow
	for _, g := range children[""] {
		_, below := sn.goal(g, node, 0, children)
		rows = append(rows, below...)
	}
	return rows
}

// goal judges one goal from its children and its own targets and returns it as a
// part of its parent, with the rows of its subtree.
func (sn *snapshot) goal(g luoshi.Goal, node, depth int, children map[string][]luoshi.Goal) (assess.Part, []GoalRow) {
	var parts, before []assess.Part
	var below []GoalRow
	row := GoalRow{Code: g.Code, Name: g.Names, Depth: depth, Owner: sn.answers(node, g.Owner)}
	for _, child := range children[g.Code] {
		part, rows := sn.goal(child, node, depth+1, children)
		if len(rows) == 0 {
			continue
		}
		parts = append(parts, part)
		prev := part
		prev.Judgement = luoshi.Judgement{Light: rows[0].Before}
		before = append(before, prev)
		below = append(below, rows...)
	}
	row.Heading = len(below) > 0
	for _, item := range g.Items {
		at := node
		if item.Unit != "" {
			i, err := sn.unitOf(item.Unit)
			if err != nil || i < sn.tree.Path(node)[0] {
				continue
			}
			at = i
		}
		in := sn.indicators[item.Indicator]
		t, ok := sn.targets[targetAt{item.Indicator, sn.tree.Nodes[at].ID}]
		if !ok {
			continue
		}
		now, prev := sn.judgeTwice(item.Indicator, at)
		part := assess.Part{Names: in.Names, Judgement: now, Weight: item.Weight, Guard: item.Guard}
		parts = append(parts, part)
		part.Judgement = prev
		before = append(before, part)
		if row.Indicator == "" && !item.Guard {
			row.Indicator, row.Measure, row.Decimals = in.Code, in.Measure, in.Decimals
			row.Paced = t.Form == luoshi.FormLevel && now.Share.OK()
			row.Owner, row.Person = sn.answers(node, g.Owner, t.Owner), sn.charged(in.Code, at)
		}
	}
	if len(parts) == 0 {
		return assess.Part{}, nil
	}
	row.Judgement = parts[0].Judgement
	if len(parts) > 1 || row.Heading {
		row.Judgement = sn.combine(g, parts, row.Heading)
	}
	row.Before = before[0].Judgement.Light
	if len(before) > 1 {
		row.Before = assess.Combine(g, before).Light
	}
	row.Sample = row.Judgement.Proof.Sample
	return assess.Part{Names: g.Names, Judgement: row.Judgement, Weight: g.Weight}, append([]GoalRow{row}, below...)
}

// combine gives a leaf of several targets the numbers of its first one that is no
// guard, so that its row still stands against the pace.
func (sn *snapshot) combine(g luoshi.Goal, parts []assess.Part, heading bool) luoshi.Judgement {
	j := assess.Combine(g, parts)
	if heading {
		return j
	}
	i := slices.IndexFunc(parts, func(p assess.Part) bool { return !p.Guard })
	if i < 0 {
		return j
	}
	lead := parts[i].Judgement
	if lead.Light == j.Light {
		return lead
	}
	lead.Light, lead.Says = j.Light, j.Says
	return lead
}

// judgeTwice judges as of the instant and as it stood a month before.
func (sn *snapshot) judgeTwice(code string, node int) (now, before luoshi.Judgement) {
	return sn.judge(code, node), sn.judgeThen(code, node, sn.monthAgo())
}

// targetRows lists the targets of a unit that no goal names: without goals a unit
// still sees where it stands.
func (sn *snapshot) targetRows(node int) []GoalRow {
	var rows []GoalRow
	for _, in := range sn.plan.indicators {
		t, ok := sn.targets[targetAt{in.Code, sn.tree.Nodes[node].ID}]
		if !ok {
			continue
		}
		now, before := sn.judgeTwice(in.Code, node)
		rows = append(rows, GoalRow{
			Code: in.Code, Name: in.Names, Judgement: now, Before: before.Light, Indicator: in.Code, Measure: in.Measure, Decimals: in.Decimals,
			Paced: t.Form == luoshi.FormLevel && now.Share.OK(), Owner: sn.owner(t.Owner, sn.tree.Nodes[node].Names), Person: sn.charged(in.Code, node), Sample: now.Proof.Sample,
		})
	}
	return rows
}

// cite completes the proofs of what the page shows: the rule in words, and of the
// figure its source and when it was learned. Published sources are numbered.
func (s *Service) cite(ctx context.Context, sn *snapshot, node int, v *Overview) error {
	for i := range v.Goals {
		row := &v.Goals[i]
		if row.Heading || row.Indicator == "" {
			continue
		}
		sample, err := s.prove(ctx, sn, row.Indicator, node, &row.Judgement)
		if err != nil {
			return err
		}
		row.Sample = sample
		if src := row.Judgement.Proof.Source; src != "" && !row.Sample {
			row.Source = v.note(src, row.Name)
		}
	}
	for i := range v.Off {
		row := &v.Off[i]
		at, err := sn.unitOf(row.Unit.Code)
		if err != nil {
			return err
		}
		if _, err := s.prove(ctx, sn, row.Indicator, at, &row.Judgement); err != nil {
			return err
		}
	}
	for _, m := range v.Maps {
		for i := range m.Areas {
			sn.explain(&m.Areas[i].Judgement)
		}
	}
	return nil
}

// prove puts the rule and the newest figure's version into a proof and reports
// whether that figure is a sample.
func (s *Service) prove(ctx context.Context, sn *snapshot, code string, node int, j *luoshi.Judgement) (sample bool, err error) {
	sn.explain(j)
	if len(j.Proof.Figures) == 0 {
		return j.Proof.Sample, nil
	}
	in := sn.indicators[code]
	vintages, err := s.store.Vintages(ctx, store.FigureQuery{Indicator: code, Unit: sn.tree.Nodes[node].ID, Period: j.Period, Basis: basisOf(in), Scope: luoshi.Whole})
	if err != nil {
		return false, err
	}
	for _, f := range vintages {
		if f.Seq == j.Proof.Figures[0] {
			j.Proof.Source, j.Proof.RecordedAt = f.Source, f.RecordedAt
			return f.Sample, nil
		}
	}
	return j.Proof.Sample, nil
}

// note returns the number of a source among the notes of the page.
func (v *Overview) note(source string, what luoshi.Names) int {
	for i := range v.Sources {
		if v.Sources[i].Source == source {
			v.Sources[i].What = append(v.Sources[i].What, what)
			return v.Sources[i].Number
		}
	}
	v.Sources = append(v.Sources, SourceNote{Number: len(v.Sources) + 1, What: []luoshi.Names{what}, Source: source})
	return len(v.Sources)
}

// headline is the verdict in one sentence: the first goal's light, and by name
// what keeps it from being green.
func headline(v *Overview) luoshi.Message {
	if len(v.Goals) == 0 {
		return luoshi.Say("overview.empty")
	}
	var red, yellow []luoshi.Names
	for _, g := range v.Goals {
		switch {
		case g.Heading:
		case g.Judgement.Light == luoshi.Red:
			red = append(red, g.Name)
		case g.Judgement.Light == luoshi.Yellow:
			yellow = append(yellow, g.Name)
		}
	}
	top := v.Goals[0]
	if !v.HasGoals {
		top.Name = v.Unit.Name
	}
	switch {
	case !v.HasFigure:
		return luoshi.Say("overview.no_figures", "unit", v.Unit.Name, "year", plain(v.Year))
	case len(red) > 0 && len(yellow) > 0:
		return luoshi.Say("overview.red_yellow", "goal", top.Name, "light", worst(top, v), "red", red, "yellow", yellow)
	case len(red) > 0:
		return luoshi.Say("overview.red", "goal", top.Name, "light", worst(top, v), "red", red)
	case len(yellow) > 0:
		return luoshi.Say("overview.yellow", "goal", top.Name, "light", worst(top, v), "yellow", yellow)
	case v.Counts.Green == 0:
		return luoshi.Say("overview.none_judged", "goal", top.Name)
	}
	return luoshi.Say("overview.green", "goal", top.Name)
}

// worst is the light of the top goal, or of the worst target where there are none.
func worst(top GoalRow, v *Overview) luoshi.Light {
	if v.HasGoals {
		return top.Judgement.Light
	}
	light := luoshi.Green
	for _, g := range v.Goals {
		light = max(light, g.Judgement.Light)
	}
	return light
}

func lead(v *Overview) []luoshi.Message {
	if len(v.Goals) == 0 || !v.HasFigure {
		return nil
	}
	var parts []luoshi.Message
	for _, part := range []struct {
		key   string
		count int
	}{{"green", v.Counts.Green}, {"yellow", v.Counts.Yellow}, {"red", v.Counts.Red}, {"none", v.Counts.NotJudged}} {
		if part.count > 0 {
			parts = append(parts, luoshi.Say("overview.tally."+part.key, "count", part.count))
		}
	}
	list := []luoshi.Message{luoshi.Say("overview.tally", "parts", parts)}
	switch {
	case v.OffTotal > len(v.Off):
		list = append(list, luoshi.Say("overview.off", "total", v.OffTotal, "shown", len(v.Off)))
	case v.OffTotal > 0:
		list = append(list, luoshi.Say("overview.off.all", "total", v.OffTotal))
	}
	return list
}
