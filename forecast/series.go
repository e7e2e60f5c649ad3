package forecast

import (
	"errors"
	"math"
)

// Series are values by period in order of time.
type Series struct {
	Year   int       // of the first value
	First  int       // its place in the year, from 1
	Season int       // places in a year: 12 months, 4 quarters, 11 where January and February are one
	Values []float64 // NaN where there is none

	lead int // values put before the first one, at the mean
	mean float64
}

// What can be wrong with a question.
var (
	ErrShape = errors.New("forecast: season, first place or values out of range")
	ErrEmpty = errors.New("forecast: no value to go by")
	ErrFar   = errors.New("forecast: the year lies before the series or more than three years after it")
	ErrLong  = errors.New("forecast: longer than a hundred years")
)

// yearAhead is how far after the last value a year may end, in years.
const yearAhead = 3

// Kind names something that was done to a series or must be known about it.
type Kind string

const (
	Joined  Kind = "joined"  // January and February taken as one place
	Filled  Kind = "filled"  // a missing value estimated
	Outlier Kind = "outlier" // a value that its neighbours contradict, left out of the fit
	Shift   Kind = "shift"   // a lasting change of level; what came before was brought to the new one
	Short   Kind = "short"   // less than two years: no season can be seen
	NoLog   Kind = "no_log"  // zeros or negative values: additive methods only
)

// Note is one thing done, at a place of a year where it has one. Was is the value
// met, Became the value used.
type Note struct {
	Kind        Kind
	Year, Place int
	Was, Became float64
}

func (s Series) check() error {
	if s.Season < 1 || s.Season > 12 || s.First < 1 || s.First > s.Season {
		return ErrShape
	}
	if len(s.Values) > 100*s.Season {
		return ErrLong
	}
	for _, v := range s.Values {
		if math.IsInf(v, 0) || math.Abs(v) > 1e100 {
			return ErrShape
		}
	}
	return nil
}

// place gives year and place of the value at t.
func (s Series) place(t int) (year, place int) {
	t += s.First - 1
	return s.Year + t/s.Season, t%s.Season + 1
}

// trimmed cuts what is missing at both ends.
func (s Series) trimmed() Series {
	for len(s.Values) > 0 && math.IsNaN(s.Values[len(s.Values)-1]) {
		s.Values = s.Values[:len(s.Values)-1]
	}
	cut := 0
	for cut < len(s.Values) && math.IsNaN(s.Values[cut]) {
		cut++
	}
	s.Year, s.First = s.place(cut)
	s.Values = s.Values[cut:]
	return s
}

// joined makes January and February one place where no January was ever published
// and February stands for both, as monthly statistics of China do. Where there is
// not yet a missing January between values, say so by a Season of 11.
func (s Series) joined() (Series, bool) {
	if s.Season != 12 {
		return s, false
	}
	january, february := 0, 0
	for t, v := range s.Values {
		switch _, place := s.place(t); {
		case place == 1 && !math.IsNaN(v):
			return s, false
		case place == 1:
			january++
		case place == 2 && !math.IsNaN(v):
			february++
		}
	}
	if january == 0 || february == 0 {
		return s, false
	}
	out := Series{Year: s.Year, First: max(s.First-1, 1), Season: 11}
	for t, v := range s.Values {
		if _, place := s.place(t); place != 1 {
			out.Values = append(out.Values, v)
		}
	}
	return out, true
}
