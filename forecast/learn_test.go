package forecast

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The constants of pooled.go are fitted here:
//
//	LUOSHI_ATTAINMENT=../shared/data/attainment go test ./forecast -run TestLearn -v -timeout 60m
//
// prints how far constants from one half of the series carry in the other half;
// with LUOSHI_POOLED=FILE it writes those of all series.

// lesson is one case to learn from.
type lesson struct {
	series       string
	half         int
	year, known  int
	last         bool // the year asked about in the benchmark
	short        bool // history cut to less than three years
	view         view
	notes        []Note
	truth, prior float64
	targets      [5]float64
	shape        [shapes]float64
	off          float64 // log error of the rest
}

func lessons(t *testing.T, dir string, months []int, years int) []lesson {
	var list []lesson
	asked := map[string]int{}
	for _, c := range table(t, dir+"/cases.csv") {
		asked[c[0]+" "+c[1]], _ = strconv.Atoi(c[3])
	}
	values := map[string][]float64{}
	ends := map[string]int{}
	var order []string
	for _, r := range table(t, dir+"/series.csv") {
		id := r[0] + " " + r[1]
		if values[id] == nil {
			order = append(order, id)
		}
		v, _ := strconv.ParseFloat(r[4], 64)
		values[id] = append(values[id], v)
		ends[id], _ = strconv.Atoi(r[2])
	}
	var s sheet
	for i, id := range order {
		y := values[id]
		for back := range years {
			end := len(y) - 12*back
			if end-12 < 36 {
				break
			}
			for _, m := range months {
				l := lesson{series: id, half: i % 2, year: ends[id] - back, last: back == 0 && ends[id] == asked[id], known: m}
				l.learn(&s, y[:end], m, 1000)
				list = append(list, l)
				for before := range 3 {
					if back > 1 || before+m == 0 || (i+m)%3 != before && os.Getenv("LUOSHI_LEARN") != "short" {
						continue
					}
					l.short = true
					l.learn(&s, y[:end], m, before)
					list = append(list, l)
				}
			}
		}
	}
	return list
}

// learn asks about the last year of y with m months of it known and so many years
// before it.
func (l *lesson) learn(s *sheet, y []float64, m, before int) {
	sum := func(v []float64) (s float64) {
		for _, x := range v {
			s += x
		}
		return s
	}
	n := len(y) - 12
	l.truth, l.prior = sum(y[n:]), sum(y[n-12:n])
	known := sum(y[n : n+m])
	grow := l.prior / sum(y[n-24:n-12])
	for k, f := range []float64{0.95, 1, 1.05, 1.1, min(max(grow, 0.8), 1.25)} {
		l.targets[k] = f * l.prior
	}
	y = y[max(0, n-12*before) : n+m]
	unit := unitOf(y)
	s.take(y, unit)
	s.m, s.h, s.from, s.known = 12, 12-m, 0, m
	if os.Getenv("LUOSHI_CLEAN") != "no" {
		c := clean(Series{Year: 2000, First: (120-n%12)%12 + 1, Season: 12, Values: y})
		s.take(c.y, unit)
		l.notes = c.notes
	}
	s.run()
	l.truth, l.prior = l.truth/unit, l.prior/unit
	for k := range l.targets {
		l.targets[k] /= unit
	}
	l.view = s.survey(known/unit, 0)
	if math.IsNaN(l.truth + l.view.base + l.view.noise + l.view.past + l.view.trait[1]) {
		panic(fmt.Sprintf("%+v", l))
	}
}

func table(t testing.TB, path string) [][]string {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// asked is how much a month weighs in the fit: the ends of the quarters, at which
// most is judged, double; before March, when errors are large and little is known, 0.3.
func asked(month int) float64 {
	switch {
	case month < 2:
		return 0.3
	case month%3 == 0:
		return 2
	}
	return 1
}

// fitWeights finds the weights with the least Σ|error|/truth by reweighted least
// squares (Schlossmacher 1973) with a ridge.
func fitWeights(list []lesson, ridge float64) (w [traits][methods]float64) {
	const n = traits * int(methods)
	b := make([]float64, n)
	z := make([]float64, n)
	for range 15 {
		a := make([][]float64, n)
		for i := range a {
			a[i] = make([]float64, n+1)
			a[i][i] = ridge
		}
		for i := range list {
			v := &list[i].view
			var fit float64
			for t, x := range v.trait {
				for k, d := range v.distance {
					z[t*int(methods)+k] = x * d
					fit += b[t*int(methods)+k] * x * d
				}
			}
			y := (list[i].truth - v.base) / v.size
			weight := asked(list[i].known) * v.size / list[i].truth / max(math.Abs(y-fit), 2e-3)
			for p, zp := range z {
				row, f := a[p], weight*zp
				for q := p; q < n; q++ {
					row[q] += f * z[q]
				}
				row[n] += f * y
			}
		}
		cholesky(a, b)
	}
	for t := range w {
		copy(w[t][:], b[t*int(methods):])
	}
	return w
}

// cholesky solves the symmetric system whose upper half, with its right side, is a.
func cholesky(a [][]float64, x []float64) {
	n := len(a)
	for i := range n {
		for k := range i {
			f := a[k][i] / a[k][k]
			for j := i; j <= n; j++ {
				a[i][j] -= f * a[k][j]
			}
		}
	}
	for i := n - 1; i >= 0; i-- {
		v := a[i][n]
		for j := i + 1; j < n; j++ {
			v -= a[i][j] * x[j]
		}
		x[i] = v / a[i][i]
	}
}

// fitSpread finds the spread's constants of greatest likelihood.
func fitSpread(list []lesson, p *pooled) {
	for i := range list {
		l := &list[i]
		total := p.total(&l.view)
		l.shape = l.view.shape(total)
		rest := max(total-l.view.known, 0.02*total)
		l.off = math.Log(max(l.truth-l.view.known, 0.02*total) / rest)
	}
	x := []float64{-0.5, 0, 0, 0.4, 0.2, 0.3, 0, 0.3, 0, 0, 1.2}
	value := func(x []float64) float64 {
		copy(p.spread[:], x[:shapes])
		p.up, p.nu = x[shapes], 2+math.Exp(x[shapes+1])
		a, _ := math.Lgamma((p.nu + 1) / 2)
		b, _ := math.Lgamma(p.nu / 2)
		height := a - b - math.Log(p.nu*math.Pi)/2
		var sum float64
		for i := range list {
			if off := list[i].off; math.IsNaN(off) || math.IsInf(off, 0) {
				continue // nothing but zeros so far
			}
			s := p.scaleOf(list[i].shape)
			if list[i].off > 0 {
				s *= math.Exp(p.up)
			} else {
				s *= math.Exp(-p.up)
			}
			z := list[i].off / s
			sum += math.Log(s) + (p.nu+1)/2*math.Log1p(z*z/p.nu) - height
		}
		return sum / float64(len(list))
	}
	var s simplex
	for range 6 {
		s.minimise(value, x, 1e-9, 0.15, 1200)
	}
	value(x)
}

// score holds constants against cases: error of the total, Brier score, share
// within the 80 and 95% intervals, interval score.
func score(list []lesson, p *pooled) string {
	var ape, brier, in80, in95, interval, n float64
	var said [][2]float64
	for i := range list {
		l := &list[i]
		total := p.total(&l.view)
		o := p.outlook(&l.view, total, true)
		n++
		ape += math.Abs(total/l.truth-1) * 100
		for _, t := range l.targets {
			hit := 0.0
			if l.truth >= t {
				hit = 1
			}
			said = append(said, [2]float64{o.AtLeast(t), hit})
			brier += (o.AtLeast(t) - hit) * (o.AtLeast(t) - hit) / 5
		}
		low, high := o.Interval(0.8)
		if low <= l.truth && l.truth <= high {
			in80++
		}
		low, high = o.Interval(0.95)
		if low <= l.truth && l.truth <= high {
			in95++
		}
		interval += (high - low + 40*max(0, low-l.truth) + 40*max(0, l.truth-high)) / l.prior * 100
	}
	return fmt.Sprintf("n %.0f  error %.3f%%  Brier %.4f  MCB %.4f  80%%: %.1f  95%%: %.1f  interval score %.2f", n, ape/n, brier/n, brier/n-recalibrated(said), in80/n*100, in95/n*100, interval/n)
}

// recalibrated is the Brier score after the best monotone correction of the
// probabilities (pool adjacent violators); what it gains is the miscalibration
// (Dimitriadis, Gneiting and Jordan 2021).
func recalibrated(said [][2]float64) (score float64) {
	slices.SortFunc(said, func(a, b [2]float64) int { return cmp.Compare(a[0], b[0]) })
	type block struct{ hits, n, at float64 }
	var list []block
	for _, s := range said {
		if k := len(list) - 1; k >= 0 && list[k].at == s[0] {
			list[k].hits, list[k].n = list[k].hits+s[1], list[k].n+1
		} else {
			list = append(list, block{s[1], 1, s[0]})
		}
	}
	var flat []block
	for _, b := range list {
		for len(flat) > 0 && flat[len(flat)-1].hits*b.n >= b.hits*flat[len(flat)-1].n {
			b.hits, b.n = b.hits+flat[len(flat)-1].hits, b.n+flat[len(flat)-1].n
			flat = flat[:len(flat)-1]
		}
		flat = append(flat, b)
	}
	for _, b := range flat {
		score += b.hits - b.hits*b.hits/b.n
	}
	return score / float64(len(said))
}

func TestLearn(t *testing.T) {
	dir := os.Getenv("LUOSHI_ATTAINMENT")
	if dir == "" {
		t.Skip("LUOSHI_ATTAINMENT is not set")
	}
	months, years := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 6
	if os.Getenv("LUOSHI_LEARN") == "quick" {
		months = []int{3, 6, 9}
	}
	list := lessons(t, dir, months, years)
	pick := func(keep func(*lesson) bool) (out []lesson) {
		for i := range list {
			if keep(&list[i]) {
				out = append(out, list[i])
			}
		}
		return out
	}
	learn := func(keep func(*lesson) bool) (p pooled) {
		p.weight = fitWeights(pick(keep), 30*float64(len(months))/3)
		fitSpread(pick(func(l *lesson) bool { return keep(l) && l.last }), &p)
		return p
	}
	pools := map[string]bool{"pool": false, "poolShort": true}
	var text strings.Builder
	for _, name := range []string{"pool", "poolShort"} {
		short := pools[name]
		for half := range 2 {
			p := learn(func(l *lesson) bool { return l.half != half && l.short == short })
			report := func(what string, keep func(*lesson) bool) {
				t.Log(name, half, what, score(pick(func(l *lesson) bool { return l.short == short && l.last && keep(l) }), &p))
			}
			scored := func(l *lesson) bool { return l.known == 3 || l.known == 6 || l.known == 9 }
			report("held out", func(l *lesson) bool { return l.half == half && scored(l) })
			report("fitted  ", func(l *lesson) bool { return l.half != half && scored(l) })
			for _, m := range months {
				report(fmt.Sprint("held out, month ", m), func(l *lesson) bool { return l.half == half && l.known == m })
			}
			report("held out, touched by cleaning", func(l *lesson) bool { return l.half == half && scored(l) && len(l.notes) > 0 })
		}
		p := learn(func(l *lesson) bool { return l.short == short })
		text.WriteString(source(name, &p, len(pick(func(l *lesson) bool { return l.short == short }))))
	}
	if to := os.Getenv("LUOSHI_POOLED"); to != "" {
		if err := os.WriteFile(to, []byte("package forecast\n"+text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// source writes the constants as Go.
func source(name string, p *pooled, n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n// %s was fitted by TestLearn (learn_test.go) on %d questions about the 1,101 series\n// of the attainment data, each as of every month of up to six years. Do not edit.\nvar %s = pooled{\n\tweight: [traits][methods]float64{\n", name, n, name)
	for _, row := range p.weight {
		b.WriteString("\t\t{")
		for k, v := range row {
			if k > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "%.3f", v)
		}
		b.WriteString("},\n")
	}
	b.WriteString("\t},\n\tspread: [shapes]float64{")
	for i, v := range p.spread {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%.3f", v)
	}
	fmt.Fprintf(&b, "},\n\tup: %.3f, nu: %.3f,\n}\n", p.up, p.nu)
	return b.String()
}
