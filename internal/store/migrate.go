package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"strings"

	"github.com/pressly/goose/v3"
)

// migrationTable keeps the numbers of the migrations that have run.
const migrationTable = "luoshi_migration"

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrationNames lists the migrations in order; number n is the n-th. A released
// one is never edited. Each may have a part for one dialect beside it.
var migrationNames = []string{"0001_core", "0002_people", "0003_event_object", "0004_outlook", "0005_catchup"}

// newest is the version that this program writes.
func newest() int64 { return int64(len(migrationNames)) }

// migration reads the statements of one version for the dialect.
func migration(d dialect, name string) ([]string, error) {
	var all []string
	for _, file := range []string{name + ".sql", name + "." + d.name() + ".sql"} {
		text, err := migrationFiles.ReadFile("migrations/" + file)
		if err != nil && !strings.HasSuffix(file, d.name()+".sql") {
			return nil, err
		}
		var plain strings.Builder
		for line := range strings.Lines(string(text)) {
			if !strings.HasPrefix(strings.TrimSpace(line), "--") {
				plain.WriteString(line)
			}
		}
		for statement := range strings.SplitSeq(d.words().Replace(plain.String()), ";\n") {
			if strings.TrimSpace(statement) != "" {
				all = append(all, statement)
			}
		}
	}
	return all, nil
}

// Migrate brings the database to the version of this program; it does nothing
// when it already is. Several servers may call it at once.
func (s *Store) Migrate(ctx context.Context) error { return s.migrateTo(ctx, newest()) }

func (s *Store) migrateTo(ctx context.Context, version int64) error {
	if have, err := s.Version(ctx); err != nil || have >= version {
		return err
	}
	var list []*goose.Migration
	for i, name := range migrationNames {
		statements, err := migration(s.d, name)
		if err != nil {
			return s.fail(err, "read migration %s", name)
		}
		run := func(ctx context.Context, tx *sql.Tx) error {
			for _, statement := range statements {
				if _, err := tx.ExecContext(ctx, statement); err != nil {
					return fmt.Errorf("%s: %w", strings.TrimSpace(statement), err)
				}
			}
			if i+1 == objectVersion {
				return s.catchUp(ctx, tx)
			}
			return nil
		}
		list = append(list, goose.NewGoMigration(int64(i+1), &goose.GoFunc{RunTx: run}, nil))
	}
	options, err := s.d.migrating()
	if err != nil {
		return s.fail(err, "migrate")
	}
	options = append(options, goose.WithGoMigrations(list...), goose.WithTableName(migrationTable),
		goose.WithDisableGlobalRegistry(true), goose.WithSlog(s.log))
	provider, err := goose.NewProvider(s.d.goose(), s.write, nil, options...)
	if err != nil {
		return s.fail(err, "migrate")
	}
	results, err := provider.UpTo(ctx, version)
	if err != nil {
		if have, _ := s.Version(ctx); have >= version {
			return nil // another process on the same file was quicker
		}
		return s.fail(err, "migrate")
	}
	for _, r := range results {
		s.log.Info("migrated", "version", r.Source.Version, "took", r.Duration)
	}
	return nil
}

// objectVersion is the version from which events are found by their objects, and
// from which on every row has an event that answers for it.
const objectVersion = 3

// outlookVersion is the version from which outlooks are kept.
const outlookVersion = 4

// catchUpVersion is the version from which capacities and catch-up plans are kept.
const catchUpVersion = 5

// catchUp gives a database that is older than its history what it lacks, within the
// migration: events get their index; where there are none yet, one answers for all
// the rows that are there. It never happens again: a history that is taken out later
// is missed.
func (s *Store) catchUp(ctx context.Context, inner *sql.Tx) error {
	tx := &Tx{s: s, sql: writer{inner, nil, map[string]*sql.Stmt{}}, now: s.clock().UnixMicro(), sums: sums{}}
	var begun bool
	if err := inner.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM event)`).Scan(&begun); err != nil {
		return err
	}
	if begun {
		return tx.indexEvents(ctx)
	}
	return tx.adopt(ctx)
}

// Version is the number of the last migration that has run, 0 for none.
func (s *Store) Version(ctx context.Context) (int64, error) {
	ours, _, err := s.d.tables(ctx, s.read)
	if err != nil || !ours {
		return 0, s.fail(err, "read version")
	}
	var v sql.NullInt64
	err = s.read.QueryRowContext(ctx, `SELECT max(version_id) FROM `+migrationTable).Scan(&v)
	return v.Int64, s.fail(err, "read version")
}
