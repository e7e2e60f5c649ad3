package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"luoshi.dev"
)

// Options change how a store is opened; the zero value is the usual way.
type Options struct {
	ReadOnly bool
	Log      *slog.Logger     // nil = silent
	Clock    func() time.Time // nil = time.Now; what the store records as "now"
}

// Store is one open database. It is safe for concurrent use.
type Store struct {
	d        dialect
	write    *sql.DB // SQLite: one connection
	read     *sql.DB // SQLite: a pool; PostgreSQL: the same as write
	clock    func() time.Time
	log      *slog.Logger
	readOnly bool

	book    atomic.Pointer[book]
	phrases sync.Map // string -> int64, committed ones only
	days    sync.Map // luoshi.Date, committed ones only
	group   *group   // gathers Submit; nil where nothing is written
	stock   stock    // of numbers for figures, on SQLite; its writer's
	end     end      // of the history, on SQLite; its writer's
	kept    prepared // what every page and every submission asks

	seen seen // the state last looked at, on SQLite

	closing sync.Once
	closed  error
}

// Open opens the database at dsn: "postgres://…" a server, "sqlite:path" or a
// path a file, which is made when it is not there. It refuses what is not a
// luoshi database, or was written by a newer luoshi. Call [Store.Migrate] before
// the first use.
func Open(ctx context.Context, dsn string, opt Options) (*Store, error) {
	s := &Store{clock: opt.Clock, log: opt.Log, readOnly: opt.ReadOnly}
	if s.clock == nil {
		s.clock = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	s.d = dialectOf(dsn)
	var err error
	if s.write, s.read, err = s.d.open(dsn, opt.ReadOnly); err != nil {
		return nil, s.fail(err, "open database")
	}
	if err := s.examine(ctx); err != nil {
		return nil, errors.Join(err, s.closePools())
	}
	if !opt.ReadOnly {
		s.group = newGroup(s)
	}
	return s, nil
}

// examine refuses a database that is not ours, or newer than the program.
func (s *Store) examine(ctx context.Context) error {
	ours, others, err := s.d.tables(ctx, s.read)
	if err != nil {
		return s.fail(err, "open database")
	}
	if !ours {
		if others {
			return &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("store.not_luoshi")}
		}
		return nil
	}
	have, err := s.Version(ctx)
	if err != nil {
		return err
	}
	if want := newest(); have > want {
		return &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("store.newer", "have", int(have), "want", int(want))}
	}
	return nil
}

// Close waits for what is being written and closes the database. Closed again it
// does nothing and says what it said.
func (s *Store) Close() error {
	s.closing.Do(func() {
		if s.group != nil {
			s.group.stop()
		}
		s.closed = s.fail(errors.Join(s.seen.close(), s.kept.close(), s.closePools()), "close database")
	})
	return s.closed
}

func (s *Store) closePools() error {
	err := s.read.Close()
	if s.write != s.read {
		err = errors.Join(err, s.write.Close())
	}
	return err
}

// Dialect is "sqlite" or "postgres".
func (s *Store) Dialect() string { return s.d.name() }

// Tx is one transaction of writing. It is valid inside the function given to
// [Store.Write] and for one goroutine.
type Tx struct {
	s    *Store
	conn *sql.Conn
	sql  writer
	now  int64 // the transaction's instant

	planAt  int64 // instant of what is recorded on the plan side, 0 = not locked
	parts   map[part]*held
	book    *book
	phrases map[string]int64     // new ones
	days    map[luoshi.Date]bool // new ones
	drawn   int64                // the last number drawn for a figure, on SQLite
	stock   stock

	events []luoshi.Event            // of the history, to be chained at the end
	end    end                       // of the history
	sums   sums                      // of the rows written that no event of its own answers for
	single func(input int, one *sum) // takes the sum of each figure, or nil
	buffer []byte

	waiting int                                    // packed rows to be written, at most
	packed  func(code string, strip *luoshi.Strip) // is shown every new packed row, or nil
}

// At is the transaction's instant: when what it writes was learned.
func (tx *Tx) At() time.Time { return fromMicros(tx.now) }

// attempts bounds how often a transaction is repeated that lost against another.
const attempts = 6

// claims are the locks that an earlier attempt asked for. All take them in this
// order, each kind sorted, so that nobody waits for one who waits for him.
type claims struct {
	plan    bool
	phrases []string
	parts   []part
}

// Write runs fn in one transaction: all that it writes is kept, or nothing where
// it returns an error. On PostgreSQL, where another writer stands in its way, fn
// is run again, with the locks of the first attempt taken beforehand in their
// order; so it must have no effect but through tx.
func (s *Store) Write(ctx context.Context, fn func(tx *Tx) error) error {
	var err error
	var before claims
	for range attempts {
		err = s.attempt(ctx, &before, fn)
		if err == nil || !s.d.retry(err) || ctx.Err() != nil {
			break
		}
		s.log.Info("transaction repeated", "error", err)
	}
	return s.fail(err, "write")
}

func (s *Store) attempt(ctx context.Context, before *claims, fn func(tx *Tx) error) error {
	if s.readOnly {
		return &luoshi.Error{Code: luoshi.Unavailable, Message: luoshi.Say("store.read_only")}
	}
	if err := s.kept.prepare(ctx, s); err != nil {
		return err
	}
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // back to the pool
	inner, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer inner.Rollback() // after Commit it does nothing
	tx := &Tx{s: s, conn: conn, sql: writer{inner, s.kept.writes, map[string]*sql.Stmt{}}, now: s.clock().UnixMicro(), parts: map[part]*held{},
		phrases: map[string]int64{}, days: map[luoshi.Date]bool{}, sums: sums{}}
	if s.d.singleWriter() {
		tx.stock, tx.end = s.stock, s.end
	}
	if err = tx.claim(ctx, before); err == nil {
		err = fn(tx)
	}
	if err == nil {
		err = tx.writePacked(ctx)
	}
	if err == nil {
		err = tx.writeDays(ctx)
	}
	if err == nil {
		err = tx.writeEvents(ctx)
	}
	if err != nil {
		before.plan = before.plan || tx.planAt != 0
		before.phrases = slices.AppendSeq(before.phrases, maps.Keys(tx.phrases))
		before.parts = slices.AppendSeq(before.parts, maps.Keys(tx.parts))
		return err
	}
	if err := inner.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	tx.remember()
	return nil
}

// claim takes the locks of an earlier attempt, in the order in which all take them.
func (tx *Tx) claim(ctx context.Context, before *claims) error {
	if before.plan {
		if err := tx.lockPlan(ctx); err != nil {
			return err
		}
	}
	if err := tx.keepPhrases(ctx, before.phrases); err != nil {
		return err
	}
	return tx.lockAll(ctx, before.parts)
}

func (tx *Tx) lockAll(ctx context.Context, parts []part) error {
	slices.SortFunc(parts, part.compare)
	for _, p := range slices.Compact(parts) {
		if _, err := tx.lock(ctx, p, false); err != nil {
			return err
		}
	}
	return nil
}

// Lock takes the indicator-years for this transaction. One that calls
// [Tx.AddFigures] several times does well to begin with it: one that meets other
// writers in another order than theirs is begun again.
func (tx *Tx) Lock(ctx context.Context, list []IndicatorYear) error {
	b, err := tx.open(ctx)
	if err != nil {
		return err
	}
	parts := make([]part, len(list))
	for i, iy := range list {
		e, err := b.find(iy.Indicator)
		if err != nil {
			return err
		}
		parts[i] = part{e.id, iy.Year}
	}
	return tx.lockAll(ctx, parts)
}

// inTurn runs a statement that takes a lock. One that comes out of turn waits only
// briefly: others may be waiting for us, and the attempt is then repeated.
func (tx *Tx) inTurn(ctx context.Context, outOfTurn bool, statement func() error) error {
	if !outOfTurn {
		return statement()
	}
	if err := tx.s.d.hurry(ctx, tx.sql, true); err != nil {
		return err
	}
	if err := statement(); err != nil {
		return err
	}
	return tx.s.d.hurry(ctx, tx.sql, false)
}

// remember hands what is now committed, and can never change, to the store.
func (tx *Tx) remember() {
	if tx.s.d.singleWriter() {
		tx.s.stock = tx.stock
		if len(tx.events) > 0 {
			tx.s.end = tx.end
		}
	}
	for words, id := range tx.phrases {
		tx.s.phrases.Store(words, id)
	}
	for day := range tx.days {
		tx.s.days.Store(day, true)
	}
}

// markDay notes that something was recorded on the day of the instant.
func (tx *Tx) markDay(at int64) {
	day := luoshi.DateOf(fromMicros(at))
	if _, known := tx.s.days.Load(day); !known {
		tx.days[day] = true
	}
}

const keepDay = `INSERT INTO recording_day (day) VALUES ($1) ON CONFLICT (day) DO NOTHING`

// writeDays keeps the days, last and in order, so that two writers of the same
// days do not wait for each other.
func (tx *Tx) writeDays(ctx context.Context) error {
	for _, day := range slices.Sorted(maps.Keys(tx.days)) {
		if _, err := tx.sql.ExecContext(ctx, keepDay, int64(day)); err != nil {
			return tx.s.fail(err, "note day %s", day)
		}
	}
	return nil
}

// querier is what a read needs: a pool, a connection or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// each runs the query and hands every row to scan; doing is what an error says.
func (s *Store) each(ctx context.Context, q querier, doing, query string, args []any, scan func(*sql.Rows) error) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return s.fail(err, "%s", doing)
	}
	defer func() { _ = rows.Close() }() // Err has told what there is to tell
	for rows.Next() {
		if err := scan(rows); err != nil {
			return s.fail(err, "%s", doing)
		}
	}
	return s.fail(rows.Err(), "%s", doing)
}

// latest is the largest instant, for a zero asOf: all that is known.
const latest int64 = 1<<63 - 1

func micros(asOf time.Time) int64 {
	if asOf.IsZero() {
		return latest
	}
	return asOf.UnixMicro()
}

func fromMicros(at int64) time.Time { return time.UnixMicro(at).In(luoshi.Zone) }

// fail says what was being done. An error that the database explains (busy,
// unreachable, full ...) becomes a [luoshi.Error]; one that already is stays.
func (s *Store) fail(err error, doing string, args ...any) error {
	if err == nil {
		return nil
	}
	wrapped := fmt.Errorf(doing+": %w", append(args, err)...)
	var known *luoshi.Error
	if errors.As(err, &known) {
		return wrapped
	}
	if code, key := s.d.explain(err); code != "" {
		return &luoshi.Error{Code: code, Message: luoshi.Say(key), Err: wrapped}
	}
	return wrapped
}

// marks writes (m,m),(m,m) for rows of n values, mark giving the words of the i-th.
func marks(rows, n int, mark func(i int) string) string {
	var b strings.Builder
	for i := range rows * n {
		switch {
		case i == 0:
			b.WriteString("(")
		case i%n == 0:
			b.WriteString("),(")
		default:
			b.WriteString(",")
		}
		b.WriteString(mark(i + 1))
	}
	b.WriteByte(')')
	return b.String()
}
