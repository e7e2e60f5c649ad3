package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"luoshi.dev/workflow"
)

// needs are the intents of an address: one of them lets in, and what is done there
// is asked about once more by the service, at its unit.
type needs []workflow.Intent

// What addresses ask for.
var (
	open    = needs{workflow.Open}
	self    = needs{workflow.Self}
	board   = needs{workflow.ReadBoard}
	plan    = needs{workflow.ReadPlan}
	tree    = needs{workflow.ReadUnits}
	search  = needs{workflow.Search}
	sets    = needs{workflow.SetTarget}
	states  = needs{workflow.StateCapacity}
	edits   = needs{workflow.EditPlan}
	units   = needs{workflow.EditUnits}
	alters  = needs{workflow.SetTarget, workflow.EditPlan, workflow.EditUnits}
	imports = needs{workflow.ReadImports}
	brings  = needs{workflow.Report, workflow.SetTarget}
	undoes  = needs{workflow.UndoImport}
	folk    = needs{workflow.ReadPeople}
	admits  = needs{workflow.EditPeople}
	posts   = needs{workflow.EditPosts}
	duties  = needs{workflow.EditDuties}
	audits  = needs{workflow.ReadHistory}
	reads   = needs{workflow.ReadBoard, workflow.ReadPlan, workflow.ReadUnits, workflow.ReadPeople} // of whatever it is that came to be
)

// personal reports whether what is shown there tells who somebody is: it is then kept
// nowhere, not even by the browser.
func (n needs) personal() bool {
	return slices.ContainsFunc(n, func(i workflow.Intent) bool {
		return slices.Contains([]workflow.Intent{workflow.Self, workflow.ReadPeople, workflow.EditPeople, workflow.EditPosts, workflow.ReadHistory}, i)
	})
}

// route is one address: method and pattern, who may use it, what answers.
type route struct {
	pattern string
	needs   needs
	handle  func(http.ResponseWriter, *http.Request) error
}

// routes is every address there is.
func (s *Site) routes() []route {
	return []route{
		{"GET /{$}", board, s.overview},
		{"GET /proof", board, s.proof},
		// indicators × units
		{"GET /indicators", board, s.matrix},
		{"GET /indicators.xlsx", board, s.matrixTable},
		{"GET /indicators.csv", board, s.matrixTable},
		{"GET /indicators/cell", board, s.matrixCell},

		// one indicator at one unit
		{"GET /indicator", board, s.indicator},
		{"GET /figure", board, s.figure},
		{"GET /outlook", board, s.outlook},
		{"GET /outlook/said", board, s.outlookSaid},
		{"GET /outlook/reliability", board, s.reliability},
		{"GET /outlook/state", board, s.outlookState},

		// cascade
		{"GET /cascade", plan, s.cascade},
		{"POST /cascade/try", plan, s.cascadeTry},
		{"GET /cascade/force", sets, s.cascadeForce},
		{"POST /cascade", sets, s.cascadePut},
		{"GET /cascade/revisions", plan, s.revisions},
		{"POST /cascade/restore", sets, s.cascadeRestore},
		{"GET /cascade/workbook", plan, s.cascadeBook},
		{"POST /cascade/upload", sets, s.cascadeUpload},

		// catch-up
		{"GET /catchup", plan, s.catchup},
		{"GET /catchup/force", sets, s.catchupForce},
		{"POST /catchup", sets, s.catchupPut},
		{"GET /catchup/capacity", plan, s.capacity},
		{"POST /catchup/capacity", states, s.capacityPut},

		// register: units and indicators
		{"GET /units", tree, s.units},
		{"GET /units/changes", tree, s.unitChanges},
		{"GET /unit", tree, s.unit},
		{"GET /unit/edit", tree, s.unitEdit},
		{"POST /unit", units, s.unitPut},
		{"POST /register/undo", alters, s.undoChange},
		{"GET /register/indicators", plan, s.indicatorRegister},
		{"GET /register/indicator", plan, s.indicatorCard},
		{"GET /register/indicator/edit", plan, s.indicatorEdit},
		{"POST /register/indicator", edits, s.indicatorPut},
		{"GET /register/target", plan, s.target},
		{"POST /register/target", sets, s.targetPut},

		// register: sets, schemes, goals
		{"GET /register/schemes", plan, s.schemes},
		{"GET /register/scheme", plan, s.scheme},
		{"GET /register/scheme/edit", plan, s.schemeEdit},
		{"POST /register/scheme", edits, s.schemePut},
		{"GET /register/goals", plan, s.goals},
		{"POST /register/goals", edits, s.offerPut},
		{"GET /register/goals/offer", plan, s.goalOffer},
		{"GET /register/goal", plan, s.goalPage},
		{"GET /register/goal/edit", plan, s.goalEdit},
		{"POST /register/goal", edits, s.goalPut},
		{"GET /register/sets", plan, s.sets},
		{"GET /register/set", plan, s.set},
		{"GET /register/set/edit", plan, s.setEdit},
		{"POST /register/set", edits, s.setPut},

		// import
		{"GET /import", imports, s.importHome},
		{"POST /import", brings, s.importBring},
		{"GET /import/{id}", brings, s.intake},
		{"POST /import/{id}", brings, s.importSave},
		{"POST /import/{id}/drop", brings, s.importDrop},
		{"GET /import/{id}/state", brings, s.importState},
		{"GET /import/{id}/{name}", brings, s.importProblems},
		{"GET /imports", imports, s.imports},
		{"GET /imports/{batch}", imports, s.importOne},
		{"POST /imports/{batch}/undo", undoes, s.importUndo},
		{"GET /template/{name}", plan, s.template},

		// search
		{"GET /search", search, s.search},
		{"GET /search.json", search, s.searchJSON},

		// wall display
		{"GET /wall", board, s.wall},

		// people
		{"GET /people", folk, s.people},
		{"GET /people/new", admits, s.personNew},
		{"POST /people", admits, s.personAdd},
		{"POST /people/code", admits, s.peopleCode},
		{"GET /people/handover", duties, s.handOver},
		{"POST /people/handover", duties, s.handOverPut},
		{"GET /person", folk, s.person},
		{"POST /person", admits, s.personPut},
		{"POST /person/post", posts, s.personPost},
		{"POST /person/unlock", admits, s.personUnlock},
		{"POST /person/provider", admits, s.personProviderPut},
		{"POST /person/reset", admits, s.personReset},
		{"GET /person/anonymise", admits, s.personAnonymise},
		{"POST /person/anonymise", admits, s.personAnonymisePut},
		{"GET /duty", duties, s.duty},
		{"POST /duty", duties, s.dutyPut},

		// history
		{"GET /history", audits, s.history},
		{"GET /history.csv", audits, s.historyCSV},
		{"POST /history/check", audits, s.historyCheck},
		{"GET /history/state", audits, s.historyState},
		{"GET /history/checkpoint", audits, s.historyCheckpoint},
		{"GET /history/of", reads, s.cameOf},
		{"GET /history/{n}", audits, s.event},

		// components
		{"GET /components", open, s.components},

		// signing in and the own account
		{"GET /signin", open, s.signIn},
		{"POST /signin", open, s.signInPut},
		{"GET /signin/code", open, s.signCode},
		{"POST /signin/code", open, s.signCodePut},
		{"GET /signin/password", open, s.firstPassword},
		{"POST /signin/password", open, s.firstPasswordPut},
		{"GET /signin/enrol", open, s.code},
		{"POST /signin/enrol/begin", open, s.codeBegin},
		{"POST /signin/enrol", open, s.codeConfirm},
		{"GET /signin/as/{role}", open, s.signInAs},
		{"GET /signin/oidc", open, s.openID},
		{"GET /signin/oidc/back", open, s.openIDBack},
		{"POST /signout", open, s.signOut},
		{"GET /setup", open, s.setup},
		{"POST /setup", open, s.setupPut},
		{"GET /me", self, s.me},
		{"GET /me/password", self, s.ownPassword},
		{"POST /me/password", self, s.ownPasswordPut},
		{"GET /me/provider", self, s.ownProvider},
		{"POST /me/provider", self, s.ownProviderPut},
		{"GET /me/code", self, s.code},
		{"POST /me/code/begin", self, s.codeBegin},
		{"POST /me/code", self, s.codeConfirm},
		{"POST /me/code/recovery", self, s.codeNew},
		{"POST /me/code/off", self, s.codeOff},
		{"POST /me/session/end", self, s.sessionEnd},
		{"GET /me/token", self, s.tokenNew},
		{"POST /me/token", self, s.tokenPut},
		{"POST /me/token/end", self, s.tokenEnd},

		// everything else
		{"GET /healthz", open, s.health},
		{"GET /static/{name}", open, s.static},
		{"/", open, s.nowhere},
	}
}

// mount puts the routes on the mux and the rights before the handlers.
func (s *Site) mount() {
	s.mux = http.NewServeMux()
	s.paths = map[string]needs{}
	for _, one := range s.routes() {
		if path, ok := strings.CutPrefix(one.pattern, "GET "); ok {
			s.paths[strings.TrimSuffix(path, "{$}")] = one.needs
		}
		s.mux.HandleFunc(one.pattern, func(w http.ResponseWriter, r *http.Request) {
			err := s.allowed(r, one.needs)
			if one.needs.personal() {
				w.Header().Set("Cache-Control", "no-store")
			}
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
	if r.Method == http.MethodPost && slices.Contains(uploads, r.URL.Path) && s.allowed(r, brings) == nil {
		return uploadBound
	}
	return 0
}

// uploads are the addresses that take files.
var uploads = []string{"/import", "/cascade/upload"}

// allowed refuses whoever has none of the intents anywhere.
func (s *Site) allowed(r *http.Request, asked needs) error {
	var err error
	for _, intent := range asked {
		if err = s.board.May(r.Context(), intent, "").Err(); err == nil {
			return nil
		}
	}
	return err
}

// Route is an address as tests and documents see it.
type Route struct {
	Method, Path string
	Intents      []workflow.Intent // one of them lets in
	Changes      bool              // something is written
}

// Routes lists every address with who may use it.
func (s *Site) Routes() []Route {
	var list []Route
	for _, one := range s.routes() {
		method, path, ok := strings.Cut(one.pattern, " ")
		if !ok {
			method, path = "", one.pattern
		}
		changes := slices.ContainsFunc(one.needs, func(i workflow.Intent) bool { rule, _ := workflow.RuleOf(i); return rule.Changes })
		list = append(list, Route{method, path, one.needs, changes})
	}
	return list
}

// section is one entry of the masthead.
type section struct{ name, path, key string }

// sections are all there will be; those without a route are not shown.
var sections = []section{
	{"overview", "/", "page.overview"},
	{"indicators", "/indicators", "page.indicators"},
	{"cascade", "/cascade", "page.cascade"},
	{"register", "/units", "page.register"},
	{"import", "/import", "page.import"},
	{"people", "/people", "page.people"},
	{"history", "/history", "page.history"},
}

// Sections is the row of sections in the masthead.
func (p *page) Sections() []choice {
	var list []choice
	for _, one := range sections {
		if needs, ok := p.site.paths[one.path]; ok && p.site.allowed(p.r, needs) == nil {
			list = append(list, choice{Text: p.W(one.key), Href: p.To(one.path), On: one.name == p.section})
		}
	}
	return list
}

// Has reports whether an address exists, so that a page links only to what there is.
func (p *page) Has(path string) bool { _, ok := p.site.paths[path]; return ok }

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
