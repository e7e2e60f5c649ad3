package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/gate"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/web"
)

// The reference is written once for each language, theme and name of the server,
// and answers "unchanged" to a browser that has it.
func TestReferenceIsKept(t *testing.T) {
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	both, err := (&app{words: words}).site(demotest.Open(t).Guard(), web.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := gate.Wrap(both, gate.Options{Fail: both.Fail, Log: slog.New(slog.DiscardHandler)})
	ask := func(host, target, tag string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, target, nil)
		r.Host = host
		r.Header.Set("If-None-Match", tag)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	for _, c := range []struct{ host, target, has string }{
		{"one.example", "/api?lang=zh-Hans", "curl &#39;http://one.example/api"},
		{"two.example", "/api?lang=zh-Hans", "curl &#39;http://two.example/api"},
		{"one.example", "/api?lang=en", "<html lang=\"en\""},
		{"one.example", "/api?lang=en&theme=dark", "data-theme=\"dark\""},
		{"one.example", "/api?lang=zh-Hans", "curl &#39;http://one.example/api"},
	} {
		w := ask(c.host, c.target, "")
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), c.has) {
			t.Errorf("%s%s: %d, without %s", c.host, c.target, w.Code, c.has)
		}
		if again := ask(c.host, c.target, w.Header().Get("Etag")); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("%s%s again: %d", c.host, c.target, again.Code)
		}
	}
	warm := testing.AllocsPerRun(5, func() { ask("one.example", "/api?lang=en", "x") })
	if warm > 2000 { // writing it takes a hundred thousand
		t.Errorf("asked for again it takes %.0f allocations: it is written anew", warm)
	}
}
