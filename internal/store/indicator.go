package store

import (
	"context"
	"database/sql"
	"math"
	"slices"
	"time"

	"luoshi.dev"
)

// numbered is an indicator with the small number that stands for its code.
type numbered struct {
	id int
	luoshi.Indicator
}

func indicatorFacts() facts[numbered, string] {
	return facts[numbered, string]{
		table: table[versioned[numbered]]{
			name: "indicator",
			columns: `id version code name_hans name_hant name_en heading symbol_hans symbol_hant symbol_en currency measure_power
				decimals direction kind over_time over_units weight numerator denominator ratio_power basis calendar
				reported_at due_days formula department leads source note retired recorded_at`,
			fields: func(v *versioned[numbered]) []any {
				in := &v.noun.Indicator
				return slices.Concat([]any{&v.noun.id, &v.version, &in.Code}, names(&in.Names), []any{&in.Group}, names(&in.Measure.Symbol),
					[]any{&in.Measure.Currency, &in.Measure.Power, &in.Decimals, &in.Direction, &in.Kind, &in.OverTime, &in.OverUnits,
						&in.Weight, &in.Numerator, &in.Denominator, &in.Power, &in.Basis, &in.Calendar, &in.ReportedAt, &in.DueDays,
						&in.Formula, &in.Department, codes{&in.Leads}, &in.Source, &in.Note, flag{&in.Retired}, &in.RecordedAt})
			},
		},
		key:      func(n *numbered) string { return n.Code },
		recorded: func(n *numbered) *int64 { return &n.RecordedAt },
	}
}

// Indicators returns the indicators as known at asOf, in the order in which they
// were first recorded.
func (s *Store) Indicators(ctx context.Context, asOf time.Time) ([]luoshi.Indicator, error) {
	list, err := indicatorFacts().newest(ctx, s, s.read, asOf, "id")
	out := make([]luoshi.Indicator, len(list))
	for i, v := range list {
		out[i] = v.noun.Indicator
	}
	return out, err
}

// AddIndicators adds indicators, or new versions of them. The decimals of an
// indicator may grow but never shrink: its figures would lose digits.
func (tx *Tx) AddIndicators(ctx context.Context, list []luoshi.Indicator) error {
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
	rows, next, given := make([]numbered, len(list)), len(b.byID)+1, map[string]int{}
	decimals := map[string]int{}
	for i, in := range list {
		id, least := given[in.Code], decimals[in.Code]
		if e := b.byCode[in.Code]; e != nil && id == 0 {
			id, least = e.id, e.decimals(latest)
		}
		if id == 0 {
			id = next
			next++
		}
		if in.Decimals < least {
			return &luoshi.Error{Code: luoshi.Conflict, Message: luoshi.Say("store.decimals", "indicator", in.Code, "have", least, "want", in.Decimals)}
		}
		if e := b.byID[id]; e != nil && in.Decimals > least {
			if err := tx.roomFor(ctx, e, in.Decimals); err != nil {
				return err
			}
		}
		given[in.Code], decimals[in.Code] = id, in.Decimals
		rows[i] = numbered{id, in}
	}
	_, err = indicatorFacts().add(ctx, tx, rows, "")
	tx.book = nil
	return err
}

// roomFor refuses decimals at which a figure of the indicator would not fit.
func (tx *Tx) roomFor(ctx context.Context, e *entry, decimals int) error {
	query := `SELECT scale, max(value), min(value) FROM figure WHERE indicator = $1 AND value IS NOT NULL GROUP BY scale`
	return tx.s.each(ctx, tx.sql, "read extremes of "+e.code, query, []any{e.id}, func(rows *sql.Rows) error {
		var scale int
		var most, least int64
		if err := rows.Scan(&scale, &most, &least); err != nil {
			return err
		}
		if limit := math.MaxInt64 / powers[min(max(decimals-scale, 0), luoshi.MaxDecimals)]; most > limit || least < -limit {
			return &luoshi.Error{Code: luoshi.Conflict, Message: luoshi.Say("store.decimals", "indicator", e.code, "have", scale, "want", decimals)}
		}
		return nil
	})
}

// book is what the store must know to write and read figures: the numbers and
// decimals of the indicators, and the last unit. It holds while the plan side has
// the same number.
type book struct {
	number   int64
	lastUnit luoshi.UnitID
	byCode   map[string]*entry
	byID     map[int]*entry
}

// entry is one indicator in the book.
type entry struct {
	id       int
	code     string
	versions []precision
}

type precision struct {
	at       int64
	decimals int
}

// decimals is the precision at an instant; before the first version, the first.
func (e *entry) decimals(at int64) int {
	d := e.versions[0].decimals
	for _, v := range e.versions[1:] {
		if v.at <= at {
			d = v.decimals
		}
	}
	return d
}

func (b *book) find(code string) (*entry, error) {
	if e := b.byCode[code]; e != nil {
		return e, nil
	}
	return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("store.no_indicator", "indicator", code)}
}

// readBook returns the book, from memory where nothing has changed, and the last
// number drawn for a figure where a table keeps it.
func (s *Store) readBook(ctx context.Context, q querier) (b *book, drawn int64, err error) {
	b = &book{byCode: map[string]*entry{}, byID: map[int]*entry{}}
	if err := q.QueryRowContext(ctx, s.d.planNumber()).Scan(&b.number, &b.lastUnit, &drawn); err != nil {
		return nil, 0, s.fail(err, "read plan number")
	}
	if kept := s.book.Load(); kept != nil && kept.number == b.number {
		return kept, drawn, nil
	}
	query := `SELECT id, code, recorded_at, decimals FROM indicator ORDER BY id, version`
	err = s.each(ctx, q, "read indicators", query, nil, func(rows *sql.Rows) error {
		var id int
		var code string
		var p precision
		if err := rows.Scan(&id, &code, &p.at, &p.decimals); err != nil {
			return err
		}
		if b.byID[id] == nil {
			b.byID[id] = &entry{id: id, code: code}
			b.byCode[code] = b.byID[id]
		}
		b.byID[id].versions = append(b.byID[id].versions, p)
		return nil
	})
	return b, drawn, err
}

// look returns the committed book and keeps it.
func (s *Store) look(ctx context.Context) (*book, error) {
	q, err := s.asking(ctx)
	if err != nil {
		return nil, err
	}
	b, _, err := s.readBook(ctx, q)
	if err == nil {
		s.book.Store(b)
	}
	return b, err
}

// open returns the book as this transaction sees it. It is kept for others only
// where this transaction has not itself changed the plan side.
func (tx *Tx) open(ctx context.Context) (*book, error) {
	if tx.book != nil {
		return tx.book, nil
	}
	b, drawn, err := tx.s.readBook(ctx, tx.sql)
	if err != nil {
		return nil, err
	}
	if tx.planAt == 0 {
		tx.s.book.Store(b)
	}
	tx.book, tx.drawn = b, drawn
	return b, nil
}
