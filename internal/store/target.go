package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"luoshi.dev"
)

// filed is a target under the number of its indicator.
type filed struct {
	id int
	luoshi.Target
}

func targetTable() table[filed] {
	return table[filed]{
		name: "target",
		columns: `indicator unit first_year last_year revision form value low high by_date ref_indicator ref_unit strict
			reserve curve owner scheme reason valid_from recorded_at recorded_by sample source`,
		fields: func(f *filed) []any {
			t := &f.Target
			return []any{&f.id, &t.Unit, &t.FirstYear, &t.LastYear, &t.Revision, &t.Form, &t.Value, &t.Low, &t.High, &t.Date,
				&t.Reference.Indicator, &t.Reference.Unit, flag{&t.Strict}, &t.Reserve, curve{&t.Curve}, &t.Owner, &t.Scheme, &t.Reason,
				&t.From, instant{&t.RecordedAt}, &t.By, flag{&t.Sample}, &t.Source}
		},
	}
}

// TargetQuery chooses targets; a zero field chooses any. The years choose what
// overlaps them.
type TargetQuery struct {
	Indicator           string
	Unit                luoshi.UnitID
	FirstYear, LastYear int
}

// Targets returns all revisions recorded by asOf, by indicator, unit, years and
// revision.
func (s *Store) Targets(ctx context.Context, asOf time.Time, query TargetQuery) ([]luoshi.Target, error) {
	b, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	where, args := `WHERE recorded_at <= $1`, []any{micros(asOf)}
	and := func(condition string, value any) {
		args = append(args, value)
		where += fmt.Sprintf(" AND %s $%d", condition, len(args))
	}
	if query.Indicator != "" {
		e, err := b.find(query.Indicator)
		if err != nil {
			return nil, err
		}
		and("indicator =", e.id)
	}
	if query.Unit != 0 {
		and("unit =", int64(query.Unit))
	}
	if query.FirstYear != 0 {
		and("last_year >=", query.FirstYear)
	}
	if query.LastYear != 0 {
		and("first_year <=", query.LastYear)
	}
	rows, err := targetTable().read(ctx, s, s.read, where+` ORDER BY indicator, unit, first_year, last_year, revision`, args...)
	if err != nil {
		return nil, err
	}
	out := make([]luoshi.Target, len(rows))
	for i, f := range rows {
		e := b.byID[f.id]
		if e == nil { // recorded since the book was read
			if b, err = s.look(ctx); err != nil {
				return nil, err
			}
			e = b.byID[f.id]
		}
		out[i] = f.Target
		out[i].Indicator = e.code
	}
	return out, nil
}

// promise is what the revisions of one target have in common.
type promise struct {
	indicator           int
	unit                luoshi.UnitID
	firstYear, lastYear int
}

// AddTargets adds revisions and fills in their numbers and instants. Revision 0
// takes the next number; a number that exists is refused with [luoshi.Conflict].
func (tx *Tx) AddTargets(ctx context.Context, list []luoshi.Target) error {
	if len(list) == 0 {
		return nil
	}
	if err := tx.lockPlan(ctx); err != nil {
		return err
	}
	b, err := tx.open(ctx)
	if err != nil {
		return err
	}
	last := map[promise]filed{}
	read := map[int]bool{}
	rows := make([]filed, len(list))
	for i := range list {
		t := &list[i]
		e, err := b.find(t.Indicator)
		if err != nil {
			return err
		}
		if t.Unit < 1 || t.Unit > b.lastUnit {
			return noUnit(t.Unit)
		}
		if !read[e.id] {
			if err := tx.readRevisions(ctx, e.id, last); err != nil {
				return err
			}
			read[e.id] = true
		}
		k := promise{e.id, t.Unit, t.FirstYear, t.LastYear}
		if err := tx.revise(t, last[k]); err != nil {
			return err
		}
		rows[i] = filed{e.id, *t}
		last[k] = rows[i]
	}
	return targetTable().insert(ctx, tx, rows)
}

// readRevisions notes number and instant of the last revision of every target of
// the indicator.
func (tx *Tx) readRevisions(ctx context.Context, indicator int, last map[promise]filed) error {
	query := `SELECT unit, first_year, last_year, max(revision), max(recorded_at) FROM target
		WHERE indicator = $1 GROUP BY unit, first_year, last_year`
	return tx.s.each(ctx, tx.sql, "read revisions", query, []any{indicator}, func(rows *sql.Rows) error {
		f := filed{id: indicator}
		err := rows.Scan(&f.Unit, &f.FirstYear, &f.LastYear, &f.Revision, instant{&f.RecordedAt})
		last[promise{f.id, f.Unit, f.FirstYear, f.LastYear}] = f
		return err
	})
}

// revise gives the revision its number and instant after the last one.
func (tx *Tx) revise(t *luoshi.Target, last filed) error {
	carried := int64(0)
	if !t.RecordedAt.IsZero() {
		carried = t.RecordedAt.UnixMicro()
	}
	t.RecordedAt = fromMicros(tx.instant(carried))
	if t.Revision == 0 {
		t.Revision = last.Revision + 1
	}
	years := luoshi.Period{Year: t.FirstYear, From: 1, To: 12}
	if t.Revision <= last.Revision {
		return &luoshi.Error{Code: luoshi.Conflict, Message: luoshi.Say("store.revision", "indicator", t.Indicator, "period", years, "have", last.Revision, "want", t.Revision)}
	}
	if last.Revision > 0 && t.RecordedAt.Before(last.RecordedAt) {
		return laterKnown(t.Indicator + " " + years.String())
	}
	return nil
}
