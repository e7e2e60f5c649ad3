package service

import (
	"time"

	"luoshi.dev"
)

// Look is where a page stands: as of which instant, at which unit, for which
// year, by which boundaries. Every view is a pure function of the database and
// its Look; the zero Look means now, the first root area, the year of the instant.
type Look struct {
	AsOf       time.Time   // zero = now
	Unit       string      // unit code, "" = the first root that has goals
	Year       int         // plan year, 0 = that of AsOf, or the last before it that has targets
	Boundaries luoshi.Date // the day whose unit tree is shown, 0 = that of AsOf
}

// UnitRef names a unit in a view.
type UnitRef struct {
	Code  string          `json:"code"`
	Name  luoshi.Names    `json:"name"`
	Short luoshi.Names    `json:"short"`
	Kind  luoshi.UnitKind `json:"kind"`
}

// Frame is what the head of every page says: where it stands and what it may say.
type Frame struct {
	AsOf       time.Time     `json:"asof"`
	Now        bool          `json:"now"` // AsOf is the present, not a past instant
	Year       int           `json:"year"`
	Through    luoshi.Period `json:"through"` // the newest period that most figures reach
	Boundaries luoshi.Date   `json:"boundaries"`
	Choices    []luoshi.Date `json:"boundary_choices"` // days on which the unit tree changed, newest first
	Unit       UnitRef       `json:"unit"`
	Path       []UnitRef     `json:"path"`     // from the root to the unit's parent
	Children   []UnitRef     `json:"children"` // areas directly below
	Instants   []luoshi.Date `json:"instants"` // days of the year on which something was recorded
	Sample     bool          `json:"sample"`   // some numbers shown are generated
}

// Overview is the first page: will we make it, what is off, who answers, how
// complete the figures are.
type Overview struct {
	Frame
	Headline  luoshi.Message   `json:"-"`
	Lead      []luoshi.Message `json:"-"`
	Counts    Counts           `json:"counts"`
	Goals     []GoalRow        `json:"goals"`
	Off       []OffRow         `json:"off"`       // at most OffShown, worst first
	OffTotal  int              `json:"off_total"` // all that are yellow or red below the unit
	Reports   []ReportRow      `json:"reports"`   // completeness by indicator
	Expected  int              `json:"expected"`  // figures owed for the newest closed period
	Received  int              `json:"received"`
	Maps      []*MapView       `json:"maps,omitempty"` // at most two: against the pace, and by growth
	Turns     Turns            `json:"turns"`          // what changed since a month before
	Sources   []SourceNote     `json:"sources"`
	HasGoals  bool             `json:"has_goals"`  // false: nothing set up yet, the page says how to begin
	HasFigure bool             `json:"has_figure"` // false: targets but no figures yet
}

// weight tells how much an overview holds: judgements, and a state for each unit
// and period.
func (o *Overview) weight() int {
	judged, states := len(o.Goals)+len(o.Off), 0
	for _, m := range o.Maps {
		judged += len(m.Areas)
	}
	for _, row := range o.Reports {
		states += 160 * len(row.Periods)
		for i, cell := range row.Periods {
			states += len(cell.States) * 16
			if i == 0 {
				states += len(cell.Units) * 144 // the same for all
			}
		}
	}
	return 900*judged + states
}

// Counts tallies lights.
type Counts struct {
	Green, Yellow, Red, NotJudged int
}

// GoalRow is one line of the goals table. A heading gathers children and has a
// light of its own; a leaf is judged by its one target or by its items.
type GoalRow struct {
	Code      string           `json:"code"`
	Name      luoshi.Names     `json:"name"`
	Depth     int              `json:"depth"`
	Heading   bool             `json:"heading"` // has child goals
	Judgement luoshi.Judgement `json:"judgement"`
	Before    luoshi.Light     `json:"before"`    // as of a month earlier
	Indicator string           `json:"indicator"` // of the decisive target, "" for a heading
	Measure   luoshi.Measure   `json:"measure"`
	Decimals  int              `json:"decimals"`
	Paced     bool             `json:"paced"`            // share and pace apply
	Owner     luoshi.Names     `json:"owner"`            // who answers
	Person    *PersonRef       `json:"person,omitempty"` // in charge of the decisive target
	Source    int              `json:"source"`           // number of its note among Sources, 0 = none
	Sample    bool             `json:"sample"`
	Chance    *GoalChance      `json:"chance"` // from the outlooks kept, nil: nothing to tell
}

// OffRow is one target below the unit that is not on track.
type OffRow struct {
	Unit      UnitRef          `json:"unit"`
	Indicator string           `json:"indicator"`
	Name      luoshi.Names     `json:"name"`
	Measure   luoshi.Measure   `json:"measure"`
	Judgement luoshi.Judgement `json:"judgement"`
	Owner     luoshi.Names     `json:"owner"`
	Person    *PersonRef       `json:"person,omitempty"` // in charge of the target
	Impact    luoshi.Ratio     `json:"-"`                // share of the parent's target that is lacking
	Chance    Chance           `json:"chance"`           // that the target is met, as kept
}

// ReportRow is one indicator's completeness: a state per unit and period.
type ReportRow struct {
	Indicator string          `json:"indicator"`
	Name      luoshi.Names    `json:"name"`
	Kind      luoshi.UnitKind `json:"kind"`    // the rung that reports
	Periods   []ReportCell    `json:"periods"` // newest last
}

// ReportCell is one period of a ReportRow.
type ReportCell struct {
	Period luoshi.Period     `json:"period"`
	Have   int               `json:"have"`
	Want   int               `json:"want"`
	States []luoshi.Presence `json:"states"` // one per unit in tree order
	Units  []UnitRef         `json:"-"`      // the same order
}

// MapView is one indicator spread over the children of the unit.
type MapView struct {
	Indicator string         `json:"indicator"`
	Name      luoshi.Names   `json:"name"`
	Measure   luoshi.Measure `json:"measure"`
	Period    luoshi.Period  `json:"period"`
	Pace      luoshi.Ratio   `json:"-"`
	Areas     []MapArea      `json:"areas"`
	Sample    bool           `json:"sample"`

	judged, grown, off int // areas with a light; by growth; how far off they are, for choosing
}

// MapArea is one unit on the map.
type MapArea struct {
	Unit      UnitRef          `json:"unit"`
	Judgement luoshi.Judgement `json:"judgement"`
}

// SourceNote is a published source named at the foot of a page.
type SourceNote struct {
	Number int            `json:"number"`
	What   []luoshi.Names `json:"what"` // indicators that rest on it
	Source string         `json:"source"`
}

// OffShown is how many rows the overview lists of what is off.
const OffShown = 8
