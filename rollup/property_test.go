package rollup

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"luoshi.dev"
)

// world draws a tree of areas and departments in any mixture.
func world(t *rapid.T) *luoshi.Tree {
	kinds := []luoshi.UnitKind{luoshi.Province, luoshi.City, luoshi.County, luoshi.County, luoshi.DevZone, luoshi.Department}
	n := rapid.IntRange(1, 14).Draw(t, "units")
	facts := make([]luoshi.Unit, n)
	for i := range facts {
		parent := luoshi.UnitID(rapid.IntRange(0, i).Draw(t, "parent"))
		facts[i] = unit(luoshi.UnitID(i+1), string(rune('a'+i)), rapid.SampledFrom(kinds).Draw(t, "kind"), parent)
	}
	tree, problems := luoshi.NewTree(facts, 20200101)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return tree
}

// history draws strips with gaps, on both bases, with own shares.
func history(t *rapid.T, tree *luoshi.Tree, in luoshi.Indicator) luoshi.Strip {
	s := luoshi.NewStrip(tree.Nodes[rapid.IntRange(0, tree.Len()-1).Draw(t, "at")].ID, 2020)
	draw := func(cells *[12]luoshi.Cell) {
		for _, m := range in.Calendar.Ends() {
			if rapid.IntRange(0, 4).Draw(t, "there") > 0 {
				cells[m-1] = figure(s.Unit, 2020, m, rapid.Int64Range(-9, 99).Draw(t, "v"))
			}
		}
	}
	draw(s.Whole.On(in.Basis))
	if rapid.IntRange(0, 4).Draw(t, "other") == 0 {
		draw(&s.Whole.Single)
		draw(&s.Whole.Cumulative)
	}
	if rapid.IntRange(0, 3).Draw(t, "own") == 0 {
		own := luoshi.NewLanes()
		draw(own.On(in.Basis))
		s.Own = &own
	}
	return s
}

func anyIndicator(t *rapid.T) luoshi.Indicator {
	in := flow("x")
	if rapid.Bool().Draw(t, "stock") {
		in = stock("x")
	}
	in.Basis = rapid.SampledFrom([]luoshi.Basis{sg, cu}).Draw(t, "basis")
	in.Calendar = rapid.SampledFrom([]luoshi.Calendar{luoshi.Monthly, luoshi.MonthlyJanFeb, luoshi.Quarterly}).Draw(t, "calendar")
	in.ReportedAt = rapid.SampledFrom([]luoshi.UnitKind{luoshi.City, luoshi.County, luoshi.County, ""}).Draw(t, "rung")
	if in.Kind == luoshi.Flow && rapid.IntRange(0, 4).Draw(t, "average") == 0 {
		in.OverTime, in.Basis = luoshi.TimeAverage, sg
	}
	return in
}

func every(in luoshi.Indicator, visit func(m int, basis luoshi.Basis, p luoshi.Period)) {
	for _, m := range in.Calendar.Ends() {
		for _, basis := range []luoshi.Basis{sg, cu} {
			p, _ := in.Calendar.Period(2020, m, basis)
			visit(m, basis, p)
		}
	}
}

// The state after any puts is the one of loading what they left, in any order.
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree, in := world(t), anyIndicator(t)
		a, _ := NewCube(tree, []luoshi.Indicator{in})
		b, _ := NewCube(tree, []luoshi.Indicator{in})
		last := map[luoshi.UnitID]luoshi.Strip{}
		for range rapid.IntRange(1, 12).Draw(t, "puts") {
			s := history(t, tree, in)
			last[s.Unit] = s
			a.Put("x", s)
		}
		var strips []luoshi.Strip
		for _, s := range last {
			strips = append(strips, s)
		}
		b.Load("x", 2020, slices.Values(rapid.Permutation(strips).Draw(t, "order")))
		every(in, func(m int, basis luoshi.Basis, p luoshi.Period) {
			if x, y := a.Totals("x", 2020, m, basis), b.Totals("x", 2020, m, basis); !slices.Equal(x, y) {
				t.Fatalf("%v: put %v, loaded %v", p, x, y)
			}
			for i := range tree.Nodes {
				x, y := a.Value("x", i, p, basis), b.Value("x", i, p, basis)
				x.Problems, y.Problems = nil, nil
				if !same(x, y) {
					t.Fatalf("%v node %d: put %+v, loaded %+v", p, i, x, y)
				}
			}
		})
	})
}

func same(a, b Value) bool {
	return text(a.Amount) == text(b.Amount) && text(a.Rolled) == text(b.Rolled) && text(a.Reported) == text(b.Reported) &&
		text(a.Own) == text(b.Own) && text(a.PartialSum) == text(b.PartialSum) && text(a.Remainder) == text(b.Remainder) &&
		a.Coverage == b.Coverage && a.Partial == b.Partial && a.Status == b.Status && a.Seq == b.Seq && a.Sample == b.Sample
}

// At every node the total is the sum of its children's and its own share; it is
// there exactly when all of them are. All readings of one cell agree.
func TestSumsHoldAtEveryNode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree, in := world(t), anyIndicator(t)
		if in.OverTime == luoshi.TimeAverage {
			in.OverTime = luoshi.TimeSum // rounded averages need not add
		}
		c, _ := NewCube(tree, []luoshi.Indicator{in})
		for range rapid.IntRange(1, 12).Draw(t, "puts") {
			c.Put("x", history(t, tree, in))
		}
		pl := newPlan(tree, in.ReportedAt)
		every(in, func(m int, basis luoshi.Basis, p luoshi.Period) {
			totals := c.Totals("x", 2020, m, basis)
			c.Sweep(2020, m, basis, 1, func(_ string, swept []int64, have []int32) {
				want := c.Want("x", 2020)
				if !slices.Equal(swept, totals) {
					t.Fatal("sweep differs from totals")
				}
				for i := range swept {
					if pl.role[i] == inner && want[i] > 0 && (swept[i] != gap) != (have[i] == want[i]) {
						t.Fatalf("node %d: %d of %d but total %d", i, have[i], want[i], swept[i])
					}
				}
			})
			for i := range tree.Nodes {
				v := c.Value("x", i, p, basis)
				shown := v.Rolled
				if pl.role[i] != inner {
					shown = v.Reported
				}
				if text(shown) != text(luoshi.Unscaled(totals[i], 0)) {
					t.Fatalf("%v %s node %d: value %s, total %d", p, basis, i, text(shown), totals[i])
				}
				if amounts := c.Amounts("x", 2020, m, basis); text(v.Amount) != text(luoshi.Unscaled(amounts[i], 0)) {
					t.Fatalf("%v %s node %d: value %s, amount %d", p, basis, i, text(v.Amount), amounts[i])
				}
				if pl.role[i] != inner || totals[i] == gap {
					continue
				}
				sum := int64(0)
				for _, k := range tree.Children(i) {
					if pl.role[k] == part || pl.role[k] == inner && c.Want("x", 2020)[k] > 0 || pl.role[k] == beside && c.Want("x", 2020)[k] > 0 {
						sum = plus(sum, totals[k])
					}
				}
				if v.Own.Valid {
					own, _ := luoshi.Scaled(v.Own.Decimal, 0)
					sum = plus(sum, own)
				}
				if sum != totals[i] {
					t.Fatalf("%v %s node %d: total %d, its parts sum to %d", p, basis, i, totals[i], sum)
				}
			}
		})
	})
}

// Against the rule written as plainly as can be.
func TestAgainstNaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree := world(t)
		in := flow("x")
		in.Basis = rapid.SampledFrom([]luoshi.Basis{sg, cu}).Draw(t, "basis")
		c, _ := NewCube(tree, []luoshi.Indicator{in})
		cells := map[int][12]int64{}
		for i, n := range tree.Nodes {
			if n.Kind == luoshi.County && rapid.IntRange(0, 5).Draw(t, "reports") > 0 {
				var values [12]int64
				for m := range values {
					values[m] = rapid.Int64Range(-9, 99).Draw(t, "v")
					if rapid.IntRange(0, 9).Draw(t, "gap") == 0 {
						values[m] = gap
					}
				}
				cells[i] = values
				c.Put("x", year(n.ID, 2020, in.Basis, values[:]...))
			}
		}
		for i := range tree.Nodes {
			for m := range 12 {
				for _, basis := range []luoshi.Basis{sg, cu} {
					want, ok := naive(tree, cells, in.Basis, i, m, basis)
					if ok && c.Totals("x", 2020, m+1, basis)[i] != want {
						t.Fatalf("node %d month %d %s: %d, want %d", i, m+1, basis, c.Totals("x", 2020, m+1, basis)[i], want)
					}
				}
			}
		}
	})
}

func naive(tree *luoshi.Tree, cells map[int][12]int64, reported luoshi.Basis, i, m int, basis luoshi.Basis) (int64, bool) {
	n := tree.Nodes[i]
	if !n.Kind.Area() {
		return 0, false
	}
	if n.Kind == luoshi.County {
		values, ok := cells[i]
		if !ok {
			return gap, true
		}
		switch {
		case basis == reported || m == 0:
			return values[m], true
		case reported == cu:
			return minus(values[m], values[m-1]), true
		}
		total := int64(0)
		for k := 0; k <= m; k++ {
			total = plus(total, values[k])
		}
		return total, true
	}
	total, any := int64(0), false
	for _, k := range tree.Children(i) {
		if v, ok := naive(tree, cells, reported, k, m, basis); ok {
			total, any = plus(total, v), true
		}
	}
	return total, any && above(tree, i)
}

// above reports whether nothing but areas lies between node i and the counties
// below it; what lies under a department or another county is judged there.
func above(tree *luoshi.Tree, i int) bool {
	for p := tree.Nodes[i].Parent; p >= 0; p = tree.Nodes[p].Parent {
		if k := tree.Nodes[p].Kind; k == luoshi.County || !k.Area() {
			return false
		}
	}
	return true
}

// Growth and indices are never added, whatever is reported where.
func TestIndicesNeverAdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree := world(t)
		in := flow("x")
		in.Kind = rapid.SampledFrom([]luoshi.Kind{luoshi.Index, luoshi.Growth, luoshi.Rate}).Draw(t, "kind")
		in.OverTime, in.OverUnits = luoshi.TimeNone, luoshi.UnitNone
		c, _ := NewCube(tree, []luoshi.Indicator{in})
		reported := map[luoshi.UnitID]luoshi.Strip{}
		for range rapid.IntRange(1, 9).Draw(t, "puts") {
			s := history(t, tree, in)
			reported[s.Unit] = s
			c.Put("x", s)
		}
		every(in, func(m int, basis luoshi.Basis, p luoshi.Period) {
			totals := c.Totals("x", 2020, m, basis)
			for i, n := range tree.Nodes {
				want := gap
				if s, ok := reported[n.ID]; ok {
					want = s.Whole.On(basis)[m-1].Value
					if m == 1 && want == gap { // January is its own year to date
						want = max(s.Whole.Single[0].Value, s.Whole.Cumulative[0].Value)
					}
				}
				v := c.Value("x", i, p, basis)
				if totals[i] != want || v.Rolled.Valid || v.PartialSum.Valid || v.Difference.Valid {
					t.Fatalf("%v %s node %d: %d, want %d; %+v", p, basis, i, totals[i], want, v)
				}
			}
		})
	})
}
