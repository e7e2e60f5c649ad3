package luoshi

import (
	"fmt"
	"time"
)

// Date is a civil day written as the number yyyymmdd: it sorts, compares and is
// stored as an integer, and has no time zone. The zero Date means "no date".
type Date int32

// Zone is the time zone of every wall clock in the product. China has kept one
// offset without summer time since 1991.
var Zone = time.FixedZone("CST", 8*60*60)

// NewDate returns the day, or false where the calendar has no such day.
func NewDate(year, month, day int) (Date, bool) {
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if year < 1 || year > 9999 || t.Year() != year || int(t.Month()) != month || t.Day() != day {
		return 0, false
	}
	return Date(year*10000 + month*100 + day), true
}

// ParseDate reads 2020-07-31, 2020/7/31, 20200731 or 2020年7月31日.
func ParseDate(s string) (Date, error) {
	text := Fold(s)
	for _, form := range []string{"%d-%d-%d", "%d/%d/%d", "%d.%d.%d", "%d年%d月%d日", "%4d%2d%2d"} {
		var y, m, d int
		var rest string
		if n, _ := fmt.Sscanf(text+"\x00", form+"%s", &y, &m, &d, &rest); n == 4 && rest == "\x00" {
			if date, ok := NewDate(y, m, d); ok {
				return date, nil
			}
		}
	}
	return 0, &Error{Code: Invalid, Message: Say("date.unreadable", "text", s)}
}

// DateOf returns the day on which the instant falls in [Zone].
func DateOf(t time.Time) Date {
	y, m, d := t.In(Zone).Date()
	return Date(y*10000 + int(m)*100 + d)
}

// Year, Month and Day return the parts.
func (d Date) Year() int  { return int(d) / 10000 }
func (d Date) Month() int { return int(d) / 100 % 100 }
func (d Date) Day() int   { return int(d) % 100 }

// Start returns the first instant of the day in [Zone].
func (d Date) Start() time.Time {
	return time.Date(d.Year(), time.Month(d.Month()), d.Day(), 0, 0, 0, 0, Zone)
}

// End returns the last instant of the day: "as of 31 July" includes all of it.
func (d Date) End() time.Time { return d.AddDays(1).Start().Add(-time.Microsecond) }

// AddDays returns the day n days later.
func (d Date) AddDays(n int) Date { return DateOf(d.Start().AddDate(0, 0, n)) }

// AddMonths returns the same day n months later, or the last day of that month
// where it has no such day: a month before 31 July is 30 June.
func (d Date) AddMonths(n int) Date {
	first := time.Date(d.Year(), time.Month(d.Month()+n), 1, 0, 0, 0, 0, Zone)
	last := DateOf(first.AddDate(0, 1, -1))
	return last - Date(max(last.Day()-d.Day(), 0))
}

// String writes 2020-07-31, or nothing for the zero Date.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year(), d.Month(), d.Day())
}

// MarshalText and UnmarshalText make the written form the one in JSON and CSV.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what [ParseDate] reads; empty text is the zero Date.
func (d *Date) UnmarshalText(text []byte) (err error) {
	*d = 0
	if len(text) > 0 {
		*d, err = ParseDate(string(text))
	}
	return err
}

// ParseAsOf reads the instant a page is asked for: a day (its end), a month (the
// end of its last day), a day with a time in [Zone], or RFC 3339.
func ParseAsOf(s string) (time.Time, error) {
	text := Fold(s)
	for _, form := range []string{"2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(form, text, Zone); err == nil {
			return t, nil
		}
	}
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t, nil
	}
	if t, err := time.ParseInLocation("2006-01", text, Zone); err == nil {
		return t.AddDate(0, 1, 0).Add(-time.Microsecond), nil
	}
	if d, err := ParseDate(text); err == nil {
		return d.End(), nil
	}
	return time.Time{}, &Error{Code: Invalid, Message: Say("asof.unreadable", "text", s)}
}
