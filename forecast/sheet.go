package forecast

import (
	"math"
	"slices"
)

// method is one way to forecast.
type method int

const (
	mETS     method = iota // exponential smoothing, least AICc
	mBlend                 // the family weighed by exp(−ΔAICc/2)
	mLevel                 // its best member without trend
	mDamped                // its best member with damped trend
	mLog                   // damped additive smoothing of logarithms
	mTheta                 // Theta
	mDynamic               // dynamic optimised Theta
	mFlat                  // simple smoothing without season, season held to its evidence
	mHolt                  // damped trend, the same season
	mAirline               // ARIMA (0,1,1)(0,1,1) of logarithms
	mGrowth                // regression of yearly growth rates
	mRevert                // autoregression about the trend line
	mRoll                  // autoregression of changes
	mFixed                 // damped smoothing with fixed parameters
	mWindow                // the blend fitted to the last four years
	mLast                  // the same month of last year
	mRate                  // run rate: this year to date against last year to date
	mRecent                // growth of the last three values
	mDrift                 // growth of the last year
	methods
)

var methodNames = [methods]string{"ets", "blend", "level", "damped", "log", "theta", "dynamic_theta", "flat", "holt", "airline", "growth", "revert", "roll", "fixed", "window", "seasonal_naive", "run_rate", "recent", "drift"}

// sheet is one series with the forecasts of all methods for its next steps.
type sheet struct {
	y, x     []float64 // values and, if all are positive, logarithms
	m        int
	h, from  int // steps to the end of the year; the first of them that is in it
	known    int // values of the year that are in y
	positive bool
	path     [methods][]float64
	has      [methods]bool
	best     ETS
	one      ETS
	history  []float64 // relative errors of the rest of past years from the same place
	work     trial
	plain    []float64
	index    []float64
	logs     []float64
	room     []float64
	list     [16]ETS
}

func (s *sheet) run() {
	s.positive = true
	for _, v := range s.y {
		s.positive = s.positive && v > 0
	}
	s.x = s.x[:0]
	if s.positive {
		for _, v := range s.y {
			s.x = append(s.x, math.Log(v))
		}
	}
	for k := range s.path {
		s.path[k] = resize(s.path[k], s.h)
		clear(s.path[k])
		s.has[k] = false
	}
	s.best.set(&ETS{})
	s.history = s.history[:0]
	s.naive()
	s.family()
	s.adjusted()
	s.logarithms()
	alike := s.alike()
	for k := range s.path {
		if s.has[k] && (!finite(s.path[k]) || alike && !carriesOn[k]) {
			s.has[k] = false
		}
	}
}

// carriesOn are the methods that carry last year's months on.
var carriesOn = [methods]bool{mLast: true, mRate: true, mRecent: true, mDrift: true}

// Before two whole years no method can fit a season, and those without one carry a
// busy half year on as if it were the level. Where the months that two years share
// run alike, at least so many of them at so high a correlation, the season is taken
// for shown, and the methods that know none are not heard.
const (
	alikeMonths = 4
	alikeFrom   = 0.8
)

// alike reports whether a second, unfinished year runs through its months as the
// first did.
func (s *sheet) alike() bool {
	n := len(s.y) - s.m
	if n < alikeMonths || n >= s.m {
		return false
	}
	y := s.y
	if s.positive {
		y = s.x
	}
	var a, b, aa, bb, ab float64
	for i := range n {
		now, then := y[s.m+i], y[i]
		a, b, aa, bb, ab = a+now, b+then, aa+now*now, bb+then*then, ab+now*then
	}
	k := float64(n)
	within := (aa - a*a/k) * (bb - b*b/k)
	return within > 0 && (ab-a*b/k)/math.Sqrt(within) >= alikeFrom
}

func finite(x []float64) bool {
	for _, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

// back is the value one year before step h: known, or forecast by the same method.
func (s *sheet) back(out []float64, h int) float64 {
	if h -= s.m; h < 0 {
		return s.y[len(s.y)+h]
	}
	return out[h]
}

// grown carries last year's months on at the growth of the last k values on theirs.
func (s *sheet) grown(to method, k int) {
	n := len(s.y)
	if n < s.m+k || k == 0 {
		return
	}
	var now, then float64
	for i := 1; i <= k; i++ {
		now += s.y[n-i]
		then += s.y[n-i-s.m]
	}
	out := s.path[to]
	for h := range out {
		if s.positive {
			out[h] = s.back(out, h) * min(max(now/then, 0.2), 5)
		} else {
			out[h] = s.back(out, h) + (now-then)/float64(k)
		}
	}
	s.has[to] = true
}

func (s *sheet) naive() {
	if len(s.y) >= s.m {
		for h := range s.h {
			s.path[mLast][h] = s.back(s.path[mLast], h)
		}
		s.has[mLast] = true
	}
	k := s.known
	if k == 0 {
		k = s.m
	}
	s.grown(mRate, k)
	s.grown(mRecent, max(1, s.m/4))
	s.grown(mDrift, s.m)
}

// family fits the members of the exponential smoothing family and blends them.
func (s *sheet) family() {
	pick := s.blend(s.y, s.path[mBlend])
	if pick[0] < 0 {
		return
	}
	s.has[mBlend] = true
	s.best.set(&s.list[pick[0]])
	for k, to := range [3]method{mETS, mLevel, mDamped} {
		if pick[k] >= 0 {
			e := &s.list[pick[k]]
			e.end.ahead(e.Form, s.m, len(s.y), s.path[to])
			s.has[to] = true
		}
	}
	s.look()
	if window := 4*s.m + s.known; s.m > 1 && len(s.y) > window {
		s.has[mWindow] = s.blend(s.y[len(s.y)-window:], s.path[mWindow])[0] >= 0
	} else {
		copy(s.path[mWindow], s.path[mBlend])
		s.has[mWindow] = true
	}
}

// blend fits all members that y allows and writes their mean path, weighed by
// Akaike's weights exp(−ΔAICc/2) (Burnham and Anderson 2002). It returns the best
// of all, of those without trend, of those with damped trend; −1 is none.
func (s *sheet) blend(y, out []float64) (pick [3]int) {
	n := len(y)
	seasonal := s.m > 1 && n >= 2*s.m
	if seasonal {
		s.work.prepare(y, s.m, s.positive)
	} else {
		s.work.plain[0] = y
	}
	pick = [3]int{-1, -1, -1}
	list := &s.list
	for i, f := range forms {
		list[i].AICc = math.Inf(1)
		if f.Season != none && !seasonal || !s.positive && (f.Error == mul || f.Season == mul) {
			continue
		}
		if p, st := f.size(s.m); n < p+st+3 {
			continue
		}
		s.work.quick(&list[i], f, s.m, y, 70)
		for k, fits := range [3]bool{true, f.Trend == none, f.Damped} {
			if fits && (pick[k] < 0 || list[i].AICc < list[pick[k]].AICc) {
				pick[k] = i
			}
		}
	}
	if pick[0] < 0 {
		return pick
	}
	s.room = resize(s.room, s.h)
	clear(out)
	var sum float64
	for i := range forms {
		weight := math.Exp((list[pick[0]].AICc - list[i].AICc) / 2)
		if !(weight > 1e-3) {
			continue
		}
		list[i].end.ahead(list[i].Form, s.m, n, s.room)
		for h, v := range s.room {
			out[h] += weight * v
		}
		sum += weight
	}
	for h := range out {
		out[h] /= sum
	}
	return pick
}

// look holds the chosen member against the same stretch of past years: from the
// state it had then, without the values that came after.
func (s *sheet) look() {
	e := &s.best
	s.history = s.history[:0]
	s.one.set(e)
	st := &s.one.start
	st.pass(e.Form, s.m, s.y, func(t int) {
		if (len(s.y)-t)%s.m != 0 || t < s.m || t+s.h > len(s.y) {
			return
		}
		st.ahead(e.Form, s.m, t, s.room)
		var got, want, size float64
		for h := s.from; h < s.h; h++ {
			got += s.room[h]
			want += s.y[t+h]
			size += math.Abs(s.y[t+h])
		}
		if size > 0 {
			s.history = append(s.history, (want-got)/size)
		}
	})
}

// adjusted runs the methods that look at the series without its season.
func (s *sheet) adjusted() {
	n := len(s.y)
	s.plain = resize(s.plain, n)
	s.index = resize(s.index, s.m)
	s.room = resize(s.room, n)
	kind := s.classicalIfSeasonal()
	s.without(kind)
	s.work.theta(s.plain, s.path[mTheta])
	s.season(kind, mTheta)
	if n > 4 {
		s.work.dynamicTheta(s.plain, s.path[mDynamic])
		s.season(kind, mDynamic)
	}
	if s.m > 1 && n >= 3*s.m {
		kind = add
		if s.positive {
			kind = mul
		}
		classical(s.y, s.m, kind, s.index, s.room)
		s.shrink(kind)
		s.without(kind)
	}
	s.work.plain[0] = s.plain
	for to, f := range map[method]Form{mFlat: {Error: add, Trend: none, Season: none}, mHolt: {Error: add, Trend: add, Damped: true, Season: none}} {
		if p, st := f.size(1); n < p+st+2 {
			continue
		}
		e := &s.one
		s.work.quick(e, f, 1, s.plain, 70)
		e.end.ahead(f, 1, n, s.path[to])
		s.season(kind, to)
	}
	if n > 6 {
		f := Form{Error: add, Trend: add, Damped: true, Season: none}
		s.work.firstState(f, 1)
		st := s.work.s
		st.alpha, st.beta, st.phi = 0.35, 0.03, 0.92
		st.pass(f, 1, s.plain, nil)
		st.ahead(f, 1, n, s.path[mFixed])
		s.season(kind, mFixed)
	}
	s.turning(kind)
}

// classicalIfSeasonal finds the season where the test sees one.
func (s *sheet) classicalIfSeasonal() part {
	if !seasonal(s.y, s.m) {
		return none
	}
	if slices.Min(s.y) >= 0 {
		classical(s.y, s.m, mul, s.index, s.room)
		if slices.Min(s.index) > 1e-2 {
			return mul
		}
	}
	classical(s.y, s.m, add, s.index, s.room)
	return add
}

// turning runs the autoregressions on logarithms without season.
func (s *sheet) turning(kind part) {
	n := len(s.plain)
	if !s.positive || n < 2*lags+2 {
		return
	}
	s.logs, s.room = resize(s.logs, n), resize(s.room, n+s.h)
	for t, v := range s.plain {
		s.logs[t] = math.Log(v)
	}
	revert(s.logs, s.path[mRevert], s.room)
	roll(s.logs, s.path[mRoll], s.room)
	for _, k := range [...]method{mRevert, mRoll} {
		for h, v := range s.path[k] {
			s.path[k][h] = math.Exp(v)
		}
		s.season(kind, k)
	}
}

// without takes the season out of the series.
func (s *sheet) without(kind part) {
	for t, v := range s.y {
		switch kind {
		case add:
			v -= s.index[t%s.m]
		case mul:
			v /= s.index[t%s.m]
		}
		s.plain[t] = v
	}
}

// season puts it back into a path.
func (s *sheet) season(kind part, to method) {
	out := s.path[to]
	for h := range out {
		switch kind {
		case add:
			out[h] += s.index[(len(s.y)+h)%s.m]
		case mul:
			out[h] *= s.index[(len(s.y)+h)%s.m]
		}
	}
	s.has[to] = true
}

// shrink draws the season's indices towards none as far as the scatter of the years
// about them asks: James and Stein (1961) as Miller and Williams (2003) use it for
// seasonal factors. s.room holds the moving average.
func (s *sheet) shrink(kind part) {
	neutral := 0.0
	if kind == mul {
		neutral = 1
	}
	var noise, count, signal float64
	for t, mean := range s.room[:len(s.y)] {
		if math.IsNaN(mean) {
			continue
		}
		v := s.y[t] - mean
		if kind == mul {
			v = s.y[t] / mean
		}
		d := v - s.index[t%s.m]
		noise += d * d
		count++
	}
	free := max(count-float64(s.m), 1)
	noise /= free * (count / float64(s.m)) // variance of one index
	for _, v := range s.index {
		signal += (v - neutral) * (v - neutral)
	}
	if signal <= 0 {
		return
	}
	keep := max(0, 1-float64(s.m-3)*noise/signal)
	for j, v := range s.index {
		s.index[j] = neutral + keep*(v-neutral)
	}
}

// logarithms runs the methods on the logarithms of positive series.
func (s *sheet) logarithms() {
	n := len(s.x)
	if n == 0 {
		return
	}
	if n >= 2*s.m+s.m/2 {
		s.work.airline(s.x, s.m, s.path[mAirline])
		s.has[mAirline] = true
	}
	if n >= s.m+2*lags {
		regrowth(s.x, s.m, s.path[mGrowth])
		s.has[mGrowth] = true
	}
	f := Form{Error: add, Trend: add, Damped: true, Season: none}
	if n >= 2*s.m+2 && s.m > 1 {
		f.Season = add
		s.work.prepare(s.x, s.m, false)
	} else {
		s.work.plain[0] = s.x
	}
	if p, st := f.size(s.m); n >= p+st+2 {
		e := &s.one
		s.work.quick(e, f, s.m, s.x, 90)
		e.end.ahead(f, s.m, n, s.path[mLog])
		s.has[mLog] = true
	}
	for _, k := range [...]method{mAirline, mGrowth, mLog} {
		for h, v := range s.path[k] {
			s.path[k][h] = math.Exp(v)
		}
	}
}
