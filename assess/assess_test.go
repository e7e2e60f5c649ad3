package assess_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/govalues/decimal"

	"luoshi.dev"
	"luoshi.dev/assess"
	"luoshi.dev/internal/locale"
)

func quantity(s string) luoshi.Quantity { return decimal.MustParse(s) }

// keyProjects is the article's case: 206.11 of 322.75 by June.
func keyProjects() assess.Case {
	c := assess.Case{
		Indicator: luoshi.Indicator{Code: "key_investment", Names: luoshi.Names{Hans: "150个重点项目", En: "150 key projects"},
			Measure:  luoshi.Measure{Symbol: luoshi.Names{Hans: "亿元", En: "100m yuan"}},
			Decimals: 2, Kind: luoshi.Flow, Direction: luoshi.More, Calendar: luoshi.Monthly},
		Target: &luoshi.Target{Form: luoshi.FormLevel, Value: luoshi.Some(quantity("322.75"))},
		Year:   2020, Through: 6, Actual: make([]int64, 12),
	}
	c.Scheme, _ = assess.Preset("yinchuan")
	for m := range c.Actual {
		c.Actual[m] = luoshi.Missing
	}
	c.Actual[5] = 20611
	return c
}

func ExampleJudge() {
	words, _ := locale.New()
	j := assess.Judge(keyProjects())
	fmt.Println(j.Light, j.Share.Percent(2).Decimal, j.Pace.Percent(2).Decimal, j.Ahead.Percent(2).Decimal)
	fmt.Println(words.Say(locale.ZhHans, j.Says))
	// Output:
	// green 63.86 50.00 13.86
	// 150个重点项目完成206.11亿元，为年计划63.86%，领先序时13.86个百分点
}

// A month that was missed and later made up shows yellow, never green.
func ExampleMonths() {
	c := keyProjects()
	c.Scheme, _ = assess.Preset("ouhai")
	c.Target = &luoshi.Target{Form: luoshi.FormLevel, Value: luoshi.Some(quantity("1200"))}
	c.Actual = []int64{10000, 20000, 26000, 40000, luoshi.Missing, luoshi.Missing,
		luoshi.Missing, luoshi.Missing, luoshi.Missing, luoshi.Missing, luoshi.Missing, luoshi.Missing}
	c.Through = 4
	for _, j := range assess.Months(c) {
		fmt.Println(j.Period.To, j.Light)
	}
	// Output:
	// 1 green
	// 2 green
	// 3 yellow
	// 4 green
}

func ExampleCombine() {
	words, _ := locale.New()
	part := func(l luoshi.Light) assess.Part {
		return assess.Part{Judgement: luoshi.Judgement{Light: l, Presence: luoshi.Present}}
	}
	guard := part(luoshi.Red)
	guard.Guard = true
	j := assess.Combine(luoshi.Goal{Combine: luoshi.AllOf}, []assess.Part{part(luoshi.Green), part(luoshi.Green), guard})
	fmt.Println(j.Light, words.Say(locale.ZhHans, j.Says))
	// Output: yellow 2个分目标：2正常；护栏为红，总灯不得为绿
}

func ExampleDescribe() {
	words, _ := locale.New()
	scheme, _ := assess.Preset("yinchuan")
	fmt.Println(words.Say(locale.ZhHans, assess.Describe(scheme)))
	// Output: 不低于序时为绿；低不超过30个百分点为黄；低30个百分点以上为红
}

// Retail sales of May 2018 and May 2017; 8.5% was published.
func ExampleGrowth() {
	fmt.Println(assess.Growth(303591, 294592).Percent(2).Decimal)
	// Output: 3.05
}

func ExampleAhead() {
	fmt.Println(assess.Ahead(luoshi.Over(20611, 32275), luoshi.Over(6, 12)).Percent(2).Decimal)
	// Output: 13.86
}

// 45.22万户 in half a year, the second quarter +111.76% on the first.
func ExampleSplit() {
	first, second := assess.Split(quantity("45.22"), quantity("111.76"))
	fmt.Println(first.Decimal, second.Decimal)
	// Output: 14.50 30.72
}

// 增长2.6倍 is 3.6 times the base; 是去年的2.6倍 is growth of 160%.
func ExampleGrewBy() {
	fmt.Println(assess.GrewBy(quantity("2.6")), assess.TimesToPercent(quantity("2.6")).Decimal)
	// Output: 3.6 160
}

// Two publications of July 2016 that look like two plans can be one.
func ExamplePlan_Meet() {
	words, _ := locale.New()
	p := assess.ImpliedPlan(quantity("6924.1"), quantity("68.6"))
	q := assess.ImpliedPlan(quantity("1015.2"), quantity("10.1"))
	both, ok := p.Meet(q)
	fmt.Println(p.Value.Times(0, 0).Decimal, q.Value.Times(0, 0).Decimal, ok, both.Low.Times(0, 1).Decimal, both.High.Times(0, 1).Decimal)
	fmt.Println(words.Say(locale.En, assess.SayPlans(p, q, 0)))
	// Output:
	// 10093 10051 true 10086.0 10100.9
	// They imply 10 093 and 10 051; given the rounding it can be one plan, between 10 086 and 10 101
}

// 3205.7 grown by 31.5% stands on 2437.8, where 2429 had been published.
func ExampleBase() {
	fmt.Println(assess.Base(quantity("3205.7"), quantity("31.5"), 1).Decimal)
	// Output: 2437.8
}

// Anhui's GDP in 2020 turned positive in the first half.
func ExampleTurns() {
	growth := []luoshi.NullQuantity{luoshi.Some(quantity("-6.5")), luoshi.Some(quantity("0.7")), luoshi.Some(quantity("2.5")), luoshi.Some(quantity("3.9"))}
	fmt.Println(assess.Turns(growth))
	// Output: [{1 2 true}]
}

func ExampleRunRate() {
	fmt.Println(assess.RunRate(20611, 32275, 6).Times(-2, 2).Decimal)
	// Output: 19.44
}

func ExampleNeededGrowth() {
	fmt.Println(assess.NeededGrowth(2980, 6300, 3100, 6600).Percent(2).Decimal)
	// Output: -5.14
}

// Two of three cities bring the growth of 6.00%; pulls add up to it.
func ExamplePull() {
	fmt.Println(assess.Pull(55, 50, 100).Percent(2).Decimal, assess.Pull(31, 30, 100).Percent(2).Decimal, assess.Pull(20, 20, 100).Percent(2).Decimal)
	// Output: 5.00 1.00 0.00
}

// 六安 and 黄山 of the sample page: a lag of 1.43 and 0.67, 滁州 a lead of 7.19.
func ExampleGaps() {
	half := func(plan int64) luoshi.Ratio { return luoshi.Over(plan*6, 12) }
	parts, total := assess.Gaps([]int64{519, 223, 2204}, []luoshi.Ratio{half(1324), half(580), half(2970)})
	fmt.Println(parts, total)
	// Output: [-143 -67 719] 509
}

func ExampleRanks() {
	r := func(v int64) luoshi.Ratio { return luoshi.Over(v, 100) }
	fmt.Println(assess.Ranks([]luoshi.Ratio{r(7421), r(7280), r(7280), {}, r(7020)}, luoshi.More))
	fmt.Println(assess.Movement(4, 2), assess.Movement(2, 3), assess.Movement(1, 1))
	// Output:
	// [1 2 2 0 4]
	// rank.up n=2 rank.down n=1 rank.same
}

func TestPresetsAreSound(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range assess.Presets() {
		if problems := assess.CheckScheme(s); len(problems) > 0 {
			t.Errorf("%s: %v", s.Code, problems)
		}
		if seen[s.Code] || s.Names.Hant == "" || s.Names.En == "" {
			t.Errorf("%s stands twice or lacks a name", s.Code)
		}
		seen[s.Code] = true
	}
}

func TestCheckScheme(t *testing.T) {
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	own := func(change func(*luoshi.Scheme)) luoshi.Scheme {
		s := luoshi.Scheme{Code: "own", Names: luoshi.Names{Hans: "自定"}, Kind: luoshi.ByPace, Red: quantity("10")}
		change(&s)
		return s
	}
	when := func(yellow, red string) luoshi.Scheme {
		return own(func(s *luoshi.Scheme) { s.Kind, s.YellowWhen, s.RedWhen = luoshi.ByExpression, yellow, red })
	}
	for _, tc := range []struct {
		scheme luoshi.Scheme
		want   string
	}{
		{own(func(s *luoshi.Scheme) {}), ""},
		{own(func(s *luoshi.Scheme) { s.Code = "" }), "scheme.code"},
		{own(func(s *luoshi.Scheme) { s.Names.Hans = "" }), "scheme.name"},
		{own(func(s *luoshi.Scheme) { s.Kind = "mood" }), "scheme.kind"},
		{own(func(s *luoshi.Scheme) { s.Yellow = quantity("-1") }), "scheme.negative"},
		{own(func(s *luoshi.Scheme) { s.Yellow = quantity("11") }), "scheme.order"},
		{own(func(s *luoshi.Scheme) { s.Red = quantity("101") }), "scheme.percent"},
		{own(func(s *luoshi.Scheme) { s.Kind = luoshi.ByMonths; s.Red = quantity("1.5") }), "scheme.months"},
		{own(func(s *luoshi.Scheme) { s.RedWhen = "ahead < 0" }), "scheme.conditions"},
		{when("", ""), "scheme.no_condition"},
		{when("ahead < 0", "ahead < -10.5 or missed >= 3"), ""},
		{when("abs(ahead) > 5 and share / pace < 0.9", "growth - average < -2 * 1.5"), ""},
		{when("ahead ＜ 0", ""), ""}, // full-width sign, folded
		{when("ahead", ""), "scheme.expression.whole"},
		{when("ahed < 0", ""), "scheme.expression"},
		{when("ahead < ", ""), "scheme.expression"},
		{when("ahead < \"0\"", ""), "scheme.expression"},
		{when("len(\"x\") > 0", ""), "scheme.expression"},
		{when(fmt.Sprintf("ahead < %0500d", 1), ""), "scheme.long"},
	} {
		problems := assess.CheckScheme(tc.scheme)
		got := ""
		if len(problems) > 0 {
			got = problems[0].Message.Key
			for _, lang := range locale.Langs {
				if text := words.Problem(lang, problems[0]); text == "" || !words.Has(got+".fix") {
					t.Errorf("%s has no words or no way out", got)
				}
			}
		}
		if got != tc.want {
			t.Errorf("%v %q %q: %q, want %q: %v", tc.scheme.Kind, tc.scheme.YellowWhen, tc.scheme.RedWhen, got, tc.want, problems)
		}
	}
}

func TestDefault(t *testing.T) {
	curve := make([]luoshi.NullQuantity, 12)
	for _, tc := range []struct {
		kind   luoshi.Kind
		target *luoshi.Target
		want   string
	}{
		{luoshi.Flow, nil, "pace"},
		{luoshi.Flow, &luoshi.Target{Form: luoshi.FormLevel}, "pace"},
		{luoshi.Stock, &luoshi.Target{Form: luoshi.FormLevel}, "pace"},
		{luoshi.Rate, &luoshi.Target{Form: luoshi.FormLevel}, "form"},
		{luoshi.Rate, &luoshi.Target{Form: luoshi.FormLevel, Curve: curve}, "pace"},
		{luoshi.Rate, &luoshi.Target{Form: luoshi.FormAtMost}, "bound"},
		{luoshi.Flow, &luoshi.Target{Form: luoshi.FormAtLeast}, "pace"},
		{luoshi.Flow, &luoshi.Target{Form: luoshi.FormSign}, "form"},
		{luoshi.Flow, &luoshi.Target{Form: luoshi.FormRelative}, "form"},
		{luoshi.Flow, &luoshi.Target{Form: luoshi.FormDate}, "pace"},
	} {
		if got := assess.Default(luoshi.Indicator{Kind: tc.kind}, tc.target).Code; got != tc.want {
			t.Errorf("%s %+v: %s, want %s", tc.kind, tc.target, got, tc.want)
		}
	}
}

// The proof goes through: which versions were used is the caller's knowledge.
func TestProofPassesThrough(t *testing.T) {
	c := keyProjects()
	c.Proof = luoshi.Proof{Target: 3, Figures: []int64{7}, Status: luoshi.Flash, Sample: true, Boundaries: 20200101}
	c.Coverage = luoshi.Coverage{Have: 16, Want: 16}
	p := assess.Judge(c).Proof
	if p.Target != 3 || p.Figures[0] != 7 || !p.Sample || p.Scheme != "yinchuan" || p.Boundaries != 20200101 || p.Complete.Want != 16 {
		t.Errorf("%+v", p)
	}
	goal := assess.Combine(luoshi.Goal{Combine: luoshi.AllOf}, []assess.Part{
		{Judgement: luoshi.Judgement{Light: luoshi.Green, Presence: luoshi.Present, Period: luoshi.ToDate(2020, 6), Proof: p}},
		{Judgement: luoshi.Judgement{Light: luoshi.Green, Presence: luoshi.Present, Period: luoshi.ToDate(2020, 3), Proof: luoshi.Proof{Status: luoshi.Final}}},
		{Judgement: luoshi.Judgement{Presence: luoshi.Late}},
	})
	if goal.Proof.Status != luoshi.Flash || !goal.Proof.Sample || goal.Period != luoshi.ToDate(2020, 6) || goal.Proof.Complete != (luoshi.Coverage{Have: 2, Want: 3}) {
		t.Errorf("%+v %+v", goal.Proof, goal.Period)
	}
}

func BenchmarkJudge(b *testing.B) {
	pace, behind := keyProjects(), keyProjects()
	behind.Actual = append([]int64(nil), pace.Actual...)
	behind.Actual[5] = 10611
	growth := keyProjects()
	growth.Target = &luoshi.Target{Form: luoshi.FormGrowth, Value: luoshi.Some(quantity("7.5"))}
	growth.Growth = make([]luoshi.NullQuantity, 12)
	growth.Growth[5] = luoshi.Some(quantity("8.4"))
	own := keyProjects()
	own.Scheme = luoshi.Scheme{Code: "own", Kind: luoshi.ByExpression, YellowWhen: "ahead < 0", RedWhen: "ahead < -10"}
	own.Rule, _ = assess.Compile(own.Scheme)
	for _, bc := range []struct {
		name string
		c    assess.Case
	}{{"pace", pace}, {"behind", behind}, {"growth", growth}, {"conditions", own}} {
		b.Run(bc.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = assess.Judge(bc.c)
			}
		})
	}
}

func BenchmarkCombine(b *testing.B) {
	parts := make([]assess.Part, 13)
	for i := range parts {
		parts[i].Judgement.Light = luoshi.Light(i%3 + 1)
	}
	b.ReportAllocs()
	for b.Loop() {
		_ = assess.Combine(luoshi.Goal{Combine: luoshi.AllOf}, parts)
	}
}

// Growth implied by every pair of published levels of retail sales, against the
// same computed elsewhere; the published growth is often another number.
func TestImpliedGrowthOfRetail(t *testing.T) {
	dir := os.Getenv("LUOSHI_TEST_DATA")
	if dir == "" {
		t.Skip("LUOSHI_TEST_DATA is not set: no series of published levels")
	}
	file, err := os.Open(filepath.Join(dir, "china_retail_monthly_2012_2018.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	levels, compared, differ := map[string]int64{}, 0, 0
	for _, row := range rows[1:] {
		q, err := luoshi.ParseQuantity(row[2])
		if err != nil {
			t.Fatal(err)
		}
		level, err := luoshi.Scaled(q, 1)
		if err != nil {
			t.Fatal(err)
		}
		levels[row[0]] = level
		year, _ := strconv.Atoi(row[0][:4])
		before, ok := levels[fmt.Sprintf("%d%s", year-1, row[0][4:])]
		if !ok || row[6] == "" {
			continue
		}
		implied := assess.Growth(level, before).Percent(2).Decimal
		if want := quantity(row[6]); implied.Cmp(want) != 0 {
			t.Errorf("%s: %s, elsewhere %s", row[0], implied, want)
		}
		compared++
		if luoshi.RoundHalfAway(implied, 1).Cmp(quantity(row[3])) != 0 {
			differ++
		}
	}
	t.Logf("%d months compared; in %d the published growth is another number", compared, differ)
	if compared < 50 {
		t.Errorf("only %d months compared", compared)
	}
}

// What is wrong with a condition is said in the reader's language, at its place.
func TestConditionSaysWhy(t *testing.T) {
	for text, want := range map[string]string{
		"ahead <":                     "scheme.expression 7 scheme.why.ends",
		"(ahead < 0":                  "scheme.expression 10 scheme.why.ends",
		"misst > 3":                   "scheme.expression 1 scheme.why.name_near name=misst near=[missed]",
		"落后 < 0":                      "scheme.expression 1 scheme.why.name name=落后",
		"ahead < -10 plus missed > 3": "scheme.expression 13 scheme.why.token token=plus",
		"ahead = 0":                   "scheme.expression 7 scheme.why.equals",
		"ahead + 1":                   "scheme.expression.whole <nil> scheme.why.bool",
		"ahead < 'x'":                 "scheme.expression 7 scheme.why.types",
		"abs(ahead, 1) > 0":           "scheme.expression 1 scheme.why.arguments",
	} {
		_, problems := assess.Compile(luoshi.Scheme{Code: "x", RedWhen: text})
		if len(problems) != 1 {
			t.Errorf("%s: %v", text, problems)
			continue
		}
		m := problems[0].Message
		if got := fmt.Sprint(m.Key, " ", m.Args["column"], " ", m.Args["why"]); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
