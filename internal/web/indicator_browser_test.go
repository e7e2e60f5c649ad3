package web_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"luoshi.dev/internal/web"
	"luoshi.dev/internal/web/browser"
)

// Every kind of indicator holds up in every view: flows and stocks, rates, growth,
// an index, a formula, a bound, no figure, no target, the lowest unit.
func TestBrowserIndicatorViews(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoSite(t, web.Options{Version: "test"}))
	defer server.Close()
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
			t.Run(page.name+"/"+v.String(), func(t *testing.T) {
				p := b.Page(t, server.URL+page.path, v)
				if strings.HasPrefix(page.path, "/indicator") && browser.Eval[bool](t, p, `!!document.querySelector("figure.chart")`) {
					p.Do(t, chromedp.WaitVisible(chromedp.CSS("figure.chart.drawn canvas")))
				}
				check(t, p)
				shot(t, p, page.name+"-"+v.String())
			})
		}
	}
}
