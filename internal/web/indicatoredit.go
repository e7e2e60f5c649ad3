package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// indicatorForm is the page on which an indicator is written, tried and put in force.
type indicatorForm struct {
	Head, Back     string
	Code           string
	Groups         []fieldGroup
	Reason         *formField
	Other          []string
	Tried, Blocked bool
	Says           string
	Diff           []string
	Effect         *effectView
	Hidden         []choice
	Lists          []datalist
	Wrong          *wrongAt // where the formula is wrong
	Retired        bool
}

// fieldGroup is fields under one heading.
type fieldGroup struct {
	Title, Say string
	Fields     []*formField
}

// datalist is what a field can be chosen from.
type datalist struct {
	ID      string
	Options []choice
}

// wrongAt is a text cut at the place that is wrong.
type wrongAt struct{ Ahead, At, After string }

// indicatorFields are the fields of the form, as the columns of the workbook are called.
var indicatorFields = []string{"code", "name", "name_hant", "name_en", "group", "measure", "measure_hant", "measure_en", "currency", "scale", "decimals", "direction", "kind",
	"over_units", "weight", "numerator", "denominator", "power", "over_time", "basis", "calendar", "reported_at", "due_days", "formula", "department", "leads", "source", "note", "retired"}

func indicatorValues(in luoshi.Indicator) url.Values {
	v := url.Values{}
	for name, value := range map[string]string{
		"code": in.Code, "name": in.Names.Hans, "name_hant": in.Names.Hant, "name_en": in.Names.En, "group": in.Group, "measure": in.Measure.Symbol.Hans,
		"measure_hant": in.Measure.Symbol.Hant, "measure_en": in.Measure.Symbol.En, "currency": in.Measure.Currency, "scale": strconv.Itoa(in.Measure.Power),
		"decimals": strconv.Itoa(in.Decimals), "direction": string(in.Direction), "kind": string(in.Kind), "over_units": string(in.OverUnits), "weight": in.Weight,
		"numerator": in.Numerator, "denominator": in.Denominator, "power": strconv.Itoa(in.Power), "over_time": string(in.OverTime), "basis": string(in.Basis),
		"calendar": string(in.Calendar), "reported_at": string(in.ReportedAt), "due_days": strconv.Itoa(in.DueDays), "formula": in.Formula, "department": in.Department,
		"leads": strings.Join(in.Leads, " "), "source": in.Source, "note": in.Note,
	} {
		v.Set(name, value)
	}
	if in.Retired {
		v.Set("retired", "1")
	}
	return v
}

// readIndicator reads the form.
func readIndicator(v url.Values) (luoshi.Indicator, []service.Fault) {
	text := func(name string) string { return strings.TrimSpace(v.Get(name)) }
	var faults []service.Fault
	number := func(name string) int {
		if text(name) == "" {
			return 0
		}
		n, err := strconv.Atoi(luoshi.Fold(text(name)))
		if err != nil || n < -30 || n > 10_000 {
			faults = append(faults, service.Fault{Item: -1, Field: name, Severity: luoshi.Blocking, Message: luoshi.Say("indicatoredit.number", "text", text(name))})
		}
		return n
	}
	in := luoshi.Indicator{
		Code: text("code"), Names: namesOf(v, "name"), Group: text("group"),
		Measure:  luoshi.Measure{Symbol: namesOf(v, "measure"), Currency: text("currency"), Power: number("scale")},
		Decimals: number("decimals"), Direction: luoshi.Direction(text("direction")), Kind: luoshi.Kind(text("kind")),
		OverTime: luoshi.OverTime(text("over_time")), OverUnits: luoshi.OverUnits(text("over_units")), Basis: luoshi.Basis(text("basis")), Calendar: luoshi.Calendar(text("calendar")),
		ReportedAt: luoshi.UnitKind(text("reported_at")), DueDays: number("due_days"), Formula: text("formula"), Department: text("department"),
		Leads: strings.FieldsFunc(text("leads"), func(r rune) bool { return strings.ContainsRune(" ,，、;；\t", r) }), Source: text("source"), Note: text("note"), Retired: v.Get("retired") != "",
	}
	if len(in.Leads) == 0 {
		in.Leads = nil
	}
	in.Weight, in.Numerator, in.Denominator, in.Power = text("weight"), text("numerator"), text("denominator"), number("power")
	return in, faults
}

func (s *Site) indicatorEdit(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "indicator-edit")
	p.section = "register"
	p.query.Set("asof", "now")
	asked := r.URL.Query()
	code := asked.Get("code")
	values := asked
	if asked.Get("new") != "" {
		code = ""
	}
	if !asked.Has("name") {
		var err error
		if values, err = s.indicatorStart(r, asked); err != nil {
			return err
		}
	}
	return s.indicatorShow(w, r, p, http.StatusOK, code, values)
}

// indicatorStart is what the form begins with: what holds, an earlier version, the
// same but retired, or nothing.
func (s *Site) indicatorStart(r *http.Request, asked url.Values) (url.Values, error) {
	code := asked.Get("code")
	if code == "" {
		return url.Values{"direction": {string(luoshi.More)}, "kind": {string(luoshi.Flow)}, "over_units": {string(luoshi.UnitSum)}, "over_time": {string(luoshi.TimeSum)},
			"basis": {string(luoshi.Cumulative)}, "calendar": {string(luoshi.Monthly)}, "decimals": {"2"}, "due_days": {"10"}}, nil
	}
	v, err := s.board.IndicatorCard(r.Context(), service.Look{Unit: asked.Get("unit")}, code)
	if err != nil {
		return nil, err
	}
	in := v.Indicator
	if n, err := strconv.Atoi(asked.Get("version")); err == nil && n >= 1 && n <= len(v.Versions) {
		in = v.Versions[len(v.Versions)-n].Indicator
		in.Decimals = max(in.Decimals, v.Indicator.Decimals)
	}
	turned := asked.Get("turn") != ""
	if turned {
		in.Retired = !in.Retired
	}
	values := indicatorValues(in)
	if turned || asked.Get("version") != "" {
		values.Set("try", "1")
	}
	return values, nil
}

func (s *Site) indicatorShow(w http.ResponseWriter, r *http.Request, p *page, status int, code string, values url.Values) error {
	in, faults := readIndicator(values)
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	reason := strings.TrimSpace(values.Get("reason"))
	v, err := s.board.TryIndicator(r.Context(), look, code, in, reason, values.Get("try") != "" && len(faults) == 0)
	if err != nil {
		return err
	}
	return s.indicatorFill(w, r, p, status, v, values, faults)
}

func (s *Site) indicatorFill(w http.ResponseWriter, r *http.Request, p *page, status int, v *service.IndicatorTrial, values url.Values, faults []service.Fault) error {
	p.frame(&v.Frame)
	f := &indicatorForm{Code: v.Code, Head: p.W("indicatorregister.new"), Back: p.To("/register/indicators"), Tried: v.Tried, Retired: values.Get("retired") != ""}
	if !v.New {
		f.Head, f.Back = p.W("indicatorregister.edit.head", "indicator", v.Before.Names), p.To("/register/indicator", "code", v.Code)
	}
	p.Title = f.Head
	for _, one := range v.Faults {
		if one.Field != "reason" || status != http.StatusOK { // it is asked for with the last step
			faults = append(faults, one)
		}
	}
	f.Blocked = slices.ContainsFunc(faults, func(one service.Fault) bool { return one.Severity == luoshi.Blocking && one.Field != "reason" })
	p.indicatorForm(f, v, values, faults)
	for _, one := range faults {
		if one.Field == "formula" {
			f.Wrong = wrongIn(values.Get("formula"), one.Message)
		}
	}
	if f.Tried && !f.Blocked {
		f.Says = capital(p.joined(v.Rules))
		for _, d := range v.Diff {
			f.Diff = append(f.Diff, p.W("register.became", "field", p.W("field.indicator."+d.Field), "before", p.indicatorValue(d.Field, d.Was), "after", p.indicatorValue(d.Field, d.Now)))
		}
		f.Effect = p.effect(v.Effect)
	}
	p.Body = f
	return s.show(w, r, status, p)
}

// wrongIn shows where in a text something is wrong: at the column that the message
// names, or where what it quotes stands.
func wrongIn(text string, m luoshi.Message) *wrongAt {
	runes := []rune(text)
	if column, ok := m.Args["column"].(int); ok && column > 0 && len(runes) > 0 {
		at := min(column-1, len(runes)-1)
		return &wrongAt{string(runes[:at]), string(runes[at]), string(runes[at+1:])}
	}
	for _, name := range []string{"other", "code", "text"} {
		part, _ := m.Args[name].(string)
		if before, after, ok := strings.Cut(text, part); ok && part != "" && part != text {
			return &wrongAt{before, part, after}
		}
	}
	return nil
}

// indicatorForm lays the form out.
func (p *page) indicatorForm(f *indicatorForm, v *service.IndicatorTrial, values url.Values, faults []service.Fault) {
	form := newForm(p, values, faults)
	group := func(key string, names ...string) {
		g := fieldGroup{Title: p.W("indicatorregister.form." + key), Say: p.W("indicatorregister.form." + key + ".say")}
		for _, name := range names {
			if name == "code" && !v.New {
				form.shown["code"] = true
				continue
			}
			g.Fields = append(g.Fields, p.indicatorField(form, name, v))
		}
		f.Groups = append(f.Groups, g)
	}
	group("name", "code", "name", "name_hant", "name_en", "group", "department")
	group("measure", "measure", "measure_hant", "measure_en", "currency", "scale", "decimals")
	group("rule", "kind", "direction", "over_units", "over_time", "weight", "numerator", "denominator", "power", "formula")
	group("report", "basis", "calendar", "reported_at", "due_days")
	group("more", "leads", "source", "note")
	f.Reason = form.field("reason", "register.reason")
	f.Reason.Whole, f.Reason.Must = true, !v.New
	f.Other = form.rest()
	var codes, offices, groups []choice
	for _, in := range v.Others {
		codes = append(codes, choice{Text: p.Name(in.Name), Href: in.Code})
	}
	for _, u := range v.Offices {
		offices = append(offices, choice{Text: p.Name(u.Name), Href: u.Code})
	}
	for _, g := range v.Groups {
		groups = append(groups, choice{Href: g})
	}
	f.Lists = []datalist{{"codes", codes}, {"offices", offices}, {"groups", groups}}
	f.Hidden = hidden(values, indicatorFields)
	if !v.New && !values.Has("code") {
		f.Hidden = append(f.Hidden, choice{Href: "code", Text: v.Code})
	}
	f.Hidden = append(f.Hidden, choice{Href: "seen", Text: strconv.FormatInt(v.At.UnixMicro(), 10)})
	if v.New {
		f.Hidden = append(f.Hidden, choice{Href: "new", Text: "1"})
	}
}

func (p *page) indicatorField(form *form, name string, v *service.IndicatorTrial) *formField {
	one := form.field(name, "field.indicator."+name)
	options := func(list ...any) {
		for _, o := range list {
			value := wordOf(o)
			one.Options = append(one.Options, choice{Text: p.Show(o, ""), Href: value, On: value == one.Value})
		}
	}
	switch name {
	case "code", "name", "measure", "decimals":
		one.Must = true
	case "direction":
		options(luoshi.More, luoshi.Less, luoshi.Band)
	case "kind":
		options(luoshi.Flow, luoshi.Stock, luoshi.Rate, luoshi.Growth, luoshi.Index)
	case "over_units":
		options(luoshi.UnitSum, luoshi.UnitWeighted, luoshi.UnitRatio, luoshi.UnitNone)
	case "over_time":
		options(luoshi.TimeSum, luoshi.TimeLast, luoshi.TimeAverage, luoshi.TimeNone)
	case "basis":
		options(luoshi.Single, luoshi.Cumulative)
	case "calendar":
		options(luoshi.Monthly, luoshi.MonthlyJanFeb, luoshi.Quarterly, luoshi.HalfYearly, luoshi.Yearly)
	case "reported_at":
		one.Options = append(one.Options, choice{Text: p.W("indicatorregister.reports.none"), On: one.Value == ""})
		for _, kind := range v.Rungs {
			options(kind)
		}
	case "weight", "numerator", "denominator":
		one.List = "codes"
	case "department":
		one.List = "offices"
	case "group":
		one.List = "groups"
	case "formula", "leads", "source":
		one.Whole = true
	case "note":
		one.Whole, one.Area = true, true
	}
	switch name {
	case "decimals", "scale", "due_days", "power":
		one.Mode = "numeric"
	}
	return one
}

// wordOf is a value of an enumeration as it is stored.
func wordOf(v any) string {
	switch v := v.(type) {
	case luoshi.Direction:
		return string(v)
	case luoshi.Kind:
		return string(v)
	case luoshi.OverTime:
		return string(v)
	case luoshi.OverUnits:
		return string(v)
	case luoshi.Basis:
		return string(v)
	case luoshi.Calendar:
		return string(v)
	case luoshi.UnitKind:
		return string(v)
	case luoshi.Form:
		return string(v)
	}
	return ""
}

func (s *Site) indicatorPut(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "indicator-edit")
	p.section = "register"
	p.query.Set("asof", "now")
	values, err := posted(r)
	if err != nil {
		return err
	}
	in, faults := readIndicator(values)
	code := in.Code
	if values.Get("new") != "" {
		code = ""
	}
	if len(faults) > 0 {
		return s.indicatorShow(w, r, p, http.StatusUnprocessableEntity, code, values)
	}
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	v, saved, err := s.board.PutIndicator(r.Context(), look, code, in, strings.TrimSpace(values.Get("reason")), readSeen(values), s.opt.By)
	if err != nil {
		return err
	}
	if saved == nil {
		values.Set("try", "1")
		return s.indicatorFill(w, r, p, http.StatusUnprocessableEntity, v, values, nil)
	}
	to := p.To("/register/indicator", "code", in.Code, "asof", "now")
	key := "register.put"
	if v.New {
		key = "register.added"
	}
	return s.done(w, r, p, to, luoshi.Say(key, "name", in.Names), p.undoes(saved.Batch, to))
}
