package web_test

import (
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/web"
	"luoshi.dev/internal/web/browser"
)

// The outlook holds up in every view.
func TestBrowserOutlookViews(t *testing.T) {
	b := browser.Open(t)
	server := serve(t, demoSite(t, web.Options{Version: "test"}))
	all := []browser.View{
		{Width: 1440, Lang: "zh-Hans"}, {Width: 390, Lang: "zh-Hans"}, {Width: 1440, Lang: "en"}, {Width: 390, Lang: "en"}, {Width: 1440, Lang: "zh-Hans", Dark: true}, {Width: 820, Lang: "zh-Hant"},
	}
	for _, page := range []struct {
		name, path string
		views      []browser.View
	}{
		{"outlook", "/outlook?code=key_projects", all},
		{"outlook-city", "/outlook?code=key_projects&unit=341000", all[:2]},
		{"outlook-trade", "/outlook?code=trade", all[:2]},
		{"outlook-bound", "/outlook?code=safety_accidents", all[:1]},
		{"outlook-none", "/outlook?code=business_climate", all[1:3]},
		{"outlooks", "/outlook", all},
	} {
		for _, v := range page.views {
			holds(t, b, page.name, server+page.path, v, func(t *testing.T, p *browser.Page) {
				if browser.Eval[bool](t, p, `!!document.querySelector("figure.chart")`) {
					drawFan(t, p)
				}
			})
		}
	}
}

// From an indicator's page the sentence leads to its outlook, and back; by keyboard
// too. The script draws the fan in the colours of the page.
func TestBrowserOutlookWalk(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoSite(t, web.Options{}))
	defer server.Close()
	p := b.Page(t, server.URL+"/indicator?code=key_projects&asof=2020-07-31", browser.View{Width: 1440, Lang: "zh-Hans"})
	drawn := chromedp.WaitVisible(chromedp.CSS("figure.chart.drawn canvas"))
	p.Do(t, drawn)
	for name, n := range map[string]int{"80%": browser.Eval[int](t, p, coloured(0xc3, 0xd5, 0xe8)), "95%": browser.Eval[int](t, p, coloured(0xe1, 0xea, 0xf3))} {
		if n < 1000 {
			t.Errorf("the band of %s has %d points", name, n)
		}
	}
	p.Do(t, chromedp.Focus(chromedp.CSS(".foresaid a")), chromedp.KeyEvent(kb.Enter), chromedp.WaitReady(chromedp.CSS(".outl #read")), drawn)
	if got := p.Address(t); !strings.Contains(got, "/outlook?") || !strings.Contains(got, "code=key_projects") || !strings.Contains(got, "asof=2020-07-31") {
		t.Errorf("the outlook is at %s", got)
	}
	box := browser.Eval[[]float64](t, p, `(() => { const b = document.querySelector(".plot .live").getBoundingClientRect(); return [b.left + 40 + (b.width - 172) * 10.02 / 12, b.top + b.height * .7] })()`)
	before := browser.Eval[int](t, p, inked)
	p.Do(t, chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, box[0]-30, box[1]), chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, box[0], box[1]))
	until(t, p, inked+" !== "+strconv.Itoa(before)) // the readout of October
	shot(t, p, "outlook-pointer")
	p.Do(t, chromedp.Click(chromedp.CSS(".outl .ways a:last-child")), chromedp.WaitReady(chromedp.CSS("#parts")))
	for _, c := range p.Complaints() {
		t.Errorf("complaint: %s", c)
	}
}

// With years to look back on there is a back-test; on paper the chart is the server's
// drawing, and without a script too.
func TestBrowserOutlookTested(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(site(t, foreseer{demotest.Open(t).Guard(), tested}, web.Options{AsOf: opens}))
	defer server.Close()
	for _, v := range []browser.View{{Width: 1440, Lang: "zh-Hans"}, {Width: 390, Lang: "zh-Hans"}, {Width: 1440, Lang: "en"}, {Width: 390, Lang: "en"}} {
		p := b.Page(t, server.URL+"/outlook?code=key_projects", v)
		drawFan(t, p)
		check(t, p)
		shot(t, p, "outlook-tested-"+v.String())
	}
	p := b.Page(t, server.URL+"/outlook?code=key_projects", browser.View{Width: 1440, Lang: "zh-Hans"})
	drawFan(t, p)
	p.Print(t)
	if browser.Eval[bool](t, p, `document.querySelector(".chart .live").checkVisibility()`) || !browser.Eval[bool](t, p, `document.querySelector(".chart svg.for-wide .ar-95").checkVisibility({ visibilityProperty: true })`) {
		t.Error("the sheet has not the drawing")
	}
	dir := *screenshots
	if dir == "" {
		dir = t.TempDir()
	}
	p.PDF(t, filepath.Join(dir, "outlook-print.pdf"))
	p = b.Page(t, server.URL+"/outlook?code=key_projects", browser.View{Width: 390, Lang: "zh-Hans", NoScript: true})
	p.Do(t, chromedp.WaitVisible(chromedp.CSS("figure.chart svg.for-narrow .ar-80")))
	shot(t, p, "outlook-noscript")
}

// A level's back-test holds up in every view: a rate in points, a stock in percent.
func TestBrowserOutlookOfALevelTested(t *testing.T) {
	b := browser.Open(t)
	for _, level := range []struct {
		code   string
		points bool
	}{{"unemployment_rate", true}, {"manufacturing_loans", false}} {
		server := httptest.NewServer(site(t, foreseer{demotest.Open(t).Guard(), levelTested(level.points)}, web.Options{AsOf: opens}))
		defer server.Close()
		for _, v := range []browser.View{{Width: 1440, Lang: "zh-Hans"}, {Width: 390, Lang: "zh-Hans"}, {Width: 1440, Lang: "en"}, {Width: 390, Lang: "en"}} {
			p := b.Page(t, server.URL+"/outlook?code="+level.code, v)
			drawFan(t, p)
			if !browser.Eval[bool](t, p, `document.querySelector(".tests thead th small").checkVisibility() && document.querySelectorAll(".tests tbody td.num").length === 6`) {
				t.Errorf("%s, %v: the errors have no measure, or the units pooled are not there", level.code, v)
			}
			check(t, p)
			shot(t, p, "outlook-level-"+level.code+"-"+v.String())
		}
	}
}

// drawFan waits until the script has drawn the chart, which it does once it is seen.
func drawFan(t *testing.T, p *browser.Page) {
	t.Helper()
	browser.Eval[bool](t, p, `document.querySelector("figure.chart").scrollIntoView(), true`)
	p.Do(t, chromedp.WaitVisible(chromedp.CSS("figure.chart.drawn canvas")))
}
