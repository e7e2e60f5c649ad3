package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"sync"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
	"luoshi.dev/workflow"
)

// Options are the settings of signing in. The zero value is meant for use.
type Options struct {
	Idle     time.Duration // a session not seen for so long has ended, 0 = 30 minutes
	Longest  time.Duration // a session ends after so long, 0 = 12 hours
	FirstFor time.Duration // a set-up link holds for so long, 0 = 24 hours
	Key      []byte        // 32 bytes that seal shared secrets; kept apart from the database
}

// Accounts answers who somebody is. It is safe for concurrent use.
type Accounts struct {
	store *store.Store
	now   func() time.Time
	opt   Options
	dummy string // the hash that is tried for a name that nobody has

	mu    sync.Mutex
	known map[string]known // who stands behind a session, by its hash, as of a version of the store
	tree  *luoshi.Tree     // of today, as of a state of the plan
	plan  int64
}

// known is who stood behind a session when it was last looked up.
type known struct {
	version int64
	session store.Session
	here    Here
}

// mostKnown bounds the sessions that are remembered.
const mostKnown = 4096

// New returns the accounts of a store. now is the clock.
func New(st *store.Store, now func() time.Time, opt Options) *Accounts {
	for _, d := range []struct {
		set  *time.Duration
		none time.Duration
	}{{&opt.Idle, 30 * time.Minute}, {&opt.Longest, 12 * time.Hour}, {&opt.FirstFor, 24 * time.Hour}} {
		if *d.set == 0 {
			*d.set = d.none
		}
	}
	return &Accounts{store: st, now: now, opt: opt, dummy: hashed(rand.Text(), dear)}
}

// By is who acts, through which request: what an event of the history tells.
type By struct {
	workflow.Actor
	Behalf  luoshi.PersonID
	Request string
}

// System is the command line: whoever may open the database.
var System = By{Actor: workflow.Actor{System: true}}

// Trusted is somebody nobody asked who they are: may read, or change too. It is for
// trying pages without accounts.
func Trusted(change bool) By {
	by := System
	if !change {
		by.Token = true
		for _, rule := range workflow.Rules() {
			if !rule.Changes {
				by.Scope = append(by.Scope, rule.Intent)
			}
		}
	}
	return by
}

// Event begins the event of an intent.
func (b By) Event(intent workflow.Intent, object string, unit luoshi.UnitID) luoshi.Event {
	return luoshi.Event{Actor: b.Person, Behalf: b.Behalf, Intent: string(intent), Object: object, Unit: unit, Request: b.Request}
}

// Name is how their rows are marked: #12 for person 12, never a name; "" for the
// command line.
func (b By) Name() string {
	if b.Person == 0 {
		return ""
	}
	return "#" + number(b.Person)
}

// secret draws a secret of 256 bits, and the hash by which it is known.
func secret() (plain, hash string) {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	plain = base64.RawURLEncoding.EncodeToString(b)
	return plain, hashOf(plain)
}

// hashOf is how a secret is kept. It has 256 bits of chance in it: nothing slower
// than one hash is needed.
func hashOf(plain string) string {
	sum := sha256.Sum256([]byte(plain))
	return hex.EncodeToString(sum[:])
}

func refuse(code luoshi.Code, key string, pairs ...any) error {
	return &luoshi.Error{Code: code, Message: luoshi.Say(key, pairs...)}
}

// treeNow is the unit tree of today, by which posts reach.
func (a *Accounts) treeNow(ctx context.Context) (*luoshi.Tree, error) {
	plan, _, err := a.store.State(ctx)
	if err != nil {
		return nil, err
	}
	day := luoshi.DateOf(a.now())
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.tree == nil || a.plan != plan || a.tree.On != day {
		units, err := a.store.Units(ctx, time.Time{})
		if err != nil {
			return nil, err
		}
		a.tree, _ = luoshi.NewTree(units, day)
		a.plan = plan
	}
	return a.tree, nil
}

// may asks workflow whether somebody may have an intent at a unit; at none in
// particular it is any top of the tree.
func (a *Accounts) may(ctx context.Context, by By, intent workflow.Intent, unit luoshi.UnitID) error {
	tree, err := a.treeNow(ctx)
	if err != nil {
		return err
	}
	if unit != 0 || tree.Len() == 0 {
		return workflow.May(by.Actor, intent, tree, unit).Err()
	}
	for _, root := range tree.Children(-1) { // one that is there to compare with has no posts
		if err = workflow.May(by.Actor, intent, tree, tree.Nodes[root].ID).Err(); err == nil {
			return nil
		}
	}
	return err
}

// actor is a person with their posts, if they may sign in.
func (a *Accounts) actor(ctx context.Context, id luoshi.PersonID) (luoshi.Person, workflow.Actor, error) {
	p, err := a.store.Person(ctx, id)
	if err != nil {
		return p, workflow.Actor{}, err
	}
	if p.Disabled {
		return p, workflow.Actor{}, refuse(luoshi.Forbidden, "signin.disabled")
	}
	posts, err := a.store.Posts(ctx, id, time.Time{})
	return p, workflow.Actor{Person: id, Posts: posts}, err
}

func notFound(err error) bool { return err != nil && luoshi.CodeOf(err) == luoshi.NotFound }
