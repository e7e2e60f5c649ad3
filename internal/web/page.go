package web

import (
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/gate"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/service"
)

// page is what every template gets: where the page stands, its language and
// theme, and the words. Body is the page's own part.
type page struct {
	site  *Site
	r     *http.Request
	view  string // name of the template
	path  string
	query url.Values // what every link keeps
	own   url.Values // what only this page's address has
	local url.Values // what holds at this unit alone: a draft

	section string   // the one of the masthead that is marked
	stays   bool     // choosing a unit stays on this page
	scripts []string // of this page alone, from static
	bare    bool     // of signing in: no sections, no search

	called map[string]luoshi.Names // indicators by code, where the page shows none of their figures

	Lang    locale.Lang
	Theme   string // "light", "dark", "" = as the reader's system says
	Title   string
	ID      string         // number of the request, on error pages
	Frame   *service.Frame // nil where the database could not be asked
	Bar     *bar           // the as-of bar, nil where there is nothing yet
	Body    any
	Sample  bool
	Notice  *notice // what was just done, shown once
	Refresh bool    // something is under way: without scripts the page asks again
	Making  *making // outlooks are being made in the background
}

// kept are the parameters that every link carries on.
var kept = []string{"asof", "unit", "year", "boundaries", "lang", "theme"}

func (s *Site) page(r *http.Request, view string) *page {
	p := &page{site: s, r: r, view: view, path: r.URL.Path, query: url.Values{}, Lang: gate.Lang(r), ID: gate.ID(r.Context())}
	p.carry(r.URL.Query())
	p.Theme = theme(p.query.Get("theme"))
	if v := gate.Cookie(r, "theme"); v != "" && p.Theme == "" && p.query.Get("theme") == "" {
		p.Theme = theme(v)
	}
	return p
}

// carry sets where the page stands: a form that is posted carries it on.
func (p *page) carry(asked url.Values) {
	for _, name := range kept {
		if v := asked.Get(name); v != "" && len(v) <= 64 {
			p.query.Set(name, v)
		}
	}
}

func theme(s string) string {
	if s == "light" || s == "dark" {
		return s
	}
	return ""
}

// remember leaves the choices made by this address for the next one.
func (p *page) remember(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.Query()
	if asked.Get("lang") != "" {
		gate.Remember(w, r, "lang", string(p.Lang))
	}
	if v := asked.Get("theme"); v != "" {
		gate.Remember(w, r, "theme", theme(v))
	}
}

// look reads where the page stands from its address.
func (s *Site) look(q url.Values) (service.Look, error) {
	look := service.Look{AsOf: s.opt.AsOf, Unit: q.Get("unit")}
	var err error
	switch asof := q.Get("asof"); asof {
	case "":
	case "now":
		look.AsOf = time.Time{}
	default:
		if look.AsOf, err = luoshi.ParseAsOf(asof); err != nil {
			return look, err
		}
	}
	if year := q.Get("year"); year != "" {
		if look.Year, err = strconv.Atoi(luoshi.Fold(year)); err != nil || look.Year < 1900 || look.Year > 2200 {
			return look, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("page.year", "text", year)}
		}
	}
	switch day := q.Get("boundaries"); day {
	case "":
	case "now":
		look.Boundaries = luoshi.DateOf(s.opt.Now())
	default:
		if look.Boundaries, err = luoshi.ParseDate(day); err != nil {
			return look, err
		}
	}
	return look, nil
}

// frame puts the head of the page in place.
func (p *page) frame(f *service.Frame) {
	p.Frame, p.Sample = f, f.Sample
	if f.Unit.Code != "" {
		p.Bar = newBar(p, f)
	}
}

// W is the word or sentence of a key.
func (p *page) W(key string, pairs ...any) string {
	return p.site.words.Say(p.Lang, luoshi.Say(key, pairs...))
}

// Say is a sentence as plain text.
func (p *page) Say(m luoshi.Message) string { return p.site.words.Say(p.Lang, m) }

// Name is a name in the page's language.
func (p *page) Name(n luoshi.Names) string { return locale.Name(p.Lang, n) }

// Show is one value as the language writes it.
func (p *page) Show(v any, format string) string { return p.site.words.Show(p.Lang, v, format) }

// Rich is a sentence with its numbers set off: nothing else in it stands out.
func (p *page) Rich(m luoshi.Message) template.HTML {
	if m.Key == "" {
		return ""
	}
	text, ok := p.site.words.Template(p.Lang, m.Key)
	if !ok {
		return template.HTML(template.HTMLEscapeString(m.String())) //nolint:gosec // escaped here
	}
	var b strings.Builder
	for {
		before, rest, open := strings.Cut(text, "{")
		b.WriteString(template.HTMLEscapeString(before))
		hole, after, closed := strings.Cut(rest, "}")
		if !open || !closed {
			break
		}
		name, format, _ := strings.Cut(hole, "|")
		if sign := "%"; strings.HasPrefix(after, sign) { // belongs to its number
			p.hole(&b, m.Args[name], format, sign)
			after = after[1:]
		} else {
			p.hole(&b, m.Args[name], format, "")
		}
		text = after
	}
	return template.HTML(b.String()) //nolint:gosec // every part is escaped
}

func (p *page) hole(b *strings.Builder, arg any, format, sign string) {
	switch v := arg.(type) {
	case luoshi.Message:
		b.WriteString(string(p.Rich(v)) + sign)
	case []luoshi.Message:
		for i, m := range v {
			if i > 0 {
				b.WriteString(template.HTMLEscapeString(p.W("punct.list")))
			}
			b.WriteString(string(p.Rich(m)))
		}
	case luoshi.Quantity, luoshi.NullQuantity, luoshi.Ratio, int, int64:
		fmt.Fprintf(b, "<b>%s</b>", template.HTMLEscapeString(p.Show(arg, format))+sign)
	case luoshi.Measure:
		if symbol := p.Name(v.Symbol); symbol == "%" {
			b.WriteString("<b>%</b>")
		} else {
			b.WriteString(template.HTMLEscapeString(symbol) + sign)
		}
	default:
		b.WriteString(template.HTMLEscapeString(p.Show(arg, format)) + sign)
	}
}

// Between stands between two sentences.
func (p *page) Between() string {
	if p.Lang == locale.En {
		return " "
	}
	return ""
}

// Link is the overview with some parameters changed, an empty value taking one
// away; all else is kept.
func (p *page) Link(pairs ...string) string { return p.To("/", pairs...) }

// Across is this page at another unit, or its overview.
func (p *page) Across(unit string) string {
	if p.stays {
		return p.without().Here("unit", unit)
	}
	return p.Link("unit", unit)
}

// without is the page without what holds at this unit alone.
func (p *page) without() *page {
	bare := *p
	bare.local = nil
	return &bare
}

// Here is this page with some parameters changed.
func (p *page) Here(pairs ...string) string {
	all := make([]string, 0, 2*(len(p.own)+len(p.local))+len(pairs))
	for _, some := range []url.Values{p.own, p.local} {
		for name := range some {
			all = append(all, name, some.Get(name))
		}
	}
	return p.To(p.path, append(all, pairs...)...)
}

// To is an address with the kept parameters and these changes.
func (p *page) To(path string, pairs ...string) string {
	q := url.Values{}
	for name, v := range p.query {
		q[name] = v
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			q.Del(pairs[i])
		} else {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// Hidden are the parameters of this address but one, for a form that sets that one.
func (p *page) Hidden(but string) map[string]string {
	m := map[string]string{}
	for _, some := range []url.Values{p.query, p.own, p.local} {
		for name := range some {
			if name != but {
				m[name] = some.Get(name)
			}
		}
	}
	return m
}

// Langs is the language switch.
func (p *page) Langs() []choice {
	var list []choice
	for _, l := range locale.Langs {
		list = append(list, choice{Text: p.W("page.lang." + string(l)), Href: p.Here("lang", string(l)), On: l == p.Lang, Lang: string(l)})
	}
	return list
}

// Themes is the switch of light and dark.
func (p *page) Themes() []choice {
	now := p.Theme
	if now == "" {
		now = "auto"
	}
	var list []choice
	for _, t := range []string{"auto", "light", "dark"} {
		list = append(list, choice{Text: p.W("page.theme." + t), Href: p.Here("theme", t), On: t == now})
	}
	return list
}

// DarkMedia is the condition under which the dark tokens hold; paper is white
// whatever the screen is.
func (p *page) DarkMedia() string {
	switch p.Theme {
	case "dark":
		return "screen"
	case "light":
		return "not all"
	}
	return "screen and (prefers-color-scheme: dark)"
}

// Gone is the part of the year that the figures reach.
func (p *page) Gone() luoshi.Ratio { return luoshi.Over(int64(p.Frame.Through.To), 12) }

// Version is that of the program.
func (p *page) Version() string { return p.site.opt.Version }

// choice is one entry of a menu.
type choice struct {
	Text, Href, Lang string
	On               bool
}
