package web_test

import (
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"luoshi.dev/internal/service"
	"luoshi.dev/internal/web"
	"luoshi.dev/internal/web/browser"
)

var (
	screenshots = flag.String("screenshots", "", "write pictures of the pages into this folder")
	address     = flag.String("address", "", "look at the pages of a running server too, for instance http://127.0.0.1:8080/")
)

// shot writes a picture where the flag asks for one.
func shot(t *testing.T, p *browser.Page, name string) {
	t.Helper()
	if *screenshots == "" {
		return
	}
	if err := os.MkdirAll(*screenshots, 0o750); err != nil {
		t.Fatal(err)
	}
	p.Shot(t, filepath.Join(*screenshots, name+".png"))
}

// check is what must hold for every page in every view: it does not scroll
// sideways, breaks no rule of WCAG 2.2 AA, and the browser has no complaint.
func check(t *testing.T, p *browser.Page) {
	t.Helper()
	for _, wide := range p.Wide(t) {
		t.Errorf("too wide: %s", wide)
	}
	for _, found := range p.Axe(t) {
		t.Errorf("axe: %s", found)
	}
	for _, c := range p.Complaints() {
		if !strings.Contains(c, "Failed to load resource: the server responded with a status of 4") { // the status of an error page, or of a form shown again
			t.Errorf("complaint: %s", c)
		}
	}
}

// holds checks a page in a view, after whatever ready waits for. Such pages are read
// only and each has a window of its own, so they are looked at beside one another.
func holds(t *testing.T, b *browser.Browser, name, address string, v browser.View, ready ...func(*testing.T, *browser.Page)) {
	t.Helper()
	t.Run(name+"/"+v.String(), func(t *testing.T) {
		t.Parallel()
		p := b.Page(t, address, v)
		for _, wait := range ready {
			wait(t, p)
		}
		check(t, p)
		shot(t, p, name+"-"+v.String())
	})
}

// serve is the address of pages as long as the test runs, and what runs beside it.
func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// views are the ways a page must hold up.
var views = []browser.View{
	{Width: 1440, Lang: "zh-Hans"}, {Width: 1440, Lang: "zh-Hans", Dark: true}, {Width: 1440, Lang: "en"}, {Width: 1440, Lang: "zh-Hant"},
	{Width: 390, Lang: "zh-Hans"}, {Width: 390, Lang: "zh-Hans", Dark: true}, {Width: 390, Lang: "en"}, {Width: 820, Lang: "en", Dark: true},
}

func TestBrowserViews(t *testing.T) {
	b := browser.Open(t)
	server := serve(t, site(t, fixed{overview: anhui()}, web.Options{Version: "test"}))
	nothing := serve(t, site(t, fixed{overview: &service.Overview{}}, web.Options{}))
	goalless := anhui()
	goalless.Goals, goalless.HasGoals, goalless.Off, goalless.Maps, goalless.Reports = nil, false, nil, nil, nil
	goalless.Path, goalless.Unit = []service.UnitRef{province}, cities()[0]
	empty := serve(t, site(t, fixed{overview: goalless}, web.Options{}))
	for _, page := range []struct{ name, address string }{
		{"overview", server + "/"}, {"past", server + "/?asof=2020-06-20"}, {"proof", server + "/proof?goal=invest"}, {"parts", server + "/proof?goal=double"},
		{"bad-asof", server + "/?asof=yesterday"}, {"nowhere", server + "/nowhere"}, {"begin", nothing}, {"goalless", empty},
	} {
		for _, v := range views {
			if page.name != "overview" && (v.Dark || v.Lang == "zh-Hant" || v.Width == 1440 && v.Lang == "en") {
				continue // the first page has shown that tokens and words hold
			}
			holds(t, b, page.name, page.address, v)
		}
	}
}

// The same holds for whatever data a running server shows.
func TestBrowserServer(t *testing.T) {
	if *address == "" {
		t.Skip("needs a running server: -address")
	}
	b := browser.Open(t)
	for name, query := range map[string]string{"province": "", "city": "?unit=340100", "county": "?unit=340102", "march": "?asof=2020-03-31", "now": "?boundaries=now", "proof": "proof?goal=双胜利"} {
		for _, v := range views {
			holds(t, b, "server-"+name, *address+query, v)
		}
	}
}

// Without scripts every way exists: the day is a form, the menus open, a light
// leads to its proof.
func TestBrowserWithoutScript(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(site(t, fixed{overview: anhui()}, web.Options{}))
	defer server.Close()
	p := b.Page(t, server.URL+"/?unit=340000", browser.View{Width: 390, Lang: "zh-Hans", NoScript: true})
	p.Do(t, chromedp.Click(chromedp.CSS(".asof summary.knob")), chromedp.SendKeys(chromedp.CSS(".when input[name=asof]"), "06202020"), chromedp.Click(chromedp.CSS(".when button")), chromedp.WaitReady(chromedp.CSS(".asof.past")))
	if got := p.Address(t); !strings.HasSuffix(got, "/?unit=340000&asof=2020-06-20") {
		t.Errorf("the form led to %s", got)
	}
	p.Do(t, chromedp.Click(chromedp.CSS("#goals a.open")), chromedp.WaitReady(chromedp.CSS("#case")))
	if got := p.Address(t); !strings.Contains(got, "/proof?asof=2020-06-20&goal=double") {
		t.Errorf("the light led to %s", got)
	}
	shot(t, p, "noscript-proof")
}

// The keyboard reaches everything: the skip link comes first, [ and ] step through
// the recorded days, the scale is a slider, ? helps, a proof opens and closes.
func TestBrowserKeyboard(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(site(t, fixed{overview: anhui()}, web.Options{}))
	defer server.Close()
	p := b.Page(t, server.URL+"/", browser.View{Width: 1440, Lang: "zh-Hans"})
	p.Do(t, chromedp.WaitVisible(chromedp.CSS("[data-do=help]")), chromedp.KeyEvent(kb.Tab))
	if got := browser.Eval[string](t, p, `document.activeElement.className`); got != "skip" {
		t.Errorf("Tab leads first to %q", got)
	}
	p.Do(t, chromedp.KeyEvent("["), chromedp.WaitVisible(chromedp.CSS(".asof.past ~ main")), chromedp.WaitVisible(chromedp.CSS("[data-do=help]")))
	if got := p.Address(t); !strings.HasSuffix(got, "/?asof=2020-07-17") {
		t.Errorf("[ led to %s", got)
	}
	p.Do(t, chromedp.KeyEvent("?"))
	if !browser.Eval[bool](t, p, `document.querySelector("#help").open`) {
		t.Error("? opens no help")
	}
	check(t, p)
	shot(t, p, "help")
	p.Do(t, chromedp.KeyEvent(kb.Escape), chromedp.Focus(chromedp.CSS("svg.scale")), chromedp.KeyEvent(kb.ArrowLeft), chromedp.KeyEvent(kb.ArrowLeft))
	if got := browser.Eval[string](t, p, `document.querySelector("svg.scale").getAttribute("aria-valuetext")`); got != "2020-07-15" {
		t.Errorf("two steps left of 17 July is %s", got)
	}
	p.Do(t, chromedp.KeyEvent(kb.Enter), chromedp.WaitReady(chromedp.CSS(`.scale.live[data-day="2020-07-15"]`)))
	p.Do(t, chromedp.Focus(chromedp.CSS("#goals tbody tr:nth-child(5) a.open")), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS("#proof #case")))
	check(t, p)
	shot(t, p, "proof-dialog")
	p.Do(t, chromedp.KeyEvent(kb.Escape), chromedp.WaitNotVisible(chromedp.CSS("#proof")))
	reached := browser.Eval[[]string](t, p, `[...document.querySelectorAll("a[href], button, input, summary, [tabindex='0']")].filter(e => e.checkVisibility() && e.tabIndex < 0).map(e => e.outerHTML)`)
	if len(reached) > 0 {
		t.Errorf("out of the keyboard's reach: %s", slices.Compact(reached))
	}
}

// The mouse drags the knob of the scale to another day and stays there.
func TestBrowserDrag(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(site(t, fixed{overview: anhui()}, web.Options{}))
	defer server.Close()
	p := b.Page(t, server.URL+"/", browser.View{Width: 1440, Lang: "zh-Hans"})
	p.Do(t, chromedp.WaitReady(chromedp.CSS(".scale.live")))
	// 15 May on the scale of 366 days, and where the knob is now. Something was
	// recorded on the 16th, so that is the day that is taken.
	box := browser.Eval[[]float64](t, p, `(() => { const b = document.querySelector("svg.scale").getBoundingClientRect(); return [b.left + b.width * (6 + 588 * 135.5 / 366) / 600, b.left + b.width * (6 + 588 * 212.5 / 366) / 600, b.top + b.height / 2] })()`)
	p.Do(t, chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, box[1], box[2], chromedp.ButtonLeft),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, (box[0]+box[1])/2, box[2], chromedp.ButtonLeft),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, box[0], box[2], chromedp.ButtonLeft),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, box[0], box[2], chromedp.ButtonLeft),
		chromedp.WaitReady(chromedp.CSS(`.scale.live:not([data-day="2020-07-31"])`)))
	if got := p.Address(t); !strings.HasSuffix(got, "/?asof=2020-05-16") {
		t.Errorf("the drag led to %s", got)
	}
	check(t, p)
}

// On paper there is no navigation, and the sheet is A4.
func TestBrowserPrint(t *testing.T) {
	b := browser.Open(t)
	server := httptest.NewServer(site(t, fixed{overview: anhui()}, web.Options{}))
	defer server.Close()
	p := b.Page(t, server.URL+"/", browser.View{Width: 1440, Lang: "zh-Hans", Dark: true})
	dir := *screenshots
	if dir == "" {
		dir = t.TempDir()
	}
	name := filepath.Join(dir, "print.pdf")
	p.PDF(t, name)
	sheet, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(sheet), "/MediaBox [0 0 594.95996 841.91998]") && !strings.Contains(string(sheet), "/MediaBox [0 0 595") {
		t.Error("the sheet is not A4")
	}
}
