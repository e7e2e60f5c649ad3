package service_test

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/store"
	"luoshi.dev/internal/store/pgtest"
)

// databases runs a test on SQLite and, where it is switched on, on PostgreSQL.
func databases(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, filepath.Join(t.TempDir(), "luoshi.db")) })
	t.Run("postgres", func(t *testing.T) { test(t, pgtest.Database(t)) })
}

// clock is a wall clock that a test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func (c *clock) on(day luoshi.Date) { c.at = day.Start().Add(10 * time.Hour) }

// open opens a service on a database whose store and service share the clock.
func open(t *testing.T, dsn string, c *clock) *service.Service {
	t.Helper()
	st, err := store.Open(context.Background(), dsn, store.Options{Clock: c.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	if err := st.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return service.New(st, c.now)
}

// sheets are CSV files by name.
func sheets(pairs ...string) fstest.MapFS {
	files := fstest.MapFS{}
	for i := 0; i+1 < len(pairs); i += 2 {
		files[pairs[i]+".csv"] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(strings.TrimLeft(pairs[i+1], "\n"), "\t", ""))}
	}
	return files
}

// small is a province of two cities with one paced indicator.
var small = []string{
	"units", `
code,name,kind,parent code,valid from
340000,安徽省,province,,2019-01-01
340100,合肥市,city,340000,2019-01-01
340200,芜湖市,city,340000,2019-01-01
`,
	"indicators", `
code,name,measure,decimals,direction,kind,over time,over units,basis,calendar,reported at,due days
invest,重点项目投资,亿元,2,more,flow,sum,sum,cumulative,monthly,city,10
gdp_growth,地区生产总值增速,%,1,more,growth,none,none,cumulative,quarterly,,20
`,
	"targets", `
indicator,unit code,first year,form,value,holds from
invest,340000,2020,level,322.75,2020-01-01
invest,340100,2020,level,200.00,2020-01-01
invest,340200,2020,level,122.75,2020-01-01
`,
	"goals", `
code,name,combine,indicator
win,双胜利,all_of,
win,,,invest
`,
}

const june = `
indicator,unit code,period,value
invest,340100,2020-01..06,130.00
invest,340200,2020-01..06,76.11
`

func take(t *testing.T, s *service.Service, opt service.ImportOptions, pairs ...string) *service.ImportReport {
	t.Helper()
	r, err := s.ImportFS(context.Background(), sheets(pairs...), nil, opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// mustTake fails on any problem.
func mustTake(t *testing.T, s *service.Service, opt service.ImportOptions, pairs ...string) *service.ImportReport {
	t.Helper()
	r := take(t, s, opt, pairs...)
	for _, p := range r.Problems {
		t.Errorf("%s %s", p.Ref(), p.Message)
	}
	return r
}

func overview(t *testing.T, s *service.Service, look service.Look) *service.Overview {
	t.Helper()
	v, err := s.Overview(context.Background(), look)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// From workbook to explained light: the article's 206.11 of 322.75.
func TestFromWorkbookToLight(t *testing.T) {
	databases(t, func(t *testing.T, dsn string) {
		c := &clock{}
		c.on(20200102)
		s := open(t, dsn, c)
		if v := overview(t, s, service.Look{}); len(v.Goals) != 0 || v.HasGoals {
			t.Fatal("an empty database shows goals")
		}
		mustTake(t, s, service.ImportOptions{}, small...)
		if v := overview(t, s, service.Look{}); v.HasFigure || v.Goals[0].Judgement.Light != luoshi.NotJudged {
			t.Fatalf("before any figure: %v", v.Goals[0].Judgement)
		}
		c.on(20200710)
		r := mustTake(t, s, service.ImportOptions{}, "figures", june)
		if !r.Saved || r.Tally["figures"].New != 2 {
			t.Fatalf("figures: %+v", r.Tally)
		}
		v := overview(t, s, service.Look{})
		j := v.Goals[0].Judgement
		if j.Light != luoshi.Green || j.Share.Percent(2).Decimal.String() != "63.86" || j.Ahead.Percent(2).Decimal.String() != "13.86" {
			t.Errorf("%v %v %v", j.Light, j.Share.Percent(2), j.Ahead.Percent(2))
		}
		words, err := locale.New()
		if err != nil {
			t.Fatal(err)
		}
		for lang, want := range map[locale.Lang][]string{locale.ZhHans: {"206.11亿元", "63.86%", "领先序时13.86个百分点"}, locale.En: {"206.11", "63.86%", "13.86"}} {
			text := words.Say(lang, j.Says)
			for _, part := range want {
				if !strings.Contains(text, part) {
					t.Errorf("%s: %q lacks %q", lang, text, part)
				}
			}
		}
	})
}

// Importing the same again changes nothing; a revision stands beside what it
// revises, and what was seen before is still seen.
func TestRevisionChangesNoPastView(t *testing.T) {
	databases(t, func(t *testing.T, dsn string) {
		c := &clock{}
		c.on(20200102)
		s := open(t, dsn, c)
		mustTake(t, s, service.ImportOptions{}, small...)
		c.on(20200710)
		mustTake(t, s, service.ImportOptions{}, "figures", june)
		c.on(20200711)
		then := c.at
		if r := take(t, s, service.ImportOptions{}, "figures", june); r.Saved || r.Tally["figures"].Same != 2 {
			t.Errorf("the same again: %+v", r.Tally)
		}
		before := overview(t, s, service.Look{AsOf: then})
		c.on(20200801)
		r := mustTake(t, s, service.ImportOptions{}, "figures", strings.Replace(june, "130.00", "100.00", 1))
		if r.Tally["figures"].Changed != 1 || r.Tally["figures"].Same != 1 {
			t.Errorf("a revision: %+v", r.Tally)
		}
		after := overview(t, s, service.Look{AsOf: then})
		if before.Goals[0].Judgement.Actual != after.Goals[0].Judgement.Actual || before.Goals[0].Judgement.Light != after.Goals[0].Judgement.Light {
			t.Errorf("as of %s: %v became %v", then, before.Goals[0].Judgement.Actual, after.Goals[0].Judgement.Actual)
		}
		now := overview(t, s, service.Look{})
		if got := now.Goals[0].Judgement.Actual.Decimal.String(); got != "176.11" {
			t.Errorf("now %s", got)
		}
	})
}

// One wrong cell keeps a workbook out; --save-right takes the rest.
func TestNothingHalfSaved(t *testing.T) {
	c := &clock{}
	c.on(20200102)
	s := open(t, filepath.Join(t.TempDir(), "luoshi.db"), c)
	mustTake(t, s, service.ImportOptions{}, small...)
	c.on(20200710)
	wrong := june + "invest,340300,2020-01..06,1\n"
	r := take(t, s, service.ImportOptions{}, "figures", wrong)
	if r.Saved || len(r.Problems) != 1 || r.Problems[0].Message.Key != "import.unit_unknown_near" || r.Problems[0].Ref() != "B4" {
		t.Fatalf("saved %v, %v", r.Saved, r.Problems)
	}
	if v := overview(t, s, service.Look{}); v.HasFigure {
		t.Error("something was saved")
	}
	r = take(t, s, service.ImportOptions{SaveRight: true}, "figures", wrong)
	if !r.Saved || r.Tally["figures"].New != 2 || r.Tally["figures"].Refused != 1 {
		t.Errorf("save right: %+v", r.Tally)
	}
}

// Every rule of the import, by the cell it names and the words it is told in.
func TestBadInput(t *testing.T) {
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, sheet, text, ref, key string
	}{
		{"two units, one code", "units", "code,name,kind,parent code,valid from\n340300,蚌埠市,city,340000,2020-01-01\n340300,淮南市,city,340000,2020-01-01\n", "A3", "import.unit_twice"},
		{"a gap in validity", "units", "code,name,kind,parent code,valid from,valid to\n340300,蚌埠市,city,340000,2020-01-01,2020-03-31\n340300,蚌埠市,city,340000,2020-05-01,\n", "E3", "import.unit_gap"},
		{"validities that overlap", "units", "code,name,kind,parent code,valid from,valid to\n340300,蚌埠市,city,340000,2020-01-01,2020-06-30\n340300,蚌埠市,city,340000,2020-05-01,\n", "E3", "import.unit_overlap"},
		{"an unknown parent", "units", "code,name,kind,parent code,valid from\n340300,蚌埠市,city,350000,2020-01-01\n", "D2", "import.unit_unknown_near"},
		{"a cycle", "units", "code,name,kind,parent code,valid from\n1,甲,city,2,2020-01-01\n2,乙,city,1,2020-01-01\n", "", "unit.cycle"},
		{"a merger into nothing", "changes", "date,change,old code,new code\n2020-07-01,merge,340200,340900\n", "D2", "import.unit_unknown_near"},
		{"shares that do not sum", "changes", "date,change,old code,new code,share,new name\n2020-07-01,split,340200,340201,0.5,东\n2020-07-01,split,340200,340202,0.4,西\n", "E2", "import.shares_not_one"},
		{"growth that adds", "indicators", "code,name,measure,decimals,direction,kind,over time,over units,basis,calendar\nx,某增速,%,1,more,growth,none,sum,cumulative,monthly\n", "", "indicator.never_adds"},
		{"a weight that is not there", "indicators", "code,name,measure,decimals,direction,kind,over time,over units,weight indicator,basis,calendar\nx,某,%,1,more,rate,last,weighted,y,single,monthly\n", "I2", "import.indicator_unknown"},
		{"a target without indicator", "targets", "indicator,unit code,first year,form,value,holds from\ninvst,340100,2020,level,1,2020-01-01\n", "A2", "import.indicator_unknown_near"},
		{"a level without value", "targets", "indicator,unit code,first year,form,value,holds from\ngdp_growth,340000,2020,growth,,2020-01-01\n", "", "target.value"},
		{"a revision without reason", "targets", "indicator,unit code,first year,form,value,holds from\ninvest,340100,2020,level,210,2020-06-01\n", "", "target.reason"},
		{"too many decimals", "targets", "indicator,unit code,first year,form,value,holds from,reason\ninvest,340100,2020,level,210.123,2020-06-01,会议\n", "E2", "number.decimals"},
		{"a period out of calendar", "figures", "indicator,unit code,period,value\ngdp_growth,340000,2020-01..05,1\n", "C2", "period.out_of_calendar"},
		{"a figure too precise", "figures", "indicator,unit code,period,value\ninvest,340100,2020-01..06,1.234\n", "D2", "number.decimals"},
		{"a unit of another time", "figures", "indicator,unit code,period,value\ninvest,340100,2018-01..06,1\n", "B2", "import.unit_not_in_force"},
		{"one figure twice", "figures", "indicator,unit code,period,value\ninvest,340100,2020-01..06,1\ninvest,340100,2020-01..06,2\n", "", "office.row.conflict"},
		{"another unit of measure", "figures", "indicator,unit code,period,value,measure\ninvest,340100,2020-01..06,1,万元\n", "E2", "import.measure_differs"},
		{"a goal under itself", "goals", "code,name,parent goal,combine,indicator\na,甲,b,all_of,\nb,乙,a,all_of,\n", "", "import.goal_cycle"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := &clock{}
			c.on(20200102)
			s := open(t, filepath.Join(t.TempDir(), "luoshi.db"), c)
			mustTake(t, s, service.ImportOptions{}, small...)
			c.on(20200710)
			r := take(t, s, service.ImportOptions{}, tc.sheet, tc.text)
			found := false
			for _, p := range r.Problems {
				if p.Message.Key == tc.key && (tc.ref == "" || p.Ref() == tc.ref) {
					found = true
					for _, lang := range locale.Langs {
						text := words.Problem(lang, p)
						if strings.Contains(text, "{") || !words.Has(tc.key) || !words.Has(tc.key+".fix") {
							t.Errorf("%s: %q", lang, text)
						}
					}
				}
			}
			if !found || r.Saved {
				t.Errorf("saved %v; want %s at %s, got %v", r.Saved, tc.key, tc.ref, r.Problems)
			}
		})
	}
}

// Two servers on one PostgreSQL show each other's writes.
func TestTwoServers(t *testing.T) {
	dsn := pgtest.Database(t)
	c := &clock{}
	c.on(20200102)
	one, two := open(t, dsn, c), open(t, dsn, c)
	mustTake(t, one, service.ImportOptions{}, small...)
	overview(t, two, service.Look{})
	c.on(20200710)
	mustTake(t, one, service.ImportOptions{}, "figures", june)
	if got := overview(t, two, service.Look{}).Goals[0].Judgement.Actual; !got.Valid || got.Decimal.String() != "206.11" {
		t.Errorf("the other server shows %v", got)
	}
}

// A new code keeps its unit, a merger adds up: 2020 by the boundaries of then and
// of now, with the real reorganisation of Wuhu, totals agreeing.
func TestBoundaries(t *testing.T) {
	databases(t, func(t *testing.T, dsn string) {
		c := &clock{}
		c.on(20200102)
		s := open(t, dsn, c)
		units := "code,name,valid from\n340000,安徽省,2019-01-01\n340200,芜湖市,2019-01-01\n340203,弋江区,2019-01-01\n340208,三山区,2019-01-01\n340221,芜湖县,2019-01-01\n"
		mustTake(t, s, service.ImportOptions{}, "units", units,
			"indicators", "code,name,measure,decimals,direction,kind,over time,over units,basis,calendar,reported at\ninvest,投资,亿元,2,more,flow,sum,sum,cumulative,monthly,county\n",
			"targets", "indicator,unit code,first year,form,value,holds from\ninvest,340200,2020,level,60,2020-01-01\ninvest,340203,2020,level,20,2020-01-01\ninvest,340208,2020,level,15,2020-01-01\ninvest,340221,2020,level,25,2020-01-01\n")
		c.on(20200710)
		mustTake(t, s, service.ImportOptions{}, "figures", "indicator,unit code,period,value\ninvest,340203,2020-01..12,10.01\ninvest,340208,2020-01..12,7.02\ninvest,340221,2020-01..12,13.03\n")
		c.on(20210105)
		mustTake(t, s, service.ImportOptions{}, "changes", "date,change,old code,new code,new name\n2021-01-01,recode,340203,340209,\n2021-01-01,merge,340208,340209,\n2021-01-01,recode,340221,340210,湾沚区\n")
		board := func(on luoshi.Date) *service.Board {
			b, err := s.Board(context.Background(), service.BoardQuery{Look: service.Look{Unit: "340200", Year: 2020, Boundaries: on}})
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		then, now := board(20200101), board(20210101)
		if len(then.Rows) != 4 || len(now.Rows) != 3 {
			t.Fatalf("%d and %d rows", len(then.Rows), len(now.Rows))
		}
		for _, b := range []*service.Board{then, now} {
			if got := b.Rows[0].Cells[0].Judgement.Actual; !got.Valid || got.Decimal.String() != "30.06" {
				t.Errorf("by %v the city has %v", b.Boundaries, got)
			}
		}
		yijiang := now.Rows[1]
		if yijiang.Unit.Code != "340209" || yijiang.Cells[0].Judgement.Actual.Decimal.String() != "17.03" || yijiang.Cells[0].Judgement.Year.Decimal.Trim(0).String() != "35" {
			t.Errorf("弋江区 now: %+v", yijiang)
		}
	})
}

// Two units merge into a new one: it answers for what both had promised.
func TestMergerIntoNewUnit(t *testing.T) {
	c := &clock{}
	c.on(20200102)
	s := open(t, filepath.Join(t.TempDir(), "luoshi.db"), c)
	mustTake(t, s, service.ImportOptions{}, "units", "code,name,valid from\n340000,安徽省,2019-01-01\n340200,芜湖市,2019-01-01\n340203,弋江区,2019-01-01\n340208,三山区,2019-01-01\n",
		"indicators", "code,name,measure,decimals,direction,kind,over time,over units,basis,calendar,reported at\ninvest,投资,亿元,2,more,flow,sum,sum,cumulative,monthly,county\n",
		"targets", "indicator,unit code,first year,form,value,holds from\ninvest,340203,2020,level,20,2020-01-01\ninvest,340208,2020,level,15,2020-01-01\n",
		"changes", "date,change,old code,new code,new name\n2020-07-01,merge,340203,340209,新弋江区\n2020-07-01,merge,340208,340209,\n",
		"figures", "indicator,unit code,period,value\ninvest,340203,2020-01..12,10.01\ninvest,340208,2020-01..12,7.02\n")
	c.on(20210105)
	b, err := s.Board(context.Background(), service.BoardQuery{Look: service.Look{Unit: "340200", Year: 2020, Boundaries: 20201231}})
	if err != nil || len(b.Rows) != 2 {
		t.Fatal(err, b)
	}
	j := b.Rows[1].Cells[0].Judgement
	if got := j.Year.Decimal.String() + " " + j.Actual.Decimal.String(); b.Rows[1].Unit.Code != "340209" || got != "35.00 17.03" || j.Light != luoshi.Red {
		t.Errorf("%s %s", b.Rows[1].Unit.Code, got)
	}
}

// A list of a later year without its changes is taken with a question, not in
// silence.
func TestLaterListAsksForChanges(t *testing.T) {
	c := &clock{}
	c.on(20200102)
	s := open(t, filepath.Join(t.TempDir(), "luoshi.db"), c)
	mustTake(t, s, service.ImportOptions{}, "units", "code,name\n340000,安徽省\n340200,芜湖市\n340203,弋江区\n340207,鸠江区\n340208,三山区\n340202,镜湖区\n340221,芜湖县\n")
	r := take(t, s, service.ImportOptions{DryRun: true}, "units", "code,name,valid from\n340000,安徽省,2021-01-01\n340200,芜湖市,2021-01-01\n340209,弋江区,2021-01-01\n340207,鸠江区,2021-01-01\n340202,镜湖区,2021-01-01\n340221,芜湖县,2021-01-01\n")
	var keys []string
	for _, p := range r.Problems {
		keys = append(keys, p.Message.Key)
	}
	if got := strings.Join(keys, " "); got != "import.unit_recoded import.unit_vanished" {
		t.Errorf("%q", got)
	}
}

// What is exported is what can be imported: a second database shows the same.
func TestExportRoundTrip(t *testing.T) {
	c := &clock{}
	c.on(20200102)
	s := open(t, filepath.Join(t.TempDir(), "one.db"), c)
	mustTake(t, s, service.ImportOptions{}, small...)
	c.on(20200710)
	mustTake(t, s, service.ImportOptions{}, "figures", june)
	for _, csv := range []bool{false, true} {
		var file bytes.Buffer
		if err := s.Export(context.Background(), &file, service.ExportOptions{CSV: csv, Lang: "en"}); err != nil {
			t.Fatal(err)
		}
		again := open(t, filepath.Join(t.TempDir(), "two.db"), c)
		name := map[bool]string{false: "year.xlsx", true: "year.zip"}[csv]
		r, err := again.ImportReader(context.Background(), bytes.NewReader(file.Bytes()), int64(file.Len()), service.ImportOptions{Name: name})
		if err != nil || luoshi.Blocked(r.Problems) || !r.Saved {
			t.Fatalf("%s: %v, %+v", name, err, r)
		}
		want, got := overview(t, s, service.Look{}), overview(t, again, service.Look{})
		if want.Goals[0].Judgement.Actual != got.Goals[0].Judgement.Actual || want.Goals[0].Judgement.Light != got.Goals[0].Judgement.Light || len(want.Goals) != len(got.Goals) {
			t.Errorf("%s: %+v, want %+v", name, got.Goals, want.Goals)
		}
	}
}

// The cascade puts both margins exactly in force, as revisions with a reason.
func TestCascadeInForce(t *testing.T) {
	c := &clock{}
	c.on(20200102)
	s := open(t, filepath.Join(t.TempDir(), "luoshi.db"), c)
	mustTake(t, s, service.ImportOptions{}, small...)
	mustTake(t, s, service.ImportOptions{}, "figures", "indicator,unit code,period,value\ninvest,340100,2019-01..12,150\ninvest,340200,2019-01..12,100\n")
	q := service.CascadeQuery{Indicator: "invest", Units: "last_share", Time: "straight"}
	reserve, _ := luoshi.ParseQuantity("10")
	q.Reserve = luoshi.Some(reserve)
	plan, err := s.Cascade(context.Background(), q)
	if err != nil || luoshi.Blocked(plan.Problems) {
		t.Fatal(err, plan)
	}
	if got := plan.Rows[0].Total.String() + " " + plan.Rows[1].Total.String(); got != "187.65 125.10" {
		t.Errorf("split %s", got)
	}
	if _, err := s.PutInForce(context.Background(), q, "test"); luoshi.CodeOf(err) != luoshi.Invalid {
		t.Errorf("in force without a reason: %v", err)
	}
	c.on(20200301)
	q.Reason = "常务会议"
	if _, err := s.PutInForce(context.Background(), q, "test"); err != nil {
		t.Fatal(err)
	}
	b, err := s.Board(context.Background(), service.BoardQuery{})
	if err != nil {
		t.Fatal(err)
	}
	if got := b.Rows[1].Cells[0].Judgement.Proof.Target; got != 2 {
		t.Errorf("revision %d in force", got)
	}
	past, err := s.Board(context.Background(), service.BoardQuery{Look: service.Look{AsOf: luoshi.Date(20200201).Start()}})
	if err != nil || past.Rows[1].Cells[0].Judgement.Proof.Target != 1 {
		t.Errorf("in February revision %d, %v", past.Rows[1].Cells[0].Judgement.Proof.Target, err)
	}
}

// A reported total that is not the sum of its parts is shown as reported, beside
// the difference: neither is corrected.
func TestDifferenceIsShown(t *testing.T) {
	c := &clock{}
	c.on(20200102)
	s := open(t, filepath.Join(t.TempDir(), "luoshi.db"), c)
	mustTake(t, s, service.ImportOptions{}, small...)
	c.on(20200710)
	mustTake(t, s, service.ImportOptions{}, "figures", june+"invest,340000,2020-01..06,210.00\n")
	j := overview(t, s, service.Look{}).Goals[0].Judgement
	if got := j.Actual.Decimal.String() + " " + j.Proof.Rolled.Decimal.String() + " " + j.Proof.Difference.Decimal.String(); got != "210.00 206.11 3.89" {
		t.Errorf("reported, rolled, difference: %s", got)
	}
}

// While a part lacks, what a reported total has beyond the parts that are there is
// the remainder in no unit below; it is not a difference yet.
func TestRemainderIsShown(t *testing.T) {
	c := &clock{}
	c.on(20200102)
	s := open(t, filepath.Join(t.TempDir(), "luoshi.db"), c)
	mustTake(t, s, service.ImportOptions{}, small...)
	c.on(20200710)
	mustTake(t, s, service.ImportOptions{}, "figures", "indicator,unit code,period,value\ninvest,340000,2020-01..06,210.00\ninvest,340100,2020-01..06,130.00\n")
	j := overview(t, s, service.Look{}).Goals[0].Judgement
	if j.Actual.Decimal.String() != "210.00" || j.Proof.Remainder.Decimal.String() != "80.00" || j.Proof.Difference.Valid || j.Light != luoshi.Green {
		t.Errorf("%v: %v, remainder %v, difference %v", j.Light, j.Actual, j.Proof.Remainder, j.Proof.Difference)
	}
}

// A split keeps what is given (locks, bounds, months), follows several years, and
// says what each level adds on its own.
func TestCascadeGiven(t *testing.T) {
	c := &clock{}
	c.on(20200102)
	s := open(t, filepath.Join(t.TempDir(), "luoshi.db"), c)
	mustTake(t, s, service.ImportOptions{}, small...)
	mustTake(t, s, service.ImportOptions{}, "figures", "indicator,unit code,period,value\ninvest,340100,2019-01..12,150\ninvest,340200,2019-01..12,100\n")
	q := func(text string) luoshi.Quantity { v, _ := luoshi.ParseQuantity(text); return v }
	plan, err := s.Cascade(context.Background(), service.CascadeQuery{
		Indicator: "invest", Units: "last_share", Time: "straight",
		Max: map[string]luoshi.Quantity{"340100": q("180")}, Months: map[int]luoshi.Quantity{3: q("50")},
	})
	if err != nil || luoshi.Blocked(plan.Problems) {
		t.Fatal(err, plan)
	}
	if got := plan.Rows[0].Total.String() + " " + plan.Rows[1].Total.String() + " " + plan.Months[2].String(); got != "180.00 142.75 50.00" {
		t.Errorf("%s", got)
	}
	if p := plan.Padding[0]; p.Hidden.Decimal.String() != "0.00" || p.Children.String() != "322.75" {
		t.Errorf("padding %+v", p)
	}
	if _, err := s.Cascade(context.Background(), service.CascadeQuery{Indicator: "gdp_growth", Units: "last_share", Time: "straight"}); luoshi.CodeOf(err) != luoshi.Invalid {
		t.Errorf("a growth rate was split: %v", err)
	}
}

// The years of a plan over several years are held against its whole.
func TestPlanOverSeveralYears(t *testing.T) {
	plan := func(last string) []string {
		return append([]string{"targets", "indicator,unit code,first year,last year,form,value,holds from\ninvest,340000,2019,2020,level,600,2019-01-01\ninvest,340000,2019,,level,290,2019-01-01\ninvest,340000,2020,,level," + last + ",2019-01-01\n"}, small[:4]...)
	}
	for last, want := range map[string]int{"310": 0, "300": 1} {
		c := &clock{}
		c.on(20200102)
		s := open(t, filepath.Join(t.TempDir(), "luoshi.db"), c)
		r := take(t, s, service.ImportOptions{}, plan(last)...)
		if len(r.Problems) != want || !r.Saved || want == 1 && r.Problems[0].Message.Key != "import.parts_differ" {
			t.Errorf("%s: saved %v, %v", last, r.Saved, r.Problems)
		}
	}
}
