package web_test

import (
	"flag"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"luoshi.dev/internal/web"
	"luoshi.dev/internal/web/browser"
)

var screenshots = flag.String("screenshots", "", "write pictures of the pages into this folder")

// shot writes a picture where the flag asks for one.
func shot(t *testing.T, p *browser.Page, name string) {
	t.Helper()
	if *screenshots == "" {
		return
	}
	if err := os.MkdirAll(*screenshots, 0o750); err != nil {
		t.Fatal(err)
	}
	p.Shot(t, filepath.Join(*screenshots, name+".png"))
}

// views are the ways a page must hold up.
var views = []browser.View{
	{Width: 1440, Lang: "zh-Hans"}, {Width: 1440, Lang: "zh-Hans", Dark: true}, {Width: 1440, Lang: "en"}, {Width: 1440, Lang: "zh-Hant"},
	{Width: 390, Lang: "zh-Hans"}, {Width: 390, Lang: "zh-Hans", Dark: true}, {Width: 390, Lang: "en"}, {Width: 820, Lang: "en", Dark: true},
}

// No page scrolls sideways, complains, or breaks WCAG 2.2 AA, in any view.
func TestBrowserViews(t *testing.T) {
	b := browser.Open(t)
	empty := anhui()
	empty.Unit, empty.Children, empty.Goals = province, nil, nil
	server := httptest.NewServer(site(t, fixed{overview: anhui()}, web.Options{Version: "test"}))
	defer server.Close()
	for name, path := range map[string]string{
		"overview": "/", "past": "/?asof=2020-06-20", "proof": "/proof?goal=invest", "parts": "/proof?goal=double", "bad-asof": "/?asof=yesterday", "nowhere": "/nowhere",
	} {
		for _, v := range views {
			if name != "overview" && (v.Dark || v.Lang == "zh-Hant") {
				continue
			}
			t.Run(name+"/"+v.String(), func(t *testing.T) {
				p := b.Page(t, server.URL+path, v)
				for _, wide := range p.Wide(t) {
					t.Errorf("too wide: %s", wide)
				}
				for _, found := range p.Axe(t) {
					t.Errorf("axe: %s", found)
				}
				shot(t, p, name+"-"+v.String())
				for _, c := range p.Complaints() {
					if name != "bad-asof" && name != "nowhere" { // the browser logs their status itself
						t.Errorf("complaint: %s", c)
					}
				}
			})
		}
	}
}
