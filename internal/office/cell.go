package office

import (
	"bytes"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/govalues/decimal"
	"luoshi.dev"
)

// cellForm is how a spreadsheet stored a cell. Everything in a CSV is text.
type cellForm uint8

const (
	isText    cellForm = iota
	isNumber           // a binary number, written with up to 17 digits
	isPercent          // a number shown with a percent sign
	isDate             // a number shown as a date: days since 1900
	isDate04           // the same since 1904 (old Macintosh workbooks)
	isISO              // a date as text by type
	isBool
	isError   // #REF! and the like
	isFormula // a formula without the value it had when saved
	isMerged  // a number in a cell merged over several rows
)

// cell is one cell; its text is valid until the next row is read.
type cell struct {
	text []byte
	form cellForm
}

// line is one row; number counts from one as the spreadsheet does.
type line struct {
	number int
	hidden bool
	cells  []cell
}

// rows is a sheet, row by row, then io.EOF. Empty rows may be left out.
type rows interface {
	next() (line, error)
	close()
}

func (l line) at(col int) cell {
	if col < 0 || col >= len(l.cells) {
		return cell{}
	}
	return l.cells[col]
}

func (l line) clone() line {
	cells := make([]cell, len(l.cells))
	for i, c := range l.cells {
		cells[i] = cell{bytes.Clone(c.text), c.form}
	}
	l.cells = cells
	return l
}

// blank reports whether there is nothing in the cell but white space.
func (c cell) blank() bool {
	if c.form == isFormula || len(c.text) == 0 {
		return c.form != isFormula
	}
	if c.text[0] > ' ' && c.text[0] < utf8.RuneSelf {
		return false
	}
	for _, r := range string(c.text) {
		if !unicode.IsSpace(r) && r != '\ufeff' {
			return false
		}
	}
	return true
}

// string returns what the cell says: text without the white space around it, a
// number in its plain decimal form, so that the code 340100 stays 340100.
func (c cell) string() string {
	if c.form == isNumber || c.form == isDate || c.form == isDate04 {
		if s, ok := shortest(c.text); ok {
			return s
		}
	}
	return unguarded(strings.Trim(string(c.text), " \t\r\n\u3000\u00a0\ufeff"))
}

// shortest recovers the number that a person typed from the binary number that a
// spreadsheet stored. A spreadsheet writes 206.11 as 206.11000000000001 or
// 206.10999999999999: 17 digits name a float64, they are not its precision. Of all
// decimals that give the same float64 the shortest is the one that was typed
// (Steele and White 1990; strconv's 'g', -1). A formula's result may still carry
// the noise of its arithmetic past the 15 digits that Excel itself keeps and
// compares; such a number is rounded to 15.
func shortest(text []byte) (string, bool) {
	if plain(text) {
		return string(text), true
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return "", false
	}
	s := strconv.FormatFloat(f, 'e', -1, 64)
	if mantissa, _, _ := strings.Cut(s, "e"); len(strings.Trim(mantissa, "-"))-1 > 15 {
		f, _ = strconv.ParseFloat(strconv.FormatFloat(f, 'e', 14, 64), 64)
	}
	if f != 0 && (math.Abs(f) < 1e-19 || math.Abs(f) >= 1e19) {
		return "", false
	}
	return strconv.FormatFloat(f, 'f', -1, 64), true
}

// plain reports whether the text is a decimal of at most 15 digits, which every
// float64 keeps.
func plain(text []byte) bool {
	digits, points := 0, 0
	for i, c := range text {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == '.' && digits > 0:
			points++
		case c == '-' && i == 0:
		default:
			return false
		}
	}
	return digits > 0 && digits <= 15 && points <= 1 && text[len(text)-1] != '.'
}

// quick reads the numbers that nearly all cells hold, [-]digits[.digits] of at most
// 18 digits, without allocation; the rest goes to [luoshi.ParseQuantity].
func quick(text []byte) (luoshi.Quantity, bool) {
	var coef int64
	digits, scale, i := 0, -1, 0
	negative := len(text) > 0 && text[0] == '-'
	if negative {
		i = 1
	}
	for ; i < len(text); i++ {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			coef = coef*10 + int64(c-'0')
			if digits++; scale >= 0 {
				scale++
			}
		case c == '.' && scale < 0 && digits > 0:
			scale = 0
		default:
			return luoshi.Quantity{}, false
		}
	}
	if digits == 0 || digits > 18 || scale == 0 || negative && coef == 0 {
		return luoshi.Quantity{}, false
	}
	if negative {
		coef = -coef
	}
	q, err := decimal.New(coef, max(scale, 0))
	return q, err == nil
}

// reading is what became of a cell: a remark lets it pass, a fault does not.
type reading struct{ fault, remark string }

// number reads a quantity. What is shown as 6.38% is read as 6.38 although a
// spreadsheet stores 0.0638: the person saw 6.38, and percentages are kept in
// percent here. `fraction` (shares) keeps 0.0638.
func (c cell) number(fraction bool) (luoshi.Quantity, reading) {
	text, percent := c.text, c.form == isPercent
	switch c.form {
	case isNumber, isPercent:
		if !plain(text) {
			s, ok := shortest(text)
			if !ok {
				return luoshi.Quantity{}, reading{fault: "office.cell.range"}
			}
			text = []byte(s)
		}
	case isDate, isDate04, isISO:
		return luoshi.Quantity{}, reading{fault: "office.cell.date_in_number"}
	case isBool:
		return luoshi.Quantity{}, reading{fault: "office.cell.number"}
	}
	if q, ok := quick(text); ok && !percent {
		return q, reading{}
	}
	return slowNumber(string(text), percent, fraction)
}

func slowNumber(text string, percent, fraction bool) (luoshi.Quantity, reading) {
	folded := luoshi.Fold(text)
	stored := percent // 0.0638 shown as 6.38%
	if cut, written := strings.CutSuffix(folded, "%"); written {
		folded, percent = strings.TrimSpace(cut), true
	}
	if plain, ok := money(folded); ok {
		folded = plain
	}
	q, err := luoshi.ParseQuantity(folded)
	if err != nil {
		return luoshi.Quantity{}, reading{fault: numberFault(folded, err)}
	}
	shift := 0
	switch {
	case stored && !fraction:
		shift = 2
	case percent && !stored && fraction:
		shift = -2
	}
	if q, err = tenfold(q, shift); err != nil {
		return luoshi.Quantity{}, reading{fault: "office.cell.range"}
	}
	if percent && !fraction {
		return q, reading{remark: "office.cell.percent"}
	}
	return q, reading{}
}

// money removes a currency sign before the number.
func money(s string) (string, bool) {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	for _, mark := range []string{"¥", "￥", "RMB", "CNY", "US$", "$", "€", "£"} {
		if rest, ok := strings.CutPrefix(s, mark); ok {
			return sign + strings.TrimSpace(rest), true
		}
	}
	return s, false
}

// tenfold returns q × 10^shift exactly.
func tenfold(q luoshi.Quantity, shift int) (luoshi.Quantity, error) {
	switch {
	case shift > 0:
		r, err := q.Mul(decimal.MustNew(100, 0))
		if err != nil {
			return r, err
		}
		return r.Trim(0), nil
	case shift < 0:
		return q.MulExact(decimal.MustNew(1, 2), min(q.Scale()+2, decimal.MaxScale))
	}
	return q, nil
}

func numberFault(text string, err error) string {
	var e *luoshi.Error
	if !errors.As(err, &e) {
		return "office.cell.number"
	}
	switch e.Message.Key {
	case "number.groups":
		return "office.cell.groups"
	case "number.range":
		return "office.cell.range"
	}
	if text != "" && strings.ContainsRune("+-0123456789.", rune(text[0])) {
		if at := strings.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune("+-0123456789.,eE ", r) }); at > 0 {
			if _, err := luoshi.ParseQuantity(text[:at]); err == nil {
				return "office.cell.measure"
			}
		}
	}
	return "office.cell.number"
}

// date reads a day. Numbers of five digits are the spreadsheet's own count of
// days, which stays when a date is pasted as a value.
func (c cell) date() (luoshi.Date, reading) {
	switch c.form {
	case isDate, isDate04:
		if d, ok := serial(c.text, c.form == isDate04); ok {
			return d, reading{}
		}
		return 0, reading{fault: "office.cell.date"}
	case isISO:
		text, _, _ := strings.Cut(string(c.text), "T")
		if d, err := luoshi.ParseDate(text); err == nil {
			return d, reading{}
		}
		return 0, reading{fault: "office.cell.date"}
	}
	text := c.string()
	if d, err := luoshi.ParseDate(text); err == nil {
		return d, reading{}
	}
	if day, _, ok := strings.Cut(luoshi.Fold(text), " "); ok { // with a time of day
		if d, err := luoshi.ParseDate(day); err == nil {
			return d, reading{}
		}
	}
	if d, ok := serial([]byte(text), false); ok && len(text) == 5 {
		return d, reading{remark: "office.cell.serial"}
	}
	return 0, reading{fault: "office.cell.date"}
}

// serial turns a spreadsheet's count of days into a date. Day 60 of the 1900
// system is 29 February 1900, which never was: Excel keeps it for Lotus 1-2-3, so
// counts after it start one day earlier.
func serial(text []byte, mac bool) (luoshi.Date, bool) {
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.IsNaN(f) || f < 1 || f > 2958465 {
		return 0, false
	}
	start := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case mac:
		start = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case f < 60:
		start = start.AddDate(0, 0, 1)
	}
	y, m, d := start.AddDate(0, 0, int(f)).Date()
	return luoshi.NewDate(y, int(m), d)
}

// period reads a period. A spreadsheet turns a typed "2020-06" or "2020年6月" into
// the first of June: first and last days of months are read as the month. Any other
// day is refused, for a typed "2020-1-2" that meant January–February became 2 January.
func (c cell) period(year int) (luoshi.Period, reading) {
	d := luoshi.Date(0)
	switch c.form {
	case isDate, isDate04, isISO:
		d, _ = c.date()
	default:
		text := c.string()
		if p, ok := periodOf(text, year); ok {
			return p, reading{}
		}
		if len(text) == 5 {
			if day, ok := serial([]byte(text), false); ok && day.Year() >= 1950 && day.Year() < 2100 {
				d = day
			}
		}
		if d == 0 {
			d, _ = luoshi.ParseDate(text)
		}
	}
	if d == 0 {
		return luoshi.Period{}, reading{fault: "office.cell.period"}
	}
	if d.Day() != 1 && d.AddDays(1).Day() != 1 {
		return luoshi.Period{}, reading{fault: "office.cell.day"}
	}
	p := luoshi.MonthOf(d.Year(), d.Month())
	if c.form == isText || c.form == isNumber {
		return p, reading{remark: "office.cell.serial"}
	}
	return p, reading{}
}

// periodOf reads a period, with `year` where the text names only the months
// (1月, 1—6月, 二季度, Jan); year 0 means that the text must say it.
func periodOf(text string, year int) (luoshi.Period, bool) {
	if p, err := luoshi.ParsePeriod(text); err == nil {
		return p, true
	}
	form := wordForm(strings.NewReplacer("~", "-", "～", "-", "至", "-", "到", "-").Replace(text))
	if form == "" || len(form) > 64 {
		return luoshi.Period{}, false
	}
	if year == 0 { // 2020年1—6月
		head, rest, ok := strings.Cut(form, "年")
		y, err := strconv.Atoi(head)
		if !ok || err != nil {
			return luoshi.Period{}, false
		}
		year, form = y, rest
	}
	if year < 1900 || year > 2200 {
		return luoshi.Period{}, false
	}
	if p, ok := monthNames(form, year); ok {
		return p, true
	}
	switch form {
	case "全年", "年", "year", "fullyear", "annual":
		return luoshi.YearOf(year), true
	case "前三季度", "1-3季度", "一至三季度", "q1-q3", "q1-3":
		return luoshi.ToDate(year, 9), true
	}
	form = strings.NewReplacer("月-", "-", "季度", "季度", "第", "").Replace(form)
	if form == "" {
		return luoshi.Period{}, false // "第" alone
	}
	if form[0] >= '0' && form[0] <= '9' && !strings.ContainsAny(form, "月季-") {
		return luoshi.Period{}, false // a bare number is no period head
	}
	p, err := luoshi.ParsePeriod(strconv.Itoa(year) + "年" + form)
	if err != nil {
		p, err = luoshi.ParsePeriod(strconv.Itoa(year) + "-" + form)
	}
	return p, err == nil
}

// monthNames reads Jan, Jan-Feb, 6月.
func monthNames(form string, year int) (luoshi.Period, bool) {
	from, to, ranged := strings.Cut(form, "-")
	a, ok := lex().words["period"][from]
	if !ok {
		return luoshi.Period{}, false
	}
	b := a
	if ranged {
		if b, ok = lex().words["period"][to]; !ok {
			return luoshi.Period{}, false
		}
	}
	first, _ := strconv.Atoi(a)
	last, _ := strconv.Atoi(b)
	p := luoshi.Period{Year: year, From: first, To: last}
	return p, p.Validate() == nil
}
