package rollup

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"

	"luoshi.dev"
)

// data opens a file of the larger test data as rows without the heading.
func data(t testing.TB, name string) [][]string {
	t.Helper()
	dir := os.Getenv("LUOSHI_TEST_DATA")
	if dir == "" {
		t.Skip("LUOSHI_TEST_DATA is not set: the larger real data is not here")
	}
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func unit(id luoshi.UnitID, code string, kind luoshi.UnitKind, parent luoshi.UnitID) luoshi.Unit {
	return luoshi.Unit{ID: id, Code: code, Names: luoshi.Names{Hans: code}, Kind: kind, Parent: parent, From: 20000101}
}

func treeOf(t testing.TB, on luoshi.Date, facts ...luoshi.Unit) *luoshi.Tree {
	t.Helper()
	tree, problems := luoshi.NewTree(facts, on)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return tree
}

// A province with two cities; A has two counties, B one and a development zone; a
// department stands beside the cities.
const (
	idP luoshi.UnitID = iota + 1
	idA
	idA1
	idA2
	idB
	idB1
	idZone
	idDept
)

func small(t testing.TB) *luoshi.Tree {
	return treeOf(t, 20200101,
		unit(idP, "1", luoshi.Province, 0),
		unit(idA, "11", luoshi.City, idP), unit(idA1, "111", luoshi.County, idA), unit(idA2, "112", luoshi.County, idA),
		unit(idB, "12", luoshi.City, idP), unit(idB1, "121", luoshi.County, idB), unit(idZone, "129", luoshi.DevZone, idB),
		unit(idDept, "9", luoshi.Department, idP))
}

// The nodes of small, in its order.
const (
	nP = iota
	nA
	nA1
	nA2
	nB
	nB1
	nZone
	nDept
)

func flow(code string) luoshi.Indicator {
	return luoshi.Indicator{
		Code: code, Names: luoshi.Names{Hans: code}, Kind: luoshi.Flow, Direction: luoshi.More,
		OverTime: luoshi.TimeSum, OverUnits: luoshi.UnitSum, Basis: luoshi.Cumulative,
		Calendar: luoshi.Monthly, ReportedAt: luoshi.County,
	}
}

func stock(code string) luoshi.Indicator {
	in := flow(code)
	in.Kind, in.OverTime, in.Basis = luoshi.Stock, luoshi.TimeLast, luoshi.Single
	return in
}

func build(t testing.TB, tree *luoshi.Tree, indicators ...luoshi.Indicator) *Cube {
	t.Helper()
	c, problems := NewCube(tree, indicators)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return c
}

// year is a strip with the values of January, February, ... on one basis; gap
// leaves a month out.
const gap = luoshi.Missing

func year(id luoshi.UnitID, y int, basis luoshi.Basis, values ...int64) luoshi.Strip {
	s := luoshi.NewStrip(id, y)
	for m, v := range values {
		if v != gap {
			s.Whole.On(basis)[m] = figure(id, y, m, v)
		}
	}
	return s
}

func figure(id luoshi.UnitID, y, m int, v int64) luoshi.Cell {
	return luoshi.Cell{Value: v, Growth: luoshi.MissingGrowth, Status: luoshi.Preliminary, Seq: int64(id)*1000 + int64(y-2000)*12 + int64(m)}
}

// withOwn adds an own share.
func withOwn(s luoshi.Strip, basis luoshi.Basis, values ...int64) luoshi.Strip {
	own := luoshi.NewLanes()
	for m, v := range values {
		if v != gap {
			own.On(basis)[m] = figure(s.Unit, s.Year, m, v)
		}
	}
	s.Own = &own
	return s
}

func put(c *Cube, code string, strips ...luoshi.Strip) {
	for _, s := range strips {
		c.Put(code, s)
	}
}

// text writes a value for a table: "—" is missing.
func text(q luoshi.NullQuantity) string {
	if !q.Valid {
		return "—"
	}
	return q.Decimal.String()
}
