package office

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
	"luoshi.dev"
)

// clerk writes the workbook of one unit: a sheet for each indicator, a row for each
// unit, the periods of the year side by side, the asked one to fill.
type clerk struct {
	*look
	t     Template
	words map[string]string
}

// gridColumn is one column of the grid.
type gridColumn struct {
	period luoshi.Period
	basis  luoshi.Basis
	asked  bool
}

// gridTop is the row of the heads.
const gridTop = 6

func (c *clerk) write() error {
	used := map[string]bool{}
	for i, in := range c.t.Indicators {
		name := sheetName(pick(in.Names, c.lang), in.Code, used)
		var err error
		if i == 0 {
			err = c.file.SetSheetName("Sheet1", name)
		} else {
			_, err = c.file.NewSheet(name)
		}
		if err == nil {
			err = c.sheet(name, in)
		}
		if err != nil {
			return fmt.Errorf("sheet %s: %w", name, err)
		}
	}
	c.file.SetActiveSheet(0)
	return nil
}

// sheetName makes a name that Excel allows: at most 31 characters, none of []:*?/\,
// used once.
func sheetName(name, code string, used map[string]bool) string {
	clean := strings.Trim(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\'`, r) {
			return -1
		}
		return r
	}, name), " ")
	if r := []rune(clean); len(r) > 28 {
		clean = string(r[:28])
	}
	if clean == "" || used[clean] {
		clean = code
	}
	used[clean] = true
	return clean
}

// columns lists the periods of the year up to the asked one, on the basis on which
// the indicator is reported; a flow is asked on both, so that it can be checked.
func (c *clerk) columns(in luoshi.Indicator) []gridColumn {
	var list []gridColumn
	for _, end := range in.Calendar.Ends() {
		p, ok := in.Calendar.Period(c.t.Year, end, in.Basis)
		if ok && end < c.t.To {
			list = append(list, gridColumn{period: p, basis: in.Basis})
		}
	}
	single, ok := in.Calendar.Period(c.t.Year, c.t.To, luoshi.Single)
	if !ok {
		return list
	}
	whole := luoshi.ToDate(c.t.Year, c.t.To)
	switch {
	case c.checked(in):
		list = append(list, gridColumn{single, luoshi.Single, true}, gridColumn{whole, luoshi.Cumulative, true})
	case in.Basis == luoshi.Cumulative:
		list = append(list, gridColumn{whole, luoshi.Cumulative, true})
	default:
		list = append(list, gridColumn{single, luoshi.Single, true})
	}
	return list
}

// checked reports whether previous cumulative + this period = cumulative must hold:
// only for what adds up over time.
func (c *clerk) checked(in luoshi.Indicator) bool { return in.OverTime == luoshi.TimeSum }

// periodHeadText writes the head of a column, as periodHead reads it.
func (c *clerk) periodHeadText(g gridColumn) string {
	basis := c.words["clerk.single"]
	if g.basis == luoshi.Cumulative {
		basis = c.words["clerk.cumulative"]
	}
	month := func(m int) string {
		for _, w := range lex().lists["period"] {
			if w.value == strconv.Itoa(m) {
				return pick(w.names, c.lang)
			}
		}
		return ""
	}
	span := month(g.period.From)
	if g.period.Months() > 1 {
		from := strings.TrimSuffix(span, "月")
		span = from + "–" + month(g.period.To)
	}
	if c.lang == En {
		return span + "\n" + basis
	}
	return span + basis
}

func (c *clerk) sheet(name string, in luoshi.Indicator) error {
	columns := c.columns(in)
	if err := c.block(name, in, columns); err != nil {
		return err
	}
	if err := c.heads(name, in, columns); err != nil {
		return err
	}
	known := map[string]luoshi.Quantity{}
	for _, f := range c.t.Known {
		if f.Indicator == in.Code && f.Value.Valid && f.Scope != luoshi.Own {
			known[f.UnitCode+" "+f.Period.String()+" "+string(f.Basis)] = f.Value.Decimal
		}
	}
	row := gridTop
	for _, unit := range c.t.Units {
		row++
		if err := c.unit(name, row, unit, in, columns, known); err != nil {
			return err
		}
	}
	if in.Additive() && len(c.t.Units) > 2 {
		row++
		if err := c.totals(name, row, in, columns); err != nil {
			return err
		}
	}
	return c.finish(name, row, columns)
}

// block writes the title and what holds for the whole grid.
func (c *clerk) block(sheet string, in luoshi.Indicator, columns []gridColumn) error {
	whole := luoshi.Period{Year: c.t.Year, From: 1, To: c.t.To}
	if n := len(columns); n > 0 {
		whole = columns[n-1].period
	}
	title := strings.NewReplacer("{period}", c.spoken(whole), "{name}", pick(in.Names, c.lang)).Replace(c.words["clerk.title"])
	hint := c.words["clerk.hint"]
	if c.checked(in) {
		hint += c.words["clerk.hint_check"]
	}
	label := func(key string) string { f := lex().field(Figures, key); return pick(f.heads, c.lang) }
	set := []struct {
		at    string
		value any
		style int
	}{
		{"A1", title, c.title},
		{"A2", label("indicator"), c.label}, {"B2", in.Code, c.text}, {"C2", label("measure"), c.label}, {"D2", pick(in.Measure.Symbol, c.lang), c.text},
		{"A3", label("year"), c.label}, {"B3", c.t.Year, c.plainYear}, {"C3", label("basis"), c.label}, {"D3", lex().say("basis", string(in.Basis), c.lang), c.text},
		{"A4", hint, c.hint},
	}
	for _, s := range set {
		if err := c.file.SetCellValue(sheet, s.at, s.value); err != nil {
			return err
		}
		if err := c.file.SetCellStyle(sheet, s.at, s.at, s.style); err != nil {
			return err
		}
	}
	last := ref(4, max(len(columns)+4, 6))
	if err := c.file.MergeCell(sheet, "A4", last); err != nil {
		return err
	}
	if err := c.file.SetRowHeight(sheet, 4, 30); err != nil {
		return err
	}
	if err := c.file.SetRowHeight(sheet, 5, 6); err != nil {
		return err
	}
	return c.file.SetRowHeight(sheet, 1, 32)
}

// spoken writes the asked period in the title.
func (c *clerk) spoken(p luoshi.Period) string {
	head := strings.ReplaceAll(c.periodHeadText(gridColumn{period: p, basis: luoshi.Single}), "\n", " ")
	head = strings.TrimSpace(strings.TrimSuffix(head, c.words["clerk.single"]))
	if c.lang == En {
		return head + " " + strconv.Itoa(p.Year)
	}
	return strconv.Itoa(p.Year) + "年" + head
}

func (c *clerk) heads(sheet string, in luoshi.Indicator, columns []gridColumn) error {
	label := func(key string) string { f := lex().field(Figures, key); return pick(f.heads, c.lang) }
	texts := []string{label("unit_code"), label("unit_name")}
	for _, g := range columns {
		texts = append(texts, c.periodHeadText(g))
	}
	if c.checked(in) {
		texts = append(texts, label("check"))
	}
	texts = append(texts, label("note"))
	for i, text := range texts {
		at := ref(gridTop, i+1)
		style := c.head
		if i >= 2 && i-2 < len(columns) && columns[i-2].asked {
			style = c.must
		}
		if err := c.file.SetCellValue(sheet, at, text); err != nil {
			return err
		}
		if err := c.file.SetCellStyle(sheet, at, at, style); err != nil {
			return err
		}
		letter := strings.TrimRight(at, "0123456789")
		wide := []float64{11, 20}[min(i, 1)]
		if i > 1 {
			wide = 13
		}
		if err := c.file.SetColWidth(sheet, letter, letter, wide); err != nil {
			return err
		}
	}
	return c.file.SetRowHeight(sheet, gridTop, 32)
}

// unit writes the row of one unit.
func (c *clerk) unit(sheet string, row int, unit TemplateUnit, in luoshi.Indicator, columns []gridColumn, known map[string]luoshi.Quantity) error {
	decimals := min(max(in.Decimals, 0), luoshi.MaxDecimals)
	name := strings.Repeat("　", unit.Depth) + pick(unit.Names, c.lang)
	if err := c.file.SetRowHeight(sheet, row, 20); err != nil {
		return err
	}
	for i, text := range []string{unit.Code, name} {
		if err := c.put(sheet, ref(row, i+1), text, c.locked); err != nil {
			return err
		}
	}
	for i, g := range columns {
		q, have := known[unit.Code+" "+g.period.String()+" "+string(g.basis)]
		style := c.entryNumbers[decimals]
		if have && !g.asked {
			style = c.knownNumbers[decimals]
		}
		var value any
		if have {
			value, _ = c.quantity(q)
		}
		if err := c.put(sheet, ref(row, i+3), value, style); err != nil {
			return err
		}
	}
	col := len(columns) + 3
	if c.checked(in) {
		if err := c.put(sheet, ref(row, col), nil, c.check); err != nil {
			return err
		}
		if err := c.file.SetCellFormula(sheet, ref(row, col), c.checkFormula(row, in, columns)); err != nil {
			return err
		}
		col++
	}
	return c.put(sheet, ref(row, col), nil, c.entryText)
}

func (c *clerk) put(sheet, at string, value any, style int) error {
	if value != nil {
		if err := c.file.SetCellValue(sheet, at, value); err != nil {
			return err
		}
	}
	return c.file.SetCellStyle(sheet, at, at, style)
}

// checkFormula says ✓ or by how much previous cumulative + this period differs from
// the cumulative value. What came before is the last column before the asked ones;
// reported alone, all of them.
func (c *clerk) checkFormula(row int, in luoshi.Indicator, columns []gridColumn) string {
	n := len(columns)
	single, whole := ref(row, n+1), ref(row, n+2)
	cells, before := []string{single, whole}, ""
	if n > 2 {
		first, last := ref(row, 3), ref(row, n)
		if in.Basis == luoshi.Cumulative {
			cells, before = append(cells, last), last+"+"
		} else {
			before = "SUM(" + first + ":" + last + ")+"
			for i := 3; i <= n; i++ {
				cells = append(cells, ref(row, i))
			}
		}
	}
	diff := fmt.Sprintf("ROUND(%s%s-%s,%d)", before, single, whole, in.Decimals)
	return fmt.Sprintf(`IF(COUNT(%s)<%d,"",IF(%s=0,"✓","%s "&TEXT(%s,"+%s;-%s")))`,
		strings.Join(cells, ","), len(cells), diff, c.words["clerk.off"], diff, numberFormat(in.Decimals), numberFormat(in.Decimals))
}

// totals writes the sum of the children, for the clerk's eye only.
func (c *clerk) totals(sheet string, row int, in luoshi.Indicator, columns []gridColumn) error {
	last := len(columns) + 3
	if c.checked(in) {
		last++
	}
	if err := c.file.SetCellStyle(sheet, ref(row, 1), ref(row, last), c.total); err != nil {
		return err
	}
	if err := c.file.SetRowHeight(sheet, row, 20); err != nil {
		return err
	}
	if err := c.put(sheet, ref(row, 2), c.words["clerk.total"], c.total); err != nil {
		return err
	}
	for i := range columns {
		at := ref(row, i+3)
		cells := ref(gridTop+2, i+3) + ":" + ref(row-1, i+3)
		if err := c.put(sheet, at, nil, c.totalNumbers[min(max(in.Decimals, 0), luoshi.MaxDecimals)]); err != nil {
			return err
		}
		if err := c.file.SetCellFormula(sheet, at, fmt.Sprintf(`IF(COUNT(%s)=0,"",SUM(%s))`, cells, cells)); err != nil {
			return err
		}
	}
	return nil
}

// finish freezes and locks the heads, asks for numbers and sets up the page.
func (c *clerk) finish(sheet string, last int, columns []gridColumn) error {
	if len(columns) > 0 && last > gridTop {
		v := excelize.NewDataValidation(true)
		v.SetSqref(ref(gridTop+1, 3) + ":" + ref(last, len(columns)+2))
		if err := v.SetRange(-1e15, 1e15, excelize.DataValidationTypeDecimal, excelize.DataValidationOperatorBetween); err != nil {
			return err
		}
		v.SetError(excelize.DataValidationErrorStyleStop, c.words["entry.number"], c.words["clerk.number"])
		if err := c.file.AddDataValidation(sheet, v); err != nil {
			return err
		}
	}
	show := false
	if err := c.file.SetSheetView(sheet, 0, &excelize.ViewOptions{ShowGridLines: &show}); err != nil {
		return err
	}
	top := ref(gridTop+1, 3)
	if err := c.file.SetPanes(sheet, &excelize.Panes{Freeze: true, XSplit: 2, YSplit: gridTop, TopLeftCell: top, ActivePane: "bottomRight"}); err != nil {
		return err
	}
	if err := c.file.ProtectSheet(sheet, &excelize.SheetProtectionOptions{SelectLockedCells: true, SelectUnlockedCells: true, FormatColumns: true, FormatRows: true}); err != nil {
		return err
	}
	if err := c.repeat(sheet, gridTop); err != nil {
		return err
	}
	return c.page(sheet, len(columns) > 4)
}
