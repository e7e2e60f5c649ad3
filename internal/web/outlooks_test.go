package web_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"luoshi.dev/internal/web"
)

// Without an indicator the outlook is that of all targets: the verdict, then the
// hardest first, each with its address, then those without an outlook and why.
func TestOutlooksPage(t *testing.T) {
	h := demoSite(t, web.Options{})
	w, doc := get(t, h, "/outlook?unit=340100")
	if w.Code != http.StatusOK {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	if head := text(doc, "h1"); !strings.HasPrefix(head, "可测算的") || !strings.HasSuffix(head, "。") {
		t.Errorf("the headline is %q", head)
	}
	last := -1.0
	rows := all(doc, "#targets tbody tr")
	if len(rows) < 3 {
		t.Fatalf("%d targets", len(rows))
	}
	for _, row := range rows {
		href := attr(all(row, "th a")[0], "href")
		if !strings.HasPrefix(href, "/outlook?") || !strings.Contains(href, "unit=340100") || !strings.Contains(href, "code=") {
			t.Errorf("a row leads to %s", href)
		}
		chance := text(row, "td.ch")
		if chance == "—" {
			last = 200
			continue
		}
		n, err := strconv.ParseFloat(strings.Trim(chance, "<>%"), 64)
		if err != nil {
			continue // settled, in words
		}
		if n < last {
			t.Errorf("%s comes after %v", chance, last)
		}
		if last = n; len(all(row, "svg .at")) != 1 {
			t.Errorf("%s is not drawn", text(row, "th"))
		}
	}
	if len(all(doc, "[style], style, script:not([src])")) != 0 {
		t.Error("something is inline")
	}
}

// An outlook shows how the areas below stand to theirs; a county has none below.
func TestOutlookAreas(t *testing.T) {
	h := demoSite(t, web.Options{})
	_, doc := get(t, h, "/outlook?code=key_projects")
	if n := len(all(doc, "#areas tbody tr")); n != 16 {
		t.Errorf("%d cities", n)
	}
	_, doc = get(t, h, "/outlook?code=key_projects&unit=341021")
	if n := len(all(doc, "#areas")); n != 0 {
		t.Error("a county has areas below")
	}
}
