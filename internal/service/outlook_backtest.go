package service

import (
	"cmp"
	"math"
	"slices"

	"luoshi.dev"
)

// A back-test looks at so many past years of a unit, and at so many units beside it
// that have any.
const (
	backtestYears = 6
	backtestUnits = 16
)

// backtest asks about past years as of the same period, of a unit and of those beside it.
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
	own := d.trySums(r, b.Through.To, b)
	return d.pool(b, node, own, func(other int) trials { return d.trySums(d.sn.seriesOf(d.cube, d.in, other), b.Through.To, nil) })
}

// levelBacktest is the same of what does not add up; d reads it, by shows it. Amounts are
// of all sizes, so that their errors are in percent of what came; other errors are in the
// measure itself, which units have in common. Where an amount of this unit ended a year
// at nothing there is no percent of it: then its errors are amounts, and nobody else's
// are added.
func (d *desk) levelBacktest(by *desk, r *standing, node int) *OutlookBacktest {
	places := r.now()
	if places == len(r.ends) {
		return nil
	}
	amounts := !r.growth && (d.in.Kind == luoshi.Stock || d.in.Kind == luoshi.Flow)
	cleared := amounts && r.endsAt(0)
	b := &OutlookBacktest{Points: !amounts || cleared}
	if places > 0 {
		b.Through = luoshi.ToDate(r.year, r.ends[places-1])
	}
	own := by.tryLevels(r, b.Through.To, b.Points, b)
	if cleared {
		return d.pool(b, node, own, nil)
	}
	return d.pool(b, node, own, func(other int) trials {
		if o := d.standingOf(other); o.growth == r.growth {
			return by.tryLevels(o, b.Through.To, b.Points, nil)
		}
		return trials{}
	})
}

// pool adds up what comes of asking the units beside one, or, of one that has no parent,
// those directly below, by their codes until enough have answered; ask is nil where
// nobody else is to be asked.
func (d *desk) pool(b *OutlookBacktest, node int, own trials, ask func(other int) trials) *OutlookBacktest {
	among := d.sn.tree.Nodes[node].Parent
	if b.Below = among < 0; b.Below {
		among = node
	}
	var others []int
	if ask != nil {
		others = d.sn.areas(among)
	}
	slices.SortFunc(others, func(i, j int) int { return cmp.Compare(d.sn.tree.Nodes[i].Code, d.sn.tree.Nodes[j].Code) })
	pooled, answered := own, 0
	for _, other := range others {
		if other == node || answered == backtestUnits {
			continue
		}
		t := ask(other)
		answered += t.units
		pooled.merge(t)
		if t.units == 0 {
			b.Without++
		}
	}
	if pooled.years == 0 {
		return nil
	}
	b.Own, b.Pooled = own.score(b.Points), pooled.score(b.Points)
	return b
}

// trials sums up answers whose outcome is known. Errors are shares of what came, or in
// the measure itself, whose decimals are those of the first unit.
type trials struct {
	years, units, within     int
	error, runRate, share    float64
	runRateYears, shareYears int
	decimals                 int
}

func (t *trials) merge(u trials) {
	if t.years == 0 {
		t.decimals = u.decimals
	}
	t.years, t.units, t.within = t.years+u.years, t.units+u.units, t.within+u.within
	t.error, t.runRate, t.share = t.error+u.error, t.runRate+u.runRate, t.share+u.share
	t.runRateYears, t.shareYears = t.runRateYears+u.runRateYears, t.shareYears+u.shareYears
}

// placesBy is how many periods are over at a month's end; false where none ends then.
func placesBy(ends []int, month int) (int, bool) {
	if month == 0 {
		return 0, true
	}
	at := slices.Index(ends, month)
	return at + 1, at >= 0
}

// trySums asks about the past years of a series as of a month's end (0: before any); the
// answers go into a back-test, too, where one is given.
func (d *desk) trySums(r *series, month int, b *OutlookBacktest) (t trials) {
	season := len(r.ends)
	places, ends := placesBy(r.ends, month)
	if !ends || places == season {
		return t
	}
	for year := max(r.first+1, r.year-backtestYears); year < r.year; year++ {
		came, whole := r.sumTo(year, season)
		if !whole || came == 0 || r.knownBefore(year) < season {
			continue
		}
		o, err := d.caster.Of(r.until(year, places), year)
		if err != nil {
			continue
		}
		t.years, t.units = t.years+1, 1
		low, high := o.Interval(0.8)
		if y := float64(came); math.Round(low) <= y && y <= math.Round(high) {
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
	return t
}

// tryLevels is the same of a level, its errors in points of the measure or as shares:
// beside it stand the value as it stood, and moved as the year before.
func (d *desk) tryLevels(r *standing, month int, points bool, b *OutlookBacktest) (t trials) {
	season := len(r.ends)
	places, ends := placesBy(r.ends, month)
	if !ends || places == season {
		return t
	}
	for year := max(r.first+1, r.year-backtestYears); year < r.year; year++ {
		came := r.at(year, season)
		if !there(came) || came == 0 && !points {
			continue
		}
		o, err := d.caster.Level(r.until(year, places), year, r.nature)
		if err != nil || len(o.Steps) == 0 {
			continue
		}
		t.years, t.units, t.decimals = t.years+1, 1, r.decimals
		end, y := len(o.Steps)-1, float64(came)
		top := under(d.whole(r.decimals), r.value[:(year-r.first)*season+places])
		low, high := o.Interval(end, 0.8)
		total, low, high := min(o.Steps[end].Value, top), min(low, top), min(high, top)
		if math.Round(low) <= y && y <= math.Round(high) {
			t.within++
		}
		unit := math.Abs(y)
		if points {
			unit = math.Pow10(r.decimals)
		}
		miss := func(level float64) float64 { return math.Abs(level-y) / unit }
		t.error += miss(total)
		t.runRate += miss(o.Last)
		t.runRateYears++
		at, before, then := r.at(year, places), r.at(year-1, places), r.at(year-1, season)
		if places == 0 {
			at, before = then, r.at(year-2, season)
		}
		if there(at) && there(before) && there(then) {
			t.share += miss(float64(at + then - before))
			t.shareYears++
		}
		if b != nil {
			b.Cases = append(b.Cases, OutlookCase{Year: year, Total: d.rounded(total), Low80: d.rounded(low), High80: d.rounded(high), Came: d.exact(came)})
		}
	}
	return t
}

func (t *trials) score(points bool) OutlookScore {
	mean := meanPercent
	if points {
		mean = func(sum float64, n int) luoshi.NullQuantity { return meanPoints(sum, n, max(1, t.decimals)) }
	}
	return OutlookScore{Years: t.years, Units: t.units, Within: t.within, Error: mean(t.error, t.years),
		RunRate: mean(t.runRate, t.runRateYears), Share: mean(t.share, t.shareYears)}
}

// meanPercent is a mean in percent, to one decimal.
func meanPercent(sum float64, n int) luoshi.NullQuantity {
	if n == 0 || sum/float64(n) > 1e6 {
		return luoshi.NullQuantity{}
	}
	return luoshi.Unscaled(int64(math.Round(1000*sum/float64(n))), 1)
}

// meanPoints is a mean in the measure itself.
func meanPoints(sum float64, n, decimals int) luoshi.NullQuantity {
	mean := sum / float64(n) * math.Pow10(decimals)
	if n == 0 || mean > most {
		return luoshi.NullQuantity{}
	}
	return luoshi.Unscaled(int64(math.Round(mean)), decimals)
}
