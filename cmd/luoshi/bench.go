package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"luoshi.dev/internal/bench"
)

func (a *app) benchCmd() *cobra.Command {
	var opt bench.Options
	cmd := &cobra.Command{
		Use: "bench", Short: "Measure this machine against the bars, as ratios taken in one run",
		Long: `Measure the cube, cascade, commits, import, start and pages on generated data, each
beside its yardstick, in databases of its own that are gone afterwards. A province
takes about two minutes; --only outlook makes all outlooks of one, which takes some
minutes more and is left out otherwise. Nothing of --db is touched.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.bench(cmd.Context(), opt) },
	}
	flags := cmd.Flags()
	flags.StringVar(&opt.Size, "size", "province", "province, nation or both")
	flags.StringVar(&opt.Only, "only", "", "one part of: cube, cascade, commit, import, start, pages, outlook")
	flags.StringVar(&opt.Postgres, "postgres", "", "postgres:// address of a server on which a database may be made and dropped")
	flags.StringVar(&opt.Dir, "dir", "", "where the databases are written; default a temporary folder")
	flags.StringVar(&opt.Serve, "serve", "", "address of a running server whose pages are asked for; nothing else is measured")
	flags.StringVar(&opt.Login, "login", "", "with --serve: who asks; the password is read from LUOSHI_PASSWORD")
	complete(cmd, "size", "province", "nation", "both")
	complete(cmd, "only", bench.Parts()...)
	return cmd
}

func (a *app) bench(ctx context.Context, opt bench.Options) error {
	opt.Password = a.getenv("LUOSHI_PASSWORD")
	if opt.Serve == "" {
		self, err := os.Executable()
		if err != nil {
			return err
		}
		opt.Command = []string{self, "serve", "--quiet", "--db", "{db}", "--listen", "{listen}"}
	}
	lang := a.lang()
	bar := a.progress()
	err := bench.Run(ctx, opt, func(r bench.Row) {
		bar.close()
		mark := "✓"
		if !r.Met {
			mark = "✗"
		}
		fmt.Fprintf(a.out, "%s %s: %s", mark, a.words.Say(lang, r.What), a.words.Say(lang, r.Value))
		if r.Bar.Key != "" {
			fmt.Fprintf(a.out, "  (%s)", a.words.Say(lang, r.Bar))
		}
		fmt.Fprintln(a.out)
	}, bar.step)
	bar.close()
	return err
}
