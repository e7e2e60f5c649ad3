package service_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/store"
)

// office is a town with people: a planner (1) and a clerk (2), on accounts of their
// own.
type office struct {
	*service.Service
	*account.Accounts
	st *store.Store
	c  *clock
	t  *testing.T
}

func officeOf(t *testing.T, dsn string) office {
	t.Helper()
	c := &clock{}
	s := town(t, dsn, c)
	st, err := store.Open(t.Context(), dsn, store.Options{Clock: c.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	o := office{s, account.New(st, c.now, account.Options{}), st, c, t}
	for _, p := range []luoshi.Person{{Login: "he", Name: "何其"}, {Login: "lu", Name: "陆行"}} {
		if _, _, err := o.AddPerson(t.Context(), account.System, p); err != nil {
			t.Fatal(err)
		}
	}
	_, err = o.GivePost(t.Context(), account.System, luoshi.Post{Person: 1, Unit: 1, Role: luoshi.Planner, From: 20200101, Title: "处长"})
	o.must(err)
	return o
}

func (o office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// by is what person 1 does.
func (o office) by() context.Context {
	by := account.By{Request: "r-9"}
	by.Person = 1
	return service.As(o.t.Context(), by)
}

// sentences writes the sentences of events, the newest first.
func sentences(t *testing.T, list []service.EventLine) []string {
	t.Helper()
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range list {
		out = append(out, strconv.FormatInt(e.Seq, 10)+" "+words.Say(locale.ZhHans, e.Says))
	}
	return out
}

// The history is a page of sentences, chosen by who, where, what and when.
func TestHistory(t *testing.T) {
	databases(t, func(t *testing.T, dsn string) {
		o := officeOf(t, dsn)
		row := service.TargetRow{Indicator: "invest", UnitCode: "340100", FirstYear: 2020, LastYear: 2020, Form: luoshi.FormLevel, Value: luoshi.Some(quantity("210")), Scheme: "own", From: 20200711, Reason: "加码"}
		if v, saved, err := o.PutTarget(o.by(), service.Look{Year: 2020}, row, ""); err != nil || saved == nil {
			t.Fatal(v, err)
		}
		o.must(o.GiveDuty(t.Context(), account.System, luoshi.Duty{Kind: luoshi.PersonInCharge, Unit: 2, Indicator: "invest", From: 20200701, Person: 2}))
		all, err := o.History(t.Context(), service.HistoryQuery{})
		o.must(err)
		if all.Total != all.End.Seq || all.Events[0].Seq != all.End.Seq || all.Newer != 0 {
			t.Fatalf("%d of %d events, the newest %d", all.Total, all.End.Seq, all.Events[0].Seq)
		}
		for _, c := range []struct {
			name  string
			query service.HistoryQuery
			want  []string // parts of the sentences, the newest first
		}{
			{"by person", service.HistoryQuery{Person: "何其 #1"}, []string{"何其改了合肥市2020年"}},
			{"by a name", service.HistoryQuery{Person: "何其"}, []string{"何其改了合肥市2020年"}},
			{"by an object", service.HistoryQuery{Object: "duty  person_in_charge"}, []string{"系统定合肥市“重点项目投资”的责任人为陆行，自2020-07-01起"}},
			{"by intent and unit", service.HistoryQuery{Intent: "target.set", Of: "340100"}, []string{"何其改了合肥市2020年"}},
			{"of another unit", service.HistoryQuery{Intent: "target.set", Of: "340200"}, nil},
			{"with those below", service.HistoryQuery{Intent: "posts.edit", Of: "340000", Below: true}, []string{"系统给了何其在安徽省的计划员任职"}},
			{"in another year", service.HistoryQuery{From: 20300101}, nil},
		} {
			v, err := o.History(t.Context(), c.query)
			o.must(err)
			got := sentences(t, v.Events)
			if len(got) != len(c.want) || v.Total != int64(len(c.want)) {
				t.Errorf("%s: %q (%d)", c.name, got, v.Total)
				continue
			}
			for i := range c.want {
				if !strings.Contains(got[i], c.want[i]) {
					t.Errorf("%s: %q, want %q", c.name, got[i], c.want[i])
				}
			}
		}
		_, err = o.History(t.Context(), service.HistoryQuery{Object: "target invest 340100 2020", Person: "1"})
		if luoshi.CodeOf(err) != luoshi.NotFound {
			t.Errorf("nobody is called 1: %v", err)
		}
		v, err := o.History(t.Context(), service.HistoryQuery{Intent: "target.set", Person: "#1"})
		o.must(err)
		e := v.Events[0]
		i := slices.IndexFunc(e.Changes, func(c service.EventChange) bool { return c.Field == "value" })
		if i < 0 || e.Changes[i].Before != "200" || e.Changes[i].After != "210" || e.Reason != "加码" || e.Request != "r-9" || e.Code != "340100" {
			t.Errorf("the target's event says %+v", e)
		}
		for _, bad := range []service.HistoryQuery{{Person: "谁也不是"}, {Of: "999999"}, {From: 20200702, To: 20200701}} {
			if _, err := o.History(t.Context(), bad); luoshi.CodeOf(err) == "" || luoshi.CodeOf(err) == luoshi.Internal {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		n := 0
		o.must(o.EachEvent(t.Context(), service.HistoryQuery{}, func(e service.EventLine) error {
			if n++; e.Seq != int64(n) {
				t.Fatalf("event %d came as number %d", e.Seq, n)
			}
			return nil
		}))
		if int64(n) != all.Total {
			t.Errorf("%d of %d events were given", n, all.Total)
		}
	})
}

// Pages go on where the last ended, in both directions.
func TestHistoryPages(t *testing.T) {
	o := officeOf(t, filepath.Join(t.TempDir(), "luoshi.db"))
	for range 2 * service.HistoryPage {
		o.must(o.st.Write(t.Context(), func(tx *store.Tx) error {
			tx.Record(luoshi.Event{Intent: "self", Actor: 2, Object: "person 2", After: `{"signed_in":"signin.password"}`})
			return nil
		}))
	}
	q := service.HistoryQuery{Person: "#2"}
	first, err := o.History(t.Context(), q)
	o.must(err)
	q.Before = first.Older
	second, err := o.History(t.Context(), q)
	o.must(err)
	q.Before, q.After = 0, second.Newer
	back, err := o.History(t.Context(), q)
	o.must(err)
	if len(first.Events) != service.HistoryPage || first.Newer != 0 || second.Events[0].Seq != first.Events[service.HistoryPage-1].Seq-1 || second.Older != 0 || back.Events[0].Seq != first.Events[0].Seq {
		t.Errorf("pages: %d events, newer %d; then from %d, older %d; back to %d", len(first.Events), first.Newer, second.Events[0].Seq, second.Older, back.Events[0].Seq)
	}
}

// A walk tells what it found: nothing, then the event that another hand changed, and
// a checkpoint that the chain no longer has.
func TestHistoryCheck(t *testing.T) {
	databases(t, func(t *testing.T, dsn string) {
		o := officeOf(t, dsn)
		walk := func(deep bool, checkpoints string) service.HistoryCheck {
			t.Helper()
			o.must(o.CheckHistory(t.Context(), deep, checkpoints))
			for range 1000 {
				if c, err := o.HistoryCheck(t.Context()); err != nil || !c.Running {
					o.must(err)
					return c
				}
				time.Sleep(5 * time.Millisecond)
			}
			t.Fatal("the walk does not end")
			return service.HistoryCheck{}
		}
		if c, err := o.HistoryCheck(t.Context()); err != nil || c.Intact() || !c.Began.IsZero() {
			t.Errorf("before the first walk: %+v %v", c, err)
		}
		c := walk(true, "")
		seq, hash, err := o.st.ChainEnd(t.Context())
		o.must(err)
		if !c.Intact() || !c.Deep || c.Events != seq || !c.Holds(seq) || c.Holds(seq+1) {
			t.Errorf("a whole chain: %+v", c)
		}
		mark := `{"seq":` + strconv.FormatInt(seq, 10) + `,"hash":"` + hash.String() + `","at":"2020-07-31T00:00:00Z"}`
		if c = walk(false, mark+"\n"); !c.Intact() || len(c.Marks) != 1 || !c.Marks[0].Kept {
			t.Errorf("its own checkpoint: %+v", c)
		}
		if c = walk(false, strings.Replace(mark, hash.String()[:2], "ff", 1)); c.Intact() && hash.String()[:2] != "ff" || len(c.Marks) != 1 {
			t.Errorf("another's checkpoint: %+v", c)
		}
		if err := o.CheckHistory(t.Context(), false, "not a checkpoint"); luoshi.CodeOf(err) != luoshi.Invalid {
			t.Errorf("no checkpoint: %v", err)
		}
		anotherHand(t, dsn, `UPDATE event SET reason = 'x' WHERE seq = 2`)
		if c = walk(false, ""); c.Intact() || c.Broken != 2 || !c.Holds(1) || c.Holds(2) {
			t.Errorf("a changed event: %+v", c)
		}
		v, err := o.Event(t.Context(), service.Look{}, 2)
		o.must(err)
		if v.Sealed || !v.Follows || !v.Followed || v.Last {
			t.Errorf("the changed event: %+v", v)
		}
		if v, err = o.Event(t.Context(), service.Look{}, seq); err != nil || !v.Sealed || !v.Follows || !v.Followed || !v.Last {
			t.Errorf("the last event: %+v %v", v, err)
		}
		if _, err := o.Event(t.Context(), service.Look{}, seq+1); luoshi.CodeOf(err) != luoshi.NotFound {
			t.Errorf("an event that is not: %v", err)
		}
	})
}

// How something came to be: its own events, with of each only what it changed of it.
func TestCame(t *testing.T) {
	databases(t, func(t *testing.T, dsn string) {
		o := officeOf(t, dsn)
		plan := service.CascadeQuery{Look: service.Look{Year: 2020}, Indicator: "invest", Reason: "常务会议", Locks: map[string]luoshi.Quantity{"340100": quantity("215")}}
		_, err := o.Enforce(o.by(), plan, "")
		o.must(err)
		report, err := o.ImportFS(o.by(), sheets("figures", june), nil, service.ImportOptions{Name: "june", Note: "六月"})
		o.must(err)
		o.must(o.GiveDuty(t.Context(), account.System, luoshi.Duty{Kind: luoshi.PersonInCharge, Unit: 2, Indicator: "invest", From: 20200701, Person: 2}))
		v, err := o.Came(t.Context(), service.Look{}, "target invest 340100 2020")
		o.must(err)
		got := sentences(t, v.Events)
		if len(got) < 2 || !strings.Contains(got[0], "责任人为陆行") || !strings.Contains(got[1], "何其") || v.Events[1].More == 0 {
			t.Errorf("the target came from %q", got)
		}
		for _, c := range v.Events[1].Changes {
			if c.Of.Text != "" {
				t.Errorf("it shows what changed of %s", c.Of.Text)
			}
		}
		v, err = o.Came(t.Context(), service.Look{}, "figure invest 340200 2020-01..06 cumulative")
		o.must(err)
		if got := sentences(t, v.Events); len(got) == 0 || !strings.Contains(got[0], "何其导入了“june”") || v.Events[0].After == "" || !strings.Contains(v.Events[0].Object, strconv.FormatInt(report.Batch, 10)) {
			t.Errorf("the figure came from %q", got)
		}
		if v, err = o.Came(t.Context(), service.Look{}, "figure invest 340000 2020-01..06 cumulative"); err != nil || !v.Summed || len(v.Events) == 0 {
			t.Errorf("the sum came from %+v %v", v, err)
		}
		for _, object := range []string{"indicator invest", "set board", "scheme own", "goal grow", "unit 340100", "person 1"} {
			v, err := o.Came(t.Context(), service.Look{}, object)
			if err != nil || len(v.Events) == 0 {
				t.Errorf("%s: %v", object, err)
			}
		}
		for _, object := range []string{"", "nothing", "import 1", "figure nothing 340100 2020-06", "target invest 999999 2020", "setting x"} {
			if _, err := o.Came(t.Context(), service.Look{}, object); luoshi.CodeOf(err) != luoshi.NotFound {
				t.Errorf("%q: %v", object, err)
			}
		}
	})
}

// The person in charge stands in the views as of then, and a change of who it is or
// of their name shows at once.
func TestInCharge(t *testing.T) {
	databases(t, func(t *testing.T, dsn string) {
		o := officeOf(t, dsn)
		charged := func(asOf time.Time) string {
			t.Helper()
			v, err := o.TargetCard(t.Context(), service.TargetQuery{Look: service.Look{AsOf: asOf, Year: 2020}, Indicator: "invest", Of: "340100"})
			o.must(err)
			cell, err := o.MatrixCell(t.Context(), service.Look{AsOf: asOf, Year: 2020}, "340100", "invest")
			o.must(err)
			if (v.Person == nil) != (cell.Person == nil) || v.Person != nil && *v.Person != *cell.Person {
				t.Errorf("the card says %v, the cell %v", v.Person, cell.Person)
			}
			if v.Person == nil {
				return ""
			}
			return v.Person.Name
		}
		give := func(on luoshi.Date, who luoshi.PersonID, from luoshi.Date) {
			o.c.on(on)
			o.must(o.GiveDuty(t.Context(), account.System, luoshi.Duty{Kind: luoshi.PersonInCharge, Unit: 2, Indicator: "invest", From: from, Person: who, Reason: "分工"}))
		}
		if got := charged(time.Time{}); got != "" {
			t.Errorf("before anybody is named it is %q", got)
		}
		give(20200720, 1, 20200701)
		if got := charged(time.Time{}); got != "何其" {
			t.Errorf("it is %q", got)
		}
		give(20200801, 2, 20200801)
		then := luoshi.Date(20200725).End()
		if now, was := charged(time.Time{}), charged(then); now != "陆行" || was != "何其" {
			t.Errorf("it is %q, was %q", now, was)
		}
		o.must(o.ChangePerson(t.Context(), account.System, luoshi.Person{ID: 2, Login: "lu", Name: "陆行之"}))
		if got := charged(time.Time{}); got != "陆行之" {
			t.Errorf("renamed it is %q", got)
		}
		n, err := o.HandOver(t.Context(), account.System, 2, 1, 20200801, "调任")
		if o.must(err); n != 1 || charged(time.Time{}) != "何其" {
			t.Errorf("%d handed over, it is %q", n, charged(time.Time{}))
		}
		o.must(o.Anonymise(t.Context(), account.System, 1, "离职"))
		v, err := o.TargetCard(t.Context(), service.TargetQuery{Look: service.Look{Year: 2020}, Indicator: "invest", Of: "340100"})
		o.must(err)
		if p := v.Person; p == nil || !p.Anonymous || p.Name != "" || p.Says().Key != "who.anonymous" {
			t.Errorf("anonymised it is %+v", p)
		}
		if f := v.People; len(f) != 2 || !f[0].Holds || f[1].Until != 20200731 {
			t.Errorf("on record: %+v", f)
		}
		give(20200802, 0, 20200802)
		if got := charged(time.Time{}); got != "" {
			t.Errorf("left open it is %q", got)
		}
		o.must(o.GiveDuty(t.Context(), account.System, luoshi.Duty{Kind: luoshi.LeaderInCharge, Unit: 3, From: 20200101, Person: 2}))
		u, err := o.UnitCard(t.Context(), service.Look{Year: 2020}, "340200")
		if o.must(err); u.Leader == nil || u.Leader.ID != 2 || len(u.Leaders) != 1 {
			t.Errorf("the unit's leader: %+v", u.Leader)
		}
	})
}

// anotherHand changes the database by plain SQL.
func anotherHand(t *testing.T, dsn, statement string) {
	t.Helper()
	driver := "sqlite"
	if strings.HasPrefix(dsn, "postgres") {
		driver = "pgx"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}
