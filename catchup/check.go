package catchup

import (
	"math"
	"slices"

	"luoshi.dev"
	"luoshi.dev/cascade"
)

// largest bounds what all expectations, bounds and locks may sum to, so that sums
// of plans fit an int64 with room.
const largest = 1 << 60

// check refuses what cannot be planned, and warns of locks outside the bounds.
func (spec Spec) check() []luoshi.Problem {
	var c checks
	ends := spec.Calendar.Ends()
	if ends == nil {
		c.add(0, 0, blocking("catchup.calendar", "text", string(spec.Calendar)))
	}
	if luoshi.YearOf(spec.Year).Validate() != nil {
		c.add(0, 0, blocking("period.impossible", "text", luoshi.YearOf(spec.Year).String()))
	}
	if spec.Direction != luoshi.More && spec.Direction != luoshi.Less && spec.Direction != luoshi.Band {
		c.add(0, 0, blocking("catchup.direction", "text", string(spec.Direction)))
	}
	last := 0
	for _, end := range spec.Months {
		if ends != nil && (!slices.Contains(ends, end) || end <= last) {
			c.add(0, end, blocking("catchup.months", "month", end))
		}
		last = end
	}
	if len(spec.Months) == 0 || len(spec.Parts) == 0 {
		c.add(0, 0, blocking("catchup.empty"))
	}
	if spec.Needed == luoshi.Missing {
		c.add(0, 0, blocking("catchup.range"))
	}
	if c.problems != nil {
		return c.problems
	}
	c.size(spec.Needed)
	seen := make(map[luoshi.UnitID]bool, len(spec.Parts))
	for i, p := range spec.Parts {
		if seen[p.Unit] {
			c.add(i+1, 0, blocking("catchup.twice", "unit", p.Unit))
		}
		seen[p.Unit] = true
		if len(p.Cells) != len(spec.Months) {
			c.add(i+1, 0, blocking("catchup.length", "unit", p.Unit, "have", len(p.Cells), "want", len(spec.Months)))
			continue
		}
		c.part(spec, i+1, p)
	}
	if c.total >= largest {
		c.add(0, 0, blocking("catchup.range"))
	}
	return c.problems
}

type checks struct {
	problems []luoshi.Problem
	total    float64
}

func (c *checks) add(row, col int, p luoshi.Problem) {
	p.Row, p.Col = row, col
	c.problems = append(c.problems, p)
}

func (c *checks) size(v int64) {
	if v != luoshi.Missing {
		c.total += math.Abs(float64(v))
	}
}

// part checks one unit: its cells, then its sum against what its cells allow.
func (c *checks) part(spec Spec, row int, p Part) {
	before := len(c.problems)
	for j, cell := range p.Cells {
		c.cell(spec, row, spec.Months[j], p.Unit, cell)
	}
	c.size(p.Least)
	c.size(p.Most)
	if len(c.problems) > before && luoshi.Blocked(c.problems[before:]) || c.total >= largest {
		return
	}
	lowest, highest := cellLimits(spec, p)
	switch {
	case p.Least != luoshi.Missing && p.Most != luoshi.Missing && p.Least > p.Most:
		c.add(row, 0, blocking("catchup.sum_bounds", "unit", p.Unit, "min", cascade.Amount(p.Least), "max", cascade.Amount(p.Most)))
	case p.Most != luoshi.Missing && lowest != luoshi.Missing && lowest > p.Most:
		c.add(row, 0, blocking("catchup.cap_low", "unit", p.Unit, "cap", cascade.Amount(p.Most), "sum", cascade.Amount(lowest)))
	case p.Least != luoshi.Missing && highest != luoshi.Missing && highest < p.Least:
		c.add(row, 0, blocking("catchup.floor_high", "unit", p.Unit, "floor", cascade.Amount(p.Least), "sum", cascade.Amount(highest)))
	}
}

func (c *checks) cell(spec Spec, row, month int, unit luoshi.UnitID, cell Cell) {
	bad := func(key string, pairs ...any) {
		c.add(row, month, blocking(key, append([]any{"unit", unit, "period", spec.period(month)}, pairs...)...))
	}
	if e := cell.expect(); math.IsNaN(e) || math.IsInf(e, 0) {
		bad("catchup.expect")
		return
	}
	if !(cell.Spread >= 0 && cell.Spread <= largest) || !(cell.Weight >= 0) || cell.Weight > 0 && (1/cell.Weight > largest || 1/cell.Weight < 1e-18) || cell.Spread > 0 && cell.Spread < 1e-18 {
		bad("catchup.spread")
		return
	}
	c.total += math.Abs(cell.expect())
	c.size(cell.Low)
	c.size(cell.High)
	c.size(cell.Locked)
	low, high := spec.bounds(cell)
	switch {
	case cell.Locked == luoshi.Missing && cell.Known:
		bad("catchup.known")
	case low != luoshi.Missing && high != luoshi.Missing && low > high:
		bad("catchup.bounds", "min", cascade.Amount(low), "max", cascade.Amount(high))
	case cell.Locked == luoshi.Missing || cell.Known:
	case !spec.Negative && cell.Locked < 0:
		bad("catchup.negative", "value", cascade.Amount(cell.Locked))
	case high != luoshi.Missing && cell.Locked > high:
		c.add(row, month, warning("catchup.lock_high", "unit", unit, "period", spec.period(month), "value", cascade.Amount(cell.Locked), "max", cascade.Amount(high)))
	case low != luoshi.Missing && cell.Locked < low:
		c.add(row, month, warning("catchup.lock_low", "unit", unit, "period", spec.period(month), "value", cascade.Amount(cell.Locked), "min", cascade.Amount(low)))
	}
}

// period is the one that ends with a month.
func (spec Spec) period(end int) luoshi.Period {
	p, _ := spec.Calendar.Period(spec.Year, end, luoshi.Single)
	return p
}

// bounds is how far a cell may go; locks apart.
func (spec Spec) bounds(cell Cell) (low, high int64) {
	low, high = cell.Low, cell.High
	if !spec.Negative {
		low = max(low, 0) // luoshi.Missing is below all
	}
	return low, high
}

// expect is what the cell is expected to bring: what has been reported is certain.
func (cell Cell) expect() float64 {
	if cell.Known && cell.Locked != luoshi.Missing {
		return float64(cell.Locked)
	}
	return cell.Expect
}

// fixed is the one value a cell can have: locked, reported, or certain.
func (spec Spec) fixed(cell Cell) (int64, bool) {
	switch {
	case cell.Locked != luoshi.Missing:
		return cell.Locked, true
	case cell.Spread == 0 && cell.Weight == 0:
		low, high := spec.bounds(cell)
		v := int64(math.Round(cell.Expect))
		if high != luoshi.Missing {
			v = min(v, high)
		}
		return max(v, low), true
	}
	return 0, false
}

// cellLimits is what the cells of a part sum to at least and at most, its own sum
// bounds apart; luoshi.Missing where a cell has no limit.
func cellLimits(spec Spec, p Part) (lowest, highest int64) {
	for _, cell := range p.Cells {
		low, high := spec.bounds(cell)
		if v, ok := spec.fixed(cell); ok {
			low, high = v, v
		}
		lowest, highest = plus(lowest, low), plus(highest, high)
	}
	return lowest, highest
}

func plus(a, b int64) int64 {
	if a == luoshi.Missing || b == luoshi.Missing {
		return luoshi.Missing
	}
	return a + b
}
