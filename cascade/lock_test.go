package cascade

import (
	"math"
	"math/bits"
	"slices"
	"strings"
	"testing"

	"luoshi.dev"
	"pgregory.net/rapid"
)

// drawLocked draws a whole table that is not negative, its spec by hand, and locks
// on some of its cells.
func drawLocked(t *rapid.T) (Spec, [][]int64) {
	m, calendar := rapid.IntRange(1, 7).Draw(t, "parts"), rapid.SampledFrom(calendars).Draw(t, "calendar")
	ends := calendar.Ends()
	blank := func() []int64 { return slices.Repeat([]int64{luoshi.Missing}, 12) }
	spec := Spec{Units: UnitByHand, Time: TimeSpec{Method: TimeCustom, Calendar: calendar, Custom: blank()}}
	months := make([]int64, 12)
	var truth [][]int64
	for i := range m {
		row, own, sum := blank(), TimeSpec{Method: TimeCustom, Custom: blank(), Base: rapid.SampledFrom([]TimeMethod{TimeStraight, TimeLastYear}).Draw(t, "base")}, int64(0)
		own.History = [][]int64{slices.Clone(months)}
		for _, end := range ends {
			row[end-1] = max(0, rapid.Int64Range(-200, 1000).Draw(t, "cell"))
			own.History[0][end-1] = rapid.Int64Range(0, 9).Draw(t, "last")
			if rapid.IntRange(0, 2).Draw(t, "lock") == 0 {
				own.Custom[end-1] = row[end-1]
			}
			sum += row[end-1]
			months[end-1] += row[end-1]
		}
		truth = append(truth, row)
		spec.Parts = append(spec.Parts, Part{Unit: luoshi.UnitID(i + 1), Last: 1, Locked: sum, Min: luoshi.Missing, Max: luoshi.Missing})
		spec.PartTime = append(spec.PartTime, own)
		spec.Total += sum
	}
	for _, end := range ends {
		spec.Time.Custom[end-1] = months[end-1]
	}
	return spec, truth
}

// Locks taken from a table that exists are never refused; they stand, both margins
// hold, and every cell is less than one from the fitting without whole numbers.
func TestLocksThatCanBeFilled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec, _ := drawLocked(t)
		grid, problems := Both(spec)
		if luoshi.Blocked(problems) {
			t.Fatalf("refused: %v", problems)
		}
		checkGrid(t, spec, grid)
		ideal := fitted(spec)
		for i, own := range spec.PartTime {
			for _, end := range spec.Time.Calendar.Ends() {
				got, given := grid.Cells[i][end-1], own.Custom[end-1]
				switch {
				case given != luoshi.Missing && got != given:
					t.Fatalf("unit %d month %d is %d, locked at %d", i, end, got, given)
				case got < 0:
					t.Fatalf("unit %d month %d is %d", i, end, got)
				case ideal != nil && math.Abs(float64(got)-ideal[i][end-1]) > 1+1e-3:
					t.Fatalf("unit %d month %d is %d, ideally %.4f", i, end, got, ideal[i][end-1])
				}
			}
		}
	})
}

// fitted is iterative proportional fitting written plainly, or nil where it does
// not come to rest (cells that can only be zero) or where a curve was replaced.
func fitted(spec Spec) [][]float64 {
	ends := spec.Time.Calendar.Ends()
	table := make([][]float64, len(spec.Parts))
	for i, own := range spec.PartTime {
		table[i] = make([]float64, 12)
		l, problems := curve(spec.Parts[i].Locked, TimeSpec{Method: TimeCustom, Base: own.Base, Custom: own.Custom, History: own.History, Calendar: spec.Time.Calendar})
		if problems != nil {
			return nil
		}
		for j, end := range ends {
			table[i][end-1] = float64(l.floor[j]) + float64(l.rem[j])/float64(l.den)
		}
	}
	off := 0.0
	scale := func(cells func(k int) (*float64, bool), n int, margin float64) {
		free, sum := 0.0, 0.0
		for k := range n {
			if v, given := cells(k); given {
				margin -= *v
			} else {
				free += *v
			}
			v, _ := cells(k)
			sum += *v
		}
		off = max(off, math.Abs(margin-free))
		for k := range n {
			if v, given := cells(k); !given && free > 0 {
				*v *= margin / free
			}
		}
	}
	for range 20_000 {
		off = 0
		for i := range table {
			scale(func(k int) (*float64, bool) {
				return &table[i][ends[k]-1], spec.PartTime[i].Custom[ends[k]-1] != luoshi.Missing
			}, len(ends), float64(spec.Parts[i].Locked))
		}
		for _, end := range ends {
			scale(func(k int) (*float64, bool) {
				return &table[k][end-1], spec.PartTime[k].Custom[end-1] != luoshi.Missing
			}, len(table), float64(spec.Time.Custom[end-1]))
		}
		if off < 1e-5 {
			return table
		}
	}
	return nil
}

// Whatever is locked: it is refused exactly when no filling exists, which a search
// for a greatest flow says too.
func TestLocksAreRefusedRightly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec, _ := drawLocked(t)
		for range rapid.IntRange(1, 4).Draw(t, "moved") {
			i := rapid.IntRange(0, len(spec.PartTime)-1).Draw(t, "unit")
			end := rapid.SampledFrom(spec.Time.Calendar.Ends()).Draw(t, "month")
			spec.PartTime[i].Custom[end-1] = rapid.Int64Range(0, 1500).Draw(t, "locked")
		}
		grid, problems := Both(spec)
		if possible := fillable(spec); possible == luoshi.Blocked(problems) {
			t.Fatalf("a filling exists: %v; said: %v", possible, problems)
		}
		for _, p := range problems {
			known := p.Message.Key == "cascade.given_sum" || strings.HasPrefix(p.Message.Key, "cascade.locks_")
			if p.Severity == luoshi.Blocking && !known {
				t.Fatalf("said: %v", p)
			}
		}
		if !luoshi.Blocked(problems) {
			checkGrid(t, spec, grid)
		}
	})
}

// fillable sends what the locks leave of the rows to what they leave of the columns,
// along augmenting paths.
func fillable(spec Spec) bool {
	ends := spec.Time.Calendar.Ends()
	m, n := len(spec.Parts), len(ends)
	rest, left := make([]int64, m), make([]int64, n)
	sent := make([][]int64, m)
	for j, end := range ends {
		left[j] = spec.Time.Custom[end-1]
	}
	for i, own := range spec.PartTime {
		sent[i], rest[i] = make([]int64, n), spec.Parts[i].Locked
		for j, end := range ends {
			if v := own.Custom[end-1]; v != luoshi.Missing {
				rest[i], left[j] = rest[i]-v, left[j]-v
			}
		}
	}
	if slices.Min(rest) < 0 || slices.Min(left) < 0 {
		return false
	}
	free := func(i, j int) bool { return spec.PartTime[i].Custom[ends[j]-1] == luoshi.Missing }
	for i := range m {
		for rest[i] > 0 {
			rows, from := map[int]int{i: -1}, map[int]int{} // how a row (by a column), a column (by a row) was reached
			queue, goal := []int{i}, -1
			for len(queue) > 0 && goal < 0 {
				r := queue[0]
				queue = queue[1:]
				for j := range n {
					if _, seen := from[j]; seen || !free(r, j) {
						continue
					}
					from[j] = r
					if left[j] > 0 {
						goal = j
						break
					}
					for k := range m {
						if _, seen := rows[k]; !seen && sent[k][j] > 0 {
							rows[k] = j
							queue = append(queue, k)
						}
					}
				}
			}
			if goal < 0 {
				return false
			}
			step := min(rest[i], left[goal])
			for j := goal; ; j = rows[from[j]] {
				if back := rows[from[j]]; back >= 0 {
					step = min(step, sent[from[j]][back])
				} else {
					break
				}
			}
			rest[i] -= step
			left[goal] -= step
			for j := goal; ; {
				r := from[j]
				sent[r][j] += step
				if j = rows[r]; j < 0 {
					break
				}
				sent[r][j] -= step
			}
		}
	}
	return true
}

// The set that a refusal names is short by what it says.
func TestLocksSayWhichMonths(t *testing.T) {
	free := luoshi.Missing
	row := func(q ...int64) TimeSpec {
		custom := slices.Repeat([]int64{free}, 12)
		for k, v := range q {
			custom[3*k+2] = v
		}
		return TimeSpec{Method: TimeCustom, Custom: custom}
	}
	for _, c := range []struct {
		rows     []TimeSpec
		key      string
		row, col int
		gap      Amount
	}{
		// Everybody's third quarter is locked too low.
		{[]TimeSpec{row(free, free, 10), row(free, free, 20)}, "cascade.locks_short", 0, 9, 270},
		// The first may only move in the second quarter, which has less than it owes.
		{[]TimeSpec{row(50, free, 50, 50), {}}, "cascade.locks_units", 1, 0, 150},
	} {
		spec := Spec{Total: 1200, Units: UnitLastShare, Time: TimeSpec{Method: TimeStraight, Calendar: luoshi.Quarterly}, PartTime: c.rows}
		for i := range c.rows {
			spec.Parts = append(spec.Parts, Part{Unit: luoshi.UnitID(i + 1), Last: 1, Locked: free, Min: free, Max: free})
		}
		_, problems := Both(spec)
		if len(problems) != 1 || problems[0].Message.Key != c.key || problems[0].Row != c.row || problems[0].Col != c.col || problems[0].Message.Args["gap"] != c.gap {
			t.Errorf("%s: %+v", c.key, problems)
		}
	}
}

// BenchmarkLocks fits and rounds a province's districts with every seventh cell locked.
func BenchmarkLocks(b *testing.B) {
	missing := luoshi.Missing
	spec := Spec{Total: 12_345_678, Reserve: 100_000, Units: UnitLastShare, Time: TimeSpec{Method: TimeStraight, Calendar: luoshi.Monthly}}
	for i := range 105 {
		spec.Parts = append(spec.Parts, Part{Unit: luoshi.UnitID(i + 1), Last: int64(1000 + 37*i%900), Locked: missing, Min: missing, Max: missing})
	}
	free, problems := Both(spec)
	if problems != nil {
		b.Fatal(problems)
	}
	for i := range spec.Parts {
		own := TimeSpec{Method: TimeCustom, Custom: slices.Repeat([]int64{missing}, 12)}
		for j := range 12 {
			if bits.OnesCount(uint(i*12+j))%7 == 0 {
				own.Custom[j] = free.Cells[i][j] * 9 / 10
			}
		}
		spec.PartTime = append(spec.PartTime, own)
	}
	for b.Loop() {
		if _, problems := Both(spec); luoshi.Blocked(problems) {
			b.Fatal(problems)
		}
	}
}
