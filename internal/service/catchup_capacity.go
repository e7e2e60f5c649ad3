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
	"luoshi.dev/internal/store"
	"luoshi.dev/workflow"
)

// CapacityStatement is what a unit states that it can bring of an indicator at most,
// by the month in which a period ends; an absent amount takes a statement back.
type CapacityStatement struct {
	Look      `json:"-"`
	Indicator string                      `json:"indicator"`
	Of        string                      `json:"unit"` // code
	Most      map[int]luoshi.NullQuantity `json:"most"`
	Reason    string                      `json:"reason"`
}

// CapacityCard is what a unit has stated of an indicator in a year.
type CapacityCard struct {
	Frame
	Indicator IndicatorHead  `json:"indicator"`
	Of        UnitRef        `json:"of"`
	Rows      []CapacityRow  `json:"rows"` // the periods of the year
	Facts     []CapacityFact `json:"facts"`
	Written   int            `json:"written"` // by the statement just made
	Batch     int64          `json:"batch"`
}

// CapacityRow is one period.
type CapacityRow struct {
	Period   luoshi.Period       `json:"period"`
	Reported luoshi.NullQuantity `json:"reported"`
	LastYear luoshi.NullQuantity `json:"last_year"`
	Stated   *CapacityRef        `json:"stated,omitempty"` // as it holds
}

// CapacityFact is one statement, the newest first.
type CapacityFact struct {
	Period luoshi.Period       `json:"period"`
	Most   luoshi.NullQuantity `json:"most"` // absent: taken back
	Reason string              `json:"reason"`
	At     int64               `json:"at"` // microseconds
	By     PersonRef           `json:"by"`
	Holds  bool                `json:"holds"`
}

func capacityField(month int) string { return "m" + strconv.Itoa(month) }

// stated is what a unit has stated of the year, by month; nil where nothing holds.
func (sn *snapshot) stated(code string, unit luoshi.UnitID) map[int]luoshi.Capacity {
	var by map[int]luoshi.Capacity
	for _, c := range sn.plan.capacities { // the oldest first
		if c.Indicator != code || c.Unit != unit || c.Year != sn.year {
			continue
		}
		if by == nil {
			by = map[int]luoshi.Capacity{}
		}
		if by[c.Month] = c; !c.Most.Valid {
			delete(by, c.Month)
		}
	}
	return by
}

func (sn *snapshot) capacityRef(c luoshi.Capacity) *CapacityRef {
	return &CapacityRef{Value: c.Most.Decimal, Reason: c.Reason, By: sn.plan.people.ref(c.By), At: c.RecordedAt}
}

// Capacity shows what a unit has stated of an indicator.
func (s *Service) Capacity(ctx context.Context, look Look, of, indicator string) (*CapacityCard, error) {
	sn, node, err := s.stand(ctx, look)
	if err != nil {
		return nil, err
	}
	v := &CapacityCard{}
	if v.Frame, err = s.frame(ctx, sn, node); err != nil {
		return nil, err
	}
	return v, sn.capacity(v, of, indicator)
}

func (sn *snapshot) capacity(v *CapacityCard, of, indicator string) error {
	in, err := sn.measured(indicator)
	if err != nil {
		return err
	}
	at, ok := sn.tree.ByCode(of)
	if !ok {
		return &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("import.unit_unknown", "code", of)}
	}
	v.Indicator, v.Of = headOf(in), sn.ref(at)
	unit := sn.tree.Nodes[at].ID
	stated := sn.stated(in.Code, unit)
	now, last := sn.cube.Year(in.Code, at, sn.year, luoshi.Single).Amount, sn.cube.Year(in.Code, at, sn.year-1, luoshi.Single).Amount
	for _, end := range in.Calendar.Ends() {
		p, _ := in.Calendar.Period(sn.year, end, luoshi.Single)
		row := CapacityRow{Period: p, Reported: luoshi.Unscaled(now[end-1], in.Decimals), LastYear: luoshi.Unscaled(last[end-1], in.Decimals)}
		if c, ok := stated[end]; ok {
			row.Stated = sn.capacityRef(c)
		}
		v.Rows = append(v.Rows, row)
	}
	for _, c := range sn.plan.capacities {
		if c.Indicator == in.Code && c.Unit == unit && c.Year == sn.year {
			p, _ := in.Calendar.Period(sn.year, c.Month, luoshi.Single)
			v.Facts = append(v.Facts, CapacityFact{Period: p, Most: c.Most, Reason: c.Reason, At: c.RecordedAt, By: sn.plan.people.ref(c.By), Holds: stated[c.Month] == c})
		}
	}
	slices.SortStableFunc(v.Facts, func(a, b CapacityFact) int { return cmp.Compare(b.At, a.At) })
	return nil
}

// StateCapacity records what a unit can bring at most, with the reason, beside what it
// stated before. Plans are bound by it from then on.
func (s *Service) StateCapacity(ctx context.Context, q CapacityStatement) (*CapacityCard, error) {
	look := q.Look
	look.AsOf = time.Time{}
	sn, node, err := s.stand(ctx, look)
	if err != nil {
		return nil, err
	}
	in, err := sn.measured(q.Indicator)
	if err != nil {
		return nil, err
	}
	at, ok := sn.tree.ByCode(q.Of)
	if !ok {
		return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("import.unit_unknown", "code", q.Of)}
	}
	unit := sn.tree.Nodes[at]
	if err := allowed(ctx, workflow.StateCapacity, unit.ID); err != nil {
		return nil, err
	}
	list, err := sn.statement(in, unit.ID, q)
	if err != nil {
		return nil, err
	}
	v := &CapacityCard{Written: len(list)}
	if v.Frame, err = s.frame(ctx, sn, node); err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return v, sn.capacity(v, q.Of, q.Indicator)
	}
	by := byOf(ctx)
	for i := range list {
		list[i].By, list[i].RecordedAt = by.Person, s.now().UnixMicro()
	}
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.AddCapacities(ctx, list); err != nil {
			return err
		}
		w := &written{capacities: list}
		e := newContrast(sn.plan, w).event(ctx, w, 0, q.Reason)
		e.Object, e.Unit = capacityObject(in.Code, unit.Code, sn.year), unit.ID
		tx.Record(e)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if sn, _, err = s.stand(ctx, look); err != nil {
		return nil, err
	}
	return v, sn.capacity(v, q.Of, q.Indicator)
}

// statement checks what is stated, and leaves out what holds already.
func (sn *snapshot) statement(in luoshi.Indicator, unit luoshi.UnitID, q CapacityStatement) ([]luoshi.Capacity, error) {
	bad := func(key string, pairs ...any) error {
		return &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("catchupplan."+key, pairs...)}
	}
	reason := strings.TrimSpace(q.Reason)
	switch {
	case in.Kind != luoshi.Flow || in.OverTime != luoshi.TimeSum:
		return nil, bad("capacity.kind", "indicator", in.Names)
	case reason == "":
		return nil, bad("capacity.reason")
	case len(reason) > 2000:
		return nil, bad("capacity.long")
	case len(q.Most) == 0:
		return nil, bad("capacity.none")
	}
	stated := sn.stated(in.Code, unit)
	var list []luoshi.Capacity
	for month, most := range q.Most {
		p, ok := in.Calendar.Period(sn.year, month, luoshi.Single)
		if !ok || p.To != month {
			return nil, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("period.out_of_calendar", "period", fmt.Sprint(month), "calendar", in.Calendar)}
		}
		if most.Valid {
			if most.Decimal.IsNeg() {
				return nil, bad("capacity.negative", "period", p)
			}
			if _, err := luoshi.Scaled(most.Decimal, in.Decimals); err != nil {
				return nil, err
			}
		}
		old, has := stated[month]
		if has == most.Valid && (!has || old.Most.Decimal.Cmp(most.Decimal) == 0 && old.Reason == reason) {
			continue
		}
		list = append(list, luoshi.Capacity{Indicator: in.Code, Unit: unit, Year: sn.year, Month: month, Most: most, Reason: reason})
	}
	slices.SortFunc(list, func(a, b luoshi.Capacity) int { return cmp.Compare(a.Month, b.Month) })
	return list, nil
}
