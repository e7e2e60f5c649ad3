package service

import (
	"context"
	"fmt"
	"slices"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
)

// plan is everything but the figures, as known at an instant.
type plan struct {
	units      []luoshi.Unit
	links      []luoshi.Succession
	indicators []luoshi.Indicator
	sets       []luoshi.IndicatorSet
	goals      []luoshi.Goal
	schemes    []luoshi.Scheme
	targets    []luoshi.Target
	duties     []luoshi.Duty
	capacities []luoshi.Capacity
	catchUps   []luoshi.CatchUp
	people     cast // as they are called today
}

// targetKey names what revisions of one target share.
type targetKey struct {
	indicator   string
	unit        luoshi.UnitID
	first, last int
}

func keyOf(t luoshi.Target) targetKey {
	return targetKey{t.Indicator, t.Unit, t.FirstYear, t.LastYear}
}

func (s *Service) loadPlan(ctx context.Context, asOf time.Time) (*plan, error) {
	p := &plan{}
	for _, load := range []struct {
		what string
		do   func() (err error)
	}{
		{"units", func() (err error) { p.units, err = s.store.Units(ctx, asOf); return }},
		{"successions", func() (err error) { p.links, err = s.store.Successions(ctx, asOf); return }},
		{"indicators", func() (err error) { p.indicators, err = s.store.Indicators(ctx, asOf); return }},
		{"sets", func() (err error) { p.sets, err = s.store.Sets(ctx, asOf); return }},
		{"goals", func() (err error) { p.goals, err = s.store.Goals(ctx, asOf); return }},
		{"schemes", func() (err error) { p.schemes, err = s.store.Schemes(ctx, asOf); return }},
		{"duties", func() (err error) { p.duties, err = s.store.Duties(ctx, asOf); return }},
		{"capacities", func() (err error) { p.capacities, err = s.store.Capacities(ctx, asOf); return }},
		{"catch-up plans", func() (err error) { p.catchUps, err = s.store.CatchUps(ctx, asOf); return }},
		{"people", func() (err error) { p.people, err = s.cast(ctx); return }},
		{"targets", func() (err error) { p.targets, err = s.store.Targets(ctx, asOf, store.TargetQuery{}); return }},
	} {
		if err := load.do(); err != nil {
			return nil, fmt.Errorf("load %s: %w", load.what, err)
		}
	}
	// A succession of which no share is left was taken back.
	p.links = slices.DeleteFunc(p.links, func(l luoshi.Succession) bool { return l.Share.IsZero() })
	return p, nil
}
