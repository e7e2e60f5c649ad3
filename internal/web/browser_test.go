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

var address = flag.String("address", "", "look at the pages of a running server too, for instance http://127.0.0.1:8080/")

// The same holds for whatever data a running server shows.
func TestBrowserServer(t *testing.T) {
	if *address == "" {
		t.Skip("needs a running server: -address")
	}
	b := browser.Open(t)
	for name, query := range map[string]string{"province": "", "city": "?unit=340100", "county": "?unit=340102", "march": "?asof=2020-03-31", "now": "?boundaries=now"} {
		for _, v := range views {
			t.Run(name+"/"+v.String(), func(t *testing.T) {
				p := b.Page(t, *address+query, v)
				check(t, p)
				shot(t, p, "server-"+name+"-"+v.String())
			})
		}
	}
}

// check is what must hold for every page in every view.
func check(t *testing.T, p *browser.Page) {
	t.Helper()
	for _, wide := range p.Wide(t) {
		t.Errorf("too wide: %s", wide)
	}
	for _, found := range p.Axe(t) {
		t.Errorf("axe: %s", found)
	}
	for _, c := range p.Complaints() {
		t.Errorf("complaint: %s", c)
	}
}
