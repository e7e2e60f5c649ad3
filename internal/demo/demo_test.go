package demo

import (
	"context"
	"encoding/csv"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"luoshi.dev"
	"luoshi.dev/internal/office"
)

var readOnce = sync.OnceValues(func() (*office.Draft, error) {
	return office.ReadFS(context.Background(), Files(), office.Options{Name: "demo"})
})

// read takes the files in as the importer does.
func read(t *testing.T) *office.Draft {
	t.Helper()
	draft, err := readOnce()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range draft.Problems {
		t.Errorf("%s %s: %s", p.File, p.Ref(), p.Message)
	}
	return draft
}

// facts makes dated facts of units and changes, ids in order of appearance.
func facts(draft *office.Draft) ([]luoshi.Unit, map[string]luoshi.UnitID) {
	ids := map[string]luoshi.UnitID{}
	for _, r := range draft.Units {
		if ids[r.Code] == 0 {
			ids[r.Code] = luoshi.UnitID(len(ids) + 1)
		}
	}
	var list []luoshi.Unit
	byCode := map[string]luoshi.Unit{}
	for _, r := range draft.Units {
		u := luoshi.Unit{ID: ids[r.Code], Code: r.Code, Names: r.Names, Short: r.Short, Kind: r.Kind, Parent: ids[r.Parent], Order: r.Order, From: r.From}
		list, byCode[r.Code] = append(list, u), u
	}
	for _, c := range draft.Changes {
		u := byCode[c.Old]
		u.From = c.On
		switch c.Kind {
		case office.Recode:
			u.Code, u.Names = c.New, c.Names
			ids[c.New] = u.ID
		case office.Merge:
			u.Ended = true
		}
		list = append(list, u)
	}
	return list, ids
}

func TestTreeOfEveryYear(t *testing.T) {
	list, _ := facts(read(t))
	for _, c := range []struct {
		on       luoshi.Date
		counties int
		has, not string
	}{
		{20191231, 105, "340225", "340281"},
		{AsOf, 105, "340281", "340225"},
		{20201231, 105, "340208", "340209"},
		{20210101, 104, "340209", "340208"},
	} {
		tree, problems := luoshi.NewTree(list, c.on)
		for _, p := range problems {
			t.Errorf("%s: %s", c.on, p.Message)
		}
		count := map[luoshi.UnitKind]int{}
		for _, n := range tree.Nodes {
			count[n.Kind]++
			if n.Names.Hans == "" || n.Names.Hant == "" || n.Names.En == "" {
				t.Errorf("%s lacks a name: %+v", n.Code, n.Names)
			}
		}
		if count[luoshi.Nation] != 1 || count[luoshi.Province] != 1 || count[luoshi.City] != 16 || count[luoshi.County] != c.counties ||
			count[luoshi.Department] != 15 || count[luoshi.DevZone] != 2 || count[luoshi.Town] != 2 {
			t.Errorf("%s: %v", c.on, count)
		}
		if _, ok := tree.ByCode(c.has); !ok {
			t.Errorf("%s: no %s", c.on, c.has)
		}
		if _, ok := tree.ByCode(c.not); ok {
			t.Errorf("%s: still %s", c.on, c.not)
		}
		if tree.Nodes[0].Code != Root {
			t.Errorf("%s: the first root is %s, want the province", c.on, tree.Nodes[0].Code)
		}
	}
}

func TestIndicators(t *testing.T) {
	draft := read(t)
	_, ids := facts(draft)
	known := map[string]luoshi.Indicator{}
	for _, r := range draft.Indicators {
		known[r.Indicator.Code] = r.Indicator
	}
	for _, r := range draft.Indicators {
		in := r.Indicator
		for _, p := range in.Validate() {
			t.Error(p.Message)
		}
		for _, code := range append([]string{in.Weight, in.Numerator, in.Denominator}, in.Leads...) {
			if _, ok := known[code]; code != "" && !ok {
				t.Errorf("%s names %s, which is no indicator", in.Code, code)
			}
		}
		if ids[in.Department] == 0 {
			t.Errorf("%s: no department %q", in.Code, in.Department)
		}
		if in.Names.Hant == "" || in.Names.En == "" || in.Measure.Symbol.En == "" || in.Group == "" {
			t.Errorf("%s lacks a name, a measure or a group", in.Code)
		}
	}
	if len(known) != 46 {
		t.Errorf("%d indicators, want 46", len(known))
	}
	for _, r := range draft.Sets {
		if _, ok := known[r.Indicator]; !ok {
			t.Errorf("set %s: no indicator %s", r.Code, r.Indicator)
		}
	}
}

func TestGoals(t *testing.T) {
	draft := read(t)
	_, ids := facts(draft)
	judged := map[string]bool{}
	for _, r := range draft.Targets {
		if r.UnitCode == Root {
			judged[r.Indicator] = true
		}
	}
	goals := map[string]int{}
	for _, r := range draft.Goals {
		if !r.Item() {
			goals[r.Code] = 0
			if r.Names.Hant == "" || r.Names.En == "" || ids[r.Owner] == 0 {
				t.Errorf("%s lacks a name or an owner", r.Code)
			}
		}
	}
	for _, r := range draft.Goals {
		switch {
		case r.Item():
			goals[r.Code]++
			if !judged[r.Indicator] {
				t.Errorf("%s: the province has no target of %s", r.Code, r.Indicator)
			}
		case r.Parent != "":
			if _, ok := goals[r.Parent]; !ok {
				t.Errorf("%s: no goal %s", r.Code, r.Parent)
			}
			goals[r.Parent]++
		}
	}
	for code, parts := range goals {
		if parts == 0 {
			t.Errorf("%s has no parts", code)
		}
	}
	if len(goals) != 18 {
		t.Errorf("%d goals, want 18", len(goals))
	}
}

func TestTargets(t *testing.T) {
	draft := read(t)
	_, ids := facts(draft)
	schemes := map[string]bool{"": true}
	for _, r := range draft.Schemes {
		schemes[r.Scheme.Code] = true
	}
	indicators := map[string]luoshi.Indicator{}
	for _, r := range draft.Indicators {
		indicators[r.Indicator.Code] = r.Indicator
	}
	for _, r := range draft.Targets {
		where := r.Indicator + " " + r.UnitCode
		target := luoshi.Target{
			Indicator: r.Indicator, Unit: ids[r.UnitCode], FirstYear: r.FirstYear, LastYear: r.LastYear, Revision: r.Revision, Form: r.Form,
			Value: r.Value, Low: r.Low, High: r.High, Date: r.Date, Reference: luoshi.Reference{Indicator: r.ReferenceIndicator, Unit: ids[r.ReferenceUnit]},
			Curve: r.Curve, Reason: r.Reason, From: r.From,
		}
		for _, p := range target.Validate() {
			t.Errorf("%s: %s", where, p.Message)
		}
		in, ok := indicators[r.Indicator]
		if !ok || target.Unit == 0 || ids[r.Owner] == 0 || !schemes[r.Scheme] {
			t.Errorf("%s: indicator, unit, owner %q or scheme %q is unknown", where, r.Owner, r.Scheme)
			continue
		}
		for _, q := range []luoshi.NullQuantity{r.Value, r.Low, r.High, r.Reserve} {
			if _, err := luoshi.Scaled(q.Decimal, max(in.Decimals, 1)); err != nil {
				t.Errorf("%s: %v", where, err)
			}
		}
		if r.Source == "" || r.Sample != strings.HasPrefix(r.Source, "示例") {
			t.Errorf("%s: source %q, sample %v", where, r.Source, r.Sample)
		}
	}
}

// Children and the declared reserve make the parent, wherever a target is handed
// down with one; and yearly parts make the five-year target.
func TestTargetsAddUp(t *testing.T) {
	draft := read(t)
	parent := map[string]string{"340281": "340200"}
	for _, r := range draft.Units {
		parent[r.Code] = r.Parent
	}
	type key struct{ indicator, unit string }
	children, years := map[key]luoshi.Quantity{}, luoshi.Quantity{}
	for _, r := range draft.Targets {
		if r.Form != luoshi.FormLevel {
			continue
		}
		k := key{r.Indicator, parent[r.UnitCode]}
		children[k] = add(t, children[k], r.Value.Decimal)
		if r.Indicator == "urban_jobs" && r.UnitCode == Root && r.FirstYear == r.LastYear {
			years = add(t, years, r.Value.Decimal)
		}
	}
	handed := 0
	for _, r := range draft.Targets {
		if r.Reserve.Valid {
			handed++
			if got := add(t, children[key{r.Indicator, r.UnitCode}], r.Reserve.Decimal); got.Cmp(r.Value.Decimal) != 0 {
				t.Errorf("%s %s: children and reserve are %s, the target is %s", r.Indicator, r.UnitCode, got, r.Value.Decimal)
			}
		}
		if r.LastYear > r.FirstYear && r.Value.Decimal.Cmp(years) != 0 {
			t.Errorf("the years add to %s, the plan is %s", years, r.Value.Decimal)
		}
	}
	if handed != 7+4*16 {
		t.Errorf("%d targets are handed down, want 71", handed)
	}
}

func add(t *testing.T, a, b luoshi.Quantity) luoshi.Quantity {
	t.Helper()
	sum, err := a.Add(b)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func TestPublishedFigures(t *testing.T) {
	draft := read(t)
	find := func(indicator, unit, period string, basis luoshi.Basis, status luoshi.Status) office.FigureRow {
		for _, r := range draft.Figures {
			if r.Indicator == indicator && r.UnitCode == unit && r.Period.String() == period && r.Basis == basis && r.Status == status {
				return r
			}
		}
		t.Errorf("no figure of %s, %s, %s, %s", indicator, unit, period, status)
		return office.FigureRow{}
	}
	for _, c := range []struct{ indicator, unit, period, value, growth string }{
		{"gdp", Root, "2020-01..03", "", "-6.5"},
		{"gdp", Root, "2020-01..06", "", "0.7"},
		{"gdp", Root, "2020-01..09", "27668.1", "2.5"},
		{"gdp", Root, "2020", "38680.6", "3.9"},
		{"trade", Root, "2020-01..06", "2429", "8.4"},
		{"trade", Root, "2020", "5406.4", "14.1"},
		{"trade", "000000", "2020-01..06", "", "-3.2"},
		{"fdi", Root, "2020-01..06", "102.5", "3.2"},
		{"fdi_growth", Root, "2020-01..06", "3.2", ""},
		{"fdi", "000000", "2020-01..06", "679.3", "-4"},
		{"key_projects", Root, "2020-01..06", "206.11", ""},
		{"new_entities", Root, "2020-01..03", "14.5", ""},
		{"new_entities", Root, "2020-01..06", "45.22", ""},
		{"gdp", "340100", "2020-01..06", "4419.74", ""},
		{"gdp", "340700", "2020-01..06", "", "1.7"},
		{"retail", "341181", "2020", "178.1", "4.8"},
	} {
		status := luoshi.Preliminary
		if c.unit == "341181" {
			status = luoshi.Final
		}
		r := find(c.indicator, c.unit, c.period, luoshi.Cumulative, status)
		if text(r.Value) != c.value || text(r.Growth) != c.growth {
			t.Errorf("%s %s %s: %s, %s; want %s, %s", c.indicator, c.unit, c.period, text(r.Value), text(r.Growth), c.value, c.growth)
		}
	}
	if r := find("new_entities_qoq", Root, "2020-04..06", luoshi.Single, luoshi.Preliminary); text(r.Value) != "111.76" {
		t.Errorf("quarter on quarter: %s", text(r.Value))
	}
	// A year later: the level is revised, the growth that was published stands.
	if r := find("gdp", Root, "2020", luoshi.Cumulative, luoshi.Revised); text(r.Value) != "38060.8" || r.Published < 20220101 {
		t.Errorf("revised GDP: %s on %s", text(r.Value), r.Published)
	}
	if r := find("trade", Root, "2020-01..06", luoshi.Cumulative, luoshi.Revised); text(r.Value) != "2437.8" || r.Published != 20210716 {
		t.Errorf("revised trade: %s on %s", text(r.Value), r.Published)
	}
	for _, r := range draft.Figures {
		if r.Source == "" || r.Published == 0 || r.Sample || r.Published <= r.Period.LastDay() {
			t.Errorf("%s %s %s: source %q, published %s, sample %v", r.Indicator, r.UnitCode, r.Period, r.Source, r.Published, r.Sample)
		}
	}
}

// Every published figure that was gathered is carried over, or left for one of
// the reasons that SOURCES.md gives.
func TestNothingPublishedIsLost(t *testing.T) {
	dir := os.Getenv("LUOSHI_TEST_DATA")
	if dir == "" {
		t.Skip("LUOSHI_TEST_DATA does not name the folder of gathered figures")
	}
	file, err := os.Open(filepath.Join(dir, "anhui_public_figures.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	table, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	have := map[[3]string]bool{}
	for _, r := range read(t).Figures {
		have[[3]string{r.UnitCode, text(r.Value), text(r.Growth)}] = true
	}
	left := 0
	for _, row := range table[1:] {
		unit, value, growth := row[2], trim(row[5]), trim(row[7])
		if row[6] == "万元" {
			value = "" // another unit of measure: only the growth
		}
		if !have[[3]string{unit, value, growth}] && !have[[3]string{unit, growth, ""}] {
			left++
			t.Logf("left: %v", row[:8])
		}
	}
	if left != 7 {
		t.Errorf("%d figures are left out, want 7", left)
	}
}

func trim(s string) string {
	if s == "" {
		return ""
	}
	q, err := luoshi.ParseQuantity(s)
	if err != nil {
		return s
	}
	return q.String()
}

func TestEmbeddedIsSmall(t *testing.T) {
	size := int64(0)
	for _, dir := range []fs.FS{data, shape} {
		err := fs.WalkDir(dir, ".", func(_ string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				info, _ := d.Info()
				size += info.Size()
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if size > 300_000 {
		t.Errorf("%d bytes are embedded", size)
	}
	names, _ := fs.Glob(Files(), "*.csv")
	if !slices.Contains(names, "units.csv") || len(names) != 8 {
		t.Errorf("files: %v", names)
	}
}
