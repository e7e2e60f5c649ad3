package service

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"luoshi.dev"
)

// WallRows says what the rows of a wall board are.
type WallRows string

// The rows: the unit's goals (or the indicators of a set), or the units below it.
const (
	WallGoals WallRows = "goals"
	WallUnits WallRows = "units"
)

// WallShown is how many rows a wall holds: what is read from three metres without
// scrolling.
const WallShown = 12

// WallQuery asks for a board for a hall screen.
type WallQuery struct {
	Look
	Rows      WallRows // "" = goals
	Set       string   // an indicator set instead of the goals; with units, each one's worst of the set
	Indicator string   // with units: the indicator held against them, "" = the one that is worst below
}

// Wall is a board for a hall screen: the worst first, no more than fit.
type Wall struct {
	Frame
	Rows       WallRows     `json:"rows"`
	Set        *WallChoice  `json:"set,omitempty"`
	Indicator  *WallChoice  `json:"indicator,omitempty"`
	Lines      []WallLine   `json:"lines"`  // at most WallShown
	Total      int          `json:"total"`  // of which these are the worst
	Counts     Counts       `json:"counts"` // of all of them
	Sets       []WallChoice `json:"sets"`
	Indicators []WallChoice `json:"indicators"` // that can be held against the units
}

// WallChoice is something else that the wall could show.
type WallChoice struct {
	Code string       `json:"code"`
	Name luoshi.Names `json:"name"`
}

// WallLine is one row: a goal, an indicator, or a unit.
type WallLine struct {
	Name      luoshi.Names     `json:"name"`
	Of        luoshi.Names     `json:"of"` // the indicator, where the row is a unit and they differ
	Unit      string           `json:"unit"`
	Indicator string           `json:"indicator,omitempty"`
	Measure   luoshi.Measure   `json:"measure"`
	Paced     bool             `json:"paced"`
	Before    luoshi.Light     `json:"before"` // a month earlier
	Judgement luoshi.Judgement `json:"judgement"`
}

// Wall fills a board for a hall screen.
func (s *Service) Wall(ctx context.Context, q WallQuery) (*Wall, error) {
	return kept(ctx, s, q.Look, fmt.Sprintf("wall %q %q %q", q.Rows, q.Set, q.Indicator), func(ctx context.Context, sn *snapshot) (*Wall, error) {
		return s.wall(ctx, sn, q)
	})
}

func (s *Service) wall(ctx context.Context, sn *snapshot, q WallQuery) (*Wall, error) {
	w := &Wall{Rows: cmp.Or(q.Rows, WallGoals)}
	node, err := sn.unitOf(q.Unit)
	if err != nil {
		return nil, err
	}
	if w.Frame, err = s.frame(ctx, sn, node); err != nil || node < 0 {
		return w, err
	}
	for _, set := range sn.plan.sets {
		w.Sets = append(w.Sets, WallChoice{set.Code, set.Names})
	}
	children := sn.areas(node)
	for _, in := range sn.plan.indicators {
		if !in.Retired && len(children) > 1 && !slices.ContainsFunc(children, func(c int) bool { return sn.targets[targetAt{in.Code, sn.tree.Nodes[c].ID}] == nil }) {
			w.Indicators = append(w.Indicators, WallChoice{in.Code, in.Names})
		}
	}
	var among []luoshi.Indicator
	if q.Set != "" {
		if among, err = sn.listed(Choice{Set: q.Set}, nil); err != nil {
			return nil, err
		}
		i := slices.IndexFunc(w.Sets, func(c WallChoice) bool { return c.Code == q.Set })
		w.Set = &w.Sets[i]
	}
	switch {
	case w.Rows == WallUnits:
		if err := w.units(sn, q, children, among); err != nil {
			return nil, err
		}
	case q.Set != "":
		for _, in := range among {
			if line, ok := sn.wallLine(in, node); ok {
				w.Lines = append(w.Lines, line)
			}
		}
	default:
		w.goals(sn, node)
	}
	w.cut()
	return w, nil
}

// goals are the goals that gather no others, or the targets where there are none.
func (w *Wall) goals(sn *snapshot, node int) {
	rows := sn.goalRows(node)
	if len(rows) == 0 {
		rows = sn.targetRows(node)
	}
	for _, g := range rows {
		if !g.Heading {
			w.Lines = append(w.Lines, WallLine{
				Name: g.Name, Unit: w.Unit.Code, Indicator: g.Indicator, Measure: g.Measure, Paced: g.Paced, Before: g.Before, Judgement: g.Judgement,
			})
			w.Sample = w.Sample || g.Sample
		}
	}
}

// units are the units below: held against one indicator, or each by what is worst
// there of a set.
func (w *Wall) units(sn *snapshot, q WallQuery, children []int, among []luoshi.Indicator) error {
	if q.Set == "" {
		code := q.Indicator
		if code == "" {
			if maps := sn.mapViews(w.node(sn)); len(maps) > 0 {
				code = maps[0].Indicator
			} else if len(w.Indicators) > 0 {
				code = w.Indicators[0].Code
			} else {
				return nil
			}
		}
		in, ok := sn.indicators[code]
		if !ok {
			return &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("import.indicator_unknown", "code", code)}
		}
		w.Indicator = &WallChoice{in.Code, in.Names}
		among = []luoshi.Indicator{in}
	}
	for _, c := range children {
		var lines []WallLine
		for _, in := range among {
			if line, ok := sn.wallLine(in, c); ok {
				line.Name, line.Of = sn.tree.Nodes[c].Names, in.Names
				lines = append(lines, line)
			}
		}
		if len(lines) > 0 {
			w.Lines = append(w.Lines, slices.MinFunc(lines, compareLines))
		}
	}
	return nil
}

func (w *Wall) node(sn *snapshot) int {
	i, _ := sn.tree.ByCode(w.Unit.Code)
	return i
}

// wallLine holds one target of an indicator against its figures.
func (sn *snapshot) wallLine(in luoshi.Indicator, node int) (WallLine, bool) {
	t, ok := sn.targets[targetAt{in.Code, sn.tree.Nodes[node].ID}]
	if !ok {
		return WallLine{}, false
	}
	now, before := sn.judgeTwice(in.Code, node)
	return WallLine{
		Name: in.Names, Unit: sn.tree.Nodes[node].Code, Indicator: in.Code, Measure: in.Measure,
		Paced: t.Form == luoshi.FormLevel && now.Share.OK(), Before: before.Light, Judgement: now,
	}, true
}

// cut counts the lights, puts the worst first and keeps what fits.
func (w *Wall) cut() {
	for _, line := range w.Lines {
		w.Counts.add(line.Judgement.Light)
		w.Sample = w.Sample || line.Judgement.Proof.Sample
	}
	slices.SortStableFunc(w.Lines, compareLines)
	w.Total = len(w.Lines)
	w.Lines = slices.Clone(w.Lines[:min(WallShown, w.Total)]) // the view is kept, the rest of the list is not
}

// compareLines puts the worse first: red, yellow, what should be there and is not,
// green, what is not due; among equals the one further behind.
func compareLines(a, b WallLine) int {
	return cmp.Or(cmp.Compare(a.weight(), b.weight()), compareRatios(a.Judgement.Ahead, b.Judgement.Ahead))
}

func (l WallLine) weight() int {
	switch l.Judgement.Light {
	case luoshi.Red:
		return 0
	case luoshi.Yellow:
		return 1
	case luoshi.Green:
		return 3
	}
	if p := l.Judgement.Presence; p == luoshi.Late || p == luoshi.Absent {
		return 2
	}
	return 4
}
