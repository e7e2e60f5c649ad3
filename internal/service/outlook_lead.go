package service

import (
	"context"
	"math"
	"slices"

	"luoshi.dev"
	"luoshi.dev/assess"
	"luoshi.dev/forecast"
	"luoshi.dev/rollup"
)

// OutlookLead is what a leading indicator added to an outlook, or would have.
type OutlookLead struct {
	Indicator IndicatorName       `json:"indicator"`
	Hearing   string              `json:"hearing"` // heard, lesser, deaf, unlinked, brief; word outlook.lead.HEARING
	Lag       int                 `json:"lag"`     // periods by which it runs ahead
	Years     int                 `json:"years"`   // past years asked about
	Wins      int                 `json:"wins"`    // of which it brought the total nearer
	Without   luoshi.NullQuantity `json:"without"` // mean error of the total in percent
	With      luoshi.NullQuantity `json:"with"`
	Shift     luoshi.NullQuantity `json:"shift"` // what it adds to the total by this unit's own figures
	Says      luoshi.Message      `json:"-"`
}

// leader is an indicator that runs ahead, with its past.
type leader struct {
	in   luoshi.Indicator
	cube *rollup.Cube
}

// runsAhead reports whether an indicator is recorded as running ahead of another, and
// can be heard: it has amounts or levels.
func runsAhead(in luoshi.Indicator, code string) bool {
	return !in.Retired && slices.Contains(in.Leads, code) && (in.Kind == luoshi.Flow || in.Kind == luoshi.Stock || in.Kind == luoshi.Index)
}

// leaders finds the indicators that are recorded as running ahead of one.
func (s *Service) leaders(ctx context.Context, sn *snapshot, look Look, code string) (list []leader, err error) {
	for _, in := range sn.plan.indicators {
		if !runsAhead(in, code) {
			continue
		}
		cube, err := s.pastCube(ctx, sn, look, in.Code)
		if err != nil {
			return nil, err
		}
		list = append(list, leader{in, cube})
	}
	return list, nil
}

// seriesBeside is a leader's past at a unit by the periods of the series that it leads:
// amounts of single periods, or levels at their ends.
func (d *desk) seriesBeside(l leader, r *series, node int) forecast.Series {
	out := forecast.Series{Year: r.first, First: 1, Season: len(r.ends)}
	flow := l.in.Kind == luoshi.Flow
	basis := luoshi.Single
	if flow {
		basis = luoshi.Cumulative
	}
	for year := r.first; year <= r.year; year++ {
		amounts := l.cube.Year(l.in.Code, node, year, basis).Amount
		before := int64(0)
		for _, end := range r.ends {
			v := amounts[end-1]
			switch {
			case !there(v):
				out.Values, before = append(out.Values, math.NaN()), luoshi.Missing
			case !flow:
				out.Values = append(out.Values, float64(v))
			case !there(before):
				out.Values, before = append(out.Values, math.NaN()), v
			default:
				out.Values, before = append(out.Values, float64(v-before)), v
			}
		}
	}
	return out
}

// ask is what a unit's own series says of the year, with the leading indicators that
// have helped it before, within what it is drawn from.
func (d *desk) ask(caster *forecast.Forecaster, r *series, node, places int) (forecast.Outlook, []forecast.Led, error) {
	var with []forecast.Leader
	if !r.remainder {
		for _, l := range d.leaders {
			with = append(with, forecast.Leader{Name: l.in.Code, Series: d.seriesBeside(l, r, node)})
		}
	}
	o, led, err := caster.Led(r.until(r.year, places), r.year, with)
	if most := d.stock(node); err == nil && there(most) && !r.remainder {
		o = o.AtMostBy(float64(most))
	}
	return o, led, err
}

// led fills in what became of the leading indicators, and says what was heard.
func (d *desk) led(v *OutlookView, list []forecast.Led) {
	for _, l := range list {
		in := d.sn.indicators[l.Name]
		one := OutlookLead{Indicator: indicatorName(in), Hearing: string(l.Hearing), Lag: l.Lag, Years: l.Years, Wins: l.Wins}
		if l.Years > 0 {
			one.Without, one.With = meanPercent(l.Without, 1), meanPercent(l.With, 1)
		}
		pairs := []any{"indicator", in.Names, "lag", l.Lag, "years", l.Years, "wins", l.Wins, "without", one.Without, "with", one.With}
		if l.Hearing == forecast.Heard {
			one.Shift = d.rounded(l.Shift)
			key := "outlook.lead.more.says"
			shift := one.Shift
			if l.Shift < 0 {
				key, shift = "outlook.lead.less.says", d.rounded(-l.Shift)
			}
			one.Says = luoshi.Say(key, append(pairs, "shift", shift, "measure", assess.AfterNumber(d.in.Measure))...)
			v.Notes = append(v.Notes, one.Says)
		} else {
			one.Says = luoshi.Say("outlook.lead."+string(l.Hearing)+".says", pairs...)
		}
		v.Leads = append(v.Leads, one)
	}
}
