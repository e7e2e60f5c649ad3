package service_test

import (
	"context"
	"slices"
	"testing"

	"luoshi.dev"
	"luoshi.dev/catchup"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/service"
)

// midyear is the look of the article: the province at the end of July 2020.
func midyear(unit string) service.Look {
	asOf, _ := luoshi.ParseAsOf("2020-07-31")
	return service.Look{AsOf: asOf, Unit: unit}
}

func catchUp(t *testing.T, s *service.Service, q service.CatchUpQuery) *service.CatchUpView {
	t.Helper()
	v, err := s.CatchUp(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// scaledAt is a number at the indicator's decimals; a test fails where it is absent.
func scaledAt(t *testing.T, v *service.CatchUpView, q luoshi.NullQuantity) int64 {
	t.Helper()
	if !q.Valid {
		t.Fatal("absent")
	}
	n, err := luoshi.Scaled(q.Decimal, v.Indicator.Decimals)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// closes holds a plan against itself: cells, units, months and the whole are sums of
// each other with what is reported.
func closes(t *testing.T, v *service.CatchUpView) {
	t.Helper()
	rows := v.Rows
	if v.Alone {
		rows = []service.CatchUpRow{v.Whole}
	}
	rest, years := int64(0), int64(0)
	months := make([]int64, len(v.Columns))
	for _, r := range rows {
		left, year := int64(0), int64(0)
		for j, cell := range r.Cells {
			if !cell.Value.Valid {
				t.Fatalf("%s %v has no value", r.Unit.Code, cell.Period)
			}
			n := scaledAt(t, v, cell.Value)
			months[j] += n
			year += n
			if v.Columns[j].Left {
				left += n
			}
		}
		if left != scaledAt(t, v, r.Rest) || year != scaledAt(t, v, r.Total) {
			t.Errorf("%s: months come to %d and %d, the margin says %v and %v", r.Unit.Code, left, year, r.Rest, r.Total)
		}
		rest, years = rest+left, years+year
	}
	if rest != scaledAt(t, v, v.Sum) || years != scaledAt(t, v, v.Year) || v.Whole.Total != v.Year || v.Whole.Rest != v.Sum {
		t.Errorf("units come to %d and %d, the plan says %v and %v, the last row %v and %v", rest, years, v.Sum, v.Year, v.Whole.Rest, v.Whole.Total)
	}
	for j, cell := range v.Whole.Cells {
		if months[j] != scaledAt(t, v, cell.Value) {
			t.Errorf("%v: units come to %d, the whole is %v", cell.Period, months[j], cell.Value)
		}
	}
	if v.State == catchup.Met && v.Year.Decimal.Cmp(v.Target.Decimal) != 0 {
		t.Errorf("met, and yet %v of %v", v.Year, v.Target)
	}
}

// The article: make up the first half's losses in the third and fourth quarters.
func TestCatchUpOfTheDemonstration(t *testing.T) {
	s := demotest.Open(t)
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		unit, indicator, total string
		state                  catchup.State
		known, needed, target  string
		rows                   int
		alone                  bool
		says                   string
	}{
		{"340000", "retail", "", catchup.Met, "8454.6", "11104.4", "19559.0", 16, false, "剩余时期还需完成"},
		{"340000", "key_projects", "", catchup.Ahead, "206.11", "116.64", "322.75", 16, false, "预计可达128.05，比所需的116.64多11.41；无须加码"},
		{"340000", "key_projects", "350", catchup.Met, "206.11", "143.89", "350", 16, false, "剩余时期还需完成143.89，比预期多15.84；方案能够补齐"},
		{"340000", "key_projects", "400", catchup.Short, "206.11", "193.89", "400", 16, false, "目标无法完成：还需193.89，最多只能完成"},
		{"340000", "safety_accidents", "", catchup.Ahead, "512", "988", "1500", 16, false, "预计为"},
		{"341500", "key_projects", "", catchup.Short, "5.19", "8.05", "13.24", 7, false, "目标无法完成"},
		{"340121", "key_projects", "", "", "", "", "", 0, true, ""},
	} {
		q := service.CatchUpQuery{Look: midyear(c.unit), Indicator: c.indicator}
		if c.total != "" {
			q.Total = luoshi.Some(amount(c.total))
		}
		v := catchUp(t, s, q)
		if v.Why.Key != "" {
			t.Errorf("%s %s: %v", c.unit, c.indicator, v.Why)
			continue
		}
		if c.state != "" && (v.State != c.state || v.Known.Decimal.Cmp(amount(c.known)) != 0 || v.Needed.Decimal.Cmp(amount(c.needed)) != 0 || v.Target.Decimal.Cmp(amount(c.target)) != 0) {
			t.Errorf("%s %s: %s, known %v, needed %v of %v", c.unit, c.indicator, v.State, v.Known, v.Needed, v.Target)
		}
		if v.Alone != c.alone || !c.alone && len(v.Rows) != c.rows {
			t.Errorf("%s %s: alone %v, %d rows", c.unit, c.indicator, v.Alone, len(v.Rows))
		}
		if says := words.Say(locale.ZhHans, v.Says[0]); len(says) < len(c.says) || says[:len(c.says)] != c.says {
			t.Errorf("%s %s: %s", c.unit, c.indicator, says)
		}
		if v.State == catchup.Short && (len(v.Gives) == 0 || !v.Best.Valid || !v.ChanceBest.OK() || v.ChanceBest.Cmp(v.Chance) < 0) {
			t.Errorf("%s %s: short: best %v with chance %v of %v, gives %d", c.unit, c.indicator, v.Best, v.ChanceBest, v.Chance, len(v.Gives))
		}
		if v.State == catchup.Ahead && len(v.Tasks) > 0 {
			t.Errorf("%s %s: nothing is asked for, yet %d tasks", c.unit, c.indicator, len(v.Tasks))
		}
		for _, m := range slices.Concat(v.Says, v.Notes) {
			if !words.Has(m.Key) {
				t.Errorf("no word %s", m.Key)
			}
		}
		closes(t, v)
	}
}

// What planners lock, cap and set is kept to, and everything still adds up.
func TestCatchUpKeepsToWhatIsGiven(t *testing.T) {
	s := demotest.Open(t)
	base := service.CatchUpQuery{Look: midyear("340000"), Indicator: "retail", Total: luoshi.Some(amount("19200"))}
	before := catchUp(t, s, base)
	q := base
	q.Locks = map[string]map[int]luoshi.Quantity{"340100": {9: amount("400"), 12: amount("512.3")}}
	q.Caps = map[string]luoshi.Quantity{"340200": amount("900")}
	q.Floors = map[string]luoshi.Quantity{"340300": amount("610")}
	q.CellCaps = map[string]map[int]luoshi.Quantity{"340400": {7: amount("55")}}
	q.Beside = &base
	v := catchUp(t, s, q)
	if v.State != catchup.Met || len(v.Problems) > 0 && v.Problems[0].Severity == luoshi.Blocking {
		t.Fatalf("%s %v", v.State, v.Problems)
	}
	closes(t, v)
	row := func(v *service.CatchUpView, code string) service.CatchUpRow {
		return v.Rows[slices.IndexFunc(v.Rows, func(r service.CatchUpRow) bool { return r.Unit.Code == code })]
	}
	in := func(r service.CatchUpRow, month int) service.CatchUpCell {
		return r.Cells[slices.IndexFunc(r.Cells, func(c service.CatchUpCell) bool { return c.Period.To == month })]
	}
	hefei := row(v, "340100")
	for month, want := range map[int]string{9: "400.0", 12: "512.3"} {
		if cell := in(hefei, month); cell.Value.Decimal.String() != want || !cell.Locked || cell.Hold != catchup.Locked {
			t.Errorf("%v: %v %v %v", cell.Period, cell.Value, cell.Locked, cell.Hold)
		}
	}
	if r := row(v, "340200"); r.Rest.Decimal.Cmp(amount("900")) > 0 || r.MostFrom != service.FromPlanner {
		t.Errorf("capped at 900: %v from %s", r.Rest, r.MostFrom)
	}
	if r := row(v, "340300"); r.Rest.Decimal.Cmp(amount("610")) < 0 {
		t.Errorf("at least 610: %v", r.Rest)
	}
	if cell := in(row(v, "340400"), 7); cell.Value.Decimal.Cmp(amount("55")) > 0 || cell.HighFrom != service.FromPlanner {
		t.Errorf("at most 55 in July: %v from %s", cell.Value, cell.HighFrom)
	}
	if v.Beside == nil || v.Beside.Differ == 0 || v.Beside.Sum.By.Decimal.Sign() != 0 {
		t.Errorf("beside the plan without: %+v", v.Beside)
	}
	if v.Compare != nil && v.Compare.Sum.Here != v.Sum {
		t.Errorf("beside the plan in force: %+v", v.Compare.Sum)
	}
	again := catchUp(t, s, base)
	if again.Says[0].String() != before.Says[0].String() {
		t.Error("a try has changed what is not tried")
	}
}

// What cannot be given is said at its cell, with nothing planned around it.
func TestCatchUpRefuses(t *testing.T) {
	s := demotest.Open(t)
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		q     func(*service.CatchUpQuery)
		unit  string
		month int
		key   string
	}{
		{"a reported month", func(q *service.CatchUpQuery) {
			q.Locks = map[string]map[int]luoshi.Quantity{"340100": {6: amount("1")}}
		}, "340100", 6, "catchupplan.reported"},
		{"no month of the year", func(q *service.CatchUpQuery) {
			q.CellCaps = map[string]map[int]luoshi.Quantity{"340100": {13: amount("1")}}
		}, "340100", 13, "catchupplan.month"},
		{"a unit elsewhere", func(q *service.CatchUpQuery) { q.Caps = map[string]luoshi.Quantity{"340121": amount("1")} }, "340000", 0, "catchupplan.stranger"},
		{"too many decimals", func(q *service.CatchUpQuery) { q.Caps = map[string]luoshi.Quantity{"340100": amount("1.2345")} }, "340100", 0, ""},
		{"below zero", func(q *service.CatchUpQuery) {
			q.Locks = map[string]map[int]luoshi.Quantity{"340100": {9: amount("-1")}}
		}, "340100", 9, "catchup.negative"},
		{"no weight", func(q *service.CatchUpQuery) { q.Weights = map[string]luoshi.Quantity{"340100": amount("0")} }, "340100", 0, "catchupplan.weight"},
	} {
		q := service.CatchUpQuery{Look: midyear("340000"), Indicator: "retail"}
		c.q(&q)
		v := catchUp(t, s, q)
		if len(v.Problems) == 0 || v.State != "" || v.Year.Valid {
			t.Errorf("%s: %q, %v", c.name, v.State, v.Problems)
			continue
		}
		p := v.Problems[0]
		if p.Unit.Code != c.unit || p.Month != c.month || c.key != "" && p.Message.Key != c.key || p.Severity != luoshi.Blocking || !words.Has(p.Message.Key) || !words.Has(p.Message.Key+".fix") {
			t.Errorf("%s: %+v", c.name, p)
		}
		if len(v.Rows) != 16 || !v.Rows[0].Known.Valid {
			t.Errorf("%s: what is known is not shown", c.name)
		}
	}
}

// What does not add up, is over, or has no target says so and what to do instead.
func TestCatchUpSaysWhyNot(t *testing.T) {
	s := demotest.Open(t)
	for _, c := range []struct {
		indicator, why, instead string
	}{
		{"cpi", "catchupplan.why.kind", "catchupplan.instead.board"},
		{"fiscal_revenue", "catchupplan.why.target", "catchupplan.instead.total"},
		{"trade", "catchupplan.why.amount", "catchupplan.instead.total"},
	} {
		v := catchUp(t, s, service.CatchUpQuery{Look: midyear("340000"), Indicator: c.indicator})
		if v.Why.Key != c.why || v.Instead.Key != c.instead {
			t.Errorf("%s: %v; %v", c.indicator, v.Why, v.Instead)
		}
	}
}

// Another lock forecasts nothing anew: a province's plan is there at once.
func TestCatchUpIsLive(t *testing.T) {
	s := demotest.Open(t)
	q := service.CatchUpQuery{Look: midyear("340000"), Indicator: "retail"}
	catchUp(t, s, q)
	q.Locks = map[string]map[int]luoshi.Quantity{"340100": {9: amount("400")}}
	allocated := testing.AllocsPerRun(5, func() { catchUp(t, s, q) })
	if allocated > 50_000 { // an outlook alone takes more
		t.Errorf("%v allocations for a lock", allocated)
	}
}
