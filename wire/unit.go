package wire

import (
	"time"

	"luoshi.dev"
)

// UnitList is the register of units by the boundaries of a day: areas with parents
// before children, then departments.
type UnitList struct {
	Where
	Page
	Items  []UnitLine  `json:"items"`
	Rungs  []RungCount `json:"rungs" doc:"How many there are of each rung"`
	Coming []ChangeDay `json:"coming" doc:"Changes recorded for later days, soonest first"`
}

// RungCount is how many units of a rung there are.
type RungCount struct {
	Kind  luoshi.UnitKind `json:"kind"`
	Count int             `json:"count"`
}

// UnitLine is one unit of the register.
type UnitLine struct {
	Unit     UnitRef     `json:"unit"`
	Depth    int         `json:"depth"`
	Parent   string      `json:"parent,omitempty" doc:"Code"`
	Order    int         `json:"order" doc:"Among siblings"`
	From     luoshi.Date `json:"from" doc:"Since when it is as it is"`
	Children int         `json:"children" doc:"Areas directly below"`
	Below    int         `json:"below" doc:"Areas below, at any depth"`
	Next     *UnitEvent  `json:"next,omitempty" doc:"The change that is recorded for a later day"`
}

// UnitCard is everything that is known about one unit.
type UnitCard struct {
	Where
	Here         UnitRef        `json:"here"`
	InForce      bool           `json:"in_force" doc:"By the boundaries shown"`
	Parent       *UnitRef       `json:"parent,omitempty"`
	Facts        []UnitFact     `json:"facts" doc:"Newest first; nothing is overwritten"`
	Events       []UnitEvent    `json:"events" doc:"What it had a part in, newest first"`
	Predecessors []UnitKin      `json:"predecessors"`
	Successors   []UnitKin      `json:"successors"`
	Targets      []TargetState  `json:"targets" doc:"Of the year, judged"`
	Reports      []UnitReport   `json:"reports" doc:"What it owes"`
	Answers      []IndicatorRef `json:"answers" doc:"Indicators that the department answers for"`
	Children     []UnitLine     `json:"children"`
	Departments  []UnitLine     `json:"departments"`
}

// UnitFact is one dated fact about a unit.
type UnitFact struct {
	Unit       UnitRef     `json:"unit"`
	Parent     *UnitRef    `json:"parent,omitempty"`
	Order      int         `json:"order"`
	From       luoshi.Date `json:"from"`
	Until      luoshi.Date `json:"until,omitempty" doc:"Its last day; left out = it still holds"`
	Ended      bool        `json:"ended" doc:"From that day on the unit is no more"`
	Corrected  bool        `json:"corrected" doc:"A later record says otherwise about the same day"`
	RecordedAt *time.Time  `json:"recorded_at,omitempty"`
	By         string      `json:"by,omitempty"`
	Source     string      `json:"source,omitempty"`
	Batch      int64       `json:"batch,omitempty" doc:"The change, where it can be taken back"`
}

// UnitKin is a unit that another came from or lives on in.
type UnitKin struct {
	Unit   UnitRef         `json:"unit"`
	On     luoshi.Date     `json:"on"`
	Share  luoshi.Quantity `json:"share" doc:"How much of the old unit lives on in the new one"`
	Source string          `json:"source,omitempty"`
}

// UnitReport is one series that a unit owes.
type UnitReport struct {
	Indicator IndicatorRef    `json:"indicator"`
	Calendar  luoshi.Calendar `json:"calendar"`
	DueDays   int             `json:"due_days" doc:"Days after the period until the figure is due"`
	Newest    *ReportPeriod   `json:"newest,omitempty" doc:"The newest closed period"`
	Next      *luoshi.Period  `json:"next" doc:"The next period that is owed"`
	Due       luoshi.Date     `json:"due,omitempty" doc:"When its figure is due"`
}

// UnitEvent is one thing that happened to the unit tree on a day.
type UnitEvent struct {
	Kinds      []string    `json:"kinds" doc:"begin, rename, recode, move, reorder, kind, merge, split, end, again"`
	On         luoshi.Date `json:"on"`
	Says       Sentence    `json:"says"`
	Units      []UnitRef   `json:"units" doc:"As they were before; of a merger all that went in"`
	Into       []UnitShare `json:"into" doc:"As they are afterwards"`
	Source     string      `json:"source,omitempty"`
	RecordedAt *time.Time  `json:"recorded_at,omitempty"`
	By         string      `json:"by,omitempty"`
}

// UnitShare is a unit with the share of another that lives on in it.
type UnitShare struct {
	Unit  UnitRef         `json:"unit"`
	Share luoshi.Quantity `json:"share"`
}

// ChangeDay is what happened to the unit tree on one day.
type ChangeDay struct {
	On     luoshi.Date `json:"on"`
	Events []UnitEvent `json:"events"`
}

// UnitChanges is every change of the unit tree.
type UnitChanges struct {
	Where
	Page
	Items []ChangeDay `json:"items" doc:"The newest day first"`
	Begin luoshi.Date `json:"begin" doc:"The day with which the register begins"`
	First int         `json:"first" doc:"Units that are in it from that day on"`
}
