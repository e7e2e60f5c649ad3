package web

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"luoshi.dev"
	"luoshi.dev/internal/locale"
)

// Whatever is sent as the form of signing in: it is read without a fault of ours, a
// name that is passed on has a form that a name can have, and nothing empty is tried.
func FuzzSignInForm(f *testing.F) {
	for _, s := range []string{"login=a&password=b", "login=%20&password=", "login=%ff&password=%00", "login=" + strings.Repeat("长", 65) + "&password=x", "login=a&login=b", "login=Ａ&password=" + strings.Repeat("x", 600)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		v, _ := url.ParseQuery(body) // what can be read of it, as a form is
		in := readSignIn(v)
		if len(in.faults) > 0 {
			return
		}
		folded := luoshi.FoldLogin(in.login)
		if folded == "" || !utf8.ValidString(folded) || utf8.RuneCountInString(folded) > luoshi.LoginMost || in.password == "" || len(in.password) > passwordBytes {
			t.Errorf("%q with a password of %d bytes is tried", in.login, len(in.password))
		}
	})
}

// Whatever an address names as where to go on: a browser is never led to another
// site, to another scheme, or round in a circle.
func FuzzWhereTo(f *testing.F) {
	for _, s := range []string{"/", "/?unit=340000", "/indicators?asof=2020-06-30#x", "//elsewhere", "/\\elsewhere", "https://elsewhere/", "javascript:alert(1)", "/\t/elsewhere", "/signin?to=/signin", "/%2f/elsewhere", "/./", "/register/../signin", "/import/3", "/nowhere", "/\u2028", "/../..//elsewhere"} {
		f.Add(s)
	}
	words, err := locale.New()
	if err != nil {
		f.Fatal(err)
	}
	s, err := New(nil, words, Options{})
	if err != nil {
		f.Fatal(err)
	}
	base, _ := url.Parse("https://luoshi.example/signin")
	f.Fuzz(func(t *testing.T, to string) {
		got := s.ours(to)
		if got == "" {
			return
		}
		u, err := base.Parse(got)
		if err != nil || u.Host != base.Host || u.Scheme != base.Scheme || u.User != nil || strings.HasPrefix(u.Path, "//") || strings.HasPrefix(got, "//") {
			t.Errorf("%q leads to %v, %v", to, u, err)
		}
		if strings.HasPrefix(u.Path, "/signin") || strings.HasPrefix(u.Path, "/setup") || strings.ContainsAny(got, "\r\n\\") {
			t.Errorf("%q leads to %s", to, got)
		}
		if again := s.ours(got); again != got {
			t.Errorf("%q is %q, and then %q", to, got, again)
		}
	})
}

// A code that an authenticator can scan has its three corners and its white rim.
func TestDrawQR(t *testing.T) {
	code, err := drawQR("otpauth://totp/luoshi:lu?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{"M4 4h7v1h-7z", "M4 10h7v1h-7z"} {
		if !strings.Contains(code.Path, row) {
			t.Errorf("%s is missing", row)
		}
	}
	if code.Side < 21+2*quiet || strings.Contains(code.Path, "M0 ") || strings.Contains(code.Path, " 3h") {
		t.Errorf("side %d: %s", code.Side, code.Path[:60])
	}
}

// Browsers and systems are told apart in the order in which they pretend.
func TestDevice(t *testing.T) {
	for agent, want := range map[string]string{
		"": "", "curl/8.5.0": "curl",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0":           "Edge · Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1": "Safari · iPhone",
		"Mozilla/5.0 (Linux; Android 14; HarmonyOS) AppleWebKit/537.36 Chrome/114.0 Mobile Safari/537.36":                                         "Chrome · HarmonyOS",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                                  "Firefox · Linux",
	} {
		if got := device(agent); got != want {
			t.Errorf("%s is %q, want %q", agent, got, want)
		}
	}
}
