package service

import (
	"context"
	"slices"
	"time"

	"luoshi.dev"
)

// DutyFact says who answers for something from a day on: nobody where Person is nil.
type DutyFact struct {
	From       luoshi.Date `json:"from"`
	Until      luoshi.Date `json:"until,omitempty"` // its last day, 0 = still
	Person     *PersonRef  `json:"person,omitempty"`
	Reason     string      `json:"reason,omitempty"`
	RecordedAt int64       `json:"recorded_at"`
	By         PersonRef   `json:"by"`
	Holds      bool        `json:"holds"` // on the day of the instant
}

// dutiesNow are the duties on the day of the snapshot's instant.
func (sn *snapshot) dutiesNow() map[targetAt]luoshi.PersonID {
	m := map[targetAt]luoshi.PersonID{}
	for _, d := range luoshi.DutiesOn(sn.plan.duties, luoshi.DateOf(sn.asOf)) {
		m[targetAt{d.Indicator, d.Unit}] = d.Person
	}
	return m
}

// charged is the person in charge of a target, nil where nobody is named.
func (sn *snapshot) charged(indicator string, node int) *PersonRef {
	if indicator == "" || node < 0 {
		return nil
	}
	return sn.inCharge(targetAt{indicator, sn.tree.Nodes[node].ID})
}

// leader is the leader in charge of a unit, nil where nobody is named.
func (sn *snapshot) leader(id luoshi.UnitID) *PersonRef { return sn.inCharge(targetAt{"", id}) }

func (sn *snapshot) inCharge(at targetAt) *PersonRef {
	id, ok := sn.answer[at]
	if !ok {
		return nil
	}
	ref := sn.plan.people.ref(id)
	return &ref
}

// dutyFacts are all facts about one duty as known at the instant, the newest first.
func (sn *snapshot) dutyFacts(indicator string, id luoshi.UnitID) []DutyFact {
	kind := luoshi.LeaderInCharge
	if indicator != "" {
		kind = luoshi.PersonInCharge
	}
	today := luoshi.DateOf(sn.asOf)
	var list []DutyFact
	for _, d := range sn.plan.duties { // by day
		if d.Kind != kind || d.Unit != id || d.Indicator != indicator {
			continue
		}
		f := DutyFact{From: d.From, Reason: d.Reason, RecordedAt: d.RecordedAt, By: sn.plan.people.ref(d.By)}
		if d.Person != 0 {
			ref := sn.plan.people.ref(d.Person)
			f.Person = &ref
		}
		if n := len(list); n > 0 {
			list[n-1].Until = d.From.AddDays(-1)
		}
		list = append(list, f)
	}
	for i := range list {
		list[i].Holds = list[i].From <= today && (list[i].Until == 0 || today <= list[i].Until)
	}
	slices.Reverse(list)
	return list
}

// DutyCard says who answers for a unit, or for a target there, and nothing else of
// it: whoever says who answers need not read what for.
type DutyCard struct {
	Frame
	Here      UnitRef      `json:"here"`
	Indicator luoshi.Names `json:"indicator"` // of the target
	Now       *PersonRef   `json:"person,omitempty"`
	Facts     []DutyFact   `json:"facts"` // the newest first
}

// DutyCard shows one duty as it is known now.
func (s *Service) DutyCard(ctx context.Context, look Look, unit, indicator string) (*DutyCard, error) {
	look.AsOf = time.Time{}
	sn, node, err := s.stand(ctx, look)
	if err != nil {
		return nil, err
	}
	id, err := sn.unitID(unit)
	if err != nil {
		return nil, err
	}
	v := &DutyCard{Here: sn.lastFact(id), Now: sn.inCharge(targetAt{indicator, id}), Facts: sn.dutyFacts(indicator, id)}
	if indicator != "" {
		in, ok := sn.indicators[indicator]
		if !ok {
			return nil, sn.unknownIndicator(indicator)
		}
		v.Indicator = in.Names
	}
	v.Frame, err = s.frame(ctx, sn, node)
	return v, err
}
