package web

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// draft is a try-out of a cascade. Its parameters:
//
//	units time years along total reserve   the whole
//	m=3~50_6~80                            months of the whole that are given
//	t.CODE way.CODE r.CODE                 a unit's year, way over the year, reserve
//	c.CODE=3~12.5_4~13                     a unit's locked months
//	lo.CODE hi.CODE wt.CODE                its bounds and weight
//	open=CODE_CODE split=CODE_CODE         units that are opened, that are split too
type draft struct {
	tried
	query service.CascadeQuery
}

var draftNames = []string{"units", "time", "years", "along", "total", "reserve", "m", "open", "split"}
var draftPrefixes = []string{"t.", "way.", "r.", "c.", "lo.", "hi.", "wt."}

// readDraft reads a try-out.
func readDraft(asked url.Values, look service.Look) *draft {
	d := &draft{tried: tried{values: pick(asked, draftNames, draftPrefixes, "t.")}, query: service.CascadeQuery{Look: look, Indicator: asked.Get("code")}}
	q, v := &d.query, d.values
	q.Units, q.Time, q.Along = v.Get("units"), v.Get("time"), v.Get("along")
	q.Years, _ = strconv.Atoi(v.Get("years"))
	q.Years = min(max(q.Years, 0), 10)
	q.Open, q.Split = codes(v.Get("open")), codes(v.Get("split"))
	q.Total, q.Reserve, q.Months = d.amount("total"), d.amount("reserve"), d.months("m", "")
	q.Methods, q.Cells = map[string]string{}, map[string]map[int]luoshi.Quantity{}
	for name := range v {
		if code, ok := strings.CutPrefix(name, "way."); ok {
			q.Methods[code] = v.Get(name)
		}
	}
	q.Locks, q.Reserves, q.Min, q.Max, q.Weights = map[string]luoshi.Quantity{}, map[string]luoshi.Quantity{}, map[string]luoshi.Quantity{}, map[string]luoshi.Quantity{}, map[string]luoshi.Quantity{}
	d.units(map[string]map[string]map[int]luoshi.Quantity{"c": q.Cells}, map[string]map[string]luoshi.Quantity{"t": q.Locks, "r": q.Reserves, "lo": q.Min, "hi": q.Max, "wt": q.Weights})
	return d
}

func codes(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "_")
}

// flipped is a list of codes with one put in or taken out.
func flipped(list []string, code string) string {
	if i := slices.Index(list, code); i >= 0 {
		return strings.Join(slices.Delete(slices.Clone(list), i, i+1), "_")
	}
	return strings.Join(append(slices.Clone(list), code), "_")
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
