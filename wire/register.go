package wire

import (
	"time"

	"luoshi.dev"
)

// IndicatorList is the register of indicators.
type IndicatorList struct {
	Where
	Page
	Items       []IndicatorLine `json:"items" doc:"By group"`
	InUse       int             `json:"in_use" doc:"All that are in use, whatever was asked for"`
	Retired     int             `json:"retired" doc:"All that are no longer used"`
	Groups      []string        `json:"groups" doc:"Headings that can be chosen by"`
	Departments []UnitRef       `json:"departments" doc:"Departments that can be chosen by"`
}

// IndicatorLine is one indicator of the register.
type IndicatorLine struct {
	Indicator  Indicator      `json:"indicator"`
	Rules      []Sentence     `json:"rules" doc:"How it adds up, in words"`
	Department *UnitRef       `json:"department,omitempty"`
	Leads      []IndicatorRef `json:"leads" doc:"What it runs ahead of"`
	Targets    int            `json:"targets" doc:"Targets of the year"`
	Closed     *luoshi.Period `json:"closed" doc:"The newest closed period"`
	Have       int            `json:"have" doc:"Units that have reported it"`
	Want       int            `json:"want" doc:"of so many"`
}

// IndicatorCard is everything about one indicator.
type IndicatorCard struct {
	Where
	IndicatorLine
	Promised []TargetState      `json:"promised" doc:"Targets of the unit looked at and those directly below"`
	Versions []IndicatorVersion `json:"versions" doc:"Newest first"`
	Goals    []Named            `json:"goals" doc:"Goals that rest on it"`
	Sets     []Named            `json:"sets"`
	Formulas []IndicatorRef     `json:"formulas" doc:"Computed from it"`
	LedBy    []IndicatorRef     `json:"led_by" doc:"What runs ahead of it"`
	Next     *luoshi.Period     `json:"next" doc:"The next period that is owed"`
	Due      luoshi.Date        `json:"due,omitempty" doc:"When its figure is due"`
	Figures  int                `json:"figures" doc:"Units with figures in the year"`
}

// IndicatorVersion is one version of an indicator.
type IndicatorVersion struct {
	Indicator  Indicator  `json:"indicator"`
	Changed    []string   `json:"changed" doc:"Fields that differ from the version before"`
	RecordedAt *time.Time `json:"recorded_at,omitempty"`
	By         string     `json:"by,omitempty"`
	Reason     string     `json:"reason,omitempty"`
	Batch      int64      `json:"batch,omitempty" doc:"The change, where it can be taken back"`
}

// Revised says how a version of a rule, set or goal came to be.
type Revised struct {
	Number int           `json:"number"`
	At     time.Time     `json:"at"`
	By     string        `json:"by,omitempty"`
	Reason string        `json:"reason,omitempty"`
	From   string        `json:"from,omitempty" doc:"Name of the import that brought it; left out = a change made here"`
	Batch  int64         `json:"batch,omitempty"`
	Differ []FieldChange `json:"differs" doc:"From the version before"`
}

// FieldChange is one field that differs between two versions.
type FieldChange struct {
	Field  string        `json:"field"`
	Item   *luoshi.Names `json:"item,omitempty" doc:"Of which item"`
	Before any           `json:"before,omitempty"`
	After  any           `json:"after,omitempty"`
}

// SchemeList is the register of the rules for lights: the plan's own first, then
// those that come with the product.
type SchemeList struct {
	Where
	Page
	Items []SchemeState `json:"items"`
}

// SchemeState is one rule for lights and what it judges.
type SchemeState struct {
	Scheme  Scheme   `json:"scheme"`
	Rule    Sentence `json:"rule" doc:"As a sentence"`
	Preset  bool     `json:"preset" doc:"It comes with the product"`
	Own     bool     `json:"own" doc:"The plan has a version of its own"`
	Targets int      `json:"targets" doc:"Targets judged by it"`
	Default int      `json:"default" doc:"of them without naming it, because their form asks for it"`
	Units   int      `json:"units"`
	Lights  Counts   `json:"lights" doc:"That it gives"`
}

// SchemeCard is one rule with who uses it and how it came to be.
type SchemeCard struct {
	Where
	SchemeState
	Uses      []SchemeUse      `json:"uses"`
	Revisions []SchemeRevision `json:"revisions" doc:"Newest first"`
	Measures  []string         `json:"measures" doc:"What a condition may speak of"`
}

// SchemeUse is one indicator that a rule judges.
type SchemeUse struct {
	Indicator string       `json:"indicator"`
	Name      luoshi.Names `json:"name"`
	Units     int          `json:"units"`
	Default   bool         `json:"default" doc:"No target of it names the rule"`
	Lights    Counts       `json:"lights"`
}

// SchemeRevision is one version of a rule.
type SchemeRevision struct {
	Revised
	Scheme Scheme   `json:"scheme"`
	Rule   Sentence `json:"rule"`
}

// SetList is the register of indicator sets.
type SetList struct {
	Where
	Page
	Items []SetState `json:"items"`
}

// SetState is one indicator set with its lights at the unit looked at.
type SetState struct {
	Set    IndicatorSet   `json:"set"`
	Items  []SetItemState `json:"items"`
	Lights Counts         `json:"lights"`
}

// SetItemState is one indicator of a set.
type SetItemState struct {
	Indicator string          `json:"indicator"`
	Name      luoshi.Names    `json:"name"`
	Group     string          `json:"group,omitempty"`
	Weight    luoshi.Quantity `json:"weight"`
	Share     *Ratio          `json:"share" doc:"Of all weights"`
	Judgement *Judgement      `json:"judgement,omitempty" doc:"Left out without a target"`
}

// SetCard is one set with how it came to be.
type SetCard struct {
	Where
	SetState
	Revisions []SetRevision `json:"revisions" doc:"Newest first"`
}

// SetRevision is one version of a set.
type SetRevision struct {
	Revised
	Set IndicatorSet `json:"set"`
}

// GoalList is the register of goals: the whole tree, parents before children.
type GoalList struct {
	Where
	Page
	Items []GoalNode `json:"items"`
}

// GoalNode is one goal in the register, with its light at the unit looked at.
type GoalNode struct {
	Goal      Goal            `json:"goal"`
	Depth     int             `json:"depth"`
	Children  int             `json:"child_goals"`
	Rule      Sentence        `json:"rule" doc:"How its parts combine"`
	Owner     luoshi.Names    `json:"owner" doc:"Who answers"`
	Weighed   bool            `json:"weighed" doc:"Its weight counts in the goal above"`
	Judgement *Judgement      `json:"judgement,omitempty" doc:"Left out: nothing to judge at the unit"`
	Parts     []GoalItemState `json:"parts" doc:"Targets under it"`
}

// GoalItemState is one target under a goal.
type GoalItemState struct {
	GoalItem
	Name      luoshi.Names  `json:"name"`
	At        *luoshi.Names `json:"at,omitempty" doc:"The unit it names"`
	Judgement *Judgement    `json:"judgement,omitempty" doc:"Left out: no target at the unit"`
}

// GoalCard is one goal with how it came to be.
type GoalCard struct {
	Where
	GoalNode
	Above     []Named        `json:"above" doc:"From the root to the goal above"`
	Below     []GoalNode     `json:"below" doc:"Its child goals"`
	Chance    *GoalChance    `json:"chance,omitempty" doc:"How likely it is reached at the year's end; left out: nothing to judge at the unit"`
	Revisions []GoalRevision `json:"revisions" doc:"Newest first"`
}

// GoalChance is how likely a goal is reached at the year's end: that its targets are met
// as the goal asks, and every guard, taken together by how they moved in the past.
type GoalChance struct {
	Says    Sentence       `json:"says"`
	Chance  *Ratio         `json:"chance" doc:"In thousandths, 0 and 1 only where it is settled; null where a member has none"`
	Apart   *Ratio         `json:"apart" doc:"The same if the members had nothing in common"`
	Most    *Ratio         `json:"most" doc:"The chance of the least likely member, where all are needed"`
	Rest    *Ratio         `json:"rest" doc:"Of the members that have one, all together, where another has none: the goal's can be no more"`
	Members []GoalMember   `json:"members" doc:"The targets that it rests on"`
	Lacking []luoshi.Names `json:"lacking" doc:"Members without a chance"`
}

// GoalMember is one target that a goal rests on.
type GoalMember struct {
	Indicator string       `json:"indicator" doc:"Code"`
	Name      luoshi.Names `json:"name"`
	Unit      UnitRef      `json:"unit"`
	Guard     bool         `json:"guard"`
	Chance    *Ratio       `json:"chance"`
	Standing  string       `json:"standing" enum:"open,met,lost,closed"`
	Why       *Sentence    `json:"why,omitempty" doc:"Why it has none"`
}

// GoalRevision is one version of a goal.
type GoalRevision struct {
	Revised
	Goal Goal     `json:"goal"`
	Rule Sentence `json:"rule"`
}

// SchemeTry asks which lights a rule would have given. It need not be saved.
type SchemeTry struct {
	Scheme    Scheme `json:"scheme"`
	Indicator string `json:"indicator,omitempty" doc:"Tried at the unit and those directly below it"`
	Set       string `json:"set,omitempty" doc:"Or: the indicators of a set, at the unit; neither = those that the rule judges there"`
}

// SchemeTrial is a rule tried on the past of a year beside the rules in force.
type SchemeTrial struct {
	Where
	Rule      Sentence   `json:"rule"`
	Faults    []Fault    `json:"faults" doc:"Of the rule; then nothing is tried"`
	Indicator string     `json:"indicator,omitempty"`
	Set       string     `json:"set,omitempty"`
	Months    []int      `json:"months" doc:"In which periods end: the columns"`
	Rows      []TrialRow `json:"rows"`
	Before    Counts     `json:"before" doc:"Lights in force, over all cells"`
	After     Counts     `json:"after" doc:"Lights tried"`
	Worse     int        `json:"worse" doc:"Cells in which the light gets worse"`
	Better    int        `json:"better"`
}

// TrialRow is one target.
type TrialRow struct {
	Unit      UnitRef      `json:"unit"`
	Indicator string       `json:"indicator"`
	Name      luoshi.Names `json:"name"`
	By        luoshi.Names `json:"by" doc:"The rule in force"`
	Fits      bool         `json:"fits" doc:"The rule can judge the form of the target; else its default does"`
	Differ    int          `json:"differ" doc:"Cells in which the lights differ"`
	Cells     []TrialCell  `json:"cells" doc:"By month, as months"`
}

// TrialCell is one period by both rules.
type TrialCell struct {
	Asked  bool         `json:"asked" doc:"A period ends there and is over"`
	Before luoshi.Light `json:"before"`
	After  luoshi.Light `json:"after"`
	Says   *Sentence    `json:"says,omitempty" doc:"By the rule tried, where the lights differ"`
}
