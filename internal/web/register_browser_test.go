package web_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

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
	{"goals", "/register/goals"},
	{"goal", "/register/goal?code=stable_employment"},
	{"goal-heading", "/register/goal?code=double_victory"},
	{"goal-edit", "/register/goal/edit?code=secure_food_energy"},
	{"goal-preview", "/register/goal/edit?fixed=1&code=double_victory&name=双胜利&name_hant=雙勝利&name_en=The+double+victory&combine=weakest_link&order=1&weight=1&owner=ah-gov&try=1"},
	{"goal-cycle", "/register/goal/edit?fixed=1&code=double_victory&name=双胜利&parent=stable_trade&combine=all_of&order=1&weight=1&try=1"},
	{"sets", "/register/sets"},
	{"set", "/register/set?code=monthly_board"},
	{"set-edit", "/register/set/edit?code=monthly_board"},
	{"set-preview", "/register/set/edit?fixed=1&code=liubao&name=六保&i0_indicator=urban_jobs&i0_weight=30&i0_order=2&i1_indicator=new_entities&i1_weight=20&i1_order=1&try=1"},
}

func TestBrowserRegister(t *testing.T) {
	b := browser.Open(t)
	server := serve(t, demoCopy(t, web.Options{}))
	for _, page := range registerPages {
		for _, v := range []browser.View{{Width: 1440, Lang: "zh-Hans"}, {Width: 390, Lang: "zh-Hans"}, {Width: 1440, Lang: "en"}, {Width: 390, Lang: "en"}, {Width: 1440, Lang: "zh-Hans", Dark: true}, {Width: 820, Lang: "zh-Hant"}} {
			if (v.Dark || v.Width == 820) && page.name != "scheme-preview" && page.name != "scheme-tried" && page.name != "goal-edit" {
				continue
			}
			holds(t, b, page.name, server+page.path, v)
		}
	}
}

// A planner tightens a rule: tries limits on the past, looks at what would change,
// puts it in force, sees the board change, and takes it back. All with the keyboard
// but the last click.
func TestBrowserRegisterWalk(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoCopy(t, web.Options{}))
	defer server.Close()
	red := func(p *browser.Page) string {
		return browser.Eval[string](t, p, `document.querySelector(".schemes tbody tr .lamps span:nth-child(3)").textContent`)
	}
	p := b.Page(t, server.URL+"/register/schemes?asof=now", browser.View{Width: 1440, Lang: "zh-Hans"})
	before := red(p)
	p.Do(t, chromedp.Focus(chromedp.CSS(".schemes tbody tr a")), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS("#trial input[name=red]")))
	p.Do(t, chromedp.Focus(chromedp.CSS("#trial input[name=red]")), chromedp.KeyEvent(kb.End), chromedp.KeyEvent(kb.Backspace), chromedp.KeyEvent(kb.Backspace), chromedp.KeyEvent("5"), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS("#trial td.diff")))
	if got := p.Address(t); !strings.Contains(got, "red=5") {
		t.Errorf("the trial led to %s", got)
	}
	p.Do(t, chromedp.Focus(chromedp.CSS("#trial p.acts a")), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS(".effect .shifts")))
	check(t, p)
	shot(t, p, "walk-preview")
	p.Do(t, chromedp.Focus(chromedp.CSS("form[method=post] input[name=reason]")), chromedp.KeyEvent("下半年收紧"), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS(".notice")))
	check(t, p)
	shot(t, p, "walk-done")
	p.Do(t, chromedp.Navigate(server.URL+"/register/schemes?asof=now"), chromedp.WaitVisible(chromedp.CSS(".schemes")))
	if after := red(p); after == before {
		t.Errorf("the red lights are %s as before", after)
	}
	p.Do(t, chromedp.Navigate(server.URL+"/register/scheme?code=anhui_2020&asof=now"), chromedp.Click(chromedp.CSS(".revisions td.back a")), chromedp.WaitVisible(chromedp.CSS(".effect")))
	p.Do(t, chromedp.SendKeys(chromedp.CSS("form[method=post] input[name=reason]"), "恢复"), chromedp.Click(chromedp.CSS("form[method=post] .btn.pri")), chromedp.WaitVisible(chromedp.CSS(".notice form .btn")))
	p.Do(t, chromedp.Navigate(server.URL+"/register/schemes?asof=now"), chromedp.WaitVisible(chromedp.CSS(".schemes")))
	if after := red(p); after != before {
		t.Errorf("put back, the red lights are %s, they were %s", after, before)
	}
}

// On a phone and without scripts a goal is made from nothing: fields, more rows, a
// look at what changes, and in force.
func TestBrowserGoalOnPhone(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoCopy(t, web.Options{}))
	defer server.Close()
	p := b.Page(t, server.URL+"/register/goals?asof=now", browser.View{Width: 390, Lang: "zh-Hans", NoScript: true})
	p.Do(t, chromedp.Click(chromedp.CSS("main .btn.pri")), chromedp.WaitVisible(chromedp.CSS(".goalform")))
	p.Do(t, chromedp.SendKeys(chromedp.CSS("input[name=code]"), "open"), chromedp.SendKeys(chromedp.CSS("input[name=name]"), "扩大开放"),
		chromedp.SetValue(chromedp.CSS("select[name=parent]"), "double_victory"), chromedp.SetValue(chromedp.CSS("select[name=combine]"), "weakest_link"),
		chromedp.SetValue(chromedp.CSS("select[name=i0_indicator]"), "trade"), chromedp.SetValue(chromedp.CSS("select[name=i2_indicator]"), "fdi"),
		chromedp.Click(chromedp.CSS("button[name=more]")), chromedp.WaitVisible(chromedp.CSS("select[name=i5_indicator]")))
	p.Do(t, chromedp.Click(chromedp.CSS(".goalform .btn.pri")), chromedp.WaitVisible(chromedp.CSS(".effect")))
	shot(t, p, "walk-goal-phone")
	p.Do(t, chromedp.Click(chromedp.CSS("form[method=post] .btn.pri")), chromedp.WaitVisible(chromedp.CSS(".notice")))
	if got := browser.Eval[string](t, p, `document.querySelector(".proof").textContent`); !strings.Contains(got, "最差") {
		t.Errorf("the goal says %q", got)
	}
}
