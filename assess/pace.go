package assess

import (
	"math"

	"luoshi.dev"
)

// planned is what the target asks for by the end of a month, exactly, in units of
// the last decimal place:
//
//	the curve in force, where there is one            (cumulative, or level); of a level
//	                                                  at the year's end the promise T itself
//	flow:  T × m/12                                   straight line
//	stock: L + (T − L) × m/12                         from last December's level L
//	rate, growth, index: T                            it holds all year
//	date:  as flow or stock, the line ending in the month of the date
//
// Undefined where the curve has no value, or a stock neither curve nor last year.
func (v *view) planned(month int) luoshi.Ratio {
	if !v.goal.OK() {
		return luoshi.Ratio{}
	}
	if v.Target.Curve != nil && (month < 12 || v.Target.Form != luoshi.FormLevel) {
		return v.scaled(at(v.Target.Curve, month))
	}
	last := v.lastMonth()
	done := ratio(int64(min(month, last)), int64(last))
	switch {
	case v.Indicator.Kind == luoshi.Flow:
		return mul(v.goal, done)
	case v.Indicator.Kind != luoshi.Stock || month >= last:
		return v.goal
	}
	base, ok := v.cell(v.LastYear, 12)
	if !ok {
		return luoshi.Ratio{}
	}
	return add(base, mul(sub(v.goal, base), done))
}

// lastMonth is the month at which the target is due, counted from this January.
func (v *view) lastMonth() int {
	if d := v.Target.Date; v.rule == ruleDate && d != 0 {
		return max(1, (d.Year()-v.Year)*12+d.Month())
	}
	return 12
}

// pace is the planned share of the year: exactly m/12 on a straight line.
func (v *view) pace(month int, planned luoshi.Ratio) luoshi.Ratio {
	if v.Target.Curve == nil && v.Indicator.Kind == luoshi.Flow {
		last := v.lastMonth()
		return ratio(int64(min(month, last)), int64(last))
	}
	return div(planned, v.goal)
}

// gap is how much better the actual is than planned, in units of the last place:
// positive is good whichever way the indicator points, and for one that points
// neither way any distance is bad.
func (v *view) gap(actual, planned luoshi.Ratio) luoshi.Ratio {
	d := sub(actual, planned)
	switch {
	case v.way < 0, v.way == 0 && d.Num > 0:
		return neg(d)
	}
	return d
}

// ahead is the gap as a share of the year's target: × 100 = percentage points,
//
//	(A − P) / |T|, on a straight line (12A − mT) / 12|T|
//
// Source: 序时进度 as in published bulletins: 206.11 of 322.75 at June is 63.86%,
// 13.86 points ahead of 50%. A rate, growth or index is compared as it stands, in
// its own points: 41.20% against 65.00% planned is 23.80 points behind.
func (v *view) ahead(actual, planned luoshi.Ratio) luoshi.Ratio {
	if v.ofRate() {
		return div(v.gap(actual, planned), ratio(pow10[v.Indicator.Decimals]*100, 1))
	}
	return div(v.gap(actual, planned), magnitude(v.goal))
}

// ofRate reports whether the indicator is one whose values are compared as they
// stand and never as a share of their target.
func (v *view) ofRate() bool {
	k := v.Indicator.Kind
	return k == luoshi.Rate || k == luoshi.Growth || k == luoshi.Index
}

// shortfall measures how far a month is from what its rule asks: points or percent
// as the rule counts, negative when there is room; met is exact. Where it cannot
// be measured, the reason says why.
func (v *view) shortfall(month int) (short luoshi.Ratio, met bool, reason luoshi.Message, ok bool) {
	switch v.rule {
	case rulePace, rulePaceShare:
		return v.shortOfCurve(month)
	case ruleMonth, ruleMonthShare:
		return v.shortOfMonth(month)
	case rulePlanAndAverage:
		return v.shortOfPlanAndAverage(month)
	case ruleGrowth, ruleSign, ruleRelative:
		return v.shortOfGrowth(month)
	case ruleBound:
		return v.shortOfBound(month)
	case ruleDate:
		return v.shortOfDate(month)
	case ruleExpression:
		return luoshi.Ratio{}, true, luoshi.Message{}, true
	}
	return luoshi.Ratio{}, false, v.none("target"), false
}

// shortOfCurve is points of the year's target behind the curve, or percent of the
// curve's value that is lacking (rulePaceShare).
func (v *view) shortOfCurve(month int) (short luoshi.Ratio, met bool, reason luoshi.Message, ok bool) {
	actual, there := v.actual(month)
	planned := v.planned(month)
	switch {
	case !there:
		return short, false, luoshi.Message{}, false
	case !planned.OK() && v.Target.Curve != nil:
		return short, false, v.none("curve", "month", span(month)), false
	case !planned.OK():
		return short, false, v.none("base"), false
	}
	gap := v.gap(actual, planned)
	met = gap.Num >= 0
	if v.rule == rulePaceShare || v.rule == ruleMonthShare {
		short = percentOf(neg(gap), planned)
	} else if ahead := v.ahead(actual, planned); ahead.OK() {
		short = mul(neg(ahead), ratio(100, 1))
	}
	if !short.OK() { // a target of zero: any excess is beyond every threshold
		short = beyond(met)
	}
	return short, met, reason, true
}

// shortOfMonth compares the month's own value with its own part of the plan.
func (v *view) shortOfMonth(month int) (short luoshi.Ratio, met bool, reason luoshi.Message, ok bool) {
	if v.Indicator.Kind != luoshi.Flow { // a level has no part of its own
		return v.shortOfCurve(month)
	}
	done, task, there := v.single(month)
	switch {
	case !task.OK() && v.Target.Curve != nil:
		return short, false, v.none("curve", "month", span(month)), false
	case !there:
		period, _ := v.Indicator.Calendar.Period(v.Year, month, luoshi.Single)
		return short, false, v.none("single", "period", period), false
	}
	gap := v.gap(done, task)
	met = gap.Num >= 0
	if short = percentOf(neg(gap), task); !short.OK() {
		short = beyond(met)
	}
	return short, met, reason, true
}

// single is a month's own value and its own task: differences of what is
// cumulative. January–February, or a quarter, is one month here.
func (v *view) single(month int) (done, task luoshi.Ratio, ok bool) {
	done, ok = v.actual(month)
	task = v.planned(month)
	if before := v.before(month); before > 0 && task.OK() {
		earlier := v.planned(before)
		if !earlier.OK() {
			return done, luoshi.Ratio{}, false
		}
		task = sub(task, earlier)
		was, there := v.actual(before)
		if !there || !ok {
			return done, task, false
		}
		done = sub(done, was)
	}
	return done, task, ok && task.OK()
}

func percentOf(part, whole luoshi.Ratio) luoshi.Ratio {
	return mul(div(part, magnitude(whole)), ratio(100, 1))
}

func beyond(met bool) luoshi.Ratio {
	if met {
		return ratio(-math.MaxInt64, 1)
	}
	return boundless
}

// missed counts the periods in a row, back from the given one, that the rule does
// not call met. A period without a figure is not a missed one and ends the row.
func (v *view) missed(to int) int {
	n := 0
	for m := to; m > 0; m = v.before(m) {
		if !v.has(m) {
			break
		}
		short, met, _, ok := v.shortfall(m)
		if !ok || met || v.rule != ruleMonth && short.Num > 0 && short.Cmp(v.yellow) <= 0 {
			break
		}
		n++
	}
	return n
}

// madeUp is the first later month at whose end the curve was reached after all, 0
// if there is none or the scheme does not ask. The 瓯海 rule: what was missed and
// made up afterwards turns yellow, never green (温州日报 2020-05-21).
func (v *view) madeUp(to int) int {
	if !v.scheme.MadeUp || v.rule > ruleMonthShare || v.rule == ruleNone {
		return 0
	}
	for _, m := range v.ends {
		actual, ok := v.actual(m)
		if m <= to || !ok {
			continue
		}
		if planned := v.planned(m); planned.OK() && v.gap(actual, planned).Num >= 0 {
			return m
		}
	}
	return 0
}
