package api

import (
	"context"
	"net/http"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/wire"
)

// registrar is what the registers ask of the service.
type registrar interface {
	Schemes(ctx context.Context, look service.Look) (*service.SchemeList, error)
	Scheme(ctx context.Context, look service.Look, code string) (*service.SchemePage, error)
	TryScheme(ctx context.Context, q service.TrialQuery) (*service.Trial, error)
	Sets(ctx context.Context, look service.Look) (*service.SetList, error)
	Set(ctx context.Context, look service.Look, code string) (*service.SetPage, error)
	Goals(ctx context.Context, look service.Look) (*service.GoalTree, error)
	Goal(ctx context.Context, look service.Look, code string) (*service.GoalPage, error)
}

// ListIn is a list that stands somewhere.
type ListIn struct {
	At
	OfUnit
	Paging
}

// OneIn is one noun by its code.
type OneIn struct {
	At
	OfUnit
	Code string `path:"code" doc:"Code" maxLength:"64"`
}

// list registers a list of nouns, one one noun by its code.
func list[V, Out any](a *API, op operation, ask func(context.Context, service.Look) (*V, error), show func(*scribe, *ListIn, *V) Out) {
	op.method, op.needs, op.fails = http.MethodGet, plan, append(op.fails, luoshi.NotFound)
	view(a, op, func(ctx context.Context, in *ListIn) (*V, error) {
		look, err := a.look(in.At, in.Unit)
		if err != nil {
			return nil, err
		}
		return ask(ctx, look)
	}, func(s *scribe, in *ListIn, v *V) (Out, error) { return show(s, in, v), nil })
}

func one[V, Out any](a *API, op operation, ask func(context.Context, service.Look, string) (*V, error), show func(*scribe, *V) Out) {
	op.method, op.needs, op.fails = http.MethodGet, plan, append(op.fails, luoshi.NotFound)
	view(a, op, func(ctx context.Context, in *OneIn) (*V, error) {
		look, err := a.look(in.At, in.Unit)
		if err != nil {
			return nil, err
		}
		return ask(ctx, look, in.Code)
	}, func(s *scribe, _ *OneIn, v *V) (Out, error) { return show(s, v), nil })
}

// registers are goals, indicator sets and rules for lights.
func (a *API) registers() {
	list(a, operation{
		id: "listGoals", path: "/api/goals", group: "register",
		says: "The whole tree of goals, parents before children, with the rule by which the parts combine, the targets under each, and the light at the unit looked at.",
		try:  "/api/goals?unit=340000&asof=2020-07-31&limit=5", long: true,
	}, a.board.Goals, func(s *scribe, in *ListIn, v *service.GoalTree) wire.GoalList {
		goals, page := cut(v.Goals, in.Paging)
		return wire.GoalList{Where: stands(&v.Frame), Page: page, Items: each(goals, s.goalNode)}
	})
	one(a, operation{
		id: "getGoal", path: "/api/goals/{code}", group: "register",
		says: "One goal: what is under it, how its parts combine, its light at the unit looked at, and every version with who put it in force and why.",
		try:  "/api/goals/six_stability?unit=340000&asof=2020-07-31", long: true,
	}, a.board.Goal, func(s *scribe, v *service.GoalPage) wire.GoalCard {
		return wire.GoalCard{Where: stands(&v.Frame), GoalNode: s.goalNode(v.GoalNode), Above: each(v.Above, namedCode), Below: each(v.Below, s.goalNode), Chance: s.goalChance(v.Chance),
			Revisions: each(v.Revisions, func(r service.GoalRevision) wire.GoalRevision {
				return wire.GoalRevision{Revised: s.revised(r.Revised), Goal: goalOut(r.Goal), Rule: s.sentence(r.Rule)}
			})}
	})
	a.sets()
	a.schemes()
	a.schemeTry()
}

func (a *API) sets() {
	list(a, operation{
		id: "listSets", path: "/api/sets", group: "register",
		says: "The indicator sets: named choices of indicators with weights, for boards and scores, with their lights at the unit looked at.",
		try:  "/api/sets?unit=340000&asof=2020-07-31", long: true,
	}, a.board.Sets, func(s *scribe, in *ListIn, v *service.SetList) wire.SetList {
		sets, page := cut(v.Sets, in.Paging)
		return wire.SetList{Where: stands(&v.Frame), Page: page, Items: each(sets, s.set)}
	})
	one(a, operation{
		id: "getSet", path: "/api/sets/{code}", group: "register",
		says: "One indicator set: its indicators with weights and lights at the unit looked at, and every version with who put it in force and why.",
		try:  "/api/sets/monthly_board?unit=340000&asof=2020-07-31", long: true,
	}, a.board.Set, func(s *scribe, v *service.SetPage) wire.SetCard {
		return wire.SetCard{Where: stands(&v.Frame), SetState: s.set(v.SetRow), Revisions: each(v.Revisions, func(r service.SetRevision) wire.SetRevision {
			return wire.SetRevision{Revised: s.revised(r.Revised), Set: setOut(r.Set)}
		})}
	})
}

func (a *API) schemes() {
	list(a, operation{
		id: "listSchemes", path: "/api/schemes", group: "register",
		says: "The rules for lights, the plan's own first, then those that come with the product: each as a sentence, with how many targets it judges and which lights it gives.",
		try:  "/api/schemes?asof=2020-07-31&limit=5",
	}, a.board.Schemes, func(s *scribe, in *ListIn, v *service.SchemeList) wire.SchemeList {
		schemes, page := cut(v.Schemes, in.Paging)
		return wire.SchemeList{Where: stands(&v.Frame), Page: page, Items: each(schemes, s.scheme)}
	})
	one(a, operation{
		id: "getScheme", path: "/api/schemes/{code}", group: "register",
		says: "One rule for lights: as a sentence, which indicators it judges and how, what a condition may speak of, and every version with who put it in force and why.",
		try:  "/api/schemes/anhui_2020?asof=2020-07-31",
	}, a.board.Scheme, func(s *scribe, v *service.SchemePage) wire.SchemeCard {
		return wire.SchemeCard{Where: stands(&v.Frame), SchemeState: s.scheme(v.SchemeRow), Measures: same(v.Measures),
			Uses: each(v.Uses, func(u service.SchemeUse) wire.SchemeUse {
				return wire.SchemeUse{Indicator: u.Indicator, Name: u.Name, Units: u.Units, Default: u.Default, Lights: counts(u.Lights)}
			}),
			Revisions: each(v.Revisions, func(r service.SchemeRevision) wire.SchemeRevision {
				return wire.SchemeRevision{Revised: s.revised(r.Revised), Scheme: schemeOut(r.Scheme), Rule: s.sentence(r.Rule)}
			})}
	})
}

type schemeTryIn struct {
	At
	OfUnit
	Body wire.SchemeTry
}

func (a *API) schemeTry() {
	view(a, operation{
		id: "tryScheme", method: http.MethodPost, path: "/api/schemes/try", group: "register", needs: plan, fails: []luoshi.Code{luoshi.NotFound}, long: true,
		says: "A rule for lights tried on the past of the year, target by target and month by month, beside the rules in force. It need not be saved, and is not.",
		try:  "/api/schemes/try?unit=340000&asof=2020-07-31",
		body: `{"scheme": {"code": "strict", "name": {"zh-Hans": "严一些"}, "kind": "pace", "yellow": "0", "red": "5"}, "indicator": "key_projects"}`,
	}, func(ctx context.Context, in *schemeTryIn) (*service.Trial, error) {
		look, err := a.look(in.At, in.Unit)
		if err != nil {
			return nil, err
		}
		return a.board.TryScheme(ctx, service.TrialQuery{Look: look, Scheme: schemeIn(in.Body.Scheme), Indicator: in.Body.Indicator, Set: in.Body.Set})
	}, func(s *scribe, _ *schemeTryIn, v *service.Trial) (wire.SchemeTrial, error) { return s.trial(v), nil })
}

func (s *scribe) trial(v *service.Trial) wire.SchemeTrial {
	return wire.SchemeTrial{
		Where: stands(&v.Frame), Rule: s.sentence(v.Rule), Indicator: v.Indicator, Set: v.Set, Months: same(v.Months), Before: counts(v.Before), After: counts(v.After),
		Worse: v.Worse, Better: v.Better,
		Faults: each(v.Faults, func(f service.Fault) wire.Fault {
			out := s.fault(f)
			out.Location = "body.scheme"
			if f.Field != "" {
				out.Location += "." + f.Field
			}
			return out
		}),
		Rows: each(v.Rows, func(r service.TrialRow) wire.TrialRow {
			return wire.TrialRow{Unit: unitRef(r.Unit), Indicator: r.Indicator, Name: r.Name, By: r.By, Fits: r.Fits, Differ: r.Differ,
				Cells: each(r.Cells, func(c service.TrialCell) wire.TrialCell {
					out := wire.TrialCell{Asked: c.Asked, Before: c.Before.Light, After: c.After.Light}
					if c.Differs() {
						out.Says = s.maybe(c.After.Says)
					}
					return out
				})}
		}),
	}
}

func (s *scribe) scheme(r service.SchemeRow) wire.SchemeState {
	return wire.SchemeState{Scheme: schemeOut(r.Scheme), Rule: s.sentence(r.Rule), Preset: r.Preset, Own: r.Own, Targets: r.Targets, Default: r.Default,
		Units: r.Units, Lights: counts(r.Lights)}
}

func (s *scribe) set(r service.SetRow) wire.SetState {
	return wire.SetState{Set: setOut(r.Set), Lights: counts(r.Lights), Items: each(r.Items, func(i service.SetItemRow) wire.SetItemState {
		return wire.SetItemState{Indicator: i.Indicator, Name: i.Name, Group: i.Group, Weight: i.Weight, Share: ratio(i.Share), Judgement: s.judged(i.Judgement)}
	})}
}

func (s *scribe) goalNode(n service.GoalNode) wire.GoalNode {
	return wire.GoalNode{Goal: goalOut(n.Goal), Depth: n.Depth, Children: n.ChildGoals, Rule: s.sentence(n.Rule), Owner: n.Owner, Weighed: n.Weighed,
		Judgement: s.judged(n.Judgement), Parts: each(n.Items, func(i service.GoalItemRow) wire.GoalItemState {
			return wire.GoalItemState{GoalItem: wire.GoalItem(i.GoalItem), Name: i.Name, At: maybeName(i.At), Judgement: s.judged(i.Judgement)}
		})}
}

// judged is a judgement that may not be there.
func (s *scribe) judged(j *luoshi.Judgement) *wire.Judgement {
	if j == nil {
		return nil
	}
	out := s.judgement(*j)
	return &out
}

func (s *scribe) revised(r service.Revised) wire.Revised {
	return wire.Revised{Number: r.Number, At: r.At.In(luoshi.Zone), By: r.By, Reason: r.Reason, From: r.From, Batch: r.Batch,
		Differ: each(r.Differs, func(c service.FieldChange) wire.FieldChange {
			return wire.FieldChange{Field: c.Field, Item: maybeName(c.Item), Before: s.arg(c.Before), After: s.arg(c.After)}
		})}
}

func maybeName(n luoshi.Names) *luoshi.Names {
	if n.Hans == "" {
		return nil
	}
	return &n
}

func namedCode(n service.NamedCode) wire.Named { return wire.Named{Code: n.Code, Name: n.Name} }

func (s *scribe) goalChance(g *service.GoalChance) *wire.GoalChance {
	if g == nil {
		return nil
	}
	return &wire.GoalChance{Says: s.sentence(g.Says()), Chance: ratio(g.Chance), Apart: ratio(g.Apart), Most: ratio(g.Most), Rest: ratio(g.Rest), Lacking: same(g.Lacking),
		Members: each(g.Members, func(m service.GoalMember) wire.GoalMember {
			return wire.GoalMember{Indicator: m.Indicator, Name: m.Name, Unit: unitRef(m.Unit), Guard: m.Guard, Chance: ratio(m.Chance), Standing: string(m.Standing), Why: s.maybe(m.Why)}
		})}
}
