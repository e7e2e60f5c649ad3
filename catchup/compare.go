package catchup

import (
	"math"

	"luoshi.dev"
	"luoshi.dev/cascade"
)

// Comparison sets two plans side by side. The rows of Difference are those of
// Units; a unit or month that only one of the plans has is missing in the other.
type Comparison struct {
	Units                   []luoshi.UnitID
	Difference              cascade.Difference
	SumBefore, SumAfter     int64
	CostBefore, CostAfter   float64 // each plan's own Σ w·(x − e)²
	MostBefore, MostAfter   float64 // the largest effort of any cell; NaN without spreads
	ShortBefore, ShortAfter int64
}

// Compare lists what differs between two plans, whatever the order of their parts.
func Compare(before, after Plan) Comparison {
	c := Comparison{
		SumBefore: before.Sum, SumAfter: after.Sum, CostBefore: before.Cost(), CostAfter: after.Cost(),
		MostBefore: before.most(), MostAfter: after.most(), ShortBefore: before.Shortfall(), ShortAfter: after.Shortfall(),
	}
	place := map[luoshi.UnitID]int{}
	for _, p := range [2]Plan{before, after} {
		for _, part := range p.spec.Parts {
			if _, ok := place[part.Unit]; !ok {
				place[part.Unit] = len(c.Units)
				c.Units = append(c.Units, part.Unit)
			}
		}
	}
	c.Difference = cascade.Change(before.aligned(place), after.aligned(place))
	return c
}

// aligned lays the plan's rows out by the places of its units.
func (p Plan) aligned(place map[luoshi.UnitID]int) cascade.Grid {
	g := cascade.Grid{Cells: make([][]int64, len(place)), Rows: make([]int64, len(place)), Cols: p.Grid.Cols}
	for k := range g.Rows {
		g.Rows[k] = luoshi.Missing
	}
	for i, part := range p.spec.Parts {
		g.Cells[place[part.Unit]], g.Rows[place[part.Unit]] = p.Grid.Cells[i], p.Grid.Rows[i]
	}
	return g
}

// most is the largest effort of any cell that is not reported.
func (p Plan) most() float64 {
	most := math.NaN()
	for i := range p.spec.Parts {
		for j := range p.spec.Months {
			if v := p.Effort(i, j); p.Holds[i][j] != Known && !math.IsNaN(v) && !(v <= most) {
				most = v
			}
		}
	}
	return most
}
