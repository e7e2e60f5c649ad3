package cascade

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// reference reads a file of data/reference; other tools wrote it.
func reference(t *testing.T, name string) [][]string {
	t.Helper()
	dir := os.Getenv("LUOSHI_TEST_DATA")
	if dir == "" {
		t.Skip("LUOSHI_TEST_DATA is not set: no reference outputs to hold against")
	}
	file, err := os.Open(filepath.Join(dir, "reference", name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func column(t *testing.T, rows [][]string) (start float64, values []float64) {
	for _, r := range rows {
		values = append(values, number(t, r[1]))
	}
	return number(t, rows[0][0]), values
}

// The swisspharma example of R's tempdisagg (Sax & Steiner 2013): the exports
// begin three years before the sales and end two quarters after them.
func TestDentonAgainstTempdisagg(t *testing.T) {
	firstSale, sales := column(t, reference(t, "tempdisagg_input_sales.a.csv"))
	firstExport, exports := column(t, reference(t, "tempdisagg_input_exports.q.csv"))
	var padded []float64
	for range int(firstSale - firstExport) {
		padded = append(padded, math.NaN())
	}
	constant := make([]float64, 4*len(sales))
	for i := range constant {
		constant[i] = 1
	}
	for _, c := range []struct {
		name              string
		indicator, totals []float64
	}{
		{"exports", exports, append(padded, sales...)},
		{"const", constant, sales},
	} {
		_, want := column(t, reference(t, "tempdisagg_out_denton-cholette_"+c.name+"_q.csv"))
		got := Denton(c.indicator, c.totals, 4)
		if len(got) != len(want) {
			t.Fatalf("%s: %d values, want %d", c.name, len(got), len(want))
		}
		worst := 0.0
		for i := range want {
			worst = max(worst, math.Abs(got[i]/want[i]-1))
		}
		t.Logf("%s: %d quarters, largest relative difference %.1e", c.name, len(want), worst)
		if worst > 1e-6 {
			t.Errorf("%s: differs by %.1e", c.name, worst)
		}
	}
}

func TestRoundingAgainstLinearProgramme(t *testing.T) {
	for _, c := range []struct {
		file string
		free bool
	}{{"rounding_5x12.csv", true}, {"rounding_31x12.csv", true}, {"rounding_fixed_margins_12x12.csv", false}} {
		t.Run(c.file, func(t *testing.T) {
			var in [][]float64
			var opt [][]int64
			for _, r := range reference(t, c.file) {
				var real []float64
				var whole []int64
				for _, s := range r[1:] {
					real, whole = append(real, number(t, s)), append(whole, int64(number(t, s)))
				}
				if r[0] == "in" {
					in = append(in, real)
				} else {
					opt = append(opt, whole)
				}
			}
			rows, cols := margins(opt)
			got, err := Round(in, rows, cols)
			if err != nil {
				t.Fatal(err)
			}
			if !c.free {
				checkRounding(t, in, got, rows, cols)
			} else {
				got, rows, cols, _ = RoundFree(in)
				checkFree(t, in, got, rows, cols)
			}
			t.Logf("total change %.9f, the linear programme's %.9f", change(in, got), change(in, opt))
			if change(in, got) > change(in, opt)+1e-9 {
				t.Errorf("total change %.9f, the optimum is %.9f", change(in, got), change(in, opt))
			}
		})
	}
}

func margins(cells [][]int64) (rows, cols []int64) {
	rows, cols = make([]int64, len(cells)), make([]int64, len(cells[0]))
	for i, line := range cells {
		for j, v := range line {
			rows[i] += v
			cols[j] += v
		}
	}
	return rows, cols
}

func change(table [][]float64, cells [][]int64) float64 {
	sum := 0.0
	for i, line := range cells {
		for j, v := range line {
			sum += math.Abs(float64(v) - table[i][j])
		}
	}
	return sum
}

type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

func checkRounding(t failer, table [][]float64, cells [][]int64, rows, cols []int64) {
	t.Helper()
	haveRows, haveCols := margins(cells)
	for i := range rows {
		if haveRows[i] != rows[i] {
			t.Fatalf("row %d sums to %d, want %d", i, haveRows[i], rows[i])
		}
	}
	for j := range cols {
		if haveCols[j] != cols[j] {
			t.Fatalf("column %d sums to %d, want %d", j, haveCols[j], cols[j])
		}
	}
	for i, line := range cells {
		for j, v := range line {
			if x := table[i][j]; math.Abs(float64(v)-x) >= 1 || x == math.Floor(x) && float64(v) != x {
				t.Fatalf("cell %d, %d is %d for %v", i, j, v, x)
			}
		}
	}
}

func checkFree(t failer, table [][]float64, cells [][]int64, rows, cols []int64) {
	t.Helper()
	checkRounding(t, table, cells, rows, cols)
	realRows, realCols, total := make([]float64, len(rows)), make([]float64, len(cols)), 0.0
	for i, line := range table {
		for j, x := range line {
			realRows[i] += x
			realCols[j] += x
			total += x
		}
	}
	whole := int64(0)
	for i, r := range rows {
		whole += r
		if math.Abs(float64(r)-realRows[i]) >= 1 {
			t.Fatalf("row %d is %d for %v", i, r, realRows[i])
		}
	}
	for j, c := range cols {
		if math.Abs(float64(c)-realCols[j]) >= 1 {
			t.Fatalf("column %d is %d for %v", j, c, realCols[j])
		}
	}
	if math.Abs(float64(whole)-total) >= 1 {
		t.Fatalf("total is %d for %v", whole, total)
	}
}
