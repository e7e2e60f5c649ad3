package web

import (
	"context"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// indicators answers for one indicator at one unit, and for one of its figures.
type indicators interface {
	Indicator(ctx context.Context, q service.IndicatorQuery) (*service.IndicatorView, error)
	Figure(ctx context.Context, q service.FigureQuery) (*service.FigureView, error)
}

// indicatorBody is one indicator at one unit as the template lays it out.
type indicatorBody struct {
	*service.IndicatorView
	Kick     string // what it belongs to
	Light    light
	State    state
	Lead     []leadFact
	Ways     []way // to the neighbours
	Chart    *chart
	Outlook  *outlookLine
	Kinds    []choice
	Table    []pathRow
	Why      *why
	Parts    *partsTable
	Fall     []fallRow
	Spread   *spread
	History  []vintageRow
	Totals   bool // the history is one of a total
	Periods  []choice
	Redrawn  *redrawnBody
	Linked   []linkedRow
	Revision []revisionRow
}

// leadFact is one fact under the title: a name, a number, and where it came from.
type leadFact struct {
	Name, Value, Unit string
	Href              string
	Tag               string // sample, or how it was come by
	Source            int
	Text              bool // Value is words
}

// way leads to a neighbour.
type way struct {
	Earlier, Later *choice
	Name           string
}

// pathRow is one line of the chart's table.
type pathRow struct {
	Period                                  string
	Asked, Upper, Actual, Last, Growth, Gap string
	Light                                   light
	Judged                                  bool
	State                                   state
	Status                                  string
	Open                                    bool
	Href, LastHref                          string
	Expected, In80, In95                    string // where it is foreseen
}

func (s *Site) indicator(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "indicator")
	p.section, p.stays, p.scripts = "indicators", true, []string{"indicator.js"}
	asked := r.URL.Query()
	p.own = url.Values{}
	for _, name := range []string{"code", "basis"} {
		if v := asked.Get(name); v != "" && len(v) <= 64 {
			p.own.Set(name, v)
		}
	}
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	v, err := s.board.Indicator(r.Context(), service.IndicatorQuery{Look: look, Code: p.own.Get("code"), Show: service.PathKind(p.own.Get("basis"))})
	if err != nil {
		return err
	}
	return s.kept(w, r, p, v, func() error {
		var o *service.OutlookView
		if v.Unit.Code != "" {
			if o, err = s.board.Outlook(r.Context(), service.OutlookQuery{Look: look, Code: v.Indicator.Code}); err != nil {
				return err
			}
		}
		return p.fillIndicator(v, o)
	})
}

func (p *page) fillIndicator(v *service.IndicatorView, o *service.OutlookView) (err error) {
	p.frame(&v.Frame)
	if v.Unit.Code == "" {
		p.Body, p.Title = &indicatorBody{IndicatorView: v}, p.W("page.indicator")
		return nil
	}
	b := &indicatorBody{IndicatorView: v, Kick: p.kick(v), Light: p.light(v.Judgement.Light), State: p.state(v.Judgement.Presence)}
	p.Title = p.Name(v.Indicator.Name)
	b.Lead = p.leadFacts(v)
	b.Ways = p.ways(v)
	b.Outlook = p.outlookLine(v, o)
	if b.Chart, err = p.chart(v, o, false); err != nil {
		return err
	}
	for _, kind := range v.Path.Kinds {
		b.Kinds = append(b.Kinds, choice{Text: p.W("indicator.path." + string(kind)), Href: p.Here("basis", string(kind)) + "#path", On: kind == v.Path.Kind})
	}
	b.Table = p.pathRows(v, o)
	b.Why = p.why(v)
	if v.Parts != nil {
		b.Parts = p.partsTable(v)
		b.Fall = p.fall(v)
	}
	if v.Map != nil {
		b.Spread = p.partsMap(v)
	}
	b.History, b.Totals = p.history(v.History, v.Indicator), v.Course.Computed || len(v.History) > 0 && len(v.History[0].Units) > 0
	for _, one := range v.Periods {
		b.Periods = append(b.Periods, choice{Text: p.Show(one.Period, ""), Href: p.figureAt(v.Unit.Code, v.Indicator.Code, one.Period, one.Basis), On: one.Period == v.Judgement.Period})
	}
	b.Redrawn = p.redrawn(v)
	b.Linked = p.linked(v)
	b.Revision = p.revisions(v)
	p.Body = b
	return nil
}

// Headline is the verdict in a sentence: what the light says, with the part of the
// year that it is about.
func (b *indicatorBody) Headline(p *page) string {
	says := b.Judgement.Says
	kind, _, _ := strings.Cut(says.Key, ".")
	if _, named := says.Args["indicator"]; named && b.Judgement.Period.To > 0 && (kind == "pace" || kind == "curve" || kind == "less") && !strings.HasPrefix(says.Key, "pace.short") {
		args := map[string]any{}
		for name, v := range says.Args {
			args[name] = v
		}
		args["indicator"] = luoshi.Say("indicator.title", "indicator", b.Indicator.Name, "span", luoshi.Say("span."+strconv.Itoa(b.Judgement.Period.To)))
		says.Args = args
	}
	if says.Key == "none.target" && b.Judgement.Actual.Valid {
		says = luoshi.Say("indicator.title.untargeted", "indicator", b.Indicator.Name, "period", b.Judgement.Period, "actual", b.Judgement.Actual, "unit", p.unitAfter(b.Indicator.Measure))
	}
	text := p.Say(says)
	if text == "" {
		return p.Name(b.Indicator.Name)
	}
	return strings.TrimRight(text, "。.") + strings.TrimSpace(p.W("punct.stop"))
}

// kick says what the page is about, in small letters above the title.
func (p *page) kick(v *service.IndicatorView) string {
	parts := []string{p.Name(v.Indicator.Name), p.Name(v.Unit.Name)}
	if v.Judgement.Period.To > 0 {
		parts = append(parts, p.Show(v.Judgement.Period, ""))
	} else {
		parts = append(parts, p.Show(luoshi.YearOf(v.Year), ""))
	}
	if v.Indicator.Kind == luoshi.Flow {
		parts = append(parts, p.Show(luoshi.Cumulative, ""))
	}
	return strings.Join(parts, "·")
}

// leadFacts are the facts in one line under the title.
func (p *page) leadFacts(v *service.IndicatorView) []leadFact {
	j := v.Judgement
	proof := p.proofOf(v.Unit.Code, v.Indicator.Code)
	figure := p.figureAt(v.Unit.Code, v.Indicator.Code, j.Period, "")
	source := 0
	if v.Source != "" {
		source = 1
	}
	var list []leadFact
	if v.Paced {
		list = append(list, leadFact{Name: p.W("page.share"), Value: p.Show(j.Share, "percent"), Href: proof, Source: source},
			leadFact{Name: p.W("page.ahead"), Value: p.ahead(j), Unit: p.W("indicator.points"), Href: proof})
	} else {
		if j.Actual.Valid {
			list = append(list, leadFact{Name: p.Show(j.Period, ""), Value: p.Show(j.Actual, ""), Unit: p.unitAfter(v.Indicator.Measure), Href: figure, Source: source})
		}
		if v.HasTarget {
			list = append(list, leadFact{Name: p.W("indicator.target"), Value: p.Say(v.Promise), Href: "#revisions", Text: true})
		}
	}
	switch {
	case j.Growth.Valid && v.Indicator.Kind != luoshi.Growth:
		list = append(list, leadFact{Name: p.W("indicator.yoy"), Value: growth(j) + "%", Href: figure})
	case j.Implied.OK() && (v.Indicator.Kind == luoshi.Flow || v.Indicator.Kind == luoshi.Stock):
		list = append(list, leadFact{Name: p.W("indicator.yoy"), Value: p.Show(j.Implied, "signedpercent1"), Href: figure, Tag: p.W("indicator.implied")})
	}
	if v.Trend.Key != "" {
		list = append(list, leadFact{Name: p.W("indicator.trend"), Value: p.Say(v.Trend), Href: "#path", Text: true})
	}
	if r := v.Rank; r != nil {
		rank := leadFact{Name: p.W("indicator.rank"), Value: p.W("indicator.rank.of", "rank", r.Rank, "of", r.Of, "parent", r.Parent.Name), Href: p.figureOf(r.Parent.Code, v.Indicator.Code) + "#parts", Text: true}
		if r.Before > 0 {
			rank.Unit = p.Say(r.Move)
		}
		list = append(list, rank)
	}
	return append(list, p.answers(v)...)
}

// answers says who answers for the target.
func (p *page) answers(v *service.IndicatorView) []leadFact {
	who := p.InCharge(v.Person, v.Owner)
	department := p.Name(v.Department)
	switch {
	case who == "" && department == "":
		return nil
	case who == "":
		who = department
	case department != "" && v.Department != v.Owner:
		who += "·" + department
	}
	return []leadFact{{Name: p.W("indicator.owner"), Value: who, Text: true}}
}

// unitAfter is a unit of measure as it follows a number.
func (p *page) unitAfter(m luoshi.Measure) string {
	symbol := p.Name(m.Symbol)
	if symbol != "" && symbol[0] >= '0' && symbol[0] <= '9' {
		return "\u00a0×\u00a0" + symbol
	}
	return p.gapBefore(symbol)
}

// figureAt is the address of one figure.
func (p *page) figureAt(unit, code string, period luoshi.Period, basis luoshi.Basis) string {
	if period.To == 0 {
		return p.To("/figure", "unit", unit, "indicator", code)
	}
	return p.To("/figure", "unit", unit, "indicator", code, "period", period.String(), "basis", string(basis))
}

// ways lead to the indicators and the units before and after this one.
func (p *page) ways(v *service.IndicatorView) []way {
	var list []way
	n := v.Neighbours
	indicator := func(ref *service.IndicatorHead) *choice {
		if ref == nil {
			return nil
		}
		return &choice{Text: p.Name(ref.Name), Href: p.figureOf(v.Unit.Code, ref.Code)}
	}
	unit := func(ref *service.UnitRef) *choice {
		if ref == nil {
			return nil
		}
		return &choice{Text: p.Name(ref.Name), Href: p.figureOf(ref.Code, v.Indicator.Code)}
	}
	if n.EarlierIndicator != nil || n.LaterIndicator != nil {
		list = append(list, way{indicator(n.EarlierIndicator), indicator(n.LaterIndicator), p.W("page.indicator")})
	}
	if n.EarlierUnit != nil || n.LaterUnit != nil {
		list = append(list, way{unit(n.EarlierUnit), unit(n.LaterUnit), p.W("page.unit")})
	}
	return list
}

// pathRows are the chart's numbers as a table.
func (p *page) pathRows(v *service.IndicatorView, o *service.OutlookView) []pathRow {
	foreseen := map[int]service.Spread{}
	if o != nil && o.On(v.Path.Kind) {
		for _, one := range o.Steps {
			foreseen[one.Period.To] = one.Sum
		}
	}
	var rows []pathRow
	format := ""
	if v.Path.Kind == service.PathGrowth || v.Indicator.Kind == luoshi.Growth {
		format = "signed"
	}
	write := func(q luoshi.NullQuantity, format string) string {
		if !q.Valid {
			return ""
		}
		return p.Show(q, format)
	}
	basis := luoshi.Cumulative
	switch {
	case v.Path.Kind == service.PathSingle:
		basis = luoshi.Single
	case v.Indicator.Kind != luoshi.Flow:
		basis = v.Indicator.Basis
	}
	for _, one := range v.Path.Points {
		row := pathRow{
			Period: p.site.words.Span(p.Lang, one.Period), Asked: write(one.Asked, format), Upper: write(one.Upper, format), Actual: write(one.Actual, format), Last: write(one.LastYear, format),
			Gap: write(one.Gap, "signed"), Light: p.light(one.Light), Judged: one.Light != luoshi.NotJudged, State: p.state(one.Presence), Open: one.Open(),
		}
		if v.Path.Kind != service.PathGrowth {
			row.Growth = write(one.Growth, "signed")
		}
		if one.Actual.Valid {
			row.State = state{}
			row.Status = p.Show(one.Status, "")
			if one.Status == "" {
				row.Status = ""
			}
		}
		row.Href = p.figureAt(v.Unit.Code, v.Indicator.Code, one.Period, basis)
		if f, ok := foreseen[one.Period.To]; ok {
			row.Expected, row.In80, row.In95 = write(f.Value, ""), p.in(f.Low80, f.High80), p.in(f.Low95, f.High95)
		}
		last := one.Period
		last.Year--
		row.LastHref = p.figureAt(v.Unit.Code, v.Indicator.Code, last, basis)
		rows = append(rows, row)
	}
	return rows
}

// why is the proof of the light in lettered notes.
type why struct {
	Head  string
	Says  template.HTML
	Notes []whyNote
	Proof string
}

type whyNote struct {
	Letter, Name, Text string
	Href               string
	Opens              bool // over the page
	Hash               string
}

// why writes the sentence that led to the light, each of its numbers with a letter,
// and under each letter what it rests on.
func (p *page) why(v *service.IndicatorView) *why {
	j := v.Judgement
	w := &why{Head: p.W("indicator.why." + j.Light.String()), Proof: p.proofOf(v.Unit.Code, v.Indicator.Code)}
	letter := func(l string) string { return "⟦" + l + "⟧" }
	var m luoshi.Message
	switch {
	case j.Light == luoshi.NotJudged:
		m = luoshi.Say("indicator.why.says.none", "says", j.Says)
	case v.Paced && j.Actual.Valid && j.Planned.Valid:
		side := "ahead"
		switch {
		case j.Ahead.Num < 0:
			side = "behind"
		case j.Ahead.Num == 0:
			side = "even"
		}
		m = luoshi.Say("indicator.why.says.pace", "period", luoshi.Say("span."+strconv.Itoa(j.Period.To)), "actual", j.Actual, "unit", p.unitAfter(v.Indicator.Measure), "year", j.Year, "share", j.Share,
			"line", luoshi.Say("indicator.line."+line(v)), "pace", j.Pace, "light", j.Light,
			"side", luoshi.Say("indicator.why.side."+side, "ahead", strings.TrimLeft(p.ahead(j), "+−")), "a", letter("a"), "b", letter("b"), "c", letter("c"), "d", letter("d"))
	default:
		m = luoshi.Say("indicator.why.says", "says", j.Says, "promise", v.Promise, "light", j.Light, "a", letter("a"), "b", letter("b"), "d", letter("d"))
	}
	text := string(p.Rich(m))
	for _, l := range []string{"a", "b", "c", "d"} {
		text = strings.ReplaceAll(text, letter(l), `<sup><a href="#why-`+l+`">`+l+`</a></sup>`)
	}
	w.Says = template.HTML(text) //nolint:gosec // Rich escapes; the letters are ours
	w.notes(p, v)
	return w
}

// notes are what each letter stands for.
func (w *why) notes(p *page, v *service.IndicatorView) {
	j, f := v.Judgement, v.Judgement.Proof
	note := func(letter, text, href, hash string, opens bool) {
		if text != "" {
			name := p.W("indicator.note." + letter)
			if letter == "c" && v.Course.Line != "straight" && v.Course.Line != "curve" {
				name = p.W("indicator.table.asked")
			}
			w.Notes = append(w.Notes, whyNote{Letter: letter, Name: name, Text: text, Href: href, Hash: hash, Opens: opens})
		}
	}
	var parts []string
	if f.Status != "" {
		parts = append(parts, p.Show(f.Status, ""))
	} else if j.Presence != luoshi.Present {
		parts = append(parts, p.Show(j.Presence, ""))
	}
	if !v.Course.Recorded.IsZero() {
		parts = append(parts, p.W("indicator.note.recorded", "day", p.site.words.Day(p.Lang, luoshi.DateOf(v.Course.Recorded))))
	}
	if c := f.Complete; c.Want > 0 && v.Course.Rung != "" {
		parts = append(parts, p.W("indicator.note.coverage", "have", c.Have, "want", c.Want, "rung", v.Course.Rung))
	} else if c.Want > 0 {
		parts = append(parts, p.W("page.proof.coverage", "have", c.Have, "want", c.Want))
	}
	hash := ""
	if len(f.Figures) > 0 {
		hash = "#" + strconv.FormatInt(f.Figures[0], 10)
	}
	note("a", strings.Join(parts, p.W("page.and")), p.figureAt(v.Unit.Code, v.Indicator.Code, j.Period, ""), hash, true)
	note("b", p.targetNote(v), "#revisions", "", false)
	note("c", p.paceNote(v), "", "", false)
	rule := p.Name(f.SchemeName)
	if says := p.Say(f.Rule); says != "" && v.HasTarget {
		rule += p.W("punct.colon") + says
	}
	if !v.HasTarget {
		rule = ""
	}
	note("d", rule, "", "", false)
	note("e", p.W("indicator.note.boundaries", "day", v.Boundaries, "count", v.Course.Below), "#boundaries", "", false)
	if v.Redrawn == nil {
		w.Notes[len(w.Notes)-1].Href = ""
	}
}

func (p *page) targetNote(v *service.IndicatorView) string {
	if !v.HasTarget {
		return p.W("indicator.note.no_target")
	}
	f := v.Judgement.Proof
	parts := []string{p.W("page.proof.revision", "revision", strconv.Itoa(f.Target), "from", f.TargetFrom)}
	if v.Course.Handed.Valid {
		parts = append(parts, p.W("indicator.note.handed", "count", v.Course.Handees, "sum", v.Course.Handed))
	}
	if v.Course.Reserve.Valid {
		parts = append(parts, p.W("indicator.note.reserve", "reserve", v.Course.Reserve))
	}
	return strings.Join(parts, p.W("page.and"))
}

// paceNote says how the path runs.
func (p *page) paceNote(v *service.IndicatorView) string {
	month := v.Course.Month
	switch {
	case !v.HasTarget || month == 0:
		return ""
	case v.Course.Straight:
		return p.W("indicator.note.straight", "month", month)
	case v.Course.Line == "curve" && v.Judgement.Planned.Valid:
		return p.W("indicator.note.curve", "period", luoshi.Say("span."+strconv.Itoa(month)), "planned", v.Judgement.Planned, "unit", p.unitAfter(v.Indicator.Measure))
	case v.Course.Line == "":
		return ""
	}
	return p.W("indicator.line." + v.Course.Line)
}

// HasUpper reports whether the target is a band, whose ceiling has a column.
func (b *indicatorBody) HasUpper() bool {
	for _, row := range b.Table {
		if row.Upper != "" {
			return true
		}
	}
	return false
}

// HasFan reports whether any of the rows is foreseen.
func (b *indicatorBody) HasFan() bool {
	for _, row := range b.Table {
		if row.Expected != "" {
			return true
		}
	}
	return false
}

// HasGrowth reports whether growth was published with any of the path's levels.
func (b *indicatorBody) HasGrowth() bool {
	for _, row := range b.Table {
		if row.Growth != "" {
			return true
		}
	}
	return false
}

// UpParts is the ranking of all units with the same parent.
func (b *indicatorBody) UpParts(p *page) string {
	return p.figureOf(b.Rank.Parent.Code, b.Indicator.Code) + "#parts"
}

// FigurePage is where the judged figure came from.
func (b *indicatorBody) FigurePage(p *page) string {
	return p.figureAt(b.Unit.Code, b.Indicator.Code, b.Judgement.Period, "")
}

// Came leads to the events of the judged figure.
func (b *indicatorBody) Came(p *page) string {
	return p.came(service.FigureObject(b.Indicator.Code, b.Unit.Code, b.Judgement.Period, b.Indicator.Basis))
}
