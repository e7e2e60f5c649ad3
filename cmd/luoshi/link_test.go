package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"luoshi.dev/internal/account"
	"luoshi.dev/internal/store"
)

// From the command line an account at a provider becomes somebody's, and ends to be.
func TestUserLink(t *testing.T) {
	db := filepath.Join(t.TempDir(), "plan.db")
	const issuer = "https://login.example.gov.cn"
	command := func(code int, says string, args ...string) {
		t.Helper()
		var out bytes.Buffer
		if got := run(t.Context(), append([]string{"--db", db, "--lang", "en", "user"}, args...), strings.NewReader(""), &out, &out, func(string) string { return "" }); got != code || !strings.Contains(out.String(), says) {
			t.Errorf("%v: exit %d: %s", args, got, out.String())
		}
	}
	command(exitOK, "wang", "add", "wang", "--name", "王远")
	command(exitUsage, "--oidc-issuer", "link", "wang", "w1")
	command(exitUsage, "SUBJECT", "link", "wang", "--oidc-issuer", issuer)
	command(exitNotFound, "nobody", "link", "nobody", "w1", "--oidc-issuer", issuer)
	command(exitOK, "now signs in", "link", "wang", "w1", "--oidc-issuer", issuer)
	command(exitOK, "li", "add", "li", "--name", "李禾")
	command(exitConflict, "somebody else's", "link", "li", "w1", "--oidc-issuer", issuer)
	st, err := store.Open(t.Context(), db, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	accounts := account.New(st, time.Now, account.Options{})
	if s, err := accounts.SignInLinked(t.Context(), issuer, "w1", account.From{}); err != nil || s.Person.Login != "wang" {
		t.Errorf("%+v, %v", s, err)
	}
	command(exitOK, "no longer", "link", "wang", "--end", "--oidc-issuer", issuer)
	if _, err := accounts.SignInLinked(t.Context(), issuer, "w1", account.From{}); err == nil {
		t.Error("signed in after the link has ended")
	}
}
