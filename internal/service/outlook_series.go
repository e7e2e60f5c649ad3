package service

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"luoshi.dev"
	"luoshi.dev/forecast"
	"luoshi.dev/internal/store"
	"luoshi.dev/rollup"
)

// outlookYears is how many past years an outlook looks at, at most.
const outlookYears = 12

// series is an indicator's past at a unit: the single periods of whole years, oldest
// first, at the indicator's decimals.
type series struct {
	first  int   // year of the first value
	year   int   // the year asked about, the last of the series
	ends   []int // the months in which its periods end
	joined bool  // January is never published: February stands for both
	growth bool  // growth was published

	remainder bool // no unit's own: what a unit has beside those below it

	single []int64 // Missing where not known
	sum    []int64 // of the year up to the period's end
	shared []bool  // of single: a share of a longer sum, which alone was published
	fitted []bool  // of single: not as published, which the published sums contradict
}

// pastYears is a snapshot's cube with the past years of an indicator.
type pastYears struct {
	sn    *snapshot
	cube  *rollup.Cube
	bytes int
}

func (p *pastYears) weight() int { return p.bytes }

// pastCube is the snapshot's cube with the further past years of an indicator and of
// what it rests on. It is kept for the other units.
func (s *Service) pastCube(ctx context.Context, sn *snapshot, look Look, code string) (*rollup.Cube, error) {
	look.Unit = ""
	past, err := kept(ctx, s, look, "past years of "+code, func(ctx context.Context, sn *snapshot) (*pastYears, error) {
		cube, err := s.readPast(ctx, sn, code)
		if err != nil {
			return nil, err
		}
		return &pastYears{sn, cube, int(cube.Memory() - sn.cube.Memory())}, nil
	})
	if err != nil {
		return nil, err
	}
	if past.sn != sn { // something was written in between
		return s.readPast(ctx, sn, code)
	}
	return past.cube, nil
}

func (s *Service) readPast(ctx context.Context, sn *snapshot, code string) (*rollup.Cube, error) {
	by, cube := *sn, sn.cube
	by.problems = slices.Clip(sn.problems)
	before := s.pasts.of(sn, code)
	for _, need := range sn.cube.Needs(code) {
		for year := sn.year - 2; year >= sn.year-outlookYears; year-- {
			at := store.IndicatorYear{Indicator: need, Year: year}
			if sn.changes[at] == 0 {
				continue // it has never had a figure
			}
			if cube == sn.cube {
				cube = sn.cube.Fork()
			}
			if before != nil && before.changes[at] == sn.changes[at] && cube.Share(before.cube, need, year) {
				continue
			}
			if err := s.fetch(ctx, &by, cube, yearKey{need, year}); err != nil {
				return nil, err
			}
		}
	}
	if cube != sn.cube {
		s.pasts.keep(sn, code, cube)
	}
	return cube, nil
}

// pasts are the past years of the indicators read last, which outlive what is written
// of this year.
type pasts struct {
	mu   sync.Mutex
	list []past // most recently read last
}

type past struct {
	code    string
	asOf    time.Time
	cube    *rollup.Cube // of past years alone
	changes changes
}

// keptPasts is how many; a province's indicator has 0.3 MB a year.
const keptPasts = 4

func (p *pasts) of(sn *snapshot, code string) *past {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.list {
		if one.code == code && one.asOf.Equal(sn.asOf) && one.cube.Tree() == sn.tree {
			return &one
		}
	}
	return nil
}

func (p *pasts) keep(sn *snapshot, code string, cube *rollup.Cube) {
	one := past{code, sn.asOf, cube.Only(func(_ string, year int) bool { return !sn.holds(year) }), sn.changes}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list = slices.DeleteFunc(p.list, func(old past) bool { return old.code == code })
	if len(p.list) >= keptPasts {
		p.list = slices.Delete(p.list, 0, 1)
	}
	p.list = append(p.list, one)
}

// seriesOf reads an indicator's past at a unit.
func (sn *snapshot) seriesOf(cube *rollup.Cube, in luoshi.Indicator, node int) *series {
	r := &series{year: sn.year, first: sn.year, ends: in.Calendar.Ends()}
	for _, year := range cube.Years(in.Code) {
		if year >= sn.year-outlookYears && year < r.first {
			r.first = year
		}
	}
	singles, sums := make([][12]int64, 0, outlookYears+1), make([][12]int64, 0, outlookYears+1)
	january, february := false, false
	for year := r.first; year <= r.year; year++ {
		single, sum := cube.Year(in.Code, node, year, luoshi.Single), cube.Year(in.Code, node, year, luoshi.Cumulative)
		january = january || there(sum.Amount[0]) || there(single.Amount[0])
		february = february || there(sum.Amount[1])
		r.growth = r.growth || slices.ContainsFunc(sum.Growth[:], there) || slices.ContainsFunc(single.Growth[:], there)
		singles, sums = append(singles, single.Amount), append(sums, sum.Amount)
	}
	if in.Calendar == luoshi.Monthly && february && !january {
		r.ends, r.joined = luoshi.MonthlyJanFeb.Ends(), true
		for i := range singles {
			singles[i][1] = sums[i][1]
		}
	}
	for i := range singles {
		for _, m := range r.ends {
			r.single, r.sum = append(r.single, singles[i][m-1]), append(r.sum, sums[i][m-1])
		}
	}
	r.shared, r.fitted = make([]bool, len(r.single)), make([]bool, len(r.single))
	r.share()
	r.fit()
	return r
}

// share gives the periods inside a longer sum that alone was published their share
// of it: as the same periods of the nearest year had it, or evenly among at most
// three. What can be shared out in neither way stays missing.
func (r *series) share() {
	season := len(r.ends)
	known := slices.Clone(r.single)
	for year := 0; year < len(r.single); year += season {
		base := 0 // the place after the last known sum of the year
		for at := range season {
			if !there(r.sum[year+at]) {
				continue
			}
			before := int64(0)
			if base > 0 {
				before = r.sum[year+base-1]
			}
			r.shareOut(known, year, base, at+1, r.sum[year+at]-before)
			base = at + 1
		}
	}
}

// shareOut parts what is lacking in the places from..to of a year among those that
// are not known, so that all add up to the whole.
func (r *series) shareOut(known []int64, year, from, to int, whole int64) {
	var places []int
	for p := from; p < to; p++ {
		if v := known[year+p]; there(v) {
			whole -= v
		} else {
			places = append(places, p)
		}
	}
	weights := r.pattern(known, year, places)
	if weights == nil {
		return
	}
	var all, run float64
	for _, w := range weights {
		all += w
	}
	given := int64(0)
	for i, p := range places {
		run += weights[i]
		upTo := int64(math.Round(float64(whole) * run / all))
		if i == len(places)-1 {
			upTo = whole
		}
		r.single[year+p], r.shared[year+p] = upTo-given, true
		given = upTo
	}
}

// fit brings periods that do not add up to the published sums to them: a sum that was
// revised holds, the months published before it give way, in proportion where all are
// above zero, else the last.
func (r *series) fit() {
	season := len(r.ends)
	for year := 0; year < len(r.single); year += season {
		before, base := int64(0), year
		for at := year; at < year+season; at++ {
			if !there(r.sum[at]) {
				continue
			}
			if parts := plusAll(r.single[base : at+1]...); there(parts) && parts != r.sum[at]-before {
				r.bring(base, at+1, parts, r.sum[at]-before)
			}
			before, base = r.sum[at], at+1
		}
	}
}

// unlike counts the periods that are not as published.
func (r *series) unlike() (n int) {
	for _, fitted := range r.fitted {
		if fitted {
			n++
		}
	}
	return n
}

// bring makes the periods from..to, which sum to parts, sum to whole.
func (r *series) bring(from, to int, parts, whole int64) {
	run, given := int64(0), int64(0)
	even := whole > 0 && !slices.ContainsFunc(r.single[from:to], func(v int64) bool { return v <= 0 })
	for i := from; i < to; i++ {
		run += r.single[i]
		upTo := run
		switch {
		case i == to-1:
			upTo = whole
		case even:
			upTo = int64(math.Round(float64(whole) * float64(run) / float64(parts)))
		}
		r.fitted[i] = r.fitted[i] || r.single[i] != upTo-given
		r.single[i], given = upTo-given, upTo
	}
}

// pattern is how the nearest year that has all the places had them.
func (r *series) pattern(known []int64, year int, places []int) []float64 {
	season := len(r.ends)
	weights := make([]float64, len(places))
	for d := 1; d <= outlookYears; d++ {
		for _, other := range [2]int{year - d*season, year + d*season} {
			if other < 0 || other >= len(known) {
				continue
			}
			if !slices.ContainsFunc(places, func(p int) bool { return known[other+p] <= 0 }) { // Missing is below zero, too
				for i, p := range places {
					weights[i] = float64(known[other+p])
				}
				return weights
			}
		}
	}
	if len(places) == 0 || len(places) > 3 {
		return nil
	}
	for i := range weights {
		weights[i] = 1
	}
	return weights
}

// until is the series for a forecast as it stood after the first `places` periods of
// a year.
func (r *series) until(year, places int) forecast.Series {
	return seriesFrom(r.first, len(r.ends), r.single[:(year-r.first)*len(r.ends)+places])
}

// seriesFrom is a series for a forecast that begins with a year; a season has as many
// values as a year.
func seriesFrom(year, season int, values []int64) forecast.Series {
	s := forecast.Series{Year: year, First: 1, Season: season, Values: make([]float64, len(values))}
	for i, v := range values {
		s.Values[i] = math.NaN()
		if there(v) {
			s.Values[i] = float64(v)
		}
	}
	return s
}

// now is how many periods of the year asked about are over for the outlook: up to
// the last one known. apart is false where the year's sum is known and its periods
// are not.
func (r *series) now() (places int, apart bool) {
	start := len(r.single) - len(r.ends)
	for at := len(r.ends); at > 0; at-- {
		if sum := r.sum[start+at-1]; there(sum) {
			parts, _ := r.sumTo(r.year, at)
			return at, parts == sum
		}
		if there(r.single[start+at-1]) {
			return at, true
		}
	}
	return 0, true
}

// sumTo is the exact sum of a year's first periods; whole is false where one of them
// is not known and so not in it.
func (r *series) sumTo(year, places int) (sum int64, whole bool) {
	start := (year - r.first) * len(r.ends)
	whole = true
	for p := range places {
		if v := r.single[start+p]; there(v) {
			sum += v
		} else {
			whole = false
		}
	}
	return sum, whole
}

// knownBefore counts the known periods before a year.
func (r *series) knownBefore(year int) (n int) {
	for _, v := range r.single[:max(0, (year-r.first)*len(r.ends))] {
		if there(v) {
			n++
		}
	}
	return n
}

// grows reports whether nothing in the series is negative, so that the sum of a
// year cannot fall again.
func (r *series) grows() bool {
	return !slices.ContainsFunc(r.single, func(v int64) bool { return there(v) && v < 0 })
}

// period is the single period at a place of a year, counted from 0.
func (r *series) period(year, place int) luoshi.Period {
	from := 1
	if place > 0 {
		from = r.ends[place-1] + 1
	}
	return luoshi.Period{Year: year, From: from, To: r.ends[place]}
}
