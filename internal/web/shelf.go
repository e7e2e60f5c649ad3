package web

import (
	"slices"
	"sync"

	"luoshi.dev/internal/gate"
)

// shelf holds pages as they were last written. The service hands out the same
// view as long as nothing has changed, so a page stays true for as long as the view
// that it was made from is the one handed out.
type shelf struct {
	mu    sync.Mutex
	pages map[string]shelved
	order []string // of the keys, longest on the shelf first
	bytes int
}

type shelved struct {
	from any
	body []byte
	tag  string
}

// shelfSize bounds the bytes held: the pages in use, not all there could be.
const shelfSize = 24 << 20

func (s *shelf) get(p *page, from any) (body []byte, tag string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	page, ok := s.pages[p.key()]
	return page.body, page.tag, ok && page.from == from
}

// put keeps a page and returns its ETag. Those longest on the shelf make room.
func (s *shelf) put(p *page, from any, body []byte) string {
	tag, key := gate.Tag(body), p.key()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(key)
	for s.bytes+len(body) > shelfSize && len(s.order) > 0 {
		s.drop(s.order[0])
	}
	if s.pages == nil {
		s.pages = map[string]shelved{}
	}
	s.pages[key] = shelved{from, body, tag}
	s.order = append(s.order, key)
	s.bytes += len(body)
	return tag
}

func (s *shelf) drop(key string) {
	old, ok := s.pages[key]
	if !ok {
		return
	}
	s.bytes -= len(old.body)
	delete(s.pages, key)
	i := slices.Index(s.order, key)
	s.order = slices.Delete(s.order, i, i+1)
}

// key is all that a page depends on beside its view.
func (p *page) key() string {
	return p.Here() + " " + string(p.Lang) + " " + p.Theme
}
