package rollup

import (
	"iter"
	"maps"
	"slices"
	"sync"

	"luoshi.dev"
)

// Cube is the read model of all figures over one tree of units. It may be read
// by any number of goroutines while one writes: a write holds the lock for the
// few additions of a Put, or for the exchange of a pointer at the end of a Load;
// each call of a reader sees one state, a [Cube.Sweep] one per indicator.
type Cube struct {
	tree     *luoshi.Tree
	entries  []*entry
	byCode   map[string]*entry
	families []family     // areas with one parent
	unranked []int32      // the rest
	mu       sync.RWMutex // guards the blocks of the entries
}

// rule is how the values of an indicator come about above its rung.
type rule uint8

const (
	byNone rule = iota
	bySum
	byWeight
	byRatio
	byFormula
)

// entry is an indicator with its rules made ready.
type entry struct {
	in               luoshi.Indicator
	clock            *clock // apart, for blocks hold it and outlive the cube
	plan             *plan
	rule             rule
	num, den, weight *entry
	formula          *formula
	vars             []*entry // of the formula's refs
	byCode           map[string]*entry
	blocks           map[int]*block
}

// NewCube prepares the rules of the indicators over a tree. Problems name
// formulas that cannot be read, codes that no indicator has, and indicators that
// are computed from themselves; such an indicator keeps its reported figures and
// computes nothing.
func NewCube(tree *luoshi.Tree, indicators []luoshi.Indicator) (*Cube, []luoshi.Problem) {
	c := &Cube{tree: tree, byCode: make(map[string]*entry, len(indicators))}
	c.families, c.unranked = families(tree)
	plans := map[luoshi.UnitKind]*plan{}
	var problems []luoshi.Problem
	say := func(key string, in luoshi.Indicator, pairs ...any) {
		problems = append(problems, luoshi.Problem{
			Severity: luoshi.Blocking,
			Message:  luoshi.Say(key, append([]any{"indicator", in.Code}, pairs...)...),
		})
	}
	for _, in := range indicators {
		if c.byCode[in.Code] != nil {
			say("rollup.code_twice", in)
			continue
		}
		if plans[in.ReportedAt] == nil {
			plans[in.ReportedAt] = newPlan(tree, in.ReportedAt)
		}
		clock := newClock(in)
		e := &entry{in: in, clock: &clock, plan: plans[in.ReportedAt], byCode: c.byCode, blocks: map[int]*block{}}
		c.entries = append(c.entries, e)
		c.byCode[in.Code] = e
	}
	for _, e := range c.entries {
		problems = append(problems, e.bind()...)
	}
	for _, e := range c.circles() {
		say("rollup.circle", e.in)
		e.rule = byNone
	}
	return c, problems
}

// bind chooses the rule and finds the indicators it refers to.
func (e *entry) bind() []luoshi.Problem {
	var problems []luoshi.Problem
	say := func(key string, pairs ...any) {
		problems = append(problems, luoshi.Problem{
			Severity: luoshi.Blocking,
			Message:  luoshi.Say(key, append([]any{"indicator", e.in.Code}, pairs...)...),
		})
	}
	find := func(code string) *entry {
		x := e.byCode[code]
		if x == nil {
			say("rollup.unknown_code", "code", code)
		}
		return x
	}
	switch {
	case e.in.Formula != "":
		f, wrong := compile(e.in.Code, e.in.Formula)
		problems = append(problems, wrong...)
		if f == nil {
			break
		}
		for _, r := range f.refs {
			e.vars = append(e.vars, find(r.code))
		}
		e.formula, e.rule = f, byFormula
	case e.in.OverUnits == luoshi.UnitRatio:
		e.num, e.den, e.rule = find(e.in.Numerator), find(e.in.Denominator), byRatio
	case e.in.OverUnits == luoshi.UnitWeighted:
		e.weight, e.rule = find(e.in.Weight), byWeight
	case e.in.OverUnits == luoshi.UnitSum && e.in.Kind != luoshi.Flow && e.in.Kind != luoshi.Stock:
		say("indicator.never_adds", "kind", e.in.Kind)
	case e.in.OverUnits == luoshi.UnitSum:
		e.rule = bySum
	}
	if len(problems) > 0 {
		e.rule = byNone
	}
	return problems
}

// needs lists the indicators that e is computed from.
func (e *entry) needs() []*entry {
	switch e.rule {
	case byFormula:
		return e.vars
	case byRatio:
		return []*entry{e.num, e.den}
	case byWeight:
		return []*entry{e.weight}
	}
	return nil
}

// circles lists the indicators that are computed from themselves, directly or
// through others, in the order in which they were given.
func (c *Cube) circles() []*entry {
	var list []*entry
	for _, e := range c.entries {
		seen := map[*entry]bool{}
		todo := slices.Clone(e.needs())
		for len(todo) > 0 {
			x := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			if x == e {
				list = append(list, e)
				break
			}
			if !seen[x] {
				seen[x] = true
				todo = append(todo, x.needs()...)
			}
		}
	}
	return list
}

// Tree is the tree that the cube stands on.
func (c *Cube) Tree() *luoshi.Tree { return c.tree }

// Load replaces one indicator's year with the strips; the order in which they
// come does not matter, of two strips of one unit the later holds. Strips of
// another year are passed over, of units that the tree does not have kept apart
// ([Cube.Strays]), of an indicator that the cube does not know dropped.
func (c *Cube) Load(code string, year int, strips iter.Seq[luoshi.Strip]) {
	e := c.byCode[code]
	if e == nil {
		return
	}
	b := newBlock(e.plan, e.clock, e.rule == bySum, year)
	for s := range strips {
		if s.Year != year {
			continue
		}
		if i, ok := c.tree.Find(s.Unit); ok {
			b.set(i, s)
		} else {
			b.strays = append(b.strays, s.Unit)
		}
	}
	b.finish()
	c.mu.Lock()
	e.blocks[year] = b
	c.mu.Unlock()
}

// Put replaces one unit's year of an indicator. All totals above the unit are
// current when it returns; an added figure costs 12 × depth additions.
func (c *Cube) Put(code string, s luoshi.Strip) {
	e := c.byCode[code]
	if e == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	b := e.blocks[s.Year]
	if b == nil {
		b = newBlock(e.plan, e.clock, e.rule == bySum, s.Year)
		e.blocks[s.Year] = b
	}
	if i, ok := c.tree.Find(s.Unit); ok {
		b.put(i, s)
	} else if !slices.Contains(b.strays, s.Unit) {
		b.strays = append(b.strays, s.Unit)
	}
}

// Strays lists the units with figures in the year that the cube's tree does not
// have: they belong to the boundaries of another day (see [Rebase]).
func (c *Cube) Strays(code string, year int) []luoshi.UnitID {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if e := c.byCode[code]; e != nil && e.blocks[year] != nil {
		return slices.Clone(e.blocks[year].strays)
	}
	return nil
}

// Years lists, ascending, the years in which the indicator, or any that it is
// computed from, has been loaded.
func (c *Cube) Years(code string) []int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	years := map[int]bool{}
	seen := map[*entry]bool{}
	var add func(e *entry)
	add = func(e *entry) {
		if e == nil || seen[e] {
			return
		}
		seen[e] = true
		for y := range e.blocks {
			years[y] = true
		}
		for _, x := range e.needs() {
			add(x)
		}
	}
	add(c.byCode[code])
	return slices.Sorted(maps.Keys(years))
}

// Memory is the number of bytes that the figures take.
func (c *Cube) Memory() int64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var m int64
	for _, e := range c.entries {
		for _, b := range e.blocks {
			m += b.memory()
		}
	}
	return m
}
