package main

import (
	"encoding/csv"
	"fmt"
	"strings"
	"time"

	"luoshi.dev"
	"luoshi.dev/internal/locale"
	"luoshi.dev/internal/service"
)

// sentences prints one on each line.
func (a *app) sentences(lang locale.Lang, list []luoshi.Message) {
	for _, m := range list {
		fmt.Fprintln(a.out, a.words.Say(lang, m))
	}
}

// printTrail prints all that an outlook has said, oldest first.
func (a *app) printTrail(v *service.OutlookTrail, format string) error {
	lang := a.lang()
	switch format {
	case "json":
		return a.asJSON(struct {
			*service.OutlookTrail
			Says string `json:"says,omitempty"`
		}{v, a.said(lang, v.Says)})
	case "csv":
		return a.trailCSV(v)
	}
	a.outlookHead(lang, v.Frame, v.Indicator, v.Sample)
	if len(v.Rows) == 0 {
		fmt.Fprintln(a.out, a.words.Say(lang, luoshi.Say("said.empty", "indicator", v.Indicator.Name)))
		return nil
	}
	fmt.Fprintln(a.out, a.words.Say(lang, v.Says))
	word := func(key string) string { return a.words.Word(lang, key) }
	head := []string{word("said.at"), word("said.through"), word("said.total"), "80%", "95%", word("said.target"), word("said.chance"), ""}
	if v.Came.Valid {
		head = append(head[:7], word("said.by"), word("said.in"), word("said.met"), "")
	}
	var rows [][]string
	for _, r := range v.Rows {
		through, chance, note := word("said.through.none"), a.said(lang, service.ChanceSays(r.Chance)), ""
		if r.Through.To > 0 {
			through = a.words.Span(lang, luoshi.MonthOf(r.Through.Year, r.Through.To))
		}
		if chance == "" {
			chance = "—"
		}
		asked := shownNumber(r.Asked)
		if r.Upper.Valid {
			asked = span(r.Asked, r.Upper)
		}
		switch {
		case r.None:
			note = word("said.none")
		case r.After:
			note = word("said.after")
		}
		row := []string{r.At.In(luoshi.Zone).Format("2006-01-02 15:04"), through, shownNumber(r.Total), span(r.Low80, r.High80), span(r.Low95, r.High95), asked, chance}
		if v.Came.Valid {
			row = append(row, shownNumber(r.By), a.fell(lang, r), a.met(lang, r))
		}
		rows = append(rows, append(row, note))
	}
	fmt.Fprintln(a.out)
	a.table(head, rows, 2)
	return nil
}

// fell says where what came lay.
func (a *app) fell(lang locale.Lang, r service.OutlookSaid) string {
	switch {
	case r.Standing == service.OutlookClosed:
		return a.words.Word(lang, "said.known")
	case !r.Judged:
		return "—"
	case r.In80:
		return a.words.Word(lang, "said.in.80")
	case r.In95:
		return a.words.Word(lang, "said.in.95")
	}
	return a.words.Word(lang, "said.in.none")
}

func (a *app) met(lang locale.Lang, r service.OutlookSaid) string {
	switch {
	case r.Met == nil:
		return "—"
	case *r.Met:
		return a.words.Word(lang, "said.met.yes")
	}
	return a.words.Word(lang, "said.met.no")
}

// trailCSV writes a row for each time.
func (a *app) trailCSV(v *service.OutlookTrail) error {
	w := csv.NewWriter(a.out)
	_ = w.Write(strings.Split("unit,indicator,year,at,afterwards,through,total,low80,high80,low95,high95,asked,upper,revision,chance,standing,method,came,by,in80,in95,met", ","))
	for _, r := range v.Rows {
		through, chance, met, in80, in95 := "", "", "", "", ""
		if r.Through.To > 0 {
			through = luoshi.MonthOf(r.Through.Year, r.Through.To).String()
		}
		if r.Chance.OK() {
			chance = fmt.Sprintf("%.3f", float64(r.Chance.Num)/float64(r.Chance.Den))
		}
		if r.Met != nil {
			met = fmt.Sprint(*r.Met)
		}
		if r.Judged {
			in80, in95 = fmt.Sprint(r.In80), fmt.Sprint(r.In95)
		}
		_ = w.Write([]string{v.Unit.Code, v.Indicator.Code, fmt.Sprint(v.Year), r.At.In(luoshi.Zone).Format(time.RFC3339Nano), fmt.Sprint(r.After), through, plainNumber(r.Total),
			plainNumber(r.Low80), plainNumber(r.High80), plainNumber(r.Low95), plainNumber(r.High95), plainNumber(r.Asked), plainNumber(r.Upper), fmt.Sprint(r.Revision), chance, string(r.Standing),
			fmt.Sprint(r.Method), plainNumber(v.Came), plainNumber(r.By), in80, in95, met})
	}
	w.Flush()
	return w.Error()
}
