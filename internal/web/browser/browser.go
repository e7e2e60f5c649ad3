// Package browser opens pages in a real Chromium for tests: at a width, in a
// language, light or dark, with or without scripts. It reports what the browser
// complained about, whether the page scrolls sideways, and what axe-core finds.
// Only tests import it.
package browser

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// axe is axe-core, see testdata/README.md.
//
//go:embed testdata/axe.min.js
var axe string

// Browser is a running Chromium.
type Browser struct{ ctx context.Context }

// Open starts Chromium. Without LUOSHI_TEST_BROWSER=1 the test is skipped; with
// it, a browser that does not start fails the test.
func Open(t *testing.T) *Browser {
	t.Helper()
	if os.Getenv("LUOSHI_TEST_BROWSER") != "1" {
		t.Skip("needs Chromium: set LUOSHI_TEST_BROWSER=1")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.Flag("headless", "new"), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("no-first-run", true), chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("font-render-hinting", "none"),
		chromedp.Flag("disable-features", "Translate,BlinkGenPropertyTrees,BackForwardCache")) // going back loads the page, which chromedp waits for
	allocated, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(allocated)
	t.Cleanup(end)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("Chromium does not start: %v", err)
	}
	return &Browser{ctx}
}

// View is how a page is looked at.
type View struct {
	Width    int // in CSS pixels; up to 640 counts as a phone
	Height   int // 0 = 900
	Lang     string
	Dark     bool
	NoScript bool
}

// String names the view for a test or a file: 1440-zh-Hans-dark.
func (v View) String() string {
	name := fmt.Sprintf("%d-%s", v.Width, v.Lang)
	if v.Height > 0 {
		name = fmt.Sprintf("%dx%d-%s", v.Width, v.Height, v.Lang)
	}
	if v.Dark {
		name += "-dark"
	}
	if v.NoScript {
		name += "-noscript"
	}
	return name
}

// Page is one open page.
type Page struct {
	ctx        context.Context
	mu         sync.Mutex
	complaints []string
}

// Page opens an address in a tab of its own, which closes with the test.
func (b *Browser) Page(t *testing.T, address string, v View) *Page {
	t.Helper()
	ctx, end := chromedp.NewContext(b.ctx)
	t.Cleanup(end)
	ctx, late := context.WithTimeout(ctx, time.Minute)
	t.Cleanup(late)
	p := &Page{ctx: ctx}
	if err := chromedp.Listen(ctx, p.listen); err != nil {
		t.Fatalf("browser: %v", err)
	}
	scheme, scale := "light", 1.0
	if v.Dark {
		scheme = "dark"
	}
	if v.Width <= 640 {
		scale = 1.5
	}
	command(t, p, log.Enable, cdp.Empty{})
	command(t, p, network.Enable, network.EnableParams{})
	command(t, p, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": v.Lang}})
	command(t, p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	command(t, p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: v.NoScript})
	p.Do(t, chromedp.EmulateViewport(int64(v.Width), int64(cmp.Or(v.Height, 900)), chromedp.EmulateScale(scale)), chromedp.Navigate(address))
	return p
}

// Scheme turns the reader's system light or dark while the page is open.
func (p *Page) Scheme(t *testing.T, scheme string) {
	t.Helper()
	command(t, p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
}

// Print shows the page as on paper.
func (p *Page) Print(t *testing.T) {
	t.Helper()
	command(t, p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
}

// command sends one command of the browser's protocol.
func command[P, R any](t *testing.T, p *Page, c cdp.Command[P, R], params P) {
	t.Helper()
	if _, err := chromedp.Call(p.ctx, c, params); err != nil {
		t.Fatalf("browser %s: %v", c.Method, err)
	}
}

func (p *Page) listen(event any) {
	var text string
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			text = fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" {
			var parts []string
			for _, a := range e.Args {
				parts = append(parts, string(a.Value)+a.Description)
			}
			text = "console: " + strings.Join(parts, " ")
		}
	case *runtime.EventExceptionThrown:
		text = "exception: " + e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			text += " " + x.Description
		}
	case *network.EventRequestWillBeSent:
		if !here(e.Request.URL) {
			text = "asks elsewhere: " + e.Request.URL
		}
	case *network.EventLoadingFailed:
		if !e.Canceled {
			text = "not loaded: " + e.ErrorText
		}
	}
	if text != "" {
		p.mu.Lock()
		p.complaints = append(p.complaints, text)
		p.mu.Unlock()
	}
}

// here reports whether an address is on this machine or in the page itself.
func here(address string) bool {
	for _, ours := range []string{"http://127.0.0.1", "data:", "blob:", "about:"} {
		if strings.HasPrefix(address, ours) {
			return true
		}
	}
	return false
}

// Do runs browser actions and fails the test where one does not work.
func (p *Page) Do(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		t.Fatalf("browser: %v", err)
	}
}

// Eval runs a script and returns what it gives.
func Eval[T any](t *testing.T, p *Page, script string) T {
	t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("script: %v", err)
	}
	return v
}

// Complaints are console errors, violations of the content policy, uncaught
// exceptions, files that did not load, and any request to another machine.
func (p *Page) Complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.complaints...)
}

// Wide names the elements that make the page scroll sideways, none if it does not.
func (p *Page) Wide(t *testing.T) []string {
	t.Helper()
	return Eval[[]string](t, p, `(() => {
		const root = document.documentElement, width = root.clientWidth;
		if (root.scrollWidth <= width) return [];
		return [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > width + 0.5 && e.getClientRects().length)
			.map(e => e.tagName + "." + (e.getAttribute("class") || "") + " " + Math.round(e.getBoundingClientRect().right)).slice(0, 12).concat("scrollWidth " + root.scrollWidth);
	})()`)
}

// Axe lists what axe-core finds against WCAG 2.2 AA.
func (p *Page) Axe(t *testing.T) []string {
	t.Helper()
	Eval[bool](t, p, axe+";true")
	text := Eval[string](t, p, `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}).then(r =>
		JSON.stringify(r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + v.help + " | " + n.target.join(" ") + " | " + n.failureSummary.replace(/\s+/g, " ")))))`)
	var list []string
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatalf("axe: %v", err)
	}
	return list
}

// Shot writes a picture of the whole page.
func (p *Page) Shot(t *testing.T, name string) {
	t.Helper()
	picture, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatalf("screenshot: %v", err)
	}
	if err := os.WriteFile(name, picture, 0o600); err != nil {
		t.Fatal(err)
	}
}

// PDF writes the page as it prints.
func (p *Page) PDF(t *testing.T, name string) {
	t.Helper()
	sheet, err := chromedp.Run(p.ctx, chromedp.PrintToPDF(func(o *page.PrintToPDFParams) {
		yes := true
		o.PreferCSSPageSize, o.PrintBackground = &yes, &yes
	}))
	if err != nil {
		t.Fatalf("print: %v", err)
	}
	if err := os.WriteFile(name, sheet, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Address is where the page stands now.
func (p *Page) Address(t *testing.T) string {
	t.Helper()
	at, err := chromedp.Run(p.ctx, chromedp.Location())
	if err != nil {
		t.Fatalf("browser: %v", err)
	}
	return at
}
