package locale

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"luoshi.dev"
)

// Show writes one argument. Formats: percent and percent1 (a Ratio × 100 with two
// or one decimals and %), points (the same, absolute and bare), signed (with + or
// −), abs, count (an integer in groups), date (day of the year's words), time.
func (c *Catalogue) Show(lang Lang, arg any, format string) string {
	switch v := arg.(type) {
	case luoshi.Message:
		return c.Say(lang, v)
	case luoshi.Names:
		return Name(lang, v)
	case luoshi.Measure:
		return Name(lang, v.Symbol)
	case luoshi.Ratio:
		return c.ratio(lang, v, format)
	case luoshi.Quantity:
		return Number(v, format)
	case luoshi.NullQuantity:
		if !v.Valid {
			return c.Word(lang, "number.absent")
		}
		return Number(v.Decimal, format)
	case luoshi.Period:
		return c.Period(lang, v)
	case luoshi.Date:
		return c.Date(lang, v)
	case time.Time:
		return v.In(luoshi.Zone).Format("2006-01-02 15:04")
	case luoshi.Light:
		return c.Word(lang, "light."+v.String())
	case luoshi.Direction, luoshi.Kind, luoshi.Calendar, luoshi.Basis, luoshi.Status, luoshi.Presence, luoshi.UnitKind, luoshi.Form, luoshi.Combine, luoshi.Scope, luoshi.SchemeKind, luoshi.OverTime, luoshi.OverUnits, luoshi.Role, luoshi.DutyKind:
		return c.Word(lang, enum(v))
	case int:
		return group(strconv.Itoa(v))
	case int64:
		return group(strconv.FormatInt(v, 10))
	case []luoshi.Message:
		parts := make([]string, len(v))
		for i, m := range v {
			parts[i] = c.Say(lang, m)
		}
		return strings.Join(parts, c.Word(lang, "punct.list"))
	case []luoshi.Names:
		names := make([]string, len(v))
		for i, n := range v {
			names[i] = Name(lang, n)
		}
		return strings.Join(names, c.Word(lang, "punct.list"))
	case []luoshi.Role:
		parts := make([]string, len(v))
		for i, r := range v {
			parts[i] = c.Word(lang, enum(r))
		}
		return strings.Join(parts, c.Word(lang, "punct.list"))
	case []string:
		return strings.Join(v, c.Word(lang, "punct.list"))
	}
	return fmt.Sprint(arg)
}

// enum is the key of an enumeration's word, "calendar.quarterly".
func enum(v any) string {
	kind := fmt.Sprintf("%T", v)
	kind = strings.ToLower(kind[strings.LastIndex(kind, ".")+1:])
	return kind + "." + fmt.Sprint(v)
}

func (c *Catalogue) ratio(lang Lang, r luoshi.Ratio, format string) string {
	decimals := 2
	if strings.HasSuffix(format, "1") {
		decimals = 1
	}
	q := r.Percent(decimals)
	if !q.Valid {
		return c.Word(lang, "number.absent")
	}
	switch strings.TrimSuffix(format, "1") {
	case "percent":
		return Number(q.Decimal, "") + "%"
	case "points":
		return Number(q.Decimal, "abs")
	case "signed":
		return Number(q.Decimal, "signed")
	case "signedpercent":
		return Number(q.Decimal, "signed") + "%"
	}
	return Number(q.Decimal, "")
}

// Name is the name in the language, or the simplified Chinese one.
func Name(lang Lang, n luoshi.Names) string {
	switch {
	case lang == En && n.En != "":
		return n.En
	case lang == ZhHant && n.Hant != "":
		return n.Hant
	}
	return n.Hans
}

// Number writes a quantity as published: its own decimals, groups of three set
// apart by U+202F from five integer digits on, the minus sign U+2212. Format
// "signed" always carries a sign, "abs" never.
func Number(q luoshi.Quantity, format string) string {
	text := group(q.Abs().String())
	switch {
	case format == "abs":
		return text
	case q.IsNeg():
		return "−" + text
	case format == "signed" && !q.IsZero():
		return "+" + text
	}
	return text
}

func group(s string) string {
	sign, digits := "", s
	if strings.HasPrefix(s, "-") {
		sign, digits = "−", s[1:]
	}
	whole, frac, point := strings.Cut(digits, ".")
	if len(whole) >= 5 {
		var b strings.Builder
		for i, r := range whole {
			if i > 0 && (len(whole)-i)%3 == 0 {
				b.WriteRune('\u202f')
			}
			b.WriteRune(r)
		}
		whole = b.String()
	}
	if point {
		whole += "." + frac
	}
	return sign + whole
}

var months = [...]string{"", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}

// Period writes 2020年1—6月, 2020年6月, 2020年; "January–June 2020" in English.
func (c *Catalogue) Period(lang Lang, p luoshi.Period) string {
	if p.To > 12 || p.From < 1 || p.To < p.From {
		return p.String()
	}
	if lang == En {
		switch {
		case p.From == p.To:
			return fmt.Sprintf("%s %d", months[p.From], p.Year)
		case p.Months() == 12:
			return strconv.Itoa(p.Year)
		}
		return fmt.Sprintf("%s–%s %d", months[p.From], months[p.To], p.Year)
	}
	switch {
	case p.From == p.To:
		return fmt.Sprintf("%d年%d月", p.Year, p.From)
	case p.Months() == 12:
		return fmt.Sprintf("%d年", p.Year)
	}
	return fmt.Sprintf("%d年%s", p.Year, c.Span(lang, p))
}

// Span writes a period without its year: 1—6月, 6月; "Jan–Jun", "Jun".
func (c *Catalogue) Span(lang Lang, p luoshi.Period) string {
	if p.To > 12 || p.From < 1 {
		return p.String()
	}
	if lang == En {
		if p.From == p.To {
			return months[p.From][:3]
		}
		return months[p.From][:3] + "–" + months[p.To][:3]
	}
	if p.From == p.To {
		return fmt.Sprintf("%d月", p.From)
	}
	return fmt.Sprintf("%d—%d月", p.From, p.To)
}

// Date writes 2020年7月31日; "31 July 2020" in English.
func (c *Catalogue) Date(lang Lang, d luoshi.Date) string {
	if d == 0 {
		return c.Word(lang, "number.absent")
	}
	if lang == En {
		return fmt.Sprintf("%d %s %d", d.Day(), months[d.Month()], d.Year())
	}
	return fmt.Sprintf("%d年%d月%d日", d.Year(), d.Month(), d.Day())
}

// Day writes a date within the year: 8月5日; "5 Aug".
func (c *Catalogue) Day(lang Lang, d luoshi.Date) string {
	if lang == En {
		return fmt.Sprintf("%d %s", d.Day(), months[d.Month()][:3])
	}
	return fmt.Sprintf("%d月%d日", d.Month(), d.Day())
}
