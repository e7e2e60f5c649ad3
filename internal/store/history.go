package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"luoshi.dev"
)

// FigureQuery chooses figures; a zero field chooses any. A Period with only a
// Year chooses the year, else the periods that end with its last month.
type FigureQuery struct {
	Indicator string
	Unit      luoshi.UnitID
	Period    luoshi.Period
	Basis     luoshi.Basis
	Scope     luoshi.Scope
}

// where writes the conditions of the query.
func (query FigureQuery) where(b *book, asOf int64) (string, []any, error) {
	where, args := "WHERE recorded_at <= $1", []any{asOf}
	and := func(column string, value int64) {
		if value != 0 {
			args = append(args, value)
			where += fmt.Sprintf(" AND %s = $%d", column, len(args))
		}
	}
	if query.Indicator != "" {
		e, err := b.find(query.Indicator)
		if err != nil {
			return "", nil, err
		}
		and("indicator", int64(e.id))
	}
	and("year", int64(query.Period.Year))
	and("unit", int64(query.Unit))
	and("month_to", int64(query.Period.To))
	if query.Basis != "" {
		and("basis", int64(basisNumber(query.Basis)))
	}
	if query.Scope != "" {
		and("scope", int64(scopeNumber(query.Scope)))
	}
	return where, args, nil
}

const wholeColumns = `indicator, year, unit, month_to, basis, scope, seq, month_from, value, scale, growth, status, sample, source,
	recorded_at, recorded_by, batch, withdraws`

func scanWhole(rows *sql.Rows, v *vintage) error {
	var n nullable
	err := rows.Scan(&v.indicator, &v.year, &v.unit, &v.to, &v.basis, &v.scope, &v.seq, &v.from, &n.value, &v.scale, &n.growth,
		&v.status, flag{&v.sample}, &v.source, &v.recordedAt, &v.by, &v.batch, &v.withdraws)
	n.into(v)
	return err
}

// figure is the noun of a row.
func (v *vintage) figure(b *book, phrases map[int64]string) luoshi.Figure {
	f := luoshi.Figure{
		Unit: v.unit, Period: luoshi.Period{Year: v.year, From: v.from, To: v.to}, Basis: luoshi.Single, Scope: luoshi.Whole,
		Value: luoshi.Unscaled(v.value, v.scale), Status: statusOf[v.status], Sample: v.sample, Source: phrases[v.source],
		RecordedAt: fromMicros(v.recordedAt), By: phrases[v.by], Batch: v.batch, Seq: v.seq, Withdrawn: v.withdraws != 0, Withdraws: max(v.withdraws, 0),
	}
	if e := b.byID[v.indicator]; e != nil {
		f.Indicator = e.code
	}
	if v.basis == basisCumulative {
		f.Basis = luoshi.Cumulative
	}
	if v.scope == scopeOwn {
		f.Scope = luoshi.Own
	}
	if v.growth != luoshi.MissingGrowth {
		f.Growth = luoshi.Unscaled(int64(v.growth), luoshi.GrowthDecimals)
	}
	return f
}

// readPhrases returns all sources and people by number.
func (s *Store) readPhrases(ctx context.Context, q querier) (map[int64]string, error) {
	phrases := map[int64]string{}
	err := s.each(ctx, q, "read phrases", `SELECT id, words FROM phrase`, nil, func(rows *sql.Rows) error {
		var id int64
		var words string
		err := rows.Scan(&id, &words)
		phrases[id] = words
		return err
	})
	return phrases, err
}

// eachAddress reads the vintages that the query chooses, an address at a time, all
// of one state of the database.
func (s *Store) eachAddress(ctx context.Context, query FigureQuery, asOf int64, visit func(b *book, phrases map[int64]string, list []vintage) error) error {
	return s.snapshot(ctx, func(q querier) error {
		b, _, err := s.readBook(ctx, q)
		if err != nil {
			return err
		}
		where, args, err := query.where(b, asOf)
		if err != nil {
			return err
		}
		phrases, err := s.readPhrases(ctx, q)
		if err != nil {
			return err
		}
		return s.groups(ctx, q, wholeColumns, where, args, scanWhole, func(list []vintage) error { return visit(b, phrases, list) })
	})
}

// snapshot runs fn on one state of the database.
func (s *Store) snapshot(ctx context.Context, fn func(q querier) error) error {
	tx, err := s.read.BeginTx(ctx, s.d.snapshot())
	if err != nil {
		return s.fail(err, "begin reading")
	}
	defer tx.Rollback() // there is nothing to commit
	return fn(tx)
}

// Vintages returns every vintage that the query chooses, withdrawals among them,
// by address and within it in the order of recording: who said what, and when.
func (s *Store) Vintages(ctx context.Context, query FigureQuery) ([]luoshi.Figure, error) {
	var out []luoshi.Figure
	err := s.eachAddress(ctx, query, latest, func(b *book, phrases map[int64]string, list []vintage) error {
		for i := range list {
			out = append(out, list[i].figure(b, phrases))
		}
		return nil
	})
	return out, err
}

// Figures visits, of every address that the query chooses, the figure that holds
// as known at asOf, by indicator, year, unit and month.
func (s *Store) Figures(ctx context.Context, asOf time.Time, query FigureQuery, visit func(luoshi.Figure) error) error {
	return s.eachAddress(ctx, query, micros(asOf), func(b *book, phrases map[int64]string, list []vintage) error {
		if i := holder(list); i >= 0 {
			return visit(list[i].figure(b, phrases))
		}
		return nil
	})
}

// Holding returns the index of the vintage that holds among those of one address
// as [Store.Vintages] gives them, or -1 where all have been taken back.
func Holding(list []luoshi.Figure) int {
	var taken []int64
	for i := len(list) - 1; i >= 0; i-- {
		switch f := &list[i]; {
		case slices.Contains(taken, f.Seq):
		case !f.Withdrawn:
			return i
		case f.Withdraws == 0:
			return -1
		default:
			taken = append(taken, f.Withdraws)
		}
	}
	return -1
}
