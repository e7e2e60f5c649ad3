package service

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"luoshi.dev"
)

// PlanVersion is a revision of the plan of one indicator: the targets of a unit and
// of those below it that were decided together.
type PlanVersion struct {
	ID         string       `json:"id"`
	From       luoshi.Date  `json:"from"`
	RecordedAt time.Time    `json:"recorded_at"`
	By         string       `json:"by"`
	Reason     string       `json:"reason"`
	Source     string       `json:"source"`
	Units      int          `json:"units"`
	Only       luoshi.Names `json:"only"` // the unit, where it is one
	InForce    bool         `json:"in_force"`
}

// versions lists the revisions of an indicator's plan below a node, the newest
// first, and the instant of the newest.
func (sn *snapshot) versions(in luoshi.Indicator, node int) (list []PlanVersion, seen int64) {
	today := luoshi.DateOf(sn.asOf)
	for i := range sn.plan.targets {
		t := &sn.plan.targets[i]
		if !sn.planned(t, in, node) {
			continue
		}
		at := t.RecordedAt.UnixMicro()
		seen = max(seen, at)
		id := versionID(t)
		k := slices.IndexFunc(list, func(v PlanVersion) bool { return v.ID == id && v.By == t.By && v.Reason == t.Reason })
		if k < 0 {
			k = len(list)
			list = append(list, PlanVersion{ID: id, From: t.From, RecordedAt: t.RecordedAt, By: t.By, Reason: t.Reason, Source: t.Source})
		}
		list[k].Units++
		list[k].Only = luoshi.Names{}
		if i, ok := sn.tree.Find(t.Unit); ok && list[k].Units == 1 {
			list[k].Only = sn.tree.Nodes[i].Names
		}
	}
	slices.SortStableFunc(list, func(a, b PlanVersion) int {
		return cmp.Or(cmp.Compare(b.From, a.From), b.RecordedAt.Compare(a.RecordedAt))
	})
	if k := slices.IndexFunc(list, func(v PlanVersion) bool { return v.From <= today }); k >= 0 {
		list[k].InForce = true
	}
	return list, seen
}

// planned reports whether a target belongs to the year's plan at or below a node.
func (sn *snapshot) planned(t *luoshi.Target, in luoshi.Indicator, node int) bool {
	if t.Indicator != in.Code || t.FirstYear != sn.year || t.LastYear != sn.year || t.Form != luoshi.FormLevel {
		return false
	}
	i, ok := sn.tree.Find(t.Unit)
	return ok && i >= node && i < sn.tree.Nodes[node].End
}

func versionID(t *luoshi.Target) string {
	return fmt.Sprintf("%d-%d", t.From, t.RecordedAt.UnixMicro())
}

// stateAt is the target of every unit at or below a node as a version left it.
func (sn *snapshot) stateAt(in luoshi.Indicator, node int, id string) (map[luoshi.UnitID]*luoshi.Target, bool) {
	from, recorded, ok := strings.Cut(id, "-")
	day, err := strconv.Atoi(from)
	at, err2 := strconv.ParseInt(recorded, 10, 64)
	if !ok || err != nil || err2 != nil {
		return nil, false
	}
	state := map[luoshi.UnitID]*luoshi.Target{}
	for i := range sn.plan.targets {
		t := &sn.plan.targets[i]
		if sn.planned(t, in, node) && t.From <= luoshi.Date(day) && t.RecordedAt.UnixMicro() <= at && t.Supersedes(state[t.Unit]) {
			state[t.Unit] = t
		}
	}
	return state, len(state) > 0
}

// PlanCompare is two versions of a plan side by side.
type PlanCompare struct {
	Frame
	Code     string          `json:"indicator"`
	Name     luoshi.Names    `json:"name"`
	Measure  luoshi.Measure  `json:"measure"`
	Decimals int             `json:"decimals"`
	Versions []PlanVersion   `json:"versions"`
	A, B     PlanVersion     // the earlier and the later
	Columns  []luoshi.Period `json:"columns"`
	Rows     []CompareRow    `json:"rows"`
	Differ   int             `json:"differ"` // units whose target or curve differs
}

// weight tells how much a comparison holds: mostly its cells.
func (v *PlanCompare) weight() int {
	return len(v.Rows)*(500+48*len(v.Columns)) + 200*len(v.Versions)
}

// CompareRow is one unit in both versions.
type CompareRow struct {
	Unit               UnitRef               `json:"unit"`
	Depth              int                   `json:"depth"`
	A, B               luoshi.NullQuantity   // the year
	RevA, RevB         int                   // numbers of the revisions
	By                 luoshi.NullQuantity   `json:"by"`
	Share              luoshi.Ratio          `json:"-"` // By / A
	ReserveA, ReserveB luoshi.NullQuantity   // of a unit that hands down
	MonthsA, MonthsB   []luoshi.NullQuantity // single periods
	Differs            bool                  `json:"differs"`
}

// CompareQuery chooses two versions; "" takes the two newest.
type CompareQuery struct {
	Look
	Indicator string
	A, B      string
}

// ComparePlans puts two versions side by side: the unit and those directly below,
// and whatever below them differs.
func (s *Service) ComparePlans(ctx context.Context, q CompareQuery) (*PlanCompare, error) {
	return kept(ctx, s, q.Look, "plans "+q.Indicator+" "+q.A+" "+q.B, func(ctx context.Context, sn *snapshot) (*PlanCompare, error) {
		return s.comparePlans(ctx, sn, q)
	})
}

func (s *Service) comparePlans(ctx context.Context, sn *snapshot, q CompareQuery) (*PlanCompare, error) {
	node, err := sn.unitOf(q.Unit)
	if err != nil {
		return nil, err
	}
	in, ok := sn.indicators[q.Indicator]
	if !ok || node < 0 {
		return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("import.indicator_unknown", "code", q.Indicator)}
	}
	v := &PlanCompare{Code: in.Code, Name: in.Names, Measure: in.Measure, Decimals: in.Decimals}
	if v.Frame, err = s.frame(ctx, sn, node); err != nil {
		return nil, err
	}
	v.Versions, _ = sn.versions(in, node)
	if len(v.Versions) == 0 {
		return v, nil
	}
	a, b := min(1, len(v.Versions)-1), 0
	for _, pick := range []struct {
		id string
		at *int
	}{{q.A, &a}, {q.B, &b}} {
		if pick.id == "" {
			continue
		}
		if *pick.at = slices.IndexFunc(v.Versions, func(o PlanVersion) bool { return o.ID == pick.id }); *pick.at < 0 {
			return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("cascadepage.no_version", "text", pick.id)}
		}
	}
	if a < b { // the list is newest first
		a, b = b, a
	}
	v.A, v.B = v.Versions[a], v.Versions[b]
	h, err := s.handing(ctx, sn, node, in, CascadeQuery{Look: q.Look, Indicator: in.Code, Years: 1})
	if err != nil {
		return nil, err
	}
	h.compare(v)
	return v, nil
}

func (h *handing) compare(v *PlanCompare) {
	sn := h.sn
	before, _ := sn.stateAt(h.in, h.node, v.A.ID)
	after, _ := sn.stateAt(h.in, h.node, v.B.ID)
	if h.in.OverTime == luoshi.TimeSum {
		for _, m := range h.calendar.Ends() {
			p, _ := h.calendar.Period(sn.year, m, luoshi.Single)
			v.Columns = append(v.Columns, p)
		}
	}
	for i := h.node; i < sn.tree.Nodes[h.node].End; i++ {
		id := sn.tree.Nodes[i].ID
		a, b := before[id], after[id]
		if a == nil && b == nil {
			continue
		}
		row := CompareRow{Unit: sn.ref(i), Depth: sn.tree.Nodes[i].Depth - sn.tree.Nodes[h.node].Depth, Differs: a == nil || b == nil || !sameTarget(*a, *b)}
		if row.Depth > 1 && !row.Differs {
			continue
		}
		v.Sample = v.Sample || a != nil && a.Sample || b != nil && b.Sample
		if row.Differs {
			v.Differ++
		}
		row.A, row.RevA, row.ReserveA, row.MonthsA = h.side(a, len(v.Columns))
		row.B, row.RevB, row.ReserveB, row.MonthsB = h.side(b, len(v.Columns))
		if row.A.Valid && row.B.Valid {
			x, y := scaled(row.A, h.in.Decimals), scaled(row.B, h.in.Decimals)
			row.By, row.Share = luoshi.Unscaled(y-x, h.in.Decimals), luoshi.Over(y-x, x)
		}
		v.Rows = append(v.Rows, row)
	}
}

// side is one version of a unit's target.
func (h *handing) side(t *luoshi.Target, columns int) (value luoshi.NullQuantity, revision int, reserve luoshi.NullQuantity, months []luoshi.NullQuantity) {
	if t == nil {
		return value, 0, reserve, h.months(nil, columns)
	}
	return t.Value, t.Revision, t.Reserve, h.months(h.singles(t), columns)
}

// Restored says what putting a version back did.
type Restored struct {
	Count  int    // targets with a new revision
	Left   int    // units that had no target then and keep theirs: a promise is revised, never unsaid
	Before string // the version that was in force, to put back
	From   luoshi.Date
}

// RestorePlan puts a version of a plan back in force: every target at or below the
// unit that differs from it gets a new revision that says what the version said.
func (s *Service) RestorePlan(ctx context.Context, q CascadeQuery, version, by string) (*Restored, error) {
	look := q.Look
	look.AsOf = time.Time{}
	sn, node, err := s.stand(ctx, look)
	if err != nil {
		return nil, err
	}
	in, ok := sn.indicators[q.Indicator]
	if !ok || node < 0 {
		return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("import.indicator_unknown", "code", q.Indicator)}
	}
	then, ok := sn.stateAt(in, node, version)
	if !ok {
		return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("cascadepage.no_version", "text", version)}
	}
	if q.Reason == "" {
		return nil, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("target.reason", "indicator", in.Names)}
	}
	versions, _ := sn.versions(in, node)
	done := &Restored{Before: versions[0].ID, From: s.dayOf(q)}
	now, _ := sn.stateAt(in, node, done.Before)
	by = clerk(ctx, by)
	var targets []luoshi.Target
	for i := node; i < sn.tree.Nodes[node].End; i++ {
		id := sn.tree.Nodes[i].ID
		a, b := then[id], now[id]
		switch {
		case a == nil && b != nil:
			done.Left++
		case a != nil && (b == nil || !sameTarget(*a, *b)):
			t := *a
			t.Revision, t.RecordedAt, t.Reason, t.By, t.From = 0, time.Time{}, q.Reason, by, done.From
			if b != nil { // it must come after what it takes the place of
				t.From = max(t.From, b.From)
			}
			targets = append(targets, t)
		}
	}
	if done.Count = len(targets); done.Count == 0 {
		return nil, &luoshi.Error{Code: luoshi.Conflict, Message: luoshi.Say("cascadepage.nothing")}
	}
	return done, s.enact(ctx, sn, node, targets, q.Reason)
}
