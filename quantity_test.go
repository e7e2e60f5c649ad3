package luoshi_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"luoshi.dev"
)

func quantity(t interface{ Fatalf(string, ...any) }, s string) luoshi.Quantity {
	q, err := luoshi.ParseQuantity(s)
	if err != nil {
		t.Fatalf("ParseQuantity(%q): %v", s, err)
	}
	return q
}

func TestParseQuantity(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"206.11", "206.11"}, {" 206.10 ", "206.10"}, {"１２．５", "12.5"}, {"1,234.5", "1234.5"}, {"38 680.6", "38680.6"},
		{"−6.5", "-6.5"}, {"—6.5", "-6.5"}, {"+3.2", "3.2"}, {"0.00", "0.00"}, {"1.2e3", "1200"}, {"4.5E-2", "0.045"}, {".5", "0.5"}, {"5.", "5"},
	} {
		got, err := luoshi.ParseQuantity(tc.in)
		if err != nil || got.String() != tc.want && got.Cmp(quantity(t, tc.want)) != 0 {
			t.Errorf("%q = %v, %v; want %s", tc.in, got, err, tc.want)
		}
	}
	for in, key := range map[string]string{
		"": "number.empty", "  ": "number.empty", "abc": "number.unreadable", "1.2.3": "number.unreadable", "12-3": "number.unreadable",
		"1,23": "number.groups", "1,2345": "number.groups", "1e400": "number.range", "1e-400": "number.range", "NaN": "number.unreadable", "Inf": "number.unreadable",
		"12345678901234567890123": "number.range", "约12": "number.unreadable", "12亿": "number.unreadable", "63.86%": "number.unreadable", "#REF!": "number.unreadable", "-": "number.unreadable", "1 2": "number.groups",
	} {
		_, err := luoshi.ParseQuantity(in)
		var e *luoshi.Error
		if !errors.As(err, &e) || e.Message.Key != key {
			t.Errorf("%q: %v, want %s", in, err, key)
		}
	}
}

func FuzzParseQuantity(f *testing.F) {
	for _, s := range []string{"206.11", "1e400", "１２", "1,234", "-", "+-1", "1e", "e5", "0x10", "1_000", "٣", ".", "−0.5e-3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := luoshi.ParseQuantity(s)
		if err != nil {
			if luoshi.CodeOf(err) != luoshi.Invalid {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		again, err := luoshi.ParseQuantity(q.String())
		if err != nil || again.Cmp(q) != 0 {
			t.Fatalf("%q = %s, read again %v, %v", s, q, again, err)
		}
	})
}

func TestScaledRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		decimals := rapid.IntRange(0, luoshi.MaxDecimals).Draw(t, "decimals")
		v := rapid.Int64Range(-1e18, 1e18).Draw(t, "v")
		got, err := luoshi.Scaled(luoshi.Unscaled(v, decimals).Decimal, decimals)
		if err != nil || got != v {
			t.Fatalf("%d at %d decimals came back as %d, %v", v, decimals, got, err)
		}
	})
	if _, err := luoshi.Scaled(quantity(t, "1.005"), 2); err == nil {
		t.Error("a digit was dropped in silence")
	}
	if v, err := luoshi.Scaled(quantity(t, "1.500"), 2); err != nil || v != 150 {
		t.Errorf("1.500 = %d, %v", v, err)
	}
	if _, err := luoshi.Scaled(quantity(t, "99999999999999999"), 6); err == nil {
		t.Error("an overflow passed")
	}
	if luoshi.Unscaled(luoshi.Missing, 2).Valid {
		t.Error("missing became a number")
	}
}

// Ratio agrees with exact rational arithmetic on any numbers.
func TestRatioExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		any64 := rapid.Int64Range(math.MinInt64+1, math.MaxInt64)
		a, b, c, d := any64.Draw(t, "a"), any64.Draw(t, "b"), any64.Draw(t, "c"), any64.Draw(t, "d")
		r, s := luoshi.Over(a, b), luoshi.Over(c, d)
		if b == 0 || d == 0 {
			if b == 0 && r.OK() {
				t.Fatal("something over nothing")
			}
			return
		}
		if got, want := r.Cmp(s), big.NewRat(a, b).Cmp(big.NewRat(c, d)); got != want {
			t.Fatalf("%d/%d against %d/%d = %d, want %d", a, b, c, d, got, want)
		}
		exact := new(big.Rat).Mul(big.NewRat(a, b), big.NewRat(100, 1))
		if p := r.Percent(2); p.Valid && p.Decimal.String() != exact.FloatString(2) && p.Decimal.String() != "-"+exact.FloatString(2) && exact.FloatString(2) != "-0.00" {
			t.Fatalf("%d/%d = %s%%, want %s", a, b, p.Decimal, exact.FloatString(2))
		}
	})
	if luoshi.Over(1, 0).OK() || luoshi.Over(luoshi.Missing, 5).OK() || luoshi.Over(5, luoshi.Missing).OK() {
		t.Error("a ratio without both parts is defined")
	}
}

func TestRoundHalfAway(t *testing.T) {
	for _, tc := range []struct {
		in       string
		decimals int
		want     string
	}{{"2.5", 0, "3"}, {"-2.5", 0, "-3"}, {"3.5", 0, "4"}, {"2.4999", 0, "2"}, {"0.125", 2, "0.13"}, {"-0.005", 2, "-0.01"}, {"1.1", 3, "1.100"}, {"9.995", 2, "10.00"}} {
		if got := luoshi.RoundHalfAway(quantity(t, tc.in), tc.decimals).String(); got != tc.want {
			t.Errorf("%s at %d = %s, want %s", tc.in, tc.decimals, got, tc.want)
		}
	}
}

// The article: 206.11 of a year's plan of 322.75 (亿元).
func ExampleRatio_Percent() {
	fmt.Println(luoshi.Over(20611, 32275).Percent(2).Decimal)
	// Output: 63.86
}

func BenchmarkRatioPercent(b *testing.B) {
	r := luoshi.Over(20611, 32275)
	for b.Loop() {
		r.Percent(2)
	}
}
