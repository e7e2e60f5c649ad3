package web

import (
	"net/http"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// componentsBody is every part in every state. The parts are made by the functions
// and templates that make them on the pages; only what they show is a sample.
type componentsBody struct {
	Swatches []sample
	Types    []sample
	Lights   []sample
	Turns    []turnRow
	States   []sample
	Numbers  []sample
	Rulers   []sample
	Gaps     []sample
	Strip    *strip
	Goals    *overviewBody
	Spread   *spread
	Heads    []string
	Matrix   []matrixLine
	Chart    *drawing
	Fields   []formField
	Wall     *wallBody
}

// sample is one part, its name, and what it is for.
type sample struct {
	Class, Name, Text, Eg, Gap string
	Light                      light
	State                      state
	Ruler                      *ruler
	Bar                        *gap
}

// components is the page that shows every part of the design language.
func (s *Site) components(w http.ResponseWriter, r *http.Request) error {
	p := s.page(r, "components")
	p.scripts = nil
	return s.kept(w, r, p, s.views, func() error { // it depends on the program alone
		p.Body, p.Title = p.componentsBody(), p.W("components.link")
		return nil
	})
}

func (p *page) componentsBody() *componentsBody {
	return &componentsBody{
		Swatches: p.swatches(), Types: p.types(), Lights: p.lightSamples(), Turns: p.turnSamples(), States: p.stateSamples(), Numbers: p.numberSamples(),
		Rulers: p.rulerSamples(), Gaps: p.gapSamples(), Strip: p.stripSample(), Goals: p.goalSamples(), Spread: p.mapSample(), Matrix: p.matrixSample(), Heads: []string{p.c("eg.invest"), p.c("eg.jobs"), p.c("eg.food"), p.c("eg.expect")}, Chart: p.chartSample(),
		Fields: p.fieldSamples(), Wall: p.wallSample(),
	}
}

// c is a word of this page.
func (p *page) c(key string) string { return p.W("components." + key) }

// said is a name that is already in the page's language.
func (p *page) said(text string) luoshi.Names {
	return luoshi.Names{Hans: text, Hant: text, En: text}
}

func (p *page) swatches() (list []sample) {
	for token := range strings.FieldsSeq("paper ground ink ink-2 ink-3 rule line accent accent-wash green yellow red green-wash yellow-wash red-wash hatch fan-1 fan-2") {
		list = append(list, sample{Class: "sw-" + token, Name: p.c("colour." + token), Text: "--" + token})
	}
	return list
}

func (p *page) types() (list []sample) {
	for class := range strings.FieldsSeq("title head lead text table note") {
		eg := "206.11　102.5　45.22　+111.76"
		if class != "table" {
			eg = p.c("type." + class + ".eg")
		}
		list = append(list, sample{Class: "ty-" + class, Name: p.c("type." + class), Eg: eg})
	}
	return list
}

func (p *page) lightSamples() (list []sample) {
	for i, l := range p.Lights() {
		eg := [...]string{"63.86", "45.17", "39.20", ""}[i]
		list = append(list, sample{Light: l, Class: l.Class, Name: p.c("lights." + [...]string{"disc", "triangle", "square", "ring"}[i]), Text: p.c("lights." + l.Class), Eg: eg})
	}
	return list
}

func (p *page) turnSamples() (list []turnRow) {
	for _, one := range [][2]luoshi.Light{{luoshi.Green, luoshi.Red}, {luoshi.Red, luoshi.Yellow}, {luoshi.NotJudged, luoshi.Yellow}, {luoshi.Yellow, luoshi.NotJudged}} {
		way := service.WayOf(one[0], one[1])
		list = append(list, turnRow{From: p.light(one[0]), To: p.light(one[1]), Word: p.W("overview.turn." + string(way))})
	}
	return list
}

func (p *page) stateSamples() (list []sample) {
	for _, presence := range []luoshi.Presence{luoshi.NotDue, luoshi.Due, luoshi.Late, luoshi.Absent, luoshi.NotAsked} {
		list = append(list, sample{Name: p.Show(presence, ""), State: p.state(presence), Text: p.c("states." + string(presence))})
	}
	list = append(list, sample{Name: p.c("states.returned"), State: state{"ret", p.c("states.returned")}, Text: p.c("states.returned.say")})
	for _, one := range []struct {
		status      luoshi.Status
		class, mark string
	}{{luoshi.Preliminary, "prov", ""}, {luoshi.Revised, "", p.c("states.revised.mark")}, {luoshi.Final, "", ""}} {
		list = append(list, sample{Name: p.Show(one.status, ""), Class: one.class, Eg: "206.11", Gap: one.mark, Text: p.c("states." + string(one.status) + ".say")})
	}
	return append(list, sample{Name: p.c("states.zero"), Eg: "0.00", Text: p.c("states.zero.say")})
}

// quantity is a number of a sample.
func quantity(text string) luoshi.NullQuantity {
	q, err := luoshi.ParseQuantity(text)
	if err != nil {
		return luoshi.NullQuantity{}
	}
	return luoshi.Some(q)
}

func (p *page) numberSamples() (list []sample) {
	for _, one := range [][3]string{{"level", "206.11", ""}, {"large", "38680.6", ""}, {"growth", "3.2", "signed"}, {"minus", "-6.5", "signed"}, {"points", "13.86", "signed"}, {"none", "", ""}} {
		list = append(list, sample{Name: p.c("numbers." + one[0]), Eg: p.Show(quantity(one[1]), one[2]), Text: p.c("numbers." + one[0] + ".say")})
	}
	return list
}

// paced is a judgement by the pace: share and pace in hundredths of a percent.
func paced(light luoshi.Light, share, pace int64) luoshi.Judgement {
	return luoshi.Judgement{
		Light: light, Presence: luoshi.Present, Period: luoshi.ToDate(2020, 6),
		Share: luoshi.Over(share, 10000), Pace: luoshi.Over(pace, 10000), Ahead: luoshi.Over(share-pace, 10000),
	}
}

func (p *page) rulerSamples() (list []sample) {
	for _, one := range []struct {
		key         string
		light       luoshi.Light
		share, pace int64
	}{{"ahead", luoshi.Green, 6386, 5000}, {"even", luoshi.Green, 5000, 5000}, {"yellow", luoshi.Yellow, 4517, 5000}, {"red", luoshi.Red, 2660, 6500}, {"over", luoshi.Green, 10800, 8333}, {"zero", luoshi.Red, 0, 5000}} {
		r := p.ruler(paced(one.light, one.share, one.pace))
		list = append(list, sample{Name: p.c("ruler." + one.key), Ruler: r, Gap: r.Gap})
	}
	missing := luoshi.Judgement{Presence: luoshi.Absent, Pace: luoshi.Over(1, 2)}
	return append(list, sample{Name: p.c("ruler.none"), Ruler: p.ruler(missing), State: p.state(luoshi.Absent)})
}

// sampleCities are the cities of a sample, in the order of their codes.
func (p *page) sampleCities() (list []service.UnitRef) {
	for i, name := range strings.Fields(p.c("eg.cities")) {
		codes := strings.Fields("340100 340200 340300 340400 340500 340600 340700 340800 341000 341100 341200 341300 341500 341600 341700 341800")
		list = append(list, service.UnitRef{Code: codes[i], Name: p.said(name), Short: p.said(name), Kind: luoshi.City})
	}
	return list
}

func (p *page) gapSamples() (list []sample) {
	cities := p.sampleCities()
	at := []int{9, 3, 8}
	js := []luoshi.Judgement{paced(luoshi.Green, 7421, 5000), paced(luoshi.Yellow, 4517, 5000), paced(luoshi.Red, 3845, 5000)}
	for i, bar := range p.gaps(js) {
		list = append(list, sample{Name: p.short(cities[at[i]]), Bar: bar, Gap: p.ahead(js[i])})
	}
	return list
}

func (p *page) stripSample() *strip {
	c := service.ReportCell{Period: luoshi.MonthOf(2020, 6), Want: 16, Units: p.sampleCities()}
	for i := range c.Units {
		s := luoshi.Present
		switch i {
		case 3, 4:
			s = luoshi.Due
		case 7:
			s = luoshi.Late
		case 10, 11:
			s = luoshi.Absent
		case 14, 15:
			s = luoshi.NotDue
		}
		if s == luoshi.Present {
			c.Have++
		}
		c.States = append(c.States, s)
	}
	return p.strip(c)
}

// goalSamples are the tables of the overview with a line in each state.
func (p *page) goalSamples() *overviewBody {
	yi := luoshi.Measure{Symbol: p.said(p.c("eg.unit")), Currency: "CNY", Power: 8}
	owner, invest := p.said(p.c("eg.owner")), p.said(p.c("eg.invest"))
	b := &overviewBody{Overview: &service.Overview{HasGoals: true}}
	row := func(key string, j luoshi.Judgement, before luoshi.Light) {
		g := service.GoalRow{Code: key, Depth: 1, Name: p.said(p.c("eg." + key)), Judgement: j, Before: before, Owner: owner, Measure: yi, Paced: j.Light != luoshi.NotJudged}
		one := p.goal(g)
		one.Proof, one.Figure = "#lights", "#numbers"
		b.Goals = append(b.Goals, one)
	}
	ahead := paced(luoshi.Green, 6386, 5000)
	ahead.Says = luoshi.Say("pace.ahead", "indicator", invest, "actual", quantity("206.11"), "unit", yi, "share", ahead.Share, "ahead", ahead.Ahead)
	behind := paced(luoshi.Yellow, 4730, 5000)
	behind.Says = luoshi.Say("pace.behind", "indicator", p.said(p.c("eg.jobs")), "actual", quantity("29.80"), "unit", luoshi.Measure{}, "ahead", luoshi.Over(270, 10000), "gap", quantity("1.70"))
	red := paced(luoshi.Red, 4120, 6500)
	red.Says = luoshi.Say("pace.behind", "indicator", p.said(p.c("eg.food")), "actual", quantity("41.20"), "unit", luoshi.Measure{}, "ahead", luoshi.Over(2380, 10000), "gap", quantity("23.80"))
	row("invest", ahead, luoshi.Yellow)
	row("jobs", behind, luoshi.Yellow)
	row("food", red, luoshi.Green)
	row("expect", luoshi.Judgement{Presence: luoshi.Due, Says: luoshi.Say("none.due", "indicator", p.said(p.c("eg.expect")), "period", luoshi.ToDate(2020, 6))}, luoshi.NotJudged)
	for i, j := range []luoshi.Judgement{paced(luoshi.Red, 3845, 5000), paced(luoshi.Yellow, 4517, 5000)} {
		j.Missed = 3 - 2*i
		unit := p.sampleCities()[[...]int{8, 3}[i]]
		one := p.off(service.OffRow{Unit: unit, Indicator: "invest", Name: invest, Judgement: j, Owner: unit.Name, Impact: luoshi.Over(int64(21-5*i), 10000)})
		one.Unit, one.Proof, one.Figure = "#map", "#lights", "#numbers"
		b.Off = append(b.Off, one)
	}
	return b
}

// mapSample has a city in every light and one without a figure.
func (p *page) mapSample() *spread {
	m := &service.MapView{Indicator: "invest", Name: p.said(p.c("eg.invest")), Period: luoshi.ToDate(2020, 6), Pace: luoshi.Over(1, 2), Sample: true}
	for i, ahead := range []int64{2280, 2020, 1549, -483, 1892, 976, 1117, -31, -1155, 2421, 1111, 679, -1080, 559, 284, 1683} {
		light := luoshi.Green
		switch {
		case ahead < -1000:
			light = luoshi.Red
		case ahead < 0:
			light = luoshi.Yellow
		}
		j := paced(light, 5000+ahead, 5000)
		if i == 14 {
			j = luoshi.Judgement{Presence: luoshi.Absent}
		}
		m.Areas = append(m.Areas, service.MapArea{Unit: p.sampleCities()[i], Judgement: j})
	}
	s := p.spread(m, "340000", 0)
	for _, list := range [][]area{s.Areas, s.Ranked} {
		for i := range list {
			list[i].Unit, list[i].Proof, list[i].Figure = "#map", "#lights", "#numbers"
		}
	}
	return s
}

// matrixSample is three rows of a matrix: a cell in every light and state.
func (p *page) matrixSample() (lines []matrixLine) {
	share := func(l luoshi.Light, text string) *service.MatrixCell {
		return &service.MatrixCell{Light: l, Presence: luoshi.Present, Status: luoshi.Final, Target: true, Gauge: service.GaugeShare, Value: quantity(text), Period: luoshi.ToDate(2020, 6)}
	}
	early := share(luoshi.Green, "51.08")
	early.Status = luoshi.Preliminary
	mended := share(luoshi.Green, "54.10")
	mended.Status = luoshi.Revised
	none := func(s luoshi.Presence, late int) *service.MatrixCell {
		return &service.MatrixCell{Presence: s, Target: true, Gauge: service.GaugeShare, Late: late, Due: 20200808}
	}
	m := &service.Matrix{}
	for range 4 {
		m.Columns = append(m.Columns, service.MatrixColumn{Gauge: service.GaugeShare, Period: luoshi.ToDate(2020, 6)})
	}
	cells := p.newCells(m)
	cells.base = "#matrix-"
	cities, b := p.sampleCities(), &matrixBody{Matrix: m}
	for _, one := range []struct {
		city   int
		counts service.Counts
		cells  []*service.MatrixCell
	}{
		{9, service.Counts{Green: 3, Yellow: 1}, []*service.MatrixCell{share(luoshi.Green, "74.21"), early, mended, share(luoshi.Yellow, "49.02")}},
		{3, service.Counts{Yellow: 1, Red: 1}, []*service.MatrixCell{share(luoshi.Yellow, "45.17"), share(luoshi.Red, "38.38"), none(luoshi.Late, 4), none(luoshi.Due, 0)}},
		{8, service.Counts{Red: 1}, []*service.MatrixCell{share(luoshi.Red, "38.45"), none(luoshi.Absent, 0), none(luoshi.NotDue, 0), {}}},
	} {
		line := b.line(p, service.MatrixQuery{}, cells, service.MatrixRow{Unit: cities[one.city], Counts: one.counts, Cells: one.cells})
		line.Into = ""
		lines = append(lines, line)
	}
	return lines
}

// chartSample is a path through the year that has fallen behind.
func (p *page) chartSample() *drawing {
	d := &plot{actual: newSeries(), asked: newSeries(), upper: newSeries(), before: newSeries(), origin: true, gapped: true, pointLabel: p.c("chart.gap")}
	d.names = map[string]string{"asked": p.c("chart.plan"), "last": p.c("chart.last")}
	for m := range 13 {
		d.asked.values[m] = 25 * float64(m)
		d.before.values[m] = 22*float64(m) - float64((12-m)*m)/2
		if m > 0 {
			d.ends = append(d.ends, m)
			d.ticks[m], d.narrow[m] = p.monthTick(luoshi.MonthOf(2020, m), m, false)
		}
	}
	d.asked.text[12] = "300"
	copy(d.actual.values[:], []float64{0, 8, 18, 42, 70, 98, 135.5})
	d.actual.text[6], d.open[6] = "135.5", true
	d.scale()
	return d.draw(560, 250, 96, false)
}

func (p *page) fieldSamples() []formField {
	return []formField{
		{Name: "plain", Label: p.c("forms.plain"), Value: "238.40", Hint: p.c("forms.plain.hint"), Mode: "decimal", Must: true},
		{Name: "bad", Label: p.c("forms.bad"), Value: "322.9", Err: p.c("forms.bad.err"), Mode: "decimal"},
		{Name: "warned", Label: p.c("forms.warn"), Value: "+48.2", Err: p.c("forms.warn.say"), Warn: true, Mode: "decimal"},
		{Name: "who", Label: p.c("forms.who"), Options: []choice{{Text: p.c("eg.owner"), On: true}}},
		{Name: "why", Label: p.c("forms.why"), Value: p.c("forms.why.eg"), Area: true, Must: true},
	}
}

func (p *page) wallSample() *wallBody {
	w := &service.Wall{Rows: service.WallGoals}
	line := func(key string, j luoshi.Judgement, before luoshi.Light) {
		w.Lines = append(w.Lines, service.WallLine{Name: p.said(p.c("eg." + key)), Paced: j.Light != luoshi.NotJudged, Before: before, Judgement: j})
	}
	line("food", paced(luoshi.Red, 4120, 6500), luoshi.Yellow)
	line("jobs", paced(luoshi.Yellow, 4730, 5000), luoshi.Yellow)
	line("invest", paced(luoshi.Green, 6386, 5000), luoshi.Yellow)
	line("expect", luoshi.Judgement{Presence: luoshi.Due, Says: luoshi.Say("none.due", "indicator", p.said(p.c("eg.expect")), "period", luoshi.ToDate(2020, 6))}, luoshi.NotJudged)
	b := &wallBody{Wall: w}
	for _, l := range w.Lines {
		b.Lines = append(b.Lines, p.wallRow(l))
	}
	return b
}
