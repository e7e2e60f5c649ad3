package fill

import (
	"context"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/demo"
)

// SignIn is how to sign in as somebody of the demonstration, in this run.
type SignIn struct {
	Role     luoshi.Role
	Unit     luoshi.Names
	Title    string
	Name     string
	Login    string
	Password string
}

// People adds the demonstration's people where there are none yet, and gives those
// who sign in a password of this run. units are those of the database.
func People(ctx context.Context, accounts *account.Accounts, units []luoshi.Unit) ([]SignIn, error) {
	here, err := accounts.People(ctx, account.System)
	if err != nil {
		return nil, err
	}
	tree, _ := luoshi.NewTree(units, demo.AsOf)
	if len(here) == 0 {
		if _, err := accounts.Enlist(ctx, account.System, recruits(tree)); err != nil {
			return nil, err
		}
		if here, err = accounts.People(ctx, account.System); err != nil {
			return nil, err
		}
	}
	by := map[string]account.Listed{}
	for _, p := range here {
		by[p.Login] = p
	}
	var list []SignIn
	for _, p := range demo.People() {
		known, still := by[p.Login]
		if !p.SignsIn || !still || known.Disabled {
			continue
		}
		password, err := accounts.Lend(ctx, account.System, known.ID)
		if err != nil {
			return nil, err
		}
		s := SignIn{Role: p.Posts[0].Role, Title: p.Posts[0].Title, Name: known.Name, Login: known.Login, Password: password}
		if at, ok := tree.ByCode(p.Posts[0].Unit); ok {
			s.Unit = tree.Nodes[at].Names
		}
		list = append(list, s)
	}
	return list, nil
}

// recruits are the people with their posts and duties, by the numbers of the units.
func recruits(tree *luoshi.Tree) []account.Recruit {
	at := demo.PeopleFrom.Start().UnixMicro()
	unit := func(code string) luoshi.UnitID {
		if i, ok := tree.ByCode(code); ok {
			return tree.Nodes[i].ID
		}
		return 0
	}
	var list []account.Recruit
	for _, p := range demo.People() {
		r := account.Recruit{Person: luoshi.Person{Login: p.Login, Name: p.Name}}
		for _, post := range p.Posts {
			r.Posts = append(r.Posts, luoshi.Post{Unit: unit(post.Unit), Role: post.Role, Title: post.Title, From: demo.PeopleFrom, Reason: demo.SampleSource, RecordedAt: at})
		}
		for _, code := range p.Leads {
			r.Duties = append(r.Duties, luoshi.Duty{Kind: luoshi.LeaderInCharge, Unit: unit(code), From: demo.PeopleFrom, Reason: demo.SampleSource, RecordedAt: at})
		}
		for _, c := range p.Charges {
			r.Duties = append(r.Duties, luoshi.Duty{Kind: luoshi.PersonInCharge, Unit: unit(c.Unit), Indicator: c.Indicator, From: demo.PeopleFrom, Reason: demo.SampleSource, RecordedAt: at})
		}
		list = append(list, r)
	}
	return list
}
