package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"luoshi.dev/internal/service"
)

// searches answers what a text may mean.
type searches interface {
	Search(ctx context.Context, q service.SearchQuery) (*service.Found, error)
}

// searchBody is what was found as the page and the box list it.
type searchBody struct {
	Text   string
	Head   string
	Box    bool // a list to choose from, not one to read
	Groups []foundGroup
	Total  int
}

type foundGroup struct {
	Kind, Name string
	Hits       []foundHit
}

type foundHit struct {
	ID, Text, Beside, Code, Href string
	Light                        *light
}

// The number of hits of each kind: a box is read at a glance.
const boxHits = 5

func (s *Site) search(w http.ResponseWriter, r *http.Request) error {
	p, found, err := s.find(r, "search")
	if err != nil {
		return err
	}
	p.frame(&found.Frame)
	p.Title = p.W("search.title")
	p.own = url.Values{"q": {found.Text}}
	body := p.found(found, r.URL.Query().Get("box") != "")
	if p.Body = body; body.Box { // the list alone
		p.view = "found-box"
	}
	w.Header().Set("Cache-Control", "private, no-cache")
	return s.show(w, r, http.StatusOK, p)
}

// searchJSON is the same for a script.
func (s *Site) searchJSON(w http.ResponseWriter, r *http.Request) error {
	_, found, err := s.find(r, "search")
	if err != nil {
		return err
	}
	return s.tell(w, http.StatusOK, found)
}

func (s *Site) find(r *http.Request, view string) (*page, *service.Found, error) {
	p := s.page(r, view)
	p.stays = true
	look, err := s.look(p.query)
	if err != nil {
		return nil, nil, err
	}
	asked := r.URL.Query()
	q := service.SearchQuery{Look: look, Text: clip(strings.TrimSpace(asked.Get("q")), 64)}
	if asked.Get("box") != "" {
		q.Most = boxHits
	}
	found, err := s.board.Search(r.Context(), q)
	return p, found, err
}

// clip shortens what was typed.
func clip(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most])
	}
	return text
}

func (p *page) found(v *service.Found, box bool) *searchBody {
	body := &searchBody{Text: v.Text, Box: box, Total: v.Total}
	key := "search.found"
	switch {
	case v.Text == "":
		key = "search.head"
	case v.Total == 0:
		key = "search.none"
	case v.Near:
		key = "search.near"
	}
	body.Head = p.W(key, "text", v.Text, "count", v.Total)
	for _, g := range v.Groups {
		group := foundGroup{Kind: string(g.Kind), Name: p.W("search.kind." + string(g.Kind))}
		for i, h := range g.Hits {
			hit := p.foundHit(g.Kind, h)
			hit.ID = string(g.Kind) + "-" + string(rune('a'+i))
			group.Hits = append(group.Hits, hit)
		}
		body.Groups = append(body.Groups, group)
	}
	return body
}

func (p *page) foundHit(kind service.FoundKind, h service.Hit) foundHit {
	hit := foundHit{Text: p.Name(h.Name), Code: h.Code, Href: p.foundAt(kind, h)}
	var beside []string
	for _, n := range h.Path {
		beside = append(beside, p.Name(n))
	}
	hit.Beside = strings.Join(beside, " / ")
	if kind == service.FoundPair {
		hit.Text, hit.Beside = p.Name(h.Unit.Name), hit.Text
	}
	if h.Once != "" {
		hit.Beside = strings.TrimPrefix(hit.Beside+"·"+p.W("search.once", "name", h.Once), "·")
	}
	if h.Light != nil {
		l := p.light(*h.Light)
		hit.Light = &l
	}
	return hit
}

// foundAt is the page of what was found.
func (p *page) foundAt(kind service.FoundKind, h service.Hit) string {
	switch kind {
	case service.FoundPair:
		return p.figureOf(h.Unit.Code, h.Code)
	case service.FoundUnit:
		if !h.Area && p.Has("/register/unit") {
			return p.To("/register/unit", "code", h.Code)
		}
		return p.Link("unit", h.Code)
	case service.FoundIndicator:
		return p.figureOf(p.unit(), h.Code)
	case service.FoundGoal:
		if h.Light != nil {
			return p.To("/proof", "goal", h.Code)
		}
		return p.To("/register/goal", "code", h.Code)
	case service.FoundSet:
		return p.To("/indicators", "set", h.Code)
	}
	return p.To("/register/scheme", "code", h.Code)
}
