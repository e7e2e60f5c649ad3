package service

import (
	"cmp"
	"math/big"
	"slices"

	"luoshi.dev"
	"luoshi.dev/assess"
)

// parts ranks the units directly below by what the rule looks at and parts the gap
// among them. Nil where there is nothing below.
func (sn *snapshot) parts(in luoshi.Indicator, node int, c assess.Case, course assess.Course, j luoshi.Judgement) *Parts {
	children := sn.areas(node)
	if len(children) == 0 || j.Period.To == 0 {
		return nil
	}
	p := &Parts{Period: j.Period, Whole: PartRow{Unit: sn.ref(node), Judgement: j, Target: c.Target != nil}}
	p.Whole.asked(c, j.Period.To)
	cases := make([]assess.Case, len(children))
	for i, child := range children {
		cases[i] = sn.caseOf(in.Code, child)
	}
	lead := max(0, slices.IndexFunc(cases, func(c assess.Case) bool { return c.Target != nil }))
	p.By = assess.RankedBy(cases[lead])
	now, before := ranks(cases, j.Period.To, p.By)
	if m := endBefore(in.Calendar, j.Period.To); m > 0 && slices.Max(before) > 0 {
		p.Before, _ = in.Calendar.Period(sn.year, m, basisOf(in))
	}
	some := false
	for i, child := range children {
		row := PartRow{Unit: sn.ref(child), Judgement: assess.Judge(cases[i]), Target: cases[i].Target != nil, Rank: now[i], Before: before[i]}
		sn.explain(&row.Judgement)
		row.asked(cases[i], j.Period.To)
		if slices.Max(before) > 0 && now[i] > 0 {
			row.Move = assess.Movement(before[i], now[i])
		}
		some = some || row.Target || row.Judgement.Actual.Valid || row.Judgement.Growth.Valid
		p.Lights.add(row.Judgement.Light)
		p.Rows = append(p.Rows, row)
	}
	if !some {
		return nil
	}
	sn.partGap(p, in, node, children, c, cases, course)
	slices.SortStableFunc(p.Rows, func(a, b PartRow) int {
		return cmp.Or(compareRanks(a.Rank, b.Rank), -compareRatios(a.Judgement.Ahead, b.Judgement.Ahead))
	})
	return p
}

// asked fills in what is asked of a part whose rule looks at no pace, and how far
// it is from that.
func (row *PartRow) asked(c assess.Case, month int) {
	course := assess.CourseOf(c)
	decimals := c.Indicator.Decimals
	if course.Growth && c.Indicator.Kind != luoshi.Growth {
		decimals = 1
	}
	row.Asked = shownAs(course.Asked[month-1], course.Growth, decimals)
	is := row.Judgement.Actual
	if course.Growth {
		is = row.Judgement.Growth
	}
	if row.Judgement.Period.To == month {
		row.Gap = gapOf(is, course.Asked[month-1], course.Growth, decimals)
	}
}

// compareRanks puts those without a place last.
func compareRanks(a, b int) int {
	switch {
	case a == b:
		return 0
	case a == 0:
		return 1
	case b == 0:
		return -1
	}
	return cmp.Compare(a, b)
}

// partGap parts the whole's gap among the parts, where it comes apart: sums by
// amounts, rates and weighted means by numerator and weight, growth by last year's
// levels. What remains is a row of its own.
func (sn *snapshot) partGap(p *Parts, in luoshi.Indicator, node int, children []int, c assess.Case, cases []assess.Case, course assess.Course) {
	month := p.Period.To
	total := assess.Distance(c, month)
	if total == nil || assess.Wants(in) == 0 {
		return
	}
	var list []*big.Rat
	decimals := in.Decimals
	p.Measure = in.Measure
	switch {
	case course.Growth && in.Additive():
		list = sn.growthParts(in, node, children, course, month)
		decimals, p.Points = 2, true
		total = new(big.Rat).Mul(total, big.NewRat(100, 1)) // points in units of the second decimal
	case course.Growth:
		return
	case in.Additive():
		for i := range cases {
			list = append(list, ownDistance(cases[i], month))
		}
	case in.OverUnits == luoshi.UnitRatio || in.OverUnits == luoshi.UnitWeighted:
		list = sn.rateParts(in, node, children, course, month)
		p.Points = in.Kind == luoshi.Rate || in.Kind == luoshi.Growth
	default:
		return
	}
	fall, ok := assess.Contribute(total, list)
	if !ok {
		return
	}
	p.Gap = true
	p.Total = luoshi.Unscaled(fall.Total, decimals)
	p.Whole.Contribution = p.Total
	if fall.Rest != 0 {
		p.Rest = luoshi.Unscaled(fall.Rest, decimals)
	}
	for i := range p.Rows {
		p.Rows[i].Contribution = luoshi.Unscaled(fall.Parts[i], decimals)
	}
	if fall.Rest != 0 && in.Additive() && !course.Growth {
		p.explainRest(in, c, cases, list)
	}
}

// ownDistance is a part's own gap, if its rule looks at the amount too.
func ownDistance(c assess.Case, month int) *big.Rat {
	if c.Target == nil || assess.CourseOf(c).Growth {
		return nil
	}
	return assess.Distance(c, month)
}

// explainRest parts the rest into what was planned and not handed down, and what
// was done and stands in no figure below.
func (p *Parts) explainRest(in luoshi.Indicator, c assess.Case, cases []assess.Case, list []*big.Rat) {
	month := p.Period.To
	if c.Actual[month-1] == luoshi.Missing {
		return
	}
	done := c.Actual[month-1]
	for i := range cases {
		if list[i] != nil {
			done -= cases[i].Actual[month-1]
		}
	}
	done *= assess.Wants(in)
	p.RestDone = luoshi.Unscaled(done, in.Decimals)
	p.RestPlan = minus(p.Rest, p.RestDone)
}

// growthParts parts growth above what is asked: now − (1 + g) × last year, over the
// whole's last year, in units of the second decimal of a point.
func (sn *snapshot) growthParts(in luoshi.Indicator, node int, children []int, course assess.Course, month int) []*big.Rat {
	g := course.Asked[month-1]
	if !g.OK() {
		return nil
	}
	nums, dens := make([]*big.Rat, len(children)), make([]*big.Rat, len(children))
	for i, child := range children {
		now, _ := sn.value(in, child, sn.year, month)
		before, _ := sn.value(in, child, sn.year-1, month)
		nums[i], dens[i] = rat(now.Amount), rat(before.Amount)
	}
	before, _ := sn.value(in, node, sn.year-1, month)
	asked := new(big.Rat).Quo(g.Rat(), big.NewRat(100, 1))
	asked.Add(asked, big.NewRat(1, 1))
	return sn.signed(in, assess.Weigh(nums, dens, rat(before.Amount), asked), big.NewRat(100*100, 1))
}

// rateParts parts a rate or a weighted mean, in units of its last place.
func (sn *snapshot) rateParts(in luoshi.Indicator, node int, children []int, course assess.Course, month int) []*big.Rat {
	p := course.Asked[month-1]
	if !p.OK() {
		return nil
	}
	nums, dens := make([]*big.Rat, len(children)), make([]*big.Rat, len(children))
	for i, child := range children {
		nums[i], dens[i] = sn.quotient(in, child, month)
	}
	_, whole := sn.quotient(in, node, month)
	if whole == nil {
		whole = sumOf(dens)
	}
	unit := pow10(in.Decimals)
	asked := new(big.Rat).Quo(p.Rat(), unit)
	if in.OverUnits == luoshi.UnitRatio {
		power := pow10(in.Power)
		asked.Quo(asked, power)
		unit = new(big.Rat).Mul(unit, power)
	}
	return sn.signed(in, assess.Weigh(nums, dens, whole, asked), unit)
}

// quotient is what a rate is computed from at a unit: numerator and denominator, or
// weighted value and weight.
func (sn *snapshot) quotient(in luoshi.Indicator, node, month int) (num, den *big.Rat) {
	if in.OverUnits == luoshi.UnitRatio {
		n, _ := sn.value(sn.indicators[in.Numerator], node, sn.year, month)
		d, _ := sn.value(sn.indicators[in.Denominator], node, sn.year, month)
		return rat(n.Amount), rat(d.Amount)
	}
	x, _ := sn.value(in, node, sn.year, month)
	w, _ := sn.value(sn.indicators[in.Weight], node, sn.year, month)
	num, den = rat(x.Amount), rat(w.Amount)
	if num != nil && den != nil {
		num = new(big.Rat).Mul(num, den)
	}
	return num, den
}

// signed turns parts so that positive is good, and scales them.
func (sn *snapshot) signed(in luoshi.Indicator, parts []*big.Rat, unit *big.Rat) []*big.Rat {
	way := big.NewRat(assess.Wants(in), 1)
	for _, p := range parts {
		if p != nil {
			p.Mul(p, unit).Mul(p, way)
		}
	}
	return parts
}

func sumOf(list []*big.Rat) *big.Rat {
	sum := new(big.Rat)
	for _, r := range list {
		if r != nil {
			sum.Add(sum, r)
		}
	}
	return sum
}

func pow10(n int) *big.Rat {
	return new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil))
}

// rat is a quantity as an exact quotient, nil where it is absent.
func rat(q luoshi.NullQuantity) *big.Rat {
	if !q.Valid {
		return nil
	}
	r, ok := new(big.Rat).SetString(q.Decimal.String())
	if !ok {
		return nil
	}
	return r
}

// partsMap spreads the parts over the map.
func (sn *snapshot) partsMap(in luoshi.Indicator, p *Parts) *MapView {
	if len(p.Rows) < 2 {
		return nil
	}
	view := &MapView{Indicator: in.Code, Name: in.Names, Measure: in.Measure, Period: p.Period, Pace: p.Whole.Judgement.Pace}
	for _, row := range p.Rows {
		view.Areas = append(view.Areas, MapArea{Unit: row.Unit, Judgement: row.Judgement})
		view.Sample = view.Sample || row.Judgement.Proof.Sample
	}
	return view
}
