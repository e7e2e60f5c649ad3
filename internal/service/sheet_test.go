package service_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/service"
	"pgregory.net/rapid"
)

var summer = service.Look{AsOf: luoshi.Date(20200731).End(), Unit: "340000"}

func amount(text string) luoshi.Quantity {
	q, err := luoshi.ParseQuantity(text)
	if err != nil {
		panic(err)
	}
	return q
}

func sheetOf(t testing.TB, s *service.Service, q service.CascadeQuery) *service.CascadeSheet {
	t.Helper()
	v, err := s.CascadeSheet(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	if v.Why.Key != "" {
		t.Fatalf("no sheet: %v", v.Why)
	}
	return v
}

func rowOf(t testing.TB, v *service.CascadeSheet, code string, reserve bool) service.SheetRow {
	t.Helper()
	for _, row := range v.Rows {
		if row.Unit.Code == code && row.Reserve == reserve {
			return row
		}
	}
	t.Fatalf("no row of %s", code)
	return service.SheetRow{}
}

// What is in force is shown as it stands; nothing is tried.
func TestSheetInForce(t *testing.T) {
	v := sheetOf(t, demotest.Open(t), service.CascadeQuery{Look: summer, Indicator: "key_projects", Open: []string{"340100"}})
	if v.Tried || len(v.Changes) != 0 || len(v.Columns) != 11 || v.Columns[0].To != 2 {
		t.Errorf("tried %v, %d changes, columns %v", v.Tried, len(v.Changes), v.Columns)
	}
	if !v.Sum.Full || v.Sum.Total.Decimal.String() != "322.75" || !v.Sum.Hidden.Decimal.IsZero() {
		t.Errorf("margin %+v", v.Sum)
	}
	hefei, yaohai := rowOf(t, v, "340100", false), rowOf(t, v, "340102", false)
	if hefei.Total.Decimal.String() != "79.07" || hefei.Depth != 1 || !hefei.Open || !hefei.Assumed || hefei.Revision != 1 {
		t.Errorf("%+v", hefei)
	}
	if yaohai.Parent != "340100" || yaohai.Depth != 2 || yaohai.Tried {
		t.Errorf("%+v", yaohai)
	}
	for j := range v.Columns { // lines that only stand in add up too
		if v.Sum.Months[j].Decimal.Cmp(v.Rows[0].Months[j].Decimal) != 0 {
			t.Errorf("%v: below %v, whole %v", v.Columns[j], v.Sum.Months[j], v.Rows[0].Months[j])
		}
	}
}

// As the plan in force and nothing else is that plan; what is locked stands and both
// margins hold, down to the counties that are split too.
func TestSheetTried(t *testing.T) {
	s := demotest.Open(t)
	same := sheetOf(t, s, service.CascadeQuery{Look: summer, Indicator: "key_projects", Units: service.AsInForce, Time: service.AsInForce})
	if !same.Tried || len(same.Changes) != 0 || len(same.Problems) != 0 {
		t.Errorf("%d changes, %v", len(same.Changes), same.Problems)
	}
	v := sheetOf(t, s, service.CascadeQuery{
		Look: summer, Indicator: "key_projects", Units: "last_share", Time: "last_year", Reserve: luoshi.Some(amount("5")),
		Locks: map[string]luoshi.Quantity{"340100": amount("80"), "340102": amount("9")}, Methods: map[string]string{"340300": "straight"},
		Cells: map[string]map[int]luoshi.Quantity{"340200": {3: amount("2.5"), 6: amount("4")}}, Split: []string{"340100"},
	})
	if len(v.Problems) != 0 {
		t.Fatal(v.Problems)
	}
	addsUp(t, v)
	wuhu := rowOf(t, v, "340200", false)
	if wuhu.Months[1].Decimal.String() != "2.50" || wuhu.Months[4].Decimal.String() != "4.00" || !wuhu.Cells[1] || wuhu.Cells[2] {
		t.Errorf("Wuhu %v %v", wuhu.Months, wuhu.Cells)
	}
	if got := rowOf(t, v, "340102", false); got.Total.Decimal.String() != "9.00" || !got.Tried || !got.Locked || got.Against.Decimal.String() != "2.27" {
		t.Errorf("Yaohai %+v", got)
	}
	if got := rowOf(t, v, "340000", true); got.Total.Decimal.String() != "5.00" {
		t.Errorf("reserve %+v", got)
	}
	// The province by its reserve and curve, 16 cities, nine districts of Hefei.
	if len(v.Changes) != 26 {
		t.Errorf("%d changes", len(v.Changes))
	}
}

// addsUp checks every level of a sheet that is tried: rows sum to their year, and what
// is below with the reserve to what is above, in every month.
func addsUp(t testing.TB, v *service.CascadeSheet) {
	t.Helper()
	add := func(a *luoshi.Quantity, q luoshi.NullQuantity) {
		if sum, err := a.Add(q.Decimal); err == nil && q.Valid {
			*a = sum
		} else {
			t.Fatalf("cannot add %v to %v: %v", q, a, err)
		}
	}
	for _, up := range v.Rows {
		sum := luoshi.Quantity{}
		for _, m := range up.Months {
			add(&sum, m)
		}
		if len(up.Months) > 0 && sum.Cmp(up.Total.Decimal) != 0 {
			t.Errorf("%s: months sum to %v, the year is %v", up.Unit.Name, sum, up.Total)
		}
		if !up.Split {
			continue
		}
		total, months := luoshi.Quantity{}, make([]luoshi.Quantity, len(up.Months))
		for _, row := range v.Rows {
			if row.Parent != up.Unit.Code {
				continue
			}
			add(&total, row.Total)
			for j := range months {
				add(&months[j], row.Months[j])
			}
		}
		if total.Cmp(up.Total.Decimal) != 0 {
			t.Errorf("below %s: %v, not %v", up.Unit.Name, total, up.Total)
		}
		for j := range months {
			if months[j].Cmp(up.Months[j].Decimal) != 0 {
				t.Errorf("below %s in %v: %v, not %v", up.Unit.Name, v.Columns[j], months[j], up.Months[j])
			}
		}
	}
}

// Whatever is asked of it: a split without blocking problems holds at every level.
func TestSheetHolds(t *testing.T) {
	s := demotest.Open(t)
	base := sheetOf(t, s, service.CascadeQuery{Look: summer, Indicator: "key_projects", Units: service.AsInForce})
	rapid.Check(t, func(r *rapid.T) {
		q := service.CascadeQuery{Look: summer, Indicator: "key_projects", Units: rapid.SampledFrom([]string{service.AsInForce, "last_share", "equal_growth"}).Draw(r, "units"),
			Time:  rapid.SampledFrom(service.TimeMethods()).Draw(r, "time"),
			Locks: map[string]luoshi.Quantity{}, Methods: map[string]string{}, Cells: map[string]map[int]luoshi.Quantity{}}
		if rapid.Bool().Draw(r, "split") {
			q.Split = []string{"340100", "340200"}
		}
		for _, row := range base.Rows[1:17] {
			code := row.Unit.Code
			if rapid.IntRange(0, 4).Draw(r, "lock") == 0 {
				q.Locks[code] = luoshi.Unscaled(rapid.Int64Range(0, 3000).Draw(r, "locked"), 2).Decimal
			}
			if rapid.IntRange(0, 3).Draw(r, "own") == 0 {
				q.Methods[code] = rapid.SampledFrom(service.TimeMethods()).Draw(r, "method")
			}
			if rapid.IntRange(0, 3).Draw(r, "cell") == 0 {
				q.Cells[code] = map[int]luoshi.Quantity{rapid.IntRange(2, 12).Draw(r, "month"): luoshi.Unscaled(rapid.Int64Range(0, 200).Draw(r, "value"), 2).Decimal}
			}
		}
		v := sheetOf(t, s, q)
		for _, p := range v.Problems {
			if p.Severity == luoshi.Blocking {
				return
			}
		}
		addsUp(t, v)
		for code, lock := range q.Locks {
			if row := rowOf(t, v, code, false); row.Total.Decimal.Cmp(lock) != 0 {
				t.Fatalf("%s is %v, locked at %v", code, row.Total, lock)
			}
		}
	})
}

// A conflict stands at its cell; what cannot be read stands there too, and neither
// keeps the sheet from being shown.
func TestSheetProblems(t *testing.T) {
	s := demotest.Open(t)
	for name, c := range map[string]struct {
		q     service.CascadeQuery
		unit  string
		month int
		key   string
	}{
		"beyond the year":  {service.CascadeQuery{Cells: map[string]map[int]luoshi.Quantity{"341000": {3: amount("4"), 4: amount("4")}}}, "341000", 0, "cascade.locks_row"},
		"beyond the month": {service.CascadeQuery{Cells: map[string]map[int]luoshi.Quantity{"340100": {3: amount("20")}, "341100": {3: amount("8")}}}, "340000", 3, "cascade.locks_month"},
		"beyond the total": {service.CascadeQuery{Locks: everyCity("30")}, "340000", 0, "cascade.least"},
		"one beyond it":    {service.CascadeQuery{Locks: map[string]luoshi.Quantity{"340100": amount("400")}}, "340000", 0, "cascade.overdrawn"},
		"bounds":           {service.CascadeQuery{Min: map[string]luoshi.Quantity{"340300": amount("9")}, Max: map[string]luoshi.Quantity{"340300": amount("8")}}, "340300", 0, "cascade.bounds"},
		"too fine":         {service.CascadeQuery{Cells: map[string]map[int]luoshi.Quantity{"340300": {5: amount("1.234")}}}, "340300", 5, "number.decimals"},
		"no such period":   {service.CascadeQuery{Months: map[int]luoshi.Quantity{1: amount("3")}}, "340000", 1, "period.out_of_calendar"},
	} {
		c.q.Look, c.q.Indicator = summer, "key_projects"
		v := sheetOf(t, s, c.q)
		if len(v.Problems) == 0 || v.Problems[0].Unit.Code != c.unit || v.Problems[0].Month != c.month || v.Problems[0].Message.Key != c.key {
			t.Errorf("%s: %+v", name, v.Problems)
		}
	}
}

func everyCity(value string) map[string]luoshi.Quantity {
	locks := map[string]luoshi.Quantity{}
	for _, code := range []string{"340100", "340200", "340300", "340400", "340500", "340600", "340700", "340800", "341000", "341100", "341200", "341300", "341500", "341600", "341700", "341800"} {
		locks[code] = amount(value)
	}
	return locks
}

// What cannot be split says why.
func TestSheetWhyNot(t *testing.T) {
	s := demotest.Open(t)
	for _, c := range []struct{ unit, indicator, key string }{
		{"340000", "unemployment_rate", "cascadepage.why.ratio"}, {"340000", "cpi", "cascadepage.why.index"}, {"340000", "gdp", "cascadepage.why.none"},
		{"340000", "manufacturing_loans", "cascade.no_total"}, {"340102", "key_projects", "cascade.no_children"},
	} {
		v, err := s.CascadeSheet(context.Background(), service.CascadeQuery{Look: service.Look{AsOf: summer.AsOf, Unit: c.unit}, Indicator: c.indicator})
		if err != nil || v.Why.Key != c.key {
			t.Errorf("%s: %v, %v", c.indicator, v.Why, err)
		}
	}
}

// Put in force with a reason, compared, put back: each a revision of its own.
func TestSheetPutInForce(t *testing.T) {
	now := time.Now()
	s := demotest.Copy(t, func() time.Time { now = now.Add(time.Second); return now })
	q := service.CascadeQuery{Look: summer, Indicator: "key_projects", Locks: map[string]luoshi.Quantity{"340100": amount("80")},
		Cells: map[string]map[int]luoshi.Quantity{"340400": {9: amount("1.5")}}, Seen: 1}
	q.Reason = "常务会议"
	if _, err := s.Enforce(context.Background(), q, "test"); luoshi.CodeOf(err) != luoshi.Conflict {
		t.Errorf("decided on an older sheet: %v", err)
	}
	q.Seen, q.From = 0, 20200101
	if _, err := s.Enforce(context.Background(), q, "test"); luoshi.CodeOf(err) != luoshi.Invalid {
		t.Errorf("from before the revision in force: %v", err)
	}
	q.From = 0
	done, err := s.Enforce(context.Background(), q, "test")
	if err != nil {
		t.Fatal(err)
	}
	if len(done.Changes) != 16 || done.Changes[0].Unit.Code != "340100" || done.Changes[0].By.Decimal.String() != "0.93" || done.Changes[0].Next != 2 {
		t.Errorf("%d changes, %+v", len(done.Changes), done.Changes[0])
	}
	present := service.Look{Unit: "340000", Year: 2020}
	v := sheetOf(t, s, service.CascadeQuery{Look: present, Indicator: "key_projects"})
	if got := rowOf(t, v, "340100", false); got.Total.Decimal.String() != "80.00" || got.Before.Decimal.String() != "79.07" || got.Revision != 2 || v.Tried {
		t.Errorf("%+v", got)
	}
	for j := range v.Columns {
		if v.Sum.Months[j].Decimal.Cmp(v.Rows[0].Months[j].Decimal) != 0 {
			t.Errorf("in force, %v: below %v, whole %v", v.Columns[j], v.Sum.Months[j], v.Rows[0].Months[j])
		}
	}
	if _, err := s.Enforce(context.Background(), q, "test"); luoshi.CodeOf(err) != luoshi.Conflict {
		t.Errorf("the plan of summer is not the newest: %v", err)
	}
	cmp, err := s.ComparePlans(context.Background(), service.CompareQuery{Look: present, Indicator: "key_projects"})
	if err != nil || cmp.Differ != 16 || cmp.B.Reason != "常务会议" || cmp.B.By != "test" || !cmp.B.InForce || cmp.A.ID != done.Before {
		t.Fatalf("%+v, %v", cmp, err)
	}
	back, err := s.RestorePlan(context.Background(), service.CascadeQuery{Look: present, Indicator: "key_projects", Reason: "撤销"}, done.Before, "test")
	if err != nil || back.Count != 16 || back.Left != 0 {
		t.Fatalf("%+v, %v", back, err)
	}
	v = sheetOf(t, s, service.CascadeQuery{Look: present, Indicator: "key_projects"})
	if got := rowOf(t, v, "340100", false); got.Total.Decimal.String() != "79.07" || got.Revision != 3 || len(v.Versions) != 3 {
		t.Errorf("%+v, %d versions", got, len(v.Versions))
	}
	if _, err := s.RestorePlan(context.Background(), service.CascadeQuery{Look: present, Indicator: "key_projects", Reason: "再来"}, done.Before, "test"); luoshi.CodeOf(err) != luoshi.Conflict {
		t.Errorf("put back what is in force: %v", err)
	}
}

// The workbook that is written is read again as the same split.
func TestSheetWorkbook(t *testing.T) {
	s := demotest.Open(t)
	q := service.CascadeQuery{Look: summer, Indicator: "key_projects", Units: "last_share", Time: "last_year", Reserve: luoshi.Some(amount("2")), ToWrite: true}
	v := sheetOf(t, s, q)
	var book bytes.Buffer
	if err := s.Workbook(&book, v, q, "zh-Hans"); err != nil {
		t.Fatal(err)
	}
	read, err := s.ReadPlan(context.Background(), q, bytes.NewReader(book.Bytes()), int64(book.Len()), "plan.xlsx")
	if err != nil || len(read.Problems) != 0 || read.Rows != 16 || read.Query.Units != "by_hand" {
		t.Fatalf("%+v, %v", read, err)
	}
	read.Query.Reserve = q.Reserve
	again := sheetOf(t, s, read.Query)
	if len(again.Problems) != 0 {
		t.Fatal(again.Problems)
	}
	addsUp(t, again)
	for i, row := range v.Rows {
		for j, m := range row.Months {
			if row.Depth == 1 && !row.Reserve && again.Rows[i].Months[j].Decimal.Cmp(m.Decimal) != 0 {
				t.Errorf("%s %v: %v, written %v", row.Unit.Name, v.Columns[j], again.Rows[i].Months[j], m)
			}
		}
	}
	if _, err := s.ReadPlan(context.Background(), service.CascadeQuery{Look: summer, Indicator: "trade"}, bytes.NewReader(book.Bytes()), int64(book.Len()), "plan.xlsx"); luoshi.CodeOf(err) != luoshi.Invalid {
		t.Errorf("a workbook of another indicator: %v", err)
	}
}
