package rollup

import (
	"errors"
	"math/big"
	"slices"
	"strconv"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"

	"luoshi.dev"
)

// A formula is written in the syntax of expr-lang and evaluated here, on exact
// rationals: expr's own machine would calculate with float64. The variables are
// codes of indicators; the functions are those of [Functions].
type formula struct {
	refs []ref
	root term
}

// ref is a variable: an indicator's value at the asked period, or `lag` periods
// of the derived indicator's calendar and `years` years before it.
type ref struct {
	code       string
	lag, years int
}

// term computes a value from the values of the refs; nil is missing.
type term func(in []*big.Rat, p *trouble) *big.Rat

// trouble gathers what made a value missing though its inputs were there.
type trouble struct{ zero, range_ bool }

// Functions lists the functions that a formula may call.
//
//	lag(x, n)         x as of n periods before (n = 1 if left out)
//	last_year(x)      x as of the same period of last year
//	coalesce(x, y...) the first that is not missing
//	sum(x...)         the sum; missing if any is missing
//	min(x...) max(x...) abs(x)
//	round(x, d)       to d decimals, halves away from zero
func Functions() []string {
	return []string{"lag", "last_year", "coalesce", "sum", "min", "max", "abs", "round"}
}

// compiler turns a syntax tree into terms.
type compiler struct {
	refs     []ref
	problems []luoshi.Problem
	code     string
}

// compile reads a formula. A formula with problems is not evaluated.
func compile(code, text string) (*formula, []luoshi.Problem) {
	config := conf.CreateNew()
	for _, name := range Functions() {
		config.Functions[name] = &builtin.Function{Name: name}
	}
	tree, err := parser.ParseWithConfig(text, config)
	c := compiler{code: code}
	if err != nil {
		detail, column := err.Error(), 0
		if at := (*file.Error)(nil); errors.As(err, &at) {
			detail, column = at.Message, at.Column+1
		}
		c.wrong("rollup.formula.syntax", "text", text, "detail", detail, "column", column)
		return nil, c.problems
	}
	root := c.term(tree.Node, 0, 0)
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	return &formula{refs: c.refs, root: root}, nil
}

func (c *compiler) wrong(key string, pairs ...any) term {
	c.problems = append(c.problems, luoshi.Problem{
		Severity: luoshi.Blocking,
		Message:  luoshi.Say(key, append([]any{"indicator", c.code}, pairs...)...),
	})
	return constant(nil)
}

func constant(r *big.Rat) term { return func([]*big.Rat, *trouble) *big.Rat { return r } }

func (c *compiler) term(n ast.Node, lag, years int) term {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return constant(new(big.Rat).SetInt64(int64(n.Value)))
	case *ast.FloatNode:
		// The shortest decimal that names the float is the one that was typed.
		r, ok := new(big.Rat).SetString(strconv.FormatFloat(n.Value, 'f', -1, 64))
		if !ok {
			return c.wrong("rollup.formula.unknown", "text", n.String())
		}
		return constant(r)
	case *ast.IdentifierNode:
		return c.variable(ref{n.Value, lag, years})
	case *ast.UnaryNode:
		x := c.term(n.Node, lag, years)
		switch n.Operator {
		case "+":
			return x
		case "-":
			return map1(x, func(r *big.Rat) *big.Rat { return new(big.Rat).Neg(r) })
		}
	case *ast.BinaryNode:
		if op := operator(n.Operator); op != nil {
			return map2(c.term(n.Left, lag, years), c.term(n.Right, lag, years), op)
		}
	case *ast.ConditionalNode:
		return c.choice(n, lag, years)
	case *ast.CallNode:
		if name, ok := n.Callee.(*ast.IdentifierNode); ok {
			return c.call(name.Value, n.Arguments, lag, years)
		}
	}
	return c.wrong("rollup.formula.unknown", "text", n.String())
}

// variable returns the term that reads a ref, which is looked up only once.
func (c *compiler) variable(r ref) term {
	i := slices.Index(c.refs, r)
	if i < 0 {
		i = len(c.refs)
		c.refs = append(c.refs, r)
	}
	return func(in []*big.Rat, _ *trouble) *big.Rat { return in[i] }
}

func map1(x term, f func(*big.Rat) *big.Rat) term {
	return func(in []*big.Rat, p *trouble) *big.Rat {
		if a := x(in, p); a != nil {
			return f(a)
		}
		return nil
	}
}

func map2(x, y term, f func(a, b *big.Rat, p *trouble) *big.Rat) term {
	return func(in []*big.Rat, p *trouble) *big.Rat {
		a, b := x(in, p), y(in, p)
		if a == nil || b == nil {
			return nil
		}
		return f(a, b, p)
	}
}

func operator(name string) func(a, b *big.Rat, p *trouble) *big.Rat {
	switch name {
	case "+":
		return func(a, b *big.Rat, _ *trouble) *big.Rat { return new(big.Rat).Add(a, b) }
	case "-":
		return func(a, b *big.Rat, _ *trouble) *big.Rat { return new(big.Rat).Sub(a, b) }
	case "*":
		return func(a, b *big.Rat, _ *trouble) *big.Rat { return new(big.Rat).Mul(a, b) }
	case "/":
		return func(a, b *big.Rat, p *trouble) *big.Rat {
			if b.Sign() == 0 {
				p.zero = true
				return nil
			}
			return new(big.Rat).Quo(a, b)
		}
	}
	return nil
}

// choice compiles `a > b ? x : y`; a comparison with something missing is missing.
func (c *compiler) choice(n *ast.ConditionalNode, lag, years int) term {
	cond, ok := n.Cond.(*ast.BinaryNode)
	if !ok {
		return c.wrong("rollup.formula.condition", "text", n.Cond.String())
	}
	var holds func(cmp int) bool
	switch cond.Operator {
	case "<":
		holds = func(cmp int) bool { return cmp < 0 }
	case "<=":
		holds = func(cmp int) bool { return cmp <= 0 }
	case ">":
		holds = func(cmp int) bool { return cmp > 0 }
	case ">=":
		holds = func(cmp int) bool { return cmp >= 0 }
	case "==":
		holds = func(cmp int) bool { return cmp == 0 }
	case "!=":
		holds = func(cmp int) bool { return cmp != 0 }
	default:
		return c.wrong("rollup.formula.condition", "text", n.Cond.String())
	}
	left, right := c.term(cond.Left, lag, years), c.term(cond.Right, lag, years)
	yes, no := c.term(n.Exp1, lag, years), c.term(n.Exp2, lag, years)
	return func(in []*big.Rat, p *trouble) *big.Rat {
		a, b := left(in, p), right(in, p)
		if a == nil || b == nil {
			return nil
		}
		if holds(a.Cmp(b)) {
			return yes(in, p)
		}
		return no(in, p)
	}
}

func (c *compiler) call(name string, args []ast.Node, lag, years int) term {
	bounds := map[string][2]int{
		"lag": {1, 2}, "last_year": {1, 1}, "coalesce": {1, 99}, "sum": {1, 99},
		"min": {1, 99}, "max": {1, 99}, "abs": {1, 1}, "round": {2, 2},
	}[name]
	if bounds[0] == 0 {
		return c.wrong("rollup.formula.function", "text", name)
	}
	if len(args) < bounds[0] || len(args) > bounds[1] {
		return c.wrong("rollup.formula.arguments", "text", name, "count", len(args))
	}
	number := 1
	if name == "round" || name == "lag" && len(args) == 2 {
		n, ok := args[1].(*ast.IntegerNode)
		if !ok || n.Value < 0 || n.Value > 120 || name == "round" && n.Value > 18 {
			return c.wrong("rollup.formula.number", "text", name)
		}
		number, args = n.Value, args[:1]
	}
	switch name {
	case "lag":
		return c.term(args[0], lag+number, years)
	case "last_year":
		return c.term(args[0], lag, years+1)
	}
	list := make([]term, len(args))
	for i, a := range args {
		list[i] = c.term(a, lag, years)
	}
	return apply(name, list, number)
}

func apply(name string, list []term, number int) term {
	switch name {
	case "abs":
		return map1(list[0], func(r *big.Rat) *big.Rat { return new(big.Rat).Abs(r) })
	case "round":
		return func(in []*big.Rat, p *trouble) *big.Rat {
			r := list[0](in, p)
			if r == nil {
				return nil
			}
			v, ok := round(r, number)
			if !ok {
				p.range_ = true
				return nil
			}
			return new(big.Rat).Mul(new(big.Rat).SetInt64(v), tenTo(-number))
		}
	case "coalesce":
		return func(in []*big.Rat, p *trouble) *big.Rat {
			for _, t := range list {
				quiet := trouble{}
				if r := t(in, &quiet); r != nil {
					return r
				}
			}
			return nil
		}
	}
	take := func(a, b *big.Rat) *big.Rat { return new(big.Rat).Add(a, b) }
	if name != "sum" {
		sign := map[string]int{"min": -1, "max": 1}[name]
		take = func(a, b *big.Rat) *big.Rat {
			if b.Cmp(a) == sign {
				return b
			}
			return a
		}
	}
	return func(in []*big.Rat, p *trouble) *big.Rat {
		var acc *big.Rat
		for _, t := range list {
			r := t(in, p)
			if r == nil {
				return nil
			}
			if acc == nil {
				acc = r
			} else {
				acc = take(acc, r)
			}
		}
		return acc
	}
}
