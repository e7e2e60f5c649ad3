package web

import (
	"cmp"
	"context"
	"html"
	"html/template"
	"net/http"
	"slices"
	"strconv"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// overviewBody is the overview as the template lays it out.
type overviewBody struct {
	*service.Overview
	Goals    []goalRow
	Off      []offRow
	Turns    turns
	Spreads  []*spread
	Reports  *reports
	Children []choice
}

// SpreadWidth and ReportsWidth are the columns of the grid that the maps and the
// reports take beside each other: two maps need half the page.
func (b *overviewBody) SpreadWidth() string {
	if len(b.Spreads) > 1 {
		return "c6"
	}
	return "c4"
}

// HasOdds reports whether any goal has a chance to show.
func (b *overviewBody) HasOdds() bool {
	return slices.ContainsFunc(b.Goals, func(g goalRow) bool { return g.Percent != "" })
}

// ReportsWidth is what the maps leave.
func (b *overviewBody) ReportsWidth() string {
	return [...]string{"c12", "c8", "c6"}[min(len(b.Spreads), 2)]
}

// goalRow is one line of the goals table.
type goalRow struct {
	service.GoalRow
	Light   light
	Changed string // what the light was a month ago, where it differs
	Says    template.HTML
	Ruler   *ruler // nil: nothing to measure against the pace
	State   state  // of the figure, where nothing could be judged
	Proof   string
	Figure  string // address of the indicator's page
	Percent string // how likely it is reached, "" where that cannot be told
	Bound   string // then: it is no more than this
	Odds    string // it, or what it lacks, in words
	OddsAt  string // where it is laid out
}

// offRow is one line of what is off.
type offRow struct {
	service.OffRow
	Light       light
	Gap         string
	Since       string // how long
	Impact      string // percent of the unit's own target that is lacking there
	Chance      string // in whole percent; "" where there is none
	Odds        string // it, or why there is none, in words
	Proof, Unit string
	Figure      string
	Itself      bool   // the unit answers for itself
	Who         string // answers
}

// overviews answers for the first page.
type overviews interface {
	Overview(ctx context.Context, look service.Look) (*service.Overview, error)
}

func (s *Site) overview(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "overview")
	p.section, p.stays = "overview", true
	o, err := s.ask(r, p)
	if err != nil {
		return err
	}
	return s.kept(w, r, p, o, func() error {
		p.fillOverview(o)
		return nil
	})
}

func (p *page) fillOverview(o *service.Overview) {
	p.frame(&o.Frame)
	body := &overviewBody{Overview: o, Turns: p.turns(o.Turns), Reports: p.reports(o)}
	for i, m := range o.Maps {
		if one := p.spread(m, o.Unit.Code, i); one != nil {
			body.Spreads = append(body.Spreads, one)
		}
	}
	for _, g := range o.Goals {
		body.Goals = append(body.Goals, p.goal(g))
	}
	for _, row := range o.Off {
		body.Off = append(body.Off, p.off(row))
	}
	for _, u := range o.Children {
		body.Children = append(body.Children, choice{Text: p.Name(u.Name), Href: p.Link("unit", u.Code)})
	}
	p.Body = body
	p.Title = p.W("page.overview")
}

// ask gets the overview for where the page stands.
func (s *Site) ask(r *http.Request, p *page) (*service.Overview, error) {
	look, err := s.look(p.query)
	if err != nil {
		return nil, err
	}
	return s.board.Overview(r.Context(), look)
}

func (p *page) goal(g service.GoalRow) goalRow {
	row := goalRow{GoalRow: g, Light: p.light(g.Judgement.Light), Says: p.Rich(g.Judgement.Says), State: p.state(g.Judgement.Presence), Proof: p.To("/proof", "goal", g.Code)}
	if g.Code == "" {
		row.Proof = p.proofOf("", g.Indicator)
	}
	if g.Before != g.Judgement.Light && g.Before != luoshi.NotJudged {
		row.Changed = p.W("overview.before", "light", g.Before)
	}
	if g.Indicator != "" {
		row.Figure = p.figureOf(p.unit(), g.Indicator)
	}
	if !g.Heading && g.Paced {
		row.Ruler = p.ruler(g.Judgement)
	}
	if g.Chance != nil {
		row.Odds = p.Say(g.Chance.Says())
		if c := (service.Chance{Chance: g.Chance.Chance}); c.Chance.OK() {
			row.Percent = html.UnescapeString(chanceText(c)) + "%"
		} else if rest := (service.Chance{Chance: g.Chance.Rest}); rest.Chance.OK() {
			percent, under, _ := rest.Percent()
			if row.Bound = "≤" + strconv.Itoa(percent) + "%"; under {
				row.Bound = "<1%"
			}
		}
		switch {
		case g.Heading || len(g.Chance.Members) > 1:
			row.OddsAt = p.To("/register/goal", "code", g.Code, "unit", p.unit())
		case g.Indicator != "":
			row.OddsAt = p.To("/outlook", "code", g.Indicator, "unit", p.unit())
		}
	}
	return row
}

// Class is the row's depth and light, for the stylesheet.
func (g goalRow) Class() string {
	return [...]string{"d0", "d1", "d2", "d3"}[min(g.Depth, 3)] + " k-" + g.Light.Class
}

func (p *page) off(o service.OffRow) offRow {
	j := o.Judgement
	row := offRow{OffRow: o, Light: p.light(j.Light), Gap: p.ahead(j), Unit: p.Link("unit", o.Unit.Code), Proof: p.proofOf(o.Unit.Code, o.Indicator), Figure: p.figureOf(o.Unit.Code, o.Indicator), Itself: o.Owner == o.Unit.Name && o.Person == nil}
	row.Who = p.InCharge(o.Person, o.Owner)
	if o.Person != nil && o.Owner == o.Unit.Name {
		row.Who = p.Say(o.Person.Says())
	}
	if o.Impact.OK() && o.Impact.Num > 0 {
		row.Impact = p.Show(o.Impact, "")
	}
	if row.Odds = p.Say(o.Chance.Says()); o.Chance.Chance.OK() {
		row.Chance = html.UnescapeString(chanceText(o.Chance)) + "%"
	} else if o.Chance.State == service.ChanceUnkept && p.Frame != nil && p.Frame.Now {
		row.Chance, row.Odds = p.W("chance.short.waiting"), p.W("chance.state.waiting")
	}
	switch {
	case j.Missed == 1:
		row.Since = p.W("page.off.first")
	case j.Missed > 1:
		row.Since = p.W("page.off.months", "months", j.Missed)
	}
	return row
}

// reports is the completeness table: a row per report, a column per period.
type reports struct {
	Columns []string
	Wide    int // so many of the first columns are left out on a phone
	Rows    []reportRow
	Rest    []reportRow // folded away: what needs no action
	Says    template.HTML
	Owed    []owed // what is past its due date, newest first
	More    int    // how many of those are not listed
}

type reportRow struct {
	Name    string
	Cells   []*strip // nil: not asked in that period
	Have    string
	lacking int // units that should have reported and have not, over all columns
}

// owed is a report that some units owe past the due date.
type owed struct {
	Report, Period, Units string
	State                 state
	end, rank             int
}

const (
	periodsShown = 5
	reportsShown = 10
	owedShown    = 8
)

func (p *page) reports(o *service.Overview) *reports {
	ends := periods(o.Reports, periodsShown)
	if len(ends) == 0 {
		return nil
	}
	r := &reports{Wide: max(0, len(ends)-2)}
	for _, e := range ends {
		r.Columns = append(r.Columns, p.column(e))
	}
	for _, row := range o.Reports {
		line := reportRow{Name: p.Name(row.Name), Cells: make([]*strip, len(ends))}
		for _, c := range row.Periods {
			i := slices.IndexFunc(ends, func(e luoshi.Period) bool { return e.Year == c.Period.Year && e.To == c.Period.To })
			if i < 0 || c.Want == 0 {
				continue
			}
			line.Cells[i] = p.strip(c)
			if closed(c) {
				line.Have = p.W("page.reports.of", "have", c.Have, "want", c.Want)
				line.lacking = c.Want - c.Have // the newest counts: it is what can still be mended
			}
			r.owe(p, row, c)
		}
		r.Rows = append(r.Rows, line)
	}
	newest := p.column(ends[len(ends)-1])
	r.Says = p.Rich(luoshi.Say("page.reports.sum", "period", newest, "expected", o.Expected, "received", o.Received, "lacking", o.Expected-o.Received))
	if o.Expected == o.Received {
		r.Says = p.Rich(luoshi.Say("page.reports.full", "period", newest, "expected", o.Expected))
	}
	r.sort()
	return r
}

// sort puts first what needs action and folds the rest away.
func (r *reports) sort() {
	slices.SortStableFunc(r.Rows, func(a, b reportRow) int { return b.lacking - a.lacking })
	if len(r.Rows) > reportsShown+2 {
		r.Rows, r.Rest = r.Rows[:reportsShown], r.Rows[reportsShown:]
	}
	slices.SortStableFunc(r.Owed, func(a, b owed) int { return cmp.Or(b.end-a.end, a.rank-b.rank) })
	if len(r.Owed) > owedShown {
		r.More = len(r.Owed) - owedShown
		r.Owed = r.Owed[:owedShown]
	}
}

// column heads the periods that end in one month: January with February where
// they are one point, else the month of the end alone.
func (p *page) column(e luoshi.Period) string {
	if e.To != 2 {
		e.From = e.To
	}
	return p.site.words.Span(p.Lang, e)
}

// closed reports whether the period of the cell is over.
func closed(c service.ReportCell) bool {
	return slices.ContainsFunc(c.States, func(s luoshi.Presence) bool { return s != luoshi.NotDue && s != luoshi.NotAsked })
}

// owe notes who is past the due date. What is merely due is nobody's debt yet.
func (r *reports) owe(p *page, row service.ReportRow, c service.ReportCell) {
	for rank, presence := range []luoshi.Presence{luoshi.Absent, luoshi.Late} {
		if who := p.who(c, presence); len(who) > 0 {
			r.Owed = append(r.Owed, owed{p.Name(row.Name), p.site.words.Span(p.Lang, c.Period), p.few(who, 4), p.state(presence), c.Period.Year*12 + c.Period.To, rank})
		}
	}
}
