package web_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"luoshi.dev/internal/web"
	"luoshi.dev/internal/web/browser"
)

// Without a script the form in the masthead leads to a page of what was found, each
// with its way there.
func TestSearchPage(t *testing.T) {
	h := demoSite(t, web.Options{})
	_, doc := get(t, h, "/?asof=2020-07-31")
	form := all(doc, `header form.find[action="/search"]`)
	if len(form) != 1 || attr(all(form[0], "input[name=asof]")[0], "value") != "2020-07-31" {
		t.Fatal("no form in the masthead that keeps the instant")
	}
	for query, want := range map[string][2]string{
		"hf":        {"合肥市", "/?unit=340100"},
		"la":        {"六安市", "/?unit=341500"},
		"340100":    {"合肥市", "/?unit=340100"},
		"GDP":       {"地区生产总值", "/indicator?code=gdp&unit=340000"},
		"雙勝利":       {"双胜利", "/proof?goal="},
		"合肥 GDP":    {"合肥市", "/indicator?code=gdp&unit=340100"},
		"hefei市":    {"合肥市", "/?unit=340100"},
		"xuanchegn": {"宣城市", "/?unit=341800"},
	} {
		_, doc := get(t, h, "/search?q="+url.QueryEscape(query))
		hits := all(doc, "section.found a.find-hit")
		if len(hits) == 0 {
			t.Errorf("%s finds nothing", query)
			continue
		}
		if got := words(all(hits[0], ".ht")[0]); !strings.HasPrefix(got, want[0]) || !strings.HasPrefix(attr(hits[0], "href"), want[1]) {
			t.Errorf("%s leads to %s at %s, want %v", query, got, attr(hits[0], "href"), want)
		}
	}
	_, doc = get(t, h, "/search?q=zzzqqq")
	if got := text(doc, "h1"); got != "没有找到“zzzqqq”" {
		t.Errorf("nothing is said as %q", got)
	}
	_, doc = get(t, h, "/search?q=%3Cscript%3E&lang=en")
	if n := len(all(doc, "main script")); n != 0 {
		t.Error("what was typed became part of the page")
	}
}

// What has a light shows it, a unit shows where it belongs; a script gets the same
// as data.
func TestSearchSaysWhere(t *testing.T) {
	h := demoSite(t, web.Options{})
	_, doc := get(t, h, "/search?q=yaohai")
	if got := words(all(doc, ".find-hit .hb")[0]); !strings.Contains(got, "安徽省 / 合肥市") {
		t.Errorf("瑶海 is said to be in %q", got)
	}
	if _, doc = get(t, h, "/search?q=ssl"); len(all(doc, ".found .find-hit .lt")) == 0 {
		t.Error("a goal has no light")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/search.json?q=hf", nil))
	var answer struct {
		Groups []struct {
			Kind string
			Hits []struct{ Code string }
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || answer.Groups[0].Kind != "unit" || answer.Groups[0].Hits[0].Code != "340100" {
		t.Errorf("%v %.200s", err, w.Body)
	}
}

// With the keyboard, from any page: / opens the box, arrows choose, Enter opens,
// Escape closes; on a phone the button does it.
func TestBrowserSearch(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoSite(t, web.Options{}))
	defer server.Close()
	for _, v := range []browser.View{{Width: 1440, Lang: "zh-Hans"}, {Width: 390, Lang: "zh-Hans"}, {Width: 1440, Lang: "en"}, {Width: 390, Lang: "en"}, {Width: 1440, Lang: "zh-Hans", Dark: true}} {
		t.Run(v.String(), func(t *testing.T) {
			p := b.Page(t, server.URL+"/imports", v)
			p.Do(t, chromedp.WaitReady(chromedp.CSS("#find")))
			if v.Width < 641 {
				p.Do(t, chromedp.Click(chromedp.CSS(".find .btn")))
			} else {
				p.Do(t, chromedp.KeyEvent("/"))
			}
			p.Do(t, chromedp.WaitVisible(chromedp.CSS("#find input")))
			check(t, p)
			p.Do(t, chromedp.SendKeys(chromedp.CSS("#find input"), "hf"), chromedp.WaitVisible(chromedp.CSS(`#find [role=option][aria-selected=true]`)))
			check(t, p)
			shot(t, p, "search-box-"+v.String())
			if got := browser.Eval[string](t, p, `[...document.querySelectorAll("#find [role=option]")].filter(e => !e.checkVisibility({opacityProperty: true})).map(e => e.id).join()`); got != "" {
				t.Errorf("not to be seen: %s", got)
			}
			if got := browser.Eval[string](t, p, `document.getElementById(document.querySelector("#find input").getAttribute("aria-activedescendant")).querySelector(".hc").textContent`); got != "340100" {
				t.Errorf("hf leads first to %s", got)
			}
			p.Do(t, chromedp.KeyEvent(kb.Escape), chromedp.WaitNotVisible(chromedp.CSS("#find")))
			p.Do(t, chromedp.Navigate(server.URL+"/search?q="+url.QueryEscape("重点项目")), chromedp.WaitVisible(chromedp.CSS("section.found")))
			check(t, p)
			shot(t, p, "search-page-"+v.String())
		})
	}
	t.Run("keyboard", func(t *testing.T) {
		p := b.Page(t, server.URL+"/?asof=2020-06-20", browser.View{Width: 1440, Lang: "zh-Hans"})
		for _, path := range []string{"/?asof=2020-06-20", "/indicators?asof=2020-06-20", "/import?asof=2020-06-20", "/nowhere"} {
			p.Do(t, chromedp.Navigate(server.URL+path), chromedp.WaitReady(chromedp.CSS("#find")))
			p.Do(t, chromedp.KeyEvent("/"), chromedp.WaitVisible(chromedp.CSS("#find input")), chromedp.SendKeys(chromedp.CSS("#find input"), "liuan"), chromedp.WaitVisible(chromedp.CSS(`#find [role=option][aria-selected=true]`)))
			p.Do(t, chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowUp), chromedp.KeyEvent(kb.Enter))
			p.Do(t, chromedp.WaitReady(chromedp.CSS(`nav.where a[href$="unit=340000"]`)))
			if got := p.Address(t); path != "/nowhere" && !strings.HasSuffix(got, "/?asof=2020-06-20&unit=341500") {
				t.Errorf("from %s to %s", path, got)
			}
		}
	})
}
