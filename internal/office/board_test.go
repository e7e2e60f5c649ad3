package office

import (
	"bytes"
	"testing"

	"github.com/govalues/decimal"
	"github.com/xuri/excelize/v2"
	"luoshi.dev"
)

func TestWriteTable(t *testing.T) {
	table := Table{
		Name: "亮晒台: 6月", Title: "2020年1–6月", Heads: []string{"位次", "单位", "完成", "灯"},
		Rows: [][]any{
			{1, "合肥市", luoshi.Some(decimal.MustNew(6386, 2)), "正常"},
			{2, "=cmd|' /C calc'!A0", luoshi.NullQuantity{}, "缺"},
			{3, "芜湖市", decimal.MustNew(12345678, 1), "预警"},
		},
		Notes: []string{"示例数据"}, Fixed: 2,
	}
	var b bytes.Buffer
	if err := WriteTable(&b, table, Hans); err != nil {
		t.Fatal(err)
	}
	keepFile(t, "board.xlsx", b.Bytes())
	f, err := excelize.OpenReader(&b)
	must(t, err)
	defer done(f)
	sheet := f.GetSheetName(0)
	for at, want := range map[string]string{"A1": "2020年1–6月", "B2": "单位", "A3": "1", "C3": "63.86", "C4": "", "C5": "1,234,567.8", "D4": "缺", "A7": "示例数据"} {
		if got, err := f.GetCellValue(sheet, at); err != nil || got != want {
			t.Errorf("%s = %q, want %q (%v)", at, got, want, err)
		}
	}
	if panes, err := f.GetPanes(sheet); err != nil || panes.XSplit != 2 || panes.YSplit != 2 || panes.TopLeftCell != "C3" {
		t.Errorf("panes %+v, %v", panes, err)
	}
	if formula, _ := f.GetCellFormula(sheet, "B4"); formula != "" {
		t.Errorf("a name became the formula %s", formula)
	}
	b.Reset()
	must(t, WriteTableCSV(&b, table))
	want := "\ufeff位次,单位,完成,灯\n1,合肥市,63.86,正常\n2,'=cmd|' /C calc'!A0,,缺\n3,芜湖市,1234567.8,预警\n"
	if b.String() != want {
		t.Errorf("got\n%s", b.String())
	}
}
