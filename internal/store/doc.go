// Package store owns all SQL: where units, indicators, targets and figures are
// kept, in two dialects (SQLite inside the program, PostgreSQL beside it), the
// migrations, backup and restore.
//
// It knows no rules and does no arithmetic on figures: what it is given it keeps,
// and what it kept it gives back, as known at an instant.
//
// # Nothing is overwritten
//
// Every fact is a row of its own with the instant at which it was recorded. A
// read takes asOf: it sees the rows recorded at or before that instant, and so a
// later row changes no earlier view. The zero asOf means "all that is known".
// Instants are whole microseconds. Within one address (of a figure) or key (of
// any other fact) they never run backwards: what is recorded without an instant
// gets one later than everything recorded before it, and what carries an earlier
// instant of its own (a load of history) is refused with [luoshi.Conflict] where
// something later is already known.
//
// An instant is taken when a transaction begins, and what it writes is seen when it
// commits: a view of this very moment settles once the transactions under way have
// ended. A view of an instant before them never changes, but for loads of history.
//
// # Which vintage of a figure holds
//
// The rows of one address (indicator, year, unit, last month, basis, scope) are
// read from the newest to the oldest, those recorded after asOf left out. The
// first ordinary row that is not taken back holds. A withdrawal takes back the
// one row that it names, or all rows before it, unless a later withdrawal has
// taken it back in turn; so undoing an import restores what held before it,
// leaves alone what was corrected after it, and can itself be undone.
//
// # Two readings of one truth
//
// The table figure is the truth. The table packed holds the figures that hold
// now, one compact row per indicator, year and unit, so that a cube loads in a
// tenth of the time; it is written in the same transaction, and [Store.Verify]
// recomputes it. The table change numbers the writes of every indicator-year: a
// server whose number is older reads again.
//
// # Many writers
//
// SQLite has one writer; [Store.Submit] gathers the figures of many callers into
// one durable commit. On PostgreSQL a writer locks the change rows of the
// indicator-years that it touches, in sorted order, and nothing else.
package store
