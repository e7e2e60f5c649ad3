package account

import (
	"cmp"
	"context"
	"slices"
	"time"

	"luoshi.dev"
)

// Looker is somebody of the demonstration as whom one can look around: one for each
// role that somebody holds.
type Looker struct {
	Person luoshi.Person
	Held
}

// Lookers lists them in the order of the roles. Of several who hold a role it is the
// one with the fewest other posts, at the highest unit.
func (a *Accounts) Lookers(ctx context.Context) ([]Looker, error) {
	people, err := a.store.People(ctx)
	if err != nil {
		return nil, err
	}
	posts, err := a.store.Posts(ctx, 0, time.Time{})
	if err != nil {
		return nil, err
	}
	tree, err := a.treeNow(ctx)
	if err != nil {
		return nil, err
	}
	by, count := map[luoshi.PersonID]luoshi.Person{}, map[luoshi.PersonID]int{}
	for _, p := range people {
		by[p.ID] = p
	}
	posts = slices.DeleteFunc(posts, func(p luoshi.Post) bool { return !p.Held(tree.On) || by[p.Person].ID == 0 || by[p.Person].Disabled })
	for _, p := range posts {
		count[p.Person]++
	}
	depth := func(id luoshi.UnitID) int {
		if at, here := tree.Find(id); here {
			return tree.Nodes[at].Depth
		}
		return tree.Len()
	}
	slices.SortFunc(posts, func(p, q luoshi.Post) int {
		return cmp.Or(slices.Index(luoshi.Roles, p.Role)-slices.Index(luoshi.Roles, q.Role), count[p.Person]-count[q.Person], depth(p.Unit)-depth(q.Unit), int(p.Person-q.Person))
	})
	posts = slices.CompactFunc(posts, func(p, q luoshi.Post) bool { return p.Role == q.Role })
	list := make([]Looker, len(posts))
	for i, p := range posts {
		list[i] = Looker{by[p.Person], heldAt(p, tree)}
	}
	return list, nil
}

// LookAs begins a session as somebody who holds the role, without any proof: only
// the demonstration may call it, whose people nobody is.
func (a *Accounts) LookAs(ctx context.Context, role luoshi.Role, from From) (*Signed, error) {
	list, err := a.Lookers(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(l Looker) bool { return l.Role == role })
	if i < 0 {
		return nil, refuse(luoshi.NotFound, "signin.as_nobody", "role", role)
	}
	return a.begin(ctx, list[i].Person, Done, from, "signin.as", "")
}
