package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"luoshi.dev"
)

// quick records ordinary figures on PostgreSQL, each with its event, by two messages
// and two answers however many they are: one that begins, locks and reads, one that
// writes and commits. Its statements are those of [Tx.AddFigures] in the same order.
// It returns false, having written nothing, where there is more to it: a withdrawal,
// an instant of its own, a source not yet kept, a plan side that has changed, an
// older writer in the way.
func (s *Store) quick(ctx context.Context, list []waiting) (strips map[stripKey]luoshi.Strip, done bool, err error) {
	q := &quick{s: s, book: s.book.Load(), list: list}
	if q.book == nil || s.readOnly || !q.ordinary() {
		return nil, false, nil
	}
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = conn.Close() }() // back to the pool
	err = conn.Raw(func(driver any) error {
		q.conn = driver.(*stdlib.Conn).Conn()
		done, err = q.run(ctx)
		return err
	})
	if err != nil && s.d.retry(err) {
		return nil, false, nil
	}
	strips = make(map[stripKey]luoshi.Strip, len(q.strips))
	for at, strip := range q.strips {
		strips[stripKey{q.book.byID[at.indicator].code, at.year, at.unit}] = *strip
	}
	return strips, done, err
}

// quick is figures on their way.
type quick struct {
	s    *Store
	conn *pgx.Conn
	book *book
	list []waiting
	rows []vintage // of the list, sorted as all writers sort

	parts  []part         // locked, in order
	at     map[part]int64 // when they are recorded
	strips map[place]*luoshi.Strip
	places []place // of strips, in order
	seq    int64   // of the last event, once the end of the history is locked
	prev   luoshi.Digest
}

// place is a packed row.
type place struct {
	part
	unit luoshi.UnitID
}

// ordinary turns the figures into rows, or reports that there is more to one.
func (q *quick) ordinary() bool {
	none := Tx{s: q.s}
	if _, day := q.s.days.Load(luoshi.DateOf(q.s.clock())); !day {
		return false
	}
	q.rows = make([]vintage, len(q.list))
	for i := range q.list {
		f := &q.list[i].figure
		if f.Withdrawn || !f.RecordedAt.IsZero() {
			return false
		}
		v, err := q.book.vintage(f, latest)
		if err != nil {
			return false // perhaps a newer book accepts it
		}
		var source, by bool
		v.source, source = none.phrase(f.Source)
		v.by, by = none.phrase(f.By)
		if !source || !by {
			return false
		}
		v.input = i
		q.rows[i] = v
	}
	slices.SortFunc(q.rows, func(v, w vintage) int { return v.compare(&w) })
	q.at, q.strips = map[part]int64{}, map[place]*luoshi.Strip{}
	for i := range q.rows {
		v := &q.rows[i]
		if n := len(q.parts); n == 0 || q.parts[n-1] != v.part {
			q.parts = append(q.parts, v.part)
		}
		at := place{v.part, v.unit}
		if q.strips[at] == nil {
			strip := luoshi.NewStrip(v.unit, v.year)
			q.strips[at] = &strip
			q.places = append(q.places, at)
		}
	}
	return true
}

func (q *quick) run(ctx context.Context) (done bool, err error) {
	defer func() {
		if !done {
			if _, e := q.conn.Exec(context.WithoutCancel(ctx), "rollback"); e != nil {
				err = errors.Join(err, e, q.conn.Close(ctx))
			}
		}
	}()
	same, err := q.begin(ctx)
	if err != nil || !same {
		return false, err
	}
	for i := range q.rows {
		v := &q.rows[i]
		v.recordedAt = q.at[v.part]
		put(q.strips[place{v.part, v.unit}], v.place(), v.cell(q.decimals(v.indicator)))
	}
	err = q.commit(ctx)
	return err == nil, err
}

func (q *quick) decimals(indicator int) int { return q.book.byID[indicator].decimals(latest) }

// begin locks the indicator-years, draws numbers and reads the packed rows.
func (q *quick) begin(ctx context.Context) (same bool, err error) {
	batch := &pgx.Batch{}
	batch.Queue("begin")
	batch.Queue(q.s.d.planNumber()).QueryRow(func(row pgx.Row) error {
		var number, unit, drawn int64
		err := row.Scan(&number, &unit, &drawn)
		same = number == q.book.number
		return err
	})
	now := q.s.clock().UnixMicro()
	for _, p := range q.parts {
		batch.Queue(lockNow, p.indicator, p.year, now).QueryRow(func(row pgx.Row) error {
			var number, at int64
			err := row.Scan(&number, &at)
			q.at[p] = at
			return err
		})
	}
	batch.Queue(`SELECT nextval('serial_figure') FROM generate_series(1, $1)`, len(q.rows)).Query(func(rows pgx.Rows) error {
		for i := 0; rows.Next(); i++ {
			if err := rows.Scan(&q.rows[i].seq); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	for _, at := range q.places {
		batch.Queue(packedOf(1, q.s.d.mark), at.indicator, at.year, int64(at.unit)).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				if _, err := unpack(rows.RawValues()[1], q.strips[at], q.decimals(at.indicator)); err != nil && same {
					return fmt.Errorf("%d/%d/%d: %w", at.indicator, at.year, at.unit, err)
				}
			}
			return rows.Err()
		})
	}
	batch.Queue(lockChain).QueryRow(func(row pgx.Row) error { // last: whoever holds it waits for nobody
		var hash string
		if err := row.Scan(&q.seq, &hash); err != nil {
			return err
		}
		return digest{&q.prev}.Scan(hash)
	})
	err = q.conn.SendBatch(ctx, batch).Close()
	return same, err
}

// commit writes the figures, their packed rows and their events.
func (q *quick) commit(ctx context.Context) error {
	batch := &pgx.Batch{}
	events := make([]luoshi.Event, len(q.list))
	var buffer []byte
	for i := range q.rows {
		v := &q.rows[i]
		figure := make([]any, len(figureColumns))
		v.values(figure)
		batch.Queue(insertWords("figure", figureColumns, 1, q.s.d.mark), figure...)
		var one sum
		buffer = encode(buffer, figure)
		one.add(buffer)
		events[v.input] = q.list[v.input].event
		events[v.input].Covers = sums{figureCover(v.part, 0): &one}.text()
	}
	for _, at := range q.places {
		cells, err := pack(nil, q.strips[at], q.decimals(at.indicator))
		if err != nil {
			return err
		}
		row := packedRow{at.part, at.unit, cells}
		values := make([]any, len(packedColumns))
		row.values(values)
		batch.Queue(upsertPacked(1, q.s.d.mark), values...)
	}
	hash := chain(events, q.seq, q.prev, q.s.clock())
	for i := range events {
		values := make([]any, len(eventColumns))
		eventValues(&events[i], values)
		batch.Queue(insertWords("event", eventColumns, 1, q.s.d.mark), values...)
	}
	batch.Queue(moveChain, q.seq+int64(len(events)), hash.String())
	for _, l := range locate(events) {
		batch.Queue(insertWords(objectTable, objectColumns, 1, q.s.d.mark), l.object, l.seq)
	}
	batch.Queue("commit")
	return q.conn.SendBatch(ctx, batch).Close()
}
