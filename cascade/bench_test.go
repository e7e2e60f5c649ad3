package cascade

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"luoshi.dev"
)

// provinceTree is a province with 16 cities, 105 counties and towns: 1,600 units.
func provinceTree() *luoshi.Tree {
	var facts []luoshi.Unit
	put := func(kind luoshi.UnitKind, parent luoshi.UnitID) luoshi.UnitID {
		id := luoshi.UnitID(len(facts) + 1)
		facts = append(facts, luoshi.Unit{ID: id, Code: fmt.Sprintf("u%05d", id), Kind: kind, Parent: parent, Order: int(id), From: 19490101})
		return id
	}
	top := put(luoshi.Province, 0)
	var cities, counties []luoshi.UnitID
	for range 16 {
		cities = append(cities, put(luoshi.City, top))
	}
	for i := range 105 {
		counties = append(counties, put(luoshi.County, cities[i%16]))
	}
	for i := 0; len(facts) < 1600; i++ {
		put(luoshi.Town, counties[i%105])
	}
	tree, _ := luoshi.NewTree(facts, 20200101)
	return tree
}

// cascadeTree hands one indicator down the tree, level by level: the months that
// a level above gave a unit are the fixed months of its own split.
func cascadeTree(tree *luoshi.Tree, children [][]int, total int64, last [][]int64, own bool) (totals []int64, months [][]int64, err error) {
	months = make([][]int64, tree.Len())
	months[0], _ = OverTime(total, TimeSpec{Method: TimeLastYear, Calendar: luoshi.Monthly, History: [][]int64{last[0]}})
	totals = make([]int64, tree.Len())
	totals[0] = total
	var parts []Part
	var curves []TimeSpec
	for i := range tree.Nodes {
		if len(children[i]) == 0 {
			continue
		}
		parts, curves = parts[:0], curves[:0]
		for _, c := range children[i] {
			sum := int64(0)
			for _, v := range last[c] {
				sum += v
			}
			parts = append(parts, Part{Unit: tree.Nodes[c].ID, Last: sum, Locked: luoshi.Missing, Min: luoshi.Missing, Max: luoshi.Missing})
			if own {
				curves = append(curves, TimeSpec{Method: TimeLastYear, History: last[c : c+1]})
			}
		}
		grid, problems := Both(Spec{Total: totals[i], Reserve: totals[i] / 50, Units: UnitLastShare, Parts: parts,
			Time: TimeSpec{Method: TimeCustom, Calendar: luoshi.Monthly, Custom: months[i]}, PartTime: curves})
		if luoshi.Blocked(problems) {
			return nil, nil, fmt.Errorf("node %d: %v", i, problems)
		}
		for k, c := range children[i] {
			months[c], totals[c] = grid.Cells[k], grid.Rows[k]
		}
	}
	return totals, months, nil
}

func provinceHistory(tree *luoshi.Tree, seed uint64) [][]int64 {
	random := rand.New(rand.NewPCG(seed, 1))
	last := make([][]int64, tree.Len())
	for i := tree.Len() - 1; i >= 0; i-- {
		own := last[i] == nil
		if own {
			last[i] = make([]int64, 12)
			level := 200 + random.Int64N(5000)
			for j := range last[i] {
				last[i][j] = level + random.Int64N(level)
			}
		}
		if p := tree.Nodes[i].Parent; p >= 0 {
			if last[p] == nil {
				last[p] = make([]int64, 12)
			}
			for j, v := range last[i] {
				last[p][j] += v
			}
		}
	}
	return last
}

// Down a whole province every unit's months sum to its total, and every parent
// is its children and its reserve.
func TestProvinceHolds(t *testing.T) {
	tree := provinceTree()
	children := make([][]int, tree.Len())
	for i := range children {
		children[i] = tree.Children(i)
	}
	for _, own := range []bool{false, true} {
		totals, months, err := cascadeTree(tree, children, 1_234_567_891, provinceHistory(tree, 3), own)
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range months {
			if sum64(m) != totals[i] {
				t.Fatalf("unit %d: months sum to %d, want %d", i, sum64(m), totals[i])
			}
		}
		paddings := PaddingOf(tree, func(i int) int64 { return totals[i] }, func(i int) int64 { return totals[i] / 50 }, func(int) bool { return true })
		for _, p := range paddings {
			if p.Hidden != 0 || p.Added != 0 {
				t.Fatalf("unit %d: %+v", p.Node, p)
			}
		}
		if len(paddings) != 1+16+105 {
			t.Fatalf("%d parents", len(paddings))
		}
	}
}

// BenchmarkProvince cascades 100 indicators over a province of 1,600 units × 12
// months, level by level: on one core, and indicators side by side on all. The
// bar is 0.2 s per operation.
func BenchmarkProvince(b *testing.B) {
	tree := provinceTree()
	children := make([][]int, tree.Len())
	for i := range children {
		children[i] = tree.Children(i)
	}
	last := make([][][]int64, 100)
	for k := range last {
		last[k] = provinceHistory(tree, uint64(k))
	}
	for _, c := range []struct {
		name string
		own  bool
	}{{"shared_curve", false}, {"own_curves", true}} {
		for _, workers := range []int{1, runtime.GOMAXPROCS(0)} {
			b.Run(fmt.Sprintf("%s/%d_cores", c.name, workers), func(b *testing.B) {
				for b.Loop() {
					var group sync.WaitGroup
					for w := range workers {
						group.Go(func() {
							for k := w; k < len(last); k += workers {
								total := int64(0)
								for _, v := range last[k][0] {
									total += v
								}
								if _, _, err := cascadeTree(tree, children, total*107/100, last[k], c.own); err != nil {
									b.Error(err)
								}
							}
						})
					}
					group.Wait()
				}
			})
		}
	}
}

func randomTable(random *rand.Rand, m, n int) (table [][]float64, rows, cols []int64) {
	table = make([][]float64, m)
	for i := range table {
		table[i] = make([]float64, n)
		for j := range table[i] {
			table[i][j] = random.Float64() * 100
		}
	}
	_, rows, cols, _ = RoundFree(table)
	return table, rows, cols
}

func BenchmarkRound(b *testing.B) {
	for _, m := range []int{12, 1000, 3000} {
		table, rows, cols := randomTable(rand.New(rand.NewPCG(1, 2)), m, 12)
		b.Run(fmt.Sprintf("%dx12", m), func(b *testing.B) {
			for b.Loop() {
				if _, err := Round(table, rows, cols); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	// Small totals along one curve: most rows would choose the same months.
	table := make([][]float64, 1000)
	for i := range table {
		table[i] = make([]float64, 12)
		for j := range table[i] {
			table[i][j] = float64(1+i%7) * float64(1+j) / 78
		}
	}
	_, rows, cols, _ := RoundFree(table)
	b.Run("1000x12_alike", func(b *testing.B) {
		for b.Loop() {
			if _, err := Round(table, rows, cols); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkDenton(b *testing.B) {
	indicator, totals := make([]float64, 36), []float64{1000, 1100, 1150}
	for i := range indicator {
		indicator[i] = float64(50 + i%12)
	}
	for b.Loop() {
		Denton(indicator, totals, 12)
	}
}
