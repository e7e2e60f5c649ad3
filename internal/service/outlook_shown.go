package service

import (
	"context"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store"
)

// OutlookShown is an outlook as it was kept: what a page said from an instant on.
type OutlookShown struct {
	OutlookNumbers // without the words

	At       time.Time `json:"at"`
	After    bool      `json:"afterwards"` // calculated afterwards, from the figures as of then
	Revision int       `json:"revision"`   // of the target
	Method   int       `json:"method"`     // in which way it was made
	Sample   bool      `json:"sample"`
	Level    bool      `json:"level"`  // the value at the year's end is foreseen
	Growth   bool      `json:"growth"` // published growth is

	inputs int64
	why    string
}

func shownOf(year int, o store.Outlook) OutlookShown {
	q := func(v int64) luoshi.NullQuantity { return luoshi.Unscaled(v, o.Scale) }
	s := OutlookShown{
		OutlookNumbers: OutlookNumbers{
			Asked: q(o.Asked), Upper: q(o.Upper), Better: o.Better, Known: q(o.Known), Total: q(o.Total), Low80: q(o.Low80), High80: q(o.High80), Low95: q(o.Low95), High95: q(o.High95),
			Standing: standings[min(max(o.Standing, 1), len(standings)-1)],
		},
		At: o.RecordedAt, After: o.After, Level: o.Level, Growth: o.Growth, Revision: o.Revision, Method: o.Method, Sample: o.Sample, inputs: o.Inputs, why: o.Why,
	}
	if o.Through > 0 {
		if s.Through = luoshi.ToDate(year, o.Through); o.Level {
			s.Through = luoshi.MonthOf(year, o.Through)
		}
	}
	if o.Chance >= 0 {
		s.Chance = luoshi.Over(int64(o.Chance), 1000)
	}
	return s
}

// ownBoundaries reports whether a snapshot is by the boundaries by which outlooks are
// kept: those of its year's first day.
func (sn *snapshot) ownBoundaries() bool { return sn.key.boundaries == 0 }

// shown reads the outlooks of one indicator that were kept by the snapshot's instant,
// by node. It is empty where another year's or other boundaries' are looked at.
func (s *Service) shown(ctx context.Context, sn *snapshot, code string, nodes []int) (map[int]OutlookShown, error) {
	if !sn.ownBoundaries() {
		return nil, nil
	}
	units, at := make([]luoshi.UnitID, len(nodes)), make(map[luoshi.UnitID]int, len(nodes))
	for i, node := range nodes {
		units[i] = sn.tree.Nodes[node].ID
		at[units[i]] = node
	}
	list, err := s.store.Outlooks(ctx, code, sn.year, sn.asOf, units)
	out := make(map[int]OutlookShown, len(list))
	for _, o := range list {
		out[at[o.Unit]] = shownOf(sn.year, o)
	}
	return out, err
}

// OutlookProgress says how far the outlooks of the present are that this server
// makes in the background.
func (s *Service) OutlookProgress() OutlookProgress {
	s.refresher.mu.Lock()
	defer s.refresher.mu.Unlock()
	return s.refresher.progress
}

// outlooksShown is the number of kept outlooks that views go by. While a pass over all
// of them is running it stands still for an eighth of the way, so that not every view is
// made anew after every keeping.
func (s *Service) outlooksShown(ctx context.Context) (int64, error) {
	number, err := s.store.OutlooksNumber(ctx)
	r := &s.refresher
	r.mu.Lock()
	defer r.mu.Unlock()
	eighth := int64(-1)
	if r.progress.Running {
		eighth = 8 * r.progress.Done / max(r.progress.Total, 1)
	}
	if eighth < 0 || eighth != r.eighth {
		r.eighth, r.shown = eighth, number
	}
	return r.shown, err
}

// keptShown is [kept] for views that show kept outlooks, too: they are others as soon
// as an outlook is kept.
func keptShown[T any](ctx context.Context, s *Service, look Look, question string, make func(context.Context, *snapshot) (*T, error)) (*T, error) {
	number, err := s.outlooksShown(ctx)
	if err != nil {
		return nil, err
	}
	return kept(ctx, s, look, question+" by outlook "+luoshi.Unscaled(number, 0).Decimal.String(), make)
}
