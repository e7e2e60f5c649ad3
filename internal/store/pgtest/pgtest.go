// Package pgtest gives tests a PostgreSQL of their own. It is switched on by
// LUOSHI_TEST_POSTGRES: "1" starts a private cluster that ends with the process,
// a postgres:// address uses that server, nothing skips the test.
//
// It belongs to tests and benchmarks and is never part of the program.
package pgtest
