package service

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"luoshi.dev"
	"luoshi.dev/internal/store"
)

// Service answers what people ask. It is safe for concurrent use.
type Service struct {
	store *store.Store
	now   func() time.Time

	checks  checks             // of the history
	making  singleflight.Group // snapshots and views under way
	indexes indexes            // for searching
	intakes intakes            // uploads that are looked at before they are saved

	pasts     pasts         // of single indicators
	accords   accords       // of the outlooks of all units
	refresher refresher     // of the outlooks
	waiting   atomic.Int64  // views under way
	asks      atomic.Uint64 // looks that people have asked for

	loading   sync.Mutex // a snapshot
	mu        sync.Mutex
	snapshots []*snapshot // most recently used last
	views     views
	names     names
}

// keptSnapshots is how many instants are held in memory: the present, and those
// that people are looking at. A province's costs about 60 MB, but for what it has in
// common with another.
const keptSnapshots = 3

// New returns a service on the store. now is the wall clock, or a fixed instant.
func New(st *store.Store, now func() time.Time) *Service {
	return &Service{store: st, now: now}
}

// state is what the store holds at a moment: any write changes it.
type state struct {
	plan    int64
	figures int64 // grows with every figure written
}

// newest asks the store what it holds.
func (s *Service) newest(ctx context.Context) (state, error) {
	plan, figures, err := s.store.State(ctx)
	return state{plan, figures}, err
}

// changes are the change numbers by indicator and year.
type changes = map[store.IndicatorYear]int64

// settle gives an open Look its instant. The present is the end of today: nothing
// is recorded in the future, and what is due depends on the day alone, so that
// one page serves the whole day until something is written.
func (s *Service) settle(look Look) Look {
	now := s.now()
	if look.AsOf.IsZero() || look.AsOf.After(now) {
		look.AsOf = luoshi.DateOf(now).End()
	}
	return look
}
