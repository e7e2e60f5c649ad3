package store

import (
	"context"
	"database/sql"
	"strings"

	"luoshi.dev"
)

// Events are found by their objects: a table that follows from them.

const objectTable = "event_object"

var objectColumns = []string{"object", "seq"}

// located is one object of one event.
type located struct {
	object string
	seq    int64
}

func (l located) values(to []any) { to[0], to[1] = l.object, l.seq }

// locate lists the objects of events.
func locate(events []luoshi.Event) []located {
	var list []located
	for i := range events {
		for _, object := range events[i].Objects() {
			list = append(list, located{object, events[i].Seq})
		}
	}
	return list
}

func (tx *Tx) insertObjects(ctx context.Context, list []located) error {
	if len(list) == 0 {
		return nil
	}
	err := tx.s.d.insert(ctx, tx, objectTable, objectColumns, len(list), func(i int, values []any) { list[i].values(values) })
	return tx.s.fail(err, "index the history")
}

// indexEvents makes the whole index anew.
func (tx *Tx) indexEvents(ctx context.Context) error {
	if _, err := tx.sql.ExecContext(ctx, "DELETE FROM "+objectTable); err != nil {
		return tx.s.fail(err, "index the history")
	}
	var list []located
	query := "SELECT " + strings.Join(eventColumns, ", ") + " FROM event ORDER BY seq"
	err := tx.s.each(ctx, tx.sql, "index the history", query, nil, func(rows *sql.Rows) error {
		var e luoshi.Event
		err := scanEvent(rows, &e)
		list = append(list, locate([]luoshi.Event{e})...)
		return err
	})
	if err != nil {
		return err
	}
	return tx.insertObjects(ctx, list)
}

// begins is the intent of the event that answers for all that was recorded before
// there was a history.
const begins = "history.begin"

func (tx *Tx) adopt(ctx context.Context) error {
	for _, table := range coveredTables() {
		if since(table) > objectVersion {
			continue // it is not there yet
		}
		if err := tx.s.held(ctx, tx.sql, table, tx.sums, func() {}); err != nil {
			return err
		}
	}
	if len(tx.sums) == 0 {
		return nil
	}
	tx.Record(luoshi.Event{Intent: begins})
	return tx.writeEvents(ctx)
}
