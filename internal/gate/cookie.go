package gate

import "net/http"

// CookieName is what a cookie of ours is called: over TLS it is bound to this very
// host; on plain loopback browsers refuse that form.
func CookieName(r *http.Request, name string) string {
	if Secure(r) {
		return "__Host-" + name
	}
	return name
}

// SetCookie sets a cookie for the whole of this host, which no script can read. Name,
// value, age and SameSite are as given.
func SetCookie(w http.ResponseWriter, r *http.Request, c http.Cookie) {
	c.Name, c.Path, c.HttpOnly, c.Secure = CookieName(r, c.Name), "/", true, Secure(r)
	if c.SameSite == 0 {
		c.SameSite = http.SameSiteLaxMode
	}
	http.SetCookie(w, &c)
}

// Cookie is the value of a cookie of ours, "" where there is none.
func Cookie(r *http.Request, name string) string {
	c, err := r.Cookie(CookieName(r, name))
	if err != nil {
		return ""
	}
	return c.Value
}
