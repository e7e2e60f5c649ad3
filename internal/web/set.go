package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// setBook answers for the indicator sets.
type setBook interface {
	Sets(ctx context.Context, look service.Look) (*service.SetList, error)
	Set(ctx context.Context, look service.Look, code string) (*service.SetPage, error)
}

type setsBody struct {
	Sets []setLine
	New  string
}

// setLine is one set with its indicators.
type setLine struct {
	Code, Name, Href, Matrix string
	Count                    int
	Items                    []setItemLine
	Names                    string
	Lamps                    []lamp
}

type setItemLine struct {
	Name, Group, Weight, Share, Href string
	Bar                              string // share of the weights, as a width
	Light                            *light
}

func (s *Site) sets(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "sets")
	p.section, p.stays = "register", true
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	v, err := s.board.Sets(r.Context(), look)
	if err != nil {
		return err
	}
	return s.kept(w, r, p, v, func() error {
		p.frame(&v.Frame)
		p.Title = p.W("sets.title")
		body := &setsBody{New: p.To("/register/set/edit")}
		for _, row := range v.Sets {
			body.Sets = append(body.Sets, p.setLine(row))
		}
		p.Body = body
		return nil
	})
}

func (p *page) setLine(row service.SetRow) setLine {
	line := setLine{Code: row.Set.Code, Name: p.Name(row.Set.Names), Href: p.To("/register/set", "code", row.Set.Code), Count: len(row.Items), Lamps: p.lamps(row.Lights)}
	if p.Has("/indicators") {
		line.Matrix = p.To("/indicators", "set", row.Set.Code)
	}
	var names []luoshi.Names
	for _, item := range row.Items {
		one := setItemLine{Name: p.Name(item.Name), Group: item.Group, Weight: p.Show(item.Weight, "")}
		if item.Share.OK() {
			one.Share, one.Bar = p.Show(item.Share, "percent1"), percent(within(float(item.Share)))
		}
		if item.Judgement != nil {
			l := p.light(item.Judgement.Light)
			one.Light, one.Href = &l, p.proofOf("", item.Indicator)
		}
		line.Items = append(line.Items, one)
		names = append(names, item.Name)
	}
	line.Names = p.Show(names, "")
	return line
}

type setBody struct {
	setLine
	Edit      string
	Revisions []revisionView
}

func (s *Site) set(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "set")
	p.section, p.stays = "register", true
	code := r.URL.Query().Get("code")
	p.keep(r.URL.Query(), "code")
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	v, err := s.board.Set(r.Context(), look, code)
	if err != nil {
		return err
	}
	return s.kept(w, r, p, v, func() error {
		p.frame(&v.Frame)
		body := &setBody{setLine: p.setLine(v.SetRow), Edit: p.To("/register/set/edit", "code", code)}
		p.Title = body.Name
		for i, rev := range v.Revisions {
			says := luoshi.Say("set.says", "n", len(rev.Set.Items))
			body.Revisions = append(body.Revisions, p.revision(rev.Revised, "set", says, i == 0, p.To("/register/set/edit", "code", code, "version", strconv.Itoa(rev.Number), "try", "1")))
		}
		p.Body = body
		return nil
	})
}

// setFields are the fields of the form about a set itself; setItems those of each
// indicator in it.
var (
	setFields = []string{"code", "name", "name_hant", "name_en", "reason", "seen", "fixed"}
	setItems  = []string{"indicator", "weight", "order"}
)

func setValues(set luoshi.IndicatorSet) url.Values {
	v := url.Values{"code": {set.Code}, "name": {set.Names.Hans}, "name_hant": {set.Names.Hant}, "name_en": {set.Names.En}}
	for i, item := range set.Items {
		v.Set(itemField(i, "indicator"), item.Indicator)
		v.Set(itemField(i, "weight"), item.Weight.String())
		v.Set(itemField(i, "order"), strconv.Itoa(i+1))
	}
	return v
}

// readSet reads the form. The rows stand in the order of their numbers; rows tells
// which row each item came from.
func readSet(v url.Values) (set luoshi.IndicatorSet, rows []int, faults []service.Fault) {
	text := func(name string) string { return strings.TrimSpace(v.Get(name)) }
	set = luoshi.IndicatorSet{Code: text("code"), Names: luoshi.Names{Hans: text("name"), Hant: text("name_hant"), En: text("name_en")}}
	type entry struct{ row, order int }
	var entries []entry
	for i := range rowsOf(v) {
		if text(itemField(i, "indicator")) == "" {
			continue
		}
		order, err := strconv.Atoi(luoshi.Fold(text(itemField(i, "order"))))
		if err != nil {
			order = mostItems + i // without a number it comes last
		}
		entries = append(entries, entry{i, order})
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(a.order, b.order) })
	for _, e := range entries {
		rows = append(rows, e.row)
		set.Items = append(set.Items, luoshi.SetItem{Indicator: text(itemField(e.row, "indicator")), Weight: readWeight(v, "weight", e.row, &faults)})
	}
	return set, rows, faults
}

// setForm is the page on which a set is written, looked at and put in force.
type setForm struct {
	editForm
	Code  *formField
	Names []*formField
	Rows  []itemRow
}

func (s *Site) setEdit(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "set-edit")
	p.section = "register"
	values, err := s.setStart(r, p)
	if err != nil {
		return err
	}
	return s.setShow(w, r, p, http.StatusOK, values, nil)
}

func (s *Site) setStart(r *http.Request, p *page) (url.Values, error) {
	asked := r.URL.Query()
	code := asked.Get("code")
	if asked.Has("name") {
		return asked, nil
	}
	if code == "" {
		return url.Values{"seen": {s.stamp()}}, nil
	}
	v, err := s.board.Set(r.Context(), service.Look{Unit: p.query.Get("unit")}, code)
	if err != nil {
		return nil, err
	}
	set := v.Set
	if n, err := strconv.Atoi(asked.Get("version")); err == nil {
		if i := slices.IndexFunc(v.Revisions, func(rev service.SetRevision) bool { return rev.Number == n }); i >= 0 {
			set = v.Revisions[i].Set
		}
	}
	values := setValues(set)
	values.Set("fixed", "1")
	values.Set("seen", s.stamp())
	values.Set("try", asked.Get("try"))
	return values, nil
}

func (s *Site) setShow(w http.ResponseWriter, r *http.Request, p *page, status int, values url.Values, faults []service.Fault) error {
	p.keepForm("/register/set/edit", values)
	set, rows, unread := readSet(values)
	f := &setForm{editForm: editForm{Head: p.W("set.new"), Action: p.To("/register/set/edit"), Save: p.To("/register/set"), Back: p.To("/register/sets"), Fixed: values.Get("fixed") != ""}}
	if f.Fixed {
		f.Head, f.Back = p.W("register.edit", "name", set.Names), p.To("/register/set", "code", set.Code)
	}
	faults = append(inRows(faults, rows), unread...)
	found, err := s.tryForm(r, p, &f.editForm, values, service.Change{Sets: []luoshi.IndicatorSet{set}, Seen: readSeen(values)}, len(unread) == 0)
	if err != nil {
		return err
	}
	faults = append(faults, inRows(found, rows)...)
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	look.AsOf = s.opt.Now()
	from, err := s.board.Choices(r.Context(), look)
	if err != nil {
		return err
	}
	if err := s.frameHere(r, p); err != nil {
		return err
	}
	p.Title = f.Head
	form := newForm(p, values, faults)
	f.Code = form.field("code", "field.set.code")
	for _, name := range []string{"name", "name_hant", "name_en"} {
		f.Names = append(f.Names, form.field(name, "field.set."+name))
	}
	f.Code.Must, f.Names[0].Must = true, true
	n := rowsOf(values)
	for i := range min(n+spare(values, n), mostItems) {
		row := itemRow{N: i + 1, Indicator: form.field(itemField(i, "indicator"), "field.set.indicator"), Weight: form.field(itemField(i, "weight"), "field.set.weight"), Order: form.field(itemField(i, "order"), "field.set.order")}
		row.Indicator.Options = options(p, row.Indicator.Value, p.W("goal.item.none"), from.Indicators)
		f.Rows = append(f.Rows, row)
	}
	f.Reason = form.field("reason", "register.reason")
	f.Reason.Must, f.Reason.Whole = f.NeedsReason, true
	f.Other = form.rest()
	f.Hidden = hidden(values, append(slices.Clone(setFields), itemNames(values, setItems)...))
	p.Body = f
	return s.show(w, r, status, p)
}

func (s *Site) setPut(w http.ResponseWriter, r *http.Request) error {
	return putVersioned(s, w, r, versioned[luoshi.IndicatorSet]{
		view: "set-edit", path: "/register/set", show: s.setShow,
		read: func(v url.Values) (luoshi.IndicatorSet, []service.Fault) {
			set, _, faults := readSet(v)
			return set, faults
		},
		called: func(set luoshi.IndicatorSet) (string, luoshi.Names) { return set.Code, set.Names },
		change: func(set luoshi.IndicatorSet) service.Change { return service.Change{Sets: []luoshi.IndicatorSet{set}} },
		versions: func(ctx context.Context, code string) (list []version[luoshi.IndicatorSet], err error) {
			now, err := s.board.Set(ctx, service.Look{}, code)
			if err != nil {
				return nil, err
			}
			for _, rev := range now.Revisions {
				rev.Set.RecordedAt = 0
				list = append(list, version[luoshi.IndicatorSet]{rev.Number, rev.Set})
			}
			return list, nil
		},
	})
}
