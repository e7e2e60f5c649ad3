package api_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/client"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/api"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/gate"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/store"
	"luoshi.dev/wire"
	"luoshi.dev/workflow"
)

// bureau is the API with accounts over a copy of the demonstration, and its log.
type bureau struct {
	*testing.T
	st       *store.Store
	accounts *account.Accounts
	http.Handler
	log *bytes.Buffer
}

func newBureau(t *testing.T) *bureau {
	t.Helper()
	b := &bureau{T: t, st: demotest.CopyStore(t), log: &bytes.Buffer{}}
	b.accounts = account.New(b.st, time.Now, account.Options{})
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	a, err := api.New(service.New(b.st, time.Now).Guard(), words, api.Options{AsOf: opens, Accounts: b.accounts})
	if err != nil {
		t.Fatal(err)
	}
	b.Handler = gate.Wrap(a, gate.Options{Fail: a.Fail, Bodies: a.Bodies, Accounts: b.accounts, Log: slog.New(slog.NewTextHandler(b.log, nil))})
	return b
}

// post sends a document as the owner of a token.
func (b *bureau) post(token, path string, body any) *httptest.ResponseRecorder {
	b.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		b.Fatal(err)
	}
	return ask(b, http.MethodPost, path, bytes.NewReader(text), "Content-Type", "application/json", "Authorization", "Bearer "+token, "Accept-Language", "en")
}

// scoped is a token of a person with less than they may.
func (b *bureau) scoped(who demotest.Person, scope ...workflow.Intent) string {
	b.Helper()
	here, err := b.accounts.Who(b.Context(), who.Secret)
	if err != nil {
		b.Fatal(err)
	}
	token, err := b.accounts.NewToken(b.Context(), here, "scoped", scope, time.Now().Add(time.Hour))
	if err != nil {
		b.Fatal(err)
	}
	return token
}

// An administrator of a city runs its accounts over the API, and no others; passwords
// are told once, kept by nobody and not logged; a token does what its scope says.
func TestPeople(t *testing.T) {
	b := newBureau(t)
	admin := demotest.SignIn(t, b.st, demotest.Held{Role: luoshi.Administrator, Unit: "340100"})
	top := demotest.SignIn(t, b.st, demotest.Held{Role: luoshi.Administrator, Unit: demotest.Root})
	both := demotest.SignIn(t, b.st, demotest.Held{Role: luoshi.Viewer, Unit: "340100"}, demotest.Held{Role: luoshi.Planner, Unit: demotest.Root})
	above := demotest.SignIn(t, b.st, demotest.Held{Role: luoshi.Planner, Unit: demotest.Root})
	at := func(who demotest.Person, rest string) string {
		return "/api/people/" + strconv.FormatInt(int64(who.ID), 10) + rest
	}
	clerk := wire.NewPerson{Name: "程予安", Login: "chengyuan"}
	if e := refused(t, b.post(admin.Token, "/api/people", clerk), http.StatusBadRequest); e.Key != "person.first_post" {
		t.Errorf("without a post: %s", e.Key)
	}
	clerk.Post = &wire.Post{Role: luoshi.Reporter, Unit: "340200", From: 20200101}
	if e := refused(t, b.post(admin.Token, "/api/people", clerk), http.StatusForbidden); e.Key != "may.elsewhere" {
		t.Errorf("at another city: %s", e.Key)
	}
	clerk.Post.Unit = "999999"
	if e := refused(t, b.post(admin.Token, "/api/people", clerk), http.StatusNotFound); len(e.Errors) != 1 || e.Errors[0].Location != "body.post.unit" {
		t.Errorf("nowhere: %+v", e)
	}
	clerk.Post.Unit = "340122"
	w := b.post(admin.Token, "/api/people", clerk)
	added := read[wire.FirstPassword](t, w)
	if w.Header().Get("Cache-Control") != "no-store" || len(added.First) < 12 || added.Login != "chengyuan" {
		t.Errorf("%+v, %s", added, w.Header().Get("Cache-Control"))
	}
	if e := refused(t, b.post(admin.Token, "/api/people", clerk), http.StatusConflict); e.Key != "person.login_taken" {
		t.Errorf("twice: %s", e.Key)
	}
	own := demotest.Person{ID: luoshi.PersonID(added.ID)}

	w = ask(b, http.MethodGet, "/api/people?q=chengyuan", nil, "Authorization", "Bearer "+admin.Token)
	list := read[wire.PersonList](t, w)
	if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Etag") != "" || list.Total != 1 || list.All || !list.Items[0].MayChange || list.Items[0].Posts[0].Unit != "340122" {
		t.Errorf("%+v %v", list, w.Header())
	}
	card := read[wire.PersonCard](t, ask(b, http.MethodGet, at(both, "?lang=en"), nil, "Authorization", "Bearer "+admin.Token))
	if card.MayChange || card.Elsewhere != 1 || len(card.Posts) != 1 || card.Closed == nil || !strings.Contains(card.Closed.Text, "Anhui") {
		t.Errorf("of who also works above: %+v", card)
	}
	for _, c := range []struct {
		who    demotest.Person
		status int
		key    string
	}{{both, http.StatusForbidden, "person.beyond"}, {above, http.StatusNotFound, "person.unknown"}} {
		for path, body := range map[string]any{"/reset": wire.PasswordReset{SecondFactor: true}, "/unlock": struct{}{}, "/anonymise": wire.Reason{Reason: "x"}, "/provider": wire.Provider{Issuer: "https://x", Subject: "mine"},
			"": wire.PersonNames{Name: "x", Login: "x", Disabled: true}} {
			if e := refused(t, b.post(admin.Token, at(c.who, path), body), c.status); e.Key != c.key {
				t.Errorf("%s: %s, want %s", path, e.Key, c.key)
			}
		}
	}
	if e := refused(t, b.post(admin.Token, at(above, "/posts"), wire.Post{Role: luoshi.Viewer, Unit: "340100", From: 20200101}), http.StatusNotFound); e.Key != "person.unknown" {
		t.Errorf("a post for the province's planner: %s", e.Key)
	}
	if e := refused(t, b.post(admin.Token, "/api/people/second-factor", wire.SecondFactor{Roles: []luoshi.Role{luoshi.Planner}}), http.StatusForbidden); e.Key != "may.elsewhere" {
		t.Errorf("a second factor for all: %s", e.Key)
	}

	reset := read[wire.FirstPassword](t, b.post(admin.Token, at(own, "/reset"), wire.PasswordReset{}))
	given := read[wire.FirstPassword](t, b.post(admin.Token, at(own, "/posts"), wire.Post{Role: luoshi.Viewer, Unit: "340100", From: 20200101}))
	anew := read[wire.FirstPassword](t, b.post(top.Token, at(own, "/posts"), wire.Post{Role: luoshi.Planner, Unit: demotest.Root, From: 20200101}))
	if reset.First == "" || reset.First == added.First || given.First != "" || given.Login != "chengyuan" || anew.First == "" {
		t.Errorf("%+v %+v %+v", reset, given, anew)
	}
	for _, word := range []string{added.First, reset.First, anew.First} {
		if strings.Contains(b.log.String(), word) {
			t.Errorf("the log tells %s", word)
		}
	}
	if !strings.Contains(b.log.String(), "uri="+at(own, "/reset")) {
		t.Errorf("the log lacks the reset: %s", b.log)
	}

	reads, gives := b.scoped(admin, workflow.ReadPeople), b.scoped(top, workflow.EditPosts)
	if w := ask(b, http.MethodGet, "/api/people", nil, "Authorization", "Bearer "+reads); w.Code != http.StatusOK || strings.Contains(w.Body.String(), `"may_change":true`) {
		t.Errorf("a token that reads: %d %s", w.Code, w.Body)
	}
	if e := refused(t, b.post(reads, at(own, "/reset"), wire.PasswordReset{}), http.StatusForbidden); e.Key != "may.token" {
		t.Errorf("a token that reads resets: %s", e.Key)
	}
	if w := b.post(gives, at(own, "/posts"), wire.Post{Role: luoshi.Planner, Unit: demotest.Root, From: 20200101, Until: 20201231}); w.Code != http.StatusOK {
		t.Errorf("a token that gives posts: %d %s", w.Code, w.Body)
	}
	if e := refused(t, b.post(gives, at(own, "/unlock"), struct{}{}), http.StatusForbidden); e.Key != "may.token" {
		t.Errorf("a token that gives posts unlocks: %s", e.Key)
	}
}

// Who answers for what, over the client: named, listed, handed over within reach.
func TestDuties(t *testing.T) {
	b := newBureau(t)
	server := httptest.NewServer(b)
	defer server.Close()
	planner := demotest.SignIn(t, b.st, demotest.Held{Role: luoshi.Planner, Unit: "340100"})
	top := demotest.SignIn(t, b.st, demotest.Held{Role: luoshi.Administrator, Unit: demotest.Root})
	ctx := t.Context()
	c, err := client.New(server.URL, client.Token(planner.Token), client.Lang("en"))
	if err != nil {
		t.Fatal(err)
	}
	all, err := client.New(server.URL, client.Token(top.Token))
	if err != nil {
		t.Fatal(err)
	}
	me, boss := int64(planner.ID), int64(top.ID)
	v, err := c.PutDuty(ctx, wire.NewDuty{Unit: "340100", Indicator: "key_projects", Person: me, From: 20200701, Reason: "division of work"})
	if err != nil || v.Person == nil || v.Person.ID != me || len(v.Facts) == 0 || !v.Facts[0].Holds || v.Facts[0].By.ID != me {
		t.Fatalf("%+v %v", v, err)
	}
	if v, err = c.PutDuty(ctx, wire.NewDuty{Unit: "340122", Person: me, From: 20200701}); err != nil || v.Person.ID != me {
		t.Errorf("a unit: %+v %v", v, err)
	}
	if _, err := all.PutDuty(ctx, wire.NewDuty{Unit: "340200", Person: me, From: 20200701}); err != nil {
		t.Error(err)
	}
	for _, bad := range []struct {
		duty wire.NewDuty
		want luoshi.Code
	}{{wire.NewDuty{Unit: "340200", Person: me, From: 20200701}, luoshi.Forbidden}, {wire.NewDuty{Unit: "x", Person: me, From: 20200701}, luoshi.NotFound},
		{wire.NewDuty{Unit: "340100", Indicator: "none", Person: me, From: 20200701}, luoshi.NotFound}, {wire.NewDuty{Unit: "340100", Person: 99999, From: 20200701}, luoshi.NotFound}, {wire.NewDuty{Unit: "340100", Person: me}, luoshi.Invalid}} {
		if _, err := c.PutDuty(ctx, bad.duty); luoshi.CodeOf(err) != bad.want {
			t.Errorf("%+v: %v", bad.duty, err)
		}
	}
	move := wire.HandOver{From: me, To: boss, On: 20200801, Reason: "moves on"}
	tried, err := c.TryHandOver(ctx, move)
	if err != nil || len(tried.Moves) != 2 || tried.Elsewhere != 1 {
		t.Fatalf("%+v %v", tried, err)
	}
	if v, err = c.Duties(ctx, "340100", "key_projects"); err != nil || v.Person.ID != me {
		t.Errorf("only tried: %+v %v", v, err)
	}
	if _, err = c.HandOver(ctx, move); err != nil {
		t.Fatal(err)
	}
	if v, err = c.Duties(ctx, "340100", "key_projects"); err != nil || v.Person.ID != boss || v.Facts[1].Until != 20200731 {
		t.Errorf("handed over: %+v %v", v, err)
	}
	if _, err = c.HandOver(ctx, move); luoshi.CodeOf(err) != luoshi.Forbidden {
		t.Errorf("once more, when all that is left lies elsewhere: %v", err)
	}
	n := 0
	for line, err := range all.People(ctx, client.PeopleFilter{Unit: "340100", Role: luoshi.Planner}) {
		if n++; err != nil || line.ID != me {
			t.Errorf("%+v %v", line, err)
		}
	}
	if n != 1 {
		t.Errorf("%d planners of Hefei", n)
	}
	card, err := all.Person(ctx, me)
	if err != nil || len(card.Duties) != 1 || len(card.Before) != 2 {
		t.Errorf("%+v %v", card, err)
	}
	if _, err := all.PutPerson(ctx, me, wire.PersonNames{Name: "某人", Login: planner.Login, Disabled: true}); err != nil {
		t.Error(err)
	}
	if _, err := c.Duties(ctx, "340100", ""); luoshi.CodeOf(err) != luoshi.Forbidden && luoshi.CodeOf(err) != luoshi.SignIn {
		t.Errorf("a token of somebody who may not sign in: %v", err)
	}
}
