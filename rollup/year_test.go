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
		}, 20200101)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		in := luoshi.Indicator{
			Code: "x", Kind: luoshi.Flow, Decimals: 1, OverTime: luoshi.TimeSum, OverUnits: luoshi.UnitSum, ReportedAt: luoshi.City,
			Basis:    rapid.SampledFrom([]luoshi.Basis{luoshi.Single, luoshi.Cumulative}).Draw(t, "basis"),
			Calendar: rapid.SampledFrom([]luoshi.Calendar{luoshi.Monthly, luoshi.MonthlyJanFeb, luoshi.Quarterly}).Draw(t, "calendar"),
		}
		cube, _ := rollup.NewCube(tree, []luoshi.Indicator{in})
		var strips []luoshi.Strip
		for id := luoshi.UnitID(1); id <= 3; id++ {
			s := luoshi.NewStrip(id, 2020)
			for _, m := range in.Calendar.Ends() {
				if rapid.Bool().Draw(t, "there") {
					s.Whole.On(in.Basis)[m-1] = luoshi.Cell{Value: rapid.Int64Range(-99, 99).Draw(t, "v"), Growth: rapid.Int32Range(-99, 99).Draw(t, "g"), Status: luoshi.Final, Seq: 1}
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
