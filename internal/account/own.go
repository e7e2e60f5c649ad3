package account

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"luoshi.dev"
	"luoshi.dev/internal/store"
	"luoshi.dev/workflow"
)

// ChangePassword replaces the own password. All other sessions end: whoever had the
// old one is out.
func (a *Accounts) ChangePassword(ctx context.Context, plain, old, password string, from From) (*Signed, error) {
	v, p, err := a.session(ctx, plain)
	if err != nil {
		return nil, err
	}
	if step := Step(v.Step); step != Done && step != ChangeWord {
		return nil, refuse(luoshi.Forbidden, "signin.step")
	}
	if err := a.held(ctx, p.Login, from); err != nil {
		return nil, err
	}
	c, err := a.store.Credential(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	if right, err := matches(c.Hash, old); err != nil || !right {
		if err != nil {
			return nil, err
		}
		return nil, a.failed(ctx, p.ID, p.Login, from)
	}
	if err := a.fresh(p, c, password); err != nil {
		return nil, err
	}
	c.Past = append([]string{c.Hash}, c.Past[:min(len(c.Past), pastKept-2)]...)
	c.Hash, c.MustChange, c.ChangedAt = hashed(password, dear), false, a.now()
	step, err := a.afterwards(ctx, p.ID, c)
	if err != nil {
		return nil, err
	}
	err = a.store.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.EndSessions(ctx, p.ID, 0, ""); err != nil {
			return err
		}
		tx.Record(luoshi.Event{Actor: p.ID, Intent: string(workflow.Self), Object: object(p.ID), After: `{"password_changed":true}`})
		return tx.PutCredential(ctx, c)
	})
	if err != nil {
		return nil, err
	}
	return a.begin(ctx, p, step, from, "signin.password", p.Login)
}

// fresh refuses a weak password, and one of the last five.
func (a *Accounts) fresh(p luoshi.Person, c store.Credential, password string) error {
	if err := checkPassword(password, p); err != nil {
		return err
	}
	for _, hash := range append([]string{c.Hash}, c.Past...) {
		if hash == "" {
			continue
		}
		if same, err := matches(hash, password); err != nil || same {
			if err != nil {
				return err
			}
			return refuse(luoshi.Invalid, "password.again", "count", pastKept)
		}
	}
	return nil
}

// Enrolment is a second factor on its way: the secret to put into an authenticator.
type Enrolment struct{ Secret, Address string }

// Enrol draws a second factor; it counts once a first code confirms it.
func (a *Accounts) Enrol(ctx context.Context, who *Here) (*Enrolment, error) {
	c, err := a.store.Credential(ctx, who.Person.ID)
	if err != nil {
		return nil, err
	}
	if c.TOTPOn {
		return nil, refuse(luoshi.Conflict, "totp.on")
	}
	plain := newTOTP()
	if c.TOTP, err = a.seal(plain); err != nil {
		return nil, err
	}
	err = a.store.Write(ctx, func(tx *store.Tx) error { return tx.PutCredential(ctx, c) })
	return &Enrolment{plain, totpAddress(plain, who.Person.Login)}, err
}

// Confirm turns the second factor on by its first code, and returns the recovery
// codes, this once.
func (a *Accounts) Confirm(ctx context.Context, who *Here, plainSession, code string) ([]string, error) {
	c, err := a.store.Credential(ctx, who.Person.ID)
	if err != nil {
		return nil, err
	}
	if c.TOTP == "" || c.TOTPOn {
		return nil, refuse(luoshi.Conflict, "totp.not_begun")
	}
	plain, err := a.unseal(ctx, c.TOTP)
	if err != nil {
		return nil, err
	}
	step, err := totpMatch(plain, code, a.now())
	if err != nil {
		return nil, err
	}
	if step == 0 {
		return nil, refuse(luoshi.Invalid, "totp.wrong")
	}
	codes := recoveryCodes()
	c.TOTPOn, c.TOTPLast, c.Recovery = true, step, nil
	for _, one := range codes {
		c.Recovery = append(c.Recovery, hashOf(foldRecovery(one)))
	}
	return codes, a.store.Write(ctx, func(tx *store.Tx) error {
		e := who.Event(workflow.Self, object(who.Person.ID), 0)
		e.After = `{"second_factor":true}`
		tx.Record(e)
		if err := tx.PutCredential(ctx, c); err != nil {
			return err
		}
		return tx.StepSession(ctx, hashOf(plainSession), int(Done))
	})
}

// TurnOff ends the own second factor, unless a post asks for one. The password is
// asked again: a session left open must not be enough.
func (a *Accounts) TurnOff(ctx context.Context, who *Here, password string) error {
	c, err := a.store.Credential(ctx, who.Person.ID)
	if err != nil {
		return err
	}
	if right, err := matches(c.Hash, password); err != nil || !right {
		return joinedWrong(err)
	}
	if asked, err := a.codeAsked(ctx, who.Person.ID); err != nil || asked {
		if err != nil {
			return err
		}
		return refuse(luoshi.Forbidden, "totp.required")
	}
	c.TOTP, c.TOTPOn, c.TOTPLast, c.Recovery = "", false, 0, nil
	return a.store.Write(ctx, func(tx *store.Tx) error {
		e := who.Event(workflow.Self, object(who.Person.ID), 0)
		e.After = `{"second_factor":false}`
		tx.Record(e)
		return tx.PutCredential(ctx, c)
	})
}

func joinedWrong(err error) error {
	if err != nil {
		return err
	}
	return refuse(luoshi.Invalid, "signin.wrong")
}

// HasCode reports whether the second factor is on, and how many recovery codes are
// left.
func (a *Accounts) HasCode(ctx context.Context, who *Here) (on bool, left int, err error) {
	c, err := a.store.Credential(ctx, who.Person.ID)
	return c.TOTPOn, len(c.Recovery), err
}

const recoveryCount = 10

// recoveryCodes are ten codes of 50 bits each.
func recoveryCodes() []string {
	list := make([]string, recoveryCount)
	for i := range list {
		b := make([]byte, 7)
		_, _ = rand.Read(b) // never fails
		text := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))[:10]
		list[i] = text[:5] + "-" + text[5:]
	}
	return list
}

func foldRecovery(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(luoshi.Fold(strings.TrimSpace(s))))
}

// The bounds of a token.
const (
	tokenName    = 60
	tokenLongest = 366 * 24 * time.Hour
)

// tokenMark begins every token, so that one that strays is known for what it is.
const tokenMark = "luoshi_"

// NewToken makes a token that lets a program act for its owner, within a scope. It
// is shown this once.
func (a *Accounts) NewToken(ctx context.Context, who *Here, name string, scope []workflow.Intent, ends time.Time) (string, error) {
	name = strings.TrimSpace(name)
	now := a.now()
	switch {
	case name == "" || utf8.RuneCountInString(name) > tokenName:
		return "", refuse(luoshi.Invalid, "token.name", "most", tokenName)
	case !ends.After(now) || ends.Sub(now) > tokenLongest:
		return "", refuse(luoshi.Invalid, "token.ends")
	case len(scope) == 0:
		return "", refuse(luoshi.Invalid, "token.scope")
	}
	words := make([]string, len(scope))
	for i, intent := range scope {
		if _, known := workflow.RuleOf(intent); !known || intent == workflow.Self || intent == workflow.Open {
			return "", refuse(luoshi.Invalid, "token.intent", "intent", string(intent))
		}
		words[i] = string(intent)
	}
	slices.Sort(words)
	words = slices.Compact(words)
	plain, _ := secret()
	plain = tokenMark + plain
	t := store.Token{Hash: hashOf(plain), Person: who.Person.ID, Name: name, Scope: words, Ends: ends}
	return plain, a.store.Write(ctx, func(tx *store.Tx) error {
		id, err := tx.NewToken(ctx, t)
		if err != nil {
			return err
		}
		after, err := json.Marshal(map[string]any{"token": id, "scope": words, "ends": ends.Format(time.RFC3339)})
		if err != nil {
			return err
		}
		e := who.Event(workflow.Self, object(who.Person.ID), 0)
		e.After = string(after)
		tx.Record(e)
		return nil
	})
}

// Tokens lists the own tokens.
func (a *Accounts) Tokens(ctx context.Context, who *Here) ([]store.Token, error) {
	return a.store.Tokens(ctx, who.Person.ID)
}

// EndToken takes one of the own tokens back.
func (a *Accounts) EndToken(ctx context.Context, who *Here, id int64) error {
	return a.store.Write(ctx, func(tx *store.Tx) error {
		theirs, err := tx.EndToken(ctx, who.Person.ID, id)
		if err == nil && !theirs {
			err = refuse(luoshi.NotFound, "token.none")
		}
		e := who.Event(workflow.Self, object(who.Person.ID), 0)
		e.After = `{"token_ended":` + number(luoshi.PersonID(id)) + `}`
		tx.Record(e)
		return err
	})
}

// Bearer tells who stands behind a token.
func (a *Accounts) Bearer(ctx context.Context, plain string) (*Here, error) {
	if !strings.HasPrefix(plain, tokenMark) || len(plain) != len(tokenMark)+43 {
		return nil, refuse(luoshi.Forbidden, "token.none")
	}
	t, err := a.store.Token(ctx, hashOf(plain))
	now := a.now()
	if notFound(err) || err == nil && now.After(t.Ends) {
		return nil, refuse(luoshi.Forbidden, "token.none")
	}
	if err != nil {
		return nil, err
	}
	p, actor, err := a.actor(ctx, t.Person)
	if err != nil {
		return nil, err
	}
	actor.Token = true
	for _, word := range t.Scope {
		actor.Scope = append(actor.Scope, workflow.Intent(word))
	}
	if now.Sub(t.Used) >= touchEvery {
		if err := a.store.UseToken(ctx, t.Hash, now); err != nil {
			return nil, err
		}
	}
	h := &Here{Person: p, Ends: t.Ends}
	h.Actor = actor
	return h, nil
}
