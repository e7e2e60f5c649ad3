package web

import (
	"context"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// targetBook answers for single targets.
type targetBook interface {
	TargetCard(ctx context.Context, q service.TargetQuery) (*service.TargetCard, error)
	TryTarget(ctx context.Context, look service.Look, row service.TargetRow) (*service.TargetTrial, error)
	PutTarget(ctx context.Context, look service.Look, row service.TargetRow, by string) (*service.TargetTrial, *service.Saved, error)
}

// targetBody is a target with its revisions and the form of the next one.
type targetBody struct {
	Name, Unit, Years string
	Code              string
	Year, Last        string
	Of                string
	Verdict           template.HTML
	Light             *light
	Says              template.HTML
	Beside            []fact // what a new value can be held against
	Revisions         []targetRevision
	Fields            []*formField
	Strict            bool
	Months            []*formField
	MonthsOpen        bool
	Other             []string
	Reason            *formField
	Tried, Blocked    bool
	First             bool // the target is set for the first time
	Would             template.HTML
	Warnings          []string
	Effect            *effectView
	Hidden            []choice
	Lists             []datalist
	Back              []choice
	Neighbours        []choice // the years before and after
	Measure           string
	Past              string // where it is seen as of now, "" = it is
	Answer            *answerView
	Came              string
}

// targetRevision is one revision.
type targetRevision struct {
	Number             string
	Promise            template.HTML
	From, Note, Reason string
	Owner, Rule        string
	Source             string
	Holds, Sample      bool
	Batch              string
}

// chooseBody asks for which indicator a target is set.
type chooseBody struct {
	Unit, Code string
	Groups     []indicatorGroup
}

// targetFields are the fields of the form, as the columns of the workbook are called.
var targetFields = []string{"form", "value", "low", "high", "date", "reference_unit", "reference_indicator", "reserve", "from", "owner", "scheme", "source"}

func (s *Site) target(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "target")
	p.section, p.stays = "register", true
	values := r.URL.Query()
	p.keep(values, "code", "last")
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	if p.own.Get("code") == "" {
		return s.targetChoose(w, r, p, look)
	}
	q, err := targetQuery(look, values)
	if err != nil {
		return err
	}
	row, faults := readTarget(values)
	if values.Get("try") != "" { // changes are made to what is known now
		p.query.Set("asof", "now")
		if look, err = s.look(p.query); err != nil {
			return err
		}
		q.Look = look
	}
	if values.Get("try") == "" {
		v, err := s.board.TargetCard(r.Context(), q)
		if err != nil {
			return err
		}
		return s.targetShow(w, r, p, http.StatusOK, &service.TargetTrial{TargetCard: v}, values, nil)
	}
	row.Indicator, row.UnitCode, row.FirstYear, row.LastYear = q.Indicator, q.Of, q.First, q.Last
	return s.targetTry(w, r, p, http.StatusOK, look, row, values, faults)
}

// targetQuery names the target that an address means.
func targetQuery(look service.Look, values url.Values) (service.TargetQuery, error) {
	q := service.TargetQuery{Look: look, Indicator: values.Get("code"), Of: look.Unit, First: look.Year}
	if last := values.Get("last"); last != "" {
		n, err := strconv.Atoi(luoshi.Fold(last))
		if err != nil || n < q.First || n > 2200 {
			return q, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("page.year", "text", last)}
		}
		q.Last = n
	}
	return q, nil
}

// targetChoose lists the indicators for which a unit can be given a target.
func (s *Site) targetChoose(w http.ResponseWriter, r *http.Request, p *page, look service.Look) error {
	p.view = "target-choose"
	v, err := s.board.IndicatorRegister(r.Context(), service.IndicatorListQuery{Look: look})
	if err != nil {
		return err
	}
	return s.kept(w, r, p, v, func() error {
		p.frame(&v.Frame)
		b := &chooseBody{Unit: p.Name(v.Unit.Name), Code: v.Unit.Code}
		for _, g := range v.Groups {
			list := indicatorGroup{Name: g.Name}
			for _, line := range g.Rows {
				one := p.indicatorLine(line)
				one.Href = p.To("/register/target", "code", line.Indicator.Code, "unit", v.Unit.Code)
				list.Rows = append(list.Rows, one)
			}
			b.Groups = append(b.Groups, list)
		}
		p.Body, p.Title = b, p.W("targetpage.choose", "unit", v.Unit.Name)
		return nil
	})
}

// targetTry shows what a revision would do.
func (s *Site) targetTry(w http.ResponseWriter, r *http.Request, p *page, status int, look service.Look, row service.TargetRow, values url.Values, faults []service.Fault) error {
	if len(faults) > 0 {
		v, err := s.board.TargetCard(r.Context(), service.TargetQuery{Look: look, Indicator: row.Indicator, Of: row.UnitCode, First: row.FirstYear, Last: row.LastYear})
		if err != nil {
			return err
		}
		return s.targetShow(w, r, p, status, &service.TargetTrial{TargetCard: v, Blocked: true}, values, faults)
	}
	card, err := s.board.TargetCard(r.Context(), service.TargetQuery{Look: look, Indicator: row.Indicator, Of: row.UnitCode, First: row.FirstYear, Last: row.LastYear})
	if err != nil {
		return err
	}
	row.UnitCode, row.FirstYear, row.LastYear = card.Here.Code, card.First, card.Last
	v, err := s.board.TryTarget(r.Context(), look, row)
	if err != nil {
		return err
	}
	return s.targetShow(w, r, p, status, v, values, nil)
}

func (s *Site) targetPut(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "target")
	p.section, p.stays = "register", true
	values, err := posted(r)
	if err != nil {
		return err
	}
	for _, name := range []string{"unit", "year"} {
		if v := values.Get(name); v != "" {
			p.query.Set(name, v)
		}
	}
	p.keep(values, "code", "last")
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	q, err := targetQuery(look, values)
	if err != nil {
		return err
	}
	row, faults := readTarget(values)
	row.Indicator, row.UnitCode, row.FirstYear, row.LastYear = q.Indicator, q.Of, q.First, q.Last
	if len(faults) > 0 {
		return s.targetTry(w, r, p, http.StatusUnprocessableEntity, look, row, values, faults)
	}
	v, saved, err := s.board.PutTarget(r.Context(), look, row, s.opt.By)
	if err != nil {
		return err
	}
	if saved == nil {
		return s.targetShow(w, r, p, http.StatusUnprocessableEntity, v, values, nil)
	}
	to := p.To("/register/target", "code", q.Indicator, "last", values.Get("last"), "asof", "now")
	var undo *notice
	if len(v.Revisions) > 0 {
		undo = p.undoes(saved.Batch, to)
	}
	return s.done(w, r, p, to, luoshi.Say("targetpage.done", "unit", v.Here.Name, "indicator", v.Indicator.Names, "says", v.Says), undo)
}

// readTarget reads the form; what cannot be read is told at its field.
func readTarget(v url.Values) (service.TargetRow, []service.Fault) {
	text := func(name string) string { return strings.TrimSpace(v.Get(name)) }
	var faults []service.Fault
	fault := func(name string, err error) {
		faults = append(faults, service.Fault{Item: -1, Field: name, Severity: luoshi.Blocking, Message: messageOf(err)})
	}
	number := func(name string) luoshi.NullQuantity {
		if text(name) == "" {
			return luoshi.NullQuantity{}
		}
		q, err := luoshi.ParseQuantity(text(name))
		if err != nil {
			fault(name, err)
			return luoshi.NullQuantity{}
		}
		return luoshi.Some(q)
	}
	day := func(name string) luoshi.Date {
		if text(name) == "" {
			return 0
		}
		d, err := luoshi.ParseDate(text(name))
		if err != nil {
			fault(name, err)
		}
		return d
	}
	row := service.TargetRow{Form: luoshi.Form(text("form")), From: day("from"), Owner: text("owner"), Scheme: text("scheme"), Reason: text("reason"), Source: text("source")}
	switch row.Form {
	case luoshi.FormLevel:
		row.Value, row.Reserve, row.Curve = number("value"), number("reserve"), readCurve(number)
	case luoshi.FormGrowth:
		row.Value, row.Strict = number("value"), v.Get("strict") != ""
	case luoshi.FormAtLeast:
		row.Low = number("low")
	case luoshi.FormAtMost:
		row.High = number("high")
	case luoshi.FormBand:
		row.Low, row.High = number("low"), number("high")
	case luoshi.FormDate:
		row.Value, row.Date = number("value"), day("date")
	case luoshi.FormRelative:
		row.Value, row.Strict = number("value"), v.Get("strict") != ""
		row.ReferenceUnit, row.ReferenceIndicator = text("reference_unit"), text("reference_indicator")
		if !row.Value.Valid {
			row.Value = luoshi.Unscaled(0, 0)
		}
	case luoshi.FormSign:
		row.Strict = true
	}
	return row, faults
}

// readCurve reads the planned value after each month; nil where none is given.
func readCurve(number func(string) luoshi.NullQuantity) []luoshi.NullQuantity {
	curve := make([]luoshi.NullQuantity, 12)
	for i := range curve {
		curve[i] = number("m" + strconv.Itoa(i+1))
	}
	if !slices.ContainsFunc(curve, func(q luoshi.NullQuantity) bool { return q.Valid }) {
		return nil
	}
	return curve
}

// targetValues fills the form from a revision.
func targetValues(t service.TargetRevision) url.Values {
	show := func(q luoshi.NullQuantity) string {
		if !q.Valid {
			return ""
		}
		return q.Decimal.Trim(0).String()
	}
	v := url.Values{"form": {string(t.Form)}, "value": {show(t.Value)}, "low": {show(t.Low)}, "high": {show(t.High)}, "date": {t.Date.String()}, "reserve": {show(t.Reserve)},
		"owner": {t.Owner}, "scheme": {t.Scheme}}
	if t.Reference != nil {
		v.Set("reference_unit", t.Reference.Code)
		v.Set("reference_indicator", t.Target.Reference.Indicator)
	}
	if t.Strict {
		v.Set("strict", "1")
	}
	for i, q := range t.Curve {
		v.Set("m"+strconv.Itoa(i+1), show(q))
	}
	return v
}

func (s *Site) targetShow(w http.ResponseWriter, r *http.Request, p *page, status int, v *service.TargetTrial, values url.Values, faults []service.Fault) error {
	p.frame(&v.Frame)
	p.Notice = takeNotice(w, r)
	in := v.Indicator
	b := &targetBody{Name: p.Name(in.Names), Unit: p.Name(v.Here.Name), Of: v.Here.Code, Code: in.Code, Year: strconv.Itoa(v.First), Measure: p.Name(in.Measure.Symbol),
		Years: p.years(v.First, v.Last), First: len(v.Revisions) == 0, Tried: values.Get("try") != ""}
	if v.Last != v.First {
		b.Last = strconv.Itoa(v.Last)
	}
	p.Title = p.W("targetpage.title", "indicator", in.Names, "unit", v.Here.Name)
	for _, rev := range v.Revisions {
		b.Revisions = append(b.Revisions, p.targetRevision(rev))
		if rev.InForce {
			b.Verdict = template.HTML(capital(string(p.Rich(rev.Says)))) //nolint:gosec // as it was, but for a letter
		}
	}
	if v.Inherited != nil {
		b.Verdict = p.Rich(luoshi.Say("targetpage.inherited", "says", v.Inherited.Says))
	}
	if j := v.Judgement; j.Says.Key != "" {
		l := p.light(j.Light)
		b.Light, b.Says = &l, p.Rich(j.Says)
	}
	if !v.Now {
		b.Past = p.Here("asof", "now") + "#next"
	}
	b.Answer = p.answer(v.Person, v.People, v.Here.Code, in.Code)
	b.Came = p.came(service.TargetObject(in.Code, v.Here.Code, v.First, v.Last))
	b.beside(p, v)
	for _, one := range v.Faults {
		if one.Field != "reason" || status != http.StatusOK {
			faults = append(faults, one)
		}
	}
	b.Blocked = slices.ContainsFunc(faults, func(one service.Fault) bool { return one.Severity == luoshi.Blocking && one.Field != "reason" })
	p.targetForm(b, v, values, faults)
	if b.Tried && !b.Blocked && v.Effect != nil {
		b.Would = template.HTML(capital(string(p.Rich(v.Says)))) //nolint:gosec // as it was, but for a letter
		b.Effect = p.effect(v.Effect)
	}
	p.Body = b
	return s.show(w, r, status, p)
}

func (p *page) years(first, last int) string {
	if first == last {
		return p.W("targetpage.year", "year", strconv.Itoa(first))
	}
	return p.W("targetpage.years", "first", strconv.Itoa(first), "last", strconv.Itoa(last))
}

// beside is what a new value can be held against, and where else to go.
func (b *targetBody) beside(p *page, v *service.TargetTrial) {
	symbol := p.gapBefore(p.Name(v.Indicator.Measure.Symbol))
	if v.LastYear.Valid {
		b.Beside = append(b.Beside, fact{Name: p.W("targetpage.last_year", "year", strconv.Itoa(v.First-1)), Value: p.Show(v.LastYear, "") + symbol})
	}
	if v.Above != nil {
		b.Beside = append(b.Beside, fact{Name: p.W("targetpage.above"), Value: p.Say(v.Above.Says)})
	}
	b.Back = []choice{{Text: p.Name(v.Here.Name), Href: p.To("/unit", "code", v.Here.Code)}, {Text: p.Name(v.Indicator.Names), Href: p.To("/register/indicator", "code", v.Indicator.Code)}}
	for _, year := range []int{v.First - 1, v.First + 1} {
		b.Neighbours = append(b.Neighbours, choice{Text: strconv.Itoa(year), Href: p.To("/register/target", "code", v.Indicator.Code, "unit", v.Here.Code, "year", strconv.Itoa(year))})
	}
}

func (p *page) targetRevision(t service.TargetRevision) targetRevision {
	one := targetRevision{Number: strconv.Itoa(t.Revision), Promise: p.Rich(t.Says), From: t.From.String(), Note: p.recorded(t.By, instant(t.RecordedAt)), Reason: t.Reason,
		Owner: p.Name(t.OwnerName), Rule: p.Name(t.Rule), Source: t.Source, Holds: t.InForce, Sample: t.Sample}
	if t.Batch != 0 {
		one.Batch = strconv.FormatInt(t.Batch, 10)
	}
	return one
}

// targetForm lays the form out: what was entered, else what holds.
func (p *page) targetForm(b *targetBody, v *service.TargetTrial, values url.Values, faults []service.Fault) {
	filled := values
	if !values.Has("form") {
		filled = url.Values{"form": {string(luoshi.FormLevel)}}
		if len(v.Revisions) > 0 {
			filled = targetValues(v.Revisions[0])
			for _, rev := range v.Revisions {
				if rev.InForce {
					filled = targetValues(rev)
				}
			}
		}
		filled.Set("from", v.Suggest.String())
	}
	form := newForm(p, filled, faults)
	for _, name := range targetFields {
		b.Fields = append(b.Fields, p.targetField(form, name, v))
	}
	b.Strict = filled.Get("strict") != ""
	for _, m := range v.Indicator.Calendar.Ends() {
		name := "m" + strconv.Itoa(m)
		one := form.field(name, "targetpage.month")
		one.Label, one.Mode = p.W("targetpage.month", "period", p.column(luoshi.ToDate(v.First, m))), "decimal"
		b.MonthsOpen = b.MonthsOpen || one.Err != ""
		b.Months = append(b.Months, one)
	}
	b.Reason = form.field("reason", "register.reason")
	b.Reason.Whole, b.Reason.Must = true, !b.First
	b.Other = form.rest()
	var units, codes []choice
	for _, u := range v.Units {
		units = append(units, choice{Text: p.Name(u.Name), Href: u.Code})
	}
	for _, in := range v.Others {
		codes = append(codes, choice{Text: p.Name(in.Name), Href: in.Code})
	}
	b.Lists = []datalist{{"units", units}, {"codes", codes}}
	names := append(slices.Clone(targetFields), "strict", "code", "last")
	for m := range 12 {
		names = append(names, "m"+strconv.Itoa(m+1))
	}
	b.Hidden = append(hidden(values, names), choice{Href: "unit", Text: v.Here.Code}, choice{Href: "year", Text: strconv.Itoa(v.First)})
}

func (p *page) targetField(form *form, name string, v *service.TargetTrial) *formField {
	one := form.field(name, "field.target."+name)
	switch name {
	case "form":
		one.Whole = true
		for _, f := range luoshi.Forms {
			one.Options = append(one.Options, choice{Text: p.W("targetpage.form." + string(f)), Href: string(f), On: string(f) == one.Value})
		}
	case "value", "low", "high", "reserve":
		one.Mode = "decimal"
		if symbol := p.Name(v.Indicator.Measure.Symbol); one.Hint == "" {
			one.Hint = p.W("targetpage.measure", "measure", symbol)
		}
	case "date", "from":
		one.Type, one.Must = "date", name == "from"
	case "reference_unit", "owner":
		one.List = "units"
	case "reference_indicator":
		one.List = "codes"
	case "scheme":
		one.Options = append(one.Options, choice{Text: p.W("targetpage.scheme.default"), On: one.Value == ""})
		for _, sc := range v.Schemes {
			one.Options = append(one.Options, choice{Text: p.Name(sc.Name), Href: sc.Code, On: sc.Code == one.Value})
		}
	case "source":
		one.Whole = true
	}
	return one
}
