package service

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/govalues/decimal"

	"luoshi.dev"
	"luoshi.dev/assess"
	"luoshi.dev/rollup"
)

// snapshot is the database as of an instant, by the boundaries of a day: what
// every view of that instant is made from. It is never changed once built.
type snapshot struct {
	key        snapshotKey
	asOf       time.Time
	year       int
	plan       *plan
	tree       *luoshi.Tree
	codes      *codebook
	indicators map[string]luoshi.Indicator
	schemes    map[string]luoshi.Scheme
	targets    map[targetAt]luoshi.Target // in force at asOf
	cube       *rollup.Cube
	problems   []luoshi.Problem
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

// snapshot returns the snapshot of a settled look, from memory if it is there.
func (s *Service) snapshot(ctx context.Context, look Look, st state) (*snapshot, error) {
	key := snapshotKey{look.AsOf.UnixMicro(), look.Year, look.Boundaries, st}
	s.mu.Lock()
	if i := slices.IndexFunc(s.snapshots, func(sn *snapshot) bool { return sn.key == key }); i >= 0 {
		sn := s.snapshots[i]
		s.snapshots = append(slices.Delete(s.snapshots, i, i+1), sn)
		s.mu.Unlock()
		return sn, nil
	}
	s.mu.Unlock()
	sn, err := s.load(ctx, key, look)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.snapshots = slices.DeleteFunc(s.snapshots, func(old *snapshot) bool { return old.key.state != st })
	if len(s.snapshots) >= keptSnapshots {
		s.snapshots = slices.Delete(s.snapshots, 0, 1)
	}
	s.snapshots = append(s.snapshots, sn)
	return sn, nil
}

func (s *Service) load(ctx context.Context, key snapshotKey, look Look) (*snapshot, error) {
	p, err := s.loadPlan(ctx, look.AsOf)
	if err != nil {
		return nil, err
	}
	sn := &snapshot{key: key, asOf: look.AsOf, year: look.Year, plan: p, codes: newCodebook(p.units),
		indicators: map[string]luoshi.Indicator{}, schemes: map[string]luoshi.Scheme{}}
	for _, in := range p.indicators {
		sn.indicators[in.Code] = in
	}
	for _, sc := range slices.Concat(assess.Presets(), p.schemes) {
		sn.schemes[sc.Code] = sc
	}
	if sn.year == 0 {
		sn.year = p.yearAt(luoshi.DateOf(look.AsOf))
	}
	sn.tree, sn.problems = sn.treeOn(look)
	cube, problems := rollup.NewCube(sn.tree, p.indicators)
	sn.cube = cube
	sn.problems = append(sn.problems, problems...)
	if err := s.fill(ctx, sn); err != nil {
		return nil, fmt.Errorf("load figures as of %s: %w", look.AsOf.Format(time.RFC3339), err)
	}
	sn.targets = sn.targetsInForce()
	return sn, nil
}

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

// fill loads the figures of the year and of the one before into the cube, moved
// onto the snapshot's boundaries where units have changed.
func (s *Service) fill(ctx context.Context, sn *snapshot) error {
	years := map[yearKey][]luoshi.Strip{}
	moved := map[yearKey]bool{}
	err := s.store.AllStrips(ctx, sn.asOf, func(code string, year int, strip luoshi.Strip) error {
		if year > sn.year || year < sn.year-1 {
			return nil
		}
		key := yearKey{code, year}
		years[key] = append(years[key], strip)
		if _, ok := sn.tree.Find(strip.Unit); !ok {
			moved[key] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	for key, strips := range years {
		in, ok := sn.indicators[key.indicator]
		if !ok {
			continue
		}
		if moved[key] {
			var problems []luoshi.Problem
			newYear, _ := luoshi.NewDate(key.year, 1, 1)
			from, _ := luoshi.NewTree(sn.plan.units, newYear)
			strips, problems = rollup.Rebase(from, sn.tree, sn.plan.links, in, strips)
			sn.problems = append(sn.problems, problems...)
		}
		sn.cube.Load(key.indicator, key.year, slices.Values(strips))
	}
	return nil
}

// targetsInForce picks the revision of each target that holds at the instant and
// moves additive ones onto the snapshot's boundaries.
func (sn *snapshot) targetsInForce() map[targetAt]luoshi.Target {
	revisions := map[targetKey][]luoshi.Target{}
	for _, t := range sn.plan.targets {
		if t.FirstYear == sn.year && t.LastYear == sn.year {
			revisions[keyOf(t)] = append(revisions[keyOf(t)], t)
		}
	}
	today := luoshi.DateOf(sn.asOf)
	found := map[targetAt]luoshi.Target{}
	var orphans []luoshi.Target
	for key, list := range revisions {
		t, ok := luoshi.InForce(list, today)
		if !ok {
			continue
		}
		if _, here := sn.tree.Find(key.unit); here {
			found[targetAt{key.indicator, key.unit}] = t
		} else {
			orphans = append(orphans, t)
		}
	}
	slices.SortFunc(orphans, func(a, b luoshi.Target) int { return int(a.Unit - b.Unit) })
	for _, t := range orphans {
		sn.handOver(found, t)
	}
	return found
}

// handOver adds the level target of a merged unit to its successor's. Promises of
// another form cannot be added: the successor keeps its own.
func (sn *snapshot) handOver(found map[targetAt]luoshi.Target, t luoshi.Target) {
	in := sn.indicators[t.Indicator]
	if t.Form != luoshi.FormLevel || !in.Additive() {
		return
	}
	for _, link := range sn.plan.links {
		if link.From != t.Unit || link.On > sn.tree.On || link.Share.Cmp(decimal.One) != 0 {
			continue
		}
		at := targetAt{t.Indicator, link.To}
		heir, ok := found[at]
		if !ok || heir.Form != luoshi.FormLevel {
			continue
		}
		sum, err := heir.Value.Decimal.Add(t.Value.Decimal)
		if err != nil {
			continue
		}
		heir.Value = luoshi.Some(sum)
		heir.Curve = addCurves(heir.Curve, t.Curve)
		found[at] = heir
	}
}

// addCurves adds two plans month by month; without both the sum has no curve.
func addCurves(a, b []luoshi.NullQuantity) []luoshi.NullQuantity {
	if len(a) != len(b) {
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
	for _, u := range sn.plan.units {
		if u.From > ever {
			days[u.From] = true
		}
	}
	list := slices.Sorted(maps.Keys(days))
	slices.Reverse(list)
	return list
}
