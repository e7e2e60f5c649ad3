package assess

import (
	"math/big"
	"slices"

	"luoshi.dev"
)

// Course is what a target asks for through its year, on what its rule looks at: by
// the month in which a period ends, 12 long, undefined where nothing is asked.
type Course struct {
	Growth   bool           // in percent of growth, else in units of the last place
	Asked    []luoshi.Ratio // the path, the promised growth, or the bound
	Upper    []luoshi.Ratio // the upper bound of a band, else nil
	Straight bool           // the path is the straight line of a year without a curve
}

// CourseOf draws the path that a case is held against.
func CourseOf(c Case) Course {
	v := look(&c)
	course := Course{Growth: v.onGrowth(), Asked: make([]luoshi.Ratio, 12)}
	if c.Target == nil {
		return course
	}
	if v.form == luoshi.FormBand {
		course.Upper = make([]luoshi.Ratio, 12)
	}
	course.Straight = c.Target.Curve == nil && v.rule < ruleBound && !v.onGrowth() && !v.ofRate()
	for _, end := range v.ends {
		course.Asked[end-1] = v.asks(end)
		if course.Upper != nil {
			course.Upper[end-1] = v.high
		}
	}
	return course
}

// asks is what the rule asks for at a period's end.
func (v *view) asks(month int) luoshi.Ratio {
	switch v.rule {
	case rulePlanAndAverage:
		if plan := v.plannedGrowth(); plan.Valid {
			return exact(plan.Decimal)
		}
		if average := at(v.Average, month); average.Valid {
			return exact(average.Decimal)
		}
		return luoshi.Ratio{}
	case ruleGrowth:
		return v.value
	case ruleSign:
		return ratio(0, 1)
	case ruleRelative:
		other := at(v.Reference, month)
		if !other.Valid {
			return luoshi.Ratio{}
		}
		mark := exact(other.Decimal)
		if v.value.OK() {
			mark = add(mark, mul(v.value, ratio(v.sense(), 1)))
		}
		return mark
	case ruleBound:
		switch {
		case v.form == luoshi.FormAtMost:
			return v.high
		case v.form == luoshi.FormBand && v.Indicator.Kind == luoshi.Flow:
			return v.planned(month)
		}
		return v.low
	}
	return v.planned(month)
}

// By is what units are ranked by.
type By string

// What units can be ranked by.
const (
	ByShare   By = "share"   // of the year's target that is done
	ByGrown   By = "growth"  // published growth
	ByImplied By = "implied" // growth that the levels imply
	ByAhead   By = "ahead"   // distance from what is asked, where neither more nor less is good
	ByValue   By = "value"   // the figure itself
)

// RankedBy chooses what a unit of a group like this one is ranked by: what its
// rule looks at. Amounts that depend on how large a unit is are never compared as
// they stand: without a target they are ranked by their growth.
func RankedBy(c Case) By {
	v := look(&c)
	adds := v.Indicator.Kind == luoshi.Flow || v.Indicator.Kind == luoshi.Stock
	switch {
	case c.Target != nil && v.onGrowth():
		return ByGrown
	case v.way == 0 && v.goal.OK():
		return ByAhead
	case c.Target != nil && adds && v.goal.OK():
		return ByShare
	case adds && slices.ContainsFunc(c.Growth, func(g luoshi.NullQuantity) bool { return g.Valid }):
		return ByGrown
	case adds:
		return ByImplied
	}
	return ByValue
}

// Standing is the number by which a unit is ranked at a period's end, the larger
// the better; undefined where it is not there.
func Standing(c Case, month int, by By) luoshi.Ratio {
	v := look(&c)
	actual, level := v.actual(month)
	sense := ratio(v.sense(), 1)
	switch by {
	case ByGrown:
		if g := v.growth(month); g.Valid {
			return mul(exact(g.Decimal), sense)
		}
	case ByImplied:
		if before, ok := v.cell(v.LastYear, month); level && ok {
			if g := growthOf(actual, before); g.OK() {
				return mul(g, sense)
			}
		}
	case ByShare:
		if level && v.goal.Num > 0 {
			return mul(div(actual, v.goal), sense)
		}
	case ByAhead:
		if asked := v.asks(month); level && asked.OK() {
			return v.gap(actual, asked)
		}
	case ByValue:
		if level {
			return mul(actual, sense)
		}
	}
	return luoshi.Ratio{}
}

// Distance is how much better a unit stands at a period's end than is asked, in
// units of the last place (points of growth where the rule looks at growth):
// positive is good whichever way the indicator points. Nil where it is unknown.
func Distance(c Case, month int) *big.Rat {
	v := look(&c)
	if c.Target == nil {
		return nil
	}
	asked := v.asks(month)
	if !asked.OK() {
		return nil
	}
	if v.onGrowth() {
		g := v.growth(month)
		if !g.Valid {
			return nil
		}
		return mul(sub(exact(g.Decimal), asked), ratio(v.sense(), 1)).Rat()
	}
	actual, ok := v.actual(month)
	if !ok {
		return nil
	}
	return v.gap(actual, asked).Rat()
}

// Trend says how a year has gone against what was asked, from the lights of its
// periods: always on it, below it for so long, or when it was caught up with.
func Trend(months []luoshi.Judgement) luoshi.Message {
	var judged []luoshi.Judgement
	for _, j := range months {
		if j.Light != luoshi.NotJudged {
			judged = append(judged, j)
		}
	}
	if len(judged) < 2 {
		return luoshi.Message{}
	}
	last := judged[len(judged)-1]
	run := 1
	good := last.Light == luoshi.Green
	for run < len(judged) && (judged[len(judged)-1-run].Light == luoshi.Green) == good {
		run++
	}
	since := month(judged[len(judged)-run].Period.To)
	switch {
	case good && run == len(judged):
		return luoshi.Say("trend.always", "n", run)
	case good:
		return luoshi.Say("trend.caught", "since", since)
	case run == len(judged):
		return luoshi.Say("trend.never", "n", run)
	case run == 1:
		return luoshi.Say("trend.first", "since", since)
	}
	return luoshi.Say("trend.behind", "since", since, "n", run)
}
