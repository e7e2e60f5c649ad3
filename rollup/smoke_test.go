package rollup

import (
	"slices"
	"testing"

	"luoshi.dev"
)

func strip(unit luoshi.UnitID, year int, basis luoshi.Basis, values map[int]int64) luoshi.Strip {
	s := luoshi.NewStrip(unit, year)
	for m, v := range values {
		s.Whole.On(basis)[m-1] = luoshi.Cell{Value: v, Growth: luoshi.MissingGrowth, Status: luoshi.Preliminary, Seq: int64(unit)*100 + int64(m)}
	}
	return s
}

func smallTree(t testing.TB) *luoshi.Tree {
	t.Helper()
	u := func(id luoshi.UnitID, code string, kind luoshi.UnitKind, parent luoshi.UnitID) luoshi.Unit {
		return luoshi.Unit{ID: id, Code: code, Names: luoshi.Names{Hans: code}, Kind: kind, Parent: parent, From: 20190101}
	}
	tree, problems := luoshi.NewTree([]luoshi.Unit{
		u(1, "P", luoshi.Province, 0), u(2, "A", luoshi.City, 1), u(3, "B", luoshi.City, 1),
		u(4, "A1", luoshi.County, 2), u(5, "A2", luoshi.County, 2), u(6, "B1", luoshi.County, 3),
		u(7, "B9", luoshi.DevZone, 3), u(8, "D", luoshi.Department, 1),
	}, 20200101)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return tree
}

func TestSmoke(t *testing.T) {
	tree := smallTree(t)
	in := luoshi.Indicator{Code: "gdp", Decimals: 1, Kind: luoshi.Flow, OverTime: luoshi.TimeSum, OverUnits: luoshi.UnitSum, Basis: luoshi.Cumulative, Calendar: luoshi.Quarterly, ReportedAt: luoshi.County}
	c, problems := NewCube(tree, []luoshi.Indicator{in})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	c.Load("gdp", 2020, slices.Values([]luoshi.Strip{
		strip(4, 2020, luoshi.Cumulative, map[int]int64{3: 10, 6: 30}),
		strip(5, 2020, luoshi.Cumulative, map[int]int64{3: 5, 6: 9}),
		strip(6, 2020, luoshi.Cumulative, map[int]int64{3: 7}),
	}))
	t.Logf("%+v", c.Value("gdp", 0, luoshi.ToDate(2020, 3), luoshi.Cumulative))
	t.Logf("%+v", c.Value("gdp", 0, luoshi.ToDate(2020, 6), luoshi.Cumulative))
	t.Logf("%+v", c.Value("gdp", 1, luoshi.QuarterOf(2020, 2), luoshi.Single))
	t.Log(c.Totals("gdp", 2020, 6, luoshi.Cumulative), c.Totals("gdp", 2020, 6, luoshi.Single), c.Totals("gdp", 2020, 3, luoshi.Cumulative))
	c.Put("gdp", strip(6, 2020, luoshi.Cumulative, map[int]int64{3: 7, 6: 11}))
	t.Log(c.Totals("gdp", 2020, 6, luoshi.Cumulative), c.Totals("gdp", 2020, 6, luoshi.Single), c.Totals("gdp", 2020, 3, luoshi.Cumulative))
}
