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

// CatchUp plans what is left of the year. What cannot be planned says why in the view.
func (s *Service) CatchUp(ctx context.Context, q CatchUpQuery) (*CatchUpView, error) {
	if q.Trying() || q.Beside != nil || q.From != 0 || q.Seen != 0 {
		sn, err := s.snapshot(ctx, s.settle(q.Look))
		if err != nil {
			return nil, err
		}
		v, _, err := s.catchUp(ctx, sn, q)
		return v, err
	}
	return kept(ctx, s, q.Look, "catch-up "+q.Indicator+" "+q.Against, func(ctx context.Context, sn *snapshot) (*CatchUpView, error) {
		v, _, err := s.catchUp(ctx, sn, q)
		return v, err
	})
}

func (v *CatchUpView) weight() int {
	return (len(v.Rows)+1)*(700+600*len(v.Columns)) + 500*len(v.Tasks) + 200*(len(v.Changes)+len(v.Versions))
}

// closing is one plan as it is made: the base, what was given, what came of it.
type closing struct {
	base     *catchBase
	q        CatchUpQuery
	h        *handing
	total    int64 // of the year
	better   luoshi.Direction
	reaches  []catchup.Reach
	spec     catchup.Spec
	plan     catchup.Plan
	problems []SheetProblem
}

func (s *Service) catchUp(ctx context.Context, sn *snapshot, q CatchUpQuery) (*CatchUpView, *closing, error) {
	node, err := sn.unitOf(q.Unit)
	if err != nil {
		return nil, nil, err
	}
	v := &CatchUpView{From: cmp.Or(q.From, s.today()), Tried: q.Trying(), Weigh: cmp.Or(q.Weigh, WeighSpread)}
	if v.Frame, err = s.frame(ctx, sn, node); err != nil {
		return nil, nil, err
	}
	if node < 0 {
		v.Why = luoshi.Say("cascadepage.no_units")
		return v, nil, nil
	}
	v.Choices = sn.catchable(node)
	if q.Indicator == "" {
		if len(v.Choices) == 0 || !v.Choices[0].Here {
			v.Why, v.Instead = luoshi.Say("cascadepage.no_targets", "unit", v.Unit.Name), luoshi.Say("catchupplan.instead.target")
			return v, nil, nil
		}
		q.Indicator = v.Choices[0].Code
		for _, c := range v.Choices { // the first that can be planned
			base, err := s.catchBase(ctx, q.Look, c.Code)
			if err != nil {
				return nil, nil, err
			}
			if c.Here && base.why.Key == "" {
				q.Indicator = c.Code
				break
			}
		}
	}
	base, err := s.catchBase(ctx, q.Look, q.Indicator)
	if err != nil {
		return nil, nil, err
	}
	if base.sn != sn { // something was written in between
		sn = base.sn
		if v.Frame, err = s.frame(ctx, sn, base.node); err != nil {
			return nil, nil, err
		}
	}
	v.Indicator = headOf(base.in)
	v.Versions, v.Seen = sn.versions(base.in, base.node)
	v.Plans = sn.catchUps(base.in, base.node)
	v.Keeping = sn.keeping(base.in, base.node, v.Plans)
	if v.Why, v.Instead = base.why, base.instead; v.Why.Key != "" {
		return v, nil, nil
	}
	c := &closing{base: base, q: q, h: &handing{sn: sn, node: base.node, in: base.in, calendar: base.in.Calendar}}
	v.Alone = base.alone
	c.head(v)
	if v.Why.Key != "" {
		v.Problems = c.said()
		return v, nil, nil
	}
	c.solve()
	v.Problems = c.said()
	c.columns(v)
	if luoshi.Blocked(c.blocking()) {
		c.reported(v)
		return v, c, nil
	}
	c.lay(v)
	c.tell(v)
	c.tasks(v)
	v.Changes = c.changes(v.From)
	if err := c.compare(ctx, s, v); err != nil {
		return nil, nil, err
	}
	return v, c, nil
}

// catchable are the indicators whose rest can be planned, first those of which the
// unit has a target.
func (sn *snapshot) catchable(node int) []IndicatorChoice {
	var list []IndicatorChoice
	for _, in := range sn.plan.indicators {
		if in.Retired || in.Formula != "" || in.Kind != luoshi.Flow || in.OverTime != luoshi.TimeSum || len(in.Calendar.Ends()) < 4 {
			continue
		}
		_, here := sn.targets[targetAt{in.Code, sn.tree.Nodes[node].ID}]
		list = append(list, IndicatorChoice{in.Code, in.Names, here})
	}
	return hereFirst(list)
}

func (c *closing) amount(v int64) luoshi.NullQuantity { return luoshi.Unscaled(v, c.base.in.Decimals) }

// estimate is an estimate at the published precision.
func (c *closing) estimate(x float64) luoshi.NullQuantity {
	if math.IsNaN(x) || math.Abs(x) > most {
		return luoshi.NullQuantity{}
	}
	return c.amount(int64(math.Round(x)))
}

// tenth is a number of spreads, to one decimal.
func tenth(x float64) luoshi.NullQuantity {
	if math.IsNaN(x) || math.Abs(x) > 1e9 {
		return luoshi.NullQuantity{}
	}
	return luoshi.Unscaled(int64(math.Round(10*x)), 1)
}

// head fills in what is asked, and finds the total that is planned for.
func (c *closing) head(v *CatchUpView) {
	b, l := c.base, &c.base.whole.landing
	if t := b.sn.targets[targetAt{b.in.Code, b.sn.tree.Nodes[b.node].ID}]; t != nil {
		v.Promise = assess.Promise(b.in, *t, b.sn.referenceName(*t))
	}
	v.Asked, v.Better, v.Derived = l.view.Asked, l.view.Better, l.view.Derived
	v.Known, v.Through = l.view.Known, l.view.Through
	v.Notes = slices.Concat(b.notes, l.promise.notes)
	v.Sample = v.Sample || b.sampled()
	c.better, c.total = l.promise.better, l.promise.asked
	if !there(l.promise.asked) {
		c.better = luoshi.More
		if assess.Wants(b.in) < 0 {
			c.better = luoshi.Less
		}
		v.Better = c.better
	}
	if c.better == luoshi.Band {
		if l.outlook.Total > float64(l.promise.upper) {
			c.total = l.promise.upper
		}
		c.q.Exact = false
	}
	v.Chance = l.view.Chance
	if c.q.Total.Valid {
		n, err := luoshi.Scaled(c.q.Total.Decimal, b.in.Decimals)
		if err != nil {
			c.refuse(b.node, 0, messageOf(err))
		} else {
			c.total = n
			v.Chance = c.chance(l, n, &b.whole)
		}
	}
	v.Target = c.amount(c.total)
	if !there(c.total) {
		v.Why, v.Instead = luoshi.Say("catchupplan.why.target", "indicator", b.in.Names, "unit", v.Unit.Name), luoshi.Say("catchupplan.instead.total")
		if v.Promise.Key != "" {
			v.Why = luoshi.Say("catchupplan.why.amount", "promise", v.Promise)
		}
	}
}

// sampled reports whether generated figures are part of the base.
func (b *catchBase) sampled() bool {
	v := b.sn.cube
	for _, p := range b.parts {
		for _, end := range b.calendar.Ends() {
			if there(p.known[end-1]) && v.Value(b.in.Code, p.node, luoshi.ToDate(b.sn.year, end), luoshi.Cumulative).Sample {
				return true
			}
		}
	}
	return false
}

func (c *closing) chance(l *landing, total int64, p *catchPart) luoshi.Ratio {
	return l.chance(total, c.better, sumThere(p.known), l.view.Standing == OutlookClosed)
}

// sumThere adds what is there.
func sumThere(list []int64) (sum int64) {
	for _, v := range list {
		if there(v) {
			sum += v
		}
	}
	return sum
}

func (c *closing) refuse(node, month int, m luoshi.Message) {
	c.problem(node, month, luoshi.Blocking, m)
}

func (c *closing) problem(node, month int, severity luoshi.Severity, m luoshi.Message) {
	c.problems = append(c.problems, SheetProblem{Unit: c.base.sn.ref(node), Month: month, Severity: severity, Message: m})
}

// solve puts what was given to the base and finds the plan.
func (c *closing) solve() {
	b := c.base
	c.spec = catchup.Spec{Year: b.sn.year, Calendar: b.calendar, Months: b.months, Direction: c.better, Negative: b.negative, Keep: !c.q.Exact, Needed: c.total}
	if c.better == luoshi.Band {
		c.spec.Direction = luoshi.More
		if l := c.base.whole.landing; l.outlook.Total > float64(l.promise.upper) {
			c.spec.Direction = luoshi.Less
		}
	}
	for i := range b.parts {
		c.spec.Parts = append(c.spec.Parts, c.part(&b.parts[i]))
		for _, end := range b.calendar.Ends() {
			if v := b.parts[i].over(end, b.months); there(v) {
				c.spec.Needed -= v
			}
		}
	}
	c.strangers()
	if luoshi.Blocked(c.blocking()) {
		return
	}
	plan, problems := catchup.Solve(c.spec)
	c.plan = plan
	for _, p := range problems {
		p.Message = c.shown(p.Message)
		node := b.node
		if p.Row > 0 {
			node = b.parts[p.Row-1].node
		}
		c.problem(node, p.Col, p.Severity, p.Message)
	}
}

// over is what a part brought in a period that is not planned: reported or deduced.
func (p *catchPart) over(end int, months []int) int64 {
	if slices.Contains(months, end) {
		return luoshi.Missing
	}
	if v := p.known[end-1]; there(v) {
		return v
	}
	return p.estimated[end-1]
}

// part is one unit's side with what was given of it.
func (c *closing) part(p *catchPart) catchup.Part {
	b := c.base
	n := len(b.months)
	part := catchup.Part{Unit: b.sn.tree.Nodes[p.node].ID, Cells: make([]catchup.Cell, n), Least: luoshi.Missing, Most: luoshi.Missing}
	if p.own {
		part.Unit = -part.Unit // beside the unit itself there is no other with this number
	}
	for j, end := range b.months {
		cell := catchup.Free(p.expect[j], p.spread[j])
		if v := p.known[end-1]; there(v) {
			cell = catchup.Free(float64(v), 0)
			cell.Locked, cell.Known = v, true
		}
		part.Cells[j] = cell
	}
	reach := c.reach(p)
	c.reaches = append(c.reaches, reach)
	if p.own {
		return part
	}
	part = c.spec.Yield(reach.Bound(part))
	c.given(p, &part)
	c.weigh(p, &part)
	return part
}

// reach is what a unit can attain by its past and by what it has stated.
func (c *closing) reach(p *catchPart) catchup.Reach {
	b := c.base
	spec := catchup.ReachSpec{Calendar: b.calendar, Months: b.months, History: p.history, Stretch: c.q.Stretch}
	if c.q.Unbound || p.own {
		spec.History = nil
	}
	for j, end := range b.months {
		e := p.expect[j]
		if v := p.known[end-1]; there(v) {
			e = float64(v)
		}
		spec.Expect = append(spec.Expect, e)
	}
	if len(p.stated) > 0 && !p.own {
		spec.Capacity = slices.Repeat([]int64{luoshi.Missing}, len(b.months))
		for j, end := range b.months {
			spec.Capacity[j] = scaled(p.stated[end].Most, b.in.Decimals)
		}
	}
	r := catchup.ReachOf(spec)
	if left := p.stock; there(left) && !p.own {
		for _, end := range b.calendar.Ends() {
			if v := p.over(end, b.months); there(v) {
				left -= v
			}
		}
		r = r.Within(max(left, 0))
	}
	return r
}

// given puts locks, caps and floors to a part.
func (c *closing) given(p *catchPart, part *catchup.Part) {
	code := c.base.sn.tree.Nodes[p.node].Code
	if v, ok := c.scale(p.node, c.q.Caps, code); ok && (!there(part.Most) || v < part.Most) {
		part.Most = v
		if there(part.Least) && part.Least > v {
			part.Least = luoshi.Missing
		}
	}
	if v, ok := c.scale(p.node, c.q.Floors, code); ok && (!there(part.Least) || v > part.Least) {
		part.Least = v
		if _, capped := c.q.Caps[code]; !capped && there(part.Most) && part.Most < v { // who decides a floor says that it can be
			part.Most = luoshi.Missing
		}
	}
	for month, q := range c.q.CellCaps[code] {
		if cell, n, ok := c.cell(p, part, month, q); ok {
			if !there(cell.High) || n < cell.High {
				cell.High = n
			}
			if there(cell.Low) {
				cell.Low = min(cell.Low, n)
			}
		}
	}
	for month, q := range c.q.Locks[code] {
		if cell, n, ok := c.cell(p, part, month, q); ok {
			cell.Locked = n
		}
	}
}

// cell finds the cell that a value is given for, and the value; or notes why it
// cannot be given.
func (c *closing) cell(p *catchPart, part *catchup.Part, month int, q luoshi.Quantity) (*catchup.Cell, int64, bool) {
	b := c.base
	name := b.sn.tree.Nodes[p.node].Names
	j := slices.Index(b.months, month)
	switch {
	case month >= 1 && month <= 12 && there(p.known[month-1]):
		c.refuse(p.node, month, luoshi.Say("catchupplan.reported", "unit", name, "period", c.period(month), "value", c.amount(p.known[month-1])))
		return nil, 0, false
	case j < 0:
		c.refuse(p.node, month, luoshi.Say("catchupplan.month", "unit", name, "month", month))
		return nil, 0, false
	}
	n, err := luoshi.Scaled(q, b.in.Decimals)
	if err != nil {
		c.refuse(p.node, month, messageOf(err))
	}
	return &part.Cells[j], n, err == nil
}

// scale brings a value given by unit to the indicator's decimals, or notes why it
// cannot be.
func (c *closing) scale(node int, by map[string]luoshi.Quantity, code string) (int64, bool) {
	q, ok := by[code]
	if !ok {
		return 0, false
	}
	n, err := luoshi.Scaled(q, c.base.in.Decimals)
	if err != nil {
		c.refuse(node, 0, messageOf(err))
	}
	return n, err == nil
}

// weigh gives the cells weights where effort is not shared by spreads alone.
func (c *closing) weigh(p *catchPart, part *catchup.Part) {
	factor := 1.0
	q, own := c.q.Weights[c.base.sn.tree.Nodes[p.node].Code]
	if own {
		if factor, _ = q.Float64(); factor <= 0 {
			c.refuse(p.node, 0, luoshi.Say("catchupplan.weight", "unit", c.base.sn.tree.Nodes[p.node].Names))
			return
		}
	}
	for j := range part.Cells {
		cell := &part.Cells[j]
		if cell.Known || cell.Spread == 0 {
			continue
		}
		switch {
		case c.q.Weigh == WeighEven:
			cell.Weight = factor
		case c.q.Weigh == WeighSize && math.Abs(cell.Expect) >= 1:
			cell.Weight = factor / math.Abs(cell.Expect)
		case c.q.Weigh == WeighSize:
			cell.Weight = factor
		case own && factor != 1:
			cell.Weight = factor / cell.Spread
		}
	}
}

// strangers refuses what was given of units that have no part in the plan.
func (c *closing) strangers() {
	b := c.base
	codes := map[string]bool{}
	for code := range c.q.Locks {
		codes[code] = true
	}
	for code := range c.q.CellCaps {
		codes[code] = true
	}
	for _, by := range []map[string]luoshi.Quantity{c.q.Caps, c.q.Floors, c.q.Weights} {
		for code := range by {
			codes[code] = true
		}
	}
	for _, p := range b.parts {
		if !p.own {
			delete(codes, b.sn.tree.Nodes[p.node].Code)
		}
	}
	for code := range codes {
		c.refuse(b.node, 0, luoshi.Say("catchupplan.stranger", "code", code, "unit", b.sn.tree.Nodes[b.node].Names))
	}
}

func (c *closing) period(end int) luoshi.Period {
	p, ok := c.base.calendar.Period(c.base.sn.year, end, luoshi.Single)
	if !ok {
		return luoshi.MonthOf(c.base.sn.year, end)
	}
	return p
}

// said is what is wrong, blocking first.
func (c *closing) said() []SheetProblem {
	slices.SortStableFunc(c.problems, func(a, b SheetProblem) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Unit.Code, b.Unit.Code), cmp.Compare(a.Month, b.Month), cmp.Compare(a.Message.String(), b.Message.String()))
	})
	return c.problems
}

func (c *closing) blocking() []luoshi.Problem {
	var list []luoshi.Problem
	for _, p := range c.problems {
		list = append(list, luoshi.Problem{Severity: p.Severity, Message: p.Message})
	}
	return list
}
