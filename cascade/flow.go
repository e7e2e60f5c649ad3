package cascade

import "math"

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
// of one block and of the blocks.

const (
	stays = math.MaxInt64 // the cost of a whole cell: it is not part of the network
	none  = int64(1) << 61
	open  = int64(1) << 60 // any real cost is below
)

// costOf is what |x − t| gains when a cell with this fractional part goes up.
func costOf(frac int64) int64 {
	if frac == 0 {
		return stays
	}
	return one - 2*frac
}

// choose returns, row by row, which cells go up so that row i has rows[i] and
// column j has cols[j] of them at the least total cost, or false if none can.
func choose(m, n int, cost, rows, cols []int64) ([]bool, bool) {
	if n > m {
		up, ok := choose(n, m, turned(m, n, cost), cols, rows)
		if !ok {
			return nil, false
		}
		return turned(n, m, up), true
	}
	f := newFlow(m, n)
	up := make([]bool, m*n)
	if !f.start(cost, rows, cols, up) {
		return nil, false
	}
	if f.balanced() {
		return up, true
	}
	f.scanAll()
	for s := range n {
		for f.surplus[s] > 0 {
			t, ok := f.path(s)
			if !ok {
				return nil, false
			}
			f.move(s, t)
			f.surplus[s]--
			f.surplus[t]++
		}
	}
	if !f.balanced() {
		return nil, false
	}
	for j := range n {
		for i := range m {
			up[i*n+j] = f.leave[j*m+i] < open
		}
	}
	return up, true
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

type flow struct {
	m, n          int
	block, blocks int
	leave, enter  []int64 // by column: the cost of taking row i's unit away, of giving it one
	value         []int64 // [pair·blocks + block]: cheapest leave + enter in the block
	row           []int32 // the row it goes through
	top           []int32 // [pair]: the block with the cheapest
	surplus       []int64 // units a column has beyond its margin
	potential     []int64
	dist          []int64
	from          []int32
	done          []bool
	steps         []step
}

type step struct{ row, from, to int32 }

func newFlow(m, n int) *flow {
	f := &flow{m: m, n: n, block: 32}
	if n > 64 {
		f.block = m
	}
	f.blocks = (m + f.block - 1) / f.block
	ints := make([]int64, 2*m*n+n*n*f.blocks+3*n)
	cut := func(k int) []int64 { part := ints[:k:k]; ints = ints[k:]; return part }
	f.leave, f.enter, f.value = cut(m*n), cut(m*n), cut(n*n*f.blocks)
	f.surplus, f.potential, f.dist = cut(n), cut(n), cut(n)
	f.row, f.top, f.from = make([]int32, n*n*f.blocks), make([]int32, n*n), make([]int32, n)
	f.done = make([]bool, n)
	return f
}

// start gives every row its cheapest cells. Ties are taken in turn round the
// columns, so that equal rows do not all choose the same ones.
func (f *flow) start(cost, rows, cols []int64, up []bool) bool {
	list := make([]int, 0, f.n)
	turn := 0
	for j := range f.n {
		f.surplus[j] = -cols[j]
	}
	for i := range f.m {
		line := cost[i*f.n : (i+1)*f.n]
		list = list[:0]
		for s := range f.n {
			j := turn + s
			if j >= f.n {
				j -= f.n
			}
			if line[j] == stays {
				continue
			}
			k := len(list)
			list = append(list, j)
			for ; k > 0 && line[list[k-1]] > line[j]; k-- {
				list[k] = list[k-1]
			}
			list[k] = j
		}
		if rows[i] < 0 || rows[i] > int64(len(list)) {
			return false
		}
		take := int(rows[i])
		for j := range f.n {
			f.leave[j*f.m+i], f.enter[j*f.m+i] = none, none
		}
		for _, j := range list[:take] {
			up[i*f.n+j] = true
			f.leave[j*f.m+i] = -line[j]
			f.surplus[j]++
		}
		for _, j := range list[take:] {
			f.enter[j*f.m+i] = line[j]
		}
		turn = (turn + take) % f.n
	}
	total := int64(0)
	for _, s := range f.surplus {
		total += s
	}
	return total == 0
}

func (f *flow) balanced() bool { return allZero(f.surplus) }

func (f *flow) scanAll() {
	for a := range f.n {
		for b := range f.n {
			p := a*f.n + b
			for k := range f.blocks {
				if a == b {
					f.value[p*f.blocks+k] = none
				} else {
					f.scan(a, b, k)
				}
			}
			f.lift(p)
		}
	}
}

// scan finds the cheapest row of a block for moving a unit from column a to b.
func (f *flow) scan(a, b, k int) {
	first, end := k*f.block, min(f.m, (k+1)*f.block)
	leave, enter := f.leave[a*f.m+first:a*f.m+end], f.enter[b*f.m+first:b*f.m+end]
	enter = enter[:len(leave)]
	best, at := none, 0
	for i, c := range leave {
		if c += enter[i]; c < best {
			best, at = c, i
		}
	}
	e := (a*f.n+b)*f.blocks + k
	f.value[e], f.row[e] = best, int32(first+at)
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
		for v := range f.n {
			p := u*f.n + v
			c := f.value[p*f.blocks+int(f.top[p])]
			if f.done[v] || c >= open {
				continue
			}
			if d := best + c + f.potential[u] - f.potential[v]; d < f.dist[v] {
				f.dist[v], f.from[v] = d, int32(u)
			}
		}
	}
}

// move carries one unit along the path just found.
func (f *flow) move(s, t int) {
	f.steps = f.steps[:0]
	for v := t; v != s; v = int(f.from[v]) {
		u := int(f.from[v])
		p := u*f.n + v
		f.steps = append(f.steps, step{f.row[p*f.blocks+int(f.top[p])], int32(u), int32(v)})
	}
	for _, st := range f.steps {
		a, b := int(st.from)*f.m+int(st.row), int(st.to)*f.m+int(st.row)
		f.enter[a], f.leave[a] = -f.leave[a], none
		f.leave[b], f.enter[b] = -f.enter[b], none
	}
	for _, st := range f.steps {
		for _, c := range [2]int{int(st.from), int(st.to)} {
			for v := range f.n {
				if v != c {
					f.renew(c, v, int(st.row))
					f.renew(v, c, int(st.row))
				}
			}
		}
	}
}

// renew keeps a pair's cheapest row after row i has changed in one of its columns.
func (f *flow) renew(a, b, i int) {
	k, p := i/f.block, a*f.n+b
	e := p*f.blocks + k
	c := f.leave[a*f.m+i] + f.enter[b*f.m+i]
	switch {
	case int(f.row[e]) == i && f.value[e] < open:
		if c <= f.value[e] {
			return
		}
		f.scan(a, b, k)
	case c < f.value[e]:
		f.value[e], f.row[e] = c, int32(i)
	default:
		return
	}
	if f.blocks == 1 {
		return
	}
	if int(f.top[p]) == k {
		f.lift(p)
	} else if f.value[e] < f.value[p*f.blocks+int(f.top[p])] {
		f.top[p] = int32(k)
	}
}
