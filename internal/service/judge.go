package service

import (
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

func (sn *snapshot) caseOf(code string, node int) assess.Case {
	in := sn.indicators[code]
	unit := sn.tree.Nodes[node]
	c := assess.Case{
		Indicator: in, Unit: unit.Names, Year: sn.year,
		Actual: blanks(), LastYear: blanks(), Growth: make([]luoshi.NullQuantity, 12),
		Reference: make([]luoshi.NullQuantity, 12), Average: make([]luoshi.NullQuantity, 12),
	}
	c.Proof.Boundaries = sn.tree.On
	target, has := sn.targets[targetAt{code, unit.ID}]
	if has {
		c.Target = &target
		c.Proof.Target, c.Proof.TargetFrom = target.Revision, target.From
		c.Proof.Sample = target.Sample
	}
	c.Scheme = sn.schemeOf(target)
	c.Proof.Scheme = c.Scheme.Code
	refNode, refIn := -1, luoshi.Indicator{}
	if target.Reference.Unit != 0 {
		if i, ok := sn.tree.Find(target.Reference.Unit); ok {
			refNode, refIn = i, sn.indicators[target.Reference.Indicator]
		}
	}
	for _, m := range in.Calendar.Ends() {
		now, _ := sn.value(in, node, sn.year, m)
		c.Actual[m-1] = scaled(now.Amount, in.Decimals)
		c.Growth[m-1] = now.Growth
		last, _ := sn.value(in, node, sn.year-1, m)
		c.LastYear[m-1] = scaled(last.Amount, in.Decimals)
		if refNode >= 0 {
			ref, _ := sn.value(refIn, refNode, sn.year, m)
			c.Reference[m-1] = ref.Growth
		}
		if c.Scheme.Kind == luoshi.ByGrowth && unit.Parent >= 0 {
			c.Average[m-1] = sn.average(in, unit.Parent, m)
		}
	}
	sn.settleThrough(&c, node)
	return c
}

// settleThrough finds the period to judge by: the newest closed one if its figure
// is there, the one before while the figure is not due yet, else none, and says
// what is the matter.
func (sn *snapshot) settleThrough(c *assess.Case, node int) {
	in := c.Indicator
	ends := in.Calendar.Ends()
	today := luoshi.DateOf(sn.asOf)
	c.Presence = luoshi.NotDue
	for i := len(ends) - 1; i >= 0; i-- {
		p, _ := in.Calendar.Period(sn.year, ends[i], luoshi.Cumulative)
		v, _ := sn.value(in, node, sn.year, ends[i])
		there := v.Amount.Valid || v.Growth.Valid
		if !there && p.LastDay() >= today {
			continue
		}
		if !there && !v.PartialSum.Valid {
			state := luoshi.PresenceOf(p, in.DueDays, lateDays, sn.asOf)
			if state == luoshi.Due {
				continue
			}
			c.Presence = state
		} else {
			c.Presence = luoshi.Present
			c.Partial = !there
		}
		c.Through, c.Coverage = ends[i], v.Coverage
		c.Proof.Status, c.Proof.Complete = v.Status, v.Coverage
		c.Proof.Sample = c.Proof.Sample || v.Sample
		if v.Seq > 0 {
			c.Proof.Figures = []int64{v.Seq}
		}
		return
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

// schemeOf is the rule of a target: its own, else by pace for levels and by its
// form for every other promise.
func (sn *snapshot) schemeOf(t luoshi.Target) luoshi.Scheme {
	if sc, ok := sn.schemes[t.Scheme]; ok && t.Scheme != "" {
		return sc
	}
	if t.Form == luoshi.FormLevel || t.Form == luoshi.FormDate || t.Form == "" {
		return sn.schemes[defaultPace]
	}
	return sn.schemes[defaultForm]
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
