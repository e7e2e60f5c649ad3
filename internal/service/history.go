package service

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/store"
	"luoshi.dev/workflow"
)

// HistoryQuery chooses events of the history; an empty field chooses any.
type HistoryQuery struct {
	Look
	Person        string // "#12", "某人 #12", a name that one person has
	Of            string // unit code
	Below         bool   // with the units below
	Object        string // "target", "target gdp", "target gdp 340100 2020"
	Intent        string
	From, To      luoshi.Date // both included
	Before, After int64       // only events numbered below or above
}

// HistoryPage is how many events a page of the history has.
const HistoryPage = 50

// HistoryView is a page of the history, the newest event first.
type HistoryView struct {
	Frame
	Events  []EventLine  `json:"events"`
	Total   int64        `json:"total"` // that the query chooses
	Older   int64        `json:"older"` // ask for events before this number, 0 = there are none
	Newer   int64        `json:"newer"` // ask for events after this number, 0 = there are none
	End     ChainEnd     `json:"end"`
	Check   HistoryCheck `json:"check"`
	People  []PersonRef  `json:"-"` // to choose from
	Intents []string     `json:"-"`
	Units   []UnitRef    `json:"-"`
}

// ChainEnd is the newest event: what a checkpoint is of.
type ChainEnd struct {
	Seq  int64         `json:"seq"`
	Hash luoshi.Digest `json:"hash"`
}

// PersonRef is somebody as a page names them: by number alone where the name was
// taken away.
type PersonRef struct {
	ID        luoshi.PersonID `json:"id"`
	Name      string          `json:"name"`
	Anonymous bool            `json:"anonymous,omitempty"`
}

// Says is the person in the reader's words.
func (r PersonRef) Says() luoshi.Message {
	switch {
	case r.ID == 0:
		return luoshi.Say("who.system")
	case r.Anonymous:
		return luoshi.Say("who.anonymous", "n", plain(int(r.ID)))
	case r.Name == "":
		return luoshi.Say("who.unknown", "n", plain(int(r.ID)))
	}
	return luoshi.Say("who.person", "name", r.Name)
}

// cast are the people there are, by number. Events hold numbers alone; names are
// joined when something is shown.
type cast map[luoshi.PersonID]luoshi.Person

func (s *Service) cast(ctx context.Context) (cast, error) {
	list, err := s.store.People(ctx)
	c := make(cast, len(list))
	for _, p := range list {
		c[p.ID] = p
	}
	return c, err
}

func (c cast) ref(id luoshi.PersonID) PersonRef {
	p := c[id]
	return PersonRef{ID: id, Name: p.Name, Anonymous: p.Anonymous}
}

// find is whom a text means.
func (c cast) find(text string) (luoshi.PersonID, error) {
	folded := luoshi.Fold(strings.TrimSpace(text))
	if at := strings.LastIndexByte(folded, '#'); at >= 0 {
		if n, err := strconv.ParseInt(strings.TrimSpace(folded[at+1:]), 10, 64); err == nil && n >= 0 {
			return luoshi.PersonID(n), nil
		}
	}
	var found []luoshi.PersonID
	for id, p := range c {
		if !p.Anonymous && (p.Login == strings.ToLower(folded) || luoshi.Fold(p.Name) == folded) {
			found = append(found, id)
		}
	}
	switch len(found) {
	case 0:
		return 0, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("people.whom", "text", text)}
	case 1:
		return found[0], nil
	}
	return 0, &luoshi.Error{Code: luoshi.Conflict, Message: luoshi.Say("people.several", "text", text, "n", len(found))}
}

// History shows a page of the history.
func (s *Service) History(ctx context.Context, q HistoryQuery) (*HistoryView, error) {
	sn, node, err := s.stand(ctx, q.Look)
	if err != nil {
		return nil, err
	}
	people, err := s.cast(ctx)
	if err != nil {
		return nil, err
	}
	v := &HistoryView{}
	if v.Frame, err = s.frame(ctx, sn, node); err != nil {
		return nil, err
	}
	if v.End.Seq, v.End.Hash, err = s.store.ChainEnd(ctx); err != nil {
		return nil, err
	}
	v.Check = s.lastCheck()
	v.choices(sn, people)
	ask, err := q.events(sn, people)
	if err != nil {
		return nil, err
	}
	if v.Total, err = s.store.CountEvents(ctx, ask); err != nil {
		return nil, err
	}
	ask.Before, ask.After, ask.Limit = q.Before, q.After, HistoryPage
	list, err := s.store.Events(ctx, ask)
	if err != nil {
		return nil, err
	}
	for _, e := range list {
		v.Events = append(v.Events, sn.eventLine(e, people, ""))
	}
	if len(list) == 0 {
		return v, nil
	}
	newest, oldest := list[0].Seq, list[len(list)-1].Seq
	ask.Limit = 1
	for _, way := range []struct {
		before, after int64
		to            *int64
		from          int64
	}{{0, newest, &v.Newer, newest}, {oldest, 0, &v.Older, oldest}} {
		ask.Before, ask.After = way.before, way.after
		more, err := s.store.Events(ctx, ask)
		if err != nil {
			return nil, err
		}
		if len(more) > 0 {
			*way.to = way.from
		}
	}
	return v, nil
}

// choices are what the query can be made of.
func (v *HistoryView) choices(sn *snapshot, people cast) {
	for id := range people {
		v.People = append(v.People, people.ref(id))
	}
	slices.SortFunc(v.People, func(a, b PersonRef) int { return int(a.ID - b.ID) })
	for _, r := range workflow.Rules() {
		if r.Changes || r.Intent == workflow.Open {
			v.Intents = append(v.Intents, string(r.Intent))
		}
	}
	v.Intents = append(v.Intents, "write")
	for i := range sn.tree.Nodes {
		v.Units = append(v.Units, sn.ref(i))
	}
}

// events turns the query into the store's.
func (q HistoryQuery) events(sn *snapshot, people cast) (store.EventQuery, error) {
	ask := store.EventQuery{Object: strings.Join(strings.Fields(q.Object), " "), Intent: q.Intent}
	var err error
	if q.Person != "" {
		if ask.Person, err = people.find(q.Person); err != nil {
			return ask, err
		}
	}
	if q.Of != "" {
		id, err := sn.unitID(q.Of)
		if err != nil {
			return ask, err
		}
		ask.Units = []luoshi.UnitID{id}
		if at, here := sn.tree.Find(id); here && q.Below {
			for i := at + 1; i < sn.tree.Nodes[at].End; i++ {
				ask.Units = append(ask.Units, sn.tree.Nodes[i].ID)
			}
		}
	}
	if q.From != 0 {
		ask.From = q.From.Start()
	}
	if q.To != 0 {
		ask.To = q.To.End()
	}
	if q.From != 0 && q.To != 0 && q.From > q.To {
		return ask, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("history.span", "from", q.From, "until", q.To)}
	}
	return ask, nil
}

// EventView is one event with what it stands between.
type EventView struct {
	Frame
	EventLine
	Sealed   bool         `json:"sealed"`  // what it says is what its hash was made of
	Follows  bool         `json:"follows"` // it holds the hash of the one before
	Followed bool         `json:"followed"`
	Last     bool         `json:"last"`
	Check    HistoryCheck `json:"check"`
	Wrote    []EventWrote `json:"wrote"`
}

// EventWrote is how many rows of a table an event answers for.
type EventWrote struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
}

// Event shows one event and holds it against its neighbours.
func (s *Service) Event(ctx context.Context, look Look, seq int64) (*EventView, error) {
	e, err := s.store.Event(ctx, seq)
	if err != nil {
		return nil, err
	}
	sn, node, err := s.stand(ctx, look)
	if err != nil {
		return nil, err
	}
	people, err := s.cast(ctx)
	if err != nil {
		return nil, err
	}
	v := &EventView{EventLine: sn.eventLine(e, people, ""), Check: s.lastCheck(), Sealed: e.Hash == e.Seal(), Follows: seq == 1 && e.Prev == luoshi.Digest{}}
	if v.Frame, err = s.frame(ctx, sn, node); err != nil {
		return nil, err
	}
	if before, err := s.store.Event(ctx, seq-1); err == nil {
		v.Follows = before.Hash == e.Prev
	} else if luoshi.CodeOf(err) != luoshi.NotFound {
		return nil, err
	}
	end, hash, err := s.store.ChainEnd(ctx)
	if err != nil {
		return nil, err
	}
	if v.Last = seq == end; v.Last {
		v.Followed = hash == e.Hash
	} else if after, err := s.store.Event(ctx, seq+1); err == nil {
		v.Followed = after.Prev == e.Hash
	} else if luoshi.CodeOf(err) != luoshi.NotFound {
		return nil, err
	}
	v.Wrote = wrote(e.Covers)
	return v, nil
}

// EachEvent gives every event that a query chooses, the oldest first.
func (s *Service) EachEvent(ctx context.Context, q HistoryQuery, give func(EventLine) error) error {
	sn, _, err := s.stand(ctx, q.Look)
	if err != nil {
		return err
	}
	people, err := s.cast(ctx)
	if err != nil {
		return err
	}
	ask, err := q.events(sn, people)
	if err != nil {
		return err
	}
	const chunk = 1000
	ask.After, ask.Limit = -1, chunk
	for {
		list, err := s.store.Events(ctx, ask)
		if err != nil {
			return err
		}
		for _, e := range slices.Backward(list) {
			if err := give(sn.eventLine(e, people, "")); err != nil {
				return err
			}
		}
		if len(list) < chunk {
			return nil
		}
		ask.After = list[0].Seq
	}
}

// Head is a page that stands somewhere and shows nothing of it: accounts, history.
type Head struct {
	Frame
	Indicators map[string]luoshi.Names // what indicators are called
}

// Head says where a look stands.
func (s *Service) Head(ctx context.Context, look Look) (*Head, error) {
	sn, node, err := s.stand(ctx, look)
	if err != nil {
		return nil, err
	}
	h := &Head{Indicators: make(map[string]luoshi.Names, len(sn.indicators))}
	for code, in := range sn.indicators {
		h.Indicators[code] = in.Names
	}
	h.Frame, err = s.frame(ctx, sn, node)
	return h, err
}
