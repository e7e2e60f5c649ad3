package cascade

import (
	"math"
	"slices"
)

// Controlled rounding as a flow: every cell that is not whole goes up or down, a
// row sends as many units as its margin needs, a column takes as many. Going up
// changes |x − t| by 1 − 2·frac. All arcs have capacity one and margins are
// whole, so an optimal flow is whole (the transportation polytope is integral).
//
// With few columns the network collapses: a unit moves from column a to column b
// through the row where that is cheapest, so columns alone are the nodes. Rows
// start at their own optimum, where no move between columns gains, and the
// columns' surplus is carried off along cheapest paths (successive shortest
// paths: Busacker & Gowen 1960; node potentials: Edmonds & Karp 1972). The cheapest
// row of each pair of columns is kept per block of rows, so a move costs a scan
// of one block and of the blocks; a table of one block is scanned as paths pass.

const (
	stays  = math.MaxInt64 // the cost of a whole cell: it is not part of the network
	block  = 32            // rows; a row's number in its block fits the low bits of a cost
	widest = 1 << 10       // columns of the shorter side: pairs of them are held, start packs one in ten bits
	none   = int64(1) << 61
	open   = int64(1) << 60 // any real packed cost is below
)

// costOf is what |x − t| gains when a cell with this fractional part goes up.
func costOf(frac int64) int64 {
	if frac == 0 {
		return stays
	}
	return one - 2*frac
}

// choose turns, in place, the costs of going up (row by row) into what goes up: 1
// or 0 for each cell, so that row i has rows[i] and column j has cols[j] ones at the
// least total cost. It returns false if no choice does.
func choose(m, n int, cost, rows, cols []int64) bool {
	if n > m {
		across := turned(m, n, cost)
		if !choose(n, m, across, cols, rows) {
			return false
		}
		copy(cost, turned(n, m, across))
		return true
	}
	if n > widest {
		return false
	}
	f := newFlow(m, n, cost)
	if !f.start(rows, cols) {
		return false
	}
	if !f.balanced() {
		if f.blocks > 1 {
			f.scanAll()
		}
		for s := range n {
			for f.surplus[s] > 0 {
				t, ok := f.path(s)
				if !ok {
					return false
				}
				f.move(s, t)
				f.surplus[s]--
				f.surplus[t]++
			}
		}
	}
	for k, c := range f.leave {
		cost[k] = 0
		if c < open {
			cost[k] = 1
		}
	}
	return true
}

func turned[T any](m, n int, a []T) []T {
	b := make([]T, len(a))
	for i := range m {
		for j := range n {
			b[j*m+i] = a[i*n+j]
		}
	}
	return b
}

// flow holds costs packed as cost·block + row in block, so that the least of them
// names its row.
type flow struct {
	m, n, blocks int
	enter        []int64 // giving row i a unit in column j
	leave        []int64 // taking it away; with the row
	value        []int64 // [pair·blocks + block]: cheapest leave + enter in the block; nil if there is but one
	top          []int32 // [pair]: the block with the cheapest
	surplus      []int64 // units a column has beyond its margin
	potential    []int64
	line         []int64 // cheapest leave + enter from one column to each
	dist         []int64
	from, row    []int32 // the way to a column: from which, through which row
	done         []bool
	steps        []step
}

type step struct{ row, from, to int }

func newFlow(m, n int, cost []int64) *flow {
	f := &flow{m: m, n: n, blocks: (m + block - 1) / block, enter: cost}
	wide := make([]int64, m*n+4*n)
	f.leave, wide = wide[:m*n], wide[m*n:]
	f.surplus, f.potential, f.dist, f.line = wide[:n], wide[n:2*n], wide[2*n:3*n], wide[3*n:]
	narrow := make([]int32, 2*n)
	f.from, f.row = narrow[:n], narrow[n:]
	f.done = make([]bool, n)
	if f.blocks > 1 {
		f.value, f.top = make([]int64, n*n*f.blocks), make([]int32, n*n)
	}
	return f
}

// start gives every row its cheapest cells. Ties are taken in turn round the
// columns, so that equal rows do not all choose the same ones.
func (f *flow) start(rows, cols []int64) bool {
	keys, rank := make([]int64, 0, f.n), make([]int32, f.n) // key: cost, then place counted from turn
	turn, total := 0, int64(0)
	for j, c := range cols {
		f.surplus[j] = -c
		total -= c
	}
	for i, take := range rows {
		enter, leave := f.enter[i*f.n:(i+1)*f.n], f.leave[i*f.n:(i+1)*f.n]
		keys = keys[:0]
		for j, c := range enter {
			enter[j], leave[j] = none, none
			if c == stays {
				continue
			}
			if j -= turn; j < 0 {
				j += f.n
			}
			keys = append(keys, c<<10|int64(j))
		}
		if take < 0 || take > int64(len(keys)) {
			return false
		}
		total += take
		ranks(keys, rank)
		for k, key := range keys {
			j := int(key&(widest-1)) + turn
			if j >= f.n {
				j -= f.n
			}
			if c := key >> 10 * block; int64(rank[k]) < take {
				leave[j] = int64(i%block) - c
				f.surplus[j]++
			} else {
				enter[j] = c
			}
		}
		turn = (turn + int(take)) % f.n
	}
	return total == 0
}

// ranks counts for each key how many are below it. Keys differ. For a dozen of
// them comparing all pairs without a branch beats sorting.
func ranks(keys []int64, rank []int32) {
	clear(rank)
	if len(keys) > 32 {
		sorted := slices.Clone(keys)
		slices.Sort(sorted)
		for k, key := range keys {
			at, _ := slices.BinarySearch(sorted, key)
			rank[k] = int32(at)
		}
		return
	}
	rank = rank[:len(keys)]
	for k, key := range keys {
		above := int32(0)
		for l, other := range keys[:k] {
			less := int32(uint64(key-other) >> 63)
			rank[l] += less
			above += less
		}
		rank[k] = int32(k) - above
	}
}

func (f *flow) balanced() bool { return allZero(f.surplus) }

func (f *flow) scanAll() {
	for k := range f.blocks {
		for a := range f.n {
			f.scanFrom(a, k)
			for b, least := range f.line {
				f.value[(a*f.n+b)*f.blocks+k] = least
			}
		}
	}
	for p := range f.top {
		f.lift(p)
	}
}

// scanFrom finds the cheapest row of a block for moving a unit from column a to
// each other.
func (f *flow) scanFrom(a, k int) {
	for b := range f.line {
		f.line[b] = none
	}
	end := min(f.m, (k+1)*block)
	for i, c := k*block, k*block*f.n; i < end; i, c = i+1, c+f.n {
		leave := f.leave[c+a]
		if leave >= open {
			continue
		}
		enter := f.enter[c : c+f.n]
		for b, least := range f.line[:len(enter)] {
			f.line[b] = min(least, leave+enter[b])
		}
	}
}

// scan is scanFrom for one pair of columns.
func (f *flow) scan(a, b, k int) {
	best := none
	for i := k * block; i < min(f.m, (k+1)*block); i++ {
		best = min(best, f.leave[i*f.n+a]+f.enter[i*f.n+b])
	}
	f.value[(a*f.n+b)*f.blocks+k] = best
}

// lift finds the cheapest block of a pair.
func (f *flow) lift(p int) {
	values := f.value[p*f.blocks : (p+1)*f.blocks]
	best := 0
	for k, v := range values {
		if v < values[best] {
			best = k
		}
	}
	f.top[p] = int32(best)
}

// path finds the cheapest way from column s to any column that lacks a unit.
func (f *flow) path(s int) (int, bool) {
	for j := range f.n {
		f.dist[j], f.done[j] = none, false
	}
	f.dist[s] = 0
	for {
		u, best := -1, none
		for j, d := range f.dist {
			if d < best && !f.done[j] {
				u, best = j, d
			}
		}
		if u < 0 {
			return 0, false
		}
		if f.surplus[u] < 0 {
			for j, done := range f.done {
				if done {
					f.potential[j] += f.dist[j] - best
				}
			}
			return u, true
		}
		f.done[u] = true
		if f.blocks == 1 {
			f.scanFrom(u, 0)
		}
		for v, c := range f.line {
			k := 0
			if f.blocks > 1 {
				p := u*f.n + v
				k = int(f.top[p])
				c = f.value[p*f.blocks+k]
			}
			if f.done[v] || c >= open {
				continue
			}
			if d := best + c>>5 + f.potential[u] - f.potential[v]; d < f.dist[v] {
				f.dist[v], f.from[v], f.row[v] = d, int32(u), int32(k*block)+int32(c&(block-1))
			}
		}
	}
}

// move carries one unit along the path just found.
func (f *flow) move(s, t int) {
	f.steps = f.steps[:0]
	for v := t; v != s; v = int(f.from[v]) {
		f.steps = append(f.steps, step{int(f.row[v]), int(f.from[v]), v})
	}
	for _, st := range f.steps {
		a, b, in := st.row*f.n+st.from, st.row*f.n+st.to, int64(st.row%block)
		f.enter[a], f.leave[a] = in-f.leave[a], none
		f.leave[b], f.enter[b] = in-f.enter[b], none
	}
	if f.blocks == 1 { // path scans what it passes
		return
	}
	for _, st := range f.steps {
		for v := range f.n {
			f.lost(st.from, v, st.row)
			f.lost(v, st.to, st.row)
			f.won(st.to, v, st.row)
			f.won(v, st.from, st.row)
		}
	}
}

// lost looks for another cheapest row if row i, which can no longer move a unit
// from a to b, was it.
func (f *flow) lost(a, b, i int) {
	k, p := i/block, a*f.n+b
	if v := f.value[p*f.blocks+k]; v&(block-1) != int64(i%block) || v >= open {
		return
	}
	f.scan(a, b, k)
	if int(f.top[p]) == k || f.value[p*f.blocks+k] < f.value[p*f.blocks+int(f.top[p])] { // the scan saw what the whole path won
		f.lift(p)
	}
}

// won makes row i the cheapest to move a unit from a to b if now it is.
func (f *flow) won(a, b, i int) {
	c := f.leave[i*f.n+a] + f.enter[i*f.n+b]
	k, p := i/block, a*f.n+b
	if c >= f.value[p*f.blocks+k] {
		return
	}
	f.value[p*f.blocks+k] = c
	if c < f.value[p*f.blocks+int(f.top[p])] {
		f.top[p] = int32(k)
	}
}
