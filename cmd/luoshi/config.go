package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"luoshi.dev/internal/locale"
)

// app is one run of the program: its streams, words and settings.
type app struct {
	words  *locale.Catalogue
	in     io.Reader
	out    io.Writer
	err    io.Writer
	getenv func(string) string

	config string // path of the settings file
	db     string
	speak  string
	quiet  bool
}

// lang is the language of answers: the flag, LUOSHI_LANG, or the terminal's.
func (a *app) lang() locale.Lang {
	return locale.Choose(a.speak, strings.ReplaceAll(strings.SplitN(a.getenv("LC_ALL")+a.getenv("LANG"), ".", 2)[0], "_", "-"), "en")
}

const rootHelp = `luoshi 落实 carries a year of targets through to delivery:
target -> cascade -> figures -> light.

Begin here:
  luoshi demo                        a province's year, in the browser, nothing kept
  luoshi template planner -o plan.xlsx   the workbook a planning office fills in
  luoshi check plan.xlsx             what is in it and what is wrong, nothing saved
  luoshi import plan.xlsx            take it in
  luoshi board --asof 2020-07-31     units × indicators with lights, in the terminal
  luoshi serve                       the same in the browser

Every setting can be given as a flag (--db), an environment variable (LUOSHI_DB)
or a line in the settings file luoshi.toml (db = "..."), in this order.

Exit codes: 0 done · 1 our fault, or a history that is not intact · 2 wrong command line · 3 problems in the input
· 4 not found · 5 conflict · 6 try again later.`

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use: "luoshi", Short: "Carry a year of targets through to delivery", Long: rootHelp,
		SilenceUsage: true, SilenceErrors: true, SuggestionsMinimumDistance: 2,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return a.settings(cmd.Flags()) },
		Args:              cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			err := fmt.Errorf("there is no command %q", args[0])
			if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
				err = fmt.Errorf("%w; did you mean %s?", err, strings.Join(near, ", "))
			}
			return usageError{fmt.Errorf("%w\nSee: luoshi --help", err)}
		},
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w\nSee: %s --help", err, cmd.CommandPath())}
	})
	flags := root.PersistentFlags()
	flags.StringVar(&a.config, "config", "luoshi.toml", "settings file")
	flags.StringVar(&a.db, "db", "luoshi.db", "database: a file (SQLite) or postgres://user@host/name")
	flags.StringVar(&a.speak, "lang", "", "language of answers: zh-Hans, zh-Hant, en")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "no progress bars")
	root.AddGroup(&cobra.Group{ID: "begin", Title: "Begin:"}, &cobra.Group{ID: "work", Title: "Work:"}, &cobra.Group{ID: "trust", Title: "Who acts, and the record:"}, &cobra.Group{ID: "keep", Title: "Keep:"})
	for group, list := range map[string][]*cobra.Command{
		"begin": {a.demoCmd(), a.serveCmd(), a.templateCmd()},
		"work":  {a.checkCmd(), a.importCmd(), a.undoCmd(), a.exportCmd(), a.boardCmd(), a.outlookCmd(), a.cascadeCmd(), a.catchUpCmd(), a.backtestCmd()},
		"trust": {a.userCmd(), a.historyCmd()},
		"keep":  {a.migrateCmd(), a.backupCmd(), a.restoreCmd(), a.benchCmd(), a.versionCmd()},
	} {
		for _, cmd := range list {
			cmd.GroupID = group
			wrapArgs(cmd)
			root.AddCommand(cmd)
		}
	}
	root.AddCommand(a.helpPageCmd(root))
	return root
}

// wrapArgs marks errors about arguments as errors of usage.
func wrapArgs(cmd *cobra.Command) {
	check := cmd.Args
	if check == nil {
		return
	}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageError{fmt.Errorf("%w\nSee: %s --help", err, cmd.CommandPath())}
		}
		return nil
	}
}

// settings fills the flags that were not given from the environment and the file.
func (a *app) settings(flags *pflag.FlagSet) error {
	file := map[string]any{}
	text, err := os.ReadFile(a.config)
	switch {
	case err == nil:
		if err := toml.Unmarshal(text, &file); err != nil {
			return usageError{fmt.Errorf("%s: %w", a.config, err)}
		}
	case !errors.Is(err, fs.ErrNotExist) || flags.Changed("config"):
		return usageError{err}
	}
	var failed error
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Changed || f.Name == "config" || f.Name == "help" {
			return
		}
		value, from := a.getenv("LUOSHI_"+strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))), "the environment"
		if setting, ok := file[f.Name]; ok && value == "" {
			value, from = fmt.Sprint(setting), a.config
		}
		if value == "" {
			return
		}
		if err := f.Value.Set(value); err != nil {
			failed = usageError{fmt.Errorf("%s from %s: %w", f.Name, from, err)}
		}
	})
	for key := range file {
		if flags.Lookup(key) == nil && !knownSetting(key) {
			failed = usageError{fmt.Errorf("%s: there is no setting %q", a.config, key)}
		}
	}
	return failed
}

// knownSetting reports whether some command has the setting: one file serves all.
func knownSetting(key string) bool {
	switch key {
	case "db", "lang", "quiet", "listen", "asof", "data", "unit", "year", "boundaries", "by",
		"key", "url", "host", "proxy", "cert", "tls-key", "oidc-issuer", "oidc-client", "oidc-secret-file", "oidc-name":
		return true
	}
	return false
}
