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
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// trails answers what an outlook has said so far.
type trails interface {
	OutlookTrail(ctx context.Context, q service.OutlookQuery) (*service.OutlookTrail, error)
}

// saidBody is all that one outlook has said as the template lays it out.
type saidBody struct {
	*service.OutlookTrail
	Kick     string
	Headline string
	Lead     []string
	Outlook  string // address of the outlook itself
	Worth    string // what the chances were worth
	Page     string // of the indicator
	Chart    *trailChart
	Table    []saidRow
	Targets  bool // some row has a target
	Revised  bool // some target was revised
}

// saidRow is one outlook in the table.
type saidRow struct {
	At, Href, Through, Total, In80, In95, Asked, Chance, By, In, Met string
	After, Revised, None, Out                                        bool
}

// Name is the indicator's name.
func (b *saidBody) Name(p *page) string { return p.Name(b.Indicator.Name) }

// Symbol is the unit of measure, as it stands at the head of a column.
func (b *saidBody) Symbol(p *page) string { return p.Name(b.Indicator.Measure.Symbol) }

// saidOf is the address of all that an outlook has said.
func (p *page) saidOf(unit, code string) string {
	return p.To("/outlook/said", "unit", unit, "code", code)
}

func (s *Site) outlookSaid(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "outlooksaid")
	p.section, p.stays = "indicators", true
	p.own = url.Values{}
	if v := r.URL.Query().Get("code"); v != "" && len(v) <= 64 {
		p.own.Set("code", v)
	}
	look, err := s.look(p.query)
	if err != nil {
		return err
	}
	v, err := s.board.OutlookTrail(r.Context(), service.OutlookQuery{Look: look, Code: p.own.Get("code")})
	if err != nil {
		return err
	}
	return s.kept(w, r, p, v, func() error {
		p.fillSaid(v)
		return nil
	})
}

func (p *page) fillSaid(v *service.OutlookTrail) {
	p.frame(&v.Frame)
	b := &saidBody{OutlookTrail: v}
	p.Body, p.Title = b, p.W("said.kick")
	if v.Unit.Code == "" {
		return
	}
	p.Title = p.W("said.title", "indicator", v.Indicator.Name)
	b.Kick = strings.Join([]string{p.Name(v.Unit.Name), p.Show(luoshi.YearOf(v.Year), ""), p.W("said.kick")}, "·")
	b.Outlook, b.Page = p.outlookOf(v.Unit.Code, v.Indicator.Code), p.figureOf(v.Unit.Code, v.Indicator.Code)
	b.Worth = p.To("/outlook/reliability", "unit", v.Unit.Code)
	if len(v.Rows) == 0 {
		b.Headline = p.stopped(p.W("said.empty", "indicator", v.Indicator.Name))
		key := "said.empty.say"
		switch {
		case p.query.Get("boundaries") != "":
			key = "said.empty.boundaries"
		case !v.Now:
			key = "said.empty.then"
		}
		b.Lead = []string{p.W(key)}
		return
	}
	b.Headline, b.Lead = p.stopped(p.Say(v.Says)), []string{p.W("said.lead")}
	if v.Afterwards > 0 {
		b.Lead = append(b.Lead, p.W("said.lead.after", "n", v.Afterwards))
	}
	for _, r := range v.Rows {
		b.Table = append(b.Table, p.saidRow(v, r))
		b.Targets, b.Revised = b.Targets || r.Asked.Valid || r.Chance.OK(), b.Revised || r.Revised
	}
	b.Chart = p.trailChart(v)
}

func (p *page) saidRow(v *service.OutlookTrail, r service.OutlookSaid) saidRow {
	row := saidRow{At: instant(r.At), Href: p.asSaid(v, r.At), Through: p.W("said.through.none"), After: r.After, Revised: r.Revised, None: r.None}
	if r.Through.To > 0 {
		row.Through = p.site.words.Span(p.Lang, luoshi.MonthOf(r.Through.Year, r.Through.To))
	}
	if r.None {
		return row
	}
	mark := "" // where another row's measure heads the column
	if r.Growth && !v.Growth {
		mark = "%"
	}
	row.Total, row.Chance = p.Show(r.Total, "")+mark, p.chanceOf(r.Chance, r.Standing)
	if r.Standing != service.OutlookClosed {
		row.In80, row.In95 = p.in(r.Low80, r.High80), p.in(r.Low95, r.High95)
	}
	switch {
	case r.Upper.Valid:
		row.Asked = p.in(r.Asked, r.Upper)
	case r.Asked.Valid && r.Better == luoshi.Less:
		row.Asked = p.W("outlook.sheet.atmost", "asked", r.Asked)
	case r.Asked.Valid:
		row.Asked = p.Show(r.Asked, "")
	}
	switch {
	case r.Judged && r.In80:
		row.In = p.W("said.in.80")
	case r.Judged && r.In95:
		row.In = p.W("said.in.95")
	case r.Judged:
		row.In, row.Out = p.W("said.in.none"), true
	case r.Standing == service.OutlookClosed:
		row.In = p.W("said.known")
	}
	if r.Judged {
		row.By = p.Show(r.By, "signed")
	}
	if r.Met != nil {
		row.Met = p.W("said.met." + map[bool]string{false: "no", true: "yes"}[*r.Met])
	}
	return row
}

// asSaid is the address of the outlook as of the instant from which it was said.
func (p *page) asSaid(v *service.OutlookTrail, at time.Time) string {
	asof := at.In(luoshi.Zone).Format(time.RFC3339Nano)
	if d := luoshi.DateOf(at); !at.Before(d.End()) {
		asof = d.String()
	}
	pairs := []string{"unit", v.Unit.Code, "code", v.Indicator.Code, "asof", asof}
	if luoshi.DateOf(at).Year() != v.Year {
		pairs = append(pairs, "year", strconv.Itoa(v.Year))
	}
	return p.To("/outlook", pairs...)
}

// trailChart is what was said through the year, drawn for a wide page and for a phone.
type trailChart struct {
	Name, Unit   string
	After        bool // some points were calculated afterwards
	Came, Asked  bool
	Wide, Narrow *trailDrawing
}

// trailDrawing is the drawing at one size.
type trailDrawing struct {
	Width, Height    int
	Grid             []tickY
	Ticks            []tickX
	Base, TickY      string
	Left, Right      string
	Band95, Band80   string
	Expected, Target string
	Came             string
	Dots             []dot // open: calculated afterwards
	Labels           []label
}

// saidSpan is an outlook from the instant at which it was said until the next; months
// are counted from the beginning of the year.
type saidSpan struct {
	from, to                                         float64
	total, low80, high80, low95, high95, asked, over float64 // NaN where there is none
	after                                            bool
}

// The last outlook of a drawing is that many months wide at least, and a year's drawing
// ends that many months after it at the latest.
const leastSpan, mostLate = 0.4, 6

// monthsInto is how far an instant is into a year, in months.
func monthsInto(year int, at time.Time) float64 {
	at = at.In(luoshi.Zone)
	from := monthStart(at.Year(), int(at.Month()))
	long := monthStart(at.Year(), int(at.Month())+1).Sub(from)
	return float64(12*(at.Year()-year)+int(at.Month())-1) + float64(at.Sub(from))/float64(long)
}

func floatOf(q luoshi.NullQuantity) float64 {
	if !q.Valid {
		return math.NaN()
	}
	x, _ := q.Decimal.Float64()
	return x
}

// trailChart draws the outlooks that foresee what the newest does; nil where there is
// none.
func (p *page) trailChart(v *service.OutlookTrail) *trailChart {
	var told []service.OutlookSaid
	for _, r := range v.Rows {
		if r.Total.Valid && r.Level == v.Level && r.Growth == v.Growth {
			told = append(told, r)
		}
	}
	if len(told) == 0 {
		return nil
	}
	c := &trailChart{Unit: p.W("said.chart.unit", "unit", p.Name(v.Indicator.Measure.Symbol)), Came: v.Came.Valid}
	first, last := told[0], told[len(told)-1]
	c.Name = p.W("said.chart.name", "indicator", v.Indicator.Name, "n", len(told), "since", luoshi.DateOf(first.At), "until", luoshi.DateOf(last.At), "was", first.Total, "is", last.Total)
	end := min(max(12, math.Ceil(monthsInto(v.Year, last.At))), 12+mostLate)
	d := &plot{}
	if v.Growth || v.Indicator.Kind == luoshi.Growth {
		d.sign = "signed"
	}
	low, high := math.Inf(1), math.Inf(-1)
	see := func(list ...float64) {
		for _, x := range list {
			if !math.IsNaN(x) {
				low, high = min(low, x), max(high, x)
			}
		}
	}
	var spans []saidSpan
	for i, r := range told {
		s := saidSpan{from: min(max(monthsInto(v.Year, r.At), 0), end), total: floatOf(r.Total), low80: floatOf(r.Low80), high80: floatOf(r.High80), low95: floatOf(r.Low95), high95: floatOf(r.High95),
			asked: floatOf(r.Asked), over: floatOf(r.Upper), after: r.After}
		s.to = min(max(monthsInto(v.Year, v.AsOf), s.from+leastSpan), end)
		if i+1 < len(told) {
			s.to = min(max(monthsInto(v.Year, told[i+1].At), 0), end)
		}
		c.After, c.Asked = c.After || s.after, c.Asked || r.Asked.Valid
		see(s.total, s.low95, s.high95, s.asked, s.over)
		spans = append(spans, s)
	}
	came := floatOf(v.Came)
	see(came)
	if high-low < math.Abs(high)/100 {
		room := math.Abs(high) / 50
		low, high = low-room, high+room
	}
	if d.around(low, high); d.low > 0 {
		c.Unit += p.W("said.chart.off")
	}
	ends := []saidEnd{{p.W("outlook.chart.expected"), p.Show(last.Total, ""), "tx-a", floatOf(last.Total)}}
	if last.Asked.Valid {
		ends = append(ends, saidEnd{p.W("said.target"), p.Show(last.Asked, ""), "", floatOf(last.Asked)})
	}
	if last.Upper.Valid {
		ends = append(ends, saidEnd{p.W("said.target"), p.Show(last.Upper, ""), "", floatOf(last.Upper)})
	}
	if v.Came.Valid {
		ends = append(ends, saidEnd{p.W("said.came"), p.Show(v.Came, ""), "tx-b", came})
	}
	wide, narrow := 150, 82
	if spans[len(spans)-1].to < 0.75*end { // their names stand within
		wide, narrow = 20, 12
	}
	c.Wide, c.Narrow = p.drawTrail(v, d, spans, came, end, ends, 1180, 400, wide, false), p.drawTrail(v, d, spans, came, end, ends, 358, 300, narrow, true)
	return c
}

// saidEnd names a line at the drawing's right.
type saidEnd struct {
	name, value, class string
	at                 float64
}

func (p *page) drawTrail(v *service.OutlookTrail, d *plot, spans []saidSpan, came, end float64, ends []saidEnd, width, height, right int, narrow bool) *trailDrawing {
	const left, top, foot = 40.0, 16.0, 30.0
	w, base := float64(width-right)-left, float64(height)-foot
	x := func(m float64) float64 { return left + w*m/end }
	y := func(v float64) float64 { return base - (base-top)*(v-d.low)/(d.high-d.low) }
	g := &trailDrawing{Width: width, Height: height, Left: num(left), Right: num(left + w), Base: num(base), TickY: num(base + 17)}
	for at := d.low; at <= d.high; at += d.step {
		g.Grid = append(g.Grid, tickY{num(y(at)), num(y(at) + 4), d.axisText(at), d.low < 0 && math.Abs(at) < d.step/2})
	}
	for m := 1; m <= int(end); m++ {
		month := luoshi.MonthOf(v.Year+(m-1)/12, (m-1)%12+1)
		wide, short := p.monthTick(month, month.To, false)
		if narrow {
			wide = short
		}
		g.Ticks = append(g.Ticks, tickX{num(x(float64(m))), wide})
	}
	g.Band95 = steppedBand(spans, x, y, func(s saidSpan) (float64, float64) { return s.low95, s.high95 })
	g.Band80 = steppedBand(spans, x, y, func(s saidSpan) (float64, float64) { return s.low80, s.high80 })
	g.Expected = stepped(spans, x, y, func(s saidSpan) float64 { return s.total })
	g.Target = stepped(spans, x, y, func(s saidSpan) float64 { return s.asked }) + stepped(spans, x, y, func(s saidSpan) float64 { return s.over })
	if !math.IsNaN(came) {
		g.Came = fmt.Sprintf("M%.1f %.1fH%.1f", left, y(came), left+w)
	}
	for _, s := range spans {
		g.Dots = append(g.Dots, dot{num(x(s.from)), num(y(s.total)), s.after})
	}
	slices.SortStableFunc(ends, func(a, b saidEnd) int { return cmp.Compare(b.at, a.at) })
	at := make([]float64, len(ends))
	for i, one := range ends {
		at[i] = y(one.at) + 4
	}
	apart(at, 16)
	from := x(spans[len(spans)-1].to) + 8
	for i, one := range ends {
		l := label{X: num(from), Y: num(at[i]), Class: strings.TrimSpace("halo " + one.class), Text: one.name, Value: one.value}
		if narrow {
			l.Value = ""
		}
		g.Labels = append(g.Labels, l)
	}
	return g
}

// stepped is a line that holds a value from one outlook to the next.
func stepped(spans []saidSpan, x, y func(float64) float64, of func(saidSpan) float64) string {
	var b strings.Builder
	pen := false
	for _, s := range spans {
		value := of(s)
		if math.IsNaN(value) {
			pen = false
			continue
		}
		if pen {
			fmt.Fprintf(&b, "V%.1fH%.1f", y(value), x(s.to))
		} else {
			fmt.Fprintf(&b, "M%.1f %.1fH%.1f", x(s.from), y(value), x(s.to))
		}
		pen = true
	}
	return b.String()
}

// steppedBand is the same for what lies between two values.
func steppedBand(spans []saidSpan, x, y func(float64) float64, of func(saidSpan) (float64, float64)) string {
	var b strings.Builder
	for _, s := range spans {
		low, high := of(s)
		if !math.IsNaN(low) && !math.IsNaN(high) && s.to > s.from {
			fmt.Fprintf(&b, "M%.1f %.1fH%.1fV%.1fH%.1fZ", x(s.from), y(high), x(s.to), y(low), x(s.from))
		}
	}
	return b.String()
}

// thenNotes say what an outlook of a past instant is.
func (p *page) thenNotes(v *service.OutlookView) (list []string) {
	for _, m := range v.ThenSays() {
		list = append(list, p.stopped(p.Say(m)))
	}
	return list
}

// thenList says the same of a list, "" of the present.
func (p *page) thenList(rows []service.OutlookRow) string {
	counts := map[service.OutlookOrigin]int{}
	for _, r := range rows {
		if r.Why.Key == "" {
			counts[r.Origin]++
		}
	}
	var parts []string
	for _, one := range []struct {
		origin service.OutlookOrigin
		key    string
	}{{service.OutlookKept, "kept"}, {service.OutlookAfter, "after"}, {service.OutlookUnkept, "unkept"}, {service.OutlookKnown, "known"}} {
		if n := counts[one.origin]; n > 0 {
			parts = append(parts, p.W("outlook.then.list."+one.key, "n", n))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return p.stopped(strings.Join(parts, p.W("said.semicolon")))
}
