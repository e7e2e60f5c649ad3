package cascade

import "luoshi.dev"

// Padding is what one parent adds on its own (层层加码): what its children owe,
// with the reserve it declared, beyond what it owes itself. For an indicator of
// which less is better the margin to look for is the negative one.
type Padding struct {
	Node       int // index in the tree
	Depth      int
	Targets    luoshi.Coverage // children that add and have a target
	Value      int64           // the parent's own target
	Children   int64           // Σ targets of the children that add and have one
	Reserve    int64           // as declared, 0 if none
	Hidden     int64           // Children + Reserve − Value; Missing while a child has no target
	Share      luoshi.Ratio    // Hidden / Value
	Added      int64           // Hidden with that of all parents below: what the bottom carries more than this unit owes
	AddedShare luoshi.Ratio    // Added / Value
}

// Level is the padding of the parents at one depth of the tree. Sums are over
// those whose Hidden is known.
type Level struct {
	Depth                    int
	Parents, Open            int // known, not yet known
	Value, Children, Reserve int64
	Hidden                   int64
	Share                    luoshi.Ratio // Hidden / Value
	Added                    int64        // Σ Hidden down to this level
}

// PaddingOf reports, in the order of the tree, every parent with a target whose
// children have any. value is the target of node i in one year and form that adds
// (luoshi.Missing = none), reserve its declared reserve (Missing = none), add
// whether the node counts in its parent's sum (departments do not).
func PaddingOf(tree *luoshi.Tree, value, reserve func(i int) int64, add func(i int) bool) []Padding {
	all := make([]Padding, tree.Len())
	kept := 0
	for i := len(all) - 1; i >= 0; i-- {
		p := &all[i]
		p.Node, p.Depth, p.Value = i, tree.Nodes[i].Depth, value(i)
		if p.Value != luoshi.Missing && p.Targets.Have > 0 {
			kept++
			p.close(reserve(i))
		}
		if up := tree.Nodes[i].Parent; up >= 0 && add(i) {
			all[up].take(p)
		}
	}
	list := make([]Padding, 0, kept)
	for _, p := range all {
		if p.Value != luoshi.Missing && p.Targets.Have > 0 {
			list = append(list, p)
		}
	}
	return list
}

// take counts a child in; children come before their parent.
func (p *Padding) take(child *Padding) {
	p.Targets.Want++
	if child.Value == luoshi.Missing {
		return
	}
	p.Targets.Have++
	p.Children += child.Value
	if child.Added == luoshi.Missing || p.Added == luoshi.Missing {
		p.Added = luoshi.Missing
	} else {
		p.Added += child.Added
	}
}

// close takes the balance when all children are in.
func (p *Padding) close(reserve int64) {
	if reserve != luoshi.Missing {
		p.Reserve = reserve
	}
	if !p.Targets.Full() {
		p.Hidden, p.Added = luoshi.Missing, luoshi.Missing
		return
	}
	p.Hidden = p.Children + p.Reserve - p.Value
	p.Share = luoshi.Over(p.Hidden, p.Value)
	if p.Added != luoshi.Missing {
		p.Added += p.Hidden
		p.AddedShare = luoshi.Over(p.Added, p.Value)
	}
}

// Levels gathers paddings by depth, from the top.
func Levels(paddings []Padding) []Level {
	var levels []Level
	for _, p := range paddings {
		for len(levels) <= p.Depth {
			levels = append(levels, Level{Depth: len(levels)})
		}
		l := &levels[p.Depth]
		if p.Hidden == luoshi.Missing {
			l.Open++
			continue
		}
		l.Parents++
		l.Value += p.Value
		l.Children += p.Children
		l.Reserve += p.Reserve
		l.Hidden += p.Hidden
	}
	added := int64(0)
	kept := levels[:0]
	for _, l := range levels {
		added += l.Hidden
		l.Added, l.Share = added, luoshi.Over(l.Hidden, l.Value)
		if l.Parents+l.Open > 0 {
			kept = append(kept, l)
		}
	}
	return kept
}
