package web

import (
	"math"
	"net/http"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// outlooksBody is the outlook of every target of a unit as the template lays it out.
type outlooksBody struct {
	*service.OutlookSheet
	Kick      string
	Worth     string // what the chances were worth
	Headline  string
	Then      string // what they are at a past instant
	YearShown string
	Ground    *ground
	None      []noLand
	Moves     []moveRow
}

// ground is a table of outlooks around their targets.
type ground struct {
	Head  string // of the first column
	Mixed bool   // rows have measures of their own
	Reach string // percent at the two ends of the pictures
	Drawn bool   // there are pictures
	Rows  []landRow
}

// landRow is one outlook in a line.
type landRow struct {
	Name, Href, Measure         string
	Chance, Total, In80, Target string
	Known, Through              string
	Picture                     *landing
	Sample                      bool

	points bool // percentages
}

// landing is where a year lands around its target, in percent of the picture's
// width; the target stands in the middle.
type landing struct {
	Says                       string
	X95, W95, X80, W80, At, Up string
}

// noLand is a target without an outlook, and why.
type noLand struct{ Name, Href, Why string }

// outlookSheet answers for all targets of a unit.
func (s *Site) outlookSheet(w http.ResponseWriter, r *http.Request, p *page) error {
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	v, err := s.board.Outlooks(r.Context(), look)
	if err != nil {
		return err
	}
	p.view = "outlooks"
	return s.kept(w, r, p, v, func() error {
		p.fillOutlooks(v)
		return nil
	})
}

func (p *page) fillOutlooks(v *service.OutlookSheet) {
	p.frame(&v.Frame)
	b := &outlooksBody{OutlookSheet: v, Moves: p.movesOf(v)}
	p.Body, p.Title = b, p.W("outlook.sheet.title")
	if v.Unit.Code == "" {
		return
	}
	b.Worth = p.To("/outlook/reliability", "unit", v.Unit.Code)
	b.Kick = strings.Join([]string{p.Name(v.Unit.Name), p.Show(luoshi.YearOf(v.Year), ""), p.W("outlook")}, "·")
	b.YearShown = p.Show(luoshi.YearOf(v.Year), "")
	b.Headline = p.stopped(p.Say(v.Tally.Says()))
	g := &ground{Head: p.W("outlook.sheet.indicator"), Mixed: true}
	var rows []service.OutlookRow
	for _, one := range v.Rows {
		name, href := p.Name(one.Indicator.Name), p.outlookOf(v.Unit.Code, one.Indicator.Code)
		if one.Why.Key != "" {
			b.None = append(b.None, noLand{name, p.figureOf(v.Unit.Code, one.Indicator.Code), p.stopped(p.Say(one.Why))})
			continue
		}
		rows = append(rows, one.OutlookRow)
		g.Rows = append(g.Rows, p.landRow(name, href, one.Indicator, one.OutlookRow))
	}
	if len(rows) > 0 {
		p.picture(g, rows)
		b.Ground, b.Then = g, p.thenList(rows)
	}
}

// areasBelow is the outlook of the areas directly below, nil where there are none.
func (p *page) areasBelow(v *service.OutlookList) *ground {
	g := &ground{Head: p.W("outlook.areas.unit")}
	var rows []service.OutlookRow
	for _, one := range v.Rows {
		if one.Why.Key != "" {
			continue
		}
		rows = append(rows, one)
		g.Rows = append(g.Rows, p.landRow(p.Name(one.Unit.Name), p.outlookOf(one.Unit.Code, v.Indicator.Code), v.Indicator, one))
	}
	if len(rows) == 0 {
		return nil
	}
	p.picture(g, rows)
	return g
}

func (p *page) landRow(name, href string, in service.IndicatorHead, r service.OutlookRow) landRow {
	row := landRow{
		Name: name, Href: href, Measure: p.Name(in.Measure.Symbol), Chance: p.chanceOf(r.Chance, r.Standing), Total: p.Show(r.Total, ""), Known: p.Show(r.Known, ""), Sample: r.Sample, points: in.Measure.Symbol.Hans == "%",
	}
	if r.Through.To > 0 {
		row.Through = p.site.words.Span(p.Lang, r.Through)
	}
	if r.Standing != service.OutlookClosed {
		row.In80 = p.in(r.Low80, r.High80)
	}
	switch {
	case r.Upper.Valid:
		row.Target = p.in(r.Asked, r.Upper)
	case r.Asked.Valid && r.Better == luoshi.Less:
		row.Target = p.W("outlook.sheet.atmost", "asked", r.Asked)
	case r.Asked.Valid:
		row.Target = p.Show(r.Asked, "")
	}
	return row
}

// The least and the most that the ends of the pictures are from the target, in
// percent of it.
const nearest, farthest = 5, 50

// picture draws the rows on one scale: as far from their targets, in percent, as
// four out of five intervals go.
func (p *page) picture(g *ground, rows []service.OutlookRow) {
	reach := float64(nearest)
	for i, r := range rows {
		for _, q := range [2]luoshi.NullQuantity{r.Low80, r.High80} {
			if away, ok := awayFrom(r.Asked, q, g.Rows[i].points); ok {
				reach = max(reach, math.Abs(away))
			}
		}
	}
	reach = min(math.Ceil(reach/5)*5, farthest)
	g.Reach = strconv.Itoa(int(reach))
	for i, r := range rows {
		at := func(q luoshi.NullQuantity) (float64, bool) {
			away, ok := awayFrom(r.Asked, q, g.Rows[i].points)
			return min(max(50+away/reach*50, 0), 100), ok
		}
		mid, ok := at(r.Total)
		if !ok {
			continue
		}
		l95, _ := at(r.Low95)
		h95, _ := at(r.High95)
		l80, _ := at(r.Low80)
		h80, _ := at(r.High80)
		one := &landing{X95: percent(l95), W95: percent(h95 - l95), X80: percent(l80), W80: percent(h80 - l80), At: percent(mid)}
		if up, ok := at(r.Upper); ok {
			one.Up = percent(up)
		}
		one.Says = p.W("outlook.sheet.picture", "total", r.Total, "low", r.Low80, "high", r.High80, "asked", r.Asked)
		g.Rows[i].Picture, g.Drawn = one, true
	}
}

// awayFrom is how far a number is from a target, in percent of it; of percentages it
// is their difference.
func awayFrom(asked, q luoshi.NullQuantity, points bool) (float64, bool) {
	if !asked.Valid || !q.Valid {
		return 0, false
	}
	to, _ := asked.Decimal.Float64()
	from, _ := q.Decimal.Float64()
	if points {
		return from - to, true
	}
	if to <= 0 {
		return 0, false
	}
	return (from - to) / to * 100, true
}
