package web_test

import (
	"net/http/httptest"
	"testing"

	"github.com/chromedp/chromedp"

	"luoshi.dev/internal/web"
	"luoshi.dev/internal/web/browser"
)

// The plan holds up in both sizes and languages: as it is in force, as it is tried,
// with problems, where there is nothing to split, and two revisions side by side.
func TestBrowserCascadeViews(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoCopy(t, web.Options{}))
	defer server.Close()
	for _, page := range []struct {
		name, address string
		every         bool
	}{
		{"plan", "/cascade?code=key_projects", true},
		{"tried", "/cascade?code=key_projects&units=last_share&time=last_year&t.340100=80&c.340200=3~2.5_6~4&open=340100&reserve=5", true},
		{"problems", "/cascade?code=key_projects&t.340100=400&c.340200=3~x&lo.340300=9&hi.340300=8", false},
		{"deep", "/cascade?code=key_projects&split=340100&t.340102=9", false},
		{"none", "/cascade?code=manufacturing_loans", false},
		{"rate", "/cascade?code=unemployment_rate", false},
		{"leaf", "/cascade?unit=340102", false},
		{"force", "/cascade/force?code=key_projects&units=last_share&time=last_year&t.340100=80", false},
		{"revisions", "/cascade/revisions?code=key_projects", false},
	} {
		for _, v := range views {
			if !page.every && (v.Dark || v.Lang == "zh-Hant" || v.Width == 1440 && v.Lang == "en") || v.Width == 820 {
				continue
			}
			t.Run(page.name+"/"+v.String(), func(t *testing.T) {
				p := b.Page(t, server.URL+page.address, v)
				p.Do(t, chromedp.WaitReady(chromedp.CSS("#main")))
				check(t, p)
				shot(t, p, "cascade-"+page.name+"-"+v.String())
			})
		}
	}
}
