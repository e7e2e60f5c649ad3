package search_test

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"testing"

	"luoshi.dev"
	"luoshi.dev/internal/search"
)

// lines reads a file of the tests without its remarks.
func lines(t testing.TB, name string) []string {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var list []string
	for in := bufio.NewScanner(f); in.Scan(); {
		if line := strings.TrimSpace(in.Text()); line != "" && line[0] != '#' {
			list = append(list, line)
		}
	}
	return list
}

func register(t testing.TB) []search.Entry {
	t.Helper()
	var list []search.Entry
	for _, line := range lines(t, "register.txt") {
		line, once, _ := strings.Cut(line, " < ")
		f := strings.Fields(line)
		rank, err := strconv.Atoi(f[2])
		if err != nil {
			t.Fatal(err)
		}
		e := search.Entry{Kind: search.Kind(f[0]), Code: f[1], Rank: rank, Names: luoshi.Names{Hans: f[3], Hant: f[4], En: strings.ReplaceAll(f[5], "_", " ")}}
		if once != "" {
			e.Once = []string{once}
		}
		list = append(list, e)
	}
	return list
}

// What people type, and what comes first: testdata/cases.txt.
func TestCases(t *testing.T) {
	x := search.New(register(t))
	for _, line := range lines(t, "cases.txt") {
		at := strings.LastIndex(line, "  ")
		if at < 0 {
			at = strings.IndexByte(line, ' ')
		}
		query, want := strings.TrimSpace(line[:at]), strings.TrimSpace(line[at:])
		r := x.Find(query, 5)
		if want == "-" {
			if len(r.Hits)+len(r.Pairs) > 0 {
				t.Errorf("%s finds %s", query, show(x, r))
			}
			continue
		}
		got := "nothing"
		f := strings.Fields(want)
		if f[0] == "pair" {
			if len(r.Pairs) > 0 {
				got = "pair " + x.Entry(r.Pairs[0].Unit.Entry).Code + " " + x.Entry(r.Pairs[0].Indicator.Entry).Code
			}
		} else {
			for _, h := range r.Hits {
				if e := x.Entry(h.Entry); string(e.Kind) == f[0] {
					got = string(e.Kind) + " " + e.Code
					break
				}
			}
		}
		if got != want {
			t.Errorf("%s finds %s, want %s: %s", query, got, want, show(x, r))
		}
	}
}

func show(x *search.Index, r search.Result) string {
	var b strings.Builder
	for _, h := range r.Hits {
		b.WriteString(" " + x.Entry(h.Entry).Names.Hans + "/" + strconv.Itoa(int(h.Tier)))
	}
	return b.String()
}

// Whatever is typed: nothing breaks, the better stands before the worse, no kind has
// more than asked for; and every name and code finds its own first among equals.
func FuzzFind(f *testing.F) {
	for _, line := range lines(f, "cases.txt") {
		f.Add(strings.Fields(line)[0])
	}
	f.Add(strings.Repeat("a", 5000))
	f.Add("\xff\xfe\x00合")
	x := search.New(register(f))
	f.Fuzz(func(t *testing.T, query string) {
		r := x.Find(query, 3)
		count := map[search.Kind]int{}
		last := search.Tier(0)
		for _, h := range r.Hits {
			if h.Tier < last {
				t.Errorf("%q: tier %d after %d", query, h.Tier, last)
			}
			last = h.Tier
			if count[x.Entry(h.Entry).Kind]++; count[x.Entry(h.Entry).Kind] > 3 {
				t.Errorf("%q: too many of a kind", query)
			}
		}
		again := x.Find(query, 3)
		if show(x, again) != show(x, r) {
			t.Errorf("%q finds one thing and then another", query)
		}
	})
}

// Every entry is found by each of its names and by its code, as exact.
func TestEveryNameFindsItsOwn(t *testing.T) {
	entries := register(t)
	x := search.New(entries)
	for i, e := range entries {
		for _, name := range []string{e.Code, e.Names.Hans, e.Names.Hant, e.Names.En, strings.ToUpper(e.Names.En)} {
			found := false
			for _, h := range x.Find(name, 10).Hits {
				found = found || h.Entry == i && h.Tier == search.Exact
			}
			if !found {
				t.Errorf("%s does not find %s %s", name, e.Kind, e.Code)
			}
		}
	}
}

// province is an index of the size of a province: 1,600 units, 100 indicators.
func province(b *testing.B) *search.Index {
	base := register(b)
	var all []search.Entry
	for len(all) < 1700 {
		for _, e := range base {
			e.Code += "x" + strconv.Itoa(len(all))
			e.Names.Hans = e.Names.Hans[:3] + string(rune(0x4e00+len(all)*7%8000)) + e.Names.Hans[3:]
			e.Rank++
			all = append(all, e)
		}
	}
	return search.New(append(all, base...))
}

func BenchmarkFind(b *testing.B) {
	x := province(b)
	for name, query := range map[string]string{"name": "合肥", "initials": "hf", "letter": "a", "pinyin": "hefei", "code": "3401", "pair": "hefei gdp", "sound": "合飞", "slip": "xuanchegn", "nothing": "zzzzqqqq"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				x.Find(query, 6)
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	entries := register(b)
	for len(entries) < 1700 {
		entries = append(entries, entries...)
	}
	for b.Loop() {
		search.New(entries[:1700])
	}
}

func TestSpellings(t *testing.T) {
	for name, want := range map[string]string{"六安": "liuan luan la", "芜湖市": "wuhushi whs", "合肥市": "hefeishi", "Hefei": "", "": ""} {
		got := strings.Join(search.Spellings(name), " ")
		if name == "合肥市" { // 合 has a rare reading or two: the common one must be there
			if !strings.Contains(got, "hefeishi") || !strings.Contains(got, " hfs") {
				t.Errorf("%s is spelt %s", name, got)
			}
		} else if got != want {
			t.Errorf("%s is spelt %q, want %q", name, got, want)
		}
	}
	if got := search.Spellings(strings.Repeat("重行长", 8)); len(got) > 32 {
		t.Errorf("a name of many readings is spelt in %d ways", len(got))
	}
}
