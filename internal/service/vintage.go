package service

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
	"luoshi.dev/rollup"
)

// historyDays bounds how many days of a total's history are computed again.
const historyDays = 12

// history tells how the figure of a period came to be what it is, newest first: of
// a unit that reports, every vintage; of a total, what it was at the end of each day
// on which a figure that it rests on came or changed.
func (s *Service) history(ctx context.Context, sn *snapshot, in luoshi.Indicator, node int, p luoshi.Period) ([]Vintage, error) {
	if p.To == 0 {
		return nil, nil
	}
	if sn.computed(in, node, p) {
		return s.totals(ctx, sn, in, node, p)
	}
	return s.vintages(ctx, sn, in, node, p)
}

// computed reports whether the unit's figure is made from others.
func (sn *snapshot) computed(in luoshi.Indicator, node int, p luoshi.Period) bool {
	v := sn.cube.Value(in.Code, node, p, basisOf(in))
	return v.Rolled.Valid || v.PartialSum.Valid || len(sn.cube.Inputs(in.Code)) > 0 && !v.Reported.Valid
}

// vintages are those that the unit itself has reported for the period, on either
// basis, as known at the snapshot's instant; newest first.
func (s *Service) vintages(ctx context.Context, sn *snapshot, in luoshi.Indicator, node int, p luoshi.Period) ([]Vintage, error) {
	all, err := s.store.Vintages(ctx, store.FigureQuery{Indicator: in.Code, Unit: sn.tree.Nodes[node].ID, Period: luoshi.Period{Year: p.Year, To: p.To}})
	if err != nil {
		return nil, fmt.Errorf("vintages of %s: %w", in.Code, err)
	}
	all = slices.DeleteFunc(all, func(f luoshi.Figure) bool { return f.RecordedAt.After(sn.asOf) })
	names, err := s.batchNames(ctx, all)
	if err != nil {
		return nil, err
	}
	var list []Vintage
	for len(all) > 0 {
		n := 1 // of one address
		for n < len(all) && all[n].Basis == all[0].Basis && all[n].Scope == all[0].Scope && all[n].Period == all[0].Period {
			n++
		}
		list = append(list, oneAddress(all[:n], names)...)
		all = all[n:]
	}
	slices.SortStableFunc(list, func(a, b Vintage) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Seq, a.Seq)) })
	return list, nil
}

// oneAddress turns the vintages of one address into a history: what each changed
// against the one that held before it.
func oneAddress(list []luoshi.Figure, names map[int64]string) []Vintage {
	held := store.Holding(list)
	out := make([]Vintage, len(list))
	for i, f := range list {
		v := Vintage{
			At: f.RecordedAt, By: f.By, Source: f.Source, Status: f.Status, Sample: f.Sample, Basis: f.Basis, Scope: f.Scope, Value: f.Value, Growth: f.Growth,
			Seq: f.Seq, Batch: f.Batch, BatchName: names[f.Batch], Withdrawn: f.Withdrawn, Withdraws: f.Withdraws, Holds: i == held,
		}
		if v.Growth.Valid {
			v.Growth = asPublished(v.Growth)
		}
		before, now := store.Holding(list[:i]), store.Holding(list[:i+1])
		if before >= 0 && now >= 0 {
			v.Change = minus(list[now].Value, list[before].Value)
		}
		if f.Withdrawn {
			v.Value, v.Growth = luoshi.NullQuantity{}, luoshi.NullQuantity{}
			if now >= 0 {
				v.Value, v.Growth = list[now].Value, list[now].Growth
			}
		}
		out[i] = v
	}
	return out
}

// batchNames are the names of the imports that some figures came with.
func (s *Service) batchNames(ctx context.Context, list []luoshi.Figure) (map[int64]string, error) {
	names := map[int64]string{}
	if !slices.ContainsFunc(list, func(f luoshi.Figure) bool { return f.Batch != 0 }) {
		return names, nil
	}
	batches, err := s.store.Batches(ctx)
	if err != nil {
		return nil, fmt.Errorf("batches: %w", err)
	}
	for _, b := range batches {
		names[b.ID] = b.Name
	}
	return names, nil
}

// arrival is a day on which figures that a total rests on were recorded.
type arrival struct {
	day   luoshi.Date
	units []int // nodes directly below (or the unit itself), in tree order
	by    string
	mixed bool // several people
	batch int64
}

// arrivals are the days on which something that the unit's figure of a period rests
// on was recorded, oldest first.
func (s *Service) arrivals(ctx context.Context, sn *snapshot, in luoshi.Indicator, node int, p luoshi.Period) ([]arrival, error) {
	days := map[luoshi.Date]*arrival{}
	for _, code := range sn.cube.Needs(in.Code) {
		one := sn.indicators[code]
		query := store.FigureQuery{Indicator: code, Period: luoshi.Period{Year: p.Year, To: p.To}}
		if one.Kind == luoshi.Flow && one.Basis == luoshi.Single { // the year to date rests on all its months
			query.Period.To = 0
		}
		figures, err := s.store.Vintages(ctx, query)
		if err != nil {
			return nil, fmt.Errorf("vintages of %s: %w", code, err)
		}
		for _, f := range figures {
			at, ok := sn.belowOf(node, f.Unit)
			if !ok || f.RecordedAt.After(sn.asOf) || f.Period.To > p.To {
				continue
			}
			day := luoshi.DateOf(f.RecordedAt)
			a := days[day]
			if a == nil {
				a = &arrival{day: day, by: f.By, batch: f.Batch}
				days[day] = a
			}
			a.mixed = a.mixed || a.by != f.By
			if !slices.Contains(a.units, at) {
				a.units = append(a.units, at)
			}
		}
	}
	list := make([]arrival, 0, len(days))
	for _, a := range days {
		slices.Sort(a.units)
		list = append(list, *a)
	}
	slices.SortFunc(list, func(a, b arrival) int { return cmp.Compare(a.day, b.day) })
	return list, nil
}

// belowOf finds the area directly below a node that a unit belongs to, or the node
// itself.
func (sn *snapshot) belowOf(node int, id luoshi.UnitID) (int, bool) {
	i, ok := sn.tree.Find(id)
	if !ok || i < node || i >= sn.tree.Nodes[node].End {
		return 0, false
	}
	for i != node && sn.tree.Nodes[i].Parent != node {
		i = sn.tree.Nodes[i].Parent
	}
	return i, true
}

// totals computes what a total was known to be at the end of each day on which a
// part of it came or changed.
func (s *Service) totals(ctx context.Context, sn *snapshot, in luoshi.Indicator, node int, p luoshi.Period) ([]Vintage, error) {
	days, err := s.arrivals(ctx, sn, in, node, p)
	if err != nil {
		return nil, err
	}
	var list []Vintage
	var before luoshi.NullQuantity
	first := max(0, len(days)-historyDays)
	for i := first; i < len(days); i++ {
		at := days[i].day.End()
		if i == len(days)-1 && at.After(sn.asOf) {
			at = sn.asOf
		}
		value, err := s.knownAt(ctx, sn, in, node, p, at)
		if err != nil {
			return nil, err
		}
		v := vintageOf(value)
		v.At, v.Basis, v.Scope, v.Holds, v.Batch = at, basisOf(in), luoshi.Whole, i == len(days)-1, days[i].batch
		if !days[i].mixed {
			v.By = days[i].by
		}
		v.Change = minus(v.Value, before)
		if v.Value.Valid {
			before = v.Value
		}
		for _, u := range days[i].units {
			v.Units = append(v.Units, sn.ref(u))
		}
		list = append(list, v)
	}
	slices.Reverse(list)
	return list, nil
}

// vintageOf is what the cube knows of a figure, as a vintage.
func vintageOf(value rollup.Value) Vintage {
	v := Vintage{Value: value.Amount, Growth: value.Growth, Status: value.Status, Sample: value.Sample, Coverage: value.Coverage, Seq: value.Seq}
	if v.Growth.Valid {
		v.Growth = asPublished(v.Growth)
	}
	if !v.Value.Valid {
		v.Value, v.Partial = value.PartialSum, !v.Growth.Valid
	}
	return v
}

// knownAt is the unit's figure of a period as it was known at an earlier instant,
// by the same rules and boundaries.
func (s *Service) knownAt(ctx context.Context, sn *snapshot, in luoshi.Indicator, node int, p luoshi.Period, at time.Time) (rollup.Value, error) {
	if !at.Before(sn.asOf) {
		return sn.cube.Value(in.Code, node, p, basisOf(in)), nil
	}
	then := *sn
	then.asOf, then.problems = at, nil
	cube := sn.cube.Fork()
	for _, code := range sn.cube.Needs(in.Code) {
		if err := s.fetch(ctx, &then, cube, yearKey{code, p.Year}); err != nil {
			return rollup.Value{}, err
		}
	}
	return cube.Value(in.Code, node, p, basisOf(in)), nil
}
