// Package luoshi holds the nouns of 落实: the things a year of targets is made
// of, and what makes one of them well formed. A Unit is asked to reach a Target
// of an Indicator by the end of a Period; it reports Figures; a Light says how
// that stands; Goals gather lights.
//
// The package owns vocabulary, validation and exact numbers. It never computes
// a board, never reads a clock, a file or a database, and imports nothing of
// this module. Two ideas run through it:
//
//   - Nothing is overwritten. A fact carries when it holds (Date) and when it was
//     learned (time.Time); a later fact stands beside the earlier one.
//   - Missing is not zero. Absence has its own form: [NullQuantity], [Missing].
package luoshi
