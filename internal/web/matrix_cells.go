package web

import (
	"html/template"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/service"
)

// cellWriter writes the cells of a matrix. A page may have 10,000 of them, and a
// template takes some twenty times as long for each; what goes in is escaped once.
// The light is a shape drawn by the stylesheet, its word is in the cell's name, so
// that a cell is two elements and no more.
type cellWriter struct {
	p       *page
	m       *service.Matrix
	base    string    // address of an indicator, up to its code
	codes   []string  // of the columns, ready for an address
	lights  [4]string // their words
	periods map[luoshi.Period]string
}

func (p *page) newCells(m *service.Matrix) *cellWriter {
	w := &cellWriter{p: p, m: m, periods: map[luoshi.Period]string{}}
	w.base = withQuery(p.To("/indicators/cell", "unit", p.query.Get("unit")), "indicator", "")
	unit := "&of="
	if p.Has("/indicator") {
		w.base, unit = withQuery(p.To("/indicator", "unit", ""), "code", ""), "&unit="
	}
	if m.Chance {
		w.base, unit = withQuery(p.To("/outlook", "unit", ""), "code", ""), "&unit="
	}
	w.base = template.HTMLEscapeString(w.base)
	for _, c := range m.Columns {
		w.codes = append(w.codes, template.HTMLEscapeString(template.URLQueryEscaper(c.Indicator)+unit))
	}
	for l := range w.lights {
		w.lights[l] = p.Show(luoshi.Light(l), "")
	}
	return w
}

// row is the cells of one row.
func (w *cellWriter) row(r service.MatrixRow) template.HTML {
	var b strings.Builder
	b.Grow(170 * len(r.Cells))
	unit := template.HTMLEscapeString(template.URLQueryEscaper(r.Unit.Code))
	for k, cell := range r.Cells {
		if w.m.Chance {
			w.odds(&b, k, r.Odds[k], unit)
			continue
		}
		w.cell(&b, k, cell, unit, r.Unit.Code == w.m.Unit.Code)
	}
	return template.HTML(b.String()) //nolint:gosec // every part is escaped
}

func (w *cellWriter) cell(b *strings.Builder, k int, cell *service.MatrixCell, unit string, whole bool) {
	c := &w.m.Columns[k]
	gauge := cell.Gauge
	n := cell.Number(w.m.Points)
	if !cell.Target && gauge != c.Gauge {
		n.Valid = false
	}
	class, text, name := w.look(cell, n, gauge)
	if n.Valid && (gauge != c.Gauge && !w.m.Points || cell.Judged() && cell.Period != c.Period) {
		class += " more"
	}
	if c.First {
		class = strings.TrimLeft(class+" gs", " ")
	}
	b.WriteString(`<td`)
	if class != "" {
		b.WriteString(` class="` + class + `"`)
	}
	b.WriteString(`>`)
	if text == "" {
		b.WriteString(`—</td>`)
		return
	}
	b.WriteString(`<a href="` + w.base + w.codes[k] + unit + `"` + name + `>` + text + `</a>`)
	if n.Valid {
		w.marks(b, c, cell, whole)
	}
	b.WriteString("</td>")
}

// odds is a cell that shows a chance: a number in the colour of all text, or why there
// is none.
func (w *cellWriter) odds(b *strings.Builder, k int, c service.Chance, unit string) {
	class, text, name := "u", "", w.p.Say(c.Says())
	short := func(state, key string) {
		class, text, name = "x", w.state(state, key), w.p.W(key)+w.p.W("punct.colon")+name
	}
	switch {
	case c.Chance.OK():
		class, text = "", chanceText(c)
	case c.State == service.ChanceWaiting:
		short("box", "chance.short.waiting")
	case c.State == service.ChanceNone:
		short("nd", "chance.short.none")
	case c.State == service.ChanceUnkept:
		short("nd", "chance.short.unkept")
	}
	if w.m.Columns[k].First {
		class = strings.TrimLeft(class+" gs", " ")
	}
	b.WriteString(`<td class="` + class + `">`)
	if text == "" {
		b.WriteString(`—</td>`)
		return
	}
	b.WriteString(`<a href="` + w.base + w.codes[k] + unit + `" aria-label="` + w.escape(name) + `">` + text + `</a>`)
	if c.State == service.ChanceOld {
		b.WriteString(`<small>` + w.escape(w.p.W("chance.short.old")) + `</small>`)
	}
	b.WriteString("</td>")
}

func (w *cellWriter) state(class, key string) string {
	return `<span class="st ` + class + `">` + w.escape(w.p.W(key)) + `</span>`
}

// chanceText is a chance in whole percent, for a table whose head says so.
func chanceText(c service.Chance) string {
	percent, under, over := c.Percent()
	switch {
	case under:
		return "&lt;1"
	case over:
		return "&gt;99"
	}
	return strconv.Itoa(percent)
}

// look is the class of a cell, what stands in it, and what it is called where the
// text does not say it all.
func (w *cellWriter) look(cell *service.MatrixCell, n luoshi.NullQuantity, gauge service.Gauge) (class, text, name string) {
	switch {
	case n.Valid:
		text = numeral(n, gauge, w.m.Points)
		class, name = w.p.light(cell.Light).Class, w.named(text, w.lights[cell.Light])
		if !cell.Target {
			class, name = "u", w.named(text, w.p.W("matrix.untargeted"))
		}
		if cell.Early() && !w.m.Preliminary {
			class += " pr"
		}
		return class, text, name
	case !cell.Target:
		return "x u", "", ""
	case cell.Judged(): // has a light, but no number in this view
		return w.p.light(cell.Light).Class + " x", w.escape(w.p.W("matrix.unpaced")), w.named(w.p.W("matrix.unpaced"), w.lights[cell.Light])
	}
	return w.absent(cell)
}

// absent shows why there is no number.
func (w *cellWriter) absent(cell *service.MatrixCell) (class, text, name string) {
	mark := func(class, word string) string { return `<span class="st ` + class + `">` + w.escape(word) + `</span>` }
	switch {
	case cell.Want > 0 && cell.Have < cell.Want:
		return "x", mark("box", w.p.W("matrix.partial", "have", cell.Have, "want", cell.Want)), ""
	case cell.Presence == luoshi.Absent:
		return "miss", `<span>` + w.escape(w.p.W("matrix.missing")) + `</span>`, ""
	case cell.Presence == luoshi.Late:
		return "x", mark("late", w.p.Say(cell.Says())), ""
	case cell.Presence == luoshi.NotDue && cell.Due != 0:
		return "x", mark("nd", w.p.site.words.Day(w.p.Lang, cell.Due)), ""
	case cell.Presence == luoshi.Due:
		return "x", mark("box", w.p.Show(cell.Presence, "")), ""
	case cell.Presence == luoshi.Present || cell.Presence == "":
		return "x", mark("nd", w.p.W("matrix.unjudged")), ""
	}
	return "x", mark("nd", w.p.Show(cell.Presence, "")), ""
}

// marks stand behind a number: another measure than the column's, an older period
// than its newest, a revision, a published source.
func (w *cellWriter) marks(b *strings.Builder, c *service.MatrixColumn, cell *service.MatrixCell, whole bool) {
	if cell.Gauge != c.Gauge && !w.m.Points {
		b.WriteString(`<small>` + w.escape(w.p.W("matrix.gauge."+string(cell.Gauge), "measure", c.Measure)) + `</small>`)
	}
	if cell.Judged() && cell.Period != c.Period {
		b.WriteString(`<small>` + w.period(cell.Period) + `</small>`)
	}
	if cell.Status == luoshi.Revised {
		b.WriteString(`<sup>` + w.escape(w.p.W("matrix.revised")) + `</sup>`)
	}
	if whole && c.Source > 0 {
		no := strconv.Itoa(c.Source)
		b.WriteString(`<sup><a href="#s` + no + `" aria-label="` + w.escape(w.p.W("page.source", "number", c.Source)) + `">` + no + `</a></sup>`)
	}
}

func (w *cellWriter) named(number, word string) string {
	return ` aria-label="` + w.escape(number+" "+word) + `"`
}

func (w *cellWriter) period(p luoshi.Period) string {
	short, ok := w.periods[p]
	if !ok {
		short = w.escape(w.p.column(p))
		w.periods[p] = short
	}
	return short
}

func (w *cellWriter) escape(text string) string { return template.HTMLEscapeString(text) }

// numeral writes a cell's number: growth and points carry a sign, levels never.
func numeral(q luoshi.NullQuantity, gauge service.Gauge, points bool) string {
	format := ""
	if points || gauge == service.GaugeGrowth {
		format = "signed"
	}
	return locale.Number(q.Decimal, format)
}
