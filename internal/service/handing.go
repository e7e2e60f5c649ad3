package service

import (
	"context"
	"slices"

	"github.com/govalues/decimal"

	"luoshi.dev"
	"luoshi.dev/cascade"
	"luoshi.dev/rollup"
)

// handing is a target on its way down the tree: each level that is split, from the
// top, with what a unit got from above as the margins of its own split.
type handing struct {
	sn       *snapshot
	node     int // the top
	in       luoshi.Indicator
	q        CascadeQuery
	calendar luoshi.Calendar // over which the year is spread: for a stock the year alone
	past     *rollup.Cube
	levels   map[int]*level // by node that is split
	tried    map[int]handed // by node, what it would have
}

// handed is what a unit would have. months is nil while there is no split.
type handed struct {
	total, reserve int64
	months         []int64
	plain          bool // without a curve of its own, as before
}

// level is one unit's split.
type level struct {
	children []int
	spec     cascade.Spec
	grid     cascade.Grid
	problems []luoshi.Problem
}

// handing stands at the top of a target's way down; [handing.begin] sends it.
func (s *Service) handing(ctx context.Context, sn *snapshot, node int, in luoshi.Indicator, q CascadeQuery) (*handing, error) {
	past, err := s.pastYears(ctx, sn, q)
	if err != nil {
		return nil, err
	}
	h := &handing{sn: sn, node: node, in: in, q: q, calendar: in.Calendar, past: past, levels: map[int]*level{}, tried: map[int]handed{}}
	if in.OverTime != luoshi.TimeSum {
		h.calendar = luoshi.Yearly // a stock has levels, not parts of a year
	}
	return h, nil
}

// begin works out every level that is asked for.
func (h *handing) begin() error {
	total, reserve := h.q.Total, h.q.Reserve
	if t := h.promise(h.node); t != nil {
		if !total.Valid {
			total = t.Value
		}
		if !reserve.Valid {
			reserve = t.Reserve
		}
	}
	top, err := handed{}, error(nil)
	if top.total, err = luoshi.Scaled(total.Decimal, h.in.Decimals); err != nil {
		return err
	}
	if reserve.Valid {
		if top.reserve, err = luoshi.Scaled(reserve.Decimal, h.in.Decimals); err != nil {
			return err
		}
	}
	h.tried[h.node] = top
	return h.split(h.node)
}

// promise is the level target of a node that is in force, or nil.
func (h *handing) promise(node int) *luoshi.Target {
	if t := h.sn.targets[targetAt{h.in.Code, h.sn.tree.Nodes[node].ID}]; t != nil && t.Form == luoshi.FormLevel && t.Value.Valid {
		return t
	}
	return nil
}

// singles are the months of a target by its own curve, or nil where it has none.
func (h *handing) singles(t *luoshi.Target) []int64 {
	if t == nil || len(t.Curve) != 12 || h.in.OverTime != luoshi.TimeSum {
		return nil
	}
	months, before := blanks(), int64(0)
	for _, end := range h.calendar.Ends() {
		sum := scaled(t.Curve[end-1], h.in.Decimals)
		if sum == luoshi.Missing {
			return nil
		}
		months[end-1], before = sum-before, sum
	}
	return months
}

// last is last year's figure of a node.
func (h *handing) last(node int) int64 {
	if v, ok := h.sn.value(h.in, node, h.sn.year-1, 12); ok {
		return scaled(v.Amount, h.in.Decimals)
	}
	return luoshi.Missing
}

// split works out the level below a node, and those below it that are asked for.
func (h *handing) split(node int) error {
	l := &level{children: h.sn.areas(node)}
	own := h.tried[node]
	l.spec = cascade.Spec{Total: own.total, Reserve: own.reserve, Units: cascade.UnitMethod(h.q.Units)}
	if h.q.Units == AsInForce {
		l.spec.Units = cascade.UnitLastShare
	}
	if err := h.parts(l); err != nil {
		return err
	}
	curve, err := h.curve(node, own)
	if err != nil {
		return err
	}
	l.spec.Time = curve
	if err := h.curves(l); err != nil {
		return err
	}
	l.grid, l.problems = cascade.Both(l.spec)
	h.levels[node] = l
	if luoshi.Blocked(l.problems) {
		return nil
	}
	own.months = l.grid.Cols
	own.plain = h.q.Time == AsInForce && h.singles(h.promise(node)) == nil && len(h.q.Months) == 0
	h.tried[node] = own
	for i, c := range l.children {
		if err := h.hand(c, l.grid.Rows[i], l.grid.Cells[i], own.plain); err != nil {
			return err
		}
	}
	return nil
}

// hand gives a child what it would have, and splits it further where that is asked for.
func (h *handing) hand(node int, total int64, months []int64, plain bool) error {
	code := h.sn.tree.Nodes[node].Code
	got := handed{total: total, months: months, reserve: luoshi.Missing}
	got.plain = plain && h.q.Methods[code] == "" && len(h.q.Cells[code]) == 0 && h.singles(h.promise(node)) == nil
	if v, ok := h.q.Reserves[code]; ok {
		var err error
		if got.reserve, err = luoshi.Scaled(v, h.in.Decimals); err != nil {
			return err
		}
	} else if t := h.promise(node); t != nil {
		got.reserve = scaled(t.Reserve, h.in.Decimals)
	}
	h.tried[node] = got
	if !h.splits(node) {
		return nil
	}
	if got.reserve == luoshi.Missing {
		got.reserve = 0
	}
	h.tried[node] = got
	return h.split(node)
}

// splits reports whether a unit below the top is split too.
func (h *handing) splits(node int) bool {
	return slices.Contains(h.q.Split, h.sn.tree.Nodes[node].Code) && len(h.sn.areas(node)) > 0
}

// parts is each child's side of a split.
func (h *handing) parts(l *level) error {
	for _, c := range l.children {
		unit := h.sn.tree.Nodes[c]
		part := cascade.Part{Unit: unit.ID, Last: h.last(c), Locked: luoshi.Missing, Min: luoshi.Missing, Max: luoshi.Missing, Weight: h.q.Weights[unit.Code]}
		for _, given := range []struct {
			by   map[string]luoshi.Quantity
			into *int64
		}{{h.q.Locks, &part.Locked}, {h.q.Min, &part.Min}, {h.q.Max, &part.Max}} {
			if v, ok := given.by[unit.Code]; ok {
				var err error
				if *given.into, err = luoshi.Scaled(v, h.in.Decimals); err != nil {
					return err
				}
			}
		}
		if h.q.Units == AsInForce {
			last := part.Last
			part.Last = luoshi.Missing
			if t := h.promise(c); t != nil {
				part.Last = scaled(t.Value, h.in.Decimals)
			}
			if part.Weight.IsZero() && last > 0 { // who has no target yet stands in by last year's size
				part.Weight = decimal.MustNew(last, 0)
			}
		}
		if cells, all, err := h.cells(unit.Code); err != nil {
			return err
		} else if all && part.Locked == luoshi.Missing { // the year is what its months are
			part.Locked = 0
			for _, end := range h.calendar.Ends() {
				part.Locked += cells[end-1]
			}
		}
		l.spec.Parts = append(l.spec.Parts, part)
	}
	return nil
}

// cells are the locked months of a unit, and whether all are.
func (h *handing) cells(code string) (cells []int64, all bool, err error) {
	given := h.q.Cells[code]
	if len(given) == 0 {
		return nil, false, nil
	}
	if cells, err = h.year(given); err != nil {
		return nil, false, err
	}
	for _, end := range h.calendar.Ends() {
		if cells[end-1] == luoshi.Missing {
			return cells, false, nil
		}
	}
	return cells, true, nil
}

// year brings values by month to the calendar.
func (h *handing) year(given map[int]luoshi.Quantity) ([]int64, error) {
	year := blanks()
	for month, v := range given {
		p, ok := h.calendar.Period(h.sn.year, month, luoshi.Single)
		if !ok {
			return nil, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("period.out_of_calendar", "period", luoshi.MonthOf(h.sn.year, month), "calendar", h.calendar)}
		}
		var err error
		if year[p.To-1], err = luoshi.Scaled(v, h.in.Decimals); err != nil {
			return nil, err
		}
	}
	return year, nil
}

// curve says how a node's year is spread: as the level above has laid it down, or
// by the method, with the months that are given kept as given.
func (h *handing) curve(node int, own handed) (cascade.TimeSpec, error) {
	if own.months != nil {
		return cascade.TimeSpec{Method: cascade.TimeCustom, Calendar: h.calendar, Custom: own.months}, nil
	}
	spec := h.shape(node, h.q.Time)
	if len(h.q.Months) == 0 {
		return spec, nil
	}
	custom, err := h.year(h.q.Months)
	spec.Base, spec.Method, spec.Custom = spec.Method, cascade.TimeCustom, custom
	return spec, err
}

// shape is a way over the year with what it needs to know of a node.
func (h *handing) shape(node int, method string) cascade.TimeSpec {
	spec := cascade.TimeSpec{Method: cascade.TimeMethod(method), Calendar: h.calendar}
	switch method {
	case AsInForce:
		spec.Method = cascade.TimeStraight
		if months := h.singles(h.promise(node)); months != nil {
			spec.Method, spec.History = cascade.TimeLastYear, [][]int64{months}
		}
	case string(cascade.TimeStraight):
	default:
		spec.History = h.sn.history(h.in, node, h.past, h.q.years())
		if h.q.Along != "" {
			spec.Along = h.sn.along(h.sn.indicators[h.q.Along], node, h.past, h.q.years())
		}
	}
	return spec
}

// curves gives those children curves of their own that have a method or locked
// cells, or keep theirs from the plan in force. Where every cell below is given,
// the months of the whole follow from them.
func (h *handing) curves(l *level) error {
	months, problems := cascade.OverTime(l.spec.Total, l.spec.Time)
	if luoshi.Blocked(problems) {
		return nil // the split will say so
	}
	own, any, every := make([]cascade.TimeSpec, len(l.children)), false, true
	for i, c := range l.children {
		code := h.sn.tree.Nodes[c].Code
		cells, all, err := h.cells(code)
		if err != nil {
			return err
		}
		every = every && all
		method := h.q.Methods[code]
		if method == "" && h.q.Time == AsInForce && h.singles(h.promise(c)) != nil {
			method = AsInForce
		}
		switch {
		case method != "":
			own[i] = h.shape(c, method)
		case cells != nil: // the rest follows the whole
			own[i] = cascade.TimeSpec{Method: cascade.TimeLastYear, Calendar: h.calendar, History: [][]int64{months}}
		default:
			continue
		}
		any = true
		if cells != nil {
			own[i].Base, own[i].Method, own[i].Custom = own[i].Method, cascade.TimeCustom, cells
		}
	}
	if any {
		l.spec.PartTime = own
	}
	if every && l.spec.Time.Method != cascade.TimeCustom {
		h.upward(l, own)
	}
	return nil
}

// upward makes the months of the whole what the cells below and the reserve come to.
func (h *handing) upward(l *level, own []cascade.TimeSpec) {
	months, problems := cascade.OverTime(l.spec.Reserve, l.spec.Time)
	if luoshi.Blocked(problems) {
		return
	}
	for _, part := range own {
		for _, end := range h.calendar.Ends() {
			months[end-1] += part.Custom[end-1]
		}
	}
	sum := int64(0)
	for _, end := range h.calendar.Ends() {
		sum += months[end-1]
	}
	if sum == l.spec.Total { // else the units' side says what is wrong
		l.spec.Time.Base, l.spec.Time.Method, l.spec.Time.Custom = l.spec.Time.Method, cascade.TimeCustom, months
	}
}
