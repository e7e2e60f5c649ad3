// Package api owns the REST API: its addresses, what they take, and how the
// service's views become the documents of package wire. A handler decodes, asks
// the service once, and encodes. It judges nothing and adds nothing up.
//
// The description at /api/openapi.json is made from the same list of operations
// that answers, so that neither can lack what the other has.
package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/gate"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/service"
	"luoshi.dev/workflow"
)

// Options are the settings of the API.
type Options struct {
	Version  string // of the program
	Trust    bool   // nobody is asked who they are (tests without accounts): with Change they may change too
	Change   bool
	By       string            // who changes, of those who are trusted
	AsOf     time.Time         // what an answer shows that names no instant; zero = now
	Now      func() time.Time  // the clock, nil = time.Now
	Accounts *account.Accounts // who people are, nil = none are run here
	Shell    Shell             // puts the reference into the frame of the product's pages, nil = bare
}

// Board is what the API asks of the service, group by group.
type Board interface {
	May(ctx context.Context, intent workflow.Intent, code string) workflow.Verdict
	overseer
	tabler
	tracer
	foreseer
	finder
	cascader
	catcher
	measurer
	unitRegistrar
	promiser
	registrar
	planner
	filer
	auditor
	registry
}

// API answers what is under /api.
type API struct {
	board Board
	words *locale.Catalogue
	opt   Options
	mux   *http.ServeMux
	huma  huma.API
	ops   []*operation // in the order of the reference
	shelf gate.Shelf
	spec  spec
	pages references
}

// New builds the API over a service. The gate belongs around it, with [API.Fail]
// as its way to answer an error under /api.
func New(board Board, words *locale.Catalogue, opt Options) (*API, error) {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	a := &API{board: board, words: words, opt: opt, mux: http.NewServeMux()}
	config := huma.Config{
		OpenAPI:                      describe(opt.Version),
		Formats:                      map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{a.transform},
	}
	config.Components = &huma.Components{Schemas: schemas()}
	a.huma = humago.New(a.mux, config)
	a.huma.UseMiddleware(plainStatus)
	a.operations()
	if err := a.finish(); err != nil {
		return nil, fmt.Errorf("describe the API: %w", err)
	}
	a.mux.HandleFunc("GET /api/openapi.json", a.description)
	a.mux.HandleFunc("GET /api/openapi.yaml", a.description)
	a.mux.HandleFunc("GET /api/{$}", a.reference)
	a.mux.HandleFunc("GET /api", a.reference)
	a.mux.HandleFunc("/", a.nowhere)
	return a, nil
}

// operations is every address there is, in the order of the reference.
func (a *API) operations() {
	a.overviews()
	a.walls()
	a.searches()
	a.matrices()
	a.figures()
	a.outlooks()
	a.cascades()
	a.catchUps()
	a.indicators()
	a.units()
	a.targets()
	a.registers()
	a.plans()
	a.files()
	a.clerks()
	a.history()
	a.system()
}

// asked is what every part of an answer needs to know of its request.
type asked struct {
	lang   locale.Lang
	url    *url.URL
	accept string // the encodings that it takes
}

type askedKey struct{}

func askedOf(ctx context.Context) asked {
	q, ok := ctx.Value(askedKey{}).(asked)
	if !ok {
		return asked{lang: locale.ZhHans, url: &url.URL{}}
	}
	return q
}

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if a.opt.Trust {
		r = r.WithContext(service.As(r.Context(), account.Trusted(a.opt.Change)))
	}
	r = r.WithContext(context.WithValue(r.Context(), askedKey{}, asked{gate.Lang(r), r.URL, r.Header.Get("Accept-Encoding")}))
	a.mux.ServeHTTP(w, r)
	if r.MultipartForm != nil { // the files of an upload lie in the request that we made
		_ = r.MultipartForm.RemoveAll()
	}
}

// nowhere answers what no operation does: an unknown address, or a method that an
// address does not have.
func (a *API) nowhere(w http.ResponseWriter, r *http.Request) {
	var allow []string
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := a.mux.Handler(other); pattern != "/" {
			allow = append(allow, method)
		}
	}
	if len(allow) == 0 {
		a.Fail(w, r, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("api.nowhere", "path", r.URL.Path)})
		return
	}
	for _, method := range allow {
		w.Header().Add("Allow", method)
	}
	a.Fail(w, r, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("api.method", "method", r.Method, "allow", allow)})
}
