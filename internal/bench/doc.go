// Package bench measures the program on the machine it runs on, and holds each
// figure against its bar: the rows of doc/BENCHMARKS.md.
//
// A time by itself says little about a program and much about a machine. So
// every row that can be is a ratio, measured turn by turn in one run: to reading
// the same memory once, to the bare commit of the same rows. The data are made,
// not read: the same on every machine (world.go).
//
// The package judges nothing but speed, and keeps nothing: it works in a folder,
// and on PostgreSQL in a database, that it makes and removes.
package bench
