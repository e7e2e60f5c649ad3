package assess

import (
	"math"
	"math/big"
	"math/bits"

	"github.com/govalues/decimal"

	"luoshi.dev"
)

// ratio is n/d for a positive d.
func ratio(n, d int64) luoshi.Ratio { return luoshi.Ratio{Num: n, Den: d} }

// boundless is a shortfall against nothing: beyond every threshold.
var boundless = ratio(math.MaxInt64, 1)

// add, sub, mul and div are exact. Operands of ordinary size stay in int64; where
// a product would overflow, the result is computed in big integers and reduced.
func add(a, b luoshi.Ratio) luoshi.Ratio {
	if a.Den == b.Den {
		if s := a.Num + b.Num; (s > a.Num) == (b.Num > 0) {
			return ratio(s, a.Den)
		}
	}
	x, ok1 := times(a.Num, b.Den)
	y, ok2 := times(b.Num, a.Den)
	d, ok3 := times(a.Den, b.Den)
	if s := x + y; ok1 && ok2 && ok3 && (s > x) == (y > 0) {
		return ratio(s, d)
	}
	return fit(new(big.Rat).Add(a.Rat(), b.Rat()))
}

func sub(a, b luoshi.Ratio) luoshi.Ratio { return add(a, neg(b)) }

func neg(a luoshi.Ratio) luoshi.Ratio { return ratio(-a.Num, a.Den) }

func mul(a, b luoshi.Ratio) luoshi.Ratio {
	n, ok1 := times(a.Num, b.Num)
	d, ok2 := times(a.Den, b.Den)
	if ok1 && ok2 {
		return ratio(n, d)
	}
	return fit(new(big.Rat).Mul(a.Rat(), b.Rat()))
}

// div is undefined for a zero divisor.
func div(a, b luoshi.Ratio) luoshi.Ratio {
	switch {
	case b.Num == 0:
		return luoshi.Ratio{}
	case b.Num < 0:
		return mul(a, ratio(-b.Den, -b.Num))
	}
	return mul(a, ratio(b.Den, b.Num))
}

func magnitude(a luoshi.Ratio) luoshi.Ratio {
	if a.Num < 0 {
		return neg(a)
	}
	return a
}

// times is a·b, and whether it fits. The smallest int64 is [luoshi.Missing] and
// counts as not fitting.
func times(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(unsigned(a), unsigned(b))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, false
	}
	if (a < 0) != (b < 0) {
		return -int64(lo), true
	}
	return int64(lo), true
}

func unsigned(v int64) uint64 {
	if v < 0 {
		return uint64(-v)
	}
	return uint64(v)
}

// fit reduces a quotient to one of int64s. Only where even the reduced one is too
// long (inputs of 17 and more digits) are its last bits given up, and then never
// the sign: a shortfall stays a shortfall.
func fit(r *big.Rat) luoshi.Ratio {
	num, den := new(big.Int).Set(r.Num()), new(big.Int).Set(r.Denom())
	if over := max(num.BitLen(), den.BitLen()) - 63; over > 0 {
		sign := num.Sign()
		num.Abs(num).Rsh(num, uint(over))
		den.Rsh(den, uint(over))
		if num.Sign() == 0 {
			num.SetInt64(1)
		}
		if den.Sign() == 0 {
			den.SetInt64(1)
		}
		num.Mul(num, big.NewInt(int64(sign)))
	}
	return ratio(num.Int64(), den.Int64())
}

// exact is a quantity as a quotient.
func exact(q luoshi.Quantity) luoshi.Ratio {
	if q.Coef() > math.MaxInt64 || q.Scale() > 18 {
		r, _ := new(big.Rat).SetString(q.String())
		return fit(r)
	}
	n := int64(q.Coef())
	if q.IsNeg() {
		n = -n
	}
	return ratio(n, pow10[q.Scale()])
}

var pow10 = [...]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

// rounded is r·10^shift at so many decimals, halves away from zero; ok is false
// where the result is too long to be shown.
func rounded(r luoshi.Ratio, shift, decimals int) (luoshi.Quantity, bool) {
	if v, ok := nearest(r, pow10[shift+decimals]); ok {
		q, err := decimal.New(v, decimals)
		return q, err == nil
	}
	q := r.Times(shift, decimals)
	return q.Decimal, q.Valid
}

// nearest is r·scale as the nearest integer, halves away from zero.
func nearest(r luoshi.Ratio, scale int64) (int64, bool) {
	hi, lo := bits.Mul64(unsigned(r.Num), uint64(scale))
	den := uint64(r.Den)
	if hi >= den {
		return 0, false
	}
	q, rest := bits.Div64(hi, lo, den)
	if rest >= den-rest {
		q++
	}
	if q > math.MaxInt64 {
		return 0, false
	}
	if r.Num < 0 {
		return -int64(q), true
	}
	return int64(q), true
}

// telling rounds like [rounded], with more decimals while rounding would put the
// value on another side of one of the marks than it exactly is: 9.996 points short
// of a limit of 10 must not read 10.00.
func telling(r luoshi.Ratio, shift, decimals int, marks ...luoshi.Ratio) luoshi.Quantity {
	for d := decimals; ; d++ {
		q, ok := rounded(r, shift, d)
		if !ok {
			q, _ = rounded(r, shift, decimals)
			return q
		}
		shown, scaled, honest := exact(q), mul(r, ratio(pow10[shift], 1)), true
		for _, mark := range marks {
			honest = honest && shown.Cmp(mark) == scaled.Cmp(mark)
		}
		if honest || d >= decimals+6 {
			return q
		}
	}
}
