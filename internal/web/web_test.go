package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"luoshi.dev/internal/gate"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/web"
)

// site is the pages over a board, behind the gate as they are served.
func site(t testing.TB, board web.Board, opt web.Options) http.Handler {
	t.Helper()
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	s, err := web.New(board, words, opt)
	if err != nil {
		t.Fatal(err)
	}
	return gate.Wrap(s, gate.Options{Fail: s.Fail})
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
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
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

func TestOverview(t *testing.T) {
	h := site(t, fixed{overview: anhui()}, web.Options{})
	w, doc := get(t, h, "/")
	if w.Code != http.StatusOK {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	for selector, want := range map[string]string{
		"h1":        "上半年由负转正；“双胜利”眼下判黄，要追就业、产业链，粮食能源一处为红。",
		"title":     "总览 · 安徽省 · 落实",
		"#goals h2": "目标能不能完成",
	} {
		if got := text(doc, selector); got != want {
			t.Errorf("%s = %q, want %q", selector, got, want)
		}
	}
}
