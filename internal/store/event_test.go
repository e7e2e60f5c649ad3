package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
)

// Sixteen writers through two servers: the chain has no gap and fits, every event
// answers for its rows.
func TestChainUnderWriters(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		one := b.open()
		b.plan(one, 3, "inv")
		two := one
		if one.Dialect() == "postgres" {
			two = b.open()
		}
		ctx := context.Background()
		const writers, each = 16, 12
		var wg sync.WaitGroup
		for w := range writers {
			wg.Add(1)
			go func() {
				defer wg.Done()
				s := []*store.Store{one, two}[w%2]
				for i := range each {
					var err error
					if i%4 == 3 {
						err = s.Write(ctx, func(tx *store.Tx) error {
							tx.Record(luoshi.Event{Intent: "posts.edit", Actor: luoshi.PersonID(w + 1), Object: fmt.Sprint("post ", w)})
							return tx.AddPost(ctx, luoshi.Post{Person: luoshi.PersonID(w + 1), Unit: 1, Role: luoshi.Viewer, From: luoshi.Date(20200101 + i)})
						})
					} else {
						_, err = s.SubmitStrip(ctx, figure("inv", 1, i%12+1, fmt.Sprint(w*100+i)), luoshi.Event{Intent: "figure.report", Actor: luoshi.PersonID(w + 1)})
					}
					if err != nil {
						t.Error(err)
					}
				}
			}()
		}
		wg.Wait()
		r, err := one.VerifyHistory(ctx, nil, true, nil)
		b.must(err)
		if !r.Intact() {
			t.Errorf("found %v", r.Found)
		}
		list, err := one.Events(ctx, store.EventQuery{Limit: 1000})
		b.must(err)
		named := 0
		for i, e := range list {
			if e.Seq != r.Events-int64(i) {
				t.Fatalf("event %d stands where %d should", e.Seq, r.Events-int64(i))
			}
			if e.Actor > 0 {
				named++
			}
		}
		if named != writers*each {
			t.Errorf("%d of %d intents have an event", named, writers*each)
		}
	})
}

// Whatever row of a covered table is changed, taken out or put in by plain SQL, and
// whatever is done to the chain itself, is found.
func TestTampering(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		b.plan(s, 3, "inv")
		ctx := context.Background()
		b.must(s.Submit(ctx, figure("inv", 1, 6, "206.11")))
		_, err := s.SubmitStrip(ctx, figure("inv", 1, 7, "210.00"), luoshi.Event{Intent: "figure.report", Object: "figure inv"})
		b.must(err)
		b.must(s.Write(ctx, func(tx *store.Tx) error {
			return tx.AddTargets(ctx, []luoshi.Target{{Indicator: "inv", Unit: 1, FirstYear: 2020, LastYear: 2020, Form: luoshi.FormLevel, Value: number("322.75"), From: 20200101}})
		}))
		b.must(s.Write(ctx, func(tx *store.Tx) error {
			return tx.AddPost(ctx, luoshi.Post{Person: 1, Unit: 1, Role: luoshi.Planner, From: 20200101})
		}))
		seq, hash, err := s.ChainEnd(ctx)
		b.must(err)
		marks := []store.Mark{{Seq: seq, Hash: hash}}
		db := b.raw()
		which := map[string]string{"a figure's value": " inv 2020", "a target's value": " inv"}
		for _, c := range []struct{ name, do, undo, want string }{
			{"nothing", "", "", ""},
			{"a figure's value", `UPDATE figure SET value = value + 1 WHERE month_to = 6`, `UPDATE figure SET value = value - 1 WHERE month_to = 6`, "history.changed"},
			{"a figure's source", `UPDATE figure SET sample = 1 - sample WHERE month_to = 7`, `UPDATE figure SET sample = 1 - sample WHERE month_to = 7`, "history.changed"},
			{"a target's value", `UPDATE target SET value = '300.00'`, `UPDATE target SET value = '322.75'`, "history.changed"},
			{"a target's name", `UPDATE target SET owner = 'x'`, `UPDATE target SET owner = ''`, "history.changed"},
			{"a post's role", `UPDATE post SET role = 'administrator'`, `UPDATE post SET role = 'planner'`, "history.changed"},
			{"a post put in", `INSERT INTO post SELECT person + 1, unit, role, valid_from, version, valid_until, title, reason, recorded_at, recorded_by FROM post`, `DELETE FROM post WHERE person = 2`, "history.rows"},
			{"an indicator's decimals", `UPDATE indicator SET decimals = decimals + 1 WHERE id = 1`, `UPDATE indicator SET decimals = decimals - 1 WHERE id = 1`, "history.changed"},
			{"who said a figure", `UPDATE phrase SET words = 'somebody' WHERE words = 'clerk'`, `UPDATE phrase SET words = 'clerk' WHERE words = 'somebody'`, "history.changed"},
			{"what an event is found by", `UPDATE event_object SET object = 'figure x' WHERE object = 'figure inv'`, `UPDATE event_object SET object = 'figure inv' WHERE object = 'figure x'`, "history.changed"},
			{"an event's actor", `UPDATE event SET actor = 99 WHERE seq = 2`, `UPDATE event SET actor = 0 WHERE seq = 2`, "history.hash"},
			{"an event's number", `UPDATE event SET seq = 1000 WHERE seq = 2`, `UPDATE event SET seq = 2 WHERE seq = 1000`, "history.gap"},
			{"the end", `UPDATE chain SET seq = seq - 1`, `UPDATE chain SET seq = seq + 1`, "history.end"},
		} {
			run(b, db, c.do)
			r, err := s.VerifyHistory(ctx, marks, true, nil)
			b.must(err)
			switch {
			case c.want == "" && !r.Intact():
				t.Errorf("%s: found %v", c.name, r.Found)
			case c.want != "" && (r.Intact() || r.Found[0].Key != c.want):
				t.Errorf("%s: found %v, want %s", c.name, r.Found, c.want)
			case which[c.name] != "" && r.Found[0].Args["which"] != which[c.name]:
				t.Errorf("%s: names %q, want %q", c.name, r.Found[0].Args["which"], which[c.name])
			}
			run(b, db, c.undo)
		}
		// A tail written anew fits itself; only a mark kept elsewhere shows it.
		run(b, db, fmt.Sprintf(`DELETE FROM event WHERE seq = %d`, seq))
		run(b, db, fmt.Sprintf(`UPDATE chain SET seq = %d, hash = (SELECT hash FROM event WHERE seq = %d)`, seq-1, seq-1))
		if r, err := s.VerifyHistory(ctx, nil, false, nil); err != nil || !r.Intact() {
			t.Errorf("the shorter chain does not fit itself: %v %v", r.Found, err)
		}
		if r, err := s.VerifyHistory(ctx, marks, false, nil); err != nil || r.Intact() || r.Found[0].Key != "history.mark_missing" {
			t.Errorf("a tail cut off does not show: %v %v", r.Found, err)
		}
	})
}

// raw is the database without the store: another hand's way in.
func (b bench) raw() *sql.DB {
	b.Helper()
	driver := "sqlite"
	if strings.HasPrefix(b.dsn, "postgres") {
		driver = "pgx"
	}
	db, err := sql.Open(driver, b.dsn)
	b.must(err)
	b.Cleanup(func() { b.must(db.Close()) })
	return db
}

func run(b bench, db *sql.DB, statement string) {
	b.Helper()
	if strings.TrimSpace(statement) == "" {
		return
	}
	_, err := db.ExecContext(context.Background(), statement)
	b.must(err)
}

// A person's name is taken away for good, in every version, and the history stays
// whole; the sign-in name is free again.
func TestAnonymise(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		ctx := context.Background()
		add := func(login string) (id luoshi.PersonID, err error) {
			err = s.Write(ctx, func(tx *store.Tx) error {
				tx.Record(luoshi.Event{Intent: "people.edit", Object: "person"})
				id, err = tx.AddPerson(ctx, luoshi.Person{Login: login, Name: "程予安"})
				return err
			})
			return id, err
		}
		id, err := add("cheng")
		b.must(err)
		if _, err := add("cheng"); luoshi.CodeOf(err) != luoshi.Conflict {
			t.Errorf("a name taken: %v", err)
		}
		b.must(s.Write(ctx, func(tx *store.Tx) error {
			return tx.ChangePerson(ctx, luoshi.Person{ID: id, Login: "chengyuan", Name: "程予安"})
		}))
		p, err := s.PersonByLogin(ctx, " ChengYuan ")
		b.must(err)
		if p.ID != id || p.Disabled {
			t.Errorf("found %+v", p)
		}
		if _, err := s.PersonByLogin(ctx, "cheng"); luoshi.CodeOf(err) != luoshi.NotFound {
			t.Errorf("the old name still signs in: %v", err)
		}
		b.must(s.Write(ctx, func(tx *store.Tx) error { return tx.Anonymise(ctx, id) }))
		p, err = s.Person(ctx, id)
		b.must(err)
		if !p.Anonymous || !p.Disabled || p.Login+p.Name != "" {
			t.Errorf("anonymised: %+v", p)
		}
		var left int
		b.must(b.raw().QueryRowContext(ctx, `SELECT count(*) FROM person WHERE login <> '' OR shown <> ''`).Scan(&left))
		if left > 0 {
			t.Errorf("%d older versions still tell who it was", left)
		}
		if _, err := add("chengyuan"); err != nil {
			t.Errorf("the name is not free: %v", err)
		}
		r, err := s.VerifyHistory(ctx, nil, true, nil)
		b.must(err)
		if !r.Intact() {
			t.Errorf("the history broke: %v", r.Found)
		}
	})
}

// Posts and duties are dated and corrected, never overwritten.
func TestPosts(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		post := luoshi.Post{Person: 7, Unit: 3, Role: luoshi.Reporter, From: 20200101, Title: "科长"}
		b.write(s, 20200105, func(ctx context.Context, tx *store.Tx) error { return tx.AddPost(ctx, post) })
		post.Until = 20200630
		b.write(s, 20200601, func(ctx context.Context, tx *store.Tx) error { return tx.AddPost(ctx, post) })
		duty := luoshi.Duty{Kind: luoshi.PersonInCharge, Unit: 3, Indicator: "inv", From: 20200101, Person: 7}
		b.write(s, 20200105, func(ctx context.Context, tx *store.Tx) error { return tx.AddDuty(ctx, duty) })
		duty.From, duty.Person = 20200701, 8
		b.write(s, 20200601, func(ctx context.Context, tx *store.Tx) error { return tx.AddDuty(ctx, duty) })
		ctx := context.Background()
		for _, c := range []struct {
			on    luoshi.Date
			until luoshi.Date
			held  bool
			facts int
		}{{20200301, 0, true, 1}, {20200615, 20200630, true, 2}, {20200701, 20200630, false, 2}} {
			posts, err := s.Posts(ctx, 7, day(c.on))
			b.must(err)
			if len(posts) != 1 || posts[0].Until != c.until || posts[0].Held(c.on) != c.held || posts[0].Title != "科长" {
				t.Errorf("%s: %+v", c.on, posts)
			}
			duties, err := s.Duties(ctx, day(c.on))
			b.must(err)
			if len(duties) != c.facts {
				t.Errorf("%s: %d facts of a duty", c.on, len(duties))
			}
		}
		if posts, err := s.Posts(ctx, 8, day(20201231)); err != nil || len(posts) > 0 {
			t.Errorf("somebody else's posts: %v %v", posts, err)
		}
	})
}

// Events are found by their object, by what begins with it, and by the batch that
// they wrote; whatever else is asked narrows that down.
func TestEventsFound(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		ctx := context.Background()
		for i, e := range []luoshi.Event{
			{Intent: "figure.report", Object: "figure inv 340000 2020-06 single", Unit: 1, Actor: 7},
			{Intent: "figure.report", Object: "figure invest 340000 2020-06 single", Unit: 2},
			{Intent: "figure.report", Object: "import 12", Unit: 1, After: luoshi.EventState{Batch: 12, Targets: []string{"inv"}}.Text()},
			{Intent: "import.undo", Object: "import 12", After: luoshi.EventState{Batch: 13, Undoes: 12}.Text(), Behalf: 7},
			{Intent: "plan.edit", Object: "change 14", After: luoshi.EventState{Batch: 14, Fields: map[string]map[string]string{"goal a": {"name": "甲"}, "goal b": {}}}.Text()},
		} {
			b.write(s, luoshi.Date(20200101+i), func(_ context.Context, tx *store.Tx) error { tx.Record(e); return nil })
		}
		for _, c := range []struct {
			name  string
			query store.EventQuery
			want  string
		}{
			{"all", store.EventQuery{}, "[5 4 3 2 1]"},
			{"an object", store.EventQuery{Object: "figure inv 340000 2020-06 single"}, "[1]"},
			{"all of an indicator, and of no other that begins so", store.EventQuery{Object: "figure inv"}, "[1]"},
			{"all figures", store.EventQuery{Object: "figure"}, "[2 1]"},
			{"an import and its undoing", store.EventQuery{Object: "import 12"}, "[4 3]"},
			{"a batch", store.EventQuery{Object: "batch 13"}, "[4]"},
			{"what an event is about beside its object", store.EventQuery{Object: "goal b"}, "[5]"},
			{"any of several", store.EventQuery{Objects: []string{"goal a", "targets inv", "batch 99"}}, "[5 3]"},
			{"a person, acting or acted for", store.EventQuery{Person: 7}, "[4 1]"},
			{"units", store.EventQuery{Units: []luoshi.UnitID{1, 3}}, "[3 1]"},
			{"an intent", store.EventQuery{Intent: "import.undo"}, "[4]"},
			{"a time", store.EventQuery{From: day(20200102), To: day(20200104)}, "[4 3 2]"},
			{"further back", store.EventQuery{Before: 3, Limit: 1}, "[2]"},
			{"without a bound", store.EventQuery{Limit: -1}, "[5 4 3 2 1]"},
		} {
			list, err := s.Events(ctx, c.query)
			b.must(err)
			seqs := make([]int64, len(list))
			for i, e := range list {
				seqs[i] = e.Seq
			}
			if got := fmt.Sprint(seqs); got != c.want {
				t.Errorf("%s: %s, want %s", c.name, got, c.want)
			}
		}
	})
}

// A database that is older than its history gets one event that answers for all
// that was there; a backup brings the history along, and what events are found by.
func TestHistoryOfOldRows(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		b.plan(s, 3, "inv")
		ctx := context.Background()
		b.must(s.Submit(ctx, figure("inv", 1, 6, "206.11")))
		db := b.raw()
		for _, statement := range []string{`DELETE FROM event`, `DELETE FROM event_object`, `UPDATE chain SET seq = 0, hash = ''`} {
			run(b, db, statement)
		}
		b.must(s.Migrate(ctx))
		if r, err := s.VerifyHistory(ctx, nil, true, nil); err != nil || r.Intact() {
			t.Errorf("a history taken out is not missed: %v %v", r, err)
		}
		for _, statement := range []string{`DROP TABLE event_object`, `DROP TABLE outlook`, `DROP TABLE outlook_mark`, `DROP TABLE capacity`, `DROP TABLE catchup`, `DELETE FROM luoshi_migration WHERE version_id >= 3`} { // as it was before
			run(b, db, statement)
		}
		b.must(s.Migrate(ctx))
		_, err := s.SubmitStrip(ctx, figure("inv", 1, 7, "210.00"), luoshi.Event{Intent: "figure.report", Object: "figure inv"})
		b.must(err)
		r, err := s.VerifyHistory(ctx, nil, true, nil)
		b.must(err)
		if !r.Intact() || r.Events != 2 {
			t.Errorf("%d events, found %v", r.Events, r.Found)
		}
		file, again := filepath.Join(t.TempDir(), "b.zip"), filepath.Join(t.TempDir(), "again.db")
		b.must(s.Backup(ctx, file, nil))
		b.must(store.Restore(ctx, file, again, nil))
		other, err := store.Open(ctx, again, store.Options{})
		b.must(err)
		defer func() { b.must(other.Close()) }()
		if r, err := other.VerifyHistory(ctx, []store.Mark{{Seq: r.Events, Hash: r.End}}, true, nil); err != nil || !r.Intact() {
			t.Errorf("restored: %v %v", r, err)
		}
		if list, err := other.Events(ctx, store.EventQuery{Object: "figure inv"}); err != nil || len(list) != 1 {
			t.Errorf("restored: %v %v", list, err)
		}
	})
}

// Events are found by person, object with what is under it, instant and number, and
// by nothing that only looks alike.
func TestEventsChosen(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		ctx := context.Background()
		var at []time.Time
		for i, e := range []luoshi.Event{
			{Intent: "target.set", Actor: 1, Object: "target gdp 340100 2020", Unit: 2},
			{Intent: "target.set", Actor: 2, Behalf: 1, Object: "target gdp 340200 2020", Unit: 3},
			{Intent: "target.set", Actor: 2, Object: "target gdp_x 340100 2020"},
			{Intent: "self", Actor: 2, Object: "person 2", After: `{"signed_in":"signin.password"}`},
			{Intent: "self", Actor: 2, Object: "person 2", After: `{"sessions_ended":1}`},
		} {
			b.write(s, luoshi.Date(20200601+i), func(_ context.Context, tx *store.Tx) error { tx.Record(e); return nil })
			at = append(at, day(luoshi.Date(20200601+i)))
		}
		for _, c := range []struct {
			name  string
			query store.EventQuery
			want  string
		}{
			{"all", store.EventQuery{}, "5 4 3 2 1"},
			{"somebody's, or done for them", store.EventQuery{Person: 1}, "2 1"},
			{"an object and what is under it", store.EventQuery{Object: "target gdp"}, "2 1"},
			{"an object itself", store.EventQuery{Object: "target gdp 340100 2020"}, "1"},
			{"units", store.EventQuery{Units: []luoshi.UnitID{2, 3}}, "2 1"},
			{"an intent", store.EventQuery{Intent: "self"}, "5 4"},
			{"any of several", store.EventQuery{Objects: []string{"target gdp_x 340100 2020", "batch 1"}}, "3"},
			{"below a number", store.EventQuery{Before: 3, Limit: 1}, "2"},
			{"above a number, the oldest", store.EventQuery{After: 1, Limit: 2}, "3 2"},
			{"between instants", store.EventQuery{From: at[1], To: at[2]}, "3 2"},
		} {
			list, err := s.Events(ctx, c.query)
			b.must(err)
			var got []string
			for _, e := range list {
				got = append(got, fmt.Sprint(e.Seq))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s: %v, want %s", c.name, got, c.want)
			}
			if c.query.Limit == 0 {
				if n, err := s.CountEvents(ctx, c.query); err != nil || n != int64(len(list)) {
					t.Errorf("%s: counted %d: %v", c.name, n, err)
				}
			}
		}
		signed, err := s.SignedIn(ctx)
		b.must(err)
		if len(signed) != 1 || !signed[2].Equal(at[3]) {
			t.Errorf("signed in %v, want 2 at %s", signed, at[3])
		}
		if _, err := s.Event(ctx, 6); luoshi.CodeOf(err) != luoshi.NotFound {
			t.Errorf("event 6: %v", err)
		}
	})
}
