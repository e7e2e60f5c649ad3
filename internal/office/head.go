package office

import (
	"slices"
	"strings"

	"luoshi.dev"
)

// layout is what a sheet turned out to be.
type layout struct {
	kind  Kind
	head  int            // row number of the heads
	cols  map[string]int // field -> column, from zero
	heads map[string]string
	Columns
	// A grid of figures: what stands above the heads or in the sheet's block holds
	// for all its cells.
	block   map[string]cell
	values  []valueColumn
	columns []Column // what each was taken for
	// dead: the heads are at fault. Rows are still checked, none is taken over.
	dead     bool
	yearless bool // a grid of months of no year
}

// valueColumn is a column of a grid that holds figures of one period or indicator.
type valueColumn struct {
	col       int
	period    luoshi.Period
	basis     luoshi.Basis
	indicator string
	columns   *Columns
}

// recognise tells the kind of a sheet by its name, else by its heads, and maps its
// columns; nil when it is none of ours.
func (r *reader) recognise(s *source, top []line) *layout {
	named, known := lex().find("sheet", strings.TrimRight(s.name(), " 0123456789()（）"))
	if named == "notes" {
		return &layout{}
	}
	best, kind, head := 0, Kind(""), 0
	for _, k := range Kinds {
		for i, l := range top {
			points := score(k, l)
			if points > 0 && k == Kind(named) {
				points += 4
			}
			if points > best {
				best, kind, head = points, k, i
			}
		}
	}
	if best < 1 {
		r.unknownSheet(s, top, known)
		return nil
	}
	lay := &layout{kind: kind, head: top[head].number, cols: map[string]int{}, heads: map[string]string{}, block: map[string]cell{}}
	r.mapHeads(s, lay, top[head])
	if kind == Figures {
		lay.readBlock(top[:head])
		r.mapGrid(s, lay, top[head])
	}
	lay.at = map[string]spot{}
	for key, col := range lay.cols {
		lay.at[key] = spot{col: col + 1}
	}
	r.missingHeads(s, lay)
	lay.columns = lay.describe(top[head])
	return lay
}

// score counts the columns that a row names. A column that the kind cannot do
// without weighs more, here or lacking; numbers speak against a row of heads, and
// months say nothing about which kind it is.
func score(kind Kind, l line) int {
	total, filled, numbers := 0, 0, 0
	seen := map[string]bool{}
	for _, c := range l.cells {
		if c.blank() {
			continue
		}
		filled++
		at, ok := lex().heads[kind][headForm(c.string())]
		if ok {
			if key := lex().fields[kind][at].key; !seen[key] && !monthField(kind, key) {
				seen[key] = true
				total += 2
			}
		} else if _, isNumber := quick(c.text); isNumber {
			numbers++
		}
	}
	if kind == Figures {
		return figureScore(l, seen, filled, numbers)
	}
	if len(seen) < 2 {
		return 0
	}
	for _, f := range lex().fields[kind] {
		switch {
		case f.must && seen[f.key]:
			total++
		case f.must:
			total -= 2
		}
	}
	if kind == Units && !seen["kind"] { // codes and names alone may head a grid of figures as well
		total -= 2
	}
	return max(total-numbers, 1)
}

func monthField(kind Kind, key string) bool {
	return kind == Targets && len(key) > 1 && key[0] == 'm' && key[1] <= '9'
}

// figureScore tells the heads of figures from the block above them: heads name a
// unit or a value, or indicators beside periods.
func figureScore(l line, seen map[string]bool, filled, numbers int) int {
	unit := seen["unit_code"] || seen["unit_name"]
	value := seen["value"] || seen["growth"]
	across := periods(l)
	switch {
	case unit && len(seen) == 1 && across == 0 && filled > 1 && numbers == 0:
		return 1 // perhaps indicators across
	case !unit && !value && (!seen["indicator"] || across == 0 || seen["period"] || seen["year"]):
		return 0
	case len(seen) < 2 && across == 0:
		return 0
	}
	total := 2*len(seen) + min(across, 3) - numbers
	for _, key := range []string{"indicator", "unit_code", "period"} {
		if seen[key] {
			total++
		}
	}
	if value {
		total += 2
	}
	return max(total, 1)
}

// periods counts the cells of a row that name a period.
func periods(l line) int {
	count := 0
	for _, c := range l.cells {
		if _, _, ok := periodHead(c, 2000); ok {
			count++
		}
	}
	return count
}

func (r *reader) unknownSheet(s *source, top []line, known bool) {
	if known {
		r.faults.say(luoshi.Blocking, s.place(0, 0), "office.sheet.heads", "sheet", s.name())
		return
	}
	if near := Nearest(s.name(), lex().every["sheet"]); len(near) > 0 {
		r.faults.say(luoshi.Warning, s.place(0, 0), "office.sheet.unknown_near", "sheet", s.name(), "near", near[0])
		return
	}
	r.faults.say(luoshi.Warning, s.place(top[0].number, 0), "office.sheet.unknown", "sheet", s.name(), "known", lex().allowed("sheet"))
}

// mapHeads gives every column its field. "单位" above figures names the unit, or
// the unit of measure where another column already names the unit.
func (r *reader) mapHeads(s *source, lay *layout, l line) {
	fields := lex().fields[lay.kind]
	measure := -1
	if lay.kind == Figures {
		measure = measureColumn(l)
	}
	for col, c := range l.cells {
		text := c.string()
		at, ok := lex().heads[lay.kind][headForm(text)]
		if !ok {
			continue
		}
		key := fields[at].key
		if col == measure {
			key = "measure"
		}
		if first, twice := lay.cols[key]; twice {
			if fields[at].form != "skip" {
				lay.dead = true
				r.faults.say(luoshi.Blocking, s.place(l.number, col+1), "office.column.twice", "head", clip(text), "first", s.place(l.number, first+1).Ref())
			}
			continue
		}
		lay.cols[key], lay.heads[key] = col, clip(text)
	}
	if lay.kind != Figures {
		r.unknownHeads(s, lay, l)
	}
}

func measureColumn(l line) int {
	unit, other := -1, false
	for col, c := range l.cells {
		form := headForm(c.string())
		at, ok := lex().heads[Figures][form]
		switch {
		case form == "单位" || form == "單位" || form == "unit":
			unit = col
		case ok && lex().fields[Figures][at].key == "unit_name":
			other = true
		case ok && lex().fields[Figures][at].key == "measure":
			return -1
		}
	}
	if other {
		return unit
	}
	return -1
}

// unknownHeads names the columns that are not read.
func (r *reader) unknownHeads(s *source, lay *layout, l line) {
	used := func(col int) bool {
		for _, c := range lay.cols {
			if c == col {
				return true
			}
		}
		return slices.ContainsFunc(lay.values, func(v valueColumn) bool { return v.col == col })
	}
	for col, c := range l.cells {
		text := c.string()
		if _, known := lex().heads[lay.kind][headForm(text)]; text == "" || known || used(col) {
			continue
		}
		place := s.place(l.number, col+1)
		if near := Nearest(text, lex().all[lay.kind]); len(near) > 0 {
			r.faults.say(luoshi.Warning, place, "office.column.unknown_near", "head", clip(text), "near", near[0])
		} else {
			r.faults.say(luoshi.Warning, place, "office.column.unknown", "head", clip(text))
		}
	}
}

// missingHeads reports the columns that the kind cannot do without.
func (r *reader) missingHeads(s *source, lay *layout) {
	if lay.yearless {
		return
	}
	for _, f := range lex().fields[lay.kind] {
		if !f.must || lay.has(f.key) {
			continue
		}
		switch {
		case lay.kind != Figures:
		case f.key == "unit_code" && lay.has("unit_name"):
			continue
		case f.key == "indicator" && slices.ContainsFunc(lay.values, func(v valueColumn) bool { return v.indicator != "" }):
			continue
		case f.key == "period" && slices.ContainsFunc(lay.values, func(v valueColumn) bool { return v.period.Year > 0 }):
			continue
		}
		lay.dead = true
		r.faults.say(luoshi.Blocking, s.place(lay.head, 0), "office.column.missing", "head", f.heads)
	}
	if lay.kind == Figures && len(lay.values) == 0 && !lay.has("value") && !lay.has("growth") {
		f := lex().field(Figures, "value")
		lay.dead = true
		r.faults.say(luoshi.Blocking, s.place(lay.head, 0), "office.column.missing", "head", f.heads)
	}
}

func (l *layout) has(key string) bool {
	_, column := l.cols[key]
	_, block := l.block[key]
	return column || block
}
