package service

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"luoshi.dev"
	"luoshi.dev/cascade"
)

// CascadeSheet is the year's plan of one indicator as a tree: the unit, the units
// below it, and theirs where they are opened; as it is in force, or as it would be.
type CascadeSheet struct {
	Frame
	Code      string            `json:"indicator"`
	Name      luoshi.Names      `json:"name"`
	Measure   luoshi.Measure    `json:"measure"`
	Decimals  int               `json:"decimals"`
	Calendar  luoshi.Calendar   `json:"calendar"`
	Direction luoshi.Direction  `json:"direction"`
	Choices   []IndicatorChoice `json:"choices"`
	Why       luoshi.Message    `json:"-"`     // why there is no sheet, "" = there is one
	Tried     bool              `json:"tried"` // the numbers are tried, not in force
	Units     string            `json:"units"` // the ways to split that were used
	Time      string            `json:"time"`
	Columns   []luoshi.Period   `json:"columns"` // the year's single periods, none for a stock
	Rows      []SheetRow        `json:"rows"`    // depth first
	Sum       SheetSum          `json:"sum"`
	Problems  []SheetProblem    `json:"problems"`
	Changes   []PlanChange      `json:"changes"` // what would change if it were put in force
	Seen      int64             `json:"seen"`    // the newest revision that the sheet knows of
	From      luoshi.Date       `json:"from"`    // from when it would hold
	Versions  []PlanVersion     `json:"versions"`
	handing   *handing
}

// weight tells how much a sheet holds: mostly its cells.
func (v *CascadeSheet) weight() int {
	return (len(v.Rows)+1)*(600+24*len(v.Columns)) + 200*(len(v.Changes)+len(v.Versions))
}

// IndicatorChoice is an indicator whose target can be handed down from the unit.
type IndicatorChoice struct {
	Code string       `json:"code"`
	Name luoshi.Names `json:"name"`
	Here bool         `json:"here"` // the unit has a level target of it
}

// SheetRow is one unit of the sheet, or what a unit keeps in reserve.
type SheetRow struct {
	Unit        UnitRef               `json:"unit"`
	Reserve     bool                  `json:"reserve"` // the row is what the unit keeps
	Depth       int                   `json:"depth"`
	Parent      string                `json:"parent,omitempty"`
	Below       int                   `json:"below"` // units directly below
	Open        bool                  `json:"open"`
	Tried       bool                  `json:"tried"`   // its numbers are tried
	Split       bool                  `json:"split"`   // the units below it are tried too
	Method      string                `json:"method"`  // its own way over the year, "" = as the row above
	Assumed     bool                  `json:"assumed"` // no curve was laid down: the straight line stands for it
	Total       luoshi.NullQuantity   `json:"total"`
	Months      []luoshi.NullQuantity `json:"months"`
	LastYear    luoshi.NullQuantity   `json:"last_year"`
	Growth      luoshi.Ratio          `json:"-"`        // on last year; × 100 = percent
	Revision    int                   `json:"revision"` // in force, 0 = none
	Before      luoshi.NullQuantity   `json:"before"`   // in force; where nothing is tried, the revision before
	Against     luoshi.NullQuantity   `json:"against"`  // Total − Before
	Hidden      luoshi.NullQuantity   `json:"hidden"`   // what the unit adds on its own (层层加码)
	HiddenShare luoshi.Ratio          `json:"-"`
	Locked      bool                  `json:"locked"`
	Cells       []bool                `json:"cells,omitempty"` // locked months
	Min         luoshi.NullQuantity   `json:"min"`
	Max         luoshi.NullQuantity   `json:"max"`
	Weight      luoshi.NullQuantity   `json:"weight"`
}

// SheetSum is the lower margin: the units directly below and the reserve together.
type SheetSum struct {
	Full   bool                  `json:"full"` // every unit below has a target
	Total  luoshi.NullQuantity   `json:"total"`
	Months []luoshi.NullQuantity `json:"months"`
	Hidden luoshi.NullQuantity   `json:"hidden"` // Total − the target
	Share  luoshi.Ratio          `json:"-"`      // of the target
}

// SheetProblem is a problem at a cell: of a unit ("" = the sheet), in a month (0 = the year).
type SheetProblem struct {
	Unit     UnitRef         `json:"unit"`
	Month    int             `json:"month"`
	Severity luoshi.Severity `json:"severity"`
	Message  luoshi.Message  `json:"-"`
	More     []UnitRef       `json:"more,omitempty"` // other units of which the same is said
}

// PlanChange is one target that would get another revision.
type PlanChange struct {
	Unit   UnitRef             `json:"unit"`
	Before luoshi.NullQuantity `json:"before"`
	After  luoshi.Quantity     `json:"after"`
	By     luoshi.NullQuantity `json:"by"`
	Curve  bool                `json:"curve"` // the way over the year changes
	Next   int                 `json:"next"`  // number of the revision
}

// Trying reports whether anything is asked for but the plan in force.
func (q CascadeQuery) Trying() bool {
	return q.Units != "" || q.Time != "" || q.Total.Valid || q.Reserve.Valid || len(q.Locks)+len(q.Weights)+len(q.Min)+len(q.Max)+len(q.Months)+len(q.Methods)+len(q.Cells)+len(q.Reserves)+len(q.Split) > 0
}

// CascadeSheet shows the plan in force, or tries another. What cannot be split says
// why in the view.
func (s *Service) CascadeSheet(ctx context.Context, q CascadeQuery) (*CascadeSheet, error) {
	if !q.Trying() && q.From == 0 && !q.ToWrite {
		return kept(ctx, s, q.Look, "cascade "+q.Indicator+fmt.Sprint(q.Open), func(ctx context.Context, sn *snapshot) (*CascadeSheet, error) {
			v, err := s.cascadeSheet(ctx, sn, q)
			if err == nil {
				v.handing = nil // a view that is kept must not keep its snapshot
			}
			return v, err
		})
	}
	sn, err := s.snapshot(ctx, s.settle(q.Look))
	if err != nil {
		return nil, err
	}
	return s.cascadeSheet(ctx, sn, q)
}

func (s *Service) cascadeSheet(ctx context.Context, sn *snapshot, q CascadeQuery) (*CascadeSheet, error) {
	node, err := sn.unitOf(q.Unit)
	if err != nil {
		return nil, err
	}
	v := &CascadeSheet{From: s.dayOf(q)}
	if v.Frame, err = s.frame(ctx, sn, node); err != nil {
		return nil, err
	}
	if node < 0 {
		v.Why = luoshi.Say("cascadepage.no_units")
		return v, nil
	}
	v.Choices = sn.choices(node)
	if q.Indicator == "" {
		if len(v.Choices) == 0 || !v.Choices[0].Here && len(v.Path) == 0 && !slices.ContainsFunc(v.Choices, func(c IndicatorChoice) bool { return c.Here }) {
			v.Why = luoshi.Say("cascadepage.no_targets", "unit", v.Unit.Name)
			return v, nil
		}
		q.Indicator = v.Choices[0].Code
	}
	in, ok := sn.indicators[q.Indicator]
	if !ok {
		return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("import.indicator_unknown", "code", q.Indicator)}
	}
	v.Code, v.Name, v.Measure, v.Decimals, v.Calendar, v.Direction = in.Code, in.Names, in.Measure, in.Decimals, in.Calendar, in.Direction
	if why, no := sn.unsplit(in, node, q.Total.Valid); no {
		v.Why = why
		if !in.Additive() {
			v.Why = whyNot(in)
		}
		return v, nil
	}
	q = sn.defaults(q, in, node)
	v.Units, v.Time, v.Tried = q.Units, q.Time, q.Trying()
	h, err := s.handing(ctx, sn, node, in, q)
	if err != nil {
		return nil, err
	}
	v.handing = h
	if v.Tried {
		h.begin()
	} else {
		v.Units, v.Time = AsInForce, AsInForce
	}
	if in.OverTime == luoshi.TimeSum {
		for _, m := range h.calendar.Ends() {
			p, _ := h.calendar.Period(sn.year, m, luoshi.Single)
			v.Columns = append(v.Columns, p)
		}
	}
	h.lay(v)
	v.Problems = h.problems()
	v.Versions, v.Seen = sn.versions(in, node)
	v.Versions = v.Versions[:min(len(v.Versions), 6)]
	if v.Tried {
		v.Changes = h.changes()
	}
	return v, nil
}

// defaults fills in how to split where a try-out does not say: as the plan in force,
// or by last year where nothing has been handed down yet, which is then tried.
func (sn *snapshot) defaults(q CascadeQuery, in luoshi.Indicator, node int) CascadeQuery {
	handed := slices.ContainsFunc(sn.areas(node), func(c int) bool {
		t := sn.targets[targetAt{in.Code, sn.tree.Nodes[c].ID}]
		return t != nil && t.Form == luoshi.FormLevel
	})
	if handed && !q.Trying() {
		return q
	}
	units, time := string(cascade.UnitLastShare), string(cascade.TimeLastYear)
	if handed {
		units, time = AsInForce, AsInForce
	}
	q.Units, q.Time = cmp.Or(q.Units, units), cmp.Or(q.Time, time)
	return q
}

// choices are the indicators that can be handed down, first those of which the unit
// has a level target.
func (sn *snapshot) choices(node int) []IndicatorChoice {
	var list []IndicatorChoice
	for _, in := range sn.plan.indicators {
		if !in.Additive() || in.Retired || in.Formula != "" {
			continue
		}
		t := sn.targets[targetAt{in.Code, sn.tree.Nodes[node].ID}]
		list = append(list, IndicatorChoice{in.Code, in.Names, t != nil && t.Form == luoshi.FormLevel && t.Value.Valid})
	}
	return hereFirst(list)
}

// hereFirst puts the indicators of which the unit has a target before the others.
func hereFirst(list []IndicatorChoice) []IndicatorChoice {
	slices.SortStableFunc(list, func(a, b IndicatorChoice) int {
		switch {
		case a.Here == b.Here:
			return 0
		case a.Here:
			return -1
		}
		return 1
	})
	return list
}

// whyNot says why an indicator that does not add up cannot be split.
func whyNot(in luoshi.Indicator) luoshi.Message {
	key := "cascadepage.why.none"
	switch {
	case in.Kind == luoshi.Growth:
		key = "cascadepage.why.growth"
	case in.Kind == luoshi.Index:
		key = "cascadepage.why.index"
	case in.OverUnits == luoshi.UnitRatio:
		key = "cascadepage.why.ratio"
	case in.OverUnits == luoshi.UnitWeighted || in.Kind == luoshi.Rate:
		key = "cascadepage.why.rate"
	}
	return luoshi.Say(key, "indicator", in.Names)
}

// lay writes the rows.
func (h *handing) lay(v *CascadeSheet) {
	paddings := map[int]PaddingRow{}
	for _, p := range h.sn.padding(h.in, h.node, h.tried) {
		paddings[p.node] = p
	}
	if len(h.levels) == 0 {
		h.assume(h.node, nil)
	}
	h.rows(v, h.node, 0, paddings)
	h.sum(v)
}

func (h *handing) rows(v *CascadeSheet, node, depth int, paddings map[int]PaddingRow) {
	row := h.row(node, len(v.Columns))
	row.Depth = depth
	if t := h.promise(node); t != nil {
		v.Sample = v.Sample || t.Sample
	}
	if p, ok := paddings[node]; ok {
		row.Hidden, row.HiddenShare = p.Hidden, p.Share
	}
	_, row.Split = h.levels[node]
	row.Open = node == h.node || row.Below > 0 && (row.Split || slices.Contains(h.q.Open, row.Unit.Code))
	v.Rows = append(v.Rows, row)
	if !row.Open {
		return
	}
	for _, c := range h.sn.areas(node) {
		h.rows(v, c, depth+1, paddings)
	}
	kept := h.reserveOf(node)
	if node == h.node || row.Split || kept != luoshi.Missing && kept != 0 {
		v.Rows = append(v.Rows, h.reserve(row, node, len(v.Columns)))
	}
}

// row is one unit: as tried, or as in force.
func (h *handing) row(node, columns int) SheetRow {
	in, unit := h.in, h.sn.tree.Nodes[node]
	show := func(v int64) luoshi.NullQuantity { return luoshi.Unscaled(v, in.Decimals) }
	row := SheetRow{Unit: h.sn.ref(node), Below: len(h.sn.areas(node)), Method: h.q.Methods[unit.Code]}
	if up := unit.Parent; up >= 0 && node != h.node {
		row.Parent = h.sn.tree.Nodes[up].Code
	}
	t, total, last := h.promise(node), luoshi.Missing, h.last(node)
	if t != nil {
		row.Revision, total = t.Revision, scaled(t.Value, in.Decimals)
		row.Before = h.before(t)
	}
	got, tried := h.tried[node]
	months := got.months
	switch {
	case h.stuck(node):
		row.Tried = true
		if v := h.known(node); v != luoshi.Missing {
			total = v
		}
		if t != nil {
			row.Before = t.Value
		}
		months = h.besides(node, t)
	case tried && (months != nil || node == h.node):
		row.Tried, total, row.Assumed = true, got.total, got.plain
		row.Before = luoshi.NullQuantity{}
		if t != nil {
			row.Before = t.Value
		}
		if months == nil && h.levels[node] != nil {
			months = h.levels[node].grid.Cols
		}
	case t != nil:
		if months = h.singles(t); months == nil {
			row.Assumed = true
			months = h.straight[node]
		}
		if months == nil {
			months, _ = cascade.OverTime(total, cascade.TimeSpec{Method: cascade.TimeStraight, Calendar: h.calendar})
		}
	}
	row.Total, row.LastYear = show(total), show(last)
	if total != luoshi.Missing && last != luoshi.Missing {
		row.Growth = luoshi.Over(total-last, last)
	}
	if row.Before.Valid && total != luoshi.Missing {
		row.Against = show(total - scaled(row.Before, in.Decimals))
	}
	row.Months = h.months(months, columns)
	h.given(&row, unit.Code, node)
	return row
}

// stuck reports whether a unit is part of a split that does not exist: then what is
// locked of it stands beside what is in force.
func (h *handing) stuck(node int) bool {
	up := h.levels[h.sn.tree.Nodes[node].Parent]
	return node != h.node && up != nil && luoshi.Blocked(up.problems)
}

// besides is the year of a unit whose split does not exist: what is locked, beside
// what is in force.
func (h *handing) besides(node int, t *luoshi.Target) []int64 {
	months := h.singles(t)
	if months == nil && t != nil {
		months, _ = cascade.OverTime(scaled(t.Value, h.in.Decimals), cascade.TimeSpec{Method: cascade.TimeStraight, Calendar: h.calendar})
	}
	cells, _ := h.cells(node)
	for i, v := range cells {
		if v != luoshi.Missing {
			if months == nil {
				months = blanks()
			}
			months[i] = v
		}
	}
	return months
}

// known is the year of a unit whose split does not exist: as the units' side has it
// where that exists, else as locked.
func (h *handing) known(node int) int64 {
	up := h.levels[h.sn.tree.Nodes[node].Parent]
	if i := slices.Index(up.children, node); i >= 0 && i < len(up.grid.Rows) {
		return up.grid.Rows[i]
	}
	if v, ok := h.q.Locks[h.code(node)]; ok {
		return scaled(luoshi.Some(v), h.in.Decimals)
	}
	return luoshi.Missing
}

// given notes what is locked and bounded of a row.
func (h *handing) given(row *SheetRow, code string, node int) {
	cells := h.q.Cells[code]
	if _, row.Locked = h.q.Locks[code]; node == h.node {
		row.Locked, cells = h.q.Total.Valid, h.q.Months
	}
	if len(cells) > 0 {
		row.Cells = make([]bool, 0, len(row.Months))
		for _, end := range h.calendar.Ends() {
			_, locked := cells[end]
			row.Cells = append(row.Cells, locked)
		}
	}
	for _, b := range []struct {
		by   map[string]luoshi.Quantity
		into *luoshi.NullQuantity
	}{{h.q.Min, &row.Min}, {h.q.Max, &row.Max}, {h.q.Weights, &row.Weight}} {
		if v, ok := b.by[code]; ok {
			*b.into = luoshi.Some(v)
		}
	}
}

// months shows a year by the columns.
func (h *handing) months(year []int64, columns int) []luoshi.NullQuantity {
	if columns == 0 {
		return nil
	}
	list := make([]luoshi.NullQuantity, 0, columns)
	for _, end := range h.calendar.Ends() {
		if year == nil {
			list = append(list, luoshi.NullQuantity{})
		} else {
			list = append(list, luoshi.Unscaled(year[end-1], h.in.Decimals))
		}
	}
	return list
}

// before is the value of the revision that the one in force took the place of.
func (h *handing) before(t *luoshi.Target) luoshi.NullQuantity {
	var best *luoshi.Target
	for i := range h.sn.plan.targets {
		o := &h.sn.plan.targets[i]
		if keyOf(*o) == keyOf(*t) && o.Revision != t.Revision && o.Form == luoshi.FormLevel && t.Supersedes(o) && o.Supersedes(best) {
			best = o
		}
	}
	if best == nil {
		return luoshi.NullQuantity{}
	}
	return best.Value
}

func (h *handing) reserveOf(node int) int64 {
	if got, ok := h.tried[node]; ok && got.reserve != luoshi.Missing {
		return got.reserve
	}
	if t := h.promise(node); t != nil {
		return scaled(t.Reserve, h.in.Decimals)
	}
	return luoshi.Missing
}

// reserve is the row of what a unit keeps.
func (h *handing) reserve(of SheetRow, node, columns int) SheetRow {
	row := SheetRow{Unit: of.Unit, Reserve: true, Depth: of.Depth + 1, Parent: of.Unit.Code, Tried: of.Split}
	kept := h.reserveOf(node)
	if kept == luoshi.Missing {
		kept = 0
	}
	var months []int64
	if l := h.levels[node]; l != nil && l.grid.Reserve != nil {
		months = l.grid.Reserve
	} else {
		months, _ = cascade.OverTime(kept, cascade.TimeSpec{Method: cascade.TimeStraight, Calendar: h.calendar})
	}
	row.Total, row.Months = luoshi.Unscaled(kept, h.in.Decimals), h.months(months, columns)
	if t := h.promise(node); t != nil {
		row.Revision, row.Before = t.Revision, t.Reserve
		if row.Before.Valid && row.Tried {
			row.Against = luoshi.Unscaled(kept-scaled(t.Reserve, h.in.Decimals), h.in.Decimals)
		}
	}
	if _, row.Locked = h.q.Reserves[of.Unit.Code]; node == h.node {
		row.Locked = h.q.Reserve.Valid
	}
	return row
}

// sum adds the lower margin up: the rows directly below and the reserve.
func (h *handing) sum(v *CascadeSheet) {
	total, months := int64(0), make([]int64, len(v.Columns))
	v.Sum.Full = true
	for i := range v.Rows {
		row := &v.Rows[i]
		if row.Depth != 1 {
			continue
		}
		if !row.Total.Valid {
			v.Sum.Full = v.Sum.Full && row.Unit.Kind == luoshi.DevZone // a zone beside the counties counts if something was handed to it
			continue
		}
		total += scaled(row.Total, h.in.Decimals)
		for j, m := range row.Months {
			if m.Valid {
				months[j] += scaled(m, h.in.Decimals)
			}
		}
	}
	if !v.Sum.Full {
		return
	}
	v.Sum.Total = luoshi.Unscaled(total, h.in.Decimals)
	for _, m := range months {
		v.Sum.Months = append(v.Sum.Months, luoshi.Unscaled(m, h.in.Decimals))
	}
	if own := scaled(v.Rows[0].Total, h.in.Decimals); own != luoshi.Missing {
		v.Sum.Hidden, v.Sum.Share = luoshi.Unscaled(total-own, h.in.Decimals), luoshi.Over(total-own, own)
	}
}

// problems puts what the levels say at its cells. What is said alike of many units
// is said once.
func (h *handing) problems() []SheetProblem {
	list := slices.Clone(h.refused)
	slices.SortFunc(list, func(a, b SheetProblem) int {
		return cmp.Or(cmp.Compare(a.Unit.Code, b.Unit.Code), cmp.Compare(a.Month, b.Month))
	})
	for node := h.node; node < h.sn.tree.Nodes[h.node].End; node++ {
		l := h.levels[node]
		if l == nil {
			continue
		}
		for _, p := range h.sn.shown(h.in, l.problems) {
			said := SheetProblem{Unit: h.sn.ref(node), Month: p.Col, Severity: p.Severity, Message: p.Message}
			if p.Row > 0 && p.Row <= len(l.children) {
				said.Unit = h.sn.ref(l.children[p.Row-1])
			}
			if p.Message.Key == "cascade.last_missing" && h.q.Units == AsInForce {
				said.Message.Key = "cascadepage.no_base"
			}
			same := slices.IndexFunc(list, func(o SheetProblem) bool {
				return said.Severity == luoshi.Warning && o.Severity == said.Severity && o.Message.String() == said.Message.String()
			})
			if same >= 0 {
				list[same].More = append(list[same].More, said.Unit)
				continue
			}
			list = append(list, said)
		}
	}
	slices.SortStableFunc(list, func(a, b SheetProblem) int { return cmp.Compare(a.Severity, b.Severity) }) // blocking first
	return list
}
