package web

import (
	"net/http"
	"net/url"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/gate"
)

// stepPage is the page of a step of signing in. Where the session waits for another
// step, or for none, it leads there instead: then p is nil.
func (s *Site) stepPage(w http.ResponseWriter, r *http.Request, step account.Step) (p *page, to string, err error) {
	if _, err := s.accounts(); err != nil {
		return nil, "", err
	}
	p, to = s.signPage(r)
	h := gate.Here(r.Context())
	switch {
	case h == nil:
		return nil, "", s.again(w, r, to)
	case h.Step != step:
		return nil, "", s.onward(w, r, h.Step, h.Posts, to)
	}
	return p, to, nil
}

// again leads back to the beginning of signing in.
func (s *Site) again(w http.ResponseWriter, r *http.Request, to string) error {
	address := "/signin"
	if to != "" {
		address += "?to=" + url.QueryEscape(to)
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// codeCard asks for the second factor: the code of an authenticator or, where the
// phone is not at hand, a recovery code.
func (p *page) codeCard(to string, recovery bool) *card {
	other := "/signin/code"
	c := &card{Head: p.W("signinpage.code.title"), Lead: p.W("signinpage.code.lead"), Action: "/signin/code", Hidden: map[string]string{}, Put: p.W("signinpage.code.put"), Leave: true}
	f := &entry{Name: "code", Label: p.W("signinpage.code"), Hint: p.W("signinpage.code.hint"), Complete: "one-time-code", Mode: "numeric", Most: 12, Focus: true}
	other, link := other+"?with=recovery", "signinpage.code.recovery"
	if recovery {
		c.Head, c.Lead = p.W("signinpage.recovery.title"), p.W("signinpage.recovery.lead")
		f = &entry{Name: "code", Label: p.W("signinpage.recovery"), Hint: p.W("signinpage.recovery.hint"), Complete: "off", Most: 24, Focus: true}
		other, link = "/signin/code?", "signinpage.recovery.code"
		c.Hidden["with"] = "recovery"
		p.own = url.Values{"with": {"recovery"}, "to": {to}}
	}
	if to != "" {
		c.Hidden["to"] = to
		other += "&to=" + url.QueryEscape(to)
	}
	p.Title = c.Head
	c.Fields, c.Links = []*entry{f}, []choice{{Text: p.W(link), Href: other}}
	return c
}

// signCode is the page of the second factor.
func (s *Site) signCode(w http.ResponseWriter, r *http.Request) error {
	p, to, err := s.stepPage(w, r, account.GiveCode)
	if p == nil {
		return err
	}
	p.Body = p.codeCard(to, r.URL.Query().Get("with") == "recovery")
	return s.private(w, r, http.StatusOK, p)
}

// signCodePut takes the second factor.
func (s *Site) signCodePut(w http.ResponseWriter, r *http.Request) error {
	p, to, err := s.stepPage(w, r, account.GiveCode)
	if p == nil {
		return err
	}
	values, err := posted(r)
	if err != nil {
		return err
	}
	recovery := values.Get("with") == "recovery"
	c := p.codeCard(to, recovery)
	code := values.Get("code")
	if code == "" || len(code) > 64 {
		c.Fields[0].Errs = []string{p.W("signinpage.code.empty")}
		p.Body = c
		return s.private(w, r, http.StatusUnprocessableEntity, p)
	}
	signed, err := s.opt.Accounts.Code(r.Context(), gate.SessionSecret(r), luoshi.Fold(code), gate.From(r))
	switch {
	case expired(err):
		return s.again(w, r, to)
	case err != nil && recovery:
		return s.refuse(w, r, p, c, err, "signinpage.recovery.wrong")
	case err != nil:
		return s.refuse(w, r, p, c, err, "signinpage.code.wrong")
	}
	gate.SetSession(w, r, signed.Secret, signed.Ends) // the one before has ended
	return s.admit(w, r, signed, to)
}

// admit leads on from a session that has just begun.
func (s *Site) admit(w http.ResponseWriter, r *http.Request, signed *account.Signed, to string) error {
	var posts []luoshi.Post
	if signed.Step == account.Done {
		h, err := s.opt.Accounts.Who(r.Context(), signed.Secret)
		if err != nil {
			return err
		}
		posts = h.Posts
	}
	return s.onward(w, r, signed.Step, posts, to)
}

// passwordCard is the form of a new password. values is nil before anything was
// entered; ok tells whether it can be asked for.
func (p *page) passwordCard(who luoshi.Person, values url.Values) (c *card, ok bool) {
	old := &entry{Name: "old", Label: p.W("signinpage.old"), Type: "password", Complete: "current-password"}
	one, two, ok := p.newPassword(values, who)
	if values != nil && (values.Get("old") == "" || len(values.Get("old")) > passwordBytes) {
		old.Errs, ok = []string{p.W("signinpage.password.empty")}, false
	}
	c = &card{Fields: []*entry{old, one, two}, Hidden: map[string]string{}, User: who.Login}
	focus(c.Fields)
	return c, ok
}

// firstPassword is the page on which a first password is changed.
func (s *Site) firstPassword(w http.ResponseWriter, r *http.Request) error {
	p, to, err := s.stepPage(w, r, account.ChangeWord)
	if p == nil {
		return err
	}
	c, _ := p.passwordCard(*p.Who(), nil)
	p.Body = p.firstCard(c, to)
	return s.private(w, r, http.StatusOK, p)
}

func (p *page) firstCard(c *card, to string) *card {
	c.Head, c.Lead, c.Action, c.Put, c.Leave = p.W("signinpage.first.title"), p.W("signinpage.first.lead"), "/signin/password", p.W("signinpage.first.put"), true
	p.Title = c.Head
	if to != "" {
		c.Hidden["to"] = to
	}
	return c
}

func (s *Site) firstPasswordPut(w http.ResponseWriter, r *http.Request) error {
	p, to, err := s.stepPage(w, r, account.ChangeWord)
	if p == nil {
		return err
	}
	values, err := posted(r)
	if err != nil {
		return err
	}
	c, ok := p.passwordCard(*p.Who(), values)
	signed, err := s.changePassword(w, r, p, p.firstCard(c, to), values, ok)
	if signed == nil {
		return err
	}
	return s.admit(w, r, signed, to)
}

// changePassword replaces the own password, or shows the form again: then it returns
// nothing.
func (s *Site) changePassword(w http.ResponseWriter, r *http.Request, p *page, c *card, values url.Values, ok bool) (*account.Signed, error) {
	p.Body = c
	if !ok {
		return nil, s.private(w, r, http.StatusUnprocessableEntity, p)
	}
	signed, err := s.opt.Accounts.ChangePassword(r.Context(), gate.SessionSecret(r), values.Get("old"), values.Get("new"), gate.From(r))
	switch key := messageOf(err).Key; {
	case err == nil:
		gate.SetSession(w, r, signed.Secret, signed.Ends)
		return signed, nil
	case expired(err):
		return nil, s.again(w, r, "")
	case key == "signin.wrong":
		c.Fields[0].Errs = []string{p.W("signinpage.old.wrong")}
	case key == "password.again":
		c.Fields[1].Errs = []string{p.withFix(messageOf(err))}
	default:
		return nil, s.refuse(w, r, p, c, err, "signinpage.wrong")
	}
	for _, f := range c.Fields {
		f.Focus = false
	}
	focus(c.Fields)
	return nil, s.private(w, r, http.StatusUnprocessableEntity, p)
}

// setupCard is the form of the first administrator.
func (p *page) setupCard(key string, values url.Values) (c *card, who luoshi.Person, ok bool) {
	who = luoshi.Person{Login: luoshi.FoldLogin(values.Get("login")), Name: values.Get("name")}
	login := &entry{Name: "login", Label: p.W("signinpage.login"), Hint: p.W("signinpage.setup.login.hint"), Value: who.Login, Complete: "username", Most: luoshi.LoginMost}
	name := &entry{Name: "name", Label: p.W("signinpage.setup.name"), Hint: p.W("signinpage.setup.name.hint"), Value: who.Name, Complete: "name", Most: luoshi.NameMost}
	one, two, ok := p.newPassword(values, who)
	one.Rules = one.Rules[:len(one.Rules)-1] // there is none before
	if values != nil {
		for _, one := range who.Validate() {
			f := name
			if key := one.Message.Key; key == "person.login" || key == "person.login_form" || key == "person.login_long" {
				f = login
			}
			f.Errs, ok = append(f.Errs, p.withFix(one.Message)), false
		}
	}
	c = &card{Head: p.W("signinpage.setup.title"), Lead: p.W("signinpage.setup.lead"), Action: "/setup", Hidden: map[string]string{"key": key}, Put: p.W("signinpage.setup.put"), Fields: []*entry{login, name, one, two}}
	p.Title = c.Head
	focus(c.Fields)
	return c, who, ok
}

// setup is where the one-time link leads, on which the first administrator makes
// their account.
func (s *Site) setup(w http.ResponseWriter, r *http.Request) error {
	accounts, err := s.accounts()
	if err != nil {
		return err
	}
	p, _ := s.signPage(r)
	key := r.URL.Query().Get("key")
	p.own = url.Values{"key": {key}}
	if err := accounts.SetupOpen(r.Context(), key); err != nil {
		return s.setupClosed(w, r, p, err)
	}
	c, _, _ := p.setupCard(key, nil)
	p.Body = c
	return s.private(w, r, http.StatusOK, p)
}

func (s *Site) setupClosed(w http.ResponseWriter, r *http.Request, p *page, err error) error {
	if messageOf(err).Key != "setup.closed" {
		return err
	}
	c := &card{Head: p.W("signinpage.setup.closed"), Lead: p.W("signinpage.setup.closed.say"), Closed: true, Links: []choice{{Text: p.W("signinpage.title"), Href: "/signin"}}}
	p.Title, p.Body, p.own = c.Head, c, nil
	return s.private(w, r, http.StatusGone, p)
}

func (s *Site) setupPut(w http.ResponseWriter, r *http.Request) error {
	accounts, err := s.accounts()
	if err != nil {
		return err
	}
	values, err := posted(r)
	if err != nil {
		return err
	}
	p, _ := s.signPage(r)
	key := values.Get("key")
	if err := accounts.SetupOpen(r.Context(), key); err != nil {
		return s.setupClosed(w, r, p, err)
	}
	c, who, ok := p.setupCard(key, values)
	p.Body, p.own = c, url.Values{"key": {key}}
	if !ok {
		return s.private(w, r, http.StatusUnprocessableEntity, p)
	}
	signed, err := accounts.Setup(r.Context(), key, who, values.Get("new"), gate.From(r))
	if err != nil {
		return s.setupClosed(w, r, p, err)
	}
	gate.SetSession(w, r, signed.Secret, signed.Ends)
	w.Header().Set("Cache-Control", "no-store")
	to := "/me"
	if p.Has("/people") {
		to = "/people"
	}
	return s.done(w, r, p, to, luoshi.Say("signinpage.setup.done"), nil)
}
