package web

import (
	"html/template"
	"net/url"
	"slices"
	"strconv"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// trialBody is a rule tried on the past, laid out.
type trialBody struct {
	Code             string
	Says             template.HTML
	Rule             template.HTML // the rule that is tried, where it is not the one in force
	Columns          []string
	Rows             []trialRow
	Sets, Indicators []choice
	Years            []choice
	Yellow, Red      *formField
	When             []*formField
	Unit             string
	Counts           []countView
	Changed          bool // limits are tried that are not in force
	Edit, Reset      string
	Other            []string
	Units            bool // the rows are units, else indicators
	Differ           bool // some light differs
	By               bool // more than one rule is in force in the rows
}

type trialRow struct {
	Name, By, Differ string
	Misfit           bool
	Cells            []trialCell
}

// trialCell shows one light, or two where they differ.
type trialCell struct {
	Class   string // of the light tried; "" = not asked
	Was     string // class of the light in force, where it differs
	Words   string
	Worse   bool
	NoLight bool
}

func (p *page) trial(v *service.Trial, inForce, tried luoshi.Scheme, asked url.Values, faults []service.Fault) *trialBody {
	b := &trialBody{Code: tried.Code, Units: v.Indicator != "", Changed: !sameRule(inForce, tried)}
	for _, m := range v.Months {
		b.Columns = append(b.Columns, p.column(luoshi.ToDate(v.Year, m)))
	}
	for _, row := range v.Rows {
		b.Rows = append(b.Rows, p.trialRow(v, row))
	}
	b.By = slices.ContainsFunc(b.Rows, func(r trialRow) bool { return r.By != b.Rows[0].By })
	b.Differ = slices.ContainsFunc(v.Rows, func(r service.TrialRow) bool { return r.Differ > 0 })
	b.Says = p.Rich(trialSays(v))
	if b.Changed {
		b.Rule = p.Rich(v.Rule)
	}
	for _, c := range []struct {
		light         luoshi.Light
		before, after int
	}{{luoshi.Green, v.Before.Green, v.After.Green}, {luoshi.Yellow, v.Before.Yellow, v.After.Yellow}, {luoshi.Red, v.Before.Red, v.After.Red}, {luoshi.NotJudged, v.Before.NotJudged, v.After.NotJudged}} {
		one := countView{Light: p.light(c.light), Before: c.before, After: c.after}
		if d := c.after - c.before; d != 0 {
			one.Change = p.Show(number(d), "signed")
		}
		b.Counts = append(b.Counts, one)
	}
	b.choose(p, v)
	values := schemeValues(tried)
	for _, name := range []string{"yellow", "red", "yellow_when", "red_when"} {
		if asked.Has(name) {
			values.Set(name, asked.Get(name))
		}
	}
	form := newForm(p, values, append(faults, v.Faults...))
	switch tried.Kind {
	case luoshi.ByGrowth:
	case luoshi.ByExpression:
		b.When = []*formField{form.field("yellow_when", "field.scheme.yellow_when"), form.field("red_when", "field.scheme.red_when")}
	default:
		b.Yellow, b.Red = form.field("yellow", "field.scheme.yellow"), form.field("red", "field.scheme.red")
		b.Yellow.Mode, b.Red.Mode = "decimal", "decimal"
		b.Unit = p.W("scheme.unit." + string(tried.Kind))
	}
	b.Other = form.rest()
	b.Reset = p.To("/register/scheme", "code", inForce.Code) + "#trial"
	change := []string{"code", tried.Code, "name", tried.Names.Hans, "name_hant", tried.Names.Hant, "name_en", tried.Names.En, "kind", string(tried.Kind), "source", tried.Source, "fixed", "1", "try", "1",
		"seen", strconv.FormatInt(p.site.opt.Now().UnixMicro(), 10)}
	for _, name := range []string{"yellow", "red", "yellow_when", "red_when", "made_up"} {
		change = append(change, name, schemeValues(tried).Get(name))
	}
	b.Edit = p.To("/register/scheme/edit", change...)
	return b
}

func sameRule(a, b luoshi.Scheme) bool {
	return a.Kind == b.Kind && a.Yellow.Cmp(b.Yellow) == 0 && a.Red.Cmp(b.Red) == 0 && a.MadeUp == b.MadeUp && a.YellowWhen == b.YellowWhen && a.RedWhen == b.RedWhen
}

// trialSays sums a trial up.
func trialSays(v *service.Trial) luoshi.Message {
	var parts []luoshi.Message
	if v.Worse > 0 {
		parts = append(parts, luoshi.Say("effect.worse", "n", v.Worse))
	}
	if v.Better > 0 {
		parts = append(parts, luoshi.Say("effect.better", "n", v.Better))
	}
	differ := 0
	for _, row := range v.Rows {
		differ += row.Differ
	}
	if other := differ - v.Worse - v.Better; other > 0 {
		parts = append(parts, luoshi.Say("effect.other", "n", other))
	}
	switch {
	case len(v.Rows) == 0:
		return luoshi.Say("trial.empty")
	case differ == 0:
		return luoshi.Say("trial.same", "n", v.Cells, "rows", len(v.Rows))
	}
	return luoshi.Say("trial.differ", "differ", differ, "n", v.Cells, "rows", len(v.Rows), "parts", parts)
}

func (p *page) trialRow(v *service.Trial, row service.TrialRow) trialRow {
	one := trialRow{Name: p.Name(row.Name), By: p.Name(row.By), Misfit: !row.Fits}
	if v.Indicator != "" {
		one.Name = p.Name(row.Unit.Name)
	}
	if row.Differ > 0 {
		one.Differ = strconv.Itoa(row.Differ)
	}
	for i, c := range row.Cells {
		cell := trialCell{}
		if c.Asked {
			before, after := p.light(c.Before.Light), p.light(c.After.Light)
			cell.Class = after.Class
			cell.Words = p.W("trial.cell", "month", p.column(luoshi.ToDate(v.Year, v.Months[i])), "light", c.After.Light)
			if c.Differs() {
				cell.Was = before.Class
				cell.Words = p.W("trial.cell.differs", "month", p.column(luoshi.ToDate(v.Year, v.Months[i])), "before", c.Before.Light, "after", c.After.Light)
				cell.Worse = (service.Shift{Before: &c.Before, After: &c.After}).Worse() > 0
			}
		}
		one.Cells = append(one.Cells, cell)
	}
	return one
}

// choose fills what else may be tried.
func (b *trialBody) choose(p *page, v *service.Trial) {
	b.Sets = append(b.Sets, choice{Text: p.W("trial.set.none"), On: v.Set == ""})
	for _, set := range v.Sets {
		b.Sets = append(b.Sets, choice{Text: p.Name(set.Name), Href: set.Code, On: set.Code == v.Set})
	}
	b.Indicators = append(b.Indicators, choice{Text: p.W("trial.indicator.none"), On: v.Indicator == ""})
	for _, in := range v.Indicators {
		b.Indicators = append(b.Indicators, choice{Text: p.Name(in.Name), Href: in.Code, On: in.Code == v.Indicator})
	}
	for _, y := range v.Years {
		b.Years = append(b.Years, choice{Text: strconv.Itoa(y), Href: strconv.Itoa(y), On: y == v.Year})
	}
}
