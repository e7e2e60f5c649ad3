package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
)

// Two servers on one database show each other's writes, plan and figures alike.
func TestTwoServers(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		one, two := b.open(), b.open()
		b.plan(one, 2, "inv")
		ctx := context.Background()
		before, err := two.Changes(ctx)
		b.must(err)
		b.enter(one, 20200710, figure("inv", 1, 6, "1"))
		if got := value(b.strips(two, "inv", 2020, time.Time{})[1], 6); got != "1.00" {
			t.Errorf("the other server sees %s", got)
		}
		after, err := two.Changes(ctx)
		b.must(err)
		if key := (store.IndicatorYear{Indicator: "inv", Year: 2020}); after[key] <= before[key] {
			t.Errorf("change number %d after %d", after[key], before[key])
		}
		plan, err := one.PlanChange(ctx)
		b.must(err)
		b.write(two, 20200711, func(ctx context.Context, tx *store.Tx) error {
			return tx.AddIndicators(ctx, []luoshi.Indicator{{Code: "gdp", Decimals: 1}})
		})
		if again, err := one.PlanChange(ctx); err != nil || again <= plan {
			t.Errorf("plan number %d after %d, %v", again, plan, err)
		}
		b.must(one.Submit(ctx, figure("gdp", 1, 6, "2")))
		b.sound(two)
	})
}

// Writers that take the same indicator-years in opposite orders wait for each
// other, and none is lost.
func TestWritersMeet(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		servers := []*store.Store{b.open(), b.open()}
		b.plan(servers[0], 8, "a", "b", "c")
		b.clock.set(day(20200710))
		ctx := context.Background()
		const rounds = 3
		var wg sync.WaitGroup
		for writer := range 6 {
			wg.Go(func() {
				codes := []string{"a", "b", "c"}
				if writer%2 == 1 {
					codes = []string{"c", "b", "a"}
				}
				unit := luoshi.UnitID(writer + 1)
				for round := range rounds {
					err := servers[writer%2].Write(ctx, func(tx *store.Tx) error {
						for _, code := range codes { // one call each, so that the order is ours
							if err := tx.AddFigures(ctx, 0, []luoshi.Figure{figure(code, unit, 6, fmt.Sprint(round))}); err != nil {
								return err
							}
						}
						return tx.AddFigures(ctx, 0, []luoshi.Figure{figure(codes[0], unit, 7, "1"), figure(codes[2], unit, 7, "1")})
					})
					if err != nil {
						t.Errorf("writer %d: %v", writer, err)
					}
				}
			})
		}
		wg.Wait()
		vintages, err := servers[0].Vintages(ctx, store.FigureQuery{Indicator: "b"})
		b.must(err)
		if len(vintages) != 6*rounds {
			t.Errorf("%d vintages, want %d", len(vintages), 6*rounds)
		}
		b.sound(servers[0])
	})
}

// A transaction that fails leaves nothing.
func TestWriteIsWhole(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		b.plan(s, 1, "inv")
		ctx := context.Background()
		stop := fmt.Errorf("changed my mind")
		err := s.Write(ctx, func(tx *store.Tx) error {
			f := figure("inv", 1, 6, "1")
			f.Source = "a source that is not kept"
			b.must(tx.AddFigures(ctx, 0, []luoshi.Figure{f}))
			return stop
		})
		if err == nil || len(b.strips(s, "inv", 2020, time.Time{})) != 0 {
			t.Errorf("kept: %v", err)
		}
		f := figure("inv", 1, 6, "1")
		f.Source = "a source that is not kept" // its number must not have stayed in memory
		b.must(s.Submit(ctx, f))
		got, err := s.Vintages(ctx, store.FigureQuery{})
		b.must(err)
		if len(got) != 1 || got[0].Source != f.Source {
			t.Errorf("%+v", got)
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	refused := func(name, path string, want luoshi.Code) {
		t.Helper()
		s, err := store.Open(ctx, path, store.Options{})
		if luoshi.CodeOf(err) != want || err == nil {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			s.Close()
		}
	}
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte("我的笔记，不是数据库。这里有足够多的字，超过一页的头部。"+string(make([]byte, 200))), 0o600); err != nil {
		t.Fatal(err)
	}
	refused("a text file", text, luoshi.Invalid)
	exec := func(path, statement string) {
		t.Helper()
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
		db.Close()
	}
	other := filepath.Join(dir, "other.db")
	exec(other, "CREATE TABLE bookmarks (url TEXT)")
	refused("another program's database", other, luoshi.Invalid)
	ours := filepath.Join(dir, "ours.db")
	b := bench{t, ours, newClock()}
	b.open()
	exec(ours, "INSERT INTO luoshi_migration (version_id, is_applied) VALUES (99, 1)")
	refused("a newer database", ours, luoshi.Invalid)
	refused("a folder that is not there", filepath.Join(dir, "no", "such", "a.db"), luoshi.Unavailable)
	refused("a server that is not there", "postgres://nobody@127.0.0.1:1/none?connect_timeout=2", luoshi.Unavailable)
	refused("an address that is none", "postgres://a:b:c/%%", luoshi.Invalid)
}

func TestReadOnly(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		b.plan(s, 1, "inv")
		b.enter(s, 20200710, figure("inv", 1, 6, "1"))
		ctx := context.Background()
		r, err := store.Open(ctx, b.dsn, store.Options{ReadOnly: true})
		b.must(err)
		defer r.Close()
		if got := value(b.strips(r, "inv", 2020, time.Time{})[1], 6); got != "1.00" {
			t.Errorf("read %s", got)
		}
		if err := r.Submit(ctx, figure("inv", 1, 6, "2")); luoshi.CodeOf(err) != luoshi.Unavailable {
			t.Errorf("wrote: %v", err)
		}
	})
}

// A file with an odd name is a file.
func TestOddPath(t *testing.T) {
	b := bench{t, filepath.Join(t.TempDir(), "年 度?计划#1 100%.db"), newClock()}
	b.plan(b.open(), 1, "inv")
	if _, err := os.Stat(b.dsn); err != nil {
		t.Error(err)
	}
}

// Two servers that start together migrate once.
func TestMigrateTogether(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ctx := context.Background()
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				s, err := store.Open(ctx, b.dsn, store.Options{})
				if err != nil {
					t.Error(err)
					return
				}
				defer s.Close()
				if err := s.Migrate(ctx); err != nil {
					t.Error(err)
				}
				if v, err := s.Version(ctx); v < 1 || err != nil {
					t.Errorf("version %d, %v", v, err)
				}
			})
		}
		wg.Wait()
	})
}
