package luoshi

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// Period is a run of whole months of one year, From..To inclusive, from 1 to 12.
type Period struct{ Year, From, To int }

// Basis tells what a value covers: one period of the calendar by itself (当月,
// 当季), or the year up to the period's end (累计).
type Basis string

// The two bases. Single of January–February is the two months together.
const (
	Single     Basis = "single"
	Cumulative Basis = "cumulative"
)

// MonthOf, QuarterOf, ToDate and YearOf build the usual periods.
func MonthOf(year, month int) Period { return Period{year, month, month} }
func QuarterOf(year, q int) Period   { return Period{year, 3*q - 2, 3 * q} }
func ToDate(year, month int) Period  { return Period{year, 1, month} }
func YearOf(year int) Period         { return Period{year, 1, 12} }

// Months is the number of months covered.
func (p Period) Months() int { return p.To - p.From + 1 }

// LastDay is the last day of the period.
func (p Period) LastDay() Date {
	first, _ := NewDate(p.Year+p.To/12, p.To%12+1, 1)
	return first.AddDays(-1)
}

// Validate checks that the months exist and the year is a plausible one.
func (p Period) Validate() error {
	if p.Year < 1900 || p.Year > 2200 || p.From < 1 || p.To > 12 || p.From > p.To {
		return &Error{Code: Invalid, Message: Say("period.impossible", "text", p.String())}
	}
	return nil
}

// String writes 2020-06 for a month, 2020 for a year, 2020-01..06 otherwise.
func (p Period) String() string {
	switch {
	case p.From == p.To:
		return fmt.Sprintf("%04d-%02d", p.Year, p.From)
	case p.From == 1 && p.To == 12:
		return fmt.Sprintf("%04d", p.Year)
	}
	return fmt.Sprintf("%04d-%02d..%02d", p.Year, p.From, p.To)
}

// MarshalText makes the written form the one in JSON and CSV.
func (p Period) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what [ParsePeriod] reads.
func (p *Period) UnmarshalText(text []byte) (err error) {
	*p, err = ParsePeriod(string(text))
	return err
}

var (
	periodYear    = regexp.MustCompile(`^(\d{4})年?$`)
	periodMonth   = regexp.MustCompile(`^(\d{4})(?:[-/.]|年|M|-M)?(\d{1,2})月?$`)
	periodRange   = regexp.MustCompile(`^(\d{4})(?:[-/.]|年|-M)(\d{1,2})月?(?:\.\.|-M|-|~|至|/)(\d{1,2})月?$`)
	periodQuarter = regexp.MustCompile(`^(\d{4})(?:-|年)?(?:Q([1-4])|第?([一二三四1-4])季度)$`)
	periodHalf    = regexp.MustCompile(`^(\d{4})(?:-|年)?(?:H([12])|([上下])半年)$`)
)

// ParsePeriod reads 2020, 2020年, 2020-06, 2020年6月, 202006, 2020-01..06,
// 2020年1-6月, 2020-Q2, 2020年二季度, 2020-H1, 2020年上半年.
func ParsePeriod(s string) (Period, error) {
	text := Fold(s)
	if p, ok := plainPeriod(text); ok {
		return p, p.Validate()
	}
	num := func(s string) int { n, _ := strconv.Atoi(s); return n }
	var p Period
	if _, ok := digits(text, 0, 4); !ok { // all forms begin with the year
		return Period{}, &Error{Code: Invalid, Message: Say("period.unreadable", "text", s)}
	}
	if m := periodYear.FindStringSubmatch(text); m != nil {
		p = YearOf(num(m[1]))
	} else if m := periodMonth.FindStringSubmatch(text); m != nil {
		p = MonthOf(num(m[1]), num(m[2]))
	} else if m := periodRange.FindStringSubmatch(text); m != nil {
		p = Period{num(m[1]), num(m[2]), num(m[3])}
	} else if m := periodQuarter.FindStringSubmatch(text); m != nil {
		q := map[string]int{"一": 1, "二": 2, "三": 3, "四": 4}[m[3]]
		p = QuarterOf(num(m[1]), max(q, num(m[2]), num(m[3])))
	} else if m := periodHalf.FindStringSubmatch(text); m != nil {
		half := max(num(m[2]), map[string]int{"上": 1, "下": 2}[m[3]])
		p = Period{num(m[1]), 6*half - 5, 6 * half}
	} else {
		return Period{}, &Error{Code: Invalid, Message: Say("period.unreadable", "text", s)}
	}
	return p, p.Validate()
}

// plainPeriod reads 2020, 2020-06, 2020-01..06 and 2020-Q2, which nearly all files
// have, without the patterns.
func plainPeriod(text string) (Period, bool) {
	year, ok := digits(text, 0, 4)
	if !ok || len(text) == 4 {
		return YearOf(year), ok
	}
	if len(text) < 7 || text[4] != '-' {
		return Period{}, false
	}
	if q, ok := digits(text, 6, 1); len(text) == 7 && text[5] == 'Q' && ok && q >= 1 && q <= 4 {
		return QuarterOf(year, q), true
	}
	from, ok := digits(text, 5, 2)
	if len(text) == 7 || !ok {
		return MonthOf(year, from), ok
	}
	to, ok := digits(text, 9, 2)
	return Period{year, from, to}, ok && len(text) == 11 && text[7:9] == ".."
}

// digits reads the n digits that stand at a place of the text.
func digits(text string, at, n int) (int, bool) {
	if len(text) < at+n {
		return 0, false
	}
	v := 0
	for _, c := range []byte(text[at : at+n]) {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = v*10 + int(c-'0')
	}
	return v, true
}

// Calendar is the rhythm in which an indicator is reported: the months at whose
// end a figure exists. A month that is not one of them has no figure, which is
// not a missing figure.
type Calendar string

// The calendars. MonthlyJanFeb has eleven points: statistics of economic flows
// publish January and February as one because the Spring Festival moves.
const (
	Monthly       Calendar = "monthly"
	MonthlyJanFeb Calendar = "monthly_janfeb"
	Quarterly     Calendar = "quarterly"
	HalfYearly    Calendar = "half_yearly"
	Yearly        Calendar = "yearly"
)

var calendarEnds = map[Calendar][]int{
	Monthly:       {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
	MonthlyJanFeb: {2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
	Quarterly:     {3, 6, 9, 12},
	HalfYearly:    {6, 12},
	Yearly:        {12},
}

// Ends lists the months at whose end a period closes, ascending. Callers must not
// change the slice.
func (c Calendar) Ends() []int { return calendarEnds[c] }

// Valid reports whether c is one of the calendars.
func (c Calendar) Valid() bool { return calendarEnds[c] != nil }

// Period is the calendar's period that ends with month `to`: alone or since January.
func (c Calendar) Period(year, to int, basis Basis) (Period, bool) {
	i := slices.Index(c.Ends(), to)
	if i < 0 {
		return Period{}, false
	}
	from := 1
	if basis == Single && i > 0 {
		from = c.Ends()[i-1] + 1
	}
	return Period{year, from, to}, true
}

// Check refuses a period that the calendar does not have on that basis, and says
// which period ends there if one does.
func (c Calendar) Check(p Period, basis Basis) error {
	want, ok := c.Period(p.Year, p.To, basis)
	if !ok {
		return &Error{Code: Invalid, Message: Say("period.out_of_calendar", "period", p, "calendar", c)}
	}
	if want != p {
		return &Error{Code: Invalid, Message: Say("period.wrong_start", "period", p, "want", want, "basis", basis)}
	}
	return nil
}
