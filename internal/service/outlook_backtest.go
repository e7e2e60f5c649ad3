package service

import (
	"math"

	"luoshi.dev"
)

// A back-test looks at so many past years of a unit, and so many units beside it.
const (
	backtestYears = 6
	backtestUnits = 16
)

// backtest asks about past years as of the same period, of a unit and its siblings;
// of one that has none, and of the units directly below.
// It is nil where no year of them is whole with a whole year before it.
func (d *desk) backtest(r *series, node int) *OutlookBacktest {
	if r == nil {
		return nil
	}
	places, apart := r.now()
	if !apart || places == len(r.ends) {
		return nil
	}
	b := &OutlookBacktest{}
	if places > 0 {
		b.Through = luoshi.ToDate(r.year, r.ends[places-1])
	}
	var own, pooled trials
	own.add(d, r, places, b)
	pooled.merge(own)
	units, among := 1, d.sn.tree.Nodes[node].Parent
	if b.Below = among < 0; b.Below {
		among = node
	}
	for _, other := range d.sn.areas(among) {
		if other == node || units > backtestUnits {
			continue
		}
		units++
		var t trials
		t.add(d, d.sn.seriesOf(d.cube, d.in, other), places, nil)
		pooled.merge(t)
	}
	if pooled.years == 0 {
		return nil
	}
	b.Own, b.Pooled = own.score(), pooled.score()
	return b
}

// trials sums up answers whose outcome is known.
type trials struct {
	years, units, within     int
	error, runRate, share    float64
	runRateYears, shareYears int
}

func (t *trials) merge(u trials) {
	t.years, t.units, t.within = t.years+u.years, t.units+u.units, t.within+u.within
	t.error, t.runRate, t.share = t.error+u.error, t.runRate+u.runRate, t.share+u.share
	t.runRateYears, t.shareYears = t.runRateYears+u.runRateYears, t.shareYears+u.shareYears
}

// add asks about the past years of a series; the answers go into a back-test, too,
// where one is given.
func (t *trials) add(d *desk, r *series, places int, b *OutlookBacktest) {
	season := len(r.ends)
	before := t.years
	for year := max(r.first+1, r.year-backtestYears); year < r.year; year++ {
		came, whole := r.sumTo(year, season)
		if !whole || came == 0 || r.knownBefore(year) < season {
			continue
		}
		o, err := d.caster.Of(r.until(year, places), year)
		if err != nil {
			continue
		}
		t.years++
		low, high := o.Interval(0.8)
		if y := float64(came); low <= y && y <= high {
			t.within++
		}
		miss := func(total float64) float64 { return math.Abs(total-float64(came)) / math.Abs(float64(came)) }
		t.error += miss(o.Total)
		known, _ := r.sumTo(year, places)
		if places > 0 {
			t.runRate += miss(float64(known) * 12 / float64(r.ends[places-1])) // by months: January and February may be one period
			t.runRateYears++
		}
		last, lastWhole := r.sumTo(year-1, season)
		if then, _ := r.sumTo(year-1, places); lastWhole && then != 0 {
			t.share += miss(float64(known) * float64(last) / float64(then))
			t.shareYears++
		}
		if b != nil {
			one := OutlookCase{Year: year, Total: d.rounded(o.Total), Came: d.exact(came)}
			one.Low80, one.High80 = d.interval(low, high)
			b.Cases = append(b.Cases, one)
		}
	}
	if t.years > before {
		t.units++
	}
}

func (t *trials) score() OutlookScore {
	return OutlookScore{Years: t.years, Units: t.units, Within: t.within, Error: meanPercent(t.error, t.years),
		RunRate: meanPercent(t.runRate, t.runRateYears), Share: meanPercent(t.share, t.shareYears)}
}

// meanPercent is a mean in percent, to one decimal.
func meanPercent(sum float64, n int) luoshi.NullQuantity {
	if n == 0 || sum/float64(n) > 1e6 {
		return luoshi.NullQuantity{}
	}
	return luoshi.Unscaled(int64(math.Round(1000*sum/float64(n))), 1)
}
