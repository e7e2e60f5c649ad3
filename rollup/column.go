package rollup

import (
	"math/big"

	"luoshi.dev"
)

// column is one indicator at one period over a range of nodes: the whole tree,
// a subtree or a single node. Absent values are Missing.
type column struct {
	reported []int64 // the unit's own whole figure
	rolled   []int64 // by the rule over units; Missing where a part lacks
	partial  []int64 // the sum of what is there, for sums
	amount   []int64 // reported, else rolled
	have     []int32
	want     []int32
	trouble  trouble // of any node
}

func newColumn(n int) *column {
	all := make([]int64, 4*n)
	for i := range all {
		all[i] = luoshi.Missing
	}
	counts := make([]int32, 2*n)
	return &column{
		reported: all[:n:n], rolled: all[n : 2*n : 2*n], partial: all[2*n : 3*n : 3*n], amount: all[3*n:],
		have: counts[:n:n], want: counts[n:],
	}
}

// column computes the indicator for nodes lo..hi at a period.
func (c *Cube) column(e *entry, p luoshi.Period, basis luoshi.Basis, lo, hi int) *column {
	col := newColumn(hi - lo)
	s, ok := e.clock.span(p, basis)
	if !ok {
		return col
	}
	copy(col.want, e.plan.want[lo:hi])
	b := e.blocks[p.Year]
	if b != nil {
		copy(col.want, b.want[lo:hi])
		b.reported(s, lo, hi, col)
	}
	switch e.rule {
	case byFormula:
		c.derived(e, p, basis, lo, hi, col)
	case byRatio:
		c.ratio(e, p, basis, lo, hi, col)
	case byWeight:
		if b != nil {
			c.weighted(e, b, p, basis, lo, hi, col)
		}
	default:
		if b != nil {
			b.sums(s, lo, hi, col)
		}
	}
	for i, v := range col.reported {
		if v == luoshi.Missing {
			v = col.rolled[i]
		}
		col.amount[i] = v
	}
	return col
}

// unit reads node i's own whole figure over a span, as a numerator.
func (b *block) unit(i int, s span) int64 {
	if b.plan.role[i] != inner && b.clock.plain(s) {
		at := s.hi*b.n + i
		if b.flag[at]&present == 0 {
			return luoshi.Missing
		}
		return b.value[at]
	}
	l := b.line(i)
	if !l.has {
		return luoshi.Missing
	}
	return b.clock.read(&l.main, l.other, s)
}

// line is a unit's own whole figures of the year by column.
type line struct {
	has   bool      // there may be some
	main  [12]int64 // filled
	other *[12]int64
}

func (b *block) line(i int) (l line) {
	if b.plan.role[i] == inner {
		if r := b.rows[int32(i)]; r != nil && r.hasMain {
			l.has, l.main, l.other = true, r.wholeMain, r.other.optional()
		}
		return l
	}
	l.has, l.main = true, nothing()
	for c := range b.clock.ends {
		if at := c*b.n + i; b.flag[at]&present != 0 {
			l.main[c] = b.value[at]
		}
	}
	if b.others > 0 {
		if r := b.rows[int32(i)]; r != nil {
			l.other = r.other.optional()
		}
	}
	return l
}

// own reads node i's own share over a span, as a numerator.
func (b *block) own(i int, s span) int64 {
	r := b.rows[int32(i)]
	if r == nil || !r.hasOwn {
		return luoshi.Missing
	}
	return b.clock.read(&r.ownMain, r.ownOther.optional(), s)
}

func (b *block) reported(s span, lo, hi int, col *column) {
	for i := lo; i < hi; i++ {
		if b.plan.role[i] == inner {
			continue // few have figures: from the rows below
		}
		if v := b.unit(i, s); v != luoshi.Missing {
			col.reported[i-lo] = over(v, s.div)
			col.have[i-lo] = 1
		}
	}
	if hi-lo == 1 {
		if b.plan.role[lo] == inner {
			col.reported[0] = over(b.unit(lo, s), s.div)
		}
		return
	}
	for i, r := range b.rows {
		if j := int(i); r.hasMain && j >= lo && j < hi {
			col.reported[j-lo] = over(b.unit(j, s), s.div)
		}
	}
}

// sums fills what inner nodes have below them.
func (b *block) sums(s span, lo, hi int, col *column) {
	k := len(b.plan.inner)
	fill := func(i int, v int64, have int32) {
		col.have[i-lo] = have
		if !b.adds || have == 0 {
			return
		}
		v = over(v, s.div)
		col.partial[i-lo] = v
		if v == luoshi.Missing {
			col.trouble.range_ = true
		}
		if have == b.want[i] {
			col.rolled[i-lo] = v
		}
	}
	if b.clock.plain(s) {
		for j := range b.plan.innerIn(lo, hi) {
			i := int(b.plan.inner[j])
			fill(i, b.sum[s.hi*k+j], b.have[s.hi*k+j])
		}
		return
	}
	if hi-lo == 1 && b.plan.role[lo] == inner {
		if v, ok := b.quick(lo, s); ok {
			fill(lo, v, b.want[lo])
			return
		}
	}
	end := hi
	if lo < hi {
		end = max(hi, b.plan.tree.Nodes[lo].End)
	}
	value, have := b.roll(s, lo, end)
	for j := range b.plan.innerIn(lo, hi) {
		i := int(b.plan.inner[j])
		fill(i, value[i-lo], have[i-lo])
	}
}

// innerIn yields the slots of the inner nodes in lo..hi.
func (p *plan) innerIn(lo, hi int) func(func(int) bool) {
	return func(yield func(int) bool) {
		first, last := 0, len(p.inner)
		for first < last {
			if m := (first + last) / 2; int(p.inner[m]) < lo {
				first = m + 1
			} else {
				last = m
			}
		}
		for j := first; j < len(p.inner) && int(p.inner[j]) < hi; j++ {
			if !yield(j) {
				return
			}
		}
	}
}

// quick reads a span at an inner node from the kept sums, where every column it
// needs is complete there and no part has reported on the other basis.
func (b *block) quick(i int, s span) (int64, bool) {
	if b.others > 0 || b.mixed > 0 || b.clock.rule != luoshi.TimeSum || !b.adds || b.want[i] == 0 {
		return 0, false
	}
	var main [12]int64
	k := len(b.plan.inner)
	for c := range b.clock.ends {
		main[c] = luoshi.Missing
		if at := c*k + int(b.plan.slot[i]); b.have[at] == b.want[i] {
			main[c] = b.sum[at]
		}
	}
	v := b.clock.read(&main, nil, s)
	return v, v != luoshi.Missing
}

// roll adds up a span that is not kept, unit by unit, for nodes lo..end.
func (b *block) roll(s span, lo, end int) (value []int64, have []int32) {
	value, have = make([]int64, end-lo), make([]int32, end-lo)
	give := func(to int, v int64) {
		if to >= lo && v != luoshi.Missing {
			value[to-lo] = plus(value[to-lo], v)
			have[to-lo]++
		}
	}
	for _, r := range b.plan.runs {
		if int(r.lo) < lo || int(r.lo) >= end || r.slot < 0 {
			continue
		}
		for i := r.lo; i < r.hi; i++ {
			give(int(b.plan.inner[r.slot]), b.unit(int(i), s))
		}
	}
	var inside []int
	for j := range b.plan.innerIn(lo, end) {
		i := int(b.plan.inner[j])
		inside = append(inside, i)
		if b.adds && b.rows[int32(i)] != nil {
			give(i, b.own(i, s))
		}
	}
	for j := len(inside) - 1; j >= 0; j-- {
		i := inside[j]
		if up := b.plan.tree.Nodes[i].Parent; up >= lo {
			value[up-lo] = plus(value[up-lo], value[i-lo])
			have[up-lo] += have[i-lo]
		}
	}
	return value, have
}

// weighted averages the parts with the weight indicator's amounts of the same
// period: Σ w·x / Σ w. A part without figure or without weight lacks.
func (c *Cube) weighted(e *entry, b *block, p luoshi.Period, basis luoshi.Basis, lo, hi int, col *column) {
	s, _ := e.clock.span(p, basis)
	end := hi
	if lo < hi {
		end = max(hi, c.tree.Nodes[lo].End)
	}
	weight := c.column(e.weight, p, basis, lo, end).amount
	num, den, have := make([]wide, end-lo), make([]int64, end-lo), make([]int32, end-lo)
	for _, r := range e.plan.runs {
		up := -1
		if r.slot >= 0 {
			up = int(e.plan.inner[r.slot]) - lo
		}
		for i := int(r.lo); i < int(r.hi) && i >= lo && i < end && up >= 0; i++ {
			x, w := b.unit(i, s), weight[i-lo]
			if x == luoshi.Missing || w == luoshi.Missing {
				continue
			}
			num[up], den[up] = num[up].plus(product(x, w)), plus(den[up], w)
			have[up]++
		}
	}
	for j := len(e.plan.inner) - 1; j >= 0; j-- {
		i := int(e.plan.inner[j])
		if i < lo || i >= end {
			continue
		}
		if up := c.tree.Nodes[i].Parent; up >= lo && i > lo {
			num[up-lo], den[up-lo] = num[up-lo].plus(num[i-lo]), plus(den[up-lo], den[i-lo])
			have[up-lo] += have[i-lo]
		}
		if i >= hi {
			continue
		}
		col.have[i-lo] = have[i-lo]
		if have[i-lo] < b.want[i] || have[i-lo] == 0 {
			continue
		}
		d := times(den[i-lo], s.div)
		if d <= 0 {
			col.trouble.zero = col.trouble.zero || den[i-lo] == 0
			col.trouble.range_ = col.trouble.range_ || d == luoshi.Missing
			continue
		}
		v, ok := num[i-lo].by(d)
		col.trouble.range_ = col.trouble.range_ || !ok
		col.rolled[i-lo] = v
	}
}

// ratio divides the numerator's amount at each node by the denominator's.
func (c *Cube) ratio(e *entry, p luoshi.Period, basis luoshi.Basis, lo, hi int, col *column) {
	num, den := c.column(e.num, p, basis, lo, hi), c.column(e.den, p, basis, lo, hi)
	shift := e.in.Power + e.in.Decimals + e.den.in.Decimals - e.num.in.Decimals
	for i := range col.rolled {
		v, ok := quotient(num.amount[i], den.amount[i], shift)
		col.rolled[i] = v
		col.trouble.range_ = col.trouble.range_ || !ok
		col.trouble.zero = col.trouble.zero || num.amount[i] != luoshi.Missing && den.amount[i] == 0
	}
	col.cover(num)
	col.worse(den)
}

// cover takes the completeness of another column, worse that of the less
// complete of the two.
func (col *column) cover(of *column) {
	copy(col.have, of.have)
	copy(col.want, of.want)
}

func (col *column) worse(of *column) {
	for i := range col.have {
		if of.want[i] > 0 && (col.want[i] == 0 || int64(of.have[i])*int64(col.want[i]) < int64(col.have[i])*int64(of.want[i])) {
			col.have[i], col.want[i] = of.have[i], of.want[i]
		}
	}
}

// derived evaluates the formula at each node on that node's amounts.
func (c *Cube) derived(e *entry, p luoshi.Period, basis luoshi.Basis, lo, hi int, col *column) {
	n := hi - lo
	in := make([][]int64, len(e.formula.refs))
	scale := make([]*big.Rat, len(e.formula.refs))
	for j, r := range e.formula.refs {
		x := e.vars[j]
		scale[j] = tenTo(-x.in.Decimals)
		if at, ok := e.shift(r, p, basis); ok {
			from := c.column(x, at, basis, lo, hi)
			in[j] = from.amount
			if j == 0 {
				col.cover(from)
			} else {
				col.worse(from)
			}
		}
	}
	args := make([]*big.Rat, len(in))
	for i := range n {
		for j := range in {
			args[j] = nil
			if in[j] != nil && in[j][i] != luoshi.Missing {
				r := new(big.Rat).SetInt64(in[j][i])
				args[j] = r.Mul(r, scale[j])
			}
		}
		if r := e.formula.root(args, &col.trouble); r != nil {
			v, ok := round(r, e.in.Decimals)
			col.rolled[i] = v
			col.trouble.range_ = col.trouble.range_ || !ok
		}
	}
}

// shift is the period of a formula's variable. Before January there is no year
// to date: a lag on the cumulative basis does not cross the new year, except of
// a stock.
func (e *entry) shift(r ref, p luoshi.Period, basis luoshi.Basis) (luoshi.Period, bool) {
	p.Year -= r.years
	if r.lag == 0 {
		return p, true
	}
	s, ok := e.clock.span(p, basis)
	if !ok {
		return p, false
	}
	width, cols := s.hi-s.lo+1, len(e.clock.ends)
	if basis == luoshi.Cumulative {
		width = 1
	}
	hi := s.hi - r.lag*width
	for hi < 0 {
		hi += cols
		p.Year--
		if basis == luoshi.Cumulative && e.byCode[r.code].clock.rule != luoshi.TimeLast {
			return p, false
		}
	}
	if hi-width+1 < 0 {
		return p, false
	}
	p.To, p.From = e.clock.ends[hi], 1
	if lo := hi - width + 1; lo > 0 && basis == luoshi.Single {
		p.From = e.clock.ends[lo-1] + 1
	}
	return p, true
}
