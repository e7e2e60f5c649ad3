package service

import (
	"strings"
	"time"

	"github.com/govalues/decimal"

	"luoshi.dev"
	"luoshi.dev/assess"
	"luoshi.dev/rollup"
)

// lateDays is how long after its due date a figure counts as late before it
// counts as missing.
const lateDays = 10

// basisOf is the basis on which an indicator is judged: flows by the year to
// date, everything else as it is reported.
func basisOf(in luoshi.Indicator) luoshi.Basis {
	if in.Kind == luoshi.Flow {
		return luoshi.Cumulative
	}
	return in.Basis
}

// value is the rolled-up figure of a period end, on the judging basis.
func (sn *snapshot) value(in luoshi.Indicator, node, year, month int) (rollup.Value, bool) {
	basis := basisOf(in)
	p, ok := in.Calendar.Period(year, month, basis)
	if !ok {
		return rollup.Value{}, false
	}
	return sn.cube.Value(in.Code, node, p, basis), true
}

// judge holds one unit's target of an indicator against its figures.
func (sn *snapshot) judge(code string, node int) luoshi.Judgement {
	return assess.Judge(sn.caseOf(code, node))
}

// explain adds to a judgement that will be read the rule in words.
func (sn *snapshot) explain(j *luoshi.Judgement) {
	if scheme, ok := sn.schemes[j.Proof.Scheme]; ok {
		j.Proof.SchemeName, j.Proof.Rule = scheme.Names, assess.Describe(scheme)
	}
}

// judgeThen judges as it would have stood on an earlier day had every figure come
// in by its due date: by what is known now of the newest period that was due by
// then, so that neither a revision nor a late report passes for a turn.
func (sn *snapshot) judgeThen(code string, node int, day luoshi.Date) luoshi.Judgement {
	c := sn.caseWithout(code, node, sn.schemeAt(code, node))
	sn.settleThrough(&c, node, day.End(), true)
	if c.Through == 0 { // nothing was due yet
		return luoshi.Judgement{Presence: luoshi.NotDue}
	}
	return assess.Judge(c)
}

func (sn *snapshot) caseOf(code string, node int) assess.Case {
	return sn.caseBy(code, node, sn.schemeAt(code, node))
}

// schemeAt is the rule that the target of a unit's indicator names.
func (sn *snapshot) schemeAt(code string, node int) luoshi.Scheme {
	if t := sn.targets[targetAt{code, sn.tree.Nodes[node].ID}]; t != nil {
		return sn.schemeOf(*t)
	}
	return luoshi.Scheme{}
}

// caseBy is the case of a unit's indicator by a rule, whichever its target names.
func (sn *snapshot) caseBy(code string, node int, scheme luoshi.Scheme) assess.Case {
	c := sn.caseWithout(code, node, scheme)
	sn.settleThrough(&c, node, sn.asOf, false)
	return c
}

// caseWithout is a case that is not settled on a period yet.
func (sn *snapshot) caseWithout(code string, node int, scheme luoshi.Scheme) assess.Case {
	in := sn.indicators[code]
	unit := sn.tree.Nodes[node]
	c := assess.Case{Indicator: in, Unit: unit.Names, Year: sn.year}
	c.Proof.Boundaries = sn.tree.On
	target := luoshi.Target{}
	if t := sn.targets[targetAt{code, unit.ID}]; t != nil {
		target = *t
		c.Target = t
		c.Proof.Target, c.Proof.TargetFrom = target.Revision, target.From
		c.Proof.Sample = target.Sample
	}
	c.Scheme = scheme
	now, last := sn.cube.Year(in.Code, node, sn.year, basisOf(in)), sn.cube.Year(in.Code, node, sn.year-1, basisOf(in))
	c.Actual, c.LastYear = now.Amount[:], last.Amount[:]
	c.Growth = published(now)
	if ref, ok := sn.tree.Find(target.Reference.Unit); ok && target.Reference.Unit != 0 {
		refIn := sn.indicators[target.Reference.Indicator]
		c.Reference = published(sn.cube.Year(refIn.Code, ref, sn.year, basisOf(refIn)))
		c.ReferenceName = sn.tree.Nodes[ref].Names
	}
	if asksAverage(scheme) && unit.Parent >= 0 {
		c.Average = make([]luoshi.NullQuantity, 12)
		for _, m := range in.Calendar.Ends() {
			c.Average[m-1] = sn.average(in, unit.Parent, m)
		}
	}
	return c
}

// asksAverage reports whether a rule looks at the growth of the siblings.
func asksAverage(scheme luoshi.Scheme) bool {
	return scheme.Kind == luoshi.ByGrowth || strings.Contains(scheme.YellowWhen, "average") || strings.Contains(scheme.RedWhen, "average")
}

// settleThrough names the newest period that is over (or is reported already),
// the state of its figure, and the versions behind the one that will be judged:
// while the newest figure is not due yet that is the one before it. Of an instant
// that is past, only what was due by then counts.
func (sn *snapshot) settleThrough(c *assess.Case, node int, asOf time.Time, past bool) {
	in := c.Indicator
	ends := in.Calendar.Ends()
	today := luoshi.DateOf(asOf)
	for i := len(ends) - 1; i >= 0; i-- {
		p, _ := in.Calendar.Period(sn.year, ends[i], luoshi.Cumulative)
		there := c.Actual[ends[i]-1] != luoshi.Missing || c.Growth[ends[i]-1].Valid
		if !there && p.LastDay() >= today || past && p.LastDay().AddDays(in.DueDays) > today {
			continue
		}
		v, _ := sn.value(in, node, sn.year, ends[i])
		if c.Through == 0 {
			c.Through, c.Due = ends[i], p.LastDay().AddDays(in.DueDays)
			c.Presence = luoshi.Present
			if !there && !v.PartialSum.Valid {
				c.Presence = luoshi.PresenceOf(p, in.DueDays, lateDays, asOf)
			}
			if c.Presence == luoshi.Due {
				continue
			}
			c.Partial = !there && v.PartialSum.Valid
		}
		c.Coverage = v.Coverage
		c.Proof.Status, c.Proof.Complete = v.Status, v.Coverage
		if c.Proof.Difference = v.Difference; v.Difference.Valid {
			c.Proof.Rolled = v.Rolled
		} else {
			c.Proof.Remainder = v.Remainder
		}
		c.Proof.Sample = c.Proof.Sample || v.Sample
		if v.Seq > 0 {
			c.Proof.Figures = []int64{v.Seq}
		}
		return
	}
	if c.Through == 0 {
		c.Presence = luoshi.NotDue
	}
}

// average is the growth that the siblings are held against: the parent's as
// published, else the plain mean of theirs.
func (sn *snapshot) average(in luoshi.Indicator, parent, month int) luoshi.NullQuantity {
	if v, _ := sn.value(in, parent, sn.year, month); v.Growth.Valid {
		return v.Growth
	}
	var all []luoshi.Quantity
	for _, c := range sn.tree.Children(parent) {
		if v, _ := sn.value(in, c, sn.year, month); v.Growth.Valid {
			all = append(all, v.Growth.Decimal)
		}
	}
	if len(all) == 0 {
		return luoshi.NullQuantity{}
	}
	mean, err := decimal.Mean(all...)
	if err != nil {
		return luoshi.NullQuantity{}
	}
	return luoshi.Some(mean)
}

// schemeOf is the rule that a target names, or none: then assess picks by form.
func (sn *snapshot) schemeOf(t luoshi.Target) luoshi.Scheme {
	if t.Scheme == "" {
		return luoshi.Scheme{}
	}
	return sn.schemes[t.Scheme]
}

// published are the growth rates of a year.
func published(y rollup.Year) []luoshi.NullQuantity {
	list := make([]luoshi.NullQuantity, 12)
	for m, g := range y.Growth {
		if g != luoshi.Missing {
			list[m] = asPublished(luoshi.Unscaled(g, luoshi.GrowthDecimals))
		}
	}
	return list
}

// asPublished takes the padding off a growth rate: one decimal, or as many as it
// has.
func asPublished(growth luoshi.NullQuantity) luoshi.NullQuantity {
	growth.Decimal = growth.Decimal.Trim(1)
	return growth
}

func blanks() []int64 {
	list := make([]int64, 12)
	for i := range list {
		list[i] = luoshi.Missing
	}
	return list
}

func scaled(q luoshi.NullQuantity, decimals int) int64 {
	if !q.Valid {
		return luoshi.Missing
	}
	v, err := luoshi.Scaled(q.Decimal, decimals)
	if err != nil {
		return luoshi.Missing
	}
	return v
}
