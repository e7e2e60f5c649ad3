package luoshi

import (
	"math"
	"math/big"
	"math/bits"
	"strings"
	"unicode/utf8"

	"github.com/govalues/decimal"
	"golang.org/x/text/width"
)

// Quantity is an exact decimal number of at most 19 digits; the unit of measure
// is the indicator's. Its zero value is the number 0, which is not "missing".
type Quantity = decimal.Decimal

// NullQuantity is a Quantity that may be absent.
type NullQuantity = decimal.NullDecimal

// Some is a quantity that is there.
func Some(q Quantity) NullQuantity { return NullQuantity{Decimal: q, Valid: true} }

// Missing stands for an absent value among scaled integers. No figure has it:
// [Scaled] refuses what would reach it.
const Missing int64 = math.MinInt64

// MaxDecimals is the largest number of decimals an indicator may publish.
const MaxDecimals = 6

// Fold maps full-width digits, letters and signs to their plain forms and trims
// the white space that spreadsheets leave around a value.
func Fold(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return strings.TrimSpace(plainSigns.Replace(width.Fold.String(s)))
		}
	}
	return strings.TrimSpace(s)
}

var plainSigns = strings.NewReplacer("−", "-", "—", "-", "–", "-", "％", "%", "\u202f", " ", "\u00a0", " ", "\u3000", " ")

// ParseQuantity reads a number as people write it in a cell: 206.11, 1,234.5,
// １２．５, −6.5, +3.2, 1.2e3. It refuses what it would have to guess: several
// points, misplaced group commas, more than 19 digits, words, NaN, infinities.
func ParseQuantity(s string) (Quantity, error) {
	text := Fold(s)
	bad := func(key string) (Quantity, error) {
		return Quantity{}, &Error{Code: Invalid, Message: Say(key, "text", s)}
	}
	if text == "" {
		return bad("number.empty")
	}
	if strings.ContainsAny(text, ", ") {
		plain, ok := ungroup(text)
		if !ok {
			return bad("number.groups")
		}
		text = plain
	}
	mantissa, exponent, scientific := strings.Cut(strings.ToLower(text), "e")
	if strings.Trim(mantissa, "+-0123456789.") != "" || strings.Trim(exponent, "+-0123456789") != "" || !strings.ContainsAny(mantissa, "0123456789") {
		return bad("number.unreadable")
	}
	if scientific {
		r, ok := new(big.Rat).SetString(text)
		if len(exponent) > 4 || !ok {
			return bad("number.range")
		}
		text = strings.TrimRight(r.FloatString(decimal.MaxScale), "0")
	}
	q, err := decimal.Parse(text)
	if err != nil {
		if strings.Count(text, ".") > 1 || strings.LastIndexAny(text, "+-") > 0 {
			return bad("number.unreadable")
		}
		return bad("number.range")
	}
	if digits := strings.Trim(mantissa, "+-0."); digits != "" && q.IsZero() {
		return bad("number.range")
	}
	return q, nil
}

// ungroup removes thousands separators if they stand where they should.
func ungroup(s string) (string, bool) {
	sign := ""
	if strings.HasPrefix(s, "+") || strings.HasPrefix(s, "-") {
		sign, s = s[:1], strings.TrimLeft(s[1:], " ")
	}
	whole, frac, point := strings.Cut(s, ".")
	groups := strings.FieldsFunc(whole, func(r rune) bool { return r == ',' || r == ' ' })
	if len(groups) == 0 || len(groups[0]) > 3 || strings.Count(whole, ",")+strings.Count(whole, " ") != len(groups)-1 {
		return "", false
	}
	for _, g := range groups[1:] {
		if len(g) != 3 {
			return "", false
		}
	}
	plain := sign + strings.Join(groups, "")
	if point {
		plain += "." + frac
	}
	return plain, true
}

// Scaled returns q as an integer count of units in the last of `decimals`
// places: 206.11 with two decimals is 20611. It refuses to drop digits: a figure
// more precise than its indicator is an input error, not something to round.
func Scaled(q Quantity, decimals int) (int64, error) {
	trimmed := q.Trim(0)
	if trimmed.Scale() > decimals {
		return 0, &Error{Code: Invalid, Message: Say("number.decimals", "value", q, "decimals", decimals)}
	}
	padded := trimmed.Pad(decimals)
	if padded.Scale() != decimals || padded.Coef() > math.MaxInt64 {
		return 0, &Error{Code: Invalid, Message: Say("number.range", "text", q.String())}
	}
	v := int64(padded.Coef())
	if padded.IsNeg() {
		v = -v
	}
	return v, nil
}

// Unscaled is the inverse of [Scaled]; [Missing] becomes an absent quantity.
func Unscaled(v int64, decimals int) NullQuantity {
	if v == Missing {
		return NullQuantity{}
	}
	return Some(decimal.MustNew(v, decimals))
}

// RoundHalfAway rounds to `decimals` places, halves away from zero, as statistical
// offices publish (decimal.Round takes halves to even).
func RoundHalfAway(q Quantity, decimals int) Quantity {
	if q.Scale() <= decimals {
		return q.Pad(decimals)
	}
	scaled, pow := q.Coef(), uint64(1)
	for i := decimals; i < q.Scale(); i++ {
		pow *= 10
	}
	whole, rest := scaled/pow, scaled%pow
	if rest >= pow-rest {
		whole++
	}
	r := decimal.MustNew(int64(whole), decimals)
	if q.IsNeg() {
		r = r.Neg()
	}
	return r
}

// Ratio is an exact quotient of two scaled integers, compared and rounded without
// ever becoming a float. Den is positive in a valid Ratio; the zero value is
// "undefined" (nothing to divide by).
type Ratio struct{ Num, Den int64 }

// Over returns num/den, undefined when den is 0 or either is [Missing].
func Over(num, den int64) Ratio {
	switch {
	case den == 0 || num == Missing || den == Missing:
		return Ratio{}
	case den < 0:
		return Ratio{-num, -den}
	}
	return Ratio{num, den}
}

// OK reports whether the ratio is defined.
func (r Ratio) OK() bool { return r.Den > 0 }

// Cmp compares two defined ratios by exact 128-bit cross multiplication.
func (r Ratio) Cmp(s Ratio) int {
	if a, b := sign(r.Num), sign(s.Num); a != b {
		return sign(int64(a - b))
	}
	h1, l1 := bits.Mul64(abs(r.Num), uint64(s.Den))
	h2, l2 := bits.Mul64(abs(s.Num), uint64(r.Den))
	c := 0
	switch {
	case h1 > h2 || h1 == h2 && l1 > l2:
		c = 1
	case h1 < h2 || l1 < l2:
		c = -1
	}
	return c * sign(r.Num|1)
}

// Times returns r·10^shift rounded once to `decimals` places, halves away from
// zero: Over(20611, 32275).Times(2, 2) is 63.86, a percentage with two decimals.
// It is absent when the ratio is undefined or the result has over 18 digits.
func (r Ratio) Times(shift, decimals int) NullQuantity {
	if !r.OK() {
		return NullQuantity{}
	}
	num := new(big.Int).SetUint64(abs(r.Num))
	pow := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(shift+decimals)), nil)
	den := new(big.Int).SetInt64(r.Den)
	num.Mul(num, pow).Mul(num, big.NewInt(2)).Add(num, den).Quo(num, den.Mul(den, big.NewInt(2)))
	if !num.IsInt64() || num.BitLen() > 60 {
		return NullQuantity{}
	}
	v := num.Int64()
	if r.Num < 0 {
		v = -v
	}
	return Some(decimal.MustNew(v, decimals))
}

// Percent is Times(2, decimals).
func (r Ratio) Percent(decimals int) NullQuantity { return r.Times(2, decimals) }

// Rat is the exact value for the few places that need more arithmetic.
func (r Ratio) Rat() *big.Rat { return big.NewRat(r.Num, r.Den) }

func abs(v int64) uint64 {
	if v < 0 {
		return uint64(-v)
	}
	return uint64(v)
}

func sign(v int64) int {
	switch {
	case v < 0:
		return -1
	case v > 0:
		return 1
	}
	return 0
}
