package service

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/office"
	"luoshi.dev/workflow"
)

// Each write records one event, in its own transaction: what it was about, and what
// of it differs now. The rows themselves are the event's to answer for by its covers.

// written is what a change adds to the plan.
type written struct {
	units      []luoshi.Unit
	links      []luoshi.Succession
	indicators []luoshi.Indicator
	sets       []luoshi.IndicatorSet
	goals      []luoshi.Goal
	schemes    []luoshi.Scheme
	targets    []luoshi.Target
	catchUps   []luoshi.CatchUp
	capacities []luoshi.Capacity
	figures    []luoshi.Figure
}

// intent names what somebody wanted who wrote this: where it is several things, the
// one that reaches furthest.
func (w *written) intent() workflow.Intent {
	switch {
	case len(w.units)+len(w.links) > 0:
		return workflow.EditUnits
	case len(w.indicators)+len(w.sets)+len(w.goals)+len(w.schemes) > 0:
		return workflow.EditPlan
	case len(w.targets)+len(w.catchUps) > 0:
		return workflow.SetTarget
	case len(w.capacities) > 0:
		return workflow.StateCapacity
	}
	return workflow.Report
}

// targetCodes are the indicators of the targets.
func (w *written) targetCodes() []string {
	var list []string
	for _, t := range w.targets {
		if i, found := slices.BinarySearch(list, t.Indicator); !found {
			list = slices.Insert(list, i, t.Indicator)
		}
	}
	return list
}

// whose is the unit that all of it is of: the nearest that lies above all, 0 where
// it is nobody's.
func (w *written) whose(codes *codebook) luoshi.UnitID {
	seen := map[luoshi.UnitID]bool{}
	for _, u := range w.units {
		seen[u.ID] = true
	}
	for _, l := range w.links {
		seen[l.From] = true
	}
	for _, t := range w.targets {
		seen[t.Unit] = true
	}
	last := luoshi.UnitID(0)
	for i := range w.figures {
		if id := w.figures[i].Unit; id != last {
			seen[id], last = true, id
		}
	}
	var above []luoshi.UnitID // from the top down to what lies above all so far
	first := true
	for id := range seen {
		line := codes.line(id)
		if first {
			above, first = line, false
			continue
		}
		n := 0
		for n < len(above) && n < len(line) && above[n] == line[n] {
			n++
		}
		above = above[:n]
	}
	if len(above) == 0 {
		return 0
	}
	return above[len(above)-1]
}

// deepest bounds how far down a tree goes.
const deepest = 32

// line is a unit with all above it, as its newest fact says, from the top down.
func (b *codebook) line(id luoshi.UnitID) []luoshi.UnitID {
	var list []luoshi.UnitID
	for id != 0 && len(list) < deepest {
		list = append(list, id)
		facts := b.facts[id]
		if len(facts) == 0 {
			break
		}
		id = facts[len(facts)-1].Parent
	}
	slices.Reverse(list)
	return list
}

// after are the units as they are with what is written.
func after(before *plan, w *written) *codebook {
	codes := newCodebook(before.units)
	for _, u := range w.units {
		codes.add(u)
	}
	return codes
}

// contrast tells what is written apart from what held before it.
type contrast struct {
	before *plan
	old    *codebook // the units as they were
	codes  *codebook // and as they are now
	was    map[string]map[string]string
	is     map[string]map[string]string
	known  map[targetKey][]luoshi.Target // the revisions before, of what is written
	order  []string
	more   int
}

// contrastMost is of how many objects an event says what differed; the others it
// counts.
const contrastMost = 40

func newContrast(before *plan, w *written) *contrast {
	c := &contrast{before: before, old: newCodebook(before.units), was: map[string]map[string]string{}, is: map[string]map[string]string{}}
	c.codes = after(before, w)
	c.units(w)
	for _, in := range w.indicators {
		old := find(before.indicators, func(v luoshi.Indicator) bool { return v.Code == in.Code })
		c.put("indicator "+in.Code, old.Code == "", office.Compare(office.Indicators, &office.IndicatorRow{Indicator: old}, &office.IndicatorRow{Indicator: in}))
	}
	for _, sc := range w.schemes {
		old := find(before.schemes, func(v luoshi.Scheme) bool { return v.Code == sc.Code })
		c.put("scheme "+sc.Code, old.Code == "", office.Compare(office.Schemes, &office.SchemeRow{Scheme: old}, &office.SchemeRow{Scheme: sc}))
	}
	for _, set := range w.sets {
		c.set(find(before.sets, func(v luoshi.IndicatorSet) bool { return v.Code == set.Code }), set)
	}
	for _, g := range w.goals {
		c.goal(find(before.goals, func(v luoshi.Goal) bool { return v.Code == g.Code }), g)
	}
	c.revisions(w)
	for _, t := range w.targets {
		c.target(t)
	}
	for _, plan := range w.catchUps {
		c.catchUp(plan)
	}
	for _, said := range w.capacities {
		c.capacity(said)
	}
	return c
}

// revisions gathers what was promised before of the targets that are written.
func (c *contrast) revisions(w *written) {
	c.known = make(map[targetKey][]luoshi.Target, len(w.targets))
	for _, t := range w.targets {
		c.known[keyOf(t)] = nil
	}
	if len(c.known) == 0 {
		return
	}
	for _, old := range c.before.targets {
		if list, wanted := c.known[keyOf(old)]; wanted {
			c.known[keyOf(old)] = append(list, old)
		}
	}
}

// find is the first that fits, or none.
func find[T any](list []T, fits func(T) bool) (none T) {
	if i := slices.IndexFunc(list, fits); i >= 0 {
		return list[i]
	}
	return none
}

// put notes what differs of an object; of a new one there is nothing before.
func (c *contrast) put(object string, fresh bool, list []office.Difference) {
	was, listed := c.was[object]
	if !listed {
		if len(c.order) >= contrastMost {
			c.more++
			return
		}
		c.order = append(c.order, object)
		was = map[string]string{}
		c.was[object], c.is[object] = was, map[string]string{}
	}
	for _, d := range list {
		if text := asText(d.Old); text != "" && !fresh {
			was[d.Field] = text
		}
		if text := asText(d.New); text != "" {
			c.is[object][d.Field] = text
		}
	}
}

// asText writes a field of a noun: numbers exactly, days and periods in the form of
// ISO 8601, what is absent as nothing.
func asText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case luoshi.Quantity:
		return v.Trim(0).String()
	case luoshi.NullQuantity:
		if !v.Valid {
			return ""
		}
		return v.Decimal.Trim(0).String()
	case luoshi.Date:
		if v == 0 {
			return ""
		}
		return v.String()
	}
	return "?"
}

// units notes dated facts. Of a unit that has several each later one stands with its
// day.
func (c *contrast) units(w *written) {
	facts := map[luoshi.UnitID]int{}
	for _, u := range w.units {
		object := "unit " + u.Code
		if facts[u.ID]++; facts[u.ID] > 1 {
			object += " " + u.From.String()
		}
		old, _ := c.old.on(u.ID, u.From)
		row := func(codes *codebook, u luoshi.Unit) *office.UnitRow {
			return &office.UnitRow{Code: u.Code, Names: u.Names, Short: u.Short, Kind: u.Kind, Parent: codes.codeOf(u.Parent, u.From), Order: u.Order, From: u.From}
		}
		list := office.Compare(office.Units, row(c.old, old), row(c.codes, u))
		if old.Ended != u.Ended {
			list = append(list, office.Difference{Field: "ended", Old: old.Ended, New: u.Ended})
		}
		c.put(object, old.Code == "", list)
		if old.Code != "" && old.Code != u.Code {
			c.put("unit "+old.Code, false, nil)
		}
	}
	for _, l := range w.links {
		old := find(c.before.links, func(v luoshi.Succession) bool { return v.From == l.From && v.To == l.To && v.On == l.On })
		var share any
		if old.From != 0 {
			share = old.Share
		}
		c.put("unit "+c.codes.codeOf(l.From, l.On.AddDays(-1)), false, []office.Difference{{Field: "new " + c.codes.codeOf(l.To, l.On), Old: share, New: l.Share}})
	}
}

// set notes an indicator set: its names, and the weight of each item that differs.
func (c *contrast) set(old, now luoshi.IndicatorSet) {
	list := office.Compare(office.Sets, &office.SetRow{Code: old.Code, Names: old.Names}, &office.SetRow{Code: now.Code, Names: now.Names})
	weights := func(items []luoshi.SetItem) map[string]string {
		m := map[string]string{}
		for _, item := range items {
			m["item "+item.Indicator] = asText(item.Weight)
		}
		return m
	}
	c.put("set "+now.Code, old.Code == "", append(list, itemsDiffer(weights(old.Items), weights(now.Items))...))
}

// goal notes a goal with the targets under it.
func (c *contrast) goal(old, now luoshi.Goal) {
	row := func(g luoshi.Goal) *office.GoalRow { return &goalRows(g)[0] }
	weights := func(items []luoshi.GoalItem) map[string]string {
		m := map[string]string{}
		for _, item := range items {
			text := asText(item.Weight)
			if item.Guard {
				text += " guard"
			}
			m[strings.TrimSpace("item "+item.Indicator+" "+item.Unit)] = text
		}
		return m
	}
	c.put("goal "+now.Code, old.Code == "", append(office.Compare(office.Goals, row(old), row(now)), itemsDiffer(weights(old.Items), weights(now.Items))...))
}

// itemsDiffer lists what differs between two lists of items by name.
func itemsDiffer(was, is map[string]string) []office.Difference {
	var list []office.Difference
	for name, text := range is {
		if was[name] != text {
			list = append(list, office.Difference{Field: name, Old: was[name], New: text})
		}
	}
	for name, text := range was {
		if _, left := is[name]; !left {
			list = append(list, office.Difference{Field: name, Old: text})
		}
	}
	return list
}

// target notes a revision against the one that held before it.
func (c *contrast) target(t luoshi.Target) {
	known := c.known[keyOf(t)]
	var was office.TargetRow
	if last, ok := luoshi.InForce(known, t.From); ok {
		was = targetRow(last, c.codes)
	} else if len(known) > 0 {
		was = targetRow(known[len(known)-1], c.codes)
	}
	is := targetRow(t, c.codes)
	was.Reason, is.Reason = "", "" // the event has it
	was.UnitName, is.UnitName = "", ""
	if len(known) > 0 { // the object names them
		was.UnitCode = is.UnitCode
	}
	list := office.Compare(office.Targets, &was, &is)
	list = slices.DeleteFunc(list, func(d office.Difference) bool {
		return d.Field == "indicator" || d.Field == "unit_code" || d.Field == "first_year" || d.Field == "last_year"
	})
	c.put(TargetObject(t.Indicator, is.UnitCode, t.FirstYear, t.LastYear), len(known) == 0, list)
}

// TargetObject is how events name a target.
func TargetObject(indicator, unit string, first, last int) string {
	years := strconv.Itoa(first)
	if last > first {
		years += "-" + strconv.Itoa(last)
	}
	return "target " + indicator + " " + unit + " " + years
}

// batchObject and importObject are how events name what was written under one batch,
// and an import.
func batchObject(batch int64) string  { return "batch " + strconv.FormatInt(batch, 10) }
func importObject(batch int64) string { return "import " + strconv.FormatInt(batch, 10) }

// FigureObject is how events name a figure.
func FigureObject(indicator, unit string, period luoshi.Period, basis luoshi.Basis) string {
	return "figure " + indicator + " " + unit + " " + period.String() + " " + string(cmp.Or(basis, luoshi.Single))
}

// event is the event of the write, by whoever acts in the context, under a batch.
// Where it is about one object it names that, else the change.
func (c *contrast) event(ctx context.Context, w *written, batch int64, reason string) luoshi.Event {
	object := "change " + strconv.FormatInt(batch, 10)
	if len(c.order) == 1 && c.more == 0 {
		object = c.order[0]
	}
	e := byOf(ctx).Event(w.intent(), object, w.whose(c.codes))
	e.Reason = reason
	e.Before = luoshi.EventState{Fields: filled(c.was)}.Text()
	e.After = luoshi.EventState{Batch: batch, Fields: c.is, More: c.more, Targets: w.targetCodes()}.Text()
	return e
}

// filled leaves out objects of which nothing was there.
func filled(all map[string]map[string]string) map[string]map[string]string {
	m := map[string]map[string]string{}
	for object, fields := range all {
		if len(fields) > 0 {
			m[object] = fields
		}
	}
	return m
}

// clerk is how rows name who acts: a person by number, never by name; else what was
// given.
func clerk(ctx context.Context, by string) string {
	if name := byOf(ctx).Name(); name != "" {
		return name
	}
	return by
}
