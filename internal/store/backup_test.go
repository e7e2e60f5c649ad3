package store_test

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
	"luoshi.dev/internal/store/pgtest"
)

// fillSome writes a little of everything.
func (b bench) fillSome(s *store.Store) {
	b.Helper()
	b.plan(s, 20, "inv", "gdp")
	ctx := context.Background()
	var batch int64
	b.write(s, 20200710, func(ctx context.Context, tx *store.Tx) (err error) {
		if batch, err = tx.NewBatch(ctx, store.Batch{Name: "七月.xlsx", Kind: "import", By: "clerk", Rows: 240}); err != nil {
			return err
		}
		return tx.AddFigures(ctx, batch, year("inv", 2020, 20))
	})
	b.write(s, 20200711, func(ctx context.Context, tx *store.Tx) error {
		own := figure("gdp", 3, 6, "")
		own.Scope, own.Growth, own.Sample = luoshi.Own, number("-6.5"), true
		if err := tx.AddFigures(ctx, 0, []luoshi.Figure{own, figure("inv", 1, 6, "206.11")}); err != nil {
			return err
		}
		if err := tx.AddTargets(ctx, []luoshi.Target{{Indicator: "inv", Unit: 1, FirstYear: 2020, LastYear: 2020, Form: luoshi.FormLevel,
			Value: number("322.75"), Curve: []luoshi.NullQuantity{{}, number("20.50")}, From: 20200101, Reason: "年初 计划"}}); err != nil {
			return err
		}
		if err := tx.AddSets(ctx, []luoshi.IndicatorSet{{Code: "six", Items: []luoshi.SetItem{{Indicator: "inv", Weight: number("0.6").Decimal}, {Indicator: "gdp"}}}}); err != nil {
			return err
		}
		if err := tx.AddGoals(ctx, []luoshi.Goal{{Code: "Z", Order: 1}, {Code: "a", Order: 1, Items: []luoshi.GoalItem{{Indicator: "inv", Guard: true}}}}); err != nil {
			return err
		}
		if err := tx.AddSuccessions(ctx, []luoshi.Succession{{From: 1, To: 2, On: 20200601, Share: number("1").Decimal}}); err != nil {
			return err
		}
		return tx.AddSchemes(ctx, []luoshi.Scheme{{Code: "pace", Kind: luoshi.ByPace, Yellow: number("10").Decimal, MadeUp: true}})
	})
	b.write(s, 20200712, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.UndoBatch(ctx, batch, "chief", "错表")
		return err
	})
	b.sound(s)
	_ = ctx
}

// everything is what a reader sees, now and as of an earlier day.
func (b bench) everything(s *store.Store) []any {
	b.Helper()
	ctx := context.Background()
	var all []any
	keep := func(v any, err error) {
		b.must(err)
		all = append(all, v)
	}
	for _, asOf := range []time.Time{{}, day(20200711)} {
		units, err := s.Units(ctx, asOf)
		keep(units, err)
		successions, err := s.Successions(ctx, asOf)
		keep(successions, err)
		indicators, err := s.Indicators(ctx, asOf)
		keep(indicators, err)
		sets, err := s.Sets(ctx, asOf)
		keep(sets, err)
		goals, err := s.Goals(ctx, asOf)
		keep(goals, err)
		schemes, err := s.Schemes(ctx, asOf)
		keep(schemes, err)
		targets, err := s.Targets(ctx, asOf, store.TargetQuery{})
		keep(targets, err)
		keep(b.strips(s, "inv", 2020, asOf), nil)
		keep(b.strips(s, "gdp", 2020, asOf), nil)
	}
	vintages, err := s.Vintages(ctx, store.FigureQuery{})
	keep(vintages, err)
	batches, err := s.Batches(ctx)
	keep(batches, err)
	instants, err := s.Instants(ctx)
	keep(instants, err)
	changes, err := s.Changes(ctx)
	keep(changes, err)
	return all
}

func TestBackupRestore(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		b.fillSome(s)
		ctx := context.Background()
		path := filepath.Join(t.TempDir(), "a.luoshi")
		var last, total int64
		b.must(s.Backup(ctx, path, func(done, of int64) {
			if done < last || of < done {
				t.Errorf("progress %d of %d after %d", done, of, last)
			}
			last, total = done, of
		}))
		if last == 0 || last != total {
			t.Errorf("progress ended at %d of %d", last, total)
		}
		if err := s.Backup(ctx, path, nil); luoshi.CodeOf(err) != luoshi.Conflict {
			t.Errorf("second backup to one path: %v", err)
		}
		want := b.everything(s)
		targets := map[string]func(t *testing.T) string{
			"into sqlite":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "copy.db") },
			"into postgres": func(t *testing.T) string { return pgtest.Database(t) },
		}
		for name, dsn := range targets {
			t.Run(name, func(t *testing.T) {
				copied := bench{t, dsn(t), b.clock}
				copied.must(store.Restore(ctx, path, copied.dsn, nil))
				r := copied.open()
				if got := copied.everything(r); !reflect.DeepEqual(got, want) {
					for i := range got {
						if !reflect.DeepEqual(got[i], want[i]) {
							t.Errorf("restored %d:\n got %v\nwant %v", i, got[i], want[i])
						}
					}
				}
				copied.sound(r)
				f := figure("inv", 2, 7, "1")
				copied.must(r.Submit(ctx, f)) // numbers go on where they were
				if err := store.Restore(ctx, path, copied.dsn, nil); luoshi.CodeOf(err) != luoshi.Conflict {
					t.Errorf("restored over data: %v", err)
				}
			})
		}
	})
}

func TestDamagedBackup(t *testing.T) {
	b := bench{t, filepath.Join(t.TempDir(), "luoshi.db"), newClock()}
	s := b.open()
	b.fillSome(s)
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "a.luoshi")
	b.must(s.Backup(ctx, path, nil))
	whole, err := os.ReadFile(path)
	b.must(err)
	damage := map[string][]byte{"cut off": whole[:len(whole)/2], "empty": {}, "not a zip": []byte("%PDF-1.7 hello")}
	flipped := append([]byte(nil), whole...)
	for i := range 64 { // more than a header's time stamp, which nothing rests on
		flipped[len(flipped)/3+i] ^= 0x40
	}
	damage["bits flipped"] = flipped
	for name, data := range damage {
		b.must(os.WriteFile(path, data, 0o600))
		if err := store.Restore(ctx, path, filepath.Join(t.TempDir(), "copy.db"), nil); luoshi.CodeOf(err) != luoshi.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
