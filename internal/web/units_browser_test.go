package web_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"luoshi.dev/internal/web"
	"luoshi.dev/internal/web/browser"
)

// unitPages are the pages of units, indicators and targets in the states that matter.
var unitPages = []struct{ name, path string }{
	{"units", "/units"},
	{"units-changes", "/units/changes"},
	{"unit", "/unit?code=340221"},
	{"unit-city", "/unit?code=340200"},
	{"unit-merged", "/unit?code=340203&boundaries=2021-01-01"},
	{"unit-office", "/unit?code=ah-ndrc"},
	{"unit-rename", "/unit/edit?kind=rename&code=340221"},
	{"unit-split", "/unit/edit?kind=split&code=340221&on=2022-01-01&i0_code=340213&i0_name=湾沚区&i0_share=0.6&i1_code=340207&i1_share=0.3&source=批复&try=1"},
	{"unit-preview", "/unit/edit?kind=merge&code=340223&new=340207&on=2020-01-01&source=批复&try=1"},
	{"indicators-register", "/register/indicators"},
	{"indicator-card", "/register/indicator?code=key_projects"},
	{"indicator-edit", "/register/indicator/edit?code=key_projects"},
	{"indicator-wrong", "/register/indicator/edit?code=key_projects&name=重点项目投资&measure=亿元&decimals=2&kind=rate&direction=more&over_units=none&over_time=none&basis=cumulative&calendar=monthly&formula=gdp+%2B+*+trade&try=1"},
	{"target", "/register/target?code=key_projects&unit=340100&asof=now"},
	{"target-preview", "/register/target?code=key_projects&unit=340100&form=level&value=900&from=2020-07-31&try=1"},
	{"target-choose", "/register/target?unit=340100"},
}

func TestBrowserUnits(t *testing.T) {
	b := browser.Open(t)
	server := serve(t, demoCopy(t, web.Options{}))
	for _, page := range unitPages {
		for _, v := range []browser.View{{Width: 1440, Lang: "zh-Hans"}, {Width: 390, Lang: "zh-Hans"}, {Width: 1440, Lang: "en"}, {Width: 390, Lang: "en"}, {Width: 1440, Lang: "zh-Hans", Dark: true}} {
			if v.Dark && page.name != "unit-preview" && page.name != "units" && page.name != "indicator-wrong" {
				continue
			}
			holds(t, b, page.name, server+page.path, v)
		}
	}
}

// A planner renames a county from a day: looks at what would change, puts it in
// force, sees it, and takes it back. The view of before shows the old name.
func TestBrowserRenameUnit(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoCopy(t, web.Options{}))
	defer server.Close()
	p := b.Page(t, server.URL+"/units", browser.View{Width: 1440, Lang: "zh-Hans"})
	p.Do(t, chromedp.WaitVisible(chromedp.CSS(".treetools input")), chromedp.SendKeys(chromedp.CSS(".treetools input"), "南陵"))
	if got := browser.Eval[string](t, p, `[...document.querySelectorAll("#areas-tree tbody tr:not(.folded) th a")].map(a => a.textContent).join(" ")`); got != "安徽省 芜湖市 南陵县" {
		t.Errorf("the search shows %q", got)
	}
	shot(t, p, "walk-units-found")
	p.Do(t, chromedp.Click(chromedp.CSS("#areas-tree tbody tr:not(.folded):last-of-type th a, #areas-tree tr[data-words^='340223'] th a")), chromedp.WaitVisible(chromedp.CSS("#facts")))
	p.Do(t, chromedp.Click(chromedp.CSS(`main nav.acts a:first-child`)), chromedp.WaitVisible(chromedp.CSS(".uform")))
	p.Do(t, chromedp.SendKeys(chromedp.CSS("input[name=on]"), "01012022"), chromedp.Clear(chromedp.CSS("input[name=name]")), chromedp.SendKeys(chromedp.CSS("input[name=name]"), "南陵区"),
		chromedp.SendKeys(chromedp.CSS("input[name=source]"), "国务院批复"), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS("#seen .beside")))
	check(t, p)
	shot(t, p, "walk-rename-preview")
	if got := browser.Eval[string](t, p, `document.querySelector(".beside tr.chg").innerText.replace(/\s+/g, " ").trim()`); got != "南陵县 340223 芜湖市 南陵区 340223 芜湖市 改了名称或代码" {
		t.Errorf("before and after: %q", got)
	}
	p.Do(t, chromedp.Click(chromedp.CSS("#seen .btn.pri")), chromedp.WaitVisible(chromedp.CSS(".notice")))
	if got := browser.Eval[string](t, p, `document.querySelector(".notice p").textContent + " | " + document.querySelector("h1").textContent`); !strings.Contains(got, "自2022年1月1日起：南陵县改名为南陵区") || !strings.Contains(got, "| 南陵区") {
		t.Errorf("after it: %q", got)
	}
	check(t, p)
	shot(t, p, "walk-rename-done")
	at, err := url.Parse(p.Address(t))
	if err != nil {
		t.Fatal(err)
	}
	q := at.Query()
	q.Set("asof", "2020-07-31")
	p.Do(t, chromedp.Navigate(server.URL+"/unit?"+q.Encode()), chromedp.WaitVisible(chromedp.CSS("#facts")))
	if got := browser.Eval[string](t, p, `document.querySelector("h1").firstChild.textContent.trim()`); got != "南陵县" {
		t.Errorf("as of before it is called %q", got)
	}
	p.Do(t, chromedp.Navigate(at.String()), chromedp.WaitVisible(chromedp.CSS("#facts form .btn")), chromedp.Click(chromedp.CSS("#facts form .btn")), chromedp.WaitVisible(chromedp.CSS(".notice")))
	if got := browser.Eval[string](t, p, `document.querySelector("h1").firstChild.textContent.trim()`); got != "南陵县" {
		t.Errorf("after undo it is called %q", got)
	}
}

// An indicator is changed with the keyboard alone, without scripts a target is set.
func TestBrowserEditIndicator(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoCopy(t, web.Options{}))
	defer server.Close()
	p := b.Page(t, server.URL+"/register/indicator?code=key_projects", browser.View{Width: 1440, Lang: "zh-Hans"})
	p.Do(t, chromedp.Click(chromedp.CSS("main .acts .btn")), chromedp.WaitVisible(chromedp.CSS(".iform")),
		chromedp.Clear(chromedp.CSS("input[name=due_days]")), chromedp.SendKeys(chromedp.CSS("input[name=due_days]"), "16"), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS("#seen form")))
	check(t, p)
	shot(t, p, "walk-indicator-preview")
	if got := browser.Eval[string](t, p, `document.querySelector("#seen ul.says").textContent.trim()`); !strings.Contains(got, "期后几天内报") || !strings.Contains(got, "16") {
		t.Errorf("what changes: %q", got)
	}
	p.Do(t, chromedp.SendKeys(chromedp.CSS("#seen [name=reason]"), "月报推后"), chromedp.Click(chromedp.CSS("#seen .btn.pri")), chromedp.WaitVisible(chromedp.CSS(".notice")))
	if got := browser.Eval[string](t, p, `document.querySelector("#revisions tbody tr").innerText`); !strings.Contains(got, "16") || !strings.Contains(got, "月报推后") {
		t.Errorf("the new version: %q", got)
	}
	shot(t, p, "walk-indicator-done")
}

func TestBrowserSetTarget(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoCopy(t, web.Options{}))
	defer server.Close()
	p := b.Page(t, server.URL+"/register/target?code=key_projects&unit=340100&asof=now", browser.View{Width: 390, Lang: "zh-Hans", NoScript: true})
	p.Do(t, chromedp.WaitVisible(chromedp.CSS(".tform")), chromedp.Clear(chromedp.CSS("input[name=value]")), chromedp.SendKeys(chromedp.CSS("input[name=value]"), "999.99"), chromedp.Click(chromedp.CSS(".tform .btn")),
		chromedp.WaitVisible(chromedp.CSS("#seen form")))
	shot(t, p, "walk-target-preview")
	p.Do(t, chromedp.SendKeys(chromedp.CSS("#seen [name=reason]"), "中期调整"), chromedp.Click(chromedp.CSS("#seen .btn.pri")), chromedp.WaitVisible(chromedp.CSS(".notice")))
	if got := browser.Eval[string](t, p, `document.querySelector("main .proof").textContent`); !strings.Contains(got, "999.99") {
		t.Errorf("the target says %q", got)
	}
	shot(t, p, "walk-target-done")
	batch := browser.Eval[string](t, p, `document.querySelector(".notice [name=batch]").value`)
	p.Do(t, chromedp.Click(chromedp.CSS(".notice .btn")), chromedp.WaitNotPresent(chromedp.CSS(`.notice [name=batch][value="`+batch+`"]`)), chromedp.WaitVisible(chromedp.CSS(".notice")))
	if got := browser.Eval[string](t, p, `document.querySelector("main .proof").textContent`); strings.Contains(got, "999.99") {
		t.Errorf("after undo the target says %q", got)
	}
}
