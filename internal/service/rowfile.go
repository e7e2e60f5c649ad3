package service

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// rowFile keeps the rows of an upload on disk as a person sees them, so that any
// page of a large sheet is read without reading the sheet again. It is written once,
// in the order of the sheets, and then only read.
type rowFile struct {
	file   *os.File
	out    *bufio.Writer
	size   int64
	cut    bool // more came than is kept
	sheets []rowSheet
	buf    []byte
}

// rowSheet is where the rows of one sheet stand: a chunk begins every few rows.
type rowSheet struct {
	sheetName
	chunks []rowChunk
	rows   int
	width  int   // of its widest row
	end    int64 // one past its last byte
}

type rowChunk struct {
	row int // number of its first row
	at  int64
}

// sheetRow is one row: its number, counted from one, and its cells.
type sheetRow struct {
	number int
	cells  []string
}

const (
	chunkRows  = 64
	rowFileMax = 128 << 20
	shownCols  = 256 // cells of one row that are kept
)

func newRowFile(path string) (*rowFile, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // a path of our own making
	if err != nil {
		return nil, fmt.Errorf("keep rows: %w", err)
	}
	return &rowFile{file: f, out: bufio.NewWriterSize(f, 64<<10)}, nil
}

// add appends a row of a sheet.
func (f *rowFile) add(file, sheet string, row int, cells []string) error {
	name := sheetName{file, sheet}
	if len(f.sheets) == 0 || f.sheets[len(f.sheets)-1].sheetName != name {
		f.sheets = append(f.sheets, rowSheet{sheetName: name, end: f.size})
	}
	s := &f.sheets[len(f.sheets)-1]
	if f.cut = f.cut || f.size > rowFileMax; f.cut {
		return nil
	}
	cells = cells[:min(len(cells), shownCols)]
	b := binary.AppendUvarint(f.buf[:0], uint64(row)) //nolint:gosec // rows count from one
	b = binary.AppendUvarint(b, uint64(len(cells)))
	for _, c := range cells {
		b = binary.AppendUvarint(b, uint64(len(c)))
		b = append(b, c...)
	}
	if s.rows%chunkRows == 0 {
		s.chunks = append(s.chunks, rowChunk{row, f.size})
	}
	s.rows, s.width = s.rows+1, max(s.width, len(cells))
	f.size += int64(len(b))
	s.end, f.buf = f.size, b
	if _, err := f.out.Write(b); err != nil {
		return fmt.Errorf("keep rows: %w", err)
	}
	return nil
}

// done ends the writing.
func (f *rowFile) done() error { return f.out.Flush() }

func (f *rowFile) close() { _ = f.file.Close() }

// sheet finds a sheet, nil where no row of it is kept.
func (f *rowFile) sheet(name sheetName) *rowSheet {
	if f == nil {
		return nil
	}
	for i := range f.sheets {
		if f.sheets[i].sheetName == name {
			return &f.sheets[i]
		}
	}
	return nil
}

// page reads n rows of a sheet from the k-th on.
func (f *rowFile) page(s *rowSheet, k, n int) ([]sheetRow, error) {
	var list []sheetRow
	for chunk := k / chunkRows; chunk < len(s.chunks) && len(list) < n; chunk++ {
		rows, err := f.chunk(s, chunk)
		if err != nil {
			return nil, err
		}
		if chunk == k/chunkRows {
			rows = rows[min(k%chunkRows, len(rows)):]
		}
		list = append(list, rows[:min(n-len(list), len(rows))]...)
	}
	return list, nil
}

// rows reads the rows of these numbers, which ascend.
func (f *rowFile) rows(s *rowSheet, numbers []int) ([]sheetRow, error) {
	list := make([]sheetRow, 0, len(numbers))
	read := -1
	var rows []sheetRow
	for _, n := range numbers {
		chunk := s.chunkOf(n)
		if chunk < 0 {
			continue
		}
		if chunk != read {
			var err error
			if rows, err = f.chunk(s, chunk); err != nil {
				return nil, err
			}
			read = chunk
		}
		if i, ok := slices.BinarySearchFunc(rows, n, func(r sheetRow, n int) int { return r.number - n }); ok {
			list = append(list, rows[i])
		}
	}
	return list, nil
}

// chunkOf is the chunk in which a row number stands, -1 before the first.
func (s *rowSheet) chunkOf(number int) int {
	i, exact := slices.BinarySearchFunc(s.chunks, number, func(c rowChunk, n int) int { return c.row - n })
	if !exact {
		i--
	}
	return i
}

// place is how many rows stand before a row number.
func (f *rowFile) place(s *rowSheet, number int) (int, error) {
	chunk := s.chunkOf(number)
	if chunk < 0 {
		return 0, nil
	}
	rows, err := f.chunk(s, chunk)
	if err != nil {
		return 0, err
	}
	i, _ := slices.BinarySearchFunc(rows, number, func(r sheetRow, n int) int { return r.number - n })
	return chunk*chunkRows + i, nil
}

func (f *rowFile) chunk(s *rowSheet, i int) ([]sheetRow, error) {
	end := s.end
	if i+1 < len(s.chunks) {
		end = s.chunks[i+1].at
	}
	b := make([]byte, end-s.chunks[i].at)
	if _, err := f.file.ReadAt(b, s.chunks[i].at); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read rows: %w", err)
	}
	next := func() int {
		v, n := binary.Uvarint(b)
		b = b[max(n, 0):]
		return int(v) //nolint:gosec // as it was written
	}
	var list []sheetRow
	for len(b) > 0 {
		r := sheetRow{number: next()}
		for range next() {
			n := min(next(), len(b))
			r.cells = append(r.cells, string(b[:n]))
			b = b[n:]
		}
		list = append(list, r)
	}
	return list, nil
}
