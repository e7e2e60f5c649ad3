package web

import (
	"cmp"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
)

// tried is a try-out of a plan as it was typed. It lives in the address, so that it
// survives a reload, can be sent to somebody, and works without a script. Months of a
// parameter are written 3~12.5_4~13.
type tried struct {
	values url.Values // those of the try-out that are not empty
	bad    []badCell  // what could not be read, by unit and month
}

// badCell is something typed that could not be read.
type badCell struct {
	names []string // parameters that hold it, none where it was not typed
	unit  string   // "" = the whole
	month int      // 0 = the year
	typed string
	err   luoshi.Message
}

// pick takes what belongs to a try-out: parameters by name or prefix, and the one more
// cell that the form without a script holds: lu unit, lm month, lv value. Month 0 is the
// parameter year+lu; an empty value frees the cell.
func pick(asked url.Values, names, prefixes []string, year string) url.Values {
	values := url.Values{}
	for name := range asked {
		v := strings.TrimSpace(asked.Get(name))
		known := slices.Contains(names, name) || slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) && len(name) < 40 })
		if known && v != "" && len(v) <= 4096 {
			values.Set(name, v)
		}
	}
	if unit, month := asked.Get("lu"), asked.Get("lm"); unit != "" && month != "" {
		text := strings.TrimSpace(asked.Get("lv"))
		if month == "0" {
			setMonth(values, year+unit, "", text)
		} else {
			setMonth(values, "c."+unit, month, oneMonth.Replace(text))
		}
	}
	return values
}

// oneMonth keeps what is typed into a month from being taken for more months.
var oneMonth = strings.NewReplacer("_", "＿", "~", "～")

// setMonth writes one month of a parameter, month "" the parameter; an empty text takes
// it out.
func setMonth(values url.Values, name, month, text string) {
	var parts []string
	for part := range strings.SplitSeq(values.Get(name), "_") {
		if m, _, _ := strings.Cut(part, "~"); month != "" && part != "" && m != month {
			parts = append(parts, part)
		}
	}
	switch {
	case text != "" && month != "":
		text = month + "~" + text
		fallthrough
	case text != "":
		parts = append(parts, text)
	}
	if values.Del(name); len(parts) > 0 {
		values.Set(name, strings.Join(parts, "_"))
	}
}

// Value is what was typed into a control.
func (t *tried) Value(name string) string { return t.values.Get(name) }

// amount reads a number of the whole.
func (t *tried) amount(name string) luoshi.NullQuantity {
	if text := t.values.Get(name); text != "" {
		if n, ok := t.number(name, "", 0, text); ok {
			return luoshi.Some(n)
		}
	}
	return luoshi.NullQuantity{}
}

// months reads a parameter that holds months.
func (t *tried) months(name, unit string) map[int]luoshi.Quantity {
	given := map[int]luoshi.Quantity{}
	for part := range strings.SplitSeq(t.values.Get(name), "_") {
		month, typed, ok := strings.Cut(part, "~")
		m, err := strconv.Atoi(month)
		if !ok || err != nil || m < 1 || m > 12 {
			continue
		}
		if n, ok := t.number(name, unit, m, typed); ok {
			given[m] = n
		}
	}
	return given
}

// units reads the parameters of units, PREFIX.CODE: months of the prefixes in cells,
// numbers of those in sums; into these maps, by code.
func (t *tried) units(cells map[string]map[string]map[int]luoshi.Quantity, sums map[string]map[string]luoshi.Quantity) {
	for _, name := range sorted(t.values) {
		prefix, code, _ := strings.Cut(name, ".")
		if by := cells[prefix]; by != nil {
			if given := t.months(name, code); len(given) > 0 {
				by[code] = given
			}
		} else if by := sums[prefix]; by != nil {
			if n, ok := t.number(name, code, 0, t.values.Get(name)); ok {
				by[code] = n
			}
		}
	}
	slices.SortStableFunc(t.bad, func(a, b badCell) int { return cmp.Or(cmp.Compare(a.unit, b.unit), cmp.Compare(a.month, b.month)) })
}

// number reads a cell; what it cannot read it notes at its place.
func (t *tried) number(name, unit string, month int, typed string) (luoshi.Quantity, bool) {
	n, err := luoshi.ParseQuantity(typed)
	if err != nil {
		bad := badCell{[]string{name}, unit, month, typed, luoshi.Say("error.internal")}
		var e *luoshi.Error
		if errors.As(err, &e) {
			bad.err = e.Message
		}
		t.bad = append(t.bad, bad)
	}
	return n, err == nil
}

// without are the values of a try-out without some of them.
func (t *tried) without(list ...badCell) url.Values {
	values := maps.Clone(t.values)
	for _, bad := range list {
		for _, name := range bad.names {
			month := ""
			if bad.month > 0 {
				month = strconv.Itoa(bad.month)
			}
			setMonth(values, name, month, "")
		}
	}
	return values
}

// fault is what is wrong with a control.
type fault struct {
	Text  string
	First bool // of the page: it takes the keyboard
}

// faults are what is wrong with controls, by name.
func (p *page) faults(bad []badCell, controls ...string) map[string]*fault {
	list := map[string]*fault{}
	for _, name := range controls {
		for _, one := range bad {
			text := p.stopped(p.withFix(one.err))
			switch f := list[name]; {
			case !slices.Contains(one.names, name):
			case f == nil:
				list[name] = &fault{text, len(list) == 0}
			default:
				f.Text += p.Between() + text
			}
		}
	}
	return list
}

// cellsText writes months as "3~12.5_4~13".
func cellsText(cells map[int]luoshi.Quantity) string {
	var parts []string
	for _, month := range slices.Sorted(maps.Keys(cells)) {
		parts = append(parts, strconv.Itoa(month)+"~"+cells[month].String())
	}
	return strings.Join(parts, "_")
}
