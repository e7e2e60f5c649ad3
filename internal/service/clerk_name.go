package service

import (
	"context"
	"strconv"
	"strings"

	"luoshi.dev"
)

// names are the people as they were called when somebody asked last.
type names struct {
	state state
	cast  cast
}

// Clerk is whom a record names as its clerk: a person where it says "#12", else the
// free text. ok is false for free text.
func (s *Service) Clerk(ctx context.Context, by string) (ref PersonRef, ok bool, err error) {
	id := luoshi.PersonID(0)
	if number, is := strings.CutPrefix(by, "#"); is {
		if n, wrong := strconv.ParseInt(number, 10, 64); wrong == nil {
			id = luoshi.PersonID(n)
		}
	}
	if id <= 0 {
		return PersonRef{}, false, nil
	}
	now, err := s.newest(ctx) // a person renamed makes it another
	if err != nil {
		return PersonRef{}, false, err
	}
	s.mu.Lock()
	known, have := s.names, s.names.cast != nil && s.names.state.plan == now.plan
	s.mu.Unlock()
	if _, there := known.cast[id]; !have || !there {
		if known.cast, err = s.cast(ctx); err != nil {
			return PersonRef{}, false, err
		}
		known.state = now
		s.mu.Lock()
		s.names = known
		s.mu.Unlock()
	}
	return known.cast.ref(id), true, nil
}
