package store

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"time"

	"luoshi.dev"
)

// loadChunk is how many strips travel together from a reader to the visitor.
const loadChunk = 256

// job is one indicator-year to load, and where its strips come out.
type job struct {
	entry *entry
	year  int
	out   chan *[]luoshi.Strip
	err   error // valid once out is closed
}

// AllStrips visits the figures of every indicator and year that is wanted, nil = all,
// as known at asOf: the start of a server. All strips of one indicator and year come one after the other,
// by unit, and none of it comes later; so a visitor can gather them in a buffer that
// it uses again for the next. A strip is the visitor's own, to keep as it is. The
// visitor runs in one goroutine while others read ahead.
func (s *Store) AllStrips(ctx context.Context, asOf time.Time, wanted func(IndicatorYear) bool, visit func(code string, year int, strip luoshi.Strip) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	b, err := s.look(ctx)
	if err != nil {
		return err
	}
	list, err := s.changes(ctx, s.read, b)
	if err != nil {
		return err
	}
	if wanted != nil {
		list = slices.DeleteFunc(list, func(c changed) bool { return !wanted(IndicatorYear{c.code, c.year}) })
	}
	readers := max(2, runtime.GOMAXPROCS(0))
	pool := &sync.Pool{New: func() any { chunk := make([]luoshi.Strip, 0, loadChunk); return &chunk }}
	todo, order := make(chan *job), make(chan *job, readers)
	for range readers {
		go func() {
			for j := range todo {
				j.err = s.load(ctx, j, pool, micros(asOf))
				close(j.out)
			}
		}()
	}
	go func() {
		defer close(order)
		defer close(todo)
		for _, c := range list {
			j := &job{entry: b.byID[c.indicator], year: c.year, out: make(chan *[]luoshi.Strip, 8)}
			select {
			case order <- j:
			case <-ctx.Done():
				return
			}
			select {
			case todo <- j:
			case <-ctx.Done():
				j.err = ctx.Err()
				close(j.out)
				return
			}
		}
	}()
	for j := range order {
		for strips := range j.out {
			for i := range *strips {
				if err := visit(j.entry.code, j.year, (*strips)[i]); err != nil {
					return err
				}
			}
			pool.Put(strips)
		}
		if j.err != nil {
			return j.err
		}
	}
	return ctx.Err()
}

// load reads one indicator-year in chunks.
func (s *Store) load(ctx context.Context, j *job, pool *sync.Pool, asOf int64) error {
	chunk := pool.Get().(*[]luoshi.Strip)
	*chunk = (*chunk)[:0]
	send := func() error {
		select {
		case j.out <- chunk:
			chunk = pool.Get().(*[]luoshi.Strip)
			*chunk = (*chunk)[:0]
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	next := func() *luoshi.Strip { return &(*chunk)[:len(*chunk)+1][len(*chunk)] }
	err := s.strips(ctx, s.read, j.entry, j.year, everyUnit, asOf, next, func(strip *luoshi.Strip) error {
		if place := next(); place != strip {
			*place = *strip
		}
		*chunk = (*chunk)[:len(*chunk)+1]
		if len(*chunk) == loadChunk {
			return send()
		}
		return nil
	})
	if err != nil || len(*chunk) == 0 {
		return err
	}
	return send()
}
