package service

import (
	"math"
	"slices"

	"luoshi.dev"
	"luoshi.dev/assess"
	"luoshi.dev/forecast"
)

// growing is by how many percent a year will have grown over the last, and by what the
// past surprised.
type growing struct {
	of      forecast.Marginal
	settled bool
	past    surprises
	sample  bool
}

// surprises are an indicator's past by single periods, to be told what it has in common
// with another.
type surprises struct {
	first  int       // year
	ends   []int     // months in which its periods end
	values []float64 // of whole years; NaN where not known
	sums   []float64 // of the year so far, of a flow; else nil
	growth bool      // the values are growth in percent
}

// quarterEnds are what calendars have in common.
var quarterEnds = []int{3, 6, 9, 12}

// by brings single periods to those that end in some months: of a flow their sums, else
// the values of those months.
func (p *surprises) by(ends []int) []float64 {
	if slices.Equal(ends, p.ends) {
		return p.values
	}
	years := len(p.values) / max(len(p.ends), 1)
	out := make([]float64, 0, years*len(ends))
	for y := range years {
		before := 0.0
		for _, m := range ends {
			v := math.NaN()
			if at := slices.Index(p.ends, m); at >= 0 {
				v = p.values[y*len(p.ends)+at]
				if p.sums != nil {
					sum := p.sums[y*len(p.ends)+at]
					v, before = sum-before, sum
				}
			}
			out = append(out, v)
		}
	}
	return out
}

// changes are the surprises from a year on.
func (p *surprises) changes(from int, ends []int) []float64 {
	values := p.by(ends)
	var list []float64
	if p.growth {
		list = make([]float64, len(values))
		for i := range list {
			if list[i] = math.NaN(); i > 0 {
				list[i] = values[i] - values[i-1]
			}
		}
	} else {
		list = forecast.Changes(values, len(ends))
	}
	return list[min((from-p.first)*len(ends), len(list)):]
}

// related is how far two pasts went together.
func related(a, b *surprises) float64 {
	ends := a.ends
	if !slices.Equal(a.ends, b.ends) {
		ends = quarterEnds
	}
	from := max(a.first, b.first)
	return forecast.Related(a.changes(from, ends), b.changes(from, ends))
}

func numbers(list []int64) []float64 {
	out := make([]float64, len(list))
	for i, v := range list {
		out[i] = math.NaN()
		if there(v) {
			out[i] = float64(v)
		}
	}
	return out
}

func (r *series) surprises() surprises {
	return surprises{first: r.first, ends: r.ends, values: numbers(r.single), sums: numbers(r.sum)}
}

func (r *standing) surprises(growth bool) surprises {
	return surprises{first: r.first, ends: r.ends, values: numbers(r.value), growth: growth}
}

// growingOf is the growth of a sum of the year, nil where there is no base.
func (d *desk) growingOf(r *series, o *forecast.Outlook, node, places int, closed bool) *growing {
	base, _, _, ok := d.base(r, node, places)
	if !ok {
		return nil
	}
	return &growing{forecast.Linear(o, 100/base, -100), closed, r.surprises(), false}
}

// levelGrowing is the growth of what does not add up: the growth itself where that is
// what is foreseen, else that of the year's end over the last.
func (d *desk) levelGrowing(r *standing, o *forecast.Level, node, places int) *growing {
	g := &growing{past: r.surprises(d.in.Kind == luoshi.Growth)}
	at := len(r.ends)
	if last := len(o.Steps) - 1; last >= 0 && places < at {
		g.of = o.At(last)
	} else {
		g.of, g.settled = forecast.Settled(r.at(r.year, at)), true
	}
	if d.in.Kind == luoshi.Growth {
		g.of = forecast.Linear(g.of, math.Pow10(-d.in.Decimals), 0)
		return g
	}
	base := r.at(r.year-1, at)
	if !there(base) || base <= 0 {
		return nil
	}
	g.of = forecast.Linear(g.of, 100/float64(base), -100)
	return g
}

// growing is the growth of an indicator's year at a node, nil where it cannot be told.
func (d *desk) growing(node int) *growing {
	if !d.adds() {
		return d.levelOnly(node)
	}
	r := d.sn.seriesOf(d.cube, d.in, node)
	places, apart := r.now()
	if d.unfit().Key != "" || d.tooLittle(r, places, apart).Key != "" {
		if r.growth {
			return d.levelOnly(node)
		}
		return nil
	}
	o, _, err := d.ask(&d.caster, r, node, places)
	if err != nil {
		return nil
	}
	v := &OutlookView{}
	d.agree(v, &o, r, node)
	_, whole := r.sumTo(r.year, places)
	return d.growingOf(r, &o, node, places, len(o.Steps) == 0 && whole)
}

func (d *desk) levelOnly(node int) *growing {
	r := d.standingOf(node)
	if r.growth {
		by := *d
		by.in = inGrowth(d.in, r.decimals)
		d = &by
	}
	places := r.now()
	o, err := d.caster.Level(r.until(r.year, places), r.year, r.nature)
	if err != nil {
		return nil
	}
	return d.levelGrowing(r, &o, node, places)
}

// relate finds how likely a growth comes out above that of another series, or below it
// where less is wanted, by at least as many points as were promised.
func (d *desk) relate(p *promise, t luoshi.Target, own *growing) {
	name := d.sn.referenceName(t)
	lacks := luoshi.Say("outlook.note.relative_lacks", "reference", name)
	at, here := d.sn.tree.Find(t.Reference.Unit)
	desk := d
	if t.Reference.Indicator != d.in.Code {
		if d.other == nil {
			here = false
		} else if other, err := d.other(t.Reference.Indicator); err == nil {
			desk = other
		} else {
			here = false
		}
	}
	if own == nil || !here {
		p.notes = append(p.notes, lacks)
		return
	}
	other := desk.growing(at)
	if other == nil {
		p.notes = append(p.notes, lacks)
		return
	}
	by := 0.0
	if t.Value.Valid {
		by, _ = t.Value.Decimal.Float64()
	}
	key := "outlook.goal.relative"
	if assess.Wants(d.in) < 0 {
		by, key = -by, "outlook.goal.relative_less"
	}
	rho := related(&own.past, &other.past)
	chance := forecast.Against(other.of).Chance(own.of, rho, func(b float64) float64 { return b + by })
	if assess.Wants(d.in) < 0 {
		chance = 1 - chance
	}
	p.goal = luoshi.Say(key, "reference", name)
	if t.Value.Valid && !t.Value.Decimal.IsZero() {
		p.goal = luoshi.Say(key+"_by", "reference", name, "by", t.Value)
	}
	p.odds = thousandths(chance)
	if own.settled && other.settled {
		p.odds, p.standing = luoshi.Over(0, 1000), OutlookLost
		if chance >= 0.5 {
			p.odds, p.standing = luoshi.Over(1000, 1000), OutlookMet
		}
	}
	growth := func(g *growing) luoshi.NullQuantity { return atOneDecimal(g.of.Quantile(0.5)) }
	p.notes = append(p.notes, luoshi.Say("outlook.note.relative", "own", growth(own), "reference", name, "other", growth(other), "related", int(math.Round(100*rho))))
}

// atOneDecimal is a foreseen growth as it is shown.
func atOneDecimal(x float64) luoshi.NullQuantity {
	if math.IsNaN(x) || math.Abs(x) > 1e6 {
		return luoshi.NullQuantity{}
	}
	return luoshi.Unscaled(int64(math.Round(x*10)), 1)
}

// judged takes over the chance of a target that was held against another series.
func (v *OutlookView) judged(p promise) {
	if !p.odds.OK() {
		return
	}
	v.Chance = p.odds
	if p.standing != "" && v.Standing != OutlookClosed {
		v.Standing = p.standing
	}
}
