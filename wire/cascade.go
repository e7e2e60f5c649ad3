package wire

import "luoshi.dev"

// Split asks how a yearly target would be split over units and months.
type Split struct {
	Indicator string                                `json:"indicator" example:"key_projects" doc:"Code of the indicator whose target is split"`
	Units     string                                `json:"units,omitempty" enum:"in_force,last_share,weight,equal_growth,by_hand" default:"last_share" doc:"How over units"`
	Time      string                                `json:"time,omitempty" enum:"in_force,straight,last_year,shape,smooth" default:"last_year" doc:"How over the year"`
	Total     luoshi.NullQuantity                   `json:"total,omitzero" doc:"Left out = the target in force"`
	Reserve   luoshi.NullQuantity                   `json:"reserve,omitzero" doc:"Left out = the one declared with the target"`
	Locks     map[string]luoshi.Quantity            `json:"locks,omitempty" doc:"By unit code: what is not to move"`
	Weights   map[string]luoshi.Quantity            `json:"weights,omitempty" doc:"By unit code, for units=weight"`
	Min       map[string]luoshi.Quantity            `json:"min,omitempty" doc:"By unit code: at least"`
	Max       map[string]luoshi.Quantity            `json:"max,omitempty" doc:"By unit code: at most"`
	Months    map[string]luoshi.Quantity            `json:"months,omitempty" doc:"By the month (1 to 12) that ends a period: a value given for it; the rest is spread"`
	Methods   map[string]string                     `json:"methods,omitempty" doc:"By unit code: its own way over the year, one of those of time"`
	Cells     map[string]map[string]luoshi.Quantity `json:"cells,omitempty" doc:"By unit code, then by the month that ends a period: what is not to move"`
	Years     int                                   `json:"years,omitempty" minimum:"0" maximum:"20" doc:"How many past years a shape is taken from; 0 = 3"`
	Along     string                                `json:"along,omitempty" doc:"Indicator that a smooth curve follows"`
	From      luoshi.Date                           `json:"from,omitempty" doc:"From which day it would hold; left out = today"`
	Reason    string                                `json:"reason,omitempty" doc:"Why; needed to put in force"`
}

// SplitPlan is a split: to look at, or put in force.
type SplitPlan struct {
	Where
	Indicator Indicator         `json:"indicator"`
	Total     luoshi.Quantity   `json:"total"`
	Reserve   luoshi.Quantity   `json:"reserve" doc:"Declared part that is not handed down"`
	Columns   []luoshi.Period   `json:"columns" doc:"The year's single periods"`
	Months    []luoshi.Quantity `json:"months" doc:"The total by period"`
	Rows      []SplitRow        `json:"rows" doc:"Units; rows and reserve sum to the total in every period"`
	Padding   []Padding         `json:"padding" doc:"What each level adds on its own to the targets in force (层层加码)"`
	Blocked   bool              `json:"blocked" doc:"There is no such split; problems say why"`
	Problems  []Problem         `json:"problems"`
	InForce   bool              `json:"in_force" doc:"This answer has put it in force"`
}

// SplitRow is one unit of a split.
type SplitRow struct {
	Unit     UnitRef             `json:"unit"`
	Total    luoshi.Quantity     `json:"total"`
	LastYear luoshi.NullQuantity `json:"last_year"`
	Change   *Ratio              `json:"change" doc:"On last year"`
	InForce  luoshi.NullQuantity `json:"in_force" doc:"The target that held before"`
	Months   []luoshi.Quantity   `json:"months" doc:"By period, as columns"`
	Locked   bool                `json:"locked"`
}

// Padding is what a unit adds on its own when it hands its target down.
type Padding struct {
	Unit     UnitRef             `json:"unit"`
	Depth    int                 `json:"depth"`
	Target   luoshi.Quantity     `json:"target"`
	Children luoshi.Quantity     `json:"children" doc:"Sum of the targets below"`
	Reserve  luoshi.Quantity     `json:"reserve"`
	Hidden   luoshi.NullQuantity `json:"hidden" doc:"children + reserve − target; null while a unit below has no target"`
	Share    *Ratio              `json:"share" doc:"hidden / target"`
	Added    luoshi.NullQuantity `json:"added" doc:"With what the units below add"`
}
