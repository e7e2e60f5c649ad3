package wire

import (
	"time"

	"luoshi.dev"
)

// IndicatorHead names an indicator with what its numbers need.
type IndicatorHead struct {
	Code       string           `json:"code" example:"key_projects"`
	Name       luoshi.Names     `json:"name"`
	Group      string           `json:"group,omitempty"`
	Measure    Measure          `json:"measure"`
	Decimals   int              `json:"decimals"`
	Kind       luoshi.Kind      `json:"kind" enum:"flow,stock,rate,growth,index"`
	Direction  luoshi.Direction `json:"direction" enum:"more,less,band"`
	Basis      luoshi.Basis     `json:"basis" enum:"single,cumulative"`
	Calendar   luoshi.Calendar  `json:"calendar"`
	OverUnits  luoshi.OverUnits `json:"over_units"`
	ReportedAt luoshi.UnitKind  `json:"reported_at,omitempty"`
	Formula    string           `json:"formula,omitempty"`
	Note       string           `json:"note,omitempty"`
}

// IndicatorAtUnit is one indicator at one unit: where it stands, where that comes
// from, and what it rests on.
type IndicatorAtUnit struct {
	Where
	Indicator  IndicatorHead  `json:"indicator"`
	Judgement  Judgement      `json:"judgement"`
	HasTarget  bool           `json:"has_target"`
	HasData    bool           `json:"has_data"`
	Paced      bool           `json:"paced" doc:"Share and pace of the year apply"`
	Promise    *Sentence      `json:"promise,omitempty" doc:"The target in words"`
	Trend      *Sentence      `json:"trend,omitempty" doc:"How the year has gone against what is asked"`
	Owner      luoshi.Names   `json:"owner" doc:"Who answers"`
	Person     *Person        `json:"person,omitempty" doc:"In charge of the target, as of the instant"`
	Department *luoshi.Names  `json:"department,omitempty"`
	Goals      []luoshi.Names `json:"goals" doc:"Goals that rest on it here"`
	Rank       *Rank          `json:"rank,omitempty" doc:"Among the units with the same parent"`
	Course     Course         `json:"course" doc:"By which line the target is held"`
	Path       Path           `json:"path" doc:"Through the year: what is asked, what is, last year"`
	Parts      *Parts         `json:"parts,omitempty" doc:"The units directly below, with what each adds to the gap"`
	History    []Vintage      `json:"history" doc:"Of the judged period's figure, newest first"`
	Periods    []PeriodRef    `json:"periods" doc:"All that have a figure, oldest first"`
	Revisions  []TargetChange `json:"revisions" doc:"Of the target"`
	Leads      []LinkedState  `json:"leads" doc:"What this one runs ahead of"`
	LedBy      []LinkedState  `json:"led_by" doc:"What runs ahead of this one"`
	Inputs     []LinkedState  `json:"inputs" doc:"What it is computed from"`
	Redrawn    *Redrawn       `json:"redrawn,omitempty" doc:"By the boundaries of then and of now, where they differ"`
	Source     string         `json:"source,omitempty" doc:"Of the newest figure"`
}

// Rank is a unit's place among those with the same parent.
type Rank struct {
	Rank   int       `json:"rank"`
	Of     int       `json:"of"`
	Parent UnitRef   `json:"parent"`
	Move   *Sentence `json:"move,omitempty"`
	Before int       `json:"before,omitempty" doc:"The place a period earlier"`
}

// Course says by which line a target is held.
type Course struct {
	Line      string              `json:"line,omitempty" doc:"straight, curve, target, bound, reference, growth; left out = no target"`
	Reference *luoshi.Names       `json:"reference,omitempty" doc:"Whose growth a relative target is held against"`
	Reserve   luoshi.NullQuantity `json:"reserve" doc:"Declared part that is not handed down"`
	Handed    luoshi.NullQuantity `json:"handed" doc:"What the units below have been promised to do"`
	Handees   int                 `json:"handees" doc:"Units below with a target"`
	Below     int                 `json:"below" doc:"Units below"`
	Rung      luoshi.UnitKind     `json:"rung,omitempty" doc:"Whose figures make the total"`
	Computed  bool                `json:"computed" doc:"The figure is summed or derived, not reported here"`
}

// Path is an indicator's way through the year.
type Path struct {
	Kind     string      `json:"kind" enum:"cumulative,single,level,growth"`
	Kinds    []string    `json:"kinds" doc:"What it could show"`
	Measure  Measure     `json:"measure"`
	Decimals int         `json:"decimals"`
	Asked    string      `json:"asked,omitempty" doc:"What the asked line is, as course.line; left out = none"`
	Points   []PathPoint `json:"points"`
}

// PathPoint is one period of a path.
type PathPoint struct {
	Period   luoshi.Period       `json:"period"`
	Asked    luoshi.NullQuantity `json:"asked"`
	Upper    luoshi.NullQuantity `json:"upper" doc:"Upper bound of a band"`
	Actual   luoshi.NullQuantity `json:"actual"`
	LastYear luoshi.NullQuantity `json:"last_year"`
	Growth   luoshi.NullQuantity `json:"growth" doc:"Published, in percent"`
	Gap      luoshi.NullQuantity `json:"gap" doc:"actual − asked"`
	Light    luoshi.Light        `json:"light"`
	Presence luoshi.Presence     `json:"presence,omitempty"`
	Status   luoshi.Status       `json:"status,omitempty"`
	Sample   bool                `json:"sample,omitempty"`
}

// Parts are the units directly below, ranked.
type Parts struct {
	Period   *luoshi.Period      `json:"period"`
	By       string              `json:"by,omitempty" doc:"What they are ranked by"`
	Rows     []Part              `json:"rows"`
	Gap      bool                `json:"gap" doc:"The gap comes apart among them"`
	Points   bool                `json:"points" doc:"Contributions are percentage points"`
	Measure  Measure             `json:"measure" doc:"Of the contributions"`
	Total    luoshi.NullQuantity `json:"total"`
	Rest     luoshi.NullQuantity `json:"rest" doc:"What no unit below accounts for"`
	RestPlan luoshi.NullQuantity `json:"rest_plan" doc:"of it: planned here and not handed down"`
	RestDone luoshi.NullQuantity `json:"rest_done" doc:"of it: done and in no figure below"`
	Lights   Counts              `json:"lights"`
}

// Part is one unit below.
type Part struct {
	Unit         UnitRef             `json:"unit"`
	Judgement    Judgement           `json:"judgement"`
	Target       bool                `json:"target"`
	Rank         int                 `json:"rank,omitempty"`
	Before       int                 `json:"before,omitempty" doc:"The place a period earlier"`
	Move         *Sentence           `json:"move,omitempty"`
	Asked        luoshi.NullQuantity `json:"asked"`
	Gap          luoshi.NullQuantity `json:"gap" doc:"What is − what is asked"`
	Contribution luoshi.NullQuantity `json:"contribution" doc:"To the whole unit's gap"`
}

// Vintage is a figure as it was known from an instant on.
type Vintage struct {
	Seq       int64               `json:"seq,omitempty" doc:"Number of the vintage; a total has none"`
	At        time.Time           `json:"at"`
	By        string              `json:"by,omitempty"`
	Source    string              `json:"source,omitempty"`
	Status    luoshi.Status       `json:"status,omitempty" enum:"flash,preliminary,final,revised"`
	Sample    bool                `json:"sample" doc:"Generated"`
	Basis     luoshi.Basis        `json:"basis,omitempty" enum:"single,cumulative"`
	Scope     luoshi.Scope        `json:"scope,omitempty" enum:"whole,own"`
	Value     luoshi.NullQuantity `json:"value"`
	Growth    luoshi.NullQuantity `json:"growth"`
	Change    luoshi.NullQuantity `json:"change" doc:"Against what held before"`
	Batch     int64               `json:"batch,omitempty" doc:"The import it came with"`
	BatchName string              `json:"batch_name,omitempty"`
	Withdrawn bool                `json:"withdrawn,omitempty" doc:"It takes earlier ones back"`
	Withdraws int64               `json:"withdraws,omitempty" doc:"Which one; left out = all earlier ones"`
	Holds     bool                `json:"holds" doc:"It is the one that counts"`
	Units     []UnitRef           `json:"units,omitempty" doc:"Of a total: whose figures came or changed"`
	Partial   bool                `json:"partial,omitempty" doc:"Parts of the total lack"`
}

// PeriodRef is a period that has a figure.
type PeriodRef struct {
	Period luoshi.Period `json:"period"`
	Basis  luoshi.Basis  `json:"basis"`
}

// TargetChange is one revision of the target of an indicator at a unit.
type TargetChange struct {
	Revision   int                 `json:"revision"`
	FirstYear  int                 `json:"first_year"`
	LastYear   int                 `json:"last_year"`
	Says       Sentence            `json:"says" doc:"What is promised"`
	Form       luoshi.Form         `json:"form"`
	Value      luoshi.NullQuantity `json:"value"`
	Change     luoshi.NullQuantity `json:"change" doc:"Against the revision before, where both are of one form"`
	Reserve    luoshi.NullQuantity `json:"reserve"`
	From       luoshi.Date         `json:"from"`
	RecordedAt *time.Time          `json:"recorded_at,omitempty"`
	By         string              `json:"by,omitempty"`
	Reason     string              `json:"reason,omitempty"`
	Source     string              `json:"source,omitempty"`
	InForce    bool                `json:"in_force"`
	Later      bool                `json:"later,omitempty" doc:"Not in force yet"`
}

// LinkedState is another indicator at the same unit.
type LinkedState struct {
	Indicator IndicatorHead `json:"indicator"`
	Judgement Judgement     `json:"judgement"`
	Target    bool          `json:"target"`
}

// Redrawn holds the boundaries shown against those of another day.
type Redrawn struct {
	Shown   luoshi.Date      `json:"shown"`
	Other   luoshi.Date      `json:"other"`
	Here    Judgement        `json:"here" doc:"By the boundaries shown"`
	There   Judgement        `json:"there" doc:"By the other ones"`
	Gone    bool             `json:"gone" doc:"The unit does not exist by the other ones"`
	Changes []BoundaryChange `json:"changes" doc:"Units below that are not the same"`
}

// BoundaryChange is a unit below that is not the same by other boundaries.
type BoundaryChange struct {
	Kind string        `json:"kind" doc:"renamed, merged, ended, new, moved"`
	Unit luoshi.Names  `json:"unit"`
	Code string        `json:"code"`
	Into *luoshi.Names `json:"into,omitempty"`
	To   string        `json:"to,omitempty" doc:"Code"`
	On   luoshi.Date   `json:"on"`
}

// Figure is one figure with everything that is known of it.
type Figure struct {
	Where
	Indicator  IndicatorHead       `json:"indicator"`
	Period     *luoshi.Period      `json:"period"`
	Basis      luoshi.Basis        `json:"basis,omitempty" enum:"single,cumulative"`
	Bases      []luoshi.Basis      `json:"bases" doc:"On which it can be had"`
	Value      luoshi.NullQuantity `json:"value"`
	Growth     luoshi.NullQuantity `json:"growth" doc:"Published, in percent"`
	Reported   luoshi.NullQuantity `json:"reported" doc:"By the unit itself"`
	Rolled     luoshi.NullQuantity `json:"rolled" doc:"From the units below, or computed"`
	Own        luoshi.NullQuantity `json:"own" doc:"本级: what the unit has beside its children"`
	Difference luoshi.NullQuantity `json:"difference" doc:"reported − rolled: shown, never corrected"`
	Partial    luoshi.NullQuantity `json:"partial_sum" doc:"Of the parts that are there, while others lack"`
	Have       int                 `json:"have" doc:"Parts that are there"`
	Want       int                 `json:"want" doc:"of so many"`
	Status     luoshi.Status       `json:"status,omitempty" enum:"flash,preliminary,final,revised"`
	Generated  bool                `json:"generated"`
	Presence   luoshi.Presence     `json:"presence,omitempty" enum:"present,not_due,due,late,missing,not_asked"`
	Due        luoshi.Date         `json:"due,omitempty"`
	Vintages   []Vintage           `json:"vintages" doc:"What the unit itself reported, newest first"`
	History    []Vintage           `json:"history" doc:"Of a total, as its parts came in"`
	Parts      []FigurePart        `json:"parts" doc:"What it is summed or computed from"`
	Earlier    *luoshi.Period      `json:"earlier" doc:"The period before"`
	Later      *luoshi.Period      `json:"later" doc:"The period after"`
	Problems   []Problem           `json:"problems"`
}

// FigurePart is a figure that another one is made from.
type FigurePart struct {
	Unit      UnitRef             `json:"unit"`
	Indicator IndicatorHead       `json:"indicator"`
	Value     luoshi.NullQuantity `json:"value"`
	Growth    luoshi.NullQuantity `json:"growth"`
	Status    luoshi.Status       `json:"status,omitempty"`
	Presence  luoshi.Presence     `json:"presence,omitempty"`
	Computed  bool                `json:"computed"`
}
