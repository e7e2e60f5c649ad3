package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/internal/service"
)

// answerView is who answers for something, as a card shows it.
type answerView struct {
	Now    string // "" = nobody
	Since  string
	Facts  []answerFact
	Change string // where it is changed, "" = the reader may not
	Came   string
}

// answerFact is who answered from a day on.
type answerFact struct {
	Name, From, Until, Reason, Note string
	Holds                           bool
}

// answer lays out who answers for a unit or a target, and who did.
func (p *page) answer(now *service.PersonRef, facts []service.DutyFact, unit, indicator string) *answerView {
	v := &answerView{}
	if now != nil {
		v.Now = p.Say(now.Says())
	}
	for _, f := range facts {
		one := answerFact{Name: p.W("duty.nobody"), From: f.From.String(), Reason: f.Reason, Holds: f.Holds}
		if f.Person != nil {
			one.Name = p.Say(f.Person.Says())
		}
		if f.Until != 0 {
			one.Until = f.Until.String()
		}
		one.Note = p.recorded(p.Say(f.By.Says()), instant(time.UnixMicro(f.RecordedAt)))
		if f.Holds && now != nil {
			v.Since = one.From
		}
		v.Facts = append(v.Facts, one)
	}
	if p.Has("/duty") && p.MayAt("duties.edit", unit) {
		v.Change = p.To("/duty", "code", unit, "indicator", indicator)
	}
	return v
}

// InCharge is who answers: the person in charge before their unit, the unit alone where
// nobody is named.
func (p *page) InCharge(person *service.PersonRef, owner luoshi.Names) string {
	switch {
	case person == nil:
		return p.Name(owner)
	case owner.Hans == "":
		return p.Say(person.Says())
	}
	return p.W("duty.who", "person", person.Says(), "unit", owner)
}

// indicatorName is what an indicator is called, or its code.
func (p *page) indicatorName(code string) string {
	if names, ok := p.called[code]; ok {
		return p.Name(names)
	}
	return code
}

// dutyBody is the form that says who answers.
type dutyBody struct {
	Head, Lead, Back string
	Code, Indicator  string
	View             *answerView
	Fields           []*formField
	Other            []string
	People           []choice
}

func (s *Site) duty(w http.ResponseWriter, r *http.Request) error {
	return s.dutyShow(w, r, http.StatusOK, r.URL.Query(), nil)
}

func (s *Site) dutyShow(w http.ResponseWriter, r *http.Request, status int, values url.Values, faults []service.Fault) error {
	p, accounts, by, err := s.desk(w, r, "duty", "register")
	if err != nil {
		return err
	}
	code, indicator := values.Get("code"), values.Get("indicator")
	p.path, p.own = "/duty", url.Values{"code": {code}}
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	v, err := s.board.DutyCard(r.Context(), look, code, indicator)
	if err != nil {
		return err
	}
	b := &dutyBody{Code: code, Indicator: indicator, View: p.answer(v.Now, v.Facts, code, indicator), Head: p.W("duty.leader.head", "unit", v.Here.Name)}
	if b.Back = p.To("/unit", "code", code, "asof", "now"); indicator != "" {
		p.own.Set("indicator", indicator)
		b.Head = p.W("duty.person.head", "unit", v.Here.Name, "indicator", v.Indicator)
		if p.MayAt("plan.read", code) {
			b.Back = p.To("/register/target", "code", indicator, "unit", code, "asof", "now")
		}
	}
	b.Lead = p.W("duty.say")
	if b.People, err = p.choices(r, accounts, by); err != nil {
		return err
	}
	if !values.Has("from") {
		values = url.Values{"from": {luoshi.DateOf(s.opt.Now()).String()}}
	}
	form := newForm(p, values, faults)
	for _, name := range []string{"person", "from", "reason"} {
		one := form.field(name, "duty.field."+name)
		switch name {
		case "person":
			one.List, one.Whole = "people", true
		case "from":
			one.Type, one.Must = "date", true
		}
		b.Fields = append(b.Fields, one)
	}
	b.Other = form.rest()
	p.Body, p.Title = b, b.Head
	return s.show(w, r, status, p)
}

// choices are the people who can be named.
func (p *page) choices(r *http.Request, accounts *account.Accounts, by account.By) ([]choice, error) {
	people, err := accounts.Choices(r.Context(), by)
	var list []choice
	for _, one := range people {
		says := p.Name(one.At)
		if one.Title != "" {
			says += " " + one.Title
		}
		list = append(list, choice{Href: one.Name + " #" + strconv.FormatInt(int64(one.ID), 10), Text: strings.TrimSpace(says)})
	}
	return list, err
}

func (s *Site) dutyPut(w http.ResponseWriter, r *http.Request) error {
	p, accounts, by, err := s.desk(w, r, "duty", "register")
	if err != nil {
		return err
	}
	values, err := posted(r)
	if err != nil {
		return err
	}
	d := luoshi.Duty{Kind: luoshi.LeaderInCharge, Indicator: values.Get("indicator"), Reason: strings.TrimSpace(values.Get("reason"))}
	if d.Indicator != "" {
		d.Kind = luoshi.PersonInCharge
	}
	var faults []service.Fault
	fault := func(name string, err error) {
		faults = append(faults, service.Fault{Item: -1, Field: name, Severity: luoshi.Blocking, Message: messageOf(err)})
	}
	if d.Unit, err = accounts.UnitAt(r.Context(), values.Get("code")); err != nil {
		return err
	}
	if text := values.Get("person"); strings.TrimSpace(text) != "" {
		if d.Person, err = accounts.Named(r.Context(), text); err != nil {
			fault("person", err)
		}
	}
	if d.From, err = luoshi.ParseDate(strings.TrimSpace(values.Get("from"))); err != nil {
		fault("from", err)
	}
	if len(faults) == 0 {
		if err := accounts.GiveDuty(r.Context(), by, d); err != nil {
			if luoshi.CodeOf(err) == luoshi.Forbidden || luoshi.CodeOf(err) == luoshi.Internal {
				return err
			}
			fault("person", err)
		}
	}
	if len(faults) > 0 {
		return s.dutyShow(w, r, http.StatusUnprocessableEntity, values, faults)
	}
	to := p.To("/unit", "code", values.Get("code"), "asof", "now")
	if d.Indicator != "" && p.MayAt("plan.read", values.Get("code")) {
		to = p.To("/register/target", "code", d.Indicator, "unit", values.Get("code"), "asof", "now")
	}
	return s.done(w, r, p, to, luoshi.Say("duty.done", "from", d.From), nil)
}

// handOverBody is a hand-over: filled in, looked at, done.
type handOverBody struct {
	Fields []*formField
	Other  []string
	People []choice
	Tried  bool
	Moves  []dutyRow
	Says   string
	Hidden []choice
	Back   string
}

func (s *Site) handOver(w http.ResponseWriter, r *http.Request) error {
	return s.handOverShow(w, r, http.StatusOK, r.URL.Query(), nil)
}

// handing is a hand-over as a form names it.
type handing struct {
	from, to luoshi.PersonID
	on       luoshi.Date
	reason   string
}

func readHanding(r *http.Request, accounts *account.Accounts, v url.Values) (h handing, faults []service.Fault) {
	fault := func(name string, err error) {
		faults = append(faults, service.Fault{Item: -1, Field: name, Severity: luoshi.Blocking, Message: messageOf(err)})
	}
	var err error
	if h.from, err = accounts.Named(r.Context(), v.Get("from")); err != nil {
		fault("from", err)
	}
	if h.to, err = accounts.Named(r.Context(), v.Get("to")); err != nil {
		fault("to", err)
	}
	if h.on, err = luoshi.ParseDate(strings.TrimSpace(v.Get("on"))); err != nil {
		fault("on", err)
	}
	if h.reason = strings.TrimSpace(v.Get("reason")); h.reason == "" {
		fault("reason", &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("handover.reason")})
	}
	if len(faults) == 0 && h.from == h.to {
		fault("to", &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("handover.same")})
	}
	return h, faults
}

func (s *Site) handOverShow(w http.ResponseWriter, r *http.Request, status int, values url.Values, faults []service.Fault) error {
	p, accounts, by, err := s.desk(w, r, "handover", "people")
	if err != nil {
		return err
	}
	b := &handOverBody{Back: p.To("/people"), Tried: values.Get("try") != ""}
	p.keepForm("/people/handover", values)
	if b.People, err = p.choices(r, accounts, by); err != nil {
		return err
	}
	if b.Tried && faults == nil {
		var h handing
		if h, faults = readHanding(r, accounts, values); len(faults) == 0 {
			moves, err := accounts.HandOverPlan(r.Context(), by, h.from, h.on)
			if err != nil {
				return err
			}
			b.Moves = p.dutyRows(moves.Moves)
			b.Says = p.W("handover.says", "n", len(moves.Moves), "day", h.on)
			if moves.Elsewhere > 0 {
				b.Says += p.Between() + p.W("handover.elsewhere", "n", moves.Elsewhere)
			}
		}
	}
	b.Tried = b.Tried && len(faults) == 0
	if !values.Has("on") {
		values = url.Values{"on": {luoshi.DateOf(s.opt.Now()).String()}, "from": values["from"]}
	}
	values = b.spelled(values)
	form := newForm(p, values, faults)
	for _, name := range []string{"from", "to", "on", "reason"} {
		one := form.field(name, "handover."+name)
		one.Must = true
		switch name {
		case "from", "to":
			one.List = "people"
		case "on":
			one.Type = "date"
		}
		b.Fields = append(b.Fields, one)
	}
	b.Other, b.Hidden = form.rest(), hidden(values, []string{"from", "to", "on", "reason"})
	p.Body, p.Title = b, p.W("handover.title")
	return s.show(w, r, status, p)
}

// spelled writes people who are named by number alone with their names.
func (b *handOverBody) spelled(values url.Values) url.Values {
	out := url.Values{}
	for name, list := range values {
		out[name] = list
	}
	for _, name := range []string{"from", "to"} {
		for _, one := range b.People {
			if text := strings.TrimSpace(values.Get(name)); strings.HasPrefix(text, "#") && strings.HasSuffix(one.Href, " "+text) {
				out.Set(name, one.Href)
			}
		}
	}
	return out
}

func (s *Site) handOverPut(w http.ResponseWriter, r *http.Request) error {
	p, accounts, by, err := s.desk(w, r, "handover", "people")
	if err != nil {
		return err
	}
	values, err := posted(r)
	if err != nil {
		return err
	}
	h, faults := readHanding(r, accounts, values)
	if len(faults) > 0 {
		return s.handOverShow(w, r, http.StatusUnprocessableEntity, values, faults)
	}
	n, err := accounts.HandOver(r.Context(), by, h.from, h.to, h.on, h.reason)
	if code := luoshi.CodeOf(err); code == luoshi.Conflict || code == luoshi.Invalid {
		return s.handOverShow(w, r, http.StatusUnprocessableEntity, values, []service.Fault{{Item: -1, Field: "to", Severity: luoshi.Blocking, Message: messageOf(err)}})
	}
	if err != nil {
		return err
	}
	return s.done(w, r, p, p.To("/people/handover"), luoshi.Say("handover.done", "n", n, "day", h.on), nil)
}
