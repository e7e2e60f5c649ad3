// Package oidctest runs a real OpenID Connect provider for tests, in a process of
// its own: the one of github.com/zitadel/oidc, with two accounts.
package oidctest

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"golang.org/x/text/language"
)

// Who we are to the provider.
const (
	Client = "luoshi"
	Secret = "a secret of the test alone"
)

// The accounts, by their subject, and the password of both there.
const (
	Wang     = "f6b1-wang"
	Li       = "0c77-li"
	Password = "of the provider"
)

// asProvider stands in the environment of a test binary that is to be the provider.
const asProvider = "LUOSHI_TEST_OIDC_BACK"

// Main runs the tests, or the provider, where [Start] made this process for it. A
// test's TestMain calls it.
func Main(m *testing.M) {
	if back := os.Getenv(asProvider); back != "" {
		serve(back)
	}
	os.Exit(m.Run())
}

func serve(back string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	issuer := "http://" + l.Addr().String()
	user := func(id, login string) *storage.User {
		return &storage.User{ID: id, Username: login, Password: Password, Email: "same@example.invalid", EmailVerified: true, PreferredLanguage: language.Chinese}
	}
	users := accounts{Wang: user(Wang, "wang"), Li: user(Li, "li")}
	storage.RegisterClients(storage.WebClient(Client, Secret, back))
	h := exampleop.SetupServer(issuer, storage.NewStorage(users), slog.New(slog.DiscardHandler), false)
	fmt.Println(issuer)
	go func() { // whoever started us has gone
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	panic(server.Serve(l))
}

type accounts map[string]*storage.User

func (a accounts) GetUserByID(id string) *storage.User { return a[id] }

func (a accounts) GetUserByUsername(name string) *storage.User {
	for _, u := range a {
		if u.Username == name {
			return u
		}
	}
	return nil
}

func (accounts) ExampleClientID() string { return storage.ServiceUserID }

// Provider is a provider that runs.
type Provider struct {
	Issuer string
	stop   func()
}

// Start runs a provider that sends people back to an address. It ends with the test.
func Start(t testing.TB, back string) *Provider {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), asProvider+"="+back)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	p := &Provider{stop: func() {
		if !stopped {
			stopped = true
			_ = in.Close()
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}}
	t.Cleanup(p.stop)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal("the provider did not start: ", err)
	}
	p.Issuer = strings.TrimSpace(line)
	return p
}

// Stop ends the provider's process.
func (p *Provider) Stop() { p.stop() }

// SignIn does at the provider what a person does there: it opens the address, signs
// in under the name, and returns where the provider sends the browser back to.
func (p *Provider) SignIn(t testing.TB, address, login string) *url.URL {
	t.Helper()
	jar := map[string]string{}
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	do := func(method, address string, form url.Values) *url.URL {
		r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for name, value := range jar {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		answer, err := browser.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }() // it was read
		for _, c := range answer.Cookies() {
			jar[c.Name] = c.Value
		}
		to, err := answer.Location()
		if err != nil {
			body, _ := io.ReadAll(answer.Body)
			t.Fatalf("%s %s: %s: %s", method, address, answer.Status, body)
		}
		return to
	}
	page := do(http.MethodGet, address, nil)
	if page.Query().Get("error") != "" {
		return page
	}
	to := do(http.MethodPost, p.Issuer+"/login/username", url.Values{"username": {login}, "password": {Password}, "id": {page.Query().Get("authRequestID")}})
	for strings.HasPrefix(to.String(), p.Issuer) {
		to = do(http.MethodGet, to.String(), nil)
	}
	return to
}
