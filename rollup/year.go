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
	for _, m := range e.in.Calendar.Ends() {
		p, _ := e.in.Calendar.Period(year, m, basis)
		y.Amount[m-1] = c.column(e, p, basis, node, node+1).amount[0]
		if s, ok := e.clock.span(p, basis); ok && b != nil {
			y.Growth[m-1] = b.published(node, s)
		}
	}
	return y
}
