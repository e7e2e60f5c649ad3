package assess_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/assess"
)

// The case language: one statement a line, '#' begins a comment. What stands at
// the margin says what is so; `judge`, `combine` and `measure` ask, and the
// indented lines below them say what must come out. testdata/README.txt is its
// description for those who write cases.

// question is a statement that asks, with what it should answer.
type question struct {
	line   int
	words  []string
	given  given // what was so when it was asked
	expect []expectation
}

type expectation struct {
	line       int
	key, value string
}

// given is what the statements so far have said.
type given struct {
	indicator luoshi.Indicator
	target    *luoshi.Target
	scheme    luoshi.Scheme
	actual    map[luoshi.Period]int64 // by the period's year and last month
	growth    map[luoshi.Period]luoshi.NullQuantity
	reference map[luoshi.Period]luoshi.NullQuantity
	average   map[luoshi.Period]luoshi.NullQuantity
	name      luoshi.Names
	presence  luoshi.Presence
	due       luoshi.Date
	partial   bool
	coverage  luoshi.Coverage
	goal      luoshi.Goal
	parts     []assess.Part
}

func (g given) clone() given {
	copyOf := func(m map[luoshi.Period]luoshi.NullQuantity) map[luoshi.Period]luoshi.NullQuantity {
		c := map[luoshi.Period]luoshi.NullQuantity{}
		for k, v := range m {
			c[k] = v
		}
		return c
	}
	actual := map[luoshi.Period]int64{}
	for k, v := range g.actual {
		actual[k] = v
	}
	g.actual, g.growth, g.reference, g.average = actual, copyOf(g.growth), copyOf(g.reference), copyOf(g.average)
	g.parts = slices.Clone(g.parts)
	return g
}

// parse reads a case file. Every error names its line.
func parse(text string) ([]question, error) {
	var questions []question
	g := given{}.clone()
	for i, line := range strings.Split(text, "\n") {
		if before, _, comment := strings.Cut(line, "#"); comment {
			line = before
		}
		line = strings.TrimRight(line, " \t\r")
		if line == "" {
			continue
		}
		fail := func(format string, args ...any) error {
			return fmt.Errorf("line %d: %s", i+1, fmt.Sprintf(format, args...))
		}
		if line[0] == ' ' || line[0] == '\t' {
			if len(questions) == 0 {
				return nil, fail("an answer without a question before it")
			}
			q := &questions[len(questions)-1]
			key, value := answer(line)
			q.expect = append(q.expect, expectation{i + 1, key, value})
			continue
		}
		words := strings.Fields(line)
		switch words[0] {
		case "judge", "combine", "measure", "describe":
			questions = append(questions, question{line: i + 1, words: words, given: g.clone()})
		default:
			if err := g.say(words); err != nil {
				return nil, fail("%v", err)
			}
		}
	}
	return questions, nil
}

// answer splits an indented line; `says` and `reads` take the language with them.
func answer(line string) (key, value string) {
	key, value, _ = strings.Cut(strings.TrimSpace(line), " ")
	value = strings.TrimSpace(value)
	if key == "says" || key == "reads" {
		lang, rest, _ := strings.Cut(value, " ")
		return key + " " + lang, strings.TrimSpace(rest)
	}
	return key, value
}

func number(s string) (luoshi.Quantity, error) {
	q, err := luoshi.ParseQuantity(strings.TrimSuffix(s, "%"))
	if err != nil {
		return q, fmt.Errorf("%q is not a number", s)
	}
	return q, nil
}

func (g *given) say(words []string) (err error) {
	verb, rest := words[0], words[1:]
	if len(rest) == 0 && verb != "partial" && verb != "goal" {
		return fmt.Errorf("%s says nothing", verb)
	}
	switch verb {
	case "indicator":
		*g = given{}.clone()
		return g.sayIndicator(rest)
	case "name", "unit", "reference_name":
		hans, en, _ := strings.Cut(strings.Join(rest, " "), " | ")
		n := luoshi.Names{Hans: strings.TrimSpace(hans), Hant: strings.TrimSpace(hans), En: strings.TrimSpace(en)}
		switch verb {
		case "name":
			g.indicator.Names = n
		case "unit":
			g.indicator.Measure.Symbol = n
		default:
			g.name = n
		}
	case "target":
		return g.sayTarget(rest)
	case "scheme":
		return g.sayScheme(rest)
	case "actual", "growth", "reference", "average":
		return g.saySeries(verb, rest)
	case "presence":
		g.presence = luoshi.Presence(rest[0])
		if len(rest) > 1 {
			g.due, err = luoshi.ParseDate(rest[1])
		}
	case "partial":
		g.partial = true
		if len(rest) == 3 { // 14 of 16
			g.coverage.Have, _ = strconv.Atoi(rest[0])
			g.coverage.Want, _ = strconv.Atoi(rest[2])
		}
	case "goal":
		*g = given{}.clone()
		if len(rest) > 0 {
			g.goal.Combine = luoshi.Combine(rest[0])
		}
	case "part":
		return g.sayPart(rest)
	default:
		return fmt.Errorf("unknown statement %q", verb)
	}
	return err
}

// indicator CODE KIND [sum] UNIT N decimals [CALENDAR] [single] [less|band]
func (g *given) sayIndicator(words []string) error {
	in := luoshi.Indicator{Code: words[0], Names: luoshi.Names{Hans: words[0], En: words[0]}, Kind: luoshi.Flow,
		Direction: luoshi.More, Calendar: luoshi.Monthly, Basis: luoshi.Cumulative, Decimals: 2}
	for i, w := range words[1:] {
		n, err := strconv.Atoi(w)
		switch {
		case err == nil:
			if n < 0 || n > luoshi.MaxDecimals {
				return fmt.Errorf("%d decimals are too many", n)
			}
			in.Decimals = n
		case w == "decimals" || w == "sum" || w == "last":
		case w == "single":
			in.Basis = luoshi.Single
		case slices.Contains([]string{"flow", "stock", "rate", "growth", "index"}, w) && i == 0:
			in.Kind = luoshi.Kind(w)
		case luoshi.Calendar(w).Valid():
			in.Calendar = luoshi.Calendar(w)
		case w == "less" || w == "band" || w == "more":
			in.Direction = luoshi.Direction(w)
		default:
			in.Measure.Symbol = luoshi.Names{Hans: w, Hant: w}
		}
	}
	g.indicator = in
	return nil
}

// target FORM VALUE... [strict] [by DATE] [curve V1 ... V12]
func (g *given) sayTarget(words []string) error {
	t := &luoshi.Target{Form: luoshi.Form(words[0])}
	if !slices.Contains(luoshi.Forms, t.Form) {
		return fmt.Errorf("unknown form %q", words[0])
	}
	var values []luoshi.NullQuantity
	for i := 1; i < len(words); i++ {
		switch words[i] {
		case "strict":
			t.Strict = true
		case "by":
			if i++; i == len(words) {
				return fmt.Errorf("by which date?")
			}
			d, err := luoshi.ParseDate(words[i])
			if err != nil {
				return fmt.Errorf("%q is not a date", words[i])
			}
			t.Date = d
		case "curve":
			curve := words[i+1:]
			if len(curve) != 12 {
				return fmt.Errorf("a curve has 12 values, not %d", len(curve))
			}
			for _, w := range curve {
				q, err := optional(w)
				if err != nil {
					return err
				}
				t.Curve = append(t.Curve, q)
			}
			i = len(words)
		default:
			q, err := number(words[i])
			if err != nil {
				return err
			}
			values = append(values, luoshi.Some(q))
		}
	}
	values = append(values, luoshi.NullQuantity{}, luoshi.NullQuantity{})
	switch t.Form {
	case luoshi.FormBand:
		t.Low, t.High = values[0], values[1]
	case luoshi.FormAtLeast:
		t.Low = values[0]
	case luoshi.FormAtMost:
		t.High = values[0]
	default:
		t.Value = values[0]
	}
	g.target = t
	return nil
}

func optional(w string) (luoshi.NullQuantity, error) {
	if w == "-" {
		return luoshi.NullQuantity{}, nil
	}
	q, err := number(w)
	return luoshi.Some(q), err
}

// scheme PRESET | scheme own KIND YELLOW RED | scheme when yellow: CONDITION red: CONDITION
func (g *given) sayScheme(words []string) error {
	switch words[0] {
	case "own":
		if len(words) != 4 {
			return fmt.Errorf("scheme own KIND YELLOW RED")
		}
		yellow, err := number(words[2])
		if err != nil {
			return err
		}
		red, err := number(words[3])
		if err != nil {
			return err
		}
		g.scheme = luoshi.Scheme{Code: "own", Kind: luoshi.SchemeKind(words[1]), Yellow: yellow, Red: red}
	case "when":
		text := strings.Join(words[1:], " ")
		yellow, red, _ := strings.Cut(text, "red:")
		g.scheme = luoshi.Scheme{Code: "own", Kind: luoshi.ByExpression,
			YellowWhen: strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(yellow), "yellow:")), RedWhen: strings.TrimSpace(red)}
	default:
		s, ok := assess.Preset(words[0])
		if !ok {
			return fmt.Errorf("no preset %q", words[0])
		}
		g.scheme = s
	}
	g.scheme.Names = luoshi.Names{Hans: g.scheme.Code}
	return nil
}

// actual PERIOD VALUE [PERIOD VALUE ...]
func (g *given) saySeries(verb string, words []string) error {
	for ; len(words) > 0; words = words[2:] {
		if len(words) < 2 {
			return fmt.Errorf("%s has no value", words[0])
		}
		p, err := luoshi.ParsePeriod(words[0])
		if err != nil {
			return fmt.Errorf("%q is not a period", words[0])
		}
		q, err := number(words[1])
		if err != nil {
			return err
		}
		p.From = 0
		switch verb {
		case "actual":
			v, err := luoshi.Scaled(q, g.indicator.Decimals)
			if err != nil {
				return fmt.Errorf("%s does not fit %d decimals", q, g.indicator.Decimals)
			}
			g.actual[p] = v
		case "growth":
			g.growth[p] = luoshi.Some(q)
		case "reference":
			g.reference[p] = luoshi.Some(q)
		case "average":
			g.average[p] = luoshi.Some(q)
		}
	}
	return nil
}

// part NAME LIGHT [weight W] [guard]
func (g *given) sayPart(words []string) error {
	if len(words) < 2 {
		return fmt.Errorf("a part has a name and a light")
	}
	part := assess.Part{Names: luoshi.Names{Hans: words[0]}}
	part.Judgement.Presence = luoshi.Present
	if words[1] == "not_asked" {
		part.Judgement.Presence = luoshi.NotAsked
	} else if err := part.Judgement.Light.UnmarshalText([]byte(words[1])); err != nil {
		return fmt.Errorf("%q is not a light", words[1])
	}
	for i := 2; i < len(words); i++ {
		switch {
		case words[i] == "guard":
			part.Guard = true
		case words[i] == "weight" && i+1 < len(words):
			q, err := number(words[i+1])
			if err != nil {
				return err
			}
			part.Weight = q
			i++
		default:
			return fmt.Errorf("what is %q?", words[i])
		}
	}
	g.parts = append(g.parts, part)
	return nil
}
