package web

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/gate"
	"luoshi.dev/internal/oidc"
	"luoshi.dev/internal/service"
)

// underway is a sign-in at the provider that this browser has begun. It travels in a
// sealed cookie: several servers may answer, and nobody else may finish it.
type underway struct {
	oidc.Pending
	To   string // where it leads to afterwards
	Link int64  // the session whose person asked to link the account, 0 = to sign in
}

// A sign-in at the provider is to be finished within so long.
const (
	underwayFor    = 10 * time.Minute
	underwayCookie = "luoshi-oidc"
)

// provider is where people sign in too, or nothing where there is none.
func (s *Site) provider() (*oidc.Provider, error) {
	if s.opt.OpenID == nil || s.opt.Accounts == nil {
		return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("page.not_found")}
	}
	return s.opt.OpenID, nil
}

// openID begins to sign in at the provider.
func (s *Site) openID(w http.ResponseWriter, r *http.Request) error {
	address, err := s.depart(w, r, underway{To: s.ours(r.URL.Query().Get("to"))})
	if err != nil {
		return s.openIDRefused(w, r, err)
	}
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// depart keeps what is under way in the browser and returns the address at the
// provider. Whoever links an account proves there once more who they are.
func (s *Site) depart(w http.ResponseWriter, r *http.Request, u underway) (string, error) {
	provider, err := s.provider()
	if err != nil {
		return "", err
	}
	address, pending, err := provider.Begin(u.Link != 0)
	if err != nil {
		return "", err
	}
	u.Pending = pending
	text, err := json.Marshal(u)
	if err != nil {
		return "", err
	}
	closed, err := s.opt.Accounts.Seal(underwayCookie, string(text), s.opt.Now().Add(underwayFor))
	if err != nil {
		return "", err
	}
	s.keepUnderway(w, r, closed, int(underwayFor/time.Second))
	w.Header().Set("Cache-Control", "no-store")
	return address, nil
}

// keepUnderway sets the cookie. It comes back on the way from the provider, which is
// another site: hence Lax.
func (s *Site) keepUnderway(w http.ResponseWriter, r *http.Request, value string, age int) {
	gate.SetCookie(w, r, http.Cookie{Name: underwayCookie, Value: value, MaxAge: age})
}

// openIDBack is where the provider sends people back to.
func (s *Site) openIDBack(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer") // the address holds a code
	provider, err := s.provider()
	if err != nil {
		return err
	}
	u, err := s.arrived(w, r)
	if err != nil {
		return s.openIDRefused(w, r, err)
	}
	subject, err := provider.End(r.Context(), u.Pending, r.URL.Query())
	if err != nil {
		return s.openIDRefused(w, r, err)
	}
	if u.Link != 0 {
		return s.openIDLink(w, r, provider.Issuer(), subject, u.Link)
	}
	signed, err := s.opt.Accounts.SignInLinked(r.Context(), provider.Issuer(), subject, gate.From(r))
	if err != nil {
		return s.openIDRefused(w, r, err)
	}
	return s.enter(w, r, signed, u.To)
}

// arrived takes the sign-in that is under way out of the cookie: it is good once.
func (s *Site) arrived(w http.ResponseWriter, r *http.Request) (u underway, err error) {
	closed := gate.Cookie(r, underwayCookie)
	s.keepUnderway(w, r, "", -1)
	text, err := s.opt.Accounts.Unseal(r.Context(), underwayCookie, closed)
	if err == nil {
		err = json.Unmarshal([]byte(text), &u)
	}
	return u, err
}

// openIDRefused shows the page of signing in again, with why the provider let nobody
// in.
func (s *Site) openIDRefused(w http.ResponseWriter, r *http.Request, err error) error {
	code, m := gate.CodeOf(err), messageOf(err)
	if code != luoshi.Forbidden && code != luoshi.Unavailable {
		return err
	}
	slog.WarnContext(r.Context(), "provider", "id", gate.ID(r.Context()), "said", m.Key, "cause", errors.Unwrap(err)) // without its arguments: they may name somebody
	if h := gate.Here(r.Context()); h != nil {                                                                        // somebody who is signed in already
		return err
	}
	p, _ := s.signPage(r)
	c, failed := s.signCard(r, p, "", signInForm{})
	if failed != nil {
		return failed
	}
	c.Says = &says{Class: "r", Text: m}
	if v, _, ok := s.refused(err, ""); ok {
		c.Says = v
	} else if s.words.Has(m.Key + ".fix") {
		c.Says.Fix = &luoshi.Message{Key: m.Key + ".fix", Args: m.Args}
	}
	p.Body = c
	return s.private(w, r, gate.Status(code), p)
}

// ownProvider is the page on which the own account at the provider is linked, or its
// link ended.
func (s *Site) ownProvider(w http.ResponseWriter, r *http.Request) error {
	h, err := here(r)
	if err != nil {
		return err
	}
	p, c, _, err := s.providerCard(r, h)
	if err != nil {
		return err
	}
	p.Body = c
	return s.private(w, r, http.StatusOK, p)
}

// providerCard asks for the password once more, to link the account at the provider
// or to end the link.
func (s *Site) providerCard(r *http.Request, h *account.Here) (*page, *card, bool, error) {
	provider, err := s.provider()
	if err != nil {
		return nil, nil, false, err
	}
	links, err := s.opt.Accounts.Links(r.Context(), h)
	if err != nil {
		return nil, nil, false, err
	}
	linked := false
	for _, l := range links {
		linked = linked || l.Issuer == provider.Issuer()
	}
	p := s.mePage(r, "card", "me.provider.title")
	c := &card{
		Head: p.W("me.provider", "provider", provider.Name()), Lead: p.W("me.provider.lead", "provider", provider.Name()), Action: "/me/provider", Put: p.W("me.provider.put"), User: h.Person.Login,
		Hidden: map[string]string{}, Cancel: &choice{Text: p.W("me.cancel"), Href: "/me"},
		Fields: []*entry{{Name: "password", Label: p.W("me.code.password"), Type: "password", Complete: "current-password", Focus: true}},
	}
	if linked {
		c.Lead, c.Put, c.Hidden["end"] = p.W("me.provider.end.lead", "provider", provider.Name()), p.W("me.provider.end"), "yes"
	}
	return p, c, linked, nil
}

// ownProviderPut goes to the provider to link the account there, or ends the link.
// Each wants the password once more.
func (s *Site) ownProviderPut(w http.ResponseWriter, r *http.Request) error {
	h, err := here(r)
	if err != nil {
		return err
	}
	values, err := posted(r)
	if err != nil {
		return err
	}
	p, c, linked, err := s.providerCard(r, h)
	if err != nil {
		return err
	}
	password := values.Get("password")
	if password == "" || len(password) > passwordBytes {
		err = &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("signin.wrong")}
	} else {
		err = s.opt.Accounts.Prove(r.Context(), h, password, gate.From(r))
	}
	if err != nil {
		return s.refuse(w, r, p, c, err, "signinpage.old.wrong")
	}
	if linked != (values.Get("end") == "yes") { // it was done meanwhile
		http.Redirect(w, r, "/me", http.StatusSeeOther)
		return nil
	}
	if linked {
		if err := s.opt.Accounts.UnlinkOwn(r.Context(), h, s.opt.OpenID.Issuer()); err != nil {
			return err
		}
		return s.done(w, r, p, "/me", luoshi.Say("me.provider.ended", "provider", s.opt.OpenID.Name()), nil)
	}
	address, err := s.depart(w, r, underway{Link: h.Session})
	if err != nil {
		return err
	}
	// A form must not lead to another site (its policy); a link may.
	c.Closed, c.Lead = true, p.W("me.provider.go.lead", "provider", s.opt.OpenID.Name())
	c.Go = &choice{Text: p.W("me.provider.go", "provider", s.opt.OpenID.Name()), Href: address}
	p.Body = c
	return s.private(w, r, http.StatusOK, p)
}

// openIDLink links the account that the provider has told to whoever asked for it, in
// the session that asked.
func (s *Site) openIDLink(w http.ResponseWriter, r *http.Request, issuer, subject string, session int64) error {
	h := gate.Here(r.Context())
	if h == nil || h.Step != account.Done || h.Session != session {
		return &luoshi.Error{Code: luoshi.Forbidden, Message: luoshi.Say("signin.stale")}
	}
	if err := s.opt.Accounts.LinkOwn(r.Context(), h, issuer, subject); err != nil {
		return err
	}
	p := s.page(r, "")
	return s.done(w, r, p, "/me", luoshi.Say("me.provider.linked", "provider", s.opt.OpenID.Name()), nil)
}

// providerRow is how the own account stands at the provider.
type providerRow struct{ Name, Says, Do string }

func (s *Site) providerRow(r *http.Request, p *page, h *account.Here) (*providerRow, error) {
	if s.opt.OpenID == nil {
		return nil, nil //nolint:nilnil // there is none, and nothing is wrong
	}
	row := &providerRow{s.opt.OpenID.Name(), p.W("me.provider.none"), p.W("me.provider.put")}
	links, err := s.opt.Accounts.Links(r.Context(), h)
	for _, l := range links {
		if l.Issuer == s.opt.OpenID.Issuer() {
			row.Says, row.Do = p.W("me.provider.since", "on", luoshi.DateOf(l.At)), p.W("me.provider.end")
		}
	}
	return row, err
}

// personProvider is somebody's account at the provider, as an administrator sees it.
type personProvider struct {
	Name    string
	Says    string // "" = not linked
	Subject *formField
}

func (s *Site) personProvider(r *http.Request, p *page, accounts *account.Accounts, by account.By, c *account.Card, values url.Values, faults []service.Fault) (*personProvider, error) {
	if s.opt.OpenID == nil || c.Anonymous || !c.Whole {
		return nil, nil //nolint:nilnil // there is none, and nothing is wrong
	}
	links, err := accounts.LinksOf(r.Context(), by, c.ID)
	b := &personProvider{Name: s.opt.OpenID.Name(), Subject: newForm(p, values, faults).field("subject", "people.field.subject")}
	b.Subject.Must = true
	for _, l := range links {
		if l.Issuer == s.opt.OpenID.Issuer() {
			b.Says = p.W("people.provider.since", "on", luoshi.DateOf(l.At), "subject", l.Subject)
		}
	}
	return b, err
}

// personProviderPut enters the subject that the provider knows somebody by, or takes
// the link away.
func (s *Site) personProviderPut(w http.ResponseWriter, r *http.Request) error {
	p, accounts, by, id, values, err := s.posting(w, r)
	if err != nil {
		return err
	}
	provider, err := s.provider()
	if err != nil {
		return err
	}
	m := luoshi.Say("people.provider.linked", "provider", provider.Name())
	if values.Get("do") == "end" {
		m = luoshi.Say("people.provider.ended", "provider", provider.Name())
		err = accounts.UnlinkPerson(r.Context(), by, id, provider.Issuer())
	} else {
		err = accounts.LinkPerson(r.Context(), by, id, provider.Issuer(), strings.TrimSpace(values.Get("subject")))
	}
	if err != nil {
		return s.personFault(w, r, values, "subject", err)
	}
	return s.done(w, r, p, p.personTo(id), m, nil)
}
