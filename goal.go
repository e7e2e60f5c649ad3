package luoshi

import (
	"strings"
	"unicode"
)

// Combine is how the lights below a goal make its own.
type Combine string

// The combinations.
const (
	AllOf       Combine = "all_of"       // green only if every part is; red only if every part is red, else yellow
	WeakestLink Combine = "weakest_link" // the worst part
	Weighted    Combine = "weighted"     // by the weighted share of green and yellow parts
)

// Combines lists them.
var Combines = []Combine{AllOf, WeakestLink, Weighted}

// Goal is a node of the tree of what is wanted. Its parts are child goals and
// targets; a guard is a target that cannot lift the goal but keeps it from being
// green while the guard is red.
type Goal struct {
	Code       string
	Names      Names
	Parent     string // goal code, "" = a root
	Order      int
	Combine    Combine
	Weight     Quantity // within the parent, for Weighted
	Items      []GoalItem
	Owner      string // unit code that answers
	RecordedAt int64
}

// GoalItem is one target under a goal, by indicator and unit code.
type GoalItem struct {
	Indicator string
	Unit      string // unit code; "" = the unit that is looked at
	Weight    Quantity
	Guard     bool
}

// Validate returns the rules that the goal breaks by itself; whether its parent,
// its owner and what it rests on exist is checked where all are at hand.
func (g Goal) Validate() []Problem {
	var problems []Problem
	rule := func(ok bool, key string, pairs ...any) {
		if !ok {
			problems = append(problems, Problem{Severity: Blocking, Message: Say(key, append([]any{"goal", g.Code}, pairs...)...)})
		}
	}
	rule(namesOne(g.Code), "goal.code")
	rule(g.Names.Hans != "", "goal.name")
	rule(g.Combine == AllOf || g.Combine == WeakestLink || g.Combine == Weighted, "goal.combine", "text", string(g.Combine))
	rule(!g.Weight.IsNeg(), "goal.weight", "weight", g.Weight)
	seen := map[[2]string]bool{}
	for _, item := range g.Items {
		rule(!item.Weight.IsNeg(), "goal.weight", "weight", item.Weight)
		rule(!seen[[2]string{item.Indicator, item.Unit}], "goal.item_twice", "indicator", item.Indicator)
		seen[[2]string{item.Indicator, item.Unit}] = true
	}
	return problems
}

// longestCode is how long a code may be: it has to fit into a column.
const longestCode = 40

// namesOne reports whether the text can be a code: short, and without blanks.
func namesOne(code string) bool {
	return code != "" && len([]rune(code)) <= longestCode && !strings.ContainsFunc(code, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
}
