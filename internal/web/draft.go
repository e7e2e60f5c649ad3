package web

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// A try-out of a plan lives in the address, so that it survives a reload, can be
// sent to somebody, and works without a script. Its parameters:
//
//	units time years along total reserve   the whole
//	m=3~50_6~80                            months of the whole that are given
//	t.CODE way.CODE r.CODE                 a unit's year, way over the year, reserve
//	c.CODE=3~12.5_4~13                     a unit's locked months
//	lo.CODE hi.CODE wt.CODE                its bounds and weight
//	open=CODE_CODE split=CODE_CODE         units that are opened, that are split too
//	lu lm lv                               one more locked cell: unit, month, value
type draft struct {
	values url.Values // those of the try-out that are not empty
	query  service.CascadeQuery
	bad    []badCell
}

// badCell is something typed that could not be read.
type badCell struct {
	unit  string // "" = the whole
	month int    // 0 = the year
	typed string
	err   luoshi.Message
}

var draftNames = []string{"units", "time", "years", "along", "total", "reserve", "m", "open", "split"}
var draftPrefixes = []string{"t.", "way.", "r.", "c.", "lo.", "hi.", "wt."}

// draftValues picks what belongs to a try-out.
func draftValues(asked url.Values) url.Values {
	values := url.Values{}
	for name := range asked {
		v := strings.TrimSpace(asked.Get(name))
		known := slices.Contains(draftNames, name) || slices.ContainsFunc(draftPrefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) && len(name) < 40 })
		if known && v != "" && len(v) <= 4096 {
			values.Set(name, v)
		}
	}
	if unit, month, v := asked.Get("lu"), asked.Get("lm"), strings.TrimSpace(asked.Get("lv")); unit != "" && month != "" && v != "" {
		name := "c." + unit
		if month == "0" {
			values.Set("t."+unit, v)
		} else {
			values.Set(name, strings.TrimPrefix(values.Get(name)+"_"+month+"~"+v, "_"))
		}
	}
	return values
}

// readDraft reads a try-out.
func readDraft(asked url.Values, look service.Look) *draft {
	d := &draft{values: draftValues(asked), query: service.CascadeQuery{Look: look, Indicator: asked.Get("code")}}
	q, v := &d.query, d.values
	q.Units, q.Time, q.Along = v.Get("units"), v.Get("time"), v.Get("along")
	q.Years, _ = strconv.Atoi(v.Get("years"))
	q.Years = min(max(q.Years, 0), 10)
	q.Open, q.Split = codes(v.Get("open")), codes(v.Get("split"))
	for _, one := range []struct {
		name string
		into *luoshi.NullQuantity
	}{{"total", &q.Total}, {"reserve", &q.Reserve}} {
		if text := v.Get(one.name); text != "" {
			if n, ok := d.number("", 0, text); ok {
				*one.into = luoshi.Some(n)
			}
		}
	}
	q.Months = d.months("", v.Get("m"))
	q.Methods, q.Cells = map[string]string{}, map[string]map[int]luoshi.Quantity{}
	q.Locks, q.Reserves, q.Min, q.Max, q.Weights = map[string]luoshi.Quantity{}, map[string]luoshi.Quantity{}, map[string]luoshi.Quantity{}, map[string]luoshi.Quantity{}, map[string]luoshi.Quantity{}
	by := map[string]map[string]luoshi.Quantity{"t": q.Locks, "r": q.Reserves, "lo": q.Min, "hi": q.Max, "wt": q.Weights}
	for name := range v {
		kind, code, ok := strings.Cut(name, ".")
		switch {
		case !ok:
		case kind == "way":
			q.Methods[code] = v.Get(name)
		case kind == "c":
			if cells := d.months(code, v.Get(name)); len(cells) > 0 {
				q.Cells[code] = cells
			}
		default:
			if n, ok := d.number(code, 0, v.Get(name)); ok {
				by[kind][code] = n
			}
		}
	}
	slices.SortFunc(d.bad, func(a, b badCell) int { return cmp.Or(cmp.Compare(a.unit, b.unit), cmp.Compare(a.month, b.month)) })
	return d
}

func codes(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "_")
}

// months reads "3~12.5_4~13".
func (d *draft) months(code, text string) map[int]luoshi.Quantity {
	if text == "" {
		return nil
	}
	given := map[int]luoshi.Quantity{}
	for part := range strings.SplitSeq(text, "_") {
		month, typed, ok := strings.Cut(part, "~")
		m, err := strconv.Atoi(month)
		if !ok || err != nil || m < 1 || m > 12 {
			continue
		}
		if n, ok := d.number(code, m, typed); ok {
			given[m] = n
		}
	}
	return given
}

// number reads a cell; what it cannot read it notes at its place.
func (d *draft) number(code string, month int, typed string) (luoshi.Quantity, bool) {
	n, err := luoshi.ParseQuantity(typed)
	if err != nil {
		d.refuse(code, month, typed, err)
	}
	return n, err == nil
}

func (d *draft) refuse(code string, month int, typed string, err error) {
	bad := badCell{unit: code, month: month, typed: typed, err: luoshi.Say("error.internal")}
	var e *luoshi.Error
	if errors.As(err, &e) {
		bad.err = e.Message
	}
	d.bad = append(d.bad, bad)
}

// flipped is a list of codes with one put in or taken out.
func flipped(list []string, code string) string {
	if i := slices.Index(list, code); i >= 0 {
		return strings.Join(slices.Delete(slices.Clone(list), i, i+1), "_")
	}
	return strings.Join(append(slices.Clone(list), code), "_")
}

// cellsText writes months as "3~12.5_4~13".
func cellsText(cells map[int]luoshi.Quantity) string {
	var parts []string
	for _, month := range slices.Sorted(maps.Keys(cells)) {
		parts = append(parts, strconv.Itoa(month)+"~"+cells[month].String())
	}
	return strings.Join(parts, "_")
}

// seenText and seenNumber carry the newest revision that a sheet knows of.
func seenText(seen int64) string { return strconv.FormatInt(seen, 10) }

func seenNumber(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// dayOf reads a day that may be left open.
func dayOf(text string) (luoshi.Date, error) {
	if strings.TrimSpace(text) == "" {
		return 0, nil
	}
	return luoshi.ParseDate(text)
}

// isoDay writes a day as a date field takes it.
func isoDay(d luoshi.Date) string {
	return fmt.Sprintf("%04d-%02d-%02d", d.Year(), d.Month(), d.Day())
}
