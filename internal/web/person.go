package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/service"
)

// personBody is one account.
type personBody struct {
	ID, Name, Login string
	Marks           []string
	Says            string
	Anonymous       bool
	Self            bool
	Posts, Past     []officeRow
	Beyond          string // posts where the reader does not reach
	DutiesBeyond    string
	Whole           bool   // the account may be changed
	Closed          string // why not, and who may
	Give            []*formField
	Reason          *formField
	Other           []string
	Units           []choice
	Names           []*formField
	Facts           []fact
	Waiting         bool
	Disabled        bool
	Second          bool
	Duties, Before  []dutyRow
	HandOver        string
	Came            string
	Anonymise       string
	Today           string
	OpenGive        bool // what is wrong is in its form
	OpenNames       bool
	Provider        *personProvider // nil = none is set up
}

// officeRow is one post.
type officeRow struct {
	Role, Unit, Title   string
	From, Until, Reason string
	Coming              bool
	Fields              []choice // that name it
}

// dutyRow is one duty.
type dutyRow struct{ Kind, What, Href, From, Until, Reason string }

// personID reads the number of a person from an address or form.
func personID(text string) (luoshi.PersonID, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return 0, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("person.unknown")}
	}
	return luoshi.PersonID(n), nil
}

func (s *Site) person(w http.ResponseWriter, r *http.Request) error {
	return s.personShow(w, r, http.StatusOK, r.URL.Query().Get("id"), url.Values{}, nil)
}

func (s *Site) personShow(w http.ResponseWriter, r *http.Request, status int, number string, values url.Values, faults []service.Fault) error {
	p, accounts, by, err := s.desk(w, r, "person", "people")
	if err != nil {
		return err
	}
	p.path, p.own = "/person", url.Values{"id": {number}}
	id, err := personID(number)
	if err != nil {
		return err
	}
	c, err := accounts.Card(r.Context(), by, id)
	if err != nil {
		return err
	}
	b := &personBody{ID: number, Name: p.personName(c.Person), Login: c.Login, Marks: p.personMarks(c.Listed), Anonymous: c.Anonymous, Self: by.Person == id, Waiting: !c.Until.IsZero(),
		Disabled: c.Disabled, Second: c.SecondOn, Units: p.places(c.Units), Today: c.Today.String(), HandOver: p.To("/people/handover", "from", p.personName(c.Person)+" #"+number),
		Anonymise: p.To("/person/anonymise", "id", number), Whole: c.Whole}
	if c.Whole {
		b.Came = p.came("person " + number)
	}
	if c.Closed != nil {
		b.Closed = s.words.Error(p.Lang, c.Closed)
	}
	if c.Elsewhere > 0 {
		b.Beyond = p.W("people.elsewhere", "n", c.Elsewhere)
	}
	if c.Beyond > 0 {
		b.DutiesBeyond = p.W("people.duties.beyond", "n", c.Beyond)
	}
	var held int
	for _, h := range c.Posts {
		row := p.officeRow(h)
		if h.Past {
			b.Past = append(b.Past, row)
			continue
		}
		if h.Held {
			held++
		}
		b.Posts = append(b.Posts, row)
	}
	b.Says = p.W("people.says", "posts", held, "duties", len(c.Duties))
	if c.Anonymous {
		b.Says = p.W("people.says.anonymous")
	}
	b.Facts = p.personFacts(c)
	b.Duties, b.Before = p.dutyRows(c.Duties), p.dutyRows(c.Before)
	p.personForms(b, c, values, faults)
	if b.Provider, err = s.personProvider(r, p, accounts, by, c, values, faults); err != nil {
		return err
	}
	p.Body, p.Title = b, b.Name
	return s.show(w, r, status, p)
}

// personForms lays the forms of a card out: what was entered, else what holds.
func (p *page) personForms(b *personBody, c *account.Card, values url.Values, faults []service.Fault) {
	filled := url.Values{"name": {c.Name}, "login": {c.Login}, "from": {c.Today.String()}}
	for name, list := range values {
		filled[name] = list
	}
	form := newForm(p, filled, faults)
	for _, name := range []string{"name", "login"} {
		one := form.field(name, "people.field."+name)
		one.Must = true
		b.Names = append(b.Names, one)
	}
	if p.site.opt.OpenID != nil {
		form.field("subject", "people.field.subject") // shown by itself
	}
	b.Give = p.postFields(form)
	b.Reason = form.field("reason", "people.field.reason")
	b.Other = form.rest()
	for _, f := range faults {
		b.OpenNames = b.OpenNames || f.Field == "name" || f.Field == "login"
		b.OpenGive = b.OpenGive || slices.Contains([]string{"role", "at", "from", "until", "title"}, f.Field)
	}
}

func (p *page) officeRow(h account.HeldPost) officeRow {
	row := officeRow{Role: p.Show(h.Role, ""), Unit: p.placeName(h.At), Title: h.Title, From: h.From.String(), Reason: h.Reason, Coming: !h.Held && !h.Past}
	if h.Until != 0 {
		row.Until = h.Until.String()
	}
	row.Fields = []choice{{Href: "role", Text: string(h.Role)}, {Href: "at", Text: h.At.Code}, {Href: "from", Text: row.From}, {Href: "title", Text: h.Title}}
	return row
}

func (p *page) dutyRows(list []account.HeldDuty) []dutyRow {
	var rows []dutyRow
	for _, d := range list {
		row := dutyRow{Kind: p.Show(d.Kind, ""), What: p.placeName(d.At), From: d.From.String(), Reason: d.Reason, Href: p.To("/duty", "code", d.At.Code, "indicator", d.Indicator)}
		if d.Indicator != "" {
			row.What = p.W("people.duty.of", "unit", p.placeName(d.At), "indicator", p.indicatorName(d.Indicator))
		}
		if d.Until != 0 {
			row.Until = d.Until.String()
		}
		rows = append(rows, row)
	}
	return rows
}

// personFacts are how an account stands.
func (p *page) personFacts(c *account.Card) []fact {
	var list []fact
	add := func(key, value string) { list = append(list, fact{Name: p.W(key), Value: value}) }
	if c.SignedIn.IsZero() {
		add("people.last", p.W("people.never"))
	} else {
		add("people.last", p.Show(c.SignedIn, ""))
	}
	switch {
	case c.Anonymous:
	case !c.Password && !c.Linked:
		add("people.password", p.W("people.password.none"))
	case !c.Password:
		add("people.password", p.W("people.password.linked"))
	case c.MustChange:
		add("people.password", p.W("people.password.first"))
	default:
		add("people.password", p.W("people.password.own"))
	}
	switch {
	case c.Anonymous:
	case c.SecondOn:
		add("people.second", p.W("people.second.on"))
	case c.CodeAsked:
		add("people.second", p.W("people.second.lacks"))
	default:
		add("people.second", p.W("people.second.off"))
	}
	if !c.Until.IsZero() {
		add("people.until", p.Show(c.Until, ""))
	}
	add("people.number", strconv.FormatInt(int64(c.ID), 10))
	return list
}

// posting reads a posted form about a person.
func (s *Site) posting(w http.ResponseWriter, r *http.Request) (*page, *account.Accounts, account.By, luoshi.PersonID, url.Values, error) {
	p, accounts, by, err := s.desk(w, r, "person", "people")
	if err != nil {
		return p, nil, by, 0, nil, err
	}
	values, err := posted(r)
	if err != nil {
		return p, nil, by, 0, nil, err
	}
	id, err := personID(values.Get("id"))
	return p, accounts, by, id, values, err
}

// personPut changes names, or whether somebody may sign in.
func (s *Site) personPut(w http.ResponseWriter, r *http.Request) error {
	p, accounts, by, id, values, err := s.posting(w, r)
	if err != nil {
		return err
	}
	c, err := accounts.Card(r.Context(), by, id)
	if err != nil {
		return err
	}
	one, m := c.Person, luoshi.Say("people.done.changed", "name", p.personName(c.Person))
	switch values.Get("do") {
	case "disable":
		one.Disabled, m = true, luoshi.Say("people.done.disabled", "name", one.Name)
	case "enable":
		one.Disabled, m = false, luoshi.Say("people.done.enabled", "name", one.Name)
	default:
		one.Name, one.Login = strings.TrimSpace(values.Get("name")), values.Get("login")
	}
	if err := accounts.ChangePerson(r.Context(), by, one); err != nil {
		field := "login"
		if message := messageOf(err); strings.HasPrefix(message.Key, "person.name") {
			field = "name"
		} else if values.Get("do") != "" {
			field = ""
		}
		return s.personFault(w, r, values, field, err)
	}
	var undo *notice
	if do := map[string]string{"disable": "enable", "enable": "disable"}[values.Get("do")]; do != "" {
		undo = &notice{Undo: p.To("/person"), Word: p.W("people.do." + do), With: map[string]string{"id": values.Get("id"), "do": do}}
	}
	return s.done(w, r, p, p.personTo(id), m, undo)
}

// personFault shows the card with what is wrong at its field; what is nobody's fault
// of entering is an error of its own.
func (s *Site) personFault(w http.ResponseWriter, r *http.Request, values url.Values, field string, err error) error {
	switch luoshi.CodeOf(err) {
	case luoshi.Invalid, luoshi.Conflict, luoshi.NotFound, luoshi.Forbidden:
		return s.personShow(w, r, http.StatusUnprocessableEntity, values.Get("id"), values, []service.Fault{{Item: -1, Field: field, Severity: luoshi.Blocking, Message: messageOf(err)}})
	}
	return err
}

// personPost gives a post, or changes the end of one.
func (s *Site) personPost(w http.ResponseWriter, r *http.Request) error {
	p, accounts, by, id, values, err := s.posting(w, r)
	if err != nil {
		return err
	}
	post, faults := readPost(r.Context(), accounts, values)
	if len(faults) > 0 {
		return s.personShow(w, r, http.StatusUnprocessableEntity, values.Get("id"), values, faults)
	}
	post.Person = id
	first, err := accounts.GivePost(r.Context(), by, post)
	if err != nil {
		return s.personFault(w, r, values, "role", err)
	}
	if first != "" {
		c, err := accounts.Card(r.Context(), by, id)
		if err != nil {
			return err
		}
		return s.slip(w, r, p, c.Person, first, p.W("people.done.anew", "name", p.personName(c.Person)), p.W("people.done.anew.say"))
	}
	m := luoshi.Say("people.done.given", "role", post.Role)
	if post.Until != 0 {
		m = luoshi.Say("people.done.until", "role", post.Role, "until", post.Until)
	}
	return s.done(w, r, p, p.personTo(id), m, nil)
}

// personUnlock lets somebody try again at once.
func (s *Site) personUnlock(w http.ResponseWriter, r *http.Request) error {
	p, accounts, by, id, _, err := s.posting(w, r)
	if err != nil {
		return err
	}
	if err := accounts.Unlock(r.Context(), by, id); err != nil {
		return err
	}
	return s.done(w, r, p, p.personTo(id), luoshi.Say("people.done.unlocked"), nil)
}

// personReset gives a new first password, shown once.
func (s *Site) personReset(w http.ResponseWriter, r *http.Request) error {
	p, accounts, by, id, values, err := s.posting(w, r)
	if err != nil {
		return err
	}
	c, err := accounts.Card(r.Context(), by, id)
	if err != nil {
		return err
	}
	first, err := accounts.Reset(r.Context(), by, id, values.Get("second") != "")
	if err != nil {
		return err
	}
	return s.slip(w, r, p, c.Person, first, p.W("people.reset.done", "name", p.personName(c.Person)), "")
}

// anonymiseBody asks once more before a name is taken away for good.
type anonymiseBody struct {
	ID, Name, Login string
	Goes, Stays     []string
	Duties          int
	HandOver, Back  string
	Reason          *formField
	Problem         string
}

func (s *Site) personAnonymise(w http.ResponseWriter, r *http.Request) error {
	return s.anonymiseShow(w, r, http.StatusOK, r.URL.Query().Get("id"), "", "")
}

func (s *Site) anonymiseShow(w http.ResponseWriter, r *http.Request, status int, number, reason, problem string) error {
	p, accounts, by, err := s.desk(w, r, "person-anonymise", "people")
	if err != nil {
		return err
	}
	p.path, p.own = "/person/anonymise", url.Values{"id": {number}}
	id, err := personID(number)
	if err != nil {
		return err
	}
	c, err := accounts.Card(r.Context(), by, id)
	if err != nil {
		return err
	}
	if c.Closed != nil {
		return c.Closed
	}
	if c.Anonymous {
		return &luoshi.Error{Code: luoshi.Conflict, Message: luoshi.Say("person.anonymous")}
	}
	b := &anonymiseBody{ID: number, Name: c.Name, Login: c.Login, Duties: len(c.Duties), HandOver: p.To("/people/handover", "from", p.personName(c.Person)+" #"+number), Back: p.personTo(id), Problem: problem}
	for _, key := range []string{"name", "password", "sessions", "login"} {
		b.Goes = append(b.Goes, p.W("people.anonymise.goes."+key, "login", c.Login, "name", c.Name))
	}
	for _, key := range []string{"events", "posts", "number"} {
		b.Stays = append(b.Stays, p.W("people.anonymise.stays."+key, "n", number, "posts", len(c.Posts)))
	}
	b.Reason = newForm(p, url.Values{"reason": {reason}}, nil).field("reason", "people.field.why")
	b.Reason.Must, b.Reason.Whole = true, true
	p.Body, p.Title = b, p.W("people.anonymise")
	return s.show(w, r, status, p)
}

func (s *Site) personAnonymisePut(w http.ResponseWriter, r *http.Request) error {
	p, accounts, by, id, values, err := s.posting(w, r)
	if err != nil {
		return err
	}
	reason := strings.TrimSpace(values.Get("reason"))
	if values.Get("sure") == "" {
		return s.anonymiseShow(w, r, http.StatusUnprocessableEntity, values.Get("id"), reason, p.W("people.anonymise.unsure"))
	}
	if err := accounts.Anonymise(r.Context(), by, id, reason); err != nil {
		if code := luoshi.CodeOf(err); code == luoshi.Invalid || code == luoshi.Conflict {
			return s.anonymiseShow(w, r, http.StatusUnprocessableEntity, values.Get("id"), reason, s.words.Error(p.Lang, err))
		}
		return err
	}
	return s.done(w, r, p, p.personTo(id), luoshi.Say("people.done.anonymised", "n", values.Get("id")), nil)
}
