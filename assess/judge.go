package assess

import "luoshi.dev"

// Judge holds the newest figure that counts against the target. What cannot be
// judged (not due, late, missing, partial, no target) is NotJudged with the reason
// as its sentence: never a colour.
func Judge(c Case) luoshi.Judgement {
	v := look(&c)
	return v.judge()
}

// Months judges every period of the year up to Through by what is known now: the
// row of monthly lights, in which a month that was missed and later made up shows
// as the scheme says (瓯海: yellow).
func Months(c Case) []luoshi.Judgement {
	v := look(&c)
	last := v.asked()
	var list []luoshi.Judgement
	presence, due := c.Presence, c.Due
	for _, end := range v.ends {
		if end > last {
			break
		}
		c.Through, c.Presence, c.Due = end, presence, due
		if end < last {
			c.Presence, c.Due = luoshi.Absent, 0
		}
		list = append(list, v.judge())
	}
	return list
}

func (v *view) judge() luoshi.Judgement {
	j := luoshi.Judgement{Presence: luoshi.Present, Proof: v.Proof}
	j.Proof.Scheme = v.scheme.Code
	if v.Coverage.Want > 0 {
		j.Proof.Complete = v.Coverage
	}
	newest := v.asked()
	to, waits := newest, false
	if newest == 0 || !v.has(newest) {
		j.Presence = v.absence(newest)
		if previous := v.before(newest); (j.Presence == luoshi.NotDue || j.Presence == luoshi.Due) && newest > 0 && previous > 0 {
			to, waits = previous, true
		}
	}
	v.measure(&j, to)
	if reason, ok := v.reason(&j, to, waits); ok {
		j.Says = reason
		return j
	}
	short, met, reason, ok := v.shortfall(to)
	if !ok {
		j.Says = reason
		return j
	}
	j.Missed = v.missed(to)
	j.Light = v.light(to, short, met, j.Missed)
	j.Says = v.says(&j, to, short, met)
	if v.rule == ruleExpression {
		v.byConditions(&j, to)
	}
	if later := v.madeUp(to); later > 0 && j.Light >= luoshi.Yellow {
		j.Light = luoshi.Yellow
		j.Says = luoshi.Say("light.made_up", "says", j.Says, "later", month(later))
	}
	if waits {
		j.Says = luoshi.Say("light.waits", "says", j.Says, "period", j.Period, "next", v.period(newest))
	}
	return j
}

// period is what the figure at a month's end covers: the year to date, or for a
// level reported by itself its own period.
func (v *view) period(to int) luoshi.Period {
	if v.Indicator.Kind != luoshi.Flow && v.Indicator.Basis == luoshi.Single {
		if p, ok := v.Indicator.Calendar.Period(v.Year, to, luoshi.Single); ok {
			return p
		}
	}
	return luoshi.ToDate(v.Year, to)
}

// absence is the state of a figure that is not there.
func (v *view) absence(month int) luoshi.Presence {
	switch {
	case v.Presence != "" && v.Presence != luoshi.Present:
		return v.Presence
	case month == 0 && v.Through > 0:
		return luoshi.NotAsked
	}
	return luoshi.Absent
}

// reason says why there is nothing to judge, if so.
func (v *view) reason(j *luoshi.Judgement, to int, waits bool) (luoshi.Message, bool) {
	switch {
	case waits && !v.has(to): // its time was over before the newest one's began
		j.Presence = luoshi.Absent
		return v.absent(j, to), true
	case j.Presence != luoshi.Present && !waits:
		return v.absent(j, to), true
	case v.Partial && !v.onGrowth() && v.Coverage.Want == 0:
		return v.none("incomplete"), true
	case v.Partial && !v.onGrowth(): // published growth is no sum of parts
		return v.none("partial", "have", v.Coverage.Have, "want", v.Coverage.Want), true
	case v.rule == ruleNone || v.Target == nil && v.rule != ruleExpression && v.rule != rulePlanAndAverage:
		return v.none("target"), true
	}
	return luoshi.Message{}, false
}

func (v *view) absent(j *luoshi.Judgement, to int) luoshi.Message {
	key := string(j.Presence)
	if _, level := v.actual(to); level && v.onGrowth() {
		if j.Implied.OK() {
			implied, _ := rounded(j.Implied, 2, 1)
			return v.none("growth_implied", "period", j.Period, "implied", implied)
		}
		return v.none("growth", "period", j.Period)
	}
	if v.Due != 0 && (j.Presence == luoshi.NotDue || j.Presence == luoshi.Due || j.Presence == luoshi.Late) {
		return v.none(key+".on", "period", j.Period, "due", v.Due)
	}
	return v.none(key, "period", j.Period)
}

func (v *view) none(why string, pairs ...any) luoshi.Message {
	return luoshi.Say("none."+why, append([]any{"indicator", v.Indicator.Names}, pairs...)...)
}

// measure fills what can be computed, whether or not it can be judged.
func (v *view) measure(j *luoshi.Judgement, to int) {
	if to == 0 {
		j.Period = luoshi.YearOf(v.Year)
		return
	}
	j.Period = v.period(to)
	actual, level := v.actual(to)
	if level {
		j.Actual = luoshi.Unscaled(v.Actual[to-1], v.Indicator.Decimals)
		if before, ok := v.cell(v.LastYear, to); ok {
			j.Implied = growthOf(actual, before)
		}
	}
	j.Growth = v.growth(to)
	if v.Target == nil {
		return
	}
	if v.goal.OK() {
		j.Year = v.shown(v.goal)
	} else {
		j.Year = v.Target.Value
	}
	if v.rule > ruleMonthShare && v.rule != ruleDate && v.rule != ruleExpression {
		return
	}
	planned := v.planned(to)
	if !planned.OK() {
		return
	}
	j.Planned = v.shown(planned)
	if v.ofRate() && v.Target.Curve == nil {
		if level {
			j.Ahead = v.ahead(actual, planned)
		}
		return
	}
	j.Pace = v.pace(to, planned)
	if level {
		j.Share = div(actual, v.goal)
		j.Ahead = v.ahead(actual, planned)
	}
}

// shown is a value of the view as a quantity at the indicator's decimals.
func (v *view) shown(r luoshi.Ratio) luoshi.NullQuantity {
	n, ok := nearest(r, 1)
	if !ok {
		return luoshi.NullQuantity{}
	}
	return luoshi.Unscaled(n, v.Indicator.Decimals)
}

// light colours a shortfall: past Red is red, past Yellow is yellow.
func (v *view) light(to int, short luoshi.Ratio, met bool, missed int) luoshi.Light {
	switch v.rule {
	case ruleMonth:
		short = ratio(int64(missed), 1)
	case rulePlanAndAverage:
		switch {
		case met:
			return luoshi.Green
		case v.growth(to).Decimal.IsNeg():
			return luoshi.Red
		}
		return luoshi.Yellow
	}
	switch {
	case short.Cmp(v.red) > 0:
		return luoshi.Red
	case short.Cmp(v.yellow) > 0 || !met && short.Num <= 0:
		return luoshi.Yellow
	}
	return luoshi.Green
}
