package account

import (
	"context"
	"encoding/json"

	"luoshi.dev"
	"luoshi.dev/internal/store"
	"luoshi.dev/workflow"
)

// Recruit is somebody new with what they are to hold and answer for. Whose the posts
// and duties are is filled in.
type Recruit struct {
	Person luoshi.Person
	Posts  []luoshi.Post
	Duties []luoshi.Duty
}

// Enlist adds many people at once, all or none, each with an event of its own. They
// have no password yet: [Accounts.Reset] gives one.
func (a *Accounts) Enlist(ctx context.Context, by By, list []Recruit) ([]luoshi.PersonID, error) {
	for _, intent := range []workflow.Intent{workflow.EditPeople, workflow.EditPosts, workflow.EditDuties} {
		if err := a.may(ctx, by, intent, 0); err != nil {
			return nil, err
		}
	}
	tree, err := a.treeNow(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]luoshi.PersonID, len(list))
	return ids, a.store.Write(ctx, func(tx *store.Tx) error {
		for i, r := range list {
			if ids[i], err = a.enlist(ctx, tx, by, tree, r); err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *Accounts) enlist(ctx context.Context, tx *store.Tx, by By, tree *luoshi.Tree, r Recruit) (luoshi.PersonID, error) {
	r.Person.ID, r.Person.Login = 0, luoshi.FoldLogin(r.Person.Login)
	if err := problem(r.Person.Validate()); err != nil {
		return 0, err
	}
	id, err := tx.AddPerson(ctx, r.Person)
	if err != nil {
		return 0, err
	}
	for i, p := range r.Posts {
		p.Person, p.By = id, by.Person
		r.Posts[i] = p
		if err := problem(p.Validate()); err != nil {
			return 0, err
		}
		if err := workflow.Compatible(r.Posts[:i], p, tree); err != nil {
			return 0, err
		}
		if err := tx.AddPost(ctx, p); err != nil {
			return 0, err
		}
	}
	for _, d := range r.Duties {
		d.Person, d.By = id, by.Person
		if err := dutyForm(d); err != nil {
			return 0, err
		}
		if err := tx.AddDuty(ctx, d); err != nil {
			return 0, err
		}
	}
	after, err := json.Marshal(map[string]any{"added": true, "posts": len(r.Posts), "duties": len(r.Duties)})
	if err != nil {
		return 0, err
	}
	e := by.Event(workflow.EditPeople, object(id), 0)
	e.After = string(after)
	tx.Record(e)
	return id, nil
}

// dutyForm refuses a duty that is none.
func dutyForm(d luoshi.Duty) error {
	switch {
	case d.Kind != luoshi.LeaderInCharge && d.Kind != luoshi.PersonInCharge, (d.Kind == luoshi.PersonInCharge) != (d.Indicator != ""):
		return refuse(luoshi.Invalid, "duty.kind")
	case d.From == 0:
		return refuse(luoshi.Invalid, "post.from")
	}
	return nil
}

// Lend gives somebody a password that is drawn here and need not be changed, and
// returns it this once. It is for the demonstration, whose passwords live as long
// as one run: the command line alone may.
func (a *Accounts) Lend(ctx context.Context, by By, id luoshi.PersonID) (string, error) {
	if !by.System {
		return "", refuse(luoshi.Forbidden, "may.sign_in")
	}
	plain := firstPassword()
	return plain, a.store.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.EndSessions(ctx, id, 0, ""); err != nil {
			return err
		}
		e := by.Event(workflow.EditPeople, object(id), 0)
		e.After = `{"reset":true}`
		tx.Record(e)
		return tx.PutCredential(ctx, store.Credential{Person: id, Hash: hashed(plain, dear), ChangedAt: a.now()})
	})
}
