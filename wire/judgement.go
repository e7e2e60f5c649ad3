package wire

import (
	"time"

	"luoshi.dev"
)

// Judgement is a light with its proof.
type Judgement struct {
	Light    luoshi.Light        `json:"light" doc:"none = there is nothing to judge yet"`
	Says     Sentence            `json:"says" doc:"What a person would say of it"`
	Period   *luoshi.Period      `json:"period" doc:"What is judged, ending with the last figure that counts"`
	Actual   luoshi.NullQuantity `json:"actual" doc:"Value of the period; of flows the year to date"`
	Planned  luoshi.NullQuantity `json:"planned" doc:"What the curve asks for by then"`
	Year     luoshi.NullQuantity `json:"year" doc:"The year's target in its own terms: of a level a value, of growth percent"`
	Growth   luoshi.NullQuantity `json:"growth" doc:"Published growth on the same period of last year, in percent"`
	Implied  *Ratio              `json:"implied" doc:"Growth computed from levels, which may differ from what was published"`
	Share    *Ratio              `json:"share" doc:"actual / year"`
	Pace     *Ratio              `json:"pace" doc:"planned / year"`
	Ahead    *Ratio              `json:"ahead" doc:"share − pace, in percentage points; negative is behind"`
	Missed   int                 `json:"missed" doc:"Months in a row, up to the period, that were not met"`
	Presence luoshi.Presence     `json:"presence,omitempty" doc:"State of the figure that should be there by now" enum:"present,not_due,due,late,missing,not_asked"`
	Proof    Proof               `json:"proof"`
}

// Proof names the versions that a judgement rests on.
type Proof struct {
	Scheme     string              `json:"scheme,omitempty" doc:"Code of the light scheme"`
	SchemeName *luoshi.Names       `json:"scheme_name,omitempty"`
	Rule       *Sentence           `json:"rule,omitempty" doc:"Its rule as a sentence"`
	Target     int                 `json:"target,omitempty" doc:"Revision of the target in force"`
	TargetFrom luoshi.Date         `json:"target_from,omitempty" doc:"From when that revision holds"`
	Figures    []int64             `json:"figures" doc:"Numbers of the vintages used, see figures"`
	Status     luoshi.Status       `json:"status,omitempty" doc:"The least settled of them" enum:"flash,preliminary,final,revised"`
	Sample     bool                `json:"sample" doc:"Some of them are generated"`
	Source     string              `json:"source,omitempty" doc:"Where the newest was published"`
	RecordedAt *time.Time          `json:"recorded_at,omitempty" doc:"When the newest was learned"`
	Boundaries luoshi.Date         `json:"boundaries,omitempty" doc:"The day whose unit tree was used"`
	Have       int                 `json:"have" doc:"How many of the figures that make a total are there"`
	Want       int                 `json:"want" doc:"of how many"`
	Weight     *Ratio              `json:"weight" doc:"The same by last year's weight"`
	Rolled     luoshi.NullQuantity `json:"rolled" doc:"What the units below add up to, where the unit reported its own"`
	Difference luoshi.NullQuantity `json:"difference" doc:"reported − rolled: shown, never corrected"`
	Remainder  luoshi.NullQuantity `json:"remainder" doc:"reported − what is there below, while parts of it lack"`
}
