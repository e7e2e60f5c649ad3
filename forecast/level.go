package forecast

import (
	"math"
	"slices"
)

// Nature says what a level is, for its future.
type Nature int8

// The natures.
const (
	Stands      Nature = iota // a stock, a rate, an index
	Grows                     // a growth of single periods on the year before
	GrowsToDate               // a growth of the year to date, which starts anew each year
	natures
)

// Level is where a series that does not add up will stand at the places of a year
// still to come: a stock, a rate, an index, a published growth. Around each median
// lies Student's t.
type Level struct {
	Year  int
	Last  float64 // the last value known
	Place int     // its place in the year asked about; 0 = before it
	Steps []LevelStep
	Views []View // what each method says of the year's last place; Lean is its share
	Form  string // the chosen member of the smoothing family; "" = none could be fitted
	Years float64
	Notes []Note

	nu    float64
	floor bool // no value is negative, and none will be
}

// LevelStep is a place still to come.
type LevelStep struct {
	Place  int
	Value  float64
	spread float64
}

// AtLeast is the probability that step i reaches t.
func (o *Level) AtLeast(i int, t float64) float64 {
	s := o.Steps[i]
	if s.spread == 0 || o.floor && t <= 0 {
		return truth(s.Value >= t)
	}
	return tBelow((s.Value-t)/s.spread, o.nu)
}

// AtMost is the probability that step i does not exceed t.
func (o *Level) AtMost(i int, t float64) float64 {
	s := o.Steps[i]
	if s.spread == 0 || o.floor && t < 0 {
		return truth(s.Value <= t)
	}
	return tBelow((t-s.Value)/s.spread, o.nu)
}

// Interval is the central interval that holds step i with the given probability.
func (o *Level) Interval(i int, level float64) (low, high float64) {
	s := o.Steps[i]
	half := s.spread * tQuantile((1+level)/2, o.nu)
	low, high = s.Value-half, s.Value+half
	if o.floor {
		low = max(low, 0)
	}
	return low, high
}

// levelShapes are the traits from which the spread at a horizon is told.
const levelShapes = 6

// levelPool is what all series together tell of the spread of a nature.
type levelPool struct {
	spread [levelShapes]float64
	nu     float64
}

func (p *levelPool) scale(first float64, shape [levelShapes]float64) float64 {
	var sum float64
	for k, c := range p.spread {
		sum += c * shape[k]
	}
	return first * math.Exp(within(sum, 4))
}

// LevelOf answers where the series stands at the places of a year that follow its
// last value; cut it at the day of the question. ErrEmpty says that it takes four
// values.
func LevelOf(s Series, year int, nature Nature) (Level, error) {
	var f Forecaster
	return f.Level(s, year, nature)
}

// Level is [LevelOf] in the forecaster's room.
func (f *Forecaster) Level(s Series, year int, nature Nature) (Level, error) {
	if err := s.check(); err != nil {
		return Level{}, err
	}
	if nature < 0 || nature >= natures {
		return Level{}, ErrShape
	}
	s = s.trimmed()
	if over := s.start(year) + s.Season; over > 0 && over < len(s.Values) {
		s.Values = s.Values[:over]
		s = s.trimmed()
	}
	s, joined := s.joined()
	n, m := len(s.Values), s.Season
	given := 0
	for _, v := range s.Values {
		if !math.IsNaN(v) {
			given++
		}
	}
	if given < 4 {
		return Level{}, ErrEmpty
	}
	start := s.start(year)
	h := start + m - n
	if h < 0 || start > n+(yearAhead-1)*m {
		return Level{}, ErrFar
	}
	o := Level{Year: year, Last: s.Values[n-1], Place: max(0, n-start), Years: float64(n) / float64(m)}
	if joined {
		o.Notes = append(o.Notes, Note{Kind: Joined})
	}
	y := slices.Clone(s.Values)
	between(y)
	for t, v := range s.Values {
		if math.IsNaN(v) {
			at, place := s.place(t)
			o.Notes = append(o.Notes, Note{Filled, at, place, v, y[t]})
		}
	}
	if n < 2*m {
		o.Notes = append(o.Notes, Note{Kind: Short})
	}
	o.floor = !slices.ContainsFunc(y, func(v float64) bool { return v < 0 })
	if h == 0 {
		return o, nil
	}
	unit := unitOf(y)
	for t := range y {
		y[t] /= unit
	}
	l := f.sheet.level(y, m, h, nature)
	p := &levelPools[nature]
	o.nu, o.Form, o.Views = p.nu, l.form, l.views
	for j := range h {
		place := n - start + j + 1
		if place < 1 {
			continue // of a year before
		}
		v := l.path[j]
		if o.floor {
			v = max(v, 0)
		}
		o.Steps = append(o.Steps, LevelStep{Place: place, Value: v * unit, spread: p.scale(l.first, l.shape[j]) * unit})
	}
	for k := range o.Views {
		o.Views[k].Total *= unit
	}
	return o, nil
}

// levelled is what the methods make of a level.
type levelled struct {
	path  []float64
	first float64 // standard error of one step ahead
	shape [][levelShapes]float64
	views []View
	form  string
}

// The methods of a level, as Views name them; the others are those of a year's total.
const (
	asItStands = "last"
	reverting  = "mean"
	smoothed   = "blend"
	onward     = "drift"
)

// A past of fewer values than shortLevel shows no trend to a smoothing; where it has
// moved one way all the same, it goes on, by a tenth less with every step.
const (
	shortLevel = 10
	slowing    = 0.9
)

// moving is the mean step of a series, and whether it is beyond twice its standard
// error.
func moving(y []float64) (step float64, moves bool) {
	n := float64(len(y) - 1)
	step = (y[len(y)-1] - y[0]) / n
	var squares float64
	for t := 1; t < len(y); t++ {
		d := y[t] - y[t-1] - step
		squares += d * d
	}
	return step, step != 0 && step*step > 4*squares/(n*(n-1))
}

// level forecasts h places after y, m a year. A level is the mean of the smoothing
// family's members, weighed by exp(−ΔAICc/2), or, where the past is short and has moved
// one way, goes on so; a growth lies half between that and
// its own way back, by half a distance a year, to the mean of the last three years:
// growth runs to the middle (Galton 1886). Where no member can be fitted it is the
// last value.
func (s *sheet) level(y []float64, m, h int, nature Nature) (l levelled) {
	n := len(y)
	s.y, s.m, s.h, s.positive = y, m, h, positive(y)
	last := make([]float64, h)
	for j := range last {
		last[j] = y[n-1]
	}
	l.path = slices.Clone(last)
	blend := make([]float64, h)
	lean := map[string]float64{asItStands: 1}
	pick := s.blend(y, blend)
	fitted := pick[0] >= 0 && finite(blend)
	step, moves := moving(y)
	switch {
	case moves && n < shortLevel:
		fitted = false
		run, at := 1.0, y[n-1]
		for j := range l.path {
			run *= slowing
			at += run * step
			l.path[j] = at
		}
		lean = map[string]float64{onward: 1}
	case fitted:
		copy(l.path, blend)
		lean = map[string]float64{smoothed: 1}
		l.form = s.list[pick[0]].Form.String()
	}
	moved := l.path[h-1]
	back := make([]float64, h)
	if nature != Stands {
		mean := average(y[max(0, n-3*m):])
		for j := range back {
			back[j] = mean + (y[n-1]-mean)*math.Pow(0.5, float64(j+1)/float64(m))
			l.path[j] = (l.path[j] + back[j]) / 2
		}
		for k := range lean {
			lean[k] = 0.5
		}
		lean[reverting] = 0.5
	}
	l.views = append(l.views, View{asItStands, last[h-1], lean[asItStands]})
	if fitted {
		l.views = append(l.views, View{smoothed, blend[h-1], lean[smoothed]})
	}
	if share, ok := lean[onward]; ok {
		l.views = append(l.views, View{onward, moved, share})
	}
	if nature != Stands {
		l.views = append(l.views, View{reverting, back[h-1], 0.5})
	}
	s.levelErrors(&l, fitted, pick[0], last)
	return l
}

// levelErrors holds the chosen member, or the last value, against what followed each
// place of the past, h places ahead.
func (s *sheet) levelErrors(l *levelled, fitted bool, pick int, last []float64) {
	y, m, h := s.y, s.m, s.h
	n := len(y)
	all, count := make([]float64, h), make([]float64, h)
	same, years := make([]float64, h), make([]float64, h)
	path := make([]float64, h)
	mark := func(t int) {
		if t < 2 || fitted && t < min(m, n/2) {
			return
		}
		if fitted {
			e := &s.one
			e.start.ahead(e.Form, m, t, path)
		} else {
			for j := range path {
				path[j] = y[t-1]
			}
		}
		for j := range min(h, n-t) {
			e := y[t+j] - path[j]
			if math.IsNaN(e) || math.Abs(e) > huge {
				continue
			}
			all[j], count[j] = all[j]+e*e, count[j]+1
			if (n-t)%m == 0 {
				same[j], years[j] = same[j]+e*e, years[j]+1
			}
		}
	}
	if fitted {
		s.one.set(&s.list[pick])
		st := &s.one.start
		st.pass(s.one.Form, m, y, mark)
	} else {
		for t := 1; t < n; t++ {
			mark(t)
		}
	}
	var step float64 // of the series itself
	for t := 1; t < n; t++ {
		step += (y[t] - y[t-1]) * (y[t] - y[t-1])
	}
	step /= float64(n - 1)
	one := (all[0] + step) / (count[0] + 1)
	l.first = math.Sqrt(one)
	l.shape = make([][levelShapes]float64, h)
	for j := range h {
		k := float64(j + 1)
		far := (all[j] + 4*one*k) / (count[j] + 4)
		here := (same[j] + 2*far) / (years[j] + 2)
		if one == 0 {
			far, here = 1, 1
		} else {
			far, here = far/one, here/one
		}
		apart := 0.0
		if l.first > 0 {
			apart = math.Log1p(math.Abs(l.path[j]-last[j]) / l.first)
		}
		l.shape[j] = [levelShapes]float64{1, math.Log(far) / 2, math.Log(here) / 2, math.Log(k), math.Log(float64(n) / float64(m)), apart}
	}
}
