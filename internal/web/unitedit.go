package web

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// splitParts is how many parts a split can be filled into at once.
const splitParts = 6

// unitForm is the page on which a change of a unit is filled in, tried and put in
// force.
type unitForm struct {
	Head, Lead, Back string
	Kind, Code       string
	Fields           []*formField
	Parts            []unitPartRow
	Other            []string
	Tried, Blocked   bool
	Says             []template.HTML
	Tree             []treeRow
	Same             string
	Effects          []*effectView
	Hidden           []choice
	Units            []choice // to choose from
	Acts             []choice // what else can be done
	Put              string
}

// unitPartRow is one part of a split.
type unitPartRow struct{ Code, Name, Share *formField }

// treeRow is one unit before and after.
type treeRow struct {
	Before, BeforeCode, Under string
	After, AfterCode, Above   string
	Mark                      string
	Class                     string
}

// unitFields are the fields of the form by what is done.
var unitFields = map[string][]string{
	service.EventRename:  {"on", "name", "name_hant", "name_en", "short", "short_hant", "short_en"},
	service.EventRecode:  {"on", "new", "name", "name_hant", "name_en", "short", "short_hant", "short_en"},
	service.EventMove:    {"on", "parent"},
	service.EventReorder: {"on", "order"},
	service.EventKind:    {"on", "rung"},
	service.EventMerge:   {"on", "new", "name", "name_hant", "name_en", "with"},
	service.EventSplit:   {"on"},
	service.EventEnd:     {"on"},
	service.EventBegin:   {"on", "new", "name", "name_hant", "name_en", "short", "short_hant", "short_en", "rung", "order"},
	service.EventCorrect: {"name", "name_hant", "name_en", "short", "short_hant", "short_en", "rung", "parent", "order"},
}

func (s *Site) unitEdit(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "unit-edit")
	p.section = "register"
	p.query.Set("asof", "now")
	values := r.URL.Query()
	e, faults, err := readUnitEdit(values)
	if err != nil {
		return err
	}
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	v, err := s.board.TryUnit(r.Context(), look, e, values.Get("try") != "" && len(faults) == 0)
	if err != nil {
		return err
	}
	return s.unitShow(w, r, p, http.StatusOK, v, values, faults)
}

func (s *Site) unitPut(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "unit-edit")
	p.section = "register"
	p.query.Set("asof", "now")
	values, err := posted(r)
	if err != nil {
		return err
	}
	e, faults, err := readUnitEdit(values)
	if err != nil {
		return err
	}
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		v, err := s.board.TryUnit(r.Context(), look, e, false)
		if err != nil {
			return err
		}
		return s.unitShow(w, r, p, http.StatusUnprocessableEntity, v, values, faults)
	}
	v, saved, err := s.board.PutUnit(r.Context(), look, e, s.opt.By)
	if err != nil {
		return err
	}
	if saved == nil {
		return s.unitShow(w, r, p, http.StatusUnprocessableEntity, v, values, nil)
	}
	code := e.Code
	switch e.Kind {
	case service.EventRecode, service.EventMerge, service.EventBegin:
		code = e.New
	}
	to := p.To("/unit", "code", code, "asof", "now", "boundaries", e.On.String())
	return s.done(w, r, p, to, luoshi.Say("unitpage.done", "says", v.Says, "day", e.On), p.undoes(saved.Batch, to))
}

// undoes is the way back from a change.
func (p *page) undoes(batch int64, back string) *notice {
	return &notice{Undo: p.To("/register/undo"), Word: p.W("register.undo"), With: map[string]string{"batch": strconv.FormatInt(batch, 10), "back": back}}
}

// undoChange takes a change back.
func (s *Site) undoChange(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "")
	values, err := posted(r)
	if err != nil {
		return err
	}
	batch, err := strconv.ParseInt(values.Get("batch"), 10, 64)
	if err != nil {
		return &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("register.form"), Err: err}
	}
	saved, err := s.board.UndoChange(r.Context(), batch, s.opt.By, p.W("unitpage.undone.reason"))
	if err != nil {
		return err
	}
	back := values.Get("back")
	if !strings.HasPrefix(back, "/") || strings.HasPrefix(back, "//") || strings.ContainsAny(back, "\\\r\n") {
		back = p.To("/units", "asof", "now")
	}
	return s.done(w, r, p, back, luoshi.Say("unitpage.undone"), &notice{Undo: p.To("/register/undo"), Word: p.W("unitpage.redo"),
		With: map[string]string{"batch": strconv.FormatInt(saved.Batch, 10), "back": back}})
}

// readUnitEdit reads the form; what cannot be read is told at its field.
func readUnitEdit(v url.Values) (service.UnitEdit, []service.Fault, error) {
	text := func(name string) string { return strings.TrimSpace(v.Get(name)) }
	e := service.UnitEdit{Kind: text("kind"), Code: text("code"), New: text("new"), Parent: text("parent"), Rung: luoshi.UnitKind(text("rung")), Source: text("source"),
		Names: namesOf(v, "name"), Short: namesOf(v, "short"), Seen: readSeen(v)}
	if !slices.Contains(service.UnitEdits, e.Kind) {
		return e, nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("page.not_found")}
	}
	var faults []service.Fault
	fault := func(name string, m luoshi.Message) {
		faults = append(faults, service.Fault{Item: -1, Field: name, Severity: luoshi.Blocking, Message: m})
	}
	if on := text("on"); on != "" {
		var err error
		if e.On, err = luoshi.ParseDate(on); err != nil {
			fault("on", messageOf(err))
		}
	}
	if order := text("order"); order != "" {
		n, err := strconv.Atoi(luoshi.Fold(order))
		if err != nil || n < 0 || n > 1_000_000 {
			fault("order", luoshi.Say("unitedit.order"))
		}
		e.Order = n
	}
	e.With = strings.FieldsFunc(text("with"), func(r rune) bool { return strings.ContainsRune(" ,，、;；\t", r) })
	if e.Kind == service.EventSplit {
		for i := range splitParts {
			at := func(field string) string { return text(itemField(i, field)) }
			if at("code") == "" && at("name") == "" && at("share") == "" {
				continue
			}
			part := service.UnitPart{Code: at("code"), Names: luoshi.Names{Hans: at("name")}}
			share, err := readShare(at("share"))
			if err != nil {
				faults = append(faults, service.Fault{Item: i, Field: "share", Severity: luoshi.Blocking, Message: messageOf(err)})
			}
			part.Share = share
			e.Parts = append(e.Parts, part)
		}
	}
	return e, faults, nil
}

// readShare reads 0.25, 25% and 1/4.
func readShare(text string) (luoshi.NullQuantity, error) {
	if text == "" {
		return luoshi.NullQuantity{}, nil
	}
	percent := strings.HasSuffix(luoshi.Fold(text), "%")
	q, err := luoshi.ParseQuantity(strings.TrimSuffix(luoshi.Fold(text), "%"))
	if err != nil {
		return luoshi.NullQuantity{}, err
	}
	if percent {
		q, err = q.Quo(hundred)
	}
	return luoshi.Some(q), err
}

// namesOf reads a name in three languages.
func namesOf(v url.Values, field string) luoshi.Names {
	text := func(name string) string { return strings.TrimSpace(v.Get(name)) }
	return luoshi.Names{Hans: text(field), Hant: text(field + "_hant"), En: text(field + "_en")}
}

func (s *Site) unitShow(w http.ResponseWriter, r *http.Request, p *page, status int, v *service.UnitTrial, values url.Values, faults []service.Fault) error {
	p.frame(&v.Frame)
	kind := v.Edit.Kind
	f := &unitForm{Kind: kind, Code: v.Edit.Code, Head: p.W("unitpage.do."+kind+".head", "unit", v.Here.Name), Lead: p.W("unitpage.do." + kind + ".say"),
		Back: p.To("/unit", "code", v.Edit.Code), Tried: v.Tried, Blocked: v.Blocked || len(faults) > 0}
	p.Title = f.Head
	p.unitFormFields(f, v, values, faults)
	for _, m := range v.Says {
		f.Says = append(f.Says, p.Rich(m))
	}
	if f.Tried && !f.Blocked {
		for _, line := range v.Tree {
			f.Tree = append(f.Tree, p.treeRow(line))
		}
		if v.Same > 0 {
			f.Same = p.W("unitpage.tree.same", "n", v.Same)
		}
		for _, e := range v.Effects {
			one := p.effect(e)
			one.Of, one.Units = p.W("unitpage.effect", "day", e.Boundaries, "year", strconv.Itoa(e.Year)), nil
			f.Effects = append(f.Effects, one)
		}
		f.Put = p.W("unitpage.put", "day", v.Edit.On)
	}
	p.Body = f
	return s.show(w, r, status, p)
}

// unitFormFields lays the form out: what was entered, else what holds.
func (p *page) unitFormFields(f *unitForm, v *service.UnitTrial, values url.Values, faults []service.Fault) {
	for _, u := range v.Faults {
		one := service.Fault{Item: -1, Field: u.Field, Severity: u.Severity, Message: u.Message}
		if f.Kind == service.EventSplit && (u.Field == "share" || u.Field == "part_new" || u.Field == "part_name") {
			one.Item, one.Field = u.Part, strings.Replace(strings.TrimPrefix(u.Field, "part_"), "new", "code", 1)
		}
		faults = append(faults, one)
	}
	filled := url.Values{}
	for name, list := range values {
		filled[name] = list
	}
	if !values.Has("source") && f.Kind != service.EventBegin { // opened for the first time
		for name, value := range factValues(v.Fact) {
			if !filled.Has(name) {
				filled.Set(name, value)
			}
		}
	}
	if f.Kind == service.EventMerge || f.Kind == service.EventRecode {
		if !values.Has("source") {
			for _, name := range []string{"name", "name_hant", "name_en", "short", "short_hant", "short_en"} {
				filled.Del(name)
			}
		}
	}
	form := newForm(p, filled, faults)
	for _, name := range unitFields[f.Kind] {
		f.Fields = append(f.Fields, p.unitField(form, f, name, v))
	}
	if f.Kind == service.EventSplit {
		for i := range splitParts {
			row := unitPartRow{Code: form.field(itemField(i, "code"), "unitpage.field.part_code"), Name: form.field(itemField(i, "name"), "unitpage.field.part_name"), Share: form.field(itemField(i, "share"), "unitpage.field.share")}
			row.Code.List, row.Share.Mode = "units", "decimal"
			f.Parts = append(f.Parts, row)
		}
	}
	source := form.field("source", "unitpage.field.source")
	source.Must, source.Whole = true, true
	f.Fields = append(f.Fields, source)
	f.Other = form.rest()
	for _, u := range v.Units {
		f.Units = append(f.Units, choice{Text: p.Name(u.Name), Href: u.Code})
	}
	names := append(slices.Clone(unitFields[f.Kind]), "kind", "code", "source")
	if f.Kind == service.EventCorrect {
		names = append(names, "on")
	}
	for i := range splitParts {
		names = append(names, itemField(i, "code"), itemField(i, "name"), itemField(i, "share"))
	}
	f.Hidden = append(hidden(values, names), choice{Href: "seen", Text: strconv.FormatInt(v.At.UnixMicro(), 10)})
}

func (p *page) unitField(form *form, f *unitForm, name string, v *service.UnitTrial) *formField {
	one := form.field(name, "unitpage.field."+name)
	switch name {
	case "on":
		one.Must, one.Type = true, "date"
	case "name":
		one.Must = f.Kind == service.EventRename || f.Kind == service.EventBegin || f.Kind == service.EventCorrect
		if f.Kind == service.EventRecode || f.Kind == service.EventMerge {
			one.Hint = p.W("unitpage.field.name.may." + f.Kind)
		}
	case "new":
		one.Must = true
		if f.Kind == service.EventMerge {
			one.Label, one.List = p.W("unitpage.field.into"), "units"
			one.Hint = p.W("unitpage.field.into.hint")
		}
	case "parent":
		one.Must, one.List = f.Kind == service.EventMove, "units"
	case "with":
		one.List = ""
	case "order":
		one.Must, one.Mode = f.Kind == service.EventReorder, "numeric"
	case "rung":
		one.Must = true
		for _, kind := range luoshi.UnitKinds {
			if f.Kind == service.EventBegin && one.Value == "" && kind == below(v.Fact.Unit.Kind) {
				one.Value = string(kind)
			}
		}
		for _, kind := range luoshi.UnitKinds {
			one.Options = append(one.Options, choice{Text: p.Show(kind, ""), Href: string(kind), On: string(kind) == one.Value})
		}
	}
	return one
}

// below is the rung that usually follows.
func below(kind luoshi.UnitKind) luoshi.UnitKind {
	i := slices.Index(luoshi.UnitKinds, kind)
	if i < 0 || i >= slices.Index(luoshi.UnitKinds, luoshi.Town) {
		return luoshi.Town
	}
	return luoshi.UnitKinds[i+1]
}

// factValues fills the form from what holds.
func factValues(f service.UnitFact) map[string]string {
	m := map[string]string{"name": f.Unit.Name.Hans, "name_hant": f.Unit.Name.Hant, "name_en": f.Unit.Name.En, "rung": string(f.Unit.Kind)}
	if f.Unit.Short != f.Unit.Name {
		m["short"], m["short_hant"], m["short_en"] = f.Unit.Short.Hans, f.Unit.Short.Hant, f.Unit.Short.En
	}
	if f.Parent != nil {
		m["parent"] = f.Parent.Code
	}
	if f.Order > 0 {
		m["order"] = strconv.Itoa(f.Order)
	}
	return m
}

func (p *page) treeRow(line service.TreeLine) treeRow {
	var row treeRow
	if u := line.Before; u != nil {
		row.Before, row.BeforeCode = p.Name(u.Name), u.Code
	}
	if u := line.After; u != nil {
		row.After, row.AfterCode = p.Name(u.Name), u.Code
	}
	row.Under, row.Above = p.Name(line.Under), p.Name(line.Above)
	switch {
	case line.Before == nil:
		row.Mark, row.Class = p.W("unitpage.mark.new"), "new"
	case line.After == nil:
		row.Mark, row.Class = p.W("unitpage.mark.gone"), "gone"
	case line.Moved:
		row.Mark, row.Class = p.W("unitpage.mark.moved"), "chg"
	case *line.Before != *line.After:
		row.Mark, row.Class = p.W("unitpage.mark.changed"), "chg"
	case line.Order[0] != line.Order[1]:
		row.Mark, row.Class = p.W("unitpage.mark.order", "old", line.Order[0], "new", line.Order[1]), "chg"
	}
	return row
}
