package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// A try-out of a catch-up plan lives in the address, as that of a cascade does:
//
//	total weigh stretch unbound exact against   the whole
//	c.CODE=9~400_12~512.3                       a unit's locked months
//	x.CODE=7~55                                 the most in a month
//	cap.CODE fl.CODE wt.CODE                    the most and least of what is left, how hard
//	beside                                      another try-out, written the same way
//	lu lm lv                                    one more lock or cap: unit, month, value
type attempt struct {
	draft
	ask service.CatchUpQuery
}

var attemptNames = []string{"total", "weigh", "stretch", "unbound", "exact", "against", "beside"}
var attemptPrefixes = []string{"c.", "x.", "cap.", "fl.", "wt."}

// attemptValues picks what belongs to a try-out.
func attemptValues(asked url.Values) url.Values {
	values := url.Values{}
	for name := range asked {
		v := strings.TrimSpace(asked.Get(name))
		known := slices.Contains(attemptNames, name) || slices.ContainsFunc(attemptPrefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) && len(name) < 40 })
		if known && v != "" && len(v) <= 4096 && !(name == "weigh" && v == service.WeighSpread) {
			values.Set(name, v)
		}
	}
	if unit, month, v := asked.Get("lu"), asked.Get("lm"), strings.TrimSpace(asked.Get("lv")); unit != "" && month != "" && v != "" {
		name := "c." + unit
		if month == "0" {
			values.Set("cap."+unit, v)
		} else {
			values.Set(name, strings.TrimPrefix(values.Get(name)+"_"+month+"~"+v, "_"))
		}
	}
	return values
}

// readAttempt reads a try-out.
func readAttempt(asked url.Values, look service.Look) *attempt {
	a := &attempt{draft: draft{values: attemptValues(asked)}, ask: service.CatchUpQuery{Look: look, Indicator: asked.Get("code")}}
	q, v := &a.ask, a.values
	q.Weigh, q.Unbound, q.Exact, q.Against = v.Get("weigh"), v.Get("unbound") != "", v.Get("exact") != "", v.Get("against")
	if q.Weigh != "" && !slices.Contains(service.CatchUpWeighings(), q.Weigh) {
		q.Weigh = ""
	}
	if text := v.Get("total"); text != "" {
		if n, ok := a.number("", 0, text); ok {
			q.Total = luoshi.Some(n)
		}
	}
	q.Stretch, _ = strconv.Atoi(luoshi.Fold(strings.TrimSuffix(v.Get("stretch"), "%")))
	q.Stretch = min(max(q.Stretch, 0), 500)
	q.Locks, q.CellCaps = map[string]map[int]luoshi.Quantity{}, map[string]map[int]luoshi.Quantity{}
	q.Caps, q.Floors, q.Weights = map[string]luoshi.Quantity{}, map[string]luoshi.Quantity{}, map[string]luoshi.Quantity{}
	months := map[string]map[string]map[int]luoshi.Quantity{"c": q.Locks, "x": q.CellCaps}
	sums := map[string]map[string]luoshi.Quantity{"cap": q.Caps, "fl": q.Floors, "wt": q.Weights}
	for _, name := range sorted(v) {
		kind, code, ok := strings.Cut(name, ".")
		if !ok {
			continue
		}
		if by := months[kind]; by != nil {
			if cells := a.months(code, v.Get(name)); len(cells) > 0 {
				by[code] = cells
			}
		} else if n, ok := a.number(code, 0, v.Get(name)); ok {
			sums[kind][code] = n
		}
	}
	if text := v.Get("beside"); text != "" {
		if other, err := url.ParseQuery(text); err == nil {
			other.Del("beside")
			there := readAttempt(other, look)
			q.Beside = &there.ask
		}
	}
	return a
}

// locks is how many cells are locked.
func (a *attempt) locks() (n int) {
	for _, cells := range a.ask.Locks {
		n += len(cells)
	}
	return n
}

// beside is the try-out as another one is kept aside, "" = the plan without any.
func (a *attempt) beside() string {
	bare := url.Values{}
	for name, v := range a.values {
		if name != "beside" && name != "against" {
			bare[name] = v
		}
	}
	if len(bare) == 0 {
		return "weigh=" + service.WeighSpread
	}
	return bare.Encode()
}
