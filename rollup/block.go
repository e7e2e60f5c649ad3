package rollup

import (
	"encoding/binary"
	"maps"
	"math"
	"math/bits"
	"slices"
	"sync/atomic"

	"luoshi.dev"
)

// The flags of a kept figure. Statuses are one bit each, the least settled the
// lowest, so that the bits of many figures can be gathered by or.
const (
	present uint8 = 1 << iota
	sample
	flash
	preliminary
	final
	revised
)

// block is one indicator's year: per column of the calendar the units in
// depth-first order, on the basis as reported. The place of a part holds its
// figure, 0 and no flag where missing. What inner nodes have below them stands
// apart: sum is of what is there, have says of how many. The place of an inner node
// repeats its sum, without a flag, so that a column in which nothing is missing can
// be handed out as it stands.
type block struct {
	plan   *plan
	clock  *clock
	adds   bool // sums are made
	year   int
	n      int
	value  []int64
	flag   []uint8
	growth []int32        // nil until any growth is published
	seq    []uint32       // nil until any figure has one
	late   map[int]int64  // numbers that 32 bits do not hold, by place
	rows   map[int32]*row // what few units have: the other basis, own shares, reported totals
	sum    []int64        // per column, per inner node
	have   []int32        // the same
	there  [12]int        // figures of parts and besides per column
	want   []int32        // the plan's, with besides and own shares that reported this year
	copied bool           // want is our own
	others int            // parts with figures on the other basis
	mixed  int            // own shares with figures on the other basis
	strays []luoshi.UnitID
	peak   uint64       // largest magnitude seen
	out    atomic.Int32 // readers that hold columns of value
}

// row is the sparse part of one unit's year.
type row struct {
	whole, other    *lane // whole only at inner nodes; others have it in the columns
	own, ownOther   *lane
	ownMain         [12]int64 // own, filled
	wholeMain       [12]int64 // whole, filled
	hasOwn, hasMain bool
}

// lane is the figures of a year by column.
type lane struct {
	value  [12]int64
	growth [12]int32
	flag   [12]uint8
	seq    [12]int64
}

func newBlock(p *plan, k *clock, adds bool, year int) *block {
	n, cols := p.tree.Len(), len(k.ends)
	return &block{
		plan: p, clock: k, adds: adds, year: year, n: n, want: p.want, rows: map[int32]*row{},
		value: make([]int64, n*cols, n*cols+3), flag: make([]uint8, n*cols), have: make([]int32, cols*len(p.inner)), sum: make([]int64, cols*len(p.inner)),
	}
}

func flagsOf(c luoshi.Cell) uint8 {
	var f uint8
	if c.Value != luoshi.Missing {
		f = present
	}
	if c.Sample && !c.Empty() {
		f |= sample
	}
	if i := slices.Index(luoshi.Statuses, c.Status); i >= 0 && !c.Empty() {
		f |= flash << i
	}
	return f
}

// pick takes the cells at the calendar's ends; what stands elsewhere has no
// period and is not a figure. It returns nil for an empty lane.
func (b *block) pick(cells *[12]luoshi.Cell) *lane {
	var l lane
	any := false
	for c := range 12 {
		cell := luoshi.NoCell
		if c < len(b.clock.ends) {
			cell = cells[b.clock.ends[c]-1]
		}
		any = any || !cell.Empty()
		l.value[c], l.growth[c], l.flag[c], l.seq[c] = cell.Value, cell.Growth, flagsOf(cell), cell.Seq
		if cell.Value != luoshi.Missing {
			b.peak = max(b.peak, magnitude(cell.Value))
		}
	}
	if !any {
		return nil
	}
	return &l
}

func magnitude(v int64) uint64 {
	if v < 0 {
		return uint64(-v)
	}
	return uint64(v)
}

// nothing is a year without figures.
func nothing() (v [12]int64) {
	for i := range v {
		v[i] = luoshi.Missing
	}
	return v
}

// values is the lane's values, all missing for no lane.
func (l *lane) values() *[12]int64 {
	if l == nil {
		v := nothing()
		return &v
	}
	return &l.value
}

// optional is the lane's values, nil for no lane.
func (l *lane) optional() *[12]int64 {
	if l == nil {
		return nil
	}
	return &l.value
}

// set replaces the year of node i, without the sums.
func (b *block) set(i int, s luoshi.Strip) {
	b.clear(i)
	basis, off := b.clock.main, luoshi.Single
	if basis == luoshi.Single {
		off = luoshi.Cumulative
	}
	main, other := b.pick(s.Whole.On(basis)), b.pick(s.Whole.On(off))
	r := row{other: other}
	if s.Own != nil {
		r.own, r.ownOther = b.pick(s.Own.On(basis)), b.pick(s.Own.On(off))
		r.hasOwn = r.own != nil || r.ownOther != nil
		if r.ownOther != nil {
			b.mixed++
		}
		r.ownMain = b.clock.fill(r.own.values(), r.ownOther.values())
	}
	filled := b.clock.fill(main.values(), other.values())
	if b.plan.role[i] == inner {
		r.whole, r.wholeMain = main, filled
		r.hasMain = main != nil || other != nil
	} else {
		b.write(i, main, other, &filled)
		if other != nil {
			b.others++
		}
	}
	if r.hasMain || r.hasOwn || other != nil {
		b.rows[int32(i)] = &r
	}
}

// clear takes node i's figures out of its places.
func (b *block) clear(i int) {
	if old := b.rows[int32(i)]; old != nil {
		if old.other != nil && b.plan.role[i] != inner {
			b.others--
		}
		if old.ownOther != nil {
			b.mixed--
		}
	}
	delete(b.rows, int32(i))
	if b.plan.role[i] == inner {
		return
	}
	sums := b.plan.sums(i)
	for c := range b.clock.ends {
		at := c*b.n + i
		if sums && b.flag[at]&present != 0 {
			b.there[c]--
		}
		b.value[at], b.flag[at] = 0, 0
		if b.growth != nil {
			b.growth[at] = luoshi.MissingGrowth
		}
		if b.seq != nil {
			b.seq[at] = 0
			delete(b.late, at)
		}
	}
}

// write puts a lane into the columns. A value that the other basis filled in has
// the other basis' status and number.
func (b *block) write(i int, main, other *lane, filled *[12]int64) {
	sums := b.plan.sums(i)
	for c := range b.clock.ends {
		at, from := c*b.n+i, main
		if filled[c] != luoshi.Missing {
			if sums {
				b.there[c]++
			}
			b.value[at] = filled[c]
			b.flag[at] = present
			b.peak = max(b.peak, magnitude(filled[c]))
			if main == nil || main.value[c] == luoshi.Missing {
				from = other
			}
		}
		if from == nil {
			continue
		}
		b.flag[at] |= from.flag[c]
		if from == main && from.growth[c] != luoshi.MissingGrowth {
			b.setGrowth(at, from.growth[c])
		}
		if from.seq[c] != 0 {
			b.setSeq(at, from.seq[c])
		}
	}
}

func (b *block) setGrowth(at int, g int32) {
	if b.growth == nil {
		b.growth = make([]int32, len(b.value))
		for i := range b.growth {
			b.growth[i] = luoshi.MissingGrowth
		}
	}
	b.growth[at] = g
}

func (b *block) setSeq(at int, seq int64) {
	if b.seq == nil {
		b.seq = make([]uint32, len(b.value))
	}
	b.seq[at] = uint32(seq)
	if seq>>32 != 0 {
		if b.late == nil {
			b.late = map[int]int64{}
		}
		b.late[at] = seq
	}
}

func (b *block) seqAt(at int) int64 {
	if b.seq == nil {
		return 0
	}
	if seq, ok := b.late[at]; ok {
		return seq
	}
	return int64(b.seq[at])
}

// lent is what node i gives to the totals above it: a part its figures, an inner
// node its own share.
func (b *block) lent(i int) (v [12]int64) {
	v = nothing()
	switch b.plan.role[i] {
	case part, beside:
		for c := range b.clock.ends {
			if at := c*b.n + i; b.flag[at]&present != 0 {
				v[c] = b.value[at]
			}
		}
	case inner:
		if r := b.rows[int32(i)]; r != nil && r.hasOwn && b.adds {
			return r.ownMain
		}
	}
	return v
}

// extra reports whether node i counts among the wanted although nobody asked:
// who has reported this year is missed in the months in which it has not.
func (b *block) extra(i int, lent *[12]int64) bool {
	r := b.plan.role[i]
	return (r == beside || r == inner) && *lent != nothing()
}

// put replaces one unit's year and carries the change up: 12 × depth additions.
func (b *block) put(i int, s luoshi.Strip) {
	before := b.lent(i)
	asked := b.extra(i, &before)
	risky := b.risky()
	if b.out.Load() > 0 {
		b.value = append(make([]int64, 0, cap(b.value)), b.value...)
	}
	b.set(i, s)
	after := b.lent(i)
	if now := b.extra(i, &after); now != asked {
		d := int32(1)
		if asked {
			d = -1
		}
		b.raise(i, d)
	}
	if risky || b.risky() {
		b.total()
		b.show()
		return
	}
	first := b.plan.slotAbove(i)
	k := len(b.plan.inner)
	for c := range b.clock.ends {
		var dv int64
		var dh int32
		if before[c] != luoshi.Missing {
			dv, dh = -before[c], -1
		}
		if after[c] != luoshi.Missing {
			dv, dh = dv+after[c], dh+1
		}
		if dv == 0 && dh == 0 {
			continue
		}
		for u := first; u >= 0; u = b.plan.up[u] {
			if b.adds {
				b.sum[c*k+int(u)] += dv
				b.value[c*b.n+int(b.plan.inner[u])] += dv
			}
			b.have[c*k+int(u)] += dh
		}
	}
}

// raise adds to what is wanted at node i and above.
func (b *block) raise(i int, d int32) {
	if !b.copied {
		b.want, b.copied = slices.Clone(b.want), true
	}
	for u := i; u >= 0; u = b.plan.tree.Nodes[u].Parent {
		b.want[u] += d
	}
}

// finish brings a freshly loaded block's wants and sums up to date.
func (b *block) finish() {
	if !b.plan.clean || len(b.rows) > 0 {
		for i, r := range b.plan.role {
			if r != beside && (r != inner || b.rows[int32(i)] == nil) {
				continue
			}
			if lent := b.lent(i); b.extra(i, &lent) {
				b.raise(i, 1)
			}
		}
	}
	b.total()
	b.show()
}

// risky reports whether a sum could leave 64 bits.
func (b *block) risky() bool {
	return b.peak > math.MaxInt64/12/uint64(b.plan.parts+1)
}

// total adds up every column.
func (b *block) total() {
	owns := b.owns()
	for c := range b.clock.ends {
		b.addUp(c, owns)
	}
}

// owns lists the inner nodes with an own share.
func (b *block) owns() []int32 {
	var list []int32
	for _, i := range slices.Sorted(maps.Keys(b.rows)) {
		if b.plan.role[i] == inner && b.rows[i].hasOwn && b.adds {
			list = append(list, i)
		}
	}
	return list
}

// addUp rolls one column up: runs of parts into their parents, own shares into
// their units, then inner nodes into theirs from the bottom. The runs are plain
// additions, for a missing figure is kept as 0; whether all are there is counted
// apart, and only where the column is not known to be full.
func (b *block) addUp(c int, owns []int32) {
	p, k := b.plan, len(b.plan.inner)
	col, sum, have := b.value[c*b.n:(c+1)*b.n], b.sum[c*k:(c+1)*k], b.have[c*k:(c+1)*k]
	clear(sum)
	risky := b.risky()
	if b.adds && risky {
		for _, r := range p.runs {
			for i := r.lo; i < r.hi && r.slot >= 0; i++ {
				sum[r.slot] = plus(sum[r.slot], col[i])
			}
		}
	} else if b.adds {
		addRuns(b.value[c*b.n:(c+1)*b.n+3], p.runs, sum)
	}
	full := b.full(c) && len(owns) == 0
	if full {
		copy(have, p.full)
	} else {
		b.count(c, have)
	}
	for _, i := range owns {
		if v := b.rows[i].ownMain[c]; v != luoshi.Missing {
			sum[p.slot[i]] = plus(sum[p.slot[i]], v)
			have[p.slot[i]]++
		}
	}
	for j := k - 1; j >= 0; j-- {
		up := p.up[j]
		if up < 0 {
			continue
		}
		if risky {
			sum[up] = plus(sum[up], sum[j])
		} else {
			sum[up] += sum[j]
		}
		if !full {
			have[up] += have[j]
		}
	}
}

// show repeats the sums in the columns.
func (b *block) show() {
	k := len(b.plan.inner)
	for c := range b.clock.ends {
		if !b.adds {
			return
		}
		for j, i := range b.plan.inner {
			b.value[c*b.n+int(i)] = b.sum[c*k+j]
		}
	}
}

// addRuns adds each run of a column to its slot, four at a time. The rest of up
// to three is masked rather than branched on, because the processor cannot guess
// the lengths of families; so col is three longer than the column.
func addRuns(col []int64, runs []run, sum []int64) {
	masks := [4][3]int64{{}, {-1}, {-1, -1}, {-1, -1, -1}}
	for _, r := range runs {
		if r.slot < 0 {
			continue
		}
		var a, b int64
		i := int(r.lo)
		for ; i+4 <= int(r.hi); i += 4 {
			v := col[i : i+4 : i+4]
			a += v[0] + v[1]
			b += v[2] + v[3]
		}
		v, m := col[i:i+3:i+3], &masks[(int(r.hi)-i)&3]
		sum[r.slot] += a + b + v[0]&m[0] + v[1]&m[1] + v[2]&m[2]
	}
}

// full reports whether every leaf has its figure in column c.
func (b *block) full(c int) bool { return b.plan.clean && b.there[c] == b.plan.leaves }

// count fills have with the parts present directly under each inner node.
func (b *block) count(c int, have []int32) {
	flag := b.flag[c*b.n : (c+1)*b.n]
	clear(have)
	for _, r := range b.plan.runs {
		if r.slot >= 0 {
			have[r.slot] += int32(tally(flag[r.lo:r.hi]))
		}
	}
}

// tally counts the flags with the present bit, eight at a time.
func tally(flag []uint8) int {
	n := 0
	for len(flag) >= 8 {
		n += bits.OnesCount64(binary.LittleEndian.Uint64(flag) & 0x0101010101010101)
		flag = flag[8:]
	}
	for _, f := range flag {
		n += int(f & present)
	}
	return n
}

// memory is the size in bytes of what the block holds.
func (b *block) memory() int64 {
	m := int64(8*len(b.value) + len(b.flag) + 4*len(b.growth) + 4*len(b.seq) + 4*len(b.have) + 8*len(b.sum) + 32*len(b.late))
	if b.copied {
		m += int64(4 * len(b.want))
	}
	const perRow, perLane = 16 + 12*8*2 + 48, 12 * (8 + 4 + 1 + 8)
	for _, r := range b.rows {
		m += perRow
		for _, l := range []*lane{r.whole, r.other, r.own, r.ownOther} {
			if l != nil {
				m += perLane
			}
		}
	}
	return m
}
