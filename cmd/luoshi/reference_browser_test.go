package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"luoshi.dev/internal/web/browser"
)

var screenshots = flag.String("screenshots", "", "write pictures of the reference into this folder")

// The reference of the API holds up on a desk and a phone, in the languages of the
// product, without a script, and by keyboard.
func TestBrowserReference(t *testing.T) {
	b := browser.Open(t)
	address, _ := demoProgram(t)
	for _, v := range []browser.View{
		{Width: 1440, Lang: "zh-Hans"}, {Width: 1440, Lang: "en"}, {Width: 1440, Lang: "zh-Hans", Dark: true},
		{Width: 390, Lang: "zh-Hans"}, {Width: 390, Lang: "en"}, {Width: 820, Lang: "zh-Hant"},
	} {
		t.Run(v.String(), func(t *testing.T) {
			p := b.Page(t, address+"api", v)
			hold(t, p)
			picture(t, p, "reference-"+v.String())
		})
	}
	t.Run("walk", func(t *testing.T) {
		p := b.Page(t, address+"api", browser.View{Width: 1440, Lang: "en"})
		p.Do(t, chromedp.Click(chromedp.CSS(`.ref-index a[href="#trySplit"]`)), chromedp.Click(chromedp.CSS("#trySplit details summary")), chromedp.WaitVisible(chromedp.CSS("#trySplit details pre")))
		if got := browser.Eval[string](t, p, `document.querySelector("#trySplit details pre").innerText.slice(0, 1)`); got != "{" {
			t.Errorf("the example begins with %q", got)
		}
		hold(t, p)
		picture(t, p, "reference-open")
		p.Do(t, chromedp.Click(chromedp.CSS("#trySplit .ref-gives a")), chromedp.WaitVisible(chromedp.CSS("#type-Plan:target")))
		p.Do(t, chromedp.Click(chromedp.CSS("#getOverview .ref-try a.btn")), chromedp.WaitReady(chromedp.CSS("pre")))
		if got := p.Address(t); !strings.HasSuffix(got, "/api/overview?unit=340000&asof=2020-07-31") {
			t.Errorf("trying it led to %s", got)
		}
	})
}

// hold is what must be true of every page in every view.
func hold(t *testing.T, p *browser.Page) {
	t.Helper()
	for _, wide := range p.Wide(t) {
		t.Errorf("too wide: %s", wide)
	}
	for _, found := range p.Axe(t) {
		t.Errorf("axe: %s", found)
	}
	for _, c := range p.Complaints() {
		t.Errorf("complaint: %s", c)
	}
}

func picture(t *testing.T, p *browser.Page, name string) {
	t.Helper()
	if *screenshots == "" {
		return
	}
	if err := os.MkdirAll(*screenshots, 0o750); err != nil {
		t.Fatal(err)
	}
	p.Shot(t, filepath.Join(*screenshots, name+".png"))
}
