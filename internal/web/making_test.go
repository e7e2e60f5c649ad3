package web_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"

	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/web"
	"luoshi.dev/internal/web/browser"
)

// maker is a board whose outlooks are being made.
type maker struct {
	web.Board
	done *atomic.Int64
}

const toMake = 160000

func (m maker) OutlookProgress(ctx context.Context) (service.OutlookProgress, error) {
	if _, err := m.Board.OutlookProgress(ctx); err != nil {
		return service.OutlookProgress{}, err
	}
	n := m.done.Load()
	return service.OutlookProgress{Running: n < toMake, Done: n, Total: toMake}, nil
}

// Pages that show what is made in the background say how far that is, each step anew,
// and nothing of it at a past instant or when all is made.
func TestMaking(t *testing.T) {
	m := maker{demotest.Open(t).Guard(), new(atomic.Int64)}
	h := site(t, m, web.Options{AsOf: opens})
	bar := func(path string) string {
		w, doc := get(t, h, path)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d\n%s", path, w.Code, w.Body)
		}
		for _, n := range all(doc, "progress") {
			return attr(n, "value") + " of " + attr(n, "max")
		}
		return ""
	}
	pages := []string{"/outlook", "/outlook?code=key_projects", "/outlook/reliability", "/indicators?view=chance"}
	for done, want := range map[int64]string{0: "0 of 160000", 12345: "10000 of 160000", 159999: "157500 of 160000", toMake: ""} {
		m.done.Store(done)
		for _, path := range pages {
			if got := bar(path); got != want {
				t.Errorf("%s with %d made: %q, want %q", path, done, got, want)
			}
		}
	}
	m.done.Store(12345)
	for _, path := range []string{"/outlook?asof=2020-07-31", "/outlook?code=key_projects&asof=2020-07-31", "/indicators"} {
		if got := bar(path); got != "" {
			t.Errorf("%s waits for %s", path, got)
		}
	}
	w, _ := get(t, h, "/outlook/state?lang=en")
	var state struct {
		Running     bool
		Done, Total int64
		Says        string
	}
	if err := json.Unmarshal(w.Body.Bytes(), &state); err != nil || !state.Running || state.Done != 12345 || state.Total != toMake || !strings.Contains(state.Says, "12\u202f345 of 160\u202f000") {
		t.Errorf("%v: %+v", err, state)
	}
}

// The bar fills while the reader looks on; at the end the page offers itself anew and
// does not move.
func TestBrowserMaking(t *testing.T) {
	b := browser.Open(t)
	m := maker{demotest.Open(t).Guard(), new(atomic.Int64)}
	server := httptest.NewServer(site(t, m, web.Options{AsOf: opens}))
	defer server.Close()
	for _, v := range []browser.View{{Width: 1440, Lang: "zh-Hans"}, {Width: 390, Lang: "zh-Hans"}, {Width: 1440, Lang: "en"}, {Width: 390, Lang: "en"}} {
		for name, path := range map[string]string{"sheet": "/outlook", "matrix": "/indicators?view=chance"} {
			m.done.Store(48000)
			p := b.Page(t, server.URL+path, v)
			check(t, p)
			shot(t, p, "making-"+name+"-"+v.String())
			m.done.Store(120001)
			until(t, p, `document.querySelector("#making progress").value === 120001 && /120\s?001/u.test(document.querySelector("#making").innerText)`)
			m.done.Store(toMake)
			p.Do(t, chromedp.WaitVisible(chromedp.CSS("#making [role=status] a")))
			if browser.Eval[bool](t, p, `!!document.querySelector("#making progress")`) {
				t.Error("the bar is still there")
			}
			check(t, p)
			p.Do(t, chromedp.Click(chromedp.CSS("#making a")), chromedp.WaitReady(chromedp.CSS("main:not(:has(#making))")))
			for _, c := range p.Complaints() {
				t.Errorf("complaint: %s", c)
			}
		}
	}
}
