package cascade

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// hardTable makes a table with zeros, whole cells, negatives, ties and repeated
// rows, and margins that some choice of floors and ceilings meets.
func hardTable(seed uint64, m, n int) (table [][]float64, rows, cols []int64) {
	random := rand.New(rand.NewPCG(seed, 7))
	table = make([][]float64, m)
	whole := make([][]int64, m)
	kind := random.IntN(4)
	for i := range table {
		table[i], whole[i] = make([]float64, n), make([]int64, n)
		for j := range table[i] {
			x := (random.Float64() - 0.3) * math.Pow(10, float64(random.IntN(5)))
			switch kind {
			case 1:
				x = float64(random.IntN(40)-10) / 4
			case 2:
				x = float64(1+i%3) * float64(j+1) / 7
			case 3:
				x = random.NormFloat64() * 1e9
			}
			if random.IntN(5) == 0 {
				x = 0
			}
			table[i][j], whole[i][j] = x, int64(math.Floor(x))
			if x != math.Floor(x) && random.IntN(2) == 0 {
				whole[i][j]++
			}
		}
	}
	rows, cols = margins(whole)
	return table, rows, cols
}

func TestRoundHoldsMargins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, n := rapid.IntRange(1, 90).Draw(t, "rows"), rapid.IntRange(1, 20).Draw(t, "columns")
		table, rows, cols := hardTable(rapid.Uint64().Draw(t, "seed"), m, n)
		cells, err := Round(table, rows, cols)
		if err != nil {
			t.Fatalf("%d × %d: %v", m, n, err)
		}
		checkRounding(t, table, cells, rows, cols)
		if better := cheaperCycle(table, cells); better < -1e-9 {
			t.Fatalf("%d × %d: a cycle of moves would gain %v", m, n, -better)
		}
		free, freeRows, freeCols, total := RoundFree(table)
		checkFree(t, table, free, freeRows, freeCols)
		if again, _ := margins(free); total != sum64(again) {
			t.Fatalf("total %d, rows sum to %d", total, sum64(again))
		}
		if best, err := Round(table, freeRows, freeCols); err != nil || change(table, best) > change(table, free)+1e-9*change(table, free) {
			t.Fatalf("not the best for its own margins: %v", err)
		}
	})
}

func sum64(values []int64) (sum int64) {
	for _, v := range values {
		sum += v
	}
	return sum
}

// cheaperCycle proves optimality independently of the solver: a rounding to fixed
// margins is optimal exactly if no cycle of moves gains (Klein 1967). It returns
// the length of the shortest cycle between columns, by Floyd–Warshall.
func cheaperCycle(table [][]float64, cells [][]int64) float64 {
	n := len(cells[0])
	d := make([][]float64, n)
	for a := range d {
		d[a] = make([]float64, n)
		for b := range d[a] {
			d[a][b] = math.Inf(1)
			for i := range cells {
				down, up := table[i][a], table[i][b]
				if float64(cells[i][a]) > down && float64(cells[i][b]) < up {
					gain := func(x float64) float64 { return 1 - 2*(x-math.Floor(x)) }
					d[a][b] = min(d[a][b], gain(up)-gain(down)+1e-12)
				}
			}
		}
	}
	for k := range n {
		for a := range n {
			for b := range n {
				d[a][b] = min(d[a][b], d[a][k]+d[k][b])
			}
		}
	}
	best := math.Inf(1)
	for a := range n {
		best = min(best, d[a][a])
	}
	return best
}

func TestRoundLarge(t *testing.T) {
	for seed, size := range [][2]int{{3000, 12}, {3000, 12}, {3000, 12}, {3000, 12}, {12, 3000}, {1000, 12}, {150, 90}, {2999, 11}} {
		table, rows, cols := hardTable(uint64(seed), size[0], size[1])
		start := time.Now()
		cells, err := Round(table, rows, cols)
		if err != nil {
			t.Fatalf("%v: %v", size, err)
		}
		t.Logf("%d × %d in %v", size[0], size[1], time.Since(start))
		checkRounding(t, table, cells, rows, cols)
		if size[1] < 100 {
			if better := cheaperCycle(table, cells); better < -1e-9 {
				t.Errorf("%v: a cycle of moves would gain %v", size, -better)
			}
		}
		free, freeRows, freeCols, _ := RoundFree(table)
		checkFree(t, table, free, freeRows, freeCols)
	}
}

// Against every choice there is.
func TestRoundAgainstAllChoices(t *testing.T) {
	for seed := range uint64(300) {
		m, n := 1+int(seed%4), 1+int(seed/4%3)
		table, rows, cols := hardTable(seed, m, n)
		cells, err := Round(table, rows, cols)
		if err != nil {
			t.Fatal(err)
		}
		free, _, _, _ := RoundFree(table)
		best, bestFree := math.Inf(1), math.Inf(1)
		try := make([][]int64, m)
		for i := range try {
			try[i] = make([]int64, n)
		}
	choices:
		for mask := range 1 << (m * n) {
			for i := range try {
				for j := range try[i] {
					x := table[i][j]
					up := mask >> (i*n + j) & 1
					if up == 1 && x == math.Floor(x) {
						continue choices
					}
					try[i][j] = int64(math.Floor(x)) + int64(up)
				}
			}
			r, c := margins(try)
			if equal(r, rows) && equal(c, cols) {
				best = min(best, change(table, try))
			}
			if nearMargins(table, r, c) {
				bestFree = min(bestFree, change(table, try))
			}
		}
		slack := 1e-9 * (1 + best)
		if math.Abs(change(table, cells)-best) > slack {
			t.Errorf("seed %d: fixed %v, best %v", seed, change(table, cells), best)
		}
		if math.Abs(change(table, free)-bestFree) > slack {
			t.Errorf("seed %d: free %v, best %v", seed, change(table, free), bestFree)
		}
	}
}

func nearMargins(table [][]float64, rows, cols []int64) bool {
	near := func(whole int64, real float64) bool {
		r := math.Round(real)
		if math.Abs(real-r) < 1e-6 {
			return float64(whole) == r
		}
		return math.Abs(float64(whole)-real) < 1
	}
	all, total := int64(0), 0.0
	for i, line := range table {
		sum := 0.0
		for _, x := range line {
			sum += x
		}
		total, all = total+sum, all+rows[i]
		if !near(rows[i], sum) {
			return false
		}
	}
	for j := range cols {
		sum := 0.0
		for i := range table {
			sum += table[i][j]
		}
		if !near(cols[j], sum) {
			return false
		}
	}
	return near(all, total)
}

func equal(a, b []int64) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestRoundRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		table      [][]float64
		rows, cols []int64
	}{
		"no choice":  {[][]float64{{0.5, 0}, {0, 0.5}}, []int64{1, 0}, []int64{0, 1}},
		"sums":       {[][]float64{{0.5, 0.5}}, []int64{1}, []int64{1, 1}},
		"ragged":     {[][]float64{{0.5}, {0.5, 1}}, []int64{1, 1}, []int64{1}},
		"short":      {[][]float64{{0.5}}, []int64{1, 1}, []int64{1}},
		"not finite": {[][]float64{{math.NaN()}}, []int64{1}, []int64{1}},
		"too large":  {[][]float64{{1e19}}, []int64{1}, []int64{1}},
		"whole":      {[][]float64{{3}}, []int64{4}, []int64{4}},
	} {
		if cells, err := Round(c.table, c.rows, c.cols); err == nil {
			t.Errorf("%s: got %v", name, cells)
		}
	}
	if cells, err := Round(nil, nil, nil); err != nil || len(cells) != 0 {
		t.Errorf("an empty table: %v, %v", cells, err)
	}
	if cells, _, _, _ := RoundFree([][]float64{{math.Inf(1)}}); cells != nil {
		t.Errorf("infinite: %v", cells)
	}
}

// Sums that float64 misses still meet the margins they were meant to have.
func TestRoundForgivesFloatSums(t *testing.T) {
	table := make([][]float64, 10)
	for i := range table {
		table[i] = []float64{0.1, 0.2, 0.7}
	}
	cells, rows, cols, total := RoundFree(table)
	checkFree(t, table, cells, rows, cols)
	if !equal(cols, []int64{1, 2, 7}) || total != 10 {
		t.Errorf("columns %v, total %d", cols, total)
	}
	for i, r := range rows {
		if r != 1 {
			t.Errorf("row %d is %d", i, r)
		}
	}
}
