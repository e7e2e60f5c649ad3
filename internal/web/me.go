package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/gate"
)

// Bare reports whether the page is one of signing in: then there are no ways yet.
func (p *page) Bare() bool { return p.bare }

// Finds reports whether the reader may search.
func (p *page) Finds() bool { return p.site.allowed(p.r, search) == nil }

// Home is where the brand leads: the overview, or for whoever may not read it the page
// that their posts begin with.
func (p *page) Home() string {
	if here := p.here(); here != nil && here.Step == account.Done && p.site.allowed(p.r, board) != nil {
		return p.site.landing(here.Posts)
	}
	return p.Link("unit", "")
}

// SignsIn reports whether people sign in here.
func (p *page) SignsIn() bool { return p.site.opt.Accounts != nil }

// IsDemo reports whether the database is the demonstration.
func (p *page) IsDemo() bool { return p.site.opt.Demo }

// Initial is what stands for a name where there is room for one character.
func (p *page) Initial(name string) string {
	for _, r := range strings.TrimSpace(name) {
		return string(r)
	}
	return ""
}

// SignIn is the address of signing in that leads back to this page.
func (p *page) SignIn() string {
	if to := p.site.ours(p.Here()); to != "" && to != "/" {
		return "/signin?" + query("to", to)
	}
	return "/signin"
}

// heldAt is the unit of a post as it is called today.
func (p *page) heldAt(h account.Held) string {
	if h.Code == "" {
		return p.W("me.post.unit", "id", int64(h.Unit))
	}
	return p.Name(h.Names)
}

// me is the page of the own account.
type me struct {
	Name, Lead string
	Posts      []postRow
	Past       []postRow
	Password   string
	HasPass    bool
	Second     string
	SecondOn   bool
	Short      bool         // of recovery codes
	Provider   *providerRow // nil = none is set up
	Sessions   []sessionRow
	Others     bool // there are sessions beside this one
	Tokens     []tokenRow
}

// postRow is one post in words.
type postRow struct{ Says, Title, Does, Span string }

// sessionRow is one place where somebody is signed in.
type sessionRow struct {
	ID               int64
	Where, Address   string
	Made, Seen, Ends string
	This             bool
}

func (s *Site) me(w http.ResponseWriter, r *http.Request) error {
	h, err := here(r)
	if err != nil {
		return err
	}
	p := s.mePage(r, "me", "me.title")
	own, err := s.opt.Accounts.Own(r.Context(), h)
	if err != nil {
		return err
	}
	b := &me{Name: h.Person.Name, Lead: p.W("me.lead", "login", h.Person.Login), HasPass: own.Password, SecondOn: own.SecondOn, Short: own.SecondOn && own.Left < 3}
	p.posts(b, own.Posts)
	b.Password, b.Second = p.W("me.password.none"), p.W("me.code.off")
	if own.Password {
		b.Password = p.W("me.password.since", "on", luoshi.DateOf(own.ChangedAt))
	}
	switch {
	case own.SecondOn && own.Left == 0:
		b.Second = p.W("me.code.on.none")
	case own.SecondOn:
		b.Second = p.W("me.code.on", "left", own.Left)
	}
	if b.Provider, err = s.providerRow(r, p, h); err != nil {
		return err
	}
	sessions, err := s.opt.Accounts.Sessions(r.Context(), h)
	if err != nil {
		return err
	}
	for _, v := range sessions {
		b.Sessions = append(b.Sessions, p.session(v, h.Session))
	}
	slices.SortStableFunc(b.Sessions, func(x, y sessionRow) int { // this one first
		switch {
		case x.This == y.This:
			return 0
		case x.This:
			return -1
		}
		return 1
	})
	b.Others = len(sessions) > 1
	tokens, err := s.opt.Accounts.Tokens(r.Context(), h)
	if err != nil {
		return err
	}
	for _, t := range tokens {
		b.Tokens = append(b.Tokens, p.token(t))
	}
	p.Body = b
	return s.private(w, r, http.StatusOK, p)
}

// mePage is a page of the own account.
func (s *Site) mePage(r *http.Request, view, title string) *page {
	p := s.page(r, view)
	p.scripts, p.Title = []string{"account.js"}, p.W(title)
	return p
}

// posts writes the posts in words: those of today, and the others.
func (p *page) posts(b *me, held []account.Held) {
	today := luoshi.DateOf(p.site.opt.Now())
	for _, h := range held {
		row := postRow{Says: p.W("me.post", "unit", p.heldAt(h), "role", h.Role), Title: h.Title, Does: p.W("me.role." + string(h.Role)), Span: p.W("me.post.since", "from", h.From)}
		if h.Until != 0 {
			row.Span = p.W("me.post.span", "from", h.From, "until", h.Until)
		}
		switch {
		case h.Held(today):
			b.Posts = append(b.Posts, row)
			continue
		case h.From > today:
			row.Does = p.W("me.post.coming")
		default:
			row.Does = p.W("me.post.over")
		}
		b.Past = append(b.Past, row)
	}
}

func (p *page) session(v account.Session, this int64) sessionRow {
	row := sessionRow{ID: v.ID, Where: device(v.Agent), Address: v.Address, Made: p.Show(v.Made, ""), Seen: p.Show(v.Seen, ""), Ends: p.Show(v.Ends, ""), This: v.ID == this}
	if row.Where == "" {
		row.Where = p.W("me.session.unknown")
	}
	return row
}

// browsers and systems are known by what they say of themselves; the first that is
// found counts, for many name others too.
var (
	browsers = [][2]string{{"MicroMessenger/", "WeChat"}, {"Edg", "Edge"}, {"OPR/", "Opera"}, {"QQBrowser/", "QQ"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"}}
	systems  = [][2]string{{"OpenHarmony", "HarmonyOS"}, {"HarmonyOS", "HarmonyOS"}, {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"}}
)

// device says in two words what a browser calls itself, "" where it says nothing
// that is known.
func device(agent string) string {
	var found []string
	for _, list := range [][][2]string{browsers, systems} {
		for _, one := range list {
			if strings.Contains(agent, one[0]) {
				found = append(found, one[1])
				break
			}
		}
	}
	return strings.Join(found, " · ")
}

// ownPassword is the page on which the own password is changed.
func (s *Site) ownPassword(w http.ResponseWriter, r *http.Request) error {
	h, err := here(r)
	if err != nil {
		return err
	}
	p := s.mePage(r, "card", "me.password.title")
	c, _ := p.passwordCard(h.Person, nil)
	p.Body = p.ownCard(c)
	return s.private(w, r, http.StatusOK, p)
}

func (p *page) ownCard(c *card) *card {
	c.Head, c.Lead, c.Action, c.Put = p.W("me.password.title"), p.W("me.password.lead"), "/me/password", p.W("me.password.change")
	c.Cancel = &choice{Text: p.W("me.cancel"), Href: "/me"}
	return c
}

func (s *Site) ownPasswordPut(w http.ResponseWriter, r *http.Request) error {
	h, err := here(r)
	if err != nil {
		return err
	}
	values, err := posted(r)
	if err != nil {
		return err
	}
	p := s.mePage(r, "card", "me.password.title")
	c, ok := p.passwordCard(h.Person, values)
	signed, err := s.changePassword(w, r, p, p.ownCard(c), values, ok)
	if signed == nil {
		return err
	}
	if signed.Step != account.Done {
		return s.onward(w, r, signed.Step, nil, "/me")
	}
	return s.done(w, r, p, "/me", luoshi.Say("me.password.done"), nil)
}

// sessionEnd ends one of the own sessions, or all others.
func (s *Site) sessionEnd(w http.ResponseWriter, r *http.Request) error {
	h, err := here(r)
	if err != nil {
		return err
	}
	values, err := posted(r)
	if err != nil {
		return err
	}
	id := int64(0)
	if text := values.Get("session"); text != "others" {
		if id, err = strconv.ParseInt(text, 10, 64); err != nil || id <= 0 {
			return &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("register.form"), Err: err}
		}
	}
	if id == h.Session {
		return s.signOut(w, r)
	}
	p := s.page(r, "")
	err = s.opt.Accounts.EndSession(r.Context(), h, id, gate.SessionSecret(r))
	switch {
	case err != nil && !expired(err): // it may have ended by itself
		return err
	case id == 0:
		return s.done(w, r, p, "/me#sessions", luoshi.Say("me.sessions.done"), nil)
	}
	return s.done(w, r, p, "/me#sessions", luoshi.Say("me.session.done"), nil)
}

// query is one name and value as they stand in an address.
func query(name, value string) string {
	return url.Values{name: {value}}.Encode()
}
