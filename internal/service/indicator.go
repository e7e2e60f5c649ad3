package service

import (
	"time"

	"luoshi.dev"
	"luoshi.dev/assess"
)

// IndicatorQuery asks for one indicator at one unit.
type IndicatorQuery struct {
	Look
	Code string
	Show PathKind // what its path shows, "" = what its rule looks at
}

// PathKind is what a path through the year shows.
type PathKind string

// The kinds of path.
const (
	PathCumulative PathKind = "cumulative" // the year to date
	PathSingle     PathKind = "single"     // each period by itself
	PathLevel      PathKind = "level"      // the level at each period's end
	PathGrowth     PathKind = "growth"     // published growth
)

// IndicatorView is one indicator at one unit: where it stands, where that comes
// from, and what it rests on.
type IndicatorView struct {
	Frame
	Indicator  IndicatorHead    `json:"indicator"`
	Judgement  luoshi.Judgement `json:"judgement"`
	Goals      []luoshi.Names   `json:"goals"` // that rest on it here
	HasTarget  bool             `json:"has_target"`
	HasFigure  bool             `json:"has_figure"`
	Paced      bool             `json:"paced"` // share and pace apply
	Promise    luoshi.Message   `json:"-"`     // the target in words
	Owner      luoshi.Names     `json:"owner"`
	Person     *PersonRef       `json:"person,omitempty"` // in charge of the target
	Department luoshi.Names     `json:"department"`
	Trend      luoshi.Message   `json:"-"` // how the year has gone against what is asked
	Rank       *RankView        `json:"rank,omitempty"`
	Course     CourseView       `json:"course"`
	Path       Path             `json:"path"`
	Parts      *Parts           `json:"parts,omitempty"`
	Map        *MapView         `json:"map,omitempty"`
	History    []Vintage        `json:"history"` // of the judged period's figure, newest first
	Periods    []PeriodRef      `json:"periods"` // all that have a figure, oldest first
	Revisions  []Revision       `json:"revisions"`
	Leads      []LinkedView     `json:"leads"`  // what this one runs ahead of
	LedBy      []LinkedView     `json:"led_by"` // what runs ahead of this one
	Inputs     []LinkedView     `json:"inputs"` // what it is computed from
	Redrawn    *Redrawn         `json:"redrawn,omitempty"`
	Neighbours Neighbours       `json:"neighbours"`
	Source     string           `json:"source"` // of the newest figure, where published
}

// IndicatorHead names an indicator in a view, with what its numbers need.
type IndicatorHead struct {
	Code      string           `json:"code"`
	Name      luoshi.Names     `json:"name"`
	Group     string           `json:"group"`
	Measure   luoshi.Measure   `json:"measure"`
	Decimals  int              `json:"decimals"`
	Kind      luoshi.Kind      `json:"kind"`
	Direction luoshi.Direction `json:"direction"`
	Basis     luoshi.Basis     `json:"basis"`
	Calendar  luoshi.Calendar  `json:"calendar"`
	OverUnits luoshi.OverUnits `json:"over_units"`
	Reported  luoshi.UnitKind  `json:"reported_at"`
	Formula   string           `json:"formula,omitempty"`
	Note      string           `json:"note,omitempty"`
}

// CourseView says by which line the target is held.
type CourseView struct {
	Line      string              `json:"line"`      // straight, curve, target, bound, ceiling, reference, growth; "" = no target
	Reference luoshi.Names        `json:"reference"` // whose growth a relative target is held against
	Straight  bool                `json:"straight"`  // the straight line of a year without a curve
	Growth    bool                `json:"growth"`    // the rule looks at growth
	Month     int                 `json:"month"`     // of the judged period's end
	Reserve   luoshi.NullQuantity `json:"reserve"`
	Handed    luoshi.NullQuantity `json:"handed"`   // what the units below have been promised to do
	Handees   int                 `json:"handees"`  // units below with a target
	Below     int                 `json:"below"`    // units below
	Rung      luoshi.UnitKind     `json:"rung"`     // whose figures make the total
	Computed  bool                `json:"computed"` // the figure is summed or derived, not reported here
	Recorded  time.Time           `json:"recorded"` // when the newest figure was learned
	By        string              `json:"by"`
}

// RankView is a unit's place among those with the same parent.
type RankView struct {
	Rank   int            `json:"rank"`
	Of     int            `json:"of"`
	Parent UnitRef        `json:"parent"`
	Move   luoshi.Message `json:"-"`
	Before int            `json:"before"` // the place a period earlier, 0 if none
}

// Path is an indicator's way through the year, as a chart draws it and a table says it.
type Path struct {
	Kind     PathKind       `json:"kind"`
	Kinds    []PathKind     `json:"kinds"` // what it could show
	Measure  luoshi.Measure `json:"measure"`
	Decimals int            `json:"decimals"`
	Asked    string         `json:"asked"`   // what the asked line is, as in CourseView.Line; "" = none is drawn
	Aligned  bool           `json:"aligned"` // it shows what the rule looks at, so gaps and lights belong to it
	Points   []PathPoint    `json:"points"`
}

// PathPoint is one period of a path.
type PathPoint struct {
	Period   luoshi.Period       `json:"period"`
	Asked    luoshi.NullQuantity `json:"asked"`
	Upper    luoshi.NullQuantity `json:"upper"` // the upper bound of a band
	Actual   luoshi.NullQuantity `json:"actual"`
	LastYear luoshi.NullQuantity `json:"last_year"`
	Growth   luoshi.NullQuantity `json:"growth"` // published, percent
	Gap      luoshi.NullQuantity `json:"gap"`    // actual − asked
	Light    luoshi.Light        `json:"light"`
	Presence luoshi.Presence     `json:"presence"`
	Status   luoshi.Status       `json:"status"`
	Sample   bool                `json:"sample"`
}

// Open reports whether the figure may still change: drawn as a hollow point.
func (p PathPoint) Open() bool { return p.Status == luoshi.Flash || p.Status == luoshi.Preliminary }

// Parts are the units directly below, ranked, with what each adds to the gap.
type Parts struct {
	Period   luoshi.Period       `json:"period"`
	Before   luoshi.Period       `json:"before"` // what the movement compares with
	By       assess.By           `json:"by"`
	Rows     []PartRow           `json:"rows"`
	Gap      bool                `json:"gap"`     // the gap comes apart among them
	Points   bool                `json:"points"`  // contributions are percentage points
	Measure  luoshi.Measure      `json:"measure"` // of the contributions
	Total    luoshi.NullQuantity `json:"total"`
	Rest     luoshi.NullQuantity `json:"rest"`      // what no unit below accounts for; absent if nothing
	RestPlan luoshi.NullQuantity `json:"rest_plan"` // of it: planned here and not handed down
	RestDone luoshi.NullQuantity `json:"rest_done"` // of it: done and in no figure below
	Lights   Counts              `json:"lights"`
	Whole    PartRow             `json:"whole"`
}

// PartRow is one unit below.
type PartRow struct {
	Unit         UnitRef             `json:"unit"`
	Judgement    luoshi.Judgement    `json:"judgement"`
	Target       bool                `json:"target"`
	Rank         int                 `json:"rank"` // 0 = none
	Before       int                 `json:"before"`
	Move         luoshi.Message      `json:"-"`
	Asked        luoshi.NullQuantity `json:"asked"` // by the period's end: amount, or growth where the rule looks at it
	Gap          luoshi.NullQuantity `json:"gap"`   // what is − what is asked
	Contribution luoshi.NullQuantity `json:"contribution"`
}

// Vintage is a figure as it was known from an instant on.
type Vintage struct {
	At        time.Time           `json:"at"`
	By        string              `json:"by"`
	Source    string              `json:"source"`
	Status    luoshi.Status       `json:"status"`
	Sample    bool                `json:"sample"`
	Basis     luoshi.Basis        `json:"basis"`
	Scope     luoshi.Scope        `json:"scope"`
	Value     luoshi.NullQuantity `json:"value"`
	Growth    luoshi.NullQuantity `json:"growth"`
	Change    luoshi.NullQuantity `json:"change"` // against what held before
	Seq       int64               `json:"seq"`
	Batch     int64               `json:"batch"`
	BatchName string              `json:"batch_name"`
	Withdrawn bool                `json:"withdrawn"` // it takes earlier ones back
	Withdraws int64               `json:"withdraws"`
	Holds     bool                `json:"holds"`
	Units     []UnitRef           `json:"units"` // of a total: whose figures came or changed
	Coverage  luoshi.Coverage     `json:"coverage"`
	Partial   bool                `json:"partial"`
}

// PeriodRef is a period that has a figure.
type PeriodRef struct {
	Period luoshi.Period `json:"period"`
	Basis  luoshi.Basis  `json:"basis"`
}

// Revision is one revision of the target of this indicator at this unit.
type Revision struct {
	Revision   int                 `json:"revision"`
	First      int                 `json:"first_year"`
	Last       int                 `json:"last_year"`
	Promise    luoshi.Message      `json:"-"`
	Form       luoshi.Form         `json:"form"`
	Value      luoshi.NullQuantity `json:"value"`
	Change     luoshi.NullQuantity `json:"change"` // against the revision before, where both are of one form
	From       luoshi.Date         `json:"from"`
	RecordedAt time.Time           `json:"recorded_at"`
	By         string              `json:"by"`
	Reason     string              `json:"reason"`
	Source     string              `json:"source"`
	Reserve    luoshi.NullQuantity `json:"reserve"`
	Sample     bool                `json:"sample"`
	InForce    bool                `json:"in_force"`
	Later      bool                `json:"later"` // not in force yet
}

// LinkedView is another indicator at the same unit.
type LinkedView struct {
	Indicator IndicatorHead    `json:"indicator"`
	Judgement luoshi.Judgement `json:"judgement"`
	Target    bool             `json:"target"`
}

// Redrawn holds the boundaries shown against those of another day.
type Redrawn struct {
	Shown   luoshi.Date      `json:"shown"`
	Other   luoshi.Date      `json:"other"`
	Changes []BoundaryChange `json:"changes"`
	Here    luoshi.Judgement `json:"here"`  // by the boundaries shown
	There   luoshi.Judgement `json:"there"` // by the other ones
	Gone    bool             `json:"gone"`  // the unit does not exist by the other ones
	Rows    []RedrawnRow     `json:"rows"`  // units directly below that are not the same
}

// BoundaryChange is a unit below that is not the same by the other boundaries.
type BoundaryChange struct {
	Kind string       `json:"kind"` // renamed, merged, ended, new, moved
	Unit luoshi.Names `json:"unit"`
	Code string       `json:"code"`
	Into luoshi.Names `json:"into"`
	To   string       `json:"to"`
	On   luoshi.Date  `json:"on"`
}

// RedrawnRow is a unit directly below by one of the boundaries or by both.
type RedrawnRow struct {
	Here, There         *UnitRef
	HereValue, ThereVal luoshi.NullQuantity
	Same                bool
}

// Neighbours are the indicators and units before and after this one.
type Neighbours struct {
	EarlierIndicator *IndicatorHead `json:"earlier_indicator,omitempty"`
	LaterIndicator   *IndicatorHead `json:"later_indicator,omitempty"`
	EarlierUnit      *UnitRef       `json:"earlier_unit,omitempty"`
	LaterUnit        *UnitRef       `json:"later_unit,omitempty"`
}
