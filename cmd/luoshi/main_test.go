package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// call runs the program in a folder of its own and returns what it said.
func call(t *testing.T, dir string, args ...string) (code int, out, errs string) {
	t.Helper()
	t.Chdir(dir)
	var stdout, stderr bytes.Buffer
	code = run(context.Background(), append([]string{"--lang", "en"}, args...), strings.NewReader(""), &stdout, &stderr, func(string) string { return "" })
	return code, stdout.String(), stderr.String()
}

const year = `indicator,unit code,first year,form,value,holds from
invest,340000,2020,level,322.75,2020-01-01
`

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// office fills a folder with the files of a small planning office.
func office(t *testing.T) string {
	dir := t.TempDir()
	write(t, dir, "units.csv", "code,name,valid from\n340000,安徽省,2019-01-01\n340100,合肥市,2019-01-01\n")
	write(t, dir, "indicators.csv", "code,name,English name,measure,decimals,direction,kind,over time,over units,basis,calendar,reported at\ninvest,投资,Investment,亿元,2,more,flow,sum,sum,cumulative,monthly,province\n")
	write(t, dir, "targets.csv", year)
	write(t, dir, "figures.csv", "indicator,unit code,period,value\ninvest,340000,2020-01..12,206.11\n")
	return dir
}

func TestTheWholeWay(t *testing.T) {
	dir := office(t)
	code, out, errs := call(t, dir, "check", "units.csv")
	if code != exitOK || !strings.Contains(out, "2 new") {
		t.Fatalf("check: %d %s %s", code, out, errs)
	}
	if _, err := os.Stat(filepath.Join(dir, "luoshi.db")); err == nil {
		t.Error("check left a database behind")
	}
	for _, file := range []string{"units.csv", "indicators.csv", "targets.csv", "figures.csv"} {
		if code, out, errs := call(t, dir, "import", file); code != exitOK || !strings.Contains(out, "saved") {
			t.Fatalf("import %s: %d %s %s", file, code, out, errs)
		}
	}
	if code, out, _ := call(t, dir, "import", "figures.csv"); code != exitOK || !strings.Contains(out, "known already") {
		t.Errorf("the same again: %d %s", code, out)
	}
	code, out, errs = call(t, dir, "board", "--year", "2020", "--format", "csv", "--unit", "340000")
	if code != exitOK || !strings.Contains(out, "206.11") {
		t.Fatalf("board: %d %s %s", code, out, errs)
	}
	code, out, _ = call(t, dir, "board", "--year", "2020", "--format", "json")
	var board struct{ Rows []any }
	if err := json.Unmarshal([]byte(out), &board); code != exitOK || err != nil || len(board.Rows) != 2 {
		t.Errorf("board json: %d %v %s", code, err, out)
	}
	if code, out, errs := call(t, dir, "board", "--year", "2020", "--group", "nowhere"); code != exitNotFound || !strings.Contains(errs, "nowhere") {
		t.Errorf("a board of a group that is not there: %d %s %s", code, out, errs)
	}
	for _, args := range [][]string{{"export", "-o", "all.xlsx"}, {"export", "-o", "all.zip"}, {"template", "planner"}, {"template", "clerk", "--year", "2020"}, {"backup", "b.zip"}, {"restore", "b.zip", "--db", "again.db"}, {"migrate"}, {"undo"}, {"undo", "4"}, {"version"}} {
		if code, out, errs := call(t, dir, args...); code != exitOK {
			t.Errorf("%v: %d %s %s", args, code, out, errs)
		}
	}
	if code, out, _ := call(t, dir, "board", "--year", "2020", "--format", "csv", "--unit", "340000"); code != exitOK || strings.Contains(out, "206.11") {
		t.Errorf("after undo: %d %s", code, out)
	}
	if code, out, _ := call(t, dir, "board", "--year", "2020", "--format", "csv", "--unit", "340000", "--db", "again.db"); code != exitOK || !strings.Contains(out, "206.11") {
		t.Errorf("restored: %d %s", code, out)
	}
}

func TestExitCodes(t *testing.T) {
	dir := office(t)
	write(t, dir, "bad.csv", "indicator,unit code,period,value\nnone,1,2020-06,x\n")
	write(t, dir, "luoshi.toml", "db = \"x.db\"\nspeling = 1\n")
	for _, tc := range []struct {
		want int
		say  string
		args []string
	}{
		{exitUsage, "did you mean", []string{"--config", os.DevNull, "bord"}},
		{exitUsage, "--format", []string{"--config", os.DevNull, "board", "--format", "pdf"}},
		{exitUsage, "unknown flag", []string{"--config", os.DevNull, "board", "--frmat", "csv"}},
		{exitUsage, "accepts", []string{"--config", os.DevNull, "backup"}},
		{exitUsage, "speling", []string{"board"}},
		{exitInvalid, "instant", []string{"--config", os.DevNull, "board", "--asof", "yesterday"}},
		{exitInvalid, "", []string{"--config", os.DevNull, "check", "bad.csv"}},
		{exitNotFound, "", []string{"--config", os.DevNull, "board", "--unit", "999999", "--db", "y.db"}},
		{exitNotFound, "", []string{"--config", os.DevNull, "check", "none.csv"}},
	} {
		code, out, errs := call(t, dir, tc.args...)
		if code != tc.want || !strings.Contains(errs, tc.say) {
			t.Errorf("%v: exit %d, want %d\n%s%s", tc.args, code, tc.want, out, errs)
		}
	}
}

// Flag beats environment beats file beats default.
func TestSettings(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "luoshi.toml", "db = \"file.db\"\n")
	t.Chdir(dir)
	for _, tc := range []struct {
		env, flag, want string
	}{{"", "", "file.db"}, {"env.db", "", "env.db"}, {"env.db", "flag.db", "flag.db"}} {
		a := &app{getenv: func(name string) string {
			if name == "LUOSHI_DB" {
				return tc.env
			}
			return ""
		}}
		root := a.root()
		args := []string{"version"}
		if tc.flag != "" {
			args = append(args, "--db", tc.flag)
		}
		a.out, a.err = io.Discard, io.Discard
		root.SetArgs(args)
		if err := root.Execute(); err != nil || a.db != tc.want {
			t.Errorf("%+v: %q, %v", tc, a.db, err)
		}
	}
}

// The demo prints an address, and the page there shows the article's number.
func TestDemo(t *testing.T) {
	address, who := demoProgram(t)
	client := &http.Client{Timeout: time.Minute}
	for query, want := range map[string][]string{
		"?lang=zh-Hans":                      {"206.11", "63.86", "13.86", "示例数据", "双胜利", "由负转正", "安徽省"},
		"?lang=en":                           {"206.11", "63.86", "Anhui", "On track"},
		"?lang=zh-Hant&unit=340100":          {"合肥市"},
		"?asof=2020-12-31&lang=zh-Hans":      {"安徽省"},
		"?boundaries=2021-01-01&unit=340200": {"弋江区", "湾沚区"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.AddCookie(&http.Cookie{Name: "luoshi", Value: who.Secret})
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		for _, part := range want {
			if resp.StatusCode != http.StatusOK || !strings.Contains(string(body), part) {
				t.Errorf("%s: status %d, lacks %q", query, resp.StatusCode, part)
			}
		}
	}
}
