package service

import (
	"slices"

	"github.com/govalues/decimal"

	"luoshi.dev"
	"luoshi.dev/assess"
)

// percentMeasure is the unit of growth.
var percentMeasure = luoshi.Measure{Symbol: luoshi.Names{Hans: "%", Hant: "%", En: "%"}}

// pathKinds are the paths that an indicator can show at a unit, what its rule looks
// at first.
func (sn *snapshot) pathKinds(in luoshi.Indicator, c assess.Case, course assess.Course) []PathKind {
	var kinds []PathKind
	if in.Kind == luoshi.Flow {
		kinds = []PathKind{PathCumulative}
		if in.OverTime == luoshi.TimeSum && len(in.Calendar.Ends()) > 1 {
			kinds = append(kinds, PathSingle)
		}
	} else {
		kinds = []PathKind{PathLevel}
	}
	if in.Kind == luoshi.Growth {
		return kinds
	}
	grown := course.Growth
	for _, g := range c.Growth {
		grown = grown || g.Valid
	}
	switch {
	case grown && course.Growth:
		kinds = append([]PathKind{PathGrowth}, kinds...)
	case grown:
		kinds = append(kinds, PathGrowth)
	}
	return kinds
}

// path is the indicator's way through the year.
func (sn *snapshot) path(in luoshi.Indicator, node int, c assess.Case, course assess.Course, months []luoshi.Judgement, show PathKind) Path {
	p := Path{Measure: in.Measure, Decimals: in.Decimals, Kinds: sn.pathKinds(in, c, course)}
	p.Kind = p.Kinds[0]
	for _, kind := range p.Kinds {
		if kind == show {
			p.Kind = kind
		}
	}
	if p.Kind == PathGrowth {
		p.Measure, p.Decimals = percentMeasure, 1
	}
	inGrowth := p.Kind == PathGrowth || in.Kind == luoshi.Growth
	p.Aligned = p.Kind != PathSingle && inGrowth == course.Growth
	basis := basisOf(in)
	if p.Kind == PathSingle {
		basis = luoshi.Single
	}
	now, last := sn.cube.Year(in.Code, node, sn.year, basis), sn.cube.Year(in.Code, node, sn.year-1, basis)
	growth, grew := published(now), published(last)
	var askedBefore luoshi.Ratio
	for _, m := range in.Calendar.Ends() {
		point := PathPoint{Presence: luoshi.Present}
		point.Period, _ = in.Calendar.Period(sn.year, m, basis)
		point.Growth = growth[m-1]
		if p.Kind == PathGrowth {
			point.Actual, point.LastYear = growth[m-1], grew[m-1]
		} else {
			point.Actual, point.LastYear = luoshi.Unscaled(now.Amount[m-1], in.Decimals), luoshi.Unscaled(last.Amount[m-1], in.Decimals)
		}
		asked := course.Asked[m-1]
		due := luoshi.Ratio{}
		switch {
		case p.Aligned:
			due = asked
			point.Asked = shownAs(asked, inGrowth, p.Decimals)
			if course.Upper != nil {
				point.Upper = shownAs(course.Upper[m-1], inGrowth, p.Decimals)
			}
		case p.Kind == PathSingle && sn.additivePath(c, course):
			due = less(asked, askedBefore)
			point.Asked = shownAs(due, false, p.Decimals)
		}
		askedBefore = asked
		point.Gap = gapOf(point.Actual, due, inGrowth, p.Decimals)
		sn.attend(&point, in, node, m, basis)
		for _, j := range months {
			if p.Aligned && j.Period.To == m {
				point.Light = j.Light
			}
		}
		p.Points = append(p.Points, point)
	}
	if slices.ContainsFunc(p.Points, func(one PathPoint) bool { return one.Asked.Valid || one.Upper.Valid }) {
		p.Asked = lineOf(c, course)
	}
	return p
}

// additivePath reports whether the planned path parts into the periods' own tasks.
func (sn *snapshot) additivePath(c assess.Case, course assess.Course) bool {
	return c.Target != nil && !course.Growth && (c.Target.Form == luoshi.FormLevel || c.Target.Form == luoshi.FormAtLeast)
}

// attend fills in how settled a point's figure is, or why it is not there.
func (sn *snapshot) attend(point *PathPoint, in luoshi.Indicator, node, month int, basis luoshi.Basis) {
	v := sn.cube.Value(in.Code, node, point.Period, basis)
	point.Status, point.Sample = v.Status, v.Sample
	if point.Actual.Valid {
		return
	}
	if v.Amount.Valid || v.Growth.Valid {
		point.Presence = luoshi.NotAsked // the other number was published, this one was not
		return
	}
	p, _ := in.Calendar.Period(sn.year, month, luoshi.Cumulative)
	point.Presence = sn.absence(in, node, p)
}

// lineOf says what the asked line is.
func lineOf(c assess.Case, course assess.Course) string {
	switch {
	case c.Target == nil:
		return ""
	case c.Target.Form == luoshi.FormRelative:
		return "reference"
	case course.Growth:
		return "growth"
	case c.Target.Curve != nil && (c.Target.Form == luoshi.FormLevel || c.Target.Form == luoshi.FormDate):
		return "curve"
	case c.Target.Form == luoshi.FormAtMost:
		return "ceiling"
	case c.Target.Form == luoshi.FormBand, c.Target.Form == luoshi.FormAtLeast && !course.Straight:
		return "bound"
	case course.Straight:
		return "straight"
	}
	return "target"
}

// shownAs is a ratio as a quantity: percent as it stands, else units of the last
// place at the indicator's decimals.
func shownAs(r luoshi.Ratio, percent bool, decimals int) luoshi.NullQuantity {
	if !r.OK() {
		return luoshi.NullQuantity{}
	}
	if percent {
		q := r.Times(0, luoshi.GrowthDecimals)
		q.Decimal = q.Decimal.Trim(max(1, min(decimals, luoshi.GrowthDecimals)))
		return q
	}
	n := r.Times(0, 0)
	if !n.Valid {
		return n
	}
	return luoshi.Unscaled(scaled(n, 0), decimals)
}

// gapOf is actual − asked, exact and rounded once.
func gapOf(actual luoshi.NullQuantity, asked luoshi.Ratio, percent bool, decimals int) luoshi.NullQuantity {
	if !actual.Valid || !asked.OK() {
		return luoshi.NullQuantity{}
	}
	if percent {
		return minus(actual, shownAs(asked, true, decimals))
	}
	return shownAs(assess.Ahead(luoshi.Over(scaled(actual, decimals), 1), asked), false, decimals)
}

// less is a − b of two lines in units of the last place; before the first period
// nothing was asked.
func less(a, b luoshi.Ratio) luoshi.Ratio {
	switch {
	case !a.OK():
		return luoshi.Ratio{}
	case !b.OK():
		return a
	}
	return assess.Ahead(a, b)
}

func minus(a, b luoshi.NullQuantity) luoshi.NullQuantity {
	if !a.Valid || !b.Valid {
		return luoshi.NullQuantity{}
	}
	d, err := a.Decimal.Sub(b.Decimal)
	if err != nil {
		return luoshi.NullQuantity{}
	}
	return decimal.NullDecimal{Decimal: d, Valid: true}
}
