package main

import (
	"database/sql"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	_ "modernc.org/sqlite"
)

// must runs the program and fails unless it ends well.
func must(t *testing.T, dir string, args ...string) string {
	t.Helper()
	code, out, errs := call(t, dir, args...)
	if code != exitOK {
		t.Fatalf("%v: exit %d\n%s%s", args, code, out, errs)
	}
	return out
}

// tamper is another hand at the database.
func tamper(t *testing.T, dir, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "luoshi.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// An auditor's year: keys, checkpoints, the chain intact; then another hand, at a
// figure, at an event, at the end of the chain, each found by the command that can.
func TestHistoryCommands(t *testing.T) {
	dir := office(t)
	for _, file := range []string{"units.csv", "indicators.csv", "targets.csv", "figures.csv"} {
		must(t, dir, "import", file, "--by", "clerk")
	}
	must(t, dir, "history", "key", "--out", "auditor")
	if info, err := os.Stat(filepath.Join(dir, "auditor.pem")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the private key: %v %v", info, err)
	}
	if code, _, errs := call(t, dir, "history", "key", "--out", "auditor"); code != exitConflict || !strings.Contains(errs, "auditor.pem") {
		t.Errorf("a key written over: %d %s", code, errs)
	}
	must(t, dir, "history", "checkpoint", "--key", "auditor.pem", "--out", "kept.jsonl")
	must(t, dir, "undo", "4")
	if out := must(t, dir, "history", "checkpoint", "--key", "auditor.pem"); !strings.HasPrefix(out, `{"seq":5,`) {
		t.Errorf("a checkpoint printed: %s", out)
	}
	must(t, dir, "history", "checkpoint", "--key", "auditor.pem", "--out", "kept.jsonl")
	marks := []string{"history", "verify", "--deep", "--marks", "kept.jsonl", "--key", "auditor.pub.pem"}
	if out := must(t, dir, marks...); !strings.Contains(out, "Intact: 5 events") || !strings.Contains(out, "checkpoints: 2") {
		t.Errorf("intact: %s", out)
	}
	for _, c := range []struct {
		name, do, undo string
		args           []string
		want           string
	}{
		{"a figure", "UPDATE figure SET value = 1 WHERE value = 20611", "UPDATE figure SET value = 20611 WHERE value = 1", []string{"history", "verify", "--deep"}, "table figure"},
		{"an event", "UPDATE event SET reason = 'x' WHERE seq = 2", "UPDATE event SET reason = '' WHERE seq = 2", []string{"history", "verify"}, "event 2"},
		{"the end", "DELETE FROM event WHERE seq = 5; UPDATE chain SET seq = 4, hash = (SELECT hash FROM event WHERE seq = 4)", "", marks, "Event 5"},
	} {
		tamper(t, dir, c.do)
		code, out, errs := call(t, dir, c.args...)
		if code != exitInternal || !strings.Contains(out, c.want) || !strings.Contains(out, "Not intact") {
			t.Errorf("%s: exit %d\n%s%s", c.name, code, out, errs)
		}
		if code, _, _ := call(t, dir, "--lang", "zh-Hant", "history", "checkpoint", "--key", "auditor.pem"); c.undo != "" && c.name == "an event" && code != exitInternal {
			t.Errorf("%s: a checkpoint of a broken chain: %d", c.name, code)
		}
		if c.undo != "" {
			tamper(t, dir, c.undo)
		}
	}
	if code, out, _ := call(t, dir, "history", "verify"); code != exitOK {
		t.Errorf("without checkpoints an end cut off does not show: %d %s", code, out)
	}
}

// What is listed, by each filter, as a table and as CSV.
func TestHistoryList(t *testing.T) {
	dir := office(t)
	for _, file := range []string{"units.csv", "indicators.csv", "targets.csv", "figures.csv"} {
		must(t, dir, "import", file, "--note", "常务会议")
	}
	must(t, dir, "user", "add", "chen", "--role", "viewer", "--unit", "340100")
	for _, c := range []struct {
		name string
		args []string
		want string // numbers of the events
	}{
		{"all", nil, "6 5 4 3 2 1"},
		{"the newest", []string{"--limit", "2"}, "6 5"},
		{"an intent", []string{"--intent", "figure.report"}, "4"},
		{"an object", []string{"--object", "import 3"}, "3"},
		{"all imports", []string{"--object", "import"}, "4 3 2 1"},
		{"a batch", []string{"--object", "batch 2"}, "2"},
		{"a unit and those below", []string{"--unit", "340000"}, "6 4 3 1"},
		{"a person", []string{"--person", "chen"}, ""},
		{"a day long past", []string{"--to", "2020-01-01"}, ""},
		{"since a day", []string{"--from", "2020-01-01", "--limit", "0"}, "6 5 4 3 2 1"},
	} {
		out := must(t, dir, append([]string{"history", "list", "--format", "csv"}, c.args...)...)
		rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		var seqs []string
		for _, row := range rows[1:] {
			seqs = append(seqs, row[0])
		}
		if got := strings.Join(seqs, " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	out := must(t, dir, "history", "list")
	for _, want := range []string{"command line", "import 4", "report figures", "340000", "常务会议"} {
		if !strings.Contains(out, want) {
			t.Errorf("the table lacks %q:\n%s", want, out)
		}
	}
	if out := must(t, dir, "--lang", "zh-Hans", "history", "list", "--to", "2020-01-01"); !strings.Contains(out, "没有符合条件的记录") {
		t.Errorf("nothing to list: %s", out)
	}
}

// People are added, reset, unlocked and made anonymous, each once on record; a first
// password is shown and never kept.
func TestUserCommands(t *testing.T) {
	dir := office(t)
	must(t, dir, "import", "units.csv")
	out := must(t, dir, "user", "add", "Chen", "--name", "陈安", "--role", "reporter", "--unit", "340100", "--from", "2026-01-01")
	password := regexp.MustCompile(`[0-9a-z]{4}(-[0-9a-z]{4})+`).FindString(out)
	if password == "" || !strings.Contains(out, "#1") {
		t.Fatalf("no first password: %s", out)
	}
	if out := must(t, dir, "user", "list"); !strings.Contains(out, "陈安") || !strings.Contains(out, "340100 2026-01-01–") || !strings.Contains(out, "must change") || strings.Contains(out, password) {
		t.Errorf("listed: %s", out)
	}
	if out := must(t, dir, "user", "reset", "chen", "--second-factor"); strings.Contains(out, password) {
		t.Errorf("the same password again: %s", out)
	}
	must(t, dir, "user", "unlock", "#1")
	for _, c := range []struct {
		want int
		say  string
		args []string
	}{
		{exitConflict, "chen", []string{"user", "add", "chen"}},
		{exitInvalid, "role", []string{"user", "add", "li", "--role", "king"}},
		{exitNotFound, "999999", []string{"user", "add", "li", "--role", "viewer", "--unit", "999999"}},
		{exitInvalid, "", []string{"user", "add", "li", "--role", "viewer", "--from", "someday"}},
		{exitUsage, "--role", []string{"user", "add", "li", "--unit", "340100"}},
		{exitNotFound, "nobody", []string{"user", "reset", "nobody"}},
		{exitInvalid, "reason", []string{"user", "anonymise", "chen"}},
		{exitUsage, "user fly", []string{"user", "fly"}},
		{exitUsage, "accepts", []string{"user", "reset"}},
		{exitUsage, "--format", []string{"history", "list", "--format", "pdf"}},
		{exitUsage, "--marks", []string{"history", "verify", "--marks", "x"}},
		{exitNotFound, "none.pem", []string{"history", "verify", "--marks", "x", "--key", "none.pem"}},
		{exitNotFound, "none.pem", []string{"history", "checkpoint", "--key", "none.pem"}},
		{exitInvalid, "", []string{"history", "checkpoint", "--key", "units.csv"}},
		{exitNotFound, "nobody", []string{"history", "list", "--person", "nobody"}},
		{exitNotFound, "999999", []string{"history", "list", "--unit", "999999"}},
	} {
		code, out, errs := call(t, dir, c.args...)
		if code != c.want || !strings.Contains(strings.ToLower(errs), c.say) {
			t.Errorf("%v: exit %d, want %d\n%s%s", c.args, code, c.want, out, errs)
		}
	}
	must(t, dir, "user", "anonymise", "chen", "--reason", "left")
	if out := must(t, dir, "user", "list"); strings.Contains(out, "陈安") || !strings.Contains(out, "anonymous") {
		t.Errorf("still known: %s", out)
	}
	if out := must(t, dir, "history", "list", "--object", "person 1", "--format", "csv"); strings.Count(out, "\n") != 5 || strings.Contains(out, "陈") || strings.Contains(out, password) {
		t.Errorf("on record: %s", out)
	}
	must(t, dir, "history", "verify", "--deep")
}

// tool is the path of a program of others. LUOSHI_TEST_TOOLS=1 forbids to do without.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	switch {
	case err == nil:
	case os.Getenv("LUOSHI_TEST_TOOLS") != "":
		t.Fatal(err)
	default:
		t.Skip("no " + name)
	}
	return path
}

// The history is checked with other tools, by the script of doc/HISTORY.md and by
// openssl; both find what was changed.
func TestHistoryWithOtherTools(t *testing.T) {
	python, openssl := tool(t, "python3"), tool(t, "openssl")
	text, err := os.ReadFile("../../doc/HISTORY.md")
	if err != nil {
		t.Fatal(err)
	}
	_, script, _ := strings.Cut(string(text), "```python\n")
	script, _, _ = strings.Cut(script, "```")
	dir := office(t)
	write(t, dir, "check.py", script)
	for _, file := range []string{"units.csv", "indicators.csv", "targets.csv", "figures.csv"} {
		must(t, dir, "import", file, "--note", "两行\n\"理由\"")
	}
	must(t, dir, "history", "key", "--out", "auditor")
	must(t, dir, "history", "checkpoint", "--key", "auditor.pem", "--out", "kept.jsonl")
	must(t, dir, "user", "add", "chen")
	events := must(t, dir, "history", "list", "--limit", "0", "--format", "csv")
	write(t, dir, "events.csv", events)
	tool := func(name string, args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), name, args...) //nolint:gosec // of this test
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := tool(python, "check.py", "events.csv", "kept.jsonl")
	if err != nil || !strings.Contains(out, "5 events") {
		t.Fatalf("%v %s", err, out)
	}
	check := []string{"pkeyutl", "-verify", "-pubin", "-inkey", "auditor.pub.pem", "-rawin", "-in", "signed.txt", "-sigfile", "signature.bin"}
	if out, err := tool(openssl, check...); err != nil || !strings.Contains(out, "Verified Successfully") {
		t.Errorf("%v %s", err, out)
	}
	write(t, dir, "events.csv", strings.Replace(events, "import 2", "import 9", 1))
	if out, err := tool(python, "check.py", "events.csv", "kept.jsonl"); err == nil || !strings.Contains(out, "broken at event 2") {
		t.Errorf("an event changed: %v %s", err, out)
	}
	signed, err := os.ReadFile(filepath.Join(dir, "signed.txt"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "signed.txt", strings.Replace(string(signed), "\n4\n", "\n5\n", 1))
	if out, err := tool(openssl, check...); err == nil {
		t.Errorf("another checkpoint passes: %s", out)
	}
}
