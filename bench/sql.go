package main

// The same statements run on all three; {div} is the division of whole numbers,
// which DuckDB writes //.
//
// A rung is summed from the rung below it, not from the leaves again: the least
// work that plain SQL can do. Sums are only counted and hashed, not fetched.

const tables = `
CREATE TABLE unit (id BIGINT PRIMARY KEY, parent BIGINT NOT NULL, depth INTEGER NOT NULL, code TEXT NOT NULL, target BIGINT NOT NULL);
CREATE TABLE indicator (id INTEGER PRIMARY KEY, code TEXT NOT NULL);
CREATE TABLE figure (indicator INTEGER NOT NULL, year INTEGER NOT NULL, month INTEGER NOT NULL, unit BIGINT NOT NULL, value BIGINT NOT NULL{key})`

// totals names the totals of every rung by its depth; {where} chooses months.
// It is written for a given number of rungs above the reporting one.
func totals(rungs int, where string) string {
	text := "WITH "
	from := "figure"
	for depth := rungs - 1; depth >= 0; depth-- {
		name := "l" + string(rune('0'+depth))
		if depth < rungs-1 {
			text += ", "
		}
		text += name + ` AS MATERIALIZED (SELECT u.parent AS unit, f.indicator, f.year, f.month, sum(f.value) AS value
	FROM ` + from + ` f JOIN unit u ON u.id = f.unit`
		if from == "figure" {
			text += where
		}
		text += ` GROUP BY u.parent, f.indicator, f.year, f.month)`
		from = name
	}
	text += ", above AS (SELECT * FROM l0"
	for depth := 1; depth < rungs; depth++ {
		text += " UNION ALL SELECT * FROM l" + string(rune('0'+depth))
	}
	return text + ")"
}

func sumsQuery(rungs int) string {
	return totals(rungs, "") + ` SELECT count(*), CAST(sum(value * (unit % 1009)) AS BIGINT) FROM above`
}

func ranksQuery(rungs int) string {
	return totals(rungs, ` WHERE f.year = 2020 AND f.month = 12`) + `,
	every AS (SELECT unit, indicator, value FROM above UNION ALL SELECT unit, indicator, value FROM figure WHERE year = 2020 AND month = 12),
	share AS (SELECT e.unit, e.indicator, u.parent, (CAST(e.value AS BIGINT) * 20000 + u.target) {div} (2 * u.target) AS share FROM every e JOIN unit u ON u.id = e.unit),
	ranked AS (SELECT unit, share, rank() OVER (PARTITION BY indicator, parent ORDER BY share DESC) AS place FROM share)
	SELECT CAST(sum(share) AS BIGINT), CAST(sum(place * (unit % 1009)) AS BIGINT) FROM ranked`
}

// staged turns what was read from a CSV into figures: codes must exist, periods
// are taken apart, values scaled.
const staged = `INSERT INTO imported (indicator, year, month, unit, value)
	SELECT i.id, CAST(substr(s.period, 1, 4) AS INTEGER), CAST(substr(s.period, 6, 2) AS INTEGER), u.id, CAST(CAST(s.value AS DECIMAL(18, 2)) * 100 AS BIGINT)
	FROM stage s JOIN indicator i ON i.code = s.indicator JOIN unit u ON u.code = s.unit_code
	ORDER BY 1, 2, 3, 4`

const stage = `
CREATE TABLE stage (indicator TEXT, unit_code TEXT, period TEXT, basis TEXT, value TEXT, status TEXT);
CREATE TABLE imported (indicator INTEGER NOT NULL, year INTEGER NOT NULL, month INTEGER NOT NULL, unit BIGINT NOT NULL, value BIGINT NOT NULL{key})`
