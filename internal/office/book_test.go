package office

import (
	"bytes"
	"context"
	"testing"

	"github.com/xuri/excelize/v2"
)

// book builds a workbook by what `fill` does to it.
func workbook(t testing.TB, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
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

func TestBook(t *testing.T) {
	data := workbook(t, func(f *excelize.File) {
		f.SetSheetName("Sheet1", "数据")
		put(t, f, "数据",
			[]any{"2020年上半年数据"},
			[]any{"指标代码", "单位代码", "单位", "时期", "口径", "数值", "同比（%）", "备注"},
			[]any{"gdp", 340000, "安徽省", "2020年1-6月", "累计", 17551.1, 0.7, "x"},
			[]any{"gdp", "340100", "合肥市", "2020-06", "累计", 206.10999999999999, "－1.2"},
			[]any{"合计", nil, nil, nil, nil, 5},
		)
	})
	d := readBook(t, data)
	t.Log(says(d))
	for _, p := range d.Problems {
		t.Log(p)
	}
	for _, f := range d.Figures {
		t.Log(f, f.At("value").Ref())
	}
}
