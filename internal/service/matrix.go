package service

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"luoshi.dev"
)

// Choice says which indicators are looked at: all with a target, or fewer.
type Choice struct {
	Indicators []string // by code
	Set        string   // those of an indicator set
	Group      string   // those listed under one heading
	Department string   // those that a department answers for
	Goal       string   // those that a goal rests on, its parts' included
}

func (c Choice) any() bool {
	return len(c.Indicators) > 0 || c.Set != "" || c.Group != "" || c.Department != "" || c.Goal != ""
}

// MatrixQuery asks for units × indicators, and how they are arranged.
type MatrixQuery struct {
	Look
	Choice
	Below  luoshi.UnitKind // the rung shown under the unit, "" = its direct children
	Open   []string        // codes of units unfolded in place
	Lights []luoshi.Light  // only rows with one of these, none = all rows
	Off    bool            // only rows and columns with yellow or red
	All    bool            // also the indicators that only the unit itself has a target of
	Find   string          // only rows whose name or code has this
	Points bool            // numbers are points against the pace, not each one's own
	Chance bool            // numbers are the chances that the targets are met
	Under  int             // with Chance: only rows with a chance below so many percent, 0 = all
	Sort   string          // "" = by need of action, [ByUnit], or an indicator's code
	Up     bool            // smallest first
}

// ByUnit sorts in the order of the register.
const ByUnit = "unit"

// Matrix is units × indicators: what is asked for and the unit itself on top, the
// units below it under them. All rows have a cell for each column.
type Matrix struct {
	Frame
	Headline luoshi.Message  `json:"-"`
	Points   bool            `json:"points"`
	Chance   bool            `json:"chance"`
	Chances  ChanceTally     `json:"chances"` // with Chance
	Sort     string          `json:"sort"`
	Up       bool            `json:"up"`
	Rung     luoshi.UnitKind `json:"rung"`  // of the rows, "" where they are of several
	Rungs    []Facet         `json:"rungs"` // rungs that can be listed
	Facets
	Groups  []MatrixGroup  `json:"groups"`
	Columns []MatrixColumn `json:"columns"`
	Whole   MatrixRow      `json:"whole"` // the unit itself
	Rows    []MatrixRow    `json:"rows"`
	Counts  Counts         `json:"counts"` // lights of the rows, before any are left out by light
	All     int            `json:"all"`    // rows before any are left out
	Wide    int            `json:"wide"`   // columns before any are left out
	Alone   int            `json:"alone"`  // indicators not listed because only the unit itself has a target
	// Preliminary says that most figures shown are: then only the others stand out.
	Preliminary bool         `json:"preliminary"`
	Cell        *MatrixProof `json:"cell,omitempty"` // the cell that needs action first
	Sources     []SourceNote `json:"sources"`
}

// Facets are what the columns can be narrowed to.
type Facets struct {
	Sets        []Facet `json:"sets"`
	ByGroup     []Facet `json:"by_group"`
	Departments []Facet `json:"departments"`
	Goals       []Facet `json:"goals"`
}

// Facet is one way to narrow, with how much it leaves.
type Facet struct {
	Code  string       `json:"code"`
	Name  luoshi.Names `json:"name"`
	Depth int          `json:"depth,omitempty"` // of a goal under others
	Count int          `json:"count"`
}

// ChanceTally counts the chances of the targets shown.
type ChanceTally struct {
	Asked  int `json:"asked"`  // targets that can have one
	Known  int `json:"known"`  // those that do
	Waits  int `json:"waits"`  // that are being made, for the first time or anew
	Unkept int `json:"unkept"` // of which none was kept by the instant looked at
	After  int `json:"after"`  // calculated afterwards
}

// MatrixGroup is a run of columns under one heading: a goal, or a group of the
// register where no goal rests on them.
type MatrixGroup struct {
	Code    string       `json:"code"` // of the goal, "" = a group
	Name    luoshi.Names `json:"name"`
	Columns int          `json:"columns"`
}

// MatrixColumn is one indicator.
type MatrixColumn struct {
	Indicator string         `json:"indicator"`
	Name      luoshi.Names   `json:"name"`
	Measure   luoshi.Measure `json:"measure"`
	Decimals  int            `json:"decimals"`
	First     bool           `json:"first"`  // of its group
	Gauge     Gauge          `json:"gauge"`  // by which most of its cells are judged
	Period    luoshi.Period  `json:"period"` // that most of its lights judge
	Older     bool           `json:"older"`  // which is not the frame's, and said in the head
	Asked     Asked          `json:"asked"`
	Counts    Counts         `json:"counts"`
	Have      int            `json:"have"`   // targets of the rows that have a figure
	Want      int            `json:"want"`   // and all of them
	Source    int            `json:"source"` // number of the whole's note among Sources, 0 = none
}

// MatrixRow is one unit.
type MatrixRow struct {
	Unit   UnitRef       `json:"unit"`
	Spelt  string        `json:"-"` // all by which it is found: code, names, pinyin, initials
	Depth  int           `json:"depth"`
	Below  int           `json:"below"` // areas directly below it
	Open   bool          `json:"open"`  // they follow
	Counts Counts        `json:"counts"`
	Cells  []*MatrixCell `json:"cells"`
	Odds   []Chance      `json:"odds,omitempty"` // of the cells, where chances are asked for
}

// weight tells how much a matrix holds: mostly its cells.
func (m *Matrix) weight() int { return 240 * (len(m.Rows) + 1) * len(m.Columns) }

// matrixBound is how many cells are laid out at once: a nation's counties by a
// good many indicators.
const matrixBound = 60_000

// Matrix fills units × indicators as of an instant.
func (s *Service) Matrix(ctx context.Context, q MatrixQuery) (*Matrix, error) {
	if q.Below != "" && (!slices.Contains(luoshi.UnitKinds, q.Below) || !q.Below.Area()) {
		return nil, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("matrix.rung_unknown", "text", string(q.Below))}
	}
	asked := q
	asked.Look = Look{}
	keep := kept[Matrix]
	if q.Chance {
		keep = keptShown[Matrix]
	}
	return keep(ctx, s, q.Look, fmt.Sprintf("matrix %+v", asked), func(ctx context.Context, sn *snapshot) (*Matrix, error) {
		return s.matrix(ctx, sn, q)
	})
}

func (s *Service) matrix(ctx context.Context, sn *snapshot, q MatrixQuery) (*Matrix, error) {
	m := &Matrix{Points: q.Points && !q.Chance, Chance: q.Chance, Sort: q.Sort, Up: q.Up}
	node, err := sn.unitOf(q.Unit)
	if err != nil {
		return nil, err
	}
	if m.Frame, err = s.frame(ctx, sn, node); err != nil || node < 0 {
		return m, err
	}
	m.Rungs = sn.rungs(node)
	rows := sn.rowsOf(q, node)
	nodes := make([]int, 0, len(rows)+1)
	nodes = append(nodes, node)
	for _, r := range rows {
		nodes = append(nodes, r.node)
	}
	listed, err := sn.listed(q.Choice, nodes)
	if err != nil {
		return nil, err
	}
	m.Facets = sn.facets(node, listed)
	chosen, err := sn.chosen(q.Choice, node, listed)
	if err != nil {
		return nil, err
	}
	if !q.All && !q.any() && len(rows) > 0 {
		chosen = slices.DeleteFunc(chosen, func(in luoshi.Indicator) bool { return !sn.promisedAt(in, nodes[1:]) })
		m.Alone = len(listed) - len(chosen)
	}
	if n := len(nodes) * len(chosen); n > matrixBound {
		return nil, &luoshi.Error{Code: luoshi.TooLarge, Message: luoshi.Say("matrix.too_large", "rows", len(nodes), "columns", len(chosen), "most", matrixBound)}
	}
	a := &arrangement{m: m, q: q, sn: sn, rows: rows}
	a.columns(sn.grouped(q.Goal, chosen))
	a.fill(node, nodes)
	if q.Chance {
		if err := a.odds(ctx, s, nodes); err != nil {
			return nil, err
		}
	}
	a.measure()
	a.count()
	m.Headline = a.headline()
	a.leave()
	a.sort()
	if err := a.cite(ctx, s, node); err != nil {
		return nil, err
	}
	return m, a.pickCell(ctx, s)
}

// rungs are the rungs that can be listed below a node: its children's, and the one
// below that.
func (sn *snapshot) rungs(node int) []Facet {
	count, depth := map[luoshi.UnitKind]int{}, map[luoshi.UnitKind]int{}
	for i := node + 1; i < sn.tree.Nodes[node].End; i++ {
		if n := sn.tree.Nodes[i]; n.Kind.Area() {
			count[n.Kind]++
			if d := n.Depth - sn.tree.Nodes[node].Depth; depth[n.Kind] == 0 || d < depth[n.Kind] {
				depth[n.Kind] = d
			}
		}
	}
	var list []Facet
	for _, kind := range luoshi.UnitKinds {
		if d := depth[kind]; d == 1 || d == 2 {
			list = append(list, Facet{Code: string(kind), Count: count[kind]})
		}
	}
	return list
}

// matrixNode is a unit that becomes a row.
type matrixNode struct {
	node, depth, below int
	open               bool
}

// rowsOf lists the units of the rung in the order of the register, those below an
// unfolded one after it.
func (sn *snapshot) rowsOf(q MatrixQuery, node int) []matrixNode {
	var list []matrixNode
	var add func(i, depth int)
	add = func(i, depth int) {
		below := sn.areas(i)
		r := matrixNode{node: i, depth: depth, below: len(below)}
		r.open = len(below) > 0 && slices.Contains(q.Open, sn.tree.Nodes[i].Code)
		list = append(list, r)
		if r.open {
			for _, c := range below {
				add(c, depth+1)
			}
		}
	}
	top := sn.rung(node, q.Below)
	if len(top) == 0 { // further down the tree that rung is above
		top = sn.areas(node)
	}
	for _, i := range top {
		add(i, 0)
	}
	return list
}

// rung lists the areas of one kind below a node, or its direct children.
func (sn *snapshot) rung(node int, kind luoshi.UnitKind) []int {
	if kind == "" {
		return sn.areas(node)
	}
	var list []int
	for i := node + 1; i < sn.tree.Nodes[node].End; i++ {
		if sn.tree.Nodes[i].Kind == kind {
			list = append(list, i)
		}
	}
	return list
}

// listed are the indicators asked for by code or set, else those with a target at
// one of the nodes.
func (sn *snapshot) listed(c Choice, nodes []int) ([]luoshi.Indicator, error) {
	codes := c.Indicators
	if c.Set != "" {
		i := slices.IndexFunc(sn.plan.sets, func(set luoshi.IndicatorSet) bool { return set.Code == c.Set })
		if i < 0 {
			return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("board.set_unknown", "code", c.Set)}
		}
		for _, item := range sn.plan.sets[i].Items {
			codes = append(codes, item.Indicator)
		}
	}
	var list []luoshi.Indicator
	for _, code := range codes {
		in, ok := sn.indicators[code]
		if !ok {
			return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("import.indicator_unknown", "code", code)}
		}
		if !slices.ContainsFunc(list, func(one luoshi.Indicator) bool { return one.Code == code }) {
			list = append(list, in)
		}
	}
	if c.Set != "" || len(codes) > 0 {
		return list, nil
	}
	for _, in := range sn.plan.indicators {
		if sn.promisedAt(in, nodes) {
			list = append(list, in)
		}
	}
	return list, nil
}

// promisedAt reports whether one of the nodes has a target of the indicator.
func (sn *snapshot) promisedAt(in luoshi.Indicator, nodes []int) bool {
	return slices.ContainsFunc(nodes, func(i int) bool { return sn.targets[targetAt{in.Code, sn.tree.Nodes[i].ID}] != nil })
}

// chosen narrows indicators to a group, a department and a goal.
func (sn *snapshot) chosen(c Choice, node int, listed []luoshi.Indicator) ([]luoshi.Indicator, error) {
	list := slices.Clone(listed)
	keep := func(known bool, what, code string, ok func(in luoshi.Indicator) bool) error {
		if !known {
			return &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("matrix."+what+"_unknown", "code", code)}
		}
		list = slices.DeleteFunc(list, func(in luoshi.Indicator) bool { return !ok(in) })
		return nil
	}
	if c.Group != "" {
		known := slices.ContainsFunc(sn.plan.indicators, func(in luoshi.Indicator) bool { return in.Group == c.Group })
		if err := keep(known, "group", c.Group, func(in luoshi.Indicator) bool { return in.Group == c.Group }); err != nil {
			return nil, err
		}
	}
	if c.Department != "" {
		err := keep(sn.codes.known(c.Department), "department", c.Department, func(in luoshi.Indicator) bool {
			return slices.Contains(sn.answering(in, node), c.Department)
		})
		if err != nil {
			return nil, err
		}
	}
	if c.Goal != "" {
		parts := sn.under(c.Goal)
		if err := keep(len(parts) > 0, "goal", c.Goal, func(in luoshi.Indicator) bool {
			return slices.ContainsFunc(parts, func(g luoshi.Goal) bool { return restsOn(g, in.Code) })
		}); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// answering are the departments that answer for an indicator: its own, and the one
// that the unit's target names.
func (sn *snapshot) answering(in luoshi.Indicator, node int) []string {
	var list []string
	if in.Department != "" {
		list = append(list, in.Department)
	}
	if t := sn.targets[targetAt{in.Code, sn.tree.Nodes[node].ID}]; t != nil && t.Owner != "" && t.Owner != in.Department && t.Owner != sn.tree.Nodes[node].Code {
		list = append(list, t.Owner)
	}
	return list
}

func restsOn(g luoshi.Goal, indicator string) bool {
	return slices.ContainsFunc(g.Items, func(item luoshi.GoalItem) bool { return item.Indicator == indicator })
}

// facets are what a list of indicators can be narrowed to, in the order in which
// they come.
func (sn *snapshot) facets(node int, listed []luoshi.Indicator) Facets {
	var f Facets
	add := func(list *[]Facet, one Facet) {
		if i := slices.IndexFunc(*list, func(old Facet) bool { return old.Code == one.Code }); i >= 0 {
			(*list)[i].Count++
			return
		}
		one.Count = 1
		*list = append(*list, one)
	}
	for _, in := range listed {
		if in.Group != "" {
			add(&f.ByGroup, Facet{Code: in.Group, Name: luoshi.Names{Hans: in.Group}})
		}
		for _, code := range sn.answering(in, node) {
			add(&f.Departments, Facet{Code: code, Name: sn.owner(code, luoshi.Names{Hans: code})})
		}
	}
	slices.SortStableFunc(f.Departments, func(a, b Facet) int { return strings.Compare(a.Code, b.Code) })
	for _, set := range sn.plan.sets {
		f.Sets = append(f.Sets, Facet{Code: set.Code, Name: set.Names, Count: len(set.Items)})
	}
	for _, g := range sn.goalTree("") {
		one := Facet{Code: g.Code, Name: g.Names, Depth: g.depth}
		parts := sn.under(g.Code)
		for _, in := range listed {
			if slices.ContainsFunc(parts, func(g luoshi.Goal) bool { return restsOn(g, in.Code) }) {
				one.Count++
			}
		}
		if one.Count > 0 {
			f.Goals = append(f.Goals, one)
		}
	}
	return f
}
