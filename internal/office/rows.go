package office

import (
	"strconv"
	"strings"
	"unicode"

	"luoshi.dev"
)

func (c *cursor) unit() UnitRow {
	row := UnitRow{
		Spot: c.spot(), Code: c.code("code"), Names: c.names("name"), Short: c.names("short"),
		Kind: luoshi.UnitKind(c.choice("kind")), Parent: c.code("parent"), Order: c.int("order"),
		From: c.date("from"), To: c.date("to"),
	}
	if row.From != 0 && row.To != 0 && row.To < row.From {
		c.fault(c.place("to"), "office.unit.ends_before", "code", row.Code, "from", row.From, "to", row.To)
	}
	return row
}

func (c *cursor) change() ChangeRow {
	row := ChangeRow{
		Spot: c.spot(), On: c.date("on"), Kind: ChangeKind(c.choice("kind")), Old: c.code("old"), New: c.code("new"),
		Share: c.number("share"), Names: c.names("name"), Parent: c.code("parent"), Source: c.text("source"),
	}
	if row.Share.Valid {
		one := orOne(luoshi.NullQuantity{})
		if share := row.Share.Decimal; share.Sign() <= 0 || share.Cmp(one) > 0 {
			c.fault(c.place("share"), "office.cell.share", "value", share, "head", c.head("share"))
		}
	}
	return row
}

func (c *cursor) indicator() IndicatorRow {
	in := luoshi.Indicator{
		Code: c.code("code"), Names: c.names("name"), Group: c.text("group"),
		Measure:  luoshi.Measure{Symbol: c.names("measure"), Currency: c.code("currency"), Power: c.int("scale")},
		Decimals: c.int("decimals"), Direction: luoshi.Direction(c.choice("direction")), Kind: luoshi.Kind(c.choice("kind")),
		OverTime: luoshi.OverTime(c.choice("over_time")), OverUnits: luoshi.OverUnits(c.choice("over_units")),
		Weight: c.code("weight"), Numerator: c.code("numerator"), Denominator: c.code("denominator"), Power: c.int("power"),
		Basis: luoshi.Basis(c.choice("basis")), Calendar: luoshi.Calendar(c.choice("calendar")),
		ReportedAt: luoshi.UnitKind(c.choice("reported_at")), DueDays: c.int("due_days"), Formula: c.text("formula"),
		Department: c.code("department"), Leads: codes(c.code("leads")), Source: c.text("source"), Note: c.text("note"),
		Retired: c.yes("retired"),
	}
	if !c.bad && !c.lay.dead {
		for _, p := range in.Validate() {
			p.Place = c.s.place(c.l.number, 0)
			c.bad = c.bad || p.Severity == luoshi.Blocking
			c.r.faults.add(p)
		}
	}
	return IndicatorRow{Spot: c.spot(), Indicator: in}
}

// codes splits a list of codes at white space and punctuation.
func codes(s string) []string {
	list := strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",;、，；", r) })
	if len(list) == 0 {
		return nil
	}
	return list
}

func (c *cursor) set() SetRow {
	return SetRow{Spot: c.spot(), Code: c.code("code"), Names: c.names("name"), Indicator: c.code("indicator"), Weight: orOne(c.number("weight"))}
}

func (c *cursor) scheme() SchemeRow {
	return SchemeRow{Spot: c.spot(), Scheme: luoshi.Scheme{
		Code: c.code("code"), Names: c.names("name"), Kind: luoshi.SchemeKind(c.choice("kind")),
		Yellow: c.number("yellow").Decimal, Red: c.number("red").Decimal, MadeUp: c.yes("made_up"),
		YellowWhen: c.text("yellow_when"), RedWhen: c.text("red_when"), Source: c.text("source"),
	}}
}

func (c *cursor) goal() GoalRow {
	row := GoalRow{
		Spot: c.spot(), Code: c.code("code"), Names: c.names("name"), Parent: c.code("parent"), Order: c.int("order"),
		Combine: luoshi.Combine(c.choice("combine")), Weight: orOne(c.number("weight")), Owner: c.code("owner"),
		Indicator: c.code("indicator"), Unit: c.code("unit"), Guard: c.yes("guard"),
	}
	if !row.Item() && row.Names.Hans == "" {
		c.fault(c.place("name"), "office.goal.name", "code", row.Code)
	}
	if !row.Item() && row.Combine == "" && !c.bad {
		row.Combine = luoshi.AllOf
	}
	return row
}

func (c *cursor) target() TargetRow {
	row := TargetRow{
		Spot: c.spot(), Indicator: c.code("indicator"), UnitCode: c.code("unit_code"), UnitName: c.text("unit_name"),
		FirstYear: c.year("first_year"), LastYear: c.year("last_year"), Revision: c.int("revision"),
		Form: luoshi.Form(c.choice("form")), Value: c.number("value"), Low: c.number("low"), High: c.number("high"),
		Date: c.date("date"), ReferenceIndicator: c.code("reference_indicator"), ReferenceUnit: c.code("reference_unit"),
		Strict: c.yes("strict"), Reserve: c.number("reserve"), Owner: c.code("owner"), Scheme: c.code("scheme"),
		Reason: c.text("reason"), From: c.date("from"), Source: c.text("source"), Sample: c.yes("sample"),
	}
	if row.LastYear == 0 {
		row.LastYear = row.FirstYear
	}
	if row.Form == "" {
		row.Form = luoshi.FormLevel
	}
	filled := false
	curve := make([]luoshi.NullQuantity, 12)
	for m := range 12 {
		curve[m] = c.number(month(m + 1))
		filled = filled || curve[m].Valid
	}
	if filled {
		row.Curve = curve
	}
	if row.LastYear < row.FirstYear && !c.bad {
		c.fault(c.place("last_year"), "office.target.years", "first", strconv.Itoa(row.FirstYear), "last", strconv.Itoa(row.LastYear))
	}
	return row
}
