package web_test

import (
	"net/http"
	"testing"

	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/web"
	"luoshi.dev/internal/web/browser"
)

// What the chances were worth: the verdict, what waits for its year, and the diagram of
// past years with as many points as its table has rows.
func TestReliabilityPage(t *testing.T) {
	h := demoSite(t, web.Options{})
	w, doc := get(t, h, "/outlook/reliability")
	if w.Code != http.StatusOK {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	expect(t, doc, "#shown .none", "还没有：年内给出的可能性，要等全年的数都出来才能对账。", "#tested h2", "拿往年检验的")
	if points, rows := len(all(doc, "#tested svg circle")), len(all(doc, "#tested tbody tr")); points == 0 || points != rows {
		t.Errorf("%d points, %d rows", points, rows)
	}
	if len(all(doc, "p.sample")) == 0 {
		t.Error("it does not say that its figures are a sample")
	}
	if len(all(doc, "[style], style, script:not([src])")) != 0 {
		t.Error("something is inline")
	}
	h = site(t, demotest.Empty(t).Guard(), web.Options{})
	if w, _ = get(t, h, "/outlook/reliability"); w.Code != http.StatusOK {
		t.Errorf("with nothing in the database: %d", w.Code)
	}
}

func TestBrowserReliability(t *testing.T) {
	b := browser.Open(t)
	server := serve(t, demoSite(t, web.Options{}))
	for _, v := range []browser.View{{Width: 1440, Lang: "zh-Hans"}, {Width: 390, Lang: "zh-Hans"}, {Width: 1440, Lang: "en"}, {Width: 390, Lang: "en"}, {Width: 1440, Lang: "zh-Hans", Dark: true}} {
		holds(t, b, "reliability", server+"/outlook/reliability", v)
	}
}
