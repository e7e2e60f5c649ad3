package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"luoshi.dev"
)

// Batch is one import of figures, or the undoing of one.
type Batch struct {
	ID         int64 // given by the store
	Name       string
	Kind       string
	By         string
	At         time.Time // when it was entered; zero = with the transaction
	Note       string
	Rows       int64
	Undoes     int64     // the batch that this one took back, 0 if none
	UndoneBy   int64     // the batch that took this one back, 0 if none
	RecordedAt time.Time // set by the store
}

func batchTable() table[Batch] {
	return table[Batch]{
		name:    "batch",
		columns: `id name kind entered_by entered_at note row_count undoes recorded_at`,
		fields: func(b *Batch) []any {
			return []any{&b.ID, &b.Name, &b.Kind, &b.By, instant{&b.At}, &b.Note, &b.Rows, &b.Undoes, instant{&b.RecordedAt}}
		},
	}
}

// Batches returns all batches, the newest first.
func (s *Store) Batches(ctx context.Context) ([]Batch, error) {
	list, err := batchTable().read(ctx, s, s.read, "ORDER BY id")
	by := map[int64]int64{}
	for _, b := range list {
		by[b.Undoes] = b.ID
	}
	for i := range list {
		list[i].UndoneBy = by[list[i].ID]
	}
	slices.Reverse(list)
	return list, err
}

// BatchPart is what a batch holds of one indicator and year.
type BatchPart struct {
	Indicator string
	Year      int
	Figures   int // versions written
	Withdrawn int // of them, those that only take others back
}

// BatchParts says what the batch wrote, by indicator and year.
func (s *Store) BatchParts(ctx context.Context, batch int64) ([]BatchPart, error) {
	query := `SELECT p.indicator, p.year, COUNT(*), COUNT(CASE WHEN f.withdraws > 0 THEN 1 END) FROM batch_part p
		JOIN figure f ON f.indicator = p.indicator AND f.year = p.year AND f.batch = p.batch
		WHERE p.batch = $1 GROUP BY p.indicator, p.year`
	var list []BatchPart
	err := s.snapshot(ctx, func(q querier) error {
		b, _, err := s.readBook(ctx, q)
		if err != nil {
			return err
		}
		return s.each(ctx, q, "read parts of a batch", query, []any{batch}, func(rows *sql.Rows) error {
			var p BatchPart
			var indicator int
			if err := rows.Scan(&indicator, &p.Year, &p.Figures, &p.Withdrawn); err != nil {
				return err
			}
			if e := b.byID[indicator]; e != nil {
				p.Indicator = e.code
			}
			list = append(list, p)
			return nil
		})
	})
	slices.SortFunc(list, func(a, b BatchPart) int { return cmp.Or(cmp.Compare(a.Indicator, b.Indicator), a.Year-b.Year) })
	return list, err
}

// NewBatch records a batch and returns its number.
func (tx *Tx) NewBatch(ctx context.Context, b Batch) (int64, error) {
	ids, err := tx.s.d.serials(ctx, tx.sql, "batch", 1)
	if err != nil {
		return 0, tx.s.fail(err, "number batch")
	}
	b.ID, b.RecordedAt = ids[0], fromMicros(max(tx.now, tx.planAt)) // that of the facts written before it
	if b.At.IsZero() {
		b.At = b.RecordedAt
	}
	return b.ID, batchTable().insert(ctx, tx, []Batch{b})
}

// UndoBatch takes back every figure of the batch by appending a withdrawal for
// each, as a batch of its own, whose number it returns. What held before holds
// again; what was corrected afterwards stays. A batch is undone once; to have it
// back, undo its undoing.
func (tx *Tx) UndoBatch(ctx context.Context, batch int64, by, note string) (int64, error) {
	found, err := batchTable().read(ctx, tx.s, tx.sql, "WHERE id = $1 OR undoes = $1", batch)
	if err != nil {
		return 0, err
	}
	i := slices.IndexFunc(found, func(b Batch) bool { return b.ID == batch })
	if i < 0 {
		return 0, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("store.no_batch", "batch", int(batch))}
	}
	if len(found) > 1 {
		return 0, &luoshi.Error{Code: luoshi.Conflict, Message: luoshi.Say("store.undone", "batch", int(batch), "name", found[i].Name)}
	}
	if err := tx.keepPhrases(ctx, []string{by}); err != nil {
		return 0, err
	}
	words, _ := tx.phrase(by)
	list, err := tx.withdrawals(ctx, batch)
	if err != nil {
		return 0, err
	}
	id, err := tx.NewBatch(ctx, Batch{Name: found[i].Name, Kind: "undo", By: by, Note: note, Rows: int64(len(list)), Undoes: batch})
	if err != nil || len(list) == 0 {
		return id, err
	}
	for i := range list {
		list[i].batch, list[i].by = id, words
	}
	b, err := tx.open(ctx)
	if err != nil {
		return 0, err
	}
	return id, tx.append(ctx, b, nil, list)
}

// withdrawals returns one for each figure of the batch.
func (tx *Tx) withdrawals(ctx context.Context, batch int64) ([]vintage, error) {
	query := `SELECT f.indicator, f.year, f.unit, f.month_to, f.basis, f.scope, f.seq, f.month_from
		FROM batch_part p JOIN figure f ON f.indicator = p.indicator AND f.year = p.year
		WHERE p.batch = $1 AND f.batch = $1`
	var list []vintage
	err := tx.s.each(ctx, tx.sql, "read figures of a batch", query, []any{batch}, func(rows *sql.Rows) error {
		v := vintage{value: luoshi.Missing, growth: luoshi.MissingGrowth, input: len(list)}
		err := rows.Scan(&v.indicator, &v.year, &v.unit, &v.to, &v.basis, &v.scope, &v.withdraws, &v.from)
		list = append(list, v)
		return err
	})
	return list, err
}
