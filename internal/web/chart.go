package web

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// chart is a path through the year, drawn twice (for a wide page and for a phone),
// and as data for the script that makes the drawing answer the pointer.
type chart struct {
	Name   string // what it shows, in a sentence
	Unit   string // above the axis
	Data   string // for the script
	Wide   *drawing
	Narrow *drawing
	Key    []string // which lines there are: actual, open, asked, upper, last, outlook
	Asked  string   // name of the asked line
}

// drawing is the chart at one size.
type drawing struct {
	Width, Height int
	Grid          []tickY
	Ticks         []tickX
	Base, TickY   string // y of the axis and of its words
	Left, Right   string
	Asked, Upper  string
	Actual, Last  string
	Fan           *fanPaths
	Dots          []dot
	Now           string // x, "" = no figure yet
	Top           string
	Gap           string // the stroke between what is and what is asked
	GapX, GapY    string // its foot on the asked line
	Labels        []label
}

type tickY struct {
	Y, TextY, Text string
	Zero           bool // where growth turns
}
type tickX struct{ X, Text string }
type dot struct {
	X, Y string
	Open bool
}
type label struct{ X, Y, Anchor, Class, Text, Value string }

// series is one line: a value by month, NaN where there is none.
type series struct {
	values [13]float64 // by month; 0 is the year's beginning
	text   [13]string
}

func newSeries() series {
	var s series
	for i := range s.values {
		s.values[i] = math.NaN()
	}
	return s
}

// last is the newest month that has a value, -1 if none.
func (s *series) last() int {
	for m := 12; m >= 0; m-- {
		if !math.IsNaN(s.values[m]) {
			return m
		}
	}
	return -1
}

// count is how many months have a value.
func (s *series) count() int {
	n := 0
	for _, v := range s.values {
		if !math.IsNaN(v) {
			n++
		}
	}
	return n
}

// list is the values as the script takes them.
func (s *series) list() []*float64 {
	list := make([]*float64, 13)
	for m := range s.values {
		if !math.IsNaN(s.values[m]) {
			list[m] = &s.values[m]
		}
	}
	return list
}

// plot is what both drawings and the script are made from.
type plot struct {
	actual, asked, upper, before series
	open                         [13]bool
	ends                         []int
	ticks, narrow                [13]string
	low, high, step              float64
	sign                         string // format of the numbers on the axis
	origin                       bool   // the lines begin at zero in January
	names                        map[string]string
	gapped                       bool
	pointLabel                   string // "应完成 161.38"
	fan                          *fan   // nil where nothing is foreseen
}

// chart is the path with the rest of the year as it is foreseen, where it is. whole
// names the lower edges too and gives it more height.
func (p *page) chart(v *service.IndicatorView, o *service.OutlookView, whole bool) (*chart, error) {
	if len(v.Path.Points) == 0 {
		return nil, nil
	}
	d := p.plot(v, o, whole)
	if d.actual.last() < 1 && d.before.last() < 1 && d.asked.last() < 1 && d.upper.last() < 1 {
		return nil, nil
	}
	c := &chart{Unit: p.W("indicator.path."+string(v.Path.Kind)) + p.W("indicator.comma") + p.Name(v.Path.Measure.Symbol), Name: p.chartName(v, d), Asked: d.names["asked"]}
	if d.actual.last() >= 1 {
		c.Key = append(c.Key, "actual")
	}
	if slices.Contains(d.open[:], true) {
		c.Key = append(c.Key, "open")
	}
	for _, one := range []struct {
		key  string
		line *series
	}{{"asked", &d.asked}, {"last", &d.before}} {
		if one.line.last() >= 1 {
			c.Key = append(c.Key, one.key)
		}
	}
	height := 380
	if d.fan != nil {
		c.Key, c.Name = append(c.Key, "outlook"), c.Name+p.Between()+p.Say(o.Drawn().Says)
		if whole {
			height = 460
		}
	}
	c.Wide = d.draw(860, height, 132, false)
	c.Narrow = d.draw(358, 300, 56, true)
	data, err := json.Marshal(d.script(p, v))
	if err != nil {
		return nil, fmt.Errorf("chart: %w", err)
	}
	c.Data = string(data)
	return c, nil
}

// plot takes the numbers of a path.
func (p *page) plot(v *service.IndicatorView, o *service.OutlookView, whole bool) *plot {
	d := &plot{actual: newSeries(), asked: newSeries(), upper: newSeries(), before: newSeries(), names: map[string]string{}}
	if v.Path.Kind == service.PathGrowth || v.Indicator.Kind == luoshi.Growth {
		d.sign = "signed"
	}
	take := func(s *series, month int, q luoshi.NullQuantity) {
		if q.Valid {
			s.values[month], _ = q.Decimal.Float64()
			s.text[month] = p.Show(q, d.sign)
		}
	}
	for _, one := range v.Path.Points {
		m := one.Period.To
		d.ends = append(d.ends, m)
		take(&d.actual, m, one.Actual)
		take(&d.asked, m, one.Asked)
		take(&d.upper, m, one.Upper)
		take(&d.before, m, one.LastYear)
		d.open[m] = one.Actual.Valid && one.Open()
		d.ticks[m], d.narrow[m] = p.monthTick(one.Period, m, d.ends[0] == 2)
	}
	d.names["expected"] = p.W("outlook.chart.expected")
	d.names["actual"], d.names["last"] = p.W("indicator.chart.actual"), p.W("indicator.chart.last")
	d.names["asked"], d.names["upper"] = p.W("indicator.chart.asked."+line(v), "reference", v.Course.Reference), p.W("indicator.chart.upper")
	if v.Path.Kind == service.PathSingle {
		d.names["asked"] = p.W("indicator.chart.asked.single")
	}
	if d.origin = v.Path.Kind == service.PathCumulative; d.origin {
		for _, s := range []*series{&d.actual, &d.before} {
			if s.last() > 0 {
				s.values[0] = 0
			}
		}
		if v.Course.Line == "straight" || v.Course.Line == "curve" {
			d.asked.values[0] = 0
		}
	}
	m := d.actual.last()
	if d.gapped = m > 0 && !math.IsNaN(d.asked.values[m]); d.gapped {
		d.pointLabel = p.W("indicator.chart.due", "value", d.asked.text[m])
	}
	if o != nil && o.On(v.Path.Kind) {
		d.fan = p.fan(o, whole)
	}
	d.scale()
	return d
}

// line names the asked line for its words.
func line(v *service.IndicatorView) string { return cmp.Or(v.Course.Line, "none") }

// monthTick names the end of a period below the axis, in a word and in a letter;
// joint says that January and February are one point.
func (p *page) monthTick(period luoshi.Period, m int, joint bool) (wide, narrow string) {
	if p.Lang == "en" {
		wide = p.site.words.Span(p.Lang, luoshi.MonthOf(period.Year, m))
		if m == 2 && joint {
			wide = p.site.words.Span(p.Lang, luoshi.ToDate(period.Year, 2))
		}
		return wide, wide[:1]
	}
	text := fmt.Sprint(m)
	switch {
	case m == 2 && joint:
		return p.site.words.Span(p.Lang, luoshi.ToDate(period.Year, 2)), p.site.words.Span(p.Lang, luoshi.MonthOf(period.Year, m))
	case m == 12, m == 1:
		text = p.site.words.Span(p.Lang, luoshi.MonthOf(period.Year, m))
	}
	return text, text
}

// scale chooses the axis: zero and a round number above, five lines at most; an
// index, which has no meaningful zero, only around its values.
func (d *plot) scale() {
	low, high := math.Inf(1), math.Inf(-1)
	for _, s := range append([]*series{&d.actual, &d.asked, &d.upper, &d.before}, d.fan.lines()...) {
		for _, v := range s.values {
			if !math.IsNaN(v) {
				low, high = min(low, v), max(high, v)
			}
		}
	}
	if spread := high - low; low <= 0 || spread > low/4 {
		low, high = min(low, 0), max(high, 0)
	} else if spread < low/50 { // a level line alone: room on both sides
		low, high = low*0.95, high*1.05
	}
	d.around(low, high)
}

// around chooses an axis of five lines at most that holds what is from low to high.
func (d *plot) around(low, high float64) {
	if high == low {
		high = low + 1
	}
	raw := (high - low) / 4.2
	unit := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, k := range []float64{1, 2, 2.5, 5, 10} {
		if d.step = k * unit; d.step >= raw {
			break
		}
	}
	d.low, d.high = math.Floor(low/d.step+1e-9)*d.step, high+(high-low)*0.06
	if d.low > 0 && d.low > low-d.step/4 {
		d.low -= d.step
	}
}

// draw lays the plot out at one size.
func (d *plot) draw(width, height, right int, narrow bool) *drawing {
	const left, top, foot = 40.0, 26.0, 30.0
	w, base := float64(width-right)-left, float64(height)-foot
	x := func(m int) float64 { return left + w*float64(m)/12 }
	y := func(v float64) float64 { return base - (base-top)*(v-d.low)/(d.high-d.low) }
	g := &drawing{Width: width, Height: height, Left: num(left), Right: num(left + w), Base: num(base), TickY: num(base + 17), Top: num(top)}
	for v := d.low; v <= d.high; v += d.step {
		g.Grid = append(g.Grid, tickY{num(y(v)), num(y(v) + 4), d.axisText(v), d.low < 0 && math.Abs(v) < d.step/2})
	}
	for _, m := range d.ends {
		text := d.ticks[m]
		if narrow {
			text = d.narrow[m]
		}
		g.Ticks = append(g.Ticks, tickX{num(x(m)), text})
	}
	line := func(s *series) string {
		var b strings.Builder
		pen := "M"
		for m := range s.values {
			if math.IsNaN(s.values[m]) {
				if m > 0 && slices.Contains(d.ends, m) {
					pen = "M" // a gap where a figure should be is not bridged
				}
				continue
			}
			fmt.Fprintf(&b, "%s%.1f %.1f", pen, x(m), y(s.values[m]))
			pen = "L"
		}
		return b.String()
	}
	g.Asked, g.Upper, g.Actual, g.Last = line(&d.asked), line(&d.upper), line(&d.actual), line(&d.before)
	for m := 1; m <= 12; m++ {
		if !math.IsNaN(d.actual.values[m]) {
			g.Dots = append(g.Dots, dot{num(x(m)), num(y(d.actual.values[m])), d.open[m] && m == d.actual.last()})
		}
	}
	g.Fan = d.fan.paths(x, y)
	d.label(g, x, y, narrow)
	return g
}

// told reports whether what is asked now is worth a label of its own: where the
// line ends here, or is level, its name at the end says it.
func (d *plot) told() bool {
	now, end := d.actual.last(), d.asked.last()
	return d.gapped && now < end && d.asked.values[now] != d.asked.values[end]
}

// label names the lines at their ends, the newest value and the gap to the pace.
func (d *plot) label(g *drawing, x func(int) float64, y func(float64) float64, narrow bool) {
	var ends []label
	var at []float64
	end := func(s *series, name, class string) {
		m := s.last()
		if m < 1 || s.count() < 2 {
			return
		}
		one := label{X: num(x(m) + 8), Class: class, Text: name}
		if !narrow {
			one.Value = s.text[m]
		}
		ends, at = append(ends, one), append(at, y(s.values[m])+4)
	}
	end(&d.upper, d.names["upper"], "")
	end(&d.asked, d.names["asked"], "")
	end(&d.before, d.names["last"], "tx-s")
	for _, one := range d.fan.names(d, narrow) {
		ends, at = append(ends, label{X: num(x(12) + 8), Class: one.class, Text: one.Name, Value: one.shown(narrow)}), append(at, y(one.at)+4)
	}
	apart(at, 16)
	for i := range ends {
		ends[i].Y = num(at[i])
	}
	m := d.actual.last()
	if m < 1 {
		g.Labels = ends
		return
	}
	g.Now = num(x(m))
	px, py := x(m), y(d.actual.values[m])
	value := label{X: num(px - 8), Y: num(py - 10), Anchor: "end", Class: "tx-v halo", Text: d.actual.text[m]}
	if px < 100 {
		value.X, value.Anchor = num(px+8), ""
	}
	if d.gapped {
		foot := y(d.asked.values[m])
		below := foot > py
		sign := 1.0
		if !below {
			sign = -1
		}
		g.Gap = fmt.Sprintf("M%.1f %.1fV%.1f", px, foot, py+4*sign)
		g.GapX, g.GapY = num(px), num(foot)
		due := label{X: num(px + 7), Y: num(foot + 15), Class: "halo", Text: d.pointLabel}
		if !below {
			value.Y = num(py + 20)
			due.X, due.Y, due.Anchor = num(px-7), num(foot-9), "end"
			value.X, value.Anchor = num(px+7), ""
		}
		if !d.told() {
			due.Text = ""
		}
		if due.Text != "" {
			g.Labels = append(g.Labels, due)
		}
	}
	g.Labels = append(append(g.Labels, ends...), value)
}

// apart moves heights apart until no two are nearer than gap.
func apart(at []float64, gap float64) {
	order := make([]int, len(at))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if at[a] < at[b] {
			return -1
		}
		return 1
	})
	for range 8 {
		for k := 1; k < len(order); k++ {
			a, b := order[k-1], order[k]
			if over := gap - (at[b] - at[a]); over > 0 {
				at[a] -= over / 2
				at[b] += over / 2
			}
		}
	}
}

func num(v float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0") }

// axisText writes a round number of the axis.
func (d *plot) axisText(v float64) string {
	decimals := 0
	for s := d.step; decimals < 6 && math.Abs(s-math.Round(s)) > 1e-9; s *= 10 {
		decimals++
	}
	text := fmt.Sprintf("%.*f", decimals, math.Abs(v))
	switch {
	case v < -1e-9:
		return "−" + text
	case d.sign == "signed" && v > 1e-9:
		return "+" + text
	}
	return text
}

// chartName says in one sentence what the chart shows.
func (p *page) chartName(v *service.IndicatorView, d *plot) string {
	m := d.actual.last()
	if m < 1 {
		return p.W("indicator.chart.name.empty", "indicator", v.Indicator.Name, "path", p.W("indicator.path."+string(v.Path.Kind)))
	}
	pairs := []any{"indicator", v.Indicator.Name, "path", p.W("indicator.path." + string(v.Path.Kind)), "period", v.Path.Points[slices.Index(d.ends, m)].Period, "actual", d.actual.text[m], "unit", p.unitAfter(v.Path.Measure), "asked", d.asked.text[m]}
	if d.gapped {
		return p.W("indicator.chart.name", pairs...)
	}
	return p.W("indicator.chart.name.plain", pairs...)
}

// scriptData is what the script draws from: numbers, and the words ready to show.
type scriptData struct {
	Low    float64    `json:"low"`
	High   float64    `json:"high"`
	Step   float64    `json:"step"`
	Axis   []string   `json:"axis"`
	Ticks  []string   `json:"ticks"`
	Narrow []string   `json:"narrow"`
	Actual []*float64 `json:"actual"`
	Asked  []*float64 `json:"asked"`
	Upper  []*float64 `json:"upper"`
	Last   []*float64 `json:"last"`
	Open   int        `json:"open"` // month of the hollow point, 0 if none
	Now    int        `json:"now"`
	Gap    bool       `json:"gap"`
	Value  string     `json:"value"`
	Due    string     `json:"due"`
	Ends   []endName  `json:"ends"`
	Says   [][]string `json:"says"` // by month: what the readout says, line by line
	Fan    *fanData   `json:"fan,omitempty"`
}

type endName struct {
	Line  string `json:"line"`
	Name  string `json:"name"`
	Value string `json:"value"`
}

func (d *plot) script(p *page, v *service.IndicatorView) scriptData {
	out := scriptData{Low: d.low, High: d.high, Step: d.step, Ticks: d.ticks[:], Narrow: d.narrow[:], Actual: d.actual.list(), Asked: d.asked.list(), Upper: d.upper.list(), Last: d.before.list(), Gap: d.gapped}
	if d.told() {
		out.Due = d.pointLabel
	}
	for at := d.low; at <= d.high; at += d.step {
		out.Axis = append(out.Axis, d.axisText(at))
	}
	if m := d.actual.last(); m > 0 {
		out.Now, out.Value = m, d.actual.text[m]
		if d.open[m] {
			out.Open = m
		}
	}
	out.Says = make([][]string, 13)
	for i, m := range d.ends {
		lines := []string{p.Show(v.Path.Points[i].Period, "")}
		for _, one := range []struct {
			key string
			s   *series
		}{{"actual", &d.actual}, {"asked", &d.asked}, {"upper", &d.upper}, {"last", &d.before}} {
			if one.s.text[m] != "" {
				lines = append(lines, d.names[one.key]+" "+one.s.text[m])
			}
		}
		out.Says[m] = append(lines, d.fan.says(p, d, m)...)
	}
	out.Fan = d.fan.script(d)
	for _, one := range []struct {
		key string
		s   *series
	}{{"upper", &d.upper}, {"asked", &d.asked}, {"last", &d.before}} {
		if m := one.s.last(); m > 0 && one.s.count() > 1 {
			out.Ends = append(out.Ends, endName{one.key, d.names[one.key], one.s.text[m]})
		}
	}
	return out
}
