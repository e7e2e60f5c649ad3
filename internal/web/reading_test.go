package web_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/web"
	"luoshi.dev/internal/web/browser"
	"luoshi.dev/workflow"
)

// asks is what the pages that need a question are asked here.
var asks = map[string]string{
	"/proof":                   "goal=double_victory",
	"/indicator":               "code=key_projects",
	"/figure":                  "indicator=key_projects&unit=340000&period=2020-01..06&basis=cumulative",
	"/outlook":                 "code=key_projects",
	"/outlook/said":            "code=key_projects",
	"/cascade":                 "code=key_projects",
	"/cascade/revisions":       "code=key_projects",
	"/catchup":                 "code=key_projects&total=350",
	"/catchup/capacity":        "code=key_projects&of=340100",
	"/register/scheme":         "code=anhui_2020",
	"/register/scheme/edit":    "code=anhui_2020",
	"/register/goal":           "code=double_victory",
	"/register/goal/edit":      "code=double_victory",
	"/register/set":            "code=liuwen",
	"/register/set/edit":       "code=liuwen",
	"/register/indicator":      "code=key_projects",
	"/register/indicator/edit": "code=key_projects",
	"/register/target":         "code=key_projects&unit=340100&year=2020",
	"/register/target/edit":    "code=key_projects&unit=340100&year=2020",
	"/unit":                    "code=340100",
	"/unit/edit":               "code=340100&kind=rename&asof=now",
	"/search":                  "q=hefei",
	"/person":                  "id=1",
	"/person/anonymise":        "id=1",
	"/history/of":              "object=target+key_projects+340100+2020",
	"/duty":                    "unit=340100",
}

// walked are pages of somebody whose signing in is on its way, and of a server that
// nobody has set up: the walks of signing in read them without scripts.
var walked = []string{"/signin", "/signin/code", "/signin/password", "/signin/enrol", "/signin/oidc", "/signin/oidc/back", "/setup", "/me/provider"}

// noPage picks addresses that answer with a file, data or a part of a page, and the
// offer of goals, of which the demonstration has all.
func noPage(path string) bool {
	last := path[strings.LastIndex(path, "/")+1:]
	return strings.Contains(path, "{") && path != "/{$}" || strings.Contains(last, ".") || path == "/healthz" || path == "/indicators/cell" || path == "/cascade/workbook" || path == "/register/goals/offer" ||
		last == "state" || path == "/history/checkpoint" || slices.Contains(walked, path)
}

// readBy is a role that may read an address.
func readBy(route web.Route) luoshi.Role {
	for _, i := range route.Intents {
		rule, _ := workflow.RuleOf(i)
		for _, role := range []luoshi.Role{luoshi.Planner, luoshi.Administrator, luoshi.Auditor, luoshi.Reporter} {
			if slices.Contains(rule.Roles, role) {
				return role
			}
		}
	}
	return luoshi.Planner
}

// Every page can be read without a script, on a phone: it has its heading and its
// words, does not scroll sideways, and nothing is lacking that a script would bring.
func TestBrowserReading(t *testing.T) {
	b := browser.Open(t)
	st := demotest.CopyStore(t)
	accounts := account.New(st, time.Now, account.Options{Key: make([]byte, account.KeyBytes)})
	pages := site(t, service.New(st, time.Now).Guard(), web.Options{Accounts: accounts, AsOf: opens})
	var reader atomic.Value // the session of whoever reads
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.AddCookie(&http.Cookie{Name: "luoshi", Value: reader.Load().(string)})
		pages.ServeHTTP(w, r)
	}))
	defer server.Close()
	readers := map[luoshi.Role]demotest.Person{}
	for _, role := range []luoshi.Role{luoshi.Planner, luoshi.Administrator, luoshi.Auditor, luoshi.Reporter} {
		readers[role] = demotest.SignIn(t, st, demotest.Held{Role: role, Unit: demotest.Root})
	}
	for _, route := range routes(t) {
		if route.Method != http.MethodGet || route.Changes || noPage(route.Path) {
			continue
		}
		path := strings.TrimSuffix(route.Path, "{$}")
		t.Run(path, func(t *testing.T) {
			reader.Store(readers[readBy(route)].Secret)
			address := server.URL + path + "?" + asks[path]
			response, err := http.Get(address) //nolint:noctx,gosec // our own server
			if err != nil {
				t.Fatal(err)
			}
			if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusOK {
				t.Fatalf("%s answers %d: what is it to be asked? (asks, above) %v", address, response.StatusCode, err)
			}
			p := b.Page(t, address, browser.View{Width: 390, Lang: "en", NoScript: true})
			for _, wide := range p.Wide(t) { // axe waits for timers, which stand still with the scripts
				t.Errorf("too wide: %s", wide)
			}
			for _, c := range p.Complaints() {
				t.Errorf("complaint: %s", c)
			}
			if read := browser.Eval[int](t, p, `document.querySelector("main, .wall").innerText.length`); read < 60 {
				t.Errorf("there are %d characters to read", read)
			}
			if n := browser.Eval[int](t, p, `document.querySelectorAll("h1").length`); n != 1 {
				t.Errorf("%d first headings", n)
			}
		})
	}
}
