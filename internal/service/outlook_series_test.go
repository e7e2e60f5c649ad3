package service

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"luoshi.dev"
	"luoshi.dev/forecast"
)

// What is parted adds up to what was published, what is known stays, and what can
// be parted in no honest way stays missing.
func TestShareOfSums(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		years := rapid.IntRange(1, 4).Draw(rt, "years")
		r := &series{first: 2017, year: 2016 + years, ends: luoshi.Monthly.Ends()}
		truth := rapid.SliceOfN(rapid.Int64Range(-50, 1000), 12*years, 12*years).Draw(rt, "months")
		told := rapid.SliceOfN(rapid.IntRange(0, 3), 12*years, 12*years).Draw(rt, "told")
		sum := int64(0)
		for i, v := range truth {
			if i%12 == 0 {
				sum = 0
			}
			sum += v
			r.single, r.sum = append(r.single, luoshi.Missing), append(r.sum, luoshi.Missing)
			if told[i] > 0 {
				r.sum[i] = sum
			}
			before := i%12 == 0
			if !before {
				before = there(r.sum[i-1])
			}
			if told[i] > 0 && before {
				r.single[i] = v
			}
		}
		r.shared = make([]bool, len(r.single))
		known := slices.Clone(r.single)
		r.share()
		for i, v := range known {
			if there(v) && (r.single[i] != v || r.shared[i]) {
				rt.Fatalf("%d was known as %d and became %d", i, v, r.single[i])
			}
			if r.shared[i] != (there(r.single[i]) && !there(v)) {
				rt.Fatalf("%d: shared %v, %d", i, r.shared[i], r.single[i])
			}
		}
		for i, whole := range r.sum {
			parts, all := r.sumTo(2017+i/12, i%12+1)
			if there(whole) && all && parts != whole {
				rt.Fatalf("to %d: parts make %d, not %d", i, parts, whole)
			}
		}
	})
}

// The more is asked, the less likely it is reached, at the year's end and before it;
// less and a band follow from the same distribution.
func TestChanceFallsWithWhatIsAsked(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(14, 47).Draw(rt, "months")
		values := rapid.SliceOfN(rapid.Float64Range(-5, 100), n, n).Draw(rt, "values")
		o, err := forecast.Of(forecast.Series{Year: 2017, First: 1, Season: 12, Values: values}, 2017+(n-1)/12)
		if err != nil {
			rt.Fatal(err)
		}
		asked := rapid.SliceOfN(rapid.Int64Range(-500, 3000), 8, 8).Draw(rt, "asked")
		slices.Sort(asked)
		early := rapid.IntRange(0, 11).Draw(rt, "early")
		more := func(t int64) float64 { return chanceOf(&o, promise{asked: t, better: luoshi.More}, early) }
		for i, t := range asked {
			p := more(t)
			if p < 0 || p > 1 {
				rt.Fatalf("a probability of %v", p)
			}
			if less := chanceOf(&o, promise{asked: t, better: luoshi.Less}, early); less < 1-p-1e-9 || less > 1-p+1e-9 {
				rt.Fatalf("%d: at least %v, at most %v", t, p, less)
			}
			if i == 0 {
				continue
			}
			if p > more(asked[i-1])+1e-9 {
				rt.Fatalf("asking %d instead of %d raises the chance from %v to %v", t, asked[i-1], more(asked[i-1]), p)
			}
			if band := chanceOf(&o, promise{asked: asked[i-1], upper: t, better: luoshi.Band}, early); band < 0 || band > more(asked[i-1])+1e-9 {
				rt.Fatalf("a band of %v", band)
			}
			if thousandths(p).Cmp(thousandths(more(asked[i-1]))) > 0 {
				rt.Fatal("rounding turns it")
			}
		}
	})
}

// Where the published sums contradict the periods the sums hold; what agrees stays.
func TestPeriodsFitTheSums(t *testing.T) {
	m := luoshi.Missing
	for _, c := range []struct {
		name              string
		single, sum, want []int64
		unlike            int
	}{
		{"as published", []int64{10, 20, 30, 40}, []int64{10, 30, 60, 100}, []int64{10, 20, 30, 40}, 0},
		{"the half year was revised by 5, the third quarter was published by itself", []int64{10, 25, 30, 40}, []int64{10, 35, 60, 100}, []int64{10, 25, 25, 40}, 1},
		{"only the year was revised", []int64{10, 20, 30, 40}, []int64{m, m, m, 200}, []int64{20, 40, 60, 80}, 4},
		{"not all above zero: the last gives way", []int64{10, -20, 30, 40}, []int64{m, m, m, 70}, []int64{10, -20, 30, 50}, 1},
		{"a period is not known", []int64{10, m, 30, 40}, []int64{10, m, m, 100}, []int64{10, m, 30, 40}, 0},
	} {
		r := &series{first: 2020, year: 2020, ends: luoshi.Quarterly.Ends(), single: slices.Clone(c.single), sum: c.sum, fitted: make([]bool, 4)}
		if r.fit(); !slices.Equal(r.single, c.want) || r.unlike() != c.unlike {
			t.Errorf("%s: %v, %d unlike", c.name, r.single, r.unlike())
		}
	}
}
