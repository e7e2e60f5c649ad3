package web

import (
	"net/http"
	"net/url"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// figureBody is one figure with everything that is known of it.
type figureBody struct {
	*service.FigureView
	Title    string
	Number   string
	State    state
	Facts    []fact
	Vintages []vintageRow
	History  []vintageRow
	Parts    []figurePartRow
	PartsOf  string // what the parts are: units or indicators
	Earlier  *choice
	Later    *choice
	Bases    []choice
	Page     string // address of the indicator's page
	Problems []string
	Came     string // its events
}

type figurePartRow struct {
	Name, Value, Growth, Status, Href string
	State                             state
}

func (s *Site) figure(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "figure")
	p.section, p.stays = "indicators", true
	asked := r.URL.Query()
	p.own = url.Values{}
	for _, name := range []string{"indicator", "period", "basis"} {
		if v := asked.Get(name); v != "" && len(v) <= 64 {
			p.own.Set(name, v)
		}
	}
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	q := service.FigureQuery{Look: look, Code: p.own.Get("indicator"), Basis: luoshi.Basis(p.own.Get("basis"))}
	if text := p.own.Get("period"); text != "" {
		if q.Period, err = luoshi.ParsePeriod(text); err != nil {
			return err
		}
	}
	v, err := s.board.Figure(r.Context(), q)
	if err != nil {
		return err
	}
	return s.kept(w, r, p, v, func() error {
		p.fillFigure(v)
		return nil
	})
}

func (p *page) fillFigure(v *service.FigureView) {
	p.frame(&v.Frame)
	p.Sample = v.Frame.Sample || v.Sample
	b := &figureBody{FigureView: v, Title: p.Name(v.Indicator.Name), State: p.state(v.Presence)}
	p.Body, p.Title = b, b.Title
	if v.Unit.Code == "" {
		return
	}
	format := ""
	if v.Indicator.Kind == luoshi.Growth {
		format = "signed"
	}
	if v.Value.Valid {
		b.Number = p.Show(v.Value, format) + p.unitAfter(v.Indicator.Measure)
	}
	b.facts(p, v, format)
	b.Vintages, b.History = p.history(v.Vintages, v.Indicator), p.history(v.History, v.Indicator)
	b.PartsOf = p.W("indicator.figure.units")
	for _, part := range v.Parts {
		row := figurePartRow{Name: p.Name(part.Unit.Name), State: p.state(part.Presence), Href: p.figureAt(part.Unit.Code, part.Indicator.Code, v.Period, v.Basis)}
		if part.Indicator.Code != v.Indicator.Code {
			b.PartsOf = p.W("indicator.figure.inputs")
			row.Name = p.Name(part.Indicator.Name) + p.W("indicator.comma") + p.Name(part.Indicator.Measure.Symbol)
			row.Href = p.figureAt(part.Unit.Code, part.Indicator.Code, v.Period, "")
		}
		if part.Value.Valid {
			row.Value, row.State = p.Show(part.Value, format), state{}
		}
		if part.Growth.Valid {
			row.Growth = p.Show(part.Growth, "signed")
		}
		if part.Status != "" {
			row.Status = p.Show(part.Status, "")
		}
		b.Parts = append(b.Parts, row)
	}
	step := func(to *luoshi.Period) *choice {
		if to == nil {
			return nil
		}
		return &choice{Text: p.Show(*to, ""), Href: p.figureAt(v.Unit.Code, v.Indicator.Code, *to, v.Basis)}
	}
	b.Earlier, b.Later = step(v.Earlier), step(v.Later)
	if len(v.Bases) > 1 {
		for _, basis := range v.Bases {
			b.Bases = append(b.Bases, choice{Text: p.Show(basis, ""), Href: p.figureAt(v.Unit.Code, v.Indicator.Code, v.Period, basis), On: basis == v.Basis})
		}
	}
	b.Page = p.figureOf(v.Unit.Code, v.Indicator.Code)
	b.Came = p.came(service.FigureObject(v.Indicator.Code, v.Unit.Code, v.Period, v.Basis))
	for _, problem := range v.Problems {
		b.Problems = append(b.Problems, p.site.words.Problem(p.Lang, problem))
	}
}

// facts are what is known of the figure beside its vintages.
func (b *figureBody) facts(p *page, v *service.FigureView, format string) {
	add := func(there bool, name, value string) {
		if there {
			b.Facts = append(b.Facts, fact{Name: name, Value: value})
		}
	}
	unit := p.unitAfter(v.Indicator.Measure)
	amount := func(q luoshi.NullQuantity) string { return p.Show(q, format) + unit }
	add(v.Growth.Valid, p.W("page.proof.growth"), p.Show(v.Growth, "signed")+"%")
	add(v.Status != "", p.W("page.proof.status"), p.Show(v.Status, ""))
	add(v.Presence != luoshi.Present, p.W("page.proof.presence"), p.Show(v.Presence, ""))
	add(v.Presence != luoshi.Present && v.Presence != luoshi.NotAsked && v.Indicator.Reported != "", p.W("indicator.figure.due"), p.Show(v.Due, ""))
	add(v.Reported.Valid && v.Rolled.Valid, p.W("indicator.figure.reported"), amount(v.Reported))
	add(v.Reported.Valid && v.Rolled.Valid, p.W("page.proof.rolled"), amount(v.Rolled))
	add(v.Difference.Valid && !v.Difference.Decimal.IsZero(), p.W("page.proof.difference"), p.Show(v.Difference, "signed")+unit)
	add(v.Own.Valid, p.W("indicator.own"), amount(v.Own))
	add(!v.Value.Valid && v.PartialSum.Valid, p.W("indicator.figure.partial"), amount(v.PartialSum))
	add(v.Coverage.Want > 0, p.W("page.proof.complete"), p.W("page.proof.coverage", "have", v.Coverage.Have, "want", v.Coverage.Want))
	add(v.Indicator.Formula != "", p.W("indicator.figure.formula"), v.Indicator.Formula)
	add(v.Sample, p.W("page.proof.sample"), p.W("page.proof.generated"))
	add(true, p.W("page.proof.boundaries"), p.Show(v.Boundaries, ""))
	add(true, p.W("page.proof.asof"), instant(v.AsOf))
}
