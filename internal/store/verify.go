package store

import (
	"context"
	"math"

	"luoshi.dev"
)

// Verify recomputes every packed row and change row from the figures, on one
// state of the database, and holds the kept outlooks against their number and sum. It returns what differs, which is nothing unless the
// database was changed by another hand. progress, if not nil, is told the
// indicator-years done and their number.
func (s *Store) Verify(ctx context.Context, progress func(done, total int)) ([]luoshi.Message, error) {
	var found []luoshi.Message
	err := s.snapshot(ctx, func(q querier) error {
		b, _, err := s.readBook(ctx, q)
		if err != nil {
			return err
		}
		list, err := s.changes(ctx, q, b)
		if err != nil {
			return err
		}
		for i, c := range list {
			differing, err := s.verifyPart(ctx, q, b, c)
			if err != nil {
				return err
			}
			for _, unit := range differing {
				found = append(found, luoshi.Say("store.differs", "indicator", c.code, "year", c.year, "unit", int(unit)))
			}
			if progress != nil {
				progress(i+1, len(list))
			}
		}
		var stray int
		err = q.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT DISTINCT indicator, year FROM figure) f
			WHERE NOT EXISTS (SELECT 1 FROM change c WHERE c.indicator = f.indicator AND c.year = f.year)`).Scan(&stray)
		if stray > 0 {
			found = append(found, luoshi.Say("store.stray", "count", stray))
		}
		if err != nil {
			return s.fail(err, "look for figures without a change row")
		}
		outlooks, err := s.verifyOutlooks(ctx, q, b)
		found = append(found, outlooks...)
		return err
	})
	return found, err
}

// verifyPart returns the units of one indicator-year whose packed row differs; 0
// stands for the change row.
func (s *Store) verifyPart(ctx context.Context, q querier, b *book, c changed) ([]luoshi.UnitID, error) {
	decimals := b.byID[c.indicator].decimals(latest)
	want := map[luoshi.UnitID]luoshi.Strip{}
	err := s.fromRows(ctx, q, c.part, everyUnit, latest, decimals, func(strip *luoshi.Strip) error {
		want[strip.Unit] = *strip
		return nil
	})
	if err != nil {
		return nil, err
	}
	var differing []luoshi.UnitID
	_, err = s.fromPacked(ctx, q, c.part, everyUnit, math.MaxInt64, decimals, one(), func(strip *luoshi.Strip) error {
		if w, there := want[strip.Unit]; !there || !same(&w, strip) {
			differing = append(differing, strip.Unit)
		}
		delete(want, strip.Unit)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for unit := range want {
		differing = append(differing, unit)
	}
	var last int64
	err = q.QueryRowContext(ctx, `SELECT coalesce(max(recorded_at), 0) FROM figure WHERE indicator = $1 AND year = $2`, c.indicator, c.year).Scan(&last)
	if last != c.last {
		differing = append(differing, 0)
	}
	return differing, s.fail(err, "verify %s %d", c.code, c.year)
}

// same compares two strips by what they hold.
func same(a, b *luoshi.Strip) bool {
	if a.Unit != b.Unit || a.Year != b.Year || a.Whole != b.Whole || (a.Own == nil) != (b.Own == nil) {
		return false
	}
	return a.Own == nil || *a.Own == *b.Own
}
