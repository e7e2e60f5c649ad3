package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"luoshi.dev/internal/backtest"
)

func (a *app) backtestCmd() *cobra.Command {
	var series, cases, out string
	cmd := &cobra.Command{
		Use: "backtest", Short: "What the outlook would have said, on any series, beside what came",
		Long: `Cuts each series at the end of the months asked about, foresees the year's total from
what was known then, and writes total, probability of each target, 80 and 95% intervals.

Series: CSV with id, year, month (or quarter), y, and dataset if ids repeat. Cases: CSV with
id, year, a column T_… for each target, a column ytd_… for each month asked about (else 3, 6
and 9), and, to be told how good the answers are, prior_total and actual_total.`,
		Example: `  luoshi backtest --series series.csv --cases cases.csv --out answers.csv`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if series == "" || cases == "" || out == "" {
				return usageError{errors.New("--series, --cases and --out are needed\nSee: luoshi backtest --help")}
			}
			return a.backtest(cmd.Context(), series, cases, out)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&series, "series", "", "CSV file of the series")
	flags.StringVar(&cases, "cases", "", "CSV file of the questions")
	flags.StringVar(&out, "out", "", "CSV file to write")
	return cmd
}

func (a *app) backtest(ctx context.Context, series, cases, out string) error {
	set, err := readBy(series, backtest.ReadSeries)
	if err != nil {
		return err
	}
	asked, err := readBy(cases, backtest.ReadCases)
	if err != nil {
		return err
	}
	bar := a.progress()
	defer bar.close()
	list, err := backtest.Run(ctx, set, asked, func(done, total int64) { bar.step("backtest", done, total) })
	if err != nil {
		return err
	}
	bar.close()
	f, err := os.Create(out) //nolint:gosec // the user names it
	if err != nil {
		return noFile(out, err)
	}
	if err := backtest.Write(f, asked.Names, list); err != nil {
		_ = f.Close() // the first error says more
		return fmt.Errorf("write %s: %w", out, err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("write %s: %w", out, err)
	}
	a.say("cli.backtest", "path", out, "count", len(list))
	if s := backtest.Judge(list); s.Answers > 0 {
		share := func(v float64) string { return fmt.Sprintf("%.1f", v*100) }
		a.say("cli.backtest_score", "count", s.Answers, "error", fmt.Sprintf("%.3f", s.Error*100), "brier", fmt.Sprintf("%.4f", s.Brier),
			"in80", share(s.In80), "in95", share(s.In95), "interval", share(s.IntervalScore))
		r, four := s.Reliability, func(v float64) string { return fmt.Sprintf("%.4f", v) }
		a.say("cli.backtest_reliability", "count", r.N, "brier", four(r.Brier), "mcb", four(r.MCB), "dsc", four(r.DSC), "unc", four(r.UNC))
		a.table([]string{a.words.Word(a.lang(), "cli.backtest_said"), a.words.Word(a.lang(), "cli.backtest_came"), a.words.Word(a.lang(), "cli.backtest_within"), a.words.Word(a.lang(), "cli.backtest_count")}, bins(s), 1)
	}
	return nil
}

// bins are the lines of a reliability diagram: what was said, how often it came, and
// between which shares it would come 90 times in 100 were it true.
func bins(s backtest.Score) [][]string {
	percent := func(v float64) string { return fmt.Sprintf("%.1f%%", 100*v) }
	var rows [][]string
	for _, b := range s.Reliability.Bins {
		rows = append(rows, []string{percent(b.From) + " … " + percent(b.To), percent(b.Rate), percent(b.Low) + " … " + percent(b.High), fmt.Sprint(b.N)})
	}
	return rows
}

// readBy opens a file and reads it; a complaint names the file.
func readBy[T any](path string, read func(r io.Reader) (T, error)) (T, error) {
	var none T
	f, err := os.Open(path) //nolint:gosec // the user names it
	if err != nil {
		return none, noFile(path, err)
	}
	defer func() { _ = f.Close() }() // only read
	return read(f)
}
