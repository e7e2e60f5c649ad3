package account

import "time"

// CodeAt is the code that an authenticator shows.
func CodeAt(secret string, now time.Time) string {
	code, err := totpCode(secret, now.Unix()/30)
	if err != nil {
		panic(err)
	}
	return code
}
