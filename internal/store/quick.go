package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"luoshi.dev"
)

// quick records one ordinary figure on PostgreSQL by two messages and two answers:
// one that begins, locks and reads, one that writes and commits. Its statements are
// those of [Tx.AddFigures] in the same order. It returns false, having written
// nothing, where there is more to it: a withdrawal, an instant of its own, a source
// not yet kept, a plan side that has changed, an older writer in the way.
func (s *Store) quick(ctx context.Context, f *luoshi.Figure, e luoshi.Event) (strip luoshi.Strip, done bool, err error) {
	b := s.book.Load()
	if b == nil || s.readOnly || f.Withdrawn || !f.RecordedAt.IsZero() {
		return strip, false, nil
	}
	v, err := b.vintage(f, latest)
	if err != nil {
		return strip, false, nil // perhaps a newer book accepts it
	}
	none := Tx{s: s}
	var source, by bool
	v.source, source = none.phrase(f.Source)
	v.by, by = none.phrase(f.By)
	_, day := s.days.Load(luoshi.DateOf(s.clock()))
	if !source || !by || !day {
		return strip, false, nil
	}
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return strip, false, err
	}
	defer func() { _ = conn.Close() }() // back to the pool
	err = conn.Raw(func(driver any) error {
		q := quick{s: s, conn: driver.(*stdlib.Conn).Conn(), book: b, v: v, event: e}
		strip, done, err = q.run(ctx)
		return err
	})
	if err != nil && s.d.retry(err) {
		return strip, false, nil
	}
	return strip, done, err
}

// quick is one figure on its way.
type quick struct {
	s    *Store
	conn *pgx.Conn
	book *book
	v    vintage

	event luoshi.Event
	seq   int64 // of the event, once the end of the history is locked
	prev  luoshi.Digest
}

func (q *quick) run(ctx context.Context) (strip luoshi.Strip, done bool, err error) {
	defer func() {
		if !done {
			if _, e := q.conn.Exec(context.WithoutCancel(ctx), "rollback"); e != nil {
				err = errors.Join(err, e, q.conn.Close(ctx))
			}
		}
	}()
	decimals := q.book.byID[q.v.indicator].decimals(latest)
	strip = luoshi.NewStrip(q.v.unit, q.v.year)
	same, err := q.begin(ctx, &strip, decimals)
	if err != nil || !same {
		return strip, false, err
	}
	put(&strip, q.v.place(), q.v.cell(decimals))
	cells, err := pack(nil, &strip, decimals)
	if err != nil {
		return strip, false, err
	}
	err = q.commit(ctx, cells)
	return strip, err == nil, err
}

// begin locks the indicator-year, draws a number and reads the packed row.
func (q *quick) begin(ctx context.Context, strip *luoshi.Strip, decimals int) (same bool, err error) {
	v := &q.v
	batch := &pgx.Batch{}
	batch.Queue("begin")
	batch.Queue(q.s.d.planNumber()).QueryRow(func(row pgx.Row) error {
		var number, unit, drawn int64
		err := row.Scan(&number, &unit, &drawn)
		same = number == q.book.number
		return err
	})
	batch.Queue(lockNow, v.indicator, v.year, q.s.clock().UnixMicro()).QueryRow(func(row pgx.Row) error {
		var number int64
		return row.Scan(&number, &v.recordedAt)
	})
	batch.Queue(`SELECT nextval('serial_figure')`).QueryRow(func(row pgx.Row) error { return row.Scan(&v.seq) })
	batch.Queue(packedOf(1, q.s.d.mark), v.indicator, v.year, int64(v.unit)).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			if _, err := unpack(rows.RawValues()[1], strip, decimals); err != nil && same {
				return fmt.Errorf("%d/%d/%d: %w", v.indicator, v.year, v.unit, err)
			}
		}
		return rows.Err()
	})
	batch.Queue(lockChain, 1).QueryRow(func(row pgx.Row) error { // last: whoever holds it waits for nobody
		var hash string
		if err := row.Scan(&q.seq, &hash); err != nil {
			return err
		}
		return digest{&q.prev}.Scan(hash)
	})
	err = q.conn.SendBatch(ctx, batch).Close()
	return same, err
}

// commit writes the figure and its packed row.
func (q *quick) commit(ctx context.Context, cells []byte) error {
	batch := &pgx.Batch{}
	figure := make([]any, len(figureColumns))
	q.v.values(figure)
	batch.Queue(insertWords("figure", figureColumns, 1, q.s.d.mark), figure...)
	row := packedRow{q.v.part, q.v.unit, cells}
	values := make([]any, len(packedColumns))
	row.values(values)
	batch.Queue(upsertPacked(1, q.s.d.mark), values...)
	q.history(batch, figure)
	batch.Queue("commit")
	return q.conn.SendBatch(ctx, batch).Close()
}

// history puts the figure's event at the end of the chain.
func (q *quick) history(batch *pgx.Batch, figure []any) {
	var one sum
	one.add(encode(nil, figure))
	events := []luoshi.Event{q.event}
	events[0].Covers = sums{figureCover(q.v.part, 0): &one}.text()
	hash := chain(events, q.seq-1, q.prev, q.s.clock())
	values := make([]any, len(eventColumns))
	eventValues(&events[0], values)
	batch.Queue(insertWords("event", eventColumns, 1, q.s.d.mark), values...)
	batch.Queue(moveChain, hash.String())
	for _, l := range locate(events) {
		batch.Queue(insertWords(objectTable, objectColumns, 1, q.s.d.mark), l.object, l.seq)
	}
}
