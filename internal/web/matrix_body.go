package web

import (
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// matrixBody is the matrix as the template lays it out.
type matrixBody struct {
	*service.Matrix
	Views   []choice
	Rungs   []choice
	Lights  []lightChoice
	Unders  []choice // chances below so many percent
	Off     choice
	Menus   []menu
	Alone   *choice // indicators that only the unit itself has a target of
	Clear   string  // address without any filter, "" = none is set
	Find    string
	Hidden  map[string]string // what the search form carries on
	Books   []choice          // downloads
	Heads   []matrixHead
	Need    sortHead // the column of units
	Whole   matrixLine
	Lines   []matrixLine
	CellURL string // address of one cell's proof, without which
	Chosen  *chosen
	Empty   *emptiness
	Day     string // an example of a due date, for the key
	Size    string // class of the sheet on paper, by how many columns
}

// lightChoice is one light to filter by.
type lightChoice struct {
	choice
	light
	Count int
}

// menu is one way to narrow the columns.
type menu struct {
	Name    string
	Now     string // what is chosen, or all
	On      bool
	Choices []menuChoice
}

type menuChoice struct {
	choice
	Depth string // of a goal: d0, d1, ...
	Count int
}

// sortHead is a head that sorts.
type sortHead struct {
	Name, Href, Title string
	Aria              string // ascending, descending, "" = not sorted by it
	Note              string
}

type matrixHead struct {
	sortHead
	Code    string
	First   bool
	Measure string
	Asked   string
	Varies  bool
	Have    string
	Full    bool
}

// matrixLine is one row.
type matrixLine struct {
	Code, Name string
	Find       string // all its names, for the script
	Class      string
	Into       string // address of the unit's own matrix
	Toggle     string // address with it unfolded, or folded
	Open       bool
	Toggles    string // what the toggle does, in words
	Tally      string
	Counts     []tallied
	Cells      template.HTML
}

type tallied struct {
	Class string
	Count int
}

// emptiness says why there is nothing and what to do.
type emptiness struct{ Head, Says string }

func (p *page) fillMatrix(m *service.Matrix, q service.MatrixQuery) {
	p.frame(&m.Frame)
	b := &matrixBody{Matrix: m, Find: q.Find, Hidden: p.hiddenBut("find"), CellURL: p.To("/indicators/cell")}
	p.Body, p.Title = b, p.W("matrix.title")
	if m.Unit.Code == "" {
		return
	}
	b.filters(p, q)
	b.heads(p)
	cells := p.newCells(m)
	b.Whole = b.line(p, q, cells, m.Whole)
	b.Whole.Class, b.Whole.Into, b.Whole.Toggle = "prov-row", "", ""
	for _, r := range m.Rows {
		b.Lines = append(b.Lines, b.line(p, q, cells, r))
	}
	if m.Cell != nil {
		b.Chosen = p.chosen(m.Cell)
	}
	b.Empty = b.empty(p, q)
	b.Day = p.site.words.Day(p.Lang, luoshi.DateOf(m.AsOf).AddDays(8))
	switch n := len(m.Columns); {
	case n > 50:
		b.Size = "w4"
	case n > 30:
		b.Size = "w3"
	case n > 18:
		b.Size = "w2"
	}
}

// hiddenBut are all parameters but one, for a form that sets that one.
func (p *page) hiddenBut(but string) map[string]string {
	all := p.Hidden("")
	for name := range p.own {
		if name != but {
			all[name] = p.own.Get(name)
		}
	}
	return all
}

// there is another address with this page's parameters.
func (p *page) there(path string) string {
	var pairs []string
	for name := range p.own {
		pairs = append(pairs, name, p.own.Get(name))
	}
	return p.To(path, pairs...)
}

// filters are the ways to ask for something else.
func (b *matrixBody) filters(p *page, q service.MatrixQuery) {
	m := b.Matrix
	b.Views = []choice{
		{Text: p.W("matrix.view.own"), Href: p.Here("view", "", "under", ""), On: !q.Points && !q.Chance},
		{Text: p.W("matrix.view.points"), Href: p.Here("view", "points", "under", ""), On: q.Points},
		{Text: p.W("matrix.view.chance"), Href: p.Here("view", "chance"), On: q.Chance},
	}
	if q.Chance {
		b.Unders = append(b.Unders, choice{Text: p.W("matrix.under.all"), Href: p.Here("under", ""), On: q.Under == 0})
		for _, percent := range unlikely {
			b.Unders = append(b.Unders, choice{Text: p.W("matrix.under", "percent", percent), Href: p.Here("under", strconv.Itoa(percent)), On: q.Under == percent})
		}
	}
	for _, r := range m.Rungs {
		kind := luoshi.UnitKind(r.Code)
		below, on := r.Code, q.Below == kind || q.Below == "" && m.Rung == kind
		if len(b.Rungs) == 0 {
			below = ""
		}
		b.Rungs = append(b.Rungs, choice{Text: p.W("matrix.rung.choice", "kind", kind, "count", r.Count), Href: p.Here("below", below, "open", ""), On: on})
	}
	words := list(p.own.Get("light"))
	for _, one := range []struct {
		l     luoshi.Light
		count int
	}{{luoshi.Green, m.Counts.Green}, {luoshi.Yellow, m.Counts.Yellow}, {luoshi.Red, m.Counts.Red}, {luoshi.NotJudged, m.Counts.NotJudged}} {
		l := lightChoice{light: p.light(one.l), Count: one.count}
		if one.l == luoshi.NotJudged {
			l.Word = p.W("matrix.lights.none")
		}
		l.Href, l.On = p.Here("light", toggled(words, one.l.String())), slices.Contains(words, one.l.String())
		b.Lights = append(b.Lights, l)
	}
	b.Off = choice{Text: p.W("matrix.off"), Href: p.Here("off", "1"), On: q.Off}
	if q.Off {
		b.Off.Href = p.Here("off", "")
	}
	b.menu(p, "goal", q.Goal, m.Goals)
	b.menu(p, "group", q.Group, m.ByGroup)
	b.menu(p, "set", q.Set, m.Sets)
	b.menu(p, "department", q.Department, m.Departments)
	if m.Alone > 0 {
		b.Alone = &choice{Text: p.W("matrix.alone.more", "count", m.Alone, "unit", m.Unit.Short), Href: p.Here("all", "1")}
	} else if q.All {
		b.Alone = &choice{Text: p.W("matrix.alone.less", "unit", m.Unit.Short), Href: p.Here("all", "")}
	}
	if q.Off || q.Under > 0 || q.Find != "" || len(q.Lights) > 0 || q.Goal != "" || q.Group != "" || q.Set != "" || q.Department != "" || len(q.Indicators) > 0 {
		b.Clear = p.Here("off", "", "under", "", "find", "", "light", "", "goal", "", "group", "", "set", "", "department", "", "indicators", "")
	}
	b.Books = []choice{{Text: "Excel", Href: p.there("/indicators.xlsx")}, {Text: "CSV", Href: p.there("/indicators.csv")}}
}

// menu adds a way to narrow the columns where there is something to choose.
func (b *matrixBody) menu(p *page, name, now string, facets []service.Facet) {
	if len(facets) == 0 || len(facets) == 1 && now == "" {
		return
	}
	one := menu{Name: p.W("matrix." + name), Now: p.W("matrix.any"), On: now != ""}
	one.Choices = append(one.Choices, menuChoice{choice: choice{Text: p.W("matrix.any"), Href: p.Here(name, ""), On: now == ""}})
	for _, f := range facets {
		c := menuChoice{choice: choice{Text: p.Name(f.Name), Href: p.Here(name, f.Code), On: f.Code == now}, Count: f.Count}
		c.Depth = "d" + strconv.Itoa(min(f.Depth, 3))
		if c.On {
			one.Now = c.Text
		}
		one.Choices = append(one.Choices, c)
	}
	b.Menus = append(b.Menus, one)
}

// heads are the heads of the columns, each with what sorting by it would do.
func (b *matrixBody) heads(p *page) {
	m := b.Matrix
	b.Need = sortHead{Name: p.W("matrix.units"), Href: p.Here("sort", service.ByUnit, "dir", ""), Title: p.W("matrix.sort.unit"), Note: p.W("matrix.sorted.need")}
	switch m.Sort {
	case "":
	case service.ByUnit:
		b.Need.Href, b.Need.Title, b.Need.Note = p.Here("sort", "", "dir", ""), p.W("matrix.sort.need"), p.W("matrix.sorted.unit")
		b.Need.Aria = "ascending"
	default:
		b.Need.Href, b.Need.Title = p.Here("sort", "", "dir", ""), p.W("matrix.sort.need")
	}
	for _, c := range m.Columns {
		h := matrixHead{Code: c.Indicator, First: c.First, Measure: p.Say(c.Shown(m.Points))}
		if m.Chance {
			h.Measure = p.W("matrix.gauge.chance")
		}
		h.Name, h.Href, h.Title = p.Name(c.Name), p.Here("sort", c.Indicator, "dir", ""), p.W("matrix.sort.down", "indicator", c.Name)
		if m.Sort == c.Indicator {
			h.Aria = "descending"
			if m.Up {
				h.Aria = "ascending"
				h.Href, h.Title = p.Here("sort", "", "dir", ""), p.W("matrix.sort.need")
			} else {
				h.Href, h.Title = p.Here("sort", c.Indicator, "dir", "up"), p.W("matrix.sort.up", "indicator", c.Name)
			}
			b.Need.Note = p.W("matrix.sorted.column", "indicator", c.Name)
		}
		h.Asked, h.Varies = p.asked(c, m.Points), c.Asked.Varies && !m.Points
		h.Have, h.Full = p.W("matrix.have.of", "have", c.Have, "want", c.Want), c.Have == c.Want
		if c.Want == 0 {
			h.Have = ""
		}
		b.Heads = append(b.Heads, h)
	}
}

// asked writes what a column is asked for.
func (p *page) asked(c service.MatrixColumn, points bool) string {
	switch {
	case points || !c.Asked.Value.Valid:
		return ""
	case c.Asked.Sign != "":
		return p.W("matrix.asked."+c.Asked.Sign, "value", c.Asked.Value, "high", c.Asked.High)
	}
	return numeral(c.Asked.Value, c.Gauge, points)
}

func (b *matrixBody) line(p *page, q service.MatrixQuery, cells *cellWriter, r service.MatrixRow) matrixLine {
	l := matrixLine{Code: r.Unit.Code, Name: p.short(r.Unit), Open: r.Open, Find: r.Spelt, Cells: cells.row(r)}
	l.Into = p.Here("unit", r.Unit.Code, "open", "", "below", "", "find", "")
	if r.Depth > 0 {
		l.Class = "child e" + strconv.Itoa(min(r.Depth, 3))
	}
	if r.Below > 0 {
		l.Toggle = p.Here("open", toggled(q.Open, r.Unit.Code))
		l.Toggles = p.W("matrix.open", "unit", r.Unit.Short)
		if r.Open {
			l.Toggles = p.W("matrix.close", "unit", r.Unit.Short)
		}
	}
	c := r.Counts
	l.Tally = p.W("matrix.tally.name", "green", c.Green, "yellow", c.Yellow, "red", c.Red)
	l.Counts = []tallied{{"g", c.Green}, {"y", c.Yellow}, {"r", c.Red}}
	return l
}

// empty says why there are no rows or no columns.
func (b *matrixBody) empty(p *page, q service.MatrixQuery) *emptiness {
	m := b.Matrix
	switch {
	case len(m.Columns) == 0 && q.Off && m.Wide > 0, len(m.Rows) == 0 && m.All > 0 && q.Off && q.Find == "" && len(q.Lights) == 0:
		return &emptiness{p.W("matrix.empty.off"), p.W("matrix.empty.off.say", "all", m.All, "wide", m.Wide)}
	case len(m.Columns) == 0 && b.Clear != "":
		return &emptiness{p.W("matrix.empty.columns"), p.W("matrix.empty.columns.say")}
	case len(m.Columns) == 0:
		return &emptiness{p.W("matrix.empty", "unit", m.Unit.Name, "year", strconv.Itoa(m.Year)), p.W("matrix.empty.say")}
	case len(m.Rows) == 0 && m.All > 0:
		return &emptiness{p.W("matrix.empty.filter"), p.W("matrix.empty.filter.say", "all", m.All)}
	}
	return nil
}

// withQuery is an address with one parameter more, whether it has some already or
// not.
func withQuery(address, name, value string) string {
	sign := "?"
	if strings.Contains(address, "?") {
		sign = "&"
	}
	return address + sign + name + "=" + url.QueryEscape(value)
}
