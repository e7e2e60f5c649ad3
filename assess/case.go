package assess

import (
	"slices"

	"luoshi.dev"
)

// Case is everything that one judgement needs. The arrays are 12 long, by the
// month in which a period ends, or nil; what is absent in them is absent, not 0.
type Case struct {
	Indicator luoshi.Indicator
	Unit      luoshi.Names
	Target    *luoshi.Target // in force, or nil
	Scheme    luoshi.Scheme  // the zero Scheme stands for [Default]
	Rule      *Rule          // the scheme's conditions from [Compile]; nil = compiled on the spot
	Year      int

	Actual, LastYear []int64               // at the indicator's decimals: cumulative for flows, level for the others
	Growth           []luoshi.NullQuantity // published, percent on last year, at each period's end
	Reference        []luoshi.NullQuantity // growth of the series that a relative target refers to
	ReferenceName    luoshi.Names          // whose it is: 全国
	Average          []luoshi.NullQuantity // growth averaged over the siblings, for ByGrowth

	Through  int             // month that ends the newest period whose time is over; 0 = the last with a figure
	Presence luoshi.Presence // of the figure of that period
	Due      luoshi.Date     // when that figure is due, 0 = not said
	Coverage luoshi.Coverage
	Partial  bool         // the actual lacks some of the parts it should sum
	Proof    luoshi.Proof // versions, filled by the caller and passed through
}

// rule is how the shortfall of a month is measured; it follows from the scheme
// and the form of the target.
type rule int8

const (
	ruleNone rule = iota
	rulePace
	rulePaceShare
	ruleMonth
	ruleMonthShare
	rulePlanAndAverage
	ruleGrowth
	ruleSign
	ruleRelative
	ruleBound
	ruleDate
	ruleExpression
)

// view is a case prepared for judging: the rule, and all numbers as quotients in
// units of the indicator's last decimal place.
type view struct {
	*Case
	scheme      *luoshi.Scheme
	rule        rule
	form        luoshi.Form
	ends        []int
	goal        luoshi.Ratio // the year's target in units of the last place; undefined if none
	low, high   luoshi.Ratio
	value       luoshi.Ratio // Target.Value as it stands: percent, points
	yellow, red luoshi.Ratio
	marks       []luoshi.Ratio // further limits that a shown number must not hide
	way         int64          // 1: more is good, -1: less, 0: neither
}

// Default is the scheme of a target that names none: the pace for what grows
// through the year, any breach is red for a bound, points for the other forms.
func Default(in luoshi.Indicator, t *luoshi.Target) luoshi.Scheme { return *defaultFor(&in, t) }

func defaultFor(in *luoshi.Indicator, t *luoshi.Target) *luoshi.Scheme {
	form := luoshi.FormLevel
	if t != nil {
		form = t.Form
	}
	switch {
	case form == luoshi.FormLevel && (in.Kind == luoshi.Flow || in.Kind == luoshi.Stock || t != nil && t.Curve != nil),
		form == luoshi.FormDate, form == luoshi.FormAtLeast && in.Kind == luoshi.Flow:
		s := presetPace()
		return &s
	case form == luoshi.FormAtLeast, form == luoshi.FormAtMost, form == luoshi.FormBand:
		s := presetBound()
		return &s
	}
	s := presetForm()
	return &s
}

// look prepares a case.
func look(c *Case) view {
	v := view{Case: c, scheme: &c.Scheme, ends: c.Indicator.Calendar.Ends()}
	if v.ends == nil {
		v.ends = luoshi.Monthly.Ends()
	}
	switch c.Indicator.Direction {
	case luoshi.Less:
		v.way = -1
	case luoshi.Band:
	default:
		v.way = 1
	}
	v.chooseRule()
	v.yellow, v.red = exact(v.scheme.Yellow), exact(v.scheme.Red)
	if t := c.Target; t != nil {
		v.low, v.high = v.scaled(t.Low), v.scaled(t.High)
		if t.Value.Valid {
			v.value = exact(t.Value.Decimal)
		}
		switch v.form {
		case luoshi.FormLevel, luoshi.FormDate:
			v.goal = v.scaled(t.Value)
		case luoshi.FormAtLeast:
			v.goal = v.low
		case luoshi.FormBand:
			if v.Indicator.Kind == luoshi.Flow {
				v.goal = v.low
			}
		case luoshi.FormAtMost:
			v.goal = v.high
		}
	}
	return v
}

// scaled is a quantity in units of the indicator's last decimal place: a whole
// number, unless a plan is finer than its indicator.
func (v *view) scaled(q luoshi.NullQuantity) luoshi.Ratio {
	if !q.Valid {
		return luoshi.Ratio{}
	}
	d := v.Indicator.Decimals
	if q.Decimal.Scale() > d {
		q.Decimal = q.Decimal.Trim(d)
	}
	r := exact(q.Decimal)
	if over := q.Decimal.Scale() - d; over > 0 {
		return div(r, ratio(1, pow10[d]))
	}
	return mul(ratio(r.Num, 1), ratio(pow10[d-q.Decimal.Scale()], 1))
}

// chooseRule lets the form of the target decide where the scheme's kind cannot
// judge that form: no pace measures a growth rate.
func (v *view) chooseRule() {
	if v.Target != nil {
		v.form = v.Target.Form
	}
	if v.scheme.Kind == "" {
		v.scheme = defaultFor(&v.Indicator, v.Target)
	}
	switch v.scheme.Kind {
	case luoshi.ByExpression:
		v.rule = ruleExpression
		return
	case luoshi.ByGrowth:
		v.rule = rulePlanAndAverage
		return
	}
	adds := v.Indicator.Kind == luoshi.Flow
	switch v.form {
	case luoshi.FormGrowth:
		v.rule = ruleGrowth
	case luoshi.FormSign:
		v.rule = ruleSign
	case luoshi.FormRelative:
		v.rule = ruleRelative
	case luoshi.FormAtMost:
		v.rule = ruleBound
	case luoshi.FormBand:
		v.rule = ruleBound
	case luoshi.FormDate:
		v.rule = ruleDate
	case luoshi.FormAtLeast:
		v.rule = ruleBound
		if adds { // a yearly total is "at least" only at the year's end: until then, the pace
			v.rule, v.way = rulePace, 1
		}
	case luoshi.FormLevel:
		v.rule = rulePace
		switch v.scheme.Kind {
		case luoshi.ByPaceShare:
			v.rule = rulePaceShare
		case luoshi.ByMonths:
			v.rule = ruleMonth
		case luoshi.ByMonthShare:
			v.rule = ruleMonthShare
		}
	}
	if v.rule >= ruleGrowth && v.scheme.Kind != luoshi.ByTarget && v.rule != ruleDate {
		v.scheme = defaultFor(&v.Indicator, v.Target)
	}
}

// actual is the value at the end of a month, in units of the last place.
func (v *view) actual(month int) (luoshi.Ratio, bool) { return v.cell(v.Actual, month) }

func (v *view) cell(values []int64, month int) (luoshi.Ratio, bool) {
	if month < 1 || month > len(values) || values[month-1] == luoshi.Missing {
		return luoshi.Ratio{}, false
	}
	return ratio(values[month-1], 1), true
}

func at(values []luoshi.NullQuantity, month int) luoshi.NullQuantity {
	if month < 1 || month > len(values) {
		return luoshi.NullQuantity{}
	}
	return values[month-1]
}

// growth is the published growth; of an indicator that is a growth rate itself,
// its value. What levels imply never takes its place.
func (v *view) growth(month int) luoshi.NullQuantity {
	g := at(v.Growth, month)
	if !g.Valid && v.Indicator.Kind == luoshi.Growth && month >= 1 && month <= len(v.Actual) {
		g = luoshi.Unscaled(v.Actual[month-1], v.Indicator.Decimals)
	}
	return g
}

// onGrowth reports whether the rule looks at growth rather than at the value.
func (v *view) onGrowth() bool { return v.rule >= rulePlanAndAverage && v.rule <= ruleRelative }

// has reports whether the figure that the rule needs is there.
func (v *view) has(month int) bool {
	_, level := v.actual(month)
	switch {
	case v.onGrowth():
		return v.growth(month).Valid
	case v.rule == ruleExpression:
		return level || v.growth(month).Valid
	}
	return level
}

// before is the period's end before a month, 0 if there is none in the year.
func (v *view) before(month int) int {
	i, _ := slices.BinarySearch(v.ends, month)
	if i == 0 {
		return 0
	}
	return v.ends[i-1]
}

// asked is the end of the newest period that may be judged, 0 if there is none.
func (v *view) asked() int {
	if v.Through > 0 {
		return v.before(v.Through + 1)
	}
	for i := len(v.ends) - 1; i >= 0; i-- {
		if v.has(v.ends[i]) {
			return v.ends[i]
		}
	}
	return 0
}
