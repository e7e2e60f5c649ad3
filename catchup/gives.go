package catchup

import (
	"cmp"
	"math"
	"slices"

	"luoshi.dev"
)

// Give is one thing that stands in the way of what is needed, and what it would
// bring if it alone gave way.
type Give struct {
	Hold   Hold // Locked, AtMost or AtLeast, AtHigh or AtLow, Certain
	Part   int  // in the caller's order
	Unit   luoshi.UnitID
	Period luoshi.Period // none: the unit's sum
	Now    int64         // where it stands
	// Gain, above zero, is by how much more the total could go with a lock or a cap
	// taken away, luoshi.Missing without limit; at a bound, by how much it is passed
	// in the plan that only locks hold.
	Gain int64
}

// gives lists what stands in the way on the hard side, what planners have decided
// before what the units have stated, the largest gain first; and the step of the
// plan that only locks hold, NaN where those alone are too much.
func (s *solver) gives(needed int64, hard int, order []int, spec Spec) (float64, []Give) {
	unbound, step := s.without(spec, order, hard, needed)
	var gives []Give
	for i, p := range order {
		part, r := spec.Parts[p], s.rows[i]
		sum, bound := int64(0), r.least
		limits, atSum, atCell := s.low, AtLeast, AtLow
		if hard > 0 {
			limits, bound, atSum, atCell = s.top, r.most, AtMost, AtHigh
		}
		for _, v := range limits[i*s.n : (i+1)*s.n] {
			sum = plus(sum, v)
		}
		add := func(hold Hold, period luoshi.Period, now, gain int64) {
			if gain == luoshi.Missing || gain > 0 {
				gives = append(gives, Give{hold, p, part.Unit, period, now, gain})
			}
		}
		if r.hold == atSum {
			add(atSum, luoshi.Period{}, bound, away(bound, sum, hard))
		}
		for j, cell := range part.Cells {
			c := i*s.n + j
			switch hold := s.hold(c, cell); hold {
			case Locked, Certain:
				low, high := spec.bounds(cell)
				if hard > 0 {
					low = high
				}
				more := plus(sum, low)
				if more != luoshi.Missing {
					more -= s.low[c]
				}
				add(hold, spec.period(spec.Months[j]), s.low[c], away(tighter(sum, bound, hard), tighter(more, bound, hard), hard))
			case atCell:
				if unbound != nil {
					add(hold, spec.period(spec.Months[j]), s.x[c].whole, passed(unbound.x[c], s.x[c].whole, hard))
				}
			}
		}
	}
	// luoshi.Missing, taken without its sign, is above every gain.
	rank := map[Hold]int{AtHigh: 1, AtLow: 1, Certain: 2}
	slices.SortStableFunc(gives, func(a, b Give) int {
		return cmp.Or(cmp.Compare(rank[a.Hold], rank[b.Hold]), cmp.Compare(uint64(b.Gain), uint64(a.Gain)))
	})
	return step, gives
}

// away is how far b lies beyond a on the hard side; without limit if b is missing.
func away(a, b int64, hard int) int64 {
	switch {
	case b == luoshi.Missing:
		return luoshi.Missing
	case a == luoshi.Missing:
		return 0
	}
	return (b - a) * int64(hard)
}

// passed is by how much, in whole numbers, x lies beyond a bound.
func passed(x fine, bound int64, hard int) int64 {
	d := x.minus(fine{whole: bound})
	if hard < 0 {
		d = fine{}.minus(d)
	}
	if d.part > one/1_000_000_000 { // float64 may have left it near a whole number
		d.whole++
	}
	return d.whole
}

// without solves for what is needed with the bounds and caps of the hard side taken away.
func (s *solver) without(spec Spec, order []int, hard int, needed int64) (*solver, float64) {
	parts := slices.Clone(spec.Parts)
	for i := range parts {
		parts[i].Cells = slices.Clone(parts[i].Cells)
		if hard > 0 {
			parts[i].Most = luoshi.Missing
		} else {
			parts[i].Least = luoshi.Missing
		}
		for j := range parts[i].Cells {
			cell := &parts[i].Cells[j]
			if _, fixed := spec.fixed(*cell); fixed {
				continue
			}
			if hard > 0 {
				cell.High = luoshi.Missing
			} else {
				cell.Low = luoshi.Missing
			}
		}
	}
	spec.Parts = parts
	free := newSolver(spec, order)
	if limit := free.attainable(hard); limit != luoshi.Missing && (needed-limit)*int64(hard) > 0 {
		return nil, math.NaN()
	}
	return free, free.place(free.step(float64(needed)), needed, true)
}
