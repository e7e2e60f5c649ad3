package cascade

import (
	"cmp"
	"math/big"
	"slices"

	"luoshi.dev"
)

// UnitMethod is a way to split a total over units.
type UnitMethod string

// The methods. Without locks and bounds the first and the third agree where all
// of last year's values have one sign.
const (
	UnitLastShare   UnitMethod = "last_share"   // by last year's shares
	UnitWeight      UnitMethod = "weight"       // by declared weights
	UnitEqualGrowth UnitMethod = "equal_growth" // every free unit grows by the same rate on last year
	UnitByHand      UnitMethod = "by_hand"      // as given, checked
)

// Part is one unit's side of a split. A unit without last year's value stands in
// at the level its Weight suggests beside the units that have both. Missing is
// not zero: a last year of 0 gives a share of 0.
type Part struct {
	Unit     luoshi.UnitID
	Last     int64
	Weight   luoshi.Quantity
	Locked   int64 // luoshi.Missing = free
	Min, Max int64 // luoshi.Missing = none
}

// OverUnits splits total − reserve over the parts of an additive indicator: the
// values and the reserve sum to the total exactly, locks stand, bounds hold, and
// where no bound binds a value is less than one from its real share. Where a
// bound binds, what it takes or leaves goes to the others by the same rule
// (water-filling, solved exactly). Locks and bounds that take more than there is are
// refused: the others would have to pay with less than nothing. A blocking problem comes with no values; one
// of range says the most or least that locks and bounds allow. The result does
// not depend on the order of the parts, whose UnitIDs differ.
func OverUnits(total, reserve int64, method UnitMethod, parts []Part) ([]int64, []luoshi.Problem) {
	if problems := checkParts(total, reserve, method, parts); problems != nil {
		return nil, problems
	}
	s := newSplit(total-reserve, parts)
	if method == UnitByHand {
		if s.rest != 0 {
			return nil, []luoshi.Problem{blocking("cascade.hand_sum", "sum", Amount(total-s.rest), "total", Amount(total), "gap", Amount(s.rest))}
		}
		return s.values, nil
	}
	problems := s.bases(method)
	if luoshi.Blocked(problems) {
		return nil, problems
	}
	if len(s.free) == 0 {
		if s.rest != 0 {
			return nil, []luoshi.Problem{s.outOfRange(total-s.rest, total)}
		}
		return s.values, problems
	}
	if p, ok := s.attainable(total); !ok {
		return nil, append(problems, p)
	}
	owes := s.owing(total)
	if !s.fill() {
		return nil, append(problems, blocking("cascade.range"))
	}
	if gap := owes(); gap != 0 && (total-reserve < 0) != (total < 0) {
		problems = append(problems, warning("cascade.reserve_over", "reserve", Amount(reserve), "total", Amount(total), "gap", Amount(gap)))
	} else if gap != 0 {
		return nil, append(problems, blocking("cascade.overdrawn", "total", Amount(total), "gap", Amount(gap)))
	}
	return s.values, problems
}

// checkParts refuses what cannot be split at all.
func checkParts(total, reserve int64, method UnitMethod, parts []Part) []luoshi.Problem {
	var problems []luoshi.Problem
	refuse := func(i int, key string, pairs ...any) {
		p := blocking(key, pairs...)
		p.Row = i + 1
		problems = append(problems, p)
	}
	switch method {
	case UnitLastShare, UnitWeight, UnitEqualGrowth, UnitByHand:
	default:
		refuse(-1, "cascade.unit_method", "text", string(method))
	}
	if len(parts) == 0 {
		refuse(-1, "cascade.no_parts")
	}
	if size(total) >= largest/2 || size(reserve) >= largest/2 {
		refuse(-1, "cascade.range")
	}
	locked := int64(0)
	for i, p := range parts {
		lo, hi := p.Min != luoshi.Missing, p.Max != luoshi.Missing
		if p.Weight.IsNeg() {
			refuse(i, "cascade.weight_negative", "unit", p.Unit, "weight", p.Weight)
		}
		if lo && hi && p.Min > p.Max {
			refuse(i, "cascade.bounds", "unit", p.Unit, "min", Amount(p.Min), "max", Amount(p.Max))
		}
		if p.Locked == luoshi.Missing {
			if method == UnitByHand {
				refuse(i, "cascade.hand_open", "unit", p.Unit)
			}
			continue
		}
		if lo && p.Locked < p.Min || hi && p.Locked > p.Max {
			refuse(i, "cascade.lock_bounds", "unit", p.Unit, "value", Amount(p.Locked))
		}
		if locked += int64(min(size(p.Locked), largest)); locked >= largest/2 {
			refuse(i, "cascade.range")
			break
		}
	}
	return problems
}

// split is the work on one total: the values so far, what rests, the free parts
// and the base by which they share it.
type split struct {
	parts  []Part
	values []int64
	rest   int64
	free   []int
	base   []int64 // by part
	bound  bool    // any free part has a bound
}

func newSplit(rest int64, parts []Part) *split {
	ints := make([]int64, 2*len(parts))
	s := &split{parts: parts, values: ints[:len(parts):len(parts)], base: ints[len(parts):], rest: rest}
	s.free = make([]int, 0, len(parts))
	for i, p := range parts {
		if p.Locked != luoshi.Missing {
			s.values[i] = p.Locked
			s.rest -= p.Locked
			continue
		}
		s.free = append(s.free, i)
		s.bound = s.bound || p.Min != luoshi.Missing || p.Max != luoshi.Missing
	}
	return s
}

// bases sets the base of each free part.
func (s *split) bases(method UnitMethod) []luoshi.Problem {
	var problems []luoshi.Problem
	if method == UnitWeight {
		weights, ok := s.weights()
		if !ok {
			return []luoshi.Problem{blocking("cascade.weight_range")}
		}
		copy(s.base, weights)
	} else if problems = s.lasts(); luoshi.Blocked(problems) {
		return problems
	}
	var plus, minus, some bool
	for _, i := range s.free {
		plus, minus, some = plus || s.base[i] > 0, minus || s.base[i] < 0, some || s.base[i] != 0
	}
	if plus && minus {
		problems = append(problems, warning("cascade.last_signs"))
	}
	if !some && s.rest != 0 && len(s.free) > 0 {
		for _, i := range s.free {
			s.base[i] = 1
		}
		problems = append(problems, warning("cascade.shares_zero"))
	}
	return problems
}

// lasts takes last year's values, and for a free part without one the level its
// weight suggests: weight × Σ last / Σ weight over the parts that have both.
func (s *split) lasts() []luoshi.Problem {
	absent := false
	for i, p := range s.parts {
		s.base[i] = p.Last
		absent = absent || p.Last == luoshi.Missing && p.Locked == luoshi.Missing
	}
	if !absent {
		return nil
	}
	weights, ok := s.weights()
	if !ok {
		return []luoshi.Problem{blocking("cascade.weight_range")}
	}
	var last, weight big.Int
	for i, p := range s.parts {
		if p.Last != luoshi.Missing && weights[i] > 0 {
			last.Add(&last, big.NewInt(p.Last))
			weight.Add(&weight, big.NewInt(weights[i]))
		}
	}
	var problems []luoshi.Problem
	for _, i := range s.free {
		p := s.parts[i]
		if p.Last != luoshi.Missing {
			continue
		}
		if weights[i] == 0 || weight.Sign() == 0 {
			problem := blocking("cascade.last_missing", "unit", p.Unit)
			problem.Row = i + 1
			problems = append(problems, problem)
			continue
		}
		var level big.Int
		level.Mul(big.NewInt(2*weights[i]), &last).Add(&level, &weight)
		level.Div(&level, new(big.Int).Lsh(&weight, 1))
		if !level.IsInt64() {
			return append(problems, blocking("cascade.range"))
		}
		s.base[i] = level.Int64()
	}
	return problems
}

// weights brings the weights to integers of one scale.
func (s *split) weights() ([]int64, bool) {
	scale := 0
	for _, p := range s.parts {
		scale = max(scale, p.Weight.Trim(0).Scale())
	}
	weights := make([]int64, len(s.parts))
	for i, p := range s.parts {
		w := p.Weight.Trim(0).Pad(scale)
		if w.Scale() != scale || w.Coef() >= largest/2 {
			return nil, false
		}
		weights[i] = int64(w.Coef())
	}
	_, _, ok := sums(weights)
	return weights, ok
}

// attainable checks that bounds leave room for the rest.
func (s *split) attainable(total int64) (luoshi.Problem, bool) {
	if !s.bound && slices.ContainsFunc(s.free, func(i int) bool { return s.base[i] != 0 }) {
		return luoshi.Problem{}, true
	}
	var least, most big.Int
	noLeast, noMost := false, false
	for _, i := range s.free {
		lo, hi := s.parts[i].Min, s.parts[i].Max
		if s.base[i] == 0 {
			v := s.clip(i, 0)
			lo, hi = v, v
		}
		noLeast, noMost = noLeast || lo == luoshi.Missing, noMost || hi == luoshi.Missing
		least.Add(&least, big.NewInt(lo))
		most.Add(&most, big.NewInt(hi))
	}
	rest := big.NewInt(s.rest)
	for _, side := range []struct {
		open  bool
		limit *big.Int
		sign  int
	}{{noMost, &most, 1}, {noLeast, &least, -1}} {
		if side.open || rest.Cmp(side.limit) != side.sign {
			continue
		}
		side.limit.Sub(side.limit, rest)
		return s.outOfRange(total+side.limit.Int64(), total), false
	}
	return luoshi.Problem{}, true
}

// owing prepares to say how much of the opposite of their own sign the free parts
// get, although the total has that sign: what locks, bounds and the reserve take
// beyond the total. It is meant, and 0, where a bound says that a part may go below
// zero, or where parts of both signs tell nothing.
func (s *split) owing(total int64) func() int64 {
	sign, free := 0, slices.Clone(s.free)
	for _, i := range free {
		p, own := s.parts[i], cmp.Compare(s.base[i], 0)
		if own*sign < 0 || p.Min != luoshi.Missing && p.Min < 0 || p.Max != luoshi.Missing && p.Max < 0 {
			return func() int64 { return 0 }
		}
		if own != 0 {
			sign = own
		}
	}
	return func() (gap int64) {
		for _, i := range free {
			if v := s.values[i]; sign != 0 && cmp.Compare(v, 0) == -sign && cmp.Compare(total, 0) != -sign {
				gap += int64(size(v))
			}
		}
		return gap
	}
}

// outOfRange says what total, reserve included, locks and bounds allow.
func (s *split) outOfRange(attainable, total int64) luoshi.Problem {
	key := "cascade.most"
	if attainable > total {
		key = "cascade.least"
	}
	return blocking(key, "attainable", Amount(attainable), "total", Amount(total), "gap", Amount(total-attainable))
}

func (s *split) clip(i int, v int64) int64 {
	if lo := s.parts[i].Min; lo != luoshi.Missing {
		v = max(v, lo)
	}
	if hi := s.parts[i].Max; hi != luoshi.Missing {
		v = min(v, hi)
	}
	return v
}

// fill shares the rest among the free parts. Shares rise together with the one
// rate behind them, so when more is cut off above than is missing below, every
// part above its bound stays there in the end, and the other way round: peg that
// side and share again (Bitran & Hax 1981). At most one round per part.
func (s *split) fill() bool {
	base, floor := make([]int64, len(s.free)), make([]int64, len(s.free))
	rem := make([]uint64, len(s.free))
	for {
		base = base[:0]
		for _, i := range s.free {
			base = append(base, s.base[i])
		}
		den, ok := spread(s.rest, base, floor, rem)
		if !ok {
			return false
		}
		if den == 0 {
			clear(floor)
			clear(rem)
			den = 1
		}
		if !s.bound || !s.peg(floor, rem, den) {
			break
		}
	}
	s.settle(floor[:len(s.free)], rem[:len(s.free)])
	return true
}

// peg fixes the parts of the side that overshoots more and reports whether any.
func (s *split) peg(floor []int64, rem []uint64, den uint64) bool {
	var balance, whole, part big.Int
	out := make([]int, len(s.free)) // 1 above, -1 below
	any := false
	for k, i := range s.free {
		lo, hi := s.parts[i].Min, s.parts[i].Max
		switch {
		case hi != luoshi.Missing && (floor[k] > hi || floor[k] == hi && rem[k] > 0):
			out[k] = 1
			whole.Add(&whole, part.SetInt64(floor[k]-hi))
		case lo != luoshi.Missing && floor[k] < lo:
			out[k] = -1
			whole.Sub(&whole, part.SetInt64(lo-floor[k]))
		default:
			continue
		}
		any = true
		balance.Add(&balance, part.SetUint64(rem[k]))
	}
	if !any {
		return false
	}
	balance.Add(&balance, whole.Mul(&whole, part.SetUint64(den)))
	keep := s.free[:0]
	for k, i := range s.free {
		if out[k] == 0 || out[k]*balance.Sign() < 0 {
			keep = append(keep, i)
			continue
		}
		s.values[i] = s.clip(i, floor[k])
		s.rest -= s.values[i]
	}
	s.free = keep
	return true
}

// settle rounds the free parts by largest remainder; of equals the larger base,
// then the lower unit goes up.
func (s *split) settle(floor []int64, rem []uint64) {
	up := s.rest
	order := make([]int, len(s.free))
	for k, i := range s.free {
		s.values[i] = floor[k]
		up -= floor[k]
		order[k] = k
	}
	if up == 0 {
		return
	}
	slices.SortFunc(order, func(a, b int) int {
		if c := cmp.Compare(rem[b], rem[a]); c != 0 {
			return c
		}
		i, j := s.free[a], s.free[b]
		return cmp.Or(cmp.Compare(size(s.base[j]), size(s.base[i])), cmp.Compare(s.parts[i].Unit, s.parts[j].Unit))
	})
	for _, k := range order[:up] {
		s.values[s.free[k]]++
	}
}
