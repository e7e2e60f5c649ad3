package service

import (
	"cmp"
	"context"
	"slices"

	"luoshi.dev"
	"luoshi.dev/assess"
	"luoshi.dev/rollup"
)

// redrawn holds the boundaries shown against those of another day: the newest ones,
// or where those are shown already, the ones by which the year's plan was made. Nil
// where nothing at or below the unit differs.
func (s *Service) redrawn(ctx context.Context, sn *snapshot, in luoshi.Indicator, node int, choices []luoshi.Date) (*Redrawn, error) {
	other := sn.otherDay(choices)
	if other == 0 {
		return nil, nil
	}
	tree, _ := luoshi.NewTree(sn.plan.units, other)
	v := &Redrawn{Shown: sn.tree.On, Other: other}
	there, found := tree.Find(sn.tree.Nodes[node].ID)
	older, newer := sn.tree, tree
	at, ok := node, true
	if other < sn.tree.On {
		older, newer = tree, sn.tree
		at, ok = there, found
	}
	v.Gone = !found
	if ok {
		v.Changes = sn.boundaryChanges(older, newer, at)
	}
	if len(v.Changes) == 0 && found {
		return nil, nil
	}
	v.Here = assess.Judge(sn.caseOf(in.Code, node))
	if !found {
		return v, nil
	}
	by, err := s.redraw(ctx, sn, in, tree)
	if err != nil {
		return nil, err
	}
	v.There = by.judge(in.Code, there)
	v.Rows = compareBoundaries(sn, by, in, node, there, v.Here.Period.To)
	v.gather()
	return v, nil
}

// otherDay is the day whose boundaries the shown ones are held against, 0 = none.
func (sn *snapshot) otherDay(choices []luoshi.Date) luoshi.Date {
	first, _ := luoshi.NewDate(sn.year, 1, 1)
	switch {
	case len(choices) > 0 && choices[0] > sn.tree.On:
		return choices[0]
	case first < sn.tree.On:
		return first
	}
	return 0
}

// redraw is the snapshot by another tree, with the figures of one indicator and of
// what it rests on only.
func (s *Service) redraw(ctx context.Context, sn *snapshot, in luoshi.Indicator, tree *luoshi.Tree) (*snapshot, error) {
	by := *sn
	by.tree, by.problems = tree, nil
	by.cube, _ = rollup.NewCube(tree, sn.plan.indicators)
	for _, code := range by.cube.Needs(in.Code) {
		for _, year := range []int{sn.year - 1, sn.year} {
			if err := s.fetch(ctx, &by, by.cube, yearKey{code, year}); err != nil {
				return nil, err
			}
		}
	}
	by.targets = by.targetsInForce()
	return &by, nil
}

// boundaryChanges lists what became of the units at and below a node of the older
// tree by the day of the newer one.
func (sn *snapshot) boundaryChanges(older, newer *luoshi.Tree, node int) []BoundaryChange {
	var list []BoundaryChange
	born := map[luoshi.UnitID]bool{}
	for i := node; i < older.Nodes[node].End; i++ {
		was := older.Nodes[i]
		j, alive := newer.Find(was.ID)
		if !alive {
			list = append(list, sn.ending(newer, was, born)...)
			continue
		}
		is := newer.Nodes[j]
		change := BoundaryChange{Unit: was.Names, Code: was.Code, Into: is.Names, To: is.Code, On: is.From}
		switch {
		case was.Code != is.Code || was.Names != is.Names:
			change.Kind = "renamed"
		case was.Unit.Parent != is.Unit.Parent:
			change.Kind = "moved"
			if is.Parent >= 0 {
				change.Into, change.To = newer.Nodes[is.Parent].Names, newer.Nodes[is.Parent].Code
			}
		default:
			continue
		}
		list = append(list, change)
	}
	if j, ok := newer.Find(older.Nodes[node].ID); ok {
		for i := j; i < newer.Nodes[j].End; i++ {
			is := newer.Nodes[i]
			if _, was := older.Find(is.ID); !was && !born[is.ID] {
				list = append(list, BoundaryChange{Kind: "new", Unit: is.Names, Code: is.Code, On: is.From})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b BoundaryChange) int { return cmp.Compare(a.On, b.On) })
	return list
}

// ending tells where a unit that is no more lives on.
func (sn *snapshot) ending(newer *luoshi.Tree, was luoshi.Node, born map[luoshi.UnitID]bool) []BoundaryChange {
	var list []BoundaryChange
	for _, link := range sn.plan.links {
		if link.From != was.ID || link.On > newer.On {
			continue
		}
		change := BoundaryChange{Kind: "merged", Unit: was.Names, Code: was.Code, On: link.On}
		if j, ok := newer.Find(link.To); ok {
			change.Into, change.To = newer.Nodes[j].Names, newer.Nodes[j].Code
			born[link.To] = true
		}
		list = append(list, change)
	}
	if len(list) == 0 {
		list = append(list, BoundaryChange{Kind: "ended", Unit: was.Names, Code: was.Code})
	}
	return list
}

// compareBoundaries puts the units directly below side by side by identity, those
// only whose name or figure is not the same.
func compareBoundaries(here, there *snapshot, in luoshi.Indicator, node, other, month int) []RedrawnRow {
	value := func(sn *snapshot, i int) luoshi.NullQuantity {
		v, _ := sn.value(in, i, sn.year, month)
		return v.Amount
	}
	var rows []RedrawnRow
	seen := map[luoshi.UnitID]bool{}
	for _, i := range here.areas(node) {
		id := here.tree.Nodes[i].ID
		seen[id] = true
		ref := here.ref(i)
		row := RedrawnRow{Here: &ref, HereValue: value(here, i)}
		if j, ok := there.tree.Find(id); ok {
			twin := there.ref(j)
			row.There, row.ThereVal = &twin, value(there, j)
			if twin.Code == ref.Code && twin.Name == ref.Name && same(row.HereValue, row.ThereVal) {
				continue
			}
		}
		rows = append(rows, row)
	}
	for _, j := range there.areas(other) {
		if seen[there.tree.Nodes[j].ID] {
			continue
		}
		ref := there.ref(j)
		rows = append(rows, RedrawnRow{There: &ref, ThereVal: value(there, j)})
	}
	return rows
}

// gather puts the units of one side that became one of the other below it.
func (v *Redrawn) gather() {
	rank := func(row RedrawnRow) int {
		if row.Here != nil && row.There != nil {
			return -1
		}
		only := cmp.Or(row.Here, row.There)
		for i, c := range v.Changes {
			if c.Kind == "merged" && (c.Code == only.Code || c.To == only.Code) {
				return slices.IndexFunc(v.Changes, func(o BoundaryChange) bool { return o.Kind == "merged" && o.To == v.Changes[i].To })
			}
		}
		return len(v.Changes)
	}
	whole := func(row RedrawnRow) bool {
		only := cmp.Or(row.Here, row.There)
		return slices.ContainsFunc(v.Changes, func(c BoundaryChange) bool { return c.Kind == "merged" && c.To == only.Code })
	}
	slices.SortStableFunc(v.Rows, func(a, b RedrawnRow) int {
		if c := cmp.Compare(rank(a), rank(b)); c != 0 || whole(a) == whole(b) {
			return c
		}
		if whole(a) {
			return -1
		}
		return 1
	})
}

func same(a, b luoshi.NullQuantity) bool {
	return a.Valid == b.Valid && (!a.Valid || a.Decimal.Cmp(b.Decimal) == 0)
}
