package service

import (
	"math"

	"luoshi.dev"
	"luoshi.dev/assess"
	"luoshi.dev/forecast"
	"luoshi.dev/rollup"
)

// promise is what a target asks of the year's total, at the indicator's decimals.
type promise struct {
	asked, upper int64 // Missing where it asks nothing of the total
	better       luoshi.Direction
	strict       bool            // reaching Asked is not enough
	odds         luoshi.Ratio    // of a target held against another series, already found
	standing     OutlookStanding // of the same, "" = open
	places       int             // by the end of which period, counted from 1
	goal         luoshi.Message  // reaching 322.75
	notes        []luoshi.Message
}

// promise reads the target in force. Where it promises growth, the total that it
// comes to is last year's, restated on the base that this year's published growth
// implies, grown by as much.
func (d *desk) promise(v *OutlookView, r *series, node int, c assess.Case, places int) promise {
	p := promise{asked: luoshi.Missing, upper: luoshi.Missing, better: luoshi.More, places: len(r.ends)}
	t := c.Target
	if t == nil {
		return p
	}
	if assess.Wants(d.in) < 0 {
		p.better = luoshi.Less
	}
	switch t.Form {
	case luoshi.FormLevel, luoshi.FormDate:
		p.asked = scaled(t.Value, d.in.Decimals)
		if t.Form == luoshi.FormDate && !p.by(r.year, r.ends, t.Date) {
			p.asked = luoshi.Missing
			p.notes = append(p.notes, luoshi.Say("outlook.note.date", "date", t.Date))
		}
	case luoshi.FormAtLeast:
		p.asked, p.better = scaled(t.Low, d.in.Decimals), luoshi.More
	case luoshi.FormAtMost:
		p.asked, p.better = scaled(t.High, d.in.Decimals), luoshi.Less
	case luoshi.FormBand:
		p.asked, p.upper, p.better = scaled(t.Low, d.in.Decimals), scaled(t.High, d.in.Decimals), luoshi.Band
	case luoshi.FormGrowth, luoshi.FormSign:
		d.grown(&p, r, node, *t, places)
	}
	if !there(p.asked) {
		return p
	}
	v.Asked, v.Upper, v.Better = d.exact(p.asked), d.exact(p.upper), p.better
	v.Derived = t.Form == luoshi.FormGrowth || t.Form == luoshi.FormSign
	p.goal = d.goal(p, *t, r)
	return p
}

// goal is what the chance is of.
func (d *desk) goal(p promise, t luoshi.Target, r *series) luoshi.Message {
	unit := assess.AfterNumber(d.in.Measure)
	asked := d.exact(p.asked)
	switch {
	case t.Form == luoshi.FormGrowth && p.better == luoshi.Less:
		return luoshi.Say("outlook.goal.growth_less", "growth", t.Value, "asked", asked, "measure", unit)
	case t.Form == luoshi.FormGrowth:
		return luoshi.Say("outlook.goal.growth", "growth", t.Value, "asked", asked, "measure", unit)
	case t.Form == luoshi.FormSign:
		return luoshi.Say("outlook.goal.sign", "asked", asked, "measure", unit)
	case p.better == luoshi.Band:
		return luoshi.Say("outlook.goal.band", "asked", asked, "upper", d.exact(p.upper), "measure", unit)
	case p.places < len(r.ends) && p.better == luoshi.More:
		return luoshi.Say("outlook.goal.date", "date", t.Date, "asked", asked, "measure", unit)
	case p.better == luoshi.Less:
		return luoshi.Say("outlook.goal.less", "asked", asked, "measure", unit)
	}
	return luoshi.Say("outlook.goal.more", "asked", asked, "measure", unit)
}

// by finds the last period that is over on a day of the year.
func (p *promise) by(year int, ends []int, day luoshi.Date) bool {
	p.places = 0
	for i, m := range ends {
		if luoshi.ToDate(year, m).LastDay() <= day {
			p.places = i + 1
		}
	}
	return p.places > 0
}

// base is last year's total, restated on the base that this year's published growth
// implies; ok is false where last year is not whole.
func (d *desk) base(r *series, node, places int) (base float64, last int64, restated, ok bool) {
	if r.first < r.year {
		last, ok = r.sumTo(r.year-1, len(r.ends))
	}
	if !ok || last <= 0 {
		return 0, last, false, false
	}
	base = float64(last)
	now := d.cube.Year(d.in.Code, node, r.year, luoshi.Cumulative)
	for at := places; at > 0 && !restated; at-- {
		base, restated = restate(base, r, now, at)
	}
	return base, last, restated, true
}

// grown brings a promised growth to a total.
func (d *desk) grown(p *promise, r *series, node int, t luoshi.Target, places int) {
	base, last, restated, ok := d.base(r, node, places)
	if !ok {
		p.notes = append(p.notes, luoshi.Say("outlook.note.no_base", "year", luoshi.YearOf(r.year-1)))
		return
	}
	d.promised(p, t, r.year-1, base, last, restated, "outlook.note.implied", assess.AfterNumber(d.in.Measure))
}

// promised asks for the growth that a target promises on a base, which is last year's
// amount or that restated.
func (d *desk) promised(p *promise, t luoshi.Target, year int, base float64, last int64, restated bool, note string, unit luoshi.Measure) {
	growth := 0.0
	if t.Form == luoshi.FormGrowth {
		g, _ := t.Value.Decimal.Float64()
		growth = g / 100
	}
	asked := math.Round(base * (1 + growth))
	if math.Abs(asked) > most {
		return
	}
	p.asked = int64(asked)
	said := luoshi.Say(note, "year", luoshi.YearOf(year), "base", d.exact(last), "measure", unit)
	if restated && int64(math.Round(base)) != last {
		said = luoshi.Say("outlook.note.restated", "year", luoshi.YearOf(year), "was", d.exact(last), "base", d.rounded(base), "measure", unit)
	}
	p.notes = append(p.notes, said)
}

// restate brings last year's total to the base that the growth published after so
// many periods implies: both are comparable, levels of two years often are not.
func restate(base float64, r *series, now rollup.Year, places int) (float64, bool) {
	before, whole := r.sumTo(r.year-1, places)
	if !whole {
		return base, false
	}
	return rebased(base, before, now, r.ends[places-1]-1)
}

// rebased is restate for what there was a year before by the end of month m, from 0.
func rebased(base float64, before int64, now rollup.Year, m int) (float64, bool) {
	g := now.Growth[m]
	if !there(g) || !there(now.Amount[m]) || !there(before) || before <= 0 || now.Amount[m] <= 0 {
		return base, false
	}
	times := 1 + float64(g)/math.Pow10(luoshi.GrowthDecimals)/100
	if times <= 0 {
		return base, false
	}
	return base * float64(now.Amount[m]) / times / float64(before), true
}

// judge fills in how likely the target is met, and whether that is settled.
func (v *OutlookView) judge(r *series, o *forecast.Outlook, p promise, known int64) {
	if v.judged(p); !there(p.asked) {
		return
	}
	places, _ := r.now()
	open := v.Standing != OutlookClosed && (places < p.places || v.Estimated && p.places == len(r.ends))
	at := known
	if places > p.places {
		at, _ = r.sumTo(r.year, p.places)
	}
	met := at >= p.asked
	switch p.better {
	case luoshi.Less:
		met = at <= p.asked
	case luoshi.Band:
		met = met && at <= p.upper
	}
	if !open {
		standing, chance := OutlookLost, luoshi.Over(0, 1000)
		if met {
			standing, chance = OutlookMet, luoshi.Over(1000, 1000)
		}
		if v.Chance = chance; v.Standing != OutlookClosed { // due before the year's end
			v.Standing = standing
		}
		return
	}
	sure := r.grows() && places > 0
	switch {
	case sure && p.better == luoshi.More && at >= p.asked:
		v.Standing, v.Chance = OutlookMet, luoshi.Over(1000, 1000)
		return
	case sure && (p.better == luoshi.Less && at > p.asked || p.better == luoshi.Band && at > p.upper):
		v.Standing, v.Chance = OutlookLost, luoshi.Over(0, 1000)
		return
	}
	v.Chance = thousandths(chanceOf(o, p, len(r.ends)-p.places))
}

// thousandths rounds a probability that is not settled: it is never 0 or 1.
func thousandths(p float64) luoshi.Ratio {
	return luoshi.Over(int64(min(max(math.Round(p*1000), 1), 999)), 1000)
}

// chanceOf is the probability that a target is met; early is how many periods before
// the year's end it is due.
func chanceOf(o *forecast.Outlook, p promise, early int) float64 {
	reach := o.AtLeast
	if early > 0 && early < len(o.Steps) {
		reach = func(t float64) float64 { return sumAtLeast(o, len(o.Steps)-1-early, t) }
	}
	switch p.better {
	case luoshi.Less:
		return 1 - reach(float64(p.asked))
	case luoshi.Band:
		return max(0, reach(float64(p.asked))-reach(float64(p.upper)))
	}
	return reach(float64(p.asked))
}

// sumAtLeast is the probability that the year's sum up to a step reaches t, found
// from its intervals by halving.
func sumAtLeast(o *forecast.Outlook, step int, t float64) float64 {
	low, high := 0.0, 1.0 // quantiles below and above t
	for range 40 {
		p := (low + high) / 2
		q, upper := o.SumInterval(step, math.Abs(1-2*p))
		if p > 0.5 {
			q = upper
		}
		if q < t {
			low = p
		} else {
			high = p
		}
	}
	return 1 - (low+high)/2
}

// ChanceSays is a chance in words: never certain while it is open.
func ChanceSays(chance luoshi.Ratio) luoshi.Message {
	switch {
	case !chance.OK():
		return luoshi.Message{}
	case chance.Num == 0:
		return luoshi.Say("outlook.chance.never")
	case chance.Num == chance.Den:
		return luoshi.Say("outlook.chance.sure")
	case chance.Num*100 < chance.Den:
		return luoshi.Say("outlook.chance.under")
	case chance.Num*100 > 99*chance.Den:
		return luoshi.Say("outlook.chance.over")
	}
	return luoshi.Say("outlook.chance.about", "percent", int((chance.Num*200+chance.Den)/(2*chance.Den)))
}

// say puts all of it in one sentence.
func (v *OutlookView) say(in luoshi.Indicator, p promise) {
	asked := there(p.asked) || p.odds.OK()
	v.Says = luoshi.Say(saysKey(v.Standing, asked, v.Chance), "total", v.Total, "low", v.Low80, "high", v.High80, "measure", assess.AfterNumber(in.Measure), "known", v.Known, "through", v.Through)
	if asked {
		v.Says.Args["goal"], v.Says.Args["chance"] = p.goal, ChanceSays(v.Chance)
	}
}

// saysKey is the word for an outlook; asked is whether it is held against a target.
func saysKey(standing OutlookStanding, asked bool, chance luoshi.Ratio) string {
	switch {
	case standing == OutlookMet:
		return "outlook.says.met"
	case standing == OutlookLost:
		return "outlook.says.lost"
	case standing == OutlookClosed && !asked:
		return "outlook.says.closed"
	case standing == OutlookClosed && chance.Num > 0:
		return "outlook.says.closed_met"
	case standing == OutlookClosed:
		return "outlook.says.closed_missed"
	case !asked:
		return "outlook.says.plain"
	}
	return "outlook.says.open"
}
