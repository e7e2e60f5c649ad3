package service

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/office"
	"luoshi.dev/internal/store"
	"luoshi.dev/workflow"
)

// moved reports how a unit's target would change; false where it would not.
func (h *handing) moved(node int) (luoshi.Target, PlanChange, bool) {
	got, unit := h.tried[node], h.sn.tree.Nodes[node]
	old := h.promise(node)
	t := luoshi.Target{Indicator: h.in.Code, Unit: unit.ID, FirstYear: h.sn.year, LastYear: h.sn.year, Form: luoshi.FormLevel}
	c := PlanChange{Unit: h.sn.ref(node), Next: 1}
	if top := h.promise(h.node); top != nil {
		t.Sample = top.Sample
	}
	if old != nil {
		t.Owner, t.Scheme, t.Reserve, t.Sample = old.Owner, old.Scheme, old.Reserve, old.Sample
		c.Before, c.Next = old.Value, old.Revision+1
	}
	c.After = luoshi.Unscaled(got.total, h.in.Decimals).Decimal
	t.Value = luoshi.Some(c.After)
	if c.Before.Valid {
		c.By = luoshi.Unscaled(got.total-scaled(c.Before, h.in.Decimals), h.in.Decimals)
	}
	kept := false
	if _, split := h.levels[node]; split && got.reserve != luoshi.Missing && (got.reserve != 0 || t.Reserve.Valid) {
		kept = !t.Reserve.Valid || scaled(t.Reserve, h.in.Decimals) != got.reserve
		t.Reserve = luoshi.Unscaled(got.reserve, h.in.Decimals)
	}
	if !got.plain && h.in.OverTime == luoshi.TimeSum && h.calendar != luoshi.Yearly {
		t.Curve = h.cumulated(got.months)
		c.Curve = !slices.Equal(h.singles(old), got.months)
	}
	return t, c, old == nil || c.Before.Decimal.Cmp(c.After) != 0 || kept || c.Curve
}

// cumulated is the planned year to date by month.
func (h *handing) cumulated(months []int64) []luoshi.NullQuantity {
	curve, sum := make([]luoshi.NullQuantity, 12), int64(0)
	for _, end := range h.calendar.Ends() {
		sum += months[end-1]
		curve[end-1] = luoshi.Unscaled(sum, h.in.Decimals)
	}
	return curve
}

// all visits the units that would have something, from the top down.
func (h *handing) all(visit func(t luoshi.Target, c PlanChange, moves bool)) {
	for node := h.node; node < h.sn.tree.Nodes[h.node].End; node++ {
		if h.tried[node].months != nil {
			visit(h.moved(node))
		}
	}
}

// changes lists what would change, from the top down.
func (h *handing) changes() []PlanChange {
	var list []PlanChange
	h.all(func(_ luoshi.Target, c PlanChange, moves bool) {
		if moves {
			list = append(list, c)
		}
	})
	return list
}

// blocked reports whether something given cannot be, or a level does not exist.
func (h *handing) blocked() bool {
	if len(h.refused) > 0 {
		return true
	}
	for _, l := range h.levels {
		if luoshi.Blocked(l.problems) {
			return true
		}
	}
	return false
}

// Enforced says what was put in force.
type Enforced struct {
	Sheet   *CascadeSheet
	Changes []PlanChange
	From    luoshi.Date
	Before  string // the version that was in force, to put back
}

// Enforce saves a split as the next revision of each target that it changes. It
// needs a reason: what was promised before stays on record beside it. A split with
// blocking problems is not saved and comes back with them.
func (s *Service) Enforce(ctx context.Context, q CascadeQuery, by string) (*Enforced, error) {
	q.ToWrite = true
	v, err := s.CascadeSheet(ctx, q)
	if err != nil {
		return nil, err
	}
	done := &Enforced{Sheet: v, From: v.From}
	if v.Why.Key != "" {
		return nil, &luoshi.Error{Code: luoshi.Invalid, Message: v.Why}
	}
	h := v.handing
	if h.blocked() {
		return done, nil
	}
	if q.Reason == "" {
		return nil, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("target.reason", "indicator", v.Name)}
	}
	if done.Before, err = s.unchanged(ctx, q, h); err != nil {
		return nil, err
	}
	by = clerk(ctx, by)
	var targets []luoshi.Target
	h.all(func(t luoshi.Target, c PlanChange, moves bool) {
		if !moves {
			return
		}
		if old := h.promise(h.at(t.Unit)); old != nil && old.From > v.From && err == nil {
			err = &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("cascadepage.from_early", "unit", c.Unit.Name, "from", old.From, "day", v.From)}
		}
		t.Reason, t.From, t.By = q.Reason, v.From, by
		targets, done.Changes = append(targets, t), append(done.Changes, c)
	})
	if err != nil {
		return nil, err
	}
	if len(targets) == 0 {
		return nil, &luoshi.Error{Code: luoshi.Conflict, Message: luoshi.Say("cascadepage.nothing")}
	}
	return done, s.enact(ctx, h.sn, h.node, targets, q.Reason)
}

// enact saves targets of one indicator as one change of the plan at a node, which
// the history shows and can take back.
func (s *Service) enact(ctx context.Context, sn *snapshot, node int, targets []luoshi.Target, reason string) error {
	at, by := s.now(), targets[0].By
	for i := range targets {
		if err := allowed(ctx, workflow.SetTarget, targets[i].Unit); err != nil {
			return err
		}
		targets[i].RecordedAt = at
	}
	defer s.refresher.touch(nil)
	return s.store.Write(ctx, func(tx *store.Tx) error {
		batch, err := tx.NewBatch(ctx, store.Batch{Name: targets[0].Indicator, Kind: "change", By: by, At: at, Note: reason, Rows: int64(len(targets))})
		if err != nil {
			return err
		}
		if err := tx.AddTargets(ctx, targets); err != nil {
			return err
		}
		w := &written{targets: targets}
		e := newContrast(sn.plan, w).event(ctx, w, batch, reason)
		e.Object, e.Unit = planObject(targets[0], sn.tree.Nodes[node].Code), sn.tree.Nodes[node].ID
		tx.Record(e)
		return nil
	})
}

// planObject is how events name the plan of an indicator at a unit: the targets of
// the unit and of those below it.
func planObject(t luoshi.Target, unit string) string {
	return "plan" + strings.TrimPrefix(TargetObject(t.Indicator, unit, t.FirstYear, t.LastYear), "target")
}

// EnforceTrial is what putting a sheet in force would do: to which targets, and to
// which lights as of now.
type EnforceTrial struct {
	*CascadeSheet
	Effect *Effect `json:"effect,omitempty"` // nil where nothing would change or it cannot be
}

// TryEnforce says what putting a sheet in force would do. It saves nothing.
func (s *Service) TryEnforce(ctx context.Context, q CascadeQuery) (*EnforceTrial, error) {
	v, err := s.CascadeSheet(ctx, q)
	if err != nil {
		return nil, err
	}
	trial := &EnforceTrial{CascadeSheet: v}
	if v.Why.Key != "" || len(v.Changes) == 0 || v.handing.blocked() {
		return trial, nil
	}
	var c Change
	v.handing.all(func(t luoshi.Target, p PlanChange, moves bool) {
		if moves {
			t.From = v.From
			c.Targets = append(c.Targets, revised(t, p.Unit.Code))
		}
	})
	look := q.Look
	look.AsOf = time.Time{}
	trial.Effect, err = s.Try(ctx, look, c)
	return trial, err
}

// revised is a target as a change has it that is only tried: its reason is still to come.
func revised(t luoshi.Target, unit string) TargetRow {
	return TargetRow{Indicator: t.Indicator, UnitCode: unit, FirstYear: t.FirstYear, LastYear: t.LastYear, Form: t.Form, Value: t.Value, Reserve: t.Reserve,
		Curve: t.Curve, Owner: t.Owner, Scheme: t.Scheme, Reason: "…", From: t.From}
}

// PutInForce is Enforce over the units directly below, with the plan that it saves.
func (s *Service) PutInForce(ctx context.Context, q CascadeQuery, by string) (*CascadePlan, error) {
	q.Open, q.Split = nil, nil
	plan, err := s.Cascade(ctx, q)
	if err != nil || luoshi.Blocked(plan.Problems) {
		return plan, err
	}
	_, err = s.Enforce(ctx, q, by)
	return plan, err
}

func (h *handing) at(unit luoshi.UnitID) int {
	i, _ := h.sn.tree.Find(unit)
	return i
}

// unchanged refuses where the plan has been revised since it was looked at, or is
// shown by boundaries that are not the plan's. It names the version in force.
func (s *Service) unchanged(ctx context.Context, q CascadeQuery, h *handing) (string, error) {
	present := q.Look
	present.AsOf, present.Year = time.Time{}, h.sn.year
	now, err := s.snapshot(ctx, s.settle(present))
	if err != nil {
		return "", err
	}
	node, err := now.unitOf(h.sn.tree.Nodes[h.node].Code)
	if err != nil {
		return "", err
	}
	for _, t := range now.plan.targets {
		if _, here := now.tree.Find(t.Unit); !here && t.Indicator == h.in.Code && t.FirstYear == now.year && t.LastYear == now.year {
			return "", &luoshi.Error{Code: luoshi.Conflict, Message: luoshi.Say("cascadepage.boundaries", "day", now.tree.On)}
		}
	}
	versions, seen := now.versions(h.in, node)
	_, known := h.sn.versions(h.in, h.node)
	if q.Seen != 0 {
		known = q.Seen
	}
	if seen > known {
		return "", &luoshi.Error{Code: luoshi.Conflict, Message: luoshi.Say("cascadepage.revised", "by", versions[0].By, "at", versions[0].RecordedAt, "reason", versions[0].Reason)}
	}
	if len(versions) == 0 {
		return "", nil
	}
	return versions[0].ID, nil
}

// write writes a split as a workbook of targets, to be changed and read again.
func (h *handing) write(w io.Writer, q CascadeQuery, from luoshi.Date, lang string) error {
	d := &office.Draft{}
	add := func(node int, t luoshi.Target) {
		unit := h.sn.tree.Nodes[node]
		d.Targets = append(d.Targets, office.TargetRow{
			Indicator: t.Indicator, UnitCode: unit.Code, UnitName: unit.Names.Hans, FirstYear: t.FirstYear, LastYear: t.LastYear, Form: t.Form,
			Value: t.Value, Reserve: t.Reserve, Curve: t.Curve, Owner: t.Owner, Scheme: t.Scheme, Reason: q.Reason, From: from, Sample: t.Sample,
		})
	}
	for node := h.node + 1; node < h.sn.tree.Nodes[h.node].End; node++ {
		got, tried := h.tried[node]
		old := h.promise(node)
		switch {
		case tried && got.months != nil:
			t, _, _ := h.moved(node)
			if t.Curve == nil && h.in.OverTime == luoshi.TimeSum {
				t.Curve = h.cumulated(got.months)
			}
			add(node, t)
		case len(h.tried) == 0 && old != nil && (h.sn.tree.Nodes[node].Parent == h.node || slices.Contains(q.Open, h.code(h.sn.tree.Nodes[node].Parent))):
			add(node, *old)
		}
	}
	return office.WriteWorkbook(w, d, lang)
}

func (h *handing) code(node int) string {
	if node < 0 {
		return ""
	}
	return h.sn.tree.Nodes[node].Code
}

// Workbook writes a sheet that was asked for ToWrite as a workbook of targets.
func (s *Service) Workbook(w io.Writer, v *CascadeSheet, q CascadeQuery, lang string) error {
	if v.handing == nil && v.Why.Key == "" {
		return fmt.Errorf("workbook of %s: the sheet was asked for to be shown", v.Code)
	}
	if v.handing == nil {
		return &luoshi.Error{Code: luoshi.Invalid, Message: v.Why}
	}
	return v.handing.write(w, q, v.From, lang)
}
