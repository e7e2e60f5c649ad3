package rollup

import (
	"cmp"
	"math/big"
	"slices"

	"luoshi.dev"
)

// Rebase restates one indicator's figures, reported by the units of one day's
// tree, on the units of a later day's. Units keep their figures through renames
// and new codes; what units that merge have reported is added; what a unit that
// splits has reported is apportioned by the shares of its successors, exactly:
// each part is less than one unit of the last place off its share and the parts
// sum to the whole. Shares of successive changes are multiplied before anything
// is rounded.
//
// Nothing is lost in silence. A unit that ended without successor leaves its
// figures with the nearest unit above it that lives on, as that unit's own
// share, and a problem says so. Where only rates or growth were reported, what
// merged or was divided cannot be known: it is left out, and a problem says so.
// The other direction is not offered: by the boundaries of then, use the tree of
// then.
func Rebase(from, to *luoshi.Tree, links []luoshi.Succession, in luoshi.Indicator, strips []luoshi.Strip) ([]luoshi.Strip, []luoshi.Problem) {
	r := rebase{from: from, to: to, in: in, clock: newClock(in), plan: newPlan(from, in.ReportedAt), heirs: newPlan(to, in.ReportedAt), ends: in.Calendar.Ends(), fates: map[luoshi.UnitID][]share{}}
	r.link(links)
	r.follow(strips)
	r.territories()
	byYear := map[int]map[luoshi.UnitID]*luoshi.Strip{}
	var years []int
	for i := range strips {
		s := &strips[i]
		if byYear[s.Year] == nil {
			byYear[s.Year] = map[luoshi.UnitID]*luoshi.Strip{}
			years = append(years, s.Year)
		}
		byYear[s.Year][s.Unit] = s
	}
	slices.Sort(years)
	var out []luoshi.Strip
	for _, y := range years {
		out = append(out, r.restate(y, byYear[y])...)
	}
	return out, r.problems
}

// share is the part of a unit's figures that goes to a unit of the new tree.
type share struct {
	to   int // index in the new tree
	part *big.Rat
}

// origin is a unit of the old tree whose figures go, by share k of its fate, to
// the unit at hand.
type origin struct {
	unit luoshi.UnitID
	k    int
}

type rebase struct {
	from, to *luoshi.Tree
	in       luoshi.Indicator
	clock    clock
	plan     *plan // of the old tree
	heirs    *plan // of the new tree
	ends     []int
	steps    []step
	fates    map[luoshi.UnitID][]share // where each unit's figures go
	origins  map[int][]origin          // by index in the new tree
	ended    map[luoshi.UnitID]int     // ended without successor -> heir above, or -1
	moved    map[luoshi.UnitID]bool    // above the rung, with other territory than before
	problems []luoshi.Problem
}

// step is what happens to the units of one day.
type step struct {
	on   luoshi.Date
	next map[luoshi.UnitID][]luoshi.Succession
}

func (r *rebase) say(severity luoshi.Severity, key string, pairs ...any) {
	r.problems = append(r.problems, luoshi.Problem{
		Severity: severity,
		Message:  luoshi.Say(key, append([]any{"indicator", r.in.Code}, pairs...)...),
	})
}

// name of a unit by whichever tree knows it.
func (r *rebase) name(id luoshi.UnitID) luoshi.Names {
	if i, ok := r.from.Find(id); ok {
		return r.from.Nodes[i].Names
	}
	if i, ok := r.to.Find(id); ok {
		return r.to.Nodes[i].Names
	}
	return luoshi.Names{}
}

// link sorts the successions between the two days by day and checks the shares.
func (r *rebase) link(links []luoshi.Succession) {
	latest := map[luoshi.Succession]luoshi.Succession{}
	for _, l := range links {
		if l.On > r.to.On {
			continue
		}
		key := luoshi.Succession{From: l.From, To: l.To, On: l.On}
		if old, seen := latest[key]; !seen || l.RecordedAt >= old.RecordedAt {
			latest[key] = l
		}
	}
	list := make([]luoshi.Succession, 0, len(latest))
	for _, l := range latest {
		list = append(list, l)
	}
	slices.SortFunc(list, func(a, b luoshi.Succession) int {
		return cmp.Or(cmp.Compare(a.On, b.On), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	for _, l := range list {
		k := len(r.steps) - 1
		if k < 0 || r.steps[k].on != l.On {
			r.steps = append(r.steps, step{l.On, map[luoshi.UnitID][]luoshi.Succession{}})
			k++
		}
		r.steps[k].next[l.From] = append(r.steps[k].next[l.From], l)
	}
}

// trace follows one unit through the steps after `after`: which units its
// figures belong to in the end, and by what shares.
func (r *rebase) trace(id luoshi.UnitID, after luoshi.Date) map[luoshi.UnitID]*big.Rat {
	now := map[luoshi.UnitID]*big.Rat{id: big.NewRat(1, 1)}
	for _, s := range r.steps {
		if s.on <= after {
			continue
		}
		then := map[luoshi.UnitID]*big.Rat{}
		for u, part := range now {
			next := s.next[u]
			if len(next) == 0 {
				give(then, u, part)
				continue
			}
			total := new(big.Rat)
			for _, l := range next {
				total.Add(total, rat(l.Share))
			}
			if total.Sign() <= 0 {
				give(then, u, part)
				continue
			}
			for _, l := range next {
				p := rat(l.Share)
				give(then, l.To, p.Mul(p, part).Quo(p, total))
			}
		}
		now = then
	}
	return now
}

func give(to map[luoshi.UnitID]*big.Rat, u luoshi.UnitID, part *big.Rat) {
	if to[u] == nil {
		to[u] = new(big.Rat)
	}
	to[u].Add(to[u], part)
}

func rat(q luoshi.Quantity) *big.Rat {
	r, _ := new(big.Rat).SetString(q.String())
	return r
}

// checkShares says where the shares of a unit do not sum to one; they are then
// used in proportion.
func (r *rebase) checkShares() {
	for _, s := range r.steps {
		if s.on <= r.from.On {
			continue
		}
		for _, u := range slices.Sorted(keys(s.next)) {
			total := new(big.Rat)
			for _, l := range s.next[u] {
				total.Add(total, rat(l.Share))
			}
			if total.Cmp(big.NewRat(1, 1)) != 0 {
				q, _ := round(new(big.Rat).Mul(total, big.NewRat(100, 1)), 4)
				r.say(luoshi.Blocking, "rollup.rebase.shares", "unit", r.name(u), "on", s.on, "sum", luoshi.Unscaled(q, 4))
			}
		}
	}
}

// follow decides the fate of every unit of the old tree and of every unit with
// figures.
func (r *rebase) follow(strips []luoshi.Strip) {
	r.checkShares()
	r.origins, r.ended = map[int][]origin{}, map[luoshi.UnitID]int{}
	var ids []luoshi.UnitID
	for i := range r.from.Nodes {
		ids = append(ids, r.from.Nodes[i].ID)
	}
	for i := range strips {
		if _, ok := r.from.Find(strips[i].Unit); !ok && !slices.Contains(ids, strips[i].Unit) {
			ids = append(ids, strips[i].Unit)
		}
	}
	for _, id := range ids {
		after := r.from.On
		if _, ok := r.from.Find(id); !ok {
			after = 0
		}
		parts := r.trace(id, after)
		for _, u := range slices.Sorted(keys(parts)) {
			i, ok := r.to.Find(u)
			if !ok {
				i = -1
			}
			r.fates[id] = append(r.fates[id], share{i, parts[u]})
		}
	}
	for _, id := range ids {
		for k, s := range r.fates[id] {
			if s.to >= 0 {
				r.origins[s.to] = append(r.origins[s.to], origin{id, k})
			} else {
				r.ended[id] = r.heir(id)
			}
		}
	}
}

// heir is the nearest unit above, by the old tree, that lives on as one unit and
// is still added up.
func (r *rebase) heir(id luoshi.UnitID) int {
	i, ok := r.from.Find(id)
	if !ok {
		return -1
	}
	for i = r.from.Nodes[i].Parent; i >= 0; i = r.from.Nodes[i].Parent {
		if f := r.fates[r.from.Nodes[i].ID]; len(f) == 1 && f[0].to >= 0 && r.heirs.role[f[0].to] == inner {
			return f[0].to
		}
	}
	return -1
}

// territories finds the units above the rung that have lost or won parts to or
// from others: a total that they reported for the old territory says nothing of
// the new one.
func (r *rebase) territories() {
	r.moved = map[luoshi.UnitID]bool{}
	above := func(t *luoshi.Tree, i int) map[luoshi.UnitID]bool {
		set := map[luoshi.UnitID]bool{}
		for i = t.Nodes[i].Parent; i >= 0; i = t.Nodes[i].Parent {
			set[t.Nodes[i].ID] = true
		}
		return set
	}
	for i := range r.from.Nodes {
		if rl := r.plan.role[i]; rl != part && rl != beside {
			continue
		}
		old := above(r.from, i)
		then := map[luoshi.UnitID]bool{}
		for u := range old { // by their names of now
			if f := r.fates[u]; len(f) == 1 && f[0].to >= 0 {
				then[r.to.Nodes[f[0].to].ID] = true
			} else {
				then[u] = true
			}
		}
		for _, s := range r.fates[r.from.Nodes[i].ID] {
			if s.to < 0 {
				continue
			}
			now := above(r.to, s.to)
			for u := range then {
				if !now[u] {
					r.moved[u] = true
				}
			}
			for u := range now {
				if !then[u] {
					r.moved[u] = true
				}
			}
		}
	}
}

func keys[K comparable, V any](m map[K]V) func(func(K) bool) {
	return func(yield func(K) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}
