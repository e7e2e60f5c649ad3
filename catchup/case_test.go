package catchup

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"luoshi.dev"
	"luoshi.dev/internal/locale"
)

var update = flag.Bool("update", false, "rewrite the expected lines of testdata/*.txt")

// TestCases runs the cases of testdata/*.txt; testdata/README.md tells the language.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
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
				asked, expected, got := runCase(t, words, file, number, block)
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
	words    *locale.Catalogue
	decimals int
	spec     Spec
	names    []string
}

func runCase(t *testing.T, words *locale.Catalogue, file string, number int, block string) (asked, expected, got []string) {
	c := &task{TB: t, words: words, decimals: 2, spec: Spec{Year: 2020, Calendar: luoshi.Monthly, Direction: luoshi.More}}
	some := false
	for i, text := range strings.Split(block, "\n") {
		fields := strings.Fields(text)
		switch {
		case strings.HasPrefix(text, "=") || strings.HasPrefix(text, "!") || strings.HasPrefix(text, "?") || strings.HasPrefix(text, "-"):
			expected = append(expected, text)
			continue
		case text == "" || text[0] == '#':
		case text[0] == ' ':
			c.part(fields)
		default:
			some = true
			c.header(fields)
		}
		asked = append(asked, text)
		if t.Failed() {
			t.Fatalf("%s:%d: cannot read %q", file, number+i, text)
		}
	}
	if some {
		got = c.run()
	}
	return asked, expected, got
}

// header reads "590 more quarterly months 9 12 decimals 0 keep negative".
func (c *task) header(fields []string) {
	if i := slices.Index(fields, "decimals"); i >= 0 {
		c.decimals, _ = strconv.Atoi(fields[i+1])
		fields = slices.Delete(fields, i, i+2)
	}
	c.spec.Needed = c.number(fields[0])
	for _, word := range fields[1:] {
		switch {
		case luoshi.Calendar(word).Valid():
			c.spec.Calendar = luoshi.Calendar(word)
		case slices.Contains([]luoshi.Direction{luoshi.More, luoshi.Less, luoshi.Band}, luoshi.Direction(word)):
			c.spec.Direction = luoshi.Direction(word)
		case word == "keep":
			c.spec.Keep = true
		case word == "negative":
			c.spec.Negative = true
		case word == "months":
		default:
			m, err := strconv.Atoi(word)
			if err != nil {
				c.Error(err)
			}
			c.spec.Months = append(c.spec.Months, m)
		}
	}
}

// part reads "Bengbu least=10 most=700 260±20[200,300] 280±30 150!" : a name, then
// cells: expectation, spread, bounds, =lock, *weight; or a reported value with "!".
func (c *task) part(fields []string) {
	p := Part{Unit: luoshi.UnitID(len(c.spec.Parts) + 1), Least: luoshi.Missing, Most: luoshi.Missing}
	c.names = append(c.names, fields[0])
	for _, word := range fields[1:] {
		if v, ok := strings.CutPrefix(word, "least="); ok {
			p.Least = c.number(v)
			continue
		}
		if v, ok := strings.CutPrefix(word, "most="); ok {
			p.Most = c.number(v)
			continue
		}
		p.Cells = append(p.Cells, c.cell(word))
	}
	c.spec.Parts = append(c.spec.Parts, p)
}

func (c *task) cell(word string) Cell {
	cell := Free(0, 0)
	if v, ok := strings.CutSuffix(word, "!"); ok {
		cell.Locked, cell.Known = c.number(v), true
		cell.Expect = float64(cell.Locked)
		return cell
	}
	word, lock, locked := strings.Cut(word, "=")
	if locked {
		cell.Locked = c.number(lock)
	}
	word, weight, weighted := strings.Cut(word, "*")
	if weighted {
		cell.Weight, _ = strconv.ParseFloat(weight, 64)
		cell.Weight /= math.Pow10(c.decimals)
	}
	word, bounds, bounded := strings.Cut(word, "[")
	if bounded {
		low, high, _ := strings.Cut(strings.TrimSuffix(bounds, "]"), ",")
		cell.Low, cell.High = c.number(low), c.number(high)
	}
	expect, spread, _ := strings.Cut(word, "±")
	cell.Expect = c.float(expect)
	if spread != "" {
		cell.Spread = c.float(spread)
	}
	return cell
}

func (c *task) float(word string) float64 {
	v, err := strconv.ParseFloat(word, 64)
	if err != nil {
		c.Error(err)
	}
	return v * math.Pow10(c.decimals)
}

func (c *task) number(word string) int64 {
	if word == "" || word == "." {
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

func (c *task) run() (out []string) {
	plan, problems := Solve(c.spec)
	name := func(id luoshi.UnitID) luoshi.Names { return luoshi.Names{Hans: c.names[id-1]} }
	said := []luoshi.Message{}
	if !luoshi.Blocked(problems) {
		for i, cells := range plan.Grid.Cells {
			line := fmt.Sprintf("= %s %s%s:", c.names[i], c.show(plan.Grid.Rows[i]), mark(plan.Units[i]))
			for j, end := range plan.Months() {
				line += " " + c.show(cells[end-1]) + mark(plan.Holds[i][j])
			}
			out = append(out, line)
		}
		line := fmt.Sprintf("= all %s:", c.show(plan.Sum))
		for _, end := range plan.Months() {
			line += " " + c.show(plan.Grid.Cols[end-1])
		}
		out = append(out, line)
		said = plan.Say()
		tasks := plan.Tasks()
		for _, t := range tasks[:min(3, len(tasks))] {
			said = append(said, t.Say(plan.Hard()))
		}
		for _, g := range plan.Gives {
			said = append(said, g.Say())
		}
	}
	for _, m := range Shown(said, c.decimals, name) {
		out = append(out, "- "+c.words.Say(locale.En, m))
	}
	for _, p := range problems {
		sign := "! "
		if p.Severity == luoshi.Warning {
			sign = "? "
		}
		out = append(out, sign+c.words.Say(locale.En, Shown([]luoshi.Message{p.Message}, c.decimals, name)[0]))
	}
	return out
}

func mark(h Hold) string {
	if h == Loose {
		return ""
	}
	return "(" + string(h) + ")"
}
