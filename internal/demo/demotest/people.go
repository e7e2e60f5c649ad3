package demotest

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/store"
	"luoshi.dev/workflow"
)

// Root is the unit code of the demonstration's province.
const Root = "340000"

// Held is a post of somebody who tries something.
type Held struct {
	Role luoshi.Role
	Unit string // code
}

// Person is somebody who is signed in.
type Person struct {
	ID     luoshi.PersonID
	Login  string
	Secret string // of the session, as its cookie holds it
	Token  string // for the API, with all intents
}

// Password is that of everybody whom [SignIn] adds.
const Password = "长河 落日 圆 7749"

var added atomic.Int64

// SignIn adds a person with posts to a store and signs them in.
func SignIn(t testing.TB, st *store.Store, posts ...Held) Person {
	t.Helper()
	ctx := context.Background()
	accounts := account.New(st, time.Now, account.Options{})
	who := Person{Login: "tester" + strconv.FormatInt(added.Add(1), 10)}
	units, err := st.Units(ctx, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	var given []luoshi.Post
	for _, p := range posts {
		post := luoshi.Post{Role: p.Role, From: luoshi.DateOf(time.Now())}
		for _, u := range units {
			if u.Code == p.Unit {
				post.Unit = u.ID
			}
		}
		given = append(given, post)
	}
	var first string
	if who.ID, first, err = accounts.AddPerson(ctx, account.System, luoshi.Person{Login: who.Login, Name: "某人"}, given...); err != nil {
		t.Fatal(err)
	}
	from := account.From{Address: "192.0.2.7", Agent: "test"}
	signed, err := accounts.SignIn(ctx, who.Login, first, from)
	if err == nil {
		signed, err = accounts.ChangePassword(ctx, signed.Secret, first, Password, from)
	}
	if err != nil {
		t.Fatal(err)
	}
	who.Secret = signed.Secret
	here, err := accounts.Who(ctx, who.Secret)
	if err != nil {
		t.Fatal(err)
	}
	var all []workflow.Intent
	for _, rule := range workflow.Rules() {
		if rule.Intent != workflow.Self && rule.Intent != workflow.Open {
			all = append(all, rule.Intent)
		}
	}
	if who.Token, err = accounts.NewToken(ctx, here, "tests", all, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	return who
}
