package wire

import "luoshi.dev"

// Matrix is units × indicators: the unit itself apart, the units below it in rows.
type Matrix struct {
	Where
	Headline *Sentence       `json:"headline,omitempty"`
	Points   bool            `json:"points" doc:"Numbers are points against the pace"`
	Chances  *ChanceTally    `json:"chances,omitempty" doc:"Of the targets shown, where chances are asked for"`
	Sort     string          `json:"sort,omitempty"`
	Rung     luoshi.UnitKind `json:"rung,omitempty" doc:"Of the rows; left out where they are of several"`
	Columns  []MatrixColumn  `json:"columns"`
	Groups   []MatrixGroup   `json:"groups" doc:"Runs of columns under one heading"`
	Whole    *MatrixRow      `json:"whole,omitempty" doc:"The unit itself"`
	Page
	Rows    []MatrixRow `json:"rows"`
	Counts  Counts      `json:"counts" doc:"Lights of the rows, before any are left out by light"`
	All     int         `json:"all" doc:"Rows before any are left out"`
	Wide    int         `json:"wide" doc:"Columns before any are left out"`
	Alone   int         `json:"alone" doc:"Indicators left out because only the unit itself has a target; all=true shows them"`
	Facets  Facets      `json:"facets" doc:"What the columns can be narrowed to"`
	Sources []Source    `json:"sources"`
}

// Facets are what the columns can be narrowed to.
type Facets struct {
	Rungs       []Facet `json:"rungs" doc:"For below"`
	Sets        []Facet `json:"sets" doc:"For set"`
	Groups      []Facet `json:"groups" doc:"For group"`
	Departments []Facet `json:"departments" doc:"For department"`
	Goals       []Facet `json:"goals" doc:"For goal"`
}

// Facet is one way to narrow, with how much it leaves.
type Facet struct {
	Code  string        `json:"code"`
	Name  *luoshi.Names `json:"name,omitempty"`
	Count int           `json:"count"`
}

// MatrixGroup is a run of columns under one heading.
type MatrixGroup struct {
	Code    string       `json:"code,omitempty" doc:"Of the goal; left out = a group of the register"`
	Name    luoshi.Names `json:"name"`
	Columns int          `json:"columns"`
}

// MatrixColumn is one indicator.
type MatrixColumn struct {
	Indicator IndicatorRef   `json:"indicator"`
	Gauge     string         `json:"gauge" enum:"share,growth,value" doc:"The number by which most of its cells are judged"`
	Period    *luoshi.Period `json:"period" doc:"The newest that its lights judge"`
	Asked     Asked          `json:"asked"`
	Counts    Counts         `json:"counts"`
	Have      int            `json:"have" doc:"Targets of the rows that have a figure"`
	Want      int            `json:"want" doc:"of so many"`
	Source    int            `json:"source,omitempty" doc:"Number among sources"`
}

// Asked is what a target asks for by the period that is judged, by the gauge.
type Asked struct {
	Sign   string              `json:"sign,omitempty" doc:"Left out = at least; gt above, le at most, in between value and high"`
	Value  luoshi.NullQuantity `json:"value"`
	High   luoshi.NullQuantity `json:"high"`
	Varies bool                `json:"varies,omitempty" doc:"Units are asked for different ones"`
}

// MatrixRow is one unit, with a cell for each column.
type MatrixRow struct {
	Unit   UnitRef      `json:"unit"`
	Depth  int          `json:"depth"`
	Below  int          `json:"below" doc:"Areas directly below it"`
	Counts Counts       `json:"counts"`
	Cells  []MatrixCell `json:"cells"`
}

// MatrixCell is one indicator at one unit.
type MatrixCell struct {
	Light    luoshi.Light        `json:"light"`
	Presence luoshi.Presence     `json:"presence,omitempty" doc:"State of the figure"`
	Status   luoshi.Status       `json:"status,omitempty" doc:"How settled it is"`
	Target   bool                `json:"target" doc:"Something was promised"`
	Sample   bool                `json:"sample,omitempty" doc:"Generated"`
	Gauge    string              `json:"gauge" enum:"share,growth,value"`
	Value    luoshi.NullQuantity `json:"value" doc:"By the gauge"`
	Points   luoshi.NullQuantity `json:"points" doc:"Ahead of (+) or behind what is asked, in points"`
	Asked    Asked               `json:"asked"`
	Period   *luoshi.Period      `json:"period"`
	Due      luoshi.Date         `json:"due,omitempty" doc:"Of the figure that is not there"`
	Late     int                 `json:"late,omitempty" doc:"Days past it"`
	Have     int                 `json:"have,omitempty" doc:"Parts that are there, where some lack"`
	Want     int                 `json:"want,omitempty"`
	Chance   *Chance             `json:"chance,omitempty" doc:"That the target is met, as kept; where chances are asked for"`
}

// Chance is how likely a target is met, as the outlook that was kept says.
type Chance struct {
	Chance     *Ratio `json:"chance" doc:"In thousandths; 0 and 1 only where it is settled; null where state says why"`
	State      string `json:"state,omitempty" doc:"old: being made anew with new figures; waiting: being made for the first time; none: the past is too short; never: the indicator is retired; unasked: no target of the year's total; unkept: none was kept then" enum:"old,waiting,none,never,unasked,unkept"`
	Afterwards bool   `json:"afterwards,omitempty" doc:"Calculated afterwards, from the figures as of then"`
}

// ChanceTally counts chances.
type ChanceTally struct {
	Asked  int `json:"asked" doc:"Targets that can have one"`
	Known  int `json:"known" doc:"Those that do"`
	Waits  int `json:"waits" doc:"That are being made, for the first time or anew"`
	Unkept int `json:"unkept" doc:"Of which none was kept by the instant looked at"`
	After  int `json:"after" doc:"Calculated afterwards"`
}

// Cell is the proof of one light: an indicator at a unit.
type Cell struct {
	Where
	Of        UnitRef      `json:"of"`
	Indicator string       `json:"indicator"`
	Name      luoshi.Names `json:"name"`
	Measure   Measure      `json:"measure"`
	Owner     luoshi.Names `json:"owner" doc:"Who answers"`
	Person    *Person      `json:"person,omitempty" doc:"In charge of the target, as of the instant"`
	Judgement Judgement    `json:"judgement"`
}

// Wall is a board for a hall screen: the worst first, at most twelve lines.
type Wall struct {
	Where
	Rows      string     `json:"rows" enum:"goals,units"`
	Set       *Named     `json:"set,omitempty"`
	Indicator *Named     `json:"indicator,omitempty"`
	Lines     []WallLine `json:"lines"`
	Total     int        `json:"total" doc:"Of so many these are the worst"`
	Counts    Counts     `json:"counts" doc:"Of all of them"`
}

// WallLine is a goal, an indicator, or a unit.
type WallLine struct {
	Name      luoshi.Names  `json:"name"`
	Of        *luoshi.Names `json:"of,omitempty" doc:"The indicator, where the line is a unit"`
	Unit      string        `json:"unit" doc:"Code"`
	Indicator string        `json:"indicator,omitempty"`
	Measure   Measure       `json:"measure"`
	Paced     bool          `json:"paced" doc:"Share and pace of the year apply"`
	Before    luoshi.Light  `json:"before" doc:"A month earlier"`
	Judgement Judgement     `json:"judgement"`
}
