package rollup

import (
	"math/big"
	"slices"

	"luoshi.dev"
)

// restate makes one year's strips by the new boundaries.
func (r *rebase) restate(year int, old map[luoshi.UnitID]*luoshi.Strip) []luoshi.Strip {
	adds := r.in.Additive()
	made := map[int]*luoshi.Strip{}
	at := func(i int) *luoshi.Strip {
		if made[i] == nil {
			s := luoshi.NewStrip(r.to.Nodes[i].ID, year)
			made[i] = &s
		}
		return made[i]
	}
	cuts := map[luoshi.UnitID][]luoshi.Strip{}
	for id, s := range old {
		if adds {
			cuts[id] = r.cut(s, r.fates[id])
		}
	}
	for _, i := range slices.Sorted(keys(r.origins)) {
		list := r.origins[i]
		if !slices.ContainsFunc(list, func(o origin) bool { return old[o.unit] != nil }) {
			continue
		}
		id := r.to.Nodes[i].ID
		if r.alone(list) {
			s := *old[list[0].unit]
			s.Unit = id
			if r.moved[id] && r.above(list) && filledLanes(&s.Whole) {
				s.Whole = luoshi.NewLanes()
				r.say(luoshi.Warning, "rollup.rebase.territory", "unit", r.to.Nodes[i].Names, "year", luoshi.YearOf(year))
			}
			*at(i) = s
			continue
		}
		if !adds {
			r.say(luoshi.Warning, "rollup.rebase.unknowable", "unit", r.to.Nodes[i].Names, "year", luoshi.YearOf(year))
			continue
		}
		r.merge(at(i), list, cuts)
	}
	r.bequeath(year, old, cuts, at)
	out := make([]luoshi.Strip, 0, len(made))
	for _, i := range slices.Sorted(keys(made)) {
		out = append(out, *made[i])
	}
	return out
}

// alone reports whether the unit is one old unit and nothing else.
func (r *rebase) alone(list []origin) bool {
	return len(list) == 1 && r.fates[list[0].unit][list[0].k].part.Cmp(big.NewRat(1, 1)) == 0
}

// above reports whether the old units stood above the rung.
func (r *rebase) above(list []origin) bool {
	for _, o := range list {
		if i, ok := r.from.Find(o.unit); !ok || r.plan.role[i] != inner {
			return false
		}
	}
	return true
}

func filledLanes(l *luoshi.Lanes) bool {
	full := func(c luoshi.Cell) bool { return !c.Empty() }
	return slices.ContainsFunc(l.Single[:], full) || slices.ContainsFunc(l.Cumulative[:], full)
}

// merge adds the cuts of several units. A period in which one of them has not
// reported is missing, and is said.
func (r *rebase) merge(s *luoshi.Strip, list []origin, cuts map[luoshi.UnitID][]luoshi.Strip) {
	lacks, growth := 0, false
	for _, basis := range []luoshi.Basis{luoshi.Single, luoshi.Cumulative} {
		for m := range 12 {
			out := &s.Whole.On(basis)[m]
			have, any := 0, false
			for _, o := range list {
				cell := luoshi.NoCell
				if cut := cuts[o.unit]; cut != nil {
					cell = cut[o.k].Whole.On(basis)[m]
				}
				any = any || cell.Value != luoshi.Missing
				growth = growth || cell.Growth != luoshi.MissingGrowth
				if cell.Value != luoshi.Missing {
					have++
					*out = joined(*out, cell)
				}
			}
			if have < len(list) {
				*out = luoshi.NoCell
				if any && basis == r.in.Basis {
					lacks++
				}
			}
		}
	}
	for _, o := range list {
		if cut := cuts[o.unit]; cut != nil && cut[o.k].Own != nil {
			s.Own = addLanes(s.Own, cut[o.k].Own)
		}
	}
	name := r.name(s.Unit)
	if lacks > 0 {
		r.say(luoshi.Warning, "rollup.rebase.incomplete", "unit", name, "year", luoshi.YearOf(s.Year), "count", lacks)
	}
	if growth {
		r.say(luoshi.Warning, "rollup.rebase.growth", "unit", name, "year", luoshi.YearOf(s.Year))
	}
}

// joined is the sum of two figures; no growth is known of it.
func joined(a, b luoshi.Cell) luoshi.Cell {
	if a.Value == luoshi.Missing {
		b.Growth = luoshi.MissingGrowth
		return b
	}
	status := a.Status
	if i, j := slices.Index(luoshi.Statuses, a.Status), slices.Index(luoshi.Statuses, b.Status); j >= 0 && (j < i || i < 0) {
		status = b.Status
	}
	return luoshi.Cell{
		Value: plus(a.Value, b.Value), Growth: luoshi.MissingGrowth,
		Status: status, Sample: a.Sample || b.Sample, Seq: max(a.Seq, b.Seq),
	}
}

// addLanes adds own shares, cell by cell where both are there.
func addLanes(a, b *luoshi.Lanes) *luoshi.Lanes {
	if a == nil {
		own := *b
		return &own
	}
	sum := luoshi.NewLanes()
	for _, basis := range []luoshi.Basis{luoshi.Single, luoshi.Cumulative} {
		for m := range 12 {
			x, y := a.On(basis)[m], b.On(basis)[m]
			if x.Value != luoshi.Missing && y.Value != luoshi.Missing {
				sum.On(basis)[m] = joined(x, y)
			}
		}
	}
	return &sum
}

// bequeath gives what ended without successor to the heir above, as its own
// share, so that every total above stays what it was.
func (r *rebase) bequeath(year int, old map[luoshi.UnitID]*luoshi.Strip, cuts map[luoshi.UnitID][]luoshi.Strip, at func(int) *luoshi.Strip) {
	ids := slices.Sorted(keys(r.ended))
	for _, id := range ids {
		if old[id] == nil {
			continue
		}
		heir, name := r.ended[id], r.name(id)
		summed, node := false, -1
		if i, ok := r.from.Find(id); ok {
			summed, node = r.plan.role[i] == part || r.plan.role[i] == beside, i
		}
		if cuts[id] == nil || node >= 0 && r.plan.role[node] == outside {
			r.say(luoshi.Warning, "rollup.rebase.ended_dropped", "unit", name, "year", luoshi.YearOf(year))
			continue
		}
		if heir < 0 {
			r.say(luoshi.Blocking, "rollup.rebase.ended_lost", "unit", name, "year", luoshi.YearOf(year))
			continue
		}
		for k, s := range r.fates[id] {
			if s.to >= 0 {
				continue
			}
			lanes := cuts[id][k].Own
			if summed {
				lanes = &cuts[id][k].Whole
			}
			if lanes != nil {
				at(heir).Own = addLanes(at(heir).Own, lanes)
			}
		}
		r.say(luoshi.Warning, "rollup.rebase.ended", "unit", name, "year", luoshi.YearOf(year), "heir", r.to.Nodes[heir].Names)
	}
}

// cut apportions a strip by the shares of its fate. On the basis as reported
// gaps are first filled from the other basis; the parts on the other basis follow
// by adding or by difference where the whole does.
func (r *rebase) cut(s *luoshi.Strip, fate []share) []luoshi.Strip {
	out := make([]luoshi.Strip, len(fate))
	for k := range out {
		out[k] = luoshi.NewStrip(s.Unit, s.Year)
	}
	whole := r.cutLanes(&s.Whole, fate)
	for k := range out {
		out[k].Whole = whole[k]
	}
	if s.Own != nil {
		own := r.cutLanes(s.Own, fate)
		for k := range out {
			out[k].Own = &own[k]
		}
	}
	return out
}

func (r *rebase) cutLanes(l *luoshi.Lanes, fate []share) []luoshi.Lanes {
	src := *l
	r.complete(&src)
	out := make([]luoshi.Lanes, len(fate))
	for k := range out {
		out[k] = luoshi.NewLanes()
	}
	for _, basis := range []luoshi.Basis{luoshi.Single, luoshi.Cumulative} {
		for m, cell := range src.On(basis) {
			if cell.Empty() {
				continue
			}
			parts := apportion(cell.Value, fate)
			for k := range out {
				c := cell
				c.Value = parts[k]
				out[k].On(basis)[m] = c
			}
		}
	}
	if r.in.OverTime == luoshi.TimeSum {
		for c, m := range r.ends {
			r.agree(&src, out, c, m-1)
		}
	}
	return out
}

// complete fills the basis as reported from the other.
func (r *rebase) complete(l *luoshi.Lanes) {
	other := luoshi.Single
	if r.in.Basis == luoshi.Single {
		other = luoshi.Cumulative
	}
	a, b := nothing(), nothing()
	for c, m := range r.ends {
		a[c], b[c] = l.On(r.in.Basis)[m-1].Value, l.On(other)[m-1].Value
	}
	full := r.clock.fill(&a, &b)
	for c, m := range r.ends {
		if cell := &l.On(r.in.Basis)[m-1]; a[c] == luoshi.Missing && full[c] != luoshi.Missing {
			from := l.On(other)[m-1]
			cell.Value, cell.Status, cell.Sample, cell.Seq = full[c], from.Status, from.Sample, from.Seq
		}
	}
}

// agree makes the parts of column c on the other basis agree with the parts on
// the basis as reported, if the whole does.
func (r *rebase) agree(src *luoshi.Lanes, out []luoshi.Lanes, c, m int) {
	prior := func(l *luoshi.Lanes) int64 {
		if c == 0 {
			return 0
		}
		return l.Cumulative[r.ends[c-1]-1].Value
	}
	before, single, now := prior(src), src.Single[m].Value, src.Cumulative[m].Value
	if now == luoshi.Missing || single == luoshi.Missing || plus(before, single) != now {
		return
	}
	for k := range out {
		l := &out[k]
		if r.in.Basis == luoshi.Cumulative {
			l.Single[m].Value = minus(l.Cumulative[m].Value, prior(l))
		} else {
			l.Cumulative[m].Value = plus(prior(l), l.Single[m].Value)
		}
	}
}

// apportion divides v by the shares in whole units that sum to v: each gets its
// share cut to a whole unit, and the units left over go to the largest remainders,
// of equals to the first.
func apportion(v int64, fate []share) []int64 {
	parts := make([]int64, len(fate))
	if v == luoshi.Missing {
		for k := range parts {
			parts[k] = luoshi.Missing
		}
		return parts
	}
	left := new(big.Int).SetUint64(magnitude(v))
	rest := make([]*big.Rat, len(fate))
	order := make([]int, len(fate))
	for k, s := range fate {
		exact := new(big.Rat).SetInt(new(big.Int).SetUint64(magnitude(v)))
		exact.Mul(exact, s.part)
		floor := new(big.Int).Quo(exact.Num(), exact.Denom())
		parts[k], order[k] = floor.Int64(), k
		rest[k] = exact.Sub(exact, new(big.Rat).SetInt(floor))
		left.Sub(left, floor)
	}
	slices.SortStableFunc(order, func(a, b int) int { return rest[b].Cmp(rest[a]) })
	for i := range left.Int64() {
		parts[order[i]]++
	}
	if v < 0 {
		for k := range parts {
			parts[k] = -parts[k]
		}
	}
	return parts
}
