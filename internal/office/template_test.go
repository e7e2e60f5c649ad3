package office

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/govalues/decimal"
	"luoshi.dev"
)

func clerkTemplate() Template {
	retail := luoshi.Indicator{
		Code: "retail", Names: luoshi.Names{Hans: "社会消费品零售总额", Hant: "社會消費品零售總額", En: "Retail sales"},
		Measure: luoshi.Measure{Symbol: luoshi.Names{Hans: "亿元", Hant: "億元", En: "100 million yuan"}, Currency: "CNY", Power: 8}, Decimals: 1,
		Direction: luoshi.More, Kind: luoshi.Flow, OverTime: luoshi.TimeSum, OverUnits: luoshi.UnitSum, Basis: luoshi.Cumulative, Calendar: luoshi.MonthlyJanFeb,
	}
	deposits := retail
	deposits.Code, deposits.Names, deposits.Kind, deposits.OverTime = "deposits", luoshi.Names{Hans: "各项存款余额", Hant: "各項存款餘額", En: "Deposits"}, luoshi.Stock, luoshi.TimeLast
	deposits.Basis, deposits.Calendar = luoshi.Single, luoshi.Quarterly
	t := Template{Kind: Clerk, Year: 2020, To: 6, Indicators: []luoshi.Indicator{retail, deposits}}
	for i, u := range []struct{ code, hans, en string }{{"340100", "合肥市", "Hefei"}, {"340102", "瑶海区", "Yaohai"}, {"340103", "庐阳区", "Luyang"}, {"340104", "蜀山区", "Shushan"}} {
		t.Units = append(t.Units, TemplateUnit{Code: u.code, Names: luoshi.Names{Hans: u.hans, En: u.en}, Depth: min(i, 1)})
		for m := 2; m <= 5; m++ {
			q := decimal.MustNew(int64((i+3)*1000+m*137), 1)
			t.Known = append(t.Known, FigureRow{Indicator: "retail", UnitCode: u.code, Period: luoshi.ToDate(2020, m), Basis: luoshi.Cumulative, Value: luoshi.Some(q)})
		}
	}
	return t
}

func TestClerkTemplate(t *testing.T) {
	for _, lang := range []string{Hans, Hant, En} {
		var b bytes.Buffer
		if err := WriteTemplate(&b, clerkTemplate(), lang); err != nil {
			t.Fatal(err)
		}
		keepFile(t, "clerk-"+lang+".xlsx", b.Bytes())
		d := readBook(t, b.Bytes())
		if len(d.Figures) != 16 {
			t.Errorf("%s: %d figures, want the 16 that were known\n%s", lang, len(d.Figures), says(d))
		}
		for i, f := range d.Figures {
			want := clerkTemplate().Known[i]
			if f.Indicator != want.Indicator || f.UnitCode != want.UnitCode || f.Period != want.Period || f.Basis != want.Basis || f.Value.Decimal.Cmp(want.Value.Decimal) != 0 {
				t.Errorf("%s: %+v, want %+v", lang, f, want)
			}
		}
		if got := says(d); got != "" {
			t.Errorf("the form as it was given out is complained about, %s:\n%s", lang, got)
		}
	}
}

func TestPlannerTemplate(t *testing.T) {
	for _, lang := range []string{Hans, Hant, En} {
		var b bytes.Buffer
		if err := WriteTemplate(&b, Template{Kind: Planner}, lang); err != nil {
			t.Fatal(err)
		}
		keepFile(t, "planner-"+lang+".xlsx", b.Bytes())
		d := readBook(t, b.Bytes())
		if len(d.Sheets) != 4 || len(d.Problems) != 0 {
			t.Errorf("%s: %+v\n%s", lang, d.Sheets, says(d))
		}
		for i, kind := range planned {
			if d.Sheets[i].Kind == "" || d.Sheets[i].Rows != 0 {
				t.Errorf("%s %s: %+v", lang, kind, d.Sheets[i])
			}
		}
	}
}

// keepFile writes what a test made where a person can look at it.
func keepFile(t *testing.T, name string, data []byte) {
	t.Helper()
	if dir := os.Getenv("OFFICE_KEEP"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
