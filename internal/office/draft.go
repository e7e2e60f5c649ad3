package office

import "luoshi.dev"

// Kind is what a sheet holds.
type Kind string

// The kinds of sheet, in the order in which they are read: figures last, so that
// whoever takes them in batches has the rest of the draft before the first one.
const (
	Units      Kind = "units"      // 单位
	Changes    Kind = "changes"    // 区划变动
	Indicators Kind = "indicators" // 指标
	Sets       Kind = "sets"       // 指标集
	Schemes    Kind = "schemes"    // 判灯规则
	Goals      Kind = "goals"      // 目标
	Targets    Kind = "targets"    // 目标值
	Figures    Kind = "figures"    // 数据
)

// Kinds lists them.
var Kinds = []Kind{Units, Changes, Indicators, Sets, Schemes, Goals, Targets, Figures}

// Draft is everything that was read, not yet checked against the store. A row
// with a Blocking problem is not in it; its problem is.
type Draft struct {
	Units      []UnitRow
	Changes    []ChangeRow
	Indicators []IndicatorRow
	Sets       []SetRow
	Targets    []TargetRow
	Goals      []GoalRow
	Schemes    []SchemeRow
	Figures    []FigureRow
	Sheets     []SheetInfo
	Problems   []luoshi.Problem
}

// SheetInfo says what became of one sheet.
type SheetInfo struct {
	File, Name string
	Kind       Kind // "" where it was not recognised
	Wide       bool // figures in a grid rather than one to a row
	Rows       int  // rows taken over (figures, for a grid)
	Blocked    int  // rows kept out by a Blocking problem
	Skipped    int  // totals, notes and rows that were left unfilled
	Head       int  // row number of the heads
	Columns    []Column
}

// Columns says where the fields of a sheet stand. Rows of one sheet share it.
type Columns struct{ at map[string]spot }

// spot is a column, and a row where it is not the row's own (the heads of a grid).
type spot struct{ row, col int }

// Spot is where a row was read. The zero Spot is a row that was not read.
type Spot struct {
	luoshi.Place
	columns *Columns
}

// At returns the place of a field's cell, by the field's name in words/heads.csv
// ("value", "unit_code"); the row's own place where the sheet has no such column.
func (s Spot) At(field string) luoshi.Place {
	place := s.Place
	if s.columns == nil {
		return place
	}
	if at, ok := s.columns.at[field]; ok {
		place.Col = at.col
		if at.row > 0 {
			place.Row = at.row
		}
	}
	return place
}

// UnitRow is one dated fact about a unit. To is the last day on which it holds
// (有效期至), zero while it still does.
type UnitRow struct {
	Spot
	Code         string
	Names, Short luoshi.Names
	Kind         luoshi.UnitKind
	Parent       string // code
	Order        int
	From, To     luoshi.Date
}

// ChangeKind is what happened to a unit.
type ChangeKind string

// The kinds of change. A merge is several rows with one New, a split several with
// one Old; their Share says how much of Old lives on in New.
const (
	Rename ChangeKind = "rename"
	Recode ChangeKind = "recode"
	Merge  ChangeKind = "merge"
	Split  ChangeKind = "split"
	Move   ChangeKind = "move"
	End    ChangeKind = "end"
)

// ChangeRow is one change of the unit tree.
type ChangeRow struct {
	Spot
	On       luoshi.Date
	Kind     ChangeKind
	Old, New string // codes; New may be empty where the code stays
	Share    luoshi.NullQuantity
	Names    luoshi.Names // the new name, if any
	Short    luoshi.Names // and its short form; a sheet has none
	Parent   string       // code of the new parent, for a move
	Source   string
}

// IndicatorRow is one indicator.
type IndicatorRow struct {
	Spot
	Indicator luoshi.Indicator
}

// SetRow is one indicator of one set. An empty weight is read as 1.
type SetRow struct {
	Spot
	Code      string
	Names     luoshi.Names
	Indicator string
	Weight    luoshi.Quantity
}

// TargetRow is one revision of a target. Curve is nil unless a month was filled.
type TargetRow struct {
	Spot
	Indicator          string
	UnitCode, UnitName string
	FirstYear          int
	LastYear           int
	Revision           int // 0: the next
	Form               luoshi.Form
	Value, Low, High   luoshi.NullQuantity
	Date               luoshi.Date
	ReferenceIndicator string
	ReferenceUnit      string // code
	Strict             bool
	Reserve            luoshi.NullQuantity
	Curve              []luoshi.NullQuantity
	Owner              string
	Scheme             string
	Reason             string
	From               luoshi.Date
	Source             string
	Sample             bool
}

// GoalRow is a goal, or, where Indicator is filled, one target under the goal
// Code. An empty weight is read as 1.
type GoalRow struct {
	Spot
	Code      string
	Names     luoshi.Names
	Parent    string
	Order     int
	Combine   luoshi.Combine
	Weight    luoshi.Quantity
	Owner     string
	Indicator string
	Unit      string // code; "" = the unit that is looked at
	Guard     bool
}

// Item reports whether the row is a target under a goal.
func (r GoalRow) Item() bool { return r.Indicator != "" }

// SchemeRow is one rule for lights.
type SchemeRow struct {
	Spot
	Scheme luoshi.Scheme
}

// FigureRow is one figure. Indicator is a code, or a name where the sheet gives
// only names; so is the unit, by UnitCode or UnitName. Basis is "" where the sheet
// does not say: then it is the indicator's own, and Period needs [Span].
type FigureRow struct {
	Spot
	Indicator          string
	UnitCode, UnitName string
	Period             luoshi.Period
	Basis              luoshi.Basis
	Scope              luoshi.Scope
	Value, Growth      luoshi.NullQuantity
	Status             luoshi.Status // "" where the sheet does not say
	Measure            string        // unit of measure as written, to be compared
	Source             string
	Sample             bool
	Published          luoshi.Date
}

// Span returns the period that is meant when people write a month, quarter or half
// year beside "cumulative": June cumulative is January–June. Any other range is
// left as it was written, for the calendar to judge.
func Span(p luoshi.Period, basis luoshi.Basis) luoshi.Period {
	whole := p.From == p.To || p.Months() == 3 && p.To%3 == 0 || p.Months() == 6 && p.To%6 == 0
	if basis == luoshi.Cumulative && whole {
		p.From = 1
	}
	return p
}

// Options bound and steer a reading. The zero Options are sound.
type Options struct {
	Name     string // the file's name: its ending helps, problems repeat it
	MaxBytes int64  // of content after decompression; 0 = 1 GiB
	MaxRows  int64  // over all sheets; 0 = 4 million
	Progress func(done, total int64)
	// Figures, if set, takes the figures in batches instead of Draft.Figures. The
	// rest of the draft is complete by then. The slice is used again after the
	// call: copy what is kept. Its error stops the reading.
	Figures func([]FigureRow) error
	// Line, if set, is given every row of every sheet that is read, heads and all, as
	// a person sees it. The cells are used again after the call. Its error stops the
	// reading.
	Line func(file, sheet string, row int, cells []string) error
	// Refused, if set, is told of each row (each cell of a grid) that is kept out.
	Refused func(Kind, luoshi.Place)
	PerRule int // problems kept of one rule in one sheet, the rest is counted; 0 = 100
}

const (
	defaultBytes = 1 << 30
	defaultRows  = 4_000_000
	batchRows    = 4096
)
