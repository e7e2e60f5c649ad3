package assess

import (
	"errors"
	"math/big"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"luoshi.dev"
)

// Rule is the compiled conditions of a scheme. Compile it once for many cases.
type Rule struct {
	yellow, red *vm.Program
	marks       []luoshi.Ratio // the numbers that the conditions name
}

var literal = regexp.MustCompile(`\d+(\.\d+)?`)

// number is an exact measure inside an expression; without a value it is unknown,
// and a condition that needs it cannot be decided.
type number struct {
	name  string
	value *big.Rat
}

// measures is what a condition may speak of. Shares, growth and gaps are in
// percent and percentage points; amounts in the indicator's unit.
type measures struct {
	Share      number `expr:"share"`       // of the year's target done
	Pace       number `expr:"pace"`        // of the year's target planned by now
	Ahead      number `expr:"ahead"`       // share − pace, good is positive
	Growth     number `expr:"growth"`      // published
	Implied    number `expr:"implied"`     // from the levels
	Average    number `expr:"average"`     // of the siblings' growth
	Reference  number `expr:"reference"`   // growth of the reference series
	MonthShare number `expr:"month_share"` // of the month's own task done
	Missed     number `expr:"missed"`      // periods in a row below the curve
	Actual     number `expr:"actual"`
	Planned    number `expr:"planned"`
	LastYear   number `expr:"last_year"`
	Target     number `expr:"target"` // its value: an amount, or percent for growth
	Month      number `expr:"month"`
}

// unknown is the error of a condition that needs what is not there.
type unknown struct{ name string }

func (u unknown) Error() string { return "unknown " + u.name }

const longest = 400

// Compile checks the conditions of a scheme: over which measures, giving yes or
// no. Problems quote the place in the text.
func Compile(s luoshi.Scheme) (*Rule, []luoshi.Problem) {
	var rule Rule
	var problems []luoshi.Problem
	problem := func(key string, pairs ...any) {
		problems = append(problems, luoshi.Problem{Severity: luoshi.Blocking, Message: luoshi.Say(key, append([]any{"scheme", s.Code}, pairs...)...)})
	}
	if strings.TrimSpace(s.YellowWhen) == "" && strings.TrimSpace(s.RedWhen) == "" {
		problem("scheme.no_condition")
	}
	for _, part := range []struct {
		text string
		into **vm.Program
	}{{s.YellowWhen, &rule.yellow}, {s.RedWhen, &rule.red}} {
		switch {
		case strings.TrimSpace(part.text) == "":
			continue
		case len(part.text) > longest:
			problem("scheme.long", "max", longest)
			continue
		}
		program, err := expr.Compile(luoshi.Fold(part.text), language()...)
		if err != nil {
			what, column := err.Error(), 0
			if at := (*file.Error)(nil); errors.As(err, &at) {
				what, column = at.Message, at.Column+1
			}
			if whole := strings.HasPrefix(what, "expected bool"); whole || column == 0 {
				problem("scheme.expression.whole", "text", part.text, "why", why(what))
			} else {
				problem("scheme.expression", "text", part.text, "why", why(what), "column", column)
			}
			continue
		}
		*part.into = program
		for _, text := range literal.FindAllString(luoshi.Fold(part.text), -1) {
			if q, err := luoshi.ParseQuantity(text); err == nil {
				rule.marks = append(rule.marks, exact(q))
			}
		}
	}
	return &rule, problems
}

var (
	strange  = regexp.MustCompile(`^unexpected token \w+\("(.*)"\)`)
	nameless = regexp.MustCompile(`^unknown name (\S+)`)
)

// why says in the reader's language what expr says of a condition in English.
func why(what string) any {
	if m := nameless.FindStringSubmatch(what); m != nil {
		if near := nearMeasures(m[1]); len(near) > 0 {
			return luoshi.Say("scheme.why.name_near", "name", m[1], "near", near)
		}
		return luoshi.Say("scheme.why.name", "name", m[1])
	}
	if m := strange.FindStringSubmatch(what); m != nil {
		if m[1] == "=" {
			return luoshi.Say("scheme.why.equals")
		}
		return luoshi.Say("scheme.why.token", "token", m[1])
	}
	for _, known := range []struct{ part, key string }{
		{"unexpected token EOF", "ends"}, {"expected bool", "bool"}, {"mismatched types", "types"}, {"cannot use", "types"}, {"has no field", "types"}, {"arguments to call", "arguments"},
	} {
		if strings.Contains(what, known.part) {
			return luoshi.Say("scheme.why." + known.key)
		}
	}
	return what
}

// nearMeasures lists the measures that begin as the word does.
func nearMeasures(word string) []string {
	var near []string
	for _, name := range Measures() {
		if len(word) >= 3 && len(name) >= 3 && strings.EqualFold(word[:3], name[:3]) {
			near = append(near, name)
		}
	}
	return near
}

// language is expr with exact arithmetic: the operators work on quotients, and a
// literal means its decimal digits, so that ahead < -0.1 is no matter of floats.
func language() []expr.Option {
	options := []expr.Option{expr.Env(measures{}), expr.AsBool(), expr.DisableAllBuiltins(), expr.MaxNodes(200)}
	for name, op := range map[string]struct {
		sign string
		do   func(z, a, b *big.Rat) error
	}{
		"add_": {"+", func(z, a, b *big.Rat) error { z.Add(a, b); return nil }},
		"sub_": {"-", func(z, a, b *big.Rat) error { z.Sub(a, b); return nil }},
		"mul_": {"*", func(z, a, b *big.Rat) error { z.Mul(a, b); return nil }},
		"div_": {"/", func(z, a, b *big.Rat) error {
			if b.Sign() == 0 {
				return unknown{"/ 0"}
			}
			z.Quo(a, b)
			return nil
		}},
	} {
		options = append(options, expr.Operator(op.sign, name), expr.Function(name, func(params ...any) (any, error) {
			a, b, err := two(params)
			if err != nil {
				return nil, err
			}
			z := new(big.Rat)
			return number{value: z}, op.do(z, a, b)
		}, new(func(number, number) number), new(func(number, int) number), new(func(int, number) number),
			new(func(number, float64) number), new(func(float64, number) number)))
	}
	for name, op := range map[string]struct {
		sign string
		is   func(c int) bool
	}{
		"lt_": {"<", func(c int) bool { return c < 0 }}, "le_": {"<=", func(c int) bool { return c <= 0 }},
		"gt_": {">", func(c int) bool { return c > 0 }}, "ge_": {">=", func(c int) bool { return c >= 0 }},
		"eq_": {"==", func(c int) bool { return c == 0 }}, "ne_": {"!=", func(c int) bool { return c != 0 }},
	} {
		options = append(options, expr.Operator(op.sign, name), expr.Function(name, func(params ...any) (any, error) {
			a, b, err := two(params)
			if err != nil {
				return nil, err
			}
			return op.is(a.Cmp(b)), nil
		}, new(func(number, number) bool), new(func(number, int) bool), new(func(int, number) bool),
			new(func(number, float64) bool), new(func(float64, number) bool)))
	}
	return append(options,
		expr.Function("known", func(params ...any) (any, error) { return params[0].(number).value != nil, nil }, new(func(number) bool)),
		expr.Function("abs", func(params ...any) (any, error) {
			v, err := value(params[0])
			if err != nil {
				return nil, err
			}
			return number{value: new(big.Rat).Abs(v)}, nil
		}, new(func(number) number)))
}

func two(params []any) (a, b *big.Rat, err error) {
	if a, err = value(params[0]); err != nil {
		return nil, nil, err
	}
	b, err = value(params[1])
	return a, b, err
}

func value(v any) (*big.Rat, error) {
	switch v := v.(type) {
	case number:
		if v.value == nil {
			return nil, unknown{v.name}
		}
		return v.value, nil
	case int:
		return new(big.Rat).SetInt64(int64(v)), nil
	case float64: // the shortest text that reads back as v is what was written
		if r, ok := new(big.Rat).SetString(strconv.FormatFloat(v, 'g', -1, 64)); ok {
			return r, nil
		}
	}
	return nil, unknown{"?"}
}

// byConditions colours by the scheme's own conditions, red before yellow.
func (v *view) byConditions(j *luoshi.Judgement, to int) {
	rule := v.Rule
	if rule == nil {
		compiled, problems := Compile(*v.scheme)
		if len(problems) > 0 {
			j.Says = v.none("scheme", "scheme", v.scheme.Names)
			return
		}
		rule = compiled
	}
	v.marks = rule.marks
	env := v.env(j, to)
	for _, condition := range []struct {
		light   luoshi.Light
		program *vm.Program
		text    string
	}{{luoshi.Red, rule.red, v.scheme.RedWhen}, {luoshi.Yellow, rule.yellow, v.scheme.YellowWhen}} {
		if condition.program == nil {
			continue
		}
		holds, err := expr.Run(condition.program, env)
		if err != nil {
			missing := unknown{"?"}
			errors.As(err, &missing)
			j.Light, j.Says = luoshi.NotJudged, v.none("condition", "condition", condition.text, "measure", missing.name)
			return
		}
		if holds == true {
			j.Light = condition.light
			j.Says = luoshi.Say("condition.holds", "says", v.plain(j, to), "condition", condition.text, "light", condition.light)
			return
		}
	}
	j.Light = luoshi.Green
	j.Says = luoshi.Say("condition.none", "says", v.plain(j, to))
}

// plain says where a target stands before its conditions colour it.
func (v *view) plain(j *luoshi.Judgement, to int) any {
	_, level := v.actual(to)
	switch {
	case level && v.Target != nil && v.planned(to).OK():
		return v.sayPace(j, to)
	case j.Growth.Valid:
		return luoshi.Say("plain.growth", "indicator", v.Indicator.Names, "growth", j.Growth.Decimal)
	case level:
		return luoshi.Say("plain.level", "indicator", v.Indicator.Names, "actual", j.Actual.Decimal, "unit", v.unit())
	}
	return v.Indicator.Names
}

// env gathers the measures of a month.
func (v *view) env(j *luoshi.Judgement, to int) measures {
	of := func(name string, r luoshi.Ratio, factor int64) number {
		if !r.OK() {
			return number{name: name}
		}
		return number{name, new(big.Rat).Mul(r.Rat(), new(big.Rat).SetInt64(factor))}
	}
	null := func(name string, q luoshi.NullQuantity) number {
		if !q.Valid {
			return number{name: name}
		}
		return of(name, exact(q.Decimal), 1)
	}
	unit := ratio(pow10[v.Indicator.Decimals], 1)
	m := measures{
		Share: of("share", j.Share, 100), Pace: of("pace", j.Pace, 100), Ahead: of("ahead", j.Ahead, 100),
		Growth: null("growth", j.Growth), Implied: of("implied", j.Implied, 100),
		Average: null("average", at(v.Average, to)), Reference: null("reference", at(v.Reference, to)),
		MonthShare: number{name: "month_share"}, Missed: number{name: "missed"},
		Actual: null("actual", j.Actual), Planned: number{name: "planned"}, LastYear: number{name: "last_year"},
		Target: number{name: "target"}, Month: of("month", ratio(int64(to), 1), 1),
	}
	if before, ok := v.cell(v.LastYear, to); ok {
		m.LastYear = of("last_year", div(before, unit), 1)
	}
	if v.Target == nil {
		return m
	}
	m.Target = null("target", j.Year)
	if planned := v.planned(to); planned.OK() {
		m.Planned = of("planned", div(planned, unit), 1)
		if done, task, ok := v.single(to); ok {
			m.MonthShare = of("month_share", div(done, task), 100)
		}
		by := *v
		by.rule = rulePace
		j.Missed = by.missed(to)
		m.Missed = of("missed", ratio(int64(j.Missed), 1), 1)
	}
	return m
}

// Measures lists what a condition may speak of.
func Measures() []string {
	t := reflect.TypeFor[measures]()
	list := make([]string, t.NumField())
	for i := range list {
		list[i] = t.Field(i).Tag.Get("expr")
	}
	return list
}
