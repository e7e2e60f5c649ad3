package main

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/bench"
	"luoshi.dev/rollup"
)

// answer is what the questions come to; two databases that agree on it agree on
// every node but for an improbable accident.
type answer struct {
	count          int64 // of totals above the reporting units
	sums           int64 // Σ total × (unit mod 1009)
	shares, ranked int64 // Σ share, Σ rank × (unit mod 1009), of every unit and indicator
}

// cube is luoshi's side: the loaded cube, its answers of all indicators and of
// the first few that the slower databases are given, and the yardstick.
type cube struct {
	cube    *rollup.Cube
	memory  []int64
	targets []int64
	build   time.Duration
	all     answer
	few     answer
	sink    atomic.Int64 // what was read goes here, so that the reading happens
}

// cubeTimes are the best times of some turns.
type cubeTimes struct{ read, sums, ranks time.Duration }

// target is the made-up target of every indicator at a unit.
func target(unit luoshi.UnitID) int64 { return 1_000_000 + int64(unit) }

func loadCube(ctx context.Context, w *bench.World, few int) (*cube, error) {
	c, problems := rollup.NewCube(w.Tree, w.Indicators)
	if len(problems) > 0 {
		return nil, fmt.Errorf("cube: %s", problems[0].Message)
	}
	o := &cube{cube: c}
	strips := make([]luoshi.Strip, 0, len(w.Parts))
	for k, in := range w.Indicators {
		for _, year := range []int{bench.LastYear, bench.ThisYear} {
			strips = slices.AppendSeq(strips[:0], w.Strips(k, year))
			start := time.Now()
			c.Load(in.Code, year, slices.Values(strips))
			o.build += time.Since(start)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	o.all, o.few = answers(c, w, len(w.Indicators)), answers(c, w, few)
	o.memory = make([]int64, w.Tree.Len()*len(w.Indicators)*24)
	for i := range o.memory {
		o.memory[i] = int64(i)
	}
	o.targets = make([]int64, w.Tree.Len())
	for i, n := range w.Tree.Nodes {
		o.targets[i] = target(n.ID)
	}
	return o, nil
}

// turn measures luoshi between two turns of a database.
func (o *cube) turn(t *cubeTimes) {
	for range 4 {
		keep(&t.read, func() { readOnce(o.memory) })
		keep(&t.sums, func() {
			each(func(year, month int) {
				o.cube.Sweep(year, month, luoshi.Cumulative, runtime.GOMAXPROCS(0), func(_ string, totals []int64, _ []int32) {
					o.sink.Add(sum(totals)) // the totals are kept: what is timed is having them all read
				})
			})
		})
		keep(&t.ranks, func() { shareAndRank(o.cube, o.targets, func(string, []int64, []int32) {}) })
	}
}

// keep keeps the best time of several turns; 0 is none yet.
func keep(best *time.Duration, f func()) {
	start := time.Now()
	f()
	if took := time.Since(start); *best == 0 || took < *best {
		*best = took
	}
}

func each(visit func(year, month int)) {
	for _, year := range []int{bench.LastYear, bench.ThisYear} {
		for month := 1; month <= 12; month++ {
			visit(year, month)
		}
	}
}

func readOnce(memory []int64) {
	var total atomic.Int64
	var wg sync.WaitGroup
	n := runtime.GOMAXPROCS(0)
	for i := range n {
		part := memory[i*len(memory)/n : (i+1)*len(memory)/n]
		wg.Go(func() {
			total.Add(sum(part))
		})
	}
	wg.Wait()
	runtime.KeepAlive(total.Load())
}

func sum(part []int64) int64 {
	var a, b, c, d int64
	for len(part) >= 4 {
		a, b, c, d = a+part[0], b+part[1], c+part[2], d+part[3]
		part = part[4:]
	}
	for _, v := range part {
		a += v
	}
	return a + b + c + d
}

func shareAndRank(c *rollup.Cube, targets []int64, see func(code string, shares []int64, ranks []int32)) {
	type sheet struct {
		shares []int64
		ranks  []int32
	}
	pool := sync.Pool{New: func() any { return &sheet{make([]int64, len(targets)), make([]int32, len(targets))} }}
	c.Sweep(bench.ThisYear, 12, luoshi.Cumulative, runtime.GOMAXPROCS(0), func(code string, totals []int64, _ []int32) {
		s := pool.Get().(*sheet)
		rollup.Shares(totals, targets, s.shares)
		c.Siblings(s.shares, s.ranks)
		see(code, s.shares, s.ranks)
		pool.Put(s)
	})
}

// answers asks the cube what the databases are asked, of the first indicators.
func answers(c *rollup.Cube, w *bench.World, indicators int) answer {
	var a answer
	var mu sync.Mutex
	wanted := map[string]bool{}
	for _, in := range w.Indicators[:indicators] {
		wanted[in.Code] = true
	}
	each(func(year, month int) {
		for _, in := range w.Indicators[:indicators] {
			totals := c.Totals(in.Code, year, month, luoshi.Cumulative)
			for i, n := range w.Tree.Nodes {
				if n.Kind != luoshi.Town {
					a.count++
					a.sums += totals[i] * (int64(n.ID) % 1009)
				}
			}
		}
	})
	targets := make([]int64, w.Tree.Len())
	for i, n := range w.Tree.Nodes {
		targets[i] = target(n.ID)
	}
	shareAndRank(c, targets, func(code string, shares []int64, ranks []int32) {
		mu.Lock()
		defer mu.Unlock()
		for i, n := range w.Tree.Nodes {
			if wanted[code] {
				a.shares += shares[i]
				a.ranked += int64(ranks[i]) * (int64(n.ID) % 1009)
			}
		}
	})
	return a
}
