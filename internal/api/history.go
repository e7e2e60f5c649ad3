package api

import (
	"context"
	"net/http"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/wire"
)

// auditor is what the history asks of the service.
type auditor interface {
	History(ctx context.Context, q service.HistoryQuery) (*service.HistoryView, error)
	Event(ctx context.Context, look service.Look, seq int64) (*service.EventView, error)
	Came(ctx context.Context, look service.Look, object string) (*service.CameView, error)
}

type eventsIn struct {
	Person string `query:"person" doc:"By whom or for whom: #12, a sign-in name, or a name that only one has" maxLength:"100"`
	Unit   string `query:"unit" doc:"Of the unit with this code" maxLength:"64" example:"340100"`
	Below  bool   `query:"below" doc:"With the units below it"`
	Object string `query:"object" doc:"An object, or all that begin with its words: target, target key_projects" maxLength:"200" example:"import"`
	Intent string `query:"intent" doc:"With this intent" maxLength:"64" example:"target.set"`
	From   string `query:"from" doc:"From this day on" maxLength:"64"`
	Until  string `query:"until" doc:"Until this day, included" maxLength:"64"`
	Before int64  `query:"before" doc:"Only events below this number" minimum:"0"`
	After  int64  `query:"after" doc:"Only events above this number, of those the oldest" minimum:"0"`
	Tongue
}

type eventIn struct {
	Seq int64 `path:"seq" doc:"Number of the event" minimum:"1" example:"1"`
	Tongue
}

type cameIn struct {
	Object string `query:"object" doc:"figure CODE UNIT PERIOD BASIS, target CODE UNIT YEAR, indicator CODE, scheme CODE, goal CODE, set CODE" required:"true" minLength:"1" maxLength:"200" example:"target key_projects 340100 2020"`
	Tongue
}

// history is who did what, and how something came to be.
func (a *API) history() {
	answer(a, operation{
		id: "listEvents", method: http.MethodGet, path: "/api/events", group: "history", needs: audits, fails: []luoshi.Code{luoshi.NotFound, luoshi.Conflict},
		says: "The history, the newest event first, fifty at a time: who did what to which, before and after, why, and the hashes that chain it. Ask again with before=older to go on.",
		try:  "/api/events?object=import",
	}, func(s *scribe, ctx context.Context, in *eventsIn) (wire.EventList, error) {
		q := service.HistoryQuery{Person: in.Person, Of: in.Unit, Below: in.Below, Object: in.Object, Intent: in.Intent, Before: in.Before, After: in.After}
		var err error
		if q.From, err = a.day("query.from", in.From); err != nil {
			return wire.EventList{}, err
		}
		if q.To, err = a.day("query.until", in.Until); err != nil {
			return wire.EventList{}, err
		}
		v, err := a.board.History(ctx, q)
		if err != nil {
			return wire.EventList{}, err
		}
		return wire.EventList{Total: v.Total, Items: each(v.Events, s.event), Older: v.Older, Newer: v.Newer, EndSeq: v.End.Seq, End: v.End.Hash}, nil
	})
	answer(a, operation{
		id: "getEvent", method: http.MethodGet, path: "/api/events/{seq}", group: "history", needs: audits, fails: []luoshi.Code{luoshi.NotFound},
		says: "One event, its hash worked out anew and held against its neighbours, with how many rows of which tables it answers for.",
		try:  "/api/events/1",
	}, func(s *scribe, ctx context.Context, in *eventIn) (wire.EventCard, error) {
		v, err := a.board.Event(ctx, service.Look{}, in.Seq)
		if err != nil {
			return wire.EventCard{}, err
		}
		return wire.EventCard{Event: s.event(v.EventLine), Sealed: v.Sealed, Follows: v.Follows, Followed: v.Followed,
			Wrote: each(v.Wrote, func(w service.EventWrote) wire.EventWrote { return wire.EventWrote(w) })}, nil
	})
	answer(a, operation{
		id: "listCame", method: http.MethodGet, path: "/api/came", group: "history", needs: reads, fails: []luoshi.Code{luoshi.NotFound},
		says: "How a figure, a target or an entry of a register came to be: its events, the newest first, for whoever may read it.",
		try:  "/api/came?object=target+key_projects+340100+2020",
	}, func(s *scribe, ctx context.Context, in *cameIn) (wire.Came, error) {
		v, err := a.board.Came(ctx, service.Look{}, in.Object)
		if err != nil {
			return wire.Came{}, err
		}
		return wire.Came{Object: v.Object.Text, Items: each(v.Events, s.event), More: v.More, Summed: v.Summed, Wide: v.Wide}, nil
	})
}

func (s *scribe) event(e service.EventLine) wire.Event {
	out := wire.Event{Seq: e.Seq, At: e.At.In(luoshi.Zone), Actor: person(e.Who), Says: s.sentence(e.Says), Intent: e.Intent, Object: e.Object, Unit: e.Code, Before: e.Before, After: e.After,
		Reason: e.Reason, Request: e.Request, Prev: e.Prev, Hash: e.Hash}
	if e.For != nil {
		p := person(*e.For)
		out.Behalf = &p
	}
	return out
}

func person(p service.PersonRef) wire.Person {
	return wire.Person{ID: int64(p.ID), Name: p.Name, Anonymous: p.Anonymous}
}

// maybePerson is somebody who may not be there.
func maybePerson(p *service.PersonRef) *wire.Person {
	if p == nil {
		return nil
	}
	out := person(*p)
	return &out
}
