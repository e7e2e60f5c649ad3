// Package gate owns what every request meets before and after the handler that
// answers it: limits, security headers, protection against forged requests, the
// request number, who stands behind it, the access log, compression and caching,
// recovery, and the one table that turns an error code into an HTTP status. It knows
// no page and no route, and never looks into the database but through the accounts.
package gate

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/locale"
)

// Options says how strict the gate is. The zero value is meant for use.
type Options struct {
	Log     *slog.Logger                                            // nil = slog.Default()
	Fail    func(w http.ResponseWriter, r *http.Request, err error) // writes an error as an answer, nil = one plain line
	MaxBody int64                                                   // bytes that a request may carry, 0 = 1 MiB
	Bodies  func(r *http.Request) int64                             // a larger bound for some requests, 0 = MaxBody
	Hosts   []string                                                // names under which the server may be asked, nil = any
	Timeout time.Duration                                           // for one answer, 0 = 30 s
	Rest    time.Duration                                           // how long an upload may stand still, 0 = 30 s
	// Accounts tell who stands behind a request. Without them whoever guards the
	// handlers finds what the caller put into the context.
	Accounts *account.Accounts

	Proxies   []netip.Prefix // reverse proxies whose word counts for who asks (X-Forwarded-For) and over what (X-Forwarded-Proto)
	Encrypted bool           // what comes from another machine in the clear is refused
}

// Wrap puts the handler behind the gate.
func Wrap(h http.Handler, opt Options) http.Handler {
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	if opt.Fail == nil {
		opt.Fail = plain
	}
	if opt.MaxBody == 0 {
		opt.MaxBody = 1 << 20
	}
	if opt.Timeout == 0 {
		opt.Timeout = 30 * time.Second
	}
	if opt.Rest == 0 {
		opt.Rest = resting
	}
	h = recovered(h, opt)
	h = sameOrigin(h, opt)
	h = limited(h, opt)
	h = identified(h, opt)
	h = named(h, opt)
	h = encrypted(h, opt)
	h = packed(h)
	h = secured(h)
	h = logged(h, opt)
	return behind(h, opt)
}

// Status is the one place where an error code becomes an HTTP status.
func Status(code luoshi.Code) int {
	switch code {
	case luoshi.Invalid:
		return http.StatusBadRequest
	case luoshi.NotFound:
		return http.StatusNotFound
	case luoshi.Conflict:
		return http.StatusConflict
	case luoshi.SignIn:
		return http.StatusUnauthorized
	case luoshi.Forbidden:
		return http.StatusForbidden
	case luoshi.TooLarge:
		return http.StatusRequestEntityTooLarge
	case luoshi.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// CodeOf is luoshi.CodeOf that also knows the errors of net/http and context.
func CodeOf(err error) luoshi.Code {
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big):
		return luoshi.TooLarge
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.Is(err, os.ErrDeadlineExceeded):
		return luoshi.Unavailable
	}
	return luoshi.CodeOf(err)
}

func plain(w http.ResponseWriter, r *http.Request, err error) {
	status := Status(CodeOf(err))
	http.Error(w, fmt.Sprintf("%d %s (%s)", status, http.StatusText(status), ID(r.Context())), status)
}

// Lang is the language of the answer: ?lang=, else the cookie that an earlier
// ?lang= left, else Accept-Language.
func Lang(r *http.Request) locale.Lang {
	wishes := []string{r.URL.Query().Get("lang")}
	if v := Cookie(r, "lang"); v != "" {
		wishes = append(wishes, v)
	}
	return locale.Choose(append(wishes, r.Header.Get("Accept-Language"))...)
}

// Remember keeps a choice of looks (language, theme) in a cookie for a year. It
// holds nothing secret and nothing that tells people apart.
func Remember(w http.ResponseWriter, r *http.Request, name, value string) {
	SetCookie(w, r, http.Cookie{Name: name, Value: value, MaxAge: 365 * 24 * 60 * 60})
}

type (
	idKey struct{}
	byKey struct{} // where the number of whoever asked is noted, for the log
)

// ID is the number of the request, which an error page shows and the log holds.
func ID(ctx context.Context) string {
	id, _ := ctx.Value(idKey{}).(string)
	return id
}

// logged gives the request its number and writes one line per answer.
func logged(h http.Handler, opt Options) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := rand.Text()[:8]
		w.Header().Set("X-Request-Id", id)
		seen := &watch{ResponseWriter: w}
		by := new(luoshi.PersonID)
		began := time.Now()
		defer func() {
			level := slog.LevelInfo
			switch {
			case seen.status >= 500:
				level = slog.LevelError
			case strings.HasPrefix(r.URL.Path, "/static/"), r.URL.Path == "/healthz":
				level = slog.LevelDebug
			}
			opt.Log.Log(r.Context(), level, "request", "id", id, "method", r.Method, "uri", uri(r.URL), "by", int64(*by),
				"status", seen.status, "bytes", seen.bytes, "took", time.Since(began).Round(10*time.Microsecond))
		}()
		ctx := context.WithValue(r.Context(), idKey{}, id)
		h.ServeHTTP(seen, r.WithContext(context.WithValue(ctx, byKey{}, by)))
	})
}

// watch notes what was answered.
type watch struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (w *watch) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watch) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *watch) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// policy allows what comes from this server as files of their own, and nothing
// else: no inline script or style, no frame, no other address.
const policy = "default-src 'none'; object-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

// secured sets the headers that hold for every answer.
func secured(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("Content-Security-Policy", policy)
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("X-Frame-Options", "DENY")
		head.Set("Referrer-Policy", "same-origin")
		head.Set("Cross-Origin-Opener-Policy", "same-origin")
		head.Set("Cross-Origin-Resource-Policy", "same-origin")
		head.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		if Secure(r) {
			head.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		h.ServeHTTP(w, r)
	})
}

// limited bounds the size of what comes in and the time an answer may take.
func limited(h http.Handler, opt Options) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bound := opt.MaxBody
		if opt.Bodies != nil {
			bound = max(bound, opt.Bodies(r))
		}
		if r.ContentLength > bound {
			opt.Fail(w, r, &luoshi.Error{Code: luoshi.TooLarge, Message: luoshi.Say("gate.too_large", "limit", bound>>10)})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, bound)
		if bound > opt.MaxBody {
			r, done := patient(w, r, opt)
			defer done()
			h.ServeHTTP(w, r)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), opt.Timeout)
		defer cancel()
		h.ServeHTTP(w, r.WithContext(ctx))
	})
}

// named refuses requests under a name that is not ours. A page elsewhere can let
// its own name point to this machine (DNS rebinding); the browser then takes its
// requests for ours, but not under our name.
func named(h http.Handler, opt Options) http.Handler {
	if opt.Hosts == nil {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		host = strings.Trim(host, "[]")
		if !slices.Contains(opt.Hosts, strings.ToLower(host)) {
			opt.Fail(w, r, &luoshi.Error{Code: luoshi.Forbidden, Message: luoshi.Say("gate.host", "host", host)})
			return
		}
		h.ServeHTTP(w, r)
	})
}

// sameOrigin refuses what changes something when another site's page sent it.
func sameOrigin(h http.Handler, opt Options) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		opt.Fail(w, r, &luoshi.Error{Code: luoshi.Forbidden, Message: luoshi.Say("gate.cross_origin")})
	}))
	return guard.Handler(h)
}

// recovered answers a panic as an internal error; what was written so far is taken
// back where it has not left yet.
func recovered(h http.Handler, opt Options) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(cause)
			}
			opt.Log.ErrorContext(r.Context(), "panic", "id", ID(r.Context()), "cause", cause, "stack", string(debug.Stack()))
			if held, ok := w.(*reply); ok && !held.reset() {
				panic(http.ErrAbortHandler) // half an answer must not look like a whole one
			}
			opt.Fail(w, r, &luoshi.Error{Code: luoshi.Internal, Message: luoshi.Say("error.internal"), Err: fmt.Errorf("panic: %v", cause)})
		}()
		h.ServeHTTP(w, r)
	})
}

// Serve answers on the listener until ctx ends, then lets running requests finish
// for ten seconds.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      answering,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	select {
	case err := <-done:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return fmt.Errorf("stop %s: %w", l.Addr(), errors.Join(err, server.Close()))
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	}
	return nil
}
