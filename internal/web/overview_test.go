package web_test

import (
	"net/http"
	"strings"
	"testing"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/web"
)

// Whatever the overview of the demonstration links to is there: at the province, a
// city and a county, now and in spring.
func TestOverviewLinks(t *testing.T) {
	h := demoSite(t, web.Options{})
	asked := map[string]bool{}
	for _, page := range []string{"/", "/?unit=341500", "/?unit=340102&lang=en", "/?asof=2020-04-20"} {
		_, doc := get(t, h, page)
		kinds := map[string]int{}
		for _, a := range all(doc, "main a[href]") {
			href, _, _ := strings.Cut(attr(a, "href"), "#")
			path, _, _ := strings.Cut(href, "?")
			kinds[path]++
			if href == "" || asked[href] || kinds[path] > 40 {
				continue
			}
			asked[href] = true
			if w, _ := get(t, h, href); w.Code != http.StatusOK {
				t.Errorf("%s links to %s: %d", page, href, w.Code)
			}
		}
		if kinds["/indicator"] < 8 || kinds["/proof"] < 8 {
			t.Errorf("%s: %v", page, kinds)
		}
	}
}

// What changed is told in words, in order, with who answers, and each light that
// was is a shape with a word; that nothing changed is told too.
func TestOverviewTurns(t *testing.T) {
	_, doc := get(t, site(t, fixed{overview: anhui()}, web.Options{}), "/")
	expect(t, doc,
		"#turns h2", "比上月变了什么",
		"#turns .sum", "和2020年6月30日比，目标1盏变差、1盏转好；所属单位1盏变差、9盏转好、1盏首次判、1盏现在不能判。",
		"#turns table:nth-of-type(1) tbody tr:first-child th", "保粮食能源安全",
		"#turns table:nth-of-type(1) tbody tr:first-child .by", "省人社厅",
		"#turns table:nth-of-type(1) tbody tr:first-child .turn", "预警→滞后，变差",
		"#turns .units tbody tr:first-child", "黄山重点项目投资正常→滞后，变差",
		"#turns > .note a", "所属单位还有8处",
	)
	o := anhui()
	o.Turns = service.Turns{Since: 20200630}
	_, doc = get(t, site(t, fixed{overview: o}, web.Options{}), "/?lang=en")
	expect(t, doc, "#turns .sum", "No light has turned since 30 June 2020.")
	if n := len(all(doc, "#turns table")); n != 0 {
		t.Errorf("nothing changed, and %d tables say what", n)
	}
	o.HasFigure, o.Off = false, nil
	_, doc = get(t, site(t, fixed{overview: o}, web.Options{}), "/")
	if len(all(doc, "#turns, .sec.first")) != 0 {
		t.Error("before any figure there is nothing that changed or is off")
	}
}

// What is off says how much of the plan above is short, and who answers; the order
// is the service's.
func TestOverviewOff(t *testing.T) {
	o := anhui()
	o.Off[0].Impact = luoshi.Over(116, 10000)
	o.Off[1].Owner = o.Off[1].Unit.Name
	_, doc := get(t, site(t, fixed{overview: o}, web.Options{}), "/")
	expect(t, doc,
		"#off thead th:nth-child(5)", "影响占本级计划%",
		"#off tbody tr:nth-child(1) .im", "1.16", "#off tbody tr:nth-child(2) .im", "—",
		"#off tbody tr:nth-child(1) .ow:not(.same)", "副市长 江照野", "#off tbody tr:nth-child(2) .ow.same", "淮南市", "#off header .l", "看全部单位×指标")
	for selector, want := range map[string]string{
		"#off header .l": "/indicators", "#off tbody tr:nth-child(1) .dv a": "/indicator?code=repair&unit=341500", "#goals tr:nth-child(9) td.num a": "/indicator?code=invest&unit=340000",
	} {
		if got := attr(all(doc, selector)[0], "href"); got != want {
			t.Errorf("%s leads to %s, want %s", selector, got, want)
		}
	}
}
