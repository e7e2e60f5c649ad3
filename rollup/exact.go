package rollup

import (
	"math/big"
	"math/bits"

	"luoshi.dev"
)

// quotient is num / den × 10^shift rounded once, halves away from zero. It is
// missing when either is, when den is 0, and (with ok false) when the result
// leaves 64 bits.
func quotient(num, den int64, shift int) (v int64, ok bool) {
	if num == luoshi.Missing || den == luoshi.Missing || den == 0 {
		return luoshi.Missing, true
	}
	if shift >= 0 && shift <= 18 {
		hi, lo := bits.Mul64(magnitude(num), pow10(shift))
		if d := magnitude(den); hi < d {
			q, r := bits.Div64(hi, lo, d)
			if r >= d-r {
				q++
			}
			if q < 1<<63 {
				return signed(q, (num < 0) != (den < 0)), true
			}
		}
		return luoshi.Missing, false
	}
	r := big.NewRat(num, den)
	return round(r.Mul(r, tenTo(shift)), 0)
}

func signed(q uint64, negative bool) int64 {
	if negative {
		return -int64(q)
	}
	return int64(q)
}

func pow10(n int) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}

// tenTo is 10^n for any n.
func tenTo(n int) *big.Rat {
	p := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(n, -n))), nil)
	if n < 0 {
		return new(big.Rat).SetFrac(big.NewInt(1), p)
	}
	return new(big.Rat).SetInt(p)
}

// round returns r at `decimals` places as a scaled integer, halves away from zero.
func round(r *big.Rat, decimals int) (int64, bool) {
	num := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)
	num.Mul(num, r.Num()).Abs(num).Lsh(num, 1).Add(num, r.Denom())
	num.Quo(num, new(big.Int).Lsh(r.Denom(), 1))
	if !num.IsInt64() {
		return luoshi.Missing, false
	}
	return signed(num.Uint64(), r.Sign() < 0), true
}

// over divides a numerator by its span's divisor.
func over(v, div int64) int64 {
	if div == 1 || v == luoshi.Missing {
		return v
	}
	q, _ := quotient(v, div, 0)
	return q
}

// wide is a signed 128-bit sum of products.
type wide struct {
	hi int64
	lo uint64
}

func (w wide) plus(v wide) wide {
	lo, carry := bits.Add64(w.lo, v.lo, 0)
	return wide{w.hi + v.hi + int64(carry), lo}
}

func product(a, b int64) wide {
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	if (a < 0) != (b < 0) {
		lo = -lo
		hi = ^hi
		if lo == 0 {
			hi++
		}
	}
	return wide{int64(hi), lo}
}

// by divides the sum by a positive den, rounding halves away from zero.
func (w wide) by(den int64) (int64, bool) {
	hi, lo, negative := uint64(w.hi), w.lo, w.hi < 0
	if negative {
		lo = -lo
		hi = ^hi
		if lo == 0 {
			hi++
		}
	}
	d := uint64(den)
	if hi >= d {
		return luoshi.Missing, false
	}
	q, r := bits.Div64(hi, lo, d)
	if r >= d-r {
		q++
	}
	if q >= 1<<63 {
		return luoshi.Missing, false
	}
	return signed(q, negative), true
}
