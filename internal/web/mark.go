package web

import (
	"fmt"
	"slices"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/service"
)

// light is the mark of a judgement: a shape and a word, never a colour alone.
type light struct {
	Class string // g, y, r, n
	Word  string
}

func (p *page) light(l luoshi.Light) light {
	return light{[...]string{"n", "g", "y", "r"}[l], p.Show(l, "")}
}

// Lights are the four marks in order, for a key.
func (p *page) Lights() []light {
	return []light{p.light(luoshi.Green), p.light(luoshi.Yellow), p.light(luoshi.Red), p.light(luoshi.NotJudged)}
}

// state is the mark of a figure's being there or not: ink, never a light's colour.
type state struct{ Class, Word string }

func (p *page) state(s luoshi.Presence) state {
	class := map[luoshi.Presence]string{luoshi.Due: "box", luoshi.Late: "late", luoshi.Absent: "miss", luoshi.NotDue: "nd", luoshi.NotAsked: "nd"}[s]
	return state{class, p.Show(s, "")}
}

// ruler is the pace ruler in percent of its width: a bar up to the share that is
// done, a tick where it should be by now.
type ruler struct {
	Class      string
	Bar, Tick  string // percent, "" = not drawn
	Name       string // what it shows, in words
	NoFigure   bool
	Share, Gap string
}

func (p *page) ruler(j luoshi.Judgement) *ruler {
	r := &ruler{Class: p.light(j.Light).Class, Share: p.Show(j.Share, ""), Gap: p.ahead(j)}
	if j.Pace.OK() {
		r.Tick = percent(within(float(j.Pace)))
	}
	if !j.Share.OK() {
		r.NoFigure, r.Share, r.Gap = true, "", ""
		r.Name = p.W("page.ruler.none", "pace", j.Pace)
		return r
	}
	r.Bar = percent(within(float(j.Share)))
	r.Name = p.W("page.ruler", "share", j.Share, "pace", j.Pace)
	return r
}

// ahead is the distance from the pace in points with its sign. Where two decimals
// would hide why a light is not green, more are shown.
func (p *page) ahead(j luoshi.Judgement) string {
	if !j.Ahead.OK() {
		return ""
	}
	for decimals := 2; ; decimals++ {
		q := j.Ahead.Percent(decimals)
		if !q.Valid {
			return ""
		}
		if decimals == luoshi.MaxDecimals || j.Light == luoshi.Green || j.Ahead.Num == 0 || !q.Decimal.IsZero() {
			return locale.Number(q.Decimal, "signed")
		}
	}
}

// growth is published growth with its sign, at the one decimal that statistics
// publish or as many as it has.
func growth(j luoshi.Judgement) string {
	return locale.Number(j.Growth.Decimal.Trim(1).Pad(1), "signed")
}

// gap is the gap bar in percent of the column: lag to the left of the zero line,
// lead to the right.
type gap struct{ Class, Zero, Left, Width string }

// gaps draws the bars of one column to one scale.
func (p *page) gaps(js []luoshi.Judgement) []*gap {
	low, high := 0.0, 0.0
	for _, j := range js {
		if j.Ahead.OK() {
			low, high = min(low, float(j.Ahead)), max(high, float(j.Ahead))
		}
	}
	scale := high - low
	if scale == 0 {
		scale = 1
	}
	zero := -low / scale * 100
	bars := make([]*gap, len(js))
	for i, j := range js {
		bars[i] = &gap{Class: p.light(j.Light).Class, Zero: percent(zero)}
		if j.Ahead.OK() {
			width := float(j.Ahead) / scale * 100
			bars[i].Left, bars[i].Width = percent(zero+min(width, 0)), percent(max(width, -width))
		}
	}
	return bars
}

// strip is the completeness of one report in one period: a stroke per unit. Runs of
// one state are one dashed line, so that a page of strips stays light.
type strip struct {
	Width, Height    int
	Stroke           string // width of the lines: the height of a row of strokes
	Dash             string
	Have, Miss, Wait string // lines by state
	Due, Late        string // boxes by state
	Name             string // what it shows, in words
}

const (
	stripHeight = 14
	stripWide   = 72 // drawing units; more units than fit stand in several rows
)

func (p *page) strip(c service.ReportCell) *strip {
	n := max(len(c.States), 1)
	rows := 1
	for pitch := 4.5; rows < 4 && float64(n)*pitch/float64(rows) > stripWide; pitch = 3 {
		rows++
	}
	columns := (n + rows - 1) / rows
	pitch := min(4.5, float64(stripWide)/float64(columns))
	high := (float64(stripHeight) - float64(rows-1)) / float64(rows)
	bar := max(pitch-1, pitch*0.7)
	s := &strip{
		Width: int(float64(columns)*pitch + 0.99), Height: stripHeight, Name: p.stripName(c),
		Stroke: fmt.Sprintf("%.4g", high), Dash: fmt.Sprintf("%.4g %.4g", bar, pitch-bar),
	}
	for i := 0; i < len(c.States); {
		run := 1 // units of one state side by side
		for i+run < len(c.States) && c.States[i+run] == c.States[i] && (i+run)%columns != 0 {
			run++
		}
		x, y := float64(i%columns)*pitch, float64(i/columns)*(high+1)
		long := float64(run-1)*pitch + bar
		switch c.States[i] {
		case luoshi.Present:
			s.Have += fmt.Sprintf("M%.4g %.4gh%.4g", x, y+high/2, long)
		case luoshi.Absent:
			s.Miss += fmt.Sprintf("M%.4g %.4gh%.4g", x, y+high-0.5, long)
		case luoshi.NotDue:
			s.Wait += fmt.Sprintf("M%.4g %.4gh%.4g", x, y+high/2, long)
		case luoshi.Due, luoshi.Late:
			for k := range run {
				if one := box(x+float64(k)*pitch, y, bar, high); c.States[i] == luoshi.Due {
					s.Due += one
				} else {
					s.Late += one
				}
			}
		}
		i += run
	}
	return s
}

func box(x, y, w, h float64) string {
	return fmt.Sprintf("M%.4g %.4gh%.3gv%.4gh-%.3gz", x+0.5, y+0.5, w-1, h-1, w-1)
}

// stripName says in words what the strokes show: how many, and who is not there.
func (p *page) stripName(c service.ReportCell) string {
	parts := []string{p.W("page.strip", "period", c.Period, "have", c.Have, "want", c.Want)}
	for _, presence := range []luoshi.Presence{luoshi.Absent, luoshi.Late, luoshi.Due, luoshi.NotDue} {
		if who := p.who(c, presence); len(who) > 0 {
			parts = append(parts, p.Show(presence, "")+p.W("punct.colon")+p.few(who, 6))
		}
	}
	return strings.Join(parts, p.W("page.and"))
}

func (p *page) who(c service.ReportCell, presence luoshi.Presence) []string {
	var names []string
	for i, s := range c.States {
		if s == presence && i < len(c.Units) {
			names = append(names, p.short(c.Units[i]))
		}
	}
	return names
}

// few lists the first names and how many there are.
func (p *page) few(names []string, n int) string {
	list := strings.Join(names[:min(n, len(names))], p.W("punct.list"))
	if len(names) > n {
		list = p.W("page.few", "names", list, "count", len(names))
	}
	return list
}

// Short is a unit's name without what it is, where it has such a name.
func (p *page) Short(u service.UnitRef) string { return p.short(u) }

func (p *page) short(u service.UnitRef) string {
	if u.Short.Hans != "" {
		return p.Name(u.Short)
	}
	return p.Name(u.Name)
}

// float is a ratio as a length to draw, in parts of one.
func float(r luoshi.Ratio) float64 { return float64(r.Num) / float64(r.Den) }

func within(x float64) float64 { return max(0, min(1, x)) * 100 }

func percent(x float64) string { return strings.TrimSuffix(fmt.Sprintf("%.2f", x), ".00") + "%" }

// periods lists the ends of the reports' periods, oldest first, at most n. Periods
// that have not ended for anyone are left out.
func periods(rows []service.ReportRow, n int) []luoshi.Period {
	var ends []luoshi.Period
	for _, row := range rows {
		for _, c := range row.Periods {
			if !closed(c) {
				continue
			}
			at := slices.IndexFunc(ends, func(e luoshi.Period) bool { return e.Year == c.Period.Year && e.To == c.Period.To })
			switch {
			case at < 0:
				ends = append(ends, c.Period)
			case c.Period.Months() < ends[at].Months(): // 6月 heads a column better than 1—6月
				ends[at] = c.Period
			}
		}
	}
	slices.SortFunc(ends, func(a, b luoshi.Period) int { return (a.Year*12 + a.To) - (b.Year*12 + b.To) })
	return ends[max(0, len(ends)-n):]
}
