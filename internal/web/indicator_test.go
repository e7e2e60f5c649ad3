package web_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"luoshi.dev/internal/web"
)

// One indicator at the province: the verdict, what bears it, and the proof.
func TestIndicatorPage(t *testing.T) {
	h := demoSite(t, web.Options{})
	w, doc := get(t, h, "/indicator?code=key_projects")
	if w.Code != http.StatusOK {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	expect(t, doc,
		"title", "开放发展行动150个重点项目完成投资 · 安徽省 · 落实",
		".kick", "稳投资 / 开放发展行动150个重点项目完成投资·安徽省·2020年1—6月·累计",
		"h1", "开放发展行动150个重点项目完成投资：上半年完成206.11亿元，为年计划63.86%，领先序时13.86个百分点。",
		".facts-line .lt", "正常",
		".facts-line li:nth-child(2)", "占年计划 63.86%1",
		".facts-line li:nth-child(3)", "序时差 +13.86 个百分点",
		".facts-line li:nth-child(4) .tag", "按数额推算",
		"#why h2", "为什么是绿灯",
		"#why .proof", "上半年完成206.11亿元a，为年计划322.75亿元b的63.86%；按直线序时c应完成50.00%，领先13.86个百分点。按规则d，判正常。",
		"#why #why-c dd", "直线，6÷12",
		"#parts h2", "领先从哪里来",
		"#parts header p", "16个下级单位对安徽省领先44.74亿元的贡献，加起来一分不差",
		"#parts tbody tr:first-child th", "滁州",
		"#parts tbody tr:nth-child(7) td:nth-child(2)", "↑1",
		"#parts tr.sum td.num:nth-last-child(2)", "+44.74",
		"#fall tbody tr:first-child", "合肥+18.03",
		"#fall tr.sum", "安徽省+44.74",
		"#vintages tbody tr:nth-child(2) td:nth-child(4)", "+1.32",
		"#vintages tbody tr:last-child td:nth-child(2)", "快报 合计不全",
		"#linked tbody tr:first-child th a", "新开工项目计划总投资",
		"#linked tbody tr:first-child small", "领先于本指标 · 亿元",
		"#revisions tr.held td", "达到322.75亿元预留0.00",
		"#boundaries .sum", "区划有变，安徽省的这个数不变，下级各单位也不变。",
		"footer.src li", "1《奋战下半年 勇夺“双胜利”》（2020年夏，楠木轩网载，记者鲍亮亮）",
	)
	if n := len(all(doc, "#spread .map a")); n != 16 {
		t.Errorf("%d units on the map", n)
	}
	if n := len(all(doc, "#parts tbody tr")); n != 17 {
		t.Errorf("%d rows of units with the whole", n)
	}
}

// The table under the chart says all that the chart shows, and is there without a
// script; the chart's data are the same numbers.
func TestIndicatorTableTwin(t *testing.T) {
	h := demoSite(t, web.Options{})
	_, doc := get(t, h, "/indicator?code=key_projects")
	expect(t, doc,
		"#data tbody tr:first-child th", "1—2月",
		"#data tbody tr:nth-child(5) th", "1—6月",
		"#data tbody tr:nth-child(5) td:nth-child(2)", "161.38",
		"#data tbody tr:nth-child(5) td:nth-child(3)", "206.11",
		"#data tbody tr:nth-child(5) td:nth-child(4)", "158.91",
		"#data tbody tr:nth-child(5) td:nth-child(5)", "+44.74",
		"#data tbody tr:nth-child(5) .lt", "正常",
		"#data tbody tr:nth-child(6) td:nth-child(3)", "未到期",
	)
	var data struct {
		Now    int
		Actual []*float64
		Says   [][]string
	}
	if err := json.Unmarshal([]byte(attr(all(doc, "figure.chart")[0], "data-chart")), &data); err != nil {
		t.Fatal(err)
	}
	if data.Now != 6 || *data.Actual[6] != 206.11 || data.Actual[1] != nil || data.Actual[7] != nil {
		t.Errorf("the chart's data: %+v", data)
	}
	if want := []string{"2020年1—6月", "实际 206.11", "年计划 161.38", "去年 158.91"}; !slices.Equal(data.Says[6], want) {
		t.Errorf("June says %q", data.Says[6])
	}
	_, doc = get(t, h, "/indicator?code=key_projects&basis=single")
	expect(t, doc, "#path .seg [aria-current]", "当期", "#data tbody tr:first-child th", "1—2月", "#data tbody tr:nth-child(5) th", "6月", "#data tbody tr:nth-child(5) td:nth-child(3)", "68.78")
	if link := attr(all(doc, "#path .seg a")[0], "href"); !strings.Contains(link, "basis=cumulative") || !strings.Contains(link, "code=key_projects") {
		t.Errorf("the way back is %s", link)
	}
}

// Every kind of indicator and every lack has a page that says what is so.
func TestIndicatorKinds(t *testing.T) {
	h := demoSite(t, web.Options{})
	for _, c := range []struct {
		path  string
		pairs []string
	}{
		{"code=trade&lang=en", []string{"h1", "Imports and exports of goods: 2429.0 × 100 million yuan, +8.4%, 11.6 points above China (−3.2%).", "#path .seg [aria-current]", "Growth", "#parts header p", "The contributions of 16 units below add exactly to the lead of Anhui Province, 11.60 points"}},
		{"code=flood_repair_rate", []string{"#parts h2", "差距从哪里来", "#parts tr.rest th", "未列入下级", "#parts tbody tr:nth-child(15) .st", "缺报", "#linked tbody tr:first-child small", "由它算出 · 处"}},
		{"code=business_climate", []string{".facts-line .st", "待报", "#why h2", "为什么没有判", "#vintages h3", "这一期还没有报过数"}},
		{"code=gdp", []string{"h1", "地区生产总值一季度−6.5%，上半年+0.7%，由负转正。", "#parts h2", "下级单位", "#revisions tbody tr", "第2版实现正增长2020年7月28日省委常委会扩大会议：确保全年实现较好的正增长《奋战下半年 勇夺“双胜利”》（2020年夏，楠木轩网载，记者鲍亮亮）"}},
		{"code=fdi_growth", []string{"#parts h3", "下级单位还没有这个指标的目标和数", "#parts .state p", "这个指标只有本单位的公布数，不由下级报送。"}},
		{"code=trade_balance", []string{"#revisions h3", "安徽省2020年没有这个指标的目标", "#linked code", "exports - imports"}},
		{"code=safety_accidents", []string{"#why-c dd", "全年同一上限"}},
		{"code=key_projects&unit=340207", []string{"#parts h3", "没有下级单位", "#parts .acts a", "看芜湖市的全部下级"}},
		{"code=key_projects&unit=340200&boundaries=2021-01-01", []string{"#boundaries thead th:first-child", "2021年1月1日的区划（现在看的）"}},
		{"code=key_projects&asof=2020-07-07", []string{"#vintages tbody tr:first-child td:nth-child(3)", "200.70"}},
		{"code=gdp_primary&unit=340100", []string{"#path h3", "还没有可画的数"}},
	} {
		w, doc := get(t, h, "/indicator?"+c.path)
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d", c.path, w.Code)
			continue
		}
		t.Run(c.path, func(t *testing.T) { expect(t, doc, c.pairs...) })
	}
	for path, want := range map[string]int{"code=nothing": 404, "": 400, "code=gdp&unit=nowhere": 404, "code=gdp&year=x": 400} {
		if w, _ := get(t, h, "/indicator?"+path); w.Code != want {
			t.Errorf("%q: %d, want %d", path, w.Code, want)
		}
	}
}

// Any number opens where it came from: every link of the page leads somewhere, and
// what opens over the page has the part that is taken over.
func TestIndicatorNumbersOpen(t *testing.T) {
	h := demoSite(t, web.Options{})
	seen := map[string]bool{}
	for _, page := range []string{"/indicator?code=key_projects", "/indicator?code=flood_repair_rate&lang=en", "/figure?indicator=key_projects", "/indicator?code=key_projects&unit=340200&boundaries=2021-01-01"} {
		_, doc := get(t, h, page)
		for _, a := range all(doc, "main a[href]") {
			href := attr(a, "href")
			if strings.HasPrefix(href, "#") {
				if len(all(doc, `[id="`+href[1:]+`"]`)) == 0 {
					t.Errorf("%s: nothing is at %s", page, href)
				}
				continue
			}
			href, _, _ = strings.Cut(href, "#")
			if seen[href] {
				continue
			}
			seen[href] = true
			w, to := get(t, h, href)
			if w.Code != http.StatusOK {
				t.Errorf("%s: %s answers %d", page, href, w.Code)
			}
			if strings.Contains(attr(a, "class"), "open") && len(all(to, "#case")) == 0 {
				t.Errorf("%s: %s has nothing to open", page, href)
			}
		}
	}
	if len(seen) < 60 {
		t.Errorf("only %d addresses", len(seen))
	}
}

// One figure says who reported it, when, what it changed, and what it is made from.
func TestFigurePage(t *testing.T) {
	h := demoSite(t, web.Options{})
	_, doc := get(t, h, "/figure?indicator=key_projects&period=2020-06")
	expect(t, doc,
		"h1", "206.11亿元 开放发展行动150个重点项目完成投资·安徽省·2020年1—6月·累计",
		".facts dd:nth-of-type(2)", "206.11亿元",
		"section:nth-of-type(3) tbody tr:nth-child(2) td:nth-child(4)", "+1.32",
		"section:nth-of-type(4) tbody tr:first-child", "合肥市57.56+28.0初步",
	)
	_, doc = get(t, h, "/figure?indicator=key_projects&unit=341100&period=2020-01..06")
	expect(t, doc, "section:nth-of-type(2) tbody tr:first-child td:nth-child(2)", "初步")
	for path, want := range map[string]int{"indicator=key_projects&period=nonsense": 400, "indicator=nothing": 404, "indicator=key_projects&period=2012-06": 400} {
		if w, _ := get(t, h, "/figure?"+path); w.Code != want {
			t.Errorf("%q: %d, want %d", path, w.Code, want)
		}
	}
}

// The proof of any indicator's light can be opened, whether or not the overview
// shows it, and leads on to its figure.
func TestProofAnywhere(t *testing.T) {
	h := demoSite(t, web.Options{})
	_, doc := get(t, h, "/proof?of=340400&indicator=urban_jobs")
	expect(t, doc, "h1 small", "淮南市")
	if links := all(doc, "#case a[href*='/figure']"); len(links) == 0 {
		t.Error("the figure is not linked")
	}
	if w, _ := get(t, h, "/proof?of=340400&indicator=nothing"); w.Code != http.StatusNotFound {
		t.Errorf("an unknown indicator: %d", w.Code)
	}
}
