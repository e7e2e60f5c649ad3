package bench

import (
	"fmt"
	"iter"

	"luoshi.dev"
)

// World is a made-up tree of units with indicators whose figures the towns
// report each month, as the year to date, for two years.
type World struct {
	Name       string // "province", "nation"
	Units      []luoshi.Unit
	Indicators []luoshi.Indicator
	Tree       *luoshi.Tree
	Parts      []int // the tree's nodes that report
}

// The two years, and the day as of which everything is looked at.
const (
	LastYear = 2019
	ThisYear = 2020
	lastDay  = luoshi.Date(20201231)
)

// shape is how many units a rung has, from the top down, and how many indicators.
type shape struct {
	name                                        string
	nations, provinces, cities, counties, towns int
	indicators                                  int
}

// The sizes: a province of 1,600 units × 100 indicators × 24 months (3.5 million
// figures), a nation of 43,222 units × 50 indicators × 24 months (48 million), and
// a small one that only shows that everything runs.
var (
	smallShape    = shape{name: "small", provinces: 1, cities: 4, counties: 12, towns: 83, indicators: 6}
	provinceShape = shape{name: "province", provinces: 1, cities: 16, counties: 105, towns: 1478, indicators: 100}
	nationShape   = shape{name: "nation", nations: 1, provinces: 31, cities: 340, counties: 2850, towns: 40_000, indicators: 50}
)

// NewWorld makes the world of a size: "small", "province" or "nation".
func NewWorld(size string) (*World, error) {
	for _, s := range []shape{smallShape, provinceShape, nationShape} {
		if s.name == size {
			return s.world()
		}
	}
	return nil, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("bench.size", "text", size)}
}

func (s shape) world() (*World, error) {
	w := &World{Name: s.name}
	parents := []luoshi.UnitID{0}
	for _, rung := range []struct {
		kind  luoshi.UnitKind
		count int
	}{{luoshi.Nation, s.nations}, {luoshi.Province, s.provinces}, {luoshi.City, s.cities}, {luoshi.County, s.counties}, {luoshi.Town, s.towns}} {
		if rung.count > 0 {
			parents = w.add(rung.kind, parents, rung.count)
		}
	}
	for i := range s.indicators {
		name := fmt.Sprintf("指标%d", i+1)
		w.Indicators = append(w.Indicators, luoshi.Indicator{
			Code: fmt.Sprintf("x%d", i+1), Names: luoshi.Names{Hans: name, En: fmt.Sprintf("Indicator %d", i+1)},
			Measure: luoshi.Measure{Symbol: luoshi.Names{Hans: "万元", En: "10,000 yuan"}, Currency: "CNY", Power: 4}, Decimals: 2,
			Direction: luoshi.More, Kind: luoshi.Flow, OverTime: luoshi.TimeSum, OverUnits: luoshi.UnitSum,
			Basis: luoshi.Cumulative, Calendar: luoshi.Monthly, ReportedAt: luoshi.Town, DueDays: 10,
		})
	}
	tree, problems := luoshi.NewTree(w.Units, lastDay)
	if len(problems) > 0 {
		return nil, fmt.Errorf("bench: %s", problems[0].Message)
	}
	w.Tree = tree
	for i, n := range tree.Nodes {
		if n.Kind == luoshi.Town {
			w.Parts = append(w.Parts, i)
		}
	}
	return w, nil
}

// add puts count units of a kind evenly under the parents.
func (w *World) add(kind luoshi.UnitKind, parents []luoshi.UnitID, count int) []luoshi.UnitID {
	ids := make([]luoshi.UnitID, count)
	for i := range ids {
		id := luoshi.UnitID(len(w.Units) + 1)
		ids[i] = id
		w.Units = append(w.Units, luoshi.Unit{
			ID: id, Code: fmt.Sprintf("%06d", 100000+int64(id)), Names: luoshi.Names{Hans: fmt.Sprintf("单位%d", id), En: fmt.Sprintf("Unit %d", id)},
			Kind: kind, Parent: parents[i*len(parents)/count], Order: int(id), From: 19490101,
		})
	}
	return ids
}

// Single is the value of one month by itself, at the indicator's two decimals:
// between 100.00 and 1,747.75, grown by a few percent on the year before.
func (w *World) Single(indicator int, unit luoshi.UnitID, year, month int) int64 {
	level := 10_000 + (int64(unit)*7919+int64(indicator)*104_729)%150_000
	season := 90 + (int64(month)*37+int64(indicator)*11)%21
	growth := int64(100)
	if year == ThisYear {
		growth = 98 + (int64(unit)*31+int64(indicator)*17)%12
	}
	return level * season * growth / 10_000
}

// Strip is one reporting unit's year.
func (w *World) Strip(indicator int, unit luoshi.UnitID, year int) luoshi.Strip {
	s := luoshi.NewStrip(unit, year)
	total := int64(0)
	for m := range 12 {
		total += w.Single(indicator, unit, year, m+1)
		s.Whole.Cumulative[m] = luoshi.Cell{Value: total, Growth: luoshi.MissingGrowth, Status: luoshi.Preliminary}
	}
	return s
}

// Strips yields an indicator's year in the order of the tree.
func (w *World) Strips(indicator, year int) iter.Seq[luoshi.Strip] {
	return func(yield func(luoshi.Strip) bool) {
		for _, i := range w.Parts {
			if !yield(w.Strip(indicator, w.Tree.Nodes[i].ID, year)) {
				return
			}
		}
	}
}

// Figures returns an indicator's year as figures to record.
func (w *World) Figures(indicator, year int) []luoshi.Figure {
	list := make([]luoshi.Figure, 0, 12*len(w.Parts))
	for _, i := range w.Parts {
		unit, total := w.Tree.Nodes[i].ID, int64(0)
		for m := 1; m <= 12; m++ {
			total += w.Single(indicator, unit, year, m)
			list = append(list, luoshi.Figure{
				Indicator: w.Indicators[indicator].Code, Unit: unit, Period: luoshi.ToDate(year, m), Basis: luoshi.Cumulative, Scope: luoshi.Whole,
				Value: luoshi.Unscaled(total, 2), Status: luoshi.Preliminary, By: "bench",
			})
		}
	}
	return list
}

// Targets returns a level target of this year for every unit above the towns and
// every indicator: the last year's total and five percent.
func (w *World) Targets() []luoshi.Target {
	var list []luoshi.Target
	for k, in := range w.Indicators {
		sums := make([]int64, w.Tree.Len())
		for i := w.Tree.Len() - 1; i >= 0; i-- {
			n := w.Tree.Nodes[i]
			if n.Kind == luoshi.Town {
				for m := 1; m <= 12; m++ {
					sums[i] += w.Single(k, n.ID, LastYear, m)
				}
			}
			if n.Parent >= 0 {
				sums[n.Parent] += sums[i]
			}
		}
		for i, n := range w.Tree.Nodes {
			if n.Kind != luoshi.Town {
				list = append(list, luoshi.Target{
					Indicator: in.Code, Unit: n.ID, FirstYear: ThisYear, LastYear: ThisYear, Revision: 1, Form: luoshi.FormLevel,
					Value: luoshi.Unscaled(sums[i]/100*105, 2), From: 20200101, By: "bench",
				})
			}
		}
	}
	return list
}

// Values is the number of figures that the world's units report.
func (w *World) Values() int { return len(w.Parts) * len(w.Indicators) * 24 }
