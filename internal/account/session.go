package account

import (
	"context"
	"strconv"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
	"luoshi.dev/workflow"
)

func number(id luoshi.PersonID) string { return strconv.FormatInt(int64(id), 10) }

// Here is somebody who is signed in.
type Here struct {
	By
	Person  luoshi.Person
	Step    Step
	Session int64 // its number
	Ends    time.Time
}

// Session and Token are as the store keeps them.
type (
	Session = store.Session
	Token   = store.Token
)

// touchEvery is how seldom it is noted that a session was seen: a write for each
// page would cost more than the page.
const touchEvery = time.Minute

// Who tells who stands behind the secret of a cookie. What is remembered holds for as
// long as nothing at all has been written, so that what is taken away is gone at once.
func (a *Accounts) Who(ctx context.Context, plain string) (*Here, error) {
	version, cheap, err := a.store.Stamp(ctx)
	if err != nil {
		return nil, err
	}
	hash := hashOf(plain)
	if cheap {
		a.mu.Lock()
		k, ok := a.known[hash]
		a.mu.Unlock()
		if now := a.now(); ok && k.version == version && a.lives(k.session, now) && now.Sub(k.session.Seen) < touchEvery {
			here := k.here
			return &here, nil
		}
	}
	here, v, err := a.find(ctx, plain)
	if err == nil && cheap {
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.known == nil || len(a.known) >= mostKnown {
			a.known = map[string]known{}
		}
		a.known[hash] = known{version, v, *here} // read after the version: at least as new
	}
	return here, err
}

// lives reports whether a session has not ended by itself.
func (a *Accounts) lives(v store.Session, now time.Time) bool {
	return !now.After(v.Ends) && now.Sub(v.Seen) <= a.opt.Idle
}

// find looks in the store who stands behind the secret of a cookie.
func (a *Accounts) find(ctx context.Context, plain string) (*Here, store.Session, error) {
	v, p, err := a.session(ctx, plain)
	if err != nil {
		return nil, v, err
	}
	id := p.ID
	if v.Behalf != 0 {
		id = v.Behalf
	}
	p, actor, err := a.actor(ctx, id)
	if err != nil {
		return nil, v, err
	}
	if now := a.now(); now.Sub(v.Seen) >= touchEvery {
		if err := a.store.TouchSession(ctx, v.Hash, now); err != nil {
			return nil, v, err
		}
		v.Seen = now
	}
	h := &Here{Person: p, Step: Step(v.Step), Session: v.ID, Ends: v.Ends}
	h.Actor = actor
	return h, v, nil
}

// session finds the session of a secret and its person, unless either has ended.
func (a *Accounts) session(ctx context.Context, plain string) (store.Session, luoshi.Person, error) {
	if len(plain) != 43 { // 32 bytes in base64
		return store.Session{}, luoshi.Person{}, refuse(luoshi.NotFound, "session.none")
	}
	v, err := a.store.Session(ctx, hashOf(plain))
	if err != nil {
		return v, luoshi.Person{}, err
	}
	if !a.lives(v, a.now()) {
		return v, luoshi.Person{}, refuse(luoshi.NotFound, "session.none")
	}
	p, err := a.store.Person(ctx, v.Person)
	if err == nil && p.Disabled {
		err = refuse(luoshi.NotFound, "session.none")
	}
	return v, p, err
}

// SignOut ends the session of a secret.
func (a *Accounts) SignOut(ctx context.Context, plain string) error {
	v, p, err := a.session(ctx, plain)
	if notFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.store.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.EndSessions(ctx, p.ID, v.ID, "")
		if err == nil && n > 0 {
			e := By{Actor: workflow.Actor{Person: p.ID}}.Event(workflow.Self, object(p.ID), 0)
			e.After = `{"sessions_ended":` + strconv.FormatInt(n, 10) + `}`
			tx.Record(e)
		}
		return err
	})
}

// end takes a session away that another takes the place of.
func (a *Accounts) end(ctx context.Context, id luoshi.PersonID, session int64) error {
	return a.store.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.EndSessions(ctx, id, session, "")
		return err
	})
}

// Sessions lists the sessions of somebody who asks for their own.
func (a *Accounts) Sessions(ctx context.Context, who *Here) ([]store.Session, error) {
	list, err := a.store.Sessions(ctx, who.Person.ID)
	now, live := a.now(), list[:0]
	for _, v := range list {
		if a.lives(v, now) {
			live = append(live, v)
		}
	}
	return live, err
}

// EndSession ends one of the own sessions, or with 0 all others.
func (a *Accounts) EndSession(ctx context.Context, who *Here, session int64, plain string) error {
	but := ""
	if session == 0 {
		but = hashOf(plain)
	}
	return a.store.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.EndSessions(ctx, who.Person.ID, session, but)
		if err == nil && n == 0 && session != 0 {
			err = refuse(luoshi.NotFound, "session.none")
		}
		if err == nil {
			e := who.Event(workflow.Self, object(who.Person.ID), 0)
			e.After = `{"sessions_ended":` + strconv.FormatInt(n, 10) + `}`
			tx.Record(e)
		}
		return err
	})
}

// Sweep forgets what has ended. It is called now and then.
func (a *Accounts) Sweep(ctx context.Context) error {
	now := a.now()
	return a.store.Write(ctx, func(tx *store.Tx) error {
		return tx.SweepSessions(ctx, now.Add(-a.opt.Idle), now.Add(-countedFor))
	})
}
