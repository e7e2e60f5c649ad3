package web_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/web"
)

// Every address says who may use it: what changes something is refused by a server
// that only shows, and what changes nothing is read with GET.
func TestRights(t *testing.T) {
	h := demoSite(t, web.Options{})
	hole := regexp.MustCompile(`\{[^}]*\}`)
	for _, route := range routes(t) {
		if route.Method == "" {
			continue
		}
		name := route.Method + " " + route.Path
		if !route.Changes && route.Method != http.MethodGet && !readsByPost[route.Path] {
			t.Errorf("%s: does it change something? then it needs the right to", name)
		}
		if !route.Changes {
			continue
		}
		w := httptest.NewRecorder()
		r := httptest.NewRequest(route.Method, hole.ReplaceAllString(route.Path, "x"), strings.NewReader("code=x"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		h.ServeHTTP(w, r)
		if w.Code != http.StatusForbidden {
			t.Errorf("%s: a server that only shows answers %d", name, w.Code)
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
	pages, err := web.New(demotest.Open(t), words, web.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return pages.Routes()
}

// readsByPost are questions too long for an address: they save nothing.
var readsByPost = map[string]bool{"/cascade/try": true}
