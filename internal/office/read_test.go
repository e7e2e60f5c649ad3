package office

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"luoshi.dev"
	"pgregory.net/rapid"
)

func readText(t testing.TB, name, text string) *Draft {
	t.Helper()
	d, err := Read(context.Background(), strings.NewReader(text), int64(len(text)), Options{Name: name})
	if err != nil {
		t.Fatalf("read %s: %v", name, err)
	}
	return d
}

// says writes the problems as one would point at them: "B3 blocking office.cell.number".
func says(d *Draft) string {
	var lines []string
	for _, p := range d.Problems {
		lines = append(lines, strings.TrimSpace(p.Ref()+" "+string(p.Severity)+" "+p.Message.Key))
	}
	return strings.Join(lines, "\n")
}

func TestPublicFigures(t *testing.T) {
	dir := os.Getenv("LUOSHI_TEST_DATA")
	if dir == "" {
		t.Skip("LUOSHI_TEST_DATA is not set")
	}
	data, err := os.ReadFile(filepath.Join(dir, "anhui_public_figures.csv"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := Read(context.Background(), bytes.NewReader(data), int64(len(data)), Options{Name: "anhui_public_figures.csv"})
	if err != nil {
		t.Fatal(err)
	}
	if got := says(d); got != "I1 warning office.column.unknown" || len(d.Figures) != 87 { // its column "kind" is not ours
		t.Errorf("%d figures, says\n%s", len(d.Figures), got)
	}
	first := d.Figures[0]
	if first.Indicator != "地区生产总值" || first.UnitCode != "340000" || first.Period != luoshi.YearOf(2019) || first.Basis != luoshi.Cumulative ||
		first.Value.Decimal.String() != "37114" || first.Growth.Decimal.String() != "7.5" || first.Measure != "亿元" || first.At("value").Ref() != "F2" {
		t.Errorf("%+v", first)
	}
}

// The year of a row holds for its month however often the month was read before.
func TestYearColumnBesideMonths(t *testing.T) {
	text := "指标代码,单位代码,年份,月份,数值\ngdp,340000,2019,6月,1\ngdp,340000,2020,6月,2\ngdp,340000,2019,7月,3\ngdp,340000,2020,7月,4\n"
	d, err := Read(t.Context(), strings.NewReader(text), int64(len(text)), Options{Name: "x.csv"})
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, row := range d.Figures {
		got += row.Period.String() + " "
	}
	if got != "2019-06 2020-06 2019-07 2020-07 " {
		t.Errorf("%s %v", got, d.Problems)
	}
}

// The table of addresses is a map.
func TestMetIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m met
		want := map[address]seen{}
		for i := range rapid.IntRange(1, 400).Draw(t, "figures") {
			a := address{indicator: uint32(rapid.IntRange(1, 4).Draw(t, "indicator")), unit: uint32(rapid.IntRange(1, 999).Draw(t, "unit")), period: uint32(rapid.IntRange(1, 9).Draw(t, "period")), own: rapid.Bool().Draw(t, "own")}
			now := seen{row: uint32(i + 1)}
			first, twice := m.meet(a, now)
			if was, ok := want[a]; ok != twice || was != first {
				t.Fatalf("%+v: %v %v, want %v %v", a, first, twice, was, ok)
			} else if !ok {
				want[a] = now
			}
		}
	})
}

// No word for a total, however it is spaced or widened, is taken for a name.
func TestEveryTotalMayBeOne(t *testing.T) {
	for _, word := range lex().every["total"] {
		for _, text := range []string{word, " " + word + "：", strings.Join(strings.Split(word, ""), "　"), strings.ToUpper(word)} {
			if _, sum := lex().find("total", text); sum && !mayTotal([]byte(text)) {
				t.Errorf("%q is a total", text)
			}
		}
	}
	if mayTotal([]byte("合肥市")) {
		t.Error("合肥市 is none")
	}
}
