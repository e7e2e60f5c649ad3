package account

import (
	"encoding/base32"
	"strings"
	"testing"
	"time"

	"luoshi.dev"
)

// The test vectors of RFC 6238, appendix B, for SHA-1, by their last six digits.
func TestTOTPVectors(t *testing.T) {
	secret := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString([]byte("12345678901234567890"))
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		got, err := totpCode(secret, at/30)
		if err != nil || got != want {
			t.Errorf("at %d: %s %v, want %s", at, got, err, want)
		}
		for skew, fits := range map[int64]bool{-31: true, 0: true, 31: true, -95: false, 95: false} {
			step, err := totpMatch(secret, " "+want[:3]+" "+want[3:], time.Unix(at+skew, 0))
			if err != nil || (step == at/30) != fits && skew%30 != 0 && at%30 != 29 && at%30 != 0 {
				t.Errorf("at %d off by %d: step %d %v", at, skew, step, err)
			}
		}
	}
}

// First passwords pass their own rules, and no two are alike.
func TestFirstPassword(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		p := firstPassword()
		if err := checkPassword(p, luoshi.Person{Login: "a", Name: "b"}); err != nil || seen[p] {
			t.Fatalf("%s: %v", p, err)
		}
		seen[p] = true
	}
}

// A hash names its own cost, fits its password and no other, and a broken one is an
// error rather than a yes.
func TestHash(t *testing.T) {
	h := hashed("落日圆", cost{64, 1, 1})
	if !strings.HasPrefix(h, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Error(h)
	}
	for password, want := range map[string]bool{"落日圆": true, "落日圓": false, "": false} {
		if got, err := matches(h, password); err != nil || got != want {
			t.Errorf("%q: %v %v", password, got, err)
		}
	}
	for _, bad := range []string{"", "x", "$argon2i$v=19$m=64,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=64,t=0,p=1$AAAA$AAAA", "$argon2id$v=19$m=99999999,t=1,p=1$AAAA$AAAA", "$argon2id$v=18$m=64,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=64,t=1,p=1$!$AAAA"} {
		if ok, err := matches(bad, "x"); ok || err == nil {
			t.Errorf("%q: %v %v", bad, ok, err)
		}
	}
}

func FuzzMatches(f *testing.F) {
	f.Add(hashed("x", cost{64, 1, 1}), "x")
	f.Add("$argon2id$v=19$m=64,t=1,p=1$AAAA$AAAA", "y")
	f.Fuzz(func(t *testing.T, hash, password string) {
		if len(hash) > 200 || strings.Contains(hash, "m=") && !strings.Contains(hash, "m=64,t=1,p=1") {
			return // costs time, not faults
		}
		if ok, err := matches(hash, password); ok && err != nil {
			t.Error("yes and an error")
		}
	})
}

// What a sign-in costs: the hash is the price that a guesser pays.
func BenchmarkSignInCheck(b *testing.B) {
	h := hashed("落日圆长河直", dear)
	for b.Loop() {
		if ok, err := matches(h, "落日圆长河直"); !ok || err != nil {
			b.Fatal(err)
		}
	}
}
