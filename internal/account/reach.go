package account

import (
	"context"
	"slices"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
	"luoshi.dev/workflow"
)

// span is what somebody's posts reach over with an intent: their people are those who
// hold, held or will hold a post there.
type span struct {
	tree *luoshi.Tree
	all  bool  // a post at a root, the command line, or no units yet
	tops []int // otherwise: what is covered, with all below
}

// span refuses whoever may have the intent nowhere.
func (a *Accounts) span(ctx context.Context, by By, intent workflow.Intent) (span, error) {
	tree, err := a.treeNow(ctx)
	if err != nil {
		return span{}, err
	}
	s := span{tree: tree}
	if err = a.may(ctx, by, intent, 0); err == nil {
		s.all = true
	} else if s.tops = workflow.Reach(by.Actor, intent, tree); len(s.tops) > 0 {
		err = nil
	}
	return s, err
}

// covers reports whether a unit lies within; one that is not in force today lies in
// nobody's reach but that of a root.
func (s span) covers(unit luoshi.UnitID) bool {
	return s.all || slices.ContainsFunc(s.tops, func(top int) bool { return s.tree.Covers(top, unit) })
}

// sees reports whether the person is one of theirs. Without any post nobody is but to a
// root.
func (s span) sees(posts []luoshi.Post) bool {
	return s.all || slices.ContainsFunc(posts, func(p luoshi.Post) bool { return s.covers(p.Unit) })
}

// counting are the posts that say over whom an account reaches: those of today and to
// come, else, of somebody between two posts, all that there were.
func counting(posts []luoshi.Post, today luoshi.Date) []luoshi.Post {
	open := slices.DeleteFunc(slices.Clone(posts), func(p luoshi.Post) bool { return ended(p, today) })
	if len(open) == 0 {
		return posts
	}
	return open
}

func ended(p luoshi.Post, today luoshi.Date) bool { return p.Until != 0 && p.Until < today }

// whole refuses to change an account that is not theirs, or that also reaches to where
// they do not.
func (s span) whole(posts []luoshi.Post) error {
	if s.all {
		return nil
	}
	if !s.sees(posts) {
		return refuse(luoshi.NotFound, "person.unknown")
	}
	count := counting(posts, s.tree.On)
	if !slices.ContainsFunc(count, func(p luoshi.Post) bool { return !s.covers(p.Unit) }) {
		return nil
	}
	units := make([]luoshi.UnitID, len(count))
	for i, p := range count {
		units[i] = p.Unit
	}
	if over := s.tree.Over(units...); over >= 0 {
		return refuse(luoshi.Forbidden, "person.beyond", "unit", s.tree.Nodes[over].Names)
	}
	return refuse(luoshi.Forbidden, "person.beyond_all")
}

// places are the units within, to choose from.
func (s span) places() []Place {
	var list []Place
	for _, n := range s.tree.Nodes {
		if s.covers(n.ID) {
			list = append(list, Place{n.ID, n.Code, n.Names, n.Depth})
		}
	}
	return list
}

// onAccount changes the account of somebody who lies whole within reach. That is judged
// in the transaction, in which nobody else gives them a post.
func (a *Accounts) onAccount(ctx context.Context, by By, id luoshi.PersonID, change func(tx *store.Tx, p luoshi.Person) error) error {
	s, err := a.span(ctx, by, workflow.EditPeople)
	if err != nil {
		return err
	}
	return a.store.Write(ctx, func(tx *store.Tx) error {
		p, err := tx.HoldPerson(ctx, id)
		if err != nil {
			return err
		}
		posts, err := tx.Posts(ctx, id)
		if err == nil {
			err = s.whole(posts)
		}
		if err != nil {
			return err
		}
		return change(tx, p)
	})
}

// MayAccount refuses whoever may not change the account of somebody, and says who may.
func (a *Accounts) MayAccount(ctx context.Context, by By, id luoshi.PersonID) error {
	s, err := a.span(ctx, by, workflow.EditPeople)
	if err != nil {
		return err
	}
	posts, err := a.store.Posts(ctx, id, time.Time{})
	if err != nil {
		return err
	}
	return s.whole(posts)
}

// outgrows reports whether a post takes an account out of the reach of an administrator
// below a root who may have run it until now, and so may know a way into it: one who
// covers a post that its owner ever held, while none of today or to come kept them out.
// all are the posts of everybody.
func outgrows(tree *luoshi.Tree, all, held []luoshi.Post, p luoshi.Post) bool {
	var open []luoshi.Post
	for _, o := range held {
		if !ended(o, tree.On) {
			if open = append(open, o); samePost(o, p) {
				return false
			}
		}
	}
	return slices.ContainsFunc(all, func(q luoshi.Post) bool {
		at, here := tree.Find(q.Unit)
		if q.Role != luoshi.Administrator || q.From > tree.On || !here || tree.Nodes[at].Parent < 0 || tree.Covers(at, p.Unit) {
			return false
		}
		ran := slices.ContainsFunc(held, func(o luoshi.Post) bool { return tree.Covers(at, o.Unit) })
		kept := slices.ContainsFunc(open, func(o luoshi.Post) bool { return !tree.Covers(at, o.Unit) })
		return ran && !kept
	})
}
