package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"luoshi.dev"
)

// sample is made once for all tests that only look at it.
var sample = sync.OnceValue(func() []Row { return slices.Collect(Sample()) })

// known is the sample as of a day: the newest vintage of each figure.
func known(on luoshi.Date) map[cell]Row {
	out := map[cell]Row{}
	for _, r := range sample() {
		if r.Published <= on {
			code := r.Indicator
			if r.Scope == luoshi.Own {
				code += "/own"
			}
			out[cell{code, r.UnitCode, r.Period.Year, r.Period.To}] = r
		}
	}
	return out
}

func scaled(t *testing.T, w *world, r Row) int64 {
	t.Helper()
	v, err := luoshi.Scaled(r.Value.Decimal, w.rule[r.Indicator].decimals)
	if err != nil {
		t.Fatalf("%s %s %s: %v", r.Indicator, r.UnitCode, r.Period, err)
	}
	return v
}

func TestSampleIsWellFormed(t *testing.T) {
	draft := read(t)
	list, _ := facts(draft)
	trees := map[int]*luoshi.Tree{}
	for y := FirstYear; y <= Year; y++ {
		trees[y], _ = luoshi.NewTree(list, luoshi.YearOf(y).LastDay())
	}
	w := newWorld()
	rows, before := 0, luoshi.Date(0)
	type vintage struct {
		at    cell
		scope luoshi.Scope
		day   luoshi.Date
	}
	seen := map[vintage]bool{}
	for _, r := range sample() {
		rows++
		where := fmt.Sprintf("%s %s %s", r.Indicator, r.UnitCode, r.Period)
		if err := w.rule[r.Indicator].calendar.Check(r.Period, r.Basis); err != nil {
			t.Errorf("%s: %v", where, err)
		}
		if _, ok := trees[r.Period.Year].ByCode(r.UnitCode); !ok {
			t.Errorf("%s: no such unit then", where)
		}
		if !r.Value.Valid && !r.Growth.Valid || r.Basis != w.rule[r.Indicator].basis || r.Status == "" {
			t.Errorf("%s: empty, or on another basis", where)
		}
		if r.Published <= r.Period.LastDay() || r.Published < before {
			t.Errorf("%s: out on %s, after %s", where, r.Published, before)
		}
		before = r.Published
		at := cell{r.Indicator, r.UnitCode, r.Period.Year, r.Period.To}
		if v := (vintage{at, r.Scope, r.Published}); seen[v] {
			t.Errorf("%s: twice on %s", where, r.Published)
		} else {
			seen[v] = true
		}
		if w.public[at] {
			t.Errorf("%s is published and was made again", where)
		}
		if r.Value.Valid && scaled(t, w, r) < 0 && !strings.HasSuffix(r.Indicator, "_growth") {
			t.Errorf("%s is below zero: %v", where, r.Value)
		}
	}
	if rows < 30_000 || rows > 45_000 {
		t.Errorf("%d rows", rows)
	}
}

// Counties make their city, cities the province, on every day, in every month,
// first vintages and last, and flows never shrink.
func TestSampleAddsUp(t *testing.T) {
	w := newWorld()
	for _, on := range []luoshi.Date{20200707, AsOf, 20201231, 20300101} {
		figures := known(on)
		for at, r := range figures {
			f := slices.IndexFunc(flows, func(f flow) bool { return f.code == at.indicator })
			if f < 0 || !slices.Contains(w.cities, at.unit) {
				continue
			}
			value := scaled(t, w, r)
			if ends := w.rule[at.indicator].calendar.Ends(); at.month > ends[0] {
				i := slices.Index(ends, at.month)
				if last, ok := figures[cell{at.indicator, at.unit, at.year, ends[i-1]}]; ok && scaled(t, w, last) > value && on == 20300101 {
					t.Errorf("%v is less than a month before", at)
				}
			}
			if flows[f].detail == 0 || at.year < 2019 { // of which counties have nothing
				continue
			}
			sum := int64(0)
			for _, c := range w.counties[at.unit] {
				part, ok := figures[cell{at.indicator, codeIn(c, at.year), at.year, at.month}]
				if !ok {
					t.Fatalf("%v on %s: %s is not there yet", at, on, c)
				}
				v := scaled(t, w, part)
				if v < 0 {
					t.Errorf("%v: %d at %s", at, v, c)
				}
				sum += v
			}
			if sum != value {
				t.Errorf("%v on %s: counties add to %d, the city has %d", at, on, sum, value)
			}
		}
	}
}

// Wherever the province's value is published or fixed, its parts add up to it.
func TestSampleMeetsThePublished(t *testing.T) {
	w := newWorld()
	figures := known(20300101)
	sum := func(code string, year, month int) int64 {
		total := int64(0)
		for _, c := range w.cities {
			r, ok := figures[cell{code, c, year, month}]
			if !ok && code == "sanbao_spending" {
				for _, k := range w.counties[c] {
					total += scaled(t, w, figures[cell{code, codeIn(k, year), year, month}])
				}
			} else if ok {
				total += scaled(t, w, r)
			} else {
				t.Errorf("%s %s %d-%d: no figure", code, c, year, month)
			}
		}
		return total
	}
	checked := 0
	for at, want := range w.path {
		if at.indicator == "livelihood_own" {
			continue
		}
		checked++
		if got := sum(at.indicator, at.year, at.month); got != want {
			t.Errorf("%v: cities add to %d, want %d", at, got, want)
		}
	}
	for _, r := range read(t).Figures {
		at := cell{r.Indicator, r.UnitCode, r.Period.Year, r.Period.To}
		if _, made := w.path[cell{r.Indicator, Root, r.Period.Year, 12}]; !made && r.Indicator != "imports" || r.UnitCode != Root || !r.Value.Valid || r.Status == luoshi.Revised || r.Basis != luoshi.Cumulative || r.Period.Year > Year {
			continue
		}
		checked++
		want, err := luoshi.Scaled(r.Value.Decimal, w.rule[r.Indicator].decimals)
		if err != nil || sum(at.indicator, at.year, at.month) != want {
			t.Errorf("%v: cities add to %d, published is %s", at, sum(at.indicator, at.year, at.month), r.Value.Decimal)
		}
	}
	if checked < 180 {
		t.Errorf("only %d checked", checked)
	}
	for year := FirstYear; year <= Year; year++ {
		for _, m := range luoshi.MonthlyJanFeb.Ends() {
			if sum("exports", year, m)+sum("imports", year, m) != sum("trade", year, m) {
				t.Errorf("%d-%d: exports and imports are not the trade", year, m)
			}
		}
	}
}

// A year before 2019 has the province's total wherever it publishes one, comes out
// once, final, and knows no county.
func TestPastYears(t *testing.T) {
	w, figures := newWorld(), known(20300101)
	rows, totals := 0, 0
	for at, r := range figures {
		if at.year >= 2019 {
			continue
		}
		rows++
		if at.unit != Root && !slices.Contains(w.cities, at.unit) || r.Status != luoshi.Final || r.Growth.Valid || r.Published != luoshi.ToDate(at.year+1, 9).LastDay() {
			t.Errorf("%v: %+v", at, r)
		}
		if at.unit != Root || slices.Contains([]string{"urban_income", "rural_income", "livelihood_spending/own"}, at.indicator) {
			continue
		}
		totals++
		sum := int64(0)
		for _, c := range w.cities {
			sum += scaled(t, w, figures[cell{at.indicator, c, at.year, at.month}])
		}
		if own, ok := figures[cell{at.indicator + "/own", Root, at.year, at.month}]; ok {
			sum += scaled(t, w, own)
		}
		if sum != scaled(t, w, r) {
			t.Errorf("%v: cities add to %d, the province has %s", at, sum, r.Value.Decimal)
		}
	}
	if totals != 4*11*7 || rows < 10_000 {
		t.Errorf("%d figures, %d of the province", rows, totals)
	}
	if figures[cell{"key_projects", "340100", 2015, 12}].Value.Decimal.Cmp(figures[cell{"key_projects", "340100", 2018, 12}].Value.Decimal) >= 0 {
		t.Error("investment of 合肥 did not grow")
	}
	first := known(20190101)
	if _, ok := first[cell{"trade", Root, 2018, 12}]; ok {
		t.Error("2018 was out before its yearbook")
	}
}

// The months that customs published by themselves are the differences of the sums.
func TestSampleMeetsPublishedMonths(t *testing.T) {
	w, figures := newWorld(), known(20300101)
	total := func(month int) (sum int64) {
		for _, c := range w.cities {
			sum += scaled(t, w, figures[cell{"trade", c, 2020, month}])
		}
		return sum
	}
	for month, want := range map[int]int64{7: 5174, 8: 5014, 12: 5015} {
		if got := total(month) - total(month-1); got != want {
			t.Errorf("trade in month %d: %d, published %d", month, got, want)
		}
	}
}

// The cities' points ahead of the straight line at the end of June.
func TestStory(t *testing.T) {
	w, figures := newWorld(), known(AsOf)
	targets := map[cell]luoshi.Quantity{}
	for _, r := range read(t).Targets {
		if r.FirstYear == r.LastYear && r.Form == luoshi.FormLevel {
			targets[cell{r.Indicator, r.UnitCode, r.FirstYear, 0}] = r.Value.Decimal
		}
	}
	ahead := func(code, unit string) string {
		in := w.rule[code]
		year, err := luoshi.Scaled(targets[cell{code, unit, 2020, 0}], in.decimals)
		if err != nil {
			t.Fatal(err)
		}
		value := scaled(t, w, figures[cell{code, unit, 2020, 6}])
		return text(luoshi.Over(value*2-year, year*2).Percent(2))
	}
	for unit, want := range map[string]string{
		"340100": "22.80", "340200": "20.20", "340300": "15.49", "340400": "-4.83", "340500": "18.92", "340600": "9.76", "340700": "11.17", "340800": "-0.31",
		"341000": "-11.55", "341100": "24.21", "341200": "11.11", "341300": "6.79", "341500": "-10.80", "341600": "5.59", "341700": "2.84", "341800": "16.83",
	} {
		if got := ahead("key_projects", unit); got != want {
			t.Errorf("key projects of %s: %s points ahead, want %s", unit, got, want)
		}
	}
	if got := ahead("urban_jobs", "340400"); got != "-11.62" {
		t.Errorf("jobs of 淮南: %s", got)
	}
	percent := func(code, of, unit string) string {
		return text(luoshi.Over(scaled(t, w, figures[cell{code, unit, 2020, 6}]), scaled(t, w, figures[cell{of, unit, 2020, 6}])).Percent(2))
	}
	if got := percent("flood_repaired", "flood_damaged", Root); got != "41.20" {
		t.Errorf("flood repair: %s", got)
	}
	if got := percent("flood_repaired", "flood_damaged", "341500"); got != "26.60" {
		t.Errorf("flood repair of 六安: %s", got)
	}
	sum := map[string]int64{}
	for _, c := range w.cities {
		for _, code := range []string{"urban_jobs", "blockages", "blockages_cleared", "unemployed", "labour_force", "households_helped", "households_watched"} {
			sum[code] += scaled(t, w, figures[cell{code, c, 2020, 6}])
		}
	}
	for _, c := range []struct {
		num, den int64
		want     string
	}{
		{sum["urban_jobs"], 6300, "47.30"},
		{sum["blockages_cleared"], sum["blockages"], "57.81"},
		{sum["unemployed"], sum["labour_force"], "2.83"},
		{sum["households_helped"], sum["households_watched"], "91.30"},
		{20611, 32275, "63.86"}, {1025, 1850, "55.41"}, {4522, 9000, "50.24"},
		{scaled(t, w, figures[cell{"livelihood_spending", Root, 2020, 6}]), 620000, "54.12"},
	} {
		if got := text(luoshi.Over(c.num, c.den).Percent(2)); got != c.want {
			t.Errorf("%d of %d is %s, want %s", c.num, c.den, got, c.want)
		}
	}
	if g := figures[cell{"manufacturing_loans", Root, 2020, 6}].Growth; text(g) != "12.6" {
		t.Errorf("loans grow by %s", text(g))
	}
}

// Who is late on the day: missing is missing, and comes later.
func TestLateReports(t *testing.T) {
	w := newWorld()
	have := func(code string, on luoshi.Date) int {
		n, figures := 0, known(on)
		for _, c := range w.cities {
			if _, ok := figures[cell{code, c, 2020, 6}]; ok {
				n++
			}
		}
		return n
	}
	for _, c := range []struct {
		code string
		on   luoshi.Date
		want int
	}{
		{"livelihood_spending", AsOf, 15}, {"livelihood_spending", 20200805, 16},
		{"flood_repaired", AsOf, 14}, {"flood_repaired", 20200804, 16},
		{"key_projects", 20200706, 15}, {"key_projects", 20200708, 16},
		{"urban_jobs", AsOf, 16}, {"trade", AsOf, 16}, {"blockages", AsOf, 16},
		{"business_climate", AsOf, 0}, {"business_climate", 20200810, 16},
	} {
		if got := have(c.code, c.on); got != c.want {
			t.Errorf("%s on %s: %d cities, want %d", c.code, c.on, got, c.want)
		}
	}
	all := known(20300101)
	for _, e := range exceptions {
		if r, ok := all[cell{e.indicator, e.unit, 2020, e.month}]; !ok || r.Published < e.came {
			t.Errorf("%+v has no effect", e)
		}
	}
	// The flash of June: 15 cities, then 池州, then 滁州's two projects more.
	for on, want := range map[luoshi.Date]int64{20200706: 20070, 20200708: 20479, 20200712: 20611} {
		sum, figures := int64(0), known(on)
		for _, c := range w.cities {
			if r, ok := figures[cell{"key_projects", c, 2020, 6}]; ok {
				sum += scaled(t, w, r)
			}
		}
		if sum != want {
			t.Errorf("key projects on %s: %d, want %d", on, sum, want)
		}
	}
}

func TestCorrectionsComeLater(t *testing.T) {
	rows := sample()
	for _, c := range corrections {
		var days []luoshi.Date
		for _, r := range rows {
			if r.Indicator == c.indicator && r.UnitCode == c.county && r.Period.Year == 2020 && r.Period.To == c.month {
				days = append(days, r.Published)
			}
		}
		if len(days) != 2 || days[0] >= days[1] {
			t.Errorf("%+v: out on %v", c, days)
		}
	}
}

// The sample is the same everywhere and always: a change of it is a decision.
func TestSampleIsTheSame(t *testing.T) {
	sum := func() string {
		h := sha256.New()
		if err := WriteSample(h); err != nil {
			t.Fatal(err)
		}
		return hex.EncodeToString(h.Sum(nil))
	}
	got := sum()
	if again := sum(); again != got {
		t.Fatal("two calls differ")
	}
	const golden = "testdata/sample.sha256"
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(golden, []byte(got+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(string(want)) != got {
		t.Errorf("the sample has changed (%s); run with UPDATE=1 if that is meant", got)
	}
}

func TestApportion(t *testing.T) {
	for _, c := range []struct {
		total   int64
		weights []int64
		want    []int64
	}{
		{10, []int64{1, 1, 1}, []int64{4, 3, 3}},
		{7, []int64{50, 30, 20}, []int64{4, 2, 1}},
		{0, []int64{5, 5}, []int64{0, 0}},
		{3, []int64{0, 1}, []int64{0, 3}},
	} {
		if got := apportion(c.total, c.weights); !slices.Equal(got, c.want) {
			t.Errorf("%d by %v: %v, want %v", c.total, c.weights, got, c.want)
		}
	}
}

func ExampleSample() {
	for r := range Sample() {
		if r.Indicator == "key_projects" && r.UnitCode == "341100" && r.Period == luoshi.ToDate(2020, 6) {
			fmt.Println(r.Published, r.Status, r.Value.Decimal)
		}
	}
	// Output:
	// 2020-07-06 flash 20.72
	// 2020-07-12 preliminary 22.04
}

func BenchmarkSample(b *testing.B) {
	for b.Loop() {
		if err := WriteSample(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
