package wire

import (
	"time"

	"luoshi.dev"
)

// IndicatorRef names an indicator.
type IndicatorRef struct {
	Code     string       `json:"code" example:"key_projects"`
	Name     luoshi.Names `json:"name"`
	Measure  Measure      `json:"measure"`
	Decimals int          `json:"decimals" doc:"Published precision"`
}

// Named is a code with its name.
type Named struct {
	Code  string       `json:"code"`
	Name  luoshi.Names `json:"name"`
	Guard bool         `json:"guard,omitempty" doc:"Of a goal: the indicator guards it"`
}

// Target is one numbered revision of a promise.
type Target struct {
	FirstYear  int                   `json:"first_year" example:"2020"`
	LastYear   int                   `json:"last_year" doc:"The same as first_year for a yearly target"`
	Revision   int                   `json:"revision" doc:"1, 2, … of this indicator, unit and years"`
	Form       luoshi.Form           `json:"form" enum:"level,growth,sign,at_least,at_most,band,date,relative"`
	Value      luoshi.NullQuantity   `json:"value"`
	Low        luoshi.NullQuantity   `json:"low"`
	High       luoshi.NullQuantity   `json:"high"`
	Date       luoshi.Date           `json:"date,omitempty"`
	Strict     bool                  `json:"strict" doc:"Above, not merely equal"`
	Reserve    luoshi.NullQuantity   `json:"reserve" doc:"Declared part that is not handed down"`
	Curve      []luoshi.NullQuantity `json:"curve" doc:"Planned value after each month of the year; empty = a straight line"`
	Owner      string                `json:"owner,omitempty" doc:"Code of the unit that answers"`
	Scheme     string                `json:"scheme,omitempty" doc:"Light scheme; left out = the default of the form"`
	Reason     string                `json:"reason,omitempty"`
	From       luoshi.Date           `json:"from" doc:"From which day it holds"`
	RecordedAt *time.Time            `json:"recorded_at,omitempty"`
	By         string                `json:"by,omitempty"`
	Sample     bool                  `json:"sample" doc:"Generated"`
	Source     string                `json:"source,omitempty"`
}

// TargetState is a target in force, judged.
type TargetState struct {
	Unit      *UnitRef     `json:"unit,omitempty" doc:"Whose it is, where several units are listed"`
	Indicator IndicatorRef `json:"indicator"`
	Target    Target       `json:"target"`
	Says      Sentence     `json:"says" doc:"What is promised"`
	Judgement Judgement    `json:"judgement"`
	Inherited bool         `json:"inherited" doc:"From units that were merged into it"`
}

// TargetCard is one target with all its revisions.
type TargetCard struct {
	Where
	Here      UnitRef   `json:"here" doc:"Whose target it is"`
	Indicator Indicator `json:"indicator"`
	FirstYear int       `json:"first_year"`
	LastYear  int       `json:"last_year"`
	Page
	Items     []TargetRevision    `json:"items" doc:"Newest first"`
	Judgement Judgement           `json:"judgement"`
	Inherited *TargetState        `json:"inherited,omitempty" doc:"What holds without being recorded: from units that went into this one"`
	Before    luoshi.NullQuantity `json:"year_before" doc:"The figure of the year before"`
	Above     *TargetState        `json:"above,omitempty" doc:"The target of the unit above"`
}

// TargetRevision is one revision of a target.
type TargetRevision struct {
	Target
	Says      Sentence      `json:"says" doc:"What is promised"`
	InForce   bool          `json:"in_force"`
	Reference *UnitRef      `json:"reference_unit,omitempty" doc:"relative: the unit that it is held against"`
	Measured  *IndicatorRef `json:"reference_indicator,omitempty" doc:"relative: and the indicator"`
	OwnerName *luoshi.Names `json:"owner_name,omitempty"`
	Rule      *luoshi.Names `json:"scheme_name,omitempty"`
	Batch     int64         `json:"batch,omitempty" doc:"The change, where it can be taken back"`
}
