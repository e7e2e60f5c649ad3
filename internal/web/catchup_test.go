package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

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
	expect(t, doc, `tr[data-row="340100"] td.fix`, "8.50", `tr[data-row="340200"] td.capc`, "15.9", `tr[data-row="340300"] td.fix`, "1.60", `tr[data-row="340000"] td.sum`, "143.89")
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

// What cannot be read or planned says so, at its place, and what to do.
func TestCatchUpRefusals(t *testing.T) {
	h := demoSite(t, web.Options{})
	_, doc := get(t, h, "/catchup?code=key_projects&total=350&c.340100=9~many&cap.340200=x&c.340300=3~2")
	expect(t, doc, "h1", "开放发展行动150个重点项目完成投资：有3处填写须先改正，方案暂不能计算。", `tr[data-row="340100"] td.bad`, "many", "#who .none", "先改正表下列出的问题。")
	if n := len(all(doc, "#notes .e")); n != 3 {
		t.Errorf("%d problems under the sheet", n)
	}
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
	w, _ := get(t, h, "/catchup?code=nothing")
	if w.Code != http.StatusNotFound {
		t.Errorf("an indicator that is not there: %d", w.Code)
	}
}
