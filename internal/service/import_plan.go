package service

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/assess"
	"luoshi.dev/internal/office"
	"luoshi.dev/rollup"
	"luoshi.dev/workflow"
)

// takeIndicators checks each indicator by itself, then that the codes it names
// exist and that its formula means something.
func (im *importer) takeIndicators() {
	places := map[string]office.Spot{}
	before := map[string]luoshi.Indicator{} // of those that change
	for _, row := range im.draft.Indicators {
		in := row.Indicator
		if first, twice := places[in.Code]; twice {
			im.refuse(office.Indicators, row.Spot, "code", luoshi.Say("import.code_twice", "code", in.Code, "first", first.Row))
			continue
		}
		places[in.Code] = row.Spot
		if im.refuseAll(office.Indicators, row.Spot, "code", in.Validate()) {
			continue
		}
		old, known := im.indicators[in.Code]
		old.RecordedAt = 0
		if known && in.Decimals < old.Decimals {
			im.refuse(office.Indicators, row.Spot, "decimals", luoshi.Say("store.decimals", "indicator", in.Code, "have", old.Decimals, "want", in.Decimals))
			continue
		}
		if im.tally(office.Indicators, row.Spot, known, known && sameIndicator(old, in), func() []office.Difference {
			return office.Compare(office.Indicators, &office.IndicatorRow{Indicator: old}, &row)
		}) {
			if known {
				before[in.Code] = im.indicators[in.Code]
			}
			in.RecordedAt = im.at.UnixMicro()
			im.indicators[in.Code] = in
			im.newIndicators = append(im.newIndicators, in)
		}
	}
	for again := true; again; { // what rests on a refused one is refused in its turn
		again = false
		for _, row := range im.draft.Indicators {
			if faults := im.namesUnknown(row.Indicator); len(faults) > 0 && im.retract(row.Indicator.Code, before) {
				im.refuseFor(office.Indicators, row.Spot, faults)
				again = true
			}
		}
	}
	im.checkFormulas(places, before)
}

// fault is what is wrong with a field.
type fault struct {
	field string
	says  luoshi.Message
}

// refuseFor counts a row out for all that is wrong with it.
func (im *importer) refuseFor(kind office.Kind, row office.Spot, faults []fault) {
	for i, f := range faults {
		if i == 0 {
			im.refuse(kind, row, f.field, f.says)
		} else {
			im.add(luoshi.Problem{Place: row.At(f.field), Severity: luoshi.Blocking, Message: f.says})
		}
	}
}

// namesUnknown lists what an indicator names that does not exist.
func (im *importer) namesUnknown(in luoshi.Indicator) (faults []fault) {
	for _, ref := range [][2]string{{"weight", in.Weight}, {"numerator", in.Numerator}, {"denominator", in.Denominator}} {
		if _, ok := im.indicators[ref[1]]; ref[1] != "" && !ok {
			faults = append(faults, fault{ref[0], im.unknownIndicator(ref[1])})
		}
	}
	for _, code := range in.Leads {
		if _, ok := im.indicators[code]; !ok {
			faults = append(faults, fault{"leads", im.unknownIndicator(code)})
		}
	}
	if u := in.Department; u != "" && !im.codes.known(u) {
		faults = append(faults, fault{"department", im.codes.unknown(u, "", luoshi.DateOf(im.at))})
	}
	return faults
}

// retract takes back an indicator that was let pass, or reports that none was.
func (im *importer) retract(code string, before map[string]luoshi.Indicator) bool {
	i := slices.IndexFunc(im.newIndicators, func(in luoshi.Indicator) bool { return in.Code == code })
	if i < 0 {
		return false
	}
	im.newIndicators = slices.Delete(im.newIndicators, i, i+1)
	old, known := before[code]
	if known {
		im.indicators[code] = old
	} else {
		delete(im.indicators, code)
	}
	im.count(office.Indicators, func(t *Tally) {
		if known {
			t.Changed--
		} else {
			t.New--
		}
	})
	return true
}

func sameIndicator(a, b luoshi.Indicator) bool {
	leads := slices.Equal(a.Leads, b.Leads)
	a.Leads, b.Leads, a.RecordedAt, b.RecordedAt = nil, nil, 0, 0
	return leads && reflect.DeepEqual(a, b)
}

func (im *importer) unknownIndicator(code string) luoshi.Message {
	near, done := im.nearIndicators[code]
	if !done && len(im.nearIndicators) < maxNear {
		near = office.Nearest(code, slices.Sorted(maps.Keys(im.indicators)))
		im.nearIndicators[code] = near
	}
	if len(near) > 0 {
		return luoshi.Say("import.indicator_unknown_near", "code", code, "near", near)
	}
	return luoshi.Say("import.indicator_unknown", "code", code)
}

// checkFormulas puts what the cube says of formulas, ratios and weights at the
// rows that brought them.
func (im *importer) checkFormulas(places map[string]office.Spot, before map[string]luoshi.Indicator) {
	empty, _ := luoshi.NewTree(nil, ever)
	_, problems := rollup.NewCube(empty, slices.SortedFunc(maps.Values(im.indicators), func(a, b luoshi.Indicator) int { return strings.Compare(a.Code, b.Code) }))
	for _, p := range problems {
		code, _ := p.Message.Args["indicator"].(string)
		if at, here := places[code]; here && im.retract(code, before) {
			im.refuse(office.Indicators, at, "", p.Message)
		}
	}
}

// takeSets gathers the rows of a set, one for each of its indicators.
func (im *importer) takeSets() {
	sets := map[string]luoshi.IndicatorSet{}
	rows := map[string][]office.SetRow{}
	var order []string
	for _, row := range im.draft.Sets {
		if _, ok := im.indicators[row.Indicator]; !ok {
			im.refuse(office.Sets, row.Spot, "indicator", im.unknownIndicator(row.Indicator))
			continue
		}
		set, begun := sets[row.Code]
		if !begun {
			set = luoshi.IndicatorSet{Code: row.Code, Names: row.Names}
			order = append(order, row.Code)
		}
		if slices.ContainsFunc(set.Items, func(i luoshi.SetItem) bool { return i.Indicator == row.Indicator }) {
			im.refuse(office.Sets, row.Spot, "indicator", luoshi.Say("import.item_twice", "code", row.Code, "indicator", row.Indicator))
			continue
		}
		set.Items = append(set.Items, luoshi.SetItem{Indicator: row.Indicator, Weight: row.Weight})
		sets[row.Code] = set
		rows[row.Code] = append(rows[row.Code], row)
	}
	for _, code := range order {
		set := sets[code]
		old, known := im.sets[code]
		same := known && sameSet(old, set)
		if !same && im.barred(office.Sets, rows[code][0].Spot, "code", workflow.EditPlan, 0) {
			continue
		}
		im.markItems(rows[code], old, known)
		if im.counted(office.Sets, known, same) {
			set.RecordedAt = im.at.UnixMicro()
			im.newSets = append(im.newSets, set)
		}
	}
}

func sameSet(a, b luoshi.IndicatorSet) bool {
	return a.Names == b.Names && slices.EqualFunc(a.Items, b.Items, func(x, y luoshi.SetItem) bool {
		return x.Indicator == y.Indicator && x.Weight.Cmp(y.Weight) == 0
	})
}

// markItems says of each row of a set what becomes of it.
func (im *importer) markItems(rows []office.SetRow, old luoshi.IndicatorSet, known bool) {
	for _, row := range rows {
		i := slices.IndexFunc(old.Items, func(item luoshi.SetItem) bool { return item.Indicator == row.Indicator })
		was := office.SetRow{Code: row.Code, Names: old.Names, Indicator: row.Indicator}
		if known && i >= 0 {
			was.Weight = old.Items[i].Weight
		}
		im.mark(office.Sets, row.Spot, known && i >= 0, func() []office.Difference { return office.Compare(office.Sets, &was, &row) })
	}
}

func (im *importer) takeSchemes() {
	for _, row := range im.draft.Schemes {
		sc := row.Scheme
		if im.refuseAll(office.Schemes, row.Spot, "code", assess.CheckScheme(sc)) {
			continue
		}
		old, known := im.schemes[sc.Code]
		old.RecordedAt = 0
		same := known && old.Yellow.Cmp(sc.Yellow) == 0 && old.Red.Cmp(sc.Red) == 0
		old.Yellow, old.Red = sc.Yellow, sc.Red
		if im.tally(office.Schemes, row.Spot, known, same && old == sc, func() []office.Difference {
			return office.Compare(office.Schemes, &office.SchemeRow{Scheme: im.schemes[sc.Code]}, &row)
		}) {
			sc.RecordedAt = im.at.UnixMicro()
			im.schemes[sc.Code] = sc
			im.newSchemes = append(im.newSchemes, sc)
		}
	}
}

// takeGoals gathers goals and the targets under them, then checks the tree.
func (im *importer) takeGoals() {
	goals := map[string]luoshi.Goal{}
	places := map[string]office.Spot{}
	rows := map[string][]office.GoalRow{} // the goal's own row first
	var order []string
	for _, row := range im.draft.Goals {
		if row.Item() {
			continue
		}
		if first, twice := places[row.Code]; twice {
			im.refuse(office.Goals, row.Spot, "code", luoshi.Say("import.code_twice", "code", row.Code, "first", first.Row))
			continue
		}
		places[row.Code] = row.Spot
		order = append(order, row.Code)
		rows[row.Code] = []office.GoalRow{row}
		goals[row.Code] = luoshi.Goal{Code: row.Code, Names: row.Names, Parent: row.Parent, Order: row.Order, Combine: row.Combine, Weight: row.Weight, Owner: row.Owner}
	}
	for _, row := range im.draft.Goals {
		if row.Item() && im.takeGoalItem(row, goals) {
			rows[row.Code] = append(rows[row.Code], row)
		}
	}
	all := maps.Clone(im.goals)
	maps.Copy(all, goals)
	for _, code := range order {
		g := goals[code]
		if im.refuseAll(office.Goals, places[code], "", g.Validate()) {
			continue
		}
		if _, here := goals[g.Parent]; g.Parent != "" && !here {
			if _, stored := im.goals[g.Parent]; !stored {
				im.refuse(office.Goals, places[code], "", luoshi.Say("import.goal_parent", "code", code, "parent", g.Parent))
				continue
			}
		}
		if goalCycle(code, all) {
			im.refuse(office.Goals, places[code], "", luoshi.Say("import.goal_cycle", "code", code))
			continue
		}
		old, known := im.goals[code]
		same := known && sameGoal(old, g)
		if !same && im.barred(office.Goals, places[code], "code", workflow.EditPlan, 0) {
			continue
		}
		im.markGoal(rows[code], old, known)
		if im.counted(office.Goals, known, same) {
			g.RecordedAt = im.at.UnixMicro()
			im.goals[code] = g
			im.newGoals = append(im.newGoals, g)
		}
	}
}

func (im *importer) takeGoalItem(row office.GoalRow, goals map[string]luoshi.Goal) bool {
	g, ok := goals[row.Code]
	switch {
	case !ok:
		im.refuse(office.Goals, row.Spot, "code", luoshi.Say("import.goal_unknown", "code", row.Code))
		return false
	case im.indicators[row.Indicator].Code == "":
		im.refuse(office.Goals, row.Spot, "indicator", im.unknownIndicator(row.Indicator))
		return false
	case row.Unit != "" && !im.codes.known(row.Unit):
		im.refuse(office.Goals, row.Spot, "unit", im.codes.unknown(row.Unit, "", luoshi.DateOf(im.at)))
		return false
	}
	g.Items = append(g.Items, luoshi.GoalItem{Indicator: row.Indicator, Unit: row.Unit, Weight: row.Weight, Guard: row.Guard})
	goals[row.Code] = g
	return true
}

// markGoal says of a goal's row, and of each target's under it, what becomes of it.
func (im *importer) markGoal(rows []office.GoalRow, old luoshi.Goal, known bool) {
	was := goalRows(old)
	for _, row := range rows {
		i := slices.IndexFunc(was, func(w office.GoalRow) bool { return w.Indicator == row.Indicator && w.Unit == row.Unit })
		im.mark(office.Goals, row.Spot, known && i >= 0, func() []office.Difference { return office.Compare(office.Goals, &was[i], &row) })
	}
}

// goalRows writes a goal as its sheet does: itself, then the targets under it.
func goalRows(g luoshi.Goal) []office.GoalRow {
	rows := []office.GoalRow{{Code: g.Code, Names: g.Names, Parent: g.Parent, Order: g.Order, Combine: g.Combine, Weight: g.Weight, Owner: g.Owner}}
	for _, item := range g.Items {
		rows = append(rows, office.GoalRow{Code: g.Code, Indicator: item.Indicator, Unit: item.Unit, Weight: item.Weight, Guard: item.Guard})
	}
	return rows
}

func goalCycle(code string, goals map[string]luoshi.Goal) bool {
	for at, steps := goals[code].Parent, 0; at != ""; at, steps = goals[at].Parent, steps+1 {
		if at == code || steps > len(goals) {
			return true
		}
	}
	return false
}

func sameGoal(a, b luoshi.Goal) bool {
	items := slices.EqualFunc(a.Items, b.Items, func(x, y luoshi.GoalItem) bool {
		w := x.Weight.Cmp(y.Weight) == 0
		x.Weight = y.Weight
		return w && x == y
	})
	return items && a.Weight.Cmp(b.Weight) == 0 && a.Names == b.Names && a.Parent == b.Parent && a.Order == b.Order && a.Combine == b.Combine && a.Owner == b.Owner
}

// takeTargets checks each target and gives a changed one the next revision.
func (im *importer) takeTargets() {
	places := map[targetKey]luoshi.Place{}
	defer func() { im.checkParts(places) }()
	for _, row := range im.draft.Targets {
		t, ok := im.target(row)
		if !ok {
			continue
		}
		known := im.targets[keyOf(t)]
		if row.Revision > 0 {
			t.Revision = row.Revision
		} else {
			t.Revision = len(known) + 1
		}
		if i := slices.IndexFunc(known, func(old luoshi.Target) bool {
			return old.From == t.From && sameTarget(old, t)
		}); i >= 0 {
			im.same(office.Targets, row.Spot)
			continue
		}
		if last, ok := luoshi.InForce(known, t.From); ok && row.Revision == 0 && sameTarget(last, t) && t.Reason == "" {
			im.same(office.Targets, row.Spot)
			continue
		}
		if slices.ContainsFunc(known, func(old luoshi.Target) bool { return old.Revision == t.Revision }) {
			im.refuse(office.Targets, row.Spot, "revision", luoshi.Say("import.revision_taken", "indicator", t.Indicator, "revision", t.Revision))
			continue
		}
		if im.refuseAll(office.Targets, row.Spot, "value", t.Validate()) {
			continue
		}
		if im.barred(office.Targets, row.Spot, "unit_code", workflow.SetTarget, t.Unit) {
			continue
		}
		im.tally(office.Targets, row.Spot, len(known) > 0, false, func() []office.Difference { return im.revises(known, t, row) })
		im.targets[keyOf(t)] = append(known, t)
		places[keyOf(t)] = row.At("value")
		im.newTargets = append(im.newTargets, t)
	}
}

// revises says in what a target differs from the revision that holds before it.
func (im *importer) revises(known []luoshi.Target, t luoshi.Target, row office.TargetRow) []office.Difference {
	last, ok := luoshi.InForce(known, t.From)
	if !ok {
		last = known[len(known)-1]
	}
	was := targetRow(last, im.codes)
	was.UnitCode, was.UnitName, was.FirstYear, was.LastYear, was.From = row.UnitCode, row.UnitName, row.FirstYear, row.LastYear, row.From
	was.Revision, was.Reason, was.Source, was.Sample = row.Revision, row.Reason, row.Source, row.Sample
	return office.Compare(office.Targets, &was, &row)
}

// checkParts warns where the yearly parts of a plan over several years are all there
// and do not add up to it. They may differ on purpose; nobody should find out late.
func (im *importer) checkParts(places map[targetKey]luoshi.Place) {
	for key, revisions := range im.targets {
		in := im.indicators[key.indicator]
		whole, ok := luoshi.InForce(revisions, lastDay)
		if key.first == key.last || !ok || whole.Form != luoshi.FormLevel || in.OverTime != luoshi.TimeSum {
			continue
		}
		at, touched := places[key]
		sum, all := int64(0), true
		for year := key.first; year <= key.last && all; year++ {
			yearly := targetKey{key.indicator, key.unit, year, year}
			part, ok := luoshi.InForce(im.targets[yearly], lastDay)
			if all = ok && part.Form == luoshi.FormLevel; all {
				sum += scaled(part.Value, in.Decimals)
			}
			if place, new := places[yearly]; new && !touched {
				at, touched = place, true
			}
		}
		if all && touched && sum != scaled(whole.Value, in.Decimals) {
			im.warn(at, "import.parts_differ", "indicator", in.Names, "first", plain(key.first), "last", plain(key.last), "sum", luoshi.Unscaled(sum, in.Decimals), "whole", whole.Value)
		}
	}
}

// lastDay is a day by which every revision holds.
const lastDay = luoshi.Date(99991231)

// target resolves the codes of a row; what it cannot resolve it refuses.
func (im *importer) target(row office.TargetRow) (luoshi.Target, bool) {
	t := luoshi.Target{
		Indicator: row.Indicator, FirstYear: row.FirstYear, LastYear: row.LastYear, Form: row.Form, Value: row.Value, Low: row.Low, High: row.High,
		Date: row.Date, Strict: row.Strict, Reserve: row.Reserve, Curve: row.Curve, Owner: row.Owner, Scheme: row.Scheme, Reason: row.Reason,
		From: row.From, Source: row.Source, Sample: row.Sample, By: im.opt.By, RecordedAt: im.at,
	}
	if t.LastYear == 0 {
		t.LastYear = t.FirstYear
	}
	if t.From == 0 {
		t.From, _ = luoshi.NewDate(t.FirstYear, 1, 1)
	}
	if im.opt.History && t.From.Start().After(im.at) {
		t.RecordedAt = t.From.Start()
	}
	in, ok := im.indicators[row.Indicator]
	if !ok {
		im.refuse(office.Targets, row.Spot, "indicator", im.unknownIndicator(row.Indicator))
		return t, false
	}
	u, ok := im.unitOf(office.Targets, row.Spot, row.UnitCode, row.UnitName, t.From)
	if !ok {
		return t, false
	}
	t.Unit = u.ID
	if row.ReferenceUnit != "" {
		ref, _, ok := im.codes.find(row.ReferenceUnit, t.From)
		if !ok {
			im.refuse(office.Targets, row.Spot, "reference_unit", im.codes.unknown(row.ReferenceUnit, "", t.From))
			return t, false
		}
		t.Reference = luoshi.Reference{Indicator: row.ReferenceIndicator, Unit: ref.ID}
		if t.Reference.Indicator == "" {
			t.Reference.Indicator = t.Indicator
		}
	}
	_, preset := assess.Preset(t.Scheme)
	if _, own := im.schemes[t.Scheme]; t.Scheme != "" && !own && !preset {
		im.refuse(office.Targets, row.Spot, "scheme", luoshi.Say("import.scheme_unknown", "code", t.Scheme))
		return t, false
	}
	if t.Owner != "" && !im.codes.known(t.Owner) {
		im.refuse(office.Targets, row.Spot, "owner", im.codes.unknown(t.Owner, "", t.From))
		return t, false
	}
	return t, im.fitsDecimals(row, in, t)
}

// fitsDecimals refuses a level, reserve or curve more precise than the indicator.
func (im *importer) fitsDecimals(row office.TargetRow, in luoshi.Indicator, t luoshi.Target) bool {
	fields := map[string]luoshi.NullQuantity{"reserve": t.Reserve}
	if t.Form == luoshi.FormLevel || t.Form == luoshi.FormDate {
		fields["value"] = t.Value
	}
	for i, q := range t.Curve {
		fields["m"+strconv.Itoa(i+1)] = q
	}
	var faults []fault
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		if q := fields[field]; q.Valid {
			if _, err := luoshi.Scaled(q.Decimal, in.Decimals); err != nil {
				faults = append(faults, fault{field, messageOf(err)})
			}
		}
	}
	im.refuseFor(office.Targets, row.Spot, faults)
	return len(faults) == 0
}

// unitOf tells which unit a row means, by code or else by name.
func (im *importer) unitOf(kind office.Kind, at office.Spot, code, name string, day luoshi.Date) (luoshi.Unit, bool) {
	if code == "" && name != "" {
		if u, ok := im.codes.byName(name, day); ok {
			return u, true
		}
		im.refuse(kind, at, "unit_name", im.codes.unknown("", name, day))
		return luoshi.Unit{}, false
	}
	u, moved, ok := im.codes.find(code, day)
	if !ok || moved { // reports follow the year's boundaries to its end
		if thisYear, bears := im.codes.holder(code, day/10000*10000+101); bears {
			u, moved, ok = thisYear, false, true
		}
	}
	if !ok {
		im.refuse(kind, at, "unit_code", im.codes.unknown(code, name, day))
		return u, false
	}
	if moved {
		im.warn(at.At("unit_code"), "import.unit_moved", "code", code, "now", u.Code, "unit", u.Names)
	} else if name != "" && u.Names.Hans != name && u.Short.Hans != name && u.Names.Hant != name && u.Names.En != name {
		im.warn(at.At("unit_name"), "import.unit_name_differs", "code", code, "name", name, "unit", u.Names)
	}
	return u, true
}

func sameTarget(a, b luoshi.Target) bool {
	same := func(x, y luoshi.NullQuantity) bool {
		return x.Valid == y.Valid && (!x.Valid || x.Decimal.Cmp(y.Decimal) == 0)
	}
	return a.Form == b.Form && same(a.Value, b.Value) && same(a.Low, b.Low) && same(a.High, b.High) && a.Date == b.Date && a.Reference == b.Reference &&
		a.Strict == b.Strict && same(a.Reserve, b.Reserve) && slices.EqualFunc(a.Curve, b.Curve, same) && a.Owner == b.Owner && a.Scheme == b.Scheme
}
