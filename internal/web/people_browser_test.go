package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"luoshi.dev"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/web/browser"
)

// behind serves the pages as whoever holds a role sees them.
func (h *chamber) behind(role luoshi.Role) *httptest.Server {
	h.t.Helper()
	server := httptest.NewServer(h.as(role))
	h.t.Cleanup(server.Close)
	return server
}

// An administrator adds somebody and hands over the slip, gives a post, is refused
// another; hands duties over; anonymises. On a desk, with mouse and keyboard.
func TestBrowserPeople(t *testing.T) {
	b := browser.Open(t)
	chamber := openChamber(t)
	server := chamber.behind(luoshi.Administrator)
	leader := "/person?id=" + chamber.number(chamber.leader())
	for name, path := range map[string]string{"people": "/people", "people-found": "/people?role=leader&at=341800", "person": leader, "person-new": "/people/new", "handover": "/people/handover",
		"duty": "/duty?code=340100&indicator=key_projects", "unit-leader": "/unit?code=340100"} {
		looked(t, b, server.URL+path, "admin-"+name, four...)
	}
	looked(t, b, server.URL+"/people", "admin-people", browser.View{Width: 1440, Lang: "zh-Hans", Dark: true})

	p := b.Page(t, server.URL+"/people", four[0])
	p.Do(t, chromedp.Click(sel("main .acts .pri")), chromedp.WaitVisible(sel(".first-post")),
		chromedp.SendKeys(sel("[name=name]"), "钟鸣"), chromedp.SendKeys(sel("[name=login]"), "zhongming"), chromedp.SetValue(sel("[name=role]"), "planner"), chromedp.SendKeys(sel("[name=at]"), "340100"),
		chromedp.Click(sel("main .pri")), chromedp.WaitVisible(sel("#first")))
	check(t, p)
	shot(t, p, "admin-slip")
	p.Print(t)
	shot(t, p, "admin-slip-print")
	if shown := browser.Eval[bool](t, p, `getComputedStyle(document.querySelector(".mast")).display === "none"`); !shown {
		t.Error("the masthead is printed on the slip")
	}
	p = b.Page(t, server.URL+"/people?q=zhongming", four[0])
	p.Do(t, chromedp.Click(sel(".folk tbody th a")), chromedp.WaitVisible(sel("#posts")), chromedp.Click(sel("details.give summary")), chromedp.WaitVisible(sel("details.give [name=role]")),
		chromedp.SetValue(sel("details.give [name=role]"), "auditor"), chromedp.SendKeys(sel("details.give [name=at]"), "340000"), chromedp.Click(sel("details.give .pri")), chromedp.WaitVisible(sel(".f.bad")))
	check(t, p)
	shot(t, p, "admin-apart")
	if got := browser.Eval[string](t, p, `document.querySelector(".f.bad .err").innerText`); !strings.Contains(got, "审计员与计划员不能由同一人兼任") {
		t.Errorf("refused with %q", got)
	}
	id := chamber.number("zhongming")
	move := url.Values{"try": {"1"}, "from": {"#" + chamber.number(chamber.leader())}, "to": {"#" + id}, "on": {"2020-08-01"}, "reason": {"分工调整"}}
	looked(t, b, server.URL+"/people/handover?"+move.Encode(), "admin-handover-seen", four...)
	p = b.Page(t, server.URL+"/people/handover?"+move.Encode(), four[0])
	p.Do(t, chromedp.Click(sel("#seen .pri")), chromedp.WaitVisible(sel(".notice")))
	if got := browser.Eval[string](t, p, `document.querySelector(".notice p").innerText`); !strings.HasPrefix(got, "已移交") {
		t.Errorf("after the hand-over: %q", got)
	}
	looked(t, b, server.URL+"/person/anonymise?id="+id, "admin-anonymise", four...)
	p = b.Page(t, server.URL+"/person/anonymise?id="+id, four[0])
	p.Do(t, chromedp.SendKeys(sel("[name=reason]"), "离职"), chromedp.Click(sel("[name=sure]")), chromedp.Click(sel("main .dng")), chromedp.WaitVisible(sel(".notice")))
	check(t, p)
	shot(t, p, "admin-anonymised")
	if got := browser.Eval[string](t, p, `document.querySelector("h1").innerText`); !strings.HasPrefix(got, id+"号人员（已匿名）") {
		t.Errorf("anonymised they are called %q", got)
	}
}

// An auditor looks for events, opens one, verifies the chain; a leader goes from a
// number to how it came to be.
func TestBrowserHistory(t *testing.T) {
	b := browser.Open(t)
	chamber := openChamber(t)
	planner := chamber.as(luoshi.Planner)
	for value, reason := range map[string]string{"900": "加码", "910": "再加"} {
		if w, doc := post(t, planner, "/register/target", url.Values{"code": {"key_projects"}, "unit": {"340100"}, "year": {"2020"}, "form": {"level"}, "value": {value}, "from": {"2020-07-31"}, "reason": {reason}}); w.Code != http.StatusSeeOther {
			t.Fatal(text(doc, "main"))
		}
	}
	server := chamber.behind(luoshi.Auditor)
	looked(t, b, server.URL+"/history", "audit-history", four...)
	looked(t, b, server.URL+"/history", "audit-history", browser.View{Width: 1440, Lang: "zh-Hans", Dark: true})
	looked(t, b, server.URL+"/history?object=target&of=340100&below=1", "audit-found", four...)
	p := b.Page(t, server.URL+"/history?object=target", four[0])
	p.Do(t, chromedp.Click(sel(".events-of details summary")), chromedp.WaitVisible(sel(".differs-of")))
	check(t, p)
	shot(t, p, "audit-before-after")
	address := browser.Eval[string](t, p, `document.querySelector(".events-of th.no a").href`)
	looked(t, b, address, "audit-event", four...)
	p = b.Page(t, server.URL+"/history", four[0])
	p.Do(t, chromedp.Click(sel("[name=deep]")), chromedp.Click(sel(".checkform .pri")), chromedp.WaitVisible(sel("#chain .bar.g")))
	check(t, p)
	shot(t, p, "audit-verified")

	viewer := chamber.behind(luoshi.Leader)
	p = b.Page(t, viewer.URL+"/figure?indicator=key_projects&unit=340100", four[0])
	p.Do(t, chromedp.Click(sel("main a[href^='/history/of']")), chromedp.WaitVisible(sel(".events-of")))
	check(t, p)
	for name, path := range map[string]string{"came-target": "/history/of?object=target+key_projects+340100+2020&asof=now", "came-figure": "/history/of?object=figure+key_projects+340000+2020-01..06+cumulative", "came-none": "/history/of?object=scheme+nothing",
		"overview": "/", "target": "/register/target?code=key_projects&unit=340100&asof=now", "cascade": "/cascade?code=key_projects"} {
		looked(t, b, viewer.URL+path, "lead-"+name, four...)
	}
}

// The same as an administrator of a city sees it: a list, who also works above, and a new
// account with its first post.
func TestBrowserCityAdministrator(t *testing.T) {
	b := browser.Open(t)
	chamber := openChamber(t)
	who := demotest.SignIn(t, chamber.st, demotest.Held{Role: luoshi.Administrator, Unit: "340100"})
	both := demotest.SignIn(t, chamber.st, demotest.Held{Role: luoshi.Viewer, Unit: "340100"}, demotest.Held{Role: luoshi.Planner, Unit: demotest.Root})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.AddCookie(&http.Cookie{Name: "luoshi", Value: who.Secret})
		chamber.pages.ServeHTTP(w, r)
	}))
	defer server.Close()
	for name, path := range map[string]string{"people": "/people", "person": "/person?id=" + strconv.FormatInt(int64(both.ID), 10), "new": "/people/new"} {
		looked(t, b, server.URL+path, "city-admin-"+name, four...)
	}
}
