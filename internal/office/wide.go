package office

import (
	"strconv"
	"strings"

	"luoshi.dev"
)

// A grid is the layout that a clerk fills: one row for a unit, one column for a
// period. What holds for the whole grid stands in a block above the heads,
//
//	指标 | gdp      (or 指标：gdp in one cell)
//	年份 | 2020
//	口径 | 累计
//
// and a column may say its own basis: 1—6月累计, 7月当月. Where the block names the
// period, the columns are indicators instead: 地区生产总值（亿元）[gdp].

// readBlock collects the block: pairs of a known head and the next filled cell.
func (l *layout) readBlock(above []line) {
	for _, row := range above {
		for col := 0; col < len(row.cells); col++ {
			head, value, split := cutColon(row.cells[col].string())
			at, ok := lex().heads[Figures][headForm(head)]
			if !ok {
				continue
			}
			key := lex().fields[Figures][at].key
			c := cell{text: []byte(value)}
			found := col
			if !split || value == "" {
				if found, c = nextFilled(row, col+1); found < 0 {
					continue
				}
			}
			if key == "unit_name" && (l.has("unit_code") || l.has("unit_name")) {
				key = "measure"
			}
			if _, taken := l.block[key]; !taken && lex().fields[Figures][at].form != "skip" {
				l.block[key] = c
			}
			if !split {
				col = found
			}
		}
	}
}

func cutColon(s string) (head, value string, ok bool) {
	head, value, ok = strings.Cut(s, "：")
	if !ok {
		head, value, ok = strings.Cut(s, ":")
	}
	return head, strings.TrimSpace(value), ok
}

func nextFilled(row line, from int) (int, cell) {
	for col := from; col < len(row.cells); col++ {
		if !row.cells[col].blank() {
			return col, row.cells[col]
		}
	}
	return -1, cell{}
}

// mapGrid finds the columns of a grid, if the sheet is one.
func (r *reader) mapGrid(s *source, lay *layout, l line) {
	year := 0
	if c, ok := lay.block["year"]; ok {
		if p, reading := c.period(0); reading.fault == "" {
			year = p.Year
		}
	}
	known := map[int]bool{}
	for _, col := range lay.cols {
		known[col] = true
	}
	missingYear := 0
	for col, c := range l.cells {
		if known[col] || c.blank() {
			continue
		}
		if p, basis, ok := periodHead(c, year); ok {
			lay.values = append(lay.values, valueColumn{col: col, period: p, basis: basis})
		} else if _, _, ok := periodHead(c, 2000); ok && missingYear == 0 {
			missingYear = col + 1
		}
	}
	if missingYear > 0 && len(lay.values) == 0 {
		lay.dead, lay.yearless = true, true
		r.faults.say(luoshi.Blocking, s.place(l.number, missingYear), "office.grid.year", "head", clip(l.at(missingYear-1).string()))
	}
	if len(lay.values) == 0 && missingYear == 0 && !lay.has("value") && !lay.has("growth") && !lay.has("indicator") && lay.has("period") {
		for col, c := range l.cells {
			if _, skip := lex().heads[Figures][headForm(c.string())]; !known[col] && !c.blank() && !skip {
				lay.values = append(lay.values, valueColumn{col: col, indicator: indicatorHead(c.string())})
			}
		}
	}
	for i := range lay.values {
		v := &lay.values[i]
		at := map[string]spot{"value": {col: v.col + 1}}
		for key, col := range lay.cols {
			at[key] = spot{col: col + 1}
		}
		if v.indicator != "" {
			at["indicator"] = spot{row: l.number, col: v.col + 1}
		} else {
			at["period"] = spot{row: l.number, col: v.col + 1}
		}
		v.columns = &Columns{at}
	}
	if missingYear == 0 {
		r.unknownHeads(s, lay, l)
	}
}

// periodHead reads the head of a grid's column: a period, and a basis if it says so.
func periodHead(c cell, year int) (luoshi.Period, luoshi.Basis, bool) {
	if c.blank() {
		return luoshi.Period{}, "", false
	}
	if c.form != isText {
		if c.form == isNumber && year != 0 {
			return luoshi.Period{}, "", false // a bare 7 is more likely a value
		}
		p, reading := c.period(0)
		return p, "", reading.fault == ""
	}
	whole := strings.NewReplacer("(", "", ")", "").Replace(wordForm(c.string()))
	for _, text := range []string{whole, headForm(c.string())} {
		text, basis := cutBasis(text)
		if p, ok := periodOf(text, year); ok {
			return Span(p, basis), basis, true
		}
	}
	return luoshi.Period{}, "", false
}

// cutBasis takes 累计, 当月, ytd off the end of a head.
func cutBasis(text string) (string, luoshi.Basis) {
	for _, word := range lex().every["basis"] {
		if rest, ok := strings.CutSuffix(text, wordForm(word)); ok && rest != "" {
			value, _ := lex().find("basis", word)
			return rest, luoshi.Basis(value)
		}
	}
	return text, ""
}

// indicatorHead takes the code out of 地区生产总值（亿元）[gdp]; a head without one
// is an indicator's name, without its unit of measure.
func indicatorHead(text string) string {
	if at := strings.LastIndexAny(text, "[【"); at >= 0 {
		code := strings.Trim(text[at:], "[]【】 ")
		if code != "" {
			return code
		}
	}
	name, _, _ := strings.Cut(strings.NewReplacer("(", "（", "\n", "（", "\r", "").Replace(text), "（")
	if name = strings.TrimSpace(name); name == "" {
		return strings.TrimSpace(text)
	}
	return name
}

// yearOf reads the year of a cell: 2020 or 2020年.
func yearOf(c cell) (int, bool) {
	text := strings.TrimSuffix(luoshi.Fold(c.string()), "年")
	y, err := strconv.Atoi(text)
	return y, err == nil && y >= 1900 && y <= 2200
}
