// Package assess judges: it holds an actual against a target by a scheme and
// answers with a light, its proof and the sentence that a person would say; it
// combines lights into goals, and computes the derived measures that bulletins
// use (share of the plan, points ahead, implied growth, turning points, ranks).
//
// It owns formulas and colours. It never gathers its inputs: figures, revisions
// and boundaries come in a [Case], and the versions named in the Proof are the
// caller's. Everything is a pure function on exact numbers: comparisons are made
// on quotients of integers, and what is shown is rounded once, half away from zero.
//
// doc/SPEC-lights.md has every scheme with its formula, source and an example;
// testdata/*.txt has the same as cases that run.
package assess
