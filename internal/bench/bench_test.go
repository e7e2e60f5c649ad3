package bench

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/store/pgtest"
)

// Everything runs, on a world small enough for a test; how fast is not asked.
func TestRun(t *testing.T) {
	seen := map[string]bool{}
	err := Run(context.Background(), Options{Size: "small", Dir: t.TempDir()}, func(row Row) {
		seen[row.What.Key] = true
		t.Log(row.What, row.Value)
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"read", "sums", "ranks", "rank", "load", "cascade", "import", "start", "commit", "shown"} {
		if !seen["bench.what."+what] {
			t.Errorf("no row %q", what)
		}
	}
}

// The outlooks of a small world, on both databases.
func TestRunOutlook(t *testing.T) {
	seen := map[string]int{}
	opt := Options{Size: "small", Only: "outlook", Dir: t.TempDir()}
	if os.Getenv("LUOSHI_TEST_POSTGRES") != "" {
		opt.Postgres = pgtest.Database(t)
	}
	err := Run(context.Background(), opt, func(row Row) {
		seen[row.What.Key]++
		t.Log(row.What, row.Value)
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"outlooks", "outlooks_again", "outlook_first", "outlook_sheet", "outlook_one"} {
		if n := seen["bench.what."+what]; n != 1 && n != 2 {
			t.Errorf("%d rows of %q", n, what)
		}
	}
}

// On PostgreSQL a database is made for the run and dropped after it.
func TestRunPostgres(t *testing.T) {
	dsn := pgtest.Database(t)
	for _, part := range []string{"import", "commit", "start"} {
		rows := 0
		err := Run(context.Background(), Options{Size: "small", Only: part, Postgres: dsn, Dir: t.TempDir()}, func(row Row) {
			rows++
			t.Log(row.What, row.Value)
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if rows < 2 {
			t.Errorf("%s: %d rows, want one of each database", part, rows)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	for _, opt := range []Options{{Size: "planet"}, {Only: "speed"}} {
		opt.Dir = t.TempDir()
		if err := Run(context.Background(), opt, func(Row) {}, nil); luoshi.CodeOf(err) != luoshi.Invalid {
			t.Errorf("%+v: %v", opt, err)
		}
	}
}

// The worlds have the sizes that they say.
func TestWorlds(t *testing.T) {
	for size, want := range map[string][2]int{"small": {100, 11_952}, "province": {1600, 3_547_200}} {
		w, err := NewWorld(size)
		if err != nil {
			t.Fatal(err)
		}
		if w.Tree.Len() != want[0] || w.Values() != want[1] {
			t.Errorf("%s: %d units, %d figures", size, w.Tree.Len(), w.Values())
		}
	}
}

// What can be reached from the first page is asked for: each page once in the list,
// no file, no other look, no foreign address, and every one of them by the crowd.
func TestCrowd(t *testing.T) {
	const slow = 20 * time.Millisecond // the first answer of each page
	var mu sync.Mutex
	asked := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked[r.URL.RequestURI()]++
		first := asked[r.URL.RequestURI()] == 1
		mu.Unlock()
		if first {
			time.Sleep(slow)
		}
		switch r.URL.Path {
		case "/":
			fmt.Fprint(w, `<a href="/a?unit=1&amp;x=2">a</a><a href="/a?unit=1&amp;x=2#s">a</a><a href="/?lang=en">e</a><link href="/static/x.css"><a href="//else.example/">x</a><a href="/a.xlsx">x</a>`)
		case "/a":
			fmt.Fprint(w, `<a href="/b">b</a><a href="/">home</a>`)
		}
	}))
	defer server.Close()
	var rows []string
	err := Run(context.Background(), Options{Serve: server.URL}, func(row Row) {
		rows = append(rows, row.What.Key+" "+fmt.Sprint(row.What.Args["path"]))
		if first, _ := time.ParseDuration(fmt.Sprint(row.Value.Args["first"])); row.Value.Key == "bench.value.kind" && first < slow {
			t.Errorf("%s: the first answer took %s", row.What.Args["path"], first)
		}
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"bench.what.pages_at <nil>", "bench.what.page /", "bench.what.page /a", "bench.what.page /b"}; !slices.Equal(rows, want) {
		t.Errorf("rows %q, want %q", rows, want)
	}
	for _, path := range []string{"/", "/a?unit=1&x=2", "/b"} {
		if asked[path] < clients {
			t.Errorf("%s was asked for %d times", path, asked[path])
		}
		delete(asked, path)
	}
	if len(asked) > 0 {
		t.Errorf("asked for besides: %v", asked)
	}
}

// The processor time of a process grows as it works; of none it is nothing.
func TestSpent(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil && runtime.GOOS != "linux" {
		t.Skip("this system does not say:", err)
	}
	before := spent(os.Getpid())
	for end := time.Now().Add(10 * time.Second); spent(os.Getpid()) == before; {
		if time.Now().After(end) {
			t.Fatal("ten seconds of work took no time")
		}
	}
	if d := spent(0); d != 0 {
		t.Errorf("no process took %s", d)
	}
}
