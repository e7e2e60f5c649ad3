package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"luoshi.dev"
	"luoshi.dev/internal/history"
	"luoshi.dev/internal/store"
)

// errBroken ends a walk along a history that is not whole; what was found is printed.
var errBroken = errors.New("the history is not intact")

func (a *app) historyCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use: "history", Short: "Read the record of what was done, and prove that nobody changed it",
		Long: `Every write is recorded as one event: when, who, what was wanted, on what, what it
was before and what it became. Each event holds the hash of the one before; see
doc/HISTORY.md for what that proves and what it does not.`,
	}
	for _, sub := range []*cobra.Command{a.historyVerifyCmd(), a.historyListCmd(), a.historyKeyCmd(), a.historyCheckpointCmd()} {
		wrapArgs(sub)
		cmd.AddCommand(sub)
	}
	return group(cmd)
}

func (a *app) historyVerifyCmd() *cobra.Command {
	var deep bool
	var marks, key string
	cmd := &cobra.Command{
		Use: "verify", Short: "Walk the chain of events and say whether it is intact",
		Long: `Walk the chain from its first event to its end. --deep also adds up every row that
the history answers for (figures, targets, units, registers, posts, duties) and holds
that against what the events wrote. --marks holds the chain against checkpoints that
an auditor kept elsewhere: only they show that the end was written anew.

Exit code 1 where anything is found.`,
		Example: "  luoshi history verify --deep\n  luoshi history verify --marks checkpoints.jsonl --key auditor.pub.pem",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if (marks == "") != (key == "") {
				return usageError{errors.New("--marks and --key go together: the key checks who signed the checkpoints")}
			}
			kept, err := readMarks(marks, key)
			if err != nil {
				return err
			}
			_, st, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer st.Close()
			return a.verify(cmd.Context(), st, kept, deep)
		},
	}
	cmd.Flags().BoolVar(&deep, "deep", false, "hold every covered row against the events too")
	cmd.Flags().StringVar(&marks, "marks", "", "checkpoints kept elsewhere")
	cmd.Flags().StringVar(&key, "key", "", "public key (PEM) by which the checkpoints were signed")
	return cmd
}

// readMarks reads checkpoints that the key's owner signed.
func readMarks(marks, key string) ([]history.Checkpoint, error) {
	if marks == "" {
		return nil, nil
	}
	text, err := readFile(key)
	if err != nil {
		return nil, err
	}
	public, err := history.PublicKey(text)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(marks) //nolint:gosec // the user names it
	if err != nil {
		return nil, noFile(marks, err)
	}
	defer func() { _ = f.Close() }() // only read
	return history.Read(f, public)
}

func readFile(path string) ([]byte, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the user names it
	return text, noFile(path, err)
}

func noFile(path string, err error) error {
	if err == nil {
		return nil
	}
	return &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("cli.no_file", "path", path), Err: err}
}

// verify walks the chain, prints what is found and ends with errBroken if anything is.
func (a *app) verify(ctx context.Context, st *store.Store, kept []history.Checkpoint, deep bool) error {
	bar := a.progress()
	defer bar.close()
	r, err := history.Verify(ctx, st, kept, deep, func(done, total int64) { bar.step("verify", done, total) })
	if err != nil {
		return err
	}
	bar.close()
	if !r.Intact() {
		for _, m := range r.Found {
			fmt.Fprintln(a.out, "✗", a.words.Say(a.lang(), m))
		}
		a.say("cli.history_broken", "count", len(r.Found))
		return errBroken
	}
	a.say("cli.history_intact", "events", r.Events, "hash", r.End.String())
	if deep {
		a.say("cli.history_deep")
	}
	if len(kept) > 0 {
		a.say("cli.history_marks", "count", len(kept))
	}
	return nil
}

func (a *app) say(key string, pairs ...any) {
	fmt.Fprintln(a.out, a.words.Say(a.lang(), luoshi.Say(key, pairs...)))
}

func (a *app) historyKeyCmd() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use: "key", Short: "Make the pair of keys with which checkpoints are signed and checked",
		Long: `Make an Ed25519 pair: NAME.pem signs and stays secret, NAME.pub.pem checks and may be
given to anybody. Both are PEM, as openssl writes them.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			private, public, err := history.NewKey()
			if err != nil {
				return err
			}
			for _, f := range []struct {
				path string
				text []byte
			}{{out + ".pem", private}, {out + ".pub.pem", public}} {
				if err := writeNew(f.path, f.text); err != nil {
					return err
				}
			}
			a.say("cli.history_key", "private", out+".pem", "public", out+".pub.pem")
			return nil
		},
	}
	cmd.Flags().StringVar(&out, "out", "history", "name of the two files, without ending")
	return cmd
}

// writeNew writes a file that must not be there yet, for its owner alone.
func writeNew(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the user names it
	if errors.Is(err, os.ErrExist) {
		return &luoshi.Error{Code: luoshi.Conflict, Message: luoshi.Say("cli.file_there", "path", path)}
	}
	if err != nil {
		return noFile(filepath.Dir(path), err)
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

func (a *app) historyCheckpointCmd() *cobra.Command {
	var key, out string
	cmd := &cobra.Command{
		Use: "checkpoint", Short: "Sign the end of the chain, for an auditor to keep elsewhere",
		Long: `Walk the chain and, if it is intact, sign its last event: number, hash and instant.
The line is added to the file (--out, "-" = printed). Keep the file, or a copy, where
those who run the database cannot reach it: "luoshi history verify --marks" holds the
chain against it.`,
		Example: "  luoshi history checkpoint --key history.pem --out /media/usb/checkpoints.jsonl",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, err := readFile(key)
			if err != nil {
				return err
			}
			private, err := history.PrivateKey(text)
			if err != nil {
				return err
			}
			_, st, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer st.Close()
			r, err := history.Verify(cmd.Context(), st, nil, false, nil)
			if err != nil {
				return err
			}
			switch {
			case !r.Intact():
				return a.verify(cmd.Context(), st, nil, false)
			case r.Events == 0:
				return &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("cli.history_empty")}
			}
			line, err := json.Marshal(history.Sign(private, r.Events, r.End, time.Now()))
			if err != nil {
				return err
			}
			if out == "-" {
				fmt.Fprintln(a.out, string(line))
				return nil
			}
			f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600) //nolint:gosec // the user names it
			if err != nil {
				return noFile(out, err)
			}
			_, err = fmt.Fprintln(f, string(line))
			if err = errors.Join(err, f.Close()); err == nil {
				a.say("cli.history_checkpoint", "event", r.Events, "path", out)
			}
			return err
		},
	}
	cmd.Flags().StringVar(&key, "key", "history.pem", "private key (PEM) that signs")
	cmd.Flags().StringVar(&out, "out", "-", "file to which the checkpoint is added")
	return cmd
}

func (a *app) historyListCmd() *cobra.Command {
	var q history.Query
	var from, to, format string
	cmd := &cobra.Command{
		Use: "list", Short: "List events, the newest first",
		Long: `List events, the newest first. An object is named as the events name it: "target
inv 340100 2020", "figure inv 340100 2020-01..06 cumulative", "import 12", "unit
340100"; or by its beginning in whole words: "target inv". People are shown by their
number (#12); CSV has every field, with the hashes.`,
		Example: "  luoshi history list --person \"#12\" --from 2020-07-01\n  luoshi history list --object \"target inv\" --unit 340100 --limit 0 --format csv > events.csv",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if format != "table" && format != "csv" {
				return usageError{fmt.Errorf("--format is table or csv, not %q", format)}
			}
			for _, day := range []struct {
				text string
				to   *luoshi.Date
			}{{from, &q.From}, {to, &q.To}} {
				if day.text == "" {
					continue
				}
				if *day.to, err = luoshi.ParseDate(day.text); err != nil {
					return err
				}
			}
			if !cmd.Flags().Changed("unit") { // the boards' setting is not meant
				q.Unit = ""
			}
			_, st, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer st.Close()
			list, err := history.List(cmd.Context(), st, q, luoshi.DateOf(time.Now()))
			if err != nil {
				return err
			}
			if format == "csv" {
				return eventsCSV(a.out, list)
			}
			a.printEvents(list)
			return nil
		},
	}
	cmd.Flags().StringVar(&q.Person, "person", "", "who acted or for whom: #12 or a sign-in name")
	cmd.Flags().StringVar(&q.Unit, "unit", "", "unit code; with the units below it")
	cmd.Flags().StringVar(&q.Object, "object", "", "what was acted on")
	cmd.Flags().StringVar(&q.Intent, "intent", "", "what was wanted: target.set, figure.report …")
	cmd.Flags().StringVar(&from, "from", "", "first day")
	cmd.Flags().StringVar(&to, "to", "", "last day")
	cmd.Flags().IntVar(&q.Limit, "limit", 100, "how many at most; 0 = all")
	cmd.Flags().StringVar(&format, "format", "table", "table or csv")
	complete(cmd, "format", "table", "csv")
	return cmd
}

func (a *app) printEvents(list []history.Line) {
	lang := a.lang()
	word := func(key string) string { return a.words.Word(lang, key) }
	if len(list) == 0 {
		a.say("cli.events_none")
		return
	}
	rows := make([][]string, len(list))
	for i, e := range list {
		intent := e.Intent
		if a.words.Has("intent." + e.Intent) {
			intent = word("intent." + e.Intent)
		}
		rows[i] = []string{strconv.FormatInt(e.Seq, 10), e.At.In(luoshi.Zone).Format("2006-01-02 15:04:05"), a.actor(e), intent, e.Object, e.UnitCode, e.Reason}
	}
	heads := []string{"#", word("cli.events_time"), word("cli.events_who"), word("cli.events_intent"), word("cli.events_object"), word("cli.events_unit"), word("cli.events_reason")}
	a.table(heads, rows, len(heads))
}

// actor is who acted, and for whom, by numbers; the sign-in name beside it where
// there still is one.
func (a *app) actor(e history.Line) string {
	if e.Actor == 0 {
		return a.words.Word(a.lang(), "cli.events_system")
	}
	who := strings.TrimSpace(number(e.Actor) + " " + e.Who)
	if e.Behalf != 0 {
		who += " → " + strings.TrimSpace(number(e.Behalf)+" "+e.For)
	}
	return who
}

// number is how the record names a person.
func number(id luoshi.PersonID) string {
	if id == 0 {
		return ""
	}
	return "#" + strconv.FormatInt(int64(id), 10)
}

// eventsCSV writes every field of the events; people by number alone.
func eventsCSV(w io.Writer, list []history.Line) error {
	out := csv.NewWriter(w)
	rows := [][]string{strings.Fields("seq at actor behalf intent object unit unit_code before after reason request covers prev hash")}
	for _, e := range list {
		rows = append(rows, []string{strconv.FormatInt(e.Seq, 10), e.At.UTC().Format(time.RFC3339Nano), number(e.Actor), number(e.Behalf), e.Intent, e.Object,
			strconv.FormatInt(int64(e.Unit), 10), e.UnitCode, e.Before, e.After, e.Reason, e.Request, e.Covers, e.Prev.String(), e.Hash.String()})
	}
	return out.WriteAll(rows)
}
