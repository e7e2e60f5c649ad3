package bench

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"luoshi.dev"
	"luoshi.dev/cascade"
)

// cascade splits every indicator's target of the top unit over all units and
// months, rung by rung down to the towns, both margins exact.
func (r *run) cascade(ctx context.Context, w *World) error {
	history := make([][][]int64, len(w.Indicators))
	for k := range history {
		history[k] = w.history(k)
	}
	var took []time.Duration
	for began := time.Now(); len(took) < turns || time.Since(began) < turnsFor && w.Name != "small"; {
		if err := ctx.Err(); err != nil {
			return err
		}
		var failed error
		runtime.GC()
		took = append(took, timed(func() { failed = w.cascadeAll(history) }))
		if failed != nil {
			return fmt.Errorf("cascade: %w", failed)
		}
	}
	r.within(luoshi.Say("bench.what.cascade", "indicators", len(w.Indicators), "units", w.Tree.Len()), best(took), 200*time.Millisecond)
	return nil
}

// history is last year's twelve months at every node.
func (w *World) history(indicator int) [][]int64 {
	list := make([][]int64, w.Tree.Len())
	for i := range list {
		list[i] = make([]int64, 12)
	}
	for i := w.Tree.Len() - 1; i >= 0; i-- {
		n := w.Tree.Nodes[i]
		for m := range 12 {
			if n.Kind == luoshi.Town {
				list[i][m] = w.Single(indicator, n.ID, LastYear, m+1)
			}
			if n.Parent >= 0 {
				list[n.Parent][m] += list[i][m]
			}
		}
	}
	return list
}

// cascadeAll splits the indicators on all cores.
func (w *World) cascadeAll(history [][][]int64) error {
	children := make([][]int, w.Tree.Len())
	for i := range children {
		children[i] = w.Tree.Children(i)
	}
	var next atomic.Int64
	var g errgroup.Group
	for range runtime.GOMAXPROCS(0) {
		g.Go(func() error {
			for k := int(next.Add(1)) - 1; k < len(history); k = int(next.Add(1)) - 1 {
				if err := w.cascadeOne(children, history[k]); err != nil {
					return fmt.Errorf("%s: %w", w.Indicators[k].Code, err)
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// cascadeOne splits one indicator: what a unit got by month are the months that
// its own children share out.
func (w *World) cascadeOne(children [][]int, last [][]int64) error {
	totals, months := make([]int64, w.Tree.Len()), make([][]int64, w.Tree.Len())
	for _, v := range last[0] {
		totals[0] += v
	}
	totals[0] = totals[0] / 100 * 107
	months[0], _ = cascade.OverTime(totals[0], cascade.TimeSpec{Method: cascade.TimeLastYear, Calendar: luoshi.Monthly, History: last[:1]})
	var parts []cascade.Part
	for i := range w.Tree.Nodes {
		if len(children[i]) == 0 {
			continue
		}
		parts = parts[:0]
		for _, c := range children[i] {
			p := cascade.Part{Unit: w.Tree.Nodes[c].ID, Locked: luoshi.Missing, Min: luoshi.Missing, Max: luoshi.Missing}
			for _, v := range last[c] {
				p.Last += v
			}
			parts = append(parts, p)
		}
		grid, problems := cascade.Both(cascade.Spec{
			Total: totals[i], Reserve: totals[i] / 50, Units: cascade.UnitLastShare, Parts: parts,
			Time: cascade.TimeSpec{Method: cascade.TimeCustom, Calendar: luoshi.Monthly, Custom: months[i]},
		})
		if luoshi.Blocked(problems) {
			return fmt.Errorf("node %d: %s", i, problems[0].Message)
		}
		for k, c := range children[i] {
			months[c], totals[c] = grid.Cells[k], grid.Rows[k]
		}
	}
	return nil
}
