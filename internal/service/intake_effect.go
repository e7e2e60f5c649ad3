package service

import (
	"context"
	"slices"

	"luoshi.dev"
)

// What an import would do to the board is worked out while it is checked, unless it
// has more figures than a person brings.
const (
	effectFigures = 200_000
	effectShifts  = 200 // kept of the lights that would turn
)

// effectOf says what an import would do to the board of today, nil where that is
// too much to work out.
func (s *Service) effectOf(ctx context.Context, im *importer) (*Effect, error) {
	if im.report.Rows() == 0 || im.report.Broken || len(im.newFigures) > effectFigures {
		return nil, nil
	}
	for range tries {
		sn, node, err := s.stand(ctx, Look{})
		if err != nil || node < 0 {
			return nil, err
		}
		after, err := s.suppose(ctx, sn, im)
		if err != nil {
			return nil, err
		}
		after.takeFigures(im)
		if now, err := s.newest(ctx); err != nil {
			return nil, err
		} else if now != sn.key.state {
			continue
		}
		e := &Effect{Writes: im.report.Rows()}
		if e.Frame, err = s.frame(ctx, sn, node); err != nil {
			return nil, err
		}
		d := &difference{before: sn, after: after, shared: sn.cube == after.cube, e: e}
		d.targets()
		d.goals()
		d.units()
		d.sort()
		return e, nil
	}
	return nil, nil // somebody is writing all the time: the import can still be saved
}

// takeFigures puts the figures of an import into a supposed snapshot.
func (sn *snapshot) takeFigures(im *importer) {
	changed := map[yearKey]bool{}
	for i := range im.newFigures {
		changed[yearKey{im.newFigures[i].Indicator, im.newFigures[i].Period.Year}] = true
	}
	forked := false
	for key := range changed {
		if key.year > sn.year || key.year < sn.year-1 {
			continue
		}
		if !forked {
			sn.cube, forked = sn.cube.Fork(), true
		}
		var strips []luoshi.Strip
		for _, year := range im.years[key] {
			strips = append(strips, year.Strip)
		}
		slices.SortFunc(strips, func(a, b luoshi.Strip) int { return int(a.Unit - b.Unit) })
		sn.put(sn.cube, key, strips)
	}
}
