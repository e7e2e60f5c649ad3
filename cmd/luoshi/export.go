package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

func (a *app) exportCmd() *cobra.Command {
	var opt service.ExportOptions
	var asof, out string
	cmd := &cobra.Command{
		Use: "export", Short: "Write everything known at an instant as a workbook that import reads",
		Example: "  luoshi export -o year.xlsx --year 2020\n  luoshi export -o july.zip --asof 2020-07-31",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if asof != "" {
				if opt.AsOf, err = luoshi.ParseAsOf(asof); err != nil {
					return err
				}
			}
			svc, done, err := a.openIfThere(cmd.Context())
			if err != nil {
				return err
			}
			defer done()
			opt.Lang, opt.CSV = string(a.lang()), strings.EqualFold(filepath.Ext(out), ".zip")
			return a.writeFile(out, func(w io.Writer) error { return svc.Export(cmd.Context(), w, opt) })
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "luoshi.xlsx", "file: .xlsx, .zip (of CSV), or - for standard output")
	cmd.Flags().StringVar(&asof, "asof", "", "as of which instant; default now")
	cmd.Flags().StringSliceVar(&opt.Indicators, "indicators", nil, "only these indicators")
	cmd.Flags().IntVar(&opt.Year, "year", 0, "only targets and figures of this year")
	cmd.Flags().BoolVar(&opt.Plan, "plan", false, "without figures")
	return cmd
}

// writeFile writes beside the target and renames, so that a file is whole or not
// there.
func (a *app) writeFile(path string, write func(io.Writer) error) error {
	if path == "-" {
		return write(a.out)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".luoshi-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer os.Remove(f.Name())
	if err := write(f); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Chmod(f.Name(), 0o644); err != nil { // as any file that a person makes
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	fmt.Fprintln(a.out, a.words.Say(a.lang(), luoshi.Say("cli.written", "path", path)))
	return nil
}

func (a *app) templateCmd() *cobra.Command {
	var q service.TemplateQuery
	var at lookFlags
	var out string
	cmd := &cobra.Command{
		Use: "template planner|clerk", Short: "Write a workbook to fill in",
		Long: `Write a workbook to fill in and import.

  planner  units, indicators, targets, goals and light schemes, with examples,
           notes on every head and drop-down lists: what a planning office sets up
  clerk    one unit and those below it × the periods of a year, prefilled with what
           is known: what a clerk fills in each month`,
		Example:   "  luoshi template planner -o plan.xlsx\n  luoshi template clerk --unit 340100 --year 2020 -o hefei.xlsx",
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"planner", "clerk"},
		RunE: func(cmd *cobra.Command, args []string) error {
			look, err := at.look()
			if err != nil {
				return err
			}
			if out == "" {
				out = args[0] + ".xlsx"
			}
			q.Look, q.Clerk, q.Lang = look, args[0] == "clerk", string(a.lang())
			return a.template(cmd.Context(), q, out)
		},
	}
	at.add(cmd)
	cmd.Flags().StringVarP(&out, "out", "o", "", "file; default planner.xlsx or clerk.xlsx")
	cmd.Flags().StringSliceVar(&q.Indicators, "indicators", nil, "clerk: only these indicators")
	return cmd
}

func (a *app) template(ctx context.Context, q service.TemplateQuery, out string) error {
	if !q.Clerk {
		return a.writeFile(out, func(w io.Writer) error { return service.PlannerTemplate(w, q.Lang) })
	}
	svc, done, err := a.openIfThere(ctx)
	if err != nil {
		return err
	}
	defer done()
	return a.writeFile(out, func(w io.Writer) error { return svc.ClerkTemplate(ctx, w, q) })
}
