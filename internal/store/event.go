package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"luoshi.dev"
)

// digest keeps a hash as hexadecimal text, the zero one as none.
type digest struct{ d *luoshi.Digest }

func (d digest) Scan(v any) error {
	text, ok := v.(string)
	if !ok {
		return fmt.Errorf("digest: %T", v)
	}
	*d.d = luoshi.Digest{}
	if text == "" {
		return nil
	}
	b, err := hex.DecodeString(text)
	if err == nil && len(b) != len(d.d) {
		err = fmt.Errorf("digest: %d bytes", len(b))
	}
	copy(d.d[:], b)
	return err
}

func digestText(d luoshi.Digest) string {
	if d == (luoshi.Digest{}) {
		return ""
	}
	return d.String()
}

var eventColumns = strings.Fields(`seq happened_at actor behalf intent object unit was became reason request covers prev hash`)

func eventValues(e *luoshi.Event, to []any) {
	for i, v := range []any{e.Seq, e.At.UnixMicro(), int64(e.Actor), int64(e.Behalf), e.Intent, e.Object, int64(e.Unit), e.Before, e.After, e.Reason,
		e.Request, e.Covers, digestText(e.Prev), digestText(e.Hash)} {
		to[i] = v
	}
}

func scanEvent(rows *sql.Rows, e *luoshi.Event) error {
	return rows.Scan(&e.Seq, instant{&e.At}, &e.Actor, &e.Behalf, &e.Intent, &e.Object, &e.Unit, &e.Before, &e.After, &e.Reason, &e.Request, &e.Covers,
		digest{&e.Prev}, digest{&e.Hash})
}

// Record adds an event to the history, in this transaction. Its number, instant,
// hashes and the rows that it answers for are filled in when the transaction ends.
// An intent is one transaction with one event; where a transaction has several, the
// last answers for what is not an event's own.
func (tx *Tx) Record(e luoshi.Event) { tx.events = append(tx.events, e) }

// answer makes the i-th event answer for the rows of a sum.
func (tx *Tx) answer(i int, k coverKey, one *sum) { tx.events[i].Covers = sums{k: one}.text() }

// lockChain locks the end of the history and returns it, on PostgreSQL; readChain
// does where there is one writer. moveChain moves it on, moveChainOn only from where
// it is believed to be.
const (
	readChain   = `SELECT seq, hash FROM chain WHERE id = 1`
	lockChain   = readChain + ` FOR UPDATE`
	moveChain   = `UPDATE chain SET seq = $1, hash = $2 WHERE id = 1`
	moveChainOn = `UPDATE chain SET seq = $1, hash = $2 WHERE id = 1 AND seq = $3 AND hash = $4`
)

// unnamed is the intent of what was written without one, by the program itself.
const unnamed = "write"

// writeEvents chains the events of the transaction to the history. It comes last,
// so that the end of the chain is locked for as short as can be.
func (tx *Tx) writeEvents(ctx context.Context) error {
	if len(tx.sums) > 0 && len(tx.events) == 0 {
		tx.Record(luoshi.Event{Intent: unnamed})
	}
	if len(tx.events) == 0 {
		return nil
	}
	last := &tx.events[len(tx.events)-1]
	if len(tx.sums) > 0 {
		all := tx.sums
		if err := all.take(last.Covers); err != nil {
			return tx.s.fail(err, "sum up what was written")
		}
		last.Covers = all.text()
	}
	moved, err := tx.moveOn(ctx)
	if err == nil && !moved {
		err = tx.lockAndMove(ctx)
	}
	if err != nil {
		return tx.s.fail(err, "lock the history")
	}
	err = tx.s.d.insert(ctx, tx, "event", eventColumns, len(tx.events), func(i int, values []any) { eventValues(&tx.events[i], values) })
	if err == nil {
		err = tx.insertObjects(ctx, locate(tx.events))
	}
	return tx.s.fail(err, "write the history")
}

// end is the number and hash of the newest event, as the store last saw it.
type end struct {
	known bool
	seq   int64
	hash  luoshi.Digest
}

// moveOn chains the events to the end that the store remembers, where it is the only
// writer and the end is still that one: one statement in place of two.
func (tx *Tx) moveOn(ctx context.Context) (bool, error) {
	if !tx.end.known {
		return false, nil
	}
	hash := chain(tx.events, tx.end.seq, tx.end.hash, fromMicros(tx.now))
	seq := tx.end.seq + int64(len(tx.events))
	result, err := tx.sql.ExecContext(ctx, moveChainOn, seq, hash.String(), tx.end.seq, digestText(tx.end.hash))
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	tx.end = end{n == 1, seq, hash}
	return n == 1, err
}

// lockAndMove chains the events to the end that the database has.
func (tx *Tx) lockAndMove(ctx context.Context) error {
	var e end
	words := lockChain
	if tx.s.d.singleWriter() {
		words = readChain
	}
	if err := tx.sql.QueryRowContext(ctx, words).Scan(&e.seq, digest{&e.hash}); err != nil {
		return err
	}
	tx.end = end{true, e.seq + int64(len(tx.events)), chain(tx.events, e.seq, e.hash, fromMicros(tx.now))}
	_, err := tx.sql.ExecContext(ctx, moveChain, tx.end.seq, tx.end.hash.String())
	return err
}

// chain numbers events on from a number and hash, and returns the hash of the last.
func chain(events []luoshi.Event, seq int64, hash luoshi.Digest, at time.Time) luoshi.Digest {
	for i := range events {
		e := &events[i]
		seq++
		e.Seq, e.At, e.Prev = seq, at, hash
		e.Hash = e.Seal()
		hash = e.Hash
	}
	return hash
}

// EventQuery chooses events; a zero field chooses any.
type EventQuery struct {
	Person   luoshi.PersonID // as actor or on whose behalf
	Units    []luoshi.UnitID // of one of these
	Object   string          // one of [luoshi.Event.Objects], or all that begin with its words
	Objects  []string        // any of these, whole
	Intent   string
	From, To time.Time
	Before   int64 // only events numbered below, 0 = from the newest
	After    int64 // only events numbered above (-1: all), and of those the oldest; still the newest first
	Limit    int   // 0 = 100, below 0 = all
}

// Events returns events, the newest first.
func (s *Store) Events(ctx context.Context, query EventQuery) ([]luoshi.Event, error) {
	where, args := query.where()
	order := "DESC"
	if query.After != 0 && query.Before == 0 {
		order = "ASC"
	}
	where += " ORDER BY seq " + order
	if query.Limit >= 0 {
		where += fmt.Sprintf(" LIMIT %d", cmp.Or(query.Limit, 100))
	}
	list, err := s.readEvents(ctx, s.read, where, args...)
	if order == "ASC" {
		slices.Reverse(list)
	}
	return list, err
}

// CountEvents is how many events a query chooses, whatever its limit.
func (s *Store) CountEvents(ctx context.Context, query EventQuery) (int64, error) {
	where, args := query.where()
	var n int64
	err := s.read.QueryRowContext(ctx, "SELECT count(*) FROM event "+where, args...).Scan(&n)
	return n, s.fail(err, "count events")
}

// where is the condition of a query, with its arguments.
func (query EventQuery) where() (string, []any) {
	where, args := "WHERE 1 = 1", []any{}
	and := func(condition string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			condition = strings.Replace(condition, "?", fmt.Sprintf("$%d", len(args)), 1)
		}
		where += " AND " + condition
	}
	if query.Person != 0 {
		and("(actor = ? OR behalf <> 0 AND behalf = ?)", int64(query.Person), int64(query.Person))
	}
	if len(query.Units) > 0 {
		list := make([]string, len(query.Units)) // numbers of our own, and more than a statement takes values
		for i, u := range query.Units {
			list[i] = strconv.FormatInt(int64(u), 10)
		}
		and("unit IN (" + strings.Join(list, ",") + ")")
	}
	if query.Object != "" {
		and("seq IN (SELECT seq FROM event_object WHERE object = ? UNION SELECT seq FROM event_object WHERE object >= ? AND object < ?)",
			query.Object, query.Object+" ", query.Object+"!") // "!" comes after the blank
	}
	if len(query.Objects) > 0 {
		values := make([]any, len(query.Objects))
		for i, o := range query.Objects {
			values[i] = o
		}
		and("seq IN (SELECT seq FROM event_object WHERE object IN (?"+strings.Repeat(", ?", len(values)-1)+"))", values...)
	}
	if query.Intent != "" {
		and("intent = ?", query.Intent)
	}
	if !query.From.IsZero() {
		and("happened_at >= ?", query.From.UnixMicro())
	}
	if !query.To.IsZero() {
		and("happened_at <= ?", query.To.UnixMicro())
	}
	if query.Before > 0 {
		and("seq < ?", query.Before)
	}
	if query.After != 0 {
		and("seq > ?", query.After)
	}
	return where, args
}

func (s *Store) readEvents(ctx context.Context, q querier, tail string, args ...any) ([]luoshi.Event, error) {
	var list []luoshi.Event
	err := s.each(ctx, q, "read the history", "SELECT "+strings.Join(eventColumns, ", ")+" FROM event "+tail, args, func(rows *sql.Rows) error {
		var e luoshi.Event
		err := scanEvent(rows, &e)
		list = append(list, e)
		return err
	})
	return list, err
}

// ChainEnd is the number and hash of the newest event.
func (s *Store) ChainEnd(ctx context.Context) (seq int64, hash luoshi.Digest, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT seq, hash FROM chain WHERE id = 1`).Scan(&seq, digest{&hash})
	return seq, hash, s.fail(err, "read the end of the history")
}

// ChainReport says what a walk along the history found.
type ChainReport struct {
	Events int64
	End    luoshi.Digest    // hash of the last event
	Broken int64            // number of the first event that does not fit, 0 = none
	Found  []luoshi.Message // what is wrong, in order
}

// Intact reports whether nothing is wrong.
func (r *ChainReport) Intact() bool { return len(r.Found) == 0 }

// Mark is an event that an auditor has kept elsewhere.
type Mark struct {
	Seq  int64
	Hash luoshi.Digest
}

// VerifyHistory walks the chain from its first event to its end, on one state of
// the database, and holds it against marks kept elsewhere: a tail that was written
// anew fits itself but not them. deep also adds up every covered table and compares
// that with what the events say they wrote. progress is told events and rows done.
func (s *Store) VerifyHistory(ctx context.Context, marks []Mark, deep bool, progress func(done, total int64)) (*ChainReport, error) {
	r := &ChainReport{}
	kept := map[int64]luoshi.Digest{}
	for _, m := range marks {
		kept[m.Seq] = m.Hash
	}
	err := s.snapshot(ctx, func(q querier) error {
		said := sums{}
		if err := s.walk(ctx, q, r, kept, said, progress); err != nil || !deep {
			return err
		}
		return s.compareSums(ctx, q, r, said, progress)
	})
	return r, err
}

// walk follows the chain.
func (s *Store) walk(ctx context.Context, q querier, r *ChainReport, kept map[int64]luoshi.Digest, said sums, progress func(done, total int64)) error {
	broken := func(seq int64, key string, pairs ...any) {
		if r.Broken == 0 {
			r.Broken = seq
			r.Found = append(r.Found, luoshi.Say(key, append([]any{"event", seq}, pairs...)...))
		}
	}
	var end int64
	if err := q.QueryRowContext(ctx, `SELECT seq FROM chain WHERE id = 1`).Scan(&end); err != nil {
		return s.fail(err, "read the end of the history")
	}
	var prev luoshi.Digest
	var buffer []byte
	query := "SELECT " + strings.Join(eventColumns, ", ") + " FROM event ORDER BY seq"
	err := s.each(ctx, q, "walk the history", query, nil, func(rows *sql.Rows) error {
		var e luoshi.Event
		if err := scanEvent(rows, &e); err != nil {
			broken(r.Events+1, "history.unreadable")
			return nil //nolint:nilerr // it is what was looked for
		}
		r.Events++
		switch {
		case e.Seq != r.Events:
			broken(r.Events, "history.gap", "next", e.Seq)
			r.Events = e.Seq
		case e.Prev != prev:
			broken(e.Seq, "history.prev")
		case e.Hash != e.Seal():
			broken(e.Seq, "history.hash")
		}
		if mark, ok := kept[e.Seq]; ok && mark != e.Hash {
			broken(e.Seq, "history.mark")
		}
		delete(kept, e.Seq)
		prev = e.Hash
		if err := said.take(e.Covers); err != nil {
			broken(e.Seq, "history.unreadable")
		}
		for _, object := range e.Objects() {
			buffer = said.add(objectTable, []any{object, e.Seq}, buffer)
		}
		if progress != nil && r.Events%tellEvery == 0 {
			progress(r.Events, end)
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.End = prev
	var seq int64
	var hash luoshi.Digest
	if err := q.QueryRowContext(ctx, `SELECT seq, hash FROM chain WHERE id = 1`).Scan(&seq, digest{&hash}); err != nil {
		return s.fail(err, "read the end of the history")
	}
	if seq != r.Events || hash != prev {
		broken(r.Events+1, "history.end", "seq", seq)
	}
	for seq := range kept {
		broken(seq, "history.mark_missing")
	}
	return nil
}

// compareSums holds what the tables hold against what the events wrote.
func (s *Store) compareSums(ctx context.Context, q querier, r *ChainReport, said sums, progress func(done, total int64)) error {
	var total, done int64
	tables := append(coveredTables(), objectTable)
	for _, table := range tables {
		var n int64
		if err := q.QueryRowContext(ctx, "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			return s.fail(err, "count %s", table)
		}
		total += n
	}
	there := sums{}
	step := func() {
		if done++; progress != nil && done%tellEvery == 0 {
			progress(done, total)
		}
	}
	for _, table := range tables {
		if err := s.held(ctx, q, table, there, step); err != nil {
			return err
		}
	}
	b, _, _ := s.readBook(ctx, q) // without it numbers will do
	r.Found = append(r.Found, there.differ(said, b)...)
	return nil
}
