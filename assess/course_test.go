package assess_test

import (
	"fmt"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"luoshi.dev"
	"luoshi.dev/assess"
)

func some(s string) luoshi.NullQuantity { return luoshi.Some(quantity(s)) }

// year is a year without figures but those given by month.
func year(pairs ...int64) []int64 {
	list := make([]int64, 12)
	for i := range list {
		list[i] = luoshi.Missing
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		list[pairs[i]-1] = pairs[i+1]
	}
	return list
}

func growths(month int, text string) []luoshi.NullQuantity {
	list := make([]luoshi.NullQuantity, 12)
	list[month-1] = some(text)
	return list
}

// What each form of target asks for by June, and how far a unit is from it.
func TestCourse(t *testing.T) {
	flow := luoshi.Indicator{Code: "x", Kind: luoshi.Flow, Direction: luoshi.More, Calendar: luoshi.Monthly, Decimals: 2}
	rate := luoshi.Indicator{Code: "r", Kind: luoshi.Rate, Direction: luoshi.More, Calendar: luoshi.Monthly, Decimals: 2}
	less := rate
	less.Direction = luoshi.Less
	curve := make([]luoshi.NullQuantity, 12)
	curve[5] = some("40")
	for _, c := range []struct {
		name     string
		in       luoshi.Indicator
		target   *luoshi.Target
		actual   []int64
		growth   []luoshi.NullQuantity
		growing  bool
		asked    string // in June, "" = nothing
		distance string // better than asked, "" = unknown
		by       assess.By
	}{
		{"no target", flow, nil, year(6, 5000), nil, false, "", "", assess.ByImplied},
		{"no target, growth published", flow, nil, year(6, 5000), growths(6, "3"), false, "", "", assess.ByGrown},
		{"straight line", flow, &luoshi.Target{Form: luoshi.FormLevel, Value: some("100")}, year(6, 6386), nil, false, "5000", "1386", assess.ByShare},
		{"curve", flow, &luoshi.Target{Form: luoshi.FormLevel, Value: some("100"), Curve: curve}, year(6, 3900), nil, false, "4000", "-100", assess.ByShare},
		{"no figure", flow, &luoshi.Target{Form: luoshi.FormLevel, Value: some("100")}, year(), nil, false, "5000", "", assess.ByShare},
		{"growth", flow, &luoshi.Target{Form: luoshi.FormGrowth, Value: some("7.5")}, year(6, 1), growths(6, "8.0"), true, "15/2", "1/2", assess.ByGrown},
		{"sign", flow, &luoshi.Target{Form: luoshi.FormSign}, year(), growths(6, "-0.3"), true, "0", "-3/10", assess.ByGrown},
		{"growth not published", flow, &luoshi.Target{Form: luoshi.FormGrowth, Value: some("7.5")}, year(6, 1), nil, true, "15/2", "", assess.ByGrown},
		{"floor of a rate", rate, &luoshi.Target{Form: luoshi.FormAtLeast, Low: some("90")}, year(6, 8950), nil, false, "9000", "-50", assess.ByValue},
		{"ceiling of a rate", less, &luoshi.Target{Form: luoshi.FormAtMost, High: some("4.5")}, year(6, 283), nil, false, "450", "167", assess.ByValue},
		{"band of a rate", rate, &luoshi.Target{Form: luoshi.FormBand, Low: some("2"), High: some("3")}, year(6, 250), nil, false, "200", "50", assess.ByValue},
	} {
		t.Run(c.name, func(t *testing.T) {
			one := assess.Case{Indicator: c.in, Target: c.target, Year: 2020, Through: 6, Actual: c.actual, Growth: c.growth}
			course := assess.CourseOf(one)
			if course.Growth != c.growing {
				t.Errorf("looks at growth: %v", course.Growth)
			}
			if got := written(course.Asked[5]); got != c.asked {
				t.Errorf("asks for %q, want %q", got, c.asked)
			}
			distance := ""
			if d := assess.Distance(one, 6); d != nil {
				distance = d.RatString()
			}
			if distance != c.distance {
				t.Errorf("distance %q, want %q", distance, c.distance)
			}
			if by := assess.RankedBy(one); by != c.by {
				t.Errorf("ranked by %s, want %s", by, c.by)
			}
		})
	}
}

func written(r luoshi.Ratio) string {
	if !r.OK() {
		return ""
	}
	return r.Rat().RatString()
}

// A relative target asks for the reference's growth and the lead; a band has a
// ceiling as well.
func TestCourseOfReferenceAndBand(t *testing.T) {
	in := luoshi.Indicator{Kind: luoshi.Flow, Direction: luoshi.More, Calendar: luoshi.Quarterly}
	c := assess.Case{Indicator: in, Target: &luoshi.Target{Form: luoshi.FormRelative, Value: some("1")}, Reference: growths(6, "-3.2"), Growth: growths(6, "8.4"), Actual: year()}
	course := assess.CourseOf(c)
	if got := written(course.Asked[5]); got != "-11/5" || course.Asked[2].OK() {
		t.Errorf("June asks for %s; March, of which nothing is known, for %v", got, course.Asked[2])
	}
	in.Kind = luoshi.Index
	c = assess.Case{Indicator: in, Target: &luoshi.Target{Form: luoshi.FormBand, Low: some("100"), High: some("110")}, Actual: year()}
	if course := assess.CourseOf(c); written(course.Asked[5]) != "100" || written(course.Upper[5]) != "110" {
		t.Errorf("band: %v %v", course.Asked[5], course.Upper[5])
	}
}

// The smaller is the better where less is wanted, and what is missing has no place.
func TestStanding(t *testing.T) {
	less := luoshi.Indicator{Kind: luoshi.Rate, Direction: luoshi.Less, Calendar: luoshi.Monthly, Decimals: 1}
	var values []luoshi.Ratio
	for _, v := range []int64{30, 25, luoshi.Missing, 25} {
		values = append(values, assess.Standing(assess.Case{Indicator: less, Actual: year(6, v)}, 6, assess.ByValue))
	}
	if got := assess.Ranks(values, luoshi.More); got[0] != 3 || got[1] != 1 || got[2] != 0 || got[3] != 1 {
		t.Errorf("places %v", got)
	}
	flow := luoshi.Indicator{Kind: luoshi.Flow, Direction: luoshi.More, Calendar: luoshi.Monthly}
	c := assess.Case{Indicator: flow, Actual: year(6, 110), LastYear: year(6, 100)}
	if got := assess.Standing(c, 6, assess.ByImplied); got.Percent(1).Decimal.String() != "10.0" {
		t.Errorf("implied growth %v", got)
	}
	if got := assess.Standing(c, 5, assess.ByImplied); got.OK() {
		t.Errorf("a place without figures: %v", got)
	}
}

func TestTrend(t *testing.T) {
	months := func(lights ...luoshi.Light) []luoshi.Judgement {
		var list []luoshi.Judgement
		for i, l := range lights {
			list = append(list, luoshi.Judgement{Light: l, Period: luoshi.ToDate(2020, i+2)})
		}
		return list
	}
	const g, y, r, n = luoshi.Green, luoshi.Yellow, luoshi.Red, luoshi.NotJudged
	for _, c := range []struct {
		lights []luoshi.Light
		want   string
	}{
		{nil, ""}, {[]luoshi.Light{g}, ""},
		{[]luoshi.Light{g, g, n, g}, "trend.always n=3"},
		{[]luoshi.Light{r, y, g, g}, "trend.caught since=month.4"},
		{[]luoshi.Light{r, y}, "trend.never n=2"},
		{[]luoshi.Light{g, g, y}, "trend.first since=month.4"},
		{[]luoshi.Light{g, y, r}, "trend.behind n=2 since=month.3"},
	} {
		if got := assess.Trend(months(c.lights...)).String(); got != c.want {
			t.Errorf("%v: %q, want %q", c.lights, got, c.want)
		}
	}
}

// Two cities make 5.00 of a gap of 6.00: the rest stands apart.
func ExampleContribute() {
	fall, _ := assess.Contribute(big.NewRat(600, 1), []*big.Rat{big.NewRat(2999, 4), nil, big.NewRat(-999, 4)})
	fmt.Println(fall.Parts[0], fall.Parts[2], fall.Rest, fall.Total, fall.Parts[1] == luoshi.Missing)
	// Output: 750 -250 100 600 true
}

// Parts and rest add up to the gap exactly; each part is within one unit of its
// own; without a real remainder there is no rest.
func TestContributionsAdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		den := rapid.Int64Range(1, 12).Draw(t, "den")
		var parts []*big.Rat
		sum, low, high, there := new(big.Rat), new(big.Rat), new(big.Rat), false
		for range rapid.IntRange(0, 20).Draw(t, "n") {
			if rapid.IntRange(0, 5).Draw(t, "lacks") == 0 {
				parts = append(parts, nil)
				continue
			}
			p := big.NewRat(rapid.Int64Range(-1e9, 1e9).Draw(t, "part"), den)
			parts, there = append(parts, p), true
			sum.Add(sum, p)
			whole := new(big.Rat).SetInt(new(big.Int).Div(p.Num(), p.Denom()))
			low.Add(low, whole)
			high.Add(high, whole)
			if !p.IsInt() {
				high.Add(high, big.NewRat(1, 1))
			}
		}
		total := new(big.Rat).Add(sum, big.NewRat(rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(-1e6, 1e6)).Draw(t, "rest"), den))
		fall, ok := assess.Contribute(total, parts)
		if ok != there {
			t.Fatalf("ok %v with parts %v", ok, there)
		}
		if !ok {
			return
		}
		added := fall.Rest
		for i, p := range fall.Parts {
			if parts[i] == nil {
				if p != luoshi.Missing {
					t.Fatal("a part of nothing")
				}
				continue
			}
			added += p
			off := new(big.Rat).Sub(new(big.Rat).SetInt64(p), parts[i])
			if off.Abs(off).Cmp(big.NewRat(1, 1)) > 0 {
				t.Fatalf("part %d is %d of %v", i, p, parts[i])
			}
		}
		if added != fall.Total {
			t.Fatalf("parts and rest add to %d, the gap is %d", added, fall.Total)
		}
		off := new(big.Rat).Sub(new(big.Rat).SetInt64(fall.Total), total)
		if off.Abs(off).Cmp(big.NewRat(1, 2)) > 0 {
			t.Fatalf("the gap is %v, shown as %d", total, fall.Total)
		}
		rest := new(big.Rat).Sub(total, sum)
		reached := new(big.Rat).SetInt64(fall.Total)
		if rest.Abs(rest).Cmp(big.NewRat(1, 1)) < 0 && fall.Rest != 0 && reached.Cmp(low) >= 0 && reached.Cmp(high) <= 0 {
			t.Fatalf("a rest of %d where %v is lacking", fall.Rest, rest)
		}
	})
}

// A rate comes apart exactly: what its units add is N/D − p.
func TestWeighAdds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		nums, dens := make([]*big.Rat, n), make([]*big.Rat, n)
		num, den := new(big.Rat), new(big.Rat)
		for i := range n {
			nums[i], dens[i] = big.NewRat(rapid.Int64Range(0, 1e6).Draw(t, "num"), 1), big.NewRat(rapid.Int64Range(1, 1e6).Draw(t, "den"), 1)
			num.Add(num, nums[i])
			den.Add(den, dens[i])
		}
		asked := big.NewRat(rapid.Int64Range(-200, 200).Draw(t, "asked"), 100)
		sum := new(big.Rat)
		for _, p := range assess.Weigh(nums, dens, den, asked) {
			sum.Add(sum, p)
		}
		want := new(big.Rat).Sub(new(big.Rat).Quo(num, den), asked)
		if sum.Cmp(want) != 0 {
			t.Fatalf("parts add to %v, the distance is %v", sum, want)
		}
	})
	if parts := assess.Weigh([]*big.Rat{big.NewRat(1, 1)}, []*big.Rat{nil}, big.NewRat(1, 1), big.NewRat(1, 1)); parts[0] != nil {
		t.Error("a part of what lacks a weight")
	}
}
