package web

import (
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// unitBody is one unit as the template lays it out.
type unitBody struct {
	Code, Name, Kind string
	Path             []choice
	Gone             string // why it is not in the tree that is shown
	Says             string
	Area             bool
	Acts             []choice
	Facts            []unitFact
	Kin              []kinRow
	Targets          []targetLine
	Reports          []owedLine // what is not in
	In               []owedLine // and what is
	Answers          []choice
	Children         []unitRow
	Offices          []unitRow
	Year             string
	Add              string // where a target is set
	Answer           *answerView
	Plan             bool // the reader may read its targets and what it reports
	Came             string
}

// unitFact is one dated fact.
type unitFact struct {
	Span, Name, Code, Kind, Parent, Order string
	Note, Source                          string
	Says                                  string // why it does not count, "" = it does
	Now, Off                              bool
	Correct                               string
	Batch                                 string // can be taken back
}

// kinRow is a unit that this one came from or went into.
type kinRow struct{ Role, Name, Href, On, Share, Source string }

// targetLine is one target with its light.
type targetLine struct {
	Name, Href string
	Unit       string
	Promise    template.HTML
	Person     string // in charge
	Light      light
	Says       template.HTML
	State      state
	Revise     string
	Inherited  bool
	Open       string
	Revision   string
}

// reportsListed is how many reports are listed whole; of more, those that are in are
// folded away.
const reportsListed = 8

// owedLine is one report that a unit owes.
type owedLine struct {
	Name, Href, Calendar string
	Period               string
	State                state
	Have                 bool
	Due                  string
}

func (s *Site) unit(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "unit")
	p.section = "register"
	p.keep(r.URL.Query(), "code")
	code := p.own.Get("code")
	if code == "" { // the unit of the masthead
		code, p.stays = p.query.Get("unit"), true
	}
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	if code == "" {
		tree, err := s.board.UnitTree(r.Context(), look)
		if err != nil {
			return err
		}
		code = tree.Unit.Code
	}
	v, err := s.board.UnitCard(r.Context(), look, code)
	if err != nil {
		return err
	}
	return s.kept(w, r, p, v, func() error {
		p.frame(&v.Frame)
		p.Body, p.Title = p.unitCard(v), p.Name(v.Here.Name)
		return nil
	})
}

func (p *page) unitCard(v *service.UnitCard) *unitBody {
	b := &unitBody{Area: v.Here.Kind.Area(), Code: v.Here.Code, Name: p.Name(v.Here.Name), Kind: p.Show(v.Here.Kind, ""), Year: strconv.Itoa(v.Year)}
	var says []string
	b.Plan = p.MayAt("plan.read", v.Here.Code)
	if v.InForce {
		for _, u := range v.Path {
			b.Path = append(b.Path, choice{Text: p.Name(u.Name), Href: p.unitTo(u.Code)})
		}
		if b.Plan {
			says = p.unitSays(v)
		}
	} else {
		b.Gone = p.W("unitpage.gone", "unit", v.Here.Name, "day", v.Boundaries)
	}
	for _, e := range v.Events {
		if e.On > v.Boundaries {
			says = append(says, p.W("unitpage.next", "day", e.On, "says", e.Says))
		}
	}
	b.Says = capital(strings.Join(says, p.W("page.and")))
	b.Acts = p.unitActs(v)
	for _, f := range v.Facts {
		b.Facts = append(b.Facts, p.unitFact(v, f))
	}
	for _, k := range v.Before {
		b.Kin = append(b.Kin, p.kin("unitpage.kin.before", k))
	}
	for _, k := range v.After {
		b.Kin = append(b.Kin, p.kin("unitpage.kin.after", k))
	}
	for _, t := range v.Targets {
		b.Targets = append(b.Targets, p.targetLine(t, v.Here.Code, v.Year))
	}
	for _, o := range v.Reports {
		if line := p.owedLine(o); line.Have && len(v.Reports) > reportsListed {
			b.In = append(b.In, line)
		} else {
			b.Reports = append(b.Reports, line)
		}
	}
	for _, in := range v.Answers {
		b.Answers = append(b.Answers, choice{Text: p.Name(in.Name), Href: p.To("/register/indicator", "code", in.Code), Lang: in.Code})
	}
	for _, line := range v.Children {
		b.Children = append(b.Children, p.unitRow(line))
	}
	for _, line := range v.Offices {
		b.Offices = append(b.Offices, p.unitRow(line))
	}
	b.Answer = p.answer(v.Leader, v.Leaders, v.Here.Code, "")
	b.Came = p.came("unit " + v.Here.Code)
	b.Add = p.To("/register/target", "unit", v.Here.Code)
	return b
}

// capital begins a sentence with a capital letter, where the script has them.
func capital(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}

// unitSays sums a unit up: its targets by light, and what it owes.
func (p *page) unitSays(v *service.UnitCard) []string {
	var says []string
	count := map[luoshi.Light]int{}
	for _, t := range v.Targets {
		count[t.Judgement.Light]++
	}
	var parts []luoshi.Message
	for _, l := range []luoshi.Light{luoshi.Green, luoshi.Yellow, luoshi.Red, luoshi.NotJudged} {
		if n := count[l]; n > 0 {
			parts = append(parts, luoshi.Say("overview.tally."+l.String(), "count", n))
		}
	}
	if len(parts) > 0 {
		says = append(says, p.W("unitpage.says.targets", "year", strconv.Itoa(v.Year), "n", len(v.Targets), "parts", parts))
	}
	lacking := 0
	for _, o := range v.Reports {
		if o.Newest != nil && len(o.Newest.States) > 0 && (o.Newest.States[0] == luoshi.Absent || o.Newest.States[0] == luoshi.Late) {
			lacking++
		}
	}
	switch {
	case lacking > 0:
		says = append(says, p.W("unitpage.says.lacking", "n", len(v.Reports), "lacking", lacking))
	case len(v.Reports) > 0:
		says = append(says, p.W("unitpage.says.reports", "n", len(v.Reports)))
	}
	if len(v.Answers) > 0 {
		says = append(says, p.W("unitpage.says.answers", "n", len(v.Answers)))
	}
	return says
}

// unitActs are what can be done to a unit.
func (p *page) unitActs(v *service.UnitCard) []choice {
	if !p.MayChange() || !v.InForce {
		return nil
	}
	var list []choice
	for _, kind := range service.UnitEdits {
		if kind == service.EventCorrect || !v.Here.Kind.Area() && (kind == service.EventKind || kind == service.EventBegin) {
			continue
		}
		list = append(list, choice{Text: p.W("unitpage.do." + kind), Href: p.unitEditTo(kind, v.Here.Code)})
	}
	return list
}

func (p *page) unitEditTo(kind, code string) string {
	return p.To("/unit/edit", "kind", kind, "code", code, "asof", "now")
}

func (p *page) unitFact(v *service.UnitCard, f service.UnitFact) unitFact {
	one := unitFact{Span: p.since(f.From), Name: p.Name(f.Unit.Name), Code: f.Unit.Code, Kind: p.Show(f.Unit.Kind, ""), Source: f.Source,
		Note: p.recorded(f.By, instant(f.RecordedAt)), Now: f.From <= v.Boundaries && (f.Until == 0 || f.Until >= v.Boundaries) && !f.Corrected && !f.Ended}
	if f.Until != 0 {
		one.Span = p.W("unitpage.span", "from", one.Span, "until", f.Until.String())
	}
	if f.Parent != nil {
		one.Parent = p.Name(f.Parent.Name)
	}
	if f.Order > 0 {
		one.Order = strconv.Itoa(f.Order)
	}
	switch {
	case f.Corrected:
		one.Says, one.Off = p.W("unitpage.fact.corrected"), true
	case f.Idle:
		one.Says, one.Off = p.W("unitpage.fact.idle"), true
	case f.Ended:
		one.Says = p.W("unitpage.fact.ended")
	}
	if f.Batch != 0 && !f.Corrected && !f.Idle {
		one.Batch = strconv.FormatInt(f.Batch, 10)
	}
	if !f.Corrected && !f.Idle && !f.Ended {
		one.Correct = p.To("/unit/edit", "kind", service.EventCorrect, "code", f.Unit.Code, "on", f.From.String(), "asof", "now")
	}
	return one
}

func (p *page) kin(role string, k service.UnitKin) kinRow {
	row := kinRow{Role: p.W(role), Name: p.Name(k.Unit.Name) + " " + k.Unit.Code, Href: p.unitTo(k.Unit.Code), On: k.On.String(), Source: k.Source}
	if share, err := k.Share.Mul(hundred); err == nil {
		row.Share = p.Show(share.Trim(0), "") + "%"
	}
	return row
}

// hundred turns a share into percent.
var hundred = luoshi.Unscaled(100, 0).Decimal

func (p *page) targetLine(t service.UnitTarget, unit string, year int) targetLine {
	line := targetLine{Name: p.Name(t.Indicator.Name), Href: p.To("/register/indicator", "code", t.Indicator.Code), Promise: p.Rich(t.Says), Light: p.light(t.Judgement.Light),
		Says: p.Rich(t.Judgement.Says), Inherited: t.Inherited, Revision: strconv.Itoa(t.Target.Revision),
		Revise: p.To("/register/target", "code", t.Indicator.Code, "unit", unit, "year", strconv.Itoa(year))}
	if t.Person != nil {
		line.Person = p.Say(t.Person.Says())
	}
	if t.Judgement.Light == luoshi.NotJudged {
		line.State = p.state(t.Judgement.Presence)
	}
	if p.Has("/indicator") {
		line.Open = p.To("/indicator", "code", t.Indicator.Code, "unit", unit)
	}
	return line
}

func (p *page) owedLine(o service.UnitReport) owedLine {
	line := owedLine{Name: p.Name(o.Indicator.Name), Href: p.To("/register/indicator", "code", o.Indicator.Code), Calendar: p.Show(o.Calendar, "")}
	if o.Newest != nil && len(o.Newest.States) > 0 {
		line.Period, line.State, line.Have = p.column(o.Newest.Period), p.state(o.Newest.States[0]), o.Newest.States[0] == luoshi.Present
	}
	if o.Due != 0 {
		line.Due = p.W("unitpage.due", "period", o.Next, "day", o.Due)
	}
	return line
}
