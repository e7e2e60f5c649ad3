package rollup

import (
	"strconv"
	"testing"

	"luoshi.dev"
)

// permits loads the US building permits: nation, states, counties.
func permits(t *testing.T) (*Cube, map[luoshi.UnitID]map[int]*luoshi.Strip) {
	rows := data(t, "us_bps_county_monthly_2018_2020.csv")
	facts := []luoshi.Unit{unit(1, "US", luoshi.Nation, 0)}
	known := map[luoshi.UnitID]bool{}
	strips := map[luoshi.UnitID]map[int]*luoshi.Strip{}
	for line, row := range rows {
		state, county := fips(row[1], row[2])
		if !known[state] {
			known[state] = true
			facts = append(facts, unit(state, row[1], luoshi.Province, 1))
		}
		if !known[county] {
			known[county] = true
			strips[county] = map[int]*luoshi.Strip{}
			facts = append(facts, unit(county, row[1]+row[2], luoshi.County, state))
		}
		y, m := number(t, row[0][:4]), number(t, row[0][5:])
		s := strips[county][int(y)]
		if s == nil {
			fresh := luoshi.NewStrip(county, int(y))
			s, strips[county][int(y)] = &fresh, &fresh
		}
		s.Whole.Single[m-1] = luoshi.Cell{Value: number(t, row[7]), Growth: luoshi.MissingGrowth, Status: luoshi.Preliminary, Seq: int64(line + 1)}
	}
	in := flow("units")
	in.Basis = sg
	c := build(t, treeOf(t, 20180101, facts...), in)
	for y := 2018; y <= 2020; y++ {
		c.Load("units", y, func(yield func(luoshi.Strip) bool) {
			for _, years := range strips {
				if s := years[y]; s != nil && !yield(*s) {
					return
				}
			}
		})
	}
	return c, strips
}

func fips(state, county string) (luoshi.UnitID, luoshi.UnitID) {
	s, _ := strconv.Atoi(state)
	c, _ := strconv.Atoi(county)
	return luoshi.UnitID(1000 + s), luoshi.UnitID(1_000_000 + s*1000 + c)
}

func number(t *testing.T, s string) int64 {
	t.Helper()
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// County -> state -> nation by the cube equals the sums made straight from the
// source, in every month and node; where a county lacks, the total says so.
func TestBuildingPermits(t *testing.T) {
	c, _ := permits(t)
	type cell struct {
		unit luoshi.UnitID
		year int
		m    int
	}
	sums, count := map[cell]int64{}, map[cell]int{}
	for _, row := range data(t, "us_bps_county_monthly_2018_2020.csv") {
		state, _ := fips(row[1], row[2])
		y, m := int(number(t, row[0][:4])), int(number(t, row[0][5:]))
		for _, u := range []luoshi.UnitID{state, 1} {
			sums[cell{u, y, m}] += number(t, row[7])
			count[cell{u, y, m}]++
		}
	}
	whole, lacking := 0, 0
	for i, n := range c.tree.Nodes {
		if n.Kind == luoshi.County {
			continue
		}
		counties := len(c.tree.Nodes[i:n.End]) - 1
		if n.Kind == luoshi.Nation {
			counties -= len(c.tree.Children(i))
		}
		for y := 2018; y <= 2020; y++ {
			for m := 1; m <= 12; m++ {
				want, have := sums[cell{n.ID, y, m}], count[cell{n.ID, y, m}]
				v := c.Value("units", i, luoshi.MonthOf(y, m), sg)
				if v.Coverage.Have != have || v.Coverage.Want != counties {
					t.Fatalf("%s %d-%d: %+v, want %d of %d", n.Code, y, m, v.Coverage, have, counties)
				}
				if have == 0 {
					continue
				}
				if got, _ := luoshi.Scaled(v.PartialSum.Decimal, 0); got != want {
					t.Fatalf("%s %d-%d: %d, the source sums to %d", n.Code, y, m, got, want)
				}
				if v.Amount.Valid != (have == counties) || v.Partial == v.Amount.Valid {
					t.Fatalf("%s %d-%d: %+v", n.Code, y, m, v)
				}
				if have == counties {
					whole++
				} else {
					lacking++
				}
			}
		}
	}
	t.Logf("%d totals complete and equal to the source, %d partial sums equal and said to lack a part", whole, lacking)
}

// The annual finals are revisions: put beside the months as the year's cumulative
// value they show as differences, and no month is changed to fit.
func TestBuildingPermitsFinals(t *testing.T) {
	_, strips := permits(t)
	differ, compared, lacking, smaller := 0, 0, 0, 0
	finals := data(t, "us_bps_county_annual_final_2018_2020.csv")
	reported := stock("months") // counties as totals over one part that holds the twelve months
	reported.Kind, reported.OverTime, reported.ReportedAt = luoshi.Flow, luoshi.TimeSum, luoshi.Town
	facts := []luoshi.Unit{}
	seen := map[luoshi.UnitID]bool{}
	for _, row := range finals {
		if _, county := fips(row[1], row[2]); !seen[county] && strips[county] != nil {
			seen[county] = true
			facts = append(facts, unit(county, row[1]+row[2], luoshi.County, 0), unit(county+10_000_000, row[1]+row[2]+"m", luoshi.Town, county))
		}
	}
	c := build(t, treeOf(t, 20180101, facts...), reported)
	for county, years := range strips {
		for _, s := range years {
			months := *s
			months.Unit = county + 10_000_000
			c.Put("months", months)
		}
	}
	for _, row := range finals {
		_, county := fips(row[1], row[2])
		if !seen[county] {
			continue
		}
		y := int(number(t, row[0]))
		s := luoshi.NewStrip(county, y)
		s.Whole.Cumulative[11] = luoshi.Cell{Value: number(t, row[7]), Growth: luoshi.MissingGrowth, Status: luoshi.Final}
		c.Put("months", s)
		i, _ := c.tree.Find(county)
		v := c.Value("months", i, luoshi.YearOf(y), cu)
		if strips[county][y] == nil {
			continue
		}
		sum := int64(0)
		for _, cell := range strips[county][y].Whole.Single {
			sum += max(cell.Value, 0)
		}
		if !v.Rolled.Valid {
			lacking++
			if sum != number(t, row[7]) {
				smaller++
			}
			continue
		}
		compared++
		rolled, _ := luoshi.Scaled(v.Rolled.Decimal, 0)
		difference, _ := luoshi.Scaled(v.Difference.Decimal, 0)
		if rolled != sum || difference != number(t, row[7])-sum || v.Status != luoshi.Final || text(v.Amount) != row[7] {
			t.Fatalf("%v: %+v", row, v)
		}
		if difference != 0 {
			differ++
		}
	}
	// The source's note counts 1,634 of 2,244 county-years. 22 of them lack a month:
	// for these the cube says so instead of calling a smaller sum a difference.
	if compared != 2222 || differ != 1616 || lacking != 22 || smaller != 18 {
		t.Errorf("%d compared, %d differ; %d lack a month, %d of them with another sum", compared, differ, lacking, smaller)
	}
}

// House price indices: three cities' indices have no total, whatever is asked.
func TestHousePricesNeverSummed(t *testing.T) {
	index := flow("index")
	index.Kind, index.OverTime, index.OverUnits = luoshi.Index, luoshi.TimeNone, luoshi.UnitNone
	index.Basis, index.Decimals, index.ReportedAt = sg, 1, luoshi.City
	facts := []luoshi.Unit{unit(340000, "340000", luoshi.Province, 0)}
	known := map[luoshi.UnitID]bool{}
	strips := map[[2]int]*luoshi.Strip{}
	var order [][2]int
	for _, row := range data(t, "nbs70_anhui_house_price_index_monthly.csv") {
		if row[3] != "new_home" {
			continue
		}
		id := luoshi.UnitID(number(t, row[1]))
		if !known[id] {
			known[id] = true
			facts = append(facts, unit(id, row[1], luoshi.City, 340000))
		}
		key := [2]int{int(id), int(number(t, row[0][:4]))}
		if strips[key] == nil {
			s := luoshi.NewStrip(id, key[1])
			strips[key] = &s
			order = append(order, key)
		}
		q, err := luoshi.ParseQuantity(row[5])
		if err != nil {
			continue
		}
		v, _ := luoshi.Scaled(q, 1)
		strips[key].Whole.Single[number(t, row[0][5:])-1] = luoshi.Cell{Value: v, Growth: luoshi.MissingGrowth}
	}
	c := build(t, treeOf(t, 20180101, facts...), index)
	for _, key := range order {
		c.Put("index", *strips[key])
	}
	cities, months := 0, 0
	for y := 2018; y <= 2025; y++ {
		for m := 1; m <= 12; m++ {
			totals := c.Totals("index", y, m, sg)
			if totals[0] != gap {
				t.Fatalf("%d-%d: the province has an index of %d that nobody published", y, m, totals[0])
			}
			for i, v := range totals[1:] {
				if v != gap {
					cities++
				}
				if v := c.Value("index", i+1, luoshi.ToDate(y, m), cu); m > 1 && v.Amount.Valid {
					t.Fatalf("%d-%d: a year to date was made of monthly indices: %+v", y, m, v)
				}
			}
			months++
		}
	}
	if cities == 0 {
		t.Fatal("no index was read")
	}
	if v := c.Value("index", 0, luoshi.MonthOf(2020, 6), sg); v.Coverage.Want != 3 || v.Coverage.Have != 3 || v.Partial {
		t.Errorf("%+v", v)
	}
	t.Logf("%d indices of %d cities in %d months", cities, len(known), months)
}
