package luoshi

import "regexp"

// Kind is the statistical nature of an indicator.
type Kind string

// The kinds. Only flows and stocks can be added; rates, growth and indices never.
const (
	Flow   Kind = "flow"
	Stock  Kind = "stock"
	Rate   Kind = "rate"
	Growth Kind = "growth"
	Index  Kind = "index"
)

// Direction says which way is good.
type Direction string

// The directions.
const (
	More Direction = "more"
	Less Direction = "less"
	Band Direction = "band"
)

// OverTime is how the values of single periods make the value of a longer one.
type OverTime string

// The rules over time. None: a longer period has a value only where reported.
const (
	TimeSum     OverTime = "sum"
	TimeLast    OverTime = "last"
	TimeAverage OverTime = "average"
	TimeNone    OverTime = "none"
)

// OverUnits is how the values of children make the value of their parent.
type OverUnits string

// The rules over units. Weighted averages with the values of Indicator.Weight as
// weights; RatioOf sums Numerator and Denominator and divides; None never adds.
const (
	UnitSum      OverUnits = "sum"
	UnitWeighted OverUnits = "weighted"
	UnitRatio    OverUnits = "ratio"
	UnitNone     OverUnits = "none"
)

// Measure is a unit of measure with its currency and scale: 亿元 is
// {Symbol 亿元, Currency CNY, Power 8}. Values are kept in it and never converted.
type Measure struct {
	Symbol   Names
	Currency string // ISO 4217, "" if none
	Power    int    // 10^Power base units: 万 = 4, 亿 = 8
}

// Indicator is what is measured, and the rules by which its figures combine.
type Indicator struct {
	Code        string
	Names       Names
	Group       string // heading under which it is listed
	Measure     Measure
	Decimals    int // published precision, 0..MaxDecimals
	Direction   Direction
	Kind        Kind
	OverTime    OverTime
	OverUnits   OverUnits
	Weight      string // indicator code, for UnitWeighted
	Numerator   string // indicator codes, for UnitRatio
	Denominator string // of a flow: the stock that it draws on, which bounds its year
	Power       int    // UnitRatio: value = numerator / denominator × 10^Power (2 = percent)
	Basis       Basis  // as reported
	Calendar    Calendar
	ReportedAt  UnitKind // the rung whose units owe figures; "" = nobody (derived)
	DueDays     int      // days after the period's end until the figure is due
	Formula     string   // derived: an expression over other indicators' codes, else ""
	Department  string   // unit code of the department that answers for it
	Leads       []string // indicator codes that this one runs ahead of
	Source      string
	Note        string
	Retired     bool
	RecordedAt  int64
}

var codeForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,39}$`)

// Validate returns every rule that the indicator breaks, as problems without a
// place; cross references are checked where all indicators are at hand.
func (in Indicator) Validate() []Problem {
	var problems []Problem
	rule := func(ok bool, key string, pairs ...any) {
		if !ok {
			problems = append(problems, Problem{Severity: Blocking, Message: Say(key, append([]any{"indicator", in.Code}, pairs...)...)})
		}
	}
	rule(codeForm.MatchString(in.Code), "indicator.code")
	rule(in.Names.Hans != "", "indicator.name")
	rule(in.Decimals >= 0 && in.Decimals <= MaxDecimals, "indicator.decimals", "max", MaxDecimals)
	rule(in.Calendar.Valid(), "indicator.calendar", "text", string(in.Calendar))
	rule(in.Basis == Single || in.Basis == Cumulative, "indicator.basis", "text", string(in.Basis))
	rule(in.Direction == More || in.Direction == Less || in.Direction == Band, "indicator.direction", "text", string(in.Direction))
	rule(in.Kind == Flow || in.Kind == Stock || in.Kind == Rate || in.Kind == Growth || in.Kind == Index, "indicator.kind", "text", string(in.Kind))
	rule(in.OverTime == TimeSum || in.OverTime == TimeLast || in.OverTime == TimeAverage || in.OverTime == TimeNone, "indicator.over_time", "text", string(in.OverTime))
	rule(in.OverUnits == UnitSum || in.OverUnits == UnitWeighted || in.OverUnits == UnitRatio || in.OverUnits == UnitNone, "indicator.over_units", "text", string(in.OverUnits))
	adds := in.Kind == Flow || in.Kind == Stock
	rule(adds || in.OverUnits != UnitSum, "indicator.never_adds", "kind", in.Kind)
	rule(in.Kind == Flow || in.OverTime != TimeSum, "indicator.never_adds_time", "kind", in.Kind)
	rule(in.OverUnits != UnitWeighted || in.Weight != "", "indicator.weight")
	rule(in.OverUnits != UnitRatio || in.Numerator != "" && in.Denominator != "", "indicator.ratio")
	return problems
}

// Additive reports whether values of children sum to their parent's.
func (in Indicator) Additive() bool { return in.OverUnits == UnitSum }

// IndicatorSet is a named choice of indicators with weights, for boards and scores.
type IndicatorSet struct {
	Code       string
	Names      Names
	Items      []SetItem
	RecordedAt int64
}

// SetItem is one indicator of a set. Weights need not sum to one.
type SetItem struct {
	Indicator string
	Weight    Quantity
}

// Validate returns the rules that the set breaks by itself.
func (set IndicatorSet) Validate() []Problem {
	var problems []Problem
	rule := func(ok bool, key string, pairs ...any) {
		if !ok {
			problems = append(problems, Problem{Severity: Blocking, Message: Say(key, append([]any{"set", set.Code}, pairs...)...)})
		}
	}
	rule(namesOne(set.Code), "set.code")
	rule(set.Names.Hans != "", "set.name")
	rule(len(set.Items) > 0, "set.empty")
	for _, item := range set.Items {
		rule(!item.Weight.IsNeg(), "set.weight", "indicator", item.Indicator, "weight", item.Weight)
	}
	return problems
}
