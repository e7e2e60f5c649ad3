package main

import (
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"database/sql/driver"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"luoshi.dev/internal/store/pgtest"
)

func open(ctx context.Context, name, dir string) (*engine, error) {
	switch name {
	case "duckdb":
		return openDuckDB(ctx, filepath.Join(dir, "figures.duckdb"))
	case "sqlite":
		return openSQLite(ctx, dir)
	}
	return openPostgres(ctx)
}

func openDuckDB(ctx context.Context, path string) (*engine, error) {
	c, err := duckdb.NewConnector(path, nil)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(c)
	e := &engine{db: db, div: "//", turns: 5, ready: "CHECKPOINT", done: db.Close}
	e.load = func(ctx context.Context, table string, columns int, next func([]any) bool) error {
		conn, err := c.Connect(ctx)
		if err != nil {
			return err
		}
		a, err := duckdb.NewAppenderFromConn(conn, "", table)
		if err != nil {
			return err
		}
		row, values := make([]any, columns), make([]driver.Value, columns)
		for next(row) {
			for i, v := range row {
				values[i] = v
			}
			if err := a.AppendRow(values...); err != nil {
				return err
			}
		}
		return errors.Join(a.Close(), conn.Close())
	}
	e.csv = func(ctx context.Context, path string) error {
		_, err := db.ExecContext(ctx, `COPY stage FROM '`+path+`' (HEADER)`)
		return err
	}
	err = db.QueryRowContext(ctx, `SELECT 'DuckDB ' || version()`).Scan(&e.version)
	return e, err
}

func openSQLite(ctx context.Context, dir string) (*engine, error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "plain.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=cache_size(-262144)&_pragma=mmap_size(4294967296)&_pragma=temp_store(MEMORY)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	e := &engine{
		db: db, div: "/", turns: 1, done: db.Close, dsn: filepath.Join(dir, "luoshi.db"),
		key: ", PRIMARY KEY (indicator, year, month, unit)", suffix: " WITHOUT ROWID", ready: "ANALYZE",
	}
	e.load = func(ctx context.Context, table string, columns int, next func([]any) bool) error {
		return insertAll(ctx, db, table, columns, next)
	}
	e.csv = func(ctx context.Context, path string) error {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }() // only read
		r := csv.NewReader(f)
		r.ReuseRecord = true
		if _, err := r.Read(); err != nil {
			return err
		}
		var wrong error
		err = insertAll(ctx, db, "stage", 6, func(row []any) bool {
			record, err := r.Read()
			if err != nil {
				if !errors.Is(err, io.EOF) {
					wrong = err
				}
				return false
			}
			for i, v := range record {
				row[i] = v
			}
			return true
		})
		return errors.Join(err, wrong)
	}
	err = db.QueryRowContext(ctx, `SELECT 'SQLite ' || sqlite_version()`).Scan(&e.version)
	return e, err
}

// insertAll inserts by one prepared statement of many rows in one transaction.
func insertAll(ctx context.Context, db *sql.DB, table string, columns int, next func([]any) bool) error {
	const chunk = 200
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	one := "(" + strings.TrimSuffix(strings.Repeat("?,", columns), ",") + ")"
	head := "INSERT INTO " + table + " VALUES "
	many, err := tx.PrepareContext(ctx, head+strings.TrimSuffix(strings.Repeat(one+",", chunk), ","))
	if err != nil {
		return err
	}
	defer func() { _ = many.Close() }() // the transaction's own
	args := make([]any, 0, chunk*columns)
	for {
		row := args[len(args) : len(args)+columns]
		if !next(row) {
			break
		}
		if args = args[:len(args)+columns]; len(args) == cap(args) {
			if _, err := many.ExecContext(ctx, args...); err != nil {
				return err
			}
			args = args[:0]
		}
	}
	if n := len(args) / columns; n > 0 {
		if _, err := tx.ExecContext(ctx, head+strings.TrimSuffix(strings.Repeat(one+",", n), ","), args...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func openPostgres(ctx context.Context) (*engine, error) {
	if os.Getenv(pgtest.Env) == "" {
		if err := os.Setenv(pgtest.Env, "1"); err != nil {
			return nil, err
		}
	}
	k := &keeper{}
	plain, err := k.database()
	if err != nil {
		return nil, err
	}
	own, err := k.database()
	if err != nil {
		k.close()
		return nil, err
	}
	config, err := pgx.ParseConfig(plain)
	if err != nil {
		k.close()
		return nil, err
	}
	config.RuntimeParams["work_mem"] = "1GB"
	db := stdlib.OpenDB(*config)
	e := &engine{db: db, div: "/", turns: 1, dsn: own, ready: "ALTER TABLE figure ADD PRIMARY KEY (indicator, year, month, unit);\nVACUUM ANALYZE"}
	e.done = func() error {
		err := db.Close()
		k.close()
		return err
	}
	e.load = func(ctx context.Context, table string, columns int, next func([]any) bool) error {
		return copyInto(ctx, db, func(conn *pgx.Conn) error {
			names, row := map[string][]string{
				"unit": {"id", "parent", "depth", "code", "target"}, "indicator": {"id", "code"}, "figure": {"indicator", "year", "month", "unit", "value"},
			}[table], make([]any, columns)
			_, err := conn.CopyFrom(ctx, pgx.Identifier{table}, names, pgx.CopyFromFunc(func() ([]any, error) {
				if !next(row) {
					return nil, nil
				}
				return row, nil
			}))
			return err
		})
	}
	e.csv = func(ctx context.Context, path string) error {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }() // only read
		return copyInto(ctx, db, func(conn *pgx.Conn) error {
			_, err := conn.PgConn().CopyFrom(ctx, f, `COPY stage FROM STDIN (FORMAT csv, HEADER)`)
			return err
		})
	}
	err = db.QueryRowContext(ctx, `SELECT 'PostgreSQL ' || split_part(current_setting('server_version'), ' ', 1)`).Scan(&e.version)
	return e, err
}

func copyInto(ctx context.Context, db *sql.DB, fn func(conn *pgx.Conn) error) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	err = conn.Raw(func(d any) error { return fn(d.(*stdlib.Conn).Conn()) })
	return errors.Join(err, conn.Close())
}

// keeper stands in for a test, which is who pgtest gives databases to.
type keeper struct {
	testing.TB
	cleanups []func()
}

func (k *keeper) database() (dsn string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return pgtest.Database(k), nil
}

func (k *keeper) close() {
	for _, f := range k.cleanups {
		f()
	}
}

func (k *keeper) Helper()                       {}
func (k *keeper) Cleanup(f func())              { k.cleanups = append(k.cleanups, f) }
func (k *keeper) Logf(format string, a ...any)  { fmt.Fprintf(os.Stderr, format+"\n", a...) }
func (k *keeper) Skipf(format string, a ...any) { panic(fmt.Sprintf(format, a...)) }
func (k *keeper) Fatalf(format string, a ...any) {
	panic(fmt.Sprintf(format, a...))
}
