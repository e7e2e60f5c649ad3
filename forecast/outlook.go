package forecast

import (
	"math"
	"slices"
)

// Outlook is where a year will land: what is known is fixed, the rest has a
// distribution. Its median is Total; on either side lies half of Student's t, of
// the logarithm of the rest where all values are positive, else of the rest itself.
type Outlook struct {
	Year   int
	Known  float64 // sum of the values known
	Filled float64 // estimates for values of the year that are missing between known ones
	Total  float64
	Steps  []Step  // the places of the year that follow the last known one
	Views  []View  // what each method says
	Form   string  // the chosen member of the smoothing family, such as MAdM
	Years  float64 // length of the history
	Notes  []Note

	rest     float64 // median of what is to come
	size     float64 // its size
	up, down float64 // scales above and below, relative to size
	nu       float64
	relative bool // logarithms
	floor    bool // no value is negative: the total is not below what is known
	capped   bool // by nature the total cannot be above most
	most     float64
}

// AtMostBy is the outlook of a total that by nature cannot be above a bound, such as
// the stock that it is drawn from: what would lie beyond lies at it. Where something
// negative can come the sum may pass it and return, and nothing changes.
func (o Outlook) AtMostBy(most float64) Outlook {
	if !o.floor {
		return o
	}
	o.capped, o.most = true, max(most, o.Known)
	return o.told()
}

// told brings what is told of the middle within the bound.
func (o Outlook) told() Outlook {
	if !o.capped || o.Total <= o.most {
		return o
	}
	o.Total = o.most
	o.Steps = slices.Clone(o.Steps)
	sum := min(o.Known+o.Filled, o.most)
	o.Filled = sum - o.Known
	for i := range o.Steps {
		s := &o.Steps[i]
		s.Sum = min(s.Sum, o.most)
		s.Value, sum = s.Sum-sum, s.Sum
	}
	return o
}

// Step is a place of the year still to come: its value and the year's sum up to it.
type Step struct {
	Place      int
	Value, Sum float64

	spread, sumSpread float64 // relative to the spread of the rest
	sumRest           float64
}

// View is what one method says the total is, and how the combination leans on it:
// Total = median of all + Σ Lean × (Total of the method − median), each distance held
// to half of the year's size, and the sum to the outermost methods.
type View struct {
	Method      string
	Total, Lean float64
}

// outlook gives a combined total its distribution.
func (p *pooled) outlook(v *view, total float64, positive bool) Outlook {
	s := p.scaleOf(v.shape(total))
	o := Outlook{Known: v.known, Total: total, rest: total - v.known, size: v.rest, up: s * math.Exp(p.up), down: s * math.Exp(-p.up), nu: p.nu, relative: positive, floor: positive}
	if o.size == 0 { // nothing but zeros so far
		o.up, o.down = 0, 0
	}
	if positive {
		o.rest = max(o.rest, 0.02*math.Abs(total))
		o.size = o.rest
		o.Total = o.Known + o.rest
	}
	return o
}

// standard is where a total stands, in spreads from the median.
func (o *Outlook) standard(total float64) float64 {
	if o.capped && total > o.most {
		return math.Inf(1)
	}
	d := total - o.Known
	if o.floor && d <= 0 {
		return math.Inf(-1)
	}
	if o.relative {
		d = math.Log(d / o.rest)
	} else {
		d = (d - o.rest) / o.size
	}
	if d > 0 {
		return d / o.up
	}
	return d / o.down
}

// AtLeast is the probability that the total reaches t.
func (o *Outlook) AtLeast(t float64) float64 {
	if o.up == 0 { // nothing is open
		return truth(o.Total >= t)
	}
	return tBelow(-o.standard(t), o.nu)
}

// AtMost is the probability that the total does not exceed t.
func (o *Outlook) AtMost(t float64) float64 {
	if o.up == 0 {
		return truth(o.Total <= t)
	}
	if o.capped && t >= o.most {
		return 1
	}
	return tBelow(o.standard(t), o.nu)
}

func truth(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// Quantile is the total that is not exceeded with probability p.
func (o *Outlook) Quantile(p float64) float64 {
	if o.up == 0 {
		return o.Total
	}
	return o.at(tQuantile(p, o.nu))
}

// at is the total that stands so many spreads from the median.
func (o *Outlook) at(z float64) float64 {
	if z > 0 {
		z *= o.up
	} else {
		z *= o.down
	}
	total := o.Known + o.rest + o.size*z
	if o.relative {
		total = o.Known + o.rest*math.Exp(z)
	} else if o.floor {
		total = max(total, o.Known)
	}
	if o.capped {
		total = min(total, o.most)
	}
	return total
}

// Interval is the central interval that holds the total with the given probability.
func (o *Outlook) Interval(level float64) (low, high float64) {
	return o.Quantile((1 - level) / 2), o.Quantile((1 + level) / 2)
}

// Within is the probability that the total lies from low to high.
func (o *Outlook) Within(low, high float64) float64 {
	if o.up == 0 {
		return truth(low <= o.Total && o.Total <= high)
	}
	return max(0, o.AtMost(high)-tBelow(o.standard(low), o.nu))
}

// times gives the outlook of the series in another unit.
func (o *Outlook) times(k float64) {
	for _, v := range [...]*float64{&o.Known, &o.Filled, &o.Total, &o.rest, &o.size, &o.most} {
		*v *= k
	}
	for i := range o.Steps {
		s := &o.Steps[i]
		s.Value, s.Sum, s.sumRest = s.Value*k, s.Sum*k, s.sumRest*k
	}
	for i := range o.Views {
		o.Views[i].Total *= k
	}
}
