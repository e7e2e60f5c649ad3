package forecast_test

import (
	"fmt"
	"math"

	"luoshi.dev/forecast"
)

// Five years of months that grow by 4% a year with a low February, known to June of
// the sixth. Is 1,400 still in reach?
func ExampleOf() {
	shape := []float64{7, 6, 8, 8.2, 8.4, 8.6, 8.3, 8.5, 8.8, 9, 9.2, 10}
	s := forecast.Series{Year: 2015, First: 1, Season: 12}
	for i := range 66 {
		slip := 1 + 0.02*math.Sin(float64(i*i)) // what is not foreseen
		s.Values = append(s.Values, 10*shape[i%12]*math.Pow(1.04, float64(i)/12)*slip)
	}
	o, err := forecast.Of(s, 2020)
	if err != nil {
		fmt.Println(err)
		return
	}
	low, high := o.Interval(0.8)
	fmt.Printf("known %.0f, year %.0f (80%%: %.0f to %.0f)\n", o.Known, o.Total, low, high)
	fmt.Printf("at least 1,230: %.0f%%, at least 1,240: %.0f%%, at least 1,400: %.0f%%\n", 100*o.AtLeast(1230), 100*o.AtLeast(1240), 100*o.AtLeast(1400))
	fmt.Printf("December %.1f, by %s and %d others\n", o.Steps[5].Value, o.Form, len(o.Views)-1)
	// Output:
	// known 564, year 1241 (80%: 1234 to 1248)
	// at least 1,230: 97%, at least 1,240: 56%, at least 1,400: 0%
	// December 126.8, by MAM and 18 others
}

// A city of 100 whose two counties say 40 and 50.
func ExampleTree_Reconcile() {
	t, _ := forecast.NewTree([]int{-1, 0, 0})
	x, _ := t.Reconcile([]float64{100, 40, 50}, forecast.Ordinary, nil, true)
	fmt.Printf("%.2f = %.2f + %.2f\n", x[0], x[1], x[2])
	// Output: 96.67 = 43.33 + 53.33
}

// Two goals, each likely by itself, and how likely both are: by the product, by what
// their pasts have in common, and as far as it could be at all.
func ExampleJoin() {
	chances := []float64{0.7, 0.6}
	for _, r := range []float64{0, 0.5, -0.5} {
		both := forecast.Join(chances, [][]float64{{1, r}, {r, 1}}).All()
		fmt.Printf("%+.1f: %.3f\n", r, both)
	}
	fmt.Println("never below 0.3 or above 0.6")
	// Output:
	// +0.0: 0.420
	// +0.5: 0.492
	// -0.5: 0.353
	// never below 0.3 or above 0.6
}
