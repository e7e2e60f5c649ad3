package web

import (
	"context"
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

// schemeBook answers for the rules for lights.
type schemeBook interface {
	Schemes(ctx context.Context, look service.Look) (*service.SchemeList, error)
	Scheme(ctx context.Context, look service.Look, code string) (*service.SchemePage, error)
	TryScheme(ctx context.Context, q service.TrialQuery) (*service.Trial, error)
}

// lamp is how many lights of one colour there are.
type lamp struct {
	light
	N int
}

// lamps are the counts of the four lights; the last only where there are any.
func (p *page) lamps(c service.Counts) []lamp {
	list := []lamp{{p.light(luoshi.Green), c.Green}, {p.light(luoshi.Yellow), c.Yellow}, {p.light(luoshi.Red), c.Red}}
	if c.NotJudged > 0 {
		list = append(list, lamp{p.light(luoshi.NotJudged), c.NotJudged})
	}
	return list
}

// schemeLine is one rule in the list.
type schemeLine struct {
	Code, Name, Kind, Source string
	Href, Copy               string
	Says                     template.HTML
	Used                     string
	Lamps                    []lamp // nil: it judges nothing
}

type schemesBody struct {
	Own, Preset []schemeLine
	Lead        template.HTML
	New         string
}

func (s *Site) schemes(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "schemes")
	p.section, p.stays = "register", true
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	v, err := s.board.Schemes(r.Context(), look)
	if err != nil {
		return err
	}
	return s.kept(w, r, p, v, func() error {
		p.frame(&v.Frame)
		p.Title = p.W("scheme.title")
		body := &schemesBody{New: p.To("/register/scheme/edit")}
		targets, own, used := 0, 0, 0
		for _, row := range v.Schemes {
			targets += row.Targets
			if row.Targets > 0 {
				used++
			}
			line := p.schemeLine(row)
			if row.Own {
				own += row.Targets
				body.Own = append(body.Own, line)
			} else {
				body.Preset = append(body.Preset, line)
			}
		}
		body.Lead = p.Rich(luoshi.Say("scheme.lead", "n", used, "targets", targets, "own", own))
		if targets == 0 {
			body.Lead = p.Rich(luoshi.Say("scheme.lead.none"))
		}
		p.Body = body
		return nil
	})
}

func (p *page) schemeLine(row service.SchemeRow) schemeLine {
	sc := row.Scheme
	line := schemeLine{Code: sc.Code, Name: p.Name(sc.Names), Kind: p.Show(sc.Kind, ""), Source: sc.Source, Says: p.Rich(row.Rule),
		Href: p.To("/register/scheme", "code", sc.Code), Copy: p.To("/register/scheme/edit", "copy", sc.Code)}
	switch {
	case row.Targets == 0:
		line.Used = p.W("scheme.unused")
	case row.Default == row.Targets:
		line.Used = p.W("scheme.used.default", "targets", row.Targets, "units", row.Units)
	default:
		line.Used = p.W("scheme.used", "targets", row.Targets, "units", row.Units)
	}
	if row.Targets > 0 {
		line.Lamps = p.lamps(row.Lights)
	}
	return line
}

type schemeBody struct {
	schemeLine
	Own, Preset bool
	Facts       []choice // name and value
	Uses        []useLine
	Trial       *trialBody
	Revisions   []revisionView
	Edit        string
}

type useLine struct {
	Name, Href, Units string
	Default           bool
	Lamps             []lamp
}

func (s *Site) scheme(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "scheme")
	p.section, p.stays = "register", true
	asked := r.URL.Query()
	code := asked.Get("code")
	p.keep(asked, "code")
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	v, err := s.board.Scheme(r.Context(), look, code)
	if err != nil {
		return err
	}
	tried, faults := v.Scheme, []service.Fault(nil)
	if asked.Has("yellow") || asked.Has("red") || asked.Has("yellow_when") || asked.Has("red_when") {
		tried, faults = readTried(v.Scheme, asked)
	}
	trial, err := s.board.TryScheme(r.Context(), service.TrialQuery{Look: look, Scheme: tried, Indicator: asked.Get("indicator"), Set: asked.Get("set")})
	if err != nil {
		return err
	}
	p.frame(&v.Frame)
	p.Sample = p.Sample || trial.Sample
	body := &schemeBody{schemeLine: p.schemeLine(v.SchemeRow), Own: v.Own, Preset: v.Preset && !v.Own, Edit: p.To("/register/scheme/edit", "code", code)}
	p.Title = body.Name
	body.Facts = p.schemeFacts(v.Scheme)
	for _, u := range v.Uses {
		body.Uses = append(body.Uses, useLine{Name: p.Name(u.Name), Href: p.To("/register/scheme", "code", code, "indicator", u.Indicator) + "#trial",
			Units: p.Show(u.Units, ""), Default: u.Default, Lamps: p.lamps(u.Lights)})
	}
	body.Trial = p.trial(trial, v.Scheme, tried, asked, faults)
	for i, rev := range v.Revisions {
		body.Revisions = append(body.Revisions, p.revision(rev.Revised, "scheme", rev.Rule, i == 0, p.To("/register/scheme/edit", "code", code, "version", strconv.Itoa(rev.Number), "try", "1")))
	}
	p.Body = body
	return s.show(w, r, http.StatusOK, p)
}

// keep puts parameters of this page alone into its own addresses.
func (p *page) keep(asked url.Values, names ...string) {
	if p.own == nil {
		p.own = url.Values{}
	}
	for _, name := range names {
		if v := asked.Get(name); v != "" && len(v) <= 400 {
			p.own.Set(name, v)
		}
	}
}

func (p *page) schemeFacts(sc luoshi.Scheme) []choice {
	list := []choice{{Text: p.W("field.scheme.code"), Href: sc.Code}, {Text: p.W("field.scheme.kind"), Href: p.Show(sc.Kind, "")}}
	switch sc.Kind {
	case luoshi.ByExpression:
		list = append(list, choice{Text: p.W("field.scheme.yellow_when"), Href: sc.YellowWhen}, choice{Text: p.W("field.scheme.red_when"), Href: sc.RedWhen})
	case luoshi.ByGrowth:
	default:
		unit := p.W("scheme.unit." + string(sc.Kind))
		list = append(list, choice{Text: p.W("field.scheme.yellow"), Href: p.Show(sc.Yellow, "") + " " + unit}, choice{Text: p.W("field.scheme.red"), Href: p.Show(sc.Red, "") + " " + unit})
	}
	if sc.MadeUp {
		list = append(list, choice{Text: p.W("scheme.made_up"), Href: p.W("scheme.made_up.say")})
	}
	if sc.Source != "" {
		list = append(list, choice{Text: p.W("field.scheme.source"), Href: sc.Source})
	}
	return list
}

// schemeFields are the fields of the form, as the columns of the workbook are called.
var schemeFields = []string{"code", "name", "name_hant", "name_en", "kind", "yellow", "red", "made_up", "yellow_when", "red_when", "source", "reason", "seen"}

// schemeValues fills the form from a rule.
func schemeValues(sc luoshi.Scheme) url.Values {
	v := url.Values{"code": {sc.Code}, "name": {sc.Names.Hans}, "name_hant": {sc.Names.Hant}, "name_en": {sc.Names.En}, "kind": {string(sc.Kind)},
		"yellow": {sc.Yellow.String()}, "red": {sc.Red.String()}, "yellow_when": {sc.YellowWhen}, "red_when": {sc.RedWhen}, "source": {sc.Source}}
	if sc.MadeUp {
		v.Set("made_up", "1")
	}
	return v
}

// readScheme reads the form. What a kind does not use is not taken over from it.
func readScheme(v url.Values) (luoshi.Scheme, []service.Fault) {
	text := func(name string) string { return strings.TrimSpace(v.Get(name)) }
	sc := luoshi.Scheme{Code: text("code"), Names: luoshi.Names{Hans: text("name"), Hant: text("name_hant"), En: text("name_en")},
		Kind: luoshi.SchemeKind(text("kind")), MadeUp: v.Get("made_up") != "", Source: text("source")}
	if sc.Kind == luoshi.ByExpression {
		sc.YellowWhen, sc.RedWhen = text("yellow_when"), text("red_when")
		return sc, nil
	}
	var faults []service.Fault
	if sc.Kind != luoshi.ByGrowth {
		sc.Yellow = readNumber(v, "yellow", &faults)
		sc.Red = readNumber(v, "red", &faults)
	}
	return sc, faults
}

// readTried is a rule with the limits or conditions that are only tried.
func readTried(sc luoshi.Scheme, asked url.Values) (luoshi.Scheme, []service.Fault) {
	v := schemeValues(sc)
	for _, name := range []string{"yellow", "red", "yellow_when", "red_when"} {
		if asked.Has(name) {
			v.Set(name, asked.Get(name))
		}
	}
	tried, faults := readScheme(v)
	if len(faults) > 0 {
		return sc, faults
	}
	return tried, nil
}

// readNumber reads a number of a form; empty is 0.
func readNumber(v url.Values, name string, faults *[]service.Fault) luoshi.Quantity {
	text := strings.TrimSpace(v.Get(name))
	if text == "" {
		return luoshi.Quantity{}
	}
	q, err := luoshi.ParseQuantity(text)
	if err != nil {
		*faults = append(*faults, service.Fault{Item: -1, Field: name, Severity: luoshi.Blocking, Message: messageOf(err)})
	}
	return q
}

// seen is when the form was filled from what is stored.
func readSeen(v url.Values) time.Time {
	at, err := strconv.ParseInt(v.Get("seen"), 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMicro(at)
}

// schemeForm is the page on which a rule is written, tried and put in force.
type schemeForm struct {
	Head, Back     string
	Action, Save   string
	Code           *formField
	Fixed          bool // the code is there already and stays
	Names          []*formField
	Kind           *formField
	Yellow, Red    *formField
	Units          []choice // the unit of the limits by kind: Lang is the kind
	MadeUp         bool
	When           []*whenField
	Measures       []choice // name and meaning
	Source, Reason *formField
	Other          []string
	Says           template.HTML // the rule as a sentence
	Tried          bool
	Effects        []*effectView
	Nothing        bool // it is as it holds already
	NeedsReason    bool
	Hidden         []choice
	Trial          *trialBody
	Past           bool
}

// whenField is a condition; where it is wrong the place is shown.
type whenField struct {
	*formField
	Ahead, At, After string
}

func (s *Site) schemeEdit(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "scheme-edit")
	p.section = "register"
	values, err := s.schemeStart(r, p)
	if err != nil {
		return err
	}
	return s.schemeShow(w, r, p, http.StatusOK, values, nil)
}

// schemeStart is what the form begins with: what was entered, an earlier version, a
// copy, what holds, or nothing.
func (s *Site) schemeStart(r *http.Request, p *page) (url.Values, error) {
	asked := r.URL.Query()
	if asked.Has("name") {
		return asked, nil
	}
	from := asked.Get("code")
	if from == "" {
		from = asked.Get("copy")
	}
	if from == "" {
		return url.Values{"kind": {string(luoshi.ByPace)}, "yellow": {"0"}, "red": {"10"}}, nil
	}
	look := service.Look{Unit: p.query.Get("unit")} // changes begin with what holds now
	v, err := s.board.Scheme(r.Context(), look, from)
	if err != nil {
		return nil, err
	}
	sc := v.Scheme
	if n, err := strconv.Atoi(asked.Get("version")); err == nil {
		i := slices.IndexFunc(v.Revisions, func(rev service.SchemeRevision) bool { return rev.Number == n })
		if i >= 0 {
			sc = v.Revisions[i].Scheme
		}
	}
	values := schemeValues(sc)
	if asked.Get("code") == "" {
		values.Set("code", "")
		values.Set("name", "")
		values.Set("name_hant", "")
		values.Set("name_en", "")
		values.Set("copy", from)
	} else {
		values.Set("fixed", "1")
	}
	values.Set("seen", strconv.FormatInt(s.opt.Now().UnixMicro(), 10))
	values.Set("version", asked.Get("version"))
	values.Set("try", asked.Get("try"))
	return values, nil
}

func (s *Site) schemeShow(w http.ResponseWriter, r *http.Request, p *page, status int, values url.Values, faults []service.Fault) error {
	p.keepForm("/register/scheme/edit", values)
	sc, unread := readScheme(values)
	faults = append(faults, unread...)
	f := &schemeForm{Action: p.To("/register/scheme/edit"), Save: p.To("/register/scheme"), Back: p.To("/register/schemes"), Fixed: values.Get("fixed") != "", MadeUp: sc.MadeUp}
	f.Head = p.W("scheme.new")
	if f.Fixed {
		f.Head, f.Back = p.W("scheme.edit", "name", sc.Names), p.To("/register/scheme", "code", sc.Code)
	}
	p.Title = f.Head
	change := service.Change{Schemes: []luoshi.Scheme{sc}, Seen: readSeen(values)}
	if values.Get("try") != "" && len(unread) == 0 {
		effects, e, err := s.effects(r, p, change)
		if err != nil {
			return err
		}
		f.Effects, f.Tried, f.NeedsReason = effects, !e.Blocked, e.Reason
		f.Nothing = !e.Blocked && e.Writes == 0
		faults = append(faults, e.Faults...)
	}
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	trial, err := s.board.TryScheme(r.Context(), service.TrialQuery{Look: look, Scheme: sc, Indicator: values.Get("indicator"), Set: values.Get("set")})
	if err != nil {
		return err
	}
	p.frame(&trial.Frame)
	f.Past = !trial.Now
	if len(trial.Faults) == 0 {
		f.Says = p.Rich(trial.Rule)
		f.Trial = p.trial(trial, sc, sc, values, nil)
	} else if values.Get("try") == "" {
		faults = append(faults, trial.Faults...)
	}
	p.schemeFields(f, values, faults)
	f.Hidden = hidden(values, append(schemeFields, "fixed"))
	p.Body = f
	return s.show(w, r, status, p)
}

// schemeFields lays the form out.
func (p *page) schemeFields(f *schemeForm, values url.Values, faults []service.Fault) {
	form := newForm(p, values, faults)
	f.Code = form.field("code", "field.scheme.code")
	f.Code.Must = true
	for _, name := range []string{"name", "name_hant", "name_en"} {
		f.Names = append(f.Names, form.field(name, "field.scheme."+name))
	}
	f.Names[0].Must = true
	f.Kind = form.field("kind", "field.scheme.kind")
	for _, kind := range []luoshi.SchemeKind{luoshi.ByPace, luoshi.ByPaceShare, luoshi.ByMonths, luoshi.ByMonthShare, luoshi.ByGrowth, luoshi.ByTarget, luoshi.ByExpression} {
		f.Kind.Options = append(f.Kind.Options, choice{Text: p.W("scheme.kind.say", "kind", kind, "how", luoshi.Say("scheme.how."+string(kind))), Href: string(kind), On: string(kind) == f.Kind.Value})
		if kind != luoshi.ByExpression && kind != luoshi.ByGrowth {
			f.Units = append(f.Units, choice{Lang: string(kind), Text: p.W("scheme.unit." + string(kind))})
		}
	}
	f.Yellow, f.Red = form.field("yellow", "field.scheme.yellow"), form.field("red", "field.scheme.red")
	f.Yellow.Mode, f.Red.Mode = "decimal", "decimal"
	for _, name := range []string{"yellow_when", "red_when"} {
		one := &whenField{formField: form.field(name, "field.scheme."+name)}
		if fault, ok := form.faults[name]; ok && fault.Message.Key == "scheme.expression" {
			one.point(fault.Message)
		}
		f.When = append(f.When, one)
	}
	for _, name := range service.Measures() {
		f.Measures = append(f.Measures, choice{Text: name, Href: p.W("measure." + name)})
	}
	f.Source = form.field("source", "field.scheme.source")
	f.Source.Whole = true
	f.Reason = form.field("reason", "register.reason")
	f.Reason.Must, f.Reason.Whole = f.NeedsReason, true
	f.Other = form.rest()
}

// point cuts a condition at the character that is wrong.
func (f *whenField) point(m luoshi.Message) {
	column, _ := m.Args["column"].(int)
	runes := []rune(f.Value)
	if column < 1 || len(runes) == 0 {
		return
	}
	at := min(column-1, len(runes)-1)
	f.Ahead, f.At, f.After = string(runes[:at]), string(runes[at]), string(runes[at+1:])
}

func (s *Site) schemePut(w http.ResponseWriter, r *http.Request) error {
	return putVersioned(s, w, r, versioned[luoshi.Scheme]{
		view: "scheme-edit", path: "/register/scheme", show: s.schemeShow, read: readScheme,
		called: func(sc luoshi.Scheme) (string, luoshi.Names) { return sc.Code, sc.Names },
		change: func(sc luoshi.Scheme) service.Change { return service.Change{Schemes: []luoshi.Scheme{sc}} },
		versions: func(ctx context.Context, code string) (list []version[luoshi.Scheme], err error) {
			now, err := s.board.Scheme(ctx, service.Look{}, code)
			if err != nil {
				return nil, err
			}
			for _, rev := range now.Revisions {
				rev.Scheme.RecordedAt = 0
				list = append(list, version[luoshi.Scheme]{rev.Number, rev.Scheme})
			}
			return list, nil
		},
	})
}
