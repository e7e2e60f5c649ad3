package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/bench"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/store"
)

// other is one database beside luoshi.
type other struct {
	version    string
	indicators int           // that it was given
	sums       time.Duration // scaled to all indicators
	ranks      time.Duration
	ours       cubeTimes // luoshi's times, taken in turn
	imported   float64   // figures a second
	luoshi     float64   // luoshi's into the same database, 0 where there is none
}

// engine is what differs between the databases.
type engine struct {
	db      *sql.DB
	key     string // added to the columns of figure
	suffix  string // added after them
	div     string
	version string
	load    func(ctx context.Context, table string, columns int, next func(row []any) bool) error
	csv     func(ctx context.Context, path string) error // into stage
	dsn     string                                       // where luoshi itself can keep a database, "" = nowhere
	turns   int
	ready   string // after loading
	done    func() error
}

func beside(ctx context.Context, name, dir string, w *bench.World, ours *cube, few int, imports bool) (o *other, err error) {
	log.Print(name, ": load")
	e, err := open(ctx, name, dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.done()) }()
	o = &other{version: e.version, indicators: few}
	want := ours.few
	if name == "duckdb" {
		o.indicators, want = len(w.Indicators), ours.all
	}
	if err := e.fill(ctx, w, o.indicators); err != nil {
		return nil, err
	}
	rungs := 0
	for _, n := range w.Tree.Nodes {
		rungs = max(rungs, n.Depth)
	}
	log.Print(name, ": sums, ranks")
	scale := float64(len(w.Indicators)) / float64(o.indicators)
	var count, hash, shares, ranked int64
	for range e.turns {
		ours.turn(&o.ours)
		keep(&o.sums, func() { err = e.ask(ctx, sumsQuery(rungs), &count, &hash) })
		if err != nil {
			return nil, fmt.Errorf("sums: %w", err)
		}
		keep(&o.ranks, func() { err = e.ask(ctx, ranksQuery(rungs), &shares, &ranked) })
		if err != nil {
			return nil, fmt.Errorf("ranks: %w", err)
		}
	}
	ours.turn(&o.ours)
	if got := (answer{count, hash, shares, ranked}); got != want {
		return nil, fmt.Errorf("the answers differ: %+v, luoshi %+v", got, want)
	}
	o.sums, o.ranks = time.Duration(float64(o.sums)*scale), time.Duration(float64(o.ranks)*scale)
	if !imports {
		return o, nil
	}
	log.Print(name, ": import")
	return o, e.imports(ctx, w, dir, o)
}

func (e *engine) ask(ctx context.Context, query string, into ...any) error {
	return e.db.QueryRowContext(ctx, strings.ReplaceAll(query, "{div}", e.div)).Scan(into...)
}

func (e *engine) exec(ctx context.Context, text string) error {
	for _, one := range strings.Split(text, ";\n") {
		one = strings.ReplaceAll(one, "{key})", e.key+")"+e.suffix)
		if _, err := e.db.ExecContext(ctx, one); err != nil {
			return fmt.Errorf("%.60s: %w", strings.TrimSpace(one), err)
		}
	}
	return nil
}

// fill loads units, indicators and the figures of the first indicators.
func (e *engine) fill(ctx context.Context, w *bench.World, indicators int) error {
	if err := e.exec(ctx, tables); err != nil {
		return err
	}
	i := 0
	if err := e.load(ctx, "unit", 5, func(row []any) bool {
		if i == w.Tree.Len() {
			return false
		}
		n := w.Tree.Nodes[i]
		row[0], row[1], row[2], row[3], row[4] = int64(n.ID), int64(n.Unit.Parent), int32(n.Depth), n.Code, target(n.ID)
		i++
		return true
	}); err != nil {
		return err
	}
	i = 0
	if err := e.load(ctx, "indicator", 2, func(row []any) bool {
		if i == len(w.Indicators) {
			return false
		}
		row[0], row[1] = int32(i), w.Indicators[i].Code
		i++
		return true
	}); err != nil {
		return err
	}
	if err := e.load(ctx, "figure", 5, figures(w, indicators)); err != nil {
		return err
	}
	if e.ready == "" {
		return nil
	}
	return e.exec(ctx, e.ready)
}

// figures gives the rows in the order of the key: indicator, year, month, unit.
func figures(w *bench.World, indicators int) func(row []any) bool {
	k, year, month, part := 0, bench.LastYear, 1, 0
	sums := make([]int64, len(w.Parts))
	return func(row []any) bool {
		if part == len(w.Parts) {
			part = 0
			if month++; month == 13 {
				month = 1
				clear(sums)
				if year++; year > bench.ThisYear {
					year = bench.LastYear
					k++
				}
			}
		}
		if k == indicators {
			return false
		}
		unit := w.Tree.Nodes[w.Parts[part]].ID
		sums[part] += w.Single(k, unit, year, month)
		row[0], row[1], row[2], row[3], row[4] = int32(k), int32(year), int32(month), int64(unit), sums[part]
		part++
		return true
	}
}

// imports takes the same CSV file into the database by SQL, and into luoshi on
// that database by its import.
func (e *engine) imports(ctx context.Context, w *bench.World, dir string, o *other) error {
	indicators := max(1, 350_000/(w.Values()/len(w.Indicators)))
	text, rows := w.CSV(indicators)
	path := filepath.Join(dir, "figures.csv")
	if err := os.WriteFile(path, text, 0o644); err != nil {
		return err
	}
	if err := e.exec(ctx, stage); err != nil {
		return err
	}
	start := time.Now()
	if err := e.csv(ctx, path); err != nil {
		return fmt.Errorf("stage: %w", err)
	}
	if _, err := e.db.ExecContext(ctx, staged); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	o.imported = float64(rows) / time.Since(start).Seconds()
	var n int
	if err := e.db.QueryRowContext(ctx, `SELECT count(*) FROM imported`).Scan(&n); err != nil || n != rows {
		return errors.Join(err, fmt.Errorf("%d of %d rows were imported", n, rows))
	}
	if e.dsn == "" {
		return nil
	}
	var err error
	o.luoshi, err = importInto(ctx, e.dsn, w, text, rows)
	return err
}

func importInto(ctx context.Context, dsn string, w *bench.World, text []byte, rows int) (rate float64, err error) {
	clock := func() time.Time { return luoshi.Date(20201220).Start() }
	st, err := store.Open(ctx, dsn, store.Options{Clock: clock})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	if err := bench.Prepare(ctx, st, w); err != nil {
		return 0, err
	}
	start := time.Now()
	report, err := service.New(st, clock).ImportReader(ctx, bytes.NewReader(text), int64(len(text)), service.ImportOptions{Name: "figures.csv", By: "bench"})
	took := time.Since(start)
	if err != nil {
		return 0, err
	}
	if !report.Saved || report.Rows() != rows {
		return 0, fmt.Errorf("luoshi saved %d of %d rows: %v", report.Rows(), rows, report.Problems)
	}
	return float64(rows) / took.Seconds(), nil
}
