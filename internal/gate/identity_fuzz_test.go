package gate_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"luoshi.dev/internal/account"
	"luoshi.dev/internal/gate"
	"luoshi.dev/internal/store"
)

// names answers with who is signed in: a number, or nobody.
var names = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	if here := gate.Here(r.Context()); here != nil {
		_, _ = io.WriteString(w, here.Name())
		return
	}
	_, _ = io.WriteString(w, "nobody")
})

// Whatever stands in the session cookie or in the header of a token, it is nobody, or
// refused as a token that is not good; never a fault of ours, never somebody.
func FuzzIdentity(f *testing.F) {
	st, err := store.Open(f.Context(), filepath.Join(f.TempDir(), "a.db"), store.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = st.Close() })
	if err := st.Migrate(f.Context()); err != nil {
		f.Fatal(err)
	}
	h := gate.Wrap(names, gate.Options{Log: quiet, Accounts: account.New(st, time.Now, account.Options{})})
	for _, seed := range []string{"", "luoshi_", "Bearer", "Bearer ", "bearer luoshi_" + strings.Repeat("A", 43), "Basic bm9ib2R5Og==", strings.Repeat("A", 43), "\x00", "' OR 1=1 --", strings.Repeat("é", 500), "Bearer luoshi_" + strings.Repeat("\xff", 43)} {
		f.Add(seed, seed, true)
		f.Add(seed, seed, false)
	}
	f.Fuzz(func(t *testing.T, header, cookie string, api bool) {
		path := "/"
		if api {
			path = "/api/overview"
		}
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header["Authorization"] = []string{header}
		r.Header["Cookie"] = []string{"luoshi=" + cookie}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		switch {
		case w.Code == http.StatusOK && w.Body.String() == "nobody":
		case w.Code == http.StatusUnauthorized && api:
		default:
			t.Errorf("Authorization %q, cookie %q at %s: %d %s", header, cookie, path, w.Code, w.Body)
		}
	})
}
