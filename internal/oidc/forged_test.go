package oidc_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"luoshi.dev/internal/oidc"
)

// forger is a provider that hands out whatever token the test wants.
type forger struct {
	*httptest.Server
	key   *rsa.PrivateKey
	token string
}

var b64 = base64.RawURLEncoding.EncodeToString

func newForger(t *testing.T) *forger {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	f := &forger{key: key}
	mux := http.NewServeMux()
	reply := func(path string, answer func() any) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(answer())
		})
	}
	reply("/.well-known/openid-configuration", func() any {
		return map[string]any{
			"issuer": f.URL, "authorization_endpoint": f.URL + "/auth", "token_endpoint": f.URL + "/token", "jwks_uri": f.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"},
		}
	})
	reply("/keys", func() any {
		return map[string]any{"keys": []any{map[string]string{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1", "n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes())}}}
	})
	reply("/token", func() any {
		answer := map[string]any{"access_token": "a", "token_type": "Bearer"}
		if f.token != "" {
			answer["id_token"] = f.token
		}
		return answer
	})
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.Close)
	return f
}

// sign writes a token as the algorithm says, by the key that is given.
func (f *forger) sign(t *testing.T, algorithm string, key *rsa.PrivateKey, claims map[string]any) string {
	t.Helper()
	head, err := json.Marshal(map[string]string{"alg": algorithm, "kid": "1", "typ": "JWT"})
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	text := b64(head) + "." + b64(body)
	switch algorithm {
	case "none":
		return text + "."
	case "HS256": // the public key taken for a shared secret
		mac := hmac.New(sha256.New, key.N.Bytes())
		mac.Write([]byte(text))
		return text + "." + b64(mac.Sum(nil))
	}
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + b64(signature)
}

// Of all tokens that a provider, or somebody in its place, might hand out, the one
// that is signed by its key, for us, now, for this sign-in is taken.
func TestForgedTokens(t *testing.T) {
	f := newForger(t)
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p, err := oidc.New(oidc.Options{Issuer: f.URL, Client: "luoshi", Secret: "s", Back: back})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for _, c := range []struct {
		name      string
		algorithm string
		key       *rsa.PrivateKey
		claims    map[string]any
		want      string // the error's key
	}{
		{"a good one", "RS256", f.key, nil, ""},
		{"for us among others, and said so", "RS256", f.key, map[string]any{"aud": []string{"other", "luoshi"}, "azp": "luoshi"}, ""},
		{"none at all", "", nil, nil, "oidc.unproved"},
		{"not signed", "none", f.key, nil, "oidc.unproved"},
		{"signed by a stranger", "RS256", stranger, nil, "oidc.unproved"},
		{"the public key as a secret", "HS256", f.key, nil, "oidc.unproved"},
		{"of another issuer", "RS256", f.key, map[string]any{"iss": "https://elsewhere.invalid"}, "oidc.unproved"},
		{"for somebody else", "RS256", f.key, map[string]any{"aud": "other"}, "oidc.unproved"},
		{"for us among others, made for them", "RS256", f.key, map[string]any{"aud": []string{"other", "luoshi"}, "azp": "other"}, "oidc.unproved"},
		{"for us among others, not said for whom", "RS256", f.key, map[string]any{"aud": []string{"other", "luoshi"}}, "oidc.unproved"},
		{"of yesterday", "RS256", f.key, map[string]any{"exp": now.Add(-time.Hour).Unix()}, "oidc.unproved"},
		{"of tomorrow", "RS256", f.key, map[string]any{"nbf": now.Add(time.Hour).Unix()}, "oidc.unproved"},
		{"of another sign-in", "RS256", f.key, map[string]any{"nonce": "another"}, "oidc.unproved"},
		{"of nobody", "RS256", f.key, map[string]any{"sub": ""}, "oidc.unproved"},
	} {
		_, pending := begin(t, p)
		claims := map[string]any{"iss": f.URL, "aud": "luoshi", "sub": "somebody", "nonce": pending.Nonce, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
		for name, value := range c.claims {
			claims[name] = value
		}
		f.token = ""
		if c.key != nil {
			f.token = f.sign(t, c.algorithm, c.key, claims)
		}
		subject, err := p.End(t.Context(), pending, url.Values{"state": {pending.State}, "code": {"c"}})
		if key(err) != c.want || (err == nil) != (subject == "somebody") {
			t.Errorf("%s: %q, %v", c.name, subject, err)
		}
	}
}
