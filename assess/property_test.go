package assess_test

import (
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/govalues/decimal"
	"pgregory.net/rapid"

	"luoshi.dev"
	"luoshi.dev/assess"
	"luoshi.dev/internal/locale"
)

// anyCase draws a case of any shape: forms, kinds, schemes, gaps in the figures.
func anyCase(t *rapid.T) assess.Case {
	kinds := []luoshi.Kind{luoshi.Flow, luoshi.Stock, luoshi.Rate, luoshi.Growth, luoshi.Index}
	calendars := []luoshi.Calendar{luoshi.Monthly, luoshi.MonthlyJanFeb, luoshi.Quarterly, luoshi.HalfYearly, luoshi.Yearly}
	c := assess.Case{Year: 2020, Through: rapid.IntRange(0, 12).Draw(t, "through"),
		Indicator: luoshi.Indicator{Code: "x", Names: luoshi.Names{Hans: "某指标"}, Decimals: 2,
			Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Calendar: rapid.SampledFrom(calendars).Draw(t, "calendar"),
			Direction: rapid.SampledFrom([]luoshi.Direction{luoshi.More, luoshi.Less}).Draw(t, "direction")},
		Presence: rapid.SampledFrom([]luoshi.Presence{luoshi.Present, luoshi.NotDue, luoshi.Due, luoshi.Late, luoshi.Absent}).Draw(t, "presence")}
	schemes := append(assess.Presets(), luoshi.Scheme{})
	c.Scheme = rapid.SampledFrom(schemes).Draw(t, "scheme")
	level := rapid.Int64Range(-50000, 200000)
	null := rapid.Custom(func(t *rapid.T) luoshi.NullQuantity {
		if rapid.IntRange(0, 4).Draw(t, "gap") == 0 {
			return luoshi.NullQuantity{}
		}
		return luoshi.Some(decimal.MustNew(rapid.Int64Range(-300, 300).Draw(t, "percent"), 1))
	})
	for range 12 {
		v := level.Draw(t, "actual")
		if rapid.IntRange(0, 5).Draw(t, "gap") == 0 {
			v = luoshi.Missing
		}
		c.Actual = append(c.Actual, v)
		c.LastYear = append(c.LastYear, level.Draw(t, "last"))
		c.Growth = append(c.Growth, null.Draw(t, "growth"))
		c.Reference = append(c.Reference, null.Draw(t, "reference"))
		c.Average = append(c.Average, null.Draw(t, "average"))
	}
	c.Target = anyTarget(t, level)
	return c
}

func anyTarget(t *rapid.T, level *rapid.Generator[int64]) *luoshi.Target {
	q := func(name string) luoshi.NullQuantity {
		return luoshi.Some(decimal.MustNew(level.Draw(t, name), 2))
	}
	target := &luoshi.Target{Form: rapid.SampledFrom(luoshi.Forms).Draw(t, "form"), Value: q("value"), Low: q("low"), High: q("high"),
		Date: luoshi.Date(20200030 + 100*rapid.Int32Range(1, 12).Draw(t, "by")), Strict: rapid.Bool().Draw(t, "strict")}
	if rapid.Bool().Draw(t, "curved") {
		for range 12 {
			target.Curve = append(target.Curve, q("curve"))
		}
	}
	return target
}

var badness = map[luoshi.Light]int{luoshi.Green: 0, luoshi.NotJudged: 1, luoshi.Yellow: 2, luoshi.Red: 3}

// Whatever comes in, there is a sentence in three languages without holes, and a
// colour exactly where something was judged.
func TestEverySentence(t *testing.T) {
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		c := anyCase(t)
		check := func(m luoshi.Message) {
			for _, lang := range locale.Langs {
				if text := words.Say(lang, m); text == "" || strings.ContainsAny(text, "{}|") {
					t.Fatalf("%s: %q of %v", lang, text, m)
				}
			}
			if bad := unknownKey(words, m); bad != "" {
				t.Fatalf("no words for %s", bad)
			}
		}
		check(assess.Judge(c).Says)
		for _, j := range assess.Months(c) {
			check(j.Says)
		}
		check(assess.Describe(c.Scheme))
	})
}

func unknownKey(words *locale.Catalogue, m luoshi.Message) string {
	if !words.Has(m.Key) {
		return m.Key
	}
	for _, arg := range m.Args {
		if nested, ok := arg.(luoshi.Message); ok {
			if bad := unknownKey(words, nested); bad != "" {
				return bad
			}
		}
	}
	return ""
}

// Missing is not zero: without the figure there is no colour, and the presence
// says why.
func TestMissingIsNotZero(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCase(t)
		for i := range 12 {
			c.Actual[i], c.Growth[i] = luoshi.Missing, luoshi.NullQuantity{}
		}
		if j := assess.Judge(c); j.Light != luoshi.NotJudged || j.Presence == luoshi.Present || j.Share.OK() || j.Actual.Valid {
			t.Fatalf("judged nothing: %+v", j)
		}
	})
}

// A better actual never makes a worse light.
func TestMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCase(t)
		if c.Target.Form == luoshi.FormBand {
			t.Skip("neither way is better")
		}
		was := assess.Judge(c)
		if was.Light == luoshi.NotJudged {
			t.Skip("nothing to better")
		}
		better := c
		better.Actual, better.Growth = slices.Clone(c.Actual), slices.Clone(c.Growth)
		way := int64(1)
		if c.Indicator.Direction == luoshi.Less && c.Target.Form != luoshi.FormSign || c.Target.Form == luoshi.FormAtMost {
			way = -1
		}
		if c.Target.Form == luoshi.FormAtLeast || was.Proof.Scheme == "tianjin" {
			way = 1
		}
		i, by := was.Period.To-1, rapid.Int64Range(1, 100000).Draw(t, "better")
		if better.Actual[i] != luoshi.Missing {
			better.Actual[i] += way * by
		}
		if better.Growth[i].Valid {
			g, _ := better.Growth[i].Decimal.Add(decimal.MustNew(way*by, 1))
			better.Growth[i] = luoshi.Some(g)
		}
		if now := assess.Judge(better); badness[now.Light] > badness[was.Light] {
			t.Fatalf("%v became %v by a better figure\n%v\n%v", was.Light, now.Light, was.Says, now.Says)
		}
	})
}

// Measured in another unit a year is judged the same.
func TestScaleInvariant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCase(t)
		if c.Indicator.Kind != luoshi.Flow && c.Indicator.Kind != luoshi.Stock || c.Target.Form == luoshi.FormGrowth || c.Target.Form == luoshi.FormRelative {
			t.Skip("its numbers are percentages")
		}
		k := rapid.Int64Range(2, 1000).Draw(t, "factor")
		big := c
		big.Actual, big.LastYear = slices.Clone(c.Actual), slices.Clone(c.LastYear)
		for i := range 12 {
			if c.Actual[i] != luoshi.Missing {
				big.Actual[i] *= k
			}
			big.LastYear[i] *= k
		}
		times := func(q luoshi.NullQuantity) luoshi.NullQuantity {
			if q.Valid {
				q.Decimal, _ = q.Decimal.Mul(decimal.MustNew(k, 0))
			}
			return q
		}
		target := *c.Target
		target.Value, target.Low, target.High = times(target.Value), times(target.Low), times(target.High)
		target.Curve = slices.Clone(target.Curve)
		for i := range target.Curve {
			target.Curve[i] = times(target.Curve[i])
		}
		big.Target = &target
		if a, b := assess.Judge(c), assess.Judge(big); a.Light != b.Light || a.Missed != b.Missed || a.Ahead.OK() && a.Ahead.Cmp(b.Ahead) != 0 {
			t.Fatalf("%v %v against %v %v", a.Light, a.Says, b.Light, b.Says)
		}
	})
}

// Up to 17 digits the light is what exact arithmetic says.
func TestExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.IntRange(1, 58).Draw(t, "bits")
		plan := rapid.Int64Range(1, 1<<bits).Draw(t, "plan")
		month := rapid.IntRange(1, 12).Draw(t, "month")
		near := new(big.Rat).Mul(new(big.Rat).SetInt64(plan), big.NewRat(int64(month), 12))
		near.Sub(near, new(big.Rat).Mul(new(big.Rat).SetInt64(plan), big.NewRat(rapid.SampledFrom([]int64{0, 1, 3}).Draw(t, "tenths"), 10)))
		actual := new(big.Int).Quo(near.Num(), near.Denom()).Int64() + rapid.Int64Range(-2, 2).Draw(t, "off")
		scheme, _ := assess.Preset("yinchuan")
		c := assess.Case{Year: 2020, Through: month, Scheme: scheme,
			Indicator: luoshi.Indicator{Kind: luoshi.Flow, Calendar: luoshi.Monthly, Direction: luoshi.More, Decimals: 2},
			Target:    &luoshi.Target{Form: luoshi.FormLevel, Value: luoshi.Some(decimal.MustNew(plan, 2))}, Actual: make([]int64, 12)}
		c.Actual[month-1] = actual
		ahead := new(big.Rat).Sub(new(big.Rat).SetFrac(big.NewInt(actual), big.NewInt(plan)), big.NewRat(int64(month), 12))
		want := luoshi.Green
		switch {
		case ahead.Cmp(big.NewRat(-30, 100)) < 0:
			want = luoshi.Red
		case ahead.Sign() < 0:
			want = luoshi.Yellow
		}
		j := assess.Judge(c)
		if bits <= 55 && j.Ahead.Rat().Cmp(ahead) != 0 {
			t.Fatalf("ahead is %v, want %v", j.Ahead, ahead)
		}
		if j.Light != want {
			t.Fatalf("%d of %d in month %d is %v, want %v", actual, plan, month, j.Light, want)
		}
	})
}

func anyParts(t *rapid.T) []assess.Part {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) assess.Part {
		p := assess.Part{Names: luoshi.Names{Hans: rapid.SampledFrom([]string{"甲", "乙", "丙"}).Draw(t, "name")},
			Guard: rapid.IntRange(0, 4).Draw(t, "guard") == 0, Weight: decimal.MustNew(rapid.Int64Range(0, 50).Draw(t, "weight"), 1)}
		p.Judgement.Light = luoshi.Light(rapid.IntRange(0, 3).Draw(t, "light"))
		p.Judgement.Presence = luoshi.Present
		return p
	}), 0, 8).Draw(t, "parts")
}

// The order of parts, and a common factor of their weights, change nothing; a
// better part never makes the goal worse; a red guard never leaves it green; what
// is not judged never makes it yellow or red.
func TestCombineProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := luoshi.Goal{Combine: rapid.SampledFrom([]luoshi.Combine{luoshi.AllOf, luoshi.WeakestLink, luoshi.Weighted}).Draw(t, "how")}
		parts := anyParts(t)
		was := assess.Combine(g, parts)
		if now := assess.Combine(g, rapid.Permutation(parts).Draw(t, "order")); now.Light != was.Light {
			t.Fatalf("order: %v, then %v", was.Light, now.Light)
		}
		heavier := slices.Clone(parts)
		for i := range heavier {
			heavier[i].Weight, _ = heavier[i].Weight.Mul(decimal.MustNew(7, 0))
		}
		if now := assess.Combine(g, heavier); now.Light != was.Light {
			t.Fatalf("weights: %v, then %v", was.Light, now.Light)
		}
		for i, p := range parts {
			if p.Guard && p.Judgement.Light == luoshi.Red && was.Light == luoshi.Green {
				t.Fatal("green over a red guard")
			}
			if p.Judgement.Light <= luoshi.Green {
				continue
			}
			better := slices.Clone(parts)
			better[i].Judgement.Light--
			if now := assess.Combine(g, better); badness[now.Light] > badness[was.Light] {
				t.Fatalf("%v became %v by a better part", was.Light, now.Light)
			}
		}
		known := slices.DeleteFunc(slices.Clone(parts), func(p assess.Part) bool { return p.Judgement.Light == luoshi.NotJudged })
		if sure := assess.Combine(g, known); badness[was.Light] > badness[luoshi.NotJudged] && badness[sure.Light] < badness[luoshi.NotJudged] {
			t.Fatalf("%v with parts not judged, %v without", was.Light, sure.Light)
		}
	})
}

// Ranks do not depend on the order, ties share a place, and one place is first.
func TestRankProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var values []luoshi.Ratio
		for _, v := range rapid.SliceOfN(rapid.Int64Range(0, 9), 0, 12).Draw(t, "values") {
			values = append(values, luoshi.Over(v, v%3)) // some undefined
		}
		ranks := assess.Ranks(values, luoshi.More)
		for i, v := range values {
			better := 0
			for _, w := range values {
				if v.OK() && w.OK() && w.Cmp(v) > 0 {
					better++
				}
			}
			if want := better + 1; v.OK() && ranks[i] != want || !v.OK() && ranks[i] != 0 {
				t.Fatalf("%v has place %d, want %d", v, ranks[i], want)
			}
		}
	})
}

// The parts of a gap add to the gap, each within one unit of its own.
func TestGapsAdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var actual []int64
		var planned []luoshi.Ratio
		for range rapid.IntRange(0, 20).Draw(t, "n") {
			a := rapid.Int64Range(-1000, 100000).Draw(t, "actual")
			if rapid.IntRange(0, 6).Draw(t, "gap") == 0 {
				a = luoshi.Missing
			}
			actual = append(actual, a)
			planned = append(planned, luoshi.Over(rapid.Int64Range(0, 1000000).Draw(t, "plan"), 12))
		}
		parts, total := assess.Gaps(actual, planned)
		sum := int64(0)
		for i, p := range parts {
			if actual[i] == luoshi.Missing {
				if p != luoshi.Missing {
					t.Fatal("a part of nothing")
				}
				continue
			}
			sum += p
			off := new(big.Rat).Sub(new(big.Rat).SetInt64(actual[i]-p), planned[i].Rat())
			if off.Abs(off).Cmp(big.NewRat(1, 1)) >= 0 {
				t.Fatalf("part %d is %d, off by %v", i, p, off)
			}
		}
		if sum != total {
			t.Fatalf("the parts add to %d, the gap is %d", sum, total)
		}
	})
}
