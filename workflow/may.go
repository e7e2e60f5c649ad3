package workflow

import (
	"slices"

	"luoshi.dev"
)

// Actor is who wants something: a person with the posts given to them, perhaps
// through a token that lets less through.
type Actor struct {
	Person luoshi.PersonID
	Posts  []luoshi.Post
	System bool // the command line, by whoever may open the database: all but what an auditor alone may not be
	Token  bool // through a token: Scope holds
	Scope  []Intent
}

// Known reports whether somebody stands behind the actor.
func (a Actor) Known() bool { return a.System || a.Person != 0 }

// Verdict is yes or no. Where it is no, Why says what is lacking and Who could
// grant or do it.
type Verdict struct {
	Yes bool
	Why luoshi.Message
}

// Err is nil for yes, else the refusal.
func (v Verdict) Err() error {
	switch {
	case v.Yes:
		return nil
	case v.Why.Key == nobody:
		return &luoshi.Error{Code: luoshi.SignIn, Message: v.Why}
	}
	return &luoshi.Error{Code: luoshi.Forbidden, Message: v.Why}
}

// nobody is why somebody who is not signed in may not.
const nobody = "may.sign_in"

// May decides whether the actor may have the intent at a unit (0: of no unit) on
// the day of the tree. Posts reach down: one at a city covers its counties, as the
// tree has them that day.
func May(a Actor, i Intent, tree *luoshi.Tree, unit luoshi.UnitID) Verdict {
	rule, ok := RuleOf(i)
	switch {
	case !ok:
		return no("may.no_intent", "intent", string(i))
	case i == Open:
		return Verdict{Yes: true}
	case a.Token && !slices.Contains(a.Scope, i):
		return no("may.token", "intent", word(i))
	case a.System:
		return Verdict{Yes: true}
	case a.Person == 0:
		return no(nobody)
	case i == Self:
		return Verdict{Yes: true}
	}
	for _, p := range a.Posts {
		if p.Held(tree.On) && slices.Contains(rule.Roles, p.Role) && reaches(rule, p, tree, unit) {
			return Verdict{Yes: true}
		}
	}
	if holds(a, rule, tree.On) {
		name := luoshi.Names{}
		if at, here := tree.Find(unit); here {
			name = tree.Nodes[at].Names
		}
		return no("may.elsewhere", "intent", word(i), "unit", name)
	}
	return no("may.role", "intent", word(i), "roles", rule.Roles)
}

// holds reports whether the actor has one of the rule's roles anywhere.
func holds(a Actor, rule Rule, on luoshi.Date) bool {
	return slices.ContainsFunc(a.Posts, func(p luoshi.Post) bool { return p.Held(on) && slices.Contains(rule.Roles, p.Role) })
}

// reaches reports whether a post covers the unit by the rule.
func reaches(rule Rule, p luoshi.Post, tree *luoshi.Tree, unit luoshi.UnitID) bool {
	if rule.Every || tree.Len() == 0 { // before there are units nobody is elsewhere
		return true
	}
	from, here := tree.Find(p.Unit)
	at, there := tree.Find(unit)
	if !here || !there || at < from || at >= tree.Nodes[from].End {
		return false
	}
	return !rule.Below || at != from || tree.Nodes[at].Parent < 0 // above the top there is nobody
}

// Holds decides as far as it can be told without knowing at which unit: no means no
// everywhere.
func Holds(a Actor, i Intent, on luoshi.Date) Verdict { return May(a, i, &luoshi.Tree{On: on}, 0) }

// Reach lists the units at the top of what the actor may have the intent for, as
// indexes of the tree in its order, none within another.
func Reach(a Actor, i Intent, tree *luoshi.Tree) []int {
	if !Holds(a, i, tree.On).Yes {
		return nil
	}
	rule, _ := RuleOf(i)
	if a.System || rule.Every || i == Open || i == Self {
		return tree.Children(-1)
	}
	var from []int
	for _, p := range a.Posts {
		at, here := tree.Find(p.Unit)
		switch {
		case !here || !p.Held(tree.On) || !slices.Contains(rule.Roles, p.Role):
		case rule.Below && tree.Nodes[at].Parent >= 0:
			from = append(from, tree.Children(at)...)
		default:
			from = append(from, at)
		}
	}
	slices.Sort(from)
	end := 0
	return slices.DeleteFunc(from, func(at int) bool {
		inside := at < end
		end = max(end, tree.Nodes[at].End)
		return inside
	})
}

func no(key string, pairs ...any) Verdict { return Verdict{Why: luoshi.Say(key, pairs...)} }

// word is an intent as a person would say it.
func word(i Intent) luoshi.Message { return luoshi.Say("intent." + string(i)) }

// apart are roles that one person must not hold at the same time: who runs the
// accounts is not who checks the record (等保 level 3), and who inspects or audits
// changes nothing that is inspected.
var apart = [][2]luoshi.Role{
	{luoshi.Administrator, luoshi.Auditor}, {luoshi.Administrator, luoshi.Inspector},
	{luoshi.Auditor, luoshi.Planner}, {luoshi.Auditor, luoshi.Reporter}, {luoshi.Auditor, luoshi.Reviewer},
	{luoshi.Inspector, luoshi.Planner}, {luoshi.Inspector, luoshi.Reporter}, {luoshi.Inspector, luoshi.Reviewer},
	{luoshi.Reporter, luoshi.Reviewer},
}

// Apart lists the roles that one person must not hold at the same time.
func Apart() [][2]luoshi.Role { return slices.Clone(apart) }

// Compatible refuses a post that its person must not hold beside another that
// overlaps it in time. Reporter and reviewer exclude each other only where one
// would approve the other's figures: at units of which one covers the other.
func Compatible(held []luoshi.Post, p luoshi.Post, tree *luoshi.Tree) error {
	for _, other := range held {
		if other.Person != p.Person || !overlap(other, p) || !slices.ContainsFunc(apart, func(pair [2]luoshi.Role) bool {
			return pair == [2]luoshi.Role{other.Role, p.Role} || pair == [2]luoshi.Role{p.Role, other.Role}
		}) {
			continue
		}
		if figures := other.Role == luoshi.Reporter || p.Role == luoshi.Reporter; figures && (other.Role == luoshi.Reviewer || p.Role == luoshi.Reviewer) && !covers(tree, other.Unit, p.Unit) {
			continue
		}
		return &luoshi.Error{Code: luoshi.Conflict, Message: luoshi.Say("post.apart", "role", p.Role, "other", other.Role)}
	}
	return nil
}

func overlap(a, b luoshi.Post) bool {
	return (a.Until == 0 || b.From <= a.Until) && (b.Until == 0 || a.From <= b.Until)
}

// covers reports whether one of the units lies in the other.
func covers(tree *luoshi.Tree, a, b luoshi.UnitID) bool {
	i, ok := tree.Find(a)
	j, too := tree.Find(b)
	return ok && too && (j >= i && j < tree.Nodes[i].End || i >= j && i < tree.Nodes[j].End)
}
