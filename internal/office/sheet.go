package office

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/govalues/decimal"
	"luoshi.dev"
)

// cursor reads the fields of one row after another and remembers whether the row
// may be taken over.
type cursor struct {
	r     *reader
	s     *source
	lay   *layout
	l     line
	bad   bool
	info  SheetInfo
	sums  [4]sumColumn // where a row of sums says so
	shown []string     // the row as it is passed on
}

// sumColumn is a column, with its last text that was no sum.
type sumColumn struct {
	col  int
	text []byte
}

// read reads one recognised sheet.
func (r *reader) read(s *source) error {
	src, err := s.open()
	if err != nil {
		return err
	}
	defer src.close()
	c := &cursor{r: r, s: s, lay: s.layout, info: SheetInfo{File: s.file, Name: s.sheet, Kind: s.layout.kind, Wide: len(s.layout.values) > 0, Head: s.layout.head, Columns: s.layout.columns}}
	for i, key := range []string{"", "unit_name", "name", "unit_code"} {
		c.sums[i].col = c.column(key)
	}
	var figures *figureColumns
	if s.layout.kind == Figures {
		figures = newFigureColumns(c)
	}
	hidden, firstHidden := 0, 0
	for {
		l, err := src.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if r.opt.Line != nil {
			if err := c.pass(l); err != nil {
				return err
			}
		}
		if l.number <= s.layout.head {
			continue
		}
		if r.rows++; r.rows > r.opt.MaxRows {
			return &luoshi.Error{Code: luoshi.TooLarge, Message: luoshi.Say("office.rows.too_many", "file", s.file, "limit", int(r.opt.MaxRows))}
		}
		if l.hidden {
			if hidden++; firstHidden == 0 {
				firstHidden = l.number
			}
		}
		c.l, c.bad = l, false
		if figures != nil {
			err = figures.row(c)
		} else {
			c.row()
		}
		if err != nil {
			return err
		}
	}
	if hidden > 0 {
		r.faults.say(luoshi.Warning, s.place(firstHidden, 0), "office.rows.hidden", "count", hidden)
	}
	r.draft.Sheets = append(r.draft.Sheets, c.info)
	return nil
}

// row reads a row of anything but figures.
func (c *cursor) row() {
	if c.aside() {
		return
	}
	d := c.r.draft
	switch c.lay.kind {
	case Units:
		keep(c, &d.Units, c.unit())
	case Changes:
		keep(c, &d.Changes, c.change())
	case Indicators:
		keep(c, &d.Indicators, c.indicator())
	case Sets:
		keep(c, &d.Sets, c.set())
	case Schemes:
		keep(c, &d.Schemes, c.scheme())
	case Goals:
		keep(c, &d.Goals, c.goal())
	case Targets:
		keep(c, &d.Targets, c.target())
	}
}

func keep[T any](c *cursor, list *[]T, row T) {
	if c.bad || c.lay.dead {
		c.block(c.s.place(c.l.number, 0))
		return
	}
	c.info.Rows++
	*list = append(*list, row)
}

// block counts a row, or a cell of a grid, that is kept out.
func (c *cursor) block(place luoshi.Place) {
	c.info.Blocked++
	if c.r.opt.Refused != nil {
		c.r.opt.Refused(c.lay.kind, place)
	}
}

// drop is block for a figure that was let pass before.
func (c *cursor) drop(from *source, place luoshi.Place) {
	c.block(place)
	if from == c.s {
		c.info.Rows--
		return
	}
	c.info.Blocked-- // it stands in a sheet that is read already
	for i := range c.r.draft.Sheets {
		if sheet := &c.r.draft.Sheets[i]; sheet.File == from.file && sheet.Name == from.sheet {
			sheet.Rows--
			sheet.Blocked++
		}
	}
}

// aside passes over what is no data: rows left empty, totals, notes below the
// table. Totals and notes are said, for a row must not vanish unseen.
func (c *cursor) aside() bool {
	filled, first := 0, -1
	for col := range c.l.cells {
		if !c.l.cells[col].blank() {
			if filled++; first < 0 {
				first = col
			}
			if filled > 1 {
				break
			}
		}
	}
	if filled == 0 {
		return true
	}
	if c.total(first) {
		return true
	}
	if text := c.l.cells[first].string(); filled == 1 && c.l.cells[first].form == isText && noteText(text) {
		c.info.Skipped++
		c.r.faults.once(c.s.place(c.l.number, first+1), "office.row.note", "text", clip(text))
		return true
	}
	return false
}

// total reports whether the row is one of sums. Sums are made here, never read.
func (c *cursor) total(first int) bool {
	c.sums[0].col = first
	for i := range c.sums {
		column := &c.sums[i]
		cell := c.l.at(column.col)
		if len(cell.text) == 0 || len(cell.text) > 32 || cell.form != isText || cell.text[0] >= '0' && cell.text[0] <= '9' || bytes.Equal(cell.text, column.text) || !mayTotal(cell.text) {
			continue
		}
		sum, known := c.r.totals[string(cell.text)]
		if !known {
			_, sum = lex().find("total", string(cell.text))
			if len(c.r.totals) < 1<<16 {
				c.r.totals[string(cell.text)] = sum
			}
		}
		if sum {
			c.info.Skipped++
			if !slices.Contains(lex().every["own_total"], cell.string()) { // its own line, for the clerk's eye
				c.r.faults.say(luoshi.Warning, c.s.place(c.l.number, 0), "office.row.total", "text", cell.string())
			}
			return true
		}
		column.text = append(column.text[:0], cell.text...)
	}
	return false
}

// mayTotal reports whether a text could be one of the words for a total: few digits
// and Chinese characters are in any of them, and folding leaves those as they are.
func mayTotal(text []byte) bool {
	last := &lex().inTotals
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if (r >= '0' && r <= '9' || r >= 0x4e00 && r < 0xa000) && !last[byte(r)] {
			return false
		}
		text = text[size:]
	}
	return true
}

func noteText(text string) bool {
	form := strings.ToLower(luoshi.Fold(text))
	for _, mark := range lex().every["note"] {
		if strings.HasPrefix(form, strings.ToLower(luoshi.Fold(mark))) {
			return true
		}
	}
	return len([]rune(form)) > 60
}

func (c *cursor) column(key string) int {
	if col, ok := c.lay.cols[key]; ok {
		return col
	}
	return -1
}

func (c *cursor) spot() Spot {
	return Spot{Place: c.s.place(c.l.number, 0), columns: &c.lay.Columns}
}

// place is where a field of this row stands.
func (c *cursor) place(key string) luoshi.Place {
	return c.s.place(c.l.number, c.column(key)+1)
}

func (c *cursor) head(key string) any {
	if head, ok := c.lay.heads[key]; ok {
		return head
	}
	f := lex().field(c.lay.kind, key)
	return f.heads
}

func (c *cursor) fault(place luoshi.Place, key string, pairs ...any) {
	c.bad = true
	c.r.faults.say(luoshi.Blocking, place, key, pairs...)
}

// get returns a field's cell if it holds something; what cannot be a value of any
// field (an error, a formula never calculated) is reported and left out.
func (c *cursor) get(key string) (cell, bool) {
	col := c.column(key)
	found := c.l.at(col)
	if found.blank() {
		if f := lex().field(c.lay.kind, key); f.must && col >= 0 {
			c.fault(c.place(key), "office.cell.required", "head", c.head(key))
		}
		return cell{}, false
	}
	return found, c.sound(found, c.place(key), key)
}

// sound reports whether the cell holds a value at all.
func (c *cursor) sound(found cell, place luoshi.Place, key string) bool {
	switch {
	case found.form == isError:
		c.fault(place, "office.cell.error", "text", clip(found.string()), "head", c.head(key))
	case found.form == isFormula:
		c.fault(place, "office.cell.formula", "head", c.head(key))
	case found.form == isMerged:
		c.fault(place, "office.cell.merged", "text", clip(found.string()), "head", c.head(key))
	case found.form == isText && garbled(found.text):
		c.fault(place, "office.cell.garbled", "text", clip(found.string()), "head", c.head(key))
	default:
		return true
	}
	return false
}

// garbled finds the mark that a decoder leaves where bytes made no character.
func garbled(text []byte) bool {
	for i := 0; i+2 < len(text); i++ {
		if text[i] == 0xef && text[i+1] == 0xbf && text[i+2] == 0xbd {
			return true
		}
	}
	return false
}

func (c *cursor) text(key string) string {
	found, ok := c.get(key)
	if !ok {
		return ""
	}
	return found.string()
}

// code is text in which full-width letters and digits are the plain ones.
func (c *cursor) code(key string) string { return luoshi.Fold(c.text(key)) }

func (c *cursor) names(key string) luoshi.Names {
	return luoshi.Names{Hans: c.text(key), Hant: c.text(key + "_hant"), En: c.text(key + "_en")}
}

// number reads a quantity; the marks that people put for "nothing" are nothing.
func (c *cursor) number(key string) luoshi.NullQuantity {
	found, ok := c.get(key)
	if !ok {
		return luoshi.NullQuantity{}
	}
	f := lex().field(c.lay.kind, key)
	return c.quantity(found, c.place(key), key, f.form == "share")
}

func (c *cursor) quantity(found cell, place luoshi.Place, key string, fraction bool) luoshi.NullQuantity {
	q, reading := found.number(fraction)
	if reading.fault == "" && reading.remark == "" {
		return luoshi.Some(q)
	}
	if reading.fault != "" {
		if found.form == isText {
			if _, nothing := lex().find("empty", found.string()); nothing {
				c.r.faults.once(place, "office.cell.placeholder", "text", found.string(), "head", c.head(key))
				return luoshi.NullQuantity{}
			}
		}
		c.bad = true
		if !c.r.faults.full(place, reading.fault) {
			c.fault(place, reading.fault, "text", clip(string(found.text)), "head", c.head(key))
		} else {
			c.r.faults.say(luoshi.Blocking, place, reading.fault)
		}
		return luoshi.NullQuantity{}
	}
	if f := lex().field(c.lay.kind, key); f.form != "percent" || found.form == isPercent {
		c.r.faults.once(place, reading.remark, "text", clip(string(found.text)), "value", q, "head", c.head(key))
	}
	return luoshi.Some(q)
}

// orOne is a weight: empty is 1.
func orOne(q luoshi.NullQuantity) luoshi.Quantity {
	if !q.Valid {
		return decimal.One
	}
	return q.Decimal
}

// int reads a whole number; 0 where empty.
func (c *cursor) int(key string) int {
	found, ok := c.get(key)
	if !ok {
		return 0
	}
	q, reading := found.number(false)
	if n, err := luoshi.Scaled(q, 0); reading.fault == "" && err == nil && n >= -1_000_000_000 && n <= 1_000_000_000 {
		return int(n)
	}
	c.fault(c.place(key), "office.cell.whole", "text", clip(found.string()), "head", c.head(key))
	return 0
}

func (c *cursor) year(key string) int {
	found, ok := c.get(key)
	if !ok {
		return 0
	}
	if y, ok := yearOf(found); ok {
		return y
	}
	c.fault(c.place(key), "office.cell.year", "text", clip(found.string()), "head", c.head(key))
	return 0
}

func (c *cursor) date(key string) luoshi.Date {
	found, ok := c.get(key)
	if !ok {
		return 0
	}
	return c.day(found, c.place(key), key)
}

func (c *cursor) day(found cell, place luoshi.Place, key string) luoshi.Date {
	d, reading := found.date()
	if reading.fault != "" {
		c.fault(place, reading.fault, "text", clip(found.string()), "head", c.head(key))
	} else if reading.remark != "" {
		c.r.faults.once(place, reading.remark, "text", clip(found.string()), "date", d, "head", c.head(key))
	}
	return d
}

// choice reads a word of the field's list.
func (c *cursor) choice(key string) string {
	found, ok := c.get(key)
	if !ok {
		return ""
	}
	f := lex().field(c.lay.kind, key)
	return c.word(found, c.place(key), key, f.form)
}

func (c *cursor) word(found cell, place luoshi.Place, key, list string) string {
	text := found.string()
	if value, ok := lex().find(list, text); ok {
		return value
	}
	if near := Nearest(text, lex().every[list]); len(near) > 0 {
		c.fault(place, "office.cell.word_near", "text", clip(text), "head", c.head(key), "near", near[0], "allowed", lex().allowed(list))
	} else {
		c.fault(place, "office.cell.word", "text", clip(text), "head", c.head(key), "allowed", lex().allowed(list))
	}
	return ""
}

func (c *cursor) yes(key string) bool {
	found, ok := c.get(key)
	return ok && c.word(found, c.place(key), key, "bool") == "yes"
}

// month returns the field of a planned cumulative value.
func month(m int) string { return "m" + strconv.Itoa(m) }
