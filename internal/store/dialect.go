package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"modernc.org/sqlite"

	"luoshi.dev"
)

// dialect is everything in which the two databases differ.
type dialect interface {
	name() string
	open(dsn string, readOnly bool) (write, read *sql.DB, err error)
	// tables tells whether our version table is there, and tables of others.
	tables(ctx context.Context, db querier) (ours, others bool, err error)
	words() *strings.Replacer // of the migrations
	goose() goose.Dialect
	migrating() ([]goose.ProviderOption, error)
	singleWriter() bool
	snapshot() *sql.TxOptions // a transaction that reads one state throughout
	// planNumber asks for the plan's number, the last unit, and the last number drawn
	// for a figure where a table keeps it, else 0.
	planNumber() string
	// serials takes n numbers, ascending and above all taken before.
	serials(ctx context.Context, tx writer, name string, n int) ([]int64, error)
	// restart makes the next number of a serial greater than last.
	restart(ctx context.Context, tx writer, name string, last int64) error
	// mark is the placeholder of the i-th of many values. SQLite knows $1 too, but
	// looks every one of them up by name.
	mark(i int) string
	// insert adds many rows; row fills the values of the i-th.
	insert(ctx context.Context, tx *Tx, table string, columns []string, n int, row func(i int, values []any)) error
	// newestOutlook joins to units u the newest outlook o of indicator $1 and year $2
	// recorded by $3, by one search for each.
	newestOutlook() string
	// hurry makes waiting for a lock end soon, until it is called off.
	hurry(ctx context.Context, tx writer, on bool) error
	explain(err error) (luoshi.Code, string)
	retry(err error) bool
}

func dialectOf(dsn string) dialect {
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		return postgresDialect{}
	}
	return sqliteDialect{}
}

// sqliteDialect is the database inside the program.
type sqliteDialect struct{}

func (sqliteDialect) name() string             { return "sqlite" }
func (sqliteDialect) goose() goose.Dialect     { return goose.DialectSQLite3 }
func (sqliteDialect) singleWriter() bool       { return true }
func (sqliteDialect) snapshot() *sql.TxOptions { return &sql.TxOptions{ReadOnly: true} }
func (sqliteDialect) retry(error) bool         { return false }
func (sqliteDialect) hurry(context.Context, writer, bool) error {
	return nil // one writer: nobody to wait for
}
func (sqliteDialect) mark(int) string { return "?" }
func (sqliteDialect) words() *strings.Replacer {
	return strings.NewReplacer("{key}", "TEXT", "{blob}", "BLOB", "{clustered}", "WITHOUT ROWID")
}
func (sqliteDialect) migrating() ([]goose.ProviderOption, error) { return nil, nil }

// sqliteReaders is the size of the pool of readers.
const sqliteReaders = 8

// open makes one connection that writes and a pool that reads. WAL lets readers
// go on while the writer writes; synchronous=FULL makes a commit survive a power
// cut; a writer of another process is waited for ten seconds. Readers hold little: what
// they read again is in the system's memory, and a file mapped into each of them counts
// as the program's.
func (sqliteDialect) open(dsn string, readOnly bool) (write, read *sql.DB, err error) {
	path := strings.TrimPrefix(dsn, "sqlite:")
	address := func(pairs ...string) string {
		q := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			q.Add(pairs[i], pairs[i+1])
		}
		escaped := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
		return "file:" + escaped + "?" + q.Encode()
	}
	reading := []string{"_pragma", "busy_timeout(10000)", "_pragma", "foreign_keys(1)", "_pragma", "cache_size(-4000)"}
	if readOnly {
		read, err = sql.Open("sqlite", address(append(reading, "mode", "ro")...))
		if err == nil {
			read.SetMaxOpenConns(sqliteReaders)
		}
		return read, read, err
	}
	write, err = sql.Open("sqlite", address("_pragma", "busy_timeout(10000)", "_pragma", "foreign_keys(1)", "_pragma", "page_size(8192)",
		"_pragma", "journal_mode(WAL)", "_pragma", "synchronous(FULL)", "_pragma", "cache_size(-65536)", "_txlock", "immediate"))
	if err != nil {
		return nil, nil, err
	}
	write.SetMaxOpenConns(1)
	if err := ready(write); err != nil {
		return nil, nil, errors.Join(err, write.Close())
	}
	read, err = sql.Open("sqlite", address(append(reading, "_pragma", "query_only(1)")...))
	if err != nil {
		return nil, nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(sqliteReaders)
	read.SetMaxIdleConns(sqliteReaders)
	return write, read, nil
}

// ready makes the file and its journal before the first reader comes. Turning WAL on
// does not wait for another process that does the same, so we do, for a second.
func ready(db *sql.DB) (err error) {
	for range 50 {
		var e *sqlite.Error
		if err = db.Ping(); !errors.As(err, &e) || e.Code()&0xff != sqliteBusy {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
	return err
}

func (sqliteDialect) tables(ctx context.Context, db querier) (ours, others bool, err error) {
	var all, mine int
	err = db.QueryRowContext(ctx, `SELECT count(*), count(*) FILTER (WHERE name = $1) FROM sqlite_master WHERE type = 'table'`, migrationTable).Scan(&all, &mine)
	return mine > 0, all > 0, err
}

func (sqliteDialect) planNumber() string {
	return `SELECT number, last_unit, (SELECT value FROM serial WHERE name = 'figure') FROM plan`
}

const nextSerial = `UPDATE serial SET value = value + $1 WHERE name = $2 RETURNING value`

func (sqliteDialect) serials(ctx context.Context, tx writer, name string, n int) ([]int64, error) {
	var last int64
	err := tx.QueryRowContext(ctx, nextSerial, n, name).Scan(&last)
	list := make([]int64, n)
	for i := range list {
		list[i] = last - int64(n-1-i)
	}
	return list, err
}

func (sqliteDialect) restart(ctx context.Context, tx writer, name string, last int64) error {
	_, err := tx.ExecContext(ctx, `UPDATE serial SET value = $1 WHERE name = $2`, last, name)
	return err
}

func (sqliteDialect) insert(ctx context.Context, tx *Tx, table string, columns []string, n int, row func(int, []any)) error {
	return insertRows(ctx, tx, table, columns, n, row, max(1, 1500/len(columns)))
}

func (sqliteDialect) newestOutlook() string {
	return `JOIN outlook o ON o.indicator = $1 AND o.year = $2 AND o.unit = u.unit
		AND o.recorded_at = (SELECT max(m.recorded_at) FROM outlook m WHERE m.indicator = $1 AND m.year = $2 AND m.unit = u.unit AND m.recorded_at <= $3)`
}

// insertWords is the statement that adds so many rows.
func insertWords(table string, columns []string, rows int, mark func(int) string) string {
	return "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES " + marks(rows, len(columns), mark)
}

// insertRows writes `chunk` rows a statement.
func insertRows(ctx context.Context, tx *Tx, table string, columns []string, n int, row func(int, []any), chunk int) error {
	var many *sql.Stmt
	args := make([]any, 0, chunk*len(columns))
	for from := 0; from < n; from += chunk {
		rows := min(chunk, n-from)
		args = args[:rows*len(columns)]
		for i := range rows {
			row(from+i, args[i*len(columns):(i+1)*len(columns)])
		}
		if rows < chunk || n < 2*chunk {
			if _, err := tx.sql.ExecContext(ctx, insertWords(table, columns, rows, tx.s.d.mark), args...); err != nil {
				return fmt.Errorf("insert into %s: %w", table, err)
			}
			continue
		}
		if many == nil {
			var err error
			if many, err = tx.sql.PrepareContext(ctx, insertWords(table, columns, chunk, tx.s.d.mark)); err != nil {
				return fmt.Errorf("insert into %s: %w", table, err)
			}
			defer func() { _ = many.Close() }() // the transaction ends it
		}
		if _, err := many.ExecContext(ctx, args...); err != nil {
			return fmt.Errorf("insert into %s: %w", table, err)
		}
	}
	return nil
}

// SQLite's primary result codes (the low byte of an extended one).
const (
	sqliteBusy, sqliteLocked, sqliteReadOnly = 5, 6, 8
	sqliteCorrupt, sqliteFull, sqliteCannot  = 11, 13, 14
	sqliteConstraint, sqliteNotDB            = 19, 26
)

func (sqliteDialect) explain(err error) (luoshi.Code, string) {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return "", ""
	}
	switch e.Code() & 0xff {
	case sqliteBusy, sqliteLocked:
		return luoshi.Unavailable, "store.busy"
	case sqliteReadOnly:
		return luoshi.Unavailable, "store.read_only"
	case sqliteFull:
		return luoshi.Unavailable, "store.full"
	case sqliteCannot:
		return luoshi.Unavailable, "store.unreachable"
	case sqliteCorrupt:
		return luoshi.Internal, "store.damaged"
	case sqliteNotDB:
		return luoshi.Invalid, "store.not_luoshi"
	case sqliteConstraint:
		return luoshi.Conflict, "store.collision"
	}
	return "", ""
}

// postgresDialect is a server beside the program, shared by any number of them.
type postgresDialect struct{}

func (postgresDialect) name() string         { return "postgres" }
func (postgresDialect) goose() goose.Dialect { return goose.DialectPostgres }
func (postgresDialect) singleWriter() bool   { return false }
func (postgresDialect) mark(i int) string    { return "$" + strconv.Itoa(i) }
func (postgresDialect) snapshot() *sql.TxOptions {
	return &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}
}
func (postgresDialect) words() *strings.Replacer {
	return strings.NewReplacer("{key}", `TEXT COLLATE "C"`, "{blob}", "BYTEA", "{clustered}", "")
}

// migrating makes servers that start together migrate one after the other.
func (postgresDialect) migrating() ([]goose.ProviderOption, error) {
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 120))
	return []goose.ProviderOption{goose.WithSessionLocker(locker)}, err
}

// postgresConnections is the size of the pool.
const postgresConnections = 20

func (postgresDialect) open(dsn string, readOnly bool) (write, read *sql.DB, err error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, nil, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("store.address"), Err: err}
	}
	if _, named := config.RuntimeParams["application_name"]; !named {
		config.RuntimeParams["application_name"] = "luoshi"
	}
	if readOnly {
		config.RuntimeParams["default_transaction_read_only"] = "on"
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(postgresConnections)
	db.SetMaxIdleConns(postgresConnections)
	return db, db, nil
}

func (postgresDialect) tables(ctx context.Context, db querier) (ours, others bool, err error) {
	var mine int
	err = db.QueryRowContext(ctx, `SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = $1`, migrationTable).Scan(&mine)
	return mine > 0, false, err
}

func (postgresDialect) planNumber() string { return `SELECT number, last_unit, 0 FROM plan` }

func (postgresDialect) serials(ctx context.Context, tx writer, name string, n int) ([]int64, error) {
	rows, err := tx.QueryContext(ctx, `SELECT nextval('serial_`+name+`') FROM generate_series(1, $1)`, n)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Err tells
	list := make([]int64, 0, n)
	for rows.Next() {
		var v int64
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

func (postgresDialect) restart(ctx context.Context, tx writer, name string, last int64) error {
	var v int64
	if last == 0 {
		return nil
	}
	return tx.QueryRowContext(ctx, `SELECT setval('serial_`+name+`', $1)`, last).Scan(&v)
}

// copyFrom is the number of rows from which COPY is quicker than INSERT.
const copyFrom = 64

func (postgresDialect) insert(ctx context.Context, tx *Tx, table string, columns []string, n int, row func(int, []any)) error {
	if n < copyFrom || tx.conn == nil { // a migration has no connection of ours
		return insertRows(ctx, tx, table, columns, n, row, copyFrom)
	}
	return tx.conn.Raw(func(driver any) error {
		conn := driver.(*stdlib.Conn).Conn()
		values, i := make([]any, len(columns)), 0
		_, err := conn.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromFunc(func() ([]any, error) {
			if i == n {
				return nil, nil
			}
			row(i, values)
			i++
			return values, nil
		}))
		if err != nil {
			return fmt.Errorf("copy into %s: %w", table, err)
		}
		return nil
	})
}

func (postgresDialect) newestOutlook() string {
	return `CROSS JOIN LATERAL (SELECT * FROM outlook m WHERE m.indicator = $1 AND m.year = $2 AND m.unit = u.unit AND m.recorded_at <= $3
		ORDER BY m.recorded_at DESC LIMIT 1) o`
}

func (postgresDialect) explain(err error) (luoshi.Code, string) {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		switch {
		case e.Code == "23505":
			return luoshi.Conflict, "store.collision"
		case e.Code == "53100":
			return luoshi.Unavailable, "store.full"
		case e.Code == "25006":
			return luoshi.Unavailable, "store.read_only"
		case e.Code == "40001", e.Code == "40P01", e.Code == "55P03", strings.HasPrefix(e.Code, "53"):
			return luoshi.Unavailable, "store.busy"
		case strings.HasPrefix(e.Code, "08"), strings.HasPrefix(e.Code, "57P"), strings.HasPrefix(e.Code, "28"), e.Code == "3D000":
			return luoshi.Unavailable, "store.unreachable"
		}
		return "", ""
	}
	var connect *pgconn.ConnectError
	var network net.Error
	if errors.As(err, &connect) || errors.As(err, &network) && !errors.Is(err, context.DeadlineExceeded) || pgconn.SafeToRetry(err) {
		return luoshi.Unavailable, "store.unreachable"
	}
	return "", ""
}

func (postgresDialect) hurry(ctx context.Context, tx writer, on bool) error {
	limit := "0"
	if on {
		limit = "'20ms'"
	}
	_, err := tx.ExecContext(ctx, `SET LOCAL lock_timeout = `+limit)
	return err
}

// retry reports a transaction that lost against another one and may be repeated.
func (postgresDialect) retry(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01" || e.Code == "55P03")
}
