package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"luoshi.dev"
	"luoshi.dev/internal/service"
)

// attempt is a try-out of a catch-up plan. Its parameters:
//
//	total weigh stretch unbound exact against   the whole
//	c.CODE=9~400_12~512.3                       a unit's locked months
//	x.CODE=7~55                                 the most in a month
//	cap.CODE fl.CODE wt.CODE                    the most and least of what is left, how hard
//	beside                                      another try-out, written the same way
type attempt struct {
	tried
	ask service.CatchUpQuery
}

var attemptNames = []string{"total", "weigh", "stretch", "unbound", "exact", "against", "beside"}
var attemptPrefixes = []string{"c.", "x.", "cap.", "fl.", "wt."}

// mostStretch is the most by which the best of the past may be passed, in per cent.
const mostStretch = 500

// readAttempt reads a try-out.
func readAttempt(asked url.Values, look service.Look) *attempt {
	a := &attempt{tried: tried{values: pick(asked, attemptNames, attemptPrefixes, "cap.")}, ask: service.CatchUpQuery{Look: look, Indicator: asked.Get("code")}}
	q, v := &a.ask, a.values
	if v.Get("weigh") == service.WeighSpread {
		v.Del("weigh")
	}
	q.Weigh, q.Unbound, q.Exact, q.Against = v.Get("weigh"), v.Get("unbound") != "", v.Get("exact") != "", v.Get("against")
	if q.Weigh != "" && !slices.Contains(service.CatchUpWeighings(), q.Weigh) {
		q.Weigh = ""
	}
	q.Total = a.amount("total")
	if text := v.Get("stretch"); text != "" {
		n, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(luoshi.Fold(text), "%")))
		if err == nil && n >= 0 && n <= mostStretch {
			q.Stretch = n
		} else {
			a.bad = append(a.bad, badCell{names: []string{"stretch"}, typed: text, err: luoshi.Say("catchuppage.stretch.bad", "text", text, "most", mostStretch)})
		}
	}
	q.Locks, q.CellCaps = map[string]map[int]luoshi.Quantity{}, map[string]map[int]luoshi.Quantity{}
	q.Caps, q.Floors, q.Weights = map[string]luoshi.Quantity{}, map[string]luoshi.Quantity{}, map[string]luoshi.Quantity{}
	a.units(map[string]map[string]map[int]luoshi.Quantity{"c": q.Locks, "x": q.CellCaps}, map[string]map[string]luoshi.Quantity{"cap": q.Caps, "fl": q.Floors, "wt": q.Weights})
	if text := v.Get("beside"); text != "" {
		if other, err := url.ParseQuery(text); err == nil {
			other.Del("beside")
			there := readAttempt(other, look)
			q.Beside = &there.ask
		}
	}
	return a
}

// refused adds what the plan does not take to what could not be read, each with the
// parameters that brought it about.
func (a *attempt) refused(v *service.CatchUpView) {
	for _, o := range v.Problems {
		if o.Severity != luoshi.Blocking {
			continue
		}
		bad := badCell{unit: o.Unit.Code, month: o.Month, err: o.Message}
		for _, name := range sorted(a.values) {
			if a.brought(name, v, o) {
				bad.names = append(bad.names, name)
			}
		}
		if len(bad.names) > 0 {
			bad.typed = a.at(bad.names[0], o.Month)
		}
		a.bad = append(a.bad, bad)
	}
}

// brought reports whether a parameter brings a problem about.
func (a *attempt) brought(name string, v *service.CatchUpView, o service.SheetProblem) bool {
	prefix, code, _ := strings.Cut(name, ".")
	if stranger, ok := o.Message.Args["code"].(string); ok && o.Month == 0 {
		return code == stranger
	}
	switch prefix {
	case "c", "x":
		if o.Month == 0 && code == o.Unit.Code { // its months together, where nothing is given of their sum
			return a.values.Get("cap."+code)+a.values.Get("fl."+code)+a.values.Get("wt."+code) == ""
		}
		return code == o.Unit.Code && a.at(name, o.Month) != ""
	case "cap", "fl", "wt":
		return code == o.Unit.Code && o.Month == 0
	}
	return name == "total" && o.Unit.Code == v.Unit.Code && o.Month == 0
}

// at is what was typed into a month of a parameter; month 0 is all of it.
func (a *attempt) at(name string, month int) string {
	text := a.values.Get(name)
	if month == 0 {
		return text
	}
	for part := range strings.SplitSeq(text, "_") {
		if m, typed, _ := strings.Cut(part, "~"); m == strconv.Itoa(month) {
			return typed
		}
	}
	return ""
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
