package office

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"
)

// Table is a board to be exported: heads, and rows of string, int, Quantity,
// NullQuantity or Date. Lights and other words come as the words they are.
type Table struct {
	Name  string // of the sheet
	Title string // above the heads, workbook only
	Heads []string
	Rows  [][]any
	Notes []string // below: sources, "sample data"
	Fixed int      // columns that stay in sight when the sheet is scrolled sideways, workbook only
}

// WriteTable writes a board as a workbook, its numbers as numbers at the decimals
// they have.
func WriteTable(w io.Writer, t Table, lang string) error {
	f := excelize.NewFile()
	defer done(f)
	k, err := newLook(f, lang)
	if err != nil {
		return err
	}
	name := sheetName(t.Name, "Sheet1", map[string]bool{})
	if err := f.SetSheetName("Sheet1", name); err != nil {
		return fmt.Errorf("name sheet: %w", err)
	}
	if err := k.table(name, t); err != nil {
		return fmt.Errorf("write board: %w", err)
	}
	if err := f.Write(w); err != nil {
		return fmt.Errorf("write board: %w", err)
	}
	return nil
}

func (k *look) table(sheet string, t Table) error {
	out, err := k.file.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	for i, head := range t.Heads {
		wide := cellsOf(head) + 3
		for _, row := range t.Rows[:min(len(t.Rows), 200)] {
			if i < len(row) {
				wide = max(wide, cellsOf(cellText(row[i]))+2)
			}
		}
		if err := out.SetColWidth(i+1, i+1, float64(min(wide, 60))); err != nil {
			return err
		}
	}
	top := 1
	if t.Title != "" {
		top = 2
	}
	panes := &excelize.Panes{Freeze: true, XSplit: t.Fixed, YSplit: top, TopLeftCell: ref(top+1, t.Fixed+1), ActivePane: "bottomLeft"}
	if t.Fixed > 0 {
		panes.ActivePane = "bottomRight"
	}
	if err := out.SetPanes(panes); err != nil {
		return err
	}
	if t.Title != "" {
		if err := out.SetRow("A1", []any{excelize.Cell{StyleID: k.title, Value: t.Title}}, excelize.RowOpts{Height: 30}); err != nil {
			return err
		}
	}
	heads := make([]any, len(t.Heads))
	for i, head := range t.Heads {
		heads[i] = excelize.Cell{StyleID: k.head, Value: head}
	}
	if err := out.SetRow(ref(top, 1), heads, excelize.RowOpts{Height: 24}); err != nil {
		return err
	}
	for i, row := range t.Rows {
		cells := make([]any, len(row))
		for j, v := range row {
			value, style := k.cell(field{must: true}, v)
			cells[j] = excelize.Cell{StyleID: style, Value: value}
		}
		if err := out.SetRow(ref(top+1+i, 1), cells); err != nil {
			return err
		}
	}
	for i, note := range t.Notes {
		if err := out.SetRow(ref(top+2+len(t.Rows)+i, 1), []any{excelize.Cell{StyleID: k.label, Value: note}}); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if err := k.repeat(sheet, top); err != nil {
		return err
	}
	return k.page(sheet, len(t.Heads) > 7)
}

func cellText(v any) string { return plainText(field{must: true}, v, Hans) }

// WriteTableCSV writes a board as CSV in UTF-8 with a byte order mark. Numbers are
// written plainly, absent ones as nothing; title and notes are left out.
func WriteTableCSV(w io.Writer, t Table) error {
	out := bufio.NewWriter(w)
	if _, err := out.WriteString("\ufeff"); err != nil {
		return fmt.Errorf("write board: %w", err)
	}
	file := csv.NewWriter(out)
	record := make([]string, 0, len(t.Heads))
	for _, head := range t.Heads {
		record = append(record, guarded(head))
	}
	if err := file.Write(record); err != nil {
		return fmt.Errorf("write board: %w", err)
	}
	for _, row := range t.Rows {
		record = record[:0]
		for _, v := range row {
			record = append(record, cellText(v))
		}
		if err := file.Write(record); err != nil {
			return fmt.Errorf("write board: %w", err)
		}
	}
	file.Flush()
	if err := file.Error(); err != nil {
		return fmt.Errorf("write board: %w", err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write board: %w", err)
	}
	return nil
}
