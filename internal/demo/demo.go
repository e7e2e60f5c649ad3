// Package demo owns the demonstration: the plan year 2020 of Anhui, as files in
// the form that anyone imports, and a generator of sample figures beside them.
//
// data/ holds units, indicators, goals, targets and the published figures, each
// with the address where it was found (data/SOURCES.md). shape/ holds the few
// made-up numbers that the sample is drawn to. [Sample] makes the rest: the same
// rows on every machine, marked as a sample, adding up exactly, and equal to the
// published figures wherever there are any.
//
// It never reads a clock, a database or anything outside its own files.
package demo

import (
	"embed"
	"io/fs"

	"luoshi.dev"
)

// AsOf is the day on which the demonstration opens: the article that it follows
// tells of the days before.
const AsOf luoshi.Date = 20200731

// Year is the plan year.
const Year = 2020

// Root is the code of the province.
const Root = "340000"

//go:embed data/*.csv
var data embed.FS

//go:embed shape/*.csv
var shape embed.FS

// Files returns the files to import, at the top of a file system: units, changes,
// indicators, sets, schemes, goals, targets and figures_published, all .csv.
func Files() fs.FS {
	sub, err := fs.Sub(data, "data")
	if err != nil {
		panic(err) // the folder is compiled in: its name is a constant
	}
	return sub
}
