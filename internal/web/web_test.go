package web_test

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"luoshi.dev"
	"luoshi.dev/internal/gate"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/web"
)

// site is the pages over a board, behind the gate as they are served.
func site(t testing.TB, board web.Board, opt web.Options) http.Handler {
	t.Helper()
	catalogue, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	opt.Trust = opt.Accounts == nil
	s, err := web.New(board, catalogue, opt)
	if err != nil {
		t.Fatal(err)
	}
	return gate.Wrap(s, gate.Options{Log: quiet, Fail: s.Fail, Accounts: opt.Accounts})
}

// get asks for an address and returns the answer and its document.
func get(t *testing.T, h http.Handler, target string, head ...string) (*httptest.ResponseRecorder, *html.Node) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	doc, err := html.Parse(strings.NewReader(w.Body.String()))
	if err != nil {
		t.Fatal(err)
	}
	return w, doc
}

func all(doc *html.Node, selector string) []*html.Node {
	return cascadia.QueryAll(doc, cascadia.MustCompile(selector))
}

// text is what a reader sees of the first match, spaces run together.
func text(doc *html.Node, selector string) string {
	n := cascadia.Query(doc, cascadia.MustCompile(selector))
	if n == nil {
		return "(no " + selector + ")"
	}
	return words(n)
}

func words(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// expect compares what stands at each selector.
func expect(t *testing.T, doc *html.Node, pairs ...string) {
	t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		if got := text(doc, pairs[i]); got != pairs[i+1] {
			t.Errorf("%s = %q, want %q", pairs[i], got, pairs[i+1])
		}
	}
}

func TestOverview(t *testing.T) {
	w, doc := get(t, site(t, fixed{overview: anhui()}, web.Options{}), "/")
	if w.Code != http.StatusOK {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	expect(t, doc,
		"title", "总览 · 安徽省 · 落实",
		"h1", "上半年由负转正；“双胜利”眼下判黄，要追就业、产业链，粮食能源一处为红。",
		".lead", "所属单位偏离28处，先列8处",
		".sample b", "示例数据",
		".asof .knob", "截至 2020-07-31 09:00",
		"#goals h2", "目标能不能完成",
		"#goals tr.k-r:nth-child(13) .lt", "滞后",
		"#goals tr:nth-child(9) td.num a", "63.86",
		"#goals tr:nth-child(9) td.dv", "+13.86",
		"#goals tr:nth-child(3) td.rl", "不按序时判",
		"#goals tr:nth-child(3) .note", "一个月前为滞后",
		"#goals tr:nth-child(10) td.rl .st", "未到期",
		"#off tbody tr:first-child .dv a", "−38.40",
		"#off tbody tr:first-child .since", "连续2月",
		"#off tbody tr:nth-child(4) .since", "首次",
		"#off tbody tr:nth-child(7) .dv", "不按序时判",
		"#reports .sum", "6月应报112份，已报109份，还差3份。缺的不当作0，也不当作差，只是不判灯。",
		"#reports .owed tbody tr:first-child", "民生支出6月缺报黄山",
		"#s2", "22020年一季度、上半年全省地区生产总值增速（初步数），据 yybnet.net 所载",
	)
	ruler := all(doc, "#goals tr:nth-child(9) svg.ruler")[0]
	if got := attr(ruler, "aria-label"); got != "完成63.86%，序时50.00%" {
		t.Errorf("the ruler says %q", got)
	}
	if got := attr(all(doc, "#goals tr:nth-child(9) .done")[0], "width"); got != "63.86%" {
		t.Errorf("the ruler is %s long", got)
	}
	if got := len(all(doc, ".map")); got != 2 {
		t.Errorf("%d maps", got)
	}
	if got := len(all(doc, "figure:first-child .map a")); got != 16 {
		t.Errorf("%d cities on the map", got)
	}
	if got := attr(all(doc, ".map a")[3], "aria-label"); got != "淮南 −4.83，预警" {
		t.Errorf("a city says %q", got)
	}
	known := map[string]bool{}
	for _, route := range routes(t) {
		known[strings.TrimSuffix(route.Path, "{$}")] = true
	}
	for _, a := range all(doc, `nav.tabs a`) {
		if !known[attr(a, "href")] {
			t.Errorf("the section %s leads to %s, which is nowhere", words(a), attr(a, "href"))
		}
	}
	if n := len(all(doc, "[style], style, script:not([src]), [onclick]")); n != 0 {
		t.Errorf("%d things inline", n)
	}
}

// Every light of the page is a shape with a word beside it.
func TestLightsHaveWords(t *testing.T) {
	_, doc := get(t, site(t, fixed{overview: anhui()}, web.Options{}), "/")
	lights := all(doc, ".lt")
	if len(lights) < 30 {
		t.Fatalf("only %d lights", len(lights))
	}
	for _, n := range lights {
		if len(all(n, "svg.gl")) != 1 || words(n) == "" {
			t.Errorf("a light without shape or word: %s", attr(n, "class"))
		}
	}
}

// English and Traditional Chinese are whole: no key and no simplified word is left.
func TestLanguages(t *testing.T) {
	h := site(t, fixed{overview: anhui()}, web.Options{})
	_, en := get(t, h, "/", "Accept-Language", "en-GB,en;q=0.8")
	expect(t, en, "#goals h2", "Will the goals be met?", "#off .since", "2 months running", ".asof .knob", "As of 2020-07-31 09:00", "#goals tr:nth-child(3) .note", "A month ago: Behind")
	if got := attr(all(en, "html")[0], "lang"); got != "en" {
		t.Errorf("lang=%s", got)
	}
	for _, n := range all(en, ".langs, .tongue, footer.src, .colophon") { // names of languages, a source, the product
		n.Parent.RemoveChild(n)
	}
	if han := regexp.MustCompile(`\p{Han}+`).FindAllString(text(en, "body"), -1); len(han) > 0 {
		t.Errorf("Chinese on the English page: %v", han)
	}
	w, hant := get(t, h, "/?lang=zh-Hant")
	expect(t, hant, "h1", "上半年由負轉正；「雙勝利」眼下判黃，要追就業、產業鏈，糧食能源一處為紅。", "#goals .lt.r", "滯後")
	if c := w.Result().Cookies(); len(c) != 1 || c[0].Name != "lang" || c[0].Value != "zh-Hant" || !c[0].HttpOnly {
		t.Errorf("cookies %v", c)
	}
	if key := regexp.MustCompile(`[^/](page|light|presence|punct|gate)\.[a-z]`).FindString(w.Body.String()); key != "" {
		t.Errorf("a key without words: %s", key)
	}
}

// Where a page stands goes with every link on it.
func TestLinksKeep(t *testing.T) {
	var asked service.Look
	h := site(t, fixed{overview: anhui(), asked: &asked}, web.Options{Now: func() time.Time { return luoshi.Date(20240501).Start() }})
	_, doc := get(t, h, "/?asof=2020-06-20&unit=340000&boundaries=now&year=2020&lang=en&theme=dark&junk=1")
	if !asked.AsOf.Equal(luoshi.Date(20200620).End()) || asked.Unit != "340000" || asked.Year != 2020 || asked.Boundaries != 20240501 {
		t.Errorf("asked for %+v", asked)
	}
	links := all(doc, "a[href]")
	if len(links) < 80 {
		t.Fatalf("only %d links", len(links))
	}
	for _, a := range links {
		href := attr(a, "href")
		if strings.HasPrefix(href, "#") {
			continue
		}
		u, err := url.Parse(href)
		if err != nil || u.Host != "" || u.Scheme != "" {
			t.Errorf("link %q leads elsewhere", href)
			continue
		}
		lost := 0
		for _, name := range []string{"asof", "unit", "boundaries", "year", "lang", "theme"} {
			if !u.Query().Has(name) {
				lost++
			}
		}
		if lost > 1 || u.Query().Has("junk") {
			t.Errorf("link %q loses where the page stands", href)
		}
	}
	if got := attr(all(doc, "html")[0], "data-theme"); got != "dark" {
		t.Errorf("theme %q", got)
	}
	hidden := map[string]string{}
	for _, n := range all(doc, ".when input[type=hidden]") {
		hidden[attr(n, "name")] = attr(n, "value")
	}
	if len(hidden) != 5 || hidden["unit"] != "340000" || hidden["asof"] != "" {
		t.Errorf("the form keeps %v", hidden)
	}
}

// A past instant is said; the neighbours among the recorded days are links.
func TestPast(t *testing.T) {
	h := site(t, fixed{overview: anhui()}, web.Options{AsOf: luoshi.Date(20200731).End()})
	_, now := get(t, h, "/")
	if len(all(now, ".asof.past")) != 0 {
		t.Error("the demonstration's own instant is its present")
	}
	_, doc := get(t, h, "/?asof=2020-06-20")
	expect(t, doc, ".asof.past .knob", "截至 2020-06-20", ".asof .says", "您看的是当时所知的数", ".asof .l", "回到现在")
	if back := attr(all(doc, ".asof .l")[0], "href"); back != "/" {
		t.Errorf("back leads to %s", back)
	}
	for key, want := range map[string]string{"[": "/?asof=2020-06-16", "]": "/?asof=2020-07-13"} {
		if got := attr(all(doc, `[data-key="`+key+`"]`)[0], "href"); got != want {
			t.Errorf("%s leads to %s, want %s", key, got, want)
		}
	}
}

func TestProof(t *testing.T) {
	h := site(t, fixed{overview: anhui()}, web.Options{})
	_, overview := get(t, h, "/?lang=zh-Hans")
	for _, a := range all(overview, "a.open") {
		if w, _ := get(t, h, attr(a, "href")); w.Code != http.StatusOK {
			t.Errorf("%s: %d", attr(a, "href"), w.Code)
		}
	}
	_, doc := get(t, h, "/proof?goal=invest")
	facts := map[string]string{}
	for i, name := range all(doc, "main .facts dt") {
		facts[words(name)] = words(all(doc, "main .facts dd")[i])
	}
	for name, want := range map[string]string{
		"占年计划": "63.86%", "序时进度": "50.00%", "序时差": "+13.86个百分点", "报告期": "2020年1—6月", "目标版本": "第1版，自2020年1月12日起", "数据成熟度": "初步",
		"来源": "《奋战下半年》", "区划": "2020年7月31日", "完整程度": "应有16个，已有14个，按上年占93.0%", "数据版本": "#881、#912",
	} {
		if facts[name] != want {
			t.Errorf("%s: %q, want %q", name, facts[name], want)
		}
	}
	_, parts := get(t, h, "/proof?goal=double")
	if got := len(all(parts, ".parts tbody tr")); got != 2 {
		t.Errorf("both victories are made of %d parts", got)
	}
	if w, _ := get(t, h, "/proof?goal=nothing"); w.Code != http.StatusNotFound {
		t.Errorf("an unknown light: %d", w.Code)
	}
}

func TestStates(t *testing.T) {
	_, doc := get(t, site(t, fixed{overview: &service.Overview{}}, web.Options{}), "/")
	expect(t, doc, "h1", "还没有数据。", "tbody tr:nth-child(1) code", "luoshi demo", "tbody tr:nth-child(3) code", "luoshi import")
	if len(all(doc, ".asof")) != 0 {
		t.Error("an empty database has no instants to choose from")
	}

	o := anhui()
	o.HasFigure = false
	_, doc = get(t, site(t, fixed{overview: o}, web.Options{}), "/")
	if got := text(doc, "#goals .bar"); !strings.Contains(got, "还没有数据") {
		t.Errorf("targets without figures: %q", got)
	}

	o = anhui()
	o.HasGoals, o.Goals = false, []service.GoalRow{{Code: "gdp", Indicator: "gdp", Name: names("地区生产总值", "", ""), Judgement: judged(luoshi.Green, 5100, 5000, luoshi.Message{})}}
	_, doc = get(t, site(t, fixed{overview: o}, web.Options{}), "/")
	expect(t, doc, "#goals h2", "指标能不能完成", "#goals tbody th", "地区生产总值")

	o = anhui()
	o.Goals, o.HasGoals, o.Path = nil, false, []service.UnitRef{province}
	_, doc = get(t, site(t, fixed{overview: o}, web.Options{}), "/?asof=2020-06-20")
	expect(t, doc, ".state h3", "安徽省2020年没有目标", ".state .btn", "看安徽省")

	o = anhui()
	o.Unit.Code = "999999" // no outline of its parts
	_, doc = get(t, site(t, fixed{overview: o}, web.Options{}), "/")
	if len(all(doc, ".map")) != 0 || len(all(doc, "figure:first-child .ranked tbody tr")) != 16 || text(doc, ".ranked tbody tr:first-child th") != "滁州市" {
		t.Error("without an outline the parts are a ranked list")
	}
}

func TestErrors(t *testing.T) {
	h := site(t, fixed{overview: anhui()}, web.Options{})
	w, doc := get(t, h, "/?asof=yesterday&unit=340100")
	if w.Code != http.StatusBadRequest || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	expect(t, doc, "h1", "这个请求看不懂", ".lead", "“yesterday”不是截至时刻。请写成2020-07-31或2020-07-31 09:00")
	if got := attr(all(doc, "main .btn:not(.pri)")[0], "href"); got != "/?unit=340100" {
		t.Errorf("the way back is %s", got)
	}
	if got := attr(all(doc, "input[name=asof]")[0], "value"); got != "yesterday" {
		t.Errorf("the form forgot %q", got)
	}
	w, doc = get(t, h, "/nowhere", "Accept-Language", "en")
	if w.Code != http.StatusNotFound || text(doc, "h1") != "Not found" || !strings.Contains(text(doc, "main"), w.Header().Get("X-Request-Id")) {
		t.Errorf("%d %s", w.Code, text(doc, "main"))
	}
	for query, want := range map[string]string{"year=12": "“12”不是年份", "boundaries=x": "“x”不是日期"} {
		if w, doc := get(t, h, "/?"+query); w.Code != http.StatusBadRequest || !strings.HasPrefix(text(doc, ".lead"), want) {
			t.Errorf("%s: %d %s", query, w.Code, text(doc, ".lead"))
		}
	}
	_, doc = get(t, site(t, fixed{err: errors.New("disk on fire")}, web.Options{}), "/")
	if got := text(doc, "body"); strings.Contains(got, "fire") || text(doc, "h1") != "这一页没有算出来" {
		t.Errorf("an inner error shows %q", got)
	}
	r := httptest.NewRecorder()
	h.ServeHTTP(r, httptest.NewRequest(http.MethodPost, "/", nil))
	if r.Code != http.StatusMethodNotAllowed || r.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d, allow %q", r.Code, r.Header().Get("Allow"))
	}
	for _, bad := range []string{"/?asof=" + strings.Repeat("9", 5000), "/?unit=%00%ff", "/?lang=%3Cscript%3E&asof=%3Cscript%3E", "/static/../web.go", "/static/look.css"} {
		if w, _ := get(t, h, bad); w.Code >= 500 || strings.Contains(w.Body.String(), "<script>") {
			t.Errorf("%.60s: %d", bad, w.Code)
		}
	}
}

// A static file keeps its address as long as its content, and may be kept for ever.
func TestStatic(t *testing.T) {
	h := site(t, fixed{overview: anhui()}, web.Options{})
	_, doc := get(t, h, "/")
	found := 0
	for _, n := range all(doc, "link[href], script[src]") {
		file := attr(n, "href") + attr(n, "src")
		if !regexp.MustCompile(`^/static/[a-z]+\.[0-9a-f]{10}\.(css|js|svg)$`).MatchString(file) {
			t.Errorf("file %q has no hash", file)
		}
		w, _ := get(t, h, file)
		if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" {
			t.Errorf("%s: %d %v", file, w.Code, w.Header())
		}
		found++
	}
	if found < 4 {
		t.Errorf("%d files", found)
	}
	if w, _ := get(t, h, "/healthz"); w.Code != http.StatusOK || !strings.HasPrefix(w.Body.String(), "ok") {
		t.Errorf("health: %d %s", w.Code, w.Body)
	}
}

// Nothing that a page loads, and nothing that it links to, is at another address.
func TestNoForeignAddress(t *testing.T) {
	loads := regexp.MustCompile(`(?i)(?:src|href|action|srcset|poster|data|xlink:href)\s*=\s*["']?\s*(?:[a-z]+:)?//|url\(\s*["']?\s*(?:[a-z]+:)?//|@import|\bimport\b[^;]*["'](?:[a-z]+:)?//|(?:fetch|open)\([^)]*["'](?:https?:)?//`)
	h := site(t, fixed{overview: anhui()}, web.Options{})
	for _, page := range []string{"/", "/proof?goal=invest", "/nowhere", "/?asof=x"} {
		w, _ := get(t, h, page)
		if bad := loads.FindString(w.Body.String()); bad != "" {
			t.Errorf("%s: %s", page, bad)
		}
	}
	demo := demoSite(t, web.Options{})
	for _, route := range routes(t) {
		if route.Method == http.MethodGet && !strings.Contains(route.Path, "{name}") {
			w, _ := get(t, demo, strings.TrimSuffix(route.Path, "{$}"))
			if bad := loads.FindString(w.Body.String()); bad != "" {
				t.Errorf("%s: %s", route.Path, bad)
			}
		}
	}
	err := fs.WalkDir(os.DirFS("static"), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile("static/" + name)
		if bad := loads.Find(content); bad != nil {
			t.Errorf("%s: %s", name, bad)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A page is written once for each overview, language and theme, and anew when the
// overview is another.
func TestShelf(t *testing.T) {
	o := anhui()
	board := &changing{overview: o}
	h := site(t, board, web.Options{})
	first, _ := get(t, h, "/")
	again, _ := get(t, h, "/")
	if first.Body.String() != again.Body.String() || first.Header().Get("Etag") != again.Header().Get("Etag") {
		t.Error("the same overview gave two pages")
	}
	if _, doc := get(t, h, "/", "Accept-Language", "en"); attr(all(doc, "html")[0], "lang") != "en" {
		t.Error("another language gave the same page")
	}
	other := *o
	other.Headline = says("变了", "變了", "Changed")
	board.overview = &other
	if _, doc := get(t, h, "/"); text(doc, "h1") != "变了" {
		t.Errorf("another overview gave the old page: %s", text(doc, "h1"))
	}
}

type changing struct {
	anybody
	overview *service.Overview
}

func (c *changing) Overview(context.Context, service.Look) (*service.Overview, error) {
	return c.overview, nil
}

// What a page takes the program beside the board: written anew, and from the shelf.
func BenchmarkOverview(b *testing.B) {
	for _, fresh := range []bool{true, false} {
		b.Run(map[bool]string{true: "anew", false: "shelf"}[fresh], func(b *testing.B) {
			board := &changing{overview: anhui()}
			h := site(b, board, web.Options{})
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header.Set("Accept-Encoding", "gzip")
			for b.Loop() {
				if fresh {
					o := *board.overview
					board.overview = &o
				}
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
			}
		})
	}
}
