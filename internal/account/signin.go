package account

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
	"luoshi.dev/workflow"
)

// Step is what somebody who has given a right password must still do.
type Step int

// The steps. Before Done a session is good for its step alone.
const (
	Done       Step = iota
	GiveCode        // the second factor
	EnrolCode       // set one up: a post asks for it
	ChangeWord      // a first password is to be changed
)

// From is where a request to sign in comes from: for limits, and for its owner to
// know a session by.
type From struct{ Address, Agent string }

// Signed is a session as it was begun. Secret goes into the cookie, and nowhere
// else.
type Signed struct {
	Secret string
	Person luoshi.Person
	Step   Step
	Ends   time.Time
}

// SignIn begins a session by name and password. Whether a name exists shows
// neither in the answer nor in how long it takes.
func (a *Accounts) SignIn(ctx context.Context, login, password string, from From) (*Signed, error) {
	login = storable(luoshi.FoldLogin(login))
	if err := a.held(ctx, login, from); err != nil {
		return nil, err
	}
	p, err := a.store.PersonByLogin(ctx, login)
	if err != nil && !notFound(err) {
		return nil, err
	}
	c := store.Credential{}
	if p.ID != 0 {
		if c, err = a.store.Credential(ctx, p.ID); err != nil {
			return nil, err
		}
	}
	hash := c.Hash
	if hash == "" {
		hash = a.dummy
	}
	right, err := matches(hash, password)
	if err != nil {
		return nil, err
	}
	if !right || c.Hash == "" || p.Disabled {
		err := a.failed(ctx, p.ID, login, from)
		if right && p.Disabled { // who knows the password may know this
			err = refuse(luoshi.Forbidden, "signin.disabled")
		}
		return nil, err
	}
	var step Step
	switch {
	case c.TOTPOn:
		step = GiveCode
	case c.MustChange:
		step = ChangeWord
	default:
		if step, err = a.afterwards(ctx, p.ID, c); err != nil {
			return nil, err
		}
	}
	return a.begin(ctx, p, step, from, "signin.password", login)
}

// afterwards is what is still to be done once password and code were right.
func (a *Accounts) afterwards(ctx context.Context, id luoshi.PersonID, c store.Credential) (Step, error) {
	if c.MustChange {
		return ChangeWord, nil
	}
	if c.TOTPOn {
		return Done, nil
	}
	asked, err := a.codeAsked(ctx, id)
	if err == nil && asked {
		return EnrolCode, nil
	}
	return Done, err
}

// codeAsked reports whether one of the person's posts asks for a second factor.
func (a *Accounts) codeAsked(ctx context.Context, id luoshi.PersonID) (bool, error) {
	roles, err := a.CodeRoles(ctx)
	if err != nil || len(roles) == 0 {
		return false, err
	}
	posts, err := a.store.Posts(ctx, id, time.Time{})
	today := luoshi.DateOf(a.now())
	return slices.ContainsFunc(posts, func(p luoshi.Post) bool { return p.Held(today) && slices.Contains(roles, p.Role) }), err
}

const codeRoles = "second_factor_roles"

// CodeRoles are the roles whose holders must have a second factor.
func (a *Accounts) CodeRoles(ctx context.Context) ([]luoshi.Role, error) {
	text, err := a.store.Setting(ctx, codeRoles)
	var list []luoshi.Role
	for _, word := range strings.Fields(text) {
		list = append(list, luoshi.Role(word))
	}
	return list, err
}

// begin makes a session. login is forgiven its failures once nothing is left to be
// proved.
func (a *Accounts) begin(ctx context.Context, p luoshi.Person, step Step, from From, how, login string) (*Signed, error) {
	plain, hash := secret()
	now := a.now()
	v := store.Session{Hash: hash, Person: p.ID, Step: int(step), Made: now, Seen: now, Ends: now.Add(a.opt.Longest), Address: from.Address, Agent: clip(from.Agent, 200)}
	err := a.store.Write(ctx, func(tx *store.Tx) error {
		if step != GiveCode && login != "" {
			if err := tx.Forgive(ctx, byLogin(login)); err != nil {
				return err
			}
		}
		if _, err := tx.NewSession(ctx, v); err != nil {
			return err
		}
		if step != GiveCode { // signed in once all is proved
			tx.Record(luoshi.Event{Actor: p.ID, Intent: string(workflow.Self), Object: object(p.ID), After: `{"signed_in":"` + how + `"}`})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &Signed{plain, p, step, v.Ends}, nil
}

// storable is a text without what PostgreSQL takes for none: broken characters, NUL.
func storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
}

func clip(s string, most int) string {
	runes := []rune(storable(s))
	return string(runes[:min(most, len(runes))])
}

// Limits on guessing. After `freely` failures within `counted` each further one
// keeps the account waiting twice as long as the one before; an address, behind
// which many may sit, is given more.
const (
	freely        = 5
	freelyAddress = 30
	firstWait     = 15 * time.Second
	longestWait   = time.Hour
	countedFor    = 24 * time.Hour
)

func byLogin(login string) string     { return "login " + clip(login, 64) }
func byAddress(address string) string { return "address " + address }

// held refuses an attempt that comes before its time.
func (a *Accounts) held(ctx context.Context, login string, from From) error {
	var until time.Time
	for _, who := range []string{byLogin(login), byAddress(from.Address)} {
		at, err := a.store.Attempts(ctx, who)
		if err != nil {
			return err
		}
		if at.Until.After(until) {
			until = at.Until
		}
	}
	if wait := until.Sub(a.now()); wait > 0 {
		return refuse(luoshi.Unavailable, "signin.wait", "seconds", int(wait/time.Second)+1)
	}
	return nil
}

// failed counts a failure and says so, the same for whatever reason.
func (a *Accounts) failed(ctx context.Context, id luoshi.PersonID, login string, from From) error {
	now := a.now()
	err := a.store.Write(ctx, func(tx *store.Tx) error {
		for _, who := range []struct {
			name   string
			freely int
		}{{byLogin(login), freely}, {byAddress(from.Address), freelyAddress}} {
			n, err := tx.Failed(ctx, who.name, now.Add(-countedFor))
			if err == nil && n >= who.freely {
				err = tx.Hold(ctx, who.name, now.Add(waits(n-who.freely)))
			}
			if err != nil {
				return err
			}
			if who.freely == freely && n == freely && id != 0 {
				tx.Record(luoshi.Event{Intent: string(workflow.Open), Object: object(id), After: `{"locked":true}`})
			}
		}
		return nil
	})
	return errors.Join(err, refuse(luoshi.Invalid, "signin.wrong"))
}

func waits(over int) time.Duration {
	return min(longestWait, firstWait<<min(over, 20))
}

// object is how the history names a person: by number, never by name.
func object(id luoshi.PersonID) string { return "person " + number(id) }

// Code gives the second factor of a session that waits for it: six digits, or one
// of the recovery codes, which is then used up.
func (a *Accounts) Code(ctx context.Context, plain, code string, from From) (*Signed, error) {
	v, p, err := a.session(ctx, plain)
	if err != nil {
		return nil, err
	}
	if Step(v.Step) != GiveCode {
		return nil, refuse(luoshi.Conflict, "signin.no_code_asked")
	}
	if err := a.held(ctx, p.Login, from); err != nil {
		return nil, err
	}
	c, err := a.store.Credential(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	right, err := a.spend(ctx, c, code)
	if err != nil {
		return nil, err
	}
	if !right {
		return nil, a.failed(ctx, p.ID, p.Login, from)
	}
	step, err := a.afterwards(ctx, p.ID, c)
	if err != nil {
		return nil, err
	}
	if err := a.end(ctx, p.ID, v.ID); err != nil { // a new secret for a new right
		return nil, err
	}
	return a.begin(ctx, p, step, from, "signin.code", p.Login)
}

// spend takes a code that was not taken before.
func (a *Accounts) spend(ctx context.Context, c store.Credential, code string) (bool, error) {
	plain, err := a.unseal(ctx, c.TOTP)
	if err != nil {
		return false, err
	}
	step, err := totpMatch(plain, code, a.now())
	if err != nil {
		return false, err
	}
	var fresh bool
	if step != 0 {
		err = a.store.Write(ctx, func(tx *store.Tx) (err error) {
			fresh, err = tx.SpendCode(ctx, c.Person, step)
			return err
		})
		return fresh, err
	}
	used, err := recoveryAt(c.Recovery, code)
	if err != nil || used < 0 {
		return false, err
	}
	err = a.store.Write(ctx, func(tx *store.Tx) error {
		now, err := a.store.Credential(ctx, c.Person)
		if err != nil {
			return err
		}
		i := slices.Index(now.Recovery, c.Recovery[used])
		if fresh = i >= 0; !fresh {
			return nil
		}
		now.Recovery = slices.Delete(now.Recovery, i, i+1)
		tx.Record(luoshi.Event{Actor: c.Person, Intent: string(workflow.Self), Object: object(c.Person), After: `{"recovery_code_used":true}`})
		return tx.PutCredential(ctx, now)
	})
	return fresh, err
}
