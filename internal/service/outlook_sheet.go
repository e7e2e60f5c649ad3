package service

import (
	"context"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"luoshi.dev"
	"luoshi.dev/internal/store"
)

// Outlooks answers where the year of every indicator will land that a unit has a
// target of.
func (s *Service) Outlooks(ctx context.Context, look Look) (*OutlookSheet, error) {
	return keptShown(ctx, s, look, s.then(look, "outlooks"), func(ctx context.Context, sn *snapshot) (*OutlookSheet, error) {
		sheet := &OutlookSheet{}
		node, err := sn.unitOf(look.Unit)
		if err != nil {
			return nil, err
		}
		if sheet.Frame, err = s.frame(ctx, sn, node); err != nil || node < 0 {
			return sheet, err
		}
		sheet.Sample = false
		views, err := s.outlooksAt(ctx, sn, look, node)
		if err != nil {
			return nil, err
		}
		for _, v := range views {
			said, err := s.asSaid(ctx, sn, look, v.Indicator.Code, []int{node})
			if err != nil {
				return nil, err
			}
			said.of(v, node)
			sheet.Sample = sheet.Sample || v.History.Sample > 0
			row := rowOf(sn.ref(node), v)
			sheet.Tally.add(row)
			sheet.Rows = append(sheet.Rows, OutlookOf{v.Indicator, row})
		}
		slices.SortStableFunc(sheet.Rows, func(a, b OutlookOf) int { return byChance(a.OutlookRow, b.OutlookRow) })
		sheet.Moves, err = s.moves(ctx, sn, node, sheet.Rows)
		return sheet, err
	})
}

// outlooksAt makes the outlooks of a unit's targets, on all processors. The past years
// of so many indicators are not kept.
func (s *Service) outlooksAt(ctx context.Context, sn *snapshot, look Look, node int) ([]*OutlookView, error) {
	marks, err := s.store.OutlookMarks(ctx)
	if err != nil {
		return nil, err
	}
	var list []luoshi.Indicator
	for _, in := range sn.plan.indicators {
		if _, target := sn.targets[targetAt{in.Code, sn.tree.Nodes[node].ID}]; target && !in.Retired {
			list = append(list, in)
		}
	}
	views := make([]*OutlookView, len(list))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, in := range list {
		group.Go(func() error {
			cube, err := s.readPast(ctx, sn, in.Code)
			if err != nil {
				return err
			}
			d, err := s.desk(ctx, sn, look, in, cube)
			if err != nil {
				return err
			}
			if views[i], err = s.asKept(ctx, d, node, marks[store.IndicatorYear{Indicator: in.Code, Year: sn.year}].Seen); views[i] != nil || err != nil {
				return err
			}
			if d.accord, err = s.accord(ctx, sn, look, d); err != nil {
				return err
			}
			views[i] = &OutlookView{}
			d.outlook(views[i], node)
			return nil
		})
	}
	return views, group.Wait()
}

// asKept makes a unit's outlook at the total on which it was kept, where all that is
// kept of the indicator is current, and no page has let the units agree since the start:
// that asks each of them. It is nil where this would not say what is kept to the last
// place, and the units have to be asked.
func (s *Service) asKept(ctx context.Context, d *desk, node int, kept store.OutlookSeen) (*OutlookView, error) {
	seen := d.sn.outlookSeen(d.sn.digested(), d.in.Code)
	if kept != seen || d.leaves == nil || !d.sn.ownBoundaries() || !d.adds() || !d.in.Additive() || s.accords.of(d.sn, d.in.Code, seen) != nil {
		return nil, nil
	}
	list, err := s.store.Outlooks(ctx, d.in.Code, d.sn.year, d.sn.asOf, []luoshi.UnitID{d.sn.tree.Nodes[node].ID})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	was := list[0]
	inputs := d.inputs(d.sn.seriesOf(d.cube, d.in, node), node)
	for _, total := range []int64{was.Total, luoshi.Missing} { // Missing where it had nobody to agree with
		by := *d
		by.accord = d.newAccord()
		by.accord.total[node] = total
		v := &OutlookView{}
		by.outlook(v, node)
		now := by.kept(v, node, inputs)
		now.RecordedAt, now.After = was.RecordedAt, was.After
		if now == was {
			return v, nil
		}
	}
	return nil, nil
}
