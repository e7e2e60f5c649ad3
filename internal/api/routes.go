package api

import (
	"net/http"
	"slices"

	"luoshi.dev/workflow"
)

// Route is an address as tests and the reference see it.
type Route struct {
	ID, Method, Path string
	Intents          []workflow.Intent // one of them lets in; none = the description
	Changes          bool
	Document         bool      // of the description or the reference, not an operation
	Try, Body, File  string    // its example
	Before           []Prelude // what its example presupposes
	Long             bool
}

// Prelude is a change that an example presupposes.
type Prelude struct{ Path, Body string }

// Routes lists every address.
func (a *API) Routes() []Route {
	var list []Route
	for _, op := range a.ops {
		list = append(list, Route{ID: op.id, Method: op.method, Path: op.path, Intents: op.needs, Changes: op.needs.change(), Try: op.try, Body: op.body, File: op.file, Before: op.before, Long: op.long})
	}
	for _, path := range []string{"/api", "/api/{$}", "/api/openapi.json", "/api/openapi.yaml"} {
		list = append(list, Route{Method: http.MethodGet, Path: path, Document: true})
	}
	return list
}

// uploadBound is how many bytes an uploaded workbook may have.
const uploadBound = 64 << 20

// Bodies bounds what a request may carry: more where files are uploaded.
func (a *API) Bodies(r *http.Request) int64 {
	if r.Method == http.MethodPost && a.allowed(r.Context(), brings) == nil && slices.ContainsFunc(a.ops, func(op *operation) bool { return op.file != "" && op.path == r.URL.Path }) {
		return uploadBound
	}
	return 0
}
