package rollup_test

import (
	"fmt"
	"slices"

	"github.com/govalues/decimal"

	"luoshi.dev"
	"luoshi.dev/rollup"
)

func place(id luoshi.UnitID, name string, kind luoshi.UnitKind, parent luoshi.UnitID, from luoshi.Date) luoshi.Unit {
	return luoshi.Unit{ID: id, Code: name, Names: luoshi.Names{Hans: name}, Kind: kind, Parent: parent, From: from}
}

// quarterly is a strip of cumulative values after each quarter.
func quarterly(unit luoshi.UnitID, values ...int64) luoshi.Strip {
	s := luoshi.NewStrip(unit, 2020)
	for q, v := range values {
		s.Whole.Cumulative[3*q+2].Value = v
	}
	return s
}

// Two of three cities have reported the half year: the total lacks a part and
// says so; it is not a smaller total.
func ExampleCube_Value() {
	tree, _ := luoshi.NewTree([]luoshi.Unit{
		place(1, "省", luoshi.Province, 0, 20200101),
		place(2, "甲市", luoshi.City, 1, 20200101), place(3, "乙市", luoshi.City, 1, 20200101), place(4, "丙市", luoshi.City, 1, 20200101),
	}, 20200630)
	cube, _ := rollup.NewCube(tree, []luoshi.Indicator{{
		Code: "gdp", Decimals: 1, Kind: luoshi.Flow, OverTime: luoshi.TimeSum, OverUnits: luoshi.UnitSum,
		Basis: luoshi.Cumulative, Calendar: luoshi.Quarterly, ReportedAt: luoshi.City,
	}})
	cube.Load("gdp", 2020, slices.Values([]luoshi.Strip{quarterly(2, 500, 1100), quarterly(3, 300, 700), quarterly(4, 100)}))

	first := cube.Value("gdp", 0, luoshi.ToDate(2020, 3), luoshi.Cumulative)
	fmt.Println("first quarter:", first.Amount.Decimal)
	half := cube.Value("gdp", 0, luoshi.ToDate(2020, 6), luoshi.Cumulative)
	fmt.Println("half year there:", half.Amount.Valid, "of", half.Coverage.Have, "in", half.Coverage.Want, "so far", half.PartialSum.Decimal)

	cube.Put("gdp", quarterly(4, 100, 250))
	second := cube.Value("gdp", 0, luoshi.QuarterOf(2020, 2), luoshi.Single)
	fmt.Println("second quarter:", second.Amount.Decimal)
	// Output:
	// first quarter: 90.0
	// half year there: false of 2 in 3 so far 180.0
	// second quarter: 115.0
}

// 丙县 is divided: 60% becomes part of 甲县, 40% the new 丁县. A whole of 1001
// becomes 601 (600.6) and 400 (400.4), and nothing is lost.
func ExampleRebase() {
	third := place(4, "丙县", luoshi.County, 1, 20190101)
	gone := third
	gone.From, gone.Ended = 20210101, true
	facts := []luoshi.Unit{
		place(1, "市", luoshi.City, 0, 20190101),
		place(2, "甲县", luoshi.County, 1, 20190101), third, gone, place(5, "丁县", luoshi.County, 1, 20210101),
	}
	then, _ := luoshi.NewTree(facts, 20201231)
	now, _ := luoshi.NewTree(facts, 20210101)
	gdp := luoshi.Indicator{
		Code: "gdp", Kind: luoshi.Flow, OverTime: luoshi.TimeSum, OverUnits: luoshi.UnitSum,
		Basis: luoshi.Cumulative, Calendar: luoshi.Quarterly, ReportedAt: luoshi.County,
	}
	strips, problems := rollup.Rebase(then, now, []luoshi.Succession{
		{From: 4, To: 2, On: 20210101, Share: decimal.MustParse("0.6")},
		{From: 4, To: 5, On: 20210101, Share: decimal.MustParse("0.4")},
	}, gdp, []luoshi.Strip{quarterly(2, 2000), quarterly(4, 1001)})
	for _, s := range strips {
		i, _ := now.Find(s.Unit)
		fmt.Println(now.Nodes[i].Names, s.Whole.Cumulative[2].Value)
	}
	fmt.Println(len(problems), "problems")
	// Output:
	// 丁县 400
	// 甲县 2601
	// 0 problems
}

// Equals share the better rank; a unit without figure has none.
func ExampleRanks() {
	fmt.Println(rollup.Ranks([]int64{7, 9, luoshi.Missing, 9}, []int{0, 1, 2, 3}))
	// Output: [3 1 0 1]
}

// 206.11 of a plan of 322.75.
func ExampleShares() {
	shares := make([]int64, 1)
	rollup.Shares([]int64{20611}, []int64{32275}, shares)
	fmt.Println(shares)
	// Output: [6386]
}
