// Package web owns the pages: routes, templates, the stylesheet and the scripts.
// A handler decodes the query, asks the service once, and fills a template; a
// template decides nothing but looks. It judges nothing, adds nothing up, and
// reaches neither the store nor the rooms that calculate.
//
// A page is whole before any script runs. Scripts only shorten ways that exist
// without them. Nothing on a page comes from another address, and nothing in it
// is inline, so that the strict policy of the gate holds.
package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/gate"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/oidc"
	"luoshi.dev/internal/service"
)

// Board is what the pages ask of the service, page by page.
type Board interface {
	rights
	overviews
	// indicators × units
	matrices

	// one indicator at one unit
	indicators
	outlooks
	trails
	reliabilities

	// cascade
	cascades
	catchUps

	// register: units and indicators
	unitBook
	indicatorBook
	targetBook

	// register: sets, schemes, goals
	changing
	schemeBook
	goalBook
	setBook

	// import
	intakes

	// search
	searches

	// wall display
	walls

	// people and the history
	peopleBook
	historyBook
}

// Options are the settings of the pages.
type Options struct {
	Dev     bool             // read templates and static files from internal/web, on every request
	Version string           // shown at the foot
	Demo    bool             // the database is the demonstration
	AsOf    time.Time        // what a page shows that names no instant; zero = now
	Now     func() time.Time // the clock, nil = time.Now

	Accounts  *account.Accounts // where people sign in
	Providers []Provider        // other ways to sign in: accounts elsewhere
	OpenID    *oidc.Provider    // one of them, nil = none

	// Trust asks nobody who they are (tests of pages): they may read, and with Change
	// change, recorded as By.
	Trust  bool
	Change bool
	By     string

	API bool // the API stands beside the pages, its reference at /api
}

//go:embed templates static maps
var embedded embed.FS

// Site answers for the pages.
type Site struct {
	board  Board
	words  *locale.Catalogue
	opt    Options
	files  fs.FS
	views  *template.Template
	assets assets
	atlas  map[string]*outline
	mux    *http.ServeMux
	paths  map[string]needs // addresses that can be read
	shelf  gate.Shelf
}

// New builds the pages over a board. The gate belongs around them, with
// [Site.Fail] as its way to show an error.
func New(board Board, words *locale.Catalogue, opt Options) (*Site, error) {
	s := &Site{board: board, words: words, opt: opt, files: embedded}
	if opt.Now == nil {
		s.opt.Now = time.Now
	}
	if opt.OpenID != nil {
		s.opt.Providers = append([]Provider{{opt.OpenID.Name(), "/signin/oidc"}}, opt.Providers...)
	}
	if opt.Dev {
		s.files = os.DirFS("internal/web")
	}
	var err error
	if s.views, err = parse(s.files); err != nil {
		return nil, err
	}
	if s.assets, err = readAssets(s.files); err != nil {
		return nil, err
	}
	if s.atlas, err = readAtlas(s.files); err != nil {
		return nil, err
	}
	s.mount()
	return s, nil
}

// ServeHTTP answers one request.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.opt.Trust {
		r = r.WithContext(service.As(r.Context(), account.Trusted(s.opt.Change)))
	}
	s.mux.ServeHTTP(w, r)
}

func (s *Site) health(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, err := fmt.Fprintf(w, "ok %s\n", s.opt.Version)
	return err
}

// nowhere answers what no other route does: an unknown address, or a method that
// an address does not have.
func (s *Site) nowhere(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		return s.show(w, r, http.StatusMethodNotAllowed, s.errorPage(r, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("page.method", "method", r.Method)}))
	}
	return &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("page.not_found")}
}

// Fail turns an error into its page, in one place.
func (s *Site) Fail(w http.ResponseWriter, r *http.Request, err error) {
	code := gate.CodeOf(err)
	if code == luoshi.SignIn && s.leadToSignIn(w, r) {
		return
	}
	if code == luoshi.Internal || code == luoshi.Unavailable {
		slog.ErrorContext(r.Context(), "page", "id", gate.ID(r.Context()), "path", r.URL.Path, "err", err)
	}
	if err := s.show(w, r, gate.Status(code), s.errorPage(r, err)); err != nil {
		slog.ErrorContext(r.Context(), "error page", "id", gate.ID(r.Context()), "err", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError)+" "+gate.ID(r.Context()), http.StatusInternalServerError)
	}
}

// show fills the template of the page and sends it.
func (s *Site) show(w http.ResponseWriter, r *http.Request, status int, p *page) error {
	p.Notice = takeNotice(w, r)
	body, err := s.render(p)
	if err != nil {
		return err
	}
	return s.send(w, r, status, p, body)
}

// kept shows a page that depends on a view and its address alone: as it was last
// written, as long as the service hands out the same view. fill makes its body.
func (s *Site) kept(w http.ResponseWriter, r *http.Request, p *page, view any, fill func() error) error {
	p.Notice = takeNotice(w, r)
	write := func() ([]byte, error) {
		if err := fill(); err != nil {
			return nil, err
		}
		return s.render(p)
	}
	if s.opt.Dev || p.Notice != nil {
		body, err := write()
		if err != nil {
			return err
		}
		return s.send(w, r, http.StatusOK, p, body)
	}
	page, err := s.shelf.Answer(p.key(), view, func() (*gate.Kept, error) {
		body, err := write()
		if err != nil {
			return nil, err
		}
		return gate.Keep(body), nil
	})
	if err != nil {
		return err
	}
	p.head(w, r)
	return page.Send(w, r)
}

// render fills the template of the page: nothing is sent before it is whole.
func (s *Site) render(p *page) ([]byte, error) {
	views := s.views
	if s.opt.Dev {
		var err error
		if views, err = parse(s.files); err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	if err := views.ExecuteTemplate(&b, p.view, p); err != nil {
		return nil, fmt.Errorf("page %s: %w", p.view, err)
	}
	return b.Bytes(), nil
}

func (s *Site) send(w http.ResponseWriter, r *http.Request, status int, p *page, body []byte) error {
	p.head(w, r)
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		slog.DebugContext(r.Context(), "page not sent", "id", gate.ID(r.Context()), "err", err)
	}
	return nil
}

// head says what the answer is, and what it depends on.
func (p *page) head(w http.ResponseWriter, r *http.Request) {
	p.remember(w, r)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", string(p.Lang))
	w.Header().Add("Vary", "Accept-Language, Cookie")
}

// key is all that a page depends on beside its view: where it stands, and for whom
// it was written. What somebody may changes when the store does, as the view.
func (p *page) key() string {
	return p.Here() + " " + string(p.Lang) + " " + p.Theme + " " + p.reader() + p.Making.key()
}

func parse(files fs.FS) (*template.Template, error) {
	t, err := template.New("").Funcs(template.FuncMap{"pair": func(parts ...any) []any { return parts }}).ParseFS(files, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	return t, nil
}
