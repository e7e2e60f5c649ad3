package wire

import (
	"time"

	"luoshi.dev"
)

// Indicator is what is measured, and the rules by which its figures combine.
type Indicator struct {
	Code        string           `json:"code" pattern:"^[A-Za-z][A-Za-z0-9_]{0,39}$" example:"key_projects"`
	Name        luoshi.Names     `json:"name"`
	Group       string           `json:"group,omitempty" doc:"Heading under which it is listed"`
	Measure     Measure          `json:"measure"`
	Decimals    int              `json:"decimals" minimum:"0" maximum:"6" doc:"Published precision"`
	Direction   luoshi.Direction `json:"direction" enum:"more,less,band" doc:"Which way is good"`
	Kind        luoshi.Kind      `json:"kind" enum:"flow,stock,rate,growth,index"`
	OverTime    luoshi.OverTime  `json:"over_time" enum:"sum,last,average,none" doc:"How single periods make a longer one"`
	OverUnits   luoshi.OverUnits `json:"over_units" enum:"sum,weighted,ratio,none" doc:"How units make the unit above"`
	Weight      string           `json:"weight,omitempty" doc:"weighted: the indicator whose values are the weights"`
	Numerator   string           `json:"numerator,omitempty" doc:"ratio: indicator"`
	Denominator string           `json:"denominator,omitempty" doc:"ratio: indicator"`
	Power       int              `json:"power,omitempty" doc:"ratio: × 10^power, 2 = percent"`
	Basis       luoshi.Basis     `json:"basis" enum:"single,cumulative" doc:"As reported"`
	Calendar    luoshi.Calendar  `json:"calendar" enum:"monthly,monthly_janfeb,quarterly,half_yearly,yearly"`
	ReportedAt  luoshi.UnitKind  `json:"reported_at,omitempty" doc:"The rung whose units owe figures; left out = nobody"`
	DueDays     int              `json:"due_days,omitempty" doc:"Days after the period until the figure is due"`
	Formula     string           `json:"formula,omitempty" doc:"Derived: an expression over other indicators' codes"`
	Department  string           `json:"department,omitempty" doc:"Code of the department that answers for it"`
	Leads       []string         `json:"leads,omitempty" doc:"Indicators that it runs ahead of"`
	Source      string           `json:"source,omitempty"`
	Note        string           `json:"note,omitempty"`
	Retired     bool             `json:"retired,omitempty"`
	RecordedAt  *time.Time       `json:"recorded_at,omitempty" readOnly:"true" doc:"When this version was recorded"`
}

// IndicatorSet is a named choice of indicators with weights.
type IndicatorSet struct {
	Code       string       `json:"code"`
	Name       luoshi.Names `json:"name"`
	Items      []SetItem    `json:"items"`
	RecordedAt *time.Time   `json:"recorded_at,omitempty" readOnly:"true"`
}

// SetItem is one indicator of a set.
type SetItem struct {
	Indicator string          `json:"indicator"`
	Weight    luoshi.Quantity `json:"weight" doc:"Weights need not sum to one"`
}

// Scheme is a rule for lights: what is short of yellow is green, what is beyond red is red.
type Scheme struct {
	Code       string            `json:"code" example:"yinchuan"`
	Name       luoshi.Names      `json:"name"`
	Kind       luoshi.SchemeKind `json:"kind" enum:"pace,pace_share,months,growth,month_share,target,expression"`
	Yellow     luoshi.Quantity   `json:"yellow" doc:"Yellow begins past this shortfall, in the unit of the kind"`
	Red        luoshi.Quantity   `json:"red" doc:"Red begins past this shortfall"`
	MadeUp     bool              `json:"made_up,omitempty" doc:"A month missed and later made up is yellow, never green"`
	YellowWhen string            `json:"yellow_when,omitempty" doc:"expression: condition"`
	RedWhen    string            `json:"red_when,omitempty" doc:"expression: condition"`
	Source     string            `json:"source,omitempty"`
	RecordedAt *time.Time        `json:"recorded_at,omitempty" readOnly:"true"`
}

// Goal is a node of the tree of what is wanted.
type Goal struct {
	Code       string          `json:"code"`
	Name       luoshi.Names    `json:"name"`
	Parent     string          `json:"parent,omitempty" doc:"Goal above; left out = a root"`
	Order      int             `json:"order,omitempty"`
	Combine    luoshi.Combine  `json:"combine" enum:"all_of,weakest_link,weighted" doc:"How the lights below make its own"`
	Weight     luoshi.Quantity `json:"weight" doc:"Within the goal above, where that is weighted"`
	Owner      string          `json:"owner,omitempty" doc:"Code of the unit that answers"`
	Items      []GoalItem      `json:"items,omitempty"`
	RecordedAt *time.Time      `json:"recorded_at,omitempty" readOnly:"true"`
}

// GoalItem is one target under a goal.
type GoalItem struct {
	Indicator string          `json:"indicator"`
	Unit      string          `json:"unit,omitempty" doc:"Code; left out = the unit looked at"`
	Weight    luoshi.Quantity `json:"weight"`
	Guard     bool            `json:"guard,omitempty" doc:"Cannot lift the goal, but keeps it from being green while it is red"`
}

// TargetRow is a revision of a target on its way in.
type TargetRow struct {
	Indicator          string                `json:"indicator"`
	Unit               string                `json:"unit" doc:"Code of the unit that promises"`
	FirstYear          int                   `json:"first_year" minimum:"1900" maximum:"2200"`
	LastYear           int                   `json:"last_year" minimum:"1900" maximum:"2200" doc:"The same as first_year for a yearly target"`
	Form               luoshi.Form           `json:"form" enum:"level,growth,sign,at_least,at_most,band,date,relative"`
	Value              luoshi.NullQuantity   `json:"value,omitzero"`
	Low                luoshi.NullQuantity   `json:"low,omitzero"`
	High               luoshi.NullQuantity   `json:"high,omitzero"`
	Date               luoshi.Date           `json:"date,omitempty"`
	ReferenceIndicator string                `json:"reference_indicator,omitempty"`
	ReferenceUnit      string                `json:"reference_unit,omitempty"`
	Strict             bool                  `json:"strict,omitempty"`
	Reserve            luoshi.NullQuantity   `json:"reserve,omitzero"`
	Curve              []luoshi.NullQuantity `json:"curve,omitempty" doc:"Planned value after each of the twelve months, null where there is none"`
	Owner              string                `json:"owner,omitempty"`
	Scheme             string                `json:"scheme,omitempty"`
	Reason             string                `json:"reason,omitempty" doc:"Left out = that of the whole change"`
	From               luoshi.Date           `json:"from" doc:"From which day it holds"`
	Source             string                `json:"source,omitempty"`
}

// UnitRow is a dated fact about a unit on its way in.
type UnitRow struct {
	Code   string          `json:"code"`
	Name   luoshi.Names    `json:"name"`
	Short  *luoshi.Names   `json:"short,omitempty"`
	Kind   luoshi.UnitKind `json:"kind,omitempty" enum:"nation,province,city,county,town,zone,department"`
	Parent string          `json:"parent,omitempty"`
	Order  int             `json:"order,omitempty"`
	From   luoshi.Date     `json:"from"`
	To     luoshi.Date     `json:"to,omitempty" doc:"Its last day; left out = it still holds"`
}

// UnitChange is something that happens to units on a day. A merger is several with
// one new, a split several with one old.
type UnitChange struct {
	On     luoshi.Date         `json:"on"`
	Kind   string              `json:"kind" enum:"rename,recode,merge,split,move,end"`
	Old    string              `json:"old" doc:"Code before"`
	New    string              `json:"new,omitempty" doc:"Code afterwards"`
	Share  luoshi.NullQuantity `json:"share,omitzero" doc:"split: how much of the old lives on in the new; the shares sum to one"`
	Name   *luoshi.Names       `json:"name,omitempty" doc:"The new name"`
	Parent string              `json:"parent,omitempty" doc:"move: code of the new parent"`
	Source string              `json:"source,omitempty"`
}

// Change is a proposed change to the plan: each noun as it would be, whole. What is
// not named stays; what is the same already is not written again.
type Change struct {
	Units      []UnitRow      `json:"units,omitempty"`
	Changes    []UnitChange   `json:"changes,omitempty"`
	Indicators []Indicator    `json:"indicators,omitempty"`
	Sets       []IndicatorSet `json:"sets,omitempty"`
	Schemes    []Scheme       `json:"schemes,omitempty"`
	Goals      []Goal         `json:"goals,omitempty"`
	Targets    []TargetRow    `json:"targets,omitempty"`
	Reason     string         `json:"reason,omitempty" doc:"Why; asked for where something that holds is replaced. Not used when trying"`
	Seen       *time.Time     `json:"seen,omitempty" doc:"When the editor looked: what somebody else has changed since is not overwritten unseen"`
}

// Effect is what a change would do to the board, before it is put in force.
type Effect struct {
	Where
	Blocked  bool        `json:"blocked" doc:"It cannot be put in force; nothing was compared"`
	Faults   []Fault     `json:"faults" doc:"What is wrong with it, by field"`
	Writes   int         `json:"writes" doc:"Facts that it would add; 0: all of it holds already"`
	Reason   bool        `json:"reason" doc:"Something that holds would be replaced: a reason must be given"`
	Compared int         `json:"compared" doc:"Lights held against each other"`
	Before   Counts      `json:"before" doc:"Lights of the targets"`
	After    Counts      `json:"after"`
	Shifts   []Shift     `json:"shifts" doc:"Lights that would differ"`
	Reworded []Shift     `json:"reworded" doc:"The same light by other numbers, or in other words"`
	Units    []UnitShift `json:"units" doc:"Units that would appear, vanish, or stand elsewhere"`
}

// Shift is one light that would differ.
type Shift struct {
	Unit      UnitRef      `json:"unit"`
	Indicator string       `json:"indicator,omitempty" doc:"Either this"`
	Goal      string       `json:"goal,omitempty" doc:"or this"`
	Name      luoshi.Names `json:"name"`
	Before    *Judgement   `json:"before,omitempty" doc:"Left out: it was not asked for"`
	After     *Judgement   `json:"after,omitempty" doc:"Left out: it would not be asked for any more"`
}

// UnitShift is a unit that would stand elsewhere or be called otherwise.
type UnitShift struct {
	Before *UnitRef `json:"before,omitempty"`
	After  *UnitRef `json:"after,omitempty"`
	From   *UnitRef `json:"from,omitempty" doc:"The unit above it"`
	To     *UnitRef `json:"to,omitempty" doc:"and the one that would be"`
}

// Fault is one thing wrong with a change.
type Fault struct {
	Location string          `json:"location" doc:"The field" example:"body.schemes[0].red"`
	Severity luoshi.Severity `json:"severity" enum:"blocking,warning"`
	Says     Sentence        `json:"says"`
	Fix      string          `json:"fix,omitempty" doc:"The way out"`
}

// Saved is what came of putting a change in force.
type Saved struct {
	Written int       `json:"written" doc:"Facts added; 0: all of it held already"`
	Batch   int64     `json:"batch,omitempty" doc:"Number under which it is recorded"`
	At      time.Time `json:"at" doc:"From when it is known"`
	Faults  []Fault   `json:"faults" doc:"Warnings"`
}
