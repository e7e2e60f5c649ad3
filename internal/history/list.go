package history

import (
	"context"
	"strconv"
	"strings"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
)

// Query chooses events, as somebody at a terminal names what they look for; an empty
// field chooses any.
type Query struct {
	Person   string // #12, 12, or a sign-in name
	Unit     string // code: that unit's and those below it, as of today
	Object   string // "target inv 340100 2020", or the beginning of one in whole words
	Intent   string
	From, To luoshi.Date // both included
	Limit    int         // the newest; 0 = all
}

// Line is an event with what its numbers stand for today.
type Line struct {
	luoshi.Event
	UnitCode string
	Who      string // the sign-in name, "" where it was taken away or nobody has one
	For      string
}

// List returns events, the newest first.
func List(ctx context.Context, st *store.Store, q Query, today luoshi.Date) ([]Line, error) {
	units, err := st.Units(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	tree, _ := luoshi.NewTree(units, today)
	people, err := st.People(ctx)
	if err != nil {
		return nil, err
	}
	ask := store.EventQuery{Object: strings.Join(strings.Fields(q.Object), " "), Intent: q.Intent, Limit: q.Limit}
	if q.Limit == 0 {
		ask.Limit = -1
	}
	if q.Person != "" {
		if ask.Person, err = whom(q.Person, people); err != nil {
			return nil, err
		}
	}
	if q.Unit != "" {
		if ask.Units, err = below(q.Unit, tree, units); err != nil {
			return nil, err
		}
	}
	if q.From != 0 {
		ask.From = q.From.Start()
	}
	if q.To != 0 {
		ask.To = q.To.End()
	}
	events, err := st.Events(ctx, ask)
	if err != nil {
		return nil, err
	}
	codes := map[luoshi.UnitID]string{}
	for _, u := range units { // the last code that it bore
		codes[u.ID] = u.Code
	}
	logins := map[luoshi.PersonID]string{}
	for _, p := range people {
		logins[p.ID] = p.Login
	}
	list := make([]Line, len(events))
	for i, e := range events {
		list[i] = Line{e, codes[e.Unit], logins[e.Actor], logins[e.Behalf]}
	}
	return list, nil
}

// whom finds the person that a text means.
func whom(text string, people []luoshi.Person) (luoshi.PersonID, error) {
	if id, err := strconv.ParseInt(strings.TrimPrefix(text, "#"), 10, 64); err == nil && id > 0 {
		return luoshi.PersonID(id), nil
	}
	login := luoshi.FoldLogin(text)
	for _, p := range people {
		if p.Login == login && login != "" {
			return p.ID, nil
		}
	}
	return 0, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("cli.no_person", "login", text)}
}

// below are a unit and those below it. One that is no more stands alone.
func below(code string, tree *luoshi.Tree, units []luoshi.Unit) ([]luoshi.UnitID, error) {
	var list []luoshi.UnitID
	if at, ok := tree.ByCode(code); ok {
		for i := at; i < tree.Nodes[at].End; i++ {
			list = append(list, tree.Nodes[i].ID)
		}
		return list, nil
	}
	for _, u := range units {
		if u.Code == code {
			list = append(list, u.ID)
		}
	}
	if len(list) == 0 {
		return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("cli.no_unit", "code", code)}
	}
	return list, nil
}
