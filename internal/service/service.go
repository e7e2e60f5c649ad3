package service

import (
	"context"
	"sync"
	"time"

	"luoshi.dev/internal/store"
)

// Service answers what people ask. It is safe for concurrent use.
type Service struct {
	store *store.Store
	now   func() time.Time

	mu        sync.Mutex
	snapshots []*snapshot // most recently used last
	views     map[viewKey]*Overview
}

// keptSnapshots is how many instants are held in memory: the present, and those
// that people are looking at. A province's costs about 60 MB.
const keptSnapshots = 3

// keptViews bounds the finished pages that are kept; they are small.
const keptViews = 512

// New returns a service on the store. now is the wall clock, or a fixed instant.
func New(st *store.Store, now func() time.Time) *Service {
	return &Service{store: st, now: now, views: map[viewKey]*Overview{}}
}

// state is what the store has told by a moment: any write changes it.
type state struct {
	plan    int64
	figures int64 // sum of the change numbers of all indicator-years: they only grow
}

func (s *Service) state(ctx context.Context) (state, error) {
	plan, err := s.store.PlanChange(ctx)
	if err != nil {
		return state{}, err
	}
	changes, err := s.store.Changes(ctx)
	if err != nil {
		return state{}, err
	}
	st := state{plan: plan}
	for _, number := range changes {
		st.figures += number
	}
	return st, nil
}

// viewKey names a finished page: what was asked, and of which state.
type viewKey struct {
	look  Look
	state state
}

// settle fills in what a Look leaves open.
func (s *Service) settle(look Look) Look {
	if look.AsOf.IsZero() {
		look.AsOf = s.now()
	}
	return look
}
