package rollup

import "luoshi.dev"

// Year is an indicator's year at one unit: what each period's [Value] shows as
// Amount and Growth, by the month in which the period ends, Missing where there is
// none. It is what a judgement needs of a year, without looking up what each
// amount rests on.
type Year struct {
	Amount [12]int64 // at the indicator's decimals
	Growth [12]int64 // as published, percent at luoshi.GrowthDecimals
}

// Year returns an indicator's year at a node.
func (c *Cube) Year(code string, node, year int, basis luoshi.Basis) Year {
	var y Year
	for m := range 12 {
		y.Amount[m], y.Growth[m] = luoshi.Missing, luoshi.Missing
	}
	e := c.byCode[code]
	if e == nil || node < 0 || node >= c.tree.Len() {
		return y
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	b := e.blocks[year]
	computed := e.rule == byFormula || e.rule == byRatio
	if b == nil && !computed {
		return y
	}
	var own line
	if b != nil {
		own = b.line(node)
	}
	grows := b != nil && (b.growth != nil || len(b.rows) > 0)
	spans := e.clock.periods(basis)
	for i, m := range e.clock.ends {
		s := spans[i]
		if s.div == 0 {
			continue
		}
		if grows {
			y.Growth[m-1] = b.published(node, s)
		}
		if !computed {
			if v, ok := e.amount(b, &own, node, s); ok {
				y.Amount[m-1] = v
				continue
			}
		}
		p, _ := e.in.Calendar.Period(year, m, basis)
		y.Amount[m-1] = c.column(e, p, basis, node, node+1).amount[0]
	}
	return y
}

// amount is what a column of one node shows, without making one; false where it takes
// more than the node and what is kept of the units below it.
func (e *entry) amount(b *block, own *line, node int, s span) (int64, bool) {
	if own.has {
		if v := b.clock.read(&own.main, own.other, s); v != luoshi.Missing {
			return over(v, s.div), true
		}
	}
	if b.plan.role[node] != inner || e.rule == byNone {
		return luoshi.Missing, true
	}
	if e.rule != bySum {
		return 0, false
	}
	if b.clock.plain(s) {
		at := s.hi*len(b.plan.inner) + int(b.plan.slot[node])
		if have := b.have[at]; have == 0 || have != b.want[node] {
			return luoshi.Missing, true
		}
		return over(b.sum[at], s.div), true
	}
	if v, ok := b.quick(node, s); ok {
		return over(v, s.div), true
	}
	// Of a flow that nobody has reported on the other basis, what is lacking in the kept
	// sums is lacking for good.
	return luoshi.Missing, b.clock.rule == luoshi.TimeSum && b.others == 0 && b.mixed == 0
}
