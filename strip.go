package luoshi

import "math"

// Strip is one indicator's year at one unit as known at an instant: the newest
// vintage of every period. It is how figures travel from the store to the cube.
type Strip struct {
	Unit  UnitID
	Year  int
	Whole Lanes
	Own   *Lanes // 本级; nil where the unit has reported none
}

// Lanes are the cells of a year by the month in which their period ends: index 5
// is June, the second quarter, or January–June, as basis and calendar say.
type Lanes struct {
	Single, Cumulative [12]Cell
}

// On returns the lane of the basis.
func (l *Lanes) On(b Basis) *[12]Cell {
	if b == Single {
		return &l.Single
	}
	return &l.Cumulative
}

// Cell is a figure without its address. The zero Cell is not empty: use [NoCell].
type Cell struct {
	Value  int64 // at the indicator's decimals, or Missing
	Growth int32 // published percent at GrowthDecimals, or MissingGrowth
	Status Status
	Sample bool
	Seq    int64
}

// GrowthDecimals is the precision at which published growth is packed.
const GrowthDecimals = 3

// MissingGrowth stands for "no growth was published".
const MissingGrowth int32 = math.MinInt32

// NoCell is a period without a figure.
var NoCell = Cell{Value: Missing, Growth: MissingGrowth}

// Empty reports whether neither value nor growth was published.
func (c Cell) Empty() bool { return c.Value == Missing && c.Growth == MissingGrowth }

// NewStrip returns a strip without figures.
func NewStrip(unit UnitID, year int) Strip { return Strip{Unit: unit, Year: year, Whole: NewLanes()} }

// NewLanes returns lanes without figures.
func NewLanes() Lanes {
	var l Lanes
	for i := range 12 {
		l.Single[i], l.Cumulative[i] = NoCell, NoCell
	}
	return l
}
