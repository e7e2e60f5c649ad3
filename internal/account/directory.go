package account

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"luoshi.dev"
	"luoshi.dev/workflow"
)

// Place names a unit: of a post, of a duty, or to choose from.
type Place struct {
	ID    luoshi.UnitID
	Code  string
	Names luoshi.Names
	Depth int
}

// HeldPost is a post with the name of its unit and whether it is held today.
type HeldPost struct {
	luoshi.Post
	At   Place
	Held bool
	Past bool // ended before today
}

// HeldDuty is a duty with the name of its unit, and until when it was somebody's.
type HeldDuty struct {
	luoshi.Duty
	At    Place
	Until luoshi.Date // its last day, 0 = open
}

// The states by which people are chosen.
const (
	StateActive    = "active"    // may sign in
	StateDisabled  = "disabled"  // may not
	StateWaiting   = "waiting"   // held from trying again
	StateNever     = "never"     // never signed in
	StateSecond    = "second"    // has a second factor
	StateWithout   = "without"   // has none though a post asks for it
	StateIdle      = "idle"      // holds no post today
	StateAnonymous = "anonymous" // the name was taken away
)

// PeopleStates lists them in the order in which they are shown.
var PeopleStates = []string{StateActive, StateDisabled, StateWaiting, StateNever, StateSecond, StateWithout, StateIdle, StateAnonymous}

// PeopleQuery chooses people; an empty field chooses any.
type PeopleQuery struct {
	Text  string // in the name, the sign-in name or a title
	Unit  string // code: with a post today there or below
	Role  luoshi.Role
	State string
}

// Directory is the list of people as an administrator sees it.
type Directory struct {
	People    []Listed      // chosen
	Total     int           // of all within reach
	All       bool          // that is everybody
	Units     []Place       // within reach
	CodeRoles []luoshi.Role // whose holders must have a second factor
	Today     luoshi.Date
	Lacking   int // how many should have a second factor and have none
	Never     int // how many never signed in
}

// Directory lists the people that a query chooses.
func (a *Accounts) Directory(ctx context.Context, by By, q PeopleQuery) (*Directory, error) {
	all, err := a.People(ctx, by)
	if err != nil {
		return nil, err
	}
	reach, err := a.span(ctx, by, workflow.ReadPeople)
	if err != nil {
		return nil, err
	}
	tree := reach.tree
	d := &Directory{Total: len(all), All: reach.all, Units: reach.places(), Today: tree.On}
	if d.CodeRoles, err = a.CodeRoles(ctx); err != nil {
		return nil, err
	}
	chosen, err := q.choose(tree)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		if one.CodeAsked && !one.SecondOn && !one.Disabled {
			d.Lacking++
		}
		if one.SignedIn.IsZero() && !one.Anonymous {
			d.Never++
		}
		if chosen(one) {
			d.People = append(d.People, one)
		}
	}
	return d, nil
}

// choose turns a query into a question about one person.
func (q PeopleQuery) choose(tree *luoshi.Tree) (func(Listed) bool, error) {
	from, end := -1, -1
	if q.Unit != "" {
		at, ok := tree.ByCode(q.Unit)
		if !ok {
			return nil, refuse(luoshi.NotFound, "people.unit", "code", q.Unit)
		}
		from, end = at, tree.Nodes[at].End
	}
	text := luoshi.FoldLogin(q.Text)
	return func(p Listed) bool {
		post := func(match func(HeldPost) bool) bool { return slices.ContainsFunc(p.Posts, match) }
		in := func(h HeldPost) bool {
			at, ok := tree.Find(h.Unit)
			return h.Held && (from < 0 || ok && at >= from && at < end) && (q.Role == "" || h.Role == q.Role)
		}
		switch {
		case text != "" && !strings.Contains(luoshi.FoldLogin(p.Name), text) && !strings.Contains(p.Login, text) && text != strconv.FormatInt(int64(p.ID), 10) &&
			!post(func(h HeldPost) bool { return strings.Contains(luoshi.FoldLogin(h.Title), text) }):
			return false
		case (from >= 0 || q.Role != "") && !post(in):
			return false
		}
		return q.State == "" || p.is(q.State)
	}, nil
}

// is reports whether an account stands so.
func (p Listed) is(state string) bool {
	switch state {
	case StateActive:
		return !p.Disabled
	case StateDisabled:
		return p.Disabled && !p.Anonymous
	case StateWaiting:
		return !p.Until.IsZero()
	case StateNever:
		return p.SignedIn.IsZero() && !p.Anonymous
	case StateSecond:
		return p.SecondOn
	case StateWithout:
		return p.CodeAsked && !p.SecondOn && !p.Disabled
	case StateIdle:
		return !p.Anonymous && p.Elsewhere == 0 && !slices.ContainsFunc(p.Posts, func(h HeldPost) bool { return h.Held })
	case StateAnonymous:
		return p.Anonymous
	}
	return false
}

// placed names a unit of today, or by its number where there is none any more.
func placed(tree *luoshi.Tree, id luoshi.UnitID) Place {
	if at, ok := tree.Find(id); ok {
		n := tree.Nodes[at]
		return Place{n.ID, n.Code, n.Names, n.Depth}
	}
	return Place{ID: id, Code: strconv.FormatInt(int64(id), 10)}
}

// Card is one person as an administrator sees them.
type Card struct {
	Listed
	Duties []HeldDuty // within reach, open today or to come
	Before []HeldDuty // ended
	Beyond int        // duties of today and to come beyond it
	Units  []Place    // to choose from
	Closed error      // why the account may not be changed, and who may; nil where it may
	Today  luoshi.Date
}

// Card shows one person with posts and duties.
func (a *Accounts) Card(ctx context.Context, by By, id luoshi.PersonID) (*Card, error) {
	all, err := a.People(ctx, by)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(p Listed) bool { return p.ID == id })
	if at < 0 {
		return nil, refuse(luoshi.NotFound, "person.unknown")
	}
	reach, err := a.span(ctx, by, workflow.ReadPeople)
	if err != nil {
		return nil, err
	}
	c := &Card{Listed: all[at], Units: reach.places(), Today: reach.tree.On}
	if !c.Whole {
		c.Closed = a.MayAccount(ctx, by, id)
	}
	duties, err := a.dutiesOf(ctx, reach.tree, id)
	for _, d := range duties {
		past := d.Until != 0 && d.Until < reach.tree.On
		switch {
		case !reach.covers(d.Unit):
			if !past {
				c.Beyond++
			}
		case past:
			c.Before = append(c.Before, d)
		default:
			c.Duties = append(c.Duties, d)
		}
	}
	return c, err
}

// dutiesOf lists what somebody answers for or did, each with its last day.
func (a *Accounts) dutiesOf(ctx context.Context, tree *luoshi.Tree, id luoshi.PersonID) ([]HeldDuty, error) {
	facts, err := a.store.Duties(ctx, time.Time{})
	var list []HeldDuty
	for i, d := range facts { // by kind, unit, indicator and day
		if d.Person != id {
			continue
		}
		one := HeldDuty{Duty: d, At: placed(tree, d.Unit)}
		if i+1 < len(facts) {
			if next := facts[i+1]; next.Kind == d.Kind && next.Unit == d.Unit && next.Indicator == d.Indicator {
				one.Until = next.From.AddDays(-1)
			}
		}
		list = append(list, one)
	}
	return list, err
}

// LoginOf is the sign-in name of somebody whose account was just changed.
func (a *Accounts) LoginOf(ctx context.Context, id luoshi.PersonID) (string, error) {
	p, err := a.store.Person(ctx, id)
	return p.Login, err
}

// Choice is somebody who can be named for a duty.
type Choice struct {
	ID    luoshi.PersonID
	Name  string
	Title string
	At    luoshi.Names
}

// Choices lists who can be named for a duty: whoever may sign in, by name.
func (a *Accounts) Choices(ctx context.Context, by By) ([]Choice, error) {
	reach, err := a.span(ctx, by, workflow.EditDuties)
	if err != nil {
		return nil, err
	}
	tree := reach.tree
	people, err := a.store.People(ctx)
	if err != nil {
		return nil, err
	}
	posts, err := a.store.Posts(ctx, 0, time.Time{})
	if err != nil {
		return nil, err
	}
	first := map[luoshi.PersonID]luoshi.Post{}
	for _, p := range posts {
		if _, have := first[p.Person]; !have && p.Held(tree.On) {
			first[p.Person] = p
		}
	}
	var list []Choice
	for _, p := range people {
		if p.Disabled {
			continue
		}
		one := Choice{ID: p.ID, Name: p.Name}
		if post, ok := first[p.ID]; ok {
			one.Title, one.At = post.Title, placed(tree, post.Unit).Names
		}
		list = append(list, one)
	}
	slices.SortStableFunc(list, func(x, y Choice) int { return cmp.Compare(x.Name, y.Name) })
	return list, nil
}

// Named finds whom a text means: "#12" or "某人 #12" by number, else by sign-in name
// or by a name that only one has.
func (a *Accounts) Named(ctx context.Context, text string) (luoshi.PersonID, error) {
	text = luoshi.Fold(strings.TrimSpace(text))
	if text == "" {
		return 0, refuse(luoshi.Invalid, "post.person")
	}
	people, err := a.store.People(ctx)
	if err != nil {
		return 0, err
	}
	if at := strings.LastIndexByte(text, '#'); at >= 0 {
		n, err := strconv.ParseInt(strings.TrimSpace(text[at+1:]), 10, 64)
		if err != nil || !slices.ContainsFunc(people, func(p luoshi.Person) bool { return p.ID == luoshi.PersonID(n) }) {
			return 0, refuse(luoshi.NotFound, "people.whom", "text", text)
		}
		return luoshi.PersonID(n), nil
	}
	var found []luoshi.PersonID
	for _, p := range people {
		if !p.Anonymous && (p.Login == luoshi.FoldLogin(text) || luoshi.Fold(p.Name) == text) {
			found = append(found, p.ID)
		}
	}
	switch len(found) {
	case 0:
		return 0, refuse(luoshi.NotFound, "people.whom", "text", text)
	case 1:
		return found[0], nil
	}
	return 0, refuse(luoshi.Conflict, "people.several", "text", text, "n", len(found))
}

// Handing is what a hand-over would move.
type Handing struct {
	Moves     []HeldDuty
	Elsewhere int // duties that stay, for they lie beyond reach
}

// HandOverPlan lists what a hand-over would move: what `from` answers for on the day.
func (a *Accounts) HandOverPlan(ctx context.Context, by By, from luoshi.PersonID, on luoshi.Date) (Handing, error) {
	var h Handing
	reach, err := a.span(ctx, by, workflow.EditDuties)
	if err != nil {
		return h, err
	}
	all, err := a.store.Duties(ctx, time.Time{})
	for _, d := range luoshi.DutiesOn(all, on) {
		switch {
		case d.Person != from:
		case reach.covers(d.Unit):
			h.Moves = append(h.Moves, HeldDuty{Duty: d, At: placed(reach.tree, d.Unit)})
		default:
			h.Elsewhere++
		}
	}
	return h, err
}

// UnitAt is the unit that bears a code today.
func (a *Accounts) UnitAt(ctx context.Context, code string) (luoshi.UnitID, error) {
	tree, err := a.treeNow(ctx)
	if err != nil {
		return 0, err
	}
	at, ok := tree.ByCode(strings.TrimSpace(code))
	if !ok {
		return 0, refuse(luoshi.NotFound, "people.unit", "code", code)
	}
	return tree.Nodes[at].ID, nil
}
