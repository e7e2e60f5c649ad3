package web_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/govalues/decimal"
	"golang.org/x/net/html"

	"luoshi.dev"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/web"
)

// The page of an outlook says it in one sentence, shows the rest of the year, and
// what it rests on.
func TestOutlookPage(t *testing.T) {
	h := demoSite(t, web.Options{})
	w, doc := get(t, h, "/outlook?code=key_projects")
	if w.Code != http.StatusOK {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	expect(t, doc,
		"title", "开放发展行动150个重点项目完成投资：全年预判 · 安徽省 · 落实",
		".kick a", "开放发展行动150个重点项目完成投资",
		".facts-line li:nth-child(2)", "全年目标 322.75 亿元",
		".facts-line li:last-child", "2020年1—6月 206.11 亿元",
		"#steps tbody tr:first-child th", "7月",
		"#steps tbody tr:last-child td.ask", "322.75",
		"#basis dd:nth-of-type(1)", "2015年1—2月到2020年6月，共60期",
		"#past tbody tr:nth-child(2) td:last-child", "268.40",
		"#past tbody tr:first-child td:nth-child(6) a", "68.78",
		"#test .sum", "往年6月末也这样推，4次里平均差全年的5.4%，2次落在80%区间里。",
		".tests thead th:nth-child(3)", "连下级单位17个单位68次",
		".casest tbody tr:first-child th", "2019",
		".casest tbody tr:last-child td:nth-child(3)", "193.80",
	)
	head := text(doc, "h1")
	total := text(doc, "#steps tbody tr:last-child td.sumd")
	if !strings.HasPrefix(head, "预计全年"+total+"亿元（八成把握在") || !strings.HasSuffix(head, "%。") {
		t.Errorf("the headline is %q, the last sum %q", head, total)
	}
	if n := len(all(doc, "#steps tbody tr")); n != 6 {
		t.Errorf("%d periods to come", n)
	}
	if n := len(all(doc, "#fan svg .ar-80")); n < 2 {
		t.Errorf("%d bands drawn", n)
	}
	if n := len(all(doc, "#methods tbody tr")); n != 19 {
		t.Errorf("%d methods", n)
	}
	if n := len(all(doc, "[style], style, script:not([src])")); n != 0 {
		t.Errorf("%d things inline", n)
	}
	for _, a := range all(doc, "#past tbody a, .kick a, .facts-line a") {
		href := attr(a, "href")
		if strings.HasPrefix(href, "#") {
			if len(all(doc, href)) != 1 {
				t.Errorf("%s leads nowhere", href)
			}
			continue
		}
		href, _, _ = strings.Cut(href, "#")
		if w, _ := get(t, h, href); w.Code != http.StatusOK {
			t.Errorf("%s: %d", href, w.Code)
		}
	}
}

// The indicator's page has the fan in its chart and in its table, and one sentence
// that leads to the outlook, as of the same instant; a path that is not the year to
// date has the sentence alone.
func TestIndicatorFan(t *testing.T) {
	h := demoSite(t, web.Options{})
	_, doc := get(t, h, "/indicator?code=key_projects&asof=2020-07-31")
	link := all(doc, ".foresaid a:not(.how)")
	if len(link) != 1 || !strings.HasPrefix(attr(link[0], "href"), "/outlook?asof=2020-07-31&code=key_projects") {
		t.Fatalf("no way to the outlook: %v", link)
	}
	w, there := get(t, h, attr(link[0], "href"))
	if says := text(doc, ".foresaid a:not(.how)"); w.Code != http.StatusOK || text(there, "h1") != says+"。" {
		t.Errorf("%q leads to %q", says, text(there, "h1"))
	}
	for i, cell := range []string{"td.sumd", "td.sumd + td", "td.sumd + td + td"} {
		here := text(doc, "#data tbody tr:last-child td.out"+strings.Repeat(" + td", i))
		if want := text(there, "#steps tbody tr:last-child "+cell); here == "" || here != want {
			t.Errorf("December is %q in the table and %q on the outlook's page", here, want)
		}
	}
	expect(t, doc, "#path h2", "走到哪里，会到哪里", "#data tbody tr:nth-child(5) td.out", "")
	var data struct {
		Says [][]string
		Fan  struct {
			From           int
			Expected       []*float64
			Low80, Low95   []*float64
			High80, High95 []*float64
			Levels         []float64
		}
	}
	if err := json.Unmarshal([]byte(attr(all(doc, "figure.chart")[0], "data-chart")), &data); err != nil {
		t.Fatal(err)
	}
	f := data.Fan
	if f.From != 6 || *f.Expected[6] != 206.11 || f.Expected[5] != nil || len(f.Levels) != 1 || f.Levels[0] != 322.75 {
		t.Errorf("the fan's data: %+v", f)
	}
	for m := 7; m <= 12; m++ {
		if !(*f.Low95[m] < *f.Low80[m] && *f.Low80[m] < *f.Expected[m] && *f.Expected[m] < *f.High80[m] && *f.High80[m] < *f.High95[m]) {
			t.Errorf("month %d: the bands do not lie in each other", m)
		}
	}
	if last := strings.Join(data.Says[12], "|"); !strings.Contains(last, "|预计 ") || !strings.Contains(last, "|80%区间 ") || !strings.Contains(last, "|95%区间 ") {
		t.Errorf("the readout says %s", last)
	}
	_, doc = get(t, h, "/indicator?code=key_projects&basis=single")
	if len(all(doc, ".foresaid a:not(.how)")) != 1 || len(all(doc, ".ar-80")) != 0 || len(all(doc, "#data td.out")) != 0 {
		t.Error("single months have the sentence alone")
	}
}

// Where there is no outlook the reason stands in a quiet line, and as the heading of
// the page that somebody asks for all the same.
func TestOutlookNone(t *testing.T) {
	h := demoSite(t, web.Options{})
	_, doc := get(t, h, "/indicator?code=business_climate")
	expect(t, doc, ".foresaid.note", "没有全年预判：企业景气指数还没有数，无从预计")
	if len(all(doc, ".foresaid a, .ar-80")) != 0 {
		t.Error("it shows an outlook")
	}
	w, doc := get(t, h, "/outlook?code=business_climate")
	if w.Code != http.StatusOK {
		t.Fatal(w.Code)
	}
	expect(t, doc, "h1", "企业景气指数还没有数，无从预计。", ".acts a.btn", "看走势和构成")
	for path, want := range map[string]int{"/outlook?code=": http.StatusBadRequest, "/outlook?code=nothing": http.StatusNotFound, "/outlook?code=key_projects&unit=999999": http.StatusNotFound} {
		if w, _ := get(t, h, path); w.Code != want {
			t.Errorf("%s answers %d, want %d", path, w.Code, want)
		}
	}
}

// q is a number as it is written.
func q(text string) luoshi.NullQuantity {
	if text == "" {
		return luoshi.NullQuantity{}
	}
	return luoshi.NullQuantity{Decimal: decimal.MustParse(text), Valid: true}
}

// foreseer is a board that shows one outlook over the demonstration.
type foreseer struct {
	web.Board
	change func(v *service.OutlookView)
}

func (f foreseer) Outlook(ctx context.Context, query service.OutlookQuery) (*service.OutlookView, error) {
	v, err := f.Board.Outlook(ctx, query)
	if err != nil {
		return nil, err
	}
	other := *v
	f.change(&other)
	return &other, nil
}

// shown is the page of an outlook that was changed.
func shown(t *testing.T, lang string, change func(v *service.OutlookView)) *html.Node {
	t.Helper()
	h := site(t, foreseer{demotest.Open(t).Guard(), change}, web.Options{AsOf: opens})
	w, doc := get(t, h, "/outlook?code=key_projects&lang="+lang)
	if w.Code != http.StatusOK {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	return doc
}

// tested gives an outlook a back-test.
func tested(v *service.OutlookView) {
	v.Notes = []luoshi.Message{luoshi.Say("outlook.note.joined"), luoshi.Say("outlook.note.sample", "n", 3), luoshi.Say("outlook.note.shift", "period", luoshi.MonthOf(2020, 3)), luoshi.Say("outlook.note.apart", "low", q("315.60"), "high", q("916.39"), "measure", "亿元")}
	v.Backtest = &service.OutlookBacktest{
		Through: luoshi.MonthOf(2020, 6),
		Own:     service.OutlookScore{Years: 3, Units: 1, Error: q("4.1"), RunRate: q("9.2"), Share: q("6.6"), Within: 2},
		Pooled:  service.OutlookScore{Years: 48, Units: 16, Error: q("5.2"), RunRate: q("10.1"), Share: q("7.7"), Within: 39},
		Cases: []service.OutlookCase{
			{Year: 2017, Total: q("201.10"), Low80: q("190.00"), High80: q("212.00"), Came: q("198.20")},
			{Year: 2018, Total: q("231.10"), Low80: q("220.00"), High80: q("242.00"), Came: q("245.20")},
			{Year: 2019, Total: q("281.10"), Low80: q("260.00"), High80: q("302.00"), Came: q("268.40")},
		},
	}
}

// The back-test stands beside the naive rules, year by year, and what was done to the
// series in sentences.
func TestOutlookTested(t *testing.T) {
	doc := shown(t, "zh-Hans", tested)
	expect(t, doc,
		".caution + .caution", "各种方法相差很大（315.60—916.39亿元），比95%的区间还宽：对这个预计要多留余地。",
		"#test .sum", "往年6月末也这样推，3次里平均差全年的4.1%，2次落在80%区间里。",
		".tests tbody tr.own td.num", "4.1",
		".tests tbody tr:nth-child(3) td:nth-child(3)", "10.1",
		".casest tbody tr:first-child th", "2019",
		".casest tbody tr:nth-child(2) .missed", "在外面",
		"#basis .notes li:nth-child(2)", "2020年3月起水平有一次持久的变化，此前的数按新水平使用",
	)
	if n := len(all(doc, "#basis .notes li")); n != 2 {
		t.Errorf("%d notes; what stands among the facts is said once", n)
	}
	doc = shown(t, "zh-Hans", func(v *service.OutlookView) {
		tested(v)
		v.Backtest.Own, v.Backtest.Cases = service.OutlookScore{}, nil
	})
	expect(t, doc, "#test .sum", "本单位历史太短；其他16个单位往年6月末也这样推，48次里平均差全年的5.2%，39次落在80%区间里。", ".tests tbody tr.own td.num", "5.2")
	if len(all(doc, ".casest")) != 0 {
		t.Error("cases of nothing")
	}
}

// levelTested gives the outlook of a level a back-test, in points of its measure or in
// percent of what came.
func levelTested(points bool) func(v *service.OutlookView) {
	return func(v *service.OutlookView) {
		v.Level = true
		v.Backtest = &service.OutlookBacktest{
			Through: luoshi.MonthOf(2020, 6), Points: points, Without: 5,
			Own:    service.OutlookScore{Years: 3, Units: 1, Error: q("0.12"), RunRate: q("0.15"), Share: q("0.21"), Within: 2},
			Pooled: service.OutlookScore{Years: 33, Units: 11, Error: q("0.14"), RunRate: q("0.17"), Share: q("0.20"), Within: 27},
			Cases: []service.OutlookCase{
				{Year: 2017, Total: q("2.90"), Low80: q("2.70"), High80: q("3.10"), Came: q("2.88")},
				{Year: 2018, Total: q("2.80"), Low80: q("2.60"), High80: q("3.00"), Came: q("2.83")},
				{Year: 2019, Total: q("2.70"), Low80: q("2.50"), High80: q("2.90"), Came: q("2.63")},
			},
		}
	}
}

// A level's back-test says in what its errors are, and who is left out of the units
// pooled.
func TestOutlookOfALevelTested(t *testing.T) {
	for _, c := range []struct {
		lang          string
		points        bool
		measure       string
		says, unit    string
		naive, beside string
	}{
		{"zh-Hans", true, "%", "往年6月末也这样推，3次里平均差0.12个百分点，2次落在80%区间里。", "平均差，百分点", "照上年同一段的变化", "11个单位33次"},
		{"zh-Hans", true, "点", "往年6月末也这样推，3次里平均差0.12点，2次落在80%区间里。", "平均差，点", "照上年同一段的变化", "11个单位33次"},
		{"zh-Hans", false, "亿元", "往年6月末也这样推，3次里平均差年末数的0.12%，2次落在80%区间里。", "平均差，占年末数%", "照上年同一段的变化", "11个单位33次"},
		{"en", true, "%", "Asked in the same way at the end of Jun in past years, it was off by 0.12 percentage points on average over 3 answers; 2 of them fell inside the 80% interval.", "mean error, percentage points", "Moved as the year before", "33 answers, 11 units"},
		{"en", false, "亿元", "Asked in the same way at the end of Jun in past years, it was off by 0.12% of where the year ended on average over 3 answers; 2 of them fell inside the 80% interval.", "mean error, % of the year's end", "Moved as the year before", "33 answers, 11 units"},
	} {
		doc := shown(t, c.lang, func(v *service.OutlookView) {
			levelTested(c.points)(v)
			v.Indicator.Measure = luoshi.Measure{Symbol: luoshi.Names{Hans: c.measure, Hant: c.measure, En: c.measure}}
		})
		expect(t, doc, "#test .sum", c.says, ".tests thead th:first-child small", c.unit, ".tests thead th:nth-child(3) small", c.beside,
			".tests tbody tr:nth-child(2) td:nth-child(3)", "0.20", ".tests tbody tr:nth-child(3) td:nth-child(2)", "0.15")
		if got := text(doc, ".tests tbody tr:nth-child(2) th"); !strings.HasPrefix(got, c.naive) {
			t.Errorf("%s: beside it stands %q", c.lang, got)
		}
		if got := text(doc, "#test .under"); !strings.Contains(got, "5") {
			t.Errorf("%s: who is left out: %q", c.lang, got)
		}
	}
	doc := shown(t, "zh-Hans", func(v *service.OutlookView) {
		levelTested(true)(v)
		v.Backtest.Own, v.Backtest.Cases = service.OutlookScore{}, nil
		v.Backtest.Through = luoshi.Period{}
	})
	expect(t, doc, "#test .sum", "本单位历史太短；其他11个单位往年年初也这样推，33次里平均差0.14亿元，27次落在80%区间里。", ".tests tbody tr.own td.num", "0.14")
}

// A chance is said in plain words, as often as it comes true; what is settled is no
// chance any more.
func TestOutlookChance(t *testing.T) {
	for _, c := range []struct {
		thousand        int64
		standing        service.OutlookStanding
		shows, in, says string
	}{
		{999, service.OutlookOpen, ">99%", "zh-Hans", "像今天这样的处境，一百次里至少九十九次能完成目标。"},
		{975, service.OutlookOpen, "98%", "zh-Hans", "像今天这样的处境，五十次里约四十九次能完成目标，一次完不成。"},
		{949, service.OutlookOpen, "95%", "zh-Hans", "像今天这样的处境，二十次里约十九次能完成目标，一次完不成。"},
		{871, service.OutlookOpen, "87%", "zh-Hans", "像今天这样的处境，十次里约九次能完成目标，一次完不成。"},
		{801, service.OutlookOpen, "80%", "en", "Out of ten situations like today's, about eight end with the target met and two without."},
		{520, service.OutlookOpen, "52%", "zh-Hans", "像今天这样的处境，完成和完不成各占一半。"},
		{76, service.OutlookOpen, "8%", "zh-Hans", "像今天这样的处境，十次里约一次能完成目标，九次完不成。"},
		{50, service.OutlookOpen, "5%", "zh-Hans", "像今天这样的处境，二十次里约一次能完成目标，十九次完不成。"},
		{20, service.OutlookOpen, "2%", "en", "Out of fifty situations like today's, about one ends with the target met and forty-nine without."},
		{1, service.OutlookOpen, "<1%", "zh-Hans", "像今天这样的处境，一百次里不到一次能完成目标。"},
		{1000, service.OutlookMet, "已经完成", "zh-Hans", "目标已经完成，后面几个月怎样都不会再丢掉，所以不说可能性。"},
		{0, service.OutlookLost, "out of reach", "en", "The rest of the year cannot meet the target any more, so there is no chance to speak of."},
		{0, service.OutlookClosed, "没有完成", "zh-Hans", "全年的数都已知道，完成没完成是事实，不是可能性。"},
	} {
		doc := shown(t, c.in, func(v *service.OutlookView) { v.Chance, v.Standing = luoshi.Over(c.thousand, 1000), c.standing })
		expect(t, doc, ".facts-line li:first-child b", c.shows, "#read dd", c.says)
	}
	doc := shown(t, "zh-Hans", func(v *service.OutlookView) { v.Chance = luoshi.Ratio{} })
	expect(t, doc, "#read dd", "这里的目标折不成一个全年的数，所以只说会到哪里，不说完成的可能性；缘由写在“依据什么”里。")
	doc = shown(t, "zh-Hans", func(v *service.OutlookView) {
		v.Chance, v.Asked, v.Promise = luoshi.Ratio{}, luoshi.NullQuantity{}, luoshi.Message{}
	})
	expect(t, doc, "#read dd", "今年没有定目标，只说会到哪里，不说完成的可能性。")
}

// A year that is over has nothing left to foresee; a figure that is missing, or was
// parted from a longer sum, is marked; a band has two levels.
func TestOutlookEdges(t *testing.T) {
	doc := shown(t, "zh-Hans", func(v *service.OutlookView) { v.Steps, v.Standing = nil, service.OutlookClosed })
	if len(all(doc, "#steps, #fan .ar-80, .ln-out")) != 0 {
		t.Error("something is foreseen of a year that is over")
	}
	expect(t, doc, "#fan header p", "全年的数都有了，没有什么要预判")
	doc = shown(t, "en", func(v *service.OutlookView) {
		v.Past = slices.Clone(v.Past)
		at := slices.IndexFunc(v.Past, func(one service.OutlookPast) bool { return one.Period.Year == 2019 })
		v.Past[at+2].Value, v.Past[at+3].Shared = luoshi.NullQuantity{}, true
		v.History.Missing, v.Estimated = 1, true
		v.Upper, v.Better = q("350.00"), luoshi.Band
	})
	expect(t, doc, "#past tbody tr:nth-child(2) td:nth-child(4) .st", "missing", "#past tbody tr:nth-child(2) td:nth-child(5) sup", "sh", ".facts-line li:nth-child(2) b", "322.75 – 350.00")
	if n := len(all(doc, "#fan svg.for-wide .level")); n != 2 {
		t.Errorf("%d levels of a band", n)
	}
}
