package rollup

import (
	"sync"
	"sync/atomic"

	"luoshi.dev"
)

// Totals returns the rolled value of every node, in the tree's order, for the
// period that ends with the month: a part's own figure, above it the total, each
// Missing where it or any part of it is. An indicator that does not add has its
// figures where they were reported, or what its rule computes.
func (c *Cube) Totals(code string, year, month int, basis luoshi.Basis) []int64 {
	e := c.byCode[code]
	if e == nil {
		return blank(c.tree.Len())
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	out := make([]int64, c.tree.Len())
	c.totals(e, year, month, basis, out, nil)
	return out
}

// Amounts returns what is shown at every node: like [Cube.Totals], but with the
// reported total where a unit above the rung has one.
func (c *Cube) Amounts(code string, year, month int, basis luoshi.Basis) []int64 {
	e := c.byCode[code]
	n := c.tree.Len()
	if e == nil {
		return blank(n)
	}
	p, ok := e.in.Calendar.Period(year, month, basis)
	if !ok {
		return blank(n)
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.column(e, p, basis, 0, n).amount
}

// Want returns of how many parts each node's total is made in a year: the units
// of the rung, and whoever else has reported that year.
func (c *Cube) Want(code string, year int) []int32 {
	e := c.byCode[code]
	if e == nil {
		return make([]int32, c.tree.Len())
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	want := e.plan.want
	if b := e.blocks[year]; b != nil {
		want = b.want
	}
	return append([]int32(nil), want...)
}

// Sweep visits every indicator at the period that ends with the month, with its
// [Cube.Totals] and the number of parts that each rests on. Workers goroutines
// call visit at the same time, each for one indicator. The slices are lent until
// visit returns and must not be changed: where nothing is missing they are the kept
// column itself.
func (c *Cube) Sweep(year, month int, basis luoshi.Basis, workers int, visit func(code string, totals []int64, have []int32)) {
	lent := c.lend(year, month, basis)
	var next atomic.Int64
	work := func() {
		var totals []int64
		var have []int32
		for i := next.Add(1) - 1; i < int64(len(lent)); i = next.Add(1) - 1 {
			e, l := c.entries[i], lent[i]
			if l.block != nil {
				visit(e.in.Code, l.totals, l.block.plan.want)
				continue
			}
			if totals == nil {
				totals, have = make([]int64, c.tree.Len()), make([]int32, c.tree.Len())
			}
			c.mu.RLock()
			c.totals(e, year, month, basis, totals, have)
			c.mu.RUnlock()
			visit(e.in.Code, totals, have)
		}
	}
	var wg sync.WaitGroup
	for range workers - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
	for _, l := range lent {
		if l.block != nil {
			l.block.out.Add(-1)
		}
	}
}

// loan is a kept column in a reader's hands, which a [Cube.Put] meanwhile copies
// rather than changes; without a block it has to be computed.
type loan struct {
	block  *block
	totals []int64
}

// lend lends what is kept of the period, indicator by indicator.
func (c *Cube) lend(year, month int, basis luoshi.Basis) []loan {
	lent := make([]loan, len(c.entries))
	c.mu.RLock()
	defer c.mu.RUnlock()
	for i, e := range c.entries {
		if b, col := e.whole(year, month, basis); b != nil {
			b.out.Add(1)
			lent[i] = loan{b, b.value[col*b.n : (col+1)*b.n : (col+1)*b.n]}
		}
	}
	return lent
}

// whole returns the block and the kept column of a period, nil where the column is
// not kept or lacks anything.
func (e *entry) whole(year, month int, basis luoshi.Basis) (*block, int) {
	p, ok := e.in.Calendar.Period(year, month, basis)
	s, _ := e.clock.span(p, basis)
	b := e.blocks[year]
	if ok && e.rule == bySum && b != nil && e.clock.plain(s) && b.full(s.hi) && !b.copied {
		return b, s.hi
	}
	return nil, 0
}

func blank(n int) []int64 {
	v := make([]int64, n)
	for i := range v {
		v[i] = luoshi.Missing
	}
	return v
}

// totals fills out, and have if it is not nil.
func (c *Cube) totals(e *entry, year, month int, basis luoshi.Basis, out []int64, have []int32) {
	p, ok := e.in.Calendar.Period(year, month, basis)
	s, _ := e.clock.span(p, basis)
	b := e.blocks[year]
	if ok && e.rule == bySum && b != nil && e.clock.plain(s) {
		b.copyTotals(s.hi, out, have)
		return
	}
	if !ok || e.rule == bySum && b == nil {
		for i := range out {
			out[i] = luoshi.Missing
		}
		clear(have)
		return
	}
	col := c.column(e, p, basis, 0, len(out))
	if e.rule == bySum {
		copy(out, col.rolled)
		for i, r := range e.plan.role {
			if r != inner {
				out[i] = col.reported[i]
			}
		}
	} else {
		copy(out, col.amount)
	}
	if have != nil {
		copy(have, col.have)
	}
}

// copyTotals reads a kept column. The loop is free of branches: a missing figure
// is kept as 0 with no flag, and 0 | Missing is Missing.
func (b *block) copyTotals(col int, out []int64, have []int32) {
	value, flag := b.value[col*b.n:(col+1)*b.n], b.flag[col*b.n:(col+1)*b.n]
	out = out[:len(value)]
	flag = flag[:len(value)]
	if b.full(col) {
		copy(out, value)
		copy(have, b.plan.want)
	} else {
		for i, v := range value {
			out[i] = v | int64(^flag[i]&present)<<63
		}
		for i := range have {
			have[i] = int32(flag[i] & present)
		}
	}
	k := len(b.plan.inner)
	for j, i := range b.plan.inner {
		h := b.have[col*k+j]
		out[i] = b.sum[col*k+j]
		if h < b.want[i] || h == 0 {
			out[i] = luoshi.Missing
		}
		if have != nil {
			have[i] = h
		}
	}
}
