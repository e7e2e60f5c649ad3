package service

import (
	"cmp"
	"slices"

	"github.com/govalues/decimal"

	"luoshi.dev"
	"luoshi.dev/internal/office"
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
		im.refuse(office.Changes, row.At("old"), im.codes.unknown(row.Old, "", row.On.AddDays(-1)))
		return
	}
	if im.alreadyChanged(rows, old) {
		im.count(office.Changes, func(t *Tally) { t.Same += len(rows) })
		return
	}
	now := old
	now.From = row.On
	if row.Names.Hans != "" {
		now.Names, now.Short = row.Names, luoshi.Names{}
	}
	switch row.Kind {
	case office.Rename:
		im.change(row, now)
	case office.Recode:
		if u, taken := im.codes.holder(row.New, row.On); taken && u.ID != old.ID {
			im.refuse(office.Changes, row.At("new"), luoshi.Say("import.code_taken", "code", row.New, "unit", u.Names, "on", row.On))
			return
		}
		now.Code = row.New
		im.change(row, now)
	case office.Move:
		parent, _, ok := im.codes.find(row.Parent, row.On)
		if !ok {
			im.refuse(office.Changes, row.At("parent"), im.codes.unknown(row.Parent, "", row.On))
			return
		}
		now.Parent = parent.ID
		im.change(row, now)
	case office.End:
		now = old
		now.From, now.Ended = row.On, true
		im.change(row, now)
	case office.Merge:
		im.merge(row, old)
	case office.Split:
		im.split(rows, old)
	}
}

// alreadyChanged reports whether the store knows the change: importing the same
// list twice changes nothing.
func (im *importer) alreadyChanged(rows []office.ChangeRow, old luoshi.Unit) bool {
	row := rows[0]
	switch row.Kind {
	case office.Merge, office.Split:
		return slices.ContainsFunc(im.links, func(l luoshi.Succession) bool { return l.From == old.ID && l.On == row.On && l.To > 0 && l.From > 0 })
	}
	fact, ok := im.codes.on(old.ID, row.On)
	return fact.From == row.On && (ok || row.Kind == office.End) &&
		(row.New == "" || fact.Code == row.New) && (row.Names.Hans == "" || fact.Names.Hans == row.Names.Hans)
}

func (im *importer) change(row office.ChangeRow, now luoshi.Unit) {
	// Two changes of one day (a new code and a new name) make one fact.
	if today, ok := im.codes.on(now.ID, row.On); ok && today.From == row.On {
		if row.Kind != office.Recode {
			now.Code = today.Code
		}
		if row.Names.Hans == "" {
			now.Names, now.Short = today.Names, today.Short
		}
		if row.Kind != office.Move {
			now.Parent = today.Parent
		}
		im.newUnits = slices.DeleteFunc(im.newUnits, func(u luoshi.Unit) bool { return u.ID == now.ID && u.From == row.On })
	}
	im.count(office.Changes, func(t *Tally) { t.New++ })
	im.addUnit(now)
}

func (im *importer) merge(row office.ChangeRow, old luoshi.Unit) {
	into, _, ok := im.codes.find(row.New, row.On)
	if !ok {
		if row.Names.Hans == "" { // a merger into a new unit has to name it
			im.refuse(office.Changes, row.At("new"), im.codes.unknown(row.New, "", row.On))
			return
		}
		into = im.newborn(row, old)
	}
	if into.ID == old.ID {
		im.refuse(office.Changes, row.At("new"), luoshi.Say("import.merge_into_itself", "code", row.Old))
		return
	}
	im.link(row, old, into.ID, decimal.One)
	im.end(old, row.On)
	im.count(office.Changes, func(t *Tally) { t.New++ })
}

func (im *importer) split(rows []office.ChangeRow, old luoshi.Unit) {
	sum := decimal.Zero
	for _, row := range rows {
		if row.New == old.Code {
			im.refuse(office.Changes, row.At("new"), luoshi.Say("import.split_keeps_code", "code", old.Code))
			return
		}
		if !row.Share.Valid || !row.Share.Decimal.IsPos() {
			im.refuse(office.Changes, row.At("share"), luoshi.Say("import.share_missing", "code", old.Code))
			return
		}
		next, err := sum.Add(row.Share.Decimal)
		if err != nil {
			im.refuse(office.Changes, row.At("share"), luoshi.Say("number.range", "text", row.Share.Decimal.String()))
			return
		}
		sum = next
	}
	if sum.Cmp(decimal.One) != 0 {
		im.refuse(office.Changes, rows[0].At("share"), luoshi.Say("import.shares_not_one", "code", old.Code, "sum", sum.Trim(0)))
		return
	}
	for _, row := range rows {
		into, _, ok := im.codes.find(row.New, row.On)
		if !ok {
			into = im.newborn(row, old)
		}
		im.link(row, old, into.ID, row.Share.Decimal)
		im.count(office.Changes, func(t *Tally) { t.New++ })
	}
	im.end(old, rows[0].On)
}

// newborn is a unit that begins with a change, beside the one it comes from.
func (im *importer) newborn(row office.ChangeRow, old luoshi.Unit) luoshi.Unit {
	im.madeUnits++
	u := luoshi.Unit{ID: luoshi.UnitID(-im.madeUnits), Code: row.New, Names: row.Names, Kind: old.Kind, Parent: old.Parent, Order: old.Order, From: row.On}
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

func (im *importer) end(u luoshi.Unit, on luoshi.Date) {
	u.From, u.Ended = on, true
	im.addUnit(u)
}
