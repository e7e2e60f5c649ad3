package bench

import (
	"context"
	"testing"

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
