package service

import (
	"context"
	"io"
	"math"
	"slices"

	"luoshi.dev"
	"luoshi.dev/cascade"
	"luoshi.dev/internal/office"
	"luoshi.dev/internal/store"
	"luoshi.dev/rollup"
)

// CascadeQuery asks how the target of a unit would be split over the units below
// it and the months of the year.
type CascadeQuery struct {
	Look
	Indicator string
	Units     string                     // one of UnitMethods
	Time      string                     // one of TimeMethods
	Total     luoshi.NullQuantity        // absent = the target in force
	Reserve   luoshi.NullQuantity        // absent = the one declared with the target
	Locks     map[string]luoshi.Quantity // unit code -> value that is not to move
	Weights   map[string]luoshi.Quantity // unit code -> weight, for the method by weight
	Min, Max  map[string]luoshi.Quantity // unit code -> bound
	Months    map[int]luoshi.Quantity    // month that ends a period -> value given for it; the rest is spread by Time
	Years     int                        // how many past years a shape is taken from; 0 = 3
	Along     string                     // indicator that a smooth curve follows, "" = none
	From      luoshi.Date                // from when it would hold; 0 = today
	Reason    string
}

// CascadePlan is a split that is shown and not yet in force.
type CascadePlan struct {
	Frame
	Indicator luoshi.Indicator
	Total     luoshi.Quantity
	Reserve   luoshi.Quantity
	Columns   []luoshi.Period   // the year's single periods
	Months    []luoshi.Quantity // the total by period
	Rows      []CascadeRow
	Padding   []PaddingRow // of the targets in force, parent by parent
	Problems  []luoshi.Problem
}

// PaddingRow is what a unit adds on its own when it hands its target down (层层加码).
type PaddingRow struct {
	Unit     UnitRef
	Depth    int
	Target   luoshi.Quantity
	Children luoshi.Quantity
	Reserve  luoshi.Quantity
	Hidden   luoshi.NullQuantity // absent while a child has no target
	Share    luoshi.Ratio        // of the target
	Added    luoshi.NullQuantity // with what the units below add
}

// CascadeRow is one unit of a split.
type CascadeRow struct {
	Unit     UnitRef
	Total    luoshi.Quantity
	LastYear luoshi.NullQuantity
	Change   luoshi.Ratio        // on last year; × 100 = percent
	InForce  luoshi.NullQuantity // the target that holds now
	Months   []luoshi.Quantity
	Locked   bool
	id       luoshi.UnitID
	curve    []luoshi.NullQuantity
	scheme   string
	owner    string
}

// Cascade works out a split. Problems that keep it from existing are in the plan.
func (s *Service) Cascade(ctx context.Context, q CascadeQuery) (*CascadePlan, error) {
	sn, node, err := s.stand(ctx, q.Look)
	if err != nil {
		return nil, err
	}
	in, ok := sn.indicators[q.Indicator]
	if !ok || node < 0 {
		return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("import.indicator_unknown", "code", q.Indicator)}
	}
	if !in.Additive() {
		return nil, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("cascade.not_additive", "indicator", in.Names)}
	}
	plan := &CascadePlan{Indicator: in}
	if plan.Frame, err = s.frame(ctx, sn, node); err != nil {
		return nil, err
	}
	past, err := s.pastYears(ctx, sn, q)
	if err != nil {
		return nil, err
	}
	spec, children, err := sn.cascadeSpec(q, in, node, plan, past)
	if err != nil {
		return nil, err
	}
	grid, problems := cascade.Both(spec)
	names := map[luoshi.UnitID]luoshi.Names{}
	for _, c := range children {
		names[sn.tree.Nodes[c].ID] = sn.tree.Nodes[c].Names
	}
	plan.Problems = cascade.Shown(problems, in.Decimals, func(id luoshi.UnitID) luoshi.Names { return names[id] })
	plan.Padding = sn.padding(in, node)
	if !luoshi.Blocked(problems) {
		sn.layOut(plan, grid, spec, children)
	}
	return plan, nil
}

// shapeYears is how many past years a split looks at unless told otherwise.
const shapeYears = 3

// pastYears is the snapshot's cube with the further past years that a split needs.
func (s *Service) pastYears(ctx context.Context, sn *snapshot, q CascadeQuery) (*rollup.Cube, error) {
	cube := sn.cube.Fork()
	for _, code := range []string{q.Indicator, q.Along} {
		if code == "" {
			continue
		}
		if _, ok := sn.indicators[code]; !ok {
			return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("import.indicator_unknown", "code", code)}
		}
		for year := sn.year - 2; year >= sn.year-q.years(); year-- {
			if err := s.fetch(ctx, sn, cube, yearKey{code, year}); err != nil {
				return nil, err
			}
		}
	}
	return cube, nil
}

func (q CascadeQuery) years() int {
	if q.Years > 0 {
		return q.Years
	}
	return shapeYears
}

func (sn *snapshot) cascadeSpec(q CascadeQuery, in luoshi.Indicator, node int, plan *CascadePlan, past *rollup.Cube) (cascade.Spec, []int, error) {
	own := &luoshi.Target{}
	if t := sn.targets[targetAt{in.Code, sn.tree.Nodes[node].ID}]; t != nil {
		own = t
	}
	total, reserve := q.Total, q.Reserve
	if !total.Valid && own.Form == luoshi.FormLevel {
		total = own.Value
	}
	if !total.Valid {
		return cascade.Spec{}, nil, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("cascade.no_total", "indicator", in.Names, "unit", sn.tree.Nodes[node].Names)}
	}
	if !reserve.Valid && !q.Total.Valid {
		reserve = own.Reserve
	}
	curve, err := sn.curveSpec(q, in, node, past)
	if err != nil {
		return cascade.Spec{}, nil, err
	}
	spec := cascade.Spec{Units: cascade.UnitMethod(q.Units), Time: curve}
	if spec.Total, err = luoshi.Scaled(total.Decimal, in.Decimals); err != nil {
		return spec, nil, err
	}
	if reserve.Valid {
		if spec.Reserve, err = luoshi.Scaled(reserve.Decimal, in.Decimals); err != nil {
			return spec, nil, err
		}
	}
	plan.Total, plan.Reserve = total.Decimal, luoshi.Unscaled(spec.Reserve, in.Decimals).Decimal
	children := sn.areas(node)
	if len(children) == 0 {
		return spec, nil, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("cascade.no_children", "unit", sn.tree.Nodes[node].Names)}
	}
	for _, c := range children {
		unit := sn.tree.Nodes[c]
		part := cascade.Part{Unit: unit.ID, Last: luoshi.Missing, Locked: luoshi.Missing, Min: luoshi.Missing, Max: luoshi.Missing, Weight: q.Weights[unit.Code]}
		if last, ok := sn.value(in, c, sn.year-1, 12); ok {
			part.Last = scaled(last.Amount, in.Decimals)
		}
		for _, given := range []struct {
			by   map[string]luoshi.Quantity
			into *int64
		}{{q.Locks, &part.Locked}, {q.Min, &part.Min}, {q.Max, &part.Max}} {
			if v, ok := given.by[unit.Code]; ok {
				if *given.into, err = luoshi.Scaled(v, in.Decimals); err != nil {
					return spec, nil, err
				}
			}
		}
		spec.Parts = append(spec.Parts, part)
	}
	return spec, children, nil
}

// curveSpec says how the year is spread: by the method, with the months that are
// given kept as given.
func (sn *snapshot) curveSpec(q CascadeQuery, in luoshi.Indicator, node int, past *rollup.Cube) (cascade.TimeSpec, error) {
	spec := cascade.TimeSpec{Method: cascade.TimeMethod(q.Time), Calendar: in.Calendar, History: sn.history(in, node, past, q.years())}
	if q.Along != "" {
		spec.Along = sn.along(sn.indicators[q.Along], node, past, q.years())
	}
	if len(q.Months) == 0 {
		return spec, nil
	}
	spec.Base, spec.Method, spec.Custom = spec.Method, cascade.TimeCustom, blanks()
	for month, v := range q.Months {
		p, ok := in.Calendar.Period(sn.year, month, luoshi.Single)
		if !ok {
			return spec, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("period.out_of_calendar", "period", luoshi.MonthOf(sn.year, month), "calendar", in.Calendar)}
		}
		var err error
		if spec.Custom[p.To-1], err = luoshi.Scaled(v, in.Decimals); err != nil {
			return spec, err
		}
	}
	return spec, nil
}

// history is the single periods of past years, newest first.
func (sn *snapshot) history(in luoshi.Indicator, node int, past *rollup.Cube, years int) [][]int64 {
	var list [][]int64
	for year := sn.year - 1; year >= sn.year-years; year-- {
		single := past.Year(in.Code, node, year, luoshi.Single).Amount
		if slices.ContainsFunc(single[:], func(v int64) bool { return v != luoshi.Missing }) || year == sn.year-1 {
			list = append(list, single[:])
		}
	}
	return list
}

// along is the series of another indicator that a smooth curve follows: its past
// years, oldest first, then this year as it is planned, or else as it was last year.
func (sn *snapshot) along(in luoshi.Indicator, node int, past *rollup.Cube, years int) []float64 {
	var series []float64
	add := func(single []int64) {
		for _, v := range single {
			if v == luoshi.Missing {
				series = append(series, math.NaN())
			} else {
				series = append(series, float64(v))
			}
		}
	}
	history := sn.history(in, node, past, years)
	for _, year := range slices.Backward(history) {
		add(year)
	}
	if t, ok := sn.targets[targetAt{in.Code, sn.tree.Nodes[node].ID}]; ok && t.Curve != nil {
		planned, before := blanks(), int64(0)
		for _, m := range in.Calendar.Ends() {
			if sum := scaled(t.Curve[m-1], in.Decimals); sum != luoshi.Missing {
				planned[m-1], before = sum-before, sum
			}
		}
		add(planned)
	} else {
		add(history[0])
	}
	return series
}

func (sn *snapshot) padding(in luoshi.Indicator, node int) []PaddingRow {
	target := func(i int) (*luoshi.Target, bool) {
		t, ok := sn.targets[targetAt{in.Code, sn.tree.Nodes[i].ID}]
		return t, ok && t.Form == luoshi.FormLevel
	}
	list := cascade.PaddingOf(sn.tree, func(i int) int64 {
		if t, ok := target(i); ok && i >= node && i < sn.tree.Nodes[node].End {
			return scaled(t.Value, in.Decimals)
		}
		return luoshi.Missing
	}, func(i int) int64 {
		if t, ok := target(i); ok {
			return scaled(t.Reserve, in.Decimals)
		}
		return luoshi.Missing
	}, func(i int) bool { // a zone beside the counties counts if something was handed to it
		_, has := target(i)
		return sn.tree.Nodes[i].Kind.Area() && (has || sn.tree.Nodes[i].Kind != luoshi.DevZone)
	})
	show := func(v int64) luoshi.NullQuantity { return luoshi.Unscaled(v, in.Decimals) }
	rows := make([]PaddingRow, 0, len(list))
	for _, p := range list {
		rows = append(rows, PaddingRow{
			Unit: sn.ref(p.Node), Depth: p.Depth, Target: show(p.Value).Decimal, Children: show(p.Children).Decimal, Reserve: show(p.Reserve).Decimal,
			Hidden: show(p.Hidden), Share: p.Share, Added: show(p.Added),
		})
	}
	return rows
}

func (sn *snapshot) layOut(plan *CascadePlan, grid cascade.Grid, spec cascade.Spec, children []int) {
	in := plan.Indicator
	show := func(v int64) luoshi.Quantity { return luoshi.Unscaled(v, in.Decimals).Decimal }
	for _, m := range in.Calendar.Ends() {
		p, _ := in.Calendar.Period(sn.year, m, luoshi.Single)
		plan.Columns = append(plan.Columns, p)
		plan.Months = append(plan.Months, show(grid.Cols[m-1]))
	}
	for i, c := range children {
		unit := sn.tree.Nodes[c]
		t, has := sn.targets[targetAt{in.Code, unit.ID}]
		last := spec.Parts[i].Last
		row := CascadeRow{Unit: sn.ref(c), Total: show(grid.Rows[i]), LastYear: luoshi.Unscaled(last, in.Decimals), Locked: spec.Parts[i].Locked != luoshi.Missing,
			id: unit.ID, curve: make([]luoshi.NullQuantity, 12)}
		if last != luoshi.Missing {
			row.Change = luoshi.Over(grid.Rows[i]-last, last)
		}
		if has {
			row.scheme, row.owner = t.Scheme, t.Owner
		}
		if has && t.Form == luoshi.FormLevel {
			row.InForce = t.Value
		}
		sums := cascade.Accumulate(grid.Cells[i])
		for _, m := range in.Calendar.Ends() {
			row.Months = append(row.Months, show(grid.Cells[i][m-1]))
			row.curve[m-1] = luoshi.Unscaled(sums[m-1], in.Decimals)
		}
		plan.Rows = append(plan.Rows, row)
	}
}

// targets are the revisions that the plan would put in force.
func (p *CascadePlan) targets(q CascadeQuery, from luoshi.Date, by string) []luoshi.Target {
	list := make([]luoshi.Target, 0, len(p.Rows))
	for _, row := range p.Rows {
		list = append(list, luoshi.Target{
			Indicator: p.Indicator.Code, Unit: row.id, FirstYear: p.Year, LastYear: p.Year, Form: luoshi.FormLevel, Value: luoshi.Some(row.Total),
			Curve: row.curve, Owner: row.owner, Scheme: row.scheme, Reason: q.Reason, From: from, By: by, Sample: p.Sample,
		})
	}
	return list
}

// PutInForce saves a split as the next revision of each unit's target. It needs a
// reason: what was promised before stays on record beside it.
func (s *Service) PutInForce(ctx context.Context, q CascadeQuery, by string) (*CascadePlan, error) {
	plan, err := s.Cascade(ctx, q)
	if err != nil {
		return nil, err
	}
	if luoshi.Blocked(plan.Problems) {
		return plan, nil
	}
	if q.Reason == "" {
		return nil, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("target.reason", "indicator", plan.Indicator.Names)}
	}
	from := q.From
	if from == 0 {
		from = s.today()
	}
	return plan, s.store.Write(ctx, func(tx *store.Tx) error { return tx.AddTargets(ctx, plan.targets(q, from, by)) })
}

// WriteCascade writes a split as a workbook of targets, to be changed and imported.
func (s *Service) WriteCascade(w io.Writer, p *CascadePlan, q CascadeQuery, lang string) error {
	from := q.From
	if from == 0 {
		from = s.today()
	}
	return office.WriteWorkbook(w, p.draft(q, from), lang)
}

// draft is the split as rows of a workbook of targets, to be changed and imported.
func (p *CascadePlan) draft(q CascadeQuery, from luoshi.Date) *office.Draft {
	d := &office.Draft{}
	for i, t := range p.targets(q, from, "") {
		d.Targets = append(d.Targets, office.TargetRow{
			Indicator: t.Indicator, UnitCode: p.Rows[i].Unit.Code, UnitName: p.Rows[i].Unit.Name.Hans, FirstYear: t.FirstYear, LastYear: t.LastYear, Form: t.Form,
			Value: t.Value, Curve: t.Curve, Owner: t.Owner, Scheme: t.Scheme, Reason: t.Reason, From: t.From, Sample: t.Sample,
		})
	}
	return d
}

// today is the day of the service's clock.
func (s *Service) today() luoshi.Date { return luoshi.DateOf(s.now()) }

// UnitMethods and TimeMethods list the ways to split, for help and completion.
func UnitMethods() []string {
	return []string{string(cascade.UnitLastShare), string(cascade.UnitWeight), string(cascade.UnitEqualGrowth), string(cascade.UnitByHand)}
}

// TimeMethods lists the ways to spread over the year.
func TimeMethods() []string {
	return []string{string(cascade.TimeStraight), string(cascade.TimeLastYear), string(cascade.TimeShape), string(cascade.TimeSmooth)}
}
