package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"luoshi.dev"
)

// Outlook is where an indicator's year was said to land at a unit, from an instant
// on. Numbers are integers at Scale decimals, [luoshi.Missing] where there is none.
type Outlook struct {
	Unit       luoshi.UnitID
	RecordedAt time.Time // zero = with the transaction; an earlier instant is one calculated afterwards
	Through    int       // the last month known, 0 = none
	Scale      int
	Known      int64
	Total      int64
	Low80      int64
	High80     int64
	Low95      int64
	High95     int64
	Revision   int   // of the target, 0 = none
	Asked      int64 // of the total
	Upper      int64 // of a band
	Better     luoshi.Direction
	Chance     int    // in thousandths, -1 = none
	Standing   int    // 1 open, 2 met, 3 lost, 4 closed
	Estimated  bool   // a missing period is estimated in it
	Sample     bool   // generated figures are in it
	After      bool   // calculated afterwards
	Early      bool   // the target is due before the year ends
	Level      bool   // the value at the year's end is foreseen, not a sum
	Growth     bool   // published growth is, in percent
	Why        string // why there is none, "" = there is one
	Method     int
	Inputs     int64 // hash of all that it follows from
}

// OutlookSeen is what all outlooks of an indicator's year have been held against.
type OutlookSeen struct {
	Plan    int64 // a digest of what the plan says of it
	Figures int64 // the sum of the change numbers that it rests on
	Method  int
}

// OutlookMark says how far the outlooks of an indicator's year are.
type OutlookMark struct {
	Number int64 // grows with every outlook
	Rows   int64
	Seen   OutlookSeen
}

var outlookColumns = strings.Fields(`indicator year unit recorded_at month_to scale known total low80 high80 low95 high95
	revision asked upper better chance standing flags why method inputs`)

const (
	outlookEstimated = 1 << iota
	outlookSample
	outlookAfter
	outlookEarly
	outlookLevel
	outlookGrowth
)

var betterOf = [...]luoshi.Direction{"", luoshi.More, luoshi.Less, luoshi.Band}

func (o *Outlook) values(p part, to []any) {
	flags := 0
	for i, on := range [...]bool{o.Estimated, o.Sample, o.After, o.Early, o.Level, o.Growth} {
		if on {
			flags |= 1 << i
		}
	}
	to[0], to[1], to[2], to[3], to[4], to[5] = int64(p.indicator), int64(p.year), int64(o.Unit), o.RecordedAt.UnixMicro(), int64(o.Through), int64(o.Scale)
	for i, v := range [...]int64{o.Known, o.Total, o.Low80, o.High80, o.Low95, o.High95} {
		to[6+i] = present(v)
	}
	to[12], to[13], to[14], to[15] = int64(o.Revision), present(o.Asked), present(o.Upper), int64(max(0, slices.Index(betterOf[:], o.Better)))
	to[16] = nil
	if o.Chance >= 0 {
		to[16] = int64(o.Chance)
	}
	to[17], to[18], to[19], to[20], to[21] = int64(o.Standing), int64(flags), o.Why, int64(o.Method), o.Inputs
}

// present is a number for the database.
func present(v int64) any {
	if v == luoshi.Missing {
		return nil
	}
	return v
}

func scanOutlook(rows *sql.Rows, p *part, o *Outlook) error {
	var numbers [9]sql.NullInt64
	var at int64
	var better, flags int
	err := rows.Scan(&p.indicator, &p.year, &o.Unit, &at, &o.Through, &o.Scale, &numbers[0], &numbers[1], &numbers[2], &numbers[3], &numbers[4], &numbers[5],
		&o.Revision, &numbers[6], &numbers[7], &better, &numbers[8], &o.Standing, &flags, &o.Why, &o.Method, &o.Inputs)
	if err != nil {
		return err
	}
	if better < 0 || better >= len(betterOf) {
		return fmt.Errorf("outlook: better %d", better)
	}
	for i, to := range [...]*int64{&o.Known, &o.Total, &o.Low80, &o.High80, &o.Low95, &o.High95, &o.Asked, &o.Upper} {
		if *to = luoshi.Missing; numbers[i].Valid {
			*to = numbers[i].Int64
		}
	}
	if o.Chance = -1; numbers[8].Valid {
		o.Chance = int(numbers[8].Int64)
	}
	o.RecordedAt, o.Better = fromMicros(at), betterOf[better]
	o.Estimated, o.Sample, o.After, o.Early = flags&outlookEstimated != 0, flags&outlookSample != 0, flags&outlookAfter != 0, flags&outlookEarly != 0
	o.Level, o.Growth = flags&outlookLevel != 0, flags&outlookGrowth != 0
	return nil
}

// marked is the row of outlook_mark, locked.
type marked struct {
	last int64
	sum  sum
}

const (
	lockOutlooks = `INSERT INTO outlook_mark (indicator, year, number, recorded_last, row_count, rows_sum, plan, figures, method) VALUES ($1, $2, 0, 0, 0, '', 0, 0, 0)
		ON CONFLICT (indicator, year) DO UPDATE SET number = outlook_mark.number RETURNING recorded_last, row_count, rows_sum`
	moveOutlooks = `UPDATE outlook_mark SET number = number + $3, recorded_last = $4, row_count = $5, rows_sum = $6 WHERE indicator = $1 AND year = $2`
	seenOutlooks = `UPDATE outlook_mark SET number = number + 1, plan = $3, figures = $4, method = $5 WHERE indicator = $1 AND year = $2`
)

func (tx *Tx) lockOutlooks(ctx context.Context, p part) (*marked, error) {
	m := &marked{}
	var rows int64
	var text string
	err := tx.sql.QueryRowContext(ctx, lockOutlooks, p.indicator, p.year).Scan(&m.last, &rows, &text)
	if err == nil && text != "" {
		err = m.sum.read(luoshi.Cover{Table: "outlook", Rows: rows, Sum: text})
	}
	return m, tx.s.fail(err, "lock outlooks")
}

// unlike leaves out what is kept already: another server may have been quicker.
func (tx *Tx) unlike(ctx context.Context, p part, list []Outlook) ([]Outlook, error) {
	ids := make([]luoshi.UnitID, len(list))
	for i, o := range list {
		ids[i] = o.Unit
	}
	newest := map[luoshi.UnitID]Outlook{}
	err := tx.s.newestOutlooks(ctx, tx.sql, p, latest, ids, func(o Outlook) { newest[o.Unit] = o })
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(slices.Clone(list), func(o Outlook) bool {
		last, kept := newest[o.Unit]
		return kept && last.Inputs == o.Inputs && last.Total == o.Total && last.Chance == o.Chance
	})
	slices.SortFunc(list, func(a, b Outlook) int { return cmp.Compare(a.Unit, b.Unit) })
	return list, nil
}

// KeepOutlooks appends outlooks of an indicator's year, but for those that follow
// from the same and say the same as the newest kept of their unit. One without an instant is
// recorded with the transaction; an earlier one only where none of that indicator's
// year is later ([luoshi.Conflict]).
func (tx *Tx) KeepOutlooks(ctx context.Context, code string, year int, list []Outlook) error {
	if len(list) == 0 {
		return nil
	}
	b, err := tx.open(ctx)
	if err != nil {
		return err
	}
	e, err := b.find(code)
	if err != nil {
		return err
	}
	p := part{e.id, year}
	m, err := tx.lockOutlooks(ctx, p)
	if err != nil {
		return err
	}
	if list, err = tx.unlike(ctx, p, list); err != nil || len(list) == 0 {
		return err
	}
	now, before := max(tx.now, m.last+1), m.last
	for i := range list {
		o := &list[i]
		if o.Unit < 1 || o.Unit > b.lastUnit {
			return noUnit(o.Unit)
		}
		at := o.RecordedAt.UnixMicro()
		switch {
		case o.RecordedAt.IsZero() || at >= now:
			at = now
		case at <= before:
			return laterKnown(code + " " + luoshi.DateOf(fromMicros(before)).String())
		default:
			o.After = true
		}
		o.RecordedAt, m.last = fromMicros(at), max(m.last, at)
	}
	err = tx.s.d.insert(ctx, tx, "outlook", outlookColumns, len(list), func(i int, values []any) {
		list[i].values(p, values)
		tx.buffer = encode(tx.buffer, values)
		m.sum.add(tx.buffer)
	})
	if err != nil {
		return tx.s.fail(err, "keep outlooks")
	}
	_, err = tx.sql.ExecContext(ctx, moveOutlooks, p.indicator, p.year, len(list), m.last, m.sum.rows, m.sum.text())
	return tx.s.fail(err, "keep outlooks")
}

// MarkOutlooks notes what all outlooks of an indicator's year have been held against.
func (tx *Tx) MarkOutlooks(ctx context.Context, code string, year int, seen OutlookSeen) error {
	b, err := tx.open(ctx)
	if err != nil {
		return err
	}
	e, err := b.find(code)
	if err != nil {
		return err
	}
	if _, err = tx.lockOutlooks(ctx, part{e.id, year}); err != nil {
		return err
	}
	_, err = tx.sql.ExecContext(ctx, seenOutlooks, e.id, year, seen.Plan, seen.Figures, seen.Method)
	return tx.s.fail(err, "mark outlooks")
}

// OutlookMarks returns how far the outlooks of every indicator and year are.
func (s *Store) OutlookMarks(ctx context.Context) (map[IndicatorYear]OutlookMark, error) {
	b, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	out := map[IndicatorYear]OutlookMark{}
	err = s.each(ctx, s.read, "read marks of outlooks", `SELECT indicator, year, number, row_count, plan, figures, method FROM outlook_mark`, nil, func(rows *sql.Rows) error {
		var p part
		var m OutlookMark
		if err := rows.Scan(&p.indicator, &p.year, &m.Number, &m.Rows, &m.Seen.Plan, &m.Seen.Figures, &m.Seen.Method); err != nil {
			return err
		}
		if e := b.byID[p.indicator]; e != nil {
			out[IndicatorYear{e.code, p.year}] = m
		}
		return nil
	})
	return out, err
}

// Outlooks returns the newest outlook recorded by asOf of each of the units that has
// one, by unit.
func (s *Store) Outlooks(ctx context.Context, code string, year int, asOf time.Time, units []luoshi.UnitID) ([]Outlook, error) {
	if len(units) == 0 {
		return nil, nil
	}
	e, err := s.entryOf(ctx, code)
	if err != nil {
		return nil, err
	}
	var list []Outlook
	err = s.newestOutlooks(ctx, s.read, part{e.id, year}, micros(asOf), units, func(o Outlook) { list = append(list, o) })
	slices.SortFunc(list, func(a, b Outlook) int { return cmp.Compare(a.Unit, b.Unit) })
	return list, err
}

func (s *Store) newestOutlooks(ctx context.Context, q querier, p part, asOf int64, units []luoshi.UnitID, visit func(Outlook)) error {
	for chunk := range slices.Chunk(units, 400) {
		query := `WITH u (unit) AS (VALUES ` + idRows(chunk) + `) SELECT ` + prefixed("o.", outlookColumns) + ` FROM u ` + s.d.newestOutlook()
		if err := s.eachOutlook(ctx, q, query, []any{p.indicator, p.year, asOf}, func(_ part, o Outlook) error {
			visit(o)
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// OutlookTrail returns all outlooks of a unit recorded by asOf, the oldest first.
func (s *Store) OutlookTrail(ctx context.Context, code string, year int, unit luoshi.UnitID, asOf time.Time) ([]Outlook, error) {
	e, err := s.entryOf(ctx, code)
	if err != nil {
		return nil, err
	}
	var list []Outlook
	query := `SELECT ` + strings.Join(outlookColumns, ", ") + ` FROM outlook WHERE indicator = $1 AND year = $2 AND unit = $3 AND recorded_at <= $4 ORDER BY recorded_at`
	err = s.eachOutlook(ctx, s.read, query, []any{e.id, year, int64(unit), micros(asOf)}, func(_ part, o Outlook) error {
		list = append(list, o)
		return nil
	})
	return list, err
}

// EachOutlook visits all outlooks of one indicator and year recorded by asOf, by unit
// and instant.
func (s *Store) EachOutlook(ctx context.Context, code string, year int, asOf time.Time, visit func(Outlook) error) error {
	e, err := s.entryOf(ctx, code)
	if err != nil {
		return err
	}
	query := `SELECT ` + strings.Join(outlookColumns, ", ") + ` FROM outlook WHERE indicator = $1 AND year = $2 AND recorded_at <= $3 ORDER BY unit, recorded_at`
	return s.eachOutlook(ctx, s.read, query, []any{e.id, year, micros(asOf)}, func(_ part, o Outlook) error { return visit(o) })
}

func (s *Store) eachOutlook(ctx context.Context, q querier, query string, args []any, visit func(part, Outlook) error) error {
	return s.each(ctx, q, "read outlooks", query, args, func(rows *sql.Rows) error {
		var p part
		var o Outlook
		if err := scanOutlook(rows, &p, &o); err != nil {
			return err
		}
		return visit(p, o)
	})
}

func (s *Store) entryOf(ctx context.Context, code string) (*entry, error) {
	b, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	return b.find(code)
}

// idRows writes (1),(2),(3).
func idRows(units []luoshi.UnitID) string {
	var b []byte
	for i, u := range units {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(strconv.AppendInt(append(b, '('), int64(u), 10), ')')
	}
	return string(b)
}

func prefixed(with string, columns []string) string { return with + strings.Join(columns, ", "+with) }

// verifyOutlooks compares the kept outlooks of every indicator's year with their
// number and sum, and says which rows cannot be what an outlook says.
func (s *Store) verifyOutlooks(ctx context.Context, q querier, b *book) ([]luoshi.Message, error) {
	marks, order, err := s.readMarked(ctx, q)
	if err != nil {
		return nil, err
	}
	var found []luoshi.Message
	odd := map[part]int{}
	values, buffer := make([]any, len(outlookColumns)), []byte(nil)
	have := map[part]*sum{}
	query := `SELECT ` + strings.Join(outlookColumns, ", ") + ` FROM outlook ORDER BY indicator, year`
	err = s.eachOutlook(ctx, q, query, nil, func(p part, o Outlook) error {
		if have[p] == nil {
			have[p] = &sum{}
		}
		o.values(p, values)
		buffer = encode(buffer, values)
		have[p].add(buffer)
		if o.odd() || b.byID[p.indicator] == nil || o.Unit < 1 || o.Unit > b.lastUnit {
			odd[p]++
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for p := range have {
		if marks[p] == nil {
			marks[p] = &marked{}
			order = append(order, p)
		}
	}
	slices.SortFunc(order, part.compare)
	for _, p := range order {
		h := have[p]
		if h == nil {
			h = &sum{}
		}
		code := strconv.Itoa(p.indicator)
		if e := b.byID[p.indicator]; e != nil {
			code = e.code
		}
		if *h != marks[p].sum {
			found = append(found, luoshi.Say("store.outlooks_differ", "indicator", code, "year", p.year, "have", h.rows, "want", marks[p].sum.rows))
		}
		if odd[p] > 0 {
			found = append(found, luoshi.Say("store.outlooks_odd", "indicator", code, "year", p.year, "count", odd[p]))
		}
	}
	return found, nil
}

func (s *Store) readMarked(ctx context.Context, q querier) (map[part]*marked, []part, error) {
	marks, order := map[part]*marked{}, []part(nil)
	err := s.each(ctx, q, "read marks of outlooks", `SELECT indicator, year, recorded_last, row_count, rows_sum FROM outlook_mark`, nil, func(rows *sql.Rows) error {
		var p part
		var count int64
		var text string
		m := &marked{}
		if err := rows.Scan(&p.indicator, &p.year, &m.last, &count, &text); err != nil {
			return err
		}
		marks[p], order = m, append(order, p)
		if text == "" {
			m.sum.rows = count
			return nil
		}
		if err := m.sum.read(luoshi.Cover{Table: "outlook", Rows: count, Sum: text}); err != nil {
			m.sum.rows = -1 // then it cannot be equal, which is what is said
		}
		return nil
	})
	return marks, order, err
}

// odd reports what no outlook says: a chance outside 0 … 1, intervals that do not
// hold each other.
func (o *Outlook) odd() bool {
	if o.Why != "" {
		return o.Chance >= 0
	}
	ordered := slices.IsSorted([]int64{o.Low95, o.Low80, o.High80, o.High95})
	return o.Chance > 1000 || !ordered || o.Standing < 1 || o.Standing > 4 || o.Through < 0 || o.Through > 12
}
