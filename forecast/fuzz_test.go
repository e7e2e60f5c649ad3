package forecast

import (
	"math"
	"testing"
)

// Whatever the values, the answer is an error or finite numbers in order.
func FuzzOf(f *testing.F) {
	f.Add([]byte{1, 2, 3}, uint8(12), uint8(1), int8(0), 1.0)
	f.Add([]byte{128, 128, 0, 128, 128, 128, 7, 9, 200, 128, 128, 128, 129, 130, 131, 132, 133, 134, 135, 136, 1, 2, 3, 4, 5, 6, 7, 8, 9}, uint8(4), uint8(3), int8(1), 1e-30)
	f.Add(make([]byte, 40), uint8(11), uint8(2), int8(2), 1e90)
	f.Fuzz(func(t *testing.T, data []byte, season, first uint8, ahead int8, size float64) {
		if len(data) > 130 {
			return
		}
		s := Series{Year: 2000, First: int(first), Season: int(season)}
		for _, b := range data {
			v := (float64(b) - 128) * size
			if b == 0 {
				v = math.NaN()
			}
			s.Values = append(s.Values, v)
		}
		o, err := Of(s, 2000+int(ahead))
		if err != nil {
			return
		}
		low, high := o.Interval(0.95)
		if math.IsNaN(o.Total+low+high) || math.IsInf(o.Total+low+high, 0) || low > o.Total || high < o.Total {
			t.Fatalf("%g (%g to %g)\n%+v\n%+v", o.Total, low, high, s, o)
		}
		if p := o.AtLeast(o.Total); !(p >= 0 && p <= 1) {
			t.Fatalf("probability %g", p)
		}
		for i := range o.Steps {
			a, b := o.StepInterval(i, 0.8)
			c, d := o.SumInterval(i, 0.8)
			if !(a <= b && c <= d) {
				t.Fatalf("step %d: %g to %g, %g to %g\n%+v\n%+v", i, a, b, c, d, s, o)
			}
		}
	})
}
