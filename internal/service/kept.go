package service

import (
	"context"
	"fmt"
)

// viewKey names a finished view: what was asked, where, and of which state.
type viewKey struct {
	question string // the view and all its parameters beside the look
	look     Look
	state    state
}

// keptViews bounds the finished views that are kept. Most are small; a board of
// 105 × 100 is some megabytes, so that a full shelf of the largest is affordable.
const keptViews = 256

// kept answers a question of a look from memory as long as nothing has been
// written since it was answered first, and hands out the same pointer: whoever
// gets it must not change it. However many ask at once, it is made once.
func kept[T any](ctx context.Context, s *Service, look Look, question string, make func(context.Context, *snapshot) (*T, error)) (*T, error) {
	look = s.settle(look)
	st, err := s.newest(ctx)
	if err != nil {
		return nil, err
	}
	key := viewKey{question, look, st}
	s.mu.Lock()
	v, ok := s.views[key].(*T)
	s.mu.Unlock()
	if ok {
		return v, nil
	}
	made, err, _ := s.making.Do(fmt.Sprint("view", key), func() (any, error) {
		ctx := context.WithoutCancel(ctx) // whoever asked first may leave
		sn, err := s.snapshot(ctx, look)
		if err != nil {
			return nil, err
		}
		v, err := make(ctx, sn)
		if err != nil {
			return nil, err
		}
		key.state = sn.key.state // what was written meanwhile is in it
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.views) >= keptViews {
			clear(s.views)
		}
		s.views[key] = v
		return v, nil
	})
	if err != nil {
		return nil, err
	}
	return made.(*T), nil
}
