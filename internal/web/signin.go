package web

import (
	"net/http"
	"net/url"
	"unicode/utf8"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/gate"
	"luoshi.dev/workflow"
)

// Provider is another way to sign in: an account elsewhere.
type Provider struct{ Name, Href string }

// signInForm is what was entered to sign in.
type signInForm struct {
	login, password string
	faults          map[string]string // field -> what is wrong, before anybody is asked
}

// passwordBytes bounds what is taken for a password: four bytes for each character.
const passwordBytes = 4 * account.PasswordMost

// readSignIn reads the form. What cannot be right is told without an attempt.
func readSignIn(v url.Values) signInForm {
	in := signInForm{login: v.Get("login"), password: v.Get("password"), faults: map[string]string{}}
	switch folded := luoshi.FoldLogin(in.login); {
	case folded == "":
		in.faults["login"] = "signinpage.login.empty"
	case !utf8.ValidString(in.login), utf8.RuneCountInString(folded) > luoshi.LoginMost:
		in.login, in.faults["login"] = "", "signinpage.login.long"
	}
	switch {
	case in.password == "":
		in.faults["password"] = "signinpage.password.empty"
	case len(in.password) > passwordBytes:
		in.faults["password"] = "signinpage.password.long"
	}
	return in
}

// signIn is the page of signing in.
func (s *Site) signIn(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.accounts(); err != nil {
		return err
	}
	p, to := s.signPage(r)
	h := gate.Here(r.Context())
	switch {
	case h != nil && h.Step != account.Done:
		return s.onward(w, r, h.Step, h.Posts, to)
	case h != nil && !s.opt.Demo:
		return s.onward(w, r, account.Done, h.Posts, to)
	}
	c, err := s.signCard(r, p, to, signInForm{})
	if err != nil {
		return err
	}
	switch {
	case h != nil:
		c.Now = p.W("signinpage.as.now", "name", h.Person.Name)
	case r.URL.Query().Get("ended") != "":
		c.Says = &says{Text: luoshi.Say("signinpage.ended"), More: "signinpage.ended.say"}
	case to != "" && to != "/":
		c.Says = &says{Text: luoshi.Say("signinpage.needed"), More: "signinpage.needed.say"}
	}
	p.Body = c
	return s.private(w, r, http.StatusOK, p)
}

// signPage is a page of signing in, and where it leads to afterwards.
func (s *Site) signPage(r *http.Request) (*page, string) {
	p := s.page(r, "card")
	p.scripts, p.bare = []string{"account.js"}, true
	p.Title = p.W("signinpage.title")
	to := s.ours(r.FormValue("to"))
	if to != "" {
		p.own = url.Values{"to": {to}}
	}
	return p, to
}

// signCard is the form of signing in, and the other ways.
func (s *Site) signCard(r *http.Request, p *page, to string, in signInForm) (*card, error) {
	c := &card{
		Head: p.W("signinpage.title"), Lead: p.W("signinpage.lead"), Action: "/signin", Hidden: hiddenTo(to), Put: p.W("signinpage.put"), Notes: []string{p.W("signinpage.forgot")},
		Fields: []*entry{
			{Name: "login", Label: p.W("signinpage.login"), Value: in.login, Complete: "username", Most: luoshi.LoginMost},
			{Name: "password", Label: p.W("signinpage.password"), Type: "password", Complete: "current-password"},
		},
	}
	for _, f := range c.Fields {
		if key := in.faults[f.Name]; key != "" {
			f.Errs = []string{p.W(key)}
		}
	}
	focus(c.Fields)
	for _, v := range s.opt.Providers {
		href := v.Href
		if to != "" {
			href += "?to=" + url.QueryEscape(to)
		}
		c.Providers = append(c.Providers, choice{Text: p.W("signinpage.with", "provider", v.Name), Href: href})
	}
	if !s.opt.Demo {
		return c, nil
	}
	lookers, err := s.opt.Accounts.Lookers(r.Context())
	for _, l := range lookers {
		one := lookAs{Role: p.Show(l.Role, ""), Does: p.W("me.role." + string(l.Role)), Href: "/signin/as/" + string(l.Role)}
		one.Whose = p.W("signinpage.as.at", "name", l.Person.Name, "unit", p.heldAt(l.Held))
		if to != "" {
			one.Href += "?to=" + url.QueryEscape(to)
		}
		c.Looks = append(c.Looks, one)
	}
	return c, err
}

func hiddenTo(to string) map[string]string {
	if to == "" {
		return nil
	}
	return map[string]string{"to": to}
}

// signInPut signs somebody in by name and password.
func (s *Site) signInPut(w http.ResponseWriter, r *http.Request) error {
	accounts, err := s.accounts()
	if err != nil {
		return err
	}
	values, err := posted(r)
	if err != nil {
		return err
	}
	p, to := s.signPage(r)
	in := readSignIn(values)
	c, err := s.signCard(r, p, to, in)
	if err != nil {
		return err
	}
	if len(in.faults) > 0 {
		p.Body = c
		return s.private(w, r, http.StatusUnprocessableEntity, p)
	}
	signed, err := accounts.SignIn(r.Context(), in.login, in.password, gate.From(r))
	if err != nil {
		return s.refuse(w, r, p, c, err, "signinpage.wrong")
	}
	return s.enter(w, r, signed, to)
}

// enter lets somebody go on with a session that has just begun. One that the browser
// had before ends: its secret may be known to whoever sat there.
func (s *Site) enter(w http.ResponseWriter, r *http.Request, signed *account.Signed, to string) error {
	if old := gate.SessionSecret(r); old != "" {
		if err := s.opt.Accounts.SignOut(r.Context(), old); err != nil {
			return err
		}
	}
	gate.SetSession(w, r, signed.Secret, signed.Ends)
	return s.admit(w, r, signed, to)
}

// onward leads to what comes next: a step, the page that was asked for, or the one
// that the posts begin with.
func (s *Site) onward(w http.ResponseWriter, r *http.Request, step account.Step, posts []luoshi.Post, to string) error {
	w.Header().Set("Cache-Control", "no-store")
	address := stepPath(step)
	switch {
	case step != account.Done && to != "":
		address += "?" + query("to", to)
	case step != account.Done:
	case to != "" && to != "/":
		address = to
	default:
		address = s.landing(posts)
	}
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// landing is the page that somebody with these posts begins with.
func (s *Site) landing(posts []luoshi.Post) string {
	actor, today := workflow.Actor{Person: 1, Posts: posts}, luoshi.DateOf(s.opt.Now())
	for _, first := range []struct {
		intent workflow.Intent
		path   string
	}{{workflow.ReadBoard, "/"}, {workflow.ReadPeople, "/people"}, {workflow.ReadHistory, "/history"}} {
		if _, there := s.paths[first.path]; there && workflow.Holds(actor, first.intent, today).Yes {
			return first.path
		}
	}
	return "/me"
}

// signInAs looks around the demonstration as somebody who holds a role.
func (s *Site) signInAs(w http.ResponseWriter, r *http.Request) error {
	accounts, err := s.accounts()
	if err == nil && !s.opt.Demo {
		err = &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("page.not_found")}
	}
	if err != nil {
		return err
	}
	signed, err := accounts.LookAs(r.Context(), luoshi.Role(r.PathValue("role")), gate.From(r))
	if err != nil {
		return err
	}
	return s.enter(w, r, signed, s.ours(r.URL.Query().Get("to")))
}

// signOut ends the session of this browser.
func (s *Site) signOut(w http.ResponseWriter, r *http.Request) error {
	accounts, err := s.accounts()
	if err != nil {
		return err
	}
	if err := accounts.SignOut(r.Context(), gate.SessionSecret(r)); err != nil {
		return err
	}
	gate.EndSession(w, r)
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`) // what was read, and drafts of it
	w.Header().Set("Cache-Control", "no-store")
	p := s.page(r, "")
	return s.done(w, r, p, "/signin", luoshi.Say("signinpage.out"), nil)
}
