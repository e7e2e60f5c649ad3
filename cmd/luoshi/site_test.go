package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/web"
)

// data says where the API has what a page shows or does. "" = a page without data
// of its own, with the reason beside it.
var data = map[string]string{
	"GET /{$}":                     "GET /api/overview",
	"GET /proof":                   "GET /api/overview",
	"GET /wall":                    "GET /api/wall",
	"GET /indicators":              "GET /api/matrix",
	"GET /indicators.xlsx":         "GET /api/matrix/export",
	"GET /indicators.csv":          "GET /api/matrix/export",
	"GET /indicators/cell":         "GET /api/indicators/{code}/at/{of}/proof",
	"GET /indicator":               "GET /api/indicators/{code}/at/{of}",
	"GET /figure":                  "GET /api/indicators/{code}/at/{of}/figures/{period}",
	"GET /outlook":                 "GET /api/indicators/{code}/at/{of}/outlook",
	"GET /outlook/said":            "GET /api/indicators/{code}/at/{of}/outlook/said",
	"GET /outlook/reliability":     "GET /api/outlooks/reliability",
	"GET /outlook/state":           "GET /api/outlooks/progress",
	"GET /cascade":                 "GET /api/cascade",
	"POST /cascade/try":            "POST /api/cascade/try",
	"GET /cascade/force":           "POST /api/cascade/try",
	"POST /cascade":                "POST /api/cascade",
	"GET /cascade/revisions":       "GET /api/cascade/revisions",
	"POST /cascade/restore":        "POST /api/cascade/restore",
	"GET /cascade/workbook":        "POST /api/cascade/workbook",
	"POST /cascade/upload":         "POST /api/imports",
	"GET /catchup":                 "GET /api/catchup",
	"GET /catchup/force":           "POST /api/catchup/try",
	"POST /catchup":                "POST /api/catchup",
	"GET /catchup/capacity":        "GET /api/indicators/{code}/at/{of}/capacity",
	"POST /catchup/capacity":       "POST /api/indicators/{code}/at/{of}/capacity",
	"GET /units":                   "GET /api/units",
	"GET /units/changes":           "GET /api/unit-changes",
	"GET /unit":                    "GET /api/units/{code}",
	"GET /unit/edit":               "POST /api/plan/try",
	"POST /unit":                   "POST /api/plan",
	"POST /register/undo":          "POST /api/plan/{batch}/undo",
	"GET /register/indicators":     "GET /api/indicators",
	"GET /register/indicator":      "GET /api/indicators/{code}",
	"GET /register/indicator/edit": "POST /api/plan/try",
	"POST /register/indicator":     "POST /api/plan",
	"GET /register/target":         "GET /api/targets/{indicator}/{of}",
	"POST /register/target":        "POST /api/plan",
	"GET /register/schemes":        "GET /api/schemes",
	"GET /register/scheme":         "GET /api/schemes/{code}",
	"GET /register/scheme/edit":    "POST /api/schemes/try",
	"POST /register/scheme":        "POST /api/plan",
	"GET /register/goals":          "GET /api/goals",
	"POST /register/goals":         "POST /api/plan",
	"GET /register/goals/offer":    "POST /api/plan/try",
	"GET /register/goal":           "GET /api/goals/{code}",
	"GET /register/goal/edit":      "POST /api/plan/try",
	"POST /register/goal":          "POST /api/plan",
	"GET /register/sets":           "GET /api/sets",
	"GET /register/set":            "GET /api/sets/{code}",
	"GET /register/set/edit":       "POST /api/plan/try",
	"POST /register/set":           "POST /api/plan",
	"GET /import":                  "GET /api/imports",
	"POST /import":                 "POST /api/imports",
	"GET /import/{id}":             "POST /api/imports", // dry_run: what would become of it, and every problem by cell
	"POST /import/{id}":            "POST /api/imports",
	"POST /import/{id}/drop":       "", // a try-out over the API leaves nothing behind
	"GET /import/{id}/state":       "", // a try-out over the API answers when it is done
	"GET /import/{id}/{name}":      "POST /api/imports",
	"GET /imports":                 "GET /api/imports",
	"GET /imports/{batch}":         "GET /api/imports/{batch}",
	"POST /imports/{batch}/undo":   "POST /api/imports/{batch}/undo",
	"GET /template/{name}":         "GET /api/template",
	"GET /people":                  "GET /api/people",
	"GET /people/new":              "GET /api/units",
	"POST /people":                 "POST /api/people",
	"POST /people/code":            "POST /api/people/second-factor",
	"GET /people/handover":         "POST /api/duties/handover/try",
	"POST /people/handover":        "POST /api/duties/handover",
	"GET /person":                  "GET /api/people/{id}",
	"POST /person":                 "POST /api/people/{id}",
	"POST /person/post":            "POST /api/people/{id}/posts",
	"POST /person/unlock":          "POST /api/people/{id}/unlock",
	"POST /person/provider":        "POST /api/people/{id}/provider",
	"POST /person/reset":           "POST /api/people/{id}/reset",
	"GET /person/anonymise":        "GET /api/people/{id}",
	"POST /person/anonymise":       "POST /api/people/{id}/anonymise",
	"GET /duty":                    "GET /api/duties",
	"POST /duty":                   "POST /api/duties",
	"GET /search":                  "GET /api/search",
	"GET /search.json":             "GET /api/search",
	"GET /history":                 "GET /api/events",
	"GET /history.csv":             "GET /api/events",
	"GET /history/{n}":             "GET /api/events/{seq}",
	"GET /history/of":              "GET /api/came",
	"POST /history/check":          "", // a walk: luoshi history verify
	"GET /history/state":           "", // how far it is
	"GET /history/checkpoint":      "GET /api/events",
	"GET /components":              "", // the look itself
	"GET /healthz":                 "GET /api/health",
	"GET /static/{name}":           "", // files
	"/":                            "", // what is nowhere
}

// apart are pages of which the API has nothing on purpose.
var apart = []struct{ under, why string }{
	{"/signin", "a program has a token and signs in nowhere"},
	{"/signout", "so it does not sign out either"},
	{"/setup", "the first administrator is somebody in person"},
	{"/me", "a token that strays must make no other, and no new password"},
}

// Every page's data can be had over the API, and what a page changes can be changed
// there, with the same right.
func TestEveryPageHasItsData(t *testing.T) {
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	a := &app{words: words}
	both, err := a.site(demotest.Open(t).Guard(), web.Options{})
	if err != nil {
		t.Fatal(err)
	}
	operations := map[string]bool{} // and whether they change something
	for _, op := range both.api.Routes() {
		operations[op.Method+" "+op.Path] = op.Changes
	}
	var pages []string
	for _, page := range both.pages.Routes() {
		name := strings.TrimSpace(page.Method + " " + page.Path)
		pages = append(pages, name)
		operation, told := data[name]
		changes, there := operations[operation]
		switch {
		case !told && slices.ContainsFunc(apart, func(a struct{ under, why string }) bool {
			rest, here := strings.CutPrefix(page.Path, a.under)
			return here && (rest == "" || rest[0] == '/' || rest[0] == '.')
		}):
		case !told:
			t.Errorf("%s: where does the API have its data? say so in the table", name)
		case operation != "" && !there:
			t.Errorf("%s: the API has no %s", name, operation)
		case operation != "" && page.Method == http.MethodPost && page.Changes && !changes:
			t.Errorf("%s changes something, %s does not", name, operation)
		}
	}
	for name := range data {
		if !slices.Contains(pages, name) {
			t.Errorf("%s is in the table but no page", name)
		}
	}
}
