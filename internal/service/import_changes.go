package service

import (
	"cmp"
	"slices"

	"github.com/govalues/decimal"

	"luoshi.dev"
	"luoshi.dev/internal/office"
	"luoshi.dev/workflow"
)

// takeChanges applies renames, code changes, moves, mergers, splits and ends in
// the order of their days; on one day new codes come before what refers to them.
func (im *importer) takeChanges() {
	rank := map[office.ChangeKind]int{office.Rename: 0, office.Recode: 1, office.Move: 2, office.Split: 3, office.Merge: 4, office.End: 5}
	rows := slices.Clone(im.draft.Changes)
	slices.SortStableFunc(rows, func(a, b office.ChangeRow) int {
		return cmp.Or(cmp.Compare(a.On, b.On), cmp.Compare(rank[a.Kind], rank[b.Kind]))
	})
	for i := 0; i < len(rows); {
		row := rows[i]
		n := 1
		if row.Kind == office.Split { // the rows of one split belong together
			for i+n < len(rows) && rows[i+n].Kind == office.Split && rows[i+n].On == row.On && rows[i+n].Old == row.Old {
				n++
			}
		}
		im.takeChange(rows[i : i+n])
		i += n
	}
}

func (im *importer) takeChange(rows []office.ChangeRow) {
	row := rows[0]
	old, ok := im.codes.holder(row.Old, row.On.AddDays(-1))
	if !ok {
		im.refuse(office.Changes, row.Spot, "old", im.codes.unknown(row.Old, "", row.On.AddDays(-1)))
		return
	}
	if im.alreadyChanged(rows, old) {
		for _, row := range rows {
			im.same(office.Changes, row.Spot)
		}
		return
	}
	if im.barred(office.Changes, row.Spot, "old", workflow.EditUnits, 0) {
		return
	}
	switch row.Kind {
	case office.Rename:
		im.amend(row, old.ID, func(u *luoshi.Unit) { rename(u, row) })
	case office.Recode:
		if u, taken := im.codes.holder(row.New, row.On); taken && u.ID != old.ID {
			im.refuse(office.Changes, row.Spot, "new", luoshi.Say("import.code_taken", "code", row.New, "unit", u.Names, "on", row.On))
			return
		}
		im.amend(row, old.ID, func(u *luoshi.Unit) {
			u.Code = row.New
			rename(u, row)
		})
	case office.Move:
		parent, _, ok := im.codes.find(row.Parent, row.On)
		if !ok {
			im.refuse(office.Changes, row.Spot, "parent", im.codes.unknown(row.Parent, "", row.On))
			return
		}
		im.amend(row, old.ID, func(u *luoshi.Unit) { u.Parent = parent.ID })
	case office.End:
		if im.end(row, old) {
			im.tally(office.Changes, row.Spot, false, false, nil)
		}
	case office.Merge:
		im.merge(row, old)
	case office.Split:
		im.split(rows, old)
	}
}

// rename gives a unit the names of a row; where the name stays, what the row does
// not say stays too.
func rename(u *luoshi.Unit, row office.ChangeRow) {
	switch row.Names.Hans {
	case "":
	case u.Names.Hans:
		keep := func(have *luoshi.Names, given luoshi.Names) {
			*have = luoshi.Names{Hans: cmp.Or(given.Hans, have.Hans), Hant: cmp.Or(given.Hant, have.Hant), En: cmp.Or(given.En, have.En)}
		}
		keep(&u.Names, row.Names)
		keep(&u.Short, row.Short)
	default:
		u.Names, u.Short = row.Names, row.Short
	}
}

// alreadyChanged reports whether the store knows that a unit has ended so: importing
// the same list twice changes nothing.
func (im *importer) alreadyChanged(rows []office.ChangeRow, old luoshi.Unit) bool {
	row := rows[0]
	switch row.Kind {
	case office.Merge, office.Split:
		return slices.ContainsFunc(im.links, func(l luoshi.Succession) bool { return l.From == old.ID && l.On == row.On && l.To > 0 && l.From > 0 })
	case office.End:
		_, ok := im.codes.on(old.ID, row.On)
		return !ok
	}
	return false
}

// amend changes what holds of a unit from the day of the row on. Two changes of one
// day (a new code and a new name) make one fact.
func (im *importer) amend(row office.ChangeRow, id luoshi.UnitID, set func(*luoshi.Unit)) {
	before, ok := im.codes.on(id, row.On)
	if !ok {
		im.refuse(office.Changes, row.Spot, "old", im.codes.unknown(row.Old, "", row.On))
		return
	}
	now := before
	set(&now)
	if now == before {
		im.same(office.Changes, row.Spot)
		return
	}
	now.From = row.On
	im.newUnits = slices.DeleteFunc(im.newUnits, func(u luoshi.Unit) bool { return u.ID == id && u.From == row.On })
	im.tally(office.Changes, row.Spot, false, false, nil)
	im.addUnit(now)
	im.carry(before, now, nil)
}

// carry hands a change on to the facts of later days that are recorded already: what
// repeats in them what has changed repeats the change, up to one that differs. Facts
// that stand for themselves are left alone.
func (im *importer) carry(before, now luoshi.Unit, stands func(luoshi.Unit) bool) {
	code, name, kind, parent, order, ended := true, true, true, true, true, true
	for _, later := range slices.Clone(im.codes.facts[now.ID]) {
		if later.From <= now.From || stands != nil && stands(later) {
			continue
		}
		next := later
		if code = code && later.Code == before.Code; code {
			next.Code = now.Code
		}
		if name = name && later.Names == before.Names && later.Short == before.Short; name {
			next.Names, next.Short = now.Names, now.Short
		}
		if kind = kind && later.Kind == before.Kind; kind {
			next.Kind = now.Kind
		}
		if parent = parent && later.Parent == before.Parent; parent {
			next.Parent = now.Parent
		}
		if order = order && later.Order == before.Order; order {
			next.Order = now.Order
		}
		if ended = ended && later.Ended == before.Ended; ended {
			next.Ended = now.Ended
		}
		if next != later {
			im.addUnit(next)
		}
	}
}

func (im *importer) merge(row office.ChangeRow, old luoshi.Unit) {
	into, _, ok := im.codes.find(row.New, row.On)
	if !ok {
		if row.Names.Hans == "" { // a merger into a new unit has to name it
			im.refuse(office.Changes, row.Spot, "new", im.codes.unknown(row.New, "", row.On))
			return
		}
		into = im.newborn(row, old)
	}
	if into.ID == old.ID {
		im.refuse(office.Changes, row.Spot, "new", luoshi.Say("import.merge_into_itself", "code", row.Old))
		return
	}
	if !im.end(row, old) {
		return
	}
	im.link(row, old, into.ID, decimal.One)
	im.tally(office.Changes, row.Spot, false, false, nil)
}

func (im *importer) split(rows []office.ChangeRow, old luoshi.Unit) {
	sum := decimal.Zero
	for _, row := range rows {
		if row.New == old.Code {
			im.refuse(office.Changes, row.Spot, "new", luoshi.Say("import.split_keeps_code", "code", old.Code))
			return
		}
		if !row.Share.Valid || !row.Share.Decimal.IsPos() {
			im.refuse(office.Changes, row.Spot, "share", luoshi.Say("import.share_missing", "code", old.Code))
			return
		}
		next, err := sum.Add(row.Share.Decimal)
		if err != nil {
			im.refuse(office.Changes, row.Spot, "share", luoshi.Say("number.range", "text", row.Share.Decimal.String()))
			return
		}
		sum = next
	}
	if sum.Cmp(decimal.One) != 0 {
		im.refuse(office.Changes, rows[0].Spot, "share", luoshi.Say("import.shares_not_one", "code", old.Code, "sum", sum.Trim(0)))
		return
	}
	if !im.end(rows[0], old) {
		return
	}
	for _, row := range rows {
		into, _, ok := im.codes.find(row.New, row.On)
		if !ok {
			into = im.newborn(row, old)
		}
		im.link(row, old, into.ID, row.Share.Decimal)
		im.tally(office.Changes, row.Spot, false, false, nil)
	}
}

// newborn is a unit that begins with a change, beside the one it comes from.
func (im *importer) newborn(row office.ChangeRow, old luoshi.Unit) luoshi.Unit {
	im.madeUnits++
	u := luoshi.Unit{ID: luoshi.UnitID(-im.madeUnits), Code: row.New, Names: row.Names, Short: row.Short, Kind: old.Kind, Parent: old.Parent, Order: old.Order, From: row.On}
	if u.Names.Hans == "" {
		u.Names = luoshi.Names{Hans: row.New}
	}
	im.addUnit(u)
	return u
}

func (im *importer) link(row office.ChangeRow, old luoshi.Unit, to luoshi.UnitID, share luoshi.Quantity) {
	l := luoshi.Succession{From: old.ID, To: to, On: row.On, Share: share, Source: row.Source, RecordedAt: im.at.UnixMicro()}
	im.newLinks = append(im.newLinks, l)
	im.links = append(im.links, l)
}

// end closes a unit from the day of the row on, unless something else is recorded of
// it for a later day.
func (im *importer) end(row office.ChangeRow, u luoshi.Unit) bool {
	for _, later := range im.codes.facts[u.ID] {
		probe := later
		probe.From, probe.RecordedAt = u.From, u.RecordedAt
		if later.From > row.On && probe != u {
			im.refuse(office.Changes, row.Spot, "on", luoshi.Say("import.ends_before_later", "code", row.Old, "later", later.From))
			return false
		}
	}
	for _, later := range slices.Clone(im.codes.facts[u.ID]) { // days that say nothing new
		if later.From > row.On {
			later.Ended = true
			im.addUnit(later)
		}
	}
	u.From, u.Ended = row.On, true
	im.newUnits = slices.DeleteFunc(im.newUnits, func(old luoshi.Unit) bool { return old.ID == u.ID && old.From == row.On })
	im.addUnit(u)
	return true
}
