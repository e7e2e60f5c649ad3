package catchup

import (
	"encoding/binary"
	"math"
	"testing"

	"luoshi.dev"
)

// FuzzSolve feeds odd numbers of every kind: what is refused is refused with words,
// what is planned keeps its promises.
func FuzzSolve(f *testing.F) {
	f.Add([]byte{}, int64(590), uint8(2), uint8(0))
	seed := []byte{}
	for _, v := range []uint64{math.Float64bits(260), math.Float64bits(20), 0, 1 << 63, 1 << 63, 1 << 63, 0} {
		seed = binary.LittleEndian.AppendUint64(seed, v)
	}
	f.Add(seed, int64(590), uint8(1), uint8(1))
	f.Add(append(seed, seed...), int64(math.MinInt64), uint8(1), uint8(2))
	f.Add(append(seed, seed...), int64(math.MaxInt64), uint8(2), uint8(7))
	f.Fuzz(func(t *testing.T, data []byte, needed int64, months, how uint8) {
		spec := Spec{Year: 2020, Calendar: luoshi.Monthly, Needed: needed, Direction: []luoshi.Direction{luoshi.More, luoshi.Less, luoshi.Band}[how%3],
			Keep: how&8 > 0, Negative: how&16 > 0}
		n := int(months%4) + 1
		for j := range n {
			spec.Months = append(spec.Months, 13-n+j)
		}
		next := func() uint64 {
			if len(data) < 8 {
				data = nil
				return 1 << 63
			}
			v := binary.LittleEndian.Uint64(data)
			data = data[8:]
			return v
		}
		for len(data) > 0 && len(spec.Parts) < 20 {
			p := Part{Unit: luoshi.UnitID(len(spec.Parts) + 1), Least: int64(next()), Most: int64(next())}
			for range n {
				p.Cells = append(p.Cells, Cell{Expect: math.Float64frombits(next()), Spread: math.Float64frombits(next()), Weight: math.Float64frombits(next()),
					Low: int64(next()), High: int64(next()), Locked: int64(next()), Known: next()&1 == 1})
			}
			spec.Parts = append(spec.Parts, p)
		}
		plan, problems := Solve(spec)
		if luoshi.Blocked(problems) {
			if plan.State != "" || plan.Grid.Cells != nil {
				t.Fatal("a plan came with what blocks it")
			}
			return
		}
		if fault := faultOf(spec, plan); fault != "" {
			t.Fatal(fault)
		}
		plan.Say()
		plan.Tasks()
		plan.Loads()
		Compare(plan, plan)
	})
}
