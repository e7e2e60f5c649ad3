package service

import (
	"cmp"
	"context"
	"slices"
	"time"

	"luoshi.dev"
	"luoshi.dev/assess"
)

// promise says what a target asks for: "322.75 in the year", "above the nation".
func (sn *snapshot) promise(in luoshi.Indicator, t luoshi.Target) luoshi.Message {
	key := "targetpage.says." + string(t.Form)
	years := luoshi.Say("targetpage.year", "year", plain(t.FirstYear))
	if t.FirstYear != t.LastYear {
		years = luoshi.Say("targetpage.years", "first", plain(t.FirstYear), "last", plain(t.LastYear))
	}
	switch {
	case t.Form == luoshi.FormLevel && in.Direction == luoshi.Less:
		key += ".less"
	case t.Form == luoshi.FormRelative && t.Value.Valid && !t.Value.Decimal.IsZero():
		key += ".by"
	case t.Strict && (t.Form == luoshi.FormGrowth || t.Form == luoshi.FormRelative):
		key += ".strict"
	}
	pairs := []any{"years", years, "value", t.Value, "low", t.Low, "high", t.High, "unit", assess.AfterNumber(in.Measure), "day", t.Date}
	if t.Form == luoshi.FormRelative {
		ref, _ := sn.codes.on(t.Reference.Unit, max(t.From, sn.tree.On))
		pairs = append(pairs, "reference", ref.Names)
	}
	return luoshi.Say(key, pairs...)
}

// TargetCard is one target with all its revisions, and the form to set the next.
type TargetCard struct {
	Frame
	Here      UnitRef             `json:"here"`
	Indicator luoshi.Indicator    `json:"indicator"`
	First     int                 `json:"first_year"`
	Last      int                 `json:"last_year"`
	Revisions []TargetRevision    `json:"revisions"` // newest first
	Judgement luoshi.Judgement    `json:"judgement"`
	Inherited *UnitTarget         `json:"inherited,omitempty"` // what holds without being recorded: from units that went into this one
	Person    *PersonRef          `json:"person,omitempty"`    // in charge of it
	People    []DutyFact          `json:"people"`              // who was and will be, the newest first
	Schemes   []GoalRef           `json:"-"`                   // to choose from
	Units     []UnitRef           `json:"-"`
	Others    []IndicatorName     `json:"-"`
	Suggest   luoshi.Date         `json:"-"`               // from when the next revision would usually hold
	LastYear  luoshi.NullQuantity `json:"last_year_value"` // the figure of the year before, to hold a new target against
	Above     *UnitTarget         `json:"above,omitempty"` // the target of the unit above
}

// TargetRevision is one revision of a target.
type TargetRevision struct {
	luoshi.Target
	Says      luoshi.Message `json:"-"`
	InForce   bool           `json:"in_force"`
	Reference *UnitRef       `json:"reference_unit,omitempty"`
	Measured  *IndicatorName `json:"reference_indicator,omitempty"`
	OwnerName luoshi.Names   `json:"owner_name"`
	Rule      luoshi.Names   `json:"scheme_name"`
	Batch     int64          `json:"batch,omitempty"` // the change, where it can be taken back
}

// TargetQuery names one target: by indicator, unit and year, or several years.
type TargetQuery struct {
	Look
	Indicator string
	Of        string // unit code
	First     int    // 0 = the look's year
	Last      int    // 0 = First
}

// TargetCard shows the revisions of a target, which may have none yet.
func (s *Service) TargetCard(ctx context.Context, q TargetQuery) (*TargetCard, error) {
	return kept(ctx, s, q.Look, "target "+q.Indicator+"@"+q.Of+" "+plain(q.First)+"-"+plain(q.Last), func(ctx context.Context, sn *snapshot) (*TargetCard, error) {
		return s.targetCard(ctx, sn, q)
	})
}

func (s *Service) targetCard(ctx context.Context, sn *snapshot, q TargetQuery) (*TargetCard, error) {
	in, ok := sn.indicators[q.Indicator]
	if !ok {
		return nil, sn.unknownIndicator(q.Indicator)
	}
	if q.Of == "" {
		home := sn.home()
		if home < 0 {
			return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("import.unit_empty")}
		}
		q.Of = sn.tree.Nodes[home].Code
	}
	id, err := sn.unitID(q.Of)
	if err != nil {
		return nil, err
	}
	node, here := sn.tree.Find(id)
	at := node
	if !here {
		if at, err = sn.unitOf(q.Unit); err != nil {
			return nil, err
		}
	}
	v := &TargetCard{Here: sn.lastFact(id), Indicator: in, First: cmp.Or(q.First, sn.year)}
	v.Last = cmp.Or(q.Last, v.First)
	if v.Frame, err = s.frame(ctx, sn, at); err != nil {
		return nil, err
	}
	by, err := s.clerks(ctx)
	if err != nil {
		return nil, err
	}
	v.Person, v.People = sn.inCharge(targetAt{in.Code, id}), sn.dutyFacts(in.Code, id)
	v.Revisions = sn.promises(in, id, v.First, v.Last, by)
	if here && v.First == sn.year && v.Last == sn.year {
		v.judged(sn, node)
	}
	v.choices(sn)
	v.Suggest, _ = luoshi.NewDate(v.First, 1, 1)
	if n := len(v.Revisions); n > 0 {
		end, _ := luoshi.NewDate(v.Last, 12, 31)
		v.Suggest = max(v.Revisions[0].From, min(luoshi.DateOf(sn.asOf), end))
	}
	return v, nil
}

// judged shows the target in force with its light, and what stands beside it.
func (v *TargetCard) judged(sn *snapshot, node int) {
	in := v.Indicator
	v.Judgement = sn.judge(in.Code, node)
	sn.explain(&v.Judgement)
	v.Sample = v.Judgement.Proof.Sample
	target := func(node int) *UnitTarget {
		t, ok := sn.targets[targetAt{in.Code, sn.tree.Nodes[node].ID}]
		if !ok {
			return nil
		}
		return &UnitTarget{Indicator: indicatorName(in), Target: *t, Says: sn.promise(in, *t), Inherited: sn.inherited(*t)}
	}
	if t := target(node); t != nil && t.Inherited {
		v.Inherited = t
	}
	if up := sn.tree.Nodes[node].Parent; up >= 0 {
		v.Above = target(up)
	}
	if last, ok := sn.value(in, node, sn.year-1, 12); ok {
		v.LastYear = last.Amount
	}
}

// promises lists what was promised, newest first.
func (sn *snapshot) promises(in luoshi.Indicator, unit luoshi.UnitID, first, last int, by clerks) []TargetRevision {
	var all []luoshi.Target
	for _, t := range sn.plan.targets {
		if t.Indicator == in.Code && t.Unit == unit && t.FirstYear == first && t.LastYear == last {
			all = append(all, t)
		}
	}
	holds, ok := luoshi.InForce(all, luoshi.DateOf(sn.asOf))
	var list []TargetRevision
	for i, t := range all {
		r := TargetRevision{Target: t, Says: sn.promise(in, t), InForce: ok && t.Revision == holds.Revision, OwnerName: sn.owner(t.Owner, luoshi.Names{}), Rule: sn.schemes[t.Scheme].Names}
		if t.Reference.Unit != 0 {
			ref := sn.lastFact(t.Reference.Unit)
			other := indicatorName(sn.indicators[t.Reference.Indicator])
			r.Reference, r.Measured = &ref, &other
		}
		if b, ok := by[t.RecordedAt.UnixMicro()]; ok && b.Kind != "import" && b.UndoneBy == 0 && i > 0 && i == len(all)-1 {
			r.Batch = b.ID
		}
		list = append(list, r)
	}
	slices.Reverse(list)
	return list
}

func (v *TargetCard) choices(sn *snapshot) {
	for _, sc := range sn.plan.schemes {
		v.Schemes = append(v.Schemes, GoalRef{Code: sc.Code, Name: sc.Names})
	}
	for _, sc := range assess.Presets() {
		if !slices.ContainsFunc(sn.plan.schemes, func(own luoshi.Scheme) bool { return own.Code == sc.Code }) {
			v.Schemes = append(v.Schemes, GoalRef{Code: sc.Code, Name: sc.Names})
		}
	}
	for i := range sn.tree.Nodes {
		v.Units = append(v.Units, sn.ref(i))
	}
	for _, in := range sn.plan.indicators {
		if !in.Retired {
			v.Others = append(v.Others, indicatorName(in))
		}
	}
}

// TargetTrial is a revision of a target, tried out and not yet in force.
type TargetTrial struct {
	*TargetCard
	Row     TargetRow      `json:"row"`
	Says    luoshi.Message `json:"-"`
	Faults  []Fault        `json:"faults"`
	Blocked bool           `json:"blocked"`
	Effect  *Effect        `json:"effect,omitempty"`
	At      time.Time      `json:"at"`
}

// TryTarget says what the next revision of a target would do. It saves nothing.
func (s *Service) TryTarget(ctx context.Context, look Look, row TargetRow) (*TargetTrial, error) {
	look.AsOf = time.Time{}
	card, err := s.TargetCard(ctx, TargetQuery{Look: look, Indicator: row.Indicator, Of: row.UnitCode, First: row.FirstYear, Last: row.LastYear})
	if err != nil {
		return nil, err
	}
	v := &TargetTrial{TargetCard: card, Row: row, At: s.now()}
	tried := row
	if len(card.Revisions) > 0 && row.Reason == "" { // it is asked for last
		tried.Reason = "…"
	}
	c := Change{Targets: []TargetRow{tried}}
	if v.Effect, err = s.Try(ctx, look, c); err != nil {
		return nil, err
	}
	v.Faults = v.Effect.Faults
	if tried.Reason != row.Reason {
		v.Faults = append(v.Faults, Fault{Item: -1, Field: "reason", Severity: luoshi.Blocking, Message: luoshi.Say("put.reason")})
	}
	if !v.Effect.Blocked {
		im, err := s.propose(ctx, c, "", "")
		if err != nil {
			return nil, err
		}
		if len(im.newTargets) == 0 {
			v.Faults = append(v.Faults, Fault{Item: -1, Severity: luoshi.Blocking, Message: luoshi.Say("unitedit.same")})
		} else {
			sn, _, err := s.stand(ctx, look)
			if err != nil {
				return nil, err
			}
			v.Says = sn.promise(card.Indicator, im.newTargets[0])
		}
	}
	if c := row.Curve; len(c) == 12 && c[11].Valid && row.Form == luoshi.FormLevel && row.Value.Valid && c[11].Decimal.Cmp(row.Value.Decimal) != 0 {
		v.Faults = append(v.Faults, Fault{Item: -1, Field: "m12", Severity: luoshi.Warning, Message: luoshi.Say("targetpage.curve_end", "sum", c[11], "value", row.Value)})
	}
	v.Blocked = blocked(v.Faults)
	return v, nil
}

// PutTarget puts the next revision of a target in force.
func (s *Service) PutTarget(ctx context.Context, look Look, row TargetRow, by string) (*TargetTrial, *Saved, error) {
	v, err := s.TryTarget(ctx, look, row)
	if err != nil || v.Blocked {
		return v, nil, err
	}
	saved, err := s.Put(ctx, Change{Targets: []TargetRow{row}}, by, row.Reason)
	if saved != nil && saved.Batch == 0 {
		v.Faults, v.Blocked = append(v.Faults, saved.Faults...), true
		return v, nil, nil
	}
	return v, saved, err
}
