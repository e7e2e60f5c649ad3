package service

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"luoshi.dev"
	"luoshi.dev/assess"
	"luoshi.dev/forecast"
)

// standing is an indicator's past at a unit that does not add up: a stock, a rate, an
// index, or the growth that was published of what has no amounts.
type standing struct {
	first, year int
	ends        []int
	value       []int64 // at decimals; Missing where not known
	basis       luoshi.Basis
	nature      forecast.Nature
	growth      bool // the values are published growth, in percent
	decimals    int  // of growth
}

// shorten brings growths to the fewest decimals that show all of them, one at least,
// and says how many.
func shorten(growths [][12]int64) int {
	decimals, step := 1, int64(math.Pow10(luoshi.GrowthDecimals-1))
	for ; decimals < luoshi.GrowthDecimals; decimals, step = decimals+1, step/10 {
		if !slices.ContainsFunc(growths, func(y [12]int64) bool {
			return slices.ContainsFunc(y[:], func(g int64) bool { return there(g) && g%step != 0 })
		}) {
			break
		}
	}
	for i := range growths {
		for m, g := range growths[i] {
			if there(g) {
				growths[i][m] = g / step
			}
		}
	}
	return decimals
}

// standingOf reads it. Where amounts are not given the published growth stands for
// them.
func (d *desk) standingOf(node int) *standing {
	r := &standing{year: d.sn.year, first: d.sn.year, ends: d.in.Calendar.Ends(), basis: basisOf(d.in), decimals: d.in.Decimals}
	for _, year := range d.cube.Years(d.in.Code) {
		if year >= d.sn.year-outlookYears && year < r.first {
			r.first = year
		}
	}
	var amounts, growths [][12]int64
	amount, growth := 0, 0
	for year := r.first; year <= r.year; year++ {
		of := d.cube.Year(d.in.Code, node, year, r.basis)
		amounts, growths = append(amounts, of.Amount), append(growths, of.Growth)
		for _, m := range r.ends {
			if there(of.Amount[m-1]) {
				amount++
			}
			if there(of.Growth[m-1]) {
				growth++
			}
		}
	}
	values := amounts
	if r.growth = growth > amount && d.in.Kind != luoshi.Growth; r.growth {
		values = growths
		r.decimals = shorten(values)
	}
	if d.in.Calendar == luoshi.Monthly && !slices.ContainsFunc(values, func(y [12]int64) bool { return there(y[0]) }) && slices.ContainsFunc(values, func(y [12]int64) bool { return there(y[1]) }) {
		r.ends = luoshi.MonthlyJanFeb.Ends()
	}
	for _, y := range values {
		for _, m := range r.ends {
			r.value = append(r.value, y[m-1])
		}
	}
	relative := r.growth || d.in.Kind == luoshi.Growth || d.in.Kind == luoshi.Index
	switch {
	case relative && r.basis == luoshi.Cumulative:
		r.nature = forecast.GrowsToDate
	case relative && d.in.Kind != luoshi.Index:
		r.nature = forecast.Grows
	}
	return r
}

// until is the series for a forecast as it stood after the first places of a year.
func (r *standing) until(year, places int) forecast.Series {
	return seriesFrom(r.first, len(r.ends), r.value[:(year-r.first)*len(r.ends)+places])
}

// now is how many places of the year are over: up to the last value known.
func (r *standing) now() int {
	start := len(r.value) - len(r.ends)
	for at := len(r.ends); at > 0; at-- {
		if there(r.value[start+at-1]) {
			return at
		}
	}
	return 0
}

func (r *standing) at(year, place int) int64 {
	if i := (year-r.first)*len(r.ends) + place - 1; i >= 0 && place > 0 && i < len(r.value) {
		return r.value[i]
	}
	return luoshi.Missing
}

// endsAt reports whether a past year that a back-test asks about ended at the value.
func (r *standing) endsAt(value int64) bool {
	for year := max(r.first+1, r.year-backtestYears); year < r.year; year++ {
		if r.at(year, len(r.ends)) == value {
			return true
		}
	}
	return false
}

// period is the one that a value belongs to; places count from 1.
func (d *desk) levelPeriod(r *standing, year, place int) luoshi.Period {
	p, ok := d.in.Calendar.Period(year, r.ends[place-1], r.basis)
	if !ok {
		p = luoshi.ToDate(year, r.ends[place-1])
	}
	return p
}

// percentSign is the measure of a growth.
var percentSign = luoshi.Measure{Symbol: luoshi.Names{Hans: "%", Hant: "%", En: "%"}}

// inGrowth is an indicator of which only growth is published.
func inGrowth(in luoshi.Indicator, decimals int) luoshi.Indicator {
	in.Kind, in.Decimals, in.Measure = luoshi.Growth, decimals, percentSign
	return in
}

// level fills in the outlook of what does not add up: its value at the year's end.
func (d *desk) level(v *OutlookView, node int, c assess.Case) {
	r := d.standingOf(node)
	if d.cut > 0 {
		r.cutTo(d.cut - 1)
	}
	read, own := d, d.in
	if r.growth {
		by := *d
		by.in = inGrowth(d.in, r.decimals)
		d = &by
		v.Indicator.Measure, v.Indicator.Decimals, v.Indicator.Kind = d.in.Measure, d.in.Decimals, d.in.Kind
	}
	v.Level, v.Growth = true, r.growth
	d.levelPast(v, r, node)
	places := r.now()
	o, err := d.caster.Level(r.until(r.year, places), r.year, r.nature)
	switch {
	case errors.Is(err, forecast.ErrFar):
		v.Why = luoshi.Say("outlook.none.far", "indicator", d.in.Names)
	case err != nil && v.History.Periods == 0:
		v.Why = luoshi.Say("outlook.none.nothing", "indicator", d.in.Names)
	case err != nil:
		v.Why = luoshi.Say("outlook.none.values", "indicator", d.in.Names, "have", v.History.Periods, "need", 4)
	}
	if v.Why.Key != "" {
		return
	}
	if places > 0 {
		v.Known, v.Through = d.exact(r.at(r.year, places)), d.levelPeriod(r, r.year, places)
	}
	p := d.levelPromise(v, r, node, own, c, places)
	if c.Target != nil && c.Target.Form == luoshi.FormRelative {
		p.notes = nil
		d.relate(&p, *c.Target, d.levelGrowing(r, &o, node, places))
	}
	d.levelSteps(v, r, &o, c)
	if n := len(v.Steps); n > 0 {
		end := v.Steps[n-1].Sum
		v.Total, v.Low80, v.High80, v.Low95, v.High95 = end.Value, end.Low80, end.High80, end.Low95, end.High95
	} else {
		v.Standing = OutlookClosed
		v.Total = v.Known
		v.Low80, v.High80, v.Low95, v.High95 = v.Total, v.Total, v.Total, v.Total
	}
	v.judgeLevel(r, &o, p, places)
	for _, m := range o.Views {
		v.Methods = append(v.Methods, OutlookMethod{"level_" + m.Method, d.capped(m.Total), m.Lean})
	}
	slices.SortStableFunc(v.Methods, func(a, b OutlookMethod) int { return cmp.Compare(math.Abs(b.Lean), math.Abs(a.Lean)) })
	d.levelNotes(v, r, &o)
	v.Notes = append(v.Notes, p.notes...)
	v.sayLevel(d.in, d.afterNumber(), p)
	v.test = func() *OutlookBacktest { return read.levelBacktest(d, r, node) }
}

// topOf is what a level cannot pass: the whole, of a share that never did; what is to
// be done by a day, of a target that says so.
func (d *desk) topOf(r *standing, c assess.Case) float64 {
	top := d.whole(d.in.Decimals)
	if c.Target != nil && c.Target.Form == luoshi.FormDate && assess.Wants(d.in) > 0 {
		if all := scaled(c.Target.Value, d.in.Decimals); there(all) {
			top = float64(all)
		}
	}
	return under(top, r.value)
}

// whole is all of what a share is a share of, at decimals; of anything else there is no end.
func (d *desk) whole(decimals int) float64 {
	if d.in.Kind == luoshi.Rate && d.in.Measure.Symbol.Hans == percentSign.Symbol.Hans {
		return 100 * math.Pow10(decimals)
	}
	return math.Inf(1)
}

// under is the bound, or none where a value has passed it.
func under(top float64, values []int64) float64 {
	if slices.ContainsFunc(values, func(n int64) bool { return there(n) && float64(n) > top }) {
		return math.Inf(1)
	}
	return top
}

// afterNumber is the measure as it follows a number in a sentence; an index has none.
func (d *desk) afterNumber() luoshi.Measure {
	if d.in.Kind == luoshi.Index {
		return luoshi.Measure{}
	}
	return assess.AfterNumber(d.in.Measure)
}

// capped is a foreseen level as it is shown.
func (d *desk) capped(x float64) luoshi.NullQuantity {
	return d.rounded(min(x, d.top))
}

func (d *desk) levelSteps(v *OutlookView, r *standing, o *forecast.Level, c assess.Case) {
	course := assess.CourseOf(c)
	d.top = d.topOf(r, c)
	pair := func(low, high float64) (luoshi.NullQuantity, luoshi.NullQuantity) {
		return d.capped(low), d.capped(high)
	}
	for i, step := range o.Steps {
		one := OutlookStep{Period: d.levelPeriod(r, r.year, step.Place)}
		one.Sum.Value = d.capped(step.Value)
		one.Sum.Low80, one.Sum.High80 = pair(o.Interval(i, 0.8))
		one.Sum.Low95, one.Sum.High95 = pair(o.Interval(i, 0.95))
		one.Value = one.Sum
		if c.Target != nil && course.Growth == (d.in.Kind == luoshi.Growth) {
			one.Asked = shownAs(course.Asked[one.Period.To-1], false, d.in.Decimals)
		}
		v.Steps = append(v.Steps, one)
	}
}

// levelPast fills in the values that the outlook goes by.
func (d *desk) levelPast(v *OutlookView, r *standing, node int) {
	season := len(r.ends)
	lead := slices.IndexFunc(r.value, there)
	if lead < 0 {
		return
	}
	last := len(r.value) - 1
	for !there(r.value[last]) {
		last--
	}
	h := &v.History
	for i := lead; i <= last; i++ {
		year := r.first + i/season
		one := OutlookPast{Period: d.levelPeriod(r, year, i%season+1), Value: d.exact(r.value[i]), Sum: d.exact(r.value[i])}
		if i == lead {
			h.First = one.Period
		}
		h.Last = one.Period
		if !there(r.value[i]) {
			h.Missing++
			v.Past = append(v.Past, one)
			continue
		}
		h.add(&one, d.cube.Value(d.in.Code, node, one.Period, r.basis))
		v.Past = append(v.Past, one)
	}
}

func (d *desk) levelNotes(v *OutlookView, r *standing, o *forecast.Level) {
	say := func(key string, pairs ...any) { v.Notes = append(v.Notes, luoshi.Say("outlook.note."+key, pairs...)) }
	if r.growth {
		say("growth")
	}
	for _, n := range o.Notes {
		switch n.Kind {
		case forecast.Joined:
			say("joined")
		case forecast.Filled:
			say("filled", "period", d.levelPeriod(r, n.Year, n.Place), "became", d.rounded(n.Became), "measure", d.afterNumber())
		case forecast.Short:
			say("short")
		}
	}
	if v.History.Open > 0 {
		say("open", "n", v.History.Open)
	}
	if v.History.Sample > 0 {
		say("sample", "n", v.History.Sample)
	}
}

// levelPromise is what the target asks of the value at the year's end. own is the
// indicator as the target knows it.
func (d *desk) levelPromise(v *OutlookView, r *standing, node int, own luoshi.Indicator, c assess.Case, places int) promise {
	p := promise{asked: luoshi.Missing, upper: luoshi.Missing, better: luoshi.More, places: len(r.ends)}
	t := c.Target
	if t == nil {
		return p
	}
	if assess.Wants(own) < 0 {
		p.better = luoshi.Less
	}
	asGrowth := d.in.Kind == luoshi.Growth
	switch {
	case t.Form == luoshi.FormSign && asGrowth:
		p.asked, p.strict = 0, true
	case t.Form == luoshi.FormGrowth && asGrowth:
		p.asked = scaled(t.Value, d.in.Decimals)
	case t.Form == luoshi.FormGrowth || t.Form == luoshi.FormSign:
		d.levelGrown(&p, r, node, *t, places)
	case asGrowth && own.Kind != luoshi.Growth: // an amount is asked, and only growth is known
	case t.Form == luoshi.FormLevel:
		p.asked = scaled(t.Value, d.in.Decimals)
	case t.Form == luoshi.FormDate:
		p.asked = scaled(t.Value, d.in.Decimals)
		if !p.by(r.year, r.ends, t.Date) {
			p.asked = luoshi.Missing
			p.notes = append(p.notes, luoshi.Say("outlook.note.date", "date", t.Date))
		}
	case t.Form == luoshi.FormAtLeast:
		p.asked, p.better = scaled(t.Low, d.in.Decimals), luoshi.More
	case t.Form == luoshi.FormAtMost:
		p.asked, p.better = scaled(t.High, d.in.Decimals), luoshi.Less
	case t.Form == luoshi.FormBand:
		p.asked, p.upper, p.better = scaled(t.Low, d.in.Decimals), scaled(t.High, d.in.Decimals), luoshi.Band
	}
	if !there(p.asked) {
		if len(p.notes) == 0 {
			p.notes = append(p.notes, luoshi.Say("outlook.note.form", "form", t.Form))
		}
		return p
	}
	v.Asked, v.Upper, v.Better = d.exact(p.asked), d.exact(p.upper), p.better
	v.Derived = (t.Form == luoshi.FormGrowth || t.Form == luoshi.FormSign) && !asGrowth
	unit, asked := d.afterNumber(), d.exact(p.asked)
	switch {
	case p.strict:
		p.goal = luoshi.Say("outlook.goal.positive")
	case v.Derived && t.Form == luoshi.FormGrowth && p.better == luoshi.Less:
		p.goal = luoshi.Say("outlook.goal.growth_less", "growth", t.Value, "asked", asked, "measure", unit)
	case v.Derived && t.Form == luoshi.FormGrowth:
		p.goal = luoshi.Say("outlook.goal.growth", "growth", t.Value, "asked", asked, "measure", unit)
	case v.Derived:
		p.goal = luoshi.Say("outlook.goal.sign", "asked", asked, "measure", unit)
	case p.better == luoshi.Band:
		p.goal = luoshi.Say("outlook.goal.band", "asked", asked, "upper", d.exact(p.upper), "measure", unit)
	case p.better == luoshi.Less:
		p.goal = luoshi.Say("outlook.goal.less", "asked", asked, "measure", unit)
	case p.places < len(r.ends):
		p.goal = luoshi.Say("outlook.goal.date", "date", t.Date, "asked", asked, "measure", unit)
	default:
		p.goal = luoshi.Say("outlook.goal.more", "asked", asked, "measure", unit)
	}
	return p
}

// levelGrown brings a promised growth to a level: last year's end, restated on the
// base that this year's published growth implies, grown by as much.
func (d *desk) levelGrown(p *promise, r *standing, node int, t luoshi.Target, places int) {
	last := r.at(r.year-1, len(r.ends))
	if !there(last) || last <= 0 {
		p.notes = append(p.notes, luoshi.Say("outlook.note.no_base", "year", luoshi.YearOf(r.year-1)))
		return
	}
	base, restated := float64(last), false
	now := d.cube.Year(d.in.Code, node, r.year, r.basis)
	for at := places; at > 0 && !restated; at-- {
		base, restated = rebased(base, r.at(r.year-1, at), now, r.ends[at-1]-1)
	}
	d.promised(p, t, r.year-1, base, last, restated, "outlook.note.implied_level", d.afterNumber())
}

// judgeLevel fills in how likely the target is met. Nothing is settled before the
// value of its day is known: a level can always turn.
func (v *OutlookView) judgeLevel(r *standing, o *forecast.Level, p promise, places int) {
	if v.judged(p); !there(p.asked) {
		return
	}
	if places >= p.places {
		met := false
		at := r.at(r.year, p.places)
		switch {
		case !there(at):
			return
		case p.better == luoshi.Less:
			met = at <= p.asked
		case p.better == luoshi.Band:
			met = at >= p.asked && at <= p.upper
		case p.strict:
			met = at > p.asked
		default:
			met = at >= p.asked
		}
		standing, chance := OutlookLost, luoshi.Over(0, 1000)
		if met {
			standing, chance = OutlookMet, luoshi.Over(1000, 1000)
		}
		if v.Chance = chance; v.Standing != OutlookClosed {
			v.Standing = standing
		}
		return
	}
	i := slices.IndexFunc(o.Steps, func(s forecast.LevelStep) bool { return s.Place == p.places })
	if i < 0 {
		return
	}
	asked := float64(p.asked)
	switch p.better {
	case luoshi.Less:
		v.Chance = thousandths(o.AtMost(i, asked))
	case luoshi.Band:
		v.Chance = thousandths(max(0, o.AtLeast(i, asked)-o.AtLeast(i, float64(p.upper))))
	default:
		v.Chance = thousandths(o.AtLeast(i, asked))
	}
}

// sayLevel puts all of it in one sentence.
func (v *OutlookView) sayLevel(in luoshi.Indicator, unit luoshi.Measure, p promise) {
	v.say(in, p)
	v.Says.Args["measure"] = unit
	v.Says.Key = levelKey(v.Says.Key, in.Kind == luoshi.Growth)
}

// levelKey is the word for an outlook of a level.
func levelKey(key string, growth bool) string {
	switch key {
	case "outlook.says.open", "outlook.says.plain":
		if key += ".level"; growth {
			key += ".growth"
		}
	case "outlook.says.met", "outlook.says.lost":
		key += ".level"
	}
	return key
}
