package gate_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/gate"
)

// slow hands out its bytes one by one with a pause before each; stuck of them, and
// then nothing for a long while.
type slow struct {
	left, stuck int
	pause       time.Duration
}

func (s *slow) Read(b []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	if s.left--; s.left == s.stuck && s.stuck > 0 {
		time.Sleep(3 * time.Second)
	}
	time.Sleep(s.pause)
	b[0] = 'x'
	return 1, nil
}

// An upload that moves is waited for, beyond the limits that hold for every other
// request; one that stands still is not; and what is done with it has its own time.
func TestSlowUpload(t *testing.T) {
	const limit = 300 * time.Millisecond
	told := make(chan error, 1)
	h := gate.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = r.Context().Err()
		}
		told <- err
		if err != nil {
			w.WriteHeader(gate.Status(gate.CodeOf(err)))
			return
		}
		_, _ = io.WriteString(w, strconv.Itoa(len(body)))
	}), gate.Options{Log: quiet, MaxBody: 100, Timeout: limit, Rest: limit, Bodies: func(r *http.Request) int64 {
		if r.URL.Path == "/import" {
			return 1000
		}
		return 0
	}})
	server := httptest.NewUnstartedServer(h)
	server.Config.ReadTimeout, server.Config.WriteTimeout = limit, limit
	server.Start()
	defer server.Close()
	for _, c := range []struct {
		name, path string
		body       *slow
		status     int
	}{
		{"moves", "/import", &slow{left: 20, pause: 50 * time.Millisecond}, 200},
		{"stands still", "/import", &slow{left: 20, stuck: 10}, 503},
		{"is no upload", "/", &slow{left: 20, pause: 50 * time.Millisecond}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+c.path, c.body)
			if err != nil {
				t.Fatal(err)
			}
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			answer, err := client.Do(r)
			read := <-told
			if c.status == 200 {
				if err != nil || read != nil {
					t.Fatalf("%v, read %v", err, read)
				}
				defer answer.Body.Close()
				if body, _ := io.ReadAll(answer.Body); answer.StatusCode != c.status || string(body) != "20" {
					t.Errorf("%d %q", answer.StatusCode, body)
				}
				return
			}
			if !errors.Is(read, os.ErrDeadlineExceeded) || gate.CodeOf(read) != luoshi.Unavailable {
				t.Errorf("read to the end with %v", read)
			}
			if err == nil { // the line may be cut before the answer is there
				defer answer.Body.Close()
				if c.status != 0 && answer.StatusCode != c.status {
					t.Errorf("%d, want %d", answer.StatusCode, c.status)
				}
			}
		})
	}
}

// The time for an answer begins when the upload is there.
func TestUploadIsAnsweredInTime(t *testing.T) {
	h := gate.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		select {
		case <-r.Context().Done():
			w.WriteHeader(gate.Status(gate.CodeOf(r.Context().Err())))
		case <-time.After(10 * time.Second):
		}
	}), gate.Options{Log: quiet, MaxBody: 10, Timeout: 50 * time.Millisecond, Bodies: func(*http.Request) int64 { return 100 }})
	if w := ask(h, "POST", "/", strings.Repeat("x", 50)); w.Code != 503 {
		t.Errorf("an answer that takes too long is %d", w.Code)
	}
}
