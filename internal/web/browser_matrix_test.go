package web_test

import (
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"luoshi.dev/internal/web"
	"luoshi.dev/internal/web/browser"
)

func TestBrowserMatrixViews(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoSite(t, web.Options{Version: "test"}))
	defer server.Close()
	for _, page := range []struct {
		name, path string
		all        bool
	}{
		{"matrix", "/indicators?open=341500", true}, {"matrix-points", "/indicators?view=points&off=1", false},
		{"matrix-counties", "/indicators?below=county&set=liubao", false}, {"matrix-county", "/indicators?unit=341502", false},
		{"matrix-empty", "/indicators?find=nowhere", false}, {"matrix-cell", "/indicators/cell?of=341500&indicator=flood_repair_rate", false},
		{"matrix-unknown", "/indicators?set=nowhere", false},
	} {
		for _, v := range views {
			if !page.all && (v.Dark || v.Lang == "zh-Hant" || v.Width == 390 && v.Lang == "en") {
				continue
			}
			t.Run(page.name+"/"+v.String(), func(t *testing.T) {
				p := b.Page(t, server.URL+page.path, v)
				check(t, p)
				shot(t, p, page.name+"-"+v.String())
			})
		}
	}
}

// 105 counties × 100 indicators: few elements for each cell, and scrolling lays
// nothing out anew. What it takes in time is told, not judged: it is the machine's.
func TestBrowserMatrixScroll(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(wideSite(t))
	defer server.Close()
	p := b.Page(t, server.URL+widePath, browser.View{Width: 1440, Lang: "zh-Hans"})
	p.Do(t, chromedp.WaitReady(chromedp.CSS("#mx[role=grid] .cur")))
	cells := browser.Eval[int](t, p, `document.querySelectorAll("#mx tbody td:not(.wide)").length`)
	if cells != 106*100 {
		t.Fatalf("%d cells, not 105 counties and the province by 100", cells)
	}
	within := browser.Eval[int](t, p, `document.querySelectorAll("#mx tbody td:not(.wide), #mx tbody td:not(.wide) *").length`)
	if each := float64(within) / float64(cells); each > 2.05 {
		t.Errorf("%.2f elements for each cell, at most a td and a link", each)
	}
	bytes := browser.Eval[int](t, p, `document.documentElement.outerHTML.length`)
	if each := bytes / cells; each > 150 {
		t.Errorf("%d characters for each cell", each)
	}
	before := p.Metrics(t)
	frames := browser.Eval[[]float64](t, p, `new Promise((done) => {
		const box = document.querySelector(".pin"), times = [];
		let n = 0, last = performance.now();
		const step = (now) => {
			times.push(now - last);
			last = now;
			box.scrollTo(n * 40, n * 24);
			if (++n < 120) requestAnimationFrame(step); else done(times.slice(2));
		};
		requestAnimationFrame(step);
	})`)
	after := p.Metrics(t)
	if got := browser.Eval[float64](t, p, `document.querySelector(".pin").scrollTop`); got < 2500 {
		t.Errorf("scrolled down %.0f pixels only", got)
	}
	laid, styled := after["LayoutCount"]-before["LayoutCount"], after["RecalcStyleCount"]-before["RecalcStyleCount"]
	if laid > 5 || styled > 130 {
		t.Errorf("scrolling 120 steps laid out %.0f times, styled %.0f times", laid, styled)
	}
	slices.Sort(frames)
	t.Logf("%d characters, %.0f nodes; frames of scrolling: median %.1f ms, 95 in 100 below %.1f ms, longest %.1f ms; script and layout %.0f ms",
		bytes, after["Nodes"], frames[len(frames)/2], frames[len(frames)*95/100], frames[len(frames)-1], 1000*(after["TaskDuration"]-before["TaskDuration"]))
	check(t, p)
	shot(t, p, "matrix-wide")
}
