package rollup

import (
	"math/bits"
	"slices"

	"luoshi.dev"
)

// Value is what the cube knows of one indicator at one unit and period.
type Value struct {
	Amount   luoshi.NullQuantity // what is shown: Reported if it is there, else Rolled
	Reported luoshi.NullQuantity // the unit's own whole figure, by the rules over time
	Rolled   luoshi.NullQuantity // from the units below and own shares; or by ratio, or formula
	Own      luoshi.NullQuantity // 本级

	// Difference is Reported − Rolled where both are there: shown, never corrected.
	Difference luoshi.NullQuantity
	// Remainder is Reported less what stands in any unit's figure below: equal to
	// Difference when all have reported, else it holds the missing ones too.
	Remainder luoshi.NullQuantity
	Growth    luoshi.NullQuantity // as published, percent

	Coverage luoshi.Coverage
	// Partial says that the total from below lacks a part: then Rolled is absent
	// and PartialSum is the sum of what is there.
	Partial    bool
	PartialSum luoshi.NullQuantity

	Status   luoshi.Status // the least settled of the figures used
	Sample   bool          // any of them was generated
	Seq      int64         // the figure's number; of a total the newest used
	Problems []luoshi.Problem
}

// Value returns an indicator at a node for a period. On the cumulative basis the
// period runs from January; on the single basis it is the one given, put
// together from the calendar's periods if it covers several.
func (c *Cube) Value(code string, node int, p luoshi.Period, basis luoshi.Basis) Value {
	e := c.byCode[code]
	if e == nil || node < 0 || node >= c.tree.Len() {
		return Value{}
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	col := c.column(e, p, basis, node, node+1)
	q := func(v int64) luoshi.NullQuantity { return luoshi.Unscaled(v, e.in.Decimals) }
	v := Value{Amount: q(col.amount[0]), Reported: q(col.reported[0]), Rolled: q(col.rolled[0])}
	v.Coverage.Have, v.Coverage.Want = int(col.have[0]), int(col.want[0])
	v.Difference = q(minus(col.reported[0], col.rolled[0]))
	v.Problems = col.trouble.problems(e.in)
	s, ok := e.clock.span(p, basis)
	if b := e.blocks[p.Year]; b != nil && ok {
		v.Own = q(over(b.own(node, s), s.div))
		v.Growth = luoshi.Unscaled(b.published(node, s), luoshi.GrowthDecimals)
		if e.rule == bySum && e.plan.role[node] == inner {
			v.Remainder = q(minus(col.reported[0], col.partial[0]))
			v.PartialSum = q(col.partial[0])
		}
	}
	if e.plan.role[node] == inner || e.rule == byRatio || e.rule == byFormula {
		v.Partial = e.rule != byNone && !v.Rolled.Valid && v.Coverage.Have > 0 && !v.Coverage.Full()
	}
	if e.rule == bySum {
		v.Coverage.Weight = c.weight(e, node, p, basis, v.Coverage)
	}
	flags, seq := c.proof(e, node, p, basis)
	v.Status, v.Sample, v.Seq = statusOf(flags), flags&sample != 0, seq
	return v
}

func (t trouble) problems(in luoshi.Indicator) []luoshi.Problem {
	var list []luoshi.Problem
	if t.zero {
		list = append(list, luoshi.Problem{Severity: luoshi.Warning, Message: luoshi.Say("rollup.zero", "indicator", in.Code)})
	}
	if t.range_ {
		list = append(list, luoshi.Problem{Severity: luoshi.Warning, Message: luoshi.Say("rollup.range", "indicator", in.Code)})
	}
	return list
}

// statusOf is the least settled status among the flags.
func statusOf(flags uint8) luoshi.Status {
	if s := flags / flash; s != 0 {
		return luoshi.Statuses[bits.TrailingZeros8(s)]
	}
	return ""
}

// weight is the share of last year's total that the units present now had: the
// share by number says little when the one that lacks is the capital. It is
// undefined unless all had a figure last year, and none a negative one.
func (c *Cube) weight(e *entry, node int, p luoshi.Period, basis luoshi.Basis, now luoshi.Coverage) luoshi.Ratio {
	if now.Want == 0 || e.plan.role[node] != inner {
		return luoshi.Ratio{}
	}
	if now.Full() {
		return luoshi.Ratio{Num: 1, Den: 1}
	}
	b, last := e.blocks[p.Year], e.blocks[p.Year-1]
	s, ok := e.clock.span(p, basis)
	if !ok || last == nil {
		return luoshi.Ratio{}
	}
	var got, all int64
	take := func(had int64, here bool) bool {
		if had < 0 { // Missing is negative too
			return false
		}
		all = plus(all, had)
		if here {
			got = plus(got, had)
		}
		return true
	}
	for _, r := range e.plan.under(node) {
		for i := int(r.lo); i < int(r.hi); i++ {
			wanted := e.plan.role[i] == part || b != nil && b.want[i] > 0
			if wanted && !take(last.unit(i, s), b != nil && b.unit(i, s) != luoshi.Missing) {
				return luoshi.Ratio{}
			}
		}
	}
	for j := range e.plan.innerIn(node, c.tree.Nodes[node].End) {
		i := int(e.plan.inner[j])
		if b != nil && b.extraOwn(i) && !take(last.own(i, s), b.own(i, s) != luoshi.Missing) {
			return luoshi.Ratio{}
		}
	}
	return luoshi.Over(got, all)
}

func (b *block) extraOwn(i int) bool {
	lent := b.lent(i)
	return b.extra(i, &lent)
}

// published is the growth that was published with the unit's figure of exactly
// this period and basis, or Missing. It never comes from levels.
func (b *block) published(i int, s span) int64 {
	if s.lo != s.hi && s.basis != luoshi.Cumulative {
		return luoshi.Missing
	}
	g := luoshi.MissingGrowth
	r := b.rows[int32(i)]
	same := b.clock.plain(s)
	if b.plan.role[i] == inner {
		if r != nil && same && r.whole != nil {
			g = r.whole.growth[s.hi]
		}
	} else if same && b.growth != nil {
		g = b.growth[s.hi*b.n+i]
	}
	elsewhere := !same || b.clock.rule == luoshi.TimeLast || s.hi == 0
	if g == luoshi.MissingGrowth && elsewhere && r != nil && r.other != nil {
		g = r.other.growth[s.hi]
	}
	if g == luoshi.MissingGrowth && s.hi == 0 && !same {
		return b.published(i, span{basis: b.clock.main, div: 1})
	}
	if g == luoshi.MissingGrowth {
		return luoshi.Missing
	}
	return int64(g)
}

// proof gathers the flags of the figures that an amount rests on, and the newest
// of their numbers.
func (c *Cube) proof(e *entry, node int, p luoshi.Period, basis luoshi.Basis) (uint8, int64) {
	var flags uint8
	var seq int64
	see := func(f uint8, n int64) { flags, seq = flags|f, max(seq, n) }
	s, ok := e.clock.span(p, basis)
	if !ok {
		return 0, 0
	}
	b := e.blocks[p.Year]
	if b != nil {
		if f, n := b.cell(node, s); f&present != 0 || e.plan.role[node] != inner && f != 0 {
			return f, n
		}
	}
	switch e.rule {
	case byRatio:
		see(c.proof(e.num, node, p, basis))
		see(c.proof(e.den, node, p, basis))
	case byFormula:
		for j, r := range e.formula.refs {
			if at, ok := e.shift(r, p, basis); ok {
				see(c.proof(e.vars[j], node, at, basis))
			}
		}
	case byWeight, bySum:
		if b == nil || e.plan.role[node] != inner {
			break
		}
		see(b.gather(node, s))
		for _, r := range e.plan.under(node) {
			for i := r.lo; i < r.hi && e.rule == byWeight; i++ {
				see(c.proof(e.weight, int(i), p, basis))
			}
		}
		for j := range e.plan.innerIn(node, c.tree.Nodes[node].End) {
			if r := b.rows[e.plan.inner[j]]; r != nil && r.hasOwn && b.adds {
				see(b.laneCell(r.own, r.ownOther, s))
			}
		}
	}
	if flags == 0 && b != nil { // only growth was published
		return b.cell(node, s)
	}
	return flags, seq
}

// gather collects the flags of the parts below a node, and the newest number.
func (b *block) gather(node int, s span) (flags uint8, seq int64) {
	runs := b.plan.under(node)
	if b.others > 0 || len(b.late) > 0 {
		for _, r := range runs {
			for i := r.lo; i < r.hi; i++ {
				if f, n := b.cell(int(i), s); f&present != 0 {
					flags, seq = flags|f, max(seq, n)
				}
			}
		}
		return flags, seq
	}
	var newest uint32
	for c := max(s.lo-1, 0); c <= s.hi; c++ {
		if !b.clock.uses(s, c) {
			continue
		}
		for _, r := range runs {
			lo, hi := c*b.n+int(r.lo), c*b.n+int(r.hi)
			for _, f := range b.flag[lo:hi] {
				flags |= f & -(f & present) // of figures only
			}
			if b.seq != nil {
				newest = max(newest, slices.Max(b.seq[lo:hi]))
			}
		}
	}
	return flags, int64(newest)
}

// uses reports whether a span rests on column c.
func (k *clock) uses(s span, c int) bool {
	switch {
	case k.plain(s):
		return c == s.hi
	case k.main == luoshi.Cumulative:
		return c == s.hi || c == s.lo-1
	}
	return c >= s.lo && c <= s.hi
}

// cell returns the flags and number of the unit's own figure over a span; where
// it is put together from several, those of all of them.
func (b *block) cell(i int, s span) (uint8, int64) {
	r := b.rows[int32(i)]
	if b.plan.role[i] == inner {
		if r == nil || !r.hasMain {
			return 0, 0
		}
		return b.laneCell(r.whole, r.other, s)
	}
	if b.clock.plain(s) {
		at := s.hi*b.n + i
		return b.flag[at], b.seqAt(at)
	}
	var main lane
	for c := range b.clock.ends {
		at := c*b.n + i
		main.flag[c], main.seq[c] = b.flag[at], b.seqAt(at)
	}
	var other *lane
	if r != nil {
		other = r.other
	}
	return b.laneCell(&main, other, s)
}

func (b *block) laneCell(main, other *lane, s span) (flags uint8, seq int64) {
	see := func(l *lane, c int) {
		if l != nil && c >= 0 {
			flags, seq = flags|l.flag[c], max(seq, l.seq[c])
		}
	}
	plain := b.clock.plain(s)
	if plain && main != nil && main.flag[s.hi] != 0 {
		return main.flag[s.hi], main.seq[s.hi]
	}
	if other != nil && other.flag[s.hi] != 0 && (!plain || b.clock.rule == luoshi.TimeLast) {
		return other.flag[s.hi], other.seq[s.hi]
	}
	if b.clock.main == luoshi.Cumulative {
		see(main, s.hi)
		see(main, s.lo-1)
		see(other, s.hi)
		return flags, seq
	}
	for c := s.lo; c <= s.hi; c++ {
		see(main, c)
		see(other, c)
	}
	return flags, seq
}
