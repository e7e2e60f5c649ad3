package web

import (
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// catchSheet lays the columns and rows of a catch-up plan out: target, the periods of
// the year, and the margin.
func (p *page) catchSheet(b *catchBody) {
	v := b.CatchUpView
	col := func(key, word, small, class string) {
		b.Cols = append(b.Cols, planCol{key, p.W("catchuppage.col." + word), small, class})
	}
	col("target", "target", p.Name(v.Indicator.Measure.Symbol), "num k-t")
	for _, c := range v.Columns {
		class := "num mo"
		if !c.Left {
			class = "num rep"
		}
		b.Cols = append(b.Cols, planCol{strconv.Itoa(c.Period.To), p.site.words.Span(p.Lang, c.Period), "", class})
	}
	col("rest", "rest", "", "num")
	col("cap", "cap", "", "num")
	col("extra", "extra"+b.Side(), "", "num")
	col("effort", "effort", p.W("catchuppage.col.effort.small"), "num")
	col("year", "year", "", "num")
	col("over", "over", "", "num")
	b.Lines = append(b.Lines, p.catchLine(b, &v.Whole, true))
	for i := range v.Rows {
		b.Lines = append(b.Lines, p.catchLine(b, &v.Rows[i], false))
	}
	p.wrongs(b)
}

// catchLine is one row of the sheet.
func (p *page) catchLine(b *catchBody, row *service.CatchUpRow, whole bool) *planLine {
	v, code := b.CatchUpView, row.Unit.Code
	l := &planLine{ID: code, Code: code, Name: p.Name(row.Unit.Short), Title: p.Name(row.Unit.Name), Class: "d1"}
	switch {
	case whole:
		l.Class = "tot"
	case row.Own:
		l.ID, l.Name, l.Title, l.Class = code+"~own", p.W("catchuppage.own"), p.W("catchuppage.own.say", "unit", row.Unit.Name), "d1 keep"
	default:
		l.Down = p.without().Here("unit", code)
	}
	open := !row.Own && (!whole || v.Alone)
	// Where what is expected is left alone, what differs from it is rounding.
	calm := v.State == "ahead" && b.Try.locks() == 0
	extra, effortOf := p.signed(row.Extra), p.effort(row.Effort)
	if calm {
		extra, effortOf = "", ""
	}
	put := func(text, class, set, says, effort string, month int) {
		if set == "" && !strings.Contains(class, "calc") {
			class = "ro " + class
		}
		l.Cells = append(l.Cells, planCell{Text: text, Class: strings.TrimSpace(class), Set: set, Month: month, Name: b.Cols[len(l.Cells)].Head, Says: says, Effort: effort})
	}
	put(p.figure(row.Target), "k-t", "", "", "", 0)
	for j := range row.Cells {
		cell, set := &row.Cells[j], ""
		class := []string{"mo"}
		left := v.Columns[j].Left
		if !left {
			class = []string{"rep"}
		}
		if left && open && !cell.Known && !cell.Estimated {
			set = "c." + code
		}
		switch {
		case cell.Locked:
			class = append(class, "fix")
		case cell.Hold == "high" || cell.Hold == "low":
			class = append(class, "held")
		}
		if cell.Estimated {
			class = append(class, "inf")
		}
		effort := ""
		if !cell.Known && !cell.Locked && !whole && !calm {
			effort = p.effort(cell.Effort)
		}
		put(p.figure(cell.Value), strings.Join(class, " "), set, p.cellSays(l.Name, cell, left, v.Indicator.Decimals), effort, cell.Period.To)
	}
	capped := ""
	if open {
		capped = "cap." + code
	}
	put(p.figure(row.Rest), "calc sum", "", p.restSays(l.Name, row), "", 0)
	text, class := "", ""
	if row.Cap.Valid {
		text, class = p.figure(exactly(row.Cap, v.Indicator.Decimals)), "fix"
	}
	put(text, strings.TrimSpace("capc "+class), capped, p.restSays(l.Name, row), "", 0)
	put(extra, "calc", "", "", "", 0)
	put(effortOf, "calc", "", "", "", 0)
	put(p.figure(row.Total), "calc", "", p.yearSays(l.Name, row), "", 0)
	put(p.signed(row.Over), "calc", "", "", "", 0)
	return l
}

// exactly is what was typed, at an indicator's decimals.
func exactly(q luoshi.NullQuantity, decimals int) luoshi.NullQuantity {
	if n, err := luoshi.Scaled(q.Decimal, decimals); q.Valid && err == nil {
		return luoshi.Unscaled(n, decimals)
	}
	return q
}

// cellSays is all that is known of a cell, in a sentence.
func (p *page) cellSays(name string, cell *service.CatchUpCell, left bool, decimals int) string {
	say := func(key string, pairs ...any) string { return p.W("catchuppage.cell."+key, pairs...) }
	var parts []string
	switch {
	case cell.Known:
		parts = append(parts, say("known", "value", cell.Value))
	case cell.Estimated:
		parts = append(parts, say("estimated", "value", cell.Value))
	case cell.Locked:
		parts = append(parts, say("locked", "value", cell.Value))
	case cell.Value.Valid:
		parts = append(parts, say("value", "value", cell.Value))
	}
	if left && !cell.Known {
		if cell.Expect.Valid {
			parts = append(parts, say("expect", "value", cell.Expect, "spread", cell.Spread))
		}
		if effort := p.effort(cell.Effort); effort != "" {
			parts = append(parts, say("effort", "effort", effort))
		}
		if cell.High.Valid {
			parts = append(parts, say("high", "value", cell.High, "from", p.boundFrom(cell.HighFrom)))
		}
		if cell.Low.Valid && !cell.Low.Decimal.IsZero() {
			parts = append(parts, say("low", "value", cell.Low))
		}
		if cell.Capacity != nil {
			parts = append(parts, say("capacity", "value", exactly(luoshi.Some(cell.Capacity.Value), decimals), "reason", cell.Capacity.Reason, "by", cell.Capacity.By.Says()))
		}
		if cell.InForce.Valid {
			parts = append(parts, say("force", "value", cell.InForce))
		}
	}
	if cell.LastYear.Valid {
		parts = append(parts, say("last", "value", cell.LastYear))
	}
	if len(parts) == 0 {
		return ""
	}
	return name + p.W("cascadepage.at") + p.site.words.Span(p.Lang, cell.Period) + p.W("punct.colon") + strings.Join(parts, p.W("page.and"))
}

// boundFrom names where a bound comes from.
func (p *page) boundFrom(source string) string {
	if key := "catchuppage.from." + source; p.site.words.Has(key) {
		return p.W(key)
	}
	return p.W("catchuppage.from.none")
}

// restSays is what a unit is expected to bring of what is left, and can.
func (p *page) restSays(name string, row *service.CatchUpRow) string {
	say := func(key string, pairs ...any) string { return p.W("catchuppage.cell."+key, pairs...) }
	var parts []string
	if row.Rest.Valid {
		parts = append(parts, say("value", "value", row.Rest))
	}
	if row.Expected.Valid {
		parts = append(parts, say("expected", "value", row.Expected))
	}
	if row.Most.Valid {
		parts = append(parts, say("high", "value", row.Most, "from", p.boundFrom(row.MostFrom)))
	}
	if row.Least.Valid && !row.Least.Decimal.IsZero() {
		parts = append(parts, say("low", "value", row.Least))
	}
	if row.Basis != "" && row.Basis != service.BasisOutlook && p.site.words.Has("catchuppage.basis."+row.Basis) {
		parts = append(parts, p.W("catchuppage.basis."+row.Basis))
	}
	if len(parts) == 0 {
		return ""
	}
	return name + p.W("cascadepage.at") + p.W("catchuppage.col.rest") + p.W("punct.colon") + strings.Join(parts, p.W("page.and"))
}

// yearSays is how likely a unit's year is as planned, and as promised.
func (p *page) yearSays(name string, row *service.CatchUpRow) string {
	var parts []string
	if row.Reaches.OK() {
		parts = append(parts, p.W("catchuppage.cell.reaches", "value", row.Total, "chance", service.ChanceSays(row.Reaches)))
	}
	if row.Chance.OK() && row.Target.Valid {
		parts = append(parts, p.W("catchuppage.cell.chance", "value", row.Target, "chance", service.ChanceSays(row.Chance)))
	}
	if len(parts) == 0 {
		return ""
	}
	return name + p.W("cascadepage.at") + p.W("catchuppage.col.year") + p.W("punct.colon") + strings.Join(parts, p.W("page.and"))
}
