package service_test

import (
	"context"
	"slices"
	"testing"

	"luoshi.dev"
	"luoshi.dev/assess"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/store"
)

func indicator(t *testing.T, s *service.Service, q service.IndicatorQuery) *service.IndicatorView {
	t.Helper()
	v, err := s.Indicator(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func figure(t *testing.T, s *service.Service, q service.FigureQuery) *service.FigureView {
	t.Helper()
	v, err := s.Figure(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// three is a province of three cities, of whose plan 22.75 are handed to nobody.
var three = []string{
	"units", `
code,name,kind,parent code,valid from
340000,安徽省,province,,2019-01-01
340100,合肥市,city,340000,2019-01-01
340200,芜湖市,city,340000,2019-01-01
340300,蚌埠市,city,340000,2019-01-01
`,
	"indicators", `
code,name,measure,decimals,direction,kind,over time,over units,basis,calendar,reported at,due days,formula,leads
invest,重点项目投资,亿元,2,more,flow,sum,sum,cumulative,monthly,city,10,,
starts,新开工投资,亿元,2,more,flow,sum,sum,cumulative,monthly,city,10,,invest
both,两项合计,亿元,2,more,flow,sum,sum,cumulative,monthly,,10,invest + starts,
`,
	"targets", `
indicator,unit code,first year,form,value,holds from
invest,340000,2020,level,322.75,2020-01-01
invest,340100,2020,level,100.00,2020-01-01
invest,340200,2020,level,100.00,2020-01-01
invest,340300,2020,level,100.00,2020-01-01
`,
}

const mayAndJune = `
indicator,unit code,period,value
invest,340100,2020-01..05,50.00
invest,340200,2020-01..05,50.00
invest,340300,2020-01..05,40.00
invest,340100,2020-01..06,70.00
invest,340200,2020-01..06,66.11
invest,340300,2020-01..06,70.00
starts,340100,2020-01..06,20.00
`

func TestIndicatorParts(t *testing.T) {
	databases(t, func(t *testing.T, dsn string) {
		c := &clock{}
		c.on(20200102)
		s := open(t, dsn, c)
		mustTake(t, s, service.ImportOptions{}, three...)
		if v := indicator(t, s, service.IndicatorQuery{Code: "invest"}); v.HasFigure || v.Judgement.Light != luoshi.NotJudged || len(v.History) != 0 || len(v.Revisions) != 1 {
			t.Errorf("before any figure: %+v", v.Judgement)
		}
		c.on(20200710)
		mustTake(t, s, service.ImportOptions{}, "figures", mayAndJune)
		v := indicator(t, s, service.IndicatorQuery{Code: "invest"})
		if v.Parts == nil || !v.Parts.Gap || v.Parts.By != assess.ByShare {
			t.Fatalf("parts: %+v", v.Parts)
		}
		// 206.11 − 161.375 = 44.735; each city asked for 50; 22.75/2 handed to nobody.
		if got := v.Parts.Total.Decimal.String() + " " + v.Parts.Rest.Decimal.String() + " " + v.Parts.RestPlan.Decimal.String() + " " + v.Parts.RestDone.Decimal.String(); got != "44.74 -11.37 -11.37 0.00" {
			t.Errorf("total, rest, of it plan and done: %s", got)
		}
		type row struct {
			code         string
			rank, before int
			move, part   string
		}
		var got []row
		for _, r := range v.Parts.Rows {
			got = append(got, row{r.Unit.Code, r.Rank, r.Before, r.Move.String(), r.Contribution.Decimal.String()})
		}
		want := []row{{"340100", 1, 1, "rank.same", "20.00"}, {"340300", 1, 3, "rank.up n=2", "20.00"}, {"340200", 3, 1, "rank.down n=2", "16.11"}}
		if !slices.Equal(got, want) {
			t.Errorf("ranked:\n got %v\nwant %v", got, want)
		}
		city := indicator(t, s, service.IndicatorQuery{Look: service.Look{Unit: "340300"}, Code: "invest"})
		if city.Parts != nil || city.Rank == nil || city.Rank.Rank != 1 || city.Rank.Of != 3 || city.Neighbours.EarlierUnit.Code != "340200" || city.Neighbours.LaterUnit != nil {
			t.Errorf("a unit without units below: %+v %+v %+v", city.Parts, city.Rank, city.Neighbours)
		}
		if len(v.LedBy) != 1 || v.LedBy[0].Indicator.Code != "starts" || len(v.Leads) != 0 {
			t.Errorf("led by %v", v.LedBy)
		}
		if starts := indicator(t, s, service.IndicatorQuery{Look: service.Look{Unit: "340100"}, Code: "starts"}); len(starts.Leads) != 1 || starts.HasTarget || starts.Judgement.Light != luoshi.NotJudged || !starts.HasFigure {
			t.Errorf("an indicator without a target: %+v", starts.Judgement)
		}
		both := indicator(t, s, service.IndicatorQuery{Look: service.Look{Unit: "340100"}, Code: "both"})
		if len(both.Inputs) != 2 || both.Judgement.Actual.Decimal.String() != "90.00" || !both.Course.Computed {
			t.Errorf("a formula: %d inputs, %v", len(both.Inputs), both.Judgement.Actual)
		}
		for code, want := range map[string]luoshi.Code{"nothing": luoshi.NotFound, "": luoshi.Invalid} {
			if _, err := s.Indicator(context.Background(), service.IndicatorQuery{Code: code}); luoshi.CodeOf(err) != want {
				t.Errorf("indicator %q: %v", code, err)
			}
		}
	})
}

// The path shows what its kind says: the year to date and its straight line, or
// each month and its own task; what is not there is absent, not zero.
func TestIndicatorPath(t *testing.T) {
	c := &clock{}
	c.on(20200710)
	s := open(t, t.TempDir()+"/luoshi.db", c)
	mustTake(t, s, service.ImportOptions{}, three...)
	mustTake(t, s, service.ImportOptions{}, "figures", mayAndJune)
	look := service.Look{Unit: "340300"}
	v := indicator(t, s, service.IndicatorQuery{Look: look, Code: "invest"})
	june, may, january := v.Path.Points[5], v.Path.Points[4], v.Path.Points[0]
	if v.Path.Kind != service.PathCumulative || !v.Path.Aligned || v.Path.Asked != "straight" || v.Course.Line != "straight" {
		t.Errorf("path %+v", v.Path)
	}
	if june.Asked.Decimal.String() != "50.00" || june.Actual.Decimal.String() != "70.00" || june.Gap.Decimal.String() != "20.00" || june.Light != luoshi.Green || may.Light == luoshi.Green {
		t.Errorf("June %+v, May %+v", june, may)
	}
	if january.Actual.Valid || january.Presence != luoshi.Absent || v.Path.Points[11].Presence != luoshi.NotDue {
		t.Errorf("January %+v", january)
	}
	single := indicator(t, s, service.IndicatorQuery{Look: look, Code: "invest", Show: service.PathSingle})
	june = single.Path.Points[5]
	if june.Period != luoshi.MonthOf(2020, 6) || june.Actual.Decimal.String() != "30.00" || june.Asked.Decimal.String() != "8.33" || june.Light != luoshi.NotJudged || single.Path.Points[4].Actual.Valid {
		t.Errorf("June by itself %+v; May, whose April is missing, %+v", june, single.Path.Points[4])
	}
	if other := indicator(t, s, service.IndicatorQuery{Look: look, Code: "invest", Show: "nonsense"}); other.Path.Kind != service.PathCumulative {
		t.Errorf("an unknown kind shows %s", other.Path.Kind)
	}
}

// A figure's vintages stand one above the other, with who, when and what each
// changed; what was taken back says so; a past instant knows nothing of later ones.
func TestVintages(t *testing.T) {
	databases(t, func(t *testing.T, dsn string) {
		c := &clock{}
		c.on(20200102)
		s := open(t, dsn, c)
		mustTake(t, s, service.ImportOptions{}, three...)
		line := func(unit, value string) string {
			return "\nindicator,unit code,period,value,status\ninvest," + unit + ",2020-01..06," + value + ",preliminary\n"
		}
		c.on(20200706)
		mustTake(t, s, service.ImportOptions{By: "王一"}, "figures", line("340100", "60.00"))
		c.on(20200708)
		mustTake(t, s, service.ImportOptions{By: "李二"}, "figures", line("340200", "40.00"))
		mustTake(t, s, service.ImportOptions{By: "李二"}, "figures", line("340300", "50.00"))
		c.on(20200712)
		revised := mustTake(t, s, service.ImportOptions{By: "王一"}, "figures", line("340100", "61.50"))
		q := service.FigureQuery{Look: service.Look{Unit: "340100"}, Code: "invest", Period: luoshi.ToDate(2020, 6)}
		v := figure(t, s, q)
		if len(v.Vintages) != 2 || v.Vintages[0].Change.Decimal.String() != "1.50" || !v.Vintages[0].Holds || v.Vintages[1].Holds || v.Vintages[1].By != "王一" || v.Vintages[1].Change.Valid {
			t.Fatalf("vintages %+v", v.Vintages)
		}
		whole := indicator(t, s, service.IndicatorQuery{Code: "invest"})
		var got []string
		for _, h := range whole.History {
			got = append(got, luoshi.DateOf(h.At).String()+" "+h.Value.Decimal.String()+" "+h.By+" "+h.Units[0].Name.Hans)
		}
		if want := []string{"2020-07-12 151.50 王一 合肥市", "2020-07-08 150.00 李二 芜湖市", "2020-07-06 60.00 王一 合肥市"}; !slices.Equal(got, want) {
			t.Errorf("the total:\n got %v\nwant %v", got, want)
		}
		if first := whole.History[2]; !first.Partial || first.Coverage.Have != 1 || whole.History[0].Change.Decimal.String() != "1.50" {
			t.Errorf("the total at first %+v", first)
		}
		c.on(20200715)
		st, err := store.Open(context.Background(), dsn, store.Options{Clock: c.now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = st.Close() })
		if err := st.Write(context.Background(), func(tx *store.Tx) error {
			_, err := tx.UndoBatch(context.Background(), revised.Batch, "王一", "录错")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		v = figure(t, s, q)
		if len(v.Vintages) != 3 || !v.Vintages[0].Withdrawn || v.Vintages[0].Change.Decimal.String() != "-1.50" || !v.Vintages[2].Holds || v.Value.Decimal.String() != "60.00" {
			t.Errorf("after taking back: %+v", v.Vintages)
		}
		q.AsOf = luoshi.Date(20200707).End()
		if v = figure(t, s, q); len(v.Vintages) != 1 || v.Value.Decimal.String() != "60.00" {
			t.Errorf("as of 7 July: %+v", v.Vintages)
		}
	})
}

// One figure: on either basis, with its neighbours in time and what it is made from.
func TestFigure(t *testing.T) {
	c := &clock{}
	c.on(20200710)
	s := open(t, t.TempDir()+"/luoshi.db", c)
	mustTake(t, s, service.ImportOptions{}, three...)
	mustTake(t, s, service.ImportOptions{}, "figures", mayAndJune)
	v := figure(t, s, service.FigureQuery{Code: "invest"})
	if v.Period != luoshi.ToDate(2020, 6) || v.Value.Decimal.String() != "206.11" || len(v.Parts) != 3 || len(v.Vintages) != 0 || len(v.History) != 1 || v.Earlier.To != 5 || v.Later != nil {
		t.Errorf("the newest: %+v", v)
	}
	v = figure(t, s, service.FigureQuery{Code: "invest", Period: luoshi.MonthOf(2020, 6), Basis: luoshi.Single})
	if v.Value.Decimal.String() != "66.11" || v.Period != luoshi.MonthOf(2020, 6) {
		t.Errorf("June by itself: %v %v", v.Period, v.Value)
	}
	v = figure(t, s, service.FigureQuery{Look: service.Look{Unit: "340200"}, Code: "starts", Period: luoshi.ToDate(2020, 6)})
	if v.Value.Valid || v.Presence != luoshi.Due || v.Due != 20200710 {
		t.Errorf("what is not there: %v %v %v", v.Value, v.Presence, v.Due)
	}
	v = figure(t, s, service.FigureQuery{Look: service.Look{Unit: "340100"}, Code: "both"})
	if len(v.Parts) != 2 || v.Parts[1].Indicator.Code != "starts" || v.Parts[1].Value.Decimal.String() != "20.00" {
		t.Errorf("a computed figure: %+v", v.Parts)
	}
	for _, bad := range []luoshi.Period{luoshi.ToDate(2015, 6), {Year: 2020, From: 1, To: 13}} {
		if _, err := s.Figure(context.Background(), service.FigureQuery{Code: "invest", Period: bad}); luoshi.CodeOf(err) != luoshi.Invalid {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

// By the boundaries of then and of now: 三山区 has gone into 弋江区.
func TestRedrawn(t *testing.T) {
	s := demotest.Open(t)
	look := service.Look{AsOf: luoshi.Date(20200731).End(), Unit: "340200"}
	v := indicator(t, s, service.IndicatorQuery{Look: look, Code: "key_projects"})
	r := v.Redrawn
	if r == nil || r.Gone || r.Shown != 20200101 || r.Other != 20210101 {
		t.Fatalf("redrawn: %+v", r)
	}
	merged := 0
	for _, c := range r.Changes {
		if c.Kind == "merged" && c.To == "340209" {
			merged++
		}
	}
	if merged != 2 || len(r.Changes) != 4 || r.Here.Actual != r.There.Actual {
		t.Errorf("changes: %+v", r.Changes)
	}
	var here, there int64
	for _, row := range r.Rows {
		for _, side := range []struct {
			sum *int64
			q   luoshi.NullQuantity
		}{{&here, row.HereValue}, {&there, row.ThereVal}} {
			if side.q.Valid {
				n, err := luoshi.Scaled(side.q.Decimal, 2)
				if err != nil {
					t.Fatal(err)
				}
				*side.sum += n
			}
		}
	}
	if here != there || here == 0 {
		t.Errorf("the districts that changed have %d by the one and %d by the other", here, there)
	}
	look.Unit = "340203"
	if v := indicator(t, s, service.IndicatorQuery{Look: look, Code: "key_projects"}); v.Redrawn == nil || !v.Redrawn.Gone {
		t.Errorf("a district that is no more: %+v", v.Redrawn)
	}
	look.Unit = "340400"
	if v := indicator(t, s, service.IndicatorQuery{Look: look, Code: "key_projects"}); v.Redrawn != nil {
		t.Errorf("a city where nothing changed: %+v", v.Redrawn)
	}
}

// Whatever the indicator and the unit: contributions and rest add up to the gap,
// places begin at one, and the newest vintage is what is shown.
func TestIndicatorHolds(t *testing.T) {
	s := demotest.Open(t)
	ctx := context.Background()
	for _, unit := range []string{"340000", "340200", "340400", "340203"} {
		look := service.Look{AsOf: luoshi.Date(20200731).End(), Unit: unit}
		code, seen := "gdp", 0
		for ; code != ""; seen++ {
			v, err := s.Indicator(ctx, service.IndicatorQuery{Look: look, Code: code})
			if err != nil {
				t.Fatalf("%s at %s: %v", code, unit, err)
			}
			holds(t, v)
			next := v.Neighbours.LaterIndicator
			code = ""
			if next != nil {
				code = next.Code
			}
		}
		if seen < 5 {
			t.Errorf("%s: only %d indicators", unit, seen)
		}
	}
}

func holds(t *testing.T, v *service.IndicatorView) {
	t.Helper()
	if len(v.History) > 0 && v.Judgement.Actual.Valid && !v.History[0].Withdrawn {
		held := slices.IndexFunc(v.History, func(h service.Vintage) bool { return h.Holds && h.Value.Valid })
		if held < 0 || v.History[held].Value.Decimal.Cmp(v.Judgement.Actual.Decimal) != 0 {
			t.Errorf("%s at %s: %v is shown, the vintages say %+v", v.Indicator.Code, v.Unit.Code, v.Judgement.Actual, v.History)
		}
	}
	if v.Parts == nil {
		return
	}
	first := 0
	for _, r := range v.Parts.Rows {
		if r.Rank == 1 {
			first++
		}
		if r.Rank > len(v.Parts.Rows) {
			t.Errorf("%s: place %d of %d", v.Indicator.Code, r.Rank, len(v.Parts.Rows))
		}
	}
	if v.Parts.Rows[0].Rank > 0 && first == 0 {
		t.Errorf("%s: nobody is first", v.Indicator.Code)
	}
	if !v.Parts.Gap {
		return
	}
	sum := v.Parts.Rest.Decimal
	for _, r := range v.Parts.Rows {
		if !r.Contribution.Valid {
			continue
		}
		added, err := sum.Add(r.Contribution.Decimal)
		if err != nil {
			t.Fatal(err)
		}
		sum = added
	}
	if sum.Cmp(v.Parts.Total.Decimal) != 0 {
		t.Errorf("%s at %s: the parts add to %v, the gap is %v", v.Indicator.Code, v.Unit.Code, sum, v.Parts.Total)
	}
}
