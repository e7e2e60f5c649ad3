package cascade

import (
	"math/big"
	"math/bits"

	"luoshi.dev"
)

// one is the fixed-point 1 of fractional parts inside the rounding: sums of a few
// thousand of them fit an int64, and a float64 above 1 has no finer bits.
const one int64 = 1 << 52

// largest bounds what a sum of bases may reach, so that twice it fits an int64.
const largest = 1 << 61

// mulDiv is a·b/d as floor and remainder, through 128 bits; false when the floor
// does not fit.
func mulDiv(a, b int64, d uint64) (floor int64, rem uint64, ok bool) {
	hi, lo := bits.Mul64(size(a), size(b))
	if hi >= d {
		return 0, 0, false
	}
	q, r := bits.Div64(hi, lo, d)
	if (a < 0) == (b < 0) {
		return int64(q), r, q < 1<<62
	}
	if r > 0 {
		q, r = q+1, d-r
	}
	return -int64(q), r, q < 1<<62
}

// fixed is rem/den in units of one, to the last bit or so: it only weighs which
// cells go up. What is not whole stays so.
func fixed(rem uint64, scale float64) int64 {
	if rem == 0 {
		return 0
	}
	return min(one-1, max(1, int64(float64(rem)*scale)))
}

func size(v int64) uint64 {
	if v < 0 {
		return uint64(-v)
	}
	return uint64(v)
}

// sums returns Σv and Σ|v|, false when they grow past what is computed exactly.
func sums(values []int64) (sum, abs int64, ok bool) {
	for _, v := range values {
		if size(v) >= largest {
			return 0, 0, false
		}
		sum += v
		abs += int64(size(v))
		if abs >= largest {
			return 0, 0, false
		}
	}
	return sum, abs, true
}

// spread carries the values `base` to another sum:
//
//	x_i = b_i + |b_i|·(total − Σb)/Σ|b| = |b_i|·(total − Σb ± Σ|b|)/Σ|b|
//
// which is plain proportion, total·b_i/Σb, when all have one sign, and moves
// everyone by the same rate of its own size when they have not (proportion would
// then turn losses into larger losses and explode near Σb = 0). A zero stays
// zero. den is Σ|b|; it is 0 when there is nothing to go by.
func spread(total int64, base []int64, floor []int64, rem []uint64) (den uint64, ok bool) {
	sum, abs, ok := sums(base)
	if !ok || size(total) >= largest {
		return 0, false
	}
	if abs == 0 {
		return 0, true
	}
	den = uint64(abs)
	for i, b := range base {
		factor := total - sum + abs
		if b < 0 {
			factor -= 2 * abs
		}
		if floor[i], rem[i], ok = mulDiv(int64(size(b)), factor, den); !ok {
			return 0, false
		}
	}
	return den, true
}

// share spreads by shares that may have both signs but a sum well away from zero:
// x_i = total·s_i/Σs.
func share(total int64, shares []int64, floor []int64, rem []uint64) (den uint64, ok bool) {
	sum, _, ok := sums(shares)
	if !ok || sum <= 0 {
		return 0, ok
	}
	for i, s := range shares {
		if floor[i], rem[i], ok = mulDiv(s, total, uint64(sum)); !ok {
			return 0, false
		}
	}
	return uint64(sum), true
}

// product fills in row × column / total, exactly. It declines where both margins
// have both signs (or the total is 0 and they are not), since the quotient then
// grows without bound.
func (t *table) product(total int64) bool {
	if total == 0 {
		return allZero(t.rows) && allZero(t.cols)
	}
	if mixed(t.rows) && mixed(t.cols) {
		return false
	}
	d := size(total)
	scale := float64(one) / float64(d)
	for i, r := range t.rows {
		if r == 0 {
			continue
		}
		if total < 0 {
			r = -r
		}
		for j, c := range t.cols {
			floor, rem, ok := mulDiv(r, c, d)
			if !ok {
				return false
			}
			t.floor[i*t.n+j], t.frac[i*t.n+j] = floor, fixed(rem, scale)
		}
	}
	return true
}

// additive fills in r_i/n + c_j/m − total/(m·n) over the m rows and n columns
// that are not zero: margins as given, and no cell larger than they are. Where
// only one margin is all zero nothing is left to fall on but every row or column.
func (t *table) additive(total int64) {
	live := func(v []int64) (int64, bool) {
		n := int64(0)
		for _, x := range v {
			if x != 0 {
				n++
			}
		}
		if n == 0 {
			return int64(len(v)), true
		}
		return n, false
	}
	m, allRows := live(t.rows)
	n, allCols := live(t.cols)
	den := big.NewInt(m * n)
	scale := float64(one) / float64(m*n)
	var x, y, q, r big.Int
	for i := range t.m {
		for j := range t.n {
			if t.rows[i] == 0 && !allRows || t.cols[j] == 0 && !allCols {
				continue
			}
			x.Mul(x.SetInt64(t.rows[i]), y.SetInt64(m))
			r.Mul(r.SetInt64(t.cols[j]), y.SetInt64(n))
			x.Add(&x, &r)
			x.Sub(&x, y.SetInt64(total))
			q.DivMod(&x, den, &r)
			t.floor[i*t.n+j], t.frac[i*t.n+j] = q.Int64(), fixed(r.Uint64(), scale)
		}
	}
}

func allZero(values []int64) bool {
	for _, v := range values {
		if v != 0 {
			return false
		}
	}
	return true
}

func mixed(values []int64) bool {
	var plus, minus bool
	for _, v := range values {
		plus, minus = plus || v > 0, minus || v < 0
	}
	return plus && minus
}

// Amount is a value at the indicator's scale inside a problem's arguments; see [Shown].
type Amount int64

// Shown gives problems the words they need: every [Amount] becomes a quantity with
// the indicator's decimals, every [luoshi.UnitID] the unit's names.
func Shown(problems []luoshi.Problem, decimals int, name func(luoshi.UnitID) luoshi.Names) []luoshi.Problem {
	shown := make([]luoshi.Problem, len(problems))
	for i, p := range problems {
		args := make(map[string]any, len(p.Message.Args))
		for key, arg := range p.Message.Args {
			switch v := arg.(type) {
			case Amount:
				args[key] = luoshi.Unscaled(int64(v), decimals)
			case luoshi.UnitID:
				args[key] = name(v)
			default:
				args[key] = arg
			}
		}
		p.Message.Args = args
		shown[i] = p
	}
	return shown
}

func blocking(key string, pairs ...any) luoshi.Problem {
	return luoshi.Problem{Severity: luoshi.Blocking, Message: luoshi.Say(key, pairs...)}
}

func warning(key string, pairs ...any) luoshi.Problem {
	return luoshi.Problem{Severity: luoshi.Warning, Message: luoshi.Say(key, pairs...)}
}
