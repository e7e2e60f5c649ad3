package assess

import (
	"math/big"

	"github.com/govalues/decimal"

	"luoshi.dev"
)

// Growth is year on year, or period on period, from two levels:
//
//	g = (now − before) / before
//
// It is what the levels imply, which is not what is published: comparable bases
// and revised samples make the published growth another number (retail of May
// 2018: published 8.5%, implied 3.05%). Undefined from a base that is not positive.
func Growth(now, before int64) luoshi.Ratio {
	if now == luoshi.Missing || before == luoshi.Missing {
		return luoshi.Ratio{}
	}
	return growthOf(ratio(now, 1), ratio(before, 1))
}

func growthOf(now, before luoshi.Ratio) luoshi.Ratio {
	if !now.OK() || before.Num <= 0 || before.Den <= 0 {
		return luoshi.Ratio{}
	}
	return div(sub(now, before), before)
}

// Ahead is Share − Pace as one exact quotient; × 100 = percentage points.
func Ahead(share, pace luoshi.Ratio) luoshi.Ratio {
	if !share.OK() || !pace.OK() {
		return luoshi.Ratio{}
	}
	return sub(share, pace)
}

// Base is the level of a year before that a level and its growth in percent
// imply: level / (1 + g/100), rounded to `decimals`. A base that is not the one
// first published tells of a revision: 3205.7 grown by 31.5% stands on 2437.8,
// while 2429 had been published.
func Base(level, growth luoshi.Quantity, decimals int) luoshi.NullQuantity {
	return shownRatio(div(exact(level), add(ratio(1, 1), div(exact(growth), ratio(100, 1)))), decimals)
}

func shownRatio(r luoshi.Ratio, decimals int) luoshi.NullQuantity {
	if !r.OK() {
		return luoshi.NullQuantity{}
	}
	q, ok := rounded(r, 0, decimals)
	return luoshi.NullQuantity{Decimal: q, Valid: ok}
}

// GrewBy is how many times its base something is that 增长 n 倍, grew n-fold: n + 1.
// 增长2.6倍 is 3.6 times the base, +260%; 是去年的2.6倍 is 2.6 times, +160%.
func GrewBy(times luoshi.Quantity) luoshi.Quantity {
	q, err := times.Add(decimal.MustNew(1, 0))
	if err != nil {
		return times
	}
	return q
}

// TimesToPercent is the growth in percent of something that is n times its base:
// (n − 1) × 100.
func TimesToPercent(times luoshi.Quantity) luoshi.NullQuantity {
	r := mul(sub(exact(times), ratio(1, 1)), ratio(100, 1))
	return shownRatio(r, max(0, times.Trim(0).Scale()-2))
}

// Split parts a total into two periods when the second is published as growth in
// percent on the first:
//
//	first = total / (2 + g/100),  second = total − first
//
// each at the total's decimals, so that they add up to it. 45.22 with +111.76%
// is 14.50 and 30.72.
func Split(total, growth luoshi.Quantity) (first, second luoshi.NullQuantity) {
	first = shownRatio(div(exact(total), add(ratio(2, 1), div(exact(growth), ratio(100, 1)))), total.Scale())
	if !first.Valid {
		return first, second
	}
	q, err := total.Sub(first.Decimal)
	return first, luoshi.NullQuantity{Decimal: q, Valid: err == nil}
}

// Plan is the plan that a published amount and its published share imply. Both
// were rounded, so it is a range: every plan between Low and High gives the two
// numbers as they were printed; Value is their plain quotient.
type Plan struct{ Low, Value, High luoshi.Ratio }

// ImpliedPlan computes it, h and k being half a unit in the last printed place:
//
//	(a − h) / (p + k)  <  plan  <  (a + h) / (p − k)
//
// 6924.1 at 68.6% (Anhui's key projects, January–July 2016) implies 10093, in
// fact anything from 10086.0 to 10100.9.
func ImpliedPlan(amount, percent luoshi.Quantity) Plan {
	half := func(q luoshi.Quantity) luoshi.Ratio { return ratio(1, 2*pow10[min(q.Scale(), 17)]) }
	hundred := ratio(100, 1)
	a, p := exact(amount), exact(percent)
	low := div(mul(sub(a, half(amount)), hundred), add(p, half(percent)))
	high := div(mul(add(a, half(amount)), hundred), sub(p, half(percent)))
	if high.Num < 0 { // a share that might be nothing bounds no plan
		high = luoshi.Ratio{}
	}
	return Plan{Low: low, Value: div(mul(a, hundred), p), High: high}
}

// Meet is the range of plans that fit both publications, and whether there is one:
// two plans that look different may be one plan rounded twice.
func (p Plan) Meet(q Plan) (both Plan, ok bool) {
	if !p.Low.OK() || !q.Low.OK() {
		return Plan{}, false
	}
	both = p
	if q.Low.Cmp(both.Low) > 0 {
		both.Low = q.Low
	}
	if q.High.OK() && (!both.High.OK() || q.High.Cmp(both.High) < 0) {
		both.High = q.High
	}
	if both.High.OK() {
		both.Value = div(add(both.Low, both.High), ratio(2, 1))
		ok = both.Low.Cmp(both.High) < 0
	} else {
		both.Value, ok = both.Low, true
	}
	if !ok {
		return Plan{}, false
	}
	return both, true
}

// SayPlans says what two publications imply and whether they can be the same plan.
func SayPlans(p, q Plan, decimals int) luoshi.Message {
	one, other := shownRatio(p.Value, decimals), shownRatio(q.Value, decimals)
	both, ok := p.Meet(q)
	if !ok {
		return luoshi.Say("plans.differ", "one", one, "other", other)
	}
	return luoshi.Say("plans.meet", "one", one, "other", other, "low", shownRatio(both.Low, decimals), "high", shownRatio(both.High, decimals))
}

// Turn is a month at whose end growth has another sign than before.
type Turn struct {
	From, To int // months that end the period before and the one of the turn
	Up       bool
}

// Turns finds the turning points in a year of published growth. A zero and a gap
// are no sign: −6.5, absent, 0.0, +0.7 turns once, from the first to the last.
func Turns(growth []luoshi.NullQuantity) []Turn {
	var turns []Turn
	was, from := 0, 0
	for i, g := range growth {
		if !g.Valid || g.Decimal.IsZero() {
			continue
		}
		now := g.Decimal.Sign()
		if was != 0 && now != was {
			turns = append(turns, Turn{From: from, To: i + 1, Up: now > 0})
		}
		was, from = now, i+1
	}
	return turns
}

// RunRate is what each of the months that are left must bring so that the year
// ends on target: (T − A) / (12 − m). A computation, no forecast. Undefined in
// December; not positive when the target is reached.
func RunRate(actual, target int64, month int) luoshi.Ratio {
	if actual == luoshi.Missing || target == luoshi.Missing || month >= 12 || month < 0 {
		return luoshi.Ratio{}
	}
	return div(sub(ratio(target, 1), ratio(actual, 1)), ratio(int64(12-month), 1))
}

// NeededGrowth is the growth on last year that the rest of the year must have:
//
//	(T − A) / (L₁₂ − Lₘ) − 1
//
// with L last year's cumulative value.
func NeededGrowth(actual, target, lastYearByNow, lastYear int64) luoshi.Ratio {
	for _, v := range []int64{actual, target, lastYearByNow, lastYear} {
		if v == luoshi.Missing {
			return luoshi.Ratio{}
		}
	}
	return growthOf(sub(ratio(target, 1), ratio(actual, 1)), sub(ratio(lastYear, 1), ratio(lastYearByNow, 1)))
}

// Pull is a child's contribution to its parent's growth, in points when × 100:
// (now − before) / parent's before. Pulls of all children add to the growth of
// their sum.
func Pull(now, before, whole int64) luoshi.Ratio {
	if now == luoshi.Missing || before == luoshi.Missing || whole == luoshi.Missing || whole <= 0 {
		return luoshi.Ratio{}
	}
	return div(sub(ratio(now, 1), ratio(before, 1)), ratio(whole, 1))
}

// Gaps parts a total gap to the pace among children: each child's actual − planned,
// rounded to whole units of the last place so that the parts add up exactly to the
// rounded total (largest remainders). Children without a figure have luoshi.Missing
// and no part.
func Gaps(actual []int64, planned []luoshi.Ratio) (parts []int64, total int64) {
	parts = make([]int64, len(actual))
	sum, floors := new(big.Rat), new(big.Int)
	rests := make([]*big.Rat, len(actual))
	for i, a := range actual {
		if a == luoshi.Missing || !planned[i].OK() {
			parts[i] = luoshi.Missing
			continue
		}
		gap := new(big.Rat).Sub(new(big.Rat).SetInt64(a), planned[i].Rat())
		sum.Add(sum, gap)
		floor := new(big.Int).Div(gap.Num(), gap.Denom()) // Euclid: towards −∞ for a positive divisor
		parts[i] = floor.Int64()
		floors.Add(floors, floor)
		rests[i] = gap.Sub(gap, new(big.Rat).SetInt(floor))
	}
	total, _ = nearest(fit(sum), 1)
	for left := total - floors.Int64(); left > 0; left-- {
		best := -1
		for i, r := range rests {
			if r != nil && (best < 0 || r.Cmp(rests[best]) > 0) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		parts[best]++
		rests[best] = big.NewRat(-1, 1)
	}
	return parts, total
}
