// Package backtest asks the forecast what it would have said: it reads series and
// questions from CSV files, cuts each series at the month of the question, and
// writes the answers. It judges nothing about method, and opens no file.
package backtest

import (
	"encoding/csv"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/forecast"
)

// Key names a series.
type Key struct{ Dataset, ID string }

// Set is the series of a file.
type Set map[Key]forecast.Series

// Case is a year of a series, and the totals it may be asked to reach.
type Case struct {
	Key
	Year    int
	Prior   float64 // last year's total, NaN if not given
	Actual  float64 // NaN if not given
	Targets []float64
}

// Cases are the questions of a file.
type Cases struct {
	Names  []string // of the targets: "095" of the column T_095
	Months []int    // at whose ends is asked: of the columns ytd_3, …; without any 3, 6 and 9
	List   []Case
}

// Bounds of what a file may hold, so that a slip in it does not fill the memory.
const (
	firstYear, lastYear = 1, 9999
	maxSpan             = 100 // years
)

// sheet reads a CSV file by the names of its columns.
type sheet struct {
	rows   *csv.Reader
	column map[string]int
	names  []string
	row    []string
	line   int
}

func open(r io.Reader, needed ...string) (*sheet, error) {
	s := &sheet{rows: csv.NewReader(r), column: map[string]int{}}
	s.rows.ReuseRecord = true
	if err := s.next(); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, s.wrong("backtest.empty")
		}
		return nil, err
	}
	for i, name := range s.row {
		name = strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))
		s.column[name] = i
		s.names = append(s.names, name)
	}
	for _, name := range needed {
		if _, ok := s.column[name]; !ok {
			return nil, s.wrong("backtest.column", "name", name)
		}
	}
	return s, nil
}

func (s *sheet) next() error {
	row, err := s.rows.Read()
	if errors.Is(err, io.EOF) {
		return err
	}
	s.line++
	if err != nil {
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			s.line = bad.Line
			return s.wrong("backtest.csv")
		}
		return err
	}
	s.line, _ = s.rows.FieldPos(0)
	s.row = row
	return nil
}

func (s *sheet) wrong(key string, pairs ...any) error {
	return &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say(key, append(pairs, "line", s.line)...)}
}

func (s *sheet) text(name string) string {
	if i, ok := s.column[name]; ok {
		return strings.TrimSpace(s.row[i])
	}
	return ""
}

func (s *sheet) whole(name string, low, high int) (int, error) {
	v, err := strconv.Atoi(s.text(name))
	if err != nil || v < low || v > high {
		return 0, s.wrong("backtest.whole", "name", name, "value", s.text(name), "low", low, "high", high)
	}
	return v, nil
}

// number reads a number; nothing and NA are missing.
func (s *sheet) number(name string) (float64, error) {
	text := s.text(name)
	if text == "" || text == "NA" {
		return math.NaN(), nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.Abs(v) > 1e100 {
		return 0, s.wrong("backtest.number", "name", name, "value", text)
	}
	return v, nil
}

// each calls do for every row.
func (s *sheet) each(do func() error) error {
	for {
		if err := s.next(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := do(); err != nil {
			return err
		}
	}
}

// ReadSeries reads dataset,id,year,month,y or …,quarter,y in any order of rows; the
// column dataset may be left out. Months without a row, or with an empty value, are
// missing. A month told twice is an error.
func ReadSeries(r io.Reader) (Set, error) {
	s, err := open(r, "id", "year", "y")
	if err != nil {
		return nil, err
	}
	place, season := "month", 12
	if _, ok := s.column["month"]; !ok {
		if place, season = "quarter", 4; s.column[place] == 0 {
			return nil, s.wrong("backtest.column", "name", "month")
		}
	}
	type point struct {
		at int // places since year 0
		y  float64
	}
	found := map[Key][]point{}
	if err := s.each(func() error {
		year, err := s.whole("year", firstYear, lastYear)
		if err != nil {
			return err
		}
		at, err := s.whole(place, 1, season)
		if err != nil {
			return err
		}
		y, err := s.number("y")
		key := Key{s.text("dataset"), s.text("id")}
		found[key] = append(found[key], point{year*season + at - 1, y})
		return err
	}); err != nil {
		return nil, err
	}
	set := Set{}
	for key, points := range found {
		slices.SortFunc(points, func(a, b point) int { return a.at - b.at })
		first, last := points[0].at, points[len(points)-1].at
		if last-first >= maxSpan*season {
			return nil, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("backtest.span", "id", key.ID, "years", maxSpan)}
		}
		one := forecast.Series{Year: first / season, First: first%season + 1, Season: season, Values: make([]float64, last-first+1)}
		for i := range one.Values {
			one.Values[i] = math.NaN()
		}
		for i, p := range points {
			if i > 0 && points[i-1].at == p.at {
				return nil, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("backtest.twice", "id", key.ID, "year", p.at/season, "place", p.at%season+1)}
			}
			one.Values[p.at-first] = p.y
		}
		set[key] = one
	}
	return set, nil
}

// ReadCases reads id,year and any columns T_… for targets, ytd_… for months,
// prior_total and actual_total.
func ReadCases(r io.Reader) (Cases, error) {
	var c Cases
	s, err := open(r, "id", "year")
	if err != nil {
		return c, err
	}
	for _, name := range s.names {
		if target, ok := strings.CutPrefix(name, "T_"); ok {
			c.Names = append(c.Names, target)
		}
		if month, ok := strings.CutPrefix(name, "ytd_"); ok {
			if m, err := strconv.Atoi(month); err == nil && m >= 0 && m < 12 {
				c.Months = append(c.Months, m)
			}
		}
	}
	if len(c.Months) == 0 {
		c.Months = []int{3, 6, 9}
	}
	err = s.each(func() error {
		one := Case{Key: Key{s.text("dataset"), s.text("id")}}
		var err error
		if one.Year, err = s.whole("year", firstYear, lastYear); err != nil {
			return err
		}
		if one.Prior, err = s.number("prior_total"); err != nil {
			return err
		}
		if one.Actual, err = s.number("actual_total"); err != nil {
			return err
		}
		for _, name := range c.Names {
			v, err := s.number("T_" + name)
			if err != nil {
				return err
			}
			if math.IsNaN(v) {
				return s.wrong("backtest.number", "name", "T_"+name, "value", "")
			}
			one.Targets = append(one.Targets, v)
		}
		c.List = append(c.List, one)
		return nil
	})
	return c, err
}
