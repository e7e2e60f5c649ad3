package service

import (
	"luoshi.dev"
	"luoshi.dev/catchup"
)

// CatchUpQuery asks for the plan that closes the gap of one indicator at a unit over
// the periods that are left: what planners lock and cap is wholly in the query.
// Codes name areas directly below the unit, or the unit where it is planned alone;
// months are those that end a period.
type CatchUpQuery struct {
	Look      `json:"-"`
	Indicator string                             `json:"indicator"`
	Total     luoshi.NullQuantity                `json:"total"`               // the year's total to try; absent = what the target asks
	Locks     map[string]map[int]luoshi.Quantity `json:"locks,omitempty"`     // values that are not to move
	Caps      map[string]luoshi.Quantity         `json:"caps,omitempty"`      // what is left of a unit may sum to at most
	Floors    map[string]luoshi.Quantity         `json:"floors,omitempty"`    // and at least
	CellCaps  map[string]map[int]luoshi.Quantity `json:"cell_caps,omitempty"` // at most in a month
	Stretch   int                                `json:"stretch,omitempty"`   // per cent by which the best of the past may be passed
	Unbound   bool                               `json:"unbound,omitempty"`   // the past bounds nothing
	Exact     bool                               `json:"exact,omitempty"`     // less than expected may be asked for; else an expectation that meets the target is left alone
	Weigh     string                             `json:"weigh,omitempty"`     // how effort is shared, one of CatchUpWeighings; "" = by spread
	Weights   map[string]luoshi.Quantity         `json:"weights,omitempty"`   // how much harder it is for a unit; 1 = as for the others
	Against   string                             `json:"against,omitempty"`   // id of the version to compare with; "" = the plan in force
	Beside    *CatchUpQuery                      `json:"beside,omitempty"`    // another try to compare with; its place and indicator are those of this one
	From      luoshi.Date                        `json:"from,omitempty"`      // from when it would hold; 0 = today
	Reason    string                             `json:"reason,omitempty"`
	Seen      int64                              `json:"seen,omitempty"` // CatchUpView.Seen of what was decided on; 0 = not checked
}

// Ways to share the effort.
const (
	WeighSpread = "spread" // everybody the same number of spreads beyond the expectation
	WeighSize   = "size"   // everybody the same share of the expectation
	WeighEven   = "even"   // everybody the same amount
)

// CatchUpWeighings lists the ways to share the effort, for help and choices.
func CatchUpWeighings() []string { return []string{WeighSpread, WeighSize, WeighEven} }

// Trying reports whether anything is asked for but the plan as it follows from the
// outlooks.
func (q CatchUpQuery) Trying() bool {
	return q.Total.Valid || len(q.Locks)+len(q.Caps)+len(q.Floors)+len(q.CellCaps)+len(q.Weights) > 0 || q.Stretch != 0 || q.Unbound || q.Exact || q.Weigh != "" && q.Weigh != WeighSpread
}

// CatchUpView is a plan for the periods that are left: what is needed, what is
// expected, who brings what by when; or how far short the best that is attainable
// falls, and what would have to give. Amounts are at the published precision and
// add up; expectations are rounded for the eye.
type CatchUpView struct {
	Frame
	Indicator  IndicatorHead       `json:"indicator"`
	Choices    []IndicatorChoice   `json:"choices"` // indicators that can be planned
	Why        luoshi.Message      `json:"-"`       // why there is no plan; the zero message where there is one
	Instead    luoshi.Message      `json:"-"`       // what to do instead
	Alone      bool                `json:"alone"`   // the unit is planned by itself
	Tried      bool                `json:"tried"`
	Weigh      string              `json:"weigh"`
	Promise    luoshi.Message      `json:"-"`        // the target in words
	Asked      luoshi.NullQuantity `json:"asked"`    // of the year, by the target in force
	Target     luoshi.NullQuantity `json:"target"`   // of the year, as planned for: Asked or what is tried
	Better     luoshi.Direction    `json:"better"`   // which side of it meets the target
	Derived    bool                `json:"derived"`  // Asked follows from a promised growth
	Known      luoshi.NullQuantity `json:"known"`    // reported so far
	Through    luoshi.Period       `json:"through"`  // January to the last period reported; the zero period where none is
	Needed     luoshi.NullQuantity `json:"needed"`   // of what is left
	Expected   luoshi.NullQuantity `json:"expected"` // of what is left
	Gap        luoshi.NullQuantity `json:"gap"`      // by how much Needed lies beyond Expected, to the hard side; below 0 it is expected anyway
	State      catchup.State       `json:"state"`
	Hard       int                 `json:"hard"`        // the side on which it takes effort: +1 up, −1 down
	Step       luoshi.NullQuantity `json:"step"`        // how many spreads everybody goes beyond the expectation; absent where it is not the same for all
	Sum        luoshi.NullQuantity `json:"sum"`         // what the plan brings of what is left
	Year       luoshi.NullQuantity `json:"year_total"`  // and with what is known
	Short      luoshi.NullQuantity `json:"short"`       // by how much it falls short; absent unless it does
	Best       luoshi.NullQuantity `json:"best"`        // the most (where less is better the least) that the year can still come to; absent = no limit known
	Least      luoshi.NullQuantity `json:"least"`       // the other limit
	Chance     luoshi.Ratio        `json:"chance"`      // that Target is met as things stand, in thousandths
	ChanceBest luoshi.Ratio        `json:"chance_best"` // that Best is reached as things stand; undefined unless it is short
	Says       []luoshi.Message    `json:"-"`           // the verdict first
	Notes      []luoshi.Message    `json:"-"`           // what the expectations rest on and must be known about them
	Columns    []CatchUpColumn     `json:"columns"`     // all periods of the year
	Whole      CatchUpRow          `json:"whole"`       // the unit: its cells are the sums of the rows
	Rows       []CatchUpRow        `json:"rows"`        // none where the unit is planned alone
	Tasks      []CatchUpTask       `json:"tasks"`       // those asked for most first
	Gives      []CatchUpGive       `json:"gives"`       // what stands in the way, where it is short
	Problems   []SheetProblem      `json:"problems"`    // of cells and units, blocking first
	Compare    *CatchUpCompare     `json:"compare,omitempty"`
	Beside     *CatchUpCompare     `json:"beside,omitempty"` // against another try
	Changes    []PlanChange        `json:"changes"`          // targets that would get another revision
	Keeping    *CatchUpKeeping     `json:"keeping,omitempty"`
	Plans      []CatchUpPlan       `json:"plans"`    // put in force once, the newest first
	Versions   []PlanVersion       `json:"versions"` // of the indicator's plan at the unit and below, the newest first
	Seen       int64               `json:"seen"`     // the newest revision that the view knows of
	From       luoshi.Date         `json:"from"`     // from when it would hold
}

// CatchUpColumn is a period of the year.
type CatchUpColumn struct {
	Period luoshi.Period `json:"period"`
	Left   bool          `json:"left"` // it is planned; else reported
}

// CatchUpRow is one unit's side of a plan.
type CatchUpRow struct {
	Unit     UnitRef             `json:"unit"`
	Own      bool                `json:"own"`      // what the unit of the view itself adds beside those below it
	Basis    string              `json:"basis"`    // what the expectation rests on, one of the Basis constants
	Target   luoshi.NullQuantity `json:"target"`   // of the year, in force
	Known    luoshi.NullQuantity `json:"known"`    // reported so far
	Through  luoshi.Period       `json:"through"`  // to the last period reported
	Cells    []CatchUpCell       `json:"cells"`    // by column
	Expected luoshi.NullQuantity `json:"expected"` // of what is left
	Rest     luoshi.NullQuantity `json:"rest"`     // planned of what is left
	Extra    luoshi.NullQuantity `json:"extra"`    // Rest beyond Expected, to the hard side
	Effort   luoshi.NullQuantity `json:"effort"`   // Extra in spreads, one decimal; absent without any
	Total    luoshi.NullQuantity `json:"total"`    // of the year by the plan
	Over     luoshi.NullQuantity `json:"over"`     // Total − Target
	Least    luoshi.NullQuantity `json:"least"`    // attainable of what is left, at least and
	Most     luoshi.NullQuantity `json:"most"`     // at most; absent = no limit
	MostFrom string              `json:"most_from"`
	Hold     catchup.Hold        `json:"hold"`  // at which of them it stands
	Cap      luoshi.NullQuantity `json:"cap"`   // given
	Floor    luoshi.NullQuantity `json:"floor"` // given
	Weight   luoshi.NullQuantity `json:"weight"`
	Chance   luoshi.Ratio        `json:"chance"`  // that its own target is met as things stand
	Reaches  luoshi.Ratio        `json:"reaches"` // that Total is reached as things stand
	Person   *PersonRef          `json:"person,omitempty"`
	Leader   *PersonRef          `json:"leader,omitempty"`
	Revision int                 `json:"revision"` // of its target in force, 0 = none
	Note     luoshi.Message      `json:"-"`        // why the expectation is no outlook
	Sample   bool                `json:"sample"`
}

// What an expectation can rest on.
const (
	BasisOutlook  = "outlook"   // the unit's own outlook, brought together with that of the whole
	BasisPlan     = "plan"      // the plan in force, for want of a history
	BasisLastYear = "last_year" // the same periods of last year
	BasisRest     = "rest"      // what the units do not account for
)

// CatchUpCell is one unit in one period.
type CatchUpCell struct {
	Period    luoshi.Period       `json:"period"`
	Known     bool                `json:"known"`     // reported
	Estimated bool                `json:"estimated"` // it is over and not reported: the outlook's estimate stands
	Value     luoshi.NullQuantity `json:"value"`     // reported, or planned
	Expect    luoshi.NullQuantity `json:"expect"`
	Spread    luoshi.NullQuantity `json:"spread"`
	Extra     luoshi.NullQuantity `json:"extra"`  // beyond Expect, to the hard side
	Effort    luoshi.NullQuantity `json:"effort"` // in spreads, one decimal
	Low       luoshi.NullQuantity `json:"low"`    // attainable at least
	High      luoshi.NullQuantity `json:"high"`   // and at most; absent = no limit
	HighFrom  string              `json:"high_from"`
	Hold      catchup.Hold        `json:"hold"`
	Locked    bool                `json:"locked"`   // by the query
	Cap       luoshi.NullQuantity `json:"cap"`      // given
	InForce   luoshi.NullQuantity `json:"in_force"` // of the plan in force
	LastYear  luoshi.NullQuantity `json:"last_year"`
	Capacity  *CapacityRef        `json:"capacity,omitempty"` // what the unit has stated
}

// Where a bound comes from, beside catchup.FromHistory and the others.
const FromPlanner = "planner"

// CapacityRef is what a unit has stated that it can bring in a period at most.
type CapacityRef struct {
	Value  luoshi.Quantity `json:"value"`
	Reason string          `json:"reason"`
	By     PersonRef       `json:"by"`
	At     int64           `json:"at"` // microseconds
}

// CatchUpTask is what one unit must bring in one period, and who answers for it.
type CatchUpTask struct {
	Unit   UnitRef             `json:"unit"`
	Period luoshi.Period       `json:"period"`
	By     luoshi.Date         `json:"by"`
	Value  luoshi.NullQuantity `json:"value"`
	Expect luoshi.NullQuantity `json:"expect"`
	Extra  luoshi.NullQuantity `json:"extra"`
	Effort luoshi.NullQuantity `json:"effort"`
	Hold   catchup.Hold        `json:"hold"`
	Person *PersonRef          `json:"person,omitempty"` // in charge of the target
	Leader *PersonRef          `json:"leader,omitempty"` // of the unit
	Says   luoshi.Message      `json:"-"`
}

// CatchUpGive is one thing that stands in the way, and what it would bring if it
// alone gave way.
type CatchUpGive struct {
	Unit   UnitRef             `json:"unit"`
	Hold   catchup.Hold        `json:"hold"`
	Period luoshi.Period       `json:"period"` // the zero period: the unit's sum
	Now    luoshi.NullQuantity `json:"now"`
	Gain   luoshi.NullQuantity `json:"gain"` // absent = without limit
	Says   luoshi.Message      `json:"-"`
}

// CatchUpCompare sets the plan beside another one: the plan in force, a version of
// it, or another try.
type CatchUpCompare struct {
	Version *PlanVersion        `json:"version,omitempty"` // nil: another try, or straight lines where no curve is in force
	Rows    []CatchUpDiffRow    `json:"rows"`              // units that differ
	Months  []CatchUpDiff       `json:"months"`            // the sums of the periods that are left
	Sum     CatchUpDiff         `json:"sum"`               // of what is left
	Differ  int                 `json:"differ"`            // cells that differ
	Effort  luoshi.NullQuantity `json:"effort"`            // the most that is asked of any cell, here
	Other   luoshi.NullQuantity `json:"other_effort"`      // and there; absent where the other is no try
	Short   luoshi.NullQuantity `json:"other_short"`       // by how much the other try falls short
}

// CatchUpDiffRow is one unit in both plans.
type CatchUpDiffRow struct {
	Unit  UnitRef       `json:"unit"`
	Own   bool          `json:"own"`
	Cells []CatchUpDiff `json:"cells"` // of the periods that are left
	Sum   CatchUpDiff   `json:"sum"`   // of what is left
}

// CatchUpDiff is one number in both plans.
type CatchUpDiff struct {
	Here  luoshi.NullQuantity `json:"here"`
	There luoshi.NullQuantity `json:"there"`
	By    luoshi.NullQuantity `json:"by"` // Here − There
}

// CatchUpKeeping is how a catch-up plan in force is being kept.
type CatchUpKeeping struct {
	Version PlanVersion      `json:"version"` // the plan in force, as a version of the indicator's plan
	Plan    CatchUpPlan      `json:"plan"`
	Number  int              `json:"number"` // of the revision of the unit's own target, 0 = it has none
	Whole   CatchUpKeptRow   `json:"whole"`
	Rows    []CatchUpKeptRow `json:"rows"`
	Lagging int              `json:"lagging"` // units that are behind the plan
	Says    luoshi.Message   `json:"-"`
}

// CatchUpKeptRow is one unit under a plan in force.
type CatchUpKeptRow struct {
	Unit     UnitRef             `json:"unit"`
	Months   []CatchUpKept       `json:"months"` // from the first that was planned
	Kept     int                 `json:"kept"`   // months reported and kept
	Missed   int                 `json:"missed"`
	Behind   luoshi.NullQuantity `json:"behind"`   // to the last month reported: planned − reported since the plan began, to the hard side; below 0 it is ahead
	Revision int                 `json:"revision"` // of its target in force, 0 = none
	Person   *PersonRef          `json:"person,omitempty"`
}

// CatchUpKept is one planned month.
type CatchUpKept struct {
	Period   luoshi.Period       `json:"period"`
	Planned  luoshi.NullQuantity `json:"planned"`
	Reported luoshi.NullQuantity `json:"reported"`    // absent: not yet
	By       luoshi.NullQuantity `json:"by"`          // Reported − Planned
	Kept     bool                `json:"kept"`        // it is reported and not missed
	SumPlan  luoshi.NullQuantity `json:"sum_planned"` // since the plan began
	SumKnown luoshi.NullQuantity `json:"sum_reported"`
}
