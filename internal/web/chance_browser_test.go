package web_test

import (
	"testing"

	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/demo/fill"
	"luoshi.dev/internal/web"
	"luoshi.dev/internal/web/browser"
)

// With outlooks kept, how likely targets and goals are met stands on the overview and
// in the matrix, in every view.
func TestBrowserChances(t *testing.T) {
	b := browser.Open(t)
	svc := demotest.Copy(t, nil)
	if err := fill.Outlooks(t.Context(), svc, func(string, int64, int64) {}); err != nil {
		t.Fatal(err)
	}
	server := serve(t, site(t, svc.Guard(), web.Options{AsOf: opens}))
	for _, one := range []struct{ name, path, has string }{
		{"overview", "/", "#goals td.ch, #off td.ch"},
		{"matrix", "/indicators?view=chance", "table.mx td"},
		{"goal", "/register/goal?code=double_victory", "main table"},
		{"sheet", "/outlook", "#targets td.ch"},
	} {
		for _, v := range []browser.View{{Width: 1440, Lang: "zh-Hans"}, {Width: 390, Lang: "zh-Hans"}, {Width: 1440, Lang: "en"}, {Width: 390, Lang: "en"}} {
			holds(t, b, "chance-"+one.name, server+one.path, v, func(t *testing.T, p *browser.Page) {
				if n := browser.Eval[int](t, p, `document.querySelectorAll("`+one.has+`").length`); n == 0 {
					t.Errorf("no %s", one.has)
				}
			})
		}
	}
}
