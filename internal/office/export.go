package office

import (
	"archive/zip"
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"luoshi.dev"
)

// What is written here is read by [Read] into the same draft, but for the places,
// the zeros at the end of a number, and white space around a text.

// WriteCSV writes the rows of one kind as CSV in UTF-8 with a byte order mark,
// without which spreadsheets take it for the encoding of the country.
func WriteCSV(w io.Writer, d *Draft, kind Kind, lang string) error {
	out := bufio.NewWriterSize(w, 64<<10)
	if _, err := out.WriteString("\ufeff"); err != nil {
		return fmt.Errorf("write %s: %w", kind, err)
	}
	file := csv.NewWriter(out)
	fields := columns(d, kind)
	record := make([]string, len(fields))
	for i, f := range fields {
		record[i] = pick(f.heads, lang)
	}
	if err := file.Write(record); err != nil {
		return fmt.Errorf("write %s: %w", kind, err)
	}
	for i := range d.count(kind) {
		row := d.row(kind, i)
		for j, f := range fields {
			record[j] = plainText(f, row.field(f.key), lang)
		}
		if err := file.Write(record); err != nil {
			return fmt.Errorf("write %s: %w", kind, err)
		}
	}
	file.Flush()
	if err := file.Error(); err != nil {
		return fmt.Errorf("write %s: %w", kind, err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", kind, err)
	}
	return nil
}

// WriteZip writes every kind that the draft has, one CSV each, into one archive.
func WriteZip(w io.Writer, d *Draft, lang string) error {
	archive := zip.NewWriter(w)
	for _, kind := range Kinds {
		if d.count(kind) == 0 {
			continue
		}
		f, err := archive.Create(string(kind) + ".csv")
		if err != nil {
			return fmt.Errorf("write %s: %w", kind, err)
		}
		if err := WriteCSV(f, d, kind, lang); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("write archive: %w", err)
	}
	return nil
}

// record is a row of any kind, by field.
type record interface{ field(key string) any }

func (d *Draft) count(kind Kind) int {
	switch kind {
	case Units:
		return len(d.Units)
	case Changes:
		return len(d.Changes)
	case Indicators:
		return len(d.Indicators)
	case Sets:
		return len(d.Sets)
	case Schemes:
		return len(d.Schemes)
	case Goals:
		return len(d.Goals)
	case Targets:
		return len(d.Targets)
	}
	return len(d.Figures)
}

func (d *Draft) row(kind Kind, i int) record {
	switch kind {
	case Units:
		return &d.Units[i]
	case Changes:
		return &d.Changes[i]
	case Indicators:
		return &d.Indicators[i]
	case Sets:
		return &d.Sets[i]
	case Schemes:
		return &d.Schemes[i]
	case Goals:
		return &d.Goals[i]
	case Targets:
		return &d.Targets[i]
	}
	return &d.Figures[i]
}

// columns lists the columns to write: those that must be there, and those that any
// row fills.
func columns(d *Draft, kind Kind) []field {
	var list []field
	count := d.count(kind)
	for _, f := range lex().fields[kind] {
		used := f.must
		for i := 0; i < count && !used; i++ {
			used = plainText(f, d.row(kind, i).field(f.key), En) != ""
		}
		if used && f.form != "skip" {
			list = append(list, f)
		}
	}
	return list
}

// plainText writes a value as a CSV cell. A text that a spreadsheet would run as a
// formula gets an apostrophe before it, which reading takes away (see cell.string).
func plainText(f field, value any, lang string) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		if _, list := lex().lists[f.form]; list && v != "" {
			return lex().say(f.form, v, lang)
		}
		return guarded(v)
	case bool:
		if v {
			return lex().say("bool", "yes", lang)
		}
		return ""
	case int:
		if v == 0 && !f.must {
			return ""
		}
		return strconv.Itoa(v)
	case luoshi.NullQuantity:
		if !v.Valid {
			return ""
		}
		return v.Decimal.String()
	case fmt.Stringer: // Quantity, Date, Period
		return v.String()
	}
	return fmt.Sprint(value)
}

const formulaStarts = "=+-@\t\r"

// guarded puts an apostrophe before what begins like a formula.
func guarded(s string) string {
	if rest := strings.TrimLeft(s, "'"); rest != "" && strings.IndexByte(formulaStarts, rest[0]) >= 0 {
		return "'" + s
	}
	return s
}

// unguarded takes the apostrophe away again.
func unguarded(s string) string {
	if s == "" || s[0] != '\'' {
		return s
	}
	if rest := strings.TrimLeft(s, "'"); rest != "" && strings.IndexByte(formulaStarts, rest[0]) >= 0 {
		return s[1:]
	}
	return s
}

// days is the spreadsheet's count for a date, false before 1 March 1900.
func days(d luoshi.Date) (int, bool) {
	unix := time.Date(d.Year(), time.Month(d.Month()), d.Day(), 0, 0, 0, 0, time.UTC).Unix()
	n := int(unix/86400) + 25569 // the count on 1 January 1970
	return n, n > 60
}

func (r *UnitRow) field(key string) any {
	switch key {
	case "code":
		return r.Code
	case "kind":
		return string(r.Kind)
	case "parent":
		return r.Parent
	case "order":
		return r.Order
	case "from":
		return r.From
	case "to":
		return r.To
	}
	if rest, ok := strings.CutPrefix(key, "short"); ok {
		return nameField(r.Short, "name"+rest)
	}
	return nameField(r.Names, key)
}

// nameField returns the part of a name that name, name_hant and name_en stand for.
func nameField(n luoshi.Names, key string) any {
	switch key {
	case "name":
		return n.Hans
	case "name_hant":
		return n.Hant
	case "name_en":
		return n.En
	}
	return nil
}

func (r *ChangeRow) field(key string) any {
	switch key {
	case "on":
		return r.On
	case "kind":
		return string(r.Kind)
	case "old":
		return r.Old
	case "new":
		return r.New
	case "share":
		return r.Share
	case "parent":
		return r.Parent
	case "source":
		return r.Source
	}
	return nameField(r.Names, key)
}

func (r *IndicatorRow) field(key string) any {
	in := &r.Indicator
	values := map[string]any{
		"code": in.Code, "group": in.Group, "currency": in.Measure.Currency, "scale": in.Measure.Power, "decimals": in.Decimals,
		"direction": string(in.Direction), "kind": string(in.Kind), "over_time": string(in.OverTime), "over_units": string(in.OverUnits),
		"weight": in.Weight, "numerator": in.Numerator, "denominator": in.Denominator, "power": in.Power, "basis": string(in.Basis),
		"calendar": string(in.Calendar), "reported_at": string(in.ReportedAt), "due_days": in.DueDays, "formula": in.Formula,
		"department": in.Department, "leads": strings.Join(in.Leads, " "), "source": in.Source, "note": in.Note, "retired": in.Retired,
	}
	if v, ok := values[key]; ok {
		return v
	}
	if rest, ok := strings.CutPrefix(key, "measure"); ok {
		return nameField(in.Measure.Symbol, "name"+rest)
	}
	return nameField(in.Names, key)
}

func (r *SetRow) field(key string) any {
	switch key {
	case "code":
		return r.Code
	case "indicator":
		return r.Indicator
	case "weight":
		return r.Weight
	}
	return nameField(r.Names, key)
}

func (r *SchemeRow) field(key string) any {
	s := &r.Scheme
	switch key {
	case "code":
		return s.Code
	case "kind":
		return string(s.Kind)
	case "yellow":
		return s.Yellow
	case "red":
		return s.Red
	case "made_up":
		return s.MadeUp
	case "yellow_when":
		return s.YellowWhen
	case "red_when":
		return s.RedWhen
	case "source":
		return s.Source
	}
	return nameField(s.Names, key)
}

func (r *GoalRow) field(key string) any {
	values := map[string]any{
		"code": r.Code, "parent": r.Parent, "order": r.Order, "combine": string(r.Combine), "weight": r.Weight,
		"owner": r.Owner, "indicator": r.Indicator, "unit": r.Unit, "guard": r.Guard,
	}
	if v, ok := values[key]; ok {
		return v
	}
	return nameField(r.Names, key)
}

func (r *TargetRow) field(key string) any {
	if m, err := strconv.Atoi(strings.TrimPrefix(key, "m")); err == nil && m >= 1 && m <= len(r.Curve) {
		return r.Curve[m-1]
	}
	values := map[string]any{
		"indicator": r.Indicator, "unit_code": r.UnitCode, "unit_name": r.UnitName, "first_year": r.FirstYear, "last_year": r.LastYear,
		"revision": r.Revision, "form": string(r.Form), "value": r.Value, "low": r.Low, "high": r.High, "date": r.Date,
		"reference_indicator": r.ReferenceIndicator, "reference_unit": r.ReferenceUnit, "strict": r.Strict, "reserve": r.Reserve,
		"owner": r.Owner, "scheme": r.Scheme, "reason": r.Reason, "from": r.From, "source": r.Source, "sample": r.Sample,
	}
	return values[key]
}

func (r *FigureRow) field(key string) any {
	switch key {
	case "indicator":
		return r.Indicator
	case "unit_code":
		return r.UnitCode
	case "unit_name":
		return r.UnitName
	case "period":
		return r.Period
	case "basis":
		return string(r.Basis)
	case "scope":
		return string(r.Scope)
	case "value":
		return r.Value
	case "growth":
		return r.Growth
	case "status":
		return string(r.Status)
	case "measure":
		return r.Measure
	case "source":
		return r.Source
	case "published":
		return r.Published
	case "sample":
		return r.Sample
	}
	return nil
}
