package account_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/workflow"
)

const issuer = "https://login.example.gov.cn"

// Accounts elsewhere: who may link them, and whom they let in.
func TestLinked(t *testing.T) {
	on(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		d.units(3)
		id, s := d.somebody("wang", luoshi.Post{Unit: 1, Role: luoshi.Planner, From: 20200101})
		_, other := d.somebody("li")
		_, b := d.somebody("boss", luoshi.Post{Unit: 1, Role: luoshi.Administrator, From: 20200101})
		here1, err := d.Who(ctx, s.Secret)
		d.must(err)
		here2, err := d.Who(ctx, other.Secret)
		d.must(err)
		admin, err := d.Who(ctx, b.Secret)
		d.must(err)

		_, err = d.SignInLinked(ctx, issuer, "w1", here)
		want(t, err, "signin.unlinked")
		want(t, d.Prove(ctx, here1, "wrong", here), "signin.wrong")
		want(t, d.Prove(ctx, here1, word+"wang", here), "")
		want(t, d.LinkOwn(ctx, here1, issuer, "w1"), "")
		want(t, d.LinkOwn(ctx, here1, issuer, "w1"), "") // once more changes nothing
		want(t, d.LinkOwn(ctx, here1, issuer, "w2"), "link.has_one")
		want(t, d.LinkOwn(ctx, here2, issuer, "w1"), "link.taken")
		for _, bad := range []string{"", " x", strings.Repeat("x", 256)} {
			want(t, d.LinkOwn(ctx, here2, issuer, bad), "link.subject")
		}

		in, err := d.SignInLinked(ctx, issuer, "w1", here)
		d.must(err)
		if h, err := d.Who(ctx, in.Secret); err != nil || h.Person.ID != id || h.Step != account.Done {
			t.Errorf("%+v, %v", h, err)
		}
		_, err = d.SignInLinked(ctx, "https://elsewhere.invalid", "w1", here) // the same number of another provider
		want(t, err, "signin.unlinked")

		// An administrator enters a subject, and nobody else may.
		want(t, d.LinkPerson(ctx, here1.By, here2.Person.ID, issuer, "l1"), "may.role")
		want(t, d.LinkPerson(ctx, admin.By, here2.Person.ID, issuer, "l1"), "")
		in, err = d.SignInLinked(ctx, issuer, "l1", here)
		d.must(err)
		want(t, d.UnlinkPerson(ctx, here1.By, here2.Person.ID, issuer), "may.role")
		want(t, d.UnlinkPerson(ctx, admin.By, here2.Person.ID, issuer), "")
		want(t, d.UnlinkPerson(ctx, admin.By, here2.Person.ID, issuer), "link.none")
		_, err = d.Who(ctx, in.Secret)
		want(t, err, "session.none")
		_, err = d.SignInLinked(ctx, issuer, "l1", here)
		want(t, err, "signin.unlinked")

		// Whoever is disabled stays out, on this way too.
		d.must(d.ChangePerson(ctx, admin.By, luoshi.Person{ID: id, Login: "wang", Name: "某人", Disabled: true}))
		_, err = d.SignInLinked(ctx, issuer, "w1", here)
		want(t, err, "signin.disabled")
		d.must(d.Anonymise(ctx, admin.By, id, "离职满三年"))
		_, err = d.SignInLinked(ctx, issuer, "w1", here)
		want(t, err, "signin.unlinked")
	})
}

// The second factor is asked for on this way too, and a first password that nobody
// used ends.
func TestLinkedFactors(t *testing.T) {
	on(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		d.units(3)
		id, first, err := d.AddPerson(ctx, account.System, luoshi.Person{Login: "new", Name: "新人"})
		d.must(err)
		d.must(d.LinkPerson(ctx, account.System, id, issuer, "n1"))
		s, err := d.SignInLinked(ctx, issuer, "n1", here)
		d.must(err)
		if s.Step != account.Done {
			t.Errorf("step %d", s.Step)
		}
		_, err = d.SignIn(ctx, "new", first, here)
		want(t, err, "signin.wrong")
		h, err := d.Who(ctx, s.Secret)
		d.must(err)
		want(t, d.UnlinkOwn(ctx, h, issuer), "link.only_way")
		_, err = d.ChangePassword(ctx, s.Secret, "", word, here)
		want(t, err, "password.none")

		d.give(account.System, luoshi.Post{Person: id, Unit: 1, Role: luoshi.Planner, From: 20200101})
		d.must(d.AskCode(ctx, account.System, []luoshi.Role{luoshi.Planner}))
		s, err = d.SignInLinked(ctx, issuer, "n1", here)
		d.must(err)
		if s.Step != account.EnrolCode {
			t.Errorf("step %d, a post asks for a code", s.Step)
		}
		h, err = d.Who(ctx, s.Secret)
		d.must(err)
		e, err := d.Enrol(ctx, h)
		d.must(err)
		_, err = d.Confirm(ctx, h, s.Secret, account.CodeAt(e.Secret, d.clock()))
		d.must(err)
		d.pass(time.Minute)
		s, err = d.SignInLinked(ctx, issuer, "n1", here)
		d.must(err)
		if s.Step != account.GiveCode {
			t.Errorf("step %d, a code is set up", s.Step)
		}
		s, err = d.Code(ctx, s.Secret, account.CodeAt(e.Secret, d.clock()), here)
		d.must(err)
		if s.Step != account.Done {
			t.Errorf("step %d", s.Step)
		}
		_, err = d.Reset(ctx, account.System, id, false)
		d.must(err)
	})
}

// What a cookie carries can be neither read nor changed, holds for one purpose, and
// not for long.
func TestSealed(t *testing.T) {
	on(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		closed, err := d.Seal("oidc", "state and nonce", d.clock().Add(10*time.Minute))
		d.must(err)
		if strings.Contains(closed, "state") {
			t.Error("it can be read")
		}
		if text, err := d.Unseal(ctx, "oidc", closed); err != nil || text != "state and nonce" {
			t.Errorf("%q, %v", text, err)
		}
		for _, bad := range []string{"", "v1:", closed[:len(closed)-2], closed[:20] + "AAAA" + closed[24:]} {
			_, err := d.Unseal(ctx, "oidc", bad)
			want(t, err, "signin.stale")
		}
		_, err = d.Unseal(ctx, "other", closed)
		want(t, err, "signin.stale")
		d.pass(11 * time.Minute)
		_, err = d.Unseal(ctx, "oidc", closed)
		want(t, err, "signin.stale")
	})
}

// Many people at once: all of them or none, with posts and duties that go together.
func TestEnlist(t *testing.T) {
	on(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		d.units(3)
		post := func(role luoshi.Role) luoshi.Post { return luoshi.Post{Unit: 1, Role: role, From: 20200101} }
		good := account.Recruit{
			Person: luoshi.Person{Login: "One", Name: "甲"}, Posts: []luoshi.Post{post(luoshi.Leader), post(luoshi.Planner)},
			Duties: []luoshi.Duty{{Kind: luoshi.LeaderInCharge, Unit: 1, From: 20200101}},
		}
		bad := account.Recruit{Person: luoshi.Person{Login: "two", Name: "乙"}, Posts: []luoshi.Post{post(luoshi.Administrator), post(luoshi.Auditor)}}
		_, err := d.Enlist(ctx, account.System, []account.Recruit{good, bad})
		want(t, err, "post.apart")
		if people, err := d.store.People(ctx); err != nil || len(people) != 0 {
			t.Errorf("%v, %v: one of two was added", people, err)
		}
		_, err = d.Enlist(ctx, account.By{Actor: workflow.Actor{Person: 9}}, []account.Recruit{good})
		want(t, err, "may.role")
		ids, err := d.Enlist(ctx, account.System, []account.Recruit{good})
		d.must(err)
		posts, err := d.store.Posts(ctx, ids[0], time.Time{})
		d.must(err)
		duties, err := d.store.Duties(ctx, time.Time{})
		d.must(err)
		if len(posts) != 2 || len(duties) != 1 || duties[0].Person != ids[0] {
			t.Errorf("%v %v", posts, duties)
		}

		_, err = d.SignIn(ctx, "one", "", here)
		want(t, err, "signin.wrong")
		_, err = d.Lend(ctx, account.By{Actor: workflow.Actor{Person: ids[0]}}, ids[0])
		want(t, err, "may.sign_in")
		plain, err := d.Lend(ctx, account.System, ids[0])
		d.must(err)
		s, err := d.SignIn(ctx, "one", plain, here)
		d.must(err)
		if s.Step != account.Done {
			t.Errorf("step %d", s.Step)
		}
		again, err := d.Lend(ctx, account.System, ids[0])
		d.must(err)
		_, err = d.SignIn(ctx, "one", plain, here)
		want(t, err, "signin.wrong")
		_, err = d.Who(ctx, s.Secret)
		want(t, err, "session.none")
		_, err = d.SignIn(ctx, "one", again, here)
		want(t, err, "")
	})
}

// Recovery codes are kept as dearly as passwords, each with salt of its own.
func TestRecoveryIsDear(t *testing.T) {
	on(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		id, s := d.somebody("shen")
		h, err := d.Who(ctx, s.Secret)
		d.must(err)
		e, err := d.Enrol(ctx, h)
		d.must(err)
		codes, err := d.Confirm(ctx, h, s.Secret, account.CodeAt(e.Secret, d.clock()))
		d.must(err)
		c, err := d.store.Credential(ctx, id)
		d.must(err)
		seen := map[string]bool{}
		for i, hash := range c.Recovery {
			if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") || seen[hash] || strings.Contains(hash, codes[i][:5]) {
				t.Errorf("%s", hash)
			}
			seen[hash] = true
		}
		for _, bad := range []string{"aaaaa-aaaaa", "$argon2id$", "", strings.Repeat("a", 1000)} {
			in, err := d.SignIn(ctx, "shen", word+"shen", here)
			d.must(err)
			_, err = d.Code(ctx, in.Secret, bad, here)
			want(t, err, "signin.wrong")
			d.must(d.Unlock(ctx, account.System, id))
		}
		in, err := d.SignIn(ctx, "shen", word+"shen", here)
		d.must(err)
		_, err = d.Code(ctx, in.Secret, strings.ToUpper(codes[9]), here)
		want(t, err, "")
	})
}
