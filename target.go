package luoshi

import "time"

// Form is what kind of promise a target is.
type Form string

// The forms. Percentages are in percent: a growth target of 7.5 is "7.5".
const (
	FormLevel    Form = "level"    // reach Value (or stay within it, direction less)
	FormGrowth   Form = "growth"   // grow by Value percent on last year, published growth counts
	FormSign     Form = "sign"     // growth above zero (较好的正增长)
	FormAtLeast  Form = "at_least" // the value never below Low
	FormAtMost   Form = "at_most"  // the value never above High
	FormBand     Form = "band"     // the value between Low and High
	FormDate     Form = "date"     // Value reached by Date
	FormRelative Form = "relative" // growth above the growth of Reference by at least Value points
)

// Forms lists them.
var Forms = []Form{FormLevel, FormGrowth, FormSign, FormAtLeast, FormAtMost, FormBand, FormDate, FormRelative}

// Reference is the series a relative target is held against: "better than the
// nation" refers to the nation's unit, "better than the average" to the parent's.
type Reference struct {
	Indicator string
	Unit      UnitID
}

// Target is one numbered revision of a promise: of this indicator, by this unit,
// for these years. The one in force on a day is the last with From ≤ the day
// among those recorded by then.
type Target struct {
	Indicator  string
	Unit       UnitID
	FirstYear  int // equal to LastYear for a yearly target
	LastYear   int // a multi-year plan's yearly parts are targets of their own
	Revision   int // 1, 2, ... per indicator, unit and years
	Form       Form
	Value      NullQuantity
	Low, High  NullQuantity
	Date       Date
	Reference  Reference
	Strict     bool           // relative, growth, sign: above, not merely equal
	Reserve    NullQuantity   // declared part of Value that is not handed to children
	Curve      []NullQuantity // planned cumulative value (stock: level) after each month, 12 long, or nil
	Owner      string         // unit code of the department or unit that answers
	Scheme     string         // light scheme; "" = the default for the indicator
	Reason     string
	From       Date // from when the revision holds
	RecordedAt time.Time
	By         string
	Sample     bool
	Source     string
}

// Validate returns the rules that the revision breaks by itself.
func (t Target) Validate() []Problem {
	var problems []Problem
	rule := func(ok bool, key string, pairs ...any) {
		if !ok {
			problems = append(problems, Problem{Severity: Blocking, Message: Say(key, append([]any{"indicator", t.Indicator, "form", t.Form}, pairs...)...)})
		}
	}
	rule(t.FirstYear >= 1900 && t.LastYear >= t.FirstYear && t.LastYear <= 2200, "target.years")
	rule(t.From != 0, "target.from")
	rule(t.Revision >= 1, "target.revision")
	rule(t.Revision == 1 || t.Reason != "", "target.reason")
	switch t.Form {
	case FormLevel, FormGrowth:
		rule(t.Value.Valid, "target.value")
	case FormDate:
		rule(t.Value.Valid, "target.value")
		rule(t.Date != 0, "target.date")
	case FormAtLeast:
		rule(t.Low.Valid, "target.low")
	case FormAtMost:
		rule(t.High.Valid, "target.high")
	case FormBand:
		rule(t.Low.Valid && t.High.Valid && t.Low.Decimal.Cmp(t.High.Decimal) <= 0, "target.band")
	case FormRelative:
		rule(t.Reference.Unit != 0, "target.reference")
	case FormSign:
	default:
		rule(false, "target.form")
	}
	rule(t.Curve == nil || len(t.Curve) == 12, "target.curve")
	return problems
}

// InForce picks, among the revisions of one indicator, unit and years, the one in
// force on the day: the latest From that is not after it; of equals the last
// recorded. It returns false when none holds yet.
func InForce(revisions []Target, on Date) (Target, bool) {
	var best *Target
	for i := range revisions {
		if t := &revisions[i]; t.From <= on && t.Supersedes(best) {
			best = t
		}
	}
	if best == nil {
		return Target{}, false
	}
	return *best, true
}

// Supersedes reports whether the revision, where both hold, takes the place of
// another one of the same target, or of none.
func (t *Target) Supersedes(other *Target) bool {
	return other == nil || t.From > other.From || t.From == other.From && !t.RecordedAt.Before(other.RecordedAt)
}
