// Package cascade splits a target over the periods of a year and over the units
// below, so that every sum holds exactly at the precision the indicator is
// published with: over time ([OverTime]), over units ([OverUnits]), over both at
// once ([Both]). It also reports what a level adds on its own ([PaddingOf]) and
// what a revision changes ([Change]).
//
// It splits what adds up: flows over time, additive indicators over units. The
// target of a rate, a growth rate or an index is never handed down by summing;
// what its parts owe follows from the levels they are made of.
//
// Values are integers at the indicator's scale ([luoshi.Scaled]), real cells are
// an integer floor and an exact remainder, so nothing is lost up to 10^17. The
// package decides nothing about who may split, and stores nothing.
package cascade

import (
	"cmp"
	"slices"

	"luoshi.dev"
)

// Spec asks for a target split over units and periods at once.
type Spec struct {
	Total, Reserve int64
	Units          UnitMethod
	Parts          []Part
	Time           TimeSpec   // of the total; all cells given (custom) where a level above has fixed its months
	PartTime       []TimeSpec // per part, on the total's calendar, or nil; a part without Method follows the total's curve
}

// Grid is a split over units and periods. Each row of Cells, and Reserve, is 12
// long by period end. Cells sum along a row to Rows[i]; down a column, with
// Reserve[j], to Cols[j]; Rows with the reserve, and Cols, sum to the total.
type Grid struct {
	Cells   [][]int64
	Rows    []int64
	Cols    []int64
	Reserve []int64
}

// Both splits over units and periods at once. Units and periods are split first
// and stand; between them the real cell is row × column / total, or, where parts
// have curves of their own, those curves fitted to both margins; controlled
// rounding then moves no cell by a whole unit. Given cells of a part's custom
// curve are locked: they stay as given, and locks that leave no filling are
// blocking problems that name the unit (Row, from 1) or the month (Col). The result does not depend on the order of the parts.
func Both(spec Spec) (Grid, []luoshi.Problem) {
	cols, problems := OverTime(spec.Total, spec.Time)
	rows, more := OverUnits(spec.Total, spec.Reserve, spec.Units, spec.Parts)
	problems = append(problems, more...)
	if n := len(spec.PartTime); n != 0 && n != len(spec.Parts) {
		problems = append(problems, blocking("cascade.curves", "have", n, "want", len(spec.Parts)))
	}
	if luoshi.Blocked(problems) {
		return Grid{}, problems
	}
	ends := spec.Time.Calendar.Ends()
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(spec.Parts[a].Unit, spec.Parts[b].Unit) })
	t := newTable(len(rows)+1, len(ends))
	for i, p := range order {
		t.rows[i] = rows[p]
	}
	t.rows[len(rows)] = spec.Reserve
	for j, end := range ends {
		t.cols[j] = cols[end-1]
	}
	problems = append(problems, t.fill(spec, order)...)
	if luoshi.Blocked(problems) {
		return Grid{}, problems
	}
	if !roundTo(t.m, t.n, t.floor, t.frac, t.rows, t.cols) {
		return Grid{}, append(problems, blocking("cascade.range"))
	}
	return t.grid(rows, cols, order, ends), problems
}

// table is a real table with whole margins: cell = floor + frac/one. A cell with
// frac 0 is whole and stays.
type table struct {
	m, n       int
	rows, cols []int64
	floor      []int64
	frac       []int64
}

func newTable(m, n int) *table {
	ints := make([]int64, 2*m*n+m+n)
	cut := func(k int) []int64 { part := ints[:k:k]; ints = ints[k:]; return part }
	return &table{m: m, n: n, rows: cut(m), cols: cut(n), floor: cut(m * n), frac: cut(m * n)}
}

// fill computes the real cells: the last row is the reserve.
func (t *table) fill(spec Spec, order []int) []luoshi.Problem {
	if !slices.ContainsFunc(spec.PartTime, func(s TimeSpec) bool { return s.Method != "" }) {
		t.alike(spec.Total)
		return nil
	}
	f := newFit(t)
	given := false
	var problems []luoshi.Problem
	for i := range t.m {
		if i == t.m-1 || spec.PartTime[order[i]].Method == "" {
			f.follow(i, spec.Total)
			continue
		}
		own := spec.PartTime[order[i]]
		own.Calendar = spec.Time.Calendar
		line, more := curve(t.rows[i], own)
		for _, p := range more {
			if p.Message.Key == "cascade.given_over" && t.rows[i] >= 0 {
				continue // said as a conflict of locks
			}
			p.Row = order[i] + 1
			problems = append(problems, p)
		}
		if luoshi.Blocked(more) {
			continue
		}
		f.row(i, line)
		given = given || slices.Contains(line.given, true)
	}
	if luoshi.Blocked(problems) {
		return problems
	}
	ends := spec.Time.Calendar.Ends()
	if given {
		problems = append(problems, newLocks(f).settle(spec.Total, order, ends)...)
		if luoshi.Blocked(problems) {
			return problems
		}
	}
	month, gap, ok := f.run()
	switch {
	case ok:
		f.store()
	case given:
		p := blocking("cascade.given_disagree", "month", ends[month], "gap", Amount(gap))
		p.Col = ends[month]
		problems = append(problems, p)
	default:
		problems = append(problems, warning("cascade.curves_disagree", "month", ends[month]))
		t.alike(spec.Total)
	}
	return problems
}

// alike gives every row the columns' curve.
func (t *table) alike(total int64) {
	clear(t.floor)
	if !t.product(total) {
		clear(t.floor)
		clear(t.frac)
		t.additive(total)
	}
}

// grid lays the settled cells out by the caller's order and by month.
func (t *table) grid(rows, cols []int64, order, ends []int) Grid {
	g := Grid{Cells: make([][]int64, len(rows)), Rows: rows, Cols: cols}
	flat := make([]int64, 12*t.m)
	for i := range flat {
		flat[i] = luoshi.Missing
	}
	for i := range t.m {
		line := flat[12*i : 12*i+12 : 12*i+12]
		for j, end := range ends {
			line[end-1] = t.floor[i*t.n+j]
		}
		if i == t.m-1 {
			g.Reserve = line
		} else {
			g.Cells[order[i]] = line
		}
	}
	return g
}
