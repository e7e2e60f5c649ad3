package web

import (
	"net/http"
	"net/url"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/service"
)

// forceBody is what would change, and the reason that is asked for.
type forceBody struct {
	*service.CascadeSheet
	Says         string
	Rows         []forceRow
	Fields       []field
	Reason, From string
	Bad          string // what is wrong with the form
	Back         string
	Blocked      bool
	Effects      []*effectView // on the lights as of now
}

type forceRow struct {
	Unit, Revision, Before, After, By, Curve string
}

// cascadeForce shows what putting the try-out in force would change.
func (s *Site) cascadeForce(w http.ResponseWriter, r *http.Request) error {
	p, d, err := s.drafted(r, r.URL.Query(), "plan-force")
	if err != nil {
		return err
	}
	return s.askForce(w, r, p, d, http.StatusOK, "")
}

func (s *Site) askForce(w http.ResponseWriter, r *http.Request, p *page, d *draft, status int, bad string) error {
	v, err := s.board.TryEnforce(r.Context(), d.query)
	if err != nil {
		return err
	}
	if v.Why.Key != "" {
		return &luoshi.Error{Code: luoshi.Invalid, Message: v.Why}
	}
	p.frame(&v.Frame)
	p.Title = p.W("cascadepage.force")
	b := &forceBody{CascadeSheet: v.CascadeSheet, Back: p.Here(), Reason: d.query.Reason, Bad: bad, From: isoDay(v.From)}
	b.Blocked = len(d.bad) > 0
	for _, o := range v.Problems {
		b.Blocked = b.Blocked || o.Severity == luoshi.Blocking
	}
	for _, c := range v.Changes {
		row := forceRow{Unit: p.Name(c.Unit.Name), Revision: p.W("cascadepage.revision", "number", c.Next), Before: p.figure(c.Before), After: locale.Number(c.After, ""), By: p.signed(c.By)}
		if c.Curve {
			row.Curve = p.W("cascadepage.curve")
		}
		b.Rows = append(b.Rows, row)
	}
	b.Says = p.W("cascadepage.force.say", "count", len(v.Changes), "indicator", v.Name, "measure", v.Measure)
	b.Fields = p.fields(d.values, "seen", seenText(v.Seen))
	if v.Effect != nil && !v.Effect.Blocked {
		b.Effects = []*effectView{p.effect(v.Effect)}
	}
	p.Body = b
	return s.show(w, r, status, p)
}

// fields are where the page stands and its try-out, for a form that is posted.
func (p *page) fields(tried url.Values, more ...string) []field {
	var list []field
	for _, some := range []url.Values{p.query, p.own, tried} {
		for _, name := range sorted(some) {
			list = append(list, field{name, some.Get(name)})
		}
	}
	for i := 0; i+1 < len(more); i += 2 {
		list = append(list, field{more[i], more[i+1]})
	}
	return list
}

// cascadePut puts a try-out in force.
func (s *Site) cascadePut(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("cascadepage.unreadable"), Err: err}
	}
	p, d, err := s.drafted(r, r.PostForm, "plan-force")
	if err != nil {
		return err
	}
	q := &d.query
	q.Reason, q.Seen = strings.TrimSpace(r.PostForm.Get("reason")), seenNumber(r.PostForm.Get("seen"))
	if q.From, err = dayOf(r.PostForm.Get("from")); err != nil {
		return err
	}
	if len(d.bad) > 0 || !q.Trying() {
		return s.askForce(w, r, p, d, http.StatusBadRequest, "")
	}
	if q.Reason == "" {
		return s.askForce(w, r, p, d, http.StatusBadRequest, p.W("cascadepage.reason.missing"))
	}
	done, err := s.board.Enforce(r.Context(), *q, s.opt.By)
	if err != nil {
		return err
	}
	if len(done.Changes) == 0 {
		return s.askForce(w, r, p, d, http.StatusBadRequest, "")
	}
	code := done.Sheet.Code
	says := luoshi.Say("cascadepage.done", "count", len(done.Changes), "indicator", done.Sheet.Name, "from", done.From)
	return s.done(w, r, p, p.To("/cascade", "code", code, "asof", "now"), says, p.undoing(code, done.Before))
}

// undoing is the way back to a version.
func (p *page) undoing(code, version string) *notice {
	if version == "" {
		return nil
	}
	return &notice{Undo: "/cascade/restore", Word: p.W("cascadepage.undo"), With: map[string]string{
		"code": code, "unit": p.query.Get("unit"), "year": p.query.Get("year"), "version": version, "reason": p.W("cascadepage.undo.reason"),
	}}
}

// cascadeRestore puts an earlier version of the plan back in force, as a new one.
func (s *Site) cascadeRestore(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("cascadepage.unreadable"), Err: err}
	}
	p, d, err := s.drafted(r, r.PostForm, "plan-force")
	if err != nil {
		return err
	}
	d.query.Reason = strings.TrimSpace(r.PostForm.Get("reason"))
	done, err := s.board.RestorePlan(r.Context(), d.query, r.PostForm.Get("version"), s.opt.By)
	if err != nil {
		return err
	}
	says := luoshi.Say("cascadepage.restored", "count", done.Count, "from", done.From)
	if done.Left > 0 {
		says = luoshi.Say("cascadepage.restored.left", "count", done.Count, "from", done.From, "left", done.Left)
	}
	return s.done(w, r, p, p.To("/cascade", "code", d.query.Indicator, "asof", "now"), says, p.undoing(d.query.Indicator, done.Before))
}

// cascadeUpload reads a changed workbook as a try-out: nothing is saved.
func (s *Site) cascadeUpload(w http.ResponseWriter, r *http.Request) error {
	file, head, err := r.FormFile("file")
	if err != nil {
		return &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("cascadepage.file_none"), Err: err}
	}
	defer file.Close() //nolint:errcheck // it was only read
	p, d, err := s.drafted(r, r.PostForm, "cascade")
	if err != nil {
		return err
	}
	read, err := s.board.ReadPlan(r.Context(), d.query, file, head.Size, head.Filename)
	if err != nil {
		return err
	}
	d = fromFile(read)
	p.local = d.values
	v, err := s.board.CascadeSheet(r.Context(), d.query)
	if err != nil {
		return err
	}
	p.fillCascade(v, d)
	if b, ok := p.Body.(*cascadeBody); ok {
		b.File = read
		for _, problem := range read.Problems {
			b.Problems = append(b.Problems, p.site.words.Problem(p.Lang, problem))
		}
	}
	return s.show(w, r, http.StatusOK, p)
}

// fromFile is a try-out as the address writes it.
func fromFile(f *service.PlanFile) *draft {
	d := &draft{tried: tried{values: url.Values{}}, query: f.Query}
	q := &f.Query
	set := func(name, value string) {
		if value != "" {
			d.values.Set(name, value)
		}
	}
	set("units", q.Units)
	set("split", strings.Join(q.Split, "_"))
	if q.Total.Valid {
		set("total", q.Total.Decimal.String())
	}
	if q.Reserve.Valid {
		set("reserve", q.Reserve.Decimal.String())
	}
	for code, v := range q.Locks {
		set("t."+code, v.String())
	}
	for code, v := range q.Reserves {
		set("r."+code, v.String())
	}
	set("m", cellsText(q.Months))
	for code, cells := range q.Cells {
		set("c."+code, cellsText(cells))
	}
	return d
}

// revisionsBody is two versions side by side.
type revisionsBody struct {
	*service.PlanCompare
	Says          string
	PickA, PickB  []option
	Cols          []planCol
	Lines         []compareLine
	A, B          versionRow
	Versions      []versionRow
	Back          string
	Fields        []field // of the form that chooses
	Posted        []field // of the form that puts a version back
	Same, MayBack bool
	Names         string
}

type compareLine struct {
	Name, Class      string
	Came             string // the events of its target
	A, B, By, Share  string
	RevA, RevB       string
	Months           []compareCell
	Differs, Missing bool
}

type compareCell struct {
	Head, A, B string
	Differs    bool
}

type versionRow struct {
	ID, Title, When, By, Reason, Units, Href string
	InForce                                  bool
}

func (s *Site) revisions(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "plan-revisions")
	asked := r.URL.Query()
	p.path, p.section, p.stays, p.scripts = "/cascade/revisions", "cascade", true, []string{"cascade.js"}
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	p.own, p.local = url.Values{}, url.Values{}
	for name, some := range map[string]url.Values{"code": p.own, "a": p.local, "b": p.local} {
		if v := asked.Get(name); v != "" && len(v) <= 64 {
			some.Set(name, v)
		}
	}
	v, err := s.board.ComparePlans(r.Context(), service.CompareQuery{Look: look, Indicator: asked.Get("code"), A: asked.Get("a"), B: asked.Get("b")})
	if err != nil {
		return err
	}
	return s.kept(w, r, p, v, func() error {
		p.fillRevisions(v)
		return nil
	})
}

func (p *page) fillRevisions(v *service.PlanCompare) {
	p.frame(&v.Frame)
	p.Title = p.W("cascadepage.revisions") + " · " + p.Name(v.Name)
	b := &revisionsBody{PlanCompare: v, Versions: p.versions(v.Versions), Back: p.To("/cascade", "code", v.Code), Same: v.Differ == 0, Names: p.Name(v.Name)}
	p.Body = b
	for _, name := range sorted(p.query) {
		b.Fields = append(b.Fields, field{name, p.query.Get(name)})
	}
	b.Fields = append(b.Fields, field{"code", v.Code})
	b.Posted = []field{{"code", v.Code}, {"unit", v.Unit.Code}, {"version", v.A.ID}}
	if year := p.query.Get("year"); year != "" {
		b.Posted = append(b.Posted, field{"year", year})
	}
	if len(v.Versions) == 0 {
		return
	}
	b.A, b.B = p.version(v.A), p.version(v.B)
	b.MayBack = v.Differ > 0 && v.A.ID != v.B.ID
	for _, one := range v.Versions {
		row := p.version(one)
		text := row.Title + " · " + row.Units
		b.PickA = append(b.PickA, option{one.ID, text, one.ID == v.A.ID})
		b.PickB = append(b.PickB, option{one.ID, text, one.ID == v.B.ID})
	}
	b.Says = p.W("cascadepage.compare.say", "count", v.Differ, "a", v.A.From, "b", v.B.From)
	if v.Differ == 0 {
		b.Says = p.W("cascadepage.compare.same")
	}
	for _, c := range v.Columns {
		b.Cols = append(b.Cols, planCol{Head: p.site.words.Span(p.Lang, c)})
	}
	for i := range v.Rows {
		b.Lines = append(b.Lines, p.compareLine(b, &v.Rows[i]))
	}
}

func (p *page) compareLine(b *revisionsBody, row *service.CompareRow) compareLine {
	l := compareLine{Name: p.Name(row.Unit.Short), Class: "d" + string(rune('0'+min(row.Depth, 3))), A: p.figure(row.A), B: p.figure(row.B), By: p.signed(row.By), Share: p.share(row.Share), Differs: row.Differs,
		Came: p.CameTarget(row.Unit.Code, b.Code)}
	if row.Depth == 0 {
		l.Class += " tot"
	}
	if row.RevA > 0 {
		l.RevA = p.W("cascadepage.revision", "number", row.RevA)
	}
	if row.RevB > 0 {
		l.RevB = p.W("cascadepage.revision", "number", row.RevB)
	}
	for j := range row.MonthsB {
		c := compareCell{Head: b.Cols[j].Head, A: p.figure(row.MonthsA[j]), B: p.figure(row.MonthsB[j])}
		c.Differs = c.A != c.B
		l.Months = append(l.Months, c)
	}
	return l
}

func (p *page) versions(list []service.PlanVersion) []versionRow {
	var rows []versionRow
	for i, v := range list {
		row := p.version(v)
		if i+1 < len(list) {
			row.Href = p.To("/cascade/revisions", "code", p.own.Get("code"), "a", list[i+1].ID, "b", v.ID)
		}
		rows = append(rows, row)
	}
	return rows
}

func (p *page) version(v service.PlanVersion) versionRow {
	row := versionRow{ID: v.ID, Title: p.W("cascadepage.version", "from", v.From), When: p.Show(v.RecordedAt, ""), By: p.PersonName(v.By), Reason: v.Reason, InForce: v.InForce}
	row.Units = p.W("cascadepage.version.units", "count", v.Units)
	if v.Units == 1 {
		row.Units = p.Name(v.Only)
	}
	if row.Reason == "" {
		row.Reason = p.W("cascadepage.version.first")
	}
	return row
}
