package web_test

import (
	"context"
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"luoshi.dev"
	"luoshi.dev/assess"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/demo/fill"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/web"
	"luoshi.dev/internal/web/browser"
)

// keepingSite is the demonstration with the outlooks that it keeps at its start.
func keepingSite(t *testing.T) (*service.Service, http.Handler) {
	t.Helper()
	svc := demotest.Copy(t, nil)
	if err := fill.Outlooks(t.Context(), svc, func(string, int64, int64) {}); err != nil {
		t.Fatal(err)
	}
	return svc, site(t, svc.Guard(), web.Options{AsOf: opens})
}

// historian answers for the real board with another trail.
type historian struct {
	web.Board
	change func(v *service.OutlookTrail)
}

func (f historian) OutlookTrail(ctx context.Context, query service.OutlookQuery) (*service.OutlookTrail, error) {
	v, err := f.Board.OutlookTrail(ctx, query)
	if err != nil {
		return nil, err
	}
	other := *v
	f.change(&other)
	return &other, nil
}

// ended is a trail whose year is over: six outlooks, the target revised after two, the
// second calculated afterwards, the last of them made of the whole year.
func ended(v *service.OutlookTrail) {
	v.Came, v.Judged, v.In80, v.In95, v.Afterwards = q("331.20"), 5, 3, 4, 1
	v.AsOf = luoshi.Date(20210301).End()
	yes, no := true, false
	row := func(day luoshi.Date, month int, total, low80, high80, low95, high95, asked, by string, chance int64, in80, in95 bool, met *bool) service.OutlookSaid {
		return service.OutlookSaid{
			OutlookShown: service.OutlookShown{At: day.Start().Add(9 * 3600e9), Revision: 1, OutlookNumbers: service.OutlookNumbers{Through: luoshi.ToDate(2020, month), Total: q(total), Low80: q(low80), High80: q(high80), Low95: q(low95), High95: q(high95),
				Asked: q(asked), Better: luoshi.More, Chance: luoshi.Over(chance, 1000), Standing: service.OutlookOpen}},
			Judged: true, By: q(by), In80: in80, In95: in95, Met: met,
		}
	}
	v.Rows = []service.OutlookSaid{
		row(20200305, 1, "290.40", "262.00", "318.00", "240.00", "325.00", "300.00", "-40.80", 360, false, false, &yes),
		row(20200417, 3, "301.70", "279.10", "326.00", "268.00", "340.50", "300.00", "-29.50", 540, false, true, &yes),
		row(20200716, 6, "334.16", "309.53", "368.25", "295.40", "396.84", "340.00", "2.96", 420, true, true, &no),
		row(20200820, 7, "329.00", "314.00", "347.00", "303.00", "359.00", "340.00", "-2.20", 190, true, true, &no),
		row(20201118, 10, "330.20", "324.00", "337.00", "320.00", "342.00", "340.00", "-1.00", 40, true, true, &no),
		{OutlookShown: service.OutlookShown{At: luoshi.Date(20210120).Start().Add(9 * 3600e9), Revision: 2, OutlookNumbers: service.OutlookNumbers{Through: luoshi.ToDate(2020, 12), Total: q("331.20"), Low80: q("331.20"), High80: q("331.20"), Low95: q("331.20"), High95: q("331.20"),
			Asked: q("340.00"), Better: luoshi.More, Chance: luoshi.Over(0, 1000), Standing: service.OutlookClosed}}, Met: &no},
	}
	v.Rows[1].After, v.Rows[2].Revised = true, true
	v.Says = luoshi.Say("outlook.trail.says.came", "came", v.Came, "measure", assess.AfterNumber(v.Indicator.Measure), "n", 5, "in80", 3, "in95", 4, "first", q("-40.80"), "last", q("-1.00"))
}

// The page has every outlook that was kept; each row opens the outlook as of then, which
// says the same: the chance in the row is its headline.
func TestOutlookSaidPage(t *testing.T) {
	_, h := keepingSite(t)
	for _, unit := range []string{"340000", "341000"} {
		w, doc := get(t, h, "/outlook/said?code=key_projects&unit="+unit)
		if w.Code != http.StatusOK {
			t.Fatalf("%d\n%s", w.Code, w.Body)
		}
		links, chances := all(doc, ".saids tbody th a"), all(doc, ".saids tbody td.ch")
		if len(links) != 5 || len(chances) != 5 || len(all(doc, "svg.for-wide .pt-after")) != 5 {
			t.Fatalf("%s: %d links, %d chances, %d points", unit, len(links), len(chances), len(all(doc, "svg.for-wide .pt-after")))
		}
		if len(all(doc, ".saids th sup")) != 5 || !strings.Contains(words(all(doc, ".lead")[0]), "其中5次是事后按当时数据补算的") {
			t.Errorf("%s: what was calculated afterwards passes for shown: %s", unit, words(all(doc, ".lead")[0]))
		}
		compared := 0
		for i, a := range links {
			w, then := get(t, h, attr(a, "href"))
			if w.Code != http.StatusOK {
				t.Fatalf("%s: %d", attr(a, "href"), w.Code)
			}
			if !strings.Contains(words(all(then, ".caution")[0]), "事后按当时数据补算并留存的") {
				t.Errorf("%s: %s", attr(a, "href"), words(all(then, ".caution")[0]))
			}
			want := words(chances[i])
			if want == "—" { // no target yet
				continue
			}
			compared++
			if got := words(all(then, ".facts-line b")[0]); got != want {
				t.Errorf("%s: the outlook says %s, the row %s", attr(a, "href"), got, want)
			}
			cell := chanceInMatrix(t, h, words(a), unit)
			if cell != want {
				t.Errorf("%s of %s: the matrix says %s, the row %s", unit, words(a), cell, want)
			}
		}
		if compared < 3 {
			t.Errorf("%s: only %d chances", unit, compared)
		}
	}
	if _, doc := get(t, h, "/outlook/reliability"); len(all(doc, `#each a[href*="code=key_projects"]`)) != 1 || len(all(doc, "#each a")) < 10 {
		t.Errorf("the reliability page leads to %d outlooks", len(all(doc, "#each a")))
	}
	w, doc := get(t, h, "/outlook?code=key_projects")
	if w.Code != http.StatusOK || len(all(doc, `.ways a[href^="/outlook/said?"]`)) != 1 {
		t.Errorf("%d: the outlook does not lead to what it has said", w.Code)
	}
}

// chanceInMatrix is what the matrix, as a file, says of key_projects at a unit.
func chanceInMatrix(t *testing.T, h http.Handler, asof, unit string) string {
	t.Helper()
	w, _ := get(t, h, "/indicators.csv?view=chance&all=1&lang=zh-Hans&asof="+asof)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(w.Body.String(), "\ufeff"))).ReadAll()
	if w.Code != http.StatusOK || err != nil {
		t.Fatalf("%d %v", w.Code, err)
	}
	column := slices.Index(rows[0], "开放发展行动150个重点项目完成投资·可能性说明")
	for _, r := range rows[1:] {
		if column > 0 && r[1] == unit {
			return strings.NewReplacer("不到1%", "<1%", "99%以上", ">99%").Replace(r[column])
		}
	}
	t.Fatalf("no row of %s, column %d", unit, column)
	return ""
}

// What came, how far off each was and which intervals held it.
func TestOutlookSaidOnceTheYearIsOver(t *testing.T) {
	h := site(t, historian{demotest.Open(t).Guard(), ended}, web.Options{AsOf: opens})
	w, doc := get(t, h, "/outlook/said?code=key_projects&lang=zh-Hans")
	if w.Code != http.StatusOK {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	expect(t, doc,
		"h1", "结果是331.20亿元。事先留存了5次预判，3次落在80%区间里，4次落在95%区间里；最初差−40.80，最后差−1.00。",
		".saids tbody tr:nth-child(1) td:nth-child(8)", "−40.80",
		".saids tbody tr:nth-child(1) td:nth-child(9)", "两个区间外",
		".saids tbody tr:nth-child(1) td:nth-child(10)", "完成",
		".saids tbody tr:nth-child(2) td:nth-child(9)", "95%区间里",
		".saids tbody tr:nth-child(3) td:nth-child(10)", "没完成",
		".saids tbody tr:nth-child(6) td:nth-child(9)", "已知全年",
	)
	if n := len(all(doc, "svg.for-wide .pt-after")); n != 1 {
		t.Errorf("%d hollow points, one was calculated afterwards", n)
	}
	for i, want := range []string{"2020-03-05T09:00:00+08:00", "2020-04-17T09:00:00+08:00", "2020-07-16T09:00:00+08:00"} {
		if href := attr(all(doc, ".saids tbody th a")[i], "href"); !strings.Contains(href, "asof="+strings.NewReplacer(":", "%3A", "+", "%2B").Replace(want)) {
			t.Errorf("row %d leads to %s", i, href)
		}
	}
	if href := attr(all(doc, ".saids tbody th a")[5], "href"); !strings.Contains(href, "year=2020") {
		t.Errorf("what was said the year after leads to %s", href)
	}
}

// Where nothing is kept the page says when something will be.
func TestOutlookSaidNothing(t *testing.T) {
	h := demoSite(t, web.Options{})
	_, doc := get(t, h, "/outlook/said?code=key_projects&lang=zh-Hans")
	expect(t, doc, "h1", "开放发展行动150个重点项目完成投资还没有留存过预判。", ".lead", "到这一天还没有留存；以后留存的，在以后的日子看。")
	_, doc = get(t, h, "/outlook/said?code=key_projects&lang=zh-Hans&asof=now")
	expect(t, doc, ".lead", "预判在后台计算，每来一次新数、改一次目标就留存一次；算好后这里就有。")
	_, doc = get(t, h, "/outlook?code=key_projects&lang=zh-Hans")
	expect(t, doc, ".caution", "当时没有留存预判。这里是现在用今天的方法、按当时已知的数算的，当时没有给谁看过。")
	if w, _ := get(t, h, "/outlook/said?code=nothing"); w.Code != http.StatusNotFound {
		t.Errorf("an indicator that is none: %d", w.Code)
	}
	if w, _ := get(t, site(t, demotest.Empty(t).Guard(), web.Options{}), "/outlook/said"); w.Code != http.StatusOK {
		t.Errorf("with nothing in the database: %d", w.Code)
	}
}

// What was kept stands in the headline; what is worked out now, where that is another,
// below it and marked.
func TestOutlookOfThen(t *testing.T) {
	doc := shown(t, "zh-Hans", apart)
	expect(t, doc,
		"h1", "预计全年310.00亿元（八成把握在290.00—330.00之间），达到322.75亿元的可能性25%。",
		".caution", "这是当时留存的说法：2020-07-16 09:00留存，所用的数到2020年5月。",
		".caution + .caution", "到这一天，数已经到2020年6月，但没有再留存预判。",
	)
	cautions := all(doc, ".caution")
	if !strings.Contains(words(cautions[2]), "现在用今天的方法、按当时已知的数算的，当时没有给谁看过：预计334.16亿元") {
		t.Errorf("%s", words(cautions[2]))
	}
	for _, id := range []string{"#fan", "#steps", "#past", "#methods"} {
		if mark := all(doc, id+" h2 small"); len(mark) != 1 || words(mark[0]) != "现在算的" {
			t.Errorf("%s is not marked", id)
		}
	}
	if mark := all(doc, "#read h2 small"); len(mark) != 0 {
		t.Error("how to read what was kept is marked as worked out now")
	}
	expect(t, doc, ".facts-line b", "25%")
}

// apart gives an outlook another that was kept.
func apart(v *service.OutlookView) {
	worked := service.OutlookNumbers{Says: v.Says, Asked: v.Asked, Better: v.Better, Known: v.Known, Through: v.Through, Total: v.Total, Low80: v.Low80, High80: v.High80, Low95: v.Low95, High95: v.High95, Standing: v.Standing, Chance: v.Chance}
	v.Worked, v.Origin, v.Said = &worked, service.OutlookKept, 3
	v.Kept = &service.OutlookShown{At: luoshi.Date(20200716).Start().Add(9 * 3600e9), OutlookNumbers: service.OutlookNumbers{Through: luoshi.ToDate(2020, 5)}}
	v.Known, v.Through, v.Total, v.Low80, v.High80, v.Low95, v.High95, v.Chance = q("137.33"), luoshi.ToDate(2020, 5), q("310.00"), q("290.00"), q("330.00"), q("280.00"), q("345.00"), luoshi.Over(250, 1000)
	args := map[string]any{}
	for k, a := range v.Says.Args {
		args[k] = a
	}
	args["total"], args["low"], args["high"], args["chance"] = v.Total, v.Low80, v.High80, service.ChanceSays(v.Chance)
	v.Says = luoshi.Message{Key: v.Says.Key, Args: args}
}

func TestBrowserOutlookSaid(t *testing.T) {
	b := browser.Open(t)
	_, h := keepingSite(t)
	board := demotest.Open(t).Guard()
	views := []browser.View{{Width: 1440, Lang: "zh-Hans"}, {Width: 390, Lang: "zh-Hans"}, {Width: 1440, Lang: "en"}, {Width: 390, Lang: "en"}, {Width: 1440, Lang: "zh-Hans", Dark: true}, {Width: 820, Lang: "zh-Hant"}}
	for _, one := range []struct {
		name, path string
		h          http.Handler
		views      []browser.View
	}{
		{"said", "/outlook/said?code=key_projects", h, views},
		{"said-ended", "/outlook/said?code=key_projects", site(t, historian{board, ended}, web.Options{AsOf: opens}), views},
		{"said-empty", "/outlook/said?code=key_projects", site(t, board, web.Options{AsOf: opens}), views[1:3]},
		{"reliability-each", "/outlook/reliability", h, views[:2]},
		{"said-rate", "/outlook/said?code=unemployment_rate", h, views[:1]},
		{"outlook-kept", "/outlook?code=key_projects", h, views[:4]},
		{"outlook-apart", "/outlook?code=key_projects", site(t, foreseer{board, apart}, web.Options{AsOf: opens}), views[:4]},
	} {
		server := httptest.NewServer(one.h)
		for _, v := range one.views {
			t.Run(one.name+"/"+v.String(), func(t *testing.T) {
				p := b.Page(t, server.URL+one.path, v)
				check(t, p)
				shot(t, p, one.name+"-"+v.String())
			})
		}
		server.Close()
	}
	server := httptest.NewServer(site(t, historian{board, ended}, web.Options{AsOf: opens}))
	defer server.Close()
	p := b.Page(t, server.URL+"/outlook/said?code=key_projects", browser.View{Width: 1440, Lang: "zh-Hans"})
	p.Print(t)
	if !browser.Eval[bool](t, p, `document.querySelector(".chart svg.for-wide .ar-95").checkVisibility()`) {
		t.Error("the sheet has not the drawing")
	}
	p = b.Page(t, server.URL+"/outlook/said?code=key_projects", browser.View{Width: 1440, Lang: "zh-Hans"})
	p.Do(t, chromedp.Focus(chromedp.CSS(".saids tbody tr:nth-child(3) th a")), chromedp.Click(chromedp.CSS(".saids tbody tr:nth-child(3) th a")), chromedp.WaitReady(chromedp.CSS(".outl #read")))
	if got := p.Address(t); !strings.Contains(got, "/outlook?") || !strings.Contains(got, "2020-07-16") {
		t.Errorf("the row leads to %s", got)
	}
}
