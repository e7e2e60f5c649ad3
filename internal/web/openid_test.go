package web_test

import (
	"bytes"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/oidc"
	"luoshi.dev/internal/oidc/oidctest"
	"luoshi.dev/internal/web"
)

func TestMain(m *testing.M) { oidctest.Main(m) }

const providerBack = "http://127.0.0.1:1/signin/oidc/back"

// openProvider is a server with a real provider beside it.
func openProvider(t *testing.T) (*desk, *oidctest.Provider) {
	t.Helper()
	real := oidctest.Start(t, providerBack)
	return deskBeside(t, real), real
}

func deskBeside(t *testing.T, real *oidctest.Provider) *desk {
	t.Helper()
	p, err := oidc.New(oidc.Options{Issuer: real.Issuer, Client: oidctest.Client, Secret: oidctest.Secret, Name: "皖政通", Back: providerBack})
	if err != nil {
		t.Fatal(err)
	}
	return openDesk(t, web.Options{OpenID: p})
}

// goes leads the browser to the provider and returns the way back, after signing in
// there; change may bend the address on the way.
func (b *surfer) goes(real *oidctest.Provider, from, login string, change func(url.Values)) string {
	b.Helper()
	if b.get(from); !strings.HasPrefix(b.at, real.Issuer) {
		b.Fatalf("%s leads to %s: %s", from, b.at, words(b.doc))
	}
	u, err := url.Parse(b.at)
	b.must(err)
	if change != nil {
		q := u.Query()
		change(q)
		u.RawQuery = q.Encode()
	}
	return real.SignIn(b, u.String(), login).RequestURI()
}

// The whole way: an account is linked by its person, who gives the password again,
// and lets them in from then on, to where they wanted to go.
func TestOpenID(t *testing.T) {
	o, real := openProvider(t)
	o.somebody("wang", "王远", luoshi.Post{Unit: 1, Role: luoshi.Planner})
	b := o.surf()
	b.get("/signin").shows(".ways a", "用皖政通登录")
	if kind := attr(all(b.doc, "#password")[0], "type"); kind != "password" {
		t.Errorf("the password is entered as %s", kind)
	}

	back := b.goes(real, "/signin/oidc", "wang", nil)
	b.get(back)
	if b.w.Code != http.StatusForbidden || !strings.Contains(words(b.doc), oidctest.Wang) || text(b.doc, ".bar p") != "这个外部账号还没有关联到本系统的任何人" {
		t.Errorf("not linked: %d %s", b.w.Code, words(b.doc))
	}
	if got := b.w.Header().Get("Referrer-Policy"); got != "no-referrer" {
		t.Errorf("the address with the code is told on: %s", got)
	}

	b.signIn("wang", phrase+"wang").get("/me").stands("/me", http.StatusOK)
	b.get("/me/provider").stands("/me/provider", http.StatusOK)
	b.post("/me/provider", "password", "wrong").stands("/me/provider", http.StatusUnprocessableEntity)
	b.post("/me/provider", "password", phrase+"wang").stands("/me/provider", http.StatusOK)
	address := attr(all(b.doc, ".acts a.pri")[0], "href")
	if q, err := url.Parse(address); err != nil || q.Query().Get("prompt") != "login" {
		t.Errorf("the provider need not ask again: %s", address)
	}
	b.get(real.SignIn(t, address, "wang").RequestURI()).stands("/me", http.StatusOK)
	if !strings.Contains(words(b.doc), "已关联皖政通的账号") {
		t.Errorf("linked: %s", words(b.doc))
	}
	b.post("/signout")

	for to, want := range map[string]string{"": "/", "?to=" + url.QueryEscape("/indicators?unit=340100"): "/indicators?unit=340100", "?to=" + url.QueryEscape("//elsewhere.invalid"): "/"} {
		b := o.surf()
		b.get(b.goes(real, "/signin/oidc"+to, "wang", nil))
		if b.at != want || strings.Contains(words(b.doc), "请先登录") {
			t.Errorf("%s: at %s with %d", to, b.at, b.w.Code)
		}
		b.get("/me").stands("/me", http.StatusOK)
	}

	b.signIn("wang", phrase+"wang")
	b.post("/me/provider", "password", phrase+"wang", "end", "yes").stands("/me", http.StatusOK)
	other := o.surf()
	if other.get(other.goes(real, "/signin/oidc", "wang", nil)); other.w.Code != http.StatusForbidden {
		t.Errorf("after the link has ended: %d", other.w.Code)
	}
}

// What lets nobody in, with the same real provider, and leaves no secret in the log.
func TestOpenIDRefused(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	o, real := openProvider(t)
	wang := o.somebody("wang", "王远", luoshi.Post{Unit: 1, Role: luoshi.Planner})
	o.somebody("li", "李禾", luoshi.Post{Unit: 1, Role: luoshi.Viewer})
	o.must(o.LinkPerson(t.Context(), account.System, wang, real.Issuer, oidctest.Wang))
	out := func(name string, b *surfer, code int, says string) {
		t.Helper()
		if b.w.Code != code || !strings.Contains(words(b.doc), says) {
			t.Errorf("%s: %d %s", name, b.w.Code, words(b.doc))
		}
		if b.get("/me"); !strings.HasPrefix(b.at, "/signin") {
			t.Errorf("%s: signed in", name)
		}
	}
	const stale = "这次登录已过期，或不是从这个浏览器开始的"

	b := o.surf()
	back := b.goes(real, "/signin/oidc", "wang", nil)
	out("another browser finishes it", o.surf().get(back), http.StatusForbidden, stale)
	kept := maps.Clone(b.jar)
	b.get(back).get("/me").stands("/me", http.StatusOK)
	again := o.surf()
	again.jar = kept
	out("the code once more, with the cookie", again.get(back), http.StatusForbidden, "invalid_grant")
	if len(again.jar) > 1 {
		t.Errorf("what was under way is kept: %v", again.jar)
	}
	b = o.surf()
	first := b.goes(real, "/signin/oidc", "wang", nil)
	b.goes(real, "/signin/oidc", "wang", nil)
	out("the state of another sign-in", b.get(first), http.StatusForbidden, stale)
	b = o.surf()
	out("another nonce", b.get(b.goes(real, "/signin/oidc", "wang", func(q url.Values) { q.Set("nonce", "x") })), http.StatusForbidden, "答复核对不上")
	b = o.surf()
	out("too late", b.get(func() string { back := b.goes(real, "/signin/oidc", "wang", nil); o.pass(11 * 60e9); return back }()), http.StatusForbidden, stale)
	b = o.surf()
	b.goes(real, "/signin/oidc", "wang", nil)
	b.jar["luoshi-oidc"] = "v1:" + strings.Repeat("A", 80)
	out("a cookie of one's own making", b.get(back), http.StatusForbidden, stale)
	b = o.surf()
	out("an account that is nobody's", b.get(b.goes(real, "/signin/oidc", "li", nil)), http.StatusForbidden, "还没有关联")

	// Li asks to link; somebody else's browser must not bring the account in.
	l := o.surf().signIn("li", phrase+"li")
	l.post("/me/provider", "password", phrase+"li")
	way := real.SignIn(t, attr(all(l.doc, ".acts a.pri")[0], "href"), "li").RequestURI()
	w := o.surf().signIn("wang", phrase+"wang")
	w.jar["luoshi-oidc"] = l.jar["luoshi-oidc"]
	if w.get(way); w.w.Code != http.StatusForbidden {
		t.Errorf("another session finishes the linking: %d", w.w.Code)
	}

	o.must(o.ChangePerson(t.Context(), account.System, luoshi.Person{ID: wang, Login: "wang", Name: "王远", Disabled: true}))
	b = o.surf()
	out("somebody who is disabled", b.get(b.goes(real, "/signin/oidc", "wang", nil)), http.StatusForbidden, "停用")

	b = o.surf()
	back = b.goes(real, "/signin/oidc", "wang", nil)
	real.Stop()
	out("the provider goes down on the way", b.get(back), http.StatusServiceUnavailable, "没有应答")
	fresh := deskBeside(t, real)
	fresh.somebody("wang", "王远", luoshi.Post{Unit: 1, Role: luoshi.Planner})
	b = fresh.surf().get("/signin/oidc")
	if b.w.Code != http.StatusServiceUnavailable || text(b.doc, "label[for=login]") != "登录名" {
		t.Errorf("the provider is down: %d %s", b.w.Code, words(b.doc))
	}
	b.signIn("wang", phrase+"wang").get("/me").stands("/me", http.StatusOK) // the password still does

	code, err := url.Parse(back)
	o.must(err)
	for _, secret := range []string{code.Query().Get("code"), code.Query().Get("state"), oidctest.Li, oidctest.Wang, phrase} {
		if secret == "" || strings.Contains(log.String(), secret) {
			t.Errorf("%q is in the log:\n%s", secret, log.String())
		}
	}
	if !strings.Contains(log.String(), "oidc.down") {
		t.Errorf("the log tells nothing:\n%s", log.String())
	}
}

// Without a provider there is no such way.
func TestNoOpenID(t *testing.T) {
	o := openDesk(t, web.Options{})
	for _, path := range []string{"/signin/oidc", "/signin/oidc/back?code=x&state=y"} {
		if b := o.surf().get(path); b.w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, b.w.Code)
		}
	}
}

// Pages that tell who somebody is are kept nowhere, and sign-out clears what others
// left in the browser.
func TestPersonalPagesAreNotKept(t *testing.T) {
	o := openDesk(t, web.Options{})
	o.somebody("boss", "王远", luoshi.Post{Unit: 1, Role: luoshi.Administrator})
	o.somebody("audit", "李禾", luoshi.Post{Unit: 1, Role: luoshi.Auditor})
	for login, paths := range map[string][]string{"boss": {"/me", "/me/password", "/me/code", "/people", "/person?id=1", "/nowhere"}, "audit": {"/history", "/me/token", "/people"}} {
		b := o.surf().signIn(login, phrase+login)
		for _, path := range paths {
			if b.get(path); b.w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %d, %q", path, b.w.Code, b.w.Header().Get("Cache-Control"))
			}
		}
		r := httptest.NewRequest(http.MethodPost, "/signout", nil)
		for name, value := range b.jar {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		w := httptest.NewRecorder()
		o.ServeHTTP(w, r)
		if got := w.Header().Get("Clear-Site-Data"); got != `"cache", "storage"` {
			t.Errorf("signed out: %q", got)
		}
	}
}

// An administrator enters the number that the provider knows somebody by, and takes
// it away again.
func TestOpenIDByAdministrator(t *testing.T) {
	o, real := openProvider(t)
	o.somebody("boss", "王远", luoshi.Post{Unit: 1, Role: luoshi.Administrator})
	li := o.somebody("li", "李禾", luoshi.Post{Unit: 1, Role: luoshi.Viewer})
	o.somebody("wang", "汪远", luoshi.Post{Unit: 1, Role: luoshi.Planner})
	id := strconv.FormatInt(int64(li), 10)
	b := o.surf().signIn("boss", phrase+"boss")
	b.get("/person?id="+id).shows(".elsewhere summary", "皖政通", ".elsewhere .btn", "关联")
	if b.post("/person/provider", "id", id, "subject", " "); b.w.Code != http.StatusUnprocessableEntity || len(all(b.doc, "details.elsewhere[open] .err")) == 0 {
		t.Errorf("no number: %d %s", b.w.Code, words(b.doc))
	}
	b.post("/person/provider", "id", id, "subject", oidctest.Li)
	if !strings.Contains(words(b.doc), "编号 "+oidctest.Li) || text(b.doc, ".elsewhere .btn") != "取消关联" {
		t.Errorf("linked: %d %s", b.w.Code, words(b.doc))
	}
	l := o.surf()
	l.get(l.goes(real, "/signin/oidc", "li", nil)).get("/me").stands("/me", http.StatusOK)
	for _, login := range []string{"wang", "li"} {
		other := o.surf().signIn(login, phrase+login)
		if other.post("/person/provider", "id", id, "do", "end"); other.w.Code != http.StatusForbidden {
			t.Errorf("%s may: %d", login, other.w.Code)
		}
	}
	b.post("/person/provider", "id", id, "do", "end")
	if l.get("/me"); !strings.HasPrefix(l.at, "/signin") {
		t.Errorf("after the link has ended the session goes on at %s", l.at)
	}
}
