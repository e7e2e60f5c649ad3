package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"luoshi.dev"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/service"
)

func (a *app) catchUpCmd() *cobra.Command {
	var at lookFlags
	var q service.CatchUpQuery
	var total, by, from, format string
	var locks, cellCaps, caps, floors, weights []string
	var force bool
	cmd := &cobra.Command{
		Use: "catchup INDICATOR", Short: "Plan the rest of the year: who must bring how much by when",
		Long: `Plan the periods that are left so that the year meets its target: what is needed,
what is expected, and the plan that departs least from it while the sum holds
exactly; or the best that is attainable and what stands in the way. Locks, caps and
another total are tried and not saved until --put-in-force with a --reason: then the
months become the next revision of each unit's target, and later calls show how the
plan is being kept.`,
		Example: "  luoshi catchup key_projects --unit 340000 --asof 2020-07-31\n  luoshi catchup key_projects --total 350 --lock 340100:9=9.00 --cap 340200=15\n  luoshi catchup retail --format csv > plan.csv",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if q.Look, err = at.look(); err != nil {
				return err
			}
			q.Indicator = args[0]
			if format != "table" && format != "json" && format != "csv" {
				return usageError{fmt.Errorf("--format is table, json or csv, not %q", format)}
			}
			if total != "" {
				v, err := luoshi.ParseQuantity(total)
				if err != nil {
					return err
				}
				q.Total = luoshi.Some(v)
			}
			for _, given := range []struct {
				pairs []string
				into  *map[string]luoshi.Quantity
			}{{caps, &q.Caps}, {floors, &q.Floors}, {weights, &q.Weights}} {
				if *given.into, err = byUnit(given.pairs); err != nil {
					return err
				}
			}
			for _, given := range []struct {
				pairs []string
				into  *map[string]map[int]luoshi.Quantity
			}{{locks, &q.Locks}, {cellCaps, &q.CellCaps}} {
				if *given.into, err = byCell(given.pairs); err != nil {
					return err
				}
			}
			if from != "" {
				if q.From, err = luoshi.ParseDate(from); err != nil {
					return err
				}
			}
			return a.catchUp(cmd.Context(), q, force, by, format)
		},
	}
	at.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&total, "total", "", "the year's total to plan for; default what the target asks")
	flags.StringArrayVar(&locks, "lock", nil, "CODE:MONTH=VALUE that is not to move; repeatable")
	flags.StringArrayVar(&cellCaps, "most", nil, "CODE:MONTH=VALUE, at most in the month; repeatable")
	flags.StringArrayVar(&caps, "cap", nil, "CODE=VALUE, what is left of the unit at most; repeatable")
	flags.StringArrayVar(&floors, "floor", nil, "CODE=VALUE, what is left of the unit at least; repeatable")
	flags.StringArrayVar(&weights, "weight", nil, "CODE=WEIGHT, how much harder it is there, 1 = as elsewhere; repeatable")
	flags.StringVar(&q.Weigh, "weigh", service.WeighSpread, "how effort is shared: "+strings.Join(service.CatchUpWeighings(), ", "))
	flags.IntVar(&q.Stretch, "stretch", 0, "percent by which the best of the past may be passed")
	flags.BoolVar(&q.Unbound, "unbound", false, "the past bounds nothing")
	flags.BoolVar(&q.Exact, "exact", false, "meet the sum exactly even where more is expected")
	flags.BoolVar(&force, "put-in-force", false, "save as the next revision of each unit's target")
	flags.StringVar(&q.Reason, "reason", "", "why; needed to put in force")
	flags.StringVar(&from, "from", "", "from which day it holds; default today")
	flags.StringVar(&by, "by", "", "who puts it in force")
	flags.StringVar(&format, "format", "table", "table, json or csv")
	complete(cmd, "format", "table", "json", "csv")
	complete(cmd, "weigh", service.CatchUpWeighings()...)
	return cmd
}

// byCell reads CODE:MONTH=VALUE triples.
func byCell(list []string) (map[string]map[int]luoshi.Quantity, error) {
	cells := map[string]map[int]luoshi.Quantity{}
	for _, text := range list {
		code, rest, ok := strings.Cut(text, ":")
		if !ok {
			return nil, usageError{fmt.Errorf("%q is not CODE:MONTH=VALUE", text)}
		}
		months, err := byMonth([]string{rest})
		if err != nil {
			return nil, err
		}
		for month, v := range months {
			if cells[code] == nil {
				cells[code] = map[int]luoshi.Quantity{}
			}
			cells[code][month] = v
		}
	}
	return cells, nil
}

func (a *app) catchUp(ctx context.Context, q service.CatchUpQuery, force bool, by, format string) error {
	svc, st, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	var v *service.CatchUpView
	moved := -1
	if force {
		done, err := svc.PutCatchUp(ctx, q, by)
		if err != nil {
			return err
		}
		if v = done.View; done.Batch != 0 {
			moved = len(done.Changes)
		}
	} else if v, err = svc.CatchUp(ctx, q); err != nil {
		return err
	}
	switch format {
	case "json":
		err = a.catchUpJSON(v)
	case "csv":
		err = a.catchUpCSV(v)
	default:
		a.printCatchUp(v)
	}
	if err != nil {
		return err
	}
	for _, p := range v.Problems {
		if p.Severity == luoshi.Blocking {
			return errProblems
		}
	}
	if moved >= 0 && format == "table" {
		fmt.Fprintln(a.out, a.words.Say(a.lang(), luoshi.Say("cli.in_force", "count", moved)))
	}
	return nil
}

func (a *app) catchUpJSON(v *service.CatchUpView) error {
	lang := a.lang()
	keeping := ""
	if v.Keeping != nil {
		keeping = a.said(lang, v.Keeping.Says)
	}
	return a.asJSON(struct {
		*service.CatchUpView
		Why     string   `json:"why,omitempty"`
		Instead string   `json:"instead,omitempty"`
		Says    []string `json:"says"`
		Notes   []string `json:"notes"`
		Kept    string   `json:"kept,omitempty"`
	}{v, a.said(lang, v.Why), a.said(lang, v.Instead), a.allSaid(lang, v.Says), a.allSaid(lang, v.Notes), keeping})
}

// printCatchUp prints the verdict, a row for each unit and what stands in the way.
func (a *app) printCatchUp(v *service.CatchUpView) {
	lang := a.lang()
	a.outlookHead(lang, v.Frame, v.Indicator, v.Sample)
	if v.Why.Key != "" {
		fmt.Fprintln(a.out, a.words.Say(lang, v.Why))
		fmt.Fprintln(a.out, a.said(lang, v.Instead))
		return
	}
	for _, m := range v.Says {
		fmt.Fprintln(a.out, a.words.Say(lang, m))
	}
	for _, p := range v.Problems {
		fmt.Fprintln(a.out, "  !", a.words.Problem(lang, luoshi.Problem{Severity: p.Severity, Message: p.Message}))
	}
	word := func(key string) string { return a.words.Word(lang, "cli.catchup_"+key) }
	heads := []string{"", word("known"), word("expected"), word("rest"), word("effort"), word("total"), word("target")}
	for _, c := range v.Columns {
		if c.Left {
			heads = append(heads, a.words.Span(lang, c.Period))
		}
	}
	var rows [][]string
	for _, r := range append([]service.CatchUpRow{v.Whole}, v.Rows...) {
		name := locale.Name(lang, r.Unit.Short)
		if r.Own {
			name = word("own")
		}
		row := []string{name, shownNumber(r.Known), shownNumber(r.Expected), shownNumber(r.Rest), a.words.Show(lang, r.Effort, "signed"), shownNumber(r.Total), shownNumber(r.Target)}
		for j, c := range r.Cells {
			if !v.Columns[j].Left {
				continue
			}
			text := shownNumber(c.Value)
			if c.Locked {
				text += " *"
			}
			row = append(row, text)
		}
		rows = append(rows, row)
	}
	fmt.Fprintln(a.out)
	a.table(heads, rows, 1)
	for i, list := range [][]luoshi.Message{a.gives(v), v.Notes} {
		if len(list) > 0 {
			fmt.Fprintf(a.out, "\n%s\n", []string{word("gives"), a.words.Word(lang, "cli.outlook_notes")}[i])
		}
		for _, m := range list {
			fmt.Fprintln(a.out, "- "+a.words.Say(lang, m))
		}
	}
	if v.Keeping != nil {
		a.printKeeping(v.Keeping)
	}
}

func (a *app) gives(v *service.CatchUpView) (list []luoshi.Message) {
	for _, g := range v.Gives {
		list = append(list, g.Says)
	}
	return list
}

// printKeeping prints how the plan in force is being kept: planned and reported.
func (a *app) printKeeping(k *service.CatchUpKeeping) {
	lang := a.lang()
	fmt.Fprintf(a.out, "\n%s\n", a.words.Say(lang, k.Says))
	if k.Whole.Kept+k.Whole.Missed == 0 {
		return
	}
	heads := []string{"", a.words.Word(lang, "cli.catchup_behind")}
	for _, m := range k.Whole.Months {
		if m.Reported.Valid {
			heads = append(heads, a.words.Span(lang, m.Period))
		}
	}
	var rows [][]string
	for _, r := range append([]service.CatchUpKeptRow{k.Whole}, k.Rows...) {
		row := []string{locale.Name(lang, r.Unit.Short), shownNumber(r.Behind)}
		for j, m := range r.Months {
			if k.Whole.Months[j].Reported.Valid {
				row = append(row, shownNumber(m.Reported)+" / "+shownNumber(m.Planned))
			}
		}
		rows = append(rows, row)
	}
	a.table(heads, rows, 1)
}

// catchUpCSV writes a row for each unit and period.
func (a *app) catchUpCSV(v *service.CatchUpView) error {
	lang := a.lang()
	w := csv.NewWriter(a.out)
	_ = w.Write(strings.Split("asof,indicator,unit,unit_name,own,period,known,value,expected,spread,low,high,high_from,hold,effort,in_force,last_year,person", ","))
	rows := v.Rows
	if v.Alone {
		rows = []service.CatchUpRow{v.Whole}
	}
	at := v.AsOf.In(luoshi.Zone).Format("2006-01-02T15:04:05+08:00")
	for _, r := range rows {
		person := ""
		if r.Person != nil {
			person = a.words.Say(lang, r.Person.Says())
		}
		for _, c := range r.Cells {
			_ = w.Write([]string{at, v.Indicator.Code, r.Unit.Code, locale.Name(lang, r.Unit.Name), fmt.Sprint(r.Own), c.Period.String(), fmt.Sprint(c.Known), plainNumber(c.Value), plainNumber(c.Expect), plainNumber(c.Spread),
				plainNumber(c.Low), plainNumber(c.High), c.HighFrom, string(c.Hold), plainNumber(c.Effort), plainNumber(c.InForce), plainNumber(c.LastYear), person})
		}
	}
	w.Flush()
	return w.Error()
}
