package catchup

import (
	"fmt"
	"math"
	"testing"

	"luoshi.dev"
)

func BenchmarkSolve(b *testing.B) {
	for _, units := range []int{16, 105, 1600} {
		for _, kind := range []string{"free", "bound"} {
			spec := randomSpec(1, units, 6, 100_000)
			expect := 0.0
			for i := range spec.Parts {
				for j := range spec.Parts[i].Cells {
					cell := &spec.Parts[i].Cells[j]
					if kind == "free" {
						*cell = Free(cell.expect(), cell.Spread+1)
						spec.Parts[i].Least, spec.Parts[i].Most = luoshi.Missing, luoshi.Missing
					}
					expect += cell.expect()
				}
			}
			spec.Needed = int64(expect + math.Abs(expect)/50)
			if plan, _ := Solve(spec); plan.State != Met {
				b.Fatal(plan.State)
			}
			b.Run(fmt.Sprintf("%dx6/%s", units, kind), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if plan, _ := Solve(spec); plan.Grid.Cells == nil {
						b.Fatal("no plan")
					}
				}
			})
		}
	}
}
