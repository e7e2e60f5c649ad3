package office

import (
	"strings"

	"luoshi.dev"
)

// Column says what one column of a sheet was taken for.
type Column struct {
	Col    int          // from one
	Head   string       // as written
	Field  string       // its name in words/heads.csv, "" where it is not read
	Name   luoshi.Names // what the templates call it
	Number bool         // it holds quantities
	Period luoshi.Period
	Basis  luoshi.Basis // of a column of figures of one period, as its head says
}

// describe names the columns of a sheet by its row of heads.
func (l *layout) describe(heads line) []Column {
	list := make([]Column, 0, len(heads.cells))
	for col, c := range heads.cells {
		if len(list) == cap(list) {
			break
		}
		one := Column{Col: col + 1, Head: clip(c.string())}
		for key, at := range l.cols {
			if f := lex().field(l.kind, key); at == col && f.form != "skip" {
				one.Field, one.Name, one.Number = key, f.heads, f.form == "number" || f.form == "percent" || f.form == "share"
			}
		}
		for _, v := range l.values {
			if v.col == col {
				one.Field, one.Name, one.Number = "value", lex().field(Figures, "value").heads, true
				one.Period, one.Basis = v.period, v.basis
			}
		}
		list = append(list, one)
	}
	return list
}

// shownText bounds what is shown of one cell.
const shownText = 200

// pass hands a row on as a person sees it.
func (c *cursor) pass(l line) error {
	c.shown = c.shown[:0]
	for i := range l.cells {
		c.shown = append(c.shown, l.cells[i].shown())
	}
	for n := len(c.shown); n > 0 && c.shown[n-1] == ""; n-- {
		c.shown = c.shown[:n-1]
	}
	return c.r.opt.Line(c.s.file, c.s.sheet, l.number, c.shown)
}

// shown is the cell as the spreadsheet shows it, near enough to be found again.
func (c cell) shown() string {
	switch c.form {
	case isDate, isDate04:
		if d, ok := serial(c.text, c.form == isDate04); ok {
			return d.String()
		}
	case isPercent:
		if q, reading := c.number(false); reading.fault == "" {
			return q.String() + "%"
		}
	case isFormula:
		return "="
	}
	text := c.string()
	if len(text) > shownText {
		text = strings.ToValidUTF8(text[:shownText], "") + "…"
	}
	return strings.ToValidUTF8(text, "\ufffd")
}

// Text writes a value of a field as the sheets of a language do, for showing what
// it was beside what it is to be.
func Text(kind Kind, key string, value any, lang string) string {
	return unguarded(plainText(lex().field(kind, key), value, lang))
}

// Difference is a field that two rows of one kind do not have in common.
type Difference struct {
	Field    string
	Old, New any // as Text takes them
}

// Compare lists the fields in which two rows of one kind (two *TargetRow, say)
// differ, in the order of the columns.
func Compare(kind Kind, old, now record) []Difference {
	var list []Difference
	for _, f := range lex().fields[kind] {
		if f.form == "skip" {
			continue
		}
		a, b := old.field(f.key), now.field(f.key)
		if plainText(f, trimmed(a), Hans) != plainText(f, trimmed(b), Hans) {
			list = append(list, Difference{f.key, a, b})
		}
	}
	return list
}

// trimmed takes the zeros off the end of a quantity: 10.0 is 10.
func trimmed(value any) any {
	switch v := value.(type) {
	case luoshi.Quantity:
		return v.Trim(0)
	case luoshi.NullQuantity:
		v.Decimal = v.Decimal.Trim(0)
		return v
	}
	return value
}

// Head is what the templates call a field.
func Head(kind Kind, key string) luoshi.Names { return lex().field(kind, key).heads }
