package office

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"luoshi.dev"
)

var fuzzOptions = Options{Name: "fuzz", MaxBytes: 4 << 20, MaxRows: 20_000}

func FuzzReadCSV(f *testing.F) {
	for _, c := range badCSV {
		f.Add([]byte(c.text))
	}
	f.Add([]byte("\xff\xfe\x07\x63"))
	f.Add([]byte("指标代码,单位代码,第\n"))
	f.Add([]byte("a,\"b\n\"\"c\",d\"e\r\n\r\n\"f\""))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Read(context.Background(), bytes.NewReader(data), int64(len(data)), fuzzOptions)
		checkDraft(t, d, err)
	})
}

func FuzzReadWorkbook(f *testing.F) {
	for _, c := range bookCases {
		f.Add(workbook(f, func(book *excelize.File) { c.fill(f, book) }))
	}
	f.Add(rawBook(f, rawHeads+`<x:row r="2"><x:c r="A2" t="s"><x:v>4</x:v></x:c></x:row>`, `<x:mergeCells><x:mergeCell ref="A2:A4"/></x:mergeCells>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Read(context.Background(), bytes.NewReader(data), int64(len(data)), fuzzOptions)
		checkDraft(t, d, err)
	})
}

// FuzzSheet reads any bytes as the XML of a sheet, past the zip that a fuzzer
// seldom gets right.
func FuzzSheet(f *testing.F) {
	f.Add(rawHeads+`<x:row r="2"><x:c r="A2" t="s"><x:v>4</x:v></x:c><x:c r="D2"><x:f>1</x:f></x:c></x:row>`, `<mergeCell ref="A2:B9"/>`)
	f.Add(`<row><c t="inlineStr"><is><t>指标代码</t></is></c><c r="XFD1"/><!-- x --><![CDATA[y]]></row>`, `<`)
	f.Fuzz(func(t *testing.T, rows, tail string) {
		data := rawBook(t, rows, tail)
		d, err := Read(context.Background(), bytes.NewReader(data), int64(len(data)), fuzzOptions)
		checkDraft(t, d, err)
	})
}

// checkDraft holds whatever the input was: an error has a code of ours, rows are
// sound, problems are few and know their file.
func checkDraft(t *testing.T, d *Draft, err error) {
	if err != nil {
		if luoshi.CodeOf(err) == luoshi.Internal {
			t.Fatalf("error without a code: %v", err)
		}
		return
	}
	for _, row := range d.Figures {
		if !row.Value.Valid && !row.Growth.Valid || row.Indicator == "" || row.UnitCode == "" && row.UnitName == "" || row.Period.Validate() != nil {
			t.Fatalf("unsound figure %+v", row)
		}
	}
	if len(d.Problems) > 100*keptPerRule {
		t.Fatalf("%d problems", len(d.Problems))
	}
	for _, p := range d.Problems {
		if p.File == "" || !strings.Contains(p.Message.Key, ".") {
			t.Fatalf("problem %+v", p)
		}
	}
}

// FuzzQuick: the fast way to read a number agrees with the careful one.
func FuzzQuick(f *testing.F) {
	for _, s := range []string{"0", "-1.50", "206.11", "1.", ".5", "-0", "123456789012345678", "1e5", "0.000000000000000001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, ok := quick([]byte(s))
		if !ok {
			return
		}
		want, err := luoshi.ParseQuantity(s)
		if err != nil || q != want {
			t.Errorf("%q: %v, want %v (%v)", s, q, want, err)
		}
	})
}

// FuzzPlainCell: cells read in one go are those that are read tag by tag, which a
// prefix of the namespace makes sure of.
func FuzzPlainCell(f *testing.F) {
	f.Add(`<c r="A2" s="1" t="s"><v>1</v></c><c t="inlineStr"><is><t>a&amp;b_x0041_</t></is></c><c r="D2" s="2"/><c><v>3</v></c>`)
	f.Add(`<c r="B1" t="str"><f>1</f><v>1</v></c><c r="A1" r="C1"><v/></c><c t="b"><v></v></c><c r="ZZZ1"><v>1</v></c><c t="e"></c>`)
	f.Add(`<c t="inlineStr"><is><t> x </t></is></c><c r="A9" s="9"><v>1</v><v>2</v></c><c `)
	cells := func(row string) (string, error) {
		b := &book{name: "x", forms: []cellForm{isNumber, isDate, isPercent}, shared: &sharedText{all: []byte("ab"), ends: []int{1, 2}}}
		s := &sheetRows{b: b, in: newScanner(strings.NewReader("<row>" + row + "</row>"))}
		l, err := s.next()
		return fmt.Sprintf("%q", l.cells), err
	}
	f.Fuzz(func(t *testing.T, row string) {
		marks := strings.Map(func(r rune) rune {
			if strings.ContainsRune("<>", r) {
				return r
			}
			return -1
		}, row)
		if strings.ReplaceAll(marks, "<>", "") != "" || strings.ContainsAny(row, "'!?:") {
			return // a prefix would say something else there
		}
		for i, piece := range strings.Split(row, `"`) {
			if i%2 == 1 && strings.ContainsAny(piece, "<>") {
				return
			}
		}
		plain, err := cells(row)
		tagged, wrong := cells(strings.ReplaceAll(row, "<c ", "<x:c "))
		if plain != tagged || (err == nil) != (wrong == nil) {
			t.Fatalf("%s (%v)\n%s (%v)", plain, err, tagged, wrong)
		}
	})
}
