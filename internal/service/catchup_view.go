package service

import (
	"cmp"
	"context"
	"math"
	"slices"

	"luoshi.dev"
	"luoshi.dev/assess"
	"luoshi.dev/catchup"
)

// shown gives a sentence of the pure room its words: amounts and units.
func (c *closing) shown(m luoshi.Message) luoshi.Message {
	return catchup.Shown([]luoshi.Message{m}, c.base.in.Decimals, func(id luoshi.UnitID) luoshi.Names {
		if i, ok := c.base.sn.tree.Find(max(id, -id)); ok {
			return c.base.sn.tree.Nodes[i].Names
		}
		return luoshi.Names{}
	})[0]
}

// columns lists the periods of the year.
func (c *closing) columns(v *CatchUpView) {
	for _, end := range c.base.calendar.Ends() {
		v.Columns = append(v.Columns, CatchUpColumn{c.period(end), slices.Contains(c.base.months, end)})
	}
}

// reported fills in the rows of a plan that does not exist: what is known and
// expected, and what was given.
func (c *closing) reported(v *CatchUpView) {
	c.needs(v)
	c.rows(v, false)
}

// needs fills in what is needed and expected of what is left.
func (c *closing) needs(v *CatchUpView) {
	expect := 0.0
	for _, p := range c.base.parts {
		expect += c.expected(&p)
	}
	v.Needed, v.Expected = c.amount(c.spec.Needed), c.estimate(expect)
	v.Hard = 1
	if c.spec.Direction == luoshi.Less {
		v.Hard = -1
	}
	v.Gap = c.estimate((float64(c.spec.Needed) - math.Round(expect)) * float64(v.Hard))
}

// expected is what a unit is expected to bring of what is left.
func (c *closing) expected(p *catchPart) (sum float64) {
	for j, end := range c.base.months {
		if v := p.known[end-1]; there(v) {
			sum += float64(v)
		} else {
			sum += p.expect[j]
		}
	}
	return sum
}

// lay fills in what the plan is.
func (c *closing) lay(v *CatchUpView) {
	c.needs(v)
	p, b := &c.plan, c.base
	v.State, v.Hard = p.State, p.Hard()
	known := c.total - c.spec.Needed
	v.Sum, v.Year = c.amount(p.Sum), c.amount(known+p.Sum)
	if !math.IsInf(p.Step, 0) && c.even() {
		v.Step = tenth(p.Step * float64(p.Hard()))
	}
	best, least := p.Highest, p.Lowest
	if v.Hard < 0 {
		best, least = least, best
	}
	if there(best) {
		v.Best = c.amount(known + best)
	}
	if there(least) {
		v.Least = c.amount(known + least)
	}
	if p.State == catchup.Short {
		v.Short = c.amount(p.Shortfall())
		v.ChanceBest = c.chance(&b.whole.landing, known+best, &b.whole)
	}
	c.rows(v, true)
}

// even reports whether the step is a number of spreads.
func (c *closing) even() bool {
	for _, p := range c.spec.Parts {
		if slices.ContainsFunc(p.Cells, func(cell catchup.Cell) bool { return cell.Weight != 0 }) {
			return false
		}
	}
	return true
}

// rows fills in the units and their sum.
func (c *closing) rows(v *CatchUpView, planned bool) {
	whole := c.row(&c.base.whole, -1, false)
	if c.base.alone {
		v.Whole = c.row(&c.base.parts[0], 0, planned)
		return
	}
	for i := range c.base.parts {
		v.Rows = append(v.Rows, c.row(&c.base.parts[i], i, planned))
	}
	c.sumRows(&whole, v.Rows, planned)
	v.Whole = whole
}

// row is one unit; part is its place among the parts, −1 for the whole.
func (c *closing) row(p *catchPart, part int, planned bool) CatchUpRow {
	b, sn := c.base, c.base.sn
	id := sn.tree.Nodes[p.node].ID
	row := CatchUpRow{Unit: sn.ref(p.node), Own: p.own, Basis: p.basis, Note: p.note, Chance: p.landing.view.Chance}
	var inForce []int64
	if t := c.h.promise(p.node); t != nil && !p.own {
		row.Target, row.Revision = t.Value, t.Revision
		inForce = b.planned(c.h, t)
	}
	if !p.own {
		row.Target = cmp.Or(row.Target, p.landing.view.Asked)
		row.Person, row.Leader = sn.charged(b.in.Code, p.node), sn.leader(id)
	}
	sum, known := int64(0), int64(0)
	for _, end := range b.calendar.Ends() {
		j := slices.Index(b.months, end)
		cell := CatchUpCell{Period: c.period(end)}
		if inForce != nil {
			cell.InForce = c.amount(inForce[end-1])
		}
		if len(p.history) > 1 {
			cell.LastYear = c.amount(p.history[1][end-1])
		}
		switch value := p.known[end-1]; {
		case there(value):
			cell.Known, cell.Value = true, c.amount(value)
			known += value
			row.Known, row.Through = c.amount(known), luoshi.ToDate(sn.year, end)
			if j >= 0 {
				cell.Hold = catchup.Known
				sum += value
			}
		case j < 0:
			cell.Estimated, cell.Value = there(p.estimated[end-1]), c.amount(p.estimated[end-1])
		default:
			if cell.Estimated = there(p.estimated[end-1]); part >= 0 {
				sum += c.cells(&cell, p, part, j, planned)
			}
		}
		row.Cells = append(row.Cells, cell)
	}
	if part < 0 {
		return row
	}
	row.Expected = c.estimate(c.expected(p))
	c.bounds(&row, p, part)
	if planned {
		c.sums(&row, p, part, sum)
	}
	return row
}

// cells fills in a cell that is left.
func (c *closing) cells(cell *CatchUpCell, p *catchPart, part, j int, planned bool) int64 {
	b := c.base
	code := b.sn.tree.Nodes[p.node].Code
	spec, reach := c.spec.Parts[part].Cells[j], c.reaches[part]
	end := b.months[j]
	cell.Expect, cell.Spread = c.estimate(p.expect[j]), c.estimate(p.spread[j])
	cell.Low, cell.High = c.amount(spec.Low), c.amount(spec.High)
	if cell.HighFrom = string(reach.HighFrom[j]); there(spec.High) && spec.High != reach.High[j] {
		cell.HighFrom = FromPlanner
	}
	if stated, ok := p.stated[end]; ok && !p.own {
		cell.Capacity = b.sn.capacityRef(stated)
	}
	if q, ok := c.q.CellCaps[code][end]; ok && !p.own {
		cell.Cap = luoshi.Some(q)
	}
	if _, ok := c.q.Locks[code][end]; ok && !p.own {
		cell.Locked = true
	}
	if !planned {
		if cell.Locked {
			cell.Value = c.amount(spec.Locked)
		}
		return 0
	}
	x := c.plan.Grid.Cells[part][end-1]
	cell.Value, cell.Hold = c.amount(x), c.plan.Holds[part][j]
	cell.Extra = c.amount((x - int64(math.Round(p.expect[j]))) * int64(c.plan.Hard()))
	cell.Effort = tenth(c.plan.Effort(part, j))
	return x
}

// bounds fills in what a unit can attain of what is left.
func (c *closing) bounds(row *CatchUpRow, p *catchPart, part int) {
	code := row.Unit.Code
	spec := c.spec.Parts[part]
	row.Least, row.Most = c.amount(spec.Least), c.amount(spec.Most)
	if row.MostFrom = string(c.reaches[part].MostFrom); there(spec.Most) && spec.Most != c.reaches[part].Most {
		row.MostFrom = FromPlanner
	}
	if p.own {
		return
	}
	for _, g := range []struct {
		by   map[string]luoshi.Quantity
		into *luoshi.NullQuantity
	}{{c.q.Caps, &row.Cap}, {c.q.Floors, &row.Floor}, {c.q.Weights, &row.Weight}} {
		if q, ok := g.by[code]; ok {
			*g.into = luoshi.Some(q)
		}
	}
}

// sums fills in a unit's margin.
func (c *closing) sums(row *CatchUpRow, p *catchPart, part int, sum int64) {
	b := c.base
	year, spread, any := sum, 0.0, false
	for _, end := range b.calendar.Ends() {
		if v := p.over(end, b.months); there(v) {
			year += v
		}
	}
	for j, end := range b.months {
		if !there(p.known[end-1]) {
			spread += p.spread[j]
		}
		any = any || p.spread[j] > 0
	}
	expect := c.expected(p)
	row.Rest, row.Total = c.amount(sum), c.amount(year)
	row.Extra = c.amount((sum - int64(math.Round(expect))) * int64(c.plan.Hard()))
	if any && spread > 0 {
		row.Effort = tenth((float64(sum) - expect) / spread * float64(c.plan.Hard()))
	}
	row.Over = minus(row.Total, row.Target)
	row.Hold = c.plan.Units[part]
	if !p.own {
		row.Reaches = c.chance(&p.landing, year, p)
	}
}

// sumRows sums the rows into the whole: by month, and in the margin.
func (c *closing) sumRows(whole *CatchUpRow, rows []CatchUpRow, planned bool) {
	b := c.base
	var expect float64
	for j := range whole.Cells {
		cell := &whole.Cells[j]
		left := slices.Index(b.months, cell.Period.To)
		if cell.Known || left < 0 {
			continue
		}
		value, e, spread := int64(0), 0.0, 0.0
		for i := range b.parts {
			p := &b.parts[i]
			if v := p.known[cell.Period.To-1]; there(v) {
				value, e = value+v, e+float64(v)
				continue
			}
			e, spread = e+p.expect[left], spread+p.spread[left]
			if planned {
				value += c.plan.Grid.Cells[i][cell.Period.To-1]
			}
		}
		expect += e
		cell.Expect, cell.Spread = c.estimate(e), c.estimate(spread)
		if planned {
			cell.Value = c.amount(value)
			cell.Extra = c.amount((value - int64(math.Round(e))) * int64(c.plan.Hard()))
			if spread > 0 {
				cell.Effort = tenth((float64(value) - e) / spread * float64(c.plan.Hard()))
			}
		}
	}
	whole.Expected = c.estimate(expect)
	if !planned {
		return
	}
	known := c.total - c.spec.Needed
	whole.Rest, whole.Total = c.amount(c.plan.Sum), c.amount(known+c.plan.Sum)
	whole.Extra = c.amount((c.plan.Sum - int64(math.Round(expect))) * int64(c.plan.Hard()))
	whole.Least, whole.Most = c.amount(c.plan.Lowest), c.amount(c.plan.Highest)
	whole.Over = minus(whole.Total, whole.Target)
	whole.Reaches = c.chance(&b.whole.landing, known+c.plan.Sum, &b.whole)
	spread := 0.0
	for _, p := range b.parts {
		for j, end := range b.months {
			if !there(p.known[end-1]) {
				spread += p.spread[j]
			}
		}
	}
	if spread > 0 {
		whole.Effort = tenth((float64(c.plan.Sum) - expect) / spread * float64(c.plan.Hard()))
	}
}

// tell says the verdict, with the chance that things go so by themselves.
func (c *closing) tell(v *CatchUpView) {
	for _, m := range c.plan.Say() {
		v.Says = append(v.Says, c.shown(m))
	}
	side := ""
	if v.Hard < 0 {
		side = "_less"
	}
	measure := assess.AfterNumber(v.Indicator.Measure)
	switch {
	case v.ChanceBest.OK():
		v.Says = append(v.Says, luoshi.Say("catchupplan.chance.short"+side, "best", v.Best, "measure", measure, "chance", ChanceSays(v.ChanceBest)))
	case v.Chance.OK():
		v.Says = append(v.Says, luoshi.Say("catchupplan.chance.asis"+side, "target", v.Target, "measure", measure, "chance", ChanceSays(v.Chance)))
	}
}

// tasks fills in who must do what by when, and what stands in the way.
func (c *closing) tasks(v *CatchUpView) {
	b := c.base
	for _, t := range c.plan.Tasks() {
		p := &b.parts[t.Part]
		if p.own || there(p.estimated[t.Period.To-1]) || c.plan.State == catchup.Ahead { // what is left of an expectation is rounding
			continue
		}
		v.Tasks = append(v.Tasks, CatchUpTask{
			Unit: b.sn.ref(p.node), Period: t.Period, By: t.By, Value: c.amount(t.Value), Expect: c.amount(t.Expect), Extra: c.amount(t.Extra), Effort: tenth(t.Effort), Hold: t.Hold,
			Person: b.sn.charged(b.in.Code, p.node), Leader: b.sn.leader(b.sn.tree.Nodes[p.node].ID), Says: c.shown(t.Say(c.plan.Hard())),
		})
	}
	for _, g := range c.plan.Gives {
		v.Gives = append(v.Gives, CatchUpGive{Unit: b.sn.ref(b.parts[g.Part].node), Hold: g.Hold, Period: g.Period, Now: c.amount(g.Now), Gain: c.amount(g.Gain), Says: c.shown(g.Say())})
	}
}

// compare sets the plan beside the one in force, or a version of it, and beside
// another try.
func (c *closing) compare(ctx context.Context, s *Service, v *CatchUpView) error {
	b := c.base
	state := map[luoshi.UnitID]*luoshi.Target{}
	var version *PlanVersion
	if c.q.Against != "" {
		i := slices.IndexFunc(v.Versions, func(o PlanVersion) bool { return o.ID == c.q.Against })
		if i < 0 {
			return &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("cascadepage.no_version", "text", c.q.Against)}
		}
		version = &v.Versions[i]
		state, _ = b.sn.stateAt(b.in, b.node, c.q.Against)
	} else {
		for _, p := range b.parts {
			if t := c.h.promise(p.node); t != nil {
				state[t.Unit] = t
			}
		}
		if i := slices.IndexFunc(v.Versions, func(o PlanVersion) bool { return o.InForce }); i >= 0 {
			version = &v.Versions[i]
		}
	}
	other := make([][]int64, len(b.parts))
	found := false
	for i, p := range b.parts {
		if t := state[b.sn.tree.Nodes[p.node].ID]; t != nil && !p.own {
			other[i], found = b.planned(c.h, t), true
		}
	}
	if found {
		v.Compare = c.differences(other)
		v.Compare.Version = version
	}
	if c.q.Beside == nil {
		return nil
	}
	q := *c.q.Beside
	q.Look, q.Indicator, q.Beside, q.Against = c.q.Look, b.in.Code, nil, ""
	_, o, err := s.catchUp(ctx, b.sn, q)
	if err != nil || o == nil || luoshi.Blocked(o.blocking()) {
		return err
	}
	v.Beside = c.differences(o.plan.Grid.Cells)
	pair := catchup.Compare(c.plan, o.plan)
	v.Beside.Effort, v.Beside.Other = tenth(pair.MostBefore), tenth(pair.MostAfter)
	if pair.ShortAfter > 0 {
		v.Beside.Short = c.amount(pair.ShortAfter)
	}
	return nil
}

// differences holds the plan against single periods by part.
func (c *closing) differences(other [][]int64) *CatchUpCompare {
	b := c.base
	n := len(b.months)
	d := &CatchUpCompare{}
	pair := func(here, other int64) CatchUpDiff {
		one := CatchUpDiff{Here: c.amount(here), There: c.amount(other)}
		one.By = minus(one.Here, one.There)
		return one
	}
	mine, theirs := make([]int64, n+1), make([]int64, n+1)
	for i := range b.parts {
		p := &b.parts[i]
		if other[i] == nil {
			for k := range theirs {
				theirs[k] = luoshi.Missing
			}
		}
		row := CatchUpDiffRow{Unit: b.sn.ref(p.node), Own: p.own}
		x, y, differs := int64(0), int64(0), false
		for j, end := range b.months {
			cell, was := c.plan.Grid.Cells[i][end-1], luoshi.Missing
			if other[i] != nil {
				was = other[i][end-1]
			}
			if v := p.known[end-1]; there(v) {
				was = v
			}
			x, y = x+cell, plusAll(y, was)
			mine[j], theirs[j] = mine[j]+cell, plusAll(theirs[j], was)
			row.Cells = append(row.Cells, pair(cell, was))
			if cell != was && (there(was) || !p.own) {
				differs = true
				d.Differ++
			}
		}
		mine[n], theirs[n] = mine[n]+x, plusAll(theirs[n], y)
		if row.Sum = pair(x, y); differs {
			d.Rows = append(d.Rows, row)
		}
	}
	for j := range b.months {
		d.Months = append(d.Months, pair(mine[j], theirs[j]))
	}
	d.Sum = pair(mine[n], theirs[n])
	worst := math.NaN()
	for i := range b.parts {
		for j := range b.months {
			if e := c.plan.Effort(i, j); !math.IsNaN(e) && !(e <= worst) {
				worst = e
			}
		}
	}
	d.Effort = tenth(worst)
	return d
}
