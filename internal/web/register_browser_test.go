package web_test

import (
	"net/http/httptest"
	"testing"

	"luoshi.dev/internal/web"
	"luoshi.dev/internal/web/browser"
)

// registerPages are the pages of rules, goals and sets in the states that matter.
var registerPages = []struct{ name, path string }{
	{"schemes", "/register/schemes"},
	{"scheme", "/register/scheme?code=anhui_2020"},
	{"scheme-tried", "/register/scheme?code=anhui_2020&indicator=key_projects&yellow=2&red=5&asof=2020-12-31"},
	{"scheme-preset", "/register/scheme?code=ouhai"},
	{"scheme-edit", "/register/scheme/edit?code=anhui_2020"},
	{"scheme-preview", "/register/scheme/edit?fixed=1&code=anhui_2020&name=序时灯&kind=pace&yellow=0&red=5&try=1"},
	{"scheme-wrong", "/register/scheme/edit?code=own&name=自定&kind=expression&yellow_when=ahead+%3C+0&red_when=ahead+%3C+-10+and+misst+%3E+3&try=1"},
}

func TestBrowserRegister(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoCopy(t, web.Options{}))
	defer server.Close()
	for _, page := range registerPages {
		for _, v := range []browser.View{{Width: 1440, Lang: "zh-Hans"}, {Width: 390, Lang: "zh-Hans"}, {Width: 1440, Lang: "en"}, {Width: 390, Lang: "en"}, {Width: 1440, Lang: "zh-Hans", Dark: true}} {
			if v.Dark && page.name != "scheme-preview" && page.name != "scheme-tried" {
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
