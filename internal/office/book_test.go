package office

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/xuri/excelize/v2"
	"luoshi.dev"
)

// workbook builds a workbook by what `fill` does to it.
func workbook(t testing.TB, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer done(f)
	if fill != nil {
		fill(f)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func readBook(t testing.TB, data []byte) *Draft {
	t.Helper()
	d, err := Read(context.Background(), bytes.NewReader(data), int64(len(data)), Options{Name: "test.xlsx"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func put(t testing.TB, f *excelize.File, sheet string, rows ...[]any) {
	t.Helper()
	for i, row := range rows {
		if err := f.SetSheetRow(sheet, ref(i+1, 1), &row); err != nil {
			t.Fatal(err)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var figureHeads = []any{"指标代码", "单位代码", "时期", "口径", "数值", "同比（%）"}

// bookCases are workbooks with one thing wrong, built as a spreadsheet would.
var bookCases = []struct {
	name string
	fill func(t testing.TB, f *excelize.File)
	want string
	rows string // indicator, unit, period, value, growth of what came through
}{
	{"numbers, codes as numbers, text as numbers", func(t testing.TB, f *excelize.File) {
		put(t, f, "Sheet1", figureHeads, []any{"gdp", 340000, "2020年1-6月", "累计", 17551.1, 0.7}, []any{"gdp", "340100", "2020-06", "累计", "206.11", "－1.2"})
	}, "", "gdp 340000 2020-01..06 17551.1 0.7; gdp 340100 2020-01..06 206.11 -1.2"},
	{"a title above, totals and notes below", func(t testing.TB, f *excelize.File) {
		put(t, f, "Sheet1", []any{"2020年上半年"}, figureHeads, []any{"gdp", 340000, 2020, "累计", 1}, []any{"合计", nil, nil, nil, 5}, []any{"注：初步核算"})
	}, "4 warning office.row.total\nA5 warning office.row.note", "gdp 340000 2020 1 -"},
	{"dates in a period column", func(t testing.TB, f *excelize.File) {
		put(t, f, "Sheet1", figureHeads, []any{"gdp", 340000, 43983, "当月", 1}, []any{"gdp", 340000, 44012, "累计", 2}, []any{"gdp", 340000, 43832, "累计", 3})
		format := "yyyy\"年\"m\"月\""
		style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		must(t, err)
		must(t, f.SetCellStyle("Sheet1", "C2", "C4", style))
	}, "C4 blocking office.cell.day", "gdp 340000 2020-06 1 -; gdp 340000 2020-01..06 2 -"},
	{"shown as percent", func(t testing.TB, f *excelize.File) {
		put(t, f, "Sheet1", figureHeads, []any{"rate", 340000, 2020, "当期", 0.6386, 0.0638})
		style, err := f.NewStyle(&excelize.Style{NumFmt: 10})
		must(t, err)
		must(t, f.SetCellStyle("Sheet1", "E2", "F2", style))
	}, "E2 warning office.cell.percent", "rate 340000 2020 63.86 6.38"},
	{"shown as money", func(t testing.TB, f *excelize.File) {
		put(t, f, "Sheet1", figureHeads, []any{"fdi", 340000, 2020, "累计", 1234.5})
		format := `"¥"#,##0.00;[Red]\-"¥"#,##0.00`
		style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		must(t, err)
		must(t, f.SetCellStyle("Sheet1", "E2", "E2", style))
	}, "", "fdi 340000 2020 1234.5 -"},
	{"a date where a number belongs", func(t testing.TB, f *excelize.File) {
		put(t, f, "Sheet1", figureHeads, []any{"gdp", 340000, 2020, "累计", 43983})
		style, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		must(t, err)
		must(t, f.SetCellStyle("Sheet1", "E2", "E2", style))
	}, "E2 blocking office.cell.date_in_number", ""},
	{"a formula never calculated", func(t testing.TB, f *excelize.File) {
		put(t, f, "Sheet1", figureHeads, []any{"gdp", 340000, 2020, "累计", nil, 1})
		must(t, f.SetCellFormula("Sheet1", "E2", "1+2"))
	}, "E2 blocking office.cell.formula", ""},
	{"hidden rows and sheets", func(t testing.TB, f *excelize.File) {
		put(t, f, "Sheet1", figureHeads, []any{"gdp", 340000, 2020, "累计", 1}, []any{"gdp", 340100, 2020, "累计", 2})
		must(t, f.SetRowVisible("Sheet1", 3, false))
		_, err := f.NewSheet("单位")
		must(t, err)
		put(t, f, "单位", []any{"代码", "名称", "级别"}, []any{"340000", "安徽省", "省"})
		must(t, f.SetSheetVisible("单位", false))
	}, "3 warning office.rows.hidden\nwarning office.sheet.hidden", "gdp 340000 2020 1 -; gdp 340100 2020 2 -"},
	{"merged text holds for all its rows", func(t testing.TB, f *excelize.File) {
		put(t, f, "Sheet1", figureHeads, []any{"gdp", 340000, 2020, "累计", 1}, []any{nil, 340100, 2020, "累计", 2})
		must(t, f.MergeCell("Sheet1", "A2", "A3"))
	}, "A2 warning office.sheet.merged", "gdp 340000 2020 1 -; gdp 340100 2020 2 -"},
	{"a merged number is nobody's", func(t testing.TB, f *excelize.File) {
		put(t, f, "Sheet1", figureHeads, []any{"gdp", 340000, 2020, "累计", 3}, []any{"gdp", 340100, 2020, "累计", nil})
		must(t, f.MergeCell("Sheet1", "E2", "E3"))
	}, "E2 blocking office.cell.merged", ""},
	{"a sheet that is none of ours", func(t testing.TB, f *excelize.File) {
		must(t, f.SetSheetName("Sheet1", "指标级"))
		put(t, f, "指标级", []any{"甲", "乙"}, []any{1, 2})
	}, "warning office.sheet.unknown_near", ""},
	{"our sheet without heads", func(t testing.TB, f *excelize.File) {
		must(t, f.SetSheetName("Sheet1", "数据"))
		put(t, f, "数据", []any{"甲", "乙"}, []any{1, 2})
	}, "blocking office.sheet.heads", ""},
}

func TestBooks(t *testing.T) {
	for _, c := range bookCases {
		t.Run(c.name, func(t *testing.T) {
			d := readBook(t, workbook(t, func(f *excelize.File) { c.fill(t, f) }))
			if got := says(d); got != c.want {
				t.Errorf("says\n%s\nwant\n%s", got, c.want)
			}
			if got := brief(d); got != c.rows {
				t.Errorf("read\n%s\nwant\n%s", got, c.rows)
			}
		})
	}
}

func brief(d *Draft) string {
	show := func(q luoshi.NullQuantity) string {
		if !q.Valid {
			return "-"
		}
		return q.Decimal.String()
	}
	var rows []string
	for _, f := range d.Figures {
		rows = append(rows, strings.Join([]string{f.Indicator, f.UnitCode, f.Period.String(), show(f.Value), show(f.Growth)}, " "))
	}
	return strings.Join(rows, "; ")
}

// rawBook is a workbook of one sheet written by hand, for what spreadsheets store
// and libraries do not write.
func rawBook(t testing.TB, sheetData, tail string) []byte {
	t.Helper()
	return rawZip(t, map[string]string{
		"[Content_Types].xml":        `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
		"_rels/.rels":                `<Relationships><Relationship Id="a" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns:r="http://r"><workbookPr date1904="1"/><sheets><sheet name="数据" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://x/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>`,
		"xl/sharedStrings.xml":       `<sst><si><t>指标代码</t></si><si><r><t>单位</t></r><r><t>代码</t></r><rPh><t>xx</t></rPh></si><si><t>时期</t></si><si><t xml:space="preserve"> 数值 </t></si><si><t>R&amp;D_x0041_</t></si></sst>`,
		"xl/worksheets/sheet1.xml":   `<?xml version="1.0"?><x:worksheet xmlns:x="http://x"><x:sheetData>` + sheetData + `</x:sheetData>` + tail + `</x:worksheet>`,
	})
}

func rawZip(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		w, err := z.Create(name)
		must(t, err)
		_, err = io.WriteString(w, text)
		must(t, err)
	}
	must(t, z.Close())
	return b.Bytes()
}

const rawHeads = `<x:row r="1"><x:c t="s"><x:v>0</x:v></x:c><x:c t="s"><x:v>1</x:v></x:c><x:c t="s"><x:v>2</x:v></x:c><x:c t="s"><x:v>3</x:v></x:c></x:row>`

func TestStoredCells(t *testing.T) {
	row := func(value string) string {
		return rawHeads + `<x:row r="2"><x:c r="A2" t="s"><x:v>4</x:v></x:c><x:c r="B2"><x:v>340000</x:v></x:c><x:c r="C2"><x:v>2020</x:v></x:c>` + value + `</x:row>`
	}
	for _, c := range []struct{ name, value, rows, says string }{
		{"17 digits of 206.11", `<x:c r="D2"><x:v>206.11000000000001</x:v></x:c>`, "R&DA 340000 2020 206.11 -", ""},
		{"one float below 206.11", `<x:c r="D2"><x:v>206.10999999999999</x:v></x:c>`, "R&DA 340000 2020 206.11 -", ""},
		{"0.1+0.2", `<x:c r="D2"><x:f>0.1+0.2</x:f><x:v>0.30000000000000004</x:v></x:c>`, "R&DA 340000 2020 0.3 -", ""},
		{"exponent", `<x:c r="D2"><x:v>1.2345E+5</x:v></x:c>`, "R&DA 340000 2020 123450 -", ""},
		{"beyond all bounds", `<x:c r="D2"><x:v>1E+308</x:v></x:c>`, "", "D2 blocking office.cell.range"},
		{"an error", `<x:c r="D2" t="e"><x:f>A9/0</x:f><x:v>#REF!</x:v></x:c>`, "", "D2 blocking office.cell.error"},
		{"formula with its value", `<x:c r="D2" t="str"><x:f a="1>0">TEXT(1,"0")</x:f><x:v>1.5</x:v></x:c>`, "R&DA 340000 2020 1.5 -", ""},
		{"inline text", `<x:c r="D2" t="inlineStr"><x:is><x:t>２．５</x:t></x:is></x:c>`, "R&DA 340000 2020 2.5 -", ""},
		{"truth value", `<x:c r="D2" t="b"><x:v>1</x:v></x:c>`, "", "D2 blocking office.cell.number"},
		{"nothing", `<x:c r="D2" s="7"/>`, "", ""},
		{"shared text that is not there", `<x:c r="D2" t="s"><x:v>99</x:v></x:c>`, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := readBook(t, rawBook(t, row(c.value), ""))
			if brief(d) != c.rows || says(d) != c.says {
				t.Errorf("read %s\nsays %s", brief(d), says(d))
			}
		})
	}
}

// The files of a bomb are small packed and without end unpacked.
func bomb(t testing.TB) []byte {
	line := strings.Repeat("gdp,340000,2020,1\n", 1000)
	return rawZip(t, map[string]string{"a.csv": "指标代码,单位代码,时期,数值\n" + strings.Repeat(line, 2500)})
}

func bombBook(t testing.TB) []byte {
	row := `<x:row><x:c><x:v>1</x:v></x:c></x:row>`
	return rawBook(t, rawHeads+strings.Repeat(row, 1_200_000), "")
}

func TestZipAndFolder(t *testing.T) {
	files := map[string]string{
		"数据.csv":      "指标代码,单位代码,时期,数值\ngdp,340000,2020,1\n",
		"units.csv":   "code,name,kind\n340000,安徽省,province\n",
		"sub/bad.csv": "\x00\x01\x02\x03binary\x00\x01\x02",
		"readme.md":   "not read",
	}
	check := func(name string, d *Draft, err error) {
		t.Helper()
		if err != nil || len(d.Units) != 1 || len(d.Figures) != 1 || d.Sheets[0].Kind != Units {
			t.Fatalf("%s: %v %+v", name, err, d)
		}
		if got := says(d); got != "blocking office.file.unknown" {
			t.Errorf("%s says %s", name, got)
		}
	}
	data := rawZip(t, files)
	d, err := Read(context.Background(), bytes.NewReader(data), int64(len(data)), Options{Name: "all.zip"})
	check("zip", d, err)
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	d, err = ReadFS(context.Background(), fsys, Options{})
	check("folder", d, err)
}

func TestBatches(t *testing.T) {
	var b strings.Builder
	b.WriteString("指标代码,单位代码,时期,数值\n")
	for i := range 10_000 {
		b.WriteString("gdp," + ref(i+1, 1) + ",2020,1\n")
	}
	total, progress := 0, int64(0)
	d, err := Read(context.Background(), strings.NewReader(b.String()), int64(b.Len()), Options{
		Figures:  func(rows []FigureRow) error { total += len(rows); return nil },
		Progress: func(done, all int64) { progress = done * 100 / all },
	})
	must(t, err)
	if total != 10_000 || len(d.Figures) != 0 || progress != 100 || d.Sheets[0].Rows != 10_000 {
		t.Errorf("%d figures, %d left, progress %d", total, len(d.Figures), progress)
	}
}
