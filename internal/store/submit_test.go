package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
)

// What a submission returns is what a reading finds, whatever was there before.
func TestSubmitStrip(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		b.plan(s, 3, "inv", "gdp")
		b.clock.set(day(20200710))
		ctx := context.Background()
		own := figure("inv", 2, 6, "7")
		own.Scope, own.By = luoshi.Own, "another"
		gone := figure("inv", 2, 6, "")
		gone.Withdrawn = true
		history := figure("gdp", 1, 2, "4")
		history.RecordedAt = day(20200305)
		for i, f := range []luoshi.Figure{figure("inv", 2, 6, "1"), figure("inv", 2, 7, "2"), figure("inv", 2, 6, "3.5"), own, gone,
			figure("inv", 2, 6, "8"), history, figure("gdp", 1, 3, "5"), figure("gdp", 3, 3, "5")} {
			b.clock.set(day(20200710).Add(time.Duration(i) * 10 * time.Hour))
			got, err := s.SubmitStrip(ctx, f, luoshi.Event{Intent: "figure.report"})
			b.must(err)
			want, err := s.Strip(ctx, f.Indicator, 2020, f.Unit, time.Time{})
			b.must(err)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%d: %+v, want %+v", i, got, want)
			}
		}
		b.sound(s)
	})
}

// Many submit at once, to one indicator-year through two servers: none is lost,
// and every instant of recording is another day of the calendar or the same.
func TestSubmitTogether(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		servers := []*store.Store{b.open(), b.open()}
		b.plan(servers[0], 4, "inv")
		b.clock.set(day(20200710))
		ctx := context.Background()
		var wg sync.WaitGroup
		for writer := range 8 {
			wg.Go(func() {
				for month := 1; month <= 6; month++ {
					f := figure("inv", luoshi.UnitID(writer%4+1), month, "1")
					strip, err := servers[writer%2].SubmitStrip(ctx, f, luoshi.Event{Intent: "figure.report"})
					if err != nil || value(strip, month) != "1.00" {
						t.Errorf("writer %d: %s, %v", writer, value(strip, month), err)
					}
				}
			})
		}
		wg.Wait()
		list, err := servers[1].Vintages(ctx, store.FigureQuery{Indicator: "inv"})
		b.must(err)
		if len(list) != 48 {
			t.Errorf("%d vintages", len(list))
		}
		b.sound(servers[0])
	})
}

// Two servers revise one figure in turn: what was said last holds.
func TestReviseInTurn(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		servers := []*store.Store{b.open(), b.open()}
		b.plan(servers[0], 1, "inv")
		ctx := context.Background()
		for i := range 12 {
			b.must(servers[i/2%2].Submit(ctx, figure("inv", 1, 6, fmt.Sprint(i))))
			if i%3 == 0 { // many at once draw their numbers past the stock
				b.must(servers[i%2].Write(ctx, func(tx *store.Tx) error { return tx.AddFigures(ctx, 0, slices.Repeat(year("inv", 2020, 1), 10)) }))
			}
			b.must(servers[i%2].Submit(ctx, figure("inv", 1, 6, fmt.Sprint(100+i))))
			if got, want := value(b.strips(servers[0], "inv", 2020, time.Time{})[1], 6), fmt.Sprintf("%d.00", 100+i); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
		b.sound(servers[0])
	})
}

// The state is another after each write, and the same after none.
func TestState(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s, other := b.open(), b.open()
		b.plan(s, 2, "inv", "gdp")
		ctx := context.Background()
		type state struct{ plan, figures int64 }
		see := func() (now state) {
			var err error
			now.plan, now.figures, err = s.State(ctx)
			b.must(err)
			return now
		}
		before := see()
		if see() != before {
			t.Error("it changes by being read")
		}
		b.must(other.Submit(ctx, figure("inv", 1, 6, "1")))
		b.must(other.Submit(ctx, figure("gdp", 1, 6, "1")))
		after := see()
		if after.plan != before.plan || after.figures <= before.figures {
			t.Errorf("%v after %v", after, before)
		}
		b.plan(other, 1, "cpi")
		if now := see(); now.plan <= after.plan || now.figures != after.figures {
			t.Errorf("%v after %v", now, after)
		}
	})
}

func TestCloseTwice(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		s := b.open()
		b.plan(s, 1, "inv")
		b.must(s.Close())
		b.must(s.Close())
		if err := s.Submit(context.Background(), figure("inv", 1, 6, "1")); err == nil {
			t.Error("closed, and yet it took a figure")
		}
	})
}

// BenchmarkState asks whether anything has changed, with 200 indicator-years.
func BenchmarkState(b *testing.B) {
	benchOnBoth(b, func(b *testing.B, on bench) {
		s := on.open()
		on.plan(s, 1, "inv")
		for y := range 200 {
			f := figure("inv", 1, 6, "1")
			f.Period.Year = 1900 + y
			on.must(s.Submit(context.Background(), f))
		}
		for b.Loop() {
			_, _, err := s.State(context.Background())
			on.must(err)
		}
	})
}

// BenchmarkCommit submits single figures in turn with a bare commit of the row and
// of an event, statements prepared: "ratio" is the median of one to the other.
func BenchmarkCommit(b *testing.B) {
	benchOnBoth(b, func(b *testing.B, on bench) {
		s := on.open()
		on.plan(s, 1600, "inv")
		ctx := context.Background()
		on.write(s, 20200710, func(ctx context.Context, tx *store.Tx) error { return tx.AddFigures(ctx, 0, year("inv", 2020, 1600)) })
		driver, dsn := "pgx", on.dsn
		if !strings.HasPrefix(dsn, "postgres") {
			driver, dsn = "sqlite", "file:"+dsn+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate"
		}
		db, err := sql.Open(driver, dsn)
		on.must(err)
		defer db.Close()
		db.SetMaxOpenConns(1)
		for _, words := range []string{
			`CREATE TABLE bare (indicator INTEGER, year INTEGER, unit BIGINT, month_to INTEGER, seq BIGINT, value BIGINT, at BIGINT, PRIMARY KEY (indicator, year, unit, month_to, seq))`,
			`CREATE TABLE bare_event (id BIGINT PRIMARY KEY, at BIGINT, who TEXT, what TEXT)`,
		} {
			_, err := db.Exec(words)
			on.must(err)
		}
		row, err := db.Prepare(`INSERT INTO bare VALUES (1, 2020, $1, 12, $2, 20611, 99)`)
		on.must(err)
		event, err := db.Prepare(`INSERT INTO bare_event VALUES ($1, 99, 'bench', 'figure.submitted')`)
		on.must(err)
		var ours, bare []time.Duration
		for b.Loop() {
			i := len(ours)
			start := time.Now()
			tx, err := db.Begin()
			on.must(err)
			_, err = tx.Stmt(row).Exec(i*7919%1600, i) //nolint:sqlclosecheck // the transaction ends it
			on.must(err)
			_, err = tx.Stmt(event).Exec(i) //nolint:sqlclosecheck // the transaction ends it
			on.must(err)
			on.must(tx.Commit())
			bare = append(bare, time.Since(start))
			start = time.Now()
			_, err = s.SubmitStrip(ctx, figure("inv", luoshi.UnitID(i*7919%1600+1), 12, "206.11"), luoshi.Event{Intent: "figure.report"})
			on.must(err)
			ours = append(ours, time.Since(start))
		}
		median := func(list []time.Duration) float64 {
			slices.Sort(list)
			return float64(list[len(list)/2].Microseconds())
		}
		b.ReportMetric(median(ours), "µs/ours")
		b.ReportMetric(median(bare), "µs/bare")
		b.ReportMetric(median(ours)/median(bare), "ratio")
	})
}
