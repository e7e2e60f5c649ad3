package cascade

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"luoshi.dev"
)

var update = flag.Bool("update", false, "rewrite the expected lines of testdata/*.txt")

// TestCases runs the cases of testdata/*.txt; testdata/README.md tells the
// language. A case is what stands between blank lines: comments, a line that
// says what to split, indented lines with the material, then what must come out:
// "=" values, "!" blocking problems, "?" warnings.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			number := 1
			for block := range strings.SplitSeq(strings.TrimRight(string(text), "\n"), "\n\n") {
				asked, expected, got := runCase(t, file, number, block)
				if !slices.Equal(expected, got) && !*update {
					t.Errorf("%s:%d\n%s\nexpected\n%s\ngot\n%s", file, number, strings.Join(asked, "\n"), strings.Join(expected, "\n"), strings.Join(got, "\n"))
				}
				out = append(out, strings.Join(append(asked, got...), "\n"))
				number += strings.Count(block, "\n") + 2
			}
			if *update {
				if err := os.WriteFile(file, []byte(strings.Join(out, "\n\n")+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// task is a case being read.
type task struct {
	testing.TB
	decimals int
	spec     Spec
	names    []string
	parents  []int
	values   []int64
	reserves []int64
}

func runCase(t *testing.T, file string, number int, block string) (asked, expected, got []string) {
	c := &task{TB: t, decimals: 2}
	verb := ""
	for i, text := range strings.Split(block, "\n") {
		fields := strings.Fields(text)
		switch {
		case strings.HasPrefix(text, "="), strings.HasPrefix(text, "!"), strings.HasPrefix(text, "?"):
			expected = append(expected, text)
			continue
		case text == "" || text[0] == '#':
		case text[0] == ' ':
			c.material(verb, text, fields)
		default:
			verb = fields[0]
			c.header(fields)
		}
		asked = append(asked, text)
		if t.Failed() {
			t.Fatalf("%s:%d: cannot read %q", file, number+i, text)
		}
	}
	return asked, expected, c.run(verb)
}

// header reads "units 1000 equal_growth reserve 40 decimals 0".
func (c *task) header(fields []string) {
	for i := 1; i < len(fields)-1; i++ {
		if fields[i] == "decimals" {
			c.decimals, _ = strconv.Atoi(fields[i+1])
		}
	}
	for i := 1; i < len(fields); i++ {
		switch word := fields[i]; {
		case word == "decimals":
			i++
		case word == "reserve":
			i++
			c.spec.Reserve = c.number(fields[i])
		case luoshi.Calendar(word).Valid():
			c.spec.Time.Calendar = luoshi.Calendar(word)
		case slices.Contains([]UnitMethod{UnitLastShare, UnitWeight, UnitEqualGrowth, UnitByHand}, UnitMethod(word)):
			c.spec.Units = UnitMethod(word)
		case TimeMethod(word).spreads() || word == string(TimeCustom):
			c.spec.Time.Method = TimeMethod(word)
		default:
			c.spec.Total = c.number(word)
		}
	}
}

// material reads an indented line: a series of the year, a part, or a node.
func (c *task) material(verb, text string, fields []string) {
	if verb == "padding" {
		depth := (len(text)-len(strings.TrimLeft(text, " ")))/2 - 1
		c.node(depth, fields)
		return
	}
	switch fields[0] {
	case "history", "given", "along", "base":
		c.series(&c.spec.Time, fields)
		return
	case "curve":
		own := c.spec.PartTime
		if own == nil {
			own = make([]TimeSpec, len(c.spec.Parts))
		}
		for len(own) < len(c.spec.Parts) {
			own = append(own, TimeSpec{})
		}
		last := &own[len(own)-1]
		last.Method = TimeLastYear
		if fields[1] == "given" {
			last.Method = TimeCustom
		}
		c.series(last, fields[1:])
		c.spec.PartTime = own
		return
	}
	p := Part{Unit: luoshi.UnitID(len(c.spec.Parts) + 1), Last: luoshi.Missing, Locked: luoshi.Missing, Min: luoshi.Missing, Max: luoshi.Missing}
	for _, word := range fields[1:] {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "last":
			p.Last = c.number(value)
		case "lock":
			p.Locked = c.number(value)
		case "min":
			p.Min = c.number(value)
		case "max":
			p.Max = c.number(value)
		case "weight":
			w, err := luoshi.ParseQuantity(value)
			if err != nil {
				c.Error(err)
			}
			p.Weight = w
		default:
			c.Errorf("what is %q?", word)
		}
	}
	c.names = append(c.names, fields[0])
	c.spec.Parts = append(c.spec.Parts, p)
}

func (c *task) series(spec *TimeSpec, fields []string) {
	switch fields[0] {
	case "base":
		spec.Base = TimeMethod(fields[1])
	case "given":
		spec.Custom = slices.Repeat([]int64{luoshi.Missing}, 12)
		for _, word := range fields[1:] {
			month, value, _ := strings.Cut(word, "=")
			m, err := strconv.Atoi(month)
			if err != nil {
				c.Error(err)
				return
			}
			spec.Custom[m-1] = c.number(value)
		}
	case "along":
		for _, word := range fields[1:] {
			v, err := strconv.ParseFloat(word, 64)
			if err != nil {
				c.Error(err)
			}
			spec.Along = append(spec.Along, v)
		}
	case "history":
		var year []int64
		for _, word := range fields[1:] {
			year = append(year, c.number(word))
		}
		spec.History = append(spec.History, year)
	}
}

// node reads "Hefei 1200 reserve 20"; its depth is its indent.
func (c *task) node(depth int, fields []string) {
	value, reserve := c.number(fields[1]), luoshi.Missing
	if len(fields) > 3 {
		reserve = c.number(fields[3])
	}
	c.names, c.parents = append(c.names, fields[0]), append(c.parents, depth)
	c.values, c.reserves = append(c.values, value), append(c.reserves, reserve)
}

func (c *task) number(word string) int64 {
	if word == "." {
		return luoshi.Missing
	}
	q, err := luoshi.ParseQuantity(word)
	if err != nil {
		c.Error(err)
		return 0
	}
	v, err := luoshi.Scaled(q, c.decimals)
	if err != nil {
		c.Error(err)
	}
	return v
}

func (c *task) show(values ...int64) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = "."
		if q := luoshi.Unscaled(v, c.decimals); q.Valid {
			words[i] = q.Decimal.String()
		}
	}
	return strings.Join(words, " ")
}

func (c *task) run(verb string) (out []string) {
	var problems []luoshi.Problem
	var values []int64
	switch verb {
	case "time":
		if values, problems = OverTime(c.spec.Total, c.spec.Time); values != nil {
			out = append(out, "= "+c.show(values...))
		}
	case "units":
		if values, problems = OverUnits(c.spec.Total, c.spec.Reserve, c.spec.Units, c.spec.Parts); values != nil {
			out = append(out, "= "+c.show(values...))
		}
	case "both":
		for len(c.spec.PartTime) > 0 && len(c.spec.PartTime) < len(c.spec.Parts) {
			c.spec.PartTime = append(c.spec.PartTime, TimeSpec{})
		}
		var g Grid
		if g, problems = Both(c.spec); g.Cells != nil {
			for i, cells := range g.Cells {
				out = append(out, fmt.Sprintf("= %s %s: %s", c.names[i], c.show(g.Rows[i]), c.show(cells...)))
			}
			out = append(out, fmt.Sprintf("= reserve %s: %s", c.show(c.spec.Reserve), c.show(g.Reserve...)),
				fmt.Sprintf("= total %s: %s", c.show(c.spec.Total), c.show(g.Cols...)))
		}
	case "padding":
		out = c.padding()
	case "":
	default:
		c.Errorf("cannot %q", verb)
	}
	name := func(id luoshi.UnitID) luoshi.Names { return luoshi.Names{Hans: c.names[id-1]} }
	for _, p := range Shown(problems, c.decimals, name) {
		sign := "! "
		if p.Severity == luoshi.Warning {
			sign = "? "
		}
		text := strings.NewReplacer("{", "", " true}", "").Replace(p.Message.String())
		if p.Row > 0 {
			text += fmt.Sprintf(" (row %d)", p.Row)
		}
		out = append(out, sign+text)
	}
	return out
}

func (c *task) padding() (out []string) {
	var facts []luoshi.Unit
	last := map[int]luoshi.UnitID{-1: 0}
	for i, depth := range c.parents {
		id := luoshi.UnitID(i + 1)
		facts = append(facts, luoshi.Unit{ID: id, Code: c.names[i], Order: i, Parent: last[depth-1], Kind: luoshi.County})
		last[depth] = id
	}
	tree, problems := luoshi.NewTree(facts, 20200101)
	if problems != nil {
		c.Error(problems)
	}
	at := func(list []int64) func(int) int64 {
		return func(i int) int64 { return list[tree.Nodes[i].ID-1] }
	}
	all := PaddingOf(tree, at(c.values), at(c.reserves), func(i int) bool { return !strings.HasPrefix(tree.Nodes[i].Code, "dept") })
	percent := func(r luoshi.Ratio) string {
		if q := r.Percent(2); q.Valid {
			return q.Decimal.String() + "%"
		}
		return "-"
	}
	for _, p := range all {
		out = append(out, fmt.Sprintf("= %s %s: children %s reserve %s hidden %s (%s), with those below %s (%s), %d of %d", tree.Nodes[p.Node].Code, c.show(p.Value),
			c.show(p.Children), c.show(p.Reserve), c.show(p.Hidden), percent(p.Share), c.show(p.Added), percent(p.AddedShare), p.Targets.Have, p.Targets.Want))
	}
	for _, l := range Levels(all) {
		out = append(out, fmt.Sprintf("= level %d: %d parents (%d open) %s, children %s reserve %s hidden %s (%s), by here %s", l.Depth, l.Parents, l.Open, c.show(l.Value),
			c.show(l.Children), c.show(l.Reserve), c.show(l.Hidden), percent(l.Share), c.show(l.Added)))
	}
	return out
}
