package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"luoshi.dev/internal/web"
	"luoshi.dev/internal/web/browser"
)

// The page of components stands without any data, says everything in words, and
// shows each light, state and part in every state it has.
func TestComponents(t *testing.T) {
	h := site(t, fixed{}, web.Options{})
	w, doc := get(t, h, "/components")
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if key := regexp.MustCompile(`[^/a-z](components|page|light|presence|overview|wall)\.[a-z]+`).FindString(w.Body.String()); key != "" {
		t.Errorf("a key without words: %s", key)
	}
	for selector, want := range map[string]int{
		".sw li": 18, "#type tbody tr": 6, "#lights tbody .lt": 4, "#lights .turn": 4, "#states tbody tr": 10, "#states .st.ret": 1, "#states .st.miss": 1, "#states .st.late": 1, "#states .st.box": 1,
		"#ruler .ruler": 7, "#ruler .ruler.none": 1, "#gap .gap": 3, "#goals .goals tbody tr": 4, "#goals .off tbody tr": 2, "#map .map a": 16, "#map .mp-x": 1, "#buttons .btn[disabled]": 1,
		"#buttons .seg": 2, "#buttons .chip": 2, "#notices .bar": 4, "#notices .dlg": 1, "#forms .f.bad": 1, "#forms .f.warned": 1, "#forms input[disabled]": 1, "#forms .err": 1, "#forms .warn": 1,
		"#sheet td.on": 1, "#sheet td.bad": 1, "#sheet td.warn": 1, "#sheet td.ro": 9, "#sheet td.lock": 1, "#pages .state": 4, ".pane.light": 1, ".pane.dark": 2, "#wall .wallboard tbody tr": 4, ".paper.light": 1,
		"#chart .key > span": 6, "#chart .ln-act": 2, "#chart .pt-prov": 2,
		"#matrix tbody tr": 3, "#matrix td.g": 3, "#matrix td.y": 2, "#matrix td.r": 2, "#matrix td.miss": 1, "#matrix .st.late": 1, "#matrix .st.box": 1,
	} {
		if got := len(all(doc, selector)); got != want {
			t.Errorf("%s: %d, want %d", selector, got, want)
		}
	}
	if n := len(all(doc, "[style], style, script:not([src])")); n != 0 {
		t.Errorf("%d things inline", n)
	}
	for _, lang := range []string{"en", "zh-Hant"} {
		if w, _ := get(t, h, "/components?lang="+lang); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "components.") {
			t.Errorf("%s: %d", lang, w.Code)
		}
	}
	_, front := get(t, demoSite(t, web.Options{}), "/")
	if n := len(all(front, `.colophon a[href="/components"]`)); n != 1 {
		t.Error("no way leads to the components")
	}
}

// Every component in every state breaks no rule of WCAG 2.2 AA, in light and dark,
// on a desk and on a phone.
func TestBrowserComponents(t *testing.T) {
	b := browser.Open(t)
	server := serve(t, site(t, fixed{}, web.Options{}))
	for _, v := range []browser.View{
		{Width: 1440, Lang: "zh-Hans"}, {Width: 1440, Lang: "zh-Hans", Dark: true}, {Width: 1440, Lang: "en"}, {Width: 390, Lang: "zh-Hans"}, {Width: 390, Lang: "zh-Hans", Dark: true}, {Width: 390, Lang: "en"},
	} {
		holds(t, b, "components", server+"/components", v)
	}
}
