package web_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/demo/fill"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/store"
	"luoshi.dev/internal/web"
)

// chamber is the demonstration with its people, and the pages as each of them sees them.
type chamber struct {
	t        *testing.T
	st       *store.Store
	accounts *account.Accounts
	pages    http.Handler
}

func openChamber(t *testing.T) *chamber {
	t.Helper()
	h := &chamber{t: t, st: demotest.CopyStore(t)}
	h.accounts = account.New(h.st, time.Now, account.Options{Key: make([]byte, account.KeyBytes)})
	units, err := h.st.Units(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fill.People(t.Context(), h.accounts, units); err != nil {
		t.Fatal(err)
	}
	h.pages = site(t, service.New(h.st, time.Now).Guard(), web.Options{Accounts: h.accounts, AsOf: opens})
	return h
}

// as is the pages for whoever holds the role in the demonstration.
func (h *chamber) as(role luoshi.Role) http.Handler {
	h.t.Helper()
	signed, err := h.accounts.LookAs(h.t.Context(), role, account.From{Address: "192.0.2.9", Agent: "test"})
	if err != nil {
		h.t.Fatal(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.AddCookie(&http.Cookie{Name: "luoshi", Value: signed.Secret})
		h.pages.ServeHTTP(w, r)
	})
}

// number is the number of whoever signs in so.
func (h *chamber) number(login string) string {
	h.t.Helper()
	p, err := h.st.PersonByLogin(h.t.Context(), login)
	if err != nil {
		h.t.Fatal(err)
	}
	return strconv.FormatInt(int64(p.ID), 10)
}

// led posts a form and returns the page that it leads to.
func led(t *testing.T, h http.Handler, target string, form url.Values) string {
	t.Helper()
	w, doc := post(t, h, target, form)
	if w.Code != http.StatusSeeOther {
		t.Fatalf("%s: %d: %s", target, w.Code, text(doc, "main"))
	}
	return w.Header().Get("Location")
}

// An administrator adds somebody, sees the first password once, gives posts, is
// refused two that exclude each other, and ends one.
func TestPeople(t *testing.T) {
	chamber := openChamber(t)
	h := chamber.as(luoshi.Administrator)
	_, doc := get(t, h, "/people")
	if n := len(all(doc, ".folk tbody tr")); n != 100 || len(all(doc, ".pager")) != 1 || !strings.HasPrefix(text(doc, "h1"), "本系统有") {
		t.Errorf("%d people are listed under %q", n, text(doc, "h1"))
	}
	w, doc := post(t, h, "/people", url.Values{"name": {""}, "login": {"a b"}, "role": {"planner"}, "at": {"999999"}, "from": {"2020-01-01"}})
	if w.Code != http.StatusUnprocessableEntity || len(all(doc, ".f.bad")) != 3 {
		t.Errorf("%d, %d fields are wrong: %s", w.Code, len(all(doc, ".f.bad")), text(doc, "main"))
	}
	w, doc = post(t, h, "/people", url.Values{"name": {"钟鸣"}, "login": {"ZhongMing"}, "role": {"reporter"}, "at": {"合肥市 340100"}, "from": {"2020-01-01"}, "title": {"统计科科长"}})
	if first := text(doc, "#first"); w.Code != http.StatusOK || len(first) < 12 || w.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("%d, the first password is %q", w.Code, first)
	}
	expect(t, doc, "h1", "已新增钟鸣", ".slip dd:nth-of-type(3)", "zhongming")
	id := chamber.number("zhongming")
	_, doc = get(t, h, "/people?q=ZHONG&at=340000&role=reporter&state=never")
	expect(t, doc, ".folk tbody th", "钟鸣 初始密码", ".folk td.ps", "合肥市 填报员 · 统计科科长", ".folk td.la", "从未")
	if n := len(all(doc, ".folk tbody tr")); n != 1 {
		t.Errorf("%d people are found", n)
	}
	_, doc = get(t, h, "/people?q=nobody-at-all")
	expect(t, doc, ".state h3", "没有这样的账号")
	_, doc = get(t, h, "/person?id="+id)
	expect(t, doc, "#posts tbody th", "填报员统计科科长", "#posts td.at", "合肥市")
	give := url.Values{"id": {id}, "role": {"reviewer"}, "at": {"340000"}, "from": {"2020-01-01"}}
	w, doc = post(t, h, "/person/post", give)
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(text(doc, ".f.bad .err"), "审核员与填报员不能由同一人兼任") {
		t.Errorf("%d: %s", w.Code, text(doc, ".f.bad"))
	}
	give.Set("role", "viewer")
	led(t, h, "/person/post", give)
	give.Set("until", "2020-06-30")
	led(t, h, "/person/post", give)
	_, doc = get(t, h, "/person?id="+id)
	expect(t, doc, "#posts details.twin summary", "已结束的1项")

	led(t, h, "/person", url.Values{"id": {id}, "name": {"钟鸣之"}, "login": {"zhongming"}})
	led(t, h, "/person", url.Values{"id": {id}, "do": {"disable"}})
	_, doc = get(t, h, "/person?id="+id)
	expect(t, doc, "h1", "钟鸣之 zhongming", "main .tag", "已停用")
	led(t, h, "/person", url.Values{"id": {id}, "do": {"enable"}})
	led(t, h, "/person/unlock", url.Values{"id": {id}})
	if _, doc = post(t, h, "/person/reset", url.Values{"id": {id}, "second": {"1"}}); len(text(doc, "#first")) < 12 {
		t.Errorf("after a reset: %s", text(doc, "main"))
	}
	led(t, h, "/people/code", url.Values{"role": {"reporter"}})
	_, doc = get(t, h, "/people?state=without&q=zhongming")
	expect(t, doc, ".folk td.sf", "该有未开")
	w, doc = post(t, h, "/person", url.Values{"id": {id}, "name": {"x"}, "login": {chamber.leader()}})
	if w.Code != http.StatusUnprocessableEntity || len(all(doc, ".f.bad [name=login]")) != 1 {
		t.Errorf("another's sign-in name: %d %s", w.Code, text(doc, "main"))
	}
	for address, want := range map[string]int{"/person?id=999999": 404, "/person?id=x": 404, "/people?at=nowhere": 404, "/": 403, "/history": 403, "/register/target?code=key_projects&unit=340100": 403} {
		if w, doc := get(t, h, address); w.Code != want {
			t.Errorf("%s: %d, want %d: %s", address, w.Code, want, text(doc, "main"))
		}
	}
}

// A name is taken away after the page has said what goes and what stays; the history
// then knows the person by number.
func TestAnonymisePage(t *testing.T) {
	chamber := openChamber(t)
	h, audit := chamber.as(luoshi.Administrator), chamber.as(luoshi.Auditor)
	_, _ = post(t, h, "/people", url.Values{"name": {"钟鸣"}, "login": {"zhongming"}})
	id := chamber.number("zhongming")
	_, doc := get(t, h, "/person/anonymise?id="+id)
	if len(all(doc, "#goes li")) < 4 || len(all(doc, "#stays li")) < 3 || !strings.Contains(text(doc, "#stays"), id+"号人员（已匿名）") {
		t.Errorf("goes %q, stays %q", text(doc, "#goes"), text(doc, "#stays"))
	}
	for _, form := range []url.Values{{"id": {id}, "reason": {"离职"}}, {"id": {id}, "sure": {"1"}}} {
		if w, doc := post(t, h, "/person/anonymise", form); w.Code != http.StatusUnprocessableEntity || len(all(doc, ".bar.r")) != 1 {
			t.Errorf("%v: %d", form, w.Code)
		}
	}
	led(t, h, "/person/anonymise", url.Values{"id": {id}, "reason": {"离职"}, "sure": {"1"}})
	w, doc := get(t, h, "/person?id="+id)
	if strings.Contains(w.Body.String(), "钟鸣") {
		t.Error("the card still names them")
	}
	expect(t, doc, "h1", id+"号人员（已匿名）")
	w, doc = get(t, audit, "/history?object=person+"+id)
	if !strings.Contains(text(doc, ".events-of .what"), "匿名了"+id+"号人员（已匿名）的账号") || strings.Contains(w.Body.String(), "钟鸣") {
		t.Errorf("the history says %q", text(doc, ".events-of .what"))
	}
	w, _ = get(t, audit, "/history?object=person+"+id+"&lang=en")
	if !strings.Contains(w.Body.String(), "person "+id+" (anonymised)") {
		t.Error("in English the history does not say that they are anonymised")
	}
}

// Who answers is said from a day on and stands on the cards and the overview; a
// hand-over lists what moves before it is done.
func TestDutyPages(t *testing.T) {
	chamber := openChamber(t)
	h := chamber.as(luoshi.Planner)
	_, doc := get(t, h, "/?unit=340000")
	if who := text(doc, ".off td.ow"); !strings.Contains(who, "（示例）") && !strings.Contains(text(doc, ".goals td.ow"), "·") && len(who) > 40 {
		t.Errorf("the overview names %q", who)
	}
	_, doc = get(t, h, "/duty?code=340100&indicator=key_projects")
	if len(all(doc, "#people option")) < 100 {
		t.Errorf("%d people can be named", len(all(doc, "#people option")))
	}
	admin := chamber.as(luoshi.Administrator)
	_, _ = post(t, admin, "/people", url.Values{"name": {"钟鸣"}, "login": {"zhongming"}})
	id := chamber.number("zhongming")
	w, doc := post(t, h, "/duty", url.Values{"code": {"340100"}, "indicator": {"key_projects"}, "person": {"谁也不是"}, "from": {"x"}})
	if w.Code != http.StatusUnprocessableEntity || len(all(doc, ".f.bad")) != 2 {
		t.Errorf("%d: %d fields are wrong", w.Code, len(all(doc, ".f.bad")))
	}
	to := led(t, h, "/duty", url.Values{"code": {"340100"}, "indicator": {"key_projects"}, "person": {"钟鸣 #" + id}, "from": {"2020-07-01"}, "reason": {"分工"}})
	_, doc = get(t, h, to)
	expect(t, doc, "#answer .holder b", "钟鸣")
	_, doc = get(t, h, "/indicator?code=key_projects&unit=340100&asof=now")
	if !strings.Contains(text(doc, "main"), "钟鸣") {
		t.Error("the indicator's page does not name who answers")
	}
	led(t, admin, "/duty", url.Values{"code": {"340200"}, "person": {"zhongming"}, "from": {"2020-07-01"}})
	_, doc = get(t, h, "/unit?code=340200&asof=now")
	expect(t, doc, "#answer .holder b", "钟鸣")
	_, doc = get(t, h, "/people/handover?try=1&from=%23"+id+"&to=x&on=2020-08-01&reason=y")
	if len(all(doc, "#seen table")) != 0 || len(all(doc, ".f.bad")) != 1 {
		t.Error("a hand-over to nobody is looked at")
	}
	form := url.Values{"from": {"#" + id}, "to": {"#" + chamber.number(chamber.leader())}, "on": {"2020-08-01"}, "reason": {"调任"}}
	_, doc = get(t, h, "/people/handover?try=1&"+form.Encode())
	if n := len(all(doc, "#seen tbody tr")); n != 2 {
		t.Errorf("%d duties would move", n)
	}
	led(t, h, "/people/handover", form)
	_, doc = get(t, admin, "/person?id="+id)
	expect(t, doc, "#duties .none", "没有分管的单位，也没有负责的目标。", "#duties summary", "以前负责的2件")
}

// leader is how a leader of the demonstration signs in.
func (h *chamber) leader() string {
	h.t.Helper()
	list, err := h.accounts.Lookers(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, l := range list {
		if l.Role == luoshi.Leader {
			return l.Person.Login
		}
	}
	h.t.Fatal("nobody leads")
	return ""
}

// The auditor reads the history, verifies it and takes it away; from numbers and
// cards a link leads to their events, for whoever may read them.
func TestHistoryPages(t *testing.T) {
	chamber := openChamber(t)
	h, planner, viewer := chamber.as(luoshi.Auditor), chamber.as(luoshi.Planner), chamber.as(luoshi.Viewer)
	_, _ = post(t, planner, "/register/target", url.Values{"code": {"key_projects"}, "unit": {"340100"}, "year": {"2020"}, "form": {"level"}, "value": {"900"}, "from": {"2020-07-31"}, "reason": {"加码"}})
	_, doc := get(t, planner, "/register/target?code=key_projects&unit=340100&asof=now")
	if got := text(doc, ".trev td.rec"); !strings.Contains(got, "（示例）") || strings.Contains(got, "#") {
		t.Errorf("the revision is recorded by %q", got)
	}
	w, doc := get(t, h, "/history")
	if w.Code != http.StatusOK || len(all(doc, ".events-of tbody>tr")) == 0 || w.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("%d: %s", w.Code, text(doc, "main"))
	}
	_, doc = get(t, h, "/history?object=target+key_projects+340100+2020&of=340100&intent=target.set")
	expect(t, doc, ".events-of .what .note", "缘由：加码", ".events-of td.un", "合肥市")
	n := text(doc, ".events-of th.no")
	if !strings.Contains(text(doc, ".events-of .what p"), "改了合肥市2020年“开放发展行动150个重点项目完成投资”目标") || !strings.Contains(text(doc, ".differs-of"), "900") {
		t.Errorf("the event says %q, %q", text(doc, ".events-of .what p"), text(doc, ".differs-of"))
	}
	_, doc = get(t, h, "/history/"+n)
	if good := len(all(doc, ".seals .good")); good != 3 {
		t.Errorf("%d of three fit: %s", good, text(doc, ".seals"))
	}
	w, _ = get(t, h, "/history.csv?object=target+key_projects")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(w.Body.String(), "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][5] != "target key_projects 340100 2020" || !strings.HasPrefix(rows[1][2], "#") {
		t.Errorf("the file has %q: %v", rows, err)
	}
	w, _ = get(t, h, "/history/checkpoint")
	mark := w.Body.String()
	if w, _ := post(t, h, "/history/check", url.Values{"deep": {"1"}, "checkpoints": {mark}}); w.Code != http.StatusSeeOther {
		t.Errorf("verifying: %d", w.Code)
	}
	for range 400 {
		if w, _ := get(t, h, "/history/state"); strings.Contains(w.Body.String(), `"running":false`) {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	_, doc = get(t, h, "/history")
	if !strings.Contains(text(doc, "#chain .bar.g"), "表里的行也与历史相符") || !strings.Contains(text(doc, ".marks"), "链上有") {
		t.Errorf("verified: %s", text(doc, "#chain"))
	}
	if w, doc := post(t, h, "/history/check", url.Values{"checkpoints": {"nonsense"}}); w.Code != http.StatusUnprocessableEntity || len(all(doc, "#chain .err")) != 1 {
		t.Errorf("nonsense as checkpoint: %d", w.Code)
	}
	for page, selector := range map[string]string{
		"/register/target?code=key_projects&unit=340100":      "main header a[href^='/history/of']",
		"/figure?indicator=key_projects&unit=340100":          "main a[href^='/history/of']",
		"/indicator?code=key_projects&unit=340100":            "#vintages a[href^='/history/of']",
		"/proof?of=340100&indicator=key_projects&unit=340000": "main a[href^='/history/of']",
		"/register/indicator?code=key_projects":               "#revisions a[href^='/history/of']",
		"/unit?code=340100":                                   "#facts a[href^='/history/of']",
		"/cascade?code=key_projects&unit=340000":              ".sheet a[href^='/history/of']",
		"/indicators/cell?of=340100&indicator=key_projects":   "a[href^='/history/of']",
	} {
		_, doc := get(t, viewer, page)
		link := all(doc, selector)
		if len(link) == 0 {
			t.Errorf("%s leads to no events", page)
			continue
		}
		if w, doc := get(t, viewer, attr(link[0], "href")); w.Code != http.StatusOK || len(all(doc, ".events-of>tbody>tr")) == 0 || len(all(doc, "a[href^='/history/1']")) > 0 {
			t.Errorf("%s: its events: %d %s", page, w.Code, text(doc, "main"))
		}
	}
	_, doc = get(t, viewer, "/history/of?object=target+key_projects+340100+2020&asof=now")
	if !strings.Contains(text(doc, ".events-of .what"), "改了") {
		t.Errorf("the target came from %s", text(doc, "main"))
	}
	for address, want := range map[string]int{"/history?person=nobody": 404, "/history?from=x": 400, "/history/999999": 404, "/history/x": 404, "/history?from=2020-02-01&until=2020-01-01": 400} {
		if w, _ := get(t, h, address); w.Code != want {
			t.Errorf("%s: %d, want %d", address, w.Code, want)
		}
	}
	city := demotest.SignIn(t, chamber.st, demotest.Held{Role: luoshi.Viewer, Unit: "340200"})
	for address, want := range map[string]int{"/history": 403, "/history/1": 403, "/history/of?object=target+key_projects+340100+2020": 403, "/history/of?object=figure+key_projects+340100+2020-01..06+cumulative": 403, "/history/of?object=person+1": 403,
		"/history/of?object=target+key_projects+340200+2020": 200, "/history/of?object=setting+x": 404} {
		if w, _ := get(t, chamber.pages, address, "Cookie", "luoshi="+city.Secret); w.Code != want {
			t.Errorf("%s as a city's viewer: %d, want %d", address, w.Code, want)
		}
	}
}

// The pages of an administrator of a city: the city's people and no others, a new
// account with its first post, and of who also holds a post above that there is more
// and who may change it.
func TestCityAdministratorPages(t *testing.T) {
	chamber := openChamber(t)
	who := demotest.SignIn(t, chamber.st, demotest.Held{Role: luoshi.Administrator, Unit: "340100"})
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.AddCookie(&http.Cookie{Name: "luoshi", Value: who.Secret})
		chamber.pages.ServeHTTP(w, r)
	})
	province := chamber.as(luoshi.Administrator)
	clerk := demotest.SignIn(t, chamber.st, demotest.Held{Role: luoshi.Reporter, Unit: "340122"})
	both := demotest.SignIn(t, chamber.st, demotest.Held{Role: luoshi.Viewer, Unit: "340100"}, demotest.Held{Role: luoshi.Planner, Unit: demotest.Root})
	above := demotest.SignIn(t, chamber.st, demotest.Held{Role: luoshi.Planner, Unit: demotest.Root})
	id := func(p demotest.Person) string { return strconv.FormatInt(int64(p.ID), 10) }

	w, doc := get(t, h, "/people")
	if w.Code != http.StatusOK || !strings.HasPrefix(text(doc, "h1"), "您管理的账号") || len(all(doc, "#code")) != 0 || len(all(doc, ".tabs a[href^='/people']")) != 1 {
		t.Fatalf("%d: %q, %d ways in the menu", w.Code, text(doc, "h1"), len(all(doc, ".tabs a[href^='/people']")))
	}
	if n := len(all(doc, "#units option")); n < 5 || n > 15 {
		t.Errorf("%d units to choose from", n)
	}
	_, doc = get(t, h, "/people?q="+both.Login)
	expect(t, doc, ".folk td.ps", "合肥市 查看者 另有1项任职在您管不到的单位")
	_, doc = get(t, h, "/people?q="+above.Login)
	expect(t, doc, ".state h3", "没有这样的账号")

	_, doc = get(t, h, "/person?id="+id(both))
	if got := text(doc, "#account .closed"); !strings.Contains(got, "请安徽省或上级的管理员办理") || len(all(doc, "#account form")) != 0 {
		t.Errorf("of who also holds a post above: %q, %d forms", got, len(all(doc, "#account form")))
	}
	_, doc = get(t, h, "/person?id="+id(clerk))
	if len(all(doc, "#account .closed")) != 0 || len(all(doc, "#account form")) < 3 {
		t.Errorf("a clerk of a county: %d forms", len(all(doc, "#account form")))
	}
	for _, c := range []struct {
		who  demotest.Person
		want int
	}{{both, http.StatusForbidden}, {above, http.StatusNotFound}} {
		for address, form := range map[string]url.Values{
			"/person/reset":     {"second": {"1"}},
			"/person/unlock":    {},
			"/person/anonymise": {"sure": {"1"}, "reason": {"试"}},
		} {
			form.Set("id", id(c.who))
			if w, doc := post(t, h, address, form); w.Code != c.want {
				t.Errorf("%s: %d, want %d: %s", address, w.Code, c.want, text(doc, "main"))
			}
		}
		if w, _ := get(t, h, "/person/anonymise?id="+id(c.who)); w.Code != c.want {
			t.Errorf("asking before anonymising: %d, want %d", w.Code, c.want)
		}
		if w, _ := get(t, h, "/history/of?object=person+"+id(c.who)); w.Code != http.StatusForbidden {
			t.Errorf("the events of an account above: %d", w.Code)
		}
	}
	if w, _ := post(t, h, "/person", url.Values{"id": {id(both)}, "name": {"另名"}, "login": {both.Login}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("renaming who also holds a post above: %d", w.Code)
	}
	if p, err := chamber.st.Person(t.Context(), both.ID); err != nil || p.Name == "另名" {
		t.Errorf("%+v %v", p, err)
	}
	if w, _ := get(t, h, "/history/of?object=person+"+id(clerk)); w.Code != http.StatusOK {
		t.Errorf("the events of a clerk's account: %d", w.Code)
	}

	_, doc = get(t, h, "/unit/edit?code=340100&kind=rename&asof=now")
	if len(all(doc, "main form[method=post] button")) != 0 {
		t.Error("an administrator of a city is offered to change units, which hold for all")
	}
	_, doc = get(t, h, "/people/new")
	expect(t, doc, "legend", "第一项任职（在您管理的单位）")
	if len(all(doc, "select[name=role] option[value='']")) != 0 {
		t.Error("an account without a post is offered")
	}
	add := url.Values{"name": {"钟鸣"}, "login": {"zhongming"}, "from": {"2020-01-01"}}
	if w, doc := post(t, h, "/people", add); w.Code != http.StatusUnprocessableEntity || !strings.Contains(text(doc, ".f.bad .err"), "没有任职的账号只有最高一级的管理员看得到") {
		t.Errorf("without a post: %d %s", w.Code, text(doc, ".f.bad .err"))
	}
	add.Set("role", "reporter")
	add.Set("at", "340200")
	if w, doc := post(t, h, "/people", add); w.Code != http.StatusUnprocessableEntity || !strings.Contains(text(doc, ".f.bad .err"), "芜湖市") {
		t.Errorf("at another city: %d %s", w.Code, text(doc, ".f.bad .err"))
	}
	add.Set("at", "340122")
	if w, doc := post(t, h, "/people", add); w.Code != http.StatusOK || len(text(doc, "#first")) < 12 {
		t.Errorf("at a county: %d %s", w.Code, text(doc, "main"))
	}
	if w, doc := post(t, h, "/person/reset", url.Values{"id": {id(clerk)}}); w.Code != http.StatusOK || len(text(doc, "#first")) < 12 {
		t.Errorf("resetting a clerk: %d", w.Code)
	}

	w, doc = post(t, province, "/person/post", url.Values{"id": {id(clerk)}, "role": {"planner"}, "at": {demotest.Root}, "from": {"2020-01-01"}})
	if first := text(doc, "#first"); w.Code != http.StatusOK || len(first) < 12 || !strings.Contains(text(doc, ".bar.y"), "都已作废") || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("a post beyond the city: %d %q", w.Code, text(doc, "main"))
	}
	if w, _ := post(t, h, "/person/reset", url.Values{"id": {id(clerk)}}); w.Code != http.StatusForbidden {
		t.Errorf("and once more by the city: %d", w.Code)
	}
}
