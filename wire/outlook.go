package wire

import (
	"time"

	"luoshi.dev"
)

// Outlook is where the year of one indicator will land at one unit, and how far to
// trust it. What is known is exact; what is to come was rounded once to the
// published precision. At a past instant it is what was kept by then, where anything
// was.
type Outlook struct {
	Where
	Indicator IndicatorHead       `json:"indicator"`
	Origin    string              `json:"origin" doc:"now: of the present, worked out from what is known. At a past instant the numbers down to chance are — kept: those that were kept by then; afterwards: the same, but they were calculated afterwards and not shown at the time; unkept: worked out now by today's method from what was known then, since nothing was kept; known: the year was whole by then, these are its figures, and kept is what was last expected" enum:"now,kept,afterwards,unkept,known"`
	Kept      *OutlookKept        `json:"kept,omitempty" doc:"When and how what is told was kept; left out where it was not"`
	Worked    *OutlookNumbers     `json:"worked,omitempty" doc:"What is worked out now by today's method from what was known then, where that is not what was kept; steps, past, notes, methods, leads, history and backtest belong to it"`
	Then      []Sentence          `json:"then" doc:"The same in sentences; empty of the present"`
	Said      int                 `json:"said" doc:"How many outlooks of this were kept by the instant, see getOutlookTrail"`
	Why       *Sentence           `json:"why,omitempty" doc:"Why there is none; then the rest is empty"`
	Says      *Sentence           `json:"says,omitempty" doc:"All of it in one sentence"`
	Promise   *Sentence           `json:"promise,omitempty" doc:"The target in words"`
	Asked     luoshi.NullQuantity `json:"asked" doc:"What the target in force asks of the year's total"`
	Upper     luoshi.NullQuantity `json:"upper" doc:"The upper bound, where the target has two"`
	Better    luoshi.Direction    `json:"better,omitempty" doc:"Which side of asked meets the target" enum:"more,less,band"`
	Derived   bool                `json:"derived" doc:"The target promises growth; asked is what that comes to"`
	Known     luoshi.NullQuantity `json:"known" doc:"The year so far"`
	Through   *luoshi.Period      `json:"through" doc:"January to the last period known"`
	Level     bool                `json:"level" doc:"The periods do not add up (a stock, a rate, an index, a growth): expected is the value at the year's end, that of a step the value at its own end"`
	Growth    bool                `json:"growth" doc:"Only growth is published: all numbers are growth in percent"`
	Estimated bool                `json:"estimated" doc:"A period before it is missing, and its estimate in the total"`
	Expected  OutlookSpread       `json:"expected" doc:"The year's total. Where units have agreed, it is the sum of the units below"`
	Alone     luoshi.NullQuantity `json:"alone" doc:"What this unit's own figures say the total is, where units have agreed on another or the same; else null"`
	Standing  string              `json:"standing" doc:"open: it may go either way, or there is no target; met: reached and not to be lost again; lost: cannot be met any more; closed: the whole year is known" enum:"open,met,lost,closed"`
	Chance    *Ratio              `json:"chance" doc:"Probability that the target is met, in thousandths; null without a target; 0 and 1 only where it is settled"`
	Steps     []OutlookStep       `json:"steps" doc:"The periods still to come"`
	Past      []OutlookPast       `json:"past" doc:"The figures that it goes by, oldest first"`
	Notes     []Sentence          `json:"notes" doc:"What was done to the figures and must be known about them"`
	Methods   []OutlookMethod     `json:"methods" doc:"What each method says, what the combination leans on most first"`
	Leads     []OutlookLead       `json:"leads" doc:"Indicators recorded as running ahead of this one, and what became of each"`
	History   OutlookHistory      `json:"history"`
	Backtest  *OutlookBacktest    `json:"backtest,omitempty" doc:"How wrong it would have been at the same period of past years, by the figures as known at the instant; left out where the past is too short"`
	Changed   *OutlookChanged     `json:"changed,omitempty" doc:"Against a month before, and why; left out where there is nothing to compare"`
}

// OutlookKept says when an outlook was kept, and how it was made.
type OutlookKept struct {
	At         time.Time `json:"at" doc:"From which instant on it was what is said"`
	Afterwards bool      `json:"afterwards" doc:"Calculated afterwards from the figures as of then; not shown at the time"`
	Revision   int       `json:"revision" doc:"Of the target that it goes by; 0 where there was none"`
	Method     int       `json:"method" doc:"Number of the way in which it was made"`
}

// OutlookNumbers are where a year lands, as one outlook says it.
type OutlookNumbers struct {
	Why      *Sentence           `json:"why,omitempty"`
	Says     *Sentence           `json:"says,omitempty"`
	Asked    luoshi.NullQuantity `json:"asked"`
	Upper    luoshi.NullQuantity `json:"upper"`
	Better   luoshi.Direction    `json:"better,omitempty" enum:"more,less,band"`
	Known    luoshi.NullQuantity `json:"known"`
	Through  *luoshi.Period      `json:"through"`
	Expected OutlookSpread       `json:"expected"`
	Standing string              `json:"standing" enum:"open,met,lost,closed"`
	Chance   *Ratio              `json:"chance"`
}

// OutlookTrail is all that one outlook has said by an instant, and what came of it.
type OutlookTrail struct {
	Where
	Indicator  IndicatorHead       `json:"indicator"`
	Says       *Sentence           `json:"says,omitempty" doc:"All of it in one sentence; left out where nothing is kept"`
	Level      bool                `json:"level" doc:"The newest foresees the value at the year's end, not a sum"`
	Growth     bool                `json:"growth" doc:"The newest foresees growth in percent"`
	Came       luoshi.NullQuantity `json:"came" doc:"How the year ended; null while that is not known"`
	Judged     int                 `json:"judged" doc:"Outlooks said before that was known, and held against it"`
	In80       int                 `json:"in80" doc:"Of those, how many 80% intervals hold it"`
	In95       int                 `json:"in95" doc:"And how many 95% intervals"`
	Afterwards int                 `json:"afterwards" doc:"How many were calculated afterwards and not shown at the time"`
	Rows       []OutlookSaid       `json:"rows" doc:"Oldest first; each stands until the next"`
}

// OutlookSaid is what an outlook said once, held against what came.
type OutlookSaid struct {
	OutlookKept
	None     bool                `json:"none" doc:"It said that there could be none yet"`
	Known    luoshi.NullQuantity `json:"known" doc:"The year so far"`
	Through  *luoshi.Period      `json:"through" doc:"The last period known; null before the first"`
	Expected OutlookSpread       `json:"expected"`
	Asked    luoshi.NullQuantity `json:"asked" doc:"What its target asked of the year"`
	Upper    luoshi.NullQuantity `json:"upper"`
	Better   luoshi.Direction    `json:"better,omitempty" enum:"more,less,band"`
	Revised  bool                `json:"revised" doc:"Its target is another than the one that the outlook before had"`
	Standing string              `json:"standing" enum:"open,met,lost,closed"`
	Chance   *Ratio              `json:"chance"`
	Level    bool                `json:"level"`
	Growth   bool                `json:"growth"`
	Sample   bool                `json:"sample"`
	Judged   bool                `json:"judged" doc:"Said before the year's end was known, and held against it"`
	By       luoshi.NullQuantity `json:"by" doc:"Expected less what came"`
	In80     bool                `json:"in80" doc:"Its 80% interval holds what came"`
	In95     bool                `json:"in95"`
	Met      *bool               `json:"met" doc:"Whether its target was met; null where that is not known"`
}

// OutlookSpread is an expected value with the intervals that hold the true one in 80
// and in 95 of 100 cases.
type OutlookSpread struct {
	Value  luoshi.NullQuantity `json:"value"`
	Low80  luoshi.NullQuantity `json:"low80"`
	High80 luoshi.NullQuantity `json:"high80"`
	Low95  luoshi.NullQuantity `json:"low95"`
	High95 luoshi.NullQuantity `json:"high95"`
}

// OutlookStep is a period still to come.
type OutlookStep struct {
	Period luoshi.Period       `json:"period"`
	Value  OutlookSpread       `json:"value" doc:"Of the period by itself"`
	Sum    OutlookSpread       `json:"sum" doc:"Of the year up to its end"`
	Asked  luoshi.NullQuantity `json:"asked" doc:"By its end, of the planned course"`
}

// OutlookPast is a period that the outlook went by.
type OutlookPast struct {
	Period luoshi.Period       `json:"period"`
	Value  luoshi.NullQuantity `json:"value" doc:"Of the period by itself; null where it is not known"`
	Sum    luoshi.NullQuantity `json:"sum" doc:"Of its year up to its end"`
	Open   bool                `json:"open" doc:"Flash or preliminary: it may still change"`
	Sample bool                `json:"sample" doc:"Generated, not reported or published"`
	Shared bool                `json:"shared" doc:"Only a longer sum was published; this is its share of it"`
}

// OutlookMethod is what one method says and how the combination leans on it.
type OutlookMethod struct {
	Name  string              `json:"name" doc:"The same in every language" example:"theta"`
	Label string              `json:"label" doc:"In the language of the answer"`
	Total luoshi.NullQuantity `json:"total"`
	Lean  float64             `json:"lean" doc:"The expected total is the median of all methods and, for each, lean × its distance from the median"`
}

// OutlookLead is what a leading indicator added to an outlook, or would have.
type OutlookLead struct {
	Indicator IndicatorRef        `json:"indicator"`
	Hearing   string              `json:"hearing" doc:"heard: it has helped, and the outlook goes by it; lesser: it has helped, another one more; deaf: it has not helped enough; unlinked: the two do not move together; brief: too few years of both" enum:"heard,lesser,deaf,unlinked,brief"`
	Lag       int                 `json:"lag" doc:"Periods by which it runs ahead"`
	Years     int                 `json:"years" doc:"Past years asked about"`
	Wins      int                 `json:"wins" doc:"Of which it would have brought the total nearer"`
	Without   luoshi.NullQuantity `json:"without" doc:"Mean error of the total in percent, without it"`
	With      luoshi.NullQuantity `json:"with" doc:"And with it"`
	Shift     luoshi.NullQuantity `json:"shift" doc:"What it adds to the total by this unit's own figures; null where it is not heard"`
	Says      *Sentence           `json:"says"`
}

// OutlookHistory says what an outlook rests on.
type OutlookHistory struct {
	First   *luoshi.Period `json:"first"`
	Last    *luoshi.Period `json:"last"`
	Periods int            `json:"periods" doc:"Known ones"`
	Missing int            `json:"missing" doc:"Between them"`
	Open    int            `json:"open" doc:"Flash or preliminary"`
	Sample  int            `json:"sample" doc:"Generated"`
}

// OutlookBacktest is how wrong an outlook would have been at the same period of past
// years, beside two naive rules.
type OutlookBacktest struct {
	Through *luoshi.Period `json:"through" doc:"After which period past years were asked about; null before the first"`
	Own     OutlookScore   `json:"own" doc:"This unit"`
	Pooled  OutlookScore   `json:"pooled" doc:"With its siblings; with the units directly below, where it has none"`
	Below   bool           `json:"below" doc:"Pooled is with the units directly below"`
	Without int            `json:"without" doc:"Units asked with it that have no past year to ask about, and are not in pooled"`
	Cases   []OutlookCase  `json:"cases" doc:"This unit's years, oldest first"`
	Points  bool           `json:"points" doc:"Errors are in the measure itself: of a rate, an index, a growth. Otherwise they are in percent of what the year came to"`
}

// OutlookScore sums up answers whose outcome is known. Errors are means of the
// distance, in what [OutlookBacktest.Points] says.
type OutlookScore struct {
	Years   int                 `json:"years" doc:"Answers: years × units"`
	Units   int                 `json:"units"`
	Error   luoshi.NullQuantity `json:"error"`
	RunRate luoshi.NullQuantity `json:"run_rate" doc:"Of going on as so far; of a level, of staying as it stood"`
	Share   luoshi.NullQuantity `json:"share" doc:"Of last year's share of the year by then; of a level, of moving as the year before"`
	Within  int                 `json:"within" doc:"Outcomes inside the interval of 80 in 100"`
}

// OutlookCase is one past year as it would have been foreseen.
type OutlookCase struct {
	Year   int                 `json:"year"`
	Total  luoshi.NullQuantity `json:"total" doc:"Foreseen"`
	Low80  luoshi.NullQuantity `json:"low80"`
	High80 luoshi.NullQuantity `json:"high80"`
	Came   luoshi.NullQuantity `json:"came"`
}

// Outlooks is the outlook of one indicator at a unit and at the areas directly below.
type Outlooks struct {
	Where
	Indicator IndicatorHead `json:"indicator"`
	Whole     OutlookLine   `json:"whole"`
	AddUp     bool          `json:"add_up" doc:"What the units are expected to reach sums to the whole's, exactly"`
	Units     []OutlookLine `json:"units" doc:"The least likely first, then those without a target, then those without an outlook"`
}

// OutlookLine is one unit's outlook in a line.
type OutlookLine struct {
	Unit     UnitRef             `json:"unit"`
	Why      *Sentence           `json:"why,omitempty" doc:"Why there is none"`
	Says     *Sentence           `json:"says,omitempty"`
	Asked    luoshi.NullQuantity `json:"asked"`
	Upper    luoshi.NullQuantity `json:"upper"`
	Better   luoshi.Direction    `json:"better,omitempty" enum:"more,less,band"`
	Derived  bool                `json:"derived"`
	Known    luoshi.NullQuantity `json:"known"`
	Through  *luoshi.Period      `json:"through"`
	Expected OutlookSpread       `json:"expected"`
	Alone    luoshi.NullQuantity `json:"alone" doc:"What this unit's own figures say the total is, where units have agreed"`
	Standing string              `json:"standing" enum:"open,met,lost,closed"`
	Chance   *Ratio              `json:"chance"`
	Origin   string              `json:"origin" doc:"As of getOutlook" enum:"now,kept,afterwards,unkept,known"`
	Level    bool                `json:"level" doc:"Expected is the value at the year's end, not a sum"`
	Growth   bool                `json:"growth" doc:"The numbers are growth in percent"`
	Sample   bool                `json:"sample"`
}

// TargetOutlooks is the outlook of every target of a unit.
type TargetOutlooks struct {
	Where
	Targets []TargetOutlook `json:"targets" doc:"The least likely first, then those without a chance, then those without an outlook"`
	Moves   []OutlookMove   `json:"moves" doc:"Those whose chance has moved most since a month before, as kept"`
}

// TargetOutlook is the outlook of one target in a line.
type TargetOutlook struct {
	Indicator IndicatorHead `json:"indicator"`
	OutlookLine
}

// OutlookChanged is how an outlook differs from what it said a month before. The parts
// add up to the difference, of the expected total and of the chance.
type OutlookChanged struct {
	Since  time.Time           `json:"since"`
	Shown  bool                `json:"shown" doc:"What was said then was kept; else it was calculated afterwards"`
	Says   *Sentence           `json:"says,omitempty"`
	Total  luoshi.NullQuantity `json:"total" doc:"Expected then"`
	Chance *Ratio              `json:"chance" doc:"Then"`
	By     luoshi.NullQuantity `json:"by" doc:"Expected total, now less then"`
	Points int                 `json:"points" doc:"Chance, now less then, in thousandths; 0 where one of the two has none"`
	Parts  []OutlookPart       `json:"parts" doc:"What moved something, in the order in which it is taken"`
	News   []OutlookNews       `json:"news" doc:"Periods that have come since"`
}

// OutlookPart is what one cause has moved.
type OutlookPart struct {
	Cause  string              `json:"cause" enum:"method,revised,new,target,others" doc:"method: made in another way; revised: earlier figures were; new: further periods have come; target: it was revised; others: units with which it agrees have moved"`
	Total  luoshi.NullQuantity `json:"total"`
	Points int                 `json:"points" doc:"Of the chance, in thousandths"`
}

// OutlookNews is a period that has come.
type OutlookNews struct {
	Period   luoshi.Period       `json:"period"`
	Expected luoshi.NullQuantity `json:"expected" doc:"Then"`
	Came     luoshi.NullQuantity `json:"came"`
	By       luoshi.NullQuantity `json:"by" doc:"Came less expected"`
}

// OutlookMove is how far the outlook of one target has moved since a month before.
type OutlookMove struct {
	Indicator IndicatorHead       `json:"indicator"`
	Was       *Ratio              `json:"was" doc:"Chance a month before"`
	Is        *Ratio              `json:"is"`
	WasTotal  luoshi.NullQuantity `json:"was_total" doc:"Expected a month before"`
	IsTotal   luoshi.NullQuantity `json:"is_total"`
	Points    int                 `json:"points" doc:"Of the chance, in thousandths"`
	Revised   bool                `json:"revised" doc:"The target was revised in between"`
}

// OutlookProgress is how far the outlooks of the present are that are made in the
// background.
type OutlookProgress struct {
	Running bool  `json:"running" doc:"They are being gone over; false: all are as current as the figures"`
	Done    int64 `json:"done" doc:"Outlooks looked at so far, of which only those were made anew whose inputs had changed"`
	Total   int64 `json:"total" doc:"All outlooks of the year"`
}

// OutlookReliability is what stated chances were worth.
type OutlookReliability struct {
	Where
	Shown    *Reliability   `json:"shown,omitempty" doc:"Chances kept while their year was open, of years that are known; left out where there are none yet"`
	Waiting  int            `json:"waiting" doc:"Chances kept whose year is still open"`
	Backtest *Reliability   `json:"backtest,omitempty" doc:"What would have been said at the same period of past years of five targets around the year before; left out where no past is long enough"`
	Through  *luoshi.Period `json:"through" doc:"The newest period that past years were asked after; null before the first"`
}

// Reliability is a CORP reliability diagram (Dimitriadis, Gneiting, Jordan 2021) and
// the parts of the Brier score: brier = mcb − dsc + unc.
type Reliability struct {
	Chances    int                 `json:"chances"`
	Units      int                 `json:"units"`
	Indicators int                 `json:"indicators"`
	Brier      luoshi.NullQuantity `json:"brier" doc:"Mean squared distance of what was said from what came, 0 or 1"`
	MCB        luoshi.NullQuantity `json:"mcb" doc:"Miscalibration: what the best monotone correction would gain; 0 is perfect"`
	DSC        luoshi.NullQuantity `json:"dsc" doc:"Discrimination: what the corrected chances gain over always saying how often it came"`
	UNC        luoshi.NullQuantity `json:"unc" doc:"The score of always saying how often it came"`
	Bins       []ReliabilityBin    `json:"bins" doc:"From the least likely to the likeliest"`
}

// ReliabilityBin is a run of stated chances that came about equally often.
type ReliabilityBin struct {
	From  *Ratio `json:"from" doc:"The least chance stated"`
	To    *Ratio `json:"to" doc:"The largest"`
	Said  *Ratio `json:"said" doc:"Their mean"`
	Rate  *Ratio `json:"rate" doc:"How often it came"`
	Low   *Ratio `json:"low" doc:"Where what is said is true the rate lies between low and high 90 times in 100"`
	High  *Ratio `json:"high"`
	N     int    `json:"n" doc:"Chances"`
	Came  int    `json:"came" doc:"That came"`
	Apart bool   `json:"apart" doc:"The rate lies outside"`
}
