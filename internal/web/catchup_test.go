package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/html"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/web"
)

// The plan says first whether the target can be met, then who brings what; what was
// typed stands in the address and in the sheet.
func TestCatchUpPage(t *testing.T) {
	h := demoSite(t, web.Options{})
	w, doc := get(t, h, "/catchup?code=key_projects&total=350")
	if w.Code != http.StatusOK {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	expect(t, doc,
		"title", "开放发展行动150个重点项目完成投资 · 追赶方案 · 安徽省 · 落实",
		"h1", "开放发展行动150个重点项目完成投资：剩余时期还需完成143.89，比预期多15.84；方案能够补齐。",
		".facts-line li:nth-child(2)", "2020年1—6月 206.11 亿元",
		"b.tried", "试算，未保存",
		`tr[data-row="340000"] td:nth-child(2)`, "322.75",
		`tr[data-row="340000"] td.sum`, "143.89",
		`#sheet thead th[data-col="7"]`, "7月",
		"#course .key span:nth-child(2)", "方案",
	)
	if n := len(all(doc, "#sheet tbody tr")); n != 17 {
		t.Errorf("%d rows", n)
	}
	if n := len(all(doc, `tr[data-row="340100"] td[data-set="c.340100"]`)); n != 6 {
		t.Errorf("%d months can be typed into", n)
	}
	if n := len(all(doc, `tr[data-row="340000"] td[data-set], td.rep[data-set]`)); n != 0 {
		t.Errorf("%d cells of the whole or of what is reported can be typed into", n)
	}
	if n := len(all(doc, "#who .todo-table:first-of-type tbody tr")); n == 0 {
		t.Error("nobody is asked for anything")
	}
	if n := len(all(doc, "[style], style, script:not([src]), [onclick]")); n != 0 {
		t.Errorf("%d things inline", n)
	}
	// What is locked and capped without a script stands; its cell is marked.
	_, doc = get(t, h, "/catchup?code=key_projects&total=350&c.340100=9~8.5&cap.340200=15.9&lu=340300&lm=12&lv=1.6&lang=en")
	expect(t, doc, `tr[data-row="340100"] td.fix`, "8.50", `tr[data-row="340200"] td.capc`, "15.90", `tr[data-row="340300"] td.fix`, "1.60", `tr[data-row="340000"] td.sum`, "143.89")
	if says := attr(all(doc, `tr[data-row="340100"] td.fix`)[0], "title"); !strings.HasPrefix(says, "Hefei · Sep: locked at 8.50; expected ") {
		t.Errorf("the cell says %q", says)
	}
	given := map[string]string{}
	for _, input := range all(doc, `#try input`) {
		given[attr(input, "name")] = attr(input, "value")
	}
	if given["c.340300"] != "12~1.6" || given["cap.340200"] != "15.9" || given["total"] != "350" {
		t.Errorf("the form holds %v", given)
	}
	if href := attr(all(doc, ".langs a")[0], "href"); !strings.Contains(href, "c.340100=9~8.5") {
		t.Errorf("another language is at %s", href)
	}
	if href := attr(all(doc, `nav.where .panel a`)[0], "href"); !strings.Contains(href, "code=key_projects") || strings.Contains(href, "c.340100") {
		t.Errorf("another unit is at %s", href)
	}
}

// What is out of reach says so, with the most that is attainable and what would have
// to give; two tries stand side by side.
func TestCatchUpShortAndBeside(t *testing.T) {
	h := demoSite(t, web.Options{})
	_, doc := get(t, h, "/catchup?code=key_projects&total=400")
	if says := text(doc, "h1"); !strings.Contains(says, "目标无法完成：还需193.89，最多只能完成") {
		t.Errorf("the headline is %q", says)
	}
	if len(all(doc, "#gives li")) < 10 || !strings.Contains(text(doc, "#lead"), "照目前走势达到的可能性") {
		t.Errorf("%d ways out; %s", len(all(doc, "#gives li")), text(doc, "#lead"))
	}
	_, doc = get(t, h, "/catchup?code=key_projects&total=350&weigh=even")
	keep := attr(all(doc, `[data-part="acts"] a`)[0], "href")
	to, err := url.Parse(keep)
	if err != nil || to.Query().Get("beside") != "total=350&weigh=even" || to.Query().Get("weigh") != "even" {
		t.Fatalf("kept beside at %s", keep)
	}
	_, doc = get(t, h, "/catchup?code=key_projects&total=350&beside="+url.QueryEscape("total=350&weigh=even"))
	if says := text(doc, "#beside .sum"); !strings.Contains(says, "用力最大处") || len(all(doc, "#beside tbody tr")) < 3 {
		t.Errorf("beside: %q", says)
	}
	swap := attr(all(doc, `[data-part="acts"] a`)[0], "href")
	if _, doc = get(t, h, swap); text(doc, `select[name=weigh] option[selected]`) != "人人一样多" || len(all(doc, "#beside")) != 1 {
		t.Errorf("the two do not change places at %s", swap)
	}
}

// What cannot be planned says so, and what to do.
func TestCatchUpRefusals(t *testing.T) {
	h := demoSite(t, web.Options{})
	for address, want := range map[string]string{
		"/catchup?code=cpi":                                    "",
		"/catchup?code=gdp":                                    "",
		"/catchup?code=retail&unit=340100":                     "合肥市今年没有社会消费品零售总额目标，无从计算缺口。",
		"/catchup?code=key_projects&asof=2021-03-01&year=2020": "",
	} {
		w, doc := get(t, h, address)
		says := text(doc, "h1")
		if w.Code != http.StatusOK || says == "" || want != "" && says != want || len(all(doc, ".state h3, .state .acts a")) == 0 {
			t.Errorf("%s: %d %q", address, w.Code, says)
		}
	}
	// Without an amount to go by a total can be typed; less is better in its own words;
	// a red light leads here.
	_, doc := get(t, h, "/catchup?code=trade")
	if len(all(doc, `form input[name=total]`)) != 1 {
		t.Error("no total can be tried")
	}
	_, doc = get(t, h, "/catchup?code=trade&total=5.3.0")
	expect(t, doc, ".f.bad .err", "“5.3.0”不是数。只写数字，单位和说明写在别处。")
	_, doc = get(t, h, "/catchup?code=trade&total=5300.123")
	expect(t, doc, ".f.bad .err", "5300.123的小数位多于该指标公布的1位。按公布的位数四舍五入后再填，或在指标里改小数位数。")
	_, doc = get(t, h, "/catchup?code=trade&total=5300")
	expect(t, doc, ".facts-line li:first-child b", "5300.0")
	_, doc = get(t, h, "/catchup?code=safety_accidents&total=1100&lang=en")
	expect(t, doc, `#sheet th[data-col="extra"]`, "Below expected", ".facts-line li:nth-child(3)", "Left at most 588 accidents")
	_, doc = get(t, h, "/proof?indicator=key_projects&of=341500")
	if href := attr(all(doc, ".ways a:nth-child(2)")[0], "href"); !strings.HasPrefix(href, "/catchup?") || !strings.Contains(href, "unit=341500") {
		t.Errorf("a red light leads to %s", href)
	}
	w, _ := get(t, h, "/catchup?code=nothing")
	if w.Code != http.StatusNotFound {
		t.Errorf("an indicator that is not there: %d", w.Code)
	}
}

// What is typed wrong stays as it was typed and is marked where it stands, with the rule
// and the way out; the sheet is the whole plan without it, or none.
func TestCatchUpWrong(t *testing.T) {
	h := demoSite(t, web.Options{})
	const base = "/catchup?code=key_projects"
	cells := func(query string) (*html.Node, []string) {
		t.Helper()
		w, doc := get(t, h, base+query)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d", query, w.Code)
		}
		var list []string
		for _, td := range all(doc, "#sheet tbody td") {
			list = append(list, words(td))
		}
		return doc, list
	}
	for _, c := range []struct {
		typed, without string // the address, and that of the plan that is shown; "" = none
		wrong          int
		at, typedThere string // where it is marked, and what stands there
		rule           string
	}{
		{"&total=abc", "&exact=", 1, `#try input[name=total]`, "abc", "“abc”不是数。只写数字，单位和说明写在别处。清空则按现行目标322.75计算。"},
		{"&total=350.123", "&exact=", 1, `#try input[name=total]`, "350.123", "350.123的小数位多于该指标公布的2位。按公布的位数四舍五入后再填，或在指标里改小数位数。清空则按现行目标322.75计算。"},
		{"&total=350&stretch=ten", "&total=350", 1, `#try input[name=stretch]`, "ten", "“ten”不是0到500的整数。写百分之几，如10；清空即不超过历史最好。"},
		{"&total=350&stretch=501", "&total=350", 1, `#try input[name=stretch]`, "501", "“501”不是0到500的整数。写百分之几，如10；清空即不超过历史最好。"},
		{"&total=350&c.340100=9~12x", "&total=350", 1, `tr[data-row="340100"] td[data-m="9"]`, "12x", "合肥·9月 “12x”不是数。只写数字，单位和说明写在别处。"},
		{"&total=350&c.340100=9~8.5_10~8.555", "&total=350&c.340100=9~8.5", 1, `tr[data-row="340100"] td[data-m="10"]`, "8.555", "合肥·10月 8.555的小数位多于该指标公布的2位。按公布的位数四舍五入后再填，或在指标里改小数位数。"},
		{"&total=350&cap.340200=x&c.340200=9~2", "&total=350&c.340200=9~2", 1, `tr[data-row="340200"] td.capc`, "x", "芜湖·合计上限 “x”不是数。只写数字，单位和说明写在别处。"},
		{"&total=350&cap.340200=1&c.340200=9~2", "&total=350&c.340200=9~2", 1, `tr[data-row="340200"] td.capc`, "1", ""},
		{"&total=abc&c.340300=9~many_10~1.5", "&c.340300=10~1.5", 2, `tr[data-row="340300"] td[data-m="9"]`, "many", "蚌埠·9月 “many”不是数。只写数字，单位和说明写在别处。"},
		{"&total=350&c.340300=3~2", "&total=350", 1, "", "", ""},
		{"&total=350&c.340121=9~2", "&total=350", 1, "", "", ""},
		{"&total=350&lu=340100&lm=9&lv=1_2", "&total=350", 1, `tr[data-row="340100"] td[data-m="9"]`, "1＿2", "合肥·9月 “1＿2”不是数。只写数字，单位和说明写在别处。"},
		{"&total=350&c.340100=9~30_10~30", "&total=350", 1, `tr[data-row="340100"] td[data-m="10"]`, "30", "合肥 合肥市合计的上限40.09低于各期锁定与下限之和73.77。请调高上限，或放开、调低锁定。"},
		{"&unbound=1&c.340100=9~9999999999999999&c.340200=9~9999999999999999", "", 1, "", "", ""},
	} {
		doc, shown := cells(c.typed)
		if says := text(doc, "h1"); !strings.HasSuffix(says, fmt.Sprintf("：有%d处填写须先改正。", c.wrong)) {
			t.Errorf("%s: the page says %q", c.typed, says)
		}
		want, lead := []string(nil), "改正之前没有方案可显示；填过的都还在，改正后即重新计算。"
		if c.without != "" {
			_, want = cells(c.without)
			lead = "下面是不计入这些填写的完整方案；填过的都还在，改正后即重新计算。"
		}
		if got := text(doc, "#lead span"); got != lead {
			t.Errorf("%s: it says of the sheet %q", c.typed, got)
		}
		if says := "先改正表下列出的问题。"; c.without == "" && (text(doc, "#who .none") != says || text(doc, "#compare .none") != says) {
			t.Errorf("%s: of what must be brought it says %q, beside the plan in force %q", c.typed, text(doc, "#who .none"), text(doc, "#compare .none"))
		}
		for i, td := range all(doc, "#sheet tbody td") {
			switch bad := attr(td, "aria-invalid") == "true"; {
			case bad, want != nil && shown[i] == want[i]:
			case want != nil:
				t.Errorf("%s: a cell shows %s, the plan without it %s", c.typed, shown[i], want[i])
			case strings.Contains(attr(td, "class"), "calc") && shown[i] != "" && shown[i] != "—":
				t.Errorf("%s: without a plan a sum is %s", c.typed, shown[i])
			}
		}
		if len(all(doc, "#force")) != 0 || len(all(doc, "[autofocus]")) > 1 {
			t.Errorf("%s: it can be put in force, or %d want the keyboard", c.typed, len(all(doc, "[autofocus]")))
		}
		if c.at == "" {
			continue
		}
		marked := all(doc, c.at)
		if len(marked) != 1 || attr(marked[0], "aria-invalid") != "true" {
			t.Errorf("%s: %s is not marked", c.typed, c.at)
			continue
		}
		says := text(doc, ".f.bad .err")
		if typed := attr(marked[0], "value"); marked[0].Data == "input" {
			if typed != c.typedThere || len(all(doc, c.at+"[autofocus]")) != 1 {
				t.Errorf("%s: the field holds %q", c.typed, typed)
			}
		} else {
			note := "#" + attr(marked[0], "aria-describedby")
			if words(marked[0]) != c.typedThere || attr(all(doc, "input[name=lv]")[0], "value") != c.typedThere {
				t.Errorf("%s: the cell holds %q", c.typed, words(marked[0]))
			}
			says = strings.TrimSuffix(text(doc, note), " 去掉这一处")
			if _, rest := get(t, h, attr(all(doc, note+" .drop")[0], "href")); len(all(rest, "td[aria-invalid]")) != 0 {
				t.Errorf("%s: it is not taken out by %s", c.typed, attr(all(doc, note+" .drop")[0], "href"))
			}
		}
		if c.rule != "" && says != c.rule {
			t.Errorf("%s: it says %q", c.typed, says)
		}
	}
	// Without a script another value takes the place of the wrong one, none frees the cell.
	_, want := cells("&total=350&c.340100=9~7")
	if _, got := cells("&total=350&c.340100=9~12x&lu=340100&lm=9&lv=7"); !slices.Equal(got, want) {
		t.Error("it is not put right by the form of one cell")
	}
	_, want = cells("&total=350")
	if _, got := cells("&total=350&c.340100=9~12x&lu=340100&lm=9&lv="); !slices.Equal(got, want) {
		t.Error("it is not freed by the form of one cell")
	}
}

// midsummer is pages over a copy of the demonstration, from noon of the day on which it
// opens, a second later at each look at the clock.
func midsummer(t *testing.T) (h http.Handler, clock *atomic.Int64) {
	t.Helper()
	clock = &atomic.Int64{}
	clock.Store(luoshi.Date(20200731).Start().Add(12 * time.Hour).Unix())
	now := func() time.Time { return time.Unix(clock.Add(1), 0) }
	return site(t, demotest.Copy(t, now).Guard(), web.Options{Now: now, Change: true, By: "test"}), clock
}

// A plan is put in force with a reason, is then what the lights go by, shows how it is
// kept, and is taken back.
func TestCatchUpPut(t *testing.T) {
	h, clock := midsummer(t)
	proof := func() string {
		_, doc := get(t, h, "/proof?indicator=key_projects&unit=340100")
		return words(all(doc, "#proof, main")[0])
	}
	before := proof()
	_, doc := get(t, h, "/catchup/force?code=key_projects&total=350&c.340100=9~8.5")
	expect(t, doc, "h1", "让追赶方案生效", ".changes tbody tr:nth-child(2) th", "合肥市", ".changes tbody tr:nth-child(2) td:last-child", "第2版")
	if len(all(doc, ".bar.y")) != 0 {
		t.Errorf("figures have come in: %s", text(doc, ".bar.y"))
	}
	form := []string{}
	for _, input := range all(doc, ".forceform input[type=hidden]") {
		form = append(form, attr(input, "name"), attr(input, "value"))
	}
	if w := postForm(t, h, "/catchup", form...); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "请写理由") && !strings.Contains(w.Body.String(), "理由") {
		t.Errorf("without a reason: %d", w.Code)
	}
	w := postForm(t, h, "/catchup", append(form, "reason", "三四季度追赶", "from", "2020-07-31")...)
	to := w.Header().Get("Location")
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/catchup?") || !strings.Contains(to, "code=key_projects") {
		t.Fatalf("%d to %q\n%s", w.Code, to, w.Body)
	}
	cookies := w.Result().Cookies()
	w, doc = get(t, h, to, "Cookie", cookies[0].Name+"="+cookies[0].Value)
	expect(t, doc, ".notice p", "开放发展行动150个重点项目完成投资的追赶方案已生效，17个单位自2020年7月31日起按新的进度判。", "#kept .sum", "方案自2020年7月31日起生效，尚无到期数据。", "#plans tbody .tag", "现行", "#plans tbody td.say", "三四季度追赶")
	if n := len(all(doc, "#kept tbody tr")); w.Code != http.StatusOK || n != 17 {
		t.Errorf("%d: %d rows are held against the plan", w.Code, n)
	}
	open := attr(all(doc, "#plans tbody a")[0], "href")
	if _, again := get(t, h, open); text(again, `tr[data-row="340100"] td.fix`) != "8.50" || text(again, `tr[data-row="340000"] td.sum`) != "143.89" {
		t.Errorf("going on from it at %s", open)
	}
	if proof() == before {
		t.Error("the light goes by what it went by")
	}
	undo := all(doc, ".notice form")
	if len(undo) != 1 {
		t.Fatal("there is no way back")
	}
	form = form[:0]
	for _, input := range all(doc, ".notice form input") {
		form = append(form, attr(input, "name"), attr(input, "value"))
	}
	if w := postForm(t, h, attr(undo[0], "action"), form...); w.Code != http.StatusSeeOther {
		t.Fatalf("taken back: %d %s", w.Code, w.Body)
	}
	clock.Store(luoshi.Date(21991231).Start().Unix()) // the store has a clock of its own
	if _, doc = get(t, h, "/catchup?code=key_projects&year=2020"); len(all(doc, "#plans")) != 1 || len(all(doc, "#kept")) != 0 || len(all(doc, "#plans .tag")) != 0 {
		t.Errorf("it is still in force: %q %q", text(doc, "#kept"), text(doc, "#plans"))
	}
}

// What a unit states that it can bring at most bounds the plan, and stands with who
// said so.
func TestCapacityPage(t *testing.T) {
	h, _ := midsummer(t)
	address := "/catchup/capacity?code=key_projects&of=340100"
	_, doc := get(t, h, address)
	expect(t, doc, "h1", "合肥市最多能做到多少：开放发展行动150个重点项目完成投资", ".captable tbody tr:first-child td:nth-child(3)", "5.14")
	if n := len(all(doc, ".captable input")); n != 6 {
		t.Errorf("%d months can be stated", n)
	}
	if w, doc := get(t, h, "/catchup/capacity?code=key_projects&of=999"); w.Code != http.StatusNotFound || !strings.Contains(text(doc, "main"), "没有代码为999的单位") {
		t.Errorf("a unit that is not: %d", w.Code)
	}
	if w := postForm(t, h, "/catchup/capacity", "code", "key_projects", "of", "340100", "m9", "5.5"); w.Code != http.StatusBadRequest {
		t.Errorf("without a reason: %d", w.Code)
	}
	w := postForm(t, h, "/catchup/capacity", "code", "key_projects", "of", "340100", "m8", "6.5", "m9", "much", "m10", "7.001", "reason", "主干线检修")
	doc, err := html.Parse(w.Body)
	if err != nil || w.Code != http.StatusBadRequest {
		t.Fatalf("what is no number: %d %v", w.Code, err)
	}
	expect(t, doc, ".bar.r p", "有2个月填写须先改正；填过的都还在，什么也没有记下。", ".captable .err", "“much”不是数。只写数字，单位和说明写在别处", ".capform textarea", "主干线检修")
	for name, want := range map[string]string{"m8": "6.5 ", "m9": "much true", "m10": "7.001 true"} {
		input := all(doc, ".captable input[name="+name+"]")[0]
		if got := attr(input, "value") + " " + attr(input, "aria-invalid"); got != want {
			t.Errorf("%s holds %q", name, got)
		}
	}
	if len(all(doc, "textarea[aria-invalid]")) != 0 {
		t.Error("the reason is marked, which is not wrong")
	}
	if n := len(all(doc, "[autofocus]")); n != 1 || len(all(doc, "input[name=m9][autofocus]")) != 1 {
		t.Errorf("%d want the keyboard", n)
	}
	w = postForm(t, h, "/catchup/capacity", "code", "key_projects", "of", "340100", "m9", "5.5", "reason", "主干线检修")
	if w.Code != http.StatusSeeOther {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	_, doc = get(t, h, w.Header().Get("Location"))
	expect(t, doc, ".verlist tbody td:nth-child(2)", "5.50", ".verlist td.say", "主干线检修")
	_, doc = get(t, h, "/catchup?code=key_projects&total=350")
	cell := all(doc, `tr[data-row="340100"] td[data-m="9"]`)
	if len(cell) != 1 || words(cell[0]) != "5.50" || !strings.Contains(attr(cell[0], "title"), "主干线检修") {
		t.Errorf("September is %q: %s", words(cell[0]), attr(cell[0], "title"))
	}
}

// A reporter reads the plan of the city and states what it can bring; putting a plan in
// force is not theirs, and the page says whose it is.
func TestCatchUpRights(t *testing.T) {
	st := demotest.CopyStore(t)
	accounts := account.New(st, time.Now, account.Options{Key: make([]byte, account.KeyBytes)})
	h := site(t, service.New(st, time.Now).Guard(), web.Options{Accounts: accounts, AsOf: opens})
	reporter := demotest.SignIn(t, st, demotest.Held{Role: luoshi.Reporter, Unit: "340100"})
	planner := demotest.SignIn(t, st, demotest.Held{Role: luoshi.Planner, Unit: demotest.Root})
	as := func(who demotest.Person, address string) (int, func(selector string) string) {
		w, doc := get(t, h, address, "Cookie", "luoshi="+who.Secret)
		return w.Code, func(selector string) string { return text(doc, selector) }
	}
	code, see := as(reporter, "/catchup?code=key_projects&unit=340100")
	if code != http.StatusOK || see("#force") != "(no #force)" || !strings.Contains(see("main .closed"), "须有这些任职之一：计划员") {
		t.Errorf("a reporter: %d %s %s", code, see("#force"), see("main .closed"))
	}
	if code, see = as(reporter, "/catchup/capacity?code=key_projects&of=340100&unit=340100"); code != http.StatusOK || see(".capform button") != "申报" {
		t.Errorf("a reporter's own unit: %d %s", code, see(".capform button"))
	}
	if code, _ = as(reporter, "/catchup/force?code=key_projects&unit=340100&total=90"); code != http.StatusForbidden {
		t.Errorf("a reporter about to put in force: %d", code)
	}
	r := httptest.NewRequest(http.MethodPost, "/catchup", strings.NewReader("code=key_projects&unit=340100&total=90&reason=x"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Cookie", "luoshi="+reporter.Secret)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusForbidden {
		t.Errorf("a reporter puts in force: %d", w.Code)
	}
	if code, see = as(planner, "/catchup?code=key_projects&total=350"); code != http.StatusOK || see("#force") != "生效…" || see("main .closed") != "(no main .closed)" {
		t.Errorf("a planner: %d %s", code, see("#force"))
	}
}
