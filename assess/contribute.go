package assess

import (
	"math/big"

	"luoshi.dev"
)

// Waterfall is a gap parted among the units that make it, in whole units of the
// last place: the parts and the rest add up to the total, always.
type Waterfall struct {
	Parts []int64 // luoshi.Missing where a unit has no part
	Rest  int64   // what no part accounts for
	Total int64   // the gap, rounded once
}

// Contribute parts a gap exactly. The total is rounded once, halves away from zero,
// and the parts by largest remainders so that they add up to their own sum; what is
// left is the rest. A rest of less than one unit is rounding and goes into the parts,
// as far as each of them stays its own number rounded down or up.
// It returns false where there is no total or not one part.
func Contribute(total *big.Rat, parts []*big.Rat) (Waterfall, bool) {
	w := Waterfall{Parts: make([]int64, len(parts))}
	sum, some := new(big.Rat), false
	low, high := new(big.Int), new(big.Int) // the parts all rounded down, all rounded up
	for _, p := range parts {
		if p != nil {
			sum.Add(sum, p)
			some = true
			low.Add(low, down(p))
			high.Sub(high, down(new(big.Rat).Neg(p)))
		}
	}
	if total == nil || !some {
		return Waterfall{}, false
	}
	var ok bool
	w.Total, ok = nearestWhole(total)
	share, fits := nearestWhole(sum)
	if off := new(big.Rat).Sub(total, sum); off.Abs(off).Cmp(big.NewRat(1, 1)) < 0 {
		share = max(min(w.Total, high.Int64()), low.Int64())
	}
	if !ok || !fits || !low.IsInt64() || !high.IsInt64() || !apportion(w.Parts, parts, share) {
		return Waterfall{}, false
	}
	w.Rest = w.Total - share
	return w, true
}

// apportion rounds the parts so that they add up to a sum near their own.
func apportion(out []int64, parts []*big.Rat, sum int64) bool {
	rests := make([]*big.Rat, len(parts))
	left := sum
	for i, p := range parts {
		out[i] = luoshi.Missing
		if p == nil {
			continue
		}
		floor := down(p)
		if !floor.IsInt64() {
			return false
		}
		out[i] = floor.Int64()
		left -= out[i]
		rests[i] = new(big.Rat).Sub(p, new(big.Rat).SetInt(floor))
	}
	for ; left != 0; left -= step(left) {
		best := -1
		for i, r := range rests {
			if r != nil && (best < 0 || r.Cmp(rests[best])*int(step(left)) > 0) {
				best = i
			}
		}
		out[best] += step(left)
		rests[best] = new(big.Rat).Sub(rests[best], big.NewRat(step(left), 1))
	}
	return true
}

// down rounds towards −∞.
func down(r *big.Rat) *big.Int { return new(big.Int).Div(r.Num(), r.Denom()) }

func step(left int64) int64 {
	if left < 0 {
		return -1
	}
	return 1
}

// nearestWhole is the nearest integer, halves away from zero.
func nearestWhole(r *big.Rat) (int64, bool) {
	two := new(big.Int).Lsh(new(big.Int).Abs(r.Num()), 1)
	n := two.Add(two, r.Denom())
	n.Quo(n, new(big.Int).Lsh(r.Denom(), 1))
	if r.Sign() < 0 {
		n.Neg(n)
	}
	return n.Int64(), n.IsInt64() && n.Int64() != luoshi.Missing
}

// Weigh parts the distance of a quotient from what is asked of it among the units
// whose numerators and denominators it sums:
//
//	N/D − p = Σ (nᵢ − p·dᵢ) / D
//
// with N = Σ nᵢ and D = Σ dᵢ. So a rate (repaired of damaged), a weighted mean
// (value × weight over weight) and growth (now over last year, p = 1 + g) come
// apart exactly. A unit that lacks either has no part.
func Weigh(nums, dens []*big.Rat, total, asked *big.Rat) []*big.Rat {
	parts := make([]*big.Rat, len(nums))
	if total == nil || asked == nil || total.Sign() == 0 {
		return parts
	}
	for i := range nums {
		if nums[i] == nil || dens[i] == nil {
			continue
		}
		part := new(big.Rat).Mul(asked, dens[i])
		part.Sub(nums[i], part)
		parts[i] = part.Quo(part, total)
	}
	return parts
}

// Wants reports which way an indicator points: 1 more is good, −1 less, 0 neither.
func Wants(in luoshi.Indicator) int64 {
	c := Case{Indicator: in}
	v := look(&c)
	return v.way
}
