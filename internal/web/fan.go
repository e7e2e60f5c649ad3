package web

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// fan is the rest of the year as it is foreseen, in the path of the year to date: the
// expected line and its two bands, from what is known on. Of a fan that is not there,
// nothing is drawn.
type fan struct {
	expected, low80, high80, low95, high95 series
	from                                   int     // the month that is known, 0 = none
	levels                                 []level // what the year is to reach; a band has two
	whole                                  bool
}

// level is what the year is to reach.
type level struct {
	value      float64
	text, name string
}

// fan takes the numbers of an outlook, nil where there is none.
func (p *page) fan(o *service.OutlookView, whole bool) *fan {
	if o == nil || o.Why.Key != "" || len(o.Steps) == 0 {
		return nil
	}
	n := o.Drawn()
	f := &fan{expected: newSeries(), low80: newSeries(), high80: newSeries(), low95: newSeries(), high95: newSeries(), from: n.Through.To, whole: whole}
	take := func(s *series, month int, q luoshi.NullQuantity) {
		if q.Valid {
			s.values[month], _ = q.Decimal.Float64()
			s.text[month] = p.Show(q, "")
		}
	}
	known := 0.0
	if n.Known.Valid {
		known, _ = n.Known.Decimal.Float64()
	}
	for _, s := range []*series{&f.expected, &f.low80, &f.high80, &f.low95, &f.high95} {
		if s.values[f.from] = known; o.Level && !n.Known.Valid { // a level does not begin at zero
			s.values[f.from] = math.NaN()
		}
	}
	for _, one := range o.Steps {
		m := one.Period.To
		take(&f.expected, m, one.Sum.Value)
		take(&f.low80, m, one.Sum.Low80)
		take(&f.high80, m, one.Sum.High80)
		take(&f.low95, m, one.Sum.Low95)
		take(&f.high95, m, one.Sum.High95)
	}
	for _, q := range []luoshi.NullQuantity{n.Asked, n.Upper} {
		if q.Valid {
			one := level{text: p.Show(q, ""), name: p.W("outlook.chart.target")}
			one.value, _ = q.Decimal.Float64()
			f.levels = append(f.levels, one)
		}
	}
	return f
}

// lines are all values that the axis must hold.
func (f *fan) lines() []*series {
	if f == nil {
		return nil
	}
	levels := newSeries()
	for i, one := range f.levels {
		levels.values[i] = one.value
	}
	return []*series{&f.expected, &f.low95, &f.high95, &levels}
}

// fanPaths is the fan at one size.
type fanPaths struct {
	Band80, Band95, Expected string
	Levels                   []string
}

func (f *fan) paths(x func(int) float64, y func(float64) float64) *fanPaths {
	if f == nil {
		return nil
	}
	walk := func(b *strings.Builder, s *series, m int) {
		if !math.IsNaN(s.values[m]) {
			pen := "L"
			if b.Len() == 0 {
				pen = "M"
			}
			fmt.Fprintf(b, "%s%.1f %.1f", pen, x(m), y(s.values[m]))
		}
	}
	band := func(low, high *series) string {
		var b strings.Builder
		for m := f.from; m <= 12; m++ {
			walk(&b, high, m)
		}
		for m := 12; m > f.from; m-- {
			walk(&b, low, m)
		}
		return b.String() + "Z"
	}
	var line strings.Builder
	for m := f.from; m <= 12; m++ {
		walk(&line, &f.expected, m)
	}
	g := &fanPaths{Band80: band(&f.low80, &f.high80), Band95: band(&f.low95, &f.high95), Expected: line.String()}
	for _, one := range f.levels {
		from := x(12) - 12
		if f.whole {
			from = x(f.from)
		}
		g.Levels = append(g.Levels, fmt.Sprintf("M%.1f %.1fH%.1f", from, y(one.value), x(12)+4))
	}
	return g
}

// fanName is a name at the fan's end.
type fanName struct {
	endName
	class string
	at    float64
	broad bool // only where there is room
}

func (n fanName) shown(narrow bool) string {
	if narrow {
		return ""
	}
	return n.Value
}

// names are the names at the fan's end: the expected year, the edges of the bands
// where there is room, and the target where no line that ends there names it.
func (f *fan) names(d *plot, narrow bool) []fanName {
	if f == nil {
		return nil
	}
	all := []fanName{
		{endName{"high95", "95%", ""}, "tx-s", f.high95.values[12], true},
		{endName{"high80", "80%", ""}, "tx-s", f.high80.values[12], true},
		{endName{"expected", d.names["expected"], ""}, "tx-a", f.expected.values[12], false},
	}
	if f.whole {
		all = append(all, fanName{endName{"low80", "80%", ""}, "tx-s", f.low80.values[12], true}, fanName{endName{"low95", "95%", ""}, "tx-s", f.low95.values[12], true})
	}
	for i, s := range []*series{&f.high95, &f.high80, &f.expected, &f.low80, &f.low95} {
		if i < len(all) {
			all[i].Value = s.text[12]
		}
	}
	for i, one := range f.levels {
		if d.asked.values[12] != one.value && d.upper.values[12] != one.value {
			all = append(all, fanName{endName{"level" + strconv.Itoa(i), one.name, one.text}, "", one.value, false})
		}
	}
	var list []fanName
	for _, one := range all {
		if !math.IsNaN(one.at) && (!narrow || !one.broad) {
			list = append(list, one)
		}
	}
	return list
}

// says is what the readout says of a month that is foreseen.
func (f *fan) says(p *page, d *plot, m int) []string {
	if f == nil || f.expected.text[m] == "" {
		return nil
	}
	return []string{
		d.names["expected"] + " " + f.expected.text[m],
		p.W("outlook.chart.band", "level", "80%", "low", f.low80.text[m], "high", f.high80.text[m]),
		p.W("outlook.chart.band", "level", "95%", "low", f.low95.text[m], "high", f.high95.text[m]),
	}
}

// fanData is what the script draws the fan from.
type fanData struct {
	From     int        `json:"from"`
	Expected []*float64 `json:"expected"`
	Low80    []*float64 `json:"low80"`
	High80   []*float64 `json:"high80"`
	Low95    []*float64 `json:"low95"`
	High95   []*float64 `json:"high95"`
	Levels   []float64  `json:"levels"`
	Whole    bool       `json:"whole"`
	Ends     []fanEnd   `json:"ends"`
}

type fanEnd struct {
	endName
	At    float64 `json:"at"`
	Broad bool    `json:"broad"`
}

func (f *fan) script(d *plot) *fanData {
	if f == nil {
		return nil
	}
	out := &fanData{From: f.from, Expected: f.expected.list(), Low80: f.low80.list(), High80: f.high80.list(), Low95: f.low95.list(), High95: f.high95.list(), Whole: f.whole}
	for _, one := range f.levels {
		out.Levels = append(out.Levels, one.value)
	}
	for _, one := range f.names(d, false) {
		out.Ends = append(out.Ends, fanEnd{one.endName, one.at, one.broad})
	}
	return out
}
