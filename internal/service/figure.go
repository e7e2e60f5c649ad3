package service

import (
	"context"
	"slices"

	"luoshi.dev"
	"luoshi.dev/internal/store"
)

// FigureQuery asks for one figure: of an indicator, at a unit, for a period.
type FigureQuery struct {
	Look
	Code   string
	Period luoshi.Period // the zero Period = the newest that has a figure
	Basis  luoshi.Basis  // "" = the one on which it is judged
}

// FigureView is one figure with everything that is known of it.
type FigureView struct {
	Frame
	Indicator  IndicatorHead       `json:"indicator"`
	Period     luoshi.Period       `json:"period"`
	Basis      luoshi.Basis        `json:"basis"`
	Value      luoshi.NullQuantity `json:"value"`
	Reported   luoshi.NullQuantity `json:"reported"`   // by the unit itself
	Rolled     luoshi.NullQuantity `json:"rolled"`     // from the units below, or computed
	Own        luoshi.NullQuantity `json:"own"`        // 本级
	Difference luoshi.NullQuantity `json:"difference"` // reported − rolled
	PartialSum luoshi.NullQuantity `json:"partial_sum"`
	Growth     luoshi.NullQuantity `json:"growth"`
	Coverage   luoshi.Coverage     `json:"coverage"`
	Status     luoshi.Status       `json:"status"`
	Sample     bool                `json:"generated"`
	Presence   luoshi.Presence     `json:"presence"`
	Due        luoshi.Date         `json:"due"`
	Vintages   []Vintage           `json:"vintages"` // what the unit itself reported, newest first
	History    []Vintage           `json:"history"`  // of a total, as its parts came in
	Parts      []FigurePart        `json:"parts"`    // what it is summed or computed from
	Problems   []luoshi.Problem    `json:"-"`
	Earlier    *luoshi.Period      `json:"earlier,omitempty"`
	Later      *luoshi.Period      `json:"later,omitempty"`
	Bases      []luoshi.Basis      `json:"bases"`
}

// FigurePart is a figure that another one is made from.
type FigurePart struct {
	Unit      UnitRef             `json:"unit"`
	Indicator IndicatorHead       `json:"indicator"`
	Value     luoshi.NullQuantity `json:"value"`
	Growth    luoshi.NullQuantity `json:"growth"`
	Status    luoshi.Status       `json:"status"`
	Presence  luoshi.Presence     `json:"presence"`
	Computed  bool                `json:"computed"`
}

// Figure answers where one number came from: every vintage of it, who recorded it
// and when, and what it is made from.
func (s *Service) Figure(ctx context.Context, q FigureQuery) (*FigureView, error) {
	return kept(ctx, s, q.Look, "figure "+q.Code+" "+q.Period.String()+" "+string(q.Basis), func(ctx context.Context, sn *snapshot) (*FigureView, error) {
		return s.figureView(ctx, sn, q)
	})
}

func (s *Service) figureView(ctx context.Context, sn *snapshot, q FigureQuery) (*FigureView, error) {
	node, err := sn.unitOf(q.Unit)
	if err != nil {
		return nil, err
	}
	v := &FigureView{}
	if v.Frame, err = s.frame(ctx, sn, node); err != nil || node < 0 {
		return v, err
	}
	in, err := sn.measured(q.Code)
	if err != nil {
		return nil, err
	}
	if q.Period.Year > 0 && q.Period.Year < sn.year-1 {
		past := *sn
		if past.cube, err = s.pastCube(ctx, sn, q.Look, in.Code); err != nil {
			return nil, err
		}
		sn = &past
	}
	v.Indicator, v.Bases = headOf(in), basesOf(in)
	if v.Basis = q.Basis; !slices.Contains(v.Bases, v.Basis) {
		v.Basis = basisOf(in)
	}
	if v.Period, err = sn.figurePeriod(in, node, q, v.Basis); err != nil {
		return nil, err
	}
	v.known(sn, in, node)
	if v.Vintages, err = s.vintages(ctx, sn, in, node, v.Period); err != nil {
		return nil, err
	}
	if v.Basis == basisOf(in) && sn.computed(in, node, v.Period) {
		if v.History, err = s.totals(ctx, sn, in, node, v.Period); err != nil {
			return nil, err
		}
	}
	v.Parts = sn.figureParts(in, node, v.Period, v.Basis)
	v.Frame.Sample = v.Frame.Sample || v.Sample
	return v, nil
}

// basesOf are the bases on which an indicator has figures.
func basesOf(in luoshi.Indicator) []luoshi.Basis {
	if in.Kind == luoshi.Flow && in.OverTime == luoshi.TimeSum {
		return []luoshi.Basis{luoshi.Cumulative, luoshi.Single}
	}
	return []luoshi.Basis{basisOf(in)}
}

// figurePeriod is the period asked for, checked against the calendar. One that
// ends in the same month is taken for the one meant: 6月 of a year-to-date figure.
func (sn *snapshot) figurePeriod(in luoshi.Indicator, node int, q FigureQuery, basis luoshi.Basis) (luoshi.Period, error) {
	if q.Period.Year == 0 {
		list := sn.periodsOf(in, node)
		if len(list) == 0 {
			m := in.Calendar.Ends()
			p, _ := in.Calendar.Period(sn.year, m[0], basis)
			return p, nil
		}
		p, _ := in.Calendar.Period(list[len(list)-1].Period.Year, list[len(list)-1].Period.To, basis)
		return p, nil
	}
	if p, ok := in.Calendar.Period(q.Period.Year, q.Period.To, basis); ok {
		if !sn.looksAt(in, p.Year) {
			return p, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("figure.year", "year", plain(p.Year), "this", plain(sn.year))}
		}
		return p, nil
	}
	return q.Period, in.Calendar.Check(q.Period, basis)
}

// looksAt reports whether figures of a year are shown: of this one and the last, and
// of those that an outlook looks at, if there are any.
func (sn *snapshot) looksAt(in luoshi.Indicator, year int) bool {
	if year > sn.year || year < sn.year-outlookYears {
		return false
	}
	return year >= sn.year-1 || slices.ContainsFunc(sn.cube.Needs(in.Code), func(need string) bool {
		return sn.changes[store.IndicatorYear{Indicator: need, Year: year}] > 0
	})
}

// known fills in what the cube knows of the figure, and its neighbours in time.
func (v *FigureView) known(sn *snapshot, in luoshi.Indicator, node int) {
	value := sn.cube.Value(in.Code, node, v.Period, v.Basis)
	v.Value, v.Reported, v.Rolled, v.Own, v.Difference = value.Amount, value.Reported, value.Rolled, value.Own, value.Difference
	v.PartialSum, v.Growth, v.Coverage, v.Status, v.Sample, v.Problems = value.PartialSum, value.Growth, value.Coverage, value.Status, value.Sample, value.Problems
	if v.Growth.Valid {
		v.Growth = asPublished(v.Growth)
	}
	whole, _ := in.Calendar.Period(v.Period.Year, v.Period.To, luoshi.Cumulative)
	v.Due = whole.LastDay().AddDays(in.DueDays)
	v.Presence = luoshi.Present
	if !value.Amount.Valid && !value.Growth.Valid {
		v.Presence = sn.absence(in, node, whole)
	}
	ends := in.Calendar.Ends()
	step := func(by int) *luoshi.Period {
		i := slices.Index(ends, v.Period.To) + by
		year := v.Period.Year
		switch {
		case i < 0:
			i, year = len(ends)-1, year-1
		case i >= len(ends):
			i, year = 0, year+1
		}
		p, ok := in.Calendar.Period(year, ends[i], v.Basis)
		if !ok || !sn.looksAt(in, year) || p.LastDay() > luoshi.DateOf(sn.asOf) {
			return nil
		}
		return &p
	}
	v.Earlier, v.Later = step(-1), step(1)
}

// figureParts are the figures of the units below, or of the indicators that this
// one is computed from.
func (sn *snapshot) figureParts(in luoshi.Indicator, node int, p luoshi.Period, basis luoshi.Basis) []FigurePart {
	var list []FigurePart
	for _, code := range sn.cube.Inputs(in.Code) {
		other := sn.indicators[code]
		if at, ok := other.Calendar.Period(p.Year, p.To, basisOf(other)); ok {
			list = append(list, sn.figurePart(other, node, at, basisOf(other)))
		}
	}
	if len(list) > 0 && in.OverUnits != luoshi.UnitWeighted || in.OverUnits == luoshi.UnitNone {
		return list
	}
	for _, child := range sn.areas(node) {
		part := sn.figurePart(in, child, p, basis)
		if part.Presence == luoshi.Present || sn.holdsReporter(in, child) {
			list = append(list, part)
		}
	}
	return list
}

func (sn *snapshot) figurePart(in luoshi.Indicator, node int, p luoshi.Period, basis luoshi.Basis) FigurePart {
	value := sn.cube.Value(in.Code, node, p, basis)
	part := FigurePart{Unit: sn.ref(node), Indicator: headOf(in), Value: value.Amount, Growth: value.Growth, Status: value.Status, Presence: luoshi.Present}
	part.Computed = !value.Reported.Valid && value.Rolled.Valid
	if part.Growth.Valid {
		part.Growth = asPublished(part.Growth)
	}
	if !value.Amount.Valid && !value.Growth.Valid {
		whole, _ := in.Calendar.Period(p.Year, p.To, luoshi.Cumulative)
		part.Presence = sn.absence(in, node, whole)
	}
	return part
}

// absence is the state of a figure that is not there: nobody owes it where neither
// the unit nor one below it reports the indicator, or what it is computed from.
func (sn *snapshot) absence(in luoshi.Indicator, node int, p luoshi.Period) luoshi.Presence {
	for _, code := range sn.cube.Needs(in.Code) {
		if sn.holdsReporter(sn.indicators[code], node) {
			return luoshi.PresenceOf(p, in.DueDays, lateDays, sn.asOf)
		}
	}
	return luoshi.NotAsked
}

// unasked says of a judgement without target and figure that nobody owes one.
func (sn *snapshot) unasked(in luoshi.Indicator, node int, j *luoshi.Judgement) {
	if j.Presence == luoshi.Present || sn.absence(in, node, luoshi.ToDate(sn.year, max(1, j.Period.To))) != luoshi.NotAsked {
		return
	}
	if _, target := sn.targets[targetAt{in.Code, sn.tree.Nodes[node].ID}]; !target {
		j.Presence, j.Says = luoshi.NotAsked, luoshi.Say("none.not_asked", "indicator", in.Names, "period", j.Period)
	}
}

// holdsReporter reports whether a unit or one below it reports the indicator.
func (sn *snapshot) holdsReporter(in luoshi.Indicator, node int) bool {
	for i := node; i < sn.tree.Nodes[node].End; i++ {
		if in.ReportedAt != "" && sn.tree.Nodes[i].Kind == in.ReportedAt {
			return true
		}
	}
	return false
}
