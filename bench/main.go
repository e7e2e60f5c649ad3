// Command bench measures luoshi beside DuckDB, SQLite and PostgreSQL on the same
// data in one run, and prints the times as ratios:
//
//	go run . -size province
//	go run . -size nation
//	go run . -only forecast -series FILE   # outlooks beside R's forecast package
//
// It is a module of its own, so that the program itself needs no cgo. PostgreSQL
// is a private cluster that the run starts (Debian's postgresql is enough) and
// removes, or the server that LUOSHI_TEST_POSTGRES names.
//
// Every database answers the same questions by the same plain SQL (sql.go), from
// tables loaded in the order that suits it; what it answers is compared with
// luoshi's answer before any time counts.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"

	"luoshi.dev/internal/bench"
)

func main() {
	log.SetFlags(0)
	size := flag.String("size", "province", "province (3.5 million figures) or nation (48 million)")
	rows := flag.Int("rows", 5_000_000, "figures that SQLite and PostgreSQL are given at most, whole indicators; their times are scaled to all")
	only := flag.String("only", "", "duckdb, sqlite, postgres or forecast alone")
	series := flag.String("series", "", "monthly series for -only forecast: CSV with dataset,id,year,month,y")
	n := flag.Int("n", 60, "how many of them, evenly spread over the file")
	noImport := flag.Bool("no-import", false, "leave out the import")
	flag.Parse()
	if *only == "forecast" {
		if err := besideR(*series, *n); err != nil {
			log.Fatal("bench: ", err)
		}
		return
	}
	if err := run(*size, *rows, *only, !*noImport); err != nil {
		log.Fatal("bench: ", err)
	}
}

func run(size string, rows int, only string, imports bool) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	w, err := bench.NewWorld(size)
	if err != nil {
		return err
	}
	cell := w.Values() / len(w.Indicators)
	few := min(len(w.Indicators), max(1, rows/cell))
	head()
	fmt.Printf("%s: %d units, %d indicators, 24 months, %d figures\n\n", size, w.Tree.Len(), len(w.Indicators), w.Values())
	dir, err := os.MkdirTemp("", "luoshi-beside-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	log.Print("luoshi: load")
	ours, err := loadCube(ctx, w, few)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tall sums\tto luoshi\tto date, share, rank\tto luoshi\timported/s\tto luoshi\t")
	for _, name := range []string{"duckdb", "sqlite", "postgres"} {
		if only != "" && only != name {
			continue
		}
		o, err := beside(ctx, name, dir, w, ours, few, imports)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		o.print(table, len(w.Indicators))
	}
	fmt.Fprintf(table, "luoshi's sums from figures in memory\t%s\t\t\t\t\t\t\n", short(ours.build))
	return table.Flush()
}

// head says where, when and by which command the figures come about.
func head() {
	fmt.Printf("%s\n%s, %d cores, %s %s/%s\ngo run . %s\n", time.Now().Format(time.DateOnly), cpu(), runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH, strings.Join(os.Args[1:], " "))
}

func besideR(path string, n int) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	dir, err := os.MkdirTemp("", "luoshi-beside-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	head()
	return forecasts(ctx, path, dir, n, os.Stdout)
}

// print writes the database's line and luoshi's, which was measured in turn with it.
func (o *other) print(to io.Writer, indicators int) {
	note := ""
	if o.indicators < indicators {
		note = fmt.Sprintf(", %d of %d indicators scaled", o.indicators, indicators)
	}
	fmt.Fprintf(to, "%s%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", o.version, note, short(o.sums), times(o.sums, o.ours.sums),
		short(o.ranks), times(o.ranks, o.ours.ranks), rate(o.imported), against(o.imported, o.luoshi))
	fmt.Fprintf(to, "luoshi beside it\t%s\t1\t%s\t1\t%s\t%s\t\n", short(o.ours.sums), short(o.ours.ranks), rate(o.luoshi), against(o.luoshi, o.luoshi))
	fmt.Fprintf(to, "the memory read once\t%s\t%s\t\t\t\t\t\n", short(o.ours.read), times(o.ours.read, o.ours.sums))
}

func times(a, b time.Duration) string { return fmt.Sprintf("%.3g ×", float64(a)/float64(b)) }

func rate(r float64) string {
	if r == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f", r)
}

func against(theirs, ours float64) string {
	if theirs == 0 || ours == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f ×", theirs/ours)
}

func short(d time.Duration) string {
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit).String()
}

// cpu is what Linux calls the processor.
func cpu() string {
	text, _ := os.ReadFile("/proc/cpuinfo") // elsewhere there is none
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.TrimSpace(strings.TrimLeft(name, "\t :"))
		}
	}
	return "processor not known"
}
