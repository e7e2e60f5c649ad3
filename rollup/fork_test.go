package rollup_test

import (
	"slices"
	"testing"

	"luoshi.dev"
	"luoshi.dev/rollup"
)

// What is loaded into a fork, or into the cube that it came from, is not seen by
// the other; a rate is computed from the fork's own parts.
func TestFork(t *testing.T) {
	tree, problems := luoshi.NewTree([]luoshi.Unit{
		{ID: 1, Code: "340000", Kind: luoshi.Province, From: 20190101},
		{ID: 2, Code: "340100", Kind: luoshi.City, Parent: 1, From: 20190101},
	}, 20200101)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	flow := func(code string) luoshi.Indicator {
		return luoshi.Indicator{Code: code, Kind: luoshi.Flow, OverTime: luoshi.TimeSum, OverUnits: luoshi.UnitSum, Basis: luoshi.Cumulative, Calendar: luoshi.Yearly, ReportedAt: luoshi.City}
	}
	rate := luoshi.Indicator{Code: "rate", Decimals: 2, Kind: luoshi.Rate, OverTime: luoshi.TimeLast, OverUnits: luoshi.UnitRatio, Numerator: "a", Denominator: "b", Power: 2, Basis: luoshi.Cumulative, Calendar: luoshi.Yearly}
	cube, problems := rollup.NewCube(tree, []luoshi.Indicator{flow("a"), flow("b"), rate})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	load := func(c *rollup.Cube, code string, v int64) {
		s := luoshi.NewStrip(2, 2020)
		s.Whole.Cumulative[11] = luoshi.Cell{Value: v, Growth: luoshi.MissingGrowth, Status: luoshi.Final, Seq: 1}
		c.Load(code, 2020, slices.Values([]luoshi.Strip{s}))
	}
	year := luoshi.YearOf(2020)
	says := func(c *rollup.Cube, code string) string {
		return c.Value(code, 0, year, luoshi.Cumulative).Amount.Decimal.String()
	}
	load(cube, "a", 30)
	load(cube, "b", 40)
	fork := cube.Fork()
	load(fork, "a", 10)
	load(cube, "b", 60)
	for _, tc := range []struct {
		cube       *rollup.Cube
		code, want string
	}{{cube, "a", "30"}, {cube, "b", "60"}, {cube, "rate", "50.00"}, {fork, "a", "10"}, {fork, "b", "40"}, {fork, "rate", "25.00"}} {
		if got := says(tc.cube, tc.code); got != tc.want {
			t.Errorf("%s = %s, want %s", tc.code, got, tc.want)
		}
	}
}
