package api_test

import (
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"luoshi.dev"
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

// What is answered has the shape that is described: no list is null, no field is
// missing or of another kind. Held at the province, a city, a county, at an instant
// before everything, and in an empty database, where every read still answers.
func TestAnswersAreAsDescribed(t *testing.T) {
	must := map[string]string{"search": "q=hfs", "comparePlans": "indicator=key_projects"}
	full, empty := build(t, api.Options{}), build(t, api.Options{}, onNothing(t))
	nowhere := map[string]bool{"getHealth": true, "getOutlookProgress": true, "exportAll": true, "listEvents": true, "getEvent": true, "listCame": true}
	for _, tc := range []struct {
		query   string // "" = as its example
		on      *api.API
		mayLack bool
	}{
		{"", full, false}, {"?unit=340100&lang=en", full, false}, {"?unit=340104&asof=2020-06-15", full, true}, {"?asof=2019-06-30", full, true},
		{"?asof=now&boundaries=now", full, false}, {"?lang=zh-Hant", empty, true},
	} {
		for _, op := range full.Routes() {
			path, _, _ := strings.Cut(op.Try, "?")
			at := path + tc.query
			if tc.query == "" {
				at = op.Try
			}
			if tc.query != "" && must[op.ID] != "" {
				at += "&" + must[op.ID]
			}
			if strings.Contains(op.Path, "/at/{of}") { // the unit stands in the path
				at = strings.NewReplacer("unit=340100&", "", "unit=340104&", "").Replace(at)
			}
			if op.Document || op.Changes || len(op.Before) > 0 || tc.query != "" && nowhere[op.ID] {
				continue
			}
			w := ask(tc.on, op.Method, at, strings.NewReader(op.Body), "Content-Type", "application/json")
			if w.Code != http.StatusOK {
				if !tc.mayLack || w.Code != http.StatusNotFound && w.Code != http.StatusBadRequest {
					t.Errorf("%s %s: %d %s", op.Method, at, w.Code, w.Body)
				}
				continue
			}
			if w.Header().Get("Content-Type") != "application/json" {
				continue
			}
			for _, err := range tc.on.Check(op.ID, w.Body.Bytes()) {
				t.Errorf("%s %s: %.300s", op.Method, at, err)
			}
		}
	}
}

// onNothing is a service on an empty database.
func onNothing(t *testing.T) *service.Service {
	t.Helper()
	st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "empty.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	if err := st.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return service.New(st, time.Now)
}

// Lists come in pages that name their neighbours and fit together.
func TestPages(t *testing.T) {
	h := behindGate(t, api.Options{})
	seen := map[string]bool{}
	next, pages := "/api/units?kind=county&limit=40&lang=en", 0
	for next != "" {
		w := get(h, next)
		link := w.Header().Get("Link")
		list := read[wire.UnitList](t, w)
		if list.Total != 105 || list.Limit != 40 || list.Offset != pages*40 {
			t.Fatalf("%+v", list.Page)
		}
		for _, line := range list.Items {
			if seen[line.Unit.Code] {
				t.Errorf("%s comes twice", line.Unit.Code)
			}
			seen[line.Unit.Code] = true
		}
		next = ""
		for one := range strings.SplitSeq(link, ", ") {
			if at, ok := strings.CutSuffix(one, `>; rel="next"`); ok {
				next = strings.TrimPrefix(at, "<")
			}
		}
		if strings.Contains(link, `rel="prev"`) != (pages > 0) || !strings.Contains(link, `offset=80&limit`) && !strings.Contains(link, `offset=80>; rel="last"`) {
			t.Errorf("page %d: %s", pages, link)
		}
		pages++
	}
	if len(seen) != 105 || pages != 3 {
		t.Errorf("%d units on %d pages", len(seen), pages)
	}
	if w := get(h, "/api/units?kind=city"); w.Header().Get("Link") != "" {
		t.Errorf("one page has neighbours: %s", w.Header().Get("Link"))
	}
	if past := read[wire.UnitList](t, get(h, "/api/units?offset=100000")); len(past.Items) != 0 || past.Items == nil {
		t.Errorf("%d units past the end", len(past.Items))
	}
	refused(t, get(h, "/api/units?limit=0"), http.StatusBadRequest)
	refused(t, get(h, "/api/units?limit=1001"), http.StatusBadRequest)
}

// Every operation is walked as every role and as nobody: whoever has one of its
// intents is let in, whoever has none is told what it takes, whatever is sent.
func TestRights(t *testing.T) {
	st := demotest.CopyStore(t)
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	accounts := account.New(st, time.Now, account.Options{})
	a, err := api.New(service.New(st, time.Now).Guard(), words, api.Options{AsOf: opens, Accounts: accounts})
	if err != nil {
		t.Fatal(err)
	}
	h := gate.Wrap(a, gate.Options{Fail: a.Fail, Bodies: a.Bodies, Accounts: accounts})
	walk := func(name string, head []string, may func(workflow.Rule) bool) {
		for _, op := range a.Routes() {
			if op.Document {
				continue
			}
			if len(op.Intents) == 0 {
				t.Errorf("%s: who may use it?", op.ID)
			}
			ok := slices.ContainsFunc(op.Intents, func(i workflow.Intent) bool { rule, _ := workflow.RuleOf(i); return may(rule) })
			for _, body := range []string{"{", ""} {
				w := ask(h, op.Method, op.Try, strings.NewReader(body), append([]string{"Content-Type", "application/json", "Accept-Language", "en"}, head...)...)
				in := w.Code != http.StatusForbidden && w.Code != http.StatusUnauthorized
				if in != ok || w.Code >= http.StatusInternalServerError {
					t.Errorf("%s as %s: %d %s", op.ID, name, w.Code, w.Body)
				}
				if !in {
					if e := refused(t, w, w.Code); e.Key == "" || e.Fix == "" || e.Instance == "" {
						t.Errorf("%s: %+v", op.ID, e)
					}
				}
			}
		}
	}
	walk("nobody", nil, func(rule workflow.Rule) bool { return rule.Intent == workflow.Open })
	for _, role := range luoshi.Roles {
		who := demotest.SignIn(t, st, demotest.Held{Role: role, Unit: demotest.Root})
		has := func(rule workflow.Rule) bool {
			return rule.Intent == workflow.Open || slices.Contains(rule.Roles, role)
		}
		walk(string(role), []string{"Authorization", "Bearer " + who.Token}, has)
	}
	who := demotest.SignIn(t, st, demotest.Held{Role: luoshi.Administrator, Unit: "340100"})
	walk("an administrator of a city", []string{"Authorization", "Bearer " + who.Token}, func(rule workflow.Rule) bool {
		return rule.Intent == workflow.Open || slices.Contains(rule.Roles, luoshi.Administrator)
	})
	for _, bad := range []string{"Bearer luoshi_x", "Bearer luoshi_" + strings.Repeat("a", 43), "bearer " + strings.Repeat("a", 5000)} {
		if e := refused(t, ask(h, http.MethodGet, "/api/overview", nil, "Authorization", bad), http.StatusUnauthorized); e.Key != "gate.token" {
			t.Errorf("%s", e.Key)
		}
	}
}

// A body that is not as it should be says where, by field.
func TestBodies(t *testing.T) {
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	h := behindGate(t, api.Options{Change: true})
	for body, where := range map[string]string{
		`{`:                                      "body",
		``:                                       "",
		`[]`:                                     "body",
		`{"units": "last_share"}`:                "body",
		`{"indicator": 5}`:                       "body.indicator",
		`{"indicator": "x", "untis": "y"}`:       "body.untis",
		`{"indicator": "x", "units": "by_luck"}`: "body.units",
		`{"indicator": "x", "total": 322.75}`:    "body.total",
		`{"indicator": "x", "total": "many"}`:    "body.total",
		`{"indicator": "key_projects", "months": {"13": "5"}}`: "body.months.13",
		`{"indicator": "x", "locks": {"340100": "1e5"}}`:       "body.locks.340100",
	} {
		e := refused(t, ask(h, http.MethodPost, "/api/cascade/try", strings.NewReader(body), "Content-Type", "application/json"), http.StatusBadRequest)
		at := ""
		if len(e.Errors) > 0 {
			at = e.Errors[0].Location
		}
		if at != where || !words.Has(e.Key) {
			t.Errorf("%s: at %q, key %s: %s", body, at, e.Key, e.Detail)
		}
	}
	e := refused(t, ask(h, http.MethodPost, "/api/plan", strings.NewReader(`{"indicators": [{"code": "growth_of_growth", "name": {"zh-Hans": "x"}, "measure": {"symbol": {"zh-Hans": "%"}, "power": 0}, "decimals": 1, "direction": "more", "kind": "growth", "over_time": "none", "over_units": "sum", "basis": "cumulative", "calendar": "monthly"}]}`),
		"Content-Type", "application/json", "Accept-Language", "en"), http.StatusBadRequest)
	if len(e.Errors) == 0 || e.Errors[0].Location != "body.indicators[0].over_units" {
		t.Errorf("%+v", e)
	}
}
