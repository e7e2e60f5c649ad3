package service

import (
	"context"
	"maps"
	"slices"
	"sync"

	"luoshi.dev"
	"luoshi.dev/internal/search"
)

// SearchQuery asks for what a text may mean at a look: only what is there by its
// instant and boundaries is found.
type SearchQuery struct {
	Look
	Text string
	Most int // of each kind, 0 = SearchShown
}

// SearchShown is how many of each kind are found if nobody says.
const SearchShown = 8

// Found is what a search found, in groups, the group of the best first.
type Found struct {
	Frame
	Text   string       `json:"text"`
	Groups []FoundGroup `json:"groups"`
	Total  int          `json:"total"`
	Near   bool         `json:"near"` // nothing fits: these sound or look alike
}

// FoundGroup is what was found of one kind.
type FoundGroup struct {
	Kind FoundKind `json:"kind"`
	Hits []Hit     `json:"hits"`
}

// FoundKind is what a hit is.
type FoundKind string

// The kinds: an indicator at a unit that the query names, and what search knows.
const (
	FoundPair      FoundKind = "pair"
	FoundUnit      FoundKind = FoundKind(search.Unit)
	FoundIndicator FoundKind = FoundKind(search.Indicator)
	FoundGoal      FoundKind = FoundKind(search.Goal)
	FoundSet       FoundKind = FoundKind(search.Set)
	FoundScheme    FoundKind = FoundKind(search.Scheme)
)

// Hit is one thing that was found.
type Hit struct {
	Code  string         `json:"code"`
	Name  luoshi.Names   `json:"name"`
	Once  string         `json:"once,omitempty"` // what it was called before, where that is what fits
	Unit  *UnitRef       `json:"unit,omitempty"` // itself, or that of a pair
	Path  []luoshi.Names `json:"path,omitempty"` // of a unit, from the top; of an indicator its group
	Light *luoshi.Light  `json:"light,omitempty"`
	Area  bool           `json:"area,omitempty"` // a unit that has figures of its own
}

// index is what can be found by one plan and tree.
type index struct {
	key   indexKey
	found *search.Index
	nodes []int // by entry: of a unit
}

type indexKey struct {
	asOf       int64
	year       int
	boundaries luoshi.Date
	plan       int64
}

// indexes are the latest ones made. Figures change nothing in them.
type indexes struct {
	mu   sync.Mutex
	list []*index
}

const keptIndexes = 4

// index is the one for a snapshot, from memory if it is there.
func (s *Service) index(sn *snapshot) *index {
	key := indexKey{sn.key.asOf, sn.key.year, sn.key.boundaries, sn.key.state.plan}
	s.indexes.mu.Lock()
	defer s.indexes.mu.Unlock()
	if i := slices.IndexFunc(s.indexes.list, func(x *index) bool { return x.key == key }); i >= 0 {
		return s.indexes.list[i]
	}
	x := newIndex(sn)
	x.key = key
	if len(s.indexes.list) >= keptIndexes {
		s.indexes.list = slices.Delete(s.indexes.list, 0, 1)
	}
	s.indexes.list = append(s.indexes.list, x)
	return x
}

func newIndex(sn *snapshot) *index {
	x := &index{}
	var entries []search.Entry
	add := func(e search.Entry, node int) {
		entries = append(entries, e)
		x.nodes = append(x.nodes, node)
	}
	for i, n := range sn.tree.Nodes {
		e := search.Entry{Kind: search.Unit, Code: n.Code, Names: n.Names, Short: n.Short, Rank: n.Depth, Once: sn.once(n.Unit)}
		if !n.Kind.Area() {
			e.Rank += 10
		}
		add(e, i)
	}
	for _, in := range sn.plan.indicators {
		if !in.Retired {
			add(search.Entry{Kind: search.Indicator, Code: in.Code, Names: in.Names}, -1)
		}
	}
	for _, g := range sn.plan.goals {
		add(search.Entry{Kind: search.Goal, Code: g.Code, Names: g.Names}, -1)
	}
	for _, set := range sn.plan.sets {
		add(search.Entry{Kind: search.Set, Code: set.Code, Names: set.Names}, -1)
	}
	for _, code := range slices.Sorted(maps.Keys(sn.schemes)) {
		add(search.Entry{Kind: search.Scheme, Code: code, Names: sn.schemes[code].Names}, -1)
	}
	x.found = search.New(entries)
	return x
}

// once lists the names and codes that a unit bore at other times.
func (sn *snapshot) once(now luoshi.Unit) []string {
	var list []string
	for _, fact := range sn.codes.facts[now.ID] {
		for _, text := range []string{fact.Names.Hans, fact.Code} {
			if text != now.Names.Hans && text != now.Code && !slices.Contains(list, text) {
				list = append(list, text)
			}
		}
	}
	return list
}

// Search finds units, indicators, goals, sets and schemes by names in any script,
// codes, pinyin and initials, and indicators at a unit where the text names both.
func (s *Service) Search(ctx context.Context, q SearchQuery) (*Found, error) {
	sn, node, err := s.stand(ctx, q.Look)
	if err != nil {
		return nil, err
	}
	v := &Found{Text: q.Text}
	if v.Frame, err = s.frame(ctx, sn, node); err != nil {
		return nil, err
	}
	if q.Most <= 0 {
		q.Most = SearchShown
	}
	x := s.index(sn)
	r := x.found.Find(q.Text, q.Most)
	if len(r.Pairs) > 0 {
		g := FoundGroup{Kind: FoundPair}
		for _, p := range r.Pairs[:min(q.Most, len(r.Pairs))] {
			g.Hits = append(g.Hits, x.pair(sn, p))
		}
		v.Groups = append(v.Groups, g)
	}
	goals := sync.OnceValue(func() map[string]GoalRow {
		if node < 0 {
			return nil
		}
		return sn.goalsAt(sn.tree.Nodes[node].ID)
	})
	for _, h := range r.Hits {
		e := x.found.Entry(h.Entry)
		kind := FoundKind(e.Kind)
		i := slices.IndexFunc(v.Groups, func(g FoundGroup) bool { return g.Kind == kind })
		if i < 0 {
			i = len(v.Groups)
			v.Groups = append(v.Groups, FoundGroup{Kind: kind})
		}
		v.Groups[i].Hits = append(v.Groups[i].Hits, x.hit(sn, h, q.Text, node, goals))
		v.Near = h.Tier >= search.Sounds
	}
	for _, g := range v.Groups {
		v.Total += len(g.Hits)
	}
	return v, nil
}

// hit says what was found and where it stands.
func (x *index) hit(sn *snapshot, h search.Hit, text string, node int, goals func() map[string]GoalRow) Hit {
	e := x.found.Entry(h.Entry)
	hit := Hit{Code: e.Code, Name: e.Names, Once: x.found.Former(h.Entry, text)}
	switch e.Kind {
	case search.Unit:
		at := x.nodes[h.Entry]
		ref := sn.ref(at)
		hit.Unit, hit.Area = &ref, sn.tree.Nodes[at].Kind.Area()
		path := sn.tree.Path(at)
		for _, i := range path[:len(path)-1] {
			hit.Path = append(hit.Path, sn.tree.Nodes[i].Names)
		}
	case search.Indicator:
		hit.Light = sn.lightAt(e.Code, node)
		if group := sn.indicators[e.Code].Group; group != "" {
			hit.Path = []luoshi.Names{{Hans: group}}
		}
	case search.Goal:
		if row, ok := goals()[e.Code]; ok {
			hit.Light = &row.Judgement.Light
		}
	}
	return hit
}

// pair is an indicator at a unit.
func (x *index) pair(sn *snapshot, p search.Pair) Hit {
	at, in := x.nodes[p.Unit.Entry], x.found.Entry(p.Indicator.Entry)
	ref := sn.ref(at)
	return Hit{Code: in.Code, Name: in.Names, Unit: &ref, Light: sn.lightAt(in.Code, at), Area: sn.tree.Nodes[at].Kind.Area()}
}

// lightAt is the light of an indicator at a unit, nil where nothing was promised.
func (sn *snapshot) lightAt(code string, node int) *luoshi.Light {
	if node < 0 {
		return nil
	}
	if _, promised := sn.targets[targetAt{code, sn.tree.Nodes[node].ID}]; !promised {
		return nil
	}
	light := sn.judge(code, node).Light
	return &light
}
