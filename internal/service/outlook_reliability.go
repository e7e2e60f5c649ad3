package service

import (
	"context"
	"math"
	"slices"

	"luoshi.dev"
	"luoshi.dev/forecast"
	"luoshi.dev/internal/store"
)

// ReliabilityView holds the stated chances of a unit and of the areas directly below
// it against what came.
type ReliabilityView struct {
	Frame
	Shown    *Reliability  `json:"shown,omitempty"`    // what was kept while the year was open, of years that are known; nil where there is none
	Waiting  int           `json:"waiting"`            // kept chances whose year is still open
	Backtest *Reliability  `json:"backtest,omitempty"` // what would have been said at the same period of past years; nil where no past is long enough
	Through  luoshi.Period `json:"through"`            // the newest period that the back-test asked after
	Trails   []TrailCount  `json:"trails"`             // the unit's own outlooks of the year
}

// TrailCount is how often one outlook was kept.
type TrailCount struct {
	Indicator IndicatorHead `json:"indicator"`
	Rows      int           `json:"rows"`
}

// Reliability tells what stated chances were worth: the CORP diagram and the parts of
// the Brier score, see [forecast.Reliability]. Scores have four decimals.
type Reliability struct {
	Chances    int                 `json:"chances"`
	Units      int                 `json:"units"`
	Indicators int                 `json:"indicators"`
	Brier      luoshi.NullQuantity `json:"brier"`
	MCB        luoshi.NullQuantity `json:"mcb"`
	DSC        luoshi.NullQuantity `json:"dsc"`
	UNC        luoshi.NullQuantity `json:"unc"`
	Bins       []ReliabilityBin    `json:"bins"` // from the least likely to the likeliest
}

// ReliabilityBin is a run of stated chances that came about equally often. Shares are
// in thousandths.
type ReliabilityBin struct {
	From  luoshi.Ratio `json:"from"` // the least chance stated
	To    luoshi.Ratio `json:"to"`
	Said  luoshi.Ratio `json:"said"` // their mean
	Rate  luoshi.Ratio `json:"rate"` // how often it came
	Low   luoshi.Ratio `json:"low"`  // 90 times in 100 the rate lies from here
	High  luoshi.Ratio `json:"high"` // to here, where what is said is true
	N     int          `json:"n"`
	Came  int          `json:"came"`
	Apart bool         `json:"apart"` // the rate lies outside
}

func (v *ReliabilityView) weight() int {
	n := 1
	for _, r := range [2]*Reliability{v.Shown, v.Backtest} {
		if r != nil {
			n += len(r.Bins)
		}
	}
	return 400*n + 300*len(v.Trails)
}

// said gathers stated chances and what came of them.
type said struct {
	list       []forecast.Said
	units      map[luoshi.UnitID]bool
	indicators map[string]bool
}

func (s *said) add(code string, unit luoshi.UnitID, list ...forecast.Said) {
	if len(list) == 0 {
		return
	}
	if s.units == nil {
		s.units, s.indicators = map[luoshi.UnitID]bool{}, map[string]bool{}
	}
	s.units[unit], s.indicators[code] = true, true
	s.list = append(s.list, list...)
}

func (s *said) judge() *Reliability {
	if len(s.list) == 0 {
		return nil
	}
	of := forecast.Reliable(s.list)
	score := func(x float64) luoshi.NullQuantity { return luoshi.Unscaled(int64(math.Round(x*1e4)), 4) }
	share := func(x float64) luoshi.Ratio { return luoshi.Over(int64(math.Round(x*1000)), 1000) }
	r := &Reliability{Chances: of.N, Units: len(s.units), Indicators: len(s.indicators), Brier: score(of.Brier), MCB: score(of.MCB), DSC: score(of.DSC), UNC: score(of.UNC)}
	for _, b := range of.Bins {
		bin := ReliabilityBin{From: share(b.From), To: share(b.To), Said: share(b.Said), Rate: share(b.Rate), Low: share(b.Low), High: share(b.High), N: b.N, Came: b.Came}
		bin.Apart = bin.Rate.Cmp(bin.Low) < 0 || bin.Rate.Cmp(bin.High) > 0
		r.Bins = append(r.Bins, bin)
	}
	return r
}

// OutlookReliability answers what the chances have been worth so far: those that were
// kept, against what came since; and, told apart from them, those that would have been
// said at the same period of past years.
func (s *Service) OutlookReliability(ctx context.Context, look Look) (*ReliabilityView, error) {
	return keptShown(ctx, s, look, "reliability", func(ctx context.Context, sn *snapshot) (*ReliabilityView, error) {
		v := &ReliabilityView{}
		node, err := sn.unitOf(look.Unit)
		if err != nil {
			return nil, err
		}
		if v.Frame, err = s.frame(ctx, sn, node); err != nil || node < 0 {
			return v, err
		}
		v.Sample = false
		nodes := append([]int{node}, sn.areas(node)...)
		marks, err := s.store.OutlookMarks(ctx)
		if err != nil {
			return nil, err
		}
		var shown, tested said
		for _, in := range sn.plan.indicators {
			if in.Retired {
				continue
			}
			d := &desk{sn: sn, in: in}
			if d.cube, err = s.pastCube(ctx, sn, look, in.Code); err != nil {
				return nil, err
			}
			if sn.ownBoundaries() && marks[store.IndicatorYear{Indicator: in.Code, Year: sn.year}].Rows > 0 {
				trail, err := s.store.OutlookTrail(ctx, in.Code, sn.year, sn.tree.Nodes[node].ID, sn.asOf)
				if err != nil {
					return nil, err
				}
				if len(trail) > 0 {
					v.Trails = append(v.Trails, TrailCount{headOf(in), len(trail)})
				}
			}
			for year := sn.year - outlookYears; year <= sn.year; year++ {
				if marks[store.IndicatorYear{Indicator: in.Code, Year: year}].Rows == 0 {
					continue
				}
				waiting, err := s.heldToAccount(ctx, d, year, nodes, &shown)
				if err != nil {
					return nil, err
				}
				v.Waiting += waiting
			}
			if err := d.askedOfThePast(ctx, nodes, &tested, v); err != nil {
				return nil, err
			}
		}
		v.Shown, v.Backtest = shown.judge(), tested.judge()
		return v, nil
	})
}

// heldToAccount adds the chances of one indicator and year that were shown while it
// was open, the last of each period, where the year is known now. What was calculated
// afterwards was never shown; a target due before the year's end, or held against
// another series, is judged by what was kept when it was settled.
func (s *Service) heldToAccount(ctx context.Context, d *desk, year int, nodes []int, to *said) (waiting int, err error) {
	const open, settled = 1, 2 // as kept: open, else met, lost or closed
	for _, node := range nodes {
		unit := d.sn.tree.Nodes[node].ID
		trail, err := s.store.OutlookTrail(ctx, d.in.Code, year, unit, d.sn.asOf)
		if err != nil {
			return 0, err
		}
		if len(trail) == 0 {
			continue
		}
		last, end := trail[len(trail)-1], d.yearEnd(node, year)
		var list []forecast.Said
		for i, o := range trail {
			if o.Standing != open || o.Chance < 0 || o.After || i+1 < len(trail) && trail[i+1].Through == o.Through && trail[i+1].Standing == open {
				continue
			}
			came, known := false, false
			switch {
			case last.Standing >= settled && last.Chance >= 0:
				came, known = last.Chance == 1000, true
			case there(o.Asked) && !o.Early:
				came, known = end.meets(o)
			}
			if !known {
				waiting++
				continue
			}
			list = append(list, forecast.Said{Probability: float64(o.Chance) / 1000, Came: came})
		}
		to.add(d.in.Code, unit, list...)
	}
	return waiting, nil
}

// yearEnd is how a year ended.
type yearEnd struct {
	value, level, growth int64 // Missing where it is not known; a sum, or a level and the growth published
	decimals             int
	shown                int // decimals of growth
}

func (d *desk) yearEnd(node, year int) yearEnd {
	e := yearEnd{value: luoshi.Missing, level: luoshi.Missing, growth: luoshi.Missing, decimals: d.in.Decimals}
	if d.adds() {
		r := d.sn.seriesOf(d.cube, d.in, node)
		if year >= r.first {
			if sum, whole := r.sumTo(year, len(r.ends)); whole {
				e.value = sum
			}
		}
	}
	if r := d.standingOf(node); r.growth {
		e.growth, e.shown = r.at(year, len(r.ends)), r.decimals
	} else if !d.adds() {
		e.level = r.at(year, len(r.ends))
	}
	return e
}

// meets reports whether the year ended as an outlook's target asked; known is false
// where that cannot be told.
func (e yearEnd) meets(o store.Outlook) (met, known bool) {
	at := e.at(o)
	if !there(at) {
		return false, false
	}
	switch o.Better {
	case luoshi.Less:
		return at <= o.Asked, true
	case luoshi.Band:
		return at >= o.Asked && at <= o.Upper, true
	}
	return at >= o.Asked, true
}

// around are the targets that a back-test asks about, times the total of the year
// before; the growth of the year before, held within a fifth and a quarter, is the
// last of them.
var around = [4]float64{0.95, 1, 1.05, 1.10}

// askedOfThePast adds what would have been said of the indicator's past years, as of the
// period that is the newest known now, of five targets around the year before.
func (d *desk) askedOfThePast(ctx context.Context, nodes []int, to *said, v *ReliabilityView) error {
	sn, in := d.sn, d.in
	if d.unfit().Key != "" || !slices.ContainsFunc(nodes, func(n int) bool { return sn.targets[targetAt{in.Code, sn.tree.Nodes[n].ID}] != nil }) {
		return nil
	}
	for _, node := range nodes {
		r := sn.seriesOf(d.cube, in, node)
		places, apart := r.now()
		season := len(r.ends)
		if !apart || places == season {
			continue
		}
		if places > 0 {
			if p := luoshi.ToDate(r.year, r.ends[places-1]); p.To > v.Through.To {
				v.Through = p
			}
		}
		for year := max(r.first+2, r.year-backtestYears); year < r.year; year++ {
			if err := ctx.Err(); err != nil {
				return err
			}
			came, whole := r.sumTo(year, season)
			last, lastWhole := r.sumTo(year-1, season)
			before, beforeWhole := r.sumTo(year-2, season)
			if !whole || !lastWhole || last <= 0 || r.knownBefore(year) < season {
				continue
			}
			o, err := d.caster.Of(r.until(year, places), year)
			if err != nil {
				continue
			}
			asked := around[:]
			if beforeWhole && before > 0 {
				asked = append(slices.Clip(asked), min(max(float64(last)/float64(before), 0.8), 1.25))
			}
			v.Sample = v.Sample || d.cube.Value(in.Code, node, luoshi.ToDate(year, 12), luoshi.Cumulative).Sample
			for _, times := range asked {
				target := times * float64(last)
				to.add(in.Code, sn.tree.Nodes[node].ID, forecast.Said{Probability: o.AtLeast(target), Came: float64(came) >= target})
			}
		}
	}
	return nil
}
