package service

import (
	"cmp"
	"context"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"luoshi.dev"
	"luoshi.dev/assess"
	"luoshi.dev/rollup"
)

// Effect is what a change would do to the board of a look, before it is put in
// force: every light that would differ. The look's year and instant stand still.
type Effect struct {
	Frame
	Faults   []Fault      `json:"faults"`   // what is wrong with the change
	Blocked  bool         `json:"blocked"`  // it cannot be put in force, and nothing is compared
	Writes   int          `json:"writes"`   // facts it would add; 0: all of it holds already
	Reason   bool         `json:"reason"`   // something that holds would be replaced: a reason must be given
	Compared int          `json:"compared"` // lights held against each other, of targets and of goals
	Shifts   []Shift      `json:"shifts"`   // the lights that would differ; empty: nothing would change
	Reworded []Shift      `json:"reworded"` // the same light by other numbers, or said in other words
	Before   Counts       `json:"before"`   // of the targets
	After    Counts       `json:"after"`
	Nouns    []NounChange `json:"nouns"` // what would be written: in which fields it differs from what holds
	Units    []UnitShift  `json:"units"` // units that would appear, vanish, or be called or placed otherwise by the look's boundaries
}

// NounChange is a rule, goal, set or indicator that would have a new version.
type NounChange struct {
	Kind    string        `json:"kind"` // schemes, goals, sets
	Code    string        `json:"code"`
	Name    luoshi.Names  `json:"name"`
	New     bool          `json:"new"` // there is none yet
	Differs []FieldChange `json:"differs"`
}

// UnitShift is a unit whose place in the tree or whose name would differ.
type UnitShift struct {
	Before *UnitRef `json:"before"` // nil: it is not there yet
	After  *UnitRef `json:"after"`  // nil: it would be there no more
	From   *UnitRef `json:"from"`   // its parent
	To     *UnitRef `json:"to"`
}

// Shift is one light that would differ: of a unit's indicator, or of a goal as the
// unit sees it.
type Shift struct {
	Unit      UnitRef           `json:"unit"`
	Indicator string            `json:"indicator,omitempty"`
	Goal      string            `json:"goal,omitempty"`
	Name      luoshi.Names      `json:"name"`
	Before    *luoshi.Judgement `json:"before"` // nil: it was not asked for
	After     *luoshi.Judgement `json:"after"`  // nil: it would not be asked for any more
}

// Worse orders a shift by what it does: above 0 the light gets worse, below better,
// 0 where it begins, ends, or is judged on one side only.
func (s Shift) Worse() int {
	if s.Before == nil || s.After == nil || s.Before.Light == luoshi.NotJudged || s.After.Light == luoshi.NotJudged {
		return 0
	}
	return cmp.Compare(s.After.Light, s.Before.Light)
}

// Try says what a change would do to the board of a look. It saves nothing.
func (s *Service) Try(ctx context.Context, look Look, c Change) (*Effect, error) {
	for range tries {
		e, err := s.try(ctx, look, c)
		if e != nil || err != nil {
			return e, err
		}
	}
	return nil, &luoshi.Error{Code: luoshi.Unavailable, Message: luoshi.Say("put.busy")}
}

// tries is how often a comparison is begun again because something was written
// meanwhile: both sides must be of one state.
const tries = 5

// try compares once; nil where the state has changed under it.
func (s *Service) try(ctx context.Context, look Look, c Change) (*Effect, error) {
	sn, node, err := s.stand(ctx, look)
	if err != nil {
		return nil, err
	}
	im, err := s.propose(ctx, c, "", "")
	if err != nil {
		return nil, err
	}
	e := &Effect{Faults: im.faults(c), Writes: im.report.Rows(), Reason: im.alters()}
	if e.Frame, err = s.frame(ctx, sn, node); err != nil {
		return nil, err
	}
	e.Blocked = luoshi.Blocked(im.report.Problems)
	if e.Blocked || e.Writes == 0 {
		return e, nil
	}
	after, err := s.suppose(ctx, sn, im)
	if err != nil {
		return nil, err
	}
	if now, err := s.newest(ctx); err != nil || now != sn.key.state {
		return nil, err
	}
	e.Nouns = after.nounChanges(sn, im)
	d := &difference{before: sn, after: after, shared: sn.cube == after.cube, e: e}
	d.targets()
	d.goals()
	d.units()
	d.sort()
	return e, nil
}

// nounChanges says in which fields the new versions differ from those that hold.
func (sn *snapshot) nounChanges(now *snapshot, im *importer) []NounChange {
	var list []NounChange
	for _, sc := range im.newSchemes {
		one := NounChange{Kind: "schemes", Code: sc.Code, Name: sc.Names, New: !now.hasScheme(sc.Code)}
		if !one.New {
			one.Differs = schemeChanges(now.schemes[sc.Code], sc)
		}
		list = append(list, one)
	}
	for _, set := range im.newSets {
		one := NounChange{Kind: "sets", Code: set.Code, Name: set.Names, New: true}
		for _, old := range now.plan.sets {
			if old.Code == set.Code {
				one.New, one.Differs = false, sn.setChanges(old, set)
			}
		}
		list = append(list, one)
	}
	for _, g := range im.newGoals {
		one := NounChange{Kind: "goals", Code: g.Code, Name: g.Names, New: true}
		for _, old := range now.plan.goals {
			if old.Code == g.Code {
				one.New, one.Differs = false, sn.goalChanges(old, g)
			}
		}
		list = append(list, one)
	}
	return list
}

// suppose is the snapshot as it would be with what an import would write. It lends
// the figures of the real one unless the tree or the indicators would be others.
func (s *Service) suppose(ctx context.Context, sn *snapshot, im *importer) (*snapshot, error) {
	after := *sn
	after.plan = sn.plan.with(im)
	after.schemes = schemesOf(after.plan)
	if len(im.newUnits)+len(im.newLinks)+len(im.newIndicators) == 0 {
		after.targets = after.targetsInForce()
		return &after, nil
	}
	after.codes, after.indicators = newCodebook(after.plan.units), map[string]luoshi.Indicator{}
	for _, in := range after.plan.indicators {
		after.indicators[in.Code] = in
	}
	after.tree, after.problems = after.treeOn(Look{AsOf: sn.asOf, Boundaries: sn.key.boundaries})
	after.cube, _ = rollup.NewCube(after.tree, after.plan.indicators)
	if err := s.fill(ctx, &after, nil); err != nil {
		return nil, err
	}
	after.targets = after.targetsInForce()
	return &after, nil
}

// with is the plan with what an import would write.
func (p *plan) with(im *importer) *plan {
	after := &plan{
		units:      slices.Concat(p.units, im.newUnits),
		links:      slices.Concat(p.links, im.newLinks),
		indicators: replaced(p.indicators, im.newIndicators, func(in luoshi.Indicator) string { return in.Code }),
		sets:       replaced(p.sets, im.newSets, func(set luoshi.IndicatorSet) string { return set.Code }),
		goals:      replaced(p.goals, im.newGoals, func(g luoshi.Goal) string { return g.Code }),
		schemes:    replaced(p.schemes, im.newSchemes, func(sc luoshi.Scheme) string { return sc.Code }),
		targets:    slices.Concat(p.targets, im.newTargets),
	}
	slices.SortStableFunc(after.goals, func(a, b luoshi.Goal) int { return a.Order - b.Order })
	return after
}

// replaced is a list in which newer versions stand in the places of older ones,
// and what is new at the end.
func replaced[T any](list, newer []T, code func(T) string) []T {
	out := slices.Clone(list)
	for _, v := range newer {
		i := slices.IndexFunc(out, func(old T) bool { return code(old) == code(v) })
		if i < 0 {
			out = append(out, v)
		} else {
			out[i] = v
		}
	}
	return out
}

// schemesOf are the plan's rules for lights by code, beside those that come with
// the product.
func schemesOf(p *plan) map[string]luoshi.Scheme {
	byCode := map[string]luoshi.Scheme{}
	for _, sc := range slices.Concat(assess.Presets(), p.schemes) {
		byCode[sc.Code] = sc
	}
	return byCode
}

// difference holds two snapshots of one instant against each other.
type difference struct {
	before, after *snapshot
	shared        bool // the same tree, indicators and figures
	moved         map[targetAt]bool
	e             *Effect
}

// targets compares the light of every target that either side has. Where figures
// are shared and target and rule are the same, so is the light: it is not judged
// again but for the counts.
func (d *difference) targets() {
	d.moved = map[targetAt]bool{}
	known := map[targetAt]bool{}
	for at := range d.before.targets {
		known[at] = true
	}
	for at := range d.after.targets {
		known[at] = true
	}
	keys := slices.Collect(maps.Keys(known))
	before, after := make([]*luoshi.Judgement, len(keys)), make([]*luoshi.Judgement, len(keys))
	inParallel(len(keys), func(i int) {
		before[i] = d.before.judgeAt(keys[i])
		after[i] = before[i]
		if !d.shared || !d.sameTerms(keys[i]) {
			after[i] = d.after.judgeAt(keys[i])
		}
	})
	for i, at := range keys {
		d.count(before[i], after[i])
		in, ok := d.after.indicators[at.indicator]
		if !ok {
			in = d.before.indicators[at.indicator]
		}
		if d.note(Shift{Unit: d.unit(at.unit), Indicator: at.indicator, Name: in.Names, Before: before[i], After: after[i]}) {
			d.moved[at] = true
		}
	}
}

// inParallel does n independent things on all processors.
func inParallel(n int, do func(i int)) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	workers.Wait()
}

// judgeAt judges a target, nil where the snapshot has none.
func (sn *snapshot) judgeAt(at targetAt) *luoshi.Judgement {
	node, here := sn.tree.Find(at.unit)
	if sn.targets[at] == nil || !here {
		return nil
	}
	j := sn.judge(at.indicator, node)
	return &j
}

// sameTerms reports whether a target and its rule are the same on both sides.
func (d *difference) sameTerms(at targetAt) bool {
	a, b := d.before.targets[at], d.after.targets[at]
	if a == nil || b == nil || a != b && (!sameTarget(*a, *b) || a.Revision != b.Revision) {
		return a == b
	}
	return sameScheme(d.before.schemeOf(*a), d.after.schemeOf(*b))
}

func sameScheme(a, b luoshi.Scheme) bool {
	same := a.Yellow.Cmp(b.Yellow) == 0 && a.Red.Cmp(b.Red) == 0
	a.Yellow, a.Red, a.RecordedAt = b.Yellow, b.Red, b.RecordedAt
	return same && a == b
}

func (d *difference) count(before, after *luoshi.Judgement) {
	d.e.Compared++
	if before != nil {
		d.e.Before.add(before.Light)
	}
	if after != nil {
		d.e.After.add(after.Light)
	}
}

// note lists a light that differs and reports whether it does.
func (d *difference) note(s Shift) bool {
	switch {
	case s.Before == s.After:
		return false
	case s.Before == nil || s.After == nil || s.Before.Light != s.After.Light:
		d.e.Shifts = append(d.e.Shifts, s)
		return true
	case s.Before.Says.String() != s.After.Says.String():
		d.e.Reworded = append(d.e.Reworded, s)
		return true
	}
	return false
}

// unit refers to a unit as it would be, or as it was where it would be no more.
func (d *difference) unit(id luoshi.UnitID) UnitRef {
	if i, ok := d.after.tree.Find(id); ok {
		return d.after.ref(i)
	}
	if i, ok := d.before.tree.Find(id); ok {
		return d.before.ref(i)
	}
	return UnitRef{}
}

// goals compares the goals as every unit with a target sees them. Where figures
// and goals are the same, only units below whose goals a light has moved can see
// others; an item that names a unit is seen by all.
func (d *difference) goals() {
	if d.before.plan.goals == nil && d.after.plan.goals == nil {
		return
	}
	everywhere := !d.shared || !slices.EqualFunc(d.before.plan.goals, d.after.plan.goals, sameGoalAt)
	for at := range d.moved {
		everywhere = everywhere || slices.ContainsFunc(d.after.plan.goals, func(g luoshi.Goal) bool {
			return slices.ContainsFunc(g.Items, func(i luoshi.GoalItem) bool { return i.Unit != "" && i.Indicator == at.indicator })
		})
	}
	units := map[luoshi.UnitID]bool{}
	for at := range d.moved {
		units[at.unit] = true
	}
	if everywhere {
		for _, sn := range []*snapshot{d.before, d.after} {
			for at := range sn.targets {
				units[at.unit] = true
			}
		}
	}
	ids := slices.Collect(maps.Keys(units))
	before, after := make([]map[string]GoalRow, len(ids)), make([]map[string]GoalRow, len(ids))
	inParallel(len(ids), func(i int) {
		before[i], after[i] = d.before.goalsAt(ids[i]), d.after.goalsAt(ids[i])
	})
	for i, id := range ids {
		d.goalsOf(d.unit(id), before[i], after[i])
	}
}

func sameGoalAt(a, b luoshi.Goal) bool { return a.Code == b.Code && sameGoal(a, b) }

func (d *difference) goalsOf(unit UnitRef, before, after map[string]GoalRow) {
	codes := map[string]bool{}
	for code := range before {
		codes[code] = true
	}
	for code := range after {
		codes[code] = true
	}
	for code := range codes {
		s := Shift{Unit: unit, Goal: code}
		if row, ok := before[code]; ok {
			s.Before, s.Name = &row.Judgement, row.Name
		}
		if row, ok := after[code]; ok {
			s.After, s.Name = &row.Judgement, row.Name
		}
		d.e.Compared++
		d.note(s)
	}
}

// goalsAt are the goals as a unit sees them, by code.
func (sn *snapshot) goalsAt(id luoshi.UnitID) map[string]GoalRow {
	node, here := sn.tree.Find(id)
	if !here {
		return nil
	}
	byCode := map[string]GoalRow{}
	for _, row := range sn.goalRows(node) {
		byCode[row.Code] = row
	}
	return byCode
}

// units lists the units that would stand elsewhere or be called otherwise, in the
// order of the tree as it would be, then those that would be there no more.
func (d *difference) units() {
	if d.shared {
		return
	}
	at := func(sn *snapshot, id luoshi.UnitID) (unit, parent *UnitRef) {
		i, ok := sn.tree.Find(id)
		if !ok {
			return nil, nil
		}
		ref := sn.ref(i)
		if up := sn.tree.Nodes[i].Parent; up >= 0 {
			above := sn.ref(up)
			parent = &above
		}
		return &ref, parent
	}
	same := func(a, b *UnitRef) bool { return a == b || a != nil && b != nil && *a == *b }
	seen := map[luoshi.UnitID]bool{}
	for _, sn := range []*snapshot{d.after, d.before} {
		for _, n := range sn.tree.Nodes {
			if seen[n.ID] {
				continue
			}
			seen[n.ID] = true
			var s UnitShift
			s.Before, s.From = at(d.before, n.ID)
			s.After, s.To = at(d.after, n.ID)
			if !same(s.Before, s.After) || !same(s.From, s.To) {
				d.e.Units = append(d.e.Units, s)
			}
		}
	}
}

// sort puts the lists in order: units as in the tree, of a unit its goals first,
// then its indicators, each in the order of the register.
func (d *difference) sort() {
	place := map[string]int{}
	for _, sn := range []*snapshot{d.before, d.after} {
		for i := range sn.tree.Nodes {
			place[sn.tree.Nodes[i].Code] = i + 1
		}
	}
	rank := map[string]int{}
	for i, code := range goalOrder(d.after.plan.goals) {
		rank["goal "+code] = i + 1
	}
	for i, in := range d.after.plan.indicators {
		rank["indicator "+in.Code] = i + 1
	}
	order := func(a, b Shift) int {
		return cmp.Or(cmp.Compare(place[a.Unit.Code], place[b.Unit.Code]), cmp.Compare(a.Indicator, "")-cmp.Compare(b.Indicator, ""),
			cmp.Compare(rank["goal "+a.Goal], rank["goal "+b.Goal]), cmp.Compare(rank["indicator "+a.Indicator], rank["indicator "+b.Indicator]),
			cmp.Compare(a.Goal+a.Indicator, b.Goal+b.Indicator))
	}
	slices.SortFunc(d.e.Shifts, order)
	slices.SortFunc(d.e.Reworded, order)
}

// goalOrder is the codes of the goals, parents before children.
func goalOrder(goals []luoshi.Goal) []string {
	var list []string
	var walk func(parent string)
	walk = func(parent string) {
		for _, g := range goals {
			if g.Parent == parent {
				list = append(list, g.Code)
				if g.Code != "" {
					walk(g.Code)
				}
			}
		}
	}
	walk("")
	return list
}
