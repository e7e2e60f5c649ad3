package account

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"luoshi.dev"
	"luoshi.dev/internal/store"
	"luoshi.dev/workflow"
)

// An account at an OpenID Connect provider is known by issuer and subject, never by
// an e-mail address or a name, which others may come to hold. It becomes a person
// here in two ways: the person links it, signed in and with their password given
// again; or an administrator enters its subject.

// SignInLinked begins a session for whoever a provider says it is. What the person
// has as a second factor is still asked for.
func (a *Accounts) SignInLinked(ctx context.Context, issuer, subject string, from From) (*Signed, error) {
	id, err := a.store.Linked(ctx, issuer, subject)
	if err != nil {
		return nil, err
	}
	if id == 0 {
		return nil, refuse(luoshi.Forbidden, "signin.unlinked", "subject", subject)
	}
	p, err := a.store.Person(ctx, id)
	if err != nil {
		return nil, err
	}
	if p.Disabled {
		return nil, refuse(luoshi.Forbidden, "signin.disabled")
	}
	c, err := a.unusedWord(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	step := GiveCode
	if !c.TOTPOn {
		if step, err = a.afterwards(ctx, p.ID, c); err != nil {
			return nil, err
		}
	}
	return a.begin(ctx, p, step, from, "signin.linked", p.Login)
}

// unusedWord takes a first password away that was never used: whoever signs in
// elsewhere needs none, and it lies about in somebody's notes.
func (a *Accounts) unusedWord(ctx context.Context, id luoshi.PersonID) (store.Credential, error) {
	c, err := a.store.Credential(ctx, id)
	if err != nil || !c.MustChange {
		return c, err
	}
	c.Hash, c.MustChange, c.ChangedAt = "", false, a.now()
	return c, a.store.Write(ctx, func(tx *store.Tx) error {
		tx.Record(luoshi.Event{Actor: id, Intent: string(workflow.Self), Object: object(id), After: `{"first_password_ended":true}`})
		return tx.PutCredential(ctx, c)
	})
}

// Prove asks the own password again before something that opens another way in: a
// session left open must not be enough.
func (a *Accounts) Prove(ctx context.Context, who *Here, password string, from From) error {
	_, err := a.asked(ctx, who, password, from)
	return err
}

// LinkOwn links the own account at a provider, which the provider has just told.
func (a *Accounts) LinkOwn(ctx context.Context, who *Here, issuer, subject string) error {
	return a.link(ctx, who.Event(workflow.Self, object(who.Person.ID), 0), who.Person.ID, issuer, subject, who.By)
}

// UnlinkOwn takes the own account at a provider away. It stays where it is the only
// way in.
func (a *Accounts) UnlinkOwn(ctx context.Context, who *Here, issuer string) error {
	c, err := a.store.Credential(ctx, who.Person.ID)
	if err != nil {
		return err
	}
	if c.Hash == "" {
		return refuse(luoshi.Conflict, "link.only_way")
	}
	return a.unlink(ctx, who.Event(workflow.Self, object(who.Person.ID), 0), who.Person.ID, issuer, who.By)
}

// LinkPerson enters the subject that a provider knows somebody by.
func (a *Accounts) LinkPerson(ctx context.Context, by By, id luoshi.PersonID, issuer, subject string) error {
	if err := a.MayAccount(ctx, by, id); err != nil {
		return err
	}
	return a.link(ctx, by.Event(workflow.EditPeople, object(id), 0), id, issuer, subject, by)
}

// UnlinkPerson takes somebody's account at a provider away, and ends their sessions.
func (a *Accounts) UnlinkPerson(ctx context.Context, by By, id luoshi.PersonID, issuer string) error {
	if err := a.MayAccount(ctx, by, id); err != nil {
		return err
	}
	return a.unlink(ctx, by.Event(workflow.EditPeople, object(id), 0), id, issuer, by)
}

// subjectMost is the longest subject that OpenID Connect Core §2 allows.
const subjectMost = 255

func (a *Accounts) link(ctx context.Context, e luoshi.Event, id luoshi.PersonID, issuer, subject string, by By) error {
	if issuer == "" || subject == "" || utf8.RuneCountInString(subject) > subjectMost || strings.TrimSpace(subject) != subject {
		return refuse(luoshi.Invalid, "link.subject", "most", subjectMost)
	}
	p, err := a.store.Person(ctx, id)
	if err != nil {
		return err
	}
	if p.Anonymous {
		return refuse(luoshi.Conflict, "person.anonymous")
	}
	links, err := a.store.Links(ctx, id)
	if err != nil {
		return err
	}
	for _, l := range links {
		if l.Issuer == issuer && l.Subject == subject {
			return nil
		}
		if l.Issuer == issuer {
			return refuse(luoshi.Conflict, "link.has_one")
		}
	}
	e.After = `{"linked_elsewhere":true}`
	return a.linking(ctx, e, by, id, func(tx *store.Tx) error {
		tx.Record(e)
		theirs, err := tx.Link(ctx, issuer, subject, id)
		if err == nil && !theirs {
			err = refuse(luoshi.Conflict, "link.taken")
		}
		return err
	})
}

// linking writes for the owner, or for whoever may change the account.
func (a *Accounts) linking(ctx context.Context, e luoshi.Event, by By, id luoshi.PersonID, write func(tx *store.Tx) error) error {
	if e.Intent == string(workflow.Self) {
		return a.store.Write(ctx, write)
	}
	return a.onAccount(ctx, by, id, func(tx *store.Tx, _ luoshi.Person) error { return write(tx) })
}

func (a *Accounts) unlink(ctx context.Context, e luoshi.Event, id luoshi.PersonID, issuer string, by By) error {
	e.After = `{"linked_elsewhere":false}`
	return a.linking(ctx, e, by, id, func(tx *store.Tx) error {
		had, err := tx.Unlink(ctx, issuer, id)
		if err == nil && !had {
			err = refuse(luoshi.NotFound, "link.none")
		}
		if err != nil {
			return err
		}
		tx.Record(e)
		if e.Intent == string(workflow.EditPeople) {
			_, err = tx.EndSessions(ctx, id, 0, "")
		}
		return err
	})
}

// Links are the own accounts elsewhere.
func (a *Accounts) Links(ctx context.Context, who *Here) ([]store.Link, error) {
	return a.store.Links(ctx, who.Person.ID)
}

// LinksOf are somebody's accounts elsewhere, for whoever may see accounts.
func (a *Accounts) LinksOf(ctx context.Context, by By, id luoshi.PersonID) ([]store.Link, error) {
	reach, err := a.span(ctx, by, workflow.ReadPeople)
	if err != nil {
		return nil, err
	}
	posts, err := a.store.Posts(ctx, id, time.Time{})
	if err == nil {
		err = reach.whole(posts)
	}
	if err != nil {
		return nil, err
	}
	return a.store.Links(ctx, id)
}

// Seal closes a small text for the holder of a cookie to carry and not to read or
// change, until an instant. what says what it is for: one is not good for another.
func (a *Accounts) Seal(what, text string, until time.Time) (string, error) {
	return a.seal(what + " " + until.UTC().Format(time.RFC3339) + " " + text)
}

// Unseal opens what Seal closed, while it holds.
func (a *Accounts) Unseal(ctx context.Context, what, closed string) (string, error) {
	plain, err := a.unseal(ctx, closed)
	if err != nil {
		return "", refuse(luoshi.Forbidden, "signin.stale")
	}
	kind, rest, _ := strings.Cut(plain, " ")
	until, text, _ := strings.Cut(rest, " ")
	ends, err := time.Parse(time.RFC3339, until)
	if err != nil || kind != what || a.now().After(ends) {
		return "", refuse(luoshi.Forbidden, "signin.stale")
	}
	return text, nil
}
