package service

import (
	"context"
	"io"
	"slices"

	"luoshi.dev"
	"luoshi.dev/cascade"
	"luoshi.dev/internal/office"
)

// PlanFile is a workbook of targets read as a try-out: what it gives is locked, the
// rest is left to the split. Nothing is saved.
type PlanFile struct {
	Name     string
	Query    CascadeQuery
	Rows     int // targets of the plan that were read
	Skipped  int // rows of other indicators, years or units
	Problems []luoshi.Problem
}

// ReadPlan reads a changed workbook of the plan that q names.
func (s *Service) ReadPlan(ctx context.Context, q CascadeQuery, src io.ReaderAt, size int64, name string) (*PlanFile, error) {
	sn, node, err := s.stand(ctx, q.Look)
	if err != nil {
		return nil, err
	}
	in, ok := sn.indicators[q.Indicator]
	if !ok || node < 0 {
		return nil, &luoshi.Error{Code: luoshi.NotFound, Message: luoshi.Say("import.indicator_unknown", "code", q.Indicator)}
	}
	d, err := office.Read(ctx, src, size, office.Options{Name: name})
	if err != nil {
		return nil, err
	}
	f := &PlanFile{Name: name, Problems: d.Problems, Query: CascadeQuery{Look: q.Look, Indicator: in.Code,
		Locks: map[string]luoshi.Quantity{}, Reserves: map[string]luoshi.Quantity{}, Cells: map[string]map[int]luoshi.Quantity{}, Months: map[int]luoshi.Quantity{}, Methods: map[string]string{}}}
	r := &planReader{sn: sn, node: node, in: in, file: f, seen: map[int]bool{}}
	for i := range d.Targets {
		r.row(&d.Targets[i])
	}
	if f.Rows == 0 && !luoshi.Blocked(f.Problems) {
		return nil, &luoshi.Error{Code: luoshi.Invalid, Message: luoshi.Say("cascadepage.file_empty", "file", name, "indicator", in.Names, "year", plain(sn.year), "unit", sn.tree.Nodes[node].Names)}
	}
	r.byHand()
	return f, nil
}

// planReader takes the rows of a workbook into a try-out.
type planReader struct {
	sn   *snapshot
	node int
	in   luoshi.Indicator
	file *PlanFile
	seen map[int]bool
}

func (r *planReader) refuse(at luoshi.Place, m luoshi.Message) {
	r.file.Problems = append(r.file.Problems, luoshi.Problem{Place: at, Severity: luoshi.Blocking, Message: m})
}

func (r *planReader) row(t *office.TargetRow) {
	sn := r.sn
	if t.Indicator != r.in.Code || t.FirstYear != sn.year || t.LastYear != 0 && t.LastYear != sn.year {
		r.file.Skipped++
		return
	}
	i, ok := r.find(t)
	switch {
	case !ok:
		r.refuse(t.At("unit_code"), sn.codes.unknown(t.UnitCode, t.UnitName, sn.tree.On))
		return
	case i < r.node || i >= sn.tree.Nodes[r.node].End || !sn.tree.Nodes[i].Kind.Area():
		r.file.Skipped++
		return
	case r.seen[i]:
		r.refuse(t.At("unit_code"), luoshi.Say("cascadepage.file_twice", "unit", sn.tree.Nodes[i].Names))
		return
	case t.Form != luoshi.FormLevel && t.Form != "" || !t.Value.Valid:
		r.refuse(t.At("value"), luoshi.Say("cascadepage.file_level", "unit", sn.tree.Nodes[i].Names))
		return
	}
	if _, err := luoshi.Scaled(t.Value.Decimal, r.in.Decimals); err != nil {
		r.refuse(t.At("value"), messageOf(err))
		return
	}
	r.seen[i] = true
	r.file.Rows++
	r.take(i, t)
}

func (r *planReader) find(t *office.TargetRow) (int, bool) {
	if t.UnitCode != "" {
		return r.sn.tree.ByCode(t.UnitCode)
	}
	for i := range r.sn.tree.Nodes {
		if n := r.sn.tree.Nodes[i]; n.Names.Hans == t.UnitName || n.Short.Hans == t.UnitName || n.Names.Hant == t.UnitName || n.Names.En == t.UnitName {
			return i, true
		}
	}
	return 0, false
}

// take locks what a row gives: the year, and the months where the curve is whole.
func (r *planReader) take(i int, t *office.TargetRow) {
	q, code := &r.file.Query, r.sn.tree.Nodes[i].Code
	months := r.months(t)
	if i == r.node {
		q.Total, q.Reserve = t.Value, t.Reserve
		for m, v := range months {
			q.Months[m] = v
		}
		return
	}
	q.Locks[code] = t.Value.Decimal
	if t.Reserve.Valid && !t.Reserve.Decimal.IsZero() {
		q.Reserves[code] = t.Reserve.Decimal
	}
	if len(months) > 0 {
		q.Cells[code] = months
	}
	if up := r.sn.tree.Nodes[i].Parent; up != r.node && !slices.Contains(q.Split, r.sn.tree.Nodes[up].Code) {
		q.Split = append(q.Split, r.sn.tree.Nodes[up].Code)
	}
}

// months are the single periods of a row's planned year to date; a curve with gaps
// is a problem at the first of them.
func (r *planReader) months(t *office.TargetRow) map[int]luoshi.Quantity {
	if len(t.Curve) != 12 || r.in.OverTime != luoshi.TimeSum {
		return nil
	}
	months, before, have := map[int]luoshi.Quantity{}, int64(0), 0
	for _, end := range r.in.Calendar.Ends() {
		if t.Curve[end-1].Valid {
			have++
		}
	}
	if have == 0 {
		return nil
	}
	for _, end := range r.in.Calendar.Ends() {
		column := "m" + plain(end)
		if !t.Curve[end-1].Valid {
			r.refuse(t.At(column), luoshi.Say("cascadepage.file_gap", "month", end))
			return nil
		}
		sum, err := luoshi.Scaled(t.Curve[end-1].Decimal, r.in.Decimals)
		if err != nil {
			r.refuse(t.At(column), messageOf(err))
			return nil
		}
		months[end], before = luoshi.Unscaled(sum-before, r.in.Decimals).Decimal, sum
	}
	if whole, _ := luoshi.Scaled(t.Value.Decimal, r.in.Decimals); before != whole {
		r.refuse(t.At("m12"), luoshi.Say("cascadepage.file_end", "sum", luoshi.Unscaled(before, r.in.Decimals), "total", t.Value))
		return nil
	}
	return months
}

// byHand names the way to split where the file gives every unit directly below.
func (r *planReader) byHand() {
	children := r.sn.areas(r.node)
	for _, c := range children {
		if !r.seen[c] {
			return
		}
	}
	if len(children) > 0 {
		r.file.Query.Units = string(cascade.UnitByHand)
	}
}
