package wire

import "luoshi.dev"

// Overview is the first page: will we make it, what is off, who answers, is it all in.
type Overview struct {
	Where
	Headline *Sentence     `json:"headline,omitempty" doc:"The verdict in one sentence"`
	Lead     []Sentence    `json:"lead" doc:"What bears it"`
	Counts   Counts        `json:"counts"`
	Goals    []GoalState   `json:"goals" doc:"The tree of goals, parents before children; without goals the unit's targets"`
	Off      []Off         `json:"off" doc:"What is yellow or red directly below the unit, worst first; the first few"`
	OffTotal int           `json:"off_total" doc:"How many there are"`
	Reports  []Report      `json:"reports" doc:"Completeness by indicator"`
	Expected int           `json:"expected" doc:"Figures owed for the newest closed periods"`
	Received int           `json:"received" doc:"How many of them are in"`
	Maps     []Spread      `json:"maps" doc:"The indicator with most that is off over the units below, and one judged by its growth"`
	Turns    Turns         `json:"turns" doc:"What changed since a month before"`
	Sources  []Source      `json:"sources" doc:"Published sources of what is shown"`
	HasGoals bool          `json:"has_goals" doc:"false: no goals are set up, goals lists targets"`
	HasData  bool          `json:"has_data" doc:"false: there are no figures yet"`
	Children []UnitRef     `json:"children" doc:"Areas directly below the unit"`
	Instants []luoshi.Date `json:"instants" doc:"Days of the year on which something was recorded"`
	Choices  []luoshi.Date `json:"boundary_choices" doc:"Days on which the unit tree changed, newest first"`
}

// Counts tallies lights.
type Counts struct {
	Green  int `json:"green"`
	Yellow int `json:"yellow"`
	Red    int `json:"red"`
	None   int `json:"none" doc:"Not judged"`
}

// GoalState is how a goal, or a target where no goal names it, stands.
type GoalState struct {
	Code      string       `json:"code" example:"double"`
	Name      luoshi.Names `json:"name"`
	Depth     int          `json:"depth" doc:"Under how many goals it stands"`
	Heading   bool         `json:"heading" doc:"It gathers goals below it"`
	Judgement Judgement    `json:"judgement"`
	Before    luoshi.Light `json:"before" doc:"Its light a month earlier"`
	Indicator string       `json:"indicator,omitempty" doc:"Code of the target that decides it"`
	Measure   *Measure     `json:"measure,omitempty"`
	Paced     bool         `json:"paced" doc:"Share and pace of the year apply"`
	Owner     luoshi.Names `json:"owner" doc:"Who answers"`
	Person    *Person      `json:"person,omitempty" doc:"In charge of the target, as of the instant"`
	Source    int          `json:"source,omitempty" doc:"Number among sources"`
	Chance    *Ratio       `json:"chance" doc:"How likely it is reached at the year's end, from the outlooks kept; null where that cannot be told. The goal itself says how it comes about"`
}

// Off is one target below the unit that is not on track.
type Off struct {
	Unit      UnitRef      `json:"unit"`
	Indicator string       `json:"indicator"`
	Name      luoshi.Names `json:"name"`
	Measure   Measure      `json:"measure"`
	Judgement Judgement    `json:"judgement"`
	Owner     luoshi.Names `json:"owner" doc:"Who answers"`
	Person    *Person      `json:"person,omitempty" doc:"In charge of the target, as of the instant"`
	Impact    *Ratio       `json:"impact" doc:"Share of the whole unit's target that is lacking there"`
	Chance    Chance       `json:"chance" doc:"That the target is met, as kept"`
}

// Report is one indicator's completeness.
type Report struct {
	Indicator string          `json:"indicator"`
	Name      luoshi.Names    `json:"name"`
	Kind      luoshi.UnitKind `json:"kind" doc:"The rung that reports it"`
	Periods   []ReportPeriod  `json:"periods" doc:"Closed periods, newest last"`
}

// ReportPeriod is one period of a report.
type ReportPeriod struct {
	Period luoshi.Period   `json:"period"`
	Have   int             `json:"have"`
	Want   int             `json:"want"`
	Units  []ReportedState `json:"units" doc:"The units directly below, in the order of the tree"`
}

// ReportedState is whether a unit's figure is in.
type ReportedState struct {
	Unit  string          `json:"unit" doc:"Code"`
	State luoshi.Presence `json:"state" enum:"present,not_due,due,late,missing,not_asked"`
}

// Spread is one indicator over the units below.
type Spread struct {
	Indicator string         `json:"indicator"`
	Name      luoshi.Names   `json:"name"`
	Measure   Measure        `json:"measure"`
	Period    *luoshi.Period `json:"period"`
	Pace      *Ratio         `json:"pace"`
	Areas     []Area         `json:"areas"`
}

// Area is one unit of a spread.
type Area struct {
	Unit      UnitRef   `json:"unit"`
	Judgement Judgement `json:"judgement"`
}

// Source is a published source.
type Source struct {
	Number int            `json:"number"`
	What   []luoshi.Names `json:"what" doc:"What rests on it"`
	Source string         `json:"source"`
}

// Turns is what changed since a month before: by the figures known now, of the
// newest period that was due by then.
type Turns struct {
	Since  luoshi.Date `json:"since"`
	Goals  []Turn      `json:"goals" doc:"The worst first"`
	Below  []Turn      `json:"below" doc:"Directly below the unit, the worst first; the first few"`
	Totals TurnTotals  `json:"totals" doc:"Of the goals"`
	Units  TurnTotals  `json:"units" doc:"Below, all of them"`
}

// TurnTotals tallies turns.
type TurnTotals struct {
	Worse  int `json:"worse"`
	Better int `json:"better"`
	First  int `json:"first" doc:"Judged for the first time"`
	Lost   int `json:"lost" doc:"No longer judged"`
}

// Turn is a light that is another than a month before.
type Turn struct {
	Goal      string       `json:"goal,omitempty" doc:"Code of the goal; without it the turn is of an indicator below"`
	Unit      UnitRef      `json:"unit"`
	Indicator string       `json:"indicator,omitempty"`
	Name      luoshi.Names `json:"name" doc:"Of the goal or the indicator"`
	Before    luoshi.Light `json:"before"`
	Light     luoshi.Light `json:"light" doc:"Now"`
	Way       string       `json:"way" enum:"worse,better,first,lost"`
	Owner     luoshi.Names `json:"owner" doc:"Who answers"`
	Person    *Person      `json:"person,omitempty" doc:"In charge of the target, as of the instant"`
}
