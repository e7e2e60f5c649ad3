package service

import (
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/office"
)

// faults are the problems of a change by noun and field instead of by cell.
func (im *importer) faults(c Change) []Fault {
	var list []Fault
	for _, p := range im.report.Problems {
		kind := office.Kind(p.Sheet)
		f := Fault{Kind: kind, Noun: p.Row - 1, Item: -1, Field: office.FieldAt(kind, p.Col), Severity: p.Severity, Message: p.Message}
		if p.Row >= itemsOf {
			f.Noun, f.Item = p.Row/itemsOf-1, p.Row%itemsOf
		}
		if field := fieldOf(kind, p.Message, c, f.Noun); field != "" {
			f.Field = field
		}
		list = append(list, f)
	}
	return list
}

// brokenFields are the fields that rules about several fields are shown at, where
// the rule is not called after its field.
var brokenFields = map[string]string{
	"indicator.never_adds": "over_units", "indicator.never_adds_time": "over_time", "indicator.ratio": "numerator",
	"scheme.order": "red", "scheme.negative": "yellow", "scheme.percent": "red", "scheme.months": "red", "scheme.conditions": "yellow_when",
	"scheme.no_condition": "yellow_when", "scheme.long": "yellow_when",
	"target.years": "first_year", "target.band": "low", "target.reference": "reference_unit",
	"goal.item_twice": "indicator", "set.empty": "indicator", "import.goal_parent": "parent", "import.goal_cycle": "parent",
	"import.unit_kind": "kind", "unit.code_twice": "code", "unit.cycle": "parent", "unit.parent_not_in_force": "parent",
}

// fieldOf is the field that a rule is about: the rules that nouns check of
// themselves know no cells.
func fieldOf(kind office.Kind, m luoshi.Message, c Change, noun int) string {
	if field, ok := brokenFields[m.Key]; ok {
		return field
	}
	if strings.HasPrefix(m.Key, "scheme.expression") && noun >= 0 && noun < len(c.Schemes) {
		if m.Args["text"] == c.Schemes[noun].YellowWhen {
			return "yellow_when"
		}
		return "red_when"
	}
	room, field, _ := strings.Cut(m.Key, ".")
	if room == "rollup" && kind == office.Indicators && noun >= 0 && noun < len(c.Indicators) {
		return computedField(m, c.Indicators[noun])
	}
	if room+"s" == string(kind) && office.HasField(kind, field) {
		return field
	}
	return ""
}

// computedField is the field by which an indicator is computed wrongly.
func computedField(m luoshi.Message, in luoshi.Indicator) string {
	switch code := m.Args["code"]; {
	case in.Formula != "" || code == nil:
		return "formula"
	case code == in.Weight:
		return "weight"
	case code == in.Numerator:
		return "numerator"
	}
	return "denominator"
}
