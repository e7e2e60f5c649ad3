package client_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/client"
	"luoshi.dev/wire"
)

// answers is a server that answers with one status after the other.
func answers(t *testing.T, statuses ...int) (*httptest.Server, *int) {
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := statuses[min(asked, len(statuses)-1)]
		asked++
		if status != http.StatusOK {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(`{"code":"unavailable","status":503,"detail":"busy","fix":"try again","key":"put.busy","instance":"ABC","title":"Busy","type":"/api#error-unavailable"}`))
			return
		}
		_, _ = w.Write([]byte(`{"status":"ok","version":"1","go":"go1","changes":false}`))
	}))
	t.Cleanup(s.Close)
	return s, &asked
}

// A read is repeated while the server says "try again", and no more often than
// told; a change never is.
func TestRetries(t *testing.T) {
	ctx := t.Context()
	s, asked := answers(t, 503, 503, 200)
	c, err := client.New(s.URL, client.Retries(2, time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	if h, err := c.Health(ctx); err != nil || h.Version != "1" || *asked != 3 {
		t.Errorf("%v after %d questions", err, *asked)
	}
	s, asked = answers(t, 503)
	c, _ = client.New(s.URL, client.Retries(2, time.Millisecond))
	_, err = c.Health(ctx)
	var told *client.Error
	if !errors.As(err, &told) || told.Code != luoshi.Unavailable || luoshi.CodeOf(err) != luoshi.Unavailable || told.Request != "ABC" || *asked != 3 {
		t.Errorf("%v after %d questions", err, *asked)
	}
	*asked = 0
	if _, err := c.PutChange(ctx, wire.Change{}); luoshi.CodeOf(err) != luoshi.Unavailable || *asked != 1 {
		t.Errorf("a change was sent %d times: %v", *asked, err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	c, _ = client.New(s.URL, client.Retries(5, time.Hour))
	if _, err := c.Health(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("after cancelling: %v", err)
	}
}

// What is not the API's own answer still has a code.
func TestForeignErrors(t *testing.T) {
	for status, want := range map[int]luoshi.Code{
		401: luoshi.SignIn, 404: luoshi.NotFound, 409: luoshi.Conflict, 413: luoshi.TooLarge, 418: luoshi.Invalid, 429: luoshi.Unavailable, 500: luoshi.Internal, 502: luoshi.Unavailable,
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "a proxy speaks", status) }))
		c, _ := client.New(s.URL, client.Retries(0, 0))
		_, err := c.Health(t.Context())
		if luoshi.CodeOf(err) != want {
			t.Errorf("%d: %v", status, err)
		}
		s.Close()
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }))
	defer s.Close()
	c, _ := client.New(s.URL)
	if _, err := c.Health(t.Context()); err == nil {
		t.Error("a page was taken for an answer")
	}
	for _, bad := range []string{"", "127.0.0.1:8080", "ftp://x", "http://"} {
		if _, err := client.New(bad); err == nil {
			t.Errorf("%q is taken for an address", bad)
		}
	}
}

// An answer that is kept is asked for with its ETag, and read from memory while it
// holds.
func TestCache(t *testing.T) {
	full, spared := 0, 0
	tag := `W/"1"`
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", tag)
		if r.Header.Get("If-None-Match") == tag {
			spared++
			w.WriteHeader(http.StatusNotModified)
			return
		}
		full++
		_, _ = w.Write([]byte(`{"status":"ok","version":` + tag[2:] + `,"go":"","changes":false}`))
	}))
	defer s.Close()
	c, _ := client.New(s.URL, client.Cache(2))
	for range 3 {
		if h, err := c.Health(t.Context()); err != nil || h.Version != "1" {
			t.Fatalf("%+v %v", h, err)
		}
	}
	if full != 1 || spared != 2 {
		t.Errorf("%d whole answers, %d spared", full, spared)
	}
	tag = `W/"2"`
	if h, err := c.Health(t.Context()); err != nil || h.Version != "2" || full != 2 {
		t.Errorf("%+v %v", h, err)
	}
}
