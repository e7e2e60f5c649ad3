// Package pgtest gives tests a PostgreSQL of their own. LUOSHI_TEST_POSTGRES
// switches it on: "1" starts a private cluster in a temporary folder, a
// postgres:// address uses that server; where it is not set the test is skipped.
//
// It belongs to tests and benchmarks and is never part of the program.
package pgtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Env is the variable that switches PostgreSQL on.
const Env = "LUOSHI_TEST_POSTGRES"

// Database makes an empty database for the test and returns its address; the
// database goes when the test ends. The test is skipped when PostgreSQL is not
// asked for, and fails when it is asked for and cannot be had. The driver "pgx"
// must be registered, as importing the store does.
func Database(tb testing.TB) string {
	tb.Helper()
	server := os.Getenv(Env)
	switch server {
	case "", "0":
		tb.Skipf("PostgreSQL is not asked for: set %s=1 to start a private one, or to a postgres:// address", Env)
	case "1":
		var err error
		if server, err = cluster(); err != nil {
			tb.Fatalf("%s=1, but PostgreSQL cannot be started: %v", Env, err)
		}
	}
	address, err := url.Parse(server)
	if err != nil {
		tb.Fatalf("%s: %v", Env, err)
	}
	admin, err := sql.Open("pgx", server)
	if err != nil {
		tb.Fatalf("open %s: %v", server, err)
	}
	name := fmt.Sprintf("luoshi_test_%d_%d", os.Getpid(), counter.Add(1))
	if _, err := admin.Exec("CREATE DATABASE " + name); err != nil {
		tb.Fatalf("make database on %s: %v", server, err)
	}
	tb.Cleanup(func() {
		if _, err := admin.Exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			tb.Logf("drop database %s: %v", name, err)
		}
		_ = admin.Close() // the test is over
	})
	address.Path = "/" + name
	return address.String()
}

var counter atomic.Int64

// cluster starts the private cluster, once for the process.
var cluster = sync.OnceValues(start)

// start makes a cluster in a temporary folder and serves it on a Unix socket
// there. It lives as long as this process: a shell holds the other end of a pipe
// and stops the server and removes the folder when the pipe closes, however the
// process ended. Nothing it holds is worth a sync.
func start() (string, error) {
	bin, err := binaries()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "luoshi-pg-")
	if err != nil {
		return "", err
	}
	become, err := unprivileged(dir)
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	script := fmt.Sprintf(`cd '%[1]s' || exit 1
"%[2]s/initdb" -D data -U postgres -A trust -E UTF8 --no-locale --no-sync >log 2>&1 &&
{ "%[2]s/postgres" -D "$PWD/data" -k "$PWD" -c listen_addresses= -c fsync=off -c synchronous_commit=off \
  -c full_page_writes=off -c max_connections=100 -c max_wal_size=4GB >>log 2>&1 </dev/null & server=$!
  cat; kill -QUIT $server; wait $server; }
rm -rf data log .s.* ; rmdir "$PWD"`, dir, bin)
	keeper := exec.Command(become[0], append(become[1:], script)...)
	keeper.Dir = dir
	if _, err := keeper.StdinPipe(); err != nil { // never written to: it closes with this process
		return "", err
	}
	if err := keeper.Start(); err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	ended := make(chan error, 1)
	go func() { ended <- keeper.Wait() }()
	server := "postgres://postgres@/postgres?" + url.Values{"host": {dir}}.Encode()
	return server, await(server, filepath.Join(dir, "log"), ended)
}

// await returns when the server answers.
func await(server, log string, ended <-chan error) error {
	db, err := sql.Open("pgx", server)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // it only asked
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		if err = db.PingContext(ctx); err == nil {
			return nil
		}
		text, _ := os.ReadFile(log) // only to say more
		select {
		case why := <-ended:
			return fmt.Errorf("the server ended: %s: %w", text, why)
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %s: %w", text, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// binaries finds the folder with initdb and postgres: on the PATH, else the newest
// version where Debian, Red Hat and Homebrew put them.
func binaries() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), nil
		}
	}
	var found []string
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin/initdb", "/usr/pgsql-*/bin/initdb", "/opt/homebrew/opt/postgresql*/bin/initdb"} {
		list, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		found = append(found, list...)
	}
	if len(found) == 0 {
		return "", errors.New("no initdb on the PATH nor in the usual folders; install PostgreSQL")
	}
	slices.SortFunc(found, func(a, b string) int { return version(a) - version(b) })
	return filepath.Dir(found[len(found)-1]), nil
}

// version is the first number in the path.
func version(path string) int {
	digits := strings.FieldsFunc(path, func(r rune) bool { return r < '0' || r > '9' })
	if len(digits) == 0 {
		return 0
	}
	n, _ := strconv.Atoi(digits[0]) // digits only
	return n
}

// unprivileged returns the words before a shell script. Where we are root they make
// it run as the user postgres, to whom the folder is given: PostgreSQL refuses root.
func unprivileged(dir string) ([]string, error) {
	if os.Getuid() != 0 {
		return []string{"/bin/sh", "-c"}, nil
	}
	owner, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("running as root, and PostgreSQL needs another user: %w", err)
	}
	uid, _ := strconv.Atoi(owner.Uid) // numbers on every Unix
	gid, _ := strconv.Atoi(owner.Gid)
	if err := os.Chown(dir, uid, gid); err != nil {
		return nil, err
	}
	if _, err := exec.LookPath("setpriv"); err == nil {
		return []string{"setpriv", "--reuid", owner.Uid, "--regid", owner.Gid, "--clear-groups", "/bin/sh", "-c"}, nil
	}
	return []string{"su", "postgres", "-s", "/bin/sh", "-c"}, nil
}
