package service

import (
	"slices"
	"strconv"

	"luoshi.dev"
)

// reportPeriods is how many closed periods the completeness table shows.
const reportPeriods = 5

// reportRows says for each indicator that somebody owes below the unit and that a
// target rests on, or that is not all in, which of its figures are there: a state
// for each child, counts by the rung that reports. What lacks most comes first.
func (sn *snapshot) reportRows(node int) []ReportRow {
	var rows []ReportRow
	names := map[luoshi.UnitKind][]UnitRef{} // of the units drawn, the same for all that one rung reports
	for _, in := range sn.plan.indicators {
		if in.ReportedAt == "" || in.Retired || in.Formula != "" {
			continue
		}
		units := sn.reporters(in, node)
		if len(units) == 0 {
			continue
		}
		if names[in.ReportedAt] == nil {
			for _, u := range units {
				names[in.ReportedAt] = append(names[in.ReportedAt], sn.ref(u))
			}
		}
		row := ReportRow{Indicator: in.Code, Name: in.Names, Kind: in.ReportedAt}
		for _, m := range sn.closed(in) {
			row.Periods = append(row.Periods, sn.reportCell(in, node, units, names[in.ReportedAt], m))
		}
		if len(row.Periods) > 0 && (row.lacking() > 0 || sn.promised(in, node)) {
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(a, b ReportRow) int { return b.lacking() - a.lacking() })
	return rows
}

// lacking is how many figures of the newest closed period are not in.
func (r ReportRow) lacking() int {
	newest := r.Periods[len(r.Periods)-1]
	return newest.Want - newest.Have
}

// promised reports whether the unit or one of its children has a target of it.
func (sn *snapshot) promised(in luoshi.Indicator, node int) bool {
	return slices.ContainsFunc(append(sn.areas(node), node), func(i int) bool {
		_, ok := sn.targets[targetAt{in.Code, sn.tree.Nodes[i].ID}]
		return ok
	})
}

// closed lists the newest period ends that are over at the instant.
func (sn *snapshot) closed(in luoshi.Indicator) []int {
	var list []int
	today := luoshi.DateOf(sn.asOf)
	for _, m := range in.Calendar.Ends() {
		if luoshi.ToDate(sn.year, m).LastDay() < today {
			list = append(list, m)
		}
	}
	return list[max(0, len(list)-reportPeriods):]
}

// reporters are the nodes whose states are drawn: the children of the unit where
// figures come from below them, else the units of the rung itself.
func (sn *snapshot) reporters(in luoshi.Indicator, node int) []int {
	if sn.tree.Nodes[node].Kind == in.ReportedAt {
		return []int{node}
	}
	var list []int
	for _, c := range sn.areas(node) {
		for i := c; i < sn.tree.Nodes[c].End; i++ {
			if sn.tree.Nodes[i].Kind == in.ReportedAt {
				list = append(list, c)
				break
			}
		}
	}
	return list
}

func (sn *snapshot) reportCell(in luoshi.Indicator, node int, units []int, names []UnitRef, month int) ReportCell {
	p, _ := in.Calendar.Period(sn.year, month, luoshi.Cumulative)
	cell := ReportCell{Period: p, Units: names}
	own, _ := sn.value(in, node, sn.year, month)
	cell.Have, cell.Want = own.Coverage.Have, own.Coverage.Want
	lacking := luoshi.PresenceOf(p, in.DueDays, lateDays, sn.asOf)
	for _, u := range units {
		v, _ := sn.value(in, u, sn.year, month)
		state := luoshi.Present
		if !v.Amount.Valid && !v.Growth.Valid {
			state = lacking
		}
		cell.States = append(cell.States, state)
	}
	return cell
}

// plain writes a year: it is a name, not a count, and takes no groups.
func plain(n int) string { return strconv.Itoa(n) }
