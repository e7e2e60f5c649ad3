package luoshi

import "time"

// Light is a judgement. Lights are ordered from good to bad; NotJudged stands
// outside the order and says only that there is nothing to judge yet.
type Light int8

// The lights.
const (
	NotJudged Light = iota
	Green
	Yellow
	Red
)

var lightNames = [...]string{"none", "green", "yellow", "red"}

func (l Light) String() string { return lightNames[l] }

// MarshalText writes the light's word.
func (l Light) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads the light's word.
func (l *Light) UnmarshalText(text []byte) error {
	for i, name := range lightNames {
		if name == string(text) {
			*l = Light(i)
			return nil
		}
	}
	return &Error{Code: Invalid, Message: Say("light.unreadable", "text", string(text))}
}

// SchemeKind is the shape of a rule for lights.
type SchemeKind string

// The shapes. doc/SPEC-lights.md has each with formula, source and example.
const (
	ByPace       SchemeKind = "pace"        // points of the year's plan behind the curve (银川)
	ByPaceShare  SchemeKind = "pace_share"  // share of the curve's value reached (三亚 projects)
	ByMonths     SchemeKind = "months"      // months missed in a row (三亚 districts)
	ByGrowth     SchemeKind = "growth"      // growth against plan and average (天津)
	ByMonthShare SchemeKind = "month_share" // share of the month's own task (新晃)
	ByTarget     SchemeKind = "target"      // the target's form alone: sign, bound, band, date, relative
	ByExpression SchemeKind = "expression"  // the user's own conditions
)

// Scheme is a rule for lights with its thresholds: what is short of Yellow is
// green, what is beyond Red is red. Units of Yellow and Red depend on Kind:
// percentage points (pace), percent (pace_share, month_share), months (months).
type Scheme struct {
	Code       string
	Names      Names
	Kind       SchemeKind
	Yellow     Quantity // yellow begins past this shortfall
	Red        Quantity // red begins past this shortfall
	MadeUp     bool     // a month missed and later made up is yellow, never green (瓯海)
	YellowWhen string   // ByExpression: conditions over the measures of assess
	RedWhen    string
	Source     string
	RecordedAt int64
}

// Judgement is a light with its proof: what was compared, by which rule, on which
// versions, and the sentence that a person would say. It is a pure function of
// its inputs; nothing in it is stored.
type Judgement struct {
	Light Light
	Says  Message // "63.86% of the year, 13.86 points ahead of the pace"

	Period   Period       // what is judged, ending with the last figure that counts
	Actual   NullQuantity // value of the period (cumulative for flows)
	Planned  NullQuantity // what the curve asks for by then
	Year     NullQuantity // the year's target
	Growth   NullQuantity // published, percent
	Implied  Ratio        // growth computed from levels; × 100 = percent
	Share    Ratio        // Actual / Year
	Pace     Ratio        // Planned / Year, exactly m/12 on a straight line
	Ahead    Ratio        // Share − Pace; × 100 = percentage points
	Missed   int          // months in a row, up to the period, that were not met
	Presence Presence     // of the figure that should be there by now
	Proof    Proof
}

// Proof names the versions a judgement rests on.
type Proof struct {
	Scheme     string  // code of the scheme
	SchemeName Names   // and its name
	Rule       Message // and its rule as a sentence
	Target     int     // revision of the target
	TargetFrom Date
	Figures    []int64   // Seq of the figures used
	Status     Status    // the least settled of them
	Sample     bool      // any of them generated
	Source     string    // of the newest figure
	RecordedAt time.Time // when that was learned
	Boundaries Date      // the day whose unit tree was used
	Complete   Coverage
	Rolled     NullQuantity // what the units below add up to, where the unit reported its own
	Difference NullQuantity // reported − rolled: shown, never corrected
	Remainder  NullQuantity // reported − what is there below, while parts of it lack
}

// Coverage says how much of a total is there: "14 of 16 cities, 93% by last
// year's weight".
type Coverage struct {
	Have, Want int
	Weight     Ratio // undefined where last year has no figures
}

// Full reports whether nothing is lacking.
func (c Coverage) Full() bool { return c.Have >= c.Want }
