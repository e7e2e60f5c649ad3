package account_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/store"
	"luoshi.dev/internal/store/pgtest"
	"luoshi.dev/workflow"
)

// desk is an empty database, a clock that tests set, and the accounts on it.
type desk struct {
	testing.TB
	*account.Accounts
	store *store.Store
	mu    sync.Mutex
	now   time.Time
}

func (d *desk) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *desk) pass(t time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(t)
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

// on runs the case on SQLite, and on PostgreSQL where that is asked for.
func on(t *testing.T, run func(t *testing.T, d *desk)) {
	open := func(t *testing.T, dsn string) *desk {
		d := &desk{TB: t, now: luoshi.Date(20200701).Start().Add(9 * time.Hour)}
		st, err := store.Open(t.Context(), dsn, store.Options{Clock: d.clock})
		d.must(err)
		t.Cleanup(func() { _ = st.Close() })
		d.must(st.Migrate(t.Context()))
		d.store = st
		d.Accounts = account.New(st, d.clock, account.Options{Key: make([]byte, account.KeyBytes)})
		return d
	}
	t.Run("sqlite", func(t *testing.T) { run(t, open(t, filepath.Join(t.TempDir(), "a.db"))) })
	t.Run("postgres", func(t *testing.T) { run(t, open(t, pgtest.Database(t))) })
}

var here = account.From{Address: "192.0.2.1", Agent: "test"}

const word = "落日 圆 长河 直 大漠 孤烟"

// somebody adds a person who has changed the first password.
func (d *desk) somebody(login string, posts ...luoshi.Post) (luoshi.PersonID, *account.Signed) {
	d.Helper()
	ctx := context.Background()
	id, first, err := d.AddPerson(ctx, account.System, luoshi.Person{Login: login, Name: "某人"})
	d.must(err)
	s, err := d.SignIn(ctx, login, first, here)
	d.must(err)
	if s.Step != account.ChangeWord {
		d.Fatalf("a first password leads to step %d", s.Step)
	}
	if h, err := d.Who(ctx, s.Secret); err != nil || h.Step != account.ChangeWord {
		d.Fatalf("%v %v", h, err)
	}
	s, err = d.ChangePassword(ctx, s.Secret, first, word+login, here)
	d.must(err)
	for _, p := range posts {
		p.Person = id
		d.give(account.System, p)
	}
	return id, s
}

// give gives a post that goes on with the account as it is.
func (d *desk) give(by account.By, p luoshi.Post) {
	d.Helper()
	first, err := d.GivePost(context.Background(), by, p)
	d.must(err)
	if first != "" {
		d.Fatal("the account began anew")
	}
}

func (d *desk) units(n int) {
	d.Helper()
	ctx := context.Background()
	d.must(d.store.Write(ctx, func(tx *store.Tx) error {
		ids, err := tx.NewUnitIDs(ctx, n)
		if err != nil {
			return err
		}
		var list []luoshi.Unit
		for i, id := range ids {
			u := luoshi.Unit{ID: id, Code: string(rune('a' + i)), Names: luoshi.Names{Hans: "单位"}, Kind: luoshi.City, From: 20200101}
			if i > 0 {
				u.Parent = ids[0]
			}
			list = append(list, u)
		}
		return tx.AddUnits(ctx, list)
	}))
}

func want(t *testing.T, err error, key string) {
	t.Helper()
	var e *luoshi.Error
	if key == "" && err == nil {
		return
	}
	if !asError(err, &e) || e.Message.Key != key {
		t.Errorf("got %v, want %s", err, key)
	}
}

// A name that nobody has and a wrong password are told alike; after five failures
// the account waits longer and longer, others do not; an administrator lets in again.
func TestGuessing(t *testing.T) {
	on(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		id, _ := d.somebody("cheng")
		d.somebody("xu")
		_, err := d.SignIn(ctx, "nobody", "x", here)
		want(t, err, "signin.wrong")
		for range 5 {
			_, err = d.SignIn(ctx, "cheng", "wrong", here)
			want(t, err, "signin.wrong")
		}
		_, err = d.SignIn(ctx, " CHENG ", word+"cheng", here)
		want(t, err, "signin.wait")
		_, err = d.SignIn(ctx, "xu", word+"xu", here)
		want(t, err, "")
		d.pass(16 * time.Second)
		_, err = d.SignIn(ctx, "cheng", "wrong", here)
		want(t, err, "signin.wrong")
		d.pass(16 * time.Second)
		_, err = d.SignIn(ctx, "cheng", word+"cheng", here)
		want(t, err, "signin.wait") // twice as long now
		d.must(d.Unlock(ctx, account.System, id))
		_, err = d.SignIn(ctx, "cheng", word+"cheng", here)
		want(t, err, "")
		for range 40 {
			if _, err = d.SignIn(ctx, "nobody"+d.clock().String(), "x", here); luoshi.CodeOf(err) == luoshi.Unavailable {
				break
			}
			d.pass(time.Second)
		}
		want(t, err, "signin.wait") // the address has guessed too many names
		elsewhere := account.From{Address: "192.0.2.2"}
		_, err = d.SignIn(ctx, "xu", word+"xu", elsewhere)
		want(t, err, "")
	})
}

// Which passwords are taken.
func TestPasswords(t *testing.T) {
	on(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		_, s := d.somebody("lushiyu")
		old := word + "lushiyu"
		for _, c := range []struct{ password, key string }{
			{"short", "password.short"}, {strings.Repeat("长", 129), "password.long"}, {"aaaaaaaaaaaaaaaa", "password.simple"}, {"abababababababab", "password.simple"},
			{"123456789012345", "password.simple"}, {"abcdefghijklmnop", "password.simple"}, {"passwordpassword1", ""}, {"butterfly1234", "password.common"},
			{"lushiyu-2020", "password.own"}, {word + "lushiyu", "password.again"}, {"\xff\xfe aaaaaaaaaaaaa", "password.unreadable"},
		} {
			next, err := d.ChangePassword(ctx, s.Secret, old, c.password, here)
			if c.key == "" {
				d.must(err)
				s, old = next, c.password
				continue
			}
			want(t, err, c.key)
		}
		for i := range 5 { // the first of these is free again after five others
			next, err := d.ChangePassword(ctx, s.Secret, old, word+string(rune('a'+i)), here)
			d.must(err)
			s, old = next, word+string(rune('a'+i))
		}
		_, err := d.ChangePassword(ctx, s.Secret, old, word+"a", here)
		want(t, err, "password.again")
		_, err = d.ChangePassword(ctx, s.Secret, old, "passwordpassword1", here)
		want(t, err, "")
	})
}

// Sessions end when nobody is there, at the latest after their time, when the
// password changes, and when their owner says so.
func TestSessions(t *testing.T) {
	on(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		_, s := d.somebody("fang")
		d.pass(29 * time.Minute)
		h, err := d.Who(ctx, s.Secret)
		d.must(err)
		if h.Person.Login != "fang" || h.Step != account.Done {
			t.Errorf("%+v", h)
		}
		d.pass(31 * time.Minute)
		_, err = d.Who(ctx, s.Secret)
		want(t, err, "session.none")
		s, err = d.SignIn(ctx, "fang", word+"fang", here)
		d.must(err)
		for range 25 { // always there, and yet it ends
			d.pass(29 * time.Minute)
			if _, err = d.Who(ctx, s.Secret); err != nil {
				break
			}
		}
		want(t, err, "session.none")
		one, err := d.SignIn(ctx, "fang", word+"fang", here)
		d.must(err)
		two, err := d.SignIn(ctx, "fang", word+"fang", account.From{Address: "192.0.2.9", Agent: "phone"})
		d.must(err)
		h, err = d.Who(ctx, one.Secret)
		d.must(err)
		list, err := d.Sessions(ctx, h)
		d.must(err)
		if len(list) != 2 {
			t.Fatalf("%d sessions", len(list))
		}
		d.must(d.EndSession(ctx, h, 0, one.Secret))
		_, err = d.Who(ctx, two.Secret)
		want(t, err, "session.none")
		_, err = d.Who(ctx, one.Secret)
		want(t, err, "")
		d.must(d.SignOut(ctx, one.Secret))
		_, err = d.Who(ctx, one.Secret)
		want(t, err, "session.none")
		d.must(d.SignOut(ctx, one.Secret))
		d.must(d.Sweep(ctx))
		for _, bad := range []string{"", "x", strings.Repeat("A", 43), strings.Repeat("A", 4300)} {
			_, err = d.Who(ctx, bad)
			want(t, err, "session.none")
		}
	})
}

// The second factor: set up, asked for, good once; recovery codes good once; asked
// for by a role.
func TestSecondFactor(t *testing.T) {
	on(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		d.units(3)
		id, s := d.somebody("shen", luoshi.Post{Unit: 1, Role: luoshi.Planner, From: 20200101})
		h, err := d.Who(ctx, s.Secret)
		d.must(err)
		e, err := d.Enrol(ctx, h)
		d.must(err)
		if !strings.HasPrefix(e.Address, "otpauth://totp/luoshi:shen?") || !strings.Contains(e.Address, "secret="+e.Secret) {
			t.Errorf("address %s", e.Address)
		}
		if again, err := d.Pending(ctx, h); err != nil || *again != *e {
			t.Errorf("%+v, %v, drawn was %+v", again, err, e)
		}
		_, err = d.Confirm(ctx, h, s.Secret, "000000")
		want(t, err, "totp.wrong")
		codes, err := d.Confirm(ctx, h, s.Secret, account.CodeAt(e.Secret, d.clock()))
		d.must(err)
		if len(codes) != 10 {
			t.Fatalf("%d recovery codes", len(codes))
		}
		d.pass(time.Minute)
		s, err = d.SignIn(ctx, "shen", word+"shen", here)
		d.must(err)
		if s.Step != account.GiveCode {
			t.Fatalf("step %d", s.Step)
		}
		_, err = d.Code(ctx, s.Secret, "123456", here)
		want(t, err, "signin.wrong")
		code := account.CodeAt(e.Secret, d.clock())
		in, err := d.Code(ctx, s.Secret, code, here)
		d.must(err)
		if in.Step != account.Done || in.Secret == s.Secret {
			t.Errorf("step %d, the secret is new: %v", in.Step, in.Secret != s.Secret)
		}
		s, err = d.SignIn(ctx, "shen", word+"shen", here)
		d.must(err)
		_, err = d.Code(ctx, s.Secret, code, here)
		want(t, err, "signin.wrong") // seen once is seen by whoever looked over a shoulder
		in, err = d.Code(ctx, s.Secret, strings.ToUpper(codes[3]), here)
		d.must(err)
		h, err = d.Who(ctx, in.Secret)
		d.must(err)
		if o, err := d.Own(ctx, h); err != nil || !o.SecondOn || o.SecondFor || o.Left != 9 {
			t.Errorf("%+v, %v", o, err)
		}
		_, err = d.NewRecovery(ctx, h, "wrong", here)
		want(t, err, "signin.wrong")
		codes, err = d.NewRecovery(ctx, h, word+"shen", here)
		d.must(err)
		s, err = d.SignIn(ctx, "shen", word+"shen", here)
		d.must(err)
		_, err = d.Code(ctx, s.Secret, strings.ReplaceAll(codes[0], "-", " "), here)
		d.must(err)
		_, err = d.Code(ctx, s.Secret, codes[0], here)
		want(t, err, "session.none")
		d.must(d.AskCode(ctx, account.System, []luoshi.Role{luoshi.Planner}))
		want(t, d.TurnOff(ctx, h, word+"shen", here), "totp.required")
		d.must(d.AskCode(ctx, account.System, nil))
		want(t, d.TurnOff(ctx, h, "wrong", here), "signin.wrong")
		want(t, d.TurnOff(ctx, h, word+"shen", here), "")
		d.must(d.AskCode(ctx, account.System, []luoshi.Role{luoshi.Planner}))
		s, err = d.SignIn(ctx, "shen", word+"shen", here)
		d.must(err)
		if s.Step != account.EnrolCode {
			t.Errorf("a role that asks for a second factor leads to step %d", s.Step)
		}
		first, err := d.Reset(ctx, account.System, id, true)
		d.must(err)
		s, err = d.SignIn(ctx, "shen", first, here)
		d.must(err)
		if s.Step != account.ChangeWord {
			t.Errorf("after a reset step %d", s.Step)
		}
	})
}

// A token acts for its owner within its scope, until it ends.
func TestTokens(t *testing.T) {
	on(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		d.units(3)
		_, s := d.somebody("gu", luoshi.Post{Unit: 2, Role: luoshi.Planner, From: 20200101})
		h, err := d.Who(ctx, s.Secret)
		d.must(err)
		day := 24 * time.Hour
		for _, c := range []struct {
			name  string
			scope []workflow.Intent
			ends  time.Duration
			key   string
		}{
			{"", []workflow.Intent{workflow.ReadBoard}, day, "token.name"}, {"x", nil, day, "token.scope"}, {"x", []workflow.Intent{"fly"}, day, "token.intent"},
			{"x", []workflow.Intent{workflow.Self}, day, "token.intent"}, {"x", []workflow.Intent{workflow.ReadBoard}, -day, "token.ends"}, {"x", []workflow.Intent{workflow.ReadBoard}, 400 * day, "token.ends"},
		} {
			_, err := d.NewToken(ctx, h, c.name, c.scope, d.clock().Add(c.ends))
			want(t, err, c.key)
		}
		token, err := d.NewToken(ctx, h, "报表程序", []workflow.Intent{workflow.ReadBoard, workflow.ReadBoard}, d.clock().Add(day))
		d.must(err)
		b, err := d.Bearer(ctx, token)
		d.must(err)
		if !b.Token || len(b.Scope) != 1 || b.Person.Login != "gu" || len(b.Posts) != 1 {
			t.Errorf("%+v", b)
		}
		list, err := d.Tokens(ctx, h)
		d.must(err)
		if text, _ := json.Marshal(list); len(list) != 1 || strings.Contains(string(text), token) || list[0].Used.IsZero() {
			t.Errorf("%s", text)
		}
		_, other := d.somebody("han")
		stranger, err := d.Who(ctx, other.Secret)
		d.must(err)
		want(t, d.EndToken(ctx, stranger, list[0].ID), "token.none")
		d.pass(25 * time.Hour)
		_, err = d.Bearer(ctx, token)
		want(t, err, "token.none")
		for _, bad := range []string{"", "luoshi_", token + "x", strings.Repeat("x", 50)} {
			_, err = d.Bearer(ctx, bad)
			want(t, err, "token.none")
		}
	})
}

// The set-up link makes one administrator, once, and only where there is nobody.
func TestSetup(t *testing.T) {
	on(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		first, err := d.SetupLink(ctx)
		d.must(err)
		link, err := d.SetupLink(ctx)
		d.must(err)
		want(t, d.SetupOpen(ctx, first), "setup.closed") // the newer link holds
		want(t, d.SetupOpen(ctx, link), "")
		_, err = d.Setup(ctx, link, luoshi.Person{Login: "root", Name: "管理员"}, "short", here)
		want(t, err, "password.short")
		var wg sync.WaitGroup
		made := make(chan *account.Signed, 4)
		for i := range 4 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				if s, err := d.Setup(ctx, link, luoshi.Person{Login: "root" + string(rune('a'+i)), Name: "管理员"}, word+"x", here); err == nil {
					made <- s
				}
			}()
		}
		wg.Wait()
		close(made)
		var one *account.Signed
		count := 0
		for s := range made {
			one = s
			count++
		}
		if count != 1 {
			t.Fatalf("%d administrators by one link", count)
		}
		h, err := d.Who(ctx, one.Secret)
		d.must(err)
		if _, _, err := d.AddPerson(ctx, h.By, luoshi.Person{Login: "fang", Name: "方"}); err != nil {
			t.Errorf("before there are units the administrator cannot work: %v", err)
		}
		d.units(2)
		if _, err := d.People(ctx, h.By); err != nil {
			t.Errorf("once there are units the administrator cannot work: %v", err)
		}
		if again, err := d.SetupLink(ctx); again != "" || err != nil {
			t.Errorf("a link although there is somebody: %q %v", again, err)
		}
	})
}

// Accounts are run by administrators alone; nobody runs them and checks the record.
func TestAdministrators(t *testing.T) {
	on(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		d.units(3)
		boss, s := d.somebody("admin", luoshi.Post{Unit: 1, Role: luoshi.Administrator, From: 20200101})
		clerk, c := d.somebody("clerk", luoshi.Post{Unit: 2, Role: luoshi.Reporter, From: 20200101})
		h, err := d.Who(ctx, s.Secret)
		d.must(err)
		k, err := d.Who(ctx, c.Secret)
		d.must(err)
		_, err = d.People(ctx, k.By)
		want(t, err, "may.role")
		_, _, err = d.AddPerson(ctx, k.By, luoshi.Person{Login: "x", Name: "x"})
		want(t, err, "may.role")
		_, err = d.GivePost(ctx, k.By, luoshi.Post{Person: clerk, Unit: 1, Role: luoshi.Administrator, From: 20200101})
		want(t, err, "may.role")
		_, err = d.GivePost(ctx, h.By, luoshi.Post{Person: boss, Unit: 1, Role: luoshi.Auditor, From: 20200101})
		want(t, err, "post.apart")
		_, err = d.GivePost(ctx, h.By, luoshi.Post{Person: clerk, Unit: 99, Role: luoshi.Viewer, From: 20200101})
		want(t, err, "may.elsewhere")
		want(t, d.ChangePerson(ctx, h.By, luoshi.Person{ID: boss, Login: "admin", Name: "某人", Disabled: true}), "person.self")
		d.must(d.ChangePerson(ctx, h.By, luoshi.Person{ID: clerk, Login: "clerk", Name: "某人", Disabled: true}))
		_, err = d.Who(ctx, c.Secret)
		want(t, err, "session.none")
		_, err = d.SignIn(ctx, "clerk", word+"clerk", here)
		want(t, err, "signin.disabled")
		_, err = d.SignIn(ctx, "clerk", "wrong", here)
		want(t, err, "signin.wrong")
		want(t, d.Anonymise(ctx, h.By, clerk, ""), "person.reason")
		d.must(d.Anonymise(ctx, h.By, clerk, "离职满三年"))
		r, err := d.store.VerifyHistory(ctx, nil, true, nil)
		d.must(err)
		if !r.Intact() {
			t.Errorf("history: %v", r.Found)
		}
		events, err := d.store.Events(ctx, store.EventQuery{Limit: 1000})
		d.must(err)
		text, err := json.Marshal(events)
		d.must(err)
		for _, told := range []string{"某人", "clerk", "admin\"", word} {
			if strings.Contains(string(text), told) {
				t.Errorf("the history tells %q", told)
			}
		}
	})
}

// Whoever leaves hands over what is open; who answered when stays known.
func TestHandOver(t *testing.T) {
	on(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		d.units(3)
		old, _ := d.somebody("old")
		next, _ := d.somebody("next")
		for _, code := range []string{"inv", "jobs"} {
			d.must(d.GiveDuty(ctx, account.System, luoshi.Duty{Kind: luoshi.PersonInCharge, Unit: 2, Indicator: code, From: 20200101, Person: old}))
		}
		d.must(d.GiveDuty(ctx, account.System, luoshi.Duty{Kind: luoshi.LeaderInCharge, Unit: 2, From: 20200101, Person: next}))
		want(t, d.GiveDuty(ctx, account.System, luoshi.Duty{Kind: luoshi.PersonInCharge, Unit: 2, From: 20200101, Person: next}), "duty.kind")
		n, err := d.HandOver(ctx, account.System, old, next, 20200701, "调任")
		d.must(err)
		if n != 2 {
			t.Errorf("%d duties moved", n)
		}
		facts, err := d.store.Duties(ctx, time.Time{})
		d.must(err)
		for on, who := range map[luoshi.Date]luoshi.PersonID{20200630: old, 20200701: next} {
			count := 0
			for _, duty := range luoshi.DutiesOn(facts, on) {
				if duty.Kind == luoshi.PersonInCharge && duty.Person == who {
					count++
				}
			}
			if count != 2 {
				t.Errorf("%s: %d duties of %d", on, count, who)
			}
		}
		if n, err := d.HandOver(ctx, account.System, old, next, 20200701, "x"); n != 0 || err != nil {
			t.Errorf("nothing left to hand over: %d %v", n, err)
		}
	})
}

func asError(err error, e **luoshi.Error) bool { return errors.As(err, e) }

// A password is told every rule that it breaks.
func TestWeak(t *testing.T) {
	p := luoshi.Person{Login: "admin", Name: "程小禾"}
	for password, keys := range map[string]string{
		"admin": "password.short password.own", "adminadmin": "password.short password.own", "": "password.short password.simple", "落日 圆 长河 直 大漠 孤烟": "", "1111111111111": "password.simple",
	} {
		var got []string
		for _, m := range account.Weak(password, p) {
			got = append(got, m.Key)
		}
		if strings.Join(got, " ") != keys {
			t.Errorf("%q breaks %v, want %s", password, got, keys)
		}
	}
}

// In the demonstration one looks around as whoever holds a role alone.
func TestLookAs(t *testing.T) {
	on(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		d.units(3)
		d.somebody("both", luoshi.Post{Unit: 1, Role: luoshi.Planner, From: 20200101}, luoshi.Post{Unit: 1, Role: luoshi.Viewer, From: 20200101})
		d.somebody("below", luoshi.Post{Unit: 2, Role: luoshi.Planner, From: 20200101})
		d.somebody("past", luoshi.Post{Unit: 1, Role: luoshi.Auditor, From: 20200101, Until: 20200630})
		list, err := d.Lookers(ctx)
		d.must(err)
		var got []string
		for _, l := range list {
			got = append(got, string(l.Role)+" "+l.Person.Login+" "+l.Code)
		}
		if strings.Join(got, ", ") != "planner below b, viewer both a" {
			t.Errorf("%v", got)
		}
		s, err := d.LookAs(ctx, luoshi.Planner, here)
		d.must(err)
		if h, err := d.Who(ctx, s.Secret); err != nil || h.Person.Login != "below" || h.Step != account.Done {
			t.Errorf("%+v, %v", h, err)
		}
		_, err = d.LookAs(ctx, luoshi.Auditor, here)
		want(t, err, "signin.as_nobody")
	})
}

// Signing out is on record, once; the session is gone at once.
func TestSignOutIsOnRecord(t *testing.T) {
	on(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		id, s := d.somebody("cheng")
		if _, err := d.Who(ctx, s.Secret); err != nil {
			t.Fatal(err)
		}
		d.must(d.SignOut(ctx, s.Secret))
		d.must(d.SignOut(ctx, s.Secret))
		if _, err := d.Who(ctx, s.Secret); luoshi.CodeOf(err) != luoshi.NotFound {
			t.Errorf("after signing out: %v", err)
		}
		list, err := d.store.Events(ctx, store.EventQuery{Person: id})
		d.must(err)
		if len(list) == 0 || list[0].After != `{"sessions_ended":1}` || len(list) > 1 && list[1].After == list[0].After {
			t.Errorf("on record: %+v", list[:min(2, len(list))])
		}
	})
}
