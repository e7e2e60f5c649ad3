package luoshi_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"luoshi.dev"
)

func unit(id luoshi.UnitID, code string, parent luoshi.UnitID, from luoshi.Date) luoshi.Unit {
	return luoshi.Unit{ID: id, Code: code, Names: luoshi.Names{Hans: code}, Kind: luoshi.County, Parent: parent, From: from}
}

// 弋江区 takes a new code and takes in 三山区: the tree of each day knows its own.
func TestTreeOverTime(t *testing.T) {
	ended := unit(4, "340208", 2, 20200701)
	ended.Ended = true
	facts := []luoshi.Unit{
		unit(1, "340000", 0, 19490101), unit(2, "340200", 1, 19490101),
		unit(3, "340203", 2, 19490101), unit(4, "340208", 2, 20060101),
		unit(3, "340209", 2, 20200701), ended,
	}
	then, problems := luoshi.NewTree(facts, 20200630)
	if len(problems) > 0 || then.Len() != 4 {
		t.Fatalf("then: %d units, %v", then.Len(), problems)
	}
	now, problems := luoshi.NewTree(facts, 20200701)
	if len(problems) > 0 || now.Len() != 3 {
		t.Fatalf("now: %d units, %v", now.Len(), problems)
	}
	if i, ok := now.ByCode("340209"); !ok || now.Nodes[i].ID != 3 {
		t.Error("the new code does not lead to the old unit")
	}
	if _, ok := now.ByCode("340203"); ok {
		t.Error("the old code is still in force")
	}
}

func TestTreeProblems(t *testing.T) {
	for _, tc := range []struct {
		name  string
		facts []luoshi.Unit
		key   string
	}{
		{"two units, one code", []luoshi.Unit{unit(1, "1", 0, 1), unit(2, "1", 0, 1)}, "unit.code_twice"},
		{"a cycle", []luoshi.Unit{unit(1, "1", 2, 1), unit(2, "2", 1, 1)}, "unit.cycle"},
		{"a parent that is not there yet", []luoshi.Unit{unit(1, "1", 0, 20210101), unit(2, "2", 1, 1)}, "unit.parent_not_in_force"},
	} {
		_, problems := luoshi.NewTree(tc.facts, 20200101)
		if !slices.ContainsFunc(problems, func(p luoshi.Problem) bool { return p.Message.Key == tc.key }) {
			t.Errorf("%s: %v", tc.name, problems)
		}
	}
}

// A subtree is a contiguous range, a parent precedes its children, and the order
// in which facts arrive does not matter.
func TestTreeOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "n")
		var facts []luoshi.Unit
		for i := 1; i <= n; i++ {
			parent := luoshi.UnitID(rapid.IntRange(0, i-1).Draw(t, "parent"))
			facts = append(facts, unit(luoshi.UnitID(i), fmt.Sprint(rapid.IntRange(0, 9).Draw(t, "c"), "-", i), parent, 20200101))
		}
		tree, problems := luoshi.NewTree(facts, 20200101)
		if len(problems) > 0 || tree.Len() != n {
			t.Fatalf("%d of %d, %v", tree.Len(), n, problems)
		}
		for i, node := range tree.Nodes {
			if node.Parent >= i || node.End <= i {
				t.Fatalf("node %d has parent %d and end %d", i, node.Parent, node.End)
			}
			for _, c := range tree.Children(i) {
				if tree.Nodes[c].Parent != i || tree.Nodes[c].End > node.End {
					t.Fatalf("child %d of %d is out of range", c, i)
				}
			}
		}
		rand.Shuffle(n, func(i, j int) { facts[i], facts[j] = facts[j], facts[i] })
		again, _ := luoshi.NewTree(facts, 20200101)
		if !slices.EqualFunc(tree.Nodes, again.Nodes, func(a, b luoshi.Node) bool { return a.ID == b.ID && a.End == b.End && a.Parent == b.Parent }) {
			t.Fatal("the order of facts changed the tree")
		}
	})
}

// The revision in force on a day is the latest that holds by then.
func TestInForce(t *testing.T) {
	revisions := []luoshi.Target{{Revision: 1, From: 20200101}, {Revision: 2, From: 20200701}}
	for day, want := range map[luoshi.Date]int{20191231: 0, 20200101: 1, 20200630: 1, 20200701: 2, 20201231: 2} {
		got, ok := luoshi.InForce(revisions, day)
		if got.Revision != want || ok != (want > 0) {
			t.Errorf("on %v revision %d, want %d", day, got.Revision, want)
		}
	}
}

// The lowest unit that covers others: of a province (1) with two cities (2, 4), of which
// one has a county (3), and a country (9) to compare with.
func TestOver(t *testing.T) {
	tree, _ := luoshi.NewTree([]luoshi.Unit{unit(1, "a", 0, 20200101), unit(2, "b", 1, 20200101), unit(3, "c", 2, 20200101), unit(4, "d", 1, 20200101), unit(9, "x", 0, 20200101)}, 20200701)
	for _, c := range []struct {
		units []luoshi.UnitID
		want  luoshi.UnitID // 0 = none
	}{
		{nil, 0}, {[]luoshi.UnitID{3}, 3}, {[]luoshi.UnitID{3, 3}, 3}, {[]luoshi.UnitID{3, 2}, 2}, {[]luoshi.UnitID{2, 3}, 2}, {[]luoshi.UnitID{3, 4}, 1}, {[]luoshi.UnitID{4, 3, 1}, 1},
		{[]luoshi.UnitID{3, 9}, 0}, {[]luoshi.UnitID{9, 3, 2}, 0}, {[]luoshi.UnitID{3, 7}, 0},
	} {
		got := luoshi.UnitID(0)
		if at := tree.Over(c.units...); at >= 0 {
			got = tree.Nodes[at].ID
		}
		if got != c.want {
			t.Errorf("over %v: %d, want %d", c.units, got, c.want)
		}
	}
}
