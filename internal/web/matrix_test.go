package web_test

import (
	"context"
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"luoshi.dev"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/web"
)

// line is a row of the matrix as it is seen.
func line(tr *html.Node) []string {
	var cells []string
	for c := range tr.ChildNodes() {
		if c.Type == html.ElementNode && !strings.Contains(attr(c, "class"), "wide") {
			cells = append(cells, words(c))
		}
	}
	return cells
}

func TestMatrix(t *testing.T) {
	h := demoSite(t, web.Options{})
	w, doc := get(t, h, "/indicators?open=341500")
	if w.Code != http.StatusOK {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	expect(t, doc,
		"title", "单位×指标 · 安徽省 · 落实",
		"h1", "市级4处滞后，六安占2处：开放发展行动150个重点项目完成投资、水毁农田设施修复率。",
		".tabs [aria-current]", "指标",
		".kick b", "安徽省",
		"#mx .h1 th:nth-of-type(2)", "稳就业",
		"#mx .h2 th.k small", "按滞后、预警数排",
		`#mx th[data-c=key_projects] small`, "占年%",
		`#mx th[data-c=trade] small`, "增速%",
		"#mx .should th", "应达到",
		"#mx .should td:nth-child(4)", "50.00",
		"#u340000 th", "安徽",
		"#u341500 .tw", "▾",
		"#u341500 .to", "六安",
		"#u341500 .tally", "722",
		"#u341500 td.r a", "39.20",
		"#u341502.child th", "金安区",
		"#u340400 .tw", "▸",
		"#mx tfoot td:nth-child(4)", "23/23",
		"#cell header p", "六安市·开放发展行动150个重点项目完成投资",
		".lights a:nth-child(3)", "滞后 7",
		".under", "23行13列。多为初步数，还会变。另有10项只有安徽自己有目标，一并列出",
	)
	for selector, want := range map[string]string{
		"#u341500 td.r a": "39.20 滞后", "#u341500 .tw": "收起六安", "#u341500 .tally": "正常7、预警2、滞后2",
	} {
		if got := attr(all(doc, selector)[0], "aria-label"); got != want {
			t.Errorf("%s is called %q, want %q", selector, got, want)
		}
	}
	if got := attr(all(doc, "#u341500 .tw")[0], "href"); got != "/indicators#u341500" {
		t.Errorf("folding leads to %s", got)
	}
	if got := attr(all(doc, "#u340400 .to")[0], "href"); got != "/indicators?unit=340400" {
		t.Errorf("淮南 leads to %s", got)
	}
	for _, a := range all(doc, "#mx tbody td.g, #mx tbody td.y, #mx tbody td.r") {
		link := a.FirstChild
		if name := attr(link, "aria-label"); !strings.HasSuffix(name, "正常") && !strings.HasSuffix(name, "预警") && !strings.HasSuffix(name, "滞后") {
			t.Errorf("a light without its word: %q", name)
		}
	}
	if n := len(all(doc, "[style], style, script:not([src]), [onclick]")); n != 0 {
		t.Errorf("%d things inline", n)
	}
}

// Every choice is an address, and a choice made is shown as such and can be undone.
func TestMatrixChoices(t *testing.T) {
	h := demoSite(t, web.Options{})
	for path, want := range map[string][]string{
		"/indicators?light=red,yellow&sort=urban_jobs": {
			".lights [aria-current]", "预警 28", "#mx tbody tr:nth-child(2) .to", "亳州", `th[aria-sort=descending] .sort`, "城镇新增就业", ".filters .end .l", "清除筛选",
		},
		"/indicators?sort=urban_jobs&dir=up":              {"#mx tbody tr:nth-child(2) .to", "淮南", `th[aria-sort=ascending] .sort`, "城镇新增就业"},
		"/indicators?sort=unit":                           {"#mx tbody tr:nth-child(2) .to", "合肥", `th.k[aria-sort=ascending] small`, "按名录排"},
		"/indicators?off=1":                               {"a.chk.on", "只看偏离的行与列", ".under", "14行9列。多为初步数，还会变。另有10项只有安徽自己有目标，一并列出"},
		"/indicators?set=liubao&below=county":             {".pick.on .now", "六保", ".under", "105行6列。多为初步数，还会变", ".seg [aria-current] + a", "序时差"},
		"/indicators?goal=six_guarantees":                 {".pick.on .now", "六保", "#mx .h1 th", "保居民就业"},
		"/indicators?department=ah-water":                 {".pick.on .now", "省水利厅", "#mx .h2 th[data-c] .sort", "水毁农田设施修复率"},
		"/indicators?group=投资":                            {".pick.on .now", "投资", "#mx .h1 th", "稳投资"},
		"/indicators?view=points":                         {"#u341500 td.r a", "−10.80", "#mx th[data-c] small", "百分点"},
		"/indicators?unit=341500":                         {"h1", "县级3处滞后，都是开放发展行动150个重点项目完成投资：金安区、舒城县、霍山县。", ".kick a:nth-child(2)", "安徽省"},
		"/indicators?unit=341502":                         {".under", "金安区没有下级单位，只有它自己这一行", "#cell header p", "金安区·开放发展行动150个重点项目完成投资"},
		"/indicators?find=lu'an":                          {"#mx tbody tr:nth-child(2) .to", "六安", ".under", "1行13列。多为初步数，还会变。另有10项只有安徽自己有目标，一并列出"},
		"/indicators?find=nowhere":                        {".state h2", "这样筛选，一行也没有", ".state .btn", "清除筛选"},
		"/indicators?year=2031":                           {".state h2", "安徽省的2031年还没有目标"},
		"/indicators?all=1":                               {".under .l", "不列只有安徽自己有目标的"},
		"/indicators/cell?of=341500&indicator=urban_jobs": {"#cell header p", "六安市·城镇新增就业", "#cell .lt", "预警"},
	} {
		w, doc := get(t, h, path)
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d", path, w.Code)
			continue
		}
		t.Run(path, func(t *testing.T) { expect(t, doc, want...) })
	}
	_, doc := get(t, h, "/indicators?light=red&set=liubao&asof=2020-07-31")
	if got := attr(all(doc, ".lights a")[1], "href"); got != "/indicators?asof=2020-07-31&light=red%2Cyellow&set=liubao" {
		t.Errorf("yellow too leads to %s", got)
	}
	if got := attr(all(doc, ".lights a")[2], "href"); got != "/indicators?asof=2020-07-31&set=liubao" {
		t.Errorf("red again leads to %s", got)
	}
	if got := attr(all(doc, "a.book")[1], "href"); got != "/indicators.csv?asof=2020-07-31&light=red&set=liubao" {
		t.Errorf("the download is %s", got)
	}
	hidden := map[string]string{}
	for _, input := range all(doc, "main form.find input[type=hidden]") {
		hidden[attr(input, "name")] = attr(input, "value")
	}
	if len(hidden) != 3 || hidden["light"] != "red" || hidden["set"] != "liubao" || hidden["asof"] != "2020-07-31" {
		t.Errorf("the search carries on %v", hidden)
	}
}

// What is not there is said, with the way out.
func TestMatrixErrors(t *testing.T) {
	h := demoSite(t, web.Options{})
	for path, want := range map[string]int{
		"/indicators?set=nowhere": 404, "/indicators?goal=nowhere": 404, "/indicators?group=nowhere": 404, "/indicators?department=nowhere": 404, "/indicators?unit=zzz": 404,
		"/indicators?light=blue": 422, "/indicators?below=village": 422, "/indicators.csv?set=nowhere": 404, "/indicators/cell?of=341500": 404, "/indicators/cell?of=x&indicator=gdp": 404,
	} {
		w, doc := get(t, h, path)
		if w.Code != want && (want != 422 || w.Code != 400) || !strings.Contains(text(doc, ".lead"), "。") {
			t.Errorf("%s: %d %s", path, w.Code, text(doc, ".lead"))
		}
	}
}

// A matrix that is too large is refused in words of its own, and the way on is the
// page with nothing chosen.
func TestMatrixTooLarge(t *testing.T) {
	refused := &luoshi.Error{Code: luoshi.TooLarge, Message: luoshi.Say("matrix.too_large", "rows", 3000, "columns", 100, "most", 60000)}
	w, doc := get(t, site(t, refusing{err: refused}, web.Options{}), "/indicators?below=county&asof=2020-07-31")
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("%d", w.Code)
	}
	expect(t, doc, ".lead", "3000行100列，一次排不下：最多60 000格。选一个目标、分类或指标集，或到下一级单位再看", ".acts a:first-child", "不带条件地打开这一页")
	if got := attr(all(doc, ".acts a")[0], "href"); got != "/indicators?asof=2020-07-31" {
		t.Errorf("the way on is %s", got)
	}
}

type refusing struct {
	anybody
	err error
}

func (r refusing) Matrix(context.Context, service.MatrixQuery) (*service.Matrix, error) {
	return nil, r.err
}

// The download has the rows and columns of the page, in its order.
func TestMatrixDownload(t *testing.T) {
	h := demoSite(t, web.Options{})
	for _, asks := range []string{"?sort=urban_jobs&open=341500", "?off=1&view=points", "?below=county&set=liubao&light=red", "?find=安&goal=six_stability"} {
		_, doc := get(t, h, "/indicators"+asks)
		w, _ := get(t, h, "/indicators.csv"+asks)
		if kind := w.Header().Get("Content-Type"); kind != "text/csv; charset=utf-8" || !strings.Contains(w.Header().Get("Content-Disposition"), `"luoshi-340000-2020-07-31.csv"`) {
			t.Fatalf("%s: %s %s", asks, kind, w.Header().Get("Content-Disposition"))
		}
		records, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(w.Body.String(), "\ufeff"))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		rows, heads := all(doc, "#mx tbody tr"), 1+len(all(doc, "#mx tr.should"))
		if len(rows) != len(records)-heads || len(rows) < 2 {
			t.Fatalf("%s: %d rows on the page, %d in the file", asks, len(rows), len(records)-heads)
		}
		plain := strings.NewReplacer("−", "-", "+", "", "\u202f", "")
		for i, tr := range rows {
			seen, record := line(tr), records[i+heads]
			if attr(tr, "data-u") != record[1] {
				t.Errorf("%s: row %d is %s on the page, %s in the file", asks, i, attr(tr, "data-u"), record[1])
			}
			for k, cell := range seen[1:] {
				number, light := record[6+2*k], record[7+2*k]
				if i == 0 && number != "" { // the whole's numbers have sources behind them
					if !strings.HasPrefix(plain.Replace(cell), number) {
						t.Errorf("%s: %s has %q on the page, %q in the file", asks, record[0], cell, number)
					}
					continue
				}
				if number != "" && plain.Replace(cell) != number || number == "" && cell != "—" && light == "" {
					t.Errorf("%s: %s has %q on the page, %q %q in the file", asks, record[0], cell, number, light)
				}
			}
		}
		book, _ := get(t, h, "/indicators.xlsx"+asks)
		if body := book.Body.String(); !strings.HasPrefix(body, "PK") || !strings.HasSuffix(book.Header().Get("Content-Disposition"), `.xlsx"`) {
			t.Errorf("%s: the workbook is %.20q", asks, body)
		}
	}
}

// Names that look like markup or formulas stay text.
func TestMatrixEscapes(t *testing.T) {
	w, doc := get(t, demoSite(t, web.Options{}), `/indicators?find=<script>alert(1)</script>&sort="><b>`)
	if w.Code != http.StatusOK || len(all(doc, "main script, main b b")) > 0 || strings.Contains(w.Body.String(), "<script>alert") {
		t.Errorf("%d: markup came through", w.Code)
	}
}

// wideSite is the pages over a province of 105 counties × 100 indicators.
func wideSite(t testing.TB) http.Handler {
	return site(t, demotest.Wide(t).Guard(), web.Options{AsOf: demotest.WideAsOf.End()})
}

const widePath = "/indicators?below=county&unit=900000"

// BenchmarkMatrixPage writes the page of 105 × 100 cells anew, and from memory.
func BenchmarkMatrixPage(b *testing.B) {
	for _, how := range []string{"anew", "shelf"} {
		b.Run(how, func(b *testing.B) {
			h := wideSite(b)
			size := 0
			for n := 0; b.Loop(); n++ {
				path := widePath
				if how == "anew" { // another order is another page
					path += "&sort=w" + strconv.Itoa(n%demotest.WideIndicators+1) + "&dir=" + []string{"down", "up"}[n/demotest.WideIndicators%2]
				}
				w := httptest.NewRecorder()
				h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
				if w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
				size = w.Body.Len()
			}
			b.ReportMetric(float64(size), "bytes/page")
		})
	}
}
