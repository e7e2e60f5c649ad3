package forecast

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// Where a level will stand, in cases that anyone can check.
func TestLevelCases(t *testing.T) {
	const none = -1
	for _, c := range []struct {
		name        string
		values      []float64
		season      int
		nature      Nature
		low, high   float64 // between which the year's end is expected
		last, place float64
	}{
		{"a rate that stays", []float64{4, 4.1, 4, 4.1, 4, 4.1}, 4, Stands, 3.95, 4.15, 4.1, 2},
		{"loans that grow by ten a month", []float64{100, 110, 120, 130, 140, 150, 160, 170, 180, 190, 200, 210, 220, 230, 240, 250, 260, 270}, 12, Stands, 300, 335, 270, 6},
		{"a growth that fell and comes back half way", []float64{8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, -6, -2}, 4, GrowsToDate, -2, 6, -2, 2},
		{"repairs that climb month by month, and slow down", []float64{10, 20, 31, 40, 50, 60}, 12, Stands, 90, 110, 60, 6},
		{"nothing but the same", []float64{7, 7, 7, 7, 7}, 4, Stands, 7, 7, 7, 1},
		{"the year is over", []float64{1, 2, 3, 4}, 4, Stands, none, none, 4, 4},
	} {
		o, err := LevelOf(Series{Year: 2020, First: 1, Season: c.season, Values: c.values}, 2020+(len(c.values)-1)/c.season, c.nature)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if o.Last != c.last || float64(o.Place) != c.place {
			t.Errorf("%s: stands at %v in place %d", c.name, o.Last, o.Place)
		}
		if c.low == none {
			if len(o.Steps) != 0 {
				t.Errorf("%s: %d steps", c.name, len(o.Steps))
			}
			continue
		}
		end := o.Steps[len(o.Steps)-1]
		if end.Place != c.season || end.Value < c.low || end.Value > c.high {
			t.Errorf("%s: %v in place %d, want %v to %v", c.name, end.Value, end.Place, c.low, c.high)
		}
	}
}

// What cannot be answered says why.
func TestLevelErrors(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		s    Series
		year int
		want error
	}{
		{Series{Year: 2020, First: 1, Season: 4, Values: []float64{1, 2, 3}}, 2020, ErrEmpty},
		{Series{Year: 2020, First: 1, Season: 4, Values: []float64{1, nan, nan, 2, 3}}, 2021, ErrEmpty},
		{Series{Year: 2020, First: 1, Season: 4, Values: []float64{1, 2, 3, 4}}, 2024, ErrFar},
		{Series{Year: 2020, First: 1, Season: 0, Values: []float64{1, 2, 3, 4}}, 2020, ErrShape},
	} {
		if _, err := LevelOf(c.s, c.year, Stands); !errors.Is(err, c.want) {
			t.Errorf("%v: got %v, want %v", c.s, err, c.want)
		}
	}
}

func wandering(r *rand.Rand, n int) []float64 {
	y := make([]float64, n)
	v := 50 + 50*r.Float64()
	for t := range y {
		v += r.NormFloat64()
		y[t] = v + 3*math.Sin(float64(t)*math.Pi/6)
	}
	return y
}

// The chance falls as more is asked, an interval holds more the wider it is, the
// other unit of measure gives the same, and what came after a day is not looked at.
func TestLevelProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 3))
	for range 60 {
		n := 6 + r.IntN(60)
		y := wandering(r, n+12)
		nature := Nature(r.IntN(int(natures)))
		s := Series{Year: 2010, First: 1, Season: 12, Values: y[:n]}
		year := 2010 + (n-1)/12
		o, err := LevelOf(s, year, nature)
		if err != nil {
			t.Fatal(err)
		}
		if n%12 == 0 {
			continue
		}
		end := len(o.Steps) - 1
		before := 1.0
		for x := 0.0; x < 150; x += 7 {
			p := o.AtLeast(end, x)
			if p > before+1e-12 || p < 0 || math.Abs(p+o.AtMost(end, x)-1) > 1e-9 && o.AtMost(end, x) != 1 && p != 1 {
				t.Fatalf("at least %v: %v after %v, at most %v", x, p, before, o.AtMost(end, x))
			}
			before = p
		}
		for i := range o.Steps {
			l80, h80 := o.Interval(i, 0.8)
			l95, h95 := o.Interval(i, 0.95)
			if !(l95 <= l80 && l80 <= o.Steps[i].Value && o.Steps[i].Value <= h80 && h80 <= h95) {
				t.Fatalf("%v %v %v %v %v", l95, l80, o.Steps[i].Value, h80, h95)
			}
		}
		shares := 0.0
		for _, v := range o.Views {
			shares += v.Lean
		}
		if math.Abs(shares-1) > 1e-12 {
			t.Fatalf("methods lean %v in all", shares)
		}
		if n%12 > 1 { // as of an earlier day, with more known since
			cut := n - 1
			early, _ := LevelOf(Series{Year: 2010, First: 1, Season: 12, Values: y[:cut]}, year, nature)
			again, _ := LevelOf(Series{Year: 2010, First: 1, Season: 12, Values: y[:cut:cut]}, year, nature)
			if fmt.Sprint(early) != fmt.Sprint(again) {
				t.Fatal("two answers to one question")
			}
		}
		later, err := LevelOf(Series{Year: 2010, First: 1, Season: 12, Values: append(append([]float64{}, y[:n]...), y[n:n+12-n%12]...)}, year-1, nature)
		if err == nil && n > 12 {
			cutOff, _ := LevelOf(Series{Year: 2010, First: 1, Season: 12, Values: y[:n-n%12]}, year-1, nature)
			if fmt.Sprint(later) != fmt.Sprint(cutOff) {
				t.Fatal("the years after enter")
			}
		}
		big := make([]float64, n)
		for i, v := range y[:n] {
			big[i] = v * 1024
		}
		scaled, _ := LevelOf(Series{Year: 2010, First: 1, Season: 12, Values: big}, year, nature)
		if a, b := scaled.Steps[end].Value/1024, o.Steps[end].Value; math.Abs(a-b) > 1e-6*(1+math.Abs(b)) {
			t.Fatalf("in another unit %v, was %v", a, b)
		}
	}
}

// Four intervals out of five hold what comes, over series that were not learned from.
func TestLevelHolds(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	in, n := 0, 400
	for range n {
		y := wandering(r, 60)
		o, err := LevelOf(Series{Year: 2010, First: 1, Season: 12, Values: y[:54]}, 2014, Stands)
		if err != nil {
			t.Fatal(err)
		}
		if low, high := o.Interval(5, 0.8); low <= y[59] && y[59] <= high {
			in++
		}
	}
	if share := float64(in) / float64(n); share < 0.72 || share > 0.88 {
		t.Errorf("%.3f of the intervals of 80%% hold", share)
	}
}

// Six quarters of a rate: 3.1% at the end of June last year, 2.8% now.
func ExampleLevelOf() {
	o, _ := LevelOf(Series{Year: 2019, First: 1, Season: 4, Values: []float64{3.0, 3.1, 3.0, 2.9, 2.9, 2.8}}, 2020, Stands)
	low, high := o.Interval(1, 0.8)
	fmt.Printf("%.2f at the end of the year, 80%% from %.2f to %.2f; at most 3: %.0f%%\n", o.Steps[1].Value, low, high, 100*o.AtMost(1, 3))
	// Output:
	// 2.80 at the end of the year, 80% from 2.67 to 2.93; at most 3: 96%
}

func BenchmarkLevelOf(b *testing.B) {
	y := wandering(rand.New(rand.NewPCG(1, 2)), 66)
	var f Forecaster
	for b.Loop() {
		if _, err := f.Level(Series{Year: 2010, First: 1, Season: 12, Values: y}, 2015, Stands); err != nil {
			b.Fatal(err)
		}
	}
}
