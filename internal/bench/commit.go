package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/store"
	"luoshi.dev/rollup"
)

// commits is how many single figures are submitted, in turn with as many bare
// commits, so that whatever else the machine does hits both alike.
const commits = 400

// commit measures one figure from submission until it is durable and in the
// total of every ancestor, against the bare commit of that row and its event.
func (r *run) commit(ctx context.Context, w *World, st *store.Store, dsn string) (err error) {
	bare, err := openBare(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bare.close()) }()
	cube, _ := rollup.NewCube(w.Tree, w.Indicators)
	code := w.Indicators[0].Code
	cube.Load(code, ThisYear, w.Strips(0, ThisYear))
	var ours, theirs []time.Duration
	for i := range commits {
		r.progress("bench_measure", int64(i), commits)
		took, err := bare.commit(ctx, i)
		if err != nil {
			return err
		}
		theirs = append(theirs, took)
		if took, err = submit(ctx, st, cube, w, i); err != nil {
			return err
		}
		ours = append(ours, took)
	}
	r.ratio(on("commit", w, st.Dialect()), median(ours), median(theirs), 1.3)
	shown, err := untilShown(ctx, st, w)
	if err != nil {
		return err
	}
	r.note(on("shown", w, st.Dialect()), shown)
	return nil
}

// submit records the i-th figure and brings the cube up to date; it checks that
// the top's total has moved by the difference.
func submit(ctx context.Context, st *store.Store, cube *rollup.Cube, w *World, i int) (time.Duration, error) {
	code, unit := w.Indicators[0].Code, w.Tree.Nodes[w.Parts[i%len(w.Parts)]].ID
	before := cube.Totals(code, ThisYear, 12, luoshi.Cumulative)[0]
	old, err := st.Strip(ctx, code, ThisYear, unit, time.Time{})
	if err != nil {
		return 0, err
	}
	value := old.Whole.Cumulative[11].Value + 7
	f := luoshi.Figure{
		Indicator: code, Unit: unit, Period: luoshi.ToDate(ThisYear, 12), Basis: luoshi.Cumulative, Scope: luoshi.Whole,
		Value: luoshi.Unscaled(value, 2), Status: luoshi.Revised, By: "bench",
	}
	start := time.Now()
	strip, err := st.SubmitStrip(ctx, f, luoshi.Event{Intent: "figure.report", Actor: 1, Object: "figure"})
	if err != nil {
		return 0, err
	}
	cube.Put(code, strip)
	took := time.Since(start)
	if now := cube.Totals(code, ThisYear, 12, luoshi.Cumulative)[0]; now != before+7 {
		return 0, fmt.Errorf("the total is %d, not %d", now, before+7)
	}
	return took, nil
}

// untilShown is how long after a figure was submitted the next board shows it.
func untilShown(ctx context.Context, st *store.Store, w *World) (time.Duration, error) {
	svc := service.New(st, asOf)
	if _, err := svc.Board(ctx, service.BoardQuery{}); err != nil {
		return 0, err
	}
	f := luoshi.Figure{
		Indicator: w.Indicators[0].Code, Unit: w.Tree.Nodes[w.Parts[0]].ID, Period: luoshi.ToDate(ThisYear, 12), Basis: luoshi.Cumulative,
		Scope: luoshi.Whole, Value: luoshi.Unscaled(1, 2), Status: luoshi.Revised, By: "bench",
	}
	start := time.Now()
	if err := st.Submit(ctx, f); err != nil {
		return 0, err
	}
	_, err := svc.Board(ctx, service.BoardQuery{})
	return time.Since(start), err
}

// bare writes the row of a figure and of an event with nothing around them: two
// tables of the same columns in the same database, one connection with the same
// settings, statements prepared once.
type bare struct {
	db            *sql.DB
	figure, event *sql.Stmt
}

func openBare(ctx context.Context, dsn string) (*bare, error) {
	driver, address := "sqlite", "file:"+strings.TrimPrefix(dsn, "sqlite:")+
		"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=cache_size(-65536)&_txlock=immediate"
	if strings.HasPrefix(dsn, "postgres") {
		driver, address = "pgx", dsn
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		return nil, fmt.Errorf("open bare: %w", err)
	}
	db.SetMaxOpenConns(1)
	b := &bare{db: db}
	if err := b.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("prepare bare: %w", err), b.close())
	}
	return b, nil
}

func (b *bare) prepare(ctx context.Context) (err error) {
	for _, text := range []string{
		`CREATE TABLE IF NOT EXISTS bare_figure (indicator INTEGER, year INTEGER, unit BIGINT, month_to INTEGER, basis INTEGER, scope INTEGER,
			seq BIGINT, month_from INTEGER, value BIGINT, scale INTEGER, growth INTEGER, status INTEGER, sample INTEGER, source BIGINT,
			recorded_at BIGINT, recorded_by BIGINT, batch BIGINT, withdraws BIGINT,
			PRIMARY KEY (indicator, year, unit, month_to, basis, scope, seq))`,
		`CREATE TABLE IF NOT EXISTS bare_event (seq BIGINT PRIMARY KEY, happened_at BIGINT, actor BIGINT, behalf BIGINT, intent TEXT, object TEXT, unit BIGINT,
			was TEXT, became TEXT, reason TEXT, request TEXT, covers TEXT, prev TEXT, hash TEXT)`,
	} {
		if _, err := b.db.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	b.figure, err = b.db.PrepareContext(ctx, `INSERT INTO bare_figure VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18)`)
	if err != nil {
		return err
	}
	b.event, err = b.db.PrepareContext(ctx, `INSERT INTO bare_event VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)`)
	return err
}

func (b *bare) commit(ctx context.Context, i int) (time.Duration, error) {
	start := time.Now()
	tx, err := b.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback() // after Commit it does nothing
	figure, event := tx.StmtContext(ctx, b.figure), tx.StmtContext(ctx, b.event)
	defer func() { _, _ = figure.Close(), event.Close() }() // the transaction's own, closed with it in any case
	at := clock().UnixMicro()
	if _, err := figure.ExecContext(ctx, 1, ThisYear, i*7919%1600, 12, 2, 1, i, 1, 20611, 2, nil, 4, 0, 1, at, 1, 0, 0); err != nil {
		return 0, fmt.Errorf("bare figure: %w", err)
	}
	if _, err := event.ExecContext(ctx, i, at, 1, 0, "figure.report", "figure", 1, "", "", "", "", bareCovers, bareHash, bareHash); err != nil {
		return 0, fmt.Errorf("bare event: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return 0, fmt.Errorf("bare commit: %w", err)
	}
	return time.Since(start), nil
}

// What an event holds beside who and what: which rows it answers for, and two hashes.
var (
	bareHash   = strings.Repeat("0123456789abcdef", 4)
	bareCovers = `[{"table":"figure","key":[1,2020,1],"rows":1,"sum":"` + strings.Repeat(bareHash, 4) + `"}]`
)

func (b *bare) close() error {
	var err error
	for _, s := range []*sql.Stmt{b.figure, b.event} {
		if s != nil {
			err = errors.Join(err, s.Close())
		}
	}
	return errors.Join(err, b.db.Close())
}
