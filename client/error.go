package client

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"luoshi.dev"
	"luoshi.dev/wire"
)

// Error is what the server says went wrong: a code for programs, sentences for
// people in the client's language, the number of the request for the server's log.
// luoshi.CodeOf finds its code too.
type Error struct {
	Code     luoshi.Code
	Status   int
	Title    string            // the code in a word
	Detail   string            // what is wrong
	Fix      string            // the way out
	Key      string            // which sentence Detail is, the same in every language
	Request  string            // number of the request
	Fields   []wire.FieldError // by parameter or field, where several are wrong
	After    time.Duration     // the server asks to wait so long
	Question string            // what was asked: method and path
}

// Error is what was asked, what is wrong with it and the way out.
func (e *Error) Error() string {
	text := e.Question + ": " + e.Detail
	if e.Fix != "" {
		text += "; " + e.Fix
	}
	for _, f := range e.Fields {
		text += " (" + f.Location + ": " + f.Detail + ")"
	}
	return text
}

// Unwrap makes errors.As and luoshi.CodeOf find the code.
func (e *Error) Unwrap() error {
	return &luoshi.Error{Code: e.Code, Message: luoshi.Message{Key: e.Key}}
}

// errorOf reads the server's error, or makes one of an answer that is not the API's
// own: a proxy's, for instance.
func errorOf(r request, resp *http.Response, body []byte) *Error {
	e := &Error{Status: resp.StatusCode, Question: r.method + " " + r.path, Request: resp.Header.Get("X-Request-Id")}
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
		e.After = time.Duration(seconds) * time.Second
	}
	var told wire.Error
	if json.Unmarshal(body, &told) == nil && told.Code != "" {
		e.Code, e.Title, e.Detail, e.Fix, e.Key, e.Request, e.Fields = told.Code, told.Title, told.Detail, told.Fix, told.Key, told.Instance, told.Errors
		return e
	}
	e.Title, e.Detail = http.StatusText(resp.StatusCode), resp.Status
	switch {
	case resp.StatusCode == http.StatusNotFound:
		e.Code = luoshi.NotFound
	case resp.StatusCode == http.StatusUnauthorized:
		e.Code = luoshi.SignIn
	case resp.StatusCode == http.StatusForbidden:
		e.Code = luoshi.Forbidden
	case resp.StatusCode == http.StatusConflict:
		e.Code = luoshi.Conflict
	case resp.StatusCode == http.StatusRequestEntityTooLarge:
		e.Code = luoshi.TooLarge
	case resp.StatusCode == http.StatusServiceUnavailable || resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusBadGateway || resp.StatusCode == http.StatusGatewayTimeout:
		e.Code = luoshi.Unavailable
	case resp.StatusCode >= http.StatusInternalServerError:
		e.Code = luoshi.Internal
	default:
		e.Code = luoshi.Invalid
	}
	return e
}
