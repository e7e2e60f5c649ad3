package assess_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"luoshi.dev"
	"luoshi.dev/assess"
	"luoshi.dev/internal/locale"
)

var update = flag.Bool("update", false, "write the answers into testdata/*.txt")

// TestCases asks every question of testdata/*.txt and compares the answers.
func TestCases(t *testing.T) {
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			answered, wrong, err := ask(words, string(text))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if *update && answered != string(text) {
				if err := os.WriteFile(name, []byte(answered), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			for _, w := range wrong {
				t.Errorf("%s:%s", name, w)
			}
		})
	}
}

// ask answers the questions of a case file: the text with the right answers, and
// what was not right in it.
func ask(words *locale.Catalogue, text string) (answered string, wrong []string, err error) {
	questions, err := parse(text)
	if err != nil {
		return "", nil, err
	}
	lines := strings.Split(text, "\n")
	for _, q := range questions {
		got, err := q.answers(words)
		if err != nil {
			return "", nil, fmt.Errorf("line %d: %w", q.line, err)
		}
		for _, e := range q.expect {
			value, known := got[e.key]
			if !known {
				return "", nil, fmt.Errorf("line %d: no answer %q; there are %s", e.line, e.key, strings.Join(slices.Sorted(maps.Keys(got)), ", "))
			}
			if value != e.value {
				wrong = append(wrong, fmt.Sprintf("%d: %s is %q, the case says %q", e.line, e.key, value, e.value))
				lines[e.line-1] = strings.TrimRight(fmt.Sprintf("  %-8s %s", e.key, value), " ")
			}
		}
	}
	return strings.Join(lines, "\n"), wrong, nil
}

func (q question) answers(words *locale.Catalogue) (map[string]string, error) {
	switch q.words[0] {
	case "judge":
		if len(q.words) < 2 {
			return nil, fmt.Errorf("judge which period?")
		}
		p, err := luoshi.ParsePeriod(q.words[1])
		if err != nil {
			return nil, fmt.Errorf("%q is not a period", q.words[1])
		}
		return judgement(words, assess.Judge(q.given.at(p))), nil
	case "combine":
		return judgement(words, assess.Combine(q.given.goal, q.given.parts)), nil
	case "describe":
		return said(words, map[string]string{}, assess.Describe(q.given.scheme)), nil
	}
	return measured(words, q.words[1:])
}

// at is the case as it is judged through a period.
func (g given) at(p luoshi.Period) assess.Case {
	c := assess.Case{Indicator: g.indicator, Target: g.target, Scheme: g.scheme, Year: p.Year, Through: p.To,
		Presence: g.presence, Due: g.due, Partial: g.partial, Coverage: g.coverage, ReferenceName: g.name,
		Actual: make([]int64, 12), LastYear: make([]int64, 12), Growth: make([]luoshi.NullQuantity, 12),
		Reference: make([]luoshi.NullQuantity, 12), Average: make([]luoshi.NullQuantity, 12)}
	for m := range 12 {
		c.Actual[m], c.LastYear[m] = luoshi.Missing, luoshi.Missing
		now := luoshi.Period{Year: p.Year, To: m + 1}
		if v, ok := g.actual[now]; ok {
			c.Actual[m] = v
		}
		if v, ok := g.actual[luoshi.Period{Year: p.Year - 1, To: m + 1}]; ok {
			c.LastYear[m] = v
		}
		c.Growth[m], c.Reference[m], c.Average[m] = g.growth[now], g.reference[now], g.average[now]
	}
	return c
}

func judgement(words *locale.Catalogue, j luoshi.Judgement) map[string]string {
	points := "-"
	if q := j.Ahead.Percent(2); q.Valid {
		points = locale.Number(q.Decimal, "signed")
	}
	return said(words, map[string]string{
		"light": j.Light.String(), "period": j.Period.String(), "presence": string(j.Presence),
		"share": percent(j.Share), "pace": percent(j.Pace), "ahead": points, "implied": percent(j.Implied),
		"actual": shown(j.Actual), "planned": shown(j.Planned), "year": shown(j.Year), "growth": shown(j.Growth),
		"missed": fmt.Sprint(j.Missed), "scheme": j.Proof.Scheme,
	}, j.Says)
}

func said(words *locale.Catalogue, m map[string]string, msg luoshi.Message) map[string]string {
	m["says zh"] = words.Say(locale.ZhHans, msg)
	m["says hant"] = words.Say(locale.ZhHant, msg)
	m["says en"] = words.Say(locale.En, msg)
	return m
}

func percent(r luoshi.Ratio) string {
	if q := r.Percent(2); q.Valid {
		return locale.Number(q.Decimal, "") + "%"
	}
	return "-"
}

func shown(q luoshi.NullQuantity) string {
	if q.Valid {
		return q.Decimal.String()
	}
	return "-"
}

// measured answers `measure NAME ...`, the derived measures.
func measured(words *locale.Catalogue, args []string) (map[string]string, error) {
	if len(args) == 0 {
		return nil, fmt.Errorf("measure what?")
	}
	var n []luoshi.Quantity
	var null []luoshi.NullQuantity
	for _, w := range args[1:] {
		if q, err := optional(w); err == nil {
			null = append(null, q)
			n = append(n, q.Decimal)
		}
	}
	need := map[string]int{"plan": 2, "plans": 4, "split": 2, "grew": 1, "times": 1, "growth": 2, "base": 2, "turns": 1, "run": 3, "needed": 4, "ranks": 1}
	if want, ok := need[args[0]]; !ok || len(n) < want {
		return nil, fmt.Errorf("measure %s needs %d numbers; measures are %s", args[0], want, strings.Join(slices.Sorted(maps.Keys(need)), ", "))
	}
	scaled := func(i int) int64 {
		v, err := luoshi.Scaled(n[i], luoshi.MaxDecimals)
		if err != nil {
			return luoshi.Missing
		}
		return v
	}
	one := func(r luoshi.Ratio) string { return shown(r.Times(0, 1)) }
	switch args[0] {
	case "plan":
		p := assess.ImpliedPlan(n[0], n[1])
		return map[string]string{"value": shown(p.Value.Times(0, 0)), "low": one(p.Low), "high": one(p.High), "cents": shown(p.Value.Times(0, 2))}, nil
	case "plans":
		p, q := assess.ImpliedPlan(n[0], n[1]), assess.ImpliedPlan(n[2], n[3])
		both, ok := p.Meet(q)
		return said(words, map[string]string{"one": shown(p.Value.Times(0, 0)), "other": shown(q.Value.Times(0, 0)),
			"meet": fmt.Sprint(ok), "low": one(both.Low), "high": one(both.High)}, assess.SayPlans(p, q, 0)), nil
	case "split":
		first, second := assess.Split(n[0], n[1])
		return map[string]string{"first": shown(first), "second": shown(second)}, nil
	case "grew":
		times := assess.GrewBy(n[0])
		return map[string]string{"times": times.String(), "percent": shown(assess.TimesToPercent(times))}, nil
	case "times":
		return map[string]string{"percent": shown(assess.TimesToPercent(n[0]))}, nil
	case "growth":
		return map[string]string{"percent": percent(assess.Growth(scaled(0), scaled(1)))}, nil
	case "base":
		return map[string]string{"value": shown(assess.Base(n[0], n[1], 1))}, nil
	case "run":
		r := assess.RunRate(scaled(0), scaled(1), int(scaled(2)/1000000))
		return map[string]string{"value": shown(luoshi.Ratio{Num: r.Num, Den: r.Den * 1000000}.Times(0, 2))}, nil
	case "needed":
		return map[string]string{"percent": percent(assess.NeededGrowth(scaled(0), scaled(1), scaled(2), scaled(3)))}, nil
	case "turns":
		var out []string
		for _, turn := range assess.Turns(null) {
			out = append(out, fmt.Sprintf("%d>%d %s", turn.From, turn.To, map[bool]string{true: "up", false: "down"}[turn.Up]))
		}
		return map[string]string{"turns": strings.Join(out, ", ")}, nil
	}
	return ranked(args, null), nil
}

func ranked(args []string, null []luoshi.NullQuantity) map[string]string {
	values := make([]luoshi.Ratio, len(null))
	for i, q := range null {
		if v, err := luoshi.Scaled(q.Decimal, luoshi.MaxDecimals); q.Valid && err == nil {
			values[i] = luoshi.Over(v, 1)
		}
	}
	good := luoshi.More
	if slices.Contains(args, "less") {
		good = luoshi.Less
	}
	return map[string]string{"ranks": strings.Trim(fmt.Sprint(assess.Ranks(values, good)), "[]")}
}

// Whatever is written, reading it gives an answer or an error with its line, and
// answers once written are right.
func FuzzCases(f *testing.F) {
	words, err := locale.New()
	if err != nil {
		f.Fatal(err)
	}
	files, _ := filepath.Glob("testdata/*.txt")
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
		for _, block := range strings.Split(string(text), "\n\n") {
			f.Add(block)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		answered, _, err := ask(words, text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "line ") {
				t.Fatalf("an error without its line: %v", err)
			}
			return
		}
		if _, wrong, err := ask(words, answered); err != nil || len(wrong) > 0 {
			t.Fatalf("answers do not hold: %v %v\n%s", err, wrong, answered)
		}
	})
}

func TestCaseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"\nshare 1":                          "line 2: unknown statement",
		"  light green":                      "line 1: an answer without a question",
		"indicator a flow 元 9":               "line 1: 9 decimals",
		"target level x":                     "line 1: \"x\" is not a number",
		"target hope 3":                      "line 1: unknown form",
		"target level 3 curve 1 2":           "line 1: a curve has 12 values",
		"indicator a flow\nactual 2020-13 1": "line 2: \"2020-13\" is not a period",
		"scheme nowhere":                     "line 1: no preset",
		"measure plan 3":                     "line 1: measure plan needs 2",
		"measure grew 2.6\n  colour red":     "line 2: no answer \"colour\"",
		"part a blue":                        "line 1: \"blue\" is not a light",
		"judge soon":                         "line 1: \"soon\" is not a period",
		"goal\npart a green weight":          "line 2: what is \"weight\"?",
	} {
		words, err := locale.New()
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := ask(words, text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
