package service

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
	"luoshi.dev/workflow"
)

// UndoChange takes back a change that was put in force: what held before it is
// recorded once more, beside it. It is refused where something that the change
// touched has been changed again since, or could not stand without it. The reason
// is noted with a target, which is revised to what it was.
func (s *Service) UndoChange(ctx context.Context, batch int64, by, reason string) (*Saved, error) {
	list, err := s.store.Batches(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(b store.Batch) bool { return b.ID == batch })
	switch {
	case i < 0:
		return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("store.no_batch", "batch", int(batch))}
	case list[i].UndoneBy != 0:
		return nil, &luoshi.Error{Code: luoshi.Conflict, Message: luoshi.Say("store.undone", "batch", int(batch), "name", list[i].Name)}
	case list[i].Kind != "change" && list[i].Kind != undoKind:
		return nil, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("undo.import", "name", list[i].Name)}
	}
	b := list[i]
	u, err := s.undoOf(ctx, b.At, reason)
	if err != nil {
		return nil, err
	}
	if err := u.allowed(ctx); err != nil {
		return nil, err
	}
	if err := u.check(ctx); err != nil {
		return nil, err
	}
	by = clerk(ctx, by)
	for i := range u.targets {
		u.targets[i].By = by
	}
	saved := &Saved{Written: u.rows()}
	if saved.Written == 0 {
		return nil, &luoshi.Error{Code: luoshi.Conflict, Message: luoshi.Say("undo.nothing", "name", b.Name)}
	}
	defer s.refresher.touch(nil)
	return saved, s.store.Write(ctx, func(tx *store.Tx) error {
		if err := u.save(ctx, tx); err != nil {
			return err
		}
		saved.At = tx.At()
		saved.Batch, err = tx.NewBatch(ctx, store.Batch{Name: b.Name, Kind: undoKind, By: by, Note: b.Note, Rows: int64(saved.Written), Undoes: b.ID})
		if err != nil {
			return err
		}
		for _, c := range u.catchUps {
			c.Batch = saved.Batch
			if err := tx.AddCatchUp(ctx, c); err != nil {
				return err
			}
		}
		tx.Record(u.event(ctx, saved.Batch, b.ID))
		return nil
	})
}

// undoKind is the kind of a batch that takes back a change of the plan.
const undoKind = "undo change"

// undoing is what brings back the plan as it was before an instant.
type undoing struct {
	s                 *Service
	before, then, now *plan  // just before the change, just after it, and now
	at                int64  // when the change was recorded
	reason            string // why it is taken back

	units      []luoshi.Unit
	links      []luoshi.Succession
	indicators []luoshi.Indicator
	sets       []luoshi.IndicatorSet
	goals      []luoshi.Goal
	schemes    []luoshi.Scheme
	targets    []luoshi.Target
	catchUps   []luoshi.CatchUp
	planned    []luoshi.UnitID // units of the plans for the rest of a year
	born       []luoshi.Unit   // units that the change began
}

func (s *Service) undoOf(ctx context.Context, at time.Time, reason string) (*undoing, error) {
	u := &undoing{s: s, at: at.UnixMicro(), reason: reason}
	for _, one := range []struct {
		plan **plan
		asOf time.Time
	}{{&u.before, at.Add(-time.Microsecond)}, {&u.then, at}, {&u.now, time.Time{}}} {
		p, err := s.loadPlan(ctx, one.asOf)
		if err != nil {
			return nil, err
		}
		*one.plan = p
	}
	if err := u.takeUnits(); err != nil {
		return nil, err
	}
	err := u.takeNouns()
	if err == nil {
		err = u.takeTargets()
	}
	if err == nil {
		err = u.takeCatchUps()
	}
	return u, err
}

// event is the event of the undoing, which can be found by what it takes back too.
func (u *undoing) event(ctx context.Context, batch, undoes int64) luoshi.Event {
	w := &written{units: u.units, links: u.links, indicators: u.indicators, sets: u.sets, goals: u.goals, schemes: u.schemes, targets: u.targets, catchUps: u.catchUps}
	e := newContrast(u.now, w).event(ctx, w, batch, u.reason)
	_, state := e.States()
	state.Undoes = undoes
	e.After = state.Text()
	return e
}

func (u *undoing) rows() int {
	return len(u.units) + len(u.links) + len(u.indicators) + len(u.sets) + len(u.goals) + len(u.schemes) + len(u.targets) + len(u.catchUps)
}

// allowed refuses to take back what whoever asks could not have done.
func (u *undoing) allowed(ctx context.Context) error {
	if len(u.units)+len(u.links) > 0 {
		if err := allowed(ctx, workflow.EditUnits, 0); err != nil {
			return err
		}
	}
	if len(u.indicators)+len(u.sets)+len(u.goals)+len(u.schemes) > 0 {
		if err := allowed(ctx, workflow.EditPlan, 0); err != nil {
			return err
		}
	}
	for _, t := range u.targets {
		if err := allowed(ctx, workflow.SetTarget, t.Unit); err != nil {
			return err
		}
	}
	for _, unit := range u.planned {
		if err := allowed(ctx, workflow.SetTarget, unit); err != nil {
			return err
		}
	}
	return nil
}

func (u *undoing) save(ctx context.Context, tx *store.Tx) error {
	for _, step := range []func() error{
		func() error { return tx.AddUnits(ctx, u.units) },
		func() error { return tx.AddSuccessions(ctx, u.links) },
		func() error { return tx.AddIndicators(ctx, u.indicators) },
		func() error { return tx.AddSets(ctx, u.sets) },
		func() error { return tx.AddGoals(ctx, u.goals) },
		func() error { return tx.AddSchemes(ctx, u.schemes) },
		func() error { return tx.AddTargets(ctx, u.targets) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// takeUnits puts back each dated fact of the change: as it was, or else saying what
// the fact before it says, or for a unit that began with it, that it never was.
func (u *undoing) takeUnits() error {
	type day struct {
		unit luoshi.UnitID
		from luoshi.Date
	}
	newest := func(p *plan) map[day]luoshi.Unit {
		m := map[day]luoshi.Unit{}
		for _, fact := range p.units {
			m[day{fact.ID, fact.From}] = fact
		}
		return m
	}
	before, then, now := newest(u.before), newest(u.then), newest(u.now)
	codes := newCodebook(u.before.units)
	im := &importer{units: u.now.units, codes: newCodebook(u.now.units)}
	facts := slices.Clone(u.then.units)
	slices.SortStableFunc(facts, func(a, b luoshi.Unit) int { return cmp.Compare(a.From, b.From) })
	for _, fact := range facts {
		k := day{fact.ID, fact.From}
		if fact.RecordedAt != u.at || then[k] != fact {
			continue
		}
		if !sameFact(now[k], fact) {
			return changedSince(fact.Names.Hans)
		}
		back, known := before[k]
		if !known {
			was, inForce := codes.on(fact.ID, fact.From)
			if back = was; was.ID == 0 {
				back, back.Ended = fact, true
				u.born = append(u.born, fact)
			} else {
				back.Ended = !inForce
			}
			back.From = fact.From
		}
		im.addUnit(back)
		im.carry(fact, back, func(later luoshi.Unit) bool {
			_, known := before[day{later.ID, later.From}]
			return known
		})
	}
	put := map[day]luoshi.Unit{}
	for _, fact := range im.newUnits {
		fact.RecordedAt = 0
		put[day{fact.ID, fact.From}] = fact
	}
	for k, fact := range put {
		if !sameFact(now[k], fact) {
			u.units = append(u.units, fact)
		}
	}
	slices.SortFunc(u.units, func(a, b luoshi.Unit) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.From, b.From)) })
	for _, l := range u.then.links {
		if l.RecordedAt != u.at {
			continue
		}
		l.RecordedAt, l.Share = 0, luoshi.Quantity{} // none of it lives on
		for _, was := range u.before.links {
			if was.From == l.From && was.To == l.To && was.On == l.On {
				l.Share = was.Share
			}
		}
		u.links = append(u.links, l)
	}
	return nil
}

// takeNouns puts back the versions that held before. What the change brought in new
// cannot be taken out; an indicator is retired instead.
func (u *undoing) takeNouns() (err error) {
	for _, one := range putBack(&err, u.before.indicators, u.then.indicators, u.now.indicators, u.at, func(in luoshi.Indicator) (string, int64) { return in.Code, in.RecordedAt }, sameIndicator) {
		in := one.back
		if one.fresh {
			in.Retired = true
		}
		in.Decimals, in.RecordedAt = max(in.Decimals, one.now.Decimals), 0
		u.indicators = append(u.indicators, in)
	}
	for _, one := range putBack(&err, u.before.sets, u.then.sets, u.now.sets, u.at, func(v luoshi.IndicatorSet) (string, int64) { return v.Code, v.RecordedAt }, sameSet) {
		one.old(&err, one.now.Names)
		one.back.RecordedAt = 0
		u.sets = append(u.sets, one.back)
	}
	for _, one := range putBack(&err, u.before.goals, u.then.goals, u.now.goals, u.at, func(v luoshi.Goal) (string, int64) { return v.Code, v.RecordedAt }, sameGoal) {
		one.old(&err, one.now.Names)
		one.back.RecordedAt = 0
		u.goals = append(u.goals, one.back)
	}
	for _, one := range putBack(&err, u.before.schemes, u.then.schemes, u.now.schemes, u.at, func(v luoshi.Scheme) (string, int64) { return v.Code, v.RecordedAt }, sameScheme) {
		one.old(&err, one.now.Names)
		one.back.RecordedAt = 0
		u.schemes = append(u.schemes, one.back)
	}
	return err
}

// back is a version to be put back; of a noun that the change began there is none.
type back[T any] struct {
	back, now T
	fresh     bool
}

// old refuses what began with the change and cannot be taken out.
func (b back[T]) old(err *error, name luoshi.Names) {
	if b.fresh && *err == nil {
		*err = &luoshi.Error{Code: luoshi.Conflict, Message: luoshi.Say("undo.new", "name", name)}
	}
}

func putBack[T any](err *error, before, then, now []T, at int64, key func(T) (string, int64), same func(a, b T) bool) []back[T] {
	index := func(list []T) map[string]T {
		m := make(map[string]T, len(list))
		for _, v := range list {
			code, _ := key(v)
			m[code] = v
		}
		return m
	}
	was, is := index(before), index(now)
	var list []back[T]
	for _, v := range then {
		code, recorded := key(v)
		if recorded != at {
			continue
		}
		if !same(v, is[code]) {
			*err = changedSince(code)
			return nil
		}
		b := back[T]{back: was[code], now: is[code]}
		if _, known := was[code]; !known {
			b.back, b.fresh = v, true
		}
		list = append(list, b)
	}
	return list
}

func changedSince(what string) error {
	return &luoshi.Error{Code: luoshi.Conflict, Message: luoshi.Say("undo.since", "what", what)}
}

// takeTargets revises each target of the change to what it was. A promise that was
// made for the first time stays on record: it can be revised, not unsaid.
func (u *undoing) takeTargets() error {
	for _, t := range u.then.targets {
		if t.RecordedAt.UnixMicro() != u.at {
			continue
		}
		var known, all []luoshi.Target
		for _, old := range u.before.targets {
			if keyOf(old) == keyOf(t) {
				known = append(known, old)
			}
		}
		for _, is := range u.now.targets {
			if keyOf(is) == keyOf(t) {
				all = append(all, is)
			}
		}
		last, ok := luoshi.InForce(known, t.From)
		if !ok {
			return &luoshi.Error{Code: luoshi.Conflict, Message: luoshi.Say("undo.target", "indicator", t.Indicator, "from", t.From)}
		}
		if !sameTarget(all[len(all)-1], t) {
			return changedSince(t.Indicator)
		}
		last.Reason, last.From, last.Revision, last.RecordedAt = u.reason, t.From, 0, time.Time{}
		u.targets = append(u.targets, last)
	}
	return nil
}

// takeCatchUps notes that a plan for the rest of a year no longer holds, or, where the
// change had taken one back, that it holds again.
func (u *undoing) takeCatchUps() error {
	of := func(c luoshi.CatchUp) luoshi.CatchUp {
		return luoshi.CatchUp{Indicator: c.Indicator, Unit: c.Unit, Year: c.Year}
	}
	hold := map[luoshi.CatchUp][]luoshi.CatchUp{} // by what they are of, those not taken back, the newest last
	last := map[luoshi.CatchUp]luoshi.CatchUp{}   // the newest, whatever it says
	taken := map[luoshi.CatchUp]luoshi.CatchUp{}  // what it took back
	for _, c := range u.now.catchUps {
		key := of(c)
		list := hold[key]
		last[key], taken[key] = c, luoshi.CatchUp{}
		if c.Plan != "" {
			hold[key] = append(list, c)
		} else if len(list) > 0 {
			hold[key], taken[key] = list[:len(list)-1], list[len(list)-1]
		}
	}
	for _, c := range u.then.catchUps {
		key := of(c)
		back, plan := key, c
		switch list := hold[key]; {
		case c.RecordedAt != u.at:
			continue
		case c.Plan != "" && len(list) > 0 && list[len(list)-1] == c:
		case c.Plan == "" && last[key] == c && taken[key].Plan != "":
			back.Plan, plan = taken[key].Plan, taken[key]
		default:
			return changedSince(c.Indicator)
		}
		u.catchUps, u.planned = append(u.catchUps, back), append(u.planned, unitsOf(plan)...)
	}
	return nil
}

// check refuses an undoing after which the tree of a day would not stand, or that
// takes away a unit which others already rest on.
func (u *undoing) check(ctx context.Context) error {
	if len(u.units) == 0 {
		return nil
	}
	facts := slices.Clone(u.now.units)
	days := map[luoshi.Date]bool{}
	for _, fact := range u.units {
		fact.RecordedAt = 1<<62 - 1 // after all others
		facts = append(facts, fact)
	}
	for _, fact := range facts {
		days[fact.From] = true
	}
	for _, day := range slices.Sorted(maps.Keys(days)) {
		_, problems := luoshi.NewTree(facts, day)
		_, already := luoshi.NewTree(u.now.units, day)
		if len(problems) > len(already) {
			return &luoshi.Error{Code: luoshi.Conflict, Message: problems[0].Message}
		}
	}
	for _, unit := range u.born {
		if slices.ContainsFunc(u.now.targets, func(t luoshi.Target) bool { return t.Unit == unit.ID }) {
			return &luoshi.Error{Code: luoshi.Conflict, Message: luoshi.Say("undo.used", "unit", unit.Names)}
		}
		if used, err := u.reported(ctx, unit.ID); used || err != nil {
			if err == nil {
				err = &luoshi.Error{Code: luoshi.Conflict, Message: luoshi.Say("undo.used", "unit", unit.Names)}
			}
			return err
		}
	}
	return nil
}

// reported reports whether a unit has figures.
func (u *undoing) reported(ctx context.Context, unit luoshi.UnitID) (bool, error) {
	changes, err := u.s.store.Changes(ctx)
	if err != nil {
		return false, err
	}
	for at := range changes {
		strip, err := u.s.store.Strip(ctx, at.Indicator, at.Year, unit, time.Time{})
		if err != nil {
			return false, err
		}
		for _, lanes := range []*luoshi.Lanes{&strip.Whole, strip.Own} {
			if lanes == nil {
				continue
			}
			for m := range 12 {
				if !lanes.Single[m].Empty() || !lanes.Cumulative[m].Empty() {
					return true, nil
				}
			}
		}
	}
	return false, nil
}
