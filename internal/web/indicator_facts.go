package web

import (
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// vintageRow is a figure as it was known from an instant on.
type vintageRow struct {
	At, Status, Value, Growth, Change string
	Who, Why                          string
	Basis, Hash                       string
	Holds, Withdrawn, Partial         bool
	Sample                            bool
}

// history writes vintages, newest first.
func (p *page) history(list []service.Vintage, in service.IndicatorHead) []vintageRow {
	format := ""
	if in.Kind == luoshi.Growth {
		format = "signed"
	}
	var rows []vintageRow
	for _, v := range list {
		row := vintageRow{At: p.instantDay(v), Holds: v.Holds, Withdrawn: v.Withdrawn, Partial: v.Partial, Sample: v.Sample, Who: p.PersonName(v.By)}
		switch {
		case v.Withdrawn:
			row.Status = p.W("indicator.vintage.withdrawn")
		case v.Status != "" && (!v.Partial || v.Value.Valid):
			row.Status = p.Show(v.Status, "")
		}
		if v.Value.Valid {
			row.Value = p.Show(v.Value, format)
		}
		if v.Growth.Valid {
			row.Growth = p.Show(v.Growth, "signed")
		}
		if v.Change.Valid {
			row.Change = p.W("indicator.vintage.same")
			if !v.Change.Decimal.IsZero() {
				row.Change = p.Show(v.Change, "signed")
			}
		}
		if v.Seq > 0 && len(v.Units) == 0 {
			row.Hash = "#" + strconv.FormatInt(v.Seq, 10)
		}
		row.Why = p.vintageWhy(v)
		row.Basis = p.Show(v.Basis, "")
		if v.Scope == luoshi.Own {
			row.Basis += "·" + p.W("indicator.own")
		}
		rows = append(rows, row)
	}
	return rows
}

// instantDay is the day and, where one was recorded at a time, the time.
func (p *page) instantDay(v service.Vintage) string {
	day := p.site.words.Day(p.Lang, luoshi.DateOf(v.At))
	if p.Frame != nil && luoshi.DateOf(v.At).Year() != p.Frame.Year {
		day = p.Show(luoshi.DateOf(v.At), "")
	}
	if len(v.Units) > 0 {
		return day
	}
	return day + " " + v.At.In(luoshi.Zone).Format("15:04")
}

// vintageWhy says what a vintage came with: whose figures, which file, which source.
func (p *page) vintageWhy(v service.Vintage) string {
	if len(v.Units) > 0 {
		var names []string
		for _, u := range v.Units {
			name := p.short(u)
			if p.Frame != nil && u.Code == p.Frame.Unit.Code {
				name = p.W("indicator.vintage.self", "unit", name)
			}
			names = append(names, name)
		}
		text := p.few(names, 4)
		if v.Coverage.Want > 0 && !v.Coverage.Full() {
			text += p.W("page.and") + p.W("indicator.vintage.coverage", "have", v.Coverage.Have, "want", v.Coverage.Want)
		}
		return text
	}
	var parts []string
	if v.Source != "" {
		parts = append(parts, v.Source)
	}
	if v.BatchName != "" {
		parts = append(parts, p.W("indicator.vintage.batch", "name", v.BatchName, "number", strconv.FormatInt(v.Batch, 10)))
	}
	return strings.Join(parts, p.W("page.and"))
}

// linkedRow is another indicator that this one leads, follows or is computed from.
type linkedRow struct {
	How, Name, Href, Unit, Period, Value, Growth string
	Light                                        light
	Judged                                       bool
	State                                        state
	Figure                                       string
}

func (p *page) linked(v *service.IndicatorView) []linkedRow {
	var rows []linkedRow
	for _, group := range []struct {
		how  string
		list []service.LinkedView
	}{{"led_by", v.LedBy}, {"leads", v.Leads}, {"input", v.Inputs}} {
		for _, one := range group.list {
			j := one.Judgement
			row := linkedRow{
				How: p.W("indicator.linked." + group.how), Name: p.Name(one.Indicator.Name), Unit: p.Name(one.Indicator.Measure.Symbol), Href: p.figureOf(v.Unit.Code, one.Indicator.Code),
				Light: p.light(j.Light), Judged: one.Target, State: p.state(j.Presence), Figure: p.figureAt(v.Unit.Code, one.Indicator.Code, j.Period, ""),
			}
			if j.Period.To > 0 {
				row.Period = p.site.words.Span(p.Lang, j.Period)
			}
			if j.Actual.Valid {
				row.Value, row.State = p.Show(j.Actual, ""), state{}
			}
			switch {
			case j.Growth.Valid:
				row.Growth = growth(j)
			case j.Implied.OK() && (one.Indicator.Kind == luoshi.Flow || one.Indicator.Kind == luoshi.Stock):
				row.Growth = p.Show(j.Implied, "signed1") + p.W("indicator.implied.mark")
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// revisionRow is one revision of the target.
type revisionRow struct {
	Number, Years, Promise, Change, From, Reason, Reserve, By, Source string
	InForce, Later                                                    bool
	Sample                                                            bool
}

func (p *page) revisions(v *service.IndicatorView) []revisionRow {
	var rows []revisionRow
	for _, r := range v.Revisions {
		row := revisionRow{
			Number: p.W("indicator.revision.number", "number", strconv.Itoa(r.Revision)), Promise: p.Say(r.Promise), From: p.Show(r.From, ""), Reason: r.Reason, By: p.PersonName(r.By), Source: r.Source,
			InForce: r.InForce, Later: r.Later, Sample: r.Sample,
		}
		if r.First != r.Last {
			row.Years = strconv.Itoa(r.First) + "—" + strconv.Itoa(r.Last)
		}
		if r.Change.Valid {
			row.Change = p.Show(r.Change, "signed")
		}
		if r.Reserve.Valid {
			row.Reserve = p.Show(r.Reserve, "")
		}
		if row.Reason == "" && r.Revision == 1 {
			row.Reason = p.W("indicator.revision.first")
		}
		rows = append(rows, row)
	}
	return rows
}

// redrawnBody is the boundaries shown against those of another day.
type redrawnBody struct {
	Says    string
	Changes []string
	More    int
	Values  []redrawnRow
	Here    string // heads
	There   string
	Switch  string // address of this page by the other boundaries
	Other   string
}

type redrawnRow struct {
	Here, There       string
	HereVal, ThereVal string
	Sum               bool
}

const changesShown = 8

func (p *page) redrawn(v *service.IndicatorView) *redrawnBody {
	r := v.Redrawn
	if r == nil {
		return nil
	}
	b := &redrawnBody{Here: p.W("indicator.redrawn.shown", "day", r.Shown), There: p.W("indicator.redrawn.other", "day", r.Other), Switch: p.Here("boundaries", r.Other.String()), Other: p.Show(r.Other, "")}
	for i, c := range r.Changes {
		if i == changesShown {
			b.More = len(r.Changes) - i
			break
		}
		b.Changes = append(b.Changes, p.W("indicator.redrawn."+c.Kind, "unit", c.Unit, "code", c.Code, "into", c.Into, "to", c.To, "on", c.On))
	}
	here, there := r.Here.Actual, r.There.Actual
	same := here.Valid == there.Valid && (!here.Valid || here.Decimal.Cmp(there.Decimal) == 0)
	switch {
	case r.Gone:
		b.Says = p.W("indicator.redrawn.gone", "unit", v.Unit.Name, "day", r.Other)
		b.Switch = ""
	case same && len(r.Rows) == 0:
		b.Says = p.W("indicator.redrawn.same", "unit", v.Unit.Name)
	case same:
		b.Says = p.W("indicator.redrawn.parts", "unit", v.Unit.Name, "count", len(r.Rows))
	default:
		b.Says = p.W("indicator.redrawn.differs", "unit", v.Unit.Name, "here", here, "there", there, "measure", p.unitAfter(v.Indicator.Measure))
	}
	for _, row := range r.Rows {
		one := redrawnRow{HereVal: p.Show(row.HereValue, ""), ThereVal: p.Show(row.ThereVal, "")}
		if row.Here != nil {
			one.Here = p.Name(row.Here.Name)
		} else {
			one.HereVal = ""
		}
		if row.There != nil {
			one.There = p.Name(row.There.Name)
		} else {
			one.ThereVal = ""
		}
		b.Values = append(b.Values, one)
	}
	if len(b.Values) > 0 && !r.Gone {
		b.Values = append(b.Values, redrawnRow{Here: p.Name(v.Unit.Name), There: p.Name(v.Unit.Name), HereVal: p.Show(here, ""), ThereVal: p.Show(there, ""), Sum: true})
	}
	return b
}
