package web_test

import (
	"net/http"
	"strings"
	"testing"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/web"
)

func TestWall(t *testing.T) {
	h := demoSite(t, web.Options{})
	w, doc := get(t, h, "/wall")
	if w.Code != http.StatusOK || w.Header().Get("Etag") == "" {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	expect(t, doc, "h1", "安徽省：目标能不能完成", ".wall-head b", "截至 2020-07-31", ".wallboard tbody tr:first-child th", "保粮食能源安全", ".wallboard tbody tr:first-child .lt", "滞后", ".wallboard tbody tr:first-child .dv", "−23.80")
	rows := all(doc, ".wallboard tbody tr")
	if len(rows) != service.WallShown {
		t.Errorf("%d rows", len(rows))
	}
	order := "" // red, yellow, then the rest
	for _, row := range rows {
		order += strings.TrimPrefix(attr(row, "class"), "k-")
	}
	if order != "ryyyggggggggg"[:len(rows)] {
		t.Errorf("the order is %s", order)
	}
	if rest := text(doc, ".wall-foot p:nth-child(2)"); !strings.HasPrefix(rest, "没列的：") {
		t.Errorf("what is not listed: %q", rest)
	}
	if got := attr(all(doc, "html")[0], "data-theme"); got != "dark" {
		t.Errorf("a wall is %s", got)
	}
	if n := len(all(doc, "noscript meta[http-equiv=refresh], head noscript")); n == 0 {
		t.Error("without scripts it is never refreshed")
	}
	if n := len(all(doc, "[style], style, script:not([src])")); n != 0 {
		t.Errorf("%d things inline", n)
	}
	_, doc = get(t, h, "/wall?rows=units&lang=en")
	if got := text(doc, "h1"); !strings.HasPrefix(got, "Anhui Province, by unit: ") || len(all(doc, ".wallboard tbody tr")) != service.WallShown {
		t.Errorf("units: %s", got)
	}
	for _, a := range all(doc, ".panel a") { // every other board is there
		if w, _ := get(t, h, attr(a, "href")); w.Code != http.StatusOK {
			t.Errorf("%s: %d", attr(a, "href"), w.Code)
		}
	}
	for target, code := range map[string]int{"/wall?rows=streets": http.StatusBadRequest, "/wall?set=none": http.StatusNotFound, "/wall?rows=units&indicator=none": http.StatusNotFound, "/wall?unit=0": http.StatusNotFound} {
		if w, _ := get(t, h, target); w.Code != code {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
}

// The version is another when anything on the board is, and only then.
func TestWallVersion(t *testing.T) {
	h := &hall{wall: board("一", luoshi.Red)}
	pages := site(t, h, web.Options{})
	version := func() string {
		w, doc := get(t, pages, "/wall")
		if w.Code != http.StatusOK {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		return attr(all(doc, "html")[0], "data-version")
	}
	first := version()
	h.hang(board("一", luoshi.Red))
	if again := version(); again != first || first == "" {
		t.Errorf("the same board is version %q and %q", first, again)
	}
	for _, other := range []*service.Wall{board("二", luoshi.Red), board("一", luoshi.Yellow)} {
		h.hang(other)
		if got := version(); got == first {
			t.Errorf("another board is the same version %q", got)
		}
	}
	_, doc := get(t, site(t, &hall{wall: &service.Wall{Frame: service.Frame{}, Rows: service.WallGoals}}, web.Options{}), "/wall")
	if got := text(doc, ".wall-none"); !strings.Contains(got, "没有目标") {
		t.Errorf("an empty board says %q", got)
	}
}
