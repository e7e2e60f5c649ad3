package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"luoshi.dev"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/service"
)

func (a *app) cascadeCmd() *cobra.Command {
	var at lookFlags
	var q service.CascadeQuery
	var units, times, total, reserve, out, by, from string
	var locks, weights, least, most, months []string
	var force, padding bool
	cmd := &cobra.Command{
		Use: "cascade INDICATOR", Short: "Split a yearly target over units and months",
		Long: `Split the yearly target of a unit over the units below it and the months of the
year. Both margins hold exactly at the published precision. Nothing is saved until
--put-in-force with a --reason; -o writes the split as a workbook of targets that
can be changed by hand and imported.`,
		Example: "  luoshi cascade key_investment --units last_share --time last_year --reserve 10\n  luoshi cascade trade --lock 340100=2600 -o trade.xlsx",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if q.Look, err = at.look(); err != nil {
				return err
			}
			q.Indicator, q.Units, q.Time = args[0], units, times
			for _, field := range []struct {
				text string
				into *luoshi.NullQuantity
			}{{total, &q.Total}, {reserve, &q.Reserve}} {
				if field.text != "" {
					v, err := luoshi.ParseQuantity(field.text)
					if err != nil {
						return err
					}
					*field.into = luoshi.Some(v)
				}
			}
			for _, given := range []struct {
				pairs []string
				into  *map[string]luoshi.Quantity
			}{{locks, &q.Locks}, {weights, &q.Weights}, {least, &q.Min}, {most, &q.Max}} {
				if *given.into, err = byUnit(given.pairs); err != nil {
					return err
				}
			}
			if q.Months, err = byMonth(months); err != nil {
				return err
			}
			if from != "" {
				if q.From, err = luoshi.ParseDate(from); err != nil {
					return err
				}
			}
			return a.cascade(cmd.Context(), q, force, padding, by, out)
		},
	}
	at.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&units, "units", "last_share", "over units: "+strings.Join(service.UnitMethods(), ", "))
	flags.StringVar(&times, "time", "last_year", "over months: "+strings.Join(service.TimeMethods(), ", "))
	flags.StringVar(&total, "total", "", "what to split; default the target in force")
	flags.StringVar(&reserve, "reserve", "", "declared part that is not handed down")
	flags.StringArrayVar(&locks, "lock", nil, "CODE=VALUE that is not to move; repeatable")
	flags.StringArrayVar(&least, "min", nil, "CODE=VALUE, at least; repeatable")
	flags.StringArrayVar(&most, "max", nil, "CODE=VALUE, at most; repeatable")
	flags.StringArrayVar(&months, "month", nil, "MONTH=VALUE given for the period that ends with the month; the rest is spread; repeatable")
	flags.IntVar(&q.Years, "years", 3, "how many past years --time shape looks at")
	flags.StringVar(&q.Along, "along", "", "indicator that --time smooth follows")
	flags.BoolVar(&padding, "padding", false, "report instead what each level adds on its own to the targets in force")
	flags.StringArrayVar(&weights, "weight", nil, "CODE=WEIGHT for --units weight; repeatable")
	flags.BoolVar(&force, "put-in-force", false, "save as the next revision of each unit's target")
	flags.StringVar(&q.Reason, "reason", "", "why; needed to put in force")
	flags.StringVar(&from, "from", "", "from which day it holds; default today")
	flags.StringVar(&by, "by", "", "who puts it in force")
	flags.StringVarP(&out, "out", "o", "", "write a workbook of targets instead")
	complete(cmd, "units", service.UnitMethods()...)
	complete(cmd, "time", service.TimeMethods()...)
	return cmd
}

// byUnit reads CODE=VALUE pairs.
func byUnit(pairs []string) (map[string]luoshi.Quantity, error) {
	values := map[string]luoshi.Quantity{}
	for _, pair := range pairs {
		code, text, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, usageError{fmt.Errorf("%q is not CODE=VALUE", pair)}
		}
		v, err := luoshi.ParseQuantity(text)
		if err != nil {
			return nil, err
		}
		values[code] = v
	}
	return values, nil
}

// byMonth reads MONTH=VALUE pairs, the month as 3 or 2020-03.
func byMonth(pairs []string) (map[int]luoshi.Quantity, error) {
	values := map[int]luoshi.Quantity{}
	given, err := byUnit(pairs)
	for text, v := range given {
		month, bad := strconv.Atoi(text[strings.LastIndex(text, "-")+1:])
		if bad != nil || month < 1 || month > 12 {
			return nil, usageError{fmt.Errorf("%q is not a month", text)}
		}
		values[month] = v
	}
	return values, err
}

func (a *app) cascade(ctx context.Context, q service.CascadeQuery, force, padding bool, by, out string) error {
	svc, st, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	plan, err := svc.Cascade(ctx, q)
	if err != nil {
		return err
	}
	moved := 0
	if force && !luoshi.Blocked(plan.Problems) {
		done, err := svc.Enforce(ctx, q, by)
		if err != nil {
			return err
		}
		moved = len(done.Changes)
	}
	if out != "" && !luoshi.Blocked(plan.Problems) {
		return a.writeFile(out, func(w io.Writer) error { return svc.WriteCascade(w, plan, q, string(a.lang())) })
	}
	if padding {
		a.printPadding(plan)
		return nil
	}
	a.printCascade(plan)
	if luoshi.Blocked(plan.Problems) {
		return errProblems
	}
	if force {
		fmt.Fprintln(a.out, a.words.Say(a.lang(), luoshi.Say("cli.in_force", "count", moved)))
	}
	return nil
}

func (a *app) printCascade(p *service.CascadePlan) {
	lang := a.lang()
	fmt.Fprintln(a.out, a.words.Say(lang, luoshi.Say("cli.cascade_head", "unit", p.Unit.Name, "indicator", p.Indicator.Names, "total", p.Total, "measure", p.Indicator.Measure, "reserve", p.Reserve)))
	for _, problem := range p.Problems {
		fmt.Fprintln(a.out, "  !", a.words.Problem(lang, problem))
	}
	if len(p.Rows) == 0 {
		return
	}
	heads := []string{"", a.words.Word(lang, "cli.year"), a.words.Word(lang, "cli.change")}
	total := []string{locale.Name(lang, p.Unit.Short), locale.Number(p.Total, ""), ""}
	for i, period := range p.Columns {
		heads = append(heads, a.words.Span(lang, period))
		total = append(total, locale.Number(p.Months[i], ""))
	}
	rows := [][]string{total}
	for _, r := range p.Rows {
		name := locale.Name(lang, r.Unit.Short)
		if r.Locked {
			name += " *"
		}
		row := []string{name, locale.Number(r.Total, ""), a.words.Show(lang, r.Change, "signedpercent1")}
		for _, m := range r.Months {
			row = append(row, locale.Number(m, ""))
		}
		rows = append(rows, row)
	}
	a.table(heads, rows, 1)
}

// printPadding reports what each unit adds on its own when it hands its target down.
func (a *app) printPadding(p *service.CascadePlan) {
	lang := a.lang()
	var heads []string
	for _, key := range []string{"unit", "target", "children", "reserve", "hidden", "share", "added"} {
		heads = append(heads, a.words.Word(lang, "cli.padding_"+key))
	}
	var rows [][]string
	for _, r := range p.Padding {
		rows = append(rows, []string{
			strings.Repeat("  ", r.Depth) + locale.Name(lang, r.Unit.Short), locale.Number(r.Target, ""), locale.Number(r.Children, ""), locale.Number(r.Reserve, ""),
			a.words.Show(lang, r.Hidden, "signed"), a.words.Show(lang, r.Share, "signedpercent"), a.words.Show(lang, r.Added, "signed"),
		})
	}
	a.table(heads, rows, 1)
}
