package store

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"

	"luoshi.dev"
)

// Restore fills the empty database at dsn, of either kind, from a backup. It
// keeps nothing unless every table has the count and hash of the manifest, and
// reads the same again after it is written.
func Restore(ctx context.Context, path, dsn string, progress Progress) error {
	return restore(ctx, path, dsn, &counter{tell: progress})
}

func restore(ctx context.Context, path, dsn string, count *counter) (err error) {
	archive, err := zip.OpenReader(path)
	if errors.Is(err, zip.ErrFormat) {
		return &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("store.not_backup"), Err: err}
	}
	if err != nil {
		return fmt.Errorf("open backup: %w", err)
	}
	defer func() { _ = archive.Close() }() // only read
	m, err := readManifest(&archive.Reader)
	if err != nil {
		return err
	}
	if count.total == 0 {
		for _, t := range m.Tables {
			count.total += 2 * t.Rows // restored, compared
		}
	}
	s, err := Open(ctx, dsn, Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.migrateTo(ctx, m.Schema); err != nil {
		return err
	}
	if err := s.mustBeEmpty(ctx); err != nil {
		return err
	}
	done := count.done
	err = s.Write(ctx, func(tx *Tx) error {
		count.done = done
		return tx.fill(ctx, &archive.Reader, m, count)
	})
	if err != nil {
		return err
	}
	again, err := s.dump(ctx, tablesOf(m.Schema), count, func(string) (io.Writer, error) { return io.Discard, nil })
	if err != nil {
		return err
	}
	for i, t := range m.Tables {
		if t.SHA256 != again[i].SHA256 || t.Rows != again[i].Rows {
			return damaged(t.Name, nil)
		}
	}
	return s.Migrate(ctx)
}

func damaged(what string, err error) error {
	return &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("store.backup_damaged", "what", what), Err: err}
}

// readManifest reads and checks what the backup says of itself.
func readManifest(archive *zip.Reader) (manifest, error) {
	var m manifest
	file, err := archive.Open(manifestName)
	if err != nil {
		return m, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("store.not_backup"), Err: err}
	}
	defer func() { _ = file.Close() }() // only read
	if err := json.NewDecoder(file).Decode(&m); err != nil {
		return m, damaged(manifestName, err)
	}
	if m.Format != backupFormat || m.Schema < 1 {
		return m, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("store.not_backup")}
	}
	if m.Schema > newest() {
		return m, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("store.newer", "have", int(m.Schema), "want", int(newest()))}
	}
	tables := tablesOf(m.Schema)
	if len(m.Tables) != len(tables) {
		return m, damaged(manifestName, nil)
	}
	for i, t := range m.Tables {
		if t.Name != tables[i].name || !slices.ContainsFunc(t.Columns, plainName.MatchString) || slices.ContainsFunc(t.Columns, oddName) {
			return m, damaged(manifestName, nil)
		}
	}
	return m, nil
}

var plainName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func oddName(column string) bool { return !plainName.MatchString(column) }

// mustBeEmpty refuses a database in which anything was ever recorded.
func (s *Store) mustBeEmpty(ctx context.Context) error {
	for _, query := range []string{`SELECT number FROM plan`, `SELECT count(*) FROM change`, `SELECT count(*) FROM batch`} {
		var n int64
		if err := s.read.QueryRowContext(ctx, query).Scan(&n); err != nil {
			return s.fail(err, "look whether the database is empty")
		}
		if n != 0 {
			return &luoshi.Error{Code: luoshi.Conflict, Message: luoshi.Say("store.not_empty")}
		}
	}
	return nil
}

// fill writes all tables and what is computed from them.
func (tx *Tx) fill(ctx context.Context, archive *zip.Reader, m manifest, count *counter) error {
	for _, table := range []string{"plan", "chain"} { // the one row that the migration puts there
		if _, err := tx.sql.ExecContext(ctx, "DELETE FROM "+table); err != nil {
			return tx.s.fail(err, "restore %s", table)
		}
	}
	for _, t := range m.Tables {
		if err := tx.fillTable(ctx, archive, t, count); err != nil {
			return err
		}
	}
	for _, serial := range [][2]string{{"figure", `SELECT coalesce(max(seq), 0) FROM figure`}, {"batch", `SELECT coalesce(max(id), 0) FROM batch`},
		{"phrase", `SELECT coalesce(max(id), 0) FROM phrase`}, {"person", `SELECT coalesce(max(id), 0) FROM person`},
		{"secret", `SELECT coalesce(max(id), 0) FROM token`}} {
		var last int64
		if err := tx.sql.QueryRowContext(ctx, serial[1]).Scan(&last); err != nil {
			return tx.s.fail(err, "restore numbers")
		}
		if err := tx.s.d.restart(ctx, tx.sql, serial[0], last); err != nil {
			return tx.s.fail(err, "restore numbers")
		}
	}
	if m.Schema >= objectVersion {
		if err := tx.indexEvents(ctx); err != nil {
			return err
		}
	}
	return tx.packAll(ctx)
}

// fillTable writes the rows of one table and checks their hash.
func (tx *Tx) fillTable(ctx context.Context, archive *zip.Reader, t tableHash, count *counter) error {
	file, err := archive.Open("tables/" + t.Name + ".jsonl")
	if err != nil {
		return damaged(t.Name, err)
	}
	defer func() { _ = file.Close() }() // only read
	hash := sha256.New()
	tee := io.TeeReader(file, hash)
	decoder := json.NewDecoder(tee)
	decoder.UseNumber()
	var rows [][]any
	var n int64
	flush := func() error {
		if len(rows) == 0 {
			return nil
		}
		err := tx.s.d.insert(ctx, tx, t.Name, t.Columns, len(rows), func(i int, values []any) { copy(values, rows[i]) })
		n += int64(len(rows))
		count.add(int64(len(rows)))
		rows = rows[:0]
		return tx.s.fail(err, "restore %s", t.Name)
	}
	for {
		var row []any
		if err := decoder.Decode(&row); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return damaged(t.Name, err)
		}
		if err := typed(row, len(t.Columns)); err != nil {
			return damaged(t.Name, err)
		}
		if rows = append(rows, row); len(rows) == tellEvery {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, tee); err != nil || n != t.Rows || hex.EncodeToString(hash.Sum(nil)) != t.SHA256 {
		return damaged(t.Name, err)
	}
	return nil
}

// typed turns the numbers of a line into integers and refuses what no row has.
func typed(row []any, columns int) error {
	if len(row) != columns {
		return fmt.Errorf("%d values in place of %d", len(row), columns)
	}
	for i, v := range row {
		switch v := v.(type) {
		case nil, string:
		case json.Number:
			n, err := v.Int64()
			if err != nil {
				return err
			}
			row[i] = n
		default:
			return fmt.Errorf("a value of type %T", v)
		}
	}
	return nil
}

// packAll computes the packed rows from the figures.
func (tx *Tx) packAll(ctx context.Context) error {
	b, _, err := tx.s.readBook(ctx, tx.sql)
	if err != nil {
		return err
	}
	list, err := tx.s.changes(ctx, tx.sql, b)
	if err != nil {
		return err
	}
	for _, c := range list {
		decimals := b.byID[c.indicator].decimals(latest)
		var rows []packedRow
		err := tx.s.fromRows(ctx, tx.sql, c.part, everyUnit, latest, decimals, func(strip *luoshi.Strip) error {
			cells, err := pack(nil, strip, decimals)
			rows = append(rows, packedRow{c.part, strip.Unit, cells})
			return err
		})
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			continue
		}
		if err := tx.s.d.insert(ctx, tx, "packed", packedColumns, len(rows), func(i int, values []any) { rows[i].values(values) }); err != nil {
			return tx.s.fail(err, "restore packed rows")
		}
	}
	return nil
}
