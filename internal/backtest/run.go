package backtest

import (
	"context"
	"encoding/csv"
	"io"
	"math"
	"strconv"

	"luoshi.dev"
	"luoshi.dev/forecast"
)

// Answer is what would have been said at the end of a month.
type Answer struct {
	Case                         *Case
	Month                        int
	Total                        float64
	Reach                        []float64 // probability of each target
	Low80, High80, Low95, High95 float64
}

// Run answers every case at every month, from the series as it was then.
func Run(ctx context.Context, set Set, cases Cases, step func(done, total int64)) ([]Answer, error) {
	var f forecast.Forecaster
	list := make([]Answer, 0, len(cases.List)*len(cases.Months))
	for i := range cases.List {
		c := &cases.List[i]
		series, ok := set[c.Key]
		if !ok {
			return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("backtest.series", "id", c.ID)}
		}
		for _, m := range cases.Months {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			o, err := f.Of(until(series, c.Year, m), c.Year)
			if err != nil {
				return nil, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("backtest.question", "id", c.ID, "year", c.Year), Err: err}
			}
			a := Answer{Case: c, Month: m, Total: o.Total}
			for _, t := range c.Targets {
				a.Reach = append(a.Reach, o.AtLeast(t))
			}
			a.Low80, a.High80 = o.Interval(0.8)
			a.Low95, a.High95 = o.Interval(0.95)
			list = append(list, a)
		}
		step(int64(i+1), int64(len(cases.List)))
	}
	return list, nil
}

// until cuts a series at the end of month m of a year.
func until(s forecast.Series, year, m int) forecast.Series {
	end := (year-s.Year)*s.Season + m*s.Season/12 - (s.First - 1)
	s.Values = s.Values[:min(max(end, 0), len(s.Values))]
	return s
}

// Write writes the answers as CSV.
func Write(w io.Writer, names []string, list []Answer) error {
	out := csv.NewWriter(w)
	row := []string{"dataset", "id", "m", "total"}
	for _, name := range names {
		row = append(row, "p_"+name)
	}
	row = append(row, "method", "lo80", "hi80", "lo95", "hi95")
	if err := out.Write(row); err != nil {
		return err
	}
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', 10, 64) }
	for _, a := range list {
		row = append(row[:0], a.Case.Dataset, a.Case.ID, strconv.Itoa(a.Month), number(a.Total))
		for _, p := range a.Reach {
			row = append(row, strconv.FormatFloat(p, 'f', 6, 64))
		}
		row = append(row, "luoshi", number(a.Low80), number(a.High80), number(a.Low95), number(a.High95))
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// Score sums up answers whose outcome is known.
type Score struct {
	Answers       int
	Error         float64 // mean of |total − actual| / |actual|
	Brier         float64 // mean of (probability − outcome)² over all targets
	Reliability   forecast.Reliability
	In80, In95    float64 // share of the outcomes within the intervals
	IntervalScore float64 // of the 95% interval, relative to last year's total (Gneiting and Raftery 2007)
}

// Judge compares answers with what came.
func Judge(list []Answer) Score {
	var s Score
	var asked float64
	var said []forecast.Said
	for _, a := range list {
		y := a.Case.Actual
		if math.IsNaN(y) || y == 0 || math.IsNaN(a.Case.Prior) || a.Case.Prior == 0 {
			continue
		}
		s.Answers++
		s.Error += math.Abs(a.Total-y) / math.Abs(y)
		for i, t := range a.Case.Targets {
			hit := 0.0
			if y >= t {
				hit = 1
			}
			said = append(said, forecast.Said{Probability: a.Reach[i], Came: y >= t})
			s.Brier += (a.Reach[i] - hit) * (a.Reach[i] - hit)
			asked++
		}
		if a.Low80 <= y && y <= a.High80 {
			s.In80++
		}
		if a.Low95 <= y && y <= a.High95 {
			s.In95++
		}
		s.IntervalScore += (a.High95 - a.Low95 + 40*max(0, a.Low95-y) + 40*max(0, y-a.High95)) / math.Abs(a.Case.Prior)
	}
	n := float64(max(s.Answers, 1))
	s.Error, s.In80, s.In95, s.IntervalScore = s.Error/n, s.In80/n, s.In95/n, s.IntervalScore/n
	s.Brier /= max(asked, 1)
	s.Reliability = forecast.Reliable(said)
	return s
}
