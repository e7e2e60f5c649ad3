package demo

import (
	"cmp"
	"encoding/csv"
	"io"
	"iter"
	"slices"

	"luoshi.dev"
)

// Row is one generated figure, by codes: what a line of a figures file says. All
// rows are a sample. UnitCode is the code that the unit had on the last day of
// the period.
type Row struct {
	Indicator     string
	UnitCode      string
	Period        luoshi.Period
	Basis         luoshi.Basis
	Scope         luoshi.Scope
	Value, Growth luoshi.NullQuantity
	Status        luoshi.Status
	Published     luoshi.Date
}

// SampleSource is what a generated figure names as its source.
const SampleSource = "示例数据"

// Sample yields the generated figures of 2015 to 2020 in the order in which they
// come out, so that a later vintage of a figure follows the earlier one. They are
// the same at every call: each series draws from a seed of its own.
func Sample() iter.Seq[Row] {
	w := newWorld()
	w.makeFlows()
	w.makeLevels()
	w.makeRates()
	w.correct()
	slices.SortStableFunc(w.rows, func(a, b Row) int { return cmp.Compare(a.Published, b.Published) })
	return slices.Values(w.rows)
}

// WriteSample writes the sample as a file of figures that anyone can import.
func WriteSample(out io.Writer) error {
	c := csv.NewWriter(out)
	head := []string{"indicator", "unit_code", "period", "basis", "scope", "value", "growth", "status", "published", "source", "sample"}
	if err := c.Write(head); err != nil {
		return err
	}
	for r := range Sample() {
		line := []string{
			r.Indicator, r.UnitCode, r.Period.String(), string(r.Basis), string(r.Scope),
			text(r.Value), text(r.Growth), string(r.Status), r.Published.String(), SampleSource, "yes",
		}
		if err := c.Write(line); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

func text(q luoshi.NullQuantity) string {
	if !q.Valid {
		return ""
	}
	return q.Decimal.String()
}
