package service

import (
	"cmp"
	"context"
	"math"
	"slices"

	"luoshi.dev"
	"luoshi.dev/cascade"
	"luoshi.dev/forecast"
)

// catchBase is what every plan of an indicator at a unit rests on: who has reported
// what, and what each is expected to bring in the periods that are left. It is kept,
// so that another lock forecasts nothing anew.
type catchBase struct {
	sn       *snapshot
	node     int
	in       luoshi.Indicator
	calendar luoshi.Calendar
	months   []int // the ends of the periods that are left to plan
	alone    bool
	negative bool // values below zero have been seen
	whole    catchPart
	parts    []catchPart // the whole itself where it is planned alone
	notes    []luoshi.Message
	why      luoshi.Message // why there is nothing to plan
	instead  luoshi.Message
}

// catchPart is one unit's side.
type catchPart struct {
	node      int
	own       bool // what the units below do not account for
	basis     string
	note      luoshi.Message
	known     []int64     // 12 by period end, Missing where not reported
	estimated []int64     // 12 by period end: of a period that is over for the whole and not reported here
	history   [][]int64   // single periods of years, this year first
	ahead     [12]float64 // what the outlook expects, by period end
	expect    []float64   // by month that is left; NaN where it is known
	spread    []float64
	unsure    []float64 // spread when sums are brought together; that of what nobody is asked for is not in spread
	landing   landing
	stock     int64                   // at the end of last year, of which the year can bring no more; luoshi.Missing = not drawn from one
	stated    map[int]luoshi.Capacity // by month, what the unit has said of its capacity
}

// landing is an outlook as it was made, before it is rounded.
type landing struct {
	view    OutlookView // its total, promise and chance
	series  *series
	outlook forecast.Outlook
	promise promise
	ok      bool
}

func (b *catchBase) weight() int {
	n := 1024
	for _, p := range b.parts {
		n += 3000 + 96*len(p.history) + 16*len(p.expect)
		if p.landing.series != nil {
			n += 24 * len(p.landing.series.single)
		}
	}
	return n
}

// catchBase is what plans rest on at a look.
func (s *Service) catchBase(ctx context.Context, look Look, code string) (*catchBase, error) {
	return kept(ctx, s, look, "catch-up base "+code, func(ctx context.Context, sn *snapshot) (*catchBase, error) {
		b := &catchBase{sn: sn}
		var err error
		if b.node, err = sn.unitOf(look.Unit); err != nil || b.node < 0 {
			return b, err
		}
		if b.in, err = sn.measured(code); err != nil {
			return nil, err
		}
		d, err := s.foresee(ctx, sn, look, b.in)
		if err != nil {
			return nil, err
		}
		b.make(d)
		return b, nil
	})
}

// land makes one unit's outlook.
func (d *desk) landing(node int, r *series) landing {
	l := landing{series: r}
	v := &l.view
	v.Standing = OutlookOpen
	c := d.sn.caseOf(d.in.Code, node)
	places, apart := r.now()
	if v.Why = d.tooLittle(r, places, apart); v.Why.Key != "" {
		return l
	}
	o, _, err := d.ask(&d.caster, r, node, places)
	if err != nil {
		v.Why = luoshi.Say("outlook.none.history", "indicator", d.in.Names)
		return l
	}
	known := d.reach(v, &o, r, node, places)
	l.promise = d.promise(v, r, node, c, places)
	v.judge(r, &o, l.promise, known)
	o.Views = nil
	l.outlook, l.ok = o, true
	return l
}

// chance is the probability that a year's total is reached as things stand.
func (l *landing) chance(total int64, better luoshi.Direction, known int64, closed bool) luoshi.Ratio {
	if !l.ok || closed || better == luoshi.Band || !there(total) {
		return luoshi.Ratio{}
	}
	p := promise{asked: total, better: better}
	met := total <= known
	if l.series.grows() && (better == luoshi.More && met || better == luoshi.Less && total < known) {
		return luoshi.Over(int64(map[bool]int{true: 1000}[better == luoshi.More]), 1000)
	}
	return thousandths(chanceOf(&l.outlook, p, len(l.series.ends)-l.promise.places))
}

// make gathers what is known and expected.
func (b *catchBase) make(d *desk) {
	sn, in := b.sn, b.in
	if !d.adds() {
		b.why, b.instead = luoshi.Say("catchupplan.why.kind", "indicator", in.Names, "kind", in.Kind), luoshi.Say("catchupplan.instead.board")
		return
	}
	if b.why = d.unfit(); b.why.Key != "" {
		b.instead = luoshi.Say("catchupplan.instead.board")
		return
	}
	children := sn.areas(b.node)
	b.alone = len(children) == 0 || !in.Additive()
	whole := sn.seriesOf(d.cube, in, b.node)
	var below []*series
	joined := whole.joined
	if !b.alone {
		for _, c := range children {
			r := sn.seriesOf(d.cube, in, c)
			below = append(below, r)
			joined = joined || r.joined
		}
	}
	b.calendar = in.Calendar
	if joined {
		b.calendar = luoshi.MonthlyJanFeb
	}
	b.whole = b.part(d, b.node, whole)
	if b.why = b.whole.landing.view.Why; b.why.Key != "" {
		b.instead = luoshi.Say("catchupplan.instead.history")
		return
	}
	last := 12
	if p := b.whole.landing.promise; there(p.asked) && p.places < len(whole.ends) {
		last = whole.ends[p.places-1] // due before the year is over
	}
	for _, end := range b.calendar.Ends() {
		if !there(b.whole.known[end-1]) && end <= last {
			b.months = append(b.months, end)
		}
	}
	if len(b.months) == 0 {
		b.why, b.instead = luoshi.Say("catchupplan.why.closed", "indicator", in.Names, "year", luoshi.YearOf(sn.year)), luoshi.Say("catchupplan.instead.closed")
		return
	}
	b.foresee(&b.whole)
	b.negative = !whole.grows()
	if b.alone {
		b.parts = []catchPart{b.whole}
		return
	}
	for i, c := range children {
		p := b.part(d, c, below[i])
		if b.idle(p) {
			continue
		}
		b.negative = b.negative || !below[i].grows()
		b.foresee(&p)
		b.parts = append(b.parts, p)
	}
	if len(b.parts) == 0 {
		b.alone, b.parts = true, []catchPart{b.whole}
		return
	}
	b.remainder(d, whole, below)
	b.standIn()
	b.deduce()
	b.reconcile()
	b.complete()
}

// idle reports whether a unit below has no part in the indicator: neither figures in
// this year or the last, nor a target.
func (b *catchBase) idle(p catchPart) bool {
	if b.sn.targets[targetAt{b.in.Code, b.sn.tree.Nodes[p.node].ID}] != nil {
		return false
	}
	for _, year := range p.history[:min(2, len(p.history))] {
		if slices.ContainsFunc(year, there) {
			return false
		}
	}
	return true
}

// part reads what one unit has reported, and makes its outlook.
func (b *catchBase) part(d *desk, node int, r *series) catchPart {
	p := catchPart{node: node, basis: BasisOutlook, landing: d.landing(node, r), stock: d.stock(node), stated: b.sn.stated(b.in.Code, b.sn.tree.Nodes[node].ID)}
	for year := r.year; year >= r.first; year-- {
		p.history = append(p.history, b.byEnd(r, year, r.single))
	}
	p.known = p.history[0]
	return p
}

// byEnd is a year of a series by the month in which each period of the calendar ends.
func (b *catchBase) byEnd(r *series, year int, values []int64) []int64 {
	row, start := blanks(), (year-r.first)*len(r.ends)
	for i, end := range r.ends {
		row[end-1] = values[start+i]
	}
	if b.calendar == luoshi.MonthlyJanFeb && !r.joined && r.ends[0] == 1 {
		row[1] = plusAll(row[0], row[1])
		row[0] = luoshi.Missing
	}
	return row
}

// plusAll is a sum, missing where a part is.
func plusAll(list ...int64) (sum int64) {
	for _, v := range list {
		if !there(v) {
			return luoshi.Missing
		}
		sum += v
	}
	return sum
}

// oneSpread is the share of a normal distribution within one standard deviation.
const oneSpread = 0.6826894921370859

// foresee takes the periods that are left from the outlook. The spreads of the
// periods are in the proportion of theirs and sum to that of the whole rest, so that
// so many spreads beyond in each are so many beyond in the year.
func (b *catchBase) foresee(p *catchPart) {
	n := len(b.months)
	p.expect, p.spread, p.estimated = slices.Repeat([]float64{math.NaN()}, n), make([]float64, n), blanks()
	if !p.landing.ok {
		p.basis, p.note = "", p.landing.view.Why
		return
	}
	r, o := p.landing.series, &p.landing.outlook
	at := map[int]float64{} // by month that ends a period
	wide, sum, last := map[int]float64{}, 0.0, -1
	for i, step := range o.Steps {
		end := r.ends[step.Place-1]
		if b.calendar == luoshi.MonthlyJanFeb && end == 1 {
			end = 2
		}
		low, high := o.StepInterval(i, oneSpread)
		at[end] += step.Value
		wide[end] += (high - low) / 2
		if slices.Contains(b.months, end) {
			sum, last = sum+(high-low)/2, i
		}
	}
	if last >= 0 && sum > 0 {
		if low, high := o.SumInterval(last, oneSpread); high > low { // else a bound holds the sum, and not when it comes
			for end := range wide {
				wide[end] *= (high - low) / 2 / sum
			}
		}
	}
	filled, shares := map[int]float64{}, 0.0
	for _, note := range o.Notes {
		if note.Kind == forecast.Filled && note.Year == r.year && note.Place >= 1 && note.Place <= len(r.ends) {
			filled[r.ends[note.Place-1]] += note.Became
			shares += note.Became
		}
	}
	for end, v := range at {
		p.ahead[end-1] = v
	}
	for j, end := range b.months {
		switch v, foreseen := at[end]; {
		case there(p.known[end-1]):
		case foreseen:
			p.expect[j], p.spread[j] = v, wide[end]
			if early := p.history[0]; b.calendar == luoshi.MonthlyJanFeb && end == 2 && !r.joined && there(r.single[len(r.single)-len(r.ends)]) && !there(early[1]) {
				p.expect[j] += float64(r.single[len(r.single)-len(r.ends)]) // January is in, February is not
			}
		case shares != 0:
			p.expect[j] = filled[end] * o.Filled / shares
			p.estimated[end-1] = int64(math.Round(p.expect[j]))
		}
	}
}

// remainder adds what the units below do not account for, where there is any: shown
// and kept as it has been, for nobody can be held to it.
func (b *catchBase) remainder(d *desk, whole *series, below []*series) {
	rest := &series{first: whole.first, year: whole.year, ends: whole.ends, joined: whole.joined, remainder: true, single: slices.Clone(whole.single), sum: make([]int64, len(whole.single)), shared: make([]bool, len(whole.single)), fitted: make([]bool, len(whole.single))}
	if slices.ContainsFunc(below, func(r *series) bool { return r.joined != whole.joined }) {
		return
	}
	any := false
	for i := range rest.single {
		year, place := i/len(rest.ends)+rest.first, i%len(rest.ends)
		for _, r := range below {
			if !there(rest.single[i]) {
				break
			}
			v := luoshi.Missing
			if year >= r.first {
				v = r.single[(year-r.first)*len(r.ends)+place]
			}
			if !there(v) {
				if !slices.ContainsFunc(b.parts, func(p catchPart) bool { return p.landing.series == r }) {
					continue // it has no part in this
				}
				rest.single[i] = luoshi.Missing
				break
			}
			rest.single[i] -= v
		}
		before := int64(0)
		if place > 0 {
			before = rest.sum[i-1]
		}
		rest.sum[i] = plusAll(before, rest.single[i])
		any = any || year >= rest.year-1 && there(rest.single[i]) && rest.single[i] != 0
	}
	if !any {
		return
	}
	p := b.part(d, b.node, rest)
	p.own, p.basis = true, BasisRest
	p.landing.view.Chance, p.landing.promise = luoshi.Ratio{}, promise{asked: luoshi.Missing}
	b.foresee(&p)
	p.unsure = slices.Clone(p.spread)
	for j, end := range b.months {
		if p.spread[j] = 0; !math.IsNaN(p.expect[j]) || there(p.known[end-1]) {
			continue
		}
		p.expect[j] = b.whole.expect[j] // what is left of the whole
		for _, o := range b.parts {
			if v := o.known[end-1]; there(v) {
				p.expect[j] -= float64(v)
			} else if !math.IsNaN(o.expect[j]) {
				p.expect[j] -= o.expect[j]
			}
		}
		if math.IsNaN(p.expect[j]) {
			p.expect[j] = 0
		}
	}
	p.basis, p.note = BasisRest, luoshi.Message{}
	b.parts = append(b.parts, p)
	b.negative = b.negative || !rest.grows()
	b.notes = append(b.notes, luoshi.Say("catchupplan.note.rest", "unit", b.sn.tree.Nodes[b.node].Names))
}

// standIn gives units without an outlook an expectation: the plan in force, else the
// same periods of last year, as uncertain in proportion as the others are.
func (b *catchBase) standIn() {
	h := &handing{sn: b.sn, node: b.node, in: b.in, calendar: b.in.Calendar}
	expected, spread := 0.0, 0.0
	for _, p := range b.parts {
		for j := range b.months {
			if p.basis == BasisOutlook && p.spread[j] > 0 {
				expected, spread = expected+math.Abs(p.expect[j]), spread+p.spread[j]
			}
		}
	}
	share := 0.2
	if expected > 0 {
		share = spread / expected
	}
	var plan, last []luoshi.Names
	for i := range b.parts {
		p := &b.parts[i]
		if p.basis != "" {
			continue
		}
		p.basis = BasisLastYear
		var row []int64
		if t := h.promise(p.node); t != nil {
			p.basis, row = BasisPlan, b.planned(h, t)
		} else if len(p.history) > 1 {
			row = p.history[1]
		}
		for j, end := range b.months {
			if there(p.known[end-1]) {
				continue
			}
			p.expect[j] = 0
			if row != nil && there(row[end-1]) {
				p.expect[j] = float64(row[end-1])
			}
			p.spread[j] = math.Abs(p.expect[j]) * share
		}
		if name := b.sn.tree.Nodes[p.node].Names; p.basis == BasisPlan {
			plan = append(plan, name)
		} else {
			last = append(last, name)
		}
	}
	if len(plan) > 0 {
		b.notes = append(b.notes, luoshi.Say("catchupplan.note.plan", "n", len(plan), "unit", plan[0]))
	}
	if len(last) > 0 {
		b.notes = append(b.notes, luoshi.Say("catchupplan.note.last_year", "n", len(last), "unit", last[0]))
	}
}

// planned is the single periods of a target in force by the calendar: its curve, or
// the straight line.
func (b *catchBase) planned(h *handing, t *luoshi.Target) []int64 {
	row := h.singles(t)
	if row == nil {
		row, _ = cascade.OverTime(scaled(t.Value, b.in.Decimals), cascade.TimeSpec{Method: cascade.TimeStraight, Calendar: b.in.Calendar})
	} else {
		row = slices.Clone(row)
	}
	if b.calendar == luoshi.MonthlyJanFeb && b.in.Calendar == luoshi.Monthly {
		row[1], row[0] = plusAll(row[0], row[1]), luoshi.Missing
	}
	return row
}

// reconcile brings the expectations of the units, month by month, to that of the
// whole, which is what its outlook says: what they lack or have too much is shared by
// their variances. Where values cannot be negative what stops at zero is shared again
// among the others.
func (b *catchBase) reconcile() {
	moved, all := 0.0, 0.0
	for j, end := range b.months {
		gap := b.whole.expect[j]
		if math.IsNaN(gap) {
			continue
		}
		var open []*catchPart
		for i := range b.parts {
			p := &b.parts[i]
			if v := p.known[end-1]; there(v) {
				gap -= float64(v)
				continue
			}
			gap -= p.expect[j]
			if p.doubt(j) > 0 {
				open = append(open, p)
			}
		}
		if len(open) > 0 {
			moved, all = moved+gap, all+math.Abs(b.whole.expect[j]) // months alone need not add up
		}
		for len(open) > 0 && gap != 0 {
			gap, open = b.move(open, j, gap)
		}
	}
	if moved = math.Abs(moved); moved >= 1 && moved*200 >= all { // half a percent is worth a word
		b.notes = append(b.notes, luoshi.Say("catchupplan.note.reconciled"))
	}
}

// move shares a gap among parts by their variances; it returns what those that stop at
// zero could not take, and the others.
func (b *catchBase) move(open []*catchPart, j int, gap float64) (left float64, others []*catchPart) {
	unsure := 0.0
	for _, p := range open {
		unsure += p.doubt(j) * p.doubt(j)
	}
	for _, p := range open {
		p.expect[j] += gap * p.doubt(j) * p.doubt(j) / unsure
		if b.negative || p.expect[j] >= 0 {
			others = append(others, p)
			continue
		}
		left += p.expect[j]
		p.expect[j] = 0
	}
	return left, others
}

// doubt is how unsure the expectation of a month is.
func (p *catchPart) doubt(j int) float64 {
	if p.unsure != nil {
		return p.unsure[j]
	}
	return p.spread[j]
}

// deduce shares what the whole has reported of a period beyond what the units have
// among those that have not reported it yet, in proportion to what is expected of them.
func (b *catchBase) deduce() {
	late := false
	for _, end := range b.calendar.Ends() {
		left := b.whole.known[end-1]
		if !there(left) {
			continue
		}
		var open []*catchPart
		all := 0.0
		for i := range b.parts {
			switch p := &b.parts[i]; {
			case there(p.known[end-1]):
				left -= p.known[end-1]
			case !p.own:
				open, all = append(open, p), all+max(p.ahead[end-1], 0)
			}
		}
		if len(open) == 0 {
			continue
		}
		late = true
		if rest := &b.parts[len(b.parts)-1]; rest.own { // both are open: the units as expected, the rest what is left
			for _, p := range open {
				p.estimated[end-1] = int64(math.Round(p.ahead[end-1]))
				left -= p.estimated[end-1]
			}
			rest.estimated[end-1] = left
			continue
		}
		run, given := 0.0, int64(0)
		for i, p := range open {
			if run += max(p.ahead[end-1], 0); all == 0 {
				run = float64(i + 1)
			}
			upTo := int64(math.Round(float64(left) * run / cmp.Or(all, float64(len(open)))))
			p.estimated[end-1], given = upTo-given, upTo
		}
	}
	if late {
		b.notes = append(b.notes, luoshi.Say("catchupplan.note.late"))
	}
}

// complete gives what is over, unreported and not estimated the expectation zero, so
// that every cell has one.
func (b *catchBase) complete() {
	for i := range b.parts {
		p := &b.parts[i]
		for j, end := range b.months {
			if math.IsNaN(p.expect[j]) && !there(p.known[end-1]) {
				p.expect[j], p.estimated[end-1] = 0, 0
			}
		}
	}
}
