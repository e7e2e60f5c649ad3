package service

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/govalues/decimal"

	"luoshi.dev"
	"luoshi.dev/internal/store"
	"luoshi.dev/rollup"
)

// snapshot is the database as of an instant, by the boundaries of a day: what
// every view of that instant is made from. It is never changed once built; a
// newer one takes over what has not changed.
type snapshot struct {
	key        snapshotKey
	asOf       time.Time
	year       int
	plan       *plan
	tree       *luoshi.Tree
	codes      *codebook
	indicators map[string]luoshi.Indicator
	schemes    map[string]luoshi.Scheme
	targets    map[targetAt]*luoshi.Target  // in force at asOf
	answer     map[targetAt]luoshi.PersonID // in charge of a target, or of a unit where there is no indicator
	cube       *rollup.Cube
	changes    changes // of the figures in the cube
	problems   []luoshi.Problem
	sheet      *sheet // what has been judged already
	digest     *digestOnce
}

type snapshotKey struct {
	asOf       int64
	year       int
	boundaries luoshi.Date
	state      state
}

// targetAt names the target of an indicator at a unit for the snapshot's year.
type targetAt struct {
	indicator string
	unit      luoshi.UnitID
}

// snapshot returns the snapshot of a settled look, from memory if it is there. If
// only figures have been written since, the last one is renewed, not made again.
func (s *Service) snapshot(ctx context.Context, look Look) (*snapshot, error) {
	st, err := s.newest(ctx)
	if err != nil {
		return nil, err
	}
	key := snapshotKey{look.AsOf.UnixMicro(), look.Year, look.Boundaries, st}
	s.mu.Lock()
	var old *snapshot
	for i, sn := range s.snapshots {
		if sn.key == key {
			s.snapshots = append(slices.Delete(s.snapshots, i, i+1), sn)
			s.mu.Unlock()
			return sn, nil
		}
		before := sn.key
		before.state.figures = st.figures
		if before == key {
			old = sn
		}
	}
	s.mu.Unlock()
	// However many ask at once, it is made once, and whoever asked first may leave.
	made, err, _ := s.making.Do(fmt.Sprint(key), func() (any, error) {
		ctx := context.WithoutCancel(ctx)
		// The numbers are read before the figures, which are then at least as new.
		numbers, err := s.store.Changes(ctx)
		if err != nil {
			return nil, err
		}
		var sn *snapshot
		if old != nil {
			sn, err = s.renew(ctx, old, key, numbers)
		} else {
			s.loading.Lock() // one after the other: the second takes over what the first has read
			defer s.loading.Unlock()
			sn, err = s.load(ctx, key, look, numbers)
		}
		if err != nil {
			return nil, err
		}
		sn.changes = numbers
		s.keep(sn)
		return sn, nil
	})
	if err != nil {
		return nil, err
	}
	return made.(*snapshot), nil
}

// stand finds where a look stands: its snapshot, and its unit there (-1 in an
// empty database).
func (s *Service) stand(ctx context.Context, look Look) (*snapshot, int, error) {
	sn, err := s.snapshot(ctx, s.settle(look))
	if err != nil {
		return nil, -1, err
	}
	node, err := sn.unitOf(look.Unit)
	return sn, node, err
}

// keep holds a snapshot in memory, instead of the one that it replaces or else of
// the one longest not looked at.
func (s *Service) keep(sn *snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.snapshots = slices.DeleteFunc(s.snapshots, func(old *snapshot) bool {
		key := old.key
		key.state = sn.key.state
		return key == sn.key
	})
	if len(s.snapshots) >= keptSnapshots {
		s.snapshots = slices.Delete(s.snapshots, 0, 1)
	}
	s.snapshots = append(s.snapshots, sn)
}

// renew makes a snapshot of the same instant and plan after figures were written:
// the years of indicators that have changed are loaded again, the rest is shared.
func (s *Service) renew(ctx context.Context, old *snapshot, key snapshotKey, numbers changes) (*snapshot, error) {
	sn := *old
	sn.key, sn.cube, sn.sheet = key, old.cube.Fork(), newSheet(&sn)
	for at, number := range numbers {
		if old.changes[at] == number || !sn.holds(at.Year) {
			continue
		}
		if err := s.fetch(ctx, &sn, sn.cube, yearKey{at.Indicator, at.Year}); err != nil {
			return nil, err
		}
	}
	return &sn, nil
}

// fetch reads a year of an indicator from the store into a cube.
func (s *Service) fetch(ctx context.Context, sn *snapshot, cube *rollup.Cube, key yearKey) error {
	var strips []luoshi.Strip
	for strip, err := range s.store.Strips(ctx, key.indicator, key.year, sn.asOf) {
		if err != nil {
			return fmt.Errorf("read %s %d: %w", key.indicator, key.year, err)
		}
		strips = append(strips, strip)
	}
	sn.put(cube, key, strips)
	return nil
}

// put loads a year of an indicator into the cube, moved onto the snapshot's
// boundaries where units have changed.
func (sn *snapshot) put(cube *rollup.Cube, key yearKey, strips []luoshi.Strip) {
	in, ok := sn.indicators[key.indicator]
	if !ok {
		return
	}
	if slices.ContainsFunc(strips, func(strip luoshi.Strip) bool { _, here := sn.tree.Find(strip.Unit); return !here }) {
		newYear, _ := luoshi.NewDate(key.year, 1, 1)
		from, _ := luoshi.NewTree(sn.plan.units, newYear)
		var problems []luoshi.Problem
		strips, problems = rollup.Rebase(from, sn.tree, sn.plan.links, in, strips)
		sn.problems = append(sn.problems, problems...)
	}
	cube.Load(key.indicator, key.year, slices.Values(strips))
}

func (s *Service) load(ctx context.Context, key snapshotKey, look Look, numbers changes) (*snapshot, error) {
	p, err := s.loadPlan(ctx, look.AsOf)
	if err != nil {
		return nil, err
	}
	sn := &snapshot{key: key, asOf: look.AsOf, year: look.Year, plan: p, codes: newCodebook(p.units),
		indicators: map[string]luoshi.Indicator{}, schemes: schemesOf(p)}
	sn.sheet, sn.digest = newSheet(sn), &digestOnce{}
	for _, in := range p.indicators {
		sn.indicators[in.Code] = in
	}
	if sn.year == 0 {
		sn.year = p.yearAt(luoshi.DateOf(look.AsOf))
	}
	sn.tree, sn.problems = sn.treeOn(look)
	other := s.alike(sn)
	if other != nil {
		sn.tree = other.tree
	}
	cube, problems := rollup.NewCube(sn.tree, p.indicators)
	sn.cube = cube
	sn.problems = append(sn.problems, problems...)
	shared, err := s.share(ctx, sn, other, numbers)
	if err != nil {
		return nil, err
	}
	if err := s.fill(ctx, sn, shared); err != nil {
		return nil, fmt.Errorf("load figures as of %s: %w", look.AsOf.Format(time.RFC3339), err)
	}
	sn.targets = sn.targetsInForce()
	sn.answer = sn.dutiesNow()
	return sn, nil
}

// alike finds the newest snapshot in memory of another instant with the same year and
// the same units, by the boundaries of one day.
func (s *Service) alike(sn *snapshot) *snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, other := range slices.Backward(s.snapshots) {
		if other.year == sn.year && other.tree.On == sn.tree.On && slices.Equal(other.plan.units, sn.plan.units) && slices.Equal(other.plan.links, sn.plan.links) {
			return other
		}
	}
	return nil
}

// share takes over from another snapshot the years of indicators that both see alike,
// because nothing of them was recorded after the earlier of the two instants.
func (s *Service) share(ctx context.Context, sn, other *snapshot, numbers changes) (map[store.IndicatorYear]bool, error) {
	if other == nil {
		return nil, nil
	}
	earlier := sn.asOf
	if other.asOf.Before(earlier) {
		earlier = other.asOf
	}
	later, err := s.store.ChangedAfter(ctx, earlier)
	if err != nil {
		return nil, err
	}
	shared := map[store.IndicatorYear]bool{}
	for at, number := range numbers {
		if sn.holds(at.Year) && other.changes[at] == number && !later[at] {
			shared[at] = sn.cube.Share(other.cube, at.Indicator, at.Year)
		}
	}
	return shared, nil
}

// holds reports whether the figures of a year are in the cube.
func (sn *snapshot) holds(year int) bool { return year == sn.year || year == sn.year-1 }

// yearAt is the plan year of a day: its own, or the last one before it that has
// targets, so that January still shows how the old year ended.
func (p *plan) yearAt(day luoshi.Date) int {
	best := 0
	for _, t := range p.targets {
		if t.FirstYear == t.LastYear && t.FirstYear <= day.Year() {
			best = max(best, t.FirstYear)
		}
	}
	if best == 0 {
		return day.Year()
	}
	return best
}

// treeOn returns the units by the boundaries asked for; by default those of the
// first day of the year, by which the year's plan was made, or of the instant
// where nothing was in force yet.
func (sn *snapshot) treeOn(look Look) (*luoshi.Tree, []luoshi.Problem) {
	day := look.Boundaries
	if day == 0 {
		day, _ = luoshi.NewDate(sn.year, 1, 1)
	}
	tree, problems := luoshi.NewTree(sn.plan.units, day)
	if tree.Len() == 0 {
		tree, problems = luoshi.NewTree(sn.plan.units, luoshi.DateOf(look.AsOf))
	}
	return tree, problems
}

// fill loads the figures of the year and of the one before into the cube, but for
// those that it shares with another. They
// come an indicator's year at a time; while one is put into the cube the next is
// read, and two buffers are all that is held of them.
func (s *Service) fill(ctx context.Context, sn *snapshot, shared map[store.IndicatorYear]bool) error {
	type year struct {
		key    yearKey
		strips []luoshi.Strip
	}
	ready, empty := make(chan *year), make(chan *year, 2)
	empty <- &year{}
	empty <- &year{}
	loaded := make(chan struct{})
	go func() {
		defer close(loaded)
		for y := range ready {
			sn.put(sn.cube, y.key, y.strips)
			y.strips = y.strips[:0]
			empty <- y
		}
	}()
	y := <-empty
	wanted := func(at store.IndicatorYear) bool { return sn.holds(at.Year) && !shared[at] }
	err := s.store.AllStrips(ctx, sn.asOf, wanted, func(code string, at int, strip luoshi.Strip) error {
		if key := (yearKey{code, at}); key != y.key {
			if len(y.strips) > 0 {
				ready <- y
				y = <-empty
			}
			y.key = key
		}
		y.strips = append(y.strips, strip)
		return nil
	})
	if err == nil && len(y.strips) > 0 {
		ready <- y
	}
	close(ready)
	<-loaded
	return err
}

// targetsInForce picks the revision of each target that holds at the instant and
// moves additive ones onto the snapshot's boundaries.
func (sn *snapshot) targetsInForce() map[targetAt]*luoshi.Target {
	today := luoshi.DateOf(sn.asOf)
	found := make(map[targetAt]*luoshi.Target, len(sn.plan.targets))
	for i := range sn.plan.targets {
		t := &sn.plan.targets[i]
		at := targetAt{t.Indicator, t.Unit}
		if t.FirstYear == sn.year && t.LastYear == sn.year && t.From <= today && t.Supersedes(found[at]) {
			found[at] = t
		}
	}
	var orphans []*luoshi.Target
	for at, t := range found {
		if _, here := sn.tree.Find(at.unit); !here {
			orphans = append(orphans, t)
			delete(found, at)
		}
	}
	slices.SortFunc(orphans, func(a, b *luoshi.Target) int {
		return cmp.Or(cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Indicator, b.Indicator))
	})
	for _, t := range orphans {
		sn.handOver(found, t)
	}
	return found
}

// handOver adds the level target of a merged unit to its successor's, or begins it.
// Promises of another form cannot be added: the successor keeps its own.
func (sn *snapshot) handOver(found map[targetAt]*luoshi.Target, t *luoshi.Target) {
	in := sn.indicators[t.Indicator]
	if t.Form != luoshi.FormLevel || !in.Additive() {
		return
	}
	for _, link := range sn.plan.links {
		if link.From != t.Unit || link.On > sn.tree.On || link.Share.Cmp(decimal.One) != 0 {
			continue
		}
		at := targetAt{t.Indicator, link.To}
		own := found[at]
		if own == nil { // a unit born of the merger: its promise is the sum of theirs
			heir := *t
			heir.Unit = link.To
			found[at] = &heir
			continue
		}
		if own.Form != luoshi.FormLevel {
			continue
		}
		heir := *own
		sum, err := heir.Value.Decimal.Add(t.Value.Decimal)
		if err != nil {
			continue
		}
		heir.Value = luoshi.Some(sum)
		heir.Curve = addCurves(heir.Curve, t.Curve)
		found[at] = &heir
	}
}

// addCurves adds two plans month by month; without both the sum has no curve.
func addCurves(a, b []luoshi.NullQuantity) []luoshi.NullQuantity {
	if len(a) == 0 || len(a) != len(b) {
		return nil
	}
	sum := make([]luoshi.NullQuantity, len(a))
	for i := range a {
		if a[i].Valid && b[i].Valid {
			if q, err := a[i].Decimal.Add(b[i].Decimal); err == nil {
				sum[i] = luoshi.Some(q)
			}
		}
	}
	return sum
}

// boundaryDays lists the days on which the unit tree changed, newest first.
func (sn *snapshot) boundaryDays() []luoshi.Date {
	days := map[luoshi.Date]bool{sn.tree.On: true}
	for _, facts := range sn.codes.facts {
		for i, u := range facts {
			idle := i > 0 && sameFact(facts[i-1], u) || i == 0 && u.Ended // a change that was taken back
			if u.From > ever && !idle {
				days[u.From] = true
			}
		}
	}
	list := slices.Sorted(maps.Keys(days))
	slices.Reverse(list)
	return list
}
