package office

import (
	"bytes"
	"slices"

	"luoshi.dev"
)

// Figures come by the million, so their rows have a way of their own: columns are
// found once, texts that repeat are read once and kept once, numbers are read
// without allocation.

// memo remembers what the last text of a column meant.
type memo[T any] struct {
	key   string
	col   int // -1: the sheet has no such column
	block cell
	text  []byte
	form  cellForm
	value T
	full  bool
	past  map[string]T // what other texts of the column meant
}

// maxPast bounds what a column remembers.
const maxPast = 512

// forget makes the column read its next text anew.
func (m *memo[T]) forget() {
	m.full = false
	clear(m.past)
}

// figureColumns is how the figures of one sheet are read.
type figureColumns struct {
	indicator, unitCode, unitName, source, measure memo[named]
	period                                         memo[luoshi.Period]
	basis                                          memo[luoshi.Basis]
	scope                                          memo[luoshi.Scope]
	status                                         memo[luoshi.Status]
	sample                                         memo[bool]
	published                                      memo[luoshi.Date]
	year                                           memo[int]
	value, growth                                  int
	lastYear                                       int // under which the periods were read
}

// named is a text with the number under which it is known in this reading.
type named struct {
	text string
	id   uint32
}

func newFigureColumns(c *cursor) *figureColumns {
	f := &figureColumns{value: c.column("value"), growth: c.column("growth")}
	bind(c, &f.indicator, "indicator")
	bind(c, &f.unitCode, "unit_code")
	bind(c, &f.unitName, "unit_name")
	bind(c, &f.source, "source")
	bind(c, &f.measure, "measure")
	bind(c, &f.period, "period")
	bind(c, &f.basis, "basis")
	bind(c, &f.scope, "scope")
	bind(c, &f.status, "status")
	bind(c, &f.sample, "sample")
	bind(c, &f.published, "published")
	bind(c, &f.year, "year")
	f.period.past = map[string]luoshi.Period{}
	f.published.past = map[string]luoshi.Date{}
	return f
}

func bind[T any](c *cursor, m *memo[T], key string) {
	m.key, m.col, m.block = key, c.column(key), c.lay.block[key]
}

// recall returns the value of the column in this row: of its own cell, or of the
// block above where the row has none.
func recall[T any](c *cursor, m *memo[T], read func(found cell, place luoshi.Place) (T, bool)) (T, bool) {
	var none T
	found := c.l.at(m.col)
	if len(found.text) == 0 && found.form != isFormula {
		if found = m.block; len(found.text) == 0 {
			return none, false
		}
	}
	if m.full && found.form == m.form && bytes.Equal(found.text, m.text) {
		return m.value, true
	}
	value, ok := m.past[string(found.text)]
	if !ok || found.form != isText {
		place := c.s.place(c.l.number, m.col+1)
		if found.blank() || !c.sound(found, place, m.key) {
			return none, false
		}
		if value, ok = read(found, place); !ok {
			return none, false
		}
		if m.past != nil && found.form == isText && len(m.past) < maxPast && len(found.text) <= 64 {
			m.past[string(found.text)] = value
		}
	}
	m.text, m.form, m.value, m.full = append(m.text[:0], found.text...), found.form, value, true
	return value, true
}

// row reads one row of figures: one figure, or one for each column of a grid.
func (f *figureColumns) row(c *cursor) error {
	if !f.filled(c) {
		if !c.aside() {
			c.info.Skipped++
		}
		return nil
	}
	if c.aside() {
		return nil
	}
	row := FigureRow{Spot: c.spot(), Scope: luoshi.Whole}
	who := f.address(c, &row)
	if len(c.lay.values) > 0 {
		return f.grid(c, row, who)
	}
	if row.Period.Year == 0 && !c.bad && c.lay.has("period") {
		c.fault(c.place("period"), "office.cell.required", "head", c.head("period"))
	}
	row.Value = f.number(c, f.value, "value")
	row.Growth = f.number(c, f.growth, "growth")
	if !row.Value.Valid && !row.Growth.Valid && !c.bad {
		c.info.Skipped++ // a mark for "nothing" stood there
		return nil
	}
	return c.r.figures.take(c, &row, who)
}

// filled reports whether the row has any number to read.
func (f *figureColumns) filled(c *cursor) bool {
	if len(c.lay.values) == 0 {
		return !c.l.at(f.value).blank() || !c.l.at(f.growth).blank()
	}
	return slices.ContainsFunc(c.lay.values, func(v valueColumn) bool { return !c.l.at(v.col).blank() })
}

func (f *figureColumns) number(c *cursor, col int, key string) luoshi.NullQuantity {
	found := c.l.at(col)
	if q, ok := quick(found.text); ok && (found.form == isText || found.form == isNumber && len(found.text) <= 15) {
		return luoshi.Some(q)
	}
	place := c.s.place(c.l.number, col+1)
	if found.blank() || !c.sound(found, place, key) {
		return luoshi.NullQuantity{}
	}
	return c.quantity(found, place, key, false)
}

// address reads what the figure is of; its id stands for indicator and unit.
func (f *figureColumns) address(c *cursor, row *FigureRow) (id [2]uint32) {
	name := func(found cell, _ luoshi.Place) (named, bool) { return c.r.codes.get(found) }
	text := func(found cell, _ luoshi.Place) (named, bool) { return c.r.texts.get(found) }
	if in, ok := recall(c, &f.indicator, name); ok {
		row.Indicator, id[0] = in.text, in.id
	} else if len(c.lay.values) == 0 || c.lay.values[0].indicator == "" {
		c.lacks("indicator")
	}
	code, hasCode := recall(c, &f.unitCode, name)
	unit, hasName := recall(c, &f.unitName, text)
	row.UnitCode, row.UnitName, id[1] = code.text, unit.text, code.id
	if !hasCode {
		if id[1] = unit.id; !hasName {
			c.lacks("unit_code")
		}
	}
	row.Basis, _ = recall(c, &f.basis, wordOf[luoshi.Basis](c, "basis"))
	if scope, ok := recall(c, &f.scope, wordOf[luoshi.Scope](c, "scope")); ok {
		row.Scope = scope
	}
	row.Status, _ = recall(c, &f.status, wordOf[luoshi.Status](c, "status"))
	row.Sample, _ = recall(c, &f.sample, func(found cell, place luoshi.Place) (bool, bool) {
		word := c.word(found, place, "sample", "bool")
		return word == "yes", word != ""
	})
	row.Published, _ = recall(c, &f.published, func(found cell, place luoshi.Place) (luoshi.Date, bool) {
		d := c.day(found, place, "published")
		return d, d != 0
	})
	year, _ := recall(c, &f.year, func(found cell, _ luoshi.Place) (int, bool) { return yearOf(found) })
	if year != f.lastYear {
		f.period.forget() // 6月 is another month now
		f.lastYear = year
	}
	p, _ := recall(c, &f.period, func(found cell, place luoshi.Place) (luoshi.Period, bool) { return c.period(found, place, year) })
	row.Period = Span(p, row.Basis)
	source, _ := recall(c, &f.source, text)
	measure, _ := recall(c, &f.measure, text)
	row.Source, row.Measure = source.text, measure.text
	return id
}

func (c *cursor) lacks(key string) {
	if !c.l.at(c.column(key)).blank() {
		return // what stands there is at fault, and said
	}
	if c.lay.has(key) || key == "unit_code" && c.lay.has("unit_name") {
		c.fault(c.place(key), "office.cell.required", "head", c.head(key))
	}
}

func wordOf[T ~string](c *cursor, key string) func(cell, luoshi.Place) (T, bool) {
	return func(found cell, place luoshi.Place) (T, bool) {
		value := c.word(found, place, key, key)
		return T(value), value != ""
	}
}

func (c *cursor) period(found cell, place luoshi.Place, year int) (luoshi.Period, bool) {
	p, reading := found.period(year)
	if reading.fault != "" {
		c.fault(place, reading.fault, "text", clip(found.string()), "head", c.head("period"))
		return p, false
	}
	if reading.remark != "" {
		c.r.faults.once(place, reading.remark, "text", clip(found.string()), "date", p.LastDay(), "head", c.head("period"))
	}
	return p, true
}

// grid reads the figures of one row of a grid.
func (f *figureColumns) grid(c *cursor, row FigureRow, id [2]uint32) error {
	bad := c.bad
	for _, v := range c.lay.values {
		if c.l.at(v.col).blank() {
			continue
		}
		one := row
		one.Place = c.s.place(c.l.number, v.col+1)
		one.columns = v.columns
		if v.period.Year > 0 {
			one.Period = v.period
		}
		if v.basis != "" {
			one.Basis = v.basis
		}
		one.Period = Span(one.Period, one.Basis)
		if v.indicator != "" {
			in, _ := c.r.codes.get(cell{text: []byte(v.indicator)})
			one.Indicator, id[0] = in.text, in.id
		}
		c.bad = bad
		if one.Value = f.number(c, v.col, "value"); !one.Value.Valid && !c.bad {
			c.info.Skipped++
			continue
		}
		if err := c.r.figures.take(c, &one, id); err != nil {
			return err
		}
	}
	return nil
}

// known keeps one copy of each text and gives it a number.
type known struct {
	list map[string]named
	mark uint32 // keeps the numbers of two lists apart
	fold bool   // codes: full-width letters and digits are the plain ones
}

// maxKnown bounds what is kept; a column of texts that never repeat gains nothing.
const maxKnown = 1 << 20

func (k *known) get(found cell) (named, bool) {
	if found.form == isText {
		if n, ok := k.list[string(found.text)]; ok {
			return n, true
		}
	}
	text := found.string()
	if folded := luoshi.Fold(text); k.fold && asciiOnly(folded) {
		text = folded
	}
	if text == "" {
		return named{}, false
	}
	n, ok := k.list[text]
	if !ok {
		n = named{text, uint32(len(k.list)+1) | k.mark}
		k.keep(text, n)
	}
	if found.form == isText && len(text) != len(found.text) {
		k.keep(string(found.text), n)
	}
	return n, true
}

func (k *known) keep(text string, n named) {
	if k.list == nil {
		k.list = map[string]named{}
	}
	if len(k.list) < maxKnown {
		k.list[text] = n
	}
}

func asciiOnly(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// figureSink passes figures on and finds those that a file gives twice. It keeps
// about 60 bytes for each figure read.
type figureSink struct {
	seen    met
	batch   []FigureRow
	sources []*source
	dropped map[luoshi.Place]bool
}

func (k *figureSink) take(c *cursor, row *FigureRow, id [2]uint32) error {
	if c.bad || c.lay.dead || !k.alone(c, row, id) {
		c.block(row.Place)
		return nil
	}
	c.info.Rows++
	r := c.r
	if r.opt.Figures == nil {
		r.draft.Figures = append(r.draft.Figures, *row)
		return nil
	}
	if k.batch = append(k.batch, *row); len(k.batch) >= batchRows {
		return k.flush(r)
	}
	return nil
}

func (k *figureSink) flush(r *reader) error {
	if len(k.batch) == 0 {
		return nil
	}
	if err := r.ctx.Err(); err != nil {
		return err
	}
	err := r.opt.Figures(k.batch)
	k.batch = k.batch[:0]
	return err
}

// alone reports whether the figure may pass: the same figure twice is said, two
// values for one address stop both, for nothing tells which is right.
func (k *figureSink) alone(c *cursor, row *FigureRow, id [2]uint32) bool {
	where := address{
		indicator: id[0], unit: id[1], published: int32(row.Published), own: row.Scope == luoshi.Own,
		period: uint32(row.Period.Year*10000 + row.Period.From*100 + row.Period.To),
		status: uint8(slices.Index(luoshi.Statuses, row.Status) + 1),
	}
	if row.Basis != "" {
		where.basis = row.Basis[0]
	}
	if len(k.sources) == 0 || k.sources[len(k.sources)-1] != c.s {
		k.sources = append(k.sources, c.s)
	}
	now := seen{sum: digest(row), row: uint32(c.l.number), source: uint16(len(k.sources) - 1)}
	if row.Col > 0 {
		now.col = uint16(row.Col)
	}
	first, twice := k.seen.meet(where, now)
	if !twice {
		return true
	}
	firstPlace := k.sources[first.source].place(int(first.row), int(first.col))
	place := row.Place
	if first.sum == now.sum {
		c.r.faults.say(luoshi.Warning, place, "office.row.twice", "first", refOf(firstPlace, place))
		return true
	}
	c.r.faults.say(luoshi.Blocking, place, "office.row.conflict", "other", refOf(firstPlace, place), "unit", or(row.UnitName, row.UnitCode), "indicator", row.Indicator, "period", row.Period)
	if k.dropped == nil {
		k.dropped = map[luoshi.Place]bool{}
	}
	if !k.dropped[firstPlace] {
		k.dropped[firstPlace] = true
		c.drop(k.sources[first.source], firstPlace)
		c.r.faults.say(luoshi.Blocking, firstPlace, "office.row.conflict", "other", refOf(place, firstPlace), "unit", or(row.UnitName, row.UnitCode), "indicator", row.Indicator, "period", row.Period)
	}
	return false
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// refOf names a place as seen from another one.
func refOf(p, from luoshi.Place) string {
	ref := p.Ref()
	if p.Sheet != from.Sheet && p.Sheet != "" {
		ref = p.Sheet + "!" + ref
	}
	if p.File != from.File {
		ref = p.File + " " + ref
	}
	return ref
}

// digest is equal for equal values however many zeros they are written with.
func digest(row *FigureRow) uint64 {
	sum := uint64(14695981039346656037) // as FNV-1a, eight bytes at a time
	mix := func(v uint64) {
		sum = (sum ^ v) * 1099511628211
		sum ^= sum >> 29
	}
	for _, q := range [...]luoshi.NullQuantity{row.Value, row.Growth} {
		if !q.Valid {
			mix(1)
			continue
		}
		t := q.Decimal.Trim(0)
		mix(t.Coef())
		mix(uint64(t.Scale())<<1 | uint64(t.Sign()+1)<<8)
	}
	return sum
}

// finish hands over the last batch, or takes out of the draft what was
// contradicted later in the file.
func (r *reader) finish() error {
	k := &r.figures
	if r.opt.Figures != nil {
		return k.flush(r)
	}
	if len(k.dropped) > 0 {
		r.draft.Figures = slices.DeleteFunc(r.draft.Figures, func(row FigureRow) bool { return k.dropped[row.Place] })
	}
	return nil
}
