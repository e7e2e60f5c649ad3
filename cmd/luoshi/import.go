package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/internal/store"
)

// open opens the database, brings its tables up to date and wraps it.
func (a *app) open(ctx context.Context) (*service.Service, *store.Store, error) {
	st, err := store.Open(ctx, a.db, store.Options{})
	if err != nil {
		return nil, nil, err
	}
	if err := st.Migrate(ctx); err != nil {
		_ = st.Close()
		return nil, nil, err
	}
	return service.New(st, time.Now), st, nil
}

// openIfThere is open for commands that save nothing: where there is no database
// file yet they look at an empty one that is gone afterwards.
func (a *app) openIfThere(ctx context.Context) (*service.Service, func(), error) {
	clean := func() {}
	if _, err := os.Stat(a.db); errors.Is(err, fs.ErrNotExist) && !strings.Contains(a.db, "://") {
		dir, err := os.MkdirTemp("", "luoshi-")
		if err != nil {
			return nil, nil, err
		}
		a.db, clean = filepath.Join(dir, "empty.db"), func() { _ = os.RemoveAll(dir) }
	}
	svc, st, err := a.open(ctx)
	if err != nil {
		clean()
		return nil, nil, err
	}
	return svc, func() { _ = st.Close(); clean() }, nil
}

func (a *app) importCmd() *cobra.Command {
	var opt service.ImportOptions
	cmd := &cobra.Command{
		Use: "import FILE...", Short: "Take in workbooks of units, indicators, targets, goals and figures",
		Long: `Take in one or more workbooks (.xlsx), CSV files, or folders or .zip files of CSV.
Sheets are recognised by their names or heads, in Chinese or English; see
"luoshi template" for workbooks to fill.

Everything is checked. If anything is wrong, nothing is saved and every problem is
listed with its cell, the rule and the way out; --save-right saves the right rows
all the same. What is already known is left alone; a changed figure becomes a new
version beside the old one. "luoshi undo" takes a whole import back.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.importFiles(cmd.Context(), args, opt) },
	}
	cmd.Flags().BoolVar(&opt.SaveRight, "save-right", false, "save what is right although something is wrong")
	cmd.Flags().BoolVar(&opt.History, "history", false, "count figures as known from their day of publication (for setting up)")
	cmd.Flags().StringVar(&opt.By, "by", "", "who imports")
	cmd.Flags().StringVar(&opt.Note, "note", "", "a remark kept with the import")
	return cmd
}

func (a *app) checkCmd() *cobra.Command {
	opt := service.ImportOptions{DryRun: true}
	cmd := &cobra.Command{
		Use: "check FILE...", Short: "Say what a workbook holds and what is wrong with it; save nothing",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.importFiles(cmd.Context(), args, opt) },
	}
	cmd.Flags().BoolVar(&opt.History, "history", false, "as for import")
	return cmd
}

func (a *app) importFiles(ctx context.Context, paths []string, opt service.ImportOptions) error {
	open := a.openIfThere
	if !opt.DryRun {
		open = func(ctx context.Context) (*service.Service, func(), error) {
			svc, st, err := a.open(ctx)
			if err != nil {
				return nil, nil, err
			}
			return svc, func() { _ = st.Close() }, nil
		}
	}
	svc, done, err := open(ctx)
	if err != nil {
		return err
	}
	defer done()
	blocked := false
	for _, path := range paths {
		bar := a.progress()
		opt.Name, opt.Progress = path, bar.step
		report, err := svc.ImportPath(ctx, path, opt)
		bar.close()
		if err != nil {
			return err
		}
		a.printReport(path, report, opt)
		blocked = blocked || luoshi.Blocked(report.Problems)
	}
	if blocked {
		return errProblems
	}
	return nil
}

// problemsShown bounds how many problems are printed; the rest are counted.
const problemsShown = 200

func (a *app) printReport(path string, r *service.ImportReport, opt service.ImportOptions) {
	lang := a.lang()
	say := func(key string, pairs ...any) { fmt.Fprintln(a.out, a.words.Say(lang, luoshi.Say(key, pairs...))) }
	say("cli.file", "path", path)
	for _, sheet := range r.Sheets {
		name := sheet.Name
		if name == "" { // a CSV file is one sheet without a name
			name = filepath.Base(sheet.File)
		}
		say("cli.sheet", "name", name, "kind", luoshi.Say("sheetkind."+string(sheet.Kind)), "rows", sheet.Rows)
	}
	for _, kind := range slices.Sorted(maps.Keys(r.Tally)) {
		t := r.Tally[kind]
		say("cli.tally", "kind", luoshi.Say("sheetkind."+string(kind)), "new", t.New, "changed", t.Changed, "same", t.Same, "refused", t.Refused)
	}
	for i, p := range r.Problems {
		if i == problemsShown {
			say("cli.more_problems", "count", len(r.Problems)-i)
			break
		}
		mark := "✗"
		if p.Severity == luoshi.Warning {
			mark = "!"
		}
		fmt.Fprintf(a.out, "  %s %s\n", mark, a.words.Problem(lang, p))
	}
	switch {
	case opt.DryRun:
		say("cli.nothing_saved_check")
	case r.Saved:
		say("cli.saved", "rows", r.Rows(), "batch", r.Batch)
	case luoshi.Blocked(r.Problems):
		say("cli.nothing_saved")
	default:
		say("cli.nothing_new")
	}
}

func (a *app) undoCmd() *cobra.Command {
	var list bool
	var by string
	cmd := &cobra.Command{
		Use: "undo [IMPORT]", Short: "Take a whole import of figures back, or list the imports",
		Long: "Take the figures of an import back by its number: the versions before it hold again,\nand both stay on record. Without a number the imports are listed.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			svc, st, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer st.Close()
			if list || len(args) == 0 {
				return a.printBatches(cmd.Context(), st)
			}
			var batch int64
			if _, err := fmt.Sscan(args[0], &batch); err != nil {
				return usageError{fmt.Errorf("%q is not the number of an import", args[0])}
			}
			if _, err := svc.UndoImport(cmd.Context(), batch, by, ""); err != nil {
				return err
			}
			fmt.Fprintln(a.out, a.words.Say(a.lang(), luoshi.Say("cli.undone", "batch", batch)))
			return nil
		},
	}
	cmd.Flags().BoolVar(&list, "list", false, "list the imports")
	cmd.Flags().StringVar(&by, "by", "", "who takes it back")
	return cmd
}

func (a *app) printBatches(ctx context.Context, st *store.Store) error {
	batches, err := st.Batches(ctx)
	if err != nil {
		return err
	}
	rows := [][]string{}
	for _, b := range batches {
		rows = append(rows, []string{fmt.Sprint(b.ID), b.At.In(luoshi.Zone).Format("2006-01-02 15:04"), fmt.Sprint(b.Rows), b.By, b.Name})
	}
	a.table(strings.Fields("# time rows by file"), rows, 3)
	return nil
}
