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
	if c.Hash == "" { // signs in elsewhere: a session alone makes no password
		return nil, refuse(luoshi.Conflict, "password.none")
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
	c.Past = append([]string{c.Hash}, c.Past[:min(len(c.Past), PasswordPast-2)]...)
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
			return refuse(luoshi.Invalid, "password.again", "count", PasswordPast)
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

// Pending is the second factor that was drawn and waits for its first code.
func (a *Accounts) Pending(ctx context.Context, who *Here) (*Enrolment, error) {
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
	return &Enrolment{plain, totpAddress(plain, who.Person.Login)}, nil
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
	var codes []string
	codes, c.Recovery = recoveryCodes()
	c.TOTPOn, c.TOTPLast = true, step
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
func (a *Accounts) TurnOff(ctx context.Context, who *Here, password string, from From) error {
	c, err := a.asked(ctx, who, password, from)
	if err != nil {
		return err
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

// NewRecovery draws recovery codes in place of those that are left, and returns
// them, this once.
func (a *Accounts) NewRecovery(ctx context.Context, who *Here, password string, from From) ([]string, error) {
	c, err := a.asked(ctx, who, password, from)
	if err != nil {
		return nil, err
	}
	if !c.TOTPOn {
		return nil, refuse(luoshi.Conflict, "totp.not_begun")
	}
	var codes []string
	codes, c.Recovery = recoveryCodes()
	return codes, a.store.Write(ctx, func(tx *store.Tx) error {
		e := who.Event(workflow.Self, object(who.Person.ID), 0)
		e.After = `{"recovery_codes":true}`
		tx.Record(e)
		return tx.PutCredential(ctx, c)
	})
}

// asked asks for the own password once more. A wrong one counts as a failed sign-in.
func (a *Accounts) asked(ctx context.Context, who *Here, password string, from From) (store.Credential, error) {
	if err := a.held(ctx, who.Person.Login, from); err != nil {
		return store.Credential{}, err
	}
	c, err := a.store.Credential(ctx, who.Person.ID)
	if err != nil {
		return c, err
	}
	right := false
	if c.Hash != "" {
		right, err = matches(c.Hash, password)
	}
	if err == nil && !right {
		err = a.failed(ctx, who.Person.ID, who.Person.Login, from)
	}
	return c, err
}

// Own is how somebody's account stands, as they see it.
type Own struct {
	Posts     []Held
	Password  bool      // there is one: not only an account elsewhere
	ChangedAt time.Time // the password
	SecondOn  bool
	SecondFor bool // a post asks for a second factor
	Left      int  // recovery codes
}

// Held is a post with its unit as it is called today; without a code the unit is
// none of today's.
type Held struct {
	luoshi.Post
	Code  string
	Names luoshi.Names
}

// Own tells how the account of somebody stands who asks for their own.
func (a *Accounts) Own(ctx context.Context, who *Here) (*Own, error) {
	c, err := a.store.Credential(ctx, who.Person.ID)
	if err != nil {
		return nil, err
	}
	o := &Own{Password: c.Hash != "", ChangedAt: c.ChangedAt, SecondOn: c.TOTPOn, Left: len(c.Recovery)}
	if o.SecondFor, err = a.codeAsked(ctx, who.Person.ID); err != nil {
		return nil, err
	}
	tree, err := a.treeNow(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range who.Posts {
		o.Posts = append(o.Posts, heldAt(p, tree))
	}
	return o, nil
}

func heldAt(p luoshi.Post, tree *luoshi.Tree) Held {
	h := Held{Post: p}
	if at, here := tree.Find(p.Unit); here {
		h.Code, h.Names = tree.Nodes[at].Code, tree.Nodes[at].Names
	}
	return h
}

const recoveryCount = 10

// recoveryCodes are ten codes of 50 bits each, and their hashes: dear ones, for so
// little chance could be tried through by whoever has the database.
func recoveryCodes() (codes, hashes []string) {
	for range recoveryCount {
		b := make([]byte, 7)
		_, _ = rand.Read(b) // never fails
		text := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))[:recoveryChars]
		codes = append(codes, text[:5]+"-"+text[5:])
		hashes = append(hashes, hashed(text, dear))
	}
	return codes, hashes
}

// recoveryChars is the length of a recovery code without its dash.
const recoveryChars = 10

// recoveryAt finds a code among the hashes, or -1. What has not the form of one costs
// nothing.
func recoveryAt(hashes []string, code string) (int, error) {
	code = foldRecovery(code)
	if len(code) != recoveryChars || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz234567") != "" {
		return -1, nil
	}
	for i, hash := range hashes {
		if right, err := matches(hash, code); err != nil || right {
			return i, err
		}
	}
	return -1, nil
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
