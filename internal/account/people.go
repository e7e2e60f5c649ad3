package account

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
	"luoshi.dev/workflow"
)

// Listed is somebody as an administrator sees them.
type Listed struct {
	luoshi.Person
	Posts      []HeldPost // within reach, by unit, role and day
	Elsewhere  int        // posts of today and to come beyond it
	Whole      bool       // the account lies within reach: it may be changed
	SecondOn   bool
	CodeAsked  bool // a post of today asks for a second factor
	Password   bool
	Linked     bool // by an account elsewhere too
	MustChange bool
	Until      time.Time // held from signing in until then, zero = not
	SignedIn   time.Time // last, zero = never
}

// People lists everybody within reach with posts and how their account stands.
func (a *Accounts) People(ctx context.Context, by By) ([]Listed, error) {
	reach, err := a.span(ctx, by, workflow.ReadPeople)
	if err != nil {
		return nil, err
	}
	edits, _ := a.span(ctx, by, workflow.EditPeople) // who may not changes nobody
	people, err := a.store.People(ctx)
	if err != nil {
		return nil, err
	}
	posts, err := a.store.Posts(ctx, 0, time.Time{})
	if err != nil {
		return nil, err
	}
	held := map[luoshi.PersonID][]luoshi.Post{}
	for _, p := range posts {
		held[p.Person] = append(held[p.Person], p)
	}
	standings, err := a.store.Standings(ctx)
	if err != nil {
		return nil, err
	}
	waiting, err := a.store.Waiting(ctx)
	if err != nil {
		return nil, err
	}
	signed, err := a.store.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	roles, err := a.CodeRoles(ctx)
	if err != nil {
		return nil, err
	}
	var list []Listed
	for _, p := range people {
		if !reach.sees(held[p.ID]) {
			continue
		}
		c := standings[p.ID]
		one := Listed{Person: p, Whole: edits.tree != nil && edits.whole(held[p.ID]) == nil, SecondOn: c.SecondOn, Password: c.Password, Linked: c.Linked, MustChange: c.MustChange, SignedIn: signed[p.ID]}
		for _, h := range held[p.ID] {
			past := ended(h, reach.tree.On)
			switch {
			case reach.covers(h.Unit):
				one.Posts = append(one.Posts, HeldPost{Post: h, At: placed(reach.tree, h.Unit), Held: h.Held(reach.tree.On), Past: past})
			case !past:
				one.Elsewhere++
			}
			one.CodeAsked = one.CodeAsked || h.Held(reach.tree.On) && slices.Contains(roles, h.Role)
		}
		if until := waiting[byLogin(p.Login)]; until.After(a.now()) {
			one.Until = until
		}
		list = append(list, one)
	}
	return list, nil
}

// problem turns the first blocking problem into an error.
func problem(list []luoshi.Problem) error {
	for _, p := range list {
		if p.Severity == luoshi.Blocking {
			return &luoshi.Error{Code: luoshi.Invalid, Message: p.Message}
		}
	}
	return nil
}

// AddPerson adds an account, with posts if there are any, and returns its first
// password, this once; it is changed at the first sign-in. Whoever runs the accounts of
// some units only must give the first post there: nobody would see the account else.
func (a *Accounts) AddPerson(ctx context.Context, by By, p luoshi.Person, posts ...luoshi.Post) (luoshi.PersonID, string, error) {
	s, err := a.span(ctx, by, workflow.EditPeople)
	if err != nil {
		return 0, "", err
	}
	if !s.all && len(posts) == 0 {
		return 0, "", refuse(luoshi.Invalid, "person.first_post")
	}
	for _, post := range posts {
		if err := a.may(ctx, by, workflow.EditPosts, post.Unit); err != nil {
			return 0, "", err
		}
		if _, here := s.tree.Find(post.Unit); !here && s.tree.Len() > 0 {
			return 0, "", refuse(luoshi.NotFound, "post.unit")
		}
		if !s.covers(post.Unit) {
			return 0, "", a.may(ctx, by, workflow.EditPeople, post.Unit)
		}
	}
	first := firstPassword()
	id, err := a.add(ctx, by, p, first, true, posts...)
	return id, first, err
}

func (a *Accounts) add(ctx context.Context, by By, p luoshi.Person, password string, mustChange bool, posts ...luoshi.Post) (id luoshi.PersonID, err error) {
	p.ID, p.Login = 0, luoshi.FoldLogin(p.Login)
	if err := problem(p.Validate()); err != nil {
		return 0, err
	}
	tree, err := a.treeNow(ctx)
	if err != nil {
		return 0, err
	}
	hash := hashed(password, dear)
	err = a.store.Write(ctx, func(tx *store.Tx) error {
		if id, err = tx.AddPerson(ctx, p); err != nil {
			return err
		}
		e := by.Event(workflow.EditPeople, object(id), 0)
		e.After = `{"added":true}`
		tx.Record(e)
		if err := a.addPosts(ctx, tx, by, tree, id, posts); err != nil {
			return err
		}
		return tx.PutCredential(ctx, store.Credential{Person: id, Hash: hash, MustChange: mustChange, ChangedAt: a.now()})
	})
	return id, err
}

// addPosts gives somebody new their posts, each with its event.
func (a *Accounts) addPosts(ctx context.Context, tx *store.Tx, by By, tree *luoshi.Tree, id luoshi.PersonID, posts []luoshi.Post) error {
	var held []luoshi.Post
	for _, post := range posts {
		post.Person, post.By = id, by.Person
		if err := problem(post.Validate()); err != nil {
			return err
		}
		if err := workflow.Compatible(held, post, tree); err != nil {
			return err
		}
		held = append(held, post)
		e := by.Event(workflow.EditPosts, postObject(tree, post), post.Unit)
		e.After, e.Reason = postText(post), post.Reason
		tx.Record(e)
		if err := tx.AddPost(ctx, post); err != nil {
			return err
		}
	}
	return nil
}

// ChangePerson changes name, sign-in name, or whether somebody may sign in; one who
// may not any more is signed out.
func (a *Accounts) ChangePerson(ctx context.Context, by By, p luoshi.Person) error {
	p.Login = luoshi.FoldLogin(p.Login)
	return a.onAccount(ctx, by, p.ID, func(tx *store.Tx, old luoshi.Person) error {
		if err := problem(p.Validate()); err != nil {
			return err
		}
		if old.Anonymous {
			return refuse(luoshi.Conflict, "person.anonymous")
		}
		if p.Disabled && p.ID == by.Person {
			return refuse(luoshi.Conflict, "person.self")
		}
		e := by.Event(workflow.EditPeople, object(p.ID), 0)
		e.Before, e.After = state(old, old), state(p, old)
		tx.Record(e)
		if p.Disabled {
			if _, err := tx.EndSessions(ctx, p.ID, 0, ""); err != nil {
				return err
			}
		}
		return tx.ChangePerson(ctx, p)
	})
}

// state says what of a person the history may know: not the names.
func state(p, old luoshi.Person) string {
	text, _ := json.Marshal(map[string]bool{"disabled": p.Disabled, "renamed": p.Name != old.Name || p.Login != old.Login}) // of booleans: cannot fail
	return string(text)
}

// Reset gives somebody a new first password, returned this once, ends their
// sessions and, if asked, their second factor.
func (a *Accounts) Reset(ctx context.Context, by By, id luoshi.PersonID, code bool) (string, error) {
	if err := a.MayAccount(ctx, by, id); err != nil {
		return "", err
	}
	c, first, err := a.renewed(ctx, id)
	if err != nil {
		return "", err
	}
	if code {
		c.TOTP, c.TOTPOn, c.TOTPLast, c.Recovery = "", false, 0, nil
	}
	return first, a.onAccount(ctx, by, id, func(tx *store.Tx, p luoshi.Person) error {
		if p.Anonymous {
			return refuse(luoshi.Conflict, "person.anonymous")
		}
		e := by.Event(workflow.EditPeople, object(id), 0)
		e.After = `{"reset":true}`
		if code {
			e.After = `{"reset":true,"second_factor":false}`
		}
		tx.Record(e)
		if _, err := tx.EndSessions(ctx, id, 0, ""); err != nil {
			return err
		}
		if err := tx.Forgive(ctx, byLogin(p.Login)); err != nil {
			return err
		}
		return tx.PutCredential(ctx, c)
	})
}

// renewed is how somebody signs in with a new first password.
func (a *Accounts) renewed(ctx context.Context, id luoshi.PersonID) (store.Credential, string, error) {
	c, err := a.store.Credential(ctx, id)
	if err != nil {
		return c, "", err
	}
	first := firstPassword()
	if c.Hash != "" {
		c.Past = append([]string{c.Hash}, c.Past[:min(len(c.Past), PasswordPast-2)]...)
	}
	c.Hash, c.MustChange, c.ChangedAt = hashed(first, dear), true, a.now()
	return c, first, nil
}

// Unlock lets somebody try again at once.
func (a *Accounts) Unlock(ctx context.Context, by By, id luoshi.PersonID) error {
	return a.onAccount(ctx, by, id, func(tx *store.Tx, p luoshi.Person) error {
		e := by.Event(workflow.EditPeople, object(id), 0)
		e.After = `{"unlocked":true}`
		tx.Record(e)
		return tx.Forgive(ctx, byLogin(p.Login))
	})
}

// Anonymise takes away for good what tells who somebody is. What they did stays, by
// a number that nobody can lead back.
func (a *Accounts) Anonymise(ctx context.Context, by By, id luoshi.PersonID, reason string) error {
	return a.onAccount(ctx, by, id, func(tx *store.Tx, p luoshi.Person) error {
		if id == by.Person {
			return refuse(luoshi.Conflict, "person.self")
		}
		if reason == "" {
			return refuse(luoshi.Invalid, "person.reason")
		}
		e := by.Event(workflow.EditPeople, object(id), 0)
		e.After, e.Reason = `{"anonymised":true}`, reason
		tx.Record(e)
		if err := tx.Forgive(ctx, byLogin(p.Login)); err != nil {
			return err
		}
		return tx.Anonymise(ctx, id)
	})
}

// GivePost gives a post to one of the people within reach, or changes its end or title.
// It must go together with what the person holds already.
//
// A post that takes an account out of the reach of an administrator who could have run
// it so far begins the account anew: sessions, tokens, accounts elsewhere and the
// password end, and the new first password is returned, this once. Else it is "".
func (a *Accounts) GivePost(ctx context.Context, by By, p luoshi.Post) (first string, err error) {
	if err := a.may(ctx, by, workflow.EditPosts, p.Unit); err != nil {
		return "", err
	}
	if err := problem(p.Validate()); err != nil {
		return "", err
	}
	s, err := a.span(ctx, by, workflow.EditPosts)
	if err != nil {
		return "", err
	}
	if _, here := s.tree.Find(p.Unit); !here {
		return "", refuse(luoshi.NotFound, "post.unit")
	}
	p.By = by.Person
	err = a.store.Write(ctx, func(tx *store.Tx) error {
		person, err := tx.HoldPerson(ctx, p.Person)
		if err != nil {
			return err
		}
		held, err := tx.Posts(ctx, p.Person)
		if err != nil {
			return err
		}
		switch {
		case !s.sees(held):
			return refuse(luoshi.NotFound, "person.unknown")
		case person.Anonymous:
			return refuse(luoshi.Conflict, "person.anonymous")
		}
		others := slices.DeleteFunc(slices.Clone(held), func(o luoshi.Post) bool { return samePost(o, p) })
		if err := workflow.Compatible(others, p, s.tree); err != nil {
			return err
		}
		e := by.Event(workflow.EditPosts, postObject(s.tree, p), p.Unit)
		e.After, e.Reason = postText(p), p.Reason
		if i := slices.IndexFunc(held, func(o luoshi.Post) bool { return samePost(o, p) }); i >= 0 {
			e.Before = postText(held[i])
		}
		tx.Record(e)
		all, err := tx.Posts(ctx, 0)
		if err != nil {
			return err
		}
		if outgrows(s.tree, all, held, p) {
			if first, err = a.anew(ctx, tx, by, p.Person); err != nil {
				return err
			}
		}
		return tx.AddPost(ctx, p)
	})
	return first, err
}

// anew begins an account anew for whoever it now belongs to.
func (a *Accounts) anew(ctx context.Context, tx *store.Tx, by By, id luoshi.PersonID) (string, error) {
	c, first, err := a.renewed(ctx, id)
	if err != nil {
		return "", err
	}
	e := by.Event(workflow.EditPosts, object(id), 0)
	e.After = `{"begun_anew":true}`
	tx.Record(e)
	if err := tx.EndWays(ctx, id); err != nil {
		return "", err
	}
	return first, tx.PutCredential(ctx, c)
}

func samePost(a, b luoshi.Post) bool {
	return a.Person == b.Person && a.Unit == b.Unit && a.Role == b.Role && a.From == b.From
}

// postObject is how the history names a post: whose, which role, where, from when.
func postObject(tree *luoshi.Tree, p luoshi.Post) string {
	return "post " + number(p.Person) + " " + string(p.Role) + " " + placed(tree, p.Unit).Code + " " + p.From.String()
}

func postText(p luoshi.Post) string {
	fields := map[string]string{"role": string(p.Role), "from": p.From.String(), "title": p.Title}
	if p.Until != 0 {
		fields["until"] = p.Until.String()
	}
	text, _ := json.Marshal(fields) // of texts: cannot fail
	return string(text)
}

// AskCode says whose roles must have a second factor.
func (a *Accounts) AskCode(ctx context.Context, by By, roles []luoshi.Role) error {
	if err := a.may(ctx, by, workflow.EditPeople, 0); err != nil { // it holds for all units alike
		return err
	}
	var text string
	for _, r := range luoshi.Roles {
		if slices.Contains(roles, r) {
			text += string(r) + " "
		}
	}
	return a.store.Write(ctx, func(tx *store.Tx) error {
		e := by.Event(workflow.EditPeople, "setting "+codeRoles, 0)
		after, err := json.Marshal(roles)
		if err != nil {
			return err
		}
		e.After = string(after)
		tx.Record(e)
		return tx.Set(ctx, codeRoles, text)
	})
}

// GiveDuty says from which day somebody answers for a unit, or for a target there.
func (a *Accounts) GiveDuty(ctx context.Context, by By, d luoshi.Duty) error {
	if err := a.may(ctx, by, workflow.EditDuties, d.Unit); err != nil {
		return err
	}
	if err := dutyForm(d); err != nil {
		return err
	}
	if d.Person != 0 {
		if p, err := a.store.Person(ctx, d.Person); err != nil || p.Anonymous {
			if err == nil {
				err = refuse(luoshi.Conflict, "person.anonymous")
			}
			return err
		}
	}
	tree, err := a.treeNow(ctx)
	if err != nil {
		return err
	}
	all, err := a.store.Duties(ctx, time.Time{})
	if err != nil {
		return err
	}
	d.By = by.Person
	return a.store.Write(ctx, func(tx *store.Tx) error {
		e := by.Event(workflow.EditDuties, dutyObject(tree, d), d.Unit)
		e.After, e.Reason = dutyText(d.Person, d.From), d.Reason
		for _, old := range luoshi.DutiesOn(all, d.From) {
			if old.Kind == d.Kind && old.Unit == d.Unit && old.Indicator == d.Indicator {
				e.Before = dutyText(old.Person, old.From)
			}
		}
		tx.Record(e)
		return tx.AddDuty(ctx, d)
	})
}

// dutyObject is how the history names a duty: its kind, for what, where.
func dutyObject(tree *luoshi.Tree, d luoshi.Duty) string {
	parts := []string{"duty", string(d.Kind)}
	if d.Indicator != "" {
		parts = append(parts, d.Indicator)
	}
	return strings.Join(append(parts, placed(tree, d.Unit).Code), " ")
}

func dutyText(person luoshi.PersonID, from luoshi.Date) string {
	return `{"person":` + number(person) + `,"from":"` + from.String() + `"}`
}

// HandOver moves the duties that one person has on a day within reach to another, from
// that day on, and returns how many. Who answered before stays on record.
func (a *Accounts) HandOver(ctx context.Context, by By, from, to luoshi.PersonID, on luoshi.Date, reason string) (int, error) {
	if from == to || on == 0 {
		return 0, refuse(luoshi.Invalid, "duty.hand_over")
	}
	plan, err := a.HandOverPlan(ctx, by, from, on)
	if err != nil {
		return 0, err
	}
	if p, err := a.store.Person(ctx, to); err != nil || p.Disabled {
		if err == nil {
			err = refuse(luoshi.Conflict, "signin.disabled")
		}
		return 0, err
	}
	if len(plan.Moves) == 0 {
		if plan.Elsewhere > 0 {
			return 0, refuse(luoshi.Forbidden, "duty.elsewhere", "n", plan.Elsewhere)
		}
		return 0, nil
	}
	tree, err := a.treeNow(ctx)
	if err != nil {
		return 0, err
	}
	moved, names := make([]luoshi.Duty, len(plan.Moves)), make([]string, len(plan.Moves))
	for i, d := range plan.Moves {
		moved[i] = d.Duty
		moved[i].From, moved[i].Person, moved[i].Reason, moved[i].By, moved[i].RecordedAt = on, to, reason, by.Person, 0
		names[i] = dutyObject(tree, d.Duty)
	}
	after, err := json.Marshal(struct {
		To     luoshi.PersonID `json:"handed_over_to"`
		From   string          `json:"from"`
		Duties []string        `json:"duties"`
	}{to, on.String(), names})
	if err != nil {
		return 0, err
	}
	return len(moved), a.store.Write(ctx, func(tx *store.Tx) error {
		e := by.Event(workflow.EditDuties, object(from), 0)
		e.After, e.Reason = string(after), reason
		tx.Record(e)
		for _, d := range moved {
			if err := tx.AddDuty(ctx, d); err != nil {
				return err
			}
		}
		return nil
	})
}
