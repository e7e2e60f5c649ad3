package rollup_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"luoshi.dev"
	"luoshi.dev/rollup"
)

// A year shows what its periods show one by one.
func TestYearIsItsValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree, problems := luoshi.NewTree([]luoshi.Unit{
			{ID: 1, Code: "p", Kind: luoshi.Province, From: 20190101},
			{ID: 2, Code: "a", Kind: luoshi.City, Parent: 1, From: 20190101},
			{ID: 3, Code: "b", Kind: luoshi.City, Parent: 1, From: 20190101},
			{ID: 4, Code: "c", Kind: luoshi.County, Parent: 3, From: 20190101},
			{ID: 5, Code: "d", Kind: luoshi.DevZone, Parent: 1, From: 20190101},
		}, 20200101)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		in := luoshi.Indicator{
			Code: "x", Kind: luoshi.Flow, Decimals: 1, OverUnits: luoshi.UnitSum,
			OverTime:   rapid.SampledFrom([]luoshi.OverTime{luoshi.TimeSum, luoshi.TimeSum, luoshi.TimeLast, luoshi.TimeAverage, luoshi.TimeNone}).Draw(t, "over time"),
			ReportedAt: rapid.SampledFrom([]luoshi.UnitKind{luoshi.City, luoshi.County}).Draw(t, "rung"),
			Basis:      rapid.SampledFrom([]luoshi.Basis{luoshi.Single, luoshi.Cumulative}).Draw(t, "basis"),
			Calendar:   rapid.SampledFrom([]luoshi.Calendar{luoshi.Monthly, luoshi.MonthlyJanFeb, luoshi.Quarterly}).Draw(t, "calendar"),
		}
		if rapid.IntRange(0, 3).Draw(t, "sums") == 0 {
			in.OverUnits = luoshi.UnitNone
		}
		cube, _ := rollup.NewCube(tree, []luoshi.Indicator{in})
		off := luoshi.Single
		if in.Basis == luoshi.Single {
			off = luoshi.Cumulative
		}
		often := rapid.SampledFrom([]int{1, 5}).Draw(t, "often")
		cell := func() luoshi.Cell {
			return luoshi.Cell{Value: rapid.Int64Range(-99, 99).Draw(t, "v"), Growth: rapid.Int32Range(-99, 99).Draw(t, "g"), Status: luoshi.Final, Seq: 1}
		}
		var strips []luoshi.Strip
		for id := luoshi.UnitID(1); id <= 5; id++ {
			s := luoshi.NewStrip(id, 2020)
			mixed := rapid.IntRange(0, 3).Draw(t, "mixed") == 0
			if rapid.IntRange(0, 3).Draw(t, "own") == 0 {
				own := luoshi.NewStrip(id, 2020).Whole
				s.Own = &own
			}
			if id == 1 && rapid.Bool().Draw(t, "left to its parts") {
				continue
			}
			for _, m := range in.Calendar.Ends() {
				if rapid.IntRange(0, often).Draw(t, "there") > 0 {
					s.Whole.On(in.Basis)[m-1] = cell()
				}
				if mixed && rapid.Bool().Draw(t, "on the other basis") {
					s.Whole.On(off)[m-1] = cell()
				}
				if s.Own != nil && rapid.Bool().Draw(t, "own there") {
					s.Own.On(in.Basis)[m-1] = cell()
				}
			}
			strips = append(strips, s)
		}
		cube.Load("x", 2020, slices.Values(strips))
		for node := range tree.Nodes {
			for _, basis := range []luoshi.Basis{luoshi.Single, luoshi.Cumulative} {
				year := cube.Year("x", node, 2020, basis)
				for m := 1; m <= 12; m++ {
					want := rollup.Value{}
					if p, ok := in.Calendar.Period(2020, m, basis); ok {
						want = cube.Value("x", node, p, basis)
					}
					if luoshi.Unscaled(year.Amount[m-1], 1) != want.Amount || luoshi.Unscaled(year.Growth[m-1], luoshi.GrowthDecimals) != want.Growth {
						t.Fatalf("node %d, %s, month %d: %v %v, want %v %v", node, basis, m, year.Amount[m-1], year.Growth[m-1], want.Amount, want.Growth)
					}
				}
			}
		}
	})
}
