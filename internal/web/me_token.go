package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/account"
	"luoshi.dev/workflow"
)

// tokenRow is one API token of the own account.
type tokenRow struct {
	ID               int64
	Name, May        string
	Made, Used, Ends string
	Over             bool
}

func (p *page) token(t account.Token) tokenRow {
	row := tokenRow{ID: t.ID, Name: t.Name, May: p.scope(t.Scope), Made: p.Show(luoshi.DateOf(t.Made), ""), Used: p.W("me.token.never"), Ends: p.Show(luoshi.DateOf(t.Ends), ""), Over: !t.Ends.After(p.site.opt.Now())}
	if !t.Used.IsZero() {
		row.Used = p.Show(t.Used, "")
	}
	return row
}

// scope says in words what a token may do.
func (p *page) scope(intents []string) string {
	changes := false
	var list []string
	for _, rule := range workflow.Rules() { // in the order of the rules
		if slices.Contains(intents, string(rule.Intent)) {
			list, changes = append(list, p.W("intent."+string(rule.Intent))), changes || rule.Changes
		}
	}
	text := strings.Join(list, p.W("punct.list"))
	if changes {
		return text
	}
	return p.W("me.token.readonly", "intents", text)
}

// tokenForm is the page on which a token is made.
type tokenForm struct {
	Name     *entry
	Read     bool // reading alone is chosen
	Intents  []scopeTick
	ScopeErr string
	Days     []choice
	User     string
	Again    *entry // the password, once more; nil for whoever has none
	Says     *says
}

// scopeTick is a box to be ticked.
type scopeTick struct {
	Value, Text string
	On, Changes bool
}

// tokenDays are for how long a token can be good.
var tokenDays = []int{7, 30, 90, 180, 365}

// tokenPage is the form as it is filled in; values is nil before it is.
func (s *Site) tokenPage(r *http.Request, h *account.Here, values url.Values) (*page, *tokenForm, error) {
	p := s.mePage(r, "token", "me.token.add")
	today := luoshi.DateOf(s.opt.Now())
	f := &tokenForm{Read: values.Get("scope") != "named", Name: &entry{Name: "name", Label: p.W("me.token.name"), Hint: p.W("me.token.name.hint"), Value: values.Get("name"), Complete: "off", Most: 60, Focus: true}}
	for _, rule := range workflow.Rules() {
		if rule.Intent == workflow.Self || rule.Intent == workflow.Open || !workflow.Holds(h.Actor, rule.Intent, today).Yes {
			continue
		}
		f.Intents = append(f.Intents, scopeTick{string(rule.Intent), p.W("intent." + string(rule.Intent)), slices.Contains(values["intent"], string(rule.Intent)), rule.Changes})
	}
	for _, days := range tokenDays {
		text := strconv.Itoa(days)
		on := values.Get("days") == text || values.Get("days") == "" && days == 90
		f.Days = append(f.Days, choice{Text: p.W("me.token.days.of", "days", days, "on", luoshi.DateOf(s.opt.Now().AddDate(0, 0, days))), Href: text, On: on})
	}
	own, err := s.opt.Accounts.Own(r.Context(), h)
	if err == nil && own.Password {
		f.User, f.Again = h.Person.Login, p.onceMore()
	}
	p.Body = f
	return p, f, err
}

// chosen is the scope that was chosen.
func (f *tokenForm) chosen() []workflow.Intent {
	var list []workflow.Intent
	for _, one := range f.Intents {
		if f.Read && !one.Changes || !f.Read && one.On {
			list = append(list, workflow.Intent(one.Value))
		}
	}
	return list
}

func (s *Site) tokenNew(w http.ResponseWriter, r *http.Request) error {
	h, err := here(r)
	if err != nil {
		return err
	}
	p, _, err := s.tokenPage(r, h, nil)
	if err != nil {
		return err
	}
	return s.private(w, r, http.StatusOK, p)
}

// tokenMade shows a token, this once.
type tokenMade struct{ Value, Once, May, Ends, Use string }

func (s *Site) tokenPut(w http.ResponseWriter, r *http.Request) error {
	h, err := here(r)
	if err != nil {
		return err
	}
	values, err := posted(r)
	if err != nil {
		return err
	}
	p, f, err := s.tokenPage(r, h, values)
	if err != nil {
		return err
	}
	days, _ := strconv.Atoi(values.Get("days"))
	if !slices.Contains(tokenDays, days) {
		return &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("register.form")}
	}
	status, err := s.tokenChecked(r, p, h, f, values)
	if err != nil {
		return err
	}
	if status != 0 {
		return s.private(w, r, status, p)
	}
	name, scope := strings.TrimSpace(values.Get("name")), f.chosen()
	ends := s.opt.Now().Add(time.Duration(days) * 24 * time.Hour)
	plain, err := s.opt.Accounts.NewToken(r.Context(), h, name, scope, ends)
	if m := messageOf(err); m.Key == "token.name" {
		f.Name.Errs = []string{p.withFix(m)}
		return s.private(w, r, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	texts := make([]string, len(scope))
	for i, intent := range scope {
		texts[i] = string(intent)
	}
	p.view, p.Title = "token-made", p.W("me.token.made")
	p.Body = &tokenMade{Value: plain, Once: p.W("me.token.once", "name", name), May: p.scope(texts), Ends: p.Show(ends, ""), Use: "Authorization: Bearer " + plain}
	return s.private(w, r, http.StatusOK, p)
}

// tokenChecked says at the fields of the form what is wrong with it; then the status
// is that of the answer. The password is asked for last, when all else is right.
func (s *Site) tokenChecked(r *http.Request, p *page, h *account.Here, f *tokenForm, values url.Values) (status int, err error) {
	tokens, err := s.opt.Accounts.Tokens(r.Context(), h)
	if err != nil {
		return 0, err
	}
	name := strings.TrimSpace(values.Get("name"))
	switch {
	case name == "":
		f.Name.Errs = []string{p.W("me.token.name.empty")}
		return http.StatusUnprocessableEntity, nil
	case slices.ContainsFunc(tokens, func(t account.Token) bool { return t.Name == name }): // or the form was sent twice
		f.Name.Errs = []string{p.W("me.token.name.same")}
		return http.StatusUnprocessableEntity, nil
	}
	f.Name.Focus = false
	if len(f.chosen()) == 0 {
		f.ScopeErr = p.W("me.token.none")
		return http.StatusUnprocessableEntity, nil
	}
	if f.Again == nil {
		return 0, nil
	}
	f.Says, status, err = s.proved(r, p, h, f.Again, values)
	return status, err
}

// tokenEnd takes one of the own tokens back.
func (s *Site) tokenEnd(w http.ResponseWriter, r *http.Request) error {
	h, err := here(r)
	if err != nil {
		return err
	}
	values, err := posted(r)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(values.Get("token"), 10, 64)
	if err != nil {
		return &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("register.form"), Err: err}
	}
	if err := s.opt.Accounts.EndToken(r.Context(), h, id); err != nil && messageOf(err).Key != "token.none" {
		return err
	}
	return s.done(w, r, s.page(r, ""), "/me#tokens", luoshi.Say("me.token.done"), nil)
}
