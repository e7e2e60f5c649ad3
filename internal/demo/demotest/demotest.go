// Package demotest gives tests the demonstration in a database: one that all tests
// of a process read, and copies for those that write. Only tests import it.
package demotest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/demo/fill"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/store"
)

// made is the database file with the demonstration, filled once for the process.
var made = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "luoshi-demotest-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "demo.db")
	ctx := context.Background()
	st, err := store.Open(ctx, path, store.Options{})
	if err != nil {
		return "", err
	}
	if err := st.Migrate(ctx); err != nil {
		return "", errors.Join(err, st.Close())
	}
	report, err := fill.Fill(ctx, service.New(st, time.Now), nil)
	if err == nil && luoshi.Blocked(report.Problems) {
		err = errors.New("the demonstration has problems: " + report.Problems[0].Message.String())
	}
	return path, errors.Join(err, st.Close())
})

var shared = sync.OnceValues(func() (*service.Service, error) {
	path, err := made()
	if err != nil {
		return nil, err
	}
	st, err := store.Open(context.Background(), path, store.Options{})
	if err != nil {
		return nil, err
	}
	return service.New(st, time.Now), nil
})

// Shared is the service that all tests of the process share, for examples. They
// must only read.
func Shared() (*service.Service, error) { return shared() }

// Open returns the service that all tests of the process share. They must only
// read.
func Open(t testing.TB) *service.Service {
	t.Helper()
	svc, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return svc
}

// Copy returns a service on a copy of the demonstration that the test may change.
// now is its clock, nil the real one.
func Copy(t testing.TB, now func() time.Time) *service.Service {
	t.Helper()
	if now == nil {
		now = time.Now
	}
	return service.New(CopyStore(t), now)
}

// CopyStore opens a copy of the demonstration that the test may change.
func CopyStore(t testing.TB) *store.Store {
	t.Helper()
	from, err := made()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(from) //nolint:gosec // a file of our own
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "demo.db")
	if err := os.WriteFile(to, content, 0o600); err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), to, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return st
}

// Empty returns a service on an empty database that the test may fill.
func Empty(t testing.TB) *service.Service {
	t.Helper()
	st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "empty.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	if err := st.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return service.New(st, time.Now)
}
