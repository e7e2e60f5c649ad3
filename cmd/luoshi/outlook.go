package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"luoshi.dev"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/service"
)

func (a *app) outlookCmd() *cobra.Command {
	var at lookFlags
	var format string
	var below, refresh, said bool
	cmd := &cobra.Command{
		Use: "outlook [INDICATOR]", Short: "Where the year will land: total, interval, chance of the target",
		Long: `Say where an indicator's year will land at a unit, as of an instant: the expected
total with the intervals that hold it in 80 and 95 of 100 cases, how likely the
target is met, the rest of the year period by period, what was done to the
figures, what each method says, and how wrong the same would have been in past
years. --below gives one line for each unit directly below, the least likely first;
without an indicator there is a line for each target of the unit.

As of a past instant it is what was kept by then, and says so; where nothing was, it
is worked out by today's method from what was known then. --said gives all that one
outlook has said so far, a line for each time, and once the year is known how far
each was off.

A server makes all outlooks in the background and keeps what they said. --refresh
does the same at once, for instance after a large import without a server.`,
		Example: "  luoshi outlook --unit 340000\n  luoshi outlook key_projects --unit 340000 --asof 2020-07-31\n  luoshi outlook key_projects --unit 340000 --said\n  luoshi outlook retail --below --format csv > chances.csv",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			look, err := at.look()
			if err != nil {
				return err
			}
			if format != "table" && format != "json" && format != "csv" {
				return usageError{fmt.Errorf("--format is table, json or csv, not %q", format)}
			}
			if below && len(args) == 0 {
				return usageError{errors.New("--below is for one indicator: name it")}
			}
			if said && (len(args) == 0 || below) {
				return usageError{errors.New("--said is for one indicator at one unit: name it, without --below")}
			}
			svc, done, err := a.openIfThere(cmd.Context())
			if err != nil {
				return err
			}
			defer done()
			if refresh {
				if err := a.refreshOutlooks(cmd.Context(), svc); err != nil {
					return err
				}
			}
			if len(args) == 0 {
				sheet, err := svc.Outlooks(cmd.Context(), look)
				if err != nil {
					return err
				}
				return a.printOutlookSheet(sheet, format)
			}
			q := service.OutlookQuery{Look: look, Code: args[0]}
			if said {
				trail, err := svc.OutlookTrail(cmd.Context(), q)
				if err != nil {
					return err
				}
				return a.printTrail(trail, format)
			}
			if below {
				list, err := svc.OutlookList(cmd.Context(), q)
				if err != nil {
					return err
				}
				return a.printOutlooks(list, format)
			}
			v, err := svc.Outlook(cmd.Context(), q)
			if err != nil {
				return err
			}
			return a.printOutlook(v, format)
		},
	}
	at.add(cmd)
	cmd.Flags().BoolVar(&below, "below", false, "the unit and those directly below it, a line for each")
	cmd.Flags().BoolVar(&said, "said", false, "all that the outlook has said so far, a line for each time")
	cmd.Flags().BoolVar(&refresh, "refresh", false, "first make and keep all outlooks of the present that have changed")
	cmd.Flags().StringVar(&format, "format", "table", "table, json or csv")
	complete(cmd, "format", "table", "json", "csv")
	return cmd
}

// refreshOutlooks makes what has changed and tells how much that was, beside the
// answer.
func (a *app) refreshOutlooks(ctx context.Context, svc *service.Service) error {
	bar := a.progress()
	report, err := svc.RefreshOutlooks(ctx, func(done, total int64) { bar.step("outlooks", done, total) })
	bar.close()
	if err == nil && !a.quiet {
		fmt.Fprintln(a.err, a.words.Say(a.lang(), luoshi.Say("cli.outlook_refreshed", "made", int(report.Made), "all", int(report.Looked))))
	}
	return err
}

func (a *app) asJSON(v any) error {
	enc := json.NewEncoder(a.out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// shownNumber is a quantity as a table shows it.
func shownNumber(q luoshi.NullQuantity) string {
	if !q.Valid {
		return "—"
	}
	return locale.Number(q.Decimal, "")
}

// plainNumber is a quantity as a file has it.
func plainNumber(q luoshi.NullQuantity) string {
	if !q.Valid {
		return ""
	}
	return q.Decimal.String()
}

// span is an interval on a terminal.
func span(low, high luoshi.NullQuantity) string {
	if !low.Valid || !high.Valid {
		return "—"
	}
	return shownNumber(low) + " … " + shownNumber(high)
}

func (a *app) outlookHead(lang locale.Lang, frame service.Frame, in service.IndicatorHead, sample bool) {
	fmt.Fprintln(a.out, a.words.Say(lang, luoshi.Say("cli.outlook_head", "indicator", in.Name, "measure", in.Measure, "unit", frame.Unit.Name, "year", fmt.Sprint(frame.Year), "asof", frame.AsOf)))
	if sample {
		fmt.Fprintln(a.out, a.words.Word(lang, "cli.sample"))
	}
}

func (a *app) printOutlook(v *service.OutlookView, format string) error {
	lang := a.lang()
	switch format {
	case "json":
		return a.asJSON(struct {
			*service.OutlookView
			Why   string   `json:"why,omitempty"`
			Says  string   `json:"says,omitempty"`
			Then  []string `json:"then"`
			Notes []string `json:"notes"`
		}{v, a.said(lang, v.Why), a.said(lang, v.Says), a.allSaid(lang, v.ThenSays()), a.allSaid(lang, v.Notes)})
	case "csv":
		return a.outlookCSV(v)
	}
	a.outlookHead(lang, v.Frame, v.Indicator, v.Sample)
	if v.Why.Key != "" {
		fmt.Fprintln(a.out, a.words.Say(lang, v.Why))
		a.sentences(lang, v.ThenSays())
		return nil
	}
	fmt.Fprintln(a.out, a.words.Say(lang, v.Says))
	a.sentences(lang, v.ThenSays())
	word := func(key string) string { return a.words.Word(lang, "cli.outlook_"+key) }
	if len(v.Steps) > 0 {
		var rows [][]string
		for _, s := range v.Steps {
			rows = append(rows, []string{a.words.Show(lang, s.Period, ""), shownNumber(s.Value.Value), span(s.Value.Low80, s.Value.High80), span(s.Value.Low95, s.Value.High95),
				shownNumber(s.Sum.Value), span(s.Sum.Low80, s.Sum.High80), span(s.Sum.Low95, s.Sum.High95)})
		}
		fmt.Fprintln(a.out)
		a.table([]string{"", word("value"), "80%", "95%", word("sum"), "80%", "95%"}, rows, 1)
	}
	if len(v.Notes) > 0 {
		fmt.Fprintf(a.out, "\n%s\n", word("notes"))
		for _, n := range v.Notes {
			fmt.Fprintln(a.out, "- "+a.words.Say(lang, n))
		}
	}
	if len(v.Methods) > 0 {
		var rows [][]string
		for _, m := range v.Methods {
			rows = append(rows, []string{a.words.Word(lang, "outlook.method."+m.Name), shownNumber(m.Total), fmt.Sprintf("%+.3f", m.Lean)})
		}
		fmt.Fprintln(a.out)
		a.table([]string{word("method"), word("total"), word("lean")}, rows, 1)
	}
	a.printBacktest(lang, v)
	return nil
}

func (a *app) printBacktest(lang locale.Lang, v *service.OutlookView) {
	if v.Standing == service.OutlookClosed {
		return
	}
	word := func(key string) string { return a.words.Word(lang, "cli.outlook_"+key) }
	fmt.Fprintln(a.out)
	if v.Backtest == nil {
		fmt.Fprintln(a.out, word(map[bool]string{false: "no_backtest", true: "no_backtest_level"}[v.Level]))
		return
	}
	unit, still, moved := "%", "run_rate", "share"
	if v.Level {
		still, moved = "still", "moved"
	}
	if v.Backtest.Points {
		if unit = locale.Name(lang, v.Indicator.Measure.Symbol); unit == "%" {
			unit = a.words.Word(lang, "outlook.points.after")
		} else if unit != "" {
			unit = " " + unit
		}
	}
	off := func(q luoshi.NullQuantity) string {
		if !q.Valid {
			return "—"
		}
		return locale.Number(q.Decimal, "") + unit
	}
	var rows [][]string
	for _, one := range []struct {
		key   string
		score service.OutlookScore
	}{{"own", v.Backtest.Own}, {map[bool]string{false: "pooled", true: "pooled_below"}[v.Backtest.Below], v.Backtest.Pooled}} {
		if one.score.Years == 0 || one.score == v.Backtest.Own && one.key != "own" {
			continue
		}
		rows = append(rows, []string{word(one.key), fmt.Sprint(one.score.Units), fmt.Sprint(one.score.Years), off(one.score.Error), off(one.score.RunRate), off(one.score.Share), fmt.Sprintf("%d/%d", one.score.Within, one.score.Years)})
	}
	a.table([]string{word("backtest"), word("units"), word("years"), word("error"), word(still), word(moved), word("within")}, rows, 1)
	if n := v.Backtest.Without; n > 0 && v.Backtest.Pooled.Units > v.Backtest.Own.Units {
		a.say("cli.outlook_without", "n", n)
	}
}

// said is a sentence, or nothing.
func (a *app) said(lang locale.Lang, m luoshi.Message) string {
	if m.Key == "" {
		return ""
	}
	return a.words.Say(lang, m)
}

func (a *app) allSaid(lang locale.Lang, list []luoshi.Message) []string {
	out := make([]string, len(list))
	for i, m := range list {
		out[i] = a.words.Say(lang, m)
	}
	return out
}

// outlookCSV writes what was and what is to come, a row for each period.
func (a *app) outlookCSV(v *service.OutlookView) error {
	w := csv.NewWriter(a.out)
	_ = w.Write(strings.Split("asof,unit,indicator,period,foreseen,value,value_low80,value_high80,value_low95,value_high95,sum,sum_low80,sum_high80,sum_low95,sum_high95,asked,open,sample,shared", ","))
	head := []string{v.AsOf.In(luoshi.Zone).Format("2006-01-02T15:04:05+08:00"), v.Unit.Code, v.Indicator.Code}
	for _, p := range v.Past {
		_ = w.Write(append(head[:3:3], p.Period.String(), "false", plainNumber(p.Value), "", "", "", "", plainNumber(p.Sum), "", "", "", "", "", fmt.Sprint(p.Open), fmt.Sprint(p.Sample), fmt.Sprint(p.Shared)))
	}
	for _, s := range v.Steps {
		_ = w.Write(append(head[:3:3], s.Period.String(), "true", plainNumber(s.Value.Value), plainNumber(s.Value.Low80), plainNumber(s.Value.High80), plainNumber(s.Value.Low95), plainNumber(s.Value.High95),
			plainNumber(s.Sum.Value), plainNumber(s.Sum.Low80), plainNumber(s.Sum.High80), plainNumber(s.Sum.Low95), plainNumber(s.Sum.High95), plainNumber(s.Asked), "", "", ""))
	}
	w.Flush()
	return w.Error()
}

// printOutlooks prints a line for each unit.
func (a *app) printOutlooks(l *service.OutlookList, format string) error {
	rows := []service.OutlookOf{{Indicator: l.Indicator, OutlookRow: l.Whole}}
	for _, r := range l.Rows {
		rows = append(rows, service.OutlookOf{Indicator: l.Indicator, OutlookRow: r})
	}
	lang := a.lang()
	if format == "table" {
		a.outlookHead(lang, l.Frame, l.Indicator, l.Sample)
	}
	return a.outlookLines(l.Frame, rows, format, func(r service.OutlookOf) string { return locale.Name(lang, r.Unit.Short) })
}

// printOutlookSheet prints a line for each target.
func (a *app) printOutlookSheet(sheet *service.OutlookSheet, format string) error {
	lang := a.lang()
	if format == "table" {
		fmt.Fprintln(a.out, a.words.Say(lang, luoshi.Say("cli.board_head", "unit", sheet.Unit.Name, "year", fmt.Sprint(sheet.Year), "asof", sheet.AsOf, "on", sheet.Boundaries)))
		if sheet.Sample {
			fmt.Fprintln(a.out, a.words.Word(lang, "cli.sample"))
		}
		if len(sheet.Rows) == 0 {
			fmt.Fprintln(a.out, a.words.Word(lang, "cli.board_empty"))
			return nil
		}
	}
	return a.outlookLines(sheet.Frame, sheet.Rows, format, func(r service.OutlookOf) string {
		return locale.Name(lang, r.Indicator.Name) + " (" + locale.Name(lang, r.Indicator.Measure.Symbol) + ")"
	})
}

func (a *app) outlookLines(frame service.Frame, rows []service.OutlookOf, format string, name func(service.OutlookOf) string) error {
	lang := a.lang()
	switch format {
	case "json":
		type line struct {
			service.OutlookOf
			Why  string `json:"why,omitempty"`
			Says string `json:"says,omitempty"`
		}
		out := struct {
			service.Frame
			Rows []line `json:"rows"`
		}{Frame: frame, Rows: []line{}}
		for _, r := range rows {
			out.Rows = append(out.Rows, line{r, a.said(lang, r.Why), a.said(lang, r.Says)})
		}
		return a.asJSON(out)
	case "csv":
		return a.outlooksCSV(frame, rows)
	}
	word := func(key string) string { return a.words.Word(lang, "cli.outlook_"+key) }
	var lines [][]string
	why := map[string][]string{}
	var order []string
	for _, r := range rows {
		if text := a.said(lang, r.Why); text != "" {
			if why[text] == nil {
				order = append(order, text)
			}
			why[text] = append(why[text], name(r))
			continue
		}
		chance := a.said(lang, service.ChanceSays(r.Chance))
		if chance == "" {
			chance = "—"
		}
		lines = append(lines, []string{name(r), chance, shownNumber(r.Asked), shownNumber(r.Known), shownNumber(r.Total), span(r.Low80, r.High80), span(r.Low95, r.High95)})
	}
	if len(lines) > 0 {
		fmt.Fprintln(a.out)
		a.table([]string{"", word("chance"), word("asked"), word("known"), word("total"), "80%", "95%"}, lines, 1)
	}
	for i, text := range order {
		if i == 0 {
			fmt.Fprintln(a.out)
		}
		if len(rows) > 1 && len(why[text]) > 1 {
			text += a.words.Word(lang, "punct.colon") + strings.Join(why[text], a.words.Word(lang, "punct.list"))
		}
		fmt.Fprintln(a.out, text)
	}
	return nil
}

func (a *app) outlooksCSV(frame service.Frame, rows []service.OutlookOf) error {
	lang := a.lang()
	w := csv.NewWriter(a.out)
	_ = w.Write(strings.Split("asof,unit,unit_name,indicator,measure,through,known,total,low80,high80,low95,high95,asked,upper,better,chance_pct,standing,sample,sentence", ","))
	for _, r := range rows {
		through := ""
		if r.Through.To > 0 {
			through = r.Through.String()
		}
		_ = w.Write([]string{frame.AsOf.In(luoshi.Zone).Format("2006-01-02T15:04:05+08:00"), r.Unit.Code, locale.Name(lang, r.Unit.Name), r.Indicator.Code, locale.Name(lang, r.Indicator.Measure.Symbol),
			through, plainNumber(r.Known), plainNumber(r.Total), plainNumber(r.Low80), plainNumber(r.High80), plainNumber(r.Low95), plainNumber(r.High95), plainNumber(r.Asked), plainNumber(r.Upper),
			string(r.Better), plainNumber(r.Chance.Percent(1)), string(r.Standing), fmt.Sprint(r.Sample), a.said(lang, r.Why) + a.said(lang, r.Says)})
	}
	w.Flush()
	return w.Error()
}
