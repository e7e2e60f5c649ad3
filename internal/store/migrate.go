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
var migrationNames = []string{"0001_core", "0002_people", "0003_event_object"}

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
	have, err := s.Version(ctx)
	if err != nil {
		return err
	}
	if have >= version {
		return s.catchUp(ctx, version)
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
		if now, _ := s.Version(ctx); now >= version {
			return nil // another process on the same file was quicker
		}
		return s.fail(err, "migrate")
	}
	for _, r := range results {
		s.log.Info("migrated", "version", r.Source.Version, "took", r.Duration)
	}
	return s.catchUp(ctx, version)
}

// objectVersion is the version from which events are found by their objects.
const objectVersion = 3

// catchUp gives a database that is older than its history what it lacks: one event
// that answers for all that was there before, and the index of objects.
func (s *Store) catchUp(ctx context.Context, version int64) error {
	if version < objectVersion || s.readOnly {
		return nil
	}
	var begun, indexed, rows bool
	err := s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM event), EXISTS (SELECT 1 FROM event_object),
		EXISTS (SELECT 1 FROM unit) OR EXISTS (SELECT 1 FROM indicator) OR EXISTS (SELECT 1 FROM scheme) OR EXISTS (SELECT 1 FROM goal)`).Scan(&begun, &indexed, &rows)
	if err != nil || begun && indexed || !begun && !rows {
		return s.fail(err, "look for the history")
	}
	return s.Write(ctx, func(tx *Tx) error {
		if begun {
			return tx.indexEvents(ctx)
		}
		return tx.adopt(ctx)
	})
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
