package rollup

import (
	"fmt"
	"slices"
	"testing"

	"github.com/govalues/decimal"
	"pgregory.net/rapid"

	"luoshi.dev"
)

func link(from, to luoshi.UnitID, on luoshi.Date, share string) luoshi.Succession {
	return luoshi.Succession{From: from, To: to, On: on, Share: decimal.MustParse(share)}
}

// ended is the fact that a unit exists no more.
func ended(u luoshi.Unit, on luoshi.Date) luoshi.Unit {
	u.From, u.Ended = on, true
	return u
}

// trees of one set of facts before and after 2021.
func beforeAfter(t testing.TB, facts ...luoshi.Unit) (then, now *luoshi.Tree) {
	return treeOf(t, 20201231, facts...), treeOf(t, 20230101, facts...)
}

func problemKeys(problems []luoshi.Problem) []string {
	var list []string
	for _, p := range problems {
		list = append(list, p.Message.Key)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func TestRebase(t *testing.T) {
	p, a, b := unit(1, "1", luoshi.Province, 0), unit(2, "11", luoshi.City, 1), unit(3, "12", luoshi.City, 1)
	x, y, z := unit(4, "111", luoshi.County, 2), unit(5, "112", luoshi.County, 2), unit(6, "121", luoshi.County, 3)
	n, m := unit(7, "119", luoshi.County, 2), unit(8, "129", luoshi.County, 3)
	n.From, m.From = 20210101, 20210101
	moved := z
	moved.Parent, moved.Code, moved.From = 2, "113", 20210101
	old := []luoshi.Strip{year(4, 2020, cu, 100), year(5, 2020, cu, 11), year(6, 2020, cu, -7)}
	for _, c := range []struct {
		name     string
		facts    []luoshi.Unit
		links    []luoshi.Succession
		strips   []luoshi.Strip
		want     map[luoshi.UnitID]int64 // January by the new boundaries
		own      map[luoshi.UnitID]int64
		problems []string
	}{
		{name: "nothing changed", want: map[luoshi.UnitID]int64{4: 100, 5: 11, 6: -7}},
		{name: "moved to another city with its figures", facts: []luoshi.Unit{moved}, want: map[luoshi.UnitID]int64{4: 100, 5: 11, 6: -7}},
		{name: "merged into one that lives on", facts: []luoshi.Unit{ended(y, 20210101)}, links: []luoshi.Succession{link(5, 4, 20210101, "1")},
			want: map[luoshi.UnitID]int64{4: 111, 6: -7}},
		{name: "split by shares, to the last unit", facts: []luoshi.Unit{ended(y, 20210101), n, m},
			links: []luoshi.Succession{link(5, 7, 20210101, "0.5"), link(5, 8, 20210101, "0.5")},
			want:  map[luoshi.UnitID]int64{4: 100, 6: -7, 7: 6, 8: 5}},
		{name: "a part stays", facts: []luoshi.Unit{m}, links: []luoshi.Succession{link(6, 6, 20210101, "0.4"), link(6, 8, 20210101, "0.6")},
			want: map[luoshi.UnitID]int64{4: 100, 5: 11, 6: -3, 8: -4}},
		{name: "a chain of changes is rounded once", facts: []luoshi.Unit{ended(x, 20210101), n, m},
			links: []luoshi.Succession{link(4, 7, 20210101, "0.333"), link(4, 8, 20210101, "0.667"), link(8, 7, 20220101, "0.5"), link(8, 8, 20220101, "0.5")},
			want:  map[luoshi.UnitID]int64{5: 11, 6: -7, 7: 67, 8: 33}},
		{name: "changes before or after do not count", links: []luoshi.Succession{link(5, 4, 20200101, "1"), link(5, 4, 20240101, "1")},
			want: map[luoshi.UnitID]int64{4: 100, 5: 11, 6: -7}},
		{name: "ended without successor: the city's own", facts: []luoshi.Unit{ended(y, 20210101)},
			want: map[luoshi.UnitID]int64{4: 100, 6: -7}, own: map[luoshi.UnitID]int64{2: 11}, problems: []string{"rollup.rebase.ended"}},
		{name: "shares that do not sum to one", facts: []luoshi.Unit{ended(y, 20210101), n}, links: []luoshi.Succession{link(5, 7, 20210101, "0.6")},
			want: map[luoshi.UnitID]int64{4: 100, 6: -7, 7: 11}, problems: []string{"rollup.rebase.shares"}},
		{name: "one of the merged has not reported", facts: []luoshi.Unit{ended(y, 20210101)}, links: []luoshi.Succession{link(5, 4, 20210101, "1")},
			strips: []luoshi.Strip{year(4, 2020, cu, 100), year(6, 2020, cu, -7)},
			want:   map[luoshi.UnitID]int64{4: gap, 6: -7}, problems: []string{"rollup.rebase.incomplete"}},
		{name: "a reported total of another territory", facts: []luoshi.Unit{moved},
			strips: append([]luoshi.Strip{year(2, 2020, cu, 120), year(1, 2020, cu, 104)}, old...),
			want:   map[luoshi.UnitID]int64{1: 104, 2: gap, 4: 100, 5: 11, 6: -7}, problems: []string{"rollup.rebase.territory"}},
	} {
		then, now := beforeAfter(t, append([]luoshi.Unit{p, a, b, x, y, z}, c.facts...)...)
		strips := c.strips
		if strips == nil {
			strips = old
		}
		got, problems := Rebase(then, now, c.links, flow("x"), strips)
		if keys := problemKeys(problems); !slices.Equal(keys, c.problems) {
			t.Errorf("%s: problems %v, want %v", c.name, keys, c.problems)
		}
		seen := 0
		for _, s := range got {
			want, ok := c.want[s.Unit]
			if ok && s.Whole.Cumulative[0].Value != want {
				t.Errorf("%s: unit %d has %d, want %d", c.name, s.Unit, s.Whole.Cumulative[0].Value, want)
			}
			own := gap
			if s.Own != nil {
				own = s.Own.Cumulative[0].Value
			}
			if w, has := c.own[s.Unit]; has && own != w || !has && own != gap {
				t.Errorf("%s: unit %d own %d, want %d", c.name, s.Unit, own, w)
			}
			if ok {
				seen++
			}
		}
		if seen != len(c.want) {
			t.Errorf("%s: %d units, want %d: %v", c.name, seen, len(c.want), got)
		}
	}
}

func TestRebaseRates(t *testing.T) {
	p, x, y, z := unit(1, "1", luoshi.Province, 0), unit(4, "111", luoshi.County, 1), unit(5, "112", luoshi.County, 1), unit(6, "113", luoshi.County, 1)
	renamed := z
	renamed.Code, renamed.From = "199", 20210101
	then, now := beforeAfter(t, p, x, y, z, ended(y, 20210101), renamed)
	rate := flow("r")
	rate.Kind, rate.OverUnits, rate.OverTime = luoshi.Rate, luoshi.UnitNone, luoshi.TimeNone
	got, problems := Rebase(then, now, []luoshi.Succession{link(5, 4, 20210101, "1")}, rate,
		[]luoshi.Strip{year(4, 2020, cu, 1), year(5, 2020, cu, 1), year(6, 2020, cu, 5)})
	if len(got) != 1 || got[0].Unit != 6 || got[0].Whole.Cumulative[0].Value != 5 {
		t.Error("a rate survives a rename only:", got)
	}
	if keys := problemKeys(problems); !slices.Equal(keys, []string{"rollup.rebase.unknowable"}) {
		t.Error(keys)
	}
	s := year(4, 2020, cu, 1)
	s.Whole.Cumulative[0].Growth = 3200
	got, problems = Rebase(then, now, []luoshi.Succession{link(5, 4, 20210101, "1")}, flow("x"), []luoshi.Strip{s, year(5, 2020, cu, 2)})
	if got[0].Whole.Cumulative[0].Value != 3 || got[0].Whole.Cumulative[0].Growth != luoshi.MissingGrowth {
		t.Error(got[0].Whole.Cumulative[0])
	}
	if keys := problemKeys(problems); !slices.Equal(keys, []string{"rollup.rebase.growth"}) {
		t.Error(keys)
	}
}

// Anhui's units of 2019 and 2023: codes moved, 三山区 was merged into 弋江区.
// The generated figures of 2020 by both boundaries have the same totals.
func TestRebaseAnhui(t *testing.T) {
	var facts []luoshi.Unit
	ids := map[string]luoshi.UnitID{}
	add := func(code, name string, kind luoshi.UnitKind, parent luoshi.UnitID, from luoshi.Date, id luoshi.UnitID) {
		ids[code+fmt.Sprint(from)] = id
		facts = append(facts, luoshi.Unit{ID: id, Code: code, Names: luoshi.Names{Hans: name}, Kind: kind, Parent: parent, From: from})
	}
	byCode, byName := map[string]luoshi.UnitID{}, map[string]luoshi.UnitID{}
	next := luoshi.UnitID(0)
	place := func(code string) (luoshi.UnitKind, luoshi.UnitID) {
		switch {
		case code[2:] == "0000":
			return luoshi.Province, 0
		case code[4:] == "00":
			return luoshi.City, byCode[code[:2]+"0000"]
		case code[4] == '7':
			return luoshi.DevZone, byCode[code[:4]+"00"]
		}
		return luoshi.County, byCode[code[:4]+"00"]
	}
	for _, row := range data(t, "gbt2260_anhui_mca2019.csv") {
		next++
		kind, parent := place(row[0])
		add(row[0], row[1], kind, parent, 20190101, next)
		byCode[row[0]], byName[row[0][:4]+row[1]] = next, next
	}
	// Codes and names of 2023; the same unit where code or name stayed, or where the
	// reorganisation of 2020 renamed it.
	renamed := map[string]string{"340210": "340221", "340212": "340222", "340281": "340225"}
	const reform = luoshi.Date(20210101)
	in2023 := map[luoshi.UnitID]bool{}
	for _, row := range data(t, "anhui_counties_2023.csv") {
		code := row[0]
		id := byCode[code]
		if id == 0 {
			id = max(byName[code[:4]+row[1]], byCode[renamed[code]])
		}
		kind, parent := place(code)
		if id == 0 {
			next++
			id = next
		}
		add(code, row[1], kind, parent, reform, id)
		in2023[id] = true
	}
	sanshan, yijiang := byCode["340208"], byCode["340203"]
	for _, f := range slices.Clone(facts) {
		if f.Kind == luoshi.County && !in2023[f.ID] {
			if f.ID != sanshan {
				t.Errorf("%s %s has no successor in 2023", f.Code, f.Names)
			}
			facts = append(facts, ended(f, reform))
		}
	}
	then, now := beforeAfter(t, facts...)
	if i, ok := now.ByCode("340209"); !ok || now.Nodes[i].ID != yijiang {
		t.Fatal("弋江区 keeps its identity under its new code")
	}
	in := flow("gdp")
	in.Decimals = 2
	var strips []luoshi.Strip
	for i, n := range then.Nodes {
		if n.Kind == luoshi.County {
			s := luoshi.NewStrip(n.ID, 2020)
			for m := range 12 {
				s.Whole.Cumulative[m] = figure(n.ID, 2020, m, int64((m+1)*(1000+i*i*37%9973)))
			}
			strips = append(strips, s)
		}
	}
	if len(strips) != 105 {
		t.Fatal(len(strips))
	}
	moved, problems := Rebase(then, now, []luoshi.Succession{link(sanshan, yijiang, reform, "1")}, in, strips)
	if len(problems) > 0 || len(moved) != 104 {
		t.Fatal(len(moved), problems)
	}
	was, is := build(t, then, in), build(t, now, in)
	was.Load("gdp", 2020, slices.Values(strips))
	is.Load("gdp", 2020, slices.Values(moved))
	for _, basis := range []luoshi.Basis{cu, sg} {
		for m := 1; m <= 12; m++ {
			a, b := was.Totals("gdp", 2020, m, basis), is.Totals("gdp", 2020, m, basis)
			for i, n := range then.Nodes {
				if n.Kind == luoshi.County {
					continue
				}
				j, _ := now.Find(n.ID)
				if a[i] == gap || a[i] != b[j] {
					t.Fatalf("%s %d-%d: %d then, %d now", n.Names, 2020, m, a[i], b[j])
				}
			}
		}
	}
	i, _ := then.Find(yijiang)
	k, _ := then.Find(sanshan)
	j, _ := now.Find(yijiang)
	a, b := was.Totals("gdp", 2020, 12, cu), is.Totals("gdp", 2020, 12, cu)
	if a[i]+a[k] != b[j] {
		t.Error("弋江区 of now is 弋江区 and 三山区 of then")
	}
	t.Logf("%d units then, %d now; 弋江区 %d + 三山区 %d = %d; Anhui %d by both", then.Len(), now.Len(), a[i], a[k], b[j], a[0])
}

// Whatever merges, splits and ends, in chains over several days: the total over
// all roots is the same by both boundaries.
func TestRebaseKeepsTotals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := []luoshi.Unit{unit(1, "1", luoshi.Province, 0), unit(2, "2", luoshi.City, 1), unit(3, "3", luoshi.City, 1)}
		alive := []luoshi.UnitID{}
		kept := map[luoshi.UnitID]luoshi.Unit{}
		born := func(id luoshi.UnitID, from luoshi.Date) {
			u := unit(id, fmt.Sprint(100+id), luoshi.County, luoshi.UnitID(2+int(id)%2))
			u.From = from
			facts, kept[id] = append(facts, u), u
			alive = append(alive, id)
		}
		count := rapid.IntRange(1, 8).Draw(t, "counties")
		for i := range count {
			born(luoshi.UnitID(10+i), 20000101)
		}
		strips := []luoshi.Strip{}
		for _, id := range alive {
			s := luoshi.NewStrip(id, 2020)
			total := int64(0)
			for m := range 12 {
				v := rapid.Int64Range(-50, 1000).Draw(t, "v")
				total += v
				s.Whole.Single[m], s.Whole.Cumulative[m] = figure(id, 2020, m, v), figure(id, 2020, m, total)
			}
			strips = append(strips, s)
		}
		var links []luoshi.Succession
		for step := range rapid.IntRange(0, 4).Draw(t, "steps") {
			on := luoshi.Date(20210101 + step*100)
			id := rapid.SampledFrom(alive).Draw(t, "unit")
			u := kept[id]
			fresh := luoshi.UnitID(100 + step)
			switch rapid.SampledFrom([]string{"split", "merge", "end"}).Draw(t, "change") {
			case "split":
				a := rapid.IntRange(1, 999).Draw(t, "share")
				born(fresh, on)
				links = append(links, link(id, id, on, fmt.Sprintf("0.%03d", a)), link(id, fresh, on, fmt.Sprintf("0.%03d", 1000-a)))
			case "merge":
				to := rapid.SampledFrom(alive).Draw(t, "into")
				if to != id {
					links = append(links, link(id, to, on, "1"))
					facts = append(facts, ended(u, on))
					alive = slices.DeleteFunc(slices.Clone(alive), func(x luoshi.UnitID) bool { return x == id })
				}
			case "end":
				if len(alive) > 1 {
					facts = append(facts, ended(u, on))
					alive = slices.DeleteFunc(slices.Clone(alive), func(x luoshi.UnitID) bool { return x == id })
				}
			}
		}
		then, _ := luoshi.NewTree(facts, 20201231)
		now, _ := luoshi.NewTree(facts, 20230101)
		moved, problems := Rebase(then, now, links, flow("x"), strips)
		was, _ := NewCube(then, []luoshi.Indicator{flow("x")})
		is, _ := NewCube(now, []luoshi.Indicator{flow("x")})
		was.Load("x", 2020, slices.Values(strips))
		is.Load("x", 2020, slices.Values(moved))
		for m := 1; m <= 12; m++ {
			for _, basis := range []luoshi.Basis{sg, cu} {
				a, b := was.Totals("x", 2020, m, basis)[0], is.Totals("x", 2020, m, basis)[0]
				if a != b {
					t.Fatalf("month %d %s: %d then, %d now; %v", m, basis, a, b, problems)
				}
			}
		}
	})
}
