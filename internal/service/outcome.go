package service

import (
	"cmp"
	"math"
	"slices"

	"luoshi.dev"
	"luoshi.dev/internal/office"
)

// Outcome is what becomes of a row of a workbook.
type Outcome uint8

// The outcomes.
const (
	RowNew     Outcome = iota + 1 // nothing was known at its address
	RowChanged                    // something else was: it stays on record beside the new
	RowSame                       // exactly this was: nothing is written
	RowRefused                    // it breaks a rule and is kept out
)

// String is the word for it in addresses and answers.
func (o Outcome) String() string {
	return [...]string{"", "new", "changed", "same", "refused"}[o]
}

// MarshalText writes the word.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// OutcomesKept is how many rows of each outcome are known one by one; of what is
// beyond that the number is known. keptChanges bounds what is kept of their values.
const (
	OutcomesKept = 100_000
	keptChanges  = 20_000
)

// ledger notes what becomes of each row (of each cell, in a grid) of an import. A
// nil ledger notes nothing.
type ledger struct {
	sheets  map[sheetName]uint16
	rows    []noted
	counts  []outcomeCounts // by sheet
	total   outcomeCounts
	changes map[int32][]fieldChange // by where the row stands in rows, before sorting
	sorted  bool
}

// outcomeCounts counts rows by outcome.
type outcomeCounts [RowRefused + 1]int

type sheetName struct{ file, sheet string }

// noted is one row: where it stands and what becomes of it.
type noted struct {
	row     int32
	change  int32 // key into changes, -1 where nothing is kept
	col     uint16
	sheet   uint16
	outcome Outcome
}

// fieldChange is a field that is to change, and the column in which it stands.
type fieldChange struct {
	col int
	office.Difference
}

func newLedger() *ledger {
	return &ledger{sheets: map[sheetName]uint16{}, changes: map[int32][]fieldChange{}}
}

func (l *ledger) note(kind office.Kind, at luoshi.Place, outcome Outcome, changes []fieldChange) {
	if l == nil || kind == "" || at.Row == 0 {
		return
	}
	name := sheetName{at.File, at.Sheet}
	sheet, seen := l.sheets[name]
	if !seen {
		if len(l.sheets) >= math.MaxUint16 {
			return
		}
		sheet = uint16(len(l.sheets))
		l.sheets[name] = sheet
		l.counts = append(l.counts, outcomeCounts{})
	}
	l.counts[sheet][outcome]++
	if l.total[outcome]++; l.total[outcome] > OutcomesKept {
		return
	}
	n := noted{row: int32(at.Row), col: uint16(at.Col), sheet: sheet, outcome: outcome, change: -1}
	if len(changes) > 0 && len(l.changes) < keptChanges {
		n.change = int32(len(l.rows))
		l.changes[n.change] = changes
	}
	l.rows = append(l.rows, n)
}

// at puts the differences of a changed row into their columns.
func at(row office.Spot, outcome Outcome, differ func() []office.Difference) []fieldChange {
	if outcome != RowChanged || differ == nil {
		return nil
	}
	var list []fieldChange
	for _, d := range differ() {
		col := row.At(d.Field).Col
		if col == row.Col && d.Field != "value" { // the sheet has no such column
			col = 0
		}
		list = append(list, fieldChange{col, d})
	}
	return list
}

// sort brings the rows into the order in which they stand; of a cell that was let
// pass and then refused, the refusal holds.
func (l *ledger) sort() {
	if l == nil || l.sorted {
		return
	}
	l.sorted = true
	slices.SortStableFunc(l.rows, func(a, b noted) int {
		return cmp.Or(cmp.Compare(a.sheet, b.sheet), cmp.Compare(a.row, b.row), cmp.Compare(a.col, b.col), cmp.Compare(b.outcome, a.outcome))
	})
	l.rows = slices.CompactFunc(l.rows, func(kept, n noted) bool {
		twice := kept.sheet == n.sheet && kept.row == n.row && kept.col == n.col
		if twice {
			l.counts[n.sheet][n.outcome]--
			l.total[n.outcome]--
		}
		return twice
	})
}

// count is how many rows of a sheet have each outcome.
func (l *ledger) count(file, sheet string) outcomeCounts {
	if id, ok := l.sheets[sheetName{file, sheet}]; ok {
		return l.counts[id]
	}
	return outcomeCounts{}
}

// of returns what is known of the rows of a sheet from a row on, up to another.
func (l *ledger) of(file, sheet string, from, to int) []noted {
	if l == nil {
		return nil
	}
	id, ok := l.sheets[sheetName{file, sheet}]
	if !ok {
		return nil
	}
	first := func(row int) int {
		i, _ := slices.BinarySearchFunc(l.rows, noted{sheet: id, row: int32(row)}, func(a, b noted) int {
			return cmp.Or(cmp.Compare(a.sheet, b.sheet), cmp.Compare(a.row, b.row))
		})
		return i
	}
	return l.rows[first(from):first(to+1)]
}
