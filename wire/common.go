package wire

import (
	"time"

	"luoshi.dev"
)

// Sentence is a sentence in the language of the answer, with what it was made from.
type Sentence struct {
	Text string         `json:"text" doc:"The sentence in the language of the answer"`
	Key  string         `json:"key" doc:"Which sentence it is, the same in every language"`
	Args map[string]any `json:"args,omitempty" doc:"What was put into it, by name: exact numbers as strings, nested sentences as sentences"`
}

// Ratio is an exact quotient; Percent is 100 × Numerator / Denominator rounded
// once, half away from zero, to two decimals. A difference of two shares is in
// percentage points.
type Ratio struct {
	Percent     luoshi.NullQuantity `json:"percent" doc:"In percent, or in percentage points for a difference, rounded once to two decimals; null if it has too many digits to write"`
	Numerator   luoshi.Quantity     `json:"numerator" doc:"Whole number"`
	Denominator luoshi.Quantity     `json:"denominator" doc:"Whole number above zero"`
}

// UnitRef names a unit.
type UnitRef struct {
	Code  string          `json:"code" doc:"The code that it bears by the boundaries shown" example:"340100"`
	Name  luoshi.Names    `json:"name"`
	Short luoshi.Names    `json:"short" doc:"For maps and narrow columns"`
	Kind  luoshi.UnitKind `json:"kind" doc:"Rung of the unit" enum:"nation,province,city,county,town,zone,department"`
}

// Measure is a unit of measure. Values are never converted: 亿元 stays 亿元.
type Measure struct {
	Symbol   luoshi.Names `json:"symbol" doc:"As it is written, in three languages"`
	Currency string       `json:"currency,omitempty" doc:"ISO 4217" example:"CNY"`
	Power    int          `json:"power" doc:"In powers of ten of the base unit: 4 = 万, 8 = 亿"`
}

// Where says where an answer stands: the same for every view.
type Where struct {
	AsOf       time.Time      `json:"asof" doc:"The instant as of which everything in the answer was known"`
	Now        bool           `json:"now" doc:"The instant is the present"`
	Year       int            `json:"year" doc:"Plan year" example:"2020"`
	Through    *luoshi.Period `json:"through" doc:"January to the newest month that figures reach"`
	Boundaries luoshi.Date    `json:"boundaries" doc:"The day whose unit tree is shown"`
	Unit       *UnitRef       `json:"unit,omitempty" doc:"The unit looked at; left out in an empty database"`
	Path       []UnitRef      `json:"path" doc:"From the root down to the unit's parent"`
	Sample     bool           `json:"sample" doc:"Some numbers of the answer are generated (示例数据), not reported or published"`
}

// Page is what every list says about itself.
type Page struct {
	Total  int `json:"total" doc:"How many there are in all"`
	Limit  int `json:"limit" doc:"How many were asked for at most"`
	Offset int `json:"offset" doc:"How many were passed over"`
}

// Problem is one thing wrong with an input, or worth a look.
type Problem struct {
	Severity luoshi.Severity `json:"severity" doc:"blocking keeps its row out, warning lets it pass" enum:"blocking,warning"`
	Says     Sentence        `json:"says" doc:"Which rule is broken"`
	Fix      string          `json:"fix,omitempty" doc:"The way out"`
	File     string          `json:"file,omitempty"`
	Sheet    string          `json:"sheet,omitempty"`
	Cell     string          `json:"cell,omitempty" doc:"Address in the sheet" example:"C7"`
	Row      int             `json:"row,omitempty"`
	Column   int             `json:"column,omitempty"`
}

// Error is the answer to what could not be done: RFC 9457 problem details.
type Error struct {
	Type     string       `json:"type" doc:"Where the code is explained" example:"/api#error-not_found"`
	Title    string       `json:"title" doc:"The code in a word, in the language of the answer"`
	Status   int          `json:"status" doc:"HTTP status" example:"404"`
	Detail   string       `json:"detail" doc:"What is wrong, in the language of the answer"`
	Fix      string       `json:"fix,omitempty" doc:"The way out"`
	Instance string       `json:"instance" doc:"Number of the request, as in the server's log" example:"K3J7WQ2M"`
	Code     luoshi.Code  `json:"code" doc:"What kind of error" enum:"invalid,not_found,conflict,sign_in,forbidden,too_large,unavailable,internal"`
	Key      string       `json:"key" doc:"Which sentence detail is, the same in every language" example:"import.unit_unknown"`
	Errors   []FieldError `json:"errors,omitempty" doc:"By parameter or field, where several are wrong"`
}

// FieldError is what is wrong with one parameter or field.
type FieldError struct {
	Location string `json:"location" doc:"Where: query.limit, path.unit, body.locks.340100" example:"query.limit"`
	Detail   string `json:"detail" doc:"What is wrong with it"`
	Key      string `json:"key" doc:"Which sentence detail is"`
	Value    any    `json:"value,omitempty" doc:"What was sent"`
}

// Span tells where a page stands in its list.
func (p Page) Span() (total, limit, offset int) { return p.Total, p.Limit, p.Offset }
