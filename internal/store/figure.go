package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"luoshi.dev"
)

// The numbers that stand for a basis and a scope in the rows.
const (
	basisSingle, basisCumulative = 1, 2
	scopeWhole, scopeOwn         = 1, 2
	withdrawsAll                 = -1
)

// IndicatorYear is the grain at which figures are written, numbered and loaded.
type IndicatorYear struct {
	Indicator string
	Year      int
}

// part is an IndicatorYear by the indicator's number.
type part struct{ indicator, year int }

func (p part) compare(q part) int {
	return cmp.Or(cmp.Compare(p.indicator, q.indicator), cmp.Compare(p.year, q.year))
}

// address is where the vintages of one figure stand within its part.
type address struct {
	unit             luoshi.UnitID
	to, basis, scope int
}

// place is the address within the packed row.
func (a address) place() int { return (a.scope-1)*24 + (a.basis-1)*12 + a.to - 1 }

// vintage is one row of the table figure.
type vintage struct {
	part
	address
	seq        int64
	from       int
	value      int64 // or luoshi.Missing
	scale      int
	growth     int32 // or luoshi.MissingGrowth
	status     int
	sample     bool
	source     int64
	recordedAt int64 // 0 = with the transaction
	by         int64
	batch      int64
	withdraws  int64

	input int // index in what was given
}

// compare orders by address, and within one address by when it was recorded.
func (v *vintage) compare(w *vintage) int {
	return cmp.Or(v.part.compare(w.part), cmp.Compare(v.unit, w.unit), cmp.Compare(v.to, w.to), cmp.Compare(v.basis, w.basis),
		cmp.Compare(v.scope, w.scope), cmp.Compare(uint64(v.recordedAt-1), uint64(w.recordedAt-1)), cmp.Compare(v.input, w.input))
}

// cell is the vintage without its address, its value at `decimals`.
func (v *vintage) cell(decimals int) luoshi.Cell {
	value := v.value
	if value != luoshi.Missing {
		value *= powers[decimals-v.scale]
	}
	return luoshi.Cell{Value: value, Growth: v.growth, Status: statusOf[v.status], Sample: v.sample, Seq: v.seq}
}

// AddFigures appends the figures as vintages of their addresses, and fills in
// Seq, Batch and RecordedAt of each. A figure without RecordedAt, or with one that
// is not earlier, is recorded with the transaction. An earlier instant is kept (a
// load of history) unless something at the same address was recorded after it:
// that is refused with [luoshi.Conflict]. Nothing is written unless all are good.
func (tx *Tx) AddFigures(ctx context.Context, batch int64, figures []luoshi.Figure) error {
	if len(figures) == 0 {
		return nil
	}
	b, err := tx.open(ctx)
	if err != nil {
		return err
	}
	list := make([]vintage, len(figures))
	for i := range figures {
		if list[i], err = b.vintage(&figures[i], tx.now); err != nil {
			return err
		}
		list[i].input, list[i].batch = i, batch
	}
	if err := tx.intern(ctx, figures, list); err != nil {
		return err
	}
	return tx.append(ctx, b, figures, list)
}

// append writes vintages, which need not be sorted, and what follows from them.
// figures, when given, receives what the store has added.
func (tx *Tx) append(ctx context.Context, b *book, figures []luoshi.Figure, list []vintage) error {
	slices.SortFunc(list, func(v, w vintage) int { return v.compare(&w) })
	var parts []span
	for rest := list; len(rest) > 0; {
		n := slices.IndexFunc(rest, func(v vintage) bool { return v.part != rest[0].part })
		if n < 0 {
			n = len(rest)
		}
		sp, err := tx.lockSpan(ctx, rest[:n])
		if err != nil {
			return err
		}
		parts, rest = append(parts, sp), rest[n:]
	}
	seqs, err := tx.numbers(ctx, len(list))
	if err != nil {
		return tx.s.fail(err, "number figures")
	}
	for i := range list {
		v := &list[i]
		v.seq = seqs[i]
		if figures != nil {
			f := &figures[v.input]
			f.Seq, f.Batch, f.RecordedAt = v.seq, v.batch, fromMicros(v.recordedAt)
		}
	}
	t := &teller{tx: tx}
	err = tx.s.d.insert(ctx, tx, "figure", figureColumns, len(list), func(i int, values []any) {
		list[i].values(values)
		t.take(&list[i], values)
	})
	if err != nil {
		return tx.s.fail(err, "write figures")
	}
	t.end()
	return tx.repack(ctx, b, parts)
}

// teller adds figures up for the history. They come sorted by part, and all of one
// batch, so that a key is made once for each part.
type teller struct {
	tx    *Tx
	part  part
	batch int64
	now   sum
}

func (t *teller) take(v *vintage, values []any) {
	t.tx.buffer = encode(t.tx.buffer, values)
	if t.tx.single != nil {
		var one sum
		one.add(t.tx.buffer)
		t.tx.single(v.input, &one)
		return
	}
	if v.part != t.part || v.batch != t.batch {
		t.end()
		t.part, t.batch = v.part, v.batch
	}
	t.now.add(t.tx.buffer)
}

func (t *teller) end() {
	if t.now.rows > 0 {
		t.tx.sums.join(figureCover(t.part, t.batch), &t.now)
	}
	t.now = sum{}
}

// figureCover is the key of the sums of figures.
func figureCover(p part, batch int64) coverKey {
	return coverKey{"figure", fmt.Sprint(p.indicator, " ", p.year, " ", batch)}
}

// stock is numbers that were drawn and not yet given: last-left+1 to last.
type stock struct{ last, left int64 }

// stockSize is how many numbers are drawn ahead for single figures, so that most
// need not write the table of numbers.
const stockSize = 1000

// numbers returns n numbers for figures, above all given before. Those of the stock
// are good only while nobody has drawn since, on this file or in this transaction.
func (tx *Tx) numbers(ctx context.Context, n int) ([]int64, error) {
	if !tx.s.d.singleWriter() || n > stockSize/10 {
		list, err := tx.s.d.serials(ctx, tx.sql, "figure", n)
		tx.stock = stock{}
		return list, err
	}
	if tx.stock.last != tx.drawn || tx.stock.left < int64(n) {
		drawn, err := tx.s.d.serials(ctx, tx.sql, "figure", stockSize)
		if err != nil {
			return nil, err
		}
		tx.drawn = drawn[len(drawn)-1]
		tx.stock = stock{tx.drawn, stockSize}
	}
	list := make([]int64, n)
	for i := range list {
		list[i] = tx.stock.last - tx.stock.left + 1
		tx.stock.left--
	}
	return list, nil
}

// vintage checks what the store itself must rely on and turns the figure into a
// row: its indicator and unit exist, it says something, its digits fit.
func (b *book) vintage(f *luoshi.Figure, now int64) (vintage, error) {
	e, err := b.find(f.Indicator)
	if err != nil {
		return vintage{}, err
	}
	if f.Unit < 1 || f.Unit > b.lastUnit {
		return vintage{}, noUnit(f.Unit)
	}
	if err := f.Period.Validate(); err != nil {
		return vintage{}, err
	}
	v := vintage{part: part{e.id, f.Period.Year}, address: address{unit: f.Unit, to: f.Period.To}, from: f.Period.From,
		value: luoshi.Missing, growth: luoshi.MissingGrowth, sample: f.Sample}
	if at := f.RecordedAt.UnixMicro(); !f.RecordedAt.IsZero() && at < now {
		v.recordedAt = max(at, 1)
	}
	if v.basis, v.scope = basisNumber(f.Basis), scopeNumber(f.Scope); v.basis == 0 || v.scope == 0 {
		return v, refuse("store.figure_form", f)
	}
	var known bool
	if v.status, known = statusNumber(f.Status); !known {
		return v, refuse("store.figure_form", f)
	}
	if len(f.Source) > maxPhrase || len(f.By) > maxPhrase {
		return v, refuse("store.figure_source", f)
	}
	if f.Withdrawn {
		v.withdraws = cmp.Or(f.Withdraws, withdrawsAll)
		return v, nil
	}
	if !f.Value.Valid && !f.Growth.Valid {
		return v, refuse("store.figure_empty", f)
	}
	return v, v.measure(f, e.decimals(cmp.Or(v.recordedAt, latest)))
}

// measure scales value and growth.
func (v *vintage) measure(f *luoshi.Figure, decimals int) (err error) {
	v.scale = decimals
	if f.Value.Valid {
		if v.value, err = luoshi.Scaled(f.Value.Decimal, decimals); err != nil {
			return err
		}
	}
	if f.Growth.Valid {
		growth, err := luoshi.Scaled(f.Growth.Decimal, luoshi.GrowthDecimals)
		if err != nil {
			return err
		}
		if growth > math.MaxInt32 || growth <= math.MinInt32 {
			return &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("number.range", "text", f.Growth.Decimal.String())}
		}
		v.growth = int32(growth)
	}
	return nil
}

func refuse(key string, f *luoshi.Figure) error {
	return &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say(key, "indicator", f.Indicator, "period", f.Period)}
}

func basisNumber(b luoshi.Basis) int {
	switch b {
	case luoshi.Single:
		return basisSingle
	case luoshi.Cumulative:
		return basisCumulative
	}
	return 0
}

// scopeNumber takes "no scope" as the whole.
func scopeNumber(s luoshi.Scope) int {
	switch s {
	case luoshi.Whole, "":
		return scopeWhole
	case luoshi.Own:
		return scopeOwn
	}
	return 0
}

// held is a locked indicator-year.
type held struct {
	at      int64 // when what this transaction records counts as recorded
	last    int64 // when the newest of the indicator-year was recorded
	written int64 // what the change row says of that
	fresh   bool  // nothing is there yet

	rows map[luoshi.UnitID][]byte // packed rows as they are now, to be written
}

// span is the vintages of one indicator-year under its lock.
type span struct {
	part
	*held
	list []vintage
}

// The change row is locked and numbered by the statement that makes or updates it:
// `lockOnly` leaves the newest instant as it is; `lockNow` moves it to $3, or past
// what is there where the clock of this server is behind.
const (
	lockOnly = `INSERT INTO change (indicator, year, number, recorded_last) VALUES ($1, $2, 1, 0)
		ON CONFLICT (indicator, year) DO UPDATE SET number = change.number + 1 RETURNING number, recorded_last`
	lockNow = `INSERT INTO change (indicator, year, number, recorded_last) VALUES ($1, $2, 1, $3)
		ON CONFLICT (indicator, year) DO UPDATE SET number = change.number + 1,
		recorded_last = CASE WHEN change.recorded_last < $3 THEN $3 ELSE change.recorded_last + 1 END RETURNING number, recorded_last`
)

// lock takes the change row of the indicator-year, once a transaction, which makes
// its writers wait for each other. now says that nothing but what is recorded with
// the transaction follows.
func (tx *Tx) lock(ctx context.Context, p part, now bool) (*held, error) {
	if h := tx.parts[p]; h != nil {
		return h, nil
	}
	outOfTurn := false
	for q := range tx.parts {
		outOfTurn = outOfTurn || q.compare(p) > 0
	}
	h := &held{}
	tx.parts[p] = h
	query, args := lockOnly, []any{p.indicator, p.year}
	if now {
		query, args = lockNow, append(args, tx.now)
	}
	err := tx.inTurn(ctx, outOfTurn, func() error {
		var number int64
		err := tx.sql.QueryRowContext(ctx, query, args...).Scan(&number, &h.last)
		h.fresh, h.written = number == 1, h.last
		return err
	})
	h.at = h.last
	if !now {
		h.at = max(tx.now, h.last+1)
	}
	return h, tx.s.fail(err, "lock indicator-year %d/%d", p.indicator, p.year)
}

// lockSpan locks the part of the vintages and settles when each is recorded.
func (tx *Tx) lockSpan(ctx context.Context, list []vintage) (span, error) {
	now := !slices.ContainsFunc(list, func(v vintage) bool { return v.recordedAt != 0 })
	h, err := tx.lock(ctx, list[0].part, now)
	if err != nil {
		return span{}, err
	}
	sp := span{list[0].part, h, list}
	history := false
	for i := range list {
		if list[i].recordedAt == 0 {
			list[i].recordedAt = h.at
		}
		history = history || list[i].recordedAt < h.last
	}
	if history {
		if err := tx.checkHistory(ctx, sp); err != nil {
			return sp, err
		}
	}
	for i := range list {
		h.last = max(h.last, list[i].recordedAt)
		tx.markDay(list[i].recordedAt)
	}
	return sp, nil
}

// checkHistory refuses a vintage that was recorded before one that is already at
// its address: a view between the two would change its order.
func (tx *Tx) checkHistory(ctx context.Context, sp span) error {
	query := `SELECT unit, month_to, basis, scope, max(recorded_at) FROM figure
		WHERE indicator = $1 AND year = $2 AND unit >= $3 AND unit <= $4 GROUP BY unit, month_to, basis, scope`
	args := []any{sp.indicator, sp.year, int64(sp.list[0].unit), int64(sp.list[len(sp.list)-1].unit)}
	last := map[address]int64{}
	err := tx.s.each(ctx, tx.sql, "read history", query, args, func(rows *sql.Rows) error {
		var a address
		var at int64
		err := rows.Scan(&a.unit, &a.to, &a.basis, &a.scope, &at)
		last[a] = at
		return err
	})
	if err != nil {
		return err
	}
	for i := range sp.list {
		if v := &sp.list[i]; v.recordedAt < last[v.address] {
			p := luoshi.Period{Year: v.year, From: v.from, To: v.to}
			return laterKnown(p.String() + " " + luoshi.DateOf(fromMicros(last[v.address])).String())
		}
	}
	return nil
}

var figureColumns = strings.Fields(`indicator year unit month_to basis scope seq month_from value scale growth status sample source
	recorded_at recorded_by batch withdraws`)

// values fills in the columns of figureColumns.
func (v *vintage) values(to []any) {
	var value, growth any
	if v.value != luoshi.Missing {
		value = v.value
	}
	if v.growth != luoshi.MissingGrowth {
		growth = int64(v.growth)
	}
	sample := int64(0)
	if v.sample {
		sample = 1
	}
	to[0], to[1], to[2], to[3], to[4], to[5] = int64(v.indicator), int64(v.year), int64(v.unit), int64(v.to), int64(v.basis), int64(v.scope)
	to[6], to[7], to[8], to[9], to[10], to[11] = v.seq, int64(v.from), value, int64(v.scale), growth, int64(v.status)
	to[12], to[13], to[14], to[15], to[16], to[17] = sample, v.source, v.recordedAt, v.by, v.batch, v.withdraws
}

// maxPhrase is the length of a source in bytes: it must fit in an index.
const maxPhrase = 2000

// intern gives the sources and people their numbers.
func (tx *Tx) intern(ctx context.Context, figures []luoshi.Figure, list []vintage) error {
	unknown := map[string]bool{}
	for i := range figures {
		for _, words := range [...]string{figures[i].Source, figures[i].By} {
			if _, known := tx.phrase(words); !known {
				unknown[words] = true
			}
		}
	}
	if err := tx.keepPhrases(ctx, slices.Collect(maps.Keys(unknown))); err != nil {
		return err
	}
	for i := range figures {
		list[i].source, _ = tx.phrase(figures[i].Source)
		list[i].by, _ = tx.phrase(figures[i].By)
	}
	return nil
}

// phrase is the number of a text that is already kept; "" is 0.
func (tx *Tx) phrase(words string) (int64, bool) {
	if words == "" {
		return 0, true
	}
	if id, known := tx.s.phrases.Load(words); known {
		return id.(int64), true
	}
	id, known := tx.phrases[words]
	return id, known
}

var phraseColumns = []string{"id", "words"}

// keepPhrases writes those that are not known yet.
func (tx *Tx) keepPhrases(ctx context.Context, list []string) error {
	list = slices.DeleteFunc(list, func(words string) bool { _, known := tx.phrase(words); return known })
	if len(list) == 0 {
		return nil
	}
	slices.Sort(list)
	list = slices.Compact(list)
	ids, err := tx.s.d.serials(ctx, tx.sql, "phrase", len(list))
	if err != nil {
		return tx.s.fail(err, "keep phrases")
	}
	outOfTurn := len(tx.parts) > 0
	for i, words := range list {
		var id int64
		tx.phrases[words] = 0 // asked for, even if another writer stands in the way
		err = tx.inTurn(ctx, outOfTurn, func() error {
			return tx.sql.QueryRowContext(ctx, `INSERT INTO phrase (id, words) VALUES ($1, $2)
				ON CONFLICT (words) DO UPDATE SET words = excluded.words RETURNING id`, ids[i], words).Scan(&id)
		})
		if err != nil {
			return tx.s.fail(err, "keep phrase %q", words)
		}
		if id == ids[i] { // new, and not another writer's
			tx.buffer = tx.sums.add("phrase", []any{id, words}, tx.buffer)
		}
		tx.phrases[words] = id
	}
	return nil
}

// nullable scans value and growth, which may be absent.
type nullable struct{ value, growth sql.NullInt64 }

func (n nullable) into(v *vintage) {
	v.value, v.growth = luoshi.Missing, luoshi.MissingGrowth
	if n.value.Valid {
		v.value = n.value.Int64
	}
	if n.growth.Valid {
		v.growth = int32(n.growth.Int64)
	}
}

// Changes returns the change number of every indicator-year that has figures.
// Read it before the strips: they are then at least as new as the numbers.
func (s *Store) Changes(ctx context.Context) (map[IndicatorYear]int64, error) {
	b, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	list, err := s.changes(ctx, s.read, b)
	out := make(map[IndicatorYear]int64, len(list))
	for _, c := range list {
		out[IndicatorYear{c.code, c.year}] = c.number
	}
	return out, err
}

// ChangedAfter tells the indicator-years of which anything was recorded after the
// instant.
func (s *Store) ChangedAfter(ctx context.Context, at time.Time) (map[IndicatorYear]bool, error) {
	b, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	list, err := s.changes(ctx, s.read, b)
	out := map[IndicatorYear]bool{}
	for _, c := range list {
		if c.last > at.UnixMicro() {
			out[IndicatorYear{c.code, c.year}] = true
		}
	}
	return out, err
}

// changed is one row of the table change.
type changed struct {
	part
	code   string
	number int64
	last   int64
}

func (s *Store) changes(ctx context.Context, q querier, b *book) ([]changed, error) {
	var list []changed
	query := `SELECT indicator, year, number, recorded_last FROM change ORDER BY indicator, year`
	err := s.each(ctx, q, "read changes", query, nil, func(rows *sql.Rows) error {
		var c changed
		if err := rows.Scan(&c.indicator, &c.year, &c.number, &c.last); err != nil {
			return err
		}
		if e := b.byID[c.indicator]; e != nil { // else recorded since the book was read
			c.code = e.code
			list = append(list, c)
		}
		return nil
	})
	return list, err
}
