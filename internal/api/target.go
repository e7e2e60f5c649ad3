package api

import (
	"context"
	"net/http"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/wire"
)

// promiser is what a target's page asks of the service.
type promiser interface {
	TargetCard(ctx context.Context, q service.TargetQuery) (*service.TargetCard, error)
}

type revisionsIn struct {
	At
	OfUnit
	Paging
	Indicator string `path:"indicator" doc:"Code of the indicator" maxLength:"64"`
	Of        string `path:"of" doc:"Code of the unit that promises" maxLength:"64"`
	First     int    `query:"first_year" doc:"First year of the target; else the plan year" minimum:"1900" maximum:"2200"`
	Last      int    `query:"last_year" doc:"Last year; else the first" minimum:"1900" maximum:"2200"`
}

// targets are the revisions of a target.
func (a *API) targets() {
	view(a, operation{
		id: "getTarget", method: http.MethodGet, path: "/api/targets/{indicator}/{of}", group: "register", needs: plan, fails: []luoshi.Code{luoshi.NotFound},
		says: "One target with all its revisions, the newest first: what was promised, from when, by whom and why, which one is in force, and how it stands.",
		try:  "/api/targets/key_projects/340000?asof=2020-07-31",
	}, func(ctx context.Context, in *revisionsIn) (*service.TargetCard, error) {
		look, err := a.look(in.At, in.Unit)
		if err != nil {
			return nil, err
		}
		return a.board.TargetCard(ctx, service.TargetQuery{Look: look, Indicator: in.Indicator, Of: in.Of, First: in.First, Last: in.Last})
	}, func(s *scribe, in *revisionsIn, v *service.TargetCard) (wire.TargetCard, error) {
		revisions, page := cut(v.Revisions, in.Paging)
		return wire.TargetCard{
			Where: stands(&v.Frame), Here: unitRef(v.Here), Indicator: indicatorOut(v.Indicator), FirstYear: v.First, LastYear: v.Last, Page: page,
			Items: each(revisions, s.targetRevision), Judgement: s.judgement(v.Judgement), Inherited: s.maybeTarget(v.Inherited), Before: v.LastYear, Above: s.maybeTarget(v.Above),
		}, nil
	})
}

func (s *scribe) targetRevision(r service.TargetRevision) wire.TargetRevision {
	out := wire.TargetRevision{Target: targetOut(r.Target), Says: s.sentence(r.Says), InForce: r.InForce, Reference: maybeUnit(r.Reference),
		OwnerName: maybeName(r.OwnerName), Rule: maybeName(r.Rule), Batch: r.Batch}
	if r.Measured != nil {
		ref := indicatorRef(*r.Measured)
		out.Measured = &ref
	}
	return out
}

func (s *scribe) targetState(t service.UnitTarget) wire.TargetState {
	return wire.TargetState{Indicator: indicatorRef(t.Indicator), Target: targetOut(t.Target), Says: s.sentence(t.Says), Judgement: s.judgement(t.Judgement), Inherited: t.Inherited}
}

func (s *scribe) maybeTarget(t *service.UnitTarget) *wire.TargetState {
	if t == nil {
		return nil
	}
	out := s.targetState(*t)
	return &out
}

func targetOut(t luoshi.Target) wire.Target {
	return wire.Target{
		FirstYear: t.FirstYear, LastYear: t.LastYear, Revision: t.Revision, Form: t.Form, Value: t.Value, Low: t.Low, High: t.High, Date: t.Date, Strict: t.Strict,
		Reserve: t.Reserve, Curve: same(t.Curve), Owner: t.Owner, Scheme: t.Scheme, Reason: t.Reason, From: t.From, RecordedAt: moment(t.RecordedAt), By: t.By,
		Sample: t.Sample, Source: t.Source,
	}
}
