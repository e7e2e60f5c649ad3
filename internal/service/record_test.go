package service_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/demo/fill"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/store"
	"luoshi.dev/workflow"
)

// record is the history of a database, beside the service that writes it.
type record struct {
	*testing.T
	st *store.Store
}

func recordOf(t *testing.T, dsn string) record {
	t.Helper()
	st, err := store.Open(context.Background(), dsn, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return record{t, st}
}

// intact walks the history deeply and fails on anything found; it returns how many
// events there are.
func (r record) intact() int64 {
	r.Helper()
	report, err := r.st.VerifyHistory(context.Background(), nil, true, nil)
	if err != nil {
		r.Fatal(err)
	}
	for _, m := range report.Found {
		r.Errorf("found %s", m)
	}
	return report.Events
}

// newest is the last event.
func (r record) newest() luoshi.Event {
	r.Helper()
	list, err := r.st.Events(context.Background(), store.EventQuery{Limit: 1})
	if err != nil || len(list) != 1 {
		r.Fatal(list, err)
	}
	return list[0]
}

// clerk7 acts for somebody, through a request.
func clerk7() context.Context {
	return service.As(context.Background(), account.By{Actor: workflow.Actor{Person: 7}, Behalf: 3, Request: "r-1"})
}

// Each intent writes one event, in its own transaction: who, on whose behalf, what
// it was about, and what of it differs. The rows are its to answer for.
func TestEventOfEachWrite(t *testing.T) {
	databases(t, func(t *testing.T, dsn string) {
		c := &clock{}
		s := town(t, dsn, c)
		r := recordOf(t, dsn)
		ctx := clerk7()
		var undo, imported int64
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		change := func(c service.Change) func() {
			return func() { saved, err := s.Put(ctx, c, "free text", "理由"); must(err); undo = saved.Batch }
		}
		plan := service.CascadeQuery{Look: service.Look{Year: 2020}, Indicator: "invest", Reason: "常务会议"}
		before := ""
		for _, w := range []struct {
			name           string
			do             func()
			intent, object string
			unit           luoshi.UnitID
			was, is        string // parts of Before and After
		}{
			{"a rule", change(service.Change{Schemes: []luoshi.Scheme{scheme("0", "5")}}), "plan.edit", "scheme own", 0,
				`{"fields":{"scheme own":{"red":"10"}}}`, `"fields":{"scheme own":{"red":"5"}}`},
			{"a set", change(service.Change{Sets: []luoshi.IndicatorSet{{Code: "board", Names: luoshi.Names{Hans: "每月亮晒"}, Items: []luoshi.SetItem{{Indicator: "gdp_growth", Weight: quantity("2")}}}}}),
				"plan.edit", "set board", 0, `{"item invest":"1"}`, `{"item gdp_growth":"2"}`},
			{"two goals", change(service.Change{Goals: []luoshi.Goal{
				{Code: "grow", Names: luoshi.Names{Hans: "稳增长"}, Parent: "win", Combine: luoshi.AllOf, Weight: quantity("1"), Items: []luoshi.GoalItem{{Indicator: "gdp_growth", Weight: quantity("1"), Guard: true}}},
				{Code: "jobs", Names: luoshi.Names{Hans: "就业"}, Parent: "win", Combine: luoshi.AllOf, Weight: quantity("1")}}}),
				"plan.edit", "change 5", 0, `{"goal grow":{"item gdp_growth":"1","name":"增长"}}`, `"goal jobs":{`},
			{"an indicator", func() {
				in := luoshi.Indicator{Code: "invest", Names: luoshi.Names{Hans: "重点项目投资额"}, Measure: luoshi.Measure{Symbol: luoshi.Names{Hans: "亿元"}}, Decimals: 2, Direction: luoshi.More, Kind: luoshi.Flow,
					OverTime: luoshi.TimeSum, OverUnits: luoshi.UnitSum, Basis: luoshi.Cumulative, Calendar: luoshi.Monthly, ReportedAt: luoshi.City, DueDays: 10}
				v, saved, err := s.PutIndicator(ctx, service.Look{}, "invest", in, "更名", time.Time{}, "")
				must(err)
				if saved == nil {
					t.Fatal(v.Faults)
				}
			}, "plan.edit", "indicator invest", 0, `"name":"重点项目投资"`, `"name":"重点项目投资额"`},
			{"an indicator's decimals, which its figures keep", func() {
				in := luoshi.Indicator{Code: "gdp_growth", Names: luoshi.Names{Hans: "地区生产总值增速"}, Measure: luoshi.Measure{Symbol: luoshi.Names{Hans: "%"}}, Decimals: 2, Direction: luoshi.More, Kind: luoshi.Growth,
					OverTime: luoshi.TimeNone, OverUnits: luoshi.UnitNone, Basis: luoshi.Cumulative, Calendar: luoshi.Quarterly, DueDays: 20}
				saved, err := s.Put(ctx, service.Change{Indicators: []luoshi.Indicator{in}}, "", "更细")
				must(err)
				undo = saved.Batch
			}, "plan.edit", "indicator gdp_growth", 0, `"decimals":"1"`, `"decimals":"2"`},
			{"a target", func() {
				v, saved, err := s.PutTarget(ctx, service.Look{Year: 2020}, service.TargetRow{Indicator: "invest", UnitCode: "340100", FirstYear: 2020, LastYear: 2020, Form: luoshi.FormLevel,
					Value: luoshi.Some(quantity("210")), Scheme: "own", From: 20200711, Reason: "加码"}, "")
				must(err)
				if saved == nil {
					t.Fatal(v.Faults)
				}
			}, "target.set", "target invest 340100 2020", 2, `"revision":"1","value":"200"}`, `"targets":["invest"]`},
			{"a capacity", func() {
				_, err := s.StateCapacity(ctx, service.CapacityStatement{Look: service.Look{Year: 2020}, Indicator: "invest", Of: "340100", Reason: "检修", Most: map[int]luoshi.NullQuantity{9: luoshi.Some(quantity("12.5"))}})
				must(err)
			}, "capacity.state", "capacity invest 340100 2020", 2, "", `"m9":"12.5"`},
			{"a unit's name", func() {
				undo = put7(t, s, ctx, service.UnitEdit{Code: "340200", Kind: service.EventRename, On: 20200711, Names: named("芜湖新市"), Source: "批复"}).Batch
			}, "units.edit", "unit 340200", 3, `"name":"芜湖市"`, `"name":"芜湖新市"`},
			{"a change taken back", func() { _, err := s.UndoChange(ctx, undo, "", "误"); must(err) }, "units.edit", "unit 340200", 3, `"name":"芜湖新市"`, `"undoes":`},
			{"a plan", func() {
				plan.Locks = map[string]luoshi.Quantity{"340100": quantity("215")}
				done, err := s.Enforce(ctx, plan, "")
				must(err)
				before = done.Before
			}, "target.set", "plan invest 340000 2020", 1, `"target invest 340100 2020":{`, `"target invest 340200 2020":{`},
			{"a plan put back", func() { _, err := s.RestorePlan(ctx, plan, before, ""); must(err) }, "target.set", "plan invest 340000 2020", 1,
				`"value":"215"`, `"value":"210"`},
			{"an import", func() {
				report, err := s.ImportFS(ctx, sheets("figures", june), nil, service.ImportOptions{Name: "june", Note: "六月"})
				must(err)
				imported = report.Batch
			}, "figure.report", "import 13", 3, ``, `"name":"june","rows":{"figures":{"changed":1}}`},
			{"an import taken back", func() { _, err := s.UndoImport(ctx, imported, "", "误"); must(err) }, "import.undo", "import 13", 3, ``, `"undoes":13`},
			{"an upload", func() {
				id := bring(t, s, "july.csv", "indicator,unit code,period,value\ninvest,340100,2020-07,20\n")
				seen(t, s, service.IntakeQuery{ID: id})
				must(s.SaveIntake(ctx, service.IntakeSave{Owner: me, ID: id, By: "free text"}))
				if stage := await(t, s, id); stage != service.Kept {
					t.Fatal(stage)
				}
			}, "figure.report", "import 15", 2, ``, `"figures":{"new":1}`},
		} {
			events := r.intact()
			c.at = c.at.Add(time.Minute)
			w.do()
			if now := r.intact(); now != events+1 {
				t.Errorf("%s: %d events", w.name, now-events)
			}
			e := r.newest()
			if e.Intent != w.intent || e.Object != w.object || e.Unit != w.unit || e.Actor != 7 || e.Behalf != 3 || e.Request != "r-1" || !strings.Contains(e.Before, w.was) || !strings.Contains(e.After, w.is) {
				t.Errorf("%s: %s of %q at %d by %d for %d, %s\nbefore %s\nafter %s", w.name, e.Intent, e.Object, e.Unit, e.Actor, e.Behalf, e.Request, e.Before, e.After)
			}
			_, after := e.States()
			if w.intent == "capacity.state" { // no batch: it is corrected, not taken back
				continue
			}
			if list, err := r.st.Events(ctx, store.EventQuery{Object: fmt.Sprint("batch ", after.Batch)}); err != nil || len(list) == 0 || !slices.ContainsFunc(list, func(o luoshi.Event) bool { return o.Seq == e.Seq }) {
				t.Errorf("%s: not found by its batch: %v", w.name, err)
			}
		}
		namedByNumber(t, r)
	})
}

func put7(t *testing.T, s *service.Service, ctx context.Context, e service.UnitEdit) *service.Saved { //nolint:revive // as the test reads
	t.Helper()
	v, saved, err := s.PutUnit(ctx, service.Look{}, e, "")
	if err != nil || saved == nil {
		t.Fatal(err, v)
	}
	return saved
}

// namedByNumber fails where a row that clerk7 wrote names anybody else.
func namedByNumber(t *testing.T, r record) {
	t.Helper()
	ctx := context.Background()
	batches, err := r.st.Batches(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range batches {
		if b.ID > 2 && b.By != "#7" {
			t.Errorf("batch %d by %q", b.ID, b.By)
		}
	}
	targets, err := r.st.Targets(ctx, time.Time{}, store.TargetQuery{Unit: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range targets {
		if v.Revision > 1 && v.By != "#7" {
			t.Errorf("revision %d by %q", v.Revision, v.By)
		}
	}
	figures, err := r.st.Vintages(ctx, store.FigureQuery{Indicator: "invest", Unit: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range figures {
		if f.Batch > 2 && f.By != "#7" {
			t.Errorf("figure of batch %d by %q", f.Batch, f.By)
		}
	}
}

// Of a change of many objects an event lists the first and counts the others.
func TestEventIsBounded(t *testing.T) {
	c := &clock{}
	dsn := filepath.Join(t.TempDir(), "luoshi.db")
	s := town(t, dsn, c)
	var goals []luoshi.Goal
	for i := range 50 {
		goals = append(goals, luoshi.Goal{Code: fmt.Sprint("g", i), Names: luoshi.Names{Hans: "目标"}, Parent: "win", Combine: luoshi.AllOf, Weight: quantity("1")})
	}
	if _, err := s.Put(context.Background(), service.Change{Goals: goals}, "planner", ""); err != nil {
		t.Fatal(err)
	}
	r := recordOf(t, dsn)
	r.intact()
	if _, after := r.newest().States(); len(after.Fields) != 40 || after.More != 10 {
		t.Errorf("%d objects and %d more", len(after.Fields), after.More)
	}
}

// The demonstration filled in, edited, taken back, put back, saved and restored: the
// history answers for every row, and finds one that another hand has changed.
func TestHistoryOfTheDemonstration(t *testing.T) {
	databases(t, func(t *testing.T, dsn string) {
		now := time.Now()
		ctx := context.Background()
		st, err := store.Open(ctx, dsn, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = st.Close() }()
		if err := st.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		s := service.New(st, func() time.Time { now = now.Add(time.Second); return now })
		if _, err := fill.Fill(ctx, s, nil); err != nil {
			t.Fatal(err)
		}
		r := record{t, st}
		if n := r.intact(); n != 1 {
			t.Errorf("%d events of one import", n)
		}
		units, err := st.Units(ctx, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		accounts := account.New(st, func() time.Time { return now }, account.Options{Key: make([]byte, 32)})
		if _, err := fill.People(ctx, accounts, units); err != nil {
			t.Fatal(err)
		}
		before := r.intact()
		present := service.Look{Unit: "340000", Year: 2020}
		q := service.CascadeQuery{Look: present, Indicator: "key_projects", Locks: map[string]luoshi.Quantity{"340100": quantity("80")}, Reason: "会议"}
		done, err := s.Enforce(ctx, q, "test")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.RestorePlan(ctx, q, done.Before, "test"); err != nil {
			t.Fatal(err)
		}
		report, err := s.ImportFS(ctx, sheets("figures", "indicator,unit code,period,value\nkey_projects,340000,2020-01..06,207.00\n"), nil, service.ImportOptions{Name: "again"})
		if err != nil || !report.Saved {
			t.Fatal(err, report.Problems)
		}
		if _, err := s.UndoImport(ctx, report.Batch, "test", ""); err != nil {
			t.Fatal(err)
		}
		total := r.intact()
		if total != before+4 {
			t.Errorf("%d events of four writes", total-before)
		}
		file, again := filepath.Join(t.TempDir(), "b.zip"), filepath.Join(t.TempDir(), "again.db")
		if err := st.Backup(ctx, file, nil); err != nil {
			t.Fatal(err)
		}
		if err := store.Restore(ctx, file, again, nil); err != nil {
			t.Fatal(err)
		}
		if n := recordOf(t, again).intact(); n != total {
			t.Errorf("%d events restored", n)
		}
	})
}

// Any column of a row of any table that the history answers for: another hand's
// change of it is found, and the table named; so is a row that was taken out.
func TestAnotherHandIsFound(t *testing.T) {
	databases(t, func(t *testing.T, dsn string) {
		c := &clock{}
		s := town(t, dsn, c)
		ctx := context.Background()
		if _, err := s.ImportFS(ctx, sheets("figures", june), nil, service.ImportOptions{By: "clerk"}); err != nil {
			t.Fatal(err)
		}
		put7(t, s, ctx, service.UnitEdit{Code: "340200", Kind: service.EventMerge, On: 20200801, New: "340100", Source: "批复"})
		st, err := store.Open(ctx, dsn, store.Options{Clock: c.now})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = st.Close() }()
		err = st.Write(ctx, func(tx *store.Tx) error {
			tx.Record(luoshi.Event{Intent: string(workflow.EditPosts)})
			if err := tx.AddPost(ctx, luoshi.Post{Person: 7, Unit: 1, Role: luoshi.Planner, From: 20200101}); err != nil {
				return err
			}
			return tx.AddDuty(ctx, luoshi.Duty{Kind: luoshi.LeaderInCharge, Unit: 2, From: 20200101, Person: 7})
		})
		if err != nil {
			t.Fatal(err)
		}
		r := recordOf(t, dsn)
		r.intact()
		driver := "sqlite"
		if strings.HasPrefix(dsn, "postgres") {
			driver = "pgx"
		}
		db, err := sql.Open(driver, dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		for _, table := range []string{"figure", "target", "unit", "succession", "indicator", "indicator_set", "set_item", "goal", "goal_item", "scheme", "batch", "phrase", "post", "duty"} {
			tampered := hand{record: r, db: db, table: table}.all()
			if tampered < 2 {
				t.Errorf("%s: %d columns could be changed", table, tampered)
			}
		}
		r.intact()
	})
}

// hand is another hand at one table.
type hand struct {
	record
	db    *sql.DB
	table string
}

// all changes every column of one row, one after the other, and takes the row out;
// it returns how many changes the database let through.
func (h hand) all() (through int) {
	h.Helper()
	columns, values := h.row()
	insert := "INSERT INTO " + h.table + " (" + strings.Join(columns, ", ") + ") VALUES ("
	for i := range columns {
		insert += fmt.Sprintf("$%d, ", i+1)
	}
	insert = strings.TrimSuffix(insert, ", ") + ")"
	for i, v := range values {
		other := slices.Clone(values)
		switch v := v.(type) {
		case int64:
			other[i] = v + 1
		case string:
			other[i] = v + "x"
		case nil:
			other[i] = int64(7)
		default:
			h.Fatalf("%s.%s: %T", h.table, columns[i], v)
		}
		words, args := where(columns, values)
		if _, err := h.db.Exec(fmt.Sprintf("UPDATE %s SET %s = $%d%s", h.table, columns[i], len(args)+1, words), append(args, other[i])...); err != nil {
			continue // a rule of the database forbids it
		}
		through++
		h.found(columns[i])
		words, args = where(columns, other)
		if _, err := h.db.Exec(fmt.Sprintf("UPDATE %s SET %s = $%d%s", h.table, columns[i], len(args)+1, words), append(args, v)...); err != nil {
			h.Fatal(err)
		}
	}
	words, args := where(columns, values)
	if _, err := h.db.Exec("DELETE FROM "+h.table+words, args...); err != nil {
		return through // others rest on it
	}
	h.found("a row taken out")
	if _, err := h.db.Exec(insert, values...); err != nil {
		h.Fatal(err)
	}
	return through + 1
}

// row is one row of the table.
func (h hand) row() (columns []string, values []any) {
	h.Helper()
	rows, err := h.db.Query("SELECT * FROM " + h.table + " LIMIT 1")
	if err != nil {
		h.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, _ = rows.Columns()
	values = make([]any, len(columns))
	into := make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	if !rows.Next() {
		h.Fatalf("%s is empty: %v", h.table, rows.Err())
	}
	if err := rows.Scan(into...); err != nil {
		h.Fatal(err)
	}
	return columns, values
}

// found fails where the history does not name the table.
func (h hand) found(what string) {
	h.Helper()
	report, err := h.st.VerifyHistory(context.Background(), nil, true, nil)
	if err != nil {
		h.Fatal(err)
	}
	if report.Intact() || !slices.ContainsFunc(report.Found, func(m luoshi.Message) bool { return m.Args["table"] == h.table }) {
		h.Errorf("%s, %s: found %v", h.table, what, report.Found)
	}
}

// where is the condition that a row has these values.
func where(columns []string, values []any) (words string, args []any) {
	words = " WHERE 1 = 1"
	for i, v := range values {
		if v == nil {
			words += " AND " + columns[i] + " IS NULL"
			continue
		}
		args = append(args, v)
		words += fmt.Sprintf(" AND %s = $%d", columns[i], len(args))
	}
	return words, args
}
