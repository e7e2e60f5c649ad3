package api

import (
	"context"
	"net/http"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/wire"
)

// measurer is what the register of indicators asks of the service.
type measurer interface {
	IndicatorRegister(ctx context.Context, q service.IndicatorListQuery) (*service.IndicatorRegister, error)
	IndicatorCard(ctx context.Context, look service.Look, code string) (*service.IndicatorCard, error)
}

type indicatorsIn struct {
	ListIn
	Find       string `query:"find" doc:"In a name, a code, the group, the formula or the source" maxLength:"100"`
	Group      string `query:"group" doc:"Listed under this heading" maxLength:"100"`
	Kind       string `query:"kind" doc:"Of this statistical nature" enum:"flow,stock,rate,growth,index"`
	Department string `query:"department" doc:"That this department answers for: code" maxLength:"64"`
	Retired    bool   `query:"retired" doc:"Those that are no longer used instead of those that are"`
}

// indicators are the register of what is measured.
func (a *API) indicators() {
	view(a, operation{
		id: "listIndicators", method: http.MethodGet, path: "/api/indicators", group: "register", needs: plan, fails: []luoshi.Code{luoshi.NotFound},
		says: "The register of indicators: what is measured, the rules by which it adds up over units and over time, who answers for it, and whether the newest figures are in.",
		try:  "/api/indicators?kind=flow&asof=2020-07-31&limit=3",
	}, func(ctx context.Context, in *indicatorsIn) (*service.IndicatorRegister, error) {
		look, err := a.look(in.At, in.Unit)
		if err != nil {
			return nil, err
		}
		return a.board.IndicatorRegister(ctx, service.IndicatorListQuery{Look: look, Text: in.Find, Group: in.Group, Kind: luoshi.Kind(in.Kind), Department: in.Department, Retired: in.Retired})
	}, func(s *scribe, in *indicatorsIn, v *service.IndicatorRegister) (wire.IndicatorList, error) {
		var lines []service.IndicatorLine
		for _, g := range v.Groups {
			lines = append(lines, g.Rows...)
		}
		items, page := cut(lines, in.Paging)
		return wire.IndicatorList{Where: stands(&v.Frame), Page: page, Items: each(items, s.indicatorLine), InUse: v.Total, Retired: v.Retired,
			Groups: same(v.AllGroups), Departments: each(v.Departments, unitRef)}, nil
	})
	one(a, operation{
		id: "getIndicator", path: "/api/indicators/{code}", group: "register",
		says: "One indicator: its rules in words, the targets of the unit looked at and those below it, the goals, sets and formulas that rest on it, and every version with who put it in force and why.",
		try:  "/api/indicators/key_projects?unit=340000&asof=2020-07-31", long: true,
	}, a.board.IndicatorCard, func(s *scribe, v *service.IndicatorCard) wire.IndicatorCard { return s.indicatorCard(v) })
}

func (s *scribe) indicatorLine(l service.IndicatorLine) wire.IndicatorLine {
	return wire.IndicatorLine{Indicator: indicatorOut(l.Indicator), Rules: s.sentences(l.Rules), Department: maybeUnit(l.Department), Leads: each(l.Leads, indicatorRef),
		Targets: l.Targets, Closed: period(l.Closed), Have: l.Have, Want: l.Want}
}

func (s *scribe) indicatorCard(v *service.IndicatorCard) wire.IndicatorCard {
	name := func(g service.GoalRef) wire.Named { return wire.Named{Code: g.Code, Name: g.Name, Guard: g.Guard} }
	out := wire.IndicatorCard{
		Where: stands(&v.Frame), IndicatorLine: s.indicatorLine(v.IndicatorLine), Promised: []wire.TargetState{}, Goals: each(v.Goals, name), Sets: each(v.Sets, name),
		Formulas: each(v.Formulas, indicatorRef), LedBy: each(v.LedBy, indicatorRef), Next: period(v.Next), Due: v.Due, Figures: v.Figures,
		Versions: each(v.Versions, func(r service.IndicatorVersion) wire.IndicatorVersion {
			return wire.IndicatorVersion{Indicator: indicatorOut(r.Indicator), Changed: same(r.Changed), RecordedAt: moment(r.RecordedAt), By: r.By, Reason: r.Reason, Batch: r.Batch}
		}),
	}
	for i, t := range v.Promised {
		state := s.targetState(t)
		if i < len(v.Units) {
			u := unitRef(v.Units[i])
			state.Unit = &u
		}
		out.Promised = append(out.Promised, state)
	}
	return out
}
