package assess

import (
	"strconv"
	"strings"

	"luoshi.dev"
)

// month and span name a month, and the year up to its end as people call it
// (一季度, 上半年, 前三季度, 全年).
func month(m int) luoshi.Message { return luoshi.Message{Key: "month." + strconv.Itoa(m)} }
func span(m int) luoshi.Message  { return luoshi.Message{Key: "span." + strconv.Itoa(m)} }

// says is the sentence of a light.
func (v *view) says(j *luoshi.Judgement, to int, short luoshi.Ratio, met bool) luoshi.Message {
	switch v.rule {
	case rulePace:
		return v.sayPace(j, to)
	case rulePaceShare:
		return v.sayPaceShare(j, to, short)
	case ruleMonth, ruleMonthShare:
		if v.Indicator.Kind != luoshi.Flow {
			return v.sayPace(j, to)
		}
		return v.sayMonth(j, to, short)
	case rulePlanAndAverage:
		return v.sayPlanAndAverage(j, to)
	case ruleGrowth:
		return v.sayGrowth(j, short)
	case ruleSign:
		return v.saySign(j, to)
	case ruleRelative:
		return v.sayRelative(j, to, met)
	case ruleBound:
		return v.sayBound(j, to)
	case ruleDate:
		return v.sayDate(j, to, met)
	}
	return luoshi.Message{}
}

// amount is a positive difference in the indicator's unit, with one decimal more
// where it would read as nothing.
func (v *view) amount(r luoshi.Ratio) luoshi.Quantity {
	return telling(div(magnitude(r), ratio(pow10[v.Indicator.Decimals], 1)), 0, v.Indicator.Decimals, ratio(0, 1))
}

// unit is the indicator's unit of measure as it follows a number.
func (v *view) unit() luoshi.Measure { return AfterNumber(v.Indicator.Measure) }

// AfterNumber is a unit of measure as it follows a number: in English with a space,
// and a cross where it begins with a number itself (206.11 × 100m yuan); % stands
// close.
func AfterNumber(m luoshi.Measure) luoshi.Measure {
	if m.Symbol.En == "" {
		m.Symbol.En = m.Symbol.Hans
	}
	switch en := m.Symbol.En; {
	case en == "" || en == "%":
	case strings.ContainsAny(strings.SplitN(en, " ", 2)[0], "0123456789"): // 100 million yuan, US$100 million
		m.Symbol.En = " × " + en
	default:
		m.Symbol.En = " " + en
	}
	return m
}

func (v *view) sayPace(j *luoshi.Judgement, to int) luoshi.Message {
	actual, _ := v.actual(to)
	planned := v.planned(to)
	gap := v.gap(actual, planned)
	m := luoshi.Message{Key: v.paceKey(j, to, gap), Args: make(map[string]any, 8)}
	m.Args["indicator"], m.Args["actual"], m.Args["unit"] = v.Indicator.Names, j.Actual.Decimal, v.unit()
	m.Args["gap"] = v.amount(gap)
	if v.ofRate() || !j.Ahead.OK() {
		m.Args["planned"] = v.shown(planned).Decimal
		return m
	}
	m.Args["share"] = telling(j.Share, 2, 2, ratio(100, 1))
	m.Args["ahead"] = telling(magnitude(j.Ahead), 2, 2, append(v.marks, ratio(0, 1), v.yellow, v.red)...)
	if j.Growth.Valid && v.way > 0 {
		m.Key += ".growth"
		m.Args["growth"] = j.Growth.Decimal
	}
	return m
}

// paceKey chooses the words of a place against the path: by nature of the
// indicator, and by the side of the path it is on.
func (v *view) paceKey(j *luoshi.Judgement, to int, gap luoshi.Ratio) string {
	side := 1
	switch {
	case gap.Num < 0:
		side = 0
	case gap.Num > 0:
		side = 2
	}
	yearly := v.Indicator.Kind == luoshi.Flow && v.way > 0
	curved := v.Target.Curve != nil
	switch {
	case v.Indicator.Kind == luoshi.Index && curved:
		return [...]string{"index.behind", "index.even", "index.ahead"}[side]
	case v.Indicator.Kind == luoshi.Index:
		return [...]string{"index.target.behind", "index.target.even", "index.target.ahead"}[side]
	case v.ofRate() && curved:
		return [...]string{"rate.behind", "rate.even", "rate.ahead"}[side]
	case v.ofRate():
		return [...]string{"rate.target.behind", "rate.target.even", "rate.target.ahead"}[side]
	case !j.Ahead.OK():
		return [...]string{"zero.behind", "zero.even", "zero.ahead"}[side]
	case v.way == 0:
		return [...]string{"off.behind", "off.even", "off.even"}[side]
	case v.way < 0:
		return [...]string{"less.behind", "less.even", "less.ahead"}[side]
	case yearly && j.Share.Num >= j.Share.Den:
		return "pace.done"
	case yearly && to == 12:
		return "pace.short"
	case v.Indicator.Kind == luoshi.Stock:
		return [...]string{"stock.behind", "stock.even", "stock.ahead"}[side]
	}
	return [...]string{"pace.behind", "pace.even", "pace.ahead"}[side]
}

// reached is 100 − shortfall, in percent, told apart from the thresholds.
func (v *view) reached(short luoshi.Ratio) luoshi.Quantity {
	whole := ratio(100, 1)
	return telling(sub(whole, short), 0, 2, whole, sub(whole, v.yellow), sub(whole, v.red))
}

func (v *view) sayPaceShare(j *luoshi.Judgement, to int, short luoshi.Ratio) luoshi.Message {
	actual, _ := v.actual(to)
	gap := v.gap(actual, v.planned(to))
	key := "curve.met"
	if gap.Num < 0 {
		key = "curve.short"
		if v.way <= 0 {
			key = "curve.over"
		}
	}
	if short == boundless {
		short = ratio(100, 1)
	}
	return luoshi.Say(key, "indicator", v.Indicator.Names, "actual", j.Actual.Decimal, "unit", v.unit(),
		"planned", j.Planned.Decimal, "gap", v.amount(gap), "reached", v.reached(short))
}

func (v *view) sayMonth(j *luoshi.Judgement, to int, short luoshi.Ratio) luoshi.Message {
	done, task, _ := v.single(to)
	gap := v.gap(done, task)
	period, _ := v.Indicator.Calendar.Period(v.Year, to, luoshi.Single)
	key := "month.met"
	switch {
	case gap.Num < 0 && v.way <= 0:
		key = "month.over"
	case gap.Num < 0 && v.rule == ruleMonthShare:
		key = "month.share"
	case gap.Num < 0 && j.Missed > 1:
		key = "month.running"
	case gap.Num < 0:
		key = "month.missed"
	}
	if short == boundless {
		short = ratio(100, 1)
	}
	return luoshi.Say(key, "indicator", v.Indicator.Names, "period", period, "done", v.shown(done).Decimal, "unit", v.unit(),
		"task", v.shown(task).Decimal, "gap", v.amount(gap), "reached", v.reached(short), "missed", j.Missed)
}

func (v *view) sayPlanAndAverage(j *luoshi.Judgement, to int) luoshi.Message {
	against := func(key string, mark luoshi.NullQuantity) luoshi.Message {
		d := sub(exact(j.Growth.Decimal), exact(mark.Decimal))
		switch {
		case d.Num > 0:
			key += ".above"
		case d.Num < 0:
			key += ".below"
		default:
			key += ".equal"
		}
		return luoshi.Say(key, "mark", mark.Decimal, "points", points(d))
	}
	plan, average := v.plannedGrowth(), at(v.Average, to)
	var clause luoshi.Message
	switch {
	case plan.Valid && average.Valid:
		clause = luoshi.Say("clause.and", "one", against("versus.plan", plan), "other", against("versus.average", average))
	case plan.Valid:
		clause = against("versus.plan", plan)
	default:
		clause = against("versus.average", average)
	}
	return luoshi.Say("growth.versus", "indicator", v.Indicator.Names, "growth", j.Growth.Decimal, "versus", clause)
}

// points is a positive difference of percentages; growth is shown with one decimal,
// so its differences are, unless they need more.
func points(d luoshi.Ratio) luoshi.Quantity { return telling(magnitude(d), 0, 1, magnitude(d)) }

// withLevel adds the level to a sentence about growth, where there is one.
func (v *view) withLevel(j *luoshi.Judgement, m luoshi.Message) luoshi.Message {
	m.Args["indicator"] = v.Indicator.Names
	if j.Actual.Valid && v.Indicator.Kind != luoshi.Growth {
		m.Key += ".level"
		m.Args["actual"], m.Args["unit"] = j.Actual.Decimal, v.unit()
	}
	return m
}

func (v *view) sayGrowth(j *luoshi.Judgement, short luoshi.Ratio) luoshi.Message {
	key := "growth.equal"
	switch d := mul(short, ratio(-v.sense(), 1)); {
	case d.Num > 0:
		key = "growth.above"
	case d.Num < 0:
		key = "growth.below"
	}
	return v.withLevel(j, luoshi.Say(key, "growth", j.Growth.Decimal, "target", v.Target.Value.Decimal, "points", points(short)))
}

func (v *view) saySign(j *luoshi.Judgement, to int) luoshi.Message {
	turned, from := v.turned(to)
	pairs := []any{"indicator", v.Indicator.Names, "growth", j.Growth.Decimal, "period", span(to)}
	if turned != 0 {
		pairs = append(pairs, "was", v.growth(from).Decimal, "before", span(from))
	}
	switch s := j.Growth.Decimal.Sign(); {
	case turned > 0:
		return luoshi.Say("sign.turned_up", pairs...)
	case turned < 0:
		return luoshi.Say("sign.turned_down", pairs...)
	case s > 0:
		return luoshi.Say("sign.positive", pairs...)
	case s < 0:
		return luoshi.Say("sign.negative", pairs...)
	}
	return luoshi.Say("sign.zero", pairs...)
}

// turned tells whether growth has another sign than it last had within the year:
// +1 from minus to plus (由负转正), -1 the other way; from is the month it had it.
func (v *view) turned(to int) (way, from int) {
	sign := func(m int) int {
		g := v.growth(m)
		if !g.Valid {
			return 0
		}
		return g.Decimal.Sign()
	}
	now := sign(to)
	for m := v.before(to); m > 0 && now != 0; m = v.before(m) {
		if was := sign(m); was != 0 {
			if was != now {
				return now, m
			}
			break
		}
	}
	return 0, 0
}

// reference is whose growth a relative target is held against.
func (v *view) reference() any {
	if v.ReferenceName.Hans == "" {
		return luoshi.Message{Key: "relative.reference"}
	}
	return v.ReferenceName
}

func (v *view) sayRelative(j *luoshi.Judgement, to int, met bool) luoshi.Message {
	other := at(v.Reference, to).Decimal
	lead := sub(exact(j.Growth.Decimal), exact(other))
	key := "relative.equal"
	switch {
	case lead.Num > 0:
		key = "relative.above"
	case lead.Num < 0:
		key = "relative.below"
	}
	pairs := []any{"growth", j.Growth.Decimal, "reference", v.reference(), "other", other, "points", points(lead)}
	if !met && lead.Num*v.sense() > 0 {
		key = "relative.not_enough"
		pairs = append(pairs, "asked", v.Target.Value.Decimal)
	}
	return v.withLevel(j, luoshi.Say(key, pairs...))
}

func (v *view) sayBound(j *luoshi.Judgement, to int) luoshi.Message {
	actual, _ := v.actual(to)
	bound, lack := v.nearestBound(actual, to)
	upper := v.high.OK() && bound == v.high
	key := "bound.above_low"
	switch {
	case v.form == luoshi.FormBand && lack.Num <= 0:
		return luoshi.Say("bound.inside", "indicator", v.Indicator.Names, "actual", j.Actual.Decimal, "unit", v.unit(),
			"low", v.Target.Low.Decimal, "high", v.Target.High.Decimal)
	case upper && lack.Num <= 0:
		key = "bound.below_high"
	case upper:
		key = "bound.over_high"
	case lack.Num > 0:
		key = "bound.under_low"
	}
	return luoshi.Say(key, "indicator", v.Indicator.Names, "actual", j.Actual.Decimal, "unit", v.unit(),
		"bound", v.shown(bound).Decimal, "gap", v.amount(lack))
}

func (v *view) sayDate(j *luoshi.Judgement, to int, met bool) luoshi.Message {
	actual, _ := v.actual(to)
	lack := v.gap(actual, v.goal)
	over := luoshi.ToDate(v.Year, to).LastDay() >= v.Target.Date
	key := "date.on_way"
	switch {
	case lack.Num >= 0 && met:
		key = "date.reached"
	case lack.Num >= 0:
		key = "date.reached_late"
	case over:
		key = "date.over"
	case !met:
		key = "date.behind"
	}
	pairs := []any{"indicator", v.Indicator.Names, "actual", j.Actual.Decimal, "unit", v.unit(),
		"target", v.Target.Value.Decimal, "date", v.Target.Date, "gap", v.amount(lack)}
	if planned := v.planned(to); key == "date.behind" || key == "date.on_way" {
		pairs = append(pairs, "behind", v.amount(v.gap(actual, planned)))
	}
	return luoshi.Say(key, pairs...)
}

// Promise is what a target asks for, in words; reference is whose growth a relative
// one is held against.
func Promise(in luoshi.Indicator, t luoshi.Target, reference luoshi.Names) luoshi.Message {
	c := Case{Indicator: in, Target: &t, ReferenceName: reference}
	v := look(&c)
	less := ""
	if v.way < 0 {
		less = ".less"
	}
	pairs := []any{"unit", v.unit(), "value", t.Value, "low", t.Low, "high", t.High, "date", t.Date, "reference", v.reference()}
	switch t.Form {
	case luoshi.FormRelative:
		if !t.Value.Valid || t.Value.Decimal.IsZero() {
			return luoshi.Say("promise.relative.plain"+less, pairs...)
		}
		return luoshi.Say("promise.relative"+less, pairs...)
	case luoshi.FormLevel, luoshi.FormGrowth:
		return luoshi.Say("promise."+string(t.Form)+less, pairs...)
	}
	return luoshi.Say("promise."+string(t.Form), pairs...)
}
