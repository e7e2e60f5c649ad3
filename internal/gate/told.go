package gate

import (
	"net/url"
	"slices"
	"strings"
)

// told are the parameters whose values the log may hold: where a page stands. Of
// others it holds the names alone: they may be a search for a person, a set-up link,
// a provider's code.
var told = []string{"asof", "boundaries", "unit", "year", "indicator", "goal", "set", "group", "department", "period", "below", "light", "lang", "theme", "sort", "v"}

// toldMost bounds a value in the log, and how many there are.
const toldMost = 80

// uri is the address of a request as the log may hold it.
func uri(u *url.URL) string {
	path := clip(u.EscapedPath(), 4*toldMost)
	if u.RawQuery == "" {
		return path
	}
	query, _ := url.ParseQuery(u.RawQuery) // what cannot be read is left out
	names := make([]string, 0, len(query))
	for name := range query {
		names = append(names, name)
	}
	slices.Sort(names)
	var parts []string
	for i, name := range names {
		if i == 20 {
			parts = append(parts, "…")
			break
		}
		value := "…"
		if slices.Contains(told, name) {
			value = clip(url.QueryEscape(query.Get(name)), toldMost)
		}
		parts = append(parts, clip(url.QueryEscape(name), toldMost)+"="+value)
	}
	return path + "?" + strings.Join(parts, "&")
}

func clip(s string, most int) string {
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
