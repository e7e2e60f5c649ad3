package office

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"luoshi.dev"
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
