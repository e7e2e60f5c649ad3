package forecast

import (
	"math"
	"slices"
)

// Of answers where a year of the series will land, from all its values: cut the
// series at the day of the question.
func Of(s Series, year int) (Outlook, error) {
	var f Forecaster
	return f.Of(s, year)
}

// Forecaster answers one question after another in the same room. It is not for
// use by two goroutines at once; its answers do not depend on earlier ones.
type Forecaster struct{ sheet sheet }

// Of is [Of] in the forecaster's room.
func (f *Forecaster) Of(s Series, year int) (Outlook, error) {
	if err := s.check(); err != nil {
		return Outlook{}, err
	}
	s = s.trimmed()
	if len(s.Values) == 0 {
		return Outlook{}, ErrEmpty
	}
	if over := s.start(year) + s.Season; over > 0 && over < len(s.Values) { // what came after the year is not looked at
		s.Values = s.Values[:over]
		s = s.trimmed()
	}
	s, joined := s.joined()
	start := s.start(year)
	if start+s.Season <= 0 || start > len(s.Values)+(yearAhead-1)*s.Season {
		return Outlook{}, ErrFar
	}
	if start < 0 {
		s, start = s.reaching(-start), 0
	}
	c := clean(s)
	q := question{year: year, start: start, series: s, cleaned: c}
	if joined {
		q.notes = append([]Note{{Kind: Joined}}, q.notes...)
	}
	o := q.answer(&f.sheet)
	o.Year, o.Notes = year, q.notes
	o.Years = float64(len(s.Values)) / float64(s.Season)
	return o, nil
}

// start is where a year begins in the series.
func (s Series) start(year int) int { return (year-s.Year)*s.Season - (s.First - 1) }

// reaching puts n missing values before the series; they count as its mean.
func (s Series) reaching(n int) Series {
	var sum, count float64
	for _, v := range s.Values {
		if !math.IsNaN(v) {
			sum += v
			count++
		}
	}
	values := make([]float64, n, n+len(s.Values)+1)
	for i := range values {
		values[i] = math.NaN()
	}
	s.Values = append(values, s.Values...)
	s.First -= n
	for s.First < 1 {
		s.First += s.Season
		s.Year--
	}
	s.lead, s.mean = n, sum/count
	return s
}

// question is one year asked about.
type question struct {
	cleaned
	series Series
	year   int
	start  int // of the year in the series; after its end where nothing is known yet
}

func (q *question) answer(s *sheet) Outlook {
	n, m := len(q.y), q.series.Season
	var known, extra float64
	gaps := 0
	for t := q.start; t < n; t++ {
		if v := q.series.Values[t]; !math.IsNaN(v) {
			known += v
			continue
		}
		extra += q.y[t]
		gaps++
	}
	unit := unitOf(q.y)
	known, extra = known/unit, extra/unit
	s.take(q.y, unit)
	s.m, s.known = m, max(n-q.start, 0)
	s.h, s.from = q.start+m-n, max(q.start-n, 0)
	if n < 2*m {
		q.notes = append(q.notes, Note{Kind: Short})
	}
	whole := s.h == 0
	if whole && gaps == 0 {
		return Outlook{Known: known * unit, Total: known * unit}
	}
	s.h = max(s.h, 1)
	s.run()
	if !s.positive {
		q.notes = append(q.notes, Note{Kind: NoLog})
	}
	if whole { // what is missing lies between known values
		sd := s.best.sigma * math.Sqrt(float64(gaps))
		if s.best.Form.Error == mul {
			sd *= math.Abs(extra) / float64(gaps)
		}
		o := Outlook{Known: known, Filled: extra, Total: known + extra, rest: extra, size: 1, up: max(sd, 1e-9), down: max(sd, 1e-9), nu: pool.nu, floor: s.negative() == 0}
		o.times(unit)
		return o
	}
	p := &pool
	if q.start < 3*m {
		p = &poolShort
	}
	v := s.survey(known, extra)
	o := p.outlook(&v, p.total(&v), s.positive)
	o.floor = s.negative() == 0
	if o.floor && o.rest < 0 {
		o.rest, o.Total = 0, known
	}
	o.Filled = extra
	s.fill(&o, p, &v, extra)
	o.times(unit)
	return o
}

// unitOf is the mean size of a series; calculated in it, every series looks alike.
func unitOf(y []float64) float64 {
	var sum float64
	for _, v := range y {
		sum += math.Abs(v)
	}
	if sum == 0 {
		return 1
	}
	return sum / float64(len(y))
}

// take sets the series, in the unit.
func (s *sheet) take(y []float64, unit float64) {
	s.y = s.y[:0]
	for _, v := range y {
		s.y = append(s.y, v/unit)
	}
}

func (s *sheet) negative() (n int) {
	for _, v := range s.y {
		if v < 0 {
			n++
		}
	}
	return n
}

// fill adds the way to the total: the median of the methods at each place, brought
// to the total, and what each method says.
func (s *sheet) fill(o *Outlook, p *pooled, v *view, extra float64) {
	o.Form = ""
	if s.has[mETS] {
		o.Form = s.best.Form.String()
	}
	lean := p.weights(v)
	for k := range methods {
		if !s.has[k] {
			continue
		}
		total := o.Known + extra
		for _, x := range s.path[k][s.from:] {
			total += x
		}
		o.Views = append(o.Views, View{methodNames[k], total, lean[k]})
	}
	path := make([]float64, s.h)
	var list [methods]float64
	var sum, size float64
	for h := range path {
		found := list[:0]
		for k := range methods {
			if s.has[k] {
				found = append(found, s.path[k][h])
			}
		}
		slices.Sort(found)
		path[h] = (found[len(found)/2] + found[(len(found)-1)/2]) / 2
		if h >= s.from {
			sum += path[h]
			size += math.Abs(path[h])
		}
	}
	if s.positive { // in proportion, what is filled in as well
		extra = o.Filled * s.scaleTo(o.rest, path, o.Filled)
		o.Filled = extra
		s.steps(o, path, extra)
		return
	}
	gap := o.rest - extra - sum
	for h := s.from; h < s.h; h++ {
		if size > 0 {
			path[h] += gap * math.Abs(path[h]) / size
		} else {
			path[h] += gap / float64(s.h-s.from)
		}
	}
	s.steps(o, path, extra)
}

// scaleTo brings a path of positive values, with what is filled in, to a sum and
// returns the factor. A step of no value or less counts as a thousandth of the mean.
func (s *sheet) scaleTo(rest float64, path []float64, filled float64) float64 {
	sum := filled
	for h := s.from; h < s.h; h++ {
		path[h] = max(path[h], 1e-3*rest/float64(s.h))
		sum += path[h]
	}
	for h := s.from; h < s.h; h++ {
		path[h] *= rest / sum
	}
	return rest / sum
}

// steps gives each place its spread: as the chosen smoothing sees the places against
// each other, brought to the spread of the rest.
func (s *sheet) steps(o *Outlook, path []float64, extra float64) {
	spread := func(from, to int) float64 {
		if s.has[mETS] {
			return s.best.end.spread(s.best.Form, s.m, from, s.path[mETS][:to])
		}
		return math.Sqrt(float64(to - from))
	}
	whole := spread(s.from, s.h)
	if whole <= 0 || math.IsNaN(whole) {
		whole = 1
	}
	sum := o.Known + extra
	for h := s.from; h < s.h; h++ {
		sum += path[h]
		o.Steps = append(o.Steps, Step{Place: s.known + h - s.from + 1, Value: path[h], Sum: sum,
			spread: spread(h, h+1) / whole, sumSpread: spread(s.from, h+1) / whole, sumRest: sum - o.Known})
	}
	o.Steps[len(o.Steps)-1].Sum = o.Total
	o.Steps[len(o.Steps)-1].sumSpread = 1
}

// StepInterval is the interval of the value at a step.
func (o *Outlook) StepInterval(i int, level float64) (low, high float64) {
	s := o.Steps[i]
	return o.around(s.Value, 0, s.spread, level)
}

// SumInterval is the interval of the year's sum up to a step; at the last step it
// is [Outlook.Interval].
func (o *Outlook) SumInterval(i int, level float64) (low, high float64) {
	s := o.Steps[i]
	return o.around(s.sumRest, o.Known, s.sumSpread, level)
}

// around is the interval about a median whose spread is a share of the rest's.
func (o *Outlook) around(middle, known, share, level float64) (low, high float64) {
	part := *o
	part.Known, part.rest, part.most = known, middle, o.most-o.Known+known
	if o.relative && middle > 0 {
		share *= o.rest / middle
	}
	part.up, part.down = o.up*share, o.down*share
	return part.Interval(level)
}
