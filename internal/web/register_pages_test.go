package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/web"
)

// post sends a form and returns the answer with its document.
func post(t *testing.T, h http.Handler, target string, form url.Values) (*httptest.ResponseRecorder, *html.Node) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	doc, err := html.Parse(strings.NewReader(w.Body.String()))
	if err != nil {
		t.Fatal(err)
	}
	return w, doc
}

// fields are the hidden fields of the form that puts something in force.
func fields(doc *html.Node) url.Values {
	v := url.Values{}
	for _, n := range all(doc, `form[method=post] input[type=hidden]`) {
		v.Add(attr(n, "name"), attr(n, "value"))
	}
	return v
}

// The pages of the register say what they should, to one who may only read.
func TestRegisterPages(t *testing.T) {
	h := demoSite(t, web.Options{})
	for _, tc := range []struct{ path, selector, want string }{
		{"/register/schemes", "h1", "判灯规则"},
		{"/register/schemes", ".subtabs [aria-current]", "判灯规则"},
		{"/register/schemes", ".schemes tbody tr:first-child .say", "不低于序时为绿；低不超过10个百分点为黄"},
		{"/register/schemes?lang=en", ".schemes tbody tr:first-child .used", "573 targets · 122 units"},
		{"/register/schemes", "main .closed", "不许改"},
		{"/register/scheme?code=anhui_2020", "#trial .sum", "灯都与现行的一样"},
		{"/register/scheme?code=anhui_2020&yellow=0&red=5", "#trial", "变差"},
		{"/register/scheme?code=anhui_2020&yellow=x", "#trial .bar.r", "x"},
		{"/register/scheme?code=anhui_2020&set=liuwen&yellow=0&red=100", "#trial", "变好"},
		{"/register/scheme?code=ouhai", ".kick", "随产品带的规则"},
		{"/register/scheme?code=nothing", "main", "nothing"},
		{"/register/scheme/edit?code=anhui_2020", "h1", "改“序时灯"},
		{"/register/scheme/edit?code=x&name=x&kind=pace&yellow=20&red=10&try=1", ".f.bad", "红灯线"},
		{"/register/scheme/edit?code=x&name=x&kind=expression&red_when=ahead+%3C&try=1", ".when .bad .at", "ahead <"},
		{"/register/scheme/edit?code=anhui_2020&name=x&kind=pace&yellow=0&red=5&fixed=1&try=1", ".effect .lead", "变差"},
		{"/register/scheme/edit?code=anhui_2020&name=x&kind=pace&yellow=0&red=5&fixed=1&try=1", ".effect .differs", "红灯线：10 → 5"},
		{"/register/goals", "h1", "目标"},
		{"/register/goals", ".goalbook .d3 .what", "城镇新增就业"},
		{"/register/goal?code=stable_employment", ".proof", "底线城镇登记失业率为红时不得为绿"},
		{"/register/goal?code=double_victory", ".parts .say", "分目标"},
		{"/register/goal/edit?code=double_victory&name=x&parent=stable_trade&combine=all_of&fixed=1&try=1", ".f.bad .err", "自己的上级"},
		{"/register/goal/edit?code=g&name=x&combine=all_of&order=a&try=1", ".f.bad", "排序"},
		{"/register/goal/edit?code=g&name=x&combine=all_of&i0_indicator=trade&i1_indicator=&i2_indicator=nothing&try=1", ".items tr:nth-child(3) .err", "nothing"},
		{"/register/goal/edit?parent=six_stability", `select[name=parent] option[selected]`, "六稳"},
		{"/register/sets", ".sets tbody tr .say", "城镇新增就业"},
		{"/register/set?code=monthly_board", ".setitems tbody tr:first-child", "25.0%"},
		{"/register/set/edit?code=s&name=x&i0_indicator=trade&i1_indicator=trade&try=1", ".items tr:nth-child(2) .err", "trade"},
		{"/register/set/edit?code=s&name=x&i0_indicator=&try=1", "main .bar.r", "至少加一个指标"},
	} {
		w, doc := get(t, h, tc.path)
		if got := text(doc, tc.selector); !strings.Contains(got, tc.want) {
			t.Errorf("%s (%d): %s is %q, want %q", tc.path, w.Code, tc.selector, got, tc.want)
		}
		if n := len(all(doc, "form[method=post], .btn.pri[href]")); n > 0 {
			t.Errorf("%s offers %d changes to one who may only read", tc.path, n)
		}
	}
}

// A rule is changed, looked at, put in force, seen on the board, and taken back.
func TestSchemeInForce(t *testing.T) {
	h := demoCopy(t, web.Options{})
	edit := "/register/scheme/edit?code=anhui_2020&name=序时灯&kind=pace&yellow=0&red=5&fixed=1&try=1"
	_, doc := get(t, h, edit)
	form := fields(doc)
	if w, doc := post(t, h, "/register/scheme", form); w.Code != http.StatusUnprocessableEntity || !strings.Contains(text(doc, "main"), "没有写理由") {
		t.Errorf("without a reason: %d %s", w.Code, text(doc, ".err"))
	}
	before := lampsOf(t, h)
	form.Set("reason", "下半年收紧")
	w, _ := post(t, h, "/register/scheme", form)
	if w.Code != http.StatusSeeOther || !strings.Contains(w.Header().Get("Location"), "asof=now") {
		t.Fatalf("put: %d %s %s", w.Code, w.Header().Get("Location"), w.Body)
	}
	_, doc = get(t, h, w.Header().Get("Location"), "Cookie", strings.Split(w.Header().Get("Set-Cookie"), ";")[0])
	if got := text(doc, ".notice"); !strings.Contains(got, "已生效") || !strings.Contains(got, "撤回") {
		t.Errorf("notice %q", got)
	}
	if got := text(doc, ".revisions tbody tr:first-child"); !strings.Contains(got, "第2版 现行") || !strings.Contains(got, "红灯线：10 → 5") || !strings.Contains(got, "下半年收紧") || !strings.Contains(got, "test") {
		t.Errorf("revision %q", got)
	}
	if after := lampsOf(t, h); after == before {
		t.Errorf("the board shows %s as before", after)
	}
	undo := all(doc, ".notice form")[0]
	back := url.Values{}
	for _, n := range all(undo, "input") {
		back.Set(attr(n, "name"), attr(n, "value"))
	}
	if w, _ = post(t, h, attr(undo, "action"), back); w.Code != http.StatusSeeOther {
		t.Fatalf("undo: %d %s", w.Code, w.Body)
	}
	if after := lampsOf(t, h); after != before {
		t.Errorf("after the undo %s, before %s", after, before)
	}
	_, doc = get(t, h, "/register/scheme?code=anhui_2020&asof=now")
	if got := text(doc, ".revisions tbody tr:first-child"); !strings.Contains(got, "第3版 现行") || !strings.Contains(got, "放回第1版") {
		t.Errorf("after the undo %q", got)
	}
	_, doc = get(t, h, "/register/scheme?code=anhui_2020")
	if n := len(all(doc, ".revisions tbody tr")); n != 1 {
		t.Errorf("as of 31 July %d versions were known", n)
	}
}

// lampsOf is how the rule's lights stand now.
func lampsOf(t *testing.T, h http.Handler) string {
	t.Helper()
	_, doc := get(t, h, "/register/schemes?asof=now")
	return text(doc, ".schemes tbody tr:first-child .lamps")
}

// Goals and sets are made, changed and put back by forms alone.
func TestGoalAndSetInForce(t *testing.T) {
	h := demoCopy(t, web.Options{})
	for _, tc := range []struct{ name, edit, put, list, want string }{
		{"a new goal", "/register/goal/edit?code=open&name=开放&parent=double_victory&combine=weakest_link&order=9&weight=1&i0_indicator=trade&i0_weight=1&i1_indicator=fdi&i1_weight=1&i1_guard=1&try=1",
			"/register/goal", "/register/goal?code=open&asof=now", "随货物进出口总值的灯；底线利用外资为红时不得为绿"},
		{"a weighted goal", "/register/goal/edit?code=open&name=开放&parent=double_victory&combine=weighted&order=9&weight=1&i0_indicator=trade&i0_weight=2&i1_indicator=fdi&i1_weight=1&fixed=1&try=1",
			"/register/goal", "/register/goal?code=open&asof=now", "2项按权重计分"},
		{"a new set", "/register/set/edit?code=outward&name=开放&i0_indicator=trade&i0_weight=3&i0_order=2&i1_indicator=fdi&i1_weight=1&i1_order=1&try=1",
			"/register/set", "/register/set?code=outward&asof=now", "利用外资外贸外资预警125.0%"},
	} {
		_, doc := get(t, h, tc.edit)
		form := fields(doc)
		if len(form) == 0 {
			t.Fatalf("%s: nothing to put in force: %s", tc.name, text(doc, "main"))
		}
		form.Set("reason", "试")
		w, doc := post(t, h, tc.put, form)
		if w.Code != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", tc.name, w.Code, text(doc, "main"))
		}
		_, doc = get(t, h, tc.list)
		if got := text(doc, "main"); !strings.Contains(got, tc.want) {
			t.Errorf("%s: %q lacks %q", tc.name, got, tc.want)
		}
	}
	if w, _ := post(t, h, "/register/goal", url.Values{"code": {"open"}, "back": {"1"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("put back: %d", w.Code)
	}
	_, doc := get(t, h, "/register/goal?code=open&asof=now")
	if got := text(doc, ".proof"); !strings.Contains(got, "底线利用外资") {
		t.Errorf("put back: %q", got)
	}
	if w, _ := post(t, h, "/register/goal", url.Values{"code": {"open"}, "back": {"9"}}); w.Code != http.StatusNotFound {
		t.Errorf("a version that is not there: %d", w.Code)
	}
}

// In an empty database every page says how to begin, and a goal set can be taken.
func TestRegisterBegins(t *testing.T) {
	h := site(t, demotest.Empty(t).Guard(), web.Options{Change: true, By: "test"})
	for path, want := range map[string]string{
		"/register/schemes": "还没有本地的规则", "/register/goals": "还没有目标", "/register/sets": "还没有指标集", "/register/scheme?code=pace": "没有可试的目标",
		"/register/scheme/edit?copy=ouhai": "新写一条规则", "/register/goal/edit": "新建目标", "/register/set/edit": "新建指标集", "/register/goals/offer?set=six_guarantees": "保基层运转",
	} {
		if w, doc := get(t, h, path); w.Code != http.StatusOK || !strings.Contains(text(doc, "main"), want) {
			t.Errorf("%s: %d %s", path, w.Code, text(doc, "main"))
		}
	}
	_, doc := get(t, h, "/register/goals/offer?set=six_guarantees")
	if w, _ := post(t, h, "/register/goals", fields(doc)); w.Code != http.StatusSeeOther {
		t.Fatalf("take over: %d", w.Code)
	}
	_, doc = get(t, h, "/register/goals")
	if got := text(doc, ".goalbook"); !strings.Contains(got, "六保") || !strings.Contains(got, "保基层运转") {
		t.Errorf("after taking over: %q", got)
	}
	if w, _ := post(t, h, "/register/goals", url.Values{"set": {"six_guarantees"}}); w.Code != http.StatusNotFound {
		t.Errorf("once more: %d", w.Code)
	}
}

// Who opened a form before another changed the same is told so, loses nothing of
// what was filled in, and can go on in another language.
func TestRegisterMeanwhile(t *testing.T) {
	h := demoCopy(t, web.Options{})
	form := func(name, weight string) url.Values {
		_, doc := get(t, h, "/register/set/edit?code=monthly_board")
		v := url.Values{}
		for _, n := range all(doc, ".setform input[type=hidden]") {
			v.Set(attr(n, "name"), attr(n, "value"))
		}
		v.Set("name", name)
		v.Set("reason", "改")
		v.Set("i0_indicator", "trade")
		v.Set("i0_weight", weight)
		return v
	}
	_, doc := get(t, h, "/register/set/edit?code=monthly_board&name=x&i0_indicator=trade")
	for _, n := range all(doc, ".setform input[type=hidden]") {
		if strings.HasPrefix(attr(n, "name"), "i") || attr(n, "name") == "name" {
			t.Errorf("the form has %s twice", attr(n, "name"))
		}
	}
	first, second := form("甲", "1"), form("乙", "2")
	if w, _ := post(t, h, "/register/set", first); w.Code != http.StatusSeeOther {
		t.Fatalf("first: %d", w.Code)
	}
	w, doc := post(t, h, "/register/set", second)
	if got := text(doc, ".bar.r"); w.Code != http.StatusUnprocessableEntity || !strings.Contains(got, "又被改过") {
		t.Errorf("second: %d %q", w.Code, got)
	}
	if got := all(doc, "input[name=name]"); len(got) == 0 || attr(got[0], "value") != "乙" {
		t.Error("what was filled in is lost")
	}
	english := ""
	for _, a := range all(doc, ".langs a") {
		if attr(a, "hreflang") == "en" {
			english = attr(a, "href")
		}
	}
	if w, doc := get(t, h, english); w.Code != http.StatusOK || len(all(doc, "input[name=name]")) == 0 || attr(all(doc, "input[name=name]")[0], "value") != "乙" {
		t.Errorf("in English: %d at %s", w.Code, english)
	}
}
