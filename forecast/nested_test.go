package forecast

import (
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// nested is a tree of series that add up, month by month.
type nested struct {
	tree   *Tree
	depth  []int
	year   int // of the first value
	values [][]float64
}

// permits are building permits of some 740 counties of the United States in their
// states, divisions and regions, 2018 to 2020 (Census Bureau).
func permits(t testing.TB, column int) nested {
	dir := os.Getenv("LUOSHI_TEST_DATA")
	if dir == "" {
		t.Skip("LUOSHI_TEST_DATA is not set")
	}
	rows := table(t, filepath.Join(dir, "us_bps_county_monthly_2018_2020.csv"))
	counties := map[string][]float64{}
	for _, row := range rows {
		key := row[3] + "/" + row[4] + "/" + row[1] + "/" + row[2]
		if counties[key] == nil {
			counties[key] = slices.Repeat([]float64{math.NaN()}, 36)
		}
		year, _ := strconv.Atoi(row[0][:4])
		month, _ := strconv.Atoi(row[0][5:])
		v, err := strconv.ParseFloat(row[column], 64)
		if err != nil {
			t.Fatal(err)
		}
		counties[key][12*(year-2018)+month-1] = v
	}
	n := nested{year: 2018}
	at := map[string]int{}
	var parent []int
	var place func(key string, depth int) int
	place = func(key string, depth int) int {
		if v, ok := at[key]; ok {
			return v
		}
		up := -1
		if depth > 0 {
			up = place(filepath.Dir(key), depth-1)
		}
		at[key] = len(parent)
		parent, n.depth, n.values = append(parent, up), append(n.depth, depth), append(n.values, make([]float64, 36))
		return at[key]
	}
	for _, key := range slices.Sorted(maps.Keys(counties)) {
		if slices.ContainsFunc(counties[key], math.IsNaN) {
			continue
		}
		for v := place("./"+key, 4); v >= 0; v = parent[v] {
			for m, x := range counties[key] {
				n.values[v][m] += x
			}
		}
	}
	var err error
	if n.tree, err = NewTree(parent); err != nil {
		t.Fatal(err)
	}
	return n
}

// tally sums up answers at one height of a tree.
type tally struct {
	n, error, in80, in95, interval float64
}

func (s *tally) add(o *Outlook, total, came float64) {
	if came == 0 {
		return
	}
	moved := *o
	if o.up > 0 {
		moved = o.To(total)
	}
	s.n++
	s.error += math.Abs(total-came) / came
	low, high := moved.Interval(0.8)
	s.in80 += truth(low <= came && came <= high)
	low, high = moved.Interval(0.95)
	s.in95 += truth(low <= came && came <= high)
	s.interval += (high - low + 40*max(low-came, 0) + 40*max(came-high, 0)) / came
}

// groups are series of the M3 competition that cover the same months, six to a group
// and four groups to a whole: trees whose units have nothing in common but a sum.
func groups(t testing.TB) (list []nested) {
	dir := os.Getenv("LUOSHI_TEST_DATA")
	if dir == "" {
		t.Skip("LUOSHI_TEST_DATA is not set")
	}
	series := map[string][]float64{}
	spans := map[string]string{}
	for _, row := range table(t, filepath.Join(dir, "attainment", "series.csv")) {
		key := row[0] + row[1]
		if len(series[key]) == 0 {
			spans[key] = row[0] + row[2] + "-" + row[3]
		}
		v, err := strconv.ParseFloat(row[4], 64)
		if err != nil {
			t.Fatal(err)
		}
		series[key] = append(series[key], v)
	}
	by := map[string][]string{}
	for _, key := range slices.Sorted(maps.Keys(series)) {
		span := fmt.Sprintf("%s+%d", spans[key], len(series[key]))
		if len(series[key])%12 == 0 && len(series[key]) >= 84 {
			by[span] = append(by[span], key)
		}
	}
	for _, span := range slices.Sorted(maps.Keys(by)) {
		keys := by[span]
		for len(keys) >= 24 {
			n := nested{year: 2000}
			var parent []int
			for v := range 1 + 4 + 24 {
				up, depth, y := -1, 0, make([]float64, len(series[keys[0]]))
				switch {
				case v > 4:
					up, depth = 1+(v-5)/6, 2
				case v > 0:
					up, depth = 0, 1
				}
				parent, n.depth, n.values = append(parent, up), append(n.depth, depth), append(n.values, y)
				if v > 4 {
					unit := unitOf(series[keys[v-5]])
					for at := v; at >= 0; at = parent[at] {
						for m, x := range series[keys[v-5]] {
							n.values[at][m] += 1000 * x / unit
						}
					}
				}
			}
			keys = keys[24:]
			n.tree, _ = NewTree(parent)
			list = append(list, n)
		}
	}
	return list
}

// misses are the one-step errors of the smoothing that the forecaster has just chosen,
// for a series of so many values; zeros where it chose none.
func (f *Forecaster) misses(y []float64) []float64 {
	list := make([]float64, len(y))
	s := &f.sheet
	if !s.has[mETS] {
		return list
	}
	unit := unitOf(y)
	s.one.set(&s.best)
	st, one := &s.one.start, make([]float64, 1)
	st.pass(s.best.Form, s.m, s.y, func(t int) {
		if t < len(y) {
			st.ahead(s.best.Form, s.m, t, one)
			list[t] = (s.y[t] - one[0]) * unit
		}
	})
	return list
}

// The methods on real nested data, as of March, June and September of the last years
// that follow a whole one: for each height of the tree the error of the total, what
// the intervals of 80 and 95 in 100 hold, and the interval score of the second.
func TestNested(t *testing.T) {
	names := []string{"alone", "bottom up", "ordinary", "structural", "variance", "mint"}
	for _, measure := range []struct {
		name string
		list []nested
	}{{"buildings", []nested{permits(t, 6)}}, {"units", []nested{permits(t, 7)}}, {"value", []nested{permits(t, 8)}}, {"groups", groups(t)}} {
		t.Logf("%s: %d", measure.name, len(measure.list))
		scores := make([][5]tally, len(names))
		var f Forecaster
		for _, n := range measure.list {
			years := len(n.values[0]) / 12
			for year := n.year + max(1, years-3); year < n.year+years; year++ {
				for _, month := range []int{3, 6, 9} {
					known := 12*(year-n.year) + month
					outlooks := make([]*Outlook, len(n.values))
					errors := make([][]float64, known)
					for i := range errors {
						errors[i] = make([]float64, len(n.values))
					}
					for v, y := range n.values {
						o, err := f.Of(Series{Year: n.year, First: 1, Season: 12, Values: y[:known]}, year)
						if err != nil {
							t.Fatal(err)
						}
						outlooks[v] = &o
						for i, e := range f.misses(y[:known]) {
							errors[i][v] = e
						}
					}
					for k := range names {
						x := make([]float64, len(outlooks))
						switch k {
						case 0:
							for v, o := range outlooks {
								x[v] = o.Total
							}
						case 1:
							for v, o := range outlooks {
								x[v] = o.Total
							}
							n.tree.sum(x, true)
						default:
							var err error
							if x, err = n.tree.Agree(outlooks, Weighing(k-2), errors); err != nil {
								t.Fatal(err)
							}
						}
						for v, o := range outlooks {
							came := 0.0
							for _, y := range n.values[v][12*(year-n.year) : 12*(year-n.year)+12] {
								came += y
							}
							scores[k][n.depth[v]].add(o, x[v], came)
						}
					}
				}
			}
		}
		for k, name := range names {
			text := ""
			for _, s := range scores[k] {
				if s.n == 0 {
					continue
				}
				text += fmt.Sprintf("  %6.2f%% %4.1f %4.1f %6.1f", 100*s.error/s.n, 100*s.in80/s.n, 100*s.in95/s.n, 100*s.interval/s.n)
			}
			t.Logf("%-10s %-10s%s", measure.name, name, text)
		}
		var ratio float64 // of their own variances to each alone, over the heights
		heights := 0.0
		for height, s := range scores[0] {
			if s.n > 0 {
				ratio += math.Log(scores[4][height].error / s.error)
				heights++
			}
		}
		if ratio/heights > 0.01 {
			t.Errorf("%s: agreeing makes the outlooks worse by %.1f%%", measure.name, 100*ratio/heights)
		}
	}
}
