package rollup

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"luoshi.dev"
)

// nation builds 31 provinces, 340 cities, 2,850 counties and 40,000 towns, or a
// province of them, with flows reported by the towns.
func nation(t testing.TB, provinces, cities, counties, towns, indicators, years int) *Cube {
	facts := []luoshi.Unit{unit(1, "n", luoshi.Nation, 0)}
	id := luoshi.UnitID(1)
	level := func(kind luoshi.UnitKind, parents []luoshi.UnitID, count int) []luoshi.UnitID {
		ids := make([]luoshi.UnitID, count)
		for i := range ids {
			id++
			ids[i] = id
			facts = append(facts, unit(id, fmt.Sprint(id), kind, parents[i*len(parents)/count]))
		}
		return ids
	}
	level(luoshi.Town, level(luoshi.County, level(luoshi.City, level(luoshi.Province, []luoshi.UnitID{1}, provinces), cities), counties), towns)
	tree, problems := luoshi.NewTree(facts, 20200101)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var list []luoshi.Indicator
	for i := range indicators {
		in := flow(fmt.Sprintf("x%d", i))
		in.ReportedAt = luoshi.Town
		list = append(list, in)
	}
	c := build(t, tree, list...)
	for _, in := range list {
		for y := range years {
			c.Load(in.Code, 2019+y, func(yield func(luoshi.Strip) bool) {
				for _, n := range tree.Nodes {
					s := luoshi.NewStrip(n.ID, 2019+y)
					for m := range 12 {
						s.Whole.Cumulative[m].Value = int64(m+1) * (1000 + int64(n.ID)%997)
					}
					if n.Kind == luoshi.Town && !yield(s) {
						return
					}
				}
			})
		}
	}
	return c
}

var nationCube = sync.OnceValue(func() *Cube { return nation(&testing.B{}, 31, 340, 2850, 40000, 50, 2) })

// read is the plainest reading of memory.
func read(v []int64) int64 {
	var a, b, c, d int64
	for ; len(v) >= 8; v = v[8:] {
		a += v[0] + v[1]
		b += v[2] + v[3]
		c += v[4] + v[5]
		d += v[6] + v[7]
	}
	for _, x := range v {
		a += x
	}
	return a + b + c + d
}

func (c *Cube) all() []*block {
	var list []*block
	for _, e := range c.entries {
		for _, y := range slices.Sorted(keys(e.blocks)) {
			list = append(list, e.blocks[y])
		}
	}
	return list
}

// spread calls work on each of n by two goroutines.
func spread(n int, work func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				work(i)
			}
		})
	}
	wg.Wait()
}

// BenchmarkReadOnce reads the figures of the nation-sized cube once on two cores:
// the yardstick for the others.
func BenchmarkReadOnce(b *testing.B) {
	blocks := nationCube().all()
	b.ReportMetric(float64(nationCube().Memory())/1e6, "MB")
	var sink atomic.Int64
	for b.Loop() {
		spread(len(blocks), func(i int) { sink.Add(read(blocks[i].value)) })
	}
}

// BenchmarkNationSums adds up all 50 indicators × 24 months to every node anew.
func BenchmarkNationSums(b *testing.B) {
	blocks := nationCube().all()
	for b.Loop() {
		spread(len(blocks), func(i int) { blocks[i].total() })
	}
}

// BenchmarkNationSharesRanks adds up everything anew and computes, for one month,
// year to date, share of the year's target and rank among siblings of every node.
func BenchmarkNationSharesRanks(b *testing.B) {
	c := nationCube()
	blocks := c.all()
	targets := make([]int64, c.tree.Len())
	for i := range targets {
		targets[i] = int64(12_000 + i)
	}
	for b.Loop() {
		spread(len(blocks), func(i int) { blocks[i].total() })
		shareAndRank(c, targets)
	}
}

// BenchmarkNationBoards computes the shares and ranks from the kept sums.
func BenchmarkNationBoards(b *testing.B) {
	c := nationCube()
	targets := make([]int64, c.tree.Len())
	for i := range targets {
		targets[i] = int64(12_000 + i)
	}
	for b.Loop() {
		shareAndRank(c, targets)
	}
}

// BenchmarkNationRatios times reading, adding up and boards in turn, and reports
// the best of each against the best of reading: what else the machine does falls
// on all three.
func BenchmarkNationRatios(b *testing.B) {
	c := nationCube()
	blocks := c.all()
	targets := make([]int64, c.tree.Len())
	for i := range targets {
		targets[i] = int64(12_000 + i)
	}
	var sink atomic.Int64
	best := [3]time.Duration{time.Hour, time.Hour, time.Hour}
	for b.Loop() {
		for k, work := range []func(){
			func() { spread(len(blocks), func(i int) { sink.Add(read(blocks[i].value)) }) },
			func() { spread(len(blocks), func(i int) { blocks[i].total() }) },
			func() { shareAndRank(c, targets) },
		} {
			start := time.Now()
			work()
			best[k] = min(best[k], time.Since(start))
		}
	}
	b.ReportMetric(best[0].Seconds()*1000, "read-ms")
	b.ReportMetric(best[1].Seconds()*1000, "sums-ms")
	b.ReportMetric(best[2].Seconds()*1000, "boards-ms")
	b.ReportMetric(float64(best[1])/float64(best[0]), "sums/read")
	b.ReportMetric(float64(best[1]+best[2])/float64(best[0]), "all/read")
}

func shareAndRank(c *Cube, targets []int64) {
	type work struct {
		shares []int64
		ranks  []int32
	}
	pool := sync.Pool{New: func() any { return &work{make([]int64, len(targets)), make([]int32, len(targets))} }}
	c.Sweep(2020, 6, cu, 2, func(_ string, totals []int64, _ []int32) {
		w := pool.Get().(*work)
		Shares(totals, targets, w.shares)
		c.Siblings(w.shares, w.ranks)
		pool.Put(w)
	})
}

func BenchmarkPut(b *testing.B) {
	c := nationCube()
	town := c.tree.Nodes[c.tree.Len()-1].ID
	var v int64
	for b.Loop() {
		v++
		c.Put("x0", year(town, 2020, cu, v, v, v, v, v, v, v, v, v, v, v, v))
	}
}

func BenchmarkLoad(b *testing.B) {
	c := nation(b, 1, 16, 105, 1500, 1, 1)
	var strips []luoshi.Strip
	for _, n := range c.tree.Nodes {
		if n.Kind == luoshi.Town {
			strips = append(strips, year(n.ID, 2020, cu, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12))
		}
	}
	for b.Loop() {
		c.Load("x0", 2020, slices.Values(strips))
	}
	b.ReportMetric(float64(len(strips)*12)*float64(b.N)/b.Elapsed().Seconds(), "figures/s")
}

func BenchmarkValue(b *testing.B) {
	c := nation(b, 1, 16, 105, 1500, 1, 2)
	for _, basis := range []luoshi.Basis{cu, sg} {
		b.Run(string(basis), func(b *testing.B) {
			p, _ := luoshi.Monthly.Period(2020, 6, basis)
			for b.Loop() {
				c.Value("x0", 0, p, basis)
			}
		})
	}
}

// BenchmarkProvinceMemory reports what a province of 1,600 units × 100 indicators
// × 24 months takes.
func BenchmarkProvinceMemory(b *testing.B) {
	c := nation(b, 1, 16, 105, 1478, 100, 2)
	for b.Loop() {
		c.Memory()
	}
	b.ReportMetric(float64(c.Memory())/1e6, "MB")
}
