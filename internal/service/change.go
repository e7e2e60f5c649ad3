package service

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"luoshi.dev"
	"luoshi.dev/assess"
	"luoshi.dev/internal/office"
	"luoshi.dev/internal/store"
)

// UnitRow is one dated fact about a unit, by codes: a new unit, or the correction
// of a fact that is there.
type UnitRow = office.UnitRow

// UnitChange is something that happens to units on a day.
type UnitChange = office.ChangeRow

// TargetRow is one revision of a target, by codes.
type TargetRow = office.TargetRow

// What can happen to a unit. A merger is several changes with one New, a split
// several with one Old; their Share says how much of Old lives on in New.
const (
	Rename = office.Rename
	Recode = office.Recode
	Merge  = office.Merge
	Split  = office.Split
	Move   = office.Move
	End    = office.End
)

// Change is a proposed change to the plan: each noun as it would be, whole, by
// codes. What is not named stays; what is the same already is not written again.
type Change struct {
	Units      []UnitRow             `json:"units,omitempty"`
	Changes    []UnitChange          `json:"changes,omitempty"`
	Indicators []luoshi.Indicator    `json:"indicators,omitempty"`
	Sets       []luoshi.IndicatorSet `json:"sets,omitempty"`
	Schemes    []luoshi.Scheme       `json:"schemes,omitempty"`
	Goals      []luoshi.Goal         `json:"goals,omitempty"`
	Targets    []TargetRow           `json:"targets,omitempty"`
	// Seen is when the editor looked: what was changed since by somebody else is
	// not overwritten unseen. Zero does not ask.
	Seen time.Time `json:"seen,omitzero"`
}

// Fault is one thing wrong with a change, at its field.
type Fault struct {
	Kind     office.Kind     `json:"kind"`  // units, changes, indicators, sets, schemes, goals, targets
	Noun     int             `json:"noun"`  // which of them, from 0
	Item     int             `json:"item"`  // which item of a set or goal, -1 = the noun itself
	Field    string          `json:"field"` // as the columns of the workbook are called, "" = the whole
	Severity luoshi.Severity `json:"severity"`
	Message  luoshi.Message  `json:"-"`
}

// Saved is what came of putting a change in force.
type Saved struct {
	Written int       `json:"written"` // facts added; 0: all of it held already
	Batch   int64     `json:"batch"`
	At      time.Time `json:"at"` // from when it is known
	Faults  []Fault   `json:"faults,omitempty"`
}

// Put puts a change in force: it is checked by the rules of the import and saved
// in one transaction, beside what held before. Where it is refused the error is
// the first fault, and Saved has them all.
func (s *Service) Put(ctx context.Context, c Change, by, reason string) (*Saved, error) {
	im, err := s.propose(ctx, c, by, reason)
	if err != nil {
		return nil, err
	}
	saved := &Saved{At: im.at, Faults: im.faults(c)}
	if im.alters() && reason == "" {
		saved.Faults = append(saved.Faults, Fault{Noun: -1, Item: -1, Field: "reason", Severity: luoshi.Blocking, Message: luoshi.Say("put.reason")})
	}
	for _, f := range saved.Faults {
		if f.Severity == luoshi.Blocking {
			return saved, &luoshi.Error{Code: luoshi.Invalid, Message: f.Message}
		}
	}
	saved.Written = im.report.Rows()
	if saved.Written == 0 {
		return saved, nil
	}
	if err := im.giveUnitIDs(ctx, s.store); err != nil {
		return nil, err
	}
	if err := s.store.Write(ctx, func(tx *store.Tx) error { return im.save(ctx, tx) }); err != nil {
		return nil, err
	}
	s.refresher.touch(im.urgent())
	saved.Batch = im.report.Batch
	return saved, nil
}

// propose holds a change against what is stored, as an import of the same rows
// would; nothing is saved.
func (s *Service) propose(ctx context.Context, c Change, by, reason string) (*importer, error) {
	im, err := s.newImporter(ctx, c.draft(), ImportOptions{Name: c.name(), By: by, Note: reason, At: s.now(), kind: "change"})
	if err != nil {
		return nil, err
	}
	im.checkTyped(c)
	im.checkSeen(c)
	im.takeUnits()
	im.takeIndicators()
	im.takeSchemes()
	im.takeSets()
	im.takeGoals()
	im.takeTargets()
	return im, nil
}

// alters reports whether something that holds would be replaced: then a reason is
// asked for, because it will be asked for later.
func (im *importer) alters() bool {
	for _, t := range im.report.Tally {
		if t.Changed > 0 {
			return true
		}
	}
	return im.report.Tally[office.Changes].New > 0
}

// name is what the record calls a change: the codes it touches.
func (c Change) name() string {
	var name string
	for _, code := range c.codes() {
		if len(name)+len(code) > 80 {
			return name + " …"
		}
		if name != "" {
			name += " "
		}
		name += code
	}
	return name
}

func (c Change) codes() []string {
	var list []string
	add := func(code string) {
		if !slices.Contains(list, code) {
			list = append(list, code)
		}
	}
	for _, u := range c.Units {
		add(u.Code)
	}
	for _, u := range c.Changes {
		add(u.Old)
	}
	for _, in := range c.Indicators {
		add(in.Code)
	}
	for _, set := range c.Sets {
		add(set.Code)
	}
	for _, sc := range c.Schemes {
		add(sc.Code)
	}
	for _, g := range c.Goals {
		add(g.Code)
	}
	for _, t := range c.Targets {
		add(t.Indicator + "@" + t.UnitCode)
	}
	return list
}

// draft is the change as the rows of a workbook. Row n of a kind is its n-th noun;
// the items of a set or goal are numbered on from itemRow.
func (c Change) draft() *office.Draft {
	d := &office.Draft{}
	for i, u := range c.Units {
		u.Spot = office.Typed(office.Units, i+1)
		d.Units = append(d.Units, u)
	}
	for i, u := range c.Changes {
		u.Spot = office.Typed(office.Changes, i+1)
		d.Changes = append(d.Changes, u)
	}
	for i, in := range c.Indicators {
		d.Indicators = append(d.Indicators, office.IndicatorRow{Spot: office.Typed(office.Indicators, i+1), Indicator: in})
	}
	for i, set := range c.Sets {
		for k, item := range set.Items {
			d.Sets = append(d.Sets, office.SetRow{Spot: office.Typed(office.Sets, itemRow(i, k)), Code: set.Code, Names: set.Names, Indicator: item.Indicator, Weight: item.Weight})
		}
	}
	for i, sc := range c.Schemes {
		d.Schemes = append(d.Schemes, office.SchemeRow{Spot: office.Typed(office.Schemes, i+1), Scheme: sc})
	}
	for i, g := range c.Goals {
		d.Goals = append(d.Goals, office.GoalRow{Spot: office.Typed(office.Goals, i+1), Code: g.Code, Names: g.Names, Parent: g.Parent, Order: g.Order,
			Combine: g.Combine, Weight: g.Weight, Owner: g.Owner})
		for k, item := range g.Items {
			d.Goals = append(d.Goals, office.GoalRow{Spot: office.Typed(office.Goals, itemRow(i, k)), Code: g.Code, Indicator: item.Indicator, Unit: item.Unit,
				Weight: item.Weight, Guard: item.Guard})
		}
	}
	for i, t := range c.Targets {
		t.Spot = office.Typed(office.Targets, i+1)
		d.Targets = append(d.Targets, t)
	}
	return d
}

// itemsOf is more items than a set or goal has.
const itemsOf = 100_000

// itemRow is the row of an item of a noun.
func itemRow(noun, item int) int { return (noun+1)*itemsOf + item }

// checkTyped refuses what the reader of a workbook would not have let through:
// fields that must not be empty, words that are none.
func (im *importer) checkTyped(c Change) {
	must := func(kind office.Kind, i int, field, text string) {
		if text == "" {
			im.refuse(kind, office.Typed(kind, i+1), field, luoshi.Say("put.required"))
		}
	}
	for i, u := range c.Units {
		must(office.Units, i, "code", u.Code)
		must(office.Units, i, "name", u.Names.Hans)
		if u.Kind != "" && !slices.Contains(luoshi.UnitKinds, u.Kind) {
			im.refuse(office.Units, office.Typed(office.Units, i+1), "kind", luoshi.Say("import.unit_kind", "code", u.Code))
		}
	}
	for i, u := range c.Changes {
		must(office.Changes, i, "old", u.Old)
		must(office.Changes, i, "on", u.On.String())
		if u.Kind == Recode || u.Kind == Merge || u.Kind == Split {
			must(office.Changes, i, "new", u.New)
		}
		if u.Kind == Rename {
			must(office.Changes, i, "name", u.Names.Hans)
		}
	}
	for i, sc := range c.Schemes {
		_, preset := assess.Preset(sc.Code)
		if _, own := im.schemes[sc.Code]; preset && !own {
			im.refuse(office.Schemes, office.Typed(office.Schemes, i+1), "code", luoshi.Say("put.preset", "code", sc.Code))
		}
		if utf8.RuneCountInString(sc.Code) > 40 || strings.ContainsFunc(sc.Code, unicode.IsSpace) {
			im.refuse(office.Schemes, office.Typed(office.Schemes, i+1), "code", luoshi.Say("put.code"))
		}
	}
	for i, set := range c.Sets {
		im.refuseAll(office.Sets, office.Typed(office.Sets, i+1), "code", set.Validate())
	}
	for i, in := range c.Indicators {
		must(office.Indicators, i, "measure", in.Measure.Symbol.Hans)
	}
	for i, t := range c.Targets {
		must(office.Targets, i, "unit_code", t.UnitCode)
	}
}

// checkSeen refuses to replace what somebody else has put in force meanwhile.
func (im *importer) checkSeen(c Change) {
	if c.Seen.IsZero() {
		return
	}
	seen := c.Seen.UnixMicro()
	late := func(kind office.Kind, i int, code string, recorded int64) {
		if recorded > seen {
			im.refuse(kind, office.Typed(kind, i+1), "", luoshi.Say("put.meanwhile", "code", code, "at", time.UnixMicro(recorded)))
		}
	}
	for i, in := range c.Indicators {
		late(office.Indicators, i, in.Code, im.indicators[in.Code].RecordedAt)
	}
	for i, set := range c.Sets {
		late(office.Sets, i, set.Code, im.sets[set.Code].RecordedAt)
	}
	for i, sc := range c.Schemes {
		late(office.Schemes, i, sc.Code, im.schemes[sc.Code].RecordedAt)
	}
	for i, g := range c.Goals {
		late(office.Goals, i, g.Code, im.goals[g.Code].RecordedAt)
	}
	newest := func(code string) (at int64) {
		for _, id := range im.codes.codes[code] {
			for _, fact := range im.codes.facts[id] {
				at = max(at, fact.RecordedAt)
			}
		}
		return at
	}
	for i, u := range c.Units {
		late(office.Units, i, u.Code, newest(u.Code))
	}
	for i, u := range c.Changes {
		late(office.Changes, i, u.Old, newest(u.Old))
	}
}
