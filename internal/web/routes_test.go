package web_test

import (
	"encoding/base64"
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
