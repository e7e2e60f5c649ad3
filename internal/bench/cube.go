package bench

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"luoshi.dev"
	"luoshi.dev/rollup"
)

// What takes milliseconds is repeated at least so often and for so long, and the
// best counts: on a machine that does other things too, some turn is undisturbed.
const (
	turns    = 9
	turnsFor = 2 * time.Second
)

// cube measures the read model: the totals of all nodes for every indicator and
// month; with them the share of target and the rank among siblings of every
// node; both against reading the same number of values from memory once.
func (r *run) cube(ctx context.Context, w *World) error {
	c, loaded, err := r.load(ctx, w)
	if err != nil {
		return err
	}
	memory := make([]int64, c.Tree().Len()*len(w.Indicators)*24)
	for i := range memory {
		memory[i] = int64(i)
	}
	targets := make([]int64, c.Tree().Len())
	for i := range targets {
		targets[i] = 1_000_000 + int64(i)
	}
	var read, sums, ranks, one []time.Duration
	var sink atomic.Int64
	for began := time.Now(); len(read) < turns || time.Since(began) < turnsFor && w.Name != "small"; {
		runtime.GC()
		read = append(read, timed(func() { sink.Add(readOnce(memory)) }))
		sums = append(sums, timed(func() { sink.Add(sweepAll(c, nil)) }))
		ranks = append(ranks, timed(func() { sink.Add(sweepAll(c, targets)) }))
		one = append(one, timed(func() { shareAndRank(c, targets) }))
	}
	r.note(luoshi.Say("bench.what.read", "size", luoshi.Say("bench.size."+w.Name), "values", len(memory), "bytes", fmt.Sprint(c.Memory()>>20)), best(read))
	r.ratio(say("sums", w), best(sums), best(read), 2)
	r.ratio(say("ranks", w), best(ranks), best(read), 2)
	r.note(say("rank", w), best(one))
	r.note(say("load", w), loaded)
	runtime.KeepAlive(sink.Load())
	return nil
}

// say names a row about the world.
func say(what string, w *World) luoshi.Message {
	return luoshi.Say("bench.what."+what, "size", luoshi.Say("bench.size."+w.Name))
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

// load fills a cube and tells how long it took once the strips were made.
func (r *run) load(ctx context.Context, w *World) (*rollup.Cube, time.Duration, error) {
	c, problems := rollup.NewCube(w.Tree, w.Indicators)
	if len(problems) > 0 {
		return nil, 0, fmt.Errorf("cube: %s", problems[0].Message)
	}
	var took time.Duration
	strips := make([]luoshi.Strip, 0, len(w.Parts))
	for k, in := range w.Indicators {
		r.progress("bench_fill", int64(k), int64(len(w.Indicators)))
		for _, year := range []int{LastYear, ThisYear} {
			strips = strips[:0]
			for s := range w.Strips(k, year) {
				strips = append(strips, s)
			}
			took += timed(func() { c.Load(in.Code, year, values(strips)) })
		}
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
	}
	return c, took, nil
}

func values(strips []luoshi.Strip) func(yield func(luoshi.Strip) bool) {
	return func(yield func(luoshi.Strip) bool) {
		for i := range strips {
			if !yield(strips[i]) {
				return
			}
		}
	}
}

// readOnce adds up the memory on all cores.
func readOnce(memory []int64) int64 {
	var total atomic.Int64
	var wg sync.WaitGroup
	n := runtime.GOMAXPROCS(0)
	for i := range n {
		part := memory[i*len(memory)/n : (i+1)*len(memory)/n]
		wg.Go(func() { total.Add(addAll(part)) })
	}
	wg.Wait()
	return total.Load()
}

func addAll(part []int64) int64 {
	var a, b, c, d int64
	for len(part) >= 4 {
		a += part[0]
		b += part[1]
		c += part[2]
		d += part[3]
		part = part[4:]
	}
	for _, v := range part {
		a += v
	}
	return a + b + c + d
}

// sweepAll reads every total of every month of both years, each in turn (a total
// that is only pointed at would cost nothing), the months shared out among the
// cores, and with targets computes, at the last month, share and rank of every node.
func sweepAll(c *rollup.Cube, targets []int64) int64 {
	var sink, next atomic.Int64
	last := int64(24)
	if targets != nil {
		last--
		shareAndRank(c, targets)
	}
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < last; i = next.Add(1) - 1 {
				year, month := []int{LastYear, ThisYear}[i/12], int(i%12)+1
				c.Sweep(year, month, luoshi.Cumulative, 1, func(_ string, totals []int64, _ []int32) { sink.Add(addAll(totals)) })
			}
		})
	}
	wg.Wait()
	return sink.Load()
}

// shareAndRank computes, of the year to date, the share of target of every node
// and its rank among its siblings, for all indicators.
func shareAndRank(c *rollup.Cube, targets []int64) {
	type sheet struct {
		shares []int64
		ranks  []int32
	}
	pool := sync.Pool{New: func() any { return &sheet{make([]int64, len(targets)), make([]int32, len(targets))} }}
	c.Sweep(ThisYear, 12, luoshi.Cumulative, runtime.GOMAXPROCS(0), func(_ string, totals []int64, _ []int32) {
		s := pool.Get().(*sheet)
		rollup.Shares(totals, targets, s.shares)
		c.Siblings(s.shares, s.ranks)
		pool.Put(s)
	})
}
