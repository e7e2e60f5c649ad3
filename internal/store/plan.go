package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"reflect"
	"strings"
	"time"

	"luoshi.dev"
)

// lockPlan takes the plan side for this transaction, once: its writers wait for
// each other, and what they record is later than all recorded before.
func (tx *Tx) lockPlan(ctx context.Context) error {
	if tx.planAt != 0 {
		return nil
	}
	err := tx.inTurn(ctx, len(tx.parts)+len(tx.phrases) > 0, func() error {
		return tx.sql.QueryRowContext(ctx, `UPDATE plan SET number = number + 1,
			recorded_last = CASE WHEN recorded_last < $1 THEN $1 ELSE recorded_last + 1 END
			WHERE id = 1 RETURNING recorded_last`, tx.now).Scan(&tx.planAt)
	})
	if err != nil {
		tx.planAt = -1 // asked for: the next attempt takes it first
	}
	tx.book = nil
	return tx.s.fail(err, "lock plan")
}

// instant settles when a fact of the plan side counts as recorded: with the
// transaction, or at the earlier instant that it carries.
func (tx *Tx) instant(carried int64) int64 {
	at := tx.planAt
	if carried != 0 && carried < at {
		at = carried
	}
	tx.markDay(at)
	return at
}

// laterKnown is the refusal of history that comes after what it precedes.
func laterKnown(what string) error {
	return &luoshi.Error{Code: luoshi.Conflict, Message: luoshi.Say("store.later_known", "what", what)}
}

// PlanChange numbers the writes on the plan side (units, indicators, sets, goals,
// schemes, targets): another number, other contents.
func (s *Store) PlanChange(ctx context.Context) (int64, error) {
	var number int64
	err := s.read.QueryRowContext(ctx, `SELECT number FROM plan`).Scan(&number)
	return number, s.fail(err, "read plan number")
}

// Instants lists, for every day on which something was recorded, the last instant
// of that day, ascending: the views between which "as of" can choose.
func (s *Store) Instants(ctx context.Context) ([]time.Time, error) {
	var list []time.Time
	err := s.each(ctx, s.read, "read days", `SELECT day FROM recording_day ORDER BY day`, nil, func(rows *sql.Rows) error {
		var day luoshi.Date
		err := rows.Scan(&day)
		list = append(list, day.End())
		return err
	})
	return list, err
}

// table binds the columns of a table to the fields of a noun, both ways.
type table[T any] struct {
	name    string
	columns string // between blanks
	fields  func(*T) []any
}

func (t table[T]) list() []string { return strings.Fields(t.columns) }

// read returns the rows that `tail` selects.
func (t table[T]) read(ctx context.Context, s *Store, q querier, tail string, args ...any) ([]T, error) {
	var list []T
	query := "SELECT " + strings.Join(t.list(), ", ") + " FROM " + t.name + " " + tail
	err := s.each(ctx, q, "read "+t.name, query, args, func(rows *sql.Rows) error {
		var v T
		err := rows.Scan(t.fields(&v)...)
		list = append(list, v)
		return err
	})
	return list, err
}

// insert adds the rows.
func (t table[T]) insert(ctx context.Context, tx *Tx, list []T) error {
	if len(list) == 0 {
		return nil
	}
	err := tx.s.d.insert(ctx, tx, t.name, t.list(), len(list), func(i int, values []any) {
		for c, field := range t.fields(&list[i]) {
			values[c] = plain(field)
		}
		if _, ok := covered[t.name]; ok {
			tx.buffer = tx.sums.add(t.name, values, tx.buffer)
		}
	})
	return tx.s.fail(err, "write %s", t.name)
}

// plain turns a pointer to a field into a value that every driver takes.
func plain(field any) any {
	if valuer, ok := field.(driver.Valuer); ok {
		v, err := valuer.Value()
		if err != nil {
			return err // no driver takes an error: the statement fails and says so
		}
		return v
	}
	switch v := reflect.ValueOf(field).Elem(); v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Int, reflect.Int32, reflect.Int64:
		return v.Int()
	default:
		panic(fmt.Sprintf("store: no column for a %s", v.Type()))
	}
}

// versioned is a noun with the number of its version under its key.
type versioned[T any] struct {
	version int
	noun    T
}

// facts is a table of nouns of which later versions correct earlier ones with the
// same key.
type facts[T any, K comparable] struct {
	table[versioned[T]]
	key      func(*T) K
	recorded func(*T) *int64
}

// add numbers the list on from the versions that `where` selects, and inserts it.
func (f facts[T, K]) add(ctx context.Context, tx *Tx, list []T, where string, args ...any) ([]versioned[T], error) {
	if err := tx.lockPlan(ctx); err != nil {
		return nil, err
	}
	old, err := f.read(ctx, tx.s, tx.sql, where+" ORDER BY version", args...)
	if err != nil {
		return nil, err
	}
	known := make(map[K]versioned[T], len(old))
	for _, v := range old {
		known[f.key(&v.noun)] = v
	}
	out := make([]versioned[T], len(list))
	for i, noun := range list {
		at := f.recorded(&noun)
		*at = tx.instant(*at)
		k := f.key(&noun)
		before := known[k]
		if before.version > 0 && *f.recorded(&before.noun) > *at {
			return nil, laterKnown(fmt.Sprint(k))
		}
		out[i] = versioned[T]{before.version + 1, noun}
		known[k] = out[i]
	}
	return out, f.insert(ctx, tx, out)
}

// newest returns the last version of every key among those recorded by asOf;
// versions of one key must come together, in their order.
func (f facts[T, K]) newest(ctx context.Context, s *Store, q querier, asOf time.Time, order string) ([]versioned[T], error) {
	list, err := f.read(ctx, s, q, "WHERE recorded_at <= $1 ORDER BY "+order+", version", micros(asOf))
	kept := list[:0]
	for i := range list {
		if i+1 == len(list) || f.key(&list[i+1].noun) != f.key(&list[i].noun) {
			kept = append(kept, list[i])
		}
	}
	return kept, err
}

func nouns[T any](list []versioned[T]) []T {
	out := make([]T, len(list))
	for i := range list {
		out[i] = list[i].noun
	}
	return out
}

// flag keeps truth as 0 or 1.
type flag struct{ b *bool }

func (f flag) Scan(v any) error {
	n, ok := v.(int64)
	*f.b = n != 0
	if !ok {
		return fmt.Errorf("flag: %T", v)
	}
	return nil
}

func (f flag) Value() (driver.Value, error) {
	if *f.b {
		return int64(1), nil
	}
	return int64(0), nil
}

// instant keeps a time as microseconds.
type instant struct{ t *time.Time }

func (i instant) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("instant: %T", v)
	}
	*i.t = fromMicros(n)
	return nil
}

func (i instant) Value() (driver.Value, error) { return i.t.UnixMicro(), nil }

// codes keeps codes, which hold no blanks, between blanks.
type codes struct{ list *[]string }

func (c codes) Scan(v any) error {
	text, ok := v.(string)
	if !ok {
		return fmt.Errorf("codes: %T", v)
	}
	*c.list = nil
	if text != "" {
		*c.list = strings.Fields(text)
	}
	return nil
}

func (c codes) Value() (driver.Value, error) { return strings.Join(*c.list, " "), nil }

// curve keeps quantities between blanks, "-" where one is absent.
type curve struct{ list *[]luoshi.NullQuantity }

func (c curve) Scan(v any) error {
	text, ok := v.(string)
	if !ok {
		return fmt.Errorf("curve: %T", v)
	}
	*c.list = nil
	for word := range strings.FieldsSeq(text) {
		var q luoshi.NullQuantity
		if word != "-" {
			if err := q.Scan(word); err != nil {
				return fmt.Errorf("curve: %w", err)
			}
		}
		*c.list = append(*c.list, q)
	}
	return nil
}

func (c curve) Value() (driver.Value, error) {
	words := make([]string, len(*c.list))
	for i, q := range *c.list {
		words[i] = "-"
		if q.Valid {
			words[i] = q.Decimal.String()
		}
	}
	return strings.Join(words, " "), nil
}

// names binds the three columns of a name.
func names(n *luoshi.Names) []any { return []any{&n.Hans, &n.Hant, &n.En} }
