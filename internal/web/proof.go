package web

import (
	"html/template"
	"net/http"
	"net/url"
	"strconv"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/workflow"
)

// proofBody is a light with everything it rests on.
type proofBody struct {
	Name, Unit string
	Light      light
	State      state
	Says       template.HTML
	Ruler      *ruler
	Facts      []fact // what was compared
	Versions   []fact // what that rests on
	Parts      []goalRow
	Back       string
	Page       string // all about the indicator, "" for a goal of several
	CatchUp    string // address of the plan that closes the gap, where the light asks for one
	Came       string // the events of its figure
}

type fact struct {
	Name, Value string
	Href        string
}

// proofOf is the address of the proof of one target's light.
func (p *page) proofOf(unit, indicator string) string {
	return p.To("/proof", "of", unit, "indicator", indicator)
}

// figureOf is the address of one indicator at one unit, where a number comes from.
func (p *page) figureOf(unit, indicator string) string {
	return p.To("/indicator", "unit", unit, "code", indicator)
}

// unit is the code of the unit that the page is about.
func (p *page) unit() string {
	if p.Frame == nil {
		return ""
	}
	return p.Frame.Unit.Code
}

// proof shows the proof of one light on the overview: a goal (?goal=), or an
// indicator of the unit or of a unit below it (?indicator=, ?of=).
func (s *Site) proof(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "proof")
	p.own = url.Values{}
	for _, name := range []string{"goal", "of", "indicator"} {
		if v := r.URL.Query().Get(name); v != "" && len(v) <= 64 {
			p.own.Set(name, v)
		}
	}
	o, err := s.ask(r, p)
	if err != nil {
		return err
	}
	p.frame(&o.Frame)
	var view any = o
	body, ok := p.find(o, p.own.Get("goal"), p.own.Get("of"), p.own.Get("indicator"))
	if !ok {
		if view, body, err = s.proofAnywhere(r, p); err != nil {
			return err
		}
	}
	return s.kept(w, r, p, view, func() error {
		p.Body, p.Title = body, body.Name
		return nil
	})
}

// proofAnywhere is the proof of an indicator at any unit, whether or not the
// overview shows it, and the view that it is from.
func (s *Site) proofAnywhere(r *http.Request, p *page) (any, *proofBody, error) {
	if p.own.Get("indicator") == "" {
		return nil, nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("page.proof.not_found")}
	}
	look, err := s.look(p.query)
	if err != nil {
		return nil, nil, err
	}
	if of := p.own.Get("of"); of != "" {
		look.Unit = of
	}
	v, err := s.board.Indicator(r.Context(), service.IndicatorQuery{Look: look, Code: p.own.Get("indicator")})
	if err != nil {
		return nil, nil, err
	}
	body := p.proofBody(p.Name(v.Indicator.Name), v.Unit, v.Judgement, v.Indicator.Measure)
	body.link(p, v.Unit.Code, v.Indicator.Code, v.Judgement)
	if !v.Paced {
		body.Ruler = nil
	}
	return v, body, nil
}

// link leads from the numbers of a proof to where they came from.
func (b *proofBody) link(p *page, unit, code string, j luoshi.Judgement) {
	if code == "" {
		return
	}
	b.Page, b.Came = p.figureOf(unit, code), p.CameFigure(unit, code, j.Period)
	if (j.Light == luoshi.Yellow || j.Light == luoshi.Red) && p.MayAt(string(workflow.ReadPlan), unit) {
		b.CatchUp = p.To("/catchup", "unit", unit, "code", code)
	}
	for i := range b.Facts {
		switch b.Facts[i].Name {
		case p.W("page.proof.actual"), p.W("page.proof.growth"):
			b.Facts[i].Href = p.figureAt(unit, code, j.Period, "")
		case p.W("page.proof.year"):
			b.Facts[i].Href = b.Page + "#revisions"
		}
	}
}

func (p *page) find(o *service.Overview, goal, of, indicator string) (*proofBody, bool) {
	for i, g := range o.Goals {
		if goal != "" && g.Code == goal || goal == "" && of == "" && indicator != "" && g.Indicator == indicator {
			body := p.proofBody(p.Name(g.Name), o.Unit, g.Judgement, g.Measure)
			if !g.Paced {
				body.Ruler = nil
			}
			body.Parts = p.parts(o.Goals[i:])
			body.link(p, o.Unit.Code, g.Indicator, g.Judgement)
			return body, true
		}
	}
	for _, row := range o.Off {
		if row.Unit.Code == of && row.Indicator == indicator && indicator != "" {
			body := p.proofBody(p.Name(row.Name), row.Unit, row.Judgement, row.Measure)
			body.link(p, of, indicator, row.Judgement)
			return body, true
		}
	}
	for _, m := range o.Maps {
		for _, a := range m.Areas {
			if m.Indicator == indicator && a.Unit.Code == of {
				body := p.proofBody(p.Name(m.Name), a.Unit, a.Judgement, m.Measure)
				body.link(p, of, indicator, a.Judgement)
				return body, true
			}
		}
	}
	return nil, false
}

// parts are the rows directly below the first.
func (p *page) parts(rows []service.GoalRow) []goalRow {
	var list []goalRow
	for _, g := range rows[1:] {
		if g.Depth <= rows[0].Depth {
			break
		}
		if g.Depth == rows[0].Depth+1 {
			list = append(list, p.goal(g))
		}
	}
	return list
}

func (p *page) proofBody(name string, unit service.UnitRef, j luoshi.Judgement, m luoshi.Measure) *proofBody {
	b := &proofBody{Name: name, Unit: p.Name(unit.Name), Light: p.light(j.Light), State: p.state(j.Presence), Says: p.Rich(j.Says), Back: p.Link()}
	if j.Pace.OK() {
		b.Ruler = p.ruler(j)
	}
	symbol := p.Name(m.Symbol)
	compared := func(key string, there bool, value string) {
		if there {
			b.Facts = append(b.Facts, fact{Name: p.W("page.proof." + key), Value: value})
		}
	}
	amount := func(q luoshi.NullQuantity) string { return p.Show(q, "") + p.gapBefore(symbol) }
	compared("period", j.Period.To > 0, p.Show(j.Period, ""))
	compared("actual", j.Actual.Valid, amount(j.Actual))
	compared("planned", j.Planned.Valid, amount(j.Planned))
	compared("year", j.Year.Valid, amount(j.Year))
	compared("share", j.Share.OK(), p.Show(j.Share, "percent"))
	compared("pace", j.Pace.OK(), p.Show(j.Pace, "percent"))
	compared("ahead", j.Ahead.OK(), p.W("page.points", "points", p.ahead(j)))
	compared("growth", j.Growth.Valid, growth(j)+"%")
	compared("implied", j.Implied.OK(), p.Show(j.Implied, "signedpercent"))
	compared("missed", j.Missed > 0, p.W("page.proof.months", "months", j.Missed))
	if d := j.Proof.Difference; d.Valid && !d.Decimal.IsZero() {
		compared("rolled", true, amount(j.Proof.Rolled))
		compared("difference", true, p.Show(d, "signed")+p.gapBefore(symbol))
	}
	compared("remainder", j.Proof.Remainder.Valid, amount(j.Proof.Remainder))
	b.versions(p, j)
	return b
}

// gapBefore sets a Latin unit of measure off from its number; 亿元 follows at once.
func (p *page) gapBefore(symbol string) string {
	if symbol != "" && symbol[0] >= '0' && symbol[0] <= '9' { // 206.11 × 100 million yuan
		return "\u00a0×\u00a0" + symbol
	}
	if symbol != "" && symbol[0] < 0x80 && symbol[0] != '%' {
		return "\u00a0" + symbol
	}
	return symbol
}

// versions are the rule, the target's revision, the figures and the boundaries.
func (b *proofBody) versions(p *page, j luoshi.Judgement) {
	rests := func(key string, there bool, value string) {
		if there {
			b.Versions = append(b.Versions, fact{Name: p.W("page.proof." + key), Value: value})
		}
	}
	f := j.Proof
	scheme := p.Name(f.SchemeName)
	if rule := p.Say(f.Rule); rule != "" {
		scheme += p.W("punct.colon") + rule
	}
	rests("scheme", scheme != "", scheme)
	rests("target", f.Target > 0, p.W("page.proof.revision", "revision", strconv.Itoa(f.Target), "from", f.TargetFrom))
	rests("status", f.Status != "", p.Show(f.Status, ""))
	rests("presence", j.Presence != "" && j.Presence != luoshi.Present, p.Show(j.Presence, ""))
	switch n := len(f.Figures); {
	case n > 3:
		rests("figures", true, p.W("page.proof.figures_many", "count", n))
	case n > 0:
		text := ""
		for i, seq := range f.Figures {
			if i > 0 {
				text += p.W("punct.list")
			}
			text += "#" + strconv.FormatInt(seq, 10)
		}
		rests("figures", true, text)
	}
	rests("recorded", !f.RecordedAt.IsZero(), instant(f.RecordedAt))
	rests("source", f.Source != "", f.Source)
	rests("sample", f.Sample, p.W("page.proof.generated"))
	rests("boundaries", f.Boundaries != 0, p.Show(f.Boundaries, ""))
	rests("complete", f.Complete.Want > 0 && !f.Complete.Weight.OK(), p.W("page.proof.coverage", "have", f.Complete.Have, "want", f.Complete.Want))
	rests("complete", f.Complete.Want > 0 && f.Complete.Weight.OK(), p.W("page.proof.coverage_weight", "have", f.Complete.Have, "want", f.Complete.Want, "weight", f.Complete.Weight))
	if p.Frame != nil {
		rests("asof", true, instant(p.Frame.AsOf))
	}
}
