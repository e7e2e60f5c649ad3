package store

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"luoshi.dev"
)

// A backup is a zip: tables/NAME.jsonl with one row a line, as a JSON array in
// the order of the columns and sorted by the key, then manifest.json. It is the
// same whichever database it came from, and is restored into either. The packed
// rows are not in it: they are computed from the figures.

// manifest says what the backup holds.
type manifest struct {
	Format  string      `json:"format"`
	Schema  int64       `json:"schema"`
	Made    time.Time   `json:"made"`
	Dialect string      `json:"dialect"`
	Tables  []tableHash `json:"tables"`
}

const (
	backupFormat = "luoshi backup 1"
	manifestName = "manifest.json"
)

// tableHash is the number of rows of a table and the hash of its lines.
type tableHash struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
	Rows    int64    `json:"rows"`
	SHA256  string   `json:"sha256"`
}

// backupTable is a table with its key, and the version of the schema from which it is
// in a backup.
type backupTable struct {
	name, key string
	since     int64
}

// backupTables are the tables in the order of restoring.
var backupTables = []backupTable{
	{"plan", "id", 1}, {"recording_day", "day", 1}, {"unit", "id, valid_from, version", 1}, {"succession", "from_unit, to_unit, valid_on, version", 1},
	{"indicator", "id, version", 1}, {"indicator_set", "code, version", 1}, {"set_item", "code, version, position", 1},
	{"goal", "code, version", 1}, {"goal_item", "code, version, position", 1}, {"scheme", "code, version", 1},
	{"target", "indicator, unit, first_year, last_year, revision", 1}, {"batch", "id", 1}, {"batch_part", "batch, indicator, year", 1},
	{"person", "id, version", 1}, {"login", "login", 1}, {"post", "person, unit, role, valid_from, version", 1}, {"duty", "kind, unit, indicator, valid_from, version", 1},
	{"credential", "person", 1}, {"linked", "issuer, subject", 1}, {"token", "hash", 1}, {"setting", "name", 1}, {"event", "seq", 1}, {"chain", "id", 1},
	{"phrase", "id", 1}, {"change", "indicator, year", 1}, {"figure", "indicator, year, unit, month_to, basis, scope, seq", 1},
	{"outlook", "indicator, year, unit, recorded_at", outlookVersion}, {"outlook_mark", "indicator, year", outlookVersion},
	{"capacity", "indicator, unit, year, month, version", catchUpVersion}, {"catchup", "batch", catchUpVersion},
}

// tablesOf are the tables of a backup of that version.
func tablesOf(schema int64) []backupTable {
	return slices.DeleteFunc(slices.Clone(backupTables), func(t backupTable) bool { return t.since > schema })
}

// Progress is told how many rows of how many are done.
type Progress func(done, total int64)

// counter adds up rows for a Progress that may be nil.
type counter struct {
	tell        Progress
	done, total int64
}

func (c *counter) add(n int64) {
	c.done += n
	if c.tell != nil {
		c.tell(c.done, c.total)
	}
}

// Backup writes the whole database, as it is at one instant, to a new file while
// others go on reading and writing. Before the file takes its name it is restored
// into a temporary database, and every table compared by count and hash.
func (s *Store) Backup(ctx context.Context, path string, progress Progress) (err error) {
	if _, err := os.Stat(path); err == nil {
		return &luoshi.Error{Code: luoshi.Conflict, Message: luoshi.Say("store.backup_exists", "path", path)}
	}
	partial := path + ".partial"
	file, err := os.Create(partial)
	if err != nil {
		return fmt.Errorf("make backup: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, file.Close(), os.Remove(partial))
		}
	}()
	count := &counter{tell: progress}
	if err := s.dumpTo(ctx, file, count); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return fmt.Errorf("keep backup: %w", err)
	}
	if err := s.prove(ctx, partial, count); err != nil {
		return err
	}
	if err := os.Rename(partial, path); err != nil {
		return fmt.Errorf("name backup: %w", err)
	}
	return file.Close()
}

// dumpTo writes the zip.
func (s *Store) dumpTo(ctx context.Context, w io.Writer, count *counter) error {
	schema, err := s.Version(ctx)
	if err != nil {
		return err
	}
	m := manifest{Format: backupFormat, Schema: schema, Made: s.clock().UTC(), Dialect: s.Dialect()}
	archive := zip.NewWriter(w)
	archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	m.Tables, err = s.dump(ctx, tablesOf(schema), count, func(table string) (io.Writer, error) { return archive.Create("tables/" + table + ".jsonl") })
	if err != nil {
		return err
	}
	entry, err := archive.Create(manifestName)
	if err != nil {
		return fmt.Errorf("write backup: %w", err)
	}
	encoder := json.NewEncoder(entry)
	encoder.SetIndent("", "  ")
	return errors.Join(encoder.Encode(m), archive.Close())
}

// dump writes every table, as of one state, to where `to` says.
func (s *Store) dump(ctx context.Context, tables []backupTable, count *counter, to func(table string) (io.Writer, error)) ([]tableHash, error) {
	var all []tableHash
	err := s.snapshot(ctx, func(q querier) error {
		if count.total == 0 {
			for _, t := range tables {
				var n int64
				if err := q.QueryRowContext(ctx, "SELECT count(*) FROM "+t.name).Scan(&n); err != nil {
					return s.fail(err, "count %s", t.name)
				}
				count.total += 3 * n // written, restored, compared
			}
		}
		for _, t := range tables {
			w, err := to(t.name)
			if err != nil {
				return fmt.Errorf("write backup: %w", err)
			}
			h, err := s.dumpTable(ctx, q, t.name, t.key, w, count)
			if err != nil {
				return err
			}
			all = append(all, h)
		}
		return nil
	})
	return all, err
}

// tellEvery is the number of rows between two words of progress.
const tellEvery = 5000

func (s *Store) dumpTable(ctx context.Context, q querier, table, key string, w io.Writer, count *counter) (tableHash, error) {
	h := tableHash{Name: table}
	rows, err := q.QueryContext(ctx, "SELECT * FROM "+table+" ORDER BY "+key)
	if err != nil {
		return h, s.fail(err, "read %s", table)
	}
	defer func() { _ = rows.Close() }() // Err tells
	if h.Columns, err = rows.Columns(); err != nil {
		return h, s.fail(err, "read %s", table)
	}
	hash := sha256.New()
	out := bufio.NewWriterSize(io.MultiWriter(w, hash), 1<<16)
	values, places := make([]any, len(h.Columns)), make([]any, len(h.Columns))
	for i := range values {
		places[i] = &values[i]
	}
	var line []byte
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			return h, s.fail(err, "read %s", table)
		}
		if line, err = appendLine(line[:0], values); err != nil {
			return h, s.fail(err, "read %s", table)
		}
		if _, err := out.Write(line); err != nil {
			return h, fmt.Errorf("write backup: %w", err)
		}
		if h.Rows++; h.Rows%tellEvery == 0 {
			count.add(tellEvery)
		}
	}
	if err := errors.Join(rows.Err(), out.Flush()); err != nil {
		return h, s.fail(err, "back up %s", table)
	}
	count.add(h.Rows % tellEvery)
	h.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return h, nil
}

// appendLine writes one row.
func appendLine(line []byte, values []any) ([]byte, error) {
	line = append(line, '[')
	for i, v := range values {
		if i > 0 {
			line = append(line, ',')
		}
		switch v := v.(type) {
		case nil:
			line = append(line, "null"...)
		case int64:
			line = strconv.AppendInt(line, v, 10)
		case int32: // PostgreSQL's INTEGER
			line = strconv.AppendInt(line, int64(v), 10)
		case string:
			text, err := json.Marshal(v)
			if err != nil {
				return nil, err
			}
			line = append(line, text...)
		default:
			return nil, fmt.Errorf("a value of type %T", v)
		}
	}
	return append(line, "]\n"...), nil
}

// prove restores the backup into a temporary database beside it and compares.
func (s *Store) prove(ctx context.Context, path string, count *counter) (err error) {
	dir, err := os.MkdirTemp(filepath.Dir(path), ".luoshi-proof-")
	if err != nil {
		return fmt.Errorf("prove backup: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	return restore(ctx, path, filepath.Join(dir, "proof.db"), count)
}
