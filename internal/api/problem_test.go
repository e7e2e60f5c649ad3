package api_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2/validation"

	"luoshi.dev"
	"luoshi.dev/internal/api"
	"luoshi.dev/internal/gate"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/service"
	"luoshi.dev/workflow"
)

// Whatever goes wrong comes in one form, with the code, the words of a page and the
// way out, in the language asked for, and with the number of the request.
func TestErrors(t *testing.T) {
	h := behindGate(t, api.Options{})
	for _, tc := range []struct {
		method, target string
		status         int
		code           luoshi.Code
		key, location  string
		en, zh         string
	}{
		{"GET", "/api/overview?asof=yesterday", 400, luoshi.Invalid, "asof.unreadable", "query.asof", "yesterday", "yesterday"},
		{"GET", "/api/overview?boundaries=x", 400, luoshi.Invalid, "date.unreadable", "query.boundaries", "x", "x"},
		{"GET", "/api/overview?unit=999999", 404, luoshi.NotFound, "import.unit_unknown", "", "999999", "999999"},
		{"GET", "/api/overview?year=1066", 400, luoshi.Invalid, "api.field.at_least", "query.year", "at least 1900", "不能小于1900"},
		{"GET", "/api/overview?year=twenty", 400, luoshi.Invalid, "api.field.integer", "query.year", "whole number", "整数"},
		{"GET", "/api/overview?asfo=2020-07-31", 400, luoshi.Invalid, "api.field.unknown", "query.asfo", "no such parameter", "没有这个参数"},
		{"GET", "/api/nothing", 404, luoshi.NotFound, "api.nowhere", "", "/api/nothing", "/api/nothing"},
		{"DELETE", "/api/overview", 400, luoshi.Invalid, "api.method", "", "DELETE", "DELETE"},
	} {
		t.Run(tc.method+" "+tc.target, func(t *testing.T) {
			for lang, want := range map[string]string{"en": tc.en, "zh-CN": tc.zh} {
				w := ask(h, tc.method, tc.target, nil, "Accept-Language", lang)
				e := refused(t, w, tc.status)
				if e.Code != tc.code || e.Status != tc.status || !strings.HasPrefix(e.Key, tc.key) || !strings.Contains(e.Detail, want) || e.Title == "" {
					t.Errorf("%s: %+v", lang, e)
				}
				if e.Instance == "" || e.Instance != w.Header().Get("X-Request-Id") || e.Type != "/api#error-"+string(tc.code) {
					t.Errorf("%s: instance %q, type %q", lang, e.Instance, e.Type)
				}
				at := ""
				if len(e.Errors) > 0 {
					at = e.Errors[0].Location
				}
				if at != tc.location {
					t.Errorf("%s: at %q", lang, at)
				}
				if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Content-Language") == "" {
					t.Errorf("%s: %v", lang, w.Header())
				}
			}
		})
	}
	if got := ask(h, "DELETE", "/api/overview", nil).Header().Get("Allow"); got != "GET" {
		t.Errorf("Allow: %q", got)
	}
}

// What the gate refuses under /api is in the same form.
func TestGateErrors(t *testing.T) {
	a := build(t, api.Options{})
	h := gate.Wrap(a, gate.Options{Fail: a.Fail, MaxBody: 10, Hosts: []string{"example.com"}})
	if e := refused(t, ask(h, "POST", "/api/overview", strings.NewReader("much too long a body")), http.StatusRequestEntityTooLarge); e.Code != luoshi.TooLarge || e.Key != "gate.too_large" {
		t.Errorf("%+v", e)
	}
	if e := refused(t, ask(h, "POST", "/api/overview", nil, "Sec-Fetch-Site", "cross-site"), http.StatusForbidden); e.Key != "gate.cross_origin" {
		t.Errorf("%+v", e)
	}
	r := httptest.NewRequest(http.MethodGet, "http://elsewhere.test/api/health", nil)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if e := refused(t, w, http.StatusForbidden); e.Key != "gate.host" {
		t.Errorf("%+v", e)
	}
}

// failing is a service that cannot answer.
type failing struct {
	api.Board
	err error
}

func (f failing) May(context.Context, workflow.Intent, string) workflow.Verdict {
	return workflow.Verdict{Yes: true}
}

func (f failing) Overview(context.Context, service.Look) (*service.Overview, error) {
	return nil, f.err
}

// What is ours or passing says so and keeps its cause to the log.
func TestFailures(t *testing.T) {
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		err    error
		status int
		code   luoshi.Code
	}{
		{errors.New("secret: disk 3 on fire"), 500, luoshi.Internal},
		{context.DeadlineExceeded, 503, luoshi.Unavailable},
		{&luoshi.Error{Code: luoshi.Unavailable, Message: luoshi.Say("put.busy")}, 503, luoshi.Unavailable},
	} {
		a, err := api.New(failing{err: tc.err}, words, api.Options{})
		if err != nil {
			t.Fatal(err)
		}
		e := refused(t, get(a, "/api/overview"), tc.status)
		if e.Code != tc.code || e.Detail == "" || strings.Contains(e.Detail, "secret") {
			t.Errorf("%v: %+v", tc.err, e)
		}
	}
}

// Every rule of the library that a schema of ours can break has words of ours.
func TestEveryRuleHasWords(t *testing.T) {
	for text, key := range map[string]string{
		validation.MsgExpectedInteger:                   "api.field.integer",
		"expected number >= 1":                          "api.field.at_least",
		"expected number <= 1000":                       "api.field.at_most",
		"expected required property unit to be present": "api.field.required",
		`expected value to be one of "a, b"`:            "api.field.one_of",
		"expected string to match pattern ^-?\\d+$":     "api.field.pattern",
		"expected length <= 64":                         "api.field.max_length",
		"required query parameter is missing":           "api.field.missing",
		"something that no table knows":                 "api.field.unreadable",
	} {
		if m := api.FieldMessage(text); m.Key != key {
			t.Errorf("%q: %s", text, m.Key)
		}
	}
	if m := api.FieldMessage("expected number >= 1"); !reflect.DeepEqual(m.Args, map[string]any{"least": "1"}) {
		t.Errorf("%v", m.Args)
	}
}
