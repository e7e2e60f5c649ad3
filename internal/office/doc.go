// Package office turns the workbooks that a planning office keeps into drafts,
// and drafts into workbooks: .xlsx and .csv in, rows with a problem for each cell
// that breaks a rule; the same tables, templates to fill and boards out.
//
// It owns the sheets (their heads and words in three languages, words/*.csv), the
// cell (what a person meant by what a spreadsheet stored) and the file (encodings,
// separators, limits). It never resolves a code, saves a row, or knows an
// indicator: whatever needs the store is the service's to check, at the place
// that each row carries ([Spot.At]).
//
// Reading is streamed and bounded: [Options.MaxBytes] counts what comes out of a
// compressed file, not what went in. One bad row never stops a file.
//
// In the order of reading: draft.go (what comes out), read.go (the file),
// csv.go, zip.go and book.go (what kind of file), head.go and wide.go (which
// sheet is this), sheet.go and figure.go (its rows), cell.go (one cell); then
// export.go, template.go, clerk.go and board.go (writing).
package office
