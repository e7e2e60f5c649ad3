package service

import (
	"strconv"

	"luoshi.dev"
)

// reportPeriods is how many closed periods the completeness table shows.
const reportPeriods = 5

// reportRows says for each indicator that somebody owes below the unit which of
// its figures are in: a state for each child, counts by the rung that reports.
func (sn *snapshot) reportRows(node int) []ReportRow {
	var rows []ReportRow
	for _, in := range sn.plan.indicators {
		if in.ReportedAt == "" || in.Retired || in.Formula != "" {
			continue
		}
		units := sn.reporters(in, node)
		if len(units) == 0 {
			continue
		}
		row := ReportRow{Indicator: in.Code, Name: in.Names, Kind: in.ReportedAt}
		for _, m := range sn.closed(in) {
			row.Periods = append(row.Periods, sn.reportCell(in, node, units, m))
		}
		rows = append(rows, row)
	}
	return rows
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

func (sn *snapshot) reportCell(in luoshi.Indicator, node int, units []int, month int) ReportCell {
	p, _ := in.Calendar.Period(sn.year, month, luoshi.Cumulative)
	cell := ReportCell{Period: p}
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
		cell.Units = append(cell.Units, sn.ref(u))
	}
	return cell
}

// plain writes a year: it is a name, not a count, and takes no groups.
func plain(n int) string { return strconv.Itoa(n) }
