package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"luoshi.dev"
)

// right says who may use an address.
type right int

const (
	reads   right = iota // whoever may reach the server
	changes              // only where the server was started for changes
)

// route is one address: method and pattern, who may use it, what answers.
type route struct {
	pattern string
	needs   right
	handle  func(http.ResponseWriter, *http.Request) error
}

// routes is every address there is.
func (s *Site) routes() []route {
	return []route{
		{"GET /{$}", reads, s.overview},
		{"GET /proof", reads, s.proof},
		// indicators × units
		{"GET /indicators", reads, s.matrix},
		{"GET /indicators.xlsx", reads, s.matrixTable},
		{"GET /indicators.csv", reads, s.matrixTable},
		{"GET /indicators/cell", reads, s.matrixCell},

		// one indicator at one unit
		{"GET /indicator", reads, s.indicator},
		{"GET /figure", reads, s.figure},

		// cascade
		{"GET /cascade", reads, s.cascade},
		{"POST /cascade/try", reads, s.cascadeTry},
		{"GET /cascade/force", changes, s.cascadeForce},
		{"POST /cascade", changes, s.cascadePut},
		{"GET /cascade/revisions", reads, s.revisions},
		{"POST /cascade/restore", changes, s.cascadeRestore},
		{"GET /cascade/workbook", reads, s.cascadeBook},
		{"POST /cascade/upload", changes, s.cascadeUpload},

		// register: units and indicators
		{"GET /units", reads, s.units},
		{"GET /units/changes", reads, s.unitChanges},
		{"GET /unit", reads, s.unit},
		{"GET /unit/edit", reads, s.unitEdit},
		{"POST /unit", changes, s.unitPut},
		{"POST /register/undo", changes, s.undoChange},
		{"GET /register/indicators", reads, s.indicatorRegister},
		{"GET /register/indicator", reads, s.indicatorCard},
		{"GET /register/indicator/edit", reads, s.indicatorEdit},
		{"POST /register/indicator", changes, s.indicatorPut},
		{"GET /register/target", reads, s.target},
		{"POST /register/target", changes, s.targetPut},

		// register: sets, schemes, goals
		{"GET /register/schemes", reads, s.schemes},
		{"GET /register/scheme", reads, s.scheme},
		{"GET /register/scheme/edit", reads, s.schemeEdit},
		{"POST /register/scheme", changes, s.schemePut},
		{"GET /register/goals", reads, s.goals},
		{"POST /register/goals", changes, s.offerPut},
		{"GET /register/goals/offer", reads, s.goalOffer},
		{"GET /register/goal", reads, s.goalPage},
		{"GET /register/goal/edit", reads, s.goalEdit},
		{"POST /register/goal", changes, s.goalPut},
		{"GET /register/sets", reads, s.sets},
		{"GET /register/set", reads, s.set},
		{"GET /register/set/edit", reads, s.setEdit},
		{"POST /register/set", changes, s.setPut},

		// import
		{"GET /import", reads, s.importHome},
		{"POST /import", changes, s.importBring},
		{"GET /import/{id}", reads, s.intake},
		{"POST /import/{id}", changes, s.importSave},
		{"POST /import/{id}/drop", changes, s.importDrop},
		{"GET /import/{id}/state", reads, s.importState},
		{"GET /import/{id}/{name}", reads, s.importProblems},
		{"GET /imports", reads, s.imports},
		{"GET /imports/{batch}", reads, s.importOne},
		{"POST /imports/{batch}/undo", changes, s.importUndo},
		{"GET /template/{name}", reads, s.template},

		// search
		{"GET /search", reads, s.search},
		{"GET /search.json", reads, s.searchJSON},

		// wall display
		{"GET /wall", reads, s.wall},

		// components
		{"GET /components", reads, s.components},

		// everything else
		{"GET /healthz", reads, s.health},
		{"GET /static/{name}", reads, s.static},
		{"/", reads, s.nowhere},
	}
}

// mount puts the routes on the mux and the rights before the handlers.
func (s *Site) mount() {
	s.mux = http.NewServeMux()
	s.paths = map[string]bool{}
	for _, one := range s.routes() {
		if path, ok := strings.CutPrefix(one.pattern, "GET "); ok {
			s.paths[strings.TrimSuffix(path, "{$}")] = true
		}
		s.mux.HandleFunc(one.pattern, func(w http.ResponseWriter, r *http.Request) {
			err := s.allowed(one.needs)
			if err == nil {
				err = one.handle(w, r)
			}
			if err != nil {
				s.Fail(w, r, err)
			}
		})
	}
}

// uploadBound is how many bytes an uploaded workbook may have.
const uploadBound = 64 << 20

// Bodies bounds what a request may carry: more where files are uploaded.
func (s *Site) Bodies(r *http.Request) int64 {
	if s.opt.Change && r.Method == http.MethodPost && slices.Contains(uploads, r.URL.Path) {
		return uploadBound
	}
	return 0
}

// uploads are the addresses that take files.
var uploads = []string{"/import", "/cascade/upload"}

// allowed refuses changes where the server was not started for them.
func (s *Site) allowed(needs right) error {
	if needs == changes && !s.opt.Change {
		return &luoshi.Error{Code: luoshi.Forbidden, Message: luoshi.Say("page.change.closed")}
	}
	return nil
}

// Route is an address as tests and documents see it.
type Route struct {
	Method, Path string
	Changes      bool
}

// Routes lists every address with who may use it.
func (s *Site) Routes() []Route {
	var list []Route
	for _, one := range s.routes() {
		method, path, ok := strings.Cut(one.pattern, " ")
		if !ok {
			method, path = "", one.pattern
		}
		list = append(list, Route{method, path, one.needs == changes})
	}
	return list
}

// MayChange reports whether this reader may change something here.
func (p *page) MayChange() bool { return p.site.opt.Change }

// section is one entry of the masthead.
type section struct{ name, path, key string }

// sections are all there will be; those without a route are not shown.
var sections = []section{
	{"overview", "/", "page.overview"},
	{"indicators", "/indicators", "page.indicators"},
	{"cascade", "/cascade", "page.cascade"},
	{"register", "/units", "page.register"},
	{"import", "/import", "page.import"},
}

// Sections is the row of sections in the masthead.
func (p *page) Sections() []choice {
	var list []choice
	for _, one := range sections {
		if p.site.paths[one.path] {
			list = append(list, choice{Text: p.W(one.key), Href: p.To(one.path), On: one.name == p.section})
		}
	}
	return list
}

// Has reports whether an address exists, so that a page links only to what there is.
func (p *page) Has(path string) bool { return p.site.paths[path] }

// Scripts are the addresses of the page's own scripts.
func (p *page) Scripts() ([]string, error) {
	var list []string
	for _, name := range p.scripts {
		address, err := p.Asset(name)
		if err != nil {
			return nil, fmt.Errorf("page %s: %w", p.view, err)
		}
		list = append(list, address)
	}
	return list, nil
}
