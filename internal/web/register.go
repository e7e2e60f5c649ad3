package web

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// changing is what every page that changes the plan asks of the service.
type changing interface {
	Try(ctx context.Context, look service.Look, c service.Change) (*service.Effect, error)
	Put(ctx context.Context, c service.Change, by, reason string) (*service.Saved, error)
}

// registers are the parts of the register, each with the addresses under its tab.
var registers = []struct{ key, path, one string }{
	{"register.units", "/units", "/unit"},
	{"register.indicators", "/register/indicators", "/register/indicator"},
	{"register.sets", "/register/sets", "/register/set"},
	{"register.schemes", "/register/schemes", "/register/scheme"},
	{"register.goals", "/register/goals", "/register/goal"},
}

// RegisterTabs are the tabs of the register, as far as their pages exist.
func (p *page) RegisterTabs() []choice {
	var list []choice
	for _, r := range registers {
		if needs, ok := p.site.paths[r.path]; ok && p.site.allowed(p.r, needs) == nil {
			on := p.path == r.path || r.path == "/register/indicators" && p.path == "/register/target" || p.path == r.one || strings.HasPrefix(p.path, r.one+"/") || strings.HasPrefix(p.path, r.path+"/")
			list = append(list, choice{Text: p.W(r.key), Href: p.To(r.path), On: on})
		}
	}
	return list
}

// effectView is what a change would do to one board, laid out.
type effectView struct {
	Of       string // which board
	Now      bool   // the board of the present, which saving would change
	Says     template.HTML
	Note     string // what stays the same in colour
	Counts   []countView
	Differs  []string // what is changed, on the first of several boards
	Rows     []shiftView
	Rest     []shiftView // folded away
	Reworded []shiftView
	Units    []unitShiftView
}

// countView is how many targets have a light, before and after.
type countView struct {
	Light         light
	Before, After int
	Change        string // with its sign, "" = none
}

// shiftView is one light that would differ.
type shiftView struct {
	Unit, Name        string
	Goal              bool
	Goals             []string // that stand or fall with it
	Before, After     *light   // nil: not there
	BeforeSays, Says  template.HTML
	Href              string // the proof of the light as it is
	Better, SameLight bool
}

// unitShiftView is a unit that would stand or be called otherwise.
type unitShiftView struct{ Before, From, After, To string }

// shiftsShown is how many shifts are listed before the rest is folded away.
const shiftsShown = 12

// effects says what a change would do to the board of now, and to the one that is
// looked at where that is another: the past itself stays as it was known.
func (s *Site) effects(r *http.Request, p *page, c service.Change) ([]*effectView, *service.Effect, error) {
	look, err := s.look(p.query)
	if err != nil {
		return nil, nil, err
	}
	here, err := s.board.Try(r.Context(), look, c)
	if err != nil {
		return nil, nil, err
	}
	p.frame(&here.Frame)
	if here.Blocked || here.Writes == 0 {
		return nil, here, nil
	}
	views := []*effectView{p.effect(here)}
	if !here.Now {
		look.AsOf = time.Time{}
		now, err := s.board.Try(r.Context(), look, c)
		if err != nil {
			return nil, nil, err
		}
		views = slices.Insert(views, 0, p.effect(now))
	}
	views[0].Differs = p.nounChanges(here.Nouns)
	return views, here, nil
}

func (p *page) effect(e *service.Effect) *effectView {
	v := &effectView{Now: e.Now, Of: p.W("effect.now")}
	asof := "now"
	if !e.Now {
		asof = e.AsOf.In(luoshi.Zone).Format(time.RFC3339)
		v.Of = p.W("effect.then", "day", luoshi.DateOf(e.AsOf))
	}
	v.Says = p.Rich(effectSays(e))
	if n := len(e.Reworded); n > 0 {
		v.Note = p.W("effect.reworded", "n", n)
	}
	for _, c := range []struct {
		light         luoshi.Light
		before, after int
	}{{luoshi.Green, e.Before.Green, e.After.Green}, {luoshi.Yellow, e.Before.Yellow, e.After.Yellow}, {luoshi.Red, e.Before.Red, e.After.Red}, {luoshi.NotJudged, e.Before.NotJudged, e.After.NotJudged}} {
		one := countView{Light: p.light(c.light), Before: c.before, After: c.after}
		if d := c.after - c.before; d != 0 {
			one.Change = p.Show(number(d), "signed")
		}
		v.Counts = append(v.Counts, one)
	}
	v.Rows = p.shifts(e.Shifts, asof)
	if len(v.Rows) > shiftsShown+5 {
		v.Rows, v.Rest = v.Rows[:shiftsShown], v.Rows[shiftsShown:]
	}
	v.Reworded = p.shifts(e.Reworded, asof)
	for _, u := range e.Units {
		name := func(r *service.UnitRef) string {
			if r == nil {
				return ""
			}
			return p.Name(r.Name) + " " + r.Code
		}
		v.Units = append(v.Units, unitShiftView{name(u.Before), name(u.From), name(u.After), name(u.To)})
	}
	return v
}

// shifts lays lights out; a goal that says what an indicator of the same unit says
// stands with it in one row.
func (p *page) shifts(list []service.Shift, asof string) []shiftView {
	light := func(j *luoshi.Judgement) string {
		if j == nil {
			return ""
		}
		return j.Light.String() + j.Says.String()
	}
	key := func(s service.Shift) string { return s.Unit.Code + light(s.Before) + "→" + light(s.After) }
	own := map[string]bool{}
	for _, s := range list {
		own[key(s)] = own[key(s)] || s.Goal == ""
	}
	with := map[string][]string{} // names of the goals that say the same
	var rows []shiftView
	for _, s := range list {
		if s.Goal != "" && own[key(s)] {
			with[key(s)] = append(with[key(s)], p.Name(s.Name))
			continue
		}
		row := p.shift(s, asof)
		if s.Goal == "" {
			row.Goals = with[key(s)]
		}
		rows = append(rows, row)
	}
	return rows
}

// nounChanges says field by field what would be written.
func (p *page) nounChanges(list []service.NounChange) []string {
	var lines []string
	for _, n := range list {
		if n.New {
			lines = append(lines, p.W("effect.new", "name", n.Name, "code", n.Code))
		}
		for _, d := range n.Differs {
			lines = append(lines, p.difference(strings.TrimSuffix(n.Kind, "s"), d))
		}
	}
	return lines
}

// number is a count as a quantity, for its sign.
func number(n int) luoshi.Quantity { return luoshi.Unscaled(int64(n), 0).Decimal }

// effectSays sums an effect up in a sentence.
func effectSays(e *service.Effect) luoshi.Message {
	var worse, better, begins, ends, other int
	for _, s := range e.Shifts {
		switch w := s.Worse(); {
		case s.Before == nil:
			begins++
		case s.After == nil:
			ends++
		case w > 0:
			worse++
		case w < 0:
			better++
		default:
			other++
		}
	}
	var parts []luoshi.Message
	for _, part := range []struct {
		key   string
		count int
	}{{"effect.worse", worse}, {"effect.better", better}, {"effect.begins", begins}, {"effect.ends", ends}, {"effect.other", other}} {
		if part.count > 0 {
			parts = append(parts, luoshi.Say(part.key, "n", part.count))
		}
	}
	if len(parts) == 0 {
		return luoshi.Say("effect.none", "n", e.Compared)
	}
	return luoshi.Say("effect.some", "total", len(e.Shifts), "n", e.Compared, "parts", parts)
}

func (p *page) shift(s service.Shift, asof string) shiftView {
	v := shiftView{Unit: p.Name(s.Unit.Name), Name: p.Name(s.Name), Goal: s.Goal != ""}
	if j := s.Before; j != nil {
		l := p.light(j.Light)
		v.Before, v.BeforeSays = &l, p.Rich(j.Says)
		v.Href = p.To("/proof", "of", s.Unit.Code, "indicator", s.Indicator, "asof", asof)
		if v.Goal {
			v.Href = p.To("/proof", "unit", s.Unit.Code, "goal", s.Goal, "asof", asof)
		}
	}
	if j := s.After; j != nil {
		l := p.light(j.Light)
		v.After, v.Says = &l, p.Rich(j.Says)
	}
	v.SameLight = v.Before != nil && v.After != nil && s.Before.Light == s.After.Light
	if v.BeforeSays == v.Says {
		v.BeforeSays = ""
	}
	v.Better = s.Worse() < 0
	return v
}

// revisionView is one version in the history of a part of the register.
type revisionView struct {
	Number        int
	At, By, Why   string
	Says          template.HTML
	Differs       []string
	Back          string // address that leads to putting it back, "" = it holds
	Holds, Future bool
}

func (p *page) revision(r service.Revised, kind string, m luoshi.Message, holds bool, back string) revisionView {
	v := revisionView{Number: r.Number, At: p.Show(r.At, ""), By: p.PersonName(r.By), Why: r.Reason, Says: p.Rich(m), Holds: holds}
	if r.From != "" && v.Why == "" {
		v.Why = p.W("register.imported", "name", r.From)
	}
	if !holds {
		v.Back = back
	}
	for _, d := range r.Differs {
		v.Differs = append(v.Differs, p.difference(kind, d))
	}
	return v
}

// difference says what differs in one field.
func (p *page) difference(kind string, d service.FieldChange) string {
	field := p.W("field." + kind + "." + d.Field)
	if d.Item.Hans != "" {
		field = p.Name(d.Item)
	}
	switch {
	case d.Before == nil && d.Field == "order":
		return p.value(d.After)
	case d.Before == nil:
		return p.W("register.came", "field", field, "after", p.value(d.After))
	case d.After == nil:
		return p.W("register.went", "field", field)
	}
	return p.W("register.became", "field", field, "before", p.value(d.Before), "after", p.value(d.After))
}

// value is a field's value as people write it.
func (p *page) value(v any) string {
	switch v := v.(type) {
	case bool:
		if v {
			return p.W("register.yes")
		}
		return p.W("register.no")
	case string:
		if v == "" {
			return p.W("register.nothing")
		}
	case luoshi.Names:
		if v.Hans == "" {
			return p.W("register.nothing")
		}
	}
	return p.Show(v, "")
}

// formField is one field of a form with what is wrong with it.
type formField struct {
	Name, Label, Value string
	Hint, Err          string
	Must, Area, Whole  bool
	Warn               bool     // Err is a warning: it may pass
	List               string   // id of a list to choose from
	Options            []choice // a select; the one that is on is chosen
	Mode               string   // inputmode
	Type               string   // "" = text
}

// form gathers fields from what was entered, and what is wrong with them.
type form struct {
	p      *page
	values url.Values
	faults map[string]service.Fault
	Other  []string // what is wrong and belongs to no field that is shown
	shown  map[string]bool
}

func newForm(p *page, values url.Values, faults []service.Fault) *form {
	f := &form{p: p, values: values, faults: map[string]service.Fault{}, shown: map[string]bool{}}
	for _, one := range faults {
		name := one.Field
		if one.Item >= 0 {
			name = itemField(one.Item, one.Field)
		}
		if _, twice := f.faults[name]; !twice || one.Severity == luoshi.Blocking {
			f.faults[name] = one
		}
	}
	return f
}

// says is a fault with its way out.
func (p *page) says(f service.Fault) string {
	return p.site.words.Problem(p.Lang, luoshi.Problem{Severity: f.Severity, Message: f.Message})
}

// field makes a field under its label.
func (f *form) field(name, label string) *formField {
	one := &formField{Name: name, Label: f.p.W(label), Value: f.values.Get(name)}
	if f.p.site.words.Has(label + ".hint") {
		one.Hint = f.p.W(label + ".hint")
	}
	f.shown[name] = true
	if fault, ok := f.faults[name]; ok {
		one.Err, one.Warn = f.p.says(fault), fault.Severity == luoshi.Warning
	}
	return one
}

// rest lists the faults of fields that the form does not show.
func (f *form) rest() []string {
	var list []string
	for name, fault := range f.faults {
		if !f.shown[name] {
			list = append(list, f.p.says(fault))
		}
	}
	slices.Sort(list)
	return list
}

// hidden are the fields that carry a form on to where it is put in force.
func hidden(values url.Values, names []string) []choice {
	var list []choice
	for _, name := range names {
		for _, v := range values[name] {
			list = append(list, choice{Text: v, Href: name})
		}
	}
	return list
}

// itemField is the name of a field of the n-th item.
func itemField(item int, field string) string { return "i" + strconv.Itoa(item) + "_" + field }

// posted reads a posted form.
func posted(r *http.Request) (url.Values, error) {
	if err := r.ParseForm(); err != nil {
		return nil, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("register.form"), Err: err}
	}
	return r.PostForm, nil
}

// messageOf is the message of one of our errors.
func messageOf(err error) luoshi.Message {
	var e *luoshi.Error
	if errors.As(err, &e) {
		return e.Message
	}
	return luoshi.Say("error.internal")
}

// keepForm lets every link of a page about a form lead to the form as it is filled
// in, in another language or as of another day.
func (p *page) keepForm(path string, values url.Values) {
	p.path, p.own = path, url.Values{}
	for name, v := range values {
		if !slices.Contains(kept, name) && name != "more" && len(v) > 0 && len(v[0]) <= 1000 {
			p.own.Set(name, v[0])
		}
	}
}

// Carried are the parameters that every link keeps but one: for a form that has all
// else of its address as its own fields.
func (p *page) Carried(but string) map[string]string {
	m := map[string]string{}
	for name := range p.query {
		if name != but {
			m[name] = p.query.Get(name)
		}
	}
	return m
}

// frameHere puts the head of the page in place where nothing else has.
func (s *Site) frameHere(r *http.Request, p *page) error {
	if p.Frame != nil {
		return nil
	}
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	v, err := s.board.Goals(r.Context(), look)
	if err != nil {
		return err
	}
	p.frame(&v.Frame)
	return nil
}

// putDone leads to what was put in force, as of now; where something held before,
// it can be put back at once. had is how many versions there were.
func (s *Site) putDone(w http.ResponseWriter, r *http.Request, p *page, path, code string, name luoshi.Names, saved *service.Saved, had int) error {
	to := p.To(path, "code", code, "asof", "now")
	if saved.Written == 0 {
		return s.done(w, r, p, to, luoshi.Say("register.same", "name", name), nil)
	}
	if had == 0 {
		return s.done(w, r, p, to, luoshi.Say("register.added", "name", name), nil)
	}
	undo := &notice{Undo: p.To(path), Word: p.W("register.undo"), With: map[string]string{"code": code, "back": strconv.Itoa(had)}}
	return s.done(w, r, p, to, luoshi.Say("register.put", "name", name), undo)
}
