package store_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"luoshi.dev"
	"luoshi.dev/internal/store"
)

// told is one vintage in the model: what was written down, by whom taken back.
type told struct {
	figure luoshi.Figure
	at     time.Time
	batch  int64
	undoes int // index of the vintage taken back, -1 = all before, -2 = none
}

// model answers by the words of the package comment, as slowly as they read.
type model []told

// holds reports whether the i-th vintage stands as of the instant: recorded, and
// taken back by none that stands itself.
func (m model) holds(i int, asOf time.Time) bool {
	if m[i].at.After(asOf) {
		return false
	}
	for j := i + 1; j < len(m); j++ {
		takes := m[j].undoes == i || m[j].undoes == -1 && address(m[j].figure) == address(m[i].figure)
		if takes && m.holds(j, asOf) {
			return false
		}
	}
	return true
}

type where struct {
	unit  luoshi.UnitID
	month int
}

func address(f luoshi.Figure) where { return where{f.Unit, f.Period.To} }

// view is the value of every address as of the instant.
func (m model) view(asOf time.Time) map[where]string {
	out := map[where]string{}
	for i := range m {
		if m[i].undoes == -2 && m.holds(i, asOf) {
			out[address(m[i].figure)] = m[i].figure.Value.Decimal.String()
		}
	}
	return out
}

// seen is the same from the store.
func (b bench) seen(s *store.Store, code string, asOf time.Time) map[where]string {
	out := map[where]string{}
	for unit, strip := range b.strips(s, code, 2020, asOf) {
		for month := 1; month <= 12; month++ {
			if v := value(strip, month); v != "—" {
				out[where{unit, month}] = v
			}
		}
	}
	return out
}

// TestViewsNeverChange writes revisions, withdrawals, imports and their undoing in
// any order. Every view of an earlier instant must stay as it was first seen, every
// view must be the model's, and the packed rows must be what the figures say.
func TestViewsNeverChange(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		b.plan(s, 3, "other")
		turn := 0
		rapid.Check(t, func(rt *rapid.T) {
			turn++
			code := fmt.Sprintf("p%d", turn)
			ctx := context.Background()
			b.must(s.Write(ctx, func(tx *store.Tx) error {
				return tx.AddIndicators(ctx, []luoshi.Indicator{{Code: code, Decimals: 2}})
			}))
			var m model
			now := day(20200201)
			undone := map[int64]bool{}
			views := map[time.Time]map[where]string{}
			for range rapid.IntRange(1, 8).Draw(rt, "writes") {
				now = now.Add(time.Duration(rapid.IntRange(1, 72).Draw(rt, "hours")) * time.Hour)
				b.clock.set(now)
				m = b.step(rt, s, code, now, m, undone)
				views[now] = m.view(now)
				for at, want := range views {
					if got := b.seen(s, code, at); !reflect.DeepEqual(got, want) {
						rt.Fatalf("as of %s: got %v, want %v", at, got, want)
					}
				}
				if got, want := b.seen(s, code, time.Time{}), m.view(now); !reflect.DeepEqual(got, want) {
					rt.Fatalf("now: got %v, want %v", got, want)
				}
			}
		})
		b.sound(s)
	})
}

// step writes one of: some figures as a batch, a withdrawal, an undoing.
func (b bench) step(rt *rapid.T, s *store.Store, code string, now time.Time, m model, undone map[int64]bool) model {
	ctx := context.Background()
	cell := func() luoshi.Figure {
		return figure(code, luoshi.UnitID(rapid.IntRange(1, 3).Draw(rt, "unit")), rapid.IntRange(1, 3).Draw(rt, "month"),
			fmt.Sprintf("%d.%02d", rapid.IntRange(-99, 99).Draw(rt, "value"), rapid.IntRange(0, 99).Draw(rt, "cents")))
	}
	var open []int64
	for _, v := range m {
		if v.batch != 0 && !undone[v.batch] && !slices.Contains(open, v.batch) {
			open = append(open, v.batch)
		}
	}
	switch what := rapid.IntRange(0, 3).Draw(rt, "what"); {
	case what == 0 && len(open) > 0:
		batch := rapid.SampledFrom(open).Draw(rt, "undo")
		undone[batch] = true
		b.must(s.Write(ctx, func(tx *store.Tx) error {
			id, err := tx.UndoBatch(ctx, batch, "chief", "")
			for i, v := range slices.Clone(m) {
				if v.batch == batch {
					m = append(m, told{v.figure, now, id, i})
				}
			}
			return err
		}))
	case what == 1:
		f := cell()
		f.Value, f.Withdrawn = luoshi.NullQuantity{}, true
		b.must(s.Submit(ctx, f))
		m = append(m, told{f, now, 0, -1})
	default:
		list := make([]luoshi.Figure, rapid.IntRange(1, 5).Draw(rt, "figures"))
		for i := range list {
			list[i] = cell()
		}
		b.must(s.Write(ctx, func(tx *store.Tx) error {
			batch, err := tx.NewBatch(ctx, store.Batch{Name: code})
			if err != nil {
				return err
			}
			for _, f := range list {
				m = append(m, told{f, now, batch, -2})
			}
			return tx.AddFigures(ctx, batch, list)
		}))
	}
	return m
}
