package service

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"luoshi.dev"
	"luoshi.dev/forecast"
	"luoshi.dev/internal/store"
	"luoshi.dev/rollup"
)

// workbench is where the outlooks of one indicator are made at all units: the series
// are read and hashed, what has changed is asked anew, the units agree, and of those
// that say something else rows are made.
type workbench struct {
	sn     *snapshot
	in     luoshi.Indicator
	desks  []*desk // one for each processor
	nodes  []int   // at which there should be an outlook
	todo   []int   // of which rows are made where they have changed
	made   []ground
	inputs []int64
	known  []bool // what the others must know of a unit is remembered
	accord *accord
	last   map[int]OutlookShown // kept by now, of those
	leaves *leaves              // of earlier passes
	wait   func(*uint64) bool   // somebody waits for a page, or has asked since the number given
	done   int
}

// leafAt is a leaf with the hash of what it follows from.
type leafAt struct {
	inputs int64
	known  bool
	leaf
}

// leaves remember what the others must know of each unit's own outlook, so that a
// tree agrees anew without asking every unit: 64 bytes each, by the number of the unit.
type leaves struct {
	mu sync.RWMutex
	by map[string][]leafAt
}

func (l *leaves) get(code string, unit luoshi.UnitID, inputs int64) (leaf, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	list := l.by[code]
	if int(unit) >= len(list) {
		return leaf{}, false
	}
	at := list[unit]
	return at.leaf, at.known && at.inputs == inputs
}

// of reports whether anything need be, and is, remembered of an indicator. After a
// start nothing is, and the background fills it again.
func (l *leaves) of(in luoshi.Indicator) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	_, warm := l.by[in.Code]
	return warm || !in.Additive() || in.Kind != luoshi.Flow || in.OverTime != luoshi.TimeSum
}

// warm notes that all there is of an indicator is remembered.
func (l *leaves) warm(code string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.room(code, 0)
}

func (l *leaves) put(code string, unit luoshi.UnitID, inputs int64, one leaf) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.room(code, unit)[unit] = leafAt{inputs, true, one}
}

// room is where an indicator is remembered, up to a unit; whoever asks holds the lock.
func (l *leaves) room(code string, last luoshi.UnitID) []leafAt {
	if l.by == nil {
		l.by = map[string][]leafAt{}
	}
	if more := int(last) + 1 - len(l.by[code]); more > 0 {
		l.by[code] = append(l.by[code], make([]leafAt, more)...)
	}
	return l.by[code]
}

// busy reports whether somebody waits for a view, or has asked for one since the
// number of asks given, which it brings up to date.
func (s *Service) busy(asks *uint64) bool {
	now := s.asks.Load()
	asked := now != *asks
	*asks = now
	return asked || s.waiting.Load() > 0
}

// material is the part of the interval of 80 in 100 by which agreeing has to move a
// unit's total before that is kept as another outlook: it moves a chance by about as
// many points as this is hundredths.
const material = 100

// bench sets an indicator's outlooks up. A worker lets others run after every outlook,
// a millisecond or so, and rests while anybody waits for a page.
func (p *pass) bench(ctx context.Context, sn *snapshot, in luoshi.Indicator) (*workbench, error) {
	cube, err := p.s.readPast(ctx, sn, in.Code)
	if err != nil {
		return nil, err
	}
	b := &workbench{sn: sn, in: in, leaves: &p.s.refresher.leaves, wait: p.s.busy}
	var mu sync.Mutex
	others := map[string]*desk{}
	other := func(code string) (*desk, error) {
		mu.Lock()
		defer mu.Unlock()
		if others[code] == nil {
			in, err := sn.measured(code)
			if err != nil {
				return nil, err
			}
			d, err := p.s.foresee(ctx, sn, p.s.settle(p.look), in)
			if err != nil {
				return nil, err
			}
			others[code] = d
		}
		one := *others[code] // a desk is one worker's
		one.caster = forecast.Forecaster{}
		return &one, nil
	}
	leaders, err := p.s.leaders(ctx, sn, p.look, in.Code)
	if err != nil {
		return nil, err
	}
	for range runtime.GOMAXPROCS(0) {
		b.desks = append(b.desks, &desk{sn: sn, in: in, cube: cube, leaders: leaders, other: other})
	}
	b.nodes = sn.outlookNodes(cube, in)
	return b, nil
}

// After an outlook a worker rests for so many milliseconds at most while people ask for
// pages; the first for fewer, so that the work goes on under any load.
const fewRests, mostRests = 10, 50

// each works on the nodes, on all processors.
func (b *workbench) each(nodes []int, work func(d *desk, node int), gently bool) {
	var next atomic.Int64
	var group errgroup.Group
	for i, d := range b.desks {
		group.Go(func() error {
			asks := uint64(0)
			for b.wait(&asks); ; {
				k := int(next.Add(1)) - 1
				if k >= len(nodes) {
					return nil
				}
				work(d, nodes[k])
				if !gently {
					continue
				}
				runtime.Gosched()
				rests := mostRests
				if i == 0 {
					rests = fewRests
				}
				for rest := 0; rest < rests && b.wait(&asks); rest++ {
					time.Sleep(time.Millisecond)
				}
			}
		})
	}
	_ = group.Wait() // none fails
}

// read reads and hashes the series of all units, and what is kept of some.
func (b *workbench) read(ctx context.Context, p *pass, todo []int) (err error) {
	b.todo = todo
	all := make([]int, b.sn.tree.Len())
	for node := range all {
		all[node] = node
	}
	b.made, b.inputs, b.known = make([]ground, len(all)), make([]int64, len(all)), make([]bool, len(all))
	b.each(all, func(d *desk, node int) {
		b.made[node].r = d.sn.seriesOf(d.cube, d.in, node)
		b.inputs[node] = d.inputs(b.made[node].r, node)
		b.made[node].leaf, b.known[node] = b.leaves.get(d.in.Code, d.sn.tree.Nodes[node].ID, b.inputs[node])
	}, false)
	b.last, err = p.s.shown(ctx, b.sn, b.in.Code, todo)
	return err
}

// fresh reports whether the own outlook kept last is that of today's series.
func (b *workbench) fresh(node int) bool {
	o, kept := b.last[node]
	return kept && o.inputs == b.inputs[node]
}

// asked lists the units whose own outlook must be made: those that have changed, and
// where one has, those with which it has to agree and of which nothing is remembered.
func (b *workbench) asked() []int {
	var list []int
	any := !b.leaves.of(b.in)
	stale := make(map[int]bool, len(b.todo))
	for _, node := range b.todo {
		stale[node] = !b.fresh(node)
		any = any || stale[node]
	}
	for _, node := range b.nodes {
		if stale[node] || any && !b.known[node] && b.in.Additive() && b.sn.tree.Nodes[node].Kind.Area() {
			list = append(list, node)
		}
	}
	return list
}

// ask makes own outlooks.
func (b *workbench) ask(nodes []int) {
	if !b.desks[0].adds() {
		b.done += len(nodes)
		return
	}
	b.each(nodes, func(d *desk, node int) {
		b.made[node] = d.groundOf(&d.caster, node)
		if b.fresh(node) { // only for the others to agree with
			b.made[node].o = nil
		}
	}, true)
	for _, node := range nodes {
		b.leaves.put(b.in.Code, b.sn.tree.Nodes[node].ID, b.inputs[node], b.made[node].leaf)
	}
	b.done += len(nodes)
}

// agree lets the units agree.
func (b *workbench) agree() error {
	d := b.desks[0]
	l := d.newAccord()
	if b.in.Additive() && d.adds() {
		if err := d.agreeOn(l, b.areas()); err != nil {
			return err
		}
	}
	b.accord = l
	for _, d := range b.desks {
		d.accord, d.made = l, b.made
	}
	return nil
}

// areas are the grounds without those of units that are none.
func (b *workbench) areas() []ground {
	list := make([]ground, len(b.made))
	for node, g := range b.made {
		if b.sn.tree.Nodes[node].Kind.Area() {
			list[node] = g
		}
	}
	return list
}

// changed lists the units that say something else than what is kept.
func (b *workbench) changed() []int {
	var list []int
	for _, node := range b.todo {
		if !b.fresh(node) || b.moved(node) {
			list = append(list, node)
		}
	}
	return list
}

// moved reports whether agreeing has moved a unit by more than is negligible.
func (b *workbench) moved(node int) bool {
	total, o := b.accord.total[node], b.last[node]
	if !there(total) || o.Standing == OutlookClosed {
		return false
	}
	d := b.desks[0]
	was, low, high := scaled(o.Total, d.in.Decimals), scaled(o.Low80, d.in.Decimals), scaled(o.High80, d.in.Decimals)
	if !there(was) || !there(low) || !there(high) {
		return false
	}
	by := total - was
	return max(by, -by)*material > high-low
}

// make makes the rows.
func (b *workbench) make(nodes []int) []store.Outlook {
	rows := make([]store.Outlook, len(nodes))
	place := make(map[int]int, len(nodes))
	for i, node := range nodes {
		place[node] = i
	}
	b.each(nodes, func(d *desk, node int) {
		v := &OutlookView{}
		d.outlook(v, node)
		rows[place[node]] = d.kept(v, node, b.inputs[node])
	}, true)
	return rows
}

// outlookNodes are the nodes at which an indicator should have an outlook: those with
// a target, and those with figures.
func (sn *snapshot) outlookNodes(cube *rollup.Cube, in luoshi.Indicator) []int {
	var list []int
	figures := make([]bool, sn.tree.Len())
	for _, year := range cube.Years(in.Code) {
		for _, m := range in.Calendar.Ends() {
			for node, v := range cube.Totals(in.Code, year, m, basisOf(in)) {
				figures[node] = figures[node] || there(v)
			}
		}
	}
	for node, n := range sn.tree.Nodes {
		if figures[node] || sn.targets[targetAt{in.Code, n.ID}] != nil {
			list = append(list, node)
		}
	}
	return list
}
