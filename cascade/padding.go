package cascade

import "luoshi.dev"

// Padding is what one parent adds on its own (层层加码): what its children owe,
// with the reserve it declared, beyond what it owes itself. For an indicator of
// which less is better the margin to look for is the negative one.
type Padding struct {
	Node     int // index in the tree
	Depth    int
	Value    int64        // the parent's own target
	Children int64        // Σ targets of the children that add
	Reserve  int64        // as declared, 0 if none
	Hidden   int64        // Children + Reserve − Value
	Share    luoshi.Ratio // Hidden / Value
	// Added is Hidden of this parent and of all parents below it: how much more the
	// bottom carries than this unit owes. Of Value: AddedShare.
	Added      int64
	AddedShare luoshi.Ratio
	// Targets counts the children with a target; with some missing Hidden is only
	// what is known.
	Targets luoshi.Coverage
}

// Level is the padding of all parents at one depth of the tree.
type Level struct {
	Depth, Parents           int
	Value, Children, Reserve int64
	Hidden                   int64
	Share                    luoshi.Ratio // Hidden / Value
	Added                    int64        // Σ Hidden of this level and those above: what has been put on by here
}

// PaddingOf reports, for every parent with a target whose children have any, in
// the order of the tree. value is the target of node i in one year and form that
// adds (luoshi.Missing = none), reserve its declared reserve (Missing = none), add
// whether the node counts in its parent's sum (departments do not).
func PaddingOf(tree *luoshi.Tree, value, reserve func(i int) int64, add func(i int) bool) []Padding {
	sum, count := make([]int64, tree.Len()), make([]luoshi.Coverage, tree.Len())
	for i, node := range tree.Nodes {
		if p := node.Parent; p >= 0 && add(i) {
			count[p].Want++
			if v := value(i); v != luoshi.Missing {
				sum[p] += v
				count[p].Have++
			}
		}
	}
	added, hidden := make([]int64, tree.Len()), make([]int64, tree.Len())
	place := make([]int, 0, tree.Len())
	for i := tree.Len() - 1; i >= 0; i-- {
		v := value(i)
		if v != luoshi.Missing && count[i].Have > 0 {
			hidden[i] = sum[i] + orZero(reserve(i)) - v
			added[i] += hidden[i]
			place = append(place, i)
		}
		if p := tree.Nodes[i].Parent; p >= 0 && add(i) {
			added[p] += added[i]
		}
	}
	list := make([]Padding, 0, len(place))
	for k := len(place) - 1; k >= 0; k-- {
		i := place[k]
		v := value(i)
		list = append(list, Padding{
			Node: i, Depth: tree.Nodes[i].Depth, Value: v, Children: sum[i], Reserve: orZero(reserve(i)),
			Hidden: hidden[i], Share: luoshi.Over(hidden[i], v), Added: added[i], AddedShare: luoshi.Over(added[i], v),
			Targets: count[i],
		})
	}
	return list
}

// Levels gathers paddings by depth, from the top.
func Levels(paddings []Padding) []Level {
	var levels []Level
	for _, p := range paddings {
		for len(levels) <= p.Depth {
			levels = append(levels, Level{Depth: len(levels)})
		}
		l := &levels[p.Depth]
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
		if l.Parents > 0 {
			kept = append(kept, l)
		}
	}
	return kept
}

func orZero(v int64) int64 {
	if v == luoshi.Missing {
		return 0
	}
	return v
}
