package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/api"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/gate"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/service"
	"luoshi.dev/wire"
)

var update = flag.Bool("update", false, "rewrite the description and its examples")

// opens is the instant as of which the demonstration opens.
var opens = luoshi.Date(20200731).End()

// build is the API over the demonstration: the one that all tests read, or a copy
// that may be changed; or over another service.
func build(t testing.TB, opt api.Options, on ...*service.Service) *api.API {
	t.Helper()
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	if opt.AsOf.IsZero() {
		opt.AsOf = opens
	}
	opt.Version, opt.By, opt.Trust = "test", "test", true
	svc := demotest.Open(t)
	if opt.Change {
		st := demotest.CopyStore(t)
		svc, opt.Accounts = service.New(st, time.Now), account.New(st, time.Now, account.Options{})
	}
	if len(on) > 0 {
		svc = on[0]
	}
	a, err := api.New(svc.Guard(), words, opt)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// behindGate is the API as it is served.
func behindGate(t testing.TB, opt api.Options) http.Handler {
	a := build(t, opt)
	return gate.Wrap(a, gate.Options{Fail: a.Fail, Bodies: a.Bodies})
}

// ask sends one request; pairs are headers.
func ask(h http.Handler, method, target string, body io.Reader, pairs ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, body)
	for i := 0; i+1 < len(pairs); i += 2 {
		r.Header.Set(pairs[i], pairs[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func get(h http.Handler, target string, pairs ...string) *httptest.ResponseRecorder {
	return ask(h, http.MethodGet, target, nil, pairs...)
}

// read decodes a good answer and leaves nothing of it unread.
func read[T any](t testing.TB, w *httptest.ResponseRecorder) T {
	t.Helper()
	var v T
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	d := json.NewDecoder(w.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// refused decodes an answer that is an error.
func refused(t testing.TB, w *httptest.ResponseRecorder, status int) wire.Error {
	t.Helper()
	var e wire.Error
	if w.Code != status || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Fatalf("status %d, want %d; %s: %s", w.Code, status, w.Header().Get("Content-Type"), w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil {
		t.Fatal(err)
	}
	return e
}

// upload is a form with one file.
func upload(t testing.TB, name string, content []byte) (io.Reader, string) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	return &b, form.FormDataContentType()
}

// golden compares with a file, or rewrites it.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; -update writes it", err)
	}
	if !bytes.Equal(got, want) {
		at := 0
		for at < len(got) && at < len(want) && got[at] == want[at] {
			at++
		}
		t.Errorf("%s differs at byte %d; -update rewrites it:\n got …%s\nwant …%s", path, at, around(got, at), around(want, at))
	}
}

func around(b []byte, at int) string {
	return strings.ToValidUTF8(string(b[max(0, at-120):min(len(b), at+200)]), "")
}
