package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"luoshi.dev"
)

// repack computes the packed rows and brings the change rows up to what was
// appended. The packed rows wait for the end of the transaction, as several calls
// may add to one: an indicator-year that is new is then written at once.
func (tx *Tx) repack(ctx context.Context, b *book, parts []span) error {
	for i := range parts {
		if err := tx.repackPart(ctx, b, &parts[i]); err != nil {
			return err
		}
		if err := tx.writeLast(ctx, &parts[i]); err != nil {
			return err
		}
		if batch := parts[i].list[0].batch; batch != 0 {
			if _, err := tx.sql.ExecContext(ctx, `INSERT INTO batch_part (batch, indicator, year) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
				batch, parts[i].indicator, parts[i].year); err != nil {
				return tx.s.fail(err, "write parts of batch")
			}
		}
	}
	if tx.waiting > packedMost {
		return tx.writePacked(ctx)
	}
	return nil
}

// packedMost bounds the packed rows that wait in memory, about 200 bytes each.
const packedMost = 500_000

// writePacked writes the packed rows that wait.
func (tx *Tx) writePacked(ctx context.Context) error {
	var fresh, known []packedRow
	for _, p := range slices.SortedFunc(maps.Keys(tx.parts), part.compare) {
		h := tx.parts[p]
		for _, unit := range slices.Sorted(maps.Keys(h.rows)) {
			row := packedRow{p, unit, h.rows[unit]}
			if h.fresh {
				fresh = append(fresh, row)
			} else {
				known = append(known, row)
			}
		}
		h.fresh, h.rows = h.fresh && len(h.rows) == 0, nil
	}
	tx.waiting = 0
	if len(fresh) > 0 {
		err := tx.s.d.insert(ctx, tx, "packed", packedColumns, len(fresh), func(i int, values []any) { fresh[i].values(values) })
		if err != nil {
			return tx.s.fail(err, "write packed rows")
		}
	}
	return tx.upsertPacked(ctx, known)
}

// writeLast tells the change row when the newest was recorded, if it does not know.
func (tx *Tx) writeLast(ctx context.Context, sp *span) error {
	if sp.written == sp.last {
		return nil
	}
	sp.written = sp.last
	_, err := tx.sql.ExecContext(ctx, `UPDATE change SET recorded_last = $1 WHERE indicator = $2 AND year = $3`, sp.last, sp.indicator, sp.year)
	return tx.s.fail(err, "write change row")
}

// packedRow is one row of the table packed.
type packedRow struct {
	part
	unit  luoshi.UnitID
	cells []byte
}

var packedColumns = strings.Fields(`indicator year unit cells`)

func (r *packedRow) values(to []any) {
	to[0], to[1], to[2], to[3] = int64(r.indicator), int64(r.year), int64(r.unit), r.cells
}

// packedChunk is how many packed rows one statement reads or writes.
const packedChunk = 250

func upsertPacked(rows int, mark func(int) string) string {
	return insertWords("packed", packedColumns, rows, mark) + ` ON CONFLICT (indicator, year, unit) DO UPDATE SET cells = excluded.cells`
}

func (tx *Tx) upsertPacked(ctx context.Context, rows []packedRow) error {
	for chunk := range slices.Chunk(rows, packedChunk) {
		args := make([]any, 4*len(chunk))
		for i := range chunk {
			chunk[i].values(args[4*i : 4*i+4])
		}
		if _, err := tx.sql.ExecContext(ctx, upsertPacked(len(chunk), tx.s.d.mark), args...); err != nil {
			return tx.s.fail(err, "write packed rows")
		}
	}
	return nil
}

// repackPart computes the packed rows of the units that the span touches.
func (tx *Tx) repackPart(ctx context.Context, b *book, sp *span) error {
	decimals := b.byID[sp.indicator].decimals(latest)
	var touched, undone []luoshi.UnitID
	for i := range sp.list {
		v := &sp.list[i]
		if n := len(touched); n == 0 || touched[n-1] != v.unit {
			touched = append(touched, v.unit)
		}
		if n := len(undone); v.withdraws != 0 && (n == 0 || undone[n-1] != v.unit) {
			undone = append(undone, v.unit)
		}
	}
	if sp.rows == nil {
		sp.rows = make(map[luoshi.UnitID][]byte, len(touched))
	}
	if !sp.fresh {
		if err := tx.readPacked(ctx, sp, touched); err != nil {
			return err
		}
	}
	var buffer []byte
	strip, empty := &luoshi.Strip{}, luoshi.NewStrip(0, sp.year)
	for i := 0; i < len(sp.list); {
		unit := sp.list[i].unit
		*strip = empty
		strip.Unit = unit
		if cells := sp.rows[unit]; cells != nil {
			if _, err := unpack(cells, strip, decimals); err != nil {
				return fmt.Errorf("%d/%d/%d: %w", sp.indicator, sp.year, unit, err)
			}
		}
		for ; i < len(sp.list) && sp.list[i].unit == unit; i++ {
			put(strip, sp.list[i].place(), sp.list[i].cell(decimals))
		}
		if _, again := slices.BinarySearch(undone, unit); again {
			*strip = empty
			strip.Unit = unit
			if err := tx.s.fromRows(ctx, tx.sql, sp.part, units{unit, unit}, latest, decimals, func(s *luoshi.Strip) error { *strip = *s; return nil }); err != nil {
				return err
			}
		}
		start := len(buffer)
		var err error
		if buffer, err = pack(buffer, strip, decimals); err != nil {
			return err
		}
		if tx.packed != nil {
			tx.packed(b.byID[sp.indicator].code, strip)
		}
		sp.rows[unit] = buffer[start:len(buffer):len(buffer)]
		tx.waiting++
	}
	return nil
}

// packedOf is the question for so many packed rows of an indicator-year.
func packedOf(units int, mark func(int) string) string {
	return `SELECT unit, cells FROM packed WHERE indicator = $1 AND year = $2 AND unit IN ` + marks(1, units, func(i int) string { return mark(i + 2) })
}

// readPacked reads the packed rows of the units that are not at hand.
func (tx *Tx) readPacked(ctx context.Context, sp *span, list []luoshi.UnitID) error {
	list = slices.DeleteFunc(slices.Clone(list), func(unit luoshi.UnitID) bool { return sp.rows[unit] != nil })
	for chunk := range slices.Chunk(list, packedChunk) {
		args := []any{sp.indicator, sp.year}
		for _, unit := range chunk {
			args = append(args, int64(unit))
		}
		err := tx.s.each(ctx, tx.sql, "read packed rows", packedOf(len(chunk), tx.s.d.mark), args, func(rows *sql.Rows) error {
			var unit luoshi.UnitID
			var cells []byte
			err := rows.Scan(&unit, &cells)
			sp.rows[unit] = cells
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
