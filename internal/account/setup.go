package account

import (
	"context"
	"strings"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
)

const setupName = "setup"

// SetupLink returns the secret of a link with which the first administrator makes
// their account, or "" where somebody can sign in already. It holds once, for a
// day; a new one takes the place of the one before.
func (a *Accounts) SetupLink(ctx context.Context) (string, error) {
	people, err := a.store.People(ctx)
	if err != nil || len(people) > 0 {
		return "", err
	}
	plain, hash := secret()
	value := hash + " " + a.now().Add(a.opt.FirstFor).UTC().Format(time.RFC3339)
	return plain, a.store.Write(ctx, func(tx *store.Tx) error { return tx.Set(ctx, setupName, value) })
}

// SetupOpen reports whether a link still holds.
func (a *Accounts) SetupOpen(ctx context.Context, plain string) error {
	_, err := a.setupValue(ctx, plain)
	return err
}

// setupValue is the setting that a link stands for, while it holds.
func (a *Accounts) setupValue(ctx context.Context, plain string) (string, error) {
	value, err := a.store.Setting(ctx, setupName)
	if err != nil {
		return "", err
	}
	hash, until, _ := strings.Cut(value, " ")
	ends, err := time.Parse(time.RFC3339, until)
	if err != nil || plain == "" || hash != hashOf(plain) || a.now().After(ends) {
		return "", refuse(luoshi.Forbidden, "setup.closed")
	}
	return value, nil
}

// Setup makes the first administrator by a link, which is then used up, at the top
// unit if there is one already.
func (a *Accounts) Setup(ctx context.Context, plain string, p luoshi.Person, password string, from From) (*Signed, error) {
	value, err := a.setupValue(ctx, plain)
	if err != nil {
		return nil, err
	}
	p.Login = luoshi.FoldLogin(p.Login)
	if err := problem(p.Validate()); err != nil {
		return nil, err
	}
	if err := checkPassword(password, p); err != nil {
		return nil, err
	}
	err = a.store.Write(ctx, func(tx *store.Tx) error {
		had, err := tx.Take(ctx, setupName, value)
		if err == nil && !had {
			err = refuse(luoshi.Forbidden, "setup.closed")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	tree, err := a.treeNow(ctx)
	if err != nil {
		return nil, err
	}
	post := luoshi.Post{Unit: TopUnit, Role: luoshi.Administrator, From: luoshi.DateOf(a.now())}
	if tree.Len() > 0 {
		post.Unit = tree.Nodes[0].ID
	}
	if p.ID, err = a.add(ctx, System, p, password, false, post); err != nil {
		return nil, err
	}
	return a.begin(ctx, p, Done, from, "signin.setup", p.Login)
}

// TopUnit is the identity that the first unit ever made gets: a post can be given
// at it before there are units.
const TopUnit luoshi.UnitID = 1
