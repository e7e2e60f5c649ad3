package gate

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/service"
)

// sessionCookie holds the secret of a session.
const sessionCookie = "luoshi"

type hereKey struct{}

// Here is who is signed in, nil = nobody. Somebody with steps left (a second factor,
// a first password to change) is here, but acts as nobody.
func Here(ctx context.Context) *account.Here {
	here, _ := ctx.Value(hereKey{}).(*account.Here)
	return here
}

// SessionSecret is what the session cookie of a request holds, "" = nothing.
func SessionSecret(r *http.Request) string { return Cookie(r, sessionCookie) }

// SetSession gives the browser the secret of its session.
func SetSession(w http.ResponseWriter, r *http.Request, secret string, ends time.Time) {
	SetCookie(w, r, http.Cookie{Name: sessionCookie, Value: secret, Expires: ends})
}

// EndSession takes the secret away from the browser.
func EndSession(w http.ResponseWriter, r *http.Request) {
	SetCookie(w, r, http.Cookie{Name: sessionCookie, MaxAge: -1})
}

// From is where a request comes from.
func From(r *http.Request) account.From {
	address := r.RemoteAddr
	if host, _, err := net.SplitHostPort(address); err == nil {
		address = host
	}
	return account.From{Address: address, Agent: r.UserAgent()}
}

// bearer is the token of a request under /api, "" = none.
func bearer(r *http.Request) string {
	kind, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(kind, "Bearer") || !underAPI(r) {
		return ""
	}
	return strings.TrimSpace(token)
}

func underAPI(r *http.Request) bool {
	return r.URL.Path == "/api" || strings.HasPrefix(r.URL.Path, "/api/")
}

// identified puts who stands behind a request into its context, for the handlers
// and for the service. A cookie whose session has ended is taken away; a token that
// is not good is refused.
func identified(h http.Handler, opt Options) http.Handler {
	if opt.Accounts == nil {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/static/") || r.URL.Path == "/healthz" {
			h.ServeHTTP(w, r)
			return
		}
		ctx := r.Context()
		here, err := who(w, r, opt.Accounts)
		if err != nil {
			opt.Fail(w, r.WithContext(service.As(ctx, account.By{Request: ID(ctx)})), err)
			return
		}
		by := account.By{Request: ID(ctx)}
		if here != nil {
			here.Request = by.Request
			if here.Step == account.Done {
				by = here.By
			}
			ctx = context.WithValue(ctx, hereKey{}, here)
			if by, ok := ctx.Value(byKey{}).(*luoshi.PersonID); ok {
				*by = here.Person.ID
			}
		}
		h.ServeHTTP(w, r.WithContext(service.As(ctx, by)))
	})
}

func who(w http.ResponseWriter, r *http.Request, accounts *account.Accounts) (*account.Here, error) {
	if token := bearer(r); token != "" {
		here, err := accounts.Bearer(r.Context(), token)
		if luoshi.CodeOf(err) == luoshi.Forbidden {
			err = &luoshi.Error{Code: luoshi.SignIn, Message: luoshi.Say("gate.token")}
		}
		return here, err
	}
	secret := SessionSecret(r)
	if secret == "" {
		return nil, nil
	}
	here, err := accounts.Who(r.Context(), secret)
	switch luoshi.CodeOf(err) {
	case luoshi.NotFound, luoshi.Forbidden: // ended, or may no longer sign in
		EndSession(w, r)
		return nil, nil
	}
	return here, err
}
