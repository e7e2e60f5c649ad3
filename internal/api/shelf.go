package api

import (
	"sync"

	"luoshi.dev/internal/gate"
)

// shelf holds answers as they were last written. The service hands out the same
// view for as long as nothing has changed, so an answer stays true for as long as
// the view that it was made from is the one handed out.
type shelf struct {
	mu      sync.Mutex
	answers map[string]shelved
	bytes   int
}

type shelved struct {
	from any // the view, a pointer
	body []byte
	tag  string
	link string
}

// shelfBytes bounds the answers held: some hundred views of a province.
const shelfBytes = 24 << 20

func (s *shelf) get(key string, from any) (shelved, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept, ok := s.answers[key]
	return kept, ok && kept.from == from
}

// put keeps an answer and returns it with its ETag. What is larger than a
// sixteenth of the shelf is not kept.
func (s *shelf) put(key string, from any, body []byte, link string) shelved {
	one := shelved{from, body, gate.Tag(body), link}
	if len(body) > shelfBytes/16 {
		return one
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bytes -= len(s.answers[key].body)
	if s.answers == nil || s.bytes+len(body) > shelfBytes {
		s.answers, s.bytes = map[string]shelved{}, 0
	}
	s.answers[key] = one
	s.bytes += len(body)
	return one
}
