package rollup_test

import (
	"slices"
	"testing"

	"luoshi.dev"
	"luoshi.dev/rollup"
)

// What a derived indicator rests on is found through every rule, each once.
func TestInputs(t *testing.T) {
	tree, _ := luoshi.NewTree([]luoshi.Unit{{ID: 1, Code: "1", Names: luoshi.Names{Hans: "1"}, Kind: luoshi.City, From: 20000101}}, 20200101)
	flow := func(code string) luoshi.Indicator {
		return luoshi.Indicator{Code: code, Kind: luoshi.Flow, OverTime: luoshi.TimeSum, OverUnits: luoshi.UnitSum, Basis: luoshi.Cumulative, Calendar: luoshi.Monthly, ReportedAt: luoshi.City}
	}
	balance, rate, mean := flow("balance"), flow("rate"), flow("mean")
	balance.Formula = "exports - imports + lag(exports, 1)"
	rate.Kind, rate.OverTime, rate.OverUnits, rate.Numerator, rate.Denominator = luoshi.Rate, luoshi.TimeLast, luoshi.UnitRatio, "balance", "imports"
	mean.Kind, mean.OverTime, mean.OverUnits, mean.Weight = luoshi.Index, luoshi.TimeLast, luoshi.UnitWeighted, "firms"
	cube, problems := rollup.NewCube(tree, []luoshi.Indicator{flow("exports"), flow("imports"), flow("firms"), balance, rate, mean})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for code, want := range map[string][]string{
		"exports": nil, "balance": {"exports", "imports"}, "rate": {"balance", "imports"}, "mean": {"firms"}, "nothing": nil,
	} {
		if got := cube.Inputs(code); !slices.Equal(got, want) {
			t.Errorf("%s rests on %v, want %v", code, got, want)
		}
	}
	if got := cube.Needs("rate"); !slices.Equal(got, []string{"rate", "balance", "imports", "exports"}) {
		t.Errorf("rate needs %v", got)
	}
}
