package web

import (
	"fmt"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// changedBody is what changed in an outlook since a month before.
type changedBody struct {
	Says, Basis string
	Judged      bool
	Parts       []causeRow
	Whole       causeRow
	News        []newsRow
}

type causeRow struct{ Name, Total, Points string }

type newsRow struct{ Period, Expected, Came, By string }

func (p *page) changedSince(v *service.OutlookView) *changedBody {
	c := v.Changed
	if c == nil {
		return nil
	}
	b := &changedBody{Says: p.stopped(p.Say(c.Says)), Judged: c.Judged, Basis: p.W("outlook.changed.after")}
	if c.Shown {
		b.Basis = p.W("outlook.changed.kept")
	}
	for _, part := range c.Parts {
		b.Parts = append(b.Parts, causeRow{p.W("outlook.cause." + string(part.Cause)), p.Show(part.Total, "signed"), tenths(part.Points)})
	}
	b.Whole = causeRow{p.W("outlook.changed.whole"), p.Show(c.By, "signed"), tenths(c.Points)}
	for _, n := range c.News {
		b.News = append(b.News, newsRow{p.site.words.Span(p.Lang, n.Period), p.Show(n.Expected, ""), p.Show(n.Came, ""), p.Show(n.By, "signed")})
	}
	return b
}

// tenths writes thousandths as points with a sign.
func tenths(n int) string {
	sign := "+"
	switch {
	case n == 0:
		return "0.0"
	case n < 0:
		sign, n = "−", -n
	}
	return fmt.Sprintf("%s%d.%d", sign, n/10, n%10)
}

// moveRow is a target whose chance has moved.
type moveRow struct {
	Name, Href, Was, Is, Points, Note string
}

func (p *page) movesOf(v *service.OutlookSheet) []moveRow {
	var rows []moveRow
	for _, m := range v.Moves {
		row := moveRow{Name: p.Name(m.Indicator.Name), Href: p.outlookOf(v.Unit.Code, m.Indicator.Code) + "#changed", Was: p.moved(m.Was), Is: p.moved(m.Is), Points: tenths(m.Points)}
		if m.Revised {
			row.Note = p.W("outlook.moves.revised")
		}
		rows = append(rows, row)
	}
	return rows
}

// moved is a chance in whole percent, whether it is settled or not.
func (p *page) moved(r luoshi.Ratio) string {
	c := service.Chance{Chance: r}
	percent, under, over := c.Percent()
	switch {
	case under:
		return "<1%"
	case over:
		return ">99%"
	}
	return fmt.Sprintf("%d%%", percent)
}
