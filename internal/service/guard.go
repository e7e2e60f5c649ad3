package service

import (
	"context"
	"slices"
	"sync"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/workflow"
)

// Guarded is the service for people: who acts stands in the context ([As]), and
// each method asks workflow before it answers. A look that names no unit opens at
// the top of what the person may see. What a change would write is asked about
// row by row, where it is written.
//
// Whoever is not named in the context is nobody, and may nothing.
type Guarded struct {
	s *Service

	mu    sync.Mutex
	tree  *luoshi.Tree // of today
	units []luoshi.Unit
	plan  int64 // the state of the store that it was read from
}

// Guard returns the service for people. The service itself trusts its callers.
func (s *Service) Guard() *Guarded { return &Guarded{s: s} }

// By is who acts in the context.
func (g *Guarded) By(ctx context.Context) account.By {
	by, _ := ctx.Value(actorKey{}).(account.By)
	return by
}

// May decides whether whoever acts may have the intent at the unit of a code; ""
// asks whether anywhere. Of an intent that reaches only below a post it tells
// whether there is anything at the unit or directly below to have it at.
func (g *Guarded) May(ctx context.Context, intent workflow.Intent, code string) workflow.Verdict {
	by := g.By(ctx)
	if code == "" {
		return workflow.Holds(by.Actor, intent, luoshi.DateOf(g.s.now()))
	}
	tree, _, err := g.today(ctx)
	if err != nil {
		return workflow.Verdict{Why: luoshi.Say("error.internal")}
	}
	at, ok := tree.ByCode(code)
	if !ok {
		return g.MayAt(ctx, intent, code)
	}
	v := workflow.May(by.Actor, intent, tree, tree.Nodes[at].ID)
	if rule, _ := workflow.RuleOf(intent); v.Yes || !rule.Below {
		return v
	}
	for _, child := range tree.Children(at) {
		if below := workflow.May(by.Actor, intent, tree, tree.Nodes[child].ID); below.Yes {
			return below
		}
	}
	return v
}

// MayAt is May for this one unit alone.
func (g *Guarded) MayAt(ctx context.Context, intent workflow.Intent, code string) workflow.Verdict {
	ask, err := g.asking(ctx, intent)
	if err != nil {
		return workflow.Verdict{Why: luoshi.Say("error.internal")}
	}
	return ask(code)
}

// asking asks about many units with one intent.
func (g *Guarded) asking(ctx context.Context, intent workflow.Intent) (func(code string) workflow.Verdict, error) {
	tree, units, err := g.today(ctx)
	if err != nil {
		return nil, err
	}
	return asker(g.By(ctx).Actor, intent, tree, units), nil
}

func asker(a workflow.Actor, intent workflow.Intent, tree *luoshi.Tree, units []luoshi.Unit) func(code string) workflow.Verdict {
	return func(code string) workflow.Verdict {
		unit := unitNamed(tree, units, code)
		if _, here := tree.Find(unit); here {
			return workflow.May(a, intent, tree, unit)
		}
		return throughout(a, intent, tree)
	}
}

// throughout decides about what holds for all units alike, and about units that are
// not, or no longer, in the tree: that is for whoever may have the intent at a root.
// Roots without units below are there to compare with.
func throughout(a workflow.Actor, intent workflow.Intent, tree *luoshi.Tree) workflow.Verdict {
	v, most := workflow.Holds(a, intent, tree.On), 0
	for _, at := range tree.Children(-1) {
		here := workflow.May(a, intent, tree, tree.Nodes[at].ID)
		if here.Yes {
			return here
		}
		if size := tree.Nodes[at].End - at; size > most { // what it says names that root
			v, most = here, size
		}
	}
	return v
}

// unitNamed is the unit of a code: that of today, else the last that had it.
func unitNamed(tree *luoshi.Tree, units []luoshi.Unit, code string) luoshi.UnitID {
	if at, ok := tree.ByCode(code); ok {
		return tree.Nodes[at].ID
	}
	for _, u := range slices.Backward(units) {
		if u.Code == code {
			return u.ID
		}
	}
	return 0
}

// today is the unit tree by which posts reach.
func (g *Guarded) today(ctx context.Context) (*luoshi.Tree, []luoshi.Unit, error) {
	st, err := g.s.newest(ctx)
	if err != nil {
		return nil, nil, err
	}
	return g.treeAt(ctx, st)
}

func (g *Guarded) treeAt(ctx context.Context, st state) (_ *luoshi.Tree, _ []luoshi.Unit, err error) {
	day := luoshi.DateOf(g.s.now())
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.tree == nil || g.plan != st.plan || g.tree.On != day {
		if g.units, err = g.s.store.Units(ctx, time.Time{}); err != nil {
			return nil, nil, err
		}
		g.tree, _ = luoshi.NewTree(g.units, day)
		g.plan = st.plan
	}
	return g.tree, g.units, nil
}

// judge decides about single units while a change is written, with 0 about what holds
// for all units alike.
type judge func(intent workflow.Intent, unit luoshi.UnitID) error

type judgeKey struct{}

// allowed asks whoever guards the context about one unit; where nobody does, the
// caller is trusted.
func allowed(ctx context.Context, intent workflow.Intent, unit luoshi.UnitID) error {
	if j, ok := ctx.Value(judgeKey{}).(judge); ok {
		return j(intent, unit)
	}
	return nil
}

// enter lets somebody in with an intent, anywhere; the context that it returns
// decides about single units.
func (g *Guarded) enter(ctx context.Context, intents ...workflow.Intent) (context.Context, error) {
	tree, _, err := g.today(ctx)
	if err != nil {
		return ctx, err
	}
	by := g.By(ctx)
	for _, intent := range intents {
		v := workflow.Holds(by.Actor, intent, tree.On)
		if err = v.Err(); v.Yes {
			break
		}
	}
	if err != nil {
		return ctx, err
	}
	return context.WithValue(ctx, judgeKey{}, judge(func(intent workflow.Intent, unit luoshi.UnitID) error {
		if unit == 0 {
			return throughout(by.Actor, intent, tree).Err()
		}
		return workflow.May(by.Actor, intent, tree, unit).Err()
	})), nil
}

// look lets somebody look with an intent, at their own top where they name no unit,
// and refuses units elsewhere. more are further unit codes that the question names.
func (g *Guarded) look(ctx context.Context, intent workflow.Intent, look *Look, more ...string) error {
	_, err := g.lookAt(ctx, intent, look, more...)
	return err
}

// lookAt is look that also says of which state of the store it is.
func (g *Guarded) lookAt(ctx context.Context, intent workflow.Intent, look *Look, more ...string) (state, error) {
	by := g.By(ctx)
	if err := workflow.Holds(by.Actor, intent, luoshi.DateOf(g.s.now())).Err(); err != nil {
		return state{}, err
	}
	st, err := g.s.newest(ctx)
	if err != nil {
		return st, err
	}
	tree, units, err := g.treeAt(ctx, st)
	if err != nil {
		return st, err
	}
	if look.Unit == "" {
		if tops := workflow.Reach(by.Actor, intent, tree); len(tops) > 0 && !slices.Equal(tops, tree.Children(-1)) {
			look.Unit = tree.Nodes[tops[0]].Code
		}
	} else {
		more = append(more, look.Unit)
	}
	ask := asker(by.Actor, intent, tree, units)
	for _, code := range more {
		if code == "" {
			continue
		}
		if err := ask(code).Err(); err != nil {
			return st, err
		}
	}
	return st, nil
}

// everywhere refuses whoever may not have the intent for all units alike.
func (g *Guarded) everywhere(ctx context.Context, intent workflow.Intent) error {
	tree, _, err := g.today(ctx)
	if err != nil {
		return err
	}
	return throughout(g.By(ctx).Actor, intent, tree).Err()
}

// seen answers a question of a look. What is only tried is not asked about row by row.
func seen[T any](ctx context.Context, g *Guarded, intent workflow.Intent, look *Look, ask func(context.Context) (T, error), more ...string) (T, error) {
	st, err := g.lookAt(ctx, intent, look, more...)
	if err != nil {
		var none T
		return none, err
	}
	g.s.asks.Add(1)
	return ask(context.WithValue(ctx, newestKey{}, st))
}
