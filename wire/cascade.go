package wire

import (
	"time"

	"luoshi.dev"
)

// Split asks how a yearly target would be split over units and months. What is left
// out stays as the plan in force; codes name units at any depth.
type Split struct {
	Indicator string                                `json:"indicator" example:"key_projects" doc:"Code of the indicator whose target is split"`
	Units     string                                `json:"units,omitempty" enum:"in_force,last_share,equal_growth,weight,by_hand" doc:"How over units"`
	Time      string                                `json:"time,omitempty" enum:"in_force,straight,last_year,shape,smooth" doc:"How over the year"`
	Total     luoshi.NullQuantity                   `json:"total,omitzero" doc:"Left out = the target in force"`
	Reserve   luoshi.NullQuantity                   `json:"reserve,omitzero" doc:"Declared part that is not handed down; left out = the one in force"`
	Locks     map[string]luoshi.Quantity            `json:"locks,omitempty" doc:"By unit code: what is not to move"`
	Cells     map[string]map[string]luoshi.Quantity `json:"cells,omitempty" doc:"By unit code and by the month (1 to 12) that ends a period: what is not to move"`
	Weights   map[string]luoshi.Quantity            `json:"weights,omitempty" doc:"By unit code, for units=weight"`
	Min       map[string]luoshi.Quantity            `json:"min,omitempty" doc:"By unit code: at least"`
	Max       map[string]luoshi.Quantity            `json:"max,omitempty" doc:"By unit code: at most"`
	Months    map[string]luoshi.Quantity            `json:"months,omitempty" doc:"By the month (1 to 12) that ends a period: a value given for the whole unit; the rest is spread"`
	Methods   map[string]string                     `json:"methods,omitempty" doc:"By unit code: its own way over the year, as time"`
	Split     []string                              `json:"split,omitempty" doc:"Units below that are split too"`
	Reserves  map[string]luoshi.Quantity            `json:"reserves,omitempty" doc:"By unit code: reserve of a unit below that is split too"`
	Open      []string                              `json:"open,omitempty" doc:"Units whose own units below are shown"`
	Years     int                                   `json:"years,omitempty" minimum:"0" maximum:"20" doc:"How many past years a shape is taken from; 0 = 3"`
	Along     string                                `json:"along,omitempty" doc:"Indicator that a smooth curve follows"`
	From      luoshi.Date                           `json:"from,omitempty" doc:"From which day it would hold; left out = today"`
	Reason    string                                `json:"reason,omitempty" doc:"Why; needed to put in force"`
	Seen      int64                                 `json:"seen,omitempty" doc:"seen of the plan that was decided on: where it has been revised since, the answer is 409"`
}

// Plan is the year's plan of one indicator as a tree: as it is in force, or as it
// would be.
type Plan struct {
	Where
	Indicator *IndicatorRef   `json:"indicator,omitempty" doc:"Left out where the unit has nothing to hand down"`
	Why       *Sentence       `json:"why,omitempty" doc:"Why there is no plan"`
	Tried     bool            `json:"tried" doc:"The numbers are tried, not in force"`
	Units     string          `json:"units,omitempty" doc:"How over units"`
	Time      string          `json:"time,omitempty" doc:"How over the year"`
	Columns   []luoshi.Period `json:"columns" doc:"The year's single periods; none for a stock"`
	Rows      []PlanRow       `json:"rows" doc:"Depth first: the unit, its reserve, the units below"`
	Sum       PlanSum         `json:"sum" doc:"The units directly below and the reserve together"`
	Blocked   bool            `json:"blocked" doc:"There is no such split; problems say why and what is attainable"`
	Problems  []PlanProblem   `json:"problems"`
	Changes   []PlanChange    `json:"changes" doc:"Targets that would get another revision, or have got it"`
	Seen      int64           `json:"seen,omitempty" doc:"The newest revision that the plan knows of"`
	From      luoshi.Date     `json:"from,omitempty" doc:"From which day it would hold"`
	Versions  []PlanVersion   `json:"versions" doc:"The newest revisions of the plan"`
	Choices   []Named         `json:"choices" doc:"Indicators whose target the unit can hand down"`
	InForce   bool            `json:"in_force" doc:"This answer has put it in force"`
	Before    string          `json:"before,omitempty" doc:"The version that was in force: /api/cascade/restore puts it back"`
}

// PlanRow is one unit of a plan, or what a unit keeps in reserve.
type PlanRow struct {
	Unit     UnitRef               `json:"unit"`
	Reserve  bool                  `json:"reserve" doc:"The row is what the unit keeps"`
	Depth    int                   `json:"depth"`
	Parent   string                `json:"parent,omitempty" doc:"Code"`
	Below    int                   `json:"below" doc:"Units directly below"`
	Split    bool                  `json:"split" doc:"The units below it are tried too"`
	Method   string                `json:"method,omitempty" doc:"Its own way over the year"`
	Assumed  bool                  `json:"assumed" doc:"No curve was laid down: the straight line stands for it"`
	Total    luoshi.NullQuantity   `json:"total"`
	Months   []luoshi.NullQuantity `json:"months" doc:"By period, as columns"`
	LastYear luoshi.NullQuantity   `json:"last_year"`
	Growth   *Ratio                `json:"growth" doc:"On last year"`
	Revision int                   `json:"revision,omitempty" doc:"In force"`
	Before   luoshi.NullQuantity   `json:"before" doc:"In force; where nothing is tried, the revision before"`
	Against  luoshi.NullQuantity   `json:"against" doc:"total − before"`
	Hidden   luoshi.NullQuantity   `json:"hidden" doc:"What the unit adds on its own when it hands its target down (层层加码)"`
	Share    *Ratio                `json:"hidden_share" doc:"Of its target"`
	Locked   bool                  `json:"locked"`
	Cells    []bool                `json:"cells,omitempty" doc:"Locked periods"`
	Min      luoshi.NullQuantity   `json:"min"`
	Max      luoshi.NullQuantity   `json:"max"`
	Weight   luoshi.NullQuantity   `json:"weight"`
}

// PlanSum is the lower margin of a plan.
type PlanSum struct {
	Full   bool                  `json:"full" doc:"Every unit below has a target"`
	Total  luoshi.NullQuantity   `json:"total"`
	Months []luoshi.NullQuantity `json:"months"`
	Hidden luoshi.NullQuantity   `json:"hidden" doc:"total − the target"`
	Share  *Ratio                `json:"hidden_share" doc:"Of the target"`
}

// PlanProblem is a problem at a cell of a plan.
type PlanProblem struct {
	Unit     *UnitRef        `json:"unit,omitempty" doc:"Left out = the whole plan"`
	Month    int             `json:"month,omitempty" doc:"That ends the period; left out = the year"`
	Severity luoshi.Severity `json:"severity" enum:"blocking,warning"`
	Says     Sentence        `json:"says"`
	Fix      string          `json:"fix,omitempty" doc:"The way out"`
	More     []UnitRef       `json:"more,omitempty" doc:"Other units of which the same is said"`
}

// PlanChange is one target that gets another revision.
type PlanChange struct {
	Unit   UnitRef             `json:"unit"`
	Before luoshi.NullQuantity `json:"before"`
	After  luoshi.Quantity     `json:"after"`
	By     luoshi.NullQuantity `json:"by" doc:"after − before"`
	Curve  bool                `json:"curve" doc:"The way over the year changes"`
	Next   int                 `json:"next" doc:"Number of the revision"`
}

// PlanVersion is a revision of a plan: targets that were decided together.
type PlanVersion struct {
	ID         string        `json:"id"`
	From       luoshi.Date   `json:"from"`
	RecordedAt *time.Time    `json:"recorded_at,omitempty"`
	By         string        `json:"by,omitempty"`
	Reason     string        `json:"reason,omitempty"`
	Source     string        `json:"source,omitempty"`
	Units      int           `json:"units" doc:"How many targets"`
	Only       *luoshi.Names `json:"only,omitempty" doc:"The unit, where it is one"`
	InForce    bool          `json:"in_force"`
}

// PlanComparison is two versions of a plan side by side.
type PlanComparison struct {
	Where
	Indicator IndicatorRef    `json:"indicator"`
	Versions  []PlanVersion   `json:"versions" doc:"All, newest first"`
	A         *PlanVersion    `json:"a,omitempty" doc:"The earlier one that is compared"`
	B         *PlanVersion    `json:"b,omitempty" doc:"and the later one"`
	Columns   []luoshi.Period `json:"columns"`
	Rows      []ComparedRow   `json:"rows" doc:"The unit, those directly below, and whatever below them differs"`
	Differ    int             `json:"differ" doc:"Units whose target or curve differs"`
}

// ComparedRow is one unit in both versions.
type ComparedRow struct {
	Unit      UnitRef               `json:"unit"`
	Depth     int                   `json:"depth"`
	A         luoshi.NullQuantity   `json:"a"`
	B         luoshi.NullQuantity   `json:"b"`
	RevisionA int                   `json:"revision_a,omitempty"`
	RevisionB int                   `json:"revision_b,omitempty"`
	By        luoshi.NullQuantity   `json:"by" doc:"b − a"`
	Share     *Ratio                `json:"share" doc:"by / a"`
	ReserveA  luoshi.NullQuantity   `json:"reserve_a"`
	ReserveB  luoshi.NullQuantity   `json:"reserve_b"`
	MonthsA   []luoshi.NullQuantity `json:"months_a"`
	MonthsB   []luoshi.NullQuantity `json:"months_b"`
	Differs   bool                  `json:"differs"`
}

// Restore asks to put a version of a plan back in force.
type Restore struct {
	Indicator string      `json:"indicator"`
	Version   string      `json:"version" doc:"Its id"`
	Reason    string      `json:"reason" minLength:"1"`
	From      luoshi.Date `json:"from,omitempty" doc:"From which day it holds; left out = today"`
}

// Restored says what putting a version back did.
type Restored struct {
	Count  int         `json:"count" doc:"Targets with a new revision"`
	Left   int         `json:"left" doc:"Units that had no target then and keep theirs: a promise is revised, never unsaid"`
	Before string      `json:"before" doc:"The version that was in force"`
	From   luoshi.Date `json:"from"`
}
