package web

import (
	"fmt"
	"strings"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// bar is the as-of bar: the year as a scale with the days on which something was
// recorded, the instant that is shown, and the boundaries that are used.
type bar struct {
	Past       bool   // an earlier instant than the reader's present
	Instant    string // 2020-07-31, or with its time
	Day        string // the day, for the date field
	Year       int
	Knob       string // x of the instant on the scale
	Ticks      []tick
	Dots       []string // x of the recorded days
	Days       string   // the recorded days, for the script
	Earlier    string   // addresses of the neighbouring recorded days, "" = none
	Later      string
	Back       string // address of the present
	Recorded   []choice
	Boundaries []choice
	Drawn      string // which boundaries are shown, in a word
	Through    string
}

type tick struct {
	X, Middle string
	Label     string // the month that begins here, "" at the year's end
}

// The scale is 600 wide; the year takes from 6 to 594.
const scaleLeft, scaleWidth = 6.0, 588.0

func newBar(p *page, f *service.Frame) *bar {
	b := &bar{
		Past: !f.Now && !f.AsOf.Equal(p.site.opt.AsOf), Instant: instant(f.AsOf), Day: luoshi.DateOf(f.AsOf).String(),
		Year: f.Year, Knob: scaleX(f.Year, f.AsOf), Back: p.Here("asof", ""),
	}
	for month := 1; month <= 13; month++ {
		t := tick{X: scaleX(f.Year, monthStart(f.Year, month))}
		if month <= 12 {
			t.Middle = scaleX(f.Year, monthStart(f.Year, month).AddDate(0, 0, 15))
			t.Label = p.site.words.Span(p.Lang, luoshi.MonthOf(f.Year, month))
		}
		b.Ticks = append(b.Ticks, t)
	}
	if f.Through.To > 0 {
		b.Through = p.site.words.Span(p.Lang, f.Through)
	}
	b.records(p, f)
	b.boundaries(p, f)
	return b
}

// records places the recorded days and finds those beside the instant.
func (b *bar) records(p *page, f *service.Frame) {
	here := luoshi.DateOf(f.AsOf)
	var days []string
	for _, d := range f.Instants {
		if x := scaleX(f.Year, d.Start().Add(12*time.Hour)); len(b.Dots) == 0 || b.Dots[len(b.Dots)-1] != x {
			b.Dots = append(b.Dots, x)
		}
		days = append(days, d.String())
		href := p.Here("asof", d.String())
		b.Recorded = append(b.Recorded, choice{Text: p.site.words.Day(p.Lang, d), Href: href, On: d == here})
		switch {
		case d < here:
			b.Earlier = href
		case d > here && b.Later == "":
			b.Later = href
		}
	}
	if b.Later == "" && b.Past {
		b.Later = b.Back
	}
	b.Days = strings.Join(days, " ")
}

// boundaries are the choices of a unit tree: that of the instant, that of today,
// and every day on which it changed.
func (b *bar) boundaries(p *page, f *service.Frame) {
	asked := p.query.Get("boundaries")
	b.Boundaries = []choice{
		{Text: p.W("page.boundaries.then", "day", luoshi.DateOf(f.AsOf)), Href: p.Here("boundaries", ""), On: asked == ""},
		{Text: p.W("page.boundaries.now"), Href: p.Here("boundaries", "now"), On: asked == "now"},
	}
	for _, d := range f.Choices {
		b.Boundaries = append(b.Boundaries, choice{Text: p.W("page.boundaries.since", "day", d), Href: p.Here("boundaries", d.String()), On: asked == d.String()})
	}
	switch asked {
	case "":
		b.Drawn = p.W("page.boundaries.short.then")
	case "now":
		b.Drawn = p.W("page.boundaries.short.now")
	default:
		b.Drawn = f.Boundaries.String()
	}
}

// instant writes a day alone where it means the whole of it.
func instant(t time.Time) string {
	if d := luoshi.DateOf(t); !t.Before(d.End()) {
		return d.String()
	}
	return t.In(luoshi.Zone).Format("2006-01-02 15:04")
}

func monthStart(year, month int) time.Time {
	return time.Date(year, time.Month(month), 1, 0, 0, 0, 0, luoshi.Zone)
}

// scaleX is where an instant stands on the scale of the year, kept within it.
func scaleX(year int, t time.Time) string {
	from, to := monthStart(year, 1), monthStart(year, 13)
	part := float64(t.Sub(from)) / float64(to.Sub(from))
	return fmt.Sprintf("%.1f", scaleLeft+scaleWidth*max(0, min(1, part)))
}
