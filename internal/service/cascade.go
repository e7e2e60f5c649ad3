package service

import (
	"context"
	"io"
	"math"
	"slices"

	"luoshi.dev"
	"luoshi.dev/cascade"
	"luoshi.dev/rollup"
)

// CascadeQuery asks how the target of a unit would be split over the units below
// it and the months of the year. Codes name units at any depth.
type CascadeQuery struct {
	Look      `json:"-"`
	Indicator string                             `json:"indicator"`
	Units     string                             `json:"units,omitempty"`    // one of UnitMethods
	Time      string                             `json:"time,omitempty"`     // one of TimeMethods
	Total     luoshi.NullQuantity                `json:"total"`              // absent = the target in force
	Reserve   luoshi.NullQuantity                `json:"reserve"`            // absent = the one declared with the target
	Locks     map[string]luoshi.Quantity         `json:"locks,omitempty"`    // unit code -> value that is not to move
	Weights   map[string]luoshi.Quantity         `json:"weights,omitempty"`  // unit code -> weight, for the method by weight
	Min       map[string]luoshi.Quantity         `json:"min,omitempty"`      // unit code -> bound
	Max       map[string]luoshi.Quantity         `json:"max,omitempty"`      // unit code -> bound
	Months    map[int]luoshi.Quantity            `json:"months,omitempty"`   // month that ends a period -> value given for it; the rest is spread by Time
	Methods   map[string]string                  `json:"methods,omitempty"`  // unit code -> its own way over the year, one of TimeMethods
	Cells     map[string]map[int]luoshi.Quantity `json:"cells,omitempty"`    // unit code -> month that ends a period -> value that is not to move
	Reserves  map[string]luoshi.Quantity         `json:"reserves,omitempty"` // unit code -> reserve of a unit below that is split too
	Open      []string                           `json:"open,omitempty"`     // units whose children are shown
	Split     []string                           `json:"split,omitempty"`    // units below that are split too
	Years     int                                `json:"years,omitempty"`    // how many past years a shape is taken from; 0 = 3
	Along     string                             `json:"along,omitempty"`    // indicator that a smooth curve follows, "" = none
	From      luoshi.Date                        `json:"from,omitempty"`     // from when it would hold; 0 = today
	Reason    string                             `json:"reason,omitempty"`
	Seen      int64                              `json:"seen,omitempty"` // CascadeSheet.Seen of the sheet that was decided on; 0 = not checked
	ToWrite   bool                               `json:"-"`              // the sheet is to be written as a workbook; one that is only shown cannot be
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
	handing   *handing
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
	node     int
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
	node     int
}

// Cascade works out a split over the units directly below. Problems that keep it
// from existing are in the plan.
func (s *Service) Cascade(ctx context.Context, q CascadeQuery) (*CascadePlan, error) {
	sn, node, err := s.stand(ctx, q.Look)
	if err != nil {
		return nil, err
	}
	in, ok := sn.indicators[q.Indicator]
	if !ok || node < 0 {
		return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("import.indicator_unknown", "code", q.Indicator)}
	}
	if why, no := sn.unsplit(in, node, q.Total.Valid); no {
		return nil, &luoshi.Error{Code: luoshi.Invalid, Message: why}
	}
	q.Open, q.Split = nil, nil
	h, err := s.handing(ctx, sn, node, in, q)
	if err != nil {
		return nil, err
	}
	h.begin()
	if len(h.refused) > 0 {
		return nil, &luoshi.Error{Code: luoshi.Invalid, Message: h.refused[0].Message}
	}
	plan := &CascadePlan{Indicator: in, Padding: sn.padding(in, node, nil)}
	if plan.Frame, err = s.frame(ctx, sn, node); err != nil {
		return nil, err
	}
	top := h.levels[node]
	plan.Total, plan.Reserve = luoshi.Unscaled(top.spec.Total, in.Decimals).Decimal, luoshi.Unscaled(top.spec.Reserve, in.Decimals).Decimal
	plan.Problems = sn.shown(in, top.problems)
	if !luoshi.Blocked(top.problems) {
		h.layOut(plan, top)
	}
	return plan, nil
}

// unsplit says why an indicator's target cannot be handed down from a unit.
func (sn *snapshot) unsplit(in luoshi.Indicator, node int, given bool) (luoshi.Message, bool) {
	t := sn.targets[targetAt{in.Code, sn.tree.Nodes[node].ID}]
	switch {
	case !in.Additive():
		return luoshi.Say("cascade.not_additive", "indicator", in.Names), true
	case !given && (t == nil || t.Form != luoshi.FormLevel || !t.Value.Valid):
		return luoshi.Say("cascade.no_total", "indicator", in.Names, "unit", sn.tree.Nodes[node].Names), true
	case len(sn.areas(node)) == 0:
		return luoshi.Say("cascade.no_children", "unit", sn.tree.Nodes[node].Names), true
	}
	return luoshi.Message{}, false
}

// shown gives problems of the pure room their words: amounts and units.
func (sn *snapshot) shown(in luoshi.Indicator, problems []luoshi.Problem) []luoshi.Problem {
	return cascade.Shown(problems, in.Decimals, func(id luoshi.UnitID) luoshi.Names {
		if i, ok := sn.tree.Find(id); ok {
			return sn.tree.Nodes[i].Names
		}
		return luoshi.Names{}
	})
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

// padding reports what each unit below the node adds on its own, by the targets in
// force or as they would be: tried is by node.
func (sn *snapshot) padding(in luoshi.Indicator, node int, tried map[int]handed) []PaddingRow {
	target := func(i int) (*luoshi.Target, bool) {
		t, ok := sn.targets[targetAt{in.Code, sn.tree.Nodes[i].ID}]
		return t, ok && t.Form == luoshi.FormLevel
	}
	list := cascade.PaddingOf(sn.tree, func(i int) int64 {
		if h, ok := tried[i]; ok {
			return h.total
		}
		if t, ok := target(i); ok && i >= node && i < sn.tree.Nodes[node].End {
			return scaled(t.Value, in.Decimals)
		}
		return luoshi.Missing
	}, func(i int) int64 {
		if h, ok := tried[i]; ok && h.reserve != luoshi.Missing {
			return h.reserve
		}
		if t, ok := target(i); ok {
			return scaled(t.Reserve, in.Decimals)
		}
		return luoshi.Missing
	}, func(i int) bool { // a zone beside the counties counts if something was handed to it
		_, has := target(i)
		_, would := tried[i]
		return sn.tree.Nodes[i].Kind.Area() && (has || would || sn.tree.Nodes[i].Kind != luoshi.DevZone)
	})
	show := func(v int64) luoshi.NullQuantity { return luoshi.Unscaled(v, in.Decimals) }
	rows := make([]PaddingRow, 0, len(list))
	for _, p := range list {
		rows = append(rows, PaddingRow{
			Unit: sn.ref(p.Node), Depth: p.Depth, Target: show(p.Value).Decimal, Children: show(p.Children).Decimal, Reserve: show(p.Reserve).Decimal,
			Hidden: show(p.Hidden), Share: p.Share, Added: show(p.Added), node: p.Node,
		})
	}
	return rows
}

func (h *handing) layOut(plan *CascadePlan, top *level) {
	in, sn := plan.Indicator, h.sn
	show := func(v int64) luoshi.Quantity { return luoshi.Unscaled(v, in.Decimals).Decimal }
	for _, m := range h.calendar.Ends() {
		p, _ := h.calendar.Period(sn.year, m, luoshi.Single)
		plan.Columns = append(plan.Columns, p)
		plan.Months = append(plan.Months, show(top.grid.Cols[m-1]))
	}
	for i, c := range top.children {
		last := h.last(c)
		row := CascadeRow{Unit: sn.ref(c), Total: show(top.grid.Rows[i]), LastYear: luoshi.Unscaled(last, in.Decimals), Locked: top.spec.Parts[i].Locked != luoshi.Missing, node: c}
		if last != luoshi.Missing {
			row.Change = luoshi.Over(top.grid.Rows[i]-last, last)
		}
		if t := h.promise(c); t != nil {
			row.InForce = t.Value
		}
		for _, m := range h.calendar.Ends() {
			row.Months = append(row.Months, show(top.grid.Cells[i][m-1]))
		}
		plan.Rows = append(plan.Rows, row)
	}
	plan.handing = h
}

// WriteCascade writes a split as a workbook of targets, to be changed and imported.
func (s *Service) WriteCascade(w io.Writer, p *CascadePlan, q CascadeQuery, lang string) error {
	return p.handing.write(w, q, s.dayOf(q), lang)
}

// dayOf is the day from which a split would hold.
func (s *Service) dayOf(q CascadeQuery) luoshi.Date {
	if q.From != 0 {
		return q.From
	}
	return s.today()
}

// today is the day of the service's clock.
func (s *Service) today() luoshi.Date { return luoshi.DateOf(s.now()) }

// UnitMethods and TimeMethods list the ways to split, for help and completion.
func UnitMethods() []string {
	return []string{AsInForce, string(cascade.UnitLastShare), string(cascade.UnitEqualGrowth), string(cascade.UnitWeight), string(cascade.UnitByHand)}
}

// AsInForce is the way to split in the proportions of the plan that is in force: as
// long as nothing else is asked for, what comes out is that plan.
const AsInForce = "in_force"

// TimeMethods lists the ways to spread over the year.
func TimeMethods() []string {
	return []string{AsInForce, string(cascade.TimeStraight), string(cascade.TimeLastYear), string(cascade.TimeShape), string(cascade.TimeSmooth)}
}
