// Package catchup finds the plan that closes the gap: given what each unit is
// expected to bring in each period that is left, how far it can go, and the sum
// that is still needed, the plan that departs least from what is expected
// ([Solve]). It says where the sum is out of reach, what the most is and what would
// have to give ([Plan.Gives]), who must do what by when ([Plan.Tasks]), what sets
// two plans apart ([Compare]), one unit's curve to the end of the year ([Alone]),
// and what a unit's own past shows to be attainable ([ReachOf]).
//
// It plans what adds up: flows over time, additive indicators over units.
// Expectations and spreads are estimates (float64, at the indicator's scale);
// bounds, locks, sums and the plan are integers at that scale ([luoshi.Scaled]) and
// hold exactly. The package makes no forecast, decides nothing, and stores nothing.
// doc/SPEC-catchup.md has the formulas.
package catchup

import (
	"cmp"
	"math"
	"slices"

	"luoshi.dev"
	"luoshi.dev/cascade"
)

// Cell is what is known of one unit in one period. Bounds and Locked are
// [luoshi.Missing] where there is none; [Free] makes such a cell.
type Cell struct {
	Expect float64 // the outlook's expectation
	Spread float64 // its standard deviation; 0 with no Weight: certain, the cell stays at its expectation
	Weight float64 // how hard a departure is; 0 = 1/Spread
	Low    int64   // the lowest attainable
	High   int64   // the highest attainable
	Locked int64   // what a planner has fixed, or what has been reported
	Known  bool    // Locked is a reported figure: no planner can give it up
}

// Free is a cell without bounds or lock.
func Free(expect, spread float64) Cell {
	return Cell{Expect: expect, Spread: spread, Low: luoshi.Missing, High: luoshi.Missing, Locked: luoshi.Missing}
}

// Part is one unit's side of the plan: a cell for each of the periods that are
// left, and what all of them may sum to.
type Part struct {
	Unit        luoshi.UnitID
	Cells       []Cell
	Least, Most int64 // luoshi.Missing = none
}

// Spec asks for a plan.
type Spec struct {
	Year      int
	Calendar  luoshi.Calendar
	Months    []int // the ends of the periods that are left, ascending
	Needed    int64 // what they must sum to over all parts
	Direction luoshi.Direction
	Negative  bool // values below zero make sense (profits, net flows)
	// Keep leaves the expectation alone where it already meets the target. Without
	// it the sum is met exactly all the same, and less is asked for than expected.
	Keep  bool
	Parts []Part
}

// State says how a plan stands to what is needed.
type State string

// The states. Where more is better, Short is below what is needed and Beyond
// above; where less is better the other way round.
const (
	Met    State = "met"    // the sum is met exactly
	Ahead  State = "ahead"  // the expectation meets it, and was kept
	Short  State = "short"  // out of reach: the plan is the best that is attainable
	Beyond State = "beyond" // reached whatever happens: the plan is the nearest that is attainable
)

// Hold says what keeps a cell or a unit's sum from moving with the others.
type Hold string

// What can hold. The unit's sum knows AtLeast and AtMost only.
const (
	Loose   Hold = ""
	AtLow   Hold = "low"
	AtHigh  Hold = "high"
	Locked  Hold = "locked"
	Known   Hold = "known"
	Certain Hold = "certain" // its spread is 0
	AtLeast Hold = "least"
	AtMost  Hold = "most"
)

// Plan is the answer. Rows and cells come as the parts were given.
type Plan struct {
	State   State
	Needed  int64
	Sum     int64   // what the plan sums to
	Expect  float64 // what was expected over all parts, whatever bounds and locks say; reported figures as they are
	Lowest  int64   // the least that is attainable over all parts; luoshi.Missing = no limit
	Highest int64   // the most
	// Step is what one unit of weighted effort is: a loose cell departs from its
	// expectation by Step × spread (or Step ÷ weight), up or down as the sign says;
	// infinite where all stand at their limits (Short, Beyond).
	Step  float64
	Grid  cascade.Grid // whole numbers; no reserve
	Holds [][]Hold     // by part and period
	Units []Hold       // by part
	Gives []Give       // what stands in the way, where the plan is Short
	// Unbound is the Step of a plan that only locks and reported figures hold; NaN
	// unless the plan is Short.
	Unbound float64

	spec Spec
}

// Solve finds the plan x with the least
//
//	Σ w·(x − e)²
//
// over all cells, e the expectation and w the weight, such that Σx is what is
// needed, each cell keeps within its bounds, each unit's sum within its own, and
// what is locked stays. The real plan is found exactly from its optimality
// conditions; controlled rounding then moves no cell, no unit's sum and no month's
// sum by a whole unit, and no bound is broken. A blocking problem comes with an
// empty plan and names the part in Row (from 1) and the month in Col. The result
// does not depend on the order of the parts.
func Solve(spec Spec) (Plan, []luoshi.Problem) {
	problems := spec.check()
	if luoshi.Blocked(problems) {
		return Plan{}, problems
	}
	order := make([]int, len(spec.Parts))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(spec.Parts[a].Unit, spec.Parts[b].Unit) })
	s := newSolver(spec, order)
	plan := Plan{Needed: spec.Needed, Lowest: s.attainable(-1), Highest: s.attainable(1), Expect: s.expected(), Unbound: math.NaN(), spec: spec}
	s.hard = spec.hard(plan.Expect)
	goal, exact := s.aim(&plan)
	plan.Step = s.place(plan.Step, goal, exact)
	if !s.lay(&plan, order) {
		return Plan{}, append(problems, blocking("catchup.range"))
	}
	if plan.State == Short {
		plan.Unbound, plan.Gives = s.gives(plan.Needed, s.hard, order, spec)
	}
	return plan, problems
}

// aim finds the plan's state and step, and what the plan sums to where that is exact.
func (s *solver) aim(plan *Plan) (goal int64, exact bool) {
	spec := plan.spec
	beyond := func(side int, attainable int64) (int64, bool) {
		plan.State, plan.Step = Beyond, math.Inf(side)
		if side == s.hard {
			plan.State = Short
		}
		return attainable, true
	}
	plan.State, goal, exact = Met, spec.Needed, true
	switch {
	case plan.Highest != luoshi.Missing && spec.Needed > plan.Highest:
		goal, exact = beyond(1, plan.Highest)
	case plan.Lowest != luoshi.Missing && spec.Needed < plan.Lowest:
		goal, exact = beyond(-1, plan.Lowest)
	default:
		plan.Step = s.step(float64(spec.Needed))
	}
	if spec.Keep && spec.Direction != luoshi.Band && plan.State != Short && plan.Step*float64(s.hard) <= 0 {
		plan.State, plan.Step = Ahead, 0
		return 0, false
	}
	return goal, exact
}

// hard is the direction in which it takes effort to go: +1 up, −1 down.
func (spec Spec) hard(expect float64) int {
	switch {
	case spec.Direction == luoshi.Less, spec.Direction == luoshi.Band && float64(spec.Needed) < expect:
		return -1
	}
	return 1
}

// lay rounds what the solver has placed and puts it into the caller's order.
func (s *solver) lay(plan *Plan, order []int) bool {
	m, n := len(s.rows), s.n
	whole, ok := s.whole()
	if !ok {
		return false
	}
	g := cascade.Grid{Cells: make([][]int64, m), Rows: make([]int64, m), Cols: make([]int64, 12)}
	flat := slices.Repeat([]int64{luoshi.Missing}, 12*m)
	for k := range g.Cols {
		g.Cols[k] = luoshi.Missing
	}
	for _, end := range plan.spec.Months {
		g.Cols[end-1] = 0
	}
	plan.Holds, plan.Units = make([][]Hold, m), make([]Hold, m)
	holds := make([]Hold, m*n)
	for i, p := range order {
		line := flat[12*i : 12*i+12 : 12*i+12]
		for j, end := range plan.spec.Months {
			v := whole[i*n+j]
			line[end-1] = v
			g.Rows[p] += v
			g.Cols[end-1] += v
			plan.Sum += v
			holds[i*n+j] = s.hold(i*n+j, plan.spec.Parts[p].Cells[j])
		}
		g.Cells[p] = line
		plan.Holds[p] = holds[i*n : i*n+n : i*n+n]
		plan.Units[p] = s.rows[i].hold
	}
	plan.Grid = g
	return true
}

func blocking(key string, pairs ...any) luoshi.Problem {
	return luoshi.Problem{Severity: luoshi.Blocking, Message: luoshi.Say(key, pairs...)}
}

func warning(key string, pairs ...any) luoshi.Problem {
	return luoshi.Problem{Severity: luoshi.Warning, Message: luoshi.Say(key, pairs...)}
}
