package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/web"
	"luoshi.dev/internal/web/browser"
)

// clipped names what does not fit on the screen of a wall: an element beyond its
// edge, or words cut off: a line more is there than is shown.
const clipped = `[...document.querySelectorAll("body *")].filter(e => e.checkVisibility() && !e.closest(".panel, .defs, noscript, .vh") && e.getClientRects().length && (() => {
	const b = e.getBoundingClientRect();
	return b.right > innerWidth + 0.5 || b.bottom > innerHeight + 0.5 || b.left < -0.5 || b.top < -0.5 || e.matches(".clip, td, th, h1") && (e.scrollHeight > e.clientHeight + parseFloat(getComputedStyle(e).fontSize) / 2 || e.scrollWidth > e.clientWidth + 2);
})()).map(e => e.tagName + "." + e.getAttribute("class") + " " + e.textContent.slice(0, 60))`

// shifted is what moved while the page appeared, as Chromium counts it.
const shifted = `new Promise(done => { const found = []; new PerformanceObserver(list => { for (const e of list.getEntries()) if (e.value > 0.01) found.push(e.value.toFixed(3) + " " + e.sources.map(s => (s.node?.outerHTML ?? "").slice(0, 60) + JSON.stringify([s.previousRect, s.currentRect])).join("; ")); }).observe({type: "layout-shift", buffered: true}); setTimeout(() => done(found), 100); })`

// On a hall screen nothing scrolls and nothing is cut off, in any language, whatever
// the board shows; what is read is at least half as large again as on a desk.
func TestBrowserWall(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(demoSite(t, web.Options{}))
	defer server.Close()
	for name, query := range map[string]string{
		"goals": "", "units": "?rows=units", "growth": "?rows=units&indicator=gdp", "set": "?set=liubao", "worst": "?rows=units&set=liuwen", "city": "?unit=341500", "january": "?asof=2020-01-20",
	} {
		for _, v := range []browser.View{
			{Width: 1920, Height: 1080, Lang: "zh-Hans"}, {Width: 1920, Height: 1080, Lang: "en"}, {Width: 1366, Height: 768, Lang: "zh-Hans"}, {Width: 1366, Height: 768, Lang: "en"},
			{Width: 3840, Height: 2160, Lang: "zh-Hant"}, {Width: 1350, Height: 940, Lang: "en"}, {Width: 1280, Height: 1024, Lang: "zh-Hans"}, {Width: 390, Lang: "zh-Hans"}, {Width: 390, Lang: "en"},
		} {
			if v.Width == 390 && name != "goals" || v.Width == 3840 && name != "units" || v.Width < 1366 && v.Width > 390 && name != "worst" && name != "goals" {
				continue
			}
			t.Run(name+"/"+v.String(), func(t *testing.T) {
				p := b.Page(t, server.URL+"/wall"+query, v)
				until(t, p, `document.querySelector("#fresh").textContent !== ""`)
				for _, moved := range browser.Eval[[]string](t, p, shifted) {
					t.Errorf("the board moves while it appears: %s", moved)
				}
				check(t, p)
				shot(t, p, "wall-"+name+"-"+v.String())
				if v.Width == 390 {
					return
				}
				if got := browser.Eval[[]int](t, p, `[document.documentElement.scrollHeight - innerHeight, document.documentElement.scrollWidth - innerWidth]`); got[0] > 0 || got[1] > 0 {
					t.Errorf("it scrolls by %v", got)
				}
				for _, cut := range browser.Eval[[]string](t, p, clipped) {
					t.Errorf("cut off: %s", cut)
				}
				// Names and numbers against the 13 pixels of a table on a desk.
				if got := browser.Eval[float64](t, p, `Math.min(...[...document.querySelectorAll(".wallboard tbody th, .wallboard td.num")].map(e => parseFloat(getComputedStyle(e).fontSize)))`); got < 1.5*13*min(1, float64(v.Height)/1080, float64(v.Width)/1920) {
					t.Errorf("a name or number is %g pixels", got)
				}
			})
		}
	}
}

// until waits for a condition on the page.
func until(t *testing.T, p *browser.Page, condition string) {
	t.Helper()
	browser.Eval[bool](t, p, `new Promise(done => { const look = () => `+condition+` ? done(true) : setTimeout(look, 20); look(); })`)
}

// hall is a board whose wall changes while it hangs.
type hall struct {
	anybody
	mu   sync.Mutex
	wall *service.Wall
}

func (h *hall) Wall(context.Context, service.WallQuery) (*service.Wall, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.wall, nil
}

func (h *hall) hang(w *service.Wall) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wall = w
}

// board is a wall of one line.
func board(name string, light luoshi.Light) *service.Wall {
	return &service.Wall{
		Frame: anhui().Frame, Rows: service.WallGoals, Total: 1, Counts: service.Counts{Red: 1},
		Lines: []service.WallLine{{Name: luoshi.Names{Hans: name}, Unit: "340000", Paced: true, Judgement: judged(light, 4120, 6500, luoshi.Message{})}},
	}
}

// The board stays as long as nothing changes, shows what is new without a hand, and
// says plainly when the server cannot be reached, and when it can again.
func TestBrowserWallFresh(t *testing.T) {
	b := browser.Open(t)
	h := &hall{wall: board("第一", luoshi.Red)}
	pages := site(t, h, web.Options{})
	var asked sync.Map
	down := false
	var mu sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		refuse := down
		mu.Unlock()
		if refuse && r.URL.Path == "/wall" {
			panic(http.ErrAbortHandler)
		}
		asked.Store(r.Header.Get("If-None-Match"), true)
		pages.ServeHTTP(w, r)
	}))
	defer server.Close()
	p := b.Page(t, server.URL+"/wall", browser.View{Width: 1366, Height: 768, Lang: "zh-Hans"})
	again := func() { browser.Eval[bool](t, p, `dispatchEvent(new Event("online"))`) }
	until(t, p, `document.querySelector("#fresh").textContent !== ""`)
	browser.Eval[string](t, p, `document.querySelector("#fresh").textContent = ""; document.body.dataset.hung = "once"`)
	again()
	until(t, p, `document.querySelector("#fresh").textContent !== ""`)
	if browser.Eval[string](t, p, `document.body.dataset.hung ?? ""`) != "once" {
		t.Error("the board was loaded anew though nothing had changed")
	}
	if got := browser.Eval[string](t, p, `document.querySelector("#fresh").textContent`); !strings.HasSuffix(got, "核对，是最新的") {
		t.Errorf("it says %q", got)
	}

	mu.Lock()
	down = true
	mu.Unlock()
	again()
	p.Do(t, chromedp.WaitVisible(chromedp.CSS("#lost")))
	if got := browser.Eval[string](t, p, `document.querySelector("#lost").textContent`); !strings.HasPrefix(got, "连不上服务器：") {
		t.Errorf("with the server gone it says %q", got)
	}
	for _, found := range p.Axe(t) {
		t.Errorf("axe: %s", found)
	}
	if got := browser.Eval[[]string](t, p, clipped); len(got) > 0 {
		t.Errorf("with the server gone, cut off: %v", got)
	}
	shot(t, p, "wall-lost")

	mu.Lock()
	down = false
	mu.Unlock()
	h.hang(board("第二", luoshi.Red))
	_, next := get(t, pages, "/wall")
	again()
	p.Do(t, chromedp.WaitReady(chromedp.CSS(`html[data-version="`+attr(all(next, "html")[0], "data-version")+`"]`)), chromedp.WaitNotVisible(chromedp.CSS("#lost")))
	if got := browser.Eval[string](t, p, `document.querySelector(".wallboard th[scope=row]").textContent`); got != "第二" {
		t.Errorf("it shows %q", got)
	}
	tagged := 0
	asked.Range(func(tag, _ any) bool {
		if tag != "" {
			tagged++
		}
		return true
	})
	if tagged == 0 {
		t.Error("it never asked by ETag")
	}
}
