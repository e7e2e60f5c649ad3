package demo

import (
	"luoshi.dev"
)

// exception is a report that did not come when it should have: the day it came.
type exception struct {
	indicator, unit string
	month           int // of 2020
	came            luoshi.Date
}

// exceptions: who reports late. 黄山, 池州 and 亳州 most often; on 31 July 2020
// the half year's livelihood spending of 亳州 and the flood lists of 蚌埠 and 淮北
// are still missing.
var exceptions = []exception{
	{"livelihood_spending", "341600", 6, 20200805},
	{"flood_damaged", "340300", 6, 20200803}, {"flood_repaired", "340300", 6, 20200803},
	{"flood_damaged", "340600", 6, 20200804}, {"flood_repaired", "340600", 6, 20200804},
	{"key_projects", "341000", 3, 20200414}, {"urban_jobs", "341000", 4, 20200518},
	{"new_entities", "341000", 5, 20200615}, {"livelihood_spending", "341000", 6, 20200717},
	{"key_projects", "341700", 3, 20200415}, {"urban_jobs", "341700", 2, 20200319},
	{"livelihood_spending", "341700", 4, 20200518},
	{"urban_jobs", "341600", 3, 20200417}, {"new_entities", "341600", 2, 20200315},
	{"key_projects", "341700", 6, 20200708}, // in time, but after the flash of the other 15
	{"sanbao_spending", "341523", 6, 20200717},
}

// correction is a figure that came out wrong first: lower or higher by delta at
// a county and so of its city, put right on a later day.
type correction struct {
	indicator, city, county string
	month                   int // of 2020
	delta                   int64
	right                   luoshi.Date
	status                  luoshi.Status
}

// corrections: 滁州 adds two projects to the flash of June; 亳州 and 池州 have
// figures put right after they were approved.
var corrections = []correction{
	{"key_projects", "341100", "341122", 6, -80, 20200712, luoshi.Preliminary},
	{"key_projects", "341100", "341181", 6, -52, 20200712, luoshi.Preliminary},
	{"new_entities", "341600", "341602", 3, +6, 20200423, luoshi.Revised},
	{"new_entities", "341600", "341623", 4, -4, 20200522, luoshi.Revised},
	{"urban_jobs", "341600", "341621", 5, +5, 20200624, luoshi.Revised},
	{"urban_jobs", "341700", "341702", 4, -3, 20200525, luoshi.Revised},
}

// rung tells when a unit comes out: counties before their city, the province last.
type rung int

const (
	county rung = iota
	city
	province
)

// comes is the day on which a figure is published: the deadline less a few days,
// a few more for the rungs below. The flash of the key projects in June comes out
// on the 6th of July for all that are in time.
func (w *world) comes(code, unit, parent string, level rung, year, month int) luoshi.Date {
	if year == Year {
		for _, e := range exceptions {
			if e.indicator == code && (e.unit == unit || e.unit == parent) && e.month == month {
				return e.came
			}
		}
	}
	end, due := luoshi.ToDate(year, month).LastDay(), w.rule[code].due
	if code == "key_projects" && year == Year && month == 6 {
		return end.AddDays(6)
	}
	early := int(noise(code+"/day", unit+end.String()).Int64N(3))
	switch level {
	case county:
		early += 4
	case city:
		early++
	case province:
		early = 0
	}
	return end.AddDays(max(due-early, 2))
}

// correct makes two vintages of what came out wrong first, and of the whole flash
// of June's key projects. A correction at a county is one of its city too.
func (w *world) correct() {
	type change struct {
		delta  int64
		right  luoshi.Date
		status luoshi.Status
	}
	changes := map[cell]change{}
	for _, c := range corrections {
		for _, unit := range []string{c.city, c.county} {
			at := cell{c.indicator, unit, Year, c.month}
			changes[at] = change{changes[at].delta + c.delta, c.right, c.status}
		}
	}
	var second []Row
	for i := range w.rows {
		r := &w.rows[i]
		ch, ok := changes[cell{r.Indicator, r.UnitCode, r.Period.Year, r.Period.To}]
		if r.Indicator == "key_projects" && r.Period.Year == Year && r.Period.To == 6 {
			r.Status = luoshi.Flash
			ch.right, ch.status, ok = 20200712, luoshi.Preliminary, true
		}
		if !ok {
			continue
		}
		decimals := w.rule[r.Indicator].decimals
		right := *r
		right.Published, right.Status = ch.right, ch.status
		second = append(second, right)
		r.Value = luoshi.Unscaled(must(luoshi.Scaled(r.Value.Decimal, decimals))+ch.delta, decimals)
		r.Growth = luoshi.NullQuantity{}
	}
	w.rows = append(w.rows, second...)
}
