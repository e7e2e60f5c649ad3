package bench

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/store"
)

// clock is what every database of a run records as "now".
func clock() time.Time { return luoshi.Date(20201220).Start().Add(12 * time.Hour) }

// asOf is the instant that is looked at.
func asOf() time.Time { return lastDay.End() }

// makeDatabase makes a database of its own on the server, and returns its address
// and what removes it.
func makeDatabase(ctx context.Context, server string) (dsn string, drop func() error, err error) {
	address, err := url.Parse(server)
	if err != nil {
		return "", nil, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("bench.address"), Err: err}
	}
	admin, err := sql.Open("pgx", server)
	if err != nil {
		return "", nil, fmt.Errorf("open server: %w", err)
	}
	name := "luoshi_bench_" + strconv.Itoa(os.Getpid())
	if _, err := admin.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		return "", nil, errors.Join(fmt.Errorf("make database: %w", err), admin.Close())
	}
	address.Path = "/" + name
	return address.String(), func() error {
		_, err := admin.ExecContext(context.WithoutCancel(ctx), "DROP DATABASE "+name+" WITH (FORCE)")
		return errors.Join(err, admin.Close())
	}, nil
}

// withStore opens the database for as long as fn takes.
func withStore(ctx context.Context, dsn string, fn func(st *store.Store) error) error {
	st, err := store.Open(ctx, dsn, store.Options{Clock: clock})
	if err != nil {
		return err
	}
	return errors.Join(fn(st), st.Close())
}

// database fills one database with the world, and measures what needs one.
func (r *run) database(ctx context.Context, w *World, dsn string) error {
	err := withStore(ctx, dsn, func(st *store.Store) error {
		if err := Prepare(ctx, st, w); err != nil {
			return err
		}
		done, err := 0, error(nil)
		if r.wants("import") {
			if done, err = r.importCSV(ctx, w, st); err != nil {
				return err
			}
		}
		if r.wants("commit", "start", "pages") {
			err = r.fill(ctx, w, st, done)
		}
		return err
	})
	if err != nil {
		return err
	}
	if r.wants("start") {
		if err := r.start(ctx, w, dsn); err != nil {
			return err
		}
	}
	if r.wants("pages") && w.Name != "nation" {
		if err := r.pages(ctx, w, dsn); err != nil {
			return err
		}
	}
	if r.wants("commit") {
		return withStore(ctx, dsn, func(st *store.Store) error { return r.commit(ctx, w, st, dsn) })
	}
	return nil
}

// Prepare records everything of the world but its figures.
func Prepare(ctx context.Context, st *store.Store, w *World) error {
	if err := st.Migrate(ctx); err != nil {
		return err
	}
	return st.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.NewUnitIDs(ctx, len(w.Units)); err != nil {
			return err
		}
		if err := tx.AddUnits(ctx, w.Units); err != nil {
			return err
		}
		if err := tx.AddIndicators(ctx, w.Indicators); err != nil {
			return err
		}
		return tx.AddTargets(ctx, w.Targets())
	})
}

// fill records the figures of the indicators from the first-th on.
func (r *run) fill(ctx context.Context, w *World, st *store.Store, first int) error {
	for k := first; k < len(w.Indicators); k++ {
		r.progress("bench_fill", int64(k), int64(len(w.Indicators)))
		err := st.Write(ctx, func(tx *store.Tx) error {
			return errors.Join(tx.AddFigures(ctx, 0, w.Figures(k, LastYear)), tx.AddFigures(ctx, 0, w.Figures(k, ThisYear)))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// importRows is about how many figures are taken in from one file.
const importRows = 350_000

// importCSV writes the first indicators' figures as a CSV file and takes it in,
// as a person would: read, checked against units, calendar and neighbours, saved.
func (r *run) importCSV(ctx context.Context, w *World, st *store.Store) (indicators int, err error) {
	indicators = min(len(w.Indicators), max(1, len(w.Indicators)*importRows/w.Values()))
	text, rows := w.CSV(indicators)
	r.progress("bench_measure", 0, int64(rows))
	svc := service.New(st, clock)
	start := time.Now()
	report, err := svc.ImportReader(ctx, bytes.NewReader(text), int64(len(text)), service.ImportOptions{
		Name: "bench.csv", By: "bench", Progress: func(_ string, done, total int64) { r.progress("bench_measure", done, total) },
	})
	took := time.Since(start)
	switch {
	case err != nil:
		return 0, fmt.Errorf("import: %w", err)
	case len(report.Problems) > 0:
		return 0, fmt.Errorf("import: %s", report.Problems[0].Message)
	case report.Rows() != rows || !report.Saved:
		return 0, fmt.Errorf("import: %d of %d rows", report.Rows(), rows)
	}
	bar := 100_000.0
	if st.Dialect() != "sqlite" {
		bar = 150_000
	}
	r.rate(on("import", w, st.Dialect()), rows, took, bar)
	return indicators, nil
}

// on names a row about the world in a database.
func on(what string, w *World, dialect string) luoshi.Message {
	m := say(what, w)
	m.Args["database"] = luoshi.Say("bench.database." + dialect)
	return m
}

// CSV writes the figures of the first indicators as a table to import.
func (w *World) CSV(indicators int) (text []byte, rows int) {
	var b bytes.Buffer
	b.WriteString("indicator,unit_code,period,basis,value,status\n")
	for k := range indicators {
		for _, year := range []int{LastYear, ThisYear} {
			for _, i := range w.Parts {
				unit, total := w.Tree.Nodes[i], int64(0)
				for m := 1; m <= 12; m++ {
					total += w.Single(k, unit.ID, year, m)
					fmt.Fprintf(&b, "%s,%s,%d-%02d,cumulative,%d.%02d,preliminary\n", w.Indicators[k].Code, unit.Code, year, m, total/100, total%100)
					rows++
				}
			}
		}
	}
	return b.Bytes(), rows
}

// start measures a server's start: open the database, load, show the first board.
func (r *run) start(ctx context.Context, w *World, dsn string) error {
	var took []time.Duration
	for range 3 {
		one, err := FirstBoard(ctx, dsn, len(w.Indicators))
		if err != nil {
			return err
		}
		took = append(took, one)
	}
	bar := time.Second
	if w.Name == "nation" {
		bar = 10 * time.Second
	}
	dialect := "sqlite"
	if strings.HasPrefix(dsn, "postgres") {
		dialect = "postgres"
	}
	r.within(on("start", w, dialect), median(took), bar)
	return nil
}

// FirstBoard opens a filled database and shows one board, and tells how long that
// took.
func FirstBoard(ctx context.Context, dsn string, indicators int) (time.Duration, error) {
	start := time.Now()
	st, err := store.Open(ctx, dsn, store.Options{Clock: clock})
	if err != nil {
		return 0, err
	}
	if err := st.Migrate(ctx); err != nil {
		return 0, errors.Join(err, st.Close())
	}
	board, err := service.New(st, asOf).Board(ctx, service.BoardQuery{})
	took := time.Since(start)
	if err == nil && len(board.Columns) != indicators {
		err = fmt.Errorf("the board has %d of %d indicators", len(board.Columns), indicators)
	}
	return took, errors.Join(err, st.Close())
}
