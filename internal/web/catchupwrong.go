package web

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// oneCell is the form that changes one cell without a script: it holds the first that
// is wrong.
type oneCell struct {
	Unit, Month, Value string
	Fault              *fault
}

// OneAt reports whether a month is that of the form of one more cell.
func (b *catchBody) OneAt(month int) bool { return b.One.Month == strconv.Itoa(month) }

// ofForm reports whether what is wrong stands in a control of the form.
func (c *badCell) ofForm() bool {
	return slices.Contains(c.names, "total") || slices.Contains(c.names, "stretch")
}

// formFaults are what is wrong with the controls of the form.
func (p *page) formFaults(b *catchBody) {
	b.Faults = p.faults(b.Try.bad, "total", "stretch")
	if f := b.Faults["total"]; f != nil && b.Asked.Valid {
		f.Text += p.Between() + p.W("catchuppage.total.clear", "total", b.Asked)
	}
}

// wrongs shows what is to be put right as it was typed, at its cells, and lists it under
// the sheet; then what is only warned of.
func (p *page) wrongs(b *catchBody) {
	p.formFaults(b)
	for _, bad := range b.Try.bad {
		if bad.ofForm() {
			continue
		}
		n := p.note(b, bad.unit, bad.month, p.stopped(p.withFix(bad.err)), true)
		if len(bad.names) == 0 {
			continue
		}
		n.Name, n.Drop = bad.names[0], p.dropped(b, bad)
		if bad.month > 0 {
			n.Month = strconv.Itoa(bad.month)
		}
		prefix, unit, _ := strings.Cut(n.Name, ".")
		months := []int{bad.month}
		if l := b.line(unit); l != nil && prefix == "c" && bad.month == 0 { // all that are typed
			n.Place, months = l.Name, slices.Sorted(maps.Keys(b.Try.months(n.Name, unit)))
		}
		for _, month := range months {
			cell := b.cell(unit, month)
			if cell == nil {
				continue
			}
			if cell.Class += " bad"; cell.Note == "" {
				n.ID = "note-" + unit + "-" + strconv.Itoa(bad.month)
				cell.Note, cell.Says = n.ID, strings.TrimSpace(n.Text+" "+cell.Says)
			}
			if prefix != "c" && prefix != "cap" {
				continue
			}
			cell.Text, cell.Class, cell.Effort = b.Try.at(n.Name, month), cell.Class+" fix", ""
			if b.One.Unit == "" {
				b.One = oneCell{unit, strconv.Itoa(month), cell.Text, &fault{n.Text, len(b.Faults) == 0}}
			}
		}
	}
	for _, o := range b.Problems {
		if o.Severity == luoshi.Blocking {
			continue
		}
		text := p.withFix(o.Message)
		if len(o.More) > 0 {
			text += p.W("cascadepage.more", "count", len(o.More))
		}
		p.note(b, o.Unit.Code, o.Month, text, false)
		if c := b.cell(o.Unit.Code, o.Month); c != nil {
			c.Class += " warn"
		}
	}
}

// dropped is the address of the page without something that is wrong.
func (p *page) dropped(b *catchBody, bad badCell) string {
	there := *p
	there.local = b.Try.without(bad)
	return there.Here()
}

// note lists a problem under the sheet.
func (p *page) note(b *catchBody, unit string, month int, text string, wrong bool) *planNote {
	n := &planNote{Row: unit, Col: "cap", Text: text, Bad: wrong}
	if month > 0 {
		n.Col = strconv.Itoa(month)
	}
	if b.cell(unit, month) != nil {
		n.Place = b.line(unit).Name
		if i := slices.IndexFunc(b.Cols, func(c planCol) bool { return c.Key == n.Col }); i >= 0 {
			n.Place += p.W("cascadepage.at") + b.Cols[i].Head
		}
	}
	b.Marks = append(b.Marks, n)
	return n
}

// line finds the row of a unit that is planned, nil = none.
func (b *catchBody) line(unit string) *planLine {
	for _, l := range b.Lines {
		if l.Code == unit && !strings.HasSuffix(l.ID, "~own") && (unit != b.Unit.Code || b.Alone) {
			return l
		}
	}
	return nil
}

// cell finds the cell of a unit in a month; month 0 is the most that it may bring.
func (b *catchBody) cell(unit string, month int) *planCell {
	l := b.line(unit)
	if l == nil {
		return nil
	}
	for i := range l.Cells {
		if c := &l.Cells[i]; month > 0 && c.Month == month || month == 0 && strings.HasPrefix(c.Class, "capc") {
			return c
		}
	}
	return nil
}

// blocked reports whether a problem stands in the way.
func blocked(problems []service.SheetProblem) bool {
	return slices.ContainsFunc(problems, func(o service.SheetProblem) bool { return o.Severity == luoshi.Blocking })
}
