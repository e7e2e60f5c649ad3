package office

import (
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"luoshi.dev"
)

// maxSheetRows is how many rows a sheet holds, heads and all (ECMA-376, Excel).
const maxSheetRows = 1 << 20

// WriteWorkbook writes every kind that the draft has as a sheet of one workbook.
// More rows than a sheet holds go on in "数据 2".
func WriteWorkbook(w io.Writer, d *Draft, lang string) error {
	f := excelize.NewFile()
	defer done(f)
	look, err := newLook(f, lang)
	if err != nil {
		return err
	}
	sheets := 0
	for _, kind := range Kinds {
		count := d.count(kind)
		for from, part := 0, 1; from < count || kind == Units && count == 0 && part == 1; from, part = from+maxSheetRows-1, part+1 {
			name := lex().say("sheet", string(kind), lang)
			if part > 1 {
				name += " " + strconv.Itoa(part)
			}
			if sheets++; sheets == 1 {
				err = f.SetSheetName("Sheet1", name)
			} else {
				_, err = f.NewSheet(name)
			}
			if err == nil {
				err = look.stream(name, d, kind, from, min(count, from+maxSheetRows-1))
			}
			if err != nil {
				return fmt.Errorf("write sheet %s: %w", name, err)
			}
		}
	}
	if err := f.Write(w); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return nil
}

// stream writes rows [from,to) of one kind as a sheet.
func (k *look) stream(sheet string, d *Draft, kind Kind, from, to int) error {
	fields := columns(d, kind)
	out, err := k.file.NewStreamWriter(sheet)
	if err != nil {
		return fmt.Errorf("open stream: %w", err)
	}
	for i, f := range fields {
		if err := out.SetColWidth(i+1, i+1, width(f, d, kind, from, to, k.lang)); err != nil {
			return fmt.Errorf("set width: %w", err)
		}
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return fmt.Errorf("freeze heads: %w", err)
	}
	cells := make([]any, len(fields))
	for i, f := range fields {
		cells[i] = excelize.Cell{StyleID: k.head, Value: pick(f.heads, k.lang)}
	}
	if err := out.SetRow("A1", cells, excelize.RowOpts{Height: 24}); err != nil {
		return fmt.Errorf("write heads: %w", err)
	}
	for i := from; i < to; i++ {
		row := d.row(kind, i)
		for j, f := range fields {
			value, style := k.cell(f, row.field(f.key))
			cells[j] = excelize.Cell{StyleID: style, Value: value}
		}
		if err := out.SetRow("A"+strconv.Itoa(i-from+2), cells); err != nil {
			return fmt.Errorf("write row: %w", err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	return k.page(sheet, len(fields) > 8)
}

// cell turns a value into what a spreadsheet stores: codes and words as text,
// numbers as numbers, dates as dates. A number of more than 15 digits would lose
// some as a binary number: it is written as text, which reading takes as well.
func (k *look) cell(f field, value any) (any, int) {
	switch v := value.(type) {
	case luoshi.NullQuantity:
		if !v.Valid {
			return nil, k.text
		}
		return k.quantity(v.Decimal)
	case luoshi.Quantity:
		return k.quantity(v)
	case luoshi.Date:
		if n, ok := days(v); ok {
			return n, k.date
		}
	case int:
		if v != 0 || f.must {
			return v, k.numbers[0]
		}
		return nil, k.text
	case string:
		if _, list := lex().lists[f.form]; !list && v != "" {
			if unguarded(v) != v {
				v = "'" + v // reading takes one away
			}
			return v, k.text
		}
	}
	if text := plainText(f, value, k.lang); text != "" {
		return text, k.text
	}
	return nil, k.text
}

func (k *look) quantity(q luoshi.Quantity) (any, int) {
	if x, ok := q.Float64(); ok && q.Prec() <= 15 {
		return x, k.numbers[min(q.Scale(), luoshi.MaxDecimals)]
	}
	return q.String(), k.text
}

// width fits a column to its head and its first rows.
func width(f field, d *Draft, kind Kind, from, to int, lang string) float64 {
	wide := cellsOf(pick(f.heads, lang)) + 3
	for i := from; i < min(to, from+200); i++ {
		wide = max(wide, cellsOf(plainText(f, d.row(kind, i).field(f.key), lang))+2)
	}
	return float64(min(wide, 48))
}

// cellsOf is how many Latin letters a text is wide.
func cellsOf(s string) int { return (len(s) + utf8.RuneCountInString(s)) / 2 }
