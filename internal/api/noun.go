package api

import (
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/service"
	"luoshi.dev/wire"
)

// The nouns of a plan as documents, and back.

func recorded(at int64) *time.Time {
	if at == 0 {
		return nil
	}
	return moment(time.UnixMicro(at))
}

func indicatorOut(in luoshi.Indicator) wire.Indicator {
	return wire.Indicator{
		Code: in.Code, Name: in.Names, Group: in.Group, Measure: measure(in.Measure), Decimals: in.Decimals, Direction: in.Direction, Kind: in.Kind,
		OverTime: in.OverTime, OverUnits: in.OverUnits, Weight: in.Weight, Numerator: in.Numerator, Denominator: in.Denominator, Power: in.Power,
		Basis: in.Basis, Calendar: in.Calendar, ReportedAt: in.ReportedAt, DueDays: in.DueDays, Formula: in.Formula, Department: in.Department,
		Leads: in.Leads, Source: in.Source, Note: in.Note, Retired: in.Retired, RecordedAt: recorded(in.RecordedAt),
	}
}

func indicatorIn(in wire.Indicator) luoshi.Indicator {
	return luoshi.Indicator{
		Code: in.Code, Names: in.Name, Group: in.Group, Measure: luoshi.Measure{Symbol: in.Measure.Symbol, Currency: in.Measure.Currency, Power: in.Measure.Power},
		Decimals: in.Decimals, Direction: in.Direction, Kind: in.Kind, OverTime: in.OverTime, OverUnits: in.OverUnits, Weight: in.Weight,
		Numerator: in.Numerator, Denominator: in.Denominator, Power: in.Power, Basis: in.Basis, Calendar: in.Calendar, ReportedAt: in.ReportedAt,
		DueDays: in.DueDays, Formula: in.Formula, Department: in.Department, Leads: in.Leads, Source: in.Source, Note: in.Note, Retired: in.Retired,
	}
}

func setOut(set luoshi.IndicatorSet) wire.IndicatorSet {
	return wire.IndicatorSet{Code: set.Code, Name: set.Names, RecordedAt: recorded(set.RecordedAt),
		Items: each(set.Items, func(i luoshi.SetItem) wire.SetItem { return wire.SetItem(i) })}
}

func setIn(set wire.IndicatorSet) luoshi.IndicatorSet {
	return luoshi.IndicatorSet{Code: set.Code, Names: set.Name, Items: each(set.Items, func(i wire.SetItem) luoshi.SetItem { return luoshi.SetItem(i) })}
}

func schemeOut(sc luoshi.Scheme) wire.Scheme {
	return wire.Scheme{Code: sc.Code, Name: sc.Names, Kind: sc.Kind, Yellow: sc.Yellow, Red: sc.Red, MadeUp: sc.MadeUp, YellowWhen: sc.YellowWhen,
		RedWhen: sc.RedWhen, Source: sc.Source, RecordedAt: recorded(sc.RecordedAt)}
}

func schemeIn(sc wire.Scheme) luoshi.Scheme {
	return luoshi.Scheme{Code: sc.Code, Names: sc.Name, Kind: sc.Kind, Yellow: sc.Yellow, Red: sc.Red, MadeUp: sc.MadeUp, YellowWhen: sc.YellowWhen,
		RedWhen: sc.RedWhen, Source: sc.Source}
}

func goalOut(g luoshi.Goal) wire.Goal {
	return wire.Goal{Code: g.Code, Name: g.Names, Parent: g.Parent, Order: g.Order, Combine: g.Combine, Weight: g.Weight, Owner: g.Owner,
		Items: each(g.Items, func(i luoshi.GoalItem) wire.GoalItem { return wire.GoalItem(i) }), RecordedAt: recorded(g.RecordedAt)}
}

func goalIn(g wire.Goal) luoshi.Goal {
	return luoshi.Goal{Code: g.Code, Names: g.Name, Parent: g.Parent, Order: g.Order, Combine: g.Combine, Weight: g.Weight, Owner: g.Owner,
		Items: each(g.Items, func(i wire.GoalItem) luoshi.GoalItem { return luoshi.GoalItem(i) })}
}

func targetIn(t wire.TargetRow) service.TargetRow {
	return service.TargetRow{
		Indicator: t.Indicator, UnitCode: t.Unit, FirstYear: t.FirstYear, LastYear: t.LastYear, Form: t.Form, Value: t.Value, Low: t.Low, High: t.High,
		Date: t.Date, ReferenceIndicator: t.ReferenceIndicator, ReferenceUnit: t.ReferenceUnit, Strict: t.Strict, Reserve: t.Reserve, Curve: t.Curve,
		Owner: t.Owner, Scheme: t.Scheme, Reason: t.Reason, From: t.From, Source: t.Source,
	}
}

func unitIn(u wire.UnitRow) service.UnitRow {
	return service.UnitRow{Code: u.Code, Names: u.Name, Short: named(u.Short), Kind: u.Kind, Parent: u.Parent, Order: u.Order, From: u.From, To: u.To}
}

// changeKinds are the kinds of change by their word.
var changeKinds = map[string]service.UnitChange{
	"rename": {Kind: service.Rename}, "recode": {Kind: service.Recode}, "merge": {Kind: service.Merge},
	"split": {Kind: service.Split}, "move": {Kind: service.Move}, "end": {Kind: service.End},
}

func unitChangeIn(c wire.UnitChange) service.UnitChange {
	out := changeKinds[c.Kind]
	out.On, out.Old, out.New, out.Share, out.Names, out.Parent, out.Source = c.On, c.Old, c.New, c.Share, named(c.Name), c.Parent, c.Source
	return out
}

func named(n *luoshi.Names) luoshi.Names {
	if n == nil {
		return luoshi.Names{}
	}
	return *n
}

func changeIn(c wire.Change) service.Change {
	out := service.Change{
		Units: each(c.Units, unitIn), Changes: each(c.Changes, unitChangeIn), Indicators: each(c.Indicators, indicatorIn), Sets: each(c.Sets, setIn),
		Schemes: each(c.Schemes, schemeIn), Goals: each(c.Goals, goalIn), Targets: each(c.Targets, targetIn),
	}
	if c.Seen != nil {
		out.Seen = *c.Seen
	}
	for i := range out.Targets { // the reason of the whole is that of each target that gives none
		if t := &out.Targets[i]; t.Reason == "" {
			t.Reason = c.Reason
		}
	}
	return out
}
