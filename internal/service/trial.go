package service

import (
	"context"
	"fmt"
	"slices"

	"luoshi.dev"
	"luoshi.dev/assess"
	"luoshi.dev/internal/office"
)

// TrialQuery asks which lights a rule would have given. The rule need not be saved.
type TrialQuery struct {
	Look
	Scheme    luoshi.Scheme
	Indicator string // tried at the unit and the units directly below it
	Set       string // or: the indicators of a set, at the unit; "" = those that the rule judges there
}

// Trial is a rule tried on the past of a year beside the rules in force.
type Trial struct {
	Frame
	Rule       luoshi.Message `json:"-"`
	Faults     []Fault        `json:"faults,omitempty"` // of the rule; then nothing is tried
	Indicator  string         `json:"indicator,omitempty"`
	Set        string         `json:"set,omitempty"`
	Months     []int          `json:"months"` // in which periods end, the columns
	Rows       []TrialRow     `json:"rows"`
	Before     Counts         `json:"before"` // lights in force, over all cells
	After      Counts         `json:"after"`  // lights tried
	Cells      int            `json:"cells"`
	Worse      int            `json:"worse"` // cells in which the light gets worse
	Better     int            `json:"better"`
	Sets       []NamedCode    `json:"sets"` // what else may be tried
	Indicators []NamedCode    `json:"indicators"`
	Years      []int          `json:"years"`
}

// NamedCode is something that can be chosen.
type NamedCode struct {
	Code string       `json:"code"`
	Name luoshi.Names `json:"name"`
}

// TrialRow is one target: of an indicator at a unit.
type TrialRow struct {
	Unit      UnitRef      `json:"unit"`
	Indicator string       `json:"indicator"`
	Name      luoshi.Names `json:"name"`
	By        luoshi.Names `json:"by"`    // the rule in force
	Cells     []TrialCell  `json:"cells"` // by the trial's months
	Differ    int          `json:"differ"`
	Fits      bool         `json:"fits"` // the rule can judge the form of the target; else its default does
}

// TrialCell is one period of one target by both rules.
type TrialCell struct {
	Asked  bool             `json:"asked"` // a period of the indicator ends there and is over
	Before luoshi.Judgement `json:"before"`
	After  luoshi.Judgement `json:"after"`
}

// Differs reports whether the lights differ.
func (c TrialCell) Differs() bool { return c.Asked && c.Before.Light != c.After.Light }

// TryScheme tries a rule on a year's past as it is known at the look.
func (s *Service) TryScheme(ctx context.Context, q TrialQuery) (*Trial, error) {
	sc := q.Scheme
	question := fmt.Sprintf("trial %q %q %s %q %s %s %v %q %q", q.Indicator, q.Set, sc.Kind, sc.Code, sc.Yellow, sc.Red, sc.MadeUp, sc.YellowWhen, sc.RedWhen)
	return kept(ctx, s, q.Look, question, func(ctx context.Context, sn *snapshot) (*Trial, error) {
		v := &Trial{Rule: assess.Describe(sc)}
		node, err := sn.unitOf(q.Unit)
		if err != nil {
			return nil, err
		}
		if v.Frame, err = s.frame(ctx, sn, node); err != nil || node < 0 {
			return v, err
		}
		sn.trialChoices(v, node)
		var rule *assess.Rule
		problems := assess.CheckScheme(named(sc))
		if sc.Kind == luoshi.ByExpression && len(problems) == 0 {
			rule, problems = assess.Compile(sc)
		}
		for _, p := range problems {
			v.Faults = append(v.Faults, Fault{Kind: office.Schemes, Item: -1, Severity: p.Severity, Message: p.Message,
				Field: fieldOf(office.Schemes, p.Message, Change{Schemes: []luoshi.Scheme{sc}}, 0)})
		}
		if len(v.Faults) > 0 {
			return v, nil
		}
		if err := sn.trial(v, q, node, rule); err != nil {
			return nil, err
		}
		return v, nil
	})
}

// named gives a rule that is only tried what it must have to be checked.
func named(sc luoshi.Scheme) luoshi.Scheme {
	if sc.Code == "" {
		sc.Code = "tried"
	}
	if sc.Names.Hans == "" {
		sc.Names.Hans = sc.Code
	}
	return sc
}

func (sn *snapshot) trialChoices(v *Trial, node int) {
	for _, set := range sn.plan.sets {
		v.Sets = append(v.Sets, NamedCode{set.Code, set.Names})
	}
	for _, in := range sn.plan.indicators {
		if sn.promised(in, node) {
			v.Indicators = append(v.Indicators, NamedCode{in.Code, in.Names})
		}
	}
	for _, t := range sn.plan.targets {
		if t.FirstYear == t.LastYear && !slices.Contains(v.Years, t.FirstYear) {
			v.Years = append(v.Years, t.FirstYear)
		}
	}
	slices.Sort(v.Years)
}

// trial fills the rows: of one indicator those of the units, else those of the
// indicators asked for at the unit itself.
func (sn *snapshot) trial(v *Trial, q TrialQuery, node int, rule *assess.Rule) error {
	codes, units, err := sn.trialRows(v, q, node)
	if err != nil {
		return err
	}
	for m := 1; m <= 12; m++ {
		if slices.ContainsFunc(codes, func(code string) bool { return slices.Contains(sn.indicators[code].Calendar.Ends(), m) }) {
			v.Months = append(v.Months, m)
		}
	}
	for _, code := range codes {
		for _, u := range units {
			if sn.targets[targetAt{code, sn.tree.Nodes[u].ID}] != nil {
				v.add(sn.trialRow(v.Months, code, u, q.Scheme, rule))
			}
		}
	}
	last := 0 // columns that nobody has reached yet are left out
	for i := range v.Months {
		if slices.ContainsFunc(v.Rows, func(r TrialRow) bool { return r.Cells[i].Asked }) {
			last = i + 1
		}
	}
	v.Months = v.Months[:last]
	for i := range v.Rows {
		v.Rows[i].Cells = v.Rows[i].Cells[:last]
	}
	return nil
}

func (sn *snapshot) trialRows(v *Trial, q TrialQuery, node int) (codes []string, units []int, err error) {
	below := append([]int{node}, sn.areas(node)...)
	switch {
	case q.Indicator != "":
		if _, ok := sn.indicators[q.Indicator]; !ok {
			return nil, nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("import.indicator_unknown", "code", q.Indicator)}
		}
		v.Indicator = q.Indicator
		return []string{q.Indicator}, below, nil
	case q.Set != "":
		columns, err := sn.listed(Choice{Set: q.Set}, nil)
		if err != nil {
			return nil, nil, err
		}
		for _, in := range columns {
			codes = append(codes, in.Code)
		}
		v.Set = q.Set
		return codes, []int{node}, nil
	}
	// What the rule judges here; where it judges nothing yet, everything.
	var all []string
	for _, in := range sn.plan.indicators {
		if sn.targets[targetAt{in.Code, sn.tree.Nodes[node].ID}] == nil {
			continue
		}
		all = append(all, in.Code)
		if sn.judge(in.Code, node).Proof.Scheme == q.Scheme.Code {
			codes = append(codes, in.Code)
		}
	}
	if len(codes) == 0 {
		codes = all
	}
	return codes, []int{node}, nil
}

func (sn *snapshot) trialRow(months []int, code string, node int, sc luoshi.Scheme, rule *assess.Rule) TrialRow {
	before, tried := sn.caseOf(code, node), sn.caseBy(code, node, sc)
	tried.Rule = rule
	row := TrialRow{Unit: sn.ref(node), Indicator: code, Name: sn.indicators[code].Names, Cells: make([]TrialCell, len(months))}
	ends := sn.indicators[code].Calendar.Ends()
	is, would := assess.Months(before), assess.Months(tried)
	for i := range min(len(is), len(would)) {
		at := slices.Index(months, ends[i])
		row.Cells[at] = TrialCell{Asked: true, Before: is[i], After: would[i]}
		if row.Cells[at].Differs() {
			row.Differ++
		}
		row.By = sn.schemes[is[i].Proof.Scheme].Names
		row.Fits = would[i].Proof.Scheme == sc.Code
	}
	return row
}

// add counts a row in.
func (v *Trial) add(row TrialRow) {
	v.Rows = append(v.Rows, row)
	for _, c := range row.Cells {
		if !c.Asked {
			continue
		}
		v.Cells++
		v.Before.add(c.Before.Light)
		v.After.add(c.After.Light)
		switch s := (Shift{Before: &c.Before, After: &c.After}).Worse(); {
		case s > 0:
			v.Worse++
		case s < 0:
			v.Better++
		}
	}
}
