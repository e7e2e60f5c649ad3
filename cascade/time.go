package cascade

import (
	"math"
	"slices"

	"luoshi.dev"
)

// TimeMethod is a way to spread a year over its periods.
type TimeMethod string

// The methods. doc/SPEC-cascade.md has each with formula, source and example.
const (
	TimeStraight TimeMethod = "straight"  // by the months a period has
	TimeLastYear TimeMethod = "last_year" // as last year's figures
	TimeShape    TimeMethod = "shape"     // as several years', the median of their shares
	TimeSmooth   TimeMethod = "smooth"    // along an indicator or none, joining on to past years (Denton–Cholette)
	TimeCustom   TimeMethod = "custom"    // some periods given, the rest re-spread by Base
)

// TimeSpec says how a total is spread over the periods of its calendar. Only what
// sums over time (a flow) can be spread. All series are 12 long by period end:
// January–February at index 1, quarters at 2, 5, 8, 11.
type TimeSpec struct {
	Method   TimeMethod
	Calendar luoshi.Calendar
	// History holds the single-period values of past years, newest first. A period
	// whose months are all there singly is their sum.
	History [][]int64
	// Along is the series to follow, oldest first and whole years long; its last
	// twelve belong to the year that is spread. Nil means a constant. Months inside
	// one period are added; NaN is nothing.
	Along []float64
	// Custom holds the given periods; luoshi.Missing is free. Base spreads what
	// they leave; "" means straight.
	Custom []int64
	Base   TimeMethod
}

// OverTime spreads the total over the periods of the calendar: 12 single-period
// values by period end, [luoshi.Missing] where no period closes. They sum to the
// total exactly, each less than one from its real share, given ones as given; of
// all such values they are nearest to the shares (largest remainder), and among
// equals the year to date keeps closest to its line. A blocking problem comes
// with no values; a warning says which simpler method stood in and why.
func OverTime(total int64, spec TimeSpec) ([]int64, []luoshi.Problem) {
	l, problems := curve(total, spec)
	if luoshi.Blocked(problems) {
		return nil, problems
	}
	l.settle(total)
	values := make([]int64, 12)
	for i := range values {
		values[i] = luoshi.Missing
	}
	for j, end := range spec.Calendar.Ends() {
		values[end-1] = l.floor[j]
	}
	return values, problems
}

// Accumulate turns single-period values into the year to date at each period end.
func Accumulate(single []int64) []int64 {
	values := slices.Clone(single)
	sum := int64(0)
	for i, v := range single {
		if v != luoshi.Missing {
			sum += v
			values[i] = sum
		}
	}
	return values
}

// line is the real split of a total over a calendar's periods: floor + rem/den.
type line struct {
	floor []int64
	rem   []uint64
	den   uint64
	given []bool
}

// curve computes the real split. Without a blocking problem its sum is the total.
func curve(total int64, spec TimeSpec) (line, []luoshi.Problem) {
	if problems := spec.check(total); problems != nil {
		return line{}, problems
	}
	ends := spec.Calendar.Ends()
	l := line{make([]int64, len(ends)), make([]uint64, len(ends)), 1, make([]bool, len(ends))}
	method, rest, free := spec.Method, total, len(ends)
	if method == TimeCustom {
		method = spec.Base
		for j, end := range ends {
			if spec.Custom != nil && spec.Custom[end-1] != luoshi.Missing {
				l.floor[j], l.given[j] = spec.Custom[end-1], true
				rest, free = rest-l.floor[j], free-1
			}
		}
		if free == 0 {
			if rest != 0 {
				return line{}, []luoshi.Problem{blocking("cascade.given_sum", "sum", Amount(total-rest), "total", Amount(total), "gap", Amount(rest))}
			}
			return l, nil
		}
	}
	base, proportional, problems := spec.base(method, total)
	if rest != 0 && (rest < 0) != (total < 0) {
		problems = append(problems, warning("cascade.given_over", "sum", Amount(total-rest), "total", Amount(total), "gap", Amount(rest)))
	}
	if !l.spread(rest, base, proportional) {
		if method == TimeStraight || method == "" {
			return line{}, []luoshi.Problem{blocking("cascade.range")}
		}
		problems = append(problems, warning("cascade.shape_zero", "method", luoshi.Say("cascade.method."+string(method))))
		if !l.spread(rest, months(ends), false) {
			return line{}, []luoshi.Problem{blocking("cascade.range")}
		}
	}
	return l, problems
}

// check refuses what cannot be spread at all.
func (spec TimeSpec) check(total int64) []luoshi.Problem {
	var problems []luoshi.Problem
	refuse := func(key string, pairs ...any) { problems = append(problems, blocking(key, pairs...)) }
	if !spec.Calendar.Valid() {
		refuse("cascade.calendar", "text", string(spec.Calendar))
	}
	if !spec.Method.spreads() && spec.Method != TimeCustom {
		refuse("cascade.time_method", "text", string(spec.Method))
	}
	if spec.Method == TimeCustom && spec.Base != "" && !spec.Base.spreads() {
		refuse("cascade.time_method", "text", string(spec.Base))
	}
	for _, year := range spec.History {
		if len(year) != 12 {
			refuse("cascade.length", "have", len(year))
		}
		if tooLarge(year) {
			refuse("cascade.range")
		}
	}
	if len(spec.Along)%12 != 0 {
		refuse("cascade.length", "have", len(spec.Along))
	}
	if size(total) >= largest/2 || tooLarge(spec.Custom) {
		refuse("cascade.range")
	}
	if spec.Method != TimeCustom || spec.Custom == nil {
		return problems
	}
	if len(spec.Custom) != 12 {
		refuse("cascade.length", "have", len(spec.Custom))
	}
	for i, v := range spec.Custom {
		if v != luoshi.Missing && !slices.Contains(spec.Calendar.Ends(), i+1) {
			refuse("cascade.given_outside", "month", i+1, "calendar", spec.Calendar)
		}
	}
	return problems
}

// spreads reports whether the method is one that needs nothing given.
func (m TimeMethod) spreads() bool {
	return m == TimeStraight || m == TimeLastYear || m == TimeShape || m == TimeSmooth
}

// tooLarge reports whether a year's values could sum beyond what is exact.
func tooLarge(values []int64) bool {
	return slices.ContainsFunc(values, func(v int64) bool { return v != luoshi.Missing && size(v) >= largest/16 })
}

// spread fills the free periods with their share of rest.
func (l *line) spread(rest int64, base []int64, proportional bool) bool {
	var buffer [12]int64
	var floor [12]int64
	var rem [12]uint64
	free := buffer[:0]
	for j, b := range base {
		if !l.given[j] {
			free = append(free, b)
		}
	}
	by := spread
	if proportional {
		by = share
	}
	den, ok := by(rest, free, floor[:], rem[:])
	if !ok || den == 0 {
		return false
	}
	l.den = den
	k := 0
	for j := range base {
		if !l.given[j] {
			l.floor[j], l.rem[j] = floor[k], rem[k]
			k++
		}
	}
	return true
}

// settle rounds by largest remainder. Of equal remainders at the border those go
// up that keep the running sum even: g of k are up at places ⌊(2i·g+k)/2k⌋.
func (l *line) settle(total int64) {
	up := total
	for _, f := range l.floor {
		up -= f
	}
	if up == 0 {
		return
	}
	var buffer [12]uint64
	sorted := append(buffer[:0], l.rem...)
	slices.Sort(sorted)
	border := sorted[len(sorted)-int(up)]
	above, equal := 0, 0
	for _, r := range l.rem {
		if r > border {
			above++
		} else if r == border {
			equal++
		}
	}
	g, i := int(up)-above, 0
	for j, r := range l.rem {
		switch {
		case r > border:
			l.floor[j]++
		case r == border:
			if (2*(i+1)*g+equal)/(2*equal) > (2*i*g+equal)/(2*equal) {
				l.floor[j]++
			}
			i++
		}
	}
}

// base returns the values by which a method spreads, as levels of a year or as
// shares (proportional). All zero or nil means that there is nothing to go by.
func (spec TimeSpec) base(method TimeMethod, total int64) (values []int64, proportional bool, problems []luoshi.Problem) {
	ends := spec.Calendar.Ends()
	switch method {
	case TimeLastYear:
		if len(spec.History) == 0 {
			return nil, false, nil
		}
		years := spec.years()
		year, filled := years[0], 0
		if slices.Contains(year, luoshi.Missing) {
			year, filled = fill(year, typical(years[1:], months(ends)))
		}
		if filled > 0 {
			problems = append(problems, warning("cascade.history_gap", "count", filled))
		}
		if mixed(year) {
			problems = append(problems, warning("cascade.history_signs"))
		}
		return year, false, problems
	case TimeShape:
		return spec.shape()
	case TimeSmooth:
		return spec.smooth(total)
	}
	return months(ends), false, nil
}

// months is the number of months each period has: the straight line.
func months(ends []int) []int64 {
	values := make([]int64, len(ends))
	last := 0
	for j, end := range ends {
		values[j], last = int64(end-last), end
	}
	return values
}

// years brings the history to the calendar's periods.
func (spec TimeSpec) years() [][]int64 {
	ends := spec.Calendar.Ends()
	years := make([][]int64, len(spec.History))
	for y, singles := range spec.History {
		years[y] = make([]int64, len(ends))
		first := 0
		for j, end := range ends {
			inside := singles[first:end]
			years[y][j], first = singles[end-1], end
			if len(inside) > 1 && !slices.Contains(inside, luoshi.Missing) {
				years[y][j] = 0
				for _, v := range inside {
					years[y][j] += v
				}
			}
		}
	}
	return years
}

// unit is 1 for shares held as integers.
const unit = 10_000_000_000_000_000

// shares returns each period's share of its year, or nil for a year that has
// gaps, no sum, or so many values of the other sign that shares lose meaning.
func shares(year []int64) []int64 {
	if slices.Contains(year, luoshi.Missing) {
		return nil
	}
	sum, abs, ok := sums(year)
	if !ok || abs == 0 || int64(size(sum)) < abs-abs/2 {
		return nil
	}
	s := make([]int64, len(year))
	for j, v := range year {
		if sum < 0 {
			v = -v
		}
		s[j], _, _ = mulDiv(v, unit, size(sum))
	}
	return s
}

// typical is the median share of each period over the years that have shares;
// without any, in the proportions of `otherwise`.
func typical(years [][]int64, otherwise []int64) []int64 {
	var all [][]int64
	for _, year := range years {
		if s := shares(year); s != nil {
			all = append(all, s)
		}
	}
	if len(all) == 0 {
		return shares(otherwise)
	}
	middle := make([]int64, len(otherwise))
	column := make([]int64, len(all))
	for j := range middle {
		for y := range all {
			column[y] = all[y][j]
		}
		slices.Sort(column)
		middle[j] = (column[(len(column)-1)/2] + column[len(column)/2]) / 2
	}
	return middle
}

// fill puts in for each missing period what its typical share suggests from the
// periods that are there: known sum × share / share of the known, rounded. It
// returns the year (nil if nothing is known) and how many it put in.
func fill(year, shares []int64) ([]int64, int) {
	missing, known, part := 0, int64(0), int64(0)
	for j, v := range year {
		if v == luoshi.Missing {
			missing++
		} else {
			known, part = known+v, part+shares[j]
		}
	}
	if missing == 0 {
		return year, 0
	}
	if missing == len(year) || part <= 0 {
		return nil, missing
	}
	filled := slices.Clone(year)
	for j, v := range year {
		if v == luoshi.Missing {
			floor, rem, _ := mulDiv(known, shares[j], uint64(part))
			if rem >= uint64(part)-rem {
				floor++
			}
			filled[j] = floor
		}
	}
	return filled, missing
}

// shape is the median share over the years of the history, gaps filled first.
func (spec TimeSpec) shape() ([]int64, bool, []luoshi.Problem) {
	years := spec.years()
	whole := typical(years, months(spec.Calendar.Ends()))
	var problems []luoshi.Problem
	gaps, used := 0, 0
	for y := range years {
		year, filled := fill(years[y], whole)
		years[y] = nil
		if year == nil || shares(year) == nil {
			continue
		}
		years[y] = year
		gaps, used = gaps+filled, used+1
	}
	years = slices.DeleteFunc(years, func(year []int64) bool { return year == nil })
	if gaps > 0 {
		problems = append(problems, warning("cascade.history_gap", "count", gaps))
	}
	if used < len(spec.History) && used > 0 {
		problems = append(problems, warning("cascade.history_years", "used", used, "count", len(spec.History)))
	}
	if used == 0 {
		return nil, true, problems
	}
	return typical(years, months(spec.Calendar.Ends())), true, problems
}

// smooth benchmarks the series along which to go to the totals of past years and
// this one, so that the new year joins on without a step.
func (spec TimeSpec) smooth(total int64) ([]int64, bool, []luoshi.Problem) {
	ends := spec.Calendar.Ends()
	past := len(spec.History)
	if spec.Along != nil {
		past = min(past, len(spec.Along)/12-1)
	}
	years := spec.years()
	var indicator, totals []float64
	for back := past; back >= 0; back-- {
		indicator = append(indicator, spec.along(back)...)
		sum := float64(total)
		if back > 0 {
			sum = math.NaN()
			if year := years[back-1]; !slices.Contains(year, luoshi.Missing) {
				whole, _, _ := sums(year)
				sum = float64(whole)
			}
		}
		totals = append(totals, sum)
	}
	fitted := Denton(indicator, totals, len(ends))
	this := indicator[past*len(ends):]
	if fitted == nil {
		return quantised(this), true, nil
	}
	fitted = fitted[past*len(ends):]
	for j, x := range fitted {
		if x*float64(total) < 0 && this[j] >= 0 {
			return quantised(this), true, []luoshi.Problem{warning("cascade.smooth_sign", "month", ends[j])}
		}
	}
	if total < 0 {
		for j := range fitted {
			fitted[j] = -fitted[j]
		}
	}
	if total == 0 {
		return quantised(this), true, nil
	}
	return quantised(fitted), true, nil
}

// along is the indicator of the year `back` years ago by the calendar's periods.
func (spec TimeSpec) along(back int) []float64 {
	ends := spec.Calendar.Ends()
	values := make([]float64, len(ends))
	if spec.Along == nil {
		for j, n := range months(ends) {
			values[j] = float64(n)
		}
		return values
	}
	at := len(spec.Along) - 12*(back+1)
	last := 0
	for j, end := range ends {
		for _, v := range spec.Along[at+last : at+end] {
			if !math.IsNaN(v) {
				values[j] += v
			}
		}
		last = end
	}
	return values
}

// quantised turns estimates into integer shares of 53 bits.
func quantised(values []float64) []int64 {
	whole := 0.0
	for _, v := range values {
		whole += math.Abs(v)
	}
	shares := make([]int64, len(values))
	if whole == 0 || math.IsInf(whole, 0) || math.IsNaN(whole) {
		return shares
	}
	for j, v := range values {
		shares[j] = int64(math.RoundToEven(v / whole * unit))
	}
	return shares
}
