package web

import (
	"context"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/gate"
	"luoshi.dev/internal/service"
)

// walls answers for the board on a hall screen.
type walls interface {
	Wall(ctx context.Context, q service.WallQuery) (*service.Wall, error)
}

// wallBody is the board as the template lays it out. Version is another as soon as
// anything on it is.
type wallBody struct {
	*service.Wall
	Head    string
	Facts   []string // beside the instant: period, pace
	Instant string
	Version string
	Lines   []wallRow
	Rest    []light // lights that are not listed, each with its count as its word
	Tally   []light
	Empty   string
	Rungs   []choice // goals or units
	Sets    []choice
	Against []choice // indicators, where the rows are units
}

// wallRow is one line of the board: a share against the pace, or a sentence.
type wallRow struct {
	Name, Of string
	Light    light
	State    state
	Ruler    *ruler
	Says     template.HTML
	Turn     string // which way it turned since a month before
	Class    string
}

func (s *Site) wall(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "wall")
	p.Theme = "dark"
	p.own = url.Values{}
	for _, name := range []string{"rows", "set", "indicator"} {
		if v := r.URL.Query().Get(name); v != "" && len(v) <= 64 {
			p.own.Set(name, v)
		}
	}
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	q := service.WallQuery{Look: look, Rows: service.WallRows(p.own.Get("rows")), Set: p.own.Get("set"), Indicator: p.own.Get("indicator")}
	if q.Rows != "" && q.Rows != service.WallGoals && q.Rows != service.WallUnits {
		return &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("wall.rows_unknown", "text", string(q.Rows))}
	}
	board, err := s.board.Wall(r.Context(), q)
	if err != nil {
		return err
	}
	return s.kept(w, r, p, board, func() error {
		p.frame(&board.Frame)
		body := p.wall(board)
		p.Body, p.Title = body, p.W("wall")
		once, err := s.render(p)
		body.Version = strings.Trim(gate.Tag(once), `W/"`)
		return err
	})
}

func (p *page) wall(w *service.Wall) *wallBody {
	b := &wallBody{Wall: w, Head: p.wallHead(w), Tally: p.tally(w.Counts)}
	if p.Bar != nil {
		b.Instant = p.Bar.Instant
	}
	rest := w.Counts
	for _, line := range w.Lines {
		row := p.wallRow(line)
		if w.Indicator != nil {
			row.Of = "" // the head says it
		}
		b.Lines = append(b.Lines, row)
		switch line.Judgement.Light {
		case luoshi.Red:
			rest.Red--
		case luoshi.Yellow:
			rest.Yellow--
		case luoshi.Green:
			rest.Green--
		default:
			rest.NotJudged--
		}
	}
	b.Rest = p.tally(rest)
	if len(w.Lines) == 0 {
		b.Empty = p.W("wall.empty." + string(w.Rows))
	}
	if w.Through.To > 0 {
		b.Facts = append(b.Facts, p.W("page.through", "period", p.site.words.Span(p.Lang, w.Through)), p.W("wall.gone", "gone", p.Gone()))
	}
	p.wallWays(b)
	return b
}

// wallHead is what the board shows, in a few words.
func (p *page) wallHead(w *service.Wall) string {
	unit := p.Name(w.Unit.Name)
	switch {
	case w.Rows == service.WallUnits && w.Indicator != nil:
		return p.W("wall.head.units", "unit", unit, "what", w.Indicator.Name)
	case w.Rows == service.WallUnits && w.Set != nil:
		return p.W("wall.head.units", "unit", unit, "what", w.Set.Name)
	case w.Set != nil:
		return p.W("wall.head.set", "unit", unit, "what", w.Set.Name)
	}
	return p.W("wall.head.goals", "unit", unit)
}

func (p *page) wallRow(line service.WallLine) wallRow {
	j := line.Judgement
	row := wallRow{Name: p.Name(line.Name), Light: p.light(j.Light), State: p.state(j.Presence)}
	row.Class = "k-" + row.Light.Class
	if line.Of != line.Name {
		row.Of = p.Name(line.Of)
	}
	if line.Paced && j.Light != luoshi.NotJudged {
		row.Ruler = p.ruler(j)
	} else {
		row.Says = p.Rich(j.Says)
	}
	if way := service.WayOf(line.Before, j.Light); way == service.Worse || way == service.Better {
		row.Turn = p.W("wall." + string(way))
	}
	return row
}

// tally are the lights that there are, each with its count.
func (p *page) tally(c service.Counts) []light {
	var list []light
	for _, one := range []struct {
		light luoshi.Light
		count int
	}{{luoshi.Red, c.Red}, {luoshi.Yellow, c.Yellow}, {luoshi.Green, c.Green}, {luoshi.NotJudged, c.NotJudged}} {
		if one.count > 0 {
			mark := p.light(one.light)
			mark.Word = p.W("wall.count", "light", mark.Word, "count", one.count)
			list = append(list, mark)
		}
	}
	return list
}

// wallWays are the other boards that could hang here.
func (p *page) wallWays(b *wallBody) {
	for _, rows := range []service.WallRows{service.WallGoals, service.WallUnits} {
		b.Rungs = append(b.Rungs, choice{Text: p.W("wall.rows." + string(rows)), Href: p.To("/wall", "rows", string(rows)), On: b.Rows == rows && b.Set == nil})
	}
	for _, set := range b.Wall.Sets {
		b.Sets = append(b.Sets, choice{Text: p.Name(set.Name), Href: p.To("/wall", "rows", string(b.Rows), "set", set.Code), On: b.Set != nil && b.Set.Code == set.Code})
	}
	if b.Rows != service.WallUnits {
		return
	}
	for _, in := range b.Indicators {
		b.Against = append(b.Against, choice{Text: p.Name(in.Name), Href: p.To("/wall", "rows", "units", "indicator", in.Code), On: b.Indicator != nil && b.Indicator.Code == in.Code})
	}
}
