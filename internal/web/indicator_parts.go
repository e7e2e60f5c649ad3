package web

import (
	"math"
	"slices"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// partsTable is the units below, ranked.
type partsTable struct {
	Head, Says string // where the lead or the lag comes from
	Note       string // by what they are ranked
	Paced      bool   // share of the year and pace; else value, what is asked, difference
	Growth     bool   // the rule looks at growth
	Moves      bool
	Gap        bool
	Asked      bool   // something is asked of the units
	Unit       string // of amounts
	GapUnit    string // of contributions
	AskedUnit  string
	Period     string
	AskedHead  string
	Rows       []partRow
	Rest       *partRow
	RestSays   string
	Whole      *partRow
	Lights     []tallyOf
}

type tallyOf struct {
	Light light
	Count int
}

type partRow struct {
	Name, Rank, Move, MoveClass string
	Light                       light
	State                       state
	NoFigure                    bool
	Plan, Actual, Share         string
	Open                        bool // preliminary, where the whole is more settled
	Ruler                       *ruler
	Ahead, Asked, Growth, Diff  string
	Part                        string // contribution
	Bar                         *gap
	Href, Figure, Proof         string
	Source                      int
	part                        float64
}

func (p *page) partsTable(v *service.IndicatorView) *partsTable {
	parts := v.Parts
	t := &partsTable{
		Gap: parts.Gap, Unit: p.Name(v.Indicator.Measure.Symbol), Period: p.site.words.Span(p.Lang, parts.Period), Moves: parts.Before.To > 0,
		Growth: v.Indicator.Kind != luoshi.Growth && (v.Course.Growth || parts.By == "growth" || parts.By == "implied"),
		Asked:  slices.ContainsFunc(parts.Rows, func(r service.PartRow) bool { return r.Asked.Valid }),
	}
	t.Paced = slices.ContainsFunc(parts.Rows, func(r service.PartRow) bool { return r.Judgement.Share.OK() && r.Judgement.Pace.OK() })
	t.AskedUnit, t.AskedHead = t.Unit, p.W("indicator.parts.asked")
	if v.Course.Growth {
		t.AskedUnit = "%"
	}
	t.GapUnit = p.Name(parts.Measure.Symbol)
	if parts.Points {
		t.GapUnit = p.W("page.points.head")
	}
	for _, row := range parts.Rows {
		t.Rows = append(t.Rows, p.partRow(v, row))
	}
	whole := p.partRow(v, parts.Whole)
	whole.Name = p.W("indicator.parts.whole", "unit", v.Unit.Name)
	if v.Source != "" {
		whole.Source = 1
	}
	t.Whole = &whole
	p.partsGap(t, v)
	p.partsWords(t, v)
	for i, count := range []int{parts.Lights.Green, parts.Lights.Yellow, parts.Lights.Red, parts.Lights.NotJudged} {
		if count > 0 {
			t.Lights = append(t.Lights, tallyOf{p.Lights()[i], count})
		}
	}
	return t
}

func (p *page) partRow(v *service.IndicatorView, r service.PartRow) partRow {
	j := r.Judgement
	code := v.Indicator.Code
	row := partRow{
		Name: p.short(r.Unit), Light: p.light(j.Light), State: p.state(j.Presence), Href: p.figureOf(r.Unit.Code, code), Proof: p.proofOf(r.Unit.Code, code),
		Figure: p.figureAt(r.Unit.Code, code, j.Period, ""), part: math.NaN(), Ahead: p.ahead(j), Open: j.Proof.Status == luoshi.Flash,
	}
	write := func(q luoshi.NullQuantity, format string) string {
		if !q.Valid {
			return ""
		}
		return p.Show(q, format)
	}
	if r.Rank > 0 {
		row.Rank = p.Show(r.Rank, "")
	}
	if r.Move.Key != "" {
		row.Move = p.Say(r.Move)
		row.MoveClass = map[bool]string{true: "eq1", false: "up1"}[r.Move.Key == "rank.same"]
	}
	row.Plan, row.Actual = write(j.Year, ""), write(j.Actual, "")
	row.NoFigure = !j.Actual.Valid && !j.Growth.Valid
	if j.Share.OK() {
		row.Share = p.Show(j.Share, "")
	}
	if j.Pace.OK() {
		row.Ruler = p.ruler(j)
	}
	format := ""
	if v.Course.Growth {
		format = "signed"
	}
	row.Asked, row.Diff = write(r.Asked, format), write(r.Gap, "signed")
	switch {
	case j.Growth.Valid:
		row.Growth = growth(j)
	case v.Parts.By == "implied" && j.Implied.OK():
		row.Growth = p.Show(j.Implied, "signed1")
	}
	if r.Contribution.Valid {
		row.Part = p.Show(r.Contribution, "signed")
		row.part, _ = r.Contribution.Decimal.Float64()
	}
	return row
}

// partsGap draws the contributions to one scale and adds the row of the rest.
func (p *page) partsGap(t *partsTable, v *service.IndicatorView) {
	if !t.Gap {
		return
	}
	if v.Parts.Rest.Valid {
		rest := partRow{Name: p.W("indicator.parts.rest"), Part: p.Show(v.Parts.Rest, "signed")}
		rest.part, _ = v.Parts.Rest.Decimal.Float64()
		t.Rest = &rest
		if v.Parts.RestPlan.Valid && v.Parts.RestDone.Valid {
			t.RestSays = p.W("indicator.parts.rest.says", "plan", v.Parts.RestPlan, "done", v.Parts.RestDone, "unit", p.unitAfter(v.Parts.Measure))
		} else {
			t.RestSays = p.W("indicator.parts.rest.plain")
		}
	}
	low, high := 0.0, 0.0
	see := func(r *partRow) {
		if r != nil && !math.IsNaN(r.part) {
			low, high = min(low, r.part), max(high, r.part)
		}
	}
	for i := range t.Rows {
		see(&t.Rows[i])
	}
	see(t.Rest)
	scale := max(high-low, 1e-12)
	zero := -low / scale * 100
	bar := func(r *partRow) {
		r.Bar = &gap{Class: r.Light.Class, Zero: percent(zero)}
		if !math.IsNaN(r.part) {
			width := r.part / scale * 100
			r.Bar.Left, r.Bar.Width = percent(zero+min(width, 0)), percent(math.Abs(width))
		}
	}
	for i := range t.Rows {
		bar(&t.Rows[i])
	}
	if t.Rest != nil {
		bar(t.Rest)
	}
}

// partsWords heads the table: the gap that is parted, or what is ranked.
func (p *page) partsWords(t *partsTable, v *service.IndicatorView) {
	parts := v.Parts
	pairs := []any{"count", len(parts.Rows), "unit", v.Unit.Name, "measure", p.unitAfter(parts.Measure)}
	if parts.Points {
		pairs[5] = p.W("indicator.points.after")
	}
	key := "indicator.parts.plain"
	switch {
	case !v.HasTarget:
		key = "indicator.parts.untargeted"
	case v.Indicator.OverUnits != luoshi.UnitNone:
		key = "indicator.parts.unshared"
	}
	if parts.Gap {
		side := parts.Total.Decimal.Sign()
		key = map[bool]string{true: "indicator.parts.lag", false: "indicator.parts.lead"}[side < 0]
		pairs = append(pairs, "total", parts.Total.Decimal.Abs())
	}
	t.Head, t.Says = p.W(key, pairs...), p.W(key+".says", pairs...)
	t.Note = p.W("indicator.parts.by." + string(parts.By))
	if parts.Before.To > 0 {
		before := parts.Before
		if before.To != 2 {
			before.From = before.To
		}
		t.Note += p.W("page.and") + p.W("indicator.parts.since", "before", p.site.words.Span(p.Lang, before))
	}
}

// fallRow is one step of the waterfall: it begins where the one before it ended.
type fallRow struct {
	Name, Href, Value, Class string
	Left, Width, End         string // percent
	Zero                     string
	Sum, Rest, Lasts         bool
}

// fall parts the gap in steps, the largest lead first and the largest lag last,
// down to the whole.
func (p *page) fall(v *service.IndicatorView) []fallRow {
	t := v.Parts
	if !t.Gap {
		return nil
	}
	type step struct {
		row   fallRow
		value float64
	}
	var steps []step
	add := func(name, href, class string, q luoshi.NullQuantity, rest bool) {
		if q.Valid {
			value, _ := q.Decimal.Float64()
			steps = append(steps, step{fallRow{Name: name, Href: href, Value: p.Show(q, "signed"), Class: class, Rest: rest}, value})
		}
	}
	for _, r := range t.Rows {
		class := "g"
		if r.Contribution.Valid && r.Contribution.Decimal.IsNeg() {
			class = p.light(r.Judgement.Light).Class
		}
		add(p.short(r.Unit), p.figureOf(r.Unit.Code, v.Indicator.Code), class, r.Contribution, false)
	}
	slices.SortStableFunc(steps, func(a, b step) int {
		switch {
		case a.value > b.value:
			return -1
		case a.value < b.value:
			return 1
		}
		return 0
	})
	add(p.W("indicator.parts.rest"), "", "g", t.Rest, true)
	total, _ := t.Total.Decimal.Float64()
	low, high, at := min(0, total), max(0, total), 0.0
	for _, s := range steps {
		at += s.value
		low, high = min(low, at), max(high, at)
	}
	scale := max(high-low, 1e-12)
	place := func(from, to float64) (left, width, end string) {
		return percent((min(from, to) - low) / scale * 100), percent(math.Abs(to-from) / scale * 100), percent((to - low) / scale * 100)
	}
	var rows []fallRow
	at = 0
	for _, s := range steps {
		s.row.Left, s.row.Width, s.row.End = place(at, at+s.value)
		s.row.Zero = percent(-low / scale * 100)
		at += s.value
		rows = append(rows, s.row)
	}
	sum := fallRow{Name: p.W("indicator.parts.whole", "unit", v.Unit.Name), Value: p.Show(t.Total, "signed"), Class: p.light(v.Judgement.Light).Class, Sum: true, Zero: percent(-low / scale * 100)}
	sum.Left, sum.Width, sum.End = place(0, total)
	return append(rows, sum)
}

// partsMap is the map of the units below, whose areas lead to this indicator there.
func (p *page) partsMap(v *service.IndicatorView) *spread {
	s := p.spread(v.Map, v.Unit.Code, 1)
	if s == nil || len(s.Areas) == 0 {
		return nil
	}
	if !v.Paced && !v.Course.Growth {
		s.Note = p.W("indicator.map.value", "period", v.Map.Period, "unit", v.Indicator.Measure)
	}
	for i := range s.Areas {
		if j := s.Areas[i].rank; j.Actual.Valid && !v.Course.Growth {
			s.Areas[i].NoFigure = false
		}
		s.Areas[i].Unit = p.figureOf(s.Areas[i].Code, v.Indicator.Code)
		s.Areas[i].Value = p.mapValue(v, s.Areas[i])
		s.Areas[i].Words = p.W("page.map.area", "unit", s.Areas[i].Short, "light", s.Areas[i].Light.Word, "value", s.Areas[i].Value)
	}
	return s
}

// mapValue is what stands under a unit's name: the distance from the pace, the
// growth that is judged, or the figure.
func (p *page) mapValue(v *service.IndicatorView, a area) string {
	j := a.rank
	switch {
	case a.NoFigure, v.Paced && j.Ahead.OK():
		return a.Value
	case v.Course.Growth && j.Growth.Valid:
		return growth(j)
	case j.Actual.Valid:
		return p.Show(j.Actual, "")
	}
	return a.Value
}
