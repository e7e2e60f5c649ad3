package web_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"luoshi.dev/internal/web"
	"luoshi.dev/internal/web/browser"
)

// The overview of the demonstration holds up in every view, at every rung of the
// tree and at instants at which much or nothing was known.
func TestBrowserOverview(t *testing.T) {
	b := browser.Open(t)
	server := serve(t, demoSite(t, web.Options{}))
	for name, query := range map[string]string{"province": "", "city": "?unit=341500", "county": "?unit=340102", "january": "?asof=2020-01-20", "april": "?asof=2020-04-20", "later": "?asof=2020-12-31"} {
		for _, v := range views {
			if name != "province" && (v.Dark || v.Lang == "zh-Hant" || v.Width == 1440 && v.Lang == "en") {
				continue
			}
			holds(t, b, "overview-"+name, server+"/"+query, v)
		}
	}
}

// A leader's ten seconds on a phone: what to catch up on comes first, then the
// goals, then what changed; a number leads to its indicator, a light to its proof.
func TestBrowserOverviewWalk(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoSite(t, web.Options{}))
	defer server.Close()
	p := b.Page(t, server.URL+"/", browser.View{Width: 390, Lang: "zh-Hans"})
	order := browser.Eval[string](t, p, `[...document.querySelectorAll("main .sec")].sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top).map(s => s.id).join(" ")`)
	if order != "off goals turns spread reports" {
		t.Errorf("on a phone the order is %s", order)
	}
	if top := browser.Eval[float64](t, p, `document.querySelector("#off tbody tr").getBoundingClientRect().bottom`); top > 844 {
		t.Errorf("the first thing to chase ends at %g, below the first screen", top)
	}
	p.Do(t, chromedp.Click(chromedp.CSS("#off tbody tr:first-child .dv a.n")), chromedp.WaitReady(chromedp.CSS("main")))
	if got := p.Address(t); !strings.Contains(got, "/indicator?code=") || !strings.Contains(got, "&unit=34") {
		t.Errorf("a number leads to %s", got)
	}
	p.Do(t, chromedp.Navigate(server.URL+"/"), chromedp.WaitReady(chromedp.CSS("#turns a.open")), chromedp.Click(chromedp.CSS("#turns a.open")), chromedp.WaitVisible(chromedp.CSS("#proof #case")))
	check(t, p)
}
