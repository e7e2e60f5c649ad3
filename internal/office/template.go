package office

import (
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
	"luoshi.dev"
)

// TemplateKind says who fills a template.
type TemplateKind string

// The templates.
const (
	Planner TemplateKind = "planner" // the year: units, indicators, targets, goals
	Clerk   TemplateKind = "clerk"   // one unit's figures of one period
)

// Template describes a workbook to fill.
type Template struct {
	Kind TemplateKind

	Draft *Draft // Planner: the rows that are known already, may be nil

	Units      []TemplateUnit     // Clerk: the unit that reports, then its children
	Indicators []luoshi.Indicator // Clerk: one sheet each
	Year, To   int                // Clerk: the period that is asked for ends with month To of Year
	Known      []FigureRow        // Clerk: figures already reported, shown and locked
}

// TemplateUnit is a row of the clerk's grid.
type TemplateUnit struct {
	Code  string
	Names luoshi.Names
	Depth int // 0: the unit that reports
}

// WriteTemplate writes a workbook to fill. What is filled in is read by [Read]; what
// is not filled in is not there.
func WriteTemplate(w io.Writer, t Template, lang string) error {
	f := excelize.NewFile()
	defer done(f)
	look, err := newLook(f, lang)
	if err != nil {
		return err
	}
	words := templateWords(lang)
	if t.Kind == Clerk {
		err = (&clerk{look: look, t: t, words: words}).write()
	} else {
		err = (&planner{look: look, d: t.Draft, words: words}).write()
	}
	if err != nil {
		return fmt.Errorf("write template: %w", err)
	}
	if err := f.Write(w); err != nil {
		return fmt.Errorf("write template: %w", err)
	}
	return nil
}

// templateWords reads the words of the templates in one language.
func templateWords(lang string) map[string]string {
	words := map[string]string{}
	for _, r := range embedded("words/template.csv") {
		words[r[0]] = pick(luoshi.Names{Hans: r[1], Hant: r[2], En: r[3]}, lang)
	}
	return words
}

// planner writes the planner's workbook.
type planner struct {
	*look
	d     *Draft
	words map[string]string
}

// planned are the sheets of the planner's template.
var planned = [...]Kind{Units, Indicators, Targets, Goals}

// entryRows is how many rows are made ready to fill.
const entryRows = 200

func (p *planner) write() error {
	if p.d == nil {
		p.d = &Draft{}
	}
	guide := p.words["guide"]
	if err := p.file.SetSheetName("Sheet1", guide); err != nil {
		return fmt.Errorf("name sheet: %w", err)
	}
	for _, kind := range planned {
		if err := p.sheet(kind); err != nil {
			return fmt.Errorf("sheet %s: %w", kind, err)
		}
	}
	if err := p.guide(guide); err != nil {
		return fmt.Errorf("sheet %s: %w", guide, err)
	}
	p.file.SetActiveSheet(0)
	return nil
}

// fields are the columns of a template: all but the ones that only we write.
func templateFields(kind Kind) []field {
	var list []field
	for _, f := range lex().fields[kind] {
		if f.form != "skip" && f.key != "sample" && f.key != "revision" && !strings.Contains(f.key, "_hant") && f.key != "short_en" && f.key != "retired" {
			list = append(list, f)
		}
	}
	return list
}

func (p *planner) sheet(kind Kind) error {
	name := lex().say("sheet", string(kind), p.lang)
	if _, err := p.file.NewSheet(name); err != nil {
		return err
	}
	fields := templateFields(kind)
	count := p.d.count(kind)
	last := max(count+100, entryRows) + 1
	for i, f := range fields {
		if err := p.column(name, f, i+1, last, kind); err != nil {
			return fmt.Errorf("column %s: %w", f.key, err)
		}
	}
	for i := range count {
		row := p.d.row(kind, i)
		for j, f := range fields {
			value, _ := p.cell(f, row.field(f.key))
			if err := p.file.SetCellValue(name, ref(i+2, j+1), value); err != nil {
				return err
			}
		}
	}
	if err := p.file.SetRowHeight(name, 1, 30); err != nil {
		return err
	}
	if err := p.file.SetPanes(name, &excelize.Panes{Freeze: true, XSplit: 2, YSplit: 1, TopLeftCell: "C2", ActivePane: "bottomRight"}); err != nil {
		return err
	}
	if err := p.repeat(name, 1); err != nil {
		return err
	}
	return p.page(name, true)
}

// column writes one head with its note, and makes its cells ready: format, list of
// words, check.
func (p *planner) column(sheet string, f field, col, last int, kind Kind) error {
	at := ref(1, col)
	head, note := pick(f.heads, p.lang), p.note(f)
	style := p.head
	if f.must {
		style = p.must
	}
	if err := p.file.SetCellValue(sheet, at, head); err != nil {
		return err
	}
	if err := p.file.SetCellStyle(sheet, at, at, style); err != nil {
		return err
	}
	wide := float64(min(max(cellsOf(head)+4, 10, int(width(f, p.d, kind, 0, p.d.count(kind), p.lang))), 40))
	if f.key == "name" || f.key == "unit_name" {
		wide = max(wide, 22)
	}
	letter := strings.TrimRight(at, "1")
	if err := p.file.SetColWidth(sheet, letter, letter, wide); err != nil {
		return err
	}
	if note != "" {
		comment := excelize.Comment{Cell: at, Author: "luoshi", Width: 260, Height: 90, Paragraph: []excelize.RichTextRun{
			{Text: head + "\n", Font: &excelize.Font{Bold: true, Family: p.font, Size: 9}},
			{Text: note, Font: &excelize.Font{Family: p.font, Size: 9}},
		}}
		if err := p.file.AddComment(sheet, comment); err != nil {
			return err
		}
	}
	if err := p.file.SetCellStyle(sheet, ref(2, col), ref(last, col), p.entryStyle(f)); err != nil {
		return err
	}
	return p.validation(sheet, f, ref(2, col)+":"+ref(last, col))
}

func (p *planner) entryStyle(f field) int {
	switch f.form {
	case "number", "percent", "share", "int", "year":
		return p.entry
	case "date":
		return p.entryDate
	}
	return p.entryText
}

// note says what a column means and which words it takes.
func (p *planner) note(f field) string {
	note := pick(f.notes, p.lang)
	if _, list := lex().lists[f.form]; list {
		words := pick(lex().allowed(f.form), p.lang)
		if note != "" {
			note += "\n"
		}
		note += words
	}
	return note
}

// validation offers the words of a list, and asks for numbers where numbers belong.
// It warns and does not forbid: reading tells more than a spreadsheet can.
func (p *planner) validation(sheet string, f field, cells string) error {
	v := excelize.NewDataValidation(true)
	v.SetSqref(cells)
	head := pick(f.heads, p.lang)
	if list, ok := lex().lists[f.form]; ok {
		words := make([]string, len(list))
		for i, w := range list {
			words[i] = strings.ReplaceAll(pick(w.names, p.lang), ",", " ")
		}
		if err := v.SetDropList(words); err != nil {
			return fmt.Errorf("list of %s: %w", f.form, err)
		}
		v.SetError(excelize.DataValidationErrorStyleWarning, head, p.words["entry.list"])
	} else if f.form == "number" || f.form == "percent" || f.form == "share" {
		if err := v.SetRange(-1e15, 1e15, excelize.DataValidationTypeDecimal, excelize.DataValidationOperatorBetween); err != nil {
			return fmt.Errorf("range of %s: %w", f.key, err)
		}
		v.SetError(excelize.DataValidationErrorStyleWarning, head, p.words["entry.number"])
	} else {
		return nil
	}
	return p.file.AddDataValidation(sheet, v)
}

// guide writes the page that explains the workbook, with examples that are not read.
func (p *planner) guide(sheet string) error {
	for i, wide := range []float64{18, 10, 44, 20, 20} {
		letter := string(rune('A' + i))
		if err := p.file.SetColWidth(sheet, letter, letter, wide); err != nil {
			return err
		}
	}
	if err := p.line(sheet, 1, p.title, 30, p.words["guide.title"]); err != nil {
		return err
	}
	row := 2
	for _, key := range []string{"guide.intro", "guide.must", "guide.fill"} {
		if err := p.wrapped(sheet, row, p.words[key]); err != nil {
			return err
		}
		row++
	}
	for _, kind := range planned {
		var err error
		if row, err = p.explain(sheet, row+1, kind); err != nil {
			return err
		}
	}
	show := false
	if err := p.file.SetSheetView(sheet, 0, &excelize.ViewOptions{ShowGridLines: &show}); err != nil {
		return err
	}
	return p.page(sheet, false)
}

func (p *planner) line(sheet string, row, style int, height float64, texts ...string) error {
	for i, text := range texts {
		at := ref(row, i+1)
		if err := p.file.SetCellValue(sheet, at, text); err != nil {
			return err
		}
		if err := p.file.SetCellStyle(sheet, at, at, style); err != nil {
			return err
		}
	}
	if height > 0 {
		return p.file.SetRowHeight(sheet, row, height)
	}
	return nil
}

// wrapped writes a paragraph over the width of the page.
func (p *planner) wrapped(sheet string, row int, text string) error {
	if err := p.file.MergeCell(sheet, ref(row, 1), ref(row, 5)); err != nil {
		return err
	}
	lines := 1 + cellsOf(text)/105
	return p.line(sheet, row, p.hint, float64(14*lines+2), text)
}

// explain writes what one sheet asks for, column by column, and returns the row
// below.
func (p *planner) explain(sheet string, row int, kind Kind) (int, error) {
	if err := p.line(sheet, row, p.label, 22, lex().say("sheet", string(kind), p.lang)); err != nil {
		return row, err
	}
	at := ref(row, 1)
	if err := p.file.SetCellStyle(sheet, at, at, p.section); err != nil {
		return row, err
	}
	row++
	if err := p.wrapped(sheet, row, p.words["guide."+string(kind)]); err != nil {
		return row, err
	}
	row++
	w := p.words
	if err := p.line(sheet, row, p.head, 20, w["guide.column"], w["guide.required"], w["guide.meaning"], w["guide.example"]+" 1", w["guide.example"]+" 2"); err != nil {
		return row, err
	}
	row++
	examples := map[string][2]string{}
	for _, r := range embedded("words/example.csv") {
		if Kind(r[0]) == kind {
			examples[r[1]] = [2]string{r[2], r[3]}
		}
	}
	for _, f := range templateFields(kind) {
		if kind == Targets && strings.HasPrefix(f.key, "m") && f.key != "m1" {
			continue // said once, at January
		}
		required := ""
		if f.must {
			required = lex().say("bool", "yes", p.lang)
		}
		note := p.note(f)
		texts := []string{pick(f.heads, p.lang), required, note}
		for _, example := range examples[f.key] {
			if _, list := lex().lists[f.form]; list {
				example = lex().say(f.form, example, p.lang)
			}
			texts = append(texts, example)
		}
		for len(texts) < 5 {
			texts = append(texts, "")
		}
		lines := 0
		for part := range strings.SplitSeq(note, "\n") {
			lines += 1 + max(cellsOf(part)-1, 0)/54
		}
		height := float64(3 + 13*lines)
		if err := p.line(sheet, row, p.prose, height, texts...); err != nil {
			return row, err
		}
		row++
	}
	return row, nil
}
