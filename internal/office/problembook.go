package office

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"github.com/xuri/excelize/v2"
)

// Sheet is a plain table of texts to be written: what is wrong with an upload, for
// whoever is to mend it.
type Sheet struct {
	Name   string
	Heads  []string
	Widths []float64 // of the columns, in characters
	Rows   [][]string
}

// WriteSheetCSV writes the table as CSV with a mark that spreadsheets read as UTF-8.
func WriteSheetCSV(w io.Writer, s Sheet) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	guard := make([]string, len(s.Heads))
	for _, row := range append([][]string{s.Heads}, s.Rows...) {
		for i, text := range row {
			guard[i] = guarded(text)
		}
		if err := out.Write(guard[:len(row)]); err != nil {
			return fmt.Errorf("write table: %w", err)
		}
	}
	out.Flush()
	return out.Error()
}

// WriteSheetBook writes the table as a workbook of one sheet.
func WriteSheetBook(w io.Writer, s Sheet, lang string) error {
	f := excelize.NewFile()
	defer done(f)
	look, err := newLook(f, lang)
	if err != nil {
		return err
	}
	if err := f.SetSheetName("Sheet1", s.Name); err != nil {
		return fmt.Errorf("name sheet: %w", err)
	}
	out, err := f.NewStreamWriter(s.Name)
	if err != nil {
		return fmt.Errorf("open stream: %w", err)
	}
	for i, width := range s.Widths {
		if err := out.SetColWidth(i+1, i+1, width); err != nil {
			return fmt.Errorf("set width: %w", err)
		}
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return fmt.Errorf("freeze heads: %w", err)
	}
	for i, row := range append([][]string{s.Heads}, s.Rows...) {
		style := look.prose
		if i == 0 {
			style = look.head
		}
		cells := make([]any, len(row))
		for j, text := range row {
			cells[j] = excelize.Cell{StyleID: style, Value: text}
		}
		if err := out.SetRow("A"+strconv.Itoa(i+1), cells); err != nil {
			return fmt.Errorf("write row: %w", err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write sheet: %w", err)
	}
	if err := look.page(s.Name, true); err != nil {
		return err
	}
	if err := f.Write(w); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return nil
}
