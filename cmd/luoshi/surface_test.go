package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/locale"
)

func testApp(t *testing.T) *app {
	t.Helper()
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	return &app{words: words, out: io.Discard, err: io.Discard, speak: "en", getenv: func(string) string { return "" }}
}

func keyOf(err error) string {
	var e *luoshi.Error
	if !errors.As(err, &e) {
		return ""
	}
	return e.Message.Key
}

// The key file is made once, is nobody else's to read, and is never replaced.
func TestKey(t *testing.T) {
	a := testApp(t)
	a.db = filepath.Join(t.TempDir(), "plan.db")
	path := a.keyPath("")
	if path != strings.TrimSuffix(a.db, ".db")+".key" {
		t.Errorf("the key lies at %s", path)
	}
	first, err := a.key(path)
	if err != nil || len(first) != 32 {
		t.Fatalf("%d bytes, %v", len(first), err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	again, err := a.key(path)
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("another key at the second start: %v", err)
	}
	if other, err := a.key(filepath.Join(t.TempDir(), "other.key")); err != nil || bytes.Equal(first, other) {
		t.Errorf("two installations have one key: %v", err)
	}
	if err := os.Chmod(path, 0o644); err != nil { //nolint:gosec // what the test is about
		t.Fatal(err)
	}
	if _, err := a.key(path); keyOf(err) != "cli.key_open" {
		t.Errorf("a key that others can read: %v", err)
	}
	if err := os.WriteFile(path, []byte("c2hvcnQ=\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := a.key(path); keyOf(err) != "cli.key_bad" {
		t.Errorf("a key that is none: %v", err)
	}
	a.db = "postgres://luoshi@db/luoshi"
	if a.keyPath("") != "luoshi.key" || a.keyPath("/etc/luoshi/key") != "/etc/luoshi/key" {
		t.Errorf("%s, %s", a.keyPath(""), a.keyPath("/etc/luoshi/key"))
	}
}

// Where passwords would cross a network in the clear, nothing is served.
func TestServeRefuses(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"serve", "--listen", "0.0.0.0:0"}, "in the clear"},
		{[]string{"serve", "--listen", ":0"}, "in the clear"},
		{[]string{"serve", "--listen", "[::]:0"}, "in the clear"},
		{[]string{"serve", "--cert", "c.pem"}, "--tls-key"},
		{[]string{"serve", "--listen", "127.0.0.1:0", "--cert", "none.pem", "--tls-key", "none.pem"}, "certificate"},
		{[]string{"serve", "--listen", "127.0.0.1:0", "--proxy", "everybody"}, "everybody"},
		{[]string{"serve", "--listen", "127.0.0.1:0", "--url", "luoshi"}, "luoshi"},
		{[]string{"serve", "--listen", "127.0.0.1:0", "--oidc-issuer", "http://login.example.gov.cn", "--oidc-client", "x"}, "issuer"},
		{[]string{"demo", "--listen", "0.0.0.0:0"}, "other machines"},
	} {
		var out, errs bytes.Buffer
		args := slices.Concat(c.args, []string{"--lang", "en"})
		if c.args[0] == "serve" {
			args = append(args, "--db", filepath.Join(t.TempDir(), "a.db"))
		}
		code := run(t.Context(), args, strings.NewReader(""), &out, &errs, func(string) string { return "" })
		if code != exitInvalid || !strings.Contains(errs.String(), c.want) {
			t.Errorf("%v: exit %d: %s%s", c.args, code, out.String(), errs.String())
		}
	}
}

// certificate writes a certificate for this machine and its key.
func certificate(t *testing.T, dir string, serial int64) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{key: {Type: "PRIVATE KEY", Bytes: secret}, cert: {Type: "CERTIFICATE", Bytes: der}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool = x509.NewCertPool()
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(parsed)
	return cert, key, pool
}

// A server with a certificate speaks TLS 1.2 and 1.3 and nothing older, and takes up
// a new certificate without being started again.
func TestServeTLS(t *testing.T) {
	dir := t.TempDir()
	s := &surface{}
	var pool *x509.CertPool
	s.cert, s.tlsKey, pool = certificate(t, dir, 1)
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln, err := s.open(plain)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) })}
	go func() { _ = server.Serve(ln) }()
	t.Cleanup(func() { _ = server.Close() })
	dial := func(version uint16, pool *x509.CertPool) (*tls.ConnectionState, error) {
		c, err := tls.Dial("tcp", ln.Addr().String(), &tls.Config{RootCAs: pool, MinVersion: version, MaxVersion: version, NextProtos: []string{"h2"}}) //nolint:gosec // old versions are what is asked about
		if err != nil {
			return nil, err
		}
		state := c.ConnectionState()
		return &state, c.Close()
	}
	for version, good := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		state, err := dial(version, pool)
		if (err == nil) != good || good && state.NegotiatedProtocol != "h2" {
			t.Errorf("version %x: %v", version, err)
		}
	}
	_, _, fresh := certificate(t, dir, 2)
	later := time.Now().Add(2 * time.Second)
	if err := os.Chtimes(s.cert, later, later); err != nil {
		t.Fatal(err)
	}
	if state, err := dial(tls.VersionTLS13, fresh); err != nil || state.PeerCertificates[0].SerialNumber.Int64() != 2 {
		t.Errorf("the new certificate was not taken up: %v", err)
	}
	if err := os.WriteFile(s.cert, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := dial(tls.VersionTLS13, fresh); err != nil {
		t.Errorf("a half-written file took the server down: %v", err)
	}
}

// Names, proxies and address follow from the flags.
func TestSurface(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	for _, c := range []struct {
		name, base, names, proxies string
		at                         surface
	}{
		{"this machine alone", "http://" + ln.Addr().String(), "localhost 127.0.0.1 ::1", "", surface{listen: "127.0.0.1:8080"}},
		{"behind a proxy on this machine", "https://luoshi.example.gov.cn", "luoshi.example.gov.cn localhost 127.0.0.1 ::1", "127.0.0.0/8 ::1/128", surface{listen: "127.0.0.1:8080", url: "https://luoshi.example.gov.cn/"}},
		{"behind a proxy elsewhere", "http://" + ln.Addr().String(), "", "10.1.2.3/32 10.9.0.0/16", surface{listen: "0.0.0.0:8080", proxy: []string{"10.1.2.3", " 10.9.8.7/16"}}},
		{"encrypted here", "https://luoshi.example.gov.cn:8443", "luoshi.example.gov.cn localhost 127.0.0.1 ::1", "", surface{listen: "0.0.0.0:8443", url: "https://luoshi.example.gov.cn:8443", cert: "c", tlsKey: "k"}},
	} {
		base, err := c.at.base(ln)
		if err != nil || base != c.base {
			t.Errorf("%s: %s, %v", c.name, base, err)
		}
		proxies, err := c.at.proxies()
		var list []string
		for _, p := range proxies {
			list = append(list, p.String())
		}
		if err != nil || strings.Join(list, " ") != c.proxies || strings.Join(c.at.names(), " ") != c.names {
			t.Errorf("%s: proxies %v, names %v, %v", c.name, list, c.at.names(), err)
		}
		if err := c.at.private(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
