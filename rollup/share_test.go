package rollup

import (
	"runtime"
	"slices"
	"testing"
	"weak"

	"luoshi.dev"
)

func cityFlow(code string) luoshi.Indicator {
	return luoshi.Indicator{Code: code, Kind: luoshi.Flow, OverTime: luoshi.TimeSum, OverUnits: luoshi.UnitSum, Basis: luoshi.Cumulative, Calendar: luoshi.Yearly, ReportedAt: luoshi.City}
}

func twoUnits(t *testing.T) *luoshi.Tree {
	t.Helper()
	tree, problems := luoshi.NewTree([]luoshi.Unit{
		{ID: 1, Code: "340000", Kind: luoshi.Province, From: 20190101},
		{ID: 2, Code: "340100", Kind: luoshi.City, Parent: 1, From: 20190101},
	}, 20200101)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return tree
}

func loadYear(c *Cube, code string, year int, v int64) {
	s := luoshi.NewStrip(2, year)
	s.Whole.Cumulative[11] = luoshi.Cell{Value: v, Growth: luoshi.MissingGrowth, Status: luoshi.Final, Seq: 1}
	c.Load(code, year, slices.Values([]luoshi.Strip{s}))
}

// A year is lent only where the rules and the tree are the same, and what is loaded
// afterwards on either side stays there.
func TestShare(t *testing.T) {
	tree := twoUnits(t)
	changed := cityFlow("b")
	changed.Decimals = 1
	one, _ := NewCube(tree, []luoshi.Indicator{cityFlow("a"), cityFlow("b"), cityFlow("gone")})
	two, _ := NewCube(tree, []luoshi.Indicator{cityFlow("a"), changed})
	elsewhere, _ := NewCube(twoUnits(t), []luoshi.Indicator{cityFlow("a")})
	loadYear(one, "a", 2020, 30)
	loadYear(one, "b", 2020, 40)
	loadYear(one, "gone", 2020, 50)
	for _, tc := range []struct {
		to   *Cube
		code string
		year int
		want bool
	}{
		{two, "a", 2020, true},
		{two, "a", 2019, false},    // not there
		{two, "b", 2020, false},    // other decimals
		{two, "gone", 2020, false}, // not known here
		{two, "new", 2020, false},  // nor there
		{elsewhere, "a", 2020, false},
	} {
		if got := tc.to.Share(one, tc.code, tc.year); got != tc.want {
			t.Errorf("share %s %d: %v", tc.code, tc.year, got)
		}
	}
	says := func(c *Cube) string {
		return c.Value("a", 0, luoshi.YearOf(2020), luoshi.Cumulative).Amount.Decimal.String()
	}
	if says(two) != "30" {
		t.Errorf("shared: %s", says(two))
	}
	loadYear(two, "a", 2020, 10)
	if says(one) != "30" || says(two) != "10" {
		t.Errorf("after a load %s and %s", says(one), says(two))
	}
}

// Figures that live on in another cube do not keep the cube alive from which they
// came, with all that has been replaced since.
func TestForkLetsGo(t *testing.T) {
	cube, _ := NewCube(twoUnits(t), []luoshi.Indicator{cityFlow("a"), cityFlow("b")})
	loadYear(cube, "a", 2020, 30)
	loadYear(cube, "b", 2020, 40)
	fork := cube.Fork()
	other, _ := NewCube(fork.tree, []luoshi.Indicator{cityFlow("a"), cityFlow("b")})
	if !other.Share(fork, "b", 2020) {
		t.Fatal("not shared")
	}
	loadYear(fork, "a", 2020, 10)
	first, block := weak.Make(cube.byCode["a"]), weak.Make(cube.byCode["a"].blocks[2020])
	second := weak.Make(fork.byCode["b"])
	cube = nil
	runtime.GC()
	runtime.GC()
	if first.Value() != nil || block.Value() != nil {
		t.Error("a fork holds what it came from")
	}
	runtime.KeepAlive(fork)
	fork = nil
	runtime.GC()
	runtime.GC()
	if second.Value() != nil {
		t.Error("a shared year holds the cube that lent it")
	}
	runtime.KeepAlive(other)
}
