package web

import (
	"sync"

	"luoshi.dev/internal/gate"
)

// shelf holds pages as they were last written. The service hands out the same
// view as long as nothing has changed, so a page stays true for as long as the view
// that it was made from is the one handed out.
type shelf struct {
	mu    sync.Mutex
	pages map[string]shelved
}

type shelved struct {
	from any
	body []byte
	tag  string
}

// shelfSize bounds the pages held: units × languages × themes in use, not all.
const shelfSize = 128

func (s *shelf) get(p *page, from any) (body []byte, tag string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	page, ok := s.pages[p.key()]
	return page.body, page.tag, ok && page.from == from
}

// put keeps a page and returns its ETag.
func (s *shelf) put(p *page, from any, body []byte) string {
	tag := gate.Tag(body)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pages == nil || len(s.pages) >= shelfSize {
		s.pages = make(map[string]shelved, shelfSize)
	}
	s.pages[p.key()] = shelved{from, body, tag}
	return tag
}

// key is all that a page depends on beside its view.
func (p *page) key() string {
	return p.Here() + " " + string(p.Lang) + " " + p.Theme
}
