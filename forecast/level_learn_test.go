package forecast

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The constants of levelpool.go are fitted here, on the months of the attainment
// series as levels, on their growth on the year before, and on the growth of the
// year to date:
//
//	LUOSHI_ATTAINMENT=../shared/data/attainment go test ./forecast -run TestLearnLevel -v
//
// prints how far constants from one half of the series carry in the other half, then
// those of all.

// levelLesson is a level to learn from, as many places ahead.
type levelLesson struct {
	half, ahead           int
	first, value, naive   float64
	truth, size           float64
	shape                 [levelShapes]float64
	thousandths           [5]float64 // targets around the last value, in sizes
	place, history, years int
}

// natured turns a flow into a series of a nature; nil where it cannot.
func natured(y []float64, nature Nature) (g []float64) {
	switch nature {
	case Stands:
		return y
	case Grows:
		for t := 12; t < len(y); t++ {
			g = append(g, 100*(y[t]/y[t-12]-1))
		}
	case GrowsToDate:
		a, b := 0.0, 0.0
		for t := len(y) % 12; t < len(y)-12; t++ {
			if (t-len(y)%12)%12 == 0 {
				a, b = 0, 0
			}
			a, b = a+y[t+12], b+y[t]
			g = append(g, 100*(a/b-1))
		}
	}
	return g
}

// levelLessons are the lessons of all series, of one month in so many.
func levelLessons(t *testing.T, dir string, nature Nature, every int) (list []levelLesson) {
	values := map[string][]float64{}
	var order []string
	for _, r := range table(t, dir+"/series.csv") {
		id := r[0] + " " + r[1]
		if values[id] == nil {
			order = append(order, id)
		}
		v, _ := strconv.ParseFloat(r[4], 64)
		values[id] = append(values[id], v)
	}
	var s sheet
	for i, id := range order {
		y := natured(values[id], nature)
		y = y[len(y)%12:]
		for _, history := range []int{100, 3, 2, 1} {
			if len(y)/12-1 < history && history < 100 {
				continue
			}
			for p := 1; p < 12; p++ {
				if (i+p)%every != 0 || history < 100 && (i+p)%4 != 0 {
					continue
				}
				end := len(y) - 12 + p
				x := y[max(0, len(y)-12-12*history):end]
				if len(x) < 4 || !finite(y) {
					continue
				}
				unit := unitOf(x)
				z := make([]float64, len(x))
				for k := range x {
					z[k] = x[k] / unit
				}
				l := s.level(z, 12, 12-p, nature)
				size := 0.0
				for k := max(0, end-37); k+12 < end; k++ {
					size += math.Abs(y[k+12]-y[k]) / float64(min(25, end-12)) / unit
				}
				if size == 0 {
					size = math.Abs(z[len(z)-1]) / 10
				}
				if size == 0 || l.first == 0 {
					continue
				}
				for _, j := range []int{11 - p, (11 - p) / 2} {
					list = append(list, levelLesson{
						half: i % 2, ahead: j + 1, first: l.first, value: l.path[j], naive: z[len(z)-1], truth: y[end+j] / unit, size: size, shape: l.shape[j], place: p, history: history,
					})
					if j == 0 {
						break
					}
				}
			}
		}
	}
	return list
}

// fitLevel finds the constants of greatest likelihood.
func fitLevel(list []levelLesson) (p levelPool) {
	x := []float64{0, 0.5, 0.3, 0, 0, 0, 1.2}
	value := func(x []float64) float64 {
		copy(p.spread[:], x[:levelShapes])
		p.nu = 2 + math.Exp(min(x[levelShapes], 4))
		a, _ := math.Lgamma((p.nu + 1) / 2)
		b, _ := math.Lgamma(p.nu / 2)
		height := a - b - math.Log(p.nu*math.Pi)/2
		var sum float64
		for i := range list {
			l := &list[i]
			s := p.scale(l.first, l.shape)
			z := (l.truth - l.value) / s
			sum += math.Log(s/l.size) + (p.nu+1)/2*math.Log1p(z*z/p.nu) - height
		}
		return sum / float64(len(list))
	}
	var s simplex
	for range 6 {
		s.minimise(value, x, 1e-9, 0.15, 1500)
	}
	value(x)
	return p
}

// levelScore holds forecasts of levels against what came.
type levelScore struct {
	n                   int
	off, naive          float64 // mean distance, in sizes, and that of the last value
	brier, mcb          float64 // of five targets around the last value
	in80, in95, between float64 // shares inside the intervals; their score
}

func (s levelScore) String() string {
	return fmt.Sprintf("n %d  error %.3f (as it stands %.3f)  Brier %.4f  MCB %.4f  80%%: %.1f  95%%: %.1f  interval score %.2f", s.n, s.off, s.naive, s.brier, s.mcb, 100*s.in80, 100*s.in95, s.between)
}

func scoreLevel(list []levelLesson, p *levelPool) (s levelScore) {
	var said [][2]float64
	for _, l := range list {
		o := Level{Steps: []LevelStep{{Value: l.value, spread: p.scale(l.first, l.shape)}}, nu: p.nu}
		s.off += min(math.Abs(l.value-l.truth)/l.size, 10)
		s.naive += min(math.Abs(l.naive-l.truth)/l.size, 10)
		if low, high := o.Interval(0, 0.8); low <= l.truth && l.truth <= high {
			s.in80++
		}
		low, high := o.Interval(0, 0.95)
		if low <= l.truth && l.truth <= high {
			s.in95++
		}
		s.between += min((high-low+40*max(0, low-l.truth)+40*max(0, l.truth-high))/l.size, 200)
		for _, k := range []float64{-1, -0.5, 0, 0.5, 1} {
			t := l.naive + k*l.size
			hit := truth(l.truth >= t)
			chance := o.AtLeast(0, t)
			s.brier += (chance - hit) * (chance - hit) / 5
			said = append(said, [2]float64{chance, hit})
		}
	}
	s.n = len(list)
	for _, sum := range []*float64{&s.off, &s.naive, &s.brier, &s.in80, &s.in95, &s.between} {
		*sum /= float64(s.n)
	}
	s.mcb = s.brier - recalibrated(said)
	return s
}

// The constants of levelpool.go hold on the series that they were fitted to, as of one
// month in three of each: intervals as often as they say, chances as they come.
func TestLevelPoolHolds(t *testing.T) {
	dir := os.Getenv("LUOSHI_TEST_DATA")
	if dir == "" {
		t.Skip("LUOSHI_TEST_DATA is not set")
	}
	for nature, name := range [natures]string{"levels", "growth", "growth of the year to date"} {
		s := scoreLevel(levelLessons(t, filepath.Join(dir, "attainment"), Nature(nature), 3), &levelPools[nature])
		t.Log(name, s)
		if s.n < 5000 {
			t.Errorf("%s: %d lessons only", name, s.n)
		}
		if math.Abs(s.in80-0.8) > 0.02 || math.Abs(s.in95-0.95) > 0.02 {
			t.Errorf("%s: 80%% holds %.1f in 100, 95%% %.1f", name, 100*s.in80, 100*s.in95)
		}
		if s.mcb > 0.0015 {
			t.Errorf("%s: chances miss by %.4f", name, s.mcb)
		}
		if s.off >= s.naive {
			t.Errorf("%s: off by %.3f, the last value by %.3f", name, s.off, s.naive)
		}
	}
}

func TestLearnLevel(t *testing.T) {
	dir := os.Getenv("LUOSHI_ATTAINMENT")
	if dir == "" {
		t.Skip("LUOSHI_ATTAINMENT is not set")
	}
	var text strings.Builder
	for nature := range natures {
		list := levelLessons(t, dir, nature, 1)
		pick := func(keep func(levelLesson) bool) (out []levelLesson) {
			for _, l := range list {
				if keep(l) {
					out = append(out, l)
				}
			}
			return out
		}
		for half := range 2 {
			p := fitLevel(pick(func(l levelLesson) bool { return l.half != half }))
			t.Log(nature, half, "all  ", scoreLevel(pick(func(l levelLesson) bool { return l.half == half }), &p))
			for _, history := range []int{100, 3, 2, 1} {
				t.Log(nature, half, "years", history, scoreLevel(pick(func(l levelLesson) bool { return l.half == half && l.history == history }), &p))
			}
			for _, place := range []int{3, 6, 9} {
				t.Log(nature, half, "month", place, scoreLevel(pick(func(l levelLesson) bool {
					return l.half == half && l.place == place && l.ahead == 12-place && l.history == 100
				}), &p))
			}
		}
		p := fitLevel(list)
		fmt.Fprintf(&text, "\t{spread: [levelShapes]float64{")
		for k, c := range p.spread {
			if k > 0 {
				text.WriteString(", ")
			}
			fmt.Fprintf(&text, "%.4f", c)
		}
		fmt.Fprintf(&text, "}, nu: %.3f},\n", p.nu)
	}
	t.Log("\n" + text.String())
}
