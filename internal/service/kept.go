package service

import (
	"container/list"
	"context"
	"fmt"
)

// viewKey names a finished view: what was asked, where, and of which state.
type viewKey struct {
	question string // the view and all its parameters beside the look
	look     Look
	state    state
}

// keptWeight bounds the finished views that are kept, in bytes as they weigh
// themselves; one that does not counts as lightWeight.
const (
	keptWeight  = 48 << 20
	lightWeight = 48 << 10
)

// weighty is a view that knows about how many bytes it holds beside a light one's.
type weighty interface{ weight() int }

func weigh(value any) int {
	if w, ok := value.(weighty); ok {
		return lightWeight + w.weight()
	}
	return lightWeight
}

// views are the finished views by what was asked, the ones asked for least
// recently first to go.
type views struct {
	by     map[viewKey]*list.Element // of *view
	order  list.List                 // least recently asked for first
	weight int
	state  state // of all of them: what was known before something was written is not asked for again
}

type view struct {
	key    viewKey
	value  any
	weight int
}

func (v *views) get(key viewKey) any {
	e := v.by[key]
	if e == nil {
		return nil
	}
	v.order.MoveToBack(e)
	return e.Value.(*view).value
}

func (v *views) put(key viewKey, value any) {
	if v.state != key.state {
		*v = views{state: key.state}
	}
	v.drop(v.by[key])
	one := &view{key, value, weigh(value)}
	for v.weight+one.weight > keptWeight && v.order.Len() > 0 {
		v.drop(v.order.Front())
	}
	if v.by == nil {
		v.by = map[viewKey]*list.Element{}
	}
	v.by[key] = v.order.PushBack(one)
	v.weight += one.weight
}

func (v *views) drop(e *list.Element) {
	if e == nil {
		return
	}
	old := v.order.Remove(e).(*view)
	delete(v.by, old.key)
	v.weight -= old.weight
}

// newestKey is where a context carries what the store held when this very question
// came in.
type newestKey struct{}

// kept answers a question of a look from memory as long as nothing has been
// written since it was answered first, and hands out the same pointer: whoever
// gets it must not change it. However many ask at once, it is made once.
func kept[T any](ctx context.Context, s *Service, look Look, question string, make func(context.Context, *snapshot) (*T, error)) (*T, error) {
	look = s.settle(look)
	st, asked := ctx.Value(newestKey{}).(state)
	if !asked {
		var err error
		if st, err = s.newest(ctx); err != nil {
			return nil, err
		}
	}
	key := viewKey{question, look, st}
	s.mu.Lock()
	v, ok := s.views.get(key).(*T)
	s.mu.Unlock()
	if ok {
		return v, nil
	}
	made, err, _ := s.making.Do(fmt.Sprint("view", key), func() (any, error) {
		ctx := context.WithoutCancel(ctx) // whoever asked first may leave
		s.waiting.Add(1)
		defer s.waiting.Add(-1)
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
		s.views.put(key, v)
		return v, nil
	})
	if err != nil {
		return nil, err
	}
	return made.(*T), nil
}
