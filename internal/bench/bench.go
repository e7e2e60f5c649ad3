package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"luoshi.dev"
)

// Options say what is measured, and where.
type Options struct {
	Size     string // "province", "nation" or "both"; "" = province
	Postgres string // address of a server on which a database may be made and dropped; "" = SQLite alone
	Dir      string // where the databases are written; "" = a temporary folder
	Only     string // one of Parts; "" = all
	Serve    string // address of a running server whose pages are asked for; nothing else is measured then
	Login    string // who asks there
	Password string
	Command  []string // starts a server; "{db}" and "{listen}" are put in. Without it no pages are asked for
}

// Parts lists what can be asked for alone, in the order in which it is measured.
func Parts() []string {
	return []string{"cube", "cascade", "commit", "import", "start", "pages", "outlook"}
}

// Row is one thing measured against its bar.
type Row struct {
	What  luoshi.Message // what was done
	Bar   luoshi.Message // what is to be reached; no Key where there is no bar
	Value luoshi.Message // what was measured
	Ratio float64        // measured against the yardstick or the bar, as Bar says
	Met   bool
}

// run is one call of Run.
type run struct {
	Options
	report   func(Row)
	progress func(stage string, done, total int64)
}

// Run measures, and tells of each row as soon as it is there. It takes about two
// minutes for a province, and longer for a nation.
func Run(ctx context.Context, opt Options, report func(Row), progress func(stage string, done, total int64)) error {
	if opt.Size == "" {
		opt.Size = "province"
	}
	sizes := []string{opt.Size}
	if opt.Size == "both" {
		sizes = []string{"province", "nation"}
	}
	if opt.Only != "" && !slices.Contains(Parts(), opt.Only) {
		return &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("bench.part", "text", opt.Only)}
	}
	if progress == nil {
		progress = func(string, int64, int64) {}
	}
	dir, err := os.MkdirTemp(opt.Dir, "luoshi-bench-")
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer os.RemoveAll(dir)
	opt.Dir = dir
	r := &run{opt, report, progress}
	if opt.Serve != "" {
		base := strings.TrimSuffix(opt.Serve, "/")
		who := visitor{}
		if opt.Login != "" {
			var err error
			if who, err = signIn(ctx, base, opt.Login, opt.Password); err != nil {
				return err
			}
		}
		return r.crowd(ctx, who, base, nil, luoshi.Say("bench.what.pages_at", "address", opt.Serve), luoshi.Message{}, 0)
	}
	for _, size := range sizes {
		w, err := NewWorld(size)
		if err != nil {
			return err
		}
		if err := r.world(ctx, w); err != nil {
			return fmt.Errorf("bench %s: %w", size, err)
		}
	}
	return nil
}

func (r *run) world(ctx context.Context, w *World) error {
	if r.wants("cube") {
		if err := r.cube(ctx, w); err != nil {
			return err
		}
	}
	if r.wants("cascade") && w.Name != "nation" {
		if err := r.cascade(ctx, w); err != nil {
			return err
		}
	}
	if r.Only == "outlook" && w.Name != "nation" { // minutes: only where asked for
		return r.onBoth(ctx, w, r.outlook)
	}
	if !r.wants("commit", "import", "start", "pages") {
		return nil
	}
	return r.onBoth(ctx, w, r.database)
}

// onBoth measures in a file, and on the server where one is named.
func (r *run) onBoth(ctx context.Context, w *World, measure func(ctx context.Context, w *World, dsn string) error) error {
	err := measure(ctx, w, r.Dir+"/"+w.Name+".db")
	if err != nil || r.Postgres == "" || w.Name == "nation" {
		return err
	}
	dsn, drop, err := makeDatabase(ctx, r.Postgres)
	if err != nil {
		return err
	}
	return errors.Join(measure(ctx, w, dsn), drop())
}

func (r *run) wants(parts ...string) bool {
	return r.Only == "" || slices.Contains(parts, r.Only)
}

// ratio tells of a time held against a yardstick measured beside it.
func (r *run) ratio(what luoshi.Message, took, yardstick time.Duration, atMost float64) {
	ratio := float64(took) / float64(yardstick)
	r.report(Row{
		What: what, Bar: luoshi.Say("bench.bar.ratio", "ratio", number(atMost)),
		Value: luoshi.Say("bench.value.ratio", "time", short(took), "yardstick", short(yardstick), "ratio", number(ratio)),
		Ratio: ratio, Met: ratio <= atMost,
	})
}

// within tells of a time held against a fixed one.
func (r *run) within(what luoshi.Message, took, bar time.Duration) {
	r.report(Row{
		What: what, Bar: luoshi.Say("bench.bar.time", "time", short(bar)), Value: luoshi.Say("bench.value.time", "time", short(took)),
		Ratio: float64(took) / float64(bar), Met: took < bar,
	})
}

// rate tells of things done in a second.
func (r *run) rate(what luoshi.Message, n int, took time.Duration, bar float64) {
	rate := float64(n) / took.Seconds()
	r.report(Row{
		What: what, Bar: luoshi.Say("bench.bar.rate", "rate", int(bar)),
		Value: luoshi.Say("bench.value.rate", "rate", int(rate), "count", n, "time", short(took)), Ratio: rate / bar, Met: rate >= bar,
	})
}

// note tells of a time that has no bar and explains another row.
func (r *run) note(what luoshi.Message, took time.Duration) {
	r.report(Row{What: what, Value: luoshi.Say("bench.value.time", "time", short(took)), Met: true})
}

// short writes a time with three significant digits.
func short(d time.Duration) string {
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit).String()
}

func number(x float64) string { return fmt.Sprintf("%.2f", x) }

// median returns the middle one of several times.
func median(list []time.Duration) time.Duration {
	list = slices.Clone(list)
	slices.Sort(list)
	return list[len(list)/2]
}

// best returns the least of several times: what the machine does when nothing
// else is running on it. Yardstick and row are treated alike.
func best(list []time.Duration) time.Duration { return slices.Min(list) }

// percentile returns the time below which p of a hundred are.
func percentile(list []time.Duration, p int) time.Duration {
	list = slices.Clone(list)
	slices.Sort(list)
	return list[min(len(list)-1, len(list)*p/100)]
}
