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
	levels   map[int]*level  // by node that is split
	tried    map[int]handed  // by node, what it would have
	straight map[int][]int64 // by node, the straight line that stands for a plan without curves
	refused  []SheetProblem  // given values that the indicator cannot take; they count as not given
}

// handed is what a unit would have. months is nil while there is no split.
type handed struct {
	total, reserve int64
	months         []int64
	plain          bool // without a curve of its own, as before: all of its level are
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
	h := &handing{sn: sn, node: node, in: in, q: q, calendar: in.Calendar, past: past, levels: map[int]*level{}, tried: map[int]handed{}, straight: map[int][]int64{}}
	if in.OverTime != luoshi.TimeSum {
		h.calendar = luoshi.Yearly // a stock has levels, not parts of a year
	}
	return h, nil
}

// begin works out every level that is asked for.
func (h *handing) begin() {
	total, reserve := h.q.Total, h.q.Reserve
	if t := h.promise(h.node); t != nil {
		if !total.Valid {
			total = t.Value
		}
		if !reserve.Valid {
			reserve = t.Reserve
		}
	}
	top := handed{}
	if v, ok := h.scale(h.node, 0, total.Decimal); ok {
		top.total = v
	} else if t := h.promise(h.node); t != nil {
		top.total = scaled(t.Value, h.in.Decimals)
	}
	if reserve.Valid {
		top.reserve, _ = h.scale(h.node, 0, reserve.Decimal)
	}
	h.tried[h.node] = top
	h.split(h.node)
}

// scale brings a given value to the indicator's decimals, or notes why it cannot be.
func (h *handing) scale(node, month int, v luoshi.Quantity) (int64, bool) {
	n, err := luoshi.Scaled(v, h.in.Decimals)
	if err != nil {
		h.refuse(node, month, messageOf(err))
	}
	return n, err == nil
}

func (h *handing) refuse(node, month int, m luoshi.Message) {
	p := SheetProblem{Unit: h.sn.ref(node), Month: month, Severity: luoshi.Blocking, Message: m}
	for _, o := range h.refused {
		if o.Unit.Code == p.Unit.Code && o.Month == month && o.Message.String() == m.String() {
			return
		}
	}
	h.refused = append(h.refused, p)
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
func (h *handing) split(node int) {
	l := &level{children: h.sn.areas(node)}
	own := h.tried[node]
	l.spec = cascade.Spec{Total: own.total, Reserve: own.reserve, Units: cascade.UnitMethod(h.q.Units)}
	if h.q.Units == AsInForce {
		l.spec.Units = cascade.UnitLastShare
	}
	h.parts(l)
	l.spec.Time = h.curve(node, own)
	h.curves(l)
	l.grid, l.problems = cascade.Both(l.spec)
	h.levels[node] = l
	if luoshi.Blocked(l.problems) { // what is known of it is shown all the same
		l.grid.Rows, _ = cascade.OverUnits(l.spec.Total, l.spec.Reserve, l.spec.Units, l.spec.Parts)
		l.grid.Cols, _ = cascade.OverTime(l.spec.Total, l.spec.Time)
		return
	}
	own.months = l.grid.Cols
	own.plain = h.q.Time == AsInForce && h.singles(h.promise(node)) == nil && len(h.q.Months) == 0
	h.tried[node] = own
	for i, c := range l.children {
		h.hand(c, l.grid.Rows[i], l.grid.Cells[i], own.plain && l.spec.PartTime == nil)
	}
}

// hand gives a child what it would have, and splits it further where that is asked for.
func (h *handing) hand(node int, total int64, months []int64, plain bool) {
	code := h.sn.tree.Nodes[node].Code
	got := handed{total: total, months: months, reserve: luoshi.Missing}
	got.plain = plain && h.singles(h.promise(node)) == nil
	if v, ok := h.q.Reserves[code]; ok {
		got.reserve, _ = h.scale(node, 0, v)
	} else if t := h.promise(node); t != nil {
		got.reserve = scaled(t.Reserve, h.in.Decimals)
	}
	h.tried[node] = got
	if !h.splits(node) {
		return
	}
	if got.reserve == luoshi.Missing {
		got.reserve = 0
	}
	h.tried[node] = got
	h.split(node)
}

// splits reports whether a unit below the top is split too.
func (h *handing) splits(node int) bool {
	return slices.Contains(h.q.Split, h.sn.tree.Nodes[node].Code) && len(h.sn.areas(node)) > 0
}

// parts is each child's side of a split.
func (h *handing) parts(l *level) {
	for _, c := range l.children {
		unit := h.sn.tree.Nodes[c]
		part := cascade.Part{Unit: unit.ID, Last: h.last(c), Locked: luoshi.Missing, Min: luoshi.Missing, Max: luoshi.Missing, Weight: h.q.Weights[unit.Code]}
		for _, given := range []struct {
			by   map[string]luoshi.Quantity
			into *int64
		}{{h.q.Locks, &part.Locked}, {h.q.Min, &part.Min}, {h.q.Max, &part.Max}} {
			if v, ok := given.by[unit.Code]; ok {
				if n, ok := h.scale(c, 0, v); ok {
					*given.into = n
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
		if cells, all := h.cells(c); all && part.Locked == luoshi.Missing { // the year is what its months are
			part.Locked = 0
			for _, end := range h.calendar.Ends() {
				part.Locked += cells[end-1]
			}
		}
		l.spec.Parts = append(l.spec.Parts, part)
	}
}

// cells are the locked months of a unit, and whether all are.
func (h *handing) cells(node int) (cells []int64, all bool) {
	if cells = h.year(node, h.q.Cells[h.sn.tree.Nodes[node].Code]); cells == nil {
		return nil, false
	}
	for _, end := range h.calendar.Ends() {
		if cells[end-1] == luoshi.Missing {
			return cells, false
		}
	}
	return cells, true
}

// year brings values by month to the calendar, nil where none is given.
func (h *handing) year(node int, given map[int]luoshi.Quantity) []int64 {
	var year []int64
	for month, v := range given {
		p, ok := h.calendar.Period(h.sn.year, month, luoshi.Single)
		if !ok {
			h.refuse(node, month, luoshi.Say("period.out_of_calendar", "period", luoshi.MonthOf(h.sn.year, month), "calendar", h.calendar))
			continue
		}
		if n, ok := h.scale(node, month, v); ok {
			if year == nil {
				year = blanks()
			}
			year[p.To-1] = n
		}
	}
	return year
}

// curve says how a node's year is spread: as the level above has laid it down, or
// by the method, with the months that are given kept as given.
func (h *handing) curve(node int, own handed) cascade.TimeSpec {
	if own.months != nil {
		return cascade.TimeSpec{Method: cascade.TimeCustom, Calendar: h.calendar, Custom: own.months}
	}
	spec := h.shape(node, h.q.Time)
	if custom := h.year(node, h.q.Months); custom != nil {
		spec.Base, spec.Method, spec.Custom = spec.Method, cascade.TimeCustom, custom
	}
	return spec
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
func (h *handing) curves(l *level) {
	months, problems := cascade.OverTime(l.spec.Total, l.spec.Time)
	if luoshi.Blocked(problems) {
		return // the split will say so
	}
	own, any, every := make([]cascade.TimeSpec, len(l.children)), false, true
	for i, c := range l.children {
		code := h.sn.tree.Nodes[c].Code
		cells, all := h.cells(c)
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

// assume lays straight lines for a level in force that has no curves, so that they
// too add up in both margins. months is the node's own line, nil = none yet.
func (h *handing) assume(node int, months []int64) {
	t := h.promise(node)
	if t == nil || h.singles(t) != nil {
		return
	}
	spec := cascade.Spec{Units: cascade.UnitByHand, Time: cascade.TimeSpec{Method: cascade.TimeStraight, Calendar: h.calendar}}
	if t.Reserve.Valid {
		spec.Reserve = scaled(t.Reserve, h.in.Decimals)
	}
	spec.Total = spec.Reserve
	var children []int
	for _, c := range h.sn.areas(node) {
		own := h.promise(c)
		if own == nil {
			continue
		}
		if h.singles(own) != nil {
			return
		}
		v := scaled(own.Value, h.in.Decimals)
		spec.Parts = append(spec.Parts, cascade.Part{Unit: own.Unit, Last: luoshi.Missing, Locked: v, Min: luoshi.Missing, Max: luoshi.Missing})
		spec.Total += v
		children = append(children, c)
	}
	if months != nil && spec.Total == scaled(t.Value, h.in.Decimals) {
		spec.Time = cascade.TimeSpec{Method: cascade.TimeCustom, Calendar: h.calendar, Custom: months}
	}
	grid, problems := cascade.Both(spec)
	if luoshi.Blocked(problems) {
		return
	}
	for i, c := range children {
		h.straight[c] = grid.Cells[i]
		if slices.Contains(h.q.Open, h.sn.tree.Nodes[c].Code) {
			h.assume(c, grid.Cells[i])
		}
	}
}
