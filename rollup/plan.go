package rollup

import "luoshi.dev"

// role is what a unit is to the totals of an indicator.
type role uint8

const (
	outside role = iota // below the rung, or no area: its figures stand for themselves
	part                // of the rung: it owes figures, totals lack something without them
	beside              // an area on a branch without any unit of the rung: it adds if it reports
	inner               // above the rung: its total is rolled up
)

// plan is the order of adding up for one rung of one tree; indicators that are
// reported at the same rung share it.
type plan struct {
	tree   *luoshi.Tree
	role   []role
	runs   []run   // all parts and besides, grouped by neighbours with one parent
	inner  []int32 // inner nodes, depth first
	slot   []int32 // node -> its place in inner, or -1
	up     []int32 // slot -> slot of the parent, or -1
	want   []int32 // units of the rung in the node's subtree
	full   []int32 // the same by slot
	parts  int     // nodes that can add: parts, besides and inner (own shares)
	leaves int     // parts and besides
	clean  bool    // without besides and outsiders
}

// run is a range of neighbouring nodes that add to the same parent, the inner
// node of the slot (-1 where they are roots).
type run struct{ lo, hi, slot int32 }

// newPlan walks down from each root to the first unit of the rung on every
// branch. Units of the rung are the parts. A branch without one is led by a
// beside: a development zone beside counties, a county that answers to the
// province when cities report. Departments and all below them are outside.
func newPlan(tree *luoshi.Tree, rung luoshi.UnitKind) *plan {
	n := tree.Len()
	p := &plan{tree: tree, role: make([]role, n), slot: make([]int32, n), want: make([]int32, n), clean: true}
	holds := make([]bool, n)
	for i := n - 1; i >= 0; i-- {
		node := &tree.Nodes[i]
		holds[i] = node.Kind.Area() && (holds[i] || node.Kind == rung)
		if holds[i] && node.Parent >= 0 {
			holds[node.Parent] = true
		}
	}
	for i := range tree.Nodes {
		node := &tree.Nodes[i]
		p.slot[i] = -1
		switch {
		case !node.Kind.Area() || node.Parent >= 0 && p.role[node.Parent] != inner:
			p.role[i] = outside
			p.clean = false
			continue
		case node.Kind == rung:
			p.role[i] = part
			p.want[i] = 1
		case holds[i]:
			p.role[i] = inner
			p.slot[i] = int32(len(p.inner))
			p.inner = append(p.inner, int32(i))
			p.up = append(p.up, p.slotOf(node.Parent))
		default:
			p.role[i] = beside
			p.clean = false
		}
		p.parts++
		if p.role[i] != inner {
			p.leaves++
			p.extend(i, p.slotOf(node.Parent))
		}
	}
	for j := len(p.inner) - 1; j >= 0; j-- {
		i := p.inner[j]
		for _, c := range tree.Children(int(i)) {
			p.want[i] += p.want[c]
		}
	}
	for _, i := range p.inner {
		p.full = append(p.full, p.want[i])
	}
	return p
}

// slotOf is the slot of an inner node, -1 of another or of none.
func (p *plan) slotOf(node int) int32 {
	if node < 0 {
		return -1
	}
	return p.slot[node]
}

// slotAbove is the slot to which node i's contribution goes first: an inner
// node's own share to itself, a part's figure to its parent.
func (p *plan) slotAbove(i int) int32 {
	switch p.role[i] {
	case inner:
		return p.slot[i]
	case part, beside:
		return p.slotOf(p.tree.Nodes[i].Parent)
	}
	return -1
}

// sums reports whether node i's figures are added to a total.
func (p *plan) sums(i int) bool { return p.role[i] == part || p.role[i] == beside }

// extend adds node i to the last run if it is its neighbour.
func (p *plan) extend(i int, slot int32) {
	if k := len(p.runs) - 1; k >= 0 && p.runs[k].hi == int32(i) && p.runs[k].slot == slot {
		p.runs[k].hi++
		return
	}
	p.runs = append(p.runs, run{int32(i), int32(i) + 1, slot})
}

// under returns the runs in the subtree of node i, by binary search.
func (p *plan) under(i int) []run {
	first := func(node int32) int {
		lo, hi := 0, len(p.runs)
		for lo < hi {
			if m := (lo + hi) / 2; p.runs[m].lo < node {
				lo = m + 1
			} else {
				hi = m
			}
		}
		return lo
	}
	return p.runs[first(int32(i)):first(int32(p.tree.Nodes[i].End))]
}
