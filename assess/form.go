package assess

import "luoshi.dev"

// shortOfPlanAndAverage: growth at least the plan and at least the siblings'
// average (天津, investment). What is not there is not held against the unit: with
// no average the plan alone decides, with no plan the average.
func (v *view) shortOfPlanAndAverage(month int) (short luoshi.Ratio, met bool, reason luoshi.Message, ok bool) {
	plan, average := v.plannedGrowth(), at(v.Average, month)
	if !plan.Valid && !average.Valid {
		return short, false, v.none("plan"), false
	}
	growth := exact(v.growth(month).Decimal)
	for _, mark := range []luoshi.NullQuantity{plan, average} {
		if !mark.Valid {
			continue
		}
		if lack := sub(exact(mark.Decimal), growth); !short.OK() || lack.Cmp(short) > 0 {
			short = lack
		}
	}
	return short, short.Num <= 0, reason, true
}

// plannedGrowth is the growth that the target asks for, if it asks for one.
func (v *view) plannedGrowth() luoshi.NullQuantity {
	switch {
	case v.Target == nil:
		return luoshi.NullQuantity{}
	case v.form == luoshi.FormGrowth:
		return v.Target.Value
	case v.form == luoshi.FormSign:
		return luoshi.Some(luoshi.Quantity{})
	}
	return luoshi.NullQuantity{}
}

// shortOfGrowth: published growth against the target's growth, zero, or the growth
// of the reference series plus the lead that is asked for. In percentage points.
func (v *view) shortOfGrowth(month int) (short luoshi.Ratio, met bool, reason luoshi.Message, ok bool) {
	growth, mark, strict := exact(v.growth(month).Decimal), ratio(0, 1), v.Target.Strict
	switch v.rule {
	case ruleSign:
		strict = true // 正增长 is above zero
	case ruleGrowth:
		if !v.value.OK() {
			return short, false, v.none("target"), false
		}
		mark = v.value
	case ruleRelative:
		reference := at(v.Reference, month)
		if !reference.Valid {
			return short, false, v.none("reference", "reference", v.reference(), "period", v.period(month)), false
		}
		mark = exact(reference.Decimal)
		if v.value.OK() {
			mark = add(mark, mul(v.value, ratio(v.sense(), 1)))
		}
	}
	short = mul(sub(mark, growth), ratio(v.sense(), 1))
	return short, short.Num < 0 || short.Num == 0 && !strict, reason, true
}

// sense is 1 unless less growth is what is wanted (energy use, unemployment).
func (v *view) sense() int64 {
	if v.way < 0 && v.rule != ruleSign {
		return -1
	}
	return 1
}

// shortOfBound: how far the value is outside its bounds: points of a rate, percent
// of the bound otherwise. The total of a flow can break its upper bound any month,
// its lower one is asked for along the straight line.
func (v *view) shortOfBound(month int) (short luoshi.Ratio, met bool, reason luoshi.Message, ok bool) {
	actual, there := v.actual(month)
	if !there {
		return short, false, v.none("missing", "period", v.period(month)), false
	}
	bound, lack := v.nearestBound(actual, month)
	if !bound.OK() {
		return short, false, v.none("target"), false
	}
	if v.ofRate() {
		short = div(lack, ratio(pow10[v.Indicator.Decimals], 1))
	} else if short = percentOf(lack, bound); !short.OK() {
		short = beyond(lack.Num <= 0)
	}
	return short, lack.Num <= 0, reason, true
}

// nearestBound is the bound that is broken, or the one with the least room, and
// what is lacking to it.
func (v *view) nearestBound(actual luoshi.Ratio, month int) (bound, lack luoshi.Ratio) {
	low, high := v.low, v.high
	switch v.form {
	case luoshi.FormAtLeast:
		high = luoshi.Ratio{}
	case luoshi.FormAtMost:
		low = luoshi.Ratio{}
	default:
		if v.Indicator.Kind == luoshi.Flow {
			low = v.planned(month)
		}
	}
	if low.OK() {
		bound, lack = low, sub(low, actual)
	}
	if high.OK() {
		if over := sub(actual, high); !bound.OK() || over.Cmp(lack) > 0 {
			bound, lack = high, over
		}
	}
	return bound, lack
}

// shortOfDate: the value is to be reached by a day. Reached in time is met; past
// the day and not reached, or reached only later, is not; before the day the line
// that leads to it decides, where there is one.
func (v *view) shortOfDate(month int) (short luoshi.Ratio, met bool, reason luoshi.Message, ok bool) {
	actual, there := v.actual(month)
	if !there || !v.goal.OK() || v.Target.Date == 0 {
		return short, false, v.none("target"), false
	}
	lack := neg(v.gap(actual, v.goal))
	if lack.Num <= 0 {
		if v.reachedLate(month) {
			return ratio(0, 1), false, reason, true
		}
		return short0(lack, v.goal), true, reason, true
	}
	if luoshi.ToDate(v.Year, month).LastDay() >= v.Target.Date {
		return boundless, false, reason, true
	}
	if v.ofRate() && v.Target.Curve == nil {
		return short, false, v.none("before_date", "date", v.Target.Date), false
	}
	return v.shortOfCurve(month)
}

func short0(lack, whole luoshi.Ratio) luoshi.Ratio {
	if p := percentOf(lack, whole); p.OK() {
		return p
	}
	return ratio(0, 1)
}

// reachedLate reports that at the last period's end on or after the day, before
// the given month, the value was known and not yet there.
func (v *view) reachedLate(month int) bool {
	for _, m := range v.ends {
		if m >= month {
			return false
		}
		actual, ok := v.actual(m)
		if ok && luoshi.ToDate(v.Year, m).LastDay() >= v.Target.Date && v.gap(actual, v.goal).Num < 0 {
			return true
		}
	}
	return false
}
