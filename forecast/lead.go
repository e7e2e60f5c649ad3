package forecast

import (
	"math"
	"slices"
)

// A leading series enters an outlook where it has helped before. What it says is how
// its growth on the year before has changed since the months that went ahead of what
// is known now: with d and D the yearly growth of three months' sums, of the series
// and of the leader, a leader of lag L known k − L periods beyond the series says
//
//	d(t) − d(t−k) = c · (D(t−L) − D(t−L−k))
//
// c by least squares, drawn towards nothing by 1 − 1/t² (James and Stein 1961). The
// lag is the one of the greatest t, the years' overlap counted. Then the same is done
// as of the same period of past years, with what was known then, and the leader is
// heard only if the year's total would have been foreseen better: by a margin, on
// average over its scatter (Diebold and Mariano 1995), and in nearly every year.

// Leader is a series that may run ahead: amounts of single periods, or levels at
// their ends, by the calendar of the series it leads, as known on the day asked about.
type Leader struct {
	Name   string
	Series Series
}

// Hearing is what became of a leader.
type Hearing string

// The ways it can go.
const (
	Heard    Hearing = "heard"    // it has helped, and the outlook goes by it
	Lesser   Hearing = "lesser"   // it has helped, another one more
	Deaf     Hearing = "deaf"     // it has not helped in past years
	Unlinked Hearing = "unlinked" // the two do not move together at any lag
	Brief    Hearing = "brief"    // too few years of both, or values at or below zero
)

// Led is what a leader added, or would have added, to an outlook.
type Led struct {
	Name    string
	Hearing Hearing
	Lag     int     // periods by which it runs ahead
	Pass    float64 // percent of growth for each percent of its own: c
	Years   int     // past years asked about
	Wins    int     // of which it brought the total nearer
	Without float64 // mean error of the total, as a share of it
	With    float64
	Shift   float64 // what it adds to the total; 0 if not heard
}

const (
	lagMost    = 6
	ledYears   = 8    // past years asked about at most
	ledLeast   = 3    // and at least
	ledRows    = 24   // periods in which both are known at the least
	linked     = 2.5  // t from which two series move together
	ledMargin  = 0.93 // mean error with it, of that without
	ledScatter = 1.2  // mean gain over its standard error
	ledWeight  = 0.5  // of what the leader says, beside the outlook
	fading     = 0.7  // of what it says, for each period beyond those it leads
	ledFar     = 0.3  // the most that it moves a period, in logarithms
)

// Led is [Forecaster.Of] with leading series, and what each of them added.
func (f *Forecaster) Led(s Series, year int, leaders []Leader) (Outlook, []Led, error) {
	o, err := f.Of(s, year)
	if err != nil || len(leaders) == 0 {
		return o, nil, err
	}
	list := make([]Led, len(leaders))
	t := s.trimmed()
	known := t.start(year) // values before the year, and those of it
	within := len(t.Values) - known
	if len(o.Steps) == 0 || within < 0 || within >= t.Season || !o.relative {
		for i, l := range leaders {
			list[i] = Led{Name: l.Name, Hearing: Brief}
		}
		return o, list, nil
	}
	best := -1
	tries := make([]ear, len(leaders))
	any := false
	for i, l := range leaders {
		tries[i] = earOf(t, l.Series)
		any = any || tries[i].fits
	}
	var past []then
	if any {
		past = f.pastOf(t, year, within)
	}
	for i, l := range leaders {
		list[i] = tries[i].try(past)
		list[i].Name = l.Name
		if list[i].Hearing == Heard && (best < 0 || list[i].With/list[i].Without < list[best].With/list[best].Without) {
			best = i
		}
	}
	for i := range list {
		if i != best && list[i].Hearing == Heard {
			list[i].Hearing = Lesser
		}
	}
	if best < 0 {
		return o, list, nil
	}
	one := &list[best]
	link, ok := tries[best].link(len(t.Values))
	if !ok { // it holds no longer
		one.Hearing = Unlinked
		return o, list, nil
	}
	one.Lag, one.Pass = link.lag, link.pass
	moved := link.move(o, &tries[best], len(t.Values), len(t.Values)-known)
	one.Shift = moved.Total - o.Total
	n := float64(one.Years)
	narrow := max((n*one.With/one.Without+ledLeast)/(n+ledLeast), 0.7)
	moved.up, moved.down = moved.up*narrow, moved.down*narrow
	return moved, list, nil
}

// then is a past year asked about as of the same period.
type then struct {
	n     int // values known
	from  int // of them in the year
	o     Outlook
	total float64 // that came
}

// pastOf asks about past years of a series without any leader, newest first.
func (f *Forecaster) pastOf(s Series, year, within int) (list []then) {
	m := s.Season
	for y := year - 1; y >= year-ledYears; y-- {
		start := s.start(y)
		if start < 2*m {
			break
		}
		values := s.Values[start : start+m]
		if slices.ContainsFunc(values, math.IsNaN) {
			continue
		}
		cut := s
		cut.Values = s.Values[:start+within]
		o, err := f.Of(cut, y)
		if err != nil || !o.relative || len(o.Steps) == 0 {
			continue
		}
		total := 0.0
		for _, v := range values {
			total += v
		}
		list = append(list, then{start + within, within, o, total})
	}
	return list
}

// ear holds a series beside one that may lead it.
type ear struct {
	own, other func(t int) float64 // yearly growth of three periods' sums, NaN where not known
	last       func(t int) float64 // the value one year before; NaN where not known
	beyond     int                 // how many periods the leader is known beyond the series; negative: short of it
	fits       bool
}

func earOf(s, l Series) ear {
	l = l.trimmed()
	if l.Season != s.Season || len(l.Values) == 0 {
		return ear{}
	}
	shift := (l.Year-s.Year)*s.Season + l.First - s.First
	growth := func(v []float64, shift int) func(t int) float64 {
		memo := make([]float64, len(v))
		for t := range memo {
			now, before := 0.0, 0.0
			for k := range 3 {
				if t-k-s.Season < 0 {
					now = math.NaN()
					break
				}
				now, before = now+v[t-k], before+v[t-k-s.Season]
			}
			memo[t] = math.NaN()
			if now > 0 && before > 0 {
				memo[t] = math.Log(now / before)
			}
		}
		return func(t int) float64 {
			if t -= shift; t < 0 || t >= len(memo) {
				return math.NaN()
			}
			return memo[t]
		}
	}
	last := func(t int) float64 {
		for t -= s.Season; t >= len(s.Values); t -= s.Season {
		}
		return s.Values[t]
	}
	return ear{growth(s.Values, 0), growth(l.Values, shift), last, shift + len(l.Values) - len(s.Values), true}
}

// link is how a leader goes ahead, found from what was known after n values.
type link struct {
	lag, ahead int // periods, and how many of those to come it says something of
	pass       float64
	signal     []float64 // by step ahead, in logarithms, before fading
}

// link looks for the lag at which the two move together.
func (e *ear) link(n int) (best link, ok bool) {
	strongest := linked
	for lag := 1; lag <= lagMost; lag++ {
		if t, l := e.hold(n, lag); t > strongest {
			strongest, best, ok = t, l, true
		}
	}
	return best, ok
}

// enough reports whether the two have enough periods in common for any lag.
func (e *ear) enough(n int) bool {
	rows := 0
	k := 1 + max(e.beyond, 0)
	for t := range n {
		if !math.IsNaN(e.own(t) - e.own(t-k) + e.other(t-1) - e.other(t-1-k)) {
			rows++
		}
	}
	return rows >= ledRows
}

// hold is how strongly the two move together at a lag.
func (e *ear) hold(n, lag int) (float64, link) {
	k := lag + e.beyond
	if k < 1 {
		return 0, link{}
	}
	var vw, vv, ww, rows float64
	for t := range n {
		v, w := e.own(t)-e.own(t-k), e.other(t-lag)-e.other(t-lag-k)
		if math.IsNaN(v) || math.IsNaN(w) {
			continue
		}
		vw, vv, ww, rows = vw+v*w, vv+v*v, ww+w*w, rows+1
	}
	free := rows/float64(min(k, 6)+2) - 1 // neighbours overlap
	if rows < ledRows || free < 3 || vv <= 0 || ww <= 0 {
		return 0, link{}
	}
	r := vw / math.Sqrt(vv*ww)
	t := math.Abs(r) * math.Sqrt(free/max(1-r*r, 1e-9))
	signal := make([]float64, k)
	for h := range signal {
		signal[h] = e.other(n+h-lag) - e.other(n-1-lag)
	}
	if slices.ContainsFunc(signal, math.IsNaN) {
		return 0, link{}
	}
	return t, link{lag, k, vw / ww * (1 - 1/(t*t)), signal}
}

// move brings an outlook halfway (in logarithms) to the year that a leader says: last
// year's periods at the newest growth and what the leader adds to it. from is how many
// places of the year are known.
func (l *link) move(o Outlook, e *ear, n, from int) Outlook {
	rest, own := 0.0, 0.0
	for _, s := range o.Steps {
		h := s.Place - from
		at := min(h+1, l.ahead) // a period stands in the middle of the three that end after it
		says := l.signal[at-1]
		if h > l.ahead {
			says *= math.Pow(fading, float64(h-l.ahead))
		}
		rest += e.last(n-1+h) * math.Exp(e.own(n-1)+within(l.pass*says, ledFar))
		own += s.Value
	}
	if !(rest > 0) || !(own > 0) {
		return o
	}
	return o.To(o.Total + own*(math.Pow(rest/own, ledWeight)-1))
}

// try asks what a leader would have added in past years.
func (e *ear) try(past []then) Led {
	if !e.fits {
		return Led{Hearing: Brief}
	}
	var found Led
	var gains []float64
	links, enough := 0, 0
	for _, p := range past {
		if e.enough(p.n) {
			enough++
		}
		was := math.Abs(p.o.Total-p.total) / math.Abs(p.total)
		is := was
		if l, ok := e.link(p.n); ok {
			links++
			moved := l.move(p.o, e, p.n, p.from)
			is = math.Abs(moved.Total-p.total) / math.Abs(p.total)
			if found.Lag == 0 {
				found.Lag, found.Pass = l.lag, l.pass
			}
			if is < was {
				found.Wins++
			}
			gains = append(gains, was-is)
			found.Without += was
			found.With += is
		}
	}
	found.Years = links
	if links < ledLeast {
		found = Led{Hearing: Unlinked}
		if enough < ledLeast {
			found.Hearing = Brief
		}
		return found
	}
	n := float64(links)
	found.Without, found.With = found.Without/n, found.With/n
	mean, square := found.Without-found.With, 0.0
	for _, g := range gains {
		square += (g - mean) * (g - mean)
	}
	found.Hearing = Deaf
	if found.With <= ledMargin*found.Without && mean > ledScatter*math.Sqrt(square/(n*(n-1))) && rare(found.Wins, links) {
		found.Hearing = Heard
	}
	return found
}

// rare reports whether at least so many wins in n come about by tossing a coin at
// most one time in five.
func rare(wins, n int) bool {
	tail, choose := 0.0, 1.0
	for k := n; k >= wins; k-- {
		tail += choose
		choose *= float64(k) / float64(n-k+1)
	}
	return tail/math.Pow(2, float64(n)) <= 0.2
}
