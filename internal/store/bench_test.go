package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
	"luoshi.dev/internal/store/pgtest"
)

// benchOnBoth runs the benchmark on both databases.
func benchOnBoth(b *testing.B, run func(b *testing.B, on bench)) {
	b.Run("sqlite", func(b *testing.B) { run(b, bench{b, filepath.Join(b.TempDir(), "luoshi.db"), newClock()}) })
	b.Run("postgres", func(b *testing.B) { run(b, bench{b, pgtest.Database(b), newClock()}) })
}

// year makes the twelve months of an indicator at units 1..n.
func year(code string, year, n int) []luoshi.Figure {
	list := make([]luoshi.Figure, 0, 12*n)
	for unit := range n {
		for month := 1; month <= 12; month++ {
			f := figure(code, luoshi.UnitID(unit+1), month, "")
			f.Period.Year = year
			f.Value = luoshi.Unscaled(int64(unit*7919+month*104729), 2)
			list = append(list, f)
		}
	}
	return list
}

// BenchmarkImport appends the figures of 1,600 units × 12 months an iteration.
func BenchmarkImport(b *testing.B) {
	benchOnBoth(b, func(b *testing.B, on bench) {
		s := on.open()
		on.plan(s, 1600, "inv")
		figures := year("inv", 2020, 1600)
		y := 0
		for b.Loop() {
			y++
			for i := range figures {
				figures[i].Period.Year = 1900 + y%300
				figures[i].RecordedAt = time.Time{}
			}
			on.write(s, 20200710, func(ctx context.Context, tx *store.Tx) error { return tx.AddFigures(ctx, 0, figures) })
		}
		b.ReportMetric(float64(len(figures))*float64(b.N)/b.Elapsed().Seconds(), "figures/s")
	})
}

// BenchmarkLoad loads 1,600 units × 100 indicators × 24 months cold: a store just
// opened.
func BenchmarkLoad(b *testing.B) {
	benchOnBoth(b, func(b *testing.B, on bench) {
		s := on.open()
		var codes []string
		for i := range 100 {
			codes = append(codes, fmt.Sprintf("i%d", i))
		}
		on.plan(s, 1600, codes...)
		for _, code := range codes {
			on.write(s, 20200710, func(ctx context.Context, tx *store.Tx) error {
				return tx.AddFigures(ctx, 0, append(year(code, 2019, 1600), year(code, 2020, 1600)...))
			})
		}
		for b.Loop() {
			cold, err := store.Open(context.Background(), on.dsn, store.Options{})
			on.must(err)
			n := 0
			on.must(cold.AllStrips(context.Background(), time.Time{}, nil, func(string, int, luoshi.Strip) error { n++; return nil }))
			on.must(cold.Close())
			if n != 320000 {
				b.Fatal(n)
			}
		}
	})
}

// BenchmarkSubmit has sixteen writers record single figures durably.
func BenchmarkSubmit(b *testing.B) {
	benchOnBoth(b, func(b *testing.B, on bench) {
		s := on.open()
		var codes []string
		for i := range 25 {
			codes = append(codes, fmt.Sprintf("i%d", i))
		}
		on.plan(s, 1600, codes...)
		var next atomic.Int64
		b.SetParallelism(8) // × 2 cores
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				i := int(next.Add(1))
				f := figure(codes[i%25], luoshi.UnitID(i%1600+1), i/1600%12+1, "206.11")
				on.must(s.Submit(context.Background(), f))
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "figures/s")
	})
}

// BenchmarkImportLong takes in an indicator-year of 20,000 units as an import of a
// nation does: in one transaction, locked first, 50,000 figures a call.
func BenchmarkImportLong(b *testing.B) {
	benchOnBoth(b, func(b *testing.B, on bench) {
		s := on.open()
		on.plan(s, 20_000, "inv")
		figures := year("inv", 2020, 20_000)
		y := 1900
		for b.Loop() {
			y++
			for i := range figures {
				figures[i].Period.Year = y
				figures[i].RecordedAt = time.Time{}
			}
			on.write(s, 20200710, func(ctx context.Context, tx *store.Tx) error {
				if err := tx.Lock(ctx, []store.IndicatorYear{{Indicator: "inv", Year: y}}); err != nil {
					return err
				}
				for part := range slices.Chunk(figures, 50_000) {
					if err := tx.AddFigures(ctx, 0, part); err != nil {
						return err
					}
				}
				return nil
			})
		}
		b.ReportMetric(float64(len(figures))*float64(b.N)/b.Elapsed().Seconds(), "figures/s")
	})
}

// BenchmarkEvent appends one event a transaction: what being on record costs alone.
func BenchmarkEvent(b *testing.B) {
	benchOnBoth(b, func(b *testing.B, on bench) {
		s := on.open()
		for b.Loop() {
			on.must(s.Write(context.Background(), func(tx *store.Tx) error {
				tx.Record(luoshi.Event{Intent: "target.set", Actor: 7, Object: "target inv 340100 2020", Unit: 1, Request: "f3a1c8d2",
					Before: `{"fields":{"target inv 340100 2020":{"value":"200"}}}`, After: `{"batch":12,"fields":{"target inv 340100 2020":{"value":"210"}},"targets":["inv"]}`})
				return nil
			}))
		}
	})
}

// BenchmarkVerify walks a chain of 100,000 events, each of one figure; deep adds up
// the figures too.
func BenchmarkVerify(b *testing.B) {
	const events = 100_000
	benchOnBoth(b, func(b *testing.B, on bench) {
		s := on.open()
		on.plan(s, 1600, "inv", "gdp", "cpi", "trade", "fdi")
		codes := []string{"inv", "gdp", "cpi", "trade", "fdi"}
		var next atomic.Int64
		var all sync.WaitGroup
		for range 128 {
			all.Go(func() {
				for i := int(next.Add(1)); i < events; i = int(next.Add(1)) {
					f := figure(codes[i%5], luoshi.UnitID(i/60%1600+1), i/5%12+1, "206.11")
					_, err := s.SubmitStrip(context.Background(), f, luoshi.Event{Intent: "figure.report", Actor: 7, Object: "figure inv 340100 2020-06 cumulative", After: `{"value":"206.11"}`})
					if err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		all.Wait()
		for _, deep := range []bool{false, true} {
			name := "chain"
			if deep {
				name = "deep"
			}
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					r, err := s.VerifyHistory(context.Background(), nil, deep, nil)
					on.must(err)
					if !r.Intact() || r.Events != events {
						b.Fatal(r)
					}
				}
				b.ReportMetric(float64(events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
			})
		}
	})
}
