package store

import (
	"context"
	"time"

	"luoshi.dev"
)

func capacityTable() table[versioned[luoshi.Capacity]] {
	return table[versioned[luoshi.Capacity]]{
		name:    "capacity",
		columns: `indicator unit year month version most reason recorded_at recorded_by`,
		fields: func(v *versioned[luoshi.Capacity]) []any {
			c := &v.noun
			return []any{&c.Indicator, &c.Unit, &c.Year, &c.Month, &v.version, &c.Most, &c.Reason, &c.RecordedAt, &c.By}
		},
	}
}

// Capacities returns every statement of what units can bring at most that was recorded
// by asOf, by indicator, unit, year and month, the oldest first.
func (s *Store) Capacities(ctx context.Context, asOf time.Time) ([]luoshi.Capacity, error) {
	rows, err := capacityTable().read(ctx, s, s.read, `WHERE recorded_at <= $1 ORDER BY indicator, unit, year, month, version`, micros(asOf))
	list := make([]luoshi.Capacity, len(rows))
	for i, r := range rows {
		list[i] = r.noun
	}
	return list, err
}

// AddCapacities states what units can bring at most, beside what they said before.
func (tx *Tx) AddCapacities(ctx context.Context, list []luoshi.Capacity) error {
	if len(list) == 0 {
		return nil
	}
	if err := tx.lockPlan(ctx); err != nil {
		return err
	}
	rows := make([]versioned[luoshi.Capacity], len(list))
	for i, c := range list {
		var version int
		err := tx.sql.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM capacity WHERE indicator = $1 AND unit = $2 AND year = $3 AND month = $4`,
			c.Indicator, int64(c.Unit), c.Year, c.Month).Scan(&version)
		if err != nil {
			return tx.s.fail(err, "read capacity")
		}
		c.RecordedAt = tx.instant(c.RecordedAt)
		rows[i] = versioned[luoshi.Capacity]{version + 1, c}
	}
	return capacityTable().insert(ctx, tx, rows)
}

func catchUpTable() table[luoshi.CatchUp] {
	return table[luoshi.CatchUp]{
		name:    "catchup",
		columns: `batch indicator unit year plan recorded_at`,
		fields: func(c *luoshi.CatchUp) []any {
			return []any{&c.Batch, &c.Indicator, &c.Unit, &c.Year, &c.Plan, &c.RecordedAt}
		},
	}
}

// CatchUps returns the catch-up plans that were put in force by asOf, the oldest first.
func (s *Store) CatchUps(ctx context.Context, asOf time.Time) ([]luoshi.CatchUp, error) {
	return catchUpTable().read(ctx, s, s.read, `WHERE recorded_at <= $1 ORDER BY recorded_at, batch`, micros(asOf))
}

// AddCatchUp marks a batch as a catch-up plan. It counts as recorded with the targets
// of the batch.
func (tx *Tx) AddCatchUp(ctx context.Context, c luoshi.CatchUp) error {
	if err := tx.lockPlan(ctx); err != nil {
		return err
	}
	c.RecordedAt = tx.instant(c.RecordedAt)
	return catchUpTable().insert(ctx, tx, []luoshi.CatchUp{c})
}
