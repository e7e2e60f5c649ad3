package service

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"luoshi.dev"
)

// catchUpDocument is a plan as it is kept: its cells are integers at Decimals.
type catchUpDocument struct {
	From     luoshi.Date        `json:"from"`
	By       string             `json:"by"`
	Reason   string             `json:"reason"`
	Decimals int                `json:"decimals"`
	Hard     int                `json:"hard"`
	Total    int64              `json:"total"` // of the year, by the plan
	Target   int64              `json:"target"`
	Known    int64              `json:"known"`
	Months   []int              `json:"months"` // the ends of the periods planned
	Units    []catchUpUnitCells `json:"units"`
	Query    CatchUpQuery       `json:"query"` // what was given
}

type catchUpUnitCells struct {
	Unit  luoshi.UnitID `json:"unit"`
	Own   bool          `json:"own,omitempty"`
	Cells []int64       `json:"cells"` // by month
}

// document is the plan to be kept.
func (c *closing) document(from luoshi.Date, by string) catchUpDocument {
	b := c.base
	q := c.q
	q.Beside, q.Seen, q.Against = nil, 0, ""
	d := catchUpDocument{From: from, By: by, Reason: c.q.Reason, Decimals: b.in.Decimals, Hard: c.plan.Hard(), Target: c.total, Known: c.total - c.spec.Needed, Months: b.months, Query: q}
	d.Total = d.Known + c.plan.Sum
	for i, p := range b.parts {
		u := catchUpUnitCells{Unit: b.sn.tree.Nodes[p.node].ID, Own: p.own}
		for _, end := range b.months {
			u.Cells = append(u.Cells, c.plan.Grid.Cells[i][end-1])
		}
		d.Units = append(d.Units, u)
	}
	return d
}

// CatchUpPlan is a plan that was put in force once.
type CatchUpPlan struct {
	Batch      int64               `json:"batch"` // to take it back by
	From       luoshi.Date         `json:"from"`
	RecordedAt time.Time           `json:"recorded_at"`
	By         string              `json:"by"`
	Reason     string              `json:"reason"`
	Total      luoshi.NullQuantity `json:"total"` // of the year, by the plan
	Number     int                 `json:"number"`
	InForce    bool                `json:"in_force"`
	Query      CatchUpQuery        `json:"query"` // what was given, to go on from
	mark       luoshi.CatchUp
	doc        catchUpDocument
}

// catchUps lists the plans of an indicator at a node, the newest first. In force is the
// newest that has begun, was not taken back, and whose months some target still has.
func (sn *snapshot) catchUps(in luoshi.Indicator, node int) []CatchUpPlan {
	var list []CatchUpPlan
	unit, today := sn.tree.Nodes[node].ID, luoshi.DateOf(sn.asOf)
	back, found := 0, false
	for _, mark := range slices.Backward(sn.plan.catchUps) {
		if mark.Indicator != in.Code || mark.Unit != unit || mark.Year != sn.year {
			continue
		}
		p := CatchUpPlan{Batch: mark.Batch, RecordedAt: time.UnixMicro(mark.RecordedAt).In(luoshi.Zone), mark: mark}
		if mark.Plan == "" { // the newest before it that holds was taken back
			back++
			continue
		}
		if json.Unmarshal([]byte(mark.Plan), &p.doc) != nil {
			continue
		}
		p.From, p.By, p.Reason, p.Total, p.Query = p.doc.From, p.doc.By, p.doc.Reason, luoshi.Unscaled(p.doc.Total, p.doc.Decimals), p.doc.Query
		revised, holds := 0, 0
		for i := range sn.plan.targets {
			t := &sn.plan.targets[i]
			if t.RecordedAt.UnixMicro() != mark.RecordedAt || t.Indicator != in.Code || t.FirstYear != sn.year {
				continue
			}
			revised++
			if t.Unit == unit {
				p.Number = t.Revision
			}
			if now := sn.targets[targetAt{in.Code, t.Unit}]; now != nil && sameTarget(*now, *t) {
				holds++
			}
		}
		p.InForce = !found && back == 0 && p.From <= today && (revised == 0 || holds > 0)
		list, back, found = append(list, p), max(0, back-1), found || p.InForce
	}
	return list
}

// keeping holds the plan in force against what has come in since; nil without one.
func (sn *snapshot) keeping(in luoshi.Indicator, node int, plans []CatchUpPlan) *CatchUpKeeping {
	i := slices.IndexFunc(plans, func(p CatchUpPlan) bool { return p.InForce })
	if i < 0 {
		return nil
	}
	p := plans[i]
	k := &CatchUpKeeping{Number: p.Number, Plan: p,
		Version: PlanVersion{ID: fmt.Sprintf("%d-%d", p.From, p.mark.RecordedAt), From: p.From, RecordedAt: p.RecordedAt, By: p.By, Reason: p.Reason, Units: len(p.doc.Units), InForce: true}}
	sum := make([]int64, len(p.doc.Months))
	for _, u := range p.doc.Units {
		for j := range sum {
			sum[j] += u.Cells[j]
		}
		at, here := sn.tree.Find(u.Unit)
		if !here || u.Own || at == node {
			continue
		}
		k.Rows = append(k.Rows, sn.keptRow(in, at, p.doc, u.Cells))
	}
	k.Whole = sn.keptRow(in, node, p.doc, sum)
	key := "catchupplan.keeping"
	behind := scaled(k.Whole.Behind, in.Decimals)
	switch {
	case k.Whole.Kept+k.Whole.Missed == 0:
		key += ".new"
	case behind > 0:
		key += ".behind"
	case behind < 0:
		key += ".ahead"
	default:
		key += ".even"
	}
	ends := 0
	for _, r := range k.Rows {
		if b := scaled(r.Behind, in.Decimals); there(b) && b > 0 {
			ends++
		}
	}
	k.Lagging = ends
	k.Says = luoshi.Say(key, "n", k.Whole.Kept+k.Whole.Missed, "kept", k.Whole.Kept, "from", p.From, "gap", luoshi.Unscaled(max(behind, -behind), in.Decimals), "lagging", ends)
	return k
}

// keptRow is one unit under a plan: months at the plan's decimals brought to the
// indicator's, which never become fewer.
func (sn *snapshot) keptRow(in luoshi.Indicator, node int, doc catchUpDocument, cells []int64) CatchUpKeptRow {
	row := CatchUpKeptRow{Unit: sn.ref(node), Person: sn.charged(in.Code, node)}
	if t := sn.targets[targetAt{in.Code, sn.tree.Nodes[node].ID}]; t != nil {
		row.Revision = t.Revision
	}
	single, sums := sn.cube.Year(in.Code, node, sn.year, luoshi.Single).Amount, sn.cube.Year(in.Code, node, sn.year, luoshi.Cumulative).Amount
	show := func(v int64) luoshi.NullQuantity { return luoshi.Unscaled(v, in.Decimals) }
	times := int64(1)
	for range in.Decimals - doc.Decimals {
		times *= 10
	}
	planned, reported, behind, any, whole := int64(0), int64(0), int64(0), false, true
	before := 0 // the end of the period before
	for _, end := range in.Calendar.Ends() {
		if end < doc.Months[0] {
			before = end
		}
	}
	for j, end := range doc.Months {
		want := cells[j] * times
		planned += want
		one := CatchUpKept{Period: luoshi.Period{Year: sn.year, From: before + 1, To: end}, Planned: show(want), SumPlan: show(planned)}
		before = end
		got := single[end-1]
		if !there(got) && end == 2 && one.Period.From == 1 {
			got = sums[1]
		}
		if there(got) {
			any = true
			reported += got
			one.Reported, one.By = show(got), show(got-want)
			if one.Kept = (got-want)*int64(doc.Hard) >= 0; one.Kept {
				row.Kept++
			} else {
				row.Missed++
			}
			if whole {
				one.SumKnown = show(reported)
			}
			behind += (want - got) * int64(doc.Hard)
		} else {
			whole = false
		}
		row.Months = append(row.Months, one)
	}
	if any {
		row.Behind = show(behind)
	}
	return row
}

// unitsOf are the units that a plan asks something of.
func unitsOf(mark luoshi.CatchUp) (list []luoshi.UnitID) {
	var doc catchUpDocument
	if json.Unmarshal([]byte(mark.Plan), &doc) != nil {
		return nil
	}
	for _, u := range doc.Units {
		if !u.Own {
			list = append(list, u.Unit)
		}
	}
	return list
}
