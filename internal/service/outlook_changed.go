package service

import (
	"cmp"
	"context"
	"slices"
	"time"

	"luoshi.dev"
)

// OutlookChanged is how an outlook differs from what it said a month before, and why.
// The parts add up to the whole difference, of the expected total and of the chance.
type OutlookChanged struct {
	Since  time.Time           `json:"since"`
	Shown  bool                `json:"shown"` // what was said then was kept; else it was calculated for this
	behind bool                // it had not seen all figures of its day: they count as having come since
	Total  luoshi.NullQuantity `json:"total"` // then
	Chance luoshi.Ratio        `json:"chance"`
	By     luoshi.NullQuantity `json:"by"`     // total now − then
	Points int                 `json:"points"` // chance now − then, in thousandths; 0 where one of the two has none
	Judged bool                `json:"judged"` // both have a chance
	Parts  []OutlookPart       `json:"parts"`  // what moved something, in the order in which it is taken
	News   []OutlookNews       `json:"news"`   // the periods that have come
	Says   luoshi.Message      `json:"-"`
}

// OutlookCause is why an outlook has changed.
type OutlookCause string

// The causes, in the order in which they are taken.
const (
	CauseMethod  OutlookCause = "method"  // it is made in another way than then
	CauseRevised OutlookCause = "revised" // figures of periods known then were revised
	CauseNew     OutlookCause = "new"     // further periods have come
	CauseTarget  OutlookCause = "target"  // the target was revised
	CauseOthers  OutlookCause = "others"  // other units, with which it agrees, have moved
)

// OutlookPart is what one cause has moved.
type OutlookPart struct {
	Cause  OutlookCause        `json:"cause"`
	Total  luoshi.NullQuantity `json:"total"`
	Points int                 `json:"points"` // in thousandths
}

// OutlookNews is a period that has come since: what it was expected to be, and what
// it was.
type OutlookNews struct {
	Period   luoshi.Period       `json:"period"`
	Expected luoshi.NullQuantity `json:"expected"`
	Came     luoshi.NullQuantity `json:"came"`
	By       luoshi.NullQuantity `json:"by"`
}

// fewUnits is the size of a tree up to which a past agreement is made again for
// comparing.
const fewUnits = 200

// changed compares an outlook with that of a month before, at the same unit by the
// same boundaries. It is nil where one of the two has none.
func (s *Service) changed(ctx context.Context, d *desk, v *OutlookView, node int) (*OutlookChanged, error) {
	then := luoshi.DateOf(d.sn.asOf).AddMonths(-1).End()
	if v.Why.Key != "" || !v.Total.Valid || then.Year() < d.sn.year {
		return nil, nil
	}
	was, err := s.deskThen(ctx, d, then)
	if err != nil {
		return nil, err
	}
	own := was.say(node, nil)
	if own.Why.Key != "" || !own.Total.Valid || own.Level != v.Level || own.Growth != v.Growth || own.Indicator.Decimals != v.Indicator.Decimals {
		return nil, nil
	}
	c := &OutlookChanged{Since: then}
	first, agreed, err := s.saidThen(ctx, c, was, own, node, v.Indicator.Decimals)
	if err != nil {
		return nil, err
	}
	before := d.sn.target(d.in.Code, node, was.sn)
	revised := d.as(before, node, was.placesOf(node), was.leaders)
	arrived := d.as(before, node, -1, d.leaders)
	alone := d.as(d.sn.targets[targetAt{d.in.Code, d.sn.tree.Nodes[node].ID}], node, -1, d.leaders)
	worked := v.Drawn()
	steps := []saying{first, agreed, sayingOf(own), revised, arrived, alone, {worked.Total, worked.Chance}, sayingOf(v)}
	for _, one := range steps {
		if !one.total.Valid {
			return nil, nil
		}
	}
	c.Total, c.Chance = first.total, first.chance
	c.By = minus(v.Total, first.total)
	c.Judged = first.chance.OK() && v.Chance.OK()
	last := d.apart(v, node)
	add := func(cause OutlookCause, pairs ...int) {
		if cause == last {
			pairs = append(pairs, 6)
		}
		part := OutlookPart{Cause: cause, Total: luoshi.Unscaled(0, v.Indicator.Decimals)}
		for _, at := range pairs {
			part.Total = plus(part.Total, minus(steps[at+1].total, steps[at].total))
			part.Points += thousands(steps[at+1].chance) - thousands(steps[at].chance)
		}
		if !c.Judged {
			part.Points = 0
		}
		if part.Points != 0 || part.Total.Valid && !part.Total.Decimal.IsZero() {
			c.Parts = append(c.Parts, part)
		}
	}
	if c.behind {
		add(CauseRevised, 2)
		add(CauseNew, 0, 3)
	} else {
		add(CauseMethod, 0)
		add(CauseRevised, 2)
		add(CauseNew, 3)
	}
	add(CauseTarget, 4)
	add(CauseOthers, 1, 5)
	if c.Judged {
		c.Points = thousands(v.Chance) - thousands(first.chance)
	}
	c.news(own, v)
	c.say(v)
	return c, nil
}

// apart is why what was kept by a past instant is not what is worked out for it: it was
// made in another way, from less, or before the others had moved. "" = it is the same.
func (d *desk) apart(v *OutlookView, node int) OutlookCause {
	switch t := d.sn.targets[targetAt{d.in.Code, d.sn.tree.Nodes[node].ID}]; {
	case v.Worked == nil:
		return ""
	case v.Kept.Method != outlookMethod:
		return CauseMethod
	case t != nil && t.Revision != v.Kept.Revision:
		return CauseTarget
	case v.Kept.inputs == d.inputs(d.sn.seriesOf(d.cube, d.in, node), node):
		return CauseOthers
	case v.Worked.Through.To != v.Kept.Through.To:
		return CauseNew
	}
	return CauseRevised
}

// saying is what of an outlook is compared.
type saying struct {
	total  luoshi.NullQuantity
	chance luoshi.Ratio
}

func sayingOf(v *OutlookView) saying { return saying{v.Total, v.Chance} }

func thousands(r luoshi.Ratio) int {
	if !r.OK() {
		return 0
	}
	return int(1000 * r.Num / r.Den)
}

func plus(a, b luoshi.NullQuantity) luoshi.NullQuantity {
	if !a.Valid || !b.Valid {
		return luoshi.NullQuantity{}
	}
	sum, err := a.Decimal.Add(b.Decimal)
	if err != nil {
		return luoshi.NullQuantity{}
	}
	return luoshi.Some(sum)
}

// deskThen is the desk of an earlier instant, by the boundaries of today's, for which
// only what the indicator rests on is read.
func (s *Service) deskThen(ctx context.Context, d *desk, then time.Time) (*desk, error) {
	sn := *d.sn
	sn.asOf, sn.sheet = then, newSheet(d.sn)
	p := *d.sn.plan
	p.targets = slices.DeleteFunc(slices.Clone(p.targets), func(t luoshi.Target) bool { return t.Indicator != d.in.Code || t.RecordedAt.After(then) })
	sn.plan = &p
	sn.targets = sn.targetsInForce()
	sn.problems = slices.Clip(sn.problems)
	cube := d.cube.Fork()
	for _, code := range d.sn.cube.Needs(d.in.Code) {
		years := d.cube.Years(code)
		for _, year := range years {
			if err := s.fetch(ctx, &sn, cube, yearKey{code, year}); err != nil {
				return nil, err
			}
		}
	}
	sn.cube = cube
	was := &desk{sn: &sn, in: d.in, cube: cube, other: d.other}
	for _, l := range d.leaders {
		then := l.cube.Fork()
		for _, code := range then.Needs(l.in.Code) {
			for _, year := range then.Years(code) {
				if err := s.fetch(ctx, &sn, then, yearKey{code, year}); err != nil {
					return nil, err
				}
			}
		}
		was.leaders = append(was.leaders, leader{l.in, then})
	}
	return was, nil
}

// say makes an outlook on its own, or in an accord.
func (d *desk) say(node int, l *accord) *OutlookView {
	by := *d
	by.accord, by.made = l, nil
	v := &OutlookView{}
	by.outlook(v, node)
	return v
}

// saidThen is what was said then: as kept, else as calculated now; and, after it, what
// would be said of then by today's method.
func (s *Service) saidThen(ctx context.Context, c *OutlookChanged, was *desk, own *OutlookView, node, decimals int) (first, agreed saying, err error) {
	if was.adds() && was.in.Additive() && was.sn.tree.Len() <= fewUnits {
		l, err := was.all()
		if err != nil {
			return first, agreed, err
		}
		agreed = sayingOf(was.say(node, l))
	} else {
		agreed = sayingOf(own)
	}
	first = agreed
	if !was.sn.ownBoundaries() {
		return first, agreed, nil
	}
	trail, err := s.store.OutlookTrail(ctx, was.in.Code, was.sn.year, was.sn.tree.Nodes[node].ID, was.sn.asOf)
	if err != nil || len(trail) == 0 {
		return first, agreed, err
	}
	o := trail[len(trail)-1]
	shown := shownOf(was.sn.year, o)
	if o.Why != "" || !shown.Total.Valid || o.Scale != decimals || o.Growth != own.Growth {
		return first, agreed, nil
	}
	c.Shown = !o.After
	first = saying{shown.Total, shown.Chance}
	same := o.Inputs == was.inputs(was.sn.seriesOf(was.cube, was.in, node), node) // the same data by the same method
	if same {
		agreed = first
	}
	c.behind = !same && o.Method == outlookMethod
	return first, agreed, nil
}

// target is the target that was in force at another snapshot of the same tree.
func (sn *snapshot) target(code string, node int, at *snapshot) *luoshi.Target {
	return at.targets[targetAt{code, sn.tree.Nodes[node].ID}]
}

// placesOf is how many periods of the year are known.
func (d *desk) placesOf(node int) int {
	r := d.sn.seriesOf(d.cube, d.in, node)
	if places, _ := r.now(); d.adds() && r.knownBefore(r.year+1) >= len(r.ends) {
		return places
	}
	return d.standingOf(node).now()
}

// as makes today's outlook on its own by another target, of no more than the first
// places of the year where that is not below zero.
func (d *desk) as(t *luoshi.Target, node, places int, leaders []leader) saying {
	sn := *d.sn
	sn.targets = map[targetAt]*luoshi.Target{}
	if t != nil {
		sn.targets[targetAt{d.in.Code, sn.tree.Nodes[node].ID}] = t
	}
	by := *d
	by.sn, by.accord, by.made, by.cut, by.leaders = &sn, nil, nil, places+1, leaders
	v := &OutlookView{}
	by.outlook(v, node)
	return sayingOf(v)
}

// cutTo forgets what is known of the year after its first places.
func (r *series) cutTo(places int) {
	start := len(r.single) - len(r.ends)
	for at := places; at < len(r.ends); at++ {
		r.single[start+at], r.sum[start+at], r.shared[start+at], r.fitted[start+at] = luoshi.Missing, luoshi.Missing, false, false
	}
}

func (r *standing) cutTo(places int) {
	start := len(r.value) - len(r.ends)
	for at := places; at < len(r.ends); at++ {
		r.value[start+at] = luoshi.Missing
	}
}

// news lists the periods that were to come and have.
func (c *OutlookChanged) news(was, now *OutlookView) {
	for _, step := range was.Steps {
		i := slices.IndexFunc(now.Past, func(p OutlookPast) bool { return p.Period == step.Period && p.Value.Valid })
		if i < 0 {
			continue
		}
		c.News = append(c.News, OutlookNews{step.Period, step.Value.Value, now.Past[i].Value, minus(now.Past[i].Value, step.Value.Value)})
	}
}

// Main is the part that counts most: by chance, else by total.
func (c *OutlookChanged) Main() (OutlookPart, bool) {
	if len(c.Parts) == 0 {
		return OutlookPart{}, false
	}
	size := func(p OutlookPart) float64 {
		if c.Judged && c.Points != 0 {
			return float64(max(p.Points, -p.Points))
		}
		f, _ := p.Total.Decimal.Abs().Float64()
		return f
	}
	return slices.MaxFunc(c.Parts, func(a, b OutlookPart) int { return cmp.Compare(size(a), size(b)) }), true
}

// say puts it in one sentence.
func (c *OutlookChanged) say(v *OutlookView) {
	part, moved := c.Main()
	key := "outlook.changed.still"
	switch {
	case !moved:
	case c.Judged && c.Points > 0:
		key = "outlook.changed.up"
	case c.Judged && c.Points < 0:
		key = "outlook.changed.down"
	case c.Judged:
		key = "outlook.changed.same"
	default:
		key = "outlook.changed.total"
	}
	c.Says = luoshi.Say(key, "since", luoshi.DateOf(c.Since), "from", ChanceSays(c.Chance), "to", ChanceSays(v.Chance), "was", c.Total, "is", v.Total,
		"measure", v.Says.Args["measure"], "cause", luoshi.Say("outlook.cause."+string(part.Cause)))
}

// OutlookMove is how far one target's outlook has moved in a month, as kept.
type OutlookMove struct {
	Indicator IndicatorHead       `json:"indicator"`
	Was       luoshi.Ratio        `json:"was"` // chance
	Is        luoshi.Ratio        `json:"is"`
	WasTotal  luoshi.NullQuantity `json:"was_total"`
	IsTotal   luoshi.NullQuantity `json:"is_total"`
	Points    int                 `json:"points"`  // chance, in thousandths
	Revised   bool                `json:"revised"` // the target was
}

// MovesShown is how many targets are listed that have moved.
const MovesShown = 5

// moves lists the targets whose chance has moved most since a month before, by what is
// kept.
func (s *Service) moves(ctx context.Context, sn *snapshot, node int, rows []OutlookOf) ([]OutlookMove, error) {
	then := luoshi.DateOf(sn.asOf).AddMonths(-1).End()
	if !sn.ownBoundaries() || then.Year() < sn.year {
		return nil, nil
	}
	var list []OutlookMove
	unit := []luoshi.UnitID{sn.tree.Nodes[node].ID}
	for _, r := range rows {
		if !r.Chance.OK() {
			continue
		}
		kept, err := s.store.Outlooks(ctx, r.Indicator.Code, sn.year, then, unit)
		if err != nil {
			return nil, err
		}
		if len(kept) == 0 || kept[0].Chance < 0 {
			continue
		}
		was := shownOf(sn.year, kept[0])
		m := OutlookMove{Indicator: r.Indicator, Was: was.Chance, Is: r.Chance, WasTotal: was.Total, IsTotal: r.Total, Points: thousands(r.Chance) - thousands(was.Chance)}
		if t := sn.targets[targetAt{r.Indicator.Code, unit[0]}]; t != nil {
			m.Revised = t.Revision != was.Revision
		}
		if m.Points != 0 {
			list = append(list, m)
		}
	}
	slices.SortStableFunc(list, func(a, b OutlookMove) int { return cmp.Compare(max(b.Points, -b.Points), max(a.Points, -a.Points)) })
	return list[:min(len(list), MovesShown)], nil
}
