package web_test

import (
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"luoshi.dev/internal/web"
	"luoshi.dev/internal/web/browser"
)

// Every kind of indicator holds up in every view: flows and stocks, rates, growth,
// an index, a formula, a bound, no figure, no target, the lowest unit.
func TestBrowserIndicatorViews(t *testing.T) {
	b := browser.Open(t)
	server := serve(t, demoSite(t, web.Options{Version: "test"}))
	all := []browser.View{
		{Width: 1440, Lang: "zh-Hans"}, {Width: 390, Lang: "zh-Hans"}, {Width: 1440, Lang: "en"}, {Width: 390, Lang: "en"}, {Width: 1440, Lang: "zh-Hans", Dark: true}, {Width: 820, Lang: "zh-Hant"},
	}
	for _, page := range []struct {
		name, path string
		views      []browser.View
	}{
		{"indicator", "/indicator?code=key_projects", all},
		{"figure", "/figure?indicator=key_projects", all[:4]},
		{"trade", "/indicator?code=trade", all[1:3]},
		{"city", "/indicator?code=key_projects&unit=340400&basis=single", all[:2]},
		{"county", "/indicator?code=key_projects&unit=340207", all[1:3]},
		{"rate", "/indicator?code=flood_repair_rate", all[:1]},
		{"index", "/indicator?code=business_climate", all[:2]},
		{"gdp", "/indicator?code=gdp", all[2:3]},
		{"formula", "/indicator?code=trade_balance", all[:1]},
		{"bound", "/indicator?code=safety_accidents", all[:1]},
		{"redrawn", "/indicator?code=key_projects&unit=340200&boundaries=2021-01-01", all[:1]},
		{"figure-county", "/figure?indicator=key_projects&unit=340203&period=2020-06&basis=single", all[1:3]},
	} {
		for _, v := range page.views {
			holds(t, b, page.name, server+page.path, v, func(t *testing.T, p *browser.Page) {
				if strings.HasPrefix(page.path, "/indicator") && browser.Eval[bool](t, p, `!!document.querySelector("figure.chart")`) {
					browser.Eval[bool](t, p, `document.querySelector("figure.chart").scrollIntoView(), true`) // it is drawn once it is seen
					p.Do(t, chromedp.WaitVisible(chromedp.CSS("figure.chart.drawn canvas")))
				}
			})
		}
	}
}

// The walk of somebody who wants to know: the chart answers the pointer, single
// months are one click away and the browser's own button leads back; the table twin
// opens by keyboard; a number opens its vintages over the page; a city is drilled into.
func TestBrowserIndicatorWalk(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoSite(t, web.Options{}))
	defer server.Close()
	p := b.Page(t, server.URL+"/indicator?code=key_projects", browser.View{Width: 1440, Lang: "zh-Hans"})
	drawn := chromedp.WaitVisible(chromedp.CSS("figure.chart.drawn canvas"))
	p.Do(t, drawn)
	if ink := browser.Eval[int](t, p, inked); ink < 500 {
		t.Errorf("the chart has %d dark points", ink)
	}
	box := browser.Eval[[]float64](t, p, `(() => { const b = document.querySelector(".plot .live").getBoundingClientRect(); return [b.left + 40 + (b.width - 172) * 5.02 / 12, b.top + b.height / 2] })()`)
	before := browser.Eval[int](t, p, inked)
	p.Do(t, chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, box[0]-30, box[1]), chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, box[0], box[1]))
	until(t, p, inked+" !== "+strconv.Itoa(before))
	shot(t, p, "walk-pointer")

	p.Do(t, chromedp.Click(chromedp.CSS("#path .seg a:nth-child(2)")), chromedp.WaitReady(chromedp.CSS("#path .seg a:nth-child(2)[aria-current]")), drawn)
	if got := browser.Eval[string](t, p, `document.querySelector("#data tbody tr:nth-child(5) td:nth-child(3)").textContent`); got != "68.78" {
		t.Errorf("June by itself is %q", got)
	}
	p.Do(t, chromedp.NavigateBack(), chromedp.WaitReady(chromedp.CSS("#path .seg a:first-child[aria-current]")), drawn)

	p.Do(t, chromedp.Focus(chromedp.CSS("#data summary")), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS("#data table")))
	check(t, p)
	shot(t, p, "walk-table")
	p.Do(t, chromedp.Focus(chromedp.CSS("#data tbody tr:nth-child(5) a.open")), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS("dialog[open] #case .vint")))
	check(t, p)
	shot(t, p, "walk-figure")
	p.Do(t, chromedp.Click(chromedp.CSS("dialog[open] .ways a:first-child")))
	until(t, p, shows("dialog[open] h1 small", "1—5月"))
	p.Do(t, chromedp.KeyEvent(kb.Escape), chromedp.WaitNotVisible(chromedp.CSS("dialog #case")))

	p.Do(t, chromedp.Click(chromedp.CSS("#parts tbody tr:nth-child(14) th a")), chromedp.WaitReady(chromedp.CSS("#parts tbody tr:nth-child(7) th")))
	until(t, p, shows("h1", "4.96亿元"))
	p.Do(t, drawn)
	if got := p.Address(t); !strings.Contains(got, "unit=340400") || !strings.Contains(got, "code=key_projects") {
		t.Errorf("淮南 is at %s", got)
	}
	p.Do(t, chromedp.NavigateBack())
	until(t, p, shows("h1", "206.11亿元"))
	for _, c := range p.Complaints() {
		t.Errorf("complaint: %s", c)
	}
}

// shows is the condition that an element says something.
func shows(selector, text string) string {
	return `(document.querySelector("` + selector + `")?.textContent ?? "").includes("` + text + `")`
}

// coloured counts the points of the chart that have exactly a colour.
func coloured(red, green, blue int) string {
	return fmt.Sprintf(`(() => { const c = document.querySelector("figure.chart canvas"), copy = document.createElement("canvas"); copy.width = c.width; copy.height = c.height;
		const x = copy.getContext("2d", { willReadFrequently: true }); x.drawImage(c, 0, 0); const d = x.getImageData(0, 0, c.width, c.height).data;
		let n = 0; for (let i = 0; i < d.length; i += 4) if (d[i] === %d && d[i + 1] === %d && d[i + 2] === %d && d[i + 3] === 255) n++; return n })()`, red, green, blue)
}

// inked counts the points in the light ink.
var inked = coloured(0x14, 0x18, 0x1d)

// When the reader's system turns dark, the chart is drawn again in the dark tokens.
func TestBrowserIndicatorTheme(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoSite(t, web.Options{}))
	defer server.Close()
	p := b.Page(t, server.URL+"/indicator?code=key_projects", browser.View{Width: 1440, Lang: "zh-Hans"})
	p.Do(t, chromedp.WaitVisible(chromedp.CSS("figure.chart.drawn canvas")))
	bright := coloured(0xec, 0xef, 0xf1)
	if dark, light := browser.Eval[int](t, p, inked), browser.Eval[int](t, p, bright); dark < 500 || light > 20 {
		t.Fatalf("in the light %d points are dark and %d bright", dark, light)
	}
	p.Scheme(t, "dark")
	until(t, p, bright+" > 500")
	shot(t, p, "walk-dark")
}

// Without a script the chart is there, and its table opens.
func TestBrowserIndicatorNoScript(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoSite(t, web.Options{}))
	defer server.Close()
	for _, width := range []int{1440, 390} {
		p := b.Page(t, server.URL+"/indicator?code=key_projects", browser.View{Width: width, Lang: "zh-Hans", NoScript: true})
		name := map[int]string{1440: "svg.for-wide", 390: "svg.for-narrow"}[width]
		p.Do(t, chromedp.WaitVisible(chromedp.CSS("figure.chart "+name)), chromedp.Click(chromedp.CSS("#data summary")), chromedp.WaitVisible(chromedp.CSS("#data table")))
		shot(t, p, "noscript-indicator-"+browser.View{Width: width, Lang: "zh-Hans"}.String())
	}
}

// On paper the chart is the server's drawing and its table is open.
func TestBrowserIndicatorPrint(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoSite(t, web.Options{}))
	defer server.Close()
	p := b.Page(t, server.URL+"/indicator?code=key_projects", browser.View{Width: 1440, Lang: "zh-Hans"})
	p.Do(t, chromedp.WaitVisible(chromedp.CSS("figure.chart.drawn canvas")))
	p.Print(t)
	if browser.Eval[bool](t, p, `document.querySelector(".chart .live").checkVisibility()`) || !browser.Eval[bool](t, p, `document.querySelector("#data table").checkVisibility({ contentVisibilityAuto: true }) && document.querySelector(".chart svg.for-wide").checkVisibility({ visibilityProperty: true })`) {
		t.Error("the sheet has not the drawing and its table")
	}
	dir := *screenshots
	if dir == "" {
		dir = t.TempDir()
	}
	p.PDF(t, filepath.Join(dir, "indicator-print.pdf"))
}
