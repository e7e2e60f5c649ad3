package service_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/govalues/decimal"
	"pgregory.net/rapid"

	"luoshi.dev"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/service"
)

// outlooksAddUp checks a unit's list of an indicator against its own whole and against what
// each of its units says when asked alone; it returns how many there are.
func outlooksAddUp(t interface{ Fatalf(string, ...any) }, s *service.Service, look service.Look, code string) int {
	ctx := context.Background()
	list, err := s.OutlookList(ctx, service.OutlookQuery{Look: look, Code: code})
	if err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	sum := decimal.Zero
	for _, row := range append([]service.OutlookRow{list.Whole}, list.Rows...) {
		at := look
		at.Unit = row.Unit.Code
		v, err := s.Outlook(ctx, service.OutlookQuery{Look: at, Code: code})
		if err != nil {
			t.Fatalf("%s: %v", code, err)
		}
		if v.Total != row.Total || v.Low80 != row.Low80 || v.High95 != row.High95 || v.Chance != row.Chance || v.Alone != row.Alone {
			t.Fatalf("%s at %s: alone %v %v %v, in the list %v %v %v", code, row.Unit.Code, v.Total, v.Low80, v.Chance, row.Total, row.Low80, row.Chance)
		}
		if code != "trade_balance" && !v.Level && v.Known.Valid && v.Total.Valid && v.Total.Decimal.Cmp(v.Known.Decimal) < 0 {
			t.Fatalf("%s at %s: %v expected, %v known", code, row.Unit.Code, v.Total, v.Known)
		}
		if row.Unit.Code == list.Whole.Unit.Code {
			continue
		}
		if list.AddUp && !row.Total.Valid {
			t.Fatalf("%s at %s: nothing to add", code, row.Unit.Code)
		}
		if row.Total.Valid {
			sum, _ = sum.Add(row.Total.Decimal)
		}
	}
	if list.AddUp && sum.Cmp(list.Whole.Total.Decimal) != 0 {
		t.Fatalf("%s at %s as of %v: the units sum to %v, the whole is %v", code, look.Unit, look.AsOf, sum, list.Whole.Total)
	}
	if !list.AddUp {
		return 0
	}
	return len(list.Rows)
}

// Wherever the figures of the demonstration add up, so do the outlooks, to the last
// place, in every month of its year; and every way of asking gives the same numbers.
func TestOutlooksOfTheDemonstrationAddUp(t *testing.T) {
	s := demotest.Open(t)
	for _, day := range []string{"2020-02-20", "2020-07-31", "2020-12-20", "2021-01-31"} {
		asOf, _ := luoshi.ParseAsOf(day)
		added := map[string]int{}
		for _, code := range []string{"key_projects", "retail", "trade", "exports", "trade_balance", "poverty_lifted", "gdp", "urban_jobs", "safety_accidents"} {
			added[code] = outlooksAddUp(t, s, service.Look{AsOf: asOf, Unit: "340000", Year: 2020}, code)
		}
		if added["gdp"] != 0 || added["key_projects"] != 16 || added["trade_balance"] != 16 {
			t.Errorf("%s: %v", day, added)
		}
	}
	asOf, _ := luoshi.ParseAsOf("2020-07-31")
	v := outlook(t, s, service.Look{AsOf: asOf, Unit: "340000"}, "key_projects")
	if !v.Alone.Valid || !slices.Contains(noteKeys(v.Notes), "outlook.note.agreed.whole") {
		t.Errorf("alone %v, notes %v", v.Alone, noteKeys(v.Notes))
	}
	list, err := s.OutlookList(context.Background(), service.OutlookQuery{Look: service.Look{AsOf: asOf, Unit: "340000"}, Code: "key_projects"})
	if err != nil {
		t.Fatal(err)
	}
	moved := 0
	for _, row := range list.Rows {
		v := outlook(t, s, service.Look{AsOf: asOf, Unit: row.Unit.Code}, "key_projects")
		said := slices.ContainsFunc(noteKeys(v.Notes), func(key string) bool { // 蚌埠 has a zone without figures: it agrees with the province alone
			return key == "outlook.note.agreed.both" || key == "outlook.note.agreed.part"
		})
		if said != (v.Alone != v.Total) {
			t.Errorf("%s: alone %v, total %v, notes %v", row.Unit.Code, v.Alone, v.Total, noteKeys(v.Notes))
		}
		if said {
			moved++
		}
	}
	if moved == 0 {
		t.Error("nothing was moved: the test shows nothing")
	}
	sheet, err := s.Outlooks(context.Background(), service.Look{AsOf: asOf, Unit: "340000"})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range sheet.Rows {
		if v := outlook(t, s, service.Look{AsOf: asOf, Unit: "340000"}, row.Indicator.Code); v.Total != row.Total || v.Chance != row.Chance {
			t.Errorf("%s: %v and %v", row.Indicator.Code, v.Total, row.Total)
		}
	}
}

// Nobody can lift more people out of poverty than are poor: 8.72 at the end of 2019.
func TestOutlookWithinTheStock(t *testing.T) {
	s := demotest.Open(t)
	asOf, _ := luoshi.ParseAsOf("2020-07-31")
	list, err := s.OutlookList(context.Background(), service.OutlookQuery{Look: service.Look{AsOf: asOf, Unit: "340000"}, Code: "poverty_lifted"})
	if err != nil {
		t.Fatal(err)
	}
	if list.Whole.Total.Decimal.String() != "8.72" || list.Whole.High95.Decimal.String() != "8.72" || !list.AddUp || list.Whole.Chance.Cmp(luoshi.Over(1, 1)) >= 0 {
		t.Errorf("%+v", list.Whole)
	}
	for _, row := range list.Rows { // their targets are what there is
		if row.Total.Decimal.Cmp(row.Asked.Decimal) > 0 || row.High95.Decimal.Cmp(row.Asked.Decimal) > 0 {
			t.Errorf("%s: %v to %v of %v", row.Unit.Code, row.Total, row.High95, row.Asked)
		}
	}
	if v := outlook(t, s, service.Look{AsOf: asOf, Unit: "340000"}, "poverty_lifted"); !slices.Contains(noteKeys(v.Notes), "outlook.note.stock.reached") {
		t.Error(noteKeys(v.Notes))
	}
}

// Whatever the figures, and in whatever order they came: units add up, at every
// height of the tree, and the numbers are the same.
func TestOutlooksAddUpWhateverTheOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp("", "luoshi-")
		if err != nil {
			rt.Fatal(err)
		}
		defer os.RemoveAll(dir)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		known := rapid.IntRange(0, 12).Draw(rt, "known")
		var rows []string
		for _, unit := range []string{"340100", "340200"} {
			for year := 2018; year <= 2020; year++ {
				sum := 0
				for m := 1; m <= 12; m++ {
					if year == 2020 && m > known {
						break
					}
					sum += 1 + r.IntN(10000)
					rows = append(rows, fmt.Sprintf("invest,%s,%d-01..%02d,%d.%02d\n", unit, year, m, sum/100, sum%100))
				}
			}
		}
		tell := func(rows []string, name string) string {
			c := &clock{}
			c.on(20200105)
			s := open(t, dir+"/"+name, c)
			mustTake(t, s, service.ImportOptions{}, long...)
			c.on(20210120)
			mustTake(t, s, service.ImportOptions{}, "figures", figureHead+strings.Join(rows, ""))
			asOf, _ := luoshi.ParseAsOf("2021-01-20")
			look := service.Look{AsOf: asOf, Unit: "340000", Year: 2020}
			if n := outlooksAddUp(rt, s, look, "invest"); n != 2 {
				rt.Fatalf("%d units add up", n)
			}
			list, err := s.OutlookList(context.Background(), service.OutlookQuery{Look: look, Code: "invest"})
			if err != nil {
				rt.Fatal(err)
			}
			text, _ := json.Marshal([]any{list.Whole, list.Rows})
			return string(text)
		}
		first := tell(rows, "a.db")
		r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		if second := tell(rows, "b.db"); first != second {
			rt.Fatalf("in one order\n%s\nin another\n%s", first, second)
		}
	})
}

// The totals on which units agree are those of the figures that hold: another
// indicator's change nothing, a sibling's do at once.
func TestAgreementFollowsTheFigures(t *testing.T) {
	c := &clock{}
	c.on(20200105)
	s := open(t, t.TempDir()+"/luoshi.db", c)
	mustTake(t, s, service.ImportOptions{}, long...)
	c.on(20200710)
	mustTake(t, s, service.ImportOptions{}, "figures", figuresOf("invest", 2016, 2020, 5))
	mustTake(t, s, service.ImportOptions{}, "figures", figuresOf("single", 2016, 2020, 5))
	look := service.Look{Unit: "340100", Year: 2020}
	first := outlook(t, s, look, "invest")
	take(t, s, service.ImportOptions{SaveRight: true}, "figures", figureHead+"single,340100,2020-06,99.00\n")
	if v := outlook(t, s, look, "invest"); v.Total != first.Total {
		t.Errorf("another indicator moved it from %v to %v", first.Total, v.Total)
	}
	take(t, s, service.ImportOptions{SaveRight: true}, "figures", figureHead+"invest,340200,2020-01..06,400.00\n")
	second := outlook(t, s, look, "invest")
	if second.Total == first.Total || second.Alone != first.Alone {
		t.Errorf("the sibling's figure: %v and %v, alone %v and %v", first.Total, second.Total, first.Alone, second.Alone)
	}
	outlooksAddUp(t, s, service.Look{Unit: "340000", Year: 2020}, "invest")
}
