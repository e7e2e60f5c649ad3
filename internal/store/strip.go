package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"luoshi.dev"
)

// holder returns the index of the vintage that holds among those of one address
// in ascending seq, or -1. See the package comment.
func holder(list []vintage) int {
	var taken []int64
	for i := len(list) - 1; i >= 0; i-- {
		v := &list[i]
		switch {
		case slices.Contains(taken, v.seq):
		case v.withdraws == withdrawsAll:
			return -1
		case v.withdraws != 0:
			taken = append(taken, v.withdraws)
		default:
			return i
		}
	}
	return -1
}

// groups reads vintages that come in the order of the key, and hands out those of
// one address at a time; the slice is used again.
func (s *Store) groups(ctx context.Context, q querier, columns, where string, args []any, scan func(*sql.Rows, *vintage) error, visit func([]vintage) error) error {
	var list []vintage
	query := `SELECT ` + columns + ` FROM figure ` + where + ` ORDER BY indicator, year, unit, month_to, basis, scope, seq`
	err := s.each(ctx, q, "read figures", query, args, func(rows *sql.Rows) error {
		var v vintage
		if err := scan(rows, &v); err != nil {
			return err
		}
		if len(list) > 0 && (list[0].part != v.part || list[0].address != v.address) {
			if err := visit(list); err != nil {
				return err
			}
			list = list[:0]
		}
		list = append(list, v)
		return nil
	})
	if err != nil || len(list) == 0 {
		return err
	}
	return visit(list)
}

const cellColumns = `unit, month_to, basis, scope, seq, value, scale, growth, status, sample, withdraws`

func scanCell(rows *sql.Rows, v *vintage) error {
	var n nullable
	err := rows.Scan(&v.unit, &v.to, &v.basis, &v.scope, &v.seq, &n.value, &v.scale, &n.growth, &v.status, flag{&v.sample}, &v.withdraws)
	n.into(v)
	return err
}

// units is a range of units, both ends included.
type units struct{ first, last luoshi.UnitID }

var everyUnit = units{0, math.MaxInt64}

// fromRows computes the strips of one indicator-year from the figures themselves.
func (s *Store) fromRows(ctx context.Context, q querier, p part, u units, asOf int64, decimals int, visit func(*luoshi.Strip) error) error {
	strip, started := luoshi.Strip{}, false
	end := func() error {
		if !started || bare(&strip) {
			return nil
		}
		return visit(&strip)
	}
	err := s.groups(ctx, q, cellColumns, `WHERE indicator = $1 AND year = $2 AND unit >= $3 AND unit <= $4 AND recorded_at <= $5`,
		[]any{p.indicator, p.year, int64(u.first), int64(u.last), asOf}, scanCell, func(list []vintage) error {
			if !started || strip.Unit != list[0].unit {
				if err := end(); err != nil {
					return err
				}
				strip, started = luoshi.NewStrip(list[0].unit, p.year), true
			}
			if i := holder(list); i >= 0 {
				put(&strip, list[i].place(), list[i].cell(decimals))
			}
			return nil
		})
	if err != nil {
		return err
	}
	return end()
}

const packedNow = `SELECT unit, cells FROM packed WHERE indicator = $1 AND year = $2 AND unit >= $3 AND unit <= $4
	AND (SELECT recorded_last FROM change WHERE indicator = $1 AND year = $2) <= $5 ORDER BY unit`

// fromPacked reads the strips of one indicator-year from the packed rows. It
// returns false, having visited nothing, when there are none or something was
// recorded after asOf. A strip is read into the place that slot names.
func (s *Store) fromPacked(ctx context.Context, q querier, p part, u units, asOf int64, decimals int, slot func() *luoshi.Strip, visit func(*luoshi.Strip) error) (bool, error) {
	args := []any{p.indicator, p.year, int64(u.first), int64(u.last), asOf}
	var cells sql.RawBytes
	var unit int64
	empty := luoshi.NewStrip(0, p.year)
	found := false
	err := s.each(ctx, q, "read packed rows", packedNow, args, func(rows *sql.Rows) error {
		if err := rows.Scan(&unit, &cells); err != nil {
			return err
		}
		found = true
		strip := slot()
		*strip = empty
		strip.Unit = luoshi.UnitID(unit)
		n, err := unpack(cells, strip, decimals)
		if err != nil {
			return fmt.Errorf("%d/%d/%d: %w", p.indicator, p.year, unit, err)
		}
		if n == 0 { // all taken back
			return nil
		}
		return visit(strip)
	})
	return found, err
}

// one is a single place, used again for every strip.
func one() func() *luoshi.Strip {
	var strip luoshi.Strip
	return func() *luoshi.Strip { return &strip }
}

// strips reads an indicator-year as known at asOf, by the quicker way that is right.
func (s *Store) strips(ctx context.Context, q querier, e *entry, year int, u units, asOf int64, slot func() *luoshi.Strip, visit func(*luoshi.Strip) error) error {
	p, decimals := part{e.id, year}, e.decimals(asOf)
	if newest := e.decimals(latest); decimals == newest {
		done, err := s.fromPacked(ctx, q, p, u, asOf, decimals, slot, visit)
		if done || err != nil {
			return err
		}
	}
	return s.fromRows(ctx, q, p, u, asOf, decimals, visit)
}

// Strips yields the figures of one indicator and year at all units, as known at
// asOf, by unit. Values have the decimals that the indicator has at asOf. Units
// without a figure are left out. A yielded error is the last thing yielded.
func (s *Store) Strips(ctx context.Context, code string, year int, asOf time.Time) iter.Seq2[luoshi.Strip, error] {
	return func(yield func(luoshi.Strip, error) bool) {
		stopped := false
		b, err := s.look(ctx)
		if err == nil {
			var e *entry
			if e, err = b.find(code); err == nil {
				err = s.strips(ctx, s.read, e, year, everyUnit, micros(asOf), one(), func(strip *luoshi.Strip) error {
					if stopped = !yield(*strip, nil); stopped {
						return context.Canceled
					}
					return nil
				})
			}
		}
		if err != nil && !stopped {
			yield(luoshi.Strip{}, err)
		}
	}
}

// Strip returns the figures of one indicator, year and unit as known at asOf,
// empty where there are none.
func (s *Store) Strip(ctx context.Context, code string, year int, unit luoshi.UnitID, asOf time.Time) (luoshi.Strip, error) {
	out := luoshi.NewStrip(unit, year)
	b, err := s.look(ctx)
	if err != nil {
		return out, err
	}
	e, err := b.find(code)
	if err != nil {
		return out, err
	}
	q, err := s.asking(ctx)
	if err != nil {
		return out, err
	}
	err = s.strips(ctx, q, e, year, units{unit, unit}, micros(asOf), one(), func(strip *luoshi.Strip) error {
		out = *strip
		return nil
	})
	return out, err
}
