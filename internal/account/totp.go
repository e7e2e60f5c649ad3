package account

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6238 as every authenticator speaks it
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// A time-based one-time password (RFC 6238): HMAC-SHA1 of the number of half
// minutes since 1970, six digits.
const (
	totpStep   = 30 * time.Second
	totpDigits = 6
	totpBytes  = 20
	totpSkew   = 1 // steps that a clock may be off
)

func newTOTP() string {
	secret := make([]byte, totpBytes)
	_, _ = rand.Read(secret) // never fails
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// totpCode is the code of a time step.
func totpCode(secret string, step int64) (string, error) {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		return "", fmt.Errorf("second factor: %w", err)
	}
	mac := hmac.New(sha1.New, key)
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step)) //nolint:gosec // seconds since 1970
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	n := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", totpDigits, n%1_000_000), nil
}

// totpMatch finds the time step whose code it is, within the skew, or 0.
func totpMatch(secret, code string, now time.Time) (int64, error) {
	code = strings.Join(strings.Fields(code), "")
	at := now.Unix() / int64(totpStep/time.Second)
	var found int64
	for step := at - totpSkew; step <= at+totpSkew; step++ {
		want, err := totpCode(secret, step)
		if err != nil {
			return 0, err
		}
		if hmac.Equal([]byte(want), []byte(code)) {
			found = step
		}
	}
	return found, nil
}

// totpAddress is what an authenticator scans or opens.
func totpAddress(secret, login string) string {
	q := url.Values{"secret": {secret}, "issuer": {"luoshi"}, "digits": {fmt.Sprint(totpDigits)}, "period": {fmt.Sprint(int(totpStep / time.Second))}}
	return "otpauth://totp/" + url.PathEscape("luoshi:"+login) + "?" + q.Encode()
}
