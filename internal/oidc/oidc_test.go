package oidc_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"luoshi.dev"
	"luoshi.dev/internal/oidc"
	"luoshi.dev/internal/oidc/oidctest"
)

func TestMain(m *testing.M) { oidctest.Main(m) }

const back = "http://127.0.0.1:1/signin/oidc/back"

func start(t *testing.T, change ...func(*oidc.Options)) (*oidctest.Provider, *oidc.Provider) {
	t.Helper()
	real := oidctest.Start(t, back)
	opt := oidc.Options{Issuer: real.Issuer, Client: oidctest.Client, Secret: oidctest.Secret, Back: back}
	for _, c := range change {
		c(&opt)
	}
	p, err := oidc.New(opt)
	if err != nil {
		t.Fatal(err)
	}
	return real, p
}

func begin(t *testing.T, p *oidc.Provider) (string, oidc.Pending) {
	t.Helper()
	address, pending, err := p.Begin(false)
	if err != nil {
		t.Fatal(err)
	}
	return address, pending
}

func said(err error) luoshi.Message {
	var e *luoshi.Error
	errors.As(err, &e)
	if e == nil {
		return luoshi.Message{}
	}
	return e.Message
}

func key(err error) string { return said(err).Key }

// The whole way, twice, against a real provider: each account comes back as itself,
// and no number that is drawn comes twice.
func TestSignIn(t *testing.T) {
	real, p := start(t)
	seen := map[string]bool{}
	for login, want := range map[string]string{"wang": oidctest.Wang, "li": oidctest.Li} {
		address, pending := begin(t, p)
		for _, word := range []string{pending.State, pending.Nonce, pending.Verifier} {
			if len(word) < 43 || seen[word] {
				t.Errorf("%q is short or not new", word)
			}
			seen[word] = true
		}
		q := must(t, address).Query()
		if q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("scope") != "openid" || strings.Contains(address, pending.Verifier) {
			t.Errorf("asked as %v", q)
		}
		got, err := p.End(t.Context(), pending, real.SignIn(t, address, login).Query())
		if err != nil || got != want {
			t.Errorf("%s: %q, %v", login, got, err)
		}
	}
}

// What must not pass, with the same real provider.
func TestSignInRefused(t *testing.T) {
	real, p := start(t)
	t.Run("a state of another sign-in", func(t *testing.T) {
		address, _ := begin(t, p)
		_, other := begin(t, p)
		if _, err := p.End(t.Context(), other, real.SignIn(t, address, "wang").Query()); key(err) != "signin.stale" {
			t.Error(err)
		}
	})
	t.Run("nothing was begun", func(t *testing.T) {
		address, _ := begin(t, p)
		answer := real.SignIn(t, address, "wang").Query()
		answer.Del("state")
		if _, err := p.End(t.Context(), oidc.Pending{}, answer); key(err) != "signin.stale" {
			t.Error(err)
		}
	})
	t.Run("another nonce", func(t *testing.T) {
		address, pending := begin(t, p)
		u := must(t, address)
		q := u.Query()
		q.Set("nonce", "of somebody who listens in")
		u.RawQuery = q.Encode()
		if _, err := p.End(t.Context(), pending, real.SignIn(t, u.String(), "wang").Query()); key(err) != "oidc.unproved" {
			t.Error(err)
		}
	})
	t.Run("another verifier", func(t *testing.T) {
		address, pending := begin(t, p)
		_, other := begin(t, p)
		pending.Verifier = other.Verifier
		if _, err := p.End(t.Context(), pending, real.SignIn(t, address, "wang").Query()); key(err) != "oidc.refused" {
			t.Error(err)
		}
	})
	t.Run("a code twice", func(t *testing.T) {
		address, pending := begin(t, p)
		answer := real.SignIn(t, address, "wang").Query()
		if _, err := p.End(t.Context(), pending, answer); err != nil {
			t.Fatal(err)
		}
		if _, err := p.End(t.Context(), pending, answer); key(err) != "oidc.refused" {
			t.Error(err)
		}
	})
	t.Run("the provider says no", func(t *testing.T) {
		_, pending := begin(t, p)
		for word, told := range map[string]string{"access_denied": "access_denied", "<script>": "error"} {
			_, err := p.End(t.Context(), pending, url.Values{"state": {pending.State}, "error": {word}})
			if message := said(err); message.Key != "oidc.refused" || message.Args["reason"] != told {
				t.Error(message)
			}
		}
	})
	t.Run("another issuer answers", func(t *testing.T) {
		address, pending := begin(t, p)
		answer := real.SignIn(t, address, "wang").Query()
		answer.Set("iss", "https://elsewhere.invalid")
		if _, err := p.End(t.Context(), pending, answer); key(err) != "oidc.unproved" {
			t.Error(err)
		}
	})
	t.Run("our secret is wrong", func(t *testing.T) {
		wrong, err := oidc.New(oidc.Options{Issuer: real.Issuer, Client: oidctest.Client, Secret: "not it", Back: back})
		if err != nil {
			t.Fatal(err)
		}
		address, pending := begin(t, wrong)
		_, err = wrong.End(t.Context(), pending, real.SignIn(t, address, "wang").Query())
		if key(err) != "oidc.refused" || strings.Contains(err.Error(), "not it") {
			t.Error(err)
		}
	})
	t.Run("the provider goes down on the way", func(t *testing.T) {
		address, pending := begin(t, p)
		answer := real.SignIn(t, address, "wang").Query()
		real.Stop()
		_, err := p.End(t.Context(), pending, answer)
		if luoshi.CodeOf(err) != luoshi.Unavailable || key(err) != "oidc.down" {
			t.Error(err)
		}
		if strings.Contains(err.Error(), answer.Get("code")) {
			t.Error("the code is in the error, and so in the log")
		}
	})
	t.Run("the provider is down when we begin, and comes back", func(t *testing.T) {
		silent, err := oidc.New(oidc.Options{Issuer: real.Issuer, Client: oidctest.Client, Back: back})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := silent.Begin(false); key(err) != "oidc.down" {
			t.Error(err)
		}
	})
}

// A provider that is not the one it says it is, or answers nonsense.
func TestDiscovery(t *testing.T) {
	var answer string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(answer))
	}))
	defer server.Close()
	for _, c := range []struct{ name, answer, key string }{
		{"nothing", "", "oidc.down"},
		{"another issuer", `{"issuer":"https://elsewhere.invalid"}`, "oidc.down"},
		{"a token address that all can read", `{"issuer":"` + server.URL + `","authorization_endpoint":"https://a.invalid","token_endpoint":"http://a.invalid/token","jwks_uri":"https://a.invalid/k"}`, "oidc.setting"},
		{"without end", strings.Repeat(" ", 4<<20), "oidc.down"},
	} {
		answer = c.answer
		p, err := oidc.New(oidc.Options{Issuer: server.URL, Client: "x", Back: back})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := p.Begin(false); key(err) != c.key {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestSettings(t *testing.T) {
	for _, c := range []struct {
		issuer, client, back string
		ok                   bool
	}{
		{"https://login.example.gov.cn", "luoshi", "https://luoshi.example.gov.cn/signin/oidc/back", true},
		{"http://localhost:9998", "luoshi", "http://127.0.0.1:8080/signin/oidc/back", true},
		{"http://login.example.gov.cn", "luoshi", "https://luoshi.example.gov.cn/signin/oidc/back", false},
		{"https://login.example.gov.cn", "luoshi", "http://luoshi.example.gov.cn/signin/oidc/back", false},
		{"https://login.example.gov.cn", "", "https://luoshi.example.gov.cn/signin/oidc/back", false},
		{"login.example.gov.cn", "luoshi", "https://luoshi.example.gov.cn/signin/oidc/back", false},
		{"", "luoshi", "https://luoshi.example.gov.cn/signin/oidc/back", false},
	} {
		if _, err := oidc.New(oidc.Options{Issuer: c.issuer, Client: c.client, Back: c.back}); (err == nil) != c.ok {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func must(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
