package web

import (
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/service"
)

// planCol is a column of the sheet.
type planCol struct {
	Key, Head, Small string
	Class            string
}

// planLine is a row of the sheet. Cells follow the columns.
type planLine struct {
	ID, Code, Class  string
	Name, Title      string
	Level            int
	Fold, Unfold     string // address that closes, that opens what is below
	Try, Leave       string // address that splits what is below too, that does not
	Down             string // the plan of the unit itself
	Came             string // the events of its target
	Ways             []option
	Cells            []planCell
	Reserve, Foot    bool
	Method, MethodOf string
}

// planCell is one cell: what stands in it, how it looks, and which parameter of the
// try-out it sets, "" = none.
type planCell struct {
	Text  string `json:"t"`
	Class string `json:"c"`
	Set   string `json:"-"`
	Month int    `json:"-"`
	Name  string `json:"-"` // column, for a fold
	// Of a catch-up plan: all that is known of the cell, and how hard it is.
	Says   string `json:"-"`
	Effort string `json:"-"`
	Note   string `json:"-"` // id of what is wrong with it
}

// planNote is a problem under the sheet.
type planNote struct {
	Place string `json:"place"` // "合肥市·3月", "" = the sheet
	Row   string `json:"row"`
	Col   string `json:"col"`
	Text  string `json:"text"`
	Bad   bool   `json:"bad"`
	// Of a catch-up plan: its id, the parameter and month that hold it, and the address
	// without it.
	ID    string `json:"-"`
	Name  string `json:"-"`
	Month string `json:"-"`
	Drop  string `json:"-"`
}

// sheet lays the columns and rows out.
func (p *page) sheet(b *cascadeBody) {
	v := b.CascadeSheet
	measure := p.Name(v.Measure.Symbol)
	before, against := "cascadepage.col.inforce", "cascadepage.col.against"
	if !v.Tried {
		before, against = "cascadepage.col.previous", "cascadepage.col.revised"
	}
	b.Cols = []planCol{
		{"total", p.W("cascadepage.col.total", "year", strconv.Itoa(v.Year)), measure, "num"},
		{"last", p.W("cascadepage.col.last"), "", "num k-last"},
		{"growth", p.W("cascadepage.col.growth"), "%", "num k-last"},
		{"before", p.W(before), "", "num k-rev"},
		{"against", p.W(against), "", "num k-rev"},
		{"hidden", p.W("cascadepage.col.hidden"), "", "num"},
	}
	for _, c := range v.Columns {
		b.Cols = append(b.Cols, planCol{strconv.Itoa(c.To), p.site.words.Span(p.Lang, c), "", "num mo"})
	}
	for i := range v.Rows {
		b.Lines = append(b.Lines, p.line(b, &v.Rows[i]))
	}
	p.foot(b)
	p.flag(b)
}

// line is one row.
func (p *page) line(b *cascadeBody, row *service.SheetRow) *planLine {
	v, code := b.CascadeSheet, row.Unit.Code
	l := &planLine{ID: code, Code: code, Level: row.Depth + 1, Name: p.Name(row.Unit.Short), Class: "d" + strconv.Itoa(min(row.Depth, 4)), Reserve: row.Reserve, Title: p.Name(row.Unit.Name)}
	if !row.Reserve && (row.Total.Valid && !v.Tried || row.Before.Valid) {
		l.Came = p.CameTarget(code, v.Code)
	}
	total, cells := "t."+code, "c."+code
	editable := row.Depth <= 1 || row.Tried
	switch {
	case row.Reserve:
		l.ID, l.Name, l.Class = code+"~r", p.W("cascadepage.reserve"), l.Class+" keep"
		l.Title = l.Name
		if total, cells = "r."+code, ""; row.Depth == 1 {
			total = "reserve"
		}
		editable = row.Depth == 1 || row.Tried
	case row.Depth == 0:
		total, cells, l.Class = "total", "m", "d0 tot"
	default:
		p.foldings(b, l, row)
		if b.Months && editable {
			l.Ways = p.waysOver(row.Method)
		}
	}
	if !editable {
		total, cells = "", ""
	}
	put := func(text, class, set string, month int) {
		if set == "" && !strings.Contains(class, "calc") {
			class = strings.TrimSpace("ro " + class)
		}
		l.Cells = append(l.Cells, planCell{Text: text, Class: class, Set: set, Month: month, Name: b.Cols[len(l.Cells)].Head})
	}
	put(p.figure(row.Total), lockClass(row.Locked), total, 0)
	put(p.figure(row.LastYear), "calc k-last", "", 0)
	put(p.share(row.Growth), "calc k-last", "", 0)
	put(p.figure(row.Before), "calc k-rev", "", 0)
	put(p.signed(row.Against), "calc k-rev"+moved(row.Against), "", 0)
	put(p.padding(row), "calc"+pads(v, row.Hidden), "", 0)
	for j, c := range v.Columns {
		class := "mo"
		if j < len(row.Cells) && row.Cells[j] {
			class += " fix"
		} else if row.Assumed {
			class += " inf"
		}
		put(p.figure(row.Months[j]), class, cells, c.To)
	}
	return l
}

// foldings are the ways to open what is below a unit and to split it too.
func (p *page) foldings(b *cascadeBody, l *planLine, row *service.SheetRow) {
	q, code := b.Draft.query, row.Unit.Code
	if row.Below == 0 {
		return
	}
	l.Down = p.without().Here("unit", code)
	switch {
	case row.Split:
		l.Leave = p.Here("split", flipped(q.Split, code), "open", with(q.Open, code))
		l.Fold = p.Here("split", flipped(q.Split, code), "open", without(q.Open, code))
	case row.Open:
		l.Fold = p.Here("open", flipped(q.Open, code))
		l.Try = p.Here("split", flipped(q.Split, code))
	default:
		l.Unfold = p.Here("open", flipped(q.Open, code))
	}
}

func with(list []string, code string) string {
	if slices.Contains(list, code) {
		return strings.Join(list, "_")
	}
	return flipped(list, code)
}

func without(list []string, code string) string {
	if !slices.Contains(list, code) {
		return strings.Join(list, "_")
	}
	return flipped(list, code)
}

// waysOver are the choices of a unit's own way over the year.
func (p *page) waysOver(now string) []option {
	list := []option{{"", p.W("cascadepage.way.follow"), now == ""}}
	for _, m := range service.TimeMethods() {
		if m != service.AsInForce {
			list = append(list, option{m, p.W("cascade.method." + m), m == now})
		}
	}
	return list
}

// foot is the lower margin: what is below with the reserve, and what that is beyond
// the target.
func (p *page) foot(b *cascadeBody) {
	v := b.CascadeSheet
	sum := &planLine{ID: "~sum", Name: p.W("cascadepage.sum"), Class: "tot sum", Foot: true}
	gap := &planLine{ID: "~gap", Name: p.W("cascadepage.gap"), Class: "gap-row", Foot: true}
	for i, c := range b.Cols {
		a, g := planCell{Class: "ro " + c.Class}, planCell{Class: "ro " + c.Class}
		switch {
		case !v.Sum.Full && i == 0:
			a.Text = p.W("cascadepage.incomplete")
		case !v.Sum.Full:
		case i == 0:
			a.Text, g.Text = p.figure(v.Sum.Total), p.signed(v.Sum.Hidden)
			g.Class += pads(v, v.Sum.Hidden)
		case i >= 6:
			j := i - 6
			a.Text = p.figure(v.Sum.Months[j])
			if top := v.Rows[0].Months[j]; top.Valid && v.Sum.Months[j].Valid {
				if d, err := v.Sum.Months[j].Decimal.Sub(top.Decimal); err == nil {
					g.Text = p.signed(luoshi.Some(d))
					g.Class += pads(v, luoshi.Some(d))
				}
			}
		}
		a.Name, g.Name = c.Head, c.Head
		sum.Cells, gap.Cells = append(sum.Cells, a), append(gap.Cells, g)
	}
	b.Foot = []*planLine{sum, gap}
}

func (p *page) figure(q luoshi.NullQuantity) string {
	if !q.Valid {
		return "—"
	}
	return locale.Number(q.Decimal, "")
}

func (p *page) signed(q luoshi.NullQuantity) string {
	if !q.Valid {
		return ""
	}
	return locale.Number(q.Decimal, "signed")
}

func (p *page) share(r luoshi.Ratio) string {
	q := r.Percent(1)
	if !q.Valid {
		return ""
	}
	return locale.Number(q.Decimal, "signed")
}

// padding is what a unit adds; where nothing is handed on there is nothing to say.
func (p *page) padding(row *service.SheetRow) string {
	if row.Reserve || !row.Hidden.Valid {
		return ""
	}
	return locale.Number(row.Hidden.Decimal, "signed")
}

// pads marks what asks for attention: more than the target where more is better.
func pads(v *service.CascadeSheet, q luoshi.NullQuantity) string {
	switch {
	case !q.Valid || q.Decimal.IsZero():
		return ""
	case q.Decimal.IsNeg() == (v.Direction == luoshi.Less):
		return " pad"
	}
	return " lack"
}

func moved(q luoshi.NullQuantity) string {
	if q.Valid && !q.Decimal.IsZero() {
		return " mv"
	}
	return ""
}

func lockClass(locked bool) string {
	if locked {
		return "fix"
	}
	return ""
}

// flag marks the cells that have problems, and shows what could not be read as typed.
func (p *page) flag(b *cascadeBody) {
	find := func(unit string, month int) *planCell {
		for _, l := range b.Lines {
			if l.Reserve || l.Code != unit && (unit != "" || l.Level != 1) {
				continue
			}
			for i := range l.Cells {
				if c := &l.Cells[i]; c.Month == month && (month > 0 || i == 0) {
					return c
				}
			}
		}
		return nil
	}
	for _, o := range b.CascadeSheet.Problems {
		if c := find(o.Unit.Code, o.Month); c != nil {
			if o.Severity == luoshi.Blocking {
				c.Class += " bad"
			} else if o.Unit.Code != b.Unit.Code {
				c.Class += " warn"
			}
		}
	}
	for _, l := range b.Lines {
		for i := range l.Cells {
			c := &l.Cells[i]
			for _, bad := range b.Draft.bad {
				if c.Set == bad.names[0] && c.Month == bad.month {
					c.Text, c.Class = bad.typed, c.Class+" fix bad"
				}
			}
		}
	}
}

// planNotes are the problems under the sheet, by cell.
func (p *page) planNotes(b *cascadeBody) []planNote {
	var list []planNote
	name := map[string]string{}
	for _, row := range b.Rows {
		name[row.Unit.Code] = p.Name(row.Unit.Short)
	}
	place := func(unit string, month int) string {
		if month == 0 {
			return name[unit]
		}
		for _, c := range b.Cols {
			if c.Key == strconv.Itoa(month) {
				return name[unit] + p.W("cascadepage.at") + c.Head
			}
		}
		return name[unit] + p.W("cascadepage.at") + strconv.Itoa(month)
	}
	col := func(month int) string {
		if month == 0 {
			return "total"
		}
		return strconv.Itoa(month)
	}
	for _, bad := range b.Draft.bad {
		unit := bad.unit
		if unit == "" {
			unit = b.Unit.Code
		}
		list = append(list, planNote{Place: place(unit, bad.month), Row: unit, Col: col(bad.month), Text: p.withFix(bad.err), Bad: true})
	}
	for _, o := range b.CascadeSheet.Problems {
		n := planNote{Place: place(o.Unit.Code, o.Month), Row: o.Unit.Code, Col: col(o.Month), Text: p.withFix(o.Message), Bad: o.Severity == luoshi.Blocking}
		if len(o.More) > 0 {
			n.Text += p.W("cascadepage.more", "count", len(o.More))
		}
		list = append(list, n)
	}
	return list
}
