package service_test

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/bench"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/store"
)

// Figures of a CSV file checked and saved: a province's units × 10 indicators × 24 months.
func BenchmarkImport(b *testing.B) {
	w, err := bench.NewWorld("province")
	if err != nil {
		b.Fatal(err)
	}
	file, rows := w.CSV(10)
	for b.Loop() {
		b.StopTimer()
		st, err := store.Open(context.Background(), filepath.Join(b.TempDir(), "luoshi.db"), store.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := st.Migrate(context.Background()); err != nil {
			b.Fatal(err)
		}
		if err := bench.Prepare(context.Background(), st, w); err != nil {
			b.Fatal(err)
		}
		s := service.New(st, func() time.Time { return luoshi.Date(20201220).End() })
		b.StartTimer()
		r, err := s.ImportReader(context.Background(), bytes.NewReader(file), int64(len(file)), service.ImportOptions{Name: "figures.csv"})
		if err != nil || !r.Saved {
			b.Fatal(err, r)
		}
		b.StopTimer()
		_ = st.Close()
		b.StartTimer()
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "figures/s")
}
