package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/service"
)

// peopleBook answers for the frame of pages that show nothing of a unit, and tells
// who acts.
type peopleBook interface {
	Head(ctx context.Context, look service.Look) (*service.Head, error)
	DutyCard(ctx context.Context, look service.Look, unit, indicator string) (*service.DutyCard, error)
	Clerk(ctx context.Context, by string) (service.PersonRef, bool, error)
	By(ctx context.Context) account.By
}

// desk begins a page about people: its frame without the bar of instants, the
// accounts, and who asks. It is never kept anywhere.
func (s *Site) desk(w http.ResponseWriter, r *http.Request, view, section string) (*page, *account.Accounts, account.By, error) {
	p := s.page(r, view)
	p.section = section
	w.Header().Set("Cache-Control", "no-store")
	by := s.board.By(r.Context())
	accounts, err := s.accounts()
	if err != nil {
		return p, nil, by, err
	}
	look, err := s.look(p.query)
	if err != nil {
		return p, nil, by, err
	}
	head, err := s.board.Head(r.Context(), look)
	if err != nil {
		return p, nil, by, err
	}
	p.Frame, p.called = still(head.Frame), head.Indicators
	return p, accounts, by, nil
}

// peoplePage is how many people are listed on one page.
const peoplePage = 100

// peopleBody is the list of people.
type peopleBody struct {
	Head, Lead    string
	Rows          []personRow
	Found         string
	Text          string
	At            string
	Roles, States []choice
	Units         []choice
	Required      []roleCheck
	Pages         *pager
	New, HandOver string
	Bare          string // the list without its filters, "" = there are none
	All           bool   // everybody is listed: what holds for all alike is set here too
}

// roleCheck is a role whose holders may have to have a second factor.
type roleCheck struct {
	Name, Value string
	On          bool
}

// personRow is one person in the list.
type personRow struct {
	Href, Name, Login string
	Posts             []string
	Beyond            string // posts where the reader does not reach
	Second            string // "on", "lacks" or ""
	Last              string
	Marks             []string
	Off               bool
}

// personName is the name of somebody, or what stands for it.
func (p *page) personName(one luoshi.Person) string {
	return p.Say(service.PersonRef{ID: one.ID, Name: one.Name, Anonymous: one.Anonymous}.Says())
}

// PersonName is the name of whom a record names as its clerk: "#12" is person 12, what
// else stands there is shown as it stands.
func (p *page) PersonName(by string) string {
	if !strings.HasPrefix(by, "#") {
		return by
	}
	ref, ok, err := p.site.board.Clerk(p.r.Context(), by)
	if err != nil || !ok {
		return by
	}
	return p.Say(ref.Says())
}

func (p *page) personTo(id luoshi.PersonID) string {
	return p.To("/person", "id", strconv.FormatInt(int64(id), 10))
}

func (s *Site) people(w http.ResponseWriter, r *http.Request) error {
	p, accounts, by, err := s.desk(w, r, "people", "people")
	if err != nil {
		return err
	}
	asked := r.URL.Query()
	p.keep(asked, "q", "at", "role", "state")
	q := account.PeopleQuery{Text: strings.TrimSpace(asked.Get("q")), Unit: codeOf(asked.Get("at")), Role: luoshi.Role(asked.Get("role")), State: asked.Get("state")}
	d, err := accounts.Directory(r.Context(), by, q)
	if err != nil {
		return err
	}
	b := &peopleBody{Text: q.Text, At: asked.Get("at"), New: p.To("/people/new"), HandOver: p.To("/people/handover"), Head: p.W("people.head", "n", d.Total), All: d.All}
	if !d.All {
		b.Head = p.W("people.head.reach", "n", d.Total)
	}
	var leads []string
	if d.Lacking > 0 {
		leads = append(leads, p.W("people.lead.lacking", "n", d.Lacking))
	}
	if d.Never > 0 {
		leads = append(leads, p.W("people.lead.never", "n", d.Never))
	}
	if b.Lead = strings.Join(leads, p.Between()); b.Lead == "" {
		b.Lead = p.W("people.lead.fine")
	}
	if q != (account.PeopleQuery{}) {
		b.Found, b.Bare = p.W("people.found", "n", len(d.People), "total", d.Total), p.To("/people")
	}
	b.Roles = append(b.Roles, choice{Text: p.W("people.any"), On: q.Role == ""})
	for _, role := range luoshi.Roles {
		b.Roles = append(b.Roles, choice{Text: p.Show(role, ""), Href: string(role), On: role == q.Role})
		b.Required = append(b.Required, roleCheck{p.Show(role, ""), string(role), slices.Contains(d.CodeRoles, role)})
	}
	b.States = append(b.States, choice{Text: p.W("people.any"), On: q.State == ""})
	for _, state := range account.PeopleStates {
		b.States = append(b.States, choice{Text: p.W("people.state." + state), Href: state, On: state == q.State})
	}
	b.Units = p.places(d.Units)
	pages := max(1, (len(d.People)+peoplePage-1)/peoplePage)
	at := min(max(countOf(asked, "page"), 1), pages)
	b.Pages = p.pager(at, pages, "imports.pages", func(n int) string { return p.Here("page", strconv.Itoa(n)) })
	for _, one := range d.People[(at-1)*peoplePage : min(at*peoplePage, len(d.People))] {
		b.Rows = append(b.Rows, p.personRow(one))
	}
	p.Body, p.Title = b, p.W("page.people")
	return s.show(w, r, http.StatusOK, p)
}

// codeOf is the code in what a list to choose from put into a field: "340100", or
// "合肥市 340100".
func codeOf(text string) string {
	f := strings.Fields(luoshi.Fold(text))
	if len(f) == 0 {
		return ""
	}
	return f[len(f)-1]
}

// places are units to choose from.
func (p *page) places(list []account.Place) []choice {
	out := make([]choice, len(list))
	for i, u := range list {
		out[i] = choice{Text: p.Name(u.Names), Href: u.Code}
	}
	return out
}

func (p *page) placeName(at account.Place) string {
	if at.Names.Hans == "" {
		return at.Code
	}
	return p.Name(at.Names)
}

func (p *page) personRow(one account.Listed) personRow {
	row := personRow{Href: p.personTo(one.ID), Name: p.personName(one.Person), Login: one.Login, Last: p.W("people.never"), Off: one.Disabled}
	for _, h := range one.Posts {
		if h.Held {
			row.Posts = append(row.Posts, p.postText(h))
		}
	}
	if one.Elsewhere > 0 {
		row.Beyond = p.W("people.elsewhere", "n", one.Elsewhere)
	}
	switch {
	case one.SecondOn:
		row.Second = p.W("people.second.on")
	case one.CodeAsked && !one.Disabled:
		row.Second = p.W("people.second.lacks")
	}
	if !one.SignedIn.IsZero() {
		row.Last = p.Show(one.SignedIn, "")
	} else if one.Anonymous {
		row.Last = ""
	}
	row.Marks = p.personMarks(one)
	return row
}

// personMarks are what is out of the ordinary about an account.
func (p *page) personMarks(one account.Listed) []string {
	var list []string
	for _, m := range []struct {
		on  bool
		key string
	}{{one.Anonymous, "people.mark.anonymous"}, {one.Disabled && !one.Anonymous, "people.mark.disabled"}, {!one.Until.IsZero(), "people.mark.waiting"}, {one.MustChange && !one.Disabled, "people.mark.first"}} {
		if m.on {
			list = append(list, p.W(m.key))
		}
	}
	return list
}

// postText is a post in short: 合肥市 填报员.
func (p *page) postText(h account.HeldPost) string {
	if h.Title != "" {
		return p.W("people.post.titled", "unit", p.placeName(h.At), "role", h.Role, "title", h.Title)
	}
	return p.W("people.post", "unit", p.placeName(h.At), "role", h.Role)
}

// peopleCode says whose roles must have a second factor.
func (s *Site) peopleCode(w http.ResponseWriter, r *http.Request) error {
	p, accounts, by, err := s.desk(w, r, "people", "people")
	if err != nil {
		return err
	}
	values, err := posted(r)
	if err != nil {
		return err
	}
	var roles []luoshi.Role
	for _, role := range luoshi.Roles {
		if slices.Contains(values["role"], string(role)) {
			roles = append(roles, role)
		}
	}
	if err := accounts.AskCode(r.Context(), by, roles); err != nil {
		return err
	}
	m := luoshi.Say("people.code.done", "roles", roles)
	if len(roles) == 0 {
		m = luoshi.Say("people.code.done.none")
	}
	return s.done(w, r, p, p.To("/people"), m, nil)
}

// personForm is the form of a new account.
type personForm struct {
	Fields []*formField
	Post   []*formField
	First  string // what the post is headed
	Other  []string
	Units  []choice
	Back   string
}

func (s *Site) personNew(w http.ResponseWriter, r *http.Request) error {
	return s.personNewShow(w, r, http.StatusOK, url.Values{}, nil)
}

func (s *Site) personNewShow(w http.ResponseWriter, r *http.Request, status int, values url.Values, faults []service.Fault) error {
	p, accounts, by, err := s.desk(w, r, "person-new", "people")
	if err != nil {
		return err
	}
	d, err := accounts.Directory(r.Context(), by, account.PeopleQuery{Text: "\x00"})
	if err != nil {
		return err
	}
	if !values.Has("from") {
		values = url.Values{"from": {d.Today.String()}}
	}
	form := newForm(p, values, faults)
	f := &personForm{Units: p.places(d.Units), Back: p.To("/people")}
	for _, name := range []string{"name", "login"} {
		one := form.field(name, "people.field."+name)
		one.Must = true
		f.Fields = append(f.Fields, one)
	}
	f.Post = p.postFields(form)
	f.First = p.W("people.new.post")
	if d.All {
		f.Post[0].Options = append([]choice{{Text: p.W("people.field.role.none"), On: values.Get("role") == ""}}, f.Post[0].Options...)
	} else {
		f.First, f.Post[0].Must, f.Post[1].Must = p.W("people.new.post.must"), true, true
	}
	f.Other = form.rest()
	p.Body, p.Title = f, p.W("people.new")
	return s.show(w, r, status, p)
}

// postFields are the fields of a post to be given.
func (p *page) postFields(form *form) []*formField {
	var list []*formField
	for _, name := range []string{"role", "at", "from", "until", "title"} {
		one := form.field(name, "people.field."+name)
		switch name {
		case "role":
			for _, role := range luoshi.Roles {
				one.Options = append(one.Options, choice{Text: p.W("people.role.says", "role", role, "does", luoshi.Say("people.role."+string(role))), Href: string(role), On: string(role) == one.Value})
			}
		case "at":
			one.List = "units"
		case "from", "until":
			one.Type = "date"
		}
		list = append(list, one)
	}
	return list
}

// readPost reads a post from its form.
func readPost(ctx context.Context, accounts *account.Accounts, v url.Values) (luoshi.Post, []service.Fault) {
	post := luoshi.Post{Role: luoshi.Role(v.Get("role")), Title: strings.TrimSpace(v.Get("title")), Reason: strings.TrimSpace(v.Get("reason"))}
	var faults []service.Fault
	fault := func(name string, err error) {
		faults = append(faults, service.Fault{Item: -1, Field: name, Severity: luoshi.Blocking, Message: messageOf(err)})
	}
	var err error
	if code := codeOf(v.Get("at")); code == "" {
		fault("at", &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("post.unit")})
	} else if post.Unit, err = accounts.UnitAt(ctx, code); err != nil {
		fault("at", err)
	}
	for _, d := range []struct {
		name string
		to   *luoshi.Date
	}{{"from", &post.From}, {"until", &post.Until}} {
		if text := strings.TrimSpace(v.Get(d.name)); text != "" {
			if *d.to, err = luoshi.ParseDate(text); err != nil {
				fault(d.name, err)
			}
		}
	}
	post.Person = 1 // who it is for is known when it is given
	fields := map[string]string{"post.role": "role", "post.from": "from", "post.until": "until", "person.name_long": "title"}
	if len(faults) == 0 {
		for _, one := range post.Validate() {
			faults = append(faults, service.Fault{Item: -1, Field: fields[one.Message.Key], Severity: one.Severity, Message: one.Message})
		}
	}
	post.Person = 0
	return post, faults
}

// slipBody is what somebody needs for their first sign-in: shown once.
type slipBody struct {
	Head, Says         string
	Name, Login, First string
	Address            string
	Person, People     string
	Why                string // why there is a new one, where that was not asked for
}

func (s *Site) slip(w http.ResponseWriter, r *http.Request, p *page, one luoshi.Person, first, head, why string) error {
	p.view = "person-slip"
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	p.Body = &slipBody{Head: head, Says: p.W("people.slip.say"), Name: p.personName(one), Login: one.Login, First: first, Address: scheme + r.Host, Person: p.personTo(one.ID), People: p.To("/people"), Why: why}
	p.Title = head
	return s.show(w, r, http.StatusOK, p)
}

func (s *Site) personAdd(w http.ResponseWriter, r *http.Request) error {
	p, accounts, by, err := s.desk(w, r, "person-new", "people")
	if err != nil {
		return err
	}
	values, err := posted(r)
	if err != nil {
		return err
	}
	one := luoshi.Person{Name: strings.TrimSpace(values.Get("name")), Login: luoshi.FoldLogin(values.Get("login"))}
	var faults []service.Fault
	for _, problem := range one.Validate() {
		field := "login"
		if strings.HasPrefix(problem.Message.Key, "person.name") {
			field = "name"
		}
		faults = append(faults, service.Fault{Item: -1, Field: field, Severity: problem.Severity, Message: problem.Message})
	}
	var post luoshi.Post
	if values.Get("role") != "" {
		var more []service.Fault
		post, more = readPost(r.Context(), accounts, values)
		faults = append(faults, more...)
	}
	if len(faults) > 0 {
		return s.personNewShow(w, r, http.StatusUnprocessableEntity, values, faults)
	}
	var given []luoshi.Post
	if post.Role != "" {
		given = []luoshi.Post{post}
	}
	id, first, err := accounts.AddPerson(r.Context(), by, one, given...)
	if code := luoshi.CodeOf(err); code == luoshi.Conflict || code == luoshi.Invalid || code == luoshi.Forbidden && post.Role != "" {
		field := "login"
		if key := messageOf(err).Key; strings.HasPrefix(key, "post.") || key == "person.first_post" {
			field = "role"
		} else if code == luoshi.Forbidden {
			field = "at"
		}
		return s.personNewShow(w, r, http.StatusUnprocessableEntity, values, []service.Fault{{Item: -1, Field: field, Severity: luoshi.Blocking, Message: messageOf(err)}})
	}
	if err != nil {
		return err
	}
	one.ID = id
	return s.slip(w, r, p, one, first, p.W("people.added", "name", one.Name), "")
}
