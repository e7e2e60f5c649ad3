package wire

import (
	"time"

	"luoshi.dev"
)

// CatchUpTry asks for the plan that closes the gap of an indicator over the periods that
// are left. Codes name areas directly below the unit, or the unit where it is planned
// alone; months (1 to 12) are those that end a period.
type CatchUpTry struct {
	Indicator string                                `json:"indicator" example:"key_projects" doc:"Code"`
	Total     luoshi.NullQuantity                   `json:"total,omitzero" doc:"The year's total to plan for; left out = what the target in force asks"`
	Locks     map[string]map[string]luoshi.Quantity `json:"locks,omitempty" doc:"By unit code and month: what is not to move"`
	Caps      map[string]luoshi.Quantity            `json:"caps,omitempty" doc:"By unit code: what is left may sum to at most"`
	Floors    map[string]luoshi.Quantity            `json:"floors,omitempty" doc:"By unit code: and at least"`
	CellCaps  map[string]map[string]luoshi.Quantity `json:"cell_caps,omitempty" doc:"By unit code and month: at most"`
	Stretch   int                                   `json:"stretch,omitempty" minimum:"0" maximum:"1000" doc:"Percent by which the best of the past may be passed"`
	Unbound   bool                                  `json:"unbound,omitempty" doc:"The past bounds nothing"`
	Exact     bool                                  `json:"exact,omitempty" doc:"Less than expected may be asked for; else an expectation that meets the target is left alone"`
	Weigh     string                                `json:"weigh,omitempty" enum:"spread,size,even" doc:"How effort is shared: so many spreads, so large a share, or the same amount beyond what is expected; left out = spread"`
	Weights   map[string]luoshi.Quantity            `json:"weights,omitempty" doc:"By unit code: how much harder it is there; 1 = as elsewhere"`
	Against   string                                `json:"against,omitempty" doc:"Id of the version to compare with; left out = the plan in force"`
	Beside    *CatchUpTry                           `json:"beside,omitempty" doc:"Another try to compare with"`
	Lights    bool                                  `json:"lights,omitempty" doc:"Say also which lights would change if it were put in force"`
	From      luoshi.Date                           `json:"from,omitempty" doc:"From which day it would hold; left out = today"`
	Reason    string                                `json:"reason,omitempty" doc:"Why; needed to put in force"`
	Seen      int64                                 `json:"seen,omitempty" doc:"seen of the plan that was decided on: where it has been revised since, the answer is 409"`
}

// CatchUp is a plan for the periods that are left. Amounts are at the published
// precision and add up; expectations are rounded.
type CatchUp struct {
	Where
	Indicator  *IndicatorHead      `json:"indicator,omitempty" doc:"Left out where the unit has none that can be planned"`
	Why        *Sentence           `json:"why,omitempty" doc:"Why there is no plan"`
	Instead    *Sentence           `json:"instead,omitempty" doc:"What to do instead"`
	Alone      bool                `json:"alone" doc:"The unit is planned by itself: the plan is whole, there are no rows"`
	Tried      bool                `json:"tried" doc:"Something was given"`
	Weigh      string              `json:"weigh" doc:"How effort is shared"`
	Promise    *Sentence           `json:"promise,omitempty" doc:"The target in words"`
	Asked      luoshi.NullQuantity `json:"asked" doc:"Of the year, by the target in force"`
	Target     luoshi.NullQuantity `json:"target" doc:"Of the year, as planned for"`
	Better     luoshi.Direction    `json:"better,omitempty" enum:"more,less,band" doc:"Which side of it meets the target"`
	Derived    bool                `json:"derived" doc:"asked follows from a promised growth"`
	Known      luoshi.NullQuantity `json:"known" doc:"Reported so far"`
	KnownTo    *luoshi.Period      `json:"known_through" doc:"January to the last period reported"`
	Needed     luoshi.NullQuantity `json:"needed" doc:"Of what is left"`
	Expected   luoshi.NullQuantity `json:"expected" doc:"Of what is left"`
	Gap        luoshi.NullQuantity `json:"gap" doc:"By how much needed lies beyond expected, to the hard side; below 0 it is expected anyway"`
	State      string              `json:"state,omitempty" enum:"met,ahead,short,beyond" doc:"met: the sum is met exactly; ahead: what is expected meets it and was left alone; short: out of reach, the plan is the best attainable; beyond: reached whatever happens. Left out where there is no plan"`
	Hard       int                 `json:"hard" doc:"The side on which it takes effort: 1 up, −1 down"`
	Step       luoshi.NullQuantity `json:"step" doc:"How many spreads everybody goes beyond the expectation"`
	Sum        luoshi.NullQuantity `json:"sum" doc:"What the plan brings of what is left"`
	Total      luoshi.NullQuantity `json:"total" doc:"And with what is known"`
	Short      luoshi.NullQuantity `json:"short" doc:"By how much it falls short"`
	Best       luoshi.NullQuantity `json:"best" doc:"The most (where less is better the least) that the year can still come to"`
	Least      luoshi.NullQuantity `json:"least" doc:"The other limit"`
	Chance     *Ratio              `json:"chance" doc:"Probability, in thousandths, that target is met as things stand"`
	ChanceBest *Ratio              `json:"chance_best" doc:"That best is reached as things stand; only where the plan is short"`
	Says       []Sentence          `json:"says" doc:"The verdict first"`
	Notes      []Sentence          `json:"notes" doc:"What the expectations rest on"`
	Columns    []CatchUpColumn     `json:"columns" doc:"All periods of the year"`
	Whole      *CatchUpRow         `json:"whole,omitempty" doc:"The unit: its cells are the sums of the rows; left out where there is no plan"`
	Rows       []CatchUpRow        `json:"rows"`
	Tasks      []CatchUpTask       `json:"tasks" doc:"Who must bring more than expected by when, those asked for most first"`
	Gives      []CatchUpGive       `json:"gives" doc:"What stands in the way, where the plan is short"`
	Blocked    bool                `json:"blocked" doc:"There is no plan; problems say why"`
	Problems   []PlanProblem       `json:"problems"`
	Compare    *CatchUpCompare     `json:"compare,omitempty" doc:"Beside the plan in force, or the version asked for"`
	Beside     *CatchUpCompare     `json:"beside,omitempty" doc:"Beside the other try"`
	Changes    []PlanChange        `json:"changes" doc:"Targets that would get another revision, or have got it"`
	Left       []UnitRef           `json:"left,omitempty" doc:"Units in the plan whose lights do not follow: their targets promise no amount, or are not the planner's to set"`
	Stale      *Sentence           `json:"stale,omitempty" doc:"Figures have come in that the plan does not know"`
	Lights     *Effect             `json:"lights,omitempty" doc:"Which lights would change"`
	Keeping    *CatchUpKeeping     `json:"keeping,omitempty" doc:"How the plan in force is being kept"`
	Plans      []CatchUpPlan       `json:"plans" doc:"Put in force once, the newest first"`
	Versions   []PlanVersion       `json:"versions" doc:"Of the indicator's plan at the unit and below, the newest first"`
	Seen       int64               `json:"seen,omitempty" doc:"The newest revision that the answer knows of"`
	From       luoshi.Date         `json:"from,omitempty" doc:"From which day it would hold"`
	InForce    bool                `json:"in_force" doc:"This answer has put it in force"`
	Batch      int64               `json:"batch,omitempty" doc:"Under which it was put in force: /api/plan/{batch}/undo takes it back"`
	Before     string              `json:"before,omitempty" doc:"The version that was in force"`
}

// CatchUpColumn is a period of the year.
type CatchUpColumn struct {
	Period luoshi.Period `json:"period"`
	Left   bool          `json:"left" doc:"It is planned; else reported"`
}

// CatchUpRow is one unit's side of a plan.
type CatchUpRow struct {
	Unit     UnitRef             `json:"unit"`
	Own      bool                `json:"own" doc:"What the unit itself reports beside those below it; nobody is held to it"`
	Basis    string              `json:"basis,omitempty" enum:"outlook,plan,last_year,rest" doc:"What the expectation rests on"`
	Note     *Sentence           `json:"note,omitempty" doc:"Why it is no outlook"`
	Target   luoshi.NullQuantity `json:"target" doc:"Of the year, in force"`
	Known    luoshi.NullQuantity `json:"known"`
	Through  *luoshi.Period      `json:"through"`
	Cells    []CatchUpCell       `json:"cells" doc:"By column"`
	Expected luoshi.NullQuantity `json:"expected" doc:"Of what is left"`
	Rest     luoshi.NullQuantity `json:"rest" doc:"Planned of what is left"`
	Extra    luoshi.NullQuantity `json:"extra" doc:"rest beyond expected, to the hard side"`
	Effort   luoshi.NullQuantity `json:"effort" doc:"extra in spreads"`
	Total    luoshi.NullQuantity `json:"total" doc:"Of the year by the plan"`
	Over     luoshi.NullQuantity `json:"over" doc:"total − target"`
	Least    luoshi.NullQuantity `json:"least" doc:"Attainable of what is left, at least"`
	Most     luoshi.NullQuantity `json:"most" doc:"And at most"`
	MostFrom string              `json:"most_from,omitempty" enum:"history,expectation,capacity,stock,planner"`
	Hold     string              `json:"hold,omitempty" enum:"least,most" doc:"At which of them it stands"`
	Cap      luoshi.NullQuantity `json:"cap" doc:"Given"`
	Floor    luoshi.NullQuantity `json:"floor" doc:"Given"`
	Weight   luoshi.NullQuantity `json:"weight" doc:"Given"`
	Chance   *Ratio              `json:"chance" doc:"That its own target is met as things stand"`
	Reaches  *Ratio              `json:"reaches" doc:"That total is reached as things stand"`
	Person   *Person             `json:"person,omitempty" doc:"In charge of the target"`
	Leader   *Person             `json:"leader,omitempty" doc:"Of the unit"`
	Revision int                 `json:"revision,omitempty" doc:"Of its target in force"`
}

// CatchUpCell is one unit in one period.
type CatchUpCell struct {
	Period    luoshi.Period       `json:"period"`
	Known     bool                `json:"known" doc:"Reported"`
	Estimated bool                `json:"estimated" doc:"It is over and not reported: an estimate stands"`
	Value     luoshi.NullQuantity `json:"value" doc:"Reported, or planned"`
	Expect    luoshi.NullQuantity `json:"expect"`
	Spread    luoshi.NullQuantity `json:"spread"`
	Extra     luoshi.NullQuantity `json:"extra" doc:"value beyond expect, to the hard side"`
	Effort    luoshi.NullQuantity `json:"effort" doc:"extra in spreads"`
	Low       luoshi.NullQuantity `json:"low" doc:"Attainable at least"`
	High      luoshi.NullQuantity `json:"high" doc:"And at most"`
	HighFrom  string              `json:"high_from,omitempty" enum:"history,expectation,capacity,planner"`
	Hold      string              `json:"hold,omitempty" enum:"low,high,locked,known,certain" doc:"What keeps it from moving"`
	Locked    bool                `json:"locked" doc:"Given"`
	Cap       luoshi.NullQuantity `json:"cap" doc:"Given"`
	InForce   luoshi.NullQuantity `json:"in_force" doc:"Of the plan in force"`
	LastYear  luoshi.NullQuantity `json:"last_year"`
	Capacity  *Capacity           `json:"capacity,omitempty" doc:"What the unit has stated"`
}

// Capacity is what a unit has stated that it can bring in a period at most.
type Capacity struct {
	Most   luoshi.Quantity `json:"most"`
	Reason string          `json:"reason"`
	By     Person          `json:"by"`
	At     time.Time       `json:"at"`
}

// CatchUpTask is what one unit must bring in one period, and who answers for it.
type CatchUpTask struct {
	Unit   UnitRef             `json:"unit"`
	Period luoshi.Period       `json:"period"`
	By     luoshi.Date         `json:"by" doc:"Its last day"`
	Value  luoshi.NullQuantity `json:"value"`
	Expect luoshi.NullQuantity `json:"expect"`
	Extra  luoshi.NullQuantity `json:"extra"`
	Effort luoshi.NullQuantity `json:"effort"`
	Hold   string              `json:"hold,omitempty" enum:"low,high,locked,certain"`
	Person *Person             `json:"person,omitempty" doc:"In charge of the target"`
	Leader *Person             `json:"leader,omitempty" doc:"Of the unit"`
	Says   Sentence            `json:"says"`
}

// CatchUpGive is one thing that stands in the way.
type CatchUpGive struct {
	Unit   UnitRef             `json:"unit"`
	Hold   string              `json:"hold" enum:"locked,most,least,high,low,certain"`
	Period *luoshi.Period      `json:"period" doc:"null: the unit's sum"`
	Now    luoshi.NullQuantity `json:"now" doc:"Where it stands"`
	Gain   luoshi.NullQuantity `json:"gain" doc:"What it would bring if it alone gave way; null = without limit"`
	Says   Sentence            `json:"says"`
}

// CatchUpCompare sets a plan beside another one, over the periods that are left.
type CatchUpCompare struct {
	Version *PlanVersion        `json:"version,omitempty" doc:"Left out beside a try"`
	Rows    []CatchUpDiffRow    `json:"rows" doc:"Units that differ"`
	Months  []CatchUpDiff       `json:"months"`
	Sum     CatchUpDiff         `json:"sum"`
	Differ  int                 `json:"differ" doc:"Cells that differ"`
	Effort  luoshi.NullQuantity `json:"effort" doc:"The most that is asked of any cell, in spreads, here"`
	Other   luoshi.NullQuantity `json:"other_effort" doc:"And there"`
	Short   luoshi.NullQuantity `json:"other_short" doc:"By how much the other falls short"`
}

// CatchUpDiffRow is one unit in both plans.
type CatchUpDiffRow struct {
	Unit  UnitRef       `json:"unit"`
	Own   bool          `json:"own"`
	Cells []CatchUpDiff `json:"cells"`
	Sum   CatchUpDiff   `json:"sum"`
}

// CatchUpDiff is one number in both plans.
type CatchUpDiff struct {
	Here  luoshi.NullQuantity `json:"here"`
	There luoshi.NullQuantity `json:"there"`
	By    luoshi.NullQuantity `json:"by" doc:"here − there"`
}

// CatchUpKeeping is how a plan in force is being kept.
type CatchUpKeeping struct {
	Version PlanVersion      `json:"version"`
	Batch   int64            `json:"batch" doc:"/api/plan/{batch}/undo takes it back"`
	Number  int              `json:"number,omitempty" doc:"Of the revision of the unit's own target"`
	Whole   CatchUpKeptRow   `json:"whole"`
	Rows    []CatchUpKeptRow `json:"rows"`
	Lagging int              `json:"lagging" doc:"Units that are behind"`
	Says    Sentence         `json:"says"`
}

// CatchUpKeptRow is one unit under a plan in force.
type CatchUpKeptRow struct {
	Unit     UnitRef             `json:"unit"`
	Months   []CatchUpKept       `json:"months" doc:"From the first that was planned"`
	Kept     int                 `json:"kept"`
	Missed   int                 `json:"missed"`
	Behind   luoshi.NullQuantity `json:"behind" doc:"Planned − reported since the plan began, to the hard side; below 0 it is ahead"`
	Revision int                 `json:"revision,omitempty" doc:"Of its target in force"`
	Person   *Person             `json:"person,omitempty"`
}

// CatchUpKept is one planned period.
type CatchUpKept struct {
	Period      luoshi.Period       `json:"period"`
	Planned     luoshi.NullQuantity `json:"planned"`
	Reported    luoshi.NullQuantity `json:"reported" doc:"null: not yet"`
	By          luoshi.NullQuantity `json:"by" doc:"reported − planned"`
	Kept        bool                `json:"kept"`
	SumPlanned  luoshi.NullQuantity `json:"sum_planned" doc:"Since the plan began"`
	SumReported luoshi.NullQuantity `json:"sum_reported"`
}

// CatchUpPlan is a plan that was put in force once.
type CatchUpPlan struct {
	Batch      int64               `json:"batch"`
	From       luoshi.Date         `json:"from"`
	RecordedAt time.Time           `json:"recorded_at"`
	By         string              `json:"by,omitempty"`
	Reason     string              `json:"reason"`
	Total      luoshi.NullQuantity `json:"total" doc:"Of the year, by the plan"`
	Number     int                 `json:"number,omitempty" doc:"Of the revision of the unit's own target"`
	InForce    bool                `json:"in_force"`
}

// CapacityTry states what a unit can bring at most.
type CapacityTry struct {
	Most   map[string]luoshi.NullQuantity `json:"most" doc:"By the month (1 to 12) that ends a period; null takes a statement back"`
	Reason string                         `json:"reason" example:"The main line is overhauled" doc:"Why it can be no more"`
}

// Capacities is what a unit has stated of an indicator in a year.
type Capacities struct {
	Where
	Indicator IndicatorHead  `json:"indicator"`
	Of        UnitRef        `json:"of"`
	Rows      []CapacityRow  `json:"rows" doc:"The periods of the year"`
	Facts     []CapacityFact `json:"facts" doc:"Every statement, the newest first"`
	Written   int            `json:"written" doc:"How many periods this statement changed"`
}

// CapacityRow is one period.
type CapacityRow struct {
	Period   luoshi.Period       `json:"period"`
	Reported luoshi.NullQuantity `json:"reported"`
	LastYear luoshi.NullQuantity `json:"last_year"`
	Stated   *Capacity           `json:"stated,omitempty" doc:"As it holds"`
}

// CapacityFact is one statement.
type CapacityFact struct {
	Period luoshi.Period       `json:"period"`
	Most   luoshi.NullQuantity `json:"most" doc:"null: taken back"`
	Reason string              `json:"reason"`
	By     Person              `json:"by"`
	At     time.Time           `json:"at"`
	Holds  bool                `json:"holds"`
}
