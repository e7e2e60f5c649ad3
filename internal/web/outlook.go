package web

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/workflow"
)

// outlooks answers where the year of an indicator will land, and that of all.
type outlooks interface {
	Outlook(ctx context.Context, q service.OutlookQuery) (*service.OutlookView, error)
	OutlookList(ctx context.Context, q service.OutlookQuery) (*service.OutlookList, error)
	Outlooks(ctx context.Context, look service.Look) (*service.OutlookSheet, error)
	OutlookProgress(ctx context.Context) (service.OutlookProgress, error)
}

// outlookLine is the outlook in one line of another page: with an address where
// there is one, else the reason why there is none.
type outlookLine struct{ Says, Href, Caution, Tested, CatchUp string }

func (p *page) outlookLine(v *service.IndicatorView, o *service.OutlookView) *outlookLine {
	switch {
	case o == nil:
		return nil
	case o.Why.Key != "":
		return &outlookLine{Says: p.W("outlook.none.line", "why", o.Why)}
	}
	line := &outlookLine{Says: p.Say(o.Says), Href: p.outlookOf(v.Unit.Code, v.Indicator.Code), CatchUp: p.catchUpOf(o)}
	for _, m := range o.Notes {
		if m.Key == "outlook.note.apart" {
			line.Caution = p.Say(m)
		}
	}
	if notes := p.thenNotes(o); len(notes) > 0 && (o.Origin != service.OutlookKept || o.Worked != nil) {
		line.Caution = strings.TrimSpace(notes[len(notes)-1] + p.Between() + line.Caution)
	}
	if o.Backtest != nil {
		_, line.Tested = p.tests(&outlookBody{OutlookView: o})
	}
	return line
}

// outlookOf is the address of an outlook.
func (p *page) outlookOf(unit, code string) string {
	return p.To("/outlook", "unit", unit, "code", code)
}

// catchUpOf is the address of the plan that closes the gap, "" where there is none to
// close.
func (p *page) catchUpOf(o *service.OutlookView) string {
	if o.Indicator.Kind != luoshi.Flow || len(o.Steps) == 0 || !o.Asked.Valid || !p.MayAt(string(workflow.ReadPlan), o.Unit.Code) {
		return ""
	}
	return p.To("/catchup", "unit", o.Unit.Code, "code", o.Indicator.Code)
}

// outlookBody is an outlook as the template lays it out.
type outlookBody struct {
	*service.OutlookView
	Kick    string
	Page    string // of the indicator
	CatchUp string // address of the plan that closes the gap
	All     string // of all targets
	Worth   string // what the chances were worth
	Trail   string // what it has said so far
	Reason  string // why there is none
	Lead    []leadFact
	Chart   *chart
	Steps   []stepRow
	Asked   bool // the planned course has a column
	Read    []readNote
	Basis   []fact
	Caution []string // what weakens it, right under the sentence
	Notes   []string
	Tests   []testRow
	TestSay string
	Cases   []caseRow
	Past    pastTable
	Areas   *ground // the areas directly below
	Tally   string  // of them, in words
	Methods []methodRow
	Ahead   []aheadRow // leading indicators
	Changes *changedBody
	Middle  string // percent: where the outlook itself stands among the methods
}

func (s *Site) outlook(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "outlook")
	p.section, p.stays, p.scripts = "indicators", true, []string{"indicator.js"}
	p.own = url.Values{}
	if v := r.URL.Query().Get("code"); v != "" && len(v) <= 64 {
		p.own.Set("code", v)
	}
	if err := p.watch(r.Context()); err != nil {
		return err
	}
	if !r.URL.Query().Has("code") {
		return s.outlookSheet(w, r, p)
	}
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	v, err := s.board.Outlook(r.Context(), service.OutlookQuery{Look: look, Code: p.own.Get("code")})
	if err != nil {
		return err
	}
	return s.kept(w, r, p, v, func() error {
		show := service.PathCumulative
		if v.Growth {
			show = service.PathGrowth
		}
		var course *service.IndicatorView
		var below *service.OutlookList
		if v.Unit.Code != "" && v.Why.Key == "" {
			if course, err = s.board.Indicator(r.Context(), service.IndicatorQuery{Look: look, Code: v.Indicator.Code, Show: show}); err != nil {
				return err
			}
			if below, err = s.board.OutlookList(r.Context(), service.OutlookQuery{Look: look, Code: v.Indicator.Code}); err != nil {
				return err
			}
		}
		return p.fillOutlook(v, course, below)
	})
}

func (p *page) fillOutlook(v *service.OutlookView, course *service.IndicatorView, below *service.OutlookList) (err error) {
	p.frame(&v.Frame)
	b := &outlookBody{OutlookView: v}
	p.Body, p.Title = b, p.W("outlook")
	if v.Unit.Code == "" {
		return nil
	}
	p.Title = p.W("outlook.title", "indicator", v.Indicator.Name)
	b.Kick = strings.Join([]string{p.Name(v.Unit.Name), p.Show(luoshi.YearOf(v.Year), ""), p.W("outlook")}, "·")
	b.Page, b.All = p.figureOf(v.Unit.Code, v.Indicator.Code), p.To("/outlook", "unit", v.Unit.Code)
	b.Worth = p.To("/outlook/reliability", "unit", v.Unit.Code)
	if v.Said > 0 {
		b.Trail = p.saidOf(v.Unit.Code, v.Indicator.Code)
	}
	b.Caution = p.thenNotes(v)
	if v.Why.Key != "" {
		b.Reason = p.stopped(p.Say(v.Why))
		return nil
	}
	if b.Chart, err = p.chart(course, v, true); err != nil {
		return err
	}
	p.Sample = p.Sample || v.History.Sample > 0
	b.Lead, b.CatchUp = p.outlookFacts(v), p.catchUpOf(v)
	b.Steps = p.toCome(v)
	b.Asked = slices.ContainsFunc(v.Steps, func(one service.OutlookStep) bool { return one.Asked.Valid })
	b.Read = p.readings(v)
	b.Basis = p.basis(v)
	for _, m := range v.Notes {
		switch m.Key {
		case "outlook.note.open", "outlook.note.sample": // they stand among the facts
		case "outlook.note.apart", "outlook.note.short":
			b.Caution = append(b.Caution, p.stopped(p.Say(m)))
		default:
			b.Notes = append(b.Notes, p.Say(m))
		}
	}
	b.Changes = p.changedSince(v)
	b.Tests, b.TestSay = p.tests(b)
	b.Cases = p.cases(v)
	b.Past = p.past(v)
	b.Methods, b.Middle = p.methods(v)
	for _, l := range v.Leads { // their sentences begin with the name
		name := p.Name(l.Indicator.Name)
		b.Ahead = append(b.Ahead, aheadRow{name, p.figureOf(v.Unit.Code, l.Indicator.Code), strings.TrimPrefix(p.stopped(p.Say(l.Says)), name)})
	}
	if b.Areas = p.areasBelow(below); b.Areas != nil && below.Tally.Judged() > 0 {
		b.Tally = strings.TrimSpace(p.stopped(p.Say(below.Tally.Says())) + p.Between() + p.thenList(below.Rows))
	}
	return nil
}

// aheadRow is what became of a leading indicator.
type aheadRow struct{ Name, Href, Says string }

// Headline is all of it in one sentence.
func (b *outlookBody) Headline(p *page) string {
	return p.stopped(p.Say(b.Says))
}

// stopped is a sentence with its full stop.
func (p *page) stopped(text string) string {
	return strings.TrimRight(text, "。.") + strings.TrimSpace(p.W("punct.stop"))
}

// Name is the indicator's name.
func (b *outlookBody) Name(p *page) string { return p.Name(b.Indicator.Name) }

// Unit of measure, as it stands at the head of a column.
func (b *outlookBody) Symbol(p *page) string { return p.Name(b.Indicator.Measure.Symbol) }

// ErrorUnit says in what the errors are.
func (b *outlookBody) ErrorUnit(p *page) string {
	if !b.Backtest.Points {
		if b.Level {
			return p.W("outlook.test.unit.level")
		}
		return p.W("outlook.test.unit")
	}
	unit := b.Symbol(p)
	if unit == "%" {
		unit = p.W("outlook.points.head")
	}
	return p.W("outlook.test.points", "unit", unit)
}

// AskedHead heads the planned course: what is to be reached, or not to be passed.
func (b *outlookBody) AskedHead(p *page) string {
	if b.Better == luoshi.Less {
		return p.W("outlook.step.ceiling")
	}
	return p.W("outlook.step.asked")
}

// in is an interval in words.
func (p *page) in(low, high luoshi.NullQuantity) string {
	if !low.Valid || !high.Valid {
		return ""
	}
	return p.W("outlook.range", "low", low, "high", high)
}

// chance is a probability in whole percent; what is not settled is never 0 or 100.
func (p *page) chance(v *service.OutlookView) string { return p.chanceOf(v.Chance, v.Standing) }

func (p *page) chanceOf(chance luoshi.Ratio, standing service.OutlookStanding) string {
	switch {
	case !chance.OK():
		return ""
	case standing == service.OutlookClosed && chance.Num == 0:
		return p.W("outlook.missed")
	case standing == service.OutlookMet, standing == service.OutlookClosed:
		return p.W("outlook.met")
	case standing == service.OutlookLost:
		return p.W("outlook.lost")
	case chance.Cmp(luoshi.Over(99, 100)) > 0:
		return ">99%"
	case chance.Cmp(luoshi.Over(1, 100)) < 0:
		return "<1%"
	}
	return p.Show(chance.Percent(0), "") + "%"
}

// outlookFacts are the facts in one line under the sentence.
func (p *page) outlookFacts(v *service.OutlookView) []leadFact {
	var list []leadFact
	unit := strings.TrimLeft(p.unitAfter(v.Indicator.Measure), "\u00a0 ")
	page := p.figureOf(v.Unit.Code, v.Indicator.Code)
	if chance := p.chance(v); chance != "" {
		key := "outlook.chance"
		if v.Standing != service.OutlookOpen {
			key = "outlook.basis.target"
		}
		list = append(list, leadFact{Name: p.W(key), Value: chance, Href: "#read", Text: true})
	}
	if v.Asked.Valid {
		value := p.Show(v.Asked, "")
		if v.Upper.Valid {
			value = p.in(v.Asked, v.Upper)
		}
		list = append(list, leadFact{Name: p.W("outlook.target." + side(v)), Value: value, Unit: unit, Href: page + "#revisions"})
	}
	if len(v.Steps) > 0 || v.Worked != nil && v.Standing != service.OutlookClosed {
		list = append(list, leadFact{Name: p.W("outlook.in", "level", "80%"), Value: p.in(v.Low80, v.High80), Unit: unit, Href: "#steps"},
			leadFact{Name: p.W("outlook.in", "level", "95%"), Value: p.in(v.Low95, v.High95), Unit: unit, Href: "#steps"})
	}
	if v.Known.Valid && v.Through.To > 0 {
		list = append(list, leadFact{Name: p.Show(v.Through, ""), Value: p.Show(v.Known, ""), Unit: unit, Href: page})
	}
	return list
}

// side says which side of the target meets it.
func side(v *service.OutlookView) string {
	switch {
	case v.Upper.Valid:
		return "band"
	case v.Better == luoshi.Less:
		return "most"
	}
	return "least"
}

// stepRow is a period still to come.
type stepRow struct {
	Period                                         string
	Value, In80, In95, Sum, Sum80, Sum95, PlanPace string
}

func (p *page) toCome(v *service.OutlookView) []stepRow {
	var rows []stepRow
	for _, one := range v.Steps {
		row := stepRow{
			Period: p.site.words.Span(p.Lang, one.Period), Value: p.Show(one.Value.Value, ""), In80: p.in(one.Value.Low80, one.Value.High80), In95: p.in(one.Value.Low95, one.Value.High95),
			Sum: p.Show(one.Sum.Value, ""), Sum80: p.in(one.Sum.Low80, one.Sum.High80), Sum95: p.in(one.Sum.Low95, one.Sum.High95),
		}
		if one.Asked.Valid {
			row.PlanPace = p.Show(one.Asked, "")
		}
		rows = append(rows, row)
	}
	return rows
}

// basis says what the outlook rests on.
func (p *page) basis(v *service.OutlookView) []fact {
	h := v.History
	var list []fact
	add := func(key string, value string) {
		list = append(list, fact{Name: p.W("outlook.basis." + key), Value: value})
	}
	if h.Periods > 0 {
		add("history", p.W("outlook.basis.history.say", "first", h.First, "last", h.Last, "count", h.Periods))
	}
	if h.Missing > 0 {
		add("missing", p.W("outlook.basis.missing.say", "count", h.Missing))
	}
	key := "outlook.basis.open.none"
	if h.Open > 0 {
		key = "outlook.basis.open.say"
	}
	add("open", p.W(key, "count", h.Open))
	if h.Sample > 0 {
		add("sample", p.W("outlook.basis.sample.say", "count", h.Sample))
	}
	if v.Estimated {
		add("known", p.W("outlook.basis.estimated"))
	}
	if text := p.Say(v.Promise); text != "" {
		if v.Derived {
			text += p.W("page.and") + p.W("outlook.basis.derived", "asked", v.Asked, "unit", p.unitAfter(v.Indicator.Measure))
		}
		add("target", text)
	}
	return list
}

// testRow is one rule in the back-test: how far off it was, here and with the units
// beside.
type testRow struct {
	Name, Note, Own, Pooled string
	OwnBar, PooledBar       string // percent
	Best                    bool
}

// Pools reports whether the back-test has more than the unit's own years.
func (b *outlookBody) Pools() bool {
	t := b.Backtest
	return t != nil && t.Pooled.Error.Valid && t.Pooled.Units > t.Own.Units
}

func (p *page) tests(b *outlookBody) (rows []testRow, says string) {
	t := b.Backtest
	if t == nil {
		if b.Standing == service.OutlookClosed {
			return nil, p.W("outlook.test.closed")
		}
		if b.Level {
			return nil, p.W("outlook.test.none.level")
		}
		return nil, p.W("outlook.test.none")
	}
	far := 0.0
	see := func(q luoshi.NullQuantity) float64 {
		x := 0.0
		if q.Valid {
			x, _ = q.Decimal.Float64()
		}
		far = max(far, x)
		return x
	}
	lines := []struct {
		key         string
		own, pooled luoshi.NullQuantity
	}{{"own", t.Own.Error, t.Pooled.Error}, {"share", t.Own.Share, t.Pooled.Share}, {"rate", t.Own.RunRate, t.Pooled.RunRate}}
	if b.Level {
		lines[1].key, lines[2].key = "moved", "still"
	}
	for _, one := range lines {
		see(one.own)
		see(one.pooled)
	}
	write := func(q luoshi.NullQuantity) (text, bar string) {
		switch {
		case !q.Valid:
			return "—", ""
		case far == 0:
			return p.Show(q, ""), ""
		}
		return p.Show(q, ""), percent(see(q) / far * 100)
	}
	for _, one := range lines {
		row := testRow{Name: p.W("outlook.test." + one.key), Note: p.W("outlook.test." + one.key + ".say"), Best: one.key == "own"}
		row.Own, row.OwnBar = write(one.own)
		if b.Pools() {
			row.Pooled, row.PooledBar = write(one.pooled)
		}
		rows = append(rows, row)
	}
	by := p.W("outlook.test.by", "period", p.site.words.Span(p.Lang, luoshi.MonthOf(t.Through.Year, t.Through.To)))
	if t.Through.To == 0 {
		by = p.W("outlook.test.before")
	}
	score, key := t.Own, "outlook.test.says"
	if !t.Own.Error.Valid {
		score, key = t.Pooled, "outlook.test.says.pooled"
	}
	off := "outlook.test.off"
	switch {
	case t.Points:
		off = "outlook.test.off.points"
	case b.Level:
		off = "outlook.test.off.level"
	}
	says = p.W(key, "off", p.W(off, "error", score.Error, "unit", p.errorAfter(b.Indicator.Measure)), "by", by, "years", score.Years, "units", score.Units, "within", score.Within)
	return rows, says
}

// errorAfter is the measure after a distance: between percentages it is points.
func (p *page) errorAfter(m luoshi.Measure) string {
	if p.Name(m.Symbol) == "%" {
		return p.W("outlook.points.after")
	}
	return p.unitAfter(m)
}

// caseRow is a past year as it would have been foreseen.
type caseRow struct {
	Year, Total, In80, Came, Inside string
	Missed                          bool
}

func (p *page) cases(v *service.OutlookView) []caseRow {
	if v.Backtest == nil {
		return nil
	}
	var rows []caseRow
	for _, one := range v.Backtest.Cases {
		row := caseRow{Year: strconv.Itoa(one.Year), Total: p.Show(one.Total, ""), In80: p.in(one.Low80, one.High80), Came: p.Show(one.Came, "")}
		if one.Came.Valid && one.Low80.Valid && one.High80.Valid {
			row.Missed = one.Came.Decimal.Cmp(one.Low80.Decimal) < 0 || one.Came.Decimal.Cmp(one.High80.Decimal) > 0
			row.Inside = p.W(map[bool]string{false: "outlook.case.inside", true: "outlook.case.outside"}[row.Missed])
		}
		rows = append(rows, row)
	}
	slices.Reverse(rows)
	return rows
}

// pastTable is what the outlook went by: a row per year, a column per period, and
// behind them what is foreseen.
type pastTable struct {
	Heads  []string
	Rows   []pastRow
	Shared bool
}

type pastRow struct {
	Year  string
	Cells []pastCell
	Sum   string // of a whole year
	Ahead bool   // and this one is foreseen
}

type pastCell struct {
	Value, Href         string
	Open, Shared, Ahead bool
	State               state
}

func (p *page) past(v *service.OutlookView) (t pastTable) {
	columns := map[int]luoshi.Period{}
	for _, one := range v.Past {
		columns[one.Period.To] = one.Period
	}
	for _, one := range v.Steps {
		if _, ok := columns[one.Period.To]; !ok {
			columns[one.Period.To] = one.Period
		}
	}
	var ends []int
	for m := 1; m <= 12; m++ {
		if period, ok := columns[m]; ok {
			ends = append(ends, m)
			t.Heads = append(t.Heads, p.site.words.Span(p.Lang, period))
		}
	}
	rows := map[int]*pastRow{}
	row := func(year int) *pastRow {
		if rows[year] == nil {
			rows[year] = &pastRow{Year: strconv.Itoa(year), Cells: make([]pastCell, len(ends))}
		}
		return rows[year]
	}
	for _, one := range v.Past {
		cell := &row(one.Period.Year).Cells[slices.Index(ends, one.Period.To)]
		if !one.Value.Valid {
			cell.State = p.state(luoshi.Absent)
			continue
		}
		*cell = pastCell{Value: p.Show(one.Value, ""), Href: p.figureAt(v.Unit.Code, v.Indicator.Code, one.Period, v.Basis()), Open: one.Open, Shared: one.Shared}
		t.Shared = t.Shared || one.Shared
		if one.Period.To == 12 && one.Sum.Valid && !v.Level {
			row(one.Period.Year).Sum = p.Show(one.Sum, "")
		}
	}
	for _, one := range v.Steps {
		row(one.Period.Year).Cells[slices.Index(ends, one.Period.To)] = pastCell{Value: p.Show(one.Value.Value, ""), Ahead: true}
		if v.Level {
			continue
		}
		row(one.Period.Year).Sum, row(one.Period.Year).Ahead = p.Show(v.Drawn().Total, ""), true
	}
	for year := range rows {
		t.Rows = append(t.Rows, *rows[year])
	}
	slices.SortFunc(t.Rows, func(a, b pastRow) int { return cmp.Compare(b.Year, a.Year) })
	return t
}

// methodRow is one method: what it says, and how the combination leans on it.
type methodRow struct {
	Name, Note, Total, Lean string
	At                      string // percent of the span of all
	Bar                     *gap
}

func (p *page) methods(v *service.OutlookView) (rows []methodRow, middle string) {
	list := slices.Clone(v.Methods)
	slices.SortStableFunc(list, func(a, b service.OutlookMethod) int { return cmp.Compare(math.Abs(b.Lean), math.Abs(a.Lean)) })
	value := func(q luoshi.NullQuantity) float64 {
		x, _ := q.Decimal.Float64()
		return x
	}
	whole := value(v.Drawn().Total)
	low, high := whole, whole
	least, most := 0.0, 1e-9
	for _, one := range list {
		if one.Total.Valid {
			low, high = min(low, value(one.Total)), max(high, value(one.Total))
		}
		least, most = min(least, one.Lean), max(most, one.Lean)
	}
	room := max(high-low, 1e-9)
	at := func(x float64) string { return percent(4 + 92*(x-low)/room) }
	scale := most - least
	for _, one := range list {
		row := methodRow{Name: p.W("outlook.method." + one.Name), Note: p.W("outlook.method." + one.Name + ".say"), Total: p.Show(one.Total, ""), Lean: signed(one.Lean)}
		if one.Total.Valid {
			row.At = at(value(one.Total))
		}
		row.Bar = &gap{Class: "g", Zero: percent(-least / scale * 100), Left: percent((min(one.Lean, 0) - least) / scale * 100), Width: percent(math.Abs(one.Lean) / scale * 100)}
		rows = append(rows, row)
	}
	return rows, at(whole)
}

// signed writes an estimate with its sign.
func signed(x float64) string {
	text := fmt.Sprintf("%.2f", math.Abs(x))
	switch {
	case text == "0.00":
		return text
	case x < 0:
		return "−" + text
	}
	return "+" + text
}
