package service

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"luoshi.dev"
	"luoshi.dev/assess"
	"luoshi.dev/forecast"
	"luoshi.dev/rollup"
)

// Outlook answers where the year of an indicator will land at a unit.
func (s *Service) Outlook(ctx context.Context, q OutlookQuery) (*OutlookView, error) {
	return keptShown(ctx, s, q.Look, s.then(q.Look, "outlook "+q.Code), func(ctx context.Context, sn *snapshot) (*OutlookView, error) {
		v := &OutlookView{}
		node, in, err := s.foreseen(ctx, sn, q, &v.Frame)
		if err != nil || node < 0 {
			return v, err
		}
		d, err := s.foresee(ctx, sn, q.Look, in)
		if err != nil {
			return nil, err
		}
		r := d.outlook(v, node)
		if err = s.said(ctx, sn, q.Look, v, node); err != nil {
			return nil, err
		}
		if v.Changed, err = s.changed(ctx, d, v, node); err != nil {
			return nil, err
		}
		v.Backtest = d.backtest(r, node)
		if v.test != nil {
			v.Backtest, v.test = v.test(), nil
		}
		v.Sample = v.History.Sample > 0
		return v, nil
	})
}

// OutlookList answers the same for a unit and the areas directly below it, the least
// likely first.
func (s *Service) OutlookList(ctx context.Context, q OutlookQuery) (*OutlookList, error) {
	return keptThen(ctx, s, q.Look, "outlooks "+q.Code, func(ctx context.Context, sn *snapshot) (*OutlookList, error) {
		list := &OutlookList{}
		node, in, err := s.foreseen(ctx, sn, q, &list.Frame)
		if err != nil || node < 0 {
			return list, err
		}
		d, err := s.foresee(ctx, sn, q.Look, in)
		if err != nil {
			return nil, err
		}
		list.Indicator = headOf(in)
		said, err := s.asSaid(ctx, sn, q.Look, q.Code, append([]int{node}, sn.areas(node)...))
		if err != nil {
			return nil, err
		}
		row := func(node int) OutlookRow {
			v := &OutlookView{}
			d.outlook(v, node)
			said.of(v, node)
			list.Sample = list.Sample || v.History.Sample > 0
			return rowOf(sn.ref(node), v)
		}
		list.Sample = false
		list.Whole = row(node)
		list.AddUp = d.accord.sums[node] == sumWhole
		for _, child := range sn.areas(node) {
			list.Rows = append(list.Rows, row(child))
			list.Tally.add(list.Rows[len(list.Rows)-1])
		}
		list.AddUp = list.AddUp && (!said.past || list.sums())
		slices.SortStableFunc(list.Rows, byChance)
		return list, nil
	})
}

// byChance puts the least likely first, then what has no chance, then what has no
// outlook.
func byChance(a, b OutlookRow) int {
	class := func(r OutlookRow) int {
		switch {
		case r.Chance.OK():
			return 0
		case r.Why.Key == "":
			return 1
		}
		return 2
	}
	if c := cmp.Compare(class(a), class(b)); c != 0 || !a.Chance.OK() {
		return c
	}
	return a.Chance.Cmp(b.Chance)
}

func rowOf(unit UnitRef, v *OutlookView) OutlookRow {
	return OutlookRow{
		OutlookNumbers: v.numbers(), Unit: unit, Origin: v.Origin, Derived: v.Derived, Alone: v.Alone, Level: v.Level, Growth: v.Growth, Sample: v.History.Sample > 0,
	}
}

// sums reports whether the totals of the rows are the whole's, exactly.
func (l *OutlookList) sums() bool {
	sum := luoshi.Unscaled(0, l.Indicator.Decimals)
	for _, r := range l.Rows {
		sum = plus(sum, r.Total)
	}
	return sum.Valid && l.Whole.Total.Valid && sum.Decimal.Cmp(l.Whole.Total.Decimal) == 0
}

func (v *OutlookView) weight() int { return 300 * (len(v.Past) + 2*len(v.Steps) + len(v.Methods)) }

func (s *OutlookSheet) weight() int { return 1200 * len(s.Rows) }

func (l *OutlookList) weight() int { return 900 * len(l.Rows) }

// foreseen finds what an outlook is asked about; the node is -1 in an empty database.
func (s *Service) foreseen(ctx context.Context, sn *snapshot, q OutlookQuery, frame *Frame) (node int, in luoshi.Indicator, err error) {
	if node, err = sn.unitOf(q.Unit); err != nil {
		return node, in, err
	}
	if *frame, err = s.frame(ctx, sn, node); err != nil || node < 0 {
		return node, in, err
	}
	in, err = sn.measured(q.Code)
	return node, in, err
}

// desk makes the outlooks of one indicator.
type desk struct {
	sn      *snapshot
	in      luoshi.Indicator
	cube    *rollup.Cube
	caster  forecast.Forecaster
	accord  *accord                          // of all units together
	leaders []leader                         // indicators that run ahead
	top     float64                          // what a level cannot pass
	other   func(code string) (*desk, error) // the desk of another indicator
	made    []ground                         // by node, where some are at hand already
	leaves  *leaves                          // what is remembered of all units, nil = nothing
	cut     int                              // 0, or one more than the periods of the year that are looked at
}

// own is what a unit's own series says.
func (d *desk) own(r *series, node, places int) (forecast.Outlook, []forecast.Led, error) {
	if node < len(d.made) && d.made[node].o != nil {
		return *d.made[node].o, d.made[node].led, nil
	}
	return d.ask(&d.caster, r, node, places)
}

// foresee is the desk of an indicator, whose units have agreed.
func (s *Service) foresee(ctx context.Context, sn *snapshot, look Look, in luoshi.Indicator) (*desk, error) {
	cube, err := s.pastCube(ctx, sn, look, in.Code)
	if err != nil {
		return nil, err
	}
	d, err := s.desk(ctx, sn, look, in, cube)
	if err != nil {
		return nil, err
	}
	d.accord, err = s.accord(ctx, sn, look, d)
	return d, err
}

// desk is the same before they have.
func (s *Service) desk(ctx context.Context, sn *snapshot, look Look, in luoshi.Indicator, cube *rollup.Cube) (*desk, error) {
	d := &desk{sn: sn, in: in, cube: cube}
	if look.AsOf.IsZero() || s.settle(look).AsOf.Equal(s.settle(Look{}).AsOf) { // of the present alone, which the refresher remembers, too
		d.leaves = &s.refresher.leaves
	}
	d.other = func(code string) (*desk, error) {
		in, err := sn.measured(code)
		if err != nil {
			return nil, err
		}
		return s.foresee(ctx, sn, look, in)
	}
	var err error
	d.leaders, err = s.leaders(ctx, sn, look, in.Code)
	return d, err
}

// outlook fills a view in, but for its frame and back-test, and returns the series
// that it rests on.
func (d *desk) outlook(v *OutlookView, node int) *series {
	v.Indicator, v.Standing = headOf(d.in), OutlookOpen
	c := d.sn.caseOf(d.in.Code, node)
	if c.Target != nil {
		v.Promise = assess.Promise(d.in, *c.Target, d.sn.referenceName(*c.Target))
	}
	if !d.adds() {
		d.level(v, node, c)
		return nil
	}
	if v.Why = d.unfit(); v.Why.Key != "" {
		return nil
	}
	r := d.sn.seriesOf(d.cube, d.in, node)
	if d.cut > 0 {
		r.cutTo(d.cut - 1)
	}
	d.past(v, r, node)
	places, apart := r.now()
	if v.Why = d.tooLittle(r, places, apart); v.Why.Key != "" {
		return d.instead(v, r, node, c)
	}
	o, led, err := d.own(r, node, places)
	if err != nil {
		v.Why = luoshi.Say("outlook.none.history", "indicator", d.in.Names)
		if errors.Is(err, forecast.ErrFar) {
			v.Why = luoshi.Say("outlook.none.far", "indicator", d.in.Names)
		}
		return r
	}
	known := d.reach(v, &o, r, node, places)
	p := d.promise(v, r, node, c, places)
	if c.Target != nil && c.Target.Form == luoshi.FormRelative {
		d.relate(&p, *c.Target, d.growingOf(r, &o, node, places, v.Standing == OutlookClosed))
	}
	v.judge(r, &o, p, known)
	d.steps(v, r, &o, c, known)
	d.methods(v, &o)
	d.notes(v, r, &o)
	d.led(v, led)
	v.Notes = append(v.Notes, d.agreed(v, node)...)
	v.Notes = append(v.Notes, p.notes...)
	v.say(d.in, p)
	return r
}

// unfit says why an indicator can have no sum of its year foreseen.
func (d *desk) unfit() luoshi.Message {
	switch {
	case !d.adds():
		return luoshi.Say("outlook.none.kind", "indicator", d.in.Names, "kind", d.in.Kind)
	case len(d.in.Calendar.Ends()) < 4:
		return luoshi.Say("outlook.none.calendar", "indicator", d.in.Names, "calendar", d.in.Calendar)
	}
	return luoshi.Message{}
}

// adds reports whether the periods of a year add up to it.
func (d *desk) adds() bool { return d.in.Kind == luoshi.Flow && d.in.OverTime == luoshi.TimeSum }

// instead tells of a flow without amounts by its published growth, where there is
// enough of it; else why there is no outlook.
func (d *desk) instead(v *OutlookView, r *series, node int, c assess.Case) *series {
	if !r.growth {
		return r
	}
	grown := OutlookView{Indicator: v.Indicator, Promise: v.Promise, Standing: v.Standing}
	d.level(&grown, node, c)
	switch {
	case !grown.Growth:
		return r
	case grown.Why.Key == "outlook.none.values":
		v.Why = luoshi.Say("outlook.none.growths", "indicator", d.in.Names, "have", grown.History.Periods, "need", 4)
		return r
	case grown.Why.Key != "":
		return r
	}
	grown.Frame = v.Frame
	*v = grown
	return nil
}

// tooLittle says why a past is no ground for an outlook: it should have a whole
// year of periods.
func (d *desk) tooLittle(r *series, places int, apart bool) luoshi.Message {
	n := r.knownBefore(r.year + 1)
	switch {
	case n == 0 && r.growth && !slices.ContainsFunc(r.sum, there):
		return luoshi.Say("outlook.none.growth", "indicator", d.in.Names)
	case !apart:
		return luoshi.Say("outlook.none.months", "indicator", d.in.Names, "period", luoshi.ToDate(r.year, r.ends[places-1]))
	case n < len(r.ends):
		return luoshi.Say("outlook.none.short", "indicator", d.in.Names, "have", n, "need", len(r.ends))
	}
	return luoshi.Message{}
}

// exact is a known number as it is published.
func (d *desk) exact(n int64) luoshi.NullQuantity { return luoshi.Unscaled(n, d.in.Decimals) }

// most bounds what is shown: beyond it a float has no last place.
const most = 1 << 53

// rounded is a foreseen number at the published precision: here exact numbers end.
func (d *desk) rounded(x float64) luoshi.NullQuantity {
	if math.IsNaN(x) || math.Abs(x) > most {
		return luoshi.NullQuantity{}
	}
	return luoshi.Unscaled(int64(math.Round(x)), d.in.Decimals)
}

// reach fills in what is known after so many places of the year, which it returns, and
// where the year is expected to end.
func (d *desk) reach(v *OutlookView, o *forecast.Outlook, r *series, node, places int) int64 {
	known, whole := r.sumTo(r.year, places)
	v.Estimated = !whole
	if places > 0 {
		v.Known, v.Through = d.exact(known), luoshi.ToDate(r.year, r.ends[places-1])
	}
	d.agree(v, o, r, node)
	d.land(v, o, known)
	return known
}

// land fills in where the year is expected to end.
func (d *desk) land(v *OutlookView, o *forecast.Outlook, known int64) {
	if len(o.Steps) == 0 && !v.Estimated {
		v.Standing = OutlookClosed
		v.Total = d.exact(known)
		v.Low80, v.High80, v.Low95, v.High95 = v.Total, v.Total, v.Total, v.Total
		return
	}
	v.Total = d.rounded(o.Total)
	v.Low80, v.High80 = d.interval(o.Interval(0.8))
	v.Low95, v.High95 = d.interval(o.Interval(0.95))
}

func (d *desk) interval(low, high float64) (luoshi.NullQuantity, luoshi.NullQuantity) {
	return d.rounded(low), d.rounded(high)
}

// steps fills in the periods to come. A period's value is the difference of the
// rounded sums, so that the column adds up.
func (d *desk) steps(v *OutlookView, r *series, o *forecast.Outlook, c assess.Case, known int64) {
	course := assess.CourseOf(c)
	before := d.exact(known)
	if v.Estimated {
		before = d.rounded(o.Known + o.Filled)
	}
	for i, step := range o.Steps {
		p := r.period(r.year, step.Place-1)
		one := OutlookStep{Period: p}
		one.Sum.Value = d.rounded(step.Sum)
		one.Sum.Low80, one.Sum.High80 = d.interval(o.SumInterval(i, 0.8))
		one.Sum.Low95, one.Sum.High95 = d.interval(o.SumInterval(i, 0.95))
		one.Value.Value = minus(one.Sum.Value, before)
		one.Value.Low80, one.Value.High80 = d.interval(o.StepInterval(i, 0.8))
		one.Value.Low95, one.Value.High95 = d.interval(o.StepInterval(i, 0.95))
		if c.Target != nil && !course.Growth {
			one.Asked = shownAs(course.Asked[p.To-1], false, d.in.Decimals)
		}
		before = one.Sum.Value
		v.Steps = append(v.Steps, one)
	}
}

func (d *desk) methods(v *OutlookView, o *forecast.Outlook) {
	for _, m := range o.Views {
		v.Methods = append(v.Methods, OutlookMethod{m.Method, d.rounded(m.Total), m.Lean})
	}
	slices.SortStableFunc(v.Methods, func(a, b OutlookMethod) int { return cmp.Compare(math.Abs(b.Lean), math.Abs(a.Lean)) })
}

// past fills in the periods that the outlook goes by.
func (d *desk) past(v *OutlookView, r *series, node int) {
	season := len(r.ends)
	lead, last := -1, -1
	for i, value := range r.single {
		if there(value) {
			last = i
			if lead < 0 {
				lead = i
			}
		}
	}
	if lead < 0 {
		return
	}
	h := &v.History
	h.First, h.Last = r.period(r.first+lead/season, lead%season), r.period(r.first+last/season, last%season)
	for i := lead; i <= last; i++ {
		year := r.first + i/season
		one := OutlookPast{Period: r.period(year, i%season), Value: d.exact(r.single[i]), Sum: d.exact(r.sum[i]), Shared: r.shared[i]}
		if !there(r.single[i]) {
			h.Missing++
			v.Past = append(v.Past, one)
			continue
		}
		h.add(&one, d.cube.Value(d.in.Code, node, luoshi.ToDate(year, one.Period.To), luoshi.Cumulative))
		v.Past = append(v.Past, one)
	}
}

// add counts a known period, and marks it by what is known of its figure.
func (h *OutlookHistory) add(one *OutlookPast, known rollup.Value) {
	h.Periods++
	one.Open, one.Sample = known.Status == luoshi.Flash || known.Status == luoshi.Preliminary, known.Sample
	if one.Open {
		h.Open++
	}
	if one.Sample {
		h.Sample++
	}
}

// notes says what was done to the series and must be known about it.
func (d *desk) notes(v *OutlookView, r *series, o *forecast.Outlook) {
	say := func(key string, pairs ...any) { v.Notes = append(v.Notes, luoshi.Say("outlook.note."+key, pairs...)) }
	if r.joined {
		say("joined")
	}
	if n := v.sharedOut(); n > 0 {
		say("shared", "n", n)
	}
	if n := r.unlike(); n > 0 {
		say("fitted", "n", n)
	}
	unit := assess.AfterNumber(d.in.Measure)
	for _, n := range o.Notes {
		switch n.Kind {
		case forecast.Joined:
			say("joined")
		case forecast.Filled:
			say("filled", "period", r.period(n.Year, n.Place-1), "became", d.rounded(n.Became), "measure", unit)
		case forecast.Outlier:
			say("outlier", "period", r.period(n.Year, n.Place-1), "was", d.rounded(n.Was), "became", d.rounded(n.Became), "measure", unit)
		case forecast.Shift:
			say("shift", "period", r.period(n.Year, n.Place-1))
		case forecast.Short:
			say("short")
		case forecast.NoLog:
			say("no_log")
		}
	}
	if low, high, far := v.apart(); far {
		say("apart", "low", low, "high", high, "measure", unit)
	}
	if v.History.Open > 0 {
		say("open", "n", v.History.Open)
	}
	if v.History.Sample > 0 {
		say("sample", "n", v.History.Sample)
	}
}

// apart reports that the methods disagree by more than the interval of 95 in 100 is
// wide, and from where to where.
func (v *OutlookView) apart() (low, high luoshi.NullQuantity, far bool) {
	for _, m := range v.Methods {
		if !m.Total.Valid {
			continue
		}
		if !low.Valid || m.Total.Decimal.Cmp(low.Decimal) < 0 {
			low = m.Total
		}
		if !high.Valid || m.Total.Decimal.Cmp(high.Decimal) > 0 {
			high = m.Total
		}
	}
	wide, between := minus(v.High95, v.Low95), minus(high, low)
	return low, high, wide.Valid && between.Valid && between.Decimal.Cmp(wide.Decimal) > 0
}

func (v *OutlookView) sharedOut() (n int) {
	for _, p := range v.Past {
		if p.Shared {
			n++
		}
	}
	return n
}
