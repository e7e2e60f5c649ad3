package service

import (
	"context"
	"fmt"
	"strings"
	"time"

	"luoshi.dev"
)

// FieldDiff is one field of a record that differs, written as it is entered.
type FieldDiff struct {
	Field string `json:"field"`
	Was   string `json:"was"`
	Now   string `json:"now"`
}

// IndicatorTrial is an indicator as it would be, tried out and not yet in force.
type IndicatorTrial struct {
	Frame
	Code    string            `json:"code"`
	New     bool              `json:"new"`
	Before  luoshi.Indicator  `json:"before"`
	After   luoshi.Indicator  `json:"after"`
	Tried   bool              `json:"tried"`
	Faults  []Fault           `json:"faults"`
	Blocked bool              `json:"blocked"`
	Diff    []FieldDiff       `json:"diff"`
	Effect  *Effect           `json:"effect,omitempty"`
	Rules   []luoshi.Message  `json:"-"` // how it would add up
	Groups  []string          `json:"-"` // to choose from
	Others  []IndicatorName   `json:"-"`
	Offices []UnitRef         `json:"-"`
	Rungs   []luoshi.UnitKind `json:"-"`
	At      time.Time         `json:"at"`
}

// TryIndicator shows the form of an indicator and, where asked to, what putting it
// in force would do. code is that of the one that is edited, "" for a new one.
// Changes are made to what is known now, whatever instant the look has.
func (s *Service) TryIndicator(ctx context.Context, look Look, code string, in luoshi.Indicator, reason string, try bool) (*IndicatorTrial, error) {
	look.AsOf = time.Time{}
	sn, node, err := s.stand(ctx, look)
	if err != nil {
		return nil, err
	}
	v := &IndicatorTrial{Code: code, New: code == "", After: in, Tried: try, At: s.now()}
	if v.Frame, err = s.frame(ctx, sn, node); err != nil {
		return nil, err
	}
	if !v.New {
		was, ok := sn.indicators[code]
		if !ok {
			return nil, sn.unknownIndicator(code)
		}
		v.Before = was
		v.After.Code = code
		if !try {
			v.After = was
		}
	}
	v.choices(sn)
	if !try {
		return v, nil
	}
	c := Change{Indicators: []luoshi.Indicator{v.After}}
	if _, taken := sn.indicators[in.Code]; v.New && taken {
		v.fault("code", "indicatoredit.taken", "code", in.Code)
	}
	if v.Effect, err = s.Try(ctx, look, c); err != nil {
		return nil, err
	}
	v.Faults = append(v.Faults, v.Effect.Faults...)
	if !v.New {
		v.Diff = indicatorDiff(v.Before, v.After)
	}
	switch {
	case v.Effect.Blocked:
	case v.Effect.Writes == 0:
		v.fault("", "unitedit.same")
	case v.Effect.Reason && reason == "":
		v.fault("reason", "put.reason")
	}
	v.Blocked = blocked(v.Faults)
	v.Rules = sn.rules(v.After)
	return v, nil
}

func blocked(faults []Fault) bool {
	for _, f := range faults {
		if f.Severity == luoshi.Blocking {
			return true
		}
	}
	return false
}

func (v *IndicatorTrial) fault(field, key string, pairs ...any) {
	v.Faults = append(v.Faults, Fault{Item: -1, Field: field, Severity: luoshi.Blocking, Message: luoshi.Say(key, pairs...)})
}

// choices are what the fields of the form can name.
func (v *IndicatorTrial) choices(sn *snapshot) {
	seen := map[string]bool{"": true}
	for _, in := range sn.plan.indicators {
		if !seen[in.Group] {
			seen[in.Group] = true
			v.Groups = append(v.Groups, in.Group)
		}
		if in.Code != v.Code {
			v.Others = append(v.Others, indicatorName(in))
		}
	}
	rungs := map[luoshi.UnitKind]bool{}
	for i, n := range sn.tree.Nodes {
		if n.Kind.Area() {
			rungs[n.Kind] = true
		} else {
			v.Offices = append(v.Offices, sn.ref(i))
		}
	}
	for _, kind := range luoshi.UnitKinds {
		if rungs[kind] {
			v.Rungs = append(v.Rungs, kind)
		}
	}
}

// PutIndicator puts an indicator in force, beside what it was before.
func (s *Service) PutIndicator(ctx context.Context, look Look, code string, in luoshi.Indicator, reason string, seen time.Time, by string) (*IndicatorTrial, *Saved, error) {
	v, err := s.TryIndicator(ctx, look, code, in, reason, true)
	if err != nil || v.Blocked {
		return v, nil, err
	}
	saved, err := s.Put(ctx, Change{Indicators: []luoshi.Indicator{v.After}, Seen: seen}, by, reason)
	if saved != nil && saved.Batch == 0 {
		v.Faults, v.Blocked = append(v.Faults, saved.Faults...), true
		return v, nil, nil
	}
	return v, saved, err
}

// indicatorDiff lists the fields in which two versions differ.
func indicatorDiff(was, now luoshi.Indicator) []FieldDiff {
	var list []FieldDiff
	a, b := indicatorFields(was), indicatorFields(now)
	for i := range a {
		if a[i][1] != b[i][1] {
			list = append(list, FieldDiff{a[i][0], a[i][1], b[i][1]})
		}
	}
	return list
}

// indicatorFields are the fields of an indicator as they are entered, by the names
// of the columns of its sheet.
func indicatorFields(in luoshi.Indicator) [][2]string {
	text := func(v any) string {
		switch v := v.(type) {
		case bool:
			if v {
				return "yes"
			}
			return ""
		case []string:
			return strings.Join(v, " ")
		}
		return fmt.Sprint(v)
	}
	return [][2]string{
		{"name", in.Names.Hans}, {"name_hant", in.Names.Hant}, {"name_en", in.Names.En}, {"group", in.Group},
		{"measure", in.Measure.Symbol.Hans}, {"measure_hant", in.Measure.Symbol.Hant}, {"measure_en", in.Measure.Symbol.En},
		{"currency", in.Measure.Currency}, {"scale", text(in.Measure.Power)}, {"decimals", text(in.Decimals)}, {"direction", text(in.Direction)},
		{"kind", text(in.Kind)}, {"over_time", text(in.OverTime)}, {"over_units", text(in.OverUnits)}, {"weight", in.Weight}, {"numerator", in.Numerator},
		{"denominator", in.Denominator}, {"power", text(in.Power)}, {"basis", text(in.Basis)}, {"calendar", text(in.Calendar)},
		{"reported_at", text(in.ReportedAt)}, {"due_days", text(in.DueDays)}, {"formula", in.Formula}, {"department", in.Department},
		{"leads", text(in.Leads)}, {"source", in.Source}, {"note", in.Note}, {"retired", text(in.Retired)},
	}
}
