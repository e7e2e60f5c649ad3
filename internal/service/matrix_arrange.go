package service

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/search"
)

// arrangement is a matrix in the making: columns, then cells, then what is left
// out, then the order.
type arrangement struct {
	m    *Matrix
	q    MatrixQuery
	sn   *snapshot
	rows []matrixNode
}

// placedGoal is a goal at its depth in the tree of goals.
type placedGoal struct {
	luoshi.Goal
	depth int
}

// goalTree lists the goals below one ("" = all), parents before children, each
// level in its order.
func (sn *snapshot) goalTree(root string) []placedGoal {
	children := map[string][]luoshi.Goal{}
	for _, g := range sn.plan.goals {
		children[g.Parent] = append(children[g.Parent], g)
	}
	var list []placedGoal
	var add func(parent string, depth int)
	add = func(parent string, depth int) {
		level := children[parent]
		delete(children, parent) // a circle ends here
		slices.SortFunc(level, func(a, b luoshi.Goal) int {
			return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Code, b.Code))
		})
		for _, g := range level {
			list = append(list, placedGoal{g, depth})
			add(g.Code, depth+1)
		}
	}
	add(root, 0)
	return list
}

// under lists a goal and all goals below it, none where there is no such goal.
func (sn *snapshot) under(code string) []luoshi.Goal {
	i := slices.IndexFunc(sn.plan.goals, func(g luoshi.Goal) bool { return g.Code == code })
	if i < 0 {
		return nil
	}
	list := []luoshi.Goal{sn.plan.goals[i]}
	for _, g := range sn.goalTree(code) {
		list = append(list, g.Goal)
	}
	return list
}

// headed is an indicator with the heading that it stands under.
type headed struct {
	luoshi.Indicator
	goal string // "" = a group of the register
	name luoshi.Names
}

// grouped orders indicators by the first goal that rests on them, within the
// chosen goal if there is one, and the rest by the groups of the register.
func (sn *snapshot) grouped(goal string, list []luoshi.Indicator) []headed {
	var all []headed
	taken := map[string]bool{}
	goals := sn.under(goal)
	if goal == "" {
		for _, g := range sn.goalTree("") {
			goals = append(goals, g.Goal)
		}
	}
	for _, g := range goals {
		for _, item := range g.Items {
			i := slices.IndexFunc(list, func(in luoshi.Indicator) bool { return in.Code == item.Indicator })
			if i >= 0 && !taken[item.Indicator] {
				taken[item.Indicator] = true
				all = append(all, headed{list[i], g.Code, g.Names})
			}
		}
	}
	var groups []string
	for _, in := range list {
		if !taken[in.Code] && !slices.Contains(groups, in.Group) {
			groups = append(groups, in.Group)
		}
	}
	for _, group := range groups {
		for _, in := range list {
			if !taken[in.Code] && in.Group == group {
				taken[in.Code] = true
				all = append(all, headed{Indicator: in, name: luoshi.Names{Hans: group}})
			}
		}
	}
	return all
}

// columns heads the matrix.
func (a *arrangement) columns(list []headed) {
	var before headed
	for i, h := range list {
		c := MatrixColumn{Indicator: h.Code, Name: h.Names, Measure: h.Measure, Decimals: h.Decimals}
		if i == 0 || h.goal != before.goal || h.name != before.name {
			c.First = true
			a.m.Groups = append(a.m.Groups, MatrixGroup{Code: h.goal, Name: h.name})
		}
		a.m.Groups[len(a.m.Groups)-1].Columns++
		a.m.Columns = append(a.m.Columns, c)
		before = h
	}
	a.m.Wide = len(a.m.Columns)
}

// fill puts the judged cells in place.
func (a *arrangement) fill(node int, nodes []int) {
	place := make([]int, len(a.m.Columns))
	for i, c := range a.m.Columns {
		place[i] = slices.IndexFunc(a.sn.plan.indicators, func(in luoshi.Indicator) bool { return in.Code == c.Indicator })
	}
	judged := a.sn.judged(nodes)
	row := func(n matrixNode, cells []MatrixCell) MatrixRow {
		r := MatrixRow{Unit: a.sn.ref(n.node), Depth: n.depth, Below: n.below, Open: n.open, Cells: make([]*MatrixCell, len(place))}
		for i, at := range place {
			r.Cells[i] = &cells[at]
			a.m.Sample = a.m.Sample || cells[at].Sample
		}
		r.Spelt = spelt(r.Unit)
		return r
	}
	a.m.Whole = row(matrixNode{node: node, below: len(a.m.Children)}, judged[0])
	for i, n := range a.rows {
		a.m.Rows = append(a.m.Rows, row(n, judged[i+1]))
	}
	a.m.All = len(a.m.Rows)
	for _, r := range a.m.Rows {
		switch {
		case r.Depth > 0:
		case a.m.Rung == "":
			a.m.Rung = r.Unit.Kind
		case a.m.Rung != r.Unit.Kind:
			a.m.Rung = ""
			return
		}
	}
}

// measure decides for each column by which number most of it is judged, up to
// which period, and what is asked of it.
func (a *arrangement) measure() {
	for k := range a.m.Columns {
		c := &a.m.Columns[k]
		own := a.m.Whole.Cells[k]
		c.Gauge = own.Gauge
		if own.Judged() {
			c.Period = own.Period
		}
		gauges, periods := map[Gauge]int{}, map[luoshi.Period]int{}
		most, longest := 0, 0
		for _, r := range a.m.Rows {
			cell := r.Cells[k]
			if !cell.Target {
				continue
			}
			if gauges[cell.Gauge]++; gauges[cell.Gauge] > most {
				most, c.Gauge = gauges[cell.Gauge], cell.Gauge
			}
			if cell.Judged() {
				periods[cell.Period]++
			}
			if n := periods[cell.Period]; n > longest || n == longest && n > 0 && cell.Period.To > c.Period.To {
				longest, c.Period = n, cell.Period
			}
		}
		c.Older = c.Period.To > 0 && c.Period.To != a.m.Through.To
		c.Asked = a.asked(k)
	}
}

// asked is what the rows of a column are asked for: one number where it is the
// same for all, else the whole's, if it has one, said to vary.
func (a *arrangement) asked(k int) Asked {
	c := a.m.Columns[k]
	var found Asked
	some, varies := false, false
	for _, r := range a.m.Rows {
		cell := r.Cells[k]
		if !cell.Target || cell.Gauge != c.Gauge || !cell.Asked.Value.Valid || cell.Period != c.Period {
			continue
		}
		if some && !cell.Asked.same(found) {
			varies = true
		}
		if !some {
			some, found = true, cell.Asked
		}
	}
	if varies {
		found = Asked{}
	}
	whole := a.m.Whole.Cells[k]
	if (!some || varies) && whole.Target && whole.Gauge == c.Gauge && whole.Asked.Value.Valid {
		found = whole.Asked
	}
	found.Varies = varies
	return found
}

func (a Asked) same(b Asked) bool {
	equal := func(x, y luoshi.NullQuantity) bool {
		return x.Valid == y.Valid && (!x.Valid || x.Decimal.Cmp(y.Decimal) == 0)
	}
	return a.Sign == b.Sign && equal(a.Value, b.Value) && equal(a.High, b.High)
}

// count tallies lights by row and by column; what nothing was promised for is not
// counted.
func (a *arrangement) count() {
	tally := func(r *MatrixRow) {
		for _, cell := range r.Cells {
			if cell.Target {
				r.Counts.add(cell.Light)
			}
		}
	}
	tally(&a.m.Whole)
	there, early := 0, 0
	defer func() { a.m.Preliminary = 2*early > there }()
	for i := range a.m.Rows {
		r := &a.m.Rows[i]
		tally(r)
		for k, cell := range r.Cells {
			if !cell.Target {
				continue
			}
			c := &a.m.Columns[k]
			a.m.Counts.add(cell.Light)
			c.Counts.add(cell.Light)
			c.Want++
			if cell.Value.Valid {
				there++
			}
			if cell.Early() {
				early++
			}
			if cell.Value.Valid && (cell.Presence == luoshi.Present || cell.Judged()) {
				c.Have++
			}
		}
	}
}

// leave takes out the rows and columns that are not asked for. A unit stays while
// one below it, unfolded, does.
func (a *arrangement) leave() {
	m := a.m
	if a.q.Off {
		a.leaveColumns()
	}
	wanted := func(r MatrixRow) bool {
		if a.q.Off && r.Counts.Yellow+r.Counts.Red == 0 || !r.named(a.q.Find) {
			return false
		}
		if a.q.Chance && a.q.Under > 0 && !r.unlikely(a.q.Under) {
			return false
		}
		return len(a.q.Lights) == 0 || slices.ContainsFunc(r.Cells, func(c *MatrixCell) bool {
			return c.Target && slices.Contains(a.q.Lights, c.Light)
		})
	}
	keep := make([]bool, len(m.Rows))
	for i := len(m.Rows) - 1; i >= 0; i-- {
		keep[i] = wanted(m.Rows[i])
		for k := i + 1; k < len(m.Rows) && m.Rows[k].Depth > m.Rows[i].Depth; k++ {
			keep[i] = keep[i] || keep[k]
		}
	}
	rows := m.Rows
	m.Rows = nil
	for i, r := range rows {
		if keep[i] {
			m.Rows = append(m.Rows, r)
		}
	}
}

// leaveColumns takes out the columns in which nothing is yellow or red.
func (a *arrangement) leaveColumns() {
	m := a.m
	var stay []int
	for k := range m.Columns {
		off := m.Columns[k].Counts.Yellow + m.Columns[k].Counts.Red
		if l := m.Whole.Cells[k].Light; off > 0 || l == luoshi.Yellow || l == luoshi.Red {
			stay = append(stay, k)
		}
	}
	columns, groups, group := m.Columns, m.Groups, -1
	m.Columns, m.Groups = nil, nil
	last := -1
	for k, c := range columns {
		if c.First {
			group++
		}
		if !slices.Contains(stay, k) {
			continue
		}
		if c.First = group != last; c.First {
			m.Groups = append(m.Groups, MatrixGroup{Code: groups[group].Code, Name: groups[group].Name})
		}
		last = group
		m.Groups[len(m.Groups)-1].Columns++
		m.Columns = append(m.Columns, c)
	}
	pick := func(cells []*MatrixCell) []*MatrixCell {
		list := make([]*MatrixCell, len(stay))
		for i, k := range stay {
			list[i] = cells[k]
		}
		return list
	}
	odds := func(all []Chance) []Chance {
		if all == nil {
			return nil
		}
		list := make([]Chance, len(stay))
		for i, k := range stay {
			list[i] = all[k]
		}
		return list
	}
	m.Whole.Cells, m.Whole.Odds = pick(m.Whole.Cells), odds(m.Whole.Odds)
	for i := range m.Rows {
		m.Rows[i].Cells, m.Rows[i].Odds = pick(m.Rows[i].Cells), odds(m.Rows[i].Odds)
	}
}

// named reports whether a name or the code of the row's unit has the text.
func (r MatrixRow) named(text string) bool {
	return strings.Contains(r.Spelt, strings.ToLower(luoshi.Fold(text)))
}

// spelt is all by which a unit is found, in small letters.
func spelt(u UnitRef) string {
	names := []string{u.Code, u.Name.Hans, u.Name.Hant, u.Name.En, u.Short.Hans, u.Short.Hant, u.Short.En}
	names = append(names, search.Spellings(u.Name.Hans)...)
	return strings.ToLower(strings.Join(names, " "))
}

// sort orders the rows, those of an unfolded unit among themselves.
func (a *arrangement) sort() {
	if a.q.Sort != "" && a.q.Sort != ByUnit && a.column(a.q.Sort) < 0 {
		a.m.Sort, a.m.Up = "", false // that column is not shown any more
	}
	a.m.Rows = a.sorted(a.m.Rows, 0)
}

func (a *arrangement) sorted(rows []MatrixRow, depth int) []MatrixRow {
	var blocks [][]MatrixRow
	for _, r := range rows {
		if r.Depth == depth {
			blocks = append(blocks, nil)
		}
		blocks[len(blocks)-1] = append(blocks[len(blocks)-1], r)
	}
	slices.SortStableFunc(blocks, func(x, y []MatrixRow) int { return a.compare(x[0], y[0]) })
	if a.m.Sort == ByUnit && a.m.Up {
		slices.Reverse(blocks)
	}
	list := make([]MatrixRow, 0, len(rows))
	for _, block := range blocks {
		list = append(append(list, block[0]), a.sorted(block[1:], depth+1)...)
	}
	return list
}

// compare puts rows in order. Without a number a row comes last, whichever the
// direction.
func (a *arrangement) compare(x, y MatrixRow) int {
	switch a.m.Sort {
	case ByUnit:
		return 0
	case "":
		need := cmp.Or(y.Counts.Red-x.Counts.Red, y.Counts.Yellow-x.Counts.Yellow)
		if a.m.Up {
			return -need
		}
		return need
	}
	k := a.column(a.m.Sort)
	if a.m.Chance {
		return compareOdds(x.Odds[k], y.Odds[k], a.m.Up)
	}
	number := func(r MatrixRow) luoshi.NullQuantity {
		if r.Cells[k].Gauge != a.m.Columns[k].Gauge && !a.m.Points {
			return luoshi.NullQuantity{}
		}
		return r.Cells[k].Number(a.m.Points)
	}
	p, q := number(x), number(y)
	switch {
	case !p.Valid && !q.Valid:
		return 0
	case !p.Valid:
		return 1
	case !q.Valid:
		return -1
	case a.m.Up:
		return p.Decimal.Cmp(q.Decimal)
	}
	return q.Decimal.Cmp(p.Decimal)
}

func (a *arrangement) column(code string) int {
	return slices.IndexFunc(a.m.Columns, func(c MatrixColumn) bool { return c.Indicator == code })
}

// pickCell proves the cell that needs action first: red before yellow before any
// other, in the order of the rows; of a unit with none below it, its own.
func (a *arrangement) pickCell(ctx context.Context, s *Service) error {
	rows := a.m.Rows
	if len(rows) == 0 {
		rows = []MatrixRow{a.m.Whole}
	}
	best, unit, indicator := luoshi.Light(-1), "", ""
	for _, r := range rows {
		for k, cell := range r.Cells {
			if cell.Target && cell.Light > best {
				best, unit, indicator = cell.Light, r.Unit.Code, a.m.Columns[k].Indicator
			}
		}
	}
	if unit == "" {
		return nil
	}
	node, err := a.sn.unitOf(unit)
	if err != nil {
		return err
	}
	a.m.Cell, err = s.proofOf(ctx, a.sn, node, indicator)
	return err
}
