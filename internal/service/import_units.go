package service

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/office"
)

// ever is the day from which a unit holds when its list does not say.
const ever = luoshi.Date(19491001)

// takeUnits turns the sheets of units and of changes into dated facts.
func (im *importer) takeUnits() {
	before := len(im.report.Problems)
	rows := slices.Clone(im.draft.Units)
	places := map[luoshi.UnitID]office.Spot{}
	for i := range rows {
		if rows[i].From == 0 {
			rows[i].From = ever
		}
		inferParent(&rows[i])
	}
	slices.SortStableFunc(rows, func(a, b office.UnitRow) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.From, b.From))
	})
	ids := im.unitIDs(rows)
	for i, row := range rows {
		places[ids[i]] = row.Spot
		im.takeUnit(row, ids[i], i > 0 && ids[i-1] == ids[i], rows, i)
	}
	im.resolveParents(rows, ids)
	im.takeChanges()
	if len(im.draft.Units)+len(im.draft.Changes) == 0 {
		return
	}
	im.checkTrees(places)
	if len(im.report.Problems) == before && im.opt.kind == "" { // one change is no list
		im.askForVanished(rows)
	}
}

// inferParent fills kind and parent from a six-digit GB/T 2260 code: two digits
// for the province, two for the city, two for the county.
func inferParent(row *office.UnitRow) {
	if len(row.Code) != 6 || strings.Trim(row.Code, "0123456789") != "" || row.Kind != "" && row.Parent != "" {
		return
	}
	kind, parent := luoshi.County, row.Code[:4]+"00"
	switch {
	case row.Code == "000000":
		kind, parent = luoshi.Nation, ""
	case strings.HasSuffix(row.Code, "0000"):
		kind, parent = luoshi.Province, ""
	case strings.HasSuffix(row.Code, "00"):
		kind, parent = luoshi.City, row.Code[:2]+"0000"
	}
	if row.Kind == "" {
		row.Kind = kind
	}
	if row.Parent == "" && row.Kind == kind {
		row.Parent = parent
	}
}

// unitIDs finds or makes the identity behind each row: rows of one code are one
// unit, and so is what the store already has under it.
func (im *importer) unitIDs(rows []office.UnitRow) []luoshi.UnitID {
	ids := make([]luoshi.UnitID, len(rows))
	made := map[string]luoshi.UnitID{}
	for i, row := range rows {
		if u, ok := im.codes.holder(row.Code, row.From); ok {
			ids[i] = u.ID
		} else if known := im.codes.codes[row.Code]; len(known) > 0 {
			ids[i] = known[len(known)-1]
		} else {
			if made[row.Code] == 0 {
				im.madeUnits++
				made[row.Code] = luoshi.UnitID(-im.madeUnits)
			}
			ids[i] = made[row.Code]
		}
	}
	return ids
}

func (im *importer) takeUnit(row office.UnitRow, id luoshi.UnitID, again bool, rows []office.UnitRow, i int) {
	if again {
		prev := rows[i-1]
		switch {
		case prev.From == row.From:
			im.refuse(office.Units, row.Spot, "code", luoshi.Say("import.unit_twice", "code", row.Code, "first", prev.Row))
			return
		case prev.To == 0 || prev.To >= row.From:
			im.refuse(office.Units, row.Spot, "from", luoshi.Say("import.unit_overlap", "code", row.Code, "from", row.From))
			return
		case prev.To.AddDays(1) < row.From:
			im.refuse(office.Units, row.Spot, "from", luoshi.Say("import.unit_gap", "code", row.Code, "last", prev.To, "from", row.From))
			return
		}
	}
	if row.To != 0 && row.To < row.From {
		im.refuse(office.Units, row.Spot, "to", luoshi.Say("import.unit_ends_before", "code", row.Code, "from", row.From, "to", row.To))
		return
	}
	if row.Kind == "" {
		im.refuse(office.Units, row.Spot, "kind", luoshi.Say("import.unit_kind", "code", row.Code))
		return
	}
	u := luoshi.Unit{ID: id, Code: row.Code, Names: row.Names, Short: row.Short, Kind: row.Kind, Order: row.Order, From: row.From}
	if p, ok := im.parentOf(row, rows); ok {
		u.Parent = p
	} else if row.Parent != "" {
		im.refuse(office.Units, row.Spot, "parent", im.codes.unknown(row.Parent, "", row.From))
		return
	}
	old, known := im.codes.on(id, row.From)
	old.RecordedAt = 0
	same := known
	if known {
		probe := old
		probe.From = u.From
		if u.Order == 0 {
			probe.Order = 0
		}
		same = probe == u
	}
	if im.tally(office.Units, row.Spot, known, same, func() []office.Difference {
		was := office.UnitRow{Code: old.Code, Names: old.Names, Short: old.Short, Kind: old.Kind, Parent: im.codes.codeOf(old.Parent, row.From), Order: old.Order, From: row.From, To: row.To}
		return office.Compare(office.Units, &was, &row)
	}) {
		im.addUnit(u)
		if known && u.Parent != pendingParent {
			im.carry(old, u, nil)
		}
	}
	endsHere := row.To != 0 && (i+1 >= len(rows) || rows[i+1].Code != row.Code)
	if last, inForce := im.codes.on(id, row.To.AddDays(1)); endsHere && inForce {
		last.From, last.Ended = row.To.AddDays(1), true
		im.addUnit(last)
	}
}

// parentOf resolves a parent code among the stored units and those of the sheet.
func (im *importer) parentOf(row office.UnitRow, rows []office.UnitRow) (luoshi.UnitID, bool) {
	if row.Parent == "" {
		return 0, true
	}
	if u, _, ok := im.codes.find(row.Parent, row.From); ok {
		return u.ID, true
	}
	// The parent stands further down in the sheet: resolved when all are known.
	if _, found := slices.BinarySearchFunc(rows, row.Parent, func(r office.UnitRow, code string) int { return cmp.Compare(r.Code, code) }); found {
		return pendingParent, true
	}
	return 0, false
}

// pendingParent marks a parent that comes later in the same sheet.
const pendingParent = luoshi.UnitID(-1 << 62)

func (im *importer) resolveParents(rows []office.UnitRow, ids []luoshi.UnitID) {
	byCode := map[string]luoshi.UnitID{}
	parents := map[luoshi.UnitID]string{}
	for i, row := range rows {
		byCode[row.Code] = ids[i]
		parents[ids[i]] = row.Parent
	}
	fix := func(units []luoshi.Unit) {
		for i := range units {
			if units[i].Parent == pendingParent {
				units[i].Parent = byCode[parents[units[i].ID]]
			}
		}
	}
	fix(im.newUnits)
	fix(im.units)
	im.codes = newCodebook(im.units)
	im.codes.near = map[string][]string{}
}

func (im *importer) addUnit(u luoshi.Unit) {
	u.RecordedAt = im.at.UnixMicro()
	im.newUnits = append(im.newUnits, u)
	im.units = append(im.units, u)
	im.codes.add(u)
}

// checkTrees builds the tree of every day on which something new begins and puts
// what is wrong with it at the rows that brought it.
func (im *importer) checkTrees(places map[luoshi.UnitID]office.Spot) {
	days := map[luoshi.Date]bool{}
	for _, u := range im.newUnits {
		days[u.From] = true
	}
	seen := map[string]bool{}
	for _, day := range slices.Sorted(maps.Keys(days)) {
		_, problems := luoshi.NewTree(im.units, day)
		for _, p := range problems {
			code, _ := p.Message.Args["code"].(string)
			if seen[p.Message.Key+code] {
				continue
			}
			seen[p.Message.Key+code] = true
			if u, ok := im.codes.holder(code, day); ok {
				p.Place = places[u.ID].Place
				im.ledger.note(office.Units, places[u.ID].Place, RowRefused, nil)
			}
			im.report.Broken = im.report.Broken || p.Severity == luoshi.Blocking
			im.add(p)
		}
	}
}

// askForVanished warns of units that a list does not name although it names most
// of their siblings: a list of a later year, whose changes nobody has told yet.
func (im *importer) askForVanished(rows []office.UnitRow) {
	if len(rows) == 0 {
		return
	}
	listed := map[string]office.UnitRow{}
	last := rows[0].From
	for _, row := range rows {
		listed[row.Code] = row
		last = max(last, row.From)
	}
	tree, _ := luoshi.NewTree(im.units, last)
	for i := -1; i < tree.Len(); i++ {
		children := tree.Children(i)
		var gone []luoshi.Unit
		for _, c := range children {
			bears := func(u luoshi.Unit) bool { _, ok := listed[u.Code]; return ok } // now, before or later
			if tree.Nodes[c].Kind.Area() && !slices.ContainsFunc(im.codes.facts[tree.Nodes[c].ID], bears) {
				gone = append(gone, tree.Nodes[c].Unit)
			}
		}
		if len(gone) == 0 || len(gone)*2 > len(children) {
			continue
		}
		for _, u := range gone {
			key, other := "import.unit_vanished", ""
			for _, row := range rows {
				if row.Names.Hans == u.Names.Hans && row.Parent == parentCode(tree, u) {
					key, other = "import.unit_recoded", row.Code
				}
			}
			im.warn(rows[0].Place, key, "code", u.Code, "name", u.Names, "other", other)
		}
	}
}

func parentCode(tree *luoshi.Tree, u luoshi.Unit) string {
	if i, ok := tree.Find(u.Parent); ok {
		return tree.Nodes[i].Code
	}
	return ""
}
