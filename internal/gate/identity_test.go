package gate_test

import (
	"bytes"
	"crypto/tls"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/gate"
	"luoshi.dev/internal/store"
)

// Cookies of ours are for this host alone, over TLS alone, and out of the reach of
// scripts and of other sites' forms.
func TestCookies(t *testing.T) {
	for _, secure := range []bool{true, false} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		if secure {
			r.TLS = &tls.ConnectionState{}
		}
		w := httptest.NewRecorder()
		gate.SetSession(w, r, "secret", time.Now().Add(time.Hour))
		gate.Remember(w, r, "lang", "en")
		gate.EndSession(w, r)
		for _, c := range w.Result().Cookies() {
			if c.Secure != secure || strings.HasPrefix(c.Name, "__Host-") != secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
				t.Errorf("secure %v: %+v", secure, c)
			}
			r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		}
		if gate.SessionSecret(r) != "secret" || gate.Lang(r) != "en" {
			t.Errorf("secure %v: %q, %s", secure, gate.SessionSecret(r), gate.Lang(r))
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.TLS = &tls.ConnectionState{}
	r.AddCookie(&http.Cookie{Name: "luoshi", Value: "set over plain HTTP by somebody on the way"})
	if gate.SessionSecret(r) != "" {
		t.Error("over TLS a cookie is taken that is not bound to the host")
	}
}

// The log knows people by number: who asked, what, and that it was refused.
func TestLogKnowsWho(t *testing.T) {
	ctx := t.Context()
	st, err := store.Open(ctx, filepath.Join(t.TempDir(), "a.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	if err := st.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	accounts := account.New(st, time.Now, account.Options{})
	ids, err := accounts.Enlist(ctx, account.System, []account.Recruit{{Person: luoshi.Person{Login: "wang", Name: "王远"}}, {Person: luoshi.Person{Login: "li", Name: "李禾"}}})
	if err != nil {
		t.Fatal(err)
	}
	word, err := accounts.Lend(ctx, account.System, ids[1])
	if err != nil {
		t.Fatal(err)
	}
	in, err := accounts.SignIn(ctx, "li", word, account.From{Address: "192.0.2.7"})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	h := gate.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }),
		gate.Options{Log: slog.New(slog.NewTextHandler(&log, nil)), Accounts: accounts})
	for secret, want := range map[string]string{in.Secret: "uri=/people by=2 status=403", "": "uri=/people by=0 status=403", strings.Repeat("x", 43): "uri=/people by=0 status=403"} {
		log.Reset()
		r := httptest.NewRequest(http.MethodPost, "/people", nil)
		if secret != "" {
			r.AddCookie(&http.Cookie{Name: "luoshi", Value: secret})
		}
		h.ServeHTTP(httptest.NewRecorder(), r)
		if line := log.String(); !strings.Contains(line, want) || strings.Contains(line, "li ") || strings.Contains(line, "李") || strings.Contains(line, "192.0.2") || secret != "" && strings.Contains(line, secret) {
			t.Errorf("%s", line)
		}
	}
}
