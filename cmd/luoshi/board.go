package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/text/width"

	"luoshi.dev"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/service"
)

// lookFlags are the flags of every command that shows a state of the world.
type lookFlags struct {
	asof, unit, boundaries string
	year                   int
}

func (f *lookFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.asof, "asof", "", "as of which instant: 2020-07-31, \"2020-07-31 09:00\"; default now")
	cmd.Flags().StringVar(&f.unit, "unit", "", "unit code; default the highest with targets")
	cmd.Flags().IntVar(&f.year, "year", 0, "plan year; default that of --asof")
	cmd.Flags().StringVar(&f.boundaries, "boundaries", "", "unit tree of which day; default the first day of the year")
}

func (f *lookFlags) look() (service.Look, error) {
	look := service.Look{Unit: f.unit, Year: f.year}
	var err error
	if f.asof != "" {
		if look.AsOf, err = luoshi.ParseAsOf(f.asof); err != nil {
			return look, err
		}
	}
	if f.boundaries != "" {
		look.Boundaries, err = luoshi.ParseDate(f.boundaries)
	}
	return look, err
}

func (a *app) boardCmd() *cobra.Command {
	var at lookFlags
	var q service.BoardQuery
	var format, below, light string
	cmd := &cobra.Command{
		Use: "board", Short: "Show units × indicators with lights",
		Long: `Show where every unit stands as of an instant: the unit itself, then the units
below it. Levels show the share of the year's target and the points ahead of (+)
or behind (−) the pace; other promises show the figure they are judged by.`,
		Example: "  luoshi board --asof 2020-07-31 --unit 340000\n  luoshi board --below county --light red --format csv > red.csv",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			look, err := at.look()
			if err != nil {
				return err
			}
			q.Look, q.Below = look, luoshi.UnitKind(below)
			if light != "" {
				if err := q.Light.UnmarshalText([]byte(light)); err != nil {
					return err
				}
			}
			svc, done, err := a.openIfThere(cmd.Context())
			if err != nil {
				return err
			}
			defer done()
			board, err := svc.Board(cmd.Context(), q)
			if err != nil {
				return err
			}
			return a.printBoard(board, format)
		},
	}
	at.add(cmd)
	cmd.Flags().StringVar(&below, "below", "", "which rung is listed: city, county, town; default the direct children")
	cmd.Flags().StringSliceVar(&q.Indicators, "indicators", nil, "indicator codes; default all with a target")
	cmd.Flags().StringVar(&q.Set, "set", "", "an indicator set instead")
	cmd.Flags().StringVar(&q.Group, "group", "", "only indicators of this group of the register")
	cmd.Flags().StringVar(&q.Department, "department", "", "only indicators that this department answers for, by code")
	cmd.Flags().StringVar(&q.Goal, "goal", "", "only indicators that this goal rests on, by code")
	cmd.Flags().StringVar(&light, "light", "", "only units with a green, yellow or red light")
	cmd.Flags().StringVar(&format, "format", "table", "table, json or csv")
	complete(cmd, "format", "table", "json", "csv")
	complete(cmd, "light", "green", "yellow", "red")
	complete(cmd, "below", "city", "county", "town")
	return cmd
}

func complete(cmd *cobra.Command, flag string, words ...string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

func (a *app) printBoard(b *service.Board, format string) error {
	lang := a.lang()
	switch format {
	case "json":
		enc := json.NewEncoder(a.out)
		enc.SetIndent("", "  ")
		return enc.Encode(b)
	case "csv":
		return a.boardCSV(b, lang)
	case "table":
	default:
		return usageError{fmt.Errorf("--format is table, json or csv, not %q", format)}
	}
	fmt.Fprintln(a.out, a.words.Say(lang, luoshi.Say("cli.board_head", "unit", b.Unit.Name, "year", fmt.Sprint(b.Year), "asof", b.AsOf, "on", b.Boundaries)))
	if b.Sample {
		fmt.Fprintln(a.out, a.words.Word(lang, "cli.sample"))
	}
	if len(b.Columns) == 0 {
		fmt.Fprintln(a.out, a.words.Word(lang, "cli.board_empty"))
		return nil
	}
	heads := []string{""}
	for _, c := range b.Columns {
		heads = append(heads, locale.Name(lang, c.Name))
	}
	var rows [][]string
	for _, r := range b.Rows {
		row := []string{locale.Name(lang, r.Unit.Short)}
		for _, cell := range r.Cells {
			row = append(row, a.cellText(lang, cell))
		}
		rows = append(rows, row)
	}
	a.table(heads, rows, 1)
	return nil
}

func lightMark(l luoshi.Light) string { return [...]string{"○", "●", "▲", "■"}[l] }

// cellText is a light's shape and the number it is judged by.
func (a *app) cellText(lang locale.Lang, cell service.BoardCell) string {
	j := cell.Judgement
	switch {
	case !cell.Target && j.Actual.Valid:
		return locale.Number(j.Actual.Decimal, "")
	case !cell.Target:
		return "—"
	case j.Light == luoshi.NotJudged:
		return lightMark(j.Light) + " " + a.words.Show(lang, j.Presence, "")
	case j.Ahead.OK():
		return fmt.Sprintf("%s %s", lightMark(j.Light), a.words.Show(lang, j.Ahead, "signed"))
	case j.Growth.Valid:
		return lightMark(j.Light) + " " + locale.Number(j.Growth.Decimal, "signed") + "%"
	case j.Actual.Valid:
		return lightMark(j.Light) + " " + locale.Number(j.Actual.Decimal, "")
	}
	return lightMark(j.Light)
}

func (a *app) boardCSV(b *service.Board, lang locale.Lang) error {
	w := csv.NewWriter(a.out)
	_ = w.Write(strings.Split("asof,boundaries,unit,unit_name,indicator,indicator_name,measure,period,light,actual,planned,year_target,share_pct,pace_pct,ahead_points,growth_pct,below_sum,below_difference,below_remainder,have,want,status,sample,sentence", ","))
	for _, r := range b.Rows {
		for i, cell := range r.Cells {
			j, c := cell.Judgement, b.Columns[i]
			number := func(q luoshi.NullQuantity) string {
				if !q.Valid {
					return ""
				}
				return q.Decimal.String()
			}
			_ = w.Write([]string{
				b.AsOf.In(luoshi.Zone).Format("2006-01-02T15:04:05+08:00"), b.Boundaries.String(), r.Unit.Code, locale.Name(lang, r.Unit.Name), c.Indicator, locale.Name(lang, c.Name), locale.Name(lang, c.Measure.Symbol),
				j.Period.String(), j.Light.String(), number(j.Actual), number(j.Planned), number(j.Year), number(j.Share.Percent(2)), number(j.Pace.Percent(2)), number(j.Ahead.Percent(2)), number(j.Growth),
				number(j.Proof.Rolled), number(j.Proof.Difference), number(j.Proof.Remainder), fmt.Sprint(j.Proof.Complete.Have), fmt.Sprint(j.Proof.Complete.Want),
				string(j.Proof.Status), fmt.Sprint(j.Proof.Sample), a.words.Say(lang, j.Says),
			})
		}
	}
	w.Flush()
	return w.Error()
}

// table prints columns aligned by how wide characters are on a terminal; columns
// from `right` on are aligned to the right.
func (a *app) table(heads []string, rows [][]string, right int) {
	widths := make([]int, len(heads))
	for _, row := range append([][]string{heads}, rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], columns(cell))
		}
	}
	for n, row := range append([][]string{heads}, rows...) {
		var b strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-columns(cell))
			if i >= right {
				b.WriteString(pad + cell + "  ")
			} else {
				b.WriteString(cell + pad + "  ")
			}
		}
		fmt.Fprintln(a.out, strings.TrimRight(b.String(), " "))
		if n == 0 {
			total := 0
			for _, w := range widths {
				total += w + 2
			}
			fmt.Fprintln(a.out, strings.Repeat("─", total-2))
		}
	}
}

// columns is the width of a text on a terminal: Chinese characters take two.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}
