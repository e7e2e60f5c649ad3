package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/gate"
	"luoshi.dev/internal/service"
	"luoshi.dev/workflow"
)

// rights are what the pages ask about who may do what: so that a page offers what
// its reader may do, and says of the rest why not. Whether it is done is asked once
// more when it is done.
type rights interface {
	May(ctx context.Context, intent workflow.Intent, code string) workflow.Verdict
	MayAt(ctx context.Context, intent workflow.Intent, code string) workflow.Verdict
}

// Who is who reads the page, nil = nobody is signed in.
func (p *page) Who() *luoshi.Person {
	if here := p.here(); here != nil {
		return &here.Person
	}
	return nil
}

func (p *page) here() *account.Here { return gate.Here(p.r.Context()) }

// reader names for whom a page was written: the person with the session, or what
// stands for nobody.
func (p *page) reader() string {
	if here := p.here(); here != nil {
		return fmt.Sprintf("#%d %s %d %v", here.Person.ID, here.Person.Name, here.Step, here.Posts)
	}
	return ""
}

// May reports whether the reader may have an intent where the page stands.
func (p *page) May(intent string) (bool, error) {
	if _, ok := workflow.RuleOf(workflow.Intent(intent)); !ok {
		return false, fmt.Errorf("there is no intent %q", intent)
	}
	return p.judged(workflow.Intent(intent)).Yes, nil
}

// Up is the way from the top of what the reader sees down to the page's unit, without
// the unit.
func (p *page) Up() []service.UnitRef {
	return slices.DeleteFunc(slices.Clone(p.Frame.Path), func(u service.UnitRef) bool { return !p.MayAt(string(workflow.ReadBoard), u.Code) })
}

// MayAt reports whether the reader may have an intent at the unit of a code.
func (p *page) MayAt(intent, code string) bool {
	return p.site.board.MayAt(p.r.Context(), workflow.Intent(intent), code).Yes
}

// Anywhere reports whether the reader may have an intent at some unit.
func (p *page) Anywhere(intent string) bool {
	return p.site.board.May(p.r.Context(), workflow.Intent(intent), "").Yes
}

func (p *page) judged(intent workflow.Intent) workflow.Verdict {
	code := ""
	if p.Frame != nil {
		code = p.Frame.Unit.Code
	}
	return p.site.board.May(p.r.Context(), intent, code)
}

// MayChange reports whether the reader may do what this page changes.
func (p *page) MayChange() bool { return p.change().Yes }

// Closed says why the reader may not, and who may.
func (p *page) Closed() string { return p.Say(p.change().Why) }

// change is the verdict on what pages of this address change.
func (p *page) change() workflow.Verdict {
	switch path := p.path; {
	case path == "/catchup/capacity":
		return p.site.board.MayAt(p.r.Context(), workflow.StateCapacity, p.own.Get("of"))
	case strings.HasPrefix(path, "/cascade"), strings.HasPrefix(path, "/catchup"):
		return p.judged(workflow.SetTarget)
	case path == "/register/target":
		if p.Frame != nil && p.Frame.Unit.Code != "" {
			return p.site.board.MayAt(p.r.Context(), workflow.SetTarget, p.Frame.Unit.Code)
		}
		return p.judged(workflow.SetTarget)
	case strings.HasPrefix(path, "/unit"):
		return p.site.board.MayAt(p.r.Context(), workflow.EditUnits, "") // it holds for all units alike
	case strings.HasPrefix(path, "/imports"):
		return p.judged(workflow.UndoImport)
	case strings.HasPrefix(path, "/import"):
		v := p.judged(workflow.Report)
		if sets := p.judged(workflow.SetTarget); !v.Yes && sets.Yes {
			return sets
		}
		return v
	default:
		return p.judged(workflow.EditPlan)
	}
}

// leadToSignIn sends somebody who must sign in there, and back afterwards. It
// reports false where a script asks: that is told by the answer.
func (s *Site) leadToSignIn(w http.ResponseWriter, r *http.Request) bool {
	if mode := r.Header.Get("Sec-Fetch-Mode"); mode != "" && mode != "navigate" {
		return false
	}
	to := r.URL.RequestURI()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		to = "/" // or the page that sent it
		if from, err := url.Parse(r.Referer()); err == nil && from.Host == r.Host && s.ours(from.RequestURI()) != "" {
			to = from.RequestURI()
		}
	}
	address, ended := "/signin", ""
	if here := gate.Here(r.Context()); here != nil {
		address = stepPath(here.Step)
	} else if gate.SessionSecret(r) != "" {
		ended = "&ended=1"
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, address+"?to="+url.QueryEscape(to)+ended, http.StatusSeeOther)
	return true
}

// stepPath is where somebody whose sign-in has steps left goes on.
func stepPath(step account.Step) string {
	switch step {
	case account.GiveCode:
		return "/signin/code"
	case account.EnrolCode:
		return "/signin/enrol"
	case account.ChangeWord:
		return "/signin/password"
	}
	return "/"
}
