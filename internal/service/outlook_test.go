package service_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"luoshi.dev"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/service"
)

func outlook(t *testing.T, s *service.Service, look service.Look, code string) *service.OutlookView {
	t.Helper()
	v, err := s.Outlook(context.Background(), service.OutlookQuery{Look: look, Code: code})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func float(t *testing.T, q luoshi.NullQuantity) float64 {
	t.Helper()
	if !q.Valid {
		t.Fatal("absent")
	}
	f, _ := q.Decimal.Float64()
	return f
}

func noteKeys(list []luoshi.Message) []string {
	var keys []string
	for _, m := range list {
		keys = append(keys, m.Key)
	}
	return keys
}

// The demonstration as the article tells it: 206.11 of 322.75 by June.
func TestOutlookOfTheDemonstration(t *testing.T) {
	s := demotest.Open(t)
	asOf, _ := luoshi.ParseAsOf("2020-07-31")
	look := service.Look{AsOf: asOf, Unit: "340000"}
	v := outlook(t, s, look, "key_projects")
	if v.Known.Decimal.String() != "206.11" || v.Through != luoshi.ToDate(2020, 6) || v.Asked.Decimal.String() != "322.75" || v.Better != luoshi.More || v.Standing != service.OutlookOpen {
		t.Errorf("known %v through %v asked %v %v %v", v.Known, v.Through, v.Asked, v.Better, v.Standing)
	}
	if len(v.Steps) != 6 || v.Steps[0].Period != luoshi.MonthOf(2020, 7) || v.Steps[5].Sum.Value != v.Total || v.Steps[5].Sum.Low80 != v.Low80 {
		t.Errorf("the rest of the year: %+v", v.Steps)
	}
	run := v.Known.Decimal
	for _, step := range v.Steps {
		run, _ = run.Add(step.Value.Value.Decimal)
		if run.Cmp(step.Sum.Value.Decimal) != 0 {
			t.Errorf("%v: the column adds up to %v, not %v", step.Period, run, step.Sum.Value)
		}
	}
	if !(float(t, v.Low95) < float(t, v.Low80) && float(t, v.Low80) < float(t, v.Total) && float(t, v.Total) < float(t, v.High80) && float(t, v.High80) < float(t, v.High95)) {
		t.Errorf("intervals: %v %v %v %v %v", v.Low95, v.Low80, v.Total, v.High80, v.High95)
	}
	if v.Chance.Num < 100 || v.Chance.Num > 990 || v.Chance.Den != 1000 || v.Backtest == nil || !v.Sample || v.History.Sample == 0 || slices.Contains(noteKeys(v.Notes), "outlook.note.short") {
		t.Errorf("chance %v, back-test %v, %+v, %v", v.Chance, v.Backtest, v.History, noteKeys(v.Notes))
	}
	if b := v.Backtest; b.Own.Years != 4 || !b.Below || b.Pooled.Years != 68 || b.Pooled.Units != 17 || b.Own.Error.Decimal.Cmp(b.Own.Share.Decimal) >= 0 || b.Own.Error.Decimal.Cmp(b.Own.RunRate.Decimal) >= 0 {
		t.Errorf("back-test %+v", b)
	}
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[locale.Lang]string{locale.ZhHans: "，达到322.75亿元的可能性", locale.En: "; the chance of reaching 322.75 × 100 million yuan is "} {
		if says := words.Say(lang, v.Says); !strings.Contains(says, want+words.Say(lang, service.ChanceSays(v.Chance))) {
			t.Errorf("%s does not have %q", says, want)
		}
	}
	for _, m := range v.Methods {
		if !words.Has("outlook.method." + m.Name) {
			t.Errorf("method %s has no name", m.Name)
		}
	}
	list, err := s.OutlookList(context.Background(), service.OutlookQuery{Look: look, Code: "key_projects"})
	if err != nil || len(list.Rows) != 16 || list.Whole.Total != v.Total || list.Whole.Chance != v.Chance {
		t.Fatalf("%v: %d rows", err, len(list.Rows))
	}
	if !slices.IsSortedFunc(list.Rows, func(a, b service.OutlookRow) int { return a.Chance.Cmp(b.Chance) }) {
		t.Error("the least likely is not first")
	}
	sheet, err := s.Outlooks(context.Background(), look)
	if err != nil || len(sheet.Rows) < 8 {
		t.Fatalf("%v: %d rows", err, len(sheet.Rows))
	}
	at := slices.IndexFunc(sheet.Rows, func(r service.OutlookOf) bool { return r.Indicator.Code == "key_projects" })
	if at < 0 || sheet.Rows[at].Chance != v.Chance || sheet.Rows[at].Total != v.Total || !sheet.Rows[0].Chance.OK() {
		t.Errorf("among all targets: %d", at)
	}
	chances := 0
	for i, r := range sheet.Rows {
		if r.Chance.OK() {
			chances++
			if i > 0 && r.Chance.Cmp(sheet.Rows[i-1].Chance) < 0 {
				t.Error("the least likely target is not first")
			}
		}
		if (r.Why.Key != "") == r.Total.Valid {
			t.Errorf("%s: %v %v", r.Indicator.Code, r.Why, r.Total)
		}
	}
	if chances < 4 {
		t.Errorf("%d chances", chances)
	}
	for code, want := range map[string]string{"business_climate": "outlook.none.nothing", "flood_repair_rate": "outlook.none.values", "gdp": "outlook.none.growths"} {
		if v := outlook(t, s, look, code); v.Why.Key != want || v.Total.Valid || v.Chance.OK() {
			t.Errorf("%s: %v, %v", code, v.Why, v.Total)
		}
	}
}

// long is a province of two cities whose past of several years each test makes up.
var long = []string{
	"units", `
code,name,kind,parent code,valid from
340000,安徽省,province,,2014-01-01
340100,合肥市,city,340000,2014-01-01
340200,芜湖市,city,340000,2014-01-01
`,
	"indicators", `
code,name,measure,decimals,direction,kind,over time,over units,basis,calendar,reported at,due days
invest,投资,亿元,2,more,flow,sum,sum,cumulative,monthly,city,10
single,当月报的投资,亿元,2,more,flow,sum,sum,single,monthly,city,10
accidents,事故,起,0,less,flow,sum,sum,cumulative,monthly,city,10
janfeb,一二月合报,亿元,2,more,flow,sum,sum,cumulative,monthly_janfeb,city,10
quarter,按季,亿元,2,more,flow,sum,sum,cumulative,quarterly,city,10
year,按年,亿元,2,more,flow,sum,sum,cumulative,yearly,city,10
grown,只有增速,亿元,2,more,flow,sum,sum,cumulative,monthly,city,10
`,
}

// monthly is what a made-up month brings: a season, a trend and some unrest.
func monthly(year, month int) float64 {
	t := float64(12*(year-2015) + month)
	return math.Round(100*(20+0.1*t+6*math.Sin(math.Pi*float64(month)/6)+2*math.Sin(1.7*t*t))) / 100
}

// past writes the figures of an indicator at a unit through a month, cumulative or
// single, at the months given.
func past(b *strings.Builder, code, unit string, from, to, month int, ends []int, single bool) {
	for year := from; year <= to; year++ {
		sum, before := 0.0, 0.0
		for m := 1; m <= 12 && (year < to || m <= month); m++ {
			sum += monthly(year, m)
			if !slices.Contains(ends, m) {
				continue
			}
			value := sum
			first := 1
			if single {
				value, first = sum-before, m
			}
			before = sum
			period := fmt.Sprintf("%d-%02d..%02d", year, first, m)
			if first == m {
				period = fmt.Sprintf("%d-%02d", year, m)
			}
			format := "%s,%s,%s,%.2f\n"
			if code == "accidents" {
				format = "%s,%s,%s,%.0f\n"
			}
			fmt.Fprintf(b, format, code, unit, period, value)
		}
	}
}

const figureHead = "indicator,unit code,period,value\n"

func figuresOf(code string, from, to, month int, ends ...int) string {
	if len(ends) == 0 {
		ends = luoshi.Monthly.Ends()
	}
	var b strings.Builder
	b.WriteString(figureHead)
	for _, unit := range []string{"340100", "340200"} {
		past(&b, code, unit, from, to, month, ends, code == "single")
	}
	return b.String()
}

func targetOf(code, unit, form, value, from string) string {
	return "indicator,unit code,first year,form,value,holds from,reason\n" + fmt.Sprintf("%s,%s,2020,%s,%s,%s,再定\n", code, unit, form, value, from)
}

func TestOutlookOfALongPast(t *testing.T) {
	databases(t, func(t *testing.T, dsn string) {
		c := &clock{}
		c.on(20200105)
		s := open(t, dsn, c)
		mustTake(t, s, service.ImportOptions{}, long...)
		mustTake(t, s, service.ImportOptions{}, "figures", figuresOf("invest", 2015, 2019, 12), "targets", targetOf("invest", "340000", "level", "620.00", "2020-01-01"))
		c.on(20200710)
		mustTake(t, s, service.ImportOptions{}, "figures", figuresOf("invest", 2020, 2020, 6))
		look := service.Look{Unit: "340000", AsOf: c.at}
		v := outlook(t, s, look, "invest")
		// Each year brings 2 × 14.40 more than the one before.
		want := 0.0
		for m := 1; m <= 12; m++ {
			want += 2 * monthly(2020, m)
		}
		if got := float(t, v.Total); math.Abs(got/want-1) > 0.03 {
			t.Errorf("expected %.2f, will be %.2f", got, want)
		}
		b := v.Backtest
		if b == nil || b.Own.Years != 4 || b.Pooled.Years != 12 || !b.Below || b.Through != luoshi.ToDate(2020, 6) || len(b.Cases) != 4 || float(t, b.Own.Error) > 4 || !b.Own.RunRate.Valid || !b.Own.Share.Valid {
			t.Fatalf("back-test: %+v", b)
		}
		city := outlook(t, s, service.Look{Unit: "340100", AsOf: c.at}, "invest")
		if city.Backtest == nil || city.Backtest.Own.Years != 4 || city.Backtest.Pooled.Years != 8 || city.Backtest.Pooled.Units != 2 || city.Backtest.Below || city.Asked.Valid || city.Chance.OK() || city.Says.Key != "outlook.says.plain" {
			t.Errorf("a city: %+v %v", city.Backtest, city.Says)
		}
		// What comes later changes nothing of what was seen before.
		c.on(20200910)
		mustTake(t, s, service.ImportOptions{}, "figures", figuresOf("invest", 2020, 2020, 8))
		mustTake(t, s, service.ImportOptions{}, "figures", figureHead+"invest,340100,2019-01..12,999.00\n")
		again := outlook(t, s, look, "invest")
		if !reflect.DeepEqual(again.Steps, v.Steps) || again.Total != v.Total || again.Chance != v.Chance || !reflect.DeepEqual(again.Past, v.Past) || !reflect.DeepEqual(again.Backtest, v.Backtest) {
			t.Error("a later figure changed an earlier outlook")
		}
		if now := outlook(t, s, service.Look{Unit: "340000"}, "invest"); len(now.Steps) != 4 || now.Total == v.Total {
			t.Errorf("the outlook of September: %v", now.Total)
		}
	})
}

// The more is asked, the less likely it is; where less is better, the other way.
func TestOutlookChanceFollowsTheTarget(t *testing.T) {
	c := &clock{}
	c.on(20200105)
	s := open(t, t.TempDir()+"/luoshi.db", c)
	mustTake(t, s, service.ImportOptions{}, long...)
	mustTake(t, s, service.ImportOptions{}, "figures", figuresOf("invest", 2016, 2020, 6))
	mustTake(t, s, service.ImportOptions{}, "figures", figuresOf("accidents", 2016, 2020, 6))
	var fell, rose bool
	before := map[string]luoshi.Ratio{}
	for i, asked := range []int{200, 400, 550, 580, 590, 600, 605, 610, 620, 630, 650, 700, 900} {
		c.on(luoshi.Date(20200701 + i))
		for _, code := range []string{"invest", "accidents"} {
			value := fmt.Sprintf("%d", asked)
			mustTake(t, s, service.ImportOptions{}, "targets", targetOf(code, "340000", "level", value, luoshi.DateOf(c.at).String()))
			v := outlook(t, s, service.Look{Unit: "340000"}, code)
			if !v.Chance.OK() || v.Asked.Decimal.Cmp(quantity(value)) != 0 {
				t.Fatalf("%s %d: %v %v", code, asked, v.Chance, v.Asked)
			}
			if old, ok := before[code]; ok {
				turn := v.Chance.Cmp(old)
				if code == "accidents" {
					rose = rose || turn > 0
					turn = -turn
				} else {
					fell = fell || turn < 0
				}
				if turn > 0 {
					t.Errorf("%s: asking %d raises the chance from %v to %v", code, asked, old, v.Chance)
				}
			}
			before[code] = v.Chance
			settled := v.Chance.Num == 0 || v.Chance.Num == v.Chance.Den
			if settled != (v.Standing != service.OutlookOpen) {
				t.Errorf("%s %d: %v while %v", code, asked, v.Chance, v.Standing)
			}
			if asked == 200 {
				want := map[string]service.OutlookStanding{"invest": service.OutlookMet, "accidents": service.OutlookLost}[code]
				if v.Standing != want {
					t.Errorf("%s: %v, known %v of %d", code, v.Standing, v.Known, asked)
				}
			}
		}
	}
	if !fell || !rose {
		t.Error("the chance never moved")
	}
}

func TestOutlookCalendars(t *testing.T) {
	c := &clock{}
	c.on(20200710)
	s := open(t, t.TempDir()+"/luoshi.db", c)
	mustTake(t, s, service.ImportOptions{}, long...)
	from2 := luoshi.MonthlyJanFeb.Ends()
	mustTake(t, s, service.ImportOptions{}, "figures", figuresOf("janfeb", 2016, 2020, 6, from2...))
	mustTake(t, s, service.ImportOptions{}, "figures", figuresOf("invest", 2016, 2020, 6, from2...)) // monthly, but never a January
	mustTake(t, s, service.ImportOptions{}, "figures", figuresOf("quarter", 2016, 2020, 6, 3, 6, 9, 12))
	mustTake(t, s, service.ImportOptions{}, "figures", figuresOf("year", 2015, 2019, 12, 12))
	mustTake(t, s, service.ImportOptions{}, "figures", "indicator,unit code,period,growth\ngrown,340100,2020-01..06,5.1\n")
	mustTake(t, s, service.ImportOptions{}, "figures", figuresOf("accidents", 2020, 2020, 6))
	look := service.Look{Unit: "340100", Year: 2020}
	a, b, q := outlook(t, s, look, "janfeb"), outlook(t, s, look, "invest"), outlook(t, s, look, "quarter")
	if len(a.Past) != 4*11+5 || a.Past[0].Period != (luoshi.Period{Year: 2016, From: 1, To: 2}) || a.Past[0].Value.Decimal.String() != fmt.Sprintf("%.2f", monthly(2016, 1)+monthly(2016, 2)) {
		t.Errorf("January and February: %d, %+v", len(a.Past), a.Past[0])
	}
	if a.Total != b.Total || len(b.Past) != len(a.Past) || !slices.Contains(noteKeys(b.Notes), "outlook.note.joined") || b.Estimated {
		t.Errorf("no January published: %v, not %v; %v", b.Total, a.Total, noteKeys(b.Notes))
	}
	if len(q.Steps) != 2 || q.Steps[0].Period != luoshi.QuarterOf(2020, 3) || math.Abs(float(t, q.Total)/float(t, a.Total)-1) > 0.05 {
		t.Errorf("quarters: %v, months %v", q.Total, a.Total)
	}
	for code, want := range map[string]string{"year": "outlook.none.calendar", "grown": "outlook.none.growths", "accidents": "outlook.none.short", "single": "outlook.none.short"} {
		if v := outlook(t, s, look, code); v.Why.Key != want || v.Total.Valid || len(v.Steps) != 0 {
			t.Errorf("%s: %v", code, v.Why)
		}
	}
	over := outlook(t, s, service.Look{Unit: "340100", Year: 2019}, "janfeb")
	if over.Standing != service.OutlookClosed || len(over.Steps) != 0 || over.Total != over.Known || over.Says.Key != "outlook.says.closed" {
		t.Errorf("a year that is over: %v %v %v", over.Standing, over.Total, over.Known)
	}
	for code, want := range map[string]luoshi.Code{"nothing": luoshi.NotFound, "": luoshi.Invalid} {
		if _, err := s.Outlook(context.Background(), service.OutlookQuery{Code: code}); luoshi.CodeOf(err) != want {
			t.Errorf("indicator %q: %v", code, err)
		}
	}
}

// A month without a figure is estimated, not nothing; a sum that alone was published
// is parted and stays exact.
func TestOutlookOfGaps(t *testing.T) {
	c := &clock{}
	c.on(20200710)
	s := open(t, t.TempDir()+"/luoshi.db", c)
	mustTake(t, s, service.ImportOptions{}, long...)
	lines := strings.SplitAfter(figuresOf("single", 2016, 2020, 6), "\n")
	gap := slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return strings.HasPrefix(l, "single,340100,2020-03,") })
	mustTake(t, s, service.ImportOptions{}, "figures", strings.Join(gap, ""))
	look := service.Look{Unit: "340100", Year: 2020}
	without := outlook(t, s, look, "single")
	if !without.Estimated || without.History.Missing != 1 || !slices.Contains(noteKeys(without.Notes), "outlook.note.filled") {
		t.Errorf("a missing month: %+v %v", without.History, noteKeys(without.Notes))
	}
	mustTake(t, s, service.ImportOptions{}, "figures", strings.Join(lines, ""))
	with := outlook(t, s, look, "single")
	if with.Estimated || math.Abs(float(t, with.Total)/float(t, without.Total)-1) > 0.02 {
		t.Errorf("with March %v, without %v", with.Total, without.Total)
	}
	mustTake(t, s, service.ImportOptions{}, "figures", figuresOf("invest", 2016, 2019, 12))
	mustTake(t, s, service.ImportOptions{}, "figures", figuresOf("invest", 2020, 2020, 6, 3, 6))
	v := outlook(t, s, look, "invest")
	if v.Estimated || v.Known.Decimal.Cmp(with.Known.Decimal) != 0 || !slices.Contains(noteKeys(v.Notes), "outlook.note.shared") {
		t.Fatalf("quarterly sums of months: %v, not %v; %v", v.Known, with.Known, noteKeys(v.Notes))
	}
	var sum luoshi.Quantity
	for _, p := range v.Past[len(v.Past)-6:] {
		if !p.Shared {
			t.Errorf("%v is not told as a share", p.Period)
		}
		sum, _ = sum.Add(p.Value.Decimal)
	}
	if sum.Cmp(v.Known.Decimal) != 0 {
		t.Errorf("the shares make %v, not %v", sum, v.Known)
	}
}

// A target may be due before the year ends: then the sum by that day counts.
func TestOutlookOfADate(t *testing.T) {
	c := &clock{}
	c.on(20200710)
	s := open(t, t.TempDir()+"/luoshi.db", c)
	mustTake(t, s, service.ImportOptions{}, long...)
	mustTake(t, s, service.ImportOptions{}, "figures", figuresOf("invest", 2016, 2020, 6))
	look := service.Look{Unit: "340100"}
	due := func(value, day string) *service.OutlookView {
		c.on(luoshi.DateOf(c.at).AddDays(1))
		mustTake(t, s, service.ImportOptions{}, "targets", "indicator,unit code,first year,form,value,date,holds from,reason\n"+fmt.Sprintf("invest,340100,2020,date,%s,%s,%s,再定\n", value, day, luoshi.DateOf(c.at)))
		return outlook(t, s, look, "invest")
	}
	half, autumn := 0.0, 0.0
	for m := 1; m <= 9; m++ {
		if autumn += monthly(2020, m); m == 6 {
			half = autumn
		}
	}
	value := fmt.Sprintf("%.2f", autumn)
	early, late := due(value, "2020-09-30"), due(value, "2020-12-31")
	if !early.Chance.OK() || early.Chance.Num < 50 || early.Chance.Num > 950 || early.Chance.Cmp(late.Chance) >= 0 || early.Says.Args["goal"].(luoshi.Message).Key != "outlook.goal.date" || late.Says.Args["goal"].(luoshi.Message).Key != "outlook.goal.more" {
		t.Errorf("by September %v, by December %v, known %.2f", early.Chance, late.Chance, half)
	}
	if v := due(fmt.Sprintf("%.2f", half-1), "2020-06-30"); v.Standing != service.OutlookMet || v.Chance.Num != 1000 {
		t.Errorf("reached in time: %v %v", v.Standing, v.Chance)
	}
	if v := due(fmt.Sprintf("%.2f", half+1), "2020-06-30"); v.Standing != service.OutlookLost || v.Chance.Num != 0 {
		t.Errorf("not reached in time: %v %v", v.Standing, v.Chance)
	}
	if v := due("220", "2020-01-15"); v.Chance.OK() || !slices.Contains(noteKeys(v.Notes), "outlook.note.date") {
		t.Errorf("due before the first period ends: %v %v", v.Chance, noteKeys(v.Notes))
	}
}

// A promised growth is held against last year on the base that this year's published
// growth implies.
func TestOutlookOfGrowth(t *testing.T) {
	c := &clock{}
	c.on(20200710)
	s := open(t, t.TempDir()+"/luoshi.db", c)
	mustTake(t, s, service.ImportOptions{}, long...)
	mustTake(t, s, service.ImportOptions{}, "figures", figuresOf("invest", 2016, 2020, 6), "targets", targetOf("invest", "340100", "growth", "10.0", "2020-01-01"))
	look := service.Look{Unit: "340100"}
	last, half, lastHalf := 0.0, 0.0, 0.0
	for m := 1; m <= 12; m++ {
		last += monthly(2019, m)
		if m <= 6 {
			half, lastHalf = half+monthly(2020, m), lastHalf+monthly(2019, m)
		}
	}
	v := outlook(t, s, look, "invest")
	if !v.Derived || v.Asked.Decimal.String() != fmt.Sprintf("%.2f", last*1.1) || !v.Chance.OK() || v.Says.Args["goal"].(luoshi.Message).Key != "outlook.goal.growth" {
		t.Errorf("%v of %.2f, %v", v.Asked, last, v.Says)
	}
	mustTake(t, s, service.ImportOptions{}, "figures", fmt.Sprintf("indicator,unit code,period,value,growth\ninvest,340100,2020-01..06,%.2f,20.0\n", half))
	v = outlook(t, s, look, "invest")
	if want := last * half / 1.2 / lastHalf * 1.1; v.Asked.Decimal.String() != fmt.Sprintf("%.2f", want) || !slices.Contains(noteKeys(v.Notes), "outlook.note.restated") {
		t.Errorf("restated: %v, not %.2f; %v", v.Asked, want, noteKeys(v.Notes))
	}
}

// Whatever is reported, revised or promised later, an earlier outlook stays the same
// to the letter, whether it was kept or is worked out again.
func TestNoPastOutlookChanges(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp("", "luoshi-")
		if err != nil {
			rt.Fatal(err)
		}
		defer os.RemoveAll(dir)
		c := &clock{}
		c.on(20200105)
		s := open(t, dir+"/luoshi.db", c)
		mustTake(t, s, service.ImportOptions{}, long...)
		mustTake(t, s, service.ImportOptions{}, "figures", figuresOf("invest", 2017, 2019, 12), "targets", targetOf("invest", "340000", "level", "600.00", "2020-01-01"))
		letter := func(day luoshi.Date) string {
			at, _ := luoshi.ParseAsOf(day.String())
			v := *outlook(t, s, service.Look{Unit: "340000", AsOf: at, Year: 2020}, "invest")
			v.Now, v.Instants, v.Choices = false, nil, nil
			v.Origin, v.Kept = "", nil // of the present first, then of the past
			text, err := json.Marshal(struct {
				service.OutlookView
				Says, Notes string
			}{v, v.Says.String(), fmt.Sprint(v.Notes)})
			if err != nil {
				rt.Fatal(err)
			}
			return string(text)
		}
		seen, month, keeps := map[luoshi.Date]string{}, 0, rapid.Bool().Draw(rt, "kept")
		for range rapid.IntRange(2, 5).Draw(rt, "steps") {
			day := luoshi.DateOf(c.at)
			if keeps {
				refreshed(t, s)
			}
			seen[day] = letter(day)
			c.on(day.AddDays(rapid.IntRange(1, 40).Draw(rt, "days")))
			switch rapid.IntRange(0, 2).Draw(rt, "kind") {
			case 0:
				if month++; month <= 12 && luoshi.ToDate(2020, month).LastDay() < luoshi.DateOf(c.at) {
					take(t, s, service.ImportOptions{}, "figures", figuresOf("invest", 2020, 2020, month))
				}
			case 1:
				take(t, s, service.ImportOptions{SaveRight: true}, "figures", fmt.Sprintf("%sinvest,340100,2019-01..%02d,%d.00\n", figureHead, rapid.IntRange(1, 12).Draw(rt, "revised"), rapid.IntRange(1, 500).Draw(rt, "value")))
			case 2:
				take(t, s, service.ImportOptions{SaveRight: true}, "targets", targetOf("invest", "340000", "level", fmt.Sprintf("%d.00", rapid.IntRange(300, 900).Draw(rt, "target")), luoshi.DateOf(c.at).String()))
			}
			for day, text := range seen {
				if now := letter(day); now != text {
					rt.Fatalf("the outlook of %v has changed:\n%s\n%s", day, text, now)
				}
			}
		}
	})
}
