package web

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// reliabilities answers what stated chances were worth.
type reliabilities interface {
	OutlookReliability(ctx context.Context, look service.Look) (*service.ReliabilityView, error)
}

// reliabilityBody is the page as the template lays it out.
type reliabilityBody struct {
	*service.ReliabilityView
	Kick     string
	Headline string
	All      string // of all targets
	Parts    []diagram
	Each     []trailLink
}

// trailLink leads to all that one outlook has said.
type trailLink struct {
	Name, Href string
	N          int
}

// diagram is one reliability diagram with its table twin.
type diagram struct {
	ID, Title, Note, Says string
	None                  string // why there is none
	Facts                 []fact
	Plot                  *scatter
	Rows                  []binRow
}

// scatter is the drawing, in its own units.
type scatter struct {
	Name  string
	Ticks []axisTick
	Bins  []binShape
}

type axisTick struct {
	At, Down float64 // from the left; from the top
	Text     string
}

// binShape is a bin: the band in which its rate should lie, the run of chances at the
// rate that came, and a point at their mean.
type binShape struct{ X, W, Y, BandY, BandH, PointX, R float64 }

type binRow struct {
	Said, Mean, Rate, Band, N, Came string
	Apart                           string
}

func (s *Site) reliability(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "reliability")
	p.section, p.stays = "indicators", true
	if err := p.watch(r.Context()); err != nil {
		return err
	}
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	v, err := s.board.OutlookReliability(r.Context(), look)
	if err != nil {
		return err
	}
	return s.kept(w, r, p, v, func() error {
		p.fillReliability(v)
		return nil
	})
}

func (p *page) fillReliability(v *service.ReliabilityView) {
	p.frame(&v.Frame)
	b := &reliabilityBody{ReliabilityView: v}
	p.Body, p.Title = b, p.W("reliability.title")
	if v.Unit.Code == "" {
		return
	}
	b.Kick = strings.Join([]string{p.Name(v.Unit.Name), p.Show(luoshi.YearOf(v.Year), ""), p.W("outlook")}, "·")
	b.All = p.To("/outlook", "unit", v.Unit.Code)
	for _, one := range v.Trails {
		b.Each = append(b.Each, trailLink{p.Name(one.Indicator.Name), p.saidOf(v.Unit.Code, one.Indicator.Code), one.Rows})
	}
	switch {
	case v.Shown != nil:
		b.Headline = p.reliabilitySays("reliability.says", v.Shown)
	case v.Backtest != nil:
		b.Headline = p.reliabilitySays("reliability.says.test", v.Backtest)
	default:
		b.Headline = p.stopped(p.W("reliability.none"))
	}
	shown := diagram{ID: "shown", Title: p.W("reliability.shown"), Note: p.W("reliability.shown.say")}
	if shown.None = p.W("reliability.shown.none"); v.Waiting > 0 {
		shown.None = p.W("reliability.shown.waiting", "n", v.Waiting)
	}
	p.diagram(&shown, "reliability.says", v.Shown)
	tested := diagram{ID: "tested", Title: p.W("reliability.tested"), Note: p.W("reliability.tested.say"), None: p.W("reliability.tested.none")}
	p.diagram(&tested, "reliability.says.test", v.Backtest)
	b.Parts = []diagram{shown, tested}
}

// reliabilitySays is the verdict in a sentence: how far what was said lies from what
// came, as the root of the miscalibration.
func (p *page) reliabilitySays(key string, r *service.Reliability) string {
	mcb, _ := r.MCB.Decimal.Float64()
	points := math.Sqrt(max(mcb, 0)) * 100
	return p.stopped(p.W(key, "n", r.Chances, "points", strconv.FormatFloat(points, 'f', 1, 64)))
}

// The square of the diagram.
const (
	side0 = 44.0 // left of it
	sideH = 400.0
	sideT = 10.0 // above it
)

func (p *page) diagram(d *diagram, key string, r *service.Reliability) {
	if r == nil {
		return
	}
	d.None, d.Says = "", p.reliabilitySays(key, r)
	for _, one := range []struct {
		key   string
		value luoshi.NullQuantity
	}{{"brier", r.Brier}, {"mcb", r.MCB}, {"dsc", r.DSC}, {"unc", r.UNC}} {
		d.Facts = append(d.Facts, fact{Name: p.W("reliability." + one.key), Value: p.Show(one.value, "")})
	}
	d.Facts = append(d.Facts, fact{Name: p.W("reliability.count"), Value: p.W("reliability.count.say", "n", r.Chances, "indicators", r.Indicators, "units", r.Units)})
	s := &scatter{Name: d.Says}
	for k := 0; k <= 100; k += 20 {
		s.Ticks = append(s.Ticks, axisTick{At: side0 + sideH*float64(k)/100, Down: sideT + sideH*(1-float64(k)/100), Text: strconv.Itoa(k)})
	}
	at := func(q luoshi.Ratio) float64 { return float64(q.Num) / float64(q.Den) }
	most := 1
	for _, b := range r.Bins {
		most = max(most, b.N)
	}
	tenth := func(x float64) float64 { return math.Round(10*x) / 10 }
	for _, b := range r.Bins {
		left, right := at(b.From), at(b.To)
		if right-left < 0.012 { // a single chance is a mark, too
			middle := (left + right) / 2
			left, right = max(0, middle-0.006), min(1, middle+0.006)
		}
		s.Bins = append(s.Bins, binShape{
			X: tenth(side0 + sideH*left), W: tenth(sideH * (right - left)), Y: tenth(sideT + sideH*(1-at(b.Rate))), BandY: tenth(sideT + sideH*(1-at(b.High))), BandH: tenth(max(1, sideH*(at(b.High)-at(b.Low)))),
			PointX: tenth(side0 + sideH*at(b.Said)), R: tenth(2 + 6*math.Sqrt(float64(b.N)/float64(most))),
		})
		percent := func(q luoshi.Ratio) string { return p.Show(q.Percent(0), "") }
		row := binRow{Said: p.W("outlook.range", "low", b.From.Percent(0), "high", b.To.Percent(0)), Mean: percent(b.Said), Rate: percent(b.Rate), N: strconv.Itoa(b.N), Came: strconv.Itoa(b.Came),
			Band: p.W("outlook.range", "low", b.Low.Percent(0), "high", b.High.Percent(0))}
		if b.From.Cmp(b.To) == 0 {
			row.Said = percent(b.From)
		}
		if b.Apart {
			row.Apart = p.W("reliability.apart")
		}
		d.Rows = append(d.Rows, row)
	}
	d.Plot = s
}
