package catchup

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"

	"luoshi.dev"
	"pgregory.net/rapid"
)

// quadratic is a general strictly convex programme: least Σ w·(x − e)² subject to
// one equality a·x = b and inequalities g·x ≤ h. It knows nothing of how the
// constraints nest.
type quadratic struct {
	e, w  []float64
	eq    []float64
	b     float64
	g     [][]float64
	h     []float64
	fixed []int     // the inequalities that are equations
	start []float64 // feasible
}

// solve is the primal active-set method (Nocedal and Wright 2006, §16.5): on the
// constraints that are active now, go to the minimum or to the first constraint in
// the way; there, drop the one whose multiplier is most negative.
func (q *quadratic) solve(t fataler) []float64 {
	x := append([]float64(nil), q.start...)
	active := append([]int(nil), q.fixed...)
	for range 2000 {
		step, multipliers := q.equality(x, active)
		length := 0.0
		for _, d := range step {
			length = max(length, math.Abs(d))
		}
		if length < 1e-9 {
			worst, at := -1e-9, -1
			for k, m := range multipliers {
				if m < worst && k >= len(q.fixed) {
					worst, at = m, k
				}
			}
			if at < 0 {
				return x
			}
			active = append(active[:at], active[at+1:]...)
			continue
		}
		reach, hit := 1.0, -1
		for k, g := range q.g {
			along, room := 0.0, q.h[k]
			for c := range x {
				along += g[c] * step[c]
				room -= g[c] * x[c]
			}
			if along > 1e-12*length && room/along < reach && !contains(active, k) {
				reach, hit = max(room/along, 0), k
			}
		}
		for c := range x {
			x[c] += reach * step[c]
		}
		if hit >= 0 {
			active = append(active, hit)
		}
	}
	t.Fatalf("the reference did not come to an end")
	return nil
}

func contains(list []int, k int) bool {
	for _, v := range list {
		if v == k {
			return true
		}
	}
	return false
}

// equality minimises with the active constraints as equations: the full KKT system,
// by elimination with pivoting.
func (q *quadratic) equality(x []float64, active []int) (step, multipliers []float64) {
	n, m := len(x), 1+len(active)
	rows, right := [][]float64{q.eq}, []float64{q.b}
	for _, k := range active {
		rows, right = append(rows, q.g[k]), append(right, q.h[k])
	}
	a := make([][]float64, n+m)
	for i := range a {
		a[i] = make([]float64, n+m+1)
	}
	for c := range n {
		a[c][c] = 2 * q.w[c]
		a[c][n+m] = -2 * q.w[c] * (x[c] - q.e[c])
		for k, r := range rows {
			a[c][n+k], a[n+k][c] = r[c], r[c]
		}
	}
	for k, r := range rows { // what earlier steps have left over is made good
		a[n+k][n+m] = right[k]
		for c := range n {
			a[n+k][n+m] -= r[c] * x[c]
		}
	}
	for i := range a {
		pivot := i
		for k := i; k < len(a); k++ {
			if math.Abs(a[k][i]) > math.Abs(a[pivot][i]) {
				pivot = k
			}
		}
		a[i], a[pivot] = a[pivot], a[i]
		if math.Abs(a[i][i]) < 1e-12 {
			continue // a constraint that says nothing new
		}
		for k := range a {
			if f := a[k][i] / a[i][i]; k != i && f != 0 {
				for c := i; c < len(a[k]); c++ {
					a[k][c] -= f * a[i][c]
				}
			}
		}
	}
	solution := make([]float64, n+m)
	for i := range solution {
		if math.Abs(a[i][i]) >= 1e-12 {
			solution[i] = a[i][n+m] / a[i][i]
		}
	}
	return solution[:n], solution[n+1:]
}

// asQuadratic writes a plan's problem down without its structure. start must meet it.
func asQuadratic(spec Spec, start [][]float64, needed float64) *quadratic {
	q := &quadratic{b: needed}
	size := len(spec.Parts) * len(spec.Months)
	less := func(g []float64, h float64) { q.g, q.h = append(q.g, g), append(q.h, h) }
	for i, p := range spec.Parts {
		sum := make([]float64, size)
		for j, cell := range p.Cells {
			c := i*len(spec.Months) + j
			w := cell.Weight
			if w == 0 && cell.Spread > 0 {
				w = 1 / cell.Spread
			} else if w == 0 {
				w = 1
			}
			q.e, q.w, q.eq = append(q.e, cell.expect()), append(q.w, w), append(q.eq, 1)
			q.start = append(q.start, start[i][j])
			low, high := spec.bounds(cell)
			if v, fixed := spec.fixed(cell); fixed {
				low, high = luoshi.Missing, v
				q.fixed = append(q.fixed, len(q.g))
			}
			sum[c] = 1
			up, down := make([]float64, size), make([]float64, size)
			up[c], down[c] = 1, -1
			if high != luoshi.Missing {
				less(up, float64(high))
			}
			if low != luoshi.Missing {
				less(down, -float64(low))
			}
		}
		if p.Most != luoshi.Missing {
			less(sum, float64(p.Most))
		}
		if p.Least != luoshi.Missing {
			minus := make([]float64, size)
			for c := range sum {
				minus[c] = -sum[c]
			}
			less(minus, -float64(p.Least))
		}
	}
	return q
}

// start is some table that meets a problem: every cell the same part of the way from
// its unit's least table to its unit's most one.
func startOf(spec Spec, needed float64, wide float64) [][]float64 {
	ends := [2][][]float64{}
	var sums [2]float64
	for k, side := range [2]int{-1, 1} {
		for _, p := range spec.Parts {
			line := make([]float64, len(p.Cells))
			var low, high []float64
			var lows, highs float64
			for j, cell := range p.Cells {
				l, h := spec.bounds(cell)
				if v, fixed := spec.fixed(cell); fixed {
					l, h = v, v
				}
				low, high = append(low, limitTo(l, -wide)), append(high, limitTo(h, wide))
				lows, highs = lows+low[j], highs+high[j]
			}
			want := lows
			if side > 0 {
				want = highs
			}
			if p.Most != luoshi.Missing {
				want = min(want, float64(p.Most))
			}
			if p.Least != luoshi.Missing {
				want = max(want, float64(p.Least))
			}
			at := 0.0
			if highs > lows {
				at = (want - lows) / (highs - lows)
			}
			for j := range line {
				line[j] = low[j] + at*(high[j]-low[j])
			}
			ends[k] = append(ends[k], line)
			sums[k] += want
		}
	}
	at := 0.0
	if sums[1] > sums[0] {
		at = (needed - sums[0]) / (sums[1] - sums[0])
	}
	x := ends[0]
	for i := range x {
		for j := range x[i] {
			x[i][j] += at * (ends[1][i][j] - x[i][j])
		}
	}
	return x
}

func limitTo(v int64, otherwise float64) float64 {
	if v == luoshi.Missing {
		return otherwise
	}
	return float64(v)
}

// The plan before rounding is what a general solver finds that is told the
// constraints one by one and nothing of how they nest.
func TestAgainstGeneralSolver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		units, months := rapid.IntRange(1, 4).Draw(t, "units"), rapid.IntRange(1, 4).Draw(t, "months")
		holdAgainst(t, randomSpec(rapid.Uint64().Draw(t, "seed"), units, months, 1000))
	})
	held := 0
	for seed := range uint64(300) {
		for _, h := range holdAgainst(t, randomSpec(seed, 1+int(seed%4), 1+int(seed/4%4), 1000)).Units {
			if h != Loose {
				held++
			}
		}
	}
	t.Logf("%d units held by their sum", held)
	if held < 50 {
		t.Errorf("only %d units were held by their sum", held)
	}
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

func holdAgainst(t fataler, spec Spec) Plan {
	t.Helper()
	got, plan, exact := solvedReal(t, spec)
	if !exact {
		t.Fatalf("state %s without Keep", plan.State)
	}
	months := len(spec.Months)
	needed := float64(plan.Sum)
	q := asQuadratic(spec, startOf(spec, needed, 1e6), needed)
	var cost, best float64
	for c, x := range q.solve(t) {
		v := got[c/months][c%months]
		cost += q.w[c] * (v - q.e[c]) * (v - q.e[c])
		best += q.w[c] * (x - q.e[c]) * (x - q.e[c])
		if math.Abs(v-x) > 1e-3 {
			t.Fatalf("%s, cell %d: %v, the general solver has %v", plan.State, c, v, x)
		}
	}
	if cost > best+1e-9*(1+best) {
		t.Fatalf("%s: cost %.15g, the general solver's %.15g", plan.State, cost, best)
	}
	return plan
}

// R's quadprog on the same problems; testdata/quadprog.R has written the column x.
func TestAgainstQuadprog(t *testing.T) {
	file, err := os.Open("testdata/quadprog.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	number := func(s string) float64 {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	whole := func(s string) int64 {
		if s == "NA" {
			return luoshi.Missing
		}
		return int64(number(s))
	}
	problems, worst := 0, 0.0
	for rows = rows[1:]; len(rows) > 0; {
		spec := Spec{Year: 2020, Calendar: luoshi.Monthly, Direction: luoshi.More, Negative: true, Needed: whole(rows[0][8])}
		var want []string
		name := rows[0][0]
		for ; len(rows) > 0 && rows[0][0] == name; rows = rows[1:] {
			r := rows[0]
			unit := luoshi.UnitID(whole(r[1]))
			if n := len(spec.Parts); n == 0 || spec.Parts[n-1].Unit != unit {
				spec.Parts = append(spec.Parts, Part{Unit: unit, Least: whole(r[6]), Most: whole(r[7])})
			}
			p := &spec.Parts[len(spec.Parts)-1]
			p.Cells = append(p.Cells, Cell{Expect: number(r[2]), Weight: number(r[3]), Low: whole(r[4]), High: whole(r[5]), Locked: luoshi.Missing})
			want = append(want, r[9])
		}
		for m := range spec.Parts[0].Cells {
			spec.Months = append(spec.Months, 13-len(spec.Parts[0].Cells)+m)
		}
		x, plan, _ := solvedReal(t, spec)
		if plan.State != Met {
			t.Fatalf("problem %s: %s", name, plan.State)
		}
		if want[0] == "NA" {
			continue
		}
		problems++
		for c, s := range want {
			worst = max(worst, math.Abs(x[c/len(spec.Months)][c%len(spec.Months)]-number(s)))
		}
	}
	t.Logf("%d problems, largest difference %.1e", problems, worst)
	if problems < 50 || worst > 1e-8 {
		t.Errorf("%d problems, largest difference %v", problems, worst)
	}
}

// Any size, the optimality conditions themselves: one multiplier for all; a unit at
// its most may have a lower one of its own, at its least a higher one; a cell at its
// lowest may want to be lower, at its highest higher, any other wants to be where it is.
func TestOptimalityConditions(t *testing.T) {
	for seed := range uint64(60) {
		spec := randomSpec(seed, 105, 6, 100_000)
		order := make([]int, len(spec.Parts))
		for i := range order {
			order[i] = i
		}
		if problems := spec.check(); luoshi.Blocked(problems) {
			t.Fatal(problems)
		}
		x, plan, _ := solvedReal(t, spec)
		if math.IsInf(plan.Step, 0) {
			continue
		}
		near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-6*(1+math.Abs(a)+math.Abs(b)) }
		for i, p := range spec.Parts {
			sum, mu, inside := 0.0, plan.Step, false
			var wants []float64
			for j, cell := range p.Cells {
				sum += x[i][j]
				w := cell.Weight
				if w == 0 {
					w = 1 / cell.Spread
				}
				wants = append(wants, (x[i][j]-cell.expect())*w)
				low, high := spec.bounds(cell)
				if _, fixed := spec.fixed(cell); !fixed && x[i][j] > limitTo(low, math.Inf(-1)) && x[i][j] < limitTo(high, math.Inf(1)) {
					if inside && !near(mu, wants[j]) {
						t.Fatalf("seed %d: unit %d has the multipliers %v and %v", seed, i, mu, wants[j])
					}
					mu, inside = wants[j], true
				}
			}
			if !inside {
				continue
			}
			atMost, atLeast := p.Most != luoshi.Missing && near(sum, float64(p.Most)), p.Least != luoshi.Missing && near(sum, float64(p.Least))
			if !near(mu, plan.Step) && !(atMost && mu < plan.Step) && !(atLeast && mu > plan.Step) {
				t.Fatalf("seed %d: unit %d has the multiplier %v, all %v; sum %v of %d to %d", seed, i, mu, plan.Step, sum, p.Least, p.Most)
			}
			for j, cell := range p.Cells {
				low, high := spec.bounds(cell)
				if _, fixed := spec.fixed(cell); fixed {
					continue
				}
				if x[i][j] <= limitTo(low, math.Inf(-1)) && wants[j] < mu && !near(wants[j], mu) || x[i][j] >= limitTo(high, math.Inf(1)) && wants[j] > mu && !near(wants[j], mu) {
					t.Fatalf("seed %d: unit %d cell %d at a bound wants %v, its unit %v", seed, i, j, wants[j], mu)
				}
			}
		}
	}
}
