package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"luoshi.dev"
)

// Credential is how somebody proves who they are. Hashes come and go as text; the
// store knows nothing of how they are made.
type Credential struct {
	Person     luoshi.PersonID
	Hash       string // of the password, "" = none: only by an account elsewhere
	MustChange bool
	ChangedAt  time.Time
	Past       []string // hashes of earlier passwords, newest first
	TOTP       string   // the shared secret, sealed; "" = none
	TOTPOn     bool     // it was confirmed by a first code
	TOTPLast   int64    // the last time step whose code was taken: no code is good twice
	Recovery   []string // hashes of the recovery codes that are left
}

// words keeps a list of texts without blanks.
type words struct{ list *[]string }

func (w words) Scan(v any) error {
	text, ok := v.(string)
	if !ok {
		return errors.New("words: not a text")
	}
	*w.list = strings.Fields(text)
	return nil
}

// Credential returns how a person signs in; without one it is empty but for Person.
func (s *Store) Credential(ctx context.Context, id luoshi.PersonID) (Credential, error) {
	c := Credential{Person: id}
	err := s.read.QueryRowContext(ctx, `SELECT hash, must_change, changed_at, past, totp, totp_on, totp_last, recovery FROM credential WHERE person = $1`, int64(id)).
		Scan(&c.Hash, flag{&c.MustChange}, instant{&c.ChangedAt}, words{&c.Past}, &c.TOTP, flag{&c.TOTPOn}, &c.TOTPLast, words{&c.Recovery})
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return c, s.fail(err, "read credential")
}

// Standing is how an account stands, without its secrets.
type Standing struct {
	Password   bool // can sign in with one
	SecondOn   bool
	MustChange bool
	Linked     bool // can sign in by an account elsewhere
}

// Standings tells how everybody's account stands.
func (s *Store) Standings(ctx context.Context) (map[luoshi.PersonID]Standing, error) {
	all := map[luoshi.PersonID]Standing{}
	query := `SELECT person, CASE WHEN hash = '' THEN 0 ELSE 1 END, totp_on, must_change, (SELECT count(*) FROM linked l WHERE l.person = c.person) FROM credential c`
	err := s.each(ctx, s.read, "read accounts", query, nil, func(rows *sql.Rows) error {
		var id luoshi.PersonID
		var v Standing
		var links int
		err := rows.Scan(&id, flag{&v.Password}, flag{&v.SecondOn}, flag{&v.MustChange}, &links)
		v.Linked = links > 0
		all[id] = v
		return err
	})
	return all, err
}

// Waiting lists who may not try again before when.
func (s *Store) Waiting(ctx context.Context) (map[string]time.Time, error) {
	all := map[string]time.Time{}
	err := s.each(ctx, s.read, "read attempts", `SELECT who, locked_until FROM attempt WHERE locked_until > 0`, nil, func(rows *sql.Rows) error {
		var who string
		var until time.Time
		err := rows.Scan(&who, instant{&until})
		all[who] = until
		return err
	})
	return all, err
}

// PutCredential replaces how a person signs in.
func (tx *Tx) PutCredential(ctx context.Context, c Credential) error {
	number := func(b bool) int64 {
		if b {
			return 1
		}
		return 0
	}
	_, err := tx.sql.ExecContext(ctx, `INSERT INTO credential (person, hash, must_change, changed_at, past, totp, totp_on, totp_last, recovery)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, must_change = excluded.must_change,
		changed_at = excluded.changed_at, past = excluded.past, totp = excluded.totp, totp_on = excluded.totp_on, totp_last = excluded.totp_last,
		recovery = excluded.recovery`, int64(c.Person), c.Hash, number(c.MustChange), c.ChangedAt.UnixMicro(), strings.Join(c.Past, " "), c.TOTP,
		number(c.TOTPOn), c.TOTPLast, strings.Join(c.Recovery, " "))
	return tx.s.fail(err, "write credential")
}

// SpendCode notes that the code of a time step was taken, and reports whether it
// was the first time: two who send one code at once cannot both get in.
func (tx *Tx) SpendCode(ctx context.Context, id luoshi.PersonID, step int64) (bool, error) {
	r, err := tx.sql.ExecContext(ctx, `UPDATE credential SET totp_last = $2 WHERE person = $1 AND totp_last < $2`, int64(id), step)
	return tx.oneRow(r, err, "spend code")
}

// oneRow reports whether a statement met one row.
func (tx *Tx) oneRow(r sql.Result, err error, doing string) (bool, error) {
	var n int64
	if err == nil {
		n, err = r.RowsAffected()
	}
	return n == 1, tx.s.fail(err, "%s", doing)
}

// Linked returns the person whose account at an issuer this is, or 0.
func (s *Store) Linked(ctx context.Context, issuer, subject string) (luoshi.PersonID, error) {
	var id int64
	err := s.read.QueryRowContext(ctx, `SELECT person FROM linked WHERE issuer = $1 AND subject = $2`, issuer, subject).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return luoshi.PersonID(id), s.fail(err, "read linked account")
}

// Link says that an account at an issuer is a person, and reports whether it is: of
// two who claim one account, one has it.
func (tx *Tx) Link(ctx context.Context, issuer, subject string, id luoshi.PersonID) (bool, error) {
	var holder int64
	err := tx.sql.QueryRowContext(ctx, `INSERT INTO linked (issuer, subject, person, linked_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (issuer, subject) DO UPDATE SET subject = excluded.subject RETURNING person`, issuer, subject, int64(id), tx.now).Scan(&holder)
	return holder == int64(id), tx.s.fail(err, "link account")
}

// Unlink takes away a person's account at an issuer and reports whether there was
// one.
func (tx *Tx) Unlink(ctx context.Context, issuer string, id luoshi.PersonID) (bool, error) {
	r, err := tx.sql.ExecContext(ctx, `DELETE FROM linked WHERE issuer = $1 AND person = $2`, issuer, int64(id))
	return tx.oneRow(r, err, "unlink account")
}

// Link is an account elsewhere that is a person here.
type Link struct {
	Issuer, Subject string
	At              time.Time
}

// Links returns the accounts elsewhere of a person.
func (s *Store) Links(ctx context.Context, id luoshi.PersonID) ([]Link, error) {
	var list []Link
	err := s.each(ctx, s.read, "read linked accounts", `SELECT issuer, subject, linked_at FROM linked WHERE person = $1 ORDER BY issuer, subject`, []any{int64(id)}, func(rows *sql.Rows) error {
		var l Link
		err := rows.Scan(&l.Issuer, &l.Subject, instant{&l.At})
		list = append(list, l)
		return err
	})
	return list, err
}

// Session is somebody who is signed in, known by the hash of a secret.
type Session struct {
	Hash   string
	ID     int64
	Person luoshi.PersonID
	Behalf luoshi.PersonID // looked at as, in the demonstration
	Step   int             // what is still to be done before anything else: 0 nothing, as the service numbers it
	Made   time.Time
	Seen   time.Time
	Ends   time.Time
	// Address and Agent are for their owner, to know a session by.
	Address, Agent string
}

const sessionColumns = `hash, id, person, behalf, step, made_at, seen_at, ends_at, address, agent`

func scanSession(scan func(...any) error, v *Session) error {
	return scan(&v.Hash, &v.ID, &v.Person, &v.Behalf, &v.Step, instant{&v.Made}, instant{&v.Seen}, instant{&v.Ends}, &v.Address, &v.Agent)
}

// Session returns the session with the hash; one that is not there is not found.
func (s *Store) Session(ctx context.Context, hash string) (Session, error) {
	var v Session
	row := s.read.QueryRowContext(ctx, `SELECT `+sessionColumns+` FROM session WHERE hash = $1`, hash)
	err := scanSession(row.Scan, &v)
	if errors.Is(err, sql.ErrNoRows) {
		return v, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("session.none")}
	}
	return v, s.fail(err, "read session")
}

// Sessions returns the sessions of a person, the one seen last first.
func (s *Store) Sessions(ctx context.Context, id luoshi.PersonID) ([]Session, error) {
	var list []Session
	err := s.each(ctx, s.read, "read sessions", `SELECT `+sessionColumns+` FROM session WHERE person = $1 ORDER BY seen_at DESC, id`, []any{int64(id)}, func(rows *sql.Rows) error {
		var v Session
		err := scanSession(rows.Scan, &v)
		list = append(list, v)
		return err
	})
	return list, err
}

// NewSession keeps a session and returns its number.
func (tx *Tx) NewSession(ctx context.Context, v Session) (int64, error) {
	ids, err := tx.s.d.serials(ctx, tx.sql, "secret", 1)
	if err != nil {
		return 0, tx.s.fail(err, "number session")
	}
	_, err = tx.sql.ExecContext(ctx, `INSERT INTO session (`+sessionColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		v.Hash, ids[0], int64(v.Person), int64(v.Behalf), v.Step, v.Made.UnixMicro(), v.Seen.UnixMicro(), v.Ends.UnixMicro(), v.Address, v.Agent)
	return ids[0], tx.s.fail(err, "write session")
}

// TouchSession notes that a session was seen. It writes without waiting for the
// disk to matter: a lost note costs nobody anything.
func (s *Store) TouchSession(ctx context.Context, hash string, at time.Time) error {
	return s.Write(ctx, func(tx *Tx) error {
		_, err := tx.sql.ExecContext(ctx, `UPDATE session SET seen_at = $2 WHERE hash = $1`, hash, at.UnixMicro())
		return tx.s.fail(err, "note session")
	})
}

// StepSession moves a session on to what is still to be done.
func (tx *Tx) StepSession(ctx context.Context, hash string, step int) error {
	_, err := tx.sql.ExecContext(ctx, `UPDATE session SET step = $2 WHERE hash = $1`, hash, step)
	return tx.s.fail(err, "move session on")
}

// EndSessions ends sessions of a person: the one with the number, or all but the
// one with the hash. It reports how many.
func (tx *Tx) EndSessions(ctx context.Context, id luoshi.PersonID, number int64, but string) (int64, error) {
	r, err := tx.sql.ExecContext(ctx, `DELETE FROM session WHERE person = $1 AND ($2 = 0 OR id = $2) AND hash <> $3`, int64(id), number, but)
	if err != nil {
		return 0, tx.s.fail(err, "end sessions")
	}
	n, err := r.RowsAffected()
	return n, tx.s.fail(err, "end sessions")
}

// SweepSessions forgets sessions and tokens that have ended, and failed attempts
// that no longer count.
func (tx *Tx) SweepSessions(ctx context.Context, idle, attempts time.Time) error {
	for _, one := range []struct {
		statement string
		args      []any
	}{
		{`DELETE FROM session WHERE ends_at < $1 OR seen_at < $2`, []any{tx.now, idle.UnixMicro()}},
		{`DELETE FROM token WHERE ends_at < $1`, []any{tx.now}},
		{`DELETE FROM attempt WHERE last_at < $1 AND locked_until < $2`, []any{attempts.UnixMicro(), tx.now}},
	} {
		if _, err := tx.sql.ExecContext(ctx, one.statement, one.args...); err != nil {
			return tx.s.fail(err, "sweep")
		}
	}
	return nil
}

// Token lets a program act for a person, within a scope, until a day.
type Token struct {
	Hash   string
	ID     int64
	Person luoshi.PersonID
	Name   string
	Scope  []string // intents
	Made   time.Time
	Used   time.Time // zero = never
	Ends   time.Time
}

const tokenColumns = `hash, id, person, name, scope, made_at, used_at, ends_at`

func scanToken(scan func(...any) error, t *Token) error {
	var used int64
	err := scan(&t.Hash, &t.ID, &t.Person, &t.Name, words{&t.Scope}, instant{&t.Made}, &used, instant{&t.Ends})
	if used != 0 {
		t.Used = fromMicros(used)
	}
	return err
}

// Token returns the token with the hash.
func (s *Store) Token(ctx context.Context, hash string) (Token, error) {
	var t Token
	err := scanToken(s.read.QueryRowContext(ctx, `SELECT `+tokenColumns+` FROM token WHERE hash = $1`, hash).Scan, &t)
	if errors.Is(err, sql.ErrNoRows) {
		return t, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("token.none")}
	}
	return t, s.fail(err, "read token")
}

// Tokens returns the tokens of a person, the newest first.
func (s *Store) Tokens(ctx context.Context, id luoshi.PersonID) ([]Token, error) {
	var list []Token
	err := s.each(ctx, s.read, "read tokens", `SELECT `+tokenColumns+` FROM token WHERE person = $1 ORDER BY id DESC`, []any{int64(id)}, func(rows *sql.Rows) error {
		var t Token
		err := scanToken(rows.Scan, &t)
		list = append(list, t)
		return err
	})
	return list, err
}

// NewToken keeps a token and returns its number.
func (tx *Tx) NewToken(ctx context.Context, t Token) (int64, error) {
	ids, err := tx.s.d.serials(ctx, tx.sql, "secret", 1)
	if err != nil {
		return 0, tx.s.fail(err, "number token")
	}
	_, err = tx.sql.ExecContext(ctx, `INSERT INTO token (`+tokenColumns+`) VALUES ($1, $2, $3, $4, $5, $6, 0, $7)`,
		t.Hash, ids[0], int64(t.Person), t.Name, strings.Join(t.Scope, " "), tx.now, t.Ends.UnixMicro())
	return ids[0], tx.s.fail(err, "write token")
}

// EndToken takes a token away from a person and reports whether it was theirs.
func (tx *Tx) EndToken(ctx context.Context, id luoshi.PersonID, number int64) (bool, error) {
	r, err := tx.sql.ExecContext(ctx, `DELETE FROM token WHERE person = $1 AND id = $2`, int64(id), number)
	return tx.oneRow(r, err, "end token")
}

// UseToken notes when a token was used last.
func (s *Store) UseToken(ctx context.Context, hash string, at time.Time) error {
	return s.Write(ctx, func(tx *Tx) error {
		_, err := tx.sql.ExecContext(ctx, `UPDATE token SET used_at = $2 WHERE hash = $1`, hash, at.UnixMicro())
		return tx.s.fail(err, "note token")
	})
}

// EndWays ends what lets a person in without their password: sessions, tokens and
// accounts elsewhere.
func (tx *Tx) EndWays(ctx context.Context, id luoshi.PersonID) error {
	for _, statement := range []string{`DELETE FROM session WHERE person = $1`, `DELETE FROM token WHERE person = $1`, `DELETE FROM linked WHERE person = $1`} {
		if _, err := tx.sql.ExecContext(ctx, statement, int64(id)); err != nil {
			return tx.s.fail(err, "end ways in")
		}
	}
	return nil
}

// Attempts are the failures to sign in of an account or an address.
type Attempts struct {
	Failures int
	Last     time.Time
	Until    time.Time // nothing is tried before
}

// Attempts returns the failures of whoever is named.
func (s *Store) Attempts(ctx context.Context, who string) (Attempts, error) {
	var a Attempts
	err := s.read.QueryRowContext(ctx, `SELECT failures, last_at, locked_until FROM attempt WHERE who = $1`, who).Scan(&a.Failures, instant{&a.Last}, instant{&a.Until})
	if errors.Is(err, sql.ErrNoRows) {
		return Attempts{}, nil
	}
	return a, s.fail(err, "read attempts")
}

// Failed counts one more failure and returns how many there are now. Those before
// `since` no longer count.
func (tx *Tx) Failed(ctx context.Context, who string, since time.Time) (int, error) {
	var n int
	err := tx.sql.QueryRowContext(ctx, `INSERT INTO attempt (who, failures, last_at, locked_until) VALUES ($1, 1, $2, 0)
		ON CONFLICT (who) DO UPDATE SET failures = CASE WHEN attempt.last_at < $3 THEN 1 ELSE attempt.failures + 1 END, last_at = excluded.last_at
		RETURNING failures`, who, tx.now, since.UnixMicro()).Scan(&n)
	return n, tx.s.fail(err, "count failure")
}

// Hold keeps whoever is named from trying before an instant.
func (tx *Tx) Hold(ctx context.Context, who string, until time.Time) error {
	_, err := tx.sql.ExecContext(ctx, `UPDATE attempt SET locked_until = $2 WHERE who = $1`, who, until.UnixMicro())
	return tx.s.fail(err, "hold")
}

// Forgive forgets the failures of whoever is named.
func (tx *Tx) Forgive(ctx context.Context, who string) error {
	_, err := tx.sql.ExecContext(ctx, `DELETE FROM attempt WHERE who = $1`, who)
	return tx.s.fail(err, "forgive")
}

// Setting returns a setting of the installation, "" where it was never set.
func (s *Store) Setting(ctx context.Context, name string) (string, error) {
	var v string
	err := s.read.QueryRowContext(ctx, `SELECT value FROM setting WHERE name = $1`, name).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return v, s.fail(err, "read setting")
}

// Set changes a setting; "" takes it away.
func (tx *Tx) Set(ctx context.Context, name, value string) error {
	var err error
	if value == "" {
		_, err = tx.sql.ExecContext(ctx, `DELETE FROM setting WHERE name = $1`, name)
	} else {
		_, err = tx.sql.ExecContext(ctx, `INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	}
	return tx.s.fail(err, "write setting")
}

// Take takes a setting away if it has the value, and reports whether it had: of two
// who take it at once one does.
func (tx *Tx) Take(ctx context.Context, name, value string) (bool, error) {
	r, err := tx.sql.ExecContext(ctx, `DELETE FROM setting WHERE name = $1 AND value = $2`, name, value)
	return tx.oneRow(r, err, "take setting")
}

// SetOnce makes a setting unless it is there, and returns what holds.
func (tx *Tx) SetOnce(ctx context.Context, name, value string) (string, error) {
	err := tx.sql.QueryRowContext(ctx, `INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = setting.value RETURNING value`,
		name, value).Scan(&value)
	return value, tx.s.fail(err, "write setting")
}
