package rollup

import (
	"slices"

	"luoshi.dev"
)

// clock is an indicator's rules over time: its calendar as columns 0, 1, ...
type clock struct {
	rule   luoshi.OverTime
	main   luoshi.Basis // as reported
	ends   []int        // months at whose end a column closes
	months [12]int64    // months that a column covers

	single, cumulative [12]span // of the calendar's periods, by column; div 0 where a basis has none
}

func newClock(in luoshi.Indicator) clock {
	k := clock{rule: in.OverTime, main: in.Basis, ends: in.Calendar.Ends()}
	for i, end := range k.ends {
		k.months[i] = int64(end)
		if i > 0 {
			k.months[i] = int64(end - k.ends[i-1])
		}
	}
	for i, end := range k.ends {
		for _, basis := range []luoshi.Basis{luoshi.Single, luoshi.Cumulative} {
			p, _ := in.Calendar.Period(0, end, basis)
			k.periods(basis)[i], _ = k.span(p, basis)
		}
	}
	return k
}

// periods are the spans of the calendar's periods on a basis.
func (k *clock) periods(basis luoshi.Basis) *[12]span {
	if basis == luoshi.Single {
		return &k.single
	}
	return &k.cumulative
}

// span is a run of columns lo..hi read on a basis. Values are read as
// numerators over div, so that an average over months is rounded only once,
// after adding up the units.
type span struct {
	lo, hi int
	basis  luoshi.Basis
	div    int64
}

// span finds the columns of a period. On the cumulative basis the period runs
// from January whatever its first month; a stock is looked at at its end.
func (k *clock) span(p luoshi.Period, basis luoshi.Basis) (span, bool) {
	hi := slices.Index(k.ends, p.To)
	if hi < 0 {
		return span{}, false
	}
	if k.rule == luoshi.TimeLast {
		return span{hi, hi, k.main, 1}, true
	}
	s := span{lo: 0, hi: hi, basis: luoshi.Cumulative, div: 1}
	if basis == luoshi.Single && p.From > 1 {
		s.lo = slices.Index(k.ends, p.From-1) + 1
		s.basis = luoshi.Single
		if s.lo == 0 {
			return span{}, false
		}
	} else if basis == luoshi.Single && hi == 0 {
		s.basis = luoshi.Single
	}
	if k.rule == luoshi.TimeAverage && k.main == luoshi.Single && (s.basis == luoshi.Cumulative || s.lo < s.hi) {
		s.div = 0
		for c := s.lo; c <= s.hi; c++ {
			s.div += k.months[c]
		}
	}
	return s, true
}

// plain reports whether the span is one column as it is kept.
func (k *clock) plain(s span) bool {
	return k.main == s.basis && (s.basis == luoshi.Cumulative || s.lo == s.hi)
}

// fill returns the year on the main basis: what was reported, else what the
// other basis says by adding or by difference. Nothing is guessed: a month
// without figure stays missing, and so does all that needs it.
func (k *clock) fill(main, other *[12]int64) [12]int64 {
	out := *main
	switch k.rule {
	case luoshi.TimeSum:
		single, cumulative := main, other
		if k.main == luoshi.Cumulative {
			single, cumulative = other, main
		}
		before := int64(0)
		for c := range k.ends {
			now := cumulative[c]
			if now == luoshi.Missing {
				now = plus(before, single[c])
			}
			if out[c] == luoshi.Missing && k.main == luoshi.Cumulative {
				out[c] = now
			} else if out[c] == luoshi.Missing {
				out[c] = minus(now, before)
			}
			before = now
		}
	case luoshi.TimeLast:
		for c := range k.ends {
			if out[c] == luoshi.Missing {
				out[c] = other[c]
			}
		}
	case luoshi.TimeAverage, luoshi.TimeNone:
		if len(k.ends) > 0 && out[0] == luoshi.Missing {
			out[0] = other[0] // the first period is its own year to date
		}
	}
	return out
}

// read returns the value of one unit over the span as a numerator over s.div.
// main is filled; other is what was reported on the other basis, or nil.
//
//	flow     cumulative(m) = cumulative(m−1) + single(m); single(m) = cumulative(m) − cumulative(m−1)
//	stock    the value at the end
//	average  Σ months·single / Σ months
//	none     only what was reported
func (k *clock) read(main, other *[12]int64, s span) int64 {
	if k.plain(s) {
		return main[s.hi]
	}
	if other != nil && other[s.hi] != luoshi.Missing && (s.basis == luoshi.Cumulative || s.lo == s.hi) {
		return times(other[s.hi], s.div)
	}
	if s.hi == 0 && k.rule != luoshi.TimeSum {
		return times(main[0], s.div)
	}
	switch k.rule {
	case luoshi.TimeSum:
		return k.sum(main, other, s)
	case luoshi.TimeAverage:
		if k.main == luoshi.Cumulative {
			return luoshi.Missing
		}
		total := int64(0)
		for c := s.lo; c <= s.hi; c++ {
			total = plus(total, times(main[c], k.months[c]))
		}
		return total
	}
	return luoshi.Missing
}

// sum reads a flow that is not at hand as one column.
func (k *clock) sum(main, other *[12]int64, s span) int64 {
	if k.main == luoshi.Cumulative {
		before := int64(0)
		if s.lo > 0 {
			before = main[s.lo-1]
		}
		if v := minus(main[s.hi], before); v != luoshi.Missing || other == nil {
			return v
		}
		total := int64(0)
		for c := s.lo; c <= s.hi; c++ {
			v := other[c]
			if v == luoshi.Missing && c == 0 {
				v = main[0]
			} else if v == luoshi.Missing {
				v = minus(main[c], main[c-1])
			}
			total = plus(total, v)
		}
		return total
	}
	total := int64(0)
	for c := s.lo; c <= s.hi; c++ {
		total = plus(total, main[c])
		if s.basis == luoshi.Cumulative && other != nil && other[c] != luoshi.Missing {
			total = other[c]
		}
	}
	if total == luoshi.Missing && s.basis == luoshi.Single && other != nil && s.lo > 0 {
		return minus(other[s.hi], other[s.lo-1])
	}
	return total
}

// plus, minus and times keep Missing missing, and make it of what overflows.
func plus(a, b int64) int64 {
	s := a + b
	if a == luoshi.Missing || b == luoshi.Missing || (a^s)&(b^s) < 0 {
		return luoshi.Missing
	}
	return s
}

func minus(a, b int64) int64 {
	if b == luoshi.Missing {
		return luoshi.Missing
	}
	return plus(a, -b)
}

func times(a, n int64) int64 {
	if n == 1 || a == luoshi.Missing {
		return a
	}
	if p := a * n; p/n == a {
		return p
	}
	return luoshi.Missing
}
