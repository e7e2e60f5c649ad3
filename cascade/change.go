package cascade

import "luoshi.dev"

// Changed is one value that a revision moves. Row or Col is -1 where it is a
// margin; Before or After is luoshi.Missing where the grid had or has no such value.
type Changed struct {
	Row, Col      int
	Before, After int64
}

// Difference is what a revision moves: units' totals (Col -1), months of the
// total (Row -1), months of the reserve (Row -1), and single cells.
type Difference struct {
	Rows, Cols, Reserve, Cells []Changed
}

// Empty reports whether nothing moves.
func (d Difference) Empty() bool {
	return len(d.Rows) == 0 && len(d.Cols) == 0 && len(d.Reserve) == 0 && len(d.Cells) == 0
}

// Change lists what differs between two grids over the same parts; a grid may
// have more parts than the other, at its end.
func Change(before, after Grid) Difference {
	var d Difference
	line := func(list []Changed, a, b []int64, put func(k int) (int, int)) []Changed {
		for k := range max(len(a), len(b)) {
			x, y := at(a, k), at(b, k)
			if x != y {
				r, c := put(k)
				list = append(list, Changed{r, c, x, y})
			}
		}
		return list
	}
	month := func(row int) func(int) (int, int) { return func(k int) (int, int) { return row, k } }
	d.Rows = line(nil, before.Rows, after.Rows, func(k int) (int, int) { return k, -1 })
	d.Cols = line(nil, before.Cols, after.Cols, month(-1))
	d.Reserve = line(nil, before.Reserve, after.Reserve, month(-1))
	for i := range max(len(before.Cells), len(after.Cells)) {
		var a, b []int64
		if i < len(before.Cells) {
			a = before.Cells[i]
		}
		if i < len(after.Cells) {
			b = after.Cells[i]
		}
		d.Cells = line(d.Cells, a, b, month(i))
	}
	return d
}

func at(values []int64, k int) int64 {
	if k < len(values) {
		return values[k]
	}
	return luoshi.Missing
}
