package service

import (
	"cmp"
	"context"
	"math/big"
	"slices"

	"luoshi.dev"
	"luoshi.dev/assess"
	"luoshi.dev/forecast"
)

// GoalChance is how likely a goal is reached at the year's end: that its targets are met
// as the goal asks, all of them or enough by weight, and every guard.
type GoalChance struct {
	Chance  luoshi.Ratio   `json:"chance"`  // in thousandths; undefined where a member has none
	Apart   luoshi.Ratio   `json:"apart"`   // the same if the members had nothing in common
	Most    luoshi.Ratio   `json:"most"`    // the chance of the least likely member, where all are needed
	Rest    luoshi.Ratio   `json:"rest"`    // of the members that have one, all together, where another has none: no more than this can it be
	Members []GoalMember   `json:"members"` // the targets that it rests on, as they come in the tree
	Lacking []luoshi.Names `json:"lacking"` // members without a chance
}

// GoalMember is one target that a goal rests on.
type GoalMember struct {
	Indicator string          `json:"indicator"`
	Name      luoshi.Names    `json:"name"`
	Unit      UnitRef         `json:"unit"`
	Guard     bool            `json:"guard"`
	Chance    luoshi.Ratio    `json:"chance"`
	Standing  OutlookStanding `json:"standing"`
	Why       luoshi.Message  `json:"-"` // why it has none
}

// Says puts the chance in words.
func (g *GoalChance) Says() luoshi.Message {
	switch {
	case g == nil:
		return luoshi.Message{}
	case len(g.Lacking) > 0 && g.Rest.OK():
		return luoshi.Say("goal.chance.rest", "names", g.Lacking, "n", len(g.Members)-len(g.Lacking), "chance", ChanceSays(g.Rest))
	case len(g.Lacking) > 0:
		return luoshi.Say("goal.chance.lacks", "names", g.Lacking)
	case g.Chance.Num == 0 || g.Chance.Num == g.Chance.Den || len(g.Members) == 1:
		return luoshi.Say("goal.chance.one", "chance", ChanceSays(g.Chance))
	}
	return luoshi.Say("goal.chance.all", "chance", ChanceSays(g.Chance), "apart", ChanceSays(g.Apart), "n", len(g.Members))
}

// goalLeaf is a target under goals: how likely it is met, and its past.
type goalLeaf struct {
	GoalMember
	node   int
	chance float64
	sign   float64    // 1 = more meets it, -1 = less does, 0 = neither
	past   *surprises // nil where there is none
	minus  *surprises // of a series that it is held against
}

// leafAsk answers how likely a target is met, with its past.
type leafAsk func(in luoshi.Indicator, node int) (goalLeaf, error)

// wish is a goal with what it asks, by places among the leaves.
type wish struct {
	goal   luoshi.Goal
	parts  []wishPart
	guards []int
}

type wishPart struct {
	leaf   int // -1: a goal
	below  *wish
	weight luoshi.Quantity
}

// wishOf reads the tree below a goal at a node; nil where there is nothing to judge.
// add returns the place of a target among the leaves.
func (sn *snapshot) wishOf(g luoshi.Goal, node int, children map[string][]luoshi.Goal, add func(in luoshi.Indicator, at int, guard bool) int) *wish {
	w := &wish{goal: g}
	for _, child := range children[g.Code] {
		if below := sn.wishOf(child, node, children, add); below != nil {
			w.parts = append(w.parts, wishPart{-1, below, child.Weight})
		}
	}
	for _, item := range g.Items {
		at := node
		if item.Unit != "" {
			i, err := sn.unitOf(item.Unit)
			if err != nil || i < sn.tree.Path(node)[0] {
				continue
			}
			at = i
		}
		in := sn.indicators[item.Indicator]
		if _, ok := sn.targets[targetAt{item.Indicator, sn.tree.Nodes[at].ID}]; !ok || in.Retired {
			continue
		}
		leaf := add(in, at, item.Guard)
		if item.Guard {
			w.guards = append(w.guards, leaf)
		} else {
			w.parts = append(w.parts, wishPart{leaf, nil, item.Weight})
		}
	}
	if len(w.parts)+len(w.guards) == 0 {
		return nil
	}
	return w
}

// goalChildren are the goals below each goal, in their order.
func (sn *snapshot) goalChildren() map[string][]luoshi.Goal {
	children := map[string][]luoshi.Goal{}
	for _, g := range sn.plan.goals {
		children[g.Parent] = append(children[g.Parent], g)
	}
	for _, list := range children {
		slices.SortFunc(list, func(a, b luoshi.Goal) int {
			return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Code, b.Code))
		})
	}
	return children
}

// goalChances finds the chances of some goals at a node, by code; a goal with nothing to
// judge there has none. Each target is asked about once.
func (sn *snapshot) goalChances(goals []luoshi.Goal, node int, ask leafAsk) (map[string]*GoalChance, error) {
	children := sn.goalChildren()
	known := map[targetAt]goalLeaf{}
	out := map[string]*GoalChance{}
	for _, g := range goals {
		var leaves []goalLeaf
		var failed error
		add := func(in luoshi.Indicator, at int, guard bool) int {
			if i := slices.IndexFunc(leaves, func(l goalLeaf) bool { return l.Indicator == in.Code && l.node == at }); i >= 0 {
				leaves[i].Guard = leaves[i].Guard && guard
				return i
			}
			key := targetAt{in.Code, sn.tree.Nodes[at].ID}
			leaf, have := known[key]
			if !have {
				var err error
				if leaf, err = ask(in, at); err != nil {
					failed = err
				}
				leaf.Indicator, leaf.Name, leaf.Unit, leaf.node = in.Code, in.Names, sn.ref(at), at
				leaf.chance = float64(leaf.Chance.Num) / float64(max(leaf.Chance.Den, 1))
				known[key] = leaf
			}
			leaf.Guard = guard
			leaves = append(leaves, leaf)
			return len(leaves) - 1
		}
		w := sn.wishOf(g, node, children, add)
		if failed != nil {
			return nil, failed
		}
		if w != nil {
			out[g.Code] = w.chance(leaves)
		}
	}
	return out, nil
}

// chance joins the leaves.
func (w *wish) chance(leaves []goalLeaf) *GoalChance {
	g := &GoalChance{}
	chances := make([]float64, len(leaves))
	least := 0
	for i, l := range leaves {
		g.Members = append(g.Members, l.GoalMember)
		if !l.Chance.OK() {
			g.Lacking = append(g.Lacking, l.Name)
		}
		if chances[i] = l.chance; l.chance < leaves[least].chance {
			least = i
		}
	}
	if len(g.Lacking) > 0 {
		if w.needsAll() && len(g.Lacking) < len(leaves) {
			known := slices.DeleteFunc(slices.Clone(leaves), func(l goalLeaf) bool { return !l.Chance.OK() })
			chances = chances[:0]
			for _, l := range known {
				chances = append(chances, l.chance)
			}
			g.Rest = settledOr(forecast.Join(chances, relations(known)).All())
		}
		return g
	}
	if w.needsAll() {
		g.Most = leaves[least].Chance
	}
	g.Chance = settledOr(forecast.Join(chances, relations(leaves)).Chance(w.met))
	g.Apart = settledOr(w.met(chances))
	return g
}

// settledOr rounds a probability to thousandths, and is 0 or 1 only where it is.
func settledOr(p float64) luoshi.Ratio {
	switch {
	case p <= 0:
		return luoshi.Over(0, 1000)
	case p >= 1-1e-12:
		return luoshi.Over(1000, 1000)
	}
	return thousandths(p)
}

// relations are the correlations between leaves: how their pasts went together, turned
// where less is what is wanted of one of them.
func relations(leaves []goalLeaf) [][]float64 {
	list := make([][]float64, len(leaves))
	for i := range list {
		list[i] = make([]float64, len(leaves))
	}
	for i := range leaves {
		for j := range i {
			list[i][j] = leaves[i].related(&leaves[j])
			list[j][i] = list[i][j]
		}
	}
	return list
}

func (l *goalLeaf) related(o *goalLeaf) float64 {
	if l.past == nil || o.past == nil || l.sign*o.sign == 0 {
		return 0
	}
	ends := l.past.ends
	for _, p := range []*surprises{o.past, l.minus, o.minus} {
		if p != nil && !slices.Equal(p.ends, ends) {
			ends = quarterEnds
		}
	}
	from := max(l.past.first, o.past.first)
	for _, p := range []*surprises{l.minus, o.minus} {
		if p != nil {
			from = max(from, p.first)
		}
	}
	return l.sign * o.sign * forecast.Related(l.changes(from, ends), o.changes(from, ends))
}

func (l *goalLeaf) changes(from int, ends []int) []float64 {
	list := slices.Clone(l.past.changes(from, ends))
	if l.minus != nil {
		for i, v := range l.minus.changes(from, ends) {
			if i < len(list) {
				list[i] -= v
			}
		}
	}
	return list
}

// needsAll reports whether the goal asks for every target below it.
func (w *wish) needsAll() bool {
	return w.goal.Combine != luoshi.Weighted && !slices.ContainsFunc(w.parts, func(p wishPart) bool { return p.below != nil && !p.below.needsAll() })
}

// met is the probability that a goal is reached where its targets are met independently
// of each other with the chances given. A target that several goals ask for is met for
// all of them or for none.
func (w *wish) met(given []float64) float64 {
	needed := make([]bool, len(given))
	p := w.gather(given, needed)
	for i, on := range needed {
		if on {
			p *= given[i]
		}
	}
	return p
}

// gather marks the targets that are all needed, and returns the probability of the rest:
// of what counts by weight.
func (w *wish) gather(given []float64, needed []bool) float64 {
	for _, g := range w.guards {
		needed[g] = true
	}
	if w.goal.Combine == luoshi.Weighted {
		return w.weighed(given)
	}
	p := 1.0
	for _, part := range w.parts {
		if part.below != nil {
			p *= part.below.gather(given, needed)
		} else {
			needed[part.leaf] = true
		}
	}
	return p
}

// weighed is the probability that 80% of the weight is met, as for a green light.
func (w *wish) weighed(given []float64) float64 {
	if len(w.parts) == 0 {
		return 1
	}
	weights := w.weights()
	type state struct {
		weight *big.Int
		p      float64
	}
	states, all := []state{{new(big.Int), 1}}, new(big.Int)
	for i, part := range w.parts {
		if weights[i].Sign() == 0 {
			continue
		}
		p := 0.0
		if part.below != nil {
			p = part.below.met(given)
		} else {
			p = given[part.leaf]
		}
		all.Add(all, weights[i])
		next := make([]state, 0, 2*len(states))
		for _, s := range states {
			next = append(next, state{s.weight, s.p * (1 - p)}, state{new(big.Int).Add(s.weight, weights[i]), s.p * p})
		}
		slices.SortStableFunc(next, func(a, b state) int { return a.weight.Cmp(b.weight) })
		states = states[:0]
		for _, s := range next {
			if n := len(states); n > 0 && states[n-1].weight.Cmp(s.weight) == 0 {
				states[n-1].p += s.p
			} else {
				states = append(states, s)
			}
		}
	}
	sum := 0.0
	for _, s := range states {
		if new(big.Int).Mul(s.weight, big.NewInt(100)).Cmp(new(big.Int).Mul(all, big.NewInt(80))) >= 0 {
			sum += s.p
		}
	}
	return min(sum, 1)
}

// weights are whole numbers of one scale; where no part has one, all weigh the same.
func (w *wish) weights() []*big.Int {
	scale, weighed := 0, false
	for _, p := range w.parts {
		scale, weighed = max(scale, p.weight.Scale()), weighed || p.weight.Sign() > 0
	}
	list := make([]*big.Int, len(w.parts))
	for i, p := range w.parts {
		list[i] = big.NewInt(1)
		if weighed {
			list[i].SetUint64(p.weight.Coef())
			list[i].Mul(list[i], new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale-p.weight.Scale())), nil))
		}
	}
	return list
}

// foreseenLeaves asks the outlooks themselves, and at a past instant what they said by
// then where that is kept.
func (s *Service) foreseenLeaves(ctx context.Context, sn *snapshot, look Look) leafAsk {
	desks := map[string]*desk{}
	return func(in luoshi.Indicator, node int) (goalLeaf, error) {
		d, have := desks[in.Code]
		if !have {
			var err error
			if d, err = s.foresee(ctx, sn, look, in); err != nil {
				return goalLeaf{}, err
			}
			desks[in.Code] = d
		}
		v := &OutlookView{}
		d.outlook(v, node)
		said, err := s.asSaid(ctx, sn, look, in.Code, []int{node})
		if err != nil {
			return goalLeaf{}, err
		}
		said.of(v, node)
		l := goalLeaf{GoalMember: GoalMember{Chance: v.Chance, Standing: v.Standing, Why: v.Why}}
		if !v.Chance.OK() && v.Why.Key == "" {
			l.Why = luoshi.Say("goal.chance.unasked")
		}
		d.follow(&l, node)
		return l, nil
	}
}

// keptLeaves asks the outlooks that were kept by the instant. What is being made is none
// of an instant's business.
func (s *Service) keptLeaves(ctx context.Context, sn *snapshot, look Look) leafAsk {
	var other func(code string) (*desk, error)
	other = func(code string) (*desk, error) {
		in, err := sn.measured(code)
		if err != nil {
			return nil, err
		}
		cube, err := s.pastCube(ctx, sn, look, code)
		return &desk{sn: sn, in: in, cube: cube, other: other}, err
	}
	return func(in luoshi.Indicator, node int) (goalLeaf, error) {
		list, err := s.chances(ctx, sn, []luoshi.Indicator{in}, []int{node})
		if err != nil {
			return goalLeaf{}, err
		}
		c := list[0][0]
		l := goalLeaf{GoalMember: GoalMember{Chance: c.Chance, Standing: c.Standing}}
		if !c.Chance.OK() {
			l.Why = luoshi.Say("goal.chance.unkept")
			return l, nil
		}
		d, err := other(in.Code)
		if err != nil {
			return l, err
		}
		d.follow(&l, node)
		return l, nil
	}
}

// chancesOfGoals gives the rows of an overview their chances.
func (s *Service) chancesOfGoals(ctx context.Context, sn *snapshot, look Look, node int, v *Overview) error {
	ask := s.keptLeaves(ctx, sn, look)
	if !v.HasGoals {
		for i := range v.Goals {
			leaf, err := ask(sn.indicators[v.Goals[i].Indicator], node)
			if err != nil {
				return err
			}
			leaf.Indicator, leaf.Name, leaf.Unit = v.Goals[i].Indicator, v.Goals[i].Name, sn.ref(node)
			leaf.chance = float64(leaf.Chance.Num) / float64(max(leaf.Chance.Den, 1))
			v.Goals[i].Chance = (&wish{parts: []wishPart{{leaf: 0}}}).chance([]goalLeaf{leaf})
		}
		return nil
	}
	all, err := sn.goalChances(sn.plan.goals, node, ask)
	for i := range v.Goals {
		v.Goals[i].Chance = all[v.Goals[i].Code]
	}
	return err
}

// follow gives a leaf its past.
func (d *desk) follow(l *goalLeaf, node int) {
	t := d.sn.targets[targetAt{d.in.Code, d.sn.tree.Nodes[node].ID}]
	if t == nil {
		return
	}
	past := d.pastOf(node)
	l.past, l.sign = &past, 1
	if assess.Wants(d.in) < 0 {
		l.sign = -1
	}
	switch t.Form {
	case luoshi.FormAtLeast, luoshi.FormSign:
		l.sign = 1
	case luoshi.FormAtMost:
		l.sign = -1
	case luoshi.FormBand:
		l.sign = 0
	case luoshi.FormRelative:
		if at, here := d.sn.tree.Find(t.Reference.Unit); here {
			desk := d
			if t.Reference.Indicator != d.in.Code {
				other, err := d.other(t.Reference.Indicator)
				if err != nil {
					return
				}
				desk = other
			}
			other := desk.pastOf(at)
			l.minus = &other
		}
	}
}

// pastOf is what there is of the past of an indicator at a node.
func (d *desk) pastOf(node int) surprises {
	if d.adds() {
		if r := d.sn.seriesOf(d.cube, d.in, node); r.knownBefore(r.year+1) >= len(r.ends) {
			return r.surprises()
		}
	}
	r := d.standingOf(node)
	return r.surprises(r.growth || d.in.Kind == luoshi.Growth)
}
