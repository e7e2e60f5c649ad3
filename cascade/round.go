package cascade

import (
	"math"
	"slices"

	"luoshi.dev"
)

// Round rounds a real table to whole margins that are given: every cell to its
// floor or ceiling, whole cells (so zeros) unchanged, row i summing to rows[i] and
// column j to cols[j], Σ|x − t| as small as can be.
//
// The margins need not equal the table's own sums: it is enough that some choice
// of floors and ceilings meets them. One always does while all the differences
// between margins and sums, taken absolutely, add up to less than 1: a set of
// margins that no choice meets is short or over by at least 1 on some block of
// rows and columns (the cut condition of flows), and the table itself meets that
// block but for the differences. So what float64 sums are off by is no obstacle,
// and nothing is fitted beforehand. Else the error says so.
//
// Cells lie within ±10^18. The work is about the number of cells times the
// shorter side, once, and a little per unit moved.
func Round(table [][]float64, rows, cols []int64) ([][]int64, error) {
	m, n := len(rows), len(cols)
	floor, frac, err := split64(table, m, n)
	if err != nil {
		return nil, err
	}
	if !roundTo(m, n, floor, frac, slices.Clone(rows), slices.Clone(cols)) {
		return nil, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("cascade.round_margins")}
	}
	cells := make([][]int64, m)
	for i := range cells {
		cells[i] = floor[i*n : (i+1)*n : (i+1)*n]
	}
	return cells, nil
}

// roundTo moves floors up where they must to meet the margins; it uses up frac
// and the margins.
func roundTo(m, n int, floor, frac, rows, cols []int64) bool {
	for i := range m {
		for j := range n {
			c := i*n + j
			rows[i] -= floor[c]
			cols[j] -= floor[c]
			frac[c] = costOf(frac[c])
		}
	}
	if !choose(m, n, frac, rows, cols) {
		return false
	}
	for c, up := range frac {
		floor[c] += up
	}
	return true
}

// RoundFree rounds a real table with its margins: cells, row sums, column sums
// and the grand total each to their floor or ceiling, whole ones unchanged, the
// sums exact, Σ|x − t| over the cells as small as can be: zero-restricted
// controlled rounding (Cox 1987; Causey, Cox & Ernst 1985), which in two
// dimensions always exists. Each margin gets a cell of its own that tops it up to
// a whole number; what is left is [Round]. A sum within 10^-9 of a whole number
// is that number. A table that is ragged or has cells beyond ±10^18 gives nils.
func RoundFree(table [][]float64) (cells [][]int64, rows, cols []int64, total int64) {
	m, n := len(table), 0
	if m > 0 {
		n = len(table[0])
	}
	floor, frac, err := split64(table, m, n)
	if err != nil {
		return nil, nil, nil, 0
	}
	w := n + 1
	cost, need, want := slack(frac, m, n)
	if !choose(m+1, w, cost, need, want) {
		return nil, nil, nil, 0
	}
	cells, rows, cols = make([][]int64, m), make([]int64, m), make([]int64, n)
	for i := range cells {
		cells[i] = floor[i*n : (i+1)*n : (i+1)*n]
		for j := range cells[i] {
			cells[i][j] += cost[i*w+j]
			rows[i] += cells[i][j]
			cols[j] += cells[i][j]
			total += cells[i][j]
		}
	}
	return cells, rows, cols, total
}

// slack borders a table with the cells that top its margins up to whole numbers,
// at no cost: what they take decides how the margins are rounded.
func slack(frac []int64, m, n int) (cost, need, want []int64) {
	w := n + 1
	cost = make([]int64, (m+1)*w)
	bySide := make([]tally, m+1+w) // rows, the slack row, columns, the slack column
	row, col := bySide[:m+1], bySide[m+1:]
	var all tally
	for i := range m {
		for j := range n {
			v := frac[i*n+j]
			cost[i*w+j] = costOf(v)
			row[i].add(v)
			col[j].add(v)
			all.add(v)
		}
	}
	top := func(c int, t, a, b *tally) {
		cost[c] = stays
		if rest := t.rest(); rest > 0 {
			cost[c] = 0
			a.add(one - rest)
			b.add(one - rest)
		}
	}
	for i := range m {
		top(i*w+n, &row[i], &row[i], &col[n])
	}
	for j := range n {
		top(m*w+j, &col[j], &col[j], &row[m])
	}
	cost[m*w+n] = stays
	if rest := all.rest(); rest > 0 {
		cost[m*w+n] = 0
		row[m].add(rest)
		col[n].add(rest)
	}
	need, want = make([]int64, m+1), make([]int64, w)
	for i := range row {
		need[i] = row[i].nearest()
	}
	for j := range col {
		want[j] = col[j].nearest()
	}
	return cost, need, want
}

// tally sums fractional parts: whole + part/one.
type tally struct{ whole, part int64 }

func (t *tally) add(v int64) {
	if t.part += v; t.part >= one {
		t.whole, t.part = t.whole+1, t.part-one
	}
}

// near is how close to a whole number a sum counts as whole.
const near = one / 1_000_000_000

// rest is what the sum has beyond a whole number, 0 where float64 left it near one.
func (t *tally) rest() int64 {
	if t.part <= near || t.part >= one-near {
		return 0
	}
	return t.part
}

func (t *tally) nearest() int64 {
	if t.part >= one/2 {
		return t.whole + 1
	}
	return t.whole
}

// split64 takes a table apart into floors and fractional parts.
func split64(table [][]float64, m, n int) (floor, frac []int64, err error) {
	refuse := func(row, col int) error {
		return &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("cascade.round_cell", "row", row, "col", col)}
	}
	if len(table) != m {
		return nil, nil, refuse(len(table), 0)
	}
	floor, frac = make([]int64, m*n), make([]int64, m*n)
	for i, line := range table {
		if len(line) != n {
			return nil, nil, refuse(i+1, len(line))
		}
		for j, t := range line {
			if math.IsNaN(t) || math.Abs(t) > 1e18 {
				return nil, nil, refuse(i+1, j+1)
			}
			whole := math.Floor(t)
			floor[i*n+j], frac[i*n+j] = int64(whole), fraction(t-whole)
		}
	}
	return floor, frac, nil
}
