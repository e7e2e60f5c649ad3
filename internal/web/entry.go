package web

import (
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/gate"
)

// entry is one field of a form about an account: what it wants is said beside it,
// and each rule that was broken below it.
type entry struct {
	Name, Label, Hint string
	Value             string
	Type              string   // "" = text
	Complete          string   // what a browser may fill in, as HTML names it
	Mode              string   // inputmode
	Errs              []string // what is wrong with what was entered
	Rules             []string // said before anything is entered
	Most              int      // characters
	Focus             bool
}

// Secret reports whether what is entered is hidden until it is asked for.
func (e *entry) Secret() bool { return e.Type == "password" }

// says is what a form tells as a whole.
type says struct {
	Class   string // r = refused, y = wait, "" = by the way
	Text    luoshi.Message
	More    string
	Fix     *luoshi.Message // the way out, nil = More has it
	Seconds int             // until it can be tried again
}

// card is a page with one thing to do about signing in or about an account.
type card struct {
	Head, Lead string
	Says       *says
	Action     string
	Hidden     map[string]string
	User       string // the sign-in name, for whatever keeps passwords
	Fields     []*entry
	Put        string  // on the button
	Cancel     *choice // beside it
	Links      []choice
	Notes      []string
	Leave      bool     // offers to sign out: more is to be done first
	Providers  []choice // other ways to sign in
	Looks      []lookAs // of the demonstration
	Now        string   // as whom one looks around
	Closed     bool     // there is nothing to fill in
	Go         *choice  // where it goes on, instead
}

// lookAs is one way to look around the demonstration.
type lookAs struct{ Role, Does, Whose, Href string }

// private shows a page that is for one reader alone: it is kept nowhere.
func (s *Site) private(w http.ResponseWriter, r *http.Request, status int, p *page) error {
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, status, p)
}

// accounts are those of the server, or nothing where people do not sign in.
func (s *Site) accounts() (*account.Accounts, error) {
	if s.opt.Accounts == nil {
		return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("page.not_found")}
	}
	return s.opt.Accounts, nil
}

// ours is the address if it leads to a page of this site, else "". What is kept from
// an address must not lead anywhere else, nor back to signing in.
func (s *Site) ours(to string) string {
	if len(to) > 2048 || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") ||
		strings.ContainsFunc(to, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' || r == '\ufffd' }) {
		return ""
	}
	u, err := url.Parse(to)
	if err != nil || u.Host != "" || u.Scheme != "" || u.User != nil || u.Opaque != "" || path.Clean(u.Path) != u.Path {
		return ""
	}
	for _, way := range []string{"/signin", "/signout", "/setup"} {
		if u.Path == way || strings.HasPrefix(u.Path, way+"/") {
			return ""
		}
	}
	if s.opt.API && u.Path == "/api" {
		return u.RequestURI()
	}
	_, pattern := s.mux.Handler(&http.Request{Method: http.MethodGet, URL: &url.URL{Path: u.Path}, Host: "localhost"})
	if !strings.HasPrefix(pattern, "GET ") {
		return ""
	}
	return u.RequestURI()
}

// refused tells why somebody was not let in, with the status that says so; false for
// an error that is none of signing in.
func (s *Site) refused(err error, wrong string) (*says, int, bool) {
	m := messageOf(err)
	switch m.Key {
	case "signin.wrong":
		return &says{Class: "r", Text: luoshi.Say(wrong), More: wrong + ".say"}, http.StatusUnprocessableEntity, true
	case "signin.disabled":
		return &says{Class: "r", Text: luoshi.Say("signinpage.disabled"), More: "signinpage.disabled.say"}, http.StatusForbidden, true
	case "signin.wait":
		seconds, _ := m.Args["seconds"].(int)
		v := &says{Class: "y", Text: luoshi.Say("signinpage.wait", "seconds", seconds), More: "signinpage.wait.say", Seconds: seconds}
		if seconds > 100 {
			until := s.opt.Now().Add(time.Duration(seconds) * time.Second).In(luoshi.Zone).Format("15:04")
			v.Text = luoshi.Say("signinpage.locked", "minutes", (seconds+59)/60, "until", until)
		}
		return v, http.StatusTooManyRequests, true
	}
	return nil, 0, false
}

// refuse shows the form again with why nobody was let in.
func (s *Site) refuse(w http.ResponseWriter, r *http.Request, p *page, c *card, err error, wrong string) error {
	v, status, ok := s.refused(err, wrong)
	if !ok {
		return err
	}
	c.Says = v
	if v.Seconds > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(v.Seconds))
	}
	p.Body = c
	return s.private(w, r, status, p)
}

// expired reports whether an error says that nobody stands behind a session any more.
func expired(err error) bool { return messageOf(err).Key == "session.none" }

// passwordRules are the rules of a new password, for a person.
func (p *page) passwordRules() []string {
	return []string{
		p.W("signinpage.rule.length", "least", account.PasswordLeast, "most", account.PasswordMost),
		p.W("signinpage.rule.common"), p.W("signinpage.rule.own"), p.W("signinpage.rule.past", "count", account.PasswordPast),
	}
}

// newPassword are the two fields of a new password, with what is wrong with what was
// entered; values is nil before anything was.
func (p *page) newPassword(values url.Values, who luoshi.Person) (one, two *entry, ok bool) {
	one = &entry{Name: "new", Label: p.W("signinpage.new"), Type: "password", Complete: "new-password", Rules: p.passwordRules()}
	two = &entry{Name: "again", Label: p.W("signinpage.again"), Type: "password", Complete: "new-password"}
	if values == nil {
		return one, two, true
	}
	for _, m := range account.Weak(values.Get("new"), who) {
		one.Errs = append(one.Errs, p.withFix(m))
	}
	if len(one.Errs) == 0 && values.Get("new") != values.Get("again") {
		two.Errs = []string{p.W("signinpage.again.differs")}
	}
	return one, two, len(one.Errs)+len(two.Errs) == 0
}

// withFix is what is wrong and the way out.
func (p *page) withFix(m luoshi.Message) string {
	return p.site.words.Error(p.Lang, &luoshi.Error{Code: luoshi.Invalid, Message: m})
}

// focus puts the cursor into the first field that wants something.
func focus(fields []*entry) {
	for _, f := range fields {
		if len(f.Errs) > 0 {
			f.Focus = true
			return
		}
	}
	for _, f := range fields {
		if f.Value == "" {
			f.Focus = true
			return
		}
	}
}

// here is whoever is signed in, through all steps.
func here(r *http.Request) (*account.Here, error) {
	h := gate.Here(r.Context())
	if h == nil || h.Step != account.Done {
		return nil, &luoshi.Error{Code: luoshi.SignIn, Message: luoshi.Say("may.sign_in")}
	}
	return h, nil
}
