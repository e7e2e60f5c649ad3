package catchup

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"luoshi.dev"
	"pgregory.net/rapid"
)

func ExampleReachOf() {
	// Two quarters are left. Against the year before, the best quarter on record grew
	// by 20% (120 on 100), the best half-year by 12% (265 on 236).
	m := luoshi.Missing
	r := ReachOf(ReachSpec{
		Calendar: luoshi.Quarterly, Months: []int{9, 12},
		History: [][]int64{
			{m, m, 90, m, m, 116, m, m, m, m, m, m},
			{m, m, 120, m, m, 145, m, m, 150, m, m, 160},
			{m, m, 100, m, m, 136, m, m, 140, m, m, 150},
		},
		Capacity: []int64{m, 180},
	})
	fmt.Println(r.High, r.HighFrom, r.Low)
	fmt.Println(r.Most, r.MostFrom, r.Least)
	// Output:
	// [180 180] [history capacity] [113 120]
	// 348 history 241
}

// What is attainable is in order, is never less for more history, and always holds
// what is expected, unless the unit says that it has no such capacity.
func TestReach(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := source{rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 5))}
		calendar := rapid.SampledFrom([]luoshi.Calendar{luoshi.Monthly, luoshi.MonthlyJanFeb, luoshi.Quarterly}).Draw(t, "calendar")
		ends := calendar.Ends()
		from := rapid.IntRange(0, len(ends)-1).Draw(t, "from")
		spec := ReachSpec{Calendar: calendar, Months: ends[from:]}
		for range rapid.IntRange(0, 6).Draw(t, "years") {
			year := gap(12)
			for _, end := range ends {
				if !r.one(15) {
					year[end-1] = r.between(-20, 1000)
				}
			}
			spec.History = append(spec.History, year)
		}
		if len(spec.History) > 0 {
			for _, end := range spec.Months {
				spec.History[0][end-1] = luoshi.Missing
			}
		}
		for range spec.Months {
			spec.Expect = append(spec.Expect, r.Float64()*1000)
			spec.Capacity = append(spec.Capacity, luoshi.Missing)
		}
		if r.one(2) {
			spec.Capacity[0] = r.between(0, 1000)
		}
		reach := ReachOf(spec)
		for j, high := range reach.High {
			if high == luoshi.Missing {
				continue
			}
			if reach.Low[j] > high || reach.HighFrom[j] == FromNothing {
				t.Fatalf("from %d to %d (%s)", reach.Low[j], high, reach.HighFrom[j])
			}
			if reach.HighFrom[j] != FromCapacity && float64(high) < spec.Expect[j] {
				t.Fatalf("%v is expected, %d attainable", spec.Expect[j], high)
			}
		}
		if reach.Most != luoshi.Missing && reach.Least > reach.Most {
			t.Fatalf("sum from %d to %d", reach.Least, reach.Most)
		}
		part := Part{Unit: 1, Least: luoshi.Missing, Most: luoshi.Missing}
		for _, e := range spec.Expect {
			part.Cells = append(part.Cells, Free(e, 10))
		}
		plan, problems := Solve(Spec{Year: 2020, Calendar: calendar, Months: spec.Months, Needed: 3000, Direction: luoshi.More, Negative: true, Parts: []Part{reach.Bound(part)}})
		if luoshi.Blocked(problems) || plan.State == "" {
			t.Fatalf("bounds that cannot be planned with: %v", problems)
		}
		if len(spec.History) > 2 {
			shorter := spec
			shorter.History = slices.Clone(spec.History[:len(spec.History)-1])
			less := ReachOf(shorter)
			for j := range less.High {
				if less.High[j] != luoshi.Missing && less.HighFrom[j] == FromHistory && (reach.High[j] < less.High[j] || reach.Low[j] > less.Low[j]) {
					t.Fatalf("a year more narrowed %d..%d to %d..%d", less.Low[j], less.High[j], reach.Low[j], reach.High[j])
				}
			}
		}
	})
}

// Growth without a base is no growth: a zero or a loss a year before bounds nothing.
func TestReachWithoutBase(t *testing.T) {
	m := luoshi.Missing
	for _, history := range [][][]int64{
		nil,
		{slices.Repeat([]int64{m}, 12)},
		{slices.Repeat([]int64{m}, 12), slices.Repeat([]int64{50}, 12)},
		{slices.Repeat([]int64{m}, 12), slices.Repeat([]int64{50}, 12), slices.Repeat([]int64{0}, 12)},
		{slices.Repeat([]int64{m}, 12), slices.Repeat([]int64{0}, 12), slices.Repeat([]int64{50}, 12)},
	} {
		r := ReachOf(ReachSpec{Calendar: luoshi.Monthly, Months: []int{11, 12}, History: history})
		if !slices.Equal(r.High, []int64{m, m}) || !slices.Equal(r.Low, []int64{m, m}) || r.Most != m || r.Least != m {
			t.Errorf("%v bounds %+v", history, r)
		}
	}
}

// TestSumsYieldToCells: 12 and 12 are certain, 25 at least was ever brought; what is
// certain holds, and a lock beyond the best of the past too.
func TestSumsYieldToCells(t *testing.T) {
	spec := Spec{Year: 2020, Calendar: luoshi.Monthly, Months: []int{11, 12}, Direction: luoshi.More, Needed: 24}
	certain := Part{Unit: 1, Cells: []Cell{Free(12.4, 0), Free(12.4, 0)}, Least: 25, Most: 60}
	if p := spec.Yield(certain); p.Least != 24 || p.Most != 60 {
		t.Errorf("certain cells of 24 within %d and %d", p.Least, p.Most)
	}
	locked := Part{Unit: 1, Cells: []Cell{Free(30, 2), Free(30, 2)}, Least: luoshi.Missing, Most: 60}
	locked.Cells[0].Locked, locked.Cells[1].Low, locked.Cells[1].High = 50, 20, 35
	if p := spec.Yield(locked); p.Least != luoshi.Missing || p.Most != 70 {
		t.Errorf("a lock of 50 and at least 20 within %d and %d", p.Least, p.Most)
	}
	if _, problems := Solve(Spec{Year: 2020, Calendar: luoshi.Monthly, Months: []int{11, 12}, Direction: luoshi.More, Needed: 24, Parts: []Part{spec.Yield(certain)}}); luoshi.Blocked(problems) {
		t.Errorf("%v", problems)
	}
}

// TestPassedIsSaid: 310 where 290 was allowed leaves −20, and at least 290 is to come.
func TestPassedIsSaid(t *testing.T) {
	spec := Spec{Year: 2020, Calendar: luoshi.Quarterly, Months: []int{9, 12}, Direction: luoshi.Less, Needed: -20, Parts: []Part{
		{Unit: 1, Cells: []Cell{Free(160, 10), Free(170, 10)}, Least: luoshi.Missing, Most: luoshi.Missing},
	}}
	spec.Parts[0].Cells[0].Low, spec.Parts[0].Cells[1].Low = 140, 150
	plan, problems := Solve(spec)
	if plan.State != Short || len(problems) > 0 || plan.Say()[0].Key != "catchup.say.passed" || plan.Shortfall() != 310 {
		t.Errorf("%s, %v, %v", plan.State, problems, plan.Say())
	}
}
