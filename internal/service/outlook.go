package service

import (
	"luoshi.dev"
)

// OutlookQuery asks where the year of one indicator will land at one unit.
type OutlookQuery struct {
	Look
	Code string
}

// OutlookView is where the year of one indicator will land at one unit, and how
// far to trust it. What is known is exact; what is to come was calculated in
// floating point and rounded once to the published precision.
type OutlookView struct {
	Frame
	Indicator IndicatorHead       `json:"indicator"`
	Origin    OutlookOrigin       `json:"origin"`           // at a past instant the numbers down to Says are those kept by then, where there are any
	Kept      *OutlookShown       `json:"kept,omitempty"`   // what was kept by a past instant
	Worked    *OutlookNumbers     `json:"worked,omitempty"` // where that is something else: what is worked out now from what was known then, to which Steps and all below belong
	Said      int                 `json:"said"`             // how many outlooks of this are kept
	Why       luoshi.Message      `json:"-"`                // why there is none; the zero message where there is one
	Asked     luoshi.NullQuantity `json:"asked"`
	Upper     luoshi.NullQuantity `json:"upper"`     // of a band, whose lower bound is Asked
	Better    luoshi.Direction    `json:"better"`    // which side of Asked meets the target
	Derived   bool                `json:"derived"`   // Asked follows from a promised growth
	Promise   luoshi.Message      `json:"-"`         // the target in words
	Known     luoshi.NullQuantity `json:"known"`     // the year so far
	Through   luoshi.Period       `json:"through"`   // January to the last period known; the zero period where none is
	Estimated bool                `json:"estimated"` // a period before it is missing, and its estimate in the total
	Alone     luoshi.NullQuantity `json:"alone"`     // what this unit's own figures say, where units have agreed
	Total     luoshi.NullQuantity `json:"total"`     // expected; where units have agreed, it is the sum of those below
	Low80     luoshi.NullQuantity `json:"low80"`
	High80    luoshi.NullQuantity `json:"high80"`
	Low95     luoshi.NullQuantity `json:"low95"`
	High95    luoshi.NullQuantity `json:"high95"`
	Standing  OutlookStanding     `json:"standing"`
	Chance    luoshi.Ratio        `json:"chance"` // that the target is met, in thousandths; undefined without one. 0 and 1 only where it is settled
	Says      luoshi.Message      `json:"-"`      // all of it in one sentence
	Steps     []OutlookStep       `json:"steps"`  // the periods still to come
	Past      []OutlookPast       `json:"past"`   // what it went by, oldest first
	Notes     []luoshi.Message    `json:"-"`      // what was done to the series and must be known about it
	Methods   []OutlookMethod     `json:"methods"`
	Leads     []OutlookLead       `json:"leads"` // leading indicators, and what each added
	History   OutlookHistory      `json:"history"`
	Backtest  *OutlookBacktest    `json:"backtest,omitempty"` // nil where the history is too short
	Level     bool                `json:"level"`              // the periods do not add up: Total is the value at the year's end, a step's Value and Sum that at its own
	Growth    bool                `json:"growth"`             // only growth is published: all numbers are growth in percent

	test    func() *OutlookBacktest // of a level, until it is asked
	Changed *OutlookChanged         `json:"changed,omitempty"` // against a month before; nil where there is nothing to compare
}

// Basis is on which the figures are that the outlook went by.
func (v *OutlookView) Basis() luoshi.Basis {
	switch {
	case v.Growth:
		return luoshi.Cumulative
	case v.Level:
		return v.Indicator.Basis
	}
	return luoshi.Single
}

// On reports whether a path through the year shows what is foreseen.
func (v *OutlookView) On(kind PathKind) bool {
	switch {
	case v.Growth || v.Indicator.Kind == luoshi.Growth:
		return kind == PathGrowth || !v.Growth && kind != PathSingle
	case v.Level:
		return kind == PathLevel || kind == PathCumulative
	}
	return kind == PathCumulative
}

// OutlookStanding is how settled the question is.
type OutlookStanding string

// The standings.
const (
	OutlookOpen   OutlookStanding = "open"   // it may still go either way, or there is no target
	OutlookMet    OutlookStanding = "met"    // the target is reached and cannot be lost again
	OutlookLost   OutlookStanding = "lost"   // it cannot be met any more
	OutlookClosed OutlookStanding = "closed" // the whole year is known
)

// Spread is an expected value with the intervals that hold the true one in 80 and
// in 95 of 100 cases.
type Spread struct {
	Value  luoshi.NullQuantity `json:"value"`
	Low80  luoshi.NullQuantity `json:"low80"`
	High80 luoshi.NullQuantity `json:"high80"`
	Low95  luoshi.NullQuantity `json:"low95"`
	High95 luoshi.NullQuantity `json:"high95"`
}

// OutlookStep is a period still to come.
type OutlookStep struct {
	Period luoshi.Period       `json:"period"`
	Value  Spread              `json:"value"` // of the period by itself
	Sum    Spread              `json:"sum"`   // of the year up to its end
	Asked  luoshi.NullQuantity `json:"asked"` // by its end, of the planned course, where that is in amounts
}

// OutlookPast is a period that the outlook went by.
type OutlookPast struct {
	Period luoshi.Period       `json:"period"`
	Value  luoshi.NullQuantity `json:"value"` // of the period by itself; absent where it is not known
	Sum    luoshi.NullQuantity `json:"sum"`   // of its year up to its end
	Open   bool                `json:"open"`  // flash or preliminary: it may still change
	Sample bool                `json:"sample"`
	Shared bool                `json:"shared"` // only a longer sum was published; this is its share of it
}

// OutlookMethod is what one method says and how the combination leans on it: the
// total is the median of all and, for each method, its lean times its distance
// from the median.
type OutlookMethod struct {
	Name  string              `json:"name"` // word outlook.method.NAME
	Total luoshi.NullQuantity `json:"total"`
	Lean  float64             `json:"lean"`
}

// OutlookHistory says what an outlook rests on.
type OutlookHistory struct {
	First   luoshi.Period `json:"first"` // the zero period where nothing is known
	Last    luoshi.Period `json:"last"`
	Periods int           `json:"periods"` // known ones
	Missing int           `json:"missing"` // between them
	Open    int           `json:"open"`    // flash or preliminary
	Sample  int           `json:"sample"`  // generated
}

// OutlookBacktest is how wrong it would have been at the same period of past years,
// beside two naive rules, by the figures as known at the instant.
type OutlookBacktest struct {
	Through luoshi.Period `json:"through"` // of which period's end the years were asked about; the year is that of the outlook
	Own     OutlookScore  `json:"own"`     // this unit
	Pooled  OutlookScore  `json:"pooled"`  // with its siblings, or, where it has none, the units directly below
	Below   bool          `json:"below"`   // the latter
	Without int           `json:"without"` // units asked with it that have no past to ask about
	Cases   []OutlookCase `json:"cases"`   // this unit's years, oldest first
	Points  bool          `json:"points"`  // errors are in the measure itself, not in percent
}

// OutlookScore sums up answers whose outcome is known; errors are means of the distance
// in percent of the year's total, of an amount that does not add up in percent of what
// it came to, of a rate, an index or a growth in its measure. Of what does not add up
// RunRate is the value as it stood, and Share that moved as the year before.
type OutlookScore struct {
	Years   int                 `json:"years"` // answers: years × units
	Units   int                 `json:"units"`
	Error   luoshi.NullQuantity `json:"error"`
	RunRate luoshi.NullQuantity `json:"run_rate"` // the rest of the year like what is known of it
	Share   luoshi.NullQuantity `json:"share"`    // last year's share of the year by then
	Within  int                 `json:"within"`   // outcomes inside the interval of 80 in 100
}

// OutlookCase is one past year as it would have been foreseen.
type OutlookCase struct {
	Year   int                 `json:"year"`
	Total  luoshi.NullQuantity `json:"total"` // foreseen
	Low80  luoshi.NullQuantity `json:"low80"`
	High80 luoshi.NullQuantity `json:"high80"`
	Came   luoshi.NullQuantity `json:"came"`
}

// OutlookList is the outlook of one indicator at a unit and at the areas directly
// below it.
type OutlookList struct {
	Frame
	Indicator IndicatorHead `json:"indicator"`
	Whole     OutlookRow    `json:"whole"`
	AddUp     bool          `json:"add_up"` // the totals of the rows sum to the whole's, exactly
	Tally     OutlookTally  `json:"tally"`  // of the rows
	Rows      []OutlookRow  `json:"rows"`   // the least likely first, then those without a target, then those without an outlook
}

// OutlookRow is one unit's outlook in a line; the fields are those of [OutlookView].
type OutlookRow struct {
	Unit   UnitRef       `json:"unit"`
	Origin OutlookOrigin `json:"origin"`
	OutlookNumbers
	Derived bool                `json:"derived"`
	Alone   luoshi.NullQuantity `json:"alone"`
	Level   bool                `json:"level"`
	Growth  bool                `json:"growth"`
	Sample  bool                `json:"sample"`
}

// OutlookSheet is the outlook of every target of a unit.
type OutlookSheet struct {
	Frame
	Tally OutlookTally  `json:"tally"`
	Rows  []OutlookOf   `json:"rows"`  // the least likely first, then those without a chance, then those without an outlook
	Moves []OutlookMove `json:"moves"` // the largest since a month before, as kept
}

// OutlookOf is the outlook of one target in a line.
type OutlookOf struct {
	Indicator IndicatorHead `json:"indicator"`
	OutlookRow
}
