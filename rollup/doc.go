// Package rollup gathers figures up the tree of units by each indicator's rules.
//
// It owns the cube, the read model of the figures: per indicator and year the
// values of all units in depth-first order of the tree, so that a subtree is a
// contiguous range and every unit's total stands beside its parts. It owns the
// rules over time and over units, derived indicators, completeness, and the
// restatement of figures by the boundaries of another day ([Rebase]).
//
// It never judges a value, never corrects a reported total that differs from
// its parts, and holds nothing that the store does not. doc/SPEC-rollup.md has
// every rule with formula, source and worked example.
//
// Files, from the ground up: plan (who adds to whom), span (the rules over
// time), block (one indicator's year), exact and formula (quotients and derived
// values), column (all units at once), value (one unit with its proof), cube,
// rank, rebase.
package rollup
