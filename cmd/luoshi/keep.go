package main

import (
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"luoshi.dev"
	"luoshi.dev/internal/store"
)

func (a *app) migrateCmd() *cobra.Command {
	return &cobra.Command{
		Use: "migrate", Short: "Bring the database's tables up to date",
		Long: "Bring the tables up to date. serve and import do this by themselves; migrate is\nfor doing it at a chosen moment, for instance before several servers start.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, st, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer st.Close()
			v, err := st.Version(cmd.Context())
			if err == nil {
				fmt.Fprintln(a.out, a.words.Say(a.lang(), luoshi.Say("cli.migrated", "version", v)))
			}
			return err
		},
	}
}

func (a *app) backupCmd() *cobra.Command {
	return &cobra.Command{
		Use: "backup FILE", Short: "Save the whole database while it is in use, and prove that it restores",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, st, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer st.Close()
			bar := a.progress()
			defer bar.close()
			if err := st.Backup(cmd.Context(), args[0], func(done, total int64) { bar.step("backup", done, total) }); err != nil {
				return err
			}
			bar.close()
			fmt.Fprintln(a.out, a.words.Say(a.lang(), luoshi.Say("cli.backed_up", "path", args[0])))
			return nil
		},
	}
}

func (a *app) restoreCmd() *cobra.Command {
	return &cobra.Command{
		Use: "restore FILE", Short: "Fill an empty database (--db) from a backup, of either kind",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			bar := a.progress()
			defer bar.close()
			if err := store.Restore(cmd.Context(), args[0], a.db, func(done, total int64) { bar.step("restore", done, total) }); err != nil {
				return err
			}
			bar.close()
			fmt.Fprintln(a.out, a.words.Say(a.lang(), luoshi.Say("cli.restored", "path", args[0])))
			return nil
		},
	}
}

func (a *app) versionCmd() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Say which version this is", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprintln(a.out, "luoshi", version())
			return nil
		},
	}
}

// version is what the build knows of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v, revision := info.Main.Version, ""
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			revision = " " + s.Value[:min(12, len(s.Value))]
		}
	}
	return v + revision + " " + info.GoVersion
}

// helpPageCmd prints the whole help as one page, kept as doc/CLI.md.
func (a *app) helpPageCmd(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "help-page", Hidden: true, Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprintf(a.out, "# The command line\n\nWritten by `luoshi help-page`.\n\n```\n%s\n```\n", root.Long)
			a.helpOf("luoshi", root)
			return nil
		},
	}
}

// helpOf prints the help of every command under one.
func (a *app) helpOf(path string, under *cobra.Command) {
	for _, cmd := range under.Commands() {
		if cmd.Hidden || cmd.Name() == "help" || cmd.Name() == "completion" {
			continue
		}
		long := cmd.Long
		if long == "" {
			long = cmd.Short + "."
		}
		if flags := strings.TrimRight(cmd.LocalFlags().FlagUsages(), "\n"); flags != "" || !cmd.HasSubCommands() {
			long += "\n\n" + flags
		}
		fmt.Fprintf(a.out, "\n## %s %s\n\n```\n%s\n```\n", path, cmd.Use, long)
		a.helpOf(path+" "+cmd.Name(), cmd)
	}
}
