package web

import (
	"context"
	"encoding/json"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/gate"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/service"
)

// cascades answers for the year's plan and its revisions.
type cascades interface {
	CascadeSheet(ctx context.Context, q service.CascadeQuery) (*service.CascadeSheet, error)
	TryEnforce(ctx context.Context, q service.CascadeQuery) (*service.EnforceTrial, error)
	Enforce(ctx context.Context, q service.CascadeQuery, by string) (*service.Enforced, error)
	ComparePlans(ctx context.Context, q service.CompareQuery) (*service.PlanCompare, error)
	RestorePlan(ctx context.Context, q service.CascadeQuery, version, by string) (*service.Restored, error)
	Workbook(w io.Writer, v *service.CascadeSheet, q service.CascadeQuery, lang string) error
	ReadPlan(ctx context.Context, q service.CascadeQuery, src io.ReaderAt, size int64, name string) (*service.PlanFile, error)
}

// cascadeBody is the plan as the template lays it out.
type cascadeBody struct {
	*service.CascadeSheet
	Head     string
	Lead     []template.HTML
	Picks    []option
	Ways     [2][]option // over units, over the year
	Years    []option
	Follows  []option
	Cols     []planCol
	Lines    []*planLine
	Foot     []*planLine
	Notes    []planNote
	Bounds   []boundRow
	Fields   []field // of the try-out, that no control of the form shows
	Draft    *draft
	Faults   map[string]*fault // of the controls, by name
	Months   bool              // the year is spread over months
	Blocked  bool
	Counted  string // what would change
	Why, Fix string
	WayOut   choice
	Versions []versionRow
	Force    string // addresses with the try-out
	Book     string
	File     *service.PlanFile
	Problems []string // of an fromFile file
}

// option is one entry of a select.
type option struct {
	Value, Text string
	On          bool
}

// field is a hidden value of a form.
type field struct{ Name, Value string }

// boundRow is what can be set of one unit beside its numbers.
type boundRow struct {
	Code, Name string
	Depth      int
}

func (s *Site) cascade(w http.ResponseWriter, r *http.Request) error {
	p, d, err := s.drafted(r, r.URL.Query(), "cascade")
	if err != nil {
		return err
	}
	v, err := s.board.CascadeSheet(r.Context(), d.query)
	if err != nil {
		return err
	}
	if d.query.Trying() || len(d.bad) > 0 { // tried once and seldom again
		p.fillCascade(v, d)
		return s.show(w, r, http.StatusOK, p)
	}
	return s.kept(w, r, p, v, func() error {
		p.fillCascade(v, d)
		return nil
	})
}

// drafted is the page of a plan with the try-out that its address holds.
func (s *Site) drafted(r *http.Request, asked url.Values, view string) (*page, *draft, error) {
	p := s.page(r, view)
	p.carry(asked)
	p.path, p.section, p.stays, p.scripts = "/cascade", "cascade", true, []string{"cascade.js"}
	look, err := s.look(p.query)
	if err != nil {
		return nil, nil, err
	}
	d := readDraft(asked, look)
	p.own, p.local = url.Values{}, d.values
	if code := asked.Get("code"); code != "" {
		p.own.Set("code", code)
	}
	return p, d, nil
}

func (p *page) fillCascade(v *service.CascadeSheet, d *draft) {
	p.frame(&v.Frame)
	p.Title = p.W("page.cascade")
	if v.Code != "" {
		p.Title = p.Name(v.Name) + " · " + p.Title
	}
	b := &cascadeBody{CascadeSheet: v, Draft: d, Months: len(v.Columns) > 0}
	p.Body = b
	b.Picks = p.picks(v.Choices, v.Code, v.Name)
	if v.Why.Key != "" {
		p.noSheet(b)
		return
	}
	p.own.Set("code", v.Code)
	b.Blocked = len(d.bad) > 0 || blocked(v.Problems)
	p.forms(b)
	controls := []string{"total", "reserve"}
	for _, row := range b.Bounds {
		controls = append(controls, "lo."+row.Code, "hi."+row.Code, "wt."+row.Code, "t."+row.Code)
	}
	b.Faults = p.faults(d.bad, controls...)
	p.sheet(b)
	b.Notes = p.planNotes(b)
	b.Head = p.cascadeHead(b)
	b.Lead = p.cascadeLead(b)
	b.Force, b.Book = p.at("/cascade/force"), p.at("/cascade/workbook")
	b.Versions = p.versions(v.Versions)
	b.Counted = p.W("cascadepage.changes", "count", len(v.Changes))
}

// picks are the indicators that can be planned at the unit, and the one that is shown.
func (p *page) picks(choices []service.IndicatorChoice, code string, name luoshi.Names) (list []option) {
	shown := false
	for _, c := range choices {
		if c.Here || c.Code == code {
			list = append(list, option{c.Code, p.Name(c.Name), c.Code == code})
			shown = shown || c.Code == code
		}
	}
	if code != "" && !shown { // one that cannot be planned
		list = append([]option{{code, p.Name(name), true}}, list...)
	}
	return list
}

// at is another address of the plan, with the same try-out.
func (p *page) at(path string) string {
	there := *p
	there.path = path
	return there.Here()
}

// noSheet says why there is nothing to split and what to do.
func (p *page) noSheet(b *cascadeBody) {
	b.Why = p.Say(b.CascadeSheet.Why)
	if fix := b.CascadeSheet.Why.Key + ".fix"; p.site.words.Has(fix) {
		b.Fix = p.Say(luoshi.Message{Key: fix, Args: b.CascadeSheet.Why.Args})
	}
	b.Head = p.W("page.cascade")
	switch {
	case b.CascadeSheet.Why.Key == "cascade.no_children" && len(b.Path) > 0:
		up := b.Path[len(b.Path)-1]
		b.WayOut = choice{Text: p.W("cascadepage.way.up", "unit", up.Name), Href: p.Here("unit", up.Code)}
	case b.CascadeSheet.Why.Key == "cascade.no_total" || b.CascadeSheet.Why.Key == "cascadepage.no_targets":
		switch {
		case p.Has("/register/target") && b.Code != "":
			b.WayOut = choice{Text: p.W("cascadepage.way.target", "indicator", b.Name), Href: p.To("/register/target", "code", b.Code)}
		case p.Has("/import"):
			b.WayOut = choice{Text: p.W("cascadepage.way.import"), Href: p.To("/import")}
		}
	case p.Has("/indicator") && b.Code != "":
		b.WayOut = choice{Text: p.W("cascadepage.way.indicator", "indicator", b.Name), Href: p.To("/indicator", "code", b.Code)}
	}
}

// forms fills the controls of the try-out.
func (p *page) forms(b *cascadeBody) {
	v, d := b.CascadeSheet, b.Draft
	for _, m := range service.UnitMethods() {
		b.Ways[0] = append(b.Ways[0], option{m, p.W("cascade.method." + m), m == v.Units})
	}
	for _, m := range service.TimeMethods() {
		b.Ways[1] = append(b.Ways[1], option{m, p.W("cascade.method." + m), m == v.Time})
	}
	years, _ := strconv.Atoi(d.values.Get("years"))
	for n := 1; n <= 5; n++ {
		b.Years = append(b.Years, option{strconv.Itoa(n), p.W("cascadepage.years.n", "count", n), n == years || years == 0 && n == 3})
	}
	b.Follows = []option{{"", p.W("cascadepage.along.none"), d.query.Along == ""}}
	for _, c := range v.Choices {
		if c.Code != v.Code {
			b.Follows = append(b.Follows, option{c.Code, p.Name(c.Name), c.Code == d.query.Along})
		}
	}
	for _, row := range v.Rows {
		if row.Reserve || row.Depth == 0 || !row.Tried && row.Depth > 1 {
			continue
		}
		code := row.Unit.Code
		b.Bounds = append(b.Bounds, boundRow{code, p.Name(row.Unit.Short), row.Depth})
	}
	shown := map[string]bool{"units": true, "time": true, "years": true, "along": true, "total": true, "reserve": true}
	for _, row := range b.Bounds {
		for _, prefix := range []string{"t.", "lo.", "hi.", "wt."} {
			shown[prefix+row.Code] = true
		}
		shown["way."+row.Code] = b.Months && row.Depth >= 1
	}
	for _, name := range sorted(d.values) {
		if !shown[name] {
			b.Fields = append(b.Fields, field{name, d.values.Get(name)})
		}
	}
}

func sorted(v url.Values) []string {
	names := make([]string, 0, len(v))
	for name := range v {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// cascadeHead is the verdict in one sentence.
func (p *page) cascadeHead(b *cascadeBody) string {
	v := b.CascadeSheet
	top, below := v.Rows[0], 0
	for _, row := range v.Rows {
		if row.Depth == 1 && !row.Reserve {
			below++
		}
	}
	pairs := []any{"unit", v.Unit.Short, "indicator", v.Name, "total", top.Total, "measure", v.Measure, "count", below, "hidden", v.Sum.Hidden, "share", v.Sum.Share}
	say := func(key string) string { return p.W("cascadepage.head."+key, pairs...) }
	switch {
	case b.Blocked:
		n := len(b.Draft.bad)
		for _, o := range v.Problems {
			if o.Severity == luoshi.Blocking {
				n++
			}
		}
		return p.W("cascadepage.head.blocked", "count", n)
	case v.Tried:
		return say("tried")
	case !v.Sum.Full:
		return say("open")
	case v.Sum.Hidden.Decimal.IsZero():
		return say("even")
	case v.Sum.Hidden.Decimal.IsNeg() == (v.Direction == luoshi.Less):
		return say("padded")
	}
	return say("short")
}

// cascadeLead says how it was split, what is locked, what would change.
func (p *page) cascadeLead(b *cascadeBody) []template.HTML {
	v := b.CascadeSheet
	if !v.Tried {
		list := []template.HTML{p.Rich(luoshi.Say("cascadepage.lead.read"))}
		if len(v.Versions) > 0 && v.Versions[0].InForce {
			first := v.Versions[0]
			list = append([]template.HTML{p.Rich(luoshi.Say("cascadepage.lead.since", "from", first.From, "by", p.PersonName(first.By)))}, list...)
			if first.By == "" {
				list[0] = p.Rich(luoshi.Say("cascadepage.lead.holds", "from", first.From))
			}
		}
		return list
	}
	locked := len(b.Draft.query.Locks) + len(b.Draft.query.Months)
	for _, cells := range b.Draft.query.Cells {
		locked += len(cells)
	}
	key := "cascadepage.lead.tried"
	if !b.Months {
		key = "cascadepage.lead.stock"
	}
	list := []template.HTML{p.Rich(luoshi.Say(key, "units", luoshi.Say("cascade.method."+v.Units), "time", luoshi.Say("cascade.method."+v.Time), "locked", locked))}
	if !b.Blocked {
		if n := len(v.Changes); n > 0 {
			list = append(list, p.Rich(luoshi.Say("cascadepage.lead.changes", "count", n)))
		} else {
			list = append(list, p.Rich(luoshi.Say("cascadepage.lead.same")))
		}
	}
	return list
}

// tryReply is what a script needs to bring the sheet up to date.
type tryReply struct {
	Head    string                `json:"head"`
	Lead    []string              `json:"lead"`
	Tried   bool                  `json:"tried"`
	Blocked bool                  `json:"blocked"`
	Changes int                   `json:"changes"`
	Counted string                `json:"counted"`
	Units   string                `json:"units"`
	Time    string                `json:"time"`
	Rows    map[string][]planCell `json:"rows"`
	Notes   []planNote            `json:"notes"`
	Heads   map[string]string     `json:"heads"` // of columns whose meaning changes
	NoRev   bool                  `json:"norev"`
	Faults  map[string]string     `json:"faults"` // of the controls, by name
}

// cascadeTry works out a try-out that a script sends, and saves nothing.
func (s *Site) cascadeTry(w http.ResponseWriter, r *http.Request) error {
	var given map[string]string
	if err := json.NewDecoder(r.Body).Decode(&given); err != nil {
		return &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("cascadepage.unreadable"), Err: err}
	}
	asked := url.Values{}
	for name, v := range given {
		asked.Set(name, v)
	}
	p, d, err := s.drafted(r, asked, "cascade")
	if err != nil {
		return err
	}
	if lang := asked.Get("lang"); lang != "" {
		p.Lang = locale.Choose(lang)
	}
	v, err := s.board.CascadeSheet(r.Context(), d.query)
	if err != nil {
		return s.tryFailed(w, p, err)
	}
	if v.Why.Key != "" {
		return s.tryFailed(w, p, &luoshi.Error{Code: luoshi.Invalid, Message: v.Why})
	}
	p.fillCascade(v, d)
	b := p.Body.(*cascadeBody)
	reply := tryReply{Head: b.Head, Tried: v.Tried || len(d.bad) > 0, Blocked: b.Blocked, Changes: len(v.Changes), Counted: b.Counted, Units: v.Units, Time: v.Time, Rows: map[string][]planCell{}, Notes: b.Notes}
	reply.NoRev, reply.Heads, reply.Faults = b.NoRev(), map[string]string{}, map[string]string{}
	for name, f := range b.Faults {
		reply.Faults[name] = f.Text
	}
	for _, c := range b.Cols {
		if c.Key == "before" || c.Key == "against" {
			reply.Heads[c.Key] = c.Head
		}
	}
	for _, html := range b.Lead {
		reply.Lead = append(reply.Lead, plainText(html))
	}
	for _, line := range slices.Concat(b.Lines, b.Foot) {
		reply.Rows[line.ID] = line.Cells
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	return json.NewEncoder(w).Encode(reply)
}

// tryFailed tells a script what a reader would be told.
func (s *Site) tryFailed(w http.ResponseWriter, p *page, err error) error {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(gate.Status(gate.CodeOf(err)))
	return json.NewEncoder(w).Encode(map[string]string{"error": s.words.Error(p.Lang, err)})
}

var tags = strings.NewReplacer("<b>", "", "</b>", "", "&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">", "&amp;", "&")

// plainText is a sentence of Rich without its tags.
func plainText(html template.HTML) string { return tags.Replace(string(html)) }

// workbook hands out the sheet as a workbook of targets.
func (s *Site) cascadeBook(w http.ResponseWriter, r *http.Request) error {
	p, d, err := s.drafted(r, r.URL.Query(), "cascade")
	if err != nil {
		return err
	}
	d.query.ToWrite = true
	v, err := s.board.CascadeSheet(r.Context(), d.query)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	w.Header().Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(p.Name(v.Name)+"-"+p.Name(v.Unit.Short)+"-"+strconv.Itoa(v.Year)+".xlsx"))
	w.Header().Set("Cache-Control", "no-store")
	return s.board.Workbook(w, v, d.query, string(p.Lang))
}

// Kept are the parameters that say where the page stands.
func (p *page) Kept() map[string]string {
	m := map[string]string{}
	for name := range p.query {
		m[name] = p.query.Get(name)
	}
	return m
}

// Fresh is this page without what was tried.
func (p *page) Fresh() string { return p.without().Here() }

// Span is a period without its year.
func (p *page) Span(period luoshi.Period) string { return p.site.words.Span(p.Lang, period) }

// WholeText and ReserveText are what stands where nothing else is given.
func (b *cascadeBody) WholeText() string { return plainNumber(b.Rows[0].Total) }

// ReserveText is the reserve of the whole.
func (b *cascadeBody) ReserveText() string {
	for _, row := range b.Rows {
		if row.Reserve && row.Depth == 1 {
			return plainNumber(row.Total)
		}
	}
	return ""
}

func plainNumber(q luoshi.NullQuantity) string {
	if !q.Valid {
		return ""
	}
	return q.Decimal.String()
}

// NoRev reports whether there is no revision to compare with.
func (b *cascadeBody) NoRev() bool {
	return !slices.ContainsFunc(b.Rows, func(r service.SheetRow) bool { return !r.Reserve && r.Before.Valid })
}

// HasBounds reports whether a bound or a weight is set.
func (b *cascadeBody) HasBounds() bool {
	return slices.ContainsFunc(b.Bounds, func(r boundRow) bool {
		return b.Draft.Value("lo."+r.Code)+b.Draft.Value("hi."+r.Code)+b.Draft.Value("wt."+r.Code) != ""
	})
}
