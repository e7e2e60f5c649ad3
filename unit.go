package luoshi

import (
	"cmp"
	"slices"
)

// UnitID names a unit for good, whatever code, name or parent it has. It is given
// by the store and never leaves the installation.
type UnitID int64

// UnitKind is the rung of a unit.
type UnitKind string

// The kinds. Areas (Nation to Town, DevZone) have figures of their own and add up;
// a Department answers for indicators and takes no part in sums over areas.
const (
	Nation     UnitKind = "nation"
	Province   UnitKind = "province"
	City       UnitKind = "city"
	County     UnitKind = "county"
	Town       UnitKind = "town"
	DevZone    UnitKind = "zone" // development zone, 开发区
	Department UnitKind = "department"
)

// UnitKinds lists the kinds from the top down.
var UnitKinds = []UnitKind{Nation, Province, City, County, Town, DevZone, Department}

// Area reports whether units of the kind add up to their parent.
func (k UnitKind) Area() bool { return k != Department }

// Unit is one dated fact about a unit: from this day on it has this code, name,
// kind, parent and place among its siblings, until its next fact. Ended says that
// from this day on it exists no more; its figures stay.
type Unit struct {
	ID         UnitID
	Code       string // unique among the units in force on a day; GB/T 2260 for areas
	Names      Names
	Short      Names // for maps and narrow columns; empty = Names
	Kind       UnitKind
	Parent     UnitID // 0 = a root
	Order      int    // among siblings; ties by code
	From       Date
	Ended      bool
	RecordedAt int64 // microseconds since 1970 UTC, set by the store
}

// Succession says that from a day on a share of From lives on in To: a merger is
// several Successions into one unit, a split several out of one. Shares of one
// From on one day sum to one.
type Succession struct {
	From, To   UnitID
	On         Date
	Share      Quantity // 0 < share ≤ 1
	Source     string
	RecordedAt int64
}

// Node is a unit at its place in a [Tree]; indexes count in depth-first order.
type Node struct {
	Unit
	Parent int // index of the parent, -1 for a root
	End    int // one past the last node of its subtree: tree[i:End]
	Depth  int
}

// Tree is the units in force on a day in depth-first order, so that a subtree is
// a contiguous range and every parent precedes its children.
type Tree struct {
	On    Date
	Nodes []Node
	byID  map[UnitID]int
	code  map[string]int
}

// NewTree arranges the facts in force on the day: of each unit its latest fact
// with From ≤ on, unless Ended. It returns every problem it finds (two units with
// one code, a parent that is not in force, a cycle) and a tree of what is sound.
func NewTree(facts []Unit, on Date) (*Tree, []Problem) {
	current := map[UnitID]Unit{}
	for _, u := range facts {
		old, seen := current[u.ID]
		if u.From <= on && (!seen || u.From > old.From || u.From == old.From && u.RecordedAt >= old.RecordedAt) {
			current[u.ID] = u
		}
	}
	children := map[UnitID][]Unit{}
	for id, u := range current {
		if u.Ended {
			delete(current, id)
		}
	}
	t := &Tree{On: on, byID: make(map[UnitID]int, len(current)), code: make(map[string]int, len(current))}
	var problems []Problem
	report := func(key string, u Unit, pairs ...any) {
		problems = append(problems, Problem{Severity: Blocking, Message: Say(key, append([]any{"code", u.Code, "unit", u.Names, "on", on}, pairs...)...)})
	}
	for _, u := range current {
		if _, ok := current[u.Parent]; u.Parent != 0 && !ok {
			report("unit.parent_not_in_force", u)
			u.Parent = 0
		}
		children[u.Parent] = append(children[u.Parent], u)
	}
	for _, list := range children {
		slices.SortFunc(list, func(a, b Unit) int {
			return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Code, b.Code), cmp.Compare(a.ID, b.ID))
		})
	}
	t.Nodes = make([]Node, 0, len(current))
	var place func(parent UnitID, at, depth int)
	place = func(parent UnitID, at, depth int) {
		for _, u := range children[parent] {
			i := len(t.Nodes)
			if j, twice := t.code[u.Code]; twice {
				report("unit.code_twice", u, "other", t.Nodes[j].Names)
			} else {
				t.code[u.Code] = i
			}
			t.Nodes = append(t.Nodes, Node{Unit: u, Parent: at, Depth: depth})
			t.byID[u.ID] = i
			place(u.ID, i, depth+1)
			t.Nodes[i].End = len(t.Nodes)
		}
	}
	place(0, -1, 0)
	if len(t.Nodes) < len(current) {
		for _, u := range current {
			if _, placed := t.byID[u.ID]; !placed {
				report("unit.cycle", u)
			}
		}
	}
	slices.SortFunc(problems, func(a, b Problem) int { return cmp.Compare(a.Message.String(), b.Message.String()) })
	return t, problems
}

// Len is the number of units in force.
func (t *Tree) Len() int { return len(t.Nodes) }

// Find returns the index of a unit, or false when it is not in force.
func (t *Tree) Find(id UnitID) (int, bool) { i, ok := t.byID[id]; return i, ok }

// ByCode returns the index of the unit that has the code on the tree's day.
func (t *Tree) ByCode(code string) (int, bool) { i, ok := t.code[code]; return i, ok }

// Children lists the indexes of the direct children of node i (-1: the roots).
func (t *Tree) Children(i int) []int {
	first, end := 0, len(t.Nodes)
	if i >= 0 {
		first, end = i+1, t.Nodes[i].End
	}
	var list []int
	for c := first; c < end; c = t.Nodes[c].End {
		list = append(list, c)
	}
	return list
}

// Covers reports whether the unit is node i or lies below it.
func (t *Tree) Covers(i int, id UnitID) bool {
	at, ok := t.byID[id]
	return ok && at >= i && at < t.Nodes[i].End
}

// Over is the index of the lowest unit that covers all of the units, -1 where there is
// none: under two roots, or where one of them is not in force.
func (t *Tree) Over(ids ...UnitID) int {
	over := -1
	for _, id := range ids {
		at, ok := t.byID[id]
		if !ok {
			return -1
		}
		if over < 0 {
			over = at
		}
		for over >= 0 && !t.Covers(over, id) {
			over = t.Nodes[over].Parent
		}
		if over < 0 {
			return -1
		}
	}
	return over
}

// Path lists the indexes from the root down to node i.
func (t *Tree) Path(i int) []int {
	var path []int
	for ; i >= 0; i = t.Nodes[i].Parent {
		path = append(path, i)
	}
	slices.Reverse(path)
	return path
}
