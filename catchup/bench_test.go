package catchup

import (
	"fmt"
	"testing"
)

func BenchmarkSolve(b *testing.B) {
	for _, units := range []int{16, 105, 1600} {
		for _, kind := range []string{"free", "bound"} {
			spec := randomSpec(4, units, 6, 100_000) // seed 4 draws a plain one
			if kind == "bound" {
				spec = randomSpec(1, units, 6, 100_000)
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
