package store

import (
	"context"
	"database/sql"
	"time"

	"luoshi.dev"
)

// The states of a person.
const (
	personActive = iota
	personDisabled
	personAnonymous
)

const personColumns = `id, login, shown, state, recorded_at`

func scanPerson(rows *sql.Rows, p *luoshi.Person) error {
	var state int
	err := rows.Scan(&p.ID, &p.Login, &p.Name, &state, &p.RecordedAt)
	p.Disabled, p.Anonymous = state != personActive, state == personAnonymous
	return err
}

const newestPerson = `SELECT ` + personColumns + ` FROM person p WHERE version = (SELECT max(version) FROM person q WHERE q.id = p.id)`

// People returns everybody, as they are now, by number.
func (s *Store) People(ctx context.Context) ([]luoshi.Person, error) {
	var list []luoshi.Person
	err := s.each(ctx, s.read, "read people", newestPerson+` ORDER BY id`, nil, func(rows *sql.Rows) error {
		var p luoshi.Person
		err := scanPerson(rows, &p)
		list = append(list, p)
		return err
	})
	return list, err
}

// Person returns one person.
func (s *Store) Person(ctx context.Context, id luoshi.PersonID) (luoshi.Person, error) {
	return s.onePerson(ctx, s.read, newestPerson+` AND id = $1`, int64(id))
}

// PersonByLogin returns whoever signs in under the name.
func (s *Store) PersonByLogin(ctx context.Context, login string) (luoshi.Person, error) {
	return s.onePerson(ctx, s.read, newestPerson+` AND id = (SELECT person FROM login WHERE login = $1)`, luoshi.FoldLogin(login))
}

func (s *Store) onePerson(ctx context.Context, q querier, query string, arg any) (luoshi.Person, error) {
	var p luoshi.Person
	err := s.each(ctx, q, "read person", query, []any{arg}, func(rows *sql.Rows) error { return scanPerson(rows, &p) })
	if err == nil && p.ID == 0 {
		err = &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("person.unknown")}
	}
	return p, err
}

// HoldPerson returns one person, whom no other transaction holds until this one ends:
// what is decided by their posts is decided by the posts that they have.
func (tx *Tx) HoldPerson(ctx context.Context, id luoshi.PersonID) (luoshi.Person, error) {
	if _, err := tx.sql.ExecContext(ctx, `UPDATE person SET version = version WHERE id = $1 AND version = 1`, int64(id)); err != nil {
		return luoshi.Person{}, tx.s.fail(err, "hold person")
	}
	return tx.s.onePerson(ctx, tx.sql, newestPerson+` AND id = $1`, int64(id))
}

// AddPerson adds somebody new and returns their number. The sign-in name must be
// nobody's.
func (tx *Tx) AddPerson(ctx context.Context, p luoshi.Person) (luoshi.PersonID, error) {
	ids, err := tx.s.d.serials(ctx, tx.sql, "person", 1)
	if err != nil {
		return 0, tx.s.fail(err, "number person")
	}
	p.ID = luoshi.PersonID(ids[0])
	return p.ID, tx.writePerson(ctx, p, 1)
}

// ChangePerson replaces name, sign-in name and whether they may sign in. Pages that
// name the person are then written anew.
func (tx *Tx) ChangePerson(ctx context.Context, p luoshi.Person) error {
	if err := tx.lockPlan(ctx); err != nil {
		return err
	}
	var version int
	err := tx.sql.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM person WHERE id = $1`, int64(p.ID)).Scan(&version)
	if err != nil {
		return tx.s.fail(err, "read person")
	}
	if version == 0 {
		return &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("person.unknown")}
	}
	return tx.writePerson(ctx, p, version+1)
}

func (tx *Tx) writePerson(ctx context.Context, p luoshi.Person, version int) error {
	state := personActive
	switch {
	case p.Anonymous:
		state = personAnonymous
	case p.Disabled:
		state = personDisabled
	}
	if _, err := tx.sql.ExecContext(ctx, `DELETE FROM login WHERE person = $1`, int64(p.ID)); err != nil {
		return tx.s.fail(err, "free sign-in name")
	}
	if p.Login != "" {
		var holder int64
		err := tx.sql.QueryRowContext(ctx, `INSERT INTO login (login, person) VALUES ($1, $2) ON CONFLICT (login) DO UPDATE SET login = excluded.login RETURNING person`,
			p.Login, int64(p.ID)).Scan(&holder)
		if err != nil {
			return tx.s.fail(err, "claim sign-in name")
		}
		if holder != int64(p.ID) {
			return &luoshi.Error{Code: luoshi.Conflict, Message: luoshi.Say("person.login_taken", "login", p.Login)}
		}
	}
	_, err := tx.sql.ExecContext(ctx, `INSERT INTO person (id, version, login, shown, state, recorded_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		int64(p.ID), version, p.Login, p.Name, state, tx.now)
	return tx.s.fail(err, "write person")
}

// Anonymise takes away for good what tells who somebody is, in every version, with
// all that they sign in by. The history knows them by number and stays whole.
func (tx *Tx) Anonymise(ctx context.Context, id luoshi.PersonID) error {
	if err := tx.ChangePerson(ctx, luoshi.Person{ID: id, Disabled: true, Anonymous: true}); err != nil {
		return err
	}
	for _, statement := range []string{
		`UPDATE person SET login = '', shown = '' WHERE id = $1`, `DELETE FROM credential WHERE person = $1`, `DELETE FROM linked WHERE person = $1`,
		`DELETE FROM session WHERE person = $1`, `DELETE FROM token WHERE person = $1`,
	} {
		if _, err := tx.sql.ExecContext(ctx, statement, int64(id)); err != nil {
			return tx.s.fail(err, "anonymise")
		}
	}
	return nil
}

// dated is a noun with the number of its version.
type dated[T any] struct {
	version int
	noun    T
}

func postTable() table[dated[luoshi.Post]] {
	return table[dated[luoshi.Post]]{
		name:    "post",
		columns: `person unit role valid_from version valid_until title reason recorded_at recorded_by`,
		fields: func(v *dated[luoshi.Post]) []any {
			p := &v.noun
			return []any{&p.Person, &p.Unit, &p.Role, &p.From, &v.version, &p.Until, &p.Title, &p.Reason, &p.RecordedAt, &p.By}
		},
	}
}

// Posts returns the posts of a person (0: of everybody) as known at asOf, by
// person, unit, role and first day. One whose Until lies before From was taken back.
func (s *Store) Posts(ctx context.Context, person luoshi.PersonID, asOf time.Time) ([]luoshi.Post, error) {
	return s.posts(ctx, s.read, person, asOf)
}

// Posts is [Store.Posts] as the transaction sees them.
func (tx *Tx) Posts(ctx context.Context, person luoshi.PersonID) ([]luoshi.Post, error) {
	return tx.s.posts(ctx, tx.sql, person, time.Time{})
}

func (s *Store) posts(ctx context.Context, q querier, person luoshi.PersonID, asOf time.Time) ([]luoshi.Post, error) {
	rows, err := postTable().read(ctx, s, q, `WHERE recorded_at <= $1 AND ($2 = 0 OR person = $2) ORDER BY person, unit, role, valid_from, version`, micros(asOf), int64(person))
	type key struct {
		person luoshi.PersonID
		unit   luoshi.UnitID
		role   luoshi.Role
		from   luoshi.Date
	}
	var list []luoshi.Post
	at := map[key]int{}
	for _, r := range rows {
		k := key{r.noun.Person, r.noun.Unit, r.noun.Role, r.noun.From}
		if i, ok := at[k]; ok {
			list[i] = r.noun
			continue
		}
		at[k] = len(list)
		list = append(list, r.noun)
	}
	return list, err
}

// AddPost gives a post, or changes one with the same person, unit, role and first
// day: its end, its title. What held before stays on record.
func (tx *Tx) AddPost(ctx context.Context, p luoshi.Post) error {
	var version int
	err := tx.sql.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM post WHERE person = $1 AND unit = $2 AND role = $3 AND valid_from = $4`,
		int64(p.Person), int64(p.Unit), string(p.Role), int64(p.From)).Scan(&version)
	if err != nil {
		return tx.s.fail(err, "read post")
	}
	p.RecordedAt = tx.since(p.RecordedAt)
	return postTable().insert(ctx, tx, []dated[luoshi.Post]{{version + 1, p}})
}

// since is when a fact counts as recorded: now, or at the earlier instant that it
// carries, where a history is loaded.
func (tx *Tx) since(carried int64) int64 {
	if carried != 0 && carried < tx.now {
		return carried
	}
	return tx.now
}

func dutyTable() table[dated[luoshi.Duty]] {
	return table[dated[luoshi.Duty]]{
		name:    "duty",
		columns: `kind unit indicator valid_from version person reason recorded_at recorded_by`,
		fields: func(v *dated[luoshi.Duty]) []any {
			d := &v.noun
			return []any{&d.Kind, &d.Unit, &d.Indicator, &d.From, &v.version, &d.Person, &d.Reason, &d.RecordedAt, &d.By}
		},
	}
}

// Duties returns who answers for what as known at asOf: every dated fact, by kind,
// unit, indicator and day. Of two about one day the later corrects the earlier.
func (s *Store) Duties(ctx context.Context, asOf time.Time) ([]luoshi.Duty, error) {
	rows, err := dutyTable().read(ctx, s, s.read, `WHERE recorded_at <= $1 ORDER BY kind, unit, indicator, valid_from, version`, micros(asOf))
	var list []luoshi.Duty
	for _, r := range rows {
		if n := len(list); n > 0 && list[n-1].Kind == r.noun.Kind && list[n-1].Unit == r.noun.Unit && list[n-1].Indicator == r.noun.Indicator && list[n-1].From == r.noun.From {
			list[n-1] = r.noun
			continue
		}
		list = append(list, r.noun)
	}
	return list, err
}

// AddDuty says from when somebody answers for something. It counts as recorded with
// the transaction, or at the earlier instant that it carries.
func (tx *Tx) AddDuty(ctx context.Context, d luoshi.Duty) error {
	if err := tx.lockPlan(ctx); err != nil { // pages tell who answers
		return err
	}
	var version int
	err := tx.sql.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM duty WHERE kind = $1 AND unit = $2 AND indicator = $3 AND valid_from = $4`,
		string(d.Kind), int64(d.Unit), d.Indicator, int64(d.From)).Scan(&version)
	if err != nil {
		return tx.s.fail(err, "read duty")
	}
	d.RecordedAt = tx.since(d.RecordedAt)
	return dutyTable().insert(ctx, tx, []dated[luoshi.Duty]{{version + 1, d}})
}
