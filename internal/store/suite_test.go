package store_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
	"luoshi.dev/internal/store/pgtest"
)

// onBoth runs the case on SQLite, and on PostgreSQL where that is asked for.
func onBoth(t *testing.T, run func(t *testing.T, b bench)) {
	t.Run("sqlite", func(t *testing.T) {
		run(t, bench{t, filepath.Join(t.TempDir(), "luoshi.db"), newClock()})
	})
	t.Run("postgres", func(t *testing.T) {
		run(t, bench{t, pgtest.Database(t), newClock()})
	})
}

// bench is one empty database and the clock by which it records.
type bench struct {
	testing.TB
	dsn   string
	clock *clock
}

// clock is a wall clock that tests set.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: day(20200101)} }

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = at
}

// day is noon of the day.
func day(d luoshi.Date) time.Time { return d.Start().Add(12 * time.Hour) }

// open opens the database and brings it to this version.
func (b bench) open() *store.Store {
	b.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, b.dsn, store.Options{Clock: b.clock.read})
	b.must(err)
	b.Cleanup(func() { b.must(s.Close()) })
	b.must(s.Migrate(ctx))
	return s
}

func (b bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// write runs fn in a transaction on the day.
func (b bench) write(s *store.Store, on luoshi.Date, fn func(ctx context.Context, tx *store.Tx) error) {
	b.Helper()
	b.clock.set(day(on))
	ctx := context.Background()
	b.must(s.Write(ctx, func(tx *store.Tx) error { return fn(ctx, tx) }))
}

// plan makes n units (identities 1..n) and the indicators, as of 2020-01-01.
func (b bench) plan(s *store.Store, n int, codes ...string) {
	b.Helper()
	b.write(s, 20200101, func(ctx context.Context, tx *store.Tx) error {
		ids, err := tx.NewUnitIDs(ctx, n)
		if err != nil {
			return err
		}
		units := make([]luoshi.Unit, n)
		for i, id := range ids {
			units[i] = luoshi.Unit{ID: id, Code: "34" + string(rune('A'+i%26)), Names: luoshi.Names{Hans: "单位"}, Kind: luoshi.City, From: 20200101}
		}
		if err := tx.AddUnits(ctx, units); err != nil {
			return err
		}
		var list []luoshi.Indicator
		for _, code := range codes {
			list = append(list, luoshi.Indicator{Code: code, Names: luoshi.Names{Hans: code}, Decimals: 2, Kind: luoshi.Flow,
				OverTime: luoshi.TimeSum, OverUnits: luoshi.UnitSum, Basis: luoshi.Cumulative, Calendar: luoshi.Monthly})
		}
		return tx.AddIndicators(ctx, list)
	})
}

// number reads a quantity.
func number(text string) luoshi.NullQuantity {
	if text == "" {
		return luoshi.NullQuantity{}
	}
	q, err := luoshi.ParseQuantity(text)
	if err != nil {
		panic(err)
	}
	return luoshi.Some(q)
}

// figure is a cumulative figure of 2020.
func figure(code string, unit luoshi.UnitID, month int, value string) luoshi.Figure {
	return luoshi.Figure{Indicator: code, Unit: unit, Period: luoshi.ToDate(2020, month), Basis: luoshi.Cumulative, Scope: luoshi.Whole,
		Value: number(value), Status: luoshi.Preliminary, Source: "省统计局", By: "clerk"}
}

// strips collects an indicator-year by unit.
func (b bench) strips(s *store.Store, code string, year int, asOf time.Time) map[luoshi.UnitID]luoshi.Strip {
	b.Helper()
	out := map[luoshi.UnitID]luoshi.Strip{}
	for strip, err := range s.Strips(context.Background(), code, year, asOf) {
		b.must(err)
		out[strip.Unit] = strip
	}
	return out
}

// value is the cumulative value of the month as stored, or "—".
func value(strip luoshi.Strip, month int) string {
	if strip.Year == 0 {
		return "—"
	}
	c := strip.Whole.Cumulative[month-1]
	if c.Value == luoshi.Missing {
		return "—"
	}
	return luoshi.Unscaled(c.Value, 2).Decimal.String()
}

// sound fails when the packed rows are not what the figures say.
func (b bench) sound(s *store.Store) {
	b.Helper()
	found, err := s.Verify(context.Background(), nil)
	b.must(err)
	for _, m := range found {
		b.Error(m)
	}
}
