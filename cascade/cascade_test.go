package cascade

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/govalues/decimal"
	"luoshi.dev"
	"pgregory.net/rapid"
)

func Example() {
	// 322.75 亿元 over the year and three cities; 10 are kept in reserve.
	missing := luoshi.Missing
	grid, _ := Both(Spec{
		Total: 32275, Reserve: 1000,
		Units: UnitLastShare,
		Parts: []Part{
			{Unit: 1, Last: 15000, Locked: missing, Min: missing, Max: missing},
			{Unit: 2, Last: 9000, Locked: missing, Min: missing, Max: missing},
			{Unit: 3, Last: 5000, Locked: missing, Min: missing, Max: missing},
		},
		Time: TimeSpec{Method: TimeStraight, Calendar: luoshi.Quarterly},
	})
	for _, end := range luoshi.Quarterly.Ends() {
		fmt.Println(grid.Cells[0][end-1], grid.Cells[1][end-1], grid.Cells[2][end-1], grid.Reserve[end-1], grid.Cols[end-1])
	}
	fmt.Println(grid.Rows)
	// Output:
	// 4044 2427 1348 250 8069
	// 4045 2426 1348 250 8069
	// 4044 2426 1348 250 8068
	// 4044 2427 1348 250 8069
	// [16177 9706 5392]
}

func ExampleOverTime() {
	months, _ := OverTime(32275, TimeSpec{Method: TimeStraight, Calendar: luoshi.Monthly})
	fmt.Println(months)
	fmt.Println(Accumulate(months))
	// Output:
	// [2690 2689 2690 2689 2690 2690 2689 2690 2689 2690 2689 2690]
	// [2690 5379 8069 10758 13448 16138 18827 21517 24206 26896 29585 32275]
}

func ExampleOverUnits() {
	missing := luoshi.Missing
	values, _ := OverUnits(1000, 40, UnitEqualGrowth, []Part{
		{Unit: 1, Last: 500, Locked: missing, Min: missing, Max: 510},
		{Unit: 2, Last: 300, Locked: missing, Min: missing, Max: missing},
		{Unit: 3, Last: 100, Locked: missing, Min: missing, Max: missing},
	})
	fmt.Println(values)
	// Output: [510 338 112]
}

func ExampleRound() {
	cells, _ := Round([][]float64{{1.4, 0, 2.6}, {0.3, 3.5, -1.8}}, []int64{4, 2}, []int64{2, 3, 1})
	fmt.Println(cells)
	// Output: [[1 0 3] [1 3 -2]]
}

var calendars = []luoshi.Calendar{luoshi.Monthly, luoshi.MonthlyJanFeb, luoshi.Quarterly, luoshi.HalfYearly, luoshi.Yearly}

const huge = 100_000_000_000_000_000 // 10^17

func drawYear(t *rapid.T, name string) []int64 {
	kind := rapid.SampledFrom([]string{"positive", "positive", "mixed", "gaps", "zero", "huge"}).Draw(t, name+" kind")
	year := make([]int64, 12)
	for i := range year {
		switch kind {
		case "positive":
			year[i] = rapid.Int64Range(0, 5000).Draw(t, name)
		case "mixed":
			year[i] = rapid.Int64Range(-5000, 5000).Draw(t, name)
		case "gaps":
			year[i] = rapid.SampledFrom([]int64{luoshi.Missing, 3, 700, 41}).Draw(t, name)
		case "huge":
			year[i] = rapid.Int64Range(0, huge).Draw(t, name)
		}
	}
	return year
}

func drawTime(t *rapid.T) TimeSpec {
	spec := TimeSpec{Method: rapid.SampledFrom([]TimeMethod{TimeStraight, TimeLastYear, TimeShape, TimeSmooth, TimeCustom}).Draw(t, "method"),
		Calendar: rapid.SampledFrom(calendars).Draw(t, "calendar")}
	for range rapid.IntRange(0, 3).Draw(t, "years") {
		spec.History = append(spec.History, drawYear(t, "history"))
	}
	if rapid.Bool().Draw(t, "with indicator") {
		for range 12 * rapid.IntRange(1, 3).Draw(t, "indicator years") {
			spec.Along = append(spec.Along, rapid.Float64Range(0, 100).Draw(t, "along"))
		}
	}
	if spec.Method == TimeCustom {
		spec.Base = rapid.SampledFrom([]TimeMethod{"", TimeStraight, TimeLastYear, TimeShape, TimeSmooth}).Draw(t, "base")
		spec.Custom = slices.Repeat([]int64{luoshi.Missing}, 12)
		for _, end := range spec.Calendar.Ends() {
			if rapid.IntRange(0, 3).Draw(t, "give") == 0 {
				spec.Custom[end-1] = rapid.Int64Range(-100, 2000).Draw(t, "given")
			}
		}
	}
	return spec
}

func drawTotal(t *rapid.T) int64 {
	return rapid.OneOf(rapid.Int64Range(-50, 50), rapid.Int64Range(0, 1_000_000), rapid.Int64Range(-huge, huge), rapid.Just(int64(0))).Draw(t, "total")
}

func TestOverTimeSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total, spec := drawTotal(t), drawTime(t)
		values, problems := OverTime(total, spec)
		if luoshi.Blocked(problems) {
			if values != nil {
				t.Fatalf("values %v beside %v", values, problems)
			}
			if spec.Method != TimeCustom || slices.Contains(spec.Custom, luoshi.Missing) && len(spec.Custom) != 12 {
				t.Fatalf("blocked: %v", problems)
			}
			return
		}
		l, _ := curve(total, spec)
		sum, k := int64(0), 0
		for i, v := range values {
			if !slices.Contains(spec.Calendar.Ends(), i+1) {
				if v != luoshi.Missing {
					t.Fatalf("month %d closes no period and has %d", i+1, v)
				}
				continue
			}
			sum += v
			if d := v - l.floor[k]; d < 0 || d > 1 || d == 1 && l.rem[k] == 0 {
				t.Fatalf("month %d is %d for a floor of %d", i+1, v, l.floor[k])
			}
			if spec.Custom != nil && spec.Custom[i] != luoshi.Missing && v != spec.Custom[i] {
				t.Fatalf("month %d is %d, given %d", i+1, v, spec.Custom[i])
			}
			k++
		}
		if sum != total {
			t.Fatalf("sums to %d, want %d", sum, total)
		}
		if c := Accumulate(values); c[11] != total {
			t.Fatalf("the year to date ends at %d, want %d", c[11], total)
		}
	})
}

// On a straight line the year to date is never further than half a unit off.
func TestStraightKeepsTheLine(t *testing.T) {
	for total := int64(-30); total < 60; total++ {
		values, _ := OverTime(total, TimeSpec{Method: TimeStraight, Calendar: luoshi.Monthly})
		for i, v := range Accumulate(values) {
			if off := 12*v - int64(i+1)*total; off > 6 || off < -6 {
				t.Errorf("total %d: %d after %d months", total, v, i+1)
			}
		}
	}
}

func drawParts(t *rapid.T, n int) []Part {
	kind := rapid.SampledFrom([]string{"plain", "plain", "mixed", "zeros", "huge"}).Draw(t, "last")
	bounds := rapid.Bool().Draw(t, "bounds")
	parts := make([]Part, n)
	for i := range parts {
		p := Part{Unit: luoshi.UnitID(i + 1), Locked: luoshi.Missing, Min: luoshi.Missing, Max: luoshi.Missing}
		p.Weight = decimal.MustNew(rapid.Int64Range(0, 500).Draw(t, "weight"), 2)
		switch kind {
		case "plain":
			p.Last = rapid.Int64Range(0, 500).Draw(t, "last")
		case "mixed":
			p.Last = rapid.Int64Range(-500, 500).Draw(t, "last")
		case "huge":
			p.Last = rapid.Int64Range(0, huge).Draw(t, "last")
		}
		if rapid.IntRange(0, 9).Draw(t, "missing") == 0 {
			p.Last = luoshi.Missing
		}
		if rapid.IntRange(0, 5).Draw(t, "lock") == 0 {
			p.Locked = rapid.Int64Range(0, 200).Draw(t, "locked")
		} else if bounds {
			if rapid.Bool().Draw(t, "has min") {
				p.Min = rapid.Int64Range(-100, 100).Draw(t, "min")
			}
			if rapid.Bool().Draw(t, "has max") {
				p.Max = max(p.Min, rapid.Int64Range(-50, 1000).Draw(t, "max"))
			}
		}
		parts[i] = p
	}
	return parts
}

func TestOverUnitsSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := drawParts(t, rapid.IntRange(1, 12).Draw(t, "parts"))
		total := drawTotal(t)
		reserve := rapid.Int64Range(-20, 100).Draw(t, "reserve")
		method := rapid.SampledFrom([]UnitMethod{UnitLastShare, UnitWeight, UnitEqualGrowth}).Draw(t, "method")
		values, problems := OverUnits(total, reserve, method, parts)
		order := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)).Perm(len(parts))
		mixed := make([]Part, len(parts))
		for k, i := range order {
			mixed[k] = parts[i]
		}
		again, other := OverUnits(total, reserve, method, mixed)
		if luoshi.Blocked(problems) != luoshi.Blocked(other) {
			t.Fatalf("order matters: %v, %v", problems, other)
		}
		if luoshi.Blocked(problems) {
			return
		}
		sum := reserve
		for k, i := range order {
			if again[k] != values[i] {
				t.Fatalf("order matters: unit %d has %d or %d", parts[i].Unit, values[i], again[k])
			}
		}
		for i, p := range parts {
			sum += values[i]
			if p.Locked != luoshi.Missing && values[i] != p.Locked || p.Min != luoshi.Missing && values[i] < p.Min || p.Max != luoshi.Missing && values[i] > p.Max {
				t.Fatalf("%+v got %d", p, values[i])
			}
		}
		if sum != total {
			t.Fatalf("sums to %d, want %d", sum, total)
		}
		checkWaterLevel(t, method, parts, values)
		checkNoneOwes(t, total, parts, values, problems)
	})
}

// checkNoneOwes: where nothing is below zero in what is asked, nobody gets less than
// nothing without a word.
func checkNoneOwes(t *rapid.T, total int64, parts []Part, values []int64, problems []luoshi.Problem) {
	for _, p := range parts {
		if total < 0 || p.Last != luoshi.Missing && p.Last < 0 || p.Min != luoshi.Missing && p.Min < 0 || p.Max != luoshi.Missing && p.Max < 0 {
			return
		}
	}
	for i, v := range values {
		if v < 0 && !slices.ContainsFunc(problems, func(p luoshi.Problem) bool { return p.Message.Key == "cascade.reserve_over" }) {
			t.Fatalf("%+v of a total of %d gets %d and nothing is said: %v", parts[i], total, v, problems)
		}
	}
}

// checkWaterLevel: with a base b ≥ 0, one common rate explains every free value
// that no bound holds, to within the rounding of one unit.
func checkWaterLevel(t *rapid.T, method UnitMethod, parts []Part, values []int64) {
	var low, high *big.Rat // the rates that are possible
	for i, p := range parts {
		b := p.Last
		if method == UnitWeight {
			b = int64(p.Weight.Coef()) * []int64{100, 10, 1}[min(p.Weight.Scale(), 2)]
		}
		if p.Last == luoshi.Missing || b < 0 {
			return
		}
		if p.Locked != luoshi.Missing || b == 0 {
			continue
		}
		// v−1 < b·rate < v+1, unless a bound holds it from that side.
		if p.Max == luoshi.Missing || values[i] < p.Max {
			if r := big.NewRat(values[i]+1, b); high == nil || r.Cmp(high) < 0 {
				high = r
			}
		}
		if p.Min == luoshi.Missing || values[i] > p.Min {
			if r := big.NewRat(values[i]-1, b); low == nil || r.Cmp(low) > 0 {
				low = r
			}
		}
	}
	if low != nil && high != nil && low.Cmp(high) >= 0 {
		for _, p := range parts {
			if p.Locked == luoshi.Missing && (method == UnitWeight && !p.Weight.IsZero() || method != UnitWeight && p.Last != 0) {
				t.Fatalf("no one rate explains %v of %+v: above %v and below %v", values, parts, low, high)
			}
		}
	}
}

func TestMostAndLeast(t *testing.T) {
	m := luoshi.Missing
	parts := []Part{{Unit: 1, Last: 10, Locked: m, Min: 5, Max: 20}, {Unit: 2, Last: 30, Locked: 30, Min: m, Max: m}, {Unit: 3, Last: 5, Locked: m, Min: 0, Max: 7}}
	for _, c := range []struct {
		total      int64
		key        string
		attainable Amount
	}{{60, "cascade.most", 59}, {30, "cascade.least", 37}, {59, "", 0}, {37, "", 0}} {
		values, problems := OverUnits(c.total, 2, UnitLastShare, parts)
		if c.key == "" {
			if problems != nil {
				t.Errorf("%d: %v", c.total, problems)
			}
			continue
		}
		if values != nil || len(problems) != 1 || problems[0].Message.Key != c.key || problems[0].Message.Args["attainable"] != c.attainable {
			t.Errorf("%d: %v %v, want %s %d", c.total, values, problems, c.key, c.attainable)
		}
	}
}

func TestBothMargins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "parts")
		spec := Spec{Total: drawTotal(t), Reserve: rapid.Int64Range(-20, 50).Draw(t, "reserve"),
			Units: rapid.SampledFrom([]UnitMethod{UnitLastShare, UnitWeight, UnitEqualGrowth}).Draw(t, "units"),
			Parts: drawParts(t, n), Time: drawTime(t)}
		if rapid.Bool().Draw(t, "own curves") {
			for range n {
				own := TimeSpec{}
				if rapid.Bool().Draw(t, "own") {
					own = TimeSpec{Method: TimeLastYear, History: [][]int64{drawYear(t, "own year")}}
				}
				spec.PartTime = append(spec.PartTime, own)
			}
		}
		grid, problems := Both(spec)
		if luoshi.Blocked(problems) {
			for _, p := range problems {
				stands := slices.ContainsFunc(spec.Parts, func(p Part) bool { return p.Last == luoshi.Missing }) // in at any height
				if p.Message.Key == "cascade.range" && !stands {
					t.Fatalf("%v", problems)
				}
			}
			return
		}
		checkGrid(t, spec, grid)
		slices.Reverse(spec.Parts)
		slices.Reverse(spec.PartTime)
		again, _ := Both(spec)
		slices.Reverse(again.Cells)
		slices.Reverse(again.Rows)
		if !reflect.DeepEqual(grid, again) {
			t.Fatalf("order matters:\n%v\n%v", grid, again)
		}
	})
}

func checkGrid(t failer, spec Spec, g Grid) {
	t.Helper()
	ends := spec.Time.Calendar.Ends()
	total := spec.Reserve
	for i, cells := range g.Cells {
		sum := int64(0)
		for _, end := range ends {
			sum += cells[end-1]
		}
		if sum != g.Rows[i] {
			t.Fatalf("row %d sums to %d, want %d", i, sum, g.Rows[i])
		}
		total += sum
	}
	if total != spec.Total {
		t.Fatalf("rows sum to %d, want %d", total, spec.Total)
	}
	reserve := int64(0)
	for _, end := range ends {
		sum := g.Reserve[end-1]
		reserve += sum
		for i := range g.Cells {
			sum += g.Cells[i][end-1]
		}
		if sum != g.Cols[end-1] {
			t.Fatalf("month %d sums to %d, want %d", end, sum, g.Cols[end-1])
		}
	}
	if reserve != spec.Reserve {
		t.Fatalf("the reserve's months sum to %d, want %d", reserve, spec.Reserve)
	}
}

// At 10^17 every cell is still less than one from row × column / total.
func TestBothExactWhereFloatsAreNot(t *testing.T) {
	m := luoshi.Missing
	spec := Spec{Total: huge - 1, Reserve: 12345, Units: UnitLastShare, Time: TimeSpec{Method: TimeLastYear, Calendar: luoshi.MonthlyJanFeb,
		History: [][]int64{{m, 17, 11, 13, 12, 18, 9, 8, 13, 14, 15, 31}}}}
	for i := range 200 {
		spec.Parts = append(spec.Parts, Part{Unit: luoshi.UnitID(i + 1), Last: int64(i*i + 7), Locked: m, Min: m, Max: m})
	}
	g, problems := Both(spec)
	if problems != nil {
		t.Fatal(problems)
	}
	checkGrid(t, spec, g)
	for i, cells := range g.Cells {
		for _, end := range luoshi.MonthlyJanFeb.Ends() {
			real := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(g.Rows[i]), big.NewInt(g.Cols[end-1])), big.NewInt(spec.Total))
			off := real.Sub(real, new(big.Rat).SetInt64(cells[end-1]))
			if off.Abs(off).Cmp(big.NewRat(1, 1)) >= 0 {
				t.Fatalf("unit %d month %d is %d, off by %s", i, end, cells[end-1], off.FloatString(3))
			}
		}
	}
}

func TestGivenCellsOfAPartStand(t *testing.T) {
	m := luoshi.Missing
	free := func(at int, v int64) []int64 {
		given := slices.Repeat([]int64{m}, 12)
		given[at] = v
		return given
	}
	spec := Spec{Total: 1200, Units: UnitLastShare, Time: TimeSpec{Method: TimeStraight, Calendar: luoshi.Monthly},
		Parts:    []Part{{Unit: 1, Last: 2, Locked: m, Min: m, Max: m}, {Unit: 2, Last: 1, Locked: m, Min: m, Max: m}},
		PartTime: []TimeSpec{{Method: TimeCustom, Custom: free(6, 95)}, {}}}
	g, problems := Both(spec)
	if problems != nil {
		t.Fatal(problems)
	}
	checkGrid(t, spec, g)
	if g.Cells[0][6] != 95 || g.Cells[1][6] != 5 {
		t.Errorf("July is %d and %d", g.Cells[0][6], g.Cells[1][6])
	}
	spec.PartTime[1] = TimeSpec{Method: TimeCustom, Custom: free(6, 9)}
	if _, problems := Both(spec); len(problems) != 1 || problems[0].Message.Key != "cascade.locks_month" || problems[0].Col != 7 {
		t.Errorf("two given cells that do not fill July: %v", problems)
	}
}

func TestChange(t *testing.T) {
	a := Grid{Cells: [][]int64{{1, 2}, {3, 4}}, Rows: []int64{3, 7}, Cols: []int64{4, 6}}
	b := Grid{Cells: [][]int64{{1, 2}, {3, 5}, {1, 1}}, Rows: []int64{3, 8, 2}, Cols: []int64{5, 8}}
	d := Change(a, b)
	want := Difference{
		Rows:  []Changed{{1, -1, 7, 8}, {2, -1, luoshi.Missing, 2}},
		Cols:  []Changed{{-1, 0, 4, 5}, {-1, 1, 6, 8}},
		Cells: []Changed{{1, 1, 4, 5}, {2, 0, luoshi.Missing, 1}, {2, 1, luoshi.Missing, 1}},
	}
	if !reflect.DeepEqual(d, want) {
		t.Errorf("got %+v", d)
	}
	if !Change(a, a).Empty() || d.Empty() {
		t.Error("Empty")
	}
}

func TestDentonKeepsTotals(t *testing.T) {
	x := Denton([]float64{1, 2, 0, 4, 2, 2, 2, 2, 3}, []float64{70, -8}, 4)
	if len(x) != 9 || x[2] != 0 || math.Abs(x[0]+x[1]+x[3]-70) > 1e-9 || math.Abs(x[4]+x[5]+x[6]+x[7]+8) > 1e-9 {
		t.Fatal(x)
	}
	if math.Abs(x[8]/3-x[7]/2) > 1e-9 {
		t.Errorf("the last ratio is %v, carried on as %v", x[7]/2, x[8]/3)
	}
	for name, x := range map[string][]float64{
		"all zero":    Denton([]float64{0, 0}, []float64{1}, 2),
		"a zero year": Denton([]float64{1, 1, 0, 0}, []float64{1, 1}, 2),
		"too short":   Denton([]float64{1}, []float64{1}, 2),
		"no total":    Denton([]float64{1, 2}, []float64{math.NaN()}, 2),
		"infinite":    Denton([]float64{1, math.Inf(1)}, []float64{1}, 2),
		"one total 0": Denton([]float64{1, 1}, []float64{0}, 2),
	} {
		if name != "one total 0" && x != nil || name == "one total 0" && (x == nil || x[0] != 0) {
			t.Errorf("%s: %v", name, x)
		}
	}
}
