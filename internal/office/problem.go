package office

import (
	"cmp"
	"slices"
	"strings"

	"luoshi.dev"
)

// collector gathers problems. Of one rule in one sheet it keeps the first hundred
// (or as many as it is told) and counts the rest: a column of a million bad cells is
// one mistake, and its list must fit into memory and on a page.
type collector struct {
	keep     int // of one rule
	problems []luoshi.Problem
	counts   map[rule]*tally
}

type rule struct{ file, sheet, key string }

type tally struct {
	count    int
	severity luoshi.Severity
	first    luoshi.Message
}

const keptPerRule = 100

func (c *collector) add(p luoshi.Problem) {
	if c.counts == nil {
		c.counts = map[rule]*tally{}
	}
	id := rule{p.File, p.Sheet, p.Message.Key}
	t := c.counts[id]
	if t == nil {
		t = &tally{first: p.Message}
		c.counts[id] = t
	}
	if t.severity != luoshi.Blocking {
		t.severity = p.Severity
	}
	if t.count++; t.count <= c.keep {
		c.problems = append(c.problems, p)
	}
}

// full reports whether a problem of the rule would only be counted: then its
// arguments need not be made.
func (c *collector) full(place luoshi.Place, key string) bool {
	t := c.counts[rule{place.File, place.Sheet, key}]
	return t != nil && t.count >= c.keep
}

func (c *collector) say(severity luoshi.Severity, place luoshi.Place, key string, pairs ...any) {
	c.add(luoshi.Problem{Place: place, Severity: severity, Message: luoshi.Say(key, pairs...)})
}

// once warns of something only the first time in a sheet.
func (c *collector) once(place luoshi.Place, key string, pairs ...any) {
	if c.counts[rule{place.File, place.Sheet, key}] == nil {
		c.say(luoshi.Warning, place, key, pairs...)
	}
}

// list returns the problems in the order of their places, with one more for every
// rule that was broken too often to list.
func (c *collector) list() []luoshi.Problem {
	for id, t := range c.counts {
		if t.count > c.keep {
			c.problems = append(c.problems, luoshi.Problem{
				Place: luoshi.Place{File: id.file, Sheet: id.sheet}, Severity: t.severity,
				Message: luoshi.Say("office.problems.more", "count", t.count-c.keep, "like", t.first),
			})
		}
	}
	slices.SortStableFunc(c.problems, func(a, b luoshi.Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), strings.Compare(a.Sheet, b.Sheet),
			cmp.Compare(a.Row, b.Row), cmp.Compare(a.Col, b.Col), strings.Compare(a.Message.String(), b.Message.String()))
	})
	return c.problems
}

// clip shortens what is quoted in a message.
func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
