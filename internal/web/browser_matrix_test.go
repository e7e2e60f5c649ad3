package web_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"luoshi.dev/internal/web"
	"luoshi.dev/internal/web/browser"
)

func TestBrowserMatrixViews(t *testing.T) {
	b := browser.Open(t)
	server := serve(t, demoSite(t, web.Options{Version: "test"}))
	for _, page := range []struct {
		name, path string
		all        bool
	}{
		{"matrix", "/indicators?open=341500", true}, {"matrix-points", "/indicators?view=points&off=1", false},
		{"matrix-counties", "/indicators?below=county&set=liubao", false}, {"matrix-county", "/indicators?unit=341502", false},
		{"matrix-empty", "/indicators?find=nowhere", false}, {"matrix-cell", "/indicators/cell?of=341500&indicator=flood_repair_rate", false},
		{"matrix-unknown", "/indicators?set=nowhere", false},
	} {
		for _, v := range views {
			if !page.all && (v.Dark || v.Lang == "zh-Hant" || v.Width == 390 && v.Lang == "en") {
				continue
			}
			holds(t, b, page.name, server+page.path, v)
		}
	}
}

// 105 counties × 100 indicators: few elements for each cell, and scrolling lays
// nothing out anew. What it takes in time is told, not judged: it is the machine's.
func TestBrowserMatrixScroll(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(wideSite(t))
	defer server.Close()
	p := b.Page(t, server.URL+widePath, browser.View{Width: 1440, Lang: "zh-Hans"})
	p.Do(t, chromedp.WaitReady(chromedp.CSS("#mx[role=grid] .cur")))
	cells := browser.Eval[int](t, p, `document.querySelectorAll("#mx tbody td:not(.wide)").length`)
	if cells != 106*100 {
		t.Fatalf("%d cells, not 105 counties and the province by 100", cells)
	}
	within := browser.Eval[int](t, p, `document.querySelectorAll("#mx tbody td:not(.wide), #mx tbody td:not(.wide) *").length`)
	if each := float64(within) / float64(cells); each > 2.05 {
		t.Errorf("%.2f elements for each cell, at most a td and a link", each)
	}
	bytes := browser.Eval[int](t, p, `document.documentElement.outerHTML.length`)
	if each := bytes / cells; each > 150 {
		t.Errorf("%d characters for each cell", each)
	}
	before := p.Metrics(t)
	frames := browser.Eval[[]float64](t, p, `new Promise((done) => {
		const box = document.querySelector(".pin"), times = [];
		let n = 0, last = performance.now();
		const step = (now) => {
			times.push(now - last);
			last = now;
			box.scrollTo(n * 40, n * 24);
			if (++n < 120) requestAnimationFrame(step); else done(times.slice(2));
		};
		requestAnimationFrame(step);
	})`)
	after := p.Metrics(t)
	if got := browser.Eval[float64](t, p, `document.querySelector(".pin").scrollTop`); got < 2500 {
		t.Errorf("scrolled down %.0f pixels only", got)
	}
	laid, styled := after["LayoutCount"]-before["LayoutCount"], after["RecalcStyleCount"]-before["RecalcStyleCount"]
	if laid > 5 || styled > 130 {
		t.Errorf("scrolling 120 steps laid out %.0f times, styled %.0f times", laid, styled)
	}
	slices.Sort(frames)
	t.Logf("%d characters, %.0f nodes; frames of scrolling: median %.1f ms, 95 in 100 below %.1f ms, longest %.1f ms; script and layout %.0f ms",
		bytes, after["Nodes"], frames[len(frames)/2], frames[len(frames)*95/100], frames[len(frames)-1], 1000*(after["TaskDuration"]-before["TaskDuration"]))
	for _, wide := range p.Wide(t) { // axe would look at 45,000 nodes for half a minute, of the kinds that it has seen in TestBrowserMatrixViews
		t.Errorf("too wide: %s", wide)
	}
	if c := p.Complaints(); len(c) > 0 {
		t.Errorf("complaints: %s", c)
	}
	shot(t, p, "matrix-wide")
}

// seen lists the codes of the rows that can be seen, in order.
func seen(t *testing.T, p *browser.Page) []string {
	t.Helper()
	return browser.Eval[[]string](t, p, `[...document.querySelectorAll("#mx tbody tr")].filter(r => r.checkVisibility()).map(r => r.dataset.u)`)
}

// ready waits until the script has taken the table over.
var ready = chromedp.WaitReady(chromedp.CSS("#mx[role=grid] .cur"))

// A planner's way: sort by a column and back, narrow to red, unfold a city, go down
// to a county by links, and come all the way back with the browser's own button.
func TestBrowserMatrixMouse(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoSite(t, web.Options{}))
	defer server.Close()
	p := b.Page(t, server.URL+"/indicators", browser.View{Width: 1440, Lang: "zh-Hans"})
	p.Do(t, ready)
	first := seen(t, p)
	if len(first) != 17 || first[0] != "340000" || first[1] != "341500" {
		t.Fatalf("the page begins with %v", first)
	}
	address := func(want string) {
		t.Helper()
		p.Do(t, ready)
		if got := strings.TrimPrefix(p.Address(t), server.URL); got != want {
			t.Errorf("now at %s, want %s", got, want)
		}
	}
	follow := func(selector, then string) {
		t.Helper()
		p.Do(t, chromedp.Click(chromedp.CSS(selector)), chromedp.WaitReady(chromedp.CSS(then)))
	}
	follow(`th[data-c=urban_jobs] .sort`, `th[data-c=urban_jobs][aria-sort=descending]`)
	address("/indicators?sort=urban_jobs")
	down := seen(t, p)
	follow(`th[data-c=urban_jobs] .sort`, `th[data-c=urban_jobs][aria-sort=ascending]`)
	up := seen(t, p)
	slices.Reverse(up[1:])
	if !slices.Equal(down, up) || slices.Equal(down, first) {
		t.Errorf("down %v, up %v", down, up)
	}
	follow(`th[data-c=urban_jobs] .sort`, `#mx thead:not(:has([aria-sort]))`)
	address("/indicators")
	follow(`.lights a:nth-child(3)`, `.lights a:nth-child(3)[aria-current]`)
	if got := seen(t, p); len(got) != 4 {
		t.Errorf("red are %v", got)
	}
	follow(`#u341500 .tw`, `#u341500 .tw[aria-expanded=true]`)
	address("/indicators?light=red&open=341500")
	unfolded := seen(t, p)
	check(t, p)
	shot(t, p, "matrix-walk-unfolded")
	follow(`#u341500 .to`, `#u341500.prov-row`)
	address("/indicators?light=red&unit=341500")
	follow(`#u341503 .to, #u341502 .to`, `#u341502.prov-row, #u341503.prov-row`)
	p.Do(t, chromedp.NavigateBack(), chromedp.WaitReady(chromedp.CSS(`#u341500.prov-row`)))
	p.Do(t, chromedp.NavigateBack(), chromedp.WaitReady(chromedp.CSS(`#u341500 .tw[aria-expanded=true]`)))
	if got := seen(t, p); !slices.Equal(got, unfolded) {
		t.Errorf("back at %v, was %v", got, unfolded)
	}
	follow(`.filters .chk`, `.filters .chk.on`)
	for range 3 {
		p.Do(t, chromedp.NavigateBack())
	}
	p.Do(t, chromedp.WaitReady(chromedp.CSS(`#mx`)), ready)
	if got := seen(t, p); !slices.Equal(got, first) {
		t.Errorf("all the way back at %v (%s)", got, p.Address(t))
	}
	if c := p.Complaints(); len(c) > 0 {
		t.Errorf("complaints: %s", c)
	}
}

// Unfolding a unit leaves the page where it was scrolled to, and so does coming back.
func TestBrowserMatrixStays(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoSite(t, web.Options{}))
	defer server.Close()
	p := b.Page(t, server.URL+"/indicators?below=county", browser.View{Width: 1180, Lang: "zh-Hans"})
	p.Do(t, ready)
	where := func() string {
		return browser.Eval[string](t, p, `(() => { const box = document.querySelector(".pin"); return [scrollY, box.scrollTop, box.scrollLeft].map(Math.round).join(" ") })()`)
	}
	browser.Eval[bool](t, p, `(() => { scrollTo(0, 150); document.querySelector(".pin").scrollTo(40, 700); return true })()`)
	was := where()
	browser.Eval[bool](t, p, `(() => { document.querySelector('th[data-c=new_entities] .sort').click(); return true })()`)
	p.Do(t, chromedp.WaitReady(chromedp.CSS(`th[data-c=new_entities][aria-sort]`)), ready)
	if got := where(); got != was || !strings.HasPrefix(was, "150 700 ") {
		t.Errorf("sorted, it stands at %s, was %s", got, was)
	}
	browser.Eval[bool](t, p, `(() => { document.querySelector(".pin").scrollTo(0, 900); document.querySelector("#mx tbody tr:nth-child(30) .to").click(); return true })()`)
	p.Do(t, chromedp.WaitReady(chromedp.CSS(`#mx tbody tr:last-child:first-child`)), chromedp.NavigateBack(), chromedp.WaitReady(chromedp.CSS(`th[data-c=new_entities][aria-sort]`)), ready)
	if got := where(); got != "150 900 0" {
		t.Errorf("back, it stands at %s", got)
	}
	browser.Eval[bool](t, p, `(() => { location.href = "/indicators"; return true })()`)
	p.Do(t, chromedp.WaitReady(chromedp.CSS(`#u341100 .tw`)), ready)
	browser.Eval[bool](t, p, `(() => { scrollTo(0, 120); document.querySelector("#u341100 .tw").click(); return true })()`)
	p.Do(t, chromedp.WaitReady(chromedp.CSS(`#u341100 .tw[aria-expanded=true]`)), ready)
	if got := where(); !strings.HasPrefix(got, "120 ") {
		t.Errorf("unfolded, it stands at %s", got)
	}
}

// The keyboard moves one accent cell, its proof follows, Enter opens what it is
// about, Escape folds.
func TestBrowserMatrixKeyboard(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoSite(t, web.Options{}))
	defer server.Close()
	p := b.Page(t, server.URL+"/indicators?sort=unit", browser.View{Width: 1440, Lang: "zh-Hans"})
	p.Do(t, ready)
	at := func() string {
		return browser.Eval[string](t, p, `(() => { const c = document.querySelector("#mx .cur"), h = document.querySelectorAll("#mx .h2 th")[c.cellIndex]; return c.parentElement.dataset.u + " " + (h.dataset.c || "name") + " " + (c.contains(document.activeElement) ? "focus" : "") })()`)
	}
	stops := browser.Eval[int](t, p, `[...document.querySelectorAll("#mx tbody a")].filter(a => a.tabIndex === 0).length`)
	if stops != 1 {
		t.Errorf("%d stops of the Tab key in the table, one is enough", stops)
	}
	p.Do(t, chromedp.Focus(chromedp.CSS("#mx tbody .cur a")))
	start := at()
	if start != "340400 urban_jobs focus" { // the first red in the order of the register
		t.Errorf("begins at %s", start)
	}
	for _, step := range []struct{ key, want string }{
		{kb.ArrowDown, "340500 urban_jobs focus"}, {kb.ArrowRight, "340500 manufacturing_loans focus"}, {kb.ArrowLeft, "340500 urban_jobs focus"}, {kb.ArrowLeft, "340500 gdp focus"},
		{kb.ArrowLeft, "340500 name focus"}, {kb.ArrowLeft, "340500 name focus"}, {kb.ArrowRight, "340500 gdp focus"}, {kb.End, "340500 poverty_lifted focus"}, {kb.ArrowRight, "340500 poverty_lifted focus"},
		{kb.Home, "340500 name focus"}, {kb.PageDown, ""}, {kb.PageUp, ""}, {kb.PageUp, "340000 name focus"}, {kb.ArrowUp, "340000 name focus"}, {kb.ArrowRight, "340000 gdp focus"}, {kb.ArrowRight, "340000 urban_jobs focus"},
	} {
		p.Do(t, chromedp.KeyEvent(step.key))
		if got := at(); step.want != "" && got != step.want {
			t.Errorf("%q leads to %s, want %s", step.key, got, step.want)
		}
	}
	p.Do(t, chromedp.WaitReady(chromedp.CSS(`#cell[data-u="340000"][data-c=urban_jobs]:not(.busy)`)))
	if got := browser.Eval[string](t, p, `document.querySelector("#cell .proof").textContent`); !strings.Contains(got, "城镇新增就业") || !strings.Contains(got, "落后") {
		t.Errorf("the proof says %q", got)
	}
	if got := p.Address(t); !strings.HasSuffix(got, "#340000.urban_jobs") {
		t.Errorf("the cell is not in the address: %s", got)
	}
	check(t, p)
	p.Do(t, chromedp.KeyEvent(kb.Enter), chromedp.WaitNotPresent(chromedp.CSS("#mx")))
	if got := p.Address(t); !strings.Contains(got, "/indicator") || !strings.Contains(got, "urban_jobs") {
		t.Errorf("Enter leads to %s", got)
	}
	p.Do(t, chromedp.NavigateBack(), ready)
	if got := at(); !strings.HasPrefix(got, "340000 urban_jobs") {
		t.Errorf("back at %s", got)
	}
	p.Do(t, chromedp.Focus(chromedp.CSS("#mx tbody .cur a")), chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(" "), chromedp.WaitReady(chromedp.CSS(`#u340100 .tw[aria-expanded=true]`)), ready)
	if got := p.Address(t); !strings.Contains(got, "open=340100") {
		t.Errorf("the space bar led to %s", got)
	}
	p.Do(t, chromedp.Focus(chromedp.CSS("#mx tbody .cur a")))
	p.Do(t, chromedp.Click(chromedp.CSS("#u340102 td.g")), chromedp.KeyEvent(kb.Escape), chromedp.WaitReady(chromedp.CSS(`#u340100 .tw[aria-expanded=false]`)))
	if got := p.Address(t); strings.Contains(got, "open=") {
		t.Errorf("Escape led to %s", got)
	}
}

// A name typed leaves its rows; the address and the downloads follow, and what is
// downloaded is what is seen.
func TestBrowserMatrixFind(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoSite(t, web.Options{}))
	defer server.Close()
	p := b.Page(t, server.URL+"/indicators?below=county&set=liubao", browser.View{Width: 1440, Lang: "zh-Hans"})
	p.Do(t, ready, chromedp.SendKeys(chromedp.CSS("main form.find input[type=search]"), "huai"))
	found := seen(t, p)
	if len(found) < 3 || len(found) > 12 {
		t.Errorf("huai is in %v", found)
	}
	csv := browser.Eval[string](t, p, `fetch(document.querySelectorAll("a.book")[1].href).then(r => r.text())`)
	var codes []string
	for i, line := range strings.Split(strings.TrimSpace(csv), "\n") {
		if i > 1 {
			codes = append(codes, strings.Split(line, ",")[1])
		}
	}
	if !slices.Equal(codes, found) {
		t.Errorf("seen %v, downloaded %v", found, codes)
	}
	if got := p.Address(t); !strings.Contains(got, "find=huai") {
		t.Errorf("the address is %s", got)
	}
	shot(t, p, "matrix-find")
	p.Do(t, chromedp.SendKeys(chromedp.CSS("main form.find input[type=search]"), "zzz"), chromedp.WaitVisible(chromedp.CSS(".nofind")))
	check(t, p)
	p.Do(t, chromedp.Reload(), chromedp.WaitReady(chromedp.CSS(".state")))
	p.Do(t, chromedp.Click(chromedp.CSS(".state .btn")), ready)
	if got := p.Address(t); !strings.HasSuffix(got, "/indicators?below=county") {
		t.Errorf("cleared, at %s", got)
	}
}

// Without scripts every way is a link or a form.
func TestBrowserMatrixWithoutScript(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoSite(t, web.Options{}))
	defer server.Close()
	p := b.Page(t, server.URL+"/indicators", browser.View{Width: 390, Lang: "zh-Hans", NoScript: true})
	p.Do(t, chromedp.Click(chromedp.CSS(`th[data-c=urban_jobs] .sort`)), chromedp.WaitReady(chromedp.CSS(`[aria-sort=descending]`)),
		chromedp.Click(chromedp.CSS(`.filters details:first-of-type summary`)), chromedp.Click(chromedp.CSS(`.filters details:first-of-type li:nth-child(4) a`)), chromedp.WaitReady(chromedp.CSS(`.pick.on`)),
		chromedp.SendKeys(chromedp.CSS(`main .find input[type=search]`), "六安"), chromedp.Click(chromedp.CSS(`main .find button`)), chromedp.WaitReady(chromedp.CSS(`#mx tbody tr:nth-child(2):last-child`)))
	if got := p.Address(t); !strings.Contains(got, "sort=urban_jobs") || !strings.Contains(got, "goal=") || !strings.Contains(got, "find=") {
		t.Errorf("at %s", got)
	}
	p.Do(t, chromedp.Click(chromedp.CSS(`#u341500 .to`)), chromedp.WaitReady(chromedp.CSS(`#u341500.prov-row`)))
	shot(t, p, "matrix-noscript")
}

// On paper the matrix lies on A3.
func TestBrowserMatrixPrint(t *testing.T) {
	b := browser.Open(t)
	demo, wide := httptest.NewServer(demoSite(t, web.Options{})), httptest.NewServer(wideSite(t))
	defer demo.Close()
	defer wide.Close()
	dir := *screenshots
	if dir == "" {
		dir = t.TempDir()
	}
	for name, address := range map[string]string{"matrix": demo.URL + "/indicators?below=county", "matrix-all": demo.URL + "/indicators?all=1&open=341500", "matrix-wide": wide.URL + "/indicators?unit=900000&open=900100"} {
		p := b.Page(t, address, browser.View{Width: 1440, Lang: "zh-Hans", Dark: true})
		file := filepath.Join(dir, "print-"+name+".pdf")
		p.PDF(t, file)
		sheet, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		boxes := regexp.MustCompile(`/MediaBox \[0 0 (\d+)\S* (\d+)`).FindAllStringSubmatch(string(sheet), -1)
		if len(boxes) == 0 {
			t.Fatalf("%s has no sheets", name)
		}
		for _, box := range boxes {
			if box[1] != "1190" && box[1] != "1191" || box[2] != "841" {
				t.Errorf("%s: a sheet of %s × %s points, A3 lying is 1190 × 841", name, box[1], box[2])
			}
		}
	}
}
