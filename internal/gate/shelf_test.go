package gate_test

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"luoshi.dev/internal/gate"
)

// serveKept answers with what a shelf holds under an address, made from view.
func serveKept(s *gate.Shelf, view any, text func() string) http.Handler {
	return gate.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k, err := s.Answer(r.URL.Path, view, func() (*gate.Kept, error) { return gate.Keep([]byte(text())), nil })
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = k.Send(w, r)
	}), gate.Options{Log: quiet})
}

// A kept answer is the same in every form: compressed, plain, unchanged, and by HEAD.
func TestShelfForms(t *testing.T) {
	for name, text := range map[string]string{"large": strings.Repeat("一分部署、九分落实", 300), "small": "落实", "empty": ""} {
		t.Run(name, func(t *testing.T) {
			var s gate.Shelf
			view, wrote := new(int), 0
			h := serveKept(&s, view, func() string { wrote++; return text })
			for turn := range 2 {
				plain := ask(h, "GET", "/", "")
				if plain.Body.String() != text || plain.Header().Get("Content-Encoding") != "" || plain.Header().Get("Content-Length") != fmt.Sprint(len(text)) {
					t.Errorf("turn %d, plain: %d bytes %v", turn, plain.Body.Len(), plain.Header())
				}
				tag := plain.Header().Get("Etag")
				packed := ask(h, "GET", "/", "", "Accept-Encoding", "br, gzip")
				if (packed.Header().Get("Content-Encoding") == "gzip") != (name == "large") || packed.Header().Get("Etag") != tag || packed.Header().Get("Vary") != "Accept-Encoding" {
					t.Errorf("turn %d: %v", turn, packed.Header())
				}
				if name == "large" {
					z, err := gzip.NewReader(packed.Body)
					if err != nil {
						t.Fatal(err)
					}
					if body, err := io.ReadAll(z); err != nil || string(body) != text {
						t.Errorf("turn %d: %d bytes, %v", turn, len(body), err)
					}
				}
				if same := ask(h, "GET", "/", "", "If-None-Match", tag); same.Code != http.StatusNotModified || same.Body.Len() > 0 || same.Header().Get("Content-Encoding") != "" {
					t.Errorf("turn %d: unchanged is %d with %d bytes, %v", turn, same.Code, same.Body.Len(), same.Header())
				}
			}
			if wrote != 1 {
				t.Errorf("written %d times", wrote)
			}
			if serveKept(&s, new(int), func() string { wrote++; return text }); wrote != 1 {
				t.Error("written before it was asked for")
			}
		})
	}
}

// Another view is another answer; the same view is not written twice, however many
// ask at once; and one whose writing failed leaves the others to write their own.
func TestShelfViews(t *testing.T) {
	var s gate.Shelf
	first, second := new(int), new(int)
	for _, c := range []struct {
		view any
		text string
		want string
	}{{first, "a", "a"}, {first, "b", "a"}, {second, "c", "c"}, {second, "d", "c"}, {first, "e", "e"}} {
		if got := ask(serveKept(&s, c.view, func() string { return c.text }), "GET", "/", "").Body.String(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	var writes atomic.Int32
	started, release := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	one := func() {
		k, err := s.Answer("/slow", first, func() (*gate.Kept, error) {
			if writes.Add(1) == 1 {
				close(started)
			}
			<-release
			return gate.Keep([]byte("slow")), nil
		})
		if body, _ := k.Body(""); err != nil || string(body) != "slow" {
			t.Errorf("%q, %v", body, err)
		}
	}
	all.Go(one)
	<-started
	for range 20 {
		all.Go(one)
	}
	close(release)
	all.Wait()
	if writes.Load() != 1 {
		t.Errorf("written %d times", writes.Load())
	}
	refused := errors.New("no")
	if _, err := s.Answer("/bad", first, func() (*gate.Kept, error) { return nil, refused }); !errors.Is(err, refused) {
		t.Error(err)
	}
	if k, err := s.Answer("/bad", first, func() (*gate.Kept, error) { return gate.Keep(nil), nil }); err != nil || k == nil {
		t.Errorf("after a failure: %v", err)
	}
}

// However much is asked for, only so much is held; what was asked for last stays.
func TestShelfBound(t *testing.T) {
	var s gate.Shelf
	view, wrote := new(int), map[string]int{}
	source := rand.NewChaCha8([32]byte{})
	get := func(key string) {
		_, err := s.Answer(key, view, func() (*gate.Kept, error) {
			wrote[key]++
			noise := make([]byte, 1<<20) // does not compress
			_, _ = source.Read(noise)    // never fails
			return gate.Keep(noise), nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range 40 {
		get(fmt.Sprint(i))
		get("always")
	}
	if wrote["always"] != 1 {
		t.Errorf("what is asked for all the time was written %d times", wrote["always"])
	}
	if get("39"); wrote["39"] != 1 {
		t.Error("the newest was not kept")
	}
	if get("0"); wrote["0"] != 2 {
		t.Error("the oldest is held still: nothing bounds the shelf")
	}
}

// What lies on the shelf does not keep the view that it was made from.
func TestShelfLetsViewsGo(t *testing.T) {
	var s gate.Shelf
	gone := make(chan struct{})
	func() {
		view := new([1 << 10]*int)
		runtime.AddCleanup(view, func(c chan struct{}) { close(c) }, gone)
		if _, err := s.Answer("/", view, func() (*gate.Kept, error) { return gate.Keep(nil), nil }); err != nil {
			t.Fatal(err)
		}
	}()
	for range 20 {
		runtime.GC()
		select {
		case <-gone:
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
	t.Error("the view is still held")
	runtime.KeepAlive(&s)
}
