package assess_test

import (
	"testing"

	"luoshi.dev"
	"luoshi.dev/assess"
)

// Whatever curve leads there, at the year's end a level is held against what was
// promised: a plan for the months may end below or above it.
func TestYearEndAsksThePromise(t *testing.T) {
	in := luoshi.Indicator{Code: "inv", Names: luoshi.Names{Hans: "投资"}, Decimals: 0, Direction: luoshi.More, Kind: luoshi.Flow, OverTime: luoshi.TimeSum, OverUnits: luoshi.UnitSum,
		Basis: luoshi.Cumulative, Calendar: luoshi.Quarterly}
	curve := make([]luoshi.NullQuantity, 12)
	for month, v := range map[int]string{3: "20", 6: "40", 9: "60", 12: "80"} {
		curve[month-1] = some(v)
	}
	for _, c := range []struct {
		name              string
		value             string
		actual            int64
		planned, december luoshi.Light
	}{
		{"as planned, below the promise", "100", 80, luoshi.Green, luoshi.Red},
		{"as promised", "100", 100, luoshi.Green, luoshi.Green},
		{"below a plan that asks for more than was promised", "70", 75, luoshi.Green, luoshi.Green},
	} {
		actual := []int64{luoshi.Missing, luoshi.Missing, 20, luoshi.Missing, luoshi.Missing, 40, luoshi.Missing, luoshi.Missing, 60, luoshi.Missing, luoshi.Missing, c.actual}
		last := make([]int64, 12)
		for i := range last {
			last[i] = luoshi.Missing
		}
		k := assess.Case{Indicator: in, Year: 2020, Actual: actual, LastYear: last, Growth: make([]luoshi.NullQuantity, 12), Target: &luoshi.Target{Form: luoshi.FormLevel, Value: some(c.value), Curve: curve}}
		for month, want := range map[int]luoshi.Light{9: c.planned, 12: c.december} {
			k.Through = month
			if got := assess.Judge(k); got.Light != want {
				t.Errorf("%s, month %d: %v, want %v (%v)", c.name, month, got.Light, want, got.Says)
			}
		}
	}
}
