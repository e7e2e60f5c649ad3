package web_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/web"
	"luoshi.dev/workflow"
)

// Every address is walked as every role, at the top of the tree, and as nobody: who
// has one of its intents is let in, who has none is told what it takes, and nobody is
// led to sign in. What changes something is not had by GET but to look at it, and
// nothing is changed by a reader.
func TestRights(t *testing.T) {
	st := demotest.CopyStore(t)
	accounts := account.New(st, time.Now, account.Options{Key: make([]byte, account.KeyBytes)})
	h := site(t, service.New(st, time.Now).Guard(), web.Options{Accounts: accounts, AsOf: opens})
	all := routes(t)
	for _, route := range all {
		if len(route.Intents) == 0 {
			t.Errorf("%s %s: who may use it?", route.Method, route.Path)
		}
		if !route.Changes && route.Method == http.MethodPost && !readsByPost[route.Path] && !slices.Contains(route.Intents, workflow.Open) {
			t.Errorf("%s: does it change something? then it needs the right to", route.Path)
		}
	}
	walk := func(name, secret string, may func(web.Route) bool) {
		for _, route := range all {
			if route.Method == "" || route.Path == "/static/{name}" || leaves[route.Path] {
				continue
			}
			r := httptest.NewRequest(route.Method, hole.ReplaceAllString(strings.TrimSuffix(route.Path, "{$}"), "x"), strings.NewReader("code=x"))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if secret != "" {
				r.AddCookie(&http.Cookie{Name: "luoshi", Value: secret})
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			led := w.Code == http.StatusSeeOther && strings.HasPrefix(w.Header().Get("Location"), "/signin?to=")
			in := w.Code != http.StatusForbidden && !led
			if in != may(route) || w.Code >= http.StatusInternalServerError || secret == "" && !in && !led {
				t.Errorf("%s %s as %s: %d %s", route.Method, route.Path, name, w.Code, w.Header().Get("Location"))
				if doc, err := html.Parse(w.Body); err == nil {
					t.Log(text(doc, "main"))
				}
			}
		}
	}
	walk("nobody", "", func(route web.Route) bool { return slices.Contains(route.Intents, workflow.Open) })
	for _, role := range luoshi.Roles {
		who := demotest.SignIn(t, st, demotest.Held{Role: role, Unit: demotest.Root})
		walk(string(role), who.Secret, func(route web.Route) bool {
			return slices.ContainsFunc(route.Intents, func(i workflow.Intent) bool {
				rule, _ := workflow.RuleOf(i)
				return i == workflow.Open || i == workflow.Self || slices.Contains(rule.Roles, role)
			})
		})
	}
	who := demotest.SignIn(t, st, demotest.Held{Role: luoshi.Administrator, Unit: "340100"})
	walk("an administrator of a city", who.Secret, func(route web.Route) bool {
		return !alike[route.Method+" "+route.Path] && slices.ContainsFunc(route.Intents, func(i workflow.Intent) bool {
			rule, _ := workflow.RuleOf(i)
			return i == workflow.Open || i == workflow.Self || slices.Contains(rule.Roles, luoshi.Administrator)
		})
	})
	who = demotest.SignIn(t, st)
	walk("somebody without a post", who.Secret, func(route web.Route) bool {
		return slices.Contains(route.Intents, workflow.Open) || slices.Contains(route.Intents, workflow.Self)
	})
}

// alike are addresses that change what holds for all units alike: that takes a post at
// a root.
var alike = map[string]bool{"POST /people/code": true}

var hole = regexp.MustCompile(`\{[^}]*\}`)

// leaves are addresses that end the session with which they are asked.
var leaves = map[string]bool{"/signout": true}

// A post at a city opens the city and its counties: there the pages stand without
// being asked to, and elsewhere they are not shown, whatever the address.
func TestReach(t *testing.T) {
	st := demotest.CopyStore(t)
	h := site(t, service.New(st, time.Now).Guard(), web.Options{Accounts: account.New(st, time.Now, account.Options{}), AsOf: opens})
	who := demotest.SignIn(t, st, demotest.Held{Role: luoshi.Planner, Unit: "340100"})
	for address, want := range map[string]int{
		"/":                           http.StatusOK,
		"/?unit=340100":               http.StatusOK,
		"/?unit=340102":               http.StatusOK,
		"/?unit=340000":               http.StatusForbidden,
		"/?unit=340200":               http.StatusForbidden,
		"/?unit=999999":               http.StatusForbidden,
		"/indicators?unit=340200":     http.StatusForbidden,
		"/indicators.csv?unit=340200": http.StatusForbidden,
		"/indicators/cell?code=key_projects&of=340200":    http.StatusForbidden,
		"/indicator?code=key_projects&unit=340200":        http.StatusForbidden,
		"/figure?code=key_projects&unit=340200":           http.StatusForbidden,
		"/proof?unit=340200":                              http.StatusForbidden,
		"/cascade?unit=340000":                            http.StatusForbidden,
		"/cascade/workbook?code=key_projects&unit=340200": http.StatusForbidden,
		"/register/target?code=key_projects&unit=340200":  http.StatusForbidden,
		"/wall?unit=340200":                               http.StatusForbidden,
		"/units":                                          http.StatusOK,
		"/unit?code=340200":                               http.StatusOK,
	} {
		w, doc := get(t, h, address, "Cookie", "luoshi="+who.Secret)
		if w.Code != want {
			t.Errorf("%s: %d, want %d: %s", address, w.Code, want, text(doc, "main"))
		}
	}
	_, doc := get(t, h, "/", "Cookie", "luoshi="+who.Secret)
	if here := text(doc, "title"); !strings.Contains(here, "合肥") {
		t.Errorf("the overview stands at %q", here)
	}
	if up := all(doc, "a.up"); len(up) > 0 {
		t.Errorf("%d ways up lead to where one may not look", len(up))
	}
	_, doc = get(t, h, "/unit?code=340200", "Cookie", "luoshi="+who.Secret)
	if rows := all(doc, "a[href*='/register/target']"); len(rows) > 0 {
		t.Errorf("%d targets of a unit elsewhere are shown", len(rows))
	}
	_, doc = get(t, h, "/search?q=芜湖", "Cookie", "luoshi="+who.Secret)
	if strings.Contains(text(doc, "main"), "340200") {
		t.Error("a unit elsewhere is found")
	}
}

// Kept pages are written for one reader: nobody gets another's.
func TestShelfByReader(t *testing.T) {
	st := demotest.CopyStore(t)
	h := site(t, service.New(st, time.Now).Guard(), web.Options{Accounts: account.New(st, time.Now, account.Options{}), AsOf: opens})
	planner := demotest.SignIn(t, st, demotest.Held{Role: luoshi.Planner, Unit: demotest.Root})
	viewer := demotest.SignIn(t, st, demotest.Held{Role: luoshi.Viewer, Unit: demotest.Root})
	for range 2 {
		_, doc := get(t, h, "/register/goals", "Cookie", "luoshi="+planner.Secret)
		if len(all(doc, "a.btn.pri")) == 0 {
			t.Error("a planner is offered no change")
		}
		_, doc = get(t, h, "/register/goals", "Cookie", "luoshi="+viewer.Secret)
		if n := len(all(doc, "a.btn.pri")); n > 0 {
			t.Errorf("a viewer is offered %d changes", n)
		}
		if w, _ := get(t, h, "/register/goals"); w.Code != http.StatusSeeOther {
			t.Errorf("nobody gets %d", w.Code)
		}
	}
}

// routes lists the addresses of the pages.
func routes(t *testing.T) []web.Route {
	t.Helper()
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	pages, err := web.New(demotest.Open(t).Guard(), words, web.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return pages.Routes()
}

// readsByPost are questions too long for an address: they save nothing.
var readsByPost = map[string]bool{"/cascade/try": true, "/history/check": true}

// A server open for changes leaves them to the handlers; what was done is told once
// on the next page, and only there.
func TestNotice(t *testing.T) {
	h := demoCopy(t, web.Options{})
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(&http.Cookie{Name: "notice", Value: base64.RawURLEncoding.EncodeToString([]byte(`{"t":"<saved>","u":"//elsewhere","b":"Undo"}`))})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if !strings.Contains(w.Body.String(), "&lt;saved&gt;") || strings.Contains(w.Body.String(), "elsewhere") {
		t.Error("the notice is not shown, not escaped, or leads elsewhere")
	}
	if c := w.Result().Cookies(); len(c) != 1 || c[0].Name != "notice" || c[0].MaxAge >= 0 {
		t.Errorf("the notice stays: %v", c)
	}
	if after, _ := get(t, h, "/"); strings.Contains(after.Body.String(), "saved") {
		t.Error("the notice is in a page that is kept")
	}
}
