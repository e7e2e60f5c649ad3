package gate_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/gate"
	"luoshi.dev/internal/locale"
)

var quiet = slog.New(slog.DiscardHandler)

func ask(h http.Handler, method, target, body string, head ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func says(text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, text)
	})
}

// Every answer carries the headers, an error as much as a page.
func TestHeaders(t *testing.T) {
	h := gate.Wrap(http.NotFoundHandler(), gate.Options{Log: quiet})
	w := ask(h, "GET", "/", "")
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	policy := w.Header().Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") || strings.Contains(policy, "*") {
		t.Errorf("policy %q", policy)
	}
	if len(w.Header().Get("X-Request-Id")) != 8 {
		t.Errorf("request id %q", w.Header().Get("X-Request-Id"))
	}
}

func TestStatus(t *testing.T) {
	for code, want := range map[luoshi.Code]int{
		luoshi.Invalid: 400, luoshi.NotFound: 404, luoshi.Conflict: 409, luoshi.Forbidden: 403, luoshi.TooLarge: 413, luoshi.Unavailable: 503, luoshi.Internal: 500, "unheard of": 500,
	} {
		if got := gate.Status(code); got != want {
			t.Errorf("%s is %d, want %d", code, got, want)
		}
	}
	if got := gate.CodeOf(context.DeadlineExceeded); got != luoshi.Unavailable {
		t.Errorf("a deadline is %s", got)
	}
	if got := gate.CodeOf(errors.New("x")); got != luoshi.Internal {
		t.Errorf("an unknown error is %s", got)
	}
}

// The same page again is answered without a body, and text travels compressed.
func TestUnchangedAndCompressed(t *testing.T) {
	text := strings.Repeat("落实 ", 2000)
	h := gate.Wrap(says(text), gate.Options{Log: quiet})
	first := ask(h, "GET", "/", "", "Accept-Encoding", "gzip")
	if first.Header().Get("Content-Encoding") != "gzip" || first.Header().Get("Cache-Control") != "private, no-cache" || !strings.Contains(strings.Join(first.Header().Values("Vary"), ","), "Accept-Encoding") {
		t.Errorf("%v", first.Header())
	}
	z, err := gzip.NewReader(first.Body)
	if err != nil {
		t.Fatal(err)
	}
	if body, _ := io.ReadAll(z); string(body) != text {
		t.Error("the compressed page is another")
	}
	tag := first.Header().Get("Etag")
	if again := ask(h, "GET", "/", "", "If-None-Match", `"x", `+tag); again.Code != 304 || again.Body.Len() > 0 || again.Header().Get("Etag") != tag {
		t.Errorf("again: %d, %d bytes", again.Code, again.Body.Len())
	}
	if other := ask(h, "GET", "/", "", "If-None-Match", `"x"`, "Accept-Encoding", "gzip;q=0, br"); other.Code != 200 || other.Header().Get("Content-Encoding") != "" || other.Body.String() != text {
		t.Errorf("other: %d %v", other.Code, other.Header())
	}
	if post := ask(h, "POST", "/", "", "If-None-Match", tag); post.Code != 200 {
		t.Errorf("a POST is never unchanged, got %d", post.Code)
	}
}

// What another site sends is not carried out; what is too large is not read.
func TestRefused(t *testing.T) {
	reached := 0
	h := gate.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached++
		if _, err := io.ReadAll(r.Body); err != nil {
			http.Error(w, "", gate.Status(gate.CodeOf(err)))
		}
	}), gate.Options{Log: quiet, MaxBody: 100})
	if w := ask(h, "POST", "/", "a=1", "Sec-Fetch-Site", "cross-site"); w.Code != 403 || reached != 0 {
		t.Errorf("cross-site: %d, reached %d", w.Code, reached)
	}
	if w := ask(h, "POST", "/", "a=1", "Origin", "http://evil.example"); w.Code != 403 || reached != 0 {
		t.Errorf("foreign origin: %d, reached %d", w.Code, reached)
	}
	if w := ask(h, "POST", "/", strings.Repeat("x", 101)); w.Code != 413 || reached != 0 {
		t.Errorf("announced size: %d, reached %d", w.Code, reached)
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("x", 101)))
	r.ContentLength = -1
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != 413 || reached != 1 {
		t.Errorf("unannounced size: %d, reached %d", w.Code, reached)
	}
	if w := ask(h, "POST", "/", strings.Repeat("x", 100), "Sec-Fetch-Site", "same-origin"); w.Code != 200 {
		t.Errorf("own page: %d", w.Code)
	}
}

// A panic is an error page in place of the half-written one, and a line in the log
// under the number that the page shows.
func TestPanic(t *testing.T) {
	var log bytes.Buffer
	h := gate.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=31536000")
		_, _ = io.WriteString(w, "half a page")
		panic("no such thing")
	}), gate.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	w := ask(h, "GET", "/", "")
	id := w.Header().Get("X-Request-Id")
	if w.Code != 500 || strings.Contains(w.Body.String(), "half") || !strings.Contains(w.Body.String(), id) || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %s %v", w.Code, w.Body, w.Header())
	}
	if !strings.Contains(log.String(), "no such thing") || strings.Count(log.String(), id) != 2 {
		t.Errorf("log:\n%s", log.String())
	}
}

// A long answer is passed on as it comes; the gate holds no more than its share.
func TestStream(t *testing.T) {
	piece := strings.Repeat("x", 1<<20)
	h := gate.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for range 6 {
			_, _ = io.WriteString(w, piece)
		}
	}), gate.Options{Log: quiet})
	if w := ask(h, "GET", "/", "", "Accept-Encoding", "gzip"); w.Body.Len() != 6<<20 || w.Header().Get("Etag") != "" {
		t.Errorf("%d bytes, %v", w.Body.Len(), w.Header())
	}
}

func TestLang(t *testing.T) {
	for _, tc := range []struct {
		target, cookie, accept string
		want                   locale.Lang
	}{
		{"/", "", "", locale.ZhHans}, {"/", "", "en-GB", locale.En}, {"/", "zh-Hant", "en", locale.ZhHant}, {"/?lang=en", "zh-Hant", "zh", locale.En}, {"/?lang=klingon", "", "zh-TW", locale.ZhHant},
		{"/?lang=en&lang=zh-Hans", "", "", locale.En},
	} {
		r := httptest.NewRequest(http.MethodGet, tc.target, nil)
		r.Header.Set("Accept-Language", tc.accept)
		if tc.cookie != "" {
			r.AddCookie(&http.Cookie{Name: "lang", Value: tc.cookie})
		}
		if got := gate.Lang(r); got != tc.want {
			t.Errorf("%+v: %s", tc, got)
		}
	}
}

// A stop lets the running answer finish and takes no new one.
func TestServeStops(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	running := make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		ended <- gate.Serve(ctx, l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			close(running)
			time.Sleep(50 * time.Millisecond)
			_, _ = io.WriteString(w, "whole")
		}))
	}()
	answer := make(chan string, 1)
	go func() {
		res, err := http.Get("http://" + l.Addr().String() + "/")
		if err != nil {
			answer <- err.Error()
			return
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		answer <- string(body)
	}()
	<-running
	stop()
	if got := <-answer; got != "whole" {
		t.Errorf("the running answer was %q", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// An answer whose handler names its ETag is compressed once; later ones are sent
// from memory and say the same.
func TestKnownAnswerIsSentCompressed(t *testing.T) {
	page := strings.Repeat("<p>一分部署、九分落实</p>", 500)
	h := gate.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Etag", `W/"x"`)
		w.WriteHeader(http.StatusOK)
		_, _ = io.WriteString(w, page)
	}), gate.Options{})
	for turn := range 3 {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Encoding", "gzip")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		z, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatalf("turn %d: %v", turn, err)
		}
		if body, err := io.ReadAll(z); err != nil || string(body) != page || w.Header().Get("Content-Encoding") != "gzip" || w.Header().Get("Etag") != `W/"x"` {
			t.Errorf("turn %d: %d bytes, %v, %v", turn, len(body), err, w.Header())
		}
		plain := httptest.NewRecorder()
		h.ServeHTTP(plain, httptest.NewRequest(http.MethodGet, "/", nil))
		if plain.Body.String() != page || plain.Header().Get("Content-Encoding") != "" {
			t.Errorf("turn %d: plain %v", turn, plain.Header())
		}
	}
}

// A server that names itself answers to no other name; one that does not, to any.
func TestHosts(t *testing.T) {
	for _, c := range []struct {
		host string
		want int
	}{{"127.0.0.1:8080", 200}, {"localhost:8080", 200}, {"LOCALHOST", 200}, {"[::1]:8080", 200}, {"evil.example", 403}, {"evil.example:8080", 403}, {"127.0.0.1.evil.example", 403}, {"", 403}} {
		h := gate.Wrap(says("x"), gate.Options{Log: quiet, Hosts: []string{"localhost", "127.0.0.1", "::1"}})
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = c.host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("host %q: %d, want %d", c.host, w.Code, c.want)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Host = "any.example"
	w := httptest.NewRecorder()
	gate.Wrap(says("x"), gate.Options{Log: quiet}).ServeHTTP(w, r)
	if w.Code != 200 {
		t.Errorf("without names: %d", w.Code)
	}
}

// Only the requests that are named may carry more.
func TestBodies(t *testing.T) {
	h := gate.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		}
	}), gate.Options{Log: quiet, MaxBody: 10, Bodies: func(r *http.Request) int64 {
		if r.URL.Path == "/import" {
			return 100
		}
		return 0
	}})
	for _, c := range []struct {
		path string
		size int
		want int
	}{{"/", 10, 200}, {"/", 11, 413}, {"/import", 100, 200}, {"/import", 101, 413}} {
		if got := ask(h, "POST", c.path, strings.Repeat("x", c.size)).Code; got != c.want {
			t.Errorf("%d bytes to %s: %d, want %d", c.size, c.path, got, c.want)
		}
	}
}
