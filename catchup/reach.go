package catchup

import (
	"math"
	"math/big"
	"slices"

	"luoshi.dev"
)

// ReachSpec asks what a unit can attain in the periods that are left.
type ReachSpec struct {
	Calendar luoshi.Calendar
	Months   []int // the ends of the periods that are left
	// History holds 12 single-period values a year by period end, this year first
	// (what is reported of it), then last year and so on; luoshi.Missing where none is.
	History  [][]int64
	Expect   []float64 // what is expected of the periods that are left: that much is attainable; or nil
	Capacity []int64   // what the unit says it can bring in each at most; luoshi.Missing = not said; or nil
	Stretch  int       // per cent by which the best of the past may be passed
}

// Source says where a bound comes from.
type Source string

// The sources.
const (
	FromNothing     Source = ""
	FromHistory     Source = "history"
	FromExpectation Source = "expectation"
	FromCapacity    Source = "capacity"
	FromStock       Source = "stock" // no more can come than there was
)

// Reach is what is attainable: bounds for each period that is left, and for their
// sum; luoshi.Missing where the past says nothing.
type Reach struct {
	Low, High   []int64
	Least, Most int64
	HighFrom    []Source
	MostFrom    Source
	Best, Worst luoshi.Ratio // of one period, against the same a year before
	BestRun     luoshi.Ratio // of as many running periods as are left
	WorstRun    luoshi.Ratio
}

// ReachOf bounds the periods that are left by the unit's own past. Against the same
// period a year before, so that the season and most of the trend fall out:
//
//	high_j = last year's_j × the best x/last year's of any period on record
//	most   = last year's Σ × the best Σx/Σ last year's of any run as long as what is left
//
// and low and least by the worst. What can be done once bounds a month; what was kept
// up as long as it must be kept up now bounds the sum, where half as many such runs are
// on record as a year has periods. What is expected counts as
// attainable, and what a unit says of its capacity has the last word. Periods whose
// value a year before is not above zero are left out.
func ReachOf(spec ReachSpec) Reach {
	n := len(spec.Months)
	r := Reach{Low: gap(n), High: gap(n), HighFrom: make([]Source, n), Least: luoshi.Missing, Most: luoshi.Missing}
	x, base := spec.pairs()
	r.Best, r.Worst = extremes(x, base, 1)
	if spec.runs(x, n) {
		r.BestRun, r.WorstRun = extremes(x, base, n)
	}
	whole, known := int64(0), true
	for j, end := range spec.Months {
		last := spec.at(1, end)
		if last == luoshi.Missing || last <= 0 {
			known = false
			continue
		}
		whole += last
		if r.Best.OK() {
			r.High[j], r.HighFrom[j] = times(last, r.Best, 100+spec.Stretch), FromHistory
			r.Low[j] = times(last, r.Worst, 100)
		}
	}
	if known && r.BestRun.OK() {
		r.Most, r.MostFrom = times(whole, r.BestRun, 100+spec.Stretch), FromHistory
		r.Least = times(whole, r.WorstRun, 100)
	}
	r.widen(spec.Expect)
	r.cut(spec.Capacity)
	return r
}

// Bound puts what is attainable into the cells of a part; locks stay.
func (r Reach) Bound(p Part) Part {
	p.Cells = slices.Clone(p.Cells)
	for j := range p.Cells {
		p.Cells[j].Low, p.Cells[j].High = r.Low[j], r.High[j]
	}
	p.Least, p.Most = r.Least, r.Most
	return p
}

// Within holds the sum to what is left of the stock that it draws on.
func (r Reach) Within(left int64) Reach {
	if r.Most == luoshi.Missing || r.Most > left {
		r.Most, r.MostFrom = left, FromStock
	}
	if r.Least != luoshi.Missing {
		r.Least = min(r.Least, left)
	}
	return r
}

// Yield lets the sum bounds of a part give way to its cells: what is reported or certain
// (or locked, where it is) is not undone by what the past says of the sum.
func (spec Spec) Yield(p Part) Part {
	lowest, highest := cellLimits(spec, p)
	if p.Least != luoshi.Missing && highest != luoshi.Missing {
		p.Least = min(p.Least, highest)
	}
	if p.Most != luoshi.Missing && lowest != luoshi.Missing {
		p.Most = max(p.Most, lowest)
	}
	return p
}

func gap(n int) []int64 { return slices.Repeat([]int64{luoshi.Missing}, n) }

func (spec ReachSpec) at(year, end int) int64 {
	if year >= len(spec.History) || end > len(spec.History[year]) || end < 1 {
		return luoshi.Missing
	}
	return spec.History[year][end-1]
}

// pairs lists each period on record beside the same a year before, oldest first;
// missing where either is, or the earlier one is not above zero.
func (spec ReachSpec) pairs() (x, base []int64) {
	for year := len(spec.History) - 2; year >= 0; year-- {
		for _, end := range spec.Calendar.Ends() {
			v, before := spec.at(year, end), spec.at(year+1, end)
			if v == luoshi.Missing || before == luoshi.Missing || before <= 0 {
				v, before = luoshi.Missing, luoshi.Missing
			}
			x, base = append(x, v), append(base, before)
		}
	}
	return x, base
}

// runs reports whether enough runs of n periods are on record, half as many as a year
// has periods, for the best of them to say what can be kept up.
func (spec ReachSpec) runs(x []int64, n int) bool {
	count := 0
	for first := 0; first+n <= len(x); first++ {
		if !slices.Contains(x[first:first+n], luoshi.Missing) {
			count++
		}
	}
	return 2*count >= len(spec.Calendar.Ends())
}

// extremes are the largest and smallest Σx/Σbase over all runs of n periods.
func extremes(x, base []int64, n int) (best, worst luoshi.Ratio) {
	for first := 0; n > 0 && first+n <= len(x); first++ {
		if slices.Contains(x[first:first+n], luoshi.Missing) {
			continue
		}
		var a, b int64
		for k := first; k < first+n; k++ {
			a, b = a+x[k], b+base[k]
		}
		r := luoshi.Over(a, b)
		if !best.OK() || r.Cmp(best) > 0 {
			best = r
		}
		if !worst.OK() || r.Cmp(worst) < 0 {
			worst = r
		}
	}
	return best, worst
}

// times is v·r·percent/100, rounded to the nearest whole number.
func times(v int64, r luoshi.Ratio, percent int) int64 {
	num := new(big.Int).Mul(big.NewInt(v), big.NewInt(r.Num))
	num.Mul(num, big.NewInt(2*int64(percent)))
	den := new(big.Int).Mul(big.NewInt(r.Den), big.NewInt(100))
	num.Add(num, den).Div(num, den.Mul(den, big.NewInt(2)))
	if !num.IsInt64() || num.BitLen() > 60 {
		return luoshi.Missing
	}
	return num.Int64()
}

// widen takes in what is expected.
func (r *Reach) widen(expect []float64) {
	sum := 0.0
	for j, e := range expect {
		if j >= len(r.High) || math.IsNaN(e) || math.Abs(e) > largest {
			return
		}
		sum += e
		if up := int64(math.Ceil(e)); r.High[j] != luoshi.Missing && up > r.High[j] {
			r.High[j], r.HighFrom[j] = up, FromExpectation
		}
		if r.Low[j] != luoshi.Missing {
			r.Low[j] = min(r.Low[j], int64(math.Floor(e)))
		}
	}
	if len(expect) != len(r.High) || math.Abs(sum) > largest {
		return
	}
	if up := int64(math.Ceil(sum)); r.Most != luoshi.Missing && up > r.Most {
		r.Most, r.MostFrom = up, FromExpectation
	}
	if r.Least != luoshi.Missing {
		r.Least = min(r.Least, int64(math.Floor(sum)))
	}
}

// cut puts the stated capacity in the place of what the past bounds, up or down, and
// holds the sum to what the periods allow. Where more is stated than the past shows, the
// sum may be as much more.
func (r *Reach) cut(capacity []int64) {
	for j, c := range capacity {
		if j < len(r.High) && c != luoshi.Missing {
			if r.Most != luoshi.Missing && r.High[j] != luoshi.Missing && c > r.High[j] {
				r.Most, r.MostFrom = r.Most+c-r.High[j], FromCapacity
			}
			r.High[j], r.HighFrom[j] = c, FromCapacity
			r.Low[j] = min(r.Low[j], c)
		}
	}
	low, high := int64(0), int64(0)
	for j := range r.High {
		low, high = plus(low, r.Low[j]), plus(high, r.High[j])
	}
	if r.Least != luoshi.Missing && high != luoshi.Missing {
		r.Least = min(r.Least, high)
	}
	if r.Most != luoshi.Missing && low != luoshi.Missing {
		r.Most = max(r.Most, low)
	}
}
