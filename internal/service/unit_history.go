package service

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/govalues/decimal"

	"luoshi.dev"
	"luoshi.dev/internal/store"
)

// What can happen to a unit, beside the kinds of change that a sheet knows.
const (
	EventBegin   = "begin"
	EventRename  = "rename"
	EventRecode  = "recode"
	EventMove    = "move"
	EventReorder = "reorder"
	EventKind    = "kind"
	EventMerge   = "merge"
	EventSplit   = "split"
	EventEnd     = "end"
	EventAgain   = "again" // in force again after an end
)

// UnitEvent is one thing that happened to the unit tree on a day.
type UnitEvent struct {
	Kinds      []string       `json:"kinds"`
	On         luoshi.Date    `json:"on"`
	Units      []UnitRef      `json:"units"` // as they were before; of a merger all that went in
	Into       []UnitShare    `json:"into"`  // as they are afterwards
	Says       luoshi.Message `json:"-"`
	Source     string         `json:"source,omitempty"`
	RecordedAt time.Time      `json:"recorded_at"`
	By         string         `json:"by,omitempty"`
	ids        []luoshi.UnitID
}

// UnitShare is a unit with the share of another that lives on in it.
type UnitShare struct {
	Unit  UnitRef         `json:"unit"`
	Share luoshi.Quantity `json:"share"`
}

// ChangeDay is what happened on one day.
type ChangeDay struct {
	On     luoshi.Date `json:"on"`
	Events []UnitEvent `json:"events"`
}

// UnitChanges is every change of the unit tree, the newest day first.
type UnitChanges struct {
	Frame
	Days  []ChangeDay `json:"days"`
	Begin luoshi.Date `json:"begin"` // the day with which the register begins
	First int         `json:"first"` // units that are in it from that day on
}

// UnitChanges lists what happened to the unit tree, as known at the instant.
func (s *Service) UnitChanges(ctx context.Context, look Look) (*UnitChanges, error) {
	return kept(ctx, s, look, "unit changes", func(ctx context.Context, sn *snapshot) (*UnitChanges, error) {
		node, err := sn.unitOf(look.Unit)
		if err != nil {
			return nil, err
		}
		v := &UnitChanges{Begin: sn.firstDay()}
		if v.Frame, err = s.frame(ctx, sn, node); err != nil {
			return nil, err
		}
		events, err := s.unitEvents(ctx, sn)
		if err != nil {
			return nil, err
		}
		for _, facts := range sn.codes.facts {
			if facts[0].From == v.Begin && !facts[0].Ended {
				v.First++
			}
		}
		for _, e := range events {
			if n := len(v.Days); n == 0 || v.Days[n-1].On != e.On {
				v.Days = append(v.Days, ChangeDay{On: e.On})
			}
			day := &v.Days[len(v.Days)-1]
			day.Events = append(day.Events, e)
		}
		return v, nil
	})
}

// clerks tells who recorded what, by the instant of recording.
type clerks map[int64]store.Batch

func (s *Service) clerks(ctx context.Context) (clerks, error) {
	list, err := s.store.Batches(ctx)
	by := make(clerks, 2*len(list))
	for _, b := range list {
		by[b.At.UnixMicro()] = b
		by[b.RecordedAt.UnixMicro()] = b
	}
	return by, err
}

// unitEvents lists what happened, newest first, as known at the snapshot's instant,
// with what is recorded for days to come.
func (s *Service) unitEvents(ctx context.Context, sn *snapshot) ([]UnitEvent, error) {
	by, err := s.clerks(ctx)
	if err != nil {
		return nil, err
	}
	h := sn.chronicle()
	for i := range h.events {
		e := &h.events[i]
		batch := by[e.RecordedAt.UnixMicro()]
		e.By = batch.By
		if e.Source == "" && batch.Kind != "import" {
			e.Source = batch.Note
		}
	}
	h.gatherBegins()
	slices.SortStableFunc(h.events, func(a, b UnitEvent) int {
		return cmp.Or(-cmp.Compare(a.On, b.On), cmp.Compare(a.Units[0].Code, b.Units[0].Code))
	})
	return h.events, nil
}

// chronicle reads the events of all units.
func (sn *snapshot) chronicle() *history {
	h := &history{snapshot: sn, begin: sn.firstDay(), links: map[luoshi.UnitID][]luoshi.Succession{}, born: map[unitDay]bool{}}
	for _, l := range sn.plan.links {
		h.links[l.From] = append(h.links[l.From], l)
		h.born[unitDay{l.To, l.On}] = true
	}
	for _, id := range slices.Sorted(maps.Keys(sn.codes.facts)) {
		h.unit(sn.codes.facts[id])
	}
	return h
}

// listed is how many units begin on a day before they are told as one: a list was
// taken in.
const listed = 8

// gatherBegins makes one event of the many units that begin with a list.
func (h *history) gatherBegins() {
	begins := map[luoshi.Date]int{}
	for _, e := range h.events {
		if e.Kinds[0] == EventBegin {
			begins[e.On]++
		}
	}
	at := map[luoshi.Date]int{}
	kept := h.events[:0]
	for _, e := range h.events {
		if e.Kinds[0] != EventBegin || begins[e.On] <= listed {
			kept = append(kept, e)
			continue
		}
		i, begun := at[e.On]
		if !begun {
			at[e.On] = len(kept)
			e.Says = luoshi.Say("unitpage.event.list", "n", begins[e.On])
			e.Into = nil
			kept = append(kept, e)
			continue
		}
		kept[i].Units, kept[i].ids = append(kept[i].Units, e.Units...), append(kept[i].ids, e.ids...)
	}
	h.events = kept
}

type unitDay struct {
	unit luoshi.UnitID
	on   luoshi.Date
}

// history reads events out of dated facts.
type history struct {
	*snapshot
	begin  luoshi.Date
	links  map[luoshi.UnitID][]luoshi.Succession
	born   map[unitDay]bool // by a merger or a split
	events []UnitEvent
}

// firstDay is the day with which the register begins.
func (sn *snapshot) firstDay() luoshi.Date {
	first := luoshi.Date(0)
	for _, facts := range sn.codes.facts {
		if first == 0 || facts[0].From < first {
			first = facts[0].From
		}
	}
	return first
}

// unit compares each fact of a unit with the one before it.
func (h *history) unit(facts []luoshi.Unit) {
	var was luoshi.Unit
	for _, now := range facts {
		switch {
		case was.ID == 0 && now.Ended: // taken back before it began
			continue
		case was.ID == 0:
			if now.From != h.begin && !h.born[unitDay{now.ID, now.From}] {
				h.tell(now, luoshi.Say("unitpage.event.begin", "unit", now.Names, "code", now.Code, "parent", h.nameOn(now.Parent, now.From)), now, EventBegin)
			}
		case now.Ended && !was.Ended:
			h.gone(was, now)
		case !now.Ended && was.Ended:
			h.tell(now, luoshi.Say("unitpage.event.again", "unit", now.Names, "code", now.Code), now, EventAgain)
		case !now.Ended:
			h.changed(was, now)
		}
		was = now
	}
}

// tell notes one event of one unit.
func (h *history) tell(was luoshi.Unit, says luoshi.Message, now luoshi.Unit, kinds ...string) {
	h.events = append(h.events, UnitEvent{
		Kinds: kinds, On: now.From, Units: []UnitRef{factRef(was)}, Into: []UnitShare{{Unit: factRef(now), Share: decimal.One}}, Says: says,
		RecordedAt: time.UnixMicro(now.RecordedAt), ids: []luoshi.UnitID{was.ID},
	})
}

func (h *history) changed(was, now luoshi.Unit) {
	var kinds []string
	var parts []luoshi.Message
	add := func(kind string, pairs ...any) {
		kinds = append(kinds, kind)
		parts = append(parts, luoshi.Say("unitpage.event."+kind, pairs...))
	}
	if was.Names != now.Names || was.Short != now.Short {
		if was.Names.Hans == now.Names.Hans {
			add(EventRename+".short", "unit", now.Names)
			kinds[len(kinds)-1] = EventRename
		} else {
			add(EventRename, "unit", was.Names, "name", now.Names)
		}
	}
	if was.Code != now.Code {
		add(EventRecode, "unit", was.Names, "old", was.Code, "new", now.Code)
	}
	if was.Parent != now.Parent {
		add(EventMove, "unit", was.Names, "old", h.nameOn(was.Parent, now.From.AddDays(-1)), "new", h.nameOn(now.Parent, now.From))
	}
	if was.Kind != now.Kind {
		add(EventKind, "unit", was.Names, "old", was.Kind, "new", now.Kind)
	}
	if was.Order != now.Order && len(kinds) == 0 {
		add(EventReorder, "unit", was.Names, "old", was.Order, "new", now.Order)
	}
	switch {
	case len(kinds) == 0:
	case slices.Equal(kinds, []string{EventRename, EventRecode}) && was.Names.Hans != now.Names.Hans:
		h.tell(was, luoshi.Say("unitpage.event.both", "unit", was.Names, "name", now.Names, "old", was.Code, "new", now.Code), now, kinds...)
	case len(kinds) == 1:
		h.tell(was, parts[0], now, kinds...)
	default:
		h.tell(was, luoshi.Say("unitpage.event.several", "parts", parts), now, kinds...)
	}
}

// gone tells what a unit lives on in, if anything.
func (h *history) gone(was, now luoshi.Unit) {
	var into []luoshi.Succession
	for _, l := range h.links[was.ID] {
		if l.On == now.From {
			into = append(into, l)
		}
	}
	switch len(into) {
	case 0:
		h.tell(was, luoshi.Say("unitpage.event.end", "unit", was.Names, "code", was.Code), now, EventEnd)
		h.events[len(h.events)-1].Into = nil
	case 1:
		h.merged(was, now, into[0])
	default:
		e := UnitEvent{Kinds: []string{EventSplit}, On: now.From, Units: []UnitRef{factRef(was)}, RecordedAt: time.UnixMicro(now.RecordedAt), Source: into[0].Source, ids: []luoshi.UnitID{was.ID}}
		var parts []luoshi.Message
		for _, l := range into {
			ref := h.refOn(l.To, l.On)
			e.Into = append(e.Into, UnitShare{Unit: ref, Share: l.Share})
			parts = append(parts, luoshi.Say("unitpage.event.part", "unit", ref.Name, "code", ref.Code, "share", percentOf(l.Share)))
			e.ids = append(e.ids, l.To)
		}
		e.Says = luoshi.Say("unitpage.event.split", "unit", was.Names, "code", was.Code, "parts", parts)
		h.events = append(h.events, e)
	}
}

// merged gathers all that went into one unit on one day into one event.
func (h *history) merged(was, now luoshi.Unit, l luoshi.Succession) {
	ref := h.refOn(l.To, l.On)
	i := slices.IndexFunc(h.events, func(e UnitEvent) bool {
		return e.On == l.On && e.Kinds[0] == EventMerge && e.Into[0].Unit.Code == ref.Code
	})
	if i < 0 {
		i = len(h.events)
		h.events = append(h.events, UnitEvent{Kinds: []string{EventMerge}, On: l.On, Into: []UnitShare{{Unit: ref, Share: decimal.One}}, RecordedAt: time.UnixMicro(now.RecordedAt), Source: l.Source, ids: []luoshi.UnitID{l.To}})
	}
	e := &h.events[i]
	e.Units = append(e.Units, factRef(was))
	e.ids = append(e.ids, was.ID)
	var names []luoshi.Message
	for _, u := range e.Units {
		names = append(names, luoshi.Say("unitpage.named", "unit", u.Name, "code", u.Code))
	}
	key := "unitpage.event.merge"
	if h.born[unitDay{l.To, l.On}] && h.codes.facts[l.To][0].From == l.On {
		key = "unitpage.event.merge.new"
	}
	e.Says = luoshi.Say(key, "units", names, "unit", ref.Name, "code", ref.Code)
}

// refOn is a unit as it is on the day, or as it was last before it.
func (h *history) refOn(id luoshi.UnitID, day luoshi.Date) UnitRef {
	u, _ := h.codes.on(id, day)
	if u.ID == 0 && len(h.codes.facts[id]) > 0 {
		u = h.codes.facts[id][0]
	}
	return factRef(u)
}

// nameOn is the name of a unit on a day; that of the root is said as such.
func (h *history) nameOn(id luoshi.UnitID, day luoshi.Date) any {
	if id == 0 {
		return luoshi.Say("unitpage.root")
	}
	return h.refOn(id, day).Name
}

// factRef names a unit by one of its facts.
func factRef(u luoshi.Unit) UnitRef {
	r := UnitRef{Code: u.Code, Name: u.Names, Short: u.Short, Kind: u.Kind}
	if r.Short.Hans == "" {
		r.Short = r.Name
	}
	return r
}

// percentOf is a share in percent.
func percentOf(share luoshi.Quantity) luoshi.Quantity {
	p, err := share.Mul(decimal.Hundred)
	if err != nil {
		return share
	}
	return p.Trim(0)
}
