package service

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"luoshi.dev"
)

// GoalTree is the register of goals: the whole tree, also what no light is on yet.
type GoalTree struct {
	Frame
	Goals  []GoalNode  `json:"goals"`
	Offers []GoalOffer `json:"offers"` // ready goal sets that are not all there
}

// GoalNode is one goal in the register, with its light at the look's unit.
type GoalNode struct {
	Goal       luoshi.Goal       `json:"goal"`
	Depth      int               `json:"depth"`
	ChildGoals int               `json:"child_goals"`
	Rule       luoshi.Message    `json:"-"` // how its parts combine, as a sentence
	Owner      luoshi.Names      `json:"owner"`
	Weighed    bool              `json:"weighed"`   // its weight counts in its parent
	Judgement  *luoshi.Judgement `json:"judgement"` // nil: nothing to judge at the unit
	Items      []GoalItemRow     `json:"items"`
}

// GoalItemRow is one target under a goal.
type GoalItemRow struct {
	luoshi.GoalItem
	Name      luoshi.Names      `json:"name"`
	At        luoshi.Names      `json:"at"`        // the unit it names
	Judgement *luoshi.Judgement `json:"judgement"` // nil: no target at the unit
}

// GoalPage is one goal with how it came to be and what may be chosen for it.
type GoalPage struct {
	Frame
	GoalNode
	Above     []NamedCode    `json:"above"`     // from the root to its parent
	Below     []GoalNode     `json:"below"`     // its child goals
	Revisions []GoalRevision `json:"revisions"` // newest first
	Chance    *GoalChance    `json:"chance"`    // nil: nothing to judge at the unit
	Chances   []*GoalChance  `json:"-"`         // of Below, in their order
}

// GoalRevision is one version of a goal.
type GoalRevision struct {
	Revised
	Goal luoshi.Goal    `json:"goal"`
	Rule luoshi.Message `json:"-"`
}

// GoalChoices are what a form about goals and sets can choose from.
type GoalChoices struct {
	Frame
	Goals      []NamedCode `json:"goals"` // parents before children
	Indicators []NamedCode `json:"indicators"`
	Owners     []NamedCode `json:"owners"` // who may answer: departments, and the areas at the top
	Areas      []NamedCode `json:"areas"`  // whose targets a goal may name
}

// Goals shows the register of goals.
func (s *Service) Goals(ctx context.Context, look Look) (*GoalTree, error) {
	return kept(ctx, s, look, "goals", func(ctx context.Context, sn *snapshot) (*GoalTree, error) {
		v := &GoalTree{Offers: sn.goalOffers()}
		node, err := sn.unitOf(look.Unit)
		if err != nil {
			return nil, err
		}
		if v.Frame, err = s.frame(ctx, sn, node); err != nil {
			return nil, err
		}
		v.Goals = sn.goalNodes(node)
		return v, nil
	})
}

// Goal shows one goal.
func (s *Service) Goal(ctx context.Context, look Look, code string) (*GoalPage, error) {
	return keptThen(ctx, s, look, "goal "+code, func(ctx context.Context, sn *snapshot) (*GoalPage, error) {
		node, err := sn.unitOf(look.Unit)
		if err != nil {
			return nil, err
		}
		nodes := sn.goalNodes(node)
		i := slices.IndexFunc(nodes, func(n GoalNode) bool { return n.Goal.Code == code })
		if i < 0 {
			return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("goal.unknown", "code", code)}
		}
		v := &GoalPage{GoalNode: nodes[i]}
		if v.Frame, err = s.frame(ctx, sn, node); err != nil {
			return nil, err
		}
		depth := nodes[i].Depth
		for k := i - 1; k >= 0; k-- {
			if nodes[k].Depth < depth {
				v.Above = append(v.Above, NamedCode{nodes[k].Goal.Code, nodes[k].Goal.Names})
				depth = nodes[k].Depth
			}
		}
		slices.Reverse(v.Above)
		for k := i + 1; k < len(nodes) && nodes[k].Depth > nodes[i].Depth; k++ {
			if nodes[k].Depth == nodes[i].Depth+1 {
				v.Below = append(v.Below, nodes[k])
			}
		}
		if v.Revisions, err = s.goalRevisions(ctx, sn, code); err != nil || node < 0 {
			return v, err
		}
		asked := []luoshi.Goal{v.Goal}
		for _, b := range v.Below {
			asked = append(asked, b.Goal)
		}
		chances, err := sn.goalChances(asked, node, s.foreseenLeaves(ctx, sn, look))
		if err != nil {
			return nil, err
		}
		v.Chance = chances[code]
		for _, b := range v.Below {
			v.Chances = append(v.Chances, chances[b.Goal.Code])
		}
		return v, nil
	})
}

// Choices are what forms about goals and sets choose from.
func (s *Service) Choices(ctx context.Context, look Look) (*GoalChoices, error) {
	return kept(ctx, s, look, "choices", func(ctx context.Context, sn *snapshot) (*GoalChoices, error) {
		v := &GoalChoices{}
		var err error
		if v.Frame, err = s.standing(ctx, sn, look.Unit); err != nil {
			return nil, err
		}
		for _, n := range sn.goalNodes(-1) {
			v.Goals = append(v.Goals, NamedCode{n.Goal.Code, n.Goal.Names})
		}
		for _, in := range sn.plan.indicators {
			if !in.Retired {
				v.Indicators = append(v.Indicators, NamedCode{in.Code, in.Names})
			}
		}
		for _, n := range sn.tree.Nodes {
			if !n.Kind.Area() || n.Depth <= 1 {
				v.Owners = append(v.Owners, NamedCode{n.Code, n.Names})
			}
			if n.Kind.Area() && n.Depth <= 1 {
				v.Areas = append(v.Areas, NamedCode{n.Code, n.Names})
			}
		}
		return v, nil
	})
}

// goalNodes is the tree of all goals, parents before children, with their lights
// at a node (-1: without).
func (sn *snapshot) goalNodes(node int) []GoalNode {
	lights := map[string]*luoshi.Judgement{}
	if node >= 0 {
		for _, row := range sn.goalRows(node) {
			lights[row.Code] = &row.Judgement
		}
	}
	children := map[string][]luoshi.Goal{}
	for _, g := range sn.plan.goals {
		children[g.Parent] = append(children[g.Parent], g)
	}
	var list []GoalNode
	var walk func(parent luoshi.Goal, depth int)
	walk = func(parent luoshi.Goal, depth int) {
		below := children[parent.Code]
		slices.SortFunc(below, func(a, b luoshi.Goal) int {
			return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Code, b.Code))
		})
		for _, g := range below {
			n := GoalNode{Goal: g, Depth: depth, ChildGoals: len(children[g.Code]), Rule: sn.goalRule(g, children[g.Code]),
				Owner: sn.owner(g.Owner, luoshi.Names{}), Weighed: parent.Combine == luoshi.Weighted, Judgement: lights[g.Code]}
			for _, item := range g.Items {
				n.Items = append(n.Items, sn.goalItem(item, node))
			}
			list = append(list, n)
			walk(g, depth+1)
		}
	}
	walk(luoshi.Goal{}, 0)
	return list
}

func (sn *snapshot) goalItem(item luoshi.GoalItem, node int) GoalItemRow {
	row := GoalItemRow{GoalItem: item, Name: sn.indicators[item.Indicator].Names}
	if item.Unit != "" {
		row.At = sn.owner(item.Unit, luoshi.Names{Hans: item.Unit})
		if i, err := sn.unitOf(item.Unit); err == nil && node >= 0 {
			node = i
		}
	}
	if node >= 0 {
		row.Judgement = sn.judgeAt(targetAt{item.Indicator, sn.tree.Nodes[node].ID})
	}
	return row
}

// goalRule is how the parts of a goal combine, as a sentence.
func (sn *snapshot) goalRule(g luoshi.Goal, children []luoshi.Goal) luoshi.Message {
	var parts, guards []luoshi.Names
	for _, c := range children {
		parts = append(parts, c.Names)
	}
	for _, item := range g.Items {
		name := sn.indicators[item.Indicator].Names
		if name.Hans == "" {
			name.Hans = item.Indicator
		}
		if item.Guard {
			guards = append(guards, name)
		} else {
			parts = append(parts, name)
		}
	}
	var m luoshi.Message
	switch {
	case len(parts)+len(guards) == 0:
		return luoshi.Say("goal.rule.nothing")
	case len(parts) == 0:
		return luoshi.Say("goal.rule.guards", "guards", guards)
	case len(parts) == 1:
		m = luoshi.Say("goal.rule.one", "part", parts[0])
	default:
		m = luoshi.Say("goal.rule."+string(g.Combine), "n", len(parts))
	}
	if len(guards) > 0 {
		m = luoshi.Say("goal.rule.guarded", "rule", m, "guards", guards)
	}
	return m
}

func (s *Service) goalRevisions(ctx context.Context, sn *snapshot, code string) ([]GoalRevision, error) {
	versions, err := s.store.GoalVersions(ctx, code, sn.asOf)
	if err != nil {
		return nil, err
	}
	var children []luoshi.Goal // as they are: a goal does not say itself what is below it
	for _, g := range sn.plan.goals {
		if g.Parent == code {
			children = append(children, g)
		}
	}
	return revisions(ctx, s, versions, func(g luoshi.Goal) int64 { return g.RecordedAt }, sn.goalChanges, func(g luoshi.Goal, r Revised) GoalRevision {
		return GoalRevision{Revised: r, Goal: g, Rule: sn.goalRule(g, children)}
	})
}

func (sn *snapshot) goalChanges(a, b luoshi.Goal) []FieldChange {
	var c changed
	c.names(a.Names, b.Names)
	c.field("parent", sn.goalName(a.Parent), sn.goalName(b.Parent))
	c.field("order", a.Order, b.Order)
	c.field("combine", a.Combine, b.Combine)
	c.number("weight", a.Weight, b.Weight)
	c.field("owner", sn.owner(a.Owner, luoshi.Names{Hans: a.Owner}), sn.owner(b.Owner, luoshi.Names{Hans: b.Owner}))
	key := func(i luoshi.GoalItem) string { return i.Indicator + "@" + i.Unit }
	say := func(i luoshi.GoalItem) any {
		what := "goal.item"
		if i.Guard {
			what = "goal.item.guard"
		}
		return luoshi.Say(what, "weight", i.Weight)
	}
	items(&c, a.Items, b.Items, key, say, func(i luoshi.GoalItem) luoshi.Names { return sn.itemName(i.Indicator, i.Unit) })
	return c
}

func (sn *snapshot) goalName(code string) luoshi.Names {
	for _, g := range sn.plan.goals {
		if g.Code == code {
			return g.Names
		}
	}
	return luoshi.Names{Hans: code}
}

// itemName is what an item of a goal or set is called.
func (sn *snapshot) itemName(indicator, unit string) luoshi.Names {
	name := sn.indicators[indicator].Names
	if name.Hans == "" {
		name.Hans = indicator
	}
	if unit == "" {
		return name
	}
	at := sn.owner(unit, luoshi.Names{Hans: unit})
	join := func(a, b string) string {
		if a == "" || b == "" {
			return ""
		}
		return a + " · " + b
	}
	return luoshi.Names{Hans: join(at.Hans, name.Hans), Hant: join(at.Hant, name.Hant), En: join(at.En, name.En)}
}

// items lists which items came, went or changed.
func items[T any](c *changed, before, after []T, key func(T) string, say func(T) any, name func(T) luoshi.Names) {
	find := func(list []T, k string) (T, bool) {
		for _, v := range list {
			if key(v) == k {
				return v, true
			}
		}
		var none T
		return none, false
	}
	for _, old := range before {
		now, still := find(after, key(old))
		switch {
		case !still:
			*c = append(*c, FieldChange{Field: "item", Item: name(old), Before: say(old)})
		case fmt.Sprint(say(old)) != fmt.Sprint(say(now)):
			*c = append(*c, FieldChange{Field: "item", Item: name(old), Before: say(old), After: say(now)})
		}
	}
	for _, now := range after {
		if _, known := find(before, key(now)); !known {
			*c = append(*c, FieldChange{Field: "item", Item: name(now), After: say(now)})
		}
	}
}
