package web

import (
	"context"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// indicatorBook answers for the register of indicators.
type indicatorBook interface {
	IndicatorRegister(ctx context.Context, q service.IndicatorListQuery) (*service.IndicatorRegister, error)
	IndicatorCard(ctx context.Context, look service.Look, code string) (*service.IndicatorCard, error)
	TryIndicator(ctx context.Context, look service.Look, code string, in luoshi.Indicator, reason string, try bool) (*service.IndicatorTrial, error)
	PutIndicator(ctx context.Context, look service.Look, code string, in luoshi.Indicator, reason string, seen time.Time, by string) (*service.IndicatorTrial, *service.Saved, error)
}

// indicatorsBody is the register as the template lays it out.
type indicatorsBody struct {
	Lead                       string
	Text                       string
	Groups, Kinds, Departments []choice // what can be filtered by
	Filtered                   bool
	Clear                      string
	Retired                    *choice // the other list
	Lists                      []indicatorGroup
	New                        string
	Total                      int
}

type indicatorGroup struct {
	Name string
	Rows []indicatorLine
}

// indicatorLine is one indicator of the register.
type indicatorLine struct {
	Code, Name, Href      string
	Measure, Kind, Better string
	Rules                 string
	Calendar, Reports     string
	Department            string
	Targets               string
	Have                  string
	Notes                 []string
	Formula               string
}

func (s *Site) indicatorRegister(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "indicator-register")
	p.section, p.stays = "register", true
	p.keep(r.URL.Query(), "q", "group", "kind", "department", "retired")
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	q := service.IndicatorListQuery{Look: look, Text: p.own.Get("q"), Group: p.own.Get("group"), Kind: luoshi.Kind(p.own.Get("kind")),
		Department: p.own.Get("department"), Retired: p.own.Get("retired") != ""}
	v, err := s.board.IndicatorRegister(r.Context(), q)
	if err != nil {
		return err
	}
	return s.kept(w, r, p, v, func() error {
		p.frame(&v.Frame)
		p.Body, p.Title = p.indicatorList(v), p.W("indicatorregister.title")
		return nil
	})
}

func (p *page) indicatorList(v *service.IndicatorRegister) *indicatorsBody {
	q := v.Query
	b := &indicatorsBody{Text: q.Text, Clear: p.To("/register/indicators"), New: p.To("/register/indicator/edit", "asof", "now"), Total: v.Total + v.Retired,
		Filtered: q.Text != "" || q.Group != "" || q.Kind != "" || q.Department != ""}
	switch {
	case b.Filtered:
		b.Lead = p.W("indicatorregister.lead.some", "n", v.Shown, "total", v.Total)
	case q.Retired:
		b.Lead = p.W("indicatorregister.lead.retired", "n", v.Shown)
	default:
		b.Lead = p.W("indicatorregister.lead", "n", v.Total, "groups", len(v.AllGroups))
	}
	if q.Retired {
		b.Retired = &choice{Text: p.W("indicatorregister.used", "n", v.Total), Href: p.To("/register/indicators")}
	} else if v.Retired > 0 {
		b.Retired = &choice{Text: p.W("indicatorregister.retired", "n", v.Retired), Href: p.To("/register/indicators", "retired", "1")}
	}
	any := choice{Text: p.W("indicatorregister.any")}
	b.Groups, b.Kinds, b.Departments = []choice{any}, []choice{any}, []choice{any}
	for _, g := range v.AllGroups {
		b.Groups = append(b.Groups, choice{Text: g, Href: g, On: g == q.Group})
	}
	for _, k := range v.Kinds {
		b.Kinds = append(b.Kinds, choice{Text: p.Show(k, ""), Href: string(k), On: k == q.Kind})
	}
	for _, d := range v.Departments {
		b.Departments = append(b.Departments, choice{Text: p.Name(d.Name), Href: d.Code, On: d.Code == q.Department})
	}
	for _, g := range v.Groups {
		list := indicatorGroup{Name: g.Name}
		if g.Name == "" {
			list.Name = p.W("indicatorregister.no_group")
		}
		for _, line := range g.Rows {
			list.Rows = append(list.Rows, p.indicatorLine(line))
		}
		b.Lists = append(b.Lists, list)
	}
	return b
}

func (p *page) indicatorLine(line service.IndicatorLine) indicatorLine {
	in := line.Indicator
	one := indicatorLine{Code: in.Code, Name: p.Name(in.Names), Href: p.To("/register/indicator", "code", in.Code), Measure: p.Name(in.Measure.Symbol), Kind: p.Show(in.Kind, ""),
		Better: p.Show(in.Direction, ""), Rules: capital(p.joined(line.Rules)), Calendar: p.Show(in.Calendar, ""), Formula: in.Formula}
	if in.ReportedAt != "" {
		one.Reports = p.W("indicatorregister.reports", "rung", in.ReportedAt, "days", in.DueDays)
	} else {
		one.Reports = p.W("indicatorregister.reports.none")
	}
	if line.Department != nil {
		one.Department = p.Name(line.Department.Name)
	}
	if line.Targets > 0 {
		one.Targets = p.Show(line.Targets, "")
	}
	if line.Want > 0 {
		one.Have = strconv.Itoa(line.Have) + "/" + strconv.Itoa(line.Want)
	}
	if len(line.Leads) > 0 {
		one.Notes = append(one.Notes, p.W("indicatorregister.leads", "names", p.indicatorNames(line.Leads)))
	}
	if in.Source != "" {
		one.Notes = append(one.Notes, in.Source)
	}
	return one
}

func (p *page) indicatorNames(list []service.IndicatorName) []luoshi.Names {
	var names []luoshi.Names
	for _, in := range list {
		names = append(names, in.Name)
	}
	return names
}

// joined runs sentences together.
func (p *page) joined(list []luoshi.Message) string {
	parts := make([]string, len(list))
	for i, m := range list {
		parts[i] = p.Say(m)
	}
	return strings.Join(parts, p.W("page.and"))
}

// indicatorSheet is one indicator as the template lays it out.
type indicatorSheet struct {
	indicatorLine
	Names     string // in the other languages
	Group     string
	Says      []template.HTML
	Facts     []choice
	Acts      []choice
	Promised  []targetLine
	More      string
	Uses      []usesLine
	Revisions []revisionView
	Retired   bool
	Add, Open string
	Undo      string
	Here      string
	Year      string
}

// usesLine is a kind of thing that rests on the indicator.
type usesLine struct {
	What  string
	Names []choice
}

func (s *Site) indicatorCard(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "indicator-card")
	p.section, p.stays = "register", true
	p.keep(r.URL.Query(), "code")
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	v, err := s.board.IndicatorCard(r.Context(), look, p.own.Get("code"))
	if err != nil {
		return err
	}
	return s.kept(w, r, p, v, func() error {
		p.frame(&v.Frame)
		p.Body, p.Title = p.indicatorSheet(v), p.Name(v.Indicator.Names)
		return nil
	})
}

func (p *page) indicatorSheet(v *service.IndicatorCard) *indicatorSheet {
	in := v.Indicator
	b := &indicatorSheet{indicatorLine: p.indicatorLine(v.IndicatorLine), Group: in.Group, Retired: in.Retired, Year: strconv.Itoa(v.Year),
		Add: p.To("/register/target", "code", in.Code), Here: p.Here("asof", "now")}
	for _, name := range []string{in.Names.Hans, in.Names.Hant, in.Names.En} {
		if name != "" && name != b.Name && !strings.Contains(b.Names, name) {
			b.Names += " · " + name
		}
	}
	b.Names = strings.TrimPrefix(b.Names, " · ")
	b.Says = p.indicatorSays(v)
	b.Facts = p.indicatorFacts(v)
	if p.Has("/indicator") {
		b.Open = p.To("/indicator", "code", in.Code)
	}
	if p.MayChange() {
		edit := func(pairs ...string) string {
			return p.To("/register/indicator/edit", append([]string{"code", in.Code, "asof", "now"}, pairs...)...)
		}
		b.Acts = []choice{{Text: p.W("indicatorregister.edit"), Href: edit()}}
		retire := "indicatorregister.retire"
		if in.Retired {
			retire = "indicatorregister.unretire"
		}
		b.Acts = append(b.Acts, choice{Text: p.W(retire), Href: edit("turn", "1")})
	}
	for i, t := range v.Promised {
		line := p.targetLine(t, v.Units[i].Code, v.Year)
		line.Unit = p.Name(v.Units[i].Name)
		b.Promised = append(b.Promised, line)
	}
	if rest := v.Targets - len(v.Promised); rest > 0 {
		b.More = p.W("indicatorregister.targets.more", "n", rest)
	}
	b.uses(p, v)
	for i, rev := range v.Versions {
		b.Revisions = append(b.Revisions, p.indicatorRevision(in.Code, rev, len(v.Versions)-i, i == 0))
	}
	if len(v.Versions) > 1 && v.Versions[0].Batch != 0 {
		b.Undo = strconv.FormatInt(v.Versions[0].Batch, 10)
	}
	return b
}

// indicatorSays is the indicator in sentences: how it adds up, which way is good,
// when it is due, what is there.
func (p *page) indicatorSays(v *service.IndicatorCard) []template.HTML {
	in := v.Indicator
	var says []template.HTML
	add := func(m luoshi.Message) {
		says = append(says, template.HTML(capital(string(p.Rich(m))))) //nolint:gosec // as it was, but for a letter
	}
	say := func(key string, pairs ...any) { add(luoshi.Say(key, pairs...)) }
	say("indicatorregister.says.what", "kind", in.Kind, "unit", in.Measure, "decimals", in.Decimals, "direction", in.Direction)
	for _, m := range v.Rules {
		add(m)
	}
	switch {
	case in.ReportedAt == "" && in.Formula != "":
		say("indicatorregister.says.derived", "calendar", in.Calendar)
	case in.ReportedAt == "":
		say("indicatorregister.says.nobody", "calendar", in.Calendar)
	default:
		say("indicatorregister.says.due", "rung", in.ReportedAt, "calendar", in.Calendar, "basis", in.Basis, "days", in.DueDays)
		if v.Due != 0 {
			say("indicatorregister.says.next", "period", v.Next, "day", v.Due)
		}
	}
	if v.Want > 0 {
		say("indicatorregister.says.have", "period", v.Closed, "have", v.Have, "want", v.Want)
	}
	say("indicatorregister.says.count", "year", strconv.Itoa(v.Year), "targets", v.Targets, "figures", v.Figures)
	return says
}

func (p *page) indicatorFacts(v *service.IndicatorCard) []choice {
	in := v.Indicator
	var list []choice
	fact := func(field, value string) {
		if value != "" {
			list = append(list, choice{Text: p.W("field.indicator." + field), Href: value})
		}
	}
	fact("code", in.Code)
	fact("group", in.Group)
	if v.Department != nil {
		fact("department", p.Name(v.Department.Name)+" "+v.Department.Code)
	}
	fact("formula", in.Formula)
	fact("currency", in.Measure.Currency)
	if in.Measure.Power != 0 {
		fact("scale", strconv.Itoa(in.Measure.Power))
	}
	fact("source", in.Source)
	fact("note", in.Note)
	return list
}

// uses lists what rests on the indicator, and what it leads and follows.
func (b *indicatorSheet) uses(p *page, v *service.IndicatorCard) {
	add := func(key string, names []choice) {
		if len(names) > 0 {
			b.Uses = append(b.Uses, usesLine{p.W(key), names})
		}
	}
	refs := func(path string, list []service.GoalRef) (names []choice) {
		for _, g := range list {
			text := p.Name(g.Name)
			if g.Guard {
				text = p.W("indicatorregister.guard", "goal", g.Name)
			}
			one := choice{Text: text}
			if p.Has(path) {
				one.Href = p.To(path, "code", g.Code)
			}
			names = append(names, one)
		}
		return names
	}
	others := func(list []service.IndicatorName) (names []choice) {
		for _, in := range list {
			names = append(names, choice{Text: p.Name(in.Name), Href: p.To("/register/indicator", "code", in.Code)})
		}
		return names
	}
	add("indicatorregister.uses.goals", refs("/register/goal", v.Goals))
	add("indicatorregister.uses.sets", refs("/register/set", v.Sets))
	add("indicatorregister.uses.formulas", others(v.Formulas))
	add("indicatorregister.uses.leads", others(v.Leads))
	add("indicatorregister.uses.led_by", others(v.LedBy))
}

func (p *page) indicatorRevision(code string, v service.IndicatorVersion, number int, holds bool) revisionView {
	one := revisionView{Number: number, At: instant(v.RecordedAt), By: p.PersonName(v.By), Why: v.Reason, Holds: holds}
	for i, field := range v.Changed {
		one.Differs = append(one.Differs, p.W("register.became", "field", p.W("field.indicator."+field), "before", p.indicatorValue(field, v.Was[i]), "after", p.indicatorValue(field, v.Now[i])))
	}
	if number == 1 {
		one.Says = template.HTML(template.HTMLEscapeString(p.W("indicatorregister.first"))) //nolint:gosec // escaped here
	}
	if !holds {
		one.Back = p.To("/register/indicator/edit", "code", code, "version", strconv.Itoa(number), "asof", "now")
	}
	return one
}

// indicatorValue is the value of a field as people say it.
func (p *page) indicatorValue(field, value string) string {
	if value == "" {
		return p.W("register.nothing")
	}
	switch field {
	case "direction":
		return p.Show(luoshi.Direction(value), "")
	case "kind":
		return p.Show(luoshi.Kind(value), "")
	case "over_time":
		return p.Show(luoshi.OverTime(value), "")
	case "over_units":
		return p.Show(luoshi.OverUnits(value), "")
	case "basis":
		return p.Show(luoshi.Basis(value), "")
	case "calendar":
		return p.Show(luoshi.Calendar(value), "")
	case "reported_at":
		return p.Show(luoshi.UnitKind(value), "")
	case "retired":
		return p.W("register.yes")
	}
	return value
}
