package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// buffer is one that two may use at once.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// started runs the program until the text on its output has what is looked for, and
// returns that text; the program goes on until the test ends, or is stopped.
func started(t *testing.T, until string, args ...string) (text string, log *buffer, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	done := make(chan int, 1)
	log = &buffer{}
	go func() {
		done <- run(ctx, args, strings.NewReader(""), w, log, func(string) string { return "" })
		_ = w.Close()
	}()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if code := <-done; code != exitOK {
				t.Errorf("%v: exit %d: %s", args, code, log)
			}
		})
	}
	t.Cleanup(stop)
	lines := bufio.NewScanner(r)
	found := regexp.MustCompile(until)
	for lines.Scan() {
		if text += lines.Text() + "\n"; found.MatchString(text) {
			go func() { _, _ = io.Copy(io.Discard, r) }()
			return text, log, stop
		}
	}
	cancel()
	t.Fatalf("%v: %s%s", args, text, log)
	return "", nil, nil
}

func get(t *testing.T, address string) (int, string) {
	t.Helper()
	client := &http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header.Get("Location") + string(body)
}

// On an empty database there is no account and no password: a link is printed, once
// anew at each start, with which the first administrator is made. Pages are for
// those who signed in.
func TestServeBegins(t *testing.T) {
	db := filepath.Join(t.TempDir(), "plan.db")
	args := []string{"serve", "--db", db, "--listen", "127.0.0.1:0", "--lang", "en"}
	text, log, stop := started(t, `/setup\?key=\S+`, args...)
	link := regexp.MustCompile(`http://\S+/setup\?key=(\S+)`).FindStringSubmatch(text)
	base := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(text)
	if link == nil || len(link[1]) < 43 {
		t.Fatalf("printed %s", text)
	}
	if info, err := os.Stat(strings.TrimSuffix(db, ".db") + ".key"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file: %v %v", info, err)
	}
	if code, to := get(t, base+"/"); code != http.StatusSeeOther || !strings.HasPrefix(to, "/signin") {
		t.Errorf("the front page: %d %s", code, to)
	}
	if code, _ := get(t, base+"/healthz"); code != http.StatusOK {
		t.Errorf("health %d", code)
	}
	stop()
	if strings.Contains(log.String(), link[1]) {
		t.Error("the set-up link is in the log")
	}
	again, _, _ := started(t, `/setup\?key=\S+`, args...)
	if strings.Contains(again, link[1]) {
		t.Error("the second start prints the link of the first")
	}
}

// The log is lines of key and value, with times that say their zone.
func TestLog(t *testing.T) {
	text, log, stop := started(t, `/setup\?key=\S+`, "serve", "--db", filepath.Join(t.TempDir(), "plan.db"), "--listen", "127.0.0.1:0", "--lang", "en")
	base := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(text)
	get(t, base+"/search?q=SECRET")
	stop()
	line := regexp.MustCompile(`(?m)^time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d) level=INFO msg=request id=\S{8} method=GET uri="/search\?q=…" .*status=303`)
	if !line.MatchString(log.String()) || strings.Contains(log.String(), "SECRET") {
		t.Errorf("%s", log)
	}
}

// The demonstration prints a sign-in for each role; a kept one prints other passwords
// at each start, and no file holds any of them.
func TestDemoPeople(t *testing.T) {
	data := t.TempDir()
	args := []string{"demo", "--data", data, "--listen", "127.0.0.1:0", "--lang", "en"}
	words := regexp.MustCompile(`(?m)\b[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}\s*$`)
	text, _, stop := started(t, `http://127\.0\.0\.1:\d+/`, args...)
	stop()
	first := words.FindAllString(text, -1)
	for _, role := range []string{"Administrator", "Planner", "Reporter", "Reviewer", "Leader", "Inspector", "Auditor", "Viewer"} {
		if !strings.Contains(text, role) {
			t.Errorf("no sign-in as %s:\n%s", role, text)
		}
	}
	if len(first) != 10 {
		t.Errorf("%d passwords:\n%s", len(first), text)
	}
	again, _, stop := started(t, `http://127\.0\.0\.1:\d+/`, args...)
	stop()
	files, err := os.ReadDir(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, password := range first {
		password = strings.TrimSpace(password)
		if strings.Contains(again, password) {
			t.Errorf("%s is printed at the second start too", password)
		}
		for _, f := range files {
			content, err := os.ReadFile(filepath.Join(data, f.Name()))
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(content, []byte(password)) {
				t.Errorf("%s holds the password %s", f.Name(), password)
			}
		}
	}
}
