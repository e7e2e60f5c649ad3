package catchup

import (
	"cmp"
	"math"
	"slices"

	"luoshi.dev"
	"luoshi.dev/cascade"
)

// Task is what one unit must bring in one period.
type Task struct {
	Part   int // in the caller's order
	Unit   luoshi.UnitID
	Period luoshi.Period
	By     luoshi.Date
	Value  int64
	Expect int64   // rounded
	Extra  int64   // beyond what is expected, to the hard side: more, or less where less is better
	Effort float64 // Extra in spreads; NaN where there is no spread
	Hold   Hold
}

// Hard is the direction in which the plan takes effort: +1 up, −1 down.
func (p Plan) Hard() int { return p.spec.hard(p.Expect) }

// Gap is by how much what is needed lies beyond what is expected, to the hard side;
// below zero, by how much it falls short of it.
func (p Plan) Gap() int64 {
	return int64(math.Round((float64(p.Needed) - p.Expect) * float64(p.Hard())))
}

// Shortfall is by how much the plan falls short of what is needed; 0 unless it is Short.
func (p Plan) Shortfall() int64 {
	if p.State != Short {
		return 0
	}
	return (p.Needed - p.Sum) * int64(p.Hard())
}

// Effort is how far the plan asks a part to go beyond its expectation in the j-th
// period, in spreads:
//
//	(x − e)/spread, up where more is better, down where less is
//
// NaN where there is no spread.
func (p Plan) Effort(part, j int) float64 {
	cell := p.spec.Parts[part].Cells[j]
	if cell.Spread == 0 || cell.Known {
		return math.NaN()
	}
	x := p.Grid.Cells[part][p.spec.Months[j]-1]
	return (float64(x) - cell.expect()) / cell.Spread * float64(p.Hard())
}

// Months are the ends of the periods that are planned.
func (p Plan) Months() []int { return p.spec.Months }

// Cost is what Solve makes least, Σ w·(x − e)², for the rounded plan, over the
// cells that were free to move.
func (p Plan) Cost() float64 {
	sum := 0.0
	for i, part := range p.spec.Parts {
		for j, cell := range part.Cells {
			if _, fixed := p.spec.fixed(cell); fixed {
				continue
			}
			w := cell.Weight
			if w == 0 {
				w = 1 / cell.Spread
			}
			d := float64(p.Grid.Cells[i][p.spec.Months[j]-1]) - cell.Expect
			sum += w * d * d
		}
	}
	return sum
}

// Tasks lists the cells that are asked for more than expected (less, where less is
// better), those asked for most first; what has been reported is none.
func (p Plan) Tasks() []Task {
	var tasks []Task
	hard := int64(p.Hard())
	for i, part := range p.spec.Parts {
		for j, cell := range part.Cells {
			end := p.spec.Months[j]
			t := Task{Part: i, Unit: part.Unit, Value: p.Grid.Cells[i][end-1], Expect: int64(math.Round(cell.expect())), Hold: p.Holds[i][j]}
			if t.Extra = (t.Value - t.Expect) * hard; t.Extra <= 0 || t.Hold == Known {
				continue
			}
			t.Period = p.spec.period(end)
			t.By, t.Effort = t.Period.LastDay(), p.Effort(i, j)
			tasks = append(tasks, t)
		}
	}
	slices.SortFunc(tasks, func(a, b Task) int {
		return cmp.Or(cmp.Compare(b.Extra, a.Extra), cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Period.To, b.Period.To))
	})
	return tasks
}

// Load is what a unit, or a month, carries in a plan.
type Load struct {
	Part   int // −1 for a month
	Unit   luoshi.UnitID
	Month  int // 0 for a unit
	Value  int64
	Expect int64 // rounded
	Extra  int64 // beyond what is expected, to the hard side
	// Effort is Extra in the sum of the spreads, as if all went wrong together; NaN without any.
	Effort float64
}

// Loads sums the plan by unit, in the caller's order, and by month.
func (p Plan) Loads() (units, months []Load) {
	m, n := len(p.spec.Parts), len(p.spec.Months)
	expect, spread := make([]float64, m+n), make([]float64, m+n)
	loads := make([]Load, m+n)
	for i, part := range p.spec.Parts {
		loads[i] = Load{Part: i, Unit: part.Unit}
		for j, cell := range part.Cells {
			loads[m+j].Part, loads[m+j].Month = -1, p.spec.Months[j]
			for _, k := range [2]int{i, m + j} {
				loads[k].Value += p.Grid.Cells[i][p.spec.Months[j]-1]
				expect[k] += cell.expect()
				spread[k] += cell.Spread
			}
		}
	}
	for k := range loads {
		l := &loads[k]
		l.Expect = int64(math.Round(expect[k]))
		l.Extra = (l.Value - l.Expect) * int64(p.Hard())
		l.Effort = math.NaN()
		if spread[k] > 0 {
			l.Effort = (float64(l.Value) - expect[k]) / spread[k] * float64(p.Hard())
		}
	}
	return loads[:m:m], loads[m:]
}

// Say is the plan in a sentence or two: how it stands to what is needed, then the
// most that is asked of anybody, or what would have to give. Amounts and units are
// given their words by [Shown].
func (p Plan) Say() []luoshi.Message {
	amount := func(v int64) cascade.Amount { return cascade.Amount(v) }
	pairs := []any{"needed", amount(p.Needed), "sum", amount(p.Sum), "expect", amount(int64(math.Round(p.Expect))), "gap", amount(max(p.Gap(), -p.Gap()))}
	if p.State == Ahead {
		pairs = append(pairs, "over", amount(max(p.Sum-p.Needed, p.Needed-p.Sum)))
	}
	side := ".more"
	if p.Hard() < 0 {
		side = ".less"
	}
	key := "catchup.say." + string(p.State) + side
	if p.State == Met && p.Gap() <= 0 {
		key = "catchup.say.eased" + side
	}
	if p.State == Short {
		pairs = append(pairs, "short", amount(p.Shortfall()))
	}
	if p.State == Ahead && p.Sum == p.Needed {
		key = "catchup.say.just" + side
	}
	switch hard := p.Hard(); { // nothing, or less, is left to bring
	case p.spec.Negative:
	case hard > 0 && p.Needed <= 0 && (p.State == Ahead || p.State == Beyond):
		key = "catchup.say.reached"
	case hard < 0 && p.Needed < 0 && p.State == Short:
		key = "catchup.say.passed"
	}
	said := []luoshi.Message{luoshi.Say(key, pairs...)}
	switch {
	case p.State == Short && felt(p.Unbound*float64(p.Hard())) && !p.spec.weighted():
		said = append(said, luoshi.Say("catchup.say.unbound", "effort", spreads(p.Unbound*float64(p.Hard()))))
	case p.State == Met && p.Gap() > 0 && felt(p.Step*float64(p.Hard())) && !p.spec.weighted():
		said = append(said, luoshi.Say("catchup.say.step", "effort", spreads(p.Step*float64(p.Hard()))))
	}
	return said
}

// Say is the task as a sentence.
func (t Task) Say(hard int) luoshi.Message {
	key := "catchup.say.task.more"
	if hard < 0 {
		key = "catchup.say.task.less"
	}
	return luoshi.Say(key, "unit", t.Unit, "value", cascade.Amount(t.Value), "by", t.By, "period", t.Period, "extra", cascade.Amount(t.Extra), "expect", cascade.Amount(t.Expect))
}

// Say is what stands in the way, as a sentence.
func (g Give) Say() luoshi.Message {
	key := "catchup.say.give." + string(g.Hold)
	if g.Gain == luoshi.Missing {
		key += ".open"
	}
	return luoshi.Say(key, "unit", g.Unit, "period", g.Period, "now", cascade.Amount(g.Now), "gain", cascade.Amount(g.Gain))
}

// weighted reports whether any cell has a weight of its own: the step is then no
// number of spreads.
func (spec Spec) weighted() bool {
	return slices.ContainsFunc(spec.Parts, func(p Part) bool {
		return slices.ContainsFunc(p.Cells, func(c Cell) bool { return c.Weight > 0 })
	})
}

// felt reports whether an effort is at least a tenth of a spread, as it is said.
func felt(effort float64) bool { return effort >= 0.05 }

// spreads rounds an effort for people: one decimal.
func spreads(effort float64) luoshi.NullQuantity {
	if math.IsNaN(effort) || math.Abs(effort) > 1e15 {
		return luoshi.NullQuantity{}
	}
	return luoshi.Unscaled(int64(math.Round(effort*10)), 1)
}

// Shown gives sentences the words they need: amounts the indicator's decimals,
// units their names.
func Shown(said []luoshi.Message, decimals int, name func(luoshi.UnitID) luoshi.Names) []luoshi.Message {
	problems := make([]luoshi.Problem, len(said))
	for i, m := range said {
		problems[i].Message = m
	}
	shown := make([]luoshi.Message, len(said))
	for i, p := range cascade.Shown(problems, decimals, name) {
		shown[i] = p.Message
	}
	return shown
}
