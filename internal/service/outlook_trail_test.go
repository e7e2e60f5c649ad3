package service_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

func trailView(t *testing.T, s *service.Service, look service.Look, code string) *service.OutlookTrail {
	t.Helper()
	v, err := s.OutlookTrail(context.Background(), service.OutlookQuery{Look: look, Code: code})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func dayOf(text string) time.Time {
	day, err := luoshi.ParseAsOf(text)
	if err != nil {
		panic(err)
	}
	return day
}

// A trail has every outlook that was kept, with the target as it was then; and once the
// year is known, how far each was off, whether its intervals held it, and whether its
// own target was met.
func TestOutlookTrailIsHeldToAccount(t *testing.T) {
	databases(t, func(t *testing.T, dsn string) {
		c := &clock{}
		c.on(20200710)
		s := open(t, dsn, c)
		mustTake(t, s, service.ImportOptions{}, long...)
		mustTake(t, s, service.ImportOptions{}, "figures", figuresAt("invest", "340100", 2016, 2020, 6), "targets", targetOf("invest", "340100", "level", "300.00", "2020-01-01"))
		look := service.Look{Unit: "340100", Year: 2020}
		if v := trailView(t, s, look, "invest"); len(v.Rows) != 0 || v.Says.Key != "" || v.Came.Valid {
			t.Fatalf("before anything was kept: %+v", v)
		}
		refreshed(t, s)
		if v := trailView(t, s, look, "invest"); len(v.Rows) != 1 || v.Says.Key != "outlook.trail.says.one" || v.Rows[0].Met != nil || v.Rows[0].Judged {
			t.Errorf("once: %+v", v)
		}
		c.on(20200820)
		mustTake(t, s, service.ImportOptions{}, "targets", "indicator,unit code,first year,form,value,holds from,reason\ninvest,340100,2020,level,3000.00,2020-08-01,再定\n")
		refreshed(t, s)
		c.on(20201020)
		mustTake(t, s, service.ImportOptions{}, "figures", figuresAt("invest", "340100", 2020, 2020, 9))
		refreshed(t, s)
		v := trailView(t, s, look, "invest")
		if len(v.Rows) != 3 || v.Says.Key != "outlook.trail.says.moved" || v.Rows[0].Revised || !v.Rows[1].Revised || v.Rows[2].Revised {
			t.Fatalf("three: %+v", v)
		}
		c.on(20210120)
		mustTake(t, s, service.ImportOptions{}, "figures", figuresAt("invest", "340100", 2020, 2020, 12))
		refreshed(t, s)
		v = trailView(t, s, look, "invest")
		sum := 0.0
		for m := 1; m <= 12; m++ {
			sum += monthly(2020, m)
		}
		if v.Came.Decimal.String() != fmt.Sprintf("%.2f", sum) || len(v.Rows) != 4 || v.Judged != 3 || v.Says.Key != "outlook.trail.says.came" {
			t.Fatalf("came %v, not %.2f; %d judged of %d", v.Came, sum, v.Judged, len(v.Rows))
		}
		in80, in95 := 0, 0
		for i, want := range []struct {
			through int
			asked   string
			met     bool
			judged  bool
		}{{6, "300.00", true, true}, {6, "3000.00", false, true}, {9, "3000.00", false, true}, {12, "3000.00", false, false}} {
			r := v.Rows[i]
			if r.Through.To != want.through || r.Asked.Decimal.String() != want.asked || r.Met == nil || *r.Met != want.met || r.Judged != want.judged || r.After {
				t.Errorf("row %d: %+v, want %+v", i, r, want)
			}
			if !want.judged {
				continue
			}
			if off, _ := r.Total.Decimal.Sub(v.Came.Decimal); off.Cmp(r.By.Decimal) != 0 {
				t.Errorf("row %d: off by %v, not %v", i, r.By, off)
			}
			if hold := r.Low80.Decimal.Cmp(v.Came.Decimal) <= 0 && r.High80.Decimal.Cmp(v.Came.Decimal) >= 0; hold != r.In80 {
				t.Errorf("row %d: in 80%%: %v", i, r.In80)
			}
			if r.In80 {
				in80++
			}
			if r.In95 {
				in95++
			}
		}
		if v.In80 != in80 || v.In95 != in95 || in95 < in80 {
			t.Errorf("%d and %d inside, counted %d and %d", in80, in95, v.In80, v.In95)
		}
		look.AsOf = dayOf("2020-09-01")
		if v := trailView(t, s, look, "invest"); len(v.Rows) != 2 || v.Came.Valid {
			t.Errorf("as of September: %+v", v.Rows)
		}
	})
}

// chanceCell is what the matrix shows of one indicator at one unit.
func chanceCell(t *testing.T, s *service.Service, look service.Look, code string) service.Chance {
	t.Helper()
	of := look.Unit
	look.Unit = "340000"
	m, err := s.Matrix(context.Background(), service.MatrixQuery{Look: look, Chance: true, All: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, col := range m.Columns {
		if col.Indicator != code {
			continue
		}
		for _, r := range append([]service.MatrixRow{m.Whole}, m.Rows...) {
			if r.Unit.Code == of {
				return r.Odds[i]
			}
		}
	}
	t.Fatalf("no cell of %s at %s", code, of)
	return service.Chance{}
}

// At a past instant every page says what was kept by then: the outlook's headline, its
// line among all targets and among the areas, and the cell of the matrix are one number;
// what is worked out now stands apart where it is another.
func TestPagesAgreeOnWhatWasSaid(t *testing.T) {
	databases(t, func(t *testing.T, dsn string) {
		c := &clock{}
		c.on(20200710)
		s := open(t, dsn, c)
		mustTake(t, s, service.ImportOptions{}, long...)
		mustTake(t, s, service.ImportOptions{}, "figures", figuresAt("invest", "340100", 2016, 2020, 6)+strings.TrimPrefix(figuresAt("invest", "340200", 2016, 2020, 6), figureHead))
		for _, unit := range []string{"340000", "340100", "340200"} {
			mustTake(t, s, service.ImportOptions{}, "targets", targetOf("invest", unit, "level", "600.00", "2020-01-01"))
		}
		refreshed(t, s)
		c.on(20200812) // July comes, and nobody makes outlooks of it before September
		mustTake(t, s, service.ImportOptions{}, "figures", figuresAt("invest", "340100", 2020, 2020, 7))
		c.on(20200905)
		refreshed(t, s)
		c.on(20201101)
		for _, one := range []struct {
			day    string
			origin service.OutlookOrigin
			apart  bool // what is worked out now differs from what was kept
		}{{"2020-07-31", service.OutlookKept, false}, {"2020-08-31", service.OutlookKept, true}, {"2020-09-30", service.OutlookKept, false}} {
			for _, unit := range []string{"340000", "340100", "340200"} {
				look := service.Look{Unit: unit, AsOf: dayOf(one.day), Year: 2020}
				v, rows := outlook(t, s, look, "invest"), trail(t, s, look, "invest")
				kept := rows[len(rows)-1]
				if v.Origin != one.origin || v.Total != kept.Total || v.Low80 != kept.Low80 || v.High95 != kept.High95 || v.Chance.Cmp(kept.Chance) != 0 || v.Said != len(rows) {
					t.Errorf("%s %s: %s %v %v, kept %v %v", one.day, unit, v.Origin, v.Total, v.Chance, kept.Total, kept.Chance)
				}
				if apart := v.Worked != nil; unit != "340200" && apart != one.apart {
					t.Errorf("%s %s: apart %v", one.day, unit, apart)
				}
				if total, _ := v.Says.Args["total"].(luoshi.NullQuantity); total != kept.Total {
					t.Errorf("%s %s: the sentence says %v", one.day, unit, v.Says)
				}
				if d := v.Drawn(); len(v.Steps) > 0 && v.Steps[len(v.Steps)-1].Sum.Value != d.Total {
					t.Errorf("%s %s: the drawing ends at %v, its steps at %v", one.day, unit, d.Total, v.Steps[len(v.Steps)-1].Sum.Value)
				}
				cell := chanceCell(t, s, look, "invest")
				sheet, err := s.Outlooks(context.Background(), look)
				if err != nil || len(sheet.Rows) != 1 {
					t.Fatalf("%v %+v", err, sheet)
				}
				list, err := s.OutlookList(context.Background(), service.OutlookQuery{Look: look, Code: "invest"})
				if err != nil {
					t.Fatal(err)
				}
				for name, chance := range map[string]luoshi.Ratio{"the matrix": cell.Chance, "all targets": sheet.Rows[0].Chance, "the areas": list.Whole.Chance} {
					if !chance.OK() || chance.Cmp(v.Chance) != 0 {
						t.Errorf("%s %s: %s says %v, the outlook %v", one.day, unit, name, chance, v.Chance)
					}
				}
				if sheet.Rows[0].Origin != one.origin || list.Whole.Total != v.Total {
					t.Errorf("%s %s: %s, %v of %v", one.day, unit, sheet.Rows[0].Origin, list.Whole.Total, v.Total)
				}
				if v.Changed != nil {
					adding(t, v)
				}
			}
		}
	})
}

// Where nothing was kept, and where what is kept was calculated afterwards, the outlook
// says so; of the present it says neither.
func TestOutlookSaysWhatItIs(t *testing.T) {
	c := &clock{}
	c.on(20200710)
	s := open(t, t.TempDir()+"/luoshi.db", c)
	mustTake(t, s, service.ImportOptions{}, long...)
	mustTake(t, s, service.ImportOptions{}, "figures", figuresAt("invest", "340100", 2016, 2020, 6), "targets", targetOf("invest", "340100", "level", "300.00", "2020-01-01"))
	c.on(20200920)
	then := service.Look{Unit: "340100", AsOf: dayOf("2020-07-31"), Year: 2020}
	if v := outlook(t, s, then, "invest"); v.Origin != service.OutlookUnkept || v.Kept != nil || v.Said != 0 {
		t.Errorf("nothing kept: %s %+v", v.Origin, v.Kept)
	}
	if _, err := s.KeepOutlooksAt(context.Background(), []time.Time{then.AsOf}, nil); err != nil {
		t.Fatal(err)
	}
	v := outlook(t, s, then, "invest")
	if v.Origin != service.OutlookAfter || v.Kept == nil || !v.Kept.After || v.Worked != nil || v.Said != 1 {
		t.Errorf("calculated afterwards: %s %+v %+v", v.Origin, v.Kept, v.Worked)
	}
	if tr := trailView(t, s, then, "invest"); tr.Afterwards != 1 {
		t.Errorf("%d afterwards", tr.Afterwards)
	}
	if v := outlook(t, s, service.Look{Unit: "340100"}, "invest"); v.Origin != service.OutlookNow || v.Kept != nil {
		t.Errorf("of the present: %s", v.Origin)
	}
	today := service.Look{Unit: "340100", AsOf: dayOf("2020-09-20"), Year: 2020}
	if v := outlook(t, s, today, "invest"); v.Origin != service.OutlookNow {
		t.Errorf("as of today: %s", v.Origin)
	}
	c.on(20200921)
	if v := outlook(t, s, today, "invest"); v.Origin != service.OutlookAfter {
		t.Errorf("as of yesterday: %s", v.Origin)
	}
}

// By a past instant the year was whole, but what was last kept is older: the year's end
// is told as it was known, and what had been expected beside it.
func TestOutlookOfAYearThatWasKnown(t *testing.T) {
	c := &clock{}
	c.on(20200910)
	s := open(t, t.TempDir()+"/luoshi.db", c)
	mustTake(t, s, service.ImportOptions{}, long...)
	mustTake(t, s, service.ImportOptions{}, "figures", figuresAt("invest", "340100", 2016, 2020, 8), "targets", targetOf("invest", "340100", "level", "300.00", "2020-01-01"))
	refreshed(t, s)
	c.on(20210120)
	mustTake(t, s, service.ImportOptions{}, "figures", figuresAt("invest", "340100", 2020, 2020, 12)) // and nothing is kept of it
	c.on(20210301)
	before := outlook(t, s, service.Look{Unit: "340100", AsOf: dayOf("2021-01-19"), Year: 2020}, "invest")
	look := service.Look{Unit: "340100", AsOf: dayOf("2021-01-20"), Year: 2020}
	v := outlook(t, s, look, "invest")
	if v.Origin != service.OutlookKnown || v.Standing != service.OutlookClosed || v.Total != v.Known || v.Worked != nil || v.Kept == nil || v.Kept.Total != before.Total {
		t.Errorf("%s, %s at %v of %v; kept %+v, said before %v", v.Origin, v.Standing, v.Total, v.Known, v.Kept, before.Total)
	}
	if says := v.ThenSays(); len(says) != 1 || says[0].Key != "outlook.then.known.chance" || says[0].Args["total"] != before.Total {
		t.Errorf("%+v", says)
	}
	sheet, err := s.Outlooks(context.Background(), look)
	if err != nil || len(sheet.Rows) != 1 || sheet.Rows[0].Origin != service.OutlookKnown || sheet.Rows[0].Total != v.Total {
		t.Errorf("the unit's targets: %+v %v", sheet.Rows, err)
	}
}

// An outlook that could not be made then stays so, though it could be made now.
func TestOutlookThatWasNone(t *testing.T) {
	c := &clock{}
	c.on(20200210)
	s := open(t, t.TempDir()+"/luoshi.db", c)
	mustTake(t, s, service.ImportOptions{}, long...)
	mustTake(t, s, service.ImportOptions{}, "figures", figuresAt("invest", "340100", 2020, 2020, 1), "targets", targetOf("invest", "340100", "level", "300.00", "2020-01-01"))
	refreshed(t, s)
	c.on(20200211)
	mustTake(t, s, service.ImportOptions{}, "figures", figuresAt("invest", "340100", 2017, 2019, 12))
	c.on(20200301)
	look := service.Look{Unit: "340100", AsOf: dayOf("2020-02-20"), Year: 2020}
	v := outlook(t, s, look, "invest")
	if v.Origin != service.OutlookKept || v.Why.Key != "outlook.then.none" || v.Total.Valid || v.Worked == nil || !v.Worked.Total.Valid {
		t.Errorf("%s %v %v, worked out %+v", v.Origin, v.Why, v.Total, v.Worked)
	}
	if cell := chanceCell(t, s, look, "invest"); cell.State != service.ChanceNone {
		t.Errorf("the matrix: %+v", cell)
	}
	if tr := trailView(t, s, look, "invest"); tr.Says.Key != "outlook.trail.says.none" || !tr.Rows[0].None {
		t.Errorf("%v", tr.Says)
	}
}
