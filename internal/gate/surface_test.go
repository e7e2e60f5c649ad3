package gate_test

import (
	"bytes"
	"crypto/tls"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"luoshi.dev/internal/gate"
)

// Who asks, and over what, is taken from trusted proxies alone.
func TestProxies(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		name, peer, forwarded, proto, want string
		secure                             bool
	}{
		{"no proxy", "203.0.113.9:5", "", "", "203.0.113.9:0", false},
		{"a stranger says who they are", "203.0.113.9:5", "198.51.100.1", "https", "203.0.113.9:0", false},
		{"a proxy says who asks", "10.0.0.1:5", "198.51.100.1", "https", "198.51.100.1:0", true},
		{"what stands before the first stranger is not believed", "10.0.0.1:5", "1.1.1.1, 198.51.100.1", "https", "198.51.100.1:0", true},
		{"through two proxies", "10.0.0.1:5", "198.51.100.1, 10.0.0.2", "http, https", "198.51.100.1:0", true},
		{"the nearest proxy was asked in the clear", "10.0.0.1:5", "198.51.100.1", "https, http", "198.51.100.1:0", false},
		{"nonsense", "10.0.0.1:5", "198.51.100.1, <script>", "gopher", "10.0.0.1:0", false},
		{"the proxy itself", "127.0.0.1:5", "", "", "127.0.0.1:0", false},
		{"IPv6", "[fd00::1]:5", "2001:db8::7", "https", "[2001:db8::7]:0", true},
		{"IPv4 written as IPv6", "10.0.0.1:5", "::ffff:198.51.100.1", "https", "198.51.100.1:0", true},
	} {
		var got *http.Request
		h := gate.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r }), gate.Options{Log: quiet, Proxies: proxies})
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.peer
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if c.proto != "" {
			r.Header.Set("X-Forwarded-Proto", c.proto)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got.RemoteAddr != c.want || gate.Secure(got) != c.secure || got.Header.Get("X-Forwarded-For") != "" {
			t.Errorf("%s: %s, secure %v, %v", c.name, got.RemoteAddr, gate.Secure(got), got.Header)
		}
		if (w.Header().Get("Strict-Transport-Security") != "") != c.secure {
			t.Errorf("%s: HSTS %q", c.name, w.Header().Get("Strict-Transport-Security"))
		}
	}
}

// What comes from another machine in the clear is refused before anything reads it.
func TestEncryptedOnly(t *testing.T) {
	h := gate.Wrap(says("in"), gate.Options{Log: quiet, Encrypted: true, Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	for _, c := range []struct {
		name, peer, path, proto string
		tls                     bool
		status                  int
	}{
		{"in the clear", "203.0.113.9:5", "/", "", false, 403},
		{"in the clear, said to be not", "203.0.113.9:5", "/", "https", false, 403},
		{"encrypted", "203.0.113.9:5", "/", "", true, 200},
		{"encrypted up to the proxy", "10.0.0.1:5", "/", "https", false, 200},
		{"in the clear through the proxy", "10.0.0.1:5", "/", "http", false, 403},
		{"on this machine", "127.0.0.1:5", "/", "", false, 200},
		{"is it alive", "203.0.113.9:5", "/healthz", "", false, 200},
	} {
		r := httptest.NewRequest(http.MethodGet, c.path, nil)
		r.RemoteAddr = c.peer
		if c.proto != "" {
			r.Header.Set("X-Forwarded-Proto", c.proto)
		}
		if c.tls {
			r.TLS = &tls.ConnectionState{}
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("%s: %d", c.name, w.Code)
		}
	}
}

// The log knows where somebody looked, and neither secrets nor what was searched.
func TestLogIsDiscreet(t *testing.T) {
	var log bytes.Buffer
	h := gate.Wrap(says("page"), gate.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	for target, want := range map[string]string{
		"/?unit=340100&asof=2020-07-31&lang=en":                    `uri="/?asof=2020-07-31&lang=en&unit=340100"`,
		"/setup?link=SECRET1":                                      `uri="/setup?link=…"`,
		"/signin/oidc/back?code=SECRET2&state=SECRET3&iss=SECRET4": `uri="/signin/oidc/back?code=…&iss=…&state=…"`,
		"/search?q=SECRET5":                                        `uri="/search?q=…"`,
		"/signin?to=/people%3Fname%3DSECRET6":                      `uri="/signin?to=…"`,
		"/?unit=" + strings.Repeat("9", 500):                       strings.Repeat("9", 80) + "…",
		"/?%zz=SECRET7":                                            `uri=/?`,
	} {
		log.Reset()
		ask(h, "GET", target, "", "Cookie", "luoshi=SECRET8", "Authorization", "Bearer SECRET9")
		if line := log.String(); !strings.Contains(line, want) || strings.Contains(line, "SECRET") || len(line) > 500 {
			t.Errorf("%s: %s", target, line)
		}
	}
}
