package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"luoshi.dev"
	"luoshi.dev/internal/gate"
	"luoshi.dev/internal/locale"
	"luoshi.dev/wire"
)

// details is the document of an error.
type details = wire.Error

// problem is an error on its way out, as huma wants it.
type problem struct{ details }

func (p *problem) Error() string             { return p.Detail }
func (p *problem) GetStatus() int            { return p.Status }
func (p *problem) ContentType(string) string { return "application/problem+json" }

// problemOf writes an error down in the language of the request, with the code
// that the service gave it and the words that a page would show.
func (a *API) problemOf(ctx context.Context, err error) *problem {
	code := gate.CodeOf(err)
	m := a.told(err, code)
	if code == luoshi.Internal || code == luoshi.Unavailable {
		slog.ErrorContext(ctx, "api", "id", gate.ID(ctx), "path", askedOf(ctx).url.Path, "err", err)
	}
	lang := askedOf(ctx).lang
	p := a.bare(lang, code, m)
	p.Instance = gate.ID(ctx)
	if l := where(err); l != nil {
		p.Errors = []wire.FieldError{{Location: l.where, Detail: p.Detail, Key: m.Key, Value: l.value}}
	}
	var f *faulty
	if errors.As(err, &f) {
		for _, one := range f.faults {
			if one.Severity == luoshi.Blocking {
				p.Errors = append(p.Errors, wire.FieldError{Location: placeOf(one), Detail: a.words.Say(lang, one.Message), Key: one.Message.Key})
			}
		}
	}
	return p
}

// told is the first message of an error that has words: what is ours stays ours.
func (a *API) told(err error, code luoshi.Code) luoshi.Message {
	if code == luoshi.TooLarge || code == luoshi.Unavailable {
		var e *luoshi.Error
		if !errors.As(err, &e) {
			return luoshi.Say("page.error." + string(code) + ".say")
		}
	}
	for ; err != nil; err = errors.Unwrap(err) {
		var e *luoshi.Error
		if !errors.As(err, &e) {
			break
		}
		if err = e; a.words.Has(e.Message.Key) {
			return e.Message
		}
	}
	return luoshi.Say("error.internal")
}

func (a *API) bare(lang locale.Lang, code luoshi.Code, m luoshi.Message) *problem {
	return &problem{details{
		Type: "/api#error-" + string(code), Title: a.words.Word(lang, "page.error."+string(code)), Status: gate.Status(code),
		Detail: a.words.Say(lang, m), Fix: a.fix(lang, m), Code: code, Key: m.Key,
	}}
}

// fix is the way out of what a message says, if there is one.
func (a *API) fix(lang locale.Lang, m luoshi.Message) string {
	if fix := m.Key + ".fix"; a.words.Has(fix) {
		return a.words.Say(lang, luoshi.Message{Key: fix, Args: m.Args})
	}
	return ""
}

// Fail answers an error that came up outside the operations: the gate's own, an
// unknown address.
func (a *API) Fail(w http.ResponseWriter, r *http.Request, err error) {
	ctx := r.Context()
	if ctx.Value(askedKey{}) == nil {
		ctx = context.WithValue(ctx, askedKey{}, asked{lang: gate.Lang(r), url: r.URL})
	}
	p := a.problemOf(ctx, err)
	head := w.Header()
	head.Set("Content-Type", p.ContentType(""))
	head.Set("Content-Language", string(askedOf(ctx).lang))
	head.Add("Vary", "Accept-Language, Cookie")
	w.WriteHeader(p.Status)
	if err := json.NewEncoder(w).Encode(p); err != nil {
		slog.DebugContext(ctx, "answer not sent", "id", gate.ID(ctx), "err", err)
	}
}

// Ours reports whether a request is for the API: the gate then answers in its form.
func Ours(r *http.Request) bool {
	return r.URL.Path == "/api" || strings.HasPrefix(r.URL.Path, "/api/")
}

// transform turns huma's own findings into problems of ours.
func (a *API) transform(ctx huma.Context, _ string, v any) (any, error) {
	found, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	lang := askedOf(ctx.Context()).lang
	code := codeOfStatus(found.Status)
	message := luoshi.Say("api.invalid")
	switch {
	case code == luoshi.TooLarge:
		message = luoshi.Say("page.error.too_large.say")
	case code == luoshi.Internal:
		message = luoshi.Say("error.internal")
		slog.ErrorContext(ctx.Context(), "api", "id", gate.ID(ctx.Context()), "path", askedOf(ctx.Context()).url.Path, "err", found.Detail, "errors", found.Errors)
	case len(found.Errors) == 0:
		message = luoshi.Say("api.body.missing")
	}
	p := a.bare(lang, code, message)
	p.Instance = gate.ID(ctx.Context())
	if code != luoshi.Internal {
		for _, e := range found.Errors {
			m := fieldMessage(e.Message)
			p.Errors = append(p.Errors, wire.FieldError{Location: e.Location, Detail: a.words.Say(lang, m), Key: m.Key, Value: short(e.Value)})
		}
	}
	if len(p.Errors) == 1 { // one thing wrong is said at once
		p.Detail = a.words.Say(lang, luoshi.Say("api.field", "location", p.Errors[0].Location, "detail", p.Errors[0].Detail))
		p.Key = p.Errors[0].Key
	}
	ctx.SetHeader("Content-Language", string(lang))
	ctx.AppendHeader("Vary", "Accept-Language, Cookie")
	return p, nil
}

// short keeps a whole body out of the echo of what was wrong.
func short(v any) any {
	switch t := v.(type) {
	case string:
		if len(t) <= 200 {
			return t
		}
	case bool, float64, int, int64:
		return t
	}
	return nil
}

func codeOfStatus(status int) luoshi.Code {
	switch {
	case status == http.StatusRequestEntityTooLarge:
		return luoshi.TooLarge
	case status == http.StatusRequestTimeout:
		return luoshi.Unavailable
	case status >= http.StatusInternalServerError:
		return luoshi.Internal
	}
	return luoshi.Invalid
}

// plainStatus gives huma's own answers the status that the gate has for their
// code: what breaks a rule is 400, whoever found it.
func plainStatus(ctx huma.Context, next func(huma.Context)) { next(&settled{ctx}) }

// settled is a context whose statuses are the gate's.
type settled struct{ inner }

type inner = huma.Context // its method Context would collide with a field of that name

func (c *settled) Unwrap() huma.Context { return c.inner }

func (c *settled) SetStatus(status int) {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict: // the gate's own
	default:
		if status >= http.StatusBadRequest && status < http.StatusInternalServerError {
			status = gate.Status(codeOfStatus(status))
		}
	}
	c.inner.SetStatus(status)
}
