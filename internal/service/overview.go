package service

import (
	"cmp"
	"context"
	"slices"

	"luoshi.dev"
)

// Overview answers "will we make it, what is off, who answers, is it all in" for
// a unit as of an instant.
func (s *Service) Overview(ctx context.Context, look Look) (*Overview, error) {
	return keptShown(ctx, s, look, "overview", func(ctx context.Context, sn *snapshot) (*Overview, error) {
		return s.overview(ctx, sn, look)
	})
}

func (s *Service) overview(ctx context.Context, sn *snapshot, look Look) (*Overview, error) {
	v := &Overview{}
	node, err := sn.unitOf(look.Unit)
	if err != nil {
		return nil, err
	}
	if v.Frame, err = s.frame(ctx, sn, node); err != nil {
		return nil, err
	}
	if node < 0 {
		return v, nil
	}
	v.Goals = sn.goalRows(node)
	v.HasGoals = len(v.Goals) > 0
	if !v.HasGoals {
		v.Goals = sn.targetRows(node)
	}
	off := sn.offRows(node)
	v.OffTotal = len(off)
	v.Off = slices.Clone(off[:min(OffShown, len(off))]) // the view is kept, the rest of the list is not
	if err := s.chancesOff(ctx, sn, v.Off); err != nil {
		return nil, err
	}
	if err := s.chancesOfGoals(ctx, sn, look, node, v); err != nil {
		return nil, err
	}
	v.Reports = sn.reportRows(node)
	for _, row := range v.Reports {
		if n := len(row.Periods); n > 0 {
			v.Expected += row.Periods[n-1].Want
			v.Received += row.Periods[n-1].Have
			v.HasFigure = v.HasFigure || slices.ContainsFunc(row.Periods, func(c ReportCell) bool { return c.Have > 0 })
		}
	}
	v.Maps = sn.mapViews(node)
	v.Turns = sn.turns(node, v.Goals)
	for _, g := range v.Goals {
		v.Sample = v.Sample || g.Sample
		if !g.Heading {
			v.Counts.add(g.Judgement.Light)
		}
	}
	for _, m := range v.Maps {
		v.Sample = v.Sample || m.Sample
	}
	if err := s.cite(ctx, sn, node, v); err != nil {
		return nil, err
	}
	v.Headline, v.Lead = headline(v), lead(v)
	return v, nil
}

func (c *Counts) add(l luoshi.Light) {
	switch l {
	case luoshi.Green:
		c.Green++
	case luoshi.Yellow:
		c.Yellow++
	case luoshi.Red:
		c.Red++
	default:
		c.NotJudged++
	}
}

// unitOf finds the unit that a look asks for: -1 in an empty database.
func (sn *snapshot) unitOf(code string) (int, error) {
	if code == "" {
		return sn.home(), nil
	}
	if i, ok := sn.tree.ByCode(code); ok {
		return i, nil
	}
	for _, id := range sn.codes.codes[code] { // a code of other boundaries
		if i, ok := sn.tree.Find(id); ok {
			return i, nil
		}
	}
	return -1, &luoshi.Error{Code: luoshi.NotFound, Message: sn.codes.unknown(code, "", sn.tree.On)}
}

// home is where a look begins that names no unit: the highest area with a target.
func (sn *snapshot) home() int {
	best := -1
	for at := range sn.targets {
		i, ok := sn.tree.Find(at.unit)
		if ok && sn.tree.Nodes[i].Kind.Area() && (best < 0 || sn.tree.Nodes[i].Depth < sn.tree.Nodes[best].Depth ||
			sn.tree.Nodes[i].Depth == sn.tree.Nodes[best].Depth && i < best) {
			best = i
		}
	}
	if best < 0 && sn.tree.Len() > 0 {
		best = 0
	}
	return best
}

func (sn *snapshot) ref(i int) UnitRef {
	n := sn.tree.Nodes[i]
	r := UnitRef{Code: n.Code, Name: n.Names, Short: n.Short, Kind: n.Kind}
	if r.Short.Hans == "" {
		r.Short = r.Name
	}
	return r
}

func (s *Service) frame(ctx context.Context, sn *snapshot, node int) (Frame, error) {
	f := Frame{AsOf: sn.asOf, Now: sn.asOf.After(s.now()), Year: sn.year, Boundaries: sn.tree.On, Choices: sn.boundaryDays(), Through: sn.through()}
	instants, err := s.store.Instants(ctx)
	if err != nil {
		return f, err
	}
	for _, at := range instants {
		if d := luoshi.DateOf(at); d.Year() == sn.year && !slices.Contains(f.Instants, d) {
			f.Instants = append(f.Instants, d)
		}
	}
	if node < 0 {
		return f, nil
	}
	f.Unit = sn.ref(node)
	path := sn.tree.Path(node)
	for _, i := range path[:len(path)-1] {
		f.Path = append(f.Path, sn.ref(i))
	}
	for _, i := range sn.areas(node) {
		f.Children = append(f.Children, sn.ref(i))
	}
	return f, nil
}

// areas lists the direct children of a node that have figures of their own.
func (sn *snapshot) areas(node int) []int {
	return slices.DeleteFunc(sn.tree.Children(node), func(c int) bool { return !sn.tree.Nodes[c].Kind.Area() })
}

// through is the newest month that is over at the instant, as a period from January.
func (sn *snapshot) through() luoshi.Period {
	today := luoshi.DateOf(sn.asOf)
	for m := 12; m >= 1; m-- {
		if p := luoshi.ToDate(sn.year, m); p.LastDay() < today && sn.reached(m) {
			return p
		}
	}
	return luoshi.ToDate(sn.year, 1)
}

// reached reports whether at least one indicator has a figure for the month.
func (sn *snapshot) reached(month int) bool {
	for _, in := range sn.plan.indicators {
		for i := range sn.tree.Nodes {
			if sn.tree.Nodes[i].Depth > 1 {
				continue
			}
			if v, ok := sn.value(in, i, sn.year, month); ok && (v.Amount.Valid || v.Growth.Valid || v.PartialSum.Valid) {
				return true
			}
		}
	}
	return false
}

// offRows lists the targets directly below the unit that are yellow or red: red
// first, then by how much of the unit's own target is lacking there.
func (sn *snapshot) offRows(node int) []OffRow {
	var rows []OffRow
	parent := sn.tree.Nodes[node]
	for _, child := range sn.areas(node) {
		for _, in := range sn.plan.indicators {
			t, ok := sn.targets[targetAt{in.Code, sn.tree.Nodes[child].ID}]
			if !ok || in.Retired {
				continue
			}
			j := sn.judge(in.Code, child)
			if j.Light != luoshi.Yellow && j.Light != luoshi.Red {
				continue
			}
			row := OffRow{Unit: sn.ref(child), Indicator: in.Code, Name: in.Names, Measure: in.Measure, Judgement: j, Owner: sn.owner(t.Owner, sn.tree.Nodes[child].Names),
				Person: sn.charged(in.Code, child)}
			if whole, ok := sn.targets[targetAt{in.Code, parent.ID}]; ok && in.Additive() && whole.Form == luoshi.FormLevel && j.Planned.Valid && j.Actual.Valid {
				row.Impact = lacking(j, scaled(whole.Value, in.Decimals), in.Decimals)
			}
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(a, b OffRow) int {
		return cmp.Or(-cmp.Compare(a.Judgement.Light, b.Judgement.Light), -compareRatios(a.Impact, b.Impact), compareRatios(a.Judgement.Ahead, b.Judgement.Ahead))
	})
	return rows
}

// lacking is (planned − actual) / the parent's target.
func lacking(j luoshi.Judgement, whole int64, decimals int) luoshi.Ratio {
	planned := luoshi.RoundHalfAway(j.Planned.Decimal, decimals)
	gap, err := planned.Sub(j.Actual.Decimal)
	if err != nil {
		return luoshi.Ratio{}
	}
	return luoshi.Over(scaled(luoshi.Some(gap), decimals), whole)
}

// compareRatios puts an undefined ratio before every defined one.
func compareRatios(a, b luoshi.Ratio) int {
	if !a.OK() || !b.OK() {
		return cmp.Compare(a.Den, b.Den)
	}
	return a.Cmp(b)
}

// owner is the name of the unit that answers, or the unit itself.
func (sn *snapshot) owner(code string, fallback luoshi.Names) luoshi.Names {
	if code == "" {
		return fallback
	}
	if u, _, ok := sn.codes.find(code, luoshi.DateOf(sn.asOf)); ok {
		return u.Names
	}
	return fallback
}

// answers is who answers for something at a unit: the first of the owners named that
// is the unit or below it, else the unit itself; nobody where no owner is named.
func (sn *snapshot) answers(node int, owners ...string) luoshi.Names {
	named := false
	for _, code := range owners {
		u, _, ok := sn.codes.find(code, luoshi.DateOf(sn.asOf))
		if code == "" || !ok {
			continue
		}
		named = true
		if i, here := sn.tree.Find(u.ID); !here || i >= node && i < sn.tree.Nodes[node].End {
			return u.Names
		}
	}
	if named {
		return sn.tree.Nodes[node].Names
	}
	return luoshi.Names{}
}

// mapViews spreads over the children the paced indicator with the most red, then
// the most yellow among them, and beside it the first that is judged by its growth
// in at least half of them: how far they are, and how fast they go.
func (sn *snapshot) mapViews(node int) []*MapView {
	children := sn.areas(node)
	if len(children) < 2 {
		return nil
	}
	var paced, grown *MapView
	offPaced := -1
	for _, in := range sn.plan.indicators {
		view := sn.mapView(in, children)
		if view == nil || view.judged == 0 {
			continue
		}
		switch {
		case view.Pace.OK() && view.off > offPaced:
			paced, offPaced = view, view.off
		case !view.Pace.OK() && grown == nil && view.grown*2 >= len(children):
			grown = view
		}
	}
	return slices.DeleteFunc([]*MapView{paced, grown}, func(v *MapView) bool { return v == nil })
}

// mapView spreads one indicator over the children, nil unless each has a target.
func (sn *snapshot) mapView(in luoshi.Indicator, children []int) *MapView {
	view := &MapView{Indicator: in.Code, Name: in.Names, Measure: in.Measure}
	for _, c := range children {
		if _, ok := sn.targets[targetAt{in.Code, sn.tree.Nodes[c].ID}]; !ok {
			return nil
		}
		j := sn.judge(in.Code, c)
		view.Areas = append(view.Areas, MapArea{Unit: sn.ref(c), Judgement: j})
		if j.Light != luoshi.NotJudged && (j.Ahead.OK() || j.Growth.Valid) {
			view.judged++
			view.Period = j.Period
			if j.Ahead.OK() {
				view.Pace = j.Pace
			} else {
				view.grown++
			}
		}
		switch j.Light {
		case luoshi.Red:
			view.off += len(children) + 1
		case luoshi.Yellow:
			view.off++
		}
		view.Sample = view.Sample || j.Proof.Sample
	}
	return view
}

// chancesOff reads the chances of targets that are off. What is being made is none of
// an instant's business: what a page of it says must not depend on when it is read.
func (s *Service) chancesOff(ctx context.Context, sn *snapshot, rows []OffRow) error {
	for i := range rows {
		node, err := sn.unitOf(rows[i].Unit.Code)
		if err != nil {
			return err
		}
		list, err := s.chances(ctx, sn, []luoshi.Indicator{sn.indicators[rows[i].Indicator]}, []int{node})
		if err != nil {
			return err
		}
		rows[i].Chance = list[0][0]
		switch rows[i].Chance.State {
		case ChanceOld:
			rows[i].Chance.State = ChanceKnown
		case ChanceWaiting:
			rows[i].Chance.State = ChanceUnkept
		}
	}
	return nil
}
