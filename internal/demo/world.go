package demo

import (
	"bytes"
	"encoding/csv"
	"hash/fnv"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strconv"

	"luoshi.dev"
)

// world is what the generator knows while it runs: the files, and the rows made
// so far. Values are integers at the indicator's decimals throughout; nothing is
// a float, so that every machine makes the same sample.
type world struct {
	cities   []string            // in the order of units.csv
	counties map[string][]string // of a city, by the codes of 2019
	weight   map[string]int64    // rough size: 100 million yuan a year
	rule     map[string]rule
	june     map[cell]int64 // what the story fixes by city, mostly at June
	path     map[cell]int64 // what it fixes for the province, or is published
	plan     map[cell]int64 // the year's targets of 2020, month 12
	public   map[cell]bool  // published: never made again
	rows     []Row
}

// rule is what the generator needs of an indicator.
type rule struct {
	decimals int
	basis    luoshi.Basis
	calendar luoshi.Calendar
	due      int
}

// cell names a figure by the month that ends its period.
type cell struct {
	indicator, unit string
	year, month     int
}

func newWorld() *world {
	w := &world{
		counties: map[string][]string{}, weight: map[string]int64{}, rule: map[string]rule{},
		june: map[cell]int64{}, path: map[cell]int64{}, plan: map[cell]int64{}, public: map[cell]bool{},
	}
	for r := range lines(data, "data/indicators.csv") {
		w.rule[r["code"]] = rule{number(r["decimals"]), luoshi.Basis(r["basis"]), luoshi.Calendar(r["calendar"]), number(r["due_days"])}
	}
	for r := range lines(data, "data/units.csv") {
		switch luoshi.UnitKind(r["kind"]) {
		case luoshi.City:
			w.cities = append(w.cities, r["code"])
		case luoshi.County:
			if r["from"] < "2020" {
				w.counties[r["parent"]] = append(w.counties[r["parent"]], r["code"])
			}
		}
	}
	for r := range lines(shape, "shape/weights.csv") {
		q := must(luoshi.ParseQuantity(r["weight"]))
		w.weight[r["unit"]] = must(luoshi.Scaled(q, 2))
	}
	for r := range lines(shape, "shape/june.csv") {
		c, v := w.fixed(r, r["unit"])
		w.june[c] = v
	}
	for _, name := range []string{"shape/path.csv", "shape/past.csv"} {
		for r := range lines(shape, name) {
			c, v := w.fixed(r, Root)
			w.path[c] = v
		}
	}
	for r := range lines(data, "data/targets.csv") {
		if in := w.rule[r["indicator"]]; luoshi.Form(r["form"]) == luoshi.FormLevel && r["last_year"] == strconv.Itoa(Year) {
			q := must(luoshi.ParseQuantity(r["value"]))
			w.plan[cell{r["indicator"], r["unit_code"], number(r["first_year"]), 12}] = must(luoshi.Scaled(q, in.decimals))
		}
	}
	for r := range lines(data, "data/figures_published.csv") {
		p := must(luoshi.ParsePeriod(r["period"]))
		if luoshi.Basis(r["basis"]) == w.rule[r["indicator"]].basis {
			w.public[cell{r["indicator"], r["unit_code"], p.Year, p.To}] = true
		}
	}
	return w
}

// fixed reads a line of the shape; the own part of the livelihood spending is
// kept beside it under a name of its own.
func (w *world) fixed(r map[string]string, unit string) (cell, int64) {
	p := must(luoshi.ParsePeriod(r["period"]))
	in, ok := w.rule[r["indicator"]]
	if !ok {
		in = w.rule["livelihood_spending"]
	}
	return cell{r["indicator"], unit, p.Year, p.To}, must(luoshi.Scaled(must(luoshi.ParseQuantity(r["value"])), in.decimals))
}

// codeIn is the code that a county of 2019 has in a year: 无为 became a city.
func codeIn(code string, year int) string {
	if code == "340225" && year >= 2020 {
		return "340281"
	}
	return code
}

// noise is the random stream of one series: adding another changes nothing here.
func noise(name, unit string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name + "/" + unit))
	return rand.New(rand.NewPCG(h.Sum64(), 20200731))
}

// about draws from 1000−spread to 1000+spread, in thousandths.
func about(r *rand.Rand, spread int64) int64 { return 1000 - spread + r.Int64N(2*spread+1) }

// apportion splits a total by weights into integers that add up to it, by the
// largest remainder (Hamilton 1792); of equal remainders the first gets it.
func apportion(total int64, weights []int64) []int64 {
	sum := int64(0)
	for _, v := range weights {
		sum += v
	}
	parts, rest := make([]int64, len(weights)), make([]int64, len(weights))
	if total == 0 {
		return parts
	}
	left := total
	for i, v := range weights {
		parts[i], rest[i] = total*v/sum, total*v%sum
		left -= parts[i]
	}
	order := make([]int, len(weights))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(min(max(rest[b]-rest[a], -1), 1)) })
	for _, i := range order[:left] {
		parts[i]++
	}
	return parts
}

// lines yields the rows of an embedded table by their heads. The tables are
// compiled in and tested: what is wrong with them is a bug.
func lines(files fs.FS, name string) func(yield func(map[string]string) bool) {
	return func(yield func(map[string]string) bool) {
		table := must(csv.NewReader(bytes.NewReader(must(fs.ReadFile(files, name)))).ReadAll())
		for _, line := range table[1:] {
			row := make(map[string]string, len(line))
			for i, head := range table[0] {
				row[head] = line[i]
			}
			if !yield(row) {
				return
			}
		}
	}
}

func number(s string) int {
	if s == "" {
		return 0
	}
	return must(strconv.Atoi(s))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
