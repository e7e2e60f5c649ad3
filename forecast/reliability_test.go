package forecast

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// Ten statements: of those at 0.2 one in four came, of those at 0.5 one in two, at 0.6
// none, at 0.9 both. 0.5 and 0.6 are pooled: 1 of 4.
func ExampleReliable() {
	said := func(p float64, came, not int) (list []Said) {
		for range came {
			list = append(list, Said{p, true})
		}
		for range not {
			list = append(list, Said{p, false})
		}
		return list
	}
	list := append(append(said(0.2, 1, 3), said(0.5, 1, 1)...), append(said(0.6, 0, 2), said(0.9, 2, 0)...)...)
	r := Reliable(list)
	fmt.Printf("Brier %.4f = MCB %.4f - DSC %.4f + UNC %.4f\n", r.Brier, r.MCB, r.DSC, r.UNC)
	for _, b := range r.Bins {
		fmt.Printf("said %.2f to %.2f, mean %.4f: came %d of %d\n", b.From, b.To, b.Said, b.Came, b.N)
	}
	// Output:
	// Brier 0.2000 = MCB 0.0500 - DSC 0.0900 + UNC 0.2400
	// said 0.20 to 0.60, mean 0.3750: came 2 of 8
	// said 0.90 to 0.90, mean 0.9000: came 2 of 2
}

// Whatever is said: the parts make up the score, none is negative, the rates rise,
// every statement is in one bin; and a second correction gains nothing.
func TestReliableHolds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Said {
			return Said{float64(rapid.IntRange(0, 1000).Draw(t, "p")) / 1000, rapid.Bool().Draw(t, "came")}
		}), 1, 60).Draw(rt, "said")
		r := Reliable(list)
		const tiny = 1e-12
		if math.Abs(r.Brier-(r.MCB-r.DSC+r.UNC)) > tiny || r.MCB < -tiny || r.DSC < -tiny || r.UNC < 0 || r.UNC > 0.25 {
			rt.Fatalf("%+v", r)
		}
		n, came := 0, 0
		var again []Said
		for i, b := range r.Bins {
			n, came = n+b.N, came+b.Came
			if i > 0 && (b.Rate <= r.Bins[i-1].Rate || b.From <= r.Bins[i-1].To) || b.Low > b.Said || b.Said > b.High || b.Said < b.From-tiny || b.Said > b.To+tiny {
				rt.Fatalf("bin %d: %+v", i, r.Bins)
			}
			for k := range b.N {
				again = append(again, Said{b.Rate, k < b.Came})
			}
		}
		all := 0
		var plain [][2]float64
		for _, s := range list {
			hit := 0.0
			if s.Came {
				all, hit = all+1, 1
			}
			plain = append(plain, [2]float64{s.Probability, hit})
		}
		if n != len(list) || came != all {
			rt.Fatalf("%d of %d, %d of %d", n, len(list), came, all)
		}
		if twice := Reliable(again); math.Abs(twice.MCB) > tiny || math.Abs(twice.DSC-r.DSC) > tiny {
			rt.Fatalf("corrected again: %+v after %+v", twice, r)
		}
		if want := r.Brier - recalibrated(plain); math.Abs(want-r.MCB) > tiny {
			rt.Fatalf("MCB %v, by the other way %v", r.MCB, want)
		}
	})
}

func TestReliableOfNothing(t *testing.T) {
	if r := Reliable(nil); r.N != 0 || r.Bins != nil || r.Brier != 0 {
		t.Errorf("%+v", r)
	}
}
