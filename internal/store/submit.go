package store

import (
	"context"
	"sync"

	"luoshi.dev"
)

// Submit records one figure and returns when it is durable. It is the path of
// many small writers: what has gathered while another commit was under way is
// committed together, so that they wait once for the disk and once for the end of the
// history. When ctx ends first, the figure may or may not have been recorded.
func (s *Store) Submit(ctx context.Context, f luoshi.Figure) error {
	_, err := s.SubmitStrip(ctx, f, luoshi.Event{Intent: unnamed})
	return err
}

// SubmitStrip is [Store.Submit] with the event that goes with it, and returns the
// figures of the indicator, year and unit as they are now, for a cube to put in
// place of those before.
func (s *Store) SubmitStrip(ctx context.Context, f luoshi.Figure, e luoshi.Event) (luoshi.Strip, error) {
	if s.readOnly {
		return luoshi.Strip{}, &luoshi.Error{Code: luoshi.Unavailable, Message: luoshi.Say("store.read_only")}
	}
	if err := s.acceptable(ctx, &f); err != nil { // a bad one must not spoil the commit of the others
		return luoshi.Strip{}, err
	}
	return s.group.submit(ctx, f, e)
}

// acceptable checks the figure by the book at hand, and by a new one before it
// refuses.
func (s *Store) acceptable(ctx context.Context, f *luoshi.Figure) error {
	if b := s.book.Load(); b != nil {
		if _, err := b.vintage(f, latest); err == nil {
			return nil
		}
	}
	b, err := s.look(ctx)
	if err == nil {
		_, err = b.vintage(f, latest)
	}
	return err
}

// waiting is a figure and the place for its answer.
type waiting struct {
	figure luoshi.Figure
	event  luoshi.Event
	answer chan answer
}

type answer struct {
	strip luoshi.Strip
	err   error
}

// group commits what has gathered. There is no goroutine of its own: of those who
// wait, one takes the turn and writes for all, and a lone one waits for nobody.
type group struct {
	s      *Store
	turn   chan struct{} // holds one: somebody writes
	mu     sync.Mutex
	queue  []waiting
	closed bool
}

// groupMost bounds one commit, so that none waits long for the first of it.
const groupMost = 256

func newGroup(s *Store) *group {
	return &group{s: s, turn: make(chan struct{}, 1)}
}

func (g *group) submit(ctx context.Context, f luoshi.Figure, e luoshi.Event) (luoshi.Strip, error) {
	w := waiting{f, e, make(chan answer, 1)}
	if !g.add(w) {
		return luoshi.Strip{}, closed()
	}
	for {
		select {
		case a := <-w.answer:
			return a.strip, a.err
		case g.turn <- struct{}{}:
			if list := g.gather(); len(list) > 0 {
				g.commit(list)
			}
			<-g.turn
		case <-ctx.Done():
			return luoshi.Strip{}, ctx.Err()
		}
	}
}

func closed() error {
	return &luoshi.Error{Code: luoshi.Unavailable, Message: luoshi.Say("store.closed")}
}

func (g *group) add(w waiting) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.queue = append(g.queue, w)
	}
	return !g.closed
}

// gather takes the first of what waits.
func (g *group) gather() []waiting {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := g.queue[:min(groupMost, len(g.queue))]
	g.queue = g.queue[len(list):]
	if len(g.queue) == 0 {
		g.queue = nil
	}
	return list
}

// stop takes no more, and writes what has been taken.
func (g *group) stop() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.turn <- struct{}{}
	for list := g.gather(); len(list) > 0; list = g.gather() {
		g.commit(list)
	}
	<-g.turn
}

// commit records all in one transaction. Where that fails each is tried alone, so
// that only the one at fault learns of it.
func (g *group) commit(list []waiting) {
	strips, err := g.record(list)
	for i, w := range list {
		if err != nil && len(list) > 1 && luoshi.CodeOf(err) != luoshi.Unavailable {
			alone, err := g.record(list[i : i+1])
			w.answer <- answer{alone[keyOf(&w.figure)], err}
			continue
		}
		w.answer <- answer{strips[keyOf(&w.figure)], err}
	}
}

// stripKey is what a strip is about.
type stripKey struct {
	code string
	year int
	unit luoshi.UnitID
}

func keyOf(f *luoshi.Figure) stripKey { return stripKey{f.Indicator, f.Period.Year, f.Unit} }

// record writes the figures and returns the strips that they are now in.
func (g *group) record(list []waiting) (map[stripKey]luoshi.Strip, error) {
	if !g.s.d.singleWriter() {
		if strips, done, err := g.s.quick(context.Background(), list); done || err != nil {
			return strips, g.s.fail(err, "submit")
		}
	}
	figures := make([]luoshi.Figure, len(list))
	for i, w := range list {
		figures[i] = w.figure
	}
	strips := make(map[stripKey]luoshi.Strip, len(list))
	ctx := context.Background() // the group outlives the caller who came first
	err := g.s.Write(ctx, func(tx *Tx) error {
		tx.packed = func(code string, strip *luoshi.Strip) { strips[stripKey{code, strip.Year, strip.Unit}] = *strip }
		for i := range list {
			tx.Record(list[i].event)
		}
		b, err := tx.open(ctx)
		if err != nil {
			return err
		}
		tx.single = func(i int, one *sum) { // each figure has an event, and its event answers for it
			tx.answer(i, figureCover(part{b.byCode[figures[i].Indicator].id, figures[i].Period.Year}, 0), one)
		}
		return tx.AddFigures(ctx, 0, figures)
	})
	return strips, err
}
