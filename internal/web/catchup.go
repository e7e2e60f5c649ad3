package web

import (
	"context"
	"encoding/json"
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

// catchUps answers for plans that close the gap.
type catchUps interface {
	CatchUp(ctx context.Context, q service.CatchUpQuery) (*service.CatchUpView, error)
	TryCatchUp(ctx context.Context, q service.CatchUpQuery) (*service.CatchUpTrial, error)
	PutCatchUp(ctx context.Context, q service.CatchUpQuery, by string) (*service.CatchUpPut, error)
	Capacity(ctx context.Context, look service.Look, of, indicator string) (*service.CapacityCard, error)
	StateCapacity(ctx context.Context, q service.CapacityStatement) (*service.CapacityCard, error)
}

// catchBody is a catch-up plan as the template lays it out.
type catchBody struct {
	*service.CatchUpView
	Try      *attempt
	Head     string
	Lead     []string
	Facts    []leadFact
	Picks    []option
	Weighs   []option
	Againsts []option
	Fields   []field // of the try-out, that no control of the form shows
	Chart    *chart
	Course   []courseRow
	Cols     []planCol
	Lines    []*planLine
	Marks    []*planNote
	Basis    []string
	Todo     []todoRow
	Later    []todoRow
	Ways     []string // what would have to give
	Force    *catchCompare
	Other    *catchCompare
	Kept     *catchKept
	Plans    []planRow
	States   []choice          // where the reader may state what a unit can bring
	Bare     bool              // nothing is planned: what stands in the way was not to be left out
	Faults   map[string]*fault // of the controls, by name
	One      oneCell           // the form of one more cell
	Locked   string
	Keep     string // address that keeps this try-out beside
	Drop     string // address without the one kept beside
	Swap     string // address with the two exchanged
	Enact    string // address where it is put in force
	Why, Fix string
	WayOut   choice
	MayTry   bool   // a total that is typed would do
	Page     string // of the indicator
	Outlook  string
}

func (s *Site) catchup(w http.ResponseWriter, r *http.Request) error {
	p, a, err := s.attempted(r, r.URL.Query(), "catchup")
	if err != nil {
		return err
	}
	v, err := s.board.CatchUp(r.Context(), a.ask)
	if err != nil {
		return err
	}
	if blocked(v.Problems) && v.Why.Key == "" {
		if v, err = s.spared(r.Context(), v, a); err != nil {
			return err
		}
	} else {
		a.refused(v)
	}
	fill := func() error {
		var course *service.IndicatorView
		var outlook *service.OutlookView
		if v.Why.Key == "" {
			if course, err = s.board.Indicator(r.Context(), service.IndicatorQuery{Look: a.ask.Look, Code: v.Indicator.Code, Show: service.PathCumulative}); err != nil {
				return err
			}
			if outlook, err = s.board.Outlook(r.Context(), service.OutlookQuery{Look: a.ask.Look, Code: v.Indicator.Code}); err != nil {
				return err
			}
		}
		return p.fillCatchUp(v, a, course, outlook)
	}
	if len(a.values) > 0 || len(a.bad) > 0 { // tried once and seldom again
		if err := fill(); err != nil {
			return err
		}
		return s.show(w, r, http.StatusOK, p)
	}
	return s.kept(w, r, p, v, fill)
}

// spared is the plan without what it does not take, where there is one.
func (s *Site) spared(ctx context.Context, v *service.CatchUpView, a *attempt) (*service.CatchUpView, error) {
	a.refused(v)
	rest := readAttempt(a.without(a.bad...), a.ask.Look)
	rest.ask.Indicator = v.Indicator.Code
	there, err := s.board.CatchUp(ctx, rest.ask)
	if err != nil || blocked(there.Problems) {
		return v, err
	}
	a.ask = rest.ask
	return there, nil
}

// attempted is the page of a catch-up plan with the try-out that its address holds.
func (s *Site) attempted(r *http.Request, asked url.Values, view string) (*page, *attempt, error) {
	p := s.page(r, view)
	p.carry(asked)
	p.path, p.section, p.stays, p.scripts = "/catchup", "cascade", true, []string{"indicator.js", "catchup.js"}
	look, err := s.look(p.query)
	if err != nil {
		return nil, nil, err
	}
	a := readAttempt(asked, look)
	p.own, p.local = url.Values{}, a.values
	if code := asked.Get("code"); code != "" && len(code) <= 64 {
		p.own.Set("code", code)
	}
	return p, a, nil
}

func (p *page) fillCatchUp(v *service.CatchUpView, a *attempt, course *service.IndicatorView, outlook *service.OutlookView) (err error) {
	p.frame(&v.Frame)
	p.Title = p.W("catchuppage")
	b := &catchBody{CatchUpView: v, Try: a, Head: p.W("catchuppage")}
	p.Body = b
	if v.Unit.Code == "" {
		return nil
	}
	b.Picks = p.picks(v.Choices, v.Indicator.Code, v.Indicator.Name)
	if code := v.Indicator.Code; code != "" {
		p.Title = p.Name(v.Indicator.Name) + " · " + p.Title
		b.Page, b.Outlook = p.figureOf(v.Unit.Code, code), p.outlookOf(v.Unit.Code, code)
	}
	b.Kept, b.Plans = p.keeping(b), p.plans(v)
	if v.Why.Key != "" {
		p.formFaults(b)
		p.noCatchUp(b)
		return nil
	}
	p.own.Set("code", v.Indicator.Code)
	b.Bare = blocked(v.Problems)
	p.catchForms(b)
	p.catchSheet(b)
	p.catchHead(b)
	if b.Chart, err = p.catchChart(b, course, outlook); err != nil {
		return err
	}
	b.Course = p.course(b)
	p.catchTasks(b)
	b.Force, b.Other = p.compared(b, v.Compare), p.compared(b, v.Beside)
	b.States = p.states(v)
	for _, m := range v.Notes {
		b.Basis = append(b.Basis, p.stopped(p.Say(m)))
	}
	b.Keep, b.Drop, b.Enact = p.Here("beside", a.beside()), p.Here("beside", ""), p.at("/catchup/force")
	if text := a.values.Get("beside"); text != "" {
		if other, err := url.ParseQuery(text); err == nil {
			pairs := []string{"code", v.Indicator.Code, "beside", a.beside()}
			for name := range pick(other, attemptNames, attemptPrefixes, "cap.") {
				if name != "beside" {
					pairs = append(pairs, name, other.Get(name))
				}
			}
			b.Swap = p.To("/catchup", pairs...)
		}
	}
	return nil
}

// states are the units of which the reader may state what they can bring at most.
func (p *page) states(v *service.CatchUpView) (list []choice) {
	rows := v.Rows
	if len(rows) == 0 {
		rows = []service.CatchUpRow{v.Whole}
	}
	for _, row := range rows {
		if code := row.Unit.Code; !row.Own && p.Has("/catchup/capacity") && p.MayAt(string(workflow.StateCapacity), code) {
			list = append(list, choice{Text: p.Name(row.Unit.Short), Href: p.To("/catchup/capacity", "code", v.Indicator.Code, "of", code)})
		}
	}
	return list
}

// noCatchUp says why there is no plan and what to do.
func (p *page) noCatchUp(b *catchBody) {
	v := b.CatchUpView
	b.Why, b.Fix = p.stopped(p.Say(v.Why)), p.Say(v.Instead)
	if b.Fix != "" {
		b.Fix = p.stopped(b.Fix)
	}
	b.MayTry = v.Instead.Key == "catchupplan.instead.total"
	switch {
	case b.Page == "" && p.Has("/import"):
		b.WayOut = choice{Text: p.W("cascadepage.way.import"), Href: p.To("/import")}
	case b.Page == "":
	case v.Instead.Key == "catchupplan.instead.total" && p.Has("/register/target"):
		b.WayOut = choice{Text: p.W("cascadepage.way.target", "indicator", v.Indicator.Name), Href: p.To("/register/target", "code", v.Indicator.Code)}
	default:
		b.WayOut = choice{Text: p.W("cascadepage.way.indicator", "indicator", v.Indicator.Name), Href: b.Page}
	}
}

// catchHead is the verdict, in a sentence, with what bears it.
func (p *page) catchHead(b *catchBody) {
	v := b.CatchUpView
	b.Head = p.Name(v.Indicator.Name) + p.W("punct.colon")
	says := v.Says
	if n := len(b.Try.bad); n > 0 {
		b.Head += p.W("catchuppage.head.blocked", "count", n)
		b.Lead = append(b.Lead, p.W(map[bool]string{true: "catchuppage.lead.bare", false: "catchuppage.lead.without"}[b.Bare]))
	} else if len(says) > 0 {
		b.Head += p.stopped(p.Say(says[0]))
		says = says[1:]
	}
	for _, m := range says {
		b.Lead = append(b.Lead, p.stopped(p.Say(m)))
	}
	if b.Kept != nil && b.Kept.Says != "" {
		b.Lead = append(b.Lead, b.Kept.Says)
	}
	unit := strings.TrimLeft(p.unitAfter(v.Indicator.Measure), "\u00a0 ")
	add := func(key string, value luoshi.NullQuantity, href string) {
		if value.Valid {
			b.Facts = append(b.Facts, leadFact{Name: p.W("catchuppage.fact." + key), Value: p.Show(value, ""), Unit: unit, Href: href})
		}
	}
	target := "target"
	if v.Tried && b.Try.ask.Total.Valid {
		target = "tried"
	}
	add(target, v.Target, b.Page+"#revisions")
	if v.Known.Valid && v.Through.To > 0 {
		b.Facts = append(b.Facts, leadFact{Name: p.Show(v.Through, ""), Value: p.Show(v.Known, ""), Unit: unit, Href: b.Page})
	}
	add("needed"+b.Side(), v.Needed, "#sheet")
	add("expected", v.Expected, b.Outlook)
	add("best"+b.Side(), v.Best, "#sheet")
	add("short"+b.Side(), v.Short, "#gives")
	if v.Chance.OK() {
		b.Facts = append(b.Facts, leadFact{Name: p.W("catchuppage.fact.chance"), Value: p.Say(service.ChanceSays(v.Chance)), Href: b.Outlook, Text: true})
	}
	if n := b.Try.locks(); n > 0 {
		b.Locked = p.W("catchuppage.locked", "count", n)
	}
}

// catchForms fills the controls of the try-out.
func (p *page) catchForms(b *catchBody) {
	v := b.CatchUpView
	for _, way := range service.CatchUpWeighings() {
		b.Weighs = append(b.Weighs, option{way, p.W("catchuppage.weigh." + way), way == v.Weigh})
	}
	b.Againsts = []option{{"", p.W("catchuppage.against.force"), b.Try.ask.Against == ""}}
	for _, one := range v.Versions {
		if !one.InForce {
			b.Againsts = append(b.Againsts, option{one.ID, p.W("cascadepage.version", "from", one.From), one.ID == b.Try.ask.Against})
		}
	}
	shown := []string{"weigh", "total", "stretch", "unbound", "exact", "against"}
	for _, name := range sorted(b.Try.values) {
		if !slices.Contains(shown, name) {
			b.Fields = append(b.Fields, field{name, b.Try.values.Get(name)})
		}
	}
}

// Unit of measure, as it stands at the head of a table.
func (b *catchBody) Symbol(p *page) string { return p.Name(b.Indicator.Measure.Symbol) }

// Side ends the keys of words that differ where less is better.
func (b *catchBody) Side() string {
	if b.Hard < 0 {
		return "_less"
	}
	return ""
}

// Wrong is how many entries are to be put right; the plan is one without them.
func (b *catchBody) Wrong() int { return len(b.Try.bad) }

// Strays reports whether the page holds anything but the plan as it follows.
func (b *catchBody) Strays() bool { return b.Tried || b.Wrong() > 0 }

// Able reports whether the plan can be put in force as it stands.
func (b *catchBody) Able() bool { return b.Wrong() == 0 && len(b.Changes) > 0 }

// catchChart is the year's course: reported, expected with its bands, and the plan.
func (p *page) catchChart(b *catchBody, course *service.IndicatorView, o *service.OutlookView) (*chart, error) {
	if course == nil || len(course.Path.Points) == 0 {
		return nil, nil
	}
	v, from := b.CatchUpView, 0
	d := p.plot(course, o, true)
	d.asked, d.upper, d.gapped, d.pointLabel = newSeries(), newSeries(), false, ""
	if v.Known.Valid {
		from = v.Through.To
		d.asked.values[from], _ = v.Known.Decimal.Float64()
	} else {
		d.asked.values[0] = 0
	}
	if !b.Bare {
		for _, one := range b.planned() {
			d.asked.values[one.month], _ = one.sum.Float64()
			d.asked.text[one.month] = p.Show(luoshi.Some(one.sum), "")
		}
	}
	d.names["asked"] = p.W("catchuppage.chart.plan")
	d.scale()
	c := &chart{Unit: p.W("indicator.path.cumulative") + p.W("indicator.comma") + p.Name(course.Path.Measure.Symbol), Name: b.Head, Asked: d.names["asked"], Key: []string{"actual", "asked"}}
	if d.before.last() >= 1 {
		c.Key = append(c.Key, "last")
	}
	if d.fan != nil {
		c.Key = append(c.Key, "outlook")
	}
	c.Wide, c.Narrow = d.draw(860, 400, 132, false), d.draw(358, 300, 56, true)
	data, err := json.Marshal(d.script(p, course))
	if err != nil {
		return nil, fmt.Errorf("chart: %w", err)
	}
	c.Data = string(data)
	return c, nil
}

// sumAt is the planned sum of the year up to a month.
type sumAt struct {
	month int
	sum   luoshi.Quantity
}

// planned is the plan as sums of the year, at the periods that are left.
func (b *catchBody) planned() (list []sumAt) {
	run := luoshi.Quantity{}
	if b.Known.Valid {
		run = b.Known.Decimal
	}
	for _, cell := range b.Whole.Cells {
		if cell.Period.To <= b.Through.To {
			continue
		}
		if !cell.Value.Valid {
			return nil
		}
		next, err := run.Add(cell.Value.Decimal)
		if err != nil {
			return nil
		}
		run = next
		list = append(list, sumAt{cell.Period.To, run})
	}
	return list
}

// courseRow is a period in the chart's table.
type courseRow struct {
	Period, Reported, Expected, Plan, Extra, Sum, InForce, LastYear string
}

func (p *page) course(b *catchBody) (rows []courseRow) {
	sums := map[int]luoshi.Quantity{}
	for _, one := range b.planned() {
		sums[one.month] = one.sum
	}
	for _, cell := range b.Whole.Cells {
		row := courseRow{Period: p.site.words.Span(p.Lang, cell.Period), InForce: p.Show(cell.InForce, ""), LastYear: p.Show(cell.LastYear, "")}
		if cell.Known {
			row.Reported = p.Show(cell.Value, "")
		} else {
			row.Expected, row.Plan, row.Extra = p.Show(cell.Expect, ""), p.Show(cell.Value, ""), p.signed(cell.Extra)
			if sum, ok := sums[cell.Period.To]; ok {
				row.Sum = p.Show(luoshi.Some(sum), "")
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// todoRow is what a unit must bring by a day, or in all that is left.
type todoRow struct {
	Unit, Period, By, Value, Expect, Extra, Effort, Held string
	Rest, RestExtra                                      string
	Person, Leader                                       string
}

// catchTasks lists who must bring what: a row for each unit with its next day, those
// asked for most first; and all days in a list of their own.
func (p *page) catchTasks(b *catchBody) {
	v := b.CatchUpView
	next := map[string]*service.CatchUpTask{}
	for i := range v.Tasks {
		t := &v.Tasks[i]
		if n := next[t.Unit.Code]; n == nil || t.By < n.By {
			next[t.Unit.Code] = t
		}
		row := p.todo(t)
		b.Later = append(b.Later, row)
	}
	rows := slices.Clone(v.Rows)
	if v.Alone {
		rows = append(rows, v.Whole)
	}
	slices.SortStableFunc(rows, func(x, y service.CatchUpRow) int { return y.Extra.Decimal.Cmp(x.Extra.Decimal) })
	for i := range rows {
		t := next[rows[i].Unit.Code]
		if t == nil || rows[i].Own {
			continue
		}
		row := p.todo(t)
		row.Rest, row.RestExtra, row.Effort = p.Show(rows[i].Rest, ""), p.signed(rows[i].Extra), p.effort(rows[i].Effort)
		b.Todo = append(b.Todo, row)
	}
	for _, g := range v.Gives {
		b.Ways = append(b.Ways, p.stopped(p.Say(g.Says)))
	}
}

func (p *page) todo(t *service.CatchUpTask) todoRow {
	row := todoRow{Unit: p.Name(t.Unit.Short), Period: p.site.words.Span(p.Lang, t.Period), By: p.Show(t.By, ""), Value: p.Show(t.Value, ""), Expect: p.Show(t.Expect, ""), Extra: p.signed(t.Extra),
		Effort: p.effort(t.Effort), Person: p.InCharge(t.Person, luoshi.Names{}), Leader: p.InCharge(t.Leader, luoshi.Names{})}
	if t.Hold != "" {
		row.Held = p.W("catchuppage.hold." + string(t.Hold))
	}
	return row
}

// catchCompare is the plan beside another one.
type catchCompare struct {
	Says  string
	Heads []string
	Rows  []compareLine
	Foot  *compareLine
}

func (p *page) compared(b *catchBody, c *service.CatchUpCompare) *catchCompare {
	if c == nil {
		return nil
	}
	out := &catchCompare{}
	switch {
	case c.Differ == 0:
		out.Says = p.W("catchuppage.compare.same")
	default:
		out.Says = p.W("catchuppage.compare.say", "cells", c.Differ, "units", len(c.Rows))
		if c.Effort.Valid && c.Other.Valid {
			out.Says += p.Between() + p.W("catchuppage.compare.effort", "here", c.Effort, "there", c.Other)
		}
		if c.Short.Valid {
			out.Says += p.Between() + p.W("catchuppage.compare.short", "short", c.Short, "measure", p.unitAfter(b.Indicator.Measure))
		}
	}
	for _, col := range b.Columns {
		if col.Left {
			out.Heads = append(out.Heads, p.site.words.Span(p.Lang, col.Period))
		}
	}
	line := func(name string, cells []service.CatchUpDiff, sum service.CatchUpDiff) compareLine {
		l := compareLine{Name: name, A: p.figure(sum.There), B: p.figure(sum.Here), By: p.signed(sum.By)}
		for j, one := range cells {
			cell := compareCell{A: p.figure(one.There), B: p.signed(one.By)}
			if j < len(out.Heads) {
				cell.Head = out.Heads[j]
			}
			cell.Differs = one.By.Valid && !one.By.Decimal.IsZero()
			l.Months = append(l.Months, cell)
		}
		return l
	}
	for _, row := range c.Rows {
		name := p.Name(row.Unit.Short)
		if row.Own {
			name = p.W("catchuppage.own")
		}
		out.Rows = append(out.Rows, line(name, row.Cells, row.Sum))
	}
	foot := line(p.W("catchuppage.sum"), c.Months, c.Sum)
	out.Foot = &foot
	return out
}

// catchKept is how the plan in force is being kept.
type catchKept struct {
	Says  string
	Heads []string
	Rows  []keptRow
}

type keptRow struct {
	Name, Class, Score, Behind, Person string
	Late                               bool
	Months                             []keptCell
}

type keptCell struct {
	Head, Planned, Reported, By, Word string
	Kept, Come                        bool
}

func (p *page) keeping(b *catchBody) *catchKept {
	k := b.Keeping
	if k == nil {
		return nil
	}
	out := &catchKept{Says: p.Say(k.Says)}
	if out.Says != "" {
		out.Says = p.stopped(out.Says)
	}
	for _, m := range k.Whole.Months {
		out.Heads = append(out.Heads, p.site.words.Span(p.Lang, m.Period))
	}
	row := func(r *service.CatchUpKeptRow) keptRow {
		one := keptRow{Name: p.Name(r.Unit.Short), Behind: p.signed(negated(r.Behind)), Person: p.InCharge(r.Person, luoshi.Names{}), Late: r.Behind.Valid && !r.Behind.Decimal.IsNeg() && !r.Behind.Decimal.IsZero()}
		if r.Kept+r.Missed > 0 {
			one.Score = strconv.Itoa(r.Kept) + "/" + strconv.Itoa(r.Kept+r.Missed)
		}
		for j, m := range r.Months {
			cell := keptCell{Planned: p.Show(m.Planned, ""), Reported: p.Show(m.Reported, ""), By: p.signed(m.By), Kept: m.Kept, Come: m.Reported.Valid}
			if j < len(out.Heads) {
				cell.Head = out.Heads[j]
			}
			if cell.Come {
				cell.Word = p.W(map[bool]string{true: "catchuppage.kept.yes", false: "catchuppage.kept.no"}[m.Kept])
			}
			one.Months = append(one.Months, cell)
		}
		return one
	}
	whole := row(&k.Whole)
	whole.Class = "tot"
	out.Rows = append(out.Rows, whole)
	for i := range k.Rows {
		out.Rows = append(out.Rows, row(&k.Rows[i]))
	}
	return out
}

// negated turns what somebody is behind into how they stand.
func negated(q luoshi.NullQuantity) luoshi.NullQuantity {
	if !q.Valid {
		return q
	}
	d, err := luoshi.Quantity{}.Sub(q.Decimal)
	if err != nil {
		return luoshi.NullQuantity{}
	}
	return luoshi.Some(d)
}

// effort writes a number of spreads, "" where it is none.
func (p *page) effort(q luoshi.NullQuantity) string {
	if !q.Valid || q.Decimal.IsZero() {
		return ""
	}
	if x, _ := q.Decimal.Float64(); math.Abs(x) > 99 {
		return ">99"
	}
	return p.signed(q)
}
