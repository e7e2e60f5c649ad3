package cascade

import (
	"math/bits"

	"luoshi.dev"
)

// Locked cells can leave a table that nothing fills. What the locks leave of row i
// is r_i, of column j c_j; free cells take any amount that is not negative. A
// filling exists if and only if no set T of columns is asked for more than it has
// left:
//
//	Σ r_i over the rows whose free cells all lie in T  ≤  Σ c_j over T
//
// (Gale 1957, after Hall 1935). A calendar has at most twelve periods, so all 4,096
// sets are looked at: the answer is exact and names the months. Where a set is asked
// for just what it has, no other row can have anything there: those cells are zero,
// and without them the fitting converges.

// locks is what the given cells leave of a table.
type locks struct {
	*fit
	rest, left []int64 // of rows, of columns
	free       []int   // by row, the set of columns in which it can take something
	need, have []int64 // by set of columns
}

func newLocks(f *fit) *locks {
	l := &locks{fit: f, rest: append([]int64(nil), f.rows...), left: append([]int64(nil), f.cols...)}
	for c, given := range f.given {
		if given {
			l.rest[c/f.n] -= f.floor[c]
			l.left[c%f.n] -= f.floor[c]
		}
	}
	return l
}

// settle prepares the free cells for the fitting, or says which locks no filling
// allows. ends are the calendar's, order the caller's place of each row.
func (l *locks) settle(total int64, order, ends []int) []luoshi.Problem {
	if problems := l.over(order, ends); problems != nil {
		return problems
	}
	if !l.plain() {
		return nil // with both signs the fitting itself finds out
	}
	l.weigh(func(c int) bool { return l.floor[c] > 0 || l.part[c] > 0 })
	var problems []luoshi.Problem
	if worst, found := l.short(); found {
		l.weigh(func(int) bool { return true })
		if none, found := l.short(); found {
			return []luoshi.Problem{l.refuse(none, order, ends)}
		}
		problems = append(problems, warning("cascade.curves_disagree", "month", ends[bits.TrailingZeros(uint(worst))%len(ends)]))
		l.reseed(total)
	}
	l.tight()
	return problems
}

// over lists the rows and columns whose own locks exceed them, where all is of one sign.
func (l *locks) over(order, ends []int) []luoshi.Problem {
	var problems []luoshi.Problem
	for i, rest := range l.rest {
		if rest < 0 && l.rows[i] >= 0 && l.oneSign(i*l.n, 1, l.n) {
			p := blocking("cascade.locks_row", "sum", Amount(l.rows[i]-rest), "total", Amount(l.rows[i]), "gap", Amount(-rest))
			p.Row = order[i] + 1
			problems = append(problems, p)
		}
	}
	for j, left := range l.left {
		if left < 0 && l.cols[j] >= 0 && l.oneSign(j, l.n, l.m) {
			p := blocking("cascade.locks_month", "month", span(ends, j), "sum", Amount(l.cols[j]-left), "total", Amount(l.cols[j]), "gap", Amount(-left))
			p.Col = ends[j]
			problems = append(problems, p)
		}
	}
	return problems
}

// oneSign reports whether no given cell of a line is below zero.
func (l *locks) oneSign(first, stride, cells int) bool {
	for k, c := 0, first; k < cells; k, c = k+1, c+stride {
		if l.given[c] && l.floor[c] < 0 {
			return false
		}
	}
	return true
}

// plain reports whether nothing that is left, and no free cell, is below zero.
func (l *locks) plain() bool {
	for _, v := range l.rest {
		if v < 0 {
			return false
		}
	}
	for _, v := range l.left {
		if v < 0 {
			return false
		}
	}
	for c, v := range l.floor {
		if v < 0 && !l.given[c] {
			return false
		}
	}
	return true
}

// weigh sums, for every set of columns, what it is asked for and what it has. takes
// says which free cells can take anything.
func (l *locks) weigh(takes func(c int) bool) {
	sets := 1 << l.n
	l.need, l.have = make([]int64, sets), make([]int64, sets)
	l.free = make([]int, l.m)
	for i, rest := range l.rest {
		l.free[i] = l.mask(i, takes)
		l.need[l.free[i]] += rest
	}
	for j := range l.n { // sums over subsets, one column at a time
		for set := range sets {
			if set>>j&1 == 1 {
				l.need[set] += l.need[set^1<<j]
			}
		}
	}
	for set := 1; set < sets; set++ {
		j := bits.TrailingZeros(uint(set))
		l.have[set] = l.have[set&(set-1)] + l.left[j]
	}
}

// mask is the set of columns in which row i is free.
func (l *locks) mask(i int, takes func(c int) bool) int {
	set := 0
	for j := range l.n {
		if c := i*l.n + j; !l.given[c] && takes(c) {
			set |= 1 << j
		}
	}
	return set
}

// short finds the set that is asked for more than it has: the one that is said in
// the fewest months, itself or what is outside it.
func (l *locks) short() (worst int, found bool) {
	length := func(set int) int {
		k := bits.OnesCount(uint(set))
		return min(k, l.n-k)
	}
	for set := range l.need {
		if l.need[set] <= l.have[set] {
			continue
		}
		if !found || length(set) < length(worst) || length(set) == length(worst) && l.need[set]-l.have[set] > l.need[worst]-l.have[worst] {
			worst, found = set, true
		}
	}
	return worst, found
}

// refuse says why a set cannot be filled, by the months it stands for.
func (l *locks) refuse(set int, order, ends []int) luoshi.Problem {
	gap := l.need[set] - l.have[set]
	whole := 1<<l.n - 1
	inside := bits.OnesCount(uint(set))*2 <= l.n && set != 0
	if !inside { // the others ask for more than the rows that are free there can give
		set = whole ^ set
	}
	var months []luoshi.Message
	at := 0
	for j := range l.n {
		if set>>j&1 == 1 {
			months, at = append(months, span(ends, j)), ends[j]
		}
	}
	if !inside {
		want := l.have[set]
		p := blocking("cascade.locks_short", "months", months, "want", Amount(want), "have", Amount(want-gap), "gap", Amount(gap))
		if len(months) == 1 {
			p.Col = at
		}
		return p
	}
	count, row := 0, 0
	for i, rest := range l.rest {
		if rest > 0 && l.free[i]&^set == 0 {
			count, row = count+1, i
		}
	}
	p := blocking("cascade.locks_units", "count", count, "months", months, "want", Amount(l.need[set]), "have", Amount(l.have[set]), "gap", Amount(gap))
	if count == 1 && row < len(order) {
		p.Row = order[row] + 1
	}
	return p
}

// reseed lets every free cell take its part of what is left of its row and column.
func (l *locks) reseed(total int64) {
	for c := range l.part {
		if l.given[c] {
			continue
		}
		l.floor[c], l.part[c] = 0, 0
		l.add(c, float64(l.rest[c/l.n])*(float64(l.left[c%l.n])/float64(max(total, 1))))
	}
}

// tight empties the cells that no filling can use.
func (l *locks) tight() {
	empty := make([]int, l.m)
	for set := 1; set < len(l.need); set++ {
		if l.need[set] != l.have[set] {
			continue
		}
		for i, mask := range l.free {
			if mask&^set != 0 {
				empty[i] |= set
			}
		}
	}
	for c := range l.part {
		if !l.given[c] && empty[c/l.n]>>(c%l.n)&1 == 1 {
			l.floor[c], l.part[c] = 0, 0
		}
	}
}

// span names the j-th period of a calendar by its months.
func span(ends []int, j int) luoshi.Message {
	from := 1
	if j > 0 {
		from = ends[j-1] + 1
	}
	if from == ends[j] {
		return luoshi.Say("cascade.period.month", "month", from)
	}
	return luoshi.Say("cascade.period.span", "from", from, "to", ends[j])
}
