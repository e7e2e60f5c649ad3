package web_test

import (
	"net/http"
	"testing"

	"luoshi.dev"
	"luoshi.dev/internal/demo/demotest"
	"luoshi.dev/internal/web"
)

// opens is the instant as of which the demonstration's pages open.
var opens = luoshi.Date(20200731).End()

// demoSite is the pages over the demonstration, which all tests share: read only.
func demoSite(t testing.TB, opt web.Options) http.Handler {
	t.Helper()
	if opt.AsOf.IsZero() {
		opt.AsOf = opens
	}
	return site(t, demotest.Open(t).Guard(), opt)
}

// demoCopy is the pages over a copy of the demonstration, open for changes.
func demoCopy(t testing.TB, opt web.Options) http.Handler {
	t.Helper()
	if opt.AsOf.IsZero() {
		opt.AsOf = opens
	}
	opt.Change, opt.By = true, "test"
	return site(t, demotest.Copy(t, nil).Guard(), opt)
}
