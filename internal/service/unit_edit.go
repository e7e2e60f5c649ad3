package service

import (
	"context"
	"slices"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/office"
)

// EventCorrect corrects what a dated fact says, beside the events of a unit.
const EventCorrect = "correct"

// UnitEdits lists what can be done to a unit, in the order in which it is offered.
var UnitEdits = []string{EventRename, EventRecode, EventMove, EventReorder, EventKind, EventMerge, EventSplit, EventEnd, EventBegin, EventCorrect}

// UnitEdit is a change of the unit tree as it is filled in: what happens, to whom,
// from which day on, and who says so.
type UnitEdit struct {
	Kind   string          `json:"kind"` // one of UnitEdits
	Code   string          `json:"code"` // the unit; of a new one that above it
	On     luoshi.Date     `json:"on"`   // of a correction the first day of the fact
	Names  luoshi.Names    `json:"names,omitzero"`
	Short  luoshi.Names    `json:"short,omitzero"`
	New    string          `json:"new,omitempty"` // code: the new one, that of a new unit, of the one that takes others in
	Parent string          `json:"parent,omitempty"`
	Order  int             `json:"order,omitempty"`
	Rung   luoshi.UnitKind `json:"rung,omitempty"`
	With   []string        `json:"with,omitempty"`  // merged together with it
	Parts  []UnitPart      `json:"parts,omitempty"` // of a split
	Source string          `json:"source"`
	Seen   time.Time       `json:"seen,omitzero"` // when the editor looked
}

// UnitPart is one part of a unit that is split.
type UnitPart struct {
	Code  string              `json:"code"`
	Names luoshi.Names        `json:"names,omitzero"` // of a new unit
	Share luoshi.NullQuantity `json:"share"`
}

// UnitFault is one thing wrong with an edit, at its field; Part counts the parts of
// a split from 0.
type UnitFault struct {
	Field    string          `json:"field"`
	Part     int             `json:"part"`
	Severity luoshi.Severity `json:"severity"`
	Message  luoshi.Message  `json:"-"`
}

// UnitTrial is an edit of a unit, tried out and not yet in force.
type UnitTrial struct {
	Frame
	Here    UnitRef          `json:"here"`
	Edit    UnitEdit         `json:"edit"`
	Fact    UnitFact         `json:"fact"`  // what holds now, to begin from
	Facts   []UnitFact       `json:"facts"` // what can be corrected
	Units   []UnitRef        `json:"-"`     // to choose from
	Tried   bool             `json:"tried"`
	Faults  []UnitFault      `json:"faults"`
	Blocked bool             `json:"blocked"`
	Says    []luoshi.Message `json:"-"`       // what will have happened
	Tree    []TreeLine       `json:"tree"`    // the units beside it, before and after
	Same    int              `json:"same"`    // units beside it that stay as they are and are not listed
	Effects []*Effect        `json:"effects"` // by the boundaries of the year's plan, then by those of the day
	At      time.Time        `json:"at"`      // when this was looked at
}

// TreeLine is one unit near a change, as it is on its day and as it would be.
type TreeLine struct {
	Before *UnitRef     `json:"before"` // nil: it is not there
	After  *UnitRef     `json:"after"`  // nil: it would not be there
	Under  luoshi.Names `json:"under"`  // the unit above it, before
	Above  luoshi.Names `json:"above"`  // and after
	Moved  bool         `json:"moved"`
	Order  [2]int       `json:"order"`
	Shown  string       `json:"-"`
}

// TryUnit shows the form of an edit and, where asked to, what it would do. Changes
// are made to what is known now, whatever instant the look has.
func (s *Service) TryUnit(ctx context.Context, look Look, e UnitEdit, try bool) (*UnitTrial, error) {
	look.AsOf = time.Time{}
	sn, err := s.snapshot(ctx, s.settle(look))
	if err != nil {
		return nil, err
	}
	id, err := sn.unitID(e.Code)
	if err != nil {
		return nil, err
	}
	v := &UnitTrial{Edit: e, Tried: try, At: s.now()}
	node, here := sn.tree.Find(id)
	if !here {
		node = sn.home()
	}
	if v.Frame, err = s.frame(ctx, sn, node); err != nil {
		return nil, err
	}
	v.Here = sn.lastFact(id)
	if v.Facts, err = s.factsNow(ctx, sn, id); err != nil {
		return nil, err
	}
	v.Fact = v.Facts[0]
	if f, ok := v.factOn(e); ok {
		v.Fact, v.Here = f, f.Unit
	}
	today, _ := luoshi.NewTree(sn.plan.units, luoshi.DateOf(sn.asOf))
	for _, n := range today.Nodes {
		v.Units = append(v.Units, factRef(n.Unit))
	}
	if !try {
		return v, nil
	}
	return v, s.tryUnit(ctx, sn, look, id, v)
}

// factsNow are the facts of a unit that hold, without those corrected or idle.
func (s *Service) factsNow(ctx context.Context, sn *snapshot, id luoshi.UnitID) ([]UnitFact, error) {
	by, err := s.clerks(ctx)
	if err != nil {
		return nil, err
	}
	all := sn.factsOf(id, by)
	list := slices.DeleteFunc(slices.Clone(all), func(f UnitFact) bool { return f.Corrected || f.Idle || f.Ended })
	if len(list) == 0 {
		return all[:1], nil
	}
	return list, nil
}

// factOn is the fact that an edit begins from: that of its day.
func (v *UnitTrial) factOn(e UnitEdit) (UnitFact, bool) {
	for _, f := range v.Facts {
		if e.On == 0 && f.From <= v.Boundaries || e.Kind == EventCorrect && f.From == e.On || e.Kind != EventCorrect && e.On != 0 && f.From < e.On {
			return f, true
		}
	}
	return UnitFact{}, false
}

// tryUnit fills in what an edit would do.
func (s *Service) tryUnit(ctx context.Context, sn *snapshot, look Look, id luoshi.UnitID, v *UnitTrial) error {
	c, faults := sn.unitChange(id, v.Edit)
	v.Faults = faults
	if !v.blocked() {
		im, err := s.propose(ctx, c, "", "")
		if err != nil {
			return err
		}
		v.Faults = append(v.Faults, v.Edit.faults(im.faults(c))...)
		if !v.blocked() && im.report.Rows() == 0 {
			v.fault("", "unitedit.same")
		}
		if v.Edit.Source == "" && im.alters() {
			v.fault("source", "unitedit.source")
		}
		v.Says, v.Tree, v.Same = sn.foresee(im, v.Edit.On)
	}
	if v.Blocked = v.blocked(); v.Blocked {
		return nil
	}
	for _, day := range []luoshi.Date{0, v.Edit.On} {
		at := look
		if at.Boundaries = day; day == 0 && look.Boundaries != 0 && look.Boundaries < v.Edit.On {
			at.Boundaries = look.Boundaries
		}
		e, err := s.Try(ctx, at, c)
		if err != nil {
			return err
		}
		if len(v.Effects) == 0 || v.Effects[0].Boundaries != e.Boundaries {
			v.Effects = append(v.Effects, e)
		}
	}
	return nil
}

func (v *UnitTrial) blocked() bool {
	return slices.ContainsFunc(v.Faults, func(f UnitFault) bool { return f.Severity == luoshi.Blocking })
}

func (v *UnitTrial) fault(field, key string, pairs ...any) {
	v.Faults = append(v.Faults, UnitFault{Field: field, Severity: luoshi.Blocking, Message: luoshi.Say(key, pairs...)})
}

// PutUnit puts an edit of a unit in force. Where it is refused the trial has the
// faults and nothing is saved.
func (s *Service) PutUnit(ctx context.Context, look Look, e UnitEdit, by string) (*UnitTrial, *Saved, error) {
	v, err := s.TryUnit(ctx, look, e, true)
	if err != nil || v.Blocked {
		return v, nil, err
	}
	look.AsOf = time.Time{}
	sn, err := s.snapshot(ctx, s.settle(look))
	if err != nil {
		return nil, nil, err
	}
	id, err := sn.unitID(e.Code)
	if err != nil {
		return nil, nil, err
	}
	c, _ := sn.unitChange(id, e)
	c.Seen = e.Seen
	saved, err := s.Put(ctx, c, by, e.Source)
	if saved != nil && saved.Batch == 0 {
		v.Faults = append(v.Faults, e.faults(saved.Faults)...)
		v.Blocked = true
		return v, nil, nil
	}
	return v, saved, err
}

// unitChange is the edit in the terms of the import, for a unit as it is known now.
func (sn *snapshot) unitChange(id luoshi.UnitID, e UnitEdit) (Change, []UnitFault) {
	if e.On == 0 {
		return Change{}, []UnitFault{{Field: "on", Severity: luoshi.Blocking, Message: luoshi.Say("put.required")}}
	}
	switch e.Kind {
	case EventBegin, EventReorder, EventKind, EventCorrect:
		return sn.unitRow(id, e)
	}
	was, ok := sn.codes.on(id, e.On.AddDays(-1))
	if !ok {
		return Change{}, []UnitFault{{Field: "on", Severity: luoshi.Blocking, Message: luoshi.Say("unitedit.not_in_force", "code", e.Code, "on", e.On.AddDays(-1))}}
	}
	row := UnitChange{On: e.On, Kind: office.ChangeKind(e.Kind), Old: was.Code, New: e.New, Names: e.Names, Short: e.Short, Parent: e.Parent, Source: e.Source}
	switch e.Kind {
	case EventMerge:
		rows := []UnitChange{row}
		for _, code := range e.With {
			more := row
			more.Old, more.Names, more.Short = code, luoshi.Names{}, luoshi.Names{}
			rows = append(rows, more)
		}
		return Change{Changes: rows}, nil
	case EventSplit:
		var rows []UnitChange
		for _, part := range e.Parts {
			one := row
			one.New, one.Names, one.Share, one.Short = part.Code, part.Names, part.Share, luoshi.Names{}
			rows = append(rows, one)
		}
		if len(rows) == 0 {
			return Change{}, []UnitFault{{Field: "parts", Severity: luoshi.Blocking, Message: luoshi.Say("unitedit.parts")}}
		}
		return Change{Changes: rows}, nil
	}
	return Change{Changes: []UnitChange{row}}, nil
}

// unitRow is an edit that is a dated fact: a new unit, another place among the
// siblings, another rung, or a correction.
func (sn *snapshot) unitRow(id luoshi.UnitID, e UnitEdit) (Change, []UnitFault) {
	block := func(field, key string, pairs ...any) (Change, []UnitFault) {
		return Change{}, []UnitFault{{Field: field, Severity: luoshi.Blocking, Message: luoshi.Say(key, pairs...)}}
	}
	now, ok := sn.codes.on(id, e.On)
	if !ok {
		return block("on", "unitedit.not_in_force", "code", e.Code, "on", e.On)
	}
	row := UnitRow{Code: now.Code, Names: now.Names, Short: now.Short, Kind: now.Kind, Order: now.Order, From: e.On}
	if parent, ok := sn.codes.on(now.Parent, e.On); ok {
		row.Parent = parent.Code
	}
	switch e.Kind {
	case EventBegin:
		if u, taken := sn.codes.holder(e.New, e.On); taken {
			return block("new", "import.code_taken", "code", e.New, "unit", u.Names, "on", e.On)
		}
		if sn.codes.known(e.New) {
			return block("new", "unitedit.code_used", "code", e.New)
		}
		row = UnitRow{Code: e.New, Names: e.Names, Short: e.Short, Kind: e.Rung, Parent: now.Code, Order: e.Order, From: e.On}
	case EventReorder:
		if e.Order < 1 {
			return block("order", "unitedit.order")
		}
		row.Order = e.Order
	case EventKind:
		row.Kind = e.Rung
	case EventCorrect:
		if now.From != e.On {
			return block("on", "unitedit.no_fact", "code", e.Code, "on", e.On)
		}
		row.Names, row.Short, row.Kind, row.Order = e.Names, e.Short, e.Rung, e.Order
		if e.Parent != row.Parent {
			row.Parent = e.Parent
		}
	}
	return Change{Units: []UnitRow{row}}, nil
}

// faults puts the faults of a change at the fields of the edit.
func (e UnitEdit) faults(list []Fault) []UnitFault {
	var out []UnitFault
	for _, f := range list {
		u := UnitFault{Field: f.Field, Severity: f.Severity, Message: f.Message}
		switch f.Field {
		case "from":
			u.Field = "on"
		case "kind":
			u.Field = "rung"
		case "code":
			u.Field = "new"
		case "reason":
			u.Field = "source"
		case "name_hant", "name_en", "short_hant", "short_en":
			u.Field = "name"
		case "old":
			u.Field = ""
			if e.Kind == EventMerge && f.Noun > 0 {
				u.Field = "with"
			}
		case "share":
			u.Part = max(f.Noun, 0)
		case "new", "name":
			if e.Kind == EventSplit {
				u.Field, u.Part = "part_"+f.Field, max(f.Noun, 0)
			}
		}
		if e.Kind == EventBegin && u.Field == "parent" {
			u.Field = ""
		}
		out = append(out, u)
	}
	return out
}

// foresee says what will have happened once an import is saved, and shows the units
// beside those that it touches on the day before and after.
func (sn *snapshot) foresee(im *importer, on luoshi.Date) (says []luoshi.Message, tree []TreeLine, same int) {
	after := *sn
	after.plan = sn.plan.with(im)
	after.codes = newCodebook(after.plan.units)
	had := map[string]bool{}
	for _, e := range sn.chronicle().events {
		had[e.Says.String()] = true
	}
	for _, e := range after.chronicle().events {
		if !had[e.Says.String()] {
			says = append(says, e.Says)
		}
	}
	old, _ := luoshi.NewTree(sn.plan.units, on)
	now, _ := luoshi.NewTree(after.plan.units, on)
	touched := map[luoshi.UnitID]bool{}
	parents := map[luoshi.UnitID]bool{}
	for _, u := range im.newUnits {
		touched[u.ID] = true
		for _, t := range []*luoshi.Tree{old, now} {
			if i, ok := t.Find(u.ID); ok {
				parents[t.Nodes[i].Unit.Parent] = true
			}
		}
	}
	for _, l := range im.newLinks {
		touched[l.To] = true
	}
	tree, same = beside(old, now, touched, parents)
	return says, tree, same
}

// besideShown is how many units that stay as they are stand beside those that change.
const besideShown = 12

// beside lists the children of the parents in both trees: what changes, and the rest
// if it is not too long.
func beside(old, now *luoshi.Tree, touched, parents map[luoshi.UnitID]bool) (list []TreeLine, same int) {
	seen := map[luoshi.UnitID]bool{}
	var rest []TreeLine
	add := func(id luoshi.UnitID) {
		if seen[id] {
			return
		}
		seen[id] = true
		line, changed := treeLine(old, now, id)
		if changed || touched[id] {
			list = append(list, line)
		} else {
			rest = append(rest, line)
		}
	}
	for _, t := range []*luoshi.Tree{now, old} {
		for _, n := range t.Nodes {
			if parents[n.Unit.Parent] || touched[n.ID] {
				add(n.ID)
			}
		}
	}
	if len(rest) <= besideShown {
		return append(list, rest...), 0
	}
	return list, len(rest)
}

func treeLine(old, now *luoshi.Tree, id luoshi.UnitID) (line TreeLine, changed bool) {
	side := func(t *luoshi.Tree, under *luoshi.Names, order *int) *UnitRef {
		i, ok := t.Find(id)
		if !ok {
			return nil
		}
		if p := t.Nodes[i].Parent; p >= 0 {
			*under = t.Nodes[p].Names
		}
		*order = t.Nodes[i].Order
		ref := factRef(t.Nodes[i].Unit)
		return &ref
	}
	line.Before = side(old, &line.Under, &line.Order[0])
	line.After = side(now, &line.Above, &line.Order[1])
	if line.Before == nil || line.After == nil {
		return line, true
	}
	line.Moved = line.Under != line.Above
	return line, line.Moved || *line.Before != *line.After || line.Order[0] != line.Order[1]
}
